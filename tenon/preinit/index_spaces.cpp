// SPDX-License-Identifier: Apache-2.0
// A component is specialised by putting definitions in and taking others out, which moves the
// indices behind them. While that goes on definitions have numbers that do not move; at the end
// every use is looked up once.
#include "tenon/preinit/index_spaces.h"

#include <algorithm>
#include <functional>

#include "tenon/base/narrow.h"
#include "tenon/text/component_names.h"

namespace tenon::preinit {

using component::Alias;
using component::Component;
using component::CoreSort;
using component::DefinitionKind;
using component::Sort;
using component::SortKind;

namespace {

/// No index any more.
constexpr std::uint32_t gone = 0xFFFFFFFF;

std::size_t at(Space space) {
  return static_cast<std::size_t>(space);
}

std::optional<Space> space_of(component::ExternKind kind) {
  switch (kind) {
    case component::ExternKind::core_module:
      return Space::core_module;
    case component::ExternKind::func:
      return Space::func;
    case component::ExternKind::component:
      return Space::component;
    case component::ExternKind::instance:
      return Space::instance;
    case component::ExternKind::value:
    case component::ExternKind::type:
      break;
  }
  return std::nullopt;
}

std::optional<Space> space_of(CoreSort sort) {
  if (sort == CoreSort::func) return Space::core_func;
  if (sort == CoreSort::module) return Space::core_module;
  return std::nullopt;
}

template <class F>
void use_sort(component::SortIdx& item, F& f) {
  if (const auto space = preinit::space_of(item.sort)) f(*space, item.idx);
}

template <class F>
void use_opts(component::CanonOpts& opts, F& f) {
  for (auto& opt : opts) {
    using enum component::CanonOpt::Kind;
    if (opt.kind == realloc || opt.kind == post_return || opt.kind == callback)
      f(Space::core_func, opt.idx);
  }
}

template <class F>
void use_canon(component::Canon& canon, F& f) {
  std::visit(
      [&]<class Imm>(Imm& imm) {
        if constexpr (std::is_same_v<Imm, component::LiftImm>) f(Space::core_func, imm.func.value);
        if constexpr (std::is_same_v<Imm, component::LowerImm>) f(Space::func, imm.func.value);
        if constexpr (requires { imm.opts; }) use_opts(imm.opts, f);
      },
      canon.imm);
}

/// Calls `f(count, depth)` for the outer aliases of a list of declarations, `depth` scopes inside
/// the component.
template <class Decls, class F>
void outer_in_decls(Decls& decls, std::uint32_t depth, F& f);

template <class F>
void outer_in_core_type(component::CoreType& type, std::uint32_t depth, F& f) {
  if (!type.module_type) return;
  for (auto& decl : type.module_type->decls) {
    if (auto* outer = std::get_if<component::CoreOuterAlias>(&decl)) f(outer->count, depth + 1);
    if (auto* inner = std::get_if<component::CoreType>(&decl))
      outer_in_core_type(*inner, depth + 1, f);
  }
}

template <class F>
void outer_in_type(component::Type& type, std::uint32_t depth, F& f) {
  if (auto* c = std::get_if<component::ComponentType>(&type.def))
    outer_in_decls(c->decls, depth + 1, f);
  if (auto* i = std::get_if<component::InstanceType>(&type.def))
    outer_in_decls(i->decls, depth + 1, f);
}

template <class Decls, class F>
void outer_in_decls(Decls& decls, std::uint32_t depth, F& f) {
  for (auto& decl : decls) {
    if (auto* alias = std::get_if<Alias>(&decl)) {
      if (alias->target == Alias::Target::outer) f(alias->instance_or_count, depth);
    } else if (auto* type = std::get_if<component::Type>(&decl)) {
      outer_in_type(*type, depth, f);
    } else if (auto* core = std::get_if<component::CoreType>(&decl)) {
      outer_in_core_type(*core, depth, f);
    }
  }
}

template <class F>
void outer_in_component(Component& c, std::uint32_t depth, F& f) {
  for (auto& definition : c.definitions) {
    if (auto* alias = std::get_if<Alias>(&definition.def)) {
      if (alias->target == Alias::Target::outer) f(alias->instance_or_count, depth);
    } else if (auto* type = std::get_if<component::Type>(&definition.def)) {
      outer_in_type(*type, depth, f);
    } else if (auto* core = std::get_if<component::CoreType>(&definition.def)) {
      outer_in_core_type(*core, depth, f);
    } else if (auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def)) {
      outer_in_component(**nested, depth + 1, f);
    }
  }
}

}  // namespace

std::optional<Space> space_of(const Sort& sort) {
  switch (sort.kind) {
    case SortKind::core:
      return space_of(sort.core_sort);
    case SortKind::func:
      return Space::func;
    case SortKind::component:
      return Space::component;
    case SortKind::instance:
      return Space::instance;
    case SortKind::value:
    case SortKind::type:
      break;
  }
  return std::nullopt;
}

std::optional<Space> adds_to(const DefinitionKind& def) {
  return std::visit(
      []<class T>(const T& d) -> std::optional<Space> {
        if constexpr (std::is_same_v<T, std::unique_ptr<core::Module>>) {
          return Space::core_module;
        } else if constexpr (std::is_same_v<T, std::unique_ptr<Component>>) {
          return Space::component;
        } else if constexpr (std::is_same_v<T, component::Instance>) {
          return Space::instance;
        } else if constexpr (std::is_same_v<T, Alias>) {
          return space_of(d.sort);
        } else if constexpr (std::is_same_v<T, component::Canon>) {
          return d.op == component::CanonOp::lift ? Space::func : Space::core_func;
        } else if constexpr (std::is_same_v<T, component::Import>) {
          return space_of(d.type.kind);
        } else if constexpr (std::is_same_v<T, component::Export>) {
          return space_of(d.item.sort);
        } else {
          return std::nullopt;
        }
      },
      def);
}

namespace {

/// Calls `f(space, index)` for every index of these spaces that a definition names, each of the
/// component that it is in. Not for what is in nested components, nor for outer aliases.
template <class F>
void for_each_use(DefinitionKind& def, F f) {
  std::visit(
      [&]<class T>(T& d) {
        if constexpr (std::is_same_v<T, component::CoreInstance>) {
          if (d.module) f(Space::core_module, d.module->value);
          for (auto& e : d.exports) {
            if (const auto space = space_of(e.item.sort)) f(*space, e.item.idx);
          }
        } else if constexpr (std::is_same_v<T, component::Instance>) {
          if (d.component) f(Space::component, d.component->value);
          for (auto& arg : d.args) use_sort(arg.item, f);
          for (auto& e : d.exports) use_sort(e.item, f);
        } else if constexpr (std::is_same_v<T, Alias>) {
          if (d.target == Alias::Target::export_) f(Space::instance, d.instance_or_count);
        } else if constexpr (std::is_same_v<T, component::Type>) {
          if (auto* resource = std::get_if<component::ResourceType>(&d.def);
              resource != nullptr && resource->dtor)
            f(Space::core_func, resource->dtor->value);
        } else if constexpr (std::is_same_v<T, component::Canon>) {
          use_canon(d, f);
        } else if constexpr (std::is_same_v<T, component::Start>) {
          f(Space::func, d.func.value);
        } else if constexpr (std::is_same_v<T, component::Export>) {
          use_sort(d.item, f);
        }
      },
      def);
}

}  // namespace

void IndexSpaces::adopt(Component& component) {
  number(component);
  Chain chain;
  count(component, chain);
  note_used(component);
}

void IndexSpaces::number(Component& component) {
  Level level;
  level.numbers.reserve(component.definitions.size());
  for (const auto& definition : component.definitions) {
    const auto space = adds_to(definition.def);
    if (space) {
      level.numbers.emplace_back(std::pair(*space, level.next[at(*space)]++));
    } else {
      level.numbers.emplace_back();
    }
  }
  levels_[&component] = std::move(level);
  for (auto& definition : component.definitions) {
    if (auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def)) number(**nested);
  }
}

void IndexSpaces::note_used(Component& component) {
  Level& level = levels_.at(&component);
  for (std::size_t s = 0; s < space_count; ++s) {
    level.used[s].assign(level.uses[s].size(), false);
    for (std::size_t n = 0; n < level.uses[s].size(); ++n) level.used[s][n] = level.uses[s][n] != 0;
  }
  for (auto& definition : component.definitions) {
    if (auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def))
      note_used(**nested);
  }
}

void IndexSpaces::replace(Component& component, Space space, std::uint32_t from, std::uint32_t to) {
  for (auto& definition : component.definitions) {
    for_each_use(definition.def, [&](Space s, std::uint32_t& n) {
      if (s == space && n == from) n = to;
    });
  }
}

std::uint32_t IndexSpaces::add(const Component& component, Space space) {
  return levels_.at(&component).next[at(space)]++;
}

void IndexSpaces::use(const Component& component, Space space, std::uint32_t number) {
  auto& uses = levels_.at(&component).uses[at(space)];
  if (uses.size() <= number) uses.resize(number + 1, 0);
  ++uses[number];
}

void IndexSpaces::count(Component& component, Chain& chain) {
  chain.push_back(&component);
  for (auto& definition : component.definitions) {
    for_each_use(definition.def, [&](Space space, std::uint32_t& n) { use(component, space, n); });
    if (auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def)) {
      count(**nested, chain);
    } else if (auto* alias = std::get_if<Alias>(&definition.def);
               alias != nullptr && alias->target == Alias::Target::outer) {
      const auto space = space_of(alias->sort);
      // An alias that leaves what is looked at is counted by who adopts what is around.
      if (space && alias->instance_or_count < chain.size())
        use(*chain[chain.size() - 1 - alias->instance_or_count], *space, alias->idx);
    }
  }
  chain.pop_back();
}

bool IndexSpaces::is_removable(const DefinitionKind& def, bool top, bool imports) const {
  if (std::holds_alternative<std::unique_ptr<core::Module>>(def) ||
      std::holds_alternative<std::unique_ptr<Component>>(def) ||
      std::holds_alternative<Alias>(def) || std::holds_alternative<component::Canon>(def))
    return true;
  if (const auto* import = std::get_if<component::Import>(&def)) {
    return top && imports &&
           (import->type.kind == component::ExternKind::func ||
            import->type.kind == component::ExternKind::instance);
  }
  return false;
}

void IndexSpaces::remove_unused(Component& component, Chain& chain, bool imports) {
  chain.push_back(&component);
  Level& level = levels_.at(&component);
  std::vector<bool> dead(component.definitions.size(), false);
  for (std::size_t i = component.definitions.size(); i-- > 0;) {
    auto& def = component.definitions[i].def;
    if (const auto& number = level.numbers[i]; number) {
      const auto [space, n] = *number;
      const bool unused = n >= level.uses[at(space)].size() || level.uses[at(space)][n] == 0;
      const bool was_used = n < level.used[at(space)].size() && level.used[at(space)][n];
      if (unused && was_used && is_removable(def, chain.size() == 1, imports)) {
        dead[i] = true;
        continue;
      }
    }
    for_each_use(def, [&](Space space, std::uint32_t& n) { use(component, space, n); });
    if (auto* nested = std::get_if<std::unique_ptr<Component>>(&def)) {
      remove_unused(**nested, chain, imports);
    } else if (auto* alias = std::get_if<Alias>(&def);
               alias != nullptr && alias->target == Alias::Target::outer) {
      const auto space = space_of(alias->sort);
      if (space && alias->instance_or_count < chain.size())
        use(*chain[chain.size() - 1 - alias->instance_or_count], *space, alias->idx);
    }
  }
  std::size_t to = 0;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    if (dead[i]) continue;
    if (to != i) {
      component.definitions[to] = std::move(component.definitions[i]);
      level.numbers[to] = level.numbers[i];
    }
    ++to;
  }
  component.definitions.erase(component.definitions.begin() + static_cast<std::ptrdiff_t>(to),
                              component.definitions.end());
  level.numbers.resize(to);
  chain.pop_back();
}

/// The names of what is left, under their new indices. A section that cannot be read stays.
void IndexSpaces::rename(component::Custom& custom, const Level& level) {
  auto names = text::read_component_names(custom.content);
  if (!names) return;
  for (std::size_t i = 0; i < text::num_spaces; ++i) {
    const auto space = preinit::space_of(text::sort_of_space(i));
    if (!space) continue;
    auto& items = names->items[i];
    const auto& index = level.index[at(*space)];
    std::erase_if(items, [&](const auto& item) {
      return item.first >= index.size() || index[item.first] == gone;
    });
    for (auto& item : items) item.first = index[item.first];
    std::ranges::sort(items, {}, [](const auto& item) { return item.first; });
  }
  Writer content;
  text::write_component_names(content, *names);
  custom.content = content.take();
}

void IndexSpaces::renumber(Component& component, Chain& chain) {
  chain.push_back(&component);
  Level& level = levels_.at(&component);
  std::array<std::uint32_t, space_count> next{};
  for (std::size_t s = 0; s < space_count; ++s) level.index[s].assign(level.next[s], gone);
  for (const auto& number : level.numbers) {
    if (number) level.index[at(number->first)][number->second] = next[at(number->first)]++;
  }
  for (auto& definition : component.definitions) {
    for_each_use(definition.def,
                 [&](Space space, std::uint32_t& n) { n = level.index[at(space)][n]; });
    if (auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def)) {
      renumber(**nested, chain);
    } else if (auto* custom = std::get_if<component::Custom>(&definition.def)) {
      if (custom->name == "component-name") rename(*custom, level);
    } else if (auto* alias = std::get_if<Alias>(&definition.def);
               alias != nullptr && alias->target == Alias::Target::outer) {
      const auto space = space_of(alias->sort);
      if (space && alias->instance_or_count < chain.size()) {
        Level& outer = levels_.at(chain[chain.size() - 1 - alias->instance_or_count]);
        alias->idx = outer.index[at(*space)][alias->idx];
      }
    }
  }
  chain.pop_back();
}

void IndexSpaces::finish(Component& component, bool imports) {
  for (auto& [at, level] : levels_) {
    for (auto& uses : level.uses) std::ranges::fill(uses, 0U);
  }
  Chain chain;
  remove_unused(component, chain, imports);
  renumber(component, chain);
}

void shift_outer(Component& component, std::uint32_t by) {
  const auto f = [by](std::uint32_t& count, std::uint32_t depth) {
    if (count > depth) count += by;
  };
  outer_in_component(component, 0, f);
}

bool is_closed(Component& component) {
  bool closed = true;
  const auto f = [&closed](std::uint32_t& count, std::uint32_t depth) {
    closed = closed && count <= depth;
  };
  outer_in_component(component, 0, f);
  return closed;
}

}  // namespace tenon::preinit
