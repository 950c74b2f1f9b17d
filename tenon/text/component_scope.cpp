// SPDX-License-Identifier: Apache-2.0
// Index spaces while a component is read. An identifier of an enclosing scope inserts an outer
// alias, and `(func $i "f")` inserts an alias of an export: both define items before the one that
// is being read, which is why scopes emit definitions themselves. What a value type is made of is
// remembered, because values are written by their type.
// Spec: Explainer.md "Alias Definitions"
#include "tenon/text/component_scope.h"

#include <fmt/format.h>

#include "tenon/text/rules.h"

namespace tenon::text {

using component::Alias;
using component::CoreSort;
using component::Sort;
using component::SortKind;

namespace {

constexpr std::array<Sort, num_spaces> all_sorts = {
    sort(SortKind::func),      sort(SortKind::value),    sort(SortKind::type),
    sort(SortKind::component), sort(SortKind::instance), sort(CoreSort::func),
    sort(CoreSort::table),     sort(CoreSort::memory),   sort(CoreSort::global),
    sort(CoreSort::tag),       sort(CoreSort::type),     sort(CoreSort::module),
    sort(CoreSort::instance),
};
constexpr std::array<std::string_view, num_spaces> sort_texts = {
    "func",      "value",       "type",         "component",   "instance",
    "core func", "core table",  "core memory",  "core global", "core tag",
    "core type", "core module", "core instance"};
constexpr std::array<std::string_view, num_spaces> sort_words = {
    "func",   "value",  "type", "component", "instance", "func",    "table",
    "memory", "global", "tag",  "type",      "module",   "instance"};
constexpr std::size_t core_type_space = 10;

bool may_be_outer(Sort s) {
  return s == sort(CoreSort::module) || s == sort(CoreSort::type) ||
         s == sort(SortKind::component) || s == sort(SortKind::type);
}

}  // namespace

Error old_syntax(Span span, std::string_view found, std::string_view written) {
  return Error(rules::component_old_syntax, span, fmt::format("found {}", found))
      .help(fmt::format("write `{}`; `tenon parse --legacy` reads the old form", written));
}

std::size_t space_of(Sort s) {
  for (std::size_t i = 0; i < num_spaces; ++i) {
    if (all_sorts[i] == s) return i;
  }
  return 0;
}

Sort sort_of_space(std::size_t space) {
  return all_sorts[space];
}

std::string_view sort_text(Sort s) {
  return sort_texts[space_of(s)];
}

std::string_view sort_word(Sort s) {
  return sort_words[space_of(s)];
}

std::optional<Sort> component_sort(std::string_view word) {
  for (std::size_t i = 0; i < 5; ++i) {
    if (sort_texts[i] == word) return all_sorts[i];
  }
  return std::nullopt;
}

std::optional<CoreSort> core_sort(std::string_view word) {
  for (std::size_t i = 5; i < num_spaces; ++i) {
    if (sort_words[i] == word) return all_sorts[i].core_sort;
  }
  return std::nullopt;
}

Scope& Scopes::push(Scope::Kind kind, std::optional<std::string_view> id) {
  Scope& scope = scopes_.emplace_back();
  scope.kind = kind;
  scope.id = id;
  scope.core_types.outer = [this](std::string_view name) -> std::optional<core::TypeIdx> {
    const auto found = find_outer(sort(CoreSort::type), name);
    if (!found) return std::nullopt;
    return core::TypeIdx(*found);
  };
  return scope;
}

std::optional<std::uint32_t> Scopes::find(Scope& scope, std::size_t space, std::string_view name) {
  return space == core_type_space ? scope.core_types.names.find(name)
                                  : scope.names[space].find(name);
}

bool Scopes::is_outer(Sort s, std::string_view name) {
  for (std::uint32_t count = 1; count < scopes_.size(); ++count) {
    if (find_at(s, count, name)) return true;
  }
  return false;
}

std::optional<std::uint32_t> Scopes::find_outer(Sort s, std::string_view name) {
  if (!may_be_outer(s)) return std::nullopt;
  const std::size_t space = space_of(s);
  for (std::uint32_t count = 1; count < scopes_.size(); ++count) {
    Scope& outer = scopes_[scopes_.size() - 1 - count];
    const auto index = find(outer, space, name);
    if (!index) continue;
    const std::tuple key(space, count, *index);
    auto& cache = top().outer_aliases;
    if (const auto it = cache.find(key); it != cache.end()) return it->second;
    Alias alias;
    alias.target = Alias::Target::outer;
    alias.sort = s;
    alias.instance_or_count = count;
    alias.idx = *index;
    const auto made = define_alias(std::move(alias), std::nullopt, c_->span());
    if (!made) return std::nullopt;
    cache.emplace(key, *made);
    return *made;
  }
  return std::nullopt;
}

Result<std::uint32_t> Scopes::bind(Sort s, const std::optional<Id>& id) {
  Scope& scope = top();
  const std::size_t space = space_of(s);
  NameMap& names = space == core_type_space ? scope.core_types.names : scope.names[space];
  std::uint32_t index = 0;
  if (space == core_type_space) {
    index = static_cast<std::uint32_t>(scope.core_types.types.size());
    core::SubType placeholder;  // of no function type: nothing finds it
    placeholder.final_ = false;
    scope.core_types.types.push_back(std::move(placeholder));
    scope.core_types_written = index + 1;
  } else {
    index = scope.counts[space]++;
  }
  if (id) {
    if (!id->name.empty() && !names.insert(id->name, index)) {
      return std::unexpected(Error(rules::component_duplicate, id->span,
                                   fmt::format("{} `${}`", sort_text(s), id->name)));
    }
    scope.bound[space].push_back({index, id->given.value_or(id->name)});
  }
  return index;
}

void Scopes::emit(component::DefinitionKind definition, Span span) {
  assert(top().kind == Scope::Kind::component);
  top().definitions->push_back({std::move(definition), span});
}

void Scopes::note_type(std::uint32_t type, Scope::TypeSource source) {
  std::vector<Scope::TypeSource>& sources = top().type_sources;
  if (sources.size() <= type) sources.resize(type + 1);
  sources[type] = source;
}

std::optional<Scopes::ValueType> Scopes::value_type(std::size_t scope, std::uint32_t type) const {
  using Kind = Scope::TypeSource::Kind;
  // Each step goes to an earlier type or outward.
  while (type < scopes_[scope].type_sources.size()) {
    const Scope::TypeSource source = scopes_[scope].type_sources[type];
    if (source.kind == Kind::unknown || source.count > scope) return std::nullopt;
    if (source.kind == Kind::definition) {
      const auto& definition = (*scopes_[scope].definitions)[source.index].def;
      const auto* structure =
          std::get_if<component::DefValType>(&std::get<component::Type>(definition).def);
      return structure != nullptr ? std::optional(ValueType{structure, scope}) : std::nullopt;
    }
    if (source.kind == Kind::same && source.index >= type) return std::nullopt;
    if (source.kind == Kind::outer && source.count == 0 && source.index >= type)
      return std::nullopt;
    scope -= source.count;
    type = source.index;
  }
  return std::nullopt;
}

Result<std::uint32_t> Scopes::define_alias(Alias alias, const std::optional<Id>& id, Span span) {
  const Sort s = alias.sort;
  const bool outer_type = s == sort(SortKind::type) && alias.target == Alias::Target::outer;
  const Scope::TypeSource source{Scope::TypeSource::Kind::outer, alias.idx,
                                 alias.instance_or_count};
  switch (top().kind) {
    case Scope::Kind::component:
      emit(std::move(alias), span);
      break;
    case Scope::Kind::component_type:
    case Scope::Kind::instance_type:
      top().decls->emplace_back(std::move(alias));
      break;
    case Scope::Kind::module_type:
      top().module_decls->emplace_back(
          component::CoreOuterAlias{alias.instance_or_count, alias.idx});
      break;
  }
  const std::uint32_t index = TENON_TRY(bind(s, id));
  if (outer_type && top().kind == Scope::Kind::component) note_type(index, source);
  return index;
}

Result<std::uint32_t> Scopes::define_type(component::Type type, const std::optional<Id>& id,
                                          Span span) {
  if (top().kind != Scope::Kind::component) {
    top().decls->emplace_back(std::move(type));
    return bind(sort(SortKind::type), id);
  }
  emit(std::move(type), span);
  const auto place = static_cast<std::uint32_t>(top().definitions->size() - 1);
  const std::uint32_t index = TENON_TRY(bind(sort(SortKind::type), id));
  note_type(index, {Scope::TypeSource::Kind::definition, place, 0});
  return index;
}

Result<std::uint32_t> Scopes::define_core_type(component::CoreType type,
                                               const std::optional<Id>& id, Span span) {
  write_core_group(std::move(type), span);
  return bind(sort(CoreSort::type), id);
}

Result<void> Scopes::name_core_type(const Id& id, std::uint32_t index) {
  if (!id.name.empty() && !top().core_types.names.insert(id.name, index)) {
    return std::unexpected(
        Error(rules::component_duplicate, id.span, fmt::format("core type `${}`", id.name)));
  }
  top().bound[core_type_space].push_back({index, id.given.value_or(id.name)});
  return {};
}

void Scopes::write_core_types(Span span) {
  Scope& scope = top();
  while (scope.core_types_written < scope.core_types.types.size()) {
    const std::uint32_t first = scope.core_types_written;
    component::CoreType type;
    const std::uint32_t size = scope.core_types.types[core::TypeIdx(first)].rec_size;
    for (std::uint32_t i = first; i < first + size; ++i) {
      type.rec_group.push_back(scope.core_types.types[core::TypeIdx(i)]);
    }
    scope.core_types_written = first + size;
    write_core_group(std::move(type), span);
  }
}

void Scopes::write_core_group(component::CoreType type, Span span) {
  switch (top().kind) {
    case Scope::Kind::component:
      emit(std::move(type), span);
      break;
    case Scope::Kind::component_type:
    case Scope::Kind::instance_type:
      top().decls->emplace_back(std::move(type));
      break;
    case Scope::Kind::module_type:
      top().module_decls->emplace_back(std::move(type));
      break;
  }
}

// ---- Indices ----

Result<std::uint32_t> Scopes::idx(Sort s) {
  if (!c_->at_id()) return c_->u32(fmt::format("the index or identifier of a {}", sort_text(s)));
  const Token token = c_->peek();
  const std::string_view name = c_->id_name(token);
  auto found = find(top(), space_of(s), name);
  if (!found) found = find_outer(s, name);
  if (!found) {
    Error error(rules::component_name, c_->span(token),
                fmt::format("no {} is called `${}` here", sort_text(s), name));
    if (!may_be_outer(s) && is_outer(s, name)) {
      error =
          std::move(error).note(fmt::format("`${}` is in an enclosing component, and a {} "
                                            "cannot be reached from inside; import it",
                                            name, sort_text(s)));
    }
    return std::unexpected(std::move(error));
  }
  c_->take();
  return *found;
}

Result<std::uint32_t> Scopes::idx_and_names(Sort s) {
  // With names after it the index is that of an instance.
  const bool projects = c_->peek_next().kind == TokenKind::string;
  const std::uint32_t index = TENON_TRY(projects ? project(s) : idx(s));
  TENON_TRY(c_->expect_close());
  return index;
}

Result<std::uint32_t> Scopes::project(Sort s) {
  const std::uint32_t begin = c_->peek().begin;
  const bool core = s.kind == SortKind::core && s.core_sort != CoreSort::module;
  std::uint32_t index = TENON_TRY(idx(core ? sort(CoreSort::instance) : sort(SortKind::instance)));
  while (c_->at(TokenKind::string)) {
    Alias alias;
    alias.target = core ? Alias::Target::core_export : Alias::Target::export_;
    alias.name = TENON_TRY(c_->name());
    alias.instance_or_count = index;
    alias.sort = s;
    if (c_->at(TokenKind::string))
      alias.sort = core ? sort(CoreSort::instance) : sort(SortKind::instance);
    index = TENON_TRY(define_alias(std::move(alias), std::nullopt, c_->span_from(begin)));
  }
  return index;
}

Result<std::uint32_t> Scopes::item(Sort s, bool prefix) {
  if (!c_->at(TokenKind::lparen)) return idx(s);
  const bool core = s.kind == SortKind::core;
  const std::string_view word = sort_word(s);
  if (core && prefix) {
    if (c_->at_open(word)) {
      if (!legacy_) {
        return std::unexpected(old_syntax(c_->span(), fmt::format("`({} …)`", word),
                                          fmt::format("(core {} …)", word)));
      }
      c_->take();
      c_->take();
      return idx_and_names(s);
    }
    TENON_TRY(c_->expect_open_keyword("core"));
    TENON_TRY(c_->expect_keyword(word));
  } else {
    TENON_TRY(c_->expect_open_keyword(word));
  }
  return idx_and_names(s);
}

Result<std::uint32_t> Scopes::option_item(Sort s, std::string_view keyword) {
  const bool at_idx = c_->at_id() || c_->at(TokenKind::number);
  if (!at_idx || c_->peek_next().kind != TokenKind::string) return item(s);
  if (!legacy_) {
    return std::unexpected(
        old_syntax(c_->span(), fmt::format("the name of an export in `({} …)`", keyword),
                   fmt::format("({} ({} {} {}))", keyword, sort_text(s), c_->text(), "\"…\"")));
  }
  return project(s);
}

Result<component::SortIdx> Scopes::extern_idx() {
  component::SortIdx out;
  if (c_->eat_open("core")) {
    const auto core = core_sort(c_->at(TokenKind::keyword) ? c_->text() : std::string_view{});
    if (!core) return std::unexpected(c_->unexpected("a core sort, such as `module`"));
    c_->take();
    out.sort = sort(*core);
  } else {
    const auto found = component_sort(c_->open_keyword());
    if (!found)
      return std::unexpected(c_->unexpected("an item, such as `(func $f)` or `(core module $m)`"));
    c_->take();
    c_->take();
    out.sort = *found;
  }
  out.idx = TENON_TRY(idx_and_names(out.sort));
  return out;
}

Result<component::CoreSortIdx> Scopes::core_extern_idx() {
  component::CoreSortIdx out;
  const auto found = core_sort(c_->open_keyword());
  if (!found) return std::unexpected(c_->unexpected("a core item, such as `(func $f)`"));
  c_->take();
  c_->take();
  out.sort = *found;
  out.idx = TENON_TRY(idx_and_names(sort(*found)));
  return out;
}

Result<std::uint32_t> Scopes::outer_count() {
  if (!c_->at_id())
    return c_->u32("a number of scopes, or the identifier of an enclosing component");
  const std::string_view name = c_->id_name(c_->peek());
  for (std::uint32_t count = 0; count < scopes_.size(); ++count) {
    if (scopes_[scopes_.size() - 1 - count].id == name) {
      c_->take();
      return count;
    }
  }
  return std::unexpected(Error(rules::component_name, c_->span(),
                               fmt::format("no enclosing component is called `${}`", name)));
}

std::optional<std::uint32_t> Scopes::find_at(Sort s, std::uint32_t count, std::string_view name) {
  if (count >= scopes_.size()) return std::nullopt;
  return find(scopes_[scopes_.size() - 1 - count], space_of(s), name);
}

Result<std::uint32_t> Scopes::outer_idx(Sort s, std::uint32_t count) {
  if (!c_->at_id()) return c_->u32(fmt::format("the index or identifier of a {}", sort_text(s)));
  const std::string_view name = c_->id_name(c_->peek());
  const auto found = find_at(s, count, name);
  if (!found) {
    return std::unexpected(
        Error(rules::component_name, c_->span(),
              fmt::format("no {} is called `${}` {} scopes outward", sort_text(s), name, count)));
  }
  c_->take();
  return *found;
}

}  // namespace tenon::text
