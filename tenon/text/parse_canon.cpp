// SPDX-License-Identifier: Apache-2.0
// The immediates of each canonical function come from canon.def, as they do in the decoder; names
// that older drafts used are recognised to say what replaced them.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "tenon/text/component_parser.h"
#include "tenon/text/rules.h"

// Spec: Explainer.md "Canonical Definitions".
namespace tenon::text {

using component::CanonImm;
using component::CanonOpt;
using component::CoreSort;
using component::SortKind;

namespace {

/// Canonical functions that texts of before 2025 know by other names.
constexpr std::pair<std::string_view, std::string_view> renamed_functions[] = {
    {"yield", "thread.yield"},
    {"task.yield", "thread.yield"},
    {"task.wait", "waitable-set.wait"},
    {"task.poll", "waitable-set.poll"},
    {"task.backpressure", "backpressure.inc` or `backpressure.dec"},
    {"backpressure.set", "backpressure.inc` or `backpressure.dec"},
    {"stream.close-readable", "stream.drop-readable"},
    {"stream.close-writable", "stream.drop-writable"},
    {"future.close-readable", "future.drop-readable"},
    {"future.close-writable", "future.drop-writable"},
    {"thread.spawn", "thread.spawn-ref"},
    {"thread.spawn_ref", "thread.spawn-ref"},
    {"thread.spawn_indirect", "thread.spawn-indirect"},
    {"thread.hw_concurrency", "thread.available-parallelism"},
    {"thread.available_parallelism", "thread.available-parallelism"},
};

}  // namespace

Result<component::CanonOpts> ComponentParser::canon_opts() {
  component::CanonOpts out;
  const auto item = [&](CanonOpt::Kind kind, CoreSort core) -> Result<void> {
    c_.take();
    const std::string_view keyword = c_.text();
    c_.take();
    const std::uint32_t index = TENON_TRY(scopes_.option_item(sort(core), keyword));
    out.push_back({kind, index});
    return c_.expect_close();
  };
  for (;;) {
    if (c_.eat_keyword("string-encoding=utf8")) {
      out.push_back({CanonOpt::Kind::utf8, 0});
    } else if (c_.eat_keyword("string-encoding=utf16")) {
      out.push_back({CanonOpt::Kind::utf16, 0});
    } else if (c_.eat_keyword("string-encoding=latin1+utf16")) {
      out.push_back({CanonOpt::Kind::latin1_utf16, 0});
    } else if (c_.eat_keyword("async")) {
      out.push_back({CanonOpt::Kind::async, 0});
    } else if (c_.at_open("memory")) {
      TENON_TRY(item(CanonOpt::Kind::memory, CoreSort::memory));
    } else if (c_.at_open("realloc")) {
      TENON_TRY(item(CanonOpt::Kind::realloc, CoreSort::func));
    } else if (c_.at_open("post-return")) {
      TENON_TRY(item(CanonOpt::Kind::post_return, CoreSort::func));
    } else if (c_.at_open("callback")) {
      TENON_TRY(item(CanonOpt::Kind::callback, CoreSort::func));
    } else if (c_.at_keyword("gc") || c_.at_open("core-type")) {
      return std::unexpected(Error(rules::unknown_keyword, c_.span(),
                                   "the canonical option `gc` is of a proposal that tenon does "
                                   "not have"));
    } else {
      return out;
    }
  }
}

Result<CanonImm> ComponentParser::canon_imm(component::NoImm*) {
  return CanonImm(component::NoImm{});
}

Result<CanonImm> ComponentParser::canon_imm(component::ResourceImm*) {
  const std::uint32_t type = TENON_TRY(type_use());
  return CanonImm(component::ResourceImm{component::TypeIdx(type)});
}

Result<CanonImm> ComponentParser::canon_imm(component::TypeImm*) {
  const std::uint32_t type = TENON_TRY(type_use());
  return CanonImm(component::TypeImm{component::TypeIdx(type)});
}

Result<CanonImm> ComponentParser::canon_imm(component::TypeOptsImm*) {
  const std::uint32_t type = TENON_TRY(type_use());
  auto opts = TENON_TRY(canon_opts());
  return CanonImm(component::TypeOptsImm{component::TypeIdx(type), std::move(opts)});
}

Result<CanonImm> ComponentParser::canon_imm(component::TypeAsyncImm*) {
  const std::uint32_t type = TENON_TRY(type_use());
  return CanonImm(component::TypeAsyncImm{component::TypeIdx(type), c_.eat_keyword("async")});
}

Result<CanonImm> ComponentParser::canon_imm(component::AsyncImm*) {
  return CanonImm(component::AsyncImm{c_.eat_keyword("async")});
}

Result<void> ComponentParser::no_cancellable() const {
  if (!c_.at_keyword("cancellable")) return {};
  return std::unexpected(Error(rules::component_old_syntax, c_.span(), "found `cancellable`")
                             .help("leave it out: a task is cancelled through its callback"));
}

Result<CanonImm> ComponentParser::canon_imm(component::ReservedImm*) {
  TENON_TRY(no_cancellable());
  return CanonImm(component::ReservedImm{});
}

Result<CanonImm> ComponentParser::canon_imm(component::MemImm*) {
  TENON_TRY(no_cancellable());
  TENON_TRY(c_.expect_open_keyword("memory"));
  const std::uint32_t memory = TENON_TRY(scopes_.option_item(sort(CoreSort::memory), "memory"));
  TENON_TRY(c_.expect_close());
  return CanonImm(component::MemImm{component::CoreMemIdx(memory)});
}

Result<CanonImm> ComponentParser::canon_imm(component::ContextImm*) {
  TypeParser types(c_, scopes_.top().core_types);
  const core::ValType type = TENON_TRY(types.val_type());
  const std::uint32_t slot = TENON_TRY(c_.u32("the number of a slot"));
  return CanonImm(component::ContextImm{type, slot});
}

Result<CanonImm> ComponentParser::canon_imm(component::TaskReturnImm*) {
  component::TaskReturnImm out;
  if (c_.eat_open("result")) {
    out.result = TENON_TRY(val_type());
    TENON_TRY(c_.expect_close());
  }
  out.opts = TENON_TRY(canon_opts());
  return CanonImm(std::move(out));
}

Result<CanonImm> ComponentParser::canon_imm(component::OptsImm*) {
  auto opts = TENON_TRY(canon_opts());
  return CanonImm(component::OptsImm{std::move(opts)});
}

Result<CanonImm> ComponentParser::canon_imm(component::IndirectImm*) {
  const std::uint32_t type = TENON_TRY(scopes_.item(sort(CoreSort::type)));
  const std::uint32_t table = TENON_TRY(scopes_.item(sort(CoreSort::table)));
  return CanonImm(
      component::IndirectImm{component::CoreTypeIdx(type), component::CoreTableIdx(table)});
}

Result<CanonImm> ComponentParser::canon_imm(component::SharedTypeImm*) {
  const bool shared = c_.eat_keyword("shared");
  const std::uint32_t type = TENON_TRY(scopes_.item(sort(CoreSort::type)));
  return CanonImm(component::SharedTypeImm{shared, component::CoreTypeIdx(type)});
}

Result<CanonImm> ComponentParser::canon_imm(component::SharedIndirectImm*) {
  const bool shared = c_.eat_keyword("shared");
  const std::uint32_t type = TENON_TRY(scopes_.item(sort(CoreSort::type)));
  const std::uint32_t table = TENON_TRY(scopes_.item(sort(CoreSort::table)));
  return CanonImm(component::SharedIndirectImm{shared, component::CoreTypeIdx(type),
                                               component::CoreTableIdx(table)});
}

Result<CanonImm> ComponentParser::canon_imm(component::SharedImm*) {
  return CanonImm(component::SharedImm{c_.eat_keyword("shared")});
}

Result<component::Canon> ComponentParser::canon_function(std::string_view word) {
  component::Canon out;
  if (word == "lower") {
    component::LowerImm imm;
    const std::uint32_t func = TENON_TRY(scopes_.item(sort(SortKind::func)));
    imm.func = component::FuncIdx(func);
    imm.opts = TENON_TRY(canon_opts());
    out.op = component::CanonOp::lower;
    out.imm = std::move(imm);
    return out;
  }
#define TENON_CANON(name, text, opcode, Imm, gate)                         \
  if (word == text) {                                                      \
    out.op = component::CanonOp::name;                                     \
    out.imm = TENON_TRY(canon_imm(static_cast<component::Imm*>(nullptr))); \
    return out;                                                            \
  }
#include "tenon/component/canon.def"
#undef TENON_CANON
  for (const auto& [old, now] : renamed_functions) {
    if (word == old)
      return std::unexpected(
          Error(rules::component_old_syntax, c_.span(), fmt::format("found `{}`", old))
              .help(fmt::format("write `{}`", now)));
  }
  return std::unexpected(Error(rules::unknown_keyword, c_.span(),
                               fmt::format("no canonical function is called `{}`", word)));
}

Result<component::LiftImm> ComponentParser::lift() {
  component::LiftImm out;
  const std::uint32_t func = TENON_TRY(scopes_.item(sort(CoreSort::func)));
  out.func = component::CoreFuncIdx(func);
  out.opts = TENON_TRY(canon_opts());
  return out;
}

/// The type of a lifted function: `(type $t)` or written out.
Result<std::uint32_t> ComponentParser::lift_type() {
  const std::uint32_t begin = c_.peek().begin;
  if (at_type_use()) return type_use();
  component::Type type;
  type.def = TENON_TRY(func_type());
  return scopes_.define_type(std::move(type), std::nullopt, c_.span_from(begin));
}

Result<void> ComponentParser::canon(std::uint32_t begin) {
  if (!c_.at(TokenKind::keyword))
    return std::unexpected(c_.unexpected("`lift`, `lower` or another canonical function"));
  const std::string_view word = c_.text();
  c_.take();
  if (word == "lift") {
    component::LiftImm imm = TENON_TRY(lift());
    TENON_TRY(c_.expect_open_keyword("func"));
    const auto id = TENON_TRY(id_and_name());
    const std::uint32_t type = TENON_TRY(lift_type());
    imm.type = component::TypeIdx(type);
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
    scopes_.emit(component::Canon{component::CanonOp::lift, std::move(imm)}, c_.span_from(begin));
    TENON_TRY(done(scopes_.bind(sort(SortKind::func), id)));
    return {};
  }
  component::Canon out = TENON_TRY(canon_function(word));
  TENON_TRY(c_.expect_open_keyword("core"));
  TENON_TRY(c_.expect_keyword("func"));
  const auto id = TENON_TRY(id_and_name());
  TENON_TRY(c_.expect_close());
  TENON_TRY(c_.expect_close());
  scopes_.emit(std::move(out), c_.span_from(begin));
  TENON_TRY(done(scopes_.bind(sort(CoreSort::func), id)));
  return {};
}

}  // namespace tenon::text
