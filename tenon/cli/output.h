// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/base/file.h"
#include "tenon/cli/context.h"

namespace tenon::cli {

/// Writes binary data to `path` (beside, then renamed) or, without one or for `-`, to standard
/// output, where a terminal is refused. Returns the exit code.
int write_binary(const Context& context, std::optional<std::string_view> path, ByteSpan bytes);
/// The same for text, which may go to a terminal.
/// `checked`: the caller has asked `may_replace`, or was told by `--force`, so that a file written
/// by hand may go; an input never may.
int write_text(const Context& context, std::optional<std::string_view> path, std::string_view text,
               bool checked = false);
/// The same, written while it is made.
int write_text(const Context& context, std::optional<std::string_view> path,
               const Producer& produce);

/// One status line on a terminal, nothing otherwise: what, how far. Gone when the object is.
class StatusLine {
 public:
  explicit StatusLine(const Context& context);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  void show(std::string_view text);

 private:
  bool on_;
  bool shown_ = false;
};

}  // namespace tenon::cli
