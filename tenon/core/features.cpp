// SPDX-License-Identifier: Apache-2.0
// A list is applied from left to right: a set replaces everything before it, a name opens or closes
// one gate. Features of other tools that have no gate here are known by name, so that the error
// says why.
#include "tenon/core/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

constexpr std::string_view gate_texts[] = {
#define TENON_GATE(name, text, set) text,
#include "tenon/core/gates.def"
#undef TENON_GATE
};
constexpr auto set_texts =
    std::to_array<std::string_view>({"all", "default", "mvp", "wasm1", "wasm2", "wasm3", "lime1"});

/// A feature that is known and has no gate.
struct NoGate {
  std::string_view text;
  std::string_view what;
};
constexpr NoGate no_gates[] = {
#define TENON_GATE(name, text, set)
#define TENON_NO_GATE(text, what) {text, what},
#include "tenon/core/gates.def"
#undef TENON_GATE
};

std::optional<Features> find_set(std::string_view name, Features base) {
  if (name == "all") return Features::all();
  if (name == "default") return base;
  if (name == "mvp") return Features::mvp();
  if (name == "wasm1") return Features::wasm1();
  if (name == "wasm2") return Features::wasm2();
  if (name == "wasm3") return Features::wasm3();
  if (name == "lime1") return Features::lime1();
  return std::nullopt;
}

std::optional<Gate> find_gate(std::string_view name) {
  for (std::size_t i = 1; i < std::size(gate_texts); ++i) {
    if (gate_texts[i] == name) return static_cast<Gate>(i);
  }
  return std::nullopt;
}

Error unknown(std::string_view name) {
  std::string valid = "valid names: ";
  bool first = true;
  for (const std::string_view n : Features::names()) {
    if (!first) valid += ", ";
    first = false;
    valid += n;
  }
  Error error(rules::feature_name, Span::none(), "`" + std::string(name) + "`");
  return std::move(error).help(std::move(valid));
}

}  // namespace

std::string_view to_string(Gate gate) {
  return gate_texts[static_cast<unsigned>(gate)];
}

std::vector<std::string_view> Features::names() {
  std::vector<std::string_view> out(set_texts.begin(), set_texts.end());
  for (const std::string_view text : gate_texts) {
    if (text != gate_texts[0]) out.push_back(text);
  }
  return out;
}

std::vector<std::string_view> Features::unsupported_names() {
  std::vector<std::string_view> out;
  for (const NoGate& row : no_gates) out.push_back(row.text);
  return out;
}

namespace {

/// One item of a list, without the spaces around it.
Result<void> apply(std::string_view item, Features base, Features& out) {
  const bool on = item.front() != '-';
  std::string name(on ? item : item.substr(1));
  std::ranges::replace(name, '_', '-');
  if (const auto set = find_set(name, base)) {
    if (!on && name != "all") {
      Error error(rules::feature_name, Span::none(), fmt::format("`{}`", item));
      return std::unexpected(std::move(error).help(fmt::format(
          "`{}` is a set, which can be opened and not closed; close features by name", name)));
    }
    out = on ? *set : Features::none();
    return {};
  }
  if (const auto gate = find_gate(name)) {
    on ? out.enable(*gate) : out.disable(*gate);
    return {};
  }
  const auto* const row = std::ranges::find(no_gates, name, &NoGate::text);
  if (row == std::end(no_gates)) return std::unexpected(unknown(item));
  if (!on) return {};
  Error error(rules::feature_unsupported, Span::none(), fmt::format("`{}`; {}", name, row->what));
  return std::unexpected(std::move(error).help(fmt::format("leave `{}` out", name)));
}

}  // namespace

Result<Features> Features::parse(std::string_view list, Features base) {
  Features out = base;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) TENON_TRY(apply(item, base, out));
  }
  return out;
}

}  // namespace tenon::core
