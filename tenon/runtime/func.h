// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tenon/abi/flatten.h"
#include "tenon/base/narrow.h"
#include "tenon/component/types.h"
#include "tenon/engine/func.h"
#include "tenon/runtime/arg.h"
#include "tenon/runtime/typed.h"

namespace tenon::component {
struct ComponentInfo;
}

namespace tenon::runtime {

class HostFunc;

/// A function's type with the tables that its types are in.
struct FuncTypeView {
  const component::ComponentInfo* info = nullptr;
  const component::FuncType* type = nullptr;

  [[nodiscard]] abi::Types types() const;
  /// There must be one: otherwise, and when this is empty, the process ends with a sentence.
  [[nodiscard]] TypeView param(std::size_t i) const;
};
/// Ends the process: the host asks a `TypedFunc` that it never set for its function.
[[noreturn, gnu::cold]] void empty_typed_func() noexcept;
/// `func(a: f64, b: f64) -> f64`, as WIT spells it.
[[nodiscard]] std::string to_string(const FuncTypeView& type);

/// A component function at run time: lifted from a guest, or a host's.
/// Spec: CanonicalABI.md "Embedding" (FuncInst).
struct FuncInst {
  /// The instance that lifted it; null for a host's.
  ComponentInstance* inst = nullptr;
  engine::FuncRef* core = nullptr;
  CanonicalOptions opts;
  const FuncShape* shape = nullptr;
  FuncTypeView type;
  /// What the resources of `type` stand for.
  const std::vector<const ResourceType*>* resources = nullptr;
  const HostFunc* host = nullptr;
  /// The first name under which it is exported; set while it is instantiated.
  mutable std::string_view name;
};

/// What `canon lower` makes a core function of: the caller's side of a call.
struct LowerSite {
  ComponentInstance* inst = nullptr;
  CanonicalOptions opts;
  const FuncShape* shape = nullptr;
  FuncTypeView type;
  const FuncInst* callee = nullptr;
  /// Where a result in memory goes: the slot of the extra parameter.
  std::uint32_t out_param_slot = 0;
  /// The way past all this for a call that needs none of it (`canon_lower_plain`).
  engine::Bridge bridge;
};

/// One call of a guest by the host: entered by `enter`, left by `leave`. A call that trapped
/// poisons the instances on the way; one that failed before it touched the guest leaves it as it
/// was. Spec: CanonicalABI.md "canon lift".
class GuestCall {
 public:
  explicit GuestCall(const FuncInst& func)
      // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): every function has its instance
      : func_(func), store_(*func.inst->store), scope_(store_, func.inst) {
    cx.opts = &func.opts;
    cx.inst = func.inst;
    cx.task = &scope_.task();
    cx.lenders = nullptr;
    cx.budget = store_.limits().lift_bytes;
    // Not entered yet.
    scope_.task().state = Task::State::resolved;
    scope_.task().may_block = func.type.type != nullptr && func.type.type->async_;
  }
  /// Tells the store's trace of this call: of its arguments once they are lowered, of its result,
  /// or of its trap (`trace_trap`).
  void trace() { traced_ = store_.traced(); }
  /// Checks whether the instance may be entered, and enters it.
  [[gnu::always_inline]] bool enter() {
    if (!func_.inst->may_enter_from(nullptr)) [[unlikely]]
      return refuse_entry(*func_.inst);
    if (!store_.may_nest(0)) [[unlikely]]
      return store_.trap("call stack exhausted");
    func_.inst->enter_from(nullptr);
    // Until something of the guest is touched.
    scope_.task().state = Task::State::initial;
    return true;
  }
  [[gnu::always_inline]] bool run() {
    if (traced_) [[unlikely]]
      trace_call();
    if (!invoke_guest(store_, func_.core, slots)) [[unlikely]]
      return failed();
    scope_.task().state = Task::State::started;
    result_ = slots[0];
    return true;
  }
  /// Borrows must be gone, then post-return runs, then the call is over.
  [[gnu::always_inline]] bool leave() {
    if (traced_) [[unlikely]]
      return leave_traced();
    if (scope_.task().num_borrows != 0) [[unlikely]]
      return leave_slowly();
    if (func_.opts.post_return != nullptr && !post_return()) return false;
    left();
    return true;
  }
  /// Ends a call of which something failed, and gives its trap.
  Trap fail() noexcept;
  /// The same for one with handles or views.
  Trap fail(HostScope& scope) noexcept {
    scope.leave(store_);
    return fail();
  }
  void trace_trap() noexcept;
  /// The host spoiled argument `param`, as the pending trap says: makes a refusal of that trap, as
  /// the guest was not entered. Returns false.
  bool refuse(std::size_t param);
  /// Keeps the result in the guest's memory: the call is none of those under way until `end_view`.
  void begin_view();
  /// What `leave` and `fail` are to other calls.
  bool end_view(HostScope& scope) noexcept;
  [[nodiscard]] Store& store() { return store_; }

  LiftLowerContext cx;
  /// Core parameters; the result replaces the first.
  ValueSlot slots[abi::MAX_FLAT_PARAMS];

 private:
  bool failed();
  void left() {
    func_.inst->leave_to(nullptr);
    scope_.task().state = Task::State::resolved;
  }
  /// Ends a call that trapped, if it had entered.
  void poison() noexcept;
  bool leave_slowly();
  bool post_return();
  void trace_call();
  bool leave_traced();
  void run_waiting_drops() noexcept;

  const FuncInst& func_;
  Store& store_;
  Store::TaskScope scope_;
  ValueSlot result_ = 0;
  bool traced_ = false;
  bool call_traced_ = false;
};

/// Whether the values are arguments of the function: their number, their types, and whether the
/// resources among them are still there.
[[nodiscard]] Result<void> check_args(Store& store, const FuncInst& func,
                                      std::span<const Value> args);
/// Calls any component function with dynamic values. The arguments are checked first: a mismatch is
/// an error of the host's and leaves the guest as it was.
[[nodiscard]] Outcome<std::optional<Value>> call(Store& store, const FuncInst& func,
                                                 std::span<const Value> args);

/// Compares a C++ signature with a function's type. The error says which parameter differs and how.
/// `host`: the function is the host's, which gets the parameters and gives the result.
template <class R, class... Args>
[[nodiscard]] Result<void> check_signature(const FuncTypeView& type, std::string_view name,
                                           bool host = false);

/// The result of a call whose views into guest memory stay right as long as this lives: post-return
/// runs when it goes. The instance cannot be called meanwhile; others can, and several of these end
/// in any order, also within a host function or after the guest that called it has trapped. The
/// store must outlive it (`Store::busy`), and its thread uses it.
template <class R>
class Returned {
 public:
  Returned(std::unique_ptr<GuestCall> call, std::unique_ptr<HostScope> scope)
      : call_(std::move(call)), scope_(std::move(scope)) {
    call_->begin_view();
  }
  Returned(Returned&&) noexcept = default;
  Returned& operator=(Returned&&) = delete;
  /// As `finish`; a trap goes to `Store::take_drop_trap`.
  ~Returned() {
    if (call_ == nullptr) return;
    auto& store = call_->store();
    auto pending = std::exchange(store.core().context().trap, std::nullopt);
    if (!call_->end_view(*scope_)) store.note_drop_trap(store.take_trap());
    store.core().context().trap = std::move(pending);
  }

  R& operator*() { return value_; }
  const R& operator*() const { return value_; }
  R* operator->() { return &value_; }
  const R* operator->() const { return &value_; }
  /// Runs post-return now; the views are stale afterwards.
  [[nodiscard]] Outcome<void> finish() {
    if (call_ == nullptr) return {};
    const auto call = std::move(call_);
    if (!call->end_view(*scope_)) return std::unexpected(call->store().take_trap());
    return {};
  }

 private:
  template <class>
  friend class TypedFunc;
  std::unique_ptr<GuestCall> call_;
  std::unique_ptr<HostScope> scope_;
  R value_{};
};

template <class Signature>
class TypedFunc;

/// A guest's function with its C++ signature, checked once when the handle was made. A call of
/// scalars allocates nothing, looks nothing up and makes no virtual call. May outlive its store:
/// then it refuses to be called, as an empty one does. Several threads may hold copies; calls are
/// those of the store, one thread at a time.
template <class R, class... Args>
class TypedFunc<R(Args...)> {
 public:
  TypedFunc() = default;
  // A move copies: an empty handle must be able to refuse.
  TypedFunc(const TypedFunc&) = default;
  TypedFunc& operator=(const TypedFunc&) = default;
  ~TypedFunc() = default;
  explicit TypedFunc(const FuncInst& func) : func_(&func), life_(func.inst->store->life()) {}

  /// Calls the function. `R` owns what it holds: views need `call_view`.
  [[nodiscard]] Outcome<R> operator()(Param<Args>... args) const {
    if (life_->store() == nullptr) [[unlikely]]
      return std::unexpected(wrong_store(*life_));
    return run(static_cast<Args&>(args)...);
  }
  /// The same with the store named, as users of wasmtime write it. Another store is an error.
  [[nodiscard]] Outcome<R> call(Store& store, Param<Args>... args) const {
    if (life_->store() != &store) [[unlikely]]
      return std::unexpected(wrong_store(*life_, &store));
    return run(static_cast<Args&>(args)...);
  }

  /// Calls and hands views into guest memory out; post-return waits for the holder's end.
  [[nodiscard]] Outcome<Returned<R>> call_view(Param<Args>... args) const
    requires(!std::is_void_v<R>)
  {
    if (life_->store() == nullptr) [[unlikely]]
      return std::unexpected(wrong_store(*life_));
    auto& store = *life_->store();
    std::unique_ptr<HostScope> scope;
    std::unique_ptr<GuestCall> call;
    std::optional<Returned<R>> out;
    const bool ok = engine::trapping(store.core(), [&] {
      scope = std::make_unique<HostScope>();
      call = std::make_unique<GuestCall>(*func_);
      call->cx.host_scope = scope.get();
      R value{};
      if (!enter_and_run(*call, static_cast<Args&>(args)...) || !lift(*call, value)) return false;
      out.emplace(std::move(call), std::move(scope));
      out->value_ = std::move(value);
      return true;
    });
    if (ok) return *std::move(out);
    return std::unexpected(call != nullptr ? call->fail(*scope) : store.take_trap());
  }

  /// While the store lives. An empty one ends the process with a sentence.
  [[nodiscard]] const FuncInst& func() const {
    if (func_ == nullptr) [[unlikely]]
      empty_typed_func();
    return *func_;
  }

 private:
  using Layout = FieldsLayout<std::remove_cvref_t<Args>...>;
  static constexpr bool in_memory = Layout::flat > abi::MAX_FLAT_PARAMS;
  /// Strings of so many bytes are checked beforehand; a pass over longer ones would be felt.
  static constexpr std::uint64_t checked_bytes = 256;
  static consteval bool handles() {
    return (runtime::has_handles<std::remove_cvref_t<Args>>() || ...);
  }
  static consteval bool is_view() {
    if constexpr (std::is_void_v<R>)
      return false;
    else
      return Abi<R>::view;
  }
  /// Whether handles cross, in either direction. Views that are results have `call_view`.
  static consteval bool scoped() {
    if constexpr (std::is_void_v<R>)
      return handles();
    else
      return handles() || runtime::has_handles<R>();
  }
  struct NoScope {};
  using Scope = std::conditional_t<scoped(), HostScope, NoScope>;
  static Trap failed(GuestCall& call, [[maybe_unused]] Scope& scope) noexcept {
    if constexpr (scoped()) {
      return call.fail(scope);
    } else {
      return call.fail();
    }
  }

  /// What the host passes by mistake is found before the guest is entered, and leaves it as it was.
  bool may_pass_all(GuestCall& call, const Args&... args) const {
    if constexpr ((has_slips<std::remove_cvref_t<Args>>() || ...)) {
      if constexpr (handles()) call.store().host_handles().new_look();
      // Where handles cross, nothing of the guest may have been touched when a text is refused.
      call.cx.passed = handles() ? MAX_LOWERED_BYTES : checked_bytes;
      std::size_t i = 0;
      const auto one = [&]<class T>(const T& v) {
        return may_pass<T>(call.cx, v, *func_->shape->params[i++].shape);
      };
      return (one(args) && ...) || call.refuse(i - 1);
    } else {
      return true;
    }
  }

  /// Arguments that the caller passed by value are given away.
  [[gnu::always_inline]] Outcome<R> run(Args&... args) const {
    static_assert(!is_view(), "the result is a view into guest memory: use call_view");
    GuestCall call(*func_);
    [[maybe_unused]] Scope scope;
    if constexpr (scoped()) call.cx.host_scope = &scope;
    if constexpr (std::is_void_v<R>) {
      const bool ok = engine::trapping(call.store().core(), [&]() __attribute__((always_inline)) {
        return enter_and_run(call, args...) && call.leave();
      });
      if (!ok) [[unlikely]]
        return std::unexpected(failed(call, scope));
      if constexpr (handles()) scope.leave(call.store());
      return {};
    } else {
      Outcome<R> out{};
      const bool ok = engine::trapping(call.store().core(), [&]() __attribute__((always_inline)) {
        return enter_and_run(call, args...) && lift(call, *out) && call.leave();
      });
      if (!ok) [[unlikely]]
        return std::unexpected(failed(call, scope));
      if constexpr (handles()) scope.leave(call.store());
      return out;
    }
  }

  [[gnu::always_inline]] bool enter_and_run(GuestCall& call, Args&... args) const {
    call.trace();
    if (!may_pass_all(call, args...) || !call.enter()) return false;
    const auto& shape = *func_->shape;
    std::size_t i = 0;
    if constexpr (in_memory) {
      std::uint64_t ptr = 0;
      if (!call.cx.allocate(Layout::align, Layout::size, ptr)) return false;
      const auto one = [&]<class T>(T&& v) {
        const auto at = i++;
        return Abi<std::remove_cvref_t<T>>::store(
            call.cx, std::forward<T>(v), ptr + Layout::offsets[at], *shape.params[at].shape);
      };
      if (!(one(std::forward<Args>(args)) && ...)) return false;
      slots_of(call)[0] = ptr;
      return call.run();
    } else {
      auto* out = slots_of(call);
      [[maybe_unused]] const auto one = [&]<class T>(T&& v) {
        return Abi<std::remove_cvref_t<T>>::lower_flat(call.cx, std::forward<T>(v), out,
                                                       *shape.params[i++].shape);
      };
      if (!(one(std::forward<Args>(args)) && ...)) return false;
      return call.run();
    }
  }
  template <class T>
  bool lift(GuestCall& call, T& out) const {
    const auto& shape = *func_->shape->result;
    const ValueSlot* in = slots_of(call);
    if constexpr (Abi<T>::flat > abi::MAX_FLAT_RESULTS) {
      const auto ptr = low_bits<std::uint32_t>(*in);
      return call.cx.check_pointer(ptr, Abi<T>::align, Abi<T>::size) &&
             Abi<T>::load(call.cx, ptr, out, shape);
    } else {
      return Abi<T>::lift_flat(call.cx, in, out, shape);
    }
  }
  static ValueSlot* slots_of(GuestCall& call) { return call.slots; }

  const FuncInst* func_ = nullptr;
  StoreRef life_ = no_store();
};

}  // namespace tenon::runtime

#include "tenon/runtime/host_func.h"  // IWYU pragma: export
