// SPDX-License-Identifier: Apache-2.0
// The other side of guest/adapter/release.cpp.
#include "tenon/preinit/release_handles.h"

#include <utility>

#include "tenon/abi/adapter_release.h"
#include "tenon/runtime/canon.h"

namespace tenon::preinit {

namespace {

class Releases {
 public:
  Releases(runtime::Store& store, const OpenFiles& open, Released& out)
      : store_(store), open_(open), out_(out) {}

  Result<void> run(const CoreNode& core) {
    const auto func = core.instance->func(abi::adapter_release_name);
    if (!func || func->type().params != std::vector<core::ValType>{core::TypeCode::i32} ||
        func->type().results != std::vector<core::ValType>{core::TypeCode::i64})
      return {};
    out_.any = true;
    runtime::ComponentInstance& inst = *core.owner->state->inst;
    for (std::uint32_t fd = 0;;) {
      engine::ValueSlot slots[1] = {fd};
      TENON_TRY(enter_core(store_, core, func->ref(), slots));
      const auto what = static_cast<abi::Released>(slots[0] >> 32U);
      const auto value = static_cast<std::uint32_t>(slots[0]);
      if (what == abi::Released::forgotten && drop(inst, value)) continue;
      if (what == abi::Released::of_program) note_file(inst, fd, value);
      if (what == abi::Released::end) {
        out_.folders_read = out_.folders_read || value != 0;
        return {};
      }
      // Whoever answers for so many numbers is no adapter of ours.
      if (++fd == most_numbers) return {};
    }
  }

 private:
  static constexpr std::uint32_t most_numbers = 1U << 20U;
  /// False when there is no such handle, whatever the guest says.
  bool drop(runtime::ComponentInstance& inst, std::uint32_t index) {
    const auto* found = inst.handles.get(index);
    if (found == nullptr || found->kind != runtime::Handle::Kind::own || found->num_lends != 0)
      return false;
    const runtime::Handle handle = *found;
    inst.handles.remove(index);
    return store_.drop_rep(*handle.rt, handle.rep, &inst);
  }
  void note_file(runtime::ComponentInstance& inst, std::uint32_t fd, std::uint32_t handle) {
    bool dropped = false;
    auto path = open_.closed_by([&] { dropped = drop(inst, handle); });
    if (dropped) out_.files.push_back({fd, std::move(path).value_or(std::string())});
  }

  runtime::Store& store_;
  const OpenFiles& open_;
  Released& out_;
};

}  // namespace

engine::Outcome<void> enter_core(runtime::Store& store, const CoreNode& core, engine::FuncRef* func,
                                 engine::ValueSlot* slots) {
  auto& inst = *core.owner->state->inst;
  const runtime::Store::TaskScope scope(store, &inst);
  runtime::Entry entry(inst, nullptr);
  if (!runtime::invoke_guest(store, func, slots)) return std::unexpected(store.take_trap());
  entry.leave();
  return {};
}

Result<Released> release_handles(runtime::Store& store, const ComponentTree& tree,
                                 const OpenFiles& open) {
  Released out;
  Releases releases(store, open, out);
  for (const CoreNode& core : tree.cores) TENON_TRY(releases.run(core));
  return out;
}

}  // namespace tenon::preinit
