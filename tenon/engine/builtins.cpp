// SPDX-License-Identifier: Apache-2.0
// Every range is checked before the first byte moves, and an interruption is never looked for
// inside: an operator happens whole or not at all.
#include "tenon/engine/builtins.h"

#include <cstring>

#include "tenon/base/narrow.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/instance.h"

namespace tenon::engine::builtins {

namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using Slot = ValueSlot;

GcObject* object(Slot ref) {
  return std::bit_cast<GcObject*>(ref);
}

/// What a growth gives: the old size, or -1 in the address type.
u64 grown(std::optional<u64> old, bool wide) {
  return old ? *old : wide ? ~u64{0} : 0xFFFFFFFFU;
}

/// Room for an object; null when the heap is full. Everything that lives is below `top`.
GcObject* make(VMContext* vm, u64 bytes, const Slot* top) {
  return vm->store->store->gc_allocate(bytes, top);
}

GcObject* make_array(VMContext* vm, const RuntimeType* type, u64 length, const Slot* top) {
  GcObject* o = make(vm, GcObject::header + length * type->fields[0].size, top);
  if (o == nullptr) return nullptr;
  o->type = type;
  o->length = length;
  return o;
}

u32 element_bytes(const GcObject* array) {
  return array->type->fields[0].size;
}
u8* element(GcObject* array, u64 index) {
  return array->bytes() + GcObject::header + index * element_bytes(array);
}

Trapped give(GcObject* made, Slot* out) {
  *out = std::bit_cast<Slot>(made);
  return Trapped::no;
}

}  // namespace

u64 memory_size(const VMContext* vm, u32 memory) {
  return vm->mems[memory]->memory->pages();
}

u64 memory_grow(VMContext* vm, u32 memory, u64 delta) {
  Memory& m = *vm->mems[memory]->memory;
  return grown(m.grow(delta, *vm->store->store), m.is_64());
}

Trapped memory_init(VMContext* vm, u32 memory, u32 data, u64 dst, u32 src, u32 n) {
  const VMMemory* m = vm->mems[memory];
  const ByteSpan bytes = vm->instance->data(data);
  if (!inside(src, n, bytes.size()) || !inside(dst, n, size_of(m)))
    return trapped(TrapCode::out_of_bounds_memory);
  guest_copy(m->base + dst, bytes.data() + src, n);
  return Trapped::no;
}

void data_drop(VMContext* vm, u32 data) {
  vm->instance->drop_data(data);
}

u64 table_grow(VMContext* vm, u32 table, u64 delta, Slot value) {
  Table& t = *vm->tables[table]->table;
  return grown(t.grow(delta, value), t.is_64());
}

Trapped table_fill(VMContext* vm, u32 table, u64 dst, Slot value, u64 n) {
  const VMTable* t = vm->tables[table];
  if (!inside(dst, n, t->size)) return trapped(TrapCode::out_of_bounds_table);
  for (u64 i = 0; i < n; ++i) t->table->set(dst + i, value);
  return Trapped::no;
}

Trapped table_copy(VMContext* vm, u32 to, u32 from, u64 dst, u64 src, u64 n) {
  const VMTable* t = vm->tables[to];
  const VMTable* f = vm->tables[from];
  if (!inside(src, n, f->size) || !inside(dst, n, t->size))
    return trapped(TrapCode::out_of_bounds_table);
  if (n != 0) std::memmove(t->entries + dst, f->entries + src, n * sizeof(TableEntry));
  return Trapped::no;
}

Trapped table_init(VMContext* vm, u32 table, u32 elem, u64 dst, u32 src, u32 n) {
  if (!vm->instance->init_table(*vm->tables[table]->table, elem, dst, src, n))
    return trapped(TrapCode::out_of_bounds_table);
  return Trapped::no;
}

void elem_drop(VMContext* vm, u32 elem) {
  vm->instance->drop_elem(elem);
}

Slot ref_func(VMContext* vm, u32 func) {
  return std::bit_cast<Slot>(vm->instance->func_ref(func));
}

Trapped struct_new(VMContext* vm, u32 type_index, const Slot* fields, Slot* out) {
  const RuntimeType* type = vm->types[type_index];
  u32 slots = 0;
  for (const FieldLayout& f : type->fields) slots += slot_count(f.type);
  GcObject* o = make(vm, type->size, fields + slots);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  o->type = type;
  for (const FieldLayout& f : type->fields) {
    std::memcpy(o->bytes() + f.offset, fields, f.size);
    fields += slot_count(f.type);
  }
  return give(o, out);
}

Trapped struct_new_default(VMContext* vm, u32 type_index, const Slot* top, Slot* out) {
  const RuntimeType* type = vm->types[type_index];
  GcObject* o = make(vm, type->size, top);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  o->type = type;
  return give(o, out);
}

Trapped array_new(VMContext* vm, u32 type, u32 n, const Slot* value, const Slot* top, Slot* out) {
  GcObject* o = make_array(vm, vm->types[type], n, top);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  fill_elements(element(o, 0), element_bytes(o), n, value);
  return give(o, out);
}

Trapped array_new_default(VMContext* vm, u32 type, u32 n, const Slot* top, Slot* out) {
  GcObject* o = make_array(vm, vm->types[type], n, top);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  return give(o, out);
}

Trapped array_new_fixed(VMContext* vm, u32 type_index, u32 n, const Slot* values, Slot* out) {
  const RuntimeType* type = vm->types[type_index];
  const u32 width = slot_count(type->fields[0].type);
  const u32 size = type->fields[0].size;
  GcObject* o = make_array(vm, type, n, values + std::size_t{n} * width);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  u8* to = element(o, 0);
  for (u32 i = 0; i < n; ++i, to += size, values += width) std::memcpy(to, values, size);
  return give(o, out);
}

Trapped array_new_data(VMContext* vm, u32 type_index, u32 data, u32 src, u32 n, const Slot* top,
                       Slot* out) {
  const RuntimeType* type = vm->types[type_index];
  const u64 size = u64{n} * type->fields[0].size;
  const ByteSpan bytes = vm->instance->data(data);
  if (!inside(src, size, bytes.size())) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_memory);
  GcObject* o = make_array(vm, type, n, top);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  if (size != 0) std::memcpy(element(o, 0), bytes.data() + src, size);
  return give(o, out);
}

Trapped array_new_elem(VMContext* vm, u32 type, u32 elem, u32 src, u32 n, const Slot* top,
                       Slot* out) {
  Instance& instance = *vm->instance;
  if (!inside(src, n, instance.elem_size(elem))) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_table);
  GcObject* o = make_array(vm, vm->types[type], n, top);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  for (u32 i = 0; i < n; ++i) o->payload()[i] = instance.elem(elem, src + i);
  return give(o, out);
}

Trapped array_fill(Slot array, u32 at, const Slot* value, u32 n) {
  GcObject* o = object(array);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::null_array_reference);
  if (!inside(at, n, o->length)) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_array);
  fill_elements(element(o, at), element_bytes(o), n, value);
  return Trapped::no;
}

Trapped array_copy(Slot to, u32 dst, Slot from, u32 src, u32 n) {
  GcObject* t = object(to);
  GcObject* f = object(from);
  if (t == nullptr || f == nullptr) [[unlikely]]
    return trapped(TrapCode::null_array_reference);
  if (!inside(dst, n, t->length) || !inside(src, n, f->length)) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_array);
  if (n != 0) std::memmove(element(t, dst), element(f, src), u64{n} * element_bytes(t));
  return Trapped::no;
}

Trapped array_init_data(VMContext* vm, u32 data, Slot array, u32 dst, u32 src, u32 n) {
  GcObject* o = object(array);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::null_array_reference);
  if (!inside(dst, n, o->length)) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_array);
  const u64 size = u64{n} * element_bytes(o);
  const ByteSpan bytes = vm->instance->data(data);
  if (!inside(src, size, bytes.size())) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_memory);
  if (size != 0) std::memcpy(element(o, dst), bytes.data() + src, size);
  return Trapped::no;
}

Trapped array_init_elem(VMContext* vm, u32 elem, Slot array, u32 dst, u32 src, u32 n) {
  Instance& instance = *vm->instance;
  GcObject* o = object(array);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::null_array_reference);
  if (!inside(dst, n, o->length)) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_array);
  if (!inside(src, n, instance.elem_size(elem))) [[unlikely]]
    return trapped(TrapCode::out_of_bounds_table);
  for (u32 i = 0; i < n; ++i) o->payload()[u64{dst} + i] = instance.elem(elem, src + i);
  return Trapped::no;
}

bool is_of_abstract(Slot ref, core::TypeCode type) {
  const AnyRef any{ref};
  using core::TypeCode;
  switch (type) {
    case TypeCode::any:
    case TypeCode::extern_:
    case TypeCode::func:
    case TypeCode::exn:
      return true;
    case TypeCode::eq:
      return any.is_i31() || any.is_object();
    case TypeCode::i31:
      return any.is_i31();
    case TypeCode::struct_:
      return any.is_object() && object(ref)->type->kind == core::CompType::Kind::struct_;
    case TypeCode::array:
      return any.is_object() && object(ref)->type->kind == core::CompType::Kind::array;
    default:
      return false;
  }
}

Trapped throw_new(VMContext* vm, u32 tag_index, const Slot* payload) {
  const Tag* tag = vm->tags[tag_index];
  const u32 n = tag->type()->param_slots;
  GcObject* o = make(vm, GcObject::header + u64{n} * sizeof(Slot), payload + n);
  if (o == nullptr) [[unlikely]]
    return trapped(TrapCode::out_of_memory);
  o->tag = tag;
  if (n != 0) std::memcpy(o->payload(), payload, n * sizeof(Slot));
  vm->store->pending_exception = std::bit_cast<Slot>(o);
  return Trapped::no;
}

}  // namespace tenon::engine::builtins
