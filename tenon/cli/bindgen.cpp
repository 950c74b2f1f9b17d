// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/bindgen.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "tenon/base/file.h"
#include "tenon/bindgen/rules.h"
#include "tenon/builder/project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/own_files.h"
#include "tenon/cli/wit_input.h"
#include "tenon/wit/elaborate.h"

namespace tenon::cli {
namespace {

namespace fs = std::filesystem;

constexpr Option options[] = {
    world_option,
    {"out-dir",
     'o',
     "DIR",
     "the output folder; default: the working folder, unless in a project",
     {}},
    {"cmake", 0, "CALL", "the CMake call that runs this, for messages", {}},
    {"check", 0, "", "write nothing; fail if a file would change", {}},
    force_option,
    {"ownership", 0, "HOW", "how functions take strings and lists: owning, or borrowing",
     "owning|borrowing"},
    {"string-encoding", 0, "ENCODING", "c: the encoding of strings in memory (default: utf8)",
     "utf8|utf16|compact-utf16"},
    {"project", 0, "NAME", "rust: name the crate NAME_bindings; default: the world's name", {}},
    {"edition", 0, "YEAR", "rust: 2021 or 2024", "2021|2024"},
    {"allocator", 0, "", "write the small allocator too", {}},
    dep_option,
    wit_features_option,
    all_wit_features_option,
};

constexpr std::string_view usage =
    "cpp-host|"
#define TENON_LANGUAGE(name) #name "|"
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
    "markdown [PATH] [-w WORLD] [--out-dir DIR]";
constexpr std::string_view takes =
    "cpp-host|"
#define TENON_LANGUAGE(name) #name "|"
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
    "markdown @wit";

struct Row {
  std::string_view name;
  bindgen::Generator generator;
};
constexpr Row generators[] = {
    {"cpp-host", bindgen::Generator::cpp_host},
#define TENON_LANGUAGE(name) {#name, bindgen::Generator::name},
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
    {"markdown", bindgen::Generator::markdown},
};

/// `next` is the word behind it.
Result<bindgen::Generator> generator_of(std::string_view name, std::string_view next) {
  for (const Row& row : generators) {
    if (row.name == name) return row.generator;
  }
  constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"cpp-guest", "cpp"},     {"guest", "cpp"},   {"host", "cpp-host"}, {"c++-host", "cpp-host"},
      {"cpp_host", "cpp-host"}, {"md", "markdown"}, {"docs", "markdown"}};
  const auto* const other = std::ranges::find(others, name, [](auto& row) { return row.first; });
  const auto lang = builder::meant_lang(name);
  if (other != std::end(others) || lang)
    return std::unexpected(usage_error(
        fmt::format("`{}` is not a kind of bindings", name),
        fmt::format("write `tenon bindgen {}`", lang ? builder::to_string(*lang) : other->second)));
  const bool turned =
      std::ranges::any_of(generators, [&](const Row& row) { return row.name == next; });
  std::string kinds;
  for (const Row& row : generators)
    kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", row.name);
  return std::unexpected(
      usage_error(fmt::format("`{}` is not a kind of bindings", name),
                  turned ? fmt::format("the kind comes first: `tenon bindgen {} {}`", next, name)
                         : fmt::format("one of {}", kinds)));
}

/// Compares with what is on disk, or writes it where it differs: a build sees no change then.
Result<bool> settle(const std::string& path, const std::string& text, bool check) {
  const auto there = read_text_file(path);
  if (there && *there == text) return false;
  if (check) {
    std::string found = there ? "there is another text" : "there is no such file";
    if (there && there->find('\r') != std::string::npos) found = "its lines end in CR LF";
    return std::unexpected(
        Error(bindgen::rules::stale, Span::none(), fmt::format("`{}`: {}", path, found))
            .help("run the same command without --check"));
  }
  std::error_code code;
  fs::create_directories(fs::path(path).parent_path(), code);
  TENON_TRY(write_file(path, std::string_view(text)));
  return true;
}

/// A build of CMake's passes the world to a function, not by an option.
Error world_error(const wit::Packages& packages, const Args& args, Error error) {
  const auto call = args.value("cmake");
  if (!call) return error;
  std::string list;
  for (const wit::PackageIdx root : packages.roots) {
    for (const auto& [name, idx] : packages.packages[root].worlds)
      list += fmt::format("\n  WORLD {}", packages.id_of(idx));
  }
  if (list.empty()) return error;
  return std::move(error).help(fmt::format("pass one of these to `{}`:{}", *call, list));
}

/// `-o bindings.hpp`: several files are written, and their names are known.
std::optional<Error> file_for_folder(const Args& args) {
  constexpr std::string_view endings[] = {".rs", ".h", ".hpp", ".hh", ".c", ".cc", ".cpp", ".md"};
  const std::string_view out = args.value("out-dir").value_or("");
  std::error_code ignored;
  const auto is_ending = [&](std::string_view ending) { return out.ends_with(ending); };
  if (std::ranges::none_of(endings, is_ending) || fs::is_directory(out, ignored))
    return std::nullopt;
  const std::string folder = fs::path(out).parent_path().string();
  return usage_error(fmt::format("`-o` takes a folder, and `{}` is a file's name", out),
                     fmt::format("the files have names of their own: write `tenon bindgen {} "
                                 "--out-dir {}`",
                                 fmt::join(args.inputs(), " "),
                                 folder.empty() ? std::string("bindings") : folder));
}

/// Whether a project has sources in the folder, and compiles what is written there with them.
bool is_compiled(const fs::path& folder) {
  std::error_code ignored;
  const fs::path place = fs::weakly_canonical(folder, ignored);
  const auto at = builder::folder_upwards(place, {"tenon.toml"});
  if (!at) return false;
  SourceSet sources;
  const auto project = builder::load_project(at->string(), sources);
  if (!project || !builder::compiles_each_source(project->lang)) return false;
  return std::ranges::any_of(project->sources, [&](const std::string& source) {
    std::error_code unseen;
    return fs::weakly_canonical(*at / source, unseen).parent_path() == place;
  });
}

/// Sources that a build would compile beside those that it generates itself.
Result<void> not_among_sources(const std::vector<bindgen::File>& files, const fs::path& folder,
                               const Args& args) {
  const bool sources = std::ranges::any_of(files, [](const bindgen::File& file) {
    return file.path.ends_with(".c") || file.path.ends_with(".cpp");
  });
  if (!sources || !args.has("out-dir") || !is_compiled(folder)) return {};
  return std::unexpected(usage_error(
      fmt::format("`--out-dir {}` holds sources that `tenon build` compiles, and a build generates "
                  "bindings of its own",
                  folder.string()),
      "name another folder: `--out-dir bindings`"));
}

/// Nothing is written when one of the files is the user's, or nobody said where to in a project.
Result<void> may_write(const std::vector<bindgen::File>& files, const fs::path& folder,
                       const Args& args) {
  if (args.has("check")) return {};
  if (!args.has("out-dir")) {
    if (const auto project = enclosing_project()) {
      return std::unexpected(usage_error(
          fmt::format("`--out-dir` is wanted in a project, and `{}` makes one", *project),
          fmt::format("write `tenon bindgen {} --out-dir bindings`",
                      fmt::join(args.inputs(), " "))));
    }
  }
  TENON_TRY(not_among_sources(files, folder, args));
  if (args.has("force")) return {};
  for (const auto& file : files)
    TENON_TRY(may_replace((folder / file.path).lexically_normal().string(), file.text));
  return {};
}

/// Options that only some of the generators have.
struct Special {
  std::string_view option;
  std::array<bindgen::Generator, 3> of;
  std::string_view names;
};
constexpr std::array<Special, 4> specials = {{
    {"ownership",
     {bindgen::Generator::cpp_host, bindgen::Generator::cpp, bindgen::Generator::rust},
     "`cpp-host`, `cpp` and `rust`"},
    {"project",
     {bindgen::Generator::rust, bindgen::Generator::rust, bindgen::Generator::rust},
     "`rust`"},
    {"edition",
     {bindgen::Generator::rust, bindgen::Generator::rust, bindgen::Generator::rust},
     "`rust`"},
    {"allocator",
     {bindgen::Generator::cpp, bindgen::Generator::c, bindgen::Generator::rust},
     "`cpp`, `c` and `rust`"},
}};

/// An option that the generator does not have would have no effect.
std::optional<Error> foreign_option(const Args& args, bindgen::Generator generator) {
  for (const Special& special : specials) {
    if (!args.has(special.option) || std::ranges::find(special.of, generator) != special.of.end())
      continue;
    return usage_error(
        fmt::format("`--{}` has no effect on `tenon bindgen {}`: it is an option of {}",
                    special.option, args.input(0), special.names),
        "leave it out");
  }
  return std::nullopt;
}

int run(Context& context, const Args& args) {
  const auto generator = generator_of(args.input(0), args.input(1));
  if (!generator) return context.report(generator.error());
  if (const auto error = foreign_option(args, *generator)) return context.report(*error);
  if (const auto error = file_for_folder(args)) return context.report(*error);
  int code = exit_ok;
  std::error_code ignored;
  if (args.inputs().size() < 2 && !fs::exists("wit", ignored))
    return context.report(usage_error(
        "no WIT is named, and the folder has no `wit`",
        fmt::format("write `tenon bindgen {} PATH`: a .wit file, a folder or a component",
                    args.input(0))));
  const auto loaded = load_wit(context, args, args.input(1, "wit"), code);
  if (!loaded) return code;
  note_features(context, args);
  auto world = wit::select_world(loaded->packages, args.value("world"));
  if (!world) return context.report(world_error(loaded->packages, args, std::move(world.error())));
  bindgen::Options how;
  how.generator = *generator;
  how.producer = "tenon " TENON_VERSION;
  how.project = args.value("project").value_or("");
  if (args.value("ownership") == "borrowing") how.ownership = bindgen::Ownership::borrowing;
  how.string_encoding =
      component::parse_string_encoding(args.value("string-encoding").value_or("utf8"))
          .value_or(component::StringEncoding::utf8);
  how.small_allocator = args.has("allocator");
  if (args.value("edition") == "2024") how.edition = 2024;
  auto files = bindgen::generate(loaded->packages, *world, how);
  if (!files) return context.report(files.error());
  if (args.has("allocator") && *generator != bindgen::Generator::rust)
    files->push_back({"small_malloc.c", std::string(bindgen::guest_allocator())});
  const fs::path folder(args.value("out-dir").value_or("."));
  if (const auto may = may_write(*files, folder, args); !may) return context.report(may.error());
  int worst = exit_ok;
  for (const auto& file : *files) {
    const std::string path = (folder / file.path).lexically_normal().string();
    const auto written = settle(path, file.text, args.has("check"));
    if (!written) {
      worst = std::max(worst, context.report(written.error()));
    } else if (*written && context.verbosity > 0) {
      context.say(fmt::format("wrote {}", path));
    }
  }
  return worst;
}

}  // namespace

constinit const Verb verbs::bindgen{
    .name = "bindgen",
    .usage = usage,
    .summary =
        "typed bindings for a host in C++, for guests in C++, C and Rust, or a page that describes "
        "a world",
    .options = options,
    .min_inputs = 1,
    .max_inputs = 2,
    .takes = takes,
    .run = run,
    .more = "PATH is a WIT file, a folder (with deps/) or a component; `wit` without it.\n"};

}  // namespace tenon::cli
