// SPDX-License-Identifier: Apache-2.0
// Layout, flattening and despecialisation of a type, computed once when a component is compiled, so
// that calls look nothing up. Flat counts stop at one above the limit, because nested fixed-length
// lists would overflow any integer. `dense` marks types that are valid for every bit pattern and
// have no padding.
// Spec: CanonicalABI.md "Despecialization", "Alignment", "Element Size", "Flattening"
#include "tenon/runtime/shape.h"

#include <algorithm>
#include <utility>

#include "tenon/base/index.h"
#include "tenon/base/narrow.h"

namespace tenon::runtime {

using component::PrimValType;

namespace {

constexpr std::uint32_t too_many = abi::MAX_FLAT_PARAMS + 1;

std::uint32_t add_flat(std::uint64_t a, std::uint64_t b) {
  return narrow<std::uint32_t>(std::min<std::uint64_t>(a + b, too_many));
}

/// A number as wide as its core type, whatever its bits.
bool crosses_as_it_is(const Shape& shape) {
  switch (shape.kind) {
#define TENON_PRIM(name, ...) \
  case Shape::Kind::name:     \
    return false;
#define TENON_PRIM_INT(name, text, code, size, ...) \
  case Shape::Kind::name:                           \
    return size >= 4;
#define TENON_PRIM_FLOAT(name, ...) \
  case Shape::Kind::name:           \
    return true;
#include "tenon/types/primvaltypes.def"
    case Shape::Kind::list:
    case Shape::Kind::fixed_list:
    case Shape::Kind::record:
    case Shape::Kind::variant:
    case Shape::Kind::flags:
    case Shape::Kind::own:
    case Shape::Kind::borrow:
    case Shape::Kind::stream:
    case Shape::Kind::future:
      return false;
  }
  return false;
}

}  // namespace

const Shape* Shapes::add(ValType type) {
  if (const auto it = known_.find(type.bits()); it != known_.end()) return it->second;
  Shape shape;
  shape.type = type;
  if (type.is_prim()) {
    fill_prim(shape, type.prim());
  } else {
    fill(shape, types_[type.index()]);
  }
  shape.has_borrow = shape.kind == Shape::Kind::borrow;
  shape.has_pointer = shape.kind == Shape::Kind::list || shape.kind == Shape::Kind::string;
  for (const auto& f : shape.fields) {
    if (f.shape == nullptr) continue;
    shape.has_borrow = shape.has_borrow || f.shape->has_borrow;
    shape.has_pointer = shape.has_pointer || f.shape->has_pointer;
  }
  const auto* made = &shapes_.emplace_back(std::move(shape));
  known_.emplace(type.bits(), made);
  return made;
}

void Shapes::fill_prim(Shape& shape, PrimValType prim) {
  const auto layout = abi::layout_of_prim(prim, ptr_);
  shape.size = narrow<std::uint32_t>(layout.size);
  shape.align = layout.alignment;
  shape.flat_count = prim == PrimValType::string ? 2 : 1;
  const auto set = [&](Shape::Kind kind, ValueKind value_kind, bool dense) {
    shape.kind = kind;
    shape.value_kind = value_kind;
    shape.dense = dense;
  };
  switch (prim) {
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return set(Shape::Kind::name, ValueKind::name, false);
#define TENON_PRIM_INT(name, ...) \
  case PrimValType::name:         \
    return set(Shape::Kind::name, ValueKind::name, true);
// A copied NaN keeps its payload, which the specification leaves open.
#define TENON_PRIM_FLOAT(...) TENON_PRIM_INT(__VA_ARGS__)
#include "tenon/types/primvaltypes.def"
  }
}

void Shapes::fill_record(Shape& shape, std::vector<Shape::Field> fields) {
  shape.kind = Shape::Kind::record;
  abi::impl::RecordLayout layout;
  std::uint64_t used = 0;
  shape.dense = true;
  for (auto& f : fields) {
    f.offset = narrow<std::uint32_t>(abi::align_to(layout.total.size, f.shape->align));
    layout.add({f.shape->size, f.shape->align});
    used += f.shape->size;
    shape.dense = shape.dense && f.shape->dense;
    shape.flat_count = add_flat(shape.flat_count, f.shape->flat_count);
  }
  const auto done = layout.done();
  shape.size = narrow<std::uint32_t>(done.size);
  shape.align = done.alignment;
  shape.dense = shape.dense && used == done.size;
  shape.fields = std::move(fields);
}

void Shapes::fill_variant(Shape& shape, std::vector<Shape::Field> cases, ValueKind kind) {
  shape.kind = Shape::Kind::variant;
  shape.value_kind = kind;
  abi::impl::VariantLayout layout(cases.size());
  std::uint32_t flat = 0;
  for (const auto& c : cases) {
    if (c.shape == nullptr) continue;
    layout.add({c.shape->size, c.shape->align});
    flat = std::max(flat, c.shape->flat_count);
  }
  const auto done = layout.done();
  shape.size = narrow<std::uint32_t>(done.size);
  shape.align = done.alignment;
  shape.disc_size = narrow<std::uint8_t>(layout.discriminant);
  shape.payload_offset = narrow<std::uint32_t>(layout.payload_offset());
  shape.flat_count = add_flat(1, flat);
  shape.fields = std::move(cases);
}

const Shape* Shapes::add_pair(const component::Map& map) {
  Shape pair;
  pair.value_kind = ValueKind::tuple;
  fill_record(pair, {{add(map.key), 0, "0"}, {add(map.value), 0, "1"}});
  pair.has_pointer = pair.fields[0].shape->has_pointer || pair.fields[1].shape->has_pointer;
  return &shapes_.emplace_back(std::move(pair));
}

void Shapes::fill_list(Shape& shape, const Shape* elem, std::optional<std::uint32_t> length) {
  shape.value_kind = ValueKind::list;
  shape.fields = {{elem, 0, {}}};
  if (!length) {
    shape.kind = Shape::Kind::list;
    shape.align = std::to_underlying(ptr_);
    shape.size = 2 * shape.align;
    shape.flat_count = 2;
    return;
  }
  shape.kind = Shape::Kind::fixed_list;
  shape.length = *length;
  shape.align = elem->align;
  shape.size = elem->size * *length;
  shape.dense = elem->dense;
  shape.flat_count = add_flat(0, std::uint64_t{elem->flat_count} * *length);
}

/// Variants and what despecialises to them.
void Shapes::fill_cases(Shape& shape, const component::DefValType& def) {
  const auto payload = [&](const std::optional<ValType>& type) {
    return type ? add(*type) : nullptr;
  };
  std::vector<Shape::Field> cases;
  if (const auto* variant = std::get_if<component::Variant>(&def)) {
    for (const auto& c : variant->cases) cases.push_back({payload(c.type), 0, c.label});
    fill_variant(shape, std::move(cases), ValueKind::variant);
  } else if (const auto* e = std::get_if<component::Enum>(&def)) {
    for (const auto& label : e->labels) cases.push_back({nullptr, 0, label});
    fill_variant(shape, std::move(cases), ValueKind::enum_);
  } else if (const auto* option = std::get_if<component::Option>(&def)) {
    fill_variant(shape, {{nullptr, 0, "none"}, {add(option->type), 0, "some"}}, ValueKind::option);
  } else if (const auto* result = std::get_if<component::ResultType>(&def)) {
    fill_variant(shape, {{payload(result->ok), 0, "ok"}, {payload(result->err), 0, "error"}},
                 ValueKind::result);
  }
}

namespace {

void fill_flags(Shape& shape, const component::Flags& flags) {
  shape.kind = Shape::Kind::flags;
  shape.value_kind = ValueKind::flags;
  shape.size = shape.align = abi::flags_size(flags.labels.size());
  shape.disc_size = narrow<std::uint8_t>(shape.size);
  shape.flat_count = 1;
  shape.labels = &flags.labels;
}

}  // namespace

void Shapes::fill(Shape& shape, const component::DefValType& def) {
  const auto handle = [&](Shape::Kind kind, ValueKind value_kind) {
    shape.kind = kind;
    shape.value_kind = value_kind;
    shape.size = shape.align = 4;
    shape.flat_count = 1;
  };
  std::visit(overloaded{
                 [&](PrimValType prim) { fill_prim(shape, prim); },
                 [&](const component::Record& t) {
                   std::vector<Shape::Field> fields;
                   for (const auto& f : t.fields) fields.push_back({add(f.type), 0, f.label});
                   fill_record(shape, std::move(fields));
                   shape.value_kind = ValueKind::record;
                   auto labels = std::make_shared<Value::Labels>();
                   for (const auto& f : t.fields) labels->push_back(f.label);
                   shape.field_labels = std::move(labels);
                 },
                 [&](const component::Tuple& t) {
                   std::vector<Shape::Field> fields;
                   for (const auto f : t.types) fields.push_back({add(f), 0, {}});
                   fill_record(shape, std::move(fields));
                   shape.value_kind = ValueKind::tuple;
                 },
                 [&](const component::Variant&) { fill_cases(shape, def); },
                 [&](const component::Enum&) { fill_cases(shape, def); },
                 [&](const component::Option&) { fill_cases(shape, def); },
                 [&](const component::ResultType&) { fill_cases(shape, def); },
                 [&](const component::Flags& t) { fill_flags(shape, t); },
                 [&](const component::List& t) { fill_list(shape, add(t.elem), t.length); },
                 [&](const component::Map& t) { fill_list(shape, add_pair(t), std::nullopt); },
                 [&](const component::Own& t) {
                   handle(Shape::Kind::own, ValueKind::own);
                   shape.resource = t.resource;
                 },
                 [&](const component::Borrow& t) {
                   handle(Shape::Kind::borrow, ValueKind::borrow);
                   shape.resource = t.resource;
                 },
                 [&](const component::Stream&) { handle(Shape::Kind::stream, ValueKind::stream); },
                 [&](const component::Future&) { handle(Shape::Kind::future, ValueKind::future); },
             },
             def);
}

FuncShape func_shape(Shapes& shapes, const component::FuncType& type) {
  FuncShape out;
  abi::impl::RecordLayout layout;
  out.plain = true;
  for (const auto& p : type.params) {
    const auto* shape = shapes.add(p.type);
    const auto offset = abi::align_to(layout.total.size, shape->align);
    layout.add({shape->size, shape->align});
    out.params.push_back({shape, narrow<std::uint32_t>(offset), p.label});
    out.flat_params = add_flat(out.flat_params, shape->flat_count);
    out.plain = out.plain && crosses_as_it_is(*shape);
    out.has_borrows = out.has_borrows || shape->has_borrow;
  }
  const auto done = layout.done();
  out.params_size = low_bits<std::uint32_t>(std::min<std::uint64_t>(done.size, 0xFFFFFFFF));
  out.params_align = done.alignment;
  if (type.result) {
    out.result = shapes.add(*type.result);
    out.flat_results = out.result->flat_count;
    out.plain = out.plain && crosses_as_it_is(*out.result);
  }
  out.plain = out.plain && !out.params_in_memory();
  return out;
}

}  // namespace tenon::runtime
