// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/cli/command.h"
#include "tenon/cli/function_sizes.h"
#include "tenon/cli/input.h"
#include "tenon/cli/interface_of.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/sections.h"

namespace tenon::cli {
namespace {

/// What a section's bytes are there for.
std::string_view cause_of(const Section& section) {
  if (!section.is_custom()) {
    if (section.in_component) return "component definitions";
    if (section.id == 10) return "code";
    if (section.id == 11) return "data";
    return "types, imports, exports, tables";
  }
  const std::string_view name = section.custom_name;
  if (name == "name" || name == "component-name") return "names";
  if (name.starts_with(".debug_") || name == "sourceMappingURL" || name == "external_debug_info") {
    return "debugging information";
  }
  if (name == "producers") return "producers";
  if (name.starts_with("component-type")) return "WIT";
  return "other custom sections";
}

/// Bytes by cause. The sections that hold whole binaries count only for what is their own.
std::vector<std::pair<std::string_view, std::size_t>> sizes_by_cause(
    const std::vector<Section>& sections, std::size_t total) {
  std::map<std::string_view, std::size_t> sums;
  std::size_t known = 0;
  for (const Section& section : sections) {
    if (section.is_core_module() || section.is_component()) continue;
    sums[cause_of(section)] += section.whole.size();
    known += section.whole.size();
  }
  sums["preambles and section headers"] += total - known;
  std::vector<std::pair<std::string_view, std::size_t>> out(sums.begin(), sums.end());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return out;
}

std::vector<Producer> producers_of(const Input& input, const std::vector<Section>& sections) {
  std::vector<Producer> out;
  std::set<std::array<std::string_view, 3>> known;
  for (const Section& section : sections) {
    if (!section.is_custom() || section.custom_name != "producers") continue;
    // A custom section that is not what its name promises is no fault of the binary.
    const auto read = read_producers(input.bytes, section, input.source);
    if (!read) continue;
    for (const Producer& producer : *read) {
      if (known.insert({producer.field, producer.name, producer.version}).second)
        out.push_back(producer);
    }
  }
  return out;
}

double percent(std::size_t part, std::size_t total) {
  return total == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(total);
}

std::string title(const Section& section) {
  if (section.is_custom()) return fmt::format("custom `{}`", visible(section.custom_name));
  return std::string(kind_name(section));
}

void append_items(std::string& out, std::string_view heading,
                  const std::vector<InterfaceItem>& items) {
  out += fmt::format("\n{}\n", heading);
  if (items.empty()) out += "  none\n";
  std::vector<std::string> names;
  std::size_t width = 0;
  for (const InterfaceItem& item : items) {
    names.push_back(visible(item.name));
    width = std::max(width, std::min<std::size_t>(names.back().size(), 48));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += fmt::format("  {:<{}}  {}\n", names[i], width, visible(items[i].type));
  }
}

Json number(std::size_t value) {
  return Json::number(static_cast<std::int64_t>(value));
}

/// The largest functions; `all` is how many there are.
void append_functions(std::string& out, const std::vector<FunctionSize>& functions, std::size_t all,
                      std::size_t total) {
  if (functions.empty()) return;
  out += fmt::format("\n{:<35}{:>8}{:>8}\n",
                     functions.size() == all
                         ? std::string("functions by size")
                         : fmt::format("the {} largest of {} functions", functions.size(), all),
                     "bytes", "%");
  for (const FunctionSize& f : functions) {
    const std::string name =
        f.name.empty() ? fmt::format("function {}", f.index) : fmt::format("`{}`", visible(f.name));
    const std::string module =
        f.module == 0 ? std::string() : fmt::format(" of core module {}", f.module);
    out += fmt::format("  {:<32}{:>9}{:>8.1f}\n", name + module, f.bytes, percent(f.bytes, total));
  }
}

Json functions_json(const std::vector<FunctionSize>& functions) {
  std::vector<Json> out;
  for (const FunctionSize& f : functions) {
    std::vector<Json::Member> row = {
        {"module", number(f.module)}, {"index", number(f.index)}, {"bytes", number(f.bytes)}};
    if (!f.name.empty()) row.emplace_back("name", Json::string(f.name));
    out.push_back(Json::object(std::move(row)));
  }
  return Json::array(std::move(out));
}

/// What there is to show.
struct Shown {
  Interface interface;
  std::vector<Section> sections;
  /// The largest ones, and how many there are.
  std::vector<FunctionSize> functions;
  std::size_t all_functions = 0;
};

std::string as_text(const Input& input, const Shown& shown) {
  const Interface& interface = shown.interface;
  const std::vector<Section>& sections = shown.sections;
  const std::size_t total = input.bytes.size();
  std::string out =
      fmt::format("{}: {}, {} bytes\n", visible(input.name), to_string(input.kind), total);
  append_items(out, "imports", interface.imports);
  append_items(out, "exports", interface.exports);
  out += "\nsizes by cause                       bytes       %\n";
  for (const auto& [cause, size] : sizes_by_cause(sections, total)) {
    out += fmt::format("  {:<32}{:>9}{:>8.1f}\n", cause, size, percent(size, total));
  }
  out += "\nsections                            offset     bytes       %\n";
  for (const Section& section : sections) {
    const std::string name =
        std::string(2 * static_cast<std::size_t>(section.depth), ' ') + title(section);
    out += fmt::format("  {:<32}{:>#8x}{:>10}{:>8.1f}\n", name, section.whole.begin,
                       section.content.size(), percent(section.whole.size(), total));
  }
  append_functions(out, shown.functions, shown.all_functions, total);
  const auto producers = producers_of(input, sections);
  out += "\nproducers\n";
  if (producers.empty()) out += "  none\n";
  for (const Producer& producer : producers) {
    out += fmt::format("  {:<14}{} {}\n", visible(producer.field), visible(producer.name),
                       visible(producer.version));
  }
  return out;
}

Json items_json(const std::vector<InterfaceItem>& items) {
  std::vector<Json> out;
  for (const InterfaceItem& item : items) {
    out.push_back(
        Json::object({{"name", Json::string(item.name)}, {"type", Json::string(item.type)}}));
  }
  return Json::array(std::move(out));
}

std::string as_json(const Input& input, const Shown& shown) {
  const Interface& interface = shown.interface;
  const std::vector<Section>& sections = shown.sections;
  std::vector<Json::Member> causes;
  for (const auto& [cause, size] : sizes_by_cause(sections, input.bytes.size())) {
    causes.emplace_back(std::string(cause), number(size));
  }
  std::vector<Json> rows;
  for (const Section& section : sections) {
    std::vector<Json::Member> row = {{"kind", Json::string(std::string(kind_name(section)))},
                                     {"depth", number(section.depth)},
                                     {"offset", number(section.whole.begin)},
                                     {"bytes", number(section.content.size())}};
    if (section.is_custom())
      row.emplace_back("name", Json::string(std::string(section.custom_name)));
    rows.push_back(Json::object(std::move(row)));
  }
  std::vector<Json> producers;
  for (const Producer& producer : producers_of(input, sections)) {
    producers.push_back(Json::object({{"field", Json::string(std::string(producer.field))},
                                      {"name", Json::string(std::string(producer.name))},
                                      {"version", Json::string(std::string(producer.version))}}));
  }
  return Json::object({{"name", Json::string(input.name)},
                       {"kind", Json::string(input.is_component() ? "component" : "module")},
                       {"bytes", number(input.bytes.size())},
                       {"imports", items_json(interface.imports)},
                       {"exports", items_json(interface.exports)},
                       {"sizes", Json::object(std::move(causes))},
                       {"sections", Json::array(std::move(rows))},
                       {"functions", functions_json(shown.functions)},
                       {"producers", Json::array(std::move(producers))}})
             .dump(2) +
         "\n";
}

constexpr Option options[] = {
    {"functions", 0, "N", "how many of the largest functions to list (default: 10; JSON: all)", {}},
};

int run(Context& context, const Args& args) {
  const auto wanted = args.number("functions");
  if (!wanted) return context.report(wanted.error());
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  if (auto made = make_binary(context, *input); !made) return context.report(made.error());
  auto sections = read_sections(input->bytes, input->source);
  if (!sections) return context.report(sections.error());
  auto interface = interface_of(*input);
  if (!interface) return context.report(interface.error());
  Shown shown{std::move(*interface), std::move(*sections), {}, 0};
  shown.functions = function_sizes(*input, shown.sections);
  shown.all_functions = shown.functions.size();
  // A table is read by people: it has the largest alone.
  constexpr std::size_t largest = 10;
  const std::size_t most = *wanted        ? static_cast<std::size_t>(**wanted)
                           : context.json ? shown.all_functions
                                          : largest;
  if (shown.functions.size() > most) shown.functions.resize(most);
  return write_text(context, std::nullopt,
                    context.json ? as_json(*input, shown) : as_text(*input, shown));
}

}  // namespace

constinit const Verb verbs::inspect{
    .name = "inspect",
    .usage = "[INPUT]",
    .summary = "what a binary imports and exports, where its bytes go, who made it",
    .options = options,
    .max_inputs = 1,
    .takes = "@wasm",
    .run = run};

}  // namespace tenon::cli
