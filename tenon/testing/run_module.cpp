// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/run_module.h"

#include <fmt/format.h>

#include "tenon/engine/instance.h"
#include "tenon/testing/rules.h"
#include "tenon/testing/schedule.h"
#include "tenon/wasi/preview1.h"

namespace tenon::testing {
namespace {

using Failure = std::optional<std::string>;
using Ended = std::expected<std::int32_t, Failure>;

/// A program's exit code, or how it failed.
Ended ended(const Case& c, const engine::Trap& trap) {
  if (const auto code = trap.exit_code()) return *code;
  const auto& part = c.expect_trap;
  if (!part) return std::unexpected(fmt::format("trapped: {}", trap.text()));
  if (trap.message().find(*part) != std::string_view::npos) return std::unexpected(Failure());
  return std::unexpected(fmt::format("expected a trap with `{}`, found {}", *part, trap.text()));
}

Ended run_start(engine::Store& store, wasi::Context& context,
                const std::shared_ptr<const engine::Module>& module, const Case& c) {
  wasi::Preview1 preview1(store, context);
  const auto imports = preview1.imports_of(module->core());
  if (!imports) return std::unexpected(imports.error().text());
  const auto instance = engine::Instance::create(store, module, *imports);
  if (!instance) {
    if (const auto* trap = std::get_if<engine::Trap>(&instance.error())) return ended(c, *trap);
    return std::unexpected(engine::text(instance.error()));
  }
  const auto start = (*instance)->typed<void()>("_start");
  if (!start) return std::unexpected("the module is not a program: it exports no `_start`");
  const auto done = (*start)();
  if (!done) return ended(c, done.error());
  return 0;
}

/// `output`: what the program wrote, to show in the report.
Failure run_case(engine::Engine& engine, const std::shared_ptr<const engine::Module>& module,
                 const Case& c, const SourceSet& sources, const RunOptions& options,
                 std::string& output) {
  const auto shown = [&](const Error& error) {
    std::string out = render(error, sources);
    while (out.ends_with('\n')) out.pop_back();
    return out;
  };
  if (!c.program) {
    return shown(Error(rules::case_function, c.span,
                       "the functions of a core module tell no types that cases could use")
                     .help("leave `call` out to run its `_start`"));
  }
  wasi::Context context;
  VirtualWorld world;
  if (auto filled = world.fill(c.world.value_or(World()), options.program, options.files,
                               options.folders, context);
      !filled)
    return shown(filled.error());
  engine::Store store(engine);
  store.set_deadline(std::chrono::steady_clock::now() + options.timeout);
  const Ended end = run_start(store, context, module, c);
  Failure failure = end ? Failure() : end.error();
  if (end && c.expect_trap) {
    failure =
        fmt::format("expected a trap with `{}`, found the exit code {}", *c.expect_trap, *end);
  } else if (!failure) {
    const auto found =
        world.check(c.output, end ? std::optional(*end) : std::nullopt, options.files);
    failure = found ? *found : shown(found.error());
  }
  output = world.shown_output(c.output, failure.has_value());
  return failure;
}

}  // namespace

Result<Report> run_module_cases(engine::Engine& engine,
                                const std::shared_ptr<const engine::Module>& module,
                                const CaseFile& file, const std::string& file_name,
                                const SourceSet& sources, const RunOptions& options) {
  return run_selected(file, file_name, options, [&](const Case& c, std::string& output) {
    return run_case(engine, module, c, sources, options, output);
  });
}

}  // namespace tenon::testing
