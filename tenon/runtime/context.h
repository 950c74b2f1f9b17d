// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "tenon/abi/layout.h"
#include "tenon/base/narrow.h"
#include "tenon/component/string_encoding.h"
#include "tenon/component/types.h"
#include "tenon/engine/func.h"
#include "tenon/engine/memory.h"
#include "tenon/runtime/resource.h"
#include "tenon/runtime/table.h"
#include "tenon/runtime/task.h"

namespace tenon::runtime {

class Store;
struct HostScope;

// Spec: CanonicalABI.md "Loading", "Storing".
inline constexpr std::uint64_t MAX_STRING_BYTE_LENGTH = (1U << 28U) - 1;
inline constexpr std::uint64_t MAX_LIST_BYTE_LENGTH = (1U << 28U) - 1;
inline constexpr std::uint64_t REALLOC_I32_MAX = 0xFFFFFFFF;
/// The most bytes that a C++ value or list is lowered to: typed functions have 32-bit memories.
inline constexpr std::uint64_t MAX_LOWERED_BYTES = REALLOC_I32_MAX;

/// Canonical options of one lift or lower, resolved to the instance's own things.
/// Spec: CanonicalABI.md "Canonical ABI Options".
struct CanonicalOptions {
  component::StringEncoding string_encoding = component::StringEncoding::utf8;
  engine::Memory* memory = nullptr;
  engine::FuncRef* realloc = nullptr;
  engine::FuncRef* post_return = nullptr;
  engine::FuncRef* callback = nullptr;
  bool async_ = false;

  [[nodiscard]] abi::Ptr ptr_type() const {
    return memory != nullptr && memory->is_64() ? abi::Ptr::i64 : abi::Ptr::i32;
  }
};

/// The state of one component instance. Spec: CanonicalABI.md "Component Instances".
class ComponentInstance {
 public:
  ComponentInstance(Store& store_in, ComponentInstance* parent_in, std::uint32_t handle_limit);
  ComponentInstance(const ComponentInstance&) = delete;
  ComponentInstance& operator=(const ComponentInstance&) = delete;

  Store* store;
  ComponentInstance* parent;
  Table handles;
  /// Whether calls may enter: nothing in it has trapped, and no result lies in its memory as a view
  /// (`Returned`). A call that is under way keeps nobody out.
  /// It follows from the two words below; bridges look at it.
  bool may_enter = true;
  bool may_leave = true;
  bool poisoned = false;
  /// Calls from outside that are under way in it or in instances inside it, views included.
  std::uint32_t entered = 0;
  std::uint32_t views = 0;
  std::uint16_t backpressure = 0;
  std::uint32_t num_waiting_to_enter = 0;
  // Of an outermost instance: resources of the instances in it whose destructors wait until none of
  // them runs, and the next instance that has some.
  HostTable::Queue drops;
  ComponentInstance* next_with_drops = nullptr;
  /// The resource types by their index in the component's type space.
  std::vector<const ResourceType*> resources;
  /// The trap that closed it.
  std::optional<engine::Trap> cause;

  [[nodiscard]] const ResourceType* resource(component::TypeIdx idx) const {
    return resources[idx.value];
  }

  /// Whether a call from `caller` (null: the host) may enter now. An instance may be entered again
  /// while a call in it is under way; what a trap has unwound refuses for ever.
  /// Spec: Explainer.md "Component Invariants"; tests: async/reentrance.wast.
  [[nodiscard]] bool may_enter_from(const ComponentInstance* caller) const;
  /// The outermost instance around this one. It is entered whenever the host has entered one in it.
  [[nodiscard]] ComponentInstance& root() {
    auto* i = this;
    while (i->parent != nullptr) i = i->parent;
    return *i;
  }
  /// Whether calls between the two look at `may_enter` of the callee alone.
  [[nodiscard]] bool is_sibling_of(const ComponentInstance& other) const {
    return parent == other.parent && this != &other;
  }
  void enter_from(const ComponentInstance* caller) {
    for_each_border(caller, [](ComponentInstance& i) { ++i.entered; });
  }
  void leave_to(const ComponentInstance* caller) {
    for_each_border(caller, [](ComponentInstance& i) { --i.entered; });
  }
  /// Ends a call that trapped.
  void poison_from(const ComponentInstance* caller) {
    for_each_border(caller, [](ComponentInstance& i) {
      --i.entered;
      i.poison();
    });
  }
  /// Closes it for ever; the trap on its way, if there is one, is the cause.
  void poison() noexcept;
  /// A view into its memory begins or ends: it is closed to everybody meanwhile.
  void begin_view() {
    for_each_border(nullptr, [](ComponentInstance& i) {
      ++i.views;
      i.open_or_close();
    });
  }
  void end_view() {
    for_each_border(nullptr, [](ComponentInstance& i) {
      --i.views;
      i.open_or_close();
    });
  }

 private:
  [[nodiscard]] bool is_self_or_ancestor_of(const ComponentInstance* other) const {
    for (; other != nullptr; other = other->parent) {
      if (other == this) return true;
    }
    return false;
  }
  void open_or_close() { may_enter = views == 0 && !poisoned; }
  /// Instances whose border a call from `caller` crosses on its way in.
  template <class F>
  void for_each_border(const ComponentInstance* caller, F f) {
    if (caller != nullptr && parent == caller->parent) {
      f(*this);
      return;
    }
    for (auto* i = this; i != nullptr && (caller == nullptr || !i->is_self_or_ancestor_of(caller));
         i = i->parent) {
      f(*i);
    }
  }
};

/// Leaves the trap of a call that may not enter, with its cause: the instance has trapped (and with
/// what), or a result lies in its memory as a view. Returns false.
bool refuse_entry(const ComponentInstance& inst) noexcept;

inline bool ComponentInstance::may_enter_from(const ComponentInstance* caller) const {
  if (caller == nullptr) {
    for (const auto* i = this; i != nullptr; i = i->parent) {
      if (!i->may_enter) return false;
    }
    return true;
  }
  if (is_sibling_of(*caller)) [[likely]]
    return may_enter;
  if (!may_enter) return false;
  for (const auto* i = this; i != nullptr && !i->is_self_or_ancestor_of(caller); i = i->parent) {
    if (!i->may_enter) return false;
  }
  return true;
}

/// A call that has entered an instance: left by `leave`, otherwise it has trapped.
class Entry {
 public:
  Entry(ComponentInstance& inst, const ComponentInstance* caller) : inst_(&inst), caller_(caller) {
    inst.enter_from(caller);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    if (inst_ != nullptr) inst_->poison_from(caller_);
  }
  void leave() { std::exchange(inst_, nullptr)->leave_to(caller_); }

 private:
  ComponentInstance* inst_;
  const ComponentInstance* caller_;
};

/// What lifting and lowering need beside the value. Functions that take one return false when the
/// guest trapped; the trap is in the store then. Spec: CanonicalABI.md "Lifting and Lowering
/// Context".
struct LiftLowerContext {
  const CanonicalOptions* opts = nullptr;
  ComponentInstance* inst = nullptr;
  /// Whose borrows lowering counts.
  Task* task = nullptr;
  /// Where lifting notes lent handles.
  Lenders* lenders = nullptr;
  /// Where handles that cross to or from the host for one call are noted.
  HostScope* host_scope = nullptr;
  /// The other side is the host: messages of the suite differ, and so does the cap below.
  bool with_host = true;
  /// Strings of the host's up to so many bytes were found to be UTF-8 before the guest was entered
  /// (`may_pass`). Longer ones are checked while they are copied, once.
  std::uint64_t passed = 0;
  /// A longer one was not: nothing but realloc has run, and the guest shall not suffer for it.
  mutable bool host_slip = false;
  /// Bytes that lifting may still read and allocate (`StoreLimits::lift_bytes`, `copy_bytes`).
  std::uint64_t budget = std::uint64_t{128} << 20U;

  [[nodiscard]] std::uint8_t* mem() const { return opts->memory->base(); }
  [[nodiscard]] std::uint64_t mem_size() const { return opts->memory->size(); }
  [[nodiscard]] bool wide() const { return opts->memory->is_64(); }
  [[nodiscard]] std::uint32_t ptr_size() const { return wide() ? 8 : 4; }

  /// Leaves a trap in the store. Returns false.
  bool trap(std::string message) const;
  [[gnu::cold]] bool trap(const char* message) const;
  /// The same for a handle that the host may not pass, with the rule. The guest was not entered.
  [[gnu::cold]] bool refuse(const HandleSlip& slip) const;
  /// From now on a failure is the guest's: its code has run, or its table has changed.
  void touch() const {
    if (task != nullptr) task->state = Task::State::started;
  }
  /// Whether `length` bytes from `ptr` lie in the memory.
  [[nodiscard]] bool in_bounds(std::uint64_t ptr, std::uint64_t length) const {
    const auto size = mem_size();
    return ptr <= size && length <= size - ptr;
  }
  /// Counts bytes that are copied between the host and a guest (`Store::copied_bytes`).
  void note_copied(std::uint64_t bytes) const;
  /// Takes from the budget; a trap when it is spent.
  bool charge(std::uint64_t bytes) {
    if (bytes <= budget) [[likely]] {
      budget -= bytes;
      return true;
    }
    return over_budget();
  }

  /// Calls the guest's realloc and checks nothing. Spec: CanonicalABI.md "Lifting and Lowering
  /// Context".
  bool reallocate(std::uint64_t old, std::uint64_t old_byte_length, std::uint32_t alignment,
                  std::uint64_t new_byte_length, std::uint64_t& ptr);
  /// The same, then the checks that every caller makes: alignment and bounds.
  bool reallocate_checked(std::uint64_t old, std::uint64_t old_byte_length, std::uint32_t alignment,
                          std::uint64_t new_byte_length, std::uint64_t& ptr, bool string);
  bool allocate(std::uint32_t alignment, std::uint64_t byte_length, std::uint64_t& ptr,
                bool string = false) {
    return reallocate_checked(0, 0, alignment, byte_length, ptr, string);
  }

  /// Little-endian integers of memory; the range must have been checked.
  template <class T>
  [[nodiscard]] T load_int(std::uint64_t ptr) const {
    T v;
    std::memcpy(&v, mem() + ptr, sizeof(T));
    return v;
  }
  template <class T>
  void store_int(std::uint64_t ptr, T v) const {
    std::memcpy(mem() + ptr, &v, sizeof(T));
  }
  [[nodiscard]] std::uint64_t load_ptr(std::uint64_t ptr) const {
    return wide() ? load_int<std::uint64_t>(ptr) : load_int<std::uint32_t>(ptr);
  }
  void store_ptr(std::uint64_t ptr, std::uint64_t v) const {
    if (wide()) {
      store_int(ptr, v);
    } else {
      store_int(ptr, low_bits<std::uint32_t>(v));
    }
  }
  /// Checks of a pointer to a spilled tuple. Spec: CanonicalABI.md "Lifting and Lowering Values".
  bool check_pointer(std::uint64_t ptr, std::uint32_t alignment, std::uint64_t size) const;
  /// Checks of a list's range, and of a string's. Spec: load_list_from_range,
  /// load_string_from_range.
  bool check_list(std::uint64_t ptr, std::uint64_t length, std::uint32_t alignment,
                  std::uint64_t elem_size) const;

  // Handles. Spec: lift_own, lift_borrow, lower_own, lower_borrow.
  bool lift_own(std::uint32_t i, const ResourceType* rt, std::uint64_t& rep);
  bool lift_borrow(std::uint32_t i, const ResourceType* rt, std::uint64_t& rep);
  bool lower_own(std::uint64_t rep, const ResourceType* rt, std::uint32_t& i);
  bool lower_borrow(std::uint64_t rep, const ResourceType* rt, std::uint32_t& i);
  /// The resource handle at an index; traps when it is none of that type.
  Handle* resource_handle(std::uint32_t i, const ResourceType* rt) const;
  /// Gives lent handles back. Spec: CanonicalABI.md "Subtask State" (deliver_resolve).
  void return_lenders() const noexcept;

 private:
  bool over_budget() const;
};

}  // namespace tenon::runtime
