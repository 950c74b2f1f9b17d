// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/features.h"

#include <array>

#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

constexpr std::string_view gate_texts[] = {
#define TENON_GATE(name, text, set) text,
#include "tenon/core/gates.def"
#undef TENON_GATE
};
constexpr std::array<std::string_view, 6> set_texts = {"all",   "default", "mvp",
                                                       "wasm1", "wasm2",   "wasm3"};

bool apply_set(std::string_view name, bool on, Features base, Features& out) {
  Features set;
  if (name == "all") {
    set = Features::all();
  } else if (name == "default") {
    set = base;
  } else if (name == "mvp") {
    set = Features::mvp();
  } else if (name == "wasm1") {
    set = Features::wasm1();
  } else if (name == "wasm2") {
    set = Features::wasm2();
  } else if (name == "wasm3") {
    set = Features::wasm3();
  } else {
    return false;
  }
  out = on ? set : Features::none();
  return true;
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

Result<Features> Features::parse(std::string_view list, Features base) {
  Features out = base;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item.empty()) continue;
    const bool on = item.front() != '-';
    std::string name(on ? item : item.substr(1));
    for (char& c : name) {
      if (c == '_') c = '-';
    }
    if (apply_set(name, on, base, out)) continue;
    bool found = false;
    for (std::size_t i = 1; i < std::size(gate_texts); ++i) {
      if (gate_texts[i] != name) continue;
      found = true;
      const Gate gate = static_cast<Gate>(i);
      on ? out.enable(gate) : out.disable(gate);
    }
    if (!found) return std::unexpected(unknown(item));
  }
  return out;
}

}  // namespace tenon::core
