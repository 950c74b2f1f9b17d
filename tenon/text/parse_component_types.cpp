// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tenon/component/extern_kind.h"
#include "tenon/text/component_parser.h"
#include "tenon/text/rules.h"

// Spec: Explainer.md "Type Definitions".
namespace tenon::text {

using component::CoreSort;
using component::DefValType;
using component::ExternKind;
using component::PrimValType;
using component::Sort;
using component::SortKind;
using component::ValType;

namespace {

std::optional<PrimValType> prim_val_type(std::string_view word) {
#define TENON_PRIM(name, text, code, size, flat, ...) \
  if (word == text) return PrimValType::name;
#include "tenon/types/primvaltypes.def"
  return std::nullopt;
}

/// Counts a level of nesting while it lives.
class Level {
 public:
  explicit Level(std::uint32_t& depth) : depth_(depth) { ++depth_; }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  std::uint32_t& depth_;
};

}  // namespace

Error ComponentParser::too_deep() const {
  return Error(rules::nesting, c_.span(),
               fmt::format("components and types nest deeper than {}", max_component_nesting));
}

Result<PrimValType> ComponentParser::prim_type(std::string_view wanted) {
  std::string_view word = c_.text();
  if (word == "float32" || word == "float64") {
    const std::string_view now = word == "float32" ? "f32" : "f64";
    if (!legacy_) return std::unexpected(old_syntax(c_.span(), fmt::format("`{}`", word), now));
    word = now;
  }
  const auto prim = prim_val_type(word);
  if (!prim) return std::unexpected(c_.unexpected(wanted));
  c_.take();
  return *prim;
}

Result<ValType> ComponentParser::val_type() {
  if (c_.at(TokenKind::keyword)) {
    const PrimValType prim = TENON_TRY(prim_type("a value type"));
    return ValType(prim);
  }
  if (c_.at_id() || c_.at(TokenKind::number) || c_.at_open("type")) {
    const std::uint32_t index = TENON_TRY(scopes_.item(sort(SortKind::type)));
    return ValType(component::TypeIdx(index & 0x7FFFFFFFU));
  }
  const std::uint32_t begin = c_.peek().begin;
  TENON_TRY(c_.expect_open("a value type"));
  if (!c_.at(TokenKind::keyword)) return std::unexpected(c_.unexpected("a value type"));
  component::Type type;
  type.def = TENON_TRY(def_val_type());
  const std::uint32_t index =
      TENON_TRY(scopes_.define_type(std::move(type), std::nullopt, c_.span_from(begin)));
  return ValType(component::TypeIdx(index));
}

template <class T>
Result<std::vector<T>> ComponentParser::some(Result<T> (ComponentParser::*read)()) {
  std::vector<T> out;
  while (!c_.at(TokenKind::rparen)) {
    T item = TENON_TRY((this->*read)());
    out.push_back(std::move(item));
  }
  return out;
}

Result<std::string> ComponentParser::label() {
  return c_.name("a label, such as \"name\"");
}

Result<component::LabelValType> ComponentParser::field() {
  component::LabelValType out;
  TENON_TRY(c_.expect_open_keyword("field"));
  out.label = TENON_TRY(label());
  out.type = TENON_TRY(val_type());
  TENON_TRY(c_.expect_close());
  return out;
}

Result<component::Variant> ComponentParser::variant() {
  component::Variant out;
  NameMap ids;
  while (!c_.at(TokenKind::rparen)) {
    component::Case made;
    TENON_TRY(c_.expect_open_keyword("case"));
    // Identifiers had a meaning while cases could refine others; texts still have them.
    if (const auto id = c_.eat_id(); id && !ids.insert(id->name, 0)) {
      return std::unexpected(
          Error(rules::component_duplicate, id->span, fmt::format("case `${}`", id->name)));
    }
    made.label = TENON_TRY(label());
    if (!c_.at(TokenKind::rparen)) made.type = TENON_TRY(val_type());
    TENON_TRY(c_.expect_close());
    out.cases.push_back(std::move(made));
  }
  return out;
}

/// After `(`, with the `)`: a constructed type. Spec: Explainer.md (defvaltype).
Result<DefValType> ComponentParser::def_val_type() {
  const Level level(depth_);
  if (depth_ > max_component_nesting) return std::unexpected(too_deep());
  const std::string_view word = c_.text();
  DefValType out;
  const auto keyword = [&](std::string_view text) { return word == text && c_.eat_keyword(text); };
  const auto optional_type = [&]() -> Result<std::optional<ValType>> {
    std::optional<ValType> type;
    if (!c_.at(TokenKind::rparen)) type = TENON_TRY(val_type());
    return type;
  };
  if (keyword("record")) {
    auto fields = TENON_TRY(some(&ComponentParser::field));
    out = component::Record{std::move(fields)};
  } else if (keyword("variant")) {
    out = TENON_TRY(variant());
  } else if (keyword("list")) {
    component::List list;
    list.elem = TENON_TRY(val_type());
    if (c_.at(TokenKind::number)) list.length = TENON_TRY(c_.u32("a length"));
    out = list;
  } else if (keyword("tuple")) {
    auto types = TENON_TRY(some(&ComponentParser::val_type));
    out = component::Tuple{std::move(types)};
  } else if (keyword("flags")) {
    auto labels = TENON_TRY(some(&ComponentParser::label));
    out = component::Flags{std::move(labels)};
  } else if (keyword("enum")) {
    auto labels = TENON_TRY(some(&ComponentParser::label));
    out = component::Enum{std::move(labels)};
  } else if (keyword("option")) {
    const ValType type = TENON_TRY(val_type());
    out = component::Option{type};
  } else if (keyword("result")) {
    component::ResultType result;
    if (!c_.at(TokenKind::rparen) && !c_.at_open("error")) result.ok = TENON_TRY(val_type());
    if (c_.eat_open("error")) {
      result.err = TENON_TRY(val_type());
      TENON_TRY(c_.expect_close());
    }
    out = result;
  } else if (keyword("map")) {
    component::Map map;
    map.key = TENON_TRY(val_type());
    map.value = TENON_TRY(val_type());
    out = map;
  } else if (keyword("own")) {
    const std::uint32_t resource = TENON_TRY(scopes_.item(sort(SortKind::type)));
    out = component::Own{component::TypeIdx(resource)};
  } else if (keyword("borrow")) {
    const std::uint32_t resource = TENON_TRY(scopes_.item(sort(SortKind::type)));
    out = component::Borrow{component::TypeIdx(resource)};
  } else if (keyword("stream")) {
    const auto type = TENON_TRY(optional_type());
    out = component::Stream{type};
  } else if (keyword("future")) {
    const auto type = TENON_TRY(optional_type());
    out = component::Future{type};
  } else {
    return std::unexpected(c_.unexpected("a value type, such as `record` or `list`"));
  }
  TENON_TRY(c_.expect_close());
  return out;
}

/// `async? (param …)* (result …)?`, without the `)`.
Result<component::FuncType> ComponentParser::func_type() {
  component::FuncType out;
  out.async_ = c_.eat_keyword("async");
  while (c_.eat_open("param")) {
    component::LabelValType param;
    param.label = TENON_TRY(label());
    param.type = TENON_TRY(val_type());
    TENON_TRY(c_.expect_close());
    out.params.push_back(std::move(param));
  }
  if (c_.eat_open("result")) {
    out.result = TENON_TRY(val_type());
    TENON_TRY(c_.expect_close());
  }
  return out;
}

Result<component::ResourceType> ComponentParser::resource_type() {
  component::ResourceType out;
  TENON_TRY(c_.expect_open_keyword("rep"));
  TypeParser types(c_, scopes_.top().core_types);
  out.rep = TENON_TRY(types.val_type());
  TENON_TRY(c_.expect_close());
  if (c_.eat_open("dtor")) {
    const std::uint32_t dtor = TENON_TRY(scopes_.item(sort(CoreSort::func)));
    out.dtor = component::CoreFuncIdx(dtor);
    TENON_TRY(c_.expect_close());
  }
  return out;
}

/// Any type definition, parentheses included.
Result<component::Type> ComponentParser::def_type(const std::optional<Id>& id) {
  component::Type out;
  if (c_.at(TokenKind::keyword)) {
    const PrimValType prim = TENON_TRY(prim_type("a type"));
    out.def = DefValType(prim);
    return out;
  }
  const std::string_view word = c_.open_keyword();
  TENON_TRY(c_.expect_open("a type"));
  if (!c_.at(TokenKind::keyword)) return std::unexpected(c_.unexpected("a type"));
  if (word == "func") {
    c_.take();
    out.def = TENON_TRY(func_type());
  } else if (word == "resource") {
    c_.take();
    out.def = TENON_TRY(resource_type());
  } else if (word == "component") {
    c_.take();
    auto list = TENON_TRY(decls(Scope::Kind::component_type, id));
    out.def = component::ComponentType{std::move(list)};
  } else if (word == "instance") {
    c_.take();
    auto list = TENON_TRY(decls(Scope::Kind::instance_type, id));
    out.def = component::InstanceType{std::move(list)};
  } else {
    out.def = TENON_TRY(def_val_type());
    return out;
  }
  TENON_TRY(c_.expect_close());
  return out;
}

// ---- Component and instance types ----

Result<std::vector<component::Decl>> ComponentParser::decls(Scope::Kind kind,
                                                            const std::optional<Id>& id) {
  const Level level(depth_);
  if (depth_ > max_component_nesting) return std::unexpected(too_deep());
  std::vector<component::Decl> out;
  Scope& scope = scopes_.push(kind, id ? std::optional(id->name) : std::nullopt);
  scope.decls = &out;
  while (!c_.at(TokenKind::rparen)) TENON_TRY(decl(kind == Scope::Kind::component_type));
  scopes_.pop();
  return out;
}

Result<void> ComponentParser::type_decl(std::uint32_t begin) {
  const auto id = TENON_TRY(id_and_name());
  if (c_.at_open("alias")) {
    TENON_TRY(done(inverted_alias(sort(SortKind::type), id, begin)));
    return {};
  }
  component::Type defined = TENON_TRY(def_type(id));
  TENON_TRY(c_.expect_close());
  TENON_TRY(done(scopes_.define_type(std::move(defined), id, c_.span_from(begin))));
  return {};
}

Result<void> ComponentParser::decl(bool may_import) {
  const std::uint32_t begin = c_.peek().begin;
  const std::string_view word = c_.open_keyword();
  const bool known = word == "core" || word == "type" || word == "alias" || word == "export" ||
                     (may_import && word == "import");
  if (!known) return std::unexpected(c_.unexpected("a declaration, such as `(type` or `(export`"));
  c_.take();
  c_.take();
  if (word == "core") {
    if (c_.eat_keyword("type")) return core_type(begin);
    if (c_.eat_keyword("rec")) return core_rec(begin);
    return std::unexpected(c_.unexpected("`type`"));
  }
  if (word == "type") return type_decl(begin);
  if (word == "alias") return alias(begin);
  std::optional<Id> own;
  if (word == "export") own = TENON_TRY(id_and_name());
  component::ExternName name = TENON_TRY(extern_name());
  const BoundExtern bound = TENON_TRY(extern_type());
  TENON_TRY(c_.expect_close());
  if (word == "import") {
    scopes_.top().decls->emplace_back(component::ImportDecl{std::move(name), bound.type});
  } else {
    scopes_.top().decls->emplace_back(component::ExportDecl{std::move(name), bound.type});
  }
  TENON_TRY(done(scopes_.bind(bound.sort, own ? own : bound.id)));
  return {};
}

// ---- Core types ----

Result<core::ExternType> ComponentParser::core_extern_type() {
  core::ExternType out;
  const auto kind = core_sort(c_.open_keyword());
  if (!kind || *kind == CoreSort::type || *kind == CoreSort::module ||
      *kind == CoreSort::instance) {
    return std::unexpected(c_.unexpected("`(func`, `(table`, `(memory`, `(global` or `(tag`"));
  }
  c_.take();
  c_.take();
  // Nothing refers to the identifier: a module type has index spaces of types alone.
  c_.eat_id();
  TypeParser types(c_, scopes_.top().core_types);
  if (*kind == CoreSort::func || *kind == CoreSort::tag) {
    const TypeUse use = TENON_TRY(types.type_use(true));
    out.kind = *kind == CoreSort::func ? core::ExternKind::func : core::ExternKind::tag;
    if (*kind == CoreSort::func)
      out.func = use.type;
    else
      out.tag.type = use.type;
  } else if (*kind == CoreSort::table) {
    out.kind = core::ExternKind::table;
    out.table = TENON_TRY(types.table_type(types.addr_type()));
  } else if (*kind == CoreSort::memory) {
    out.kind = core::ExternKind::mem;
    out.mem = TENON_TRY(types.mem_type(types.addr_type()));
  } else {
    out.kind = core::ExternKind::global;
    out.global = TENON_TRY(types.global_type());
  }
  TENON_TRY(c_.expect_close());
  scopes_.write_core_types(c_.span());
  return out;
}

Result<void> ComponentParser::module_decl() {
  const std::uint32_t begin = c_.peek().begin;
  const std::string_view word = c_.open_keyword();
  if (word != "type" && word != "rec" && word != "import" && word != "export" && word != "alias") {
    return std::unexpected(c_.unexpected("a declaration, such as `(import` or `(export`"));
  }
  c_.take();
  c_.take();
  if (word == "type") return core_type(begin);
  if (word == "rec") return core_rec(begin);
  if (word == "alias") {
    TENON_TRY(c_.expect_keyword("outer"));
    component::Alias alias;
    alias.target = component::Alias::Target::outer;
    alias.sort = sort(CoreSort::type);
    alias.instance_or_count = TENON_TRY(scopes_.outer_count());
    alias.idx = TENON_TRY(scopes_.outer_idx(alias.sort, alias.instance_or_count));
    TENON_TRY(c_.expect_open_keyword("type"));
    const auto id = c_.eat_id();
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
    TENON_TRY(done(scopes_.define_alias(std::move(alias), id, c_.span_from(begin))));
    return {};
  }
  if (word == "import") return module_import();
  component::CoreExportDecl out;
  out.name = TENON_TRY(c_.name("the name of an export"));
  out.type = TENON_TRY(core_extern_type());
  scopes_.top().module_decls->emplace_back(std::move(out));
  return c_.expect_close();
}

/// After `(import`: one import, or several from one module (of one type, when that comes last).
Result<void> ComponentParser::module_import() {
  const std::string module = TENON_TRY(c_.name("the name of a module"));
  std::vector<std::string> names;
  const auto declare = [&](std::string name, const core::ExternType& type) {
    scopes_.top().module_decls->emplace_back(
        component::CoreImportDecl{module, std::move(name), type});
  };
  if (!c_.at_open("item")) {
    std::string name = TENON_TRY(c_.name("the name of an import"));
    const core::ExternType type = TENON_TRY(core_extern_type());
    declare(std::move(name), type);
    return c_.expect_close();
  }
  while (c_.eat_open("item")) {
    std::string name = TENON_TRY(c_.name("the name of an import"));
    if (c_.eat_close()) {
      names.push_back(std::move(name));
      continue;
    }
    if (!names.empty()) return std::unexpected(c_.unexpected("`)`"));
    const core::ExternType type = TENON_TRY(core_extern_type());
    TENON_TRY(c_.expect_close());
    declare(std::move(name), type);
  }
  if (!names.empty()) {
    const core::ExternType type = TENON_TRY(core_extern_type());
    for (std::string& name : names) declare(std::move(name), type);
  }
  return c_.expect_close();
}

/// Declarations up to a `)`, which stays.
Result<std::unique_ptr<component::CoreModuleType>> ComponentParser::module_type(
    const std::optional<Id>& id) {
  const Level level(depth_);
  if (depth_ > max_component_nesting) return std::unexpected(too_deep());
  auto out = std::make_unique<component::CoreModuleType>();
  Scope& scope =
      scopes_.push(Scope::Kind::module_type, id ? std::optional(id->name) : std::nullopt);
  scope.module_decls = &out->decls;
  while (!c_.at(TokenKind::rparen)) TENON_TRY(module_decl());
  scopes_.pop();
  return out;
}

/// `$id? subtype | (module …)` and `)`.
Result<void> ComponentParser::core_type(std::uint32_t begin) {
  const auto id = TENON_TRY(id_and_name());
  if (at_inverted_alias()) return done(inverted_alias(sort(CoreSort::type), id, begin));
  if (c_.eat_open("module")) {
    component::CoreType out;
    out.module_type = TENON_TRY(module_type(id));
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
    TENON_TRY(done(scopes_.define_core_type(std::move(out), id, c_.span_from(begin))));
    return {};
  }
  Scope& scope = scopes_.top();
  NameMap own;
  if (id && !id->name.empty()) own.insert(id->name, 0);
  alias_outer_types(own);
  const auto index = static_cast<std::uint32_t>(scope.core_types.types.size());
  if (id) TENON_TRY(scopes_.name_core_type(*id, index));
  TypeParser types(c_, scope.core_types);
  TENON_TRY(types.type_def(index));
  scopes_.write_core_types(c_.span_from(begin));
  return {};
}

void ComponentParser::alias_outer_types(const NameMap& own) {
  const TypeSpace& space = scopes_.top().core_types;
  Cursor scan(c_.whole_text(), c_.source(), c_.arena(), c_.peek().begin);
  std::string_view previous;
  for (std::size_t depth = 0; !scan.at(TokenKind::eof) && !scan.at(TokenKind::bad);) {
    if (scan.at(TokenKind::rparen) && depth-- == 0) return;
    if (scan.at(TokenKind::lparen)) ++depth;
    // Parameters, fields and the types of a group have identifiers of their own.
    const bool names =
        scan.at_id() && previous != "param" && previous != "field" && previous != "type";
    if (names) {
      const std::string_view name = scan.id_name(scan.peek());
      if (!space.names.find(name) && !own.find(name)) static_cast<void>(space.outer(name));
    }
    previous = scan.text();
    scan.take();
  }
}

Result<void> ComponentParser::core_rec(std::uint32_t begin) {
  Scope& scope = scopes_.top();
  // The names of the group are known in all of it.
  struct Member {
    Id id;
    std::uint32_t place;
  };
  std::vector<Member> members;
  NameMap own;
  Cursor scan(c_.whole_text(), c_.source(), c_.arena(), c_.peek().begin);
  std::uint32_t count = 0;
  for (std::size_t depth = 0; !scan.at(TokenKind::eof) && !scan.at(TokenKind::bad);) {
    if (scan.at(TokenKind::rparen) && depth-- == 0) break;
    const bool member = scan.at_open("type") && depth == 0;
    if (scan.at(TokenKind::lparen)) ++depth;
    scan.take();
    if (!member) continue;
    scan.take();
    Id id{{}, scan.span()};
    if (scan.at_id()) {
      id.name = scan.id_name(scan.peek());
      own.insert(id.name, count);
      scan.take();
    }
    auto name = TENON_TRY(name_annotation(scan));
    if (name) id.given = given_names_.emplace_back(std::move(*name));
    if (name || !id.name.empty()) members.push_back({id, count});
    ++count;
  }
  alias_outer_types(own);
  const auto first = static_cast<std::uint32_t>(scope.core_types.types.size());
  for (const Member& member : members)
    TENON_TRY(scopes_.name_core_type(member.id, first + member.place));
  TypeParser types(c_, scope.core_types);
  TENON_TRY(types.rec_group());
  if (scope.core_types.types.size() == first) {
    scopes_.write_core_group({}, c_.span_from(begin));  // `(rec)` stands for itself
    return {};
  }
  scopes_.write_core_types(c_.span_from(begin));
  return {};
}

// ---- The types of imports and exports ----

/// `(type x)` and not a declaration `(type $x (…))`.
bool ComponentParser::at_type_use() {
  if (!c_.at_open("type")) return false;
  const TokenKind third = c_.peek_at(2).kind;
  if (third != TokenKind::id && third != TokenKind::quoted_id && third != TokenKind::number)
    return false;
  const TokenKind fourth = c_.peek_at(3).kind;
  return fourth == TokenKind::rparen || fourth == TokenKind::string;
}

Result<std::uint32_t> ComponentParser::type_use() {
  return scopes_.item(sort(SortKind::type));
}

Result<component::ExternType> ComponentParser::extern_type_rest(Sort s) {
  const std::uint32_t begin = c_.peek().begin;
  component::ExternType out;
  out.kind = component::extern_kind(s).value_or(ExternKind::core_module);
  const auto define = [&](component::Type type) -> Result<void> {
    out.idx = TENON_TRY(scopes_.define_type(std::move(type), std::nullopt, c_.span_from(begin)));
    return {};
  };
  switch (s.kind) {
    case SortKind::core:
      if (s.core_sort != CoreSort::module) return std::unexpected(c_.unexpected("a module's type"));
      if (at_type_use()) {
        c_.take();
        c_.take();
        out.idx = TENON_TRY(scopes_.idx_and_names(sort(CoreSort::type)));
      } else {
        component::CoreType type;
        type.module_type = TENON_TRY(module_type());
        out.idx =
            TENON_TRY(scopes_.define_core_type(std::move(type), std::nullopt, c_.span_from(begin)));
      }
      break;
    case SortKind::type:
      if (c_.eat_open("sub")) {
        TENON_TRY(c_.expect_keyword("resource"));
        out.bound = component::TypeBoundKind::sub_resource;
      } else {
        TENON_TRY(c_.expect_open_keyword("eq"));
        out.idx = TENON_TRY(scopes_.item(sort(SortKind::type)));
      }
      TENON_TRY(c_.expect_close());
      break;
    case SortKind::value:
      if (c_.eat_open("eq")) {
        out.value_eq = true;
        out.idx = TENON_TRY(scopes_.item(sort(SortKind::value)));
        TENON_TRY(c_.expect_close());
      } else {
        out.value_type = TENON_TRY(val_type());
      }
      break;
    case SortKind::func:
    case SortKind::component:
    case SortKind::instance: {
      if (at_type_use()) {
        out.idx = TENON_TRY(type_use());
        break;
      }
      component::Type type;
      if (s.kind == SortKind::func) {
        type.def = TENON_TRY(func_type());
      } else if (s.kind == SortKind::component) {
        auto list = TENON_TRY(decls(Scope::Kind::component_type));
        type.def = component::ComponentType{std::move(list)};
      } else {
        auto list = TENON_TRY(decls(Scope::Kind::instance_type));
        type.def = component::InstanceType{std::move(list)};
      }
      TENON_TRY(define(std::move(type)));
      break;
    }
  }
  return out;
}

Result<ComponentParser::BoundExtern> ComponentParser::extern_type() {
  BoundExtern out;
  if (c_.eat_open("core")) {
    TENON_TRY(c_.expect_keyword("module"));
    out.sort = sort(CoreSort::module);
  } else {
    const auto found = component_sort(c_.open_keyword());
    if (!found)
      return std::unexpected(c_.unexpected("a type, such as `(func …)` or `(instance …)`"));
    c_.take();
    c_.take();
    out.sort = *found;
  }
  out.id = TENON_TRY(id_and_name());
  out.type = TENON_TRY(extern_type_rest(out.sort));
  TENON_TRY(c_.expect_close());
  return out;
}

}  // namespace tenon::text
