// SPDX-License-Identifier: Apache-2.0
// cargo runs on a copy of the crate with the bindings as a further dependency. Its lock is seeded
// from the crate's and, without the bindings, written back, so that the user's Cargo.lock stays the
// one that counts.
#include "tenon/builder/cargo_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

#include "tenon/base/file.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view package_head = "[[package]]\n";

/// What is before the first package, then a text for each.
std::vector<std::string_view> blocks_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const auto next = text.find(package_head, out.empty() ? 0 : package_head.size());
    out.push_back(text.substr(0, next));
    if (next == std::string_view::npos) return out;
    text.remove_prefix(next);
  }
}

/// The value of `key = "…"` in a package's block.
std::string_view field(std::string_view block, std::string_view key) {
  const auto at = block.find(fmt::format("\n{} = \"", key));
  if (at == std::string_view::npos) return {};
  const std::string_view rest = block.substr(at + key.size() + 5);
  return rest.substr(0, rest.find('"'));
}

/// A package with its place and hash: two that differ in these are two packages.
std::string identity(std::string_view block) {
  return fmt::format("{} {} {} {}", field(block, "name"), field(block, "version"),
                     field(block, "source"), field(block, "checksum"));
}

/// The lock of the copy without the bindings.
std::string without_bindings(std::string_view text, const std::string& bindings) {
  std::string out;
  for (const std::string_view block : blocks_of(text)) {
    if (block.starts_with(package_head) && field(block, "name") == bindings) continue;
    std::size_t at = 0;
    const std::string dependency = " \"" + bindings;
    while (at < block.size()) {
      const auto end = std::min(block.find('\n', at), block.size() - 1);
      const std::string_view line = block.substr(at, end + 1 - at);
      const bool named = line.starts_with(dependency) &&
                         (line[dependency.size()] == '"' || line[dependency.size()] == ' ');
      if (!named) out += line;
      at = end + 1;
    }
  }
  return out;
}

}  // namespace

CargoLock find_cargo_lock(const Project& project) {
  std::error_code ignored;
  fs::path dir = fs::absolute(project.dir, ignored).lexically_normal();
  if (!dir.has_filename()) dir = dir.parent_path();
  const fs::path own = dir / "Cargo.lock";
  if (fs::exists(own, ignored)) return {own.string(), true};
  while (dir.has_relative_path()) {
    dir = dir.parent_path();
    const auto manifest = read_text_file((dir / "Cargo.toml").string());
    if (!manifest || !manifest->contains("[workspace]")) continue;
    const fs::path lock = dir / "Cargo.lock";
    return {fs::exists(lock, ignored) ? lock.string() : std::string(), false};
  }
  return {};
}

Result<void> seed_cargo_lock(const CargoLock& lock, const std::string& shadow_dir) {
  const std::string copy = shadow_dir + "/Cargo.lock";
  std::error_code ignored;
  if (lock.path.empty()) {
    fs::remove(copy, ignored);
    return {};
  }
  const std::string text = TENON_TRY(read_text_file(lock.path));
  return write_file(copy, text);
}

Result<void> keep_cargo_lock(const Project& project, const std::string& bindings,
                             const CargoLock& lock, const std::string& shadow_dir, bool locked) {
  const std::string made = TENON_TRY(read_text_file(shadow_dir + "/Cargo.lock"));
  const std::string resolved = without_bindings(made, bindings);
  if (locked && lock.path.empty()) {
    return std::unexpected(Error(rules::lock_drift, Span::none(), "there is no Cargo.lock")
                               .help("`tenon build` without --locked writes it"));
  }
  std::set<std::string> there;
  std::string old;
  if (!lock.path.empty()) {
    old = TENON_TRY(read_text_file(lock.path));
    for (const std::string_view block : blocks_of(old)) there.insert(identity(block));
  }
  Error error(rules::lock_drift, Span::none(), lock.path);
  bool differs = lock.path.empty();
  for (const std::string_view block : blocks_of(resolved)) {
    // A crate in a folder has no place and no hash: the copy's own is among these.
    if (!block.starts_with(package_head) || there.contains(identity(block))) continue;
    differs = true;
    error = std::move(error).note(
        fmt::format("{} {}: not locked", field(block, "name"), field(block, "version")));
  }
  if (!differs) return {};
  if (locked) {
    return std::unexpected(
        std::move(error).help("`tenon build` without --locked accepts the change"));
  }
  if (!lock.own) return {};
  return write_file(lock.path.empty() ? project.dir + "/Cargo.lock" : lock.path, resolved);
}

}  // namespace tenon::builder
