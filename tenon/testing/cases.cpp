// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "tenon/base/nearest.h"
#include "tenon/base/number.h"
#include "tenon/testing/case_keys.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {

namespace {

/// The key that is meant by a word of other programs, or the nearest.
std::string_view meant_key(std::string_view name, const std::vector<std::string_view>& keys) {
  constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"function", "call"},
      {"func", "call"},
      {"fn", "call"},
      {"export", "call"},
      {"invoke", "call"},
      {"wave", "call"},
      {"method", "call"},
      {"result", "expect"},
      {"results", "expect"},
      {"returns", "expect"},
      {"output", "expect"},
      {"want", "expect"},
      {"wanted", "expect"},
      {"equals", "expect"},
      {"arguments", "args"},
      {"params", "args"},
      {"parameters", "args"},
      {"input", "args"},
      {"inputs", "args"},
      {"imports", "mocks"},
      {"stubs", "mocks"},
      {"fakes", "mocks"},
      {"throws", "expect-trap"},
      {"trap", "expect-trap"},
      {"traps", "expect-trap"},
      {"panics", "expect-trap"},
      {"expect-panic", "expect-trap"},
      {"ignore", "skip"},
      {"disabled", "skip"},
      {"comment", "description"},
      {"title", "name"},
      {"returns", "return"},
      {"value", "return"},
      {"result", "return"},
      {"error", "trap"},
      {"tests", "cases"},
      {"stdout", "expect-stdout"},
      {"stderr", "expect-stderr"},
      {"exit-code", "expect-exit-code"},
      {"exit_code", "expect-exit-code"}};
  for (const auto& [other, key] : others) {
    if (other != name) continue;
    for (const std::string_view known : keys) {
      if (known == key) return known;
    }
  }
  return nearest(name, keys);
}

/// What to write in the place of a key that has no key of its own; an empty text when nobody knows.
/// Each row says which key has to be known here.
std::string meant_line(std::string_view name, const Json& value,
                       const std::vector<std::string_view>& keys) {
  struct Row {
    std::string_view names;
    std::string_view key;
    std::string_view before;
    std::string_view after;
  };
  static constexpr Row rows[] = {
      {" save save-as save_as saveAs store bind as ", "expect",
       "`\"expect\": { \"$save\": ", " }`"},
      {" expect-error expect_error expectError expect-err expect_err error err ", "expect",
       "`\"expect\": { \"err\": ",
       " }` for the error of a result; a trap is `\"expect-trap\": \"…\"`"},
      {" expect-ok expect_ok ok ", "expect", "`\"expect\": { \"ok\": ", " }`"},
      {" approx tolerance epsilon delta ", "expect",
       "`\"expect\": { \"$approx\": 1.5, \"tolerance\": ", " }`"},
      {" tests test case testcases test-cases test_cases testCases suite suites specs ",
       "operations", "`\"cases\": ", "`"},
      {" ref self this resource handle ", "args",
       "`\"args\": [{ \"$ref\": ", " }]`: the resource is the first argument"},
  };
  constexpr std::size_t longest = 200;
  for (const Row& row : rows) {
    if (!row.names.contains(fmt::format(" {} ", name))) continue;
    if (std::ranges::find(keys, row.key) == keys.end()) continue;
    const std::string text = value.dump();
    return fmt::format("write {}{}{}", row.before, text.size() > longest ? "…" : text, row.after);
  }
  const bool of_world = name == "env" || name == "stdin" || name == "files" || name == "clock";
  if (of_world && std::ranges::find(keys, "wasi") != keys.end())
    return fmt::format("write `\"wasi\": {{ \"{}\": … }}`", name);
  if (name == "expect-calls" && std::ranges::find(keys, "expect") != keys.end()) {
    return fmt::format(
        "a mock has it: write `\"mocks\": {{ \"ns:pkg/interface\": {{ \"function\": {{ "
        "\"return\": …, \"expect-calls\": {} }} }} }}`",
        value.dump().size() > longest ? "…" : value.dump());
  }
  if (name == "timeout")
    return fmt::format("a limit is of all: `tenon test --timeout {}`", value.dump());
  if (name == "only" || name == "focus") return "one case alone: `tenon test --filter NAME`";
  return {};
}

}  // namespace

Result<void> known_keys(const Json& object, std::initializer_list<std::string_view> keys) {
  for (const auto& [name, value] : object.members()) {
    bool known = false;
    for (const std::string_view key : keys) known |= key == name;
    if (known) continue;
    const std::vector<std::string_view> all(keys);
    std::string list;
    for (const std::string_view key : keys)
      list += fmt::format("{}`{}`", list.empty() ? "" : ", ", key);
    Error error(rules::case_key, value.span(), fmt::format("`{}`", name));
    if (std::string line = meant_line(name, value, all); !line.empty())
      return std::unexpected(std::move(error).help(std::move(line)));
    const std::string_view near = meant_key(name, all);
    return std::unexpected(std::move(error).help(
        near.empty() ? "the keys here are " + list : fmt::format("did you mean `{}`?", near)));
  }
  return {};
}

namespace {

Error wanted(const Json& json, std::string_view what) {
  return {rules::case_file, json.span(), fmt::format("found {}, wanted {}", json.describe(), what)};
}

Result<std::string> text_of(const Json& json, std::string_view what) {
  if (!json.is_string()) return std::unexpected(wanted(json, what));
  return json.text();
}

Result<std::vector<Json>> array_of(const Json& json, std::string_view what) {
  if (!json.is_array()) return std::unexpected(wanted(json, what));
  return json.items();
}

Result<void> read_expect_calls(const Json& json, Mock& mock) {
  const std::vector<Json> calls =
      TENON_TRY(array_of(json, "an array with the arguments of each call"));
  mock.expect_calls.emplace();
  for (const Json& call : calls) {
    auto next = TENON_TRY(array_of(call, "an array of arguments"));
    mock.expect_calls->push_back(std::move(next));
  }
  return {};
}

Result<Mock> read_mock(const std::string& interface, const std::string& function,
                       const Json& json) {
  if (!json.is_object())
    return std::unexpected(wanted(json, "an object such as { \"return\": 1 }"));
  TENON_TRY(known_keys(json, {"return", "sequence", "trap", "echo", "expect-calls"}));
  Mock mock;
  mock.interface = interface;
  mock.function = function;
  mock.span = json.span();
  int behaviours = 0;
  if (const Json* value = json.find("return")) {
    mock.values = {*value};
    ++behaviours;
  }
  if (const Json* values = json.find("sequence")) {
    mock.kind = Mock::Kind::sequence;
    mock.values = TENON_TRY(array_of(*values, "an array of results"));
    ++behaviours;
  }
  if (const Json* why = json.find("trap")) {
    mock.kind = Mock::Kind::trap;
    mock.reason = TENON_TRY(text_of(*why, "the reason as a string"));
    ++behaviours;
  }
  if (const Json* place = json.find("echo")) {
    const auto number = place->is_number() ? exact_integer(place->text()) : std::nullopt;
    const auto index = number ? to_int<std::uint16_t>(*number) : std::nullopt;
    if (!index || *index > 1000) {
      return std::unexpected(wanted(*place, "the number of an argument, from 0"));
    }
    mock.kind = Mock::Kind::echo;
    mock.echo = *index;
    ++behaviours;
  }
  if (behaviours > 1) {
    return std::unexpected(Error(rules::case_file, json.span(),
                                 "a mock has one of `return`, `sequence`, `trap`, `echo`"));
  }
  if (const Json* calls = json.find("expect-calls")) TENON_TRY(read_expect_calls(*calls, mock));
  return mock;
}

constexpr const char* mocks_help =
    "write `\"mocks\": { \"ns:pkg/interface\": { \"function\": { \"return\": … } } }`";

Result<std::vector<Mock>> read_mocks(const Json& json) {
  if (!json.is_object())
    return std::unexpected(wanted(json, "an object with the mocked interfaces").help(mocks_help));
  std::vector<Mock> out;
  for (const auto& [interface, functions] : json.members()) {
    if (const auto hash = interface.find('#'); hash != std::string::npos) {
      const std::string mock =
          functions.is_object() ? "{ … }" : fmt::format("{{ \"return\": {} }}", functions.dump());
      return std::unexpected(
          wanted(functions, "an interface's name, and below it a function's")
              .help(fmt::format("write `\"mocks\": {{ \"{}\": {{ \"{}\": {} }} }}`",
                                interface.substr(0, hash), interface.substr(hash + 1),
                                mock.size() > 200 ? "{ … }" : mock)));
    }
    if (!functions.is_object())
      return std::unexpected(
          wanted(functions, "an object with the mocked functions").help(mocks_help));
    if (functions.members().empty())
      return std::unexpected(
          wanted(functions,
                 fmt::format("a mock for each function of `{}` that is called", interface))
              .help(mocks_help));
    for (const auto& [function, mock] : functions.members()) {
      auto next = TENON_TRY(read_mock(interface, function, mock));
      out.push_back(std::move(next));
    }
  }
  return out;
}

/// `"args": 1` and `"args": { "a": 1 }`.
Error no_arguments(const Json& json) {
  std::string list;
  if (json.is_object() && json.members().size() == 1 &&
      json.members().front().first.starts_with('$')) {
    list = json.dump();
  } else if (json.is_object()) {
    for (const auto& [name, value] : json.members())
      list += fmt::format("{}{}", list.empty() ? "" : ", ", value.dump());
  } else {
    list = json.dump();
  }
  constexpr std::size_t longest = 200;
  Error error = wanted(json, "an array of arguments");
  if (list.size() > longest) return std::move(error).help("put `[ ]` around the arguments");
  return std::move(error).help(
      fmt::format("write `\"args\": [{}]`{}", list,
                  json.is_object() ? ", in the order of the parameters" : ""));
}

/// The keys that a case and a step share.
Result<Step> read_step(const Json& json) {
  Step step;
  step.span = json.span();
  if (const Json* drop = json.find("drop")) {
    step.kind = Step::Kind::drop;
    step.name = TENON_TRY(text_of(*drop, "the name under which the resource was saved"));
  } else if (const Json* call = json.find("call")) {
    step.name =
        TENON_TRY(text_of(*call, "a function: `interface#function`, or the function alone"));
    step.span = call->span();
  } else {
    return std::unexpected(
        Error(rules::case_file, json.span(), "`call` is missing")
            .help(
                "{ \"name\": …, \"call\": \"interface#function\", \"args\": […], \"expect\": … }"));
  }
  if (const Json* args = json.find("args")) {
    if (!args->is_array()) return std::unexpected(no_arguments(*args));
    step.args = args->items();
  }
  if (const Json* expect = json.find("expect")) step.expect = *expect;
  if (const Json* trap = json.find("expect-trap")) {
    step.expect_trap = TENON_TRY(text_of(*trap, "a part of the trap's message"));
  }
  if (step.expect && step.expect_trap) {
    return std::unexpected(
        Error(rules::case_file, json.span(), "`expect` and `expect-trap` exclude each other"));
  }
  return step;
}

/// Whether a case without `call` runs the program: it says nothing that only calls have.
bool is_program(const Json& json) {
  return json.find("call") == nullptr && json.find("drop") == nullptr &&
         json.find("args") == nullptr && json.find("expect") == nullptr;
}

Result<void> read_steps(const Json& json, const Json* steps, Case& out) {
  if (steps == nullptr) {
    if (is_program(json)) {
      out.program = true;
      if (const Json* trap = json.find("expect-trap"))
        out.expect_trap = TENON_TRY(text_of(*trap, "a part of the trap's message"));
      return {};
    }
    auto next = TENON_TRY(read_step(json));
    out.steps.push_back(std::move(next));
    return {};
  }
  if (json.find("call") != nullptr || json.find("expect") != nullptr) {
    return std::unexpected(Error(rules::case_file, json.span(),
                                 "a case has `steps` or a `call` of its own, not both"));
  }
  const std::vector<Json> items = TENON_TRY(array_of(*steps, "an array of steps"));
  if (items.empty()) return std::unexpected(wanted(*steps, "at least one step"));
  for (const Json& item : items) {
    if (!item.is_object()) return std::unexpected(wanted(item, "a step: an object"));
    TENON_TRY(
        known_keys(item, {"name", "call", "args", "expect", "expect-trap", "drop", "description"}));
    auto next = TENON_TRY(read_step(item));
    out.steps.push_back(std::move(next));
  }
  return {};
}

Result<Case> read_case(const Json& json, std::size_t number, const World* outer) {
  if (!json.is_object())
    return std::unexpected(
        wanted(json, "a case: an object")
            .help("write `{ \"call\": \"interface#function\", \"args\": […], \"expect\": … }`"));
  TENON_TRY(known_keys(json, {"name", "call", "args", "expect", "expect-trap", "steps", "drop",
                              "mocks", "skip", "description", "wasi", "expect-stdout",
                              "expect-stderr", "expect-files", "expect-exit-code"}));
  Case out;
  out.span = json.span();
  out.name = fmt::format("case {}", number);
  if (const Json* name = json.find("name"))
    out.name = TENON_TRY(text_of(*name, "the case's name as a string"));
  if (const Json* skip = json.find("skip"))
    out.skip = TENON_TRY(text_of(*skip, "the reason as a string"));
  if (const Json* mocks = json.find("mocks")) out.mocks = TENON_TRY(read_mocks(*mocks));
  TENON_TRY(read_steps(json, json.find("steps"), out));
  out.output = TENON_TRY(read_output(json));
  if (const Json* wasi = json.find("wasi")) {
    out.world = TENON_TRY(read_world(*wasi, outer));
  } else if (outer != nullptr) {
    out.world = *outer;
  } else if (out.program || out.output.out || out.output.err || !out.output.files.empty()) {
    out.world.emplace();
  }
  return out;
}

/// Operations of wasi-testsuite that need no network, as the case that they amount to.
Result<void> read_operations(const Json& json, Case& out) {
  const std::vector<Json> items = TENON_TRY(array_of(json, "an array of operations"));
  for (const Json& item : items) {
    const Json* type = item.find("type");
    const std::string kind = type != nullptr && type->is_string() ? type->text() : std::string();
    if (kind == "run") {
      Json members = item;
      auto& list = members.members();
      std::erase_if(list, [](const auto& m) { return m.first != "args" && m.first != "env"; });
      World world = TENON_TRY(read_world(members, nullptr));
      world.has_root = false;
      if (const Json* root = item.find("root"); root != nullptr && !root->is_null()) {
        world.root = TENON_TRY(text_of(*root, "a directory as a string"));
        world.has_root = true;
      }
      out.world = std::move(world);
    } else if (kind == "wait") {
      if (const Json* code = item.find("exit_code")) {
        const Json made = Json::object({{"expect-exit-code", *code}});
        const Output output = TENON_TRY(read_output(made));
        out.output.exit_code = output.exit_code;
      }
    } else if (kind == "read") {
      const Json* id = item.find("id");
      const Json* payload = item.find("payload");
      const Json text = payload != nullptr ? *payload : Json::string("");
      (id != nullptr && id->is_string() && id->text() == "stderr" ? out.output.err
                                                                  : out.output.out) = text;
    } else {
      out.skip = fmt::format("the operation `{}` is not there", kind);
    }
  }
  return {};
}

/// One of wasi-testsuite's specifications. Spec: wasi-testsuite doc/specification.md
Result<Case> read_specification(const Json& json, const std::string& name) {
  TENON_TRY(known_keys(json, {"args", "env", "root", "dirs", "exit_code", "stdout", "stderr",
                              "operations", "proposals"}));
  Case out;
  out.span = json.span();
  out.name = name;
  out.program = true;
  out.world.emplace().has_root = false;
  if (const Json* operations = json.find("operations")) {
    TENON_TRY(read_operations(*operations, out));
    return out;
  }
  std::vector<Json::Member> run = {{"type", Json::string("run")}};
  for (const char* key : {"args", "env", "root"}) {
    if (const Json* value = json.find(key)) run.emplace_back(key, *value);
  }
  std::vector<Json> operations = {Json::object(std::move(run))};
  for (const char* key : {"stdout", "stderr"}) {
    const Json* value = json.find(key);
    if (value == nullptr) continue;
    operations.push_back(Json::object(
        {{"type", Json::string("read")}, {"id", Json::string(key)}, {"payload", *value}}));
  }
  std::vector<Json::Member> wait = {{"type", Json::string("wait")}};
  if (const Json* code = json.find("exit_code")) wait.emplace_back("exit_code", *code);
  operations.push_back(Json::object(std::move(wait)));
  TENON_TRY(read_operations(Json::array(std::move(operations)), out));
  return out;
}

}  // namespace

Result<CaseFile> parse_cases(std::string_view text, std::uint32_t source, const std::string& name) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return std::unexpected(
        Error(rules::case_file, Span{source, 0, 0}, "found an empty file, wanted an array of cases")
            .help("`tenon test --generate COMPONENT.wasm` prints cases to begin with"));
  const Json json = TENON_TRY(Json::parse(text, source));
  CaseFile out;
  std::optional<World> world;
  const Json* cases = &json;
  if (json.is_object()) {
    if (json.find("call") != nullptr || json.find("steps") != nullptr) {
      return std::unexpected(
          Error(rules::case_file,
                Span{json.span().source, json.span().begin, json.span().begin + 1},
                "found one case, wanted an array of cases")
              .help("put `[` before it and `]` behind it"));
    }
    cases = json.find("cases");
    if (cases == nullptr) {
      if (json.find("mocks") != nullptr || json.find("wasi") != nullptr) {
        return std::unexpected(Error(rules::case_file, json.span(),
                                     "found an object without `cases`, wanted an array of cases"));
      }
      auto one = TENON_TRY(read_specification(json, name));
      out.cases.push_back(std::move(one));
      return out;
    }
    TENON_TRY(known_keys(json, {"cases", "mocks", "wasi", "description"}));
    if (const Json* wasi = json.find("wasi")) world = TENON_TRY(read_world(*wasi, nullptr));
    if (const Json* mocks = json.find("mocks")) out.mocks = TENON_TRY(read_mocks(*mocks));
  }
  const std::vector<Json> items = TENON_TRY(array_of(*cases, "an array of cases"));
  for (const Json& item : items) {
    auto next = TENON_TRY(read_case(item, out.cases.size() + 1, world ? &*world : nullptr));
    out.cases.push_back(std::move(next));
  }
  return out;
}

Result<std::vector<Mock>> parse_mocks(std::string_view text, std::uint32_t source) {
  const Json json = TENON_TRY(Json::parse(text, source));
  const Json* mocks = json.is_object() ? json.find("mocks") : nullptr;
  if (mocks == nullptr) {
    return std::unexpected(
        Error(rules::case_file, json.span(), "found no object with `mocks`")
            .help(R"({ "mocks": { "ns:pkg/iface": { "func": { "return": 1 } } } })"));
  }
  TENON_TRY(known_keys(json, {"cases", "mocks", "wasi", "description"}));
  return read_mocks(*mocks);
}

}  // namespace tenon::testing
