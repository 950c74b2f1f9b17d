// SPDX-License-Identifier: Apache-2.0
// A component as tools build it wraps its core functions into small components, one for each
// interface that it exports, and instantiates them. Following these definitions, every index of a
// type index space is known by identity: what was imported, what an export made of it, what another
// interface aliases. That is what `use` says in WIT. Instantiation is followed as long as the work
// stays linear; what cannot be followed is left to the resolved types (world_of.cpp).
#include "tenon/wit/world_definitions.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tenon/wit/graph_builder.h"
#include "tenon/wit/whole_name.h"

namespace tenon::wit {
namespace {

using component::ExternKind;
using component::SortKind;

struct Env;
struct Exports;

/// What an index stands for. `other` is of no interest to WIT, or cannot be followed.
struct Item {
  enum class Kind : std::uint8_t {
    other,
    value,
    resource,
    func,
    instance,
    instance_type,
    component
  };
  Kind kind = Kind::other;
  ValType value;  // value, resource
  std::shared_ptr<const component::FuncType> func;
  std::shared_ptr<const Exports> instance;
  const component::InstanceType* instance_type = nullptr;
  const component::Component* component = nullptr;
  const Env* env = nullptr;  // where the component or instance type is written
};

SharedText external_id_of(const component::ExternName& name) {
  const std::string* const id = name.external_id();
  return id == nullptr ? SharedText() : SharedText(*id);
}

/// The exports of an instance in their order.
struct Exports {
  struct One {
    std::string name;
    Item item;
    /// Of the export, not of what is exported: another export of it has another, or none.
    SharedText external_id;
  };
  std::vector<One> items;
  std::map<std::string, std::size_t, std::less<>> by_name;

  void add(const std::string& name, Item item, SharedText external_id = {}) {
    by_name.emplace(name, items.size());
    items.push_back({name, std::move(item), std::move(external_id)});
  }
  [[nodiscard]] const Item* find(std::string_view name) const {
    const auto it = by_name.find(name);
    return it == by_name.end() ? nullptr : &items[it->second].item;
  }
};

/// The index spaces of one level. Levels live as long as the reader: items point to them.
struct Env {
  const Env* parent = nullptr;
  std::vector<Item> types;
  std::vector<Item> funcs;
  std::vector<Item> instances;
  std::vector<Item> components;

  [[nodiscard]] std::vector<Item>* space(const component::Sort& sort) {
    switch (sort.kind) {
      case SortKind::type:
        return &types;
      case SortKind::func:
        return &funcs;
      case SortKind::instance:
        return &instances;
      case SortKind::component:
        return &components;
      case SortKind::value:
      case SortKind::core:
        break;
    }
    return nullptr;
  }
  [[nodiscard]] const std::vector<Item>* space(const component::Sort& sort) const {
    return const_cast<Env*>(this)->space(sort);
  }
};

/// Definitions and declarations that are followed at most: this bounds time and memory, and what
/// people and tools write stays below by far.
constexpr std::uint32_t max_steps = 100'000;

class Reader {
 public:
  explicit Reader(Packages& out) : out_(out), graph_(out) {}

  bool run(const component::Component& component) {
    world_ = graph_.world({{"root", "component", std::nullopt}, "root"});
    read(component, new_env(nullptr), nullptr);
    if (failed_ || !use_foreign_types(graph_) || !owners_fit()) return false;
    out_.roots.push_back(out_.worlds[world_].package);
    return true;
  }

 private:
  using Kind = Item::Kind;

  /// Instantiations inside each other.
  static constexpr std::uint32_t max_depth = 100;

  static bool is_type(const Item& item) {
    return item.kind == Kind::value || item.kind == Kind::resource;
  }
  Env& new_env(const Env* parent) {
    Env& env = envs_.emplace_back();
    env.parent = parent;
    return env;
  }
  /// Whether to go on.
  bool step() {
    if (++steps_ > max_steps) failed_ = true;
    return !failed_;
  }
  Item fail() {
    failed_ = true;
    return {};
  }
  Item at(const std::vector<Item>& space, std::uint32_t idx) {
    return idx < space.size() ? space[idx] : fail();
  }
  Item at(const Env& env, const component::SortIdx& item) {
    const std::vector<Item>* space = env.space(item.sort);
    return space == nullptr ? Item{} : at(*space, item.idx);
  }
  static void push(Env& env, const component::Sort& sort, Item item) {
    if (std::vector<Item>* space = env.space(sort)) space->push_back(std::move(item));
  }

  // --- types ---

  ValType val(ValType t, const Env& env) {
    if (t.is_prim()) return t;
    const Item item = at(env.types, t.index().value);
    if (item.kind != Kind::value) failed_ = true;
    return item.value;
  }
  TypeIdx resource(TypeIdx t, const Env& env) {
    const Item item = at(env.types, t.value);
    if (item.kind != Kind::resource) failed_ = true;
    return failed_ ? TypeIdx(0U) : item.value.index();
  }

  /// A definition that is read once more makes another copy of its names.
  template <class Named>
  void charge(const void* what, const Named& names) {
    if (!graph_.write_out(what, [&] { return text_size(names); })) failed_ = true;
  }

  Item type_item(const component::Type& type, Env& env) {
    Item out;
    if (const auto* def = std::get_if<DefValType>(&type.def)) {
      charge(def, *def);
      out.kind = Kind::value;
      if (const auto* prim = std::get_if<component::PrimValType>(def)) {
        out.value = *prim;
        return out;
      }
      TypeDef made;
      made.def = *def;
      auto& structure = std::get<DefValType>(made.def);
      if (auto* own = std::get_if<component::Own>(&structure)) {
        own->resource = resource(own->resource, env);
      } else if (auto* borrow = std::get_if<component::Borrow>(&structure)) {
        borrow->resource = resource(borrow->resource, env);
      } else {
        map_types(made, [&](ValType t) { return val(t, env); });
      }
      if (!failed_) out.value = graph_.anonymous(std::move(structure));
    } else if (const auto* func = std::get_if<component::FuncType>(&type.def)) {
      charge(func, func->params);
      component::FuncType made = *func;
      for (auto& param : made.params) param.type = val(param.type, env);
      if (made.result) made.result = val(*made.result, env);
      out.kind = Kind::func;
      out.func = std::make_shared<const component::FuncType>(std::move(made));
    } else if (const auto* instance = std::get_if<component::InstanceType>(&type.def)) {
      out.kind = Kind::instance_type;
      out.instance_type = instance;
      out.env = &env;
    } else if (std::holds_alternative<component::ResourceType>(type.def)) {
      out = fresh_resource();
    }
    return out;
  }

  Item fresh_resource() {
    Item out;
    out.kind = Kind::resource;
    TypeDef made;
    made.def = Resource{};
    out.value = out_.types.push_back(std::move(made));
    return out;
  }

  static bool is_nominal(const TypeDef& def) {
    if (std::holds_alternative<Resource>(def.def)) return true;
    const auto* made = std::get_if<DefValType>(&def.def);
    return made != nullptr && (std::holds_alternative<component::Record>(*made) ||
                               std::holds_alternative<component::Variant>(*made) ||
                               std::holds_alternative<component::Enum>(*made) ||
                               std::holds_alternative<component::Flags>(*made));
  }

  /// The type under a name that an export or import gives it: itself when it has none yet and needs
  /// one, else an alias.
  Item named(const std::string& name, Item item) {
    TypeDef made;
    made.name = name;
    made.def = out_.alias_of(item.value);
    if (!item.value.is_prim()) {
      TypeDef& from = out_.types[item.value.index()];
      if (!from.name && is_nominal(from)) {
        from.name = name;
        return item;
      }
      if (!from.name) made.def = from.def;
    }
    item.value = out_.types.push_back(std::move(made));
    return item;
  }

  /// The same, and it belongs to the owner from now on.
  Item adopt(const std::string& name, Item item, TypeOwner owner) {
    const bool waits = !item.value.is_prim() && out_.types[item.value.index()].name == name &&
                       out_.types[item.value.index()].owner == TypeOwner();
    if (!waits) item = named(name, std::move(item));
    out_.types[item.value.index()].owner = owner;
    return item;
  }

  // --- definitions ---

  void read(const component::Component& component, Env& env, const Exports* args,
            Exports* exports = nullptr) {
    for (const component::Definition& definition : component.definitions) {
      if (!step()) return;
      std::visit(overloaded{
                     [&](const std::unique_ptr<component::Component>& nested) {
                       Item item;
                       item.kind = Kind::component;
                       item.component = nested.get();
                       item.env = &env;
                       env.components.push_back(std::move(item));
                     },
                     [&](const component::Instance& i) { env.instances.push_back(make(i, env)); },
                     [&](const component::Alias& a) { alias(a, env); },
                     [&](const component::Type& t) { env.types.push_back(type_item(t, env)); },
                     [&](const component::Canon& canon) {
                       if (const auto* lift = std::get_if<component::LiftImm>(&canon.imm))
                         env.funcs.push_back(at(env.types, lift->type.value));
                     },
                     [&](const component::Import& import) {
                       if (args == nullptr) {
                         import_item(import, env);
                       } else {
                         const Item* given = args->find(import.name.name);
                         push(env, component::sort_of(import.type.kind),
                              given != nullptr ? *given : Item{});
                       }
                     },
                     [&](const component::Export& e) {
                       if (exports == nullptr) {
                         export_item(e, env);
                       } else {
                         Item item = exported(e, env);
                         exports->add(e.name.name, item, external_id_of(e.name));
                         push(env, e.item.sort, std::move(item));
                       }
                     },
                     [](const auto&) {},
                 },
                 definition.def);
    }
  }

  /// What an export gives away, in a component whose owner is not known yet.
  Item exported(const component::Export& e, Env& env) {
    Item item = at(env, e.item);
    if (e.item.sort.kind == SortKind::func && e.ascribed) return at(env.types, e.ascribed->idx);
    if (e.item.sort.kind != SortKind::type) return item;
    return is_type(item) ? named(e.name.name, std::move(item)) : Item{};
  }

  Item make(const component::Instance& instance, Env& env) {
    auto exports = std::make_shared<Exports>();
    Item out;
    if (!instance.component) {
      for (const component::InlineExport& e : instance.exports) {
        Item item = at(env, e.item);
        if (e.item.sort.kind == SortKind::type && !is_type(item)) item = {};
        exports->add(e.name.name, std::move(item), external_id_of(e.name));
      }
    } else {
      const Item of = at(env.components, instance.component->value);
      if (of.kind != Kind::component) return out;
      if (depth_ == max_depth) return fail();
      ++depth_;
      Exports args;
      for (const component::InstantiateArg& arg : instance.args)
        args.add(arg.name, at(env, arg.item));
      read(*of.component, new_env(of.env), &args, exports.get());
      --depth_;
    }
    out.kind = Kind::instance;
    out.instance = std::move(exports);
    return out;
  }

  void alias(const component::Alias& a, Env& env) {
    if (env.space(a.sort) == nullptr) return;
    Item found;
    if (a.target == component::Alias::Target::outer) {
      const Env* from = &env;
      for (std::uint32_t i = 0; i < a.instance_or_count && from != nullptr; ++i)
        from = from->parent;
      found = from == nullptr ? fail() : at(*from, {a.sort, a.idx});
    } else {
      const Item instance = at(env.instances, a.instance_or_count);
      const Item* there = instance.instance == nullptr ? nullptr : instance.instance->find(a.name);
      found = there == nullptr ? fail() : *there;
    }
    push(env, a.sort, std::move(found));
  }

  // --- imports and exports of the world ---

  WorldItem world_item(const component::ExternName& name) {
    WorldItem out;
    out.name = whole_name(name).name;
    out.implements = name.implements() != nullptr;
    out.info.external_id = external_id_of(name);
    return out;
  }
  Function world_function(const WorldItem& of, const Item& item) {
    Function out = function(of.name, item, world_);
    out.info.external_id = of.info.external_id;
    return out;
  }
  std::optional<InterfaceIdx> interface_of(const component::ExternName& name) {
    const std::string id = whole_name(name).interface();
    if (id.contains(':')) return graph_.interface(id);
    return graph_.inline_interface(out_.worlds[world_].package);
  }

  void import_item(const component::Import& import, Env& env) {
    WorldItem out = world_item(import.name);
    const component::ExternType& type = import.type;
    Item item;
    if (type.kind == ExternKind::instance) {
      const auto interface = interface_of(import.name);
      const Item of = at(env.types, type.idx);
      if (!interface || of.kind != Kind::instance_type) {
        failed_ = true;
        return;
      }
      item.kind = Kind::instance;
      item.instance = instance_type(*of.instance_type, *of.env, *interface);
      out.item = *interface;
    } else if (type.kind == ExternKind::func) {
      item = at(env.types, type.idx);
      out.item = world_function(out, item);
    } else if (type.kind == ExternKind::type) {
      item = type.bound == component::TypeBoundKind::sub_resource ? fresh_resource()
                                                                  : at(env.types, type.idx);
      if (!is_type(item)) {
        failed_ = true;
        return;
      }
      item = adopt(out.name, std::move(item), world_);
      out_.types[item.value.index()].info.external_id = out.info.external_id;
      world_types_.emplace(out.name, item.value.index());
      out.item = item.value.index();
    } else {
      push(env, component::sort_of(type.kind), {});
      return;
    }
    push(env, component::sort_of(type.kind), std::move(item));
    out_.worlds[world_].imports.push_back(std::move(out));
  }

  void export_item(const component::Export& e, Env& env) {
    Item item = at(env, e.item);
    if (e.ascribed && e.ascribed->kind == ExternKind::func) item = at(env.types, e.ascribed->idx);
    WorldItem out = world_item(e.name);
    if (item.kind == Kind::instance) {
      const auto interface = interface_of(e.name);
      if (!interface) {
        failed_ = true;
        return;
      }
      item.instance = exported_interface(*item.instance, *interface);
      out.item = *interface;
    } else if (e.item.sort.kind == SortKind::func) {
      out.item = world_function(out, item);
    } else {
      // WIT has no words for exported types, components, modules and values.
      failed_ = failed_ || e.item.sort.kind == SortKind::instance;
      push(env, e.item.sort, std::move(item));
      return;
    }
    push(env, e.item.sort, std::move(item));
    out_.worlds[world_].exports.push_back(std::move(out));
  }

  /// An exported instance as the content of an interface.
  std::shared_ptr<const Exports> exported_interface(const Exports& exports,
                                                    InterfaceIdx interface) {
    auto out = std::make_shared<Exports>();
    // What is another type under its name here.
    std::map<std::uint32_t, TypeIdx> local;
    for (const auto& [name, exported, external_id] : exports.items) {
      Item item = exported;
      if (is_type(item)) {
        const auto there = graph_.find_type(interface, name);
        if (there && !item.value.is_prim() && item.value.index() != *there &&
            out_.types[item.value.index()].owner == TypeOwner()) {
          // The interface is imported too: it has one set of types.
          TypeDef& def = out_.types[item.value.index()];
          def.name = name;
          def.owner = interface;
          def.def = out_.alias_of(*there);
        }
        const Item made = there ? item : adopt(name, item, interface);
        if (!there) {
          graph_.add_type(interface, name, made.value.index());
          out_.types[made.value.index()].info.external_id = external_id;
        }
        if (!item.value.is_prim()) local.emplace(item.value.index().value, made.value.index());
        item = made;
      } else if (item.kind == Kind::func) {
        component::FuncType type = *item.func;
        const auto here = [&](ValType t) -> ValType {
          if (t.is_prim()) return t;
          const auto it = local.find(t.index().value);
          return it == local.end() ? t : ValType(it->second);
        };
        for (auto& param : type.params) param.type = here(param.type);
        if (type.result) type.result = here(*type.result);
        item.func = std::make_shared<const component::FuncType>(std::move(type));
        Function made = function(name, item, interface);
        made.info.external_id = external_id;
        graph_.add_function(interface, std::move(made));
      } else {
        failed_ = true;
      }
      if (failed_) return out;
      out->add(name, std::move(item));
    }
    return out;
  }

  /// An instance type as the content of an interface.
  std::shared_ptr<const Exports> instance_type(const component::InstanceType& type,
                                               const Env& parent, InterfaceIdx interface) {
    auto out = std::make_shared<Exports>();
    Env& env = new_env(&parent);
    for (const component::Decl& decl : type.decls) {
      if (!step()) return out;
      if (const auto* t = std::get_if<component::Type>(&decl)) {
        env.types.push_back(type_item(*t, env));
      } else if (const auto* a = std::get_if<component::Alias>(&decl)) {
        alias(*a, env);
      } else if (const auto* e = std::get_if<component::ExportDecl>(&decl)) {
        Item item = declared(*e, env, interface);
        out->add(e->name.name, item);
        push(env, component::sort_of(e->type.kind), std::move(item));
      }
    }
    return out;
  }

  Item declared(const component::ExportDecl& e, Env& env, InterfaceIdx interface) {
    const std::string& name = e.name.name;
    if (e.type.kind == ExternKind::func) {
      const Item item = at(env.types, e.type.idx);
      Function made = function(name, item, interface);
      made.info.external_id = external_id_of(e.name);
      graph_.add_function(interface, std::move(made));
      return item;
    }
    if (e.type.kind != ExternKind::type) return fail();
    Item item = e.type.bound == component::TypeBoundKind::sub_resource ? fresh_resource()
                                                                       : at(env.types, e.type.idx);
    if (!is_type(item)) return fail();
    if (const auto there = graph_.find_type(interface, name)) {
      item.value = *there;
      return item;
    }
    item = adopt(name, std::move(item), interface);
    graph_.add_type(interface, name, item.value.index());
    out_.types[item.value.index()].info.external_id = external_id_of(e.name);
    return item;
  }

  Function function(const std::string& name, const Item& item, TypeOwner owner) {
    Function out;
    if (item.kind != Kind::func) {
      failed_ = true;
      return out;
    }
    charge(item.func.get(), item.func->params);
    out.name = name;
    out.async_ = item.func->async_;
    const FunctionName parsed = parse_function_name(name);
    out.kind = parsed.kind;
    out.accessor = parsed.accessor;
    for (const auto& param : item.func->params)
      out.params.push_back({param.label, param.type, Span::none()});
    out.result = item.func->result;
    if (out.kind == FuncKind::freestanding) return out;
    std::optional<TypeIdx> found;
    if (const auto* interface = std::get_if<InterfaceIdx>(&owner)) {
      found = graph_.find_type(*interface, parsed.resource);
    } else if (const auto it = world_types_.find(parsed.resource); it != world_types_.end()) {
      found = it->second;
    }
    if (found) {
      out.resource = *found;
    } else {
      failed_ = true;
    }
    return out;
  }

  // --- what may be where ---

  /// To whom the named types that a type is made of belong: nobody, one, or more than one.
  struct Owners {
    TypeOwner one;
    bool several = false;
    void add(const Owners& other) {
      several = several || other.several;
      if (other.one == TypeOwner()) return;
      several = several || (one != TypeOwner() && one != other.one);
      one = other.one;
    }
    [[nodiscard]] bool within(const TypeOwner& owner) const {
      return !several && (one == TypeOwner() || one == owner);
    }
  };

  /// Interfaces and the world refer to types of their own alone, all others came by `use`. Parts
  /// are before what is made of them.
  bool owners_fit() {
    std::vector<Owners> owners(out_.types.size());
    const auto of = [&](ValType t) { return t.is_prim() ? Owners{} : owners[t.index().value]; };
    std::vector<bool> bad(out_.types.size(), false);
    for (std::size_t i = 0; i < out_.types.size(); ++i) {
      TypeDef& def = out_.types[TypeIdx(i)];
      Owners parts;
      if (const auto* made = std::get_if<DefValType>(&def.def)) {
        each_type(*made, [&](ValType t) { parts.add(of(t)); });
        if (const auto* own = std::get_if<component::Own>(made)) parts.add(of(own->resource));
        if (const auto* borrow = std::get_if<component::Borrow>(made))
          parts.add(of(borrow->resource));
      }
      if (!def.name) {
        owners[i] = parts;
        // A structure that needs a name and never got one.
        owners[i].several = parts.several || is_nominal(def);
        continue;
      }
      owners[i].one = def.owner;
      owners[i].several = def.owner == TypeOwner();
      if (const auto* alias = std::get_if<TypeAlias>(&def.def)) {
        const Owners target = of(alias->target);
        const bool is_named =
            !alias->target.is_prim() && out_.types[alias->target.index()].name.has_value();
        def.used = is_named && target.one != def.owner;
        bad[i] = target.several || (!is_named && !target.within(def.owner)) ||
                 (def.used && !std::holds_alternative<InterfaceIdx>(target.one));
      } else {
        bad[i] = !parts.within(def.owner);
      }
    }
    const auto fits = [&](const Function& f, TypeOwner owner) {
      Owners parts;
      for (const Param& p : f.params) parts.add(of(p.type));
      if (f.result) parts.add(of(*f.result));
      if (f.kind != FuncKind::freestanding) parts.add(of(f.resource));
      return parts.within(owner);
    };
    for (std::size_t i = 0; i < out_.interfaces.size(); ++i) {
      for (const auto& [name, idx] : out_.interfaces[InterfaceIdx(i)].types)
        if (bad[idx.value]) return false;
      for (const Function& f : out_.interfaces[InterfaceIdx(i)].functions)
        if (!fits(f, InterfaceIdx(i))) return false;
    }
    const World& world = out_.worlds[world_];
    for (const auto* items : {&world.imports, &world.exports}) {
      for (const WorldItem& item : *items) {
        if (const auto* idx = std::get_if<TypeIdx>(&item.item); idx != nullptr && bad[idx->value])
          return false;
        if (const auto* f = std::get_if<Function>(&item.item); f != nullptr && !fits(*f, world_))
          return false;
      }
    }
    return true;
  }

  Packages& out_;
  GraphBuilder graph_;
  WorldIdx world_;
  std::deque<Env> envs_;
  std::map<std::string, TypeIdx, std::less<>> world_types_;
  std::uint32_t steps_ = 0;
  std::uint32_t depth_ = 0;
  bool failed_ = false;
};

}  // namespace

bool read_world_definitions(const component::Component& component, Packages& out) {
  return Reader(out).run(component);
}

}  // namespace tenon::wit
