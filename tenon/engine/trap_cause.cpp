// SPDX-License-Identifier: Apache-2.0
// Compilers keep what a function's frame has beyond locals in a stack in linear memory. It grows
// down to address 0, so what overflows it wraps round: an access beyond the memory, which reads as
// a stray pointer. The stack pointer tells it: a global that linkers call `__stack_pointer`, in a
// stripped module the first one.
#include "tenon/engine/trap_cause.h"

#include <algorithm>
#include <array>
#include <string>

#include "tenon/base/bytes.h"
#include "tenon/base/safe_text.h"
#include "tenon/core/module.h"
#include "tenon/engine/code.h"
#include "tenon/engine/guest_bytes.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/memory.h"
#include "tenon/engine/module.h"

namespace tenon::engine {

namespace {

/// A function that calls no other may use so many bytes below the stack pointer.
constexpr std::uint64_t red_zone = 128;

std::optional<std::uint64_t> value_of(const VMContext& vm, std::uint32_t index) {
  if (index >= vm.module->core().global_types.size()) return std::nullopt;
  const Global global = vm.instance->global(index);
  if (!global.type.mutable_) return std::nullopt;
  if (global.type.type == core::ValType(core::TypeCode::i32)) return global.get<std::uint32_t>();
  if (global.type.type == core::ValType(core::TypeCode::i64)) return global.get<std::uint64_t>();
  return std::nullopt;
}

/// Whether the first global begins as a stack pointer does: at an aligned address of the memory.
bool begins_as_stack_pointer(const core::Module& module) {
  constexpr std::uint8_t i32_const = 0x41;
  if (module.num_imported_globals != 0 || module.globals.empty() || module.mem_types.empty())
    return false;
  Reader in(module.globals[0].init.in(module.bytes.view()));
  const auto op = in.u8("operator");
  if (!op || *op != i32_const) return false;
  const auto begin = in.s32("constant");
  return begin && *begin > 0 && *begin % 16 == 0 &&
         static_cast<std::uint64_t>(*begin) <= module.mem_types[0].limits.min << 16U;
}

/// Whether the stack pointer has left the memory, or is about to.
bool stack_is_used_up(const VMContext& vm) {
  const core::Module& module = vm.module->core();
  const std::uint64_t bytes = vm.mem0->bytes.load(std::memory_order_relaxed);
  if (const auto index = vm.module->stack_pointer()) {
    const auto at = value_of(vm, *index);
    return at && (*at < red_zone || *at > bytes);
  }
  // Without its name only what went below 0 shows it.
  const auto at = value_of(vm, 0);
  return at && *at > bytes && *at >> 31U == 1 && begins_as_stack_pointer(module);
}

/// What a guest that has no stream to write to left as the reason why it stops: the global
/// `__tenon_panic_text` is the address of a pointer and a length (guest/rust/rt.rs).
std::optional<Frame> last_words(const VMContext& vm) {
  constexpr std::uint32_t most = 1000;
  const auto index = vm.module->find_export("__tenon_panic_text");
  if (!index) return std::nullopt;
  const Extern item = vm.instance->get(*index);
  const auto* global = std::get_if<Global>(&item);
  if (global == nullptr || global->type.type != core::ValType(core::TypeCode::i32))
    return std::nullopt;
  const std::uint64_t bytes = vm.mem0->bytes.load(std::memory_order_relaxed);
  const std::uint64_t at = global->get<std::uint32_t>();
  std::array<std::uint32_t, 2> words{};
  if (at + sizeof(words) > bytes) return std::nullopt;
  guest_copy(reinterpret_cast<std::uint8_t*>(words.data()), vm.mem0->base + at, sizeof(words));
  const auto [begin, size] = words;
  if (size == 0 || std::uint64_t{begin} + size > bytes) return std::nullopt;
  std::string text(std::min(size, most), '\0');
  guest_copy(reinterpret_cast<std::uint8_t*>(text.data()), vm.mem0->base + begin, text.size());
  // A remark is one line.
  std::ranges::replace(text, '\n', ' ');
  return remark(visible(text));
}

}  // namespace

std::optional<Frame> cause_of(TrapCode code, const VMContext* vm, const StoreContext& store) {
  if (code == TrapCode::out_of_fuel && store.fuel < no_fuel_given / 2)
    return remark("the store was given no fuel: call `set_fuel` before its guests run");
  if (vm == nullptr || vm->mem0 == nullptr) return std::nullopt;
  if (code == TrapCode::unreachable) return last_words(*vm);
  if (code != TrapCode::out_of_bounds_memory || !stack_is_used_up(*vm)) return std::nullopt;
  return remark(
      "stack overflow: the stack in the guest's memory is used up, by endless recursion or large "
      "local variables");
}

}  // namespace tenon::engine
