// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/wast_engine.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>

#include "tenon/base/index.h"
#include "tenon/engine/gc.h"
#include "tenon/engine/instance.h"
#include "tenon/engine/shared_memory.h"
#include "tenon/testing/wast_match.h"

namespace tenon::testing {

namespace {

using core::TypeCode;
using core::ValType;
using text::CoreValue;
using text::RefKind;

constexpr const char* of_another_thread = "only shared memories of this module are here";

class EngineHost final : public CoreWastHost {
 public:
  explicit EngineHost(engine::Engine& engine, WastTimeout timeout)
      : engine_(engine), timeout_(timeout), store_(engine) {
    make_spectest();
  }

  std::uint32_t define(core::Validated<core::Module> module) override {
    modules_.push_back(engine::Module::create(engine_, std::move(module)));
    return static_cast<std::uint32_t>(modules_.size() - 1);
  }
  Instantiated instantiate(std::uint32_t definition) override;
  void register_instance(std::string_view name, std::uint32_t instance) override {
    registered_[std::string(name)] = exports_of(instance);
  }
  std::unique_ptr<CoreWastHost> for_thread(std::span<const std::uint32_t> shared) override;
  WastOutcome invoke(std::uint32_t instance, std::string_view func,
                     std::span<const CoreValue> args) override;
  WastOutcome get(std::uint32_t instance, std::string_view global) override;

 private:
  using Names = std::map<std::string, engine::Extern, std::less<>>;
  [[nodiscard]] Names exports_of(std::uint32_t instance) const;
  void make_spectest();
  void print(std::string_view name, std::initializer_list<ValType> params);
  [[nodiscard]] WastOutcome failed(const engine::Failure& failure) const;
  [[nodiscard]] WastOutcome failed(const engine::Trap& trap) const;
  void limit_time() {
    if (timeout_) store_.set_deadline(std::chrono::steady_clock::now() + *timeout_);
  }
  static WastOutcome error(std::string message) {
    return {WastOutcome::Kind::error, std::move(message), {}};
  }
  /// The value in the engine's form, or false when it is none of that type.
  bool write(const CoreValue& value, ValType type, engine::ValueSlot* at) const;
  bool write_ref(const CoreValue& value, ValType type, engine::ValueSlot* at) const;
  [[nodiscard]] const core::FuncType& declared(std::uint32_t instance, std::string_view func) const;
  CoreValue read(ValType type, const engine::ValueSlot* at) const;
  CoreValue read_ref(ValType type, engine::ValueSlot bits) const;

  engine::Engine& engine_;
  WastTimeout timeout_;
  engine::Store store_;
  std::vector<Result<std::shared_ptr<const engine::Module>>> modules_;
  /// Null: one of another thread's host, with what can be used of it here.
  std::vector<engine::Instance*> instances_;
  std::vector<Names> adopted_;
  std::map<std::string, Names, std::less<>> registered_;
};

EngineHost::Names EngineHost::exports_of(std::uint32_t instance) const {
  if (instance < adopted_.size()) return adopted_[instance];
  Names names;
  engine::Instance& i = *instances_[instance];
  const auto& exports = i.module().core().exports;
  for (std::uint32_t k = 0; k < exports.size(); ++k)
    names.emplace(std::string(exports[k].name), i.get(k));
  return names;
}

std::unique_ptr<CoreWastHost> EngineHost::for_thread(std::span<const std::uint32_t> shared) {
  auto host = std::make_unique<EngineHost>(engine_, timeout_);
  for (const std::uint32_t instance : shared) {
    Names& names = host->adopted_.emplace_back();
    host->instances_.push_back(nullptr);
    for (const auto& [name, item] : exports_of(instance)) {
      engine::Memory* const* memory = std::get_if<engine::Memory*>(&item);
      if (memory == nullptr || !(*memory)->is_shared()) continue;
      if (engine::Memory* view = host->store_.import_memory((*memory)->shared()))
        names.emplace(name, view);
    }
  }
  return host;
}

engine::HostStatus print_nothing(void*, engine::VMContext*, engine::ValueSlot*) noexcept {
  return engine::HostStatus::ok;
}

void EngineHost::print(std::string_view name, std::initializer_list<ValType> params) {
  const engine::TypeRef type = engine_.types().host_type(params, {});
  registered_["spectest"].emplace(std::string(name),
                                  store_.host_func(type, &print_nothing, nullptr));
}

void EngineHost::make_spectest() {
  print("print", {});
  print("print_i32", {TypeCode::i32});
  print("print_i64", {TypeCode::i64});
  print("print_f32", {TypeCode::f32});
  print("print_f64", {TypeCode::f64});
  print("print_i32_f32", {TypeCode::i32, TypeCode::f32});
  print("print_f64_f64", {TypeCode::f64, TypeCode::f64});
  auto& names = registered_["spectest"];
  const auto global = [&](const char* name, TypeCode type, engine::ValueSlot bits) {
    names.emplace(name, store_.new_global({type, false, false}, &bits));
  };
  global("global_i32", TypeCode::i32, 666);
  global("global_i64", TypeCode::i64, 666);
  global("global_f32", TypeCode::f32, std::bit_cast<std::uint32_t>(666.6F));
  global("global_f64", TypeCode::f64, std::bit_cast<std::uint64_t>(666.6));
  core::MemType memory;
  memory.limits = {1, 2};
  names.emplace("memory", store_.new_memory(memory));
  core::TableType table;
  table.limits = {10, 20};
  names.emplace("table", store_.new_table(table));
  table.addr = core::AddrType::i64;
  names.emplace("table64", store_.new_table(table));
}

WastOutcome EngineHost::failed(const engine::Trap& trap) const {
  if (timeout_ && trap.code() == engine::TrapCode::interrupted)
    return error(std::string(ran_too_long));
  WastOutcome out;
  out.message = trap.message();
  out.kind = WastOutcome::Kind::trap;
  if (trap.code() == engine::TrapCode::stack_overflow) out.kind = WastOutcome::Kind::exhaustion;
  if (trap.code() == engine::TrapCode::uncaught_exception) out.kind = WastOutcome::Kind::exception;
  return out;
}

WastOutcome EngineHost::failed(const engine::Failure& failure) const {
  return std::visit(overloaded{[this](const engine::Trap& trap) { return failed(trap); },
                               [](const Error& e) {
                                 return WastOutcome{WastOutcome::Kind::unlinkable, e.text(), {}};
                               }},
                    failure);
}

EngineHost::Instantiated EngineHost::instantiate(std::uint32_t definition) {
  if (!modules_[definition])
    return {{WastOutcome::Kind::unlinkable, modules_[definition].error().text(), {}}, 0};
  const auto& module = *modules_[definition];
  std::vector<engine::Extern> imports;
  for (const core::Import& i : module->core().imports) {
    const auto names = registered_.find(i.module);
    if (names != registered_.end()) {
      if (const auto item = names->second.find(i.name); item != names->second.end()) {
        imports.push_back(item->second);
        continue;
      }
    }
    const std::string name = std::string(i.module) + "." + std::string(i.name);
    return {{WastOutcome::Kind::unlinkable, "unknown import: `" + name + "`", {}}, 0};
  }
  limit_time();
  auto made = engine::Instance::create(store_, module, imports);
  if (!made) return {failed(made.error()), 0};
  instances_.push_back(*made);
  return {{}, static_cast<std::uint32_t>(instances_.size() - 1)};
}

bool EngineHost::write(const CoreValue& value, ValType type, engine::ValueSlot* at) const {
  const auto number = [&](TypeCode code) {
    *at = value.bits;
    return type == code;
  };
  switch (value.kind) {
    case CoreValue::Kind::i32:
      return number(TypeCode::i32);
    case CoreValue::Kind::i64:
      return number(TypeCode::i64);
    case CoreValue::Kind::f32:
      return number(TypeCode::f32);
    case CoreValue::Kind::f64:
      return number(TypeCode::f64);
    case CoreValue::Kind::v128:
      if (!type.is_vec()) return false;
      std::memcpy(at, value.lanes.data(), 16);
      return true;
    case CoreValue::Kind::ref:
      return type.is_ref() && write_ref(value, type, at);
    case CoreValue::Kind::either:
      break;
  }
  return false;
}

bool EngineHost::write_ref(const CoreValue& value, ValType type, engine::ValueSlot* at) const {
  const auto& types = engine_.types();
  const auto is = [&](TypeCode code, bool nullable) {
    return types.matches(ValType::ref(code, nullable), type);
  };
  *at = 0;
  switch (value.ref) {
    case RefKind::null: {
      // A null belongs to every type of its hierarchy. Indices of types mean a module's own.
      if (value.heap.is_defined()) return type.nullable();
      constexpr TypeCode bottoms[] = {TypeCode::none, TypeCode::nofunc, TypeCode::noextern,
                                      TypeCode::noexn};
      return std::ranges::any_of(bottoms, [&](TypeCode bottom) {
        return types.matches(core::HeapType(bottom), value.heap) && is(bottom, true);
      });
    }
    case RefKind::extern_:
      *at = engine::AnyRef::host(value.bits).bits;
      return value.has_operand && is(TypeCode::extern_, false);
    case RefKind::host:
      *at = engine::AnyRef::host(value.bits).bits;
      return value.has_operand && is(TypeCode::any, false);
    case RefKind::i31:
      *at = engine::AnyRef::i31(static_cast<std::uint32_t>(value.bits)).bits;
      return value.has_operand && is(TypeCode::i31, false);
    case RefKind::func:
    case RefKind::any:
    case RefKind::eq:
    case RefKind::struct_:
    case RefKind::array:
    case RefKind::exn:
      break;
  }
  return false;
}

CoreValue EngineHost::read_ref(ValType type, engine::ValueSlot bits) const {
  CoreValue value;
  value.kind = CoreValue::Kind::ref;
  value.heap = type.heap();
  if (bits == 0) return value;
  const auto& types = engine_.types();
  const auto below = [&](TypeCode top) { return types.matches(type, ValType::ref(top, true)); };
  const engine::AnyRef any{bits};
  if (below(TypeCode::func)) {
    value.ref = RefKind::func;
  } else if (below(TypeCode::exn)) {
    value.ref = RefKind::exn;
  } else if (below(TypeCode::extern_)) {
    value.ref = RefKind::extern_;
    value.has_operand = any.is_host();
    value.bits = any.is_host() ? any.host_word() : 0;
  } else if (any.is_i31()) {
    value.ref = RefKind::i31;
  } else if (any.is_host()) {
    value.ref = RefKind::host;
    value.has_operand = true;
    value.bits = any.host_word();
  } else {
    const auto* object = std::bit_cast<const engine::GcObject*>(bits);
    value.ref =
        object->type->kind == core::CompType::Kind::struct_ ? RefKind::struct_ : RefKind::array;
  }
  return value;
}

CoreValue EngineHost::read(ValType type, const engine::ValueSlot* at) const {
  if (type.is_ref()) return read_ref(type, *at);
  CoreValue value;
  value.bits = *at;
  if (type == TypeCode::i64) {
    value.kind = CoreValue::Kind::i64;
  } else if (type == TypeCode::f64) {
    value.kind = CoreValue::Kind::f64;
  } else if (type == TypeCode::v128) {
    value.kind = CoreValue::Kind::v128;
    std::memcpy(value.lanes.data(), at, 16);
  } else {
    value.kind = type == TypeCode::f32 ? CoreValue::Kind::f32 : CoreValue::Kind::i32;
    value.bits = static_cast<std::uint32_t>(*at);
  }
  return value;
}

/// A function's type as its module numbers types.
const core::FuncType& EngineHost::declared(std::uint32_t instance, std::string_view func) const {
  const engine::Module& module = instances_[instance]->module();
  const core::Export& e = module.core().exports[*module.find_export(func)];
  return module.core().types[module.core().func_types[e.index]].type.func;
}

WastOutcome EngineHost::invoke(std::uint32_t instance, std::string_view func,
                               std::span<const CoreValue> args) {
  if (instances_[instance] == nullptr) return error(of_another_thread);
  const auto f = instances_[instance]->func(func);
  if (!f) return error("unknown function `" + std::string(func) + "`");
  const engine::RuntimeType& type = f->type();
  if (type.params.size() != args.size()) return error("wrong number of arguments");
  std::vector<engine::ValueSlot> slots(std::max<std::size_t>(f->slots(), 1));
  std::size_t at = 0;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!write(args[i], type.params[i], &slots[at])) {
      return error("argument " + std::to_string(i) + " is " + show(text::ScriptValue(args[i])) +
                   ", the function `" + std::string(func) + "` wants " +
                   core::to_string(declared(instance, func).params[i]));
    }
    at += engine::slot_count(type.params[i]);
  }
  limit_time();
  if (auto done = f->call(slots); !done) return failed(done.error());
  WastOutcome out;
  at = 0;
  for (const ValType t : type.results) {
    out.values.emplace_back(read(t, &slots[at]));
    at += engine::slot_count(t);
  }
  return out;
}

WastOutcome EngineHost::get(std::uint32_t instance, std::string_view global) {
  if (instances_[instance] == nullptr) return error(of_another_thread);
  const auto item = instances_[instance]->find(global);
  if (!item || !std::holds_alternative<engine::Global>(*item))
    return error("unknown global `" + std::string(global) + "`");
  const auto& g = std::get<engine::Global>(*item);
  WastOutcome out;
  out.values.emplace_back(read(g.type.type, g.cell));
  return out;
}

}  // namespace

std::unique_ptr<CoreWastHost> make_engine_host(engine::Engine& engine, WastTimeout timeout) {
  return std::make_unique<EngineHost>(engine, timeout);
}

}  // namespace tenon::testing
