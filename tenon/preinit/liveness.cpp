// SPDX-License-Identifier: Apache-2.0
// A mark phase over functions, tables and element segments: which imports does the result still
// need? It follows what is linked, since a component's shim passes each import through a table that
// another module fills.
#include "tenon/preinit/liveness.h"

#include "tenon/core/decode_expr.h"

namespace tenon::preinit {

using core::Op;
using engine::FuncRef;

namespace {

struct FindsFuncs {
  const std::function<void(std::uint32_t, std::uint32_t)>& f;
  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t offset) {
    if constexpr (std::is_same_v<core::ImmOf<op>, core::FuncImm>) f(imm.func.value, offset);
  }
};

/// The value of an expression that is one constant.
struct FindsConstant {
  std::optional<std::uint64_t> value;
  std::uint32_t count = 0;
  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    ++count;
    if constexpr (op == Op::i32_const) value = static_cast<std::uint32_t>(imm.value);
    if constexpr (op == Op::i64_const) value = static_cast<std::uint64_t>(imm.value);
  }
};

std::optional<std::uint64_t> constant(const core::Module& m, core::Expr expr) {
  FindsConstant finds;
  if (!core::decode_expr(m, expr, finds) || finds.count != 2) return std::nullopt;
  return finds.value;
}

}  // namespace

void for_each_func(const core::Module& module, core::Expr expr,
                   const std::function<void(std::uint32_t, std::uint32_t)>& f) {
  FindsFuncs finds{f};
  static_cast<void>(core::decode_expr(module, expr, finds));
}

/// What a body reaches.
struct Liveness::Body {
  Liveness& live;
  std::size_t instance;
  /// The constant right before.
  std::optional<std::uint64_t> last = std::nullopt;

  template <Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    using Imm = core::ImmOf<op>;
    const auto index = std::exchange(last, std::nullopt);
    if constexpr (op == Op::i32_const) {
      last = static_cast<std::uint32_t>(imm.value);
    } else if constexpr (op == Op::i64_const) {
      last = static_cast<std::uint64_t>(imm.value);
    } else if constexpr (std::is_same_v<Imm, core::FuncImm>) {
      live.mark_func(instance, imm.func.value);
    } else if constexpr (std::is_same_v<Imm, core::CallIndirectImm>) {
      live.mark_element(instance, imm.table.value, index);
    } else if constexpr (op == Op::table_get) {
      live.mark_element(instance, imm.table.value, index);
    } else if constexpr (std::is_same_v<Imm, core::TableCopyImm>) {
      live.mark_all(live.table(instance, imm.src.value));
    } else if constexpr (std::is_same_v<Imm, core::TableInitImm>) {
      live.mark_segment(instance, imm.elem.value);
    } else if constexpr (std::is_same_v<Imm, core::ArrayElemImm>) {
      live.mark_segment(instance, imm.elem.value);
    }
  }
};

Liveness::Liveness(std::span<const LiveModule> modules, Host host)
    : modules_(modules.begin(), modules.end()), host_(std::move(host)) {
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    const core::Module& m = *modules_[i].module;
    by_context_.emplace(modules_[i].instance->vmctx(), i);
    funcs_.emplace_back(m.func_types.size(), false);
    segments_.emplace_back(m.elems.size(), false);
  }
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    const core::Module& m = *modules_[i].module;
    for (std::uint32_t k = 0; k < m.elems.size(); ++k) {
      const core::Elem& e = m.elems[k];
      if (e.mode == core::Elem::Mode::active)
        table(i, e.table.value).segments.push_back({i, k, constant(m, *e.offset)});
    }
    for (const core::Table& t : m.tables) {
      if (t.init) mark_expr(i, *t.init);
    }
    for (const core::Global& g : m.globals) mark_expr(i, g.init);
  }
}

void Liveness::add_root(const FuncRef* ref) {
  if (ref == nullptr) return;
  if (ref->host != nullptr) {
    if (!host_(ref, [this](const FuncRef* next) { add_root(next); })) everything_ = true;
    return;
  }
  if (const auto found = by_context_.find(ref->vmctx); found != by_context_.end())
    mark_func(found->second, ref->func);
}

void Liveness::add_root(std::size_t instance, std::uint32_t func) {
  mark_func(instance, func);
}

void Liveness::add_exports(std::size_t instance) {
  const core::Module& m = *modules_[instance].module;
  for (const core::Export& e : m.exports) {
    if (e.kind == core::ExternKind::func) mark_func(instance, e.index);
    if (e.kind == core::ExternKind::table) mark_all(table(instance, e.index));
  }
  for (std::uint32_t k = 0; k < m.num_imported_tables; ++k) mark_all(table(instance, k));
  if (m.start) mark_func(instance, m.start->value);
}

void Liveness::add_tables() {
  for (auto& [engine_table, t] : tables_) mark_all(t);
}

void Liveness::run() {
  while (!todo_.empty() && !everything_) {
    const auto [instance, func] = todo_.back();
    todo_.pop_back();
    const LiveModule& at = modules_[instance];
    if (func < at.module->num_imported_funcs) {
      add_root(at.instance->vmctx()->imports[func]);
      continue;
    }
    Body body{*this, instance};
    const auto& code = at.module->codes[func - at.module->num_imported_funcs];
    if (!core::decode_expr(*at.module, code.body, body)) everything_ = true;
  }
}

Liveness::Table& Liveness::table(std::size_t instance, std::uint32_t index) {
  return tables_[modules_[instance].instance->vmctx()->tables[index]->table];
}

void Liveness::mark_element(std::size_t instance, std::uint32_t index,
                            std::optional<std::uint64_t> at) {
  Table& t = table(instance, index);
  if (t.all) return;
  if (!at) {
    mark_all(t);
    return;
  }
  if (!std::exchange(t.some, true)) {
    for (std::uint32_t s = 0; s < t.segments.size(); ++s) {
      const Segment& segment = t.segments[s];
      if (!segment.at) {
        mark_segment(segment.instance, segment.index);
        continue;
      }
      const std::size_t size = modules_[segment.instance].module->elems[segment.index].size();
      for (std::uint32_t k = 0; k < size; ++k) t.items.emplace(*segment.at + k, std::pair(s, k));
    }
  }
  const auto [begin, end] = t.items.equal_range(*at);
  for (auto it = begin; it != end; ++it) {
    const Segment& segment = t.segments[it->second.first];
    mark_item(segment.instance, segment.index, it->second.second);
  }
  t.items.erase(begin, end);
}

void Liveness::mark_all(Table& t) {
  if (std::exchange(t.all, true)) return;
  t.items.clear();
  for (const Segment& segment : t.segments) mark_segment(segment.instance, segment.index);
}

void Liveness::mark_segment(std::size_t instance, std::uint32_t index) {
  if (segments_[instance][index]) return;
  segments_[instance][index] = true;
  const auto size = modules_[instance].module->elems[index].size();
  for (std::uint32_t k = 0; k < size; ++k) mark_item(instance, index, k);
}

void Liveness::mark_item(std::size_t instance, std::uint32_t index, std::uint32_t item) {
  const core::Elem& e = modules_[instance].module->elems[index];
  if (e.funcs.empty()) {
    mark_expr(instance, e.exprs[item]);
  } else {
    mark_func(instance, e.funcs[item].value);
  }
}

void Liveness::mark_expr(std::size_t instance, core::Expr expr) {
  for_each_func(*modules_[instance].module, expr,
                [&](std::uint32_t func, std::uint32_t) { mark_func(instance, func); });
}

void Liveness::mark_func(std::size_t instance, std::uint32_t func) {
  if (funcs_[instance][func]) return;
  funcs_[instance][func] = true;
  todo_.emplace_back(instance, func);
}

}  // namespace tenon::preinit
