// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/component/component.h"
#include "tenon/component/rules.h"
#include "tenon/core/features.h"

namespace tenon::component {

/// The productions of the binary format. A decoder is a cursor's companion: it holds what all of
/// them need and no state of the input but the depth. Private to the room.
class Decoder {
 public:
  explicit Decoder(const core::Features& features, std::uint32_t depth = 0)
      : features_(features), depth_(depth) {}

  Result<void> sections(Reader& in, Component& out);

 private:
  Result<void> preamble(Reader& in);
  Result<void> section(Reader& in, std::uint8_t id, Component& out);
  template <class Read>
  Result<void> items(Reader& in, const char* what, Component& out, Read read);
  Result<DefinitionKind> module(Reader& in);
  Result<DefinitionKind> nested(Reader& in);
  Result<DefinitionKind> custom(Reader& in);

  // Definitions.
  Result<CoreInstance> core_instance(Reader& in);
  Result<Instance> instance(Reader& in);
  Result<Alias> alias(Reader& in);
  Result<void> alias_target(Reader& in, Alias& out);
  Result<Canon> canon(Reader& in);
  Result<Start> start(Reader& in);
  Result<Import> import(Reader& in);
  Result<Export> export_(Reader& in);
  Result<Value> value(Reader& in);
  Result<CoreSort> core_sort(Reader& in, const char* what);
  Result<Sort> sort(Reader& in, const char* what);
  Result<SortIdx> sort_idx(Reader& in);
  Result<CoreSortIdx> core_sort_idx(Reader& in);
  Result<ExternName> extern_name(Reader& in);
  Result<ExternType> extern_type(Reader& in);
  Result<CanonOpts> opts(Reader& in);
  template <class Imm>
  Result<Imm> imm(Reader& in);

  // Types (decode_types.cpp).
  Result<Type> type(Reader& in);
  Result<DefValType> defvaltype(Reader& in, std::uint8_t code);
  Result<ValType> valtype(Reader& in);
  Result<std::optional<ValType>> optional_valtype(Reader& in, const char* what);
  Result<std::vector<LabelValType>> label_valtypes(Reader& in, const char* what,
                                                   std::uint32_t limit);
  Result<std::vector<std::string>> labels(Reader& in, const char* what, std::uint32_t limit);
  Result<std::optional<ValType>> result_list(Reader& in);
  Result<FuncType> func_type(Reader& in, bool async_);
  Result<Variant> variant(Reader& in);
  Result<ResourceType> resource_type(Reader& in);
  Result<std::vector<Decl>> decls(Reader& in, bool component);
  Result<Decl> decl(Reader& in, bool component);
  Result<CoreType> core_type(Reader& in);
  Result<CoreModuleDecl> core_module_decl(Reader& in);

  const core::Features& features_;
  std::uint32_t depth_;
};

/// "found 0x07, wanted a canonical function".
std::unexpected<Error> bad_byte(const Reader& in, std::uint32_t at, std::uint8_t byte,
                                const char* what, const Rule& rule = rules::leading_byte);
/// A vector's count, within `limit` and the bytes left.
Result<std::uint32_t> limited_count(Reader& in, const char* what, std::uint32_t limit);
/// A byte that is 0 or 1.
Result<bool> boolean(Reader& in, const char* what);

/// Room for as many more items as a count claims. Where vectors are inside each other, what all
/// of them claim together is no measure of the input: a large one grows by itself. Growing stays
/// geometric, however many small counts follow each other.
template <class T>
void reserve_more(std::vector<T>& out, std::uint32_t n, std::uint32_t most = 1024) {
  const std::size_t wanted = out.size() + std::min(n, most);
  if (wanted > out.capacity()) out.reserve(std::max(wanted, out.capacity() * 2));
}

/// Reads `count` items into a vector.
template <class T, class Read>
Result<std::vector<T>> vec(Reader& in, const char* what, std::uint32_t limit, Read read) {
  const std::uint32_t n = TENON_TRY(limited_count(in, what, limit));
  std::vector<T> out;
  reserve_more(out, n);
  for (std::uint32_t i = 0; i < n; ++i) {
    auto item = TENON_TRY(read(in));
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace tenon::component
