// SPDX-License-Identifier: Apache-2.0

// Whether what a linker, a host or a user gives is of the type that is asked for. Validation
// compares types inside one component, on its own tables (subtype.h); this compares those of
// components that know nothing of each other, from what validation left behind (info.h).
//
// A resource has no structure: two are the same when they stand for the same thing, which the sides
// tell by a key. Where a type introduces resources of its own (a component type's imports and
// exports), those of the side that gives stand for themselves, and those of the side that takes are
// open until their item is met: then they take the key of what is there.
#include "tenon/component/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "tenon/base/nearest.h"
#include "tenon/component/limits.h"
#include "tenon/component/match_core.h"
#include "tenon/component/type_text.h"
#include "tenon/types/parts.h"
#include "tenon/types/semver.h"

namespace tenon::component {

namespace {

using Why = std::optional<Mismatch>;

/// Names looked at when the nearest is sought.
constexpr std::size_t near_names = 1000;

Why differ(std::string found, std::string wanted) {
  Mismatch out;
  out.found = std::move(found);
  out.wanted = std::move(wanted);
  return out;
}
/// Adds a step; steps are gathered from the inside out and turned round at the end.
Why in(Why why, std::string step) {
  why->path.push_back(std::move(step));
  return why;
}
Why outside_in(Why why) {
  if (why) std::ranges::reverse(why->path);
  return why;
}

/// A side during one comparison.
struct Env {
  TypeSide side;
  /// Tells pairs of types apart in what is remembered.
  std::uint32_t id = 0;
  /// Resources of component and instance types that are being compared; null while they are open.
  std::unordered_map<std::uint32_t, const void*> bound;

  [[nodiscard]] const ComponentInfo& info() const { return *side.info; }
  [[nodiscard]] const void* key(std::uint32_t resource) const {
    if (!bound.empty()) {
      if (const auto it = bound.find(resource); it != bound.end()) return it->second;
    }
    return side.key(side.owner, ResourceIdx(resource));
  }
  [[nodiscard]] bool is_open(std::uint32_t resource) const {
    const auto it = bound.find(resource);
    return it != bound.end() && it->second == nullptr;
  }
};

/// Named items with a way to find them.
struct Items {
  struct Item {
    std::string_view name;
    const ResolvedExtern* type = nullptr;
  };
  std::vector<Item> items;
  std::unordered_map<std::string_view, const ResolvedExtern*> by_name;

  void add(std::string_view name, const ResolvedExtern& type) {
    items.push_back({name, &type});
    by_name.emplace(name, &type);
  }
  [[nodiscard]] const ResolvedExtern* find(std::string_view name) const {
    const auto it = by_name.find(name);
    return it == by_name.end() ? nullptr : it->second;
  }
};

/// A component or a component type.
struct Def {
  const Items* imports = nullptr;
  const Items* exports = nullptr;
  /// A component owns all resources that it names, a type only those that are bound in it.
  bool whole = false;
};

/// Says what is there in the place of a name that is not.
void find_nearest(Mismatch& why, std::string_view name, const Items& there) {
  std::vector<std::string_view> names;
  for (const Items::Item& item : there.items) {
    if (types::split_version(item.name).base == types::split_version(name).base) {
      why.nearest = item.name;
      why.other_version = true;
      return;
    }
    if (names.size() < near_names) names.push_back(item.name);
  }
  why.nearest = nearest(name, names);
}

}  // namespace

std::string Mismatch::text() const {
  std::string out;
  for (const std::string& step : path) out += (out.empty() ? "" : ", ") + step;
  if (!out.empty()) out += ": ";
  if (kind == Kind::limit)
    return out + fmt::format("the types have more than {} parts", limits::type_steps);
  if (found.empty()) return out + fmt::format("found nothing, wanted `{}`", wanted);
  if (found == wanted) return out + fmt::format("found another `{}` than is wanted", found);
  return out + fmt::format("found `{}`, wanted `{}`", found, wanted);
}

class Matcher::Impl {
 public:
  Env env(const TypeSide& side) {
    const auto [it, fresh] =
        ids_.try_emplace(std::pair<const void*, const void*>(side.info, side.owner),
                         static_cast<std::uint32_t>(ids_.size()));
    return {side, it->second, {}};
  }

  Why func(const Env& a, const FuncType& x, const Env& e, const FuncType& y);
  Why value(const Env& a, ValType x, const Env& e, ValType y);
  Why type(Env& a, const ResolvedType& x, Env& e, const ResolvedType& y);
  Why component(Env& a, const Def& x, Env& e, const Def& y);
  Def def(const ComponentInfo& info);
  Def def(const ComponentInfo& info, ComponentTypeIdx idx);

  CoreMatcher core;

 private:
  enum class Tag : std::uint8_t { value, func, instance };
  struct Pair {
    std::uint64_t a = 0;
    std::uint64_t e = 0;
    friend bool operator==(const Pair&, const Pair&) = default;
  };
  struct HashPair {
    std::size_t operator()(const Pair& p) const {
      std::uint64_t h = p.a * 0x9E3779B97F4A7C15U;
      h ^= (h >> 29U) + p.e;
      h *= 0xD6E8FEB86659FD93U;
      return h ^ (h >> 32U);
    }
  };
  static Pair pair(Tag tag, const Env& a, std::uint32_t x, const Env& e, std::uint32_t y) {
    const auto word = [tag](const Env& env, std::uint32_t idx) {
      return (std::uint64_t{env.id} << 34U) | (static_cast<std::uint64_t>(tag) << 32U) | idx;
    };
    return {word(a, x), word(e, y)};
  }
  [[nodiscard]] bool known(const Pair& p) const {
    const auto it = equal_.find(p);
    return it != equal_.end() && (it->second == always || it->second == generation_);
  }
  void remember(const Pair& p, bool for_ever) { equal_[p] = for_ever ? always : generation_; }

  Why defined(const Env& a, const DefValType& x, const Env& e, const DefValType& y);
  Why records(const Env& a, const Record& x, const Env& e, const Record& y);
  Why variants(const Env& a, const Variant& x, const Env& e, const Variant& y);
  Why tuples(const Env& a, const Tuple& x, const Env& e, const Tuple& y);
  Why optional(const Env& a, const std::optional<ValType>& x, const Env& e,
               const std::optional<ValType>& y, const char* what);
  Why resource(const Env& a, TypeIdx x, const Env& e, TypeIdx y);
  Why unlike(const Env& a, ValType x, const Env& e, ValType y) {
    return differ(type_text(a.info(), x), type_text(e.info(), y));
  }

  Why item(Env& a, const ResolvedExtern& x, Env& e, const ResolvedExtern& y);
  Why instance(Env& a, InstanceTypeIdx x, Env& e, InstanceTypeIdx y);
  Why instance_type(Env& a, InstanceTypeIdx x, Env& e, InstanceTypeIdx y);
  Why items(Env& a, const Items& x, Env& e, const Items& y, const char* what);

  const Items& list(const std::vector<NamedExtern>& items);
  bool mentions_resource(const ComponentInfo& info, ValType type);
  void introduced(const ComponentInfo& info, const Items& items, bool whole,
                  std::vector<std::uint32_t>& out);
  void open(Env& env, const std::vector<std::uint32_t>& resources, bool stand_for_themselves);
  Why step() {
    if (++steps_ <= limits::type_steps) return {};
    Mismatch out;
    out.kind = Mismatch::Kind::limit;
    return out;
  }

  static constexpr std::uint32_t always = 0;
  std::map<std::pair<const void*, const void*>, std::uint32_t> ids_;
  /// Pairs that were found equal, with the generation for which that holds: another one begins when
  /// resources come to stand for something else.
  std::unordered_map<Pair, std::uint32_t, HashPair> equal_;
  std::uint32_t generation_ = 1;
  std::uint64_t steps_ = 0;
  std::unordered_map<const void*, Items> lists_;
  std::unordered_map<const ComponentInfo*, std::vector<std::uint8_t>> mentions_;
};

// --- value and function types --------------------------------------------------------------------

Why Matcher::Impl::value(const Env& a, ValType x, const Env& e, ValType y) {
  if (x.is_prim() || y.is_prim()) return x == y ? Why() : unlike(a, x, e, y);
  const Pair both = pair(Tag::value, a, x.bits(), e, y.bits());
  if (known(both)) return {};
  if (auto why = step()) return why;
  const DefValType& dx = a.info().types[x.index()];
  const DefValType& dy = e.info().types[y.index()];
  if (dx.index() != dy.index()) return unlike(a, x, e, y);
  if (auto why = defined(a, dx, e, dy)) {
    // What has no parts to name shows as a whole.
    if (why->kind == Mismatch::Kind::type && why->found.empty() && why->path.empty())
      return unlike(a, x, e, y);
    return why;
  }
  remember(both, !mentions_resource(a.info(), x) && !mentions_resource(e.info(), y));
  return {};
}

Why Matcher::Impl::records(const Env& a, const Record& x, const Env& e, const Record& y) {
  if (!std::ranges::equal(x.fields, y.fields, {}, &LabelValType::label, &LabelValType::label))
    return differ({}, {});
  for (std::size_t i = 0; i < x.fields.size(); ++i) {
    if (auto why = value(a, x.fields[i].type, e, y.fields[i].type))
      return in(std::move(why), fmt::format("field `{}`", x.fields[i].label));
  }
  return {};
}

Why Matcher::Impl::variants(const Env& a, const Variant& x, const Env& e, const Variant& y) {
  if (!std::ranges::equal(x.cases, y.cases, {}, &Case::label, &Case::label)) return differ({}, {});
  for (std::size_t i = 0; i < x.cases.size(); ++i) {
    if (x.cases[i].type.has_value() != y.cases[i].type.has_value()) return differ({}, {});
    if (!x.cases[i].type) continue;
    if (auto why = value(a, *x.cases[i].type, e, *y.cases[i].type))
      return in(std::move(why), fmt::format("case `{}`", x.cases[i].label));
  }
  return {};
}

Why Matcher::Impl::tuples(const Env& a, const Tuple& x, const Env& e, const Tuple& y) {
  if (x.types.size() != y.types.size()) return differ({}, {});
  for (std::size_t i = 0; i < x.types.size(); ++i) {
    if (auto why = value(a, x.types[i], e, y.types[i]))
      return in(std::move(why), fmt::format("tuple field {}", i));
  }
  return {};
}

Why Matcher::Impl::optional(const Env& a, const std::optional<ValType>& x, const Env& e,
                            const std::optional<ValType>& y, const char* what) {
  if (x.has_value() != y.has_value()) return differ({}, {});
  if (!x) return {};
  if (auto why = value(a, *x, e, *y)) return in(std::move(why), what);
  return {};
}

Why Matcher::Impl::resource(const Env& a, TypeIdx x, const Env& e, TypeIdx y) {
  const void* key = a.key(x.value);
  return key != nullptr && key == e.key(y.value) ? Why() : differ({}, {});
}

/// The alternatives are the same. A difference without a path and texts is one of the whole type.
Why Matcher::Impl::defined(const Env& a, const DefValType& dx, const Env& e, const DefValType& dy) {
  const auto part = [&](ValType x, ValType y, const char* what) -> Why {
    if (auto why = value(a, x, e, y)) return in(std::move(why), what);
    return {};
  };
  return std::visit(
      overloaded{
          [](PrimValType x, PrimValType y) { return x == y ? Why() : differ({}, {}); },
          [&](const Record& x, const Record& y) { return records(a, x, e, y); },
          [&](const Variant& x, const Variant& y) { return variants(a, x, e, y); },
          [&](const List& x, const List& y) {
            return x.length == y.length ? part(x.elem, y.elem, "list element") : differ({}, {});
          },
          [&](const Tuple& x, const Tuple& y) { return tuples(a, x, e, y); },
          [](const Flags& x, const Flags& y) { return x == y ? Why() : differ({}, {}); },
          [](const Enum& x, const Enum& y) { return x == y ? Why() : differ({}, {}); },
          [&](const Option& x, const Option& y) { return part(x.type, y.type, "some"); },
          [&](const ResultType& x, const ResultType& y) {
            if (auto why = optional(a, x.ok, e, y.ok, "ok")) return why;
            return optional(a, x.err, e, y.err, "err");
          },
          [&](const Own& x, const Own& y) { return resource(a, x.resource, e, y.resource); },
          [&](const Borrow& x, const Borrow& y) { return resource(a, x.resource, e, y.resource); },
          [&](const Stream& x, const Stream& y) {
            return optional(a, x.type, e, y.type, "stream element");
          },
          [&](const Future& x, const Future& y) {
            return optional(a, x.type, e, y.type, "future value");
          },
          [&](const Map& x, const Map& y) {
            if (auto why = part(x.key, y.key, "map key")) return why;
            return part(x.value, y.value, "map value");
          },
          [](const auto&, const auto&) -> Why { return differ({}, {}); },
      },
      dx, dy);
}

Why Matcher::Impl::func(const Env& a, const FuncType& x, const Env& e, const FuncType& y) {
  if (auto why = step()) return why;
  const bool alike =
      x.async_ == y.async_ && x.result.has_value() == y.result.has_value() &&
      std::ranges::equal(x.params, y.params, {}, &LabelValType::label, &LabelValType::label);
  if (!alike) return differ(type_text(a.info(), x), type_text(e.info(), y));
  for (std::size_t i = 0; i < x.params.size(); ++i) {
    if (auto why = value(a, x.params[i].type, e, y.params[i].type))
      return in(std::move(why), fmt::format("parameter `{}`", x.params[i].label));
  }
  return optional(a, x.result, e, y.result, "result");
}

// --- items ---------------------------------------------------------------------------------------

Why Matcher::Impl::type(Env& a, const ResolvedType& x, Env& e, const ResolvedType& y) {
  if (x.kind != y.kind) return differ(type_text(a.info(), x), type_text(e.info(), y));
  switch (y.kind) {
    case ResolvedType::Kind::value:
      return value(a, x.value, e, y.value);
    case ResolvedType::Kind::func:
      return func(a, a.info().func_types[FuncTypeIdx(x.idx)], e,
                  e.info().func_types[FuncTypeIdx(y.idx)]);
    case ResolvedType::Kind::resource: {
      const void* key = a.key(x.idx);
      if (key != nullptr && e.is_open(y.idx)) {
        e.bound[y.idx] = key;
        return {};
      }
      if (key != nullptr && key == e.key(y.idx)) return {};
      return differ(type_text(a.info(), x), type_text(e.info(), y));
    }
    case ResolvedType::Kind::component: {
      // Equality: each stands for the other.
      const Def dx = def(a.info(), ComponentTypeIdx(x.idx));
      const Def dy = def(e.info(), ComponentTypeIdx(y.idx));
      if (auto why = component(a, dx, e, dy)) return why;
      return component(e, dy, a, dx);
    }
    case ResolvedType::Kind::instance: {
      if (auto why = instance_type(a, InstanceTypeIdx(x.idx), e, InstanceTypeIdx(y.idx)))
        return why;
      return instance_type(e, InstanceTypeIdx(y.idx), a, InstanceTypeIdx(x.idx));
    }
  }
  return {};
}

Why Matcher::Impl::item(Env& a, const ResolvedExtern& x, Env& e, const ResolvedExtern& y) {
  if (auto why = step()) return why;
  if (x.kind != y.kind) return differ(type_text(a.info(), x), type_text(e.info(), y));
  switch (y.kind) {
    case ExternKind::core_module:
      return core.module(*a.info().module_types[x.module()], *a.info().core_types,
                         *e.info().module_types[y.module()], *e.info().core_types);
    case ExternKind::func: {
      const Pair both = pair(Tag::func, a, x.idx, e, y.idx);
      if (known(both)) return {};
      auto why = func(a, a.info().func_types[x.func()], e, e.info().func_types[y.func()]);
      if (!why) remember(both, false);
      return why;
    }
    case ExternKind::value:
      return value(a, x.value, e, y.value);
    case ExternKind::type:
      return type(a, x.type, e, y.type);
    case ExternKind::component:
      return component(a, def(a.info(), x.component()), e, def(e.info(), y.component()));
    case ExternKind::instance:
      return instance(a, x.instance(), e, y.instance());
  }
  return {};
}

Why Matcher::Impl::instance(Env& a, InstanceTypeIdx x, Env& e, InstanceTypeIdx y) {
  const Pair both = pair(Tag::instance, a, x.value, e, y.value);
  if (known(both)) return {};
  const InstanceTypeInfo& wanted = e.info().instance_types[y];
  auto why = items(a, list(a.info().instance_types[x].exports), e, list(wanted.exports), "export");
  // One that has resources may open others the next time.
  if (!why && !wanted.has_resources) remember(both, false);
  return why;
}

/// Instance types as such: the resources of the one stand for those of the other.
Why Matcher::Impl::instance_type(Env& a, InstanceTypeIdx x, Env& e, InstanceTypeIdx y) {
  std::vector<std::uint32_t> given;
  std::vector<std::uint32_t> wanted;
  introduced(a.info(), list(a.info().instance_types[x].exports), false, given);
  introduced(e.info(), list(e.info().instance_types[y].exports), false, wanted);
  if (auto why = step()) return why;
  open(a, given, true);
  open(e, wanted, false);
  return instance(a, x, e, y);
}

/// Everything that is wanted, in its order: a type comes before what uses it.
Why Matcher::Impl::items(Env& a, const Items& x, Env& e, const Items& y, const char* what) {
  for (const Items::Item& wanted : y.items) {
    const ResolvedExtern* found = x.find(wanted.name);
    Why why;
    if (found == nullptr) {
      why = differ({}, type_text(e.info(), *wanted.type));
      why->kind = Mismatch::Kind::missing_export;
      why->name = wanted.name;
      find_nearest(*why, wanted.name, x);
    } else {
      why = item(a, *found, e, *wanted.type);
    }
    if (why) return in(std::move(why), fmt::format("{} `{}`", what, wanted.name));
  }
  return {};
}

/// What `x` imports must be given by what `y` imports; then `x` must export what `y` does.
Why Matcher::Impl::component(Env& a, const Def& x, Env& e, const Def& y) {
  std::vector<std::uint32_t> taken;
  std::vector<std::uint32_t> given;
  introduced(a.info(), *x.imports, x.whole, taken);
  introduced(e.info(), *y.imports, y.whole, given);
  std::vector<std::uint32_t> made;
  std::vector<std::uint32_t> wanted;
  introduced(a.info(), *x.exports, x.whole, made);
  introduced(e.info(), *y.exports, y.whole, wanted);
  if (auto why = step()) return why;
  // Exports first: what they share with the imports, the imports decide.
  open(a, made, true);
  open(e, wanted, false);
  open(a, taken, false);
  open(e, given, true);
  if (auto why = items(e, *y.imports, a, *x.imports, "import")) {
    if (why->kind == Mismatch::Kind::missing_export && why->path.size() == 1)
      why->kind = Mismatch::Kind::missing_import;
    return why;
  }
  return items(a, *x.exports, e, *y.exports, "export");
}

// --- resources -----------------------------------------------------------------------------------

void Matcher::Impl::introduced(const ComponentInfo& info, const Items& items, bool whole,
                               std::vector<std::uint32_t>& out) {
  steps_ += items.items.size();
  for (const Items::Item& item : items.items) {
    if (item.type->kind == ExternKind::instance) {
      const InstanceTypeInfo& inner = info.instance_types[item.type->instance()];
      if (inner.has_resources) introduced(info, list(inner.exports), whole, out);
      continue;
    }
    const auto r = item.type->resource();
    if (r && (whole || info.resources[*r].origin == ResourceInfo::Origin::bound))
      out.push_back(r->value);
  }
}

void Matcher::Impl::open(Env& env, const std::vector<std::uint32_t>& resources,
                         bool stand_for_themselves) {
  if (resources.empty()) return;
  ++generation_;
  for (const std::uint32_t r : resources)
    env.bound[r] = stand_for_themselves ? &env.info().resources[ResourceIdx(r)] : nullptr;
}

/// Computed once for each type: children come before what is made of them.
bool Matcher::Impl::mentions_resource(const ComponentInfo& info, ValType type) {
  if (type.is_prim()) return false;
  auto& known = mentions_[&info];
  for (auto i = static_cast<std::uint32_t>(known.size()); i < info.types.size(); ++i) {
    const DefValType& def = info.types[TypeIdx(i)];
    bool any = std::holds_alternative<Own>(def) || std::holds_alternative<Borrow>(def);
    for_each_part(def, [&](ValType part) {
      // A part with a larger index would be no tree: taken as if it had one.
      if (!part.is_prim()) any = any || part.index().value >= i || known[part.index().value] != 0;
    });
    known.push_back(any ? 1 : 0);
  }
  return known[type.index().value] != 0;
}

// --- tables --------------------------------------------------------------------------------------

const Items& Matcher::Impl::list(const std::vector<NamedExtern>& items) {
  const auto [it, fresh] = lists_.try_emplace(&items);
  if (fresh) {
    for (const NamedExtern& e : items) it->second.add(e.name, e.type);
  }
  return it->second;
}

Def Matcher::Impl::def(const ComponentInfo& info) {
  const auto all = [&](const auto& items) -> const Items* {
    const auto [it, fresh] = lists_.try_emplace(&items);
    if (fresh) {
      for (const auto& item : items) it->second.add(item.name->name, item.type);
    }
    return &it->second;
  };
  const Items* imports = all(info.imports);
  return {imports, all(info.exports), true};
}

Def Matcher::Impl::def(const ComponentInfo& info, ComponentTypeIdx idx) {
  const ComponentTypeInfo& type = info.component_types[idx];
  const Items* imports = &list(type.imports);
  return {imports, &list(type.exports), false};
}

// --- public --------------------------------------------------------------------------------------

Matcher::Matcher() : impl_(std::make_unique<Impl>()) {}
Matcher::~Matcher() = default;

Why Matcher::func(const TypeSide& actual, const FuncType& a, const TypeSide& expected,
                  const FuncType& e) {
  return outside_in(impl_->func(impl_->env(actual), a, impl_->env(expected), e));
}

Why Matcher::value(const TypeSide& actual, ValType a, const TypeSide& expected, ValType e) {
  return outside_in(impl_->value(impl_->env(actual), a, impl_->env(expected), e));
}

Why Matcher::type(const TypeSide& actual, const ResolvedType& a, const TypeSide& expected,
                  const ResolvedType& e) {
  Env given = impl_->env(actual);
  Env wanted = impl_->env(expected);
  return outside_in(impl_->type(given, a, wanted, e));
}

Why Matcher::component(const TypeSide& actual, const TypeSide& expected, ComponentTypeIdx e) {
  Env given = impl_->env(actual);
  Env wanted = impl_->env(expected);
  return outside_in(
      impl_->component(given, impl_->def(*actual.info), wanted, impl_->def(*expected.info, e)));
}

Why Matcher::component(const TypeSide& actual, const TypeSide& expected) {
  Env given = impl_->env(actual);
  Env wanted = impl_->env(expected);
  return outside_in(
      impl_->component(given, impl_->def(*actual.info), wanted, impl_->def(*expected.info)));
}

Why Matcher::module(const core::Module& actual, const TypeSide& expected, ModuleTypeIdx e) {
  return outside_in(
      impl_->core.module(actual, *expected.info->module_types[e], *expected.info->core_types));
}

Why match(const ComponentInfo& actual, const ComponentInfo& expected) {
  Matcher matcher;
  return matcher.component(TypeSide::of(actual), TypeSide::of(expected));
}

Why match(const ComponentInfo& actual, const ComponentInfo& expected, ComponentTypeIdx type) {
  Matcher matcher;
  return matcher.component(TypeSide::of(actual), TypeSide::of(expected), type);
}

}  // namespace tenon::component
