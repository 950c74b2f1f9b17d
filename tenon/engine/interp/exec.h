// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/engine/code.h"
#include "tenon/engine/interp/insn.h"
#include "tenon/engine/store.h"

// How the interpreter's code is entered, left and stopped.
namespace tenon::engine::interp {

/// Runs code until it returns to `exit_insn` or stops; `exit_status` of the store says how. Its
/// frame is the caller of the first handler, so everything that handlers clobber is saved here.
/// Nothing is thrown through guests: host functions are noexcept by type.
[[gnu::noinline]] void run(const Insn* pc, Slot* fp, VMContext* vm, u64 acc) noexcept;

/// Leaves with the trap of a builtin, where there is one.
#define TENON_BUILTIN(call_)                                                    \
  do {                                                                          \
    if (const Trapped trapped_ = (call_); trapped_ != Trapped::no) [[unlikely]] \
      TENON_TRAP_OUT(trap_of(trapped_));                                        \
  } while (false)

/// Where a fault in a handler sends control.
TENON_OP_FN(landing);
TENON_OP_FN(enter);
/// The host function of the call at pc ended otherwise than well: acc is its HostStatus.
TENON_OP_FN(host_failed);
/// The frame does not fit, or an interruption was asked for: then the instruction runs again.
TENON_OP_FN(call_slow);
/// Finds the handler of the exception in acc, or leaves.
TENON_OP_FN(throw_acc);

}  // namespace tenon::engine::interp
