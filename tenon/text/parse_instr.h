// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/core/module.h"
#include "tenon/core/names.h"
#include "tenon/core/op.h"
#include "tenon/text/cursor.h"
#include "tenon/text/parse_types.h"

namespace tenon::text {

/// Identifiers of a module by index space; types have their own (`TypeSpace`).
struct ModuleNames {
  NameMap funcs;
  NameMap tables;
  NameMap mems;
  NameMap globals;
  NameMap tags;
  NameMap elems;
  NameMap datas;
};

/// An index or an identifier of one space; `what` names the space in errors ("function").
[[nodiscard]] Result<std::uint32_t> parse_index(Cursor& cursor, const NameMap& names,
                                                std::string_view what);

/// Instructions, flat and folded, written as bytes while they are read. Nesting costs heap, never
/// stack. Spec: core/text/instructions.
class InstrParser {
 public:
  InstrParser(Cursor& cursor, TypeSpace& space, const ModuleNames& names, Writer& out)
      : c_(&cursor), types_(cursor, space), space_(&space), names_(&names), out_(&out) {}

  /// All instructions up to the `)` that closes what they are in; writes the final `end`.
  [[nodiscard]] Result<void> expression();
  /// Exactly one folded instruction, and the final `end`.
  [[nodiscard]] Result<void> folded_expression();

  /// The locals of the function that comes next.
  [[nodiscard]] NameMap& locals() { return locals_; }
  void begin_function();
  struct LabelName {
    std::uint32_t index = 0;
    std::string name;
  };
  [[nodiscard]] const std::vector<LabelName>& label_names() const { return label_names_; }
  /// Their offsets count from the begin of the output.
  [[nodiscard]] std::vector<core::BranchHint>& branch_hints() { return hints_; }
  /// Where each operator stood, in order of its place in the output.
  [[nodiscard]] std::vector<core::Place> take_places() { return std::move(places_); }
  /// Whether an instruction named a data segment, so that a data count section is needed.
  [[nodiscard]] bool uses_data() const { return uses_data_; }

 private:
  enum class FrameKind : std::uint8_t {
    plain,         // `(op … `: bytes pending until `)`
    block_flat,    // until `end`
    if_flat,       // until `else` or `end`
    else_flat,     // until `end`
    block_folded,  // until `)`
    if_folded,     // condition, then `(then`, then `(else`
    then_folded,
    else_folded,
    try_flat,     // until `delegate` or `end`
    try_folded,   // `(do`, then `(catch`, `(catch_all` or `(delegate`
    part_folded,  // one of those of `try`
  };
  struct Frame {
    FrameKind kind = FrameKind::plain;
    /// Where its bytes begin in `pending_`.
    std::uint32_t pending = 0;
    /// if_folded: 0 before `then`, 1 after it, 2 after `else`. try_folded: 0 before `do`, 1 after
    /// it, 2 after a `catch`, 3 after the last part, 4 after `delegate`, which ended the block.
    std::uint8_t clause = 0;
    bool has_hint = false;
    /// Its name waits in `label_annotations_` for `then`.
    bool has_label_name = false;
    std::optional<Id> label;
  };
  struct Label {
    std::optional<Id> id;
    std::uint32_t shadowed = 0;
  };

  [[nodiscard]] Result<void> run(std::size_t base, bool single);
  [[nodiscard]] Result<void> open_paren();
  [[nodiscard]] Result<void> close_paren();
  [[nodiscard]] Result<void> flat();
  [[nodiscard]] Result<void> flat_else();
  [[nodiscard]] Result<void> flat_end();
  [[nodiscard]] Result<void> flat_clause(core::Op op);
  [[nodiscard]] Result<void> open_try_part(std::string_view word);
  /// The operator and its immediates; `delegate` ends the innermost label first.
  [[nodiscard]] Result<void> clause(core::Op op);
  [[nodiscard]] Result<void> repeated_label();
  [[nodiscard]] Result<void> block(core::Op op, bool folded, const Token& word);
  [[nodiscard]] Result<void> plain(core::Op op, Writer& out);
  [[nodiscard]] Result<void> block_type(Writer& out);
  [[nodiscard]] Result<void> catches(Writer& out);

  void push_label(std::optional<Id> id, std::optional<std::string> name);
  void pop_label();
  void flush_pending(const Frame& frame);
  /// Notes where the operator comes from that is written to `out` next.
  void mark(Writer& out, const Token& word) {
    const auto at = static_cast<std::uint32_t>(out.size());
    (&out == out_ ? places_ : pending_places_).push_back({at, word.begin, word.end});
  }
  [[nodiscard]] Result<void> read_hints();
  /// A hint is before `br_if` or `if`; this is something else.
  [[nodiscard]] Result<void> no_hint() const;
  [[nodiscard]] Result<void> target_of_hint(core::Op op) const;
  [[nodiscard]] std::optional<core::Op> operator_of(std::string_view word) const;

  [[nodiscard]] Result<void> label(Writer& out);
  [[nodiscard]] Result<void> index(const NameMap& names, std::string_view what, Writer& out);
  [[nodiscard]] Result<void> optional_index(const NameMap& names, std::string_view what,
                                            Writer& out);
  [[nodiscard]] Result<void> type_index(Writer& out);
  [[nodiscard]] Result<void> br_table(Writer& out);
  [[nodiscard]] Result<void> call_indirect(Writer& out);
  [[nodiscard]] Result<void> select(Writer& out);
  [[nodiscard]] Result<void> ref_cast(core::Op op, Writer& out);
  [[nodiscard]] Result<void> br_on_cast(Writer& out);
  [[nodiscard]] Result<void> mem_arg(core::Op op, bool lane, Writer& out);
  [[nodiscard]] Result<void> segment_and_space(const NameMap& segments, std::string_view segment,
                                               const NameMap& spaces, std::string_view space,
                                               Writer& out);
  [[nodiscard]] Result<void> copy_pair(const NameMap& names, std::string_view what, Writer& out);
  [[nodiscard]] Result<void> lane(Writer& out);
  [[nodiscard]] Result<void> shuffle(Writer& out);
  [[nodiscard]] Result<void> v128_const(Writer& out);
  [[nodiscard]] Result<void> constant(core::Op op, Writer& out);
  [[nodiscard]] Result<void> struct_field(Writer& out);
  [[nodiscard]] Result<void> array_immediate(core::ImmKind kind, Writer& out);
  [[nodiscard]] Result<void> bulk_immediate(core::ImmKind kind, Writer& out);
  [[nodiscard]] Result<void> immediate(core::Op op, Writer& out);

  Cursor* c_;
  TypeParser types_;
  TypeSpace* space_;
  const ModuleNames* names_;
  Writer* out_;
  Writer pending_;
  std::vector<core::Place> places_;
  /// One per frame whose operator is pending, the innermost last.
  std::vector<core::Place> pending_places_;
  std::vector<Frame> frames_;
  std::vector<Label> labels_;
  NameMap label_map_;
  /// What `(@name "…")` calls the labels of folded `if`s that are open, the innermost last.
  std::vector<std::string> label_annotations_;
  NameMap locals_;
  std::uint32_t next_label_ = 0;
  std::vector<LabelName> label_names_;
  std::vector<core::BranchHint> hints_;
  std::optional<bool> hint_;
  Span hint_span_;
  std::vector<bool> pending_hints_;
  bool uses_data_ = false;
};

/// Reads `v128.const`'s shape and lanes into 16 bytes.
[[nodiscard]] Result<std::array<std::uint8_t, 16>> parse_v128(Cursor& cursor);

}  // namespace tenon::text
