// SPDX-License-Identifier: Apache-2.0
// Values of any type that generated host bindings have: made by chance, and compared.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "tenon/runtime/bindings.h"

namespace tenon::testing {

/// Makes values. Small ranges of sizes with the limits among them: what a boundary gets wrong is
/// there.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  /// A number below `n`.
  std::size_t below(std::size_t n) { return random_() % n; }
  template <class T>
  T pick(std::initializer_list<T> all) {
    return all.begin()[below(all.size())];
  }
  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  template <class T>
  static constexpr bool has_members =
      !std::same_as<decltype(tenon::members<T>), const std::monostate>;

  void fill(std::monostate&) {}
  void fill(bool& v) { v = below(2) == 1; }
  void fill(char32_t& v) {
    v = pick({U'\0', U'a', U'\x7F', U'\u07FF', U'\uD7FF', U'\uE000', U'\uFFFF', U'\U0001F980',
              U'\U0010FFFF'});
  }
  void fill(std::string& v) {
    constexpr std::string_view parts[] = {"",
                                          "a",
                                          "naïve",
                                          "\U0001F980",
                                          std::string_view("\0", 1),
                                          "日本",
                                          "long enough not to be held inside"};
    for (std::size_t n = below(6); n != 0; --n) v += parts[below(std::size(parts))];
    if (below(50) == 0) v.append(70'000, 'x');
  }
  template <class T>
    requires std::integral<T>
  void fill(T& v) {
    using Limits = std::numeric_limits<T>;
    v = pick(
        {T{0}, T{1}, static_cast<T>(-1), Limits::min(), Limits::max(), static_cast<T>(random_())});
  }
  template <class T>
    requires std::floating_point<T>
  void fill(T& v) {
    using Limits = std::numeric_limits<T>;
    v = pick({T{0}, -T{0}, T(0.1), Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(),
              Limits::denorm_min(), Limits::max(), Limits::lowest(), static_cast<T>(random_())});
  }
  template <class T>
    requires std::is_enum_v<T>
  void fill(T& v) {
    if constexpr (requires { enum_labels<T>.size(); }) {
      v = static_cast<T>(below(enum_labels<T>.size()));
    } else {
      v = static_cast<T>(random_() & ((std::uint64_t{1} << flag_labels<T>.size()) - 1));
    }
  }
  template <class T>
  void fill(std::vector<T>& v) {
    for (std::size_t n = below(5); n != 0; --n) v.push_back(make<T>());
  }
  template <class T, std::size_t N>
  void fill(std::array<T, N>& v) {
    for (auto& one : v) fill(one);
  }
  template <class K, class V>
  void fill(std::map<K, V>& v) {
    for (std::size_t n = below(5); n != 0; --n) v.insert_or_assign(make<K>(), make<V>());
  }
  template <class... T>
  void fill(std::tuple<T...>& v) {
    std::apply([&](auto&... part) { (fill(part), ...); }, v);
  }
  template <class T>
  void fill(std::optional<T>& v) {
    if (below(3) != 0) fill(v.emplace());
  }
  template <class T, class E>
  void fill(std::expected<T, E>& v) {
    if (below(2) == 0) {
      v = std::unexpected(make<E>());
    } else if constexpr (!std::is_void_v<T>) {
      fill(v.emplace());
    } else {
      v.emplace();
    }
  }
  template <class T>
    requires has_members<T>
  void fill(T& v) {
    std::apply([&](auto... member) { (fill(v.*member.place), ...); }, tenon::members<T>);
  }
  template <class T>
    requires requires { typename T::base_; }
  void fill(T& v) {
    fill_case(static_cast<typename T::base_&>(v), below(std::variant_size_v<typename T::base_>));
  }
  template <std::size_t I = 0, class... Cases>
  void fill_case(std::variant<Cases...>& v, std::size_t n) {
    if constexpr (I < sizeof...(Cases)) {
      if (n != I) return fill_case<I + 1>(v, n);
      auto& one = v.template emplace<I>();
      if constexpr (requires { one.value; }) fill(one.value);
    }
  }

  std::mt19937_64 random_;
};

/// The same value; a NaN is one whatever its bits. Spec: CanonicalABI.md "Loading"
/// (canonicalize_nan).
struct Same {
  template <class T>
  bool operator()(const std::vector<T>& a, const std::vector<T>& b) const {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!(*this)(static_cast<const T&>(a[i]), static_cast<const T&>(b[i]))) return false;
    }
    return true;
  }
  template <class T, std::size_t N>
  bool operator()(const std::array<T, N>& a, const std::array<T, N>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), *this);
  }
  template <class K, class V>
  bool operator()(const std::map<K, V>& a, const std::map<K, V>& b) const {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](const auto& x, const auto& y) {
             return (*this)(x.first, y.first) && (*this)(x.second, y.second);
           });
  }
  template <class... T>
  bool operator()(const std::tuple<T...>& a, const std::tuple<T...>& b) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((*this)(std::get<I>(a), std::get<I>(b)) && ...);
    }(std::index_sequence_for<T...>{});
  }
  template <class T>
  bool operator()(const std::optional<T>& a, const std::optional<T>& b) const {
    return a.has_value() == b.has_value() && (!a || (*this)(*a, *b));
  }
  template <class T, class E>
  bool operator()(const std::expected<T, E>& a, const std::expected<T, E>& b) const {
    if (a.has_value() != b.has_value()) return false;
    if (!a) return (*this)(a.error(), b.error());
    if constexpr (std::is_void_v<T>) {
      return true;
    } else {
      return (*this)(*a, *b);
    }
  }
  template <class T>
  bool operator()(const T& a, const T& b) const {
    if constexpr (std::floating_point<T>) {
      using Bits = std::array<std::byte, sizeof(T)>;
      return std::isnan(a) ? std::isnan(b) : std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
    } else if constexpr (!std::same_as<decltype(tenon::members<T>), const std::monostate>) {
      return std::apply(
          [&](auto... member) { return ((*this)(a.*member.place, b.*member.place) && ...); },
          tenon::members<T>);
    } else if constexpr (requires { typename T::base_; }) {
      return same_case(static_cast<const typename T::base_&>(a),
                       static_cast<const typename T::base_&>(b));
    } else {
      return a == b;
    }
  }

 private:
  template <std::size_t I = 0, class... Cases>
  bool same_case(const std::variant<Cases...>& a, const std::variant<Cases...>& b) const {
    if constexpr (I < sizeof...(Cases)) {
      if (a.index() != I) return same_case<I + 1>(a, b);
      const auto* const one = std::get_if<I>(&a);
      const auto* const other = std::get_if<I>(&b);
      if (other == nullptr) return false;
      if constexpr (requires { one->value; }) return (*this)(one->value, other->value);
      return true;
    } else {
      return false;
    }
  }
};

/// A value as a parameter that only reads it, nested options too: `std::optional`'s own conversions
/// would take an empty one for a value of the outer one.
template <class View, class T>
decltype(auto) as_view(const T& value) {
  if constexpr (requires {
                  typename View::value_type;
                  requires std::same_as<View, std::optional<typename View::value_type>>;
                }) {
    return value ? View(std::in_place, as_view<typename View::value_type>(*value)) : View();
  } else {
    return (value);
  }
}

}  // namespace tenon::testing
