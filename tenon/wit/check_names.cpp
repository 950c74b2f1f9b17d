// SPDX-License-Identifier: Apache-2.0
// A WIT package in binary is read without validating it as a component, and what is read is printed
// as text, parsed again and turned into source code. So every name is looked at here, once, after
// the graph is there: behind this nobody needs to ask whether a name is one. Likewise types without
// a name, which a binary shares and a text writes out wherever they are used.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tenon/wit/graph_builder.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

/// Kebab names joined by `:` or `/`, as those of nested namespaces and packages.
bool is_path(std::string_view text) {
  while (true) {
    const auto end = std::min(text.find_first_of(":/"), text.size());
    if (!is_kebab(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

/// What follows `@`: whether it is a full version is told where it is needed.
bool is_version(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '+';
  });
}

bool is_function_name(const Function& f) {
  const std::string_view rest = unannotated(f.name);
  if (f.kind == FuncKind::freestanding || f.kind == FuncKind::constructor) return is_kebab(rest);
  const auto dot = rest.find('.');
  return dot != std::string_view::npos && is_kebab(rest.substr(0, dot)) &&
         is_kebab(rest.substr(dot + 1));
}

class Checker {
 public:
  explicit Checker(const Packages& packages) : packages_(packages) {}

  Result<void> run() const {
    for (const Package& p : packages_.packages) {
      if (!is_path(p.name.ns) || !is_path(p.name.name) ||
          (p.name.version && !is_version(*p.name.version)))
        return std::unexpected(wrong(p.name.to_string(), "a package's name"));
    }
    for (const TypeDef& def : packages_.types) TENON_TRY(type(def));
    TENON_TRY(texts());
    for (const Interface& i : packages_.interfaces) {
      if (i.name) TENON_TRY(kebab(*i.name, "an interface's name"));
      for (const auto& [name, idx] : i.types) TENON_TRY(kebab(name, "a type's name"));
      for (const Function& f : i.functions) TENON_TRY(function(f));
    }
    for (const World& w : packages_.worlds) {
      TENON_TRY(kebab(w.name, "a world's name"));
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) TENON_TRY(world_item(item));
      }
    }
    return {};
  }

 private:
  static Error wrong(std::string_view name, std::string_view what) {
    return {rules::binary_wit, Span::none(), fmt::format("found `{}`, wanted {}", name, what)};
  }
  static Result<void> kebab(std::string_view name, std::string_view what) {
    if (is_kebab(name)) return {};
    return std::unexpected(wrong(name, what));
  }

  Result<void> type(const TypeDef& def) const {
    if (def.name) TENON_TRY(kebab(*def.name, "a type's name"));
    TENON_TRY(used(def));
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return {};
    Result<void> out = {};
    each_label(*made, [&](std::size_t, const std::string& label) {
      if (out && !is_kebab(label)) out = kebab(label, "the name of a field, case or flag");
    });
    return out;
  }

  /// What comes from elsewhere comes by a `use`, which names an interface: those that a world has
  /// under plain names, and the world itself, cannot be said there.
  [[nodiscard]] Result<void> used(const TypeDef& def) const {
    const auto* const alias = std::get_if<TypeAlias>(&def.def);
    if (!def.used || alias == nullptr || alias->target.is_prim()) return {};
    const TypeDef& target = packages_.types[alias->target.index()];
    const auto* const owner = std::get_if<InterfaceIdx>(&target.owner);
    if (owner != nullptr && packages_.interfaces[*owner].name) return {};
    return std::unexpected(
        Error(rules::binary_wit, Span::none(),
              fmt::format("found `{}` of {}, wanted a type of an interface with a name of its own",
                          target.name.value_or(""),
                          owner != nullptr ? "an instance under a plain name" : "a world")));
  }

  static bool has_to_be_named(const DefValType& def) {
    return std::holds_alternative<component::Record>(def) ||
           std::holds_alternative<component::Variant>(def) ||
           std::holds_alternative<component::Enum>(def) ||
           std::holds_alternative<component::Flags>(def);
  }
  static Error nameless(std::string_view where) {
    return {
        rules::binary_wit, Span::none(),
        fmt::format("found a structure without a name in `{}`, wanted one that its interface or "
                    "world names",
                    where)};
  }

  /// Parameters and results of all functions.
  [[nodiscard]] std::uint64_t count_values() const {
    std::uint64_t out = 0;
    const auto add = [&](const Function& f) { out += 1 + f.params.size(); };
    for (const Interface& i : packages_.interfaces) std::ranges::for_each(i.functions, add);
    for (const World& w : packages_.worlds) {
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* f = std::get_if<Function>(&item.item)) add(*f);
        }
      }
    }
    return out;
  }

  /// The text of all types where they are used, in words: a few for each type and parameter, and
  /// some more. What a type needs is before it.
  Result<void> texts() const {
    const std::uint64_t most_words = 100'000 + 4 * (packages_.types.size() + count_values());
    struct Text {
      std::uint64_t words = 1;
      std::uint32_t depth = 0;
      /// Made of a record or its like that has no name.
      bool nameless = false;
    };
    std::vector<Text> all(packages_.types.size());
    std::uint64_t sum = 0;
    const auto of = [&](ValType t) {
      const bool named = t.is_prim() || packages_.types[t.index()].name.has_value();
      return named ? Text() : all[t.index().value];
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      const TypeDef& def = packages_.types[TypeIdx(i)];
      const auto* made = std::get_if<DefValType>(&def.def);
      if (made != nullptr) {
        each_type(*made, [&](ValType t) {
          const Text part = of(t);
          all[i].words = std::min(all[i].words + part.words, most_words + 1);
          all[i].depth = std::max(all[i].depth, part.depth + 1);
          all[i].nameless = all[i].nameless || part.nameless;
        });
        all[i].nameless = all[i].nameless || (!def.name && has_to_be_named(*made));
      }
      if (all[i].depth > max_type_depth)
        return std::unexpected(Error(rules::too_deep, Span::none(), "a type without a name"));
      if (def.name) sum += all[i].words;
      if (def.name && all[i].nameless) return std::unexpected(nameless(*def.name));
    }
    const Function* made_of_nameless = nullptr;
    const auto add = [&](const Function& f) {
      const auto value = [&](ValType t) {
        sum += of(t).words;
        if (of(t).nameless) made_of_nameless = &f;
      };
      for (const Param& param : f.params) value(param.type);
      if (f.result) value(*f.result);
    };
    for (const Interface& i : packages_.interfaces) {
      for (const Function& f : i.functions) add(f);
    }
    for (const World& w : packages_.worlds) {
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* f = std::get_if<Function>(&item.item)) add(*f);
        }
      }
    }
    if (made_of_nameless != nullptr) return std::unexpected(nameless(made_of_nameless->name));
    if (sum <= most_words) return {};
    return std::unexpected(
        Error(rules::too_large, Span::none(),
              fmt::format("its types have {} words and more when they are written out, at most {} "
                          "are taken",
                          sum, most_words)));
  }

  static Result<void> function(const Function& f) {
    if (!is_function_name(f)) return std::unexpected(wrong(f.name, "a function's name"));
    const bool always_sync = f.kind == FuncKind::constructor || f.accessor != Accessor::none;
    if (f.async_ && always_sync)
      return std::unexpected(
          wrong(f.name + "` as `async", "a constructor or accessor that is not"));
    for (const Param& param : f.params) TENON_TRY(kebab(param.name, "a parameter's name"));
    return {};
  }

  /// The name of an interface's item is its id, whose parts are looked at elsewhere.
  Result<void> world_item(const WorldItem& item) const {
    if (const auto* f = std::get_if<Function>(&item.item)) return function(*f);
    const auto* interface = std::get_if<InterfaceIdx>(&item.item);
    if (interface != nullptr && !item.implements && packages_.interfaces[*interface].name)
      return {};
    return kebab(item.name, "the name of a world's import or export");
  }

  const Packages& packages_;
};

}  // namespace

Result<void> check_names(const Packages& packages) {
  return Checker(packages).run();
}

}  // namespace tenon::wit
