// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/component/component.h"
#include "tenon/core/module.h"
#include "tenon/text/wast.h"

namespace tenon::testing {

/// How an instantiation or a call ended.
struct WastOutcome {
  enum class Kind : std::uint8_t {
    returned,
    trap,
    exhaustion,
    exception,
    suspension,
    unlinkable,
    error,
    /// The host cannot do this yet: the command is skipped.
    unsupported
  };
  Kind kind = Kind::returned;
  /// Of everything but `returned`: what a script's expected text is compared with.
  std::string message;
  std::vector<text::ScriptValue> values;
};

/// How long one command of a script may take; nothing: for ever.
using WastTimeout = std::optional<std::chrono::nanoseconds>;
constexpr std::string_view ran_too_long = "it ran longer than `--timeout`";

/// What executes the core modules of a script. The engine implements it. Numbers name definitions
/// and instances; the host owns both and gives them up with itself, at the end of the script.
class CoreWastHost {
 public:
  CoreWastHost() = default;
  CoreWastHost(const CoreWastHost&) = delete;
  CoreWastHost& operator=(const CoreWastHost&) = delete;
  virtual ~CoreWastHost() = default;

  struct Instantiated {
    WastOutcome outcome;
    std::uint32_t instance = 0;
  };
  virtual std::uint32_t define(core::Validated<core::Module> module) = 0;
  /// Imports come from `spectest` and from what was registered. A failed instantiation may have
  /// written to what it imports.
  virtual Instantiated instantiate(std::uint32_t definition) = 0;
  virtual void register_instance(std::string_view name, std::uint32_t instance) = 0;
  virtual WastOutcome invoke(std::uint32_t instance, std::string_view func,
                             std::span<const text::CoreValue> args) = 0;
  virtual WastOutcome get(std::uint32_t instance, std::string_view global) = 0;
  /// A host for another thread of the script. Its first instances are these of this host, of which
  /// nothing but shared memories can be used there.
  [[nodiscard]] virtual std::unique_ptr<CoreWastHost> for_thread(
      std::span<const std::uint32_t> shared) = 0;
};

/// What executes the components of a script. The runtime implements it. Every instance has a store
/// of its own.
class ComponentWastHost {
 public:
  ComponentWastHost() = default;
  ComponentWastHost(const ComponentWastHost&) = delete;
  ComponentWastHost& operator=(const ComponentWastHost&) = delete;
  virtual ~ComponentWastHost() = default;

  using Instantiated = CoreWastHost::Instantiated;
  virtual std::uint32_t define(core::Validated<component::Component> component) = 0;
  virtual Instantiated instantiate(std::uint32_t definition) = 0;
  virtual WastOutcome invoke(std::uint32_t instance, std::string_view func,
                             std::span<const text::ComponentValue> args) = 0;
};

/// Both may be null: then commands that need them are skipped.
struct WastHosts {
  CoreWastHost* core = nullptr;
  ComponentWastHost* component = nullptr;
};

}  // namespace tenon::testing
