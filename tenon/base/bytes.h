// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/rules.h"

namespace tenon {

using ByteSpan = std::span<const std::uint8_t>;

/// Read-only bytes that are either owned or borrowed from an owner who lives longer. Moving it
/// keeps every pointer into the bytes valid.
class Blob {
 public:
  Blob() = default;
  static Blob own(std::vector<std::uint8_t> bytes) {
    Blob blob;
    blob.owned_ = std::move(bytes);
    blob.view_ = blob.owned_;
    return blob;
  }
  static Blob borrow(ByteSpan bytes) {
    Blob blob;
    blob.view_ = bytes;
    return blob;
  }
  Blob(Blob&& other) noexcept
      : owned_(std::move(other.owned_)), view_(std::exchange(other.view_, {})) {}
  Blob& operator=(Blob&& other) noexcept {
    owned_ = std::move(other.owned_);
    view_ = std::exchange(other.view_, {});
    return *this;
  }
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;
  ~Blob() = default;

  [[nodiscard]] ByteSpan view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }

 private:
  std::vector<std::uint8_t> owned_;
  ByteSpan view_;
};

/// A range of a `Blob`: what a structure keeps instead of a pointer.
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  [[nodiscard]] std::uint32_t size() const { return end - begin; }
  [[nodiscard]] ByteSpan in(ByteSpan all) const { return all.subspan(begin, size()); }
  friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A bounds-checked cursor over bytes. Offsets and spans count from `base`, the place of the first
/// byte in its source. Sources are smaller than 4 GiB (whoever reads a file checks it).
class Reader {
 public:
  explicit Reader(ByteSpan bytes, std::uint32_t source = 0, std::uint32_t base = 0)
      : begin_(bytes.data()),
        at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        source_(source),
        base_(base) {}

  /// Offset in the source of the next byte.
  [[nodiscard]] std::uint32_t offset() const {
    return base_ + static_cast<std::uint32_t>(at_ - begin_);
  }
  [[nodiscard]] std::uint32_t source() const { return source_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] ByteSpan rest() const { return {at_, end_}; }
  [[nodiscard]] Span span_from(std::uint32_t begin) const { return {source_, begin, offset()}; }
  /// The next byte's span, empty at the end.
  [[nodiscard]] Span here() const { return {source_, offset(), offset() + (at_end() ? 0U : 1U)}; }

  /// One byte. `what` names it in the error.
  [[nodiscard]] Result<std::uint8_t> u8(const char* what) {
    if (at_ == end_) [[unlikely]]
      return std::unexpected(end_error(what, 1));
    return *at_++;
  }
  /// The next byte without moving; there must be one.
  [[nodiscard]] std::uint8_t peek() const {
    assert(at_ != end_);
    return *at_;
  }
  void skip(std::size_t n) {
    assert(n <= left());
    at_ += n;
  }

  /// Unsigned and signed LEB128. Spec: core/binary/values "Integers".
  [[nodiscard]] Result<std::uint32_t> u32(const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return std::uint32_t{*at_++};
    return unsigned_leb<std::uint32_t, 32>(what);
  }
  [[nodiscard]] Result<std::uint64_t> u64(const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return std::uint64_t{*at_++};
    return unsigned_leb<std::uint64_t, 64>(what);
  }
  [[nodiscard]] Result<std::int32_t> s32(const char* what) {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(*at_++) << 25U) >> 25;
    return signed_leb<std::int32_t, 32>(what);
  }
  /// A 33-bit signed integer, as block and heap types use it.
  [[nodiscard]] Result<std::int64_t> s33(const char* what) {
    return signed_leb<std::int64_t, 33>(what);
  }
  [[nodiscard]] Result<std::int64_t> s64(const char* what) {
    return signed_leb<std::int64_t, 64>(what);
  }

  /// Little-endian fixed-width integers.
  [[nodiscard]] Result<std::uint32_t> fixed_u32(const char* what) {
    return fixed<std::uint32_t>(what);
  }
  [[nodiscard]] Result<std::uint64_t> fixed_u64(const char* what) {
    return fixed<std::uint64_t>(what);
  }

  /// The next `n` bytes, as a view into the input.
  [[nodiscard]] Result<ByteSpan> bytes(std::size_t n, const char* what);
  /// A length-prefixed stretch of bytes, as a view into the input.
  [[nodiscard]] Result<ByteSpan> sized_bytes(const char* what);
  /// A length-prefixed UTF-8 name, as a view into the input.
  [[nodiscard]] Result<std::string_view> name(const char* what);
  /// The count of a vector, checked against the bytes left: each item takes at least
  /// `min_item_size` bytes, so the result may size an allocation.
  [[nodiscard]] Result<std::uint32_t> count(const char* what, std::size_t min_item_size = 1);
  /// A reader of the next `n` bytes alone; this one moves past them.
  [[nodiscard]] Result<Reader> sub(std::size_t n, const char* what);

  /// The input ended where `what` (of at least `wanted` bytes) was to be.
  [[nodiscard]] Error end_error(const char* what, std::size_t wanted) const;

 private:
  template <class T>
  [[nodiscard]] Result<T> fixed(const char* what) {
    if (left() < sizeof(T)) [[unlikely]]
      return std::unexpected(end_error(what, sizeof(T)));
    T value = 0;
    std::memcpy(&value, at_, sizeof(T));
    static_assert(std::endian::native == std::endian::little);
    at_ += sizeof(T);
    return value;
  }
  template <class T, unsigned Bits>
  [[nodiscard]] Result<T> unsigned_leb(const char* what);
  template <class T, unsigned Bits>
  [[nodiscard]] Result<T> signed_leb(const char* what);

  const std::uint8_t* begin_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint32_t source_;
  std::uint32_t base_;
};

/// Appends bytes to a vector that it owns.
class Writer {
 public:
  void u8(std::uint8_t byte) { out_.push_back(byte); }
  void u32(std::uint32_t value) { u64(value); }
  void u64(std::uint64_t value);
  void s32(std::int32_t value) { s64(value); }
  void s64(std::int64_t value);
  void fixed_u32(std::uint32_t value);
  void fixed_u64(std::uint64_t value);
  void bytes(ByteSpan bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void sized_bytes(ByteSpan content) {
    u32(static_cast<std::uint32_t>(content.size()));
    bytes(content);
  }
  void name(std::string_view text) {
    sized_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] ByteSpan view() const { return out_; }
  [[nodiscard]] std::vector<std::uint8_t>& raw() { return out_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

}  // namespace tenon
