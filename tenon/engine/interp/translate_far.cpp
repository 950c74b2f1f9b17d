// SPDX-License-Identifier: Apache-2.0
// Frames larger than 16-bit operands reach. A function that needs such slots is translated with
// far forms: what lies beyond `near_end_` is copied to scratch slots, which are right behind the
// frame's header, before an instruction reads it, and from there when it was written. Operands in a
// row are not copied: the frame pointer is moved up to them for the instruction, a window. Whoever
// walks frames moves it back (`frame_of`).
#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

u32 Translator::scratch_for() {
  const u32 slot = scratch_ + 2 + scratch_used_;
  scratch_used_ += 2;
  if (scratch_used_ + 2 > scratch_slots) too_wide();
  return slot;
}

void Translator::move_slots(u32 dst, u32 src, u32 n) {
  const bool to = reachable(dst);
  const bool from = reachable(src);
  if (to && from) {
    if (n == 1)
      emit_copy(dst, src);
    else if (n == 2)
      emit(&ops::copy_v128, dst, src);
    else
      emit(&ops::copy_n, dst, src, n);
  } else if (to && n <= 2) {
    emit(n == 1 ? &ops::copy_far_get : &ops::copy_far_get_v128, dst, 0, src);
  } else if (from && n <= 2) {
    emit(n == 1 ? &ops::copy_far_set : &ops::copy_far_set_v128, src, 0, dst);
  } else {
    emit(&ops::copy_far, n, 0, dst);
    emit(nullptr, 0, 0, src);
  }
}

u32 Translator::open_window(u32 first) {
  if (near(first)) return 0;
  emit(&ops::move_frame, 0, 0, first);
  out_.windows.push_back({here(), 0, first});
  return first;
}

void Translator::close_window(u32 base) {
  if (base == 0) return;
  emit(&ops::move_frame, 0, 0, 0 - base);
  out_.windows.back().end = here();
  forget();
}

u32 Translator::row_to_leave(u32 first, u32 n) {
  if (near(first)) return first;
  const u32 dst = scratch_ + scratch_slots;
  if (n != 0) move_slots(dst, first, n);
  return dst;
}

}  // namespace tenon::engine::interp
