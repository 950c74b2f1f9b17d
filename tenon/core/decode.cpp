// SPDX-License-Identifier: Apache-2.0
// Bodies and expressions are kept as ranges of the input: constant expressions are walked only to
// find their end, and bodies are decoded by whoever needs them. Counts are compared with the bytes
// that are left before anything is reserved. Sections and custom sections keep their places, so
// that encoding gives the same file.
// Spec: core/binary/modules "Modules"
#include "tenon/core/decode.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/core/decode_expr.h"
#include "tenon/core/limits.h"
#include "tenon/core/read_types.h"
#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

constexpr std::uint32_t wasm_magic = 0x6D736100;
constexpr std::uint32_t max_sections = 1'000'000;

std::uint32_t word_at(ByteSpan bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

/// Finds where an expression ends; takes no note of what it does.
struct SkipVisitor {
  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t /*offset*/) {}
};

/// The place of a known section in the order that the format wants.
/// Spec: core/binary/modules "Modules".
int rank_of(SectionId id) {
  switch (id) {
    case SectionId::custom:
      return 0;
    case SectionId::type:
      return 1;
    case SectionId::import_:
      return 2;
    case SectionId::func:
      return 3;
    case SectionId::table:
      return 4;
    case SectionId::mem:
      return 5;
    case SectionId::tag:
      return 6;
    case SectionId::global:
      return 7;
    case SectionId::export_:
      return 8;
    case SectionId::start:
      return 9;
    case SectionId::elem:
      return 10;
    case SectionId::data_count:
      return 11;
    case SectionId::code:
      return 12;
    case SectionId::data:
      return 13;
  }
  return 0;
}

class Decoder {
 public:
  Decoder(Blob bytes, const Features& features, std::uint32_t source, std::uint32_t base)
      : features_(features) {
    module_.bytes = std::move(bytes);
    module_.source = source;
    module_.base = base;
  }

  Result<Module> run();

 private:
  Result<void> header(Reader& in);
  Result<void> section(Reader& in);
  Result<void> known(SectionId id, Reader& in);
  Result<void> custom(Reader& in);
  Result<void> types(Reader& in);
  Result<void> imports(Reader& in);
  Result<void> import_one(Reader& in);
  Result<void> import_group(Reader& in, ImportGroup group);
  void add_import(const Import& import);
  Result<void> funcs(Reader& in);
  Result<void> tables(Reader& in);
  Result<void> mems(Reader& in);
  Result<void> tags(Reader& in);
  Result<void> globals(Reader& in);
  Result<void> exports(Reader& in);
  Result<void> start(Reader& in);
  Result<void> elems(Reader& in);
  Result<void> elem_one(Reader& in);
  Result<void> elem_items(Reader& in, Elem& elem);
  Result<void> codes(Reader& in);
  Result<Code> code_one(Reader& in);
  Result<void> datas(Reader& in);
  Result<Data> data_one(Reader& in);
  Result<void> counts_agree();

  Result<std::uint32_t> count(Reader& in, const char* what, std::uint32_t limit,
                              std::size_t present = 0);
  Result<std::string_view> name(Reader& in, const char* what);
  Result<Expr> const_expr(Reader& in);
  [[nodiscard]] ByteRange range(std::uint32_t begin, std::uint32_t end) const {
    return {begin - module_.base, end - module_.base};
  }

  const Features features_;
  Module module_;
  ExprScratch scratch_;
  SectionId last_ = SectionId::custom;
  std::optional<std::uint32_t> num_codes_;
};

Result<Module> Decoder::run() {
  Reader in(module_.bytes.view(), module_.source, module_.base);
  TENON_TRY(header(in));
  while (!in.at_end()) TENON_TRY(section(in));
  TENON_TRY(counts_agree());
  return std::move(module_);
}

Result<void> Decoder::header(Reader& in) {
  const ByteSpan bytes = module_.bytes.view();
  const std::uint32_t at = in.offset();
  const auto upto = [&](std::size_t n) {
    return Span{module_.source, at, at + static_cast<std::uint32_t>(std::min(n, bytes.size()))};
  };
  if (bytes.empty()) return std::unexpected(Error(rules::magic, upto(0), "the input is empty"));
  if (bytes.size() < 4 || word_at(bytes, 0) != wasm_magic) {
    std::string found = "found";
    for (std::size_t i = 0; i < std::min<std::size_t>(4, bytes.size()); ++i) {
      found += fmt::format(" {:02x}", bytes[i]);
    }
    return std::unexpected(Error(rules::magic, upto(4), found + ", wanted 00 61 73 6d"));
  }
  in.skip(4);
  const std::uint32_t version = TENON_TRY(in.fixed_u32("version"));
  if (version == 1) return {};
  if (is_component(bytes)) {
    Error error(rules::is_component, upto(8));
    return std::unexpected(
        std::move(error).help("`tenon component unbundle` takes its modules out"));
  }
  return std::unexpected(Error(rules::version, Span{module_.source, at + 4, at + 8},
                               fmt::format("found {}, wanted 1", version)));
}

Result<void> Decoder::section(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint8_t byte = TENON_TRY(in.u8("section id"));
  const auto id = static_cast<SectionId>(byte);
  if (id > SectionId::tag) {
    return std::unexpected(
        Error(rules::section_id, in.span_from(begin), fmt::format("found {}", byte)));
  }
  if (id == SectionId::tag) {
    TENON_TRY(require(features_, Gate::exceptions, in.span_from(begin), "tag section"));
  }
  const std::uint32_t size = TENON_TRY(in.u32("section size"));
  if (size > in.left()) {
    return std::unexpected(Error(rules::section_length, in.span_from(begin),
                                 fmt::format("{} bytes announced, {} left", size, in.left())));
  }
  if (module_.sections.size() >= max_sections) {
    return std::unexpected(
        Error(rules::implementation_limit, in.span_from(begin), "too many sections"));
  }
  Reader content = TENON_TRY(in.sub(size, "section"));
  module_.sections.push_back({id, range(content.offset(), content.offset() + size)});
  if (id == SectionId::custom) return custom(content);
  if (rank_of(id) <= rank_of(last_)) {
    return std::unexpected(
        Error(rules::section_order, Span{in.source(), begin, in.offset()},
              fmt::format("section {} after section {}", byte, static_cast<unsigned>(last_))));
  }
  last_ = id;
  TENON_TRY(known(id, content));
  if (!content.at_end()) {
    return std::unexpected(
        Error(rules::section_size,
              Span{in.source(), content.offset(),
                   content.offset() + static_cast<std::uint32_t>(content.left())},
              fmt::format("{} bytes follow the content", content.left())));
  }
  return {};
}

Result<void> Decoder::known(SectionId id, Reader& in) {
  switch (id) {
    case SectionId::custom:
      return {};
    case SectionId::type:
      return types(in);
    case SectionId::import_:
      return imports(in);
    case SectionId::func:
      return funcs(in);
    case SectionId::table:
      return tables(in);
    case SectionId::mem:
      return mems(in);
    case SectionId::tag:
      return tags(in);
    case SectionId::global:
      return globals(in);
    case SectionId::export_:
      return exports(in);
    case SectionId::start:
      return start(in);
    case SectionId::elem:
      return elems(in);
    case SectionId::code:
      return codes(in);
    case SectionId::data:
      return datas(in);
    case SectionId::data_count:
      module_.data_count = TENON_TRY(in.u32("data count"));
      return {};
  }
  return {};
}

Result<std::uint32_t> Decoder::count(Reader& in, const char* what, std::uint32_t limit,
                                     std::size_t present) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t n = TENON_TRY(in.u32(what));
  if (n > in.left()) {
    return std::unexpected(
        Error(tenon::rules::unexpected_end, in.span_from(begin),
              fmt::format("{} {} announced, {} bytes left", n, what, in.left())));
  }
  if (n + present > limit) {
    return std::unexpected(Error(rules::implementation_limit, in.span_from(begin),
                                 fmt::format("{} {}, at most {}", n + present, what, limit)));
  }
  return n;
}

Result<std::string_view> Decoder::name(Reader& in, const char* what) {
  const std::uint32_t begin = in.offset();
  const std::string_view out = TENON_TRY(in.name(what));
  if (out.size() > limits::name_bytes) {
    return std::unexpected(
        Error(rules::implementation_limit, in.span_from(begin),
              fmt::format("{} of {} bytes, at most {}", what, out.size(), limits::name_bytes)));
  }
  return out;
}

Result<Expr> Decoder::const_expr(Reader& in) {
  SkipVisitor skip;
  const std::uint32_t begin = in.offset();
  const auto left = static_cast<std::uint32_t>(in.left());
  const std::uint32_t end = TENON_TRY(decode_expr(module_.bytes.view(), range(begin, begin + left),
                                                  module_.source, module_.base, scratch_, skip));
  in.skip(end - (begin - module_.base));
  return Expr{begin - module_.base, end};
}

Result<void> Decoder::custom(Reader& in) {
  const std::uint32_t begin = in.offset();
  CustomSection section;
  section.name = TENON_TRY(in.name("custom section name"));
  section.after = last_;
  const auto end = in.offset() + static_cast<std::uint32_t>(in.left());
  section.content = range(in.offset(), end);
  section.span = Span{module_.source, begin, end};
  module_.customs.push_back(section);
  return {};
}

Result<void> Decoder::types(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "types", limits::types));
  module_.types.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const TypeIdx next = module_.types.next();
    const std::uint32_t begin = in.offset();
    const std::uint32_t added = TENON_TRY(read_rectype(in, features_, module_.types.raw()));
    if (added == 0) module_.empty_recs.push_back(next);
    module_.spans.types.resize(module_.types.size(), in.span_from(begin));
  }
  return {};
}

Result<void> Decoder::imports(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "imports", limits::imports));
  module_.imports.reserve(n);
  const std::uint32_t begin = in.offset();
  for (std::uint32_t i = 0; i < n; ++i) TENON_TRY(import_one(in));
  if (!module_.import_groups.empty() && module_.imports.size() > limits::imports) {
    return std::unexpected(
        Error(rules::implementation_limit, in.span_from(begin),
              fmt::format("{} imports, at most {}", module_.imports.size(), limits::imports)));
  }
  const auto at_most = [&](std::size_t found, const char* what,
                           std::uint32_t limit) -> Result<void> {
    if (found <= limit) return {};
    return std::unexpected(Error(rules::implementation_limit, in.span_from(begin),
                                 fmt::format("{} imported {}, at most {}", found, what, limit)));
  };
  TENON_TRY(at_most(module_.table_types.size(), "tables", limits::tables));
  TENON_TRY(at_most(module_.mem_types.size(), "memories", limits::mems));
  module_.num_imported_funcs = static_cast<std::uint32_t>(module_.func_types.size());
  module_.num_imported_tables = static_cast<std::uint32_t>(module_.table_types.size());
  module_.num_imported_mems = static_cast<std::uint32_t>(module_.mem_types.size());
  module_.num_imported_globals = static_cast<std::uint32_t>(module_.global_types.size());
  module_.num_imported_tags = static_cast<std::uint32_t>(module_.tag_types.size());
  return {};
}

Result<void> Decoder::import_one(Reader& in) {
  const std::uint32_t begin = in.offset();
  Import import;
  import.module = TENON_TRY(name(in, "module name"));
  import.name = TENON_TRY(name(in, "import name"));
  if (import.name.empty() && !in.at_end() && (in.peek() == 0x7E || in.peek() == 0x7F)) {
    ImportGroup group;
    group.form = static_cast<ImportGroup::Form>(in.peek());
    group.module = import.module;
    group.span = in.span_from(begin);
    return import_group(in, group);
  }
  import.type = TENON_TRY(read_externtype(in, features_));
  import.span = in.span_from(begin);
  add_import(import);
  return {};
}

/// A module name for several imports. Spec: the proposal `compact-imports`.
Result<void> Decoder::import_group(Reader& in, ImportGroup group) {
  TENON_TRY(require_form(rules::import_kind, in, in.offset(), in.peek(), features_,
                         Gate::compact_imports, "group of imports"));
  in.skip(1);
  const bool one_type = group.form == ImportGroup::Form::one_type;
  if (one_type) group.type = TENON_TRY(read_externtype(in, features_));
  group.first = static_cast<std::uint32_t>(module_.imports.size());
  group.count = TENON_TRY(count(in, "imports", limits::imports, module_.imports.size()));
  for (std::uint32_t i = 0; i < group.count; ++i) {
    const std::uint32_t begin = in.offset();
    Import import;
    import.module = group.module;
    import.name = TENON_TRY(name(in, "import name"));
    import.type = group.type;
    if (!one_type) import.type = TENON_TRY(read_externtype(in, features_));
    import.span = in.span_from(begin);
    add_import(import);
  }
  module_.import_groups.push_back(group);
  return {};
}

void Decoder::add_import(const Import& import) {
  switch (import.type.kind) {
    case ExternKind::func:
      module_.func_types.push_back(import.type.func);
      break;
    case ExternKind::table:
      module_.table_types.push_back(import.type.table);
      break;
    case ExternKind::mem:
      module_.mem_types.push_back(import.type.mem);
      break;
    case ExternKind::global:
      module_.global_types.push_back(import.type.global);
      break;
    case ExternKind::tag:
      module_.tag_types.push_back(import.type.tag);
      break;
  }
  module_.imports.push_back(import);
}

Result<void> Decoder::funcs(Reader& in) {
  const std::uint32_t n =
      TENON_TRY(count(in, "functions", limits::funcs, module_.func_types.size()));
  module_.funcs.reserve(n);
  module_.func_types.reserve(module_.func_types.size() + n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t begin = in.offset();
    const auto type_index = TENON_TRY(in.u32("function type"));
    const TypeIdx type(type_index);
    module_.spans.funcs.push_back(in.span_from(begin));
    module_.funcs.push_back(Func{type});
    module_.func_types.push_back(type);
  }
  return {};
}

Result<void> Decoder::tables(Reader& in) {
  const std::uint32_t n =
      TENON_TRY(count(in, "tables", limits::tables, module_.table_types.size()));
  for (std::uint32_t i = 0; i < n; ++i) {
    Table table;
    const std::uint32_t begin = in.offset();
    const bool has_init = !in.at_end() && in.peek() == 0x40;
    if (has_init) {
      in.skip(1);
      const std::uint8_t zero = TENON_TRY(in.u8("table form"));
      if (zero != 0) {
        return std::unexpected(
            Error(rules::table_form, in.span_from(begin), fmt::format("found {:#04x}", zero)));
      }
      TENON_TRY(
          require(features_, Gate::function_references, in.span_from(begin), "table initialiser"));
    }
    table.type = TENON_TRY(read_tabletype(in, features_));
    if (has_init) table.init = TENON_TRY(const_expr(in));
    module_.spans.tables.push_back(in.span_from(begin));
    module_.table_types.push_back(table.type);
    module_.tables.push_back(table);
  }
  return {};
}

Result<void> Decoder::mems(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "memories", limits::mems, module_.mem_types.size()));
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t begin = in.offset();
    const auto mem = TENON_TRY(read_memtype(in, features_));
    module_.spans.mems.push_back(in.span_from(begin));
    module_.mems.push_back(mem);
    module_.mem_types.push_back(module_.mems.back());
  }
  return {};
}

Result<void> Decoder::tags(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "tags", limits::tags, module_.tag_types.size()));
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t begin = in.offset();
    const auto tag = TENON_TRY(read_tagtype(in, features_));
    module_.spans.tags.push_back(in.span_from(begin));
    module_.tags.push_back(tag);
    module_.tag_types.push_back(module_.tags.back());
  }
  return {};
}

Result<void> Decoder::globals(Reader& in) {
  const std::uint32_t n =
      TENON_TRY(count(in, "globals", limits::globals, module_.global_types.size()));
  module_.globals.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    Global global;
    const std::uint32_t begin = in.offset();
    global.type = TENON_TRY(read_globaltype(in, features_));
    global.init = TENON_TRY(const_expr(in));
    module_.spans.globals.push_back(in.span_from(begin));
    module_.global_types.push_back(global.type);
    module_.globals.push_back(global);
  }
  return {};
}

Result<void> Decoder::exports(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "exports", limits::exports));
  module_.exports.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t begin = in.offset();
    Export e;
    e.name = TENON_TRY(name(in, "export name"));
    const std::uint32_t at = in.offset();
    const std::uint8_t kind = TENON_TRY(in.u8("export kind"));
    if (kind > static_cast<std::uint8_t>(ExternKind::tag)) {
      return std::unexpected(
          Error(rules::export_kind, in.span_from(at), fmt::format("found {:#04x}", kind)));
    }
    e.kind = static_cast<ExternKind>(kind);
    e.index = TENON_TRY(in.u32("export index"));
    e.span = in.span_from(begin);
    module_.exports.push_back(e);
  }
  return {};
}

Result<void> Decoder::start(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t func = TENON_TRY(in.u32("start function"));
  module_.spans.start = in.span_from(begin);
  module_.start = FuncIdx(func);
  return {};
}

Result<void> Decoder::elems(Reader& in) {
  const std::uint32_t n = TENON_TRY(count(in, "element segments", limits::elems));
  module_.elems.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) TENON_TRY(elem_one(in));
  return {};
}

/// Spec: core/binary/modules "Element Section". Flag bit 0: passive or declarative; bit 1: table
/// index or declarative; bit 2: expressions.
Result<void> Decoder::elem_one(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t flags = TENON_TRY(in.u32("element flags"));
  if (flags > 7) {
    return std::unexpected(
        Error(rules::elem_flags, in.span_from(begin), fmt::format("found {:#x}", flags)));
  }
  Elem elem;
  elem.flags = static_cast<std::uint8_t>(flags);
  const bool active = (flags & 1U) == 0;
  elem.mode = active ? Elem::Mode::active
                     : ((flags & 2U) != 0 ? Elem::Mode::declarative : Elem::Mode::passive);
  if (active && (flags & 2U) != 0) {
    const auto table = TENON_TRY(in.u32("table"));
    elem.table = TableIdx(table);
  }
  if (active) elem.offset = TENON_TRY(const_expr(in));
  if ((flags & 3U) == 0) {
    // The short forms: `ref func` with indices, `ref null func` with expressions.
    elem.type = ValType::ref(TypeCode::func, (flags & 4U) != 0);
  } else if ((flags & 4U) != 0) {
    elem.type = TENON_TRY(read_reftype(in, features_));
  } else {
    const std::uint32_t at = in.offset();
    const std::uint8_t kind = TENON_TRY(in.u8("element kind"));
    if (kind != 0) {
      return std::unexpected(
          Error(rules::elem_kind, in.span_from(at), fmt::format("found {:#04x}", kind)));
    }
    elem.type = ValType::ref(TypeCode::func, false);
  }
  TENON_TRY(elem_items(in, elem));
  elem.span = in.span_from(begin);
  module_.elems.push_back(std::move(elem));
  return {};
}

Result<void> Decoder::elem_items(Reader& in, Elem& elem) {
  const std::uint32_t n = TENON_TRY(count(in, "elements", limits::table_entries));
  if ((elem.flags & 4U) != 0) {
    elem.exprs.reserve(std::min<std::size_t>(n, in.left() / 2));
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto expr = TENON_TRY(const_expr(in));
      elem.exprs.push_back(expr);
    }
  } else {
    elem.funcs.reserve(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto func = TENON_TRY(in.u32("function"));
      elem.funcs.push_back(FuncIdx(func));
    }
  }
  return {};
}

Result<void> Decoder::codes(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t n = TENON_TRY(in.u32("bodies"));
  num_codes_ = n;
  if (n != module_.funcs.size()) {
    return std::unexpected(Error(rules::func_code_count, in.span_from(begin),
                                 fmt::format("{} bodies, {} functions", n, module_.funcs.size())));
  }
  module_.codes.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    auto code = TENON_TRY(code_one(in));
    module_.codes.push_back(std::move(code));
  }
  return {};
}

Result<Code> Decoder::code_one(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t size = TENON_TRY(in.u32("body size"));
  if (size > limits::body_bytes) {
    return std::unexpected(
        Error(rules::implementation_limit, in.span_from(begin),
              fmt::format("a body of {} bytes, at most {}", size, limits::body_bytes)));
  }
  Reader entry = TENON_TRY(in.sub(size, "function body"));
  Code code;
  code.entry = range(entry.offset(), entry.offset() + size);
  const std::uint32_t groups = TENON_TRY(count(entry, "local groups", 0xFFFFFFFF));
  code.locals.reserve(std::min<std::size_t>(groups, entry.left() / 2));
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < groups; ++i) {
    const std::uint32_t at = entry.offset();
    const std::uint32_t n = TENON_TRY(entry.u32("local count"));
    total += n;
    if (total > 0xFFFFFFFF) {
      return std::unexpected(
          Error(rules::too_many_locals, entry.span_from(at), fmt::format("{} locals", total)));
    }
    const ValType type = TENON_TRY(read_valtype(entry, features_));
    code.locals.push_back({n, type});
  }
  if (total > limits::locals) {
    return std::unexpected(Error(rules::implementation_limit, entry.span_from(begin),
                                 fmt::format("{} locals, at most {}", total, limits::locals)));
  }
  code.body = Expr{entry.offset() - module_.base, code.entry.end};
  return code;
}

Result<void> Decoder::datas(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t n = TENON_TRY(count(in, "data segments", limits::datas));
  if (module_.data_count && *module_.data_count != n) {
    return std::unexpected(Error(rules::data_count, in.span_from(begin),
                                 fmt::format("{} segments, {} announced", n, *module_.data_count)));
  }
  module_.datas.reserve(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    auto data = TENON_TRY(data_one(in));
    module_.datas.push_back(std::move(data));
  }
  return {};
}

Result<Data> Decoder::data_one(Reader& in) {
  const std::uint32_t begin = in.offset();
  const std::uint32_t flags = TENON_TRY(in.u32("data flags"));
  if (flags > 2) {
    return std::unexpected(
        Error(rules::data_flags, in.span_from(begin), fmt::format("found {:#x}", flags)));
  }
  Data data;
  data.flags = static_cast<std::uint8_t>(flags);
  data.mode = flags == 1 ? Data::Mode::passive : Data::Mode::active;
  if (flags == 2) {
    const auto mem = TENON_TRY(in.u32("memory"));
    data.mem = MemIdx(mem);
  }
  if (flags != 1) data.offset = TENON_TRY(const_expr(in));
  const ByteSpan content = TENON_TRY(in.sized_bytes("data"));
  data.bytes = range(in.offset() - static_cast<std::uint32_t>(content.size()), in.offset());
  data.span = in.span_from(begin);
  return data;
}

Result<void> Decoder::counts_agree() {
  const auto end = module_.base + static_cast<std::uint32_t>(module_.bytes.size());
  const Span at_end{module_.source, end, end};
  if (!num_codes_ && !module_.funcs.empty()) {
    return std::unexpected(
        Error(rules::func_code_count, at_end,
              fmt::format("no code section, {} functions", module_.funcs.size())));
  }
  if (module_.data_count && *module_.data_count != module_.datas.size()) {
    return std::unexpected(
        Error(rules::data_count, at_end,
              fmt::format("{} segments, {} announced", module_.datas.size(), *module_.data_count)));
  }
  return {};
}

}  // namespace

bool is_core_module(ByteSpan bytes) {
  return bytes.size() >= 8 && word_at(bytes, 0) == wasm_magic && bytes[6] == 0 && bytes[7] == 0;
}

bool is_component(ByteSpan bytes) {
  return bytes.size() >= 8 && word_at(bytes, 0) == wasm_magic && bytes[6] == 1 && bytes[7] == 0;
}

Result<Module> decode(Blob bytes, const Features& features, std::uint32_t source,
                      std::uint32_t base) {
  return Decoder(std::move(bytes), features, source, base).run();
}

Span Module::span_at(std::uint32_t offset) const {
  if (places.empty()) return {source, base + offset, base + offset + 1};
  const auto next = std::ranges::upper_bound(places, offset, {}, &Place::at);
  const Place& place = next == places.begin() ? *next : *(next - 1);
  return {source, place.begin, place.end};
}

ExternType type_of(const Module& module, const Export& e) {
  ExternType type;
  type.kind = e.kind;
  switch (e.kind) {
    case ExternKind::func:
      type.func = module.func_types[e.index];
      break;
    case ExternKind::table:
      type.table = module.table_types[e.index];
      break;
    case ExternKind::mem:
      type.mem = module.mem_types[e.index];
      break;
    case ExternKind::global:
      type.global = module.global_types[e.index];
      break;
    case ExternKind::tag:
      type.tag = module.tag_types[e.index];
      break;
  }
  return type;
}

const CustomSection* find_custom(const Module& module, std::string_view name) {
  const auto it = std::ranges::find(module.customs, name, &CustomSection::name);
  return it == module.customs.end() ? nullptr : &*it;
}

}  // namespace tenon::core
