// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/run_component.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <deque>

#include "tenon/base/safe_text.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/component/validate.h"
#include "tenon/runtime/embed.h"

namespace tenon::cli {
namespace {

using runtime::CallEvent;

Result<runtime::Component> compile(const Input& input, engine::Engine& engine,
                                   const core::Features& features) {
  if (!input.is_component()) return std::unexpected(wrong_kind(input, "a component"));
  component::Component component = TENON_TRY(load_component(input, features));
  auto valid = TENON_TRY(component::validate(std::move(component), features));
  return runtime::Component::compile(engine, std::move(valid));
}

std::string joined(std::span<const Value> values) {
  constexpr std::size_t most = 1000;
  std::string out;
  for (const Value& value : values) {
    if (out.size() > most) break;
    out += (out.empty() ? "" : ", ") + runtime::to_wave(value, most);
  }
  return out;
}

/// One line on stderr for every crossing of a boundary.
void trace(const CallEvent& event) {
  const std::string indent(2 * std::size_t{event.depth}, ' ');
  const char* side = event.import ? "import" : "export";
  switch (event.kind) {
    case CallEvent::Kind::call:
      fmt::print(stderr, "{}{} {}({})\n", indent, side, visible(event.name), joined(event.values));
      return;
    case CallEvent::Kind::return_:
      fmt::print(stderr, "{}  -> {}\n", indent, event.values.empty() ? "()" : joined(event.values));
      return;
    case CallEvent::Kind::trap:
      fmt::print(stderr, "{}  -> trap\n", indent);
      return;
  }
}

class Runner {
 public:
  Runner(Context& context, const Args& args)
      : context_(context), args_(args), engine_(config(args)) {}

  int run(const Input& input) {
    auto features = features_of(args_, core::Features::component());
    if (!features) return context_.report(features.error());
    features_ = *features;
    auto component = compile(input, engine_, features_);
    if (!component) return context_.report(component.error());
    runtime::Store store(engine_, limits());
    if (auto ready = prepare(store); !ready) return context_.report(ready.error());
    runtime::Linker linker(engine_);
    if (auto linked = link(store, linker); !linked) return failed(linked.error());
    auto instance = linker.instantiate(store, *component);
    if (!instance) return failed(instance.error());
    const auto invoke = args_.value("invoke");
    return invoke ? call(*instance, *invoke) : command(*instance);
  }

 private:
  static engine::Config config(const Args& args) {
    engine::Config config;
    config.fuel = args.has("fuel");
    return config;
  }
  runtime::StoreLimits limits() const {
    runtime::StoreLimits limits;
    if (const auto bytes = args_.number("max-memory"); bytes && *bytes)
      limits.core.limit_memory(**bytes);
    return limits;
  }
  Result<void> prepare(runtime::Store& store) {
    TENON_TRY(args_.number("max-memory"));
    if (const auto fuel = TENON_TRY(args_.number("fuel"))) {
      TENON_TRY(store.set_fuel(*fuel));
    }
    if (const auto seconds = TENON_TRY(args_.number("timeout"))) {
      store.set_deadline(std::chrono::steady_clock::now() +
                         std::chrono::seconds(std::min<std::uint64_t>(*seconds, 1'000'000)));
    }
    if (args_.has("trace")) store.set_trace(trace);
    return {};
  }
  /// Each `--link` may import from those before it.
  runtime::Made<void> link(runtime::Store& store, runtime::Linker& linker) {
    linker.allow_shadowing(true);
    for (const std::string_view path : args_.values("link")) {
      Input input = TENON_TRY(read_input(context_, path));
      // The component's code stands in these bytes: they stay while it can be called.
      links_.push_back(std::move(input));
      const auto component = TENON_TRY(compile(links_.back(), engine_, features_));
      const auto instance = TENON_TRY(linker.instantiate(store, component));
      TENON_TRY(linker.link(instance));
    }
    return {};
  }

  int call(const runtime::Instance& instance, std::string_view text) {
    const auto parsed = runtime::split_wave_call(text);
    if (!parsed) return context_.report(parsed.error());
    const auto func = instance.get_func(parsed->name);
    if (!func) return context_.report(func.error());
    const auto& type = func->type();
    auto values = runtime::parse_wave_args(*parsed, type.types(), type.type->params);
    if (!values) {
      values.error().set_source(context_.sources.add("--invoke", std::string(text)));
      return context_.report(std::move(values).error().help(
          fmt::format("`{}` is `{}`", parsed->name, to_string(type))));
    }
    auto result = func->call(*values);
    if (!result) return trapped(result.error());
    if (!*result) return exit_ok;
    // Piece by piece: the text of a large value is many times as large.
    return write_text(context_, std::nullopt, [&](const auto& sink) -> Result<void> {
      if (context_.json) {
        runtime::dump_json(**result, sink);
      } else {
        runtime::to_wave(**result, sink);
      }
      sink("\n");
      return {};
    });
  }
  int command(const runtime::Instance& instance) {
    const auto func = instance.get_func("wasi:cli/run#run");
    if (!func) {
      return context_.report(
          Error(func.error().rule(), Span::none(), "the component is no command: no `wasi:cli/run`")
              .help("`--invoke 'name(args)'` calls one of its functions"));
    }
    auto result = func->call({});
    if (!result) return trapped(result.error());
    return *result && !(*result)->is_ok() ? 1 : exit_ok;
  }
  /// An instantiation that failed: of the guest, or before it.
  int failed(const runtime::Failure& failure) {
    return failure.trap() != nullptr ? trapped(*failure.trap()) : context_.report(failure);
  }
  int trapped(const Trap& trap) {
    if (const auto code = trap.exit_code()) return *code;
    if (const Error* why = trap.refusal()) return context_.report(*why);
    context_.report(static_cast<Error>(trap));
    return exit_trap;
  }

  Context& context_;
  const Args& args_;
  std::deque<Input> links_;
  engine::Engine engine_;
  core::Features features_;
};

}  // namespace

int run_component(Context& context, const Args& args, Input input) {
  Runner runner(context, args);
  return runner.run(input);
}

}  // namespace tenon::cli
