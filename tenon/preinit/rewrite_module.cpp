// SPDX-License-Identifier: Apache-2.0
// Writes sections, not modules: what an initialisation cannot change (types, code, names) is copied
// as it is, so that nothing has to be decoded for it. No index changes: a segment that was
// dropped stays as an empty passive or a declarative one, which behaves the same, and new segments
// follow all others.
#include "tenon/preinit/rewrite_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/base/narrow.h"
#include "tenon/core/encode.h"
#include "tenon/engine/const_expr.h"
#include "tenon/preinit/const_value.h"
#include "tenon/preinit/rules.h"

namespace tenon::preinit {

namespace {

using core::ExternKind;
using core::Op;
using core::SectionId;
using core::TypeCode;

/// The known sections in the order of the format.
constexpr std::array<SectionId, 13> section_order = {
    SectionId::type,  SectionId::import_, SectionId::func,       SectionId::table,
    SectionId::mem,   SectionId::tag,     SectionId::global,     SectionId::export_,
    SectionId::start, SectionId::elem,    SectionId::data_count, SectionId::code,
    SectionId::data};

std::size_t rank(SectionId id) {
  return static_cast<std::size_t>(std::ranges::find(section_order, id) - section_order.begin());
}

/// A module of 4 GiB has no size in its format; what tenon writes stays below half of that.
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31U;

class Rewriter {
 public:
  Rewriter(const InstancePlan& plan, const ExportChanges& exports)
      : plan_(plan),
        changes_(exports),
        instance_(*plan.instance),
        m_(plan.instance->module().core()),
        bytes_(m_.bytes.view()),
        values_(*plan.instance) {}

  Result<std::optional<std::vector<std::uint8_t>>> run() {
    TENON_TRY(check_size());
    if (m_.start) replace(SectionId::start, std::nullopt);
    memories();
    tables();
    TENON_TRY(globals());
    exports();
    TENON_TRY(elems());
    datas();
    if (replaced_.empty()) return std::nullopt;
    return write();
  }

 private:
  /// A section's new content; nothing: the section goes.
  void replace(SectionId id, std::optional<Writer> content) {
    replaced_.emplace_back(id, std::move(content));
  }

  Result<void> check_size() const {
    std::uint64_t size = bytes_.size();
    for (const NewData& d : plan_.data) size += d.bytes.size() + 16;
    for (const NewElems& e : plan_.elems) size += e.refs.size() * 6 + 16;
    if (size <= most_bytes) return {};
    return std::unexpected(
        Error(rules::size, Span::none(), fmt::format("the module would have {} bytes", size)));
  }

  void memories() {
    bool changed = false;
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.mems.size()));
    for (std::uint32_t i = 0; i < m_.mems.size(); ++i) {
      core::MemType type = m_.mems[i];
      const std::uint64_t pages =
          instance_.vmctx()->mems[m_.num_imported_mems + i]->memory->pages();
      changed = changed || type.limits.min != pages;
      type.limits.min = pages;
      core::write_memtype(out, type);
    }
    if (changed) replace(SectionId::mem, std::move(out));
  }

  void tables() {
    bool changed = false;
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.tables.size()));
    for (std::uint32_t i = 0; i < m_.tables.size(); ++i) {
      const core::Table& table = m_.tables[i];
      core::TableType type = table.type;
      const std::uint64_t size =
          instance_.vmctx()->tables[m_.num_imported_tables + i]->table->size();
      changed = changed || type.limits.min != size;
      type.limits.min = size;
      if (table.init) {
        out.u8(0x40);
        out.u8(0x00);
      }
      core::write_tabletype(out, type);
      if (table.init) out.bytes(table.init->in(bytes_));
    }
    if (changed) replace(SectionId::table, std::move(out));
  }

  Result<void> globals() {
    bool changed = false;
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.globals.size()));
    for (std::uint32_t i = 0; i < m_.globals.size(); ++i) {
      const core::Global& global = m_.globals[i];
      core::write_globaltype(out, global.type);
      const std::uint32_t index = m_.num_imported_globals + i;
      const engine::ValueSlot* cell = instance_.vmctx()->globals[index];
      const bool same = TENON_TRY(is_unchanged(global, index, cell));
      if (same) {
        out.bytes(global.init.in(bytes_));
        continue;
      }
      TENON_TRY(
          values_.write(out, global.type.type, cell, item_name(m_, ExternKind::global, index)));
      changed = true;
    }
    if (changed) replace(SectionId::global, std::move(out));
    return {};
  }
  /// Whether a global's initialiser gives the value that it has.
  Result<bool> is_unchanged(const core::Global& global, std::uint32_t index,
                            const engine::ValueSlot* cell) {
    const core::ValType type = global.type.type;
    // Objects are created again by every instantiation, and their fields may have changed.
    if (type.is_ref() && !values_.is_func(type) && !values_.can_write(type, *cell)) {
      return std::unexpected(
          values_.cannot_write(type, *cell, item_name(m_, ExternKind::global, index)));
    }
    if (!global.type.mutable_) return true;
    const auto value = engine::evaluate(instance_, global.init);
    if (!value) return false;
    if (type.is_vec()) return (*value)[0] == cell[0] && (*value)[1] == cell[1];
    const bool narrow_type =
        type == core::ValType(TypeCode::i32) || type == core::ValType(TypeCode::f32);
    return narrow_type ? low_bits<std::uint32_t>((*value)[0]) == low_bits<std::uint32_t>(*cell)
                       : (*value)[0] == *cell;
  }

  void exports() {
    const auto is_removed = [&](std::string_view name) {
      return std::ranges::find(changes_.removed, name) != changes_.removed.end();
    };
    const auto is_replaced = [&](std::string_view name) {
      return std::ranges::any_of(changes_.renamed, [&](const auto& r) { return r.first == name; });
    };
    bool changed = false;
    std::uint32_t count = 0;
    Writer entries;
    for (const core::Export& e : m_.exports) {
      const auto renamed =
          std::ranges::find_if(changes_.renamed, [&](const auto& r) { return r.second == e.name; });
      const bool takes_name = renamed != changes_.renamed.end();
      if (!takes_name &&
          ((e.kind == ExternKind::func && is_removed(e.name)) || is_replaced(e.name))) {
        changed = true;
        continue;
      }
      changed = changed || takes_name;
      entries.name(takes_name ? std::string_view(renamed->first) : e.name);
      entries.u8(static_cast<std::uint8_t>(e.kind));
      entries.u32(e.index);
      ++count;
    }
    if (!changed) return;
    Writer out;
    out.u32(count);
    out.bytes(entries.view());
    replace(SectionId::export_, std::move(out));
  }

  // Elements.

  Result<void> elems() {
    bool changed = !plan_.elems.empty();
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.elems.size() + plan_.elems.size()));
    for (std::uint32_t i = 0; i < m_.elems.size(); ++i) {
      const core::Elem& e = m_.elems[i];
      bool drop = e.mode == core::Elem::Mode::active && !plan_.keep_elem[i];
      drop = drop ||
             (e.mode == core::Elem::Mode::passive && e.size() != 0 && instance_.elem_size(i) == 0);
      changed = changed || drop;
      elem(out, e, drop);
    }
    for (const NewElems& e : plan_.elems) TENON_TRY(new_elem(out, e));
    if (changed) replace(SectionId::elem, std::move(out));
    return {};
  }
  /// One that is dropped becomes declarative: its functions may be declared nowhere else.
  void elem(Writer& out, const core::Elem& e, bool drop) {
    const bool exprs = (e.flags & 4U) != 0;
    const std::uint32_t flags = drop ? 3U | (exprs ? 4U : 0U) : e.flags;
    out.u32(flags);
    if ((flags & 1U) == 0) {
      if ((flags & 2U) != 0) out.u32(e.table.value);
      out.bytes(e.offset->in(bytes_));
    }
    if ((flags & 3U) != 0) {
      if (exprs) {
        core::write_valtype(out, e.type);
      } else {
        out.u8(0);
      }
    }
    if (exprs) {
      out.u32(narrow<std::uint32_t>(e.exprs.size()));
      for (const core::Expr x : e.exprs) out.bytes(x.in(bytes_));
    } else {
      out.u32(narrow<std::uint32_t>(e.funcs.size()));
      for (const core::FuncIdx f : e.funcs) out.u32(f.value);
    }
  }
  Result<void> new_elem(Writer& out, const NewElems& e) {
    const core::TableType& table = m_.table_types[e.table];
    const bool plain = !table.elem.heap().is_defined() &&
                       table.elem.heap().code() == TypeCode::func &&
                       std::ranges::find(e.refs, engine::ValueSlot{0}) == e.refs.end();
    const bool short_form = e.table == 0 && (plain || table.elem == core::funcref);
    out.u32((plain ? 0U : 4U) | (short_form ? 0U : 2U));
    if (!short_form) out.u32(e.table);
    address(out, table.addr, e.at);
    if (!short_form) {
      if (plain) {
        out.u8(0);
      } else {
        core::write_valtype(out, table.elem);
      }
    }
    out.u32(narrow<std::uint32_t>(e.refs.size()));
    for (const engine::ValueSlot ref : e.refs) {
      if (plain) {
        out.u32(*values_.func_index(std::bit_cast<const engine::FuncRef*>(ref)));
      } else {
        TENON_TRY(values_.write(out, table.elem, &ref, item_name(m_, ExternKind::table, e.table)));
      }
    }
    return {};
  }
  static void address(Writer& out, core::AddrType type, std::uint64_t at) {
    if (type == core::AddrType::i64) {
      core::write_op<Op::i64_const>(out, {static_cast<std::int64_t>(at)});
    } else {
      core::write_op<Op::i32_const>(out, {static_cast<std::int32_t>(low_bits<std::uint32_t>(at))});
    }
    core::write_op<Op::end>(out);
  }

  // Data.

  void datas() {
    bool changed = !plan_.data.empty();
    const auto count = narrow<std::uint32_t>(m_.datas.size() + plan_.data.size());
    Writer out;
    out.u32(count);
    for (std::uint32_t i = 0; i < m_.datas.size(); ++i) {
      const core::Data& d = m_.datas[i];
      const bool active = d.mode == core::Data::Mode::active;
      bool drop = active && !plan_.keep_data[i];
      drop = drop || (!active && d.bytes.size() != 0 && instance_.data(i).empty());
      changed = changed || drop;
      if (drop) {
        out.u32(1);
        out.u32(0);
        continue;
      }
      out.u32(d.flags);
      if (d.flags == 2) out.u32(d.mem.value);
      if (active) out.bytes(d.offset->in(bytes_));
      out.sized_bytes(d.bytes.in(bytes_));
    }
    if (!changed) return;
    for (const NewData& d : plan_.data) {
      out.u32(d.mem == 0 ? 0 : 2);
      if (d.mem != 0) out.u32(d.mem);
      address(out, m_.mem_types[d.mem].addr, d.run.begin);
      out.sized_bytes(d.bytes);
    }
    replace(SectionId::data, std::move(out));
    if (!m_.data_count || *m_.data_count == count) return;
    Writer number;
    number.u32(count);
    replace(SectionId::data_count, std::move(number));
  }

  // The whole.

  std::vector<std::uint8_t> write() {
    std::ranges::sort(replaced_, {}, [](const auto& r) { return rank(r.first); });
    Writer out;
    std::size_t size = bytes_.size();
    for (const auto& [id, content] : replaced_) size += content ? content->size() : 0;
    out.raw().reserve(size + 64);
    out.bytes(bytes_.first(8));
    const std::vector<Section> sections = this->sections();
    std::size_t next = 0;
    for (const Section& s : sections) {
      flush_before(out, next, s.before);
      if (s.id != SectionId::custom && next < replaced_.size() && replaced_[next].first == s.id) {
        section(out, replaced_[next++]);
      } else {
        out.bytes(s.bytes);
      }
    }
    flush_before(out, next, section_order.size());
    return out.take();
  }
  struct Section {
    SectionId id = SectionId::custom;
    /// The whole section, with its head.
    ByteSpan bytes;
    /// New sections of a lower rank are before it: of a custom section the rank is that of the
    /// known one behind it.
    std::size_t before = 0;
  };
  [[nodiscard]] std::vector<Section> sections() const {
    std::vector<Section> out;
    out.reserve(m_.sections.size());
    Reader in(bytes_.subspan(8), 0, 8);
    while (!in.at_end()) {
      const std::size_t begin = in.offset();
      const auto id = static_cast<SectionId>(*in.u8("section id"));
      static_cast<void>(*in.sized_bytes("section"));
      out.push_back({id, bytes_.subspan(begin, in.offset() - begin), 0});
    }
    std::size_t before = section_order.size();
    for (std::size_t i = out.size(); i-- > 0;) {
      if (out[i].id != SectionId::custom) before = rank(out[i].id);
      out[i].before = before;
    }
    return out;
  }
  void flush_before(Writer& out, std::size_t& next, std::size_t before) {
    while (next < replaced_.size() && rank(replaced_[next].first) < before)
      section(out, replaced_[next++]);
  }
  static void section(Writer& out, const std::pair<SectionId, std::optional<Writer>>& replacement) {
    if (!replacement.second) return;
    out.u8(static_cast<std::uint8_t>(replacement.first));
    out.sized_bytes(replacement.second->view());
  }

  const InstancePlan& plan_;
  const ExportChanges& changes_;
  engine::Instance& instance_;
  const core::Module& m_;
  ByteSpan bytes_;
  ConstValues values_;
  std::vector<std::pair<SectionId, std::optional<Writer>>> replaced_;
};

}  // namespace

Result<std::optional<std::vector<std::uint8_t>>> rewrite_module(const InstancePlan& plan,
                                                                const ExportChanges& exports) {
  return Rewriter(plan, exports).run();
}

}  // namespace tenon::preinit
