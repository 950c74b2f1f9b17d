// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/wast_component.h"

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "tenon/runtime/linker.h"
#include "tenon/runtime/rules.h"

namespace tenon::testing {

namespace {

using runtime::Value;
using runtime::ValueKind;
using text::ComponentValue;

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
template <std::floating_point T>
T float_of(std::uint64_t bits) {
  return std::bit_cast<T>(static_cast<BitsOf<T>>(bits));
}
template <std::floating_point T>
std::uint64_t bits_of(T value) {
  return std::bit_cast<BitsOf<T>>(value);
}

std::optional<Value> payload_of(const ComponentValue& value) {
  if (value.items.empty()) return std::nullopt;
  return to_value(value.items.front());
}

std::vector<Value> items_of(const ComponentValue& value) {
  std::vector<Value> out;
  out.reserve(value.items.size());
  for (const ComponentValue& item : value.items) out.push_back(to_value(item));
  return out;
}

/// A guest came upon what the runtime does not do yet; no code tells such a trap.
bool is_unsupported(const engine::Trap& trap) {
  return trap.message().contains("not supported yet");
}
bool is_unsupported(const runtime::Failure& failure) {
  const engine::Trap* const trap = failure.trap();
  return trap != nullptr ? is_unsupported(*trap) : failure.rule() == runtime::rules::unsupported;
}

}  // namespace

Value to_value(const ComponentValue& v) {
  using Kind = ComponentValue::Kind;
  switch (v.kind) {
#define TENON_PRIM_BOOL(name, ...) \
  case Kind::name:                 \
    return Value::boolean(v.bits != 0);
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case Kind::name:                                             \
    return Value::name(static_cast<cpp>(v.bits));
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...) \
  case Kind::name:                                               \
    return Value::name(float_of<cpp>(v.bits));
#define TENON_PRIM_CHAR(name, ...) \
  case Kind::name:                 \
    return Value::character(static_cast<char32_t>(v.bits));
#define TENON_PRIM_STRING(name, ...) \
  case Kind::name:                   \
    return Value::string(v.text);
#define TENON_PRIM_ERROR_CONTEXT(...)
#include "tenon/types/primvaltypes.def"
    case Kind::list:
      return Value::list(items_of(v));
    case Kind::record: {
      std::vector<Value::Field> fields;
      for (std::size_t i = 0; i < v.items.size(); ++i)
        fields.push_back({v.names[i], to_value(v.items[i])});
      return Value::record(std::move(fields));
    }
    case Kind::tuple:
      return Value::tuple(items_of(v));
    case Kind::variant:
      return Value::variant(v.text, payload_of(v));
    case Kind::enum_:
      return Value::enumeration(v.text);
    case Kind::option:
      return v.items.empty() ? Value::none() : Value::some(to_value(v.items.front()));
    case Kind::result:
      return v.bits != 0 ? Value::ok(payload_of(v)) : Value::err(payload_of(v));
    case Kind::flags:
      return Value::flags(v.names);
  }
  return {};
}

namespace {

/// The kind a script has for a value's kind; none for those that a script cannot spell.
std::optional<ComponentValue::Kind> script_kind(ValueKind kind) {
  using Kind = ComponentValue::Kind;
  switch (kind) {
#define TENON_PRIM(name, ...) \
  case ValueKind::name:       \
    return Kind::name;
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case ValueKind::name:                     \
    break;
#include "tenon/types/primvaltypes.def"
    case ValueKind::list:
      return Kind::list;
    case ValueKind::record:
      return Kind::record;
    case ValueKind::tuple:
      return Kind::tuple;
    case ValueKind::variant:
      return Kind::variant;
    case ValueKind::enum_:
      return Kind::enum_;
    case ValueKind::option:
      return Kind::option;
    case ValueKind::result:
      return Kind::result;
    case ValueKind::flags:
      return Kind::flags;
    case ValueKind::own:
    case ValueKind::borrow:
    case ValueKind::stream:
    case ValueKind::future:
      break;
  }
  return std::nullopt;
}

/// The bits of a number, character or boolean, two's complement in the width of its type; of a
/// result, whether it is ok.
std::uint64_t script_bits(const Value& v) {
  switch (v.kind()) {
#define TENON_PRIM_BOOL(name, ...) \
  case ValueKind::name:            \
    return v.as_bool() ? 1 : 0;
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case ValueKind::name:                                        \
    return static_cast<std::make_unsigned_t<cpp>>(v.as_unsigned());
#define TENON_PRIM_FLOAT(name, ...) \
  case ValueKind::name:             \
    return bits_of(v.as_##name());
#define TENON_PRIM_CHAR(name, ...) \
  case ValueKind::name:            \
    return v.as_char();
#define TENON_PRIM(name, ...) \
  case ValueKind::name:       \
    break;
#include "tenon/types/primvaltypes.def"
    case ValueKind::result:
      return v.is_ok() ? 1 : 0;
    case ValueKind::list:
    case ValueKind::record:
    case ValueKind::tuple:
    case ValueKind::variant:
    case ValueKind::enum_:
    case ValueKind::option:
    case ValueKind::flags:
    case ValueKind::own:
    case ValueKind::borrow:
    case ValueKind::stream:
    case ValueKind::future:
      break;
  }
  return 0;
}

}  // namespace

ComponentValue from_value(const Value& v) {
  ComponentValue out;
  if (const auto kind = script_kind(v.kind())) {
    out.kind = *kind;
    out.bits = script_bits(v);
  }
  if (const auto* text = v.get_if_text()) out.text = *text;
  if (v.is(ValueKind::record) || v.is(ValueKind::flags))
    out.names.assign(v.labels().begin(), v.labels().end());
  if (const auto* bytes = v.get_if_bytes()) {
    for (const std::uint8_t byte : *bytes) out.items.push_back(from_value(Value::u8(byte)));
  } else if (const auto* items = v.get_if_items()) {
    for (const Value& item : *items) out.items.push_back(from_value(item));
  } else if (const auto* payload = v.get_if_payload()) {
    out.items.push_back(from_value(*payload));
  }
  return out;
}

std::uint32_t RuntimeWastHost::define(core::Validated<component::Component> component) {
  definitions_.push_back(runtime::Component::compile(engine_, std::move(component)));
  return static_cast<std::uint32_t>(definitions_.size() - 1);
}

void RuntimeWastHost::limit_time(runtime::Store& store) const {
  if (timeout_) store.set_deadline(std::chrono::steady_clock::now() + *timeout_);
}

/// The suites word traps as wasmtime does, with this before the particulars.
WastOutcome RuntimeWastHost::trapped(const engine::Trap& trap) const {
  if (timeout_ && trap.code() == engine::TrapCode::interrupted)
    return {WastOutcome::Kind::error, std::string(ran_too_long), {}};
  std::string_view message = trap.message();
  if (message == engine::trap_message(engine::TrapCode::unreachable))
    message = "wasm `unreachable` instruction executed";
  return {WastOutcome::Kind::trap, "wasm trap: " + std::string(message), {}};
}

CoreWastHost::Instantiated RuntimeWastHost::instantiate(std::uint32_t definition) {
  const auto& component = definitions_[definition];
  if (!component) return {{WastOutcome::Kind::error, component.error().text(), {}}, 0};
  auto& running = instances_.emplace_back(engine_);
  const auto number = static_cast<std::uint32_t>(instances_.size() - 1);
  const runtime::Linker linker(engine_);
  limit_time(running.store);
  auto instance = linker.instantiate(running.store, *component);
  if (!instance) {
    const auto& error = instance.error();
    const auto* const trap = error.trap();
    if (is_unsupported(error)) {
      running.unsupported = trap != nullptr ? trap->message() : error.text();
      return {{WastOutcome::Kind::unsupported, running.unsupported, {}}, number};
    }
    if (trap != nullptr) return {trapped(*trap), number};
    return {{WastOutcome::Kind::unlinkable, error.text(), {}}, number};
  }
  running.instance = *instance;
  return {{}, number};
}

WastOutcome RuntimeWastHost::invoke(std::uint32_t instance, std::string_view func,
                                    std::span<const ComponentValue> args) {
  auto& running = instances_[instance];
  if (!running.unsupported.empty())
    return {WastOutcome::Kind::unsupported, running.unsupported, {}};
  if (!running.instance) return {WastOutcome::Kind::error, "the instance does not exist", {}};
  const auto found = running.instance->get_func(func);
  if (!found) return {WastOutcome::Kind::error, found.error().text(), {}};
  std::vector<Value> values;
  for (const ComponentValue& arg : args) values.push_back(to_value(arg));
  limit_time(running.store);
  auto result = found->call(values);
  if (!result) {
    if (is_unsupported(result.error())) {
      running.unsupported = result.error().message();
      return {WastOutcome::Kind::unsupported, running.unsupported, {}};
    }
    if (const Error* why = result.error().refusal())
      return {WastOutcome::Kind::error, why->text(), {}};
    return trapped(result.error());
  }
  WastOutcome out;
  if (*result) out.values.emplace_back(from_value(**result));
  return out;
}

}  // namespace tenon::testing
