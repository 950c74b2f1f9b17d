// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/match.h"

#include "tenon/abi/layout.h"

namespace tenon::runtime {

namespace {

using component::DefValType;
using component::ValType;

constexpr int max_depth = 100;

class Matcher {
 public:
  Matcher(const BoundTypes& a, const BoundTypes& b) : a_(a), b_(b) {}

  bool same(ValType ta, ValType tb, int depth) {
    if (depth > max_depth) return false;
    const auto prim_a = prim(a_, ta);
    const auto prim_b = prim(b_, tb);
    if (prim_a || prim_b) return prim_a == prim_b;
    const auto& da = a_.info->types[ta.index()];
    const auto& db = b_.info->types[tb.index()];
    if (da.index() != db.index()) return false;
    return std::visit(
        [&](const auto& x) { return def(x, std::get<std::decay_t<decltype(x)>>(db), depth + 1); },
        da);
  }
  bool same(const std::optional<ValType>& ta, const std::optional<ValType>& tb, int depth) {
    return ta.has_value() == tb.has_value() && (!ta || same(*ta, *tb, depth));
  }

 private:
  static std::optional<component::PrimValType> prim(const BoundTypes& t, ValType type) {
    if (type.is_prim()) return type.prim();
    if (const auto* p = std::get_if<component::PrimValType>(&t.info->types[type.index()]))
      return *p;
    return std::nullopt;
  }
  bool def(component::PrimValType x, component::PrimValType y, int) { return x == y; }
  bool def(const component::Record& x, const component::Record& y, int depth) {
    if (x.fields.size() != y.fields.size()) return false;
    for (std::size_t i = 0; i < x.fields.size(); ++i) {
      if (x.fields[i].label != y.fields[i].label ||
          !same(x.fields[i].type, y.fields[i].type, depth))
        return false;
    }
    return true;
  }
  bool def(const component::Variant& x, const component::Variant& y, int depth) {
    if (x.cases.size() != y.cases.size()) return false;
    for (std::size_t i = 0; i < x.cases.size(); ++i) {
      if (x.cases[i].label != y.cases[i].label || !same(x.cases[i].type, y.cases[i].type, depth))
        return false;
    }
    return true;
  }
  bool def(const component::List& x, const component::List& y, int depth) {
    return x.length == y.length && same(x.elem, y.elem, depth);
  }
  bool def(const component::Tuple& x, const component::Tuple& y, int depth) {
    if (x.types.size() != y.types.size()) return false;
    for (std::size_t i = 0; i < x.types.size(); ++i) {
      if (!same(x.types[i], y.types[i], depth)) return false;
    }
    return true;
  }
  bool def(const component::Flags& x, const component::Flags& y, int) {
    return x.labels == y.labels;
  }
  bool def(const component::Enum& x, const component::Enum& y, int) { return x.labels == y.labels; }
  bool def(const component::Option& x, const component::Option& y, int depth) {
    return same(x.type, y.type, depth);
  }
  bool def(const component::ResultType& x, const component::ResultType& y, int depth) {
    return same(x.ok, y.ok, depth) && same(x.err, y.err, depth);
  }
  bool same_resource(component::TypeIdx x, component::TypeIdx y) {
    const auto* rx = (*a_.resources)[x.value];
    const auto* ry = (*b_.resources)[y.value];
    return rx != nullptr && rx == ry;
  }
  bool def(const component::Own& x, const component::Own& y, int) {
    return same_resource(x.resource, y.resource);
  }
  bool def(const component::Borrow& x, const component::Borrow& y, int) {
    return same_resource(x.resource, y.resource);
  }
  bool def(const component::Stream& x, const component::Stream& y, int depth) {
    return same(x.type, y.type, depth);
  }
  bool def(const component::Future& x, const component::Future& y, int depth) {
    return same(x.type, y.type, depth);
  }
  bool def(const component::Map& x, const component::Map& y, int depth) {
    return same(x.key, y.key, depth) && same(x.value, y.value, depth);
  }

  const BoundTypes& a_;
  const BoundTypes& b_;
};

}  // namespace

bool same_type(const BoundTypes& a, ValType ta, const BoundTypes& b, ValType tb, int depth) {
  return Matcher(a, b).same(ta, tb, depth);
}

bool same_func(const BoundTypes& a, const component::FuncType& fa, const BoundTypes& b,
               const component::FuncType& fb) {
  if (fa.async_ != fb.async_ || fa.params.size() != fb.params.size()) return false;
  Matcher matcher(a, b);
  for (std::size_t i = 0; i < fa.params.size(); ++i) {
    if (fa.params[i].label != fb.params[i].label ||
        !matcher.same(fa.params[i].type, fb.params[i].type, 0))
      return false;
  }
  return matcher.same(fa.result, fb.result, 0);
}

}  // namespace tenon::runtime
