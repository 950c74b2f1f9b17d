// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "tenon/base/file.h"
#include "tenon/base/number.h"
#include "tenon/base/safe_text.h"
#include "tenon/runtime/json.h"
#include "tenon/testing/case_keys.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

Error wanted(const Json& json, std::string_view what) {
  return {rules::case_file, json.span(), fmt::format("found {}, wanted {}", json.describe(), what)};
}

/// Puts what is named in place of an item of that name.
template <class T>
void put(std::vector<std::pair<std::string, T>>& to, const std::string& name, T value) {
  const auto at = std::ranges::find(to, name, &std::pair<std::string, T>::first);
  if (at != to.end()) {
    at->second = std::move(value);
  } else {
    to.emplace_back(name, std::move(value));
  }
}

Result<void> read_texts(const Json& json, World& out) {
  if (const Json* args = json.find("args")) {
    if (!args->is_array()) return std::unexpected(wanted(*args, "an array of arguments"));
    out.args.emplace();
    for (const Json& arg : args->items()) {
      if (!arg.is_string()) return std::unexpected(wanted(arg, "an argument as a string"));
      out.args->push_back(arg.text());
    }
  }
  if (const Json* env = json.find("env")) {
    if (!env->is_object()) return std::unexpected(wanted(*env, "an object of variables"));
    for (const auto& [name, value] : env->members()) {
      if (!value.is_string()) return std::unexpected(wanted(value, "a variable as a string"));
      put(out.env, name, value.text());
    }
  }
  return {};
}

/// A string, `{ "$base64" }` or `{ "$file" }`.
Result<std::string> bytes_of(const Json& json, const FileReader& files) {
  if (json.is_string()) return json.text();
  if (json.is_object() && json.members().size() == 1) {
    const auto& [word, content] = json.members().front();
    if (word == "$base64" && content.is_string()) {
      if (const auto bytes = runtime::base64_decode(content.text()))
        return std::string(as_text(*bytes));
      return std::unexpected(wanted(content, "base64 text"));
    }
    if (word == "$file" && content.is_string()) {
      const auto bytes = TENON_TRY(read_named(content, files));
      return std::string(as_text(bytes));
    }
  }
  return std::unexpected(wanted(json, "a string, { \"$base64\": … } or { \"$file\": … }"));
}

/// A number of so many digits at the front of `text`, which it leaves.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int out = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + digits, out);
  if (bad != std::errc() || end != text.data() + digits || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return out;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// `.5`, as nanoseconds.
std::uint32_t take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::uint32_t out = 0;
  std::uint32_t unit = 100'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    out += static_cast<std::uint32_t>(text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return out;
}

/// Copies a directory of the host's, without recursion; links to files stay out.
wasi::IoResult<void> copy_folder(const wasi::DescriptorPtr& from, wasi::MemoryFileSystem& to) {
  std::vector<std::string> left{""};
  while (!left.empty()) {
    const std::string path = std::move(left.back());
    left.pop_back();
    wasi::DescriptorFlags flags;
    flags.read = true;
    auto folder = path.empty() ? from : from->open_at(path, false, {}, flags).value_or(nullptr);
    if (folder == nullptr) return wasi::fail(wasi::ErrorCode::no_entry);
    auto walk = folder->list();
    if (!walk) return wasi::fail(walk.error());
    while (true) {
      auto entry = (*walk)->next();
      if (!entry) return wasi::fail(entry.error());
      if (!*entry) break;
      const std::string name = path.empty() ? (*entry)->name : path + '/' + (*entry)->name;
      if ((*entry)->type == wasi::FileType::directory) {
        if (auto made = to.put_directory(name); !made) return made;
        left.push_back(name);
      } else if ((*entry)->type == wasi::FileType::regular_file) {
        auto file = from->open_at(name, false, {}, flags);
        if (!file) return wasi::fail(file.error());
        const auto stat = (*file)->stat();
        std::string content(stat ? stat->size : 0, '\0');
        const std::span<std::uint8_t> part(reinterpret_cast<std::uint8_t*>(content.data()),
                                           content.size());
        const auto n = (*file)->read_at({&part, 1}, 0);
        if (!n) return wasi::fail(n.error());
        content.resize(*n);
        if (auto made = to.put(name, std::move(content)); !made) return made;
      }
    }
  }
  return {};
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 400;
  return Json::quote(text.substr(0, most)) + (text.size() > most ? "…" : "");
}

std::string differ(std::string_view what, std::string_view expected, std::string_view found) {
  return fmt::format("{}\nexpected {}\nfound    {}", what, quoted(expected), quoted(found));
}

}  // namespace

std::optional<wasi::Timestamp> parse_time(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  wasi::Timestamp out;
  out.nanoseconds = take_fraction(text);
  std::int64_t offset = 0;
  if (!take(text, 'Z') && !take(text, 'z')) {
    const bool west = text.starts_with('-');
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset = (std::int64_t{*hours} * 60 + *minutes) * 60 * (west ? -1 : 1);
  }
  if (!text.empty()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  out.seconds =
      days * 86'400 + std::int64_t{*hour} * 3'600 + std::int64_t{*minute} * 60 + *second - offset;
  return out;
}

Result<World> read_world(const Json& json, const World* outer) {
  if (!json.is_object()) return std::unexpected(wanted(json, "an object: what the guest has"));
  TENON_TRY(known_keys(json, {"args", "env", "stdin", "files", "clock", "random-seed"}));
  World out = outer == nullptr ? World() : *outer;
  TENON_TRY(read_texts(json, out));
  if (const Json* input = json.find("stdin")) out.input = *input;
  if (const Json* files = json.find("files")) {
    if (!files->is_object()) return std::unexpected(wanted(*files, "an object: path and content"));
    for (const auto& [path, content] : files->members()) put(out.files, path, content);
  }
  if (const Json* clock = json.find("clock")) {
    out.clock = clock->is_string() ? parse_time(clock->text()) : std::nullopt;
    if (!out.clock) return std::unexpected(wanted(*clock, "a time: \"2026-01-31T12:00:00Z\""));
  }
  if (const Json* seed = json.find("random-seed")) {
    const auto number =
        seed->is_number() || seed->is_string() ? exact_integer(seed->text()) : std::nullopt;
    out.random_seed = number ? to_int<std::uint64_t>(*number) : std::nullopt;
    if (!out.random_seed) return std::unexpected(wanted(*seed, "a whole number below 2^64"));
  }
  return out;
}

Result<Output> read_output(const Json& json) {
  Output out;
  if (const Json* text = json.find("expect-stdout")) out.out = *text;
  if (const Json* text = json.find("expect-stderr")) out.err = *text;
  if (const Json* files = json.find("expect-files")) {
    if (!files->is_object()) return std::unexpected(wanted(*files, "an object: path and content"));
    for (const auto& [path, content] : files->members()) put(out.files, path, content);
  }
  if (const Json* code = json.find("expect-exit-code")) {
    const auto number = code->is_number() ? exact_integer(code->text()) : std::nullopt;
    out.exit_code = number ? to_int<std::uint8_t>(*number) : std::nullopt;
    if (!out.exit_code) return std::unexpected(wanted(*code, "an exit code from 0 to 255"));
  }
  return out;
}

VirtualWorld::VirtualWorld() = default;

Result<void> VirtualWorld::fill(const World& world, const std::string& name,
                                const FileReader& files, const FolderReader& folders,
                                wasi::Context& context) {
  clock_ = world.clock ? wasi::Clock::fixed(*world.clock) : wasi::Clock::host();
  files_ = std::make_unique<wasi::MemoryFileSystem>(clock_);
  std::vector<std::string> args{name};
  if (world.args) args.insert(args.end(), world.args->begin(), world.args->end());
  TENON_TRY(context.set_args(std::move(args)));
  for (const auto& [key, value] : world.env) TENON_TRY(context.grant_env(key, value));
  const auto refuse = [](const std::string& path, wasi::ErrorCode code) {
    return std::unexpected(
        Error(rules::case_file, Span::none(),
              fmt::format("`{}` cannot be put there: {}", path, wasi::to_string(code))));
  };
  if (world.root) {
    const auto folder = TENON_TRY(folders(*world.root));
    if (auto copied = copy_folder(folder, *files_); !copied)
      return refuse(*world.root, copied.error());
  }
  for (const auto& [path, content] : world.files) {
    std::string bytes = TENON_TRY(bytes_of(content, files));
    if (auto made = files_->put(path, std::move(bytes)); !made) return refuse(path, made.error());
  }
  if (world.has_root) TENON_TRY(context.grant_dir(files_->root(), "/"));
  if (world.input) {
    std::string bytes = TENON_TRY(bytes_of(*world.input, files));
    context.set_stdin(wasi::InputSource::text(std::move(bytes)));
  }
  context.set_stdout(wasi::OutputSink::capture(out_));
  context.set_stderr(wasi::OutputSink::capture(err_));
  context.set_clock(clock_);
  if (world.random_seed) context.seed_random(*world.random_seed);
  return {};
}

Result<std::optional<std::string>> VirtualWorld::check(const Output& wanted_,
                                                       std::optional<std::int32_t> exit_code,
                                                       const FileReader& files) {
  using Found = std::optional<std::string>;
  if (exit_code && *exit_code != wanted_.exit_code.value_or(0)) {
    return Found(fmt::format("expected the exit code {}, found {}", wanted_.exit_code.value_or(0),
                             *exit_code));
  }
  if (wanted_.out) {
    const std::string text = TENON_TRY(bytes_of(*wanted_.out, files));
    if (text != out_->text()) {
      quoted_ = out_.get();
      return Found(differ("standard output", text, out_->text()));
    }
  }
  if (wanted_.err) {
    const std::string text = TENON_TRY(bytes_of(*wanted_.err, files));
    if (text != err_->text()) {
      quoted_ = err_.get();
      return Found(differ("standard error", text, err_->text()));
    }
  }
  for (const auto& [path, content] : wanted_.files) {
    const auto found = files_->content(path);
    if (content.is_null()) {
      if (found) return Found(fmt::format("expected no file `{}`, found one", visible(path)));
      continue;
    }
    const std::string text = TENON_TRY(bytes_of(content, files));
    if (!found) {
      return Found(
          fmt::format("expected the file `{}`: {}", visible(path), wasi::to_string(found.error())));
    }
    if (*found != text) return Found(differ(fmt::format("`{}`", visible(path)), text, *found));
  }
  return Found();
}

/// Bytes of an output that a report shows.
static constexpr std::size_t shown_bytes = 2'000;

/// An output's lines, each after the output's name.
static std::string shown(std::string_view name, std::string_view output) {
  const std::string text = visible_lines(output.substr(0, shown_bytes));
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    out += fmt::format("{}: {}\n", name, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (output.size() > shown_bytes) out += fmt::format("{}: …\n", name);
  return out;
}

std::string_view VirtualWorld::errors() const {
  return err_->text();
}

std::string VirtualWorld::shown_output(const Output& wanted, bool failed) const {
  const auto lines = [&](std::string_view name, const wasi::Capture& output, bool expected) {
    const bool left_out = failed ? quoted_ == &output : expected;
    return left_out ? std::string() : shown(name, output.text());
  };
  return lines("stdout", *out_, wanted.out.has_value()) +
         lines("stderr", *err_, wanted.err.has_value());
}

}  // namespace tenon::testing
