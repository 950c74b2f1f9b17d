// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tests of running components begin with: guests in the text format.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tenon/component/validate.h"
#include "tenon/engine/testing.h"
#include "tenon/runtime/embed.h"
#include "tenon/runtime/instance_state.h"
#include "tenon/text/parse_component.h"

namespace tenon {

/// A component in the text format, compiled. Fails the test when it is not valid.
inline Component compile(Engine& engine, std::string_view wat) {
  auto parsed = text::parse_component(wat);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().text() << " at " << wat.substr(parsed.error().span().begin, 80);
    std::abort();
  }
  auto valid = component::validate(*std::move(parsed), core::Features::all());
  if (!valid) ADD_FAILURE() << valid.error().text();
  return *Component::compile(engine, *std::move(valid));
}

inline std::string words(const Error& error) {
  auto out = error.text();
  for (const auto& note : error.notes()) out += "\n" + note.text;
  return out + "\n" + error.help_text();
}

/// An allocator that only goes forward, for guests.
inline constexpr std::string_view libc = R"(
  (core module $Libc
    (memory (export "mem") 1)
    (global $p (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $r i32)
      (local.set $r (i32.and (i32.add (global.get $p) (i32.sub (local.get 2) (i32.const 1)))
                             (i32.sub (i32.const 0) (local.get 2))))
      (global.set $p (i32.add (local.get $r) (local.get 3)))
      (local.get $r)))
  (core instance $libc (instantiate $Libc))
  (alias core export $libc "mem" (core memory $mem))
  (alias core export $libc "realloc" (core func $realloc)))";

inline std::string with_libc(std::string_view body) {
  return "(component " + std::string(libc) + std::string(body) + ")";
}

class Embed : public ::testing::Test {
 protected:
  Instance instantiate(Store& in, std::string_view wat) {
    const auto c = compile(engine, wat);
    auto instance = linker.instantiate(in, c);
    if (!instance) ADD_FAILURE() << words(instance.error());
    return *instance;
  }
  /// Calls `name` of a fresh instance: the result as WAVE, `done` when there is none, or the trap's
  /// words.
  std::string run(Store& in, std::string_view wat, std::span<const Value> args = {},
                  std::string_view name = "f") {
    return call(instantiate(in, wat), args, name);
  }
  std::string run(std::string_view wat, std::span<const Value> args = {}) {
    return run(store, wat, args);
  }
  static std::string call(const Instance& instance, std::span<const Value> args = {},
                          std::string_view name = "f") {
    const auto f = instance.get_func(name);
    if (!f) return f.error().text();
    const auto outcome = f->call(args);
    if (!outcome) return std::string(outcome.error().message());
    return *outcome ? runtime::to_wave(**outcome) : "done";
  }

  engine::StressedEngine engine;
  Linker linker{engine};
  Store store{engine};
};

}  // namespace tenon
