// SPDX-License-Identifier: Apache-2.0
// Gates are checked while types are read, so that the error points at the byte. Forms of proposals
// that are not supported are recognised by their code, to name the proposal instead of a number.
// Spec: core/binary/types
#include "tenon/core/read_types.h"

#include <fmt/format.h>

#include <initializer_list>

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

/// What is said of the code of a type that belongs to a proposal that is not supported; empty for
/// others.
std::string_view unsupported_type(std::uint8_t code) {
  switch (code) {
    case 0x4C:
      return "found `describes`; custom descriptors are not supported";
    case 0x4D:
      return "found `descriptor`; custom descriptors are not supported";
    case 0x5D:
    case 0x68:
      return "found `cont`; stack switching is not supported";
    case 0x62:
      return "found `exact`; custom descriptors are not supported";
    case 0x65:
      return "found `shared`; of shared-everything-threads only the flags of tables and globals "
             "are read";
    case 0x75:
      return "found `nocont`; stack switching is not supported";
    default:
      return {};
  }
}

std::unexpected<Error> bad_type(const Rule& rule, const Reader& in, std::uint32_t at,
                                std::uint8_t code) {
  const std::string_view known = unsupported_type(code);
  if (known.empty()) return bad_code(rule, in, at, code);
  return std::unexpected(Error(rule, Span{in.source(), at, at + 1}, std::string(known)));
}

/// An error unless every gate that the type follows is open.
Result<void> require_type(const Features& features, ValType type, Span span) {
  const auto gate = closed_gate(features, type);
  if (!gate) return {};
  return require(features, *gate, span, fmt::format("`{}`", to_string(type)));
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

/// The flags of a global's or field's type: bit 0 is set when it is mutable, bit 1 (of
/// shared-everything-threads) when it is shared.
Result<std::uint8_t> read_mut(Reader& in, bool shared_allowed) {
  const std::uint32_t at = in.offset();
  const std::uint8_t mut = TENON_TRY(in.u8("mutability"));
  if (mut > (shared_allowed ? 3 : 1)) return bad_code(rules::mutability, in, at, mut);
  return mut;
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
  const unsigned allowed = 1U | 2U | 4U | (memory ? 8U : 0U);
  if ((flags & ~allowed) != 0) return bad_code(rules::limits_flags, in, begin, flags);
  const auto need = [&](Gate gate, std::string_view what) {
    return require_form(rules::limits_flags, in, begin, flags, features, gate, what);
  };
  if ((flags & 2U) != 0 && memory) TENON_TRY(need(Gate::threads, "shared memory"));
  if ((flags & 2U) != 0 && !memory) {
    TENON_TRY(need(Gate::shared_everything_threads, "shared table"));
  }
  if ((flags & 8U) != 0) TENON_TRY(need(Gate::custom_page_sizes, "page size"));
  LimitsForm out;
  out.shared = (flags & 2U) != 0;
  if ((flags & 4U) != 0) {
    TENON_TRY(require(features, Gate::memory64, in.span_from(begin),
                      memory ? "64-bit memory" : "64-bit table"));
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

Result<void> require(const Features& features, Gate gate, Span span, std::string_view what) {
  if (features.has(gate)) [[likely]]
    return {};
  const std::string_view name = to_string(gate);
  Error error(rules::feature_off, span, fmt::format("{} needs `{}`", what, name));
  return std::unexpected(std::move(error).help(fmt::format("pass --features {}", name)));
}

Result<void> require_form(const Rule& rule, const Reader& in, std::uint32_t at, std::uint8_t found,
                          const Features& features, Gate gate, std::string_view what) {
  if (features.has(gate)) return {};
  const std::string_view name = to_string(gate);
  Error error(rule, Span{in.source(), at, at + 1},
              fmt::format("found {:#04x}; a {} needs `{}`", found, what, name));
  return std::unexpected(std::move(error).help(fmt::format("pass --features {}", name)));
}

std::optional<Gate> closed_gate(const Features& features, ValType type) {
  const auto first_closed = [&](std::initializer_list<Gate> gates) -> std::optional<Gate> {
    for (const Gate gate : gates) {
      if (!features.has(gate)) return gate;
    }
    return std::nullopt;
  };
  if (!type.is_ref()) {
    if (type.is_vec()) return first_closed({Gate::simd});
    const bool is_float = type == ValType(TypeCode::f32) || type == ValType(TypeCode::f64);
    return is_float ? first_closed({Gate::floats}) : std::nullopt;
  }
  // What a type needs most of all comes first: a user opens one gate at a time.
  if (type.heap().is_defined())
    return first_closed({Gate::function_references, Gate::reference_types});
  const TypeCode heap = type.heap().code();
  if (heap == TypeCode::func || heap == TypeCode::extern_) {
    if (!type.nullable() && !features.has(Gate::function_references))
      return Gate::function_references;
    if (heap == TypeCode::func) return first_closed({Gate::reference_types});
    return first_closed({Gate::reference_types, Gate::gc_types});
  }
  if (heap == TypeCode::exn) return first_closed({Gate::exceptions, Gate::reference_types});
  const Gate own = heap == TypeCode::noexn ? Gate::exceptions : Gate::gc;
  return first_closed({own, Gate::reference_types, Gate::gc_types});
}

Result<HeapType> read_heaptype(Reader& in) {
  const std::uint32_t begin = in.offset();
  if (in.at_end()) return std::unexpected(in.end_error("heap type", 1));
  const std::uint8_t code = in.peek();
  if (is_abstract_heap(code)) {
    in.skip(1);
    return static_cast<TypeCode>(code);
  }
  const std::int64_t index = TENON_TRY(in.s33("heap type"));
  if (index < 0) return bad_type(rules::heaptype_code, in, begin, code);
  return TypeIdx(static_cast<std::uint32_t>(std::min<std::int64_t>(index, limits::no_type)));
}

Result<ValType> read_reftype(Reader& in, const Features& features) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("reference type"));
  const auto code = static_cast<TypeCode>(byte);
  ValType type = ValType::ref(code, true);
  if (code == TypeCode::ref || code == TypeCode::ref_null) {
    const HeapType heap = TENON_TRY(read_heaptype(in));
    type = ValType::ref(heap, code == TypeCode::ref_null);
  } else if (!is_abstract_heap(byte)) {
    return bad_type(rules::reftype_code, in, at, byte);
  }
  TENON_TRY(require_type(features, type, in.span_from(at)));
  return type;
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
  if (code == TypeCode::f32 || code == TypeCode::f64 || code == TypeCode::v128) {
    in.skip(1);
    TENON_TRY(require_type(features, code, in.span_from(at)));
    return ValType(code);
  }
  if (is_abstract_heap(byte) || code == TypeCode::ref || code == TypeCode::ref_null) {
    return read_reftype(in, features);
  }
  return bad_type(rules::valtype_code, in, at, byte);
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
  const std::uint8_t mut = TENON_TRY(read_mut(in, false));
  return FieldType{type, mut != 0};
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
      TENON_TRY(require(features, Gate::gc_types, in.span_from(at), "structure type"));
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
      TENON_TRY(require(features, Gate::gc_types, in.span_from(at), "array type"));
      out.kind = CompType::Kind::array;
      const auto field = TENON_TRY(read_fieldtype(in, features));
      out.fields.push_back(field);
      return out;
    }
    default:
      return bad_type(rules::comptype_code, in, at, byte);
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
  const std::uint32_t at = in.offset();
  const std::uint8_t flags = TENON_TRY(read_mut(in, true));
  const bool shared = (flags & 2U) != 0;
  if (shared) {
    TENON_TRY(require_form(rules::mutability, in, at, flags, features,
                           Gate::shared_everything_threads, "shared global"));
  }
  return GlobalType{type, (flags & 1U) != 0, shared};
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
    case 0x20:
      return std::unexpected(
          Error(rules::import_kind, in.span_from(at),
                "found an `exact` function; custom descriptors are not supported"));
    default:
      return bad_code(rules::import_kind, in, at, kind);
  }
}

}  // namespace tenon::core
