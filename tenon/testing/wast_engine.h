// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tenon/engine/engine.h"
#include "tenon/testing/wast_host.h"

namespace tenon::testing {

/// Executes the core modules of one script on an engine, which must outlive it. The module
/// `spectest` is there. Spec: interpreter README "Spectest host module".
/// A call or an instantiation that takes longer than `timeout`, a wait that nobody ends among them,
/// is an error.
[[nodiscard]] std::unique_ptr<CoreWastHost> make_engine_host(engine::Engine& engine,
                                                             WastTimeout timeout = {});

}  // namespace tenon::testing
