// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/interface_of.h"

#include <fmt/format.h>

#include <set>

#include "tenon/component/decode.h"
#include "tenon/component/type_text.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/features.h"

namespace tenon::cli {
namespace {

std::string types_text(const std::vector<core::ValType>& types) {
  std::string out;
  for (const core::ValType type : types) out += (out.empty() ? "" : ", ") + to_string(type);
  return out;
}

std::string func_text(const core::Module& module, core::TypeIdx idx) {
  if (!module.types.contains(idx)) return "func";
  const core::FuncType& type = module.types[idx].type.func;
  std::string out = fmt::format("func ({})", types_text(type.params));
  if (type.results.size() == 1) return out + " -> " + types_text(type.results);
  if (!type.results.empty()) out += fmt::format(" -> ({})", types_text(type.results));
  return out;
}

std::string limits_text(core::AddrType addr, const core::Limits& limits) {
  std::string out = fmt::format("{}{}", addr == core::AddrType::i64 ? "i64 " : "", limits.min);
  if (limits.max) out += fmt::format(" to {}", *limits.max);
  return out;
}

std::string table_text(const core::TableType& type) {
  return fmt::format("table {} of {}", limits_text(type.addr, type.limits), to_string(type.elem));
}
std::string mem_text(const core::MemType& type) {
  return fmt::format("memory {} pages{}", limits_text(type.addr, type.limits),
                     type.shared ? ", shared" : "");
}
std::string global_text(const core::GlobalType& type) {
  return fmt::format("global {}{}", type.mutable_ ? "mut " : "", to_string(type.type));
}

std::string import_text(const core::Module& module, const core::ExternType& type) {
  switch (type.kind) {
    case core::ExternKind::func:
      return func_text(module, type.func);
    case core::ExternKind::table:
      return table_text(type.table);
    case core::ExternKind::mem:
      return mem_text(type.mem);
    case core::ExternKind::global:
      return global_text(type.global);
    case core::ExternKind::tag:
      return "tag";
  }
  std::unreachable();
}

/// An export's index need not be valid here: the module is only decoded.
std::string export_text(const core::Module& module, const core::Export& item) {
  switch (item.kind) {
    case core::ExternKind::func:
      return item.index < module.func_types.size()
                 ? func_text(module, module.func_types[item.index])
                 : "func";
    case core::ExternKind::table:
      return item.index < module.table_types.size() ? table_text(module.table_types[item.index])
                                                    : "table";
    case core::ExternKind::mem:
      return item.index < module.mem_types.size() ? mem_text(module.mem_types[item.index])
                                                  : "memory";
    case core::ExternKind::global:
      return item.index < module.global_types.size() ? global_text(module.global_types[item.index])
                                                     : "global";
    case core::ExternKind::tag:
      return "tag";
  }
  std::unreachable();
}

Result<Interface> interface_of_module(const Input& input) {
  const core::Module module =
      TENON_TRY(core::decode(Blob::borrow(input.bytes), core::Features::all(), input.source));
  Interface out;
  for (const core::Import& import : module.imports) {
    out.imports.push_back(
        {fmt::format("{}.{}", import.module, import.name), import_text(module, import.type)});
  }
  for (const core::Export& item : module.exports) {
    out.exports.push_back({std::string(item.name), export_text(module, item)});
  }
  return out;
}

/// An item and, for an instance, what it holds. Types that stand for themselves are left out. Many
/// instances may have one type: in a long list it is written out at the first of them.
void append_item(component::TypeNames& names, const component::NamedExtern& item, std::size_t depth,
                 std::set<std::uint32_t>& shown, std::vector<InterfaceItem>& out) {
  constexpr std::size_t long_list = 10'000;
  constexpr std::size_t deepest = 8;
  const std::string name = std::string(2 * depth, ' ') + item.name;
  switch (item.type.kind) {
    case component::ExternKind::func:
    case component::ExternKind::type:
      out.push_back({name, item.type.resource() ? "resource" : type_text(names, item.type)});
      return;
    case component::ExternKind::core_module:
      out.push_back({name, "core module"});
      return;
    case component::ExternKind::value:
      out.push_back({name, "value"});
      return;
    case component::ExternKind::component:
      out.push_back({name, "component"});
      return;
    case component::ExternKind::instance: {
      const component::InstanceTypeInfo& instance =
          names.info().instance_types[item.type.instance()];
      const bool first = shown.insert(item.type.instance().value).second;
      if (!first && out.size() > long_list) {
        out.push_back(
            {name, fmt::format("instance with {} exports, as above", instance.exports.size())});
        return;
      }
      out.push_back({name, "instance"});
      if (depth >= deepest) return;
      auto before = names.enter(instance);
      for (const component::NamedExtern& inner : instance.exports)
        append_item(names, inner, depth + 1, shown, out);
      names.leave(std::move(before));
      return;
    }
  }
  std::unreachable();
}

Result<Interface> interface_of_component(const Input& input) {
  component::Component component =
      TENON_TRY(component::decode(Blob::borrow(input.bytes), core::Features::all(), input.source));
  const auto valid = TENON_TRY(component::validate(std::move(component), core::Features::all()));
  const component::ComponentInfo& info = *valid->info;
  component::TypeNames names(info);
  Interface out;
  std::set<std::uint32_t> shown;
  for (const component::ImportInfo& item : info.imports)
    append_item(names, {item.name->name, item.type}, 0, shown, out.imports);
  shown.clear();
  for (const component::ExportInfo& item : info.exports)
    append_item(names, {item.name->name, item.type}, 0, shown, out.exports);
  return out;
}

}  // namespace

Result<Interface> interface_of(const Input& input) {
  return input.is_component() ? interface_of_component(input) : interface_of_module(input);
}

}  // namespace tenon::cli
