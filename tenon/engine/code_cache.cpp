// SPDX-License-Identifier: Apache-2.0
// A function's first call finds the code of a stub that comes here. Readers never wait: a call
// reads one pointer, and who has an address only (a signal handler, a walk over frames) reads a
// skip list that is never changed but at its ends.
#include "tenon/engine/code_cache.h"

#include <bit>

#include "tenon/base/narrow.h"
#include "tenon/engine/interp/exec.h"
#include "tenon/engine/interp/translate.h"

namespace tenon::engine {

namespace {

/// What every function is before its first call.
struct LazyCode {
  interp::Insn insn;
  FuncCode code;
  LazyCode() {
    insn.h = &interp::ops::lazy_compile;
    code.code = &insn;
    code.tier = &interp::tier;
  }
};
const LazyCode& lazy() {
  static const LazyCode code;
  return code;
}

}  // namespace

std::uint32_t CodeRanges::draw_height() {
  // xorshift: a guest chooses neither the addresses nor these.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  std::uint32_t height = 1;
  for (std::uint64_t bits = random_; height < max_height && (bits & 3U) == 0; bits >>= 2U) ++height;
  return height;
}

void CodeRanges::insert(const FuncCode& code, const void* begin, const void* end) {
  const std::uint32_t height = draw_height();
  auto next = std::make_unique<Link[]>(height);
  Node& node = nodes_.emplace_back();
  node.begin = reinterpret_cast<std::uintptr_t>(begin);
  node.end = reinterpret_cast<std::uintptr_t>(end);
  node.code = &code;
  node.next = std::move(next);
  // From here on nothing fails. A reader that meets the node sees it whole: every link is stored
  // with release, from the lowest list up.
  std::array<const Node*, max_height> before{};
  const Node* at = nullptr;
  for (std::uint32_t h = max_height; h-- > 0;) {
    while (const Node* to = link(at, h).load(std::memory_order_relaxed)) {
      if (to->begin > node.begin) break;
      at = to;
    }
    before[h] = at;
  }
  for (std::uint32_t h = 0; h < height; ++h) {
    Link& from = before[h] == nullptr ? heads_[h] : before[h]->next[h];
    node.next[h].store(from.load(std::memory_order_relaxed), std::memory_order_relaxed);
    from.store(&node, std::memory_order_release);
  }
}

CodeSite CodeRanges::find(const void* address) const {
  const auto pc = reinterpret_cast<std::uintptr_t>(address);
  const Node* at = nullptr;
  for (std::uint32_t h = max_height; h-- > 0;) {
    while (const Node* to = link(at, h).load(std::memory_order_acquire)) {
      if (to->begin > pc) break;
      at = to;
    }
  }
  if (at == nullptr || pc >= at->end) return {};
  // A power of two: a division would be a good part of what a throw takes.
  const int shift = std::countr_zero(at->code->tier->bytes_per_site);
  return {at->code, narrow<std::uint32_t>((pc - at->begin) >> shift)};
}

CodeCache::CodeCache(const Module& module)
    : module_(module),
      table_(std::make_unique<std::atomic<const FuncCode*>[]>(module.core().funcs.size())) {
  for (std::size_t i = 0; i < module.core().funcs.size(); ++i)
    table_[i].store(&lazy().code, std::memory_order_relaxed);
}

CodeCache::~CodeCache() = default;

const FuncCode* CodeCache::compile(std::uint32_t defined, Store& asks, TrapCode& why) try {
  const FuncCode* have = table_[defined].load(std::memory_order_acquire);
  if (have != &lazy().code) return have;
  std::unique_ptr<interp::Code> code = interp::translate(module_, defined, nullptr, &asks);
  if (code == nullptr) {
    why = TrapCode::interrupted;
    return nullptr;
  }
  const std::lock_guard lock(mutex_);
  // Another thread may have been faster; its code serves as well.
  have = table_[defined].load(std::memory_order_acquire);
  if (have != &lazy().code) return have;
  const interp::Code* made = code.get();
  owned_.push_back(std::move(code));
  ranges_.insert(*made, made->code, made->insns.data() + made->insns.size());
  table_[defined].store(made, std::memory_order_release);
  return made;
} catch (const std::bad_alloc&) {
  // Thrown any further it would leave the guest's frames behind.
  why = TrapCode::out_of_memory;
  return nullptr;
}

std::vector<std::uint32_t> CodeCache::offsets(const FuncCode& code) const {
  num_offsets_.fetch_add(1, std::memory_order_relaxed);
  return code.tier->offsets(module_, code);
}

}  // namespace tenon::engine
