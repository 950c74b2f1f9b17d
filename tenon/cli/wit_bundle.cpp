// SPDX-License-Identifier: Apache-2.0
// `wit bundle` is `wit print` for build systems: a package is the files that are named, wherever
// they lie, and nothing beside them is read. What it writes holds no comments, so that a comment
// that changes leaves every later step as it was.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/rules.h"
#include "tenon/cli/wit_input.h"
#include "tenon/wit/print.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"dep-file", 0, "FILE", "a package that these files need, whatever its name", {}},
    {"package", 0, "NS:PKG[@V]", "fail when the files declare another package", {}},
    {"interface", 0, "NAME", "fail when the package has no such interface", {}},
    {"no-deps", 0, "", "write the package alone, without those that it needs", {}},
    {"infer-world", 0, "", "a package without a world gets one that exports its interfaces", {}},
    world_option,
    wit_features_option,
    all_wit_features_option,
    output_option,
};

/// What `--package` and `--interface` ask for.
Result<void> check_names(const wit::Package& package, const Args& args) {
  const std::string found = package.name.to_string();
  const auto wanted = args.value("package");
  if (wanted && *wanted != found) {
    return std::unexpected(
        Error(rules::other_package, Span::none(),
              fmt::format("found `package {}`, wanted `{}`", found, *wanted))
            .help(fmt::format("write `{}` as the package's name, or `package {};` in its WIT",
                              found, *wanted)));
  }
  for (const std::string_view name : args.values("interface")) {
    const auto is_it = [&](const auto& entry) { return entry.first == name; };
    if (std::ranges::any_of(package.interfaces, is_it)) continue;
    std::string list;
    for (const auto& [interface, idx] : package.interfaces)
      list += fmt::format("{}`{}`", list.empty() ? "" : ", ", interface);
    return std::unexpected(Error(rules::other_package, Span::none(),
                                 fmt::format("found no interface `{}` in `{}`", name, found))
                               .help(list.empty() ? "it has none" : "it has " + list));
  }
  return {};
}

/// The world of `data:types` is `data-types`; it exports every interface. Says so.
void infer_world(const Context& context, wit::Packages& packages) {
  const wit::PackageIdx root = packages.roots.front();
  wit::Package& package = packages.packages[root];
  if (!package.worlds.empty() || package.interfaces.empty()) return;
  wit::World world;
  world.package = root;
  world.name = package.name.ns + "-" + package.name.name;
  for (char& c : world.name) {
    if (c == ':' || c == '/') c = '-';
  }
  for (const auto& [name, idx] : package.interfaces) {
    if (name == world.name) world.name += "-component";
  }
  std::string text;
  for (const auto& [name, idx] : package.interfaces) {
    wit::WorldItem item;
    item.name = package.name.item_id(name);
    item.item = idx;
    world.exports.push_back(std::move(item));
    text += fmt::format("export {}; ", wit::name_text(name));
  }
  context.note(fmt::format("`{}` has no world; `world {} {{ {}}}` is taken",
                           package.name.to_string(), wit::name_text(world.name), text));
  const wit::WorldIdx idx = packages.worlds.push_back(std::move(world));
  package.worlds.emplace_back(packages.worlds[idx].name, idx);
}

int run(Context& context, const Args& args) {
  auto load_options = wit_options(args);
  if (!load_options) return context.report(load_options.error());
  load_options->named_only = true;
  load_options->more_files.assign(args.inputs().begin() + 1, args.inputs().end());
  for (const std::string_view dep : args.values("dep-file"))
    load_options->deps.emplace_back("", dep);
  Diagnostics diagnostics;
  auto loaded = wit::load(args.inputs().front(), *load_options, context.sources, diagnostics);
  if (const int code = context.report(diagnostics); !loaded) return code;
  wit::Packages& packages = loaded->packages;
  const wit::PackageIdx root = packages.roots.front();
  if (const auto fits = check_names(packages.packages[root], args); !fits)
    return context.report(fits.error());
  if (args.has("infer-world")) infer_world(context, packages);
  if (const auto world = args.value("world")) {
    if (const auto found = wit::select_world(packages, world); !found)
      return context.report(found.error());
  }
  const wit::PrintOptions print{.docs = false};
  return write_text(context, args.value("output"),
                    args.has("no-deps") ? wit::print_package(packages, root, print)
                                        : wit::print(packages, print));
}

}  // namespace

constinit const Verb verbs::wit_bundle{
    .name = "wit bundle",
    .usage = "FILE… [--dep-file FILE] [-o OUT]",
    .summary = "one text of the files of a package, for build systems",
    .options = options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .run = run,
    .more =
        "The files make one package, wherever they lie; nothing beside them is read. The text has "
        "no comments.\n",
};

}  // namespace tenon::cli
