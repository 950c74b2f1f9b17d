// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/json.h"
#include "tenon/testing/world.h"

namespace tenon::testing {

/// What stands in for an imported function. Spec: docs/cli.md "JSON cases" (mocks).
struct Mock {
  enum class Kind : std::uint8_t { return_, sequence, trap, echo };

  /// `ns:pkg/iface`, with or without its version; empty for functions of the world itself.
  std::string interface;
  std::string function;
  Kind kind = Kind::return_;
  /// `return`: one value, or none for a function without result; `sequence`: one a call.
  std::vector<Json> values;
  /// `trap`: why.
  std::string reason;
  /// `echo`: the place of the argument that is given back.
  std::size_t echo = 0;
  /// `expect-calls`: the arguments of each call, in order.
  std::optional<std::vector<std::vector<Json>>> expect_calls;
  Span span;
};

/// One call, or the drop of a saved resource.
struct Step {
  enum class Kind : std::uint8_t { call, drop };
  Kind kind = Kind::call;
  /// The function, or the saved name.
  std::string name;
  std::vector<Json> args;
  std::optional<Json> expect;
  /// A part of the trap's message.
  std::optional<std::string> expect_trap;
  Span span;
};

/// A case has an instance of its own; its steps share it.
struct Case {
  std::string name;
  std::vector<Step> steps;
  /// It runs the program that the guest is, and has no steps.
  bool program = false;
  /// Of a program: a part of the trap's message.
  std::optional<std::string> expect_trap;
  /// What it has of WASI. None: nothing, and a component's imports of WASI are mocked.
  std::optional<World> world;
  Output output;
  /// Mocks of this case alone; they are before those of the file.
  std::vector<Mock> mocks;
  /// Why it is skipped.
  std::optional<std::string> skip;
  Span span;
};

struct CaseFile {
  std::vector<Mock> mocks;
  std::vector<Case> cases;
};

/// Reads a file of cases. Every key is known or refused with the nearest name. An object without
/// `cases` is a specification of wasi-testsuite's: one case, called `name`.
[[nodiscard]] Result<CaseFile> parse_cases(std::string_view text, std::uint32_t source,
                                           const std::string& name = "case 1");
/// The mocks alone: of a file of cases, or of an object that has nothing but `mocks`.
[[nodiscard]] Result<std::vector<Mock>> parse_mocks(std::string_view text, std::uint32_t source);

}  // namespace tenon::testing
