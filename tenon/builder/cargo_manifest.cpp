// SPDX-License-Identifier: Apache-2.0
// The copy of Cargo.toml that cargo builds: dependencies with absolute paths, those that the
// bindings replace removed, a workspace of its own. What a crate inherits from its workspace is not
// available there and is an error.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <string_view>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "tenon/base/file.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& dir, const std::string& path) {
  std::error_code ignored;
  return fs::absolute(fs::path(dir) / path, ignored).lexically_normal().string();
}

/// A path that is in a table under `key`, counted from `dir`.
void make_absolute(toml::table& table, std::string_view key, const std::string& dir) {
  if (const auto path = table[key].value<std::string>())
    table.insert_or_assign(key, absolute(dir, *path));
}

/// What is taken from the workspace around the crate is not there for the copy.
Result<void> refuse_inherited(const std::string& manifest, const toml::table& table,
                              std::string_view where) {
  for (const auto& [key, value] : table) {
    const toml::table* inner = value.as_table();
    if (inner == nullptr || !(*inner)["workspace"].value_or(false)) continue;
    return std::unexpected(Error(rules::cargo_project, Span::none(),
                                 fmt::format("`{}`: `{}` of [{}] is inherited from a workspace",
                                             manifest, key.str(), where))
                               .help("write it out in the crate's own Cargo.toml"));
  }
  return {};
}

/// Dependencies without those that the bindings replace, their paths made absolute.
Result<void> take_dependencies(const std::string& manifest, toml::table& owner,
                               std::string_view name, const std::string& dir) {
  toml::table* list = owner[name].as_table();
  if (list == nullptr) return {};
  TENON_TRY(refuse_inherited(manifest, *list, name));
  for (const std::string_view replaced : replaced_crates) list->erase(replaced);
  std::vector<std::string> bindings;
  for (auto&& [key, value] : *list) {
    toml::table* inner = value.as_table();
    if (inner == nullptr) continue;
    if (is_bindings_crate(key.str(), (*inner)["path"].value_or(std::string_view())))
      bindings.emplace_back(key.str());
    make_absolute(*inner, "path", dir);
  }
  for (const std::string& own : bindings) list->erase(own);
  return {};
}

Result<void> take_all_dependencies(const std::string& manifest, toml::table& table,
                                   const std::string& dir) {
  TENON_TRY(take_dependencies(manifest, table, "dependencies", dir));
  TENON_TRY(take_dependencies(manifest, table, "build-dependencies", dir));
  for (const char* kind : {"target", "patch"}) {
    toml::table* places = table[kind].as_table();
    if (places == nullptr) continue;
    for (auto&& [key, value] : *places) {
      toml::table* inner = value.as_table();
      if (inner == nullptr) continue;
      if (std::string_view(kind) == "target") {
        TENON_TRY(take_dependencies(manifest, *inner, "dependencies", dir));
        continue;
      }
      for (auto&& [crate, patched] : *inner) {
        if (toml::table* one = patched.as_table()) make_absolute(*one, "path", dir);
      }
    }
  }
  return {};
}

/// A number is written as one.
void insert_opt_level(toml::table& profile, const std::string& opt) {
  if (opt.size() == 1 && opt[0] >= '0' && opt[0] <= '3')
    profile.insert("opt-level", opt[0] - '0');
  else
    profile.insert("opt-level", opt);
}

toml::table& table_in(toml::table& table, std::string_view key) {
  if (table[key].as_table() == nullptr) table.insert_or_assign(key, toml::table{});
  return *table[key].as_table();
}

}  // namespace

Result<std::string> shadow_manifest(const Project& project, const Profile& profile,
                                    const std::string& bindings, const std::string& bindings_dir) {
  const std::string manifest = project.dir + "/Cargo.toml";
  const std::string text = TENON_TRY(read_text_file(manifest));
  toml::parse_result parsed = toml::parse(text);
  if (!parsed)
    return std::unexpected(
        Error(rules::cargo_project, Span::none(), std::string(parsed.error().description())));
  toml::table table = std::move(parsed).table();
  const std::string& dir = project.dir;
  for (const char* other : {"bin", "example", "test", "bench", "dev-dependencies", "workspace"})
    table.erase(other);
  toml::table& package = table_in(table, "package");
  TENON_TRY(refuse_inherited(manifest, package, "package"));
  package.erase("metadata");
  make_absolute(package, "build", dir);
  std::error_code ignored;
  if (!package.contains("build") && fs::exists(dir + "/build.rs", ignored))
    package.insert_or_assign("build", absolute(dir, "build.rs"));
  table.insert_or_assign("lib", toml::table{{"crate-type", toml::array{"cdylib"}},
                                            {"path", absolute(dir, project.sources.front())}});
  TENON_TRY(take_all_dependencies(manifest, table, dir));
  table_in(table, "dependencies").insert_or_assign(bindings, toml::table{{"path", bindings_dir}});
  toml::table& release = table_in(table_in(table, "profile"), "release");
  if (!release.contains("panic")) release.insert("panic", "abort");
  if (!release.contains("lto")) release.insert("lto", true);
  if (!release.contains("codegen-units")) release.insert("codegen-units", 1);
  if (!release.contains("opt-level")) insert_opt_level(release, profile.opt);
  if (!release.contains("strip")) release.insert("strip", profile.strip);
  if (!release.contains("debug")) release.insert("debug", profile.debug_info);
  // A workspace of its own: one above it has nothing to do with the copy.
  table.insert_or_assign("workspace", toml::table{});
  std::ostringstream out;
  out << table << "\n";
  return std::move(out).str();
}

}  // namespace tenon::builder
