// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/core/features.h"

namespace tenon::preinit {

/// Something that satisfies imports while the initialisation runs; its own state is not kept.
struct Link {
  /// Of a core module: the module name of the imports that it satisfies.
  std::string name;
  /// For errors.
  std::string file;
  /// A binary module for a module, a component for a component.
  std::vector<std::uint8_t> bytes;
  /// The number of the bytes' source, for the spans of errors.
  std::uint32_t source = 0;
};

/// Functions that stand in for imports while the initialisation runs. Spec: docs/testing.md
struct MockFile {
  std::string text;
  /// The number of the text's source, for the spans of errors.
  std::uint32_t source = 0;
  /// Reads what the mocks name with `$file`.
  std::function<Result<std::vector<std::uint8_t>>(const std::string& path)> files;
};

/// How messages name what a user can change: by options of the program, unless a project's file
/// has keys for them. Each is followed by other words of a sentence.
struct Wording {
  std::string allow_wasi = "`--allow-wasi`";
  std::string dir = "`--dir HOST::GUEST`";
  std::string mocks = "`--mocks FILE` or `--link FILE`";
  std::string max_memory = "`--max-memory SIZE`";
  /// Where a function is named: the words before the name, inside of its backticks.
  std::string init_func = "--init-func ";
  /// The same without a name.
  std::string init_funcs = "`--init-func`";
  /// The help where the time is over, if there is any.
  std::string too_long;
};

struct Options {
  /// What runs, in order: names, of component functions also calls with WAVE arguments. Empty:
  /// `wizer-initialize` or `wizer.initialize`.
  std::vector<std::string> funcs;
  bool keep_init_func = false;
  /// (new name, name) of exports of a core module.
  std::vector<std::pair<std::string, std::string>> renames;
  /// Of the core instances that export the function, this one, counted from 0 in the order of
  /// instantiation.
  std::optional<std::uint32_t> instance;
  std::vector<Link> links;
  /// Files of mocks for what a component imports, as `tenon test` takes them; the first that names
  /// a function is asked. `expect-calls` is checked at the end.
  std::vector<MockFile> mocks;
  /// Leaves imports that only the initialisation needed.
  bool keep_imports = false;
  std::uint64_t random_seed = 0;
  /// WASI while the initialisation runs: environment, arguments, clocks that stand still, read-only
  /// folders. Without it random numbers alone are there.
  bool allow_wasi = false;
  /// (name, value); `HOST` or `HOST::GUEST`; arguments.
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::string> dirs;
  std::vector<std::string> args;
  std::uint64_t max_memory = std::uint64_t{1} << 30U;
  std::chrono::nanoseconds timeout = std::chrono::seconds(60);
  core::Features features = core::Features::component();
  /// The number of the input's source, for the spans of errors.
  std::uint32_t source = 0;
  Wording wording;
};

/// What was done, for those who want to know.
struct Report {
  /// The functions that ran.
  std::vector<std::string> funcs;
  /// Imports that were called, with how often.
  std::map<std::string, std::uint64_t> calls;
  std::size_t bytes_before = 0;
  std::size_t bytes_after = 0;
  /// Of the state: bytes that became data segments, segments and elements that were made.
  std::uint64_t data_bytes = 0;
  std::uint64_t data_segments = 0;
  std::uint64_t elements = 0;
  /// Core instances, and those whose modules were rewritten.
  std::uint32_t instances = 0;
  std::uint32_t rewritten = 0;
  /// Imports that are gone, since only the initialisation needed them.
  std::vector<std::string> removed_imports;
  /// Functions that had run already when the input was made, and did not run again.
  std::vector<std::string> done_before;
  std::vector<std::string> notes;
};

struct Output {
  std::vector<std::uint8_t> bytes;
  Report report;
};

/// Instantiates a binary core module or component, runs its initialisation, and rewrites it so
/// that it begins where that ended. The result is valid, and has the same imports and exports less
/// the functions that ran. A trap of the guest's is an error of rule `trap`. Memory and time are
/// bounded by the options; the rest is linear in the input and its state.
[[nodiscard]] Result<Output> preinit(ByteSpan input, const Options& options);

/// How long a start takes: from the bytes to the end of the initialisation, and from there to the
/// first result.
struct Times {
  std::chrono::nanoseconds start{0};
  std::chrono::nanoseconds first_call{0};
};
struct Measured {
  Times before;
  Times after;
};

/// Starts the input, with its initialisation, and the output each `times` times, calling `first`
/// unless it is empty, and gives the least times.
[[nodiscard]] Result<Measured> measure(ByteSpan input, const Output& output, const Options& options,
                                       const std::string& first, std::uint32_t times);

}  // namespace tenon::preinit
