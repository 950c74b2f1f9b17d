// SPDX-License-Identifier: Apache-2.0

// wasi:io, wasi:clocks, wasi:random and standard streams.
#include <limits>

#include "suite.h"

namespace cases {
namespace {

namespace monotonic = wasi::clocks::monotonic_clock;

constexpr std::uint64_t ms = 1'000'000;
constexpr auto never = std::numeric_limits<std::uint64_t>::max();

std::string all(const std::vector<std::uint32_t>& indices) {
  std::string out;
  for (const auto i : indices) out += (out.empty() ? "" : " ") + std::to_string(i);
  return out;
}

void splice_stdin() {
  const auto in = wasi::cli::stdin_::get_stdin();
  const auto out = wasi::cli::stdout_::get_stdout();
  std::uint64_t total = 0;
  for (;;) {
    const auto moved = out.blocking_splice(in, 1'000'000);
    if (!moved) {
      (void)out.blocking_flush();
      say("\n" + kind(moved.error()) + " after", total);
      break;
    }
    total += *moved;
  }
  say("read after the end: " + code(in.read(1)));
}

void skip_stdin() {
  const auto in = wasi::cli::stdin_::get_stdin();
  say("empty read: " + code(in.read(0)));
  std::uint64_t skipped = 0;
  while (skipped < 3) {
    const auto some = in.blocking_skip(3 - skipped);
    if (!some) break;
    skipped += *some;
  }
  say("skipped", skipped);
  say("rest: " + read_all(in));
}

/// A read of any length gives what is there.
void huge_read() {
  const auto in = wasi::cli::stdin_::get_stdin();
  const auto got = in.blocking_read(never);
  say("read: " + (got ? text(*got) : kind(got.error())));
}

void timers() {
  const auto start = monotonic::now();
  const auto late = monotonic::subscribe_duration(60'000 * ms);
  const auto soon = monotonic::subscribe_duration(5 * ms);
  const auto past = monotonic::subscribe_instant(0);
  const auto endless = monotonic::subscribe_duration(never);
  say("late ready: " + std::to_string(late.ready()));
  say("first: " + all(wait_for(late, soon, endless)));
  say("with the past", wait_for(late, past, soon, endless).size());
  say("twice the same: " + all(wait_for(soon, late, soon)));
  soon.block();
  say("waited: " + std::to_string(monotonic::now() - start >= 5 * ms));
  say("endless ready: " + std::to_string(endless.ready()));
}

/// The stream is dropped before its pollable, which may trap on other hosts: not compared.
void input_or_time() {
  const auto in = wasi::cli::stdin_::get_stdin();
  const auto ready = in.subscribe();
  const auto late = monotonic::subscribe_duration(60'000 * ms);
  say("first: " + all(wait_for(late, ready)));
  say("read: " + read_all(in));
  say("at the end: " + all(wait_for(late, ready)));
}

void write_beyond_permit() {
  const auto out = wasi::cli::stdout_::get_stdout();
  const auto permit = out.check_write();
  say("permitted: " + std::to_string(permit && *permit > 0));
  const std::vector<std::uint8_t> much(*permit + 1, 'x');
  (void)out.write(much);
  say("not reached");
}
void zeroes_beyond_permit() {
  const auto out = wasi::cli::stdout_::get_stdout();
  const auto permit = out.check_write();
  (void)out.write_zeroes(*permit + 1);
  say("not reached");
}
void flush_of_4097() {
  const auto out = wasi::cli::stdout_::get_stdout();
  const std::vector<std::uint8_t> most(4096, '.');
  say("\n4096: " + code(out.blocking_write_and_flush(most)));
  const std::vector<std::uint8_t> more(4097, '.');
  (void)out.blocking_write_and_flush(more);
  say("not reached");
}
void zeroes_of_4097() {
  const auto out = wasi::cli::stdout_::get_stdout();
  say("\n4096: " + code(out.blocking_write_zeroes_and_flush(4096)));
  (void)out.blocking_write_zeroes_and_flush(4097);
  say("not reached");
}
void poll_of_nothing() {
  (void)wasi::io::poll::poll({});
  say("not reached");
}

void zeroes() {
  const auto out = wasi::cli::stdout_::get_stdout();
  (void)out.check_write();
  say("\nzeroes: " + code(out.write_zeroes(3)));
  say("none: " + code(out.write({})));
  say("flush: " + code(out.flush()));
}

void random() {
  say("bytes", wasi::random::random::get_random_bytes(100).size());
  say("none", wasi::random::random::get_random_bytes(0).size());
  say("insecure", wasi::random::insecure::get_insecure_random_bytes(7).size());
  const auto a = wasi::random::random::get_random_bytes(32);
  const auto b = wasi::random::random::get_random_bytes(32);
  say("differ: " + std::to_string(a != b));
  (void)wasi::random::random::get_random_u64();
  (void)wasi::random::insecure::get_insecure_random_u64();
  say("one seed: " + std::to_string(wasi::random::insecure_seed::insecure_seed() ==
                                    wasi::random::insecure_seed::insecure_seed()));
}
void too_much_random() {
  (void)wasi::random::random::get_random_bytes(std::uint64_t{1} << 40U);
  say("not reached");
}

void clocks() {
  const auto wall = wasi::clocks::wall_clock::now();
  say("this century: " + std::to_string(wall.seconds > 1'500'000'000));
  say("nanoseconds: " + std::to_string(wall.nanoseconds < 1'000'000'000));
  say("resolution: " + std::to_string(monotonic::resolution() > 0));
  const auto a = monotonic::now();
  say("onward: " + std::to_string(monotonic::now() >= a));
}

void environment() {
  const auto args = wasi::cli::environment::get_arguments();
  for (std::size_t i = 1; i < args.size(); ++i) say("arg " + args[i]);
  for (const auto& [name, value] : wasi::cli::environment::get_environment())
    say("env " + name + "=" + value);
  say("terminals: " +
      std::to_string(wasi::cli::terminal_stdin::get_terminal_stdin().has_value() ||
                     wasi::cli::terminal_stdout::get_terminal_stdout().has_value()));
}

void exit_with_7() {
  const auto out = wasi::cli::stdout_::get_stdout();
  (void)out.check_write();
  (void)out.write(bytes("not flushed\n"));
  wasi::cli::exit::exit_with_code(7);
}
void exit_with_failure() {
  wasi::cli::exit::exit(std::unexpected(std::monostate()));
}

/// Many handles of one stream and of timers, all waited for at once.
void a_thousand_streams() {
  std::vector<streams::input_stream> in;
  std::vector<pollable> each;
  for (int i = 0; i < 1000; ++i) {
    in.push_back(wasi::cli::stdin_::get_stdin());
    each.push_back(in.back().subscribe());
  }
  std::vector<::tenon::guest::borrow<pollable>> list(each.begin(), each.end());
  say("ready", wasi::io::poll::poll(list).size());
  say("read: " + read_all(in[999]));
  each.clear();
  say("another: " + read_all(in[0]));
}

/// Far more handles than a process has descriptors, most of them the same ones.
void poll_of_many() {
  const auto in = wasi::cli::stdin_::get_stdin();
  const auto late = monotonic::subscribe_duration(60'000 * ms);
  const auto now = monotonic::subscribe_duration(0);
  const auto input = in.subscribe();
  now.block();
  std::vector<::tenon::guest::borrow<pollable>> list;
  for (int i = 0; i < 30'000; ++i) list.emplace_back(i % 3 == 0 ? late : i % 3 == 1 ? now : input);
  const auto ready = wasi::io::poll::poll(list);
  say("without the late one: " + std::to_string(ready.size() <= 20'000 && ready.size() >= 10'000));
  list.assign(30'000, late);
  list.emplace_back(now);
  say("last: " + all(wasi::io::poll::poll(list)));
}

/// Lengths that no memory and no permit has room for.
void huge_splices() {
  const auto in = wasi::cli::stdin_::get_stdin();
  const auto out = wasi::cli::stdout_::get_stdout();
  say("none: " + code(out.splice(in, 0)));
  const auto moved = out.blocking_splice(in, never);
  say("moved", moved ? *moved : 0);
  say("skip: " + code(in.blocking_skip(never)));
  say("splice: " + code(out.blocking_splice(in, never)));
  say("the output is open: " + std::to_string(out.check_write().has_value()));
  (void)out.write_zeroes(never);
  say("not reached");
}

constexpr Case list[] = {
    {"poll-of-many", poll_of_many},
    {"huge-splices", huge_splices},
    {"splice-stdin", splice_stdin},
    {"skip-stdin", skip_stdin},
    {"huge-read", huge_read},
    {"timers", timers},
    {"input-or-time", input_or_time},
    {"write-beyond-permit", write_beyond_permit},
    {"zeroes-beyond-permit", zeroes_beyond_permit},
    {"flush-of-4097", flush_of_4097},
    {"zeroes-of-4097", zeroes_of_4097},
    {"poll-of-nothing", poll_of_nothing},
    {"zeroes", zeroes},
    {"random", random},
    {"too-much-random", too_much_random},
    {"clocks", clocks},
    {"environment", environment},
    {"exit-with-7", exit_with_7},
    {"exit-with-failure", exit_with_failure},
    {"a-thousand-streams", a_thousand_streams},
};

}  // namespace

std::span<const Case> of_streams() {
  return list;
}

}  // namespace cases
