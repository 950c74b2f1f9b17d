// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/run_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "tenon/abi/mangle.h"
#include "tenon/cli/invoke_help.h"
#include "tenon/cli/limit_help.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/rules.h"
#include "tenon/cli/wasi_grants.h"
#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"
#include "tenon/wasi/preview1.h"

namespace tenon::cli {
namespace {

using core::TypeCode;
using core::ValType;
using engine::ValueSlot;

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Call {
  std::string_view name;
  std::vector<std::string_view> args;
};

/// `name`, or `name(1, 2.5)`.
Call split(std::string_view text) {
  text = trim(text);
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return {text, {}};
  Call call{trim(text.substr(0, open)), {}};
  std::string_view rest = trim(text.substr(open + 1, text.size() - open - 2));
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    call.args.push_back(trim(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return call;
}

/// An integer of so many bits, signed or unsigned, decimal or `0x` hexadecimal.
std::optional<std::uint64_t> parse_int(std::string_view text, unsigned bits) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, bad] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (bad != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  const std::uint64_t top = std::uint64_t{1} << (bits - 1);
  if (negative ? value > top : (bits < 64 && value >= top * 2)) return std::nullopt;
  return negative ? 0 - value : value;
}

template <class F>
std::optional<F> parse_float(std::string_view text) {
  F value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool parse_value(std::string_view text, ValType type, ValueSlot* at) {
  const auto put = [at](auto value) {
    if (value) engine::SlotOf<typename decltype(value)::value_type>::store(at, *value);
    return value.has_value();
  };
  if (type.is_ref()) {
    *at = 0;
    return text == "null" && type.nullable();
  }
  if (type == ValType(TypeCode::i32)) return put(parse_int(text, 32));
  if (type == ValType(TypeCode::i64)) return put(parse_int(text, 64));
  if (type == ValType(TypeCode::f32)) return put(parse_float<float>(text));
  if (type == ValType(TypeCode::f64)) return put(parse_float<double>(text));
  return false;
}

std::string show(ValType type, const ValueSlot* at) {
  if (type.is_ref()) return *at == 0 ? "null" : "ref";
  if (type == ValType(TypeCode::i32))
    return fmt::format("{}", engine::SlotOf<std::int32_t>::load(at));
  if (type == ValType(TypeCode::i64))
    return fmt::format("{}", engine::SlotOf<std::int64_t>::load(at));
  if (type == ValType(TypeCode::f32)) return fmt::format("{}", engine::SlotOf<float>::load(at));
  if (type == ValType(TypeCode::f64)) return fmt::format("{}", engine::SlotOf<double>::load(at));
  return fmt::format("0x{:016x}{:016x}", at[1], at[0]);
}

std::string signature(const engine::RuntimeType& type) {
  const auto list = [](const std::vector<ValType>& types) {
    std::string out;
    for (const ValType t : types) out += (out.empty() ? "" : ", ") + core::to_string(t);
    return out;
  };
  return fmt::format("({}) -> ({})", list(type.params), list(type.results));
}

int trapped(Context& context, const Args& args, const engine::Trap& trap, GuestLine& line) {
  if (const auto status = trap.exit_status()) return *status;
  line.end();
  context.report(with_limit_help(static_cast<Error>(trap), &trap, args));
  return exit_trap;
}

Result<std::shared_ptr<const engine::Module>> compile(const Args& args, const Input& input,
                                                      engine::Engine& engine) {
  const core::Features features = TENON_TRY(features_of(args, core::Features::standard()));
  auto module = TENON_TRY(load_module(input, features));
  auto valid = TENON_TRY(core::validate(std::move(module), features));
  return engine::Module::create(engine, std::move(valid));
}

Result<void> limit(const Args& args, engine::Store& store) {
  if (const auto fuel = TENON_TRY(args.number("fuel"))) store.set_fuel(*fuel);
  if (const auto time = TENON_TRY(args.duration("timeout")))
    store.set_deadline(std::chrono::steady_clock::now() + *time);
  return {};
}

/// The functions that a module exports, but one.
std::string function_names(const core::Module& module, std::string_view but = {}) {
  std::string names;
  for (const core::Export& e : module.exports) {
    if (e.kind == core::ExternKind::func && e.name != but)
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", e.name);
  }
  return names;
}

int invoke(Context& context, const Args& args, engine::Instance& instance, std::string_view text,
           GuestLine& line) {
  const Call call = split(text);
  const auto func = instance.func(call.name);
  if (!func) {
    return context.report(
        Error(rules::usage, Span::none(), fmt::format("no function `{}`", call.name))
            .help("exported functions: " + function_names(instance.module().core())));
  }
  if (call.args.empty() && text.find('(') == std::string_view::npos && args.inputs().size() > 1) {
    return context.report(arguments_outside(call.name, std::span(args.inputs()).subspan(1),
                                            [](const std::string&) { return std::nullopt; }));
  }
  if (args.inputs().size() > 1) return context.report(needless_words(verbs::run_, args));
  const engine::RuntimeType& type = func->type();
  std::vector<ValueSlot> slots(std::max<std::size_t>(func->slots(), 1));
  std::size_t at = 0;
  bool good = call.args.size() == type.params.size();
  for (std::size_t i = 0; good && i < call.args.size(); ++i) {
    good = parse_value(call.args[i], type.params[i], &slots[at]);
    at += engine::slot_count(type.params[i]);
  }
  if (!good) {
    return context.report(Error(rules::usage, Span::none(), "the arguments do not fit")
                              .help(fmt::format("`{}` is `{}`", call.name, signature(type))));
  }
  if (const auto done = func->call(slots); !done) return trapped(context, args, done.error(), line);
  line.end();
  std::string out;
  at = 0;
  for (const ValType t : type.results) {
    out += show(t, &slots[at]) + "\n";
    at += engine::slot_count(t);
  }
  return write_text(context, std::nullopt, out);
}

/// Runs a function without parameters and results; `done` where there is none of that name.
int run_export(Context& context, const Args& args, engine::Instance& instance,
               std::string_view name, int done, GuestLine& line) {
  const auto func = instance.typed<void()>(name);
  if (!func) return done;
  const auto result = (*func)();
  return result ? exit_ok : trapped(context, args, result.error(), line);
}

/// A module without `_start`. What ran when it was made, or made itself ready, has run; where
/// nothing did, silence would pass for success.
int nothing_to_start(const Context& context, engine::Instance& instance,
                     std::string_view initialize) {
  const core::Module& module = instance.module().core();
  const std::string calls = function_names(module, initialize);
  if (calls.empty() || module.start) return exit_ok;
  const std::string way =
      fmt::format("`--invoke 'NAME(ARGUMENTS)'` calls one of its functions: {}", calls);
  if (instance.func(initialize)) {
    context.note(
        fmt::format("the module is a library: `{}` ran, and nothing else; {}", initialize, way));
    return exit_ok;
  }
  return context.report(
      Error(rules::no_program, Span::none(), "it exports functions, and no `_start`").help(way));
}

int run_instance(Context& context, const Args& args, engine::Instance& instance, GuestLine& line) {
  const auto call = args.value("invoke");
  const bool command = instance.typed<void()>("_start").has_value();
  // A reactor makes itself ready before its functions are called.
  const auto initialize = abi::initialize_name(abi::Mangling::legacy);
  if (call || !command) {
    if (const int code = run_export(context, args, instance, initialize, exit_ok, line);
        code != exit_ok)
      return code;
  }
  if (call) return invoke(context, args, instance, *call, line);
  if (command) return run_export(context, args, instance, "_start", exit_ok, line);
  if (args.inputs().size() > 1) return context.report(needless_words(verbs::run_, args));
  return nothing_to_start(context, instance, initialize);
}

}  // namespace

int run_core(Context& context, const Args& args, const Input& input) {
  engine::Config config;
  config.fuel = args.has("fuel");
  engine::Engine engine(config);
  const auto module = compile(args, input, engine);
  if (!module) return context.report(module.error());
  engine::StoreLimits limits;
  const auto bytes = args.size("max-memory");
  if (!bytes) return context.report(bytes.error());
  if (*bytes) limits.limit_memory(**bytes);
  wasi::Context world;
  GuestLine line;
  if (const auto granted = grant_wasi(args, world, line); !granted)
    return context.report(granted.error());
  engine::Store store(engine, limits);
  wasi::Preview1 preview1(store, world);
  if (const auto ready = limit(args, store); !ready) return context.report(ready.error());
  const auto imports = preview1.imports_of((*module)->core());
  if (!imports) return context.report(imports.error());
  auto instance = engine::Instance::create(store, *module, *imports);
  if (!instance) {
    return std::visit(overloaded{[&](const Error& e) {
                                   return context.report(
                                       with_limit_help(e, nullptr, args, is_of_memory(e, store)));
                                 },
                                 [&](const engine::Trap& trap) {
                                   const int code = trapped(context, args, trap, line);
                                   if (code != exit_ok) note_refusals(context, args, world, line);
                                   return code;
                                 }},
                      instance.error());
  }
  const int code = run_instance(context, args, **instance, line);
  if (code != exit_ok) note_refusals(context, args, world, line);
  return code;
}

}  // namespace tenon::cli
