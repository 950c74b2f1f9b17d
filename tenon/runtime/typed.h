// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/base/narrow.h"
#include "tenon/runtime/lift_lower.h"
#include "tenon/runtime/shape.h"
#include "tenon/runtime/store.h"
#include "tenon/runtime/string.h"

// Lifting and lowering compiled for C++ types. `Abi<T>` says how a C++ type crosses; `TypedFunc`,
// host functions and generated bindings are based on it.
//
//   bool, [u]int{8,16,32,64}_t, float, double, char32_t    bool, s8 … u64, f32, f64, char
//   std::string, std::string_view                          string
//   std::vector<T>, std::span<const T>, Fill<T>            list<T>
//   std::array<T, N>                                       list<T, N>
//   std::tuple<…>                                          tuple<…>
//   std::optional<T>                                       option<T>
//   std::expected<T, E> (void, std::monostate: nothing)    result<T, E>
//   std::variant<…> (std::monostate: no payload)           variant, case by case
//   a struct with `tenon::members`                         record
//   an enum with `tenon::enum_labels`                      enum
//   an enum or integer wrapper with `tenon::flag_labels`   flags
//   Own<Tag>, Borrow<Tag>                                  own, borrow of a guest's resource
//   std::unique_ptr<T>, HostRef<T>                         own, borrow of a host's resource
//   std::shared_ptr<T>                                     the same, in host functions
namespace tenon {

/// One field of a record: its label and its place in the structure.
template <class S, class T>
struct Member {
  using type = T;
  std::string_view label;
  T S::* place;
};
template <class S, class T>
constexpr Member<S, T> member(std::string_view label, T S::* place) {
  return {label, place};
}

/// The fields of a structure in the order of the WIT record:
/// `template <> inline constexpr auto tenon::members<Point> =
///      std::tuple(tenon::member("x", &Point::x), tenon::member("y", &Point::y));`
template <class T>
inline constexpr std::monostate members{};
/// The labels of a C++ enum that stands for a WIT enum; enumerator N is case N:
/// `template <> inline constexpr auto tenon::enum_labels<Colour> = std::array<std::string_view,
/// 2>{"red", "green"};`
template <class T>
inline constexpr std::monostate enum_labels{};
/// The labels of a C++ enum that stands for WIT flags; bit N is label N.
template <class T>
inline constexpr std::monostate flag_labels{};
/// Labels of the cases of a type derived from `std::variant`, when they shall be checked.
template <class T>
inline constexpr std::monostate case_labels{};

}  // namespace tenon

namespace tenon::runtime {

/// Compares a C++ signature with a component type and keeps the first difference.
class TypeCheck {
 public:
  bool fail(const TypeView& found, std::string wanted) {
    if (found_.empty()) {
      found_ = to_string(found);
      wanted_ = std::move(wanted);
      at_ = path_;
    }
    return false;
  }
  template <class F>
  bool in(std::string_view step, F f) {
    const auto size = path_.size();
    if (!path_.empty()) path_ += '.';
    path_ += step;
    const bool ok = f();
    path_.resize(size);
    return ok;
  }
  /// Whether values come from a guest here, so that views must be possible.
  bool lifts = false;
  [[nodiscard]] const std::string& found() const { return found_; }
  [[nodiscard]] const std::string& wanted() const { return wanted_; }
  [[nodiscard]] const std::string& at() const { return at_; }

 private:
  std::string path_;
  std::string at_;
  std::string found_;
  std::string wanted_;
};

/// How a C++ type crosses the boundary. Each specialisation has
///   size, align, flat        constants of CanonicalABI.md for 32-bit memories
///   dense                    any bit pattern is a value, and there is no padding in guest memory
///   plain                    a number that crosses in a slot as it is
///   view                     lifting gives a view into guest memory, valid until post-return
///   wit()                    the WIT spelling, for messages
///   check(type, TypeCheck&)  whether a component type is this one
///   store, load              to and from memory; `ptr` is aligned and in bounds
///   lower_flat, lift_flat    to and from core values; they move the cursor
/// and may have
///   handles                  whether handles are among its parts
///   slips, may_pass(v)       whether a host can pass by mistake what is not a value, and whether
///   it is
///                            one: asked before the guest is entered
///   nans, canonicalize       of dense types: whether floats are among the bits, and a pass over
///   them
template <class T>
struct Abi {
  static_assert(!sizeof(T),
                "tenon does not know how this C++ type crosses; see tenon/runtime/typed.h");
};

using component::PrimValType;

/// Whether a host can pass something that is not a value of the type.
template <class T>
consteval bool has_slips() {
  if constexpr (requires { Abi<T>::slips; }) {
    return Abi<T>::slips;
  } else {
    return false;
  }
}
/// Looks at a value before the guest is entered; a trap when it cannot be passed.
template <class T, class U>
bool may_pass([[maybe_unused]] LiftLowerContext& cx, [[maybe_unused]] const U& v,
              [[maybe_unused]] const Shape& s) {
  if constexpr (has_slips<T>()) {
    return Abi<T>::may_pass(cx, v, s);
  } else {
    return true;
  }
}
/// The same for each of many.
template <class E, class Range>
bool may_pass_each(LiftLowerContext& cx, const Range& v, const Shape& elem) {
  if constexpr (has_slips<E>()) {
    for (const auto& e : v) {
      if (!Abi<E>::may_pass(cx, e, elem)) return false;
    }
  }
  return true;
}
/// Whether handles are among the parts of a type.
template <class T>
consteval bool has_handles() {
  if constexpr (requires { Abi<T>::handles; }) {
    return Abi<T>::handles;
  } else {
    return false;
  }
}
/// The size of the floats of which the type consists in memory, without anything else, or 0.
template <class T>
consteval std::uint32_t float_bytes() {
  if constexpr (requires { Abi<T>::float_bytes; }) {
    return Abi<T>::float_bytes;
  } else {
    return 0;
  }
}
/// Whether floats are in the memory of a dense type.
template <class T>
consteval bool has_nans() {
  if constexpr (requires { Abi<T>::nans; }) {
    return Abi<T>::nans;
  } else {
    return false;
  }
}
/// Makes the NaNs of `n` values canonical, `stride` bytes from one to the next.
template <class T>
void canonicalize_nans([[maybe_unused]] std::uint8_t* at, [[maybe_unused]] std::uint64_t n,
                       [[maybe_unused]] std::uint64_t stride) {
  if constexpr (has_nans<T>()) Abi<T>::canonicalize(at, n, stride);
}
/// The same for values one behind the other.
template <class T>
void canonicalize_nans([[maybe_unused]] std::uint8_t* at, [[maybe_unused]] std::uint64_t n) {
  if constexpr (float_bytes<T>() == 4) {
    canonicalize_f32s(at, n * (Abi<T>::size / 4));
  } else if constexpr (float_bytes<T>() == 8) {
    canonicalize_f64s(at, n * (Abi<T>::size / 8));
  } else {
    canonicalize_nans<T>(at, n, Abi<T>::size);
  }
}

/// Common to all types of one core value: `get` and `put` convert.
template <class Self, class T, std::uint32_t Bytes>
struct OneWord {
  static constexpr std::uint32_t size = Bytes;
  static constexpr std::uint32_t align = Bytes;
  static constexpr std::uint32_t flat = 1;
  static constexpr bool dense = false;
  static constexpr bool plain = false;
  static constexpr bool view = false;
  static constexpr bool bitwise() { return Self::dense && sizeof(T) == Bytes; }

  template <class U>
  static bool store(LiftLowerContext& cx, U&& v, std::uint64_t ptr, const Shape& s) {
    std::uint64_t bits = 0;
    if (!Self::put(cx, std::forward<U>(v), bits, s)) return false;
    std::memcpy(cx.mem() + ptr, &bits, Bytes);
    return true;
  }
  static bool load(LiftLowerContext& cx, std::uint64_t ptr, T& v, const Shape& s) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, cx.mem() + ptr, Bytes);
    return Self::get(cx, bits, v, s);
  }
  template <class U>
  static bool lower_flat(LiftLowerContext& cx, U&& v, ValueSlot*& out, const Shape& s) {
    return Self::put(cx, std::forward<U>(v), *out++, s);
  }
  static bool lift_flat(LiftLowerContext& cx, const ValueSlot*& in, T& v, const Shape& s) {
    return Self::get(cx, *in++, v, s);
  }
};

template <>
struct Abi<bool> : OneWord<Abi<bool>, bool, 1> {
  static std::string wit() { return "bool"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == PrimValType::bool_ || c.fail(t, wit());
  }
  static bool put(LiftLowerContext&, bool v, std::uint64_t& bits, const Shape&) {
    bits = v ? 1 : 0;
    return true;
  }
  static bool get(LiftLowerContext&, std::uint64_t bits, bool& v, const Shape&) {
    v = low_bits<std::uint32_t>(bits) != 0;
    return true;
  }
};

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
                  !std::same_as<T, char32_t> && !std::same_as<T, wchar_t>;

template <Integer T>
struct Abi<T> : OneWord<Abi<T>, T, sizeof(T)> {
  static constexpr bool dense = true;
  static constexpr bool plain = sizeof(T) >= 4;
  static consteval PrimValType prim() {
    constexpr bool s = std::is_signed_v<T>;
    if (sizeof(T) == 1) return s ? PrimValType::s8 : PrimValType::u8;
    if (sizeof(T) == 2) return s ? PrimValType::s16 : PrimValType::u16;
    if (sizeof(T) == 4) return s ? PrimValType::s32 : PrimValType::u32;
    return s ? PrimValType::s64 : PrimValType::u64;
  }
  static std::string wit() { return std::string(component::to_string(prim())); }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == prim() || c.fail(t, wit());
  }
  static bool put(LiftLowerContext&, T v, std::uint64_t& bits, const Shape&) {
    // Sign-extended to 32 bits, zero above.
    if constexpr (sizeof(T) < 8) {
      bits = low_bits<std::uint32_t>(v);
    } else {
      bits = static_cast<std::uint64_t>(v);
    }
    return true;
  }
  static bool get(LiftLowerContext&, std::uint64_t bits, T& v, const Shape&) {
    v = static_cast<T>(bits);
    return true;
  }
};

template <>
struct Abi<float> : OneWord<Abi<float>, float, 4> {
  static constexpr bool dense = true;
  static constexpr bool plain = true;
  static std::string wit() { return "f32"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == PrimValType::f32 || c.fail(t, wit());
  }
  static constexpr bool nans = true;
  static constexpr std::uint32_t float_bytes = sizeof(float);
  static void canonicalize(std::uint8_t* at, std::uint64_t n, std::uint64_t stride) {
    for (; n != 0; --n, at += stride) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, at, sizeof(bits));
      bits = canonicalize_nan32(bits);
      std::memcpy(at, &bits, sizeof(bits));
    }
  }
  static bool put(LiftLowerContext&, float v, std::uint64_t& bits, const Shape&) {
    bits = std::bit_cast<std::uint32_t>(v);
    if (v != v) [[unlikely]]
      bits = canonicalize_nan32(low_bits<std::uint32_t>(bits));
    return true;
  }
  static bool get(LiftLowerContext&, std::uint64_t bits, float& v, const Shape&) {
    v = std::bit_cast<float>(canonicalize_nan32(low_bits<std::uint32_t>(bits)));
    return true;
  }
};

template <>
struct Abi<double> : OneWord<Abi<double>, double, 8> {
  static constexpr bool dense = true;
  static constexpr bool plain = true;
  static std::string wit() { return "f64"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == PrimValType::f64 || c.fail(t, wit());
  }
  static constexpr bool nans = true;
  static constexpr std::uint32_t float_bytes = sizeof(double);
  static void canonicalize(std::uint8_t* at, std::uint64_t n, std::uint64_t stride) {
    for (; n != 0; --n, at += stride) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, at, sizeof(bits));
      bits = canonicalize_nan64(bits);
      std::memcpy(at, &bits, sizeof(bits));
    }
  }
  static bool put(LiftLowerContext&, double v, std::uint64_t& bits, const Shape&) {
    bits = std::bit_cast<std::uint64_t>(v);
    if (v != v) [[unlikely]]
      bits = canonicalize_nan64(bits);
    return true;
  }
  static bool get(LiftLowerContext&, std::uint64_t bits, double& v, const Shape&) {
    v = std::bit_cast<double>(canonicalize_nan64(bits));
    return true;
  }
};

template <>
struct Abi<char32_t> : OneWord<Abi<char32_t>, char32_t, 4> {
  static std::string wit() { return "char"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == PrimValType::char_ || c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static bool may_pass(const LiftLowerContext& cx, char32_t v, const Shape&) {
    return is_scalar_value(v) || cx.trap("the host passed a char that is no Unicode scalar value");
  }
  static bool put(LiftLowerContext& cx, char32_t v, std::uint64_t& bits, const Shape& s) {
    bits = v;
    return may_pass(cx, v, s);
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, char32_t& v, const Shape&) {
    v = low_bits<char32_t>(bits);
    return is_scalar_value(low_bits<std::uint32_t>(bits)) || cx.trap("invalid `char` bit pattern");
  }
};

template <class T>
  requires(!std::same_as<decltype(enum_labels<T>), const std::monostate>)
struct Abi<T> : OneWord<Abi<T>, T,
                        (enum_labels<T>.size() <= 256     ? 1
                         : enum_labels<T>.size() <= 65536 ? 2
                                                          : 4)> {
  static std::string wit() { return "an enum of " + std::to_string(enum_labels<T>.size()); }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* e = t.def() != nullptr ? std::get_if<component::Enum>(t.def()) : nullptr;
    return (e != nullptr && std::equal(e->labels.begin(), e->labels.end(), enum_labels<T>.begin(),
                                       enum_labels<T>.end())) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static bool may_pass(const LiftLowerContext& cx, T v, const Shape&) {
    // Of an enum wider than the discriminant no bit is lost, and what is negative is too large.
    return static_cast<std::uint64_t>(v) < enum_labels<T>.size() ||
           cx.trap("the host passed a value that is not a case of the enum");
  }
  static bool put(LiftLowerContext& cx, T v, std::uint64_t& bits, const Shape& s) {
    bits = static_cast<std::uint64_t>(v);
    return may_pass(cx, v, s);
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, T& v, const Shape&) {
    const auto low = low_bits<std::uint32_t>(bits);
    v = static_cast<T>(low);
    return low < enum_labels<T>.size() || cx.trap("invalid variant discriminant");
  }
};

template <class T>
  requires(!std::same_as<decltype(flag_labels<T>), const std::monostate>)
struct Abi<T> : OneWord<Abi<T>, T,
                        (flag_labels<T>.size() <= 8    ? 1
                         : flag_labels<T>.size() <= 16 ? 2
                                                       : 4)> {
  static constexpr std::uint32_t mask =
      flag_labels<T>.size() >= 32 ? 0xFFFFFFFFU : (1U << flag_labels<T>.size()) - 1;
  static std::string wit() { return "flags of " + std::to_string(flag_labels<T>.size()); }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* f = t.def() != nullptr ? std::get_if<component::Flags>(t.def()) : nullptr;
    return (f != nullptr && std::equal(f->labels.begin(), f->labels.end(), flag_labels<T>.begin(),
                                       flag_labels<T>.end())) ||
           c.fail(t, wit());
  }
  static bool put(LiftLowerContext&, T v, std::uint64_t& bits, const Shape&) {
    bits = low_bits<std::uint32_t>(static_cast<std::uint64_t>(v)) & mask;
    return true;
  }
  static bool get(LiftLowerContext&, std::uint64_t bits, T& v, const Shape&) {
    v = static_cast<T>(low_bits<std::uint32_t>(bits) & mask);
    return true;
  }
};

// Strings and lists: a pointer and a length.

/// Common to all types of two words: `put` allocates and fills, `get` reads or shows.
template <class Self, class T>
struct TwoWords {
  static constexpr std::uint32_t size = 8;
  static constexpr std::uint32_t align = 4;
  static constexpr std::uint32_t flat = 2;
  static constexpr bool dense = false;
  static constexpr bool plain = false;
  static constexpr bool bitwise() { return false; }

  template <class U>
  static bool store(LiftLowerContext& cx, U&& v, std::uint64_t ptr, const Shape& s) {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;
    if (!Self::put(cx, std::forward<U>(v), begin, length, s)) return false;
    cx.store_int(ptr, narrow<std::uint32_t>(begin));
    cx.store_int(ptr + 4, narrow<std::uint32_t>(length));
    return true;
  }
  static bool load(LiftLowerContext& cx, std::uint64_t ptr, T& v, const Shape& s) {
    return Self::get(cx, cx.load_int<std::uint32_t>(ptr), cx.load_int<std::uint32_t>(ptr + 4), v,
                     s);
  }
  template <class U>
  static bool lower_flat(LiftLowerContext& cx, U&& v, ValueSlot*& out, const Shape& s) {
    auto* at = out;
    out += 2;
    return Self::put(cx, std::forward<U>(v), at[0], at[1], s);
  }
  static bool lift_flat(LiftLowerContext& cx, const ValueSlot*& in, T& v, const Shape& s) {
    const auto ptr = low_bits<std::uint32_t>(in[0]);
    const auto length = low_bits<std::uint32_t>(in[1]);
    in += 2;
    return Self::get(cx, ptr, length, v, s);
  }
};

template <class T>
struct StringAbi : TwoWords<Abi<T>, T> {
  static std::string wit() { return "string"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return t.prim() == PrimValType::string || c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static bool may_pass(LiftLowerContext& cx, std::string_view v, const Shape&) {
    return (v.size() <= 32 && v.size() <= cx.passed && is_ascii(v)) || check_host_string(cx, v);
  }
  static bool put(LiftLowerContext& cx, std::string_view v, std::uint64_t& ptr,
                  std::uint64_t& units, const Shape&) {
    return store_string_into_range(cx, host_string(v, v.size() <= cx.passed), ptr, units);
  }

 private:
  static bool is_ascii(std::string_view v) {
    unsigned all = 0;
    for (const char c : v) all |= low_bits<unsigned char>(c);
    return all < 0x80;
  }
};
template <>
struct Abi<std::string> : StringAbi<std::string> {
  static constexpr bool view = false;
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t units, std::string& v,
                  const Shape&) {
    return lift_string(cx, ptr, units, v);
  }
};
template <>
struct Abi<std::string_view> : StringAbi<std::string_view> {
  static constexpr bool view = true;
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t units, std::string_view& v,
                  const Shape&) {
    StringView s;
    if (!load_string_from_range(cx, ptr, units, s)) return false;
    // Of another encoding there is nothing to view: the call keeps a copy.
    if (s.encoding != StringView::Encoding::utf8) return lift_string_for_call(cx, ptr, units, v);
    v = {reinterpret_cast<const char*>(s.bytes), s.code_units};
    return true;
  }
};

/// The element of a list type, or null.
inline const component::List* list_of(const TypeView& t) {
  const auto* list = t.def() != nullptr ? std::get_if<component::List>(t.def()) : nullptr;
  return list != nullptr && !list->length ? list : nullptr;
}

template <class T, class E>
struct ListAbi : TwoWords<Abi<T>, T> {
  static std::string wit() { return "list<" + Abi<E>::wit() + ">"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    if (const auto* list = list_of(t)) {
      return c.in("[]", [&] { return Abi<E>::check(t.at(list->elem), c); });
    }
    // map<K, V> is list<tuple<K, V>>.
    // NOLINTNEXTLINE(modernize-type-traits): the variable template is a hard error for others
    if constexpr (requires { std::tuple_size<E>::value; }) {
      if constexpr (std::tuple_size_v<E> == 2) {
        if (const auto* map = t.def() != nullptr ? std::get_if<component::Map>(t.def()) : nullptr) {
          return Abi<std::tuple_element_t<0, E>>::check(t.at(map->key), c) &&
                 Abi<std::tuple_element_t<1, E>>::check(t.at(map->value), c);
        }
      }
    }
    return c.fail(t, wit());
  }
  /// How an element is lowered: handed over when the list is (it may hold handles), and looked at
  /// when it is const or only viewed.
  template <class Range, class Ref>
  using Element = std::conditional_t<std::is_const_v<std::remove_reference_t<Ref>> || (requires {
                                       Range::extent;
                                     } && std::is_copy_constructible_v<E>), const E&, E&&>;
  /// Whether elements lie in memory as in C++, so that both can use them in place.
  static constexpr bool handles = runtime::has_handles<E>();
  static bool viewable() { return Abi<E>::bitwise() && alignof(E) <= Abi<E>::align; }
  static constexpr bool slips = true;
  static bool may_have(LiftLowerContext& cx, std::uint64_t length) {
    return length <= MAX_LOWERED_BYTES / std::max(1U, Abi<E>::size) ||
           cx.trap("the host passed a list that no memory can hold");
  }
  template <class Range>
  static bool may_pass(LiftLowerContext& cx, const Range& v, const Shape& s) {
    return may_have(cx, v.size()) && may_pass_each<E>(cx, v, s.elem());
  }
  /// Room for a list; the product of length and size is one afterwards.
  static bool allocate(LiftLowerContext& cx, std::uint64_t length, std::uint64_t& ptr) {
    return may_have(cx, length) && cx.allocate(Abi<E>::align, length * Abi<E>::size, ptr);
  }
  template <class Range>
  static bool put_range(LiftLowerContext& cx, Range& v, std::uint64_t& ptr, std::uint64_t& length,
                        const Shape& s) {
    length = v.size();
    if (!allocate(cx, length, ptr)) return false;
    cx.note_copied(length * Abi<E>::size);
    if (Abi<E>::bitwise()) {
      // A guest may be handed its own memory, and chooses where its copy goes: move, not copy.
      // NOLINTNEXTLINE(bugprone-undefined-memory-manipulation): of bitwise types alone
      if (length != 0) std::memmove(cx.mem() + ptr, v.data(), length * Abi<E>::size);
      canonicalize_nans<E>(cx.mem() + ptr, length);
      return true;
    }
    auto at = ptr;
    for (auto& e : v) {
      if (!Abi<E>::store(cx, static_cast<Element<Range, decltype(e)>>(e), at, s.elem())) {
        return false;
      }
      at += Abi<E>::size;
    }
    return true;
  }
};
template <class E>
struct Abi<std::vector<E>> : ListAbi<std::vector<E>, E> {
  static_assert(!std::same_as<E, bool>,
                "std::vector<bool> holds no bools: take std::vector<std::uint8_t>");
  static constexpr bool view = Abi<E>::view;
  template <class V>
  static bool put(LiftLowerContext& cx, V&& v, std::uint64_t& ptr, std::uint64_t& length,
                  const Shape& s) {
    return Abi::put_range(cx, v, ptr, length, s);
  }
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t length, std::vector<E>& v,
                  const Shape& s) {
    if (!cx.check_list(ptr, length, Abi<E>::align, Abi<E>::size) || !cx.charge(length * sizeof(E)))
      return false;
    cx.note_copied(length * Abi<E>::size);
    v.resize(length);
    if (Abi<E>::bitwise()) {
      if (length == 0) return true;
      std::memcpy(static_cast<void*>(v.data()), cx.mem() + ptr, length * Abi<E>::size);
      if constexpr (has_nans<E>())
        canonicalize_nans<E>(reinterpret_cast<std::uint8_t*>(v.data()), length);
      return true;
    }
    for (auto& e : v) {
      if (!Abi<E>::load(cx, ptr, e, s.elem())) return false;
      ptr += Abi<E>::size;
    }
    return true;
  }
};
/// NaNs that a view shows are as the guest left them.
template <class E>
struct Abi<std::span<E>> : ListAbi<std::span<E>, std::remove_const_t<E>> {
  using Elem = std::remove_const_t<E>;
  using Base = ListAbi<std::span<E>, Elem>;
  static constexpr bool view = true;
  static bool check(const TypeView& t, TypeCheck& c) {
    if (!Base::check(t, c)) return false;
    return !c.lifts || Base::viewable() ||
           c.fail(t, "a list whose elements lie in memory as in C++; take std::vector");
  }
  static bool put(LiftLowerContext& cx, std::span<E> v, std::uint64_t& ptr, std::uint64_t& length,
                  const Shape& s) {
    return Base::put_range(cx, v, ptr, length, s);
  }
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t length, std::span<E>& v,
                  const Shape&) {
    static_assert(Abi<Elem>::dense,
                  "only lists whose elements lie in memory as in C++ can be viewed");
    if (!cx.check_list(ptr, length, Abi<Elem>::align, Abi<Elem>::size)) return false;
    v = {reinterpret_cast<E*>(cx.mem() + ptr), length};
    return true;
  }
};

/// A list parameter that the caller writes straight into guest memory: `count` elements, filled by
/// a callable that gets them as a span. The callable must outlive the call, and runs on its thread.
template <class E>
class Fill {
 public:
  template <class F>
    requires std::invocable<F&, std::span<E>>
  Fill(std::size_t count, F& fill)
      : count_(count),
        env_(const_cast<void*>(static_cast<const void*>(std::addressof(fill)))),
        fill_([](void* env, std::span<E> out) { (*static_cast<F*>(env))(out); }) {}
  [[nodiscard]] std::size_t count() const { return count_; }
  void operator()(std::span<E> out) const { fill_(env_, out); }

 private:
  std::size_t count_;
  void* env_;
  void (*fill_)(void*, std::span<E>);
};
template <class E>
struct Abi<Fill<E>> : ListAbi<Fill<E>, E> {
  using Base = ListAbi<Fill<E>, E>;
  static constexpr bool view = false;
  static bool check(const TypeView& t, TypeCheck& c) {
    if (!Base::check(t, c)) return false;
    return Base::viewable() ||
           c.fail(t, "a list whose elements lie in memory as in C++; pass std::vector");
  }
  static bool may_pass(LiftLowerContext& cx, const Fill<E>& v, const Shape&) {
    return Base::may_have(cx, v.count());
  }
  static bool put(LiftLowerContext& cx, const Fill<E>& v, std::uint64_t& ptr, std::uint64_t& length,
                  const Shape&) {
    static_assert(Abi<E>::dense,
                  "only lists whose elements lie in memory as in C++ can be filled in place");
    length = v.count();
    if (!Base::allocate(cx, length, ptr)) return false;
    v({reinterpret_cast<E*>(cx.mem() + ptr), length});
    canonicalize_nans<E>(cx.mem() + ptr, length);
    return true;
  }
};

// Records, tuples, fixed lists: fields one after the other.

template <class... Ts>
struct FieldsLayout {
  static constexpr std::size_t count = sizeof...(Ts);
  static constexpr std::uint32_t align = std::max({1U, Abi<Ts>::align...});
  static constexpr std::uint32_t flat = (0U + ... + Abi<Ts>::flat);
  static constexpr auto offsets = [] {
    std::array<std::uint32_t, count + 1> out{};
    std::uint64_t at = 0;
    std::size_t i = 0;  // NOLINT(misc-const-correctness)
    ((at = (at + Abi<Ts>::align - 1) / Abi<Ts>::align * Abi<Ts>::align,
      out[i++] = narrow<std::uint32_t>(at), at += Abi<Ts>::size),
     ...);
    at = (at + align - 1) / align * align;
    out[count] = at <= MAX_LOWERED_BYTES ? narrow<std::uint32_t>(at) : 0;
    return out;
  }();
  static_assert(offsets[count] != 0 || (0U + ... + Abi<Ts>::size) == 0,
                "the type is larger than a guest's memory");
  static constexpr std::uint32_t size = offsets[count];
  static constexpr bool dense = (Abi<Ts>::dense && ...) && (0U + ... + Abi<Ts>::size) == size;
  static constexpr bool view = (Abi<Ts>::view || ...);
  static constexpr bool slips = (has_slips<Ts>() || ...);
  static constexpr bool handles = (runtime::has_handles<Ts>() || ...);
  static constexpr bool nans = (has_nans<Ts>() || ...);
  static constexpr std::uint32_t float_bytes = [] {
    const std::array<std::uint32_t, count + 1> all = {runtime::float_bytes<Ts>()..., 0};
    for (std::size_t i = 1; i < count; ++i) {
      if (all[i] != all[0]) return 0U;
    }
    return dense ? all[0] : 0U;
  }();
};

/// `Fields<Self, Ts…>`: Self has `get<I>(value)`.
template <class Self, class T, class... Ts>
struct FieldsAbi {
  using Layout = FieldsLayout<Ts...>;
  static constexpr std::uint32_t size = Layout::size;
  static constexpr std::uint32_t align = Layout::align;
  static constexpr std::uint32_t flat = Layout::flat;
  static constexpr bool dense = Layout::dense;
  static constexpr bool plain = false;
  static constexpr bool view = Layout::view;
  static constexpr bool slips = Layout::slips;
  static constexpr bool handles = Layout::handles;
  static constexpr bool nans = Layout::nans;
  static constexpr std::uint32_t float_bytes = Layout::float_bytes;

  static bool may_pass(LiftLowerContext& cx, const T& v, const Shape& s) {
    return each([&]<std::size_t I>(Index<I>) {
      return runtime::may_pass<Elem<I>>(cx, Self::template get<I>(v), *s.fields[I].shape);
    });
  }
  static void canonicalize(std::uint8_t* at, std::uint64_t n, std::uint64_t stride) {
    each([&]<std::size_t I>(Index<I>) {
      canonicalize_nans<Elem<I>>(at + Layout::offsets[I], n, stride);
      return true;
    });
  }
  template <class U>
  static bool store(LiftLowerContext& cx, U&& v, std::uint64_t ptr, const Shape& s) {
    return each([&]<std::size_t I>(Index<I>) {
      return Abi<Elem<I>>::store(cx, Self::template get<I>(std::forward<U>(v)),
                                 ptr + Layout::offsets[I], *s.fields[I].shape);
    });
  }
  static bool load(LiftLowerContext& cx, std::uint64_t ptr, T& v, const Shape& s) {
    return each([&]<std::size_t I>(Index<I>) {
      return Abi<Elem<I>>::load(cx, ptr + Layout::offsets[I], Self::template get<I>(v),
                                *s.fields[I].shape);
    });
  }
  template <class U>
  static bool lower_flat(LiftLowerContext& cx, U&& v, ValueSlot*& out, const Shape& s) {
    return each([&]<std::size_t I>(Index<I>) {
      return Abi<Elem<I>>::lower_flat(cx, Self::template get<I>(std::forward<U>(v)), out,
                                      *s.fields[I].shape);
    });
  }
  static bool lift_flat(LiftLowerContext& cx, const ValueSlot*& in, T& v, const Shape& s) {
    return each([&]<std::size_t I>(Index<I>) {
      return Abi<Elem<I>>::lift_flat(cx, in, Self::template get<I>(v), *s.fields[I].shape);
    });
  }

 protected:
  template <std::size_t I>
  using Index = std::integral_constant<std::size_t, I>;
  template <std::size_t I>
  using Elem = std::tuple_element_t<I, std::tuple<Ts...>>;
  template <class F>
  static bool each(F f) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (f(Index<I>{}) && ...);
    }(std::index_sequence_for<Ts...>{});
  }
};

template <class... Ts>
struct Abi<std::tuple<Ts...>> : FieldsAbi<Abi<std::tuple<Ts...>>, std::tuple<Ts...>, Ts...> {
  // The order of a std::tuple in memory is its own affair.
  static constexpr bool bitwise() { return false; }
  template <std::size_t I, class U>
  static decltype(auto) get(U&& v) {
    return std::get<I>(std::forward<U>(v));
  }
  static std::string wit() {
    std::string out;
    ((out += (out.empty() ? "tuple<" : ", ") + Abi<Ts>::wit()), ...);
    return out + ">";
  }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* tuple = t.def() != nullptr ? std::get_if<component::Tuple>(t.def()) : nullptr;
    if (tuple == nullptr || tuple->types.size() != sizeof...(Ts)) return c.fail(t, wit());
    std::size_t i = 0;
    return (c.in(std::to_string(i), [&] { return Abi<Ts>::check(t.at(tuple->types[i++]), c); }) &&
            ...);
  }
};

template <class T>
concept HasMembers = !std::same_as<decltype(members<T>), const std::monostate>;

template <class T, class List>
struct RecordAbi;
template <class T, class... S, class... M>
struct RecordAbi<T, std::tuple<Member<S, M>...>> : FieldsAbi<Abi<T>, T, M...> {
  using Base = FieldsAbi<Abi<T>, T, M...>;
  template <std::size_t I, class U>
  static decltype(auto) get(U&& v) {
    constexpr auto place = std::get<I>(members<T>).place;
    return (std::forward<U>(v).*place);
  }
  /// Whether the structure lies in memory as the record does; known when compiled, in effect.
  static bool bitwise() {
    if constexpr (Base::dense && std::is_trivially_copyable_v<T> && sizeof(T) == Base::size) {
      const T* const probe = nullptr;
      return Base::each([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        if (!Abi<std::tuple_element_t<I, std::tuple<M...>>>::bitwise()) return false;
        alignas(T) static constexpr std::byte storage[sizeof(T)] = {};
        (void)probe;
        const auto* object = reinterpret_cast<const T*>(storage);
        const auto* field = reinterpret_cast<const std::byte*>(std::addressof(get<I>(*object)));
        return static_cast<std::size_t>(field - storage) == Base::Layout::offsets[I];
      });
    } else {
      return false;
    }
  }
  static std::string wit() {
    std::string out = "record {";
    std::apply(
        [&](const auto&... m) {
          ((out += (out.size() > 8 ? ", " : " ") + std::string(m.label)), ...);
        },
        members<T>);
    return out + " }";
  }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* record = t.def() != nullptr ? std::get_if<component::Record>(t.def()) : nullptr;
    if (record == nullptr || record->fields.size() != sizeof...(M)) return c.fail(t, wit());
    return Base::each([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      const auto& field = record->fields[I];
      if (field.label != std::get<I>(members<T>).label) return c.fail(t, wit());
      return c.in(field.label, [&] {
        return Abi<std::tuple_element_t<I, std::tuple<M...>>>::check(t.at(field.type), c);
      });
    });
  }
};
template <HasMembers T>
struct Abi<T> : RecordAbi<T, std::remove_const_t<decltype(members<T>)>> {};

/// An element of `U&&`: a reference of the same kind.
template <class U, class E>
using ElementOf = std::conditional_t<std::is_const_v<std::remove_reference_t<U>>, const E&,
                                     std::conditional_t<std::is_lvalue_reference_v<U>, E&, E&&>>;

template <class E, std::size_t N>
struct Abi<std::array<E, N>> {
  static_assert(N <= MAX_LOWERED_BYTES / std::max(1U, Abi<E>::size),
                "the type is larger than a guest's memory");
  static constexpr std::uint32_t size = Abi<E>::size * N;
  static constexpr std::uint32_t align = Abi<E>::align;
  static constexpr std::uint32_t flat = Abi<E>::flat * N;
  static constexpr bool dense = Abi<E>::dense;
  static constexpr bool plain = false;
  static constexpr bool view = Abi<E>::view;
  static constexpr bool slips = has_slips<E>();
  static constexpr bool handles = runtime::has_handles<E>();
  static constexpr bool nans = has_nans<E>();
  static constexpr std::uint32_t float_bytes = runtime::float_bytes<E>();
  static bool bitwise() { return Abi<E>::bitwise(); }
  static bool may_pass(LiftLowerContext& cx, const std::array<E, N>& v, const Shape& s) {
    return may_pass_each<E>(cx, v, s.elem());
  }
  static void canonicalize(std::uint8_t* at, std::uint64_t n, std::uint64_t stride) {
    for (std::size_t i = 0; i < N; ++i, at += Abi<E>::size) canonicalize_nans<E>(at, n, stride);
  }
  static std::string wit() { return "list<" + Abi<E>::wit() + ", " + std::to_string(N) + ">"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* list = t.def() != nullptr ? std::get_if<component::List>(t.def()) : nullptr;
    return list != nullptr && list->length == N ? Abi<E>::check(t.at(list->elem), c)
                                                : c.fail(t, wit());
  }
  template <class U>
  static bool store(LiftLowerContext& cx, U&& v, std::uint64_t ptr, const Shape& s) {
    for (auto& e : v) {
      if (!Abi<E>::store(cx, static_cast<ElementOf<U, E>>(e), ptr, s.elem())) return false;
      ptr += Abi<E>::size;
    }
    return true;
  }
  static bool load(LiftLowerContext& cx, std::uint64_t ptr, std::array<E, N>& v, const Shape& s) {
    for (auto& e : v) {
      if (!Abi<E>::load(cx, ptr, e, s.elem())) return false;
      ptr += Abi<E>::size;
    }
    return true;
  }
  template <class U>
  static bool lower_flat(LiftLowerContext& cx, U&& v, ValueSlot*& out, const Shape& s) {
    for (auto& e : v) {
      if (!Abi<E>::lower_flat(cx, static_cast<ElementOf<U, E>>(e), out, s.elem())) return false;
    }
    return true;
  }
  static bool lift_flat(LiftLowerContext& cx, const ValueSlot*& in, std::array<E, N>& v,
                        const Shape& s) {
    for (auto& e : v) {
      if (!Abi<E>::lift_flat(cx, in, e, s.elem())) return false;
    }
    return true;
  }
};

}  // namespace tenon::runtime

#include "tenon/runtime/typed_resource.h"  // IWYU pragma: export
#include "tenon/runtime/typed_variant.h"   // IWYU pragma: export
