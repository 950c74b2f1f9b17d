// SPDX-License-Identifier: Apache-2.0
// Compares the state of all instances with what their modules would make again. Segments that an
// instantiation writes again just as the state has it stay where they are; only the differences
// become new segments. So a module whose state is as it began is left alone, and what was
// pre-initialised once does not change the second time.
#include "tenon/preinit/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "tenon/base/narrow.h"
#include "tenon/base/safe_text.h"
#include "tenon/core/limits.h"
#include "tenon/engine/const_expr.h"
#include "tenon/preinit/const_value.h"
#include "tenon/preinit/rules.h"

namespace tenon::preinit {

namespace {

using core::ExternKind;
using engine::ValueSlot;

/// Bytes that a segment takes beside its contents: flags, offset, size.
constexpr std::uint64_t segment_bytes = 8;

/// A segment costs every start some time: of scattered state more is written, in fewer of them.
constexpr std::size_t most_segments = 4096;

struct DataSegment {
  std::size_t instance = 0;
  std::uint32_t index = 0;
  std::uint64_t at = 0;
  ByteSpan bytes;
};
struct ElemSegment {
  std::size_t instance = 0;
  std::uint32_t index = 0;
  std::uint64_t at = 0;
  std::vector<ValueSlot> refs;
};
struct Definer {
  std::size_t instance = 0;
  std::uint32_t index = 0;
};
/// A memory or table with everything that is written into it at instantiation.
template <class Segment>
struct Written {
  std::optional<Definer> definer;
  std::vector<Segment> segments;
  /// Instances that import it, with its index there.
  std::vector<Definer> importers;
};

class Planner {
 public:
  explicit Planner(std::span<engine::Instance* const> instances) {
    for (auto* instance : instances) {
      const core::Module& m = instance->module().core();
      InstancePlan& plan = plans_.emplace_back();
      plan.instance = instance;
      plan.keep_data.assign(m.datas.size(), true);
      plan.keep_elem.assign(m.elems.size(), true);
      values_.emplace_back(*instance);
    }
  }

  Result<std::vector<InstancePlan>> run() {
    for (std::size_t i = 0; i < plans_.size(); ++i) TENON_TRY(collect(i));
    for (auto& [memory, written] : memories_) TENON_TRY(plan_memory(*memory, written));
    for (auto& [table, written] : tables_) TENON_TRY(plan_table(*table, written));
    return std::move(plans_);
  }

 private:
  [[nodiscard]] const core::Module& module(std::size_t i) const {
    return plans_[i].instance->module().core();
  }

  Result<void> collect(std::size_t i) {
    const engine::Instance& instance = *plans_[i].instance;
    const core::Module& m = module(i);
    for (std::uint32_t k = 0; k < m.mem_types.size(); ++k) {
      auto& written = at(memories_, memory_order_, instance.vmctx()->mems[k]->memory);
      if (k >= m.num_imported_mems) {
        written.definer = {i, k};
      } else {
        written.importers.push_back({i, k});
      }
    }
    for (std::uint32_t k = 0; k < m.table_types.size(); ++k) {
      auto& written = at(tables_, table_order_, instance.vmctx()->tables[k]->table);
      if (k >= m.num_imported_tables) {
        written.definer = {i, k};
      } else {
        written.importers.push_back({i, k});
      }
    }
    TENON_TRY(collect_globals(i));
    TENON_TRY(collect_data(i));
    return collect_elems(i);
  }

  template <class T, class S>
  static Written<S>& at(std::vector<std::pair<T*, Written<S>>>& all,
                        std::unordered_map<T*, std::size_t>& order, T* item) {
    const auto [it, added] = order.emplace(item, all.size());
    if (added) all.emplace_back(item, Written<S>());
    return all[it->second].second;
  }

  /// A mutable global that no instance defines would keep its value in nobody's module.
  Result<void> collect_globals(std::size_t i) {
    const engine::Instance& instance = *plans_[i].instance;
    const core::Module& m = module(i);
    for (std::uint32_t k = m.num_imported_globals; k < m.global_types.size(); ++k)
      defined_globals_.emplace(instance.vmctx()->globals[k], true);
    for (std::uint32_t k = 0; k < m.num_imported_globals; ++k) {
      if (m.global_types[k].mutable_ && !defined_globals_.contains(instance.vmctx()->globals[k]))
        return std::unexpected(outside(m, ExternKind::global, k));
    }
    return {};
  }

  static Error outside(const core::Module& m, ExternKind kind, std::uint32_t index) {
    return Error(rules::import_, Span::none(),
                 fmt::format("{} is imported", item_name(m, kind, index)))
        .help("define it in the module, or link the module that defines it");
  }

  /// Where an active segment is written.
  static Result<std::uint64_t> offset(engine::Instance& instance, core::Expr expr, bool is_64) {
    const auto value = engine::evaluate(instance, expr);
    if (!value) {
      return std::unexpected(
          Error(rules::size, Span::none(), "no memory for the offset of a segment"));
    }
    return is_64 ? (*value)[0] : low_bits<std::uint32_t>((*value)[0]);
  }

  Result<void> collect_data(std::size_t i) {
    engine::Instance& instance = *plans_[i].instance;
    const core::Module& m = module(i);
    for (std::uint32_t k = 0; k < m.datas.size(); ++k) {
      const core::Data& d = m.datas[k];
      if (d.mode != core::Data::Mode::active) continue;
      engine::Memory* memory = instance.vmctx()->mems[d.mem.value]->memory;
      const std::uint64_t to = TENON_TRY(offset(instance, *d.offset, memory->is_64()));
      at(memories_, memory_order_, memory)
          .segments.push_back({i, k, to, d.bytes.in(m.bytes.view())});
    }
    return {};
  }

  Result<void> collect_elems(std::size_t i) {
    engine::Instance& instance = *plans_[i].instance;
    const core::Module& m = module(i);
    for (std::uint32_t k = 0; k < m.elems.size(); ++k) {
      const core::Elem& e = m.elems[k];
      if (e.mode == core::Elem::Mode::passive) TENON_TRY(check_passive(i, k));
      if (e.mode != core::Elem::Mode::active) continue;
      engine::Table* table = instance.vmctx()->tables[e.table.value]->table;
      ElemSegment segment{i, k, 0, {}};
      segment.at = TENON_TRY(offset(instance, *e.offset, table->is_64()));
      segment.refs.reserve(e.size());
      for (const core::FuncIdx f : e.funcs)
        segment.refs.push_back(std::bit_cast<ValueSlot>(instance.func_ref(f.value)));
      for (const core::Expr x : e.exprs) {
        const auto value = engine::evaluate(instance, x);
        segment.refs.push_back(value ? (*value)[0] : 0);
      }
      at(tables_, table_order_, table).segments.push_back(std::move(segment));
    }
    return {};
  }

  /// The elements of a passive segment are made when it is instantiated; an object among them that
  /// can change would be another one.
  Result<void> check_passive(std::size_t i, std::uint32_t k) {
    engine::Instance& instance = *plans_[i].instance;
    const core::Elem& e = module(i).elems[k];
    if (e.exprs.empty() || values_[i].is_func(e.type)) return {};
    const std::uint64_t size = instance.elem_size(k);
    for (std::uint32_t n = 0; n < size; ++n) {
      const ValueSlot ref = instance.elem(k, n);
      if (!values_[i].can_write(e.type, ref)) {
        return std::unexpected(values_[i].cannot_write(
            e.type, ref, fmt::format("element {} of element segment {}", n, k)));
      }
    }
    return {};
  }

  // Memories.

  Result<void> plan_memory(const engine::Memory& memory, Written<DataSegment>& written) {
    if (!written.definer) {
      const Definer& importer = written.importers.front();
      return std::unexpected(outside(module(importer.instance), ExternKind::mem, importer.index));
    }
    const Definer definer = *written.definer;
    InitialImage initial;
    for (const DataSegment& s : written.segments) {
      const bool own = s.instance == definer.instance;
      const bool same =
          s.bytes.empty() || std::memcmp(memory.base() + s.at, s.bytes.data(), s.bytes.size()) == 0;
      // Another instance writes after this one: only what is right then may stay.
      if (own || same) {
        initial.write(s.at, s.bytes);
      } else {
        plans_[s.instance].keep_data[s.index] = false;
      }
    }
    InstancePlan& plan = plans_[definer.instance];
    const std::size_t mems = module(definer.instance).mems.size();
    const std::size_t room = (core::limits::datas - plan.keep_data.size()) / mems;
    const std::size_t most = std::min(room, most_segments);
    if (most == 0)
      return std::unexpected(Error(rules::size, Span::none(), "no room for a data segment"));
    const auto parts = written_parts(memory);
    auto runs = differences(memory, initial, parts, segment_bytes, most);
    if (drop_changed(written.segments, definer, plan, runs)) {
      initial = InitialImage();
      std::vector<Run> dropped;
      for (const DataSegment& s : written.segments) {
        if (plans_[s.instance].keep_data[s.index]) {
          initial.write(s.at, s.bytes);
        } else {
          dropped.push_back({s.at, s.at + s.bytes.size()});
        }
      }
      std::ranges::sort(dropped, {}, &Run::begin);
      runs = differences(memory, initial, united(parts, dropped), segment_bytes, most);
    }
    for (const Run& run : runs)
      plan.data.push_back(
          {definer.index, run, ByteSpan(memory.base() + run.begin, run.end - run.begin)});
    return {};
  }

  /// Gives up segments of which more is overwritten than it costs to write what is left of them.
  /// Only where no two overlap: there each can be judged by itself. True when there were any.
  bool drop_changed(const std::vector<DataSegment>& segments, const Definer& definer,
                    InstancePlan& plan, std::span<const Run> runs) {
    if (runs.empty()) return false;
    std::vector<const DataSegment*> sorted;
    for (const DataSegment& s : segments) {
      if (plans_[s.instance].keep_data[s.index] && !s.bytes.empty()) sorted.push_back(&s);
    }
    std::ranges::sort(sorted, {}, [](const DataSegment* s) { return s->at; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i]->at < sorted[i - 1]->at + sorted[i - 1]->bytes.size()) return false;
    }
    bool any = false;
    std::size_t k = 0;
    for (const DataSegment* s : sorted) {
      const std::uint64_t end = s->at + s->bytes.size();
      while (k < runs.size() && runs[k].end <= s->at) ++k;
      std::uint64_t changed = 0;
      for (std::size_t n = k; n < runs.size() && runs[n].begin < end; ++n) {
        changed += std::min(runs[n].end, end) - std::max(runs[n].begin, s->at) + segment_bytes;
        k = runs[n].end <= end ? n + 1 : n;
      }
      if (s->instance != definer.instance || changed == 0) continue;
      if (2 * changed > s->bytes.size()) {
        plan.keep_data[s->index] = false;
        any = true;
      }
    }
    return any;
  }

  // Tables.

  Result<void> plan_table(const engine::Table& table, Written<ElemSegment>& written) {
    if (!written.definer) {
      const Definer& importer = written.importers.front();
      return std::unexpected(outside(module(importer.instance), ExternKind::table, importer.index));
    }
    const Definer definer = *written.definer;
    std::vector<ValueSlot> initial = TENON_TRY(filled(table, definer));
    for (const ElemSegment& s : written.segments) {
      bool keep = s.instance == definer.instance;
      if (!keep) {
        keep = true;
        for (std::size_t n = 0; keep && n < s.refs.size(); ++n)
          keep = table.get(s.at + n) == s.refs[n];
      }
      if (keep) {
        std::ranges::copy(s.refs, initial.begin() + static_cast<std::ptrdiff_t>(s.at));
      } else {
        plans_[s.instance].keep_elem[s.index] = false;
      }
    }
    return assign(table, written, initial);
  }

  /// A table as its initialiser leaves it, with as many elements as it has now.
  Result<std::vector<ValueSlot>> filled(const engine::Table& table, const Definer& definer) {
    const core::Module& m = module(definer.instance);
    const auto& init = m.tables[definer.index - m.num_imported_tables].init;
    ValueSlot value = 0;
    if (init) {
      const auto made = engine::evaluate(*plans_[definer.instance].instance, *init);
      value = made ? (*made)[0] : 0;
    }
    return std::vector<ValueSlot>(table.size(), value);
  }

  /// Every element that differs goes to the module that can write it, the table's own first.
  Result<void> assign(const engine::Table& table, const Written<ElemSegment>& written,
                      const std::vector<ValueSlot>& initial) {
    std::vector<Definer> writers{*written.definer};
    writers.insert(writers.end(), written.importers.begin(), written.importers.end());
    for (std::uint64_t n = 0; n < table.size(); ++n) {
      const ValueSlot ref = table.get(n);
      if (ref == initial[n]) {
        TENON_TRY(check_unchanged(ref, *written.definer, n));
        continue;
      }
      const auto writer = std::ranges::find_if(writers, [&](const Definer& d) {
        return values_[d.instance].can_write(module(d.instance).table_types[d.index].elem, ref);
      });
      if (writer == writers.end()) {
        const Definer& d = *written.definer;
        const core::Module& m = module(d.instance);
        return std::unexpected(values_[d.instance].cannot_write(
            m.table_types[d.index].elem, ref,
            fmt::format("element {} of {}", n, item_name(m, ExternKind::table, d.index))));
      }
      add_element(*writer, table, n, ref);
    }
    for (const Definer& d : writers) TENON_TRY(join_elements(d));
    return {};
  }

  /// Objects are created again by every instantiation: one that is where it began is not the same,
  /// and may have changed.
  Result<void> check_unchanged(ValueSlot ref, const Definer& d, std::uint64_t n) {
    const core::Module& m = module(d.instance);
    const core::ValType type = m.table_types[d.index].elem;
    if (ref == 0 || values_[d.instance].is_func(type) || values_[d.instance].can_write(type, ref))
      return {};
    return std::unexpected(values_[d.instance].cannot_write(
        type, ref, fmt::format("element {} of {}", n, item_name(m, ExternKind::table, d.index))));
  }

  void add_element(const Definer& d, const engine::Table& table, std::uint64_t n, ValueSlot ref) {
    auto& elems = plans_[d.instance].elems;
    constexpr std::uint64_t gap = 3;
    if (!elems.empty() && elems.back().table == d.index) {
      NewElems& last = elems.back();
      const std::uint64_t end = last.at + last.refs.size();
      const core::ValType type = module(d.instance).table_types[d.index].elem;
      bool joins = n - end <= gap;
      for (std::uint64_t k = end; joins && k < n; ++k)
        joins = table.get(k) != 0 && values_[d.instance].can_write(type, table.get(k));
      if (joins) {
        for (std::uint64_t k = end; k < n; ++k) last.refs.push_back(table.get(k));
        last.refs.push_back(ref);
        return;
      }
    }
    elems.push_back({d.index, n, {ref}});
  }

  /// A module has only so many segments: beyond, what lies between is written too.
  Result<void> join_elements(const Definer& d) {
    InstancePlan& plan = plans_[d.instance];
    const std::size_t most = core::limits::elems - plan.keep_elem.size();
    if (plan.elems.size() <= most / 2 + 1) return {};
    const engine::Table& table = *plan.instance->vmctx()->tables[d.index]->table;
    const core::ValType type = module(d.instance).table_types[d.index].elem;
    std::vector<NewElems> joined;
    for (NewElems& e : plan.elems) {
      const bool same = !joined.empty() && joined.back().table == e.table && e.table == d.index;
      if (!same) {
        joined.push_back(std::move(e));
        continue;
      }
      NewElems& last = joined.back();
      bool writable = true;
      for (std::uint64_t k = last.at + last.refs.size(); writable && k < e.at; ++k)
        writable = values_[d.instance].can_write(type, table.get(k));
      if (!writable) {
        joined.push_back(std::move(e));
        continue;
      }
      for (std::uint64_t k = last.at + last.refs.size(); k < e.at; ++k)
        last.refs.push_back(table.get(k));
      last.refs.insert(last.refs.end(), e.refs.begin(), e.refs.end());
    }
    plan.elems = std::move(joined);
    if (plan.elems.size() <= most) return {};
    return std::unexpected(Error(
        rules::size, Span::none(),
        fmt::format("{} would be written by {} element segments",
                    item_name(module(d.instance), ExternKind::table, d.index), plan.elems.size())));
  }

  std::vector<InstancePlan> plans_;
  std::vector<ConstValues> values_;
  std::vector<std::pair<engine::Memory*, Written<DataSegment>>> memories_;
  std::unordered_map<engine::Memory*, std::size_t> memory_order_;
  std::vector<std::pair<engine::Table*, Written<ElemSegment>>> tables_;
  std::unordered_map<engine::Table*, std::size_t> table_order_;
  std::unordered_map<const ValueSlot*, bool> defined_globals_;
};

}  // namespace

std::string item_name(const core::Module& module, ExternKind kind, std::uint32_t index) {
  std::string_view word = "global";
  if (kind == ExternKind::table) word = "table";
  if (kind == ExternKind::mem) word = "memory";
  if (kind == ExternKind::func) word = "function";
  for (const core::Export& e : module.exports) {
    if (e.kind == kind && e.index == index)
      return fmt::format("{} {} (`{}`)", word, index, visible(e.name));
  }
  std::uint32_t n = 0;
  for (const core::Import& i : module.imports) {
    if (i.type.kind != kind) continue;
    if (n++ == index)
      return fmt::format("{} {} (`{}` `{}`)", word, index, visible(i.module), visible(i.name));
  }
  return fmt::format("{} {}", word, index);
}

Result<std::vector<InstancePlan>> plan_state(std::span<engine::Instance* const> instances) {
  return Planner(instances).run();
}

}  // namespace tenon::preinit
