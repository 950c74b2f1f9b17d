// SPDX-License-Identifier: Apache-2.0
// Two passes, because identifiers and types may be used before they are defined: the first collects
// names and the places of types, then types are read, then all fields. Expressions are encoded into
// the module's bytes while they are read, so that a module from text is the same structure as one
// from a binary.
// Spec: core/text/modules
#include "tenon/text/parse_module.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/unicode.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/module_parser.h"
#include "tenon/text/rules.h"

namespace tenon::text {

using core::ExternKind;

// ---- First pass: identifiers ----

Result<void> ModuleParser::collect_name(Cursor& scan, NameMap& names, std::uint32_t& count,
                                        const Rule& duplicate) {
  const std::uint32_t index = count++;
  const auto id = scan.eat_id();
  if (id && !names.insert(id->name, index)) {
    return std::unexpected(Error(duplicate, id->span, fmt::format("`${}`", id->name)));
  }
  return {};
}

/// Counts the segment of `(memory (data …))` and `(table … (elem …))`.
void ModuleParser::collect_inline_segment(Cursor& scan, std::string_view keyword,
                                          std::uint32_t& count) {
  while (!scan.at(TokenKind::rparen) && !scan.at(TokenKind::eof) && !scan.at(TokenKind::bad)) {
    if (scan.at_open("import")) return;
    if (scan.at_open(keyword)) {
      ++count;
      return;
    }
    if (scan.at(TokenKind::lparen)) {
      scan.take();
      if (!scan.skip_to_close()) return;
    } else {
      scan.take();
    }
  }
}

Result<void> ModuleParser::collect_item(Cursor& scan, std::string_view kind) {
  if (kind == "func") return collect_name(scan, names_.funcs, funcs_.count, rules::duplicate_func);
  if (kind == "table")
    return collect_name(scan, names_.tables, tables_.count, rules::duplicate_table);
  if (kind == "memory")
    return collect_name(scan, names_.mems, mems_.count, rules::duplicate_memory);
  if (kind == "global")
    return collect_name(scan, names_.globals, globals_.count, rules::duplicate_global);
  if (kind == "tag") return collect_name(scan, names_.tags, tags_.count, rules::duplicate_tag);
  return {};
}

Result<void> ModuleParser::collect_import(Cursor& scan) {
  const auto item = [&]() -> Result<void> {
    const std::string_view kind = scan.open_keyword();
    if (kind.empty()) return {};
    scan.take();
    scan.take();
    TENON_TRY(collect_item(scan, kind));
    (void)scan.skip_to_close();
    return {};
  };
  const bool group = scan.at(TokenKind::string) && scan.peek_next().kind != TokenKind::string;
  while (scan.at(TokenKind::string)) scan.take();
  if (!group) return item();
  // Items without a type of their own share the one that follows them.
  std::uint32_t waiting = 0;
  while (scan.eat_open("item")) {
    while (scan.at(TokenKind::string)) scan.take();
    if (scan.at(TokenKind::lparen)) {
      TENON_TRY(item());
    } else {
      ++waiting;
    }
    if (!scan.skip_to_close()) return {};
  }
  if (const auto kind = import_kind(scan.open_keyword())) space_of(*kind).count += waiting;
  return {};
}

Result<void> ModuleParser::collect_field(Cursor& scan) {
  const std::uint32_t begin = scan.peek().begin;
  const std::string_view kind = scan.open_keyword();
  scan.take();
  if (kind.empty()) return {};
  scan.take();
  const auto collect_type = [&]() -> Result<void> {
    const std::uint32_t index = num_types_;
    const auto id = scan.peek();
    TENON_TRY(collect_name(scan, space_.names, num_types_, rules::duplicate_type));
    auto annotated = TENON_TRY(name_annotation(scan));
    if (annotated) {
      type_names_.push_back({index, std::move(*annotated)});
    } else if (id.kind == TokenKind::id || id.kind == TokenKind::quoted_id) {
      type_names_.push_back({index, std::string(scan.id_name(id))});
    }
    return {};
  };
  if (kind == "type") {
    type_places_.push_back(begin);
    return collect_type();
  }
  if (kind == "rec") {
    type_places_.push_back(begin);
    while (scan.eat_open("type")) {
      TENON_TRY(collect_type());
      if (!scan.skip_to_close()) return {};
    }
    return {};
  }
  if (kind == "import") return collect_import(scan);
  if (kind == "elem")
    return collect_name(scan, names_.elems, elems_.count, rules::duplicate_segment);
  if (kind == "data")
    return collect_name(scan, names_.datas, datas_.count, rules::duplicate_segment);
  TENON_TRY(collect_item(scan, kind));
  if (kind == "memory") collect_inline_segment(scan, "data", datas_.count);
  if (kind == "table") collect_inline_segment(scan, "elem", elems_.count);
  return {};
}

Cursor ModuleParser::second_cursor() const {
  Cursor scan(c_.whole_text(), c_.source(), c_.arena(), c_.peek().begin);
  scan.read_legacy(c_.reads_legacy());
  return scan;
}

Result<void> ModuleParser::collect() {
  Cursor scan = second_cursor();
  while (scan.at(TokenKind::lparen)) {
    const std::uint32_t depth = scan.depth();
    TENON_TRY(collect_field(scan));
    while (scan.depth() > depth) {
      if (auto closed = scan.skip_to_close(); !closed) {
        collect_error_ = std::move(closed).error();
        return {};
      }
    }
    scan.clear_annotations();
  }
  if (!scan.at(TokenKind::rparen) && !scan.at(TokenKind::eof))
    collect_error_ = scan.unexpected("a module field");
  return {};
}

Result<void> ModuleParser::read_types() {
  Cursor scan = second_cursor();
  TypeParser types(scan, space_);
  for (const std::uint32_t place : type_places_) {
    scan.seek(place, 1);
    scan.take();
    if (scan.eat_keyword("rec")) {
      TENON_TRY(types.rec_group());
    } else {
      scan.take();
      scan.eat_id();
      TENON_TRY(name_annotation(scan));
      TENON_TRY(types.type_def(static_cast<std::uint32_t>(space_.types.size())));
    }
    scan.clear_annotations();
  }
  return {};
}

// ---- Second pass: small steps ----

Result<ByteRange> ModuleParser::name_string(std::string_view wanted) {
  const Span at = c_.span();
  const ByteRange range = TENON_TRY(c_.string(out_.raw(), wanted));
  if (!is_utf8(range.in(out_.view()))) return std::unexpected(Error(rules::malformed_name, at));
  return range;
}

Result<void> ModuleParser::bind(Space& space) {
  const std::uint32_t index = space.count++;
  const auto id = c_.eat_id();
  auto annotated = TENON_TRY(name_annotation(c_));
  if (annotated) {
    space.names.push_back({index, std::move(*annotated)});
  } else if (id) {
    space.names.push_back({index, std::string(id->name)});
  }
  return {};
}

Result<void> ModuleParser::inline_exports(ExternKind kind, std::uint32_t index) {
  while (c_.at_open("export")) {
    const std::uint32_t begin = c_.peek().begin;
    c_.take();
    c_.take();
    const ByteRange name = TENON_TRY(name_string("the export's name"));
    TENON_TRY(c_.expect_close());
    export_names_.push_back(name);
    m_.exports.push_back({{}, kind, index, c_.span_from(begin)});
  }
  return {};
}

Result<void> ModuleParser::define(std::string_view what) {
  if (first_definition_.empty()) first_definition_ = what;
  return {};
}

Result<core::Expr> ModuleParser::expression() {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  TENON_TRY(instrs_.expression());
  return core::Expr{begin, static_cast<std::uint32_t>(out_.size())};
}

// ---- Second pass: fields ----

Result<void> ModuleParser::local_names(const std::vector<LocalName>& names, std::uint32_t func) {
  if (names.empty()) return {};
  NameMap& locals = instrs_.locals();
  if (func_names_.empty() || func_names_.back().func != func) func_names_.push_back({func, {}, {}});
  for (const LocalName& name : names) {
    if (name.id && !locals.insert(name.id->name, name.index)) {
      return std::unexpected(
          Error(rules::duplicate_local, name.id->span, fmt::format("`${}`", name.id->name)));
    }
    func_names_.back().locals.push_back({name.index, name.name});
  }
  return {};
}

Result<void> ModuleParser::locals(const TypeUse& use, std::uint32_t func, core::Code& code) {
  std::uint32_t index = 0;
  if (space_.types.contains(use.type)) {
    index = static_cast<std::uint32_t>(space_.types[use.type].type.func.params.size());
  }
  TENON_TRY(local_names(use.param_names, func));
  std::vector<LocalName> names;
  const auto add = [&](core::ValType type) {
    if (!code.locals.empty() && code.locals.back().type == type) {
      ++code.locals.back().count;
    } else {
      code.locals.push_back({1, type});
    }
    ++index;
  };
  while (c_.eat_open("local")) {
    const auto id = c_.eat_id();
    auto annotated = TENON_TRY(name_annotation(c_));
    if (id || annotated) {
      names.push_back({index, id, annotated ? std::move(*annotated) : std::string(id->name)});
      const core::ValType type = TENON_TRY(types_.val_type());
      add(type);
    } else {
      while (!c_.at(TokenKind::rparen)) {
        const core::ValType type = TENON_TRY(types_.val_type());
        add(type);
      }
    }
    TENON_TRY(c_.expect_close());
  }
  TENON_TRY(local_names(names, func));
  out_.u32(static_cast<std::uint32_t>(code.locals.size()));
  for (const core::LocalGroup& group : code.locals) {
    out_.u32(group.count);
    core::write_valtype(out_, group.type);
  }
  return {};
}

Result<void> ModuleParser::func_field() {
  const Span at = keyword_span("func");
  const std::uint32_t begin = c_.previous_end();
  const std::uint32_t index = funcs_.count;
  TENON_TRY(bind(funcs_));
  TENON_TRY(inline_exports(ExternKind::func, index));
  core::Import import;
  const bool imported = TENON_TRY(inline_import(import, ExternKind::func));
  const TypeUse use = TENON_TRY(types_.type_use(true));
  instrs_.begin_function();
  if (imported) {
    TENON_TRY(local_names(use.param_names, index));
    import.type.func = use.type;
    return add_import(import);
  }
  TENON_TRY(define("function"));
  core::Code code;
  code.entry.begin = static_cast<std::uint32_t>(out_.size());
  TENON_TRY(locals(use, index, code));
  code.body = TENON_TRY(expression());
  code.entry.end = code.body.end;
  TENON_TRY(no_hint_since(begin));
  if (!instrs_.label_names().empty()) {
    if (func_names_.empty() || func_names_.back().func != index)
      func_names_.push_back({index, {}, {}});
    func_names_.back().labels = instrs_.label_names();
  }
  if (!instrs_.branch_hints().empty()) {
    for (core::BranchHint& hint : instrs_.branch_hints()) hint.offset -= code.entry.begin;
    hints_.push_back({core::FuncIdx(index), std::move(instrs_.branch_hints())});
  }
  m_.spans.funcs.push_back(at);
  m_.funcs.push_back({use.type});
  m_.func_types.push_back(use.type);
  m_.codes.push_back(std::move(code));
  return {};
}

Result<void> ModuleParser::global_field() {
  const std::uint32_t begin = c_.peek().begin;
  const std::uint32_t index = globals_.count;
  TENON_TRY(bind(globals_));
  TENON_TRY(inline_exports(ExternKind::global, index));
  core::Import import;
  const bool imported = TENON_TRY(inline_import(import, ExternKind::global));
  const core::GlobalType type = TENON_TRY(types_.global_type());
  if (imported) {
    import.type.global = type;
    return add_import(import);
  }
  TENON_TRY(define("global"));
  const core::Expr init = TENON_TRY(expression());
  m_.spans.globals.push_back(c_.span_from(begin));
  m_.globals.push_back({type, init});
  m_.global_types.push_back(type);
  return {};
}

Result<void> ModuleParser::tag_field() {
  const std::uint32_t begin = c_.peek().begin;
  const std::uint32_t index = tags_.count;
  TENON_TRY(bind(tags_));
  TENON_TRY(inline_exports(ExternKind::tag, index));
  core::Import import;
  const bool imported = TENON_TRY(inline_import(import, ExternKind::tag));
  const TypeUse use = TENON_TRY(types_.type_use(true));
  if (imported) {
    import.type.tag.type = use.type;
    return add_import(import);
  }
  TENON_TRY(define("tag"));
  m_.spans.tags.push_back(c_.span_from(begin));
  m_.tags.push_back({use.type});
  m_.tag_types.push_back({use.type});
  return {};
}

Result<void> ModuleParser::export_field() {
  const std::uint32_t begin = c_.previous_end();
  const ByteRange name = TENON_TRY(name_string("the export's name"));
  const std::string_view kind = c_.open_keyword();
  core::Export out;
  const auto item = [&](ExternKind extern_kind, const NameMap& names,
                        std::string_view what) -> Result<void> {
    c_.take();
    c_.take();
    out.kind = extern_kind;
    out.index = TENON_TRY(parse_index(c_, names, what));
    return c_.expect_close();
  };
  if (kind == "func")
    TENON_TRY(item(ExternKind::func, names_.funcs, "function"));
  else if (kind == "table")
    TENON_TRY(item(ExternKind::table, names_.tables, "table"));
  else if (kind == "memory")
    TENON_TRY(item(ExternKind::mem, names_.mems, "memory"));
  else if (kind == "global")
    TENON_TRY(item(ExternKind::global, names_.globals, "global"));
  else if (kind == "tag")
    TENON_TRY(item(ExternKind::tag, names_.tags, "tag"));
  else
    return std::unexpected(c_.unexpected("`(func`, `(table`, `(memory`, `(global` or `(tag`"));
  out.span = c_.span_from(begin);
  export_names_.push_back(name);
  m_.exports.push_back(out);
  return {};
}

Result<void> ModuleParser::start_field() {
  const Span at = c_.span();
  const std::uint32_t func = TENON_TRY(parse_index(c_, names_.funcs, "function"));
  if (m_.start) return std::unexpected(Error(rules::multiple_start, at));
  m_.start = core::FuncIdx(func);
  m_.spans.start = at;
  return {};
}

Result<void> ModuleParser::field() {
  const std::string_view kind = c_.open_keyword();
  if (kind.empty()) {
    if (c_.at(TokenKind::lparen)) c_.take();
    return std::unexpected(c_.unexpected("a module field"));
  }
  if (kind == "type" || kind == "rec") {
    c_.take();
    return c_.skip_to_close();
  }
  using Field = Result<void> (ModuleParser::*)();
  Field read = nullptr;
  if (kind == "func")
    read = &ModuleParser::func_field;
  else if (kind == "import")
    read = &ModuleParser::import_field;
  else if (kind == "export")
    read = &ModuleParser::export_field;
  else if (kind == "memory")
    read = &ModuleParser::memory_field;
  else if (kind == "table")
    read = &ModuleParser::table_field;
  else if (kind == "global")
    read = &ModuleParser::global_field;
  else if (kind == "tag")
    read = &ModuleParser::tag_field;
  else if (kind == "elem")
    read = &ModuleParser::elem_field;
  else if (kind == "data")
    read = &ModuleParser::data_field;
  else if (kind == "start")
    read = &ModuleParser::start_field;
  else
    return std::unexpected(c_.unexpected("a module field, such as `(func` or `(import`"));
  c_.take();
  c_.take();
  instrs_.locals().clear();
  TENON_TRY((this->*read)());
  return c_.expect_close();
}

void ModuleParser::finish(const std::optional<Id>& id, std::optional<std::string_view> name) {
  if (instrs_.uses_data() || wants_data_count_)
    m_.data_count = static_cast<std::uint32_t>(m_.datas.size());
  // Hints are first in their place; names are first of what comes after the last known section.
  const std::vector<Custom> written = std::move(customs_);
  customs_.clear();
  build_branch_hints();
  std::ranges::copy_if(written, std::back_inserter(customs_),
                       [](const Custom& c) { return !c.last; });
  build_name_section(id, name);
  std::ranges::copy_if(written, std::back_inserter(customs_),
                       [](const Custom& c) { return c.last; });

  m_.types = std::move(space_.types);
  m_.empty_recs = std::move(space_.empty_recs);
  m_.spans.types = std::move(space_.spans);
  m_.places = instrs_.take_places();
  m_.bytes = Blob::own(out_.take());
  m_.source = c_.source();
  const ByteSpan bytes = m_.bytes.view();
  const auto text = [&](ByteRange range) {
    const ByteSpan in = range.in(bytes);
    return std::string_view(reinterpret_cast<const char*>(in.data()), in.size());
  };
  for (std::size_t i = 0; i < m_.imports.size(); ++i) {
    m_.imports[i].module = text(import_names_[2 * i]);
    m_.imports[i].name = text(import_names_[2 * i + 1]);
  }
  for (std::size_t i = 0; i < m_.exports.size(); ++i) m_.exports[i].name = text(export_names_[i]);
  for (std::size_t i = 0; i < m_.import_groups.size(); ++i)
    m_.import_groups[i].module = text(group_names_[i]);
  for (const Custom& custom : customs_) {
    m_.customs.push_back({text(custom.name), custom.content, custom.after, custom.span});
  }
}

Result<core::Module> ModuleParser::parse(const std::optional<Id>& id,
                                         std::optional<std::string_view> name) {
  TENON_TRY(collect());
  TENON_TRY(read_types());
  funcs_.count = tables_.count = mems_.count = globals_.count = 0;
  tags_.count = elems_.count = datas_.count = 0;
  for (;;) {
    if (c_.has_annotations()) TENON_TRY(customs());
    if (c_.at(TokenKind::rparen) || c_.at(TokenKind::eof)) break;
    if (auto read = field(); !read) {
      // A name may be unknown only because the first pass could not go on.
      if (collect_error_ && read.error().rule() == rules::unknown_name)
        return std::unexpected(std::move(*collect_error_));
      return std::unexpected(std::move(read).error());
    }
  }
  finish(id, name);
  return std::move(m_);
}

// ---- Entry points ----

Result<core::Module> parse_module_fields(Cursor& cursor, const std::optional<Id>& id,
                                         std::optional<std::string_view> name) {
  return ModuleParser(cursor).parse(id, name);
}

Result<core::Module> parse_module_at(Cursor& cursor) {
  TENON_TRY(cursor.expect_open_keyword("module"));
  const auto id = cursor.eat_id();
  const auto annotated = TENON_TRY(name_annotation(cursor));
  if (cursor.eat_keyword("binary")) {
    std::vector<std::uint8_t> bytes;
    (void)cursor.strings(bytes);
    TENON_TRY(cursor.expect_close("a string or `)`"));
    return core::decode(Blob::own(std::move(bytes)), core::Features::all(), cursor.source());
  }
  core::Module module = TENON_TRY(parse_module_fields(
      cursor, id, annotated ? std::optional<std::string_view>(*annotated) : std::nullopt));
  TENON_TRY(cursor.expect_close());
  return module;
}

Result<core::Module> parse_module(std::string_view text, std::uint32_t source,
                                  const ModuleTextOptions& options) {
  TENON_TRY(check_source(text, source));
  NameArena arena;
  Cursor cursor(text, source, arena);
  cursor.read_legacy(options.legacy_words);
  if (cursor.at_open("module")) {
    core::Module module = TENON_TRY(parse_module_at(cursor));
    TENON_TRY(cursor.expect_end());
    return module;
  }
  core::Module module = TENON_TRY(parse_module_fields(cursor, std::nullopt, std::nullopt));
  TENON_TRY(cursor.expect_end());
  return module;
}

}  // namespace tenon::text
