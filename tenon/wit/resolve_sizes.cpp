// SPDX-License-Identifier: Apache-2.0
// What the validation of components limits in types, told where the type is written: otherwise the
// WIT would be clean and its component invalid. Types grow exponentially by naming each other, so
// each is measured once, out of the measures of its parts.
#include <fmt/format.h>

#include "tenon/component/limits.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

namespace limits = component::limits;

std::uint32_t add_sizes(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(std::uint64_t{a} + b, std::uint64_t{limits::type_size} + 1));
}

}  // namespace

void Resolver::add(Measure& to, ValType part) {
  const Measure m = measure(part);
  to.size = add_sizes(to.size, m.size);
  if (!part.is_prim()) to.depth = std::max(to.depth, m.depth + 1);
}

Resolver::Measure Resolver::measure(const DefValType& def) {
  Measure out;
  each_type(def, [&](ValType part) { add(out, part); });
  out.layout = abi::layout_of(def, abi::Ptr::i64, [&](ValType t) { return measure(t).layout; });
  return out;
}

/// What a type contains is before it, so that each is looked at once.
Resolver::Measure Resolver::measure(ValType type) {
  if (type.is_prim()) return {abi::layout_of_prim(type.prim(), abi::Ptr::i64), 1, 1};
  while (measures_.size() <= type.index().value) {
    const auto& def = out_.types[TypeIdx(measures_.size())].def;
    Measure made;
    if (const auto* alias = std::get_if<TypeAlias>(&def)) made = measure(alias->target);
    if (const auto* structure = std::get_if<DefValType>(&def)) made = measure(*structure);
    measures_.push_back(made);
  }
  return measures_[type.index().value];
}

bool Resolver::fits(const Measure& m, Span where, std::string_view name) {
  std::string detail;
  if (m.size > limits::type_size) {
    detail = fmt::format("`{}` and the types inside it have more than {} parts", name,
                         limits::type_size);
  } else if (m.layout.size >= limits::elem_size) {
    detail = fmt::format("`{}` has {} bytes with 64-bit pointers, less than {} are taken", name,
                         m.layout.size, limits::elem_size);
  } else if (m.depth > limits::type_depth) {
    diagnostics_.report(Error(rules::too_deep, where, fmt::format("`{}`", name)));
    return false;
  } else {
    return true;
  }
  diagnostics_.report(Error(rules::too_large, where, std::move(detail))
                          .help("a type that names another twice is twice as large: break it with "
                                "a resource"));
  return false;
}

bool Resolver::check_size(const Function& func, const ast::Func& ast) {
  if (func.params.size() > limits::params) {
    diagnostics_.report(
        too_many(ast.name.span, ast.name.text, func.params.size(), limits::params, "parameters"));
    return false;
  }
  Measure all;
  all.layout = {1, 1};
  const auto part = [&](ValType type) {
    add(all, type);
    all.layout.size = std::max(all.layout.size, measure(type).layout.size);
  };
  for (const Param& param : func.params) part(param.type);
  if (func.result) part(*func.result);
  return fits(all, ast.name.span, ast.name.text);
}

}  // namespace tenon::wit
