// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tenon/wasi/core/error.h"
#include "tenon/wasi/core/refusals.h"

namespace tenon::wasi {

/// A descriptor of the host that is closed with it.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// How paths are resolved below the directories of one grant.
struct HostFs {
  /// Name by name: the system has no `openat2`, or a test wants it so.
  std::atomic<bool> walk = false;
  /// May be null.
  std::shared_ptr<Refusals> refusals;
};

/// A guest's path that may be resolved.
struct CleanPath {
  /// Without slashes at its end, relative, not empty.
  std::string text;
  /// There were slashes at its end: what it names must be a directory, and a link there is
  /// followed.
  bool directory_required = false;
};
[[nodiscard]] IoResult<CleanPath> clean_path(std::string_view path);

/// Opens what a path names below a directory and never anything else: F1. `flags` are those of
/// `open`; without O_NOFOLLOW a link as the last name is followed.
[[nodiscard]] IoResult<UniqueFd> open_beneath(HostFs& fs, int directory, const CleanPath& path,
                                              int flags, mode_t mode = 0);

/// The directory that an entry lies in, and the entry's name: one clean name, which no call
/// resolves further.
struct Parent {
  /// Open where it is not the directory itself.
  UniqueFd owned;
  int fd = -1;
  std::string name;
  bool directory_required = false;
};
/// A path whose last name is `.` or `..` is refused: `busy` where it leads to something.
[[nodiscard]] IoResult<Parent> open_parent(HostFs& fs, int directory, std::string_view path);

}  // namespace tenon::wasi
