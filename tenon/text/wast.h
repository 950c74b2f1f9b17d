// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/module.h"
#include "tenon/core/types.h"

namespace tenon::text {

// ---- Values of core scripts ----

/// What a reference is, as far as a script can tell.
enum class RefKind : std::uint8_t { null, func, extern_, any, eq, i31, struct_, array, exn, host };

/// How a float lane is compared. Spec: interpreter README "Scripts" (result patterns).
enum class FloatPattern : std::uint8_t { exact, canonical_nan, arithmetic_nan };

/// The shape in which a vector was written; integers have their width in bits.
enum class LaneShape : std::uint8_t { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 };

/// A core value, or a pattern for one.
struct CoreValue {
  enum class Kind : std::uint8_t { i32, i64, f32, f64, v128, ref, either };
  Kind kind = Kind::i32;
  /// Number bits; for `ref` the operand of `ref.extern N`, `ref.host N`.
  std::uint64_t bits = 0;
  FloatPattern pattern = FloatPattern::exact;
  std::array<std::uint8_t, 16> lanes{};
  LaneShape shape = LaneShape::i8x16;
  std::array<FloatPattern, 4> lane_patterns{};
  RefKind ref = RefKind::null;
  /// `ref`: whether an operand was given (a null reference: a heap type).
  bool has_operand = false;
  core::HeapType heap;
  /// `either`: one of these.
  std::vector<CoreValue> choices;
};

// ---- Values of component scripts ----

/// A component value as a script writes it. Spec: component-model/test README; wasm-tools' `wast`.
struct ComponentValue {
  enum class Kind : std::uint8_t {
#define TENON_PRIM(name, ...) name,
// Scripts cannot spell one.
#define TENON_PRIM_ERROR_CONTEXT(...)
#include "tenon/types/primvaltypes.def"
    list,
    record,
    tuple,
    variant,
    enum_,
    option,
    result,
    flags,
  };
  Kind kind = Kind::bool_;
  /// Numbers (two's complement, float bits), bool and char; for `result` 1 means `ok`.
  std::uint64_t bits = 0;
  /// A string; the case of a variant or enum.
  std::string text;
  /// Elements, field values, or the payload of variant, option and result (at most one).
  std::vector<ComponentValue> items;
  /// Field names of a record, labels of flags.
  std::vector<std::string> names;
};

using ScriptValue = std::variant<CoreValue, ComponentValue>;

// ---- Commands ----

/// A module or component as it is in a script, not yet read.
struct ScriptModule {
  enum class Form : std::uint8_t { text, binary, quote };
  bool component = false;
  Form form = Form::text;
  std::optional<std::string> id;
  /// From `(` to after `)`.
  Span span;
  /// Of form text: where what follows the keywords begins.
  std::uint32_t begin = 0;
  /// Of form text: the whole file is the module's fields.
  bool bare = false;
  /// The bytes, or the quoted text.
  std::vector<std::uint8_t> bytes;
};

/// `(module …)`, `(component …)`, with or without `definition`.
struct ModuleCommand {
  ScriptModule module;
  bool definition_only = false;
};
/// `(module instance $i? $def?)`.
struct InstanceCommand {
  bool component = false;
  std::optional<std::string> id;
  std::optional<std::string> definition;
};
struct RegisterCommand {
  std::string name;
  std::optional<std::string> id;
};
/// `(invoke $id? "f" arg*)` or `(get $id? "g")`.
struct Action {
  enum class Kind : std::uint8_t { invoke, get };
  Kind kind = Kind::invoke;
  std::optional<std::string> id;
  std::string name;
  std::vector<ScriptValue> args;
};
struct AssertReturn {
  Action action;
  std::vector<ScriptValue> results;
};
/// What must go wrong when an action or an instantiation is carried out.
struct AssertFailure {
  enum class Kind : std::uint8_t { trap, exhaustion, exception, suspension, unlinkable };
  Kind kind = Kind::trap;
  std::variant<Action, ScriptModule> what;
  std::string message;
};
/// A module that must not be accepted.
struct AssertRefused {
  enum class Kind : std::uint8_t { malformed, invalid, malformed_custom, invalid_custom };
  Kind kind = Kind::malformed;
  ScriptModule module;
  std::string message;
};
struct Command;
/// `(thread $t (shared (module $m))* command*)`.
struct ThreadCommand {
  std::string id;
  std::vector<std::string> shared;
  std::vector<Command> commands;
};
struct WaitCommand {
  std::string id;
};
using CommandKind =
    std::variant<ModuleCommand, InstanceCommand, RegisterCommand, Action, AssertReturn,
                 AssertFailure, AssertRefused, ThreadCommand, WaitCommand>;
struct Command {
  CommandKind kind;
  Span span;
};

struct Script {
  /// A view of the text it was read from.
  std::string_view text;
  std::uint32_t source = 0;
  std::vector<Command> commands;
};

/// Reads a script. Modules inside are only delimited: each is read by itself with
/// `parse_script_module`, so that a bad one spoils nothing else. The text must outlive the script.
/// Spec: interpreter README "Scripts".
[[nodiscard]] Result<Script> parse_wast(std::string_view text, std::uint32_t source = 0);

/// Reads a core module of form text or quote. Spans in a quoted text count from its own begin and
/// carry the source `Span::no_source`.
[[nodiscard]] Result<core::Module> parse_script_module(const Script& script,
                                                       const ScriptModule& module);

}  // namespace tenon::text
