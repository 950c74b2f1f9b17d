// SPDX-License-Identifier: Apache-2.0
#pragma once

// What generated host bindings are based on, beside the public API (`tenon bindgen cpp-host`).
#include <concepts>
#include <expected>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/runtime/embed.h"
#include "tenon/runtime/fits.h"

namespace tenon::runtime {

/// A case of a generated variant: empty, or with its payload as the member `value`.
template <class Case>
struct CasePayload {
  using type = std::monostate;
};
template <class Case>
  requires requires { &Case::value; }
struct CasePayload<Case> {
  using type = decltype(Case::value);
};

/// A class derived from `std::variant<Cases…>` of case structures:
/// `template <> struct Abi<shape> : CaseVariant<shape, circle, nothing> {};`
template <class V, class... Cases>
struct CaseVariant : VariantOf<V, typename CasePayload<Cases>::type...> {
  using Base = typename VariantBase<V>::type;
  // These hide those of the base, whose walk calls `Abi<V>`. They go through `std::variant`, as a
  // case may be called like one of its members.
  static std::size_t index(const Base& v) { return v.index(); }
  template <std::size_t I, class U>
  static decltype(auto) payload(U&& v) {
    return (std::get<I>(std::forward<U>(v)).value);
  }
  template <std::size_t I>
  static auto& emplace(V& v) {
    auto& one = static_cast<Base&>(v).template emplace<I>();
    if constexpr (requires { one.value; }) {
      return one.value;
    } else {
      return v;
    }
  }
};

/// A list of bools: `std::vector<bool>` has none that could be copied as they are.
template <>
struct Abi<std::vector<bool>> : TwoWords<Abi<std::vector<bool>>, std::vector<bool>> {
  static constexpr bool view = false;
  static std::string wit() { return "list<bool>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* list = list_of(t);
    return (list != nullptr && Abi<bool>::check(t.at(list->elem), c)) || c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static bool may_pass(LiftLowerContext& cx, const std::vector<bool>& v, const Shape&) {
    return v.size() <= MAX_LOWERED_BYTES ||
           cx.trap("the host passed a list that no memory can hold");
  }
  static bool put(LiftLowerContext& cx, const std::vector<bool>& v, std::uint64_t& ptr,
                  std::uint64_t& length, const Shape& s) {
    length = v.size();
    if (!may_pass(cx, v, s) || !cx.allocate(1, length, ptr)) return false;
    for (std::size_t i = 0; i < length; ++i) cx.mem()[ptr + i] = v[i] ? 1 : 0;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t length,
                  std::vector<bool>& v, const Shape&) {
    if (!cx.check_list(ptr, length, 1, 1) || !cx.charge(length)) return false;
    v.resize(length);
    for (std::size_t i = 0; i < length; ++i) v[i] = cx.mem()[ptr + i] != 0;
    return true;
  }
};

/// A map crosses as the list of its entries; of entries with the same key the last one counts.
template <class K, class V>
struct Abi<std::map<K, V>> : TwoWords<Abi<std::map<K, V>>, std::map<K, V>> {
  using Entry = FieldsLayout<K, V>;
  /// What a node of the tree takes beside its entry.
  static constexpr std::uint64_t node_bytes = 48;
  static constexpr bool view = Abi<K>::view || Abi<V>::view;
  static std::string wit() { return "map<" + Abi<K>::wit() + ", " + Abi<V>::wit() + ">"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* map = t.def() != nullptr ? std::get_if<component::Map>(t.def()) : nullptr;
    return map != nullptr ? Abi<K>::check(t.at(map->key), c) && Abi<V>::check(t.at(map->value), c)
                          : c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = has_handles<K>() || has_handles<V>();
  static bool may_have(LiftLowerContext& cx, std::uint64_t length) {
    return length <= MAX_LOWERED_BYTES / Entry::size ||
           cx.trap("the host passed a map that no memory can hold");
  }
  static bool may_pass(LiftLowerContext& cx, const std::map<K, V>& v, const Shape& s) {
    if (!may_have(cx, v.size())) return false;
    if constexpr (has_slips<K>() || has_slips<V>()) {
      for (const auto& [key, value] : v) {
        if (!runtime::may_pass<K>(cx, key, *s.elem().fields[0].shape) ||
            !runtime::may_pass<V>(cx, value, *s.elem().fields[1].shape)) {
          return false;
        }
      }
    }
    return true;
  }
  template <class M>
  static bool put(LiftLowerContext& cx, M&& v, std::uint64_t& ptr, std::uint64_t& length,
                  const Shape& s) {
    length = v.size();
    if (!may_have(cx, length) || !cx.allocate(Entry::align, length * Entry::size, ptr))
      return false;
    auto at = ptr;
    for (auto& [key, value] : v) {
      if (!Abi<K>::store(cx, key, at, *s.elem().fields[0].shape) ||
          !Abi<V>::store(cx, static_cast<ElementOf<M, V>>(value), at + Entry::offsets[1],
                         *s.elem().fields[1].shape)) {
        return false;
      }
      at += Entry::size;
    }
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t length, std::map<K, V>& v,
                  const Shape& s) {
    if (!cx.check_list(ptr, length, Entry::align, Entry::size) ||
        !cx.charge(length * (sizeof(std::pair<K, V>) + node_bytes))) {
      return false;
    }
    v.clear();
    for (std::uint64_t i = 0; i < length; ++i, ptr += Entry::size) {
      K key{};
      V value{};
      if (!Abi<K>::load(cx, ptr, key, *s.elem().fields[0].shape) ||
          !Abi<V>::load(cx, ptr + Entry::offsets[1], value, *s.elem().fields[1].shape)) {
        return false;
      }
      v.insert_or_assign(std::move(key), std::move(value));
    }
    return true;
  }
};

}  // namespace tenon::runtime

namespace tenon {

/// A list that a function reads for the length of a call: whatever a span takes, and `{a, b}`.
template <class T>
class ListView : public std::span<const T> {
 public:
  using std::span<const T>::span;
  ListView() = default;
  // What is inherited is not the copy constructor of the span.
  ListView(std::span<const T> items)  // NOLINT(google-explicit-constructor)
      : std::span<const T>(items) {}
  ListView(std::initializer_list<T> items)  // NOLINT(google-explicit-constructor)
      : std::span<const T>(items.begin(), items.size()) {}
};

}  // namespace tenon

namespace tenon::bindings {

/// What a store keeps for the methods of handles: the functions of each resource of a kind.
template <class Group>
struct HandleGroups {
  std::unordered_map<const runtime::ResourceType*, Group> of;
};
/// The functions of the resource of a handle, as `Finder::methods` kept them; null when the handle
/// is empty, or nobody bound its instance's world.
template <class Group, class Tag>
const Group* methods_of(const Own<Tag>& own) {
  if (own.store() == nullptr) return nullptr;
  const auto* entry = own.store()->host_handles().get(own.handle());
  const auto* groups = own.store()->template extension<HandleGroups<Group>>();
  if (entry == nullptr || groups == nullptr) return nullptr;
  const auto found = groups->of.find(entry->rt);
  return found == groups->of.end() ? nullptr : &found->second;
}
/// Why a handle has no methods: it is empty, or nobody bound the world of its instance.
Trap no_methods(bool is_empty);
template <class Tag>
Trap no_methods(const Own<Tag>& own) {
  return no_methods(!own);
}

/// Finds the functions of an instance and keeps the first error.
class Finder {
 public:
  Finder(Store& store, const Instance& instance) : store_(store), instance_(instance) {}
  template <class Signature>
  void operator()(std::string_view name, TypedFunc<Signature>& out) {
    if (error_) return;
    auto found = instance_.get_typed_func<Signature>(store_, name);
    if (found) {
      out = *found;
    } else {
      error_ = std::move(found).error();
    }
  }
  /// Keeps a resource's functions for the methods of its handles; `method` is one of them.
  template <class Group, class Signature>
  void methods(const TypedFunc<Signature>& method, const Group& group) {
    if (error_) return;
    const auto& func = method.func();
    const auto* const type = func.inst->resource(func.shape->params[0].shape->resource);
    auto* groups = store_.extension<HandleGroups<Group>>();
    if (groups == nullptr) groups = &store_.emplace_extension<HandleGroups<Group>>();
    groups->of.insert_or_assign(type, group);
  }
  /// The object that was filled, or the error.
  template <class T>
  [[nodiscard]] Result<T> done(T&& made) {
    if (error_) return std::unexpected(*std::move(error_));
    return std::forward<T>(made);
  }
  [[nodiscard]] Store& store() const { return store_; }
  [[nodiscard]] const Instance& instance() const { return instance_; }
  template <class T>
  void take(Result<T> found, T& out) {
    if (error_) return;
    if (found) {
      out = *std::move(found);
    } else {
      error_ = std::move(found).error();
    }
  }

 private:
  Store& store_;
  const Instance& instance_;
  std::optional<Error> error_;
};

// Where the functions of a linker find their host: at one object for all stores, or by a function
// of the store. Each of these is such a function.

template <class F>
concept FindsHost = std::invocable<const F&, Store&> &&
                    std::is_lvalue_reference_v<std::invoke_result_t<const F&, Store&>>;
template <FindsHost F>
using HostOf = std::remove_reference_t<std::invoke_result_t<const F&, Store&>>;

/// One object for all stores.
template <class Host>
struct OneHost {
  Host* host;
  Host& operator()(Store&) const { return *host; }
};
/// The store's extension. Instantiation checks that there is one.
template <class Host>
struct ExtensionHost {
  static constexpr const runtime::ExtensionType* needs = &runtime::extension_type<Host>;
  Host& operator()(Store& store) const { return *store.extension<Host>(); }
};
/// A part of the host.
template <class F, class Pick>
struct PartOfHost : F {
  Pick pick;
  auto& operator()(Store& store) const { return pick(F::operator()(store)); }
};

/// What a host was given as.
template <FindsHost F>
std::decay_t<const F&> host_of(const F& find) {
  return find;
}
template <class Host>
  requires(!FindsHost<Host>)
OneHost<Host> host_of(Host& host) {
  return {&host};
}
template <class R, class... Args>
struct Function {
  R (*f)(Args...);
  R operator()(Args... args) const { return f(args...); }
  explicit operator bool() const { return f != nullptr; }
};
template <FindsHost F, class Pick>
auto part_of(const F& find, Pick pick) {
  if constexpr (std::is_class_v<F>) {
    return PartOfHost<F, Pick>{find, pick};
  } else {
    const Function inner{find};
    return PartOfHost<decltype(inner), Pick>{inner, pick};
  }
}

/// Gives a linker what a host implements, and keeps the first error.
class Definer {
 public:
  template <FindsHost F>
  Definer(LinkerInstance instance, const F& find) : instance_(std::move(instance)) {
    if constexpr (requires { F::needs; }) needs_ = F::needs;
    if constexpr (std::is_pointer_v<F> || requires { find.operator bool(); }) {
      if (!find) keep(LinkerInstance::no_host());
    }
  }
  template <class F>
  void func(std::string_view name, F f) {
    keep(instance_.func_wrap(std::string(name), std::move(f), needs_));
  }
  template <class T>
  void resource(std::string_view name) {
    keep(instance_.resource<T>(std::string(name)));
  }
  [[nodiscard]] Result<void> done() {
    if (error_) return std::unexpected(*std::move(error_));
    return {};
  }

 private:
  void keep(Result<void> defined) {
    if (!defined && !error_) error_ = std::move(defined).error();
  }
  LinkerInstance instance_;
  const runtime::ExtensionType* needs_ = nullptr;
  std::optional<Error> error_;
};

/// What a host function may give for `R`: the value, or a `Result` or `Outcome` of it whose failure
/// becomes a trap of the guest's; for an object of the host's also a share of it.
template <class T, class R>
struct Giving {
  static constexpr bool fits = fits_as<T, R>;
  using type = R;
};
template <class T, class R>
struct Giving<std::shared_ptr<T>, std::unique_ptr<R>> {
  static constexpr bool fits = std::convertible_to<T*, R*>;
  using type = std::shared_ptr<R>;
};
template <class T, class E, class R>
  requires(std::same_as<E, Error> || std::same_as<E, Trap>)
struct Giving<std::expected<T, E>, R> {
  static constexpr bool fits = Giving<T, R>::fits;
  using type = std::expected<typename Giving<T, R>::type, E>;
};
template <class T, class R>
concept Gives = Giving<std::remove_cvref_t<T>, R>::fits;
template <class T, class R>
using Given = typename Giving<std::remove_cvref_t<T>, R>::type;
}  // namespace tenon::bindings
