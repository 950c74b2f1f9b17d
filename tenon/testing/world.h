// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/json.h"
#include "tenon/testing/expectation.h"
#include "tenon/wasi/context.h"
#include "tenon/wasi/core/memory_fs.h"

namespace tenon::testing {

/// What a case gives its guest of WASI: `wasi` in a file of cases. Nothing else is there.
struct World {
  /// Those behind the program's name.
  std::optional<std::vector<std::string>> args;
  std::vector<std::pair<std::string, std::string>> env;
  /// A string, `{ "$base64" }` or `{ "$file" }`, as the contents of `files` are.
  std::optional<Json> input;
  std::vector<std::pair<std::string, Json>> files;
  /// A directory beside the file of cases whose files are copied to the guest's root.
  std::optional<std::string> root;
  /// Whether the guest has a directory `/` at all.
  bool has_root = true;
  std::optional<wasi::Timestamp> clock;
  std::optional<std::uint64_t> random_seed;
};

/// What is expected of what a guest left.
struct Output {
  std::optional<Json> out;
  std::optional<Json> err;
  /// A content, or null: there is no such file.
  std::vector<std::pair<std::string, Json>> files;
  std::optional<std::int32_t> exit_code;
};

/// Reads `wasi`; what it says is before what `outer` says.
[[nodiscard]] Result<World> read_world(const Json& json, const World* outer);
/// Reads `expect-stdout` and its like of a case.
[[nodiscard]] Result<Output> read_output(const Json& json);
/// Seconds and nanoseconds of `2026-11-28T14:00:00.5+01:00` (RFC 3339); none when it is no time.
[[nodiscard]] std::optional<wasi::Timestamp> parse_time(std::string_view text);

/// Opens a directory beside the file of cases to be read.
using FolderReader = std::function<Result<wasi::DescriptorPtr>(const std::string& path)>;

/// A world made for one run of a guest: files in memory, output that is kept.
class VirtualWorld {
 public:
  VirtualWorld();
  /// `name` is what the program is called in its arguments.
  [[nodiscard]] Result<void> fill(const World& world, const std::string& name,
                                  const FileReader& files, const FolderReader& folders,
                                  wasi::Context& context);
  /// What is not as expected: lines without an end, or nothing. `exit_code` of a program.
  [[nodiscard]] Result<std::optional<std::string>> check(const Output& wanted,
                                                         std::optional<std::int32_t> exit_code,
                                                         const FileReader& files);
  /// What it wrote, line by line behind `stdout: ` and `stderr: `; cut to some lines. Of a case
  /// that passed, only what `wanted` says nothing of; of one that failed, all but what `check`
  /// quotes.
  [[nodiscard]] std::string shown_output(const Output& wanted, bool failed) const;
  /// What it wrote to standard error.
  [[nodiscard]] std::string_view errors() const;

 private:
  std::shared_ptr<wasi::Clock> clock_;
  std::unique_ptr<wasi::MemoryFileSystem> files_;
  std::shared_ptr<wasi::Capture> out_ = std::make_shared<wasi::Capture>();
  std::shared_ptr<wasi::Capture> err_ = std::make_shared<wasi::Capture>();
  /// The output that the difference found by `check` quotes.
  const wasi::Capture* quoted_ = nullptr;
};

}  // namespace tenon::testing
