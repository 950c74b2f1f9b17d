// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/run_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/runtime/instance.h"
#include "tenon/runtime/linker.h"
#include "tenon/runtime/wave.h"
#include "tenon/testing/call_name.h"
#include "tenon/testing/mock.h"
#include "tenon/testing/rules.h"
#include "tenon/testing/schedule.h"

namespace tenon::testing {
namespace {

using Clock = std::chrono::steady_clock;
using runtime::Value;

/// A reason why a case fails: lines without an end.
using Failure = std::optional<std::string>;

/// One case in its own store.
class CaseRun {
 public:
  CaseRun(const runtime::Component& component, std::span<const ExportedFunc> funcs, const Case& c,
          const SourceSet& sources, const RunOptions& options)
      : component_(component),
        info_(component.info()),
        funcs_(funcs),
        case_(c),
        sources_(sources),
        options_(options) {}

  Failure run(const std::vector<const Mock*>& mocks) {
    auto prepared = prepare_mocks(info_, mocks, options_.files, options_.links, options_.wit,
                                  case_.world.has_value());
    if (!prepared) return shown(prepared.error());
    mocks_ = *std::move(prepared);
    calls_.resize(mocks_.size());
    runtime::Linker linker(component_.engine());
    runtime::Store store(component_.engine());
    store.set_deadline(Clock::now() + options_.timeout);
    linker.allow_shadowing(true);
    if (auto given = give_world(store, linker); !given) return shown(given.error());
    if (auto linked = link(store, linker); !linked) return shown(linked.error());
    if (auto defined = define_mocks(linker); !defined) return shown(defined.error());
    auto instance = linker.instantiate(store, component_);
    if (!instance) return not_made(instance.error());
    if (case_.program) return run_program(store, *instance);
    const bool alone = case_.steps.size() == 1;
    for (std::size_t i = 0; i < case_.steps.size(); ++i) {
      auto failure = step(store, *instance, case_.steps[i]);
      if (failure) return alone ? std::move(failure) : fmt::format("step {}: {}", i + 1, *failure);
    }
    for (std::size_t i = 0; i < mocks_.size(); ++i) {
      if (auto failure = check_calls(mocks_[i], calls_[i], info_, saved_)) return failure;
    }
    return check_output(std::nullopt);
  }

 private:
  /// An error of the case's text, with the line it stands in.
  [[nodiscard]] std::string shown(const Error& error) const {
    std::string out = render(error, sources_);
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }

  /// What the case has of WASI; mocks are defined later and take precedence.
  Result<void> give_world(runtime::Store& store, runtime::Linker& linker) {
    if (!case_.world) return {};
    TENON_TRY(world_.fill(*case_.world, options_.program, options_.files, options_.folders,
                          store.emplace_extension<wasi::Context>()));
    return wasi::add_to_linker(linker);
  }
  [[nodiscard]] Failure check_output(std::optional<std::int32_t> exit_code) const {
    if (!case_.world) return std::nullopt;
    const auto found = world_.check(case_.output, exit_code, options_.files);
    return found ? *found : Failure(shown(found.error()));
  }
  [[nodiscard]] Failure not_made(const runtime::Failure& failure) const {
    if (failure.trap() != nullptr && case_.program) return program_trapped(*failure.trap());
    return shown(failure);
  }
  [[nodiscard]] Failure program_trapped(const runtime::Trap& trap) const {
    if (const auto code = trap.exit_code()) return check_output(*code);
    if (!case_.expect_trap) return fmt::format("trapped: {}{}", trap.text(), world_.shown_errors());
    if (trap.message().find(*case_.expect_trap) == std::string_view::npos)
      return fmt::format("expected a trap with `{}`, found {}", *case_.expect_trap, trap.text());
    return check_output(std::nullopt);
  }
  /// A command of WASI: `wasi:cli/run`.
  Failure run_program(runtime::Store& store, const runtime::Instance& instance) {
    const auto func = instance.get_func("wasi:cli/run#run");
    if (!func)
      return "the component is no command: no `wasi:cli/run`; write `call` to call a function";
    const auto result = func->call({});
    const auto finished = wasi::finish(store);
    if (!result) return program_trapped(result.error());
    if (!finished) return program_trapped(finished.error());
    const int code = *result && !(*result)->is_ok() ? 1 : 0;
    if (case_.expect_trap)
      return fmt::format("expected a trap with `{}`, found the exit code {}", *case_.expect_trap,
                         code);
    for (std::size_t i = 0; i < mocks_.size(); ++i) {
      if (auto failure = check_calls(mocks_[i], calls_[i], info_, saved_)) return failure;
    }
    return check_output(code);
  }

  /// What the linked components export. Mocks are defined later and take precedence.
  Result<void> link(runtime::Store& store, runtime::Linker& linker) const {
    for (const runtime::Component* component : options_.links) {
      const auto instance = TENON_TRY(linker.instantiate(store, *component));
      TENON_TRY(linker.link(instance));
    }
    return {};
  }

  Result<void> define_mocks(runtime::Linker& linker) {
    for (std::size_t i = 0; i < mocks_.size(); ++i) {
      const PreparedMock& mock = mocks_[i];
      auto fn = [this, i](runtime::Store&,
                          std::span<const Value> args) -> runtime::Outcome<std::optional<Value>> {
        auto given = answer(mocks_[i], calls_[i], {args.begin(), args.end()});
        if (!given) return std::unexpected(runtime::Trap(std::move(given).error()));
        return *std::move(given);
      };
      // A mock of a function of WASI stands among the others of its interface.
      const auto in_wasi = case_.world ? place_in_wasi(mock.func.interface) : std::string();
      const std::string& interface = in_wasi.empty() ? mock.func.interface : in_wasi;
      auto place = interface.empty() ? linker.root() : linker.instance(interface);
      TENON_TRY(place.func_new(mock.func.name, std::move(fn)));
    }
    // What is left are types: instances without functions, resources.
    return linker.define_unknown_imports_as_traps(component_);
  }

  Failure step(runtime::Store& store, const runtime::Instance& instance, const Step& s) {
    if (s.kind == Step::Kind::drop) return drop(store, s);
    const auto found = find_func(funcs_, s.name, s.span);
    if (!found) return shown(found.error());
    const component::FuncType& type = info_.func_types[found->type];
    if (s.args.size() != type.params.size()) {
      return shown(
          Error(rules::case_arguments, s.span,
                fmt::format("{} are given, {} are wanted", s.args.size(), type.params.size()))
              .help(signature(*found, info_)));
    }
    std::vector<Value> args;
    for (std::size_t i = 0; i < s.args.size(); ++i) {
      auto arg =
          read_value(s.args[i], {info_.abi_types(), type.params[i].type}, saved_, options_.files);
      if (!arg) return shown(std::move(arg).error().help(signature(*found, info_)));
      args.push_back(*std::move(arg));
    }
    const std::string name = found->interface.empty()
                                 ? found->name
                                 : fmt::format("{}#{}", found->interface, found->name);
    const auto func = instance.get_func(name);
    if (!func) return shown(func.error());
    const std::string wave = fmt::format("{}({})", found->call(), wave_of(args));
    return judge(s, type, wave, func->call(args));
  }

  static std::string wave_of(const std::vector<Value>& values) {
    constexpr std::size_t most = 400;
    std::string out;
    for (const Value& value : values) {
      if (out.size() > most) break;
      out += (out.empty() ? "" : ", ") + to_wave(value, most);
    }
    return out;
  }

  /// What came back against what the step expects.
  Failure judge(const Step& s, const component::FuncType& type, const std::string& wave,
                const runtime::Outcome<std::optional<Value>>& outcome) {
    if (!outcome) {
      if (const Error* why = outcome.error().refusal())
        return fmt::format("{}\n{}", wave, shown(*why));
      if (!s.expect_trap) return fmt::format("{}\ntrapped: {}", wave, outcome.error().text());
      if (outcome.error().message().find(*s.expect_trap) != std::string_view::npos)
        return std::nullopt;
      return fmt::format("{}\nexpected a trap with `{}`, found {}", wave, *s.expect_trap,
                         outcome.error().text());
    }
    const std::string found = *outcome ? to_wave(**outcome, shown_bytes) : "no result";
    if (s.expect_trap)
      return fmt::format("{}\nexpected a trap with `{}`, found {}", wave, *s.expect_trap, found);
    if (!s.expect) return std::nullopt;
    if (!type.result) {
      return s.expect->is_null()
                 ? Failure()
                 : fmt::format("{}\nexpected {}, found no result", wave, s.expect->dump());
    }
    const runtime::TypeView result{info_.abi_types(), *type.result};
    const auto expected = read_expectation(*s.expect, result, saved_, options_.files);
    if (!expected) return fmt::format("{}\n{}", wave, shown(expected.error()));
    const auto d = compare(*expected, **outcome, result, saved_);
    if (!d) return std::nullopt;
    if (d->path.empty())
      return fmt::format("{}\nexpected {}\nfound    {}", wave, d->expected, d->actual);
    return fmt::format("{}\nat {}: expected {}, found {}\nin {}", wave, d->path, d->expected,
                       d->actual, found.size() > 400 ? "a long value" : found);
  }

  Failure drop(runtime::Store& store, const Step& s) {
    const auto handle = saved_.find(s.name);
    if (handle == saved_.end()) {
      return shown(Error(rules::case_reference, s.span, fmt::format("`{}`", s.name)));
    }
    const auto dropped = store.drop(handle->second);
    saved_.erase(handle);
    if (!dropped) return fmt::format("drop of `{}` trapped: {}", s.name, dropped.error().text());
    return std::nullopt;
  }

  /// Of one value in a message.
  static constexpr std::size_t shown_bytes = 10'000;
  const runtime::Component& component_;
  const component::ComponentInfo& info_;
  std::span<const ExportedFunc> funcs_;
  const Case& case_;
  const SourceSet& sources_;
  const RunOptions& options_;
  VirtualWorld world_;
  std::vector<PreparedMock> mocks_;
  std::vector<MockCalls> calls_;
  SavedHandles saved_;
};

/// The mocks of a case: its own stand before those of the file.
std::vector<const Mock*> mocks_of(const CaseFile& file, const Case& c) {
  std::vector<const Mock*> out;
  for (const Mock& mock : c.mocks) out.push_back(&mock);
  for (const Mock& mock : file.mocks) out.push_back(&mock);
  return out;
}

}  // namespace

Result<Report> run_cases(const runtime::Component& component, const CaseFile& file,
                         const std::string& file_name, const SourceSet& sources,
                         const RunOptions& options) {
  std::vector<const Mock*> shared;
  for (const Mock& mock : file.mocks) shared.push_back(&mock);
  const bool some_have_mocks = std::any_of(file.cases.begin(), file.cases.end(), [](const Case& c) {
    return !c.mocks.empty() || c.world.has_value();
  });
  // Said once, not by each case.
  if (!some_have_mocks)
    TENON_TRY(prepare_mocks(component.info(), shared, options.files, options.links, options.wit));

  for (const Case& c : file.cases) {
    for (const Mock& mock : c.mocks) shared.push_back(&mock);
  }
  const std::vector<ExportedFunc> funcs = exported_funcs(component.info());
  Report report = run_selected(file, file_name, options, [&](const Case& c) {
    return CaseRun(component, funcs, c, sources, options).run(mocks_of(file, c));
  });
  report.notes = unused_mocks(component.info(), shared, options.wit);
  return report;
}

}  // namespace tenon::testing
