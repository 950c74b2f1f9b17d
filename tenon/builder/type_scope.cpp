// SPDX-License-Identifier: Apache-2.0
// Each WIT type is defined once per component. A chain of aliases can be longer than the native
// stack, so it is made from its end; other types nest no deeper than the resolver allows.
#include "tenon/builder/type_scope.h"

#include <array>
#include <vector>

namespace tenon::builder {

using component::ValType;

component::TypeIdx TypeScope::type(wit::TypeIdx type) {
  if (const auto it = known_.find(type); it != known_.end()) return it->second;
  if (const auto it = made_.find(type); it != made_.end()) return it->second;
  // Types nest less deeply than this, so these are aliases, of which a chain may have any number.
  constexpr std::uint32_t deep = 200;
  if (++depth_ > deep) make_from_the_end(type);
  const auto found = find_(type);
  const component::TypeIdx idx = found ? *found : structure(type);
  --depth_;
  // `find_` may have told the scope of it.
  if (!known_.contains(type)) made_.insert_or_assign(type, idx);
  return idx;
}

/// Each type of a chain of aliases, the last one first: none finds an unknown one below it.
void TypeScope::make_from_the_end(wit::TypeIdx type) {
  std::vector<wit::TypeIdx> chain;
  for (;;) {
    const auto* alias = std::get_if<wit::TypeAlias>(&packages_.types[type].def);
    if (alias == nullptr || alias->target.is_prim()) break;
    type = alias->target.index();
    if (knows(type)) break;
    chain.push_back(type);
  }
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) static_cast<void>(this->type(*it));
}

component::TypeIdx TypeScope::structure(wit::TypeIdx type) {
  const wit::TypeDef& def = packages_.types[type];
  if (const auto* alias = std::get_if<wit::TypeAlias>(&def.def)) {
    if (alias->target.is_prim()) return out_.type({component::DefValType(alias->target.prim())});
    return this->type(alias->target.index());
  }
  // A resource is always known or found: it has no structure.
  wit::DefValType made = translate(std::get<wit::DefValType>(def.def));
  return out_.type({std::move(made)});
}

ValType TypeScope::val_type(wit::ValType type) {
  if (type.is_prim()) return type;
  return this->type(type.index());
}

component::TypeIdx TypeScope::func_type(const wit::Function& func) {
  component::FuncType out;
  out.async_ = func.async_;
  for (const wit::Param& param : func.params)
    out.params.push_back({param.name, val_type(param.type)});
  if (func.result) out.result = val_type(*func.result);
  return out_.type({std::move(out)});
}

wit::DefValType TypeScope::translate(const wit::DefValType& def) {
  const auto maybe = [&](std::optional<ValType> t) {
    return t ? std::optional<ValType>(val_type(*t)) : std::nullopt;
  };
  return std::visit(overloaded{
                        [&](component::Record t) -> wit::DefValType {
                          for (auto& field : t.fields) field.type = val_type(field.type);
                          return t;
                        },
                        [&](component::Variant t) -> wit::DefValType {
                          for (auto& c : t.cases) c.type = maybe(c.type);
                          return t;
                        },
                        [&](component::Tuple t) -> wit::DefValType {
                          for (ValType& type : t.types) type = val_type(type);
                          return t;
                        },
                        [&](const component::List& t) -> wit::DefValType {
                          return component::List{val_type(t.elem), t.length};
                        },
                        [&](const component::Option& t) -> wit::DefValType {
                          return component::Option{val_type(t.type)};
                        },
                        [&](const component::ResultType& t) -> wit::DefValType {
                          const auto ok = maybe(t.ok);
                          return component::ResultType{ok, maybe(t.err)};
                        },
                        [&](const component::Own& t) -> wit::DefValType {
                          return component::Own{type(t.resource)};
                        },
                        [&](const component::Borrow& t) -> wit::DefValType {
                          return component::Borrow{type(t.resource)};
                        },
                        [&](const component::Stream& t) -> wit::DefValType {
                          return component::Stream{maybe(t.type)};
                        },
                        [&](const component::Future& t) -> wit::DefValType {
                          return component::Future{maybe(t.type)};
                        },
                        [&](const component::Map& t) -> wit::DefValType {
                          const ValType key = val_type(t.key);
                          return component::Map{key, val_type(t.value)};
                        },
                        [](const auto& t) -> wit::DefValType { return t; },
                    },
                    def);
}

abi::Types abi_types(const wit::Packages& packages) {
  return {&packages, [](const void* self, wit::TypeIdx type) -> const component::DefValType& {
            static constexpr auto make_prims = [] {
              std::array<component::DefValType, 256> out;
#define TENON_PRIM(name, ...) \
  out[static_cast<std::size_t>(component::PrimValType::name)] = component::PrimValType::name;
#include "tenon/types/primvaltypes.def"
              return out;
            };
            static const std::array<component::DefValType, 256> prims = make_prims();
            const auto& graph = *static_cast<const wit::Packages*>(self);
            const wit::TypeDef& def = graph.types[graph.resolve_alias(type)];
            if (const auto* structure = std::get_if<wit::DefValType>(&def.def)) return *structure;
            const auto& alias = std::get<wit::TypeAlias>(
                def.def);  // of a primitive type; no value has a resource's own type
            return prims[static_cast<std::size_t>(alias.target.prim())];
          }};
}

}  // namespace tenon::builder
