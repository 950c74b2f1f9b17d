// SPDX-License-Identifier: Apache-2.0
// Files of an editor that are not saved overlay those on disk. Overlaid folders are counted, so
// that a folder which exists only in the overlay is listed and disappears with its last file.
#include "tenon/wit/file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

namespace fs = std::filesystem;

/// `a` for `a/b`; empty for a name alone and for the root.
std::string parent_of(const std::string& key) {
  const auto slash = key.rfind('/');
  return slash == std::string::npos ? std::string() : key.substr(0, slash);
}

}  // namespace

FileSource FileSource::memory() {
  FileSource out;
  out.disk_ = false;
  return out;
}

std::string FileSource::key(std::string_view path) {
  std::string out = fs::path(path).lexically_normal().generic_string();
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out == "." ? std::string() : out;
}

void FileSource::overlay(std::string_view path, std::string text) {
  const std::string at = key(path);
  const auto [there, fresh] = texts_.insert_or_assign(at, std::move(text));
  if (!fresh) return;
  for (std::string folder = parent_of(at);; folder = parent_of(folder)) {
    ++folders_[folder];
    if (folder.empty()) break;
  }
}

void FileSource::drop(std::string_view path) {
  const std::string at = key(path);
  if (texts_.erase(at) == 0) return;
  for (std::string folder = parent_of(at);; folder = parent_of(folder)) {
    if (--folders_[folder] == 0) folders_.erase(folder);
    if (folder.empty()) break;
  }
}

bool FileSource::is_folder(const std::string& path) const {
  std::error_code ignored;
  return folders_.contains(key(path)) || (disk_ && fs::is_directory(path, ignored));
}

Result<std::string> FileSource::read(const std::string& path) const {
  if (const auto there = texts_.find(key(path)); there != texts_.end()) return there->second;
  if (disk_) return read_text_file(path);
  return std::unexpected(
      Error(rules::unreadable, Span::none(), fmt::format("`{}`: no such file", path)));
}

Result<std::vector<std::string>> FileSource::entries(const std::string& path) const {
  std::map<std::string, std::string> out;  // by key
  std::error_code code;
  if (disk_) {
    for (const auto& entry : fs::directory_iterator(path, code))
      out.emplace(key(entry.path().string()), entry.path().string());
  }
  const std::string folder = key(path);
  const bool laid = folders_.contains(folder);
  if ((code || !disk_) && !laid) {
    const std::string why = disk_ ? code.message() : std::string("no such folder");
    return std::unexpected(
        Error(rules::unreadable, Span::none(), fmt::format("`{}`: {}", path, why)));
  }
  const std::string prefix = folder.empty() || folder == "/" ? folder : folder + "/";
  for (auto it = texts_.lower_bound(prefix); laid && it != texts_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    const std::string name =
        it->first.substr(prefix.size(), it->first.find('/', prefix.size()) - prefix.size());
    out.emplace(prefix + name, (fs::path(path) / name).string());
  }
  std::vector<std::string> names;
  names.reserve(out.size());
  for (auto& [key, name] : out) names.push_back(std::move(name));
  std::ranges::sort(names);
  return names;
}

}  // namespace tenon::wit
