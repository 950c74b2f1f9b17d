// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/component/info.h"
#include "tenon/runtime/compiled.h"
#include "tenon/testing/cases.h"
#include "tenon/testing/expectation.h"

namespace tenon::testing {

/// A function that a component imports, by itself or in an instance.
struct ImportedFunc {
  /// Empty for functions of the world itself.
  std::string interface;
  std::string name;
  component::FuncTypeIdx type;

  [[nodiscard]] std::string call() const;
};

/// A mock that knows the types of the function it stands for: its values are made once and for all
/// cases.
struct PreparedMock {
  ImportedFunc func;
  Mock::Kind kind = Mock::Kind::return_;
  std::vector<runtime::Value> results;
  std::string reason;
  std::size_t echo = 0;
  std::optional<std::vector<std::vector<Expectation>>> expect_calls;
};

/// What was called in one case.
struct MockCalls {
  std::size_t count = 0;
  std::vector<std::vector<runtime::Value>> args;
};

[[nodiscard]] std::vector<ImportedFunc> imported_funcs(const component::ComponentInfo& info);

/// A function of the component's WIT: `interface` (empty for the world itself) and name, as in the
/// binary.
struct WitFunc {
  std::string interface;
  std::string name;
};

/// The mocks of `mocks` that the component has no use for, though its WIT imports what they name,
/// one sentence each.
[[nodiscard]] std::vector<std::string> unused_mocks(const component::ComponentInfo& info,
                                                    const std::vector<const Mock*>& mocks,
                                                    std::span<const WitFunc> wit);

/// One mock for every imported function: the first of `mocks` that names it. A mock that names
/// neither an import nor a function of `wit` is an error, and so are functions that no mock names
/// and that none of `links` exports; with `wasi`, what tenon has of WASI is there too, and unless
/// `all` is set functions may lack a mock.
[[nodiscard]] Result<std::vector<PreparedMock>> prepare_mocks(
    const component::ComponentInfo& info, const std::vector<const Mock*>& mocks,
    const FileReader& files, std::span<const runtime::Component* const> links = {},
    std::span<const WitFunc> wit = {}, bool wasi = false, bool all = true);

/// Where tenon's WASI has the interface that the component imports in a version that fits
/// (`wasi:io/streams@0.2.12`); empty when it has none.
[[nodiscard]] std::string place_in_wasi(std::string_view interface);

/// What a call of the mock gives: its result, or why it fails.
[[nodiscard]] std::expected<std::optional<runtime::Value>, std::string> answer(
    const PreparedMock& mock, MockCalls& calls, std::vector<runtime::Value> args);

/// Compares the calls that were made with those that were expected. Nothing when they agree.
[[nodiscard]] std::optional<std::string> check_calls(const PreparedMock& mock,
                                                     const MockCalls& calls,
                                                     const component::ComponentInfo& info,
                                                     SavedHandles& saved);

}  // namespace tenon::testing
