// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/run_component.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>

#include "tenon/base/nearest.h"
#include "tenon/base/safe_text.h"
#include "tenon/cli/invoke_help.h"
#include "tenon/cli/limit_help.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/rules.h"
#include "tenon/cli/wasi_grants.h"
#include "tenon/component/validate.h"
#include "tenon/engine/rules.h"
#include "tenon/runtime/embed.h"
#include "tenon/runtime/linked_exports.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/wave_meant.h"
#include "tenon/testing/call_name.h"
#include "tenon/types/semver.h"
#include "tenon/wasi/context.h"

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

/// A trap with every frame, also those in which the guest's author has no part.
Error with_all_frames(const Trap& trap) {
  Error error(engine::rules::trap, Span::none(), std::string(trap.message()));
  for (const engine::Frame& frame : trap.backtrace()) {
    error = std::move(error).note(
        frame.is_remark ? frame.title() : fmt::format("at {} +{:#x}", frame.title(), frame.offset));
  }
  return error;
}

class Runner {
 public:
  Runner(Context& context, const Args& args)
      : context_(context), args_(args), engine_(config(args)) {}

  int run(const Input& input) {
    if (!input.is_component())
      return context_.report(wrong_kind(input, "a component or a core module"));
    auto features = features_of(args_, core::Features::component());
    if (!features) return context_.report(features.error());
    features_ = *features;
    auto component = compile(input, engine_, features_);
    if (!component) return context_.report(component.error());
    runtime::Store store(engine_, limits());
    auto& world = store.emplace_extension<wasi::Context>();
    if (auto granted = grant_wasi(args_, world, line_); !granted)
      return context_.report(granted.error());
    const int code = run(*component, store);
    if (code != exit_ok || failed_) note_refusals(context_, args_, world, line_);
    return code;
  }

 private:
  int run(const runtime::Component& component, runtime::Store& store) {
    if (auto ready = prepare(store); !ready) return context_.report(ready.error());
    runtime::Linker linker(engine_);
    if (auto linked = link(component, store, linker); !linked) return failed(store, linked.error());
    auto instance = linker.instantiate(store, component);
    if (!instance) return not_made(store, component, linker, instance.error());
    const auto invoke = args_.value("invoke");
    return invoke ? call(component, *instance, *invoke) : command(component, store, *instance);
  }

  static engine::Config config(const Args& args) {
    engine::Config config;
    config.fuel = args.has("fuel");
    return config;
  }
  runtime::StoreLimits limits() const {
    runtime::StoreLimits limits;
    if (const auto bytes = args_.size("max-memory"); bytes && *bytes)
      limits.core.limit_memory(**bytes);
    return limits;
  }
  Result<void> prepare(runtime::Store& store) {
    TENON_TRY(args_.size("max-memory"));
    if (const auto fuel = TENON_TRY(args_.number("fuel"))) {
      TENON_TRY(store.set_fuel(*fuel));
    }
    if (const auto time = TENON_TRY(args_.duration("timeout")))
      store.set_deadline(std::chrono::steady_clock::now() + *time);
    if (args_.has("trace")) store.set_trace(trace);
    return {};
  }
  static bool imports_wasi(const runtime::Component& component) {
    return std::ranges::any_of(component.info().imports, [](const auto& import) {
      return import.name->name.starts_with("wasi:");
    });
  }
  /// Each `--link` may import from those before it. WASI is there for those that import it.
  runtime::Made<void> link(const runtime::Component& main, runtime::Store& store,
                           runtime::Linker& linker) {
    linker.allow_shadowing(true);
    bool has_wasi = imports_wasi(main);
    if (has_wasi) TENON_TRY(wasi::add_to_linker(linker));
    runtime::LinkedExports linked;
    for (const std::string_view path : args_.values("link")) {
      Input input = TENON_TRY(read_input(context_, path));
      // The component's code is in these bytes: they stay while it can be called.
      links_.push_back(std::move(input));
      const auto component = TENON_TRY(compile(links_.back(), engine_, features_));
      if (!has_wasi && imports_wasi(component)) {
        has_wasi = true;
        TENON_TRY(wasi::add_to_linker(linker));
      }
      TENON_TRY(linked.add(component.info(), path));
      const auto instance = linker.instantiate(store, component);
      if (!instance) return std::unexpected(of_link(instance.error(), path));
      TENON_TRY(linker.link(*instance));
    }
    TENON_TRY(linked.check(main.info()));
    return {};
  }
  static runtime::Failure of_link(const runtime::Failure& failure, std::string_view path) {
    if (failure.trap() != nullptr) return failure;
    return Error(static_cast<const Error&>(failure))
        .note(fmt::format("this is `{}` of `--link`, which may import from those before it", path));
  }

  /// A call of the first function that the component exports, with values of its types.
  std::string example_call(const runtime::Component& component) const {
    const auto funcs = testing::exported_funcs(component.info());
    for (const testing::ExportedFunc& func : funcs) {
      const auto& type = component.info().func_types[func.type];
      const auto arguments = runtime::example_arguments(component.info().abi_types(), type.params);
      if (!arguments || func.name.starts_with('[')) continue;
      const bool alone = std::ranges::count(funcs, func.name, &testing::ExportedFunc::name) == 1;
      return fmt::format("tenon run --invoke {} {}",
                         shell_quoted((alone ? func.name : func.call()) + *arguments),
                         args_.input(0));
    }
    return fmt::format("tenon run --invoke 'name(args)' {}", args_.input(0));
  }
  int call(const runtime::Component& component, const runtime::Instance& instance,
           std::string_view text) {
    const auto parsed = runtime::split_wave_call(text);
    if (!parsed)
      return context_.report(
          Error(parsed.error()).help(fmt::format("such as `{}`", example_call(component))));
    const auto func = instance.get_func(parsed->name);
    if (!func) {
      // `add 1 2` as a shell would have it.
      if (auto meant = without_interface(instance, text, *parsed, func.error()))
        return context_.report(*meant);
      if (auto meant = as_elsewhere(instance, text, *parsed, func.error()))
        return context_.report(*meant);
      const auto blank = text.find(' ');
      if (blank == std::string_view::npos || parsed->has_args ||
          !instance.get_func(text.substr(0, blank)))
        return context_.report(func.error());
      std::string call = fmt::format("{}({})", text.substr(0, blank), text.substr(blank + 1));
      for (std::size_t at = call.find('('); (at = call.find(' ', at)) != std::string::npos; at += 2)
        call.replace(at, 1, call[at - 1] == ',' ? " " : ", ");
      const auto type = instance.get_func(text.substr(0, blank))->type();
      return context_.report(Error(func.error()).help(mended_call(call, type)));
    }
    const auto& type = func->type();
    const CallCheck check = [&](const std::string& call) { return fault_of(call, type); };
    if (!parsed->has_args && args_.inputs().size() > 1) {
      return context_.report(
          arguments_outside(parsed->name, std::span(args_.inputs()).subspan(1), check));
    }
    if (args_.inputs().size() > 1) return context_.report(needless_words(verbs::run_, args_));
    auto values = runtime::parse_wave_args(*parsed, type.types(), type.type->params);
    if (!values) {
      values.error().set_source(context_.sources.add("--invoke", std::string(text)));
      return context_.report(with_meant_call(std::move(values).error(), text, *parsed, type));
    }
    auto result = func->call(*values);
    if (!result) return trapped(result.error());
    line_.end();
    failed_ = *result && (*result)->kind() == runtime::ValueKind::result && !(*result)->is_ok();
    if (!*result && context_.json) return exit_ok;
    // Piece by piece: the text of a large value is many times as large.
    return write_text(context_, std::nullopt, [&](const auto& sink) -> Result<void> {
      if (!*result) {
        sink("()");
      } else if (context_.json) {
        runtime::dump_json(**result, sink);
      } else {
        // A function that gives a value has a type for it.
        runtime::to_wave(**result, runtime::TypeView{type.types(), *type.type->result}, sink);
      }
      sink("\n");
      return {};
    });
  }
  /// The error of arguments that are no WAVE of their types, with the line to write.
  static Error with_meant_call(Error error, std::string_view text, const runtime::WaveCall& parsed,
                               const runtime::FuncTypeView& type) {
    const CallCheck check = [&](const std::string& call) { return fault_of(call, type); };
    const std::string signature = fmt::format("`{}` is `{}`", parsed.name, to_string(type));
    if (const auto meant = meant_call(text, check)) {
      return std::move(error).note(signature).help(
          fmt::format("{}: write `--invoke {}`", meant->wrong, shell_quoted(meant->call)));
    }
    if (takes_handle(type)) return std::move(error).note(signature).help(std::string(needs_handle));
    if (auto help = meant_line(parsed, type); !help.empty())
      return std::move(error).note(signature).help(std::move(help));
    const auto example = runtime::example_arguments(type.types(), type.type->params);
    const bool compound = std::ranges::any_of(type.type->params, [&](const auto& param) {
      return !runtime::TypeView{type.types(), param.type}.prim();
    });
    if (example && compound)
      return std::move(error).help(fmt::format("{}, such as `--invoke {}`", signature,
                                               shell_quoted(parsed.name + *example)));
    if (parsed.has_args || type.type->params.empty()) return std::move(error).help(signature);
    std::string params;
    for (const auto& param : type.type->params)
      params += (params.empty() ? "" : ", ") + param.label;
    return std::move(error).help(
        fmt::format("{}: write `--invoke '{}({})'` with values", signature, parsed.name, params));
  }
  /// What to write for arguments that are spelled as another language does it; an empty text when
  /// nobody knows.
  static std::string meant_line(const runtime::WaveCall& parsed,
                                const runtime::FuncTypeView& type) {
    const auto meant = runtime::meant_arguments(parsed.args, type.types(), type.type->params);
    if (!meant || fault_of(parsed.name + meant->text, type)) return {};
    const std::string line = fmt::format("--invoke {}", shell_quoted(parsed.name + meant->text));
    return runtime::write_help(line, meant->missing);
  }
  /// What to write for a call of which nobody knows whether its arguments are WAVE.
  static std::string mended_call(const std::string& call, const runtime::FuncTypeView& type) {
    if (fault_of(call, type)) {
      const auto parsed = runtime::split_wave_call(call);
      auto help = parsed ? meant_line(*parsed, type) : std::string();
      if (!help.empty()) return help;
    }
    return fmt::format("write `--invoke {}`", shell_quoted(call));
  }
  static constexpr std::string_view needs_handle =
      "a resource cannot be written in `--invoke`: `tenon test` calls such functions in steps, "
      "with "
      "`{ \"$save\": \"NAME\" }` in `expect` and `{ \"$ref\": \"NAME\" }` in `args`";
  static bool takes_handle(const runtime::FuncTypeView& type) {
    return std::ranges::any_of(type.type->params, [&](const auto& param) {
      return runtime::is_handle({type.types(), param.type});
    });
  }
  /// `counter(1)`, `counter.make()`, `new counter(1)` and names in other letters.
  static std::optional<Error> as_elsewhere(const runtime::Instance& instance, std::string_view text,
                                           const runtime::WaveCall& parsed, const Error& error) {
    std::string name(parsed.name);
    const std::string rest(text.substr(std::min(parsed.name.size(), text.size())));
    if (name.starts_with("new ")) name.erase(0, 4);
    if (const auto colons = name.find("::"); colons != std::string::npos)
      name.replace(colons, 2, ".");
    for (const std::string& one : {"[constructor]" + name, "[constructor]" + to_kebab(name),
                                   "[static]" + name, to_kebab(name), "[method]" + name}) {
      const auto func = instance.get_func(one);
      if (!func || one == parsed.name) continue;
      if (takes_handle(func->type())) return Error(error).help(std::string(needs_handle));
      return Error(error).help(fmt::format("write `--invoke {}`", shell_quoted(one + rest)));
    }
    return std::nullopt;
  }
  /// `greet.greeting("x")` and `greet/greeting("x")`: the last word alone names the function.
  static std::optional<Error> without_interface(const runtime::Instance& instance,
                                                std::string_view text,
                                                const runtime::WaveCall& parsed,
                                                const Error& error) {
    const auto cut = parsed.name.find_last_of(".#/:");
    if (cut == std::string_view::npos) return std::nullopt;
    const std::string name(parsed.name.substr(cut + 1));
    if (!instance.get_func(name)) return std::nullopt;
    const std::string rest(text.substr(parsed.name.size()));
    return Error(error).help(fmt::format("write `--invoke {}`", shell_quoted(name + rest)));
  }
  /// Where the text fails to be a call of the type.
  static std::optional<std::size_t> fault_of(const std::string& text,
                                             const runtime::FuncTypeView& type) {
    const auto parsed = runtime::split_wave_call(text);
    if (!parsed) return parsed.error().span().begin;
    const auto values = runtime::parse_wave_args(*parsed, type.types(), type.type->params);
    if (values) return std::nullopt;
    return values.error().span().begin;
  }
  int command(const runtime::Component& component, runtime::Store& store,
              const runtime::Instance& instance) {
    const auto func = instance.get_func("wasi:cli/run#run");
    const auto& words = args_.inputs();
    if (!func && words.size() == 2 && (words[1] == "--invoke" || words[1] == "--invoke=")) {
      return context_.report(
          usage_error(fmt::format("`{}` has no call, and comes after the component, where words "
                                  "are the program's",
                                  words[1]),
                      fmt::format("write the call before the component, such as `{}`",
                                  example_call(component))));
    }
    if (!func && args_.inputs().size() > 1)
      return context_.report(needless_words(verbs::run_, args_));
    if (!func) {
      return context_.report(
          Error(func.error().rule(), Span::none(),
                "the component is not a command: no `wasi:cli/run`")
              .help(fmt::format("`--invoke` calls one of its functions, such as `{}`",
                                example_call(component))));
    }
    auto result = func->call({});
    const auto finished = wasi::finish(store);
    if (!result) return trapped(result.error());
    if (!finished) return trapped(finished.error());
    return *result && !(*result)->is_ok() ? 1 : exit_ok;
  }
  /// The component could not be made. What it wants of WASI that nobody has is told at once.
  int not_made(runtime::Store& store, const runtime::Component& component,
               const runtime::Linker& linker, const runtime::Failure& failure) {
    if (failure.trap() != nullptr || failure.rule() != runtime::rules::import_missing)
      return failed(store, failure);
    const auto missing = missing_of_wasi(component, linker);
    if (missing.empty()) return failed(store, with_versions_given(component, failure));
    std::string given;
    for (const auto package : wasi::component_packages())
      given += fmt::format("{}`{}`", given.empty() ? "" : ", ", package);
    return context_.report(
        Error(rules::wasi_missing, Span::none(),
              fmt::format("the component imports {}", fmt::join(missing, ", ")))
            .note(fmt::format("tenon gives {}, and no option gives another package", given))
            .help("`tenon run --link OTHER.wasm` takes imports from what another component "
                  "exports, `tenon test` from mocks"));
  }
  /// The error with the packages that the component wants in a later version than they have here.
  static runtime::Failure with_versions_given(const runtime::Component& component,
                                              const runtime::Failure& failure) {
    Error error = failure;
    for (const std::string_view have : wasi::component_packages()) {
      const auto given = types::split_version(have);
      const bool later = std::ranges::any_of(component.info().imports, [&](const auto& import) {
        const auto wanted = types::split_version(import.name->name);
        return wanted.base.substr(0, wanted.base.find('/')) == given.base &&
               types::compare_versions(wanted.version, given.version) > 0;
      });
      if (later) error = std::move(error).note(fmt::format("tenon gives `{}`", have));
    }
    return runtime::Failure(std::move(error));
  }
  /// The imports of WASI that neither tenon nor a linked component gives, each with its package.
  static std::vector<std::string> missing_of_wasi(const runtime::Component& component,
                                                  const runtime::Linker& linker) {
    constexpr std::size_t most = 12;
    std::vector<std::string> out;
    for (const component::ImportInfo& import : component.info().imports) {
      const std::string_view name = import.name->name;
      if (!name.starts_with("wasi:") || out.size() == most || linker.defines(name)) continue;
      const auto [base, version] = types::split_version(name);
      const auto package = base.substr(0, base.find('/'));
      const bool given = std::ranges::any_of(wasi::component_packages(), [&](const auto have) {
        return types::compatible_names(fmt::format("{}@{}", package, version), have);
      });
      if (given) continue;
      out.push_back(
          version.empty()
              ? fmt::format("`{}`, of the package `{}` without a version", name, package)
              : fmt::format("`{}`, of the package `{}` in version {}", name, package, version));
    }
    return out;
  }
  /// An instantiation that failed: of the guest, or before it.
  int failed(runtime::Store& store, const runtime::Failure& failure) {
    if (failure.trap() != nullptr) return trapped(*failure.trap());
    Error error = with_limit_help(static_cast<const Error&>(failure), nullptr, args_,
                                  is_of_memory(failure, store.core()));
    if (error.rule() == runtime::rules::import_missing && !args_.has("link")) {
      const std::string way =
          "`tenon run --link OTHER.wasm` takes imports from what another component exports, "
          "`tenon test` from mocks";
      // A nearest name is the better help.
      error = error.help_text().empty() ? std::move(error).help(way) : std::move(error).note(way);
    }
    return context_.report(error);
  }
  int trapped(const Trap& trap) {
    if (!trap.exit_code() || args_.has("invoke")) line_.end();
    if (const auto code = trap.exit_code()) {
      // Of a command it is the result; of a function there should have been another one.
      if (args_.has("invoke"))
        context_.note(
            fmt::format("the guest ended with exit code {} before the function returned", *code));
      return *trap.exit_status();
    }
    if (const Error* why = trap.refusal()) return context_.report(*why);
    Error error = static_cast<Error>(trap);
    if (context_.verbosity > 0) error = with_all_frames(trap);
    context_.report(with_limit_help(std::move(error), &trap, args_));
    return exit_trap;
  }

  Context& context_;
  const Args& args_;
  std::deque<Input> links_;
  /// The function that was called gave an `err`.
  bool failed_ = false;
  GuestLine line_;
  engine::Engine engine_;
  core::Features features_;
};

}  // namespace

int run_component(Context& context, const Args& args, const Input& input) {
  Runner runner(context, args);
  return runner.run(input);
}

}  // namespace tenon::cli
