// SPDX-License-Identifier: Apache-2.0
// Changes are classified by what they mean for those who use the package: removing anything or
// changing a type is major, an import that is added to a world is minor, an export is major. Types
// are compared as text, which shows in the message what differs. Items behind a feature may change
// at any time and count as patches.
#include "tenon/wit/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "tenon/types/semver.h"
#include "tenon/wit/print.h"

namespace tenon::wit {
namespace {

/// A structure written out, one member a line: what is compared and shown.
std::string shape(const Packages& packages, const TypeDef& def) {
  const auto* made = std::get_if<DefValType>(&def.def);
  std::string out;
  if (made != nullptr) {
    each_label(*made, [&](std::size_t i, const std::string& label) {
      out += label;
      if (const auto* record = std::get_if<component::Record>(made))
        out += ": " + type_text(packages, record->fields[i].type);
      if (const auto* variant = std::get_if<component::Variant>(made);
          variant != nullptr && variant->cases[i].type)
        out += "(" + type_text(packages, *variant->cases[i].type) + ")";
      out += "\n";
    });
  }
  return out.empty() ? def_text(packages, def) : out;
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

/// `[method]r.m` as a person says it.
std::string name_of(const Function& f) {
  if (f.kind == FuncKind::constructor) return fmt::format("constructor of `{}`", f.item_name());
  const std::string_view what = f.accessor == Accessor::get        ? "getter"
                                : f.accessor == Accessor::set      ? "setter"
                                : f.kind == FuncKind::freestanding ? "function"
                                : f.kind == FuncKind::method       ? "method"
                                                                   : "function";
  return fmt::format("{}{} `{}`", f.kind == FuncKind::static_ ? "static " : "", what,
                     unannotated(f.name));
}

/// The interface that a `use`d type comes from.
std::optional<InterfaceIdx> owner(const Packages& packages, const TypeDef& def) {
  const auto* alias = std::get_if<TypeAlias>(&def.def);
  if (!def.used || alias == nullptr || alias->target.is_prim()) return std::nullopt;
  const auto* found = std::get_if<InterfaceIdx>(&packages.types[alias->target.index()].owner);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

/// The same and the type's name there, without the version.
std::string origin(const Packages& packages, const TypeDef& def) {
  const auto from = owner(packages, def);
  if (!from) return {};
  const std::string id = packages.id_of(*from).value_or("");
  const TypeDef& target = packages.types[std::get<TypeAlias>(def.def).target.index()];
  return fmt::format("{}.{{{}}}", types::split_version(id).base, target.name.value_or(""));
}

/// Major, minor and patch; zeros without a version.
std::array<std::uint64_t, 3> numbers(std::string_view version) {
  const auto read = types::parse_semver(version);
  if (!read) return {};
  return {read->major, read->minor, read->patch};
}

/// Whether a version serves those who ask for another. Spec: https://semver.org.
bool is_compatible(std::string_view from, std::string_view to) {
  return types::is_semver(from) && types::is_semver(to) &&
         types::canon_version(from).first == types::canon_version(to).first;
}

class Differ {
 public:
  Differ(const Packages& before, const Packages& after) : before_(before), after_(after) {}

  std::vector<Change> run(const Package& a, const Package& b) {
    if (a.name.ns != b.name.ns || a.name.name != b.name.name)
      add(Step::major,
          fmt::format("the package `{}:{}` is called `{}:{}`", a.name.ns, a.name.name, b.name.ns,
                      b.name.name),
          b.info.span);
    if (a.info.docs != b.info.docs) add(Step::patch, "the package: docs", b.info.span);
    each(a.interfaces, b.interfaces, before_.interfaces, after_.interfaces, "interface",
         [&](const std::string& name, const Interface& x, const Interface& y) {
           interface(fmt::format("interface `{}`", name), x, y);
         });
    each(a.worlds, b.worlds, before_.worlds, after_.worlds, "world",
         [&](const std::string& name, const World& x, const World& y) {
           world(fmt::format("world `{}`", name), x, y, a.name, b.name);
         });
    // May reach others.
    for (std::size_t i = 0; i < others_.size(); ++i) {
      const auto [old, now] = others_[i];
      interface(fmt::format("interface `{}`", *before_.id_of(old)), before_.interfaces[old],
                after_.interfaces[now]);
    }
    return std::move(changes_);
  }

 private:
  /// An interface of another package that this one uses. It is compared when its version is the
  /// same: one that changed in place changes what components meet.
  void reach(InterfaceIdx old, InterfaceIdx now) {
    const auto id = before_.id_of(old);
    if (!id || id != after_.id_of(now) || !seen_.insert(old.value).second) return;
    // A root is compared by itself.
    const PackageIdx package = before_.interfaces[old].package;
    if (std::ranges::find(before_.roots, package) != before_.roots.end()) return;
    others_.emplace_back(old, now);
  }
  /// An item behind a feature may change at any time. Spec: WIT.md "Feature Gates".
  class Unstable {
   public:
    Unstable(int& depth, const ItemInfo& info)
        : depth_(depth), on_(info.stability.unstable_feature.has_value()) {
      depth_ += on_ ? 1 : 0;
    }
    ~Unstable() { depth_ -= on_ ? 1 : 0; }
    Unstable(const Unstable&) = delete;
    Unstable& operator=(const Unstable&) = delete;

   private:
    int& depth_;
    bool on_;
  };

  void add(Step step, std::string text, Span span) {
    changes_.push_back({unstable_ > 0 ? Step::patch : step, std::move(text), span});
  }

  template <class Entries, class Items, class Both>
  void each(const Entries& a, const Entries& b, const Items& before, const Items& after,
            std::string_view what, Both both) {
    const auto old = by_name(a);
    const auto now = by_name(b);
    for (const auto& [name, idx] : a) {
      const Unstable cap(unstable_, before[idx].info);
      const auto there = now.find(name);
      if (there != now.end())
        both(name, before[idx], after[there->second]);
      else
        add(Step::major, fmt::format("the {} `{}` is gone", what, name), before[idx].info.span);
    }
    for (const auto& [name, idx] : b) {
      if (!old.contains(name))
        add(Step::minor, fmt::format("the {} `{}` is new", what, name), after[idx].info.span);
    }
  }

  template <class Idx>
  static std::map<std::string_view, Idx> by_name(
      const std::vector<std::pair<std::string, Idx>>& entries) {
    return {entries.begin(), entries.end()};
  }
  static std::map<std::string_view, const Function*> by_name(
      const std::vector<Function>& functions) {
    std::map<std::string_view, const Function*> out;
    for (const Function& f : functions) out.emplace(f.name, &f);
    return out;
  }

  void info(const std::string& where, const ItemInfo& a, const ItemInfo& b) {
    if (a.docs != b.docs) add(Step::patch, where + ": docs", b.span);
    if (!a.stability.deprecated && b.stability.deprecated)
      add(Step::minor, fmt::format("{} is deprecated since {}", where, *b.stability.deprecated),
          b.span);
    if (!a.stability.unstable_feature && b.stability.unstable_feature)
      add(Step::major,
          fmt::format("{} is behind the feature `{}` now", where, *b.stability.unstable_feature),
          b.span);
    if (a.stability.unstable_feature && !b.stability.unstable_feature) {
      changes_.push_back({Step::minor, fmt::format("{} is stable now", where), b.span});
    }
    if (a.external_id != b.external_id) add(Step::patch, where + ": external id", b.span);
  }

  void interface(const std::string& where, const Interface& a, const Interface& b) {
    info(where, a.info, b.info);
    const auto old_types = by_name(a.types);
    const auto new_types = by_name(b.types);
    for (const auto& [name, idx] : a.types) {
      const auto there = new_types.find(name);
      const TypeDef& old = before_.types[idx];
      const Unstable cap(unstable_, old.info);
      if (there == new_types.end()) {
        add(Step::major, fmt::format("{}: the {} `{}` is gone", where, kind_of(old), name),
            old.info.span);
        continue;
      }
      type(fmt::format("{}: {} `{}`", where, kind_of(old), name), old, after_.types[there->second]);
    }
    for (const auto& [name, idx] : b.types) {
      if (!old_types.contains(name))
        add(Step::minor,
            fmt::format("{}: the {} `{}` is new", where, kind_of(after_.types[idx]), name),
            after_.types[idx].info.span);
    }
    const auto old_functions = by_name(a.functions);
    const auto new_functions = by_name(b.functions);
    for (const Function& f : a.functions) {
      const Unstable cap(unstable_, f.info);
      const auto there = new_functions.find(f.name);
      if (there == new_functions.end())
        add(Step::major, fmt::format("{}: the {} is gone", where, name_of(f)), f.info.span);
      else
        function(fmt::format("{}: {}", where, name_of(f)), f, *there->second);
    }
    for (const Function& f : b.functions) {
      if (!old_functions.contains(f.name))
        add(Step::minor, fmt::format("{}: the {} is new", where, name_of(f)), f.info.span);
    }
  }

  void function(const std::string& where, const Function& a, const Function& b) {
    const std::string x = func_text(before_, a);
    const std::string y = func_text(after_, b);
    if (x != y) add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, x, y), b.info.span);
    info(where, a.info, b.info);
  }

  void type(const std::string& where, const TypeDef& a, const TypeDef& b) {
    info(where, a.info, b.info);
    if (kind_of(a) != kind_of(b))
      return add(Step::major, fmt::format("{} is a {} now", where, kind_of(b)), b.info.span);
    const std::string from = origin(before_, a);
    const std::string to = origin(after_, b);
    if (from != to) {
      const auto said = [](const std::string& id) {
        return id.empty() ? std::string("was defined here") : fmt::format("came from `{}`", id);
      };
      return add(Step::major,
                 fmt::format("{}: {}, {}", where, said(from),
                             to.empty() ? "is defined here" : fmt::format("comes from `{}`", to)),
                 b.info.span);
    }
    const auto old_owner = owner(before_, a);
    const auto new_owner = owner(after_, b);
    if (old_owner && new_owner) reach(*old_owner, *new_owner);
    const std::string x = shape(before_, a);
    const std::string y = shape(after_, b);
    if (x == y) return;
    const auto old = lines(x);
    const auto now = lines(y);
    if (kind_of(a) == "type")
      return add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, x, y), b.info.span);
    members(where, old, now, b);
  }

  /// Fields, cases and flags are told apart by their names; any change of them changes what is
  /// passed.
  void members(const std::string& where, const std::vector<std::string>& old,
               const std::vector<std::string>& now, const TypeDef& b) {
    const auto label = [](const std::string& member) {
      return member.substr(0, member.find_first_of(":("));
    };
    std::map<std::string, std::string> before;
    std::map<std::string, std::string> after;
    for (const std::string& one : old) before.emplace(label(one), one);
    for (const std::string& one : now) after.emplace(label(one), one);
    bool same = true;
    for (const std::string& one : old) {
      const auto there = after.find(label(one));
      if (there != after.end() && there->second == one) continue;
      same = false;
      if (there == after.end())
        add(Step::major, fmt::format("{}: `{}` is gone", where, one), b.info.span);
      else
        add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, one, there->second),
            b.info.span);
    }
    for (const std::string& one : now) {
      if (before.contains(label(one))) continue;
      same = false;
      add(Step::major, fmt::format("{}: `{}` is new", where, one), b.info.span);
    }
    if (same)
      add(Step::major, fmt::format("{}: its members are in another order", where), b.info.span);
  }

  void world(const std::string& where, const World& a, const World& b, const PackageName& old_name,
             const PackageName& new_name) {
    info(where, a.info, b.info);
    items(where, "import", a.imports, b.imports, old_name, new_name);
    items(where, "export", a.exports, b.exports, old_name, new_name);
  }

  /// The version in an interface's id: empty when it is that of the package itself, which moves on
  /// its own.
  static std::string foreign_version(const WorldItem& item, const PackageName& own) {
    if (item.name.starts_with(fmt::format("{}:{}/", own.ns, own.name))) return {};
    return std::string(types::split_version(item.name).version);
  }

  /// How an item is called in a message.
  static std::string said(const WorldItem& item, std::string_view direction) {
    const auto* f = std::get_if<Function>(&item.item);
    if (std::holds_alternative<TypeIdx>(item.item)) return fmt::format("type `{}`", item.name);
    return f != nullptr && f->kind != FuncKind::freestanding
               ? name_of(*f)
               : fmt::format("{} `{}`", direction, item.name);
  }

  /// For each item the one that it has become: that of the same name and version, otherwise the
  /// first of that name in another version that is left.
  static std::vector<std::optional<std::size_t>> pair_items(const std::vector<WorldItem>& a,
                                                            const std::vector<WorldItem>& b) {
    std::unordered_map<std::string_view, std::size_t> same;
    for (std::size_t i = 0; i < b.size(); ++i) same.emplace(b[i].name, i);
    std::vector<std::optional<std::size_t>> out(a.size());
    std::vector<bool> taken(b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto there = same.find(a[i].name);
      if (there == same.end()) continue;
      out[i] = there->second;
      taken[there->second] = true;
    }
    const auto stem = [](const WorldItem& item) { return types::split_version(item.name).base; };
    std::unordered_map<std::string_view, std::vector<std::size_t>> left;
    for (std::size_t i = b.size(); i-- > 0;) {
      if (!taken[i]) left[stem(b[i])].push_back(i);
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto there = out[i] ? left.end() : left.find(stem(a[i]));
      if (there == left.end() || there->second.empty()) continue;
      out[i] = there->second.back();
      there->second.pop_back();
    }
    return out;
  }

  void items(const std::string& where, std::string_view direction, const std::vector<WorldItem>& a,
             const std::vector<WorldItem>& b, const PackageName& old_name,
             const PackageName& new_name) {
    const auto pairs = pair_items(a, b);
    std::vector<bool> paired(b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const WorldItem& item = a[i];
      const Unstable cap(unstable_, item.info);
      if (!pairs[i]) {
        add(Step::major, fmt::format("{}: the {} is gone", where, said(item, direction)),
            item.info.span);
        continue;
      }
      paired[*pairs[i]] = true;
      const WorldItem& there = b[*pairs[i]];
      const std::string from = foreign_version(item, old_name);
      const std::string to = foreign_version(there, new_name);
      if (from != to) {
        const bool fits = is_compatible(from, to);
        const auto version = [](const std::string& text) {
          return text.empty() ? std::string("no version") : "version " + text;
        };
        add(fits ? Step::minor : Step::major,
            fmt::format("{}: {} is of {} now{}", where, said(item, direction), version(to),
                        fits ? "" : fmt::format(", which does not serve for {}", version(from))),
            there.info.span);
      }
      both(fmt::format("{}: {}", where, said(item, direction)), item, there);
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
      const WorldItem& item = b[i];
      if (paired[i]) continue;
      // Components need not use an import, but have to bring an export.
      const bool minor = direction == "import";
      add(minor ? Step::minor : Step::major,
          fmt::format("{}: the {} is new{}", where, said(item, direction),
                      item.implicit ? ", since another needs it" : ""),
          item.info.span);
    }
  }

  /// The same item of a world before and after.
  void both(const std::string& where, const WorldItem& a, const WorldItem& b) {
    if (a.item.index() != b.item.index())
      return add(Step::major, where + " is of another kind", b.info.span);
    if (const auto* f = std::get_if<Function>(&a.item))
      return function(where, *f, std::get<Function>(b.item));
    if (const auto* t = std::get_if<TypeIdx>(&a.item))
      return type(where, before_.types[*t], after_.types[std::get<TypeIdx>(b.item)]);
    const Interface& i = before_.interfaces[std::get<InterfaceIdx>(a.item)];
    const InterfaceIdx k = std::get<InterfaceIdx>(b.item);
    if (!i.name && !after_.interfaces[k].name) return interface(where, i, after_.interfaces[k]);
    const auto id = [](const std::optional<std::string>& full) {
      return full ? std::string(types::split_version(*full).base)
                  : std::string("an interface of its own");
    };
    const std::string x = id(before_.id_of(std::get<InterfaceIdx>(a.item)));
    const std::string y = id(after_.id_of(k));
    if (x != y) add(Step::major, fmt::format("{}: was `{}`, is `{}`", where, x, y), b.info.span);
    reach(std::get<InterfaceIdx>(a.item), k);
    info(where, a.info, b.info);
  }

  const Packages& before_;
  const Packages& after_;
  std::vector<Change> changes_;
  /// Interfaces that were reached, and those of them that are compared with what they have become.
  std::unordered_set<std::uint32_t> seen_;
  std::vector<std::pair<InterfaceIdx, InterfaceIdx>> others_;
  int unstable_ = 0;
};

}  // namespace

std::string_view to_string(Step step) {
  switch (step) {
    case Step::patch:
      return "patch";
    case Step::minor:
      return "minor";
    case Step::major:
      return "major";
  }
  return {};
}

std::vector<Change> diff(const Packages& before, PackageIdx old_package, const Packages& after,
                         PackageIdx new_package) {
  std::vector<Change> found =
      Differ(before, after).run(before.packages[old_package], after.packages[new_package]);
  std::vector<Change> out;
  out.reserve(found.size());
  for (const Step step : {Step::major, Step::minor, Step::patch}) {
    for (Change& change : found)
      if (change.step == step) out.push_back(std::move(change));
  }
  return out;
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
