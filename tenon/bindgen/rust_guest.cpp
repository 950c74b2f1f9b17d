// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/rust_guest.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/bindgen/cpp_types.h"
#include "tenon/bindgen/rust_types.h"

namespace tenon::bindgen {

std::string_view guest_rust_rt();
std::string_view guest_rust_allocator();

namespace {

std::string_view core_type(Flat flat) {
  switch (flat) {
    case Flat::i32:
      return "i32";
    case Flat::i64:
      return "i64";
    case Flat::f32:
      return "f32";
    case Flat::f64:
      return "f64";
  }
  return "i32";
}

/// A slot's bits as a core value.
std::string from_slot(Flat flat, std::string_view slot) {
  switch (flat) {
    case Flat::i32:
      return fmt::format("{} as i32", slot);
    case Flat::i64:
      return fmt::format("{} as i64", slot);
    case Flat::f32:
      return fmt::format("f32::from_bits({} as u32)", slot);
    case Flat::f64:
      return fmt::format("f64::from_bits({})", slot);
  }
  return {};
}

/// A core value's bits as a slot.
std::string to_slot(Flat flat, std::string_view value) {
  switch (flat) {
    case Flat::i32:
      return fmt::format("{} as u32 as u64", value);
    case Flat::i64:
      return fmt::format("{} as u64", value);
    case Flat::f32:
      return fmt::format("{}.to_bits() as u64", value);
    case Flat::f64:
      return fmt::format("{}.to_bits()", value);
  }
  return {};
}

/// Prints one world.
class RustGuest {
 public:
  RustGuest(const WorldPlan& plan, const Options& options)
      : plan_(plan), options_(options), types_(plan) {
    project_ = snake(options.project.empty() ? plan.wit_world().name : options.project);
    unsafe_extern_ = options.edition >= 2024 ? "unsafe extern" : "extern";
  }

  std::vector<File> run() {
    Emit manifest;
    manifest.line(
        fmt::format("[package]\nname = \"{}_bindings\"\nversion = \"0.1.0\"\nedition = \"{}\"\n",
                    project_, options_.edition));
    manifest.line("[lib]\npath = \"src/lib.rs\"");
    return {{"Cargo.toml", manifest.take()}, {"src/lib.rs", crate()}};
  }

  /// The user's own file to begin with.
  File stubs() const {
    Emit out("    ");
    out.line("// Each function panics until it is written.\nstruct Component;");
    bool any = false;
    NameScope names(Language::rust);
    for (ModuleIdx idx; idx.value < plan_.modules.size(); ++idx.value) {
      if (!is_export(idx) || (module(idx).functions.empty() && module(idx).resources.empty()))
        continue;
      any = true;
      emit_stub_module(out, idx,
                       names.take(types_[idx].path.empty() ? "world" : types_[idx].path.back()));
    }
    if (any)
      out.blank().line(
          fmt::format("{0}_bindings::export!(Component with_types_in {0}_bindings);", project_));
    return {"src/lib.rs", out.take()};
  }

 private:
  /// What the traits of one module ask for. Their types are named as the bindings' own module names
  /// them.
  void emit_stub_module(Emit& out, ModuleIdx idx, const std::string& nested) const {
    const Module& mod = module(idx);
    std::string path;
    for (const auto& part : types_[idx].path) path += "::" + part;
    out.blank().docs(mod.info != nullptr ? mod.info->docs : "", "//");
    out.line("#[allow(unused_imports, unused_variables)]");
    out.open(fmt::format("mod {} {{", nested));
    out.line(fmt::format("use {0}_bindings{1}::*;\nuse {0}_bindings{1}::Guest;", project_, path))
        .blank();
    for (const auto& resource : mod.resources) {
      const std::string& trait = types_[idx].traits.at(resource.type.value);
      const std::string object = types_[idx].types.at(resource.type.value) + "Object";
      out.line(fmt::format("pub struct {};", object)).blank();
      out.open(fmt::format("impl {} for {} {{", trait, object));
      emit_stub_functions(out, idx, resource.functions);
      out.close().blank();
    }
    out.open("impl Guest for super::Component {");
    for (const auto& resource : mod.resources) {
      const std::string& type = types_[idx].types.at(resource.type.value);
      out.line(fmt::format("type {0} = {0}Object;", type));
    }
    emit_stub_functions(out, idx, mod.free_functions);
    out.close().close();
  }

  void emit_stub_functions(Emit& out, ModuleIdx idx, const std::vector<std::size_t>& wanted) const {
    const std::string root = types_.to_root(idx);
    for (const std::size_t i : wanted) {
      const auto& func = *module(idx).functions[i].func;
      std::string signature = trait_signature(idx, i);
      if (!root.empty()) replace_all(signature, root, project_ + "_bindings::");
      for (const char* known : {"Result", "Option", "String", "Vec"}) {
        replace_all(signature, std::string("_rt::") + known, known);
      }
      replace_all(signature, "_rt::", project_ + "_bindings::_rt::");
      out.docs(func.info.docs);
      out.open(signature + " {").line(fmt::format("todo!(\"{}\")", func.name)).close();
    }
  }

  static void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }

  /// Modules in the tree of the crate.
  struct Node {
    std::string name;
    std::vector<Node> children;
    std::vector<ModuleIdx> modules;
    /// The places of `children`.
    std::unordered_map<std::string, std::size_t> by_name;
  };

  [[nodiscard]] const Module& module(ModuleIdx idx) const { return plan_.modules[idx]; }
  [[nodiscard]] bool is_export(ModuleIdx idx) const {
    return module(idx).direction == Direction::export_;
  }

  std::string crate() {
    Emit out("    ");
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "bindings for a guest in Rust");
    out.line(
        "#![allow(dead_code, unused_imports, unused_macros, unused_unsafe, unused_variables, "
        "unused_mut, irrefutable_let_patterns)]");
    out.line(
        "#![allow(non_camel_case_types, non_snake_case, unsafe_op_in_unsafe_fn, clippy::all)]");
    Node root;
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
      Node* at = &root;
      for (const auto& part : types_[i].path) {
        const auto [place, fresh] = at->by_name.emplace(part, at->children.size());
        if (fresh) at->children.push_back(Node{part, {}, {}, {}});
        at = &at->children[place->second];
      }
      at->modules.push_back(i);
    }
    emit_node(out, root);
    emit_export_macro(out);
    emit_realloc(out);
    if (options_.small_allocator) out.raw(guest_rust_allocator());
    out.blank().line("#[doc(hidden)]").line("pub mod _rt {");
    out.line("    use super::_rt;").raw(guest_rust_rt());
    emit_tuples(out);
    out.line("}");
    return out.take();
  }

  void emit_node(Emit& out, const Node& node) {
    for (const ModuleIdx idx : node.modules) emit_module(out, idx);
    for (const auto& child : node.children) {
      out.blank();
      for (const ModuleIdx idx : child.modules) {
        if (module(idx).info != nullptr) out.docs(module(idx).info->docs);
      }
      out.open(fmt::format("pub mod {} {{", child.name));
      if (!child.modules.empty())
        out.line(fmt::format("use {}_rt;", types_.to_root(child.modules.front())));
      emit_node(out, child);
      out.close();
    }
  }

  void emit_module(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    for (const auto& resource : mod.resources) {
      if (is_export(idx)) {
        emit_exported_resource(out, idx, resource);
      } else {
        emit_imported_resource(out, idx, resource);
      }
    }
    for (const TypeIdx type : mod.types) emit_type(out, idx, type);
    if (is_export(idx)) {
      emit_traits(out, idx);
      return;
    }
    for (std::size_t i = 0; i < mod.functions.size(); ++i) {
      if (mod.functions[i].func->kind == wit::FuncKind::freestanding) emit_import(out, idx, i);
    }
  }

  // Types.

  void emit_type(Emit& out, ModuleIdx idx, TypeIdx type) {
    const wit::TypeDef& def = plan_.type(type);
    const std::string& name = types_[idx].types.at(type.value);
    if (std::holds_alternative<wit::Resource>(def.def)) return;
    const std::string life = types_.lifetime(type, "'a");
    const auto* structure = std::get_if<wit::DefValType>(&def.def);
    out.blank();
    if (structure != nullptr && std::holds_alternative<component::Record>(*structure)) {
      emit_record(out, idx, type, name + life);
    } else if (structure != nullptr && std::holds_alternative<component::Variant>(*structure)) {
      emit_variant(out, idx, type, name + life);
    } else if (structure != nullptr && std::holds_alternative<component::Enum>(*structure)) {
      emit_enum(out, type, name);
    } else if (structure != nullptr && std::holds_alternative<component::Flags>(*structure)) {
      emit_flags(out, type, name);
    } else {
      if (!def.used) out.docs(def.info.docs);
      out.line(fmt::format("pub type {}{} = {};", name, life, types_.anonymous(type, idx, "'a")));
    }
  }

  /// Traits that a structure can have.
  [[nodiscard]] std::string derives(TypeIdx type) const {
    const TypePlan plan = plan_.of(type);
    if (types_.has_long_tuple(type)) return {};
    if (plan.has_own) return "#[derive(Debug)]";
    if (plan.has_borrow) return "#[derive(Clone, Debug)]";
    return plan.plain ? "#[derive(Clone, Copy, Debug, PartialEq)]"
                      : "#[derive(Clone, Debug, PartialEq)]";
  }

  void emit_record(Emit& out, ModuleIdx idx, TypeIdx type, const std::string& name) {
    const wit::TypeDef& def = plan_.type(type);
    const auto& record = std::get<component::Record>(std::get<wit::DefValType>(def.def));
    const TypePlan plan = plan_.of(type);
    const auto members = types_.members(type);
    out.docs(def.info.docs);
    if (plan.plain) out.line("#[repr(C)]");
    if (const auto traits = derives(type); !traits.empty()) out.line(traits);
    out.open(fmt::format("pub struct {} {{", name));
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string field = types_.type(record.fields[i].type, idx, "'a");
      fields.push_back(fmt::format("{}: {}", members[i], field));
      out.docs(member_doc(def, i)).line(fmt::format("pub {}: {},", members[i], field));
    }
    out.close();
    out.line(
        fmt::format("_rt::record!({}, {} {{ {} }});", plan.plain, name, fmt::join(fields, ", ")));
    if (plan.plain)
      out.line(
          fmt::format("const _: () = assert!(std::mem::size_of::<{}>() == {});", name, plan.size));
  }

  void emit_variant(Emit& out, ModuleIdx idx, TypeIdx type, const std::string& name) {
    const wit::TypeDef& def = plan_.type(type);
    const auto& variant = std::get<component::Variant>(std::get<wit::DefValType>(def.def));
    const auto members = types_.members(type);
    out.docs(def.info.docs);
    if (const auto traits = derives(type); !traits.empty()) out.line(traits);
    out.open(fmt::format("pub enum {} {{", name));
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto& payload = variant.cases[i].type;
      const std::string one =
          payload ? fmt::format("{}({})", members[i], types_.type(*payload, idx, "'a"))
                  : members[i];
      rows.push_back(fmt::format("{} => {}", i, one));
      out.docs(member_doc(def, i)).line(one + ",");
    }
    out.close();
    out.line(fmt::format("_rt::variant!({}, {} {{ {} }});", members.size(), name,
                         fmt::join(rows, ", ")));
  }

  void emit_enum(Emit& out, TypeIdx type, const std::string& name) {
    const wit::TypeDef& def = plan_.type(type);
    const unsigned bits = plan_.of(type).tag * 8;
    out.docs(def.info.docs);
    out.line(fmt::format("#[repr(u{})]", bits));
    out.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]");
    out.open(fmt::format("pub enum {} {{", name));
    const auto members = types_.members(type);
    for (std::size_t i = 0; i < members.size(); ++i)
      out.docs(member_doc(def, i)).line(members[i] + ",");
    out.close();
    out.line(fmt::format("_rt::enumeration!(u{}, {});", bits, name));
  }

  void emit_flags(Emit& out, TypeIdx type, const std::string& name) {
    const wit::TypeDef& def = plan_.type(type);
    const unsigned bits = plan_.of(type).tag * 8;
    out.docs(def.info.docs);
    out.line(
        "#[repr(transparent)]\n#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, "
        "Ord, Hash)]");
    out.line(fmt::format("pub struct {} {{\n    bits: u{},\n}}", name, bits));
    out.open(fmt::format("_rt::flags!(u{}, {} {{", bits, name));
    const auto members = types_.members(type);
    for (std::size_t i = 0; i < members.size(); ++i) {
      out.docs(member_doc(def, i)).line(fmt::format("{} = {};", members[i], i));
    }
    out.close("});");
  }

  // Resources.

  void emit_handle(Emit& out, ModuleIdx idx, const ResourcePlan& resource) {
    const std::string& name = types_[idx].types.at(resource.type.value);
    out.blank().docs(plan_.type(resource.type).info.docs);
    out.line(fmt::format("#[derive(Debug)]\npub struct {0} {{\n    handle_: _rt::Handle<{0}>,\n}}",
                         name));
    out.line(fmt::format("_rt::own!({});", name));
    out.open(fmt::format("impl _rt::Resource for {} {{", name))
        .open("unsafe fn drop_handle(handle: u32) {");
    emit_core_import(out, resource.core_module, resource.drop_name, {Flat::i32}, std::nullopt);
    out.line("import(handle as i32)").close().close();
  }

  void emit_imported_resource(Emit& out, ModuleIdx idx, const ResourcePlan& resource) {
    const std::string& name = types_[idx].types.at(resource.type.value);
    emit_handle(out, idx, resource);
    out.line(fmt::format("_rt::borrow!({});", name));
    out.open(fmt::format("impl {} {{", name));
    for (const std::size_t i : resource.functions) emit_import(out, idx, i);
    out.close();
  }

  void emit_exported_resource(Emit& out, ModuleIdx idx, const ResourcePlan& resource) {
    const std::string& name = types_[idx].types.at(resource.type.value);
    const std::string& trait = types_[idx].traits.at(resource.type.value);
    const std::string& borrow = types_[idx].borrows.at(resource.type.value);
    emit_handle(out, idx, resource);
    out.open(fmt::format("impl {} {{", name));
    out.docs("A handle to a new object.");
    out.open(fmt::format("pub fn new<Impl_: {}>(value: Impl_) -> {} {{", trait, name))
        .open("unsafe {");
    emit_core_import(out, resource.core_module, resource.new_name, {Flat::i32}, Flat::i32);
    out.line("let object = _rt::new_object(value) as usize as i32;");
    out.line(fmt::format("{} {{ handle_: _rt::Handle::new(import(object) as u32) }}", name))
        .close()
        .close();
    out.open("fn object_(&self) -> *mut u8 {").open("unsafe {");
    emit_core_import(out, resource.core_module, resource.rep_name, {Flat::i32}, Flat::i32);
    out.line("import(self.handle_.get() as i32) as u32 as usize as *mut u8").close().close();
    out.docs("The object behind the handle.");
    out.line(
        fmt::format("pub fn get<Impl_: {}>(&self) -> &Impl_ {{\n    unsafe {{ "
                    "_rt::object::<Impl_>(self.object_()) }}\n}}",
                    trait));
    out.close();
    out.docs("A handle that the caller lent.");
    out.line(
        fmt::format("#[derive(Clone, Copy, Debug)]\npub struct {}<'a> {{\n    object_: u32,\n"
                    "    lender_: std::marker::PhantomData<&'a {}>,\n}}",
                    borrow, name));
    out.line(fmt::format("_rt::exported_borrow!({});", borrow));
    out.open(fmt::format("impl<'a> {}<'a> {{", borrow));
    out.docs("The object itself.");
    out.line(
        fmt::format("pub fn get<Impl_: {}>(&self) -> &'a Impl_ {{\n"
                    "    unsafe {{ _rt::object::<Impl_>(self.object_ as usize as *mut u8) }}\n}}",
                    trait));
    out.close();
  }

  // Imports.

  void emit_core_import(Emit& out, std::string_view core_module, std::string_view name,
                        const std::vector<Flat>& params, std::optional<Flat> result) const {
    std::vector<std::string> list;
    for (const Flat flat : params) list.push_back(fmt::format("_: {}", core_type(flat)));
    const std::string returned = result ? fmt::format(" -> {}", core_type(*result)) : std::string();
    out.line("#[cfg(target_arch = \"wasm32\")]");
    out.line(fmt::format("#[link(wasm_import_module = \"{}\")]", core_module));
    out.open(fmt::format("{} \"C\" {{", unsafe_extern_));
    out.line(fmt::format("#[link_name = \"{}\"]", name));
    out.line(fmt::format("fn import({}){};", fmt::join(list, ", "), returned));
    out.close();
    out.line("#[cfg(not(target_arch = \"wasm32\"))]");
    out.line(fmt::format("unsafe extern \"C\" fn import({}){} {{\n    unreachable!()\n}}",
                         fmt::join(list, ", "), returned));
  }

  [[nodiscard]] bool is_method(const wit::Function& func) const {
    return func.kind == wit::FuncKind::method;
  }

  /// `-> T`; of a constructor `-> Self`, or the result with `Self` in it.
  [[nodiscard]] std::string returns(ModuleIdx idx, const wit::Function& func) const {
    if (!func.result) return {};
    if (func.kind == wit::FuncKind::constructor) {
      const auto* def = plan_.structure(*func.result);
      if (def != nullptr && std::holds_alternative<component::Own>(*def)) return " -> Self";
      if (const auto* result = def != nullptr ? std::get_if<component::ResultType>(def) : nullptr) {
        return fmt::format(" -> _rt::Result<Self, {}>",
                           types_.type_or_unit(result->err, idx, "'_"));
      }
    }
    return " -> " + types_.type(*func.result, idx, "'_");
  }

  void emit_import(Emit& out, ModuleIdx idx, std::size_t i) const {
    const FuncPlan& planned = module(idx).functions[i];
    const auto& func = *planned.func;
    const bool method = is_method(func);
    auto names = types_.params(func, method);
    std::vector<std::string> params;
    for (std::size_t n = 0; n < names.size(); ++n) {
      params.push_back(fmt::format("{}: {}", names[n],
                                   types_.view(func.params[n + (method ? 1 : 0)].type, idx)));
    }
    if (method) {
      params.insert(params.begin(), "&self");
      names.insert(names.begin(), "self");
    }
    out.blank().docs(func.info.docs);
    out.open(fmt::format("pub fn {}({}){} {{", types_[idx].functions[i], fmt::join(params, ", "),
                         returns(idx, func)));
    out.open("unsafe {");
    emit_core_import(out, planned.core_module, planned.core_name, planned.core_params,
                     planned.core_result);
    out.line("let mut f_ = _rt::Frame::new();");
    out.line(fmt::format("let mut s_ = [0u64; {}];", planned.core_params.size()));
    if (planned.params_in_memory) {
      out.line(fmt::format("let mut params_ = _rt::Area([0u8; {}]);", planned.params_size));
      out.line("let p_ = params_.0.as_mut_ptr();");
      for (std::size_t n = 0; n < names.size(); ++n) {
        out.line(fmt::format("_rt::Lower::store(&{}, p_.add({}), &mut f_);", names[n],
                             planned.offsets[n]));
      }
      out.line("s_[0] = p_ as usize as u64;");
    } else {
      for (std::size_t n = 0; n < names.size(); ++n) {
        out.line(fmt::format("_rt::Lower::lower(&{}, s_.as_mut_ptr().add({}), &mut f_);", names[n],
                             planned.slots[n]));
      }
    }
    emit_import_call(out, idx, planned);
    out.close().close();
  }

  void emit_import_call(Emit& out, ModuleIdx idx, const FuncPlan& planned) const {
    const auto& func = *planned.func;
    std::vector<std::string> arguments;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      arguments.push_back(from_slot(planned.core_params[n], fmt::format("s_[{}]", n)));
    }
    if (!func.result) {
      out.line(fmt::format("import({});", fmt::join(arguments, ", ")));
      return;
    }
    const std::string result = types_.type(*func.result, idx, "'_");
    if (!planned.result_in_memory) {
      out.line(fmt::format("let r_ = import({});", fmt::join(arguments, ", ")));
      out.line(fmt::format("<{} as _rt::Lift>::lift([{}].as_ptr(), &mut f_)", result,
                           to_slot(*planned.core_result, "r_")));
      return;
    }
    out.line(fmt::format("let mut area_ = _rt::Area([0u8; {}]);", plan_.of(*func.result).size));
    arguments.back() = "area_.0.as_mut_ptr() as usize as i32";
    out.line(fmt::format("import({});", fmt::join(arguments, ", ")));
    out.line(fmt::format("<{} as _rt::Lift>::load(area_.0.as_ptr(), &mut f_)", result));
  }

  // Exports.

  /// How an exported function takes a parameter: a view of what was lifted, or the value itself.
  struct Param {
    std::string type;
    std::string given;
  };
  [[nodiscard]] Param export_param(ValType type, ModuleIdx idx, const std::string& name) const {
    if (options_.ownership == Ownership::borrowing) {
      if (types_.is_string(type)) return {"&str", "&" + name};
      if (const auto* list = types_.as_list(type); list != nullptr && !plan_.of(type).has_own) {
        return {fmt::format("&[{}]", types_.type(list->elem, idx, "'_")), "&" + name};
      }
    }
    return {types_.type(type, idx, "'_"), name};
  }

  void emit_traits(Emit& out, ModuleIdx idx) {
    const Module& mod = module(idx);
    if (mod.functions.empty() && mod.resources.empty()) return;
    out.blank().docs("What the component implements.");
    out.open("pub trait Guest: 'static {");
    for (const auto& resource : mod.resources) {
      out.line(fmt::format("type {}: {};", types_[idx].types.at(resource.type.value),
                           types_[idx].traits.at(resource.type.value)));
    }
    emit_trait_functions(out, idx, mod.free_functions);
    out.close();
    for (const auto& resource : mod.resources) {
      out.blank().docs(plan_.type(resource.type).info.docs);
      out.open(fmt::format("pub trait {}: 'static + Sized {{",
                           types_[idx].traits.at(resource.type.value)));
      emit_trait_functions(out, idx, resource.functions);
      out.close();
    }
    for (std::size_t i = 0; i < mod.functions.size(); ++i) emit_thunk(out, idx, i);
  }

  void emit_trait_functions(Emit& out, ModuleIdx idx, const std::vector<std::size_t>& wanted) {
    const Module& mod = module(idx);
    for (const std::size_t i : wanted) {
      const auto& func = *mod.functions[i].func;
      out.docs(func.info.docs).line(trait_signature(idx, i) + ";");
    }
  }

  /// `fn add(a: f64, b: f64) -> f64`, as the trait has it.
  [[nodiscard]] std::string trait_signature(ModuleIdx idx, std::size_t i) const {
    const auto& func = *module(idx).functions[i].func;
    const bool method = is_method(func);
    const auto names = types_.params(func, method);
    std::vector<std::string> params;
    if (method) params.emplace_back("&self");
    for (std::size_t n = 0; n < names.size(); ++n) {
      params.push_back(
          fmt::format("{}: {}", names[n],
                      export_param(func.params[n + (method ? 1 : 0)].type, idx, names[n]).type));
    }
    return fmt::format("fn {}({}){}", types_[idx].functions[i], fmt::join(params, ", "),
                       returns(idx, func));
  }

  [[nodiscard]] std::string core_signature(const FuncPlan& planned) const {
    std::vector<std::string> params;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      params.push_back(fmt::format("p{}: {}", n, core_type(planned.core_params[n])));
    }
    return fmt::format(
        "({}){}", fmt::join(params, ", "),
        planned.core_result ? fmt::format(" -> {}", core_type(*planned.core_result)) : "");
  }

  void emit_thunk(Emit& out, ModuleIdx idx, std::size_t i) const {
    const FuncPlan& planned = module(idx).functions[i];
    const auto& func = *planned.func;
    const std::string& flat = types_[idx].flat_functions[i];
    out.blank().line("#[doc(hidden)]");
    out.open(
        fmt::format("pub unsafe fn _export_{}<Impl_: Guest>{} {{", flat, core_signature(planned)));
    out.line("let mut f_ = _rt::Frame::new();");
    std::vector<std::string> given;
    const bool method = is_method(func);
    for (std::size_t n = 0; n < func.params.size(); ++n) {
      const std::string name = fmt::format("a{}", n);
      if (n == 0 && method) continue;
      given.push_back(export_param(func.params[n].type, idx, name).given);
    }
    emit_lift_params(out, idx, planned);
    std::string target = "Impl_::" + types_[idx].functions[i];
    if (func.kind != wit::FuncKind::freestanding) {
      const TypeIdx resource = plan_.packages->resolve_alias(func.resource);
      const std::string& type = types_[idx].types.at(resource.value);
      target = fmt::format("<Impl_::{} as {}>::{}", type, types_[idx].traits.at(resource.value),
                           types_[idx].functions[i]);
      if (method)
        given.insert(given.begin(),
                     fmt::format("_rt::object::<Impl_::{}>(p0 as u32 as usize as *mut u8)", type));
    }
    std::string call = fmt::format("{}({})", target, fmt::join(given, ", "));
    if (func.kind == wit::FuncKind::constructor) {
      const std::string& type =
          types_[idx].types.at(plan_.packages->resolve_alias(func.resource).value);
      const bool fallible = returns(idx, func) != " -> Self";
      call = fallible ? fmt::format("{}.map({}::new)", call, type)
                      : fmt::format("{}::new({})", type, call);
    }
    if (!func.result) {
      out.line(call + ";").close();
      return;
    }
    out.line(fmt::format("let r_ = {};", call));
    emit_lower_result(out, idx, planned, flat);
    out.close();
  }

  void emit_lift_params(Emit& out, ModuleIdx idx, const FuncPlan& planned) const {
    const auto& func = *planned.func;
    const bool method = is_method(func) && !planned.params_in_memory;
    if (planned.params_in_memory) {
      out.line("let p_ = p0 as u32 as usize as *mut u8;");
      for (std::size_t n = 0; n < func.params.size(); ++n) {
        out.line(fmt::format("let a{} = <{} as _rt::Lift>::load(p_.add({}), &mut f_);", n,
                             types_.type(func.params[n].type, idx, "'_"), planned.offsets[n]));
      }
      if (is_method(func)) out.line("let p0 = *(p_ as *const u32);");
      out.line(
          fmt::format("_rt::free_params(p_, {}, {});", planned.params_size, planned.params_align));
      return;
    }
    std::vector<std::string> slots;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      slots.push_back(to_slot(planned.core_params[n], fmt::format("p{}", n)));
    }
    out.line(fmt::format("let s_: [u64; {}] = [{}];", slots.size(), fmt::join(slots, ", ")));
    for (std::size_t n = method ? 1 : 0; n < func.params.size(); ++n) {
      out.line(fmt::format("let a{} = <{} as _rt::Lift>::lift(s_.as_ptr().add({}), &mut f_);", n,
                           types_.type(func.params[n].type, idx, "'_"), planned.slots[n]));
    }
  }

  /// The type of a result that stays in memory, and its size.
  [[nodiscard]] std::string returned(ModuleIdx idx, const FuncPlan& planned) const {
    const ValType type = *planned.func->result;
    return fmt::format("_rt::Returned::<{}, {}>", types_.type(type, idx, "'static"),
                       plan_.of(type).size);
  }

  void emit_lower_result(Emit& out, ModuleIdx idx, const FuncPlan& planned,
                         const std::string& flat) const {
    if (!planned.result_in_memory) {
      out.line("let mut s_ = [0u64; 1];\n_rt::Lower::lower(&r_, s_.as_mut_ptr(), &mut f_);");
      out.line(from_slot(*planned.core_result, "s_[0]"));
      return;
    }
    const std::string kept = returned(idx, planned);
    std::string type = kept;
    type.erase(type.find("::<"), 2);
    out.line(fmt::format(
        "static mut RETURNED: std::mem::MaybeUninit<{}> = std::mem::MaybeUninit::uninit();", type));
    if (!planned.post_name.empty()) {
      out.line(fmt::format("{}::set(std::ptr::addr_of_mut!(RETURNED), r_)", kept));
      out.close().blank().line("#[doc(hidden)]");
      out.open(fmt::format("pub unsafe fn _post_{}(area: i32) {{", flat));
      out.line(fmt::format("{}::end(area)", kept));
      return;
    }
    // Nothing is owned: what was stored may go at once.
    out.line(fmt::format("let at_ = {}::set(std::ptr::addr_of_mut!(RETURNED), r_);", kept));
    out.line(fmt::format("{}::end(at_);", kept)).line("at_");
  }

  [[nodiscard]] std::string path_of(ModuleIdx idx) const {
    std::string out = "$($path)*::";
    for (const auto& part : types_[idx].path) out += part + "::";
    return out;
  }

  void emit_export_macro(Emit& out) const {
    const std::string macro = fmt::format("__export_{}_world", snake(plan_.wit_world().name));
    const std::string_view open_name =
        options_.edition >= 2024 ? "#[unsafe(export_name = " : "#[export_name = ";
    const std::string_view close_name = options_.edition >= 2024 ? ")]" : "]";
    out.blank().docs(
        "Makes a type what the world exports: `export!(Component with_types_in "
        "path::to::bindings);`.");
    out.line("#[doc(hidden)]\n#[macro_export]");
    out.open(fmt::format("macro_rules! {} {{", macro));
    out.line(fmt::format("($t:ident) => {{\n    $crate::{}!($t with_types_in self);\n}};", macro));
    out.open("($t:ident with_types_in $($path:tt)*) => {").open("const _: () = {");
    std::size_t number = 0;
    const auto core = [&](std::string_view name, const std::string& signature,
                          const std::string& body) {
      out.line(fmt::format("{}\"{}\"{}", open_name, name, close_name));
      out.line(fmt::format("unsafe extern \"C\" fn export_{}{} {{\n    unsafe {{ {} }}\n}}",
                           number++, signature, body));
    };
    for (ModuleIdx idx; idx.value < plan_.modules.size(); ++idx.value) {
      if (!is_export(idx)) continue;
      const Module& mod = module(idx);
      for (std::size_t i = 0; i < mod.functions.size(); ++i) {
        const FuncPlan& planned = mod.functions[i];
        std::vector<std::string> names;
        for (std::size_t n = 0; n < planned.core_params.size(); ++n)
          names.push_back(fmt::format("p{}", n));
        // In Rust an export's name is its symbol: a plain one may be that of a C library's
        // function.
        const bool plain = mod.id.empty();
        constexpr abi::Mangling standard = abi::Mangling::cm32p2;
        core(plain ? abi::export_func(standard, {}, planned.func->name) : planned.export_name,
             core_signature(planned),
             fmt::format("{}_export_{}::<$t>({})", path_of(idx), types_[idx].flat_functions[i],
                         fmt::join(names, ", ")));
        if (!planned.post_name.empty()) {
          core(plain ? abi::post_return(standard, {}, planned.func->name) : planned.post_name,
               "(area: i32)",
               fmt::format("{}_post_{}(area)", path_of(idx), types_[idx].flat_functions[i]));
        }
      }
      for (const auto& resource : mod.resources) {
        core(resource.dtor_export, "(object: i32)",
             fmt::format("drop($($path)*::_rt::take_object::<<$t as {}Guest>::{}>(object as u32 as "
                         "usize as *mut u8))",
                         path_of(idx), types_[idx].types.at(resource.type.value)));
      }
    }
    out.close("};").close("};").close();
    out.line(fmt::format("#[doc(inline)]\npub use {} as export;", macro));
  }

  void emit_realloc(Emit& out) const {
    const bool late = options_.edition >= 2024;
    out.blank().line("#[cfg(target_arch = \"wasm32\")]");
    out.line(late ? "#[unsafe(no_mangle)]" : "#[no_mangle]");
    out.line(
        "unsafe extern \"C\" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, "
        "new_size: usize) -> *mut u8 {\n"
        "    _rt::cabi_realloc(old, old_size, align, new_size)\n}");
  }

  /// The tuples that the world has, at least up to pairs, which maps need.
  void emit_tuples(Emit& out) const {
    std::size_t most = 2;
    for (const auto& type : plan_.packages->types) {
      const auto* def = std::get_if<wit::DefValType>(&type.def);
      const auto* tuple = def != nullptr ? std::get_if<component::Tuple>(def) : nullptr;
      if (tuple != nullptr) most = std::max(most, tuple->types.size());
    }
    for (std::size_t n = 1; n <= most; ++n) {
      std::vector<std::string> parts;
      for (std::size_t i = 0; i < n; ++i) parts.push_back(fmt::format("T{} {}", i, i));
      out.line(fmt::format("    tuple!({});", fmt::join(parts, ", ")));
    }
  }

  const WorldPlan& plan_;
  const Options& options_;
  RustTypes types_;
  std::string project_;
  std::string_view unsafe_extern_;
};

}  // namespace

std::vector<File> generate_rust_guest(const WorldPlan& plan, const Options& options) {
  return RustGuest(plan, options).run();
}

File stub_rust_guest(const WorldPlan& plan, const Options& options) {
  return RustGuest(plan, options).stubs();
}

}  // namespace tenon::bindgen
