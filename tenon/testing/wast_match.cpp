// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/wast_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tenon/component/decode.h"
#include "tenon/component/validate.h"
#include "tenon/text/parse_component.h"

namespace tenon::testing {
namespace {

using text::ComponentValue;
using text::CoreValue;
using text::FloatPattern;
using text::LaneShape;
using text::RefKind;

bool float_matches(std::uint64_t expected, FloatPattern pattern, std::uint64_t actual,
                   unsigned bits) {
  if (pattern == FloatPattern::exact) return expected == actual;
  const std::uint64_t quiet = bits == 32 ? 0x7FC0'0000ULL : 0x7FF8'0000'0000'0000ULL;
  const std::uint64_t sign = 1ULL << (bits - 1);
  if (pattern == FloatPattern::canonical_nan) return (actual & ~sign) == quiet;
  return (actual & quiet) == quiet;
}

std::uint64_t lane(const CoreValue& value, unsigned bits, unsigned i) {
  std::uint64_t out = 0;
  std::memcpy(&out, value.lanes.data() + static_cast<std::size_t>(i) * bits / 8, bits / 8);
  return out;
}

bool vector_matches(const CoreValue& expected, const CoreValue& actual) {
  const bool is_float = expected.shape == LaneShape::f32x4 || expected.shape == LaneShape::f64x2;
  if (!is_float) return expected.lanes == actual.lanes;
  const unsigned bits = expected.shape == LaneShape::f32x4 ? 32 : 64;
  for (unsigned i = 0; i < 128 / bits; ++i) {
    if (!float_matches(lane(expected, bits, i), expected.lane_patterns[i], lane(actual, bits, i),
                       bits))
      return false;
  }
  return true;
}

bool ref_matches(const CoreValue& expected, const CoreValue& actual) {
  const RefKind is = actual.ref;
  switch (expected.ref) {
    case RefKind::any:
      return is == RefKind::any || is == RefKind::eq || is == RefKind::i31 ||
             is == RefKind::struct_ || is == RefKind::array || is == RefKind::host;
    case RefKind::eq:
      return is == RefKind::eq || is == RefKind::i31 || is == RefKind::struct_ ||
             is == RefKind::array;
    case RefKind::extern_:
    case RefKind::host:
      return is == expected.ref && (!expected.has_operand || expected.bits == actual.bits);
    case RefKind::null:
    case RefKind::func:
    case RefKind::i31:
    case RefKind::struct_:
    case RefKind::array:
    case RefKind::exn:
      return is == expected.ref;
  }
  return false;
}

bool core_matches(const CoreValue& expected, const CoreValue& actual) {
  using Kind = CoreValue::Kind;
  if (expected.kind == Kind::either) {
    return std::ranges::any_of(expected.choices,
                               [&](const CoreValue& c) { return core_matches(c, actual); });
  }
  if (expected.kind != actual.kind) return false;
  switch (expected.kind) {
    case Kind::i32:
    case Kind::i64:
      return expected.bits == actual.bits;
    case Kind::f32:
    case Kind::f64:
      return float_matches(expected.bits, expected.pattern, actual.bits,
                           expected.kind == Kind::f32 ? 32 : 64);
    case Kind::v128:
      return vector_matches(expected, actual);
    case Kind::ref:
      return ref_matches(expected, actual);
    case Kind::either:
      break;
  }
  return false;
}

bool component_matches(const ComponentValue& expected, const ComponentValue& actual) {
  using Kind = ComponentValue::Kind;
  if (expected.kind != actual.kind || expected.bits != actual.bits || expected.text != actual.text)
    return false;
  if (expected.kind == Kind::flags) {
    std::vector<std::string> a = expected.names;
    std::vector<std::string> b = actual.names;
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a == b;
  }
  return expected.names == actual.names &&
         std::ranges::equal(expected.items, actual.items, component_matches);
}

std::string show_core(const CoreValue& value) {
  using Kind = CoreValue::Kind;
  const auto nan = [&] {
    return value.pattern == FloatPattern::canonical_nan ? "nan:canonical" : "nan:arithmetic";
  };
  switch (value.kind) {
    case Kind::i32:
      return fmt::format("i32 {}", static_cast<std::int32_t>(value.bits));
    case Kind::i64:
      return fmt::format("i64 {}", static_cast<std::int64_t>(value.bits));
    case Kind::f32:
      if (value.pattern != FloatPattern::exact) return fmt::format("f32 {}", nan());
      return fmt::format("f32 {:#010x}", value.bits);
    case Kind::f64:
      if (value.pattern != FloatPattern::exact) return fmt::format("f64 {}", nan());
      return fmt::format("f64 {:#018x}", value.bits);
    case Kind::v128: {
      std::string out = "v128";
      for (unsigned i = 0; i < 4; ++i) out += fmt::format(" {:#010x}", lane(value, 32, i));
      return out;
    }
    case Kind::ref: {
      constexpr const char* names[] = {"null", "func",   "extern", "any", "eq",
                                       "i31",  "struct", "array",  "exn", "host"};
      std::string out = fmt::format("ref.{}", names[static_cast<std::size_t>(value.ref)]);
      if (value.has_operand && value.ref != RefKind::null) out += fmt::format(" {}", value.bits);
      return out;
    }
    case Kind::either: {
      std::string out = "one of";
      for (const CoreValue& choice : value.choices) out += " (" + show_core(choice) + ")";
      return out;
    }
  }
  return {};
}

std::string show_component(const ComponentValue& value) {
  constexpr const char* names[] = {
#define TENON_PRIM(name, text, ...) text,
#define TENON_PRIM_STRING(...) "str",
#define TENON_PRIM_ERROR_CONTEXT(...)
#include "tenon/types/primvaltypes.def"
      "list", "record", "tuple", "variant", "enum", "option", "result", "flags"};
  std::string out = fmt::format("({}", names[static_cast<std::size_t>(value.kind)]);
  using Kind = ComponentValue::Kind;
  if (value.kind <= Kind::char_) out += fmt::format(" {:#x}", value.bits);
  if (value.kind == Kind::result) out += value.bits != 0 ? ".ok" : ".err";
  if (value.kind == Kind::string || value.kind == Kind::variant || value.kind == Kind::enum_) {
    out += fmt::format(" \"{}\"", value.text);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (value.kind == Kind::record && i < value.names.size())
      out += fmt::format(" {}:", value.names[i]);
    out += " " + show_component(value.items[i]);
  }
  if (value.kind == Kind::flags) {
    for (const std::string& name : value.names) out += " " + name;
  }
  return out + ")";
}

}  // namespace

bool matches(const text::ScriptValue& expected, const text::ScriptValue& actual) {
  if (const auto* const value = std::get_if<ComponentValue>(&actual)) {
    return component_matches(as_component_value(expected), *value);
  }
  const auto* const wanted = std::get_if<CoreValue>(&expected);
  return wanted != nullptr && core_matches(*wanted, std::get<CoreValue>(actual));
}

std::string show(const text::ScriptValue& value) {
  if (const auto* const core = std::get_if<CoreValue>(&value)) return show_core(*core);
  return show_component(std::get<ComponentValue>(value));
}

ComponentValue as_component_value(const text::ScriptValue& value) {
  if (const auto* const component = std::get_if<ComponentValue>(&value)) return *component;
  const auto& core = std::get<CoreValue>(value);
  ComponentValue out;
  out.kind =
      core.kind == CoreValue::Kind::f32 ? ComponentValue::Kind::f32 : ComponentValue::Kind::f64;
  out.bits = core.bits;
  return out;
}

Result<core::Validated<component::Component>> accept_component(const text::Script& script,
                                                               const text::ScriptModule& module,
                                                               const core::Features& features) {
  if (module.form == text::ScriptModule::Form::binary) {
    std::vector<std::uint8_t> bytes = module.bytes;
    component::Component decoded =
        TENON_TRY(component::decode(Blob::own(std::move(bytes)), features, Span::no_source));
    return component::validate(std::move(decoded), features);
  }
  component::Component parsed = TENON_TRY(text::parse_script_component(script, module));
  return component::validate(std::move(parsed), features);
}

}  // namespace tenon::testing
