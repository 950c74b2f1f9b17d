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
      core::ExternType type = type_of(module_, e);
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
      core::ExternType type = type_of(module_, e);
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

  const core::Module& module_;
  std::map<std::uint32_t, std::uint32_t> groups_;
  std::vector<std::uint32_t> work_;
  std::unordered_map<std::uint32_t, std::uint32_t> known_;
};

/// Makes room in front of the core types and core modules of the outermost component: all that
/// names one of these, from however deep inside, names it by its new index. Nesting is what
/// decoding allows.
class Shift {
 public:
  Shift(std::uint32_t types, std::uint32_t modules) : by_(types), modules_(modules) {}

  void component(Component& c) {
    for (Definition& d : c.definitions) {
      std::visit(overloaded{
                     [&](CoreType& t) { core_type(t); },
                     [&](Type& t) { type(t); },
                     [&](Alias& a) { alias(a); },
                     [&](Import& i) { extern_type(i.type); },
                     [&](Export& e) {
                       item(e.item);
                       if (e.ascribed) extern_type(*e.ascribed);
                     },
                     [&](CoreInstance& i) {
                       if (depth_ == 0 && i.module) i.module->value += modules_;
                     },
                     [&](Instance& i) {
                       for (InstantiateArg& arg : i.args) item(arg.item);
                       for (InlineExport& e : i.exports) item(e.item);
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

  static bool is(const Sort& sort, CoreSort core) {
    return sort.kind == SortKind::core && sort.core_sort == core;
  }

  void item(SortIdx& item) const {
    if (depth_ == 0 && is(item.sort, CoreSort::module)) item.idx += modules_;
  }

  void alias(Alias& a) const {
    if (a.target != Alias::Target::outer || a.instance_or_count != depth_) return;
    if (is(a.sort, CoreSort::type)) shift(a.idx);
    if (is(a.sort, CoreSort::module)) a.idx += modules_;
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
  std::uint32_t modules_;
  std::uint32_t depth_ = 0;
};

bool has_core_type(const Definition& d) {
  const auto* alias = std::get_if<Alias>(&d.def);
  return std::holds_alternative<CoreType>(d.def) ||
         (alias != nullptr && alias->sort.kind == SortKind::core &&
          alias->sort.core_sort == CoreSort::type);
}

/// Finds the modules to be taken out, numbered in the order of the binary.
class Taker {
 public:
  explicit Taker(std::size_t threshold) : threshold_(threshold) {}

  struct Taken {
    std::string name;
    CoreType type;
    std::vector<std::uint8_t> bytes;
    Span span;
    bool nested = false;
  };

  void find(Component& c, std::uint32_t depth) {
    for (Definition& d : c.definitions) {
      if (auto* nested = std::get_if<std::unique_ptr<Component>>(&d.def)) find(**nested, depth + 1);
      if (!is_taken(d)) continue;
      const core::Module& module = *std::get<std::unique_ptr<core::Module>>(d.def);
      const ByteSpan content = module.bytes.view();
      Taken out;
      out.name = fmt::format("unbundled-module{}", taken_.size());
      out.type.module_type = std::make_unique<CoreModuleType>(ModuleTypeOf(module).run());
      out.bytes.assign(content.begin(), content.end());
      out.span = d.span;
      out.nested = depth > 0;
      taken_.push_back(std::move(out));
      if (depth > 0) nested_.emplace_back(&d, depth);
    }
  }

  [[nodiscard]] bool is_taken(const Definition& d) const {
    const auto* module = std::get_if<std::unique_ptr<core::Module>>(&d.def);
    return module != nullptr && (*module)->bytes.size() >= threshold_;
  }

  /// Modules inside become aliases of imports, which are in front of the outermost component's
  /// modules.
  void alias_nested() {
    for (std::uint32_t i = 0; i < nested_.size(); ++i) {
      Alias alias;
      alias.target = Alias::Target::outer;
      alias.sort = {SortKind::core, CoreSort::module};
      alias.instance_or_count = nested_[i].second;
      alias.idx = i;
      nested_[i].first->def = std::move(alias);
    }
  }

  [[nodiscard]] std::vector<Taken>& taken() { return taken_; }
  [[nodiscard]] std::uint32_t nested() const { return static_cast<std::uint32_t>(nested_.size()); }

 private:
  std::size_t threshold_;
  std::vector<Taken> taken_;
  /// Definitions inside components, with the number of components around them.
  std::vector<std::pair<Definition*, std::uint32_t>> nested_;
};

Import import_of(const Taker::Taken& taken, std::size_t type) {
  Import out;
  out.name = extern_name(taken.name);
  out.type = extern_type(ExternKind::core_module, static_cast<std::uint32_t>(type));
  return out;
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
  Taker taker(threshold);
  taker.find(in, 0);
  std::vector<Taker::Taken>& taken = taker.taken();
  Shift(static_cast<std::uint32_t>(taken.size()), taker.nested()).component(in);
  taker.alias_nested();
  Unbundled out;
  Component rest;
  // The modules' types are first, so that the component's own keep their order; the imports of
  // nested modules after them, before the components that name them.
  for (Taker::Taken& t : taken) rest.definitions.push_back({std::move(t.type), t.span});
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i].nested) rest.definitions.push_back({import_of(taken[i], i), taken[i].span});
  }
  const bool shifted =
      !taken.empty() && (taker.nested() > 0 || std::ranges::any_of(in.definitions, has_core_type));
  std::size_t next = 0;
  for (Definition& d : in.definitions) {
    const auto* custom = std::get_if<Custom>(&d.def);
    // Its names would stand for other core types or modules.
    if (shifted && custom != nullptr && custom->name == "component-name") continue;
    if (!taker.is_taken(d)) {
      rest.definitions.push_back(std::move(d));
      continue;
    }
    while (taken[next].nested) ++next;
    rest.definitions.push_back({import_of(taken[next], next), d.span});
    ++next;
  }
  for (Taker::Taken& t : taken) out.modules.push_back({std::move(t.name), std::move(t.bytes)});
  out.component = encode(rest);
  auto check = TENON_TRY(decode(Blob::borrow(out.component), features));
  [[maybe_unused]] const auto valid = TENON_TRY(validate(std::move(check), features));
  return out;
}

}  // namespace tenon::builder
