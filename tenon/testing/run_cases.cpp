// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/run_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tenon/runtime/instance.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/linker.h"
#include "tenon/runtime/wave.h"
#include "tenon/runtime/wave_meant.h"
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
          const SourceSet& sources, const RunOptions& options, const World* default_world)
      : component_(component),
        info_(component.info()),
        funcs_(funcs),
        case_(c),
        given_(c.world ? &*c.world : default_world),
        sources_(sources),
        options_(options) {}

  Failure run(const std::vector<const Mock*>& mocks) {
    auto prepared = prepare_mocks(info_, mocks, options_.files, options_.links, options_.wit,
                                  given_ != nullptr);
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

  /// What the guest wrote, to show in the report.
  [[nodiscard]] std::string output(bool failed) const {
    return given_ == nullptr ? std::string() : world_.shown_output(case_.output, failed);
  }

 private:
  /// An error of the case's text, with the line it is in.
  [[nodiscard]] std::string shown(const Error& error) const {
    std::string out = render(error, sources_);
    if (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }

  /// What the case has of WASI; mocks are defined later and take precedence.
  Result<void> give_world(runtime::Store& store, runtime::Linker& linker) {
    if (given_ == nullptr) return {};
    TENON_TRY(world_.fill(*given_, options_.program, options_.files, options_.folders,
                          store.emplace_extension<wasi::Context>()));
    return wasi::add_to_linker(linker);
  }
  [[nodiscard]] Failure check_output(std::optional<std::int32_t> exit_code) {
    if (given_ == nullptr) return std::nullopt;
    const auto found = world_.check(case_.output, exit_code, options_.files);
    return found ? *found : Failure(shown(found.error()));
  }
  [[nodiscard]] Failure not_made(const runtime::Failure& failure) {
    if (failure.trap() != nullptr && case_.program) return program_trapped(*failure.trap());
    return shown(failure);
  }
  [[nodiscard]] Failure program_trapped(const runtime::Trap& trap) {
    if (const auto code = trap.exit_code()) {
      if (!case_.expect_trap) return check_output(code);
      return fmt::format("expected a trap with `{}`, found the exit code {}", *case_.expect_trap,
                         *code);
    }
    if (!case_.expect_trap) return fmt::format("trapped: {}", trap.text());
    if (!says(trap, *case_.expect_trap))
      return fmt::format("expected a trap with `{}`, found {}", *case_.expect_trap, trap.text());
    return check_output(std::nullopt);
  }
  /// Whether a trap has the text: in its message, in what is remarked of it, such as a panic's, or
  /// in what the guest wrote to standard error before it gave up.
  [[nodiscard]] bool says(const runtime::Trap& trap, std::string_view text) const {
    if (trap.message().contains(text)) return true;
    if (std::ranges::any_of(trap.backtrace(), [&](const engine::Frame& frame) {
          return frame.is_remark && frame.function.contains(text);
        }))
      return true;
    return given_ != nullptr && world_.errors().contains(text);
  }
  /// A command of WASI: `wasi:cli/run`.
  Failure run_program(runtime::Store& store, const runtime::Instance& instance) {
    const auto func = instance.get_func("wasi:cli/run#run");
    if (!func)
      return "the component is not a command: no `wasi:cli/run`; write `call` to call a function";
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
      // A mock of a function of WASI is among the others of its interface.
      const auto in_wasi = given_ != nullptr ? place_in_wasi(mock.func.interface) : std::string();
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
              .help(signature(*found, info_) + meant_args(s.args, type)));
    }
    std::vector<Value> args;
    for (std::size_t i = 0; i < s.args.size(); ++i) {
      auto arg =
          read_value(s.args[i], {info_.abi_types(), type.params[i].type}, saved_, options_.files);
      if (!arg)
        return shown(with_meant_argument(std::move(arg).error(), s.args[i], *found,
                                         {info_.abi_types(), type.params[i].type}));
      args.push_back(*std::move(arg));
    }
    const std::string name = found->interface.empty()
                                 ? found->name
                                 : fmt::format("{}#{}", found->interface, found->name);
    const auto func = instance.get_func(name);
    if (!func) return shown(func.error());
    const std::string wave = fmt::format("{}({})", found->call(), wave_of(type, args));
    return judge(s, type, wave, func->call(args));
  }

  std::string wave_of(const component::FuncType& type, const std::vector<Value>& values) const {
    constexpr std::size_t most = 400;
    std::string out;
    for (std::size_t i = 0; i < values.size() && out.size() <= most; ++i) {
      const runtime::TypeView param{info_.abi_types(), type.params[i].type};
      out += (out.empty() ? "" : ", ") + to_wave(values[i], param, most);
    }
    return out;
  }

  /// `"3"` where a number is wanted: the number.
  static std::string number_in_quotes(const Json& json) {
    constexpr std::size_t longest = 40;
    if (!json.is_string() || json.text().empty() || json.text().size() > longest) return {};
    const bool number = json.text().find_first_not_of("0123456789.-+eE") == std::string::npos;
    return number ? json.text() : std::string();
  }

  static std::string ref_to(const std::string& name) {
    return Json::object({{"$ref", Json::string(name)}}).dump();
  }
  /// `"c"` and `"$c"` are meant for a name.
  static std::string saved_name(const Json& json) {
    constexpr std::size_t longest = 60;
    const std::string_view text = json.is_string() ? std::string_view(json.text()) : "NAME";
    const std::string_view name = text.starts_with('$') ? text.substr(1) : text;
    return name.empty() || name.size() > longest ? "NAME" : std::string(name);
  }

  /// What to write for an argument that does not fit its type. What already has help, such as a
  /// file that may not be read, is shown with the signature beside it.
  Error with_meant_argument(Error error, const Json& arg, const ExportedFunc& func,
                            const runtime::TypeView& type) const {
    std::string types = signature(func, info_);
    if (!error.help_text().empty()) return std::move(error).note(std::move(types));
    const std::string number = number_in_quotes(arg);
    if (runtime::is_handle(type)) {
      types += fmt::format(
          ": write `{}`, and `\"expect\": {{ \"$save\": \"{}\" }}` in the step "
          "whose result it is",
          ref_to(saved_name(arg)), saved_name(arg));
    } else if (!number.empty()) {
      types += fmt::format(": write `{}`, without quotes", number);
    } else if (const std::string help = meant_json(arg, type, ""); !help.empty()) {
      types += ": " + help;
    } else if (const auto example = runtime::default_value(type); example && !type.prim()) {
      types += fmt::format(", such as `{}`", value_to_json(*example).dump());
    }
    return std::move(error).help(std::move(types));
  }
  /// What to write for arguments that are too many or too few.
  std::string meant_args(const std::vector<Json>& args, const component::FuncType& type) const {
    std::string text;
    for (const Json& arg : args) text += (text.empty() ? "(" : ", ") + arg.dump();
    const auto meant =
        runtime::meant_arguments(text.empty() ? "(" : text, info_.abi_types(), type.params);
    if (!meant) return {};
    std::vector<Json> values;
    for (const Value& value : meant->values) values.push_back(value_to_json(value));
    const std::string line = fmt::format("\"args\": {}", Json::array(std::move(values)).dump());
    return ": " + runtime::write_help(line, meant->missing);
  }

  /// What to write for an expectation that does not fit the result's type.
  static Error with_meant_form(Error error, const Json& expect, const runtime::TypeView& type) {
    if (is_trap_word(expect)) return std::move(error).help(trap_help);
    if (!error.help_text().empty()) return error;
    if (runtime::is_handle(type) && !expect.is_object()) {
      return std::move(error).help(
          fmt::format("the result is a resource: write `\"expect\": {{ \"$save\": \"{}\" }}`",
                      saved_name(expect)));
    }
    const auto write = [&](const Json& value) {
      constexpr std::size_t longest = 200;
      const std::string text = value.dump();
      return std::move(error).help(
          text.size() > longest
              ? fmt::format("the result is {}, and goes in `expect` as it is", to_string(type))
              : fmt::format("the result is {}: write `\"expect\": {}`", to_string(type), text));
    };
    if (expect.is_string()) {
      if (const std::string number = number_in_quotes(expect); !number.empty())
        return std::move(error).help(fmt::format("write `\"expect\": {}`, without quotes", number));
      if (expect.text() == "error") return std::move(error).help(trap_help);
    }
    if (std::string help = meant_json(expect, type, "\"expect\": "); !help.empty())
      return std::move(error).help(std::move(help));
    if (expect.is_array() && expect.items().size() == 1) return write(expect.items()[0]);
    if (!expect.is_object() || expect.members().size() != 1) return error;
    const auto& [name, value] = expect.members().front();
    for (const std::string_view word : {"ok", "Ok", "value", "result", "return", "some"}) {
      if (name == word) return write(value);
    }
    const auto* def = type.def();
    if (name == "err" && def != nullptr && std::holds_alternative<component::ResultType>(*def))
      return std::move(error).help(fmt::format(
          "the result is {}: write `\"expect\": {{ \"err\": … }}` with a value of its second type",
          to_string(type)));
    if (name == "err" || name == "error")
      return std::move(error).help(
          fmt::format("the result is {}, which has no errors; a trap is `\"expect-trap\": \"…\"`",
                      to_string(type)));
    return error;
  }
  /// `"trap"` and `{ "trap": … }`: no value of the type, and what other formats have for a trap.
  static bool is_trap_word(const Json& expect) {
    std::string_view word;
    if (expect.is_string()) word = expect.text();
    if (expect.is_object() && expect.members().size() == 1) word = expect.members().front().first;
    for (const std::string_view known : {"trap", "traps", "panic", "panics", "throws", "abort"}) {
      if (word == known) return true;
    }
    return false;
  }
  /// The message for a step, with what to write where it expects a trap as if that were a value.
  static std::string with_meant_trap(std::string message, const Step& s) {
    if (!s.expect || !is_trap_word(*s.expect)) return message;
    if (message.ends_with('\n')) message.pop_back();
    return message + fmt::format("\nhelp: {}", trap_help);
  }
  static constexpr const char* trap_help =
      "write `\"expect-trap\": \"…\"` with a part of the trap's message, instead of `expect`";

  /// What came back against what the step expects.
  Failure judge(const Step& s, const component::FuncType& type, const std::string& wave,
                const runtime::Outcome<std::optional<Value>>& outcome) {
    if (!outcome) {
      if (const Error* why = outcome.error().refusal())
        return fmt::format("{}\n{}", wave, shown(*why));
      if (!s.expect_trap)
        return with_meant_trap(fmt::format("{}\ntrapped: {}", wave, outcome.error().text()), s);
      if (says(outcome.error(), *s.expect_trap)) return std::nullopt;
      return fmt::format("{}\nexpected a trap with `{}`, found {}", wave, *s.expect_trap,
                         outcome.error().text());
    }
    const std::string found =
        *outcome ? to_wave(**outcome, {info_.abi_types(), *type.result}, shown_bytes) : "no result";
    if (s.expect_trap)
      return fmt::format("{}\nexpected a trap with `{}`, found {}", wave, *s.expect_trap, found);
    if (!s.expect) return std::nullopt;
    if (!type.result) {
      return s.expect->is_null()
                 ? Failure()
                 : with_meant_trap(
                       fmt::format("{}\nexpected {}, found no result", wave, s.expect->dump()), s);
    }
    const runtime::TypeView result{info_.abi_types(), *type.result};
    const auto expected = read_expectation(*s.expect, result, saved_, options_.files);
    if (!expected)
      return fmt::format("{}\n{}", wave,
                         shown(with_meant_form(expected.error(), *s.expect, result)));
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
      Error error(rules::case_reference, s.span, fmt::format("`{}`", s.name));
      return shown(std::move(error).help(what_is_saved(saved_)));
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
  /// What the guest has of WASI, when it has any.
  const World* given_;
  const SourceSet& sources_;
  const RunOptions& options_;
  VirtualWorld world_;
  std::vector<PreparedMock> mocks_;
  std::vector<MockCalls> calls_;
  SavedHandles saved_;
};

/// The mocks of a case: its own are before those of the file.
std::vector<const Mock*> mocks_of(const CaseFile& file, const Case& c) {
  std::vector<const Mock*> out;
  for (const Mock& mock : c.mocks) out.push_back(&mock);
  for (const Mock& mock : file.mocks) out.push_back(&mock);
  return out;
}

/// A guest that prints imports WASI: a case that says nothing of it gives it a world where it may
/// print and has nothing else.
bool imports_wasi(const component::ComponentInfo& info) {
  return std::any_of(
      info.imports.begin(), info.imports.end(),
      [](const component::ImportInfo& item) { return !place_in_wasi(item.name->name).empty(); });
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
  const World printing;
  const World* const world = imports_wasi(component.info()) ? &printing : nullptr;
  if (!some_have_mocks)
    TENON_TRY(prepare_mocks(component.info(), shared, options.files, options.links, options.wit,
                            world != nullptr));

  for (const Case& c : file.cases) {
    for (const Mock& mock : c.mocks) shared.push_back(&mock);
  }
  const std::vector<ExportedFunc> funcs = exported_funcs(component.info());
  Report report = run_selected(file, file_name, options, [&](const Case& c, std::string& output) {
    CaseRun one(component, funcs, c, sources, options, world);
    auto failure = one.run(mocks_of(file, c));
    output = one.output(failure.has_value());
    return failure;
  });
  report.notes = unused_mocks(component.info(), shared, options.wit);
  return report;
}

}  // namespace tenon::testing
