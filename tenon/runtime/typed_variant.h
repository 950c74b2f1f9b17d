// SPDX-License-Identifier: Apache-2.0
#pragma once

// Variants of all kinds in C++; part of typed.h.
#include "tenon/base/narrow.h"
#include "tenon/runtime/typed.h"

namespace tenon::runtime {

/// A case without payload.
template <>
struct Abi<std::monostate> {
  static constexpr std::uint32_t size = 0;
  static constexpr std::uint32_t align = 1;
  static constexpr std::uint32_t flat = 0;
  static constexpr bool dense = false;
  static constexpr bool view = false;
  static std::string wit() { return "_"; }
};

template <class... Cases>
struct VariantLayout {
  static constexpr std::uint32_t disc_size = sizeof...(Cases) <= 256 ? 1 : 2;
  static constexpr std::uint32_t payload_align = std::max({1U, Abi<Cases>::align...});
  static constexpr std::uint32_t align = std::max(disc_size, payload_align);
  static constexpr std::uint32_t payload_offset =
      (disc_size + payload_align - 1) / payload_align * payload_align;
  static constexpr std::uint32_t size =
      (payload_offset + std::max({0U, Abi<Cases>::size...}) + align - 1) / align * align;
  static constexpr std::uint32_t flat = 1 + std::max({0U, Abi<Cases>::flat...});
};

/// `Self` has `index(v)`, `payload<I>(v)` and `emplace<I>(v) -> payload&`.
template <class Self, class T, class... Cases>
struct VariantAbi {
  using Layout = VariantLayout<Cases...>;
  static constexpr std::uint32_t size = Layout::size;
  static constexpr std::uint32_t align = Layout::align;
  static constexpr std::uint32_t flat = Layout::flat;
  static constexpr bool dense = false;
  static constexpr bool plain = false;
  static constexpr bool view = (Abi<Cases>::view || ...);
  static constexpr bool bitwise() { return false; }
  static constexpr bool slips = (has_slips<Cases>() || ...);
  static constexpr bool handles = (runtime::has_handles<Cases>() || ...);

  static bool may_pass(LiftLowerContext& cx, const T& v, const Shape& s) {
    const auto index = Self::index(v);
    if (lacks_value(index)) return cx.trap(without_value);
    return visit(index, [&]<std::size_t I>(Index<I>) {
      if constexpr (!empty<I>) {
        return runtime::may_pass<Case<I>>(cx, Self::template payload<I>(v), *s.fields[I].shape);
      } else {
        return true;
      }
    });
  }
  template <class U>
  static bool store(LiftLowerContext& cx, U&& v, std::uint64_t ptr, const Shape& s) {
    const auto index = Self::index(v);
    if (lacks_value(index)) return cx.trap(without_value);
    std::memcpy(cx.mem() + ptr, &index, Layout::disc_size);
    return visit(index, [&]<std::size_t I>(Index<I>) {
      if constexpr (!empty<I>) {
        return Abi<Case<I>>::store(cx, Self::template payload<I>(std::forward<U>(v)),
                                   ptr + Layout::payload_offset, *s.fields[I].shape);
      } else {
        return true;
      }
    });
  }
  static bool load(LiftLowerContext& cx, std::uint64_t ptr, T& v, const Shape& s) {
    std::uint32_t index = 0;
    std::memcpy(&index, cx.mem() + ptr, Layout::disc_size);
    if (index >= sizeof...(Cases)) return cx.trap("invalid variant discriminant");
    return visit(index, [&]<std::size_t I>(Index<I>) {
      if constexpr (!empty<I>) {
        return Abi<Case<I>>::load(cx, ptr + Layout::payload_offset, Self::template emplace<I>(v),
                                  *s.fields[I].shape);
      } else {
        Self::template emplace<I>(v);
        return true;
      }
    });
  }
  template <class U>
  static bool lower_flat(LiftLowerContext& cx, U&& v, ValueSlot*& out, const Shape& s) {
    auto* const end = out + flat;
    const auto index = Self::index(v);
    if (lacks_value(index)) return cx.trap(without_value);
    *out++ = index;
    const bool ok = visit(index, [&]<std::size_t I>(Index<I>) {
      if constexpr (!empty<I>) {
        return Abi<Case<I>>::lower_flat(cx, Self::template payload<I>(std::forward<U>(v)), out,
                                        *s.fields[I].shape);
      } else {
        return true;
      }
    });
    while (out != end) *out++ = 0;
    return ok;
  }
  static bool lift_flat(LiftLowerContext& cx, const ValueSlot*& in, T& v, const Shape& s) {
    const auto* const end = in + flat;
    const auto index = low_bits<std::uint32_t>(*in++);
    if (index >= sizeof...(Cases)) return cx.trap("invalid variant discriminant");
    const bool ok = visit(index, [&]<std::size_t I>(Index<I>) {
      if constexpr (!empty<I>) {
        return Abi<Case<I>>::lift_flat(cx, in, Self::template emplace<I>(v), *s.fields[I].shape);
      } else {
        Self::template emplace<I>(v);
        return true;
      }
    });
    in = end;
    return ok;
  }

 protected:
  template <std::size_t I>
  using Index = std::integral_constant<std::size_t, I>;
  template <std::size_t I>
  using Case = std::tuple_element_t<I, std::tuple<Cases...>>;
  template <std::size_t I>
  static constexpr bool empty = std::same_as<Case<I>, std::monostate>;
  static constexpr const char* without_value = "the host passed a variant that has no value";
  /// Whether an exception left a variant without a value.
  static bool lacks_value(std::size_t index) { return index >= sizeof...(Cases); }
  template <class F>
  [[gnu::always_inline]] static bool visit(std::size_t index, F f) {
    bool ok = false;
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      (void)((index == I && (ok = f(Index<I>{}), true)) || ...);
    }(std::index_sequence_for<Cases...>{});
    return ok;
  }
  /// Whether an optional payload type is what case I has.
  template <class C>
  static bool check_payload(const TypeView& t, const std::optional<ValType>& payload, TypeCheck& c,
                            std::string_view label) {
    if constexpr (std::same_as<C, std::monostate>) {
      return !payload || c.in(label, [&] { return c.fail(t.at(*payload), "no payload"); });
    } else {
      if (!payload) return c.in(label, [&] { return c.fail(t, Abi<C>::wit() + " as payload"); });
      return c.in(label, [&] { return Abi<C>::check(t.at(*payload), c); });
    }
  }
};

template <class T>
struct Abi<std::optional<T>>
    : VariantAbi<Abi<std::optional<T>>, std::optional<T>, std::monostate, T> {
  static std::string wit() { return "option<" + Abi<T>::wit() + ">"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* option = t.def() != nullptr ? std::get_if<component::Option>(t.def()) : nullptr;
    return option != nullptr ? c.in("some", [&] { return Abi<T>::check(t.at(option->type), c); })
                             : c.fail(t, wit());
  }
  static std::size_t index(const std::optional<T>& v) { return v ? 1 : 0; }
  template <std::size_t I, class U>
  static decltype(auto) payload(U&& v) {
    return *std::forward<U>(v);
  }
  template <std::size_t I>
  static auto& emplace(std::optional<T>& v) {
    if constexpr (I == 0) {
      v.reset();
      return v;
    } else {
      return v.emplace();
    }
  }
};

/// `void` and `std::monostate` stand for no payload.
template <class T>
using PayloadOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T, class E>
struct Abi<std::expected<T, E>>
    : VariantAbi<Abi<std::expected<T, E>>, std::expected<T, E>, PayloadOf<T>, PayloadOf<E>> {
  using Base =
      VariantAbi<Abi<std::expected<T, E>>, std::expected<T, E>, PayloadOf<T>, PayloadOf<E>>;
  static std::string wit() {
    return "result<" + Abi<PayloadOf<T>>::wit() + ", " + Abi<PayloadOf<E>>::wit() + ">";
  }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* result = t.def() != nullptr ? std::get_if<component::ResultType>(t.def()) : nullptr;
    if (result == nullptr) return c.fail(t, wit());
    return Base::template check_payload<PayloadOf<T>>(t, result->ok, c, "ok") &&
           Base::template check_payload<PayloadOf<E>>(t, result->err, c, "err");
  }
  static std::size_t index(const std::expected<T, E>& v) { return v ? 0 : 1; }
  template <std::size_t I, class U>
  static decltype(auto) payload(U&& v) {
    if constexpr (I == 0) {
      return *std::forward<U>(v);
    } else {
      return std::forward<U>(v).error();
    }
  }
  template <std::size_t I>
  static auto& emplace(std::expected<T, E>& v) {
    if constexpr (I == 0) {
      if constexpr (std::is_void_v<T>) {
        v = {};
        return v;
      } else {
        if (!v) v = T();
        return *v;
      }
    } else {
      v = std::unexpected(E());
      return v.error();
    }
  }
};

template <class V, class... Ts>
struct VariantOf : VariantAbi<Abi<V>, V, Ts...> {
  using Base = VariantAbi<Abi<V>, V, Ts...>;
  static constexpr bool slips = true;
  static std::string wit() {
    std::string out;
    ((out += (out.empty() ? "variant { " : ", ") + Abi<Ts>::wit()), ...);
    return out + " }";
  }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* variant = t.def() != nullptr ? std::get_if<component::Variant>(t.def()) : nullptr;
    if (variant == nullptr || variant->cases.size() != sizeof...(Ts)) return c.fail(t, wit());
    if constexpr (!std::same_as<decltype(case_labels<V>), const std::monostate>) {
      for (std::size_t i = 0; i < sizeof...(Ts); ++i) {
        if (variant->cases[i].label != case_labels<V>[i]) {
          return c.fail(t, "a variant whose case " + std::to_string(i) + " is " +
                               std::string(case_labels<V>[i]));
        }
      }
    }
    std::size_t i = 0;
    const auto one = [&]<class C>(std::type_identity<C>) {
      const auto& k = variant->cases[i++];
      return Base::template check_payload<C>(t, k.type, c, k.label);
    };
    return (one(std::type_identity<Ts>{}) && ...);
  }
  static std::size_t index(const V& v) { return v.index(); }
  template <std::size_t I, class U>
  static decltype(auto) payload(U&& v) {
    return std::get<I>(std::forward<U>(v));
  }
  template <std::size_t I>
  static auto& emplace(V& v) {
    return v.template emplace<I>();
  }
};
template <class... Ts>
struct Abi<std::variant<Ts...>> : VariantOf<std::variant<Ts...>, Ts...> {};

/// A class derived from std::variant, so that it can have a name and `case_labels`.
template <class T>
struct VariantBase {
  template <class... Ts>
  static std::variant<Ts...> of(const std::variant<Ts...>&);
  using type = decltype(of(std::declval<const T&>()));
};
template <class T, class V>
struct NamedVariant;
template <class T, class... Ts>
struct NamedVariant<T, std::variant<Ts...>> : VariantOf<T, Ts...> {};
template <class T>
  requires(!std::same_as<decltype(case_labels<T>), const std::monostate>)
struct Abi<T> : NamedVariant<T, typename VariantBase<T>::type> {};

}  // namespace tenon::runtime
