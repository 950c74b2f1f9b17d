// SPDX-License-Identifier: Apache-2.0
// Output of modules is mostly small pieces: the buffer is checked once per piece, and literals
// reserve their worst case. With a sink the buffer is flushed while printing, so that memory does
// not grow with the text.
#include "tenon/text/text_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"

namespace tenon::text {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr auto plain = make_plain();

}  // namespace

void TextWriter::grow(std::size_t wanted) {
  const auto used = static_cast<std::size_t>(at_ - buffer_.get());
  if (sink_ && used >= flush_size) {
    sink_({buffer_.get(), used});
    at_ = buffer_.get();
    if (std::cmp_greater_equal(end_ - at_, wanted)) return;
  }
  const auto kept = static_cast<std::size_t>(at_ - buffer_.get());
  const std::size_t size =
      std::max(kept + wanted, static_cast<std::size_t>(end_ - buffer_.get()) * 2);
  auto bigger = std::make_unique_for_overwrite<char[]>(size);
  if (kept != 0) std::memcpy(bigger.get(), buffer_.get(), kept);
  buffer_ = std::move(bigger);
  at_ = buffer_.get() + kept;
  end_ = buffer_.get() + size;
}

void TextWriter::hex(std::uint64_t value, unsigned digits) {
  for (unsigned i = digits; i-- > 0;) put(hex_digits[(value >> (4 * i)) & 15U]);
}

void TextWriter::bytes_literal(ByteSpan bytes) {
  put('"');
  // Room for the worst case of a piece at a time, then no checks inside.
  constexpr std::size_t piece = 4096;
  for (std::size_t from = 0; from < bytes.size(); from += piece) {
    const ByteSpan part = bytes.subspan(from, std::min(piece, bytes.size() - from));
    if (static_cast<std::size_t>(end_ - at_) < part.size() * 3) grow(part.size() * 3);
    char* at = at_;
    for (const std::uint8_t byte : part) {
      if (plain[byte]) [[likely]] {
        *at++ = static_cast<char>(byte);
      } else {
        at[0] = '\\';
        at[1] = hex_digits[byte >> 4U];
        at[2] = hex_digits[byte & 15U];
        at += 3;
      }
    }
    at_ = at;
  }
  put('"');
}

void TextWriter::name_literal(std::string_view name) {
  put('"');
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t from = at;
    const char32_t c = next_scalar(name, at);
    if (c == '"' || c == '\\') {
      put('\\');
      put(static_cast<char>(c));
    } else if (is_unseen(c)) {
      put("\\u{");
      hex(c, c > 0xFFFF ? 6 : c > 0xFF ? 4 : 2);
      put('}');
    } else {
      put(name.substr(from, at - from));
    }
  }
  put('"');
}

bool is_plain_id(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("\"(),;[]{}").find(c) == std::string_view::npos;
  });
}

}  // namespace tenon::text
