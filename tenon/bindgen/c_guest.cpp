// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/c_guest.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "tenon/bindgen/c_strings.h"
#include "tenon/bindgen/c_types.h"
#include "tenon/bindgen/cpp_types.h"
#include "tenon/wit/file_name.h"

namespace tenon::bindgen {

namespace {

using component::PrimValType;

/// How a function's result leaves it: as C users know it from results and options.
enum class ResultForm { none, value, pointer, option, result };

/// A function's C signature.
struct Signature {
  std::string name;
  std::vector<std::string> params;
  std::string returned = "void";
  ResultForm form = ResultForm::none;

  [[nodiscard]] std::string text() const {
    return fmt::format("{} {}({})", returned, name,
                       params.empty() ? "void" : join_texts(params, ", "));
  }
};

/// Prints one world.
class CGuest {
 public:
  CGuest(const WorldPlan& plan, const Options& options)
      : plan_(plan), options_(options), types_(plan, options.string_encoding) {}

  std::vector<File> run() {
    count_flat_statements();
    types_.define_all();
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
      for (const auto& resource : plan_.modules[i].resources) emit_resource(i, resource);
      for (const auto& func : plan_.modules[i].functions) {
        if (is_export(i)) {
          emit_export(i, func);
        } else {
          emit_import(i, func);
        }
      }
    }
    return {{wit::file_stem(types_.world()) + ".h", header()},
            {wit::file_stem(types_.world()) + ".c", source()},
            {"tenon_guest.h", std::string(guest_header_c())},
            {"tenon_guest_rt.c", std::string(guest_realloc()) + std::string(guest_stubs())}};
  }

  /// The user's own file to begin with.
  File stubs() {
    static_cast<void>(run());
    Emit out;
    out.line(fmt::format("#include \"{}.h\"", wit::file_stem(types_.world()))).blank();
    out.line("// Each function traps until it is written.").raw(stubs_.text());
    return {fmt::format("src/{}_impl.c", wit::file_stem(types_.world())), out.take()};
  }

  GuestNames names() const {
    GuestNames out;
    out.header = wit::file_stem(types_.world()) + ".h";
    out.world = types_.world();
    for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
      if (is_export(i) && module_has_items(i)) out.exports.push_back(types_.prefix(i));
    }
    return out;
  }

 private:
  [[nodiscard]] bool module_has_items(ModuleIdx idx) const {
    return !plan_.modules[idx].functions.empty() || !plan_.modules[idx].resources.empty();
  }

  void emit_stub(const std::string& signature, std::string_view docs) {
    stubs_.blank().docs(docs, "//").line(signature + " { __builtin_trap(); }");
  }

  [[nodiscard]] bool is_export(ModuleIdx idx) const {
    return plan_.modules[idx].direction == Direction::export_;
  }

  std::string header() {
    Emit out;
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "bindings for a guest in C11");
    const std::string guard = types_.take(fmt::format("TENON_{}_WORLD_H", shouty(types_.world())));
    out.line(fmt::format("#ifndef {0}\n#define {0}\n", guard));
    if (options_.string_encoding != component::StringEncoding::utf8) out.line("#include <uchar.h>");
    out.line("#include \"tenon_guest.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    const std::string world = types_.world();
    emit_string_type(out, world, options_.string_encoding);
    out.raw(types_.definitions()).blank();
    out.line("// Functions to call, and functions that the component writes (`exports_`).")
        .raw(declarations_.text());
    out.blank().line("// What a string or structure owns.");
    declare_string_functions(out, world, options_.string_encoding);
    out.raw(types_.frees());
    out.line(fmt::format("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif  // {}", guard));
    return out.take();
  }

  std::string source() {
    Emit out;
    out.line("// SPDX-License-Identifier: Apache-2.0");
    emit_head(out, plan_, options_, "what crosses the boundary of a guest in C");
    const std::string world = types_.world();
    out.line(
        fmt::format("#include \"{}.h\"\n\n#include \"tenon_guest_rt.c\"\n", wit::file_stem(world)));
    define_string_functions(out, world, options_.string_encoding);
    out.raw(types_.free_bodies()).raw(helpers_.text()).raw(bodies_.text());
    return out.take();
  }

  // Signatures.

  [[nodiscard]] std::string function_name(ModuleIdx idx, const wit::Function& func) {
    std::string item;
    const std::string resource =
        func.kind == wit::FuncKind::freestanding
            ? std::string()
            : snake(plan_.type(plan_.packages->resolve_alias(func.resource))
                        .name.value_or("resource"));
    switch (func.kind) {
      case wit::FuncKind::freestanding:
        item = snake(func.plain_name());
        break;
      case wit::FuncKind::method:
        item = fmt::format("method_{}_{}", resource, snake(func.plain_name()));
        break;
      case wit::FuncKind::static_:
        item = fmt::format("static_{}_{}", resource, snake(func.plain_name()));
        break;
      case wit::FuncKind::constructor:
        item = "constructor_" + resource;
        break;
    }
    return types_.take(types_.prefix(idx) + item);
  }

  [[nodiscard]] const component::Option* as_option(ValType type) const {
    const auto* def = plan_.structure(type);
    return def != nullptr ? std::get_if<component::Option>(def) : nullptr;
  }

  Signature signature(ModuleIdx idx, const wit::Function& func,
                      const std::vector<std::string>& names) {
    Signature out;
    out.name = function_name(idx, func);
    for (std::size_t i = 0; i < func.params.size(); ++i) {
      const ValType type = func.params[i].type;
      if (const auto* option = as_option(type)) {
        out.params.push_back(fmt::format("{} *{}", types_.type(option->type, idx), names[i]));
      } else {
        out.params.push_back(fmt::format("{} {}{}", types_.type(type, idx),
                                         types_.by_value(type) ? "" : "*", names[i]));
      }
    }
    if (!func.result) return out;
    const auto* def = plan_.structure(*func.result);
    if (types_.by_value(*func.result)) {
      out.form = ResultForm::value;
      out.returned = types_.type(*func.result, idx);
    } else if (const auto* option = as_option(*func.result)) {
      out.form = ResultForm::option;
      out.returned = "bool";
      out.params.push_back(types_.type(option->type, idx) + " *ret");
    } else if (const auto* result =
                   def != nullptr ? std::get_if<component::ResultType>(def) : nullptr) {
      out.form = ResultForm::result;
      out.returned = "bool";
      if (result->ok) out.params.push_back(types_.type(*result->ok, idx) + " *ret");
      if (result->err) out.params.push_back(types_.type(*result->err, idx) + " *err");
    } else {
      out.form = ResultForm::pointer;
      out.params.push_back(types_.type(*func.result, idx) + " *ret");
    }
    return out;
  }

  /// Parameter names; those of options say that they may be null.
  [[nodiscard]] std::vector<std::string> param_names(const wit::Function& func) const {
    NameScope scope(Language::c);
    for (const auto own : {"ret", "err", "s", "result", "params", "from", "area", "i"})
      scope.reserve(own);
    std::vector<std::string> names;
    for (const auto& param : func.params) {
      names.push_back(scope.take(as_option(param.type) != nullptr ? "maybe_" + snake(param.name)
                                                                  : param_name(param.name)));
    }
    return names;
  }

  void declare(const Signature& signature, const wit::ItemInfo& info) {
    declarations_.docs(info.docs, "//").line(signature.text() + ";");
  }

  // Values in flat slots. `s` is the array of slots.

  static std::string from_slot(PrimValType prim, std::string_view slot) {
    switch (prim) {
#define TENON_PRIM(name, text, code, size, flat, cpp, c, ...) \
  case PrimValType::name:                                     \
    return fmt::format("({}){}", c, slot);
// Slots are of type uint64_t.
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, c, ...) \
  case PrimValType::name:                                         \
    return std::same_as<cpp, std::uint64_t> ? std::string(slot) : fmt::format("({}){}", c, slot);
#define TENON_PRIM_BOOL(name, ...) \
  case PrimValType::name:          \
    return fmt::format("(uint32_t){} != 0", slot);
#define TENON_PRIM_FLOAT(name, text, ...) \
  case PrimValType::name:                 \
    return fmt::format("tenon_guest_" text "({})", slot);
#define TENON_PRIM_STRING(name, ...) case PrimValType::name:
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case PrimValType::name:                   \
    break;
#include "tenon/types/primvaltypes.def"
    }
    return {};
  }

  static std::string to_slot(PrimValType prim, const std::string& place) {
    switch (prim) {
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return fmt::format("(uint32_t){}", place);
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                      \
    return fmt::format("{}{}", to_slot_cast<cpp>(), place);
#define TENON_PRIM_FLOAT(name, text, ...) \
  case PrimValType::name:                 \
    return fmt::format("tenon_guest_" text "_bits({})", place);
#include "tenon/types/primvaltypes.def"
    }
    return {};
  }
  /// Integers are extended to 32 bits by their sign.
  template <std::integral T>
  static std::string_view to_slot_cast() {
    if (sizeof(T) == sizeof(std::uint64_t)) return "(uint64_t)";
    return std::is_signed_v<T> ? "(uint32_t)(int32_t)" : "(uint32_t)";
  }

  static std::string core_to_slot(Flat flat, std::string_view value) {
    switch (flat) {
      case Flat::i32:
        return fmt::format("(uint32_t){}", value);
      case Flat::i64:
        return fmt::format("(uint64_t){}", value);
      case Flat::f32:
        return fmt::format("tenon_guest_f32_bits({})", value);
      case Flat::f64:
        return fmt::format("tenon_guest_f64_bits({})", value);
    }
    return {};
  }
  static std::string slot_to_core(Flat flat, std::string_view slot) {
    switch (flat) {
      case Flat::i32:
        return fmt::format("(int32_t){}", slot);
      case Flat::i64:
        return fmt::format("(int64_t){}", slot);
      case Flat::f32:
        return fmt::format("tenon_guest_f32({})", slot);
      case Flat::f64:
        return fmt::format("tenon_guest_f64({})", slot);
    }
    return {};
  }

  /// Both directions of one walk: `lift` reads slots into `place`, otherwise `place` goes into
  /// slots.
  void flat(Emit& out, ValType type, ModuleIdx idx, const std::string& place, std::size_t slot,
            bool lift) {
    type = plan_.packages->resolve_alias(type);
    if (type.is_prim()) {
      flat_prim(out, type.prim(), place, slot, lift);
    } else if (flat_statements_[type.index().value] > max_inline_statements) {
      const std::string name = flat_function(type.index(), idx, lift);
      out.line(fmt::format("{}(&{}, {});", name, place,
                           slot == 0 ? std::string("s") : fmt::format("s + {}", slot)));
    } else {
      flat_structure(out, type, idx, place, slot, lift);
    }
  }

  /// A function of its own, made once: written out where it is used, a type whose cases name a type
  /// whose cases name another would grow exponentially.
  std::string flat_function(TypeIdx type, ModuleIdx idx, bool lift) {
    const auto key = std::tuple(type.value, idx.value, lift);
    if (const auto it = flat_functions_.find(key); it != flat_functions_.end()) return it->second;
    const std::string c_type = types_.type(type, idx);
    const std::string name =
        types_.take(fmt::format("{}_{}_{}", types_.world(), lift ? "lift" : "lower", c_type));
    flat_functions_.emplace(key, name);
    Emit body;
    body.indent();
    flat_structure(body, type, idx, "(*value)", 0, lift);
    helpers_.blank().open(fmt::format("static void {}({} *value, {}uint64_t *s) {{", name, c_type,
                                      lift ? "const " : ""));
    helpers_.raw(body.text()).close();
    return name;
  }

  /// The statements of each type's `flat`, with those of the types inside it that have no function
  /// of their own.
  void count_flat_statements() {
    const auto& types = plan_.packages->types;
    for (std::uint32_t i = 0; i < types.size(); ++i) {
      std::size_t sum = 1;
      const auto part = [&](ValType t) {
        t = plan_.packages->resolve_alias(t);
        const std::size_t more = t.is_prim() ? 1 : flat_statements_[t.index().value];
        sum += more > max_inline_statements ? 1 : more;
      };
      if (const auto* def = std::get_if<wit::DefValType>(&types[TypeIdx(i)].def))
        wit::each_type(*def, part);
      flat_statements_.push_back(sum);
    }
  }

  void flat_structure(Emit& out, ValType type, ModuleIdx idx, const std::string& place,
                      std::size_t slot, bool lift) {
    const std::string s = fmt::format("s[{}]", slot);
    const auto* def = plan_.structure(type);
    if (def == nullptr) return;
    const TypePlan plan = plan_.of(type);
    const auto names = types_.members(type);
    std::visit(
        overloaded{
            [&](PrimValType prim) { flat_prim(out, prim, place, slot, lift); },
            [&](const component::Record& record) {
              for (std::size_t i = 0; i < names.size(); ++i) {
                flat(out, record.fields[i].type, idx, place + "." + names[i], slot + plan.slots[i],
                     lift);
              }
            },
            [&](const component::Tuple& tuple) {
              for (std::size_t i = 0; i < names.size(); ++i) {
                flat(out, tuple.types[i], idx, place + "." + names[i], slot + plan.slots[i], lift);
              }
            },
            [&](const component::Variant& variant) {
              out.line(lift ? fmt::format("{}.tag = ({}){};", place, c_tag_type(plan.tag), s)
                            : fmt::format("{} = {}.tag;", s, place));
              out.line(fmt::format("switch ({}.tag) {{", place));
              for (std::size_t i = 0; i < names.size(); ++i) {
                if (!variant.cases[i].type) continue;
                out.line(fmt::format("case {}:", i)).indent();
                flat(out, *variant.cases[i].type, idx, place + ".val." + names[i], slot + 1, lift);
                out.line("break;").dedent();
              }
              out.line("default:\n  break;\n}");
            },
            [&](const component::Option& option) {
              out.line(lift ? fmt::format("{}.is_some = (uint32_t){} != 0;", place, s)
                            : fmt::format("{} = {}.is_some;", s, place));
              out.open(fmt::format("if ({}.is_some) {{", place));
              flat(out, option.type, idx, place + ".val", slot + 1, lift);
              out.close();
            },
            [&](const component::ResultType& result) {
              flat_result(out, result, idx, place, slot, lift);
            },
            [&](const component::List& list) {
              if (!list.length) {
                flat_pair(out, types_.type(type, idx), place, slot, lift);
                return;
              }
              const std::size_t each = plan_.of(list.elem).flat.size();
              for (std::uint32_t i = 0; i < *list.length; ++i) {
                flat(out, list.elem, idx, fmt::format("{}.at[{}]", place, i), slot + i * each,
                     lift);
              }
            },
            [&](const component::Map&) {
              flat_pair(out, types_.type(type, idx), place, slot, lift);
            },
            [&](const component::Own&) {
              out.line(lift ? fmt::format("{}.__handle = (int32_t){};", place, s)
                            : fmt::format("{} = (uint32_t){}.__handle;", s, place));
            },
            [&](const component::Borrow& borrow) { flat_borrow(out, borrow, idx, place, s, lift); },
            [&](const auto&) {
              out.line(lift ? fmt::format("{} = ({}){};", place, c_tag_type(plan.tag), s)
                            : fmt::format("{} = {};", s, place));
            },
        },
        *def);
  }

  void flat_prim(Emit& out, PrimValType prim, const std::string& place, std::size_t slot,
                 bool lift) {
    if (prim == PrimValType::string) {
      flat_pair(out, types_.world() + "_string_t", place, slot, lift);
      return;
    }
    const std::string s = fmt::format("s[{}]", slot);
    out.line(lift ? fmt::format("{} = {};", place, from_slot(prim, s))
                  : fmt::format("{} = {};", s, to_slot(prim, place)));
  }

  static void flat_pair(Emit& out, const std::string&, const std::string& place, std::size_t slot,
                        bool lift) {
    if (lift) {
      out.line(fmt::format("{}.ptr = (__typeof__({}.ptr))tenon_guest_pointer(s[{}]);", place, place,
                           slot));
      out.line(fmt::format("{}.len = (size_t)s[{}];", place, slot + 1));
    } else {
      out.line(fmt::format("s[{}] = tenon_guest_address({}.ptr);", slot, place));
      out.line(fmt::format("s[{}] = {}.len;", slot + 1, place));
    }
  }

  void flat_borrow(Emit& out, const component::Borrow& borrow, ModuleIdx idx,
                   const std::string& place, const std::string& s, bool lift) {
    if (plan_.is_exported_resource(borrow.resource, idx)) {
      out.line(lift ? fmt::format("{} = ({})tenon_guest_pointer({});", place,
                                  types_.borrow(borrow.resource, idx), s)
                    : fmt::format("{} = tenon_guest_address({});", s, place));
      return;
    }
    out.line(lift ? fmt::format("{}.__handle = (int32_t){};", place, s)
                  : fmt::format("{} = (uint32_t){}.__handle;", s, place));
  }

  void flat_result(Emit& out, const component::ResultType& result, ModuleIdx idx,
                   const std::string& place, std::size_t slot, bool lift) {
    const std::string s = fmt::format("s[{}]", slot);
    out.line(lift ? fmt::format("{}.is_err = (uint32_t){} != 0;", place, s)
                  : fmt::format("{} = {}.is_err;", s, place));
    if (!result.ok && !result.err) return;
    out.open(fmt::format("if ({}.is_err) {{", place));
    if (result.err) flat(out, *result.err, idx, place + ".val.err", slot + 1, lift);
    out.close("} else {").indent();
    if (result.ok) flat(out, *result.ok, idx, place + ".val.ok", slot + 1, lift);
    out.close();
  }

  // Functions.

  std::string core_import(std::string_view module, std::string_view name, std::string_view result,
                          const std::vector<std::string>& params) {
    const std::string symbol =
        types_.take(fmt::format("{}_import_{}_{}", types_.world(), snake(module), snake(name)));
    bodies_.blank().line(fmt::format(
        "__attribute__((import_module(\"{}\"), import_name(\"{}\")))\n{} {}({});", module, name,
        result, symbol, params.empty() ? "void" : join_texts(params, ", ")));
    return symbol;
  }

  [[nodiscard]] static std::string core_result(const FuncPlan& planned) {
    return planned.core_result ? std::string(core_c_type(*planned.core_result)) : "void";
  }

  /// A structure that lies in memory as the parameters' tuple does.
  std::string params_struct(ModuleIdx idx, const wit::Function& func,
                            const std::vector<std::string>& names) {
    std::string out = "struct {";
    for (std::size_t i = 0; i < names.size(); ++i) {
      out += fmt::format(" {} {};", types_.type(func.params[i].type, idx), names[i]);
    }
    return out + " }";
  }

  void emit_import(ModuleIdx idx, const FuncPlan& planned) {
    const auto& func = *planned.func;
    const auto names = param_names(func);
    const Signature made = signature(idx, func, names);
    declare(made, func.info);
    std::vector<std::string> core;
    for (const Flat one : planned.core_params) core.emplace_back(core_c_type(one));
    const std::string symbol =
        core_import(planned.core_module, planned.core_name, core_result(planned), core);
    bodies_.line(made.text() + " {").indent();
    if (!names.empty() || (func.result && !planned.result_in_memory)) {
      bodies_.line(fmt::format("uint64_t s[{}] = {{0}};", planned.core_params.size() + 1));
    }
    if (planned.params_in_memory) {
      bodies_.line(params_struct(idx, func, names) + " params;");
      for (std::size_t i = 0; i < names.size(); ++i) {
        const ValType type = func.params[i].type;
        if (as_option(type) != nullptr) {
          bodies_.line(fmt::format(
              "params.{0}.is_some = {0} != NULL;\nif ({0} != NULL) params.{0}.val = *{0};",
              names[i]));
        } else {
          bodies_.line(
              fmt::format("params.{0} = {1}{0};", names[i], types_.by_value(type) ? "" : "*"));
        }
      }
      bodies_.line("s[0] = tenon_guest_address(&params);");
    } else {
      for (std::size_t i = 0; i < names.size(); ++i)
        lower_param(idx, func.params[i].type, names[i], planned.slots[i]);
    }
    emit_import_call(idx, planned, made, symbol);
    bodies_.close();
  }

  void lower_param(ModuleIdx idx, ValType type, const std::string& name, std::size_t slot) {
    if (const auto* option = as_option(type)) {
      bodies_.open(fmt::format("if ({} != NULL) {{", name)).line(fmt::format("s[{}] = 1;", slot));
      flat(bodies_, option->type, idx, fmt::format("(*{})", name), slot + 1, false);
      bodies_.close();
      return;
    }
    flat(bodies_, type, idx, types_.by_value(type) ? name : fmt::format("(*{})", name), slot,
         false);
  }

  void emit_import_call(ModuleIdx idx, const FuncPlan& planned, const Signature& made,
                        const std::string& symbol) {
    const auto& func = *planned.func;
    std::vector<std::string> arguments;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      arguments.push_back(slot_to_core(planned.core_params[n], fmt::format("s[{}]", n)));
    }
    if (!func.result) {
      bodies_.line(fmt::format("{}({});", symbol, fmt::join(arguments, ", ")));
      return;
    }
    bodies_.line(types_.type(*func.result, idx) + " result;");
    if (planned.result_in_memory) {
      arguments.back() = "(int32_t)tenon_guest_address(&result)";
      bodies_.line(fmt::format("{}({});", symbol, fmt::join(arguments, ", ")));
    } else {
      bodies_.line(fmt::format(
          "s[0] = {};", core_to_slot(*planned.core_result,
                                     fmt::format("{}({})", symbol, fmt::join(arguments, ", ")))));
      flat(bodies_, *func.result, idx, "result", 0, true);
    }
    switch (made.form) {
      case ResultForm::none:
        break;
      case ResultForm::value:
        bodies_.line("return result;");
        break;
      case ResultForm::pointer:
        bodies_.line("*ret = result;");
        break;
      case ResultForm::option:
        bodies_.line("if (result.is_some) *ret = result.val;\nreturn result.is_some;");
        break;
      case ResultForm::result: {
        const auto& result = std::get<component::ResultType>(*plan_.structure(*func.result));
        if (result.ok) bodies_.line("if (!result.is_err) *ret = result.val.ok;");
        if (result.err) bodies_.line("if (result.is_err) *err = result.val.err;");
        bodies_.line("return !result.is_err;");
        break;
      }
    }
  }

  void emit_export(ModuleIdx idx, const FuncPlan& planned) {
    const auto& func = *planned.func;
    const auto names = param_names(func);
    const Signature made = signature(idx, func, names);
    declare(made, func.info);
    emit_stub(made.text(), func.info.docs);
    std::vector<std::string> core;
    std::vector<std::string> slots;
    for (std::size_t n = 0; n < planned.core_params.size(); ++n) {
      core.push_back(fmt::format("{} p{}", core_c_type(planned.core_params[n]), n));
      slots.push_back(core_to_slot(planned.core_params[n], fmt::format("p{}", n)));
    }
    const std::string symbol =
        types_.take(fmt::format("{}_export_{}", types_.world(), snake(planned.core_name)));
    bodies_.blank().line(fmt::format("__attribute__((export_name(\"{}\")))\n{} {}({}) {{",
                                     planned.export_name, core_result(planned), symbol,
                                     core.empty() ? "void" : join_texts(core, ", ")));
    bodies_.indent();
    if (planned.params_in_memory) {
      const std::string type = params_struct(idx, func, names);
      bodies_.line(fmt::format(
          "{} *const from = (__typeof__(from))tenon_guest_pointer((uint32_t)p0);", type));
      for (std::size_t i = 0; i < names.size(); ++i) {
        bodies_.line(
            fmt::format("{} a{} = from->{};", types_.type(func.params[i].type, idx), i, names[i]));
      }
      bodies_.line("free(from);");
    } else {
      if (!slots.empty())
        bodies_.line(fmt::format("uint64_t s[] = {{{}}};", fmt::join(slots, ", ")));
      for (std::size_t i = 0; i < names.size(); ++i) {
        bodies_.line(fmt::format("{} a{};", types_.type(func.params[i].type, idx), i));
        flat(bodies_, func.params[i].type, idx, fmt::format("a{}", i), planned.slots[i], true);
      }
    }
    emit_export_call(idx, planned, made);
    bodies_.close();
    emit_post(idx, planned, symbol);
  }

  void emit_export_call(ModuleIdx idx, const FuncPlan& planned, const Signature& made) {
    const auto& func = *planned.func;
    std::vector<std::string> given;
    for (std::size_t i = 0; i < func.params.size(); ++i) {
      const ValType type = func.params[i].type;
      if (as_option(type) != nullptr) {
        given.push_back(fmt::format("a{0}.is_some ? &a{0}.val : NULL", i));
      } else {
        given.push_back(fmt::format("{}a{}", types_.by_value(type) ? "" : "&", i));
      }
    }
    const auto call = [&] { return fmt::format("{}({})", made.name, fmt::join(given, ", ")); };
    if (!func.result) {
      bodies_.line(call() + ";");
      return;
    }
    const std::string type = types_.type(*func.result, idx);
    bodies_.line(fmt::format("{}{} result;", planned.result_in_memory ? "static " : "", type));
    switch (made.form) {
      case ResultForm::none:
        break;
      case ResultForm::value:
        bodies_.line(fmt::format("result = {};", call()));
        break;
      case ResultForm::pointer:
        given.emplace_back("&result");
        bodies_.line(call() + ";");
        break;
      case ResultForm::option:
        given.emplace_back("&result.val");
        bodies_.line(fmt::format("result.is_some = {};", call()));
        break;
      case ResultForm::result: {
        const auto& result = std::get<component::ResultType>(*plan_.structure(*func.result));
        if (result.ok) given.emplace_back("&result.val.ok");
        if (result.err) given.emplace_back("&result.val.err");
        bodies_.line(fmt::format("result.is_err = !{};", call()));
        break;
      }
    }
    if (planned.result_in_memory) {
      bodies_.line("return (int32_t)tenon_guest_address(&result);");
      return;
    }
    // The slot of the first parameter has done its work.
    const bool has_slots = !planned.params_in_memory && !planned.core_params.empty();
    bodies_.line(has_slots ? "s[0] = 0;" : "uint64_t s[1] = {0};");
    flat(bodies_, *func.result, idx, "result", 0, false);
    bodies_.line(fmt::format("return {};", slot_to_core(*planned.core_result, "s[0]")));
  }

  void emit_post(ModuleIdx idx, const FuncPlan& planned, const std::string& symbol) {
    if (planned.post_name.empty()) return;
    const ValType type = *planned.func->result;
    const std::string name = types_.type(type, idx);
    bodies_.blank().line(
        fmt::format("__attribute__((export_name(\"{}\")))\nvoid {}_post(int32_t area) {{",
                    planned.post_name, symbol));
    bodies_.indent();
    // Handles inside were handed over; only memory is freed.
    free_memory(type, idx, fmt::format("(*({} *)tenon_guest_pointer((uint32_t)area))", name), 0);
    bodies_.close();
  }

  /// Frees the memory behind a result, and leaves handles alone.
  void free_memory(ValType type, ModuleIdx idx, const std::string& place, int depth) {
    if (!plan_.of(type).owns_memory) return;
    if (!plan_.of(type).has_own) {
      bodies_.line(types_.free_call(type, idx, "&" + place));
      return;
    }
    const auto* def = plan_.structure(type);
    const auto names = types_.members(type);
    const auto elements = [&](const std::string& count, const std::string& item,
                              const std::vector<std::pair<ValType, std::string>>& parts) {
      bodies_.open(fmt::format("for (size_t i{0} = 0; i{0} < {1}; ++i{0}) {{", depth, count));
      for (const auto& [part, member] : parts) free_memory(part, idx, item + member, depth + 1);
      bodies_.close();
    };
    const std::string at = fmt::format("[i{}]", depth);
    std::visit(overloaded{
                   [&](const component::Record& record) {
                     for (std::size_t i = 0; i < names.size(); ++i)
                       free_memory(record.fields[i].type, idx, place + "." + names[i], depth);
                   },
                   [&](const component::Tuple& tuple) {
                     for (std::size_t i = 0; i < names.size(); ++i)
                       free_memory(tuple.types[i], idx, place + "." + names[i], depth);
                   },
                   [&](const component::Variant& variant) {
                     for (std::size_t i = 0; i < names.size(); ++i) {
                       if (!variant.cases[i].type || !plan_.of(*variant.cases[i].type).owns_memory)
                         continue;
                       bodies_.open(fmt::format("if ({}.tag == {}) {{", place, i));
                       free_memory(*variant.cases[i].type, idx, place + ".val." + names[i], depth);
                       bodies_.close();
                     }
                   },
                   [&](const component::Option& option) {
                     bodies_.open(fmt::format("if ({}.is_some) {{", place));
                     free_memory(option.type, idx, place + ".val", depth);
                     bodies_.close();
                   },
                   [&](const component::ResultType& result) {
                     bodies_.open(fmt::format("if ({}.is_err) {{", place));
                     if (result.err) free_memory(*result.err, idx, place + ".val.err", depth);
                     bodies_.close("} else {").indent();
                     if (result.ok) free_memory(*result.ok, idx, place + ".val.ok", depth);
                     bodies_.close();
                   },
                   [&](const component::List& list) {
                     if (list.length) {
                       elements(std::to_string(*list.length), place + ".at" + at,
                                {{list.elem, ""}});
                       return;
                     }
                     elements(place + ".len", place + ".ptr" + at, {{list.elem, ""}});
                     bodies_.line(fmt::format("if ({0}.len != 0) free({0}.ptr);", place));
                   },
                   [&](const component::Map& map) {
                     elements(place + ".len", place + ".ptr" + at,
                              {{map.key, ".key"}, {map.value, ".value"}});
                     bodies_.line(fmt::format("if ({0}.len != 0) free({0}.ptr);", place));
                   },
                   [](const auto&) {},
               },
               *def);
  }

  void emit_resource(ModuleIdx idx, const ResourcePlan& resource) {
    const std::string base = types_.resource(resource.type, idx);
    const std::string own = types_.own(resource.type, idx);
    const std::string borrow = types_.borrow(resource.type, idx);
    const auto function = [&](const std::string& text, const std::string& body) {
      declarations_.line(text + ";");
      bodies_.open(text + " {").line(body).close();
    };
    const std::string drop =
        core_import(resource.core_module, resource.drop_name, "void", {"int32_t"});
    function(fmt::format("void {}_drop_own({} handle)", base, own), drop + "(handle.__handle);");
    if (!is_export(idx)) {
      function(fmt::format("void {}_drop_borrow({} handle)", base, borrow),
               drop + "(handle.__handle);");
      function(fmt::format("{} {}({} handle)", borrow, types_.lend(resource.type, idx), own),
               fmt::format("return ({}){{handle.__handle}};", borrow));
      return;
    }
    const std::string make =
        core_import(resource.core_module, resource.new_name, "int32_t", {"int32_t"});
    function(fmt::format("{} {}_new({}_t *object)", own, base, base),
             fmt::format("return ({}){{{}((int32_t)tenon_guest_address(object))}};", own, make));
    const std::string rep =
        core_import(resource.core_module, resource.rep_name, "int32_t", {"int32_t"});
    function(fmt::format("{}_t *{}_rep({} handle)", base, base, own),
             fmt::format("return ({}_t *)tenon_guest_pointer((uint32_t){}(handle.__handle));", base,
                         rep));
    declarations_.line("// The component writes this; the last handle is gone.");
    declarations_.line(fmt::format("void {0}_destructor({0}_t *object);", base));
    emit_stub(fmt::format("void {0}_destructor({0}_t *object)", base), "The last handle is gone.");
    const std::string symbol =
        types_.take(fmt::format("{}_export_{}", types_.world(), snake(resource.dtor_export)));
    bodies_.blank().line(
        fmt::format("__attribute__((export_name(\"{}\")))\nvoid {}(int32_t object) {{\n"
                    "  {}_destructor(({}_t *)tenon_guest_pointer((uint32_t)object));\n}}",
                    resource.dtor_export, symbol, base, base));
  }

  static constexpr std::size_t max_inline_statements = 64;

  const WorldPlan& plan_;
  const Options& options_;
  CTypes types_;
  /// By type; and the functions of those that are written once, by type, module and direction.
  std::vector<std::size_t> flat_statements_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, std::string> flat_functions_;
  Emit helpers_;
  Emit declarations_;
  Emit bodies_;
  Emit stubs_;
};

}  // namespace

std::vector<File> generate_c_guest(const WorldPlan& plan, const Options& options) {
  return CGuest(plan, options).run();
}

File stub_c_guest(const WorldPlan& plan, const Options& options) {
  return CGuest(plan, options).stubs();
}

GuestNames names_of_c_guest(const WorldPlan& plan, const Options& options) {
  return CGuest(plan, options).names();
}

}  // namespace tenon::bindgen
