// SPDX-License-Identifier: Apache-2.0
// A value holds a number in itself and everything else in a node; lists of bytes are kept as bytes.
// Access to another kind is a broken contract; the `get_if` forms ask. `check` compares a value
// with its type before anything is lowered, so that lowering need not fail.
#include "tenon/runtime/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "tenon/base/contract.h"
#include "tenon/base/index.h"
#include "tenon/base/narrow.h"
#include "tenon/base/unicode.h"
#include "tenon/component/type_text.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

using component::PrimValType;

namespace {

constexpr int max_depth = 100;
constexpr auto kind_names = std::to_array<std::string_view>({
#define TENON_PRIM(name, text, ...) text,
#include "tenon/types/primvaltypes.def"
    "list", "record", "tuple", "variant", "enum", "option", "result", "flags", "own", "borrow",
    "stream", "future"});

const std::string no_text;

bool same_float(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

std::optional<PrimValType> TypeView::prim() const {
  if (type.is_prim()) return type.prim();
  if (const auto* p = std::get_if<PrimValType>(&types[type.index()])) return *p;
  return std::nullopt;
}

std::string_view to_string(ValueKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

Value::Value(const Value& other)
    : kind_(other.kind_),
      index_(other.index_),
      bits_(other.bits_),
      node_(other.node_ ? std::make_unique<Node>(*other.node_) : nullptr) {}

Value& Value::operator=(const Value& other) {
  if (this != &other) {
    Value copy(other);
    *this = std::move(copy);
  }
  return *this;
}

Value::Value(Value&& other) noexcept
    : kind_(std::exchange(other.kind_, ValueKind::bool_)),
      index_(std::exchange(other.index_, 0)),
      bits_(std::exchange(other.bits_, {})),
      node_(std::move(other.node_)) {}

Value& Value::operator=(Value&& other) noexcept {
  if (this == &other) return *this;
  kind_ = std::exchange(other.kind_, ValueKind::bool_);
  index_ = std::exchange(other.index_, 0);
  bits_ = std::exchange(other.bits_, {});
  node_ = std::move(other.node_);
  return *this;
}

Value::~Value() = default;

void Value::wrong_kind(std::string_view wanted) const noexcept {
  contract_broken(fmt::format("a value of kind `{}` was read as `{}`", to_string(kind_), wanted));
}

Value Value::of_bits(ValueKind kind, std::uint64_t bits, std::uint32_t index) {
  Value v;
  v.kind_ = kind;
  v.index_ = index;
  std::memcpy(v.bits_.data(), &bits, sizeof(bits));
  return v;
}

Value Value::with_node(ValueKind kind, bool flag, Node node) {
  Value v = scalar(kind, flag);
  v.node_ = std::make_unique<Node>(std::move(node));
  return v;
}

Value Value::string(std::string v) {
  Node node;
  node.text = std::move(v);
  return with_node(ValueKind::string, false, std::move(node));
}

Value Value::list(std::vector<Value> items) {
  Node node;
  node.items = std::move(items);
  return with_node(ValueKind::list, false, std::move(node));
}

Value Value::bytes(std::vector<std::uint8_t> bytes) {
  Node node;
  node.bytes = std::move(bytes);
  node.is_bytes = true;
  return with_node(ValueKind::list, false, std::move(node));
}

Value Value::record(std::vector<Field> fields) {
  Node node;
  node.items.reserve(fields.size());
  auto labels = std::make_shared<Labels>();
  labels->reserve(fields.size());
  for (auto& f : fields) {
    labels->push_back(std::move(f.label));
    node.items.push_back(std::move(f.value));
  }
  node.labels = std::move(labels);
  return with_node(ValueKind::record, false, std::move(node));
}

Value Value::record(std::shared_ptr<const Labels> labels, std::vector<Value> items) {
  if (labels == nullptr || labels->size() != items.size()) {
    contract_broken(fmt::format("a record was made of {} labels and {} values",
                                labels == nullptr ? 0 : labels->size(), items.size()));
  }
  Node node;
  node.items = std::move(items);
  node.labels = std::move(labels);
  return with_node(ValueKind::record, false, std::move(node));
}

Value Value::tuple(std::vector<Value> items) {
  Node node;
  node.items = std::move(items);
  return with_node(ValueKind::tuple, false, std::move(node));
}

Value Value::variant(std::string label, std::optional<Value> payload) {
  Node node;
  node.text = std::move(label);
  if (payload) node.items.push_back(*std::move(payload));
  return with_node(ValueKind::variant, false, std::move(node));
}

Value Value::enumeration(std::string label) {
  Node node;
  node.text = std::move(label);
  return with_node(ValueKind::enum_, false, std::move(node));
}

Value Value::some(Value payload) {
  Node node;
  node.items.push_back(std::move(payload));
  return with_node(ValueKind::option, true, std::move(node));
}

Value Value::ok(std::optional<Value> payload) {
  if (!payload) return scalar(ValueKind::result, true);
  Node node;
  node.items.push_back(*std::move(payload));
  return with_node(ValueKind::result, true, std::move(node));
}

Value Value::err(std::optional<Value> payload) {
  if (!payload) return scalar(ValueKind::result, false);
  Node node;
  node.items.push_back(*std::move(payload));
  return with_node(ValueKind::result, false, std::move(node));
}

Value Value::flags(std::vector<std::string> labels) {
  Node node;
  node.labels = std::make_shared<const Labels>(std::move(labels));
  return with_node(ValueKind::flags, false, std::move(node));
}

Value Value::error_context(std::string message) {
  Node node;
  node.text = std::move(message);
  return with_node(ValueKind::error_context, false, std::move(node));
}

const std::string& Value::text() const {
  if (!has_text()) wrong_kind("string");
  return node_ ? node_->text : no_text;
}

const std::string* Value::get_if_text() const {
  return has_text() ? &text() : nullptr;
}

const std::string* Value::get_if_string() const {
  return kind_ == ValueKind::string ? &text() : nullptr;
}

std::size_t Value::size() const {
  if (!has_items() && kind_ != ValueKind::flags) wrong_kind("list, record, tuple or flags");
  if (!node_) return 0;
  if (node_->is_bytes) return node_->bytes.size();
  return kind_ == ValueKind::flags ? node_->labels->size() : node_->items.size();
}

std::span<const Value> Value::items() const {
  if (!has_items()) wrong_kind("list, record or tuple");
  if (is_bytes() && !node_->bytes.empty())
    contract_broken("a list that is kept as bytes was read by `items`: `bytes` and `at` read it");
  return node_ ? std::span<const Value>(node_->items) : std::span<const Value>();
}

std::span<Value> Value::items() {
  static_cast<void>(std::as_const(*this).items());
  return node_ ? std::span<Value>(node_->items) : std::span<Value>();
}

const std::vector<Value>* Value::get_if_items() const {
  return has_items() && node_ && !node_->is_bytes ? &node_->items : nullptr;
}

Value Value::at(std::size_t i) const {
  if (!has_items()) wrong_kind("list, record or tuple");
  if (i >= size()) {
    contract_broken(
        fmt::format("element {} was read of a `{}` of {}", i, to_string(kind_), size()));
  }
  return node_->is_bytes ? u8(node_->bytes[i]) : node_->items[i];
}

bool Value::is_bytes() const {
  return node_ && node_->is_bytes;
}

std::span<const std::uint8_t> Value::bytes() const {
  if (kind_ != ValueKind::list) wrong_kind("list<u8>");
  if (node_ && !node_->is_bytes && !node_->items.empty())
    contract_broken("a list that is kept as values was read by `bytes`: `items` reads it");
  return node_ ? std::span<const std::uint8_t>(node_->bytes) : std::span<const std::uint8_t>();
}

const std::vector<std::uint8_t>* Value::get_if_bytes() const {
  return is_bytes() ? &node_->bytes : nullptr;
}

std::span<const std::string> Value::labels() const {
  if (kind_ != ValueKind::record && kind_ != ValueKind::flags) wrong_kind("record");
  return node_ && node_->labels ? std::span<const std::string>(*node_->labels)
                                : std::span<const std::string>();
}

const Value* Value::field(std::string_view label) const {
  if (kind_ != ValueKind::record) wrong_kind("record");
  return get_if_field(label);
}

const Value* Value::get_if_field(std::string_view label) const {
  if (kind_ != ValueKind::record) return nullptr;
  const auto all = labels();
  for (std::size_t i = 0; i < all.size() && i < items().size(); ++i) {
    if (all[i] == label) return &items()[i];
  }
  return nullptr;
}

const Value* Value::payload() const {
  if (!has_cases()) wrong_kind("variant, option or result");
  return get_if_payload();
}

Value* Value::payload() {
  return const_cast<Value*>(std::as_const(*this).payload());
}

const Value* Value::get_if_payload() const {
  return has_cases() && node_ && !node_->items.empty() ? &node_->items.front() : nullptr;
}

namespace {

bool same_bytes(const Value& a, const Value& b) {
  if (a.is_bytes() && b.is_bytes()) return std::ranges::equal(a.bytes(), b.bytes());
  const auto& bytes = a.is_bytes() ? a.bytes() : b.bytes();
  const auto& items = a.is_bytes() ? b.items() : a.items();
  return std::ranges::equal(bytes, items, [](std::uint8_t byte, const Value& item) {
    const auto* u = item.get_if_u8();
    return u != nullptr && *u == byte;
  });
}

bool same_payload(const Value& a, const Value& b) {
  const auto* x = a.payload();
  const auto* y = b.payload();
  return x == nullptr || y == nullptr ? x == y : *x == *y;
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return false;
  if (a.is(ValueKind::f32) || a.is(ValueKind::f64)) return same_float(a.as_float(), b.as_float());
  if (a.is(ValueKind::flags)) return std::ranges::is_permutation(a.labels(), b.labels());
  if (a.bits() != b.bits() || a.index_ != b.index_) return false;
  if (a.has_text() && a.text() != b.text()) return false;
  if (a.has_cases()) return same_payload(a, b);
  if (!a.has_items()) return true;
  if (a.is_bytes() || b.is_bytes()) return same_bytes(a, b);
  if (a.is(ValueKind::record) && !std::ranges::equal(a.labels(), b.labels())) return false;
  return std::ranges::equal(a.items(), b.items());
}

std::string to_string(const TypeView& type) {
  return component::type_text(type.types, type.type);
}

// Checking a value against its type.

namespace {

class Checker {
 public:
  explicit Checker(const abi::Types& types) : types_(types) {}

  Result<void> value(const Value& v, ValType type, int depth) {
    if (depth > max_depth) return std::unexpected(Error(rules::value_depth, Span::none()));
    if (type.is_prim()) return prim(v, type.prim());
    return std::visit([&](const auto& t) { return def(v, t, depth + 1); }, types_[type.index()]);
  }

 private:
  Result<void> wrong(std::string_view what) {
    return std::unexpected(
        Error(rules::value_type, Span::none(), fmt::format("{}{}", place(), what)));
  }
  Result<void> mismatch(const Value& v, std::string_view wanted) {
    return wrong(fmt::format("a {} is given, {} is wanted", to_string(v.kind()), wanted));
  }
  /// A part of a value: a label, or a place in a list.
  struct Step {
    std::string_view label;
    std::size_t index = 0;
  };
  [[nodiscard]] std::string place() const {
    if (path_.empty()) return {};
    std::string out = "at `";
    for (const auto& step : path_) {
      out += step.label.empty() ? fmt::format("[{}]", step.index) : fmt::format(".{}", step.label);
    }
    return out + "`: ";
  }

  template <class F>
  Result<void> in(Step step, F f) {
    path_.push_back(step);
    auto result = f();
    path_.pop_back();
    return result;
  }

  Result<void> prim(const Value& v, PrimValType p) {
    static constexpr auto kind_of = [](PrimValType t) {
      switch (t) {
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return ValueKind::name;
#include "tenon/types/primvaltypes.def"
      }
      return ValueKind::bool_;
    };
    if (v.kind() != kind_of(p)) return mismatch(v, std::string(component::to_string(p)));
    if (p == PrimValType::char_ && !is_scalar_value(v.as_char())) {
      return wrong(
          fmt::format("{:#x} is no Unicode scalar value", low_bits<std::uint32_t>(v.as_char())));
    }
    if (const auto* text = v.get_if_text(); text != nullptr && !is_utf8(*text))
      return wrong("the string is not valid UTF-8");
    return {};
  }
  Result<void> def(const Value& v, PrimValType p, int) { return prim(v, p); }
  Result<void> def(const Value& v, const component::Record& t, int depth) {
    if (!v.is(ValueKind::record)) return mismatch(v, "record");
    if (v.size() != t.fields.size()) {
      return mismatch(v, fmt::format("one of {} fields (it has {})", t.fields.size(), v.size()));
    }
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
      if (v.labels()[i] != t.fields[i].label) {
        return std::unexpected(Error(rules::value_type, Span::none(),
                                     fmt::format("{}found field `{}`, wanted `{}`", place(),
                                                 v.labels()[i], t.fields[i].label)));
      }
      TENON_TRY(
          in({t.fields[i].label}, [&] { return value(v.items()[i], t.fields[i].type, depth); }));
    }
    return {};
  }
  Result<void> def(const Value& v, const component::Variant& t, int depth) {
    if (!v.is(ValueKind::variant)) return mismatch(v, "variant");
    for (const auto& c : t.cases) {
      if (c.label != v.text()) continue;
      return payload(v, c.type, c.label, depth);
    }
    return mismatch(v, fmt::format("a case of the type, which has no `{}`", v.text()));
  }
  Result<void> payload(const Value& v, const std::optional<ValType>& type, std::string_view label,
                       int depth) {
    if ((v.payload() != nullptr) != type.has_value()) {
      return mismatch(v, fmt::format("case `{}` {} a payload", label, type ? "with" : "without"));
    }
    if (!type) return {};
    return in({label}, [&] { return value(*v.payload(), *type, depth); });
  }
  Result<void> def(const Value& v, const component::List& t, int depth) {
    if (!v.is(ValueKind::list)) return mismatch(v, "list");
    if (t.length && v.size() != *t.length)
      return mismatch(v, fmt::format("one of {} elements", *t.length));
    return elements(v, t.elem, depth);
  }
  Result<void> elements(const Value& v, ValType elem, int depth) {
    if (v.is_bytes()) {
      if (TypeView{types_, elem}.prim() == PrimValType::u8) return {};
      return v.size() == 0 ? Result<void>()
                           : in({{}, 0}, [&] { return value(v.at(0), elem, depth); });
    }
    for (std::size_t i = 0; i < v.size(); ++i) {
      TENON_TRY(in({{}, i}, [&] { return value(v.items()[i], elem, depth); }));
    }
    return {};
  }
  Result<void> def(const Value& v, const component::Tuple& t, int depth) {
    if (!v.is(ValueKind::tuple) || v.size() != t.types.size()) {
      return mismatch(v, fmt::format("tuple of {} values", t.types.size()));
    }
    for (std::size_t i = 0; i < t.types.size(); ++i) {
      const auto label = std::to_string(i);
      TENON_TRY(in({label}, [&] { return value(v.items()[i], t.types[i], depth); }));
    }
    return {};
  }
  Result<void> def(const Value& v, const component::Flags& t, int) {
    if (!v.is(ValueKind::flags)) return mismatch(v, "flags");
    for (const auto& label : v.labels()) {
      if (std::ranges::find(t.labels, label) == t.labels.end()) {
        return mismatch(v, fmt::format("one of the type, which has no `{}`", label));
      }
    }
    return {};
  }
  Result<void> def(const Value& v, const component::Enum& t, int) {
    if (!v.is(ValueKind::enum_)) return mismatch(v, "enum");
    if (std::ranges::find(t.labels, v.text()) == t.labels.end()) {
      return mismatch(v, fmt::format("a case of the type, which has no `{}`", v.text()));
    }
    return {};
  }
  Result<void> def(const Value& v, const component::Option& t, int depth) {
    if (!v.is(ValueKind::option)) return mismatch(v, "option");
    if (!v.is_some()) return {};
    return in({"some"}, [&] { return value(*v.payload(), t.type, depth); });
  }
  Result<void> def(const Value& v, const component::ResultType& t, int depth) {
    if (!v.is(ValueKind::result)) return mismatch(v, "result");
    return payload(v, v.is_ok() ? t.ok : t.err, v.is_ok() ? "ok" : "err", depth);
  }
  Result<void> def(const Value& v, const component::Own&, int) {
    return v.is(ValueKind::own) ? Result<void>() : mismatch(v, "own");
  }
  Result<void> def(const Value& v, const component::Borrow&, int) {
    // An owned resource may be lent.
    return v.is(ValueKind::borrow) || v.is(ValueKind::own) ? Result<void>() : mismatch(v, "borrow");
  }
  Result<void> def(const Value& v, const component::Stream&, int) {
    return v.is(ValueKind::stream) ? Result<void>() : mismatch(v, "stream");
  }
  Result<void> def(const Value& v, const component::Future&, int) {
    return v.is(ValueKind::future) ? Result<void>() : mismatch(v, "future");
  }
  Result<void> def(const Value& v, const component::Map& t, int depth) {
    if (!v.is(ValueKind::list) || (v.is_bytes() && v.size() != 0))
      return mismatch(v, "map (a list of pairs)");
    for (const auto& pair : v.items()) {
      if (!pair.is(ValueKind::tuple) || pair.size() != 2) return mismatch(pair, "pair");
      TENON_TRY(value(pair.items()[0], t.key, depth));
      TENON_TRY(value(pair.items()[1], t.value, depth));
    }
    return {};
  }

  const abi::Types& types_;
  std::vector<Step> path_;
};

}  // namespace

Result<void> check(const Value& value, const TypeView& type) {
  Checker checker(type.types);
  return checker.value(value, type.type, 0);
}

namespace {

std::optional<Value> default_prim(PrimValType p) {
  switch (p) {
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return Value::name({});
#define TENON_PRIM_BOOL(name, ...) \
  case PrimValType::name:          \
    return Value::boolean(false);
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return Value::character(U'\0');
#include "tenon/types/primvaltypes.def"
  }
  return std::nullopt;
}

/// Makes default values. Types share parts and lists have lengths, so that a value may be far
/// larger than what is written of its type: parts are counted.
class Defaults {
 public:
  std::optional<Value> value(const TypeView& type, int depth) {
    if (depth > max_depth || left_ == 0) return std::nullopt;
    --left_;
    if (const auto p = type.prim()) return default_prim(*p);
    return std::visit([&](const auto& t) { return def(type, t, depth + 1); }, *type.def());
  }

 private:
  std::optional<Value> def(const TypeView&, PrimValType p, int) { return default_prim(p); }
  std::optional<Value> def(const TypeView& type, const component::Record& t, int depth) {
    std::vector<Value::Field> fields;
    for (const auto& f : t.fields) {
      auto v = value(type.at(f.type), depth);
      if (!v) return std::nullopt;
      fields.push_back({f.label, *std::move(v)});
    }
    return Value::record(std::move(fields));
  }
  std::optional<Value> def(const TypeView& type, const component::Variant& t, int depth) {
    const auto& first = t.cases.front();
    if (!first.type) return Value::variant(first.label);
    auto payload = value(type.at(*first.type), depth);
    if (!payload) return std::nullopt;
    return Value::variant(first.label, std::move(payload));
  }
  std::optional<Value> def(const TypeView& type, const component::List& t, int depth) {
    const auto length = t.length.value_or(0);
    if (length > left_) return std::nullopt;
    std::vector<Value> items;
    for (std::uint32_t i = 0; i < length; ++i) {
      auto v = value(type.at(t.elem), depth);
      if (!v) return std::nullopt;
      items.push_back(*std::move(v));
    }
    return Value::list(std::move(items));
  }
  std::optional<Value> def(const TypeView& type, const component::Tuple& t, int depth) {
    std::vector<Value> items;
    for (const auto one : t.types) {
      auto v = value(type.at(one), depth);
      if (!v) return std::nullopt;
      items.push_back(*std::move(v));
    }
    return Value::tuple(std::move(items));
  }
  std::optional<Value> def(const TypeView&, const component::Flags&, int) {
    return Value::flags({});
  }
  std::optional<Value> def(const TypeView&, const component::Enum& t, int) {
    return Value::enumeration(t.labels.front());
  }
  std::optional<Value> def(const TypeView&, const component::Option&, int) { return Value::none(); }
  std::optional<Value> def(const TypeView& type, const component::ResultType& t, int depth) {
    if (!t.ok) return Value::ok();
    auto payload = value(type.at(*t.ok), depth);
    if (!payload) return std::nullopt;
    return Value::ok(std::move(payload));
  }
  std::optional<Value> def(const TypeView&, const component::Map&, int) { return Value::list({}); }
  template <class Handle>
  std::optional<Value> def(const TypeView&, const Handle&, int) {
    return std::nullopt;
  }

  std::uint32_t left_ = 1U << 16U;
};

}  // namespace

std::optional<Value> default_value(const TypeView& type) {
  return Defaults().value(type, 0);
}

}  // namespace tenon::runtime
