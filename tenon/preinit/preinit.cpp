// SPDX-License-Identifier: Apache-2.0
#include "tenon/preinit/preinit.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/base/safe_text.h"
#include "tenon/component/decode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/rules.h"
#include "tenon/preinit/run.h"

namespace tenon::preinit {

void count(Report& report, const InstancePlan& plan) {
  for (const NewData& d : plan.data) report.data_bytes += d.bytes.size();
  report.data_segments += plan.data.size();
  for (const NewElems& e : plan.elems) report.elements += e.refs.size();
}

std::string listed(std::span<const std::string> names) {
  constexpr std::size_t most = 20;
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == most) return out + fmt::format(" and {} more", names.size() - most);
    if (i != 0) out += i + 1 == names.size() ? " and " : ", ";
    out += fmt::format("`{}`", visible(names[i]));
  }
  return out;
}

Error not_found(const std::string& name, std::span<const std::string> names) {
  Error error(rules::function, Span::none(), fmt::format("`{}`", visible(name)));
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const std::string_view near = nearest(name, views); !near.empty())
    return std::move(error).help(fmt::format("did you mean `--init-func {}`?", visible(near)));
  if (names.empty()) return std::move(error).help("there is no function without parameters");
  return std::move(error).help("there are " + listed(names));
}

std::string folded(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '-', '_');
  return out;
}

bool has_run(std::span<const std::string> marker, std::string_view name) {
  return std::ranges::any_of(marker,
                             [&](const std::string& ran) { return folded(ran) == folded(name); });
}

namespace {

Result<void> check(ByteSpan bytes, const core::Features& features) {
  if (core::is_component(bytes)) {
    auto component = TENON_TRY(component::decode(Blob::borrow(bytes), features));
    TENON_TRY(component::validate(std::move(component), features));
  } else {
    auto module = TENON_TRY(core::decode(Blob::borrow(bytes), features));
    TENON_TRY(core::validate(std::move(module), features));
  }
  return {};
}

}  // namespace

Result<Output> finish(ByteSpan input, std::optional<std::vector<std::uint8_t>> bytes,
                      const Options& options, Report report) {
  Output out;
  std::vector<std::string> done = read_marker(input);
  bool marked = false;
  for (const std::string& func : report.funcs) {
    if (options.keep_init_func || has_run(done, func)) continue;
    done.push_back(func);
    marked = true;
  }
  if (!bytes) bytes.emplace(input.begin(), input.end());
  out.bytes = marked ? with_marker(*bytes, done) : *std::move(bytes);
  if (const auto valid = check(out.bytes, options.features); !valid) {
    return std::unexpected(Error(rules::shape, Span::none(), valid.error().text())
                               .help("this is a fault of tenon's: please report it"));
  }
  out.report = std::move(report);
  out.report.bytes_before = input.size();
  out.report.bytes_after = out.bytes.size();
  return out;
}

Result<Measured> measure(ByteSpan input, const Output& output, const Options& options,
                         const std::string& first, std::uint32_t times) {
  Measured out;
  Options with = options;
  with.funcs = output.report.funcs;
  Options without = options;
  without.funcs.clear();
  const auto start = core::is_component(input) ? start_component : start_module;
  for (std::uint32_t i = 0; i < times; ++i) {
    Times before;
    Times after;
    TENON_TRY(start(input, with, first, before));
    TENON_TRY(start(output.bytes, without, first, after));
    const auto keep = [i](Times& least, const Times& one) {
      least.start = i == 0 ? one.start : std::min(least.start, one.start);
      least.first_call = i == 0 ? one.first_call : std::min(least.first_call, one.first_call);
    };
    keep(out.before, before);
    keep(out.after, after);
  }
  return out;
}

Result<Output> preinit(ByteSpan input, const Options& options) {
  return core::is_component(input) ? preinit_component(input, options)
                                   : preinit_module(input, options);
}

}  // namespace tenon::preinit
