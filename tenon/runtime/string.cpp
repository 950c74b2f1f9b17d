// SPDX-License-Identifier: Apache-2.0
// One function for each pair of encodings, because the specification says for each how much to
// allocate first and when to call `realloc` again, which guests can observe. A `realloc` may write
// to the source: decoding never reads beyond its end, and copies within one memory use `memmove`.
// Spec: CanonicalABI.md "Loading", "Storing"
#include "tenon/runtime/string.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "tenon/base/narrow.h"
#include "tenon/base/unicode.h"
#include "tenon/runtime/lift_lower.h"

namespace tenon::runtime {

using component::StringEncoding;

namespace {

using Encoding = StringView::Encoding;

std::uint16_t unit_at(const std::uint8_t* bytes, std::uint64_t i) {
  std::uint16_t u = 0;
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): nothing is read of a string too long
  std::memcpy(&u, bytes + 2 * i, 2);
  return u;
}

bool well_formed_utf16(const std::uint8_t* bytes, std::uint64_t units) {
  for (std::uint64_t i = 0; i < units; ++i) {
    const auto u = unit_at(bytes, i);
    if (u < 0xD800 || u > 0xDFFF) continue;
    if (u > 0xDBFF || i + 1 == units) return false;
    const auto low = unit_at(bytes, ++i);
    if (low < 0xDC00 || low > 0xDFFF) return false;
  }
  return true;
}

/// Reads scalar values one after the other from a string that was checked. A guest that is handed
/// its own memory may spoil it meanwhile: what it reads then is nonsense, but never beyond the end,
/// and never more scalars than there are code units.
class Scalars {
 public:
  explicit Scalars(const StringView& s) : s_(s) {}
  [[nodiscard]] bool done() const { return at_ >= s_.code_units; }
  /// Code units read.
  [[nodiscard]] std::uint64_t at() const { return at_; }
  char32_t next() {
    const auto* b = s_.bytes;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): nothing is read of a string too long
    if (s_.encoding == Encoding::latin1) return b[at_++];
    if (s_.encoding == Encoding::utf16) {
      const char32_t u = unit_at(b, at_++);
      if (u < 0xD800 || u > 0xDFFF) return u;
      if (done()) [[unlikely]]
        return replacement;
      return 0x10000 + (((u - 0xD800) & 0x3FFU) << 10U) + ((unit_at(b, at_++) - 0xDC00U) & 0x3FFU);
    }
    const char32_t c = b[at_++];
    if (c < 0x80) return c;
    const std::uint64_t more = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    if (s_.code_units - at_ < more) [[unlikely]] {
      at_ = s_.code_units;
      return replacement;
    }
    char32_t out = c & (0x3FU >> more);
    for (std::uint64_t i = 0; i < more; ++i) out = (out << 6U) | (b[at_++] & 0x3FU);
    return out;
  }

 private:
  static constexpr char32_t replacement = 0xFFFD;
  const StringView& s_;
  std::uint64_t at_ = 0;
};

std::uint64_t put_utf8(std::uint8_t* to, char32_t c) {
  const auto byte = [](char32_t v) { return low_bits<std::uint8_t>(v); };
  if (c < 0x80) {
    to[0] = byte(c);
    return 1;
  }
  if (c < 0x800) {
    to[0] = byte(0xC0U | (c >> 6U));
    to[1] = byte(0x80U | (c & 0x3FU));
    return 2;
  }
  if (c < 0x10000) {
    to[0] = byte(0xE0U | (c >> 12U));
    to[1] = byte(0x80U | ((c >> 6U) & 0x3FU));
    to[2] = byte(0x80U | (c & 0x3FU));
    return 3;
  }
  to[0] = byte(0xF0U | (c >> 18U));
  to[1] = byte(0x80U | ((c >> 12U) & 0x3FU));
  to[2] = byte(0x80U | ((c >> 6U) & 0x3FU));
  to[3] = byte(0x80U | (c & 0x3FU));
  return 4;
}

std::uint64_t put_utf16(std::uint8_t* to, char32_t c) {
  const auto put = [to](std::size_t i, char32_t u) {
    const auto unit = low_bits<std::uint16_t>(u);
    std::memcpy(to + 2 * i, &unit, 2);
  };
  if (c < 0x10000) {
    put(0, c);
    return 2;
  }
  put(0, 0xD800 + ((c - 0x10000) >> 10U));
  put(1, 0xDC00 + ((c - 0x10000) & 0x3FFU));
  return 4;
}

std::uint64_t utf16_tag(const LiftLowerContext& cx) {
  return cx.wide() ? std::uint64_t{1} << 63U : std::uint64_t{1} << 31U;
}

/// Why bytes are not UTF-8. Returns false.
bool trap_of_utf8(const LiftLowerContext& cx, const StringView& s, std::size_t bad) {
  if (s.of_host) cx.host_slip = true;
  // A sequence that only lacks its end is told from one that is wrong.
  const auto left = s.code_units - bad;
  const auto lead = s.bytes[bad];
  const std::uint64_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  bool cut = lead >= 0xC2 && lead <= 0xF4 && left < wanted;
  for (std::uint64_t i = 1; cut && i < left; ++i) cut = (s.bytes[bad + i] & 0xC0U) == 0x80;
  return cx.trap(cut ? "incomplete utf-8 byte sequence" : "invalid utf-8 sequence in a string");
}

bool check_utf8(const LiftLowerContext& cx, const StringView& s) {
  const auto bad = utf8_error({s.bytes, s.code_units});
  return !bad || trap_of_utf8(cx, s, *bad);
}

/// Bytes of UTF-8 to where they may overlap with themselves: a guest may be handed its own memory.
bool copy_utf8_to(const LiftLowerContext& cx, const StringView& src, std::uint8_t* to) {
  const auto size = src.code_units;
  if (src.known_utf8) {
    std::memmove(to, src.bytes, size);
    return true;
  }
  if (to + size > src.bytes && src.bytes + size > to) [[unlikely]] {
    if (!check_utf8(cx, src)) return false;
    std::memmove(to, src.bytes, size);
    return true;
  }
  const auto bad = copy_utf8(to, {src.bytes, size});
  return !bad || trap_of_utf8(cx, src, *bad);
}

/// The same bytes in the same encoding (or latin1 widened to utf16).
bool store_string_copy(LiftLowerContext& cx, const StringView& src, std::uint32_t unit_size,
                       std::uint32_t alignment, std::uint64_t& ptr, std::uint64_t& code_units) {
  const auto byte_length = unit_size * src.code_units;
  if (!cx.allocate(alignment, byte_length, ptr, true)) return false;
  auto* to = cx.mem() + ptr;
  if (src.encoding == Encoding::utf8) {
    if (byte_length != 0 && !copy_utf8_to(cx, src, to)) return false;
  } else if (src.byte_length() == byte_length) {
    // The guest may have been handed its own memory: move, not copy.
    if (byte_length != 0) std::memmove(to, src.bytes, byte_length);
  } else {
    for (std::uint64_t i = 0; i < src.code_units; ++i) put_utf16(to + 2 * i, src.bytes[i]);
  }
  code_units = src.code_units;
  return true;
}

bool store_string_to_utf8(LiftLowerContext& cx, const StringView& src,
                          std::uint64_t worst_case_size, std::uint64_t& ptr,
                          std::uint64_t& code_units) {
  if (!cx.allocate(1, src.code_units, ptr, true)) return false;
  Scalars in(src);
  std::uint64_t done = 0;
  while (!in.done()) {
    const auto c = in.next();
    if (c < 0x80) {
      cx.mem()[ptr + done++] = low_bits<std::uint8_t>(c);
      continue;
    }
    if (!cx.reallocate_checked(ptr, src.code_units, 1, worst_case_size, ptr, true)) return false;
    done += put_utf8(cx.mem() + ptr + done, c);
    while (!in.done()) done += put_utf8(cx.mem() + ptr + done, in.next());
    if (worst_case_size > done && !cx.reallocate_checked(ptr, worst_case_size, 1, done, ptr, true))
      return false;
    code_units = done;
    return true;
  }
  code_units = src.code_units;
  return true;
}

bool store_utf8_to_utf16(LiftLowerContext& cx, const StringView& src, std::uint64_t& ptr,
                         std::uint64_t& code_units) {
  const auto worst_case_size = 2 * src.code_units;
  if (!cx.allocate(2, worst_case_size, ptr, true)) return false;
  std::uint64_t done = 0;
  auto* to = cx.mem() + ptr;
  for (Scalars in(src); !in.done();) done += put_utf16(to + done, in.next());
  if (done < worst_case_size && !cx.reallocate_checked(ptr, worst_case_size, 2, done, ptr, true))
    return false;
  code_units = done / 2;
  return true;
}

bool store_string_to_latin1_or_utf16(LiftLowerContext& cx, const StringView& src,
                                     std::uint64_t& ptr, std::uint64_t& code_units) {
  if (!cx.allocate(2, src.code_units, ptr, true)) return false;
  std::uint64_t done = 0;
  Scalars in(src);
  while (!in.done()) {
    const auto c = in.next();
    if (c < 0x100) {
      cx.mem()[ptr + done++] = low_bits<std::uint8_t>(c);
      continue;
    }
    // What is there becomes utf16 in place, from its end on.
    const auto worst_case_size = 2 * src.code_units;
    if (!cx.reallocate_checked(ptr, src.code_units, 2, worst_case_size, ptr, true)) return false;
    auto* to = cx.mem() + ptr;
    for (auto j = done; j-- > 0;) {
      to[2 * j] = to[j];
      to[2 * j + 1] = 0;
    }
    auto bytes = 2 * done;
    bytes += put_utf16(to + bytes, c);
    while (!in.done()) bytes += put_utf16(to + bytes, in.next());
    if (worst_case_size > bytes &&
        !cx.reallocate_checked(ptr, worst_case_size, 2, bytes, ptr, true))
      return false;
    code_units = (bytes / 2) | utf16_tag(cx);
    return true;
  }
  if (done < src.code_units && !cx.reallocate_checked(ptr, src.code_units, 2, done, ptr, true))
    return false;
  code_units = done;
  return true;
}

bool store_probably_utf16_to_latin1_or_utf16(LiftLowerContext& cx, const StringView& src,
                                             std::uint64_t& ptr, std::uint64_t& code_units) {
  const auto byte_length = 2 * src.code_units;
  if (!cx.allocate(2, byte_length, ptr, true)) return false;
  auto* to = cx.mem() + ptr;
  if (byte_length != 0) std::memmove(to, src.bytes, byte_length);
  bool wide = false;
  for (std::uint64_t i = 0; i < src.code_units && !wide; ++i) wide = unit_at(to, i) >= 0x100;
  if (wide) {
    code_units = src.code_units | utf16_tag(cx);
    return true;
  }
  for (std::uint64_t i = 0; i < src.code_units; ++i) to[i] = to[2 * i];
  if (!cx.reallocate_checked(ptr, byte_length, 1, src.code_units, ptr, true)) return false;
  code_units = src.code_units;
  return true;
}

}  // namespace

bool find_string(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                 StringView& out) {
  const auto encoding = cx.opts->string_encoding;
  out.declared = encoding;
  out.code_units = tagged_code_units;
  std::uint32_t alignment = 1;
  switch (encoding) {
    case StringEncoding::utf8:
      out.encoding = Encoding::utf8;
      break;
    case StringEncoding::utf16:
      out.encoding = Encoding::utf16;
      alignment = 2;
      break;
    case StringEncoding::latin1_utf16: {
      const auto tag = utf16_tag(cx);
      out.encoding = (tagged_code_units & tag) != 0 ? Encoding::utf16 : Encoding::latin1;
      out.code_units = tagged_code_units & ~tag;
      alignment = 2;
      break;
    }
  }
  if (out.code_units > MAX_STRING_BYTE_LENGTH || out.byte_length() > MAX_STRING_BYTE_LENGTH)
      [[unlikely]]
    return cx.trap(cx.with_host
                       ? "string pointer/length out of bounds of memory: at most 2^28 - 1 bytes"
                       : "string content out-of-bounds: at most 2^28 - 1 bytes");
  if ((ptr & (alignment - 1)) != 0) [[unlikely]]
    return cx.trap("unaligned pointer");
  if (!cx.in_bounds(ptr, out.byte_length())) [[unlikely]]
    return cx.trap(cx.with_host ? "string pointer/length out of bounds of memory"
                                : "string content out-of-bounds");
  out.bytes = cx.mem() + ptr;
  return true;
}

bool check_string(LiftLowerContext& cx, const StringView& string) {
  if (string.encoding == Encoding::utf8) return check_utf8(cx, string);
  if (string.encoding == Encoding::utf16 && !well_formed_utf16(string.bytes, string.code_units))
      [[unlikely]]
    return cx.trap("invalid utf-16 sequence in a string");
  return true;
}

bool load_string_from_range(LiftLowerContext& cx, std::uint64_t ptr,
                            std::uint64_t tagged_code_units, StringView& out) {
  return find_string(cx, ptr, tagged_code_units, out) && cx.charge(out.byte_length()) &&
         check_string(cx, out);
}

bool lift_string(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                 std::string& out) {
  StringView s;
  if (!find_string(cx, ptr, tagged_code_units, s)) return false;
  // In UTF-8 a unit of UTF-16 has at most three bytes, one of Latin-1 two.
  const auto most = s.code_units * (s.encoding == Encoding::utf16    ? 3
                                    : s.encoding == Encoding::latin1 ? 2
                                                                     : 1);
  if (!cx.charge(most)) return false;
  cx.note_copied(s.byte_length());
  if (s.encoding == Encoding::utf8) {
    bool ok = true;
    // The size that comes back may be that of the room, in libstdc++ 12: ours is what was asked
    // for.
    out.resize_and_overwrite(s.code_units, [&](char* to, std::size_t) {
      ok = s.code_units == 0 || copy_utf8_to(cx, s, reinterpret_cast<std::uint8_t*>(to));
      return s.code_units;
    });
    return ok;
  }
  if (!check_string(cx, s)) return false;
  out.clear();
  out.reserve(most);
  for (Scalars in(s); !in.done();) append_utf8(out, in.next());
  return true;
}

bool lift_string_for_call(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                          std::string_view& out) {
  auto& text = cx.host_scope->texts.emplace_front();
  if (!lift_string(cx, ptr, tagged_code_units, text)) return false;
  out = text;
  return true;
}

bool check_host_string(LiftLowerContext& cx, std::string_view text) {
  if (text.size() > REALLOC_I32_MAX / 2)
    return cx.trap("the host passed a string that no memory can hold");
  return text.size() > cx.passed || check_utf8(cx, host_string(text));
}

bool store_string_into_range(LiftLowerContext& cx, const StringView& src, std::uint64_t& ptr,
                             std::uint64_t& tagged_code_units) {
  const auto copy = [&](std::uint32_t unit_size, std::uint32_t alignment) {
    return store_string_copy(cx, src, unit_size, alignment, ptr, tagged_code_units);
  };
  cx.note_copied(src.byte_length());
  if (src.code_units > REALLOC_I32_MAX / 2) [[unlikely]]
    return cx.trap("a string is too long for the guest's memory");
  if (src.encoding == Encoding::utf8 && !src.known_utf8 &&
      cx.opts->string_encoding != StringEncoding::utf8 && !check_utf8(cx, src)) {
    return false;
  }
  switch (cx.opts->string_encoding) {
    case StringEncoding::utf8:
      if (src.encoding == Encoding::utf8) return copy(1, 1);
      return store_string_to_utf8(cx, src,
                                  src.code_units * (src.encoding == Encoding::utf16 ? 3 : 2), ptr,
                                  tagged_code_units);
    case StringEncoding::utf16:
      if (src.encoding == Encoding::utf8)
        return store_utf8_to_utf16(cx, src, ptr, tagged_code_units);
      return copy(2, 2);
    case StringEncoding::latin1_utf16:
      if (src.declared != StringEncoding::latin1_utf16) {
        return store_string_to_latin1_or_utf16(cx, src, ptr, tagged_code_units);
      }
      if (src.encoding == Encoding::latin1) return copy(1, 2);
      return store_probably_utf16_to_latin1_or_utf16(cx, src, ptr, tagged_code_units);
  }
  return false;
}

}  // namespace tenon::runtime
