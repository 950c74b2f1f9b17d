// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/base/bytes.h"

namespace tenon::text {

/// Takes text piece by piece.
using TextSink = std::function<void(std::string_view)>;

/// Grows a text fast: one buffer, emptied into a sink when there is one.
class TextWriter {
 public:
  explicit TextWriter(TextSink sink = {}) : sink_(std::move(sink)) {
    grow(sink_ ? flush_size : 256);
  }

  void put(char c) {
    if (at_ == end_) [[unlikely]]
      grow(1);
    *at_++ = c;
  }
  void put(std::string_view text) {
    if (text.empty()) return;
    if (static_cast<std::size_t>(end_ - at_) < text.size()) [[unlikely]]
      grow(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void number(std::uint64_t value) { to_chars(value); }
  void signed_number(std::int64_t value) { to_chars(value); }
  void float_number(float value) { to_chars(value); }
  void float_number(double value) { to_chars(value); }
  void hex(std::uint64_t value, unsigned digits);
  /// A string literal of any bytes: printable ASCII as it is, the rest escaped.
  void bytes_literal(ByteSpan bytes);
  /// A string literal of UTF-8 text: what a reader could mistake is escaped.
  void name_literal(std::string_view name);

  /// A new line, indented. Deep nesting stops to indent further, so that its text stays linear.
  void line() {
    const std::size_t spaces = indent_ * 2 < max_indent ? indent_ * 2 : max_indent;
    if (static_cast<std::size_t>(end_ - at_) < spaces + 1) [[unlikely]]
      grow(spaces + 1);
    *at_++ = '\n';
    std::memset(at_, ' ', spaces);
    at_ += spaces;
  }
  void indent() { ++indent_; }
  void dedent() { --indent_; }
  [[nodiscard]] std::size_t indentation() const { return indent_; }
  void set_indentation(std::size_t indentation) { indent_ = indentation; }

  /// What was written since the last time.
  [[nodiscard]] std::string_view view() const {
    return {buffer_.get(), static_cast<std::size_t>(at_ - buffer_.get())};
  }
  void clear() { at_ = buffer_.get(); }
  /// Hands all that is left to the sink.
  void flush() {
    if (sink_) {
      sink_(view());
      clear();
    }
  }
  [[nodiscard]] std::string take() {
    std::string out(view());
    clear();
    return out;
  }

 private:
  static constexpr std::size_t max_indent = 100;
  static constexpr std::size_t flush_size = 1U << 18U;

  template <class T>
  void to_chars(T value) {
    if (end_ - at_ < 40) [[unlikely]]
      grow(40);
    at_ = std::to_chars(at_, end_, value).ptr;
  }
  void grow(std::size_t wanted);

  TextSink sink_;
  std::unique_ptr<char[]> buffer_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t indent_ = 0;
};

/// Whether a name can follow `$` without quotes.
[[nodiscard]] bool is_plain_id(std::string_view name);

}  // namespace tenon::text
