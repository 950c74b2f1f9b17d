// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/engine/instance.h"

namespace tenon::preinit {

/// Writes values of one instance as constant expressions of its module.
class ConstValues {
 public:
  explicit ConstValues(engine::Instance& instance) : instance_(&instance) {}

  /// The index, in the module's function index space, of a function that it defines or imports.
  [[nodiscard]] std::optional<std::uint32_t> func_index(const engine::FuncRef* ref);
  /// Whether a reference can be written: null, one of the module's functions, an i31.
  [[nodiscard]] bool can_write(core::ValType type, engine::ValueSlot ref);
  /// Appends the expression, with its `end`; `type` is of the module, a v128 has two slots. The
  /// error says what is in `place`.
  [[nodiscard]] Result<void> write(Writer& out, core::ValType type, const engine::ValueSlot* value,
                                   const std::string& place);
  /// Why a reference cannot be written.
  [[nodiscard]] Error cannot_write(core::ValType type, engine::ValueSlot ref,
                                   const std::string& place) const;
  /// Whether values of the type are functions.
  [[nodiscard]] bool is_func(core::ValType type) const;

 private:
  enum class Family : std::uint8_t { func, any, extern_, exn };
  [[nodiscard]] Family family(core::ValType type) const;

  engine::Instance* instance_;
  /// Made when it is first asked for: imported functions by their references.
  std::optional<std::unordered_map<const engine::FuncRef*, std::uint32_t>> imports_;
};

}  // namespace tenon::preinit
