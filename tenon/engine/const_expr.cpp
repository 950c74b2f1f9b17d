// SPDX-License-Identifier: Apache-2.0
// Constant expressions are few and run once, so they are evaluated directly instead of being
// translated. They can allocate objects, hence the evaluator's stack is a root of the collector
// while it runs.
#include "tenon/engine/const_expr.h"

#include <cstring>

#include "tenon/base/narrow.h"
#include "tenon/core/decode_expr.h"
#include "tenon/engine/gc.h"

namespace tenon::engine {

namespace {

using core::Op;
using Slots = std::array<ValueSlot, 2>;

struct Evaluator {
  Instance& instance;
  /// Two slots a value; the store sees them as roots.
  std::vector<ValueSlot> stack;
  bool failed = false;

  explicit Evaluator(Instance& i) : instance(i) { i.store().set_temporary_roots(&stack); }
  ~Evaluator() { instance.store().set_temporary_roots(nullptr); }
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  void push(ValueSlot a, ValueSlot b = 0) {
    stack.push_back(a);
    stack.push_back(b);
  }
  Slots pop() {
    const Slots v = {stack[stack.size() - 2], stack[stack.size() - 1]};
    stack.resize(stack.size() - 2);
    return v;
  }
  template <class F>
  void binary(F f) {
    const ValueSlot y = pop()[0];
    const ValueSlot x = pop()[0];
    push(f(x, y));
  }
  const RuntimeType& type(core::TypeIdx t) const { return *instance.module().types()[t.value]; }

  GcObject* make(const RuntimeType& t, std::uint64_t bytes) {
    GcObject* o = instance.store().gc_allocate(bytes, nullptr);
    if (o == nullptr)
      failed = true;
    else
      o->type = &t;
    return o;
  }
  void make_struct(const RuntimeType& t, bool fields) {
    GcObject* o = make(t, t.size);
    if (o == nullptr) return;
    if (fields) {
      const std::size_t n = t.fields.size();
      for (std::size_t i = 0; i < n; ++i)
        std::memcpy(o->bytes() + t.fields[i].offset, &stack[stack.size() - 2 * (n - i)],
                    t.fields[i].size);
      stack.resize(stack.size() - 2 * n);
    }
    push(std::bit_cast<ValueSlot>(o));
  }
  /// `values`: how many are on the stack: one for each element, or one for all, or none.
  void make_array(const RuntimeType& t, std::uint64_t length, std::size_t values) {
    const std::uint32_t size = t.fields[0].size;
    GcObject* o = make(t, GcObject::header + length * size);
    if (o == nullptr) return;
    o->length = length;
    std::uint8_t* to = o->bytes() + GcObject::header;
    if (values == 1) {
      fill_elements(to, size, length, &stack[stack.size() - 2]);
    } else {
      for (std::size_t i = 0; i < values; ++i)
        std::memcpy(to + i * size, &stack[stack.size() - 2 * (values - i)], size);
    }
    stack.resize(stack.size() - 2 * values);
    push(std::bit_cast<ValueSlot>(o));
  }

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    if (failed) return;
    if constexpr (op == Op::i32_const)
      push(low_bits<std::uint32_t>(imm.value));
    else if constexpr (op == Op::i64_const)
      push(static_cast<std::uint64_t>(imm.value));
    else if constexpr (op == Op::f32_const || op == Op::f64_const)
      push(imm.bits);
    else if constexpr (op == Op::v128_const) {
      Slots v;
      std::memcpy(v.data(), imm.bytes.data(), 16);
      push(v[0], v[1]);
    } else if constexpr (op == Op::ref_null)
      push(0);
    else if constexpr (op == Op::ref_func)
      push(std::bit_cast<ValueSlot>(instance.func_ref(imm.func.value)));
    else if constexpr (op == Op::global_get) {
      const Global g = instance.global(imm.global.value);
      push(g.cell[0], g.type.type.is_vec() ? g.cell[1] : 0);
    } else if constexpr (op == Op::i32_add)
      binary([](ValueSlot x, ValueSlot y) {
        return static_cast<ValueSlot>(low_bits<std::uint32_t>(x + y));
      });
    else if constexpr (op == Op::i32_sub)
      binary([](ValueSlot x, ValueSlot y) {
        return static_cast<ValueSlot>(low_bits<std::uint32_t>(x - y));
      });
    else if constexpr (op == Op::i32_mul)
      binary([](ValueSlot x, ValueSlot y) {
        return static_cast<ValueSlot>(low_bits<std::uint32_t>(x * y));
      });
    else if constexpr (op == Op::i64_add)
      binary([](ValueSlot x, ValueSlot y) { return x + y; });
    else if constexpr (op == Op::i64_sub)
      binary([](ValueSlot x, ValueSlot y) { return x - y; });
    else if constexpr (op == Op::i64_mul)
      binary([](ValueSlot x, ValueSlot y) { return x * y; });
    else if constexpr (op == Op::ref_i31)
      push(AnyRef::i31(low_bits<std::uint32_t>(pop()[0])).bits);
    else if constexpr (op == Op::struct_new)
      make_struct(type(imm.type), true);
    else if constexpr (op == Op::struct_new_default)
      make_struct(type(imm.type), false);
    else if constexpr (op == Op::array_new) {
      const auto n = low_bits<std::uint32_t>(pop()[0]);
      make_array(type(imm.type), n, 1);
    } else if constexpr (op == Op::array_new_default) {
      const auto n = low_bits<std::uint32_t>(pop()[0]);
      make_array(type(imm.type), n, 0);
    } else if constexpr (op == Op::array_new_fixed)
      make_array(type(imm.type), imm.count, imm.count);
    // any.convert_extern, extern.convert_any and end change nothing; validation admits no others.
  }
};

}  // namespace

std::optional<std::array<ValueSlot, 2>> evaluate(Instance& instance, core::Expr expr) {
  Evaluator eval(instance);
  const auto done = core::decode_expr(instance.module().core(), expr, eval);
  assert(done && "a validated expression decodes");
  if (!done || eval.failed || eval.stack.empty()) return std::nullopt;
  return eval.pop();
}

}  // namespace tenon::engine
