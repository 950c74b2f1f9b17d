// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/cpp_guest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tenon/base/ascii.h"
#include "tenon/bindgen/cpp_types.h"
#include "tenon/bindgen/relative_names.h"
#include "tenon/wit/file_name.h"

namespace tenon::bindgen {

namespace {

constexpr HandleForms handle_forms{
    .lent_imported = "::tenon::guest::borrow<{}>",
    .lent_exported = "::tenon::guest::exported_borrow<{}>",
    .lent_parameter = "const {}&",
};

std::string core_type(Flat flat) {
  return fmt::format("::std::{}", core_c_type(flat));
}
std::string core_cpp_type(Flat flat) {
  return flat == Flat::f32 || flat == Flat::f64 ? std::string(core_c_type(flat)) : core_type(flat);
}
std::string core_result(const FuncPlan& func) {
  return func.core_result ? core_cpp_type(*func.core_result) : "void";
}

/// Prints one world.
class CppGuest {
 public:
  CppGuest(const WorldPlan& plan, const Options& options)
      : plan_(plan), options_(options), types_(plan, handle_forms) {
    name_picks();
  }

  std::vector<File> run() {
    return {{wit::file_stem(types_.world()) + ".hpp", header()},
            {wit::file_stem(types_.world()) + ".cpp", source()},
            {"tenon_guest.hpp", std::string(guest_header_cpp())},
            {"tenon_guest_rt.c", std::string(guest_realloc()) + std::string(guest_stubs())}};
  }

  /// The user's own file to begin with.
  File stubs() {
    Emit out;
    out.line(fmt::format("#include \"{}.hpp\"", wit::file_stem(types_.world()))).blank();
    out.line("// Each function traps until it is written.");
    out.open("struct Component {");
    bool any = false;
    bool several = false;
    for (const ModuleIdx idx : types_.order()) {
      if (!is_export(idx) || (module(idx).functions.empty() && module(idx).resources.empty()))
        continue;
      any = true;
      if (module(idx).interface) {
        if (several) out.blank();
        several = true;
        out.docs(module(idx).info != nullptr ? module(idx).info->docs : "");
        out.open(fmt::format("struct {} {{", picks_[idx.value]));
      }
      emit_stub_members(out, idx);
      if (module(idx).interface) out.close("};");
    }
    out.close("};");
    if (any) out.blank().line(fmt::format("TENON_EXPORT_{}(Component);", types_.world()));
    return {fmt::format("src/{}_impl.cpp", wit::file_stem(types_.world())), out.take()};
  }

  GuestNames names() const {
    GuestNames out;
    out.header = wit::file_stem(types_.world()) + ".hpp";
    out.world = types_.world();
    return out;
  }

 private:
  void emit_stub_members(Emit& out, ModuleIdx idx) const {
    const Module& mod = module(idx);
    const auto emit_one = [&](std::size_t i) {
      out.docs(mod.functions[i].func->info.docs);
      const std::string signature = wanted_signature(idx, i);
      out.line((hides_std_ ? signature : without_std_colons(signature)) + " { __builtin_trap(); }");
    };
    for (const auto& resource : mod.resources) {
      out.docs(plan_.type(resource.type).info.docs);
      out.open(fmt::format("struct {} {{", types_[idx].types.at(resource.type.value)));
      for (const std::size_t i : resource.functions) emit_one(i);
      out.close("};");
    }
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (mod.functions[i].func->kind == wit::FuncKind::freestanding) emit_one(i);
    }
  }

  /// `::std::string` as people write it.
  static std::string without_std_colons(std::string text) {
    for (std::size_t at = 0; (at = text.find("::std::", at)) != std::string::npos;) {
      // `::a::std::b` is a name of its own.
      const char before = at == 0 ? ' ' : text[at - 1];
      const bool inner = is_letter(before) || is_digit(before) || before == '_';
      if (inner) {
        at += 2;
      } else {
        text.erase(at, 2);
      }
    }
    return text;
  }

  /// An exported function, and the names that stand for it.
  struct Export {
    ModuleIdx module;
    std::size_t at;
    std::string symbol;
  };

  [[nodiscard]] const Module& module(ModuleIdx idx) const { return plan_.modules[idx]; }
  [[nodiscard]] bool is_export(ModuleIdx idx) const {
    return module(idx).direction == Direction::export_;
  }

  /// Whether the interface has a function or a resource of its own name, which no class can have.
  [[nodiscard]] bool holds(ModuleIdx idx, const std::string& name) const {
    const Module& mod = module(idx);
    return std::ranges::any_of(mod.free_functions,
                               [&](std::size_t i) { return types_[idx].functions[i] == name; }) ||
           std::ranges::any_of(mod.resources, [&](const auto& r) {
             return types_[idx].types.at(r.type.value) == name;
           });
  }

  /// Whether a function, resource or parameter that a user writes is called `std`.
  [[nodiscard]] bool names_std(ModuleIdx idx) const {
    const Module& mod = module(idx);
    if (std::ranges::any_of(mod.resources, [&](const auto& r) {
          return types_[idx].types.at(r.type.value) == "std";
        })) {
      return true;
    }
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (types_[idx].functions[i] == "std") return true;
      for (const auto& param : mod.functions[i].func->params) {
        if (snake(param.name) == "std") return true;
      }
    }
    return false;
  }

  /// Each exported interface is implemented by a member class of this name, where there is one.
  void name_picks() {
    NameScope scope(Language::cpp);
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
      const bool wanted = is_export(i) && module(i).interface;
      std::string name = wanted ? plan_.member_name(module(i)) : std::string();
      if (wanted && is_reserved(Language::cpp, name)) name += '_';
      if (wanted && holds(i, name)) name += name.ends_with('_') ? "2" : "_";
      picks_.push_back(wanted ? scope.take(name) : std::string());
      if (is_export(i)) hides_std_ = hides_std_ || picks_.back() == "std" || names_std(i);
    }
  }

  std::string header() {
    Emit out;
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "bindings for a guest in C++23");
    out.line("#pragma once").blank();
    if (types_.uses_map()) out.line("#define TENON_GUEST_MAP 1");
    out.line("#include \"tenon_guest.hpp\"").blank();
    for (const ModuleIdx idx : types_.order()) {
      if (idx.value == 1) continue;
      emit_module(out, idx);
      emit_abi(out, idx);
    }
    for (const ModuleIdx idx : types_.order()) {
      if (is_export(idx)) emit_thunks(out, idx);
    }
    emit_export_macro(out);
    return with_relative_names(out.take());
  }

  // Types and declarations.

  void emit_module(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (mod.types.empty() && (mod.functions.empty() || is_export(idx))) return;
    out.blank();
    if (mod.info != nullptr) out.docs(mod.info->docs);
    out.line(fmt::format("namespace {} {{", types_[idx].path)).blank();
    types_.emit_types(out, idx, [&](const ResourcePlan& resource) {
      if (is_export(idx)) {
        emit_exported_class(out, idx, resource);
      } else {
        emit_imported_class(out, idx, resource);
      }
    });
    if (!is_export(idx)) {
      for (std::size_t i = 0; i < mod.functions.size(); ++i) {
        const auto& func = *mod.functions[i].func;
        if (func.kind != wit::FuncKind::freestanding) continue;
        out.blank().docs(func.info.docs);
        out.line(fmt::format("{};", import_signature(idx, i, types_[idx].functions[i])));
      }
    }
    out.blank().line(fmt::format("}}  // namespace {}", types_[idx].path));
  }

  [[nodiscard]] bool skips_self(const wit::Function& func) const {
    return func.kind == wit::FuncKind::method;
  }

  [[nodiscard]] std::string param_list(ModuleIdx idx, const wit::Function& func) const {
    const bool skip = skips_self(func);
    const auto names = types_.params(func, skip);
    std::vector<std::string> params;
    for (std::size_t i = 0; i < names.size(); ++i) {
      params.push_back(
          fmt::format("{} {}", types_.view(func.params[i + (skip ? 1 : 0)].type, idx), names[i]));
    }
    return join_texts(params, ", ");
  }

  [[nodiscard]] std::string result_type(ModuleIdx idx, const wit::Function& func) const {
    return types_.type_or(func.result, idx, "void");
  }

  [[nodiscard]] std::string import_signature(ModuleIdx idx, std::size_t i,
                                             std::string_view name) const {
    const auto& func = *module(idx).functions[i].func;
    return fmt::format("{} {}({})", result_type(idx, func), name, param_list(idx, func));
  }

  /// A constructor that yields just the resource, and would not be taken for a copy constructor.
  [[nodiscard]] bool is_plain_constructor(const wit::Function& func) const {
    if (func.kind != wit::FuncKind::constructor || !func.result) return false;
    const auto* def = plan_.structure(*func.result);
    if (def == nullptr || !std::holds_alternative<component::Own>(*def)) return false;
    if (func.params.size() != 1) return true;
    const auto* param = plan_.structure(func.params[0].type);
    return param == nullptr || (!std::holds_alternative<component::Own>(*param) &&
                                !std::holds_alternative<component::Borrow>(*param));
  }

  void emit_handle_base(Emit& out, ModuleIdx idx, const ResourcePlan& resource) const {
    const std::string& name = types_[idx].types.at(resource.type.value);
    const std::string full = types_.resource(resource.type, idx);
    out.blank().docs(plan_.type(resource.type).info.docs);
    out.open(fmt::format("class {} : public ::tenon::guest::owned_handle<{}> {{", name, full));
    out.dedent().line(" public:").indent();
    out.line(
        fmt::format("{}(::tenon::guest::adopt_t how_, ::std::int32_t handle_)\n"
                    "    : ::tenon::guest::owned_handle<{}>(how_, handle_) {{}}",
                    name, full));
    out.line("static void drop_(::std::int32_t handle);");
  }

  void emit_imported_class(Emit& out, ModuleIdx idx, const ResourcePlan& resource) const {
    emit_handle_base(out, idx, resource);
    const std::string& name = types_[idx].types.at(resource.type.value);
    const Module& mod = module(idx);
    for (const std::size_t i : resource.functions) {
      const auto& func = *mod.functions[i].func;
      out.blank().docs(func.info.docs);
      if (is_plain_constructor(func)) {
        out.line(fmt::format("explicit {}({});", name, param_list(idx, func)));
      } else if (func.kind == wit::FuncKind::method) {
        out.line(fmt::format("{} const;", import_signature(idx, i, types_[idx].functions[i])));
      } else {
        out.line(fmt::format("static {};", import_signature(idx, i, types_[idx].functions[i])));
      }
    }
    out.close("};");
  }

  /// A member that the class of an exported resource has beside `drop_` and its kind; in a class of
  /// the same name it would be taken for a constructor.
  [[nodiscard]] static std::string helper(const std::string& class_name, std::string_view wanted) {
    return std::string(wanted) + (class_name == wanted ? "_" : "");
  }

  void emit_exported_class(Emit& out, ModuleIdx idx, const ResourcePlan& resource) const {
    emit_handle_base(out, idx, resource);
    const std::string& name = types_[idx].types.at(resource.type.value);
    out.line("static ::std::int32_t make_handle_(::std::int32_t object);");
    out.line("static ::std::int32_t object_of_(::std::int32_t handle);");
    out.docs("A new object of the class that implements the resource, and the handle to it.");
    out.open("template <class T, class... Arguments>");
    out.dedent().open(
        fmt::format("static {} {}(Arguments&&... arguments_) {{", name, helper(name, "make")));
    out.line("T* const object_ = new T(::std::forward<Arguments>(arguments_)...);");
    out.line(fmt::format(
        "return {}(::tenon::guest::adopt, make_handle_(::tenon::guest::address(object_)));", name));
    out.close().docs("The object behind the handle.");
    out.open("template <class T>").dedent();
    out.open(fmt::format("[[nodiscard]] T& {}() const {{", helper(name, "get")));
    out.line(
        "return "
        "*reinterpret_cast<T*>(::tenon::guest::pointer(::tenon::guest::to_slot(object_of_(handle_"
        "of_()))));");
    out.close();
    out.close("};");
  }

  /// How each type of the module crosses.
  void emit_abi(Emit& out, ModuleIdx idx) const {
    const CppModule& named = types_[idx];
    Emit body;
    for (const auto& resource : module(idx).resources) {
      const std::string full = types_.resource(resource.type, idx);
      body.line(fmt::format("template <>\nstruct abi<{0}> : own_abi<{0}> {{}};", full));
    }
    for (const TypeIdx type : module(idx).types) {
      const auto* structure = std::get_if<wit::DefValType>(&plan_.type(type).def);
      if (structure == nullptr) continue;
      const std::string full = named.ns + "::" + named.types.at(type.value);
      std::vector<std::string> parts;
      if (std::holds_alternative<component::Record>(*structure)) {
        for (const auto& member : types_.members(type, idx))
          parts.push_back(fmt::format("&{}::{}", full, member));
        body.line(fmt::format("template <>\nstruct abi<{0}>\n    : record_abi<{0}, {1}> {{}};",
                              full, fmt::join(parts, ", ")));
      } else if (std::holds_alternative<component::Variant>(*structure)) {
        for (const auto& member : types_.members(type, idx)) {
          parts.push_back(fmt::format("{}::{}::{}", named.ns, named.cases.at(type.value), member));
        }
        body.line(fmt::format("template <>\nstruct abi<{0}>\n    : variant_abi<{0}, {1}> {{}};",
                              full, fmt::join(parts, ", ")));
      } else {
        continue;
      }
      const TypePlan plan = plan_.of(type);
      body.line(fmt::format("static_assert(abi<{0}>::size == {1} && abi<{0}>::align == {2});", full,
                            plan.size, plan.align));
      if (!plan.plain) continue;
      const auto members = types_.members(type, idx);
      for (std::size_t i = 0; i < members.size(); ++i) {
        body.line(fmt::format("static_assert(offsetof({}, {}) == {});", full, members[i],
                              plan.offsets[i]));
      }
    }
    if (body.text().empty()) return;
    out.blank()
        .line("namespace tenon::guest {")
        .raw(body.text())
        .line("}  // namespace tenon::guest");
  }

  // Exports.

  /// The type that an exported function's parameter is lifted to.
  [[nodiscard]] std::string export_param(ValType type, ModuleIdx idx) const {
    if (options_.ownership == Ownership::borrowing && types_.is_lendable(type)) {
      return types_.view_value(type, idx);
    }
    return types_.type(type, idx);
  }

  void emit_thunks(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (mod.functions.empty() && mod.resources.empty()) return;
    out.blank().line(fmt::format("namespace {}::abi_ {{", types_[idx].path)).blank();
    if (mod.interface) {
      out.docs(
          "The class that implements the interface: a member of its name, or the class itself.");
      out.line("template <class Impl>\nstruct pick {\n  using type = Impl;\n};");
      out.line(
          fmt::format("template <class Impl>\n  requires requires {{ typename Impl::{0}; }}\n"
                      "struct pick<Impl> {{\n  using type = typename Impl::{0};\n}};",
                      picks_[idx.value]));
    } else {
      out.line("template <class Impl>\nstruct pick {\n  using type = Impl;\n};");
    }
    emit_found(out, idx);
    for (std::size_t i = 0; i < mod.functions.size(); ++i) emit_thunk(out, idx, i);
    out.blank().line(fmt::format("}}  // namespace {}::abi_", types_[idx].path));
  }

  /// Finds what the user's classes have under each name, so that it can be compared and shown.
  void emit_found(Emit& out, ModuleIdx idx) const {
    const Module& mod = module(idx);
    out.blank().line("namespace found_ {");
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (is_constructor_of_class(*mod.functions[i].func)) continue;
      emit_found_struct(out, types_[idx].flat_functions[i], types_[idx].functions[i]);
    }
    out.line("}  // namespace found_");
  }

  /// What a user writes: "static double add(double a, double b)".
  [[nodiscard]] std::string wanted_signature(ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    const bool skip = skips_self(func);
    const auto names = types_.params(func, skip);
    std::vector<std::string> params;
    for (std::size_t n = 0; n < names.size(); ++n) {
      params.push_back(
          fmt::format("{} {}", export_param(func.params[n + (skip ? 1 : 0)].type, idx), names[n]));
    }
    const std::string list = join_texts(params, ", ");
    if (is_constructor_of_class(func)) {
      return fmt::format("explicit {}({})",
                         types_[idx].types.at(plan_.packages->resolve_alias(func.resource).value),
                         list);
    }
    return fmt::format("{}{} {}({})", skip ? "" : "static ", result_type(idx, func),
                       types_[idx].functions[i], list);
  }

  /// A constructor becomes that of the user's class; one that may fail a static function.
  [[nodiscard]] bool is_constructor_of_class(const wit::Function& func) const {
    if (func.kind != wit::FuncKind::constructor || !func.result) return false;
    const auto* def = plan_.structure(*func.result);
    return def != nullptr && std::holds_alternative<component::Own>(*def);
  }

  void emit_thunk(Emit& out, ModuleIdx idx, std::size_t i) {
    const FuncPlan& planned = module(idx).functions[i];
    const auto& func = *planned.func;
    const bool method = skips_self(func);
    const std::string result = result_type(idx, func);
    std::vector<std::string> lifted;  // as lifted, `self` included
    std::vector<std::string> given;   // what the user's function is given
    std::vector<std::string> types;   // and of what types
    for (std::size_t n = 0; n < func.params.size(); ++n) {
      lifted.push_back(export_param(func.params[n].type, idx));
      if (n == 0 && method) continue;
      types.push_back(lifted.back());
      given.push_back(fmt::format("::std::declval<{}>()", lifted.back()));
    }
    std::vector<std::string> core;
    std::vector<std::string> core_names;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      core_names.push_back(fmt::format("p{}", n));
      core.push_back(fmt::format("{} p{}", core_cpp_type(planned.core_params[n]), n));
    }
    const std::string& name = types_[idx].functions[i];
    out.blank().line("template <class Impl>");
    out.open(fmt::format("{} {}({}) {{", core_result(planned), types_[idx].flat_functions[i],
                         fmt::join(core, ", ")));
    const std::string target = emit_target(out, idx, func);
    const std::string arguments = join_texts(given, ", ");
    const std::string message =
        fmt::format("\"the world exports `{}`: write `{}`\"", c_escape(planned.core_name),
                    c_escape(readable(wanted_signature(idx, i))));
    std::string found;
    if (is_constructor_of_class(func)) {
      std::vector<std::string> strict;
      for (const auto& type : types)
        strict.push_back(fmt::format("::tenon::strict_argument<{}, {}>()", type, target));
      out.line(fmt::format("constexpr bool implemented = requires {{ {}({}); }};", target,
                           fmt::join(strict, ", ")));
    } else {
      found = fmt::format("found_::{}<{}>::as_found_::template fits<{}({})>",
                          types_[idx].flat_functions[i], target, result, fmt::join(types, ", "));
      const std::string call =
          method ? fmt::format("::std::declval<{}&>().{}({})", target, name, arguments)
                 : fmt::format("{}::{}({})", target, name, arguments);
      out.line(func.result ? fmt::format("constexpr bool implemented = requires {{\n  {{ {} }} -> "
                                         "::tenon::fits_as<{}>;\n}};",
                                         call, result)
                           : fmt::format("constexpr bool implemented = requires {{ {}; }};", call));
    }
    if (!found.empty())
      out.line(fmt::format("static_assert({},\n              {});", found, message));
    out.line(fmt::format("static_assert({}implemented,\n              {});",
                         found.empty() ? "" : "!" + found + " || ", message));
    emit_call(out, idx, i, target, lifted, core_names);
    out.close();
  }

  /// Names the user's class; for members of a resource the class inside it.
  std::string emit_target(Emit& out, ModuleIdx idx, const wit::Function& func) const {
    out.line("using Target = typename pick<Impl>::type;");
    if (func.kind == wit::FuncKind::freestanding) return "Target";
    const std::string& name =
        types_[idx].types.at(plan_.packages->resolve_alias(func.resource).value);
    out.line(fmt::format(
        "static_assert(requires {{ typename Target::{0}; }},\n"
        "              \"the world exports the resource `{0}`: write the class `struct {0}` "
        "inside of the class that implements the interface\");",
        name));
    out.line(fmt::format("using Object = typename Target::{};", name));
    return "Object";
  }

  void emit_call(Emit& out, ModuleIdx idx, std::size_t i, std::string_view target,
                 const std::vector<std::string>& lifted,
                 const std::vector<std::string>& core_names) const {
    const FuncPlan& planned = module(idx).functions[i];
    const auto& func = *planned.func;
    const std::string result = result_type(idx, func);
    std::vector<std::string> arguments = {core_result(planned), result};
    arguments.insert(arguments.end(), lifted.begin(), lifted.end());
    out.open("if constexpr (implemented) {");
    out.line(
        fmt::format("return ::tenon::guest::export_call<{}>::run(", fmt::join(arguments, ", ")));
    std::string head = "    [](auto&&... a) -> " + result + " {";
    std::string call = fmt::format("return {}::{}(::std::forward<decltype(a)>(a)...);", target,
                                   types_[idx].functions[i]);
    if (skips_self(func)) {
      head = "    []([[maybe_unused]] auto&& self, auto&&... a) -> " + result + " {";
      call = fmt::format("return self.template get<{}>().{}(::std::forward<decltype(a)>(a)...);",
                         target, types_[idx].functions[i]);
    } else if (is_constructor_of_class(func)) {
      const std::string& class_name =
          types_[idx].types.at(plan_.packages->resolve_alias(func.resource).value);
      call = fmt::format("return {}::template {}<{}>(::std::forward<decltype(a)>(a)...);",
                         types_.resource(func.resource, idx), helper(class_name, "make"), target);
    }
    out.line(head + " " + call + " }" + (core_names.empty() ? "" : ","));
    out.line(fmt::format("    {});", fmt::join(core_names, ", ")));
    out.close("} else {").indent().line("__builtin_trap();").close();
  }

  /// A type as a message shows it: without the leading colons of full names.
  static std::string readable(std::string text) {
    for (std::size_t at = 0; (at = text.find("::", at)) != std::string::npos;) {
      const bool leading =
          at == 0 || text[at - 1] == ' ' || text[at - 1] == '<' || text[at - 1] == '(';
      if (leading) {
        text.erase(at, 2);
      } else {
        at += 2;
      }
    }
    return text;
  }

  void emit_export_macro(Emit& out) {
    bool any = false;
    for (const auto& mod : plan_.modules) {
      any = any || (mod.direction == Direction::export_ &&
                    (!mod.functions.empty() || !mod.resources.empty()));
    }
    if (!any) return;
    Emit body;
    NameScope symbols(Language::cpp);
    for (const ModuleIdx idx : types_.order()) {
      if (!is_export(idx)) continue;
      for (std::size_t i = 0; i < module(idx).functions.size(); ++i)
        emit_core_export(body, idx, i, symbols);
      for (const auto& resource : module(idx).resources) emit_dtor(body, idx, resource, symbols);
    }
    out.blank().docs("Makes the class `Impl` what the world exports; once, at global scope.");
    const std::string text = fmt::format("#define TENON_EXPORT_{}(...)\n", types_.world()) +
                             body.take() + "static_assert(true)";
    std::string escaped;
    for (const char c : text) escaped += c == '\n' ? std::string(" \\\n  ") : std::string(1, c);
    out.line(escaped);
  }

  void emit_core_export(Emit& out, ModuleIdx idx, std::size_t i, NameScope& symbols) const {
    const FuncPlan& planned = module(idx).functions[i];
    const std::string symbol =
        symbols.take(fmt::format("{}_export_{}", types_.world(), snake(planned.core_name)));
    std::vector<std::string> core;
    std::vector<std::string> names;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      names.push_back(fmt::format("p{}", n));
      core.push_back(fmt::format("{} p{}", core_cpp_type(planned.core_params[n]), n));
    }
    out.line(fmt::format("extern \"C\" __attribute__((export_name(\"{}\"))) {} {}({}) {{",
                         planned.export_name, core_result(planned), symbol, fmt::join(core, ", ")));
    out.line(fmt::format("  return {}::abi_::{}<__VA_ARGS__>({});", types_[idx].ns,
                         types_[idx].flat_functions[i], fmt::join(names, ", ")));
    out.line("}");
    if (planned.post_name.empty()) return;
    out.line(fmt::format(
        "extern \"C\" __attribute__((export_name(\"{}\"))) void {}_post(::std::int32_t area) {{",
        planned.post_name, symbol));
    out.line(
        fmt::format("  ::tenon::guest::returned<{}>::end(area);", result_type(idx, *planned.func)));
    out.line("}");
  }

  void emit_dtor(Emit& out, ModuleIdx idx, const ResourcePlan& resource, NameScope& symbols) const {
    const std::string symbol =
        symbols.take(fmt::format("{}_export_{}", types_.world(), snake(resource.dtor_export)));
    out.line(fmt::format(
        "extern \"C\" __attribute__((export_name(\"{}\"))) void {}(::std::int32_t object) {{",
        resource.dtor_export, symbol));
    out.line(fmt::format("  using Object = {}::abi_::pick<__VA_ARGS__>::type::{};", types_[idx].ns,
                         types_[idx].types.at(resource.type.value)));
    out.line(
        "  delete "
        "reinterpret_cast<Object*>(::tenon::guest::pointer(::tenon::guest::to_slot(object)));");
    out.line("}");
  }

  // The source: imports.

  std::string source() {
    Emit out;
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "what a guest in C++ imports");
    out.line(fmt::format("#include \"{}.hpp\"", wit::file_stem(types_.world()))).blank();
    out.line("#include \"tenon_guest_rt.c\"");
    NameScope symbols(Language::cpp);
    for (const ModuleIdx idx : types_.order()) {
      const Module& mod = module(idx);
      for (const auto& resource : mod.resources) emit_resource_imports(out, idx, resource, symbols);
      if (is_export(idx)) continue;
      for (std::size_t i = 0; i < mod.functions.size(); ++i) emit_import(out, idx, i, symbols);
    }
    return out.take();
  }

  std::string emit_core_import(Emit& out, std::string_view core_module, std::string_view name,
                               std::string_view result, const std::vector<std::string>& params,
                               NameScope& symbols) const {
    const std::string symbol = symbols.take(
        fmt::format("{}_import_{}_{}", types_.world(), snake(core_module), snake(name)));
    out.blank();
    out.line(fmt::format(
        "extern \"C\" __attribute__((import_module(\"{}\"), import_name(\"{}\"))) {}\n{}({});",
        core_module, name, result, symbol, fmt::join(params, ", ")));
    return symbol;
  }

  void emit_resource_imports(Emit& out, ModuleIdx idx, const ResourcePlan& resource,
                             NameScope& symbols) const {
    const std::string full = types_.resource(resource.type, idx);
    const auto forward = [&](std::string_view name, std::string_view member,
                             std::string_view result) {
      const std::string symbol =
          emit_core_import(out, resource.core_module, name, result, {"::std::int32_t"}, symbols);
      out.line(fmt::format("{} {}::{}(::std::int32_t handle) {{ return {}(handle); }}", result,
                           full.substr(2), member, symbol));
    };
    forward(resource.drop_name, "drop_", "void");
    if (!is_export(idx)) return;
    forward(resource.new_name, "make_handle_", "::std::int32_t");
    forward(resource.rep_name, "object_of_", "::std::int32_t");
  }

  void emit_import(Emit& out, ModuleIdx idx, std::size_t i, NameScope& symbols) const {
    const FuncPlan& planned = module(idx).functions[i];
    const auto& func = *planned.func;
    std::vector<std::string> core;
    for (const Flat flat : planned.core_params) core.push_back(core_cpp_type(flat));
    const std::string symbol = emit_core_import(out, planned.core_module, planned.core_name,
                                                core_result(planned), core, symbols);
    const std::string result = result_type(idx, func);
    std::vector<std::string> arguments = {"&" + symbol, result};
    for (const auto& param : func.params) arguments.push_back(types_.view_value(param.type, idx));
    std::vector<std::string> given = types_.params(func, skips_self(func));
    if (skips_self(func)) given.insert(given.begin(), "*this");
    const std::string call = fmt::format("::tenon::guest::import_call<{}>::run({})",
                                         fmt::join(arguments, ", "), fmt::join(given, ", "));
    const std::string scope = types_[idx].path + "::";
    if (func.kind == wit::FuncKind::freestanding) {
      out.open(fmt::format("{} {{", import_signature(idx, i, scope + types_[idx].functions[i])));
      out.line("return " + call + ";").close();
      return;
    }
    const std::string full = types_.resource(func.resource, idx).substr(2);
    if (is_plain_constructor(func)) {
      const std::string name = full.substr(full.rfind("::") + 2);
      out.line(fmt::format("{0}::{1}({2})\n    : ::{0}({3}) {{}}", full, name,
                           param_list(idx, func), call));
      return;
    }
    out.open(fmt::format("{}{} {{",
                         import_signature(idx, i, full + "::" + types_[idx].functions[i]),
                         skips_self(func) ? " const" : ""));
    out.line("return " + call + ";").close();
  }

  const WorldPlan& plan_;
  const Options& options_;
  CppTypes types_;
  std::vector<std::string> picks_;
  /// Something in the user's class is called `std`.
  bool hides_std_ = false;
};

}  // namespace

std::vector<File> generate_cpp_guest(const WorldPlan& plan, const Options& options) {
  return CppGuest(plan, options).run();
}

File stub_cpp_guest(const WorldPlan& plan, const Options& options) {
  return CppGuest(plan, options).stubs();
}

GuestNames names_of_cpp_guest(const WorldPlan& plan, const Options& options) {
  return CppGuest(plan, options).names();
}

}  // namespace tenon::bindgen
