// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/unbundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "tenon/builder/assembly.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"

namespace tenon::builder {
namespace {

using namespace component;  // NOLINT(google-build-using-namespace)

// Types name types by index: `f` gives each its new one.

template <class F>
void map_valtype(core::ValType& t, F&& f) {
  if (t.is_ref() && t.heap().is_defined())
    t = core::ValType::ref(f(t.heap().index()), t.nullable());
}

template <class F>
void map_subtype(core::SubType& t, F&& f) {
  for (core::TypeIdx& super : t.supers) super = f(super);
  for (core::ValType& v : t.type.func.params) map_valtype(v, f);
  for (core::ValType& v : t.type.func.results) map_valtype(v, f);
  for (core::FieldType& field : t.type.fields) map_valtype(field.type, f);
}

template <class F>
void map_extern(core::ExternType& t, F&& f) {
  switch (t.kind) {
    case core::ExternKind::func:
      t.func = f(t.func);
      return;
    case core::ExternKind::table:
      return map_valtype(t.table.elem, f);
    case core::ExternKind::mem:
      return;
    case core::ExternKind::global:
      return map_valtype(t.global.type, f);
    case core::ExternKind::tag:
      t.tag.type = f(t.tag.type);
      return;
  }
}

/// The type of a module, with those of its types that its imports and exports need.
class ModuleTypeOf {
 public:
  explicit ModuleTypeOf(const core::Module& module) : module_(module) {}

  CoreModuleType run() {
    CoreModuleType out;
    const auto note = [&](core::TypeIdx idx) {
      need(idx);
      return idx;
    };
    for (const core::Import& i : module_.imports) {
      core::ExternType type = i.type;
      map_extern(type, note);
    }
    for (const core::Export& e : module_.exports) {
      core::ExternType type = type_of(e);
      map_extern(type, note);
    }
    // Recursion groups are taken over whole; a group names itself and those before it.
    while (!work_.empty()) {
      const std::uint32_t begin = work_.back();
      work_.pop_back();
      for (core::SubType& t : group(begin)) map_subtype(t, note);
    }
    std::uint32_t types = 0;
    for (const auto& [begin, size] : groups_) {
      for (std::uint32_t i = 0; i < size; ++i) known_[begin + i] = types++;
    }
    const auto renumber = [&](core::TypeIdx idx) { return core::TypeIdx(known_.at(idx.value)); };
    for (const auto& [begin, size] : groups_) {
      CoreType type;
      type.rec_group = group(begin);
      for (core::SubType& t : type.rec_group) map_subtype(t, renumber);
      out.decls.emplace_back(std::move(type));
    }
    for (const core::Import& i : module_.imports) {
      core::ExternType type = i.type;
      map_extern(type, renumber);
      out.decls.emplace_back(CoreImportDecl{std::string(i.module), std::string(i.name), type});
    }
    for (const core::Export& e : module_.exports) {
      core::ExternType type = type_of(e);
      map_extern(type, renumber);
      out.decls.emplace_back(CoreExportDecl{std::string(e.name), type});
    }
    return out;
  }

 private:
  [[nodiscard]] std::vector<core::SubType> group(std::uint32_t begin) const {
    std::vector<core::SubType> out;
    const std::uint32_t size = module_.types[core::TypeIdx(begin)].rec_size;
    for (std::uint32_t i = begin; i < begin + size; ++i)
      out.push_back(module_.types[core::TypeIdx(i)]);
    return out;
  }

  void need(core::TypeIdx idx) {
    const core::SubType& type = module_.types[idx];
    if (groups_.emplace(type.rec_begin, type.rec_size).second) work_.push_back(type.rec_begin);
  }

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

  const core::Module& module_;
  std::map<std::uint32_t, std::uint32_t> groups_;
  std::vector<std::uint32_t> work_;
  std::unordered_map<std::uint32_t, std::uint32_t> known_;
};

/// Makes room for `by` core types in front of those of the outermost component: all that names one
/// of these, from however deep inside, names it by its new index. Nesting is what decoding allows.
class ShiftCoreTypes {
 public:
  explicit ShiftCoreTypes(std::uint32_t by) : by_(by) {}

  void component(Component& c) {
    for (Definition& d : c.definitions) {
      std::visit(overloaded{
                     [&](CoreType& t) { core_type(t); },
                     [&](Type& t) { type(t); },
                     [&](Alias& a) { alias(a); },
                     [&](Import& i) { extern_type(i.type); },
                     [&](Export& e) {
                       if (e.ascribed) extern_type(*e.ascribed);
                     },
                     [&](Canon& x) {
                       if (depth_ == 0) canon(x);
                     },
                     [&](std::unique_ptr<Component>& nested) {
                       ++depth_;
                       component(*nested);
                       --depth_;
                     },
                     [](auto&) {},
                 },
                 d.def);
    }
  }

 private:
  void shift(std::uint32_t& idx) const { idx += by_; }

  void alias(Alias& a) const {
    const bool core_type = a.sort.kind == SortKind::core && a.sort.core_sort == CoreSort::type;
    if (core_type && a.target == Alias::Target::outer && a.instance_or_count == depth_)
      shift(a.idx);
  }

  void extern_type(ExternType& t) const {
    if (depth_ == 0 && t.kind == ExternKind::core_module) shift(t.idx);
  }

  void core_type(CoreType& t) const {
    if (t.module_type) {
      for (CoreModuleDecl& decl : t.module_type->decls) {
        // A module type is a scope of its own.
        auto* outer = std::get_if<CoreOuterAlias>(&decl);
        if (outer != nullptr && outer->count == depth_ + 1) shift(outer->idx);
      }
      return;
    }
    if (depth_ != 0) return;
    for (core::SubType& sub : t.rec_group)
      map_subtype(sub, [&](core::TypeIdx idx) { return core::TypeIdx(idx.value + by_); });
  }

  void type(Type& t) {
    std::vector<Decl>* decls = nullptr;
    if (auto* component = std::get_if<ComponentType>(&t.def)) decls = &component->decls;
    if (auto* instance = std::get_if<InstanceType>(&t.def)) decls = &instance->decls;
    if (decls == nullptr) return;
    ++depth_;
    for (Decl& decl : *decls) {
      if (auto* core = std::get_if<CoreType>(&decl)) core_type(*core);
      if (auto* nested = std::get_if<Type>(&decl)) type(*nested);
      if (auto* a = std::get_if<Alias>(&decl)) alias(*a);
    }
    --depth_;
  }

  void canon(Canon& canon) const {
    if (auto* imm = std::get_if<IndirectImm>(&canon.imm)) shift(imm->type.value);
    if (auto* imm = std::get_if<SharedTypeImm>(&canon.imm)) shift(imm->type.value);
    if (auto* imm = std::get_if<SharedIndirectImm>(&canon.imm)) shift(imm->type.value);
  }

  std::uint32_t by_;
  std::uint32_t depth_ = 0;
};

bool has_core_type(const Definition& d) {
  const auto* alias = std::get_if<Alias>(&d.def);
  return std::holds_alternative<CoreType>(d.def) ||
         (alias != nullptr && alias->sort.kind == SortKind::core &&
          alias->sort.core_sort == CoreSort::type);
}

}  // namespace

Result<Unbundled> unbundle(ByteSpan bytes, std::size_t threshold, std::uint32_t source) {
  const core::Features features = core::Features::all();
  {
    // What is taken apart below has to be in order.
    auto whole = TENON_TRY(decode(Blob::borrow(bytes), features, source));
    [[maybe_unused]] const auto valid = TENON_TRY(validate(std::move(whole), features));
  }
  Component in = TENON_TRY(decode(Blob::borrow(bytes), features, source));
  const auto taken = [&](const Definition& d) {
    const auto* module = std::get_if<std::unique_ptr<core::Module>>(&d.def);
    return module != nullptr && (*module)->bytes.size() >= threshold;
  };
  Unbundled out;
  Component rest;
  // The modules' types stand first, so that the component's own keep their order.
  for (const Definition& d : in.definitions) {
    if (!taken(d)) continue;
    CoreType type;
    type.module_type = std::make_unique<CoreModuleType>(
        ModuleTypeOf(*std::get<std::unique_ptr<core::Module>>(d.def)).run());
    rest.definitions.push_back({std::move(type), d.span});
  }
  ShiftCoreTypes(static_cast<std::uint32_t>(rest.definitions.size())).component(in);
  const bool shifted =
      !rest.definitions.empty() && std::ranges::any_of(in.definitions, has_core_type);
  for (Definition& d : in.definitions) {
    const auto* custom = std::get_if<Custom>(&d.def);
    // Its names would stand for other core types.
    if (shifted && custom != nullptr && custom->name == "component-name") continue;
    if (!taken(d)) {
      rest.definitions.push_back(std::move(d));
      continue;
    }
    const ByteSpan content = std::get<std::unique_ptr<core::Module>>(d.def)->bytes.view();
    const std::string name = fmt::format("unbundled-module{}", out.modules.size());
    Import import;
    import.name = extern_name(name);
    import.type =
        extern_type(ExternKind::core_module, static_cast<std::uint32_t>(out.modules.size()));
    rest.definitions.push_back({std::move(import), d.span});
    out.modules.push_back({name, {content.begin(), content.end()}});
  }
  out.component = encode(rest);
  auto check = TENON_TRY(decode(Blob::borrow(out.component), features));
  [[maybe_unused]] const auto valid = TENON_TRY(validate(std::move(check), features));
  return out;
}

}  // namespace tenon::builder
