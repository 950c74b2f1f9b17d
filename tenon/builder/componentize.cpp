// SPDX-License-Identifier: Apache-2.0
// The main module and its adapters are looked at first, their worlds joined, and only then checked
// against the result, since an adapter adds imports and exports of its own. Modules are copied as
// bytes and validated once, at the end, as part of the component. An adapter may be invalid as long
// as nothing needs it.
#include "tenon/builder/componentize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

#include "tenon/abi/adapter_release.h"
#include "tenon/abi/mangle.h"
#include "tenon/builder/adapter_gc.h"
#include "tenon/builder/compose.h"
#include "tenon/builder/dedupe_imports.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/merge_versions.h"
#include "tenon/builder/module_shape.h"
#include "tenon/builder/preview1.h"
#include "tenon/builder/preview1_memory.h"
#include "tenon/builder/prune.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/limits.h"
#include "tenon/component/rules.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"
#include "tenon/core/rules.h"
#include "tenon/core/validate.h"
#include "tenon/types/externname.h"
#include "tenon/types/semver.h"
#include "tenon/wit/component_type.h"

namespace tenon::builder {
namespace {

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

/// Why the module is not valid, when it is not.
std::optional<Error> why_invalid(ByteSpan bytes, std::uint32_t source) {
  auto module = core::decode(Blob::borrow(bytes), core::Features::all(), source);
  if (!module) return std::move(module).error();
  auto valid = core::validate(std::move(*module), core::Features::all());
  if (!valid) return std::move(valid).error();
  return std::nullopt;
}

/// Of a module, which can be large and is validated in the end, what is looked at.
Result<core::Module> decode_module(ByteSpan bytes, std::uint32_t source) {
  core::Module module = TENON_TRY(core::decode(Blob::borrow(bytes), core::Features::all(), source));
  if (names_what_it_has(module)) return module;
  if (auto why = why_invalid(bytes, source)) return std::unexpected(std::move(*why));
  return module;
}

bool is_component_type(std::string_view section) {
  return section.starts_with(wit::component_type_section);
}

/// What was made is valid. Legacy exceptions are told, because engines leave them off.
Result<void> check_result(ByteSpan encoded, const ComponentizeOptions& options) {
  const auto valid = [&](const core::Features& features) -> Result<void> {
    auto decoded = TENON_TRY(component::decode(Blob::borrow(encoded), features, Span::no_source));
    TENON_TRY(component::validate(std::move(decoded), features));
    return {};
  };
  core::Features today = core::Features::all();
  today.disable(core::Gate::legacy_exceptions);
  auto done = valid(today);
  if (done || done.error().rule().id != core::rules::feature_off.id) return done;
  TENON_TRY(valid(core::Features::all()));
  if (options.notes != nullptr) {
    options.notes->emplace_back(
        "the module uses legacy exceptions, which `validate` and `run` refuse without `--features "
        "legacy-exceptions`: translate it before, with `tenon parse --to-exnref MODULE -o OUT`");
  }
  return {};
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
    // No WIT would make a component of it.
    TENON_TRY(check_threads(module));
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
  /// Of imports, by number, that stood twice: the name that they had.
  std::unordered_map<std::size_t, std::string> asked;
  /// An adapter may hold what is not valid as long as nobody needs it.
  std::optional<Error> invalid;
};

/// Gives imports that occur twice names of their own.
Result<void> dedupe(Input& input) {
  Deduplicated found = TENON_TRY(dedupe_imports(input.module));
  if (!found.module) return {};
  input.module = std::move(*found.module);
  input.asked = std::move(found.asked);
  return {};
}

/// What a module imports from another by name, with the imports' places.
std::map<std::string_view, Span> imported_from(const Input& input, std::string_view module) {
  std::map<std::string_view, Span> out;
  for (std::size_t i = 0; i < input.module.imports.size(); ++i) {
    const core::Import& import = input.module.imports[i];
    if (import.module != module) continue;
    const auto asked = input.asked.find(i);
    out.emplace(asked == input.asked.end() ? import.name : std::string_view(asked->second),
                import.span);
  }
  return out;
}

/// Whether a function of preview1 makes an adapter hold handles.
bool uses_descriptors(std::string_view name) {
  return name.starts_with("fd_") || name.starts_with("path_") || name.starts_with("sock_") ||
         name == "poll_oneoff";
}

/// Core exports of an adapter that something needs: what the main module imports from it, what its
/// world exports, its allocators.
Names needed_exports(const Input& adapter, const Input& main, const wit::Packages& packages,
                     const wit::World& world) {
  Names out;
  for (const std::string_view name : {abi::import_realloc_name, abi::export_realloc_name,
                                      abi::realloc_name(abi::Mangling::legacy)})
    out.emplace(name);
  for (const auto& [name, span] : imported_from(main, adapter.name)) out.emplace(name);
  if (std::ranges::find(main.module.exports, adapter_memory_name, &core::Export::name) !=
      main.module.exports.end())
    out.emplace(adapter_follow_name);
  if (std::ranges::any_of(imported_from(main, adapter.name),
                          [](const auto& import) { return uses_descriptors(import.first); }))
    out.emplace(abi::adapter_release_name);
  const auto add = [&](std::string_view interface, const wit::Function& func) {
    for (const abi::ExportNames& names : abi::export_names(interface, func.name))
      out.insert(
          {names.sync, names.post_return, names.async, names.callback, names.async_stackful});
  };
  for (const wit::WorldItem& item : world.exports) {
    if (!adapter.exports.contains(item.name)) continue;
    if (const auto* func = std::get_if<wit::Function>(&item.item)) add({}, *func);
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item);
    if (interface == nullptr) continue;
    for (const wit::Function& func : packages.interfaces[*interface].functions)
      add(item.name, func);
    for (const auto& [name, type] : packages.interfaces[*interface].types)
      for (const abi::Mangling mangling : abi::manglings)
        out.insert(abi::destructor(mangling, item.name, name));
  }
  return out;
}

/// What an adapter needs of the main module.
Result<void> check_adapter(const Part& adapter, const core::Module& module, const Part& main) {
  const ModuleShape& shape = adapter.shape;
  const auto lacks = [&](const std::string& what, const char* help) {
    return std::unexpected(Error(rules::missing_export, Span::none(),
                                 fmt::format("the adapter `{}` needs {}", adapter.name, what))
                               .help(help));
  };
  const bool memory = std::ranges::any_of(shape.imports, [](const ImportUse& use) {
    return use.needs_memory || use.kind == ImportUse::Kind::memory;
  });
  if ((memory || shape.needs_memory()) && !main.shape.memory && !main.shape.imported_memory)
    return lacks("the module's memory, and the module exports no memory",
                 "a linker exports it as `memory` unless it is told not to");
  if ((shape.needs_realloc() && !shape.realloc && !main.shape.realloc) ||
      (shape.needs_export_realloc() && !shape.export_realloc && !main.shape.export_realloc))
    return lacks("an allocator, and neither it nor the module exports `cabi_realloc`",
                 "link the bindings' support file, which has it");
  for (const ImportUse& use : shape.imports) {
    const bool table = use.kind == ImportUse::Kind::main_table;
    if (!table && use.kind != ImportUse::Kind::main) continue;
    const core::ExternKind kind = table ? core::ExternKind::table : core::ExternKind::func;
    const auto it = std::ranges::find_if(module.exports, [&](const core::Export& e) {
      return e.kind == kind && e.name == use.name;
    });
    if (it == module.exports.end())
      return lacks(fmt::format("`{}`, which the module does not export", use.name),
                   "is it an adapter for another kind of module?");
  }
  return {};
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
    shape_options.asked = &input.asked;
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
  for (const Part& part : out) {
    if (!part.name.empty()) TENON_TRY(check_adapter(part, inputs.front().module, out.front()));
  }
  return out;
}

/// The main module's allocator that adapters may call.
std::optional<std::string_view> realloc_for_adapters(const core::Module& main) {
  const auto find = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto it = std::ranges::find_if(main.exports, [&](const core::Export& e) {
      return e.kind == core::ExternKind::func && e.name == name;
    });
    return it == main.exports.end() ? std::nullopt : std::optional(it->name);
  };
  if (const auto found = find(adapter_realloc_name)) return found;
  for (const std::string_view name : abi::realloc_names) {
    if (const auto found = find(name)) return found;
  }
  return std::nullopt;
}

/// The adapter, reduced to what is needed of it; nothing when that is nothing at all.
Result<std::optional<Input>> shrunk(Input adapter, const Input& main,
                                    const wit::ComponentType& type) {
  const Names needed =
      needed_exports(adapter, main, type.packages, type.packages.worlds[type.world]);
  const auto imported = imported_from(main, adapter.name);
  if (imported.empty() && adapter.exports.empty()) return std::optional<Input>();
  Names has;
  for (const core::Export& e : adapter.module.exports) has.emplace(e.name);
  for (const auto& [name, span] : imported) {
    if (has.contains(name)) continue;
    return std::unexpected(
        Error(rules::adapter, span,
              fmt::format("the adapter `{}` has no `{}`, which the module imports", adapter.name,
                          name))
            .help(
                adapter.name == preview1_name
                    ? "it is none of the 46 functions of WASI preview1; an adapter that has it is "
                      "named by `--adapt`"
                    : "take a newer adapter"));
  }
  adapter.module =
      TENON_TRY(shrink_adapter(adapter.module, needed, realloc_for_adapters(main.module)));
  if (adapter.invalid && why_invalid(adapter.module.bytes.view(), Span::no_source))
    return std::unexpected(std::move(*adapter.invalid));
  TENON_TRY(dedupe(adapter));
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

/// `a:b/c@1.2.3` becomes `a:b/c@1` with the suffix `.2.3`, also where a plain name implements it.
void make_canonical(component::ExternName& name) {
  std::string* interface = &name.name;
  for (component::NameAttribute& a : name.attributes) {
    if (a.kind == component::AttributeKind::implements) interface = &a.value;
  }
  const std::size_t kept = types::canonical_interface(*interface).size();
  if (kept == interface->size()) return;
  std::string suffix = interface->substr(kept);
  interface->resize(kept);
  name.add(component::AttributeKind::version_suffix, std::move(suffix));
}

void make_names_canonical(component::Component& out) {
  for (component::Definition& d : out.definitions) {
    if (auto* import = std::get_if<component::Import>(&d.def)) make_canonical(import->name);
    if (auto* export_ = std::get_if<component::Export>(&d.def)) make_canonical(export_->name);
  }
}

/// Two versions that are compatible have one canonical name, and names are unique.
Result<void> check_canonical_names(const component::Component& out) {
  std::map<std::string, const component::ExternName*> imports;
  std::map<std::string, const component::ExternName*> exports;
  const auto check = [](const component::ExternName& name, auto& names,
                        std::string_view what) -> Result<void> {
    component::ExternName canonical = name;
    make_canonical(canonical);
    const auto [it, fresh] = names.emplace(types::unique_key(canonical.name), &name);
    if (fresh) return {};
    return std::unexpected(
        Error(component::rules::name_conflict, Span::none(),
              fmt::format("`{}` and `{}` are {}, and both have the canonical name `{}`",
                          it->second->name, name.name, what, canonical.name))
            .help("leave one of them out of the world, or do without `--emit-canonical-names`"));
  };
  for (const component::Definition& d : out.definitions) {
    if (const auto* import = std::get_if<component::Import>(&d.def))
      TENON_TRY(check(import->name, imports, "imported"));
    if (const auto* export_ = std::get_if<component::Export>(&d.def))
      TENON_TRY(check(export_->name, exports, "exported"));
  }
  return {};
}

bool is_instance(const component::Definition& d) {
  if (const auto* import = std::get_if<component::Import>(&d.def))
    return import->type.kind == component::ExternKind::instance;
  if (const auto* export_ = std::get_if<component::Export>(&d.def))
    return export_->item.sort.kind == component::SortKind::instance;
  if (const auto* alias = std::get_if<component::Alias>(&d.def))
    return alias->sort.kind == component::SortKind::instance;
  return std::holds_alternative<component::Instance>(d.def);
}

/// Said at once, before what is too large is written and read again.
Result<void> check_limits(const component::Component& out) {
  const auto instances =
      static_cast<std::size_t>(std::ranges::count_if(out.definitions, is_instance));
  const auto components = static_cast<std::size_t>(
      std::ranges::count_if(out.definitions, [](const component::Definition& d) {
        return std::holds_alternative<std::unique_ptr<component::Component>>(d.def);
      }));
  const auto refused = [](std::size_t count, const char* what, std::uint32_t most,
                          const char* why) {
    return std::unexpected(
        Error(component::rules::limit, Span::none(),
              fmt::format("the component would have {} {}, at most {} are allowed: {}", count, what,
                          most, why))
            .help("`use` a type from the interface that defines it, not from one that uses it, and "
                  "export fewer interfaces"));
  };
  if (instances > component::limits::instances)
    return refused(instances, "instances", component::limits::instances,
                   "each interface that is imported is one, each that is exported two");
  if (components > component::limits::definitions_of_a_kind)
    return refused(components, "components", component::limits::definitions_of_a_kind,
                   "each interface that is exported is one");
  return {};
}

/// The adapters that were given, and tenon's own where the module needs it. That one takes its
/// memory from the module.
Result<std::vector<Adapter>> adapters_for(core::Module& module,
                                          const ComponentizeOptions& options) {
  std::vector<Adapter> out = options.adapters;
  // Said by its name, whatever else the module lacks.
  const auto old = std::ranges::find(module.imports, preview0_name, &core::Import::module);
  if (old != module.imports.end() &&
      std::ranges::find(out, preview0_name, &Adapter::name) == out.end())
    return std::unexpected(Error(rules::unknown_import, old->span,
                                 fmt::format("`{}` from `{}`", old->name, old->module))
                               .help(std::string(preview0_help)));
  const auto is_preview1 = [](const Adapter& adapter) { return adapter.name == preview1_name; };
  if (options.stub_wasi || !imports_preview1(module) || std::ranges::any_of(out, is_preview1))
    return out;
  Adapter own = TENON_TRY(preview1_adapter(module, options.compat));
  out.push_back(std::move(own));
  auto with_memory = TENON_TRY(with_adapter_memory(module));
  if (with_memory) module = std::move(*with_memory);
  return out;
}

}  // namespace

std::optional<AdapterCompat> parse_adapter_compat(std::string_view text) {
  if (text == "0.2.0") return AdapterCompat::v0_2_0;
  if (text == "0.2.12") return AdapterCompat::exit_codes;
  return std::nullopt;
}

Result<std::vector<std::uint8_t>> componentize(ByteSpan bytes, const ComponentizeOptions& options) {
  if (core::is_component(bytes)) {
    return std::unexpected(
        Error(rules::not_core_module, Span::none(), "found a component, wanted a core module")
            .help("it is a component already: nothing is left to do"));
  }
  core::Module module = TENON_TRY(decode_module(bytes, options.source));
  const std::vector<Adapter> given = TENON_TRY(adapters_for(module, options));
  // With an adapter, a module that knows nothing of components will do.
  std::vector<wit::ComponentType> types =
      TENON_TRY(component_types_of(module, "the module", !given.empty()));
  std::vector<Input> inputs;
  inputs.push_back({std::move(module), {}, export_names(types), {}, {}});
  TENON_TRY(dedupe(inputs.front()));
  drop_component_types(inputs.front().module);
  std::vector<Input> adapters;
  for (const Adapter& adapter : given) {
    core::Module decoded = TENON_TRY(decode_module(adapter.module, adapter.source));
    auto own_types = TENON_TRY(component_types_of(decoded, "the adapter", false));
    adapters.push_back({std::move(decoded),
                        adapter.name,
                        export_names(own_types),
                        {},
                        why_invalid(adapter.module, adapter.source)});
    std::move(own_types.begin(), own_types.end(), std::back_inserter(types));
  }
  wit::ComponentType type = TENON_TRY(wit::merge_component_types(std::move(types)));
  if (options.merge_imports) TENON_TRY(merge_imports_by_version(type.packages, type.world));
  for (Input& adapter : adapters) {
    auto small = TENON_TRY(shrunk(std::move(adapter), inputs.front(), type));
    if (small) inputs.push_back(std::move(*small));
  }
  const wit::World& world = type.packages.worlds[type.world];
  if (options.notes != nullptr && world.exports.empty())
    options.notes->push_back(
        fmt::format("the world `{}` exports nothing: nobody can call the component", world.name));
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
  component::Component out = compose(std::move(parts), type);
  TENON_TRY(rename_imports(out, options.import_names));
  if (options.validate) TENON_TRY(check_limits(out));
  if (options.canonical_names && options.validate) TENON_TRY(check_canonical_names(out));
  if (options.canonical_names) make_names_canonical(out);
  if (!options.producers.empty())
    out.definitions.push_back(
        {component::Custom{"producers", producers_section(options.producers)}, Span::none()});
  std::vector<std::uint8_t> encoded = component::encode(out);
  if (options.validate) TENON_TRY(check_result(encoded, options));
  return encoded;
}

}  // namespace tenon::builder
