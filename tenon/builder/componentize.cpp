// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/componentize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <map>
#include <set>

#include "tenon/builder/adapter_gc.h"
#include "tenon/builder/assembly.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/export_interface.h"
#include "tenon/builder/helper_module.h"
#include "tenon/builder/merge_versions.h"
#include "tenon/builder/module_shape.h"
#include "tenon/builder/prune.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/type_scope.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"
#include "tenon/core/validate.h"
#include "tenon/wit/component_type.h"
#include "tenon/wit/to_component.h"

namespace tenon::builder {
namespace {

using component::CanonOp;
using component::CanonOpt;
using component::CoreSort;

/// A core module on its way into the component: the main one, or an adapter.
struct Part {
  core::Module module;
  ModuleShape shape;
  /// Adapters: the module name that the main module imports from.
  std::string name;
  std::optional<CoreInstanceIdx> instance;
  std::optional<CoreFuncIdx> realloc;
  std::optional<CoreFuncIdx> export_realloc;
};

/// Puts one component together. The order of definitions: imports of the world, modules, a shim for
/// what needs something that is not there yet, resource types, lowered imports, the main instance,
/// the adapters, the fixups that fill the shim, exports.
class Componentize {
 public:
  Componentize(std::vector<Part> parts, const wit::ComponentType& type)
      : packages_(type.packages),
        world_(type.packages.worlds[type.world]),
        world_idx_(type.world),
        encoding_(type.encoding),
        parts_(std::move(parts)),
        imports_(packages_, out_, [this](wit::TypeIdx t) { return imported_type(t); }),
        exports_(packages_, out_, [this](wit::TypeIdx t) { return exported_type(t); }) {}

  component::Component run() {
    out_.hoist_imports(wit::world_type(packages_, world_idx_));
    note_imports();
    std::vector<CoreModuleIdx> modules;
    for (Part& part : parts_) modules.push_back(out_.core_module(std::move(part.module)));
    plan_shim();
    if (!shim_types_.empty())
      shim_ = out_.core_instantiate(out_.core_module(shim_module(shim_types_)), {});
    for (const Part& part : parts_) define_resources(part);
    for (std::size_t i = 0; i < parts_.size(); ++i) instantiate(parts_[i], modules[i]);
    if (shim_) fill_shim();
    if (main().shape.initialize) initialize();
    for (const Part& part : parts_) {
      for (const auto& [item, uses] : part.shape.exports) export_item(part, *item, uses);
    }
    return out_.take();
  }

 private:
  /// What stands behind a function of the shim: an import, or a destructor of a module.
  struct Indirect {
    Part* part = nullptr;
    const ImportUse* import = nullptr;
    std::string dtor;
  };

  Part& main() { return parts_.front(); }

  void note_imports() {
    for (const wit::WorldItem& item : world_.imports) {
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

  /// A type of an imported interface is an alias of the instance's.
  std::optional<component::TypeIdx> imported_type(wit::TypeIdx type) {
    const wit::TypeDef& def = packages_.types[type];
    const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
    if (owner == nullptr || !def.name) return std::nullopt;
    const auto it = imported_.find(owner->value);
    if (it == imported_.end()) return std::nullopt;
    return out_.alias_type(it->second, *def.name);
  }

  /// In exports, types of exported interfaces are defined anew.
  std::optional<component::TypeIdx> exported_type(wit::TypeIdx type) {
    const auto* owner = std::get_if<wit::InterfaceIdx>(&packages_.types[type].owner);
    if (owner != nullptr && exported_.contains(owner->value)) return std::nullopt;
    return imported_type(type);
  }

  /// What is not there yet when a module is instantiated: of the main module its own memory and
  /// table, and what adapters export; of an adapter its realloc.
  static bool is_late(const Part& part, const ImportUse& use) {
    if (use.kind == ImportUse::Kind::adapter) return true;
    if (use.kind == ImportUse::Kind::stub)
      return part.shape.memory && is_sink({std::string(use.name), use.type});
    if (use.kind != ImportUse::Kind::lower && use.kind != ImportUse::Kind::builtin) return false;
    return part.name.empty() ? use.needs_memory || use.needs_table : use.needs_realloc;
  }

  void plan_shim() {
    for (Part& part : parts_) {
      for (const ImportUse& use : part.shape.imports) {
        if (!is_late(part, use)) continue;
        shim_of_import_.emplace(&use, static_cast<std::uint32_t>(shim_types_.size()));
        shim_types_.push_back(use.type);
        indirect_.push_back({&part, &use, {}});
      }
      for (const auto& [resource, name] : part.shape.dtors) {
        shim_of_dtor_.emplace(resource, static_cast<std::uint32_t>(shim_types_.size()));
        shim_types_.push_back(core::FuncType{{core::TypeCode::i32}, {}});
        indirect_.push_back({&part, nullptr, name});
      }
    }
  }

  CoreFuncIdx shim_func(std::uint32_t number) {
    return out_.alias_core_func(*shim_, std::to_string(number));
  }

  /// Resources that exported interfaces define.
  void define_resources(const Part& part) {
    for (const auto& [item, uses] : part.shape.exports) {
      const auto* interface = std::get_if<wit::InterfaceIdx>(&item->item);
      if (interface == nullptr) continue;
      exported_.insert(interface->value);
      for (const auto& [name, type] : packages_.interfaces[*interface].types) {
        if (!std::holds_alternative<wit::Resource>(packages_.types[type].def)) continue;
        component::ResourceType resource;
        if (const auto dtor = shim_of_dtor_.find(type.value); dtor != shim_of_dtor_.end())
          resource.dtor = shim_func(dtor->second);
        exports_.know(type, out_.type({resource}));
      }
    }
  }

  void instantiate(Part& part, CoreModuleIdx module) {
    part.instance = out_.core_instantiate(module, import_instances(part));
    const ModuleShape& shape = part.shape;
    if (shape.memory) memory_ = out_.alias_core_memory(*part.instance, *shape.memory);
    if (shape.realloc) part.realloc = out_.alias_core_func(*part.instance, *shape.realloc);
    if (shape.export_realloc) {
      part.export_realloc = shape.export_realloc == shape.realloc
                                ? part.realloc
                                : out_.alias_core_func(*part.instance, *shape.export_realloc);
    }
    // An adapter without an allocator of its own uses the main module's.
    if (!part.realloc) part.realloc = main().realloc;
    if (!part.export_realloc) part.export_realloc = main().export_realloc;
  }

  component::FuncIdx imported_func(const ImportUse& use) {
    if (std::holds_alternative<wit::Function>(use.item->item))
      return component::FuncIdx(out_.import_index(use.item->name));
    return out_.alias_func(import_instances_.find(use.item->name)->second, use.func->name);
  }

  /// The resource of a `[resource-drop]`: of the imported interface, even when it is exported too.
  component::TypeIdx resource_of(const ImportUse& use) {
    if (use.of_export) return exports_.type(use.resource);
    if (use.item == nullptr)
      return component::TypeIdx(out_.import_index(*packages_.types[use.resource].name));
    return out_.alias_type(import_instances_.find(use.item->name)->second, use.builtin.name);
  }

  TypeScope& types_of(const ImportUse& use) { return use.of_export ? exports_ : imports_; }

  /// The type of a `stream<…>` or `future<…>` that a built-in is for.
  component::TypeIdx async_type(const ImportUse& use, bool stream) {
    if (use.payload) return types_of(use).type(use.payload->index());
    return stream ? out_.type({component::DefValType(component::Stream{})})
                  : out_.type({component::DefValType(component::Future{})});
  }

  CoreFuncIdx builtin(const Part& part, const ImportUse& use) {
    const Builtin& b = use.builtin;
    const component::CanonOpts opts = options(
        use.needs_memory, use.needs_realloc ? part.realloc : std::nullopt, b.async_, b.encoding);
    switch (b.op) {
      case CanonOp::resource_drop:
      case CanonOp::resource_new:
      case CanonOp::resource_rep:
        return out_.canon(b.op, component::ResourceImm{resource_of(use)});
      case CanonOp::task_return: {
        std::optional<component::ValType> result;
        if (use.payload) result = exports_.val_type(*use.payload);
        return out_.canon(b.op, component::TaskReturnImm{result, opts});
      }
      case CanonOp::context_get:
      case CanonOp::context_set:
        return out_.canon(b.op, component::ContextImm{
                                    b.i64 ? core::TypeCode::i64 : core::TypeCode::i32, b.number});
      case CanonOp::waitable_set_wait:
      case CanonOp::waitable_set_poll:
        return out_.canon(b.op, component::CancelMemImm{false, *memory_});
      case CanonOp::subtask_cancel:
        return out_.canon(b.op, component::AsyncImm{b.async_});
      case CanonOp::thread_yield:
      case CanonOp::thread_suspend:
      case CanonOp::thread_suspend_then_resume:
      case CanonOp::thread_yield_then_resume:
      case CanonOp::thread_suspend_then_promote:
      case CanonOp::thread_yield_then_promote:
        return out_.canon(b.op, component::CancelImm{false});
      case CanonOp::thread_new_indirect: {
        const component::CoreTypeIdx start = out_.core_func_type({{core::TypeCode::i32}, {}});
        return out_.canon(b.op,
                          component::IndirectImm{
                              start, out_.alias_core_table(*main().instance, *main().shape.table)});
      }
      case CanonOp::stream_read:
      case CanonOp::stream_write:
        return out_.canon(b.op, component::TypeOptsImm{async_type(use, true), opts});
      case CanonOp::future_read:
      case CanonOp::future_write:
        return out_.canon(b.op, component::TypeOptsImm{async_type(use, false), opts});
      case CanonOp::stream_cancel_read:
      case CanonOp::stream_cancel_write:
        return out_.canon(b.op, component::TypeAsyncImm{async_type(use, true), b.async_});
      case CanonOp::future_cancel_read:
      case CanonOp::future_cancel_write:
        return out_.canon(b.op, component::TypeAsyncImm{async_type(use, false), b.async_});
      case CanonOp::stream_new:
      case CanonOp::stream_drop_readable:
      case CanonOp::stream_drop_writable:
        return out_.canon(b.op, component::TypeImm{async_type(use, true)});
      case CanonOp::future_new:
      case CanonOp::future_drop_readable:
      case CanonOp::future_drop_writable:
        return out_.canon(b.op, component::TypeImm{async_type(use, false)});
      case CanonOp::error_context_new:
      case CanonOp::error_context_debug_message:
        return out_.canon(b.op, component::OptsImm{opts});
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
    return out_.canon(b.op, component::NoImm{});
  }

  /// The function itself, now that all it needs is there.
  CoreFuncIdx real_import(const Part& part, const ImportUse& use) {
    switch (use.kind) {
      case ImportUse::Kind::lower: {
        const component::FuncIdx func = imported_func(use);
        return out_.canon(
            CanonOp::lower,
            component::LowerImm{
                func, options(use.needs_memory, use.needs_realloc ? part.realloc : std::nullopt,
                              use.async_, encoding_)});
      }
      case ImportUse::Kind::builtin:
        return builtin(part, use);
      case ImportUse::Kind::adapter:
        return out_.alias_core_func(*adapter(use.module).instance, use.name);
      case ImportUse::Kind::main:
        return out_.alias_core_func(*main().instance, use.name);
      case ImportUse::Kind::stub:
        return out_.alias_core_func(is_late(part, use) ? sink() : *stubs_, use.name);
      case ImportUse::Kind::memory:
        break;
    }
    assert(false && "a memory is no function");
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

  CoreFuncIdx core_import(const Part& part, const ImportUse& use) {
    if (const auto it = shim_of_import_.find(&use); it != shim_of_import_.end())
      return shim_func(it->second);
    return real_import(part, use);
  }

  /// One core instance for each module name that the module imports from.
  std::vector<component::CoreInstantiateArg> import_instances(const Part& part) {
    define_stubs(part);
    std::vector<std::string_view> modules;
    std::map<std::string_view, std::vector<component::CoreInlineExport>> by_module;
    for (const ImportUse& use : part.shape.imports) {
      auto& exports = by_module[use.module];
      if (exports.empty()) modules.push_back(use.module);
      const bool again = std::any_of(exports.begin(), exports.end(),
                                     [&](const auto& e) { return e.name == use.name; });
      if (again) continue;  // a module may import one thing twice
      if (use.kind == ImportUse::Kind::memory) {
        exports.push_back({std::string(use.name), {CoreSort::memory, memory_->value}});
        continue;
      }
      const CoreFuncIdx func = core_import(part, use);
      exports.push_back({std::string(use.name), {CoreSort::func, func.value}});
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
                                   : out_.alias_core_func(*target.part->instance, target.dtor);
      args.push_back({std::to_string(i), {CoreSort::func, func.value}});
    }
    const CoreInstanceIdx with = out_.core_instance(std::move(args));
    static_cast<void>(
        out_.core_instantiate(out_.core_module(fixup_module(shim_types_)), {{"", with}}));
  }

  void initialize() {
    const CoreFuncIdx func = out_.alias_core_func(*main().instance, *main().shape.initialize);
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
    const CoreFuncIdx core = out_.alias_core_func(*part.instance, use.core_name);
    component::CanonOpts opts =
        options(use.needs_memory, use.needs_realloc ? part.export_realloc : std::nullopt,
                use.async_, encoding_);
    if (use.callback)
      opts.push_back(
          {CanonOpt::Kind::callback, out_.alias_core_func(*part.instance, *use.callback).value});
    if (use.post_return)
      opts.push_back({CanonOpt::Kind::post_return,
                      out_.alias_core_func(*part.instance, *use.post_return).value});
    return out_.lift({core, std::move(opts), type});
  }

  void export_item(const Part& part, const wit::WorldItem& item,
                   const std::vector<ExportUse>& uses) {
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
    if (interface == nullptr) {
      const component::FuncIdx func = lift(part, uses.front());
      out_.export_(named(item), {{component::SortKind::func, {}}, func.value});
      return;
    }
    std::vector<component::FuncIdx> funcs;
    for (const ExportUse& use : uses) funcs.push_back(lift(part, use));
    const component::InstanceIdx instance =
        export_interface(packages_, *interface, funcs, exports_, out_);
    out_.export_(named(item), {{component::SortKind::instance, {}}, instance.value});
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
  std::map<std::string, component::InstanceIdx, std::less<>> import_instances_;
  std::map<std::uint32_t, component::InstanceIdx> imported_;
  std::set<std::uint32_t> exported_;
  std::vector<core::FuncType> shim_types_;
  std::vector<Indirect> indirect_;
  std::map<const ImportUse*, std::uint32_t> shim_of_import_;
  std::map<std::uint32_t, std::uint32_t> shim_of_dtor_;
  std::optional<CoreInstanceIdx> shim_;
  std::optional<CoreInstanceIdx> stubs_;
  std::optional<CoreInstanceIdx> sink_;
  std::optional<CoreMemIdx> memory_;
};

/// Whether every type and item that imports, functions and exports name is there.
bool names_what_it_has(const core::Module& module) {
  const auto is_func = [&](core::TypeIdx type) {
    return type.value < module.types.size() &&
           module.types[type].type.kind == core::CompType::Kind::func;
  };
  for (const core::Import& i : module.imports) {
    if (i.type.kind == core::ExternKind::func && !is_func(i.type.func)) return false;
    if (i.type.kind == core::ExternKind::tag && !is_func(i.type.tag.type)) return false;
  }
  if (!std::ranges::all_of(module.func_types, is_func)) return false;
  return std::ranges::all_of(module.exports, [&](const core::Export& e) {
    switch (e.kind) {
      case core::ExternKind::func:
        return e.index < module.func_types.size();
      case core::ExternKind::table:
        return e.index < module.table_types.size();
      case core::ExternKind::mem:
        return e.index < module.mem_types.size();
      case core::ExternKind::global:
        return e.index < module.global_types.size();
      case core::ExternKind::tag:
        return e.index < module.tag_types.size();
    }
    return false;
  });
}

/// An adapter is taken apart, so it is validated whole; of the main module, which can be large and
/// is validated in the end, what is looked at.
Result<core::Module> decode_module(ByteSpan bytes, std::uint32_t source, bool whole) {
  core::Module module = TENON_TRY(core::decode(Blob::borrow(bytes), core::Features::all(), source));
  if (!whole && names_what_it_has(module)) return module;
  [[maybe_unused]] const auto valid =
      TENON_TRY(core::validate(std::move(module), core::Features::all()));
  return core::decode(Blob::borrow(bytes), core::Features::all(), source);
}

bool is_component_type(std::string_view section) {
  return section.starts_with(wit::component_type_section);
}

/// The worlds that the module's sections name.
Result<std::vector<wit::ComponentType>> component_types_of(const core::Module& module,
                                                           const char* what, bool may_lack) {
  std::vector<wit::ComponentType> parts;
  for (const core::CustomSection& section : module.customs) {
    if (!is_component_type(section.name)) continue;
    auto part = wit::decode_component_type(section.content.in(module.bytes.view()), module.source,
                                           section.content.begin);
    if (!part) {
      return std::unexpected(
          std::move(part).error().help(fmt::format("the custom section `{}` of {} says no world: "
                                                   "embed the WIT again (`tenon component embed`)",
                                                   section.name, what)));
    }
    parts.push_back(std::move(*part));
  }
  if (parts.empty() && !may_lack) {
    return std::unexpected(Error(rules::no_component_type, Span::none(),
                                 fmt::format("no custom section `component-type` in {}", what))
                               .help("`tenon component embed WIT -w WORLD MODULE` puts it there"));
  }
  return parts;
}

/// The component has its types in its own way.
void drop_component_types(core::Module& module) {
  for (const core::CustomSection& section : module.customs) {
    if (!is_component_type(section.name)) continue;
    // A section's content ends where the custom section's does.
    std::erase_if(module.sections, [&](const core::SectionRange& s) {
      return s.id == core::SectionId::custom && s.content.end == section.content.end;
    });
  }
}

using Names = std::set<std::string, std::less<>>;

Names export_names(const std::vector<wit::ComponentType>& types) {
  Names out;
  for (const wit::ComponentType& t : types) {
    for (const wit::WorldItem& item : t.packages.worlds[t.world].exports) out.insert(item.name);
  }
  return out;
}

/// What is looked up before the worlds are joined.
struct Input {
  core::Module module;
  std::string name;
  Names exports;
};

/// Core exports of an adapter that something needs: what the main module imports from it, what its
/// world exports, its allocators.
Names needed_exports(const Input& adapter, const core::Module& main, const wit::Packages& packages,
                     const wit::World& world) {
  Names out = {"cabi_import_realloc", "cabi_export_realloc"};
  for (const core::Import& i : main.imports) {
    if (i.module == adapter.name) out.emplace(i.name);
  }
  const auto add = [&](std::string_view interface, const wit::Function& func) {
    for (const std::string& name : core_export_names(interface, func)) {
      for (const char* prefix :
           {"", "cabi_post_", "[async-lift]", "[callback][async-lift]", "[async-lift-stackful]"})
        out.insert(prefix + name);
      out.insert(name + "_post");
    }
  };
  for (const wit::WorldItem& item : world.exports) {
    if (!adapter.exports.contains(item.name)) continue;
    if (const auto* func = std::get_if<wit::Function>(&item.item)) add({}, *func);
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
    if (interface == nullptr) continue;
    for (const wit::Function& func : packages.interfaces[*interface].functions)
      add(item.name, func);
    for (const auto& [name, type] : packages.interfaces[*interface].types)
      out.insert(item.name + "#[dtor]" + name);
  }
  return out;
}

/// Shapes all modules against the joined world.
Result<std::vector<Part>> shapes(const std::vector<Input>& inputs, const wit::ComponentType& type,
                                 const ComponentizeOptions& options) {
  std::vector<Part> out;
  const wit::World& world = type.packages.worlds[type.world];
  for (const Input& input : inputs) {
    ShapeOptions shape_options;
    shape_options.stub_wasi = options.stub_wasi;
    shape_options.is_adapter = !input.name.empty();
    shape_options.exports = input.exports;
    if (input.name.empty()) {
      for (const Input& other : inputs) {
        if (!other.name.empty()) shape_options.adapters.push_back(other.name);
      }
    }
    Part part;
    part.name = input.name;
    part.shape = TENON_TRY(shape_of(input.module, type.packages, world, shape_options));
    out.push_back(std::move(part));
  }
  return out;
}

/// The adapter, reduced to what is needed of it; nothing when that is nothing at all.
Result<std::optional<Input>> shrunk(Input adapter, const core::Module& main,
                                    const wit::ComponentType& type) {
  const Names needed =
      needed_exports(adapter, main, type.packages, type.packages.worlds[type.world]);
  const bool imported =
      std::any_of(main.imports.begin(), main.imports.end(),
                  [&](const core::Import& i) { return i.module == adapter.name; });
  if (!imported && adapter.exports.empty()) return std::optional<Input>();
  for (const core::Import& i : main.imports) {
    if (i.module != adapter.name) continue;
    const bool has = std::any_of(adapter.module.exports.begin(), adapter.module.exports.end(),
                                 [&](const core::Export& e) { return e.name == i.name; });
    if (!has) {
      return std::unexpected(
          Error(rules::adapter, i.span,
                fmt::format("the adapter `{}` has no `{}`, which the module imports", adapter.name,
                            i.name))
              .help("take a newer adapter"));
    }
  }
  std::optional<std::string_view> realloc;
  for (const core::Export& e : main.exports) {
    if (e.kind == core::ExternKind::func &&
        (e.name == "cabi_realloc" || (e.name == "canonical_abi_realloc" && !realloc)))
      realloc = e.name;
  }
  adapter.module = TENON_TRY(shrink_adapter(adapter.module, needed, realloc));
  return std::optional<Input>(std::move(adapter));
}

/// `producers`: one field, "processed-by". Spec: the tool conventions' producers section.
std::vector<std::uint8_t> producers_section(
    const std::vector<std::pair<std::string, std::string>>& producers) {
  Writer out;
  out.u32(1);
  out.name("processed-by");
  out.u32(static_cast<std::uint32_t>(producers.size()));
  for (const auto& [name, version] : producers) {
    out.name(name);
    out.name(version);
  }
  return out.take();
}

Result<void> rename_imports(component::Component& out,
                            const std::vector<std::pair<std::string, std::string>>& names) {
  for (const auto& [from, to] : names) {
    bool found = false;
    for (component::Definition& d : out.definitions) {
      auto* import = std::get_if<component::Import>(&d.def);
      if (import == nullptr || import->name.name != from) continue;
      import->name.name = to;
      found = true;
    }
    if (!found) {
      return std::unexpected(
          Error(rules::unknown_import, Span::none(),
                fmt::format("nothing is imported as `{}`, to be renamed `{}`", from, to)));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> componentize(ByteSpan bytes, const ComponentizeOptions& options) {
  if (core::is_component(bytes)) {
    return std::unexpected(
        Error(rules::not_core_module, Span::none(), "found a component, wanted a core module")
            .help("it is a component already: nothing is left to do"));
  }
  core::Module module = TENON_TRY(decode_module(bytes, options.source, false));
  // With an adapter, a module that knows nothing of components will do.
  std::vector<wit::ComponentType> types =
      TENON_TRY(component_types_of(module, "the module", !options.adapters.empty()));
  std::vector<Input> inputs;
  drop_component_types(module);
  inputs.push_back({std::move(module), {}, export_names(types)});
  std::vector<Input> adapters;
  for (const Adapter& adapter : options.adapters) {
    core::Module decoded = TENON_TRY(decode_module(adapter.module, adapter.source, true));
    auto own_types = TENON_TRY(component_types_of(decoded, "the adapter", false));
    adapters.push_back({std::move(decoded), adapter.name, export_names(own_types)});
    std::move(own_types.begin(), own_types.end(), std::back_inserter(types));
  }
  wit::ComponentType type = TENON_TRY(wit::merge_component_types(std::move(types)));
  if (options.merge_imports) TENON_TRY(merge_imports_by_version(type.packages, type.world));
  for (Input& adapter : adapters) {
    auto small = TENON_TRY(shrunk(std::move(adapter), inputs.front().module, type));
    if (small) inputs.push_back(std::move(*small));
  }
  {
    const std::vector<Part> used = TENON_TRY(shapes(inputs, type, options));
    std::vector<const ModuleShape*> uses;
    for (const Part& part : used) uses.push_back(&part.shape);
    prune_world(type.packages, type.world, uses);
  }
  std::vector<Part> parts = TENON_TRY(shapes(inputs, type, options));
  // Names in the shapes are views into the inputs' modules: the component borrows their bytes.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].module.bytes = Blob::borrow(inputs[i].module.bytes.view());
    parts[i].module.sections = inputs[i].module.sections;
  }
  component::Component out = Componentize(std::move(parts), type).run();
  TENON_TRY(rename_imports(out, options.import_names));
  if (!options.producers.empty())
    out.definitions.push_back(
        {component::Custom{"producers", producers_section(options.producers)}, Span::none()});
  std::vector<std::uint8_t> encoded = component::encode(out);
  if (options.validate) {
    auto decoded =
        TENON_TRY(component::decode(Blob::borrow(encoded), core::Features::all(), Span::no_source));
    [[maybe_unused]] const auto valid =
        TENON_TRY(component::validate(std::move(decoded), core::Features::all()));
  }
  return encoded;
}

}  // namespace tenon::builder
