// SPDX-License-Identifier: Apache-2.0
// Paths of guests, resolved beneath a directory. The system does it in one call where it can
// (`openat2` with RESOLVE_BENEATH, which holds against renames that happen meanwhile). Where it
// cannot, or a rename anywhere on the host makes it give up, the path is walked here: each name is
// opened without following a link, links are read and their names walked in turn, and `..` goes
// back to a directory that is still open, never to one that the file system names.
#include "tenon/wasi/core/host_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <vector>

namespace tenon::wasi {
namespace {

constexpr int most_links = 40;
constexpr int most_tries = 4;

class Walk {
 public:
  Walk(int base, int flags, mode_t mode) : base_(base), flags_(flags), mode_(mode) {}

  IoResult<UniqueFd> run(const std::string& path) {
    push(path);
    while (!names_.empty()) {
      const std::string name = std::move(names_.back());
      names_.pop_back();
      if (name == ".") continue;
      if (name == "..") {
        if (open_.empty()) return fail(ErrorCode::not_permitted);
        open_.pop_back();
        continue;
      }
      auto last = step(name);
      if (!last) return fail(last.error());
      if (*last) return std::move(*last);
    }
    // The path ended in a directory that is open already.
    if ((flags_ & O_CREAT) != 0)
      return fail((flags_ & O_EXCL) != 0 ? ErrorCode::exist : ErrorCode::is_directory);
    const int fd = ::openat(here(), ".", flags_ & ~O_NOFOLLOW);
    if (fd < 0) return last_error();
    return UniqueFd(fd);
  }

 private:
  [[nodiscard]] int here() const { return open_.empty() ? base_ : open_.back().get(); }

  /// Puts a path before the names that are left.
  void push(std::string_view path) {
    const bool last = names_.empty();
    if (last && path.ends_with('/')) flags_ |= O_DIRECTORY;
    std::vector<std::string> names;
    while (!path.empty()) {
      const std::size_t slash = std::min(path.find('/'), path.size());
      if (slash != 0) names.emplace_back(path.substr(0, slash));
      path.remove_prefix(std::min(slash + 1, path.size()));
    }
    names_.insert(names_.end(), std::make_move_iterator(names.rbegin()),
                  std::make_move_iterator(names.rend()));
  }

  /// One name: goes into a directory or a link, or opens the last one.
  IoResult<UniqueFd> step(const std::string& name) {
    const bool last = names_.empty();
    // What must be new is not looked into, and whoever wants a link itself gets it.
    const bool may_follow = !last || (flags_ & (O_NOFOLLOW | O_EXCL)) == 0;
    for (int i = 0; i < most_tries; ++i) {
      if (may_follow) {
        auto target = read_link(name);
        if (!target) return fail(target.error());
        if (*target) return follow(**target);
      }
      const int fd =
          last ? ::openat(here(), name.c_str(), flags_ | O_NOFOLLOW, mode_)
               : ::openat(here(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0) {
        UniqueFd opened(fd);
        if (last && (flags_ & O_PATH) != 0 && may_follow && is_link(fd)) continue;
        if (last) return opened;
        open_.push_back(std::move(opened));
        return UniqueFd();
      }
      // A link that was not there a moment ago.
      if (may_follow && (errno == ELOOP || errno == ENOTDIR)) {
        const int seen = errno;
        if (auto target = read_link(name); target && *target) continue;
        errno = seen;
      }
      return last_error();
    }
    return fail(ErrorCode::loop);
  }

  static bool is_link(int fd) {
    struct stat info{};
    return ::fstat(fd, &info) == 0 && S_ISLNK(info.st_mode);
  }

  /// None: it is no link, or not there.
  IoResult<std::optional<std::string>> read_link(const std::string& name) const {
    std::array<char, PATH_MAX> target{};
    const ssize_t n = ::readlinkat(here(), name.c_str(), target.data(), target.size());
    if (n >= 0) return std::string(target.data(), static_cast<std::size_t>(n));
    if (errno == EINVAL || errno == ENOENT) return std::nullopt;
    return last_error();
  }

  IoResult<UniqueFd> follow(const std::string& target) {
    if (++links_ > most_links) return fail(ErrorCode::loop);
    if (target.empty()) return fail(ErrorCode::no_entry);
    if (target.starts_with('/')) return fail(ErrorCode::not_permitted);
    push(target);
    return UniqueFd();
  }

  int base_;
  int flags_;
  mode_t mode_;
  int links_ = 0;
  /// Directories below the base, outermost first.
  std::vector<UniqueFd> open_;
  /// Names that are left, the next one last.
  std::vector<std::string> names_;
};

}  // namespace

IoResult<CleanPath> clean_path(std::string_view path) {
  if (path.empty()) return fail(ErrorCode::no_entry);
  if (path.find('\0') != std::string_view::npos) return fail(ErrorCode::invalid);
  if (path.starts_with('/')) return fail(ErrorCode::not_permitted);
  if (path.size() >= PATH_MAX) return fail(ErrorCode::name_too_long);
  CleanPath clean;
  while (path.ends_with('/')) {
    path.remove_suffix(1);
    clean.directory_required = true;
  }
  clean.text = path;
  return clean;
}

IoResult<UniqueFd> open_beneath(HostFs& fs, int directory, const CleanPath& path, int flags,
                                mode_t mode) {
  flags |= O_CLOEXEC;
  if (path.directory_required) flags = (flags | O_DIRECTORY) & ~O_NOFOLLOW;
  if (!fs.walk.load(std::memory_order_relaxed)) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int i = 0; i < most_tries; ++i) {
      const long fd = ::syscall(SYS_openat2, directory, path.text.c_str(), &how, sizeof how);
      if (fd >= 0) return UniqueFd(static_cast<int>(fd));
      if (errno != EAGAIN && errno != EINTR) break;
    }
    switch (errno) {
      case EXDEV:  // It leads out.
        return fail(ErrorCode::not_permitted);
      case ENOSYS:
        fs.walk.store(true, std::memory_order_relaxed);
        break;
      case EAGAIN:
      case EINTR:
      case EPERM:  // A filter of system calls that does not know it, or a file that is immutable.
        break;
      default:
        return last_error();
    }
  }
  return Walk(directory, flags, mode).run(path.text);
}

IoResult<Parent> open_parent(HostFs& fs, int directory, std::string_view path) {
  auto clean = clean_path(path);
  if (!clean) return fail(clean.error());
  const std::size_t slash = clean->text.rfind('/');
  Parent parent;
  parent.fd = directory;
  parent.directory_required = clean->directory_required;
  parent.name = slash == std::string::npos ? clean->text : clean->text.substr(slash + 1);
  if (parent.name == "." || parent.name == "..") {
    const auto found = open_beneath(fs, directory, *clean, O_PATH | O_DIRECTORY);
    return fail(found ? ErrorCode::busy : found.error());
  }
  if (slash == std::string::npos) return parent;
  const CleanPath lead{clean->text.substr(0, slash), true};
  auto opened = open_beneath(fs, directory, lead, O_PATH | O_DIRECTORY);
  if (!opened) return fail(opened.error());
  parent.owned = std::move(*opened);
  parent.fd = parent.owned.get();
  return parent;
}

}  // namespace tenon::wasi
