// SPDX-License-Identifier: Apache-2.0
#include "tenon/abi/layout.h"

#include <cassert>

namespace tenon::abi {

using types::PrimValType;

namespace {

/// The payloads of anything that is a variant at heart.
impl::VariantLayout variant_layout(const Types& types, const DefValType& type, Ptr ptr) {
  using namespace types;
  const auto child = [&](ValType t) { return layout(types, t, ptr); };
  if (const auto* variant = std::get_if<Variant>(&type)) {
    impl::VariantLayout out(variant->cases.size());
    for (const Case& c : variant->cases) {
      if (c.type) out.add(child(*c.type));
    }
    return out;
  }
  if (const auto* e = std::get_if<Enum>(&type)) return impl::VariantLayout(e->labels.size());
  impl::VariantLayout out(2);
  if (const auto* option = std::get_if<Option>(&type)) out.add(child(option->type));
  if (const auto* result = std::get_if<ResultType>(&type)) {
    if (result->ok) out.add(child(*result->ok));
    if (result->err) out.add(child(*result->err));
  }
  return out;
}

}  // namespace

std::uint32_t discriminant_size(std::size_t cases) {
  if (cases <= 0x100) return 1;
  return cases <= 0x10000 ? 2 : 4;
}

std::uint32_t flags_size(std::size_t labels) {
  if (labels <= 8) return 1;
  return labels <= 16 ? 2 : 4;
}

Layout layout_of_prim(PrimValType prim, Ptr ptr) {
  const auto width = static_cast<std::uint32_t>(ptr);
  if (prim == PrimValType::string) return {2ULL * width, width};
  switch (prim) {
#define TENON_PRIM(name, text, code, size, flat, ...) \
  case PrimValType::name:                             \
    return {size, size};
#include "tenon/types/primvaltypes.def"
  }
  return {};
}

Layout layout(const Types& types, ValType type, Ptr ptr) {
  if (type.is_prim()) return layout_of_prim(type.prim(), ptr);
  return layout_of(types[type.index()], ptr, [&](ValType t) { return layout(types, t, ptr); });
}

std::uint32_t alignment(const Types& types, ValType type, Ptr ptr) {
  return layout(types, type, ptr).alignment;
}

std::uint64_t elem_size(const Types& types, ValType type, Ptr ptr) {
  return layout(types, type, ptr).size;
}

std::uint64_t payload_offset(const Types& types, ValType variant, Ptr ptr) {
  assert(!variant.is_prim());
  return variant_layout(types, types[variant.index()], ptr).payload_offset();
}

std::vector<std::uint64_t> field_offsets(const Types& types, ValType record, Ptr ptr) {
  assert(!record.is_prim());
  std::vector<std::uint64_t> offsets;
  impl::RecordLayout at;
  const auto add = [&](ValType t) { offsets.push_back(at.add(layout(types, t, ptr))); };
  const DefValType& type = types[record.index()];
  if (const auto* r = std::get_if<types::Record>(&type)) {
    for (const types::LabelValType& field : r->fields) add(field.type);
  } else {
    for (const ValType t : std::get<types::Tuple>(type).types) add(t);
  }
  return offsets;
}

}  // namespace tenon::abi
