// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/bytes.h"

#include <type_traits>

#include "tenon/base/unicode.h"

namespace tenon {

Error Reader::end_error(const char* what, std::size_t wanted) const {
  std::string detail = "found ";
  detail += std::to_string(left());
  detail += left() == 1 ? " byte" : " bytes";
  detail += ", wanted ";
  detail += what;
  if (wanted > 1) {
    detail += " of ";
    detail += std::to_string(wanted);
    detail += " bytes";
  }
  const std::uint32_t end = base_ + static_cast<std::uint32_t>(end_ - begin_);
  return {rules::unexpected_end, Span{source_, offset(), end}, std::move(detail)};
}

template <class T, unsigned Bits>
Result<T> Reader::unsigned_leb(const char* what) {
  constexpr unsigned max_bytes = (Bits + 6) / 7;
  const std::uint32_t start = offset();
  T value = 0;
  for (unsigned i = 0; i < max_bytes; ++i) {
    if (at_ == end_) return std::unexpected(end_error(what, 1));
    const std::uint8_t byte = *at_++;
    if (i == max_bytes - 1) {
      if ((byte & 0x80U) != 0)
        return std::unexpected(Error(rules::leb_too_long, span_from(start), what));
      if ((byte >> (Bits - 7 * i)) != 0)
        return std::unexpected(Error(rules::leb_too_large, span_from(start), what));
    }
    value |= static_cast<T>(byte & 0x7FU) << (7 * i);
    if ((byte & 0x80U) == 0) return value;
  }
  return value;
}

template <class T, unsigned Bits>
Result<T> Reader::signed_leb(const char* what) {
  constexpr unsigned max_bytes = (Bits + 6) / 7;
  using U = std::make_unsigned_t<T>;
  const std::uint32_t start = offset();
  U value = 0;
  for (unsigned i = 0; i < max_bytes; ++i) {
    if (at_ == end_) return std::unexpected(end_error(what, 1));
    const std::uint8_t byte = *at_++;
    const unsigned shift = 7 * i;
    if (i == max_bytes - 1) {
      if ((byte & 0x80U) != 0)
        return std::unexpected(Error(rules::leb_too_long, span_from(start), what));
      // The bits above the value must all equal its sign.
      constexpr unsigned used = Bits - 7 * (max_bytes - 1);
      const auto high = static_cast<std::uint8_t>((byte & 0x7FU) >> (used - 1));
      if (high != 0 && high != (0x7FU >> (used - 1)))
        return std::unexpected(Error(rules::leb_too_large, span_from(start), what));
    }
    value |= static_cast<U>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) {
      const unsigned width = shift + 7;
      if ((byte & 0x40U) != 0 && width < sizeof(U) * 8) value |= ~U{0} << width;
      return static_cast<T>(value);
    }
  }
  return static_cast<T>(value);
}

template Result<std::uint32_t> Reader::unsigned_leb<std::uint32_t, 32>(const char*);
template Result<std::uint64_t> Reader::unsigned_leb<std::uint64_t, 64>(const char*);
template Result<std::int32_t> Reader::signed_leb<std::int32_t, 32>(const char*);
template Result<std::int64_t> Reader::signed_leb<std::int64_t, 33>(const char*);
template Result<std::int64_t> Reader::signed_leb<std::int64_t, 64>(const char*);

Result<ByteSpan> Reader::bytes(std::size_t n, const char* what) {
  if (n > left()) return std::unexpected(end_error(what, n));
  const ByteSpan out(at_, n);
  at_ += n;
  return out;
}

Result<ByteSpan> Reader::sized_bytes(const char* what) {
  const std::uint32_t n = TENON_TRY(u32(what));
  return bytes(n, what);
}

Result<std::string_view> Reader::name(const char* what) {
  const std::uint32_t n = TENON_TRY(u32(what));
  const std::uint32_t start = offset();
  const ByteSpan content = TENON_TRY(bytes(n, what));
  if (const auto bad = utf8_error(content)) {
    const std::uint32_t at = start + static_cast<std::uint32_t>(*bad);
    return std::unexpected(Error(rules::utf8, Span{source_, at, at + 1}, what));
  }
  return std::string_view(reinterpret_cast<const char*>(content.data()), content.size());
}

Result<std::uint32_t> Reader::count(const char* what, std::size_t min_item_size) {
  const std::uint32_t start = offset();
  const std::uint32_t n = TENON_TRY(u32(what));
  if (n > left() / min_item_size) {
    return std::unexpected(Error(rules::unexpected_end, span_from(start),
                                 std::to_string(n) + " items announced, " + std::to_string(left()) +
                                     " bytes left for " + what));
  }
  return n;
}

Result<Reader> Reader::sub(std::size_t n, const char* what) {
  const std::uint32_t start = offset();
  const ByteSpan content = TENON_TRY(bytes(n, what));
  return Reader(content, source_, start);
}

void Writer::u64(std::uint64_t value) {
  do {
    std::uint8_t byte = value & 0x7FU;
    value >>= 7U;
    if (value != 0) byte |= 0x80U;
    out_.push_back(byte);
  } while (value != 0);
}

void Writer::s64(std::int64_t value) {
  for (;;) {
    const auto byte = static_cast<std::uint8_t>(value & 0x7F);
    value >>= 7;
    const bool done = (value == 0 && (byte & 0x40U) == 0) || (value == -1 && (byte & 0x40U) != 0);
    out_.push_back(done ? byte : static_cast<std::uint8_t>(byte | 0x80U));
    if (done) return;
  }
}

void Writer::fixed_u32(std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void Writer::fixed_u64(std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace tenon
