// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "tenon/abi/flatten.h"
#include "tenon/component/validate_impl.h"

namespace tenon::component {

// Canonical functions. Spec: CanonicalABI.md "Canonical Definitions".

namespace {

using core::TypeCode;

core::ValType pointer(abi::Ptr ptr) {
  return ptr == abi::Ptr::i64 ? TypeCode::i64 : TypeCode::i32;
}

core::FuncType sig(std::vector<core::ValType> params, std::vector<core::ValType> results) {
  return {std::move(params), std::move(results)};
}

constexpr std::array<const char*, 8> option_names = {
    "utf8", "utf16", "latin1-utf16", "memory", "realloc", "post-return", "async", "callback"};

}  // namespace

Result<core::MemType> Validator::memory(CoreMemIdx idx) {
  TENON_TRY(check_index(scope().core_mems, idx.value, "memory"));
  return scope().core_mems[idx.value];
}

Result<core::CanonIdx> Validator::func_signature(CoreFuncIdx idx) {
  TENON_TRY(check_index(scope().core_funcs, idx.value, "function"));
  return scope().core_funcs[idx.value];
}

// --- options -------------------------------------------------------------------------------------

Result<void> Validator::want_core_func(CoreFuncIdx f, const core::FuncType& type,
                                       const char* option) {
  const core::CanonIdx idx = TENON_TRY(func_signature(f));
  const core::FuncType& found = types_.core_types().type(idx).type.func;
  if (found == type) return {};
  return fail(rules::canon_option_type,
              fmt::format("canonical option `{}` uses a core function with an incorrect signature: "
                          "found {}, wanted {}",
                          option, to_string(found), to_string(type)));
}

Result<void> Validator::want_memory(const CanonOptions& o, const char* why) {
  if (o.memory) return {};
  return fail(rules::canon_option_missing,
              fmt::format("canonical option `memory` is required: {}", why));
}

Result<void> Validator::want_realloc(const CanonOptions& o, const char* why) {
  if (o.realloc) return {};
  return fail(rules::canon_option_missing,
              fmt::format("canonical option `realloc` is required: {}", why));
}

/// Spec: CanonicalABI.md "canonopt Validation".
Result<CanonOptions> Validator::options(const CanonOpts& opts) {
  CanonOptions out;
  std::array<bool, 8> seen{};
  std::optional<CanonOpt::Kind> encoding;
  for (const CanonOpt& opt : opts) {
    using enum CanonOpt::Kind;
    const auto kind = static_cast<std::size_t>(opt.kind);
    if (kind <= static_cast<std::size_t>(latin1_utf16)) {
      if (encoding) {
        return fail(rules::canon_option,
                    fmt::format("canonical encoding option `{}` conflicts with option `{}`",
                                option_names.at(static_cast<std::size_t>(*encoding)),
                                option_names.at(kind)));
      }
      encoding = opt.kind;
      out.string_encoding = static_cast<StringEncoding>(opt.kind);
      continue;
    }
    if (seen.at(kind)) {
      return fail(
          rules::canon_option,
          fmt::format("canonical option `{}` is specified more than once", option_names.at(kind)));
    }
    seen.at(kind) = true;
    if (opt.kind == memory) {
      const core::MemType type = TENON_TRY(this->memory(CoreMemIdx(opt.idx)));
      if (type.addr == core::AddrType::i64) {
        TENON_TRY(gate(core::Gate::cm64, "a 64-bit memory as canonical option"));
        out.ptr = abi::Ptr::i64;
      }
      if (type.shared)
        return fail(rules::canon_option_type, "canonical option `memory` names a shared memory");
      out.memory = CoreMemIdx(opt.idx);
    }
    if (opt.kind == realloc) out.realloc = CoreFuncIdx(opt.idx);
    if (opt.kind == post_return) out.post_return = CoreFuncIdx(opt.idx);
    if (opt.kind == callback) out.callback = CoreFuncIdx(opt.idx);
    if (opt.kind == async || opt.kind == callback)
      TENON_TRY(gate(core::Gate::cm_async, "canonical option `async`"));
    if (opt.kind == async) out.async_ = true;
  }
  if (out.realloc) {
    if (!out.memory) {
      return fail(rules::canon_option_missing,
                  "canonical option `realloc` requires `memory` to also be specified");
    }
    const core::ValType p = pointer(out.ptr);
    TENON_TRY(want_core_func(*out.realloc, sig({p, p, p, p}, {p}), "realloc"));
  }
  if (out.callback) {
    if (!out.async_)
      return fail(rules::canon_option_missing, "canonical option `callback` requires `async`");
    const core::ValType i = TypeCode::i32;
    TENON_TRY(want_core_func(*out.callback, sig({i, i, i}, {i}), "callback"));
  }
  if (out.async_ && out.post_return) {
    return fail(rules::canon_option,
                "canonical option `post-return` cannot be combined with `async`");
  }
  return out;
}

// --- lift and lower ------------------------------------------------------------------------------

Result<CanonInfo> Validator::lift(const LiftImm& imm, Resolver& resolver) {
  const core::CanonIdx callee = TENON_TRY(func_signature(imm.func));
  const Tid tid = TENON_TRY(type_at(imm.type));
  if (types_.kind(tid) != TypeKind::func) {
    return fail(rules::type_sort,
                fmt::format("type index {} is not a function type", imm.type.value));
  }
  const FuncType& type = types_.shape(tid);
  TENON_TRY(walk(types_.measure(Entity::of(ExternKind::func, tid)).size));
  CanonInfo out;
  out.options = TENON_TRY(options(imm.opts));
  const CanonOptions& o = out.options;
  if (o.async_ && !type.async_) {
    return fail(rules::canon_option,
                "the `async` canonical option requires an async function type");
  }
  if (o.async_ && !o.callback)
    TENON_TRY(gate(core::Gate::cm_async_stackful, "an async lift without `callback`"));
  const abi::Types types = types_.abi_types();
  out.flat = abi::flatten_functype(types, type,
                                   {abi::Context::lift, o.async_, o.callback.has_value(), o.ptr});
  bool needs_realloc = out.flat.params_in_memory;
  for (const LabelValType& p : type.params)
    needs_realloc = needs_realloc || abi::needs_memory(types, p.type);
  if (needs_realloc) {
    TENON_TRY(want_memory(o, "the parameters pass through memory"));
    TENON_TRY(want_realloc(o, "the parameters need memory in the callee"));
  }
  if (out.flat.result_in_memory || (type.result && abi::needs_memory(types, *type.result))) {
    TENON_TRY(want_memory(o, "the result passes through memory"));
  }
  const core::FuncType& found = types_.core_types().type(callee).type.func;
  if (found != out.flat.type) {
    const bool params = found.params != out.flat.type.params;
    return fail(
        rules::canon_signature,
        fmt::format(
            "lowered {0} types do not match {0} types of core function {1}: found {2}, wanted {3}",
            params ? "parameter" : "result", imm.func.value, to_string(found),
            to_string(out.flat.type)));
  }
  if (o.post_return)
    TENON_TRY(want_core_func(*o.post_return, sig(found.results, {}), "post-return"));
  out.func_type = resolver.func(tid);
  TENON_TRY(add_entity(Entity::of(ExternKind::func, tid)));
  return out;
}

Result<CanonInfo> Validator::lower(const LowerImm& imm, Resolver& resolver) {
  TENON_TRY(check_index(scope().funcs, imm.func.value, "function"));
  const Tid tid = scope().funcs[imm.func.value];
  const FuncType& type = types_.shape(tid);
  TENON_TRY(walk(types_.measure(Entity::of(ExternKind::func, tid)).size));
  CanonInfo out;
  out.options = TENON_TRY(options(imm.opts));
  const CanonOptions& o = out.options;
  if (o.post_return) {
    return fail(rules::canon_option,
                "canonical option `post-return` cannot be specified for lowerings");
  }
  if (o.callback)
    return fail(rules::canon_option,
                "canonical option `callback` cannot be specified for lowerings");
  if (o.async_ && !type.async_) {
    return fail(rules::canon_option,
                "the `async` canonical option requires an async function type");
  }
  const abi::Types types = types_.abi_types();
  out.flat = abi::flatten_functype(types, type, {abi::Context::lower, o.async_, false, o.ptr});
  // The specification asks for a memory whenever `async` is there; its suite does not.
  bool needs = out.flat.params_in_memory || out.flat.result_in_memory;
  for (const LabelValType& p : type.params) needs = needs || abi::needs_memory(types, p.type);
  const bool result_needs = type.result && abi::needs_memory(types, *type.result);
  if (needs || result_needs) TENON_TRY(want_memory(o, "parameters or result pass through memory"));
  if (result_needs) TENON_TRY(want_realloc(o, "the result needs memory in the caller"));
  out.func_type = resolver.func(tid);
  return out;
}

// --- built-ins -----------------------------------------------------------------------------------

Result<CanonInfo> Validator::resource_builtin(CanonOp op, TypeIdx type, Resolver& resolver) {
  const Tid tid = TENON_TRY(resource_operand(type));
  const ResourceId id = types_.resource(tid);
  CanonInfo out;
  out.resource = resolver.resource(id);
  const core::ValType i32 = TypeCode::i32;
  if (op == CanonOp::resource_drop) {
    out.flat.type = sig({i32}, {});
    return out;
  }
  const auto it = scope().resources.find(id.value);
  if (it == scope().resources.end() || it->second.origin != ResourceInfo::Origin::defined) {
    return fail(rules::not_resource,
                fmt::format("type index {} is not a local resource", type.value));
  }
  const core::ValType rep = it->second.rep;
  out.flat.type = op == CanonOp::resource_new ? sig({rep}, {i32}) : sig({i32}, {rep});
  return out;
}

Result<CanonInfo> Validator::context_builtin(CanonOp op, const ContextImm& imm) {
  const bool i64 = imm.type == core::ValType(TypeCode::i64) && features_.has(core::Gate::cm64);
  if (imm.type != core::ValType(TypeCode::i32) && !i64) {
    return fail(rules::canon_immediate,
                fmt::format("a context slot holds an i32, found {}", core::to_string(imm.type)));
  }
  if (imm.slot >= 2) {
    return fail(rules::canon_immediate,
                fmt::format("immediate must be zero or one: context slot {}", imm.slot));
  }
  std::optional<core::ValType>& all = scope().context_type;
  if (all && *all != imm.type) {
    return fail(rules::canon_immediate, "context slots of one component have the same type");
  }
  all = imm.type;
  CanonInfo out;
  out.flat.type = op == CanonOp::context_get ? sig({}, {imm.type}) : sig({imm.type}, {});
  return out;
}

/// The element of a stream or future type.
Result<std::optional<ValType>> Validator::elem_of(TypeIdx type, bool stream, Tid& tid) {
  tid = TENON_TRY(type_at(type));
  if (types_.kind(tid) == TypeKind::value) {
    const DefValType& def = types_.value(tid).def;
    if (const auto* s = std::get_if<Stream>(&def); s != nullptr && stream) return s->type;
    if (const auto* f = std::get_if<Future>(&def); f != nullptr && !stream) return f->type;
  }
  return fail(rules::type_sort, fmt::format("type index {} is not a {} type", type.value,
                                            stream ? "stream" : "future"));
}

namespace {
bool is_stream(CanonOp op) {
  return op == CanonOp::stream_new || op == CanonOp::stream_read || op == CanonOp::stream_write ||
         op == CanonOp::stream_cancel_read || op == CanonOp::stream_cancel_write ||
         op == CanonOp::stream_drop_readable || op == CanonOp::stream_drop_writable ||
         op == CanonOp::stream_forward;
}
}  // namespace

Result<CanonInfo> Validator::async_type_builtin(CanonOp op, TypeIdx type, Resolver& resolver) {
  Tid tid;
  const std::optional<ValType> elem = TENON_TRY(elem_of(type, is_stream(op), tid));
  CanonInfo out;
  out.async_type = resolver.value(TypeTable::val(tid));
  if (elem) out.type = resolver.value(*elem);
  const core::ValType i32 = TypeCode::i32;
  const bool makes = op == CanonOp::stream_new || op == CanonOp::future_new;
  const bool cancels = op == CanonOp::stream_cancel_read || op == CanonOp::stream_cancel_write ||
                       op == CanonOp::future_cancel_read || op == CanonOp::future_cancel_write;
  const bool forwards = op == CanonOp::stream_forward || op == CanonOp::future_forward;
  out.flat.type = makes      ? sig({}, {TypeCode::i64})
                  : cancels  ? sig({i32}, {i32})
                  : forwards ? sig({i32, i32}, {})
                             : sig({i32}, {});
  return out;
}

/// stream.read, stream.write, future.read, future.write.
Result<CanonInfo> Validator::copy_builtin(CanonOp op, const TypeOptsImm& imm, Resolver& resolver) {
  CanonInfo out = TENON_TRY(async_type_builtin(op, imm.type, resolver));
  Tid tid;
  const std::optional<ValType> elem = TENON_TRY(elem_of(imm.type, is_stream(op), tid));
  out.options = TENON_TRY(options(imm.opts));
  const CanonOptions& o = out.options;
  if (o.post_return || o.callback)
    return fail(rules::canon_option, "only lifts have `post-return` and `callback`");
  if (!o.async_)
    TENON_TRY(gate(core::Gate::cm_more_async_builtins, "a read or write without `async`"));
  if (elem) {
    TENON_TRY(want_memory(o, "values are copied through memory"));
    const bool read = op == CanonOp::stream_read || op == CanonOp::future_read;
    if (read && abi::needs_memory(types_.abi_types(), types_.canon(*elem))) {
      TENON_TRY(want_realloc(o, "what is read needs memory"));
    }
  }
  const core::ValType i32 = TypeCode::i32;
  const core::ValType p = pointer(o.ptr);
  out.flat.type = is_stream(op) ? sig({i32, p, p}, {p}) : sig({i32, p}, {i32});
  return out;
}

Result<CanonInfo> Validator::task_return(const TaskReturnImm& imm, Resolver& resolver) {
  CanonInfo out;
  out.options = TENON_TRY(options(imm.opts));
  const CanonOptions& o = out.options;
  if (o.realloc || o.post_return || o.callback || o.async_) {
    return fail(rules::canon_option, "`task.return` takes `memory` and a string encoding only");
  }
  std::optional<ValType> result;
  if (imm.result) {
    result = TENON_TRY(val(*imm.result));
    if (!result->is_prim()) {
      const ValueFacts facts = types_.facts(TypeTable::tid(*result));
      TENON_TRY(walk(facts.size));
      if (facts.has_borrow)
        return fail(rules::borrow_place, "`task.return` result cannot contain a `borrow` type");
    }
    out.type = resolver.value(*result);
    result = types_.canon(*result);
  }
  const abi::Types types = types_.abi_types();
  out.flat = abi::flatten_task_return(types, result, o.ptr);
  if (out.flat.params_in_memory || (result && abi::needs_memory(types, *result))) {
    TENON_TRY(want_memory(o, "the result passes through memory"));
  }
  return out;
}

Result<CanonInfo> Validator::error_context_builtin(CanonOp op, const OptsImm& imm) {
  CanonInfo out;
  out.options = TENON_TRY(options(imm.opts));
  const CanonOptions& o = out.options;
  if (o.async_ || o.post_return || o.callback) {
    return fail(rules::canon_option,
                "`error-context` functions take no `async`, `post-return` or `callback`");
  }
  TENON_TRY(want_memory(o, "a message passes through memory"));
  const core::ValType i32 = TypeCode::i32;
  const core::ValType p = pointer(o.ptr);
  if (op == CanonOp::error_context_new) {
    out.flat.type = sig({p, p}, {i32});
    return out;
  }
  TENON_TRY(want_realloc(o, "the message needs memory"));
  out.flat.type = sig({i32, p}, {});
  return out;
}

Result<CanonInfo> Validator::thread_builtin(const Canon& canon) {
  const core::ValType i32 = TypeCode::i32;
  CanonInfo out;
  if (canon.op == CanonOp::thread_available_parallelism) {
    out.flat.type = sig({}, {i32});
    return out;
  }
  CoreTypeIdx type;
  std::optional<CoreTableIdx> table;
  if (const auto* i = std::get_if<IndirectImm>(&canon.imm)) {
    type = i->type;
    table = i->table;
  } else if (const auto* s = std::get_if<SharedIndirectImm>(&canon.imm)) {
    type = s->type;
    table = s->table;
  } else {
    type = std::get<SharedTypeImm>(canon.imm).type;
  }
  TENON_TRY(check_index(scope().core_types, type.value, "type"));
  const Scope::CoreTypeEntry& entry = scope().core_types[type.value];
  const auto* func = entry.is_module || types_.core_types().kind(core::CanonIdx(entry.id)) !=
                                            core::CompType::Kind::func
                         ? nullptr
                         : &types_.core_types().type(core::CanonIdx(entry.id)).type.func;
  const bool i64 =
      features_.has(core::Gate::cm64) && func != nullptr && *func == sig({TypeCode::i64}, {});
  if (func == nullptr || (*func != sig({i32}, {}) && !i64)) {
    return fail(rules::canon_immediate,
                "start function must take a single `i32` argument (thread start function)");
  }
  const core::ValType arg = func->params[0];
  core::ValType index = i32;
  if (table) {
    TENON_TRY(check_index(scope().core_tables, table->value, "table"));
    const core::TableType& t = scope().core_tables[table->value];
    if (!types_.core_types().matches(t.elem, core::funcref)) {
      return fail(rules::canon_immediate,
                  fmt::format("the table holds {}, wanted funcref", core::to_string(t.elem)));
    }
    if (t.addr == core::AddrType::i64) TENON_TRY(gate(core::Gate::cm64, "a 64-bit table"));
    index = core::valtype(t.addr);
  } else {
    index = core::ValType::ref(core::TypeIdx(entry.id), true);
  }
  out.flat.type = sig({index, arg}, {i32});
  return out;
}

Result<CanonInfo> Validator::wait_builtin(CoreMemIdx idx) {
  const core::MemType type = TENON_TRY(memory(idx));
  if (type.addr == core::AddrType::i64) TENON_TRY(gate(core::Gate::cm64, "a 64-bit memory"));
  CanonInfo out;
  out.flat.type = sig({TypeCode::i32, core::valtype(type.addr)}, {TypeCode::i32});
  out.options.memory = idx;
  out.options.ptr = type.addr == core::AddrType::i64 ? abi::Ptr::i64 : abi::Ptr::i32;
  return out;
}

Result<CanonInfo> Validator::cancel_builtin(CanonOp op, const TypeAsyncImm& imm,
                                            Resolver& resolver) {
  if (imm.async_)
    TENON_TRY(gate(core::Gate::cm_more_async_builtins, "a cancellation with `async`"));
  CanonInfo out = TENON_TRY(async_type_builtin(op, imm.type, resolver));
  out.options.async_ = imm.async_;
  return out;
}

Result<CanonInfo> Validator::builtin(const Canon& canon, Resolver& resolver) {
  const core::ValType i32 = TypeCode::i32;
  const auto plain = [&](std::vector<core::ValType> params, std::vector<core::ValType> results) {
    CanonInfo out;
    out.flat.type = sig(std::move(params), std::move(results));
    return out;
  };
  switch (canon.op) {
    case CanonOp::resource_new:
    case CanonOp::resource_drop:
    case CanonOp::resource_rep:
      return resource_builtin(canon.op, std::get<ResourceImm>(canon.imm).type, resolver);
    case CanonOp::task_cancel:
    case CanonOp::backpressure_inc:
    case CanonOp::backpressure_dec:
      return plain({}, {});
    case CanonOp::subtask_cancel:
      if (std::get<AsyncImm>(canon.imm).async_) {
        TENON_TRY(gate(core::Gate::cm_more_async_builtins, "`subtask.cancel` with `async`"));
      }
      return plain({i32}, {i32});
    case CanonOp::task_return:
      return task_return(std::get<TaskReturnImm>(canon.imm), resolver);
    case CanonOp::context_get:
    case CanonOp::context_set:
      return context_builtin(canon.op, std::get<ContextImm>(canon.imm));
    case CanonOp::thread_yield:
    case CanonOp::thread_suspend:
    case CanonOp::thread_index:
    case CanonOp::waitable_set_new:
      return plain({}, {i32});
    case CanonOp::subtask_drop:
    case CanonOp::waitable_set_drop:
    case CanonOp::error_context_drop:
    case CanonOp::thread_resume_later:
      return plain({i32}, {});
    case CanonOp::waitable_join:
      return plain({i32, i32}, {});
    case CanonOp::thread_suspend_then_resume:
    case CanonOp::thread_yield_then_resume:
    case CanonOp::thread_suspend_then_promote:
    case CanonOp::thread_yield_then_promote:
      return plain({i32}, {i32});
    case CanonOp::waitable_set_wait:
    case CanonOp::waitable_set_poll:
      return wait_builtin(std::get<MemImm>(canon.imm).memory);
    case CanonOp::stream_read:
    case CanonOp::stream_write:
    case CanonOp::future_read:
    case CanonOp::future_write:
      return copy_builtin(canon.op, std::get<TypeOptsImm>(canon.imm), resolver);
    case CanonOp::stream_cancel_read:
    case CanonOp::stream_cancel_write:
    case CanonOp::future_cancel_read:
    case CanonOp::future_cancel_write:
      return cancel_builtin(canon.op, std::get<TypeAsyncImm>(canon.imm), resolver);
    case CanonOp::stream_new:
    case CanonOp::stream_drop_readable:
    case CanonOp::stream_drop_writable:
    case CanonOp::stream_forward:
    case CanonOp::future_new:
    case CanonOp::future_drop_readable:
    case CanonOp::future_drop_writable:
    case CanonOp::future_forward:
      return async_type_builtin(canon.op, std::get<TypeImm>(canon.imm).type, resolver);
    case CanonOp::error_context_new:
    case CanonOp::error_context_debug_message:
      return error_context_builtin(canon.op, std::get<OptsImm>(canon.imm));
    case CanonOp::thread_new_indirect:
    case CanonOp::thread_spawn_ref:
    case CanonOp::thread_spawn_indirect:
    case CanonOp::thread_available_parallelism:
      return thread_builtin(canon);
    case CanonOp::lift:
    case CanonOp::lower:
      break;
  }
  return fail(rules::canon_immediate, "an unknown canonical function");
}

namespace {

struct CanonRow {
  const char* name;
  core::Gate gate;
};
CanonRow row(CanonOp op) {
  switch (op) {
    case CanonOp::lift:
      return {"lift", core::Gate::component_model};
    case CanonOp::lower:
      return {"lower", core::Gate::component_model};
#define TENON_CANON(name, text, opcode, Imm, gate) \
  case CanonOp::name:                              \
    return {text, core::Gate::gate};
#include "tenon/component/canon.def"
#undef TENON_CANON
  }
  return {"", core::Gate::component_model};
}

}  // namespace

Result<void> Validator::canon(const Canon& canon, ComponentInfo& info, Resolver& resolver) {
  const CanonRow r = row(canon.op);
  TENON_TRY(gate(r.gate, r.name));
  Result<CanonInfo> made = canon.op == CanonOp::lift ? lift(std::get<LiftImm>(canon.imm), resolver)
                           : canon.op == CanonOp::lower
                               ? lower(std::get<LowerImm>(canon.imm), resolver)
                               : builtin(canon, resolver);
  CanonInfo out = TENON_TRY(std::move(made));
  out.op = canon.op;
  if (canon.op != CanonOp::lift) {
    TENON_TRY(within_limit(scope().core_funcs.size(), limits::index_space, "core functions"));
    const core::CanonIdx type = TENON_TRY(types_.core_types().intern_func(out.flat.type));
    scope().core_funcs.push_back(type);
  }
  info.canons.push_back(std::move(out));
  return {};
}

}  // namespace tenon::component
