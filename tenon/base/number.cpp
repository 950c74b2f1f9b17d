// SPDX-License-Identifier: Apache-2.0
// Numbers in texts. `std::from_chars` says "out of range" of what is too large and of what is too
// small alike, and leaves the result as it was: whoever forgets to look reads a 0 for 1e400.
#include "tenon/base/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace tenon {
namespace {

constexpr std::int64_t far = 1'000'000'000;

/// A number of the grammar in parts: its digits (with the point among them), the exponent behind.
struct Parts {
  bool negative = false;
  std::string_view digits;
  std::int64_t exponent = 0;
};

Parts split(std::string_view text) {
  Parts out;
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  const auto e = text.find_first_of("eE");
  out.digits = text.substr(0, e);
  if (e == std::string_view::npos) return out;
  auto exponent = text.substr(e + 1);
  const bool down = exponent.starts_with('-');
  if (down || exponent.starts_with('+')) exponent.remove_prefix(1);
  for (const char c : exponent) out.exponent = std::min(far, out.exponent * 10 + (c - '0'));
  if (down) out.exponent = -out.exponent;
  return out;
}

/// Whether a number that no float holds is too small, not too large.
bool is_tiny(std::string_view text) {
  const auto parts = split(text);
  const auto point = std::min(parts.digits.find('.'), parts.digits.size());
  const auto first = parts.digits.find_first_not_of("0.");
  const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  return place + parts.exponent < 0;
}

}  // namespace

template <class F>
std::errc parse_float(std::string_view text, F& out) {
  F value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::invalid_argument || end != text.data() + text.size())
    return std::errc::invalid_argument;
  const F sign = text.starts_with('-') ? F{-1} : F{1};
  if (code == std::errc::result_out_of_range) {
    const bool tiny = is_tiny(text);
    out = std::copysign(tiny ? F{0} : std::numeric_limits<F>::infinity(), sign);
    return tiny ? std::errc() : code;
  }
  out = value;
  return std::isinf(value) ? std::errc::result_out_of_range : std::errc();
}
template std::errc parse_float<float>(std::string_view text, float& out);
template std::errc parse_float<double>(std::string_view text, double& out);

std::optional<Integer> exact_integer(std::string_view text) {
  const auto parts = split(text);
  // The digits that count, from the first to the last that is not 0.
  const auto first = parts.digits.find_first_not_of("0.");
  if (first == std::string_view::npos) return Integer{parts.negative, 0};
  const auto last = parts.digits.find_last_not_of("0.");
  const auto point = std::min(parts.digits.find('.'), parts.digits.size());
  // Places of the last digit left of the point: to be filled up with zeros.
  auto zeros = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(last);
  if (zeros > 0) --zeros;
  zeros += parts.exponent;
  if (zeros < 0 || zeros > 19) return std::nullopt;
  Integer out{parts.negative, 0};
  const auto push = [&](unsigned digit) {
    return !__builtin_mul_overflow(out.magnitude, 10U, &out.magnitude) &&
           !__builtin_add_overflow(out.magnitude, digit, &out.magnitude);
  };
  for (const char c : parts.digits.substr(first, last - first + 1)) {
    if (c != '.' && !push(static_cast<unsigned>(c - '0'))) return std::nullopt;
  }
  for (; zeros > 0; --zeros) {
    if (!push(0)) return std::nullopt;
  }
  return out;
}

}  // namespace tenon
