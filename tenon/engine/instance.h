// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/engine/func.h"
#include "tenon/engine/module.h"
#include "tenon/engine/store.h"
#include "tenon/engine/table.h"

namespace tenon::engine {

/// Why there is no instance: the imports do not fit (or a limit was reached), or the guest trapped.
using Failure = std::variant<Error, Trap>;
[[nodiscard]] std::string text(const Failure& failure);

/// An instance of a module. Owned by its store. Spec: core/exec/modules "Instantiation".
class Instance {
 public:
  /// Instantiates: checks the imports (one for each of `core().imports`, in order), makes what the
  /// module defines, copies its active segments, runs its start function.
  [[nodiscard]] static std::expected<Instance*, Failure> create(
      Store& store, std::shared_ptr<const Module> module, std::span<const Extern> imports);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  [[nodiscard]] Store& store() const { return store_; }
  [[nodiscard]] const Module& module() const { return *module_; }
  [[nodiscard]] VMContext* vmctx() const { return vmctx_; }

  /// The export of that index (`Module::find_export`).
  [[nodiscard]] Extern get(std::uint32_t export_index);
  [[nodiscard]] std::optional<Extern> find(std::string_view name);
  [[nodiscard]] std::optional<Func> func(std::string_view name);
  [[nodiscard]] Memory* memory(std::string_view name);
  /// A typed handle, when there is such an export with exactly this signature.
  template <class Signature>
  [[nodiscard]] std::optional<TypedFunc<Signature>> typed(std::string_view name) {
    const auto f = func(name);
    if (!f || !TypedFunc<Signature>::fits(f->type())) return std::nullopt;
    return TypedFunc<Signature>(*f);
  }

  /// The reference of a function of the index space, defined (it must escape) or imported.
  [[nodiscard]] FuncRef* func_ref(std::uint32_t func);
  [[nodiscard]] Global global(std::uint32_t index);

  /// Marks every reference in globals and element segments.
  void mark_roots(GcHeap& heap) const;

  // For the interpreter: passive segments.
  [[nodiscard]] ByteSpan data(std::uint32_t segment) const;
  void drop_data(std::uint32_t segment);
  /// The value of one element of a segment, which must not have been dropped.
  [[nodiscard]] ValueSlot elem(std::uint32_t segment, std::uint32_t at);
  /// Elements that are left of a segment: 0 once it is dropped.
  [[nodiscard]] std::uint64_t elem_size(std::uint32_t segment) const;
  /// table.init. False: out of bounds, nothing was written.
  [[nodiscard]] bool init_table(Table& table, std::uint32_t segment, std::uint64_t dst,
                                std::uint64_t src, std::uint64_t n);
  void drop_elem(std::uint32_t segment);

 private:
  friend class Instantiation;
  Instance(Store& store, std::shared_ptr<const Module> module);
  Store& store_;
  std::shared_ptr<const Module> module_;
  VMContext* vmctx_ = nullptr;
  /// One byte for each data and each element segment: whether it was dropped.
  std::vector<std::uint8_t> dropped_;
  /// Values of element segments made of expressions, evaluated at instantiation.
  std::vector<std::vector<ValueSlot>> elem_values_;
  /// Bytes that the store was charged for it.
  std::uint64_t charged_ = 0;
  friend class Store;
};

}  // namespace tenon::engine
