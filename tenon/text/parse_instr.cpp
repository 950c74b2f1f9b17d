// SPDX-License-Identifier: Apache-2.0
// Instructions are encoded while they are read, with an explicit stack of frames, because nesting
// may be deeper than the native stack. A folded instruction waits in `pending_` until its operands
// are written. Labels shadow: each name keeps the depth it had before.
// Spec: core/text/instructions
#include "tenon/text/parse_instr.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "tenon/core/encode.h"
#include "tenon/text/keywords.h"
#include "tenon/text/number.h"
#include "tenon/text/rules.h"
#include "tenon/text/spellings.h"

namespace tenon::text {
namespace {

using core::Op;
using core::TypeCode;

constexpr std::uint32_t no_label = 0xFFFFFFFF;

bool is_block(Op op) {
  return op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
         op == Op::try_;
}

/// What divides a `try`, or ends it.
bool is_clause(Op op) {
  return op == Op::catch_ || op == Op::catch_all || op == Op::delegate;
}

}  // namespace

Result<std::uint32_t> parse_index(Cursor& cursor, const NameMap& names, std::string_view what) {
  if (cursor.at_id()) {
    const Token token = cursor.peek();
    const std::string_view name = cursor.id_name(token);
    const auto found = names.find(name);
    if (!found) {
      return std::unexpected(Error(rules::unknown_name, cursor.span(token),
                                   fmt::format("unknown {} `${}`", what, name)));
    }
    cursor.take();
    return *found;
  }
  // The common case without building the message.
  if (cursor.at(TokenKind::number)) {
    const IntResult number = parse_unsigned(cursor.text(), 32);
    if (number.status == NumberStatus::ok) {
      cursor.take();
      return static_cast<std::uint32_t>(number.value);
    }
  }
  return cursor.u32(fmt::format("a {}'s index or identifier", what));
}

void InstrParser::begin_function() {
  locals_.clear();
  label_map_.clear();
  label_names_.clear();
  hints_.clear();
  next_label_ = 0;
}

void InstrParser::push_label(std::optional<Id> id, std::optional<std::string> name) {
  std::uint32_t shadowed = no_label;
  const auto depth = static_cast<std::uint32_t>(labels_.size());
  if (id) {
    shadowed = label_map_.find(id->name).value_or(no_label);
    label_map_.set(id->name, depth);
    if (!name) name = id->name;
  }
  if (name) label_names_.push_back({next_label_, std::move(*name)});
  ++next_label_;
  labels_.push_back({id, shadowed});
}

void InstrParser::pop_label() {
  const Label& label = labels_.back();
  if (label.id) label_map_.set(label.id->name, label.shadowed);
  labels_.pop_back();
}

void InstrParser::flush_pending(const Frame& frame) {
  if (frame.has_hint) {
    hints_.push_back({static_cast<std::uint32_t>(out_->size()), pending_hints_.back()});
    pending_hints_.pop_back();
  }
  core::Place place = pending_places_.back();
  pending_places_.pop_back();
  place.at = static_cast<std::uint32_t>(out_->size());
  places_.push_back(place);
  auto& bytes = pending_.raw();
  out_->bytes(ByteSpan(bytes).subspan(frame.pending));
  bytes.resize(frame.pending);
}

Result<void> InstrParser::expression() {
  TENON_TRY(run(frames_.size(), false));
  mark(*out_, c_->peek());
  out_->u8(0x0B);
  return {};
}

Result<void> InstrParser::folded_expression() {
  TENON_TRY(run(frames_.size(), true));
  mark(*out_, c_->peek());
  out_->u8(0x0B);
  return {};
}

Result<void> InstrParser::run(std::size_t base, bool single) {
  const std::size_t labels = labels_.size();
  for (;;) {
    if (c_->has_annotations()) TENON_TRY(read_hints());
    switch (c_->peek().kind) {
      case TokenKind::keyword:
        if (single && frames_.size() == base)
          return std::unexpected(c_->unexpected("an instruction in parentheses"));
        TENON_TRY(flat());
        break;
      case TokenKind::lparen:
        TENON_TRY(open_paren());
        break;
      case TokenKind::rparen:
        if (hint_) return no_hint();
        if (frames_.size() == base) {
          if (single) return std::unexpected(c_->unexpected("an instruction in parentheses"));
          assert(labels_.size() == labels);
          (void)labels;
          return {};
        }
        TENON_TRY(close_paren());
        if (single && frames_.size() == base) return {};
        break;
      case TokenKind::eof:
      case TokenKind::id:
      case TokenKind::quoted_id:
      case TokenKind::string:
      case TokenKind::number:
      case TokenKind::reserved:
      case TokenKind::bad:
        return std::unexpected(c_->unexpected("an instruction or `)`"));
    }
  }
}

/// Spec: the proposal `branch-hinting`: one byte, 0 or 1, before a `br_if` or `if`.
Result<void> InstrParser::read_hints() {
  while (const auto found = c_->take_annotation(Annotation::Kind::branch_hint)) {
    const Span at{c_->source(), found->begin, found->end};
    if (hint_) {
      Error error(rules::branch_hint, at, "a second hint");
      return std::unexpected(std::move(error).note(hint_span_, "the first"));
    }
    Cursor inside = c_->inside(*found);
    std::vector<std::uint8_t> value;
    TENON_TRY(inside.string(value));
    TENON_TRY(inside.expect_close());
    if (value.size() != 1 || value[0] > 1) {
      return std::unexpected(
          Error(rules::branch_hint, at, "the value is one byte, `\"\\00\"` or `\"\\01\"`"));
    }
    hint_ = value[0] == 1;
    hint_span_ = at;
  }
  return {};
}

Result<void> InstrParser::no_hint() const {
  return std::unexpected(Error(rules::branch_hint, hint_span_, "no instruction follows the hint"));
}

Result<void> InstrParser::target_of_hint(Op op) const {
  if (!hint_ || op == Op::br_if || op == Op::if_) return {};
  return std::unexpected(Error(rules::branch_hint, hint_span_,
                               fmt::format("`{}` follows the hint", core::info(op).text)));
}

std::optional<Op> InstrParser::operator_of(std::string_view word) const {
  const auto op = find_operator(word);
  if (op || !c_->reads_legacy()) return op;
  return find_operator(todays_spelling(word));
}

Result<void> InstrParser::open_paren() {
  const bool in_if = !frames_.empty() && frames_.back().kind == FrameKind::if_folded;
  const bool in_try = !frames_.empty() && frames_.back().kind == FrameKind::try_folded;
  const Token& word = c_->peek_next();
  if (word.kind != TokenKind::keyword) {
    c_->take();
    return std::unexpected(c_->unexpected("an instruction"));
  }
  const std::string_view text = c_->text(word);
  if (in_try) return open_try_part(text);
  if (in_if) {
    Frame& frame = frames_.back();
    if (hint_ && (text == "then" || text == "else")) return no_hint();
    if (frame.clause == 0 && text == "then") {
      c_->take();
      c_->take();
      frame.clause = 1;
      flush_pending(frame);
      std::optional<std::string> name;
      if (frame.has_label_name) {
        name = std::move(label_annotations_.back());
        label_annotations_.pop_back();
      }
      push_label(frame.label, std::move(name));
      frames_.push_back({FrameKind::then_folded, 0, 0, false, false, {}});
      return {};
    }
    if (frame.clause == 1 && text == "else") {
      mark(*out_, word);
      c_->take();
      c_->take();
      frame.clause = 2;
      out_->u8(0x05);
      frames_.push_back({FrameKind::else_folded, 0, 0, false, false, {}});
      return {};
    }
    if (frame.clause != 0)
      return std::unexpected(c_->unexpected(frame.clause == 1 ? "`(else` or `)`" : "`)`"));
  }
  const auto op = operator_of(text);
  if (!op || *op == Op::else_ || *op == Op::end || is_clause(*op)) {
    // What is found is the word, not the parenthesis before it.
    if (op && is_clause(*op)) c_->take();
    return std::unexpected(c_->unexpected("an instruction"));
  }
  TENON_TRY(target_of_hint(*op));
  const Token at = word;
  c_->take();
  c_->take();
  if (is_block(*op)) return block(*op, true, at);
  Frame frame{FrameKind::plain, static_cast<std::uint32_t>(pending_.size()), 0, false, false, {}};
  if (hint_) {
    frame.has_hint = true;
    pending_hints_.push_back(*hint_);
    hint_.reset();
  }
  mark(pending_, at);
  TENON_TRY(plain(*op, pending_));
  frames_.push_back(frame);
  return {};
}

/// Spec: the proposal `exception-handling`, legacy/exceptions: `(try (do …) (catch $t …)*
/// (catch_all …)?)` or `(try (do …) (delegate $l))`.
Result<void> InstrParser::open_try_part(std::string_view word) {
  Frame& frame = frames_.back();
  if (hint_) return no_hint();
  const bool first = frame.clause == 0;
  const bool part = first ? word == "do"
                          : (word == "catch" && frame.clause < 3) ||
                                (word == "catch_all" && frame.clause < 3) ||
                                (word == "delegate" && frame.clause == 1);
  if (!part) {
    return std::unexpected(c_->unexpected(first ? "`(do`"
                                          : frame.clause == 1
                                              ? "`(catch`, `(catch_all`, `(delegate` or `)`"
                                          : frame.clause == 2 ? "`(catch`, `(catch_all` or `)`"
                                                              : "`)`"));
  }
  c_->take();
  if (first) {
    c_->take();
    frame.clause = 1;
  } else {
    const Op op = *find_operator(word);
    frame.clause = op == Op::catch_ ? 2 : op == Op::catch_all ? 3 : 4;
    TENON_TRY(clause(op));
    if (op == Op::delegate) return c_->expect_close();
  }
  frames_.push_back({FrameKind::part_folded, 0, 0, false, false, {}});
  return {};
}

Result<void> InstrParser::clause(Op op) {
  mark(*out_, c_->peek());
  c_->take();
  // The label of `delegate` counts from outside of the `try`.
  if (op == Op::delegate) pop_label();
  return plain(op, *out_);
}

/// `catch`, `catch_all` and `delegate` outside of parentheses.
Result<void> InstrParser::flat_clause(Op op) {
  if (frames_.empty() || frames_.back().kind != FrameKind::try_flat) {
    return std::unexpected(c_->unexpected(fmt::format(
        "an instruction that is open here; `{}` belongs to a `try`", core::info(op).text)));
  }
  TENON_TRY(clause(op));
  if (op == Op::delegate) frames_.pop_back();
  return {};
}

Result<void> InstrParser::close_paren() {
  const Frame& frame = frames_.back();
  switch (frame.kind) {
    case FrameKind::plain:
      flush_pending(frame);
      break;
    case FrameKind::block_folded:
      mark(*out_, c_->peek());
      out_->u8(0x0B);
      pop_label();
      break;
    case FrameKind::if_folded:
      if (frame.clause == 0) return std::unexpected(c_->unexpected("`(then`"));
      mark(*out_, c_->peek());
      out_->u8(0x0B);
      pop_label();
      break;
    case FrameKind::try_folded:
      if (frame.clause == 0) return std::unexpected(c_->unexpected("`(do`"));
      if (frame.clause == 4) break;
      mark(*out_, c_->peek());
      out_->u8(0x0B);
      pop_label();
      break;
    case FrameKind::then_folded:
    case FrameKind::else_folded:
    case FrameKind::part_folded:
      break;
    case FrameKind::try_flat:
    case FrameKind::block_flat:
    case FrameKind::if_flat:
    case FrameKind::else_flat:
      return std::unexpected(c_->unexpected("`end`"));
  }
  frames_.pop_back();
  c_->take();
  return {};
}

Result<void> InstrParser::flat() {
  if (!frames_.empty() && frames_.back().kind == FrameKind::if_folded) {
    return std::unexpected(c_->unexpected("a folded instruction or `(then`"));
  }
  if (!frames_.empty() && frames_.back().kind == FrameKind::try_folded)
    return std::unexpected(c_->unexpected(frames_.back().clause == 0 ? "`(do`" : "`)`"));
  const auto op = operator_of(c_->text());
  if (!op) return std::unexpected(c_->unexpected("an instruction"));
  TENON_TRY(target_of_hint(*op));
  if (*op == Op::else_) return flat_else();
  if (*op == Op::end) return flat_end();
  if (is_clause(*op)) return flat_clause(*op);
  const Token at = c_->peek();
  c_->take();
  if (is_block(*op)) return block(*op, false, at);
  if (hint_) {
    hints_.push_back({static_cast<std::uint32_t>(out_->size()), *hint_});
    hint_.reset();
  }
  mark(*out_, at);
  return plain(*op, *out_);
}

Result<void> InstrParser::repeated_label() {
  const auto id = c_->eat_id();
  if (!id) return {};
  const auto& own = labels_.back().id;
  if (!own || own->name != id->name) {
    Error error(rules::mismatching_label, id->span, fmt::format("found `${}`", id->name));
    if (own) error = std::move(error).note(own->span, "the block's label");
    return std::unexpected(std::move(error));
  }
  return {};
}

Result<void> InstrParser::flat_else() {
  if (frames_.empty() || frames_.back().kind != FrameKind::if_flat) {
    return std::unexpected(
        c_->unexpected("an instruction that is open here; `else` belongs to an `if`"));
  }
  mark(*out_, c_->peek());
  c_->take();
  TENON_TRY(repeated_label());
  frames_.back().kind = FrameKind::else_flat;
  out_->u8(0x05);
  return {};
}

Result<void> InstrParser::flat_end() {
  const FrameKind kind = frames_.empty() ? FrameKind::plain : frames_.back().kind;
  if (kind != FrameKind::block_flat && kind != FrameKind::if_flat && kind != FrameKind::else_flat &&
      kind != FrameKind::try_flat) {
    return std::unexpected(
        c_->unexpected("an instruction or `)`; no block is open for this `end`"));
  }
  mark(*out_, c_->peek());
  c_->take();
  TENON_TRY(repeated_label());
  out_->u8(0x0B);
  pop_label();
  frames_.pop_back();
  return {};
}

Result<void> InstrParser::block(Op op, bool folded, const Token& word) {
  const auto label = c_->eat_id();
  auto name = TENON_TRY(name_annotation(*c_));
  const bool deferred = folded && op == Op::if_;
  Frame frame;
  frame.label = label;
  frame.pending = static_cast<std::uint32_t>(pending_.size());
  if (hint_) {
    if (deferred) {
      frame.has_hint = true;
      pending_hints_.push_back(*hint_);
    } else {
      hints_.push_back({static_cast<std::uint32_t>(out_->size()), *hint_});
    }
    hint_.reset();
  }
  Writer& out = deferred ? pending_ : *out_;
  mark(out, word);
  core::write_opcode(out, op);
  TENON_TRY(block_type(out));
  if (op == Op::try_table) TENON_TRY(catches(out));
  if (deferred) {
    frame.kind = FrameKind::if_folded;
    frame.has_label_name = name.has_value();
    if (name) label_annotations_.push_back(std::move(*name));
  } else {
    if (op == Op::try_)
      frame.kind = folded ? FrameKind::try_folded : FrameKind::try_flat;
    else
      frame.kind = folded          ? FrameKind::block_folded
                   : op == Op::if_ ? FrameKind::if_flat
                                   : FrameKind::block_flat;
    push_label(label, std::move(name));
  }
  frames_.push_back(frame);
  return {};
}

Result<void> InstrParser::block_type(Writer& out) {
  if (!c_->at(TokenKind::lparen)) {
    out.u8(0x40);
    return {};
  }
  if (c_->at_open("type")) {
    const TypeUse use = TENON_TRY(types_.type_use(false));
    out.s64(static_cast<std::int64_t>(use.type.value));
    return {};
  }
  core::FuncType type = TENON_TRY(types_.func_type(nullptr));
  if (type.params.empty() && type.results.empty()) {
    out.u8(0x40);
  } else if (type.params.empty() && type.results.size() == 1) {
    core::write_valtype(out, type.results[0]);
  } else {
    out.s64(static_cast<std::int64_t>(space_->find_or_add(std::move(type)).value));
  }
  return {};
}

Result<void> InstrParser::catches(Writer& out) {
  Writer clauses;
  std::uint32_t count = 0;
  for (;; ++count) {
    const std::string_view word = c_->open_keyword();
    std::uint8_t kind = 0;
    if (word == "catch")
      kind = 0;
    else if (word == "catch_ref")
      kind = 1;
    else if (word == "catch_all")
      kind = 2;
    else if (word == "catch_all_ref")
      kind = 3;
    else
      break;
    c_->take();
    c_->take();
    clauses.u8(kind);
    if (kind < 2) TENON_TRY(index(names_->tags, "tag", clauses));
    TENON_TRY(label(clauses));
    TENON_TRY(c_->expect_close());
  }
  out.u32(count);
  out.bytes(clauses.view());
  return {};
}

Result<void> InstrParser::plain(Op op, Writer& out) {
  if (op == Op::select) return select(out);
  if (op == Op::ref_test || op == Op::ref_cast) return ref_cast(op, out);
  core::write_opcode(out, op);
  return immediate(op, out);
}

Result<void> InstrParser::label(Writer& out) {
  if (!c_->at_id()) return index(label_map_, "label", out);
  const Token token = c_->peek();
  const std::string_view name = c_->id_name(token);
  const std::uint32_t depth = label_map_.find(name).value_or(no_label);
  if (depth == no_label) {
    return std::unexpected(
        Error(rules::unknown_label, c_->span(token), fmt::format("`${}`", name)));
  }
  c_->take();
  out.u32(static_cast<std::uint32_t>(labels_.size()) - 1 - depth);
  return {};
}

Result<void> InstrParser::index(const NameMap& names, std::string_view what, Writer& out) {
  const std::uint32_t value = TENON_TRY(parse_index(*c_, names, what));
  out.u32(value);
  return {};
}

Result<void> InstrParser::optional_index(const NameMap& names, std::string_view what, Writer& out) {
  if (c_->at_id() || c_->at(TokenKind::number)) return index(names, what, out);
  out.u8(0);
  return {};
}

Result<void> InstrParser::type_index(Writer& out) {
  const core::TypeIdx type = TENON_TRY(types_.type_idx());
  out.u32(type.value);
  return {};
}

Result<void> InstrParser::br_table(Writer& out) {
  Writer labels;
  std::uint32_t count = 0;
  std::size_t last = 0;
  do {
    last = labels.size();
    TENON_TRY(label(labels));
    ++count;
  } while (c_->at_id() || c_->at(TokenKind::number));
  (void)last;
  out.u32(count - 1);
  out.bytes(labels.view());
  return {};
}

Result<void> InstrParser::call_indirect(Writer& out) {
  Writer table;
  TENON_TRY(optional_index(names_->tables, "table", table));
  const TypeUse use = TENON_TRY(types_.type_use(false));
  out.u32(use.type.value);
  out.bytes(table.view());
  return {};
}

Result<void> InstrParser::select(Writer& out) {
  if (!c_->at_open("result")) {
    core::write_opcode(out, Op::select);
    return {};
  }
  Writer types;
  std::uint32_t count = 0;
  while (c_->eat_open("result")) {
    while (!c_->at(TokenKind::rparen)) {
      const core::ValType type = TENON_TRY(types_.val_type());
      core::write_valtype(types, type);
      ++count;
    }
    TENON_TRY(c_->expect_close());
  }
  core::write_opcode(out, Op::select_t);
  out.u32(count);
  out.bytes(types.view());
  return {};
}

Result<void> InstrParser::ref_cast(Op op, Writer& out) {
  const core::ValType type = TENON_TRY(types_.ref_type());
  if (type.nullable()) op = op == Op::ref_test ? Op::ref_test_null : Op::ref_cast_null;
  core::write_opcode(out, op);
  core::write_heaptype(out, type.heap());
  return {};
}

Result<void> InstrParser::br_on_cast(Writer& out) {
  Writer target;
  TENON_TRY(label(target));
  const core::ValType from = TENON_TRY(types_.ref_type());
  const core::ValType to = TENON_TRY(types_.ref_type());
  out.u8(static_cast<std::uint8_t>((from.nullable() ? 1 : 0) | (to.nullable() ? 2 : 0)));
  out.bytes(target.view());
  core::write_heaptype(out, from.heap());
  core::write_heaptype(out, to.heap());
  return {};
}

Result<void> InstrParser::mem_arg(Op op, bool lane, Writer& out) {
  if (c_->at_open("type")) {
    return std::unexpected(Error(rules::unexpected_token, c_->span(),
                                 "found an array type; multibyte array access is not supported"));
  }
  const auto at_arg = [](std::string_view text) {
    return text.starts_with("offset=") || text.starts_with("align=");
  };
  std::uint32_t mem = 0;
  // A number before another number or an argument is the memory; a lone one is the lane.
  bool has_mem = c_->at_id();
  if (c_->at(TokenKind::number)) {
    const Token& next = c_->peek_next();
    has_mem = !lane || next.kind == TokenKind::number ||
              (next.kind == TokenKind::keyword && at_arg(c_->text(next)));
  }
  if (has_mem) mem = TENON_TRY(parse_index(*c_, names_->mems, "memory"));
  std::uint64_t offset = 0;
  std::uint32_t align = core::info(op).shape.log2_size;
  const auto argument = [&](std::string_view prefix,
                            unsigned bits) -> Result<std::optional<std::uint64_t>> {
    if (!c_->at(TokenKind::keyword) || !c_->text().starts_with(prefix)) return std::nullopt;
    const IntResult number = parse_unsigned(c_->text().substr(prefix.size()), bits);
    if (number.status == NumberStatus::malformed) {
      return std::unexpected(
          Error(rules::unknown_keyword, c_->span(),
                fmt::format("found `{}`, wanted `{}` and a number", c_->text(), prefix)));
    }
    if (number.status == NumberStatus::out_of_range) {
      return std::unexpected(Error(rules::number_range, c_->span(),
                                   fmt::format("`{}` does not fit u{}", c_->text(), bits)));
    }
    return number.value;
  };
  if (const auto given = TENON_TRY(argument("offset=", 64))) {
    offset = *given;
    c_->take();
  }
  if (const auto given = TENON_TRY(argument("align=", 64))) {
    if (!std::has_single_bit(*given)) {
      return std::unexpected(Error(rules::alignment, c_->span(), fmt::format("found {}", *given)));
    }
    align = static_cast<std::uint32_t>(std::countr_zero(*given));
    c_->take();
  }
  if (mem != 0) {
    out.u32(align | 0x40U);
    out.u32(mem);
  } else {
    out.u32(align);
  }
  out.u64(offset);
  return {};
}

Result<void> InstrParser::segment_and_space(const NameMap& segments, std::string_view segment,
                                            const NameMap& spaces, std::string_view space,
                                            Writer& out) {
  // `op space? segment`: with one operand it is the segment.
  const Token& next = c_->peek_next();
  const bool two = next.kind == TokenKind::number || next.kind == TokenKind::id ||
                   next.kind == TokenKind::quoted_id;
  std::uint32_t first = 0;
  if (two) first = TENON_TRY(parse_index(*c_, spaces, space));
  TENON_TRY(index(segments, segment, out));
  out.u32(first);
  return {};
}

Result<void> InstrParser::copy_pair(const NameMap& names, std::string_view what, Writer& out) {
  if (!c_->at_id() && !c_->at(TokenKind::number)) {
    out.u8(0);
    out.u8(0);
    return {};
  }
  TENON_TRY(index(names, what, out));
  return index(names, what, out);
}

Result<void> InstrParser::lane(Writer& out) {
  if (!c_->at(TokenKind::number)) return std::unexpected(c_->unexpected("a lane's index"));
  const IntResult number = parse_unsigned(c_->text(), 8);
  if (number.status == NumberStatus::malformed)
    return std::unexpected(c_->unexpected("a lane's index"));
  if (number.status == NumberStatus::out_of_range) {
    return std::unexpected(
        Error(rules::lane_index, c_->span(), fmt::format("found `{}`", c_->text())));
  }
  c_->take();
  out.u8(static_cast<std::uint8_t>(number.value));
  return {};
}

namespace {

bool at_literal(Cursor& c) {
  if (c.at(TokenKind::keyword)) return is_float(c.text());
  return c.at(TokenKind::number) && !c.is_unknown(c.peek());
}

/// The number literals that follow, at most one more than `wanted`.
std::vector<Token> literals(Cursor& c, std::size_t wanted) {
  std::vector<Token> out;
  while (out.size() <= wanted && at_literal(c)) out.push_back(c.take());
  return out;
}

}  // namespace

Result<void> InstrParser::shuffle(Writer& out) {
  const std::vector<Token> lanes = literals(*c_, 16);
  if (c_->is_unknown(c_->peek())) return std::unexpected(c_->unexpected("a lane's index"));
  if (lanes.size() != 16) {
    return std::unexpected(
        Error(rules::shuffle_lanes, c_->span(),
              lanes.size() > 16 ? "found more" : fmt::format("found {}", lanes.size())));
  }
  for (const Token& token : lanes) {
    const IntResult number = parse_unsigned(c_->text(token), 8);
    if (number.status != NumberStatus::ok) {
      return std::unexpected(
          Error(rules::lane_index, c_->span(token), fmt::format("found `{}`", c_->text(token))));
    }
    out.u8(static_cast<std::uint8_t>(number.value));
  }
  return {};
}

Result<std::array<std::uint8_t, 16>> parse_v128(Cursor& cursor) {
  struct Shape {
    std::string_view text;
    unsigned lanes;
    bool is_float;
  };
  constexpr auto shapes = std::to_array<Shape>({
      {"i8x16", 16, false},
      {"i16x8", 8, false},
      {"i32x4", 4, false},
      {"i64x2", 2, false},
      {"f32x4", 4, true},
      {"f64x2", 2, true},
  });
  const Shape* shape = nullptr;
  for (const Shape& s : shapes) {
    if (cursor.at_keyword(s.text)) shape = &s;
  }
  if (shape == nullptr)
    return std::unexpected(cursor.unexpected("a vector's shape, such as `i32x4`"));
  cursor.take();
  const std::vector<Token> tokens = literals(cursor, shape->lanes);
  if (cursor.is_unknown(cursor.peek()))
    return std::unexpected(cursor.unexpected("a lane's number"));
  if (tokens.size() != shape->lanes) {
    return std::unexpected(Error(rules::lane_count, cursor.span(),
                                 fmt::format("found {} of {}{}", tokens.size(), shape->lanes,
                                             tokens.size() > shape->lanes ? " or more" : "")));
  }
  std::array<std::uint8_t, 16> bytes{};
  const unsigned bits = 128 / shape->lanes;
  for (unsigned i = 0; i < shape->lanes; ++i) {
    const std::string_view text = cursor.text(tokens[i]);
    const IntResult number = shape->is_float ? parse_float(text, bits) : parse_int(text, bits);
    if (number.status == NumberStatus::malformed) {
      return std::unexpected(Error(rules::unexpected_token, cursor.span(tokens[i]),
                                   fmt::format("found `{}`, wanted an integer", text)));
    }
    if (number.status == NumberStatus::out_of_range) {
      return std::unexpected(Error(rules::lane_range, cursor.span(tokens[i]),
                                   fmt::format("`{}` does not fit {} bits", text, bits)));
    }
    for (unsigned b = 0; b < bits / 8; ++b) {
      bytes[i * (bits / 8) + b] = static_cast<std::uint8_t>(number.value >> (8 * b));
    }
  }
  return bytes;
}

Result<void> InstrParser::v128_const(Writer& out) {
  const std::array<std::uint8_t, 16> bytes = TENON_TRY(parse_v128(*c_));
  out.bytes(bytes);
  return {};
}

Result<void> InstrParser::constant(Op op, Writer& out) {
  const TypeCode type = core::info(op).shape.type;
  if (type == TypeCode::v128) return v128_const(out);
  const bool is_float = type == TypeCode::f32 || type == TypeCode::f64;
  const unsigned bits = type == TypeCode::i32 || type == TypeCode::f32 ? 32 : 64;
  auto literal = is_float ? c_->float_literal(bits, rules::number_range)
                          : c_->int_literal(bits, rules::number_range);
  const std::uint64_t value = TENON_TRY(std::move(literal));
  if (type == TypeCode::i32) out.s32(static_cast<std::int32_t>(static_cast<std::uint32_t>(value)));
  if (type == TypeCode::i64) out.s64(static_cast<std::int64_t>(value));
  if (type == TypeCode::f32) out.fixed_u32(static_cast<std::uint32_t>(value));
  if (type == TypeCode::f64) out.fixed_u64(value);
  return {};
}

Result<void> InstrParser::struct_field(Writer& out) {
  const core::TypeIdx type = TENON_TRY(types_.type_idx());
  const std::uint32_t field = TENON_TRY(types_.field_idx(type));
  out.u32(type.value);
  out.u32(field);
  return {};
}

/// Immediates that begin with a type's index.
Result<void> InstrParser::array_immediate(core::ImmKind kind, Writer& out) {
  TENON_TRY(type_index(out));
  if (kind == core::ImmKind::ArrayDataImm) {
    uses_data_ = true;
    return index(names_->datas, "data segment", out);
  }
  if (kind == core::ImmKind::ArrayElemImm) return index(names_->elems, "elem segment", out);
  if (kind == core::ImmKind::ArrayCopyImm) return type_index(out);
  const std::uint32_t count = TENON_TRY(c_->u32("a count"));
  out.u32(count);
  return {};
}

/// Immediates of bulk operators.
Result<void> InstrParser::bulk_immediate(core::ImmKind kind, Writer& out) {
  using enum core::ImmKind;
  if (kind == TableInitImm)
    return segment_and_space(names_->elems, "elem segment", names_->tables, "table", out);
  if (kind == TableCopyImm) return copy_pair(names_->tables, "table", out);
  if (kind == MemCopyImm) return copy_pair(names_->mems, "memory", out);
  uses_data_ = true;
  if (kind == MemInitImm)
    return segment_and_space(names_->datas, "data segment", names_->mems, "memory", out);
  return index(names_->datas, "data segment", out);
}

Result<void> InstrParser::immediate(Op op, Writer& out) {
  using enum core::ImmKind;
  const core::ImmKind kind = core::info(op).imm;
  switch (kind) {
    case NoImm:
      return {};
    case BlockImm:
    case TryTableImm:
    case SelectImm:
      break;  // read elsewhere
    case BrTableImm:
      return br_table(out);
    case LabelImm:
      return label(out);
    case FuncImm:
      return index(names_->funcs, "function", out);
    case CallIndirectImm:
      return call_indirect(out);
    case TypeImm:
      return type_index(out);
    case TagImm:
      return index(names_->tags, "tag", out);
    case LocalImm:
      return index(locals_, "local", out);
    case GlobalImm:
      return index(names_->globals, "global", out);
    case TableImm:
      return optional_index(names_->tables, "table", out);
    case ElemImm:
      return index(names_->elems, "elem segment", out);
    case MemImm:
      return optional_index(names_->mems, "memory", out);
    case TableInitImm:
    case TableCopyImm:
    case MemInitImm:
    case MemCopyImm:
    case DataImm:
      return bulk_immediate(kind, out);
    case MemArgImm:
      return mem_arg(op, false, out);
    case MemArgLaneImm:
      TENON_TRY(mem_arg(op, true, out));
      return lane(out);
    case I32Imm:
    case I64Imm:
    case F32Imm:
    case F64Imm:
    case V128Imm:
      return constant(op, out);
    case LaneImm:
      return lane(out);
    case ShuffleImm:
      return shuffle(out);
    case HeapTypeImm: {
      const core::HeapType heap = TENON_TRY(types_.heap_type());
      core::write_heaptype(out, heap);
      return {};
    }
    case FieldImm:
      return struct_field(out);
    case ArrayFixedImm:
    case ArrayDataImm:
    case ArrayElemImm:
    case ArrayCopyImm:
      return array_immediate(kind, out);
    case BrOnCastImm:
      return br_on_cast(out);
    case FenceImm:
      // The ordering that it has anyway.
      c_->eat_keyword("seqcst");
      out.u8(0);
      return {};
  }
  return std::unexpected(c_->unexpected("an instruction"));
}

}  // namespace tenon::text
