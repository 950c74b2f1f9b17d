// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a user's function takes and gives what the WIT says. That a call compiles is not enough:
// `int size(int)` can be called with a `uint64_t`. Part of bindings.h, and of the header of guests
// in C++ (guest_files.cmake), which is why it includes nothing of tenon's.
#include <expected>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tenon {

// Traits are named as those of the standard library.
// NOLINTBEGIN(readability-identifier-naming)

template <class From, class To>
consteval bool value_fits();

/// Parts of one generic class that become those of another: `optional<int>` takes
/// `optional<uint64_t>` without a word.
template <class From, class To>
struct part_fits {
  static constexpr bool value = true;
};
template <class From, class To>
struct part_fits<From, std::optional<To>> {
  static constexpr bool value = value_fits<From, To>();
};
template <class To>
struct part_fits<std::nullopt_t, std::optional<To>> {
  static constexpr bool value = true;
};
template <class From, class To>
struct part_fits<std::optional<From>, std::optional<To>> {
  static constexpr bool value = value_fits<From, To>();
};
template <class From, class To, class Error>
struct part_fits<From, std::expected<To, Error>> {
  static constexpr bool value = value_fits<From, To>();
};
template <class From, class To, class Error>
struct part_fits<std::unexpected<From>, std::expected<To, Error>> {
  static constexpr bool value = value_fits<From, Error>();
};
template <class From, class FromError, class To, class Error>
struct part_fits<std::expected<From, FromError>, std::expected<To, Error>> {
  static constexpr bool value = value_fits<From, To>() && value_fits<FromError, Error>();
};
template <class... From, class... To>
  requires(sizeof...(From) == sizeof...(To))
struct part_fits<std::tuple<From...>, std::tuple<To...>> {
  static constexpr bool value = (value_fits<From, To>() && ...);
};
template <class A, class B, class... To>
  requires(sizeof...(To) == 2)
struct part_fits<std::pair<A, B>, std::tuple<To...>>
    : part_fits<std::tuple<A, B>, std::tuple<To...>> {};
template <class A, class B, class C, class D>
struct part_fits<std::pair<A, B>, std::pair<C, D>> : part_fits<std::tuple<A, B>, std::tuple<C, D>> {
};

/// Whether a value becomes another without loss: as in braces, nothing is narrowed, no sign is
/// lost and no pointer becomes a bool. Wider types fit.
template <class From, class To>
consteval bool value_fits() {
  using Source = std::remove_cvref_t<From>;
  using Target = std::remove_cvref_t<To>;
  if constexpr (std::is_void_v<To> || std::is_void_v<From>) {
    return std::is_void_v<To> && std::is_void_v<From>;
  } else if constexpr (!std::is_convertible_v<From, To>) {
    return false;
  } else if constexpr (std::is_same_v<Source, Target>) {
    return true;
  } else if constexpr (std::is_arithmetic_v<Target>) {
    return requires { Target{std::declval<From>()}; };
  } else {
    return part_fits<Source, Target>::value;
  }
}

template <class From, class To>
concept fits_as = value_fits<From, To>();

/// Stands for an argument of a constructor: becomes what the argument fits, but not the object
/// itself.
template <class Value, class Object>
struct strict_argument {
  template <class To>
    requires(!std::is_same_v<std::remove_cvref_t<To>, Object> && value_fits<Value, To>())
  operator To() const;  // NOLINT(google-explicit-constructor)
};

/// The result of a host's function, which may also give a `Result` or `Outcome` of it.
template <class R>
struct or_failure;
template <class From, class To>
struct result_fits {
  static constexpr bool value = std::is_void_v<To> || value_fits<From, To>();
};
template <class From, class To>
struct result_fits<From, or_failure<To>> {
  /// What classes may stand for the value is for `bindings::Gives` to say.
  static constexpr bool is_other_class = std::is_class_v<From> && !std::is_convertible_v<From, To>;
  static constexpr bool value = is_other_class || result_fits<From, To>::value;
};
template <class From, class Error>
struct result_fits<std::expected<From, Error>, or_failure<From>> {
  static constexpr bool value = true;
};

template <class R, class... Params>
struct function_shape {
  template <class Result, class... Given>
  static consteval bool fits() {
    if constexpr (sizeof...(Given) > sizeof...(Params)) {
      return false;
    } else if constexpr (!result_fits<R, Result>::value) {
      return false;
    } else {
      return each<std::tuple<std::type_identity<Params>...>, Given...>(
          std::index_sequence_for<Given...>{});
    }
  }
  template <class Types, class... Given, std::size_t... I>
  static consteval bool each(std::index_sequence<I...>) {
    return (value_fits<Given, typename std::tuple_element_t<I, Types>::type>() && ...);
  }
};

/// The shape behind a pointer to a function or member function; nothing else has one.
template <class F>
struct shape_of {};
template <class R, class... P>
struct shape_of<R (*)(P...)> : std::type_identity<function_shape<R, P...>> {};
template <class R, class... P>
struct shape_of<R (*)(P...) noexcept> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...)> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) const> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) &> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) const&> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) noexcept> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) const noexcept> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) & noexcept> : shape_of<R (*)(P...)> {};
template <class R, class C, class... P>
struct shape_of<R (C::*)(P...) const & noexcept> : shape_of<R (*)(P...)> {};

template <class Wanted>
struct wanted_shape;
template <class R, class... Given>
struct wanted_shape<R(Given...)> {
  template <class Shape>
  static consteval bool fits() {
    return Shape::template fits<R, Given...>();
  }
};

/// What a class has under a name: `F` is a pointer to it, or void for nothing and for several of
/// the name, where the call alone decides. A static assertion shows the type.
template <class F>
struct found {
  template <class Wanted>
  static consteval bool check() {
    if constexpr (requires { typename shape_of<F>::type; }) {
      return wanted_shape<Wanted>::template fits<typename shape_of<F>::type>();
    } else {
      return true;
    }
  }
  template <class Wanted>
  static constexpr bool fits = check<Wanted>();
};

// NOLINTEND(readability-identifier-naming)

}  // namespace tenon
