// SPDX-License-Identifier: Apache-2.0
#pragma once

#if __cplusplus <= 202002L
#error \
    "tenon needs C++23: compile with -std=c++23, or target_compile_features(TARGET PRIVATE cxx_std_23)"
#endif

// The C++ API: what a host program includes.
//
//   tenon::Engine engine;
//   auto component = tenon::or_exit(tenon::Component::from_file(engine, "calculator.wasm"));
//   tenon::Store store(engine);
//   tenon::Linker linker(engine);
//   auto instance = tenon::or_exit(linker.instantiate(store, component));
//   auto add = tenon::or_exit(instance.get_typed_func<double(double, double)>(store, "add"));
//   double sum = tenon::or_exit(add.call(store, 5.0, 3.0));
//
// `or_exit` is in tenon/main.h. Where an error must not end the program, `if (!component)`
// looks at it, `tenon::render(component.error())` says all of it, and `.value()` throws it.
#include <string>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/engine/engine.h"
#include "tenon/engine/trap.h"
#include "tenon/runtime/func.h"
#include "tenon/runtime/instance.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/linker.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/value.h"
#include "tenon/runtime/wave.h"
#include "tenon/version.h"

namespace tenon {

using Config = engine::Config;
using Engine = engine::Engine;
using InterruptHandle = engine::InterruptHandle;
using Trap = engine::Trap;
using engine::Exit;
using engine::InterruptAction;
using engine::Outcome;
using engine::Waiter;
using engine::WaitEvent;

using runtime::Borrow;
using runtime::CallEvent;
using runtime::Component;
using runtime::Failure;
using runtime::Fill;
using runtime::Func;
using runtime::HostHandle;
using runtime::HostRef;
using runtime::Instance;
using runtime::InstancePre;
using runtime::Linker;
using runtime::LinkerInstance;
using runtime::Made;
using runtime::Module;
using runtime::Own;
using runtime::Returned;
using runtime::Store;
using runtime::StoreLimits;
using runtime::to_wave;
using runtime::TypedFunc;
using runtime::Value;
using runtime::ValueKind;
using runtime::wait_ready;

/// An error, or a trap, with all that it says: rule, what was found, notes (of a trap, the
/// backtrace) and help. Ends in a newline.
[[nodiscard]] inline std::string render(const Error& error) {
  return render(error, SourceSet());
}

}  // namespace tenon
