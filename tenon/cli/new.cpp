// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/ascii.h"
#include "tenon/base/nearest.h"
#include "tenon/builder/scaffold.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/wit_input.h"
#include "tenon/wit/lex.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"lang", 'l', "LANG", "the guest's language", builder::lang_choices},
    {"wit", 0, "PATH", "for the world of this WIT, with a stub for each exported function", {}},
    world_option,
    wit_features_option,
    {"command", 0, "", "a program with a `main` that prints and reads a file, over WASI", {}},
    {"host", 0, "", "a program in C++ that calls the component: a project for CMake", {}},
};

Result<void> write_scaffold(const std::string& dir, const std::string& name, builder::Lang lang,
                            bool host, bool command) {
  if (command) return builder::write_project(dir, builder::command_scaffold(name, lang));
  const std::vector<builder::NewFile> files =
      TENON_TRY(host ? builder::host_scaffold(name, lang) : builder::scaffold(name, lang));
  return builder::write_project(dir, files);
}

/// The name that somebody wants who writes it otherwise; empty when nothing of it is left.
std::string suggested(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) >= 0x80) return {};  // half a word is not a name
    if (is_letter(c) || is_digit(c)) {
      plain += c;
    } else if (!plain.ends_with('-')) {
      plain += '-';
    }
  }
  std::string mend = to_kebab(plain);
  for (char& c : mend) c = to_lower(c);
  if (!mend.empty() && is_digit(mend[0])) mend.insert(0, "my-");
  return wit::is_kebab(mend) ? mend : std::string();
}

int run(Context& context, const Args& args) {
  const std::string dir(args.input(0));
  const std::string name = std::filesystem::path(dir).lexically_normal().filename().string();
  // A package is named in lower case, and the project's name becomes one.
  if (!wit::is_kebab(name) || std::any_of(name.begin(), name.end(), is_upper)) {
    const std::string mend = suggested(name);
    return context.report(usage_error(
        fmt::format("`{}` cannot be a component's name", name),
        mend.empty() ? std::string("names are words joined by dashes, such as `my-component`")
                     : fmt::format("names are words joined by dashes{}: `{}`",
                                   !name.empty() && is_digit(name[0])
                                       ? ", the first with a letter at its beginning"
                                       : "",
                                   mend)));
  }
  const builder::Lang lang =
      args.value("lang").and_then(builder::parse_lang).value_or(builder::Lang::cpp);
  const auto wit = args.value("wit");
  if (!wit && args.has("world"))
    return context.report(usage_error("`--world` names a world of `--wit`, and there is none",
                                      "pass `--wit PATH` too"));
  if (!wit && args.has("features"))
    return context.report(usage_error("`--features` opens features of `--wit`, and there is none",
                                      "pass `--wit PATH` too"));
  const bool host = args.has("host");
  if (host && wit)
    return context.report(usage_error("`--host` and `--wit` exclude each other",
                                      "`tenon new NAME --wit PATH` makes the guest alone"));
  if (host && (name == "tenon" || name == "std"))
    return context.report(usage_error(fmt::format("a host's namespace cannot be `{}`", name),
                                      fmt::format("choose another name, such as `{}-host`", name)));
  const bool command = args.has("command");
  if (command && (host || wit))
    return context.report(usage_error(
        fmt::format("`--command` and `{}` exclude each other", host ? "--host" : "--wit"),
        "a command has no world of its own; `tenon new NAME` makes a component for one"));
  Diagnostics diagnostics;
  const std::optional<std::string> world(args.value("world"));
  const auto features = wit_options(args);
  if (!features) return context.report(features.error());
  const auto written =
      wit ? builder::write_stub_project(dir, name, lang, std::string(*wit), world,
                                        features->resolve.features, context.sources, diagnostics)
          : write_scaffold(dir, name, lang, host, command);
  if (!written) {
    const int code = context.report(written.error());
    context.report(diagnostics);
    return code;
  }
  const std::string then =
      wit ? " && tenon build`, write the functions in src/, and\n"
            "`tenon test --generate -o test_cases.json` for a skeleton of cases"
      : command
          ? fmt::format(" && tenon test`, then\n`tenon run --dir . build/debug/{}.wasm tenon.toml`",
                        name)
      : host ? " && cmake -B build && cmake --build build && ctest --test-dir build`"
             : " && tenon build && tenon test`";
  context.say(fmt::format("made `{0}`: now `cd {0}{1}", dir, then));
  return exit_ok;
}

}  // namespace

constinit const Verb verbs::new_{.name = "new",
                                 .usage = "NAME",
                                 .summary = "a new project: WIT, sources, test cases",
                                 .options = options,
                                 .min_inputs = 1,
                                 .max_inputs = 1,
                                 .takes = "@none",
                                 .run = run};

}  // namespace tenon::cli
