// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// Installs the handlers of SIGSEGV and SIGBUS for this process, in front of those that are there.
/// False where faults cannot be made traps: then every access is checked.
bool install_fault_handlers();

/// Gives the calling thread an alternative signal stack, unless it has one.
void prepare_thread_for_faults();

/// The store whose guest runs on this thread, for the handlers; the one before it is returned.
StoreContext* set_running(StoreContext* context);

}  // namespace tenon::engine
