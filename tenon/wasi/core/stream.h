// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/wasi/core/error.h"

namespace tenon::wasi {

/// Where a guest reads from: its standard input. Neither call blocks.
class InputSource {
 public:
  InputSource() = default;
  InputSource(const InputSource&) = delete;
  InputSource& operator=(const InputSource&) = delete;
  virtual ~InputSource() = default;

  /// Reads what is there, at most the span; 0 is the end (of a span that is not empty). Where
  /// nothing is there yet: `would_block`.
  [[nodiscard]] virtual IoResult<std::size_t> read(std::span<std::uint8_t> bytes) = 0;
  /// What to wait for after `would_block`; -1: it never gives that.
  [[nodiscard]] virtual int wait_fd() const { return -1; }
  /// Bytes that a read would give now, as far as that is known; 1 when it is not and a read would
  /// not block. 0: it would block.
  [[nodiscard]] virtual std::uint64_t available() { return 1; }
  [[nodiscard]] virtual bool is_terminal() const { return false; }

  /// At its end from the beginning.
  [[nodiscard]] static std::shared_ptr<InputSource> empty();
  [[nodiscard]] static std::shared_ptr<InputSource> text(std::string bytes);
  /// A descriptor of the process, which stays open and as it is: no flag of it is touched, because
  /// others share them.
  [[nodiscard]] static std::shared_ptr<InputSource> descriptor(int fd);
};

/// What a guest wrote into memory. Beyond `most` bytes the guest is told `insufficient_space`.
class Capture {
 public:
  explicit Capture(std::size_t most = std::size_t{64} << 20U) : most_(most) {}
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] IoResult<std::size_t> write(ByteSpan bytes);

 private:
  std::size_t most_;
  std::string text_;
};

/// Where a guest writes to: its standard output and error. No call blocks.
class OutputSink {
 public:
  OutputSink() = default;
  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;
  virtual ~OutputSink() = default;

  /// Writes what there is room for, at least a byte of a span that is not empty; `would_block`
  /// where there is none, `pipe` where nobody reads any more.
  [[nodiscard]] virtual IoResult<std::size_t> write(ByteSpan bytes) = 0;
  /// What to wait for after `would_block`; -1: it never gives that.
  [[nodiscard]] virtual int wait_fd() const { return -1; }
  [[nodiscard]] virtual bool is_terminal() const { return false; }

  /// Takes everything and keeps nothing.
  [[nodiscard]] static std::shared_ptr<OutputSink> discard();
  [[nodiscard]] static std::shared_ptr<OutputSink> capture(std::shared_ptr<Capture> into);
  /// A descriptor of the process, which stays open and as it is. Where it is a terminal, what acts
  /// on one (escape sequences and other control characters but line feed, carriage return and tab)
  /// is made visible.
  [[nodiscard]] static std::shared_ptr<OutputSink> descriptor(int fd);
};

/// Makes what acts on a terminal visible: control characters become their pictures (U+2400 to
/// U+2421), C1 controls and bytes that are no UTF-8 U+FFFD. A scalar value may come in pieces.
class TerminalFilter {
 public:
  [[nodiscard]] std::string filter(std::string_view bytes);
  /// What is left of a scalar value that never ended.
  [[nodiscard]] std::string finish();

 private:
  std::string begun_;
};

}  // namespace tenon::wasi
