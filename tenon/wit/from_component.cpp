// SPDX-License-Identifier: Apache-2.0
// Instance and component types are kept as written until they get a name, since only then is it
// known which interface their types belong to. Types that the binary shares are repeated in the
// packages wherever they are named: a limit on these repetitions keeps a small binary from becoming
// a large text.
// Spec: WIT.md "Package Format"
#include "tenon/wit/from_component.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

#include "tenon/wit/graph_builder.h"
#include "tenon/wit/package_docs.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/whole_name.h"

namespace tenon::wit {
namespace {

using component::ExternKind;
using component::SortKind;

Error bad(std::string detail, Span span = Span::none()) {
  return Error(rules::binary_wit, span, std::move(detail));
}

std::optional<std::string> external_id_of(const component::ExternName& name) {
  const std::string* const id = name.external_id();
  return id == nullptr ? std::nullopt : std::optional(*id);
}

/// What an index of a type index space stands for. Instance and component types stay as written
/// until they are named: only then it is known to whom their types belong.
struct Env;
struct Entry {
  enum class Kind : std::uint8_t { unknown, value, resource, func, instance, component };
  Kind kind = Kind::unknown;
  ValType value;  // value, resource
  std::shared_ptr<const component::FuncType> func;
  const component::InstanceType* instance = nullptr;
  const component::ComponentType* component = nullptr;
  const Env* env = nullptr;  // where the instance or component type was written
};

using Exports = std::map<std::string, Entry, std::less<>>;

/// The index spaces of one level. Levels live as long as the reader: entries point to them.
struct Env {
  const Env* parent = nullptr;
  std::vector<Entry> types;
  std::vector<Exports> instances;
};

class Reader {
 public:
  explicit Reader(Packages& packages) : graph_(packages) {}

  Result<void> package(const component::Component& component);

 private:
  Env& new_env(const Env* parent) { return envs_.emplace_back(Env{parent, {}, {}}); }

  Result<const Entry*> entry(const Env& env, std::uint32_t idx) const;
  Result<Entry> type_entry(const component::Type& type, Env& env);
  Result<Entry> alias(const component::Alias& alias, const Env& env) const;
  Result<ValType> val_type(ValType type, const Env& env) const;
  Result<DefValType> def_type(const DefValType& def, const Env& env) const;
  Result<TypeIdx> resource(TypeIdx idx, const Env& env) const;
  Result<component::FuncType> func_type(const component::FuncType& type, const Env& env) const;
  Result<Function> function(std::string name, const component::ExternName& extern_name,
                            const Env& env, std::uint32_t idx, const Exports& types);
  /// Charges for the declarations of a component or instance type that were read before.
  Result<void> once_more(const std::vector<component::Decl>& decls);
  /// A type declaration or alias, the same at every level; false when it is something else.
  Result<bool> common_decl(const component::Decl& decl, Env& env);

  Result<void> exported_type(const std::string& name, const Entry& entry);
  Result<void> wrapper(const component::ComponentType& type, const Env& parent);
  Result<Exports> instance(InterfaceIdx interface, const Entry& entry);
  Result<void> world(const std::string& name, const Entry& entry);
  Result<void> world_item(WorldIdx world, const component::ExternName& name,
                          const component::ExternType& type, Env& env, Exports& types,
                          bool is_import);
  Result<InterfaceIdx> world_interface(WorldIdx world, const component::ExternName& name,
                                       WorldItem& item);
  Result<Entry> named_type(TypeOwner owner, const std::string& name,
                           const component::ExternType& type, const Env& env);

  GraphBuilder graph_;
  std::deque<Env> envs_;
  /// Structures that have a name already.
  std::unordered_set<std::uint32_t> named_;
};

Result<const Entry*> Reader::entry(const Env& env, std::uint32_t idx) const {
  if (idx < env.types.size()) return &env.types[idx];
  return std::unexpected(bad(fmt::format("type {} is not there", idx)));
}

Result<ValType> Reader::val_type(ValType type, const Env& env) const {
  if (type.is_prim()) return type;
  const Entry* found = TENON_TRY(entry(env, type.index().value));
  if (found->kind != Entry::Kind::value)
    return std::unexpected(bad(fmt::format("type {} is not a value type", type.index().value)));
  return found->value;
}

Result<TypeIdx> Reader::resource(TypeIdx idx, const Env& env) const {
  const Entry* found = TENON_TRY(entry(env, idx.value));
  if (found->kind != Entry::Kind::resource)
    return std::unexpected(bad(fmt::format("type {} is not a resource", idx.value)));
  return found->value.index();
}

Result<DefValType> Reader::def_type(const DefValType& def, const Env& env) const {
  if (const auto* own = std::get_if<component::Own>(&def)) {
    const TypeIdx idx = TENON_TRY(resource(own->resource, env));
    return component::Own{idx};
  }
  if (const auto* borrow = std::get_if<component::Borrow>(&def)) {
    const TypeIdx idx = TENON_TRY(resource(borrow->resource, env));
    return component::Borrow{idx};
  }
  std::vector<ValType> inside;
  each_type(def, [&](ValType t) { inside.push_back(t); });
  for (ValType& type : inside) type = TENON_TRY(val_type(type, env));
  TypeDef out;
  out.def = def;
  std::size_t at = 0;
  map_types(out, [&](ValType) { return inside[at++]; });
  return std::get<DefValType>(std::move(out.def));
}

Result<component::FuncType> Reader::func_type(const component::FuncType& type,
                                              const Env& env) const {
  component::FuncType out = type;
  for (auto& param : out.params) param.type = TENON_TRY(val_type(param.type, env));
  if (out.result) out.result = TENON_TRY(val_type(*out.result, env));
  return out;
}

Result<Entry> Reader::type_entry(const component::Type& type, Env& env) {
  Entry out;
  if (const auto* def = std::get_if<DefValType>(&type.def)) {
    out.kind = Entry::Kind::value;
    if (const auto* prim = std::get_if<component::PrimValType>(def)) {
      out.value = *prim;
    } else {
      DefValType made = TENON_TRY(def_type(*def, env));
      out.value = graph_.anonymous(std::move(made));
    }
  } else if (const auto* func = std::get_if<component::FuncType>(&type.def)) {
    out.kind = Entry::Kind::func;
    component::FuncType made = TENON_TRY(func_type(*func, env));
    out.func = std::make_shared<const component::FuncType>(std::move(made));
  } else if (const auto* instance = std::get_if<component::InstanceType>(&type.def)) {
    out.kind = Entry::Kind::instance;
    out.instance = instance;
    out.env = &env;
  } else if (const auto* component = std::get_if<component::ComponentType>(&type.def)) {
    out.kind = Entry::Kind::component;
    out.component = component;
    out.env = &env;
  }
  return out;
}

Result<Entry> Reader::alias(const component::Alias& alias, const Env& env) const {
  if (alias.target == component::Alias::Target::outer) {
    const Env* from = &env;
    for (std::uint32_t i = 0; i < alias.instance_or_count && from != nullptr; ++i)
      from = from->parent;
    if (from == nullptr) return std::unexpected(bad("an alias leads out of the package"));
    const Entry* found = TENON_TRY(entry(*from, alias.idx));
    return *found;
  }
  if (alias.instance_or_count >= env.instances.size())
    return std::unexpected(bad(fmt::format("instance {} is not there", alias.instance_or_count)));
  const Exports& exports = env.instances[alias.instance_or_count];
  const auto it = exports.find(alias.name);
  if (it == exports.end())
    return std::unexpected(bad(fmt::format("type `{}` is not there", alias.name)));
  return it->second;
}

Result<bool> Reader::common_decl(const component::Decl& decl, Env& env) {
  if (std::holds_alternative<component::CoreType>(decl)) return true;
  if (const auto* type = std::get_if<component::Type>(&decl)) {
    Entry made = TENON_TRY(type_entry(*type, env));
    env.types.push_back(std::move(made));
    return true;
  }
  if (const auto* a = std::get_if<component::Alias>(&decl)) {
    if (a->sort.kind != SortKind::type)
      return std::unexpected(bad("an alias of something else than a type"));
    Entry made = TENON_TRY(alias(*a, env));
    env.types.push_back(std::move(made));
    return true;
  }
  return false;
}

Result<void> Reader::package(const component::Component& component) {
  Env& env = new_env(nullptr);
  for (const component::Definition& definition : component.definitions) {
    if (const auto* type = std::get_if<component::Type>(&definition.def)) {
      Entry made = TENON_TRY(type_entry(*type, env));
      env.types.push_back(std::move(made));
    } else if (const auto* exported = std::get_if<component::Export>(&definition.def)) {
      if (exported->item.sort.kind != SortKind::type)
        return std::unexpected(bad("it exports something else than a type", definition.span));
      const Entry* found = TENON_TRY(entry(env, exported->item.idx));
      const Entry copy = *found;
      TENON_TRY(exported_type(exported->name.name, copy));
      env.types.push_back(copy);
    } else if (!std::holds_alternative<component::Custom>(definition.def)) {
      return std::unexpected(bad("it holds more than types", definition.span));
    }
  }
  return use_foreign_types(graph_);
}

/// An export of the package: a component type that wraps an interface or a world.
Result<void> Reader::exported_type(const std::string& name, const Entry& entry) {
  if (entry.kind != Entry::Kind::component)
    return std::unexpected(bad(fmt::format("`{}` is not a component type", name)));
  return wrapper(*entry.component, *entry.env);
}

Result<void> Reader::wrapper(const component::ComponentType& type, const Env& parent) {
  TENON_TRY(once_more(type.decls));
  Env& env = new_env(&parent);
  for (const component::Decl& decl : type.decls) {
    const bool done = TENON_TRY(common_decl(decl, env));
    if (done) continue;
    const auto* import = std::get_if<component::ImportDecl>(&decl);
    const auto* exported = std::get_if<component::ExportDecl>(&decl);
    const component::ExternName& name = import != nullptr ? import->name : exported->name;
    const component::ExternType& what = import != nullptr ? import->type : exported->type;
    const std::string id = whole_name(name).name;
    const auto parsed = parse_item_id(id);
    if (!parsed)
      return std::unexpected(bad(fmt::format("`{}` names no item of a package", id), name.span));
    const Entry* found = TENON_TRY(entry(env, what.idx));
    const Entry copy = *found;
    if (what.kind == ExternKind::instance) {
      const auto interface = graph_.interface(id);
      Exports exports = TENON_TRY(instance(*interface, copy));
      env.instances.push_back(std::move(exports));
    } else if (what.kind == ExternKind::component && exported != nullptr) {
      TENON_TRY(world(id, copy));
    } else {
      return std::unexpected(
          bad(fmt::format("`{}` is neither an interface nor a world", id), name.span));
    }
    if (exported != nullptr) {
      auto& roots = graph_.graph().roots;
      const PackageIdx root = graph_.package(parsed->package);
      if (roots.empty()) roots.push_back(root);
    }
  }
  return {};
}

/// About as many bytes as the declarations take in the graph.
std::size_t size_of(const std::vector<component::Decl>& decls) {
  constexpr std::size_t each = 64;
  std::size_t out = 0;
  for (const component::Decl& decl : decls) {
    out += each;
    const auto* type = std::get_if<component::Type>(&decl);
    if (type == nullptr) continue;
    if (const auto* def = std::get_if<DefValType>(&type->def)) out += text_size(*def);
    if (const auto* func = std::get_if<component::FuncType>(&type->def))
      out += text_size(func->params);
    if (const auto* inner = std::get_if<component::InstanceType>(&type->def))
      out += size_of(inner->decls);
    if (const auto* inner = std::get_if<component::ComponentType>(&type->def))
      out += size_of(inner->decls);
  }
  return out;
}

Result<void> Reader::once_more(const std::vector<component::Decl>& decls) {
  return graph_.write_out(&decls, [&] { return size_of(decls); });
}

/// Reads an instance type as the content of an interface.
Result<Exports> Reader::instance(InterfaceIdx interface, const Entry& entry) {
  if (entry.kind != Entry::Kind::instance)
    return std::unexpected(bad("an instance without an instance type"));
  TENON_TRY(once_more(entry.instance->decls));
  Env& env = new_env(entry.env);
  Exports out;
  for (const component::Decl& decl : entry.instance->decls) {
    const bool done = TENON_TRY(common_decl(decl, env));
    if (done) continue;
    const auto* exported = std::get_if<component::ExportDecl>(&decl);
    if (exported == nullptr) return std::unexpected(bad("an instance type with an import"));
    if (exported->type.kind == ExternKind::type) {
      Entry made;
      if (const auto there = graph_.find_type(interface, exported->name.name)) {
        const TypeDef& def = graph_.graph().types[graph_.graph().resolve_alias(*there)];
        made.kind =
            std::holds_alternative<Resource>(def.def) ? Entry::Kind::resource : Entry::Kind::value;
        made.value = *there;
      } else {
        made = TENON_TRY(named_type(interface, exported->name.name, exported->type, env));
        graph_.add_type(interface, exported->name.name, made.value.index());
        graph_.graph().types[made.value.index()].info.external_id = external_id_of(exported->name);
      }
      env.types.push_back(made);
      out.emplace(exported->name.name, std::move(made));
    } else if (exported->type.kind == ExternKind::func) {
      Function f =
          TENON_TRY(function(exported->name.name, exported->name, env, exported->type.idx, out));
      graph_.add_function(interface, std::move(f));
    } else {
      return std::unexpected(
          bad(fmt::format("`{}` is neither a function nor a type", exported->name.name)));
    }
  }
  return out;
}

/// A type that gets a name, by an export of an instance or an import of a world.
Result<Entry> Reader::named_type(TypeOwner owner, const std::string& name,
                                 const component::ExternType& type, const Env& env) {
  Entry out;
  if (type.bound == component::TypeBoundKind::sub_resource) {
    out.kind = Entry::Kind::resource;
    out.value = graph_.resource(name, owner);
    return out;
  }
  const Entry* from = TENON_TRY(entry(env, type.idx));
  if (from->kind != Entry::Kind::value && from->kind != Entry::Kind::resource)
    return std::unexpected(bad(fmt::format("`{}` is not a type of a value", name)));
  out.kind = from->kind;
  if (!from->value.is_prim() && !named_.insert(from->value.index().value).second) {
    // A structure without a name is written out under each that it gets.
    const TypeDef& def = graph_.graph().types[from->value.index()];
    const auto* structure = std::get_if<DefValType>(&def.def);
    if (structure != nullptr && !def.name) TENON_TRY(graph_.repeat(text_size(*structure)));
  }
  out.value = graph_.name_type(name, owner, from->value);
  return out;
}

Result<Function> Reader::function(std::string name, const component::ExternName& extern_name,
                                  const Env& env, std::uint32_t idx, const Exports& types) {
  const Entry* found = TENON_TRY(entry(env, idx));
  if (found->kind != Entry::Kind::func)
    return std::unexpected(bad(fmt::format("`{}` has no function type", name)));
  Function out;
  const FunctionName parsed = parse_function_name(name);
  out.kind = parsed.kind;
  out.accessor = parsed.accessor;
  if (out.kind != FuncKind::freestanding) {
    const auto it = types.find(parsed.resource);
    if (it == types.end() || it->second.kind != Entry::Kind::resource)
      return std::unexpected(
          bad(fmt::format("`{}` belongs to a resource that is not there", name)));
    out.resource = it->second.value.index();
  }
  out.name = std::move(name);
  const component::FuncType& type = *found->func;
  TENON_TRY(graph_.write_out(&type, [&] { return text_size(type.params); }));
  out.async_ = type.async_;
  for (const auto& param : type.params)
    out.params.push_back({param.label, param.type, Span::none()});
  out.result = type.result;
  out.info.external_id = external_id_of(extern_name);
  return out;
}

Result<void> Reader::world(const std::string& name, const Entry& entry) {
  if (entry.kind != Entry::Kind::component)
    return std::unexpected(bad("a world without a component type"));
  TENON_TRY(once_more(entry.component->decls));
  const auto id = parse_item_id(name);
  const WorldIdx world = graph_.world(*id);
  Env& env = new_env(entry.env);
  Exports types;
  for (const component::Decl& decl : entry.component->decls) {
    const bool done = TENON_TRY(common_decl(decl, env));
    if (done) continue;
    if (const auto* import = std::get_if<component::ImportDecl>(&decl)) {
      TENON_TRY(world_item(world, import->name, import->type, env, types, true));
    } else {
      const auto& exported = std::get<component::ExportDecl>(decl);
      TENON_TRY(world_item(world, exported.name, exported.type, env, types, false));
    }
  }
  return {};
}

/// The interface that an import or export of a world stands for; puts the item's name right.
Result<InterfaceIdx> Reader::world_interface(WorldIdx world, const component::ExternName& name,
                                             WorldItem& item) {
  const WholeName whole = whole_name(name);
  item.implements = whole.implements.has_value();
  const std::string& id = whole.interface();
  item.name = whole.name;
  if (!item.implements && !id.contains(':'))
    return graph_.inline_interface(graph_.graph().worlds[world].package);
  const auto interface = graph_.interface(id);
  if (!interface)
    return std::unexpected(bad(fmt::format("`{}` names no interface", id), name.span));
  return *interface;
}

Result<void> Reader::world_item(WorldIdx world, const component::ExternName& name,
                                const component::ExternType& type, Env& env, Exports& types,
                                bool is_import) {
  WorldItem item;
  item.name = whole_name(name).name;
  item.info.external_id = external_id_of(name);
  if (type.kind == ExternKind::instance) {
    const InterfaceIdx interface = TENON_TRY(world_interface(world, name, item));
    const Entry* found = TENON_TRY(entry(env, type.idx));
    const Entry copy = *found;
    Exports exports = TENON_TRY(instance(interface, copy));
    env.instances.push_back(std::move(exports));
    item.item = interface;
  } else if (type.kind == ExternKind::func) {
    item.item = TENON_TRY(function(name.name, name, env, type.idx, types));
  } else if (type.kind == ExternKind::type) {
    Entry made = TENON_TRY(named_type(world, name.name, type, env));
    env.types.push_back(made);
    graph_.graph().types[made.value.index()].info.external_id = external_id_of(name);
    item.item = made.value.index();
    types.emplace(name.name, std::move(made));
  } else {
    return std::unexpected(
        bad(fmt::format("`{}` is nothing that a world has", name.name), name.span));
  }
  World& w = graph_.graph().worlds[world];
  (is_import ? w.imports : w.exports).push_back(std::move(item));
  return {};
}

}  // namespace

bool is_wit_package(const component::Component& component) {
  bool any = false;
  for (const component::Definition& definition : component.definitions) {
    if (const auto* exported = std::get_if<component::Export>(&definition.def)) {
      if (exported->item.sort.kind != SortKind::type) return false;
      any = true;
    } else if (!std::holds_alternative<component::Type>(definition.def) &&
               !std::holds_alternative<component::Custom>(definition.def)) {
      return false;
    }
  }
  return any;
}

Result<Packages> from_component(const component::Component& component) {
  Packages out;
  TENON_TRY(Reader(out).package(component));
  if (out.roots.empty()) return std::unexpected(bad("it exports no interface and no world"));
  TENON_TRY(check_names(out));
  for (const component::Definition& definition : component.definitions) {
    const auto* custom = std::get_if<component::Custom>(&definition.def);
    if (custom != nullptr && custom->name == package_docs_section)
      TENON_TRY(apply_package_docs(out, out.roots.front(), custom->content));
  }
  tidy(out);
  return out;
}

}  // namespace tenon::wit
