// SPDX-License-Identifier: Apache-2.0
// A build believes what it finds in its cache: objects, stamps, generated headers, cargo's results.
// A folder inside the project comes with the project, reviewed by nobody, so none of it is kept
// there. The folder of the user's own is believed when nobody else can have written into it.
#include "tenon/builder/user_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

/// An absolute path of the environment, or nothing: a relative one would lead into the project.
std::optional<std::string> folder_from(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value != '/') return std::nullopt;
  return value;
}

/// Like `mkdir -p -m 700`.
int make_all(const std::string& path) {
  for (auto cut = path.find('/', 1);; cut = path.find('/', cut + 1)) {
    const std::string part = path.substr(0, cut);
    if (::mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      const int code = errno;
      struct stat info{};  // what is there already need not be writable
      if (::stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return code;
    }
    if (cut == std::string::npos) return 0;
  }
}

/// Why the folder is not believed; empty when it is.
std::string distrust(const std::string& dir) {
  const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return std::strerror(errno);
  struct stat info{};
  const bool known = ::fstat(fd, &info) == 0;
  ::close(fd);
  if (!known) return "it cannot be looked at";
  if (info.st_uid != ::geteuid()) return fmt::format("its owner is user {}", info.st_uid);
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fmt::format("its mode is {:o}, wanted 700", info.st_mode & 07777U);
  return {};
}

}  // namespace

UserCache user_cache() {
  std::optional<std::string> dir = folder_from("XDG_CACHE_HOME");
  if (!dir) {
    dir = folder_from("HOME");
    if (dir) *dir += "/.cache";
  }
  if (!dir)
    return {std::nullopt, "neither `XDG_CACHE_HOME` nor `HOME` names a folder by its whole path"};
  *dir += "/tenon";
  if (const int code = make_all(*dir); code != 0)
    return {std::nullopt, fmt::format("`{}`: {}", *dir, std::strerror(code))};
  if (const std::string why = distrust(*dir); !why.empty())
    return {std::nullopt, fmt::format("`{}`: {}", *dir, why)};
  return {std::move(dir), {}};
}

void keep_only_file(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void keep_only_own(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return;
  const bool kind = S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
  std::error_code ignored;
  if (!kind || info.st_uid != ::geteuid()) fs::remove_all(path, ignored);
}

Result<PrivateFolder> PrivateFolder::make() {
  std::error_code code;
  fs::path base = fs::temp_directory_path(code);
  if (code) base = "/tmp";
  std::string pattern = (base / "tenon-build-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return std::unexpected(Error(rules::build_folder, Span::none(),
                                 fmt::format("`{}`: {}", pattern, std::strerror(errno)))
                               .help("`TMPDIR` names another folder for what is begun"));
  }
  return PrivateFolder(std::move(pattern));
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void trim_objects(const std::string& dir, std::uint64_t limit) {
  struct Object {
    fs::file_time_type used;
    std::uint64_t size;
    fs::path path;
  };
  std::vector<Object> objects;
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    if (!entry.is_regular_file(ignored)) continue;
    const std::uint64_t size = entry.file_size(ignored);
    sum += size;
    objects.push_back({entry.last_write_time(ignored), size, entry.path()});
  }
  if (sum <= limit) return;
  std::ranges::sort(objects, {}, &Object::used);
  const auto recent = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const Object& object : objects) {
    if (sum <= limit / 2 || object.used > recent) return;
    if (fs::remove(object.path, ignored)) sum -= object.size;
  }
}

void trim_projects(const std::string& dir, unsigned days) {
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24 * days);
  std::vector<fs::path> gone;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    std::error_code code;
    const auto used = fs::last_write_time(entry.path() / "lock", code);
    if (!code && used < old) gone.push_back(entry.path());
  }
  for (const fs::path& path : gone) fs::remove_all(path, ignored);
}

}  // namespace tenon::builder
