// SPDX-License-Identifier: Apache-2.0
// Floats are rounded here if they are hexadecimal, once and from all digits, and by
// `std::from_chars` if they are decimal. A malformed number and one that is out of range are
// different errors in the test suite, so parsing reports which.
// Spec: core/text/values
#include "tenon/text/number.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <string>

namespace tenon::text {
namespace {

constexpr int no_digit = 255;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return no_digit;
}

/// Digits with single underscores between them; moves `p` past them. False when there is no digit
/// or an underscore is elsewhere.
bool skip_digits(const char*& p, const char* end, int base) {
  if (p == end || digit(*p) >= base) return false;
  while (p != end) {
    if (digit(*p) < base) {
      ++p;
    } else if (*p == '_') {
      if (p + 1 == end || digit(p[1]) >= base) return false;
      ++p;
    } else {
      break;
    }
  }
  return true;
}

IntResult parse_magnitude(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  int base = 10;
  if (text.size() > 2 && p[0] == '0' && p[1] == 'x') {
    base = 16;
    p += 2;
  }
  const char* check = p;
  if (!skip_digits(check, end, base) || check != end) return {NumberStatus::malformed, 0};
  std::uint64_t value = 0;
  bool overflow = false;
  for (; p != end; ++p) {
    if (*p == '_') continue;
    const auto d = static_cast<std::uint64_t>(digit(*p));
    overflow = overflow ||
               __builtin_mul_overflow(value, static_cast<std::uint64_t>(base), &value) ||
               __builtin_add_overflow(value, d, &value);
  }
  return {overflow ? NumberStatus::out_of_range : NumberStatus::ok, value};
}

std::uint64_t mask(unsigned bits) {
  return bits == 64 ? ~0ULL : (1ULL << bits) - 1;
}

struct FloatFormat {
  int significand;  // explicit bits
  int bias;
  int max_exponent;
};
constexpr FloatFormat format_of(unsigned bits) {
  return bits == 32 ? FloatFormat{23, 127, 127} : FloatFormat{52, 1023, 1023};
}

/// 1.f × 2^exponent from `value` × 2^exponent, `sticky` telling of non-zero bits below.
IntResult round_binary(std::uint64_t value, std::int64_t exponent, bool sticky,
                       const FloatFormat& format) {
  if (value == 0) return {NumberStatus::ok, 0};
  const int width = 64 - std::countl_zero(value);
  std::int64_t top = exponent + width - 1;  // exponent of the leading bit
  const std::int64_t min_normal = 1 - format.bias;
  // The weight of the last bit that is kept.
  std::int64_t last = (top < min_normal ? min_normal : top) - format.significand;
  const std::int64_t drop = last - exponent;
  std::uint64_t kept = 0;
  if (drop <= 0) {
    kept = value << static_cast<unsigned>(-drop);
  } else if (drop > 64) {
    kept = 0;
  } else {
    const std::uint64_t below =
        drop == 64 ? value : value & ((1ULL << static_cast<unsigned>(drop)) - 1);
    const std::uint64_t half = 1ULL << static_cast<unsigned>(drop - 1);
    kept = drop == 64 ? 0 : value >> static_cast<unsigned>(drop);
    const bool up = below > half || (below == half && (sticky || (kept & 1U) != 0));
    if (up) ++kept;
  }
  if (kept == 0) return {NumberStatus::ok, 0};
  if (kept >> static_cast<unsigned>(format.significand + 1) != 0) {
    kept >>= 1U;
    ++last;
  }
  top = last + format.significand;
  if (top > format.max_exponent) return {NumberStatus::out_of_range, 0};
  const bool normal = (kept >> static_cast<unsigned>(format.significand)) != 0;
  const std::uint64_t fraction = kept & mask(static_cast<unsigned>(format.significand));
  const std::uint64_t biased = normal ? static_cast<std::uint64_t>(top + format.bias) : 0;
  return {NumberStatus::ok, (biased << static_cast<unsigned>(format.significand)) | fraction};
}

/// The form of a float without sign, cut into its parts.
struct FloatParts {
  bool ok = false;
  bool hex = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;  // with its sign; empty when absent
};

FloatParts split_float(std::string_view text) {
  FloatParts parts;
  const char* p = text.data();
  const char* const end = p + text.size();
  if (text.size() > 2 && p[0] == '0' && p[1] == 'x') {
    parts.hex = true;
    p += 2;
  }
  const int base = parts.hex ? 16 : 10;
  const auto piece = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<std::size_t>(to - from));
  };
  const char* from = p;
  if (!skip_digits(p, end, base)) return parts;
  parts.whole = piece(from, p);
  if (p != end && *p == '.') {
    from = ++p;
    if (p != end && digit(*p) < base) {
      if (!skip_digits(p, end, base)) return parts;
      parts.fraction = piece(from, p);
    }
  }
  if (p != end && (*p | 0x20) == (parts.hex ? 'p' : 'e')) {
    from = ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (!skip_digits(p, end, 10)) return parts;
    parts.exponent = piece(from, p);
  }
  parts.ok = p == end;
  return parts;
}

std::int64_t exponent_value(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  for (const char c : text) {
    if (c != '_' && value < 1'000'000'000'000) value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

IntResult hex_float(const FloatParts& parts, const FloatFormat& format) {
  std::uint64_t value = 0;
  bool sticky = false;
  std::int64_t exponent = exponent_value(parts.exponent);
  const auto take = [&](std::string_view digits, bool is_fraction) {
    for (const char c : digits) {
      if (c == '_') continue;
      const auto d = static_cast<std::uint64_t>(digit(c));
      if (value >> 60U == 0) {
        value = (value << 4U) | d;
        if (is_fraction) exponent -= 4;
      } else {
        sticky = sticky || d != 0;
        if (!is_fraction) exponent += 4;
      }
    }
  };
  take(parts.whole, false);
  take(parts.fraction, true);
  return round_binary(value, exponent, sticky, format);
}

template <class F>
IntResult decimal_float(const FloatParts& parts) {
  std::string plain;
  plain.reserve(parts.whole.size() + parts.fraction.size() + 24);
  const auto add = [&](std::string_view digits) {
    for (const char c : digits) {
      if (c != '_') plain += c;
    }
  };
  add(parts.whole);
  const std::size_t whole_digits = plain.size();
  if (!parts.fraction.empty()) {
    plain += '.';
    add(parts.fraction);
  }
  const std::int64_t exponent = exponent_value(parts.exponent);
  plain += 'e';
  plain += std::to_string(exponent > 100'000 ? 100'000 : exponent < -100'000 ? -100'000 : exponent);
  F value = 0;
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too small or too large: the place of the first significant digit tells.
    const std::size_t first = plain.find_first_of("123456789");
    const auto e_at = plain.find('e');
    if (first == std::string::npos || first > e_at) return {NumberStatus::ok, 0};
    const std::int64_t place = first < whole_digits
                                   ? static_cast<std::int64_t>(whole_digits - first)
                                   : -static_cast<std::int64_t>(first - whole_digits);
    if (place + exponent > 0) return {NumberStatus::out_of_range, 0};
    return {NumberStatus::ok, 0};
  }
  if (result.ec != std::errc{}) return {NumberStatus::malformed, 0};
  if (std::isinf(value)) return {NumberStatus::out_of_range, 0};
  if constexpr (sizeof(F) == 4)
    return {NumberStatus::ok, std::bit_cast<std::uint32_t>(value)};
  else
    return {NumberStatus::ok, std::bit_cast<std::uint64_t>(value)};
}

IntResult nan_payload(std::string_view hex, const FloatFormat& format) {
  const IntResult payload = parse_magnitude(hex);
  if (payload.status == NumberStatus::malformed || !hex.starts_with("0x")) return {};
  if (payload.status == NumberStatus::out_of_range || payload.value == 0 ||
      payload.value >> static_cast<unsigned>(format.significand) != 0) {
    return {NumberStatus::out_of_range, 0};
  }
  return payload;
}

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text;
}

}  // namespace

IntResult parse_unsigned(std::string_view text, unsigned bits) {
  IntResult result = parse_magnitude(text);
  if (result.status == NumberStatus::ok && (result.value & ~mask(bits)) != 0) {
    result.status = NumberStatus::out_of_range;
  }
  return result;
}

IntResult parse_signed(std::string_view text, unsigned bits) {
  const bool negative = !text.empty() && text[0] == '-';
  IntResult result = parse_magnitude(without_sign(text));
  if (result.status != NumberStatus::ok) return result;
  const std::uint64_t limit = (1ULL << (bits - 1)) - (negative ? 0 : 1);
  if (result.value > limit) return {NumberStatus::out_of_range, 0};
  if (negative) result.value = (0 - result.value) & mask(bits);
  return result;
}

IntResult parse_int(std::string_view text, unsigned bits) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) return parse_signed(text, bits);
  return parse_unsigned(text, bits);
}

IntResult parse_float(std::string_view text, unsigned bits) {
  const FloatFormat format = format_of(bits);
  const std::uint64_t sign = !text.empty() && text[0] == '-' ? 1ULL << (bits - 1) : 0;
  const std::string_view magnitude = without_sign(text);
  const std::uint64_t infinity = mask(bits - 1) & ~mask(static_cast<unsigned>(format.significand));
  IntResult result;
  if (magnitude == "inf") {
    result = {NumberStatus::ok, infinity};
  } else if (magnitude == "nan") {
    result = {NumberStatus::ok, infinity | 1ULL << static_cast<unsigned>(format.significand - 1)};
  } else if (magnitude.starts_with("nan:")) {
    result = nan_payload(magnitude.substr(4), format);
    result.value |= infinity;
  } else {
    const FloatParts parts = split_float(magnitude);
    if (!parts.ok) return {};
    if (parts.hex) {
      result = hex_float(parts, format);
    } else {
      result = bits == 32 ? decimal_float<float>(parts) : decimal_float<double>(parts);
    }
  }
  result.value |= sign;
  return result;
}

bool is_int(std::string_view text) {
  return parse_magnitude(without_sign(text)).status != NumberStatus::malformed;
}

bool is_float(std::string_view text) {
  const std::string_view magnitude = without_sign(text);
  if (magnitude == "inf" || magnitude == "nan") return true;
  if (magnitude.starts_with("nan:")) {
    return magnitude.substr(4).starts_with("0x") &&
           parse_magnitude(magnitude.substr(4)).status != NumberStatus::malformed;
  }
  return split_float(magnitude).ok;
}

}  // namespace tenon::text
