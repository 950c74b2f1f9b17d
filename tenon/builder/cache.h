// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"

namespace tenon::builder {

/// SHA-256 as 64 hexadecimal digits.
[[nodiscard]] std::string sha256(ByteSpan bytes);
[[nodiscard]] std::string sha256(std::string_view text);

/// Collects what a result depends on and hashes it. Each piece is delimited: ("ab", "c") differs
/// from ("a", "bc").
class KeyBuilder {
 public:
  KeyBuilder& add(std::string_view piece);
  KeyBuilder& add(const std::vector<std::string>& pieces);
  [[nodiscard]] std::string key() const { return sha256(text_); }

 private:
  std::string text_;
};

/// What tells a file's content without reading it.
struct FileStat {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const FileStat&, const FileStat&) = default;
};
[[nodiscard]] std::optional<FileStat> stat_file(const std::string& path);

/// Content hashes of files, each file read at most once; what an earlier run knew is taken over
/// when size and time are the same.
class FileHashes {
 public:
  /// Nothing when the file cannot be read.
  [[nodiscard]] std::optional<std::string> of(const std::string& path);
  void know(const std::string& path, const FileStat& stat, std::string hash);

 private:
  struct Known {
    FileStat stat;
    std::string hash;
  };
  std::map<std::string, Known, std::less<>> known_;
};

/// What a finished build was made from and what it left: when all of it is as it was, there is
/// nothing to do.
struct Stamp {
  struct File {
    std::string path;
    FileStat stat;
    std::string hash;
  };
  /// Hash of options, versions and lists of inputs.
  std::string key;
  std::vector<File> inputs;
  std::vector<File> outputs;

  [[nodiscard]] std::string to_text() const;
  static std::optional<Stamp> parse(std::string_view text);
  /// Whether the key is the same and every file has the content that the stamp names.
  [[nodiscard]] bool holds(std::string_view wanted_key, FileHashes& hashes) const;
};

/// Compiled files by the content they came from. One record per (source, flags) lists the sets of
/// files that earlier compilations read; the object of a set whose contents are all the same again
/// is reused. The folder has to be one that only this user writes to: a record is believed.
class ObjectCache {
 public:
  /// `dir` is made when it is not there.
  ObjectCache(std::string dir, FileHashes& hashes) : dir_(std::move(dir)), hashes_(hashes) {}

  /// The path of a finished object, or nothing. `key` stands for source path, flags and compiler.
  [[nodiscard]] std::optional<std::string> find(const std::string& key);
  /// Takes an object over that was compiled from `read_files`, and returns its place in the cache.
  [[nodiscard]] Result<std::string> store(const std::string& key,
                                          const std::vector<std::string>& read_files,
                                          const std::string& object);

 private:
  std::string dir_;
  FileHashes& hashes_;
};

/// The files that a make-style dependency file names after the colon.
[[nodiscard]] std::vector<std::string> parse_depfile(std::string_view text);

/// Holds a folder for one build at a time; a second build waits. Released when it goes.
class BuildLock {
 public:
  /// The lock's time tells when the folder was last used. `waiting` is called once when another
  /// build holds the folder.
  [[nodiscard]] static Result<BuildLock> take(const std::string& dir, void (*waiting)(void*),
                                              void* context);
  BuildLock(BuildLock&& other) noexcept;
  BuildLock& operator=(BuildLock&&) = delete;
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;
  ~BuildLock();

 private:
  explicit BuildLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Makes a folder and those above it.
[[nodiscard]] Result<void> make_folder(const std::string& dir);

}  // namespace tenon::builder
