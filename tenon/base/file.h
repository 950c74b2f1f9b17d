// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"

namespace tenon {

/// Reads a whole file (never maps it: it may shrink meanwhile). Folders, and files of 4 GiB and
/// more, are refused; what cannot be read is named in the error, which has no span.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(const std::string& path);
/// The same as text; the bytes need not be UTF-8.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);
/// Reads a file descriptor to its end; `name` is in errors.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_descriptor(int descriptor,
                                                                std::string_view name);

/// Reads a regular file that lies in one of the folders or below, also after links and `..` are
/// followed; `path` counts from the first of them. What lies outside is not opened: `file_outside`.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file_in(std::span<const std::string> folders,
                                                             const std::string& path);

/// Writes a file beside its place and renames it there: a reader sees the old content or the new,
/// never half of it. What is begun has a name that nobody can foresee and is the user's alone until
/// then. An error removes it.
[[nodiscard]] Result<void> write_file(const std::string& path, ByteSpan content);
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view content);
/// Hands its content piece by piece to the sink that it is given.
using Producer = std::function<Result<void>(const std::function<void(std::string_view)>& sink)>;
/// The same for content that is made while it is written; an error of the producer leaves the old
/// file.
[[nodiscard]] Result<void> write_file(const std::string& path, const Producer& produce);

/// The bytes of a text.
[[nodiscard]] inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Bytes as a text of the same length.
[[nodiscard]] inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tenon
