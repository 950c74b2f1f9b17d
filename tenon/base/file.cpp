// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "tenon/base/rules.h"

namespace tenon {
namespace {

constexpr std::size_t max_file_size = 0xFFFFFFFF;
constexpr std::size_t min_room = 4096;
/// /dev/zero and its like give bytes for ever.
constexpr std::size_t max_device_size = 1U << 20U;

/// Closes on every way out.
struct Descriptor {
  explicit Descriptor(int value) : fd(value) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

std::string in_ticks(std::string_view name) {
  return "`" + std::string(name) + "`";
}

Error unreadable(std::string_view name, int code) {
  return Error(rules::file_unreadable, Span::none(), in_ticks(name) + ": " + std::strerror(code));
}

Error unwritable(std::string_view name, int code) {
  return Error(rules::file_unwritable, Span::none(), in_ticks(name) + ": " + std::strerror(code));
}

Error too_large(std::string_view name) {
  return Error(rules::file_too_large, Span::none(), in_ticks(name) + " has 4 GiB or more");
}

Result<void> write_all(int fd, ByteSpan content, const std::string& path) {
  while (!content.empty()) {
    const ::ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(unwritable(path, errno));
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

/// What new files do not grant. `umask` itself cannot be read without changing it for all threads.
::mode_t file_mask() {
  constexpr ::mode_t usual = 022;
  const Descriptor status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  char text[512];
  const ::ssize_t size = status.fd < 0 ? 0 : ::read(status.fd, text, sizeof text);
  const std::string_view whole(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto at = whole.find("Umask:\t");
  unsigned mask = usual;
  if (at != std::string_view::npos)
    std::from_chars(whole.data() + at + 7, whole.data() + whole.size(), mask, 8);
  return static_cast<::mode_t>(mask);
}

/// A new file in the folder of `path`, for its user alone, whose name holds 64 random bits.
int create_beside(const std::string& path, std::string& name) {
  constexpr std::size_t longest = 200;     // a name has 255 bytes at most
  const auto slash = path.rfind('/') + 1;  // 0 when there is none
  const std::string stem = path.substr(0, slash) + path.substr(slash, longest);
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::uint64_t random = 0;
    if (::getentropy(&random, sizeof random) != 0) return -1;
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(random));
    name = stem + ".tmp" + digits;
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

/// Asks for a large buffer in large pages, before it is touched: filling it then costs a fraction
/// of the page faults. Nothing is lost when the system says no.
void prefer_large_pages(std::uint8_t* buffer, std::size_t size) {
  constexpr std::size_t page = std::size_t{2} << 20U;
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(buffer) % page) % page;
  if (size < before + page) return;
  ::madvise(buffer + before, (size - before) / page * page, MADV_HUGEPAGE);
}

}  // namespace

Result<std::vector<std::uint8_t>> read_descriptor(int descriptor, std::string_view name) {
  struct stat info{};
  std::vector<std::uint8_t> bytes;
  bool endless = false;
  if (::fstat(descriptor, &info) == 0) {
    endless = S_ISCHR(info.st_mode) && ::isatty(descriptor) == 0;
    if (S_ISDIR(info.st_mode)) {
      return std::unexpected(Error(rules::file_is_folder, Span::none(), in_ticks(name)));
    }
    if (S_ISREG(info.st_mode)) {
      const auto size = static_cast<std::uint64_t>(info.st_size);
      if (size > max_file_size) return std::unexpected(too_large(name));
      // Room to see the end of the file without growing: growing would hold it twice.
      bytes.reserve(size + min_room);
      prefer_large_pages(bytes.data(), bytes.capacity());
    }
  }
  std::size_t used = 0;
  while (true) {
    if (bytes.capacity() - used < min_room) bytes.reserve(bytes.capacity() * 2 + 65536);
    bytes.resize(bytes.capacity());
    const ::ssize_t n = ::read(descriptor, bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(unreadable(name, errno));
    used += static_cast<std::size_t>(n);
    if (used > max_file_size) return std::unexpected(too_large(name));
    if (n == 0) break;
    if (endless && used > max_device_size) {
      return std::unexpected(Error(rules::file_too_large, Span::none(),
                                   in_ticks(name) + " is a device without an end"));
    }
  }
  bytes.resize(used);
  return bytes;
}

/// The system would take what is before it.
static bool has_nul(const std::string& path) {
  return path.find('\0') != std::string::npos;
}

Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
  if (has_nul(path)) return std::unexpected(unreadable(path, EINVAL));
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return std::unexpected(unreadable(path, errno));
  return read_descriptor(file.fd, path);
}

Result<std::string> read_text_file(const std::string& path) {
  const std::vector<std::uint8_t> bytes = TENON_TRY(read_file(path));
  return std::string(as_text(bytes));
}

Result<std::vector<std::uint8_t>> read_file_in(std::span<const std::string> folders,
                                               const std::string& path) {
  namespace fs = std::filesystem;
  const auto outside = [&] { return Error(rules::file_outside, Span::none(), in_ticks(path)); };
  if (has_nul(path)) return std::unexpected(unreadable(path, EINVAL));
  std::error_code code;
  std::vector<fs::path> roots;
  for (const std::string& folder : folders) {
    const fs::path root = fs::canonical(folder.empty() ? "." : folder, code);
    if (!code) roots.push_back(root);
  }
  const auto is_inside = [&](const fs::path& file) {
    return std::ranges::any_of(roots, [&](const fs::path& root) {
      return std::ranges::mismatch(root, file).in1 == root.end();
    });
  };
  const fs::path wanted = fs::path(folders.empty() ? std::string() : folders[0]) / path;
  // Whether a place outside exists is not told either.
  const fs::path real = fs::weakly_canonical(fs::absolute(wanted, code), code);
  if (code || !is_inside(real)) return std::unexpected(outside());
  // A pipe would wait for a writer, a device might act when it is opened.
  const Descriptor file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.fd < 0) return std::unexpected(unreadable(path, errno));
  struct stat info{};
  if (::fstat(file.fd, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
    return std::unexpected(unreadable(path, EINVAL));
  // Links may have changed since they were followed: the kernel knows what was opened.
  const fs::path opened = fs::read_symlink("/proc/self/fd/" + std::to_string(file.fd), code);
  if (!code && !is_inside(opened)) return std::unexpected(outside());
  return read_descriptor(file.fd, path);
}

Result<void> write_file(const std::string& path, const Producer& produce) {
  const auto write_to = [&](int descriptor) -> Result<void> {
    Result<void> written = {};
    auto produced = produce([&](std::string_view piece) {
      if (written) written = write_all(descriptor, as_bytes(piece), path);
    });
    if (!written) return written;
    return produced;
  };
  if (has_nul(path)) return std::unexpected(unwritable(path, EINVAL));
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    // A device or a pipe is written in place: a rename would replace it.
    if (S_ISDIR(info.st_mode)) return std::unexpected(unwritable(path, EISDIR));
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.fd < 0) return std::unexpected(unwritable(path, errno));
    return write_to(file.fd);
  }
  std::string beside;
  Result<void> written = {};
  {
    const Descriptor file(create_beside(path, beside));
    if (file.fd < 0) return std::unexpected(unwritable(path, errno));
    written = write_to(file.fd);
    const bool there = S_ISREG(info.st_mode);
    if (written && ::fchmod(file.fd, there ? info.st_mode & 0777U : 0666U & ~file_mask()) != 0)
      written = std::unexpected(unwritable(path, errno));
  }
  if (written && std::rename(beside.c_str(), path.c_str()) != 0) {
    written = std::unexpected(unwritable(path, errno));
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

Result<void> write_file(const std::string& path, ByteSpan content) {
  return write_file(path, [&](const std::function<void(std::string_view)>& sink) -> Result<void> {
    sink(as_text(content));
    return {};
  });
}

Result<void> write_file(const std::string& path, std::string_view content) {
  return write_file(path, as_bytes(content));
}

}  // namespace tenon
