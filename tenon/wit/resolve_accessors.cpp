// SPDX-License-Identifier: Apache-2.0
// Getters and setters. Each has the signature of one, and a setter has a getter of the same name
// and type. WIT takes the two in any order; in a component the getter comes first, so that is the
// order in which the graph has them. Spec: Binary.md "Import and Export Definitions".
#include <fmt/format.h>

#include <set>
#include <unordered_map>

#include "tenon/wit/print.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

const Function* function_of(const Function& f) {
  return &f;
}
const Function* function_of(const WorldItem& item) {
  return std::get_if<Function>(&item.item);
}

bool is(const Function* f, Accessor accessor) {
  return f != nullptr && f->accessor == accessor;
}

/// `[method][set]r.p` as `[method][get]r.p`.
std::string getter_of(std::string_view setter) {
  std::string out(setter);
  out.replace(out.find("[set]"), annotation(Accessor::get).size(), annotation(Accessor::get));
  return out;
}

}  // namespace

const component::ResultType* Resolver::as_result(ValType type) const {
  type = out_.resolve_alias(type);
  if (type.is_prim()) return nullptr;
  const auto* def = std::get_if<DefValType>(&out_.types[type.index()].def);
  return def == nullptr ? nullptr : std::get_if<component::ResultType>(def);
}

bool Resolver::check_accessor(const TypeScope& scope, const Function& func, const ast::Func& ast) {
  if (func.accessor == Accessor::none) return true;
  const bool get = func.accessor == Accessor::get;
  if (!gate_is_open("cm-accessors") && !units_[scopes_[scope.scope].unit].open) {
    diagnostics_.report(
        Error(rules::feature_off, ast.keyword,
              fmt::format("`{}` is a {}", ast.name.text, get ? "getter" : "setter"))
            .help(fmt::format("getters and setters are not part of WIT yet; open them with {}",
                              options_.opener_of("cm-accessors"))));
    return false;
  }
  const auto wrong = [&](Span where, std::string detail, std::string help) {
    diagnostics_.report(
        Error(rules::accessor, where, fmt::format("`{}`: {}", ast.name.text, detail))
            .help(std::move(help)));
    return false;
  };
  if (get) {
    if (!ast.params.empty())
      return wrong(ast.params[0].name.span, "found a parameter of a getter, wanted none",
                   "a function with parameters is a `func`");
    if (!func.result)
      return wrong(ast.keyword, "found a getter without a result, wanted one",
                   fmt::format("write `{}: get() -> …`", ast.name.text));
    const component::ResultType* result = as_result(*func.result);
    if (result != nullptr && !result->ok)
      return wrong(ast.result->span, "found a getter's `result` without a value, wanted one",
                   "write `result<t>` or `result<t, e>`");
    return true;
  }
  if (ast.params.size() != 1)
    return wrong(ast.params.empty() ? ast.keyword : ast.params[1].name.span,
                 fmt::format("found a setter of {} parameters, wanted one", ast.params.size()),
                 fmt::format("write `{}: set(value: …)`", ast.name.text));
  const component::ResultType* result = func.result ? as_result(*func.result) : nullptr;
  if (func.result && (result == nullptr || result->ok))
    return wrong(ast.result->span, "found a setter that gives a value",
                 "a setter gives nothing, `result` or `result<_, e>`");
  return true;
}

bool Resolver::same_type(ValType a, ValType b) const {
  std::vector<std::pair<ValType, ValType>> work{{a, b}};
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  const auto parts = [&](const DefValType& def) {
    std::vector<ValType> out;
    each_type(def, [&](ValType t) { out.push_back(t); });
    return out;
  };
  const auto resource = [&](const DefValType& def) -> std::optional<TypeIdx> {
    if (const auto* own = std::get_if<component::Own>(&def))
      return out_.resolve_alias(own->resource);
    if (const auto* borrow = std::get_if<component::Borrow>(&def))
      return out_.resolve_alias(borrow->resource);
    return std::nullopt;
  };
  while (!work.empty()) {
    const ValType x = out_.resolve_alias(work.back().first);
    const ValType y = out_.resolve_alias(work.back().second);
    work.pop_back();
    if (x == y) continue;
    if (x.is_prim() || y.is_prim()) return false;
    if (!seen.emplace(x.index().value, y.index().value).second) continue;
    const auto* one = std::get_if<DefValType>(&out_.types[x.index()].def);
    const auto* other = std::get_if<DefValType>(&out_.types[y.index()].def);
    if (one == nullptr || other == nullptr || one->index() != other->index()) return false;
    if (resource(*one) != resource(*other)) return false;
    std::vector<std::string_view> labels;
    each_label(*one, [&](std::size_t, const std::string& label) { labels.push_back(label); });
    std::size_t same = 0;
    std::size_t count = 0;
    each_label(*other, [&](std::size_t i, const std::string& label) {
      ++count;
      if (i < labels.size() && labels[i] == label) ++same;
    });
    if (same != count || count != labels.size()) return false;
    if (const auto* list = std::get_if<component::List>(one);
        list != nullptr && list->length != std::get<component::List>(*other).length)
      return false;
    if (const auto* result = std::get_if<component::ResultType>(one)) {
      const auto& theirs = std::get<component::ResultType>(*other);
      if (result->ok.has_value() != theirs.ok.has_value()) return false;
    }
    if (const auto* variant = std::get_if<component::Variant>(one)) {
      const auto& theirs = std::get<component::Variant>(*other);
      for (std::size_t i = 0; i < variant->cases.size(); ++i) {
        if (variant->cases[i].type.has_value() != theirs.cases[i].type.has_value()) return false;
      }
    }
    const std::vector<ValType> mine = parts(*one);
    const std::vector<ValType> theirs = parts(*other);
    if (mine.size() != theirs.size()) return false;
    for (std::size_t i = 0; i < mine.size(); ++i) work.emplace_back(mine[i], theirs[i]);
  }
  return true;
}

bool Resolver::check_pair(const Function& set, const Function& get) {
  const component::ResultType* result = as_result(*get.result);
  const ValType property = result != nullptr ? *result->ok : *get.result;
  if (same_type(set.params.back().type, property)) return true;
  diagnostics_.report(
      Error(rules::accessor, set.params.back().span,
            fmt::format("the setter of `{}` takes `{}`, wanted `{}`, which its getter gives",
                        set.item_name(), type_text(out_, set.params.back().type),
                        type_text(out_, property)))
          .note(get.info.span, "the getter"));
  return false;
}

template <class Entry>
bool Resolver::pair(std::vector<Entry>& items, bool whole) {
  std::unordered_map<std::string_view, std::size_t> getters;
  bool any = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Function* f = function_of(items[i]);
    if (is(f, Accessor::get)) getters.emplace(f->name, i);
    any = any || is(f, Accessor::set);
  }
  if (!any) return true;
  bool ok = true;
  // The places of setters that are before their getters, by the getter's place.
  std::unordered_map<std::size_t, std::size_t> behind;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Function* f = function_of(items[i]);
    if (!is(f, Accessor::set)) continue;
    const auto getter = getters.find(getter_of(f->name));
    if (getter != getters.end()) {
      ok = check_pair(*f, *function_of(items[getter->second])) && ok;
      if (getter->second > i) behind.emplace(getter->second, i);
      continue;
    }
    ok = false;
    if (!whole) continue;
    diagnostics_.report(
        Error(rules::accessor, f->info.span,
              fmt::format("`{}` has a setter and no getter", f->item_name()))
            .help(fmt::format("write `{}: {}get() -> {};` too", name_text(f->item_name()),
                              f->kind == FuncKind::static_ ? "static " : "",
                              type_text(out_, f->params.back().type))));
  }
  if (!ok || behind.empty()) return ok;
  std::set<std::size_t> moved;
  for (const auto& [get, set] : behind) moved.insert(set);
  std::vector<Entry> sorted;
  sorted.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (moved.contains(i)) continue;
    sorted.push_back(std::move(items[i]));
    if (const auto set = behind.find(i); set != behind.end())
      sorted.push_back(std::move(items[set->second]));
  }
  items = std::move(sorted);
  return true;
}

bool Resolver::pair_accessors(std::vector<Function>& functions, bool whole) {
  return pair(functions, whole);
}
bool Resolver::pair_accessors(std::vector<WorldItem>& items, bool whole) {
  return pair(items, whole);
}

}  // namespace tenon::wit
