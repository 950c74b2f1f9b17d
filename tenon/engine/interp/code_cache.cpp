// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/interp/code_cache.h"

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
  }
};
const LazyCode& lazy() {
  static const LazyCode code;
  return code;
}

}  // namespace

CodeCache::CodeCache(const Module& module)
    : module_(module),
      table_(std::make_unique<std::atomic<const FuncCode*>[]>(module.core().funcs.size())) {
  for (std::size_t i = 0; i < module.core().funcs.size(); ++i)
    table_[i].store(&lazy().code, std::memory_order_relaxed);
}

CodeCache::~CodeCache() = default;

const FuncCode* CodeCache::compile(std::uint32_t defined) try {
  const FuncCode* have = table_[defined].load(std::memory_order_acquire);
  if (have != &lazy().code) return have;
  std::unique_ptr<FuncCode> code = interp::translate(module_, defined);
  const std::unique_lock lock(mutex_);
  // Another thread may have been faster; its code serves as well.
  have = table_[defined].load(std::memory_order_acquire);
  if (have != &lazy().code) return have;
  const FuncCode* made = code.get();
  owned_.push_back(std::move(code));
  by_end_.emplace(made->insns.data() + made->insns.size(), made);
  table_[defined].store(made, std::memory_order_release);
  return made;
} catch (const std::bad_alloc&) {
  // Thrown any further it would leave the guest's frames behind.
  return nullptr;
}

const FuncCode* CodeCache::find(const interp::Insn* pc) const {
  const std::shared_lock lock(mutex_);
  const auto it = by_end_.upper_bound(pc);
  if (it == by_end_.end() || pc < it->second->code) return nullptr;
  return it->second;
}

std::uint32_t CodeCache::offset_of(const FuncCode& code, const interp::Insn* pc) const {
  std::vector<interp::u32> offsets;
  (void)interp::translate(module_, code.func, &offsets);
  const auto index = static_cast<std::size_t>(pc - code.code);
  return index < offsets.size() ? offsets[index] : 0;
}

}  // namespace tenon::engine
