// SPDX-License-Identifier: Apache-2.0
// Types are interned by recursion group and counted by group. Modules, host functions and stores
// hold groups; groups hold those that they name. The count reaches 0 only under the lock under
// which equal groups are looked for, so a group is either found and held or gone. Ids are used
// again: they have 24 bits, and an engine sees more types than that in its life.
#include "tenon/engine/type_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <mutex>
#include <utility>

#include "tenon/core/module.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/rules.h"
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
  type.fields.reserve(fields.size());
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
  type.has_refs = std::ranges::any_of(type.params, &ValType::is_ref);
}

}  // namespace

void RuntimeType::put_below(const RuntimeType* above_it) {
  if (above_it == nullptr) {
    jump = this;
    near[0] = id;
    return;
  }
  super = above_it;
  depth = super->depth + 1;
  near = super->near;
  if (depth < near_depths) near[depth] = id;
  // Two jumps of one length become one of both: skew-binary numbers, as in Myers' lists.
  const RuntimeType* first = super->jump;
  const RuntimeType* second = first->jump;
  const bool equal = super->depth - first->depth == first->depth - second->depth;
  jump = equal && first != second ? second : super;
}

const RuntimeType* RuntimeType::above(std::uint32_t wanted) const {
  const RuntimeType* at = this;
  while (at->depth > wanted) at = at->jump->depth >= wanted ? at->jump : at->super;
  return at;
}

core::ValType to_runtime(ValType type, std::span<const RuntimeType* const> types) {
  if (!type.is_ref() || !type.heap().is_defined()) return type;
  return ValType::ref(TypeIdx(types[type.heap().index().value]->id), type.nullable());
}

void TypeRef::hold() const {
  if (type_ != nullptr) type_->group->holders.fetch_add(1, std::memory_order_relaxed);
}

TypeRef::~TypeRef() {
  if (type_ != nullptr) type_->group->registry->release(type_->group);
}

ModuleTypes::~ModuleTypes() {
  for (TypeGroup* group : groups_) group->registry->release(group);
}

TypeRegistry::TypeRegistry(std::uint32_t limit)
    : limit_(std::min(limit, max_types - host_types)),
      // Ids begin at 1: a null type is not a type.
      slots_(1) {}

TypeRegistry::~TypeRegistry() = default;

/// The group's form with outer indices replaced by ids and inner ones by positions: equal forms,
/// equal types.
TypeRegistry::Key TypeRegistry::key_of(const Source& source) const {
  Key key;
  const auto id_of = [&](TypeIdx i) {
    return i.value >= source.begin ? (inner_flag | (i.value - source.begin)) : source.before(i)->id;
  };
  const auto add = [&](ValType t) {
    if (t.is_ref() && t.heap().is_defined()) {
      key.push_back(t.nullable() ? 2 : 1);
      key.push_back(id_of(t.heap().index()));
    } else {
      key.push_back(t.bits());
    }
  };
  const auto count = [&](std::size_t n) { key.push_back(narrow<std::uint32_t>(n)); };
  for (const core::SubType& s : source.group) {
    key.push_back((s.final_ ? 1U : 0U) | (std::uint32_t{std::to_underlying(s.type.kind)} << 1U) |
                  (narrow<std::uint32_t>(s.supers.size()) << 3U));
    for (const TypeIdx super : s.supers) key.push_back(id_of(super));
    count(s.type.func.params.size());
    for (const ValType t : s.type.func.params) add(t);
    count(s.type.func.results.size());
    for (const ValType t : s.type.func.results) add(t);
    count(s.type.fields.size());
    for (const core::FieldType& f : s.type.fields) {
      add(f.type);
      key.push_back(f.mutable_ ? 1 : 0);
    }
  }
  return key;
}

/// The types of a new group, with the ids that they will have; changes nothing of the registry.
std::unique_ptr<TypeGroup> TypeRegistry::make_group(const Source& source) const {
  auto group = std::make_unique<TypeGroup>();
  const std::size_t n = source.group.size();
  group->types = std::make_unique<RuntimeType[]>(n);
  group->size = narrow<std::uint32_t>(n);
  RuntimeType* types = group->types.get();
  // Free ids from the end, then new ones.
  for (std::size_t k = 0; k < n; ++k) {
    types[k].id = k < free_ids_.size()
                      ? free_ids_[free_ids_.size() - 1 - k]
                      : narrow<std::uint32_t>(slots_.size() + (k - free_ids_.size()));
  }
  const auto of = [&](TypeIdx i) {
    if (i.value >= source.begin)
      return static_cast<const RuntimeType*>(types + (i.value - source.begin));
    const RuntimeType* outer = source.before(i);
    group->uses.push_back(outer->group);
    return outer;
  };
  const auto runtime = [&](ValType t) {
    if (!t.is_ref() || !t.heap().is_defined()) return t;
    return ValType::ref(TypeIdx(of(t.heap().index())->id), t.nullable());
  };
  for (std::size_t k = 0; k < n; ++k) {
    const core::SubType& s = source.group[k];
    RuntimeType& type = types[k];
    type.group = group.get();
    type.final_ = s.final_;
    type.kind = s.type.kind;
    type.put_below(s.supers.empty() ? nullptr : of(s.supers[0]));
    type.params.reserve(s.type.func.params.size());
    type.results.reserve(s.type.func.results.size());
    for (const ValType t : s.type.func.params) type.params.push_back(runtime(t));
    for (const ValType t : s.type.func.results) type.results.push_back(runtime(t));
    count_slots(type);
    std::vector<core::FieldType> fields;
    for (const core::FieldType& f : s.type.fields) fields.push_back({runtime(f.type), f.mutable_});
    lay_out(type, fields);
  }
  std::ranges::sort(group->uses);
  const auto twice = std::ranges::unique(group->uses);
  group->uses.erase(twice.begin(), twice.end());
  return group;
}

TypeGroup* TypeRegistry::intern_group(const Source& source, std::uint32_t limit) {
  Key key = key_of(source);
  if (const auto it = groups_.find(key); it != groups_.end()) {
    it->second->holders.fetch_add(1, std::memory_order_relaxed);
    return it->second.get();
  }
  const std::size_t n = source.group.size();
  if (n > limit || live() > limit - n) return nullptr;
  auto made = make_group(source);
  made->registry = this;
  const std::size_t reused = std::min(n, free_ids_.size());
  const std::size_t ids = slots_.size() + n - reused;
  if (ids > slots_.capacity()) slots_.reserve(std::max(ids, slots_.capacity() * 2));
  if (slots_.capacity() > free_ids_.capacity()) free_ids_.reserve(slots_.capacity());
  const auto [place, _] = groups_.emplace(std::move(key), std::move(made));
  // From here on nothing fails.
  TypeGroup* group = place->second.get();
  group->place = place;
  for (TypeGroup* used : group->uses) used->holders.fetch_add(1, std::memory_order_relaxed);
  free_ids_.resize(free_ids_.size() - reused);
  slots_.resize(ids);
  for (std::size_t k = 0; k < n; ++k) slots_[group->types[k].id] = &group->types[k];
  return group;
}

void TypeRegistry::release(TypeGroup* group) {
  // The last holder goes under the lock, which everybody takes who looks for an equal group.
  std::uint64_t holders = group->holders.load(std::memory_order_relaxed);
  while (holders > 1) {
    if (group->holders.compare_exchange_weak(holders, holders - 1, std::memory_order_release,
                                             std::memory_order_relaxed))
      return;
  }
  bool last = false;
  {
    const std::unique_lock lock(mutex_);
    if (group->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(group);
    last = given_up_ && groups_.empty();
  }
  if (last) delete this;  // NOLINT(cppcoreguidelines-owning-memory): `give_up` left it to us
}

void TypeRegistry::give_up(std::unique_ptr<TypeRegistry> registry) {
  const std::unique_lock lock(registry->mutex_);
  registry->given_up_ = true;
  // NOLINTNEXTLINE(bugprone-unused-return-value): the last `release` destroys it
  if (!registry->groups_.empty()) static_cast<void>(registry.release());
}

/// Frees a group and, one after the other, those that only it held: chains of types are as long as
/// a module likes.
void TypeRegistry::destroy(TypeGroup* group) {
  for (TypeGroup* dead = group; dead != nullptr;) {
    TypeGroup* rest = dead->next_dead;
    for (TypeGroup* used : dead->uses) {
      if (used->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
      used->next_dead = rest;
      rest = used;
    }
    for (std::uint32_t k = 0; k < dead->size; ++k) {
      slots_[dead->types[k].id] = nullptr;
      free_ids_.push_back(dead->types[k].id);
    }
    groups_.erase(dead->place);
    dead = rest;
  }
}

Error TypeRegistry::too_many(std::size_t wanted) const {
  return {rules::type_limit, Span::none(),
          fmt::format("found {} types beside {} of other modules, wanted at most {} together",
                      wanted, live(), limit_)};
}

Result<ModuleTypes> TypeRegistry::intern(const core::Module& module) {
  ModuleTypes out;
  const auto& types = module.types.raw();
  out.types_.reserve(types.size());
  out.groups_.reserve(types.size());
  std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < types.size();) {
    const std::size_t n = std::max<std::uint32_t>(types[i].rec_size, 1);
    const Source source{{types.data() + i, n}, narrow<std::uint32_t>(i), [&](TypeIdx t) {
                          return out.types_[t.value];
                        }};
    TypeGroup* group = intern_group(source, limit_);
    if (group == nullptr) {
      auto error = too_many(types.size());
      // What was interned so far is released by `out`, which takes the lock itself.
      lock.unlock();
      return std::unexpected(std::move(error));
    }
    out.groups_.push_back(group);
    for (std::size_t k = 0; k < n; ++k) out.types_.push_back(&group->types[k]);
    i += n;
  }
  return out;
}

TypeGroup* TypeRegistry::intern_func(std::span<const ValType> params,
                                     std::span<const ValType> results, std::uint32_t limit) {
  core::SubType type;
  type.type.func.params.assign(params.begin(), params.end());
  type.type.func.results.assign(results.begin(), results.end());
  // Defined heap types are ids already.
  const Source source{{&type, 1}, max_types + 1, [this](TypeIdx id) { return slots_[id.value]; }};
  const std::unique_lock lock(mutex_);
  return intern_group(source, limit);
}

Result<TypeRef> TypeRegistry::func_type(std::span<const ValType> params,
                                        std::span<const ValType> results) {
  TypeRef out;
  if (const TypeGroup* group = intern_func(params, results, limit_)) {
    out.type_ = &group->types[0];
    return out;
  }
  const std::shared_lock lock(mutex_);
  return std::unexpected(too_many(1));
}

TypeRef TypeRegistry::host_type(std::span<const ValType> params, std::span<const ValType> results) {
  TypeRef out;
  const TypeGroup* group = intern_func(params, results, max_types);
  assert(group != nullptr && "a host has not so many signatures");
  out.type_ = &group->types[0];
  return out;
}

const RuntimeType* TypeRegistry::at(std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  assert(slots_[id] != nullptr && "somebody holds the type");
  return slots_[id];
}

std::uint32_t TypeRegistry::size() const {
  const std::shared_lock lock(mutex_);
  return live();
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
