// SPDX-License-Identifier: Apache-2.0
// Streams over sources and sinks that a test opens and closes.
#include <gtest/gtest.h>

#include <deque>

#include "tenon/runtime/embed_test.h"
#include "tenon/wasi/p2/io.h"

namespace tenon::wasi::p2 {
namespace {

/// Takes `room` bytes, then would block.
class SlowSink final : public Sink {
 public:
  IoResult<std::size_t> write(ByteSpan bytes) override {
    if (error) return fail(*error);
    if (room == 0) return fail(ErrorCode::would_block);
    const auto n = std::min(room, bytes.size());
    taken.append(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    room -= n;
    return n;
  }
  bool collect(WaitSet& /*set*/) override {
    ++waits;
    room += refill;
    return refill != 0;
  }
  void ended() override { has_ended = true; }
  std::size_t room = 0;
  std::size_t refill = 0;
  std::optional<ErrorCode> error;
  std::string taken;
  int waits = 0;
  bool has_ended = false;
};

class ScriptedSource final : public Source {
 public:
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    asked = bytes.size();
    if (steps.empty()) return 0;
    auto step = steps.front();
    steps.pop_front();
    if (!step) return fail(step.error());
    std::copy(step->begin(), step->end(), bytes.begin());
    return step->size();
  }
  bool collect(WaitSet& /*set*/) override {
    ++waits;
    return true;
  }
  std::deque<IoResult<std::string>> steps;
  std::size_t asked = 0;
  int waits = 0;
};

class Streams : public Embed {
 protected:
  Streams() { store.emplace_extension<Context>(); }
  Host& host() { return host_of(store); }
  std::unique_ptr<OutputStream> output(std::shared_ptr<SlowSink> sink) {
    return std::make_unique<OutputStream>(std::make_shared<Output>(host(), std::move(sink)),
                                          host().token());
  }
  static std::vector<std::uint8_t> bytes(std::string_view text) {
    return {text.begin(), text.end()};
  }
  template <class T>
  static std::string code(const std::expected<T, streams::stream_error>& r) {
    if (r) return "ok";
    return std::holds_alternative<streams::stream_error::closed>(r.error()) ? "closed" : "failed";
  }
  /// Whether a call is the guest's fault.
  template <class F>
  static std::string trapped(F f) {
    try {
      f();
    } catch (const Trap& trap) {
      return std::string(trap.message());
    }
    return "no trap";
  }
};

TEST_F(Streams, PermitNothingWhileBytesWait) {
  const auto sink = std::make_shared<SlowSink>();
  sink->room = 3;
  const auto out = output(sink);
  ASSERT_EQ(out->check_write(), stream_bytes);
  EXPECT_EQ(code(out->write(bytes("abcdef"))), "ok");
  EXPECT_EQ(out->check_write(), 0U);
  sink->room = 10;
  EXPECT_EQ(out->check_write(), stream_bytes);
  EXPECT_EQ(sink->taken, "abcdef");
}

TEST_F(Streams, TrapOnWritesBeyondThePermit) {
  const auto out = output(std::make_shared<SlowSink>());
  EXPECT_NE(trapped([&] { (void)out->write(bytes("a")); }), "no trap") << "none was asked for";
  ASSERT_TRUE(out->check_write());
  EXPECT_NE(trapped([&] { (void)out->write_zeroes(stream_bytes + 1); }), "no trap");
  EXPECT_NE(trapped([&] { (void)out->write_zeroes(~std::uint64_t{0}); }), "no trap");
  EXPECT_NE(trapped([&] { (void)out->blocking_write_and_flush(bytes(std::string(4097, 'x'))); }),
            "no trap");
  EXPECT_EQ(trapped([&] { (void)out->write(bytes("")); }), "no trap");
}

TEST_F(Streams, BlockUntilAllIsWritten) {
  const auto sink = std::make_shared<SlowSink>();
  sink->refill = 1000;
  const auto out = output(sink);
  EXPECT_EQ(code(out->blocking_write_and_flush(bytes(std::string(4096, 'x')))), "ok");
  EXPECT_EQ(sink->taken.size(), 4096U);
  EXPECT_GE(sink->waits, 4);
}

TEST_F(Streams, TellAnErrorOnceAndAreClosedThen) {
  const auto sink = std::make_shared<SlowSink>();
  const auto out = output(sink);
  sink->error = ErrorCode::insufficient_space;
  ASSERT_TRUE(out->check_write());
  EXPECT_EQ(code(out->write(bytes("a"))), "failed");
  EXPECT_EQ(code(out->check_write()), "closed");
  EXPECT_EQ(code(out->blocking_flush()), "closed");
  EXPECT_EQ(code(out->blocking_write_and_flush(bytes("a"))), "closed");
}

TEST_F(Streams, ABrokenPipeIsTheEnd) {
  const auto sink = std::make_shared<SlowSink>();
  const auto out = output(sink);
  ASSERT_TRUE(out->check_write());
  sink->error = ErrorCode::pipe;
  EXPECT_EQ(code(out->write(bytes("a"))), "closed");
  EXPECT_TRUE(host().ready(static_cast<Pollable&>(*out->subscribe()).what()));
}

TEST_F(Streams, WhatADroppedOneWasGivenGoesWhileTheStoreWaits) {
  const auto sink = std::make_shared<SlowSink>();
  auto out = output(sink);
  ASSERT_TRUE(out->check_write());
  ASSERT_TRUE(out->write(bytes("late")));
  out.reset();
  EXPECT_EQ(sink->taken, "");
  sink->room = 100;
  ScriptedSource source;
  host().wait(source);
  EXPECT_EQ(sink->taken, "late");
}

TEST_F(Streams, WhatADroppedOneWasGivenCountsUntilItIsWritten) {
  auto& quota = host().state().quota;
  const auto before = quota.used();
  const auto sink = std::make_shared<SlowSink>();
  for (int i = 0; i < 3; ++i) {
    const auto out = output(sink);
    ASSERT_TRUE(out->check_write());
    ASSERT_TRUE(out->write(bytes("kept")));
  }
  EXPECT_EQ(quota.used(), before + 3) << "else a guest has the host keep bytes without a limit";
  sink->room = 100;
  ScriptedSource source;
  host().wait(source);
  EXPECT_EQ(sink->taken, "keptkeptkept");
  EXPECT_EQ(quota.used(), before);
}

TEST_F(Streams, EndOnceTheRestIsWritten) {
  const auto sink = std::make_shared<SlowSink>();
  Output out(host(), sink);
  ASSERT_TRUE(out.check_write());
  ASSERT_TRUE(out.write(bytes("rest")));
  out.end();
  EXPECT_FALSE(sink->has_ended);
  EXPECT_EQ(code(out.check_write()), "closed");
  sink->room = 100;
  out.push();
  EXPECT_TRUE(sink->has_ended);
  EXPECT_EQ(sink->taken, "rest");
}

TEST_F(Streams, ReadAtMostWhatTheyMayKeep) {
  const auto source = std::make_shared<ScriptedSource>();
  Input in(host(), source, host().token());
  source->steps = {"abc", fail(ErrorCode::would_block), "d", fail(ErrorCode::io)};
  EXPECT_EQ(in.read(~std::uint64_t{0}), bytes("abc"));
  EXPECT_EQ(source->asked, stream_bytes);
  EXPECT_EQ(in.read(10), bytes("")) << "nothing is there";
  EXPECT_EQ(in.blocking_read(10), bytes("d"));
  EXPECT_EQ(in.read(0), bytes("")) << "still open";
  EXPECT_EQ(code(in.read(1)), "failed");
  EXPECT_EQ(code(in.read(1)), "closed");
  EXPECT_EQ(code(in.read(0)), "closed");
}

TEST_F(Streams, WaitForWhatIsNotThereYet) {
  const auto source = std::make_shared<ScriptedSource>();
  Input in(host(), source, host().token());
  source->steps = {fail(ErrorCode::would_block), fail(ErrorCode::interrupted), "x"};
  EXPECT_EQ(in.blocking_skip(5), 1U);
  EXPECT_EQ(source->waits, 1);
  EXPECT_EQ(code(in.blocking_skip(5)), "closed");
}

TEST_F(Streams, SpliceOnlyWhatMayBeWritten) {
  const auto source = std::make_shared<ScriptedSource>();
  const auto in = std::make_shared<Input>(host(), source, host().token());
  const auto sink = std::make_shared<SlowSink>();
  const auto out = output(sink);
  source->steps = {"abc", "d"};
  EXPECT_EQ(out->splice(*in, 100), 3U);
  EXPECT_EQ(source->asked, 100U);
  source->asked = 0;
  EXPECT_EQ(out->splice(*in, 100), 0U) << "no permit, so nothing is read";
  EXPECT_EQ(source->asked, 0U);
  sink->refill = 100;
  EXPECT_EQ(out->blocking_splice(*in, 100), 1U);
  EXPECT_EQ(code(out->blocking_splice(*in, 100)), "closed");
  EXPECT_EQ(sink->taken, "abcd");
}

TEST_F(Streams, ShareStandardOutput) {
  const auto capture = std::make_shared<Capture>();
  store.extension<Context>()->set_stdout(OutputSink::capture(capture));
  OutputStream a(host().out(), host().token());
  OutputStream b(host().out(), host().token());
  ASSERT_TRUE(a.check_write());
  ASSERT_TRUE(b.check_write());
  ASSERT_TRUE(a.write(bytes("one ")));
  ASSERT_TRUE(b.write(bytes("two")));
  EXPECT_EQ(capture->text(), "one two");
}

}  // namespace
}  // namespace tenon::wasi::p2
