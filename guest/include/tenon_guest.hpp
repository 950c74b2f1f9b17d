// SPDX-License-Identifier: Apache-2.0
// What generated C++ guest bindings stand on: how each type crosses the boundary of a component.
// Spec: CanonicalABI.md "Loading", "Storing", "Flat Lifting", "Flat Lowering".
//
// A flat value travels in 64-bit slots holding the bits of its core value: then the joined core
// types of a variant's cases need no conversions, and the optimiser removes the slots.
//
// No `#pragma once`: a copy that stands elsewhere, precompiled, is the same header.
#ifndef TENON_GUEST_HPP_
#define TENON_GUEST_HPP_

#if __cplusplus <= 202002L
#error "tenon's guests need C++23: compile with -std=c++23 (-std=c++2b up to clang 16)"
#endif

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/runtime/fits.h"

namespace tenon::guest {

using byte = unsigned char;
using slot = std::uint64_t;

constexpr std::uint32_t align_up(std::uint32_t offset, std::uint32_t align) {
  return (offset + align - 1) / align * align;
}
inline std::int32_t address(const void* p) {
  return static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(p));
}
inline byte* pointer(slot s) {
  return reinterpret_cast<byte*>(static_cast<std::uintptr_t>(static_cast<std::uint32_t>(s)));
}

/// Core values as slots and back.
inline slot to_slot(std::int32_t v) {
  return static_cast<std::uint32_t>(v);
}
inline slot to_slot(std::int64_t v) {
  return static_cast<slot>(v);
}
inline slot to_slot(float v) {
  return std::bit_cast<std::uint32_t>(v);
}
inline slot to_slot(double v) {
  return std::bit_cast<std::uint64_t>(v);
}
template <class Core>
Core from_slot(slot s) {
  if constexpr (std::same_as<Core, float>) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(s));
  } else if constexpr (std::same_as<Core, double>) {
    return std::bit_cast<double>(s);
  } else {
    return static_cast<Core>(s);
  }
}

/// What must live until a call ends: memory of lowered lists, buffers of borrowed parameters,
/// borrowed handles.
class frame {
 public:
  frame() = default;
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;
  ~frame() { end(); }

  /// Memory aligned for any value, freed with the frame.
  byte* alloc(std::size_t size) {
    if (size > SIZE_MAX - sizeof(node)) __builtin_trap();
    auto* const n = static_cast<node*>(std::malloc(size + sizeof(node)));
    if (n == nullptr) __builtin_trap();
    n->next = head_;
    n->ended = nullptr;
    head_ = n;
    return reinterpret_cast<byte*>(n + 1);
  }
  /// Calls `ended(argument)` with the end of the frame.
  void at_end(void (*ended)(std::int32_t), std::int32_t argument) {
    alloc(0);
    head_->ended = ended;
    head_->argument = argument;
  }
  void end() {
    while (head_ != nullptr) {
      node* const n = std::exchange(head_, head_->next);
      if (n->ended != nullptr) n->ended(n->argument);
      std::free(n);
    }
  }

 private:
  struct alignas(16) node {
    node* next;
    void (*ended)(std::int32_t);
    std::int32_t argument;
  };
  node* head_ = nullptr;
};

/// How a type crosses. `size`, `align` and `slots` are those of the canonical ABI; `plain` says
/// that its bytes in memory are the C++ object's own; `owns` that a value has memory outside
/// itself. `load` and `lift` take over what the value points to, `store` and `lower` lend it for a
/// frame.
template <class T>
struct abi;

template <class T>
inline constexpr bool same_layout =
    abi<T>::plain && sizeof(T) == abi<T>::size && std::is_trivially_copyable_v<T>;

template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
struct abi<T> {
  static constexpr std::uint32_t size = sizeof(T), align = sizeof(T), slots = 1;
  static constexpr bool plain = true, owns = false;
  static T load(const byte* p, frame&) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static void store(byte* p, T v, frame&) { std::memcpy(p, &v, sizeof v); }
  static T lift(const slot* s, frame&) {
    if constexpr (std::same_as<T, bool>) {
      return static_cast<std::uint32_t>(*s) != 0;
    } else {
      return from_slot<T>(*s);
    }
  }
  static void lower(slot* s, T v, frame&) {
    if constexpr (std::floating_point<T>) {
      *s = to_slot(v);
    } else if constexpr (sizeof(T) == 8) {
      *s = static_cast<slot>(v);
    } else {
      *s = static_cast<std::uint32_t>(v);
    }
  }
};

/// A payload that is not there.
template <>
struct abi<std::monostate> {
  static constexpr std::uint32_t size = 0, align = 1, slots = 0;
  static constexpr bool plain = false, owns = false;
  static std::monostate load(const byte*, frame&) { return {}; }
  static void store(byte*, std::monostate, frame&) {}
  static std::monostate lift(const slot*, frame&) { return {}; }
  static void lower(slot*, std::monostate, frame&) {}
};

// Pointer and length: strings, lists, maps.

/// `Self` gives `from(pointer, length, frame)` and `data(value, frame)`, which returns both.
template <class Self, class T>
struct pair_abi {
  static constexpr std::uint32_t size = 8, align = 4, slots = 2;
  static constexpr bool plain = false, owns = true;
  static T load(const byte* p, frame& f) {
    const auto at = abi<std::uint32_t>::load(p, f);
    const auto length = abi<std::uint32_t>::load(p + 4, f);
    return Self::from(pointer(at), length, f);
  }
  static void store(byte* p, const T& v, frame& f) {
    const auto [data, length] = Self::data(v, f);
    abi<std::int32_t>::store(p, address(data), f);
    abi<std::uint32_t>::store(p + 4, static_cast<std::uint32_t>(length), f);
  }
  static T lift(const slot* s, frame& f) {
    return Self::from(pointer(s[0]), static_cast<std::uint32_t>(s[1]), f);
  }
  static void lower(slot* s, const T& v, frame& f) {
    const auto [data, length] = Self::data(v, f);
    s[0] = to_slot(address(data));
    s[1] = length;
  }
};

struct bytes {
  const void* data;
  std::size_t length;
};

/// Frees a buffer that the host filled. One of no bytes was never allocated.
inline void free_buffer(byte* p, std::size_t size) {
  if (size != 0) std::free(p);
}
/// Lends such a buffer to the end of the frame.
inline void keep_buffer(byte* p, std::size_t size, frame& f) {
  if (size != 0) f.at_end([](std::int32_t at) { std::free(pointer(to_slot(at))); }, address(p));
}

template <>
struct abi<std::string> : pair_abi<abi<std::string>, std::string> {
  static std::string from(byte* p, std::uint32_t length, frame&) {
    std::string text(reinterpret_cast<const char*>(p), length);
    free_buffer(p, length);
    return text;
  }
  static bytes data(const std::string& v, frame&) { return {v.data(), v.size()}; }
};

template <>
struct abi<std::string_view> : pair_abi<abi<std::string_view>, std::string_view> {
  static std::string_view from(byte* p, std::uint32_t length, frame& f) {
    keep_buffer(p, length, f);
    return {reinterpret_cast<const char*>(p), length};
  }
  static bytes data(std::string_view v, frame&) { return {v.data(), v.size()}; }
};

/// Stores a range of values as list elements, unless they stand as the ABI wants them already.
template <class T, class Range>
bytes store_elements(const Range& range, frame& f) {
  if constexpr (same_layout<T> && requires { range.data(); }) {
    return {range.data(), range.size()};
  } else {
    if (range.size() > SIZE_MAX / abi<T>::size) __builtin_trap();
    byte* const block = f.alloc(range.size() * abi<T>::size);
    byte* at = block;
    for (const auto& item : range) {
      abi<T>::store(at, item, f);
      at += abi<T>::size;
    }
    return {block, range.size()};
  }
}

template <class T>
struct abi<std::vector<T>> : pair_abi<abi<std::vector<T>>, std::vector<T>> {
  static std::vector<T> from(byte* p, std::uint32_t length, frame& f) {
    std::vector<T> out;
    if constexpr (same_layout<T> && !std::same_as<T, bool>) {
      const auto* const first = reinterpret_cast<const T*>(p);
      out.assign(first, first + length);
    } else {
      out.reserve(length);
      for (std::uint32_t i = 0; i < length; ++i)
        out.push_back(abi<T>::load(p + i * abi<T>::size, f));
    }
    free_buffer(p, length * abi<T>::size);
    return out;
  }
  static bytes data(const std::vector<T>& v, frame& f) { return store_elements<T>(v, f); }
};

template <class T>
struct abi<std::span<const T>> : pair_abi<abi<std::span<const T>>, std::span<const T>> {
  static std::span<const T> from(byte* p, std::uint32_t length, frame& f) {
    static_assert(same_layout<T>);
    keep_buffer(p, length * abi<T>::size, f);
    return {reinterpret_cast<const T*>(p), length};
  }
  static bytes data(std::span<const T> v, frame& f) { return store_elements<T>(v, f); }
};

// Structures. Offsets and slots follow from the members' types.

/// Offsets in memory of values one after another, and the whole.
template <class... T>
struct sequence {
  static constexpr std::uint32_t count = sizeof...(T);
  static constexpr std::uint32_t align = [] {
    std::uint32_t most = 1;
    ((most = abi<T>::align > most ? abi<T>::align : most), ...);
    return most;
  }();
  static constexpr std::array<std::uint32_t, count + 1> offsets = [] {
    std::array<std::uint32_t, count + 1> out{};
    std::uint32_t at = 0;
    std::size_t i = 0;
    ((at = align_up(at, abi<T>::align), out[i++] = at, at += abi<T>::size), ...);
    out[count] = align_up(at, align);
    return out;
  }();
  static constexpr std::array<std::uint32_t, count + 1> first_slot = [] {
    std::array<std::uint32_t, count + 1> out{};
    std::uint32_t at = 0;
    std::size_t i = 0;
    ((out[i++] = at, at += abi<T>::slots), ...);
    out[count] = at;
    return out;
  }();
  static constexpr std::uint32_t size = offsets[count], slots = first_slot[count];
};

template <class C, class M>
M member_type(M C::*);

/// A record: `template <> struct abi<point> : record_abi<point, &point::x, &point::y> {};`
template <class T, auto... Members>
struct record_abi {
  using fields = sequence<decltype(member_type(Members))...>;
  static constexpr std::uint32_t size = fields::size, align = fields::align, slots = fields::slots;
  static constexpr bool plain =
      (same_layout<decltype(member_type(Members))> && ...) && std::is_standard_layout_v<T>;
  static constexpr bool owns = (abi<decltype(member_type(Members))>::owns || ...);
  static T load(const byte* p, frame& f) { return load_(p, f, indices{}); }
  static void store(byte* p, const T& v, frame& f) { store_(p, v, f, indices{}); }
  static T lift(const slot* s, frame& f) { return lift_(s, f, indices{}); }
  static void lower(slot* s, const T& v, frame& f) { lower_(s, v, f, indices{}); }

 private:
  using indices = std::make_index_sequence<sizeof...(Members)>;
  template <std::size_t... I>
  static T load_(const byte* p, frame& f, std::index_sequence<I...>) {
    return T{abi<decltype(member_type(Members))>::load(p + fields::offsets[I], f)...};
  }
  template <std::size_t... I>
  static void store_(byte* p, const T& v, frame& f, std::index_sequence<I...>) {
    (abi<decltype(member_type(Members))>::store(p + fields::offsets[I], v.*Members, f), ...);
  }
  template <std::size_t... I>
  static T lift_(const slot* s, frame& f, std::index_sequence<I...>) {
    return T{abi<decltype(member_type(Members))>::lift(s + fields::first_slot[I], f)...};
  }
  template <std::size_t... I>
  static void lower_(slot* s, const T& v, frame& f, std::index_sequence<I...>) {
    (abi<decltype(member_type(Members))>::lower(s + fields::first_slot[I], v.*Members, f), ...);
  }
};

template <class... T>
struct abi<std::tuple<T...>> {
  using fields = sequence<T...>;
  using type = std::tuple<T...>;
  static constexpr std::uint32_t size = fields::size, align = fields::align, slots = fields::slots;
  static constexpr bool plain = false;
  static constexpr bool owns = (abi<T>::owns || ...);
  static type load(const byte* p, frame& f) { return load_(p, f, indices{}); }
  static void store(byte* p, const type& v, frame& f) { store_(p, v, f, indices{}); }
  static type lift(const slot* s, frame& f) { return lift_(s, f, indices{}); }
  static void lower(slot* s, const type& v, frame& f) { lower_(s, v, f, indices{}); }

 private:
  using indices = std::index_sequence_for<T...>;
  template <std::size_t... I>
  static type load_(const byte* p, frame& f, std::index_sequence<I...>) {
    return type{abi<T>::load(p + fields::offsets[I], f)...};
  }
  template <std::size_t... I>
  static void store_(byte* p, const type& v, frame& f, std::index_sequence<I...>) {
    (abi<T>::store(p + fields::offsets[I], std::get<I>(v), f), ...);
  }
  template <std::size_t... I>
  static type lift_(const slot* s, frame& f, std::index_sequence<I...>) {
    return type{abi<T>::lift(s + fields::first_slot[I], f)...};
  }
  template <std::size_t... I>
  static void lower_(slot* s, const type& v, frame& f, std::index_sequence<I...>) {
    (abi<T>::lower(s + fields::first_slot[I], std::get<I>(v), f), ...);
  }
};

/// A list of fixed length.
template <class T, std::size_t N>
struct abi<std::array<T, N>> {
  using type = std::array<T, N>;
  static constexpr std::uint32_t size = N * abi<T>::size, align = abi<T>::align,
                                 slots = N * abi<T>::slots;
  static constexpr bool plain = same_layout<T>, owns = abi<T>::owns;
  static type load(const byte* p, frame& f) {
    return fill([&](std::size_t i) { return abi<T>::load(p + i * abi<T>::size, f); });
  }
  static void store(byte* p, const type& v, frame& f) {
    for (std::size_t i = 0; i < N; ++i) abi<T>::store(p + i * abi<T>::size, v[i], f);
  }
  static type lift(const slot* s, frame& f) {
    return fill([&](std::size_t i) { return abi<T>::lift(s + i * abi<T>::slots, f); });
  }
  static void lower(slot* s, const type& v, frame& f) {
    for (std::size_t i = 0; i < N; ++i) abi<T>::lower(s + i * abi<T>::slots, v[i], f);
  }

 private:
  template <class Make>
  static type fill(Make make) {
    if constexpr (std::default_initializable<T>) {
      type out;
      for (std::size_t i = 0; i < N; ++i) out[i] = make(i);
      return out;
    } else {
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return type{make(I)...};
      }(std::make_index_sequence<N>{});
    }
  }
};

// Choices: a discriminant, then the largest payload.

template <class... Payload>
struct choice {
  static constexpr std::size_t count = sizeof...(Payload);
  using tag =
      std::conditional_t<(count <= 256), std::uint8_t,
                         std::conditional_t<(count <= 65536), std::uint16_t, std::uint32_t>>;
  static constexpr std::uint32_t payload_align = [] {
    std::uint32_t most = 1;
    ((most = abi<Payload>::align > most ? abi<Payload>::align : most), ...);
    return most;
  }();
  static constexpr std::uint32_t offset = align_up(sizeof(tag), payload_align);
  static constexpr std::uint32_t align = payload_align > sizeof(tag) ? payload_align : sizeof(tag);
  static constexpr std::uint32_t size = [] {
    std::uint32_t most = 0;
    ((most = abi<Payload>::size > most ? abi<Payload>::size : most), ...);
    return align_up(offset + most, align);
  }();
  static constexpr std::uint32_t slots = [] {
    std::uint32_t most = 0;
    ((most = abi<Payload>::slots > most ? abi<Payload>::slots : most), ...);
    return 1 + most;
  }();
  static constexpr bool plain = false;
  static constexpr bool owns = (abi<Payload>::owns || ...);

  static std::uint32_t load_tag(const byte* p, frame& f) { return abi<tag>::load(p, f); }
  static void store_tag(byte* p, std::size_t n, frame& f) {
    abi<tag>::store(p, static_cast<tag>(n), f);
  }
};

template <class T>
struct abi<std::optional<T>> : choice<std::monostate, T> {
  using type = std::optional<T>;
  using base = choice<std::monostate, T>;
  static type load(const byte* p, frame& f) {
    if (base::load_tag(p, f) == 0) return std::nullopt;
    return type(std::in_place, abi<T>::load(p + base::offset, f));
  }
  static void store(byte* p, const type& v, frame& f) {
    base::store_tag(p, v ? 1 : 0, f);
    if (v) abi<T>::store(p + base::offset, *v, f);
  }
  static type lift(const slot* s, frame& f) {
    if (static_cast<std::uint32_t>(s[0]) == 0) return std::nullopt;
    return type(std::in_place, abi<T>::lift(s + 1, f));
  }
  static void lower(slot* s, const type& v, frame& f) {
    s[0] = v ? 1 : 0;
    if (v) abi<T>::lower(s + 1, *v, f);
  }
};

/// `void` is a payload that is not there.
template <class T>
using payload_t = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T, class E>
struct abi<std::expected<T, E>> : choice<payload_t<T>, E> {
  using type = std::expected<T, E>;
  using base = choice<payload_t<T>, E>;
  static type load(const byte* p, frame& f) {
    if (base::load_tag(p, f) != 0) return type(std::unexpect, abi<E>::load(p + base::offset, f));
    if constexpr (std::is_void_v<T>) {
      return type();
    } else {
      return type(std::in_place, abi<T>::load(p + base::offset, f));
    }
  }
  static void store(byte* p, const type& v, frame& f) {
    base::store_tag(p, v ? 0 : 1, f);
    if (!v) {
      abi<E>::store(p + base::offset, v.error(), f);
    } else if constexpr (!std::is_void_v<T>) {
      abi<T>::store(p + base::offset, *v, f);
    }
  }
  static type lift(const slot* s, frame& f) {
    if (static_cast<std::uint32_t>(s[0]) != 0) return type(std::unexpect, abi<E>::lift(s + 1, f));
    if constexpr (std::is_void_v<T>) {
      return type();
    } else {
      return type(std::in_place, abi<T>::lift(s + 1, f));
    }
  }
  static void lower(slot* s, const type& v, frame& f) {
    s[0] = v ? 0 : 1;
    if (!v) {
      abi<E>::lower(s + 1, v.error(), f);
    } else if constexpr (!std::is_void_v<T>) {
      abi<T>::lower(s + 1, *v, f);
    }
  }
};

template <class Case>
struct case_payload {
  using type = std::monostate;
};
template <class Case>
  requires requires { &Case::value; }
struct case_payload<Case> {
  using type = decltype(Case::value);
};

/// A variant of case structures: those with a payload have it as the member `value`.
template <class T, class... Cases>
struct variant_abi : choice<typename case_payload<Cases>::type...> {
  using base = choice<typename case_payload<Cases>::type...>;
  static T load(const byte* p, frame& f) {
    return make(base::load_tag(p, f), [&]<class Case>() -> T {
      using payload = typename case_payload<Case>::type;
      if constexpr (std::same_as<payload, std::monostate>) {
        return T(Case{});
      } else {
        return T(Case{abi<payload>::load(p + base::offset, f)});
      }
    });
  }
  static T lift(const slot* s, frame& f) {
    return make(static_cast<std::uint32_t>(s[0]), [&]<class Case>() -> T {
      using payload = typename case_payload<Case>::type;
      if constexpr (std::same_as<payload, std::monostate>) {
        return T(Case{});
      } else {
        return T(Case{abi<payload>::lift(s + 1, f)});
      }
    });
  }
  static void store(byte* p, const T& v, frame& f) {
    base::store_tag(p, as_variant(v).index(), f);
    each(v, [&]<class Case>(const Case& one) {
      if constexpr (requires { one.value; })
        abi<decltype(Case::value)>::store(p + base::offset, one.value, f);
    });
  }
  static void lower(slot* s, const T& v, frame& f) {
    s[0] = as_variant(v).index();
    each(v, [&]<class Case>(const Case& one) {
      if constexpr (requires { one.value; }) abi<decltype(Case::value)>::lower(s + 1, one.value, f);
    });
  }

 private:
  template <class... Alternatives>
  static const std::variant<Alternatives...>& as_variant(const std::variant<Alternatives...>& v) {
    return v;
  }
  /// `make.operator()<Case>()` of the case numbered `n`.
  template <class Make>
  static T make(std::uint32_t n, Make make) {
    return at<0>(n, make);
  }
  template <std::size_t I, class Make>
  static T at(std::uint32_t n, Make& make) {
    if constexpr (I + 1 < sizeof...(Cases)) {
      if (n != I) return at<I + 1>(n, make);
    } else {
      if (n != I) __builtin_trap();
    }
    return make.template operator()<std::tuple_element_t<I, std::tuple<Cases...>>>();
  }
  /// Calls with the case that is there; unlike std::visit without a table of functions.
  template <class Call>
  static void each(const T& v, Call call) {
    const auto& all = as_variant(v);
    const auto one = [&]<std::size_t I>() {
      if (const auto* const found = std::get_if<I>(&all)) call(*found);
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (one.template operator()<I>(), ...);
    }(std::index_sequence_for<Cases...>{});
  }
};

// Resources.

struct adopt_t {};
inline constexpr adopt_t adopt{};

/// Base of every handle class: movable, dropped with its owner. `R::drop_` gives the handle back.
template <class R>
class owned_handle {
 public:
  owned_handle(owned_handle&& other) noexcept : handle_(std::exchange(other.handle_, 0)) {}
  owned_handle& operator=(owned_handle&& other) noexcept {
    if (this != &other) {
      if (handle_ != 0) R::drop_(handle_);
      handle_ = std::exchange(other.handle_, 0);
    }
    return *this;
  }
  /// Takes over a raw handle.
  owned_handle(adopt_t, std::int32_t handle) : handle_(handle) {}
  /// The raw handle, still owned; 0 after a move.
  [[nodiscard]] std::int32_t handle_of_() const { return handle_; }
  /// Hands the raw handle over. Lowering does so with what it is given to consume.
  [[nodiscard]] std::int32_t release_() const { return std::exchange(handle_, 0); }

 protected:
  ~owned_handle() {
    if (handle_ != 0) R::drop_(handle_);
  }

 private:
  mutable std::int32_t handle_;
};

/// Shared by all values of one core slot that are handles.
template <class T, class Convert>
struct handle_abi {
  static constexpr std::uint32_t size = 4, align = 4, slots = 1;
  static constexpr bool plain = false, owns = false;
  static T load(const byte* p, frame& f) { return Convert::to(abi<std::int32_t>::load(p, f), f); }
  static void store(byte* p, const T& v, frame& f) {
    abi<std::int32_t>::store(p, Convert::from(v), f);
  }
  static T lift(const slot* s, frame& f) { return Convert::to(from_slot<std::int32_t>(*s), f); }
  static void lower(slot* s, const T& v, frame&) { *s = to_slot(Convert::from(v)); }
};

template <class R>
struct own_convert {
  static R to(std::int32_t handle, frame&) { return R(adopt, handle); }
  static std::int32_t from(const R& v) { return v.release_(); }
};
template <class R>
using own_abi = handle_abi<R, own_convert<R>>;

/// A resource lent for the time of a call: behaves as a reference to `R`.
template <class R>
class borrow {
 public:
  borrow(const R& lender)
      : borrow(adopt, lender.handle_of_()) {}  // NOLINT(google-explicit-constructor)
  borrow(adopt_t, std::int32_t handle) : lent_(adopt, handle) {}
  borrow(const borrow& other) : borrow(adopt, other.lent_.handle_of_()) {}
  borrow& operator=(const borrow& other) {
    std::construct_at(&lent_, adopt, other.lent_.handle_of_());
    return *this;
  }
  ~borrow() {}
  const R& operator*() const { return lent_; }
  const R* operator->() const { return &lent_; }
  operator const R&() const { return lent_; }  // NOLINT(google-explicit-constructor)

 private:
  // Never destroyed: the handle is the lender's.
  union {
    R lent_;
  };
};

template <class R>
struct borrow_convert {
  static borrow<R> to(std::int32_t handle, frame& f) {
    // A borrowed handle must be given back before the export returns.
    f.at_end([](std::int32_t h) { R::drop_(h); }, handle);
    return borrow<R>(adopt, handle);
  }
  static std::int32_t from(const borrow<R>& v) { return (*v).handle_of_(); }
};
template <class R>
struct abi<borrow<R>> : handle_abi<borrow<R>, borrow_convert<R>> {};

/// A resource of this component, lent by the caller: `get<T>()` is the object itself.
template <class R>
class exported_borrow {
 public:
  explicit exported_borrow(void* object) : object_(object) {}
  template <class T>
  [[nodiscard]] T& get() const {
    return *static_cast<T*>(object_);
  }

 private:
  void* object_;
};
template <class R>
struct exported_borrow_convert {
  static exported_borrow<R> to(std::int32_t rep, frame&) {
    return exported_borrow<R>(pointer(to_slot(rep)));
  }
  static std::int32_t from(const exported_borrow<R>& v) { return address(&v.template get<byte>()); }
};
template <class R>
struct abi<exported_borrow<R>> : handle_abi<exported_borrow<R>, exported_borrow_convert<R>> {};

// Calls.

/// The result of an export in memory, with what it points to, until `cabi_post_…` ends it.
template <class R>
class returned {
 public:
  constexpr returned() = default;
  /// Keeps the result of `call` and stores it. Returns its address.
  template <class Call>
  std::int32_t set(Call call) {
    if constexpr (abi<R>::owns) {
      auto* const value = new (value_) R(call());
      auto* const temporary = new (frame_) frame;
      abi<R>::store(area_, *value, *temporary);
    } else {
      frame none;
      const R value = call();
      abi<R>::store(area_, value, none);
    }
    return address(area_);
  }
  static void end(std::int32_t area) {
    auto* const self = reinterpret_cast<returned*>(pointer(to_slot(area)));
    std::launder(reinterpret_cast<frame*>(self->frame_))->end();
    std::destroy_at(std::launder(reinterpret_cast<R*>(self->value_)));
  }

 private:
  static constexpr std::size_t kept = abi<R>::owns ? sizeof(R) : 1;
  alignas(8) byte area_[abi<R>::size] = {};
  alignas(R) byte value_[kept] = {};
  alignas(frame) byte frame_[abi<R>::owns ? sizeof(frame) : 1] = {};
};

/// An export: lifts core values, calls, lowers the result. `CoreResult` is `void` or a core type.
template <class CoreResult, class R, class... P>
struct export_call {
  using params = sequence<P...>;
  static constexpr bool in_memory = params::slots > 16;

  template <class Call, class... Core>
  static CoreResult run(Call call, Core... core) {
    frame lent;
    const slot slots[sizeof...(Core) + 1] = {to_slot(core)..., 0};
    auto arguments = lift(slots, lent, std::index_sequence_for<P...>{});
    if constexpr (in_memory) std::free(pointer(slots[0]));
    const auto called = [&]() -> R { return std::apply(call, std::move(arguments)); };
    if constexpr (std::is_void_v<R>) {
      called();
    } else if constexpr (abi<R>::slots > 1) {
      static constinit returned<R> result;
      return result.set(called);
    } else {
      const R value = called();
      slot out = 0;
      abi<R>::lower(&out, value, lent);
      return from_slot<CoreResult>(out);
    }
  }

 private:
  template <std::size_t... I>
  static std::tuple<P...> lift([[maybe_unused]] const slot* slots, [[maybe_unused]] frame& f,
                               std::index_sequence<I...>) {
    if constexpr (in_memory) {
      const byte* const p = pointer(slots[0]);
      return std::tuple<P...>{abi<P>::load(p + params::offsets[I], f)...};
    } else {
      return std::tuple<P...>{abi<P>::lift(slots + params::first_slot[I], f)...};
    }
  }
};

template <auto Import>
struct core_import;
template <class Result, class... Param, Result (*Import)(Param...)>
struct core_import<Import> {
  using result = Result;
  static constexpr std::size_t count = sizeof...(Param);
  static Result call(const slot* slots) {
    return call_(slots, std::index_sequence_for<Param...>{});
  }

 private:
  template <std::size_t... I>
  static Result call_([[maybe_unused]] const slot* slots, std::index_sequence<I...>) {
    return Import(from_slot<Param>(slots[I])...);
  }
};

/// An import: lowers the arguments, calls the core function, lifts the result.
template <auto Import, class R, class... P>
struct import_call {
  static R run(const P&... args);
};
template <auto Import, class R, class... P>
R import_call<Import, R, P...>::run(const P&... args) {
  using params = sequence<P...>;
  using core = core_import<Import>;
  constexpr bool in_memory = params::slots > 16;
  frame temporary;
  slot slots[core::count + 1] = {};
  [[maybe_unused]] std::size_t i = 0;
  alignas(8) byte memory[in_memory ? params::size : 1];
  if constexpr (in_memory) {
    (abi<P>::store(memory + params::offsets[i++], args, temporary), ...);
    slots[0] = to_slot(address(memory));
  } else {
    (abi<P>::lower(slots + params::first_slot[i++], args, temporary), ...);
  }
  if constexpr (std::is_void_v<R>) {
    core::call(slots);
  } else if constexpr (abi<R>::slots > 1) {
    alignas(8) byte area[abi<R>::size];
    slots[core::count - 1] = to_slot(address(area));
    core::call(slots);
    return abi<R>::load(area, temporary);
  } else {
    const slot result = to_slot(core::call(slots));
    return abi<R>::lift(&result, temporary);
  }
}

}  // namespace tenon::guest

/// Makes the class `Impl` what a world exports: `TENON_EXPORT(calculator_component, Calculator)`.
/// Stands once, at global scope.
#define TENON_EXPORT(world, ...) TENON_EXPORT_##world(__VA_ARGS__)

#endif  // TENON_GUEST_HPP_

// Outside of what stands once: a world with maps asks for it behind the precompiled rest.
#if defined(TENON_GUEST_MAP) && !defined(TENON_GUEST_MAP_HPP_)
#define TENON_GUEST_MAP_HPP_
#include <map>
namespace tenon::guest {
template <class K, class V>
struct abi<std::map<K, V>> : pair_abi<abi<std::map<K, V>>, std::map<K, V>> {
  using entry = sequence<K, V>;
  static std::map<K, V> from(byte* p, std::uint32_t length, frame& f) {
    std::map<K, V> out;
    for (std::uint32_t i = 0; i < length; ++i) {
      const byte* const at = p + i * entry::size;
      auto key = abi<K>::load(at, f);
      out.insert_or_assign(std::move(key), abi<V>::load(at + entry::offsets[1], f));
    }
    free_buffer(p, length * entry::size);
    return out;
  }
  static bytes data(const std::map<K, V>& v, frame& f) {
    byte* const block = f.alloc(v.size() * entry::size);
    byte* at = block;
    for (const auto& [key, value] : v) {
      abi<K>::store(at, key, f);
      abi<V>::store(at + entry::offsets[1], value, f);
      at += entry::size;
    }
    return {block, v.size()};
  }
};
}  // namespace tenon::guest
#endif  // TENON_GUEST_MAP
