// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>

#include "tenon/runtime/compiled.h"
#include "tenon/runtime/instance.h"
#include "tenon/testing/wast_host.h"

namespace tenon::testing {

/// Runs a script's components on the runtime: each instance in a store of its own, without imports
/// but those that ask for nothing.
class RuntimeWastHost final : public ComponentWastHost {
 public:
  explicit RuntimeWastHost(engine::Engine& engine, WastTimeout timeout = {})
      : engine_(engine), timeout_(timeout) {}

  std::uint32_t define(core::Validated<component::Component> component) override;
  Instantiated instantiate(std::uint32_t definition) override;
  WastOutcome invoke(std::uint32_t instance, std::string_view func,
                     std::span<const text::ComponentValue> args) override;

 private:
  struct Running {
    explicit Running(engine::Engine& engine) : store(engine) {}
    runtime::Store store;
    std::optional<runtime::Instance> instance;
    /// What it asked for and the runtime does not do yet: what comes after says nothing.
    std::string unsupported;
  };
  void limit_time(runtime::Store& store) const;
  [[nodiscard]] WastOutcome trapped(const engine::Trap& trap) const;
  engine::Engine& engine_;
  WastTimeout timeout_;
  /// Nothing where compiling failed; its error waits for the instantiation.
  std::vector<Result<runtime::Component>> definitions_;
  std::deque<Running> instances_;
};

/// A script's value as the runtime has it, and back.
[[nodiscard]] runtime::Value to_value(const text::ComponentValue& value);
[[nodiscard]] text::ComponentValue from_value(const runtime::Value& value);

}  // namespace tenon::testing
