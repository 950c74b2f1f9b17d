// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/json.h"
#include "tenon/runtime/value.h"

namespace tenon::testing {

/// Resources that steps have saved, by name.
using SavedHandles = std::map<std::string, runtime::HostHandle, std::less<>>;

/// Their names, or how one is saved, for a help.
[[nodiscard]] std::string what_is_saved(const SavedHandles& saved);

/// Reads the bytes of a `{ "$file": path }`, relative to the file of cases.
using FileReader = std::function<Result<std::vector<std::uint8_t>>(const std::string& path)>;

/// Reads the file that a string of the cases names. An error has the place of the string, and help.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_named(const Json& path,
                                                           const FileReader& files);

/// A value of an argument or of a mock's result: the words `$ref` and `$file` are known.
[[nodiscard]] Result<runtime::Value> read_value(const Json& json, const runtime::TypeView& type,
                                                const SavedHandles& saved, const FileReader& files);

/// What to write for a value that is spelled in WAVE or as another language does, behind `key`; an
/// empty text when nobody knows.
[[nodiscard]] std::string meant_json(const Json& value, const runtime::TypeView& type,
                                     std::string_view key);

/// An expected value. `$approx` and `$save` are in it as marks: a NaN whose payload, respectively
/// a handle whose index, is the number of the mark.
struct Expectation {
  struct Approx {
    double value;
    double tolerance;
  };
  runtime::Value value;
  std::vector<Approx> approx;
  std::vector<std::string> saves;
};
[[nodiscard]] Result<Expectation> read_expectation(const Json& json, const runtime::TypeView& type,
                                                   const SavedHandles& saved,
                                                   const FileReader& files);

/// The smallest place in which two values differ.
struct Difference {
  /// `.ok[2].x`; empty when the whole values differ.
  std::string path;
  /// WAVE, or words: "3 elements".
  std::string expected;
  std::string actual;
};

/// Compares. A resource that `$save` names is put into `saved`. Depth is that of the value, which
/// is limited.
[[nodiscard]] std::optional<Difference> compare(const Expectation& expected,
                                                const runtime::Value& actual,
                                                const runtime::TypeView& type, SavedHandles& saved);

}  // namespace tenon::testing
