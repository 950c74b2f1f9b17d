// SPDX-License-Identifier: Apache-2.0
// Folding needs only the arity of operators, not validation: what has an unknown arity, or more
// than one result, ends the expression before it. Depth is limited, beyond which instructions are
// printed flat.
#include "tenon/text/print_fold.h"

#include <array>
#include <optional>

namespace tenon::text {

using core::Op;
using core::Shape;

namespace {

struct Arity {
  std::uint32_t params = 0;
  std::uint32_t results = 0;
};

struct ArityRow {
  Op op;
  Arity arity;
};
/// The arity of operators that no shape tells and whose immediates do not matter.
constexpr auto arity_rows = std::to_array<ArityRow>({
    {Op::local_get, {0, 1}},
    {Op::global_get, {0, 1}},
    {Op::ref_null, {0, 1}},
    {Op::ref_func, {0, 1}},
    {Op::memory_size, {0, 1}},
    {Op::table_size, {0, 1}},
    {Op::drop, {1, 0}},
    {Op::local_set, {1, 0}},
    {Op::global_set, {1, 0}},
    {Op::br_if, {1, 0}},
    {Op::br_table, {1, 0}},
    {Op::throw_ref, {1, 0}},
    {Op::local_tee, {1, 1}},
    {Op::memory_grow, {1, 1}},
    {Op::table_get, {1, 1}},
    {Op::ref_is_null, {1, 1}},
    {Op::ref_as_non_null, {1, 1}},
    {Op::ref_i31, {1, 1}},
    {Op::i31_get_s, {1, 1}},
    {Op::i31_get_u, {1, 1}},
    {Op::any_convert_extern, {1, 1}},
    {Op::extern_convert_any, {1, 1}},
    {Op::array_len, {1, 1}},
    {Op::struct_get, {1, 1}},
    {Op::struct_get_s, {1, 1}},
    {Op::struct_get_u, {1, 1}},
    {Op::ref_test, {1, 1}},
    {Op::ref_test_null, {1, 1}},
    {Op::ref_cast, {1, 1}},
    {Op::ref_cast_null, {1, 1}},
    {Op::array_new_default, {1, 1}},
    {Op::table_set, {2, 0}},
    {Op::struct_set, {2, 0}},
    {Op::table_grow, {2, 1}},
    {Op::array_new, {2, 1}},
    {Op::array_new_data, {2, 1}},
    {Op::array_new_elem, {2, 1}},
    {Op::array_get, {2, 1}},
    {Op::array_get_s, {2, 1}},
    {Op::array_get_u, {2, 1}},
    {Op::ref_eq, {2, 1}},
    {Op::select, {3, 1}},
    {Op::select_t, {3, 1}},
    {Op::memory_fill, {3, 0}},
    {Op::memory_copy, {3, 0}},
    {Op::memory_init, {3, 0}},
    {Op::table_fill, {3, 0}},
    {Op::table_copy, {3, 0}},
    {Op::table_init, {3, 0}},
    {Op::array_set, {3, 0}},
    {Op::array_fill, {4, 0}},
    {Op::array_init_data, {4, 0}},
    {Op::array_init_elem, {4, 0}},
    {Op::array_copy, {5, 0}},
    {Op::struct_new_default, {0, 1}},
});
constexpr std::optional<Arity> fixed_arity(Op op) {
  for (const ArityRow& row : arity_rows) {
    if (row.op == op) return row.arity;
  }
  return std::nullopt;
}

/// An operator with the operands it took.
struct Node {
  std::string head;
  std::vector<Node> operands;
  std::uint32_t depth = 1;
};

}  // namespace

class Folder {
 public:
  Folder(ExprPrinter& printer, TextWriter& out, const core::Module& module, std::uint32_t func)
      : p_(printer), out_(out), m_(module), func_(func) {}

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset);

  /// Prints what is still pending.
  void flush() {
    for (const Node& node : pending_) emit(node);
    pending_.clear();
  }

 private:
  /// Operands nest at most this deep, blocks in parentheses likewise.
  static constexpr std::uint32_t max_depth = 200;

  enum class Kind : std::uint8_t { block, then, else_, flat, do_, catch_ };

  template <Op op>
  std::string head_of(const core::ImmOf<op>& imm, std::uint32_t offset) {
    TextWriter* const outer = p_.out_;
    p_.out_ = &scratch_;
    p_.count_ = 0;
    p_.on<op>(imm, offset);
    p_.out_ = outer;
    return scratch_.take();
  }
  std::optional<Arity> func_arity(core::TypeIdx type, std::uint32_t more) const {
    if (!m_.types.contains(type)) return std::nullopt;
    const core::FuncType& f = m_.types[type].type.func;
    return Arity{static_cast<std::uint32_t>(f.params.size()) + more,
                 static_cast<std::uint32_t>(f.results.size())};
  }
  template <Op op>
  std::optional<Arity> arity(const core::ImmOf<op>& imm) const;
  void emit(const Node& node);
  void plain(std::string head, std::optional<Arity> arity, std::uint32_t offset);
  void open_block(const std::string& head, Op op, std::uint32_t offset);
  void clause(const std::string& head);
  void delegate(const std::string& head);
  void close_block();
  void middle();
  void emit_hint(std::uint32_t offset) {
    if (p_.hints_ == nullptr) return;
    const auto it = p_.hints_->find(offset);
    if (it == p_.hints_->end()) return;
    flush();
    p_.hint(it->second);
  }

  ExprPrinter& p_;
  TextWriter& out_;
  const core::Module& m_;
  std::uint32_t func_;
  TextWriter scratch_;
  std::vector<Node> pending_;
  std::vector<Kind> blocks_;
};

template <Op op>
std::optional<Arity> Folder::arity(const core::ImmOf<op>& imm) const {
  constexpr Shape shape = core::info(op).shape;
  if constexpr (shape.kind != Shape::Kind::special) {
    constexpr core::Signature sig = core::signature(shape);
    (void)imm;
    return Arity{sig.num_params, sig.num_results};
  } else if constexpr (fixed_arity(op).has_value()) {
    (void)imm;
    return fixed_arity(op);
  } else if constexpr (op == Op::call || op == Op::return_call) {
    if (imm.func.value >= m_.func_types.size()) return std::nullopt;
    return func_arity(m_.func_types[imm.func.value], 0);
  } else if constexpr (op == Op::call_indirect || op == Op::return_call_indirect ||
                       op == Op::call_ref || op == Op::return_call_ref) {
    return func_arity(imm.type, 1);
  } else if constexpr (op == Op::throw_) {
    if (imm.tag.value >= m_.tag_types.size()) return std::nullopt;
    return func_arity(m_.tag_types[imm.tag.value].type, 0);
  } else if constexpr (op == Op::return_) {
    (void)imm;
    const auto own = func_arity(m_.func_types[func_], 0);
    return own ? std::optional(Arity{own->results, 0}) : std::nullopt;
  } else if constexpr (op == Op::struct_new) {
    if (!m_.types.contains(imm.type)) return std::nullopt;
    return Arity{static_cast<std::uint32_t>(m_.types[imm.type].type.fields.size()), 1};
  } else if constexpr (op == Op::array_new_fixed) {
    return Arity{imm.count, 1};
  } else {
    (void)imm;
    return std::nullopt;
  }
}

void Folder::emit(const Node& node) {
  out_.line();
  out_.put('(');
  out_.put(node.head);
  if (!node.operands.empty()) {
    out_.indent();
    for (const Node& operand : node.operands) emit(operand);
    out_.dedent();
    out_.line();
  }
  out_.put(')');
}

void Folder::plain(std::string head, std::optional<Arity> arity, std::uint32_t offset) {
  emit_hint(offset);
  Node node{std::move(head), {}, 1};
  std::size_t take = arity ? std::min<std::size_t>(arity->params, pending_.size()) : 0;
  for (std::size_t i = 0; i < take; ++i) {
    if (pending_[pending_.size() - 1 - i].depth >= max_depth) take = i;
  }
  const auto from = pending_.end() - static_cast<std::ptrdiff_t>(take);
  for (auto it = from; it != pending_.end(); ++it) {
    node.depth = std::max(node.depth, it->depth + 1);
    node.operands.push_back(std::move(*it));
  }
  pending_.erase(from, pending_.end());
  if (arity && arity->results == 1) {
    pending_.push_back(std::move(node));
    return;
  }
  flush();
  emit(node);
}

void Folder::open_block(const std::string& head, Op op, std::uint32_t offset) {
  emit_hint(offset);
  const bool is_if = op == Op::if_;
  // Blocks deeper than that are flat: parentheses have a limit, flat blocks have none.
  const bool flat = blocks_.size() >= max_depth || (is_if && pending_.empty());
  std::optional<Node> condition;
  if (is_if && !flat) {
    condition = std::move(pending_.back());
    pending_.pop_back();
  }
  flush();
  out_.line();
  if (!flat) out_.put('(');
  out_.put(head);
  out_.indent();
  if (condition) {
    emit(*condition);
    out_.line();
    out_.put("(then");
    out_.indent();
    blocks_.push_back(Kind::then);
  } else if (op == Op::try_ && !flat) {
    out_.line();
    out_.put("(do");
    out_.indent();
    blocks_.push_back(Kind::do_);
  } else {
    blocks_.push_back(flat ? Kind::flat : Kind::block);
  }
}

void Folder::middle() {
  flush();
  if (!blocks_.empty() && blocks_.back() == Kind::then) {
    out_.dedent();
    out_.line();
    out_.put(')');
    out_.line();
    out_.put("(else");
    out_.indent();
    blocks_.back() = Kind::else_;
  } else {
    out_.dedent();
    out_.line();
    out_.put("else");
    out_.indent();
  }
}

/// `catch` and `catch_all` of a `try`.
void Folder::clause(const std::string& head) {
  flush();
  out_.dedent();
  out_.line();
  const bool folded =
      !blocks_.empty() && (blocks_.back() == Kind::do_ || blocks_.back() == Kind::catch_);
  if (folded) {
    out_.put(')');
    out_.line();
    out_.put('(');
    blocks_.back() = Kind::catch_;
  }
  out_.put(head);
  out_.indent();
}

/// Ends its `try`.
void Folder::delegate(const std::string& head) {
  flush();
  const bool folded = blocks_.back() == Kind::do_;
  blocks_.pop_back();
  out_.dedent();
  out_.line();
  if (folded) {
    out_.put(')');
    out_.line();
    out_.put('(');
  }
  out_.put(head);
  if (!folded) return;
  out_.put(')');
  out_.dedent();
  out_.line();
  out_.put(')');
}

void Folder::close_block() {
  flush();
  const Kind kind = blocks_.back();
  blocks_.pop_back();
  if (kind == Kind::then || kind == Kind::else_ || kind == Kind::do_ || kind == Kind::catch_) {
    out_.dedent();
    out_.line();
    out_.put(')');
  }
  out_.dedent();
  out_.line();
  out_.put(kind == Kind::flat ? std::string_view("end") : std::string_view(")"));
}

template <Op op>
void Folder::on(const core::ImmOf<op>& imm, std::uint32_t offset) {
  if constexpr (op == Op::end) {
    (void)imm;
    (void)offset;
    if (blocks_.empty()) return;
    p_.leave();
    close_block();
  } else if constexpr (op == Op::else_) {
    (void)imm;
    (void)offset;
    middle();
  } else if constexpr (op == Op::block || op == Op::loop || op == Op::if_ || op == Op::try_table ||
                       op == Op::try_) {
    open_block(head_of<op>(imm, offset), op, offset);
  } else if constexpr (op == Op::catch_ || op == Op::catch_all) {
    clause(head_of<op>(imm, offset));
  } else if constexpr (op == Op::delegate) {
    if (blocks_.empty()) return;
    delegate(head_of<op>(imm, offset));
  } else {
    const auto known = arity<op>(imm);
    plain(head_of<op>(imm, offset), known, offset);
  }
}

Result<void> print_folded(ExprPrinter& printer, TextWriter& out, const core::Module& module,
                          core::Expr expr, std::uint32_t func) {
  Folder folder(printer, out, module, func);
  const std::size_t indentation = out.indentation();
  TENON_TRY(core::decode_expr(module, expr, folder));
  folder.flush();
  out.set_indentation(indentation);
  return {};
}

}  // namespace tenon::text
