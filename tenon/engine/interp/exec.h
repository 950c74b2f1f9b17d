// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/engine/interp/insn.h"
#include "tenon/engine/store.h"

// Activations: calls from the host into guests, and what walks their frames.
namespace tenon::engine {

/// One call from the host into a guest, on the native stack.
struct Activation {
  Activation* outer = nullptr;
  Store* store = nullptr;
  ValueSlot* base = nullptr;
  VMContext* vm = nullptr;
  // Set while a host function that the guest called runs: where the guest stands.
  const interp::Insn* call_pc = nullptr;
  ValueSlot* call_fp = nullptr;
  VMContext* call_vm = nullptr;
  /// What a trap puts back: calls through gates that it unwinds do not end in order.
  void* gate_record = nullptr;
  std::uint32_t gate_depth = 0;
  /// For undoing faults: where the first handler's return address is, and its caller's frame
  /// pointer. The word below the address is no frame of anybody's while handlers run: they push
  /// over it.
  void* native_return = nullptr;
  void* native_caller = nullptr;
};

namespace interp {

/// One WebAssembly frame as a walk sees it: `pc` is the instruction that runs or the call under
/// way.
struct FrameView {
  const Insn* pc;
  Slot* fp;
  VMContext* vm;
  const FuncCode* code;
};

/// Walks from a frame outwards to the activation's edge. Spec: core/exec/runtime "Stack".
class FrameWalk {
 public:
  enum class Gates : u8 { pass, stop };
  FrameWalk(const Insn* pc, Slot* fp, VMContext* vm, Gates gates = Gates::pass)
      : pc_(pc), fp_(fp), vm_(vm), gates_(gates) {}
  /// The next frame, innermost first; false at the edge.
  bool next(FrameView& out);
  /// Whether the edge was a gate.
  [[nodiscard]] bool at_gate() const { return at_gate_; }

 private:
  const Insn* pc_;
  Slot* fp_;
  VMContext* vm_;
  Gates gates_;
  bool first_ = true;
  bool at_gate_ = false;
};

/// Where an exception ended: with a handler, at the edge of the activation, or at a gate, which
/// none passes; or on the way, because the guest shall stop.
enum class Unwound : u8 { caught, at_edge, at_gate, interrupted };

/// Looks for interruptions where `stack_limit` is null and the guest stands at this instruction,
/// which a backtrace of the host's then begins with; null: it stands at none.
inline InterruptAction ask_at(const Insn* pc, Slot* fp, VMContext* vm) {
  Activation* act = vm->store->activation;
  act->call_pc = pc;
  act->call_fp = fp;
  act->call_vm = vm;
  return vm->store->store->handle_interrupt();
}

/// Finds the handler of an exception from this frame outwards. When there is one, `exit_pc`,
/// `exit_fp`, `exit_vm` of the store say where to go on, with the values in place. Spec:
/// core/exec/instructions "throw_ref".
Unwound unwind(StoreContext& cx, const Insn* pc, Slot* fp, VMContext* vm, Slot exn);

/// The backtrace of an activation that stands at this instruction, and of the activations outside
/// of it.
std::vector<Frame> backtrace(const Insn* pc, Slot* fp, VMContext* vm, const Activation* activation);

/// Readies the calling thread for guests of such an engine; does something at its first call only.
void ready_thread(const Config& config);

/// Where a fault in a handler sends control.
TENON_OP_FN(landing);
TENON_OP_FN(enter);
/// The host function of the call at pc ended otherwise than well: acc is its HostStatus.
TENON_OP_FN(host_failed);
/// The frame does not fit, or an interruption was asked for: then the instruction runs again.
TENON_OP_FN(call_slow);
/// Finds the handler of the exception in acc, or leaves.
TENON_OP_FN(throw_acc);

}  // namespace interp
}  // namespace tenon::engine
