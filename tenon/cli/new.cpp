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
  const auto written = builder::write_project(dir, builder::scaffold(name, lang));
  if (!written) return context.report(written.error());
  context.say(fmt::format("made `{}`: now `cd {} && tenon build && tenon test`", dir, dir));
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
