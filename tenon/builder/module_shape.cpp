// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/module_shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/type_scope.h"
#include "tenon/wit/print.h"

namespace tenon::builder {
namespace {

/// `divide: func(a: f64, b: f64) -> result<f64, string>`.
std::string described(const wit::Packages& packages, const wit::Function& func) {
  return fmt::format("{}: {}", func.item_name(), wit::func_text(packages, func));
}

std::string core_text(const core::FuncType& type) {
  const auto list = [](const std::vector<core::ValType>& types) {
    std::string out;
    for (const core::ValType t : types) out += (out.empty() ? "" : " ") + core::to_string(t);
    return "[" + out + "]";
  };
  return list(type.params) + " → " + list(type.results);
}

/// Tools of before the component model, and others' namespaces, by the import's module name.
std::string_view known_mistake(std::string_view module, std::string_view name) {
  if (name.starts_with("canonical_abi_") || module.starts_with("canonical_abi"))
    return "`canonical_abi_*` are names of before the component model: build the module again with current bindings";
  if (module == "env")
    return "`env` holds symbols that the linker did not find: define the function, or link the library that has it";
  if (module == "wasi_unstable") return "wasi_unstable is older than preview1: build the module again with a current wasi-libc";
  if (module == "wasi_snapshot_preview1")
    return "the module uses WASI preview1: pass an adapter (`--adapt wasi_snapshot_preview1=ADAPTER.wasm`), or `--stub-wasi` to make "
           "these calls trap; a C++ guest that only needs memory links guest/stubs.c and has no such imports";
  if (module == "__wbindgen_placeholder__") return "wasm-bindgen makes modules for JavaScript, not components: use the generated bindings instead";
  return {};
}

class Shape {
 public:
  Shape(const core::Module& module, const wit::Packages& packages, const wit::World& world, bool stub_wasi)
      : module_(module), packages_(packages), types_(abi_types(packages)), world_(world), stub_wasi_(stub_wasi) {}

  Result<ModuleShape> run() {
    for (const core::Import& import : module_.imports) TENON_TRY(add_import(import));
    for (const core::Export& e : module_.exports) exports_.emplace(e.name, &e);
    out_.memory = find_export({"memory", "cm32p2_memory"}, core::ExternKind::mem);
    out_.realloc = find_export({"cabi_realloc", "cm32p2_realloc", "canonical_abi_realloc"}, core::ExternKind::func);
    out_.initialize = find_export({"_initialize", "cm32p2_initialize"}, core::ExternKind::func);
    for (const wit::WorldItem& item : world_.exports) TENON_TRY(add_export(item));
    if (world_.exports.empty()) {
      return std::unexpected(Error(rules::missing_export, world_.info.span, fmt::format("the world `{}` exports nothing", world_.name))
                                 .help("say what the component offers: `export my-interface;` in the world"));
    }
    TENON_TRY(check_needs());
    return std::move(out_);
  }

 private:
  std::optional<std::string> find_export(std::initializer_list<std::string_view> names, core::ExternKind kind) const {
    for (const std::string_view name : names) {
      const auto it = exports_.find(name);
      if (it != exports_.end() && it->second->kind == kind) return std::string(name);
    }
    return std::nullopt;
  }

  const wit::WorldItem* item_named(const std::vector<wit::WorldItem>& items, std::string_view name) const {
    const auto it = std::find_if(items.begin(), items.end(), [&](const wit::WorldItem& item) { return item.name == name; });
    return it == items.end() ? nullptr : &*it;
  }

  /// The resource that an interface (or the world) names.
  std::optional<wit::TypeIdx> resource(const wit::WorldItem* item, std::string_view name) const {
    if (item == nullptr) {
      for (const wit::WorldItem& import : world_.imports) {
        const auto* type = std::get_if<wit::TypeIdx>(&import.item);
        if (type != nullptr && import.name == name) return packages_.resolve_alias(*type);
      }
      return std::nullopt;
    }
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item->item);
    if (interface == nullptr) return std::nullopt;
    for (const auto& [type_name, type] : packages_.interfaces[*interface].types) {
      if (type_name == name) return packages_.resolve_alias(type);
    }
    return std::nullopt;
  }

  Result<void> add_import(const core::Import& import) {
    ImportUse use;
    use.module = import.module;
    use.name = import.name;
    if (import.type.kind != core::ExternKind::func) return std::unexpected(unknown(import));
    use.type = module_.types[import.type.func].type.func;
    std::string_view module = import.module;
    const bool of_export = module.starts_with("[export]");
    if (of_export) module.remove_prefix(8);
    const wit::WorldItem* item = module == "$root" ? nullptr : item_named(of_export ? world_.exports : world_.imports, module);
    if (module != "$root" && item == nullptr) {
      if (stub_wasi_ && module == "wasi_snapshot_preview1") {
        use.kind = ImportUse::Kind::stub;
        out_.imports.push_back(std::move(use));
        return {};
      }
      return std::unexpected(unknown(import));
    }
    if (import.name.starts_with('[') && !import.name.starts_with("[method]") && !import.name.starts_with("[static]") &&
        !import.name.starts_with("[constructor]"))
      return add_intrinsic(import, std::move(use), item, of_export);
    if (of_export) return std::unexpected(unknown(import));
    use.item = item != nullptr ? item : item_named(world_.imports, import.name);
    use.func = function_of(use.item, import.name);
    if (use.func == nullptr) return std::unexpected(unknown(import));
    if (use.func->async_)
      return std::unexpected(Error(rules::not_supported, import.span, fmt::format("the async function `{}`", use.func->name)));
    const abi::FlatFuncType flat = flatten(*use.func, abi::Context::lower);
    TENON_TRY(check_type(import.span, *use.func, flat.type, use.type, fmt::format("the import `{}`", import.name), import.module));
    use.needs_realloc = use.func->result && abi::needs_memory(types_, *use.func->result);
    use.needs_memory = flat.params_in_memory || flat.result_in_memory || use.needs_realloc || params_need_memory(*use.func);
    out_.imports.push_back(std::move(use));
    return {};
  }

  /// `[resource-drop]r`, and for exported resources `[resource-new]r`, `[resource-rep]r`.
  Result<void> add_intrinsic(const core::Import& import, ImportUse use, const wit::WorldItem* item, bool of_export) {
    struct Row {
      std::string_view prefix;
      ImportUse::Kind kind;
      bool export_only;
    };
    static constexpr Row rows[] = {{"[resource-drop]", ImportUse::Kind::resource_drop, false},
                                   {"[resource-new]", ImportUse::Kind::resource_new, true},
                                   {"[resource-rep]", ImportUse::Kind::resource_rep, true}};
    for (const Row& row : rows) {
      if (!import.name.starts_with(row.prefix) || (row.export_only && !of_export)) continue;
      const auto type = resource(item, import.name.substr(row.prefix.size()));
      if (!type) return std::unexpected(unknown(import));
      use.kind = row.kind == ImportUse::Kind::resource_drop && of_export ? ImportUse::Kind::export_resource_drop : row.kind;
      use.resource = *type;
      use.item = item;
      out_.imports.push_back(std::move(use));
      return {};
    }
    return std::unexpected(Error(rules::not_supported, import.span, fmt::format("the built-in `{}` of `{}`", import.name, import.module)));
  }

  const wit::Function* function_of(const wit::WorldItem* item, std::string_view name) const {
    if (item == nullptr) return nullptr;
    if (const auto* func = std::get_if<wit::Function>(&item->item)) return func->name == name ? func : nullptr;
    const auto* interface = std::get_if<wit::InterfaceIdx>(&item->item);
    if (interface == nullptr) return nullptr;
    for (const wit::Function& func : packages_.interfaces[*interface].functions) {
      if (func.name == name) return &func;
    }
    return nullptr;
  }

  Error unknown(const core::Import& import) const {
    Error error(rules::unknown_import, import.span, fmt::format("`{}` from `{}`, which the world `{}` does not import", import.name, import.module, world_.name));
    const std::string_view mistake = known_mistake(import.module, import.name);
    if (!mistake.empty()) return std::move(error).help(std::string(mistake));
    std::vector<std::string_view> names;
    for (const wit::WorldItem& item : world_.imports) names.push_back(item.name);
    const std::string_view near = nearest(import.module, names);
    if (!near.empty()) return std::move(error).help(fmt::format("the world imports `{}`", near));
    return std::move(error).help("the module was built for another world: generate the bindings again");
  }

  [[nodiscard]] bool params_need_memory(const wit::Function& func) const {
    return std::any_of(func.params.begin(), func.params.end(),
                       [&](const wit::Param& p) { return abi::needs_memory(types_, p.type); });
  }

  [[nodiscard]] abi::FlatFuncType flatten(const wit::Function& func, abi::Context context) const {
    std::vector<wit::ValType> params;
    for (const wit::Param& param : func.params) params.push_back(param.type);
    return abi::flatten_functype(types_, params, func.result, {context, false, false, abi::Ptr::i32});
  }

  Result<void> check_type(Span span, const wit::Function& func, const core::FuncType& wanted, const core::FuncType& found,
                          const std::string& what, std::string_view owner) const {
    if (wanted == found) return {};
    return std::unexpected(
        Error(rules::wrong_signature, span,
              fmt::format("world `{}` has `{}` in `{}`; {} has the core type {}, expected {}", world_.name,
                          described(packages_, func), owner, what, core_text(found), core_text(wanted)))
            .help("the module was built against another WIT: generate the bindings again and rebuild"));
  }

  Result<void> add_export(const wit::WorldItem& item) {
    std::vector<ExportUse> uses;
    if (const auto* func = std::get_if<wit::Function>(&item.item)) {
      ExportUse use = TENON_TRY(add_func(*func, {}));
      uses.push_back(std::move(use));
    } else if (const auto* interface = std::get_if<wit::InterfaceIdx>(&item.item)) {
      const wit::Interface& i = packages_.interfaces[*interface];
      for (const wit::Function& f : i.functions) {
        ExportUse use = TENON_TRY(add_func(f, item.name));
        uses.push_back(std::move(use));
      }
      for (const auto& [name, type] : i.types) {
        if (!std::holds_alternative<wit::Resource>(packages_.types[type].def)) continue;
        if (auto dtor = find_export({item.name + "#[dtor]" + name, "cm32p2|" + item.name + "|" + name + "_dtor"}, core::ExternKind::func))
          out_.dtors.emplace(type.value, std::move(*dtor));
      }
    }
    out_.exports.emplace_back(&item, std::move(uses));
    return {};
  }

  Result<ExportUse> add_func(const wit::Function& func, const std::string& interface) {
    ExportUse use;
    use.func = &func;
    const std::string name = interface.empty() ? func.name : interface + "#" + func.name;
    const std::string standard = fmt::format("cm32p2|{}|{}", interface, func.name);
    const auto found = find_export({name, standard}, core::ExternKind::func);
    if (!found) return std::unexpected(missing(func, name, interface));
    if (func.async_)
      return std::unexpected(Error(rules::not_supported, func.info.span, fmt::format("the async function `{}`", func.name)));
    use.core_name = *found;
    const core::Export& e = *exports_.find(use.core_name)->second;
    const abi::FlatFuncType flat = flatten(func, abi::Context::lift);
    TENON_TRY(check_type(e.span, func, flat.type, module_.func_type(core::FuncIdx(e.index)),
                         fmt::format("the module's export `{}`", use.core_name), interface.empty() ? world_.name : interface));
    use.needs_realloc = flat.params_in_memory || params_need_memory(func);
    use.needs_memory = flat.result_in_memory || use.needs_realloc || (func.result && abi::needs_memory(types_, *func.result));
    use.post_return = find_export({"cabi_post_" + name, standard + "_post"}, core::ExternKind::func);
    return use;
  }

  Error missing(const wit::Function& func, const std::string& name, const std::string& interface) const {
    Error error(rules::missing_export, func.info.span,
                fmt::format("world `{}` exports `{}`{}; the module has no export `{}`", world_.name, described(packages_, func),
                            interface.empty() ? std::string() : fmt::format(" in `{}`", interface), name));
    std::vector<std::string_view> names;
    bool any = false;
    for (const auto& [found, e] : exports_) {
      if (e->kind != core::ExternKind::func) continue;
      names.push_back(found);
      any = any || found.contains('#');
    }
    const std::string_view near = nearest(name, names);
    if (!near.empty()) return std::move(error).help(fmt::format("it has `{}`: was it built against another version of the WIT?", near));
    if (!any)
      return std::move(error).help("the module exports no function of the world: the implementation must be registered (in C++ `TENON_EXPORT_…(Type);`, in Rust "
                                   "`…_bindings::export!(Type with_types_in …_bindings);`)");
    return error;
  }

  Result<void> check_needs() const {
    const bool memory = std::any_of(out_.imports.begin(), out_.imports.end(), [](const ImportUse& u) { return u.needs_memory; });
    bool export_memory = false;
    bool realloc = std::any_of(out_.imports.begin(), out_.imports.end(), [](const ImportUse& u) { return u.needs_realloc; });
    for (const auto& [item, uses] : out_.exports) {
      for (const ExportUse& use : uses) {
        export_memory = export_memory || use.needs_memory;
        realloc = realloc || use.needs_realloc;
      }
    }
    if ((memory || export_memory) && !out_.memory)
      return std::unexpected(Error(rules::missing_export, Span::none(), "strings and lists go through memory, and the module exports no `memory`")
                                 .help("a linker exports it unless it is told not to"));
    if (realloc && !out_.realloc)
      return std::unexpected(Error(rules::missing_export, Span::none(), "strings and lists come into the module, and it exports no `cabi_realloc`")
                                 .help("link the bindings' support file, which has it"));
    return {};
  }

  const core::Module& module_;
  const wit::Packages& packages_;
  abi::Types types_;
  const wit::World& world_;
  bool stub_wasi_;
  std::map<std::string_view, const core::Export*> exports_;
  ModuleShape out_;
};

}  // namespace

Result<ModuleShape> shape_of(const core::Module& module, const wit::Packages& packages, const wit::World& world,
                             bool stub_wasi) {
  return Shape(module, packages, world, stub_wasi).run();
}

}  // namespace tenon::builder
