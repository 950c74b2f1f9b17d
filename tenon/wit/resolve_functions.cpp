// SPDX-License-Identifier: Apache-2.0
// Functions: their names in the ABI, parameters, results, and those of resources.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/component/limits.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  out.reserve(size);
  for (const std::string_view part : parts) out += part;
  return out;
}

}  // namespace

/// The names of parameters differ in more than case and hyphens; a method has one called `self`.
bool Resolver::unique_params(const ast::Func& ast, bool method) {
  NameTable seen;
  if (method) seen.insert("self");
  bool ok = true;
  for (const ast::Param& param : ast.params) {
    const auto [number, fresh] = seen.insert(param.name.text);
    if (fresh) continue;
    const auto other = std::find_if(ast.params.begin(), ast.params.end(), [&](const auto& p) {
      return same_name(p.name.text, param.name.text);
    });
    const bool is_self = method && number == 0;
    diagnostics_.report(
        Error(rules::duplicate, param.name.span,
              "the parameter " + same_as(param.name.text, is_self ? "self" : other->name.text))
            .note(is_self ? ast.name.span : other->name.span, "also defined here")
            .help(is_self ? "a method has its resource without saying so: leave it out" : ""));
    ok = false;
  }
  return ok;
}

/// Spec: WIT.md "WIT Functions", "Item: `resource`".
std::optional<Function> Resolver::function(TypeScope& scope, const ast::Func& ast,
                                           std::optional<TypeIdx> resource,
                                           std::string_view resource_name) {
  Function out;
  out.kind = resource ? ast.kind : FuncKind::freestanding;
  out.accessor = ast.accessor;
  out.async_ = ast.async_;
  out.info = ast.attributes.info;
  const std::string_view mark = annotation(ast.accessor);
  switch (out.kind) {
    case FuncKind::freestanding:
      out.name = joined({mark, ast.name.text});
      break;
    case FuncKind::method:
      out.name = joined({"[method]", mark, resource_name, ".", ast.name.text});
      break;
    case FuncKind::static_:
      out.name = joined({"[static]", mark, resource_name, ".", ast.name.text});
      break;
    case FuncKind::constructor:
      out.name = joined({"[constructor]", resource_name});
      break;
  }
  if (resource) out.resource = *resource;
  out.params.reserve(ast.params.size() + 1);
  if (out.kind == FuncKind::method)
    out.params.push_back({"self", anonymous(component::Borrow{*resource}), ast.name.span});
  bool ok = unique_params(ast, out.kind == FuncKind::method);
  for (const ast::Param& param : ast.params) {
    const auto type = val_type(scope, param.type);
    if (!type) {
      ok = false;
      continue;
    }
    out.params.push_back({std::string(param.name.text), *type, param.name.span});
  }
  if (ast.result) {
    out.result = val_type(scope, *ast.result);
    if (!out.result) return std::nullopt;
    if (contains_borrow(*out.result)) {
      diagnostics_.report(Error(rules::type_rule, ast.result->span,
                                "found a `borrow` in a result, wanted an owned resource"));
      return std::nullopt;
    }
  }
  if (!ok || !check_size(out, ast) || !check_accessor(scope, out, ast)) return std::nullopt;
  if (out.kind == FuncKind::constructor) {
    if (!out.result) {
      out.result = own_of(*resource);
    } else if (!check_constructor(out, ast, *resource)) {
      return std::nullopt;
    }
  }
  return out;
}

/// A constructor gives the resource, which goes without saying, or a result of it. Spec: WIT.md
/// "Item: `resource`".
bool Resolver::check_constructor(const Function& func, const ast::Func& ast, TypeIdx resource) {
  const auto is_own = [&](ValType type) {
    type = out_.resolve_alias(type);
    if (type.is_prim()) return false;
    const auto* def = std::get_if<DefValType>(&out_.types[type.index()].def);
    const auto* own = def == nullptr ? nullptr : std::get_if<component::Own>(def);
    return own != nullptr && out_.resolve_alias(own->resource) == resource;
  };
  if (is_own(*func.result)) {
    diagnostics_.report(
        Error(rules::type_rule, ast.result->span,
              "found the resource as a constructor's result, wanted none or a `result` of it")
            .help("a constructor gives its resource: leave the `->` and the type out")
            .fix({ast.result->span.source, ast.params_end, ast.result->span.end}, ""));
    return false;
  }
  const ValType type = out_.resolve_alias(*func.result);
  if (!type.is_prim()) {
    const auto* def = std::get_if<DefValType>(&out_.types[type.index()].def);
    const auto* result = def == nullptr ? nullptr : std::get_if<component::ResultType>(def);
    if (result != nullptr && result->ok && is_own(*result->ok)) return true;
  }
  diagnostics_.report(
      Error(rules::type_rule, ast.result->span,
            "found another result of a constructor, wanted the resource or a `result` of it"));
  return false;
}

void Resolver::methods(TypeScope& scope, const ast::TypeDecl& decl, std::vector<Function>& out) {
  if (decl.kind != ast::TypeDecl::Kind::resource) return;
  const auto entry = scope.names.find(decl.name.text);
  if (!entry || scope.entries[*entry].state != State::done) return;
  const TypeIdx resource = scope.entries[*entry].type;
  // The resource's own name is taken; a constructor has none. A setter shares its getter's name.
  struct Names {
    NameTable table;
    std::vector<Span> spans;
  };
  Names plain;
  Names setters;
  for (Names* names : {&plain, &setters}) {
    names->table.insert(decl.name.text);
    names->spans.push_back(decl.name.span);
  }
  const ast::Func* constructor = nullptr;
  for (const ast::Func& method : decl.methods) {
    if (!keep(method.attributes, scopes_[scope.scope].unit)) continue;
    const bool is_constructor = method.kind == FuncKind::constructor;
    Names& names = method.accessor == Accessor::set ? setters : plain;
    Span other = Span::none();
    std::string what = "a constructor";
    if (is_constructor) {
      if (constructor != nullptr) other = constructor->name.span;
      constructor = &method;
    } else if (const auto [number, fresh] = names.table.insert(method.name.text); fresh) {
      names.spans.push_back(method.name.span);
    } else {
      other = names.spans[number];
      what = same_as(method.name.text, names.table[number]);
    }
    if (other != Span::none()) {
      Error report = Error(rules::duplicate, method.name.span, std::move(what))
                         .note(other, "also defined here");
      if (is_constructor) {
        const auto by = method.params.empty() ? std::string("make")
                                              : fmt::format("from-{}", method.params[0].name.text);
        report = std::move(report).help(
            fmt::format("a resource has one: write `{}: static func({}) -> {};`", by,
                        method.params.empty() ? "" : "…", decl.name.text));
      }
      diagnostics_.report(std::move(report));
      continue;
    }
    if (auto f = function(scope, method, resource, decl.name.text)) out.push_back(std::move(*f));
  }
}

}  // namespace tenon::wit
