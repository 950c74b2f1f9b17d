// SPDX-License-Identifier: Apache-2.0
// The one place that knows how core modules name what stands for WIT: the scheme that guest
// generators use today ("legacy"), and the one of BuildTargets.md ("cm32p2"). What writes modules
// spells with it, and what reads them parses with it.
#include "tenon/abi/mangle.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <span>
#include <system_error>

#include "tenon/types/semver.h"

namespace tenon::abi {
namespace {

constexpr std::string_view standard = "cm32p2";
constexpr std::string_view of_export = "[export]";
constexpr std::string_view of_export_standard = "_ex_";
constexpr std::string_view root = "$root";
constexpr std::string_view async_lower = "[async-lower]";
constexpr std::string_view callback_prefix = "[callback]";
constexpr std::string_view post_prefix = "cabi_post_";
constexpr std::string_view post_suffix = "_post";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string module_of(std::string_view interface) {
  return std::string(interface.empty() ? root : interface);
}

std::string_view lift_prefix(Calling calling) {
  switch (calling) {
    case Calling::sync:
      return "";
    case Calling::async:
      return "[async-lift]";
    case Calling::async_stackful:
      return "[async-lift-stackful]";
  }
  return "";
}

}  // namespace

CoreName import_func(Mangling mangling, std::string_view interface, std::string_view func,
                     Calling calling) {
  if (mangling == Mangling::cm32p2) {
    if (interface.empty()) return {std::string(standard), std::string(func)};
    return {joined({standard, "|", types::canonical_interface(interface)}), std::string(func)};
  }
  return {module_of(interface),
          joined({calling == Calling::sync ? std::string_view() : async_lower, func})};
}

std::string export_func(Mangling mangling, std::string_view interface, std::string_view func,
                        Calling calling) {
  if (mangling == Mangling::cm32p2) {
    return joined({standard, "|",
                   interface.empty() ? std::string_view() : types::canonical_interface(interface),
                   "|", func});
  }
  return joined({lift_prefix(calling), interface, interface.empty() ? "" : "#", func});
}

std::string post_return(Mangling mangling, std::string_view interface, std::string_view func) {
  if (mangling == Mangling::cm32p2)
    return joined({export_func(mangling, interface, func), post_suffix});
  return joined({post_prefix, export_func(mangling, interface, func)});
}

std::string callback(std::string_view interface, std::string_view func) {
  return joined({callback_prefix, export_func(Mangling::legacy, interface, func, Calling::async)});
}

CoreName task_return(std::string_view interface, std::string_view func) {
  return {joined({of_export, module_of(interface)}), joined({"[task-return]", func})};
}

CoreName resource_op(Mangling mangling, std::string_view interface, std::string_view resource,
                     ResourceOp op, bool exported) {
  const std::string_view word = op == ResourceOp::new_  ? "new"
                                : op == ResourceOp::rep ? "rep"
                                                        : "drop";
  if (mangling == Mangling::cm32p2) {
    if (interface.empty() && !exported)
      return {std::string(standard), joined({resource, "_", word})};
    return {joined({standard, "|", exported ? of_export_standard : std::string_view(),
                    types::canonical_interface(interface)}),
            joined({resource, "_", word})};
  }
  return {joined({exported ? of_export : std::string_view(), module_of(interface)}),
          joined({"[resource-", word, "]", resource})};
}

std::string destructor(Mangling mangling, std::string_view interface, std::string_view resource) {
  if (mangling == Mangling::cm32p2)
    return joined({standard, "|", types::canonical_interface(interface), "|", resource, "_dtor"});
  return joined({interface, interface.empty() ? "" : "#", "[dtor]", resource});
}

CoreName payload_op(std::string_view interface, std::string_view func, std::string_view op,
                    std::uint32_t index, bool exported, bool async_lowered) {
  return {joined({exported ? of_export : std::string_view(), module_of(interface)}),
          joined({async_lowered ? async_lower : std::string_view(), "[", op, "-",
                  std::to_string(index), "]", func})};
}

CoreName intrinsic(std::string_view op, bool exported) {
  return {joined({exported ? of_export : std::string_view(), root}), joined({"[", op, "]"})};
}

bool is_own_export(std::string_view name) {
  for (const std::string_view own :
       {"memory", "_initialize", "_start", "__indirect_function_table", "__wasm_task_hook"}) {
    if (name == own) return true;
  }
  for (const std::string_view prefix : {"cabi_", "canonical_abi_", "cm32p2"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

std::string_view memory_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_memory" : "memory";
}
std::string_view realloc_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_realloc" : "cabi_realloc";
}
std::string_view initialize_name(Mangling mangling) {
  return mangling == Mangling::cm32p2 ? "cm32p2_initialize" : "_initialize";
}

std::array<ExportNames, manglings.size()> export_names(std::string_view interface,
                                                       std::string_view func) {
  std::array<ExportNames, manglings.size()> out;
  for (std::size_t i = 0; i < manglings.size(); ++i) {
    const std::string name = export_func(manglings[i], interface, func);
    out[i].sync = name;
    out[i].post_return = post_return(manglings[i], interface, func);
    // The standard mangling does not say how functions are exported as tasks.
    out[i].async = joined({lift_prefix(Calling::async), name});
    out[i].callback = joined({callback_prefix, out[i].async});
    out[i].async_stackful = joined({lift_prefix(Calling::async_stackful), name});
  }
  return out;
}

ImportModule parse_import_module(std::string_view module) {
  ImportModule out;
  const auto eat = [&](std::string_view prefix) {
    const bool there = module.starts_with(prefix);
    if (there) module.remove_prefix(prefix.size());
    return there;
  };
  if (module == standard || (module.starts_with(standard) && module[standard.size()] == '|')) {
    out.mangling = Mangling::cm32p2;
    module.remove_prefix(std::min(module.size(), standard.size() + 1));
    out.of_export = eat(of_export_standard);
    out.root = module.empty();
  } else {
    out.of_export = eat(of_export);
    out.root = module == root;
  }
  out.interface = module;
  return out;
}

bool strip_async_lower(std::string_view& name) {
  if (!name.starts_with(async_lower)) return false;
  name.remove_prefix(async_lower.size());
  return true;
}

namespace {

using Arg = BuiltinName::Arg;

/// `[op]`, alone.
constexpr std::string_view plain_ops[] = {
    "task-cancel",
    "backpressure-inc",
    "backpressure-dec",
    "waitable-set-new",
    "waitable-set-wait",
    "waitable-set-poll",
    "waitable-set-drop",
    "waitable-join",
    "subtask-drop",
    "subtask-cancel",
    "error-context-drop",
    "thread-index",
    "thread-new-indirect",
    "thread-resume-later",
    "thread-suspend",
    "thread-yield",
    "thread-suspend-then-resume",
    "thread-yield-then-resume",
    "thread-suspend-then-promote",
    "thread-yield-then-promote",
};
/// `[op-N]func`, `[op-unit]func`, after "stream-" or "future-".
constexpr std::string_view payload_ops[] = {"new",           "read",         "write",
                                            "cancel-read",   "cancel-write", "drop-readable",
                                            "drop-writable", "forward"};
/// `[op-encoding]`.
constexpr std::string_view error_context_ops[] = {"error-context-new",
                                                  "error-context-debug-message"};
constexpr std::string_view encodings[] = {"utf8", "utf16", "latin1+utf16"};
/// `[op]resource`; in the standard mangling `resource_` and what follows the dash.
constexpr std::string_view resource_ops[] = {"resource-drop", "resource-new", "resource-rep"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// `stream-read-0`, `future-new-unit`.
std::optional<BuiltinName> with_payload(std::string_view inside, std::string_view func) {
  const std::size_t dash = inside.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view which = inside.substr(dash + 1);
  BuiltinName out;
  out.op = inside.substr(0, dash);
  if (!out.op.starts_with("stream-") && !out.op.starts_with("future-")) return std::nullopt;
  if (!is_one_of(out.op.substr(7), payload_ops)) return std::nullopt;
  out.arg = Arg::payload;
  out.name = func;
  out.unit = which == "unit";
  if (out.unit) return out;
  const auto n = number(which);
  if (!n) return std::nullopt;
  out.number = *n;
  return out;
}

/// `context-get-0`, `context-set-i64-1`.
std::optional<BuiltinName> context(std::string_view inside) {
  constexpr std::size_t op_size = 11;
  BuiltinName out;
  out.op = inside.substr(0, op_size);
  if (out.op != "context-get" && out.op != "context-set") return std::nullopt;
  inside.remove_prefix(op_size);
  if (!inside.starts_with('-')) return std::nullopt;
  inside.remove_prefix(1);
  if (inside.starts_with("i64-") || inside.starts_with("i32-")) {
    out.i64 = inside[1] == '6';
    inside.remove_prefix(4);
  }
  const auto slot = number(inside);
  if (!slot) return std::nullopt;
  out.number = *slot;
  return out;
}

std::optional<BuiltinName> with_encoding(std::string_view inside) {
  const std::size_t dash = inside.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  BuiltinName out;
  out.op = inside.substr(0, dash);
  out.encoding = inside.substr(dash + 1);
  if (!is_one_of(out.op, error_context_ops) || !is_one_of(out.encoding, encodings))
    return std::nullopt;
  return out;
}

std::optional<BuiltinName> alone(std::string_view inside) {
  // The width of a pointer, and the revision of an operation, may be named.
  if (inside.starts_with("waitable-set-") && inside.ends_with("-i32")) inside.remove_suffix(4);
  if (inside == "thread-new-indirect-v0") inside.remove_suffix(3);
  if (!is_one_of(inside, plain_ops)) return std::nullopt;
  BuiltinName out;
  out.op = inside;
  return out;
}

std::optional<BuiltinName> standard_builtin(std::string_view name) {
  for (const std::string_view op : resource_ops) {
    const std::string_view word = op.substr(op.find('-') + 1);
    if (name.size() <= word.size() || !name.ends_with(word)) continue;
    BuiltinName out;
    out.op = op;
    out.arg = Arg::resource;
    out.name = name.substr(0, name.size() - word.size());
    if (!out.name.ends_with('_')) continue;
    out.name.remove_suffix(1);
    return out;
  }
  return std::nullopt;
}

}  // namespace

std::optional<BuiltinName> parse_builtin(std::string_view name, const ImportModule& where) {
  if (where.mangling == Mangling::cm32p2) return standard_builtin(name);
  const bool async = strip_async_lower(name);
  const std::size_t end = name.find(']');
  if (!name.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = name.substr(1, end - 1);
  const std::string_view rest = name.substr(end + 1);
  std::optional<BuiltinName> out;
  if (is_one_of(inside, resource_ops)) {
    out = BuiltinName{.op = inside, .arg = Arg::resource, .name = rest};
  } else if (inside == "task-return") {
    out = BuiltinName{.op = inside, .arg = Arg::func, .name = rest};
  } else {
    out = with_payload(inside, rest);
  }
  if (!out && rest.empty()) {
    out = alone(inside);
    if (!out) out = context(inside);
    if (!out) out = with_encoding(inside);
  }
  if (out) out->async_ = async;
  return out;
}

}  // namespace tenon::abi
