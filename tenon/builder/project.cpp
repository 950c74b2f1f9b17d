// SPDX-License-Identifier: Apache-2.0
// What a manifest does not say is found in the folder: language, sources, WIT, name. Errors say
// what to type if the command was run in a folder below the project or on one of its files.
#include "tenon/builder/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>

#include "tenon/base/file.h"
#include "tenon/base/nearest.h"
#include "tenon/builder/language.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_with(const std::string& dir,
                                    std::span<const std::string_view> extensions) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(dir, ignored)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file(ignored) &&
        std::find(extensions.begin(), extensions.end(), extension) != extensions.end())
      out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Sources below src/ tell the language when no manifest does; C++ wins over C in a mixed folder.
std::optional<Lang> guess_lang(const std::string& dir) {
  for (const GuestLanguage* row : languages()) {
    if (!files_with(dir + "/src", row->extensions).empty()) return row->lang;
  }
  return std::nullopt;
}

/// `src/*.cpp`: one star, in the last part of the path.
std::vector<std::string> expand(const std::string& dir, const std::string& pattern) {
  const auto star = pattern.find('*');
  if (star == std::string::npos) return {pattern};
  const fs::path whole = fs::path(dir) / pattern;
  const std::string last = fs::path(pattern).filename().string();
  const auto at = last.find('*');
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(whole.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file(ignored) && name.size() + 1 >= last.size() &&
        name.starts_with(last.substr(0, at)) && name.ends_with(last.substr(at + 1)))
      out.push_back(fs::relative(entry.path(), dir).string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// A component's name from a folder's: what no name may hold becomes a dash.
std::string folder_name(const std::string& dir) {
  std::error_code ignored;
  const fs::path path = fs::weakly_canonical(dir, ignored);
  std::string name = path.filename().string();
  for (char& c : name) {
    if (c == ' ' || c == '/' || c == '\\') c = '-';
  }
  return name.empty() || name == "." ? "component" : name;
}

std::vector<Profile> standard_profiles() {
  Profile debug;
  debug.name = "debug";
  Profile release;
  release.name = "release";
  release.opt = "s";
  release.debug_info = false;
  release.strip = true;
  return {debug, release};
}

/// Where the WIT is when nobody says: `wit/`, otherwise the only .wit file of the folder.
Result<std::string> find_wit(const std::string& dir) {
  if (fs::exists(dir + "/wit")) return std::string("wit");
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    if (entry.path().extension() == ".wit") found.push_back(entry.path().filename().string());
  }
  if (found.size() == 1) return found.front();
  return std::unexpected(Error(rules::no_project, Span::none(),
                               fmt::format("no WIT in `{}`: wanted a folder `wit/`", dir))
                             .help(found.empty()
                                       ? "`tenon new NAME --lang cpp` makes a project; `wit = "
                                         "\"…\"` in tenon.toml names another place"
                                       : "there are several .wit files: put them into a folder "
                                         "`wit/`, or name one by `wit = \"…\"` in tenon.toml"));
}

/// Whether a file is none that a compiler reads as a source.
bool is_no_source(const std::string& path) {
  constexpr std::array<std::string_view, 9> others = {".wit", ".wat", ".wasm", ".toml", ".json",
                                                      ".md",  ".h",   ".hpp",  ".txt"};
  return std::ranges::find(others, fs::path(path).extension().string()) != others.end();
}

/// Sources from patterns, or all of the language below src/.
Result<void> find_sources(Project& project, const ManifestExtras& extras) {
  const std::vector<std::string>& patterns = extras.source_patterns;
  std::map<std::string, Span> spans;
  const auto span_of = [&](const std::string& source) {
    const auto at = spans.find(source);
    return at == spans.end() ? Span::none() : at->second;
  };
  const GuestLanguage& row = language(project.lang);
  const std::string_view root = project.command ? row.command_root : row.root;
  if (!root.empty() && patterns.empty()) {
    project.sources = {std::string(root)};
    if (!fs::exists(fs::path(project.dir) / root)) {
      const auto others = files_with(project.dir + "/src", row.extensions);
      if (others.size() == 1)
        project.sources = {fs::relative(others.front(), project.dir).string()};
    }
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const Span span = i < extras.source_spans.size() ? extras.source_spans[i] : Span::none();
    const auto files = expand(project.dir, patterns[i]);
    if (files.empty())
      return std::unexpected(
          Error(rules::no_sources, span, fmt::format("`{}` matches no file", patterns[i])));
    // A file that two patterns name is compiled once.
    for (const std::string& file : files) {
      if (spans.emplace(file, span).second) project.sources.push_back(file);
    }
  }
  if (project.sources.empty()) {
    std::vector<std::string_view> extensions(row.extensions.begin(), row.extensions.end());
    extensions.insert(extensions.end(), row.more_extensions.begin(), row.more_extensions.end());
    for (const std::string& file : files_with(project.dir + "/src", extensions))
      project.sources.push_back(fs::relative(file, project.dir).string());
  }
  for (const std::string& source : project.sources) {
    if (!fs::exists(fs::path(project.dir) / source))
      return std::unexpected(
          Error(rules::no_sources, span_of(source), fmt::format("`{}` is not there", source))
              .help(
                  "`sources` of tenon.toml names files, counted from its folder; without it all of "
                  "the language below src/ are taken"));
    if (fs::is_directory(fs::path(project.dir) / source)) {
      const std::string folder = (fs::path(source) / "").parent_path().string();
      const std::string file = root.empty() ? fmt::format("*{}", row.extensions.front())
                                            : fs::path(root).filename().string();
      return std::unexpected(
          Error(rules::no_sources, span_of(source), fmt::format("`{}` is a folder", folder))
              .help(fmt::format("write `sources = [\"{}/{}\"]`", folder, file)));
    }
    if (is_no_source(source)) {
      return std::unexpected(
          Error(rules::no_sources, span_of(source),
                fmt::format("`{}` is not a source in {}", source, to_string(project.lang)))
              .help(
                  "`sources` names what the compiler reads: headers are found by `include`, WIT by "
                  "`wit`"));
    }
  }
  if (project.sources.empty()) {
    return std::unexpected(
        Error(rules::no_sources, Span::none(),
              fmt::format("no {} file in `{}/src`", to_string(project.lang), project.dir))
            .help("put sources into src/, or list them by `sources = [\"…\"]` in tenon.toml"));
  }
  return {};
}

/// A crate beside tenon.toml, which rust-analyzer and cargo read: what it depends on counts.
/// A Cargo.toml that is no crate's says nothing of the project.
void add_crate(Project& project, ManifestExtras& extras, SourceSet& sources) {
  const std::string path = project.dir + "/Cargo.toml";
  std::error_code ignored;
  if (extras.lang.value_or(Lang::rust) != Lang::rust || !fs::exists(path, ignored)) return;
  Project crate;
  crate.name = project.name;
  ManifestExtras crate_extras;
  if (!read_cargo_manifest(path, sources, crate, crate_extras)) return;
  if (extras.source_patterns.empty()) extras.source_patterns = crate_extras.source_patterns;
  project.cargo_dependencies = std::move(crate.cargo_dependencies);
  if (project.edition == "2021") project.edition = crate.edition;
  project.cargo = !project.cargo_dependencies.empty();
}

}  // namespace

const Profile* Project::find_profile(std::string_view profile) const {
  const auto it = std::find_if(profiles.begin(), profiles.end(),
                               [&](const Profile& p) { return p.name == profile; });
  return it == profiles.end() ? nullptr : &*it;
}

Result<std::vector<std::string>> allowed_lints(const std::string& dir, SourceSet& sources) {
  const std::string path = dir + "/tenon.toml";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::vector<std::string>();
  Project project;
  ManifestExtras extras;
  TENON_TRY(read_manifest(path, sources, project, extras));
  return std::move(project.lint_allow);
}

namespace {

/// What to say of a file in a project that is named instead of the project's folder.
std::string project_around(const std::string& file, std::string_view verb) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    const auto folder = folder_upwards(fs::path(file).parent_path(), {"tenon.toml", "src"});
    if (folder)
      return fmt::format("name the project's folder: `tenon {} {}`", verb, folder->string());
  }
  return "name the folder that holds `wit/` and `src/`";
}

/// What to type in a folder below a project, such as its `src`; elsewhere how to make one.
std::string project_above(const std::string& dir, std::string_view verb) {
  std::error_code failed;
  const fs::path here = fs::canonical(dir, failed);
  if (!failed) {
    if (const auto folder = folder_upwards(here.parent_path(), {"tenon.toml"})) {
      fs::path named = (fs::path(dir) / folder->lexically_relative(here)).lexically_normal();
      if (!named.has_filename()) named = named.parent_path();
      return fmt::format("the project is in a folder above: `tenon {} {}`", verb, named.string());
    }
  }
  return "`tenon new NAME --lang cpp` makes a project";
}

}  // namespace

std::optional<fs::path> folder_upwards(fs::path at, std::initializer_list<std::string_view> names) {
  while (true) {
    fs::path here = at.empty() ? fs::path(".") : at;
    std::error_code unseen;
    if (std::ranges::any_of(names, [&](auto name) { return fs::exists(here / name, unseen); }))
      return here;
    if (!at.has_relative_path()) return std::nullopt;
    at = at.parent_path();
  }
}

Result<Project> load_project(const std::string& dir, SourceSet& sources, std::string_view verb) {
  std::error_code ignored;
  if (!fs::is_directory(dir, ignored)) {
    return std::unexpected(
        Error(rules::no_project, Span::none(), fmt::format("`{}` is not a folder", dir))
            .help(project_around(dir, verb)));
  }
  Project project;
  project.dir = dir;
  project.name = folder_name(dir);
  project.profiles = standard_profiles();
  ManifestExtras extras;
  if (fs::exists(dir + "/tenon.toml")) {
    TENON_TRY(read_manifest(dir + "/tenon.toml", sources, project, extras));
    add_crate(project, extras, sources);
  } else if (fs::exists(dir + "/Cargo.toml")) {
    TENON_TRY(read_cargo_manifest(dir + "/Cargo.toml", sources, project, extras));
  } else if (!fs::exists(dir + "/src")) {
    return std::unexpected(
        Error(rules::no_project, Span::none(),
              fmt::format("`{}` has neither tenon.toml nor Cargo.toml nor src/", dir))
            .help(project_above(dir, verb)));
  }
  if (!extras.wit_given) {
    auto wit = find_wit(dir);
    if (!wit && !project.command) return std::unexpected(std::move(wit).error());
    project.wit = wit ? std::move(*wit) : std::string();
  }
  if (!extras.lang) {
    extras.lang = guess_lang(dir);
    if (!extras.lang) {
      return std::unexpected(
          Error(rules::no_sources, Span::none(),
                fmt::format("no .cpp, .c or .rs file in `{}/src`", dir))
              .help("put sources into src/, or say `lang` and `sources` in tenon.toml"));
    }
  }
  project.lang = *extras.lang;
  TENON_TRY(find_sources(project, extras));
  return project;
}

Result<Profile> profile_of(const Project& project, std::string_view name) {
  if (const Profile* profile = project.find_profile(name)) return *profile;
  std::string list;
  std::vector<std::string_view> names;
  for (const Profile& profile : project.profiles) {
    list += (list.empty() ? "`" : ", `") + profile.name + "`";
    names.push_back(profile.name);
  }
  const std::string_view near = nearest(name, names);
  std::string help = near.empty()
                         ? fmt::format("a table [profile.{}] in tenon.toml makes one", name)
                         : fmt::format("did you mean `--profile {}`?", near);
  return std::unexpected(Error(rules::no_profile, Span::none(),
                               fmt::format("found `{}`, wanted one of {}", name, list))
                             .help(std::move(help)));
}

}  // namespace tenon::builder
