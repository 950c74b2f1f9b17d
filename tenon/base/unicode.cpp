// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/unicode.h"

#include <cassert>
#include <cstring>

namespace tenon {
namespace {

/// Length of the ASCII run at the beginning of `bytes`.
std::size_t ascii_run(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t high = 0x8080808080808080ULL;
  std::size_t i = 0;
  // A cache line at a time, as vectors whatever the level of optimisation.
  using Vector [[gnu::vector_size(16)]] = std::uint64_t;
  while (i + 64 <= bytes.size()) {
    Vector v[4];
    std::memcpy(v, bytes.data() + i, 64);
    const Vector all = (v[0] | v[1]) | (v[2] | v[3]);
    if (((all[0] | all[1]) & high) != 0) break;
    i += 64;
  }
  while (i + 8 <= bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & high) != 0) break;
    i += 8;
  }
  while (i < bytes.size() && bytes[i] < 0x80) ++i;
  return i;
}

/// Length of the sequence that a lead byte opens, and the allowed range of its second byte.
struct Lead {
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

std::optional<std::size_t> utf8_error(std::span<const std::uint8_t> bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (bytes[i] < 0x80) {
      i += ascii_run(bytes.subspan(i));
      continue;
    }
    const Lead lead = lead_of(bytes[i]);
    if (lead.length == 0 || bytes.size() - i < lead.length) return i;
    if (bytes[i + 1] < lead.low || bytes[i + 1] > lead.high) return i;
    for (std::size_t k = 2; k < lead.length; ++k) {
      if ((bytes[i + k] & 0xC0U) != 0x80U) return i;
    }
    i += lead.length;
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  return is_utf8(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

char32_t next_scalar(std::string_view text, std::size_t& at) {
  assert(at < text.size());
  const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(text[at + k]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const std::size_t length = lead_of(first).length;
  assert(length != 0 && at + length <= text.size());
  char32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) value = (value << 6U) | (byte(k) & 0x3FU);
  at += length;
  return value;
}

void append_utf8(std::string& out, char32_t scalar) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0U | (scalar >> 6U));
    put(0x80U | (scalar & 0x3FU));
  } else if (scalar < 0x10000) {
    put(0xE0U | (scalar >> 12U));
    put(0x80U | ((scalar >> 6U) & 0x3FU));
    put(0x80U | (scalar & 0x3FU));
  } else {
    put(0xF0U | (scalar >> 18U));
    put(0x80U | ((scalar >> 12U) & 0x3FU));
    put(0x80U | ((scalar >> 6U) & 0x3FU));
    put(0x80U | (scalar & 0x3FU));
  }
}

std::u16string utf8_to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t scalar = next_scalar(text, at);
    if (scalar < 0x10000) {
      out.push_back(static_cast<char16_t>(scalar));
    } else {
      out.push_back(static_cast<char16_t>(0xD800U + ((scalar - 0x10000) >> 10U)));
      out.push_back(static_cast<char16_t>(0xDC00U + ((scalar - 0x10000) & 0x3FFU)));
    }
  }
  return out;
}

std::optional<std::string> utf16_to_utf8(std::span<const char16_t> units) {
  std::string out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    char32_t scalar = units[i];
    if (scalar >= 0xD800 && scalar <= 0xDFFF) {
      const bool paired = scalar <= 0xDBFF && i + 1 < units.size() && units[i + 1] >= 0xDC00 &&
                          units[i + 1] <= 0xDFFF;
      if (!paired) return std::nullopt;
      scalar = 0x10000 + ((scalar - 0xD800) << 10U) + (units[++i] - 0xDC00U);
    }
    append_utf8(out, scalar);
  }
  return out;
}

std::string latin1_to_utf8(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) append_utf8(out, byte);
  return out;
}

}  // namespace tenon
