// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/componentize.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tenon/builder/assembly.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/export_interface.h"
#include "tenon/builder/helper_module.h"
#include "tenon/builder/module_shape.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/type_scope.h"
#include "tenon/component/encode.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"
#include "tenon/wit/component_type.h"
#include "tenon/wit/to_component.h"

namespace tenon::builder {
namespace {

using component::CanonOp;
using component::CanonOpt;
using component::CoreSort;

/// Puts one component together. The order of definitions: imports of the world, the module, a shim for what
/// needs the module's memory before it is there, resource types, lowered imports, the instance, the fixups that
/// fill the shim, exports.
class Componentize {
 public:
  Componentize(core::Module module, const wit::ComponentType& type, ModuleShape shape)
      : module_(std::move(module)),
        packages_(type.packages),
        world_(type.packages.worlds[type.world]),
        world_idx_(type.world),
        shape_(std::move(shape)),
        exports_(packages_, out_, [this](wit::TypeIdx t) { return find_type(t); }) {}

  component::Component run() {
    out_.hoist_imports(wit::world_type(packages_, world_idx_));
    note_imports();
    const CoreModuleIdx module = out_.core_module(std::move(module_));
    plan_shim();
    if (!shim_types_.empty()) shim_ = out_.core_instantiate(out_.core_module(shim_module(shim_types_)), {});
    define_resources();
    const CoreInstanceIdx main = out_.core_instantiate(module, import_instances());
    if (shape_.memory) memory_ = out_.alias_core_memory(main, *shape_.memory);
    if (shape_.realloc) realloc_ = out_.alias_core_func(main, *shape_.realloc);
    if (shim_) fill_shim(main);
    if (shape_.initialize) initialize(main);
    for (const auto& [item, uses] : shape_.exports) export_item(main, *item, uses);
    return out_.take();
  }

 private:
  /// What stands behind a function of the shim: a lowered import, or a destructor of the module.
  struct Indirect {
    const ImportUse* import = nullptr;
    std::string dtor;
  };

  void note_imports() {
    for (const wit::WorldItem& item : world_.imports) {
      if (const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item)) {
        const component::InstanceIdx instance(out_.import_index(item.name));
        import_instances_.emplace(item.name, instance);
        if (!item.implements) imported_.emplace(interface->value, instance);
      } else if (const auto* type = std::get_if<wit::TypeIdx>(&item.item)) {
        exports_.know(*type, component::TypeIdx(out_.import_index(item.name)));
      }
    }
  }

  /// A type of an imported interface is an alias of the instance's.
  std::optional<component::TypeIdx> find_type(wit::TypeIdx type) {
    const wit::TypeDef& def = packages_.types[type];
    const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
    if (owner == nullptr || !def.name) return std::nullopt;
    if (exported_.contains(owner->value)) return std::nullopt;
    const auto it = imported_.find(owner->value);
    if (it == imported_.end()) return std::nullopt;
    return out_.alias_type(it->second, *def.name);
  }

  void plan_shim() {
    for (const ImportUse& use : shape_.imports) {
      if (use.kind != ImportUse::Kind::lower || !use.needs_memory) continue;
      shim_of_import_.emplace(&use, static_cast<std::uint32_t>(shim_types_.size()));
      shim_types_.push_back(use.type);
      indirect_.push_back({&use, {}});
    }
    for (const auto& [resource, name] : shape_.dtors) {
      shim_of_dtor_.emplace(resource, static_cast<std::uint32_t>(shim_types_.size()));
      shim_types_.push_back(core::FuncType{{core::TypeCode::i32}, {}});
      indirect_.push_back({nullptr, name});
    }
  }

  CoreFuncIdx shim_func(std::uint32_t number) { return out_.alias_core_func(*shim_, std::to_string(number)); }

  /// Resources that exported interfaces define.
  void define_resources() {
    for (const auto& [item, uses] : shape_.exports) {
      const auto* interface = std::get_if<wit::InterfaceIdx>(&item->item);
      if (interface == nullptr) continue;
      exported_.insert(interface->value);
      for (const auto& [name, type] : packages_.interfaces[*interface].types) {
        if (!std::holds_alternative<wit::Resource>(packages_.types[type].def)) continue;
        component::ResourceType resource;
        if (const auto dtor = shim_of_dtor_.find(type.value); dtor != shim_of_dtor_.end()) resource.dtor = shim_func(dtor->second);
        exports_.know(type, out_.type({resource}));
      }
    }
  }

  component::FuncIdx imported_func(const ImportUse& use) {
    if (std::holds_alternative<wit::Function>(use.item->item)) return component::FuncIdx(out_.import_index(use.item->name));
    return out_.alias_func(import_instances_.find(use.item->name)->second, use.func->name);
  }

  /// The resource of a `[resource-drop]`: of the imported interface, even when it is exported too.
  component::TypeIdx imported_resource(const ImportUse& use) {
    if (use.item == nullptr) return component::TypeIdx(out_.import_index(*packages_.types[use.resource].name));
    const std::string_view name = use.name.substr(use.name.find(']') + 1);
    return out_.alias_type(import_instances_.find(use.item->name)->second, name);
  }

  CoreFuncIdx core_import(const ImportUse& use) {
    switch (use.kind) {
      case ImportUse::Kind::lower: {
        if (const auto it = shim_of_import_.find(&use); it != shim_of_import_.end()) return shim_func(it->second);
        const component::FuncIdx func = imported_func(use);
        return out_.canon(CanonOp::lower, component::LowerImm{func, {}});
      }
      case ImportUse::Kind::resource_drop: return out_.canon(CanonOp::resource_drop, component::ResourceImm{imported_resource(use)});
      case ImportUse::Kind::export_resource_drop: return out_.canon(CanonOp::resource_drop, component::ResourceImm{exports_.type(use.resource)});
      case ImportUse::Kind::resource_new: return out_.canon(CanonOp::resource_new, component::ResourceImm{exports_.type(use.resource)});
      case ImportUse::Kind::resource_rep: return out_.canon(CanonOp::resource_rep, component::ResourceImm{exports_.type(use.resource)});
      case ImportUse::Kind::stub: break;
    }
    return out_.alias_core_func(*stubs_, std::string(use.name));
  }

  /// One core instance for each module name that the module imports from.
  std::vector<component::CoreInstantiateArg> import_instances() {
    define_stubs();
    std::vector<std::string_view> modules;
    std::map<std::string_view, std::vector<component::CoreInlineExport>> by_module;
    for (const ImportUse& use : shape_.imports) {
      auto& exports = by_module[use.module];
      if (exports.empty()) modules.push_back(use.module);
      const bool again = std::any_of(exports.begin(), exports.end(), [&](const auto& e) { return e.name == use.name; });
      if (again) continue;  // a module may import one thing twice
      const CoreFuncIdx func = core_import(use);
      exports.push_back({std::string(use.name), {CoreSort::func, func.value}});
    }
    std::vector<component::CoreInstantiateArg> args;
    for (const std::string_view module : modules)
      args.push_back({std::string(module), out_.core_instance(std::move(by_module[module]))});
    return args;
  }

  void define_stubs() {
    std::vector<NamedFunc> stubs;
    for (const ImportUse& use : shape_.imports) {
      if (use.kind == ImportUse::Kind::stub) stubs.push_back({std::string(use.name), use.type});
    }
    if (!stubs.empty()) stubs_ = out_.core_instantiate(out_.core_module(stub_module(stubs)), {});
  }

  void fill_shim(CoreInstanceIdx main) {
    std::vector<component::CoreInlineExport> args;
    const CoreTableIdx table = out_.alias_core_table(*shim_, shim_table);
    args.push_back({std::string(shim_table), {CoreSort::table, table.value}});
    for (std::size_t i = 0; i < indirect_.size(); ++i) {
      const Indirect& target = indirect_[i];
      CoreFuncIdx func;
      if (target.import != nullptr) {
        const component::FuncIdx imported = imported_func(*target.import);
        func = out_.canon(CanonOp::lower, component::LowerImm{imported, options(true, target.import->needs_realloc)});
      } else {
        func = out_.alias_core_func(main, target.dtor);
      }
      args.push_back({std::to_string(i), {CoreSort::func, func.value}});
    }
    const CoreInstanceIdx with = out_.core_instance(std::move(args));
    static_cast<void>(out_.core_instantiate(out_.core_module(fixup_module(shim_types_)), {{"", with}}));
  }

  void initialize(CoreInstanceIdx main) {
    const CoreFuncIdx func = out_.alias_core_func(main, *shape_.initialize);
    const CoreInstanceIdx with = out_.core_instance({{"", {CoreSort::func, func.value}}});
    static_cast<void>(out_.core_instantiate(out_.core_module(initializer_module()), {{"", with}}));
  }

  [[nodiscard]] component::CanonOpts options(bool memory, bool realloc) const {
    component::CanonOpts out;
    if (memory) out.push_back({CanonOpt::Kind::memory, memory_->value});
    if (realloc) out.push_back({CanonOpt::Kind::realloc, realloc_->value});
    if (memory) out.push_back({CanonOpt::Kind::utf8, 0});
    return out;
  }

  component::FuncIdx lift(CoreInstanceIdx main, const ExportUse& use) {
    const component::TypeIdx type = exports_.func_type(*use.func);
    const CoreFuncIdx core = out_.alias_core_func(main, use.core_name);
    component::CanonOpts opts = options(use.needs_memory, use.needs_realloc);
    if (use.post_return) opts.push_back({CanonOpt::Kind::post_return, out_.alias_core_func(main, *use.post_return).value});
    return out_.lift({core, std::move(opts), type});
  }

  void export_item(CoreInstanceIdx main, const wit::WorldItem& item, const std::vector<ExportUse>& uses) {
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
    if (interface == nullptr) {
      const component::FuncIdx func = lift(main, uses.front());
      out_.export_(named(item), {{component::SortKind::func, {}}, func.value});
      return;
    }
    std::vector<component::FuncIdx> funcs;
    for (const ExportUse& use : uses) funcs.push_back(lift(main, use));
    const component::InstanceIdx instance = export_interface(packages_, *interface, funcs, exports_, out_);
    out_.export_(named(item), {{component::SortKind::instance, {}}, instance.value});
  }

  component::ExternName named(const wit::WorldItem& item) const {
    component::ExternName name = extern_name(item.name);
    if (item.implements) {
      name.implements = packages_.id_of(std::get<wit::InterfaceIdx>(item.item));
      name.form = 2;
      name.attribute_order.push_back(0);
    }
    if (item.info.external_id) {
      name.external_id = item.info.external_id;
      name.form = 2;
      name.attribute_order.push_back(2);
    }
    return name;
  }

  core::Module module_;
  const wit::Packages& packages_;
  const wit::World& world_;
  wit::WorldIdx world_idx_;
  ModuleShape shape_;
  Assembly out_;
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
  std::optional<CoreMemIdx> memory_;
  std::optional<CoreFuncIdx> realloc_;
};

/// The worlds that the module's sections name, joined; the sections are dropped.
Result<wit::ComponentType> take_component_type(core::Module& module) {
  std::vector<wit::ComponentType> parts;
  for (const core::CustomSection& section : module.customs) {
    if (!section.name.starts_with(wit::component_type_section)) continue;
    wit::ComponentType part = TENON_TRY(
        wit::decode_component_type(section.content.in(module.bytes.view()), module.source, section.content.begin));
    parts.push_back(std::move(part));
  }
  if (parts.empty()) {
    return std::unexpected(Error(rules::no_component_type, Span::none(), "no custom section `component-type`")
                               .help("`tenon component embed WIT -w WORLD MODULE` puts it there"));
  }
  std::erase_if(module.customs, [](const core::CustomSection& s) { return s.name.starts_with(wit::component_type_section); });
  module.sections.clear();
  return wit::merge_component_types(std::move(parts));
}

/// `producers`: one field, "processed-by". Spec: the tool conventions' producers section.
std::vector<std::uint8_t> producers_section(const std::vector<std::pair<std::string, std::string>>& producers) {
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

}  // namespace

Result<std::vector<std::uint8_t>> componentize(ByteSpan bytes, const ComponentizeOptions& options) {
  if (core::is_component(bytes)) {
    return std::unexpected(Error(rules::not_core_module, Span::none(), "found a component, wanted a core module")
                               .help("it is a component already: nothing is left to do"));
  }
  core::Module module = TENON_TRY(core::decode(Blob::borrow(bytes), core::Features::all()));
  const wit::ComponentType type = TENON_TRY(take_component_type(module));
  ModuleShape shape = TENON_TRY(shape_of(module, type.packages, type.packages.worlds[type.world], options.stub_wasi));
  // Names in the shape are views into the input, which outlives this call.
  core::Module stripped = TENON_TRY(core::decode(Blob::own(core::encode(module)), core::Features::all()));
  component::Component out = Componentize(std::move(stripped), type, std::move(shape)).run();
  if (!options.producers.empty())
    out.definitions.push_back({component::Custom{"producers", producers_section(options.producers)}, Span::none()});
  return component::encode(out);
}

}  // namespace tenon::builder
