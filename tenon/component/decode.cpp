// SPDX-License-Identifier: Apache-2.0
// One method for each production of the binary grammar. Nothing is resolved here: indices are kept
// as read, and validation checks them. Counts are compared with the limits before anything is
// reserved. Modules and nested components borrow the bytes of the outermost one.
// Spec: Binary.md "Component Definitions"
#include "tenon/component/decode.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "tenon/component/decode_impl.h"
#include "tenon/component/limits.h"
#include "tenon/core/decode.h"
#include "tenon/core/read_types.h"

namespace tenon::component {

std::unexpected<Error> bad_byte(const Reader& in, std::uint32_t at, std::uint8_t byte,
                                const char* what, const Rule& rule) {
  return std::unexpected(Error(rule, Span{in.source(), at, at + 1},
                               fmt::format("found {:#04x}, wanted {}", byte, what)));
}

Result<std::uint32_t> limited_count(Reader& in, const char* what, std::uint32_t limit) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t n = TENON_TRY(in.count(what));
  if (n > limit) {
    return std::unexpected(Error(rules::limit, in.span_from(begin),
                                 fmt::format("found {} {}, at most {}", n, what, limit)));
  }
  return n;
}

Result<bool> boolean(Reader& in, const char* what) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8(what));
  if (byte > 1) return bad_byte(in, at, byte, what, rules::boolean);
  return byte == 1;
}

namespace {

Result<std::string> text(Reader& in, const char* what) {
  const std::uint32_t begin = in.offset();
  const std::string_view name = TENON_TRY(in.name(what));
  if (name.size() > limits::name_bytes) {
    return std::unexpected(
        Error(rules::limit, in.span_from(begin),
              fmt::format("{} of {} bytes, at most {}", what, name.size(), limits::name_bytes)));
  }
  return std::string(name);
}

template <class I>
Result<I> index(Reader& in, const char* what) {
  const std::uint32_t value = TENON_TRY(in.u32(what));
  return I(value);
}

}  // namespace

// --- sections ------------------------------------------------------------------------------------

Result<void> Decoder::preamble(Reader& in) {
  const std::uint32_t begin = in.offset();
  const ByteSpan magic = TENON_TRY(in.bytes(4, "the magic number"));
  constexpr std::array<std::uint8_t, 4> wanted = {0x00, 0x61, 0x73, 0x6D};
  if (!std::equal(magic.begin(), magic.end(), wanted.begin())) {
    return std::unexpected(Error(rules::magic, in.span_from(begin)));
  }
  const std::uint32_t at = in.offset();
  const std::uint32_t version = TENON_TRY(in.fixed_u32("the version"));
  if (version == 0x0001000DU) return {};
  if (version == 1) {
    return std::unexpected(Error(rules::version, in.span_from(at), "found a core module")
                               .help("make a component of it with `tenon component new`"));
  }
  return std::unexpected(
      Error(rules::version, in.span_from(at),
            fmt::format("found version {:#x}, layer {:#x}", version & 0xFFFFU, version >> 16U)));
}

Result<void> Decoder::sections(Reader& in, Component& out) {
  if (depth_ >= limits::component_depth) {
    return std::unexpected(Error(rules::depth, in.here(),
                                 fmt::format("more than {} components", limits::component_depth)));
  }
  TENON_TRY(preamble(in));
  while (!in.at_end()) {
    const std::uint32_t at = in.offset();
    const std::uint8_t id = TENON_TRY(in.u8("section id"));
    if (id > 12) return bad_byte(in, at, id, "a section id of 0 to 12", rules::section_id);
    const std::uint32_t size = TENON_TRY(in.u32("section size"));
    Reader content = TENON_TRY(in.sub(size, "section content"));
    const auto first = static_cast<std::uint32_t>(out.definitions.size());
    TENON_TRY(section(content, id, out));
    if (!content.at_end()) {
      return std::unexpected(Error(rules::section_size,
                                   Span{in.source(), content.offset(), in.offset()},
                                   fmt::format("{} bytes are left over", content.left())));
    }
    out.sections.push_back({id, first, static_cast<std::uint32_t>(out.definitions.size()) - first});
  }
  return {};
}

/// The items of a section, each with its span.
template <class Read>
Result<void> Decoder::items(Reader& in, const char* what, Component& out, Read read) {
  const std::uint32_t n = TENON_TRY(limited_count(in, what, limits::index_space));
  reserve_more(out.definitions, n, limits::index_space);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t begin = in.offset();
    auto item = TENON_TRY((this->*read)(in));
    out.definitions.push_back({DefinitionKind(std::move(item)), in.span_from(begin)});
  }
  return {};
}

Result<void> Decoder::section(Reader& in, std::uint8_t id, Component& out) {
  const auto single = [&](Result<DefinitionKind> def, std::uint32_t begin) -> Result<void> {
    if (!def) return std::unexpected(std::move(def).error());
    out.definitions.push_back({std::move(*def), in.span_from(begin)});
    return {};
  };
  const std::uint32_t begin = in.offset();
  switch (id) {
    case 0:
      return single(custom(in), begin);
    case 1:
      return single(module(in), begin);
    case 2:
      return items(in, "core instances", out, &Decoder::core_instance);
    case 3: {
      const std::uint32_t n = TENON_TRY(limited_count(in, "core types", limits::index_space));
      reserve_more(out.definitions, n);
      for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint32_t at = in.offset();
        CoreType t = TENON_TRY(core_type(in));
        out.definitions.push_back({std::move(t), in.span_from(at)});
      }
      return {};
    }
    case 4:
      return single(nested(in), begin);
    case 5:
      return items(in, "instances", out, &Decoder::instance);
    case 6:
      return items(in, "aliases", out, &Decoder::alias);
    case 7:
      return items(in, "types", out, &Decoder::type);
    case 8:
      return items(in, "canonical functions", out, &Decoder::canon);
    case 9: {
      Start s = TENON_TRY(start(in));
      return single(DefinitionKind(std::move(s)), begin);
    }
    case 10:
      return items(in, "imports", out, &Decoder::import);
    case 11:
      return items(in, "exports", out, &Decoder::export_);
    default:
      return items(in, "values", out, &Decoder::value);
  }
}

Result<DefinitionKind> Decoder::custom(Reader& in) {
  Custom out;
  const std::string_view name = TENON_TRY(in.name("custom section name"));
  out.name = std::string(name);
  const ByteSpan content = in.rest();
  out.content.assign(content.begin(), content.end());
  in.skip(content.size());
  return DefinitionKind(std::move(out));
}

Result<DefinitionKind> Decoder::module(Reader& in) {
  const std::uint32_t base = in.offset();
  const ByteSpan bytes = in.rest();
  in.skip(bytes.size());
  core::Module module = TENON_TRY(core::decode(Blob::borrow(bytes), features_, in.source(), base));
  return DefinitionKind(std::make_unique<core::Module>(std::move(module)));
}

Result<DefinitionKind> Decoder::nested(Reader& in) {
  auto out = std::make_unique<Component>();
  out->bytes = Blob::borrow(in.rest());
  out->source = in.source();
  Decoder inner(features_, depth_ + 1);
  TENON_TRY(inner.sections(in, *out));
  return DefinitionKind(std::move(out));
}

// --- instances and aliases -----------------------------------------------------------------------

Result<CoreSort> Decoder::core_sort(Reader& in, const char* what) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("core sort"));
  switch (byte) {
#define TENON_CORE_SORT(name, text, code) \
  case code:                              \
    return CoreSort::name;
#include "tenon/component/sorts.def"
    default:
      return bad_byte(in, at, byte, what);
  }
}

Result<Sort> Decoder::sort(Reader& in, const char* what) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("sort"));
  if (byte > static_cast<std::uint8_t>(SortKind::instance)) return bad_byte(in, at, byte, what);
  Sort out;
  out.kind = static_cast<SortKind>(byte);
  if (out.kind == SortKind::core) out.core_sort = TENON_TRY(core_sort(in, what));
  return out;
}

Result<SortIdx> Decoder::sort_idx(Reader& in) {
  SortIdx out;
  out.sort = TENON_TRY(sort(in, "a component external kind"));
  out.idx = TENON_TRY(in.u32("index"));
  return out;
}

Result<CoreSortIdx> Decoder::core_sort_idx(Reader& in) {
  CoreSortIdx out;
  out.sort = TENON_TRY(core_sort(in, "a core external kind"));
  out.idx = TENON_TRY(in.u32("index"));
  return out;
}

Result<CoreInstance> Decoder::core_instance(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t form = TENON_TRY(in.u8("core instance"));
  CoreInstance out;
  if (form == 0) {
    out.module = TENON_TRY(index<CoreModuleIdx>(in, "core module index"));
    out.args = TENON_TRY(vec<CoreInstantiateArg>(
        in, "arguments", limits::instance_items, [&](Reader& r) -> Result<CoreInstantiateArg> {
          CoreInstantiateArg arg;
          arg.name = TENON_TRY(text(r, "argument name"));
          const std::uint32_t sort_at = r.offset();
          const std::uint8_t sort = TENON_TRY(r.u8("argument sort"));
          if (sort != 0x12)
            return bad_byte(r, sort_at, sort, "an instance as the kind of an instantiation arg");
          arg.instance = TENON_TRY(index<CoreInstanceIdx>(r, "core instance index"));
          return arg;
        }));
    return out;
  }
  if (form != 1) return bad_byte(in, at, form, "a core instance");
  out.exports = TENON_TRY(vec<CoreInlineExport>(in, "exports", limits::instance_items,
                                                [&](Reader& r) -> Result<CoreInlineExport> {
                                                  CoreInlineExport e;
                                                  e.name = TENON_TRY(text(r, "export name"));
                                                  e.item = TENON_TRY(core_sort_idx(r));
                                                  return e;
                                                }));
  return out;
}

Result<Instance> Decoder::instance(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t form = TENON_TRY(in.u8("instance"));
  Instance out;
  if (form == 0) {
    out.component = TENON_TRY(index<ComponentIdx>(in, "component index"));
    out.args = TENON_TRY(vec<InstantiateArg>(in, "arguments", limits::instance_items,
                                             [&](Reader& r) -> Result<InstantiateArg> {
                                               InstantiateArg arg;
                                               arg.name = TENON_TRY(text(r, "argument name"));
                                               arg.item = TENON_TRY(sort_idx(r));
                                               return arg;
                                             }));
    return out;
  }
  if (form != 1) return bad_byte(in, at, form, "an instance");
  out.exports = TENON_TRY(vec<InlineExport>(in, "exports", limits::instance_items,
                                            [&](Reader& r) -> Result<InlineExport> {
                                              InlineExport e;
                                              e.name = TENON_TRY(extern_name(r));
                                              e.item = TENON_TRY(sort_idx(r));
                                              return e;
                                            }));
  return out;
}

Result<Alias> Decoder::alias(Reader& in) {
  Alias out;
  const std::uint32_t sort_at = in.offset();
  out.sort = TENON_TRY(sort(in, "a component outer alias kind"));
  TENON_TRY(alias_target(in, out));
  const bool outer_sort =
      out.sort.kind == SortKind::type || out.sort.kind == SortKind::component ||
      (out.sort.kind == SortKind::core &&
       (out.sort.core_sort == CoreSort::module || out.sort.core_sort == CoreSort::type));
  if (out.target == Alias::Target::outer && !outer_sort) {
    return bad_byte(
        in, sort_at, static_cast<std::uint8_t>(out.sort.kind),
        "a component outer alias kind: a type, a component, a core type or a core module");
  }
  return out;
}

Result<void> Decoder::alias_target(Reader& in, Alias& out) {
  const std::uint32_t at = in.offset();
  const std::uint8_t target = TENON_TRY(in.u8("alias target"));
  if (target > 2) return bad_byte(in, at, target, "an alias");
  out.target = static_cast<Alias::Target>(target);
  out.instance_or_count = TENON_TRY(in.u32("index"));
  if (out.target == Alias::Target::outer) {
    out.idx = TENON_TRY(in.u32("index"));
  } else {
    out.name = TENON_TRY(text(in, "export name"));
  }
  return {};
}

// --- imports, exports, values, start -------------------------------------------------------------

Result<ExternName> Decoder::extern_name(Reader& in) {
  const std::uint32_t begin = in.offset();
  ExternName out;
  out.form = TENON_TRY(in.u8("name"));
  if (out.form > 2) return bad_byte(in, begin, out.form, "a component name");
  out.name = TENON_TRY(text(in, "name"));
  if (out.form == 2) {
    const std::uint32_t n = TENON_TRY(limited_count(in, "attributes", limits::attributes));
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t at = in.offset();
      const std::uint8_t kind = TENON_TRY(in.u8("attribute"));
      if (kind > 2) return bad_byte(in, at, kind, "a name option");
      std::string value = TENON_TRY(text(in, "attribute"));
      out.attributes.push_back({static_cast<AttributeKind>(kind), std::move(value)});
    }
  }
  out.span = in.span_from(begin);
  return out;
}

Result<ExternType> Decoder::extern_type(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t kind = TENON_TRY(in.u8("extern type"));
  if (kind > 5) return bad_byte(in, at, kind, "a component external kind");
  ExternType out;
  out.kind = static_cast<ExternKind>(kind);
  if (out.kind == ExternKind::core_module) {
    const std::uint32_t sort_at = in.offset();
    const std::uint8_t sort = TENON_TRY(in.u8("core sort"));
    if (sort != 0x11) return bad_byte(in, sort_at, sort, "a component external kind");
  }
  if (out.kind == ExternKind::value || out.kind == ExternKind::type) {
    const std::uint32_t bound_at = in.offset();
    const std::uint8_t bound = TENON_TRY(in.u8("bound"));
    if (bound > 1) return bad_byte(in, bound_at, bound, "a type bound");
    if (out.kind == ExternKind::type) {
      out.bound = static_cast<TypeBoundKind>(bound);
      if (out.bound == TypeBoundKind::sub_resource) return out;
    } else if (bound == 1) {
      out.value_type = TENON_TRY(valtype(in));
      return out;
    } else {
      out.value_eq = true;
    }
  }
  out.idx = TENON_TRY(in.u32("index"));
  return out;
}

Result<Import> Decoder::import(Reader& in) {
  Import out;
  out.name = TENON_TRY(extern_name(in));
  out.type = TENON_TRY(extern_type(in));
  return out;
}

Result<Export> Decoder::export_(Reader& in) {
  Export out;
  out.name = TENON_TRY(extern_name(in));
  out.item = TENON_TRY(sort_idx(in));
  const std::uint32_t at = in.offset();
  const std::uint8_t ascribed = TENON_TRY(in.u8("export type"));
  if (ascribed > 1) return bad_byte(in, at, ascribed, "an optional component export type");
  if (ascribed == 1) out.ascribed = TENON_TRY(extern_type(in));
  return out;
}

Result<Start> Decoder::start(Reader& in) {
  Start out;
  out.func = TENON_TRY(index<FuncIdx>(in, "function index"));
  out.args = TENON_TRY(vec<ValueIdx>(in, "start arguments", limits::start_args,
                                     [](Reader& r) { return index<ValueIdx>(r, "value index"); }));
  out.results = TENON_TRY(in.u32("number of results"));
  return out;
}

Result<Value> Decoder::value(Reader& in) {
  Value out;
  out.type = TENON_TRY(valtype(in));
  const ByteSpan bytes = TENON_TRY(in.sized_bytes("value"));
  out.bytes.assign(bytes.begin(), bytes.end());
  return out;
}

// --- canonical functions -------------------------------------------------------------------------

Result<CanonOpts> Decoder::opts(Reader& in) {
  return vec<CanonOpt>(in, "canonical options", limits::canon_opts,
                       [](Reader& r) -> Result<CanonOpt> {
                         const std::uint32_t at = r.offset();
                         const std::uint8_t kind = TENON_TRY(r.u8("canonical option"));
                         if (kind > 7) return bad_byte(r, at, kind, "a canonical option");
                         CanonOpt out;
                         out.kind = static_cast<CanonOpt::Kind>(kind);
                         using enum CanonOpt::Kind;
                         if (out.kind == memory || out.kind == realloc || out.kind == post_return ||
                             out.kind == callback) {
                           out.idx = TENON_TRY(r.u32("index"));
                         }
                         return out;
                       });
}

namespace {
/// The byte that said `cancellable` in older drafts.
Result<void> reserved(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("reserved byte"));
  if (byte != 0) return bad_byte(in, at, byte, "0", rules::reserved_byte);
  return {};
}
}  // namespace

template <>
Result<NoImm> Decoder::imm<NoImm>(Reader&) {
  return NoImm{};
}
template <>
Result<ResourceImm> Decoder::imm<ResourceImm>(Reader& in) {
  ResourceImm out;
  out.type = TENON_TRY(index<TypeIdx>(in, "type index"));
  return out;
}
template <>
Result<TypeImm> Decoder::imm<TypeImm>(Reader& in) {
  TypeImm out;
  out.type = TENON_TRY(index<TypeIdx>(in, "type index"));
  return out;
}
template <>
Result<TypeOptsImm> Decoder::imm<TypeOptsImm>(Reader& in) {
  TypeOptsImm out;
  out.type = TENON_TRY(index<TypeIdx>(in, "type index"));
  out.opts = TENON_TRY(opts(in));
  return out;
}
template <>
Result<TypeAsyncImm> Decoder::imm<TypeAsyncImm>(Reader& in) {
  TypeAsyncImm out;
  out.type = TENON_TRY(index<TypeIdx>(in, "type index"));
  out.async_ = TENON_TRY(boolean(in, "0 or 1 for `async`"));
  return out;
}
template <>
Result<AsyncImm> Decoder::imm<AsyncImm>(Reader& in) {
  AsyncImm out;
  out.async_ = TENON_TRY(boolean(in, "0 or 1 for `async`"));
  return out;
}
template <>
Result<ReservedImm> Decoder::imm<ReservedImm>(Reader& in) {
  TENON_TRY(reserved(in));
  return ReservedImm{};
}
template <>
Result<MemImm> Decoder::imm<MemImm>(Reader& in) {
  TENON_TRY(reserved(in));
  MemImm out;
  out.memory = TENON_TRY(index<CoreMemIdx>(in, "memory index"));
  return out;
}
template <>
Result<ContextImm> Decoder::imm<ContextImm>(Reader& in) {
  ContextImm out;
  out.type = TENON_TRY(core::read_valtype(in, features_));
  out.slot = TENON_TRY(in.u32("slot"));
  return out;
}
template <>
Result<TaskReturnImm> Decoder::imm<TaskReturnImm>(Reader& in) {
  TaskReturnImm out;
  out.result = TENON_TRY(result_list(in));
  out.opts = TENON_TRY(opts(in));
  return out;
}
template <>
Result<OptsImm> Decoder::imm<OptsImm>(Reader& in) {
  OptsImm out;
  out.opts = TENON_TRY(opts(in));
  return out;
}
template <>
Result<IndirectImm> Decoder::imm<IndirectImm>(Reader& in) {
  IndirectImm out;
  out.type = TENON_TRY(index<CoreTypeIdx>(in, "core type index"));
  out.table = TENON_TRY(index<CoreTableIdx>(in, "table index"));
  return out;
}
template <>
Result<SharedTypeImm> Decoder::imm<SharedTypeImm>(Reader& in) {
  SharedTypeImm out;
  out.shared = TENON_TRY(boolean(in, "0 or 1 for `shared`"));
  out.type = TENON_TRY(index<CoreTypeIdx>(in, "core type index"));
  return out;
}
template <>
Result<SharedIndirectImm> Decoder::imm<SharedIndirectImm>(Reader& in) {
  SharedIndirectImm out;
  out.shared = TENON_TRY(boolean(in, "0 or 1 for `shared`"));
  out.type = TENON_TRY(index<CoreTypeIdx>(in, "core type index"));
  out.table = TENON_TRY(index<CoreTableIdx>(in, "table index"));
  return out;
}
template <>
Result<SharedImm> Decoder::imm<SharedImm>(Reader& in) {
  SharedImm out;
  out.shared = TENON_TRY(boolean(in, "0 or 1 for `shared`"));
  return out;
}
template <>
Result<LiftImm> Decoder::imm<LiftImm>(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t sort = TENON_TRY(in.u8("sort"));
  if (sort != 0) return bad_byte(in, at, sort, "0x00 in canonical function lift");
  LiftImm out;
  out.func = TENON_TRY(index<CoreFuncIdx>(in, "core function index"));
  out.opts = TENON_TRY(opts(in));
  out.type = TENON_TRY(index<TypeIdx>(in, "type index"));
  return out;
}
template <>
Result<LowerImm> Decoder::imm<LowerImm>(Reader& in) {
  const std::uint32_t at = in.offset();
  const std::uint8_t sort = TENON_TRY(in.u8("sort"));
  if (sort != 0) return bad_byte(in, at, sort, "0x00 in canonical function lower");
  LowerImm out;
  out.func = TENON_TRY(index<FuncIdx>(in, "function index"));
  out.opts = TENON_TRY(opts(in));
  return out;
}

/// canon ::= opcode immediates. Spec: Binary.md "Canonical Definitions".
Result<Canon> Decoder::canon(Reader& in) {
  const std::uint8_t opcode = TENON_TRY(in.u8("canon opcode"));
  Canon out;
  out.op = static_cast<CanonOp>(opcode);
  switch (out.op) {
    case CanonOp::lift:
      out.imm = TENON_TRY(imm<LiftImm>(in));
      return out;
    case CanonOp::lower:
      out.imm = TENON_TRY(imm<LowerImm>(in));
      return out;
#define TENON_CANON(name, text, opcode, Imm, gate) \
  case CanonOp::name:                              \
    out.imm = TENON_TRY(imm<Imm>(in));             \
    return out;
#include "tenon/component/canon.def"
#undef TENON_CANON
  }
  return bad_byte(in, in.offset() - 1, opcode, "a canonical function");
}

// -------------------------------------------------------------------------------------------------

Result<Component> decode(Blob bytes, const core::Features& features, std::uint32_t source,
                         std::uint32_t base) {
  Component out;
  out.bytes = std::move(bytes);
  out.source = source;
  Reader in(out.bytes.view(), source, base);
  Decoder decoder(features);
  TENON_TRY(decoder.sections(in, out));
  return out;
}

}  // namespace tenon::component
