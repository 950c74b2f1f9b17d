// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/type_registry.h"

#include <algorithm>
#include <mutex>

#include "tenon/engine/gc.h"
#include "tenon/engine/value.h"

namespace tenon::engine {

namespace {

using core::HeapType;
using core::TypeCode;
using core::TypeIdx;
using core::ValType;

/// Marks an index inside of the group that is being made.
constexpr std::uint32_t inner_flag = 0x80000000U;

std::uint32_t storage_bytes(ValType t) {
  if (t.is_ref()) return 8;
  switch (t.code()) {
    case TypeCode::i8:
      return 1;
    case TypeCode::i16:
      return 2;
    case TypeCode::i32:
    case TypeCode::f32:
      return 4;
    case TypeCode::v128:
      return 16;
    default:
      return 8;
  }
}

/// Lays the fields of a structure out in their order, each at its natural alignment (at most 8).
void lay_out(RuntimeType& type, const std::vector<core::FieldType>& fields) {
  std::uint32_t at = GcObject::header;
  for (const core::FieldType& f : fields) {
    const std::uint32_t size = storage_bytes(f.type);
    const std::uint32_t align = std::min<std::uint32_t>(size, 8);
    at = (at + align - 1) / align * align;
    type.fields.push_back({f.type, f.mutable_, at, size});
    type.has_refs = type.has_refs || f.type.is_ref();
    at += size;
  }
  type.size = at;
}

void count_slots(RuntimeType& type) {
  for (const ValType t : type.params) type.param_slots += slot_count(t);
  for (const ValType t : type.results) type.result_slots += slot_count(t);
  type.call_slots = std::max(type.param_slots, type.result_slots);
}

}  // namespace

core::ValType to_runtime(ValType type, std::span<const RuntimeType* const> types) {
  if (!type.is_ref() || !type.heap().is_defined()) return type;
  return ValType::ref(TypeIdx(types[type.heap().index().value]->id), type.nullable());
}

TypeRegistry::TypeRegistry() {
  // Ids begin at 1: a null type is no type.
  types_.emplace_back();
}
TypeRegistry::~TypeRegistry() = default;

std::uint32_t TypeRegistry::intern_group(std::span<const core::SubType> group, std::uint32_t begin,
                                         std::span<const RuntimeType* const> before) {
  // The group's form with outer indices replaced by ids and inner ones by positions: equal forms,
  // equal types.
  Key key;
  const auto id_of = [&](TypeIdx i) {
    return i.value >= begin ? (inner_flag | (i.value - begin)) : before[i.value]->id;
  };
  const auto add = [&](ValType t) {
    if (t.is_ref() && t.heap().is_defined()) {
      key.push_back(t.nullable() ? 2 : 1);
      key.push_back(id_of(t.heap().index()));
    } else {
      key.push_back(t.bits());
    }
  };
  for (const core::SubType& s : group) {
    key.push_back((s.final_ ? 1U : 0U) | (static_cast<std::uint32_t>(s.type.kind) << 1U) |
                  (static_cast<std::uint32_t>(s.supers.size()) << 3U));
    for (const TypeIdx super : s.supers) key.push_back(id_of(super));
    key.push_back(static_cast<std::uint32_t>(s.type.func.params.size()));
    for (const ValType t : s.type.func.params) add(t);
    key.push_back(static_cast<std::uint32_t>(s.type.func.results.size()));
    for (const ValType t : s.type.func.results) add(t);
    key.push_back(static_cast<std::uint32_t>(s.type.fields.size()));
    for (const core::FieldType& f : s.type.fields) {
      add(f.type);
      key.push_back(f.mutable_ ? 1 : 0);
    }
  }
  if (const auto it = groups_.find(key); it != groups_.end()) return it->second;

  const auto base = static_cast<std::uint32_t>(types_.size());
  const auto runtime = [&](ValType t) {
    if (!t.is_ref() || !t.heap().is_defined()) return t;
    const TypeIdx i = t.heap().index();
    const std::uint32_t id = i.value >= begin ? base + (i.value - begin) : before[i.value]->id;
    return ValType::ref(TypeIdx(id), t.nullable());
  };
  for (const core::SubType& s : group) {
    types_.emplace_back();
    RuntimeType& type = types_.back();
    type.id = static_cast<std::uint32_t>(types_.size() - 1);
    type.final_ = s.final_;
    type.kind = s.type.kind;
    if (!s.supers.empty()) {
      const TypeIdx super = s.supers[0];
      const RuntimeType* parent =
          super.value >= begin ? &types_[base + (super.value - begin)] : before[super.value];
      type.display = parent->display;
    }
    type.display.push_back(&type);
    for (const ValType t : s.type.func.params) type.params.push_back(runtime(t));
    for (const ValType t : s.type.func.results) type.results.push_back(runtime(t));
    count_slots(type);
    std::vector<core::FieldType> fields;
    for (const core::FieldType& f : s.type.fields) fields.push_back({runtime(f.type), f.mutable_});
    lay_out(type, fields);
  }
  groups_.emplace(std::move(key), base);
  return base;
}

std::vector<const RuntimeType*> TypeRegistry::intern(const core::Module& module) {
  std::vector<const RuntimeType*> out;
  const auto& types = module.types.raw();
  out.reserve(types.size());
  const std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < types.size();) {
    const std::size_t n = std::max<std::uint32_t>(types[i].rec_size, 1);
    const std::uint32_t base =
        intern_group({types.data() + i, n}, static_cast<std::uint32_t>(i), out);
    for (std::size_t k = 0; k < n; ++k) out.push_back(&types_[base + k]);
    i += n;
  }
  return out;
}

const RuntimeType* TypeRegistry::func_type(std::span<const ValType> params,
                                           std::span<const ValType> results) {
  core::SubType type;
  type.type.func.params.assign(params.begin(), params.end());
  type.type.func.results.assign(results.begin(), results.end());
  const std::unique_lock lock(mutex_);
  // Defined heap types are ids already: a table that maps each id to itself.
  std::vector<const RuntimeType*> self;
  for (const auto list : {params, results}) {
    for (const ValType t : list) {
      if (t.is_ref() && t.heap().is_defined() && self.empty()) {
        for (const RuntimeType& r : types_) self.push_back(&r);
      }
    }
  }
  const std::uint32_t begin = self.empty() ? 0x7FFFFFFFU : static_cast<std::uint32_t>(self.size());
  return &types_[intern_group({&type, 1}, begin, self)];
}

const RuntimeType* TypeRegistry::at(std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  return at_locked(id);
}

bool TypeRegistry::matches(HeapType sub, HeapType super) const {
  if (sub == super) return true;
  if (super.is_defined()) {
    if (sub.is_defined()) return at(sub.index().value)->is_subtype_of(at(super.index().value));
    // Only bottom types lie below a defined one.
    const bool func = at(super.index().value)->kind == core::CompType::Kind::func;
    return sub.code() == TypeCode::bot || sub.code() == (func ? TypeCode::nofunc : TypeCode::none);
  }
  TypeCode code = sub.is_defined() ? TypeCode::bot : sub.code();
  if (sub.is_defined()) {
    switch (at(sub.index().value)->kind) {
      case core::CompType::Kind::func:
        code = TypeCode::func;
        break;
      case core::CompType::Kind::struct_:
        code = TypeCode::struct_;
        break;
      case core::CompType::Kind::array:
        code = TypeCode::array;
        break;
    }
    if (code == super.code()) return true;
  }
  switch (code) {
    case TypeCode::bot:
      return true;
    case TypeCode::none:
      return super.code() == TypeCode::i31 || super.code() == TypeCode::struct_ ||
             super.code() == TypeCode::array || super.code() == TypeCode::eq ||
             super.code() == TypeCode::any;
    case TypeCode::i31:
    case TypeCode::struct_:
    case TypeCode::array:
      return super.code() == TypeCode::eq || super.code() == TypeCode::any;
    case TypeCode::eq:
      return super.code() == TypeCode::any;
    case TypeCode::nofunc:
      return super.code() == TypeCode::func;
    case TypeCode::noextern:
      return super.code() == TypeCode::extern_;
    case TypeCode::noexn:
      return super.code() == TypeCode::exn;
    default:
      return false;
  }
}

bool TypeRegistry::matches(ValType sub, ValType super) const {
  if (sub == super) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.nullable() && !super.nullable()) return false;
  return matches(sub.heap(), super.heap());
}

}  // namespace tenon::engine
