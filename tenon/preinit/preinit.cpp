// SPDX-License-Identifier: Apache-2.0
// What modules and components have in common: finding functions, helps for failures in the words of
// whoever runs it (`Wording`), and the last step, which validates the result, since a fault of the
// rewriting must not reach the user's file.
#include "tenon/preinit/preinit.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/nearest.h"
#include "tenon/base/safe_text.h"
#include "tenon/component/decode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/validate.h"
#include "tenon/engine/rules.h"
#include "tenon/preinit/marker.h"
#include "tenon/preinit/names.h"
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

Error not_found(const std::string& name, std::span<const std::string> names,
                const Wording& wording) {
  Error error(rules::function, Span::none(), fmt::format("`{}`", visible(name)));
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const std::string_view near = nearest(name, views); !near.empty())
    return std::move(error).help(
        fmt::format("did you mean `{}{}`?", wording.init_func, visible(near)));
  if (names.empty()) return std::move(error).help("there is no function without parameters");
  return std::move(error).help("there are " + listed(names));
}

Error takes_nothing(const std::string& call, const std::string& name) {
  return Error(rules::function, Span::none(),
               fmt::format("`{}`: `{}` is a core export, which takes no arguments here",
                           visible(call), visible(name)))
      .help(fmt::format("a core function that initialises has neither parameters nor results; only "
                        "exports of a component are called with arguments"));
}

bool has_run(std::span<const std::string> marker, std::string_view name) {
  return std::ranges::any_of(marker, [&](const std::string& mark) {
    const std::string_view ran = std::string_view(mark).substr(0, mark.find('('));
    return is_spelling(ran, name) || is_export(ran, name);
  });
}

Error helped(Error error, const Failing& failing, const Options& options) {
  const Wording& words = options.wording;
  const engine::Trap* trap = failing.trap;
  if (trap == nullptr) {
    if (!failing.memory_refused || error.rule() != engine::rules::engine_limit) return error;
    return std::move(error).help(fmt::format("{} allows more", words.max_memory));
  }
  if (const std::string_view name = trap->missing_import(); !name.empty()) {
    if ((name.starts_with("wasi:") || name.starts_with("wasi_")) && !options.allow_wasi)
      return std::move(error).help(fmt::format(
          "{} provides it: arguments, environment, clocks that stand still, output that "
          "is discarded; {} a folder",
          words.allow_wasi, words.dir));
    if (failing.of_module)
      return std::move(error).help(
          fmt::format("`--link {}=FILE` provides it", visible(name.substr(0, name.find('#')))));
    return std::move(error).help(fmt::format("{} provides it", words.mocks));
  }
  if (trap->code() == engine::TrapCode::interrupted && !words.too_long.empty())
    return std::move(error).help(words.too_long);
  if (trap->limit() == "memory_bytes")
    return std::move(error).help(fmt::format("{} allows more", words.max_memory));
  if (failing.is_second && trap->code() == engine::TrapCode::unreachable)
    return std::move(error).help(
        "if it calls an import that an earlier initialisation removed: give `--keep-imports` to "
        "that one, or both functions to one command");
  return error;
}

Result<void> check_growth(engine::Store& store, const Options& options, const std::string& what) {
  if (!store.context().growth_refused) return {};
  constexpr double mib = 1U << 20U;
  return std::unexpected(Error(rules::memory, Span::none(),
                               fmt::format("{} wanted more than {:.6g} MiB", what,
                                           static_cast<double>(options.max_memory) / mib))
                             .help(fmt::format("{} allows more", options.wording.max_memory)));
}

std::string no_folders(bool is_command, const Wording& wording) {
  return fmt::format(
      "the initialisation read which folders it is granted, and found none: {}, and opens no file "
      "at run time either; {} names the folders that it is to find",
      is_command ? "a C library that does not look again when the program starts remembers that"
                 : "a C library looks no second time",
      wording.dir);
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
                      const Options& options, Report report, std::span<const std::string> marks) {
  Output out;
  std::vector<std::string> done = read_marker(input);
  bool marked = false;
  for (const std::string& mark : marks) {
    if (std::ranges::find(done, mark) != done.end()) continue;
    done.push_back(mark);
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
  const auto start = core::is_component(input) ? start_component : start_module;
  for (std::uint32_t i = 0; i < times; ++i) {
    Times before;
    Times after;
    TENON_TRY(start(input, options, true, first, before));
    TENON_TRY(start(output.bytes, options, false, first, after));
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
