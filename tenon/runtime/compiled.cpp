// SPDX-License-Identifier: Apache-2.0
// Everything that does not depend on a store is prepared once per component: compiled modules,
// shapes for each pointer width in use, sorted names, and the bytes that an instance takes, which
// limits check before anything is made. Modules lie in the component, and the component holds them
// compiled: an owning pointer back would be a cycle.
#include "tenon/runtime/compiled.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "tenon/base/file.h"
#include "tenon/base/safe_text.h"
#include "tenon/component/decode.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/type_registry.h"
#include "tenon/runtime/compiled_component.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/runtime/literal.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

using component::CanonOp;

NameIndex::NameIndex(const std::vector<std::string_view>& names)
    : names_(names), sorted_(names.size()) {
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  std::ranges::sort(sorted_, {}, [this](std::uint32_t i) { return names_[i]; });
}

std::uint32_t NameIndex::find(std::string_view name) const {
  const auto it =
      std::ranges::lower_bound(sorted_, name, {}, [this](std::uint32_t i) { return names_[i]; });
  return it != sorted_.end() && names_[*it] == name ? *it : none;
}

namespace {

/// Bytes of the index spaces of an instance and of what they point to.
std::uint64_t instance_bytes(const component::Component& def,
                             const component::ComponentInfo& info) {
  const auto all = [](std::size_t count, std::size_t size) -> std::uint64_t {
    return std::uint64_t{count} * size;
  };
  std::uint64_t out = sizeof(InstanceState) + sizeof(ComponentInstance);
  constexpr std::size_t pointer = sizeof(void*);
  out += all(info.resources.size() + info.funcs.size() + info.instances.size(), pointer);
  out += all(info.num_types, pointer) + all(info.num_components, sizeof(ComponentItem));
  out += all(info.values.size(), sizeof(ValueItem));
  out += all(info.num_core_modules, sizeof(ModuleItem));
  out += all(info.num_core_instances, sizeof(CoreInstance));
  out += all(info.num_core_funcs, sizeof(engine::Func));
  out += all(info.num_core_tables + info.num_core_mems + info.num_core_tags, pointer);
  out += all(info.num_core_globals, sizeof(engine::Global));
  out += all(info.exports.size() + info.imports.size(), sizeof(Item));
  for (const auto& canon : info.canons) {
    out += canon.op == CanonOp::lift
               ? sizeof(FuncInst)
               : std::max(sizeof(LowerSite), sizeof(CanonSite)) + sizeof(engine::FuncRef);
  }
  for (const auto& resource : info.resources) out += sizeof(ResourceType) + resource.name.size();
  for (const auto& definition : def.definitions) {
    if (const auto* core = std::get_if<component::CoreInstance>(&definition.def)) {
      out += all(core->exports.size(), sizeof(engine::Extern));
    } else if (const auto* inst = std::get_if<component::Instance>(&definition.def)) {
      out += sizeof(InstanceItem) + all(inst->exports.size(), sizeof(Item));
    }
  }
  return out;
}

/// Walks the definitions once and prepares what instantiation would otherwise do every time.
class Compiler {
 public:
  Compiler(engine::Engine& engine, std::shared_ptr<const void> owner)
      : engine_(engine), owner_(std::move(owner)) {}

  Result<void> compile(const component::Component& def, CompiledComponent& out) {
    out.engine_id = engine_.id();
    out.def = &def;
    out.info = def.info.get();
    const auto& info = *out.info;
    for (const auto& module : info.modules) {
      // The module lies in the component, which the shared pointer keeps.
      std::shared_ptr<const core::Validated<core::Module>> shared(owner_, module.get());
      auto compiled = TENON_TRY(engine::Module::create(engine_, std::move(shared)));
      out.modules.push_back(std::move(compiled));
    }
    lay_out(info, out);
    for (const auto& canon : info.canons) {
      auto type = TENON_TRY(canon_type(canon));
      out.canon_types.push_back(std::move(type));
    }
    std::vector<std::string_view> exports;
    for (const auto& e : info.exports) exports.push_back(e.name->name);
    out.exports = NameIndex(exports);
    for (std::uint32_t i = 0; i < def.definitions.size(); ++i)
      TENON_TRY(definition(def.definitions[i].def, i, out));
    out.instance_bytes = instance_bytes(def, info);
    return {};
  }

 private:
  void lay_out(const component::ComponentInfo& info, CompiledComponent& out) {
    bool wide = false;
    for (const auto& canon : info.canons) wide = wide || canon.options.ptr == abi::Ptr::i64;
    for (const auto ptr : {abi::Ptr::i32, abi::Ptr::i64}) {
      if (ptr == abi::Ptr::i64 && !wide) continue;
      const std::size_t i = ptr == abi::Ptr::i64 ? 1 : 0;
      out.shapes[i] = std::make_unique<Shapes>(info.abi_types(), ptr);
      for (const auto& type : info.func_types)
        out.func_shapes[i].push_back(func_shape(*out.shapes[i], type));
    }
  }
  /// Nothing for a lift.
  Result<engine::TypeRef> canon_type(const component::CanonInfo& canon) {
    if (canon.op == CanonOp::lift) return engine::TypeRef();
    return engine_.types().func_type(canon.flat.type.params, canon.flat.type.results);
  }
  Result<void> definition(const component::DefinitionKind& def, std::uint32_t i,
                          CompiledComponent& out) {
    std::vector<std::string_view> names;
    if (const auto* nested = std::get_if<std::unique_ptr<component::Component>>(&def)) {
      auto compiled = std::make_unique<CompiledComponent>();
      TENON_TRY(compile(**nested, *compiled));
      out.nested.emplace(i, std::move(compiled));
    } else if (const auto* core = std::get_if<component::CoreInstance>(&def)) {
      for (const auto& arg : core->args) names.push_back(arg.name);
      for (const auto& e : core->exports) names.push_back(e.name);
      out.names.emplace(i, NameIndex(names));
    } else if (const auto* inst = std::get_if<component::Instance>(&def)) {
      for (const auto& arg : inst->args) names.push_back(arg.name);
      for (const auto& e : inst->exports) names.push_back(e.name.name);
      out.names.emplace(i, NameIndex(names));
    } else if (const auto* value = std::get_if<component::Value>(&def)) {
      const component::ValueIdx idx(out.info->definitions[i].index);
      auto read =
          TENON_TRY(read_literal(value->bytes, {out.info->abi_types(), out.info->values[idx]}));
      out.values.emplace(i, std::make_shared<const Value>(std::move(read)));
    }
    return {};
  }

  engine::Engine& engine_;
  std::shared_ptr<const void> owner_;
};

bool is_core_module(ByteSpan bytes) {
  return bytes.size() >= 8 && bytes[4] == 1 && bytes[6] == 0;
}

Error not_a_component(ByteSpan bytes) {
  if (bytes.size() >= 4 && std::equal(bytes.begin(), bytes.begin() + 4, "\0asm") &&
      is_core_module(bytes)) {
    return Error(rules::not_a_component, Span{0, 0, 8},
                 "this is a core module, a component is wanted")
        .help(
            "`tenon component new MODULE -o OUT` makes a component of a module with embedded WIT");
  }
  return {rules::not_a_component, Span{0, 0, 8}, "the bytes do not begin as a component does"};
}

/// An error of a file's bytes with the file's name, and the offset where it has one.
Error of_file(const Error& error, const std::string& path) {
  const Span at = error.span();
  const bool placed = at.source != Span::no_source && at.end != 0;
  std::string where = fmt::format("`{}`", visible(path));
  if (placed) where += fmt::format(" at byte {}", at.begin);
  Error out(error.rule(), at,
            error.detail().empty() ? where : fmt::format("{}: {}", where, error.detail()));
  for (const Note& note : error.notes()) {
    out = note.span ? std::move(out).note(*note.span, note.text) : std::move(out).note(note.text);
  }
  if (!error.help_text().empty()) out = std::move(out).help(error.help_text());
  return out;
}

}  // namespace

Component::Component(std::shared_ptr<Data> data) : data_(std::move(data)) {}

const CompiledComponent& Component::compiled() const {
  return data_->top;
}

const component::ComponentInfo& Component::info() const {
  return *data_->top.info;
}

std::uint64_t Component::engine_id() const {
  return data_->top.engine_id;
}

engine::Engine& Component::engine() const {
  return *data_->engine;
}

Result<Component> Component::compile(engine::Engine& engine,
                                     core::Validated<component::Component> component) {
  auto data = std::make_shared<Data>(engine, std::move(component));
  // The modules live as long as the data, and the data keeps the compiled modules: an aliasing
  // pointer that owns nothing breaks the ring. Instances keep the data.
  Compiler compiler(engine, std::shared_ptr<const void>(std::shared_ptr<const void>(), data.get()));
  TENON_TRY(compiler.compile(*data->component, data->top));
  return Component(std::move(data));
}

Result<Component> Component::from_bytes(engine::Engine& engine, std::vector<std::uint8_t> bytes,
                                        const core::Features& features) {
  if (bytes.size() >= 8 && is_core_module(bytes)) return std::unexpected(not_a_component(bytes));
  try {
    auto decoded = TENON_TRY(component::decode(Blob::own(std::move(bytes)), features));
    auto valid = TENON_TRY(component::validate(std::move(decoded), features));
    return compile(engine, std::move(valid));
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Result<Component> Component::from_file(engine::Engine& engine, const std::string& path,
                                       const core::Features& features) {
  auto bytes = TENON_TRY(read_file(path));
  auto made = from_bytes(engine, std::move(bytes), features);
  if (!made) return std::unexpected(of_file(made.error(), path));
  return made;
}

Result<Module> Module::from_bytes(engine::Engine& engine, std::vector<std::uint8_t> bytes,
                                  const core::Features& features) {
  try {
    auto decoded = TENON_TRY(core::decode(Blob::own(std::move(bytes)), features));
    auto valid = TENON_TRY(core::validate(std::move(decoded), features));
    auto made = TENON_TRY(engine::Module::create(engine, std::move(valid)));
    return Module(std::move(made));
  } catch (const std::bad_alloc&) {
    return std::unexpected(Error(rules::limit, Span::none(), "out of memory"));
  }
}

Result<Module> Module::from_file(engine::Engine& engine, const std::string& path,
                                 const core::Features& features) {
  auto bytes = TENON_TRY(read_file(path));
  auto made = from_bytes(engine, std::move(bytes), features);
  if (!made) return std::unexpected(of_file(made.error(), path));
  return made;
}

}  // namespace tenon::runtime
