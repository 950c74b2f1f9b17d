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

namespace tenon::engine {

/// Why there is no instance: the imports do not fit (or a limit was reached), or the guest trapped.
using Failure = std::variant<Error, Trap>;
[[nodiscard]] std::string text(const Failure& failure);

/// An instance of a module. Owned by its store. Spec: core/exec/modules "Instantiation".
class Instance {
 public:
  /// Instantiates: checks the imports (one for each of `core().imports`, in order), makes what the
  /// module defines, copies its active segments, runs its start function.
  static std::expected<Instance*, Failure> create(Store& store, std::shared_ptr<const Module> module,
                                                  std::span<const Extern> imports);
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

  // For the interpreter: passive segments.
  [[nodiscard]] ByteSpan data(std::uint32_t segment) const;
  void drop_data(std::uint32_t segment);
  /// The elements of a segment (empty once dropped).
  [[nodiscard]] std::span<const ValueSlot> elem(std::uint32_t segment) const;
  void drop_elem(std::uint32_t segment);

 private:
  friend class Instantiation;
  Instance(Store& store, std::shared_ptr<const Module> module);
  Store& store_;
  std::shared_ptr<const Module> module_;
  VMContext* vmctx_ = nullptr;
  std::vector<std::uint8_t> dropped_data_;
  std::vector<std::vector<ValueSlot>> elems_;
  friend class Store;
};

}  // namespace tenon::engine
