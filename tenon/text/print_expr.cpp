// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/print_expr.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tenon/text/print_fold.h"

namespace tenon::text {

using core::TypeCode;

// ---- Types ----

void ExprPrinter::index(const Ids& ids, std::uint32_t i) {
  const std::string_view id = ids.of(i);
  if (id.empty()) {
    out_->number(i);
  } else {
    out_->put(id);
  }
}

void ExprPrinter::heap_type(core::HeapType type) {
  if (type.is_defined()) {
    index(ids_.types, type.index().value);
  } else {
    out_->put(core::to_string(type));
  }
}

void ExprPrinter::val_type(core::ValType type) {
  if (type.is_ref() && type.heap().is_defined()) {
    out_->put(type.nullable() ? "(ref null " : "(ref ");
    heap_type(type.heap());
    out_->put(')');
    return;
  }
  if (type == core::ValType(TypeCode::i32)) {
    out_->put("i32");
  } else if (type == core::ValType(TypeCode::i64)) {
    out_->put("i64");
  } else {
    out_->put(core::to_string(type));
  }
}

void ExprPrinter::params_and_results(const core::FuncType& type) {
  const auto list = [&](std::string_view word, const std::vector<core::ValType>& types) {
    if (types.empty()) return;
    out_->put(word);
    for (const core::ValType t : types) {
      out_->put(' ');
      val_type(t);
    }
    out_->put(')');
  };
  list(" (param", type.params);
  list(" (result", type.results);
}

void ExprPrinter::limits(core::AddrType addr, const core::Limits& limits) {
  if (addr == core::AddrType::i64) out_->put(" i64");
  out_->put(' ');
  out_->number(limits.min);
  if (limits.max) {
    out_->put(' ');
    out_->number(*limits.max);
  }
}

void ExprPrinter::table_type(const core::TableType& type) {
  if (type.shared) out_->put(" shared");
  limits(type.addr, type.limits);
  out_->put(' ');
  val_type(type.elem);
}

void ExprPrinter::mem_type(const core::MemType& type) {
  limits(type.addr, type.limits);
  if (type.shared) out_->put(" shared");
  if (type.page_size_log2) {
    out_->put(" (pagesize ");
    out_->number(*type.page_size_log2 < 64 ? 1ULL << *type.page_size_log2 : 0);
    out_->put(')');
  }
}

void ExprPrinter::global_type(const core::GlobalType& type) {
  out_->put(' ');
  if (type.mutable_ || type.shared) {
    out_->put(type.shared ? type.mutable_ ? "(shared mut " : "(shared " : "(mut ");
    val_type(type.type);
    out_->put(')');
  } else {
    val_type(type.type);
  }
}

// ---- Labels and blocks ----

void ExprPrinter::begin_function(std::uint32_t func) {
  func_ = func;
  labels_.clear();
  named_labels_.clear();
  next_label_ = 0;
  next_label_name_ = 0;
  label_names_ = nullptr;
  locals_ = Ids();
  const auto find = [&](const core::IndirectNameMap& map) -> const core::NameMap* {
    const auto it = std::ranges::lower_bound(map, func, {}, &core::IndirectNameAssoc::index);
    return it != map.end() && it->index == func ? &it->names : nullptr;
  };
  label_names_ = find(ids_.names.labels);
  if (const auto* const names = find(ids_.names.locals); names != nullptr && !names->empty()) {
    locals_ = Ids(*names, names->back().index + 1);
  }
}

void ExprPrinter::push_label() {
  Label label;
  if (label_names_ != nullptr && next_label_name_ < label_names_->size() &&
      (*label_names_)[next_label_name_].index == next_label_) {
    label.name = (*label_names_)[next_label_name_++].name;
    out_->put(' ');
    out_->put(identifier(label.name));
  }
  ++next_label_;
  enter(label);
}

void ExprPrinter::enter(const Label& label) {
  if (!label.name.empty()) named_labels_[label.name].push_back(labels_.size());
  labels_.push_back(label);
}

void ExprPrinter::leave() {
  if (!labels_.back().name.empty()) named_labels_[labels_.back().name].pop_back();
  labels_.pop_back();
}

void ExprPrinter::label(std::uint32_t depth) {
  out_->put(' ');
  if (depth < labels_.size()) {
    const std::size_t at = labels_.size() - 1 - depth;
    const std::string_view name = labels_[at].name;
    // An inner block of the same name hides it.
    if (!name.empty() && named_labels_[name].back() == at) {
      out_->put(identifier(name));
      return;
    }
  }
  out_->number(depth);
}

void ExprPrinter::block_type(const core::BlockType& type) {
  switch (type.kind) {
    case core::BlockType::Kind::empty:
      break;
    case core::BlockType::Kind::value:
      out_->put(" (result ");
      val_type(type.value);
      out_->put(')');
      break;
    case core::BlockType::Kind::type:
      out_->put(" (type ");
      index(ids_.types, type.type.value);
      out_->put(')');
      if (m_.types.contains(type.type) &&
          m_.types[type.type].type.kind == core::CompType::Kind::func) {
        params_and_results(m_.types[type.type].type.func);
      }
      break;
  }
}

void ExprPrinter::operands(const core::TryTableImm& imm, unsigned) {
  block_type(imm.type);
  // The labels of clauses count from outside of the block, whose own label is on the stack already.
  const Label own = labels_.back();
  leave();
  for (const core::Catch& clause : imm.catches) {
    constexpr std::string_view words[] = {" (catch", " (catch_ref", " (catch_all",
                                          " (catch_all_ref"};
    out_->put(words[static_cast<std::size_t>(clause.kind)]);
    if (clause.kind == core::Catch::Kind::catch_ || clause.kind == core::Catch::Kind::catch_ref) {
      item(ids_.tags, clause.tag.value);
    }
    label(clause.label.value);
    out_->put(')');
  }
  enter(own);
}

// ---- Operands ----

void ExprPrinter::operands(const core::BrTableImm& imm, unsigned) {
  for (const core::LabelIdx target : imm.labels) label(target.value);
  label(imm.default_.value);
}

void ExprPrinter::operands(const core::SelectImm& imm, unsigned) {
  out_->put(" (result");
  for (const core::ValType type : imm.types) {
    out_->put(' ');
    val_type(type);
  }
  out_->put(')');
}

void ExprPrinter::operands(const core::CallIndirectImm& imm, unsigned) {
  if (imm.table.value != 0) item(ids_.tables, imm.table.value);
  out_->put(" (type ");
  index(ids_.types, imm.type.value);
  out_->put(')');
}

void ExprPrinter::operands(const core::TableInitImm& imm, unsigned) {
  if (imm.table.value != 0) item(ids_.tables, imm.table.value);
  item(ids_.elems, imm.elem.value);
}

void ExprPrinter::operands(const core::TableCopyImm& imm, unsigned) {
  if (imm.dst.value == 0 && imm.src.value == 0) return;
  item(ids_.tables, imm.dst.value);
  item(ids_.tables, imm.src.value);
}

void ExprPrinter::operands(const core::MemInitImm& imm, unsigned) {
  if (imm.mem.value != 0) item(ids_.mems, imm.mem.value);
  data_item(imm.data);
}

void ExprPrinter::operands(const core::MemCopyImm& imm, unsigned) {
  if (imm.dst.value == 0 && imm.src.value == 0) return;
  item(ids_.mems, imm.dst.value);
  item(ids_.mems, imm.src.value);
}

void ExprPrinter::mem_arg(const core::MemArgImm& imm, unsigned natural) {
  if (imm.mem.value != 0) item(ids_.mems, imm.mem.value);
  if (imm.offset != 0) {
    out_->put(" offset=");
    out_->number(imm.offset);
  }
  if (imm.align != natural && imm.align < 64) {
    out_->put(" align=");
    out_->number(1ULL << imm.align);
  }
}

void ExprPrinter::operands(const core::MemArgLaneImm& imm, unsigned natural) {
  mem_arg(imm.mem, natural);
  number(imm.lane);
}

void ExprPrinter::operands(const core::I32Imm& imm, unsigned) {
  out_->put(' ');
  out_->signed_number(imm.value);
}

void ExprPrinter::operands(const core::I64Imm& imm, unsigned) {
  out_->put(' ');
  out_->signed_number(imm.value);
}

namespace {

/// A float so that it parses back to the same bits.
template <class F, class Bits>
void put_float(TextWriter& out, Bits bits, Bits payload_mask, Bits canonical) {
  const auto value = std::bit_cast<F>(bits);
  out.put(' ');
  if (std::isnan(value)) {
    if ((bits >> (sizeof(Bits) * 8 - 1)) != 0) out.put('-');
    out.put("nan");
    const Bits payload = bits & payload_mask;
    if (payload != canonical) {
      out.put(":0x");
      unsigned digits = 1;
      while (digits < sizeof(Bits) * 2 && (payload >> (4 * digits)) != 0) ++digits;
      out.hex(payload, digits);
    }
  } else {
    out.float_number(value);  // `inf` and `-inf` are spelled alike
  }
}

}  // namespace

void ExprPrinter::operands(const core::F32Imm& imm, unsigned) {
  put_float<float, std::uint32_t>(*out_, imm.bits, 0x7F'FFFFU, 0x40'0000U);
}

void ExprPrinter::operands(const core::F64Imm& imm, unsigned) {
  put_float<double, std::uint64_t>(*out_, imm.bits, 0xF'FFFF'FFFF'FFFFULL, 0x8'0000'0000'0000ULL);
}

void ExprPrinter::operands(const core::V128Imm& imm, unsigned) {
  out_->put(" i32x4");
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint32_t lane = 0;
    std::memcpy(&lane, imm.bytes.data() + 4 * i, 4);
    out_->put(" 0x");
    out_->hex(lane, 8);
  }
}

void ExprPrinter::operands(const core::LaneImm& imm, unsigned) {
  number(imm.lane);
}

void ExprPrinter::operands(const core::ShuffleImm& imm, unsigned) {
  for (const std::uint8_t lane : imm.lanes) number(lane);
}

void ExprPrinter::operands(const core::HeapTypeImm& imm, unsigned) {
  out_->put(' ');
  heap_type(imm.heap);
}

std::string field_id(const ModuleIds& ids, std::uint32_t type, std::uint32_t field) {
  const auto it =
      std::ranges::lower_bound(ids.names.fields, type, {}, &core::IndirectNameAssoc::index);
  if (it == ids.names.fields.end() || it->index != type) return {};
  const Ids fields(it->names, it->names.back().index + 1);
  return std::string(fields.of(field));
}

void ExprPrinter::operands(const core::FieldImm& imm, unsigned) {
  item(ids_.types, imm.type.value);
  out_->put(' ');
  const std::string id =
      ids_.names.fields.empty() ? std::string() : field_id(ids_, imm.type.value, imm.field.value);
  if (id.empty()) {
    out_->number(imm.field.value);
  } else {
    out_->put(id);
  }
}

void ExprPrinter::operands(const core::ArrayFixedImm& imm, unsigned) {
  item(ids_.types, imm.type.value);
  number(imm.count);
}

void ExprPrinter::operands(const core::ArrayDataImm& imm, unsigned) {
  item(ids_.types, imm.type.value);
  data_item(imm.data);
}

void ExprPrinter::operands(const core::ArrayElemImm& imm, unsigned) {
  item(ids_.types, imm.type.value);
  item(ids_.elems, imm.elem.value);
}

void ExprPrinter::operands(const core::ArrayCopyImm& imm, unsigned) {
  item(ids_.types, imm.dst.value);
  item(ids_.types, imm.src.value);
}

void ExprPrinter::operands(const core::BrOnCastImm& imm, unsigned) {
  label(imm.label.value);
  out_->put(' ');
  val_type(imm.from);
  out_->put(' ');
  val_type(imm.to);
}

// ---- Operators ----

void ExprPrinter::hint(bool likely) {
  out_->line();
  out_->put(likely ? "(@metadata.code.branch_hint \"\\01\")"
                   : "(@metadata.code.branch_hint \"\\00\")");
}

void ExprPrinter::begin_operator(std::uint32_t offset) {
  if (layout_ == Layout::inline_) {
    if (count_ != 0) out_->put(' ');
    return;
  }
  if (hints_ != nullptr) {
    if (const auto it = hints_->find(offset); it != hints_->end()) hint(it->second);
  }
  out_->line();
}

Result<void> ExprPrinter::body(core::Expr expr) {
  layout_ = Layout::lines;
  const std::size_t indentation = out_->indentation();
  auto done = core::decode_expr(m_, expr, *this, scratch_);
  out_->set_indentation(indentation);
  return done;
}

Result<void> ExprPrinter::folded_body(core::Expr expr) {
  layout_ = Layout::inline_;
  return print_folded(*this, *out_, m_, expr, func_);
}

Result<void> ExprPrinter::constant(core::Expr expr, std::string_view wrapper) {
  TextWriter inside;
  TextWriter* const outer = out_;
  out_ = &inside;
  layout_ = Layout::inline_;
  labels_.clear();
  named_labels_.clear();
  label_names_ = nullptr;
  count_ = 0;
  auto done = core::decode_expr(m_, expr, *this, scratch_);
  out_ = outer;
  TENON_TRY(std::move(done));
  if (count_ == 1) {
    out_->put('(');
  } else if (!wrapper.empty()) {
    out_->put('(');
    out_->put(wrapper);
    out_->put(' ');
  }
  out_->put(inside.view());
  if (count_ == 1 || !wrapper.empty()) out_->put(')');
  return {};
}

}  // namespace tenon::text
