// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "tenon/engine/runtime_type.h"
#include "tenon/engine/trap.h"
#include "tenon/engine/value.h"

// What all tiers share: the layout of an instance in memory. Nothing here owns anything.
namespace tenon::engine {

class Instance;
class Memory;
class Module;
class Store;
class Table;
class Tag;
struct Activation;
struct FuncCode;
struct VMContext;

/// How a host function ended. `trap` and `exception` mean that it left the particulars in the store
/// (`raise`, `throw_exception`).
enum class HostStatus : std::uint8_t { ok, trap, exception };

/// The raw form of a host function: parameters are read from `slots`, results written over them;
/// there is one slot at least.
/// `caller` is the instance whose code made the call, null when the host called directly. The
/// frames outside are a guest's, so nothing may be thrown: `trapping` catches, typed wrappers do so
/// for you.
using HostFn = HostStatus (*)(void* env, VMContext* caller, ValueSlot* slots) noexcept;

/// A short way from one instance into a function of another: while the words allow it, the call
/// stays in the interpreter and no host code runs; otherwise the host function that has the
/// bridge is asked, which does the same or says why not. Made by whoever joins instances. The
/// function behind it has at most one result slot.
struct Bridge {
  /// Words on the value stack that a call keeps: the first links it to the record outside it, the
  /// others are its maker's.
  static constexpr std::uint32_t record_slots = 8;

  /// Must be true.
  const bool* may_leave = nullptr;
  /// Must be true.
  const bool* may_enter = nullptr;
  /// Counts the calls under way; those that a trap unwinds are told by `StoreContext::abandoned`.
  std::uint32_t* entered = nullptr;
  // The function behind the bridge.
  VMContext* vmctx = nullptr;
  std::uint32_t code_index = 0;
  std::uint32_t param_slots = 0;
  /// What the record begins as.
  alignas(16) std::array<ValueSlot, record_slots> record{};
};

/// A function as a value: what tables, funcrefs, imports and `Func` point to. Stable for the life
/// of its store.
struct FuncRef {
  /// Null for a WebAssembly function.
  HostFn host = nullptr;
  void* env = nullptr;
  /// The defining instance; for host functions null.
  VMContext* vmctx = nullptr;
  const RuntimeType* type = nullptr;
  Store* store = nullptr;
  /// Index in the defining module's function index space.
  std::uint32_t func = 0;
  /// The same among the functions it defines, so without its imports.
  std::uint32_t code_index = 0;
  /// Of a host function: the short way to what it stands for, if there is one.
  const Bridge* bridge = nullptr;
};

/// 16 bytes an element: the reference and, for functions, its type (one load less in
/// call_indirect).
struct TableEntry {
  ValueSlot ref = 0;
  const RuntimeType* type = nullptr;
};

struct VMTable {
  TableEntry* entries = nullptr;
  std::uint64_t size = 0;
  Table* table = nullptr;
};

/// A linear memory: never moves.
struct VMMemory {
  std::uint8_t* base = nullptr;
  std::atomic<std::uint64_t> bytes = 0;
  Memory* memory = nullptr;
};

/// What belongs to one execution: its stacks, the calls under way on them, and how the last of them
/// failed. A store runs one at a time; a switch between fibers exchanges it whole, so whatever a
/// parked execution must find again belongs here.
struct Execution {
  /// What `stack_end` is before there is a value stack: above no frame.
  static ValueSlot* no_stack() { return std::bit_cast<ValueSlot*>(sizeof(ValueSlot)); }
  /// The value stack: where it begins, and what `stack_limit` is while there is no reason to stop.
  ValueSlot* stack_begin = nullptr;
  ValueSlot* stack_end = no_stack();
  /// Where the next activation may put its frame; what lies below is live.
  ValueSlot* stack_top = nullptr;
  /// The innermost call into a guest.
  Activation* activation = nullptr;
  /// Lowest native stack address that a call into a guest may begin at.
  const std::uint8_t* native_limit = nullptr;
  /// Whether a fiber runs: then `native_limit` is its own.
  bool on_fiber = false;
  /// The record of the innermost call across a bridge, or what its maker put there (`Bridge`).
  void* bridge_record = nullptr;
  /// Calls under way that count against the limit: those across bridges, and what their maker adds.
  std::uint32_t bridge_depth = 0;
  /// The exception object on its way (exnref), or 0.
  ValueSlot pending_exception = 0;
  /// `memory_bytes` stood in the way of a memory's growth since the outermost call began.
  bool growth_refused = false;
  /// The trap on its way.
  std::optional<Trap> trap;
};

/// What code of every tier reads by its offset from `VMContext::store`.
struct StoreHead {
  /// One past the last usable slot of the value stack; null while there may be a reason to stop (an
  /// interruption was asked for, a deadline was due), so that one comparison serves both at calls
  /// and loop back-edges.
  std::atomic<ValueSlot*> stack_limit = Execution::no_stack();
  std::int64_t fuel = 0;
  Store* store = nullptr;
};
static_assert(std::is_standard_layout_v<StoreHead> && offsetof(StoreHead, stack_limit) == 0 &&
              offsetof(StoreHead, fuel) == 8 && offsetof(StoreHead, store) == 16);

/// The part of a store that running code touches. Begins with its head.
struct StoreContext : StoreHead, Execution {
  /// The value stack goes back to the pool when the outermost call ends: many stores want one.
  bool lent_stack = false;
  std::uint32_t bridge_depth_limit = 0;
  /// Told of calls across bridges that a trap has unwound: the records from `from` outward, up to
  /// `to`. Null: nobody asks.
  void (*abandoned)(void* from, const void* to) noexcept = nullptr;
  // How the innermost activation left its code.
  const void* exit_pc = nullptr;
  ValueSlot* exit_fp = nullptr;
  VMContext* exit_vm = nullptr;
  std::uint32_t exit_status = 0;
  TrapCode exit_code = TrapCode::unreachable;
  /// The index of an uninitialised element.
  std::uint64_t exit_detail = 0;
};

/// The head of an instance; its arrays follow at offsets that are static per module (`VMOffsets`).
/// Code of every tier reads it by offset.
struct VMContext {
  StoreContext* store = nullptr;
  /// Code of the defined functions, shared by all instances of the module.
  const std::atomic<const FuncCode*>* codes = nullptr;
  std::uint8_t* mem0_base = nullptr;
  VMMemory* mem0 = nullptr;
  VMMemory** mems = nullptr;
  VMTable** tables = nullptr;
  /// The cell of each global: inline for defined ones, the exporter's for imported ones.
  ValueSlot** globals = nullptr;
  FuncRef** imports = nullptr;
  /// Of the functions that can escape (`Module::escape_index`).
  FuncRef* funcrefs = nullptr;
  const RuntimeType* const* types = nullptr;
  Tag** tags = nullptr;
  Instance* instance = nullptr;
  const Module* module = nullptr;
};

/// Offsets of the arrays behind a VMContext, in bytes.
struct VMOffsets {
  /// Those of defined globals, 16 bytes each.
  std::uint32_t globals = 0;
  /// The address of each global.
  std::uint32_t global_cells = 0;
  std::uint32_t mems = 0;
  std::uint32_t tables = 0;
  std::uint32_t imports = 0;
  std::uint32_t tags = 0;
  std::uint32_t funcrefs = 0;
  std::uint32_t size = 0;
};

// The layout that code relies on, in words. Who moves something changes what every tier emits.
namespace vm_layout {
constexpr std::size_t word = sizeof(void*);
static_assert(sizeof(ValueSlot) == 8 && word == 8, "slots hold addresses");
#define TENON_AT(Type, member, words) static_assert(offsetof(Type, member) == (words) * word)
static_assert(std::is_standard_layout_v<VMContext> && sizeof(VMContext) == 13 * word);
TENON_AT(VMContext, store, 0);
TENON_AT(VMContext, codes, 1);
TENON_AT(VMContext, mem0_base, 2);
TENON_AT(VMContext, mem0, 3);
TENON_AT(VMContext, mems, 4);
TENON_AT(VMContext, tables, 5);
TENON_AT(VMContext, globals, 6);
TENON_AT(VMContext, imports, 7);
TENON_AT(VMContext, funcrefs, 8);
TENON_AT(VMContext, types, 9);
TENON_AT(VMContext, tags, 10);
TENON_AT(VMContext, instance, 11);
TENON_AT(VMContext, module, 12);
static_assert(std::is_standard_layout_v<FuncRef> && sizeof(FuncRef) == 7 * word);
TENON_AT(FuncRef, host, 0);
TENON_AT(FuncRef, env, 1);
TENON_AT(FuncRef, vmctx, 2);
TENON_AT(FuncRef, type, 3);
TENON_AT(FuncRef, bridge, 6);
static_assert(offsetof(FuncRef, code_index) == 5 * word + 4);
static_assert(std::is_standard_layout_v<TableEntry> && sizeof(TableEntry) == 2 * word);
TENON_AT(TableEntry, ref, 0);
TENON_AT(TableEntry, type, 1);
static_assert(std::is_standard_layout_v<VMTable>);
TENON_AT(VMTable, entries, 0);
TENON_AT(VMTable, size, 1);
static_assert(std::is_standard_layout_v<VMMemory>);
TENON_AT(VMMemory, base, 0);
TENON_AT(VMMemory, bytes, 1);
#undef TENON_AT
}  // namespace vm_layout

}  // namespace tenon::engine
