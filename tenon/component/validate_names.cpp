// SPDX-License-Identifier: Apache-2.0
// Two rules meet here. Names are strongly unique, ignoring case and hyphens, and `[method]` and the
// like constrain the function's type. Imports and exports may refer only to types that an earlier
// import or export has named; records, variants, enums and flags must be named themselves, other
// types only their parts.
// Spec: Explainer.md "Name Uniqueness", "External Visibility of Types"
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/component/validate_impl.h"
#include "tenon/types/semver.h"

namespace tenon::component {

namespace {
const char* text(bool import) {
  return import ? "import" : "export";
}
}  // namespace

std::optional<std::string_view> UniqueNames::add(std::string_view name) {
  std::string_view key = name;
  // Only what differs from its key needs memory of its own.
  if (!types::is_unique_key(name)) key = keys_.emplace_back(types::unique_key(name));
  const auto key_of = [&](std::uint32_t i) { return items_[i].key; };
  if (const std::uint32_t at = index_.find(key, key_of); at != NameIndex::none)
    return items_[at].name;
  items_.push_back({key, name});
  index_.add(key_of);
  return std::nullopt;
}

// --- names ---------------------------------------------------------------------------------------

/// Syntax, attributes, strong uniqueness and annotations of one name.
/// Spec: Binary.md "Import and Export Definitions".
Result<void> Validator::name(NameScope& names, Direction d, const ExternName& name,
                             const Entity& e) {
  const Span span = name.span == Span{} ? span_ : name.span;
  if (d == Direction::import_ && warnings_ != nullptr && types::is_retired_name(name.name)) {
    if (const auto previous = names.unique.add(name.name)) {
      return fail(rules::name_conflict, fmt::format("import name `{}` appears twice", *previous));
    }
    Error warning(rules::retired_name, span, fmt::format("`{}`", name.name));
    warnings_->push_back(std::move(warning).as_warning().help(
        "the specification has no such names any more: import an interface, "
        "with `(external-id \"…\")` for what tells where it is"));
    names.items.add(name.name, e);
    return {};
  }
  auto parsed = types::parse_extern_name(name.name, features_, span);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  TENON_TRY(attributes(name, *parsed, e));
  if (const auto previous = names.unique.add(name.name)) {
    return fail(rules::name_conflict,
                fmt::format("{} name `{}` conflicts with previous name `{}`",
                            text(d == Direction::import_), name.name, *previous));
  }
  TENON_TRY(annotated(names, *parsed, e));
  TENON_TRY(accessor(names, name.name, *parsed, e));
  names.items.add(name.name, e);
  return {};
}

/// Spec: Explainer.md "Import and Export Definitions" (attribute).
Result<void> Validator::attributes(const ExternName& name, const ParsedName& parsed,
                                   const Entity& e) {
  std::array<int, 3> seen{};
  for (const NameAttribute& a : name.attributes) {
    if (++seen.at(static_cast<std::size_t>(a.kind)) > 1)
      return fail(rules::attribute_twice, fmt::format("on name `{}`", name.name));
  }
  // The suffix completes the version of the interface that is implemented, if there is one.
  std::string_view version = parsed.version;
  const std::string* const implements = name.implements();
  if (implements != nullptr || name.external_id() != nullptr)
    TENON_TRY(gate(core::Gate::cm_implements, "an attribute of a name"));
  if (implements != nullptr) {
    if (e.kind != ExternKind::instance) {
      return fail(rules::implements,
                  fmt::format("only instances can have an `implements`, `{}` is a {}", name.name,
                              noun(e.kind)));
    }
    if (parsed.kind != NameKind::label || parsed.accessor != Accessor::none) {
      return fail(rules::implements,
                  fmt::format("name `{}` is not valid with `implements`", name.name));
    }
    auto interface = types::parse_interface_name(*implements, features_, name.span);
    if (!interface) {
      return fail(rules::implements, fmt::format("not a valid name, must be an interface: {}",
                                                 interface.error().detail()));
    }
    version = interface->version;
  }
  const std::string* const suffix = name.version_suffix();
  if (suffix == nullptr) return {};
  TENON_TRY(gate(core::Gate::cm_canon_names, "`version-suffix`"));
  if (e.kind != ExternKind::instance) {
    return fail(rules::version_suffix,
                fmt::format("only instances can have a `version-suffix`, `{}` is a {}", name.name,
                            noun(e.kind)));
  }
  if (version.empty()) {
    return fail(rules::version_suffix,
                fmt::format("`{}` has no version, with suffix `{}`", name.name, *suffix));
  }
  const std::string whole = std::string(version) + *suffix;
  if (types::canon_version(whole).first != version || !types::parse_semver(whole)) {
    return fail(rules::version_suffix, fmt::format("`{}` with suffix `{}`", name.name, *suffix));
  }
  return {};
}

Result<void> Validator::annotated_resource(const NameScope& names, std::string_view name,
                                           TypeIdx resource) {
  const auto it = names.resource_names.find(resource.value);
  if (it == names.resource_names.end()) {
    return fail(rules::annotated_name,
                "resource used in function does not have a name in this context");
  }
  if (it->second == name) return {};
  return fail(rules::annotated_name,
              fmt::format("function does not match expected resource name `{}`, found `{}`",
                          it->second, name));
}

/// What `[constructor]`, `[method]` and `[static]` demand of the function.
/// Spec: Binary.md "Import and Export Definitions".
Result<void> Validator::annotated(const NameScope& names, const ParsedName& name, const Entity& e) {
  const bool plain = name.kind == NameKind::label && name.accessor == Accessor::none;
  if (plain || name.kind == NameKind::interface) return {};
  if (e.kind != ExternKind::func) {
    return fail(rules::annotated_name, fmt::format("item `{}` is not a func", name.label));
  }
  const FuncType& func = types_.shape(e.tid());
  const std::span<const ValType> parts = types_.parts(e.tid());
  const auto def = [&](ValType t) -> const DefValType* {
    return t.is_prim() ? nullptr : &types_.value(TypeTable::tid(t)).def;
  };
  if (name.kind == NameKind::label) return {};
  if (name.kind == NameKind::static_) {
    if (names.known_resources.contains(name.label)) return {};
    return fail(rules::annotated_name,
                fmt::format("static resource name is not known in this context: `{}`", name.label));
  }
  if (name.kind == NameKind::constructor) {
    if (func.async_) return fail(rules::annotated_name, "constructor function cannot be async");
    if (!func.result) return fail(rules::annotated_name, "function should return one value");
    const DefValType* result = def(parts.back());
    if (const auto* r = result != nullptr ? std::get_if<ResultType>(result) : nullptr;
        r != nullptr) {
      result = r->ok ? def(*r->ok) : nullptr;
    }
    const auto* own = result != nullptr ? std::get_if<Own>(result) : nullptr;
    if (own == nullptr) {
      return fail(rules::annotated_name,
                  "function should return `(own $T)` or `(result (own $T))`");
    }
    return annotated_resource(names, name.label, own->resource);
  }
  if (func.params.empty())
    return fail(rules::annotated_name, "function should have at least one argument");
  if (func.params[0].label != "self") {
    return fail(rules::annotated_name,
                fmt::format("function should have a first argument called `self`, found `{}`",
                            func.params[0].label));
  }
  const DefValType* self = def(parts[0]);
  const auto* borrow = self != nullptr ? std::get_if<Borrow>(self) : nullptr;
  if (borrow == nullptr) {
    return fail(rules::annotated_name, "function should take a first argument of `(borrow $T)`");
  }
  return annotated_resource(names, name.label, borrow->resource);
}

/// What `[get]` and `[set]` demand of the function, and of the getter that is before a setter.
/// Spec: Binary.md "Import and Export Definitions".
Result<void> Validator::accessor(const NameScope& names, std::string_view whole,
                                 const ParsedName& name, const Entity& e) {
  if (name.accessor == Accessor::none) return {};
  const bool get = name.accessor == Accessor::get;
  const auto wrong = [&](std::string detail) {
    return fail(rules::accessor, fmt::format("`{}`: {}", whole, detail));
  };
  const FuncType& func = types_.shape(e.tid());
  const std::size_t self = name.kind == NameKind::method ? 1 : 0;
  const char* besides = self == 1 ? " besides `self`" : "";
  if (func.async_) return wrong("an accessor cannot be `async`");
  if (get && func.params.size() != self)
    return wrong(fmt::format("a getter has no parameters{}", besides));
  if (!get && func.params.size() != self + 1)
    return wrong(fmt::format("a setter has exactly one parameter{}", besides));
  const std::span<const ValType> parts = types_.parts(e.tid());
  const ResultType* result = func.result ? result_type(parts.back()) : nullptr;
  if (get) {
    if (!func.result) return wrong("a getter has a result");
    if (result != nullptr && !result->ok)
      return wrong("the `result` of a getter must have a value type");
    return {};
  }
  if (func.result && (result == nullptr || result->ok))
    return wrong("a setter returns nothing or `(result (error E)?)`");
  std::string getter(whole);
  getter.replace(getter.find("[set]"), 5, "[get]");
  const Entity* before = names.items.find(getter);
  if (before == nullptr) return wrong(fmt::format("`{}` must come before it", getter));
  ValType property = types_.parts(before->tid()).back();
  if (const ResultType* r = result_type(property)) property = *r->ok;
  if (matcher_.match_value(parts[self], property))
    return wrong(fmt::format("its parameter is not of the type of `{}`", getter));
  return {};
}

const ResultType* Validator::result_type(ValType t) const {
  return t.is_prim() ? nullptr : std::get_if<ResultType>(&types_.value(TypeTable::tid(t)).def);
}

// --- external visibility -------------------------------------------------------------------------

/// Spec: Explainer.md "External Visibility of Types".
Result<void> Validator::visible(const ExternName& name, Direction d, const Entity& e) {
  NameScope& names = d == Direction::import_ ? scope().imports : scope().exports;
  if (e.kind == ExternKind::type && types_.kind(e.tid()) == TypeKind::resource) {
    names.resource_names.emplace(e.id, name.name);
    names.known_resources.insert(name.name);
  }
  TENON_TRY(walk(types_.measure(e).size));
  // Instance types are looked at where they are used.
  if (scope().kind == Scope::Kind::instance_type || register_named(e, d)) return {};
  return fail(
      rules::visibility,
      fmt::format("{} not valid to be used as {}: `{}` refers to a type that no preceding {} names",
                  noun(e.kind), text(d == Direction::import_), name.name,
                  d == Direction::import_ ? "import" : "import or export"));
}

/// Whether all that the item refers to has a name; gives its own types theirs.
bool Validator::register_named(const Entity& e, Direction d) {
  const auto& set = d == Direction::import_ ? scope().imports.named : scope().exports.named;
  switch (e.kind) {
    case ExternKind::core_module:
    case ExternKind::component:
      return true;  // closed
    case ExternKind::func: {
      return std::ranges::all_of(types_.parts(e.tid()),
                                 [&](ValType t) { return is_named(t, set); });
    }
    case ExternKind::value:
      return is_named(e.value, set);
    case ExternKind::type:
      if (d == Direction::import_ && names_an_export(e.tid())) return false;
      if (!all_named(e.tid(), set)) return false;
      // Exports may refer to imports, not the other way round.
      if (d == Direction::import_) scope().imports.named.insert(e.id);
      scope().exports.named.insert(e.id);
      return true;
    case ExternKind::instance: {
      const auto& items = types_.instance(e.tid()).exports.items();
      return std::ranges::all_of(
          items, [&](const EntityMap::Item& item) { return register_named(item.entity, d); });
    }
  }
  return false;
}

bool Validator::names_an_export(Tid created) {
  const auto it = equal_to_.find(created.value);
  if (it == equal_to_.end()) return false;
  const std::uint32_t named = it->second.value;
  // Imported types are in both sets.
  return scope().exports.named.contains(named) && !scope().imports.named.contains(named);
}

bool Validator::all_named(Tid t, const std::unordered_set<std::uint32_t>& set) const {
  switch (types_.kind(t)) {
    case TypeKind::resource:
    case TypeKind::component:
      return true;
    case TypeKind::value:
      return all_named_in_value(types_.value(t).def, set);
    case TypeKind::func: {
      return std::ranges::all_of(types_.parts(t), [&](ValType p) { return is_named(p, set); });
    }
    case TypeKind::instance:
      return all_named_in_instance(t, set);
  }
  return false;
}

bool Validator::all_named_in_instance(Tid t, const std::unordered_set<std::uint32_t>& set) const {
  // Its own type exports name types for what follows in it.
  std::unordered_set<std::uint32_t> inside = set;
  for (const EntityMap::Item& item : types_.instance(t).exports.items()) {
    const Entity& e = item.entity;
    const bool ok =
        e.kind == ExternKind::core_module || e.kind == ExternKind::component ||
        (e.kind == ExternKind::value ? is_named(e.value, inside) : all_named(e.tid(), inside));
    if (!ok) return false;
    if (e.kind == ExternKind::type) inside.insert(e.id);
  }
  return true;
}

bool Validator::all_named_in_value(const DefValType& def,
                                   const std::unordered_set<std::uint32_t>& set) const {
  if (const auto* own = std::get_if<Own>(&def)) return set.contains(own->resource.value);
  if (const auto* borrow = std::get_if<Borrow>(&def)) return set.contains(borrow->resource.value);
  bool ok = true;
  for_each_part(def, [&](ValType t) { ok = ok && is_named(t, set); });
  return ok;
}

bool Validator::is_named(ValType t, const std::unordered_set<std::uint32_t>& set) const {
  if (t.is_prim()) return true;
  const DefValType& def = types_.value(TypeTable::tid(t)).def;
  const bool must_be_named =
      std::holds_alternative<Record>(def) || std::holds_alternative<Variant>(def) ||
      std::holds_alternative<Enum>(def) || std::holds_alternative<Flags>(def);
  if (must_be_named) return set.contains(t.index().value);
  return all_named_in_value(def, set);
}

}  // namespace tenon::component
