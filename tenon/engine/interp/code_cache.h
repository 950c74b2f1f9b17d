// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "tenon/engine/interp/insn.h"
#include "tenon/engine/module.h"

namespace tenon::engine {

/// The internal form of a module's functions, each made at its first call. Thread-safe.
class CodeCache {
 public:
  explicit CodeCache(const Module& module);
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  /// One pointer for each defined function, never null.
  [[nodiscard]] const std::atomic<const FuncCode*>* table() const { return table_.get(); }
  /// Translates if nobody has yet. Null: there is no memory.
  const FuncCode* compile(std::uint32_t defined);
  /// The function that an instruction belongs to, or null. For walks of frames only.
  [[nodiscard]] const FuncCode* find(const interp::Insn* pc) const;
  /// Where in the module's bytes the operator of an instruction stands: translates again, counting.
  [[nodiscard]] std::uint32_t offset_of(const FuncCode& code, const interp::Insn* pc) const;

 private:
  const Module& module_;
  std::unique_ptr<std::atomic<const FuncCode*>[]> table_;
  mutable std::shared_mutex mutex_;
  std::vector<std::unique_ptr<FuncCode>> owned_;
  /// By the end of its instructions.
  std::map<const interp::Insn*, const FuncCode*> by_end_;
};

}  // namespace tenon::engine
