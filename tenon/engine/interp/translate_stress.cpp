// SPDX-License-Identifier: Apache-2.0
// `Stress::poison`: where code goes on after a call, an allocation or at a label, everything above
// what lives is overwritten, and so are locals that are read nowhere after. Who relies on a slot
// that does not live reads the pattern then.
#include <algorithm>

#include "tenon/engine/interp/translator.h"

namespace tenon::engine::interp {

namespace {

/// Notes where each local is read last.
struct LastReads {
  std::vector<u32> at;
  template <Op op>
  void on(const core::ImmOf<op>& imm, u32 offset) {
    if constexpr (op == Op::local_get || op == Op::local_tee) at[imm.local.value] = offset;
  }
};

}  // namespace

void Translator::find_last_reads() {
  LastReads reads{std::vector<u32>(local_types_.size())};
  core::ExprScratch scratch;
  const auto done = core::decode_expr(m_, body_.body, reads, scratch);
  assert(done && "a validated body decodes");
  if (!done) return;
  for (u32 local = 0; local < reads.at.size(); ++local) dying_.emplace_back(reads.at[local], local);
  std::ranges::sort(dying_);
}

void Translator::poison() {
  if (!poison_) return;
  const bool kept = last_.end == here();
  // The end of the frame is not known yet.
  poisons_.push_back(here() + 1);
  emit(&ops::poison, 0, 0, height_);
  emit(nullptr);
  // Inside of a loop what it reads anywhere is still to come.
  const u32 now = num_loops_ != 0 ? outer_loop_ : offset_;
  for (; next_dying_ < dying_.size() && dying_[next_dying_].first < now; ++next_dying_) {
    const u32 local = dying_[next_dying_].second;
    if (local_uses_[local] != 0) break;
    emit(&ops::poison, 0, 0, local_slots_[local]);
    emit(nullptr, 0, 0, local_slots_[local] + width(local_types_[local]));
  }
  if (kept) last_.end = here();
}

}  // namespace tenon::engine::interp
