// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/unbundle.h"

#include <fmt/format.h>

#include <unordered_map>

#include "tenon/builder/assembly.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/match.h"

namespace tenon::builder {
namespace {

using namespace component;  // NOLINT(google-build-using-namespace)

/// The type of a module, with those of its types that its imports and exports need.
class ModuleTypeOf {
 public:
  explicit ModuleTypeOf(const core::Module& module) : module_(module) {}

  Result<CoreModuleType> run() {
    for (const core::Import& i : module_.imports) {
      const core::ExternType type = TENON_TRY(extern_(i.type));
      out_.decls.emplace_back(CoreImportDecl{std::string(i.module), std::string(i.name), type});
    }
    for (const core::Export& e : module_.exports) {
      const core::ExternType type = TENON_TRY(extern_(type_of(e)));
      out_.decls.emplace_back(CoreExportDecl{std::string(e.name), type});
    }
    return std::move(out_);
  }

 private:
  core::ExternType type_of(const core::Export& e) const {
    core::ExternType type;
    type.kind = e.kind;
    switch (e.kind) {
      case core::ExternKind::func:
        type.func = module_.func_types[e.index];
        break;
      case core::ExternKind::table:
        type.table = module_.table_types[e.index];
        break;
      case core::ExternKind::mem:
        type.mem = module_.mem_types[e.index];
        break;
      case core::ExternKind::global:
        type.global = module_.global_types[e.index];
        break;
      case core::ExternKind::tag:
        type.tag = module_.tag_types[e.index];
        break;
    }
    return type;
  }

  /// A recursion group is taken over whole, after those that it names.
  Result<core::TypeIdx> type(core::TypeIdx idx) {
    if (const auto it = known_.find(idx.value); it != known_.end()) return core::TypeIdx(it->second);
    const core::SubType& first = module_.types[idx];
    const std::uint32_t begin = first.rec_begin;
    CoreType group;
    for (std::uint32_t i = begin; i < begin + first.rec_size; ++i) group.rec_group.push_back(module_.types[core::TypeIdx(i)]);
    if (uses_types(group)) {
      return std::unexpected(
          Error(rules::not_supported, Span::none(), "a module whose imports or exports have types that name types"));
    }
    for (std::uint32_t i = 0; i < first.rec_size; ++i) known_[begin + i] = types_++;
    out_.decls.emplace_back(std::move(group));
    return core::TypeIdx(known_[idx.value]);
  }

  static bool uses_types(const CoreType& group) {
    const auto named = [](core::ValType t) { return t.is_ref() && t.heap().is_defined(); };
    for (const core::SubType& t : group.rec_group) {
      if (!t.supers.empty() || t.type.kind != core::CompType::Kind::func) return true;
      for (const core::ValType v : t.type.func.params) {
        if (named(v)) return true;
      }
      for (const core::ValType v : t.type.func.results) {
        if (named(v)) return true;
      }
    }
    return false;
  }

  Result<core::ExternType> extern_(core::ExternType t) {
    if (t.kind == core::ExternKind::func) t.func = TENON_TRY(type(t.func));
    if (t.kind == core::ExternKind::tag) t.tag.type = TENON_TRY(type(t.tag.type));
    return t;
  }

  const core::Module& module_;
  CoreModuleType out_;
  std::unordered_map<std::uint32_t, std::uint32_t> known_;
  std::uint32_t types_ = 0;
};

/// How many core types a definition adds.
std::uint32_t core_types_of(const DefinitionKind& def) {
  if (const auto* t = std::get_if<CoreType>(&def)) {
    return t->module_type ? 1 : static_cast<std::uint32_t>(t->rec_group.size());
  }
  const auto* a = std::get_if<Alias>(&def);
  const bool type = a != nullptr && a->sort.kind == SortKind::core && a->sort.core_sort == CoreSort::type;
  return type ? 1 : 0;
}

}  // namespace

Result<Unbundled> unbundle(ByteSpan bytes, std::size_t threshold) {
  const core::Features features = core::Features::all();
  Component in = TENON_TRY(decode(Blob::borrow(bytes), features));
  std::uint32_t core_types = 0;
  for (const Definition& d : in.definitions) core_types += core_types_of(d.def);
  if (core_types != 0) {
    return std::unexpected(Error(rules::not_supported, Span::none(), "unbundling a component with core types of its own"));
  }
  Unbundled out;
  Component rest;
  for (Definition& d : in.definitions) {
    auto* module = std::get_if<std::unique_ptr<core::Module>>(&d.def);
    if (module == nullptr || (*module)->bytes.size() < threshold) {
      rest.definitions.push_back(std::move(d));
      continue;
    }
    const ByteSpan content = (*module)->bytes.view();
    const std::string name = fmt::format("unbundled-module{}", out.modules.size());
    CoreType type;
    CoreModuleType module_type = TENON_TRY(ModuleTypeOf(**module).run());
    type.module_type = std::make_unique<CoreModuleType>(std::move(module_type));
    rest.definitions.push_back({std::move(type), d.span});
    Import import;
    import.name = extern_name(name);
    import.type = extern_type(ExternKind::core_module, static_cast<std::uint32_t>(out.modules.size()));
    rest.definitions.push_back({std::move(import), d.span});
    out.modules.push_back({name, {content.begin(), content.end()}});
  }
  out.component = encode(rest);
  auto check = TENON_TRY(decode(Blob::borrow(out.component), features));
  [[maybe_unused]] const auto valid = TENON_TRY(validate(std::move(check), features));
  return out;
}

}  // namespace tenon::builder
