// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "tenon/base/file.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/own_files.h"
#include "tenon/cli/wit_input.h"
#include "tenon/wit/elaborate.h"
#include "tenon/wit/file_name.h"
#include "tenon/wit/json.h"
#include "tenon/wit/print.h"
#include "tenon/wit/to_component.h"

namespace tenon::cli {
namespace {

constexpr Option check_options[] = {dep_option, world_option, wit_features_option,
                                    all_wit_features_option};

int run_check(Context& context, const Args& args) {
  int worst = exit_ok;
  for (const std::string& path : args.inputs()) {
    int code = exit_ok;
    const auto loaded = load_wit(context, args, path, code);
    worst = std::max(worst, code);
    if (!loaded) continue;
    if (const auto wanted = args.value("world")) {
      const auto world = wit::select_world(loaded->packages, wanted);
      if (!world) worst = std::max(worst, context.report(world.error()));
    }
    if (context.verbosity > 0) {
      context.say(fmt::format("{}: {} packages, {} interfaces, {} worlds", path,
                              loaded->packages.packages.size(), loaded->packages.interfaces.size(),
                              loaded->packages.worlds.size()));
    }
  }
  if (worst == exit_ok) note_features(context, args);
  return worst;
}

constexpr Option print_options[] = {
    {"json", 'j', "", "the resolved graph as JSON, as wasm-tools writes it", {}},
    {"wasm", 0, "", "the package as a component in binary", {}},
    {"out-dir", 0, "DIR", "write the package to DIR and those that it needs below DIR/deps", {}},
    force_option,
    {"no-docs", 0, "", "leave doc comments out", {}},
    {"no-deps", 0, "", "print the package without those that it needs", {}},
    {"importize", 0, "", "reverse the world: its exports become imports", {}},
    {"exportize", 0, "", "reverse the world: its imports become exports", {}},
    world_option,
    dep_option,
    wit_features_option,
    all_wit_features_option,
    output_option,
};

/// `--importize`, `--exportize`: the world is changed in place.
Result<void> turn(wit::Packages& packages, const Args& args) {
  const bool to_imports = args.has("importize");
  if (!to_imports && !args.has("exportize")) return {};
  const wit::WorldIdx world = TENON_TRY(wit::select_world(packages, args.value("world")));
  return to_imports ? wit::importize(packages, packages.worlds[world])
                    : wit::exportize(packages, packages.worlds[world]);
}

/// `stem.wit` as every file system takes it; a number where names differ no more, upper case
/// counting as lower.
std::string file_name(std::string stem, std::set<std::string>& taken) {
  for (char& c : stem) {
    if (c == ':' || c == '/') c = '-';
  }
  stem = wit::file_stem(stem);
  for (std::size_t n = 1;; ++n) {
    std::string out = n == 1 ? stem + ".wit" : fmt::format("{}~{}.wit", stem, n);
    std::string key = out;
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (taken.insert(std::move(key)).second) return out;
  }
}

/// The main package in the folder itself, every other one, whether it stood in braces or was
/// needed, in a file of its own below `deps/`.
int write_folder(Context& context, const wit::Packages& packages, const std::string& folder,
                 const wit::PrintOptions& options, bool force) {
  namespace fs = std::filesystem;
  std::set<std::string> taken;
  std::vector<std::pair<std::string, std::string>> files;
  for (std::size_t i = 0; i < packages.packages.size(); ++i) {
    const wit::PackageIdx idx{i};
    const wit::PackageName& name = packages.packages[idx].name;
    std::set<std::string> alone;
    const std::string version = name.version ? "-" + *name.version : std::string();
    files.emplace_back(
        idx == packages.roots.front()
            ? fmt::format("{}/{}", folder,
                          file_name(name.name.substr(name.name.rfind('/') + 1), alone))
            : fmt::format("{}/deps/{}", folder,
                          file_name(fmt::format("{}-{}{}", name.ns, name.name, version), taken)),
        wit::print_package(packages, idx, options));
    if (force) continue;
    const auto may = may_replace(files.back().first, files.back().second);
    if (!may) return context.report(may.error());
  }
  for (const auto& [path, text] : files) {
    std::error_code code;
    fs::create_directories(fs::path(path).parent_path(), code);
    const auto written = write_file(path, std::string_view(text));
    if (!written) return context.report(written.error());
    if (context.verbosity > 0) context.say(fmt::format("wrote {}", path));
  }
  return exit_ok;
}

/// Whether files that are written to the folder stand among those that are read: it is the input,
/// or the folder of the input, whose files are one package.
bool is_read(const std::string& folder, const std::string& input) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::equivalent(folder, input, ignored)) return true;
  if (!input.ends_with(".wit")) return false;
  const fs::path around = fs::path(input).parent_path();
  return fs::equivalent(folder, around.empty() ? fs::path(".") : around, ignored);
}

int run_print(Context& context, const Args& args) {
  for (const std::string_view other : {"output", "json", "wasm", "no-deps"}) {
    if (args.has("out-dir") && args.has(other))
      return context.report(usage_error(fmt::format("found both `--out-dir` and `--{}`", other),
                                        "`--out-dir` writes a folder of WIT with all packages, "
                                        "`-o` one file: write one of them"));
  }
  if (args.has("json") && args.has("wasm"))
    return context.report(usage_error("found both `--json` and `--wasm`", "write one of them"));
  int code = exit_ok;
  auto loaded = load_wit(context, args, args.input(0, "-"), code);
  if (!loaded) return code;
  note_features(context, args);
  wit::Packages& packages = loaded->packages;
  if (const auto turned = turn(packages, args); !turned) return context.report(turned.error());
  const wit::PrintOptions options{.docs = !args.has("no-docs")};
  if (args.has("json"))
    return write_text(context, args.value("output"), wit::to_json(packages).dump(2) + "\n");
  if (args.has("wasm")) {
    const auto bytes = wit::encode_package(packages, packages.roots.front());
    if (!bytes) return context.report(bytes.error());
    return write_binary(context, args.value("output"), *bytes);
  }
  if (const auto folder = args.value("out-dir")) {
    if (is_read(std::string(*folder), std::string(args.input(0, "-")))) {
      return context.report(usage_error(
          fmt::format("`--out-dir {}` is the folder that is read", *folder),
          "its packages would be there twice: name another folder, or lay out its files in place "
          "with `tenon wit fmt`"));
    }
    return write_folder(context, packages, std::string(*folder), options, args.has("force"));
  }
  const std::string text = args.has("no-deps")
                               ? wit::print_package(packages, packages.roots.front(), options)
                               : wit::print(packages, options);
  return write_text(context, args.value("output"), text);
}

}  // namespace

constinit const Verb verbs::wit_check{
    .name = "wit check",
    .usage = "PATH…",
    .summary = "parse and resolve WIT: files, folders with `deps/`, binaries",
    .options = check_options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .takes = "@wit",
    .run = run_check,
};

constinit const Verb verbs::wit_print{
    .name = "wit print",
    .usage = "[PATH] [-o OUT]",
    .summary = "print WIT as text, JSON or binary; also that of a component or module",
    .options = print_options,
    .max_inputs = 1,
    .takes = "@wit",
    .run = run_print,
    .more =
        "Without options the text holds every package that is needed, the others as nested "
        "packages.\n",
};

}  // namespace tenon::cli
