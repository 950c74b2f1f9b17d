// SPDX-License-Identifier: Apache-2.0

// wasi:io. What a guest writes is handed to the system at once; what the system does not take waits
// here, at most the bytes of one permit, and until it is gone nothing more is permitted. No thread
// works behind the guest: what waits goes on at the next call, in a poll, and at the end.
// Spec: wasi:io/streams, wasi:io/poll.
#include "tenon/wasi/p2/io.h"

#include <algorithm>
#include <utility>

namespace tenon::wasi::p2 {
namespace {

constexpr std::size_t blocking_write_bytes = 4096;

streams::stream_error closed() {
  return streams::stream_error::closed{};
}

template <class From>
streams::stream_error failed(const Host& host, ErrorCode code, const From& from) {
  return streams::stream_error::last_operation_failed{
      std::make_unique<StreamError>(code, from.socket_error(code), host.token())};
}

/// More handles than a guest may have, with room for those that are given twice.
constexpr std::size_t most_pollables = std::size_t{1} << 20U;

std::size_t capped(std::uint64_t len) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(len, stream_bytes));
}

struct Poll : Interface {
  using Interface::Interface;
  /// Spec: wasi:io/poll: an empty list traps.
  [[nodiscard]] std::vector<std::uint32_t> poll(
      const std::vector<HostRef<api::io::poll::pollable>>& in) const {
    if (in.empty()) trap("`poll` was given an empty list");
    if (in.size() > most_pollables) trap("`poll` was given a list that is too long");
    std::vector<Waitable*> list;
    list.reserve(in.size());
    // No other class of pollables can be made: the generated one is this room's own.
    for (const auto& one : in) list.push_back(&static_cast<Pollable&>(*one).what());
    return host.wait(list);
  }
};

}  // namespace

// --- input ---------------------------------------------------------------------------------------

Input::Out<std::size_t> Input::read_into(std::span<std::uint8_t> bytes, bool wait) {
  if (closed_) return std::unexpected(closed());
  if (bytes.empty()) return 0;
  for (;;) {
    const auto got = source_->read(bytes);
    if (got && *got != 0) return *got;
    if (got) {
      closed_ = true;
      return std::unexpected(closed());
    }
    if (got.error() == ErrorCode::interrupted) continue;
    if (got.error() != ErrorCode::would_block) {
      closed_ = true;
      return std::unexpected(failed(host_, got.error(), *source_));
    }
    if (!wait) return 0;
    host_.wait(*source_);
  }
}

Input::Out<std::vector<std::uint8_t>> Input::read(std::uint64_t len, bool wait) {
  std::vector<std::uint8_t> bytes(capped(len));
  auto got = read_into(bytes, wait);
  if (!got) return std::unexpected(std::move(got.error()));
  bytes.resize(*got);
  return bytes;
}

Input::Out<std::uint64_t> Input::skip(std::uint64_t len, bool wait) {
  std::vector<std::uint8_t> bytes(capped(len));
  return read_into(bytes, wait);
}

std::unique_ptr<api::io::poll::pollable> Input::subscribe() {
  return std::make_unique<Pollable>(
      host_, std::shared_ptr<Waitable>(shared_from_this(), static_cast<Waitable*>(this)));
}

// --- output --------------------------------------------------------------------------------------

void Output::push() {
  while (!closed_ && written_ < pending_.size()) {
    const auto done = sink_->write(std::span(pending_).subspan(written_));
    if (done) {
      written_ += *done;
    } else if (done.error() == ErrorCode::would_block) {
      return;
    } else if (done.error() != ErrorCode::interrupted) {
      closed_ = true;
      // That nobody reads any more is told as the end of the stream.
      if (done.error() != ErrorCode::pipe) error_ = done.error();
    }
  }
  pending_.clear();
  written_ = 0;
  if (pending_.capacity() > stream_bytes) pending_.shrink_to_fit();
  if (!std::exchange(ending_, false)) return;
  if (!closed_) sink_->ended();
  closed_ = true;
}

void Output::end() {
  ending_ = true;
  push();
}

streams::stream_error Output::take_error() {
  if (const auto error = std::exchange(error_, std::nullopt)) return failed(host_, *error, *sink_);
  return closed();
}

Output::Out<std::uint64_t> Output::check_write() {
  push();
  if (closed_ || ending_) return std::unexpected(take_error());
  return pending_.empty() ? sink_->most() : 0;
}

Output::Out<void> Output::write(ByteSpan bytes) {
  push();
  if (ending_) return std::unexpected(closed());
  // Bytes of other handles of the same output may have come between; the order stays.
  while (!closed_ && pending_.empty() && !bytes.empty()) {
    const auto done = sink_->write(bytes);
    if (done) {
      bytes = bytes.subspan(*done);
    } else if (done.error() == ErrorCode::would_block) {
      break;
    } else if (done.error() != ErrorCode::interrupted) {
      closed_ = true;
      if (done.error() != ErrorCode::pipe) error_ = done.error();
    }
  }
  if (closed_) return std::unexpected(take_error());
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return {};
}

bool Output::collect(WaitSet& set) {
  push();
  return closed_ || ending_ || pending_.empty() || sink_->collect(set);
}

Output::Out<std::uint64_t> Output::wait_for_room() {
  for (;;) {
    auto room = check_write();
    if (!room || *room != 0) return room;
    host_.wait(*this);
  }
}

Output::Out<void> Output::drain() {
  while (!empty()) {
    push();
    if (!empty()) host_.wait(*sink_);
  }
  if (closed_) return std::unexpected(take_error());
  return {};
}

Output::Out<void> Output::write_and_drain(ByteSpan bytes) {
  if (auto room = wait_for_room(); !room) return std::unexpected(std::move(room.error()));
  if (auto done = write(bytes); !done) return done;
  return drain();
}

namespace {

class OfOutputSink final : public Sink {
 public:
  explicit OfOutputSink(std::shared_ptr<OutputSink> sink) : sink_(std::move(sink)) {}
  IoResult<std::size_t> write(ByteSpan bytes) override { return sink_->write(bytes); }
  bool collect(WaitSet& set) override {
    if (sink_->wait_fd() < 0) return true;
    set.descriptor(sink_->wait_fd(), false, true);
    return false;
  }

 private:
  std::shared_ptr<OutputSink> sink_;
};

}  // namespace

StandardOutput::StandardOutput(Host& host, std::shared_ptr<OutputSink> sink)
    : Output(host, std::make_shared<OfOutputSink>(std::move(sink))) {}

void StandardOutput::finish() {
  (void)drain();
}

void OutputStream::spend(std::uint64_t bytes) {
  if (bytes > permit_) trap("a write of more bytes than `check-write` has permitted");
  permit_ -= bytes;
}

OutputStream::Out<std::uint64_t> OutputStream::check_write() {
  auto permit = to_->check_write();
  permit_ = permit.value_or(0);
  return permit;
}

OutputStream::Out<void> OutputStream::write(std::vector<std::uint8_t> contents) {
  spend(contents.size());
  return to_->write(contents);
}

OutputStream::Out<void> OutputStream::write_zeroes(std::uint64_t len) {
  spend(len);
  return to_->write(std::vector<std::uint8_t>(len));
}

OutputStream::Out<void> OutputStream::blocking_write_and_flush(std::vector<std::uint8_t> contents) {
  if (contents.size() > blocking_write_bytes)
    trap("`blocking-write-and-flush` takes at most 4096 bytes");
  permit_ = 0;
  return to_->write_and_drain(contents);
}

OutputStream::Out<void> OutputStream::blocking_write_zeroes_and_flush(std::uint64_t len) {
  if (len > blocking_write_bytes)
    trap("`blocking-write-zeroes-and-flush` writes at most 4096 bytes");
  permit_ = 0;
  return to_->write_and_drain(std::vector<std::uint8_t>(len));
}

OutputStream::Out<void> OutputStream::flush() {
  auto permit = to_->check_write();
  if (!permit) return std::unexpected(std::move(permit.error()));
  return {};
}

OutputStream::Out<void> OutputStream::blocking_flush() {
  return to_->drain();
}

std::unique_ptr<api::io::poll::pollable> OutputStream::subscribe() {
  return std::make_unique<Pollable>(to_->host(), to_);
}

OutputStream::Out<std::uint64_t> OutputStream::splice(streams::input_stream& src,
                                                      std::uint64_t len) {
  permit_ = 0;
  auto room = to_->check_write();
  if (!room) return std::unexpected(std::move(room.error()));
  const auto most = std::min<std::uint64_t>(len, *room);
  auto bytes = src.read(most);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (auto done = to_->write(*bytes); !done) return std::unexpected(std::move(done.error()));
  return bytes->size();
}

OutputStream::Out<std::uint64_t> OutputStream::blocking_splice(streams::input_stream& src,
                                                               std::uint64_t len) {
  permit_ = 0;
  auto room = to_->wait_for_room();
  if (!room) return std::unexpected(std::move(room.error()));
  auto bytes = src.blocking_read(std::min<std::uint64_t>(len, *room));
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (auto done = to_->write(*bytes); !done) return std::unexpected(std::move(done.error()));
  return bytes->size();
}

Result<void> add_io(Linker& linker) {
  TENON_TRY(api::io::error::add_to_linker(linker, Find<Interface>()));
  TENON_TRY(api::io::poll::add_to_linker(linker, Find<Poll>()));
  TENON_TRY(api::io::streams::add_to_linker(linker, Find<Interface>()));
  return {};
}

}  // namespace tenon::wasi::p2
