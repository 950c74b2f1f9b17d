// SPDX-License-Identifier: Apache-2.0
// A value type is a one-byte code or an index, told apart as a signed LEB128 number; 0x50 begins a
// module type or a non-final `sub` of the core, which is why the latter has a prefix byte outside
// module types. Declarations nest, so depth is limited while decoding.
// Spec: Binary.md "Type Definitions"
#include <fmt/format.h>

#include <utility>

#include "tenon/component/decode_impl.h"
#include "tenon/component/limits.h"
#include "tenon/core/read_types.h"

namespace tenon::component {

namespace {

// Codes of type constructors. Spec: Binary.md "Type Definitions".
enum Code : std::uint8_t {
  code_record = 0x72,
  code_variant = 0x71,
  code_list = 0x70,
  code_tuple = 0x6F,
  code_flags = 0x6E,
  code_enum = 0x6D,
  code_option = 0x6B,
  code_result = 0x6A,
  code_own = 0x69,
  code_borrow = 0x68,
  code_fixed_list = 0x67,
  code_stream = 0x66,
  code_future = 0x65,
  code_map = 0x63,
  code_func_async = 0x43,
  code_instance = 0x42,
  code_component = 0x41,
  code_func = 0x40,
  code_resource = 0x3F,
};

Result<std::string> label(Reader& in) {
  const std::string_view name = TENON_TRY(in.name("label"));
  return std::string(name);
}

bool is_prim(std::uint8_t code) {
  switch (code) {
#define TENON_PRIM(name, text, byte, size, flat, ...) case byte:
#include "tenon/types/primvaltypes.def"
    return true;
    default:
      return false;
  }
}

/// Stands before a non-final sub type, whose first byte is that of a module type.
constexpr std::uint8_t sub_prefix = 0x00;
constexpr std::uint8_t module_type_code = 0x50;

}  // namespace

Result<ValType> Decoder::valtype(Reader& in) {
  const std::uint32_t at = in.offset();
  if (in.at_end()) return std::unexpected(in.end_error("value type", 1));
  const std::uint8_t byte = in.peek();
  // One-byte negative SLEB128: 0x40 to 0x7f.
  if (byte >= 0x40 && byte < 0x80) {
    in.skip(1);
    if (is_prim(byte)) return ValType(static_cast<PrimValType>(byte));
    return bad_byte(in, at, byte, "a component value type");
  }
  const std::int64_t idx = TENON_TRY(in.s33("type index"));
  if (idx < 0) {
    return std::unexpected(
        Error(rules::leading_byte, in.span_from(at), "found a negative type index"));
  }
  // Larger ones are in no index space: they collapse into the largest index.
  return ValType(TypeIdx(static_cast<std::uint32_t>(std::min<std::int64_t>(idx, 0x7FFFFFFF))));
}

Result<std::optional<ValType>> Decoder::optional_valtype(Reader& in, const char* what) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8(what));
  if (byte > 1) return bad_byte(in, at, byte, what);
  std::optional<ValType> out;
  if (byte == 1) out = TENON_TRY(valtype(in));
  return out;
}

Result<std::vector<LabelValType>> Decoder::label_valtypes(Reader& in, const char* what,
                                                          std::uint32_t limit) {
  return vec<LabelValType>(in, what, limit, [&](Reader& r) -> Result<LabelValType> {
    LabelValType out;
    out.label = TENON_TRY(label(r));
    out.type = TENON_TRY(valtype(r));
    return out;
  });
}

Result<std::vector<std::string>> Decoder::labels(Reader& in, const char* what,
                                                 std::uint32_t limit) {
  return vec<std::string>(in, what, limit, [](Reader& r) { return label(r); });
}

Result<Variant> Decoder::variant(Reader& in) {
  Variant out;
  out.cases = TENON_TRY(vec<Case>(in, "cases", limits::members, [&](Reader& r) -> Result<Case> {
    Case c;
    c.label = TENON_TRY(label(r));
    c.type = TENON_TRY(optional_valtype(r, "an optional case type"));
    const std::uint32_t at = r.offset();
    const std::uint8_t zero = TENON_TRY(r.u8("case end"));
    if (zero != 0) return bad_byte(r, at, zero, "zero byte required");
    return c;
  }));
  return out;
}

Result<DefValType> Decoder::defvaltype(Reader& in, std::uint8_t code) {
  switch (code) {
    case code_record: {
      auto fields = TENON_TRY(label_valtypes(in, "fields", limits::members));
      return DefValType(Record{std::move(fields)});
    }
    case code_variant: {
      auto v = TENON_TRY(variant(in));
      return DefValType(std::move(v));
    }
    case code_list: {
      const ValType elem = TENON_TRY(valtype(in));
      return DefValType(List{elem, std::nullopt});
    }
    case code_fixed_list: {
      const ValType elem = TENON_TRY(valtype(in));
      const std::uint32_t length = TENON_TRY(in.u32("list length"));
      return DefValType(List{elem, length});
    }
    case code_tuple: {
      auto types = TENON_TRY(
          vec<ValType>(in, "tuple types", limits::members, [&](Reader& r) { return valtype(r); }));
      return DefValType(Tuple{std::move(types)});
    }
    case code_flags: {
      auto l = TENON_TRY(labels(in, "flags", limits::flags));
      return DefValType(Flags{std::move(l)});
    }
    case code_enum: {
      auto l = TENON_TRY(labels(in, "enum cases", limits::members));
      return DefValType(Enum{std::move(l)});
    }
    case code_option: {
      const ValType t = TENON_TRY(valtype(in));
      return DefValType(Option{t});
    }
    case code_result: {
      const auto ok = TENON_TRY(optional_valtype(in, "an optional result type"));
      const auto err = TENON_TRY(optional_valtype(in, "an optional result type"));
      return DefValType(ResultType{ok, err});
    }
    case code_own:
    case code_borrow: {
      const std::uint32_t idx = TENON_TRY(in.u32("type index"));
      return code == code_own ? DefValType(Own{TypeIdx(idx)}) : DefValType(Borrow{TypeIdx(idx)});
    }
    case code_stream:
    case code_future: {
      const auto t = TENON_TRY(optional_valtype(in, "an optional element type"));
      return code == code_stream ? DefValType(Stream{t}) : DefValType(Future{t});
    }
    case code_map: {
      const ValType key = TENON_TRY(valtype(in));
      const ValType value = TENON_TRY(valtype(in));
      return DefValType(Map{key, value});
    }
    default:
      break;
  }
  if (is_prim(code)) return DefValType(static_cast<PrimValType>(code));
  return bad_byte(in, in.offset() - 1, code, "a component defined type");
}

Result<std::optional<ValType>> Decoder::result_list(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t form = TENON_TRY(in.u8("results"));
  std::optional<ValType> out;
  if (form == 0) {
    out = TENON_TRY(valtype(in));
    return out;
  }
  if (form != 1) return bad_byte(in, at, form, "component function results");
  const std::uint32_t zero_at = in.offset();
  const std::uint8_t zero = TENON_TRY(in.u8("number of results"));
  if (zero != 0) return bad_byte(in, zero_at, zero, "0 as the number of results");
  return out;
}

Result<FuncType> Decoder::func_type(Reader& in, bool async_) {
  FuncType out;
  out.async_ = async_;
  out.params = TENON_TRY(label_valtypes(in, "parameters", limits::params));
  out.result = TENON_TRY(result_list(in));
  return out;
}

Result<ResourceType> Decoder::resource_type(Reader& in) {
  ResourceType out;
  out.rep = TENON_TRY(core::read_valtype(in, features_));
  const std::uint32_t at = in.offset();
  const std::uint8_t has_dtor = TENON_TRY(in.u8("destructor"));
  if (has_dtor > 1) return bad_byte(in, at, has_dtor, "an optional resource destructor");
  if (has_dtor == 1) {
    const std::uint32_t func = TENON_TRY(in.u32("destructor"));
    out.dtor = CoreFuncIdx(func);
  }
  return out;
}

Result<Type> Decoder::type(Reader& in) {
  const std::uint8_t code = TENON_TRY(in.u8("type"));
  Type out;
  switch (code) {
    case code_func:
    case code_func_async:
      out.def = TENON_TRY(func_type(in, code == code_func_async));
      return out;
    case code_component: {
      auto d = TENON_TRY(decls(in, true));
      out.def = ComponentType{std::move(d)};
      return out;
    }
    case code_instance: {
      auto d = TENON_TRY(decls(in, false));
      out.def = InstanceType{std::move(d)};
      return out;
    }
    case code_resource:
      out.def = TENON_TRY(resource_type(in));
      return out;
    default:
      out.def = TENON_TRY(defvaltype(in, code));
      return out;
  }
}

Result<std::vector<Decl>> Decoder::decls(Reader& in, bool component) {
  if (depth_ >= limits::component_depth) {
    return std::unexpected(
        Error(rules::depth, in.here(), fmt::format("more than {} types", limits::component_depth)));
  }
  ++depth_;
  auto out = vec<Decl>(in, "declarations", limits::type_decls,
                       [&](Reader& r) { return decl(r, component); });
  --depth_;
  return out;
}

Result<Decl> Decoder::decl(Reader& in, bool component) {
  const std::uint32_t at = in.offset();
  const std::uint8_t kind = TENON_TRY(in.u8("declaration"));
  switch (kind) {
    case 0x00: {
      CoreType t = TENON_TRY(core_type(in));
      return Decl(std::move(t));
    }
    case 0x01: {
      Type t = TENON_TRY(type(in));
      return Decl(std::move(t));
    }
    case 0x02: {
      Alias a = TENON_TRY(alias(in));
      return Decl(std::move(a));
    }
    case 0x03: {
      if (!component) break;
      ImportDecl d;
      d.name = TENON_TRY(extern_name(in));
      d.type = TENON_TRY(extern_type(in));
      return Decl(std::move(d));
    }
    case 0x04: {
      ExportDecl d;
      d.name = TENON_TRY(extern_name(in));
      d.type = TENON_TRY(extern_type(in));
      return Decl(std::move(d));
    }
    default:
      break;
  }
  return bad_byte(in, at, kind, "a component or instance type declaration", rules::type_decl_byte);
}

Result<CoreType> Decoder::core_type(Reader& in) {
  CoreType out;
  if (in.at_end()) return std::unexpected(in.end_error("core type", 1));
  const std::uint8_t first = in.peek();
  if (first == module_type_code) {
    in.skip(1);
    if (depth_ >= limits::component_depth) {
      return std::unexpected(Error(rules::depth, in.here(),
                                   fmt::format("more than {} types", limits::component_depth)));
    }
    ++depth_;
    out.module_type = std::make_unique<CoreModuleType>();
    auto decls = vec<CoreModuleDecl>(in, "module type declarations", limits::module_type_decls,
                                     [&](Reader& r) { return core_module_decl(r); });
    --depth_;
    out.module_type->decls = TENON_TRY(std::move(decls));
    return out;
  }
  if (first == sub_prefix) {
    in.skip(1);
    if (in.at_end() || in.peek() != module_type_code) {
      return bad_byte(in, in.offset() - 1, sub_prefix, "a core type");
    }
  }
  [[maybe_unused]] const auto n = TENON_TRY(core::read_rectype(in, features_, out.rec_group));
  return out;
}

Result<CoreModuleDecl> Decoder::core_module_decl(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t kind = TENON_TRY(in.u8("module type declaration"));
  switch (kind) {
    case 0x00: {
      CoreImportDecl d;
      d.module = TENON_TRY(label(in));
      d.name = TENON_TRY(label(in));
      d.type = TENON_TRY(core::read_externtype(in, features_));
      return CoreModuleDecl(std::move(d));
    }
    case 0x01: {
      // Module types do not nest: 0x50 is a `sub` that is not final.
      CoreType t;
      [[maybe_unused]] const auto n = TENON_TRY(core::read_rectype(in, features_, t.rec_group));
      return CoreModuleDecl(std::move(t));
    }
    case 0x02: {
      const std::uint32_t sort_at = in.offset();
      const std::uint8_t sort = TENON_TRY(in.u8("alias sort"));
      if (sort != 0x10) return bad_byte(in, sort_at, sort, "a type as outer alias kind");
      const std::uint32_t target_at = in.offset();
      const std::uint8_t target = TENON_TRY(in.u8("alias target"));
      if (target != 0x01) return bad_byte(in, target_at, target, "0x01 as outer alias target");
      CoreOuterAlias a;
      a.count = TENON_TRY(in.u32("scopes outward"));
      a.idx = TENON_TRY(in.u32("core type index"));
      return CoreModuleDecl(a);
    }
    case 0x03: {
      CoreExportDecl d;
      d.name = TENON_TRY(label(in));
      d.type = TENON_TRY(core::read_externtype(in, features_));
      return CoreModuleDecl(std::move(d));
    }
    default:
      return bad_byte(in, at, kind, "a type definition");
  }
}

}  // namespace tenon::component
