// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/runtime/instance_state.h"

namespace tenon::runtime {

// The bodies of canonical definitions, by the names of CanonicalABI.md. All run as host functions
// of the engine: `env` is their site.

/// `canon lower` of a guest's function, from another component: copies from memory to memory.
engine::HostStatus canon_lower(void* env, engine::VMContext* caller, ValueSlot* slots) noexcept;
/// The same where parameters and result are numbers that cross as they are.
engine::HostStatus canon_lower_plain(void* env, engine::VMContext* caller,
                                     ValueSlot* slots) noexcept;
/// A call between components that reports itself to the store's trace, then goes on to what it
/// stands for.
engine::HostStatus canon_lower_traced(void* env, engine::VMContext* caller,
                                      ValueSlot* slots) noexcept;
/// Which of them a site needs (or the host's own thunk).
[[nodiscard]] engine::HostFn lower_thunk(const LowerSite& site);
/// What a site's function has beside the thunk: the bridge of a plain call between siblings, or
/// null.
[[nodiscard]] const engine::Bridge* lower_bridge(LowerSite& site);

/// The body of a built-in: one row of canon.def; `env` is a `CanonSite`.
[[nodiscard]] engine::HostFn canon_builtin(component::CanonOp op);

}  // namespace tenon::runtime
