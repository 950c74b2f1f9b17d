// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "tenon/text/module_parser.h"
#include "tenon/text/rules.h"

// Tables, memories and segments. Spec: core/text/modules "Tables", "Memories", "Element Segments",
// "Data Segments".
namespace tenon::text {

using core::AddrType;
using core::ExternKind;
using core::TypeCode;

namespace {
constexpr core::ValType func_ref = core::ValType::ref(TypeCode::func, false);
}  // namespace

core::Expr ModuleParser::zero_offset(AddrType addr) {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  out_.u8(addr == AddrType::i64 ? 0x42 : 0x41);
  out_.u8(0);
  out_.u8(0x0B);
  return {begin, static_cast<std::uint32_t>(out_.size())};
}

Result<void> ModuleParser::table_field() {
  const std::uint32_t begin = c_.peek().begin;
  const std::uint32_t index = tables_.count;
  TENON_TRY(bind(tables_));
  TENON_TRY(inline_exports(ExternKind::table, index));
  core::Import import;
  const bool imported = TENON_TRY(inline_import(import, ExternKind::table));
  const AddrType addr = types_.addr_type();
  if (imported) {
    import.type.table = TENON_TRY(types_.table_type(addr));
    return add_import(import);
  }
  TENON_TRY(define("table"));
  core::Table table;
  if (c_.at(TokenKind::number) || c_.at_keyword("shared")) {
    table.type = TENON_TRY(types_.table_type(addr));
    if (!c_.at(TokenKind::rparen)) table.init = TENON_TRY(expression());
  } else {
    const core::ValType type = TENON_TRY(types_.ref_type());
    TENON_TRY(inline_elem(index, addr, type, table.type));
  }
  m_.spans.tables.push_back(c_.span_from(begin));
  m_.tables.push_back(table);
  m_.table_types.push_back(table.type);
  return {};
}

Result<void> ModuleParser::inline_elem(std::uint32_t table, AddrType addr, core::ValType type,
                                       core::TableType& out) {
  const std::uint32_t begin = c_.peek().begin;
  TENON_TRY(c_.expect_open_keyword("elem"));
  core::Elem elem;
  elem.mode = core::Elem::Mode::active;
  elem.table = core::TableIdx(table);
  elem.offset = zero_offset(addr);
  // Function indices have the type (ref func); a table of another type needs them as expressions.
  bool exprs = c_.at(TokenKind::lparen);
  if (exprs) {
    elem.type = type;
    TENON_TRY(elem_exprs(elem));
  } else if (!c_.at(TokenKind::rparen) && type.heap() != core::HeapType(TypeCode::func)) {
    exprs = true;
    elem.type = type;
    TENON_TRY(elem_ref_funcs(elem));
  } else {
    elem.type = func_ref;
    TENON_TRY(elem_funcs(elem));
  }
  TENON_TRY(c_.expect_close());
  set_elem_flags(elem, exprs, false);
  elem.span = c_.span_from(begin);
  out.addr = addr;
  out.elem = type;
  out.limits.min = elem.size();
  out.limits.max = elem.size();
  ++elems_.count;
  m_.elems.push_back(std::move(elem));
  return {};
}

void ModuleParser::set_elem_flags(core::Elem& elem, bool exprs, bool explicit_table) {
  std::uint8_t flags = exprs ? 4 : 0;
  switch (elem.mode) {
    case core::Elem::Mode::passive:
      flags |= 1U;
      break;
    case core::Elem::Mode::declarative:
      flags |= 3U;
      break;
    case core::Elem::Mode::active:
      if (explicit_table || elem.table.value != 0 || (exprs && elem.type != core::funcref))
        flags |= 2U;
      break;
  }
  elem.flags = flags;
}

Result<void> ModuleParser::memory_field() {
  const std::uint32_t begin = c_.peek().begin;
  const std::uint32_t index = mems_.count;
  TENON_TRY(bind(mems_));
  TENON_TRY(inline_exports(ExternKind::mem, index));
  core::Import import;
  const bool imported = TENON_TRY(inline_import(import, ExternKind::mem));
  const AddrType addr = types_.addr_type();
  if (imported) {
    import.type.mem = TENON_TRY(types_.mem_type(addr));
    return add_import(import);
  }
  TENON_TRY(define("memory"));
  core::MemType type;
  if (c_.at_open("data") || c_.at_open("pagesize")) {
    type.addr = addr;
    TENON_TRY(inline_data(index, type));
  } else {
    type = TENON_TRY(types_.mem_type(addr));
  }
  m_.spans.mems.push_back(c_.span_from(begin));
  m_.mems.push_back(type);
  m_.mem_types.push_back(type);
  return {};
}

Result<void> ModuleParser::inline_data(std::uint32_t mem, core::MemType& out) {
  if (c_.eat_open("pagesize")) {
    const Span at = c_.span();
    const std::uint64_t size = TENON_TRY(c_.u64("a page size"));
    if (!std::has_single_bit(size))
      return std::unexpected(Error(rules::alignment, at, fmt::format("found {}", size)));
    out.page_size_log2 = static_cast<std::uint32_t>(std::countr_zero(size));
    TENON_TRY(c_.expect_close());
  }
  const std::uint32_t begin = c_.peek().begin;
  TENON_TRY(c_.expect_open_keyword("data"));
  core::Data data;
  data.mode = core::Data::Mode::active;
  data.mem = core::MemIdx(mem);
  data.flags = mem == 0 ? 0 : 2;
  data.offset = zero_offset(out.addr);
  data.bytes = TENON_TRY(data_values());
  TENON_TRY(c_.expect_close("a string or `)`"));
  data.span = c_.span_from(begin);
  const std::uint64_t page = 1ULL << out.page_log2();
  out.limits.min = (data.bytes.size() + page - 1) / page;
  out.limits.max = out.limits.min;
  ++datas_.count;
  m_.datas.push_back(data);
  return {};
}

/// Strings, and numbers as their bytes: `(i8 1 2)`, `(f32 0.5)`, `(v128 i32x4 0 0 0 0)`.
/// Spec: the proposal `wat-numeric-values`.
Result<ByteRange> ModuleParser::data_values() {
  ByteRange out = c_.strings(out_.raw());
  while (c_.at(TokenKind::lparen)) {
    TENON_TRY(data_numbers());
    out.end = c_.strings(out_.raw()).end;
  }
  return out;
}

Result<void> ModuleParser::data_numbers() {
  struct Form {
    std::string_view word;
    unsigned bits;
    bool is_float;
  };
  constexpr auto forms = std::to_array<Form>({{"i8", 8, false},
                                              {"i16", 16, false},
                                              {"i32", 32, false},
                                              {"i64", 64, false},
                                              {"f32", 32, true},
                                              {"f64", 64, true},
                                              {"v128", 128, false}});
  const auto* const form = std::ranges::find(forms, c_.open_keyword(), &Form::word);
  if (form == forms.end()) return std::unexpected(c_.unexpected("a string or `)`"));
  c_.take();
  c_.take();
  while (!c_.at(TokenKind::rparen)) {
    if (form->bits == 128) {
      const std::array<std::uint8_t, 16> bytes = TENON_TRY(parse_v128(c_));
      out_.bytes(bytes);
      continue;
    }
    auto literal = form->is_float ? c_.float_literal(form->bits, rules::number_range)
                                  : c_.int_literal(form->bits, rules::number_range);
    const std::uint64_t value = TENON_TRY(std::move(literal));
    for (unsigned i = 0; i < form->bits; i += 8) out_.u8(static_cast<std::uint8_t>(value >> i));
  }
  return c_.expect_close();
}

/// `(offset …)` or one folded instruction.
Result<core::Expr> ModuleParser::offset() {
  const auto begin = static_cast<std::uint32_t>(out_.size());
  if (c_.eat_open("offset")) {
    TENON_TRY(instrs_.expression());
    TENON_TRY(c_.expect_close());
  } else {
    TENON_TRY(instrs_.folded_expression());
  }
  return core::Expr{begin, static_cast<std::uint32_t>(out_.size())};
}

Result<void> ModuleParser::elem_funcs(core::Elem& elem) {
  while (!c_.at(TokenKind::rparen)) {
    const std::uint32_t func = TENON_TRY(parse_index(c_, names_.funcs, "function"));
    elem.funcs.emplace_back(func);
  }
  return {};
}

/// Function indices, each written as `ref.func`.
Result<void> ModuleParser::elem_ref_funcs(core::Elem& elem) {
  while (!c_.at(TokenKind::rparen)) {
    const std::uint32_t func = TENON_TRY(parse_index(c_, names_.funcs, "function"));
    const auto begin = static_cast<std::uint32_t>(out_.size());
    out_.u8(0xD2);
    out_.u32(func);
    out_.u8(0x0B);
    elem.exprs.push_back({begin, static_cast<std::uint32_t>(out_.size())});
  }
  return {};
}

Result<void> ModuleParser::elem_exprs(core::Elem& elem) {
  while (!c_.at(TokenKind::rparen)) {
    const auto begin = static_cast<std::uint32_t>(out_.size());
    if (c_.eat_open("item")) {
      TENON_TRY(instrs_.expression());
      TENON_TRY(c_.expect_close());
    } else {
      TENON_TRY(instrs_.folded_expression());
    }
    elem.exprs.push_back({begin, static_cast<std::uint32_t>(out_.size())});
  }
  return {};
}

Result<void> ModuleParser::elem_list(core::Elem& elem, bool bare_indices, bool explicit_table) {
  if (c_.eat_keyword("func")) {
    elem.type = func_ref;
    set_elem_flags(elem, false, explicit_table);
    return elem_funcs(elem);
  }
  if (types_.at_ref_type()) {
    elem.type = TENON_TRY(types_.ref_type());
    set_elem_flags(elem, true, explicit_table);
    return elem_exprs(elem);
  }
  if (!bare_indices) return std::unexpected(c_.unexpected("`func` or a reference type"));
  elem.type = func_ref;
  set_elem_flags(elem, false, explicit_table);
  return elem_funcs(elem);
}

Result<void> ModuleParser::elem_field() {
  const std::uint32_t begin = c_.previous_end();
  TENON_TRY(bind(elems_));
  core::Elem elem;
  bool active = false;
  bool explicit_table = false;
  if (c_.eat_keyword("declare")) {
    elem.mode = core::Elem::Mode::declarative;
  } else if (c_.eat_open("table")) {
    active = explicit_table = true;
    elem.table.value = TENON_TRY(parse_index(c_, names_.tables, "table"));
    TENON_TRY(c_.expect_close());
  } else if (c_.at(TokenKind::number)) {
    // The form of Wasm 1.0: a table's index alone.
    active = explicit_table = true;
    elem.table.value = TENON_TRY(parse_index(c_, names_.tables, "table"));
  } else {
    active = c_.at(TokenKind::lparen) && !c_.at_open("ref");
    if (!active) elem.mode = core::Elem::Mode::passive;
  }
  if (active) elem.offset = TENON_TRY(offset());
  TENON_TRY(elem_list(elem, active, explicit_table));
  elem.span = c_.span_from(begin);
  m_.elems.push_back(std::move(elem));
  return {};
}

Result<void> ModuleParser::data_field() {
  const std::uint32_t begin = c_.previous_end();
  TENON_TRY(bind(datas_));
  core::Data data;
  data.mode = core::Data::Mode::passive;
  data.flags = 1;
  bool explicit_mem = false;
  if (c_.eat_open("memory")) {
    data.mode = core::Data::Mode::active;
    explicit_mem = true;
    data.mem.value = TENON_TRY(parse_index(c_, names_.mems, "memory"));
    TENON_TRY(c_.expect_close());
  } else if (c_.at(TokenKind::number)) {
    data.mode = core::Data::Mode::active;
    data.mem.value = TENON_TRY(parse_index(c_, names_.mems, "memory"));
  } else if (c_.at(TokenKind::lparen)) {
    data.mode = core::Data::Mode::active;
  }
  if (data.mode == core::Data::Mode::active) {
    data.flags = explicit_mem || data.mem.value != 0 ? 2 : 0;
    data.offset = TENON_TRY(offset());
  }
  data.bytes = TENON_TRY(data_values());
  data.span = c_.span_from(begin);
  m_.datas.push_back(data);
  return {};
}

}  // namespace tenon::text
