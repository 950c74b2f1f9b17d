// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/wasi_grants.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>

#include "tenon/cli/invoke_help.h"
#include "tenon/wasi/dir_grant.h"

namespace tenon::cli {
namespace {

/// `K=V` as its two halves; an empty K or no `=` is an error.
Result<std::pair<std::string, std::string>> pair_of(std::string_view option,
                                                    std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    const std::string whole =
        equals == 0 ? fmt::format("NAME{}", text) : fmt::format("{}=VALUE", text);
    return std::unexpected(
        usage_error(fmt::format("`--{}` takes K=V, found `{}`", option, text),
                    fmt::format("write `--{} {}`", option, shell_quoted(whole))));
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

/// What an option's value cannot be is a matter of the command line.
Result<void> of_usage(std::string_view option, Result<void> granted) {
  if (granted) return granted;
  return std::unexpected(usage_error(fmt::format("`--{}`: {}", option, granted.error().detail()),
                                     std::string(granted.error().help_text())));
}

/// A directory that is not there is an input that cannot be read; the rest is of the command line.
Result<void> grant_directories(const Args& args, wasi::Context& to) {
  std::vector<std::string> names;
  for (const std::string_view text : args.values("dir")) {
    auto grant = wasi::parse_dir_grant(text);
    if (!grant) return of_usage("dir", std::unexpected(std::move(grant).error()));
    if (std::ranges::find(names, grant->guest) != names.end()) {
      return std::unexpected(
          usage_error(fmt::format("two directories are to be `{}`", grant->guest),
                      fmt::format("give one of them another name: `--dir {}::NAME`", grant->host)));
    }
    names.push_back(grant->guest);
    TENON_TRY(to.grant_dir(grant->host, std::move(grant->guest), grant->access));
  }
  return {};
}

Result<void> grant_environment(const Args& args, wasi::Context& to) {
  // What is named is above what is inherited, whatever comes first.
  if (args.has("inherit-env")) to.inherit_env();
  for (const std::string_view text : args.values("env")) {
    if (text.find('=') == std::string_view::npos) {
      TENON_TRY(of_usage("env", to.inherit_env(std::string(text))));
      continue;
    }
    auto [name, value] = TENON_TRY(pair_of("env", text));
    TENON_TRY(of_usage("env", to.grant_env(std::move(name), std::move(value))));
  }
  return {};
}

Result<void> grant_network(const Args& args, wasi::Context& to) {
  for (const std::string_view text : args.values("allow-outbound"))
    TENON_TRY(of_usage("allow-outbound", to.grant_outbound(text)));
  for (const std::string_view text : args.values("allow-inbound"))
    TENON_TRY(of_usage("allow-inbound", to.grant_inbound(text)));
  for (const std::string_view text : args.values("allow-resolve"))
    TENON_TRY(of_usage("allow-resolve", to.grant_resolve(text)));
  if (args.has("inherit-network")) to.inherit_network();
  if (args.has("allow-special-ranges")) to.grant_special_ranges();
  return {};
}

std::string sentence_of(const wasi::Refusal& refusal) {
  const std::string_view what = refusal.what;
  switch (refusal.kind) {
    case wasi::Refused::directory:
      return "the program looked for its directories and has none: `--dir HOST::GUEST` grants one";
    case wasi::Refused::change:
      return "the program wanted to change what lies in a directory that is granted read-only: "
             "`--dir HOST::GUEST` without `:ro` grants that";
    case wasi::Refused::environment:
      return "the program read its environment, which is empty: `--env NAME` or `--env NAME=VALUE` "
             "grants a variable";
    case wasi::Refused::outbound:
      return fmt::format("the program was refused `{}`: `--allow-outbound {}` grants it", what,
                         shell_quoted(what));
    case wasi::Refused::inbound:
      return fmt::format(
          "the program was refused to be reached at `{}`: `--allow-inbound {}` grants it", what,
          shell_quoted(what));
    case wasi::Refused::special_range:
      return fmt::format(
          "the program was refused `{}`, a link-local or metadata address: "
          "`--allow-special-ranges` grants these, beside the option that grants the address",
          what);
    case wasi::Refused::resolve:
      return fmt::format("the program was refused to look up `{}`: `--allow-resolve {}` grants it",
                         what, shell_quoted(what));
    case wasi::Refused::config:
      return fmt::format("`wasi:config` has no value `{}`: `--config {}` gives one", what,
                         shell_quoted(fmt::format("{}=VALUE", what)));
    case wasi::Refused::resource:
      return "the program wanted to hold more resources than it may: `--max-resources N` sets the "
             "limit";
    case wasi::Refused::random_size:
      return "the program wanted more random bytes at a time than it may: `--max-random-size SIZE` "
             "sets the limit";
  }
  return {};
}

/// A descriptor where messages stand too, and whether the last line on it lacks its end.
class WatchedSink final : public wasi::OutputSink {
 public:
  WatchedSink(int fd, std::shared_ptr<bool> open)
      : under_(wasi::OutputSink::descriptor(fd)), open_(std::move(open)) {}

  wasi::IoResult<std::size_t> write(ByteSpan bytes) override {
    const auto done = under_->write(bytes);
    if (done && *done != 0) *open_ = bytes[*done - 1] != '\n';
    return done;
  }
  int wait_fd() const override { return under_->wait_fd(); }
  bool is_terminal() const override { return under_->is_terminal(); }

 private:
  std::shared_ptr<wasi::OutputSink> under_;
  std::shared_ptr<bool> open_;
};

[[gnu::noreturn]] void end_interrupted(int) {
  ::_exit(130);
}

}  // namespace

Result<void> grant_wasi(const Args& args, wasi::Context& to, const GuestLine& line) {
  std::vector<std::string> words = args.inputs();
  if (const auto name = args.value("argv0")) {
    if (words.empty()) words.emplace_back();
    words[0] = *name;
  }
  TENON_TRY(to.set_args(std::move(words)));
  TENON_TRY(grant_environment(args, to));
  TENON_TRY(grant_directories(args, to));
  if (const auto path = args.value("cwd"))
    TENON_TRY(of_usage("cwd", to.set_cwd(std::string(*path))));
  TENON_TRY(grant_network(args, to));
  for (const std::string_view text : args.values("config")) {
    auto [key, value] = TENON_TRY(pair_of("config", text));
    to.set_config(std::move(key), std::move(value));
  }
  if (const auto path = args.value("keyvalue")) to.set_keyvalue_file(std::string(*path));
  if (const auto most = TENON_TRY(args.number("max-resources"))) to.set_max_resources(*most);
  if (const auto most = TENON_TRY(args.size("max-random-size"))) to.set_max_random_size(*most);
  to.inherit_stdio();
  to.set_stderr(std::make_shared<WatchedSink>(STDERR_FILENO, line.open()));
  // The result of a call is on standard output alone.
  if (args.has("invoke")) {
    to.set_stdout(std::make_shared<WatchedSink>(STDERR_FILENO, line.open()));
  } else if (::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0) {
    to.set_stdout(std::make_shared<WatchedSink>(STDOUT_FILENO, line.open()));
  }
  return {};
}

void note_refusals(const Context& context, const Args& args, const wasi::Context& world,
                   GuestLine& line) {
  const bool knows_grants = args.has("dir") || args.has("invoke");
  for (const wasi::Refusal& refusal : world.refusals()) {
    // Runtimes of languages read the environment whether the program wants it or not: who grants
    // directories knows what may be granted, and a function that panics reads RUST_BACKTRACE.
    if (refusal.kind == wasi::Refused::environment && knows_grants && context.verbosity == 0)
      continue;
    line.end();
    context.note(sentence_of(refusal));
  }
}

void GuestLine::end() {
  if (*open_) std::fputc('\n', stderr);
  *open_ = false;
}

void prepare_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction found{};
  // Who runs it in the background without job control has it ignored.
  if (::sigaction(SIGINT, nullptr, &found) == 0 && found.sa_handler != SIG_IGN)
    std::signal(SIGINT, end_interrupted);
}

}  // namespace tenon::cli
