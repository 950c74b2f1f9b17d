// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tenon/engine/runtime_type.h"
#include "tenon/engine/trap.h"
#include "tenon/engine/value.h"
#include "tenon/engine/vmcontext.h"

namespace tenon::engine {

/// Runs a function. Parameters are read from `slots` and results written over them; there must be
/// room for the larger of both. False: it trapped, and the store holds the trap
/// (`Store::take_trap`), or the exception. No allocation, no lookup.
bool invoke(const FuncRef* func, ValueSlot* slots);

/// Whether the references among parameters may be handed over: `Store::accepts`. False: the store
/// holds the trap.
bool check_references(const FuncRef* func, const ValueSlot* slots);
/// The same for the results of a host function.
bool check_results(Store& store, std::span<const core::ValType> types, const ValueSlot* slots);

/// The trap that the last failed `invoke` left in the function's store.
Trap take_trap(const FuncRef* func);

/// A function of a store, of a guest or of the host. A pointer; valid as long as its store.
class Func {
 public:
  Func() = default;
  explicit Func(FuncRef* ref) : ref_(ref) {}

  [[nodiscard]] FuncRef* ref() const { return ref_; }
  [[nodiscard]] const RuntimeType& type() const { return *ref_->type; }
  /// Slots that `call` needs: the larger of parameters and results.
  [[nodiscard]] std::size_t slots() const { return ref_->type->call_slots; }
  explicit operator bool() const { return ref_ != nullptr; }
  friend bool operator==(Func, Func) = default;

  /// Calls with parameters in `slots`, which the results replace. `slots` must be at least
  /// `slots()` long, functions among the values of this store; other references of another type,
  /// and those to objects that were collected, are refused with a trap.
  [[nodiscard]] Outcome<void> call(std::span<ValueSlot> slots) const {
    assert(slots.size() >= this->slots());
    if (ref_->type->has_refs && !check_references(ref_, slots.data())) [[unlikely]]
      return std::unexpected(take_trap(ref_));
    // Host functions may count on one slot.
    ValueSlot none[1] = {};
    if (invoke(ref_, slots.empty() ? none : slots.data())) [[likely]]
      return {};
    return std::unexpected(take_trap(ref_));
  }

 private:
  FuncRef* ref_ = nullptr;
};

template <class Signature>
class TypedFunc;

/// Pieces of a C++ signature as WebAssembly sees them. A result may be void, one value or a tuple.
template <class R>
struct ResultSlots {
  static constexpr std::uint32_t slots = SlotOf<R>::slots;
  static constexpr auto types() { return std::array{valtype_of<R>()}; }
  static R load(const ValueSlot* at) { return SlotOf<R>::load(at); }
  static void store(ValueSlot* at, const R& value) { SlotOf<R>::store(at, value); }
};
template <>
struct ResultSlots<void> {
  static constexpr std::uint32_t slots = 0;
  static constexpr auto types() { return std::array<core::ValType, 0>{}; }
};
template <class... Ts>
struct ResultSlots<std::tuple<Ts...>> {
  static constexpr std::uint32_t slots = (0U + ... + SlotOf<Ts>::slots);
  static constexpr auto types() {
    return std::array<core::ValType, sizeof...(Ts)>{valtype_of<Ts>()...};
  }
  static std::tuple<Ts...> load(const ValueSlot* at) {
    auto one = [&]<class T>(std::type_identity<T>) {
      T value = SlotOf<T>::load(at);
      at += SlotOf<T>::slots;
      return value;
    };
    return std::tuple<Ts...>{one(std::type_identity<Ts>{})...};
  }
  static void store(ValueSlot* at, const std::tuple<Ts...>& values) {
    std::apply([&](const Ts&... v) { ((SlotOf<Ts>::store(at, v), at += SlotOf<Ts>::slots), ...); },
               values);
  }
};

/// A function whose C++ signature was checked once, when the handle was made: a call is a few
/// stores, the call, a load.
template <class R, class... Args>
class TypedFunc<R(Args...)> {
 public:
  TypedFunc() = default;
  explicit TypedFunc(Func func) : ref_(func.ref()) {}
  [[nodiscard]] Func func() const { return Func(ref_); }

  [[nodiscard]] Outcome<R> operator()(Args... args) const {
    constexpr std::uint32_t params = (0U + ... + SlotOf<Args>::slots);
    constexpr std::uint32_t results = ResultSlots<R>::slots;
    std::array<ValueSlot, std::max({params, results, 1U})> slots;
    [[maybe_unused]] ValueSlot* at = slots.data();
    ((SlotOf<Args>::store(at, args), at += SlotOf<Args>::slots), ...);
    if constexpr ((std::is_same_v<Args, ExternRef> || ...)) {
      if (!check_references(ref_, slots.data())) [[unlikely]]
        return std::unexpected(take_trap(ref_));
    }
    if (!invoke(ref_, slots.data())) [[unlikely]]
      return std::unexpected(take_trap(ref_));
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      return ResultSlots<R>::load(slots.data());
    }
  }

  /// Whether a function has exactly this signature.
  static bool fits(const RuntimeType& type) {
    constexpr auto results = ResultSlots<R>::types();
    const std::array<core::ValType, sizeof...(Args)> params = {valtype_of<Args>()...};
    return std::equal(type.params.begin(), type.params.end(), params.begin(), params.end()) &&
           std::equal(type.results.begin(), type.results.end(), results.begin(), results.end());
  }

 private:
  FuncRef* ref_ = nullptr;
};

/// What a host function sees of its caller.
class Caller {
 public:
  Caller(Store& store, VMContext* vmctx) : store_(store), vmctx_(vmctx) {}
  [[nodiscard]] Store& store() const { return store_; }
  /// The calling instance; null when the host itself called.
  [[nodiscard]] Instance* instance() const {
    return vmctx_ == nullptr ? nullptr : vmctx_->instance;
  }
  [[nodiscard]] VMContext* vmctx() const { return vmctx_; }
  /// The calling instance's memory 0 or null. One that is shared (`Memory::is_shared`) is the
  /// store's view of it, which the host reads and writes by `Memory::shared` alone.
  [[nodiscard]] Memory* memory() const {
    return vmctx_ == nullptr || vmctx_->mem0 == nullptr ? nullptr
                                                        : memory_of(*vmctx_->mem0->memory);
  }

 private:
  [[nodiscard]] Memory* memory_of(Memory& memory) const;

  Store& store_;
  VMContext* vmctx_;
};

/// Leaves a trap in the store; a raw host function returns what this returns.
HostStatus raise(Store& store, Trap trap);
/// The same for the C++ exception that is being handled: its `what()` becomes the message.
HostStatus raise_current_exception(Store& store) noexcept;

/// Runs code of the host's on behalf of a guest: the one place where an exception becomes a trap.
/// `f` gives a `HostStatus`, or true when all is well; an exception gives `trap` or false.
template <class F>
[[nodiscard, gnu::always_inline]] inline auto trapping(Store& store, F&& f) noexcept
    -> std::invoke_result_t<F> {
  using R = std::invoke_result_t<F>;
  static_assert(std::is_same_v<R, bool> || std::is_same_v<R, HostStatus>);
  try {
    return std::forward<F>(f)();
  } catch (...) {
    const auto status = raise_current_exception(store);
    if constexpr (std::is_same_v<R, bool>) {
      return false;
    } else {
      return status;
    }
  }
}

template <class F>
struct HostThunk;

/// Turns `R f(Args...)`, `R f(Caller&, Args...)` or either with `Outcome<R>` into a raw host
/// function.
template <class R, class... Args>
struct HostSignature {
  template <class F, bool WithCaller>
  static HostStatus call(void* env, VMContext* caller, ValueSlot* slots) noexcept {
    auto& box = *static_cast<HostThunk<F>*>(env);
    return trapping(*box.store, [&] { return run<F, WithCaller>(box, caller, slots); });
  }

 private:
  /// Writes the results where the guest reads them.
  template <class T>
  static HostStatus give(Store& store, ValueSlot* slots, const T& result) {
    ResultSlots<T>::store(slots, result);
    constexpr auto types = ResultSlots<T>::types();
    if constexpr (std::ranges::find(types, core::externref) != types.end()) {
      if (!check_results(store, types, slots)) [[unlikely]]
        return HostStatus::trap;
    }
    return HostStatus::ok;
  }

  template <class F, bool WithCaller>
  static HostStatus run(HostThunk<F>& box, VMContext* caller, ValueSlot* slots) {
    const ValueSlot* at = slots;
    auto next = [&]<class T>(std::type_identity<T>) {
      T value = SlotOf<T>::load(at);
      at += SlotOf<T>::slots;
      return value;
    };
    // Braces fix the order of evaluation.
    std::tuple<Args...> args{next(std::type_identity<Args>{})...};
    auto call_f = [&]() {
      return std::apply(
          [&](Args&... a) {
            if constexpr (WithCaller) {
              Caller who(*box.store, caller);
              return box.f(who, a...);
            } else {
              return box.f(a...);
            }
          },
          args);
    };
    if constexpr (std::is_void_v<R>) {
      call_f();
      return HostStatus::ok;
    } else if constexpr (requires(R r) { r.error(); }) {
      R result = call_f();
      if (!result) return raise(*box.store, std::move(result).error());
      if constexpr (!std::is_void_v<typename R::value_type>)
        return give<typename R::value_type>(*box.store, slots, *result);
      else
        return HostStatus::ok;
    } else {
      return give<R>(*box.store, slots, call_f());
    }
  }
};

/// A host function's object with its store.
template <class F>
struct HostThunk {
  Store* store;
  F f;
};

template <class R>
struct ResultOfHost {
  using type = R;
};
template <class R>
struct ResultOfHost<Outcome<R>> {
  using type = R;
};

/// Signature of a callable, the leading `Caller&` told apart.
template <class T>
struct HostTraits : HostTraits<decltype(&T::operator())> {};
template <class R, class... Args>
struct HostTraits<R (*)(Args...)> {
  using signature = HostSignature<R, std::remove_cvref_t<Args>...>;
  using result = typename ResultOfHost<R>::type;
  using params = std::tuple<std::remove_cvref_t<Args>...>;
  static constexpr bool with_caller = false;
};
template <class R, class... Args>
struct HostTraits<R (*)(Caller&, Args...)> {
  using signature = HostSignature<R, std::remove_cvref_t<Args>...>;
  using result = typename ResultOfHost<R>::type;
  using params = std::tuple<std::remove_cvref_t<Args>...>;
  static constexpr bool with_caller = true;
};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...) const> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...)> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...) const noexcept> : HostTraits<R (*)(Args...)> {};

}  // namespace tenon::engine
