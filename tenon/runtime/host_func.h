// SPDX-License-Identifier: Apache-2.0
#pragma once

// Functions of the host's that guests import; part of func.h.
#include "tenon/base/narrow.h"
#include "tenon/runtime/func.h"

namespace tenon::runtime {

/// A function that the host gives to guests, as a linker keeps it: it belongs to no store.
class HostFunc {
 public:
  HostFunc(const HostFunc&) = delete;
  HostFunc& operator=(const HostFunc&) = delete;
  virtual ~HostFunc() = default;

  /// What a guest's call runs: `env` is the `LowerSite`, whose `callee->host` is this.
  [[nodiscard]] engine::HostFn thunk() const { return thunk_; }
  /// Whether guests with 64-bit memories may call it with values that lie in memory.
  [[nodiscard]] bool any_width() const { return any_width_; }
  /// The extension that it cannot do without, or null.
  [[nodiscard]] const ExtensionType* needs() const { return needs_; }
  void set_needs(const ExtensionType* type) { needs_ = type; }
  /// Whether it can stand for a function of the type.
  [[nodiscard]] virtual Result<void> check(const FuncTypeView& type,
                                           std::string_view name) const = 0;
  /// The same function called with dynamic values, where it can be.
  [[nodiscard]] virtual Outcome<std::optional<Value>> call(Store& store,
                                                           std::span<const Value> args) const;

 protected:
  HostFunc(engine::HostFn fn, bool any_width) : thunk_(fn), any_width_(any_width) {}

 private:
  engine::HostFn thunk_;
  bool any_width_;
  const ExtensionType* needs_ = nullptr;
};

struct HostCallFrame;

/// A host function over dynamic values; fits any type.
using DynamicFn =
    std::function<Outcome<std::optional<Value>>(Store& store, std::span<const Value> args)>;
class DynamicHostFunc final : public HostFunc {
 public:
  explicit DynamicHostFunc(DynamicFn fn) : HostFunc(&run, true), fn_(std::move(fn)) {}
  [[nodiscard]] Result<void> check(const FuncTypeView&, std::string_view) const override {
    return {};
  }
  [[nodiscard]] Outcome<std::optional<Value>> call(Store& store,
                                                   std::span<const Value> args) const override {
    return fn_(store, args);
  }

 private:
  static engine::HostStatus run(void* env, engine::VMContext* caller, ValueSlot* slots) noexcept;
  bool invoke(HostCallFrame& frame, ValueSlot* slots) const;
  DynamicFn fn_;
};

/// How one parameter of a host function is kept while it runs, and passed.
template <class T>
struct HostArg {
  using type = std::remove_cvref_t<T>;
  static T&& pass(std::remove_reference_t<type>& v) { return static_cast<T&&>(v); }
};
template <class T>
struct HostArg<const T&> {
  using type = T;
  static const T& pass(const T& v) { return v; }
};
/// `T&` is an object of the host's that the guest lends.
template <class T>
struct HostArg<T&> {
  using type = HostRef<T>;
  static T& pass(HostRef<T>& v) { return *v; }
};

/// What a host function gives: the value, or a failure (`Result`, `Outcome`) that becomes a trap.
template <class R>
struct HostResult {
  using type = R;
  static constexpr bool may_fail = false;
};
template <class R>
struct HostResult<std::expected<R, Error>> {
  using type = R;
  static constexpr bool may_fail = true;
};
template <class R>
struct HostResult<std::expected<R, Trap>> {
  using type = R;
  static constexpr bool may_fail = true;
};

/// What a host function's exception becomes: a trap that names the function. Only within a `catch`.
/// Returns false.
bool host_threw(const LowerSite& site) noexcept;
/// Leaves what a host function returned instead of its result: a trap as it is, an error as a trap
/// that names the function. Returns false.
bool host_refused(const LowerSite& site, Trap trap);
bool host_refused(const LowerSite& site, const Error& error);

/// Adds the function's name to the trap that its result was. Returns false.
[[gnu::cold]] bool host_gave_wrong(const LowerSite& site);

/// Runs a host function for the guest that called it.
template <class F>
[[nodiscard, gnu::always_inline]] inline bool host_trapping(const LowerSite& site, F&& f) noexcept {
  try {
    return std::forward<F>(f)();
  } catch (...) {
    return host_threw(site);
  }
}

/// The caller's side of a host call without handles and views.
struct HostCall {
  explicit HostCall(LowerSite& s) : site(s) {
    cx.opts = &s.opts;
    cx.inst = s.inst;
    cx.budget = s.inst->store->limits().lift_bytes;
  }
  /// Whether the guest may call out now. Spec: CanonicalABI.md "canon lower".
  [[gnu::always_inline]] bool may_leave() const {
    return site.inst->may_leave || site.inst->store->trap("cannot leave component instance");
  }
  LowerSite& site;
  LiftLowerContext cx;
};

/// The same with what must be undone afterwards.
struct HostCallFrame : HostCall {
  explicit HostCallFrame(LowerSite& s) : HostCall(s) {
    cx.lenders = &lenders;
    cx.host_scope = &scope;
  }
  /// Gives back what was lent, however the call ended.
  void done() noexcept {
    cx.return_lenders();
    scope.leave(*site.inst->store);
  }
  Lenders lenders;
  HostScope scope;
};

template <class F, bool WithStore, class R, class... Args>
class TypedHostFunc final : public HostFunc {
 public:
  explicit TypedHostFunc(F f) : HostFunc(&run, false), f_(std::move(f)) {}
  [[nodiscard]] Result<void> check(const FuncTypeView& type, std::string_view name) const override {
    return check_signature<Ret, typename HostArg<Args>::type...>(type, name, true);
  }

 private:
  using Ret = typename HostResult<R>::type;
  using Layout = FieldsLayout<typename HostArg<Args>::type...>;
  static constexpr bool in_memory = Layout::flat > abi::MAX_FLAT_PARAMS;
  static constexpr std::uint32_t flat_params = in_memory ? 1 : Layout::flat;

  static consteval bool result_in_memory() {
    if constexpr (std::is_void_v<Ret>)
      return false;
    else
      return Abi<Ret>::flat > abi::MAX_FLAT_RESULTS;
  }

  /// Whether nothing of the call must be undone: no handles cross, and no views are lifted.
  static consteval bool light() {
    if (((has_handles<typename HostArg<Args>::type>() || Abi<typename HostArg<Args>::type>::view) ||
         ...))
      return false;
    if constexpr (std::is_void_v<Ret>)
      return true;
    else
      return !has_handles<Ret>();
  }
  using Frame = std::conditional_t<light(), HostCall, HostCallFrame>;

  static engine::HostStatus run(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
    auto& site = *static_cast<LowerSite*>(env);
    const auto& self = *static_cast<const TypedHostFunc*>(site.callee->host);
    Frame frame(site);
    const bool ok =
        host_trapping(site, [&] { return frame.may_leave() && self.invoke(frame, slots); });
    if constexpr (!light()) frame.done();
    return ok ? engine::HostStatus::ok : engine::HostStatus::trap;
  }

  bool invoke(Frame& frame, ValueSlot* slots) const {
    std::tuple<typename HostArg<Args>::type...> args;
    if (!lift(frame, slots, args, std::index_sequence_for<Args...>{})) return false;
    std::uint32_t out_param = 0;
    if constexpr (result_in_memory()) out_param = low_bits<std::uint32_t>(slots[flat_params]);
    return call(frame, slots, out_param, args, std::index_sequence_for<Args...>{});
  }
  template <class Tuple, std::size_t... I>
  static bool lift(Frame& frame, const ValueSlot* slots, Tuple& args, std::index_sequence<I...>) {
    [[maybe_unused]] auto& cx = frame.cx;
    [[maybe_unused]] const auto& shape = *frame.site.shape;
    if constexpr (in_memory) {
      const auto ptr = low_bits<std::uint32_t>(slots[0]);
      return cx.check_pointer(ptr, Layout::align, Layout::size) &&
             (Abi<typename HostArg<Args>::type>::load(cx, ptr + Layout::offsets[I],
                                                      std::get<I>(args), *shape.params[I].shape) &&
              ...);
    } else {
      return (Abi<typename HostArg<Args>::type>::lift_flat(cx, slots, std::get<I>(args),
                                                           *shape.params[I].shape) &&
              ...);
    }
  }
  template <class Tuple, std::size_t... I>
  bool call(Frame& frame, ValueSlot* slots, std::uint32_t out_param, [[maybe_unused]] Tuple& args,
            std::index_sequence<I...>) const {
    const auto run_f = [&]() -> R {
      if constexpr (WithStore) {
        return f_(*frame.site.inst->store, HostArg<Args>::pass(std::get<I>(args))...);
      } else {
        return f_(HostArg<Args>::pass(std::get<I>(args))...);
      }
    };
    if constexpr (std::is_void_v<R>) {
      run_f();
      return true;
    } else if constexpr (HostResult<R>::may_fail) {
      R result = run_f();
      if (!result) return host_refused(frame.site, std::move(result).error());
      if constexpr (std::is_void_v<Ret>) {
        return true;
      } else {
        return lower(frame, slots, out_param, *std::move(result));
      }
    } else {
      return lower(frame, slots, out_param, run_f());
    }
  }
  template <class V>
  static bool lower(Frame& frame, ValueSlot* slots, std::uint32_t out_param, V&& value) {
    const auto& shape = *frame.site.shape->result;
    if constexpr (result_in_memory()) {
      return (frame.cx.check_pointer(out_param, Abi<Ret>::align, Abi<Ret>::size) &&
              Abi<Ret>::store(frame.cx, std::forward<V>(value), out_param, shape)) ||
             host_gave_wrong(frame.site);
    } else {
      return Abi<Ret>::lower_flat(frame.cx, std::forward<V>(value), slots, shape) ||
             host_gave_wrong(frame.site);
    }
  }

  // Called through a const object, as one linker serves many stores; a mutable lambda is the host's
  // risk.
  mutable F f_;
};

/// The signature of a callable, a leading `Store&` told apart.
template <class F>
struct HostTraits : HostTraits<decltype(&F::operator())> {};
template <class R, class... Args>
struct HostTraits<R (*)(Args...)> {
  template <class F>
  using func = TypedHostFunc<F, false, R, Args...>;
};
template <class R, class... Args>
struct HostTraits<R (*)(Store&, Args...)> {
  template <class F>
  using func = TypedHostFunc<F, true, R, Args...>;
};
template <class R, class... Args>
struct HostTraits<R (*)(Args...) noexcept> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...)> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...) const> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...) noexcept> : HostTraits<R (*)(Args...)> {};
template <class C, class R, class... Args>
struct HostTraits<R (C::*)(Args...) const noexcept> : HostTraits<R (*)(Args...)> {};

/// Wraps a lambda or function pointer.
template <class F>
std::shared_ptr<const HostFunc> make_host_func(F f, const ExtensionType* needs = nullptr) {
  auto made = std::make_shared<typename HostTraits<F>::template func<F>>(std::move(f));
  made->set_needs(needs);
  return made;
}

/// Words a signature that does not fit.
Error signature_error(const FuncTypeView& type, std::string_view name, const std::string& wanted,
                      const TypeCheck* check, std::string_view where);

template <class R, class... Args>
[[nodiscard]] Result<void> check_signature(const FuncTypeView& view, std::string_view name,
                                           bool host) {
  const auto& type = *view.type;
  const auto wanted = [] {
    std::string out = "func(";
    [[maybe_unused]] std::size_t i = 0;  // NOLINT(misc-const-correctness)
    ((out += (i++ != 0 ? ", " : "") + Abi<std::remove_cvref_t<Args>>::wit()), ...);
    out += ")";
    if constexpr (!std::is_void_v<R>) out += " -> " + Abi<R>::wit();
    return out;
  };
  if (type.params.size() != sizeof...(Args) || type.result.has_value() == std::is_void_v<R>) {
    return std::unexpected(signature_error(view, name, wanted(), nullptr, {}));
  }
  TypeCheck check;
  check.lifts = host;
  [[maybe_unused]] std::size_t i = 0;
  std::string where;
  [[maybe_unused]] const auto one = [&]<class T>(std::type_identity<T>) {
    const auto at = i++;
    if (Abi<T>::check(view.param(at), check)) return true;
    where = "parameter `" + type.params[at].label + "`";
    return false;
  };
  // NOLINTNEXTLINE(misc-const-correctness)
  bool ok = (one(std::type_identity<std::remove_cvref_t<Args>>{}) && ...);
  if constexpr (!std::is_void_v<R>) {
    check.lifts = !host;
    if (ok && !Abi<R>::check({view.types(), *type.result}, check)) {
      where = "the result";
      ok = false;
    }
  }
  if (ok) return {};
  return std::unexpected(signature_error(view, name, wanted(), &check, where));
}

}  // namespace tenon::runtime
