// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// Installs the handlers of SIGSEGV and SIGBUS for this process, in front of those that are there.
/// False where faults cannot be made traps: then every access is checked.
bool install_fault_handlers();

/// Readies the calling thread, once: unblocks SIGSEGV and SIGBUS in its mask (a fault that is
/// blocked ends the process before any handler runs), and gives it an alternative signal stack
/// unless it has one. A host that blocks them again must unblock them before its next call.
void prepare_thread_for_faults();

/// The store whose guest runs on this thread, for the handlers; the one before it is returned.
StoreContext* set_running(StoreContext* context);

}  // namespace tenon::engine
