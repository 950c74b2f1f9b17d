// SPDX-License-Identifier: Apache-2.0
// Definitions inside others (inline exports, arguments, aliases) are emitted as they are met,
// before the definition that contains them, which gives indices the order of the binary format. Old
// forms are recognised and explained unless they are allowed.
// Spec: Explainer.md "Component Definitions"
#include "tenon/text/parse_component.h"

#include <fmt/format.h>

#include "tenon/component/decode.h"
#include "tenon/core/decode.h"
#include "tenon/text/component_names.h"
#include "tenon/text/component_parser.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/parse_value.h"
#include "tenon/text/producers.h"
#include "tenon/text/rules.h"

// Spec: Explainer.md "Component Definitions" to "Import and Export Definitions".
namespace tenon::text {

using component::Alias;
using component::CoreSort;
using component::ExternName;
using component::Sort;
using component::SortKind;

// ---- Names of imports and exports ----

namespace {

/// The attribute that a keyword names. Explainer.md has `versionsuffix`, wasm-tools
/// `version-suffix`.
std::optional<component::AttributeKind> attribute_kind(std::string_view word) {
  if (word == "implements") return component::AttributeKind::implements;
  if (word == "version-suffix" || word == "versionsuffix")
    return component::AttributeKind::version_suffix;
  if (word == "external-id") return component::AttributeKind::external_id;
  return std::nullopt;
}

}  // namespace

Result<ExternName> ComponentParser::extern_name() {
  ExternName out;
  out.span = c_.span();
  const bool old = c_.at_open("interface");
  if (old) {
    const Token name = c_.peek_at(2);
    if (!legacy_) {
      const bool named = name.kind == TokenKind::string;
      return std::unexpected(old_syntax(out.span, "`(interface …)`",
                                        named ? c_.text(name) : std::string_view("\"…\"")));
    }
    c_.take();
    c_.take();
  }
  out.name = TENON_TRY(c_.name("the name of an import or export"));
  if (old) TENON_TRY(c_.expect_close());
  while (const auto found = attribute_kind(c_.open_keyword())) {
    const component::AttributeKind kind = *found;
    if (out.attribute(kind) != nullptr)
      return std::unexpected(c_.unexpected("each attribute at most once"));
    c_.take();
    c_.take();
    std::string value = TENON_TRY(c_.name());
    TENON_TRY(c_.expect_close());
    out.add(kind, std::move(value));
  }
  return out;
}

/// `(word "name" attribute*)` and nothing after the name: what is inside of a definition.
bool ComponentParser::at_inline(std::string_view word) {
  if (!c_.at_open(word)) return false;
  std::size_t at = 3;
  if (c_.peek_at(2).kind == TokenKind::lparen && c_.text(c_.peek_at(3)) == "interface")
    at = 6;  // the old form of an interface's name
  else if (c_.peek_at(2).kind != TokenKind::string)
    return false;
  while (c_.peek_at(at).kind == TokenKind::lparen) {
    if (!attribute_kind(c_.text(c_.peek_at(at + 1)))) return false;
    if (c_.peek_at(at + 2).kind != TokenKind::string) return false;
    at += 4;
  }
  return c_.peek_at(at).kind == TokenKind::rparen;
}

Result<ComponentParser::Inline> ComponentParser::inline_names() {
  Inline out;
  while (at_inline("export")) {
    c_.take();
    c_.take();
    ExternName name = TENON_TRY(extern_name());
    out.exports.push_back(std::move(name));
    TENON_TRY(c_.expect_close());
  }
  if (at_inline("import")) {
    c_.take();
    c_.take();
    out.import = TENON_TRY(extern_name());
    TENON_TRY(c_.expect_close());
  }
  return out;
}

void ComponentParser::inline_exports(Inline&& names, Sort s, std::uint32_t index, Span span) {
  for (ExternName& name : names.exports) {
    component::Export out;
    out.name = std::move(name);
    out.item = {s, index};
    scopes_.emit(std::move(out), span);
    static_cast<void>(scopes_.bind(s, std::nullopt));
  }
}

Result<void> ComponentParser::inline_import(Inline&& names, BoundExtern bound,
                                            std::uint32_t begin) {
  const Span span = c_.span_from(begin);
  component::Import out;
  out.name = std::move(*names.import);
  out.type = bound.type;
  scopes_.emit(std::move(out), span);
  const std::uint32_t index = TENON_TRY(scopes_.bind(bound.sort, bound.id));
  inline_exports(std::move(names), bound.sort, index, span);
  return {};
}

Result<std::optional<Id>> ComponentParser::id_and_name() {
  const Span span = c_.span();
  std::optional<Id> id = c_.eat_id();
  std::optional<std::string> name = TENON_TRY(name_annotation(c_));
  if (!name) return id;
  if (!id) id = Id{{}, span};
  id->given = given_names_.emplace_back(std::move(*name));
  return id;
}

// ---- Aliases ----

/// `(alias … )` without the sort that an alias definition ends in.
bool ComponentParser::at_inverted_alias() {
  if (!c_.at_open("alias")) return false;
  const std::size_t end = c_.text(c_.peek_at(2)) == "core" ? 6 : 5;
  return c_.peek_at(end).kind == TokenKind::rparen;
}

/// After `(alias`: what is aliased, and with `with_sort` the `(sort $id?)` that follows.
Result<Alias> ComponentParser::alias_target(bool with_sort, Sort s, std::optional<Id>* id) {
  Alias out;
  out.sort = s;
  const auto read_sort = [&]() -> Result<void> {
    if (!with_sort) return {};
    TENON_TRY(c_.expect_open());
    if (c_.eat_keyword("core")) {
      const auto found = core_sort(c_.text());
      if (!found) return std::unexpected(c_.unexpected("a core sort"));
      out.sort = sort(*found);
    } else {
      const auto found = component_sort(c_.text());
      if (!found) return std::unexpected(c_.unexpected("a sort"));
      out.sort = *found;
    }
    c_.take();
    *id = TENON_TRY(id_and_name());
    return c_.expect_close();
  };
  if (c_.eat_keyword("outer")) {
    out.target = Alias::Target::outer;
    out.instance_or_count = TENON_TRY(scopes_.outer_count());
    // The sort comes after the index that it gives a meaning to.
    const Token place = c_.peek();
    if (!c_.at_id() && !c_.at(TokenKind::number))
      return std::unexpected(c_.unexpected("an index or identifier"));
    if (with_sort) {
      c_.take();
      TENON_TRY(read_sort());
      if (place.kind == TokenKind::number) {
        Cursor again(c_.whole_text(), c_.source(), c_.arena(), place.begin);
        out.idx = TENON_TRY(again.u32("an index"));
      } else {
        const std::string_view name = c_.id_name(place);
        const auto found = scopes_.find_at(out.sort, out.instance_or_count, name);
        if (!found) {
          return std::unexpected(
              Error(rules::component_name, c_.span(place),
                    fmt::format("no {} is called `${}` there", sort_text(out.sort), name)));
        }
        out.idx = *found;
      }
    } else {
      out.idx = TENON_TRY(scopes_.outer_idx(s, out.instance_or_count));
    }
    return out;
  }
  const bool core = c_.eat_keyword("core");
  TENON_TRY(c_.expect_keyword("export"));
  out.target = core ? Alias::Target::core_export : Alias::Target::export_;
  out.instance_or_count =
      TENON_TRY(scopes_.idx(core ? sort(CoreSort::instance) : sort(SortKind::instance)));
  out.name = TENON_TRY(c_.name("the name of an export"));
  TENON_TRY(read_sort());
  return out;
}

Result<void> ComponentParser::alias(std::uint32_t begin) {
  std::optional<Id> id;
  Alias out = TENON_TRY(alias_target(true, {}, &id));
  TENON_TRY(c_.expect_close());
  TENON_TRY(done(scopes_.define_alias(std::move(out), id, c_.span_from(begin))));
  return {};
}

Result<std::uint32_t> ComponentParser::inverted_alias(Sort s, const std::optional<Id>& id,
                                                      std::uint32_t begin) {
  TENON_TRY(c_.expect_open_keyword("alias"));
  if (s == sort(CoreSort::type) && !c_.at_keyword("outer"))
    return std::unexpected(c_.unexpected("`outer`"));
  Alias out = TENON_TRY(alias_target(false, s, nullptr));
  TENON_TRY(c_.expect_close());
  TENON_TRY(c_.expect_close());
  return scopes_.define_alias(std::move(out), id, c_.span_from(begin));
}

// ---- Core definitions ----

Result<void> ComponentParser::core_module(std::uint32_t begin) {
  const auto id = c_.eat_id();
  const auto annotated = TENON_TRY(name_annotation(c_));
  Inline names = TENON_TRY(inline_names());
  const Sort s = sort(CoreSort::module);
  if (names.import) {
    BoundExtern bound{s, {}, id};
    bound.type = TENON_TRY(extern_type_rest(s));
    TENON_TRY(c_.expect_close());
    return inline_import(std::move(names), std::move(bound), begin);
  }
  std::uint32_t index = 0;
  if (at_inverted_alias()) {
    index = TENON_TRY(inverted_alias(s, id, begin));
  } else {
    std::unique_ptr<core::Module> module;
    if (c_.eat_keyword("binary")) {
      std::vector<std::uint8_t> bytes;
      static_cast<void>(c_.strings(bytes));
      auto decoded =
          TENON_TRY(core::decode(Blob::own(std::move(bytes)), core::Features::all(), c_.source()));
      module = std::make_unique<core::Module>(std::move(decoded));
    } else {
      // The identifier is the component's for the module, whose own name is its annotation.
      auto parsed = TENON_TRY(parse_module_fields(
          c_, std::nullopt,
          annotated ? std::optional<std::string_view>(*annotated) : std::nullopt));
      module = std::make_unique<core::Module>(std::move(parsed));
    }
    TENON_TRY(c_.expect_close());
    scopes_.emit(std::move(module), c_.span_from(begin));
    index = TENON_TRY(scopes_.bind(s, id));
  }
  inline_exports(std::move(names), s, index, c_.span_from(begin));
  return {};
}

Result<component::CoreInstance> ComponentParser::core_inline_exports() {
  component::CoreInstance out;
  while (c_.eat_open("export")) {
    component::CoreInlineExport item;
    item.name = TENON_TRY(c_.name("the name of an export"));
    item.item = TENON_TRY(scopes_.core_extern_idx());
    TENON_TRY(c_.expect_close());
    out.exports.push_back(std::move(item));
  }
  return out;
}

Result<void> ComponentParser::core_instantiate_arg(component::CoreInstance& out) {
  const std::uint32_t begin = c_.peek().begin;
  TENON_TRY(c_.expect_open_keyword("with"));
  component::CoreInstantiateArg arg;
  arg.name = TENON_TRY(c_.name("the name of an argument"));
  TENON_TRY(c_.expect_open_keyword("instance"));
  if (c_.at_id() || c_.at(TokenKind::number)) {
    const std::uint32_t index = TENON_TRY(scopes_.idx_and_names(sort(CoreSort::instance)));
    arg.instance = component::CoreInstanceIdx(index);
  } else {
    auto made = TENON_TRY(core_inline_exports());
    TENON_TRY(c_.expect_close());
    scopes_.emit(std::move(made), c_.span_from(begin));
    const std::uint32_t index = TENON_TRY(scopes_.bind(sort(CoreSort::instance), std::nullopt));
    arg.instance = component::CoreInstanceIdx(index);
  }
  out.args.push_back(std::move(arg));
  return c_.expect_close();
}

Result<void> ComponentParser::core_instance(std::uint32_t begin) {
  const auto id = TENON_TRY(id_and_name());
  component::CoreInstance out;
  if (c_.eat_open("instantiate")) {
    const std::uint32_t module = TENON_TRY(scopes_.item(sort(CoreSort::module), false));
    out.module = component::CoreModuleIdx(module);
    while (!c_.at(TokenKind::rparen)) TENON_TRY(core_instantiate_arg(out));
    TENON_TRY(c_.expect_close());
  } else {
    out = TENON_TRY(core_inline_exports());
  }
  TENON_TRY(c_.expect_close());
  scopes_.emit(std::move(out), c_.span_from(begin));
  TENON_TRY(done(scopes_.bind(sort(CoreSort::instance), id)));
  return {};
}

/// `(core func …)` and its kin: an inverted alias or canonical function.
Result<void> ComponentParser::core_item(CoreSort core, std::uint32_t begin) {
  const auto id = TENON_TRY(id_and_name());
  if (core == CoreSort::func && c_.eat_open("canon")) {
    if (!c_.at(TokenKind::keyword))
      return std::unexpected(c_.unexpected("`lower` or another canonical function"));
    const std::string_view word = c_.text();
    c_.take();
    component::Canon out = TENON_TRY(canon_function(word));
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
    scopes_.emit(std::move(out), c_.span_from(begin));
    TENON_TRY(done(scopes_.bind(sort(core), id)));
    return {};
  }
  if (!c_.at_open("alias")) {
    return std::unexpected(
        c_.unexpected(core == CoreSort::func ? "`(canon` or `(alias`" : "`(alias`"));
  }
  TENON_TRY(done(inverted_alias(sort(core), id, begin)));
  return {};
}

Result<void> ComponentParser::core_definition(std::uint32_t begin) {
  if (c_.eat_keyword("rec")) return core_rec(begin);
  const auto core = core_sort(c_.at(TokenKind::keyword) ? c_.text() : std::string_view{});
  if (!core) return std::unexpected(c_.unexpected("a core definition, such as `module` or `func`"));
  c_.take();
  switch (*core) {
    case CoreSort::module:
      return core_module(begin);
    case CoreSort::instance:
      return core_instance(begin);
    case CoreSort::type:
      return core_type(begin);
    case CoreSort::func:
    case CoreSort::table:
    case CoreSort::memory:
    case CoreSort::global:
    case CoreSort::tag:
      return core_item(*core, begin);
  }
  return {};
}

// ---- Components and instances ----

/// `(sort $id? (export "n")* …)`: what all definitions share. `define` reads what is their own, up
/// to the `)`, and gives the index.
template <class Define>
Result<void> ComponentParser::definable(SortKind kind, std::uint32_t begin, Define define) {
  // A component's annotation is its own name for itself.
  std::optional<Id> id;
  if (kind == SortKind::component)
    id = c_.eat_id();
  else
    id = TENON_TRY(id_and_name());
  Inline names = TENON_TRY(inline_names());
  const Sort s = sort(kind);
  if (names.import) {
    BoundExtern bound{s, {}, id};
    bound.type = TENON_TRY(extern_type_rest(s));
    TENON_TRY(c_.expect_close());
    return inline_import(std::move(names), std::move(bound), begin);
  }
  const std::uint32_t index =
      TENON_TRY(at_inverted_alias() ? inverted_alias(s, id, begin) : define(s, id));
  inline_exports(std::move(names), s, index, c_.span_from(begin));
  return {};
}

Result<void> ComponentParser::nested_component(std::uint32_t begin) {
  if (depth_ >= max_component_nesting) return std::unexpected(too_deep());
  return definable(SortKind::component, begin,
                   [&](Sort s, const std::optional<Id>& id) -> Result<std::uint32_t> {
                     ++depth_;
                     auto made = component(id, false);
                     --depth_;
                     component::Component nested = TENON_TRY(std::move(made));
                     scopes_.emit(std::make_unique<component::Component>(std::move(nested)),
                                  c_.span_from(begin));
                     return scopes_.bind(s, id);
                   });
}

Result<component::Instance> ComponentParser::inline_export_list() {
  component::Instance out;
  while (c_.eat_open("export")) {
    component::InlineExport item;
    item.name = TENON_TRY(extern_name());
    item.item = TENON_TRY(scopes_.extern_idx());
    TENON_TRY(c_.expect_close());
    out.exports.push_back(std::move(item));
  }
  return out;
}

Result<void> ComponentParser::instantiate_arg(component::Instance& out) {
  const std::uint32_t begin = c_.peek().begin;
  TENON_TRY(c_.expect_open_keyword("with"));
  component::InstantiateArg arg;
  arg.name = TENON_TRY(c_.name("the name of an argument"));
  const TokenKind third = c_.at_open("instance") ? c_.peek_at(2).kind : TokenKind::id;
  if (third == TokenKind::lparen || third == TokenKind::rparen) {
    c_.take();
    c_.take();
    auto made = TENON_TRY(inline_export_list());
    TENON_TRY(c_.expect_close());
    scopes_.emit(std::move(made), c_.span_from(begin));
    const std::uint32_t index = TENON_TRY(scopes_.bind(sort(SortKind::instance), std::nullopt));
    arg.item = {sort(SortKind::instance), index};
  } else {
    arg.item = TENON_TRY(scopes_.extern_idx());
  }
  out.args.push_back(std::move(arg));
  return c_.expect_close();
}

Result<void> ComponentParser::instance(std::uint32_t begin) {
  return definable(SortKind::instance, begin,
                   [&](Sort s, const std::optional<Id>& id) -> Result<std::uint32_t> {
                     component::Instance out;
                     if (c_.eat_open("instantiate")) {
                       const std::uint32_t of = TENON_TRY(scopes_.item(sort(SortKind::component)));
                       out.component = component::ComponentIdx(of);
                       while (!c_.at(TokenKind::rparen)) TENON_TRY(instantiate_arg(out));
                       TENON_TRY(c_.expect_close());
                     } else {
                       out = TENON_TRY(inline_export_list());
                     }
                     TENON_TRY(c_.expect_close());
                     scopes_.emit(std::move(out), c_.span_from(begin));
                     return scopes_.bind(s, id);
                   });
}

// ---- Types and functions ----

Result<void> ComponentParser::type(std::uint32_t begin) {
  return definable(SortKind::type, begin,
                   [&](Sort, const std::optional<Id>& id) -> Result<std::uint32_t> {
                     component::Type defined = TENON_TRY(def_type(id));
                     TENON_TRY(c_.expect_close());
                     return scopes_.define_type(std::move(defined), id, c_.span_from(begin));
                   });
}

Result<void> ComponentParser::func(std::uint32_t begin) {
  return definable(SortKind::func, begin,
                   [&](Sort s, const std::optional<Id>& id) -> Result<std::uint32_t> {
                     const std::uint32_t type = TENON_TRY(lift_type());
                     TENON_TRY(c_.expect_open_keyword("canon"));
                     TENON_TRY(c_.expect_keyword("lift"));
                     component::LiftImm imm = TENON_TRY(lift());
                     imm.type = component::TypeIdx(type);
                     TENON_TRY(c_.expect_close());
                     TENON_TRY(c_.expect_close());
                     scopes_.emit(component::Canon{component::CanonOp::lift, std::move(imm)},
                                  c_.span_from(begin));
                     return scopes_.bind(s, id);
                   });
}

Result<void> ComponentParser::start(std::uint32_t begin) {
  component::Start out;
  const std::uint32_t of = TENON_TRY(scopes_.item(sort(SortKind::func)));
  out.func = component::FuncIdx(of);
  while (c_.eat_open("value")) {
    const std::uint32_t arg = TENON_TRY(scopes_.idx_and_names(sort(SortKind::value)));
    out.args.emplace_back(arg);
  }
  std::vector<std::optional<Id>> results;
  while (c_.eat_open("result")) {
    TENON_TRY(c_.expect_open_keyword("value"));
    const auto id = TENON_TRY(id_and_name());
    results.push_back(id);
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
  }
  TENON_TRY(c_.expect_close());
  out.results = static_cast<std::uint32_t>(results.size());
  scopes_.emit(std::move(out), c_.span_from(begin));
  for (const auto& result : results) TENON_TRY(done(scopes_.bind(sort(SortKind::value), result)));
  return {};
}

// ---- Imports, exports, values ----

Result<void> ComponentParser::import(std::uint32_t begin) {
  component::Import out;
  out.name = TENON_TRY(extern_name());
  const BoundExtern bound = TENON_TRY(extern_type());
  TENON_TRY(c_.expect_close());
  out.type = bound.type;
  scopes_.emit(std::move(out), c_.span_from(begin));
  TENON_TRY(done(scopes_.bind(bound.sort, bound.id)));
  return {};
}

Result<void> ComponentParser::export_(std::uint32_t begin) {
  component::Export out;
  const auto id = TENON_TRY(id_and_name());
  out.name = TENON_TRY(extern_name());
  out.item = TENON_TRY(scopes_.extern_idx());
  if (!c_.at(TokenKind::rparen)) {
    const BoundExtern ascribed = TENON_TRY(extern_type());
    out.ascribed = ascribed.type;
  }
  TENON_TRY(c_.expect_close());
  const Sort s = out.item.sort;
  const std::uint32_t of = out.item.idx;
  scopes_.emit(std::move(out), c_.span_from(begin));
  const std::uint32_t index = TENON_TRY(scopes_.bind(s, id));
  if (s == sort(SortKind::type)) scopes_.note_type(index, {Scope::TypeSource::Kind::same, of, 0});
  return {};
}

Result<void> ComponentParser::value(std::uint32_t begin) {
  return definable(SortKind::value, begin,
                   [&](Sort s, const std::optional<Id>& id) -> Result<std::uint32_t> {
                     component::Value out;
                     out.type = TENON_TRY(val_type());
                     TENON_TRY(parse_value(c_, scopes_, out.type, out.bytes));
                     TENON_TRY(c_.expect_close());
                     scopes_.emit(std::move(out), c_.span_from(begin));
                     return scopes_.bind(s, id);
                   });
}

// ---- The component ----

Result<void> ComponentParser::customs() {
  if (!c_.has_annotations()) return {};
  using Kind = Annotation::Kind;
  for (const Annotation& found : c_.take_annotations({Kind::custom, Kind::producers})) {
    Cursor inside = c_.inside(found);
    component::Custom out;
    if (found.kind == Kind::producers) {
      out.name = "producers";
      out.content = TENON_TRY(producers_content(inside));
      scopes_.emit(std::move(out), Span{c_.source(), found.begin, found.end});
      continue;
    }
    out.name = TENON_TRY(inside.name("the name of a custom section"));
    static_cast<void>(inside.strings(out.content));
    if (!inside.at(TokenKind::rparen)) return std::unexpected(inside.unexpected("a string or `)`"));
    scopes_.emit(std::move(out), Span{c_.source(), found.begin, found.end});
  }
  return {};
}

Result<void> ComponentParser::definition() {
  const std::uint32_t begin = c_.peek().begin;
  const std::string_view word = c_.open_keyword();
  using Read = Result<void> (ComponentParser::*)(std::uint32_t);
  Read read = nullptr;
  if (word == "core")
    read = &ComponentParser::core_definition;
  else if (word == "component")
    read = &ComponentParser::nested_component;
  else if (word == "instance")
    read = &ComponentParser::instance;
  else if (word == "alias")
    read = &ComponentParser::alias;
  else if (word == "type")
    read = &ComponentParser::type;
  else if (word == "func")
    read = &ComponentParser::func;
  else if (word == "canon")
    read = &ComponentParser::canon;
  else if (word == "start")
    read = &ComponentParser::start;
  else if (word == "import")
    read = &ComponentParser::import;
  else if (word == "export")
    read = &ComponentParser::export_;
  else if (word == "value")
    read = &ComponentParser::value;
  else
    return std::unexpected(c_.unexpected("a definition, such as `(core module` or `(import`"));
  c_.take();
  c_.take();
  return (this->*read)(begin);
}

Result<void> ComponentParser::definitions(component::Component& out) {
  out.source = c_.source();
  for (;;) {
    TENON_TRY(customs());
    if (c_.at(TokenKind::rparen) || c_.at(TokenKind::eof)) return {};
    TENON_TRY(definition());
  }
}

void ComponentParser::component_names(const Scope& scope, std::optional<std::string> name) {
  ComponentNames names;
  names.component = std::move(name);
  for (std::size_t space = 0; space < num_spaces; ++space) {
    for (const Scope::Name& bound : scope.bound[space])
      names.items[space].emplace_back(bound.index, std::string(bound.name));
  }
  Writer content;
  write_component_names(content, names);
  if (content.size() == 0) return;
  scopes_.emit(component::Custom{"component-name", content.take()}, Span{c_.source(), 0, 0});
}

Result<component::Component> ComponentParser::component(const std::optional<Id>& id,
                                                        bool outermost) {
  // Inside of another component the identifier is that one's for this; the name is the annotation.
  std::optional<std::string> name = TENON_TRY(name_annotation(c_));
  if (!name && id && outermost) name = std::string(id->name);
  if (c_.eat_keyword("binary")) {
    std::vector<std::uint8_t> bytes;
    static_cast<void>(c_.strings(bytes));
    TENON_TRY(c_.expect_close("a string or `)`"));
    return component::decode(Blob::own(std::move(bytes)), core::Features::all(), c_.source());
  }
  component::Component out;
  Scope& scope = scopes_.push(Scope::Kind::component, id ? std::optional(id->name) : std::nullopt);
  scope.definitions = &out.definitions;
  TENON_TRY(definitions(out));
  component_names(scope, std::move(name));
  scopes_.pop();
  TENON_TRY(c_.expect_close("a definition or `)`"));
  return out;
}

Result<component::Component> ComponentParser::bare() {
  component::Component out;
  Scope& scope = scopes_.push(Scope::Kind::component, std::nullopt);
  scope.definitions = &out.definitions;
  TENON_TRY(definitions(out));
  component_names(scope, std::nullopt);
  scopes_.pop();
  TENON_TRY(c_.expect_end());
  return out;
}

Result<component::Component> parse_component(std::string_view text, std::uint32_t source,
                                             const ComponentTextOptions& options) {
  TENON_TRY(check_source(text, source));
  NameArena arena;
  Cursor cursor(text, source, arena);
  cursor.read_legacy(options.legacy_words);
  TENON_TRY(cursor.expect_open_keyword("component"));
  const auto id = cursor.eat_id();
  ComponentParser parser(cursor, options);
  component::Component out = TENON_TRY(parser.component(id, true));
  TENON_TRY(cursor.expect_end());
  return out;
}

Result<component::Component> parse_script_component(const Script& script,
                                                    const ScriptModule& module) {
  assert(module.component && module.form != ScriptModule::Form::binary);
  const ComponentTextOptions options{.legacy_words = true};
  NameArena arena;
  if (module.form == ScriptModule::Form::quote) {
    const std::string_view text(reinterpret_cast<const char*>(module.bytes.data()),
                                module.bytes.size());
    TENON_TRY(check_source(text, Span::no_source));
    Cursor cursor(text, Span::no_source, arena);
    ComponentParser parser(cursor, options);
    return parser.bare();
  }
  Cursor cursor(script.text, script.source, arena);
  cursor.seek(module.begin, 1);
  const auto id = cursor.eat_id();
  ComponentParser parser(cursor, options);
  return parser.component(id, true);
}

}  // namespace tenon::text
