// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/sanitizers.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"
#include "tenon/text/parse_module.h"

// What the tests of this room share: from text to an instance and its functions.

namespace tenon::engine {

inline std::shared_ptr<const Module> compile(Engine& engine, std::string_view wat) {
  auto module = text::parse_module(wat);
  if (!module) {
    ADD_FAILURE() << module.error().text();
    std::terminate();
  }
  auto valid = core::validate(std::move(*module), core::Features::all());
  if (!valid) {
    ADD_FAILURE() << valid.error().text();
    std::terminate();
  }
  auto made = Module::create(engine, std::move(*valid));
  if (!made) {
    ADD_FAILURE() << made.error().text();
    std::terminate();
  }
  return std::move(*made);
}

/// A text so many times in a row.
inline std::string times(int n, std::string_view text) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

inline Instance& make(Store& store, std::string_view wat, std::vector<Extern> imports = {}) {
  auto made = Instance::create(store, compile(store.engine(), wat), imports);
  if (!made) {
    ADD_FAILURE() << text(made.error());
    std::terminate();
  }
  return **made;
}

template <class Signature>
TypedFunc<Signature> get(Instance& instance, std::string_view name) {
  auto f = instance.typed<Signature>(name);
  if (!f) {
    ADD_FAILURE() << "no such export: " << name;
    std::terminate();
  }
  return *f;
}

}  // namespace tenon::engine
