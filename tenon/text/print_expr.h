// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/core/decode_expr.h"
#include "tenon/core/module.h"
#include "tenon/core/names.h"
#include "tenon/text/print_names.h"
#include "tenon/text/text_writer.h"

namespace tenon::text {

/// Prints types and operators of one module. Spec: core/text/types, core/text/instructions.
class ExprPrinter {
 public:
  ExprPrinter(const core::Module& module, const ModuleIds& ids, TextWriter& out)
      : m_(module), ids_(ids), out_(&out) {}

  /// The names in force for the function that comes next; `hints` by the offset of their operator.
  void begin_function(std::uint32_t func);
  [[nodiscard]] const Ids& locals() const { return locals_; }
  /// Whether an operator so far named a data segment.
  [[nodiscard]] bool uses_data() const { return uses_data_; }
  void set_hints(const std::unordered_map<std::uint32_t, bool>* hints) { hints_ = hints; }

  /// A body, one operator a line, without its final `end`.
  [[nodiscard]] Result<void> body(core::Expr expr);
  /// The same with operands inside of parentheses.
  [[nodiscard]] Result<void> folded_body(core::Expr expr);
  /// A constant expression: `(op …)` when it is one operator, else `(wrapper op op …)`, or all
  /// operators in a row when `wrapper` is empty.
  [[nodiscard]] Result<void> constant(core::Expr expr, std::string_view wrapper);

  void val_type(core::ValType type);
  void heap_type(core::HeapType type);
  void index(const Ids& ids, std::uint32_t index);
  /// ` (param …)` and ` (result …)`.
  void params_and_results(const core::FuncType& type);
  /// These begin with a space.
  void limits(core::AddrType addr, const core::Limits& limits);
  void table_type(const core::TableType& type);
  void mem_type(const core::MemType& type);
  void global_type(const core::GlobalType& type);

  // The visitor's side.
  template <core::Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset);

 private:
  struct Label {
    std::string_view name;
  };
  /// How operators are laid out.
  enum class Layout : std::uint8_t { lines, inline_ };

  void begin_operator(std::uint32_t offset);
  void hint(bool likely);
  void push_label();
  void enter(const Label& label);
  void leave();
  void label(std::uint32_t depth);
  void block_type(const core::BlockType& type);
  void mem_arg(const core::MemArgImm& imm, unsigned natural);

  void operands(const core::NoImm&, unsigned) {}
  void operands(const core::FenceImm&, unsigned) {}
  void operands(const core::BlockImm& imm, unsigned) { block_type(imm.type); }
  void operands(const core::TryTableImm& imm, unsigned);
  void operands(const core::BrTableImm& imm, unsigned);
  void operands(const core::SelectImm& imm, unsigned);
  void operands(const core::LabelImm& imm, unsigned) { label(imm.label.value); }
  void operands(const core::FuncImm& imm, unsigned) { item(ids_.funcs, imm.func.value); }
  void operands(const core::CallIndirectImm& imm, unsigned);
  void operands(const core::TypeImm& imm, unsigned) { item(ids_.types, imm.type.value); }
  void operands(const core::TagImm& imm, unsigned) { item(ids_.tags, imm.tag.value); }
  void operands(const core::LocalImm& imm, unsigned) { item(locals_, imm.local.value); }
  void operands(const core::GlobalImm& imm, unsigned) { item(ids_.globals, imm.global.value); }
  void operands(const core::TableImm& imm, unsigned) {
    if (imm.table.value != 0) item(ids_.tables, imm.table.value);
  }
  void operands(const core::TableInitImm& imm, unsigned);
  void operands(const core::TableCopyImm& imm, unsigned);
  void operands(const core::ElemImm& imm, unsigned) { item(ids_.elems, imm.elem.value); }
  void operands(const core::MemImm& imm, unsigned) {
    if (imm.mem.value != 0) item(ids_.mems, imm.mem.value);
  }
  void operands(const core::MemInitImm& imm, unsigned);
  void operands(const core::MemCopyImm& imm, unsigned);
  void operands(const core::DataImm& imm, unsigned) { data_item(imm.data); }
  void operands(const core::MemArgImm& imm, unsigned natural) { mem_arg(imm, natural); }
  void operands(const core::MemArgLaneImm& imm, unsigned natural);
  void operands(const core::I32Imm& imm, unsigned);
  void operands(const core::I64Imm& imm, unsigned);
  void operands(const core::F32Imm& imm, unsigned);
  void operands(const core::F64Imm& imm, unsigned);
  void operands(const core::V128Imm& imm, unsigned);
  void operands(const core::LaneImm& imm, unsigned);
  void operands(const core::ShuffleImm& imm, unsigned);
  void operands(const core::HeapTypeImm& imm, unsigned);
  void operands(const core::FieldImm& imm, unsigned);
  void operands(const core::ArrayFixedImm& imm, unsigned);
  void operands(const core::ArrayDataImm& imm, unsigned);
  void operands(const core::ArrayElemImm& imm, unsigned);
  void operands(const core::ArrayCopyImm& imm, unsigned);
  void operands(const core::BrOnCastImm& imm, unsigned);
  void item(const Ids& ids, std::uint32_t i) {
    out_->put(' ');
    index(ids, i);
  }
  void data_item(core::DataIdx data) {
    uses_data_ = true;
    item(ids_.datas, data.value);
  }
  void number(std::uint64_t value) {
    out_->put(' ');
    out_->number(value);
  }

  friend class Folder;

  const core::Module& m_;
  const ModuleIds& ids_;
  TextWriter* out_;
  std::uint32_t func_ = 0;
  Layout layout_ = Layout::lines;
  core::ExprScratch scratch_;
  Ids locals_;
  const core::NameMap* label_names_ = nullptr;
  std::size_t next_label_name_ = 0;
  std::uint32_t next_label_ = 0;
  std::vector<Label> labels_;
  /// The places in `labels_` of each name, the innermost last.
  std::unordered_map<std::string_view, std::vector<std::size_t>> named_labels_;
  std::uint32_t count_ = 0;
  bool uses_data_ = false;
  const std::unordered_map<std::uint32_t, bool>* hints_ = nullptr;
};

template <core::Op op>
void ExprPrinter::on(const core::ImmOf<op>& imm, std::uint32_t offset) {
  using core::Op;
  constexpr const core::OpInfo& row = core::info(op);
  if constexpr (op == Op::end) {
    if (labels_.empty()) return;  // the expression's own
    leave();
    out_->dedent();
    begin_operator(offset);
    out_->put("end");
  } else if constexpr (op == Op::else_) {
    out_->dedent();
    begin_operator(offset);
    out_->put("else");
    out_->indent();
  } else if constexpr (op == Op::catch_ || op == Op::catch_all) {
    out_->dedent();
    begin_operator(offset);
    out_->put(row.text);
    operands(imm, 0);
    out_->indent();
  } else if constexpr (op == Op::delegate) {
    // The label counts from outside of the `try`.
    if (!labels_.empty()) leave();
    out_->dedent();
    begin_operator(offset);
    out_->put(row.text);
    operands(imm, 0);
  } else if constexpr (op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
                       op == Op::try_) {
    begin_operator(offset);
    out_->put(row.text);
    push_label();
    operands(imm, 0);
    out_->indent();
  } else if constexpr (op == Op::ref_test || op == Op::ref_cast || op == Op::ref_test_null ||
                       op == Op::ref_cast_null) {
    begin_operator(offset);
    out_->put(row.text);
    out_->put(' ');
    val_type(core::ValType::ref(imm.heap, op == Op::ref_test_null || op == Op::ref_cast_null));
  } else {
    begin_operator(offset);
    out_->put(row.text);
    operands(imm, row.shape.log2_size);
  }
  ++count_;
}

/// The names of fields by type, as `struct.get` and its kin print them.
[[nodiscard]] std::string field_id(const ModuleIds& ids, std::uint32_t type, std::uint32_t field);

}  // namespace tenon::text
