// SPDX-License-Identifier: Apache-2.0
// Definitions run in order; each appends to the index space of its sort, as in the specification.
// Validation has checked every index. The types of core functions are checked once more before they
// are lifted or used as options, since calls write as many slots as the validated type has. Index
// spaces stay with the store even if instantiation fails: what was handed out may refer to them.
// Spec: Explainer.md "Component Definitions"
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/runtime/canon.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/wave.h"

namespace tenon::runtime {

namespace {

using component::Alias;
using component::CanonOp;
using component::CoreSort;
using component::DefinitionInfo;
using component::ExternKind;
using component::SortKind;

/// Runs the definitions of one component in order. Validation has checked every index and type, so
/// what is looked up is there.
class Instantiation {
 public:
  Instantiation(Store& store, InstanceState& state, std::span<const Item> imports)
      : store_(store), state_(state), info_(*state.compiled->info), imports_(imports) {}

  Made<void> run() {
    reserve();
    const auto& definitions = state_.compiled->def->definitions;
    for (std::uint32_t i = 0; i < definitions.size(); ++i) {
      at_ = i;
      if (store_.core().interrupted()) [[unlikely]]
        return stopped();
      TENON_TRY(std::visit([&](const auto& def) { return define(def, info_.definitions[i]); },
                           definitions[i].def));
    }
    return {};
  }

 private:
  void reserve() {
    state_.inst->resources.resize(info_.resources.size());
    state_.funcs.reserve(info_.funcs.size());
    state_.instances.reserve(info_.instances.size());
    state_.types.reserve(info_.num_types);
    state_.components.reserve(info_.num_components);
    state_.values.reserve(info_.values.size());
    state_.modules.reserve(info_.num_core_modules);
    state_.core_instances.reserve(info_.num_core_instances);
    state_.core_funcs.reserve(info_.num_core_funcs);
    state_.core_tables.reserve(info_.num_core_tables);
    state_.core_mems.reserve(info_.num_core_mems);
    state_.core_globals.reserve(info_.num_core_globals);
    state_.core_tags.reserve(info_.num_core_tags);
    std::size_t lifts = 0;
    std::size_t lowers = 0;
    for (const auto& canon : info_.canons) {
      lifts += canon.op == CanonOp::lift ? 1 : 0;
      lowers += canon.op == CanonOp::lower ? 1 : 0;
    }
    state_.own_funcs.reserve(lifts);
    state_.lower_sites.reserve(lowers);
    state_.canon_sites.reserve(info_.canons.size() - lifts - lowers);
    state_.exports.names = &state_.compiled->exports;
    state_.exports.items.reserve(info_.exports.size());
  }

  [[gnu::cold]] static std::unexpected<Failure> stopped() {
    return std::unexpected(Failure(Trap(engine::TrapCode::interrupted)));
  }

  // Definitions, one overload each.

  Made<void> define(const component::Custom&, const DefinitionInfo&) { return {}; }
  Made<void> define(const component::CoreType&, const DefinitionInfo&) { return {}; }
  Made<void> define(const component::Value&, const DefinitionInfo&) {
    state_.values.push_back(state_.compiled->values.at(at_));
    return {};
  }
  /// Spec: Explainer.md "Start Definitions": a call whose arguments and result are values.
  Made<void> define(const component::Start& def, const DefinitionInfo&) {
    std::vector<Value> args;
    for (const auto arg : def.args) args.push_back(*state_.values[arg.value]);
    const auto& func = *state_.funcs[def.func.value];
    TENON_TRY(check_args(store_, func, args));
    auto result = call(store_, func, args);
    if (!result) return std::unexpected(std::move(result).error());
    if (*result) state_.values.push_back(std::make_shared<const Value>(std::move(**result)));
    return {};
  }
  Made<void> define(const std::unique_ptr<core::Module>&, const DefinitionInfo& d) {
    state_.modules.push_back(state_.compiled->modules[d.info]);
    return {};
  }
  Made<void> define(const std::unique_ptr<component::Component>&, const DefinitionInfo&) {
    state_.components.push_back({state_.compiled->nested.at(at_).get(), &state_});
    return {};
  }
  Made<void> define(const component::Type& type, const DefinitionInfo& d) {
    const ResourceType* made = nullptr;
    if (std::holds_alternative<component::ResourceType>(type.def)) {
      const auto& resource = info_.resources[component::ResourceIdx(d.info)];
      if (resource.dtor && !has_type(*resource.dtor, std::span(&resource.rep, 1), {}))
        return other_type("of a destructor");
      auto* dtor = resource.dtor ? state_.core_funcs[resource.dtor->value].ref() : nullptr;
      made = store_.new_resource_type(resource.name, state_.inst, dtor);
      state_.inst->resources[d.info] = made;
    }
    state_.types.push_back(made);
    return {};
  }

  Made<void> define(const component::CoreInstance& def, const DefinitionInfo&) {
    if (!def.module) {
      CoreBundle bundle;
      bundle.names = &state_.compiled->names.at(at_);
      for (const auto& e : def.exports) bundle.items.push_back(core_item(e.item.sort, e.item.idx));
      state_.core_instances.emplace_back(std::move(bundle));
      return {};
    }
    const auto& module = state_.modules[def.module->value];
    const auto& args = state_.compiled->names.at(at_);
    std::vector<engine::Extern> imports;
    imports.reserve(module->core().imports.size());
    for (const auto& import : module->core().imports) {
      if (imports.size() % 1024 == 0 && store_.core().interrupted()) return stopped();
      const auto item = TENON_TRY(find_core(def, args, import));
      imports.push_back(item);
    }
    auto made = engine::Instance::create(store_.core(), module, imports);
    if (!made) return std::unexpected(Failure::of(std::move(made).error()));
    state_.core_instances.emplace_back(*made);
    return {};
  }
  Made<engine::Extern> find_core(const component::CoreInstance& def, const NameIndex& args,
                                 const core::Import& import) {
    if (const auto i = args.find(import.module); i != NameIndex::none) {
      if (auto item = core_export(state_.core_instances[def.args[i].instance.value], import.name))
        return *item;
    }
    return std::unexpected(Error(rules::import_missing, import.span,
                                 fmt::format("core import `{}` `{}`", import.module, import.name)));
  }
  static std::optional<engine::Extern> core_export(const CoreInstance& from,
                                                   std::string_view name) {
    if (auto* const* instance = std::get_if<engine::Instance*>(&from))
      return (*instance)->find(name);
    const auto& bundle = std::get<CoreBundle>(from);
    const auto i = bundle.names->find(name);
    if (i == NameIndex::none) return std::nullopt;
    return bundle.items[i];
  }
  engine::Extern core_item(CoreSort sort, std::uint32_t idx) {
    switch (sort) {
      case CoreSort::func:
        return state_.core_funcs[idx];
      case CoreSort::table:
        return state_.core_tables[idx];
      case CoreSort::memory:
        return state_.core_mems[idx];
      case CoreSort::global:
        return state_.core_globals[idx];
      case CoreSort::tag:
        return state_.core_tags[idx];
      case CoreSort::type:
      case CoreSort::module:
      case CoreSort::instance:
        break;
    }
    return engine::Func();
  }
  void add_core(const engine::Extern& item) {
    std::visit(overloaded{[&](engine::Func f) { state_.core_funcs.push_back(f); },
                          [&](engine::Table* t) { state_.core_tables.push_back(t); },
                          [&](engine::Memory* m) { state_.core_mems.push_back(m); },
                          [&](const engine::Global& g) { state_.core_globals.push_back(g); },
                          [&](engine::Tag* t) { state_.core_tags.push_back(t); }},
               item);
  }

  // Items of the component level.

  Item item(const component::SortIdx& at) {
    switch (at.sort.kind) {
      case SortKind::core:
        return state_.modules[at.idx];
      case SortKind::func:
        return state_.funcs[at.idx];
      case SortKind::type:
        return TypeItem(state_.types[at.idx]);
      case SortKind::component:
        return state_.components[at.idx];
      case SortKind::instance:
        return state_.instances[at.idx];
      case SortKind::value:
        return state_.values[at.idx];
    }
    return {};
  }
  /// A new index for an item, in the index space of its sort.
  void add(const Item& item) {
    std::visit(
        overloaded{[](std::monostate) {}, [&](const FuncInst* f) { state_.funcs.push_back(f); },
                   [&](const InstanceItem* i) { state_.instances.push_back(i); },
                   [&](const ComponentItem& c) { state_.components.push_back(c); },
                   [&](const ModuleItem& m) { state_.modules.push_back(m); },
                   [&](const ValueItem& v) { state_.values.push_back(v); },
                   [&](const TypeItem& t) { state_.types.push_back(t.resource()); }},
        item);
  }

  Made<void> define(const component::Import& def, const DefinitionInfo& d) {
    const auto& item = imports_[d.info];
    if (def.type.kind == ExternKind::value) TENON_TRY(check_value(def, item));
    add(item);
    bind_resources(info_, info_.imports[d.info].type, item, state_.inst->resources);
    return {};
  }
  /// The value of `(import "v" (value (eq $w)))` is the one that is known already.
  Made<void> check_value(const component::Import& def, const Item& item) {
    if (!def.type.value_eq) return {};
    if (*std::get<ValueItem>(item) == *state_.values[def.type.idx]) return {};
    return std::unexpected(Error(rules::import_type, Span::none(),
                                 fmt::format("the value `{}` must be {}, and is {}", def.name.name,
                                             to_wave(*state_.values[def.type.idx], 400),
                                             to_wave(*std::get<ValueItem>(item), 400))));
  }
  Made<void> define(const component::Export& def, const DefinitionInfo& d) {
    const auto exported = typed(item(def.item), info_.exports[d.info].type);
    add(exported);
    bind_resources(info_, info_.exports[d.info].type, exported, state_.inst->resources);
    name_func(exported, def.name.name);
    state_.exports.items.push_back(exported);
    return {};
  }
  /// A type that is not a resource, with what it is.
  Item typed(Item item, const component::ResolvedExtern& as) const {
    if (as.kind != ExternKind::type || as.resource()) return item;
    return TypeItem(as.type, state_);
  }
  /// A function is called by the first name under which it is exported.
  static void name_func(const Item& item, std::string_view name) {
    const auto* const* f = std::get_if<const FuncInst*>(&item);
    if (f != nullptr && (*f)->name.empty()) (*f)->name = name;
  }

  Made<void> define(const component::Instance& def, const DefinitionInfo& d) {
    if (def.component) {
      const auto made = TENON_TRY(instantiate_nested(state_.components[def.component->value], def));
      state_.instances.push_back(&made->exports);
    } else {
      auto& own = state_.own_instances.emplace_back();
      own.names = &state_.compiled->names.at(at_);
      const auto& types = info_.instance_types[info_.instances[component::InstanceIdx(d.index)]];
      own.items.reserve(def.exports.size());
      for (std::size_t i = 0; i < def.exports.size(); ++i) {
        const auto& e = def.exports[i];
        own.items.push_back(typed(item(e.item), types.exports[i].type));
        name_func(own.items.back(), e.name.name);
      }
      state_.instances.push_back(&own);
    }
    component::ResolvedExtern type;
    type.kind = ExternKind::instance;
    type.idx = info_.instances[component::InstanceIdx(d.index)].value;
    bind_resources(info_, type, state_.instances.back(), state_.inst->resources);
    return {};
  }
  Made<InstanceState*> instantiate_nested(const ComponentItem& what,
                                          const component::Instance& def) {
    const auto& args = state_.compiled->names.at(at_);
    std::vector<Item> imports;
    imports.reserve(what.compiled->info->imports.size());
    for (const auto& import : what.compiled->info->imports) {
      // Validation lets only types be left out.
      const auto i = args.find(import.name->name);
      imports.push_back(i == NameIndex::none ? Item(TypeItem()) : item(def.args[i].item));
    }
    return instantiate(store_, *what.compiled, what.outer, state_.inst, imports);
  }

  Made<void> define(const Alias& def, const DefinitionInfo&) {
    switch (def.target) {
      case Alias::Target::export_: {
        const auto* found = state_.instances[def.instance_or_count]->find(def.name);
        if (found == nullptr) {
          return std::unexpected(
              Error(rules::export_missing, Span::none(), fmt::format("`{}`", def.name)));
        }
        add(*found);
        return {};
      }
      case Alias::Target::core_export: {
        const auto found = core_export(state_.core_instances[def.instance_or_count], def.name);
        if (!found) {
          return std::unexpected(
              Error(rules::export_missing, Span::none(), fmt::format("core `{}`", def.name)));
        }
        add_core(*found);
        return {};
      }
      case Alias::Target::outer:
        outer_alias(def);
        return {};
    }
    return {};
  }
  void outer_alias(const Alias& def) {
    const InstanceState* scope = &state_;
    for (std::uint32_t i = 0; i < def.instance_or_count; ++i) scope = scope->outer;
    switch (def.sort.kind) {
      case SortKind::core:
        // Core types are nothing at run time.
        if (def.sort.core_sort == CoreSort::module)
          state_.modules.push_back(scope->modules[def.idx]);
        return;
      case SortKind::type:
        state_.types.push_back(scope->types[def.idx]);
        return;
      case SortKind::component:
        state_.components.push_back(scope->components[def.idx]);
        return;
      case SortKind::func:
      case SortKind::value:
      case SortKind::instance:
        return;
    }
  }

  // Canonical definitions.

  CanonicalOptions options(const component::CanonOptions& from) {
    const auto func = [&](const std::optional<component::CoreFuncIdx>& idx) {
      return idx ? state_.core_funcs[idx->value].ref() : nullptr;
    };
    CanonicalOptions out;
    out.string_encoding = from.string_encoding;
    out.memory = from.memory ? state_.core_mems[from.memory->value] : nullptr;
    out.realloc = func(from.realloc);
    out.post_return = func(from.post_return);
    out.callback = func(from.callback);
    out.async_ = from.async_;
    return out;
  }
  /// Calls write as many slots as the type that validation saw has: what runs must have that type,
  /// whatever module it came from.
  [[nodiscard]] bool has_type(component::CoreFuncIdx idx, std::span<const core::ValType> params,
                              std::span<const core::ValType> results) const {
    const auto& type = state_.core_funcs[idx.value].type();
    return std::ranges::equal(type.params, params) && std::ranges::equal(type.results, results);
  }
  [[gnu::cold]] static std::unexpected<Failure> other_type(const char* what) {
    return std::unexpected(Failure(Error(
        rules::import_type, Span::none(),
        fmt::format("the core function {} has another type than its module declares", what))));
  }
  /// Most functions of a component have one `realloc`, whose type is looked at once.
  bool is_realloc(component::CoreFuncIdx idx, abi::Ptr width) {
    const auto* type = &state_.core_funcs[idx.value].type();
    auto& known = realloc_type_[width == abi::Ptr::i64 ? 1 : 0];
    if (type == known) return true;
    const core::ValType ptr = width == abi::Ptr::i64 ? core::TypeCode::i64 : core::TypeCode::i32;
    if (!has_type(idx, std::array{ptr, ptr, ptr, ptr}, std::span(&ptr, 1))) return false;
    known = type;
    return true;
  }
  Made<void> options_have_types(const component::CanonInfo& canon) {
    const auto& o = canon.options;
    constexpr core::ValType i32 = core::TypeCode::i32;
    constexpr std::array callback{i32, i32, i32};
    if (o.realloc && !is_realloc(*o.realloc, o.ptr)) return other_type("of `realloc`");
    if (o.callback && !has_type(*o.callback, callback, std::span(&i32, 1)))
      return other_type("of `callback`");
    if (o.post_return && !has_type(*o.post_return, canon.flat.type.results, {}))
      return other_type("of `post-return`");
    return {};
  }
  Made<void> define(const component::Canon& def, const DefinitionInfo& d) {
    const auto& canon = info_.canons[d.info];
    TENON_TRY(options_have_types(canon));
    if (def.op == CanonOp::lift) {
      const auto& imm = std::get<component::LiftImm>(def.imm);
      const auto& flat = canon.flat.type;
      if (!has_type(imm.func, flat.params, flat.results)) return other_type("that is lifted");
      lift(imm, canon);
    } else if (def.op == CanonOp::lower) {
      return lower(std::get<component::LowerImm>(def.imm), canon, d.info);
    } else {
      builtin(def, canon, d.info);
    }
    return {};
  }
  void lift(const component::LiftImm& imm, const component::CanonInfo& canon) {
    auto& func = state_.own_funcs.emplace_back();
    func.inst = state_.inst;
    func.core = state_.core_funcs[imm.func.value].ref();
    func.opts = options(canon.options);
    func.shape = state_.compiled->func_shape(canon.func_type, canon.options.ptr);
    func.type = {&info_, &info_.func_types[canon.func_type]};
    func.resources = &state_.inst->resources;
    state_.funcs.push_back(&func);
  }
  Result<void> lower(const component::LowerImm& imm, const component::CanonInfo& canon,
                     std::uint32_t canon_idx) {
    auto& site = state_.lower_sites.emplace_back();
    site.inst = state_.inst;
    site.opts = options(canon.options);
    site.shape = state_.compiled->func_shape(canon.func_type, canon.options.ptr);
    site.type = {&info_, &info_.func_types[canon.func_type]};
    site.callee = state_.funcs[imm.func.value];
    TENON_TRY(fits_width(site));
    site.out_param_slot = site.shape->params_in_memory() ? 1 : site.shape->flat_params;
    const engine::RuntimeType* type = state_.compiled->canon_types[canon_idx];
    const auto func = store_.core().host_func_of_held(type, lower_thunk(site), &site);
    func.ref()->bridge = lower_bridge(site);
    state_.core_funcs.push_back(func);
    return {};
  }
  /// Host functions over C++ types read addresses of 32 bits.
  Result<void> fits_width(const LowerSite& site) {
    const auto* host = site.callee->host;
    if (host == nullptr || host->any_width() || site.opts.ptr_type() == abi::Ptr::i32) return {};
    const auto& shape = *site.shape;
    bool in_memory = shape.params_in_memory() || shape.result_in_memory() ||
                     (shape.result != nullptr && shape.result->has_pointer);
    for (const auto& param : shape.params) in_memory = in_memory || param.shape->has_pointer;
    if (!in_memory) return {};
    return std::unexpected(
        Error(
            rules::unsupported, Span::none(),
            fmt::format("the host function `{}` is one over C++ types, which have addresses of 32 "
                        "bits, and the component calls it with a 64-bit memory: `{}`",
                        site.callee->name, to_string(site.type)))
            .help("define it with `func_new`, over values"));
  }
  void builtin(const component::Canon& def, const component::CanonInfo& canon,
               std::uint32_t canon_idx) {
    auto& site = state_.canon_sites.emplace_back();
    site.inst = state_.inst;
    site.info = &canon;
    site.def = &def;
    const bool resource = def.op == CanonOp::resource_new || def.op == CanonOp::resource_drop ||
                          def.op == CanonOp::resource_rep;
    if (resource) site.rt = state_.inst->resources[canon.resource.value];
    site.opts = options(canon.options);
    const engine::RuntimeType* type = state_.compiled->canon_types[canon_idx];
    state_.core_funcs.push_back(
        store_.core().host_func_of_held(type, canon_builtin(def.op), &site));
  }

  Store& store_;
  InstanceState& state_;
  const component::ComponentInfo& info_;
  std::span<const Item> imports_;
  std::uint32_t at_ = 0;
  /// By width of pointers: a type that was found to be a `realloc`'s.
  std::array<const engine::RuntimeType*, 2> realloc_type_{};
};

}  // namespace

void bind_resources(const component::ComponentInfo& info, const component::ResolvedExtern& type,
                    const Item& item, std::vector<const ResourceType*>& resources) {
  if (const auto idx = type.resource()) {
    if (const auto* t = std::get_if<TypeItem>(&item)) resources[idx->value] = t->resource();
    return;
  }
  if (type.kind != ExternKind::instance) return;
  const auto& instance = info.instance_types[type.instance()];
  const auto* const* actual = std::get_if<const InstanceItem*>(&item);
  if (!instance.has_resources || actual == nullptr) return;
  for (const auto& e : instance.exports) {
    if (const auto* found = (*actual)->find(e.name))
      bind_resources(info, e.type, *found, resources);
  }
}

Made<InstanceState*> instantiate(Store& store, const CompiledComponent& component,
                                 const InstanceState* outer, ComponentInstance* parent,
                                 std::span<const Item> imports) {
  // Index spaces stay as long as the store, also when the instantiation fails.
  if (!store.core().charge_host(component.instance_bytes)) {
    return std::unexpected(Error(rules::limit, Span::none(),
                                 "no more memory of the host's for instances (host_bytes)"));
  }
  auto* inst = store.new_component_instance(parent);
  if (inst == nullptr) {
    return std::unexpected(
        Error(rules::limit, Span::none(), "no more component instances (component_instances)"));
  }
  auto& state = *store.instances().emplace_back(std::make_unique<InstanceState>());
  state.compiled = &component;
  state.outer = outer;
  state.inst = inst;
  Instantiation instantiation(store, state, imports);
  // Core start functions run as tasks of this instance.
  const Store::TaskScope scope(store, inst);
  Entry entry(*inst, parent);
  TENON_TRY(instantiation.run());
  entry.leave();
  state.forget_spaces();
  if (store.drops_wait()) store.run_waiting_drops();
  return &state;
}

}  // namespace tenon::runtime
