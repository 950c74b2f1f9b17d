// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/exec.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/core/limits.h"
#include "tenon/engine/demangle.h"
#include "tenon/engine/fiber.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/interp/code_cache.h"
#include "tenon/engine/signals.h"
#include "tenon/engine/source_lines.h"

namespace tenon::engine {

namespace interp {

namespace {

/// A backtrace keeps so many frames; a stack overflow has thousands alike.
constexpr std::size_t max_frames = 100;
/// Bytes of function bodies that one backtrace translates again to find the places of its frames.
/// No function alone has more (`core::limits::body_bytes`), so the innermost frame's is exact.
constexpr std::uint64_t max_translated_bytes = 8U << 20U;
static_assert(max_translated_bytes >= core::limits::body_bytes);

template <class T>
T* pointer(Slot s) {
  return std::bit_cast<T*>(s);
}

/// The first handler's caller: everything that handlers clobber is saved here.
/// Nothing is thrown through guests: host functions are noexcept by type.
[[gnu::noinline]] void run(const Insn* pc, Slot* fp, VMContext* vm, u64 acc) noexcept {
  enter(pc, fp, vm->mem0_base, vm, acc, Vec{});
}

/// What a thread needs before its first call into a guest.
struct ThreadState {
  /// Lowest native stack address that a guest may be called from; null before the first call. What
  /// host functions may use lies below.
  const u8* native_floor = nullptr;
  /// Whether faults of guests can be handled here.
  bool faults = false;
};
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of the thread
thread_local ThreadState this_thread;
constexpr std::size_t native_reserve = 64U << 10U;

[[gnu::noinline]] void prepare_thread(bool signals) {
  // An engine without signals leaves the thread's as they are.
  if (signals) prepare_thread_for_faults();
  this_thread.faults = this_thread.faults || signals;
  if (this_thread.native_floor != nullptr) return;
  pthread_attr_t attr;
  void* at = nullptr;
  std::size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attr) == 0) {
    pthread_attr_getstack(&attr, &at, &size);
    pthread_attr_destroy(&attr);
  }
  this_thread.native_floor = static_cast<const u8*>(at) + native_reserve;
}

/// Readies the store for the outermost call of a thread. False: there is no memory for a value
/// stack.
bool begin_outermost(Store& store, const u8* native) {
  const Config& config = store.engine().config();
  ready_thread(config);
  if (store.context().stack_top == nullptr && !store.ensure_stack()) [[unlikely]]
    return false;
  const u8* floor = this_thread.native_floor;
  // Any number may be configured: the difference must not pass zero.
  const bool more =
      native > floor && narrow<std::size_t>(native - floor) > config.native_stack_bytes;
  store.context().native_limit = more ? native - config.native_stack_bytes : floor;
  return true;
}

}  // namespace

void ready_thread(const Config& config) {
  const ThreadState& thread = this_thread;
  if (thread.native_floor == nullptr || (config.signals && !thread.faults)) [[unlikely]]
    prepare_thread(config.signals);
}

/// The frame of an instruction: behind it the frame pointer was moved up while a window is open.
static Slot* frame_of(const FuncCode& code, const Insn* pc, Slot* fp) {
  if (code.windows.empty()) [[likely]]
    return fp;
  const auto at = narrow<u32>(pc - code.code);
  const auto after = std::ranges::upper_bound(code.windows, at, {}, &Window::begin);
  if (after == code.windows.begin() || at >= std::prev(after)->end) return fp;
  return fp - std::prev(after)->slots;
}

bool FrameWalk::next(FrameView& out) {
  if (!first_) {
    const FuncCode* code = vm_->module->code().find(pc_);
    if (code == nullptr) return false;
    const Slot* header = fp_ + code->param_slots;
    const auto* ret = pointer<const Insn>(header[0]);
    Slot* caller = pointer<Slot>(header[1]);
    while (ret == &cross_insn || ret == &gate_insn) {
      if (ret == &gate_insn && gates_ == Gates::stop) {
        at_gate_ = true;
        return false;
      }
      ret = pointer<const Insn>(caller[0]);
      vm_ = pointer<VMContext>(caller[2]);
      caller = pointer<Slot>(caller[1]);
    }
    if (ret == &exit_insn) return false;
    // The last word of the call.
    pc_ = ret - 1;
    fp_ = caller;
  }
  first_ = false;
  const FuncCode* code = vm_->module->code().find(pc_);
  if (code != nullptr) fp_ = frame_of(*code, pc_, fp_);
  out = {pc_, fp_, vm_, code};
  return code != nullptr;
}

namespace {

/// Ranges and clauses between two looks for interruptions while a handler is looked for: a deep
/// stack of functions with many of both is a long way.
constexpr u32 unwind_patience = 1U << 16U;

/// Whether the guest may go on. The exception stands nowhere but with the caller.
bool may_unwind_on(StoreContext& cx, const Insn* pc, Slot* fp, VMContext* vm, Slot exn) {
  if (cx.stack_limit.load(std::memory_order_relaxed) != nullptr) return true;
  cx.store->set_pending_exception(exn);
  const InterruptAction action = ask_at(pc, fp, vm);
  cx.store->set_pending_exception(0);
  return action != InterruptAction::trap;
}

/// Whether a clause of a function of this instance catches the exception.
bool catches(const CatchClause& clause, const VMContext* vm, const GcObject& exception) {
  using Kind = core::Catch::Kind;
  const bool by_tag = clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref;
  return !by_tag || vm->tags[clause.tag] == exception.tag;
}

/// Puts the values where the clause's label wants them, and the place to go on in the store.
void enter_handler(StoreContext& cx, const FrameView& f, const CatchClause& clause, Slot exn) {
  using Kind = core::Catch::Kind;
  auto* object = std::bit_cast<GcObject*>(exn);
  Slot* dst = f.fp + clause.dst;
  if (clause.kind == Kind::catch_ || clause.kind == Kind::catch_ref) {
    const u32 n = object->tag->type()->param_slots;
    std::memcpy(dst, object->payload(), n * sizeof(Slot));
    dst += n;
  }
  if (clause.kind == Kind::catch_ref || clause.kind == Kind::catch_all_ref) *dst = exn;
  cx.exit_pc = f.code->code + clause.target;
  cx.exit_fp = f.fp;
  cx.exit_vm = f.vm;
}

}  // namespace

Unwound unwind(StoreContext& cx, const Insn* pc, Slot* fp, VMContext* vm, Slot exn) {
  const GcObject& object = *std::bit_cast<GcObject*>(exn);
  FrameWalk walk(pc, fp, vm, FrameWalk::Gates::stop);
  FrameView f{};
  u32 patience = unwind_patience;
  while (walk.next(f)) {
    const auto at = narrow<u32>(f.pc - f.code->code);
    u32 deepest = TryRange::no_delegate;
    for (const TryRange& range : f.code->tries) {
      if (--patience == 0) {
        if (!may_unwind_on(cx, pc, fp, vm, exn)) return Unwound::interrupted;
        patience = unwind_patience;
      }
      if (at < range.begin || at >= range.end || range.depth > deepest) continue;
      if (range.delegate_to != TryRange::no_delegate) deepest = range.delegate_to;
      for (u32 k = 0; k < range.num_clauses; ++k) {
        const CatchClause& clause = f.code->clauses[range.first_clause + k];
        if (!catches(clause, f.vm, object)) continue;
        enter_handler(cx, f, clause, exn);
        return Unwound::caught;
      }
    }
  }
  return walk.at_gate() ? Unwound::at_gate : Unwound::at_edge;
}

namespace {

/// A frame of a backtrace before its names and its place are known.
struct FramePlace {
  const Module* module;
  const FuncCode* code;
  const Insn* pc;
  /// How often the `cycle` frames that end with this one stand there in a row.
  u32 repeats = 1;
  u32 cycle = 1;

  [[nodiscard]] bool is_like(const FramePlace& other) const {
    return code == other.code && pc == other.pc;
  }
};

/// Frames as they are walked, where a cycle of frames that comes again and again is kept once.
class FoldedFrames {
 public:
  [[nodiscard]] bool full() const {
    return places_.size() >= max_frames || walked_ >= max_walked_frames;
  }
  void add(const FramePlace& place) {
    ++walked_;
    if (cycle_ != 0 && place.is_like(places_[places_.size() - cycle_ + at_in_cycle_])) {
      if (++at_in_cycle_ < cycle_) return;
      at_in_cycle_ = 0;
      ++places_.back().repeats;
      return;
    }
    end_cycle();
    places_.push_back(place);
    for (std::size_t cycle = 1; cycle <= longest_cycle; ++cycle) {
      if (!repeats_last(cycle)) continue;
      places_.resize(places_.size() - cycle);
      places_.back().repeats = 2;
      places_.back().cycle = narrow<u32>(cycle);
      cycle_ = cycle;
      return;
    }
  }
  std::vector<FramePlace> take() {
    end_cycle();
    return std::move(places_);
  }

 private:
  static constexpr std::size_t longest_cycle = 8;
  static constexpr std::size_t max_walked_frames = 1U << 20U;

  /// Whether the last `cycle` frames are those before them, which belong to no other cycle.
  [[nodiscard]] bool repeats_last(std::size_t cycle) const {
    if (places_.size() < 2 * cycle) return false;
    for (std::size_t i = places_.size() - cycle; i < places_.size(); ++i) {
      const FramePlace& before = places_[i - cycle];
      if (!places_[i].is_like(before) || before.repeats != 1 || places_[i].repeats != 1)
        return false;
    }
    return true;
  }
  /// What had begun another round stands for itself.
  void end_cycle() {
    const std::size_t first = places_.size() - cycle_;
    for (std::size_t i = 0; cycle_ != 0 && i < at_in_cycle_; ++i) {
      FramePlace place = places_[first + i];
      place.repeats = place.cycle = 1;
      places_.push_back(place);
    }
    cycle_ = at_in_cycle_ = 0;
  }

  std::vector<FramePlace> places_;
  std::size_t walked_ = 0;
  /// The length of the cycle that the last frames are, and how far the next round of it is.
  std::size_t cycle_ = 0;
  std::size_t at_in_cycle_ = 0;
};

/// The frames of an activation that stands at this instruction and of those outside of it,
/// innermost first, `max_frames` at most.
std::vector<FramePlace> walk_activations(const Insn* pc, Slot* fp, VMContext* vm,
                                         const Activation* activation) {
  FoldedFrames places;
  while (true) {
    FrameWalk walk(pc, fp, vm);
    FrameView f{};
    while (pc != nullptr && !places.full() && walk.next(f))
      places.add({f.vm->module, f.code, f.pc});
    // Through the host function to the guest that called it.
    activation = activation == nullptr ? nullptr : activation->outer;
    if (activation == nullptr || activation->call_pc == nullptr || places.full())
      return places.take();
    pc = activation->call_pc;
    fp = activation->call_fp;
    vm = activation->call_vm;
  }
}

/// Bytes in the largest unit that they are whole in.
std::string size_text(std::uint64_t bytes) {
  constexpr std::array units = {"bytes", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  for (; unit + 1 < units.size() && bytes != 0 && bytes % 1024 == 0; ++unit) bytes /= 1024;
  return fmt::format("{} {}", bytes, units[unit]);
}

/// The frames of one function: its names are made and its body is translated once for all of them.
void describe(std::span<const FramePlace> places, std::size_t first, std::vector<Frame>& frames,
              std::vector<bool>& done, std::uint64_t& budget) {
  const Module& module = *places[first].module;
  const FuncCode& code = *places[first].code;
  const u32 func = code.func + module.core().num_imported_funcs;
  const auto body = module.core().codes[code.func].body;
  std::vector<u32> offsets;
  // Beyond the budget the function's place must do.
  const std::uint64_t bytes = body.end - body.begin;
  if (bytes <= budget) {
    budget -= bytes;
    offsets = module.code().offsets(code);
  }
  Frame frame;
  frame.module = demangle(module.name());
  frame.function = module.func_name(func);
  // A guest's name is no remark.
  if (frame.function.starts_with("…")) frame.function.insert(0, fmt::format("func[{}] ", func));
  frame.func_index = func;
  frame.offset = body.begin;
  for (std::size_t i = first; i < places.size(); ++i) {
    if (places[i].code != &code) continue;
    done[i] = true;
    frames[i] = frame;
    const auto at = static_cast<std::size_t>(places[i].pc - code.code);
    if (at < offsets.size()) frames[i].offset = offsets[at];
  }
}

/// A count as people read it: `1,234`.
std::string grouped(u32 count) {
  std::string out = std::to_string(count);
  for (auto at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  return out;
}

Frame remark(std::string text) {
  Frame out;
  out.function = "… " + std::move(text);
  return out;
}

/// With a remark behind each cycle that says how often it is there.
std::vector<Frame> with_remarks(std::span<const FramePlace> places, std::vector<Frame> frames) {
  std::vector<Frame> out;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    out.push_back(std::move(frames[i]));
    if (places[i].repeats < 2) continue;
    const std::string times = grouped(places[i].repeats);
    out.push_back(remark(places[i].cycle == 1
                             ? fmt::format("repeated {} times", times)
                             : fmt::format("these {} repeated {} times", places[i].cycle, times)));
  }
  return out;
}

/// Lines of the source, module by module, where debug information tells them.
void add_lines(std::span<const FramePlace> places, std::vector<Frame>& frames) {
  std::vector<bool> done(places.size());
  for (std::size_t first = 0; first < places.size(); ++first) {
    if (done[first]) continue;
    std::vector<std::size_t> own;
    std::vector<u32> offsets;
    for (std::size_t i = first; i < places.size(); ++i) {
      if (places[i].module != places[first].module) continue;
      done[i] = true;
      own.push_back(i);
      offsets.push_back(frames[i].offset);
    }
    std::vector<std::string> lines = source_lines(places[first].module->core(), offsets);
    for (std::size_t i = 0; i < own.size(); ++i) {
      std::string& function = frames[own[i]].function;
      if (lines[i].empty()) continue;
      if (function.empty()) function = fmt::format("func[{}]", frames[own[i]].func_index);
      function += fmt::format(" ({})", lines[i]);
    }
  }
}

}  // namespace

std::vector<Frame> backtrace(const Insn* pc, Slot* fp, VMContext* vm,
                             const Activation* activation) {
  const std::vector<FramePlace> places = walk_activations(pc, fp, vm, activation);
  std::vector<Frame> frames(places.size());
  std::vector<bool> done(places.size());
  std::uint64_t budget = max_translated_bytes;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!done[i]) describe(places, i, frames, done, budget);
  }
  add_lines(places, frames);
  return with_remarks(places, std::move(frames));
}

}  // namespace interp

std::vector<Frame> Store::backtrace() const {
  const Activation* act = context_.activation;
  if (act == nullptr || act->call_pc == nullptr) return {};
  return interp::backtrace(act->call_pc, act->call_fp, act->call_vm, act);
}

void Store::note_exit(const Activation& activation) noexcept try {
  using interp::ExitStatus;
  const auto* pc = static_cast<const interp::Insn*>(context_.exit_pc);
  std::optional<Trap>& trap = context_.trap;
  const auto frames = [&] {
    return interp::backtrace(pc, context_.exit_fp, context_.exit_vm, &activation);
  };
  switch (static_cast<ExitStatus>(context_.exit_status)) {
    case ExitStatus::returned:
    case ExitStatus::refused:
      break;
    case ExitStatus::trapped:
      trap.emplace(context_.exit_code,
                   context_.exit_code == TrapCode::uninitialized_element
                       ? fmt::format("uninitialized element {}", context_.exit_detail)
                       : std::string());
      if (growth_refused_ && context_.exit_code == TrapCode::unreachable) {
        std::vector<Frame> why;
        why.push_back(interp::remark(fmt::format("memory.grow was refused: {} (memory_bytes)",
                                                 interp::size_text(limits_.memory_bytes))));
        trap->append(std::move(why));
      }
      growth_refused_ = false;
      trap->append(frames());
      break;
    case ExitStatus::exception:
      trap.emplace(TrapCode::uncaught_exception);
      trap->append(frames());
      break;
    case ExitStatus::trap_pending:
      // A remark says why it was refused; where, the frames say.
      if (trap && std::ranges::all_of(trap->backtrace(),
                                      [](const Frame& f) { return f.function.starts_with("…"); }))
        trap->append(frames());
      break;
  }
} catch (const std::bad_alloc&) {
  // The trap stays as far as it came: its code, or that memory ran out.
  if (!context_.trap) context_.trap = Trap::out_of_memory();
}

namespace {

/// A trap before any code ran.
bool refuse(Store& store, TrapCode code) {
  store.context().exit_status = std::to_underlying(interp::ExitStatus::refused);
  store.set_trap(code);
  try {
    Trap trap(code);
    trap.append(store.backtrace());
    store.set_trap(std::move(trap));
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): then without a backtrace
  }
  return false;
}

/// The same for a child that fork made.
[[gnu::noinline]] bool refuse_forked(Store& store) {
  store.context().exit_status = std::to_underlying(interp::ExitStatus::refused);
  store.set_trap(TrapCode::host, "an engine does not go on in a forked child");
  return false;
}

bool invoke_host(const FuncRef* func, ValueSlot* slots) {
  return func->host(func->env, nullptr, slots) == HostStatus::ok;
}

/// A few words, most often one or two: a loop that stays one.
inline void copy_slots(ValueSlot* to, const ValueSlot* from, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) {
    to[i] = from[i];
    asm volatile("");
  }
}

/// Whether the frame fits, after the interruption that was asked for, if any.
[[gnu::noinline]] std::optional<TrapCode> refuse_frame(Store& store, const ValueSlot* end) {
  const StoreContext& cx = store.context();
  if (cx.stack_limit.load(std::memory_order_relaxed) == nullptr &&
      store.handle_interrupt() == InterruptAction::trap)
    return TrapCode::interrupted;
  if (end > cx.stack_end) return TrapCode::stack_overflow;
  return std::nullopt;
}

/// An activation on the store, while this lives; whatever ends it, the store is as before.
struct Entered {
  Entered(StoreContext& context, Activation& activation)
      : cx(context), act(activation), before(set_running(&context)) {
    cx.activation = &act;
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  ~Entered() {
    set_running(before);
    cx.activation = act.outer;
    cx.stack_top = act.base;
    if (returned) return;
    if (cx.gate_record != act.gate_record && cx.abandoned != nullptr)
      cx.abandoned(cx.gate_record, act.gate_record);
    cx.gate_record = act.gate_record;
    cx.gate_depth = act.gate_depth;
    if (cx.lent_stack && act.outer == nullptr && !cx.on_fiber) act.store->return_stack();
  }
  StoreContext& cx;
  Activation& act;
  StoreContext* before;
  bool returned = false;
};

}  // namespace

bool invoke(const FuncRef* func, ValueSlot* slots) {
  if (func->host != nullptr) return invoke_host(func, slots);
  Store& store = *func->store;
  StoreContext& cx = store.context();
  const auto* native = static_cast<const std::uint8_t*>(__builtin_frame_address(0));
  const bool outermost = cx.activation == nullptr;
  if (outermost && store.engine().forked()) [[unlikely]]
    return refuse_forked(store);
  if (outermost && !cx.on_fiber) {
    if (!interp::begin_outermost(store, native)) [[unlikely]]
      return refuse(store, TrapCode::out_of_memory);
  }
  if (native < cx.native_limit) [[unlikely]]
    return refuse(store, TrapCode::stack_overflow);
  VMContext* vm = func->vmctx;
  const RuntimeType* type = func->type;
  const FuncCode* code = vm->codes[func->code_index].load(std::memory_order_acquire);
  ValueSlot* fp = cx.stack_top;
  const std::uint32_t params = type->param_slots;
  const ValueSlot* end = fp + type->call_slots + interp::header_slots;
  if (fp + code->frame > end) end = fp + code->frame;
  if (end > cx.stack_limit.load(std::memory_order_relaxed)) [[unlikely]] {
    if (const auto refused = refuse_frame(store, end)) return refuse(store, *refused);
  }
  copy_slots(fp, slots, params);
  ValueSlot* header = fp + params;
  header[0] = std::bit_cast<ValueSlot>(&interp::exit_insn);
  header[1] = std::bit_cast<ValueSlot>(fp);
  for (std::uint32_t i = 0; i < code->zero; ++i) {
    header[interp::header_slots + i] = 0;
    asm volatile("");
  }

  Activation act;
  act.outer = cx.activation;
  act.store = &store;
  act.base = fp;
  act.vm = vm;
  act.gate_record = cx.gate_record;
  act.gate_depth = cx.gate_depth;
  {
    Entered entered(cx, act);
    interp::run(code->code, fp, vm, func->code_index);
    if (static_cast<interp::ExitStatus>(cx.exit_status) != interp::ExitStatus::returned)
        [[unlikely]] {
      store.note_exit(act);
      return false;
    }
    entered.returned = true;
  }
  copy_slots(slots, fp, type->result_slots);
  if (cx.lent_stack) [[unlikely]] {
    if (outermost && !cx.on_fiber) store.return_stack();
  }
  return true;
}

bool Store::between_calls() const {
  return context_.activation == nullptr && !Fiber::guests_outside(*this);
}

bool Store::refused() const {
  return context_.exit_status == std::to_underlying(interp::ExitStatus::refused);
}

namespace {

bool check_values(Store& store, std::span<const core::ValType> types, const ValueSlot* at) {
  for (const core::ValType t : types) {
    if (!store.accepts(*at, t)) {
      store.set_trap(TrapCode::host,
                     "found a reference of another type or to an object that was collected, wanted "
                     "one that the host keeps by `Store::root`");
      return false;
    }
    at += slot_count(t);
  }
  return true;
}

}  // namespace

bool check_references(const FuncRef* func, const ValueSlot* slots) {
  return check_values(*func->store, func->type->params, slots);
}

bool check_results(Store& store, std::span<const core::ValType> types, const ValueSlot* slots) {
  return check_values(store, types, slots);
}

Trap take_trap(const FuncRef* func) {
  return func->store->take_trap();
}

HostStatus raise(Store& store, Trap trap) {
  // An exception that a nested call left uncaught goes on as the exception it is.
  if (trap.code() == TrapCode::uncaught_exception && store.pending_exception() != 0)
    return HostStatus::exception;
  store.set_trap(std::move(trap));
  return HostStatus::trap;
}

HostStatus raise_current_exception(Store& store) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    store.set_trap(TrapCode::out_of_memory);
  } catch (const Exit& exit) {
    store.set_exit(exit);
  } catch (Trap& trap) {
    store.set_trap(std::move(trap));
  } catch (const std::exception& e) {
    store.set_trap(TrapCode::host, e.what());
  } catch (...) {
    store.set_trap(TrapCode::host, "host function threw an exception");
  }
  return HostStatus::trap;
}

}  // namespace tenon::engine
