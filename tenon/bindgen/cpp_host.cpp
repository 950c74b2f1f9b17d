// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/cpp_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/bindgen/cpp_types.h"
#include "tenon/bindgen/relative_names.h"
#include "tenon/wit/file_name.h"

namespace tenon::bindgen {

namespace {

/// What the guest exports, the host holds by handles; what the guest imports are the host's
/// objects.
constexpr HandleForms handle_forms{
    .own_imported = "::std::unique_ptr<{}>",
    .own_exported = "::tenon::Own<{}>",
    .lent_imported = "::tenon::HostRef<{}>",
    .lent_exported = "::tenon::Borrow<{}>",
    .lent_parameter = "::tenon::HostRef<{}>",
};

/// Prints one world.
class CppHost {
 public:
  CppHost(const WorldPlan& plan, const Options& options)
      : plan_(plan), options_(options), types_(plan, handle_forms) {
    NameScope picks(Language::cpp);
    for (const auto& mod : plan_.modules)
      picks_.push_back(mod.interface ? picks.take(plan_.member_name(mod)) : std::string());
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) classes_.push_back(class_names(i));
  }

  std::vector<File> run() {
    Emit out;
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "bindings for a host in C++23");
    out.line("#pragma once").blank().line("#include \"tenon/runtime/bindings.h\"");
    for (const ModuleIdx idx : types_.order()) {
      emit_types(out, idx);
      emit_traits(out, idx);
    }
    for (const ModuleIdx idx : types_.order()) {
      if (!is_export(idx)) emit_linker(out, idx);
    }
    for (const ModuleIdx idx : types_.order()) {
      if (is_export(idx) && module(idx).interface) emit_functions(out, idx);
    }
    emit_world(out);
    return {{wit::file_stem(types_.world()) + "_host.h", with_relative_names(out.take())}};
  }

 private:
  /// Names in the class of a module's functions; those of a resource are in a group of their own.
  struct ClassNames {
    std::string name;
    /// One for each function of the module: the method, and the handle that it calls.
    std::vector<std::string> methods;
    std::vector<std::string> handles;
    /// One for each resource of the module.
    std::vector<std::string> groups;
    /// The world's class: one for each module that it exports.
    std::vector<std::string> members;
    /// All that stand for values: no parameter is called so.
    std::unordered_set<std::string> fields;
  };

  [[nodiscard]] const Module& module(ModuleIdx idx) const { return plan_.modules[idx]; }
  [[nodiscard]] bool is_export(ModuleIdx idx) const {
    return module(idx).direction == Direction::export_;
  }
  [[nodiscard]] bool has_items(ModuleIdx idx) const {
    return !module(idx).functions.empty() || !module(idx).resources.empty();
  }
  [[nodiscard]] std::string result_type(ModuleIdx idx, const wit::Function& func) const {
    return types_.type_or(func.result, idx, "void");
  }
  [[nodiscard]] bool is_in_world(ModuleIdx idx) const {
    return is_export(idx) && module(idx).interface && !module(idx).functions.empty();
  }

  [[nodiscard]] ClassNames class_names(ModuleIdx idx) const {
    const Module& mod = module(idx);
    ClassNames out;
    NameScope scope(Language::cpp);
    if (mod.interface) {
      out.name = types_.extra_name(idx, "functions");
      scope.reserve("find");
    } else {
      out.name = "world";
      scope.reserve("bind").reserve("instantiate");
    }
    scope.reserve(out.name);
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      const bool free = mod.functions[i].func->kind == wit::FuncKind::freestanding;
      out.methods.push_back(free ? scope.take(types_[idx].functions[i]) : types_[idx].functions[i]);
    }
    for (const auto& resource : mod.resources) {
      out.groups.push_back(scope.take(types_[idx].types.at(resource.type.value)));
      scope.reserve(types_[idx].types.at(resource.type.value) + "_group_");
    }
    for (ModuleIdx i; !mod.interface && i.value < plan_.modules.size(); ++i.value) {
      out.members.push_back(is_in_world(i) ? scope.take(plan_.member_name(module(i)))
                                           : std::string());
    }
    for (const auto& method : out.methods) out.handles.push_back(scope.take(method + "_"));
    for (const auto* names : {&out.handles, &out.groups, &out.members})
      out.fields.insert(names->begin(), names->end());
    out.fields.insert(out.name);
    // g++ -Wshadow: nor like an alias around the class.
    for (const ModuleIdx around : {idx, ModuleIdx(0U)}) {
      const auto& aliases = types_[around].aliases;
      out.fields.insert(aliases.begin(), aliases.end());
    }
    return out;
  }

  // Types.

  void emit_types(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (mod.types.empty()) return;
    out.blank();
    if (mod.info != nullptr) out.docs(mod.info->docs);
    out.line(fmt::format("namespace {} {{", types_[idx].path)).blank();
    types_.emit_types(out, idx, [&](const ResourcePlan& resource) {
      if (is_export(idx)) {
        emit_handle_class(out, idx, resource);
      } else {
        emit_object_class(out, idx, resource);
      }
    });
    out.blank().line(fmt::format("}}  // namespace {}", types_[idx].path));
  }

  /// A resource of the host's: a class to derive from.
  void emit_object_class(Emit& out, ModuleIdx idx, const ResourcePlan& resource) {
    const std::string& name = types_[idx].types.at(resource.type.value);
    out.blank().docs(plan_.type(resource.type).info.docs);
    // A child that it makes holds `shared_from_this()`, and so keeps it alive.
    out.open(fmt::format("class {0} : public ::std::enable_shared_from_this<{0}> {{", name))
        .dedent()
        .line(" public:")
        .indent();
    out.line(fmt::format("virtual ~{}() = default;", name));
    const Module& mod = module(idx);
    for (const std::size_t i : resource.functions) {
      const auto& func = *mod.functions[i].func;
      if (func.kind != wit::FuncKind::method) continue;
      const auto names = types_.params(func, true);
      std::vector<std::string> params;
      for (std::size_t n = 0; n < names.size(); ++n) {
        params.push_back(fmt::format("{} {}", host_param(func.params[n + 1].type, idx), names[n]));
      }
      out.docs(func.info.docs);
      out.line(fmt::format("virtual {} {}({}) = 0;", result_type(idx, func),
                           types_[idx].functions[i], fmt::join(params, ", ")));
    }
    out.close("};");
  }

  /// The methods of a resource of the guest's: `resource` and its places in `functions`.
  template <class F>
  void each_handle_method(ModuleIdx idx, const ResourcePlan& resource, F f) const {
    NameScope scope(Language::cpp);
    // No parameter has the name of the class around it or of what `emit_handle_methods` declares.
    auto reserved = classes_[idx].fields;
    reserved.insert({types_[idx].types.at(resource.type.value), "own_", "group_"});
    // The members of `Own`, from which nobody can tell the guest's.
    for (const char* own : {"handle", "store", "release", "drop"}) scope.reserve(own);
    scope.reserve(types_[idx].types.at(resource.type.value));
    for (const std::size_t i : resource.functions) {
      const auto& func = *module(idx).functions[i].func;
      if (func.kind != wit::FuncKind::method) continue;
      const auto names = types_.params(func, true, reserved);
      std::vector<std::string> params;
      for (std::size_t n = 0; n < names.size(); ++n)
        params.push_back(
            fmt::format("{} {}", method_param(func.params[n + 1].type, idx), names[n]));
      f(i, scope.take(snake(func.plain_name())), names, join_texts(params, ", "));
    }
  }
  [[nodiscard]] bool has_methods(ModuleIdx idx, const ResourcePlan& resource) const {
    return std::ranges::any_of(resource.functions, [&](std::size_t i) {
      return module(idx).functions[i].func->kind == wit::FuncKind::method;
    });
  }

  /// What `tenon::Own` of the resource derives from.
  void emit_handle_class(Emit& out, ModuleIdx idx, const ResourcePlan& resource) const {
    if (!has_methods(idx, resource)) return;
    const std::string& name = types_[idx].types.at(resource.type.value);
    out.blank().docs(plan_.type(resource.type).info.docs);
    out.open(fmt::format("class {} {{", name)).dedent().line(" public:").indent();
    out.line("using methods_of_handle_ = void;");
    each_handle_method(idx, resource,
                       [&](std::size_t i, const auto& method, const auto&, const auto& params) {
                         const auto& func = *module(idx).functions[i].func;
                         out.docs(func.info.docs);
                         out.line(fmt::format("[[nodiscard]] ::tenon::Outcome<{}> {}({}) const;",
                                              result_type(idx, func), method, params));
                       });
    // The methods are those of an `Own`: by itself it is not an object.
    out.blank().dedent().line(" protected:").indent();
    out.line(fmt::format("{}() = default;", name)).line(fmt::format("~{}() = default;", name));
    out.line(fmt::format("{0}(const {0}&) = delete;", name));
    out.line(fmt::format("{0}& operator=(const {0}&) = delete;", name));
    out.close("};");
  }

  /// What those methods do: the interface's own function, of the instance that the handle is of.
  void emit_handle_methods(Emit& out, ModuleIdx idx, const ResourcePlan& resource) const {
    const std::string full = types_.resource(resource.type, idx);
    const std::string group = fmt::format("{}::{}::{}_group_", types_[idx].ns, classes_[idx].name,
                                          types_[idx].types.at(resource.type.value));
    each_handle_method(
        idx, resource,
        [&](std::size_t i, const auto& method, const auto& names, const auto& params) {
          const auto& func = *module(idx).functions[i].func;
          std::vector<std::string> given = {"own_"};
          for (std::size_t n = 0; n < names.size(); ++n)
            given.push_back(plan_.of(func.params[n + 1].type).has_own
                                ? fmt::format("::std::move({})", names[n])
                                : names[n]);
          out.blank();
          out.open(fmt::format("inline ::tenon::Outcome<{}> {}::{}({}) const {{",
                               result_type(idx, func), full.substr(2), method, params));
          out.line(
              fmt::format("const auto& own_ = static_cast<const ::tenon::Own<{}>&>(*this);", full));
          out.line(fmt::format(
              "const auto* const group_ = ::tenon::bindings::methods_of<{}>(own_);", group));
          out.line(
              "if (group_ == nullptr) return "
              "::std::unexpected(::tenon::bindings::no_methods(own_));");
          out.line(fmt::format("return group_->{}({});", classes_[idx].methods[i],
                               fmt::join(given, ", ")));
          out.close();
        });
  }

  /// How each type of the module crosses.
  void emit_traits(Emit& out, ModuleIdx idx) const {
    const CppModule& named = types_[idx];
    for (const TypeIdx type : module(idx).types) {
      const auto* structure = std::get_if<wit::DefValType>(&plan_.type(type).def);
      if (structure == nullptr) continue;
      const std::string full = named.ns + "::" + named.types.at(type.value);
      const auto members = types_.members(type, idx);
      if (const auto* record = std::get_if<component::Record>(structure)) {
        std::vector<std::string> rows;
        for (std::size_t i = 0; i < members.size(); ++i) {
          rows.push_back(fmt::format("::tenon::member(\"{}\", &{}::{})", record->fields[i].label,
                                     full, members[i]));
        }
        out.blank().line("template <>");
        out.line(fmt::format("inline constexpr auto tenon::members<{}> = ::std::tuple(\n    {});",
                             full, fmt::join(rows, ",\n    ")));
      } else if (const auto* variant = std::get_if<component::Variant>(structure)) {
        std::vector<std::string> labels;
        std::vector<std::string> cases;
        for (std::size_t i = 0; i < members.size(); ++i) {
          labels.push_back(variant->cases[i].label);
          cases.push_back(
              fmt::format("{}::{}::{}", named.ns, named.cases.at(type.value), members[i]));
        }
        emit_labels(out, "case_labels", full, labels);
        out.line(fmt::format(
            "template <>\nstruct tenon::runtime::Abi<{0}>\n    : tenon::runtime::CaseVariant<{0},\n"
            "                                  {1}> {{}};",
            full, fmt::join(cases, ",\n                                  ")));
      } else if (const auto* one = std::get_if<component::Enum>(structure)) {
        emit_labels(out, "enum_labels", full, one->labels);
      } else if (const auto* flags = std::get_if<component::Flags>(structure)) {
        emit_labels(out, "flag_labels", full, flags->labels);
      }
    }
  }

  static void emit_labels(Emit& out, std::string_view table, std::string_view full,
                          const std::vector<std::string>& labels) {
    out.blank().line("template <>");
    out.line(fmt::format(
        "inline constexpr auto tenon::{}<{}> = ::std::to_array<::std::string_view>({{\"{}\"}});",
        table, full, fmt::join(labels, "\", \"")));
  }

  // Imports.

  /// The type that a host function's parameter has.
  [[nodiscard]] std::string host_param(ValType type, ModuleIdx idx) const {
    const auto* def = plan_.structure(type);
    if (const auto* lent = def != nullptr ? std::get_if<component::Borrow>(def) : nullptr;
        lent != nullptr && !plan_.is_exported_resource(lent->resource, idx)) {
      return types_.resource(lent->resource, idx) + "&";
    }
    if (options_.ownership == Ownership::borrowing && types_.is_lendable(type))
      return types_.view_value(type, idx);
    return types_.type(type, idx);
  }

  /// Under what name the host's object has a function: statics and constructors have their
  /// resource's.
  [[nodiscard]] std::string host_name(ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    if (func.kind == wit::FuncKind::freestanding) return types_[idx].functions[i];
    if (func.kind != wit::FuncKind::constructor) return types_[idx].flat_functions[i];
    return "new_" + types_[idx].flat_functions[i];
  }

  /// The structure that finds it. A constructor's has not the resource's name, which would hide the
  /// resource in all that follows; a name that ends in `_` no function of the WIT has.
  [[nodiscard]] std::string found_name(ModuleIdx idx, std::size_t i) const {
    const bool constructor = module(idx).functions[i].func->kind == wit::FuncKind::constructor;
    return constructor ? host_name(idx, i) + "_" : types_[idx].flat_functions[i];
  }

  /// Finds what the host's class has under each name, so that it can be compared and shown.
  void emit_found(Emit& out, ModuleIdx idx) const {
    const Module& mod = module(idx);
    out.line("namespace found_ {");
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (mod.functions[i].func->kind != wit::FuncKind::method)
        emit_found_struct(out, found_name(idx, i), host_name(idx, i));
    }
    out.line("}  // namespace found_").blank();
  }

  void emit_linker(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (!has_items(idx)) return;
    out.blank().line(fmt::format("namespace {} {{", types_[idx].path)).blank();
    emit_found(out, idx);
    const std::string name = types_.extra_name(idx, "add_to_linker");
    out.docs(
        fmt::format("Gives a linker what `{}` needs: of an object, which must outlive the "
                    "linker's instances, or of what a\n"
                    "function finds for a store, `Host& (*)(::tenon::Store&)`.",
                    mod.interface ? mod.id : plan_.packages->id_of(plan_.world)));
    out.line("template <class HostOrFind>");
    out.open(
        fmt::format("[[nodiscard]] ::tenon::Result<void> {}(::tenon::Linker& linker_, HostOrFind& "
                    "host_or_find_) {{",
                    name));
    out.line("const auto find_ = ::tenon::bindings::host_of(host_or_find_);");
    out.line("using Host [[maybe_unused]] = ::tenon::bindings::HostOf<decltype(find_)>;");
    out.line(fmt::format("::tenon::bindings::Definer define_(linker_.{}, find_);",
                         mod.interface ? fmt::format("instance(\"{}\")", mod.id) : "root()"));
    for (const auto& resource : mod.resources) {
      out.line(fmt::format("define_.resource<{}>(\"{}\");", types_.resource(resource.type, idx),
                           resource.name));
    }
    for (std::size_t i = 0; i < mod.functions.size(); ++i) emit_import(out, idx, i);
    out.line("return define_.done();").close();
    emit_more_forms(out, name);
    out.blank().line(fmt::format("}}  // namespace {}", types_[idx].path));
  }

  /// The other ways to call a function that adds to a linker.
  static void emit_more_forms(Emit& out, std::string_view name) {
    out.line("template <::tenon::bindings::FindsHost Find>");
    out.open(fmt::format(
        "[[nodiscard]] ::tenon::Result<void> {}(::tenon::Linker& linker_, const Find&& find_) {{",
        name));
    out.line(fmt::format("return {}(linker_, find_);", name)).close();
    out.docs(
        "The same of the extension that a store has of this type; instantiation checks that it "
        "has.");
    out.line("template <class Host>");
    out.open(
        fmt::format("[[nodiscard]] ::tenon::Result<void> {}(::tenon::Linker& linker_) {{", name));
    out.line(fmt::format("return {}(linker_, ::tenon::bindings::ExtensionHost<Host>());", name))
        .close();
  }

  void emit_import(Emit& out, ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    const bool method = func.kind == wit::FuncKind::method;
    const std::string result = result_type(idx, func);
    std::vector<std::string> params;
    std::vector<std::string> wanted;
    std::vector<std::string> declared;
    std::vector<std::string> given;
    std::vector<std::string> types;
    const auto names = types_.params(func, false);
    for (std::size_t n = 0; n < func.params.size(); ++n) {
      const std::string type = host_param(func.params[n].type, idx);
      types.push_back(type);
      const std::string argument = types_.apart_from_aliases(idx, fmt::format("a{}", n));
      params.push_back(fmt::format("{} {}", type, argument));
      if (n == 0 && method) continue;
      wanted.push_back(fmt::format("{} {}", type, names[n]));
      declared.push_back(fmt::format("::std::declval<{}>()", type));
      given.push_back(type.ends_with('&') ? argument : fmt::format("::std::move({})", argument));
    }
    if (method) {
      out.line(fmt::format("define_.func(\"{}\", []({}) -> {} {{ return {}.{}({}); }});", func.name,
                           fmt::join(params, ", "), result, types_.apart_from_aliases(idx, "a0"),
                           types_[idx].functions[i], fmt::join(given, ", ")));
      return;
    }
    const std::string name = host_name(idx, i);
    const std::string call =
        fmt::format("::std::declval<Host&>().{}({})", name, fmt::join(declared, ", "));
    const std::string fits =
        fmt::format("found_::{}<Host>::as_found_::template fits<::tenon::or_failure<{}>({})>",
                    found_name(idx, i), result, fmt::join(types, ", "));
    const std::string message = fmt::format(
        "\"the guest imports `{}`: write `{} {}({})` in the host's class, where it is public\"",
        func.name, c_escape(result), name, c_escape(join_texts(wanted, ", ")));
    out.line(fmt::format("static_assert({},\n              {});", fits, message));
    out.open(fmt::format("if constexpr (requires {{ {}; }}) {{", call));
    out.line(fmt::format("using R = decltype({});", call));
    out.line(
        fmt::format("static_assert(!{} || ::tenon::bindings::Gives<R, {}>,\n              {});",
                    fits, result, message));
    params.insert(params.begin(), "::tenon::Store& store_");
    out.line(
        fmt::format("define_.func(\"{}\", [find_]({}) -> ::tenon::bindings::Given<R, {}> {{\n  "
                    "return find_(store_).{}({});\n}});",
                    func.name, fmt::join(params, ", "), result, name, fmt::join(given, ", ")));
    out.close("} else {").indent();
    out.line(
        fmt::format("static_assert(!{} || sizeof(Host) == 0,\n              {});", fits, message));
    out.close();
  }

  // Exports.

  void emit_functions(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (mod.functions.empty()) return;
    const std::string& name = classes_[idx].name;
    out.blank().line(fmt::format("namespace {} {{", types_[idx].path)).blank();
    out.docs(fmt::format(
        "What an instance exports as `{}`. May outlive its store: then calls are errors.", mod.id));
    out.open(fmt::format("class {} {{", name)).dedent().line(" public:").indent();
    out.docs("Finds the functions and checks their types.");
    out.open(
        fmt::format("[[nodiscard]] static ::tenon::Result<{}> find(::tenon::Store& store_, const "
                    "::tenon::Instance& instance_) {{",
                    name));
    out.line(fmt::format("{} out_;\n::tenon::bindings::Finder find_(store_, instance_);", name));
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      out.line(fmt::format("find_(\"{}\", out_.{});", mod.functions[i].core_name, place(idx, i)));
    }
    for (std::size_t n = 0; n < mod.resources.size(); ++n) {
      const auto& all = mod.resources[n].functions;
      const auto method = std::ranges::find_if(
          all, [&](std::size_t i) { return mod.functions[i].func->kind == wit::FuncKind::method; });
      if (method != all.end())
        out.line(fmt::format("find_.methods(out_.{}, out_.{});", place(idx, *method),
                             classes_[idx].groups[n]));
    }
    out.line("return find_.done(::std::move(out_));").close();
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (mod.functions[i].func->kind == wit::FuncKind::freestanding) emit_method(out, idx, i);
    }
    for (std::size_t i = 0; i < mod.resources.size(); ++i) emit_group(out, idx, i);
    out.dedent().blank().line(" private:").indent();
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (mod.functions[i].func->kind == wit::FuncKind::freestanding) emit_member(out, idx, i);
    }
    out.close("};");
    out.blank().line(fmt::format("}}  // namespace {}", types_[idx].path));
    for (const auto& resource : mod.resources) emit_handle_methods(out, idx, resource);
  }

  /// The functions of a resource, together: `shapes.canvas.width(handle)`.
  void emit_group(Emit& out, ModuleIdx idx, std::size_t n) {
    const Module& mod = module(idx);
    const ResourcePlan& resource = mod.resources[n];
    const std::string& name = types_[idx].types.at(resource.type.value);
    out.blank().docs(plan_.type(resource.type).info.docs);
    out.open(fmt::format("class {}_group_ {{", name)).dedent().line(" public:").indent();
    for (const std::size_t i : resource.functions) emit_method(out, idx, i);
    out.dedent().blank().line(" private:").indent();
    out.line(fmt::format("friend class {};", classes_[idx].name));
    for (const std::size_t i : resource.functions) emit_member(out, idx, i);
    out.close("};").line(fmt::format("{}_group_ {};", name, classes_[idx].groups[n]));
  }

  /// Where a function's handle is inside the class of its interface.
  [[nodiscard]] std::string place(ModuleIdx idx, std::size_t i) const {
    const std::string& own = classes_[idx].handles[i];
    const auto resource = module(idx).functions[i].resource;
    return resource ? classes_[idx].groups[*resource] + "." + own : own;
  }

  [[nodiscard]] std::string signature(ModuleIdx idx, const wit::Function& func) const {
    std::vector<std::string> params;
    for (const auto& param : func.params) params.push_back(types_.view(param.type, idx));
    return fmt::format("{}({})", result_type(idx, func), fmt::join(params, ", "));
  }

  /// A parameter of a method: a list of its own takes `{a, b}` too, a scalar and an option of one
  /// nothing that is of another kind.
  [[nodiscard]] std::string method_param(ValType type, ModuleIdx idx) const {
    constexpr std::string_view span = "::std::span<const ";
    const auto* def = plan_.structure(type);
    const auto* option = def != nullptr ? std::get_if<component::Option>(def) : nullptr;
    const auto prim = plan_.prim(option != nullptr ? option->type : type);
    if (prim && plan_.is_scalar(component::ValType(*prim)))
      return fmt::format("::tenon::Arg<{}>", types_.view_value(type, idx));
    std::string view = types_.view(type, idx);
    if (view.starts_with(span)) return "::tenon::ListView<" + view.substr(span.size());
    return view;
  }

  void emit_method(Emit& out, ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    const auto names = types_.params(func, false, classes_[idx].fields);
    std::vector<std::string> params;
    std::vector<std::string> given;
    for (std::size_t n = 0; n < names.size(); ++n) {
      const std::string type = method_param(func.params[n].type, idx);
      params.push_back(fmt::format("{} {}", type, names[n]));
      given.push_back(plan_.of(func.params[n].type).has_own
                          ? fmt::format("::std::move({})", names[n])
                          : names[n]);
    }
    out.blank().docs(func.info.docs);
    out.open(fmt::format("[[nodiscard]] ::tenon::Outcome<{}> {}({}) const {{",
                         result_type(idx, func), classes_[idx].methods[i],
                         fmt::join(params, ", ")));
    out.line(fmt::format("return this->{}({});", classes_[idx].handles[i], fmt::join(given, ", ")))
        .close();
  }

  void emit_member(Emit& out, ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    out.line(
        fmt::format("::tenon::TypedFunc<{}> {};", signature(idx, func), classes_[idx].handles[i]));
  }

  // The world.

  [[nodiscard]] bool any_imports() const {
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
      if (!is_export(i) && has_items(i)) return true;
    }
    return false;
  }

  void emit_add_to_linker(Emit& out) {
    out.docs(
        "Gives a linker everything that the world imports: of an object, which must outlive the "
        "linker's instances,\n"
        "or of what a function finds for a store, `Host& (*)(::tenon::Store&)`. An interface is "
        "implemented by the\n"
        "host's member of its name, or by the host itself.");
    out.line("template <class HostOrFind>");
    out.open(
        "[[nodiscard]] ::tenon::Result<void> add_world_to_linker(::tenon::Linker& linker_, "
        "HostOrFind& "
        "host_or_find_) {");
    out.line("const auto find_ = ::tenon::bindings::host_of(host_or_find_);");
    out.line("using Host [[maybe_unused]] = ::tenon::bindings::HostOf<decltype(find_)>;");
    for (const ModuleIdx idx : types_.order()) {
      if (is_export(idx) || !has_items(idx)) continue;
      const std::string call =
          fmt::format("{}::{}", types_[idx].ns, types_.extra_name(idx, "add_to_linker"));
      const std::string whole =
          fmt::format("if (auto added_ = {}(linker_, find_); !added_) return added_;", call);
      if (!module(idx).interface) {
        out.line(whole);
        continue;
      }
      out.open(fmt::format("if constexpr (requires(Host& host_) {{ host_.{}; }}) {{",
                           picks_[idx.value]));
      out.line(
          fmt::format("const auto part_ = ::tenon::bindings::part_of(find_, [](Host& host_) -> "
                      "auto& {{ return host_.{}; }});",
                      picks_[idx.value]));
      out.line(fmt::format("if (auto added_ = {}(linker_, part_); !added_) return added_;", call));
      out.close("} else {").indent();
      out.line(whole).close();
    }
    out.line("return {};").close();
    emit_more_forms(out, "add_world_to_linker");
    out.blank();
  }

  void emit_world(Emit& out) {
    const wit::World& world = plan_.wit_world();
    const ModuleIdx own(1U);
    out.blank().line(fmt::format("namespace {} {{", types_.world())).blank();
    if (any_imports()) emit_add_to_linker(out);
    out.docs(world.info.docs)
        .docs(
            "An instance of the world: its exports. May outlive its store: then calls are errors.");
    out.open("class world {").dedent().line(" public:").indent();
    out.docs("Finds the world's exports in an instance and checks their types.");
    out.open(
        "[[nodiscard]] static ::tenon::Result<world> bind(::tenon::Store& store_, const "
        "::tenon::Instance& "
        "instance_) {");
    out.line("world out_;\n[[maybe_unused]] ::tenon::bindings::Finder find_(store_, instance_);");
    const ClassNames& names = classes_[own];
    for (std::size_t i = 0; i < names.handles.size(); ++i) {
      out.line(fmt::format("find_(\"{}\", out_.{});", module(own).functions[i].core_name,
                           names.handles[i]));
    }
    std::vector<std::pair<std::string, std::string>> members;
    for (const ModuleIdx idx : types_.order()) {
      if (!is_in_world(idx)) continue;
      members.emplace_back(types_[idx].ns + "::" + classes_[idx].name, names.members[idx.value]);
      out.line(fmt::format("find_.take({}::find(store_, instance_), out_.{});",
                           members.back().first, members.back().second));
    }
    out.line("return find_.done(::std::move(out_));").close();
    emit_instantiate(out);
    for (std::size_t i = 0; i < names.handles.size(); ++i) emit_method(out, own, i);
    if (!members.empty()) out.blank();
    for (const auto& [type, name] : members) out.line(fmt::format("{} {};", type, name));
    out.dedent().blank().line(" private:").indent();
    out.line("world() = default;");
    for (std::size_t i = 0; i < names.handles.size(); ++i) emit_member(out, own, i);
    out.close("};");
    out.blank().line(fmt::format("}}  // namespace {}", types_.world()));
  }

  void emit_instantiate(Emit& out) const {
    out.blank().docs("Instantiates a component with what a linker has.");
    out.open(
        "[[nodiscard]] static ::tenon::Made<world> instantiate(::tenon::Store& store_, const "
        "::tenon::Component& component_,\n"
        "                                                      const ::tenon::Linker& linker_) {");
    out.line(
        "auto instance_ = linker_.instantiate(store_, component_);\n"
        "if (!instance_) return ::std::unexpected(::std::move(instance_).error());\n"
        "return bind(store_, *instance_);");
    out.close();
    if (any_imports()) {
      out.blank().docs(
          "Instantiates a component over a host that implements what the world imports.");
      out.line("template <class Host>\n  requires(!::std::same_as<Host, ::tenon::Linker>)");
      out.open(
          "[[nodiscard]] static ::tenon::Made<world> instantiate(::tenon::Store& store_, const "
          "::tenon::Component& component_,\n"
          "                                                      Host& host_) {");
      out.line(
          "::tenon::Linker linker_(store_.engine());\n"
          "if (auto added_ = add_world_to_linker(linker_, host_); !added_) {\n"
          "  return ::std::unexpected(::std::move(added_).error());\n}\n"
          "return instantiate(store_, component_, ::std::as_const(linker_));");
    } else {
      out.blank().docs("Instantiates a component, which imports nothing.");
      out.open(
          "[[nodiscard]] static ::tenon::Made<world> instantiate(::tenon::Store& store_, const "
          "::tenon::Component& component_) {");
      out.line("return instantiate(store_, component_, ::tenon::Linker(store_.engine()));");
    }
    out.close();
  }

  const WorldPlan& plan_;
  const Options& options_;
  CppTypes types_;
  std::vector<std::string> picks_;
  IndexVector<ModuleIdx, ClassNames> classes_;
};

}  // namespace

std::vector<File> generate_cpp_host(const WorldPlan& plan, const Options& options) {
  return CppHost(plan, options).run();
}

}  // namespace tenon::bindgen
