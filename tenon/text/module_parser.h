// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/core/module.h"
#include "tenon/text/cursor.h"
#include "tenon/text/parse_instr.h"
#include "tenon/text/parse_types.h"

namespace tenon::text {

/// Reads the fields of one module: first all identifiers, then the types, then all the rest in one
/// pass that writes bodies and strings as bytes. Private to parse_module.cpp,
/// parse_imports.cpp, parse_segments.cpp, parse_customs.cpp and parse_dylink.cpp.
class ModuleParser {
 public:
  explicit ModuleParser(Cursor& cursor)
      : c_(cursor), types_(cursor, space_), instrs_(cursor, space_, names_, out_) {}

  Result<core::Module> parse(const std::optional<Id>& id, std::optional<std::string_view> name);

 private:
  struct ItemName {
    std::uint32_t index = 0;
    std::string name;
  };
  /// One index space while fields are read: how many items, and their names for the name section.
  struct Space {
    std::uint32_t count = 0;
    std::vector<ItemName> names;
  };

  // First pass: identifiers and the places of types.
  Result<void> collect();
  Result<void> collect_field(Cursor& scan);
  Result<void> collect_item(Cursor& scan, std::string_view kind);
  Result<void> collect_import(Cursor& scan);
  [[nodiscard]] Cursor second_cursor() const;
  Result<void> collect_name(Cursor& scan, NameMap& names, std::uint32_t& count,
                            const Rule& duplicate);
  void collect_inline_segment(Cursor& scan, std::string_view keyword, std::uint32_t& count);
  Result<void> read_types();

  // Second pass.
  Result<void> field();
  Result<void> import_field();
  Result<void> func_field();
  Result<void> table_field();
  Result<void> memory_field();
  Result<void> global_field();
  Result<void> tag_field();
  Result<void> export_field();
  Result<void> start_field();
  Result<void> elem_field();
  Result<void> data_field();
  Result<void> customs();
  Result<void> custom(const Annotation& annotation);
  Result<void> producers(const Annotation& annotation);
  Result<void> dylink(const Annotation& annotation);
  Result<void> no_hint_since(std::uint32_t begin);

  /// `$id? (@name "…")?`: enters the name of the item that has the space's next index.
  Result<void> bind(Space& space);
  Result<void> inline_exports(core::ExternKind kind, std::uint32_t index);
  /// `(import "m" "n")` when it is here; the type follows.
  Result<bool> inline_import(core::Import& import, core::ExternKind kind);
  Result<core::ExternType> import_type(bool bound);
  Result<void> import_group(ByteRange module, std::uint32_t begin);
  /// What `(func …)` and its like import.
  [[nodiscard]] static std::optional<core::ExternKind> import_kind(std::string_view word);
  [[nodiscard]] Space& space_of(core::ExternKind kind);
  Result<void> add_import(core::Import import);
  Result<void> define(std::string_view what);
  /// The keyword of the field that has just begun.
  [[nodiscard]] Span keyword_span(std::string_view keyword) const {
    const std::uint32_t end = c_.previous_end();
    return {c_.source(), end - static_cast<std::uint32_t>(keyword.size()), end};
  }
  Result<void> locals(const TypeUse& use, std::uint32_t func, core::Code& code);
  Result<void> local_names(const std::vector<LocalName>& names, std::uint32_t func);
  Result<void> inline_elem(std::uint32_t table, core::AddrType addr, core::ValType type,
                           core::TableType& out);
  Result<void> inline_data(std::uint32_t mem, core::MemType& out);
  Result<core::Expr> offset();
  Result<void> elem_list(core::Elem& elem, bool bare_indices, bool explicit_table);
  Result<ByteRange> data_values();
  Result<void> data_numbers();
  Result<void> elem_exprs(core::Elem& elem);
  Result<void> elem_funcs(core::Elem& elem);
  Result<void> elem_ref_funcs(core::Elem& elem);
  Result<core::Expr> expression();
  core::Expr zero_offset(core::AddrType addr);
  Result<ByteRange> name_string(std::string_view wanted);
  /// Text as bytes of the module, for names that the source does not spell out.
  ByteRange stored(std::string_view text);
  static void set_elem_flags(core::Elem& elem, bool exprs, bool explicit_table);

  void finish(const std::optional<Id>& id, std::optional<std::string_view> name);
  void build_name_section(const std::optional<Id>& id, std::optional<std::string_view> name);
  void build_branch_hints();

  Cursor& c_;
  Writer out_;
  core::Module m_;
  TypeSpace space_;
  ModuleNames names_;
  TypeParser types_;
  InstrParser instrs_;

  /// Why the first pass ended early, if it did: names after that place are unknown.
  std::optional<Error> collect_error_;
  std::vector<std::uint32_t> type_places_;  // offset of `(type` or `(rec`
  std::vector<ItemName> type_names_;
  std::uint32_t num_types_ = 0;

  Space funcs_;
  Space tables_;
  Space mems_;
  Space globals_;
  Space tags_;
  Space elems_;
  Space datas_;
  std::string_view first_definition_;
  std::vector<ByteRange> import_names_;  // two per import
  std::vector<ByteRange> group_names_;   // one per group of imports
  std::vector<ByteRange> export_names_;
  struct Custom {
    ByteRange name;
    ByteRange content;
    core::SectionId after = core::SectionId::data;
    /// `(after last)`, said or implied: after the name section that the text's names make.
    bool last = false;
    Span span;
  };
  /// A section that no `(@custom …)` writes out; `write` appends its content to the output.
  template <class Write>
  Custom made_custom(std::string_view name, const Write& write) {
    Custom out;
    out.name = stored(name);
    out.content.begin = out.name.end;
    write();
    out.content.end = static_cast<std::uint32_t>(out_.size());
    return out;
  }
  std::vector<Custom> customs_;
  struct FuncNames {
    std::uint32_t func = 0;
    std::vector<ItemName> locals;
    std::vector<InstrParser::LabelName> labels;
  };
  std::vector<FuncNames> func_names_;
  std::vector<core::FuncBranchHints> hints_;
  /// `(@datacount)`: the binary had the section although no instruction needs it.
  bool wants_data_count_ = false;
};

}  // namespace tenon::text
