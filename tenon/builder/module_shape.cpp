// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/module_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <span>

#include "tenon/abi/mangle.h"
#include "tenon/base/nearest.h"
#include "tenon/builder/adapter_gc.h"
#include "tenon/builder/async_values.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/type_scope.h"
#include "tenon/builder/world_names.h"
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
    return "`canonical_abi_*` are names of before the component model: build the module again with "
           "current bindings";
  if (module == "env")
    return "`env` holds symbols that the linker did not find: define the function, or link the "
           "library that has it";
  if (module == "__wbindgen_placeholder__")
    return "wasm-bindgen makes modules for JavaScript, not components: use the generated bindings "
           "instead";
  return {};
}

constexpr std::string_view without_threads =
    "build the module without `-pthread`, for `wasm32-wasip1`; a host in C++ runs the threads of a "
    "core "
    "module itself: `SharedMemory` in docs/embedding.md";

/// wasi-threads, and Emscripten's.
bool is_of_threads(const core::Import& import) {
  return (import.module == "wasi" && import.name == "thread-spawn") ||
         (import.module == "env" && (import.name.starts_with("__pthread_") ||
                                     import.name.starts_with("_emscripten_thread_")));
}

Error shared_memory(const core::Import& import) {
  return Error(rules::unknown_import, import.span,
               fmt::format("`{}` from `{}` is a shared memory, and the functions of a component "
                           "take none",
                           import.name, import.module))
      .help(std::string(without_threads));
}

class Shape {
 public:
  Shape(const core::Module& module, const wit::Packages& packages, const wit::World& world,
        const ShapeOptions& options)
      : module_(module),
        packages_(packages),
        types_(abi_types(packages)),
        world_(world),
        options_(options),
        names_(packages, world),
        async_values_(packages) {}

  Result<ModuleShape> run() {
    for (const core::Export& e : module_.exports) exports_.emplace(e.name, &e);
    for (std::size_t i = 0; i < module_.imports.size(); ++i) {
      core::Import import = module_.imports[i];
      if (import.type.kind == core::ExternKind::mem && import.type.mem.shared) {
        return std::unexpected(shared_memory(import));
      }
      const std::string_view field = import.name;
      if (options_.asked != nullptr) {
        if (const auto it = options_.asked->find(i); it != options_.asked->end())
          import.name = it->second;
      }
      TENON_TRY(add_import(import));
      out_.imports.back().field = field;
    }
    TENON_TRY(own_exports());
    for (const wit::WorldItem& item : world_.exports) {
      if (!options_.exports || options_.exports->contains(item.name)) TENON_TRY(add_export(item));
    }
    TENON_TRY(check_needs());
    return std::move(out_);
  }

 private:
  /// What the module exports for the canonical definitions, not for the world.
  Result<void> own_exports() {
    using enum core::ExternKind;
    using enum abi::Mangling;
    const core::ValType i32 = core::TypeCode::i32;
    const auto find_realloc = [&](std::string_view special) {
      auto own = find_export({special}, func);
      return own ? own : find_export(abi::realloc_names, func);
    };
    out_.realloc = find_realloc(abi::import_realloc_name);
    out_.export_realloc = find_realloc(abi::export_realloc_name);
    const core::FuncType realloc_type{{i32, i32, i32, i32}, {i32}};
    TENON_TRY(check_own(out_.realloc, realloc_type));
    TENON_TRY(check_own(out_.export_realloc, realloc_type));
    if (options_.is_adapter) return {};
    out_.memory = find_export({abi::memory_name(legacy), abi::memory_name(cm32p2)}, mem);
    if (out_.memory) {
      const core::Export& e = *exports_.find(*out_.memory)->second;
      if (module_.mem_types[e.index].shared) {
        return std::unexpected(
            Error(rules::wrong_signature, e.span,
                  fmt::format("the module's export `{}` is a shared memory, and the functions of a "
                              "component take none",
                              *out_.memory))
                .help(std::string(without_threads)));
      }
    }
    out_.table = find_export({abi::table_name}, table);
    out_.initialize =
        find_export({abi::initialize_name(legacy), abi::initialize_name(cm32p2)}, func);
    out_.task_hook = find_export({abi::task_hook_name}, func);
    TENON_TRY(check_own(out_.initialize, core::FuncType{}));
    return check_own(out_.task_hook, core::FuncType{{i32}, {}});
  }

  Result<void> check_own(const std::optional<std::string>& name,
                         const core::FuncType& wanted) const {
    if (!name) return {};
    const core::Export& e = *exports_.find(*name)->second;
    const core::FuncType& found = module_.func_type(core::FuncIdx(e.index));
    if (found == wanted) return {};
    return std::unexpected(
        Error(rules::wrong_signature, e.span,
              fmt::format("the module's export `{}` has the core type {}, expected {}", *name,
                          core_text(found), core_text(wanted))));
  }

  std::optional<std::string> find_export(std::initializer_list<std::string_view> names,
                                         core::ExternKind kind) const {
    return find_export(std::span(names.begin(), names.size()), kind);
  }
  std::optional<std::string> find_export(std::span<const std::string_view> names,
                                         core::ExternKind kind) const {
    for (const std::string_view name : names) {
      const auto it = exports_.find(name);
      if (it != exports_.end() && it->second->kind == kind) return std::string(name);
    }
    return std::nullopt;
  }

  Result<void> add_import(const core::Import& import) {
    ImportUse use;
    use.module = import.module;
    use.name = import.name;
    if (import.module == "env" && import.name == "memory" &&
        import.type.kind == core::ExternKind::mem) {
      if (!options_.is_adapter) out_.imported_memory = import.type.mem;
      return keep(std::move(use), ImportUse::Kind::memory);
    }
    const bool of_main = options_.is_adapter && import.module == main_module_name;
    if (of_main && import.type.kind == core::ExternKind::table)
      return keep(std::move(use), ImportUse::Kind::main_table);
    if (import.type.kind != core::ExternKind::func) return std::unexpected(unknown(import));
    use.type = module_.types[import.type.func].type.func;
    if (of_main) return keep(std::move(use), ImportUse::Kind::main);
    const auto& adapters = options_.adapters;
    if (std::find(adapters.begin(), adapters.end(), import.module) != adapters.end())
      return keep(std::move(use), ImportUse::Kind::adapter);
    if (import.module == "env") {
      if (const auto state = thread_state(import.name, use.type)) {
        use.builtin = state->builtin;
        return keep(std::move(use), state->kind);
      }
    }
    const abi::ImportModule where = abi::parse_import_module(import.module);
    const auto builtin = builtin_named(import.name, where);
    const wit::WorldItem* item = where.root ? nullptr : interface_of(where, import.name, builtin);
    if (!where.root && item == nullptr) {
      if (options_.stub_wasi && import.module == "wasi_snapshot_preview1")
        return keep(std::move(use), ImportUse::Kind::stub);
      return std::unexpected(unknown(import));
    }
    use.item = item;
    use.of_export = where.of_export;
    const bool legacy = where.mangling == abi::Mangling::legacy;
    if (builtin && (legacy || names_.type(item, builtin->name))) {
      use.builtin = *builtin;
      return add_builtin(import, std::move(use));
    }
    if (where.of_export) return std::unexpected(unknown(import));
    return add_lower(import, std::move(use));
  }

  /// The interface that an import is of. `r_drop` may be a built-in or a function, as one of the
  /// compatible versions has the resource or the function.
  const wit::WorldItem* interface_of(const abi::ImportModule& where, std::string_view name,
                                     const std::optional<Builtin>& builtin) {
    const wit::WorldItem* item = nullptr;
    if (builtin) {
      item = names_.interface(where.of_export, where.interface, builtin->name);
      if (where.mangling == abi::Mangling::legacy || names_.type(item, builtin->name)) return item;
    }
    static_cast<void>(abi::strip_async_lower(name));
    return names_.interface(where.of_export, where.interface, name);
  }

  struct ThreadState {
    ImportUse::Kind kind = ImportUse::Kind::builtin;
    Builtin builtin;
  };
  /// What LLVM calls, on targets with cooperative threads, where there were globals before.
  static std::optional<ThreadState> thread_state(std::string_view name,
                                                 const core::FuncType& type) {
    ThreadState out;
    if (name.starts_with("__wasm_get_")) {
      if (!type.params.empty() || type.results.size() != 1) return std::nullopt;
      out.builtin.canon = component::CanonOp::context_get;
    } else if (name.starts_with("__wasm_set_")) {
      if (type.params.size() != 1 || !type.results.empty()) return std::nullopt;
      out.builtin.canon = component::CanonOp::context_set;
    } else {
      return std::nullopt;
    }
    const core::ValType value = type.params.empty() ? type.results.front() : type.params.front();
    out.builtin.i64 = value == core::ValType(core::TypeCode::i64);
    if (!out.builtin.i64 && value != core::ValType(core::TypeCode::i32)) return std::nullopt;
    name.remove_prefix(11);
    if (name == "stack_pointer") return out;
    if (name != "tls_base") return std::nullopt;
    out.kind = ImportUse::Kind::tls_base;
    return out;
  }

  Result<void> keep(ImportUse use, ImportUse::Kind kind) {
    use.kind = kind;
    out_.imports.push_back(std::move(use));
    return {};
  }

  Result<void> add_lower(const core::Import& import, ImportUse use) {
    std::string_view name = import.name;
    use.async_ = abi::strip_async_lower(name);
    if (use.item == nullptr) use.item = names_.item(false, name);
    use.func = names_.function(use.item, name);
    if (use.func == nullptr) return std::unexpected(unknown(import));
    if (use.async_ && !use.func->async_) {
      return std::unexpected(
          Error(rules::wrong_signature, import.span,
                fmt::format("`{}` is not async, and the module calls it as async",
                            described(packages_, *use.func))));
    }
    const abi::FlatFuncType flat = flatten(*use.func, {abi::Context::lower, use.async_});
    TENON_TRY(check_type(import.span, *use.func, flat.type, use.type,
                         fmt::format("the import `{}`", import.name), import.module));
    use.needs_realloc = use.func->result && abi::needs_memory(types_, *use.func->result);
    use.needs_memory = flat.params_in_memory || flat.result_in_memory || use.needs_realloc ||
                       params_need_memory(*use.func);
    return keep(std::move(use), ImportUse::Kind::lower);
  }

  /// A function by the name that a built-in gives it.
  const wit::Function* named_func(const ImportUse& use, std::string_view name) {
    return names_.function(use.item != nullptr ? use.item : names_.item(use.of_export, name), name);
  }

  /// `[resource-drop]r`, `[task-return]f`, `[stream-read-0]f`, `[waitable-set-new]` …
  Result<void> add_builtin(const core::Import& import, ImportUse use) {
    using component::CanonOp;
    const Builtin& b = use.builtin;
    if (b.arg == Builtin::Arg::resource) {
      const auto type = names_.type(use.item, b.name);
      if (!type || (b.canon != CanonOp::resource_drop && !use.of_export))
        return std::unexpected(unknown(import));
      use.named_resource = *type;
      use.resource = packages_.resolve_alias(*type);
    }
    if (b.arg == Builtin::Arg::func) {
      use.func = named_func(use, b.name);
      if (use.func == nullptr || !use.of_export) return std::unexpected(unknown(import));
      use.payload = use.func->result;
      const abi::FlatFuncType flat = abi::flatten_task_return(types_, use.payload);
      TENON_TRY(check_type(import.span, *use.func, flat.type, use.type,
                           fmt::format("the import `{}`", import.name), import.module));
      use.needs_memory =
          flat.params_in_memory || (use.payload && abi::needs_memory(types_, *use.payload));
    }
    if (b.arg == Builtin::Arg::payload && !b.unit) {
      use.func = named_func(use, b.name);
      if (use.func == nullptr) return std::unexpected(unknown(import));
      use.payload = async_values_.at(*use.func, b.number);
      if (!use.payload) return std::unexpected(unknown(import));
    }
    if (b.arg == Builtin::Arg::payload) memory_of_copy(use);
    if (b.canon == CanonOp::waitable_set_wait || b.canon == CanonOp::waitable_set_poll ||
        b.canon == CanonOp::error_context_new || b.canon == CanonOp::error_context_debug_message)
      use.needs_memory = true;
    use.needs_realloc = use.needs_realloc || b.canon == CanonOp::error_context_debug_message;
    use.needs_table = b.canon == CanonOp::thread_new_indirect;
    return keep(std::move(use), ImportUse::Kind::builtin);
  }

  /// Reads and writes of streams and futures with a payload go through memory.
  void memory_of_copy(ImportUse& use) const {
    using component::CanonOp;
    const CanonOp op = use.builtin.canon;
    const bool read = op == CanonOp::stream_read || op == CanonOp::future_read;
    const bool write = op == CanonOp::stream_write || op == CanonOp::future_write;
    if (!use.payload || (!read && !write)) return;
    const wit::DefValType& def = types_[use.payload->index()];
    const auto* stream = std::get_if<component::Stream>(&def);
    const auto* future = std::get_if<component::Future>(&def);
    const std::optional<wit::ValType> elem = stream != nullptr   ? stream->type
                                             : future != nullptr ? future->type
                                                                 : std::nullopt;
    use.needs_memory = elem.has_value();
    use.needs_realloc = read && elem && abi::needs_memory(types_, *elem);
  }

  Error unknown(const core::Import& import) const {
    Error error(rules::unknown_import, import.span,
                fmt::format("`{}` from `{}`, which the world `{}` does not import", import.name,
                            import.module, world_.name));
    if (is_of_threads(import)) return std::move(error).help(std::string(without_threads));
    const std::string_view mistake = known_mistake(import.module, import.name);
    if (!mistake.empty()) return std::move(error).help(std::string(mistake));
    std::vector<std::string_view> names;
    for (const wit::WorldItem& item : world_.imports) {
      const auto* const interface = std::get_if<wit::InterfaceIdx>(&item.item);
      if (interface != nullptr && item.name == import.module)
        return unknown_in(packages_.interfaces[*interface], import);
      names.push_back(item.name);
    }
    const std::string_view near = nearest(import.module, names);
    if (!near.empty()) return std::move(error).help(fmt::format("the world imports `{}`", near));
    return std::move(error).help(
        "the module was built for another world: generate the bindings again");
  }

  /// The interface is imported, and has no function of that name.
  [[nodiscard]] static Error unknown_in(const wit::Interface& interface,
                                        const core::Import& import) {
    Error error(rules::unknown_import, import.span,
                fmt::format("`{}` from `{}`, an interface that has no `{}`", import.name,
                            import.module, import.name));
    std::vector<std::string_view> names;
    for (const wit::Function& func : interface.functions) names.push_back(func.name);
    const std::string_view near = nearest(import.name, names);
    if (!near.empty()) return std::move(error).help(fmt::format("the interface has `{}`", near));
    return std::move(error).help(
        "the module was built for another version of the interface: generate the bindings again");
  }

  [[nodiscard]] bool params_need_memory(const wit::Function& func) const {
    return std::any_of(func.params.begin(), func.params.end(),
                       [&](const wit::Param& p) { return abi::needs_memory(types_, p.type); });
  }

  [[nodiscard]] abi::FlatFuncType flatten(const wit::Function& func,
                                          abi::FlattenOptions options) const {
    std::vector<wit::ValType> params;
    for (const wit::Param& param : func.params) params.push_back(param.type);
    return abi::flatten_functype(types_, params, func.result, options);
  }

  Result<void> check_type(Span span, const wit::Function& func, const core::FuncType& wanted,
                          const core::FuncType& found, const std::string& what,
                          std::string_view owner) const {
    if (wanted == found) return {};
    return std::unexpected(
        Error(rules::wrong_signature, span,
              fmt::format("world `{}` has `{}` in `{}`; {} has the core type {}, expected {}",
                          world_.name, described(packages_, func), owner, what, core_text(found),
                          core_text(wanted)))
            .help("the module was built against another WIT: generate the bindings again and "
                  "rebuild"));
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
        if (auto dtor = find_export({abi::destructor(abi::Mangling::legacy, item.name, name),
                                     abi::destructor(abi::Mangling::cm32p2, item.name, name)},
                                    core::ExternKind::func))
          out_.dtors.emplace(ModuleShape::ExportedType(&item, type.value), std::move(*dtor));
      }
    }
    out_.exports.emplace_back(&item, std::move(uses));
    return {};
  }

  Result<ExportUse> add_func(const wit::Function& func, const std::string& interface) {
    ExportUse use;
    use.func = &func;
    const auto names = abi::export_names(interface, func.name);
    std::optional<std::string> found;
    bool lacks_callback = false;
    for (const abi::ExportNames& name : names) {
      const auto named = [&](std::string_view one) {
        return find_export({one}, core::ExternKind::func);
      };
      if (func.async_) {
        use.async_ = true;
        found = named(name.async);
        if (found) use.callback = named(name.callback);
        lacks_callback = found && !use.callback;
        if (!found) found = named(name.async_stackful);
        if (found) break;
        use.async_ = false;
      }
      found = named(name.sync);
      if (found) {
        use.post_return = named(name.post_return);
        break;
      }
    }
    if (!found) return std::unexpected(missing(func, names.front().sync, interface));
    use.core_name = *found;
    if (lacks_callback) {
      return std::unexpected(
          Error(rules::missing_export, func.info.span,
                fmt::format("the module exports `{0}` without `[callback]{0}`", use.core_name)));
    }
    const core::Export& e = *exports_.find(use.core_name)->second;
    const abi::FlatFuncType flat =
        flatten(func, {abi::Context::lift, use.async_, use.callback.has_value()});
    TENON_TRY(check_type(e.span, func, flat.type, module_.func_type(core::FuncIdx(e.index)),
                         fmt::format("the module's export `{}`", use.core_name),
                         interface.empty() ? world_.name : interface));
    use.type = flat.type;
    use.needs_realloc = flat.params_in_memory || params_need_memory(func);
    use.needs_memory = flat.result_in_memory || use.needs_realloc ||
                       (func.result && abi::needs_memory(types_, *func.result));
    return use;
  }

  /// Whether the module has a function of the world, or of another version of one of its
  /// interfaces.
  [[nodiscard]] bool exports_any() const {
    const auto has = [&](std::string_view interface, const wit::Function& func) {
      return std::ranges::any_of(
          abi::export_names(interface, func.name), [&](const abi::ExportNames& names) {
            return exports_.contains(names.sync) || exports_.contains(names.async) ||
                   exports_.contains(names.async_stackful);
          });
    };
    for (const wit::WorldItem& item : world_.exports) {
      const auto* func = std::get_if<wit::Function>(&item.item);
      if (func != nullptr && has({}, *func)) return true;
    }
    return std::ranges::any_of(exports_, [](const auto& e) {
      return e.second->kind == core::ExternKind::func && e.first.contains('#');
    });
  }

  Error missing(const wit::Function& func, const std::string& name,
                const std::string& interface) const {
    std::vector<std::string_view> names;
    for (const auto& [found, e] : exports_) {
      if (e->kind != core::ExternKind::func) continue;
      names.push_back(found);
    }
    const std::string_view near = nearest(name, names);
    const bool any = !near.empty() || exports_any();
    Error error(
        any ? rules::missing_export : rules::no_exports, func.info.span,
        fmt::format("world `{}` exports `{}`{}; the module has no export `{}`", world_.name,
                    described(packages_, func),
                    interface.empty() ? std::string() : fmt::format(" in `{}`", interface), name));
    if (!near.empty())
      return std::move(error).help(
          fmt::format("it has `{}`: was it built against another version of the WIT?", near));
    if (any) return error;
    return std::move(error).help(
        "the implementation must be registered (in C++ `TENON_EXPORT_…(Type);`, in Rust "
        "`…_bindings::export!(Type with_types_in …_bindings);`)");
  }

  /// Of the main module; what adapters need of it is known to those who know both.
  Result<void> check_needs() const {
    if (options_.is_adapter) return {};
    const bool table = std::any_of(out_.imports.begin(), out_.imports.end(),
                                   [](const ImportUse& u) { return u.needs_table; });
    if (table && !out_.table)
      return std::unexpected(Error(rules::missing_export, Span::none(),
                                   "threads begin at functions of a table, and the module exports "
                                   "no `__indirect_function_table`")
                                 .help("a linker exports it when told `--export-table`"));
    if (out_.needs_memory() && !out_.memory && !out_.imported_memory)
      return std::unexpected(
          Error(rules::missing_export, Span::none(),
                "strings and lists go through memory, and the module exports no `memory`")
              .help("a linker exports it unless it is told not to"));
    if ((out_.needs_realloc() && !out_.realloc) ||
        (out_.needs_export_realloc() && !out_.export_realloc))
      return std::unexpected(
          Error(rules::missing_export, Span::none(),
                "strings and lists come into the module, and it exports no `cabi_realloc`")
              .help("link the bindings' support file, which has it"));
    return {};
  }

  const core::Module& module_;
  const wit::Packages& packages_;
  abi::Types types_;
  const wit::World& world_;
  const ShapeOptions& options_;
  WorldNames names_;
  AsyncValues async_values_;
  std::map<std::string_view, const core::Export*> exports_;
  ModuleShape out_;
};

}  // namespace

namespace {
template <class Test>
bool any_export(const ModuleShape& shape, Test test) {
  return std::ranges::any_of(shape.exports,
                             [&](const auto& e) { return std::ranges::any_of(e.second, test); });
}
}  // namespace

bool ModuleShape::needs_memory() const {
  return std::ranges::any_of(imports, &ImportUse::needs_memory) ||
         any_export(*this, [](const ExportUse& u) { return u.needs_memory; });
}
bool ModuleShape::needs_realloc() const {
  return std::ranges::any_of(imports, &ImportUse::needs_realloc);
}
bool ModuleShape::needs_export_realloc() const {
  return any_export(*this, [](const ExportUse& u) { return u.needs_realloc; });
}

Result<void> check_threads(const core::Module& module) {
  for (const core::Import& import : module.imports) {
    if (is_of_threads(import)) {
      return std::unexpected(
          Error(rules::unknown_import, import.span,
                fmt::format("`{}` from `{}`: the module was built for {}, and components have none",
                            import.name, import.module,
                            import.module == "wasi" ? "wasi-threads" : "threads"))
              .help(std::string(without_threads)));
    }
  }
  for (const core::Import& import : module.imports) {
    if (import.type.kind == core::ExternKind::mem && import.type.mem.shared)
      return std::unexpected(shared_memory(import));
  }
  return {};
}

Result<ModuleShape> shape_of(const core::Module& module, const wit::Packages& packages,
                             const wit::World& world, const ShapeOptions& options) {
  return Shape(module, packages, world, options).run();
}

}  // namespace tenon::builder
