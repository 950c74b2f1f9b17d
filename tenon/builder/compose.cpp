// SPDX-License-Identifier: Apache-2.0
// Puts one component together. The order of definitions: imports of the world, modules, a shim for
// what needs something that is not there yet, resource types, lowered imports, the main instance,
// the adapters, the fixups that fill the shim, exports. An exported interface is defined in terms
// of its own types and of those that were exported before it: each is forgotten once it has its
// name, and taken from the exported instance by those that use it.
#include "tenon/builder/compose.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <unordered_map>
#include <utility>

#include "tenon/builder/assembly.h"
#include "tenon/builder/export_interface.h"
#include "tenon/builder/helper_module.h"
#include "tenon/builder/prune.h"
#include "tenon/builder/type_scope.h"
#include "tenon/wit/to_component.h"

namespace tenon::builder {
namespace {

using component::CanonOp;
using component::CanonOpt;
using component::CoreSort;

class Composer {
 public:
  Composer(std::vector<Part> parts, const wit::ComponentType& type)
      : packages_(type.packages),
        world_(type.packages.worlds[type.world]),
        world_idx_(type.world),
        encoding_(type.encoding),
        parts_(std::move(parts)),
        imports_(packages_, out_,
                 [this](wit::TypeIdx t) { return imported_type(t, import_item_); }),
        exports_(packages_, out_, [this](wit::TypeIdx t) { return exported_type(t); }) {}

  component::Component run() {
    out_.hoist_imports(imported_world());
    note_imports();
    note_exports();
    std::vector<CoreModuleIdx> modules;
    for (Part& part : parts_) modules.push_back(out_.core_module(std::move(part.module)));
    plan_shim();
    if (!shim_types_.empty())
      shim_ = out_.core_instantiate(out_.core_module(shim_module(shim_types_)), {});
    if (main().shape.imported_memory) define_memory(*main().shape.imported_memory);
    define_tls_base();
    define_resources();
    for (std::size_t i = 0; i < parts_.size(); ++i) instantiate(parts_[i], modules[i]);
    if (main().shape.task_hook) hook_tasks();
    if (shim_) fill_shim();
    if (main().shape.initialize) initialize();
    for (const wit::WorldItem& item : world_.exports) {
      if (const auto it = uses_.find(&item); it != uses_.end())
        export_item(*it->second.part, item, *it->second.uses);
    }
    return out_.take();
  }

 private:
  /// What follows a function of the shim: an import, or else an export of the module.
  struct Indirect {
    const Part* part = nullptr;
    const ImportUse* import = nullptr;
    std::string core_export;
  };
  /// Who implements an export of the world.
  struct Implementation {
    const Part* part = nullptr;
    const std::vector<ExportUse>* uses = nullptr;
  };
  /// A core export by its module and name.
  using CoreExport = std::pair<const Part*, std::string>;

  Part& main() { return parts_.front(); }

  component::ComponentType imported_world() const {
    std::vector<const ModuleShape*> shapes;
    for (const Part& part : parts_) shapes.push_back(&part.shape);
    const auto called = without_named(packages_, world_idx_, shapes);
    return wit::world_type(called ? *called : packages_, world_idx_);
  }

  void note_imports() {
    for (const wit::WorldItem& item : world_.imports) {
      if (!out_.imports().contains(item.name)) continue;
      if (const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item)) {
        const component::InstanceIdx instance(out_.import_index(item.name));
        import_instances_.emplace(item.name, instance);
        if (!item.implements) imported_.emplace(interface->value, instance);
      } else if (const auto* type = std::get_if<wit::TypeIdx>(&item.item)) {
        imports_.know(*type, component::TypeIdx(out_.import_index(item.name)));
        exports_.know(*type, component::TypeIdx(out_.import_index(item.name)));
      }
    }
  }

  void note_exports() {
    for (const Part& part : parts_) {
      for (const auto& [item, uses] : part.shape.exports)
        uses_.insert_or_assign(item, Implementation{&part, &uses});
    }
    for (const wit::WorldItem& item : world_.exports) {
      const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
      if (interface != nullptr && !item.implements) exported_.emplace(interface->value, &item);
    }
  }

  static std::optional<wit::InterfaceIdx> interface_of(const wit::WorldItem* item) {
    const auto* interface = item == nullptr ? nullptr : std::get_if<wit::InterfaceIdx>(&item->item);
    return interface == nullptr ? std::nullopt : std::optional(*interface);
  }

  /// The types of an import, the `use`r's own interface being that of `item`.
  TypeScope& import_types(const wit::WorldItem* item) {
    if (std::exchange(import_item_, item) != item) imports_.forget();
    return imports_;
  }
  TypeScope& export_types(const wit::WorldItem* item) {
    if (std::exchange(export_item_, item) != item) exports_.forget();
    return exports_;
  }

  /// A type of an imported interface is an alias of the instance's.
  std::optional<component::TypeIdx> imported_type(wit::TypeIdx type, const wit::WorldItem* item) {
    const wit::TypeDef& def = packages_.types[type];
    const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
    if (owner == nullptr || !def.name) return std::nullopt;
    if (interface_of(item) == *owner)
      return out_.alias_type(import_instances_.find(item->name)->second, *def.name);
    const auto it = imported_.find(owner->value);
    if (it == imported_.end()) return std::nullopt;
    return out_.alias_type(it->second, *def.name);
  }

  /// For what is exported, types of exported interfaces come from there: from the instance, or from
  /// here as long as it is under way.
  std::optional<component::TypeIdx> exported_type(wit::TypeIdx type) {
    const wit::TypeDef& def = packages_.types[type];
    const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
    if (owner == nullptr) return std::nullopt;
    const wit::WorldItem* item = export_item_;
    if (interface_of(item) != *owner) {
      const auto it = exported_.find(owner->value);
      if (it == exported_.end()) return imported_type(type, nullptr);
      item = it->second;
      const auto instance = export_instances_.find(item);
      if (instance != export_instances_.end() && def.name)
        return out_.alias_type(instance->second, *def.name);
    }
    if (!std::holds_alternative<wit::Resource>(def.def)) return std::nullopt;
    return resources_.at({item, type.value});
  }

  /// What is not there yet when a module is instantiated: of the main module its own memory and
  /// table, and what adapters export; of an adapter its realloc.
  bool is_late(const Part& part, const ImportUse& use) {
    if (use.kind == ImportUse::Kind::adapter) return true;
    const bool has_memory = main().shape.imported_memory.has_value();
    if (use.kind == ImportUse::Kind::stub)
      return part.shape.memory && !has_memory && is_sink({std::string(use.name), use.type});
    if (use.kind != ImportUse::Kind::lower && use.kind != ImportUse::Kind::builtin) return false;
    if (!part.name.empty()) return use.needs_realloc;
    return (use.needs_memory && !has_memory) || use.needs_table;
  }

  std::uint32_t add_indirect(core::FuncType type, Indirect target) {
    shim_types_.push_back(std::move(type));
    indirect_.push_back(std::move(target));
    return static_cast<std::uint32_t>(indirect_.size() - 1);
  }

  void plan_shim() {
    for (Part& part : parts_) {
      for (const ImportUse& use : part.shape.imports) {
        if (is_late(part, use)) {
          shim_of_import_.emplace(&use, add_indirect(use.type, {&part, &use, {}}));
        } else if (part.name.empty() && use.needs_realloc && !shim_of_realloc_) {
          // The memory is there, the allocator is not.
          shim_of_realloc_ = add_indirect(realloc_type(), {&part, nullptr, *part.shape.realloc});
        }
      }
      for (const auto& [resource, name] : part.shape.dtors)
        shim_of_dtor_.emplace(resource, add_indirect(dtor_type(), {&part, nullptr, name}));
    }
  }

  CoreFuncIdx shim_func(std::uint32_t number) {
    return out_.alias_core_func(*shim_, std::to_string(number));
  }

  static core::FuncType realloc_type() {
    const core::ValType i = core::TypeCode::i32;
    return {{i, i, i, i}, {i}};
  }
  static core::FuncType dtor_type() { return {{core::TypeCode::i32}, {}}; }

  void define_memory(const core::MemType& type) {
    const CoreInstanceIdx instance =
        out_.core_instantiate(out_.core_module(memory_module(type)), {});
    memory_ = out_.alias_core_memory(instance, "memory");
  }

  /// Where `__wasm_get_tls_base` and its counterpart look: with threads, into the context of each;
  /// without, into a global, since a context is empty again in every task.
  void define_tls_base() {
    std::optional<core::ValType> type;
    for (const Part& part : parts_) {
      for (const ImportUse& use : part.shape.imports) {
        const Builtin& b = use.builtin;
        if (use.kind == ImportUse::Kind::tls_base) type = use.tls_type();
        if (use.kind != ImportUse::Kind::builtin) continue;
        if (b.canon == CanonOp::thread_new_indirect ||
            ((b.canon == CanonOp::context_get || b.canon == CanonOp::context_set) && b.number == 1))
          return;
      }
    }
    if (type) tls_base_ = out_.core_instantiate(out_.core_module(cell_module(*type)), {});
  }

  /// Resources that exported interfaces define; one that is exported under several names is
  /// several.
  void define_resources() {
    for (const wit::WorldItem& item : world_.exports) {
      const auto interface = interface_of(&item);
      if (!interface) continue;
      for (const auto& [name, type] : packages_.interfaces[*interface].types) {
        if (!std::holds_alternative<wit::Resource>(packages_.types[type].def)) continue;
        component::ResourceType resource;
        if (const auto dtor = shim_of_dtor_.find({&item, type.value}); dtor != shim_of_dtor_.end())
          resource.dtor = shim_func(dtor->second);
        resources_.emplace(std::pair(&item, type.value), out_.type({resource}));
      }
    }
  }

  void instantiate(Part& part, CoreModuleIdx module) {
    const std::vector<component::CoreInstantiateArg> args = import_instances(part);
    instances_.emplace(&part, out_.core_instantiate(module, args));
    if (part.shape.memory && !memory_)
      memory_ = out_.alias_core_memory(instances_.at(&part), *part.shape.memory);
  }

  /// A function that a module exports, as the canonical definitions take it.
  CoreFuncIdx core_export(const Part& part, const std::string& name) {
    const CoreExport key(&part, name);
    if (const auto it = core_exports_.find(key); it != core_exports_.end()) return it->second;
    const CoreFuncIdx func = out_.alias_core_func(instances_.at(&part), name);
    core_exports_.emplace(key, func);
    return func;
  }

  /// An adapter without an allocator of its own uses the main module's.
  CoreFuncIdx realloc(const Part& part) {
    if (part.shape.realloc) return core_export(part, *part.shape.realloc);
    return core_export(main(), *main().shape.realloc);
  }
  CoreFuncIdx export_realloc(const Part& part) {
    if (part.shape.export_realloc) return core_export(part, *part.shape.export_realloc);
    return core_export(main(), *main().shape.export_realloc);
  }
  /// The allocator for an import, which may be lowered before the main module is there.
  std::optional<CoreFuncIdx> import_realloc(const Part& part, const ImportUse& use) {
    if (!use.needs_realloc) return std::nullopt;
    if (part.name.empty() && shim_of_realloc_) return shim_func(*shim_of_realloc_);
    return realloc(part);
  }

  /// Collects what the hook of tasks is to hear of, and puts the hooked functions in the place of
  /// the modules' own.
  void hook_tasks() {
    std::vector<Hooked> hooked;
    std::vector<CoreExport> names;
    std::map<CoreExport, std::uint32_t> known;
    const auto add = [&](const Part& part, const std::string& name, Hooked func) {
      if (!known.emplace(CoreExport(&part, name), 0).second) return;
      names.emplace_back(&part, name);
      hooked.push_back(std::move(func));
    };
    for (const Part& part : parts_) {
      const ModuleShape& shape = part.shape;
      for (const auto& [item, uses] : shape.exports) {
        for (const ExportUse& use : uses) hook_export(part, use, add);
      }
      for (const auto& [resource, name] : shape.dtors)
        add(part, name, {dtor_type(), TaskHook::dtor_start, TaskHook::dtor_finish});
      for (const auto& name : {shape.realloc, shape.export_realloc}) {
        if (name)
          add(part, *name, {realloc_type(), TaskHook::realloc_start, TaskHook::realloc_finish});
      }
    }
    if (main().shape.initialize)
      add(main(), *main().shape.initialize,
          {{}, TaskHook::initialize_start, TaskHook::initialize_finish});
    std::vector<component::CoreInlineExport> args;
    const CoreFuncIdx hook = out_.alias_core_func(instances_.at(&main()), *main().shape.task_hook);
    args.push_back({"hook", {CoreSort::func, hook.value}});
    for (std::size_t i = 0; i < names.size(); ++i) {
      const CoreFuncIdx func = out_.alias_core_func(instances_.at(names[i].first), names[i].second);
      args.push_back({std::to_string(i), {CoreSort::func, func.value}});
    }
    const CoreInstanceIdx with = out_.core_instance(std::move(args));
    const CoreInstanceIdx hooks =
        out_.core_instantiate(out_.core_module(hook_module(hooked)), {{"", with}});
    for (std::size_t i = 0; i < names.size(); ++i)
      core_exports_[names[i]] = out_.alias_core_func(hooks, std::to_string(i));
  }

  template <class Add>
  static void hook_export(const Part& part, const ExportUse& use, const Add& add) {
    if (use.async_) {
      Hooked func{use.type, TaskHook::async_start, TaskHook::async_finish};
      func.by_code = use.callback.has_value();
      add(part, use.core_name, std::move(func));
      if (!use.callback) return;
      const core::ValType i = core::TypeCode::i32;
      Hooked callback{{{i, i, i}, {i}}, TaskHook::async_resume, std::nullopt};
      callback.by_code = true;
      add(part, *use.callback, std::move(callback));
      return;
    }
    Hooked func{use.type, TaskHook::sync_start, TaskHook::sync_finish};
    if (use.post_return) {
      func.finish.reset();
      add(part, *use.post_return, {{use.type.results, {}}, std::nullopt, TaskHook::sync_finish});
    }
    add(part, use.core_name, std::move(func));
  }

  component::FuncIdx imported_func(const ImportUse& use) {
    if (std::holds_alternative<wit::Function>(use.item->item))
      return component::FuncIdx(out_.import_index(use.item->name));
    return out_.alias_func(import_instances_.find(use.item->name)->second, use.func->name);
  }

  /// The resource of a `[resource-drop]`: of the imported interface, even when it is exported too.
  component::TypeIdx resource_of(const ImportUse& use) {
    if (use.of_export) return export_types(use.item).type(use.resource);
    if (use.item == nullptr)
      return component::TypeIdx(out_.import_index(*packages_.types[use.resource].name));
    return out_.alias_type(import_instances_.find(use.item->name)->second, use.builtin.name);
  }

  TypeScope& types_of(const ImportUse& use) {
    return use.of_export ? export_types(use.item) : import_types(use.item);
  }

  /// The type of a `stream<…>` or `future<…>` that a built-in is for.
  component::TypeIdx async_type(const ImportUse& use, bool stream) {
    if (use.payload) return types_of(use).type(use.payload->index());
    return stream ? out_.type({component::DefValType(component::Stream{})})
                  : out_.type({component::DefValType(component::Future{})});
  }

  CoreFuncIdx builtin(const Part& part, const ImportUse& use) {
    const Builtin& b = use.builtin;
    const CanonOp op = b.canon;
    const auto opts = options(use.needs_memory, import_realloc(part, use), b.async_, b.text);
    switch (op) {
      case CanonOp::resource_drop:
      case CanonOp::resource_new:
      case CanonOp::resource_rep:
        return out_.canon(op, component::ResourceImm{resource_of(use)});
      case CanonOp::task_return: {
        std::optional<component::ValType> result;
        if (use.payload) result = export_types(use.item).val_type(*use.payload);
        return out_.canon(op, component::TaskReturnImm{result, opts});
      }
      case CanonOp::context_get:
      case CanonOp::context_set:
        return out_.canon(
            op, component::ContextImm{b.i64 ? core::TypeCode::i64 : core::TypeCode::i32, b.number});
      case CanonOp::waitable_set_wait:
      case CanonOp::waitable_set_poll:
        return out_.canon(op, component::MemImm{*memory_});
      case CanonOp::subtask_cancel:
        return out_.canon(op, component::AsyncImm{b.async_});
      case CanonOp::thread_yield:
      case CanonOp::thread_suspend:
      case CanonOp::thread_suspend_then_resume:
      case CanonOp::thread_yield_then_resume:
      case CanonOp::thread_suspend_then_promote:
      case CanonOp::thread_yield_then_promote:
        return out_.canon(op, component::ReservedImm{});
      case CanonOp::thread_new_indirect: {
        const component::CoreTypeIdx start = out_.core_func_type({{core::TypeCode::i32}, {}});
        return out_.canon(
            op, component::IndirectImm{
                    start, out_.alias_core_table(instances_.at(&main()), *main().shape.table)});
      }
      case CanonOp::stream_read:
      case CanonOp::stream_write:
        return out_.canon(op, component::TypeOptsImm{async_type(use, true), opts});
      case CanonOp::future_read:
      case CanonOp::future_write:
        return out_.canon(op, component::TypeOptsImm{async_type(use, false), opts});
      case CanonOp::stream_cancel_read:
      case CanonOp::stream_cancel_write:
        return out_.canon(op, component::TypeAsyncImm{async_type(use, true), b.async_});
      case CanonOp::future_cancel_read:
      case CanonOp::future_cancel_write:
        return out_.canon(op, component::TypeAsyncImm{async_type(use, false), b.async_});
      case CanonOp::stream_new:
      case CanonOp::stream_drop_readable:
      case CanonOp::stream_drop_writable:
      case CanonOp::stream_forward:
        return out_.canon(op, component::TypeImm{async_type(use, true)});
      case CanonOp::future_new:
      case CanonOp::future_drop_readable:
      case CanonOp::future_drop_writable:
      case CanonOp::future_forward:
        return out_.canon(op, component::TypeImm{async_type(use, false)});
      case CanonOp::error_context_new:
      case CanonOp::error_context_debug_message:
        return out_.canon(op, component::OptsImm{opts});
      case CanonOp::lift:
      case CanonOp::lower:
      case CanonOp::task_cancel:
      case CanonOp::subtask_drop:
      case CanonOp::error_context_drop:
      case CanonOp::waitable_set_new:
      case CanonOp::waitable_set_drop:
      case CanonOp::waitable_join:
      case CanonOp::backpressure_inc:
      case CanonOp::backpressure_dec:
      case CanonOp::thread_index:
      case CanonOp::thread_resume_later:
      case CanonOp::thread_spawn_ref:
      case CanonOp::thread_spawn_indirect:
      case CanonOp::thread_available_parallelism:
        break;
    }
    return out_.canon(op, component::NoImm{});
  }

  /// The function itself, now that all it needs is there.
  CoreFuncIdx real_import(const Part& part, const ImportUse& use) {
    switch (use.kind) {
      case ImportUse::Kind::lower: {
        const component::FuncIdx func = imported_func(use);
        return out_.canon(
            CanonOp::lower,
            component::LowerImm{
                func, options(use.needs_memory, import_realloc(part, use), use.async_, encoding_)});
      }
      case ImportUse::Kind::builtin:
        return builtin(part, use);
      case ImportUse::Kind::tls_base: {
        const bool get = use.builtin.canon == CanonOp::context_get;
        if (tls_base_) return out_.alias_core_func(*tls_base_, get ? "get" : "set");
        return out_.canon(use.builtin.canon, component::ContextImm{use.tls_type().code(), 1});
      }
      case ImportUse::Kind::adapter:
        return out_.alias_core_func(instances_.at(&adapter(use.module)), use.name);
      case ImportUse::Kind::main:
        return out_.alias_core_func(instances_.at(&main()), use.name);
      case ImportUse::Kind::stub:
        return out_.alias_core_func(is_late(part, use) ? sink() : *stubs_, use.name);
      case ImportUse::Kind::memory:
      case ImportUse::Kind::main_table:
        break;
    }
    assert(false && "a memory or table is not a function");
    return {};
  }

  /// Takes what stubs of WASI are to write; made when it is first needed.
  CoreInstanceIdx sink() {
    if (!sink_) {
      const CoreInstanceIdx with =
          out_.core_instance({{"memory", {CoreSort::memory, memory_->value}}});
      sink_ = out_.core_instantiate(out_.core_module(sink_module()), {{"", with}});
    }
    return *sink_;
  }

  const Part& adapter(std::string_view name) const {
    return *std::find_if(parts_.begin(), parts_.end(),
                         [&](const Part& p) { return p.name == name; });
  }

  component::CoreSortIdx core_import(const Part& part, const ImportUse& use) {
    if (use.kind == ImportUse::Kind::memory) return {CoreSort::memory, memory_->value};
    if (use.kind == ImportUse::Kind::main_table)
      return {CoreSort::table, out_.alias_core_table(instances_.at(&main()), use.name).value};
    if (const auto it = shim_of_import_.find(&use); it != shim_of_import_.end())
      return {CoreSort::func, shim_func(it->second).value};
    return {CoreSort::func, real_import(part, use).value};
  }

  /// One core instance for each module name that the module imports from.
  std::vector<component::CoreInstantiateArg> import_instances(const Part& part) {
    define_stubs(part);
    std::vector<std::string_view> modules;
    std::map<std::string_view, std::vector<component::CoreInlineExport>> by_module;
    for (const ImportUse& use : part.shape.imports) {
      auto& exports = by_module[use.module];
      if (exports.empty()) modules.push_back(use.module);
      exports.push_back({std::string(use.field), core_import(part, use)});
    }
    std::vector<component::CoreInstantiateArg> args;
    for (const std::string_view module : modules)
      args.push_back({std::string(module), out_.core_instance(std::move(by_module[module]))});
    return args;
  }

  void define_stubs(const Part& part) {
    std::vector<NamedFunc> stubs;
    for (const ImportUse& use : part.shape.imports) {
      if (use.kind == ImportUse::Kind::stub && !is_late(part, use))
        stubs.push_back({std::string(use.name), use.type});
    }
    if (!stubs.empty()) stubs_ = out_.core_instantiate(out_.core_module(stub_module(stubs)), {});
  }

  void fill_shim() {
    std::vector<component::CoreInlineExport> args;
    const CoreTableIdx table = out_.alias_core_table(*shim_, shim_table);
    args.push_back({std::string(shim_table), {CoreSort::table, table.value}});
    for (std::size_t i = 0; i < indirect_.size(); ++i) {
      const Indirect& target = indirect_[i];
      const CoreFuncIdx func = target.import != nullptr
                                   ? real_import(*target.part, *target.import)
                                   : core_export(*target.part, target.core_export);
      args.push_back({std::to_string(i), {CoreSort::func, func.value}});
    }
    const CoreInstanceIdx with = out_.core_instance(std::move(args));
    static_cast<void>(
        out_.core_instantiate(out_.core_module(fixup_module(shim_types_)), {{"", with}}));
  }

  void initialize() {
    const CoreFuncIdx func = core_export(main(), *main().shape.initialize);
    const CoreInstanceIdx with = out_.core_instance({{"", {CoreSort::func, func.value}}});
    static_cast<void>(out_.core_instantiate(out_.core_module(initializer_module()), {{"", with}}));
  }

  [[nodiscard]] component::CanonOpts options(bool memory, std::optional<CoreFuncIdx> realloc,
                                             bool async, component::StringEncoding encoding) const {
    component::CanonOpts out;
    if (memory) out.push_back({CanonOpt::Kind::memory, memory_->value});
    if (realloc) out.push_back({CanonOpt::Kind::realloc, realloc->value});
    if (memory) out.push_back({static_cast<CanonOpt::Kind>(encoding), 0});
    if (async) out.push_back({CanonOpt::Kind::async, 0});
    return out;
  }

  component::FuncIdx lift(const Part& part, const ExportUse& use) {
    const component::TypeIdx type = exports_.func_type(*use.func);
    const CoreFuncIdx core = core_export(part, use.core_name);
    std::optional<CoreFuncIdx> realloc;
    if (use.needs_realloc) realloc = export_realloc(part);
    component::CanonOpts opts = options(use.needs_memory, realloc, use.async_, encoding_);
    if (use.callback)
      opts.push_back({CanonOpt::Kind::callback, core_export(part, *use.callback).value});
    if (use.post_return)
      opts.push_back({CanonOpt::Kind::post_return, core_export(part, *use.post_return).value});
    return out_.lift({core, std::move(opts), type});
  }

  void export_item(const Part& part, const wit::WorldItem& item,
                   const std::vector<ExportUse>& uses) {
    const auto interface = interface_of(&item);
    export_types(interface ? &item : nullptr);
    if (!interface) {
      const component::FuncIdx func = lift(part, uses.front());
      out_.export_(named(item), {{component::SortKind::func, {}}, func.value});
      return;
    }
    std::vector<component::FuncIdx> funcs;
    for (const ExportUse& use : uses) funcs.push_back(lift(part, use));
    const component::InstanceIdx instance =
        export_interface(packages_, *interface, funcs, exports_, out_);
    const std::uint32_t named_instance =
        out_.export_(named(item), {{component::SortKind::instance, {}}, instance.value});
    export_instances_.emplace(&item, component::InstanceIdx(named_instance));
  }

  component::ExternName named(const wit::WorldItem& item) const {
    component::ExternName name = extern_name(item.name);
    if (item.implements) {
      name.add(component::AttributeKind::implements,
               packages_.id_of(std::get<wit::InterfaceIdx>(item.item)).value_or(""));
    }
    if (item.info.external_id) {
      name.add(component::AttributeKind::external_id, std::string(*item.info.external_id));
    }
    return name;
  }

  const wit::Packages& packages_;
  const wit::World& world_;
  wit::WorldIdx world_idx_;
  component::StringEncoding encoding_;
  /// The main module first.
  std::vector<Part> parts_;
  Assembly out_;
  TypeScope imports_;
  TypeScope exports_;
  /// Whose own types the scopes hold at this moment.
  const wit::WorldItem* import_item_ = nullptr;
  const wit::WorldItem* export_item_ = nullptr;
  std::map<std::string, component::InstanceIdx, std::less<>> import_instances_;
  /// Interfaces under their own names, by number.
  std::unordered_map<std::uint32_t, component::InstanceIdx> imported_;
  std::unordered_map<std::uint32_t, const wit::WorldItem*> exported_;
  std::unordered_map<const wit::WorldItem*, Implementation> uses_;
  std::unordered_map<const wit::WorldItem*, component::InstanceIdx> export_instances_;
  std::map<ModuleShape::ExportedType, component::TypeIdx> resources_;
  std::vector<core::FuncType> shim_types_;
  std::vector<Indirect> indirect_;
  std::unordered_map<const ImportUse*, std::uint32_t> shim_of_import_;
  std::map<ModuleShape::ExportedType, std::uint32_t> shim_of_dtor_;
  std::optional<std::uint32_t> shim_of_realloc_;
  std::optional<CoreInstanceIdx> shim_;
  std::optional<CoreInstanceIdx> stubs_;
  std::optional<CoreInstanceIdx> sink_;
  std::optional<CoreInstanceIdx> tls_base_;
  std::unordered_map<const Part*, CoreInstanceIdx> instances_;
  /// By module and name, once aliased: the hooked function where there is a hook.
  std::map<CoreExport, CoreFuncIdx> core_exports_;
  std::optional<CoreMemIdx> memory_;
};

}  // namespace

component::Component compose(std::vector<Part> parts, const wit::ComponentType& type) {
  return Composer(std::move(parts), type).run();
}

}  // namespace tenon::builder
