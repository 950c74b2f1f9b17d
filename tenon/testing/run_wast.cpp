// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/run_wast.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <memory>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "tenon/component/validate_custom.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/core/validate_custom.h"
#include "tenon/testing/rules.h"
#include "tenon/testing/wast_match.h"

namespace tenon::testing {
namespace {

using text::AssertFailure;
using text::AssertRefused;
using text::Command;
using text::ScriptModule;

/// A definition or an instance by its number at the host; nothing when the host is not there or the
/// thing could not be made.
using Handle = std::optional<std::uint32_t>;

/// A module accepted by validation, of either kind.
struct Accepted {
  std::optional<core::Validated<core::Module>> module;
  std::optional<core::Validated<component::Component>> component;
};

enum class Verdict : std::uint8_t { passed, failed, skipped };

constexpr const char* no_host = "nothing runs it here";

class Runner {
 public:
  Runner(const text::Script& script, const WastOptions& options)
      : script_(script), options_(options) {}

  void run(const std::vector<Command>& commands) {
    for (const Command& command : commands) {
      span_ = command.span;
      const Verdict verdict = std::visit([&](const auto& c) { return carry_out(c); }, command.kind);
      switch (verdict) {
        case Verdict::passed:
          ++report.passed;
          break;
        case Verdict::failed:
          ++report.failed;
          break;
        case Verdict::skipped:
          ++report.skipped;
          break;
      }
    }
    for (auto& [id, thread] : threads_) join(*thread);
    threads_.clear();
  }

  WastReport report;

 private:
  Verdict carry_out(const text::ModuleCommand& command);
  Verdict carry_out(const text::InstanceCommand& command);
  Verdict carry_out(const text::RegisterCommand& command);
  Verdict carry_out(const text::Action& action);
  Verdict carry_out(const text::AssertReturn& command);
  Verdict carry_out(const AssertFailure& command);
  Verdict carry_out(const AssertRefused& command);
  Verdict carry_out(const text::ThreadCommand& command);
  Verdict carry_out(const text::WaitCommand& command);

  Result<Accepted> accept(const ScriptModule& module);
  Handle define(Accepted accepted);
  CoreWastHost::Instantiated instantiate(bool component, std::uint32_t definition);
  [[nodiscard]] bool has_host(bool component) const {
    return component ? options_.hosts.component != nullptr : options_.hosts.core != nullptr;
  }
  /// `unsupported` when the instance or its host is not there.
  WastOutcome act(const text::Action& action);

  Verdict skip(std::string reason) {
    report.skips.push_back({span_, std::move(reason)});
    return Verdict::skipped;
  }

  Verdict fail(std::string what) {
    report.failures.emplace_back(rules::wast_verdict, span_, std::move(what));
    return Verdict::failed;
  }
  Verdict fail(std::string what, const Error& cause) {
    Error error(rules::wast_verdict, span_,
                fmt::format("{}: {} [{}]", what, cause.text(), cause.rule().id));
    if (cause.span().source == script_.source) {
      error = std::move(error).note(cause.span(), std::string(cause.rule().message));
    }
    report.failures.push_back(std::move(error));
    return Verdict::failed;
  }

  /// Instances by identifier; `current` is the last one made.
  struct Instances {
    std::unordered_map<std::string, Handle> by_id;
    Handle current;
  };
  [[nodiscard]] Handle instance_of(const std::optional<std::string>& id, bool component) const {
    const Instances& all = component ? component_instances_ : core_instances_;
    if (!id) return all.current;
    const auto it = all.by_id.find(*id);
    return it == all.by_id.end() ? Handle{} : it->second;
  }
  void enter(bool component, const std::optional<std::string>& id, Handle instance) {
    Instances& all = component ? component_instances_ : core_instances_;
    all.current = instance;
    if (id) all.by_id[*id] = instance;
    last_is_component_ = component;
  }

  /// What runs on another thread; made and joined by this one.
  struct Thread {
    std::unique_ptr<CoreWastHost> host;
    WastOptions options;
    std::unique_ptr<Runner> runner;
    /// This runner's numbers of the instances that it was given.
    std::vector<std::uint32_t> shared;
    std::thread thread;
  };
  void join(Thread& thread);

  const text::Script& script_;
  const WastOptions& options_;
  std::unordered_map<std::string, std::unique_ptr<Thread>> threads_;
  /// Of a thread: what it registered of the instances that it was given, the first ones.
  std::uint32_t num_given_ = 0;
  std::vector<std::pair<std::string, std::uint32_t>> registered_given_;
  Span span_;
  Instances core_instances_;
  Instances component_instances_;
  struct Definition {
    bool component = false;
    Handle number;
  };
  std::unordered_map<std::string, Definition> definitions_;
  std::optional<Definition> last_definition_;
  bool last_is_component_ = false;
};

Result<Accepted> Runner::accept(const ScriptModule& module) {
  Accepted out;
  if (module.component) {
    out.component = TENON_TRY(accept_component(script_, module, options_.features));
    return out;
  }
  if (module.form == ScriptModule::Form::binary) {
    std::vector<std::uint8_t> bytes = module.bytes;
    core::Module decoded =
        TENON_TRY(core::decode(Blob::own(std::move(bytes)), options_.features, Span::no_source));
    out.module = TENON_TRY(core::validate(std::move(decoded), options_.features));
  } else {
    core::Module parsed = TENON_TRY(text::parse_script_module(script_, module));
    out.module = TENON_TRY(core::validate(std::move(parsed), options_.features));
  }
  return out;
}

Handle Runner::define(Accepted accepted) {
  if (accepted.module && options_.hosts.core != nullptr) {
    return options_.hosts.core->define(std::move(*accepted.module));
  }
  if (accepted.component && options_.hosts.component != nullptr) {
    return options_.hosts.component->define(std::move(*accepted.component));
  }
  return std::nullopt;
}

CoreWastHost::Instantiated Runner::instantiate(bool component, std::uint32_t definition) {
  return component ? options_.hosts.component->instantiate(definition)
                   : options_.hosts.core->instantiate(definition);
}

Verdict Runner::carry_out(const text::ModuleCommand& command) {
  const ScriptModule& module = command.module;
  const char* const what = module.component ? "a component" : "a module";
  if (!command.definition_only) enter(module.component, module.id, std::nullopt);
  auto accepted = accept(module);
  if (!accepted) return fail(fmt::format("{} was refused", what), accepted.error());
  const Handle definition = define(std::move(*accepted));
  if (command.definition_only) {
    last_definition_ = Definition{module.component, definition};
    if (module.id) definitions_[*module.id] = *last_definition_;
    return Verdict::passed;
  }
  if (!definition) return Verdict::passed;
  auto made = instantiate(module.component, *definition);
  if (made.outcome.kind == WastOutcome::Kind::unsupported) {
    enter(module.component, module.id, made.instance);
    return skip(std::move(made.outcome.message));
  }
  if (made.outcome.kind != WastOutcome::Kind::returned) {
    return fail(fmt::format("{} could not be instantiated: {}", what, made.outcome.message));
  }
  enter(module.component, module.id, made.instance);
  return Verdict::passed;
}

Verdict Runner::carry_out(const text::InstanceCommand& command) {
  enter(command.component, command.id, std::nullopt);
  std::optional<Definition> definition = last_definition_;
  if (command.definition) {
    const auto it = definitions_.find(*command.definition);
    if (it == definitions_.end())
      return fail(fmt::format("no definition is called `${}`", *command.definition));
    definition = it->second;
  }
  if (!definition || definition->component != command.component)
    return fail("there is no definition to instantiate");
  if (!definition->number) return skip(no_host);
  auto made = instantiate(command.component, *definition->number);
  if (made.outcome.kind == WastOutcome::Kind::unsupported) {
    enter(command.component, command.id, made.instance);
    return skip(std::move(made.outcome.message));
  }
  if (made.outcome.kind != WastOutcome::Kind::returned) {
    return fail(fmt::format("the instantiation failed: {}", made.outcome.message));
  }
  enter(command.component, command.id, made.instance);
  return Verdict::passed;
}

Verdict Runner::carry_out(const text::RegisterCommand& command) {
  if (!has_host(false)) return skip(no_host);
  const Handle instance = instance_of(command.id, false);
  if (!instance) return fail("there is no instance to register");
  options_.hosts.core->register_instance(command.name, *instance);
  if (*instance < num_given_) registered_given_.emplace_back(command.name, *instance);
  return Verdict::passed;
}

/// Spec: the proposal `threads`, interpreter README "Scripts".
Verdict Runner::carry_out(const text::ThreadCommand& command) {
  if (!has_host(false)) return skip(no_host);
  if (threads_.contains(command.id))
    return fail(fmt::format("a thread `${}` runs already", command.id));
  auto thread = std::make_unique<Thread>();
  for (const std::string& id : command.shared) {
    const Handle instance = instance_of(id, false);
    if (!instance) return fail(fmt::format("there is no instance `${}` to share", id));
    thread->shared.push_back(*instance);
  }
  thread->host = options_.hosts.core->for_thread(thread->shared);
  thread->options = options_;
  thread->options.hosts = {thread->host.get(), nullptr};
  thread->runner = std::make_unique<Runner>(script_, thread->options);
  Runner& runner = *thread->runner;
  for (const std::string& id : command.shared) runner.enter(false, id, runner.num_given_++);
  std::promise<void> ended;
  const std::future<void> end = ended.get_future();
  try {
    thread->thread = std::thread([&runner, &command, ended = std::move(ended)]() mutable {
      runner.run(command.commands);
      ended.set_value();
    });
  } catch (const std::system_error&) {
    return skip("there is no room for another thread");
  }
  threads_.emplace(command.id, std::move(thread));
  end.wait_for(options_.head_start);
  return Verdict::passed;
}

/// What a thread registered of the instances that it was given counts for the whole script from
/// then on.
void Runner::join(Thread& thread) {
  thread.thread.join();
  Runner& runner = *thread.runner;
  report.add(runner.report);
  std::ranges::move(runner.report.failures, std::back_inserter(report.failures));
  std::ranges::move(runner.report.skips, std::back_inserter(report.skips));
  for (const auto& [name, given] : runner.registered_given_) {
    const std::uint32_t instance = thread.shared[given];
    options_.hosts.core->register_instance(name, instance);
    if (instance < num_given_) registered_given_.emplace_back(name, instance);
  }
}

Verdict Runner::carry_out(const text::WaitCommand& command) {
  const auto it = threads_.find(command.id);
  if (it == threads_.end()) return fail(fmt::format("no thread `${}` runs", command.id));
  join(*it->second);
  threads_.erase(it);
  return Verdict::passed;
}

WastOutcome Runner::act(const text::Action& action) {
  const bool component =
      action.id ? component_instances_.by_id.contains(*action.id) : last_is_component_;
  if (!has_host(component)) return {WastOutcome::Kind::unsupported, no_host, {}};
  const Handle instance = instance_of(action.id, component);
  if (!instance) return WastOutcome{WastOutcome::Kind::error, "there is no instance to act on", {}};
  if (component) {
    std::vector<text::ComponentValue> args;
    for (const auto& arg : action.args) args.push_back(as_component_value(arg));
    return options_.hosts.component->invoke(*instance, action.name, args);
  }
  if (action.kind == text::Action::Kind::get)
    return options_.hosts.core->get(*instance, action.name);
  std::vector<text::CoreValue> args;
  for (const auto& arg : action.args) {
    if (const auto* const value = std::get_if<text::CoreValue>(&arg)) {
      args.push_back(*value);
    } else {
      return WastOutcome{
          WastOutcome::Kind::error, "a component value is given to a core function", {}};
    }
  }
  return options_.hosts.core->invoke(*instance, action.name, args);
}

Verdict Runner::carry_out(const text::Action& action) {
  const WastOutcome outcome = act(action);
  if (outcome.kind == WastOutcome::Kind::unsupported) return skip(outcome.message);
  if (outcome.kind == WastOutcome::Kind::returned) return Verdict::passed;
  return fail(fmt::format("`{}` failed: {}", action.name, outcome.message));
}

Verdict Runner::carry_out(const text::AssertReturn& command) {
  const WastOutcome outcome = act(command.action);
  if (outcome.kind == WastOutcome::Kind::unsupported) return skip(outcome.message);
  if (outcome.kind != WastOutcome::Kind::returned) {
    return fail(fmt::format("`{}` failed: {}", command.action.name, outcome.message));
  }
  const bool fits = outcome.values.size() == command.results.size();
  for (std::size_t i = 0; fits && i < command.results.size(); ++i) {
    if (!matches(command.results[i], outcome.values[i])) {
      return fail(fmt::format("`{}` returned {}, expected {}", command.action.name,
                              show(outcome.values[i]), show(command.results[i])));
    }
  }
  if (!fits) {
    return fail(fmt::format("`{}` returned {} values, expected {}", command.action.name,
                            outcome.values.size(), command.results.size()));
  }
  return Verdict::passed;
}

Verdict Runner::carry_out(const AssertFailure& command) {
  using Kind = WastOutcome::Kind;
  WastOutcome outcome;
  if (const auto* const action = std::get_if<text::Action>(&command.what)) {
    outcome = act(*action);
  } else {
    const auto& module = std::get<ScriptModule>(command.what);
    auto accepted = accept(module);
    if (!accepted) return fail("the module was refused", accepted.error());
    const Handle definition = define(std::move(*accepted));
    if (!definition) return skip(no_host);
    outcome = instantiate(module.component, *definition).outcome;
  }
  if (outcome.kind == Kind::unsupported) return skip(std::move(outcome.message));
  Kind wanted = Kind::trap;
  switch (command.kind) {
    case AssertFailure::Kind::trap:
      wanted = Kind::trap;
      break;
    case AssertFailure::Kind::exhaustion:
      wanted = Kind::exhaustion;
      break;
    case AssertFailure::Kind::exception:
      wanted = Kind::exception;
      break;
    case AssertFailure::Kind::suspension:
      wanted = Kind::suspension;
      break;
    case AssertFailure::Kind::unlinkable:
      wanted = Kind::unlinkable;
      break;
  }
  if (outcome.kind == Kind::returned)
    return fail(fmt::format("nothing failed, expected `{}`", command.message));
  if (outcome.kind != wanted) {
    return fail(fmt::format("it failed in another way: {}; expected `{}`", outcome.message,
                            command.message));
  }
  if (options_.wordings != nullptr && !Wordings::match(outcome.message, command.message)) {
    return fail(
        fmt::format("the failure reads `{}`, expected `{}`", outcome.message, command.message));
  }
  return Verdict::passed;
}

Verdict Runner::carry_out(const AssertRefused& command) {
  const bool custom = command.kind == AssertRefused::Kind::malformed_custom ||
                      command.kind == AssertRefused::Kind::invalid_custom;
  auto accepted = accept(command.module);
  if (accepted) {
    if (custom) {
      const auto checked = accepted->module ? core::validate_custom(**accepted->module)
                                            : component::validate_custom(*accepted->component);
      if (!checked) return Verdict::passed;
      return skip("the custom section is not checked");
    }
    return fail(fmt::format("it was accepted, expected `{}`", command.message));
  }
  if (options_.wordings == nullptr) return Verdict::passed;
  if (options_.wordings->match(accepted.error(), command.message, command.module.component))
    return Verdict::passed;
  return fail(fmt::format("refused for another reason than `{}`", command.message),
              accepted.error());
}

}  // namespace

core::Features wast_features() {
  using core::Gate;
  core::Features out = core::Features::component();
  out.enable(Gate::cm_more_async_builtins)
      .enable(Gate::cm_threading)
      .enable(Gate::cm_async_stackful)
      .enable(Gate::cm_fixed_length_lists)
      .enable(Gate::cm_forward)
      .enable(Gate::legacy_exceptions);
  return out;
}

std::string WastReport::totals() const {
  return fmt::format("{} passed, {} failed, {} skipped", passed, failed, skipped);
}

std::map<std::string, std::uint32_t> WastReport::skip_reasons() const {
  std::map<std::string, std::uint32_t> out;
  for (const Skip& s : skips) ++out[s.reason];
  return out;
}

void WastReport::add(const WastReport& other) {
  passed += other.passed;
  failed += other.failed;
  skipped += other.skipped;
}

Result<WastReport> run_wast(std::string_view text, std::uint32_t source,
                            const WastOptions& options) {
  const text::Script script = TENON_TRY(text::parse_wast(text, source));
  Runner runner(script, options);
  runner.run(script.commands);
  return std::move(runner.report);
}

}  // namespace tenon::testing
