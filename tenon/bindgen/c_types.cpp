// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/c_types.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/abi/layout.h"
#include "tenon/bindgen/c_strings.h"
#include "tenon/bindgen/cpp_types.h"

namespace tenon::bindgen {

using component::PrimValType;

CTypes::CTypes(const WorldPlan& plan, component::StringEncoding encoding)
    : plan_(plan), world_(world_name(plan.wit_world().name)), scope_(Language::c) {
  scope_.reserve_c_globals();
  name_modules();
  for (const auto& name : c_string_names(world_, encoding)) scope_.reserve(name);
  free_names_[world_ + "_string_t"] = world_ + "_string_free";
  name_resources();
}

void CTypes::name_modules() {
  NameScope prefixes(Language::c);
  for (const auto& module : plan_.modules) {
    std::string prefix = module.direction == Direction::export_ ? "exports_" : "";
    if (module.package) {
      const auto& name = plan_.packages->packages[*module.package].name;
      prefix += snake(name.ns) + "_" + snake(name.name) + "_";
      if (const auto version = plan_.version_apart(*module.package); !version.empty())
        prefix += snake(version) + "_";
      prefix += snake(module.name);
    } else if (module.interface) {
      prefix += world_ + "_" + snake(module.name);
    } else {
      prefix += world_;
    }
    // A path may spell another one's: `a-b:c/d` and `a:b-c/d`.
    prefixes_.push_back(prefixes.take(prefix) + "_");
  }
}

/// Before any other name is given: what users know is `own_`, `borrow_` and the resource's name.
void CTypes::name_resources() {
  for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
    for (const auto& resource : plan_.modules[i].resources) {
      // Resources `r` and `own-r` want the same names.
      for (std::string name = snake(resource.name);; name += '_') {
        const HandleNames made{prefixes_[i] + name, prefixes_[i] + "own_" + name,
                               prefixes_[i] + "borrow_" + name};
        std::vector<std::string> all = {made.base + "_t", made.own + "_t", made.borrow + "_t",
                                        made.borrow};
        for (const char* helper : {"_drop_own", "_drop_borrow", "_new", "_rep", "_destructor"})
          all.push_back(made.base + helper);
        if (!std::ranges::all_of(all, [&](const auto& one) { return scope_.is_free(one); }))
          continue;
        for (const auto& one : all) scope_.reserve(one);
        handles_[{i.value, resource.type.value}] = made;
        break;
      }
    }
  }
}

bool CTypes::by_value(ValType type) const {
  if (plan_.is_scalar(type)) return true;
  const auto* def = plan_.structure(type);
  if (def == nullptr) return plan_.prim(type) != PrimValType::string;
  return std::holds_alternative<component::Own>(*def) ||
         std::holds_alternative<component::Borrow>(*def);
}

bool CTypes::needs_free(ValType type) const {
  const TypePlan plan = plan_.of(type);
  return plan.owns_memory || plan.has_own;
}

std::vector<std::string> CTypes::members(ValType type) const {
  std::vector<std::string> wanted = plan_.labels(type);
  for (auto& label : wanted) label = snake(label);
  // In C++ a member hides the type of its name from the members behind it.
  return take_all(Language::c, wanted,
                  {"int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t",
                   "uint64_t", "size_t"});
}

const CTypes::HandleNames& CTypes::handle(TypeIdx resource, ModuleIdx from) const {
  const TypeIdx target = plan_.packages->resolve_alias(resource);
  return handles_.at({plan_.module_of(target, from).value, target.value});
}

std::string CTypes::resource(TypeIdx resource, ModuleIdx from) const {
  return handle(resource, from).base;
}

std::string CTypes::lend(TypeIdx resource, ModuleIdx from) const {
  return handle(resource, from).borrow;
}

std::string CTypes::own(TypeIdx resource, ModuleIdx from) const {
  return handle(resource, from).own + "_t";
}

std::string CTypes::borrow(TypeIdx resource, ModuleIdx from) const {
  return handle(resource, from).borrow + "_t";
}

std::string CTypes::short_name(ValType type, ModuleIdx from) {
  if (type.is_prim()) return std::string(component::to_string(type.prim()));
  const wit::TypeDef& def = plan_.type(type.index());
  if (def.name) return snake(*def.name);
  std::string name = this->type(type, from);
  if (name.ends_with("_t")) name.resize(name.size() - 2);
  std::size_t longest = name.starts_with(world_ + "_") ? world_.size() + 1 : 0;
  for (const auto& prefix : prefixes_) {
    if (name.starts_with(prefix)) longest = std::max(longest, prefix.size());
  }
  return name.substr(longest);
}

std::string CTypes::signature(TypeIdx idx, ModuleIdx from) {
  const auto& def = std::get<wit::DefValType>(plan_.type(idx).def);
  // Through aliases, so that the same structure under two names has one type.
  const auto named = [&](ValType type) {
    return this->type(plan_.packages->resolve_alias(type), from);
  };
  const auto part = [&](const std::optional<ValType>& type) {
    return type ? named(*type) : std::string("_");
  };
  return std::visit(overloaded{
                        [&](const component::List& list) {
                          return fmt::format("list<{},{}>", named(list.elem),
                                             list.length.value_or(0));
                        },
                        [&](const component::Tuple& tuple) {
                          std::string out = "tuple<";
                          for (const ValType one : tuple.types) out += named(one) + ",";
                          return out;
                        },
                        [&](const component::Option& option) {
                          return fmt::format("option<{}>", named(option.type));
                        },
                        [&](const component::ResultType& result) {
                          return fmt::format("result<{},{}>", part(result.ok), part(result.err));
                        },
                        [&](const component::Map& map) {
                          return fmt::format("map<{},{}>", named(map.key), named(map.value));
                        },
                        [&](const auto&) { return fmt::format("#{}", idx.value); },
                    },
                    def);
}

std::string CTypes::anonymous_name(TypeIdx idx, ModuleIdx from) {
  const auto& def = std::get<wit::DefValType>(plan_.type(idx).def);
  const auto part = [&](const std::optional<ValType>& type) {
    return type ? short_name(*type, from) : "void";
  };
  return std::visit(
      overloaded{
          [&](const component::List& list) {
            return list.length ? fmt::format("list{}_{}", *list.length, short_name(list.elem, from))
                               : fmt::format("list_{}", short_name(list.elem, from));
          },
          [&](const component::Tuple& tuple) {
            std::string out = fmt::format("tuple{}", tuple.types.size());
            for (const ValType one : tuple.types) out += "_" + short_name(one, from);
            return out;
          },
          [&](const component::Option& option) {
            return "option_" + short_name(option.type, from);
          },
          [&](const component::ResultType& result) {
            return fmt::format("result_{}_{}", part(result.ok), part(result.err));
          },
          [&](const component::Map& map) {
            return fmt::format("map_{}_{}", short_name(map.key, from), short_name(map.value, from));
          },
          [&](const auto&) { return fmt::format("type_{}", idx.value); },
      },
      def);
}

std::string CTypes::type(ValType type, ModuleIdx from) {
  if (type.is_prim()) {
    if (type.prim() == PrimValType::string) return world_ + "_string_t";
    return std::string(c_prim_type(type.prim()));
  }
  const TypeIdx idx = type.index();
  const wit::TypeDef& def = plan_.type(idx);
  if (std::holds_alternative<wit::Resource>(def.def)) return own(idx, from);
  const bool is_alias_of_resource =
      std::holds_alternative<wit::TypeAlias>(def.def) &&
      std::holds_alternative<wit::Resource>(plan_.type(plan_.packages->resolve_alias(idx)).def);
  if (const auto* alias = std::get_if<wit::TypeAlias>(&def.def);
      alias != nullptr && (!def.name || is_alias_of_resource)) {
    return this->type(alias->target, from);
  }
  if (const auto* structure = std::get_if<wit::DefValType>(&def.def)) {
    if (const auto* lent = std::get_if<component::Borrow>(structure))
      return borrow(lent->resource, from);
    if (const auto* held = std::get_if<component::Own>(structure)) return own(held->resource, from);
    if (const auto* prim = std::get_if<PrimValType>(structure); prim != nullptr && !def.name) {
      return this->type(*prim, from);
    }
  }
  if (def.name) {
    const ModuleIdx module = plan_.module_of(idx, from);
    const auto key = std::pair(module.value, idx.value);
    if (const auto it = named_.find(key); it != named_.end()) return it->second;
    const std::string name = scope_.take(prefixes_[module] + snake(*def.name) + "_t");
    named_[key] = name;
    return define(idx, module, name);
  }
  const std::string key = signature(idx, from);
  if (const auto it = anonymous_.find(key); it != anonymous_.end()) return it->second;
  const std::string stem = anonymous_name(idx, from);
  // What consists of an interface's types has its prefix.
  std::string_view prefix;
  for (const auto& one : prefixes_) {
    if (one.size() > prefix.size() && key.find(one) != std::string::npos) prefix = one;
  }
  const std::string name =
      scope_.take((prefix.empty() ? world_ + "_" : std::string(prefix)) + stem + "_t");
  anonymous_[key] = name;
  return define(idx, from, name);
}

void CTypes::define_constants(const wit::TypeDef& def, const std::vector<std::string>& labels,
                              std::string_view name, bool bits) {
  const std::string stem(name.substr(0, name.size() - 2));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    defs_.docs(member_doc(def, i), "//");
    const std::string constant = scope_.take(shouty(stem + "_" + labels[i]));
    defs_.line(bits ? fmt::format("#define {} (1U << {})", constant, i)
                    : fmt::format("#define {} {}", constant, i));
  }
}

std::string CTypes::define(TypeIdx idx, ModuleIdx from, std::string name) {
  const wit::TypeDef& def = plan_.type(idx);
  if (const auto* alias = std::get_if<wit::TypeAlias>(&def.def)) {
    const std::string target = type(alias->target, from);
    defs_.blank().docs(def.used ? std::string_view() : std::string_view(def.info.docs), "//");
    defs_.line(fmt::format("typedef {} {};", target, name));
    define_alias_free(alias->target, from, name);
    return name;
  }
  const auto& structure = std::get<wit::DefValType>(def.def);
  const TypePlan plan = plan_.of(idx);
  if (const auto* one = std::get_if<component::Enum>(&structure)) {
    defs_.blank()
        .docs(def.info.docs, "//")
        .line(fmt::format("typedef {} {};", c_tag_type(plan.tag), name));
    define_constants(def, one->labels, name, false);
  } else if (const auto* flags = std::get_if<component::Flags>(&structure)) {
    defs_.blank()
        .docs(def.info.docs, "//")
        .line(fmt::format("typedef {} {};", c_tag_type(plan.tag), name));
    define_constants(def, flags->labels, name, true);
  } else if (const auto* prim = std::get_if<PrimValType>(&structure)) {
    defs_.blank()
        .docs(def.info.docs, "//")
        .line(fmt::format("typedef {} {};", type(*prim, from), name));
    define_alias_free(*prim, from, name);
  } else {
    define_structure(idx, from, name);
    if (needs_free(idx)) define_free(idx, from, name);
  }
  return name;
}

void CTypes::define_structure(TypeIdx idx, ModuleIdx from, const std::string& name) {
  const wit::TypeDef& def = plan_.type(idx);
  const auto& structure = std::get<wit::DefValType>(def.def);
  const TypePlan plan = plan_.of(idx);
  const auto names = members(idx);
  Emit body;
  body.indent();
  std::vector<std::string> labels;
  const auto payloads =
      [&](const std::vector<std::pair<std::string, std::optional<ValType>>>& cases) {
        const bool any = std::any_of(cases.begin(), cases.end(),
                                     [](const auto& one) { return one.second.has_value(); });
        if (!any) return;
        body.open("union {");
        for (const auto& [label, type] : cases) {
          if (type) body.line(fmt::format("{} {};", this->type(*type, from), label));
        }
        body.close("} val;");
      };
  std::visit(
      overloaded{
          [&](const component::Record& record) {
            for (std::size_t i = 0; i < names.size(); ++i) {
              const std::string field = type(record.fields[i].type, from);
              body.docs(member_doc(def, i), "//").line(fmt::format("{} {};", field, names[i]));
            }
          },
          [&](const component::Tuple& tuple) {
            for (std::size_t i = 0; i < names.size(); ++i) {
              body.line(fmt::format("{} {};", type(tuple.types[i], from), names[i]));
            }
          },
          [&](const component::Variant& variant) {
            body.line(fmt::format("{} tag;", c_tag_type(plan.tag)));
            std::vector<std::pair<std::string, std::optional<ValType>>> cases;
            for (std::size_t i = 0; i < names.size(); ++i) {
              labels.push_back(variant.cases[i].label);
              cases.emplace_back(names[i], variant.cases[i].type);
            }
            payloads(cases);
          },
          [&](const component::Option& option) {
            const std::string some = type(option.type, from);
            body.line("bool is_some;").line(some + " val;");
          },
          [&](const component::ResultType& result) {
            body.line("bool is_err;");
            payloads({{"ok", result.ok}, {"err", result.err}});
          },
          [&](const component::List& list) {
            const std::string elem = type(list.elem, from);
            if (list.length) {
              body.line(fmt::format("{} at[{}];", elem, *list.length));
            } else {
              body.line(elem + " *ptr;").line("size_t len;");
            }
          },
          [&](const component::Map& map) {
            body.line(define_entry(map, from, name) + " *ptr;").line("size_t len;");
          },
          [](const auto&) {},
      },
      structure);
  defs_.blank()
      .docs(def.info.docs, "//")
      .line("typedef struct {")
      .raw(body.text())
      .line(fmt::format("}} {};", name));
  if (!labels.empty()) define_constants(def, labels, name, false);
  defs_.line(fmt::format("TENON_GUEST_LAYOUT({}, {}, {});", name, plan.size, plan.align));
}

std::string CTypes::define_entry(const component::Map& map, ModuleIdx from,
                                 const std::string& name) {
  const std::string key = type(map.key, from);
  const std::string value = type(map.value, from);
  const TypePlan first = plan_.of(map.key);
  const TypePlan second = plan_.of(map.value);
  const std::uint32_t align = std::max(first.align, second.align);
  const std::uint64_t size =
      abi::align_to(abi::align_to(first.size, second.align) + second.size, align);
  std::string entry = scope_.take(name.substr(0, name.size() - 2) + "_entry_t");
  defs_.blank().line("typedef struct {");
  defs_.line(fmt::format("  {} key;\n  {} value;", key, value));
  defs_.line(fmt::format("}} {};", entry));
  defs_.line(fmt::format("TENON_GUEST_LAYOUT({}, {}, {});", entry, size, align));
  return entry;
}

std::string CTypes::free_call(ValType type, ModuleIdx from, std::string_view place) {
  if (!needs_free(type)) return {};
  if (type.is_prim()) return fmt::format("{}_string_free({});", world_, place);
  const auto* def = plan_.structure(type);
  if (def == nullptr && plan_.packages->resolve_alias(type).is_prim()) {
    return fmt::format("{}_string_free({});", world_, place);
  }
  if (def == nullptr || std::holds_alternative<component::Own>(*def)) {
    const TypeIdx target = def == nullptr ? type.index() : std::get<component::Own>(*def).resource;
    return fmt::format("{}_drop_own(*({}));", resource(target, from), place);
  }
  // Aliases have the function of what they stand for.
  std::string name = this->type(plan_.packages->resolve_alias(type), from);
  if (const auto* prim = std::get_if<PrimValType>(def); prim != nullptr)
    name = world_ + "_string_t";
  if (const auto it = free_names_.find(name); it != free_names_.end()) name = it->second;
  return fmt::format("{}({});", name, place);
}

void CTypes::define_alias_free(ValType target, ModuleIdx from, const std::string& name) {
  if (!needs_free(target)) return;
  const std::string free_name = scope_.take(name.substr(0, name.size() - 2) + "_free");
  frees_.line(fmt::format("void {}({} *value);", free_name, name));
  bodies_.blank().open(fmt::format("void {}({} *value) {{", free_name, name));
  bodies_.line(free_call(target, from, "value")).close();
}

void CTypes::free_list(ValType elem, ModuleIdx from, std::string_view element_place) {
  if (!needs_free(elem)) return;
  const std::string call = free_call(elem, from, element_place);
  bodies_.line("for (size_t i = 0; i < value->len; ++i) {").line("  " + call).line("}");
}

void CTypes::define_free(TypeIdx idx, ModuleIdx from, const std::string& name) {
  const auto& structure = std::get<wit::DefValType>(plan_.type(idx).def);
  const auto names = members(idx);
  const std::string free_name = scope_.take(name.substr(0, name.size() - 2) + "_free");
  free_names_[name] = free_name;
  frees_.line(fmt::format("void {}({} *value);", free_name, name));
  bodies_.blank().open(fmt::format("void {}({} *value) {{", free_name, name));
  const auto part = [&](ValType type, const std::string& place) {
    if (const auto call = free_call(type, from, place); !call.empty()) bodies_.line(call);
  };
  std::visit(overloaded{
                 [&](const component::Record& record) {
                   for (std::size_t i = 0; i < names.size(); ++i)
                     part(record.fields[i].type, "&value->" + names[i]);
                 },
                 [&](const component::Tuple& tuple) {
                   for (std::size_t i = 0; i < names.size(); ++i)
                     part(tuple.types[i], "&value->" + names[i]);
                 },
                 [&](const component::Variant& variant) {
                   bodies_.line("switch (value->tag) {");
                   for (std::size_t i = 0; i < names.size(); ++i) {
                     if (!variant.cases[i].type || !needs_free(*variant.cases[i].type)) continue;
                     bodies_.line(fmt::format("case {}:", i)).indent();
                     part(*variant.cases[i].type, "&value->val." + names[i]);
                     bodies_.line("break;").dedent();
                   }
                   bodies_.line("default:\n  break;\n}");
                 },
                 [&](const component::Option& option) {
                   bodies_.open("if (value->is_some) {");
                   part(option.type, "&value->val");
                   bodies_.close();
                 },
                 [&](const component::ResultType& result) {
                   bodies_.open("if (value->is_err) {");
                   if (result.err) part(*result.err, "&value->val.err");
                   bodies_.close("} else {").indent();
                   if (result.ok) part(*result.ok, "&value->val.ok");
                   bodies_.close();
                 },
                 [&](const component::List& list) {
                   if (list.length) {
                     const std::string call = free_call(list.elem, from, "&value->at[i]");
                     bodies_.line(fmt::format("for (size_t i = 0; i < {}; ++i) {{\n  {}\n}}",
                                              *list.length, call));
                     return;
                   }
                   free_list(list.elem, from, "&value->ptr[i]");
                   bodies_.line("if (value->len != 0) free(value->ptr);\nvalue->len = 0;");
                 },
                 [&](const component::Map& map) {
                   free_list(map.key, from, "&value->ptr[i].key");
                   free_list(map.value, from, "&value->ptr[i].value");
                   bodies_.line("if (value->len != 0) free(value->ptr);\nvalue->len = 0;");
                 },
                 [](const auto&) {},
             },
             structure);
  bodies_.close();
}

void CTypes::define_handle(ModuleIdx module, const ResourcePlan& one) {
  const HandleNames& names = handles_.at({module.value, one.type.value});
  defs_.blank().docs(plan_.type(one.type).info.docs, "//");
  defs_.line(fmt::format("typedef struct {{\n  int32_t __handle;\n}} {}_t;", names.own));
  if (plan_.modules[module].direction == Direction::export_) {
    defs_.line("// The component's own: define `struct " + names.base + "_t`.");
    defs_.line(fmt::format("typedef struct {0}_t {0}_t;\ntypedef {0}_t *{1}_t;", names.base,
                           names.borrow));
  } else {
    defs_.line(fmt::format("typedef struct {{\n  int32_t __handle;\n}} {}_t;", names.borrow));
  }
}

void CTypes::define_all() {
  for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
    for (const auto& one : plan_.modules[i].resources) define_handle(i, one);
  }
  for (ModuleIdx i; i.value < plan_.modules.size(); ++i.value) {
    for (const TypeIdx type : plan_.modules[i].types) (void)this->type(type, i);
  }
}

}  // namespace tenon::bindgen
