// SPDX-License-Identifier: Apache-2.0
#pragma once

// Handles in C++; part of typed.h.
#include "tenon/base/narrow.h"
#include "tenon/runtime/typed.h"

namespace tenon::runtime {

/// What a handle has besides what follows: a generated class gives it the resource's methods.
template <class Tag>
struct HandleMethods {};
template <class Tag>
  requires requires { typename Tag::methods_of_handle_; }
struct HandleMethods<Tag> : Tag {};

/// A guest's resource that the host owns. Dropping it runs the guest's destructor, at once or when
/// the guest can be entered (`Store::drop`). Moves only: what was moved from, released or dropped
/// is empty, and to pass it is an error; so is one whose store is gone. `Tag` keeps resource types
/// apart in C++. One thread at a time, the store's.
template <class Tag = void>
class Own : public HandleMethods<Tag> {
 public:
  Own() = default;
  Own(Store& store, HostHandle handle) : life_(store.life()), handle_(handle) {}
  Own(Own&& other) noexcept
      : life_(std::move(other.life_)), handle_(std::exchange(other.handle_, {})) {}
  Own& operator=(Own&& other) noexcept {
    if (this != &other) {
      drop_quietly();
      life_ = std::move(other.life_);
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Own(const Own&) = delete;
  Own& operator=(const Own&) = delete;
  ~Own() { drop_quietly(); }

  explicit operator bool() const { return store() != nullptr; }
  [[nodiscard]] HostHandle handle() const { return handle_; }
  /// Null when this is empty or the store is gone.
  [[nodiscard]] Store* store() const { return life_ == nullptr ? nullptr : life_->store(); }
  /// Gives the handle away: whoever gets it drops it.
  [[nodiscard]] HostHandle release() {
    life_ = nullptr;
    return std::exchange(handle_, {});
  }
  /// Drops now and tells whether the destructor trapped.
  [[nodiscard]] Outcome<void> drop() {
    const auto life = std::move(life_);
    const auto handle = std::exchange(handle_, {});
    auto* store = life == nullptr ? nullptr : life->store();
    return store == nullptr ? Outcome<void>() : store->drop(handle);
  }

 private:
  void drop_quietly() {
    if (auto* at = store()) at->drop_quietly(handle_);
  }
  StoreRef life_;
  HostHandle handle_;
};

/// A resource lent for one call: by the host from what it owns, or by the guest to a host function.
/// One thread at a time, the store's.
template <class Tag = void>
class Borrow {
 public:
  Borrow() = default;
  Borrow(const Own<Tag>& own) : handle_(own.handle()) {}  // NOLINT(google-explicit-constructor)
  explicit Borrow(HostHandle handle) : handle_(handle) {}
  [[nodiscard]] HostHandle handle() const { return handle_; }

 private:
  HostHandle handle_;
};

/// Whether the host may pass a handle now (`HostTable::look_at`).
inline bool may_pass_handle(LiftLowerContext& cx, HostHandle handle, const Shape& s, bool own) {
  const auto* slip =
      cx.inst->store->host_handles().look_at(handle, cx.inst->resource(s.resource), own);
  return slip == nullptr || cx.refuse(*slip);
}

template <class Tag>
struct Abi<Own<Tag>> : OneWord<Abi<Own<Tag>>, Own<Tag>, 4> {
  static std::string wit() { return "own<resource>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return (t.def() != nullptr && std::holds_alternative<component::Own>(*t.def())) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = true;
  static bool may_pass(LiftLowerContext& cx, const Own<Tag>& v, const Shape& s) {
    return may_pass_handle(cx, v.handle(), s, true);
  }
  static bool put(LiftLowerContext& cx, Own<Tag>&& v, std::uint64_t& bits, const Shape& s) {
    std::uint32_t i = 0;
    if (!lower_host_handle(cx, v.handle(), cx.inst->resource(s.resource), true, i)) return false;
    (void)v.release();
    bits = i;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, Own<Tag>& v, const Shape& s) {
    HostHandle h;
    if (!lift_host_handle(cx, low_bits<std::uint32_t>(bits), cx.inst->resource(s.resource), true,
                          h))
      return false;
    v = Own<Tag>(*cx.inst->store, h);
    return true;
  }
};
template <class Tag>
struct Abi<Borrow<Tag>> : OneWord<Abi<Borrow<Tag>>, Borrow<Tag>, 4> {
  static std::string wit() { return "borrow<resource>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return (t.def() != nullptr && std::holds_alternative<component::Borrow>(*t.def())) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = true;
  static bool may_pass(LiftLowerContext& cx, const Borrow<Tag>& v, const Shape& s) {
    return may_pass_handle(cx, v.handle(), s, false);
  }
  static bool put(LiftLowerContext& cx, const Borrow<Tag>& v, std::uint64_t& bits, const Shape& s) {
    std::uint32_t i = 0;
    if (!lower_host_handle(cx, v.handle(), cx.inst->resource(s.resource), false, i)) return false;
    bits = i;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, Borrow<Tag>& v, const Shape& s) {
    HostHandle h;
    if (!lift_host_handle(cx, low_bits<std::uint32_t>(bits), cx.inst->resource(s.resource), false,
                          h))
      return false;
    v = Borrow<Tag>(h);
    return true;
  }
};

// Resources of the host's: C++ objects that guests hold handles to.

/// Tells C++ types of host resources apart at run time.
template <class T>
inline constexpr char host_type_tag = 0;

/// A host's object lent by a guest for the length of a host function, on its thread.
template <class T>
class HostRef {
 public:
  HostRef() = default;
  explicit HostRef(T* object) : object_(object) {}
  /// Lends an object for a call.
  HostRef(T& object) : object_(&object) {}  // NOLINT(google-explicit-constructor)
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  [[nodiscard]] T* get() const { return object_; }

 private:
  T* object_ = nullptr;
};

/// Whether objects of the class hand out shares of themselves: such are held by `std::shared_ptr`
/// as long as a guest has them.
template <class T>
concept SharesItself = requires(T& object) { object.weak_from_this(); };

/// Gives an object to the table. It stays the caller's if this throws.
template <class T>
std::uint32_t add_object(HostObjects& objects, T* object) {
  constexpr auto destroy = [](void* p) { delete static_cast<T*>(p); };
  if constexpr (SharesItself<T>) {
    const std::shared_ptr<T> shared(object, Releasing{destroy, true});
    const auto rep = objects.add_shared(shared);
    std::get_deleter<Releasing>(shared)->released = false;
    return rep;
  } else {
    return objects.add(object, destroy);
  }
}

template <class T>
struct Abi<std::unique_ptr<T>> : OneWord<Abi<std::unique_ptr<T>>, std::unique_ptr<T>, 4> {
  static std::string wit() { return "own<resource of the host>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return (t.def() != nullptr && std::holds_alternative<component::Own>(*t.def())) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = true;
  static bool may_pass(LiftLowerContext& cx, const std::unique_ptr<T>& v, const Shape& s) {
    if (v == nullptr) return cx.refuse(empty_unique_ptr);
    return cx.inst->resource(s.resource)->host_type() == &host_type_tag<T> ||
           cx.refuse(other_object);
  }
  static bool put(LiftLowerContext& cx, std::unique_ptr<T>&& v, std::uint64_t& bits,
                  const Shape& s) {
    if (!may_pass(cx, v, s)) return false;
    auto& objects = cx.inst->store->host_objects();
    const auto rep = add_object(objects, v.get());
    std::uint32_t i = 0;
    if (!cx.lower_own(rep, cx.inst->resource(s.resource), i)) {
      (void)objects.take(rep);
      return false;
    }
    (void)v.release();
    bits = i;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, std::unique_ptr<T>& v, const Shape& s) {
    const auto* rt = cx.inst->resource(s.resource);
    if (rt->host_type() != &host_type_tag<T>) return cx.trap("a resource of another C++ type");
    std::uint64_t rep = 0;
    if (!cx.lift_own(low_bits<std::uint32_t>(bits), rt, rep)) return false;
    auto& objects = cx.inst->store->host_objects();
    const bool there = objects.get(low_bits<std::uint32_t>(rep)) != nullptr;
    v.reset(static_cast<T*>(objects.take(low_bits<std::uint32_t>(rep))));
    return v != nullptr ||
           cx.trap(there ? "the host's object is still held by others, such as its children"
                         : "the host's object is gone");
  }
};

/// An object that the host shares with what it gave to the guest, or with other objects: as a
/// result `own`, as a parameter of a host function `own` or `borrow`. Whoever keeps a copy keeps
/// the object alive when the guest drops it: so a child holds its parent.
template <class T>
struct Abi<std::shared_ptr<T>> : OneWord<Abi<std::shared_ptr<T>>, std::shared_ptr<T>, 4> {
  static std::string wit() { return "own<resource of the host>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    const auto* def = t.def();
    return (def != nullptr && (std::holds_alternative<component::Own>(*def) ||
                               (c.lifts && std::holds_alternative<component::Borrow>(*def)))) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = true;
  static bool may_pass(LiftLowerContext& cx, const std::shared_ptr<T>& v, const Shape& s) {
    if (v == nullptr) return cx.refuse(empty_shared_ptr);
    return cx.inst->resource(s.resource)->host_type() == &host_type_tag<T> ||
           cx.refuse(other_object);
  }
  static bool put(LiftLowerContext& cx, std::shared_ptr<T>&& v, std::uint64_t& bits,
                  const Shape& s) {
    if (!may_pass(cx, v, s)) return false;
    auto& objects = cx.inst->store->host_objects();
    const auto rep = objects.add_shared(v);
    std::uint32_t i = 0;
    if (!cx.lower_own(rep, cx.inst->resource(s.resource), i)) {
      objects.remove(rep);
      return false;
    }
    bits = i;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, std::shared_ptr<T>& v, const Shape& s) {
    const auto* rt = cx.inst->resource(s.resource);
    if (rt->host_type() != &host_type_tag<T>) return cx.trap("a resource of another C++ type");
    auto& objects = cx.inst->store->host_objects();
    const bool own = s.kind == Shape::Kind::own;
    const auto i = low_bits<std::uint32_t>(bits);
    std::uint64_t rep = 0;
    if (own ? !cx.lift_own(i, rt, rep) : !cx.lift_borrow(i, rt, rep)) return false;
    v = std::static_pointer_cast<T>(objects.share(low_bits<std::uint32_t>(rep)));
    if (v == nullptr) return cx.trap("the host's object is gone, or only lent");
    if (own) objects.remove(low_bits<std::uint32_t>(rep));
    return true;
  }
};
template <class T>
struct Abi<HostRef<T>> : OneWord<Abi<HostRef<T>>, HostRef<T>, 4> {
  static std::string wit() { return "borrow<resource of the host>"; }
  static bool check(const TypeView& t, TypeCheck& c) {
    return (t.def() != nullptr && std::holds_alternative<component::Borrow>(*t.def())) ||
           c.fail(t, wit());
  }
  static constexpr bool slips = true;
  static constexpr bool handles = true;
  static bool may_pass(LiftLowerContext& cx, const HostRef<T>& v, const Shape& s) {
    if (v.get() == nullptr) return cx.refuse(empty_host_ref);
    return cx.inst->resource(s.resource)->host_type() == &host_type_tag<T> ||
           cx.refuse(other_object);
  }
  static bool put(LiftLowerContext& cx, const HostRef<T>& v, std::uint64_t& bits, const Shape& s) {
    if (!may_pass(cx, v, s)) return false;
    // The object stays the host's: its place goes with the call.
    auto& place = cx.host_scope->objects.emplace_back(0);
    const auto rep = cx.inst->store->host_objects().lend(v.get());
    place = rep;
    std::uint32_t i = 0;
    if (!cx.lower_borrow(rep, cx.inst->resource(s.resource), i)) return false;
    bits = i;
    return true;
  }
  static bool get(LiftLowerContext& cx, std::uint64_t bits, HostRef<T>& v, const Shape& s) {
    const auto* rt = cx.inst->resource(s.resource);
    if (rt->host_type() != &host_type_tag<T>) return cx.trap("a resource of another C++ type");
    std::uint64_t rep = 0;
    if (!cx.lift_borrow(low_bits<std::uint32_t>(bits), rt, rep)) return false;
    v = HostRef<T>(
        static_cast<T*>(cx.inst->store->host_objects().get(low_bits<std::uint32_t>(rep))));
    return v.get() != nullptr || cx.trap("the host's object is gone");
  }
};

}  // namespace tenon::runtime
