// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/wasi/p2/host.h"

namespace tenon::wasi::p2 {

/// The most that one call reads or writes into memory of the host's.
inline constexpr std::size_t stream_bytes = std::size_t{64} << 10U;

using SocketError = api::sockets::network::error_code;

/// Why an operation of a stream failed: a code of the file system's, or of the network's.
class StreamError final : public streams::error {
 public:
  StreamError(ErrorCode code, std::optional<SocketError> socket, Quota::Token token)
      : code_(code), socket_(socket), token_(std::move(token)) {}
  std::string to_debug_string() override { return std::string(to_string(code_)); }
  [[nodiscard]] ErrorCode code() const { return code_; }
  /// Of a stream of a socket.
  [[nodiscard]] std::optional<SocketError> socket() const { return socket_; }

 private:
  ErrorCode code_;
  std::optional<SocketError> socket_;
  Quota::Token token_;
};

/// What a stream of bytes is read from. No call blocks.
class Source : public Waitable {
 public:
  /// As `InputSource::read`.
  [[nodiscard]] virtual IoResult<std::size_t> read(std::span<std::uint8_t> bytes) = 0;
  /// The network's name of an error, for a socket.
  [[nodiscard]] virtual std::optional<SocketError> socket_error(ErrorCode) const { return {}; }
};

/// What a stream of bytes is written to. No call blocks; `collect` is ready when `write` would take
/// a byte.
class Sink : public Waitable {
 public:
  /// As `OutputSink::write`.
  [[nodiscard]] virtual IoResult<std::size_t> write(ByteSpan bytes) = 0;
  /// The most that the next write of a guest may bring.
  [[nodiscard]] virtual std::size_t most() const { return stream_bytes; }
  /// Nothing more comes (`Output::end`), and all of it is written.
  virtual void ended() {}
  [[nodiscard]] virtual std::optional<SocketError> socket_error(ErrorCode) const { return {}; }
};

/// An `input-stream`. Once it has ended or failed it is closed.
class Input final : public streams::input_stream, public Waitable {
 public:
  template <class T>
  using Out = std::expected<T, streams::stream_error>;

  Input(Host& host, std::shared_ptr<Source> source, Quota::Token token)
      : host_(host), source_(std::move(source)), token_(std::move(token)) {}

  Out<std::vector<std::uint8_t>> read(std::uint64_t len) override { return read(len, false); }
  Out<std::vector<std::uint8_t>> blocking_read(std::uint64_t len) override {
    return read(len, true);
  }
  Out<std::uint64_t> skip(std::uint64_t len) override { return skip(len, false); }
  Out<std::uint64_t> blocking_skip(std::uint64_t len) override { return skip(len, true); }
  std::unique_ptr<api::io::poll::pollable> subscribe() override;

  bool collect(WaitSet& set) override { return closed_ || source_->collect(set); }

 private:
  Out<std::vector<std::uint8_t>> read(std::uint64_t len, bool wait);
  Out<std::uint64_t> skip(std::uint64_t len, bool wait);
  Out<std::size_t> read_into(std::span<std::uint8_t> bytes, bool wait);

  Host& host_;
  std::shared_ptr<Source> source_;
  Quota::Token token_;
  bool closed_ = false;
};

/// What a guest writes to, and what is not written yet: at most what one `write` brought. A stream
/// or several share it.
class Output : public Waitable {
 public:
  template <class T>
  using Out = std::expected<T, streams::stream_error>;

  Output(Host& host, std::shared_ptr<Sink> sink) : host_(host), sink_(std::move(sink)) {}

  Out<std::uint64_t> check_write();
  /// Bytes that `check_write` has permitted.
  Out<void> write(ByteSpan bytes);
  /// Waits until there is room.
  Out<std::uint64_t> wait_for_room();
  /// Waits until all is written.
  Out<void> drain();
  Out<void> write_and_drain(ByteSpan bytes);
  [[nodiscard]] bool empty() const { return pending_.empty(); }
  /// Closes it for the guest; what is written still goes.
  void end();
  [[nodiscard]] Host& host() const { return host_; }
  bool collect(WaitSet& set) override;
  /// Writes what goes without waiting.
  void push();

 private:
  streams::stream_error take_error();

  Host& host_;
  std::shared_ptr<Sink> sink_;
  std::vector<std::uint8_t> pending_;
  std::size_t written_ = 0;
  /// Not told yet.
  std::optional<ErrorCode> error_;
  bool closed_ = false;
  bool ending_ = false;
};

/// Standard output, or standard error.
class StandardOutput final : public Output {
 public:
  StandardOutput(Host& host, std::shared_ptr<OutputSink> sink);
  /// Waits until all is written, or nobody reads any more.
  void finish();
};

/// An `output-stream`: a handle with the permit of its last `check-write`.
class OutputStream final : public streams::output_stream {
 public:
  template <class T>
  using Out = std::expected<T, streams::stream_error>;

  OutputStream(std::shared_ptr<Output> to, Quota::Token token)
      : to_(std::move(to)), token_(std::move(token)) {}
  ~OutputStream() override { to_->host().linger(to_, std::move(token_)); }

  Out<std::uint64_t> check_write() override;
  Out<void> write(std::vector<std::uint8_t> contents) override;
  Out<void> blocking_write_and_flush(std::vector<std::uint8_t> contents) override;
  Out<void> flush() override;
  Out<void> blocking_flush() override;
  std::unique_ptr<api::io::poll::pollable> subscribe() override;
  Out<void> write_zeroes(std::uint64_t len) override;
  Out<void> blocking_write_zeroes_and_flush(std::uint64_t len) override;
  Out<std::uint64_t> splice(streams::input_stream& src, std::uint64_t len) override;
  Out<std::uint64_t> blocking_splice(streams::input_stream& src, std::uint64_t len) override;

 private:
  void spend(std::uint64_t bytes);
  std::shared_ptr<Output> to_;
  Quota::Token token_;
  std::uint64_t permit_ = 0;
};

}  // namespace tenon::wasi::p2
