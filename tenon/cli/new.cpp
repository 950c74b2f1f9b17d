// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "tenon/builder/scaffold.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/wit/lex.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"lang", 'l', "LANG", "the guest's language", "cpp|c|rust"},
    {"wit", 0, "PATH", "for the world of this WIT: each function that it exports is a stub", {}},
    world_option,
};

int run(Context& context, const Args& args) {
  const std::string dir(args.input(0));
  const std::string name = std::filesystem::path(dir).lexically_normal().filename().string();
  if (!wit::is_kebab(name)) {
    const std::string mend = wit::to_kebab(name);
    return context.report(
        usage_error(fmt::format("`{}` cannot be a component's name", name),
                    wit::is_kebab(mend)
                        ? fmt::format("names are words joined by dashes: `{}`", mend)
                        : std::string("names are words joined by dashes, such as `my-component`")));
  }
  const builder::Lang lang =
      builder::parse_lang(args.value("lang").value_or("cpp")).value_or(builder::Lang::cpp);
  const auto wit = args.value("wit");
  if (!wit && args.has("world"))
    return context.report(usage_error("`--world` names a world of `--wit`, and there is none",
                                      "pass `--wit PATH` too"));
  Diagnostics diagnostics;
  const std::optional<std::string> world(args.value("world"));
  const auto written = wit ? builder::write_stub_project(dir, name, lang, std::string(*wit), world,
                                                         context.sources, diagnostics)
                           : builder::write_project(dir, builder::scaffold(name, lang));
  if (!written) {
    const int code = context.report(written.error());
    context.report(diagnostics);
    return code;
  }
  context.say(
      wit ? fmt::format(
                "made `{0}`: now `cd {0} && tenon build`, write the functions in src/, and\n"
                "`tenon test --generate -o test_cases.json` for a skeleton of cases",
                dir)
          : fmt::format("made `{0}`: now `cd {0} && tenon build && tenon test`", dir));
  return exit_ok;
}

}  // namespace

constinit const Verb verbs::new_{.name = "new",
                                 .usage = "NAME",
                                 .summary = "a new project: WIT, sources, test cases",
                                 .options = options,
                                 .min_inputs = 1,
                                 .max_inputs = 1,
                                 .run = run};

}  // namespace tenon::cli
