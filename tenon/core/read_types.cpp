// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/read_types.h"

#include <fmt/format.h>

#include "tenon/core/limits.h"
#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

constexpr bool is_abstract_heap(std::uint8_t code) {
  return code >= static_cast<std::uint8_t>(TypeCode::exn) &&
         code <= static_cast<std::uint8_t>(TypeCode::noexn);
}

std::unexpected<Error> bad_code(const Rule& rule, const Reader& in, std::uint32_t at,
                                std::uint8_t code) {
  return std::unexpected(
      Error(rule, Span{in.source(), at, at + 1}, fmt::format("found {:#04x}", code)));
}

/// The gate that an abstract heap type stands behind.
constexpr Gate gate_of(TypeCode heap) {
  if (heap == TypeCode::func || heap == TypeCode::extern_) return Gate::reference_types;
  if (heap == TypeCode::exn || heap == TypeCode::noexn) return Gate::exceptions;
  return Gate::gc;
}

Result<std::uint32_t> read_count(Reader& in, const char* what, std::uint32_t limit) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t n = TENON_TRY(in.u32(what));
  if (n > limit) {
    return std::unexpected(Error(rules::implementation_limit, in.span_from(begin),
                                 fmt::format("{} {}, at most {}", n, what, limit)));
  }
  if (n > in.left()) {
    return std::unexpected(
        Error(tenon::rules::unexpected_end, in.span_from(begin),
              fmt::format("{} {} announced, {} bytes left", n, what, in.left())));
  }
  return n;
}

Result<std::vector<ValType>> read_resulttype(Reader& in, const Features& features, const char* what,
                                             std::uint32_t limit) {
  const std::uint32_t n = TENON_TRY(read_count(in, what, limit));
  std::vector<ValType> out;
  out.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto type = TENON_TRY(read_valtype(in, features));
    out.push_back(type);
  }
  return out;
}

Result<bool> read_mut(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t mut = TENON_TRY(in.u8("mutability"));
  if (mut > 1) return bad_code(rules::mutability, in, at, mut);
  return mut == 1;
}

struct LimitsForm {
  AddrType addr = AddrType::i32;
  Limits limits;
  bool shared = false;
  std::optional<std::uint32_t> page_size_log2;
};

/// Spec: core/binary/types "Limits"; the proposals `threads` (bit 1) and `custom-page-sizes` (bit
/// 3).
Result<LimitsForm> read_limits(Reader& in, const Features& features, bool memory) {
  const std::uint32_t begin = in.offset();
  const std::uint8_t flags = TENON_TRY(in.u8("limits flags"));
  const bool page_size = memory && features.has(Gate::custom_page_sizes);
  const unsigned allowed =
      1U | 4U | (features.has(memory ? Gate::threads : Gate::shared_everything_threads) ? 2U : 0U) |
      (page_size ? 8U : 0U);
  if ((flags & ~allowed) != 0) return bad_code(rules::limits_flags, in, begin, flags);
  LimitsForm out;
  out.shared = (flags & 2U) != 0;
  if ((flags & 4U) != 0) {
    TENON_TRY(require(features, Gate::memory64, in.span_from(begin), "64-bit limits"));
    out.addr = AddrType::i64;
  }
  out.limits.min = TENON_TRY(in.u64("minimum"));
  if ((flags & 1U) != 0) out.limits.max = TENON_TRY(in.u64("maximum"));
  if ((flags & 8U) != 0) out.page_size_log2 = TENON_TRY(in.u32("page size"));
  return out;
}

Result<SubType> read_subtype(Reader& in, const Features& features) {
  SubType out;
  const std::uint32_t begin = in.offset();
  if (in.at_end()) return std::unexpected(in.end_error("type", 1));
  const auto code = static_cast<TypeCode>(in.peek());
  if (code == TypeCode::sub || code == TypeCode::sub_final) {
    in.skip(1);
    TENON_TRY(require(features, Gate::gc, in.span_from(begin), "subtype"));
    out.final_ = code == TypeCode::sub_final;
    const std::uint32_t n = TENON_TRY(read_count(in, "supertypes", limits::types));
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto super = TENON_TRY(in.u32("supertype"));
      out.supers.push_back(TypeIdx(super));
    }
  }
  out.type = TENON_TRY(read_comptype(in, features));
  return out;
}

}  // namespace

Result<void> require(const Features& features, Gate gate, Span span, const char* what) {
  if (features.has(gate)) [[likely]]
    return {};
  const std::string_view name = to_string(gate);
  Error error(rules::feature_off, span, fmt::format("{} needs `{}`", what, name));
  return std::unexpected(std::move(error).help(fmt::format("pass --features {}", name)));
}

Gate gate_of(ValType type) {
  if (type.is_ref()) {
    if (type.heap().is_defined()) return Gate::function_references;
    const Gate gate = gate_of(type.heap().code());
    return gate == Gate::reference_types && !type.nullable() ? Gate::function_references : gate;
  }
  if (type.is_vec()) return Gate::simd;
  return type == ValType(TypeCode::f32) || type == ValType(TypeCode::f64) ? Gate::floats
                                                                          : Gate::mvp;
}

Result<HeapType> read_heaptype(Reader& in, const Features& features) {
  const std::uint32_t begin = in.offset();
  if (in.at_end()) return std::unexpected(in.end_error("heap type", 1));
  const std::uint8_t code = in.peek();
  if (is_abstract_heap(code)) {
    in.skip(1);
    const auto heap = static_cast<TypeCode>(code);
    TENON_TRY(require(features, gate_of(heap), in.span_from(begin), "heap type"));
    return heap;
  }
  const std::int64_t index = TENON_TRY(in.s33("heap type"));
  if (index < 0) return bad_code(rules::heaptype_code, in, begin, code);
  TENON_TRY(require(features, Gate::function_references, in.span_from(begin), "typed reference"));
  return TypeIdx(static_cast<std::uint32_t>(std::min<std::int64_t>(index, limits::no_type)));
}

Result<ValType> read_reftype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("reference type"));
  const auto code = static_cast<TypeCode>(byte);
  if (is_abstract_heap(byte)) {
    TENON_TRY(require(features, gate_of(code), in.span_from(at), "reference type"));
    return ValType::ref(code, true);
  }
  if (code == TypeCode::ref || code == TypeCode::ref_null) {
    TENON_TRY(require(features, Gate::function_references, in.span_from(at), "typed reference"));
    const HeapType heap = TENON_TRY(read_heaptype(in, features));
    return ValType::ref(heap, code == TypeCode::ref_null);
  }
  return bad_code(rules::reftype_code, in, at, byte);
}

Result<ValType> read_valtype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  if (in.at_end()) return std::unexpected(in.end_error("value type", 1));
  const std::uint8_t byte = in.peek();
  const auto code = static_cast<TypeCode>(byte);
  if (code == TypeCode::i32 || code == TypeCode::i64) {
    in.skip(1);
    return ValType(code);
  }
  if (code == TypeCode::f32 || code == TypeCode::f64) {
    in.skip(1);
    TENON_TRY(require(features, Gate::floats, in.span_from(at), "floating-point type"));
    return ValType(code);
  }
  if (code == TypeCode::v128) {
    in.skip(1);
    TENON_TRY(require(features, Gate::simd, in.span_from(at), "vector type"));
    return ValType(code);
  }
  if (is_abstract_heap(byte) || code == TypeCode::ref || code == TypeCode::ref_null) {
    return read_reftype(in, features);
  }
  return bad_code(rules::valtype_code, in, at, byte);
}

Result<StorageType> read_storagetype(Reader& in, const Features& features) {
  if (!in.at_end()) {
    const auto code = static_cast<TypeCode>(in.peek());
    if (code == TypeCode::i8 || code == TypeCode::i16) {
      in.skip(1);
      return StorageType(code);
    }
  }
  return read_valtype(in, features);
}

Result<FieldType> read_fieldtype(Reader& in, const Features& features) {
  const StorageType type = TENON_TRY(read_storagetype(in, features));
  const bool mut = TENON_TRY(read_mut(in));
  return FieldType{type, mut};
}

Result<CompType> read_comptype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("type"));
  CompType out;
  switch (byte) {
    case static_cast<std::uint8_t>(TypeCode::functype): {
      out.kind = CompType::Kind::func;
      out.func.params = TENON_TRY(read_resulttype(in, features, "parameters", limits::params));
      out.func.results = TENON_TRY(read_resulttype(in, features, "results", limits::results));
      if (out.func.results.size() > 1) {
        TENON_TRY(require(features, Gate::multi_value, in.span_from(at), "more than one result"));
      }
      return out;
    }
    case static_cast<std::uint8_t>(TypeCode::structtype): {
      TENON_TRY(require(features, Gate::gc, in.span_from(at), "structure type"));
      out.kind = CompType::Kind::struct_;
      const std::uint32_t n = TENON_TRY(read_count(in, "fields", limits::struct_fields));
      out.fields.reserve(n);
      for (std::uint32_t i = 0; i < n; ++i) {
        const auto field = TENON_TRY(read_fieldtype(in, features));
        out.fields.push_back(field);
      }
      return out;
    }
    case static_cast<std::uint8_t>(TypeCode::arraytype): {
      TENON_TRY(require(features, Gate::gc, in.span_from(at), "array type"));
      out.kind = CompType::Kind::array;
      const auto field = TENON_TRY(read_fieldtype(in, features));
      out.fields.push_back(field);
      return out;
    }
    case 0x5D:
      return std::unexpected(Error(rules::comptype_code, in.span_from(at),
                                   "found `cont`; stack switching is not supported"));
    case 0x4C:
    case 0x4D:
      return std::unexpected(Error(rules::comptype_code, in.span_from(at),
                                   fmt::format("found `{}`; custom descriptors are not supported",
                                               byte == 0x4C ? "describes" : "descriptor")));
    default:
      return bad_code(rules::comptype_code, in, at, byte);
  }
}

Result<std::uint32_t> read_rectype(Reader& in, const Features& features,
                                   std::vector<SubType>& out) {
  const std::uint32_t begin = in.offset();
  const auto first = static_cast<std::uint32_t>(out.size());
  std::uint32_t n = 1;
  bool explicit_rec = false;
  if (!in.at_end() && in.peek() == static_cast<std::uint8_t>(TypeCode::rec)) {
    in.skip(1);
    TENON_TRY(require(features, Gate::gc, in.span_from(begin), "recursion group"));
    n = TENON_TRY(read_count(in, "types", limits::types));
    explicit_rec = true;
  }
  if (n > limits::types - std::min(first, limits::types)) {
    return std::unexpected(Error(rules::implementation_limit, in.span_from(begin),
                                 fmt::format("more than {} types", limits::types)));
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    SubType type = TENON_TRY(read_subtype(in, features));
    type.rec_begin = first;
    type.rec_size = n;
    type.explicit_rec = explicit_rec;
    out.push_back(std::move(type));
  }
  return n;
}

Result<TableType> read_tabletype(Reader& in, const Features& features) {
  TableType out;
  // `funcref` is the element type of every table since the first version.
  if (!in.at_end() && in.peek() == static_cast<std::uint8_t>(TypeCode::func)) {
    in.skip(1);
    out.elem = ValType::ref(TypeCode::func, true);
  } else {
    out.elem = TENON_TRY(read_reftype(in, features));
  }
  const LimitsForm form = TENON_TRY(read_limits(in, features, false));
  out.addr = form.addr;
  out.limits = form.limits;
  out.shared = form.shared;
  return out;
}

Result<MemType> read_memtype(Reader& in, const Features& features) {
  const LimitsForm form = TENON_TRY(read_limits(in, features, true));
  return MemType{form.addr, form.limits, form.shared, form.page_size_log2};
}

Result<GlobalType> read_globaltype(Reader& in, const Features& features) {
  const ValType type = TENON_TRY(read_valtype(in, features));
  const bool mut = TENON_TRY(read_mut(in));
  return GlobalType{type, mut, false};
}

Result<TagType> read_tagtype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  const std::uint8_t attribute = TENON_TRY(in.u8("tag attribute"));
  TENON_TRY(require(features, Gate::exceptions, in.span_from(at), "tag"));
  if (attribute != 0) return bad_code(rules::tag_attribute, in, at, attribute);
  const auto type = TENON_TRY(in.u32("tag type"));
  return TagType{TypeIdx(type)};
}

Result<ExternType> read_externtype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  const std::uint8_t kind = TENON_TRY(in.u8("import kind"));
  ExternType out;
  out.kind = static_cast<ExternKind>(kind);
  switch (kind) {
    case 0: {
      const auto type = TENON_TRY(in.u32("function type"));
      out.func = TypeIdx(type);
      return out;
    }
    case 1:
      out.table = TENON_TRY(read_tabletype(in, features));
      return out;
    case 2:
      out.mem = TENON_TRY(read_memtype(in, features));
      return out;
    case 3:
      out.global = TENON_TRY(read_globaltype(in, features));
      return out;
    case 4:
      out.tag = TENON_TRY(read_tagtype(in, features));
      return out;
    default:
      return bad_code(rules::import_kind, in, at, kind);
  }
}

}  // namespace tenon::core
