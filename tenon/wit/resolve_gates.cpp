// SPDX-License-Identifier: Apache-2.0
// Whether gates go together: what an item names, and what it is in, is there whenever the item
// is. Three kinds of items need no gate of their own and have that of what they are in, as all of
// WASI is written: a `use`, a function of a resource, and an import or export of an interface that
// is elsewhere. Versions and features of other packages say nothing about this one.
#include <fmt/format.h>

#include "tenon/types/semver.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

bool is_gated(const Stability& s) {
  return s.since || s.unstable_feature;
}

/// Whether what has the gate `needed` is there wherever an item of the gate `own` is.
bool serves(const Stability& needed, const Stability& own) {
  if (needed.unstable_feature) return own.unstable_feature == needed.unstable_feature;
  if (!needed.since || own.unstable_feature) return true;
  return own.since && types::compare_versions(*own.since, *needed.since) >= 0;
}

std::string gate_text(const Stability& s) {
  if (s.unstable_feature) return fmt::format("@unstable(feature = {})", *s.unstable_feature);
  if (s.since) return fmt::format("@since(version = {})", *s.since);
  return {};
}

std::string has_gate(const Stability& s) {
  return is_gated(s) ? fmt::format("has `{}`", gate_text(s)) : std::string("has no gate");
}

}  // namespace

void Resolver::adopt_gate(ItemInfo& item, const Stability& outer, bool inherits) {
  const bool bare = !is_gated(item.stability);
  if (!is_gated(outer) || (bare ? inherits : serves(outer, item.stability))) return;
  item.stability = outer;
}

void Resolver::report_gate(UnitIdx unit, Error error) {
  diagnostics_.report(units_[unit].root ? std::move(error) : std::move(error).as_warning());
}

std::optional<Fix> Resolver::gate_fix(Span name, std::string_view gate) {
  if (options_.sources == nullptr || name.source >= options_.sources->size()) return std::nullopt;
  if (!mender_) mender_.emplace(*options_.sources);
  return mender_->with_gate(name, gate);
}

bool Resolver::check_contained(const GateCheck& check, const ItemInfo& inner, std::string_view name,
                               bool inherits) {
  const Stability& outer = check.outer->stability;
  const bool bare = !is_gated(inner.stability);
  if (!is_gated(outer) || (bare ? inherits : serves(outer, inner.stability))) return true;
  const std::string wanted = gate_text(outer);
  Error error = Error(rules::gate_rule, inner.span,
                      fmt::format("`{}` {}, and what contains it {}", name,
                                  has_gate(inner.stability), has_gate(outer)))
                    .note(check.outer->span, "it is in this item")
                    .help(fmt::format("{} `{}`", bare ? "add" : "make it", wanted));
  // Errors beyond the first hundred are only counted.
  const bool shown = diagnostics_.dropped() == 0;
  if (const auto fix = bare && shown ? gate_fix(inner.span, wanted) : std::nullopt)
    error = std::move(error).fix(fix->span, fix->text);
  report_gate(check.unit, std::move(error));
  return false;
}

void Resolver::check_refers(const GateCheck& check, const ItemInfo& from, std::string_view name,
                            const ItemInfo& to, std::string_view to_name) {
  const Stability& own =
      is_gated(from.stability) || check.outer == nullptr ? from.stability : check.outer->stability;
  if (serves(to.stability, own)) return;
  const std::string wanted = gate_text(to.stability);
  Error error = Error(rules::gate_rule, from.span,
                      fmt::format("`{}` {}, and names `{}`, which {}", name, has_gate(own), to_name,
                                  has_gate(to.stability)))
                    .note(to.span, fmt::format("`{}` is gated here", to_name))
                    .help(fmt::format("give `{}` the gate `{}`{}", name, wanted,
                                      to.stability.since ? ", or a later one" : ""));
  const bool mends = !is_gated(from.stability) && diagnostics_.dropped() == 0;
  if (const auto fix = mends ? gate_fix(from.span, wanted) : std::nullopt)
    error = std::move(error).fix(fix->span, fix->text);
  report_gate(check.unit, std::move(error));
}

/// A type without a name is as good as its parts. An alias was there before its own gate when the
/// type that it stands for was.
void Resolver::check_refers(const GateCheck& check, const ItemInfo& from, std::string_view name,
                            ValType type) {
  if (type.is_prim()) return;
  const TypeDef& def = out_.types[type.index()];
  const auto* made = std::get_if<DefValType>(&def.def);
  if (!def.name && made != nullptr) {
    each_type(*made, [&](ValType part) { check_refers(check, from, name, part); });
    if (const auto* own = std::get_if<component::Own>(made))
      check_refers(check, from, name, own->resource);
    if (const auto* borrow = std::get_if<component::Borrow>(made))
      check_refers(check, from, name, borrow->resource);
    return;
  }
  const auto* owner = std::get_if<InterfaceIdx>(&def.owner);
  if (owner != nullptr && out_.interfaces[*owner].package != units_[check.unit].package) return;
  const Stability& own =
      is_gated(from.stability) || check.outer == nullptr ? from.stability : check.outer->stability;
  for (const TypeDef* at = &def; !at->used && at->info.stability.since;) {
    const auto* alias = std::get_if<TypeAlias>(&at->def);
    if (alias == nullptr || alias->target.is_prim()) break;
    at = &out_.types[alias->target.index()];
    if (at->name && serves(at->info.stability, own)) return;
  }
  check_refers(check, from, name, def.info, def.name.value_or(""));
}

void Resolver::check_function(const GateCheck& check, const Function& f) {
  const std::string_view name = f.item_name();
  if (!check_contained(check, f.info, name, f.kind != FuncKind::freestanding)) return;
  for (const Param& param : f.params) check_refers(check, f.info, name, param.type);
  if (f.result) check_refers(check, f.info, name, *f.result);
}

void Resolver::check_type(const GateCheck& check, const TypeDef& def) {
  const std::string& name = *def.name;
  if (!check_contained(check, def.info, name, def.used)) return;
  if (const auto* alias = std::get_if<TypeAlias>(&def.def))
    return check_refers(check, def.info, name, alias->target);
  const auto* made = std::get_if<DefValType>(&def.def);
  if (made == nullptr) return;
  each_type(*made, [&](ValType part) { check_refers(check, def.info, name, part); });
  if (const auto* own = std::get_if<component::Own>(made))
    check_refers(check, def.info, name, own->resource);
}

/// Spec: WIT.md "Rules for feature gate usage".
void Resolver::check_gates(UnitIdx unit, const Interface& interface) {
  if (!units_[unit].name.version || units_[unit].fixed_gates) return;
  const GateCheck check{unit, &interface.info};
  for (const auto& [name, idx] : interface.types) check_type(check, out_.types[idx]);
  for (const Function& f : interface.functions) check_gates(check, f);
}

void Resolver::check_gates(const GateCheck& check, const Function& f) {
  if (f.kind == FuncKind::freestanding) return check_function(check, f);
  const ItemInfo& resource = out_.types[f.resource].info;
  check_function({check.unit, is_gated(resource.stability) ? &resource : check.outer}, f);
}

void Resolver::check_gates(UnitIdx unit, const ItemInfo& world, const WorldItem& item) {
  if (!units_[unit].name.version || units_[unit].fixed_gates) return;
  const GateCheck check{unit, &world};
  if (const auto* type = std::get_if<TypeIdx>(&item.item))
    return check_type(check, out_.types[*type]);
  if (const auto* f = std::get_if<Function>(&item.item)) return check_gates(check, *f);
  const Interface& interface = out_.interfaces[std::get<InterfaceIdx>(item.item)];
  const bool fits = check_contained(check, item.info, item.name, interface.name.has_value());
  if (fits && interface.name && interface.package == units_[unit].package)
    check_refers(check, item.info, item.name, interface.info, *interface.name);
}

}  // namespace tenon::wit
