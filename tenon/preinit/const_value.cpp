// SPDX-License-Identifier: Apache-2.0
// Only what a constant expression can express survives in a binary: numbers, null, i31 and
// functions that the module defines or imports. Anything else is an error that says where the
// reference is held.
#include "tenon/preinit/const_value.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "tenon/core/encode.h"
#include "tenon/engine/gc.h"
#include "tenon/preinit/rules.h"

namespace tenon::preinit {

using core::Op;
using core::TypeCode;
using engine::AnyRef;
using engine::FuncRef;
using engine::ValueSlot;

ConstValues::Family ConstValues::family(core::ValType type) const {
  const core::HeapType heap = type.heap();
  if (heap.is_defined()) {
    const auto& sub = instance_->module().core().types[heap.index()];
    return sub.type.kind == core::CompType::Kind::func ? Family::func : Family::any;
  }
  if (heap.code() == TypeCode::func || heap.code() == TypeCode::nofunc) return Family::func;
  if (heap.code() == TypeCode::extern_ || heap.code() == TypeCode::noextern) return Family::extern_;
  if (heap.code() == TypeCode::exn || heap.code() == TypeCode::noexn) return Family::exn;
  return Family::any;
}

bool ConstValues::is_func(core::ValType type) const {
  return type.is_ref() && family(type) == Family::func;
}

std::optional<std::uint32_t> ConstValues::func_index(const FuncRef* ref) {
  const engine::VMContext* vm = instance_->vmctx();
  if (ref->vmctx == vm) return ref->func;
  if (!imports_) {
    imports_.emplace();
    for (std::uint32_t i = 0; i < instance_->module().core().num_imported_funcs; ++i)
      imports_->emplace(vm->imports[i], i);
  }
  const auto found = imports_->find(ref);
  if (found == imports_->end()) return std::nullopt;
  return found->second;
}

bool ConstValues::can_write(core::ValType type, ValueSlot ref) {
  if (ref == 0) return true;
  switch (family(type)) {
    case Family::func:
      return func_index(std::bit_cast<const FuncRef*>(ref)).has_value();
    case Family::any:
    case Family::extern_:
      return AnyRef{ref}.is_i31();
    case Family::exn:
      return false;
  }
  return false;
}

Error ConstValues::cannot_write(core::ValType type, ValueSlot ref, const std::string& place) const {
  std::string what;
  std::string help = "set it to null before the initialisation ends";
  switch (family(type)) {
    case Family::func:
      what = "a function of another instance, which the module does not import";
      help = "import the function into the module whose table or global holds it";
      break;
    case Family::exn:
      what = "an exception";
      break;
    case Family::any:
    case Family::extern_: {
      const AnyRef any{ref};
      if (!any.is_object()) {
        what = "an extern reference of the host's";
        break;
      }
      const auto* object = std::bit_cast<const engine::GcObject*>(ref);
      if (object->type == nullptr) {
        what = "an exception";
      } else {
        what = object->type->kind == core::CompType::Kind::array ? "an array" : "a struct";
      }
    }
  }
  return Error(rules::reference, Span::none(), fmt::format("{} holds {}", place, what))
      .help(std::move(help));
}

Result<void> ConstValues::write(Writer& out, core::ValType type, const ValueSlot* value,
                                const std::string& place) {
  if (!type.is_ref()) {
    if (type.is_vec()) {
      core::V128Imm imm;
      std::memcpy(imm.bytes.data(), value, 16);
      core::write_op<Op::v128_const>(out, imm);
    } else if (type == core::ValType(TypeCode::i32)) {
      core::write_op<Op::i32_const>(out, {engine::SlotOf<std::int32_t>::load(value)});
    } else if (type == core::ValType(TypeCode::i64)) {
      core::write_op<Op::i64_const>(out, {engine::SlotOf<std::int64_t>::load(value)});
    } else if (type == core::ValType(TypeCode::f32)) {
      core::write_op<Op::f32_const>(out, {engine::SlotOf<std::uint32_t>::load(value)});
    } else {
      core::write_op<Op::f64_const>(out, {engine::SlotOf<std::uint64_t>::load(value)});
    }
  } else if (*value == 0) {
    core::write_op<Op::ref_null>(out, {type.heap()});
  } else if (!can_write(type, *value)) {
    return std::unexpected(cannot_write(type, *value, place));
  } else if (family(type) == Family::func) {
    const auto* ref = std::bit_cast<const FuncRef*>(*value);
    core::write_op<Op::ref_func>(out, {core::FuncIdx(*func_index(ref))});
  } else {
    // The 31 bits as a signed number: the shorter spelling of the two that mean the same.
    const auto bits = AnyRef{*value}.i31_bits();
    core::write_op<Op::i32_const>(out, {static_cast<std::int32_t>(bits << 1U) >> 1});
    core::write_op<Op::ref_i31>(out);
    if (family(type) == Family::extern_) core::write_op<Op::extern_convert_any>(out);
  }
  core::write_op<Op::end>(out);
  return {};
}

}  // namespace tenon::preinit
