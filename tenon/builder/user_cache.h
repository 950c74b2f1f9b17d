// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tenon/base/error.h"

namespace tenon::builder {

/// Where the user's builds keep what later builds believe: `$XDG_CACHE_HOME/tenon`, otherwise
/// `~/.cache/tenon`. Never in a project: its writer could have put anything there.
struct UserCache {
  /// Nothing when the folder is not the user's alone; then nothing is kept.
  std::optional<std::string> dir;
  /// Why not.
  std::string reason;
};
/// Makes the folder (mode 0700) when it is not there, and looks at its owner and mode.
[[nodiscard]] UserCache user_cache();

/// Removes what is at a place of a cache and is not a file: a link, a folder or a pipe would lead
/// elsewhere, are in the way or keep the build waiting.
void keep_only_file(const std::string& path);
/// Removes what is neither a file nor a folder of this user's: links, pipes, what others own.
void keep_only_own(const std::string& path);

/// A folder that is there for one build alone, with a name that nobody can foresee (mode 0700).
class PrivateFolder {
 public:
  [[nodiscard]] static Result<PrivateFolder> make();
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Removes the objects that were not used for longest when there are more than `limit` bytes of
/// them, down to half of it; what was used within the last hour stays.
void trim_objects(const std::string& dir, std::uint64_t limit);
/// Removes what is kept of projects that were not built for so many days.
void trim_projects(const std::string& dir, unsigned days);

}  // namespace tenon::builder
