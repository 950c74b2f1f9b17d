// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/core_names.h"

#include <algorithm>
#include <charconv>

namespace tenon::builder {

using component::CanonOp;
using component::StringEncoding;

namespace {

struct Row {
  std::string_view name;
  CanonOp op;
};

/// `[name]`, alone.
constexpr Row plain[] = {
    {"task-cancel", CanonOp::task_cancel},
    {"backpressure-inc", CanonOp::backpressure_inc},
    {"backpressure-dec", CanonOp::backpressure_dec},
    {"waitable-set-new", CanonOp::waitable_set_new},
    {"waitable-set-wait", CanonOp::waitable_set_wait},
    {"waitable-set-poll", CanonOp::waitable_set_poll},
    {"waitable-set-drop", CanonOp::waitable_set_drop},
    {"waitable-join", CanonOp::waitable_join},
    {"subtask-drop", CanonOp::subtask_drop},
    {"subtask-cancel", CanonOp::subtask_cancel},
    {"error-context-drop", CanonOp::error_context_drop},
    {"thread-index", CanonOp::thread_index},
    {"thread-new-indirect-v0", CanonOp::thread_new_indirect},
    {"thread-resume-later", CanonOp::thread_resume_later},
    {"thread-suspend", CanonOp::thread_suspend},
    {"thread-yield", CanonOp::thread_yield},
    {"thread-suspend-then-resume", CanonOp::thread_suspend_then_resume},
    {"thread-yield-then-resume", CanonOp::thread_yield_then_resume},
    {"thread-suspend-then-promote", CanonOp::thread_suspend_then_promote},
    {"thread-yield-then-promote", CanonOp::thread_yield_then_promote},
};

/// `[name-N]func`.
constexpr Row payload[] = {
    {"stream-new-", CanonOp::stream_new},
    {"stream-read-", CanonOp::stream_read},
    {"stream-write-", CanonOp::stream_write},
    {"stream-cancel-read-", CanonOp::stream_cancel_read},
    {"stream-cancel-write-", CanonOp::stream_cancel_write},
    {"stream-drop-readable-", CanonOp::stream_drop_readable},
    {"stream-drop-writable-", CanonOp::stream_drop_writable},
    {"stream-forward-", CanonOp::stream_forward},
    {"future-new-", CanonOp::future_new},
    {"future-read-", CanonOp::future_read},
    {"future-write-", CanonOp::future_write},
    {"future-cancel-read-", CanonOp::future_cancel_read},
    {"future-cancel-write-", CanonOp::future_cancel_write},
    {"future-drop-readable-", CanonOp::future_drop_readable},
    {"future-drop-writable-", CanonOp::future_drop_writable},
    {"future-forward-", CanonOp::future_forward},
};

constexpr Row error_context[] = {
    {"error-context-new-", CanonOp::error_context_new},
    {"error-context-debug-message-", CanonOp::error_context_debug_message},
};

constexpr Row resource[] = {
    {"resource-drop", CanonOp::resource_drop},
    {"resource-new", CanonOp::resource_new},
    {"resource-rep", CanonOp::resource_rep},
};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<Builtin> with_payload(std::string_view inside, std::string_view func) {
  for (const Row& row : payload) {
    if (!inside.starts_with(row.name)) continue;
    const std::string_view which = inside.substr(row.name.size());
    Builtin out;
    out.op = row.op;
    out.arg = Builtin::Arg::payload;
    out.name = func;
    out.unit = which == "unit";
    if (out.unit) return out;
    const auto n = number(which);
    if (!n) return std::nullopt;
    out.number = *n;
    return out;
  }
  return std::nullopt;
}

std::optional<Builtin> context(std::string_view inside) {
  Builtin out;
  if (inside.starts_with("context-get-")) {
    out.op = CanonOp::context_get;
  } else if (inside.starts_with("context-set-")) {
    out.op = CanonOp::context_set;
  } else {
    return std::nullopt;
  }
  inside.remove_prefix(12);
  if (inside.starts_with("i64-") || inside.starts_with("i32-")) {
    out.i64 = inside[1] == '6';
    inside.remove_prefix(4);
  }
  const auto slot = number(inside);
  if (!slot) return std::nullopt;
  out.number = *slot;
  return out;
}

std::optional<Builtin> with_encoding(std::string_view inside) {
  for (const Row& row : error_context) {
    if (!inside.starts_with(row.name)) continue;
    const std::string_view encoding = inside.substr(row.name.size());
    Builtin out;
    out.op = row.op;
    if (encoding == "utf16") {
      out.encoding = StringEncoding::utf16;
    } else if (encoding == "latin1+utf16") {
      out.encoding = StringEncoding::latin1_utf16;
    } else if (encoding != "utf8") {
      return std::nullopt;
    }
    return out;
  }
  return std::nullopt;
}

/// `r_drop`, `r_new`, `r_rep`.
std::optional<Builtin> cm32p2_builtin(std::string_view name) {
  Builtin out;
  out.arg = Builtin::Arg::resource;
  for (const auto& [suffix, op] :
       {Row{"_drop", CanonOp::resource_drop}, Row{"_new", CanonOp::resource_new},
        Row{"_rep", CanonOp::resource_rep}}) {
    if (!name.ends_with(suffix)) continue;
    out.op = op;
    out.name = name.substr(0, name.size() - suffix.size());
    return out;
  }
  return std::nullopt;
}

}  // namespace

ImportModule parse_import_module(std::string_view module) {
  ImportModule out;
  constexpr std::string_view standard = "cm32p2";
  if (module == standard || module.starts_with("cm32p2|")) {
    out.cm32p2 = true;
    module.remove_prefix(std::min(module.size(), standard.size() + 1));
    if (module.starts_with("_ex_")) {
      out.of_export = true;
      module.remove_prefix(4);
    }
    out.root = module.empty();
    out.interface = module;
    return out;
  }
  if (module.starts_with("[export]")) {
    out.of_export = true;
    module.remove_prefix(8);
  }
  out.root = module == "$root";
  out.interface = module;
  return out;
}

bool strip_async_lower(std::string_view& name) {
  constexpr std::string_view prefix = "[async-lower]";
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

std::optional<Builtin> parse_builtin(std::string_view name, const ImportModule& where) {
  if (where.cm32p2) return cm32p2_builtin(name);
  const bool async = strip_async_lower(name);
  const std::size_t end = name.find(']');
  if (!name.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  std::string_view inside = name.substr(1, end - 1);
  const std::string_view rest = name.substr(end + 1);
  std::optional<Builtin> out;
  for (const Row& row : resource) {
    if (inside != row.name) continue;
    out = Builtin{};
    out->op = row.op;
    out->arg = Builtin::Arg::resource;
    out->name = rest;
  }
  if (inside == "task-return") {
    out = Builtin{};
    out->op = CanonOp::task_return;
    out->arg = Builtin::Arg::func;
    out->name = rest;
  }
  if (!out) out = with_payload(inside, rest);
  if (!out && rest.empty()) {
    // The width of a pointer may be named.
    if (inside.starts_with("waitable-set-") && inside.ends_with("-i32")) inside.remove_suffix(4);
    for (const Row& row : plain) {
      if (inside != row.name) continue;
      out = Builtin{};
      out->op = row.op;
    }
    if (!out) out = context(inside);
    if (!out) out = with_encoding(inside);
  }
  if (out) out->async_ = async;
  return out;
}

}  // namespace tenon::builder
