// SPDX-License-Identifier: Apache-2.0
// The lock file records hashes and versions that decide the result. It is rewritten only if it
// changes, so its time stays; `--locked` lists every difference instead of the first.
#include "tenon/builder/lock.h"

#include <fmt/format.h>

#include <map>

#include "tenon/base/file.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

std::string lock_text(const LockEntries& entries) {
  std::string out =
      "# Written by `tenon build`. `tenon build --locked` refuses a build that differs from it.\n";
  for (const auto& [name, value] : entries) out += fmt::format("\"{}\" = \"{}\"\n", name, value);
  return out;
}

/// Lines of the form `"name" = "value"`; anything else is passed over.
std::map<std::string, std::string, std::less<>> parse_lock(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  while (!text.empty()) {
    const auto cut = text.find('\n');
    const std::string_view line = text.substr(0, cut);
    text = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
    const auto middle = line.find("\" = \"");
    if (!line.starts_with('"') || middle == std::string_view::npos || !line.ends_with('"'))
      continue;
    out.emplace(line.substr(1, middle - 1), line.substr(middle + 5, line.size() - middle - 6));
  }
  return out;
}

}  // namespace

Result<void> write_lock(const std::string& path, const LockEntries& entries) {
  const std::string text = lock_text(entries);
  if (const auto there = read_text_file(path); there && *there == text) return {};
  return write_file(path, text);
}

Result<void> check_lock(const std::string& path, const LockEntries& entries) {
  const auto text = read_text_file(path);
  if (!text) {
    return std::unexpected(
        Error(rules::lock_drift, Span::none(), fmt::format("`{}` is not there", path))
            .help("`tenon build` without --locked writes it"));
  }
  auto locked = parse_lock(*text);
  Error error(rules::lock_drift, Span::none(), path);
  bool differs = false;
  for (const auto& [name, value] : entries) {
    const auto it = locked.find(name);
    if (it == locked.end()) {
      error = std::move(error).note(fmt::format("{}: not locked, found {}", name, value));
      differs = true;
    } else {
      if (it->second != value) {
        error =
            std::move(error).note(fmt::format("{}: locked {}, found {}", name, it->second, value));
        differs = true;
      }
      locked.erase(it);
    }
  }
  for (const auto& [name, value] : locked) {
    error = std::move(error).note(fmt::format("{}: locked {}, no longer used", name, value));
    differs = true;
  }
  if (!differs) return {};
  return std::unexpected(
      std::move(error).help("`tenon build` without --locked accepts the change"));
}

}  // namespace tenon::builder
