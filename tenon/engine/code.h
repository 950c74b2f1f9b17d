// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenon/engine/trap.h"
#include "tenon/engine/vmcontext.h"

// The seam between the engine and the code of its guests. A tier makes code from function bodies:
// the interpreter's is in `interp/`, compiled code would be another. Everything here (functions by
// address, activations, the walk over frames, exceptions, backtraces, the roots of the collector)
// serves all tiers and asks the tier of a function for what only it knows.
namespace tenon::engine {

class GcHeap;
struct Config;
enum class InterruptAction : std::uint8_t;
struct CodeSite;
struct FrameView;
namespace interp {
struct Insn;
}

/// Why code returned to the host; `refused`: it did not run.
enum class ExitStatus : std::uint32_t { returned, trapped, trap_pending, exception, refused };

/// Where running code keeps its instance, for whoever stops it at an arbitrary place.
enum class InstanceAt : std::uint8_t {
  /// In the register `vm` of the interpreter's handlers.
  handler_register,
  /// In a slot of its native frame.
  native_frame
};

/// What a step from a frame outwards comes to.
enum class FrameKind : std::uint8_t {
  /// The frame of a function.
  function,
  /// Words that lead back to the instance that called across.
  crossing,
  /// The same across a bridge, with the bridge's record.
  bridge,
  /// The edge of the activation: outside of it is the host.
  entry
};

/// Where an exception ended: with a handler, at the edge of the activation, or at a bridge, which
/// none passes; or on the way, because the guest shall stop.
enum class Unwound : std::uint8_t { caught, at_edge, at_bridge, interrupted };

/// What the search for a handler needs besides the frame.
struct Unwinding {
  StoreContext& cx;
  /// The exception object (exnref). Nothing else keeps it.
  ValueSlot exn;
  // Where it was thrown.
  const void* pc;
  ValueSlot* fp;
  VMContext* vm;
  /// Ranges and clauses until the next look for interruptions.
  std::uint32_t patience;

  /// One range or clause more was looked at. False: the guest shall stop.
  [[nodiscard]] bool go_on();
};

/// What is particular to the code of one tier. One constant per tier; `FuncCode::tier` says whose a
/// function is.
struct Tier {
  std::string_view name;
  InstanceAt instance_at;
  /// Bytes of code that one entry of `offsets` stands for.
  std::uint32_t bytes_per_site;
  /// Where in the module's bytes the operator of each site is. May be slow: for backtraces.
  std::vector<std::uint32_t> (*offsets)(const Module& module, const FuncCode& code);
  /// Where the frame begins when code is at `site` with this frame pointer. Async-signal-safe.
  ValueSlot* (*frame)(const CodeSite& site, ValueSlot* fp);
  /// Steps outwards: `at` becomes what is there, but for its `site`, which the walk looks up.
  /// `entry` is the last. Async-signal-safe.
  void (*step)(FrameView& at);
  /// Looks for a handler of the exception in this frame: `caught`, `at_edge` when there is none, or
  /// `interrupted`. Spec: core/exec/instructions "throw_ref".
  Unwound (*handle)(Unwinding& unwinding, const FrameView& frame);
  /// Marks what the frames of this tier refer to in one activation, whose part of the value stack
  /// this is. Marking may be conservative.
  void (*mark)(const Activation* activation, const ValueSlot* begin, const ValueSlot* end,
               GcHeap& heap);
};

/// A function's code, as those see it who call it and who walk its frames: a tier derives from this
/// what else it needs. Immutable once published.
///
/// Code that counts how often it runs, so that another tier can take over, counts in the
/// instruction that a tier puts where a `BasicBlock` of kind `entry` or `loop` begins: there it
/// may be in memory of the code's own, so calls and loops without counters cost nothing.
struct FuncCode {
  /// Where interpreted callers enter, in every tier: other code than the interpreter's begins with
  /// one instruction whose handler hands over to it.
  const interp::Insn* code = nullptr;
  /// Slots that the frame needs at most, from its first parameter.
  std::uint32_t frame = 0;
  /// Slots behind the header that begin as zero.
  std::uint32_t zero = 0;
  /// Among the functions that the module defines.
  std::uint32_t func = 0;
  std::uint32_t param_slots = 0;
  const Tier* tier = nullptr;
};

/// A place in code: what one lookup of an address tells. The tier says where the instance is, and
/// `Tier::offsets` which operator the site is of.
struct CodeSite {
  /// Null: no code is there.
  const FuncCode* code = nullptr;
  /// Counted from the function's beginning.
  std::uint32_t index = 0;
};

/// One call from the host into a guest, on the native stack.
struct Activation {
  Activation* outer = nullptr;
  Store* store = nullptr;
  ValueSlot* base = nullptr;
  VMContext* vm = nullptr;
  // Set while a host function that the guest called runs: where the guest is.
  const void* call_pc = nullptr;
  ValueSlot* call_fp = nullptr;
  VMContext* call_vm = nullptr;
  /// What a trap puts back: calls across bridges that it unwinds do not end in order.
  void* bridge_record = nullptr;
  std::uint32_t bridge_depth = 0;
  /// For undoing faults: where the first handler's return address is, and its caller's frame
  /// pointer. The word below the address is no frame of anybody's while handlers run: they push
  /// over it.
  void* native_return = nullptr;
  void* native_caller = nullptr;
};

/// One frame as a walk sees it: `pc` is the instruction that runs or the call under way, `site` the
/// place that it is.
struct FrameView {
  FrameKind kind = FrameKind::function;
  const void* pc = nullptr;
  ValueSlot* fp = nullptr;
  VMContext* vm = nullptr;
  CodeSite site = {};
};

/// Walks the frames of functions from one outwards to the activation's edge. Spec:
/// core/exec/runtime "Stack".
class FrameWalk {
 public:
  enum class Bridges : std::uint8_t { pass, stop };
  FrameWalk(const void* pc, ValueSlot* fp, VMContext* vm, Bridges bridges = Bridges::pass)
      : at_{.pc = pc, .fp = fp, .vm = vm}, bridges_(bridges) {}
  /// The next frame, innermost first, until the walk goes on; null at the edge.
  const FrameView* next();
  /// Whether the edge was a bridge.
  [[nodiscard]] bool at_bridge() const { return at_.kind == FrameKind::bridge; }

 private:
  FrameView at_;
  const Tier* tier_ = nullptr;
  Bridges bridges_;
};

/// Looks for interruptions where `stack_limit` is null and the guest is at this instruction,
/// which a backtrace of the host's then begins with; null: it is at none.
InterruptAction ask_at(const void* pc, ValueSlot* fp, VMContext* vm);

/// Finds the handler of an exception from this frame outwards. When there is one, `exit_pc`,
/// `exit_fp`, `exit_vm` of the store say where to go on, with the values in place. Spec:
/// core/exec/instructions "throw_ref".
Unwound unwind(StoreContext& cx, const void* pc, ValueSlot* fp, VMContext* vm, ValueSlot exn);

/// Marks what the frames of an execution refer to, activation by activation, each through the tiers
/// that may have frames there. Slots from `top` on are dead.
void mark_frames(const Execution& execution, const ValueSlot* top, GcHeap& heap);

/// The backtrace of an activation that is at this instruction, and of the activations outside
/// of it.
std::vector<Frame> backtrace(const void* pc, ValueSlot* fp, VMContext* vm,
                             const Activation* activation);

/// A line of a backtrace that stands for no call.
Frame remark(std::string_view text);

/// Readies the calling thread for guests of such an engine; does something at its first call only.
void ready_thread(const Config& config);

}  // namespace tenon::engine
