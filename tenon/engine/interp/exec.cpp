// SPDX-License-Identifier: Apache-2.0
// The interpreter as the engine sees it: how its handlers are entered, and what its frames look
// like to those who walk them.
#include "tenon/engine/interp/exec.h"

#include <algorithm>
#include <utility>

#include "tenon/base/narrow.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/interp/translate.h"

namespace tenon::engine::interp {

void run(const Insn* pc, Slot* fp, VMContext* vm, u64 acc) noexcept {
  enter(pc, fp, vm->mem0_base, vm, acc, Vec{});
}

namespace {

template <class T>
T* pointer(Slot s) {
  return std::bit_cast<T*>(s);
}

const Code& code_of(const CodeSite& site) {
  return static_cast<const Code&>(*site.code);
}

std::vector<u32> offsets_of(const Module& module, const FuncCode& code) {
  std::vector<u32> offsets;
  (void)translate(module, code.func, &offsets);
  return offsets;
}

/// Behind an instruction the frame pointer was moved up while a window is open.
Slot* frame_of(const CodeSite& site, Slot* fp) {
  const Code& code = code_of(site);
  if (code.windows.empty()) [[likely]]
    return fp;
  const auto after = std::ranges::upper_bound(code.windows, site.index, {}, &Window::begin);
  if (after == code.windows.begin() || site.index >= std::prev(after)->end) return fp;
  return fp - std::prev(after)->slots;
}

void step(FrameView& at) {
  if (at.kind == FrameKind::entry) return;
  const Slot* header = at.fp;
  if (at.kind == FrameKind::function)
    header += at.site.code->param_slots;
  else
    at.vm = pointer<VMContext>(header[2]);
  const auto* ret = pointer<const Insn>(header[0]);
  if (ret == &exit_insn) {
    at.kind = FrameKind::entry;
    return;
  }
  at.fp = pointer<Slot>(header[1]);
  at.kind = ret == &cross_insn    ? FrameKind::crossing
            : ret == &bridge_insn ? FrameKind::bridge
                                  : FrameKind::function;
  // The last word of the call.
  at.pc = ret - 1;
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
  cx.exit_pc = f.site.code->code + clause.target;
  cx.exit_fp = f.fp;
  cx.exit_vm = f.vm;
}

Unwound handle(Unwinding& unwinding, const FrameView& f) {
  const GcObject& object = *std::bit_cast<GcObject*>(unwinding.exn);
  const Code& code = code_of(f.site);
  const u32 at = f.site.index;
  u32 deepest = TryRange::no_delegate;
  for (const TryRange& range : code.tries) {
    if (!unwinding.go_on()) return Unwound::interrupted;
    if (at < range.begin || at >= range.end || range.depth > deepest) continue;
    if (range.delegate_to != TryRange::no_delegate) deepest = range.delegate_to;
    for (u32 k = 0; k < range.num_clauses; ++k) {
      const CatchClause& clause = code.clauses[range.first_clause + k];
      if (!catches(clause, f.vm, object)) continue;
      enter_handler(unwinding.cx, f, clause, unwinding.exn);
      return Unwound::caught;
    }
  }
  return Unwound::at_edge;
}

/// All frames of an activation lie in its part of the value stack, with nothing between them that a
/// conservative look could mistake for more than it is.
void mark(const Activation* /*activation*/, const Slot* begin, const Slot* end, GcHeap& heap) {
  heap.mark_range(begin, end);
}

}  // namespace

const Tier tier = {.name = "interpreter",
                   .instance_at = InstanceAt::handler_register,
                   .bytes_per_site = sizeof(Insn),
                   .offsets = &offsets_of,
                   .frame = &frame_of,
                   .step = &step,
                   .handle = &handle,
                   .mark = &mark};

}  // namespace tenon::engine::interp
