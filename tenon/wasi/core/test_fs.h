// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tenon/base/file.h"
#include "tenon/wasi/core/host_fs.h"
#include "tenon/wasi/core/memory_fs.h"

// An empty file system for a test, of each kind, and short ways to use one.
namespace tenon::wasi {

inline OpenFlags creating() {
  OpenFlags open;
  open.create = true;
  return open;
}
inline DescriptorFlags reading() {
  DescriptorFlags flags;
  flags.read = true;
  return flags;
}
inline DescriptorFlags writing() {
  DescriptorFlags flags;
  flags.read = flags.write = true;
  return flags;
}
inline IoResult<std::size_t> write(Descriptor& file, std::string_view text, std::uint64_t at) {
  const ByteSpan bytes[] = {as_bytes(text)};
  return file.write_at(bytes, at);
}
inline IoResult<std::string> read_result(Descriptor& file, std::uint64_t at, std::size_t size) {
  std::string text(size, '\0');
  const std::span<std::uint8_t> part(reinterpret_cast<std::uint8_t*>(text.data()), size);
  const auto n = file.read_at({&part, 1}, at);
  if (!n) return fail(n.error());
  text.resize(*n);
  return text;
}
inline std::string read(Descriptor& file, std::uint64_t at, std::size_t size) {
  return read_result(file, at, size).value_or("(error)");
}

/// A directory of the host's that goes with it.
struct TestFolder {
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-wasi-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

struct TestFs {
  enum class Kind : std::uint8_t { host, walk, memory };
  static std::string name(Kind kind) {
    return kind == Kind::host ? "host" : kind == Kind::walk ? "walk" : "memory";
  }
  explicit TestFs(Kind with) : kind(with) {
    root = kind == Kind::memory ? memory.root() : open(false);
  }
  [[nodiscard]] DescriptorPtr read_only() {
    return kind == Kind::memory ? memory.root(true) : open(true);
  }
  [[nodiscard]] DescriptorPtr open(bool read_only_grant) const {
    HostDirectoryOptions options;
    options.read_only = read_only_grant;
    options.walk = kind == Kind::walk;
    return *open_host_directory(folder.path / "inside", options);
  }

  Kind kind;
  TestFolder folder;
  bool made = std::filesystem::create_directory(folder.path / "inside");
  MemoryFileSystem memory{Clock::host()};
  DescriptorPtr root;
};

}  // namespace tenon::wasi
