// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tenon/abi/layout.h"
#include "tenon/bindgen/names.h"
#include "tenon/bindgen/rules.h"
#include "tenon/bindgen/whole_names.h"
#include "tenon/types/parts.h"
#include "tenon/types/semver.h"

namespace tenon::bindgen {

namespace {

using component::PrimValType;
using wit::DefValType;

/// What is flattened is only ever a number.
Flat flat_of(core::TypeCode code) {
  if (code == core::TypeCode::i64) return Flat::i64;
  if (code == core::TypeCode::f32) return Flat::f32;
  return code == core::TypeCode::f64 ? Flat::f64 : Flat::i32;
}

/// Builds the plan of one type out of the plans of its parts.
class TypePlanner {
 public:
  explicit TypePlanner(const IndexVector<TypeIdx, TypePlan>& done) : done_(done) {}

  [[nodiscard]] TypePlan plan(const wit::TypeDef& type) const {
    return std::visit(overloaded{
                          [&](const DefValType& def) { return structure(def); },
                          [&](const wit::TypeAlias& alias) { return of(alias.target); },
                          [](const wit::Resource&) { return TypePlan{}; },
                      },
                      type.def);
  }

  /// `f` of the type's plan.
  template <class F>
  auto with(ValType type, F f) const {
    return type.is_prim() ? f(plan_prim(type.prim())) : f(done_[type.index()]);
  }
  [[nodiscard]] TypePlan of(ValType type) const {
    return with(type, [](const TypePlan& plan) { return plan; });
  }

  /// Parameters, which are laid out and flattened as a tuple.
  [[nodiscard]] TypePlan parameters(std::vector<ValType> types) const {
    return structure(component::Tuple{std::move(types)});
  }

 private:
  TypePlan planned(const DefValType&, PrimValType prim) const { return plan_prim(prim); }
  TypePlan planned(const DefValType& def, const component::Record& record) const {
    std::vector<ValType> types;
    for (const auto& field : record.fields) types.push_back(field.type);
    return with_fields(def, types);
  }
  TypePlan planned(const DefValType& def, const component::Tuple& tuple) const {
    TypePlan plan = with_fields(def, tuple.types);
    // Languages lay tuples out as they like.
    plan.plain = false;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Variant& variant) const {
    std::vector<std::optional<ValType>> cases;
    for (const auto& one : variant.cases) cases.push_back(one.type);
    return with_cases(def, cases);
  }
  TypePlan planned(const DefValType& def, const component::Option& option) const {
    return with_cases(def, {std::nullopt, option.type});
  }
  TypePlan planned(const DefValType& def, const component::ResultType& result) const {
    return with_cases(def, {result.ok, result.err});
  }
  TypePlan planned(const DefValType& def, const component::Enum& type) const {
    TypePlan plan = laid_out(def);
    plan.tag = abi::discriminant_size(type.labels.size());
    plan.plain = true;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Flags& type) const {
    TypePlan plan = laid_out(def);
    plan.tag = abi::flags_size(type.labels.size());
    plan.plain = true;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::List& list) const {
    TypePlan plan = laid_out(def);
    plan.owns_memory = plan.owns_memory || !list.length;
    plan.plain = list.length && with(list.elem, [](const TypePlan& elem) { return elem.plain; });
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Map&) const {
    TypePlan plan = laid_out(def);
    plan.owns_memory = true;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Own&) const {
    TypePlan plan = laid_out(def);
    plan.has_own = true;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Borrow&) const {
    TypePlan plan = laid_out(def);
    plan.has_borrow = true;
    return plan;
  }
  TypePlan planned(const DefValType& def, const component::Stream&) const {
    return unsupported(def);
  }
  TypePlan planned(const DefValType& def, const component::Future&) const {
    return unsupported(def);
  }

  [[nodiscard]] TypePlan structure(const DefValType& def) const {
    return std::visit([&](const auto& one) { return planned(def, one); }, def);
  }
  [[nodiscard]] abi::Layout layout_of(ValType type) const {
    return with(type, [](const TypePlan& part) { return abi::Layout{part.size, part.align}; });
  }
  /// Size, alignment and flat types; what is inside of parts is inside of the whole.
  [[nodiscard]] TypePlan laid_out(const DefValType& def) const {
    TypePlan plan;
    const abi::Layout layout =
        abi::layout_of(def, abi::Ptr::i32, [&](ValType t) { return layout_of(t); });
    plan.size = layout.size;
    plan.align = layout.alignment;
    plan.flat = abi::flatten_of(def, abi::Ptr::i32, [&](ValType t) {
      return with(t, [](const TypePlan& part) { return part.flat; });
    });
    types::for_each_part(def, [&](ValType type) {
      with(type, [&](const TypePlan& part) {
        plan.owns_memory = plan.owns_memory || part.owns_memory;
        plan.has_own = plan.has_own || part.has_own;
        plan.has_borrow = plan.has_borrow || part.has_borrow;
        plan.unsupported = plan.unsupported || part.unsupported;
      });
    });
    return plan;
  }
  [[nodiscard]] TypePlan unsupported(const DefValType& def) const {
    TypePlan plan = laid_out(def);
    plan.unsupported = true;
    return plan;
  }
  [[nodiscard]] TypePlan with_fields(const DefValType& def,
                                     const std::vector<ValType>& fields) const {
    TypePlan plan = laid_out(def);
    plan.plain = true;
    abi::impl::RecordLayout layout;
    std::size_t slot = 0;
    for (const ValType type : fields) {
      with(type, [&](const TypePlan& part) {
        plan.offsets.push_back(layout.add({part.size, part.align}));
        plan.slots.push_back(static_cast<std::uint32_t>(slot));
        slot += part.flat.size();
        plan.plain = plan.plain && part.plain;
      });
    }
    return plan;
  }
  [[nodiscard]] TypePlan with_cases(const DefValType& def,
                                    const std::vector<std::optional<ValType>>& cases) const {
    TypePlan plan = laid_out(def);
    abi::impl::VariantLayout layout(cases.size());
    for (const auto& type : cases) {
      if (type) layout.add(layout_of(*type));
    }
    plan.tag = layout.discriminant;
    plan.offsets = {layout.payload_offset()};
    plan.slots = {1};
    return plan;
  }

  const IndexVector<TypeIdx, TypePlan>& done_;
};

/// Plans the functions and resources of a world's modules.
class WorldPlanner {
 public:
  explicit WorldPlanner(WorldPlan& plan)
      : plan_(plan), whole_names_(plan.wit_world()), types_(plan.types) {}

  Result<void> run() {
    const auto& world = plan_.wit_world();
    for (const wit::WorldItem& item : world.exports) {
      if (std::holds_alternative<wit::Function>(item.item) && abi::is_own_export(item.name))
        plan_.mangling = abi::Mangling::cm32p2;
    }
    plan_.modules.push_back(root(Direction::import_, world));
    plan_.modules.push_back(root(Direction::export_, world));
    TENON_TRY(items(world.imports, Direction::import_));
    TENON_TRY(items(world.exports, Direction::export_));
    for (const Module& module : plan_.modules) TENON_TRY(accessors(module));
    return text_size();
  }

 private:
  /// The setter of `x` is called `set_x`, and so may another function be. Spec: Explainer.md "Name
  /// Uniqueness".
  static Result<void> accessors(const Module& module) {
    const auto is_accessor = [](const FuncPlan& plan) {
      return plan.func->accessor != wit::Accessor::none;
    };
    if (std::ranges::none_of(module.functions, is_accessor)) return {};
    std::map<std::string, const wit::Function*> seen;
    for (const FuncPlan& plan : module.functions) {
      const wit::Function& func = *plan.func;
      const auto [other, fresh] = seen.emplace(snake(flat_name(func)), &func);
      if (fresh) continue;
      return std::unexpected(
          Error(rules::clash, func.info.span,
                fmt::format("`{}` and `{}` would both be `{}`", other->second->name, func.name,
                            snake(func.plain_name())))
              .note(other->second->info.span, "the other one")
              .help("give one of them another name in the WIT"));
    }
    return {};
  }

  /// What the types of all functions come to where they are written out: structures with a name
  /// count as one word, but tuples, options and results are written with all that is in them.
  Result<void> text_size() const {
    constexpr std::uint64_t most = 1'000'000;
    const wit::Packages& packages = *plan_.packages;
    std::vector<std::uint64_t> words(packages.types.size(), 1);
    const auto of = [&](ValType type) { return type.is_prim() ? 1 : words[type.index().value]; };
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto& def = packages.types[TypeIdx(i)].def;
      if (const auto* alias = std::get_if<wit::TypeAlias>(&def)) words[i] = of(alias->target);
      const auto* made = std::get_if<wit::DefValType>(&def);
      const bool one_word = made == nullptr || std::holds_alternative<component::Record>(*made) ||
                            std::holds_alternative<component::Variant>(*made);
      if (one_word) continue;
      wit::each_type(*made, [&](ValType part) { words[i] = std::min(words[i] + of(part), most); });
    }
    std::uint64_t sum = 0;
    for (const Module& module : plan_.modules) {
      for (const FuncPlan& plan : module.functions) {
        for (const wit::Param& param : plan.func->params) sum += of(param.type);
        if (plan.func->result) sum += of(*plan.func->result);
        if (sum <= most) continue;
        return std::unexpected(
            Error(rules::too_large, plan.func->info.span,
                  fmt::format("the types of functions up to `{}` have more than {} words when they "
                              "are written out",
                              plan.func->name, most))
                .help("make records of the tuples that name each other"));
      }
    }
    return {};
  }

  static Module root(Direction direction, const wit::World& world) {
    Module module;
    module.direction = direction;
    module.name = world.name;
    module.info = &world.info;
    return module;
  }

  [[nodiscard]] abi::Mangling mangling_of(const Module& module) const {
    return whole_names_.mangling(module.id, plan_.mangling);
  }

  Result<void> items(const std::vector<wit::WorldItem>& list, Direction direction) {
    const ModuleIdx own(direction == Direction::import_ ? 0U : 1U);
    for (const auto& item : list) {
      if (const auto* func = std::get_if<wit::Function>(&item.item)) {
        FuncPlan planned = TENON_TRY(function(plan_.modules[own], *func));
        plan_.modules[own].functions.push_back(std::move(planned));
      } else if (const auto* type = std::get_if<TypeIdx>(&item.item)) {
        // A type is in the world whichever way it goes: it has no direction of its own.
        add_type(plan_.modules[ModuleIdx(0U)], *type, item.name);
      } else {
        TENON_TRY(interface(item, std::get<wit::InterfaceIdx>(item.item), direction));
      }
    }
    return {};
  }

  Result<void> interface(const wit::WorldItem& item, wit::InterfaceIdx idx, Direction direction) {
    const auto& interface = plan_.packages->interfaces[idx];
    Module module;
    module.direction = direction;
    module.interface = idx;
    module.id = item.name;
    module.info = &interface.info;
    module.name = item.name;
    const auto id = plan_.packages->id_of(idx);
    if (id && *id == item.name) {
      module.package = interface.package;
      module.name = *interface.name;
    }
    for (const auto& [name, type] : interface.types) add_type(module, type, name);
    for (const auto& func : interface.functions) {
      FuncPlan planned = TENON_TRY(function(module, func));
      module.functions.push_back(std::move(planned));
    }
    plan_.modules.push_back(std::move(module));
    return {};
  }

  void add_type(Module& module, TypeIdx type, const std::string& name) {
    module.types.push_back(type);
    if (!std::holds_alternative<wit::Resource>(plan_.type(type).def)) return;
    ResourcePlan resource;
    resource.type = type;
    resource.name = name;
    const bool is_export = module.direction == Direction::export_;
    const abi::Mangling mangling = mangling_of(module);
    const auto op = [&](abi::ResourceOp what) {
      return abi::resource_op(mangling, module.id, name, what, is_export);
    };
    const abi::CoreName drop = op(abi::ResourceOp::drop);
    resource.core_module = drop.module;
    resource.drop_name = drop.field;
    if (is_export) {
      resource.new_name = op(abi::ResourceOp::new_).field;
      resource.rep_name = op(abi::ResourceOp::rep).field;
      resource.dtor_export = abi::destructor(mangling, module.id, name);
    }
    module.resources.push_back(std::move(resource));
  }

  /// Spec: CanonicalABI.md "Flattening" (flatten_functype).
  Result<FuncPlan> function(const Module& module, const wit::Function& func) {
    TENON_TRY(supported(module, func));
    FuncPlan plan;
    plan.func = &func;
    const bool is_export = module.direction == Direction::export_;
    const abi::Mangling mangling = mangling_of(module);
    if (is_export) {
      plan.core_name = abi::export_func(abi::Mangling::legacy, module.id, func.name);
      plan.export_name = abi::export_func(mangling, module.id, func.name);
    } else {
      abi::CoreName name = abi::import_func(mangling, module.id, func.name);
      plan.core_module = std::move(name.module);
      plan.core_name = std::move(name.field);
    }
    std::vector<ValType> params;
    for (const auto& param : func.params) params.push_back(param.type);
    const TypePlan all = types_.parameters(std::move(params));
    plan.slots = all.slots;
    plan.offsets = all.offsets;
    plan.params_size = all.size;
    plan.params_align = all.align;
    const std::optional<TypePlan> result =
        func.result ? std::optional(types_.of(*func.result)) : std::nullopt;
    const abi::FlatFuncType flat =
        abi::flat_signature(all.flat, result ? result->flat : abi::FlatTypes(),
                            {is_export ? abi::Context::lift : abi::Context::lower});
    plan.params_in_memory = flat.params_in_memory;
    plan.result_in_memory = flat.result_in_memory;
    for (const core::ValType type : flat.type.params)
      plan.core_params.push_back(flat_of(type.code()));
    if (!flat.type.results.empty()) plan.core_result = flat_of(flat.type.results.front().code());
    if (is_export && result && result->owns_memory)
      plan.post_name = abi::post_return(mangling, module.id, func.name);
    return plan;
  }

  Result<void> supported(const Module& module, const wit::Function& func) const {
    const std::string where = module.id.empty() ? fmt::format("`{}`", func.name)
                                                : fmt::format("`{}` of `{}`", func.name, module.id);
    if (func.async_) {
      return std::unexpected(
          Error(rules::async_unsupported, func.info.span, where + " is async")
              .help("leave the `async` away, or take a world without this function"));
    }
    for (const auto& param : func.params) {
      if (types_.of(param.type).unsupported) {
        return std::unexpected(
            Error(rules::async_unsupported, param.span,
                  fmt::format("parameter `{}` of {} holds a stream, future or error-context",
                              param.name, where))
                .help("take a world without this function"));
      }
    }
    if (func.result && types_.of(*func.result).unsupported) {
      return std::unexpected(
          Error(rules::async_unsupported, func.info.span,
                fmt::format("the result of {} holds a stream, future or error-context", where))
              .help("take a world without this function"));
    }
    return {};
  }

  WorldPlan& plan_;
  WholeNames whole_names_;
  TypePlanner types_;
};

}  // namespace

std::string flat_name(const wit::Function& func) {
  if (func.kind == wit::FuncKind::freestanding) return func.plain_name();
  if (func.kind == wit::FuncKind::constructor) return std::string(func.resource_name());
  return std::string(func.resource_name()) + "." + func.plain_name();
}

TypePlan plan_prim(PrimValType prim) {
  TypePlan plan;
  const abi::Layout layout = abi::layout_of_prim(prim, abi::Ptr::i32);
  plan.size = layout.size;
  plan.align = layout.alignment;
  plan.flat = abi::flatten_prim(prim, abi::Ptr::i32);
  plan.owns_memory = prim == PrimValType::string;
  plan.plain = prim != PrimValType::string;
  plan.unsupported = prim == PrimValType::error_context;
  return plan;
}

TypePlan WorldPlan::of(ValType type) const {
  return type.is_prim() ? plan_prim(type.prim()) : types[type.index()];
}

const wit::DefValType* WorldPlan::structure(ValType type) const {
  type = packages->resolve_alias(type);
  return type.is_prim() ? nullptr
                        : std::get_if<wit::DefValType>(&packages->types[type.index()].def);
}

std::optional<PrimValType> WorldPlan::prim(ValType type) const {
  type = packages->resolve_alias(type);
  if (type.is_prim()) return type.prim();
  const auto* def = structure(type);
  const auto* found = def != nullptr ? std::get_if<PrimValType>(def) : nullptr;
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

bool WorldPlan::is_scalar(ValType type) const {
  if (const auto found = prim(type)) return *found != PrimValType::string;
  const auto* def = structure(type);
  return def != nullptr && (std::holds_alternative<component::Enum>(*def) ||
                            std::holds_alternative<component::Flags>(*def));
}

std::vector<std::string> WorldPlan::labels(ValType type) const {
  std::vector<std::string> out;
  const auto* def = structure(type);
  if (def == nullptr) return out;
  const auto each = [&](const auto& all) {
    for (const auto& one : all) out.push_back(one.label);
  };
  std::visit(overloaded{
                 [&](const component::Record& record) { each(record.fields); },
                 [&](const component::Variant& variant) { each(variant.cases); },
                 [&](const component::Enum& one) { out = one.labels; },
                 [&](const component::Flags& one) { out = one.labels; },
                 [&](const component::Tuple& tuple) {
                   for (std::size_t i = 0; i < tuple.types.size(); ++i) {
                     out.push_back(fmt::format("f{}", i));
                   }
                 },
                 [](const auto&) {},
             },
             *def);
  return out;
}

ModuleIdx WorldPlan::module_of(TypeIdx idx, ModuleIdx from) const {
  const auto& owner = type(idx).owner;
  const auto* interface = std::get_if<wit::InterfaceIdx>(&owner);
  if (interface == nullptr) return ModuleIdx(0U);
  const Module& here = modules[from];
  if (here.interface == *interface) return from;
  // What an interface `use`s is what goes by the interface's own name, not what implements it under
  // another one.
  const auto find = [&](Direction direction, bool by_id) -> std::optional<ModuleIdx> {
    const auto& all = direction == Direction::import_ ? imported_ : exported_;
    const auto it = all.find(*interface);
    return it == all.end() ? std::nullopt : it->second[by_id ? 1 : 0];
  };
  // The world's own types come from imports, even in what it exports.
  if (here.direction == Direction::export_ && here.interface) {
    if (const auto found = find(Direction::export_, true)) return *found;
  }
  for (const bool by_id : {true, false}) {
    if (const auto found = find(Direction::import_, by_id)) return *found;
    if (const auto found = find(Direction::export_, by_id)) return *found;
  }
  return ModuleIdx(0U);
}

std::string WorldPlan::version_apart(wit::PackageIdx package) const {
  const auto& name = packages->packages[package].name;
  return several_versions_.contains(name.ns + ":" + name.name) ? name.version.value_or("0")
                                                               : std::string();
}

std::string WorldPlan::member_name(const Module& module) const {
  std::string name = snake(module.name);
  if (module.package) name += snake(version_apart(*module.package));
  return name;
}

void WorldPlan::index() {
  std::unordered_map<std::string, std::optional<std::string>> versions;
  for (ModuleIdx i; i.value < modules.size(); ++i.value) {
    Module& module = modules[i];
    index_functions(module);
    if (module.interface) {
      auto& all = module.direction == Direction::import_ ? imported_ : exported_;
      auto& first = all[*module.interface][module.package ? 1 : 0];
      if (!first) first = i;
    }
    if (!module.package) continue;
    const auto& name = packages->packages[*module.package].name;
    const std::string path = name.ns + ":" + name.name;
    if (versions.emplace(path, name.version).first->second != name.version)
      several_versions_.insert(path);
  }
}

void WorldPlan::index_functions(Module& module) const {
  std::unordered_map<TypeIdx, std::size_t> places;
  for (std::size_t i = 0; i < module.resources.size(); ++i)
    places.emplace(packages->resolve_alias(module.resources[i].type), i);
  for (std::size_t i = 0; i < module.functions.size(); ++i) {
    FuncPlan& plan = module.functions[i];
    if (plan.func->kind == wit::FuncKind::freestanding) {
      module.free_functions.push_back(i);
      continue;
    }
    const auto it = places.find(packages->resolve_alias(plan.func->resource));
    if (it == places.end()) continue;
    plan.resource = it->second;
    module.resources[it->second].functions.push_back(i);
  }
}

bool WorldPlan::is_exported_resource(TypeIdx resource, ModuleIdx from) const {
  const TypeIdx target = packages->resolve_alias(resource);
  return modules[module_of(target, from)].direction == Direction::export_;
}

Result<WorldPlan> plan_world(const wit::Packages& packages, wit::WorldIdx world) {
  WorldPlan plan;
  plan.packages = &packages;
  plan.world = world;
  plan.types.reserve(packages.types.size());
  const TypePlanner types(plan.types);
  for (const auto& type : packages.types) plan.types.push_back(types.plan(type));
  WorldPlanner planner(plan);
  TENON_TRY(planner.run());
  plan.index();
  return plan;
}

}  // namespace tenon::bindgen
