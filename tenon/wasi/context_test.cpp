// SPDX-License-Identifier: Apache-2.0
#include "tenon/wasi/context.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "tenon/wasi/core/state.h"
#include "tenon/wasi/core/test_fs.h"
#include "tenon/wasi/dir_grant.h"
#include "tenon/wasi/rules.h"

namespace tenon::wasi {
namespace {

TEST(Context, a_fresh_one_grants_nothing) {
  Context context;
  const ContextState& state = context.state();
  EXPECT_TRUE(state.args.empty());
  EXPECT_TRUE(state.env.empty());
  EXPECT_TRUE(state.preopens.empty());
  EXPECT_TRUE(state.network.outbound.empty() && state.network.inbound.empty());
  EXPECT_FALSE(state.network.may_resolve("example.com"));
  std::uint8_t byte = 0;
  EXPECT_EQ(state.in->read({&byte, 1}), 0U);
}

TEST(Context, text_that_no_guest_can_be_told_is_refused) {
  Context context;
  const std::string nul("a\0b", 3);
  EXPECT_EQ(context.set_args({"a", "\xFF"}).error().rule(), rules::grant);
  EXPECT_FALSE(context.set_args({nul}));
  EXPECT_FALSE(context.grant_env("A=B", "c"));
  EXPECT_EQ(context.grant_env("", "c").error().detail(),
            "the variable `` has no name, a `=` in its name, or text that is no UTF-8 or has a NUL "
            "character");
  EXPECT_FALSE(context.grant_env("A", "\xC0"));
  EXPECT_FALSE(context.set_cwd(nul));
  ASSERT_TRUE(context.grant_env("A", "1"));
  ASSERT_TRUE(context.grant_env("A", "2"));
  ASSERT_EQ(context.state().env.size(), 1U);
  EXPECT_EQ(context.state().env[0].second, "2");
}

// Null was kept, and called when the guest first used it.
TEST(Context, what_is_null_is_refused_or_nothing) {
  Context context;
  const auto refused = context.grant_dir(DescriptorPtr(), "/n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail(), "the directory for `/n` is a null pointer");
  context.set_stdin(nullptr);
  context.set_stdout(nullptr);
  context.set_stderr(OutputSink::capture(nullptr));
  context.set_clock(nullptr);
  context.set_random(nullptr);
  const ContextState& state = context.state();
  EXPECT_NE(state.in, nullptr);
  EXPECT_NE(state.out, nullptr);
  EXPECT_NE(state.err, nullptr);
  EXPECT_NE(state.clock, nullptr);
  EXPECT_NE(state.random, nullptr);
  EXPECT_NE(state.insecure_random, nullptr);
}

TEST(Context, a_directory_grant_has_no_other_suffix_than_ro) {
  const auto plain = parse_dir_grant("some:dir");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->guest, "some:dir");
  const auto read_only = parse_dir_grant("a::b::/x:ro");
  ASSERT_TRUE(read_only);
  EXPECT_EQ(read_only->host, "a::b");
  EXPECT_EQ(read_only->guest, "/x");
  EXPECT_EQ(read_only->access, Access::read_only);
  EXPECT_EQ(parse_dir_grant("a::x:y")->guest, "x:y");
  for (const char* bad : {"", "::", "a::", "::b", "a:::ro", "a::b:rw", "a::b:w", "a::b:RO"})
    EXPECT_EQ(parse_dir_grant(bad).error().rule(), rules::grant) << bad;
}

TEST(Context, opening_a_read_only_directory_to_change_it_is_not_told_before_it_is_changed) {
  const TestFolder folder;
  std::filesystem::create_directory(folder.path / "d");
  Context context;
  ASSERT_TRUE(context.grant_dir(folder.path.string(), "/", Access::read_only));
  const DescriptorPtr top = context.state().preopens[0].directory;
  DescriptorFlags mutate;
  mutate.mutate_directory = true;
  EXPECT_EQ(top->open_at("d", true, {}, mutate).error(), ErrorCode::read_only);
  EXPECT_TRUE(context.refusals().empty());
  EXPECT_FALSE(top->create_directory_at("e"));
  ASSERT_EQ(context.refusals().size(), 1U);
  EXPECT_EQ(context.refusals()[0].kind, Refused::change);
}

TEST(NetworkGrants, addresses_are_read_whole) {
  const auto plain = parse_address_grant("tcp://Example.COM:80");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "example.com");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(parse_address_grant("udp://[::1]:*")->host, "::1");
  EXPECT_EQ(parse_address_grant("udp://[::1]")->port, std::nullopt);
  EXPECT_EQ(parse_address_grant("tcp://*")->host, "*");
  for (const char* bad : {"", "http://a", "tcp://", "tcp://a:", "tcp://a:65536", "tcp://a:80x",
                          "tcp://[::1", "tcp://[x]", "tcp://[::1]80", "tcp://a b", "tcp://::1"})
    EXPECT_FALSE(parse_address_grant(bad)) << bad;
}

TEST(NetworkGrants, a_suffix_means_what_lies_below) {
  NetworkGrants grants;
  grants.resolve = {*parse_resolve_grant("*.Example.com"), *parse_resolve_grant("one.org.")};
  EXPECT_TRUE(grants.may_resolve("a.b.EXAMPLE.com."));
  EXPECT_TRUE(grants.may_resolve("one.org"));
  EXPECT_FALSE(grants.may_resolve("example.com"));
  EXPECT_FALSE(grants.may_resolve("badexample.com"));
  EXPECT_FALSE(parse_resolve_grant("*x"));
}

TEST(Clock, a_fixed_one_moves_only_when_someone_waits) {
  const auto clock = Clock::fixed({-1, 999'999'999});
  EXPECT_EQ(clock->wall(), (Timestamp{-1, 999'999'999}));
  EXPECT_EQ(clock->monotonic(), 0U);
  clock->advance(1'500'000'001);
  clock->advance(5);
  EXPECT_EQ(clock->monotonic(), 1'500'000'001U);
  EXPECT_EQ(clock->wall(), (Timestamp{1, 500'000'000}));
  EXPECT_FALSE(clock->host_time(0));
}

TEST(Clock, times_outside_of_what_preview_1_counts_are_clamped) {
  EXPECT_EQ((Timestamp{-5, 3}.clamped_nanoseconds()), 0U);
  EXPECT_EQ((Timestamp{1, 3}.clamped_nanoseconds()), 1'000'000'003U);
  EXPECT_EQ((Timestamp{INT64_MAX, 0}.clamped_nanoseconds()), UINT64_MAX);
  EXPECT_EQ(Clock::host()->host_time(UINT64_MAX), Clock::HostTime::max());
}

TEST(Random, a_process_that_is_forked_gets_bytes_of_its_own) {
  const auto random = Random::host();
  // So many that bytes are in stock.
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(random->next());
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::uint64_t word = random->next().value_or(0);
    ::_exit(::write(ends[1], &word, sizeof word) == sizeof word ? 0 : 1);
  }
  std::uint64_t theirs = 0;
  ASSERT_EQ(::read(ends[0], &theirs, sizeof theirs), static_cast<ssize_t>(sizeof theirs));
  EXPECT_NE(random->next().value_or(0), theirs);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Random, no_piece_of_the_hosts_bytes_is_given_twice) {
  const auto random = Random::host();
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> bytes(8 + i % 400);
    ASSERT_TRUE(random->fill(bytes));
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      EXPECT_TRUE(seen.insert(word).second);
    }
  }
}

TEST(Random, a_seed_gives_the_same_bytes_however_they_are_asked_for) {
  const auto one = Random::seeded(42);
  const auto other = Random::seeded(42);
  std::array<std::uint8_t, 16> a{};
  std::array<std::uint8_t, 16> b{};
  ASSERT_TRUE(one->fill(a));
  ASSERT_TRUE(other->fill(std::span(b).first(3)));
  ASSERT_TRUE(other->fill(std::span(b).subspan(3)));
  EXPECT_EQ(a, b);
}

TEST(TerminalFilter, nothing_that_acts_on_a_terminal_passes) {
  TerminalFilter filter;
  EXPECT_EQ(filter.filter("a\x1b[31mb\tc\r\n"), "a\xE2\x90\x9B[31mb\tc\r\n");
  EXPECT_EQ(filter.filter("\x7f\x9b"), "\xE2\x90\xA1\xEF\xBF\xBD");
  // A scalar value in pieces, a C1 control in pieces, one that never ends.
  EXPECT_EQ(filter.filter("\xC3"), "");
  EXPECT_EQ(filter.filter("\xA4"), "\xC3\xA4");
  EXPECT_EQ(filter.filter("\xC2"), "");
  EXPECT_EQ(filter.filter("\x9b"), "\xEF\xBF\xBD");
  EXPECT_EQ(filter.filter("\xE2\x82"), "");
  EXPECT_EQ(filter.finish(), "\xEF\xBF\xBD");
}

TEST(Capture, takes_no_more_than_it_may) {
  const auto capture = std::make_shared<Capture>(3);
  const auto sink = OutputSink::capture(capture);
  const std::uint8_t bytes[] = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(sink->write(bytes), 3U);
  EXPECT_EQ(sink->write(bytes).error(), ErrorCode::insufficient_space);
  EXPECT_EQ(capture->text(), "abc");
}

TEST(Quota, what_goes_makes_room) {
  Quota quota(1);
  {
    Quota::Token token = quota.take();
    EXPECT_TRUE(token);
    EXPECT_FALSE(quota.take());
    const Quota::Token moved = std::move(token);
    EXPECT_EQ(quota.used(), 1U);
  }
  EXPECT_EQ(quota.used(), 0U);
}

TEST(ErrorCode, numbers_of_three_worlds) {
  EXPECT_EQ(to_string(ErrorCode::cross_device), "cross-device");
  EXPECT_EQ(preview1_errno(ErrorCode::cross_device), 75);
  EXPECT_EQ(from_errno(EOPNOTSUPP), ErrorCode::unsupported);
  EXPECT_EQ(from_errno(EDQUOT), ErrorCode::quota);
  EXPECT_EQ(from_errno(ETXTBSY), ErrorCode::text_file_busy);
  EXPECT_EQ(from_errno(EROFS), ErrorCode::read_only);
  EXPECT_EQ(from_errno(12345), ErrorCode::io);
}

}  // namespace
}  // namespace tenon::wasi
