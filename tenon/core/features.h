// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::core {

/// A feature gate: one row of gates.def.
enum class Gate : std::uint8_t {
#define TENON_GATE(name, text, set) name,
#include "tenon/core/gates.def"
#undef TENON_GATE
};

/// The gate's name as users write it, such as "tail-call".
[[nodiscard]] std::string_view to_string(Gate gate);

/// Which gates are open.
class Features {
 public:
  constexpr Features() = default;

  /// The named sets, each holding the one before it. Spec: core/appendix/changes.
  static constexpr Features mvp() { return up_to(Set::mvp); }
  static constexpr Features wasm1() { return up_to(Set::wasm1); }
  static constexpr Features wasm2() { return up_to(Set::wasm2); }
  static constexpr Features wasm3() { return up_to(Set::wasm3); }
  /// What producers and consumers of linear memory agreed on. Spec: tool-conventions/Lime.md.
  static constexpr Features lime1() {
    return wasm1()
        .enable(Gate::multi_value)
        .enable(Gate::sign_extension)
        .enable(Gate::saturating_float_to_int)
        .enable(Gate::bulk_memory_opt)
        .enable(Gate::extended_const)
        .enable(Gate::call_indirect_overlong);
  }
  /// wasm3, and what has been settled since: the default for core modules.
  static constexpr Features standard() { return up_to(Set::standard); }
  /// standard, and what the component model opens by default.
  static constexpr Features component() { return up_to(Set::component); }
  static constexpr Features all() { return up_to(Set::off); }
  /// Nothing but the gate that is always open.
  static constexpr Features none() { return Features().enable(Gate::mvp); }

  [[nodiscard]] constexpr bool has(Gate gate) const { return (bits_ & bit(gate)) != 0; }
  /// Opens the gate and the parts of it that have gates of their own; `gc` opens
  /// `function-references`, on which it is.
  constexpr Features& enable(Gate gate) {
    bits_ |= bit(gate);
    if (gate == Gate::bulk_memory) bits_ |= bit(Gate::bulk_memory_opt);
    if (gate == Gate::reference_types) bits_ |= bit(Gate::call_indirect_overlong);
    if (gate == Gate::gc) bits_ |= bit(Gate::function_references);
    return *this;
  }
  /// Closes the gate. A part closes with the whole, and the whole with a part.
  constexpr Features& disable(Gate gate) {
    if (gate == Gate::mvp) return *this;
    bits_ &= ~bit(gate);
    const std::uint64_t bulk = bit(Gate::bulk_memory) | bit(Gate::bulk_memory_opt);
    const std::uint64_t refs = bit(Gate::reference_types) | bit(Gate::call_indirect_overlong);
    if ((bit(gate) & bulk) != 0) bits_ &= ~bulk;
    if ((bit(gate) & refs) != 0) bits_ &= ~refs;
    return *this;
  }
  /// The gates open in either.
  [[nodiscard]] constexpr Features with(Features other) const {
    Features out = *this;
    out.bits_ |= other.bits_;
    return out;
  }
  friend constexpr bool operator==(Features, Features) = default;

  /// Reads a list such as "wasm3,-gc,all,-all": names open gates, `-name` closes them, the sets
  /// mvp, wasm1, wasm2, wasm3, lime1, default and all replace what stood before. Starts from
  /// `base`. An unknown name is an error that lists the valid ones; one that tenon does not support
  /// may be closed, not opened.
  [[nodiscard]] static Result<Features> parse(std::string_view list, Features base = standard());
  /// Every name that `parse` takes, sets first.
  static std::vector<std::string_view> names();
  /// The names of features that are known and not supported.
  static std::vector<std::string_view> unsupported_names();

 private:
  enum class Set : std::uint8_t { mvp, wasm1, wasm2, wasm3, standard, component, off };
  static constexpr std::uint64_t bit(Gate gate) {
    return std::uint64_t{1} << static_cast<unsigned>(gate);
  }
  static constexpr Features up_to(Set last) {
    Features f;
#define TENON_GATE(name, text, set) \
  if (Set::set <= last) f.enable(Gate::name);
#include "tenon/core/gates.def"
#undef TENON_GATE
    return f;
  }

  std::uint64_t bits_ = 0;
};

}  // namespace tenon::core
