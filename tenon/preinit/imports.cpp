// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tenon/base/safe_text.h"
#include "tenon/component/info.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/rules.h"

namespace tenon::preinit {

using core::ExternKind;
using engine::HostStatus;
using engine::Trap;

void Random::fill(std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = next();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, bytes.size() - i));
  }
}

Error as_error(engine::Failure failure) {
  if (auto* error = std::get_if<Error>(&failure)) return std::move(*error);
  return static_cast<Error>(std::get<Trap>(failure));
}

Result<void> CoreImports::link() {
  for (const Link& link : options_.links) {
    auto module = TENON_TRY(core::decode(Blob::borrow(link.bytes), options_.features, link.source));
    auto valid = TENON_TRY(core::validate(std::move(module), options_.features));
    const auto made = TENON_TRY(engine::Module::create(store_.engine(), std::move(valid)));
    const auto imports = TENON_TRY(resolve(*made));
    auto instance = engine::Instance::create(store_, made, imports);
    if (!instance) return std::unexpected(as_error(std::move(instance).error()));
    linked_.push_back({link.name, *instance});
  }
  return {};
}

Result<std::vector<engine::Extern>> CoreImports::resolve(const engine::Module& module) {
  std::vector<engine::Extern> out;
  const core::Module& m = module.core();
  out.reserve(m.imports.size());
  for (const core::Import& import : m.imports) {
    const engine::RuntimeType* type =
        import.type.kind == ExternKind::func ? module.types()[import.type.func.value] : nullptr;
    auto found = TENON_TRY(find(import, type));
    out.push_back(found);
  }
  return out;
}

Result<engine::Extern> CoreImports::find(const core::Import& import,
                                         const engine::RuntimeType* type) {
  for (auto it = linked_.rbegin(); it != linked_.rend(); ++it) {
    if (it->name != import.module) continue;
    if (auto item = it->instance->find(import.name)) return *std::move(item);
  }
  if (import.type.kind != ExternKind::func) {
    return std::unexpected(
        Error(rules::import_, import.span,
              fmt::format("`{}` `{}` is no function", visible(import.module), visible(import.name)))
            .help(fmt::format("`--link {}=FILE` gives it, if its state need not be kept",
                              visible(import.module))));
  }
  auto& stub = stubs_.emplace_back();
  stub.self = this;
  stub.name = fmt::format("{}#{}", import.module, import.name);
  const core::ValType i32 = core::TypeCode::i32;
  const bool random = import.module == "wasi_snapshot_preview1" && import.name == "random_get" &&
                      type->params == std::vector{i32, i32} && type->results == std::vector{i32};
  return store_.host_func_of_held(type, random ? random_get : refuse, &stub);
}

HostStatus CoreImports::refuse(void* env, engine::VMContext* /*caller*/,
                               engine::ValueSlot* /*slots*/) noexcept {
  const auto& stub = *static_cast<const Stub*>(env);
  engine::Store& store = stub.self->store_;
  return engine::trapping(store, [&] {
    return engine::raise(store,
                         Trap(fmt::format("the initialisation called `{}`, which nothing provides",
                                          visible(stub.name))));
  });
}

HostStatus CoreImports::random_get(void* env, engine::VMContext* caller,
                                   engine::ValueSlot* slots) noexcept {
  auto& stub = *static_cast<Stub*>(env);
  CoreImports& self = *stub.self;
  return engine::trapping(self.store_, [&] {
    ++self.report_.calls[stub.name];
    engine::Memory* memory = engine::Caller(self.store_, caller).memory();
    const auto at = low_bits<std::uint32_t>(slots[0]);
    const auto size = low_bits<std::uint32_t>(slots[1]);
    const auto bytes = memory == nullptr ? std::nullopt : memory->range(at, size);
    if (!bytes)
      return engine::raise(self.store_, Trap("`random_get` got an address outside of the memory"));
    self.random_.fill(*bytes);
    slots[0] = 0;
    return HostStatus::ok;
  });
}

namespace {

using runtime::Value;
using Answer = engine::Outcome<std::optional<Value>>;

/// What a function of `wasi:random` gives; nothing for one that is not known.
runtime::DynamicFn random_func(std::string_view name, std::string full, Random& random,
                               Report& report) {
  const auto counted = [full = std::move(full), &report](auto give) {
    return [full, &report, give](runtime::Store&, std::span<const Value> args) -> Answer {
      ++report.calls[full];
      return give(args);
    };
  };
  if (name.ends_with("-bytes")) {
    return counted([&random](std::span<const Value> args) -> Answer {
      constexpr std::uint64_t most = std::uint64_t{64} << 20U;
      const auto size = args[0].as_unsigned();
      if (size > most)
        return std::unexpected(Trap("more than 64 MiB of random bytes were asked for"));
      std::vector<std::uint8_t> bytes(size);
      random.fill(bytes);
      return Value::bytes(std::move(bytes));
    });
  }
  if (name.ends_with("-u64"))
    return counted(
        [&random](std::span<const Value>) -> Answer { return Value::u64(random.next()); });
  if (name.ends_with("insecure-seed")) {
    return counted([&random](std::span<const Value>) -> Answer {
      const std::uint64_t first = random.next();
      return Value::tuple({Value::u64(first), Value::u64(random.next())});
    });
  }
  return {};
}

}  // namespace

Result<void> define_random(runtime::Linker& linker, const runtime::Component& component,
                           Random& random, Report& report) {
  const auto& info = component.info();
  for (const component::ImportInfo& import : info.imports) {
    const std::string& name = import.name->name;
    if (import.type.kind != component::ExternKind::instance || !name.starts_with("wasi:random/"))
      continue;
    auto instance = linker.instance(name);
    for (const component::NamedExtern& e : info.instance_types[import.type.instance()].exports) {
      if (e.type.kind != component::ExternKind::func) continue;
      auto func = random_func(e.name, fmt::format("{}#{}", name, e.name), random, report);
      if (func) TENON_TRY(instance.func_new(e.name, std::move(func)));
    }
  }
  return {};
}

}  // namespace tenon::preinit
