// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace tenon::runtime {

template <class U>
concept BoolLike =
    std::same_as<U, bool> || (std::is_class_v<U> && requires(const U& v) { v.operator bool(); });
template <class U>
concept CharacterLike =
    std::same_as<U, char> || std::same_as<U, wchar_t> || std::same_as<U, char8_t> ||
    std::same_as<U, char16_t> || std::same_as<U, char32_t>;

/// Whether C++ would convert a `U` to the scalar `T` of a parameter, but the value would become
/// another kind of thing on the way.
template <class T, class U>
consteval bool changes_kind() {
  if constexpr (std::same_as<T, bool>) {
    return !BoolLike<U>;
  } else if constexpr (std::same_as<T, char32_t>) {
    return BoolLike<U> || !(CharacterLike<U> || std::is_class_v<U>);
  } else {
    return BoolLike<U> || CharacterLike<U> || (std::integral<T> && std::floating_point<U>);
  }
}
template <class T, class U>
concept WrongArg = std::convertible_to<U, T> && changes_kind<T, std::remove_cvref_t<U>>();

/// The static assertions of `Arg`: instantiated only for a call that is wrong.
template <class T, class U>
consteval void refuse_arg() {
  using V = std::remove_cvref_t<U>;
  if constexpr (std::same_as<T, bool>) {
    static_assert(BoolLike<V>,
                  "the parameter is a `bool`, and this argument is not: write `true`, `false` or "
                  "a comparison, `value != 0` or `pointer != nullptr`");
  } else if constexpr (std::same_as<T, char32_t>) {
    static_assert(CharacterLike<V>,
                  "the parameter is a `char`, and this argument is not: write `U'x'`, or "
                  "`static_cast<char32_t>(value)` of a number that is a code point");
  } else if constexpr (BoolLike<V>) {
    static_assert(!BoolLike<V>,
                  "the parameter is a number, and this argument is a `bool`: write a number, or "
                  "`value ? 1 : 0`");
  } else if constexpr (CharacterLike<V>) {
    static_assert(!CharacterLike<V>,
                  "the parameter is a number, and this argument is a character: write a number, or "
                  "`static_cast<unsigned char>(value)` of a `char`, "
                  "`static_cast<std::uint32_t>(value)` of another");
  } else {
    static_assert(
        !std::floating_point<V>,
        "the parameter is an integer, and this argument is a floating-point number: write an "
        "integer, or `static_cast<std::int64_t>(value)`, which cuts the fraction off");
  }
}

}  // namespace tenon::runtime

namespace tenon {

/// An argument for a parameter that is a `T`, a scalar or `std::optional` of one: whatever converts
/// to it, unless a value of another kind does, a fraction for an integer or a pointer for a `bool`.
/// As wide as `T`, and gone when it is compiled.
template <class T>
class Arg {
 public:
  constexpr Arg() = default;
  // Not a template: the compiler warns of numbers that do not fit where they are written.
  constexpr Arg(T v) : v_(v) {}  // NOLINT(google-explicit-constructor)
  template <class U>
    requires(std::is_class_v<U> && !std::same_as<U, Arg> && std::convertible_to<const U&, T> &&
             !runtime::WrongArg<T, const U&>)
  constexpr Arg(const U& v) : v_(v) {}  // NOLINT(google-explicit-constructor)
  template <class U>
    requires(!std::same_as<U, Arg> && runtime::WrongArg<T, const U&>)
  constexpr Arg(const U&) {  // NOLINT(google-explicit-constructor)
    runtime::refuse_arg<T, U>();
  }
  constexpr operator T&() { return v_; }              // NOLINT(google-explicit-constructor)
  constexpr operator const T&() const { return v_; }  // NOLINT(google-explicit-constructor)

 private:
  T v_{};
};
template <class T>
class Arg<std::optional<T>> {
 public:
  constexpr Arg() = default;
  constexpr Arg(std::nullopt_t) {}              // NOLINT(google-explicit-constructor)
  constexpr Arg(std::optional<T> v) : v_(v) {}  // NOLINT(google-explicit-constructor)
  constexpr Arg(T v) : v_(v) {}                 // NOLINT(google-explicit-constructor)
  template <class U>
    requires(std::is_class_v<U> && !std::same_as<U, Arg> &&
             std::convertible_to<const U&, std::optional<T>> && !runtime::WrongArg<T, const U&>)
  constexpr Arg(const U& v) : v_(v) {  // NOLINT(google-explicit-constructor)
    if constexpr (requires { *v; }) {
      using V = std::remove_cvref_t<decltype(*v)>;
      if constexpr (runtime::changes_kind<T, V>()) runtime::refuse_arg<T, V>();
    }
  }
  template <class U>
    requires runtime::WrongArg<T, const U&>
  constexpr Arg(const U&) {  // NOLINT(google-explicit-constructor)
    runtime::refuse_arg<T, U>();
  }
  constexpr operator std::optional<T>&() { return v_; }  // NOLINT(google-explicit-constructor)
  constexpr operator const std::optional<T>&() const {
    return v_;
  }  // NOLINT(google-explicit-constructor)

 private:
  std::optional<T> v_;
};

}  // namespace tenon

namespace tenon::runtime {

/// How a function takes what its signature calls an `A`.
template <class A>
struct ParamOf {
  using type = std::conditional_t<std::is_arithmetic_v<A>, Arg<A>, A>;
};
template <class A>
  requires std::is_arithmetic_v<A>
struct ParamOf<std::optional<A>> {
  using type = Arg<std::optional<A>>;
};
template <class A>
using Param = typename ParamOf<A>::type;

}  // namespace tenon::runtime
