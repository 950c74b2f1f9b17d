// SPDX-License-Identifier: Apache-2.0
// A hostile guest: types, core values, memory and a realloc that does what it likes, all out of the
// input. Lifting, lowering and copying must end, in a value or a trap, and touch nothing outside.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "tenon/engine/engine.h"
#include "tenon/engine/type_registry.h"
#include "tenon/runtime/copy.h"
#include "tenon/runtime/store.h"

namespace {

using namespace tenon;
using namespace tenon::runtime;
using component::PrimValType;
using component::TypeIdx;
using component::ValType;

/// Bytes of the input, then zeros.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}
  std::uint8_t u8() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  std::uint32_t u32() {
    std::uint32_t v = 0;
    for (int i = 0; i < 4; ++i) v = (v << 8U) | u8();
    return v;
  }
  std::uint64_t u64() { return (std::uint64_t{u32()} << 32U) | u32(); }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

class Types {
 public:
  ValType make(Bytes& in, int depth) {
    static constexpr std::array prims = {
        PrimValType::bool_,  PrimValType::s8,  PrimValType::u16, PrimValType::s32,
        PrimValType::u64,    PrimValType::f32, PrimValType::f64, PrimValType::char_,
        PrimValType::string, PrimValType::u8};
    const auto pick = in.u8();
    if (depth == 0 || pick < 100) return prims[pick % prims.size()];
    const auto sub = [&] { return make(in, depth - 1); };
    switch (pick % 9) {
      case 0:
        return add(component::List{sub(), std::nullopt});
      case 1:
        return add(component::List{sub(), in.u8() % 7U + 1});
      case 2: {
        component::Record r;
        for (auto n = in.u8() % 4 + 1; n-- > 0;)
          r.fields.push_back({"f" + std::to_string(n), sub()});
        return add(std::move(r));
      }
      case 3: {
        component::Variant v;
        for (auto n = in.u8() % 4 + 1; n-- > 0;)
          v.cases.push_back({"c" + std::to_string(n), sub()});
        return add(std::move(v));
      }
      case 4:
        return add(component::Option{sub()});
      case 5: {
        const auto ok = sub();
        return add(component::ResultType{ok, sub()});
      }
      case 6: {
        component::Flags f;
        for (auto n = in.u8() % 32 + 1; n-- > 0;) f.labels.push_back("l" + std::to_string(n));
        return add(std::move(f));
      }
      case 7:
        return add(component::Map{PrimValType::string, sub()});
      default: {
        component::Enum e;
        for (auto n = in.u8() + 1; n-- > 0;) e.labels.push_back("e" + std::to_string(n));
        return add(std::move(e));
      }
    }
  }
  [[nodiscard]] abi::Types view() const {
    return {this, [](const void* self, TypeIdx i) -> const component::DefValType& {
              return *static_cast<const Types*>(self)->defs_[i.value];
            }};
  }

 private:
  ValType add(component::DefValType def) {
    defs_.push_back(std::make_unique<component::DefValType>(std::move(def)));
    return TypeIdx(defs_.size() - 1);
  }
  std::vector<std::unique_ptr<component::DefValType>> defs_;
};

struct Guest {
  Guest(Store& store, Bytes& in) : inst(store, nullptr, 100), bytes(in) {
    core::MemType type;
    type.limits.min = 1;
    type.limits.max = 4;
    opts.memory = store.core().new_memory(type);
    const std::array<core::ValType, 4> params = {core::TypeCode::i32, core::TypeCode::i32,
                                                 core::TypeCode::i32, core::TypeCode::i32};
    const std::array<core::ValType, 1> results = {core::TypeCode::i32};
    opts.realloc = store.core()
                       .host_func(store.engine().types().host_type(params, results), &realloc, this)
                       .ref();
    opts.string_encoding = static_cast<component::StringEncoding>(in.u8() % 3);
    for (int i = 0; i < 256; ++i) opts.memory->base()[i] = in.u8();
  }
  static engine::HostStatus realloc(void* env, engine::VMContext*, ValueSlot* slots) noexcept {
    auto& self = *static_cast<Guest*>(env);
    const auto what = self.bytes.u8();
    if (what == 0) return engine::HostStatus::trap;
    if (what < 40) {
      slots[0] = self.bytes.u32();
    } else {
      if (what < 60) self.opts.memory->grow(1);
      slots[0] = abi::align_to(self.next, static_cast<std::uint32_t>(slots[2]));
      self.next = static_cast<std::uint32_t>(slots[0]) + static_cast<std::uint32_t>(slots[3]);
    }
    return engine::HostStatus::ok;
  }
  LiftLowerContext context() {
    LiftLowerContext cx;
    cx.opts = &opts;
    cx.inst = &inst;
    cx.task = &task;
    cx.lenders = &lenders;
    cx.budget = 1U << 22U;
    return cx;
  }
  ComponentInstance inst;
  CanonicalOptions opts;
  Task task;
  Lenders lenders;
  Bytes& bytes;
  std::uint32_t next = 1024;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static engine::Engine engine;
  Bytes in(data, size);
  Types types;
  component::FuncType type;
  type.params.push_back({"v", types.make(in, 4)});
  type.result = type.params[0].type;
  Shapes shapes(types.view(), abi::Ptr::i32);
  const auto f = func_shape(shapes, type);
  Store store(engine);
  Guest a(store, in);
  Guest b(store, in);
  auto from = a.context();
  auto to = b.context();
  HostScope scope;
  std::array<ValueSlot, abi::MAX_FLAT_PARAMS> slots{};
  for (auto& slot : slots) slot = in.u64();
  std::array<ValueSlot, abi::MAX_FLAT_PARAMS> out{};
  std::vector<Value> values;
  CoreValueIter vi(slots.data());
  if (ValueLifter(from, scope).lift_flat_values(vi, f, values)) {
    a.inst.may_leave = true;
    (void)ValueLowerer(from, scope).lower_flat_values(values, f, out.data());
  }
  (void)Copier(from, to).params(f, f, slots.data(), out.data());
  (void)Copier(from, to).result(f, f, slots.data(), out.data(), in.u32());
  return 0;
}
