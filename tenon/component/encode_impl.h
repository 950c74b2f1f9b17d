// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"

namespace tenon::component {

/// Writes the productions of the binary format. Private to the room.
class Encoder {
 public:
  void component(const Component& component);
  void reserve(std::size_t bytes) { out_.raw().reserve(bytes); }
  [[nodiscard]] std::vector<std::uint8_t> take() { return out_.take(); }

 private:
  void section(const Component& component, const Section& section);
  void sort(const Sort& sort);
  void sort_idx(const SortIdx& item);
  void core_instance(const CoreInstance& instance);
  void instance(const Instance& instance);
  void alias(const Alias& alias);
  void extern_name(const ExternName& name);
  void extern_type(const ExternType& type);
  void start(const Start& start);
  void opts(const CanonOpts& opts);
  void canon(const Canon& canon);

  // Types (encode_types.cpp).
  void type(const Type& type);
  bool aggregate(const DefValType& type);
  void defvaltype(const DefValType& type);
  void valtype(ValType type);
  void optional_valtype(const std::optional<ValType>& type);
  void label_valtypes(const std::vector<LabelValType>& items);
  void result_list(const std::optional<ValType>& result);
  void decls(const std::vector<Decl>& decls);
  void core_type(const CoreType& type);
  void core_module_decl(const CoreModuleDecl& decl);
  void core_valtype(core::ValType type);

  template <class T, class Write>
  void vec(const std::vector<T>& items, Write write) {
    out_.u32(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) write(item);
  }

  Writer out_;
};

}  // namespace tenon::component
