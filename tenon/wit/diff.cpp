// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "tenon/wit/print.h"

namespace tenon::wit {
namespace {

/// A structure written out, one member a line: what is compared and shown.
std::string shape(const Packages& packages, const TypeDef& def) {
  if (std::holds_alternative<Resource>(def.def)) return "resource";
  if (const auto* alias = std::get_if<TypeAlias>(&def.def)) return type_text(packages, alias->target);
  const auto& made = std::get<DefValType>(def.def);
  std::string out;
  each_label(made, [&](std::size_t i, const std::string& label) {
    out += label;
    if (const auto* record = std::get_if<component::Record>(&made)) out += ": " + type_text(packages, record->fields[i].type);
    if (const auto* variant = std::get_if<component::Variant>(&made); variant != nullptr && variant->cases[i].type)
      out += "(" + type_text(packages, *variant->cases[i].type) + ")";
    out += "\n";
  });
  if (!out.empty()) return out;
  TypeDef unnamed = def;
  unnamed.name.reset();
  Packages one = packages;
  const TypeIdx idx = one.types.push_back(std::move(unnamed));
  return type_text(one, idx);
}

std::string_view kind_of(const TypeDef& def) {
  if (std::holds_alternative<Resource>(def.def)) return "resource";
  const auto* made = std::get_if<DefValType>(&def.def);
  if (made == nullptr) return "type";
  if (std::holds_alternative<component::Record>(*made)) return "record";
  if (std::holds_alternative<component::Variant>(*made)) return "variant";
  if (std::holds_alternative<component::Enum>(*made)) return "enum";
  if (std::holds_alternative<component::Flags>(*made)) return "flags";
  return "type";
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto cut = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, cut));
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  return out;
}

class Differ {
 public:
  Differ(const Packages& before, const Packages& after) : before_(before), after_(after) {}

  std::vector<Change> run(const Package& a, const Package& b) {
    if (a.name.ns != b.name.ns || a.name.name != b.name.name)
      add(Step::major, fmt::format("the package `{}:{}` is called `{}:{}`", a.name.ns, a.name.name, b.name.ns, b.name.name), b.info.span);
    each(a.interfaces, b.interfaces, "interface", [&](const std::string& name, InterfaceIdx x, InterfaceIdx y) {
      interface(fmt::format("interface `{}`", name), before_.interfaces[x], after_.interfaces[y]);
    });
    each(a.worlds, b.worlds, "world", [&](const std::string& name, WorldIdx x, WorldIdx y) {
      world(fmt::format("world `{}`", name), before_.worlds[x], after_.worlds[y]);
    });
    return std::move(changes_);
  }

 private:
  void add(Step step, std::string text, Span span) { changes_.push_back({step, std::move(text), span}); }

  template <class Entries, class Both>
  void each(const Entries& a, const Entries& b, std::string_view what, Both both) {
    for (const auto& [name, idx] : a) {
      const auto there = std::find_if(b.begin(), b.end(), [&, &n = name](const auto& e) { return e.first == n; });
      if (there != b.end()) both(name, idx, there->second);
      else add(Step::major, fmt::format("the {} `{}` is gone", what, name), Span::none());
    }
    for (const auto& [name, idx] : b) {
      const bool old = std::any_of(a.begin(), a.end(), [&, &n = name](const auto& e) { return e.first == n; });
      if (!old) add(Step::minor, fmt::format("the {} `{}` is new", what, name), Span::none());
    }
  }

  void info(const std::string& where, const ItemInfo& a, const ItemInfo& b) {
    if (a.docs != b.docs) add(Step::patch, where + ": docs", b.span);
    if (!a.stability.deprecated && b.stability.deprecated) add(Step::minor, where + " is deprecated", b.span);
    if (!a.stability.unstable_feature && b.stability.unstable_feature)
      add(Step::major, fmt::format("{} stands behind the feature `{}` now", where, *b.stability.unstable_feature), b.span);
    if (a.external_id != b.external_id) add(Step::patch, where + ": external id", b.span);
  }

  void interface(const std::string& where, const Interface& a, const Interface& b) {
    info(where, a.info, b.info);
    for (const auto& [name, idx] : a.types) {
      const auto there = std::find_if(b.types.begin(), b.types.end(), [&, &n = name](const auto& e) { return e.first == n; });
      const TypeDef& old = before_.types[idx];
      if (there == b.types.end()) {
        add(Step::major, fmt::format("{}: the {} `{}` is gone", where, kind_of(old), name), old.info.span);
        continue;
      }
      type(fmt::format("{}: {} `{}`", where, kind_of(old), name), old, after_.types[there->second]);
    }
    for (const auto& [name, idx] : b.types) {
      const bool old = std::any_of(a.types.begin(), a.types.end(), [&, &n = name](const auto& e) { return e.first == n; });
      if (!old) add(Step::minor, fmt::format("{}: the {} `{}` is new", where, kind_of(after_.types[idx]), name), after_.types[idx].info.span);
    }
    for (const Function& f : a.functions) {
      const Function* g = find(b.functions, f.name);
      if (g == nullptr) add(Step::major, fmt::format("{}: the function `{}` is gone", where, f.name), f.info.span);
      else function(fmt::format("{}: function `{}`", where, f.name), f, *g);
    }
    for (const Function& f : b.functions) {
      if (find(a.functions, f.name) == nullptr) add(Step::minor, fmt::format("{}: the function `{}` is new", where, f.name), f.info.span);
    }
  }

  static const Function* find(const std::vector<Function>& functions, const std::string& name) {
    const auto it = std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name; });
    return it == functions.end() ? nullptr : &*it;
  }

  void function(const std::string& where, const Function& a, const Function& b) {
    const std::string x = func_text(before_, a);
    const std::string y = func_text(after_, b);
    if (x != y) add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, x, y), b.info.span);
    info(where, a.info, b.info);
  }

  void type(const std::string& where, const TypeDef& a, const TypeDef& b) {
    info(where, a.info, b.info);
    if (kind_of(a) != kind_of(b)) return add(Step::major, fmt::format("{} is a {} now", where, kind_of(b)), b.info.span);
    const std::string x = shape(before_, a);
    const std::string y = shape(after_, b);
    if (x == y) return;
    const auto old = lines(x);
    const auto now = lines(y);
    if (kind_of(a) == "type") return add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, x, y), b.info.span);
    const std::set<std::string> old_set(old.begin(), old.end());
    const std::set<std::string> new_set(now.begin(), now.end());
    for (const std::string& one : old) {
      if (!new_set.contains(one)) add(Step::major, fmt::format("{}: `{}` is gone", where, one), b.info.span);
    }
    for (const std::string& one : now) {
      if (!old_set.contains(one)) add(Step::major, fmt::format("{}: `{}` is new", where, one), b.info.span);
    }
    if (old_set == new_set) add(Step::major, fmt::format("{}: its members are in another order", where), b.info.span);
  }

  void world(const std::string& where, const World& a, const World& b) {
    info(where, a.info, b.info);
    items(where, "import", a.imports, b.imports);
    items(where, "export", a.exports, b.exports);
  }

  void items(const std::string& where, std::string_view direction, const std::vector<WorldItem>& a, const std::vector<WorldItem>& b) {
    // The version in an interface's id moves with its package: names are compared without the package's own.
    const auto key = [](const WorldItem& item) { return item.name.substr(0, item.name.find('@')); };
    std::map<std::string, const WorldItem*> now;
    for (const WorldItem& item : b) now.emplace(key(item), &item);
    for (const WorldItem& item : a) {
      const auto there = now.find(key(item));
      if (there == now.end()) {
        // A component that imported it is refused by hosts of the new world only when an import goes.
        add(Step::major, fmt::format("{}: the {} `{}` is gone", where, direction, item.name), Span::none());
        continue;
      }
      const auto* f = std::get_if<Function>(&item.item);
      const auto* g = std::get_if<Function>(&there->second->item);
      if (f != nullptr && g != nullptr) function(fmt::format("{}: {} `{}`", where, direction, item.name), *f, *g);
      const auto* i = std::get_if<InterfaceIdx>(&item.item);
      const auto* k = std::get_if<InterfaceIdx>(&there->second->item);
      const bool inlined = i != nullptr && k != nullptr && !before_.interfaces[*i].name && !after_.interfaces[*k].name;
      if (inlined) interface(fmt::format("{}: {} `{}`", where, direction, item.name), before_.interfaces[*i], after_.interfaces[*k]);
      if (item.item.index() != there->second->item.index())
        add(Step::major, fmt::format("{}: the {} `{}` is of another kind", where, direction, item.name), there->second->info.span);
      now.erase(there);
    }
    for (const auto& [name, item] : now)
      add(direction == "import" ? Step::minor : Step::major, fmt::format("{}: the {} `{}` is new", where, direction, item->name), item->info.span);
  }

  const Packages& before_;
  const Packages& after_;
  std::vector<Change> changes_;
};

/// major.minor.patch; what does not parse is 0.
std::array<std::uint64_t, 3> numbers(std::string_view version) {
  std::array<std::uint64_t, 3> out{};
  for (std::uint64_t& part : out) {
    const auto [end, code] = std::from_chars(version.data(), version.data() + version.size(), part);
    if (code != std::errc()) break;
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.starts_with('.')) break;
    version.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string_view to_string(Step step) {
  switch (step) {
    case Step::patch: return "patch";
    case Step::minor: return "minor";
    case Step::major: return "major";
  }
  return {};
}

std::vector<Change> diff(const Packages& before, PackageIdx old_package, const Packages& after, PackageIdx new_package) {
  return Differ(before, after).run(before.packages[old_package], after.packages[new_package]);
}

Step step_of(const std::vector<Change>& changes) {
  Step out = Step::patch;
  for (const Change& change : changes) out = std::max(out, change.step);
  return out;
}

bool is_enough(std::string_view old_version, std::string_view new_version, Step step) {
  const auto a = numbers(old_version);
  const auto b = numbers(new_version);
  if (b < a) return false;
  // The first part that is not 0 plays the part of the major number.
  std::size_t lead = 0;
  while (lead < 2 && a[lead] == 0) ++lead;
  if (step == Step::patch) return true;
  const std::size_t part = step == Step::major ? lead : std::min<std::size_t>(lead + 1, 2);
  for (std::size_t i = 0; i <= part; ++i) {
    if (b[i] > a[i]) return true;
  }
  return false;
}

}  // namespace tenon::wit
