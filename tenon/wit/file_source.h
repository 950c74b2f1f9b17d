// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::wit {

/// Reads the files of packages: overlays in memory first, such as an editor's buffers, then the
/// disk. Paths are compared after `.` and `..` are resolved. May be shared between threads while
/// nobody changes it.
class FileSource {
 public:
  /// Reads the disk, where no overlay is set.
  FileSource() = default;
  /// Reads overlays alone, never the disk.
  static FileSource memory();

  /// The file has this text from now on, whether the disk has such a file or not.
  void overlay(std::string_view path, std::string text);
  /// The file is again what the disk has.
  void drop(std::string_view path);

  [[nodiscard]] bool is_folder(const std::string& path) const;
  /// The text of a file. The error has no span.
  [[nodiscard]] Result<std::string> read(const std::string& path) const;
  /// The paths of what is in a folder, in order.
  [[nodiscard]] Result<std::vector<std::string>> entries(const std::string& path) const;

 private:
  static std::string key(std::string_view path);

  bool disk_ = true;
  std::map<std::string, std::string> texts_;
  /// The folders of those texts, and how many texts each has.
  std::map<std::string, std::size_t> folders_;
};

}  // namespace tenon::wit
