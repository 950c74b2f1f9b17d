// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/rust_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tenon::bindgen {

namespace {

using component::PrimValType;

std::string_view prim_type(PrimValType prim) {
  switch (prim) {
#define TENON_PRIM(name, text, code, size, flat, cpp, c, rust) \
  case PrimValType::name:                                      \
    return rust;
#define TENON_PRIM_STRING(name, text, code, size, flat, cpp, c, rust) \
  case PrimValType::name:                                             \
    return "_rt::" rust;
#include "tenon/types/primvaltypes.def"
  }
  return "()";
}

/// Names that types and crates have everywhere in Rust; a module of that name would hide them.
constexpr std::string_view built_in[] = {"bool",  "char", "str",  "u8",  "u16",  "u32",   "u64",
                                         "i8",    "i16",  "i32",  "i64", "f32",  "f64",   "usize",
                                         "isize", "u128", "i128", "std", "core", "alloc", "export"};

NameScope& scope_of(std::map<std::string, NameScope>& scopes, const std::string& key) {
  const auto [it, made] = scopes.try_emplace(key, Language::rust);
  if (made) {
    for (const auto name : built_in) it->second.reserve(name);
  }
  return it->second;
}

std::string key_of(const std::vector<std::string>& path) {
  return fmt::format("{}", fmt::join(path, "::"));
}

}  // namespace

RustTypes::RustTypes(const WorldPlan& plan) : plan_(plan) {
  name_modules();
}

void RustTypes::name_modules() {
  std::map<std::string, NameScope> scopes;
  std::map<std::string, std::string> chosen;
  // Two that are spelt alike are still two: versions 1.0.0-a and 1.0.0+a.
  const auto enter = [&](std::vector<std::string>& path, std::string_view identity,
                         const std::string& wanted) {
    const std::string parent = key_of(path);
    const std::string key = fmt::format("{} {}", parent, identity);
    auto it = chosen.find(key);
    if (it == chosen.end()) it = chosen.emplace(key, scope_of(scopes, parent).take(wanted)).first;
    path.push_back(it->second);
  };
  std::vector<std::string> exports;
  enter(exports, "exports", "exports");
  for (const auto& module : plan_.modules) {
    std::vector<std::string> path;
    if (module.direction == Direction::export_ && module.interface) path = exports;
    if (module.package) {
      const auto& name = plan_.packages->packages[*module.package].name;
      enter(path, name.ns + ":", snake(name.ns));
      enter(path, name.name + "@" + name.version.value_or(""),
            snake(name.name) + snake(plan_.version_apart(*module.package)));
    }
    if (module.interface) enter(path, "/" + module.name, snake(module.name));
    RustModule named;
    named.path = std::move(path);
    modules_.push_back(std::move(named));
  }
  std::map<std::string, NameScope> types;
  std::map<std::string, NameScope> functions;
  for (ModuleIdx i; i.value < modules_.size(); ++i.value) {
    const std::string key = key_of(modules_[i].path);
    name_items(i, types.try_emplace(key, Language::rust).first->second,
               functions.try_emplace(key, Language::rust).first->second);
  }
}

void RustTypes::name_items(ModuleIdx idx, NameScope& types, NameScope& functions) {
  const Module& module = plan_.modules[idx];
  RustModule& named = modules_[idx];
  const bool is_export = module.direction == Direction::export_;
  types.reserve("Guest");
  for (const TypeIdx type : module.types) {
    named.types[type.value] = types.take(pascal(plan_.type(type).name.value_or("type")));
  }
  for (const auto& resource : module.resources) {
    if (!is_export) continue;
    const std::string& name = named.types.at(resource.type.value);
    named.borrows[resource.type.value] = types.take(name + "Borrow");
    named.traits[resource.type.value] = types.take("Guest" + name);
  }
  std::unordered_map<std::uint32_t, NameScope> classes;
  NameScope flat(Language::rust);
  for (const auto& planned : module.functions) {
    const auto& func = *planned.func;
    const std::string item = snake(func.plain_name());
    if (func.kind == wit::FuncKind::freestanding) {
      named.functions.push_back(functions.take(item));
    } else {
      NameScope& scope = classes.try_emplace(func.resource.value, Language::rust).first->second;
      const bool constructor = func.kind == wit::FuncKind::constructor;
      named.functions.push_back(scope.take(constructor ? "new" : item));
    }
    flat.reserve("");
    named.flat_functions.push_back(flat.take(
        snake(flat_name(func)) + (func.kind == wit::FuncKind::freestanding ? "" : "_of")));
  }
}

std::string RustTypes::to_root(ModuleIdx from) const {
  std::string out;
  for (std::size_t i = 0; i < modules_[from].path.size(); ++i) out += "super::";
  return out;
}

std::string RustTypes::path_to(ModuleIdx module, ModuleIdx from) const {
  if (modules_[module].path == modules_[from].path) return {};
  std::string out = to_root(from);
  for (const auto& part : modules_[module].path) out += part + "::";
  return out;
}

std::string RustTypes::resource(TypeIdx resource, ModuleIdx from) const {
  const TypeIdx target = plan_.packages->resolve_alias(resource);
  const ModuleIdx module = plan_.module_of(target, from);
  const auto it = modules_[module].types.find(target.value);
  return path_to(module, from) + (it != modules_[module].types.end() ? it->second : "Resource");
}

std::string RustTypes::lifetime(TypeIdx type, std::string_view life) const {
  if (!plan_.of(type).has_borrow) return {};
  return fmt::format("<{}>", life);
}

std::string RustTypes::type_or_unit(const std::optional<ValType>& type, ModuleIdx from,
                                    std::string_view life) const {
  return type ? this->type(*type, from, life) : "()";
}

std::string RustTypes::type(ValType type, ModuleIdx from, std::string_view life) const {
  if (type.is_prim()) return std::string(prim_type(type.prim()));
  const TypeIdx idx = type.index();
  if (plan_.type(idx).name) {
    const ModuleIdx module = plan_.module_of(idx, from);
    const auto& types = modules_[module].types;
    if (const auto it = types.find(idx.value); it != types.end()) {
      return path_to(module, from) + it->second + lifetime(idx, life);
    }
  }
  return anonymous(idx, from, life);
}

std::string RustTypes::anonymous(TypeIdx idx, ModuleIdx from, std::string_view life) const {
  const wit::TypeDef& def = plan_.type(idx);
  if (const auto* alias = std::get_if<wit::TypeAlias>(&def.def))
    return type(alias->target, from, life);
  const auto* structure = std::get_if<wit::DefValType>(&def.def);
  if (structure == nullptr) return resource(idx, from);
  return std::visit(
      overloaded{
          [](PrimValType prim) { return std::string(prim_type(prim)); },
          [&](const component::List& list) {
            return list.length ? fmt::format("[{}; {}]", type(list.elem, from, life), *list.length)
                               : fmt::format("_rt::Vec<{}>", type(list.elem, from, life));
          },
          [&](const component::Tuple& tuple) {
            std::string parts;
            for (const ValType part : tuple.types) parts += type(part, from, life) + ",";
            return fmt::format("({})", parts);
          },
          [&](const component::Option& option) {
            return fmt::format("_rt::Option<{}>", type(option.type, from, life));
          },
          [&](const component::ResultType& result) {
            return fmt::format("_rt::Result<{}, {}>", type_or_unit(result.ok, from, life),
                               type_or_unit(result.err, from, life));
          },
          [&](const component::Map& map) {
            return fmt::format("_rt::BTreeMap<{}, {}>", type(map.key, from, life),
                               type(map.value, from, life));
          },
          [&](const component::Own& own) { return resource(own.resource, from); },
          [&](const component::Borrow& borrow) {
            if (!plan_.is_exported_resource(borrow.resource, from)) {
              return fmt::format("&{}{}", life == "'_" ? "" : std::string(life) + " ",
                                 resource(borrow.resource, from));
            }
            const TypeIdx target = plan_.packages->resolve_alias(borrow.resource);
            const ModuleIdx module = plan_.module_of(target, from);
            return fmt::format("{}{}<{}>", path_to(module, from),
                               modules_[module].borrows.at(target.value), life);
          },
          [](const auto&) { return std::string("()"); },
      },
      *structure);
}

bool RustTypes::is_copy(ValType type) const {
  const auto* def = plan_.structure(type);
  if (def != nullptr && std::holds_alternative<component::List>(*def)) return false;
  return plan_.of(type).plain;
}

bool RustTypes::is_string(ValType type) const {
  return plan_.prim(type) == PrimValType::string;
}

const component::List* RustTypes::as_list(ValType type) const {
  const auto* def = plan_.structure(type);
  const auto* list = def != nullptr ? std::get_if<component::List>(def) : nullptr;
  return list != nullptr && !list->length ? list : nullptr;
}

std::string RustTypes::view(ValType type, ModuleIdx from) const {
  if (is_string(type)) return "&str";
  const TypePlan plan = plan_.of(type);
  if (plan.has_own) return this->type(type, from, "'_");
  if (is_copy(type)) return this->type(type, from, "'_");
  const auto* def = plan_.structure(type);
  if (def == nullptr) return this->type(type, from, "'_");
  const auto part = [&](const std::optional<ValType>& one) {
    return one ? view(*one, from) : "()";
  };
  return std::visit(
      overloaded{
          [&](const component::List& list) {
            return list.length ? fmt::format("&{}", this->type(type, from, "'_"))
                               : fmt::format("&[{}]", this->type(list.elem, from, "'_"));
          },
          [&](const component::Tuple& tuple) {
            std::string parts;
            for (const ValType one : tuple.types) parts += view(one, from) + ",";
            return fmt::format("({})", parts);
          },
          [&](const component::Option& option) {
            return fmt::format("_rt::Option<{}>", view(option.type, from));
          },
          [&](const component::ResultType& result) {
            return fmt::format("_rt::Result<{}, {}>", part(result.ok), part(result.err));
          },
          [&](const component::Own&) { return this->type(type, from, "'_"); },
          [&](const component::Borrow&) { return this->type(type, from, "'_"); },
          [&](const auto&) { return "&" + this->type(type, from, "'_"); },
      },
      *def);
}

std::vector<std::string> RustTypes::members(TypeIdx type) const {
  std::vector<std::string> wanted = plan_.labels(type);
  const auto* structure = plan_.structure(type);
  if (structure == nullptr) return wanted;
  const bool fields = std::holds_alternative<component::Record>(*structure);
  const bool flags = std::holds_alternative<component::Flags>(*structure);
  for (auto& label : wanted) label = fields ? snake(label) : flags ? shouty(label) : pascal(label);
  return take_all(Language::rust, wanted);
}

std::vector<std::string> RustTypes::params(const wit::Function& func, bool skip_self) const {
  std::vector<std::string> wanted;
  for (std::size_t i = skip_self ? 1 : 0; i < func.params.size(); ++i)
    wanted.push_back(snake(func.params[i].name));
  return take_all(Language::rust, wanted);
}

bool RustTypes::has_long_tuple(ValType type) const {
  const auto* def = plan_.structure(type);
  if (def == nullptr) return false;
  // Types share their parts: each structure is looked at once.
  const auto [known, fresh] = long_tuples_.emplace(def, false);
  if (!fresh) return known->second;
  const bool found = looks_long(*def);
  long_tuples_[def] = found;
  return found;
}

bool RustTypes::looks_long(const wit::DefValType& def) const {
  const auto any = [&](const std::vector<ValType>& types) {
    return std::any_of(types.begin(), types.end(),
                       [&](ValType one) { return has_long_tuple(one); });
  };
  const auto part = [&](const std::optional<ValType>& one) { return one && has_long_tuple(*one); };
  return std::visit(
      overloaded{
          [&](const component::Tuple& tuple) {
            return tuple.types.size() > 12 || any(tuple.types);
          },
          [&](const component::Record& record) {
            return std::any_of(record.fields.begin(), record.fields.end(),
                               [&](const auto& field) { return has_long_tuple(field.type); });
          },
          [&](const component::Variant& variant) {
            return std::any_of(variant.cases.begin(), variant.cases.end(),
                               [&](const auto& one) { return part(one.type); });
          },
          [&](const component::List& list) { return has_long_tuple(list.elem); },
          [&](const component::Option& option) { return has_long_tuple(option.type); },
          [&](const component::ResultType& result) { return part(result.ok) || part(result.err); },
          [&](const component::Map& map) { return has_long_tuple(map.value); },
          [](const auto&) { return false; },
      },
      def);
}

}  // namespace tenon::bindgen
