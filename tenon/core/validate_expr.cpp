// SPDX-License-Identifier: Apache-2.0
// Stacks, control and the operators that are neither shaped nor about aggregates.
#include "tenon/core/validate_expr.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/core/limits.h"
#include "tenon/core/read_types.h"

namespace tenon::core {

namespace {

constexpr std::uint32_t max_flat_locals = 512;

std::string list(std::span<const ValType> types) {
  std::string out = "[";
  for (const ValType t : types) {
    if (out.size() > 1) out += ' ';
    out += to_string(t);
  }
  return out + "]";
}

}  // namespace

ExprChecker::ExprChecker(const ValidationContext& context)
    : context_(&context), module_(&context.module()) {
  grow(64);
  const Features& features = context_->features();
  mem0_is_i32_ = !module_->mem_types.empty() && module_->mem_types[0].addr == AddrType::i32 &&
                 features.has(Gate::multi_memory) && features.has(Gate::memory64);
}

bool ExprChecker::fail(const Rule& rule, std::string detail) {
  const std::string_view text = info(op_).text;
  detail = detail.empty() ? fmt::format("`{}`", text) : fmt::format("`{}`: {}", text, detail);
  error_.emplace(rule, module_->span_at(offset_), std::move(detail));
  return false;
}

bool ExprChecker::mismatch(ValType found, ValType wanted) {
  return fail(rules::type_mismatch,
              fmt::format("found {}, wanted {}", to_string(found), to_string(wanted)));
}

bool ExprChecker::open(Gate gate, std::string_view what) {
  // A part is asked for by the name of the whole, which people know.
  if (gate == Gate::bulk_memory_opt) gate = Gate::bulk_memory;
  const std::string_view name = to_string(gate);
  fail(rules::feature_off,
       what.empty() ? fmt::format("needs `{}`", name) : fmt::format("{} needs `{}`", what, name));
  error_ = std::move(*error_).help(
      gate == Gate::legacy_exceptions
          ? fmt::format("pass --features {}, or translate the module to `try_table` with `tenon "
                        "parse --to-exnref`",
                        name)
          : fmt::format("pass --features {}", name));
  return false;
}

// ---- Beginning ----

void ExprChecker::reset(BlockType type) {
  frames_.clear();
  flat_locals_.clear();
  far_locals_.clear();
  init_.clear();
  init_list_.clear();
  num_locals_ = 0;
  br_table_number_ = 0;
  error_.reset();
  top_ = stack_.get();
  ControlFrame frame;
  frame.type = type;
  frames_.push_back(frame);
  sync_base();
}

bool ExprChecker::begin_func(FuncIdx func) {
  const TypeIdx type = module_->func_types[func.value];
  const Code& code = module_->codes[func.value - module_->num_imported_funcs];
  reset(BlockType{BlockType::Kind::type, {}, type});
  op_ = Op::nop;
  offset_ = code.entry.begin;
  frames_.back().offset = code.body.begin;
  bool any_without_default = false;
  const FuncType& signature = module_->types[type].type.func;
  for (const ValType t : signature.params) add_locals(1, t);
  for (const LocalGroup& group : code.locals) {
    if (!check_local_group(func, group)) return false;
    any_without_default |= !group.type.is_defaultable() && group.count != 0;
    add_locals(group.count, group.type);
  }
  if (any_without_default) {
    init_.assign(num_locals_ / 64 + 1, 0);
    for (std::uint32_t i = 0; i < signature.params.size(); ++i)
      init_[i / 64] |= std::uint64_t{1} << (i % 64);
  } else if (std::ranges::any_of(signature.params, [](ValType t) { return !t.is_defaultable(); })) {
    init_.assign(num_locals_ / 64 + 1, ~std::uint64_t{0});
  }
  return true;
}

/// No operator is at fault for a local: the place is the function's in text, the body's in a
/// binary.
Span ExprChecker::locals_span(FuncIdx func) const {
  const std::uint32_t i = func.value - module_->num_imported_funcs;
  const auto& spans = module_->spans.funcs;
  if (!module_->places.empty() && i < spans.size()) return spans[i];
  const std::uint32_t begin = module_->base + module_->codes[i].entry.begin;
  return {module_->source, begin, begin + 1};
}

bool ExprChecker::check_local_group(FuncIdx func, const LocalGroup& group) {
  const ValType type = group.type;
  const auto what = [&] { return fmt::format("local of type `{}`", to_string(type)); };
  if (const auto gate = closed_gate(context_->features(), type)) {
    error_ = require(context_->features(), *gate, locals_span(func), what()).error();
    return false;
  }
  if (type.is_ref() && type.heap().is_defined() && !module_->types.contains(type.heap().index())) {
    error_.emplace(rules::unknown_type, locals_span(func), what());
    return false;
  }
  if (std::uint64_t{num_locals_} + group.count > limits::locals) {
    error_.emplace(rules::implementation_limit, locals_span(func),
                   fmt::format("more than {} locals", limits::locals));
    return false;
  }
  return true;
}

void ExprChecker::begin_const(ValType result) {
  reset(BlockType{BlockType::Kind::value, result, {}});
}

void ExprChecker::add_locals(std::uint32_t n, ValType type) {
  const std::uint32_t flat =
      std::min(n, max_flat_locals - std::min<std::uint32_t>(num_locals_, max_flat_locals));
  flat_locals_.insert(flat_locals_.end(), flat, type);
  num_locals_ += n;
  if (flat != n) far_locals_.push_back({num_locals_, type});
}

ValType ExprChecker::far_local_type(std::uint32_t i) const {
  return std::ranges::upper_bound(far_locals_, i, {}, &LocalRun::end)->type;
}

// ---- Operand stack ----

void ExprChecker::grow(std::size_t n) {
  const auto size = static_cast<std::size_t>(top_ - stack_.get());
  const auto base = base_ - stack_.get();
  const auto old = static_cast<std::size_t>(limit_ - stack_.get());
  const std::size_t capacity = std::max(old * 2, size + n);
  auto bigger = std::make_unique<ValType[]>(capacity);
  std::copy_n(stack_.get(), size, bigger.get());
  stack_ = std::move(bigger);
  top_ = stack_.get() + size;
  base_ = stack_.get() + base;
  limit_ = stack_.get() + capacity;
}

bool ExprChecker::pop_slow(ValType wanted) {
  ValType found;
  if (top_ == base_) {
    if (frames_.back().unreachable) return true;
    return fail(rules::type_mismatch, fmt::format("found nothing, wanted {}", to_string(wanted)));
  }
  found = top_[-1];
  if (!context_->matcher().matches(found, wanted)) return mismatch(found, wanted);
  --top_;
  return true;
}

bool ExprChecker::pop_any(ValType& out) {
  if (top_ != base_) {
    out = *--top_;
    return true;
  }
  out = ValType();
  return frames_.back().unreachable ||
         fail(rules::type_mismatch, "found nothing, wanted an operand");
}

bool ExprChecker::pop_ref(ValType& out) {
  if (!pop_any(out)) return false;
  if (out.is_bot()) out = ValType::ref(TypeCode::bot, false);
  popped_ = out;
  return out.is_ref() ||
         fail(rules::type_mismatch, fmt::format("found {}, wanted a reference", to_string(out)));
}

bool ExprChecker::pop_all(std::span<const ValType> types) {
  for (std::size_t i = types.size(); i-- > 0;) {
    if (!pop(types[i])) return false;
  }
  return true;
}

void ExprChecker::push_all(std::span<const ValType> types) {
  if (static_cast<std::size_t>(limit_ - top_) < types.size()) grow(types.size());
  top_ = std::copy(types.begin(), types.end(), top_);
}

/// Like popping the types and pushing what was found, without moving anything.
bool ExprChecker::check_top(std::span<const ValType> types) {
  const ValType* at = top_;
  for (std::size_t i = types.size(); i-- > 0;) {
    if (at == base_) {
      if (frames_.back().unreachable) return true;
      return fail(rules::type_mismatch,
                  fmt::format("found {}, wanted {}", list({base_, top_}), list(types)));
    }
    --at;
    if (*at != types[i] && !context_->matcher().matches(*at, types[i]))
      return mismatch(*at, types[i]);
  }
  return true;
}

bool ExprChecker::plain_slow(const Signature& sig, TypeCode addr) {
  for (std::size_t i = sig.num_params; i-- > 0;) {
    if (!pop(sig.params[i] == TypeCode::bot ? addr : sig.params[i])) return false;
  }
  for (std::size_t i = 0; i < sig.num_results; ++i) push(sig.results[i]);
  return true;
}

// ---- Control stack ----

void ExprChecker::set_unreachable() {
  top_ = base_;
  frames_.back().unreachable = true;
}

void ExprChecker::push_frame(ControlFrame::Kind kind, const BlockType& type) {
  ControlFrame frame;
  frame.kind = kind;
  frame.type = type;
  frame.height = height();
  frame.init_height = static_cast<std::uint32_t>(init_list_.size());
  frame.offset = offset_;
  frames_.push_back(frame);
  sync_base();
}

bool ExprChecker::check_block_type(const BlockType& type) {
  switch (type.kind) {
    case BlockType::Kind::empty:
      return true;
    case BlockType::Kind::value:
      return check_val_type(type.value);
    case BlockType::Kind::type: {
      if (func_type(type.type) == nullptr) return false;
      return context_->features().has(Gate::multi_value) ||
             open(Gate::multi_value, fmt::format("type {} as block type", type.type.value));
    }
  }
  return true;
}

bool ExprChecker::block(ControlFrame::Kind kind, const BlockType& type) {
  if (!check_block_type(type) || !pop_all(params(type))) return false;
  push_frame(kind, type);
  push_all(params(type));
  return true;
}

/// Whether the innermost block leaves its results and nothing else. Takes them.
bool ExprChecker::check_frame_end() {
  const ControlFrame& frame = frames_.back();
  if (!pop_all(results(frame.type))) return false;
  if (top_ == base_) return true;
  return fail(rules::type_mismatch,
              fmt::format("{} left over at the end of a block", list({base_, top_})));
}

bool ExprChecker::else_() {
  if (frames_.back().kind != ControlFrame::Kind::if_) return fail(rules::else_without_if, {});
  if (!check_frame_end()) return false;
  closed_ = frames_.back();
  reset_init(closed_.init_height);
  frames_.back().kind = ControlFrame::Kind::else_;
  frames_.back().unreachable = false;
  push_all(params(closed_.type));
  return true;
}

bool ExprChecker::end() {
  const ControlFrame& frame = frames_.back();
  if (frame.kind == ControlFrame::Kind::if_ &&
      !context_->matcher().matches(params(frame.type), results(frame.type))) {
    return fail(rules::type_mismatch,
                fmt::format("an `if` without `else` gives {}, wanted {}", list(params(frame.type)),
                            list(results(frame.type))));
  }
  if (!check_frame_end()) return false;
  closed_ = frame;
  reset_init(closed_.init_height);
  frames_.pop_back();
  if (!frames_.empty()) {
    sync_base();
    push_all(results(closed_.type));
  }
  return true;
}

bool ExprChecker::check_label(LabelIdx label) {
  return label.value < frames_.size() ||
         fail(rules::unknown_label,
              fmt::format("label {}, {} blocks", label.value, frames_.size()));
}

bool ExprChecker::br(LabelIdx label) {
  if (!check_label(label) || !pop_all(label_types(frame(label)))) return false;
  set_unreachable();
  return true;
}

bool ExprChecker::br_if(LabelIdx label) {
  if (!pop(TypeCode::i32) || !check_label(label)) return false;
  const std::span<const ValType> types = label_types(frame(label));
  if (!pop_all(types)) return false;
  push_all(types);
  return true;
}

bool ExprChecker::br_table(const BrTableImm& imm) {
  if (!pop(TypeCode::i32) || !check_label(imm.default_)) return false;
  const std::size_t arity = label_types(frame(imm.default_)).size();
  // A label is looked at once, however often it is in the table.
  const std::uint32_t number = ++br_table_number_;
  for (const LabelIdx label : imm.labels) {
    if (!check_label(label)) return false;
    ControlFrame& target = frames_[frames_.size() - 1 - label.value];
    if (target.seen == number) continue;
    target.seen = number;
    const std::span<const ValType> types = label_types(target);
    if (types.size() != arity) {
      return fail(rules::type_mismatch,
                  fmt::format("labels take {} and {} operands", types.size(), arity));
    }
    if (!check_top(types)) return false;
  }
  if (!pop_all(label_types(frame(imm.default_)))) return false;
  set_unreachable();
  return true;
}

bool ExprChecker::br_on_null(LabelIdx label) {
  ValType type;
  if (!check_label(label) || !pop_ref(type)) return false;
  const std::span<const ValType> types = label_types(frame(label));
  if (!pop_all(types)) return false;
  push_all(types);
  push(type.as_non_null());
  return true;
}

bool ExprChecker::br_on_non_null(LabelIdx label) {
  if (!check_label(label)) return false;
  const std::span<const ValType> types = label_types(frame(label));
  if (types.empty() || !types.back().is_ref()) {
    return fail(rules::type_mismatch,
                fmt::format("the label takes {}, wanted a reference", list(types)));
  }
  if (top_ != base_) popped_ = top_[-1];
  const std::span<const ValType> rest = types.first(types.size() - 1);
  if (!pop(ValType::ref(types.back().heap(), true)) || !pop_all(rest)) return false;
  push_all(rest);
  return true;
}

bool ExprChecker::br_on_cast(Op op, const BrOnCastImm& imm) {
  if (!check_val_type(imm.from) || !check_val_type(imm.to) || !check_label(imm.label)) return false;
  const TypeMatcher& matcher = context_->matcher();
  if (!matcher.matches(imm.to, imm.from)) return mismatch(imm.to, imm.from);
  const std::span<const ValType> types = label_types(frame(imm.label));
  const ValType rest_type = imm.to.nullable() ? imm.from.as_non_null() : imm.from;
  const bool on_success = op == Op::br_on_cast;
  const ValType sent = on_success ? imm.to : rest_type;
  if (types.empty())
    return fail(rules::type_mismatch, "the label takes nothing, wanted a reference");
  if (!matcher.matches(sent, types.back())) return mismatch(sent, types.back());
  if (top_ != base_) popped_ = top_[-1];
  const std::span<const ValType> rest = types.first(types.size() - 1);
  if (!pop(imm.from) || !pop_all(rest)) return false;
  push_all(rest);
  push(on_success ? rest_type : imm.to);
  return true;
}

bool ExprChecker::return_() {
  if (!pop_all(results(frames_.front().type))) return false;
  set_unreachable();
  return true;
}

// ---- Calls and exceptions ----

bool ExprChecker::call_type(const FuncType& type, bool tail) {
  if (tail) {
    const std::span<const ValType> wanted = results(frames_.front().type);
    if (!context_->matcher().matches(std::span(type.results), wanted)) {
      return fail(rules::type_mismatch, fmt::format("the callee returns {}, wanted {}",
                                                    list(type.results), list(wanted)));
    }
  }
  if (!pop_all(type.params)) return false;
  if (tail) {
    set_unreachable();
  } else {
    push_all(type.results);
  }
  return true;
}

bool ExprChecker::call(FuncIdx f, bool tail) {
  if (f.value >= module_->func_types.size()) {
    return fail(rules::unknown_func, fmt::format("function {}", f.value));
  }
  return call_type(module_->func_type(f), tail);
}

bool ExprChecker::call_indirect(const CallIndirectImm& imm, bool tail) {
  const TableType* t = table(imm.table);
  if (t == nullptr) return false;
  if (!context_->matcher().matches(t->elem, funcref)) return mismatch(t->elem, funcref);
  if (!context_->features().has(Gate::call_indirect_overlong) && !has_zero_table_byte()) {
    return open(Gate::call_indirect_overlong, "a table index that is not a zero byte");
  }
  const FuncType* type = func_type(imm.type);
  return type != nullptr && pop(valtype(t->addr)) && call_type(*type, tail);
}

bool ExprChecker::has_zero_table_byte() const {
  const ByteSpan bytes = module_->bytes.view();
  std::uint32_t at = offset_ + 1;
  while ((bytes[at] & 0x80U) != 0) ++at;  // the type index, which was read already
  return bytes[at + 1] == 0;
}

bool ExprChecker::call_ref(TypeIdx type, bool tail) {
  const FuncType* func = func_type(type);
  return func != nullptr && pop(ValType::ref(type, true)) && call_type(*func, tail);
}

bool ExprChecker::throw_(TagIdx tag) {
  if (tag.value >= module_->tag_types.size()) {
    return fail(rules::unknown_tag, fmt::format("tag {}", tag.value));
  }
  if (!pop_all(module_->types[module_->tag_types[tag.value].type].type.func.params)) return false;
  set_unreachable();
  return true;
}

bool ExprChecker::throw_ref() {
  if (!pop(exnref)) return false;
  set_unreachable();
  return true;
}

bool ExprChecker::check_catch(const Catch& clause) {
  if (!check_label(clause.label)) return false;
  std::vector<ValType> sent;
  if (clause.kind == Catch::Kind::catch_ || clause.kind == Catch::Kind::catch_ref) {
    if (clause.tag.value >= module_->tag_types.size()) {
      return fail(rules::unknown_tag, fmt::format("tag {}", clause.tag.value));
    }
    sent = module_->types[module_->tag_types[clause.tag.value].type].type.func.params;
  }
  if (clause.kind == Catch::Kind::catch_ref || clause.kind == Catch::Kind::catch_all_ref) {
    sent.push_back(ValType::ref(TypeCode::exn, false));
  }
  const std::span<const ValType> wanted = label_types(frame(clause.label));
  if (context_->matcher().matches(std::span<const ValType>(sent), wanted)) return true;
  return fail(rules::type_mismatch,
              fmt::format("the clause sends {}, the label takes {}", list(sent), list(wanted)));
}

bool ExprChecker::try_table(const TryTableImm& imm) {
  for (const Catch& clause : imm.catches) {
    if (!check_catch(clause)) return false;
  }
  return block(ControlFrame::Kind::try_table, imm.type);
}

// ---- Legacy exceptions. Spec: the proposal `exception-handling`, legacy/exceptions ----

bool ExprChecker::end_before_clause(bool is_delegate) {
  const ControlFrame::Kind kind = frames_.back().kind;
  if (kind != ControlFrame::Kind::try_ && (is_delegate || kind != ControlFrame::Kind::catch_))
    return fail(rules::catch_without_try, {});
  if (!check_frame_end()) return false;
  closed_ = frames_.back();
  reset_init(closed_.init_height);
  return true;
}

bool ExprChecker::legacy_catch(TagIdx tag) {
  if (!end_before_clause(false)) return false;
  if (tag.value >= module_->tag_types.size())
    return fail(rules::unknown_tag, fmt::format("tag {}", tag.value));
  frames_.back().kind = ControlFrame::Kind::catch_;
  frames_.back().unreachable = false;
  push_all(module_->types[module_->tag_types[tag.value].type].type.func.params);
  return true;
}

bool ExprChecker::legacy_catch_all() {
  if (!end_before_clause(false)) return false;
  frames_.back().kind = ControlFrame::Kind::catch_all;
  frames_.back().unreachable = false;
  return true;
}

bool ExprChecker::delegate_(LabelIdx label) {
  if (!end_before_clause(true)) return false;
  // The label counts from outside of the `try`.
  frames_.pop_back();
  sync_base();
  if (!check_label(label)) return false;
  push_all(results(closed_.type));
  return true;
}

bool ExprChecker::rethrow_(LabelIdx label) {
  if (!check_label(label)) return false;
  const ControlFrame::Kind kind = frame(label).kind;
  if (kind != ControlFrame::Kind::catch_ && kind != ControlFrame::Kind::catch_all)
    return fail(rules::rethrow_label, fmt::format("label {}", label.value));
  set_unreachable();
  return true;
}

// ---- Parametric, variables ----

bool ExprChecker::drop() {
  return pop_any(popped_);
}

bool ExprChecker::select() {
  ValType second;
  ValType first;
  if (!pop(TypeCode::i32) || !pop_any(second) || !pop_any(first)) return false;
  if (first.is_ref() || second.is_ref()) {
    return fail(rules::type_mismatch, "references need `select` with a type");
  }
  if (first != second && !first.is_bot() && !second.is_bot()) return mismatch(second, first);
  popped_ = first.is_bot() ? second : first;
  push(popped_);
  return true;
}

bool ExprChecker::select_t(const SelectImm& imm) {
  if (imm.types.size() != 1) {
    return fail(rules::result_arity, fmt::format("found {} types", imm.types.size()));
  }
  const ValType type = imm.types[0];
  if (!check_val_type(type) || !pop(TypeCode::i32) || !pop(type) || !pop(type)) return false;
  popped_ = type;
  push(type);
  return true;
}

bool ExprChecker::local_get_slow(LocalIdx i) {
  if (i.value >= num_locals_) [[unlikely]]
    return fail(rules::unknown_local, fmt::format("local {}, {} locals", i.value, num_locals_));
  const ValType type = local_type(i);
  if (!type.is_defaultable() && !is_init(i.value)) [[unlikely]]
    return fail(rules::uninit_local, fmt::format("local {}", i.value));
  push(type);
  return true;
}

bool ExprChecker::local_set_slow(LocalIdx i) {
  if (i.value >= num_locals_) [[unlikely]]
    return fail(rules::unknown_local, fmt::format("local {}, {} locals", i.value, num_locals_));
  const ValType type = local_type(i);
  if (!type.is_defaultable()) [[unlikely]]
    mark_init(i.value);
  return pop(type);
}

void ExprChecker::mark_init(std::uint32_t local) {
  if (is_init(local)) return;
  init_[local / 64] |= std::uint64_t{1} << (local % 64);
  init_list_.push_back(local);
}

void ExprChecker::reset_init(std::uint32_t height) {
  while (init_list_.size() > height) {
    const std::uint32_t local = init_list_.back();
    init_list_.pop_back();
    init_[local / 64] &= ~(std::uint64_t{1} << (local % 64));
  }
}

bool ExprChecker::global_get(GlobalIdx i) {
  if (i.value >= module_->global_types.size()) {
    return fail(rules::unknown_global, fmt::format("global {}", i.value));
  }
  push(module_->global_types[i.value].type);
  return true;
}

bool ExprChecker::global_set(GlobalIdx i) {
  if (i.value >= module_->global_types.size()) {
    return fail(rules::unknown_global, fmt::format("global {}", i.value));
  }
  const GlobalType& type = module_->global_types[i.value];
  if (!type.mutable_) return fail(rules::immutable_global, fmt::format("global {}", i.value));
  return pop(type.type);
}

// ---- Tables and memories ----

const TableType* ExprChecker::table(TableIdx i) {
  if (i.value < module_->table_types.size()) return &module_->table_types[i.value];
  fail(rules::unknown_table, fmt::format("table {}", i.value));
  return nullptr;
}

const MemType* ExprChecker::mem(MemIdx i) {
  if (i.value < module_->mem_types.size()) return &module_->mem_types[i.value];
  fail(rules::unknown_mem, fmt::format("memory {}", i.value));
  return nullptr;
}

bool ExprChecker::check_elem(ElemIdx i) {
  return i.value < module_->elems.size() ||
         fail(rules::unknown_elem, fmt::format("element segment {}", i.value));
}

bool ExprChecker::check_data(DataIdx i) {
  if (!module_->data_count) return fail(rules::data_count_required, {});
  return i.value < *module_->data_count ||
         fail(rules::unknown_data, fmt::format("data segment {}", i.value));
}

bool ExprChecker::table_op(Op op, TableIdx i) {
  const TableType* t = table(i);
  if (t == nullptr) return false;
  const ValType addr = valtype(t->addr);
  if (op == Op::table_size) return push(addr), true;
  if (op == Op::table_get) {
    if (!pop(addr)) return false;
    return push(t->elem), true;
  }
  if (op == Op::table_set) return pop(t->elem) && pop(addr);
  if (op == Op::table_grow) {
    if (!pop(addr) || !pop(t->elem)) return false;
    return push(addr), true;
  }
  return pop(addr) && pop(t->elem) && pop(addr);  // table.fill
}

bool ExprChecker::table_copy(const TableCopyImm& imm) {
  const TableType* dst = table(imm.dst);
  const TableType* src = dst == nullptr ? nullptr : table(imm.src);
  if (src == nullptr) return false;
  if (!context_->matcher().matches(src->elem, dst->elem)) return mismatch(src->elem, dst->elem);
  const AddrType least = std::min(dst->addr, src->addr);
  return pop(valtype(least)) && pop(valtype(src->addr)) && pop(valtype(dst->addr));
}

bool ExprChecker::table_init(const TableInitImm& imm) {
  const TableType* t = table(imm.table);
  if (t == nullptr || !check_elem(imm.elem)) return false;
  const ValType type = module_->elems[imm.elem.value].type;
  if (!context_->matcher().matches(type, t->elem)) return mismatch(type, t->elem);
  return pop(TypeCode::i32) && pop(TypeCode::i32) && pop(valtype(t->addr));
}

/// Without `multi-memory` the alignment has no flag and no memory after it, without `memory64` an
/// offset is a u32: neither can be seen in what was decoded.
bool ExprChecker::check_memarg_bytes() {
  const bool multi_memory = context_->features().has(Gate::multi_memory);
  const bool memory64 = context_->features().has(Gate::memory64);
  if (multi_memory && memory64) return true;
  const ByteSpan bytes = module_->bytes.view();
  std::uint32_t at = offset_ + 1;
  const auto skip_leb = [&] {
    while ((bytes[at] & 0x80U) != 0) ++at;
    ++at;
  };
  if (info(op_).opcode > 0xFF) skip_leb();
  const bool has_memory = (bytes[at] & 0x40U) != 0;
  if (has_memory && !multi_memory)
    return open(Gate::multi_memory, "a memory index behind the alignment");
  skip_leb();
  if (has_memory) skip_leb();
  const std::uint32_t offset = at;
  skip_leb();
  constexpr std::uint32_t u32_bytes = 5;
  return memory64 || at - offset <= u32_bytes || open(Gate::memory64, "an offset beyond u32");
}

bool ExprChecker::check_memory_byte() {
  return module_->bytes.view()[offset_ + 1] == 0 || context_->features().has(Gate::multi_memory) ||
         open(Gate::multi_memory, "a memory index that is not a zero byte");
}

bool ExprChecker::memory_op(Op op, MemIdx i) {
  const MemType* m = mem(i);
  if (m == nullptr) return false;
  if (op != Op::memory_fill && !check_memory_byte()) return false;
  const ValType addr = valtype(m->addr);
  if (op == Op::memory_size) return push(addr), true;
  if (op == Op::memory_grow) {
    if (!pop(addr)) return false;
    return push(addr), true;
  }
  return pop(addr) && pop(TypeCode::i32) && pop(addr);  // memory.fill
}

bool ExprChecker::memory_copy(const MemCopyImm& imm) {
  const MemType* dst = mem(imm.dst);
  const MemType* src = dst == nullptr ? nullptr : mem(imm.src);
  if (src == nullptr) return false;
  const AddrType least = std::min(dst->addr, src->addr);
  return pop(valtype(least)) && pop(valtype(src->addr)) && pop(valtype(dst->addr));
}

bool ExprChecker::memory_init(const MemInitImm& imm) {
  const MemType* m = mem(imm.mem);
  if (m == nullptr || !check_data(imm.data)) return false;
  return pop(TypeCode::i32) && pop(TypeCode::i32) && pop(valtype(m->addr));
}

bool ExprChecker::check_memarg(const MemArgImm& imm, const Shape& shape, TypeCode& addr) {
  const MemType* m = mem(imm.mem);
  if (m == nullptr || !check_memarg_bytes()) return false;
  if (shape.is_atomic() ? imm.align != shape.log2_size : imm.align > shape.log2_size) {
    // Proposals take bits of the alignment for what follows it.
    if ((imm.align & 0x20U) != 0) {
      return fail(rules::alignment,
                  "found flag 0x20, an array type; multibyte array access is not supported");
    }
    if (shape.is_atomic() && (imm.align & 0x10U) != 0) {
      return fail(rules::atomic_alignment,
                  "found flag 0x10, an ordering; acquire-release atomics are not supported");
    }
    return fail(shape.is_atomic() ? rules::atomic_alignment : rules::alignment,
                fmt::format("found 2^{}, natural is 2^{}", imm.align, shape.log2_size));
  }
  if (m->addr == AddrType::i32 && imm.offset > 0xFFFFFFFF) {
    return fail(rules::offset_range, fmt::format("offset {} in a 32-bit memory", imm.offset));
  }
  addr = m->addr == AddrType::i32 ? TypeCode::i32 : TypeCode::i64;
  return true;
}

// ---- Types by index ----

bool ExprChecker::check_type_index(TypeIdx i) {
  return i.value < module_->types.size() ||
         fail(rules::unknown_type, fmt::format("type {}", i.value));
}

bool ExprChecker::check_heap_type(HeapType heap) {
  return check_val_type(ValType::ref(heap, true));
}

bool ExprChecker::check_val_type(ValType type) {
  if (const auto gate = closed_gate(context_->features(), type)) {
    return open(*gate, fmt::format("`{}`", to_string(type)));
  }
  return !type.is_ref() || !type.heap().is_defined() || check_type_index(type.heap().index());
}

const FuncType* ExprChecker::func_type(TypeIdx i) {
  if (!check_type_index(i)) return nullptr;
  const CompType& type = module_->types[i].type;
  if (type.kind == CompType::Kind::func) return &type.func;
  fail(rules::type_mismatch, fmt::format("type {} is not a function type", i.value));
  return nullptr;
}

}  // namespace tenon::core
