// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/cases.h"

#include <fmt/format.h>

#include <initializer_list>

#include "tenon/base/nearest.h"
#include "tenon/base/number.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

Error wanted(const Json& json, std::string_view what) {
  return {rules::case_file, json.span(), fmt::format("found {}, wanted {}", json.describe(), what)};
}

/// Refuses keys that no reader below takes.
Result<void> known_keys(const Json& object, std::initializer_list<std::string_view> keys) {
  for (const auto& [name, value] : object.members()) {
    bool known = false;
    for (const std::string_view key : keys) known |= key == name;
    if (known) continue;
    const std::vector<std::string_view> all(keys);
    std::string list;
    for (const std::string_view key : keys)
      list += fmt::format("{}`{}`", list.empty() ? "" : ", ", key);
    const std::string_view near = nearest(name, all);
    return std::unexpected(Error(rules::case_key, value.span(), fmt::format("`{}`", name))
                               .help(near.empty() ? "the keys here are " + list
                                                  : fmt::format("did you mean `{}`?", near)));
  }
  return {};
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

Result<std::vector<Mock>> read_mocks(const Json& json) {
  if (!json.is_object())
    return std::unexpected(wanted(json, "an object with the mocked interfaces"));
  std::vector<Mock> out;
  for (const auto& [interface, functions] : json.members()) {
    if (!functions.is_object())
      return std::unexpected(wanted(functions, "an object with the mocked functions"));
    for (const auto& [function, mock] : functions.members()) {
      auto next = TENON_TRY(read_mock(interface, function, mock));
      out.push_back(std::move(next));
    }
  }
  return out;
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
  if (const Json* args = json.find("args"))
    step.args = TENON_TRY(array_of(*args, "an array of arguments"));
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

Result<Case> read_case(const Json& json, std::size_t number) {
  if (!json.is_object()) return std::unexpected(wanted(json, "a case: an object"));
  TENON_TRY(known_keys(json, {"name", "call", "args", "expect", "expect-trap", "steps", "drop",
                              "mocks", "skip", "description"}));
  Case out;
  out.span = json.span();
  out.name = fmt::format("case {}", number);
  if (const Json* name = json.find("name"))
    out.name = TENON_TRY(text_of(*name, "the case's name as a string"));
  if (const Json* skip = json.find("skip"))
    out.skip = TENON_TRY(text_of(*skip, "the reason as a string"));
  if (const Json* mocks = json.find("mocks")) out.mocks = TENON_TRY(read_mocks(*mocks));
  const Json* steps = json.find("steps");
  if (steps == nullptr) {
    auto next = TENON_TRY(read_step(json));
    out.steps.push_back(std::move(next));
    return out;
  }
  if (json.find("call") != nullptr || json.find("expect") != nullptr) {
    return std::unexpected(Error(rules::case_file, json.span(),
                                 "a case has `steps` or a `call` of its own, not both"));
  }
  const std::vector<Json> items = TENON_TRY(array_of(*steps, "an array of steps"));
  for (const Json& item : items) {
    if (!item.is_object()) return std::unexpected(wanted(item, "a step: an object"));
    TENON_TRY(
        known_keys(item, {"name", "call", "args", "expect", "expect-trap", "drop", "description"}));
    auto next = TENON_TRY(read_step(item));
    out.steps.push_back(std::move(next));
  }
  return out;
}

}  // namespace

Result<CaseFile> parse_cases(std::string_view text, std::uint32_t source) {
  const Json json = TENON_TRY(Json::parse(text, source));
  CaseFile out;
  const Json* cases = &json;
  if (json.is_object()) {
    if (json.find("call") != nullptr || json.find("steps") != nullptr) {
      return std::unexpected(
          Error(rules::case_file,
                Span{json.span().source, json.span().begin, json.span().begin + 1},
                "found one case, wanted an array of cases")
              .help("put `[` before it and `]` behind it"));
    }
    TENON_TRY(known_keys(json, {"cases", "mocks", "wasi", "description"}));
    if (const Json* wasi = json.find("wasi");
        wasi != nullptr && !(wasi->is_object() && wasi->members().empty())) {
      return std::unexpected(
          Error(rules::case_file, wasi->span(), "`wasi` is not there yet")
              .help("mock the WASI functions that the component calls under `mocks`"));
    }
    if (const Json* mocks = json.find("mocks")) out.mocks = TENON_TRY(read_mocks(*mocks));
    cases = json.find("cases");
    if (cases == nullptr) {
      return std::unexpected(Error(rules::case_file, json.span(),
                                   "found an object without `cases`, wanted an array of cases"));
    }
  }
  const std::vector<Json> items = TENON_TRY(array_of(*cases, "an array of cases"));
  for (const Json& item : items) {
    auto next = TENON_TRY(read_case(item, out.cases.size() + 1));
    out.cases.push_back(std::move(next));
  }
  return out;
}

}  // namespace tenon::testing
