// SPDX-License-Identifier: Apache-2.0
// Any bytes: a component that is valid is instantiated with imports that trap, and each of its
// functions is called with the least values of its types, under fuel and limits. Whatever happens
// is a value, an error or a trap, and another store is as it was. TENON_STRESS: engine/testing.h.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tenon/engine/testing.h"
#include "tenon/runtime/embed.h"

namespace {

using namespace tenon;  // NOLINT(google-build-using-namespace)

constexpr std::uint64_t fuel = 20'000;

StoreLimits small_limits() {
  StoreLimits limits;
  limits.core.memory_bytes = 32U << 20U;
  limits.core.table_elements = 10'000;
  limits.core.instances = 50;
  limits.core.memories = 20;
  limits.core.tables = 20;
  limits.core.gc_heap_bytes = 8U << 20U;
  limits.handles = 1000;
  limits.component_instances = 50;
  limits.call_depth = 50;
  limits.lift_bytes = 1U << 20U;
  limits.copy_bytes = 1U << 20U;
  return limits;
}

void call(Store& store, const Instance& instance, const runtime::ExportedFunc& exported) {
  const auto func = instance.get_func(exported.name);
  if (!func) return;
  std::vector<Value> args;
  for (std::size_t i = 0; i < func->type().type->params.size(); ++i) {
    auto value = runtime::default_value(func->type().param(i));
    if (!value) return;
    args.push_back(*std::move(value));
  }
  (void)store.set_fuel(fuel);
  const auto outcome = func->call(args);
  if (store.busy()) std::abort();
  if (!outcome || !*outcome) return;
  // What comes out fits its type and can be written.
  const auto type = runtime::TypeView{func->type().types(), *func->type().type->result};
  if (!runtime::check(**outcome, type)) std::abort();
  (void)runtime::to_wave(**outcome);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Config config;
  config.fuel = true;
  // Coverage takes the registers in which a fault handler would look for the instruction.
  config.signals = false;
  config.pool_size = 4;
  static Engine engine(engine::stressed(config));
  // Values and start functions too, which run while the instance is made.
  const auto component = Component::from_bytes(
      engine, {data, data + size}, core::Features::component().enable(core::Gate::cm_values));
  if (!component) return 0;
  Linker linker(engine);
  if (!linker.define_unknown_imports_as_traps(*component)) return 0;
  Store store(engine, small_limits());
  (void)store.set_fuel(fuel);
  const auto instance = linker.instantiate(store, *component);
  if (store.busy()) std::abort();
  if (!instance) return 0;
  for (const auto& exported : instance->funcs()) call(store, *instance, exported);
  return 0;
}
