// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "tenon/base/index.h"
#include "tenon/types/types.h"

namespace tenon::types {

/// Calls `f(ValType)` for each part of a defined type.
template <class F>
void for_each_part(const DefValType& def, F&& f) {
  std::visit(overloaded{
                 [](PrimValType) {},
                 [&](const Record& r) {
                   for (const LabelValType& field : r.fields) f(field.type);
                 },
                 [&](const Variant& v) {
                   for (const Case& c : v.cases) {
                     if (c.type) f(*c.type);
                   }
                 },
                 [&](const List& l) { f(l.elem); },
                 [&](const Tuple& t) {
                   for (const ValType e : t.types) f(e);
                 },
                 [](const Flags&) {},
                 [](const Enum&) {},
                 [&](const Option& o) { f(o.type); },
                 [&](const ResultType& r) {
                   if (r.ok) f(*r.ok);
                   if (r.err) f(*r.err);
                 },
                 [](const Own&) {},
                 [](const Borrow&) {},
                 [&](const Stream& s) {
                   if (s.type) f(*s.type);
                 },
                 [&](const Future& s) {
                   if (s.type) f(*s.type);
                 },
                 [&](const Map& m) {
                   f(m.key);
                   f(m.value);
                 },
             },
             def);
}

/// The same type with each part mapped by `f(ValType) -> ValType` and each resource by
/// `r(TypeIdx) -> TypeIdx`.
template <class F, class R>
DefValType map_parts(DefValType def, F&& f, R&& r) {
  const auto map = [&](std::optional<ValType>& t) {
    if (t) t = f(*t);
  };
  std::visit(overloaded{
                 [](PrimValType&) {},
                 [&](Record& x) {
                   for (LabelValType& field : x.fields) field.type = f(field.type);
                 },
                 [&](Variant& x) {
                   for (Case& c : x.cases) map(c.type);
                 },
                 [&](List& x) { x.elem = f(x.elem); },
                 [&](Tuple& x) {
                   for (ValType& e : x.types) e = f(e);
                 },
                 [](Flags&) {},
                 [](Enum&) {},
                 [&](Option& x) { x.type = f(x.type); },
                 [&](ResultType& x) {
                   map(x.ok);
                   map(x.err);
                 },
                 [&](Own& x) { x.resource = r(x.resource); },
                 [&](Borrow& x) { x.resource = r(x.resource); },
                 [&](Stream& x) { map(x.type); },
                 [&](Future& x) { map(x.type); },
                 [&](Map& x) {
                   x.key = f(x.key);
                   x.value = f(x.value);
                 },
             },
             def);
  return def;
}

}  // namespace tenon::types
