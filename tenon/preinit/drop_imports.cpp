// SPDX-License-Identifier: Apache-2.0
// Takes imported functions out of a module that is written already. Every function behind one moves
// down by one; a smaller index always fits where the larger stood, padded to its length, so bodies
// are patched where they are and no offset changes.
#include "tenon/preinit/drop_imports.h"

#include <algorithm>

#include "tenon/base/narrow.h"
#include "tenon/core/encode.h"
#include "tenon/core/names.h"

namespace tenon::preinit {

using core::Elem;
using core::ExternKind;
using core::Op;
using core::SectionId;

bool DroppedImports::any() const {
  return std::ranges::find(dropped, true) != dropped.end();
}

void DroppedImports::intersect(const DroppedImports& other) {
  for (std::size_t k = 0; k < dropped.size(); ++k)
    dropped[k] = dropped[k] && k < other.dropped.size() && other.dropped[k];
}

namespace {

/// Sections that name functions by index, in forms that are not read here.
bool has_unknown_indices(const core::Module& m) {
  return std::ranges::any_of(m.customs, [](const core::CustomSection& c) {
    if (c.name == core::branch_hint_section) return false;
    return c.name == "linking" || c.name.starts_with("reloc.") ||
           c.name.starts_with("metadata.code.");
  });
}

/// The function that an expression is, when it is `ref.func` alone.
std::optional<std::uint32_t> only_func(const core::Module& m, core::Expr expr) {
  std::optional<std::uint32_t> func;
  std::uint32_t at = 0;
  for_each_func(m, expr, [&](std::uint32_t f, std::uint32_t offset) {
    func = f;
    at = offset;
  });
  // The opcode of one byte, the index, `end`.
  if (!func || at != expr.begin) return std::nullopt;
  Reader in(m.bytes.view().subspan(at + 1, expr.end - at - 1));
  static_cast<void>(in.u32("function"));
  return in.left() == 1 ? func : std::nullopt;
}

bool is_plain_table(const core::Module& m, const Elem& e) {
  return m.table_types[e.table.value].elem == core::funcref;
}

/// Keeps the imports in elements that cannot be null: they have no other value.
void keep_needed_elements(const core::Module& m, std::vector<bool>& dropped) {
  const auto keep = [&](std::uint32_t func) {
    if (func < dropped.size()) dropped[func] = false;
  };
  for (const Elem& e : m.elems) {
    if (e.mode == Elem::Mode::declarative) continue;
    // A passive one that nothing reaches is named by code that never runs, which must stay valid.
    const bool may_be_null = e.mode == Elem::Mode::active && is_plain_table(m, e);
    for (const core::FuncIdx f : e.funcs) {
      if (!may_be_null) keep(f.value);
    }
    for (const core::Expr x : e.exprs) {
      const auto alone = only_func(m, x);
      if (alone && e.type.nullable()) continue;
      for_each_func(m, x, [&](std::uint32_t f, std::uint32_t) { keep(f); });
    }
  }
}

/// Which imported functions a module's code, exports and elements can reach by themselves.
std::vector<bool> reachable(const LiveModule& module) {
  const LiveModule alone[] = {module};
  // What an import leads to is of no interest here.
  Liveness live(alone, [](const engine::FuncRef*, const auto&) { return true; });
  live.add_exports(0);
  live.add_tables();
  live.run();
  std::vector<bool> out;
  for (std::uint32_t k = 0; k < module.module->num_imported_funcs; ++k)
    out.push_back(live.is_live(0, k));
  return out;
}

}  // namespace

DroppedImports droppable(const LiveModule& original, const core::Module& written, std::size_t i,
                         const Liveness& after) {
  DroppedImports out;
  const core::Module& m = *original.module;
  if (m.num_imported_funcs == 0 || has_unknown_indices(m)) return out;
  const std::vector<bool> began = reachable(original);
  // The state is written into elements, which may name what nothing named before.
  const std::vector<bool> ends = reachable({original.instance, &written});
  out.dropped.assign(m.num_imported_funcs, false);
  for (std::uint32_t k = 0; k < m.num_imported_funcs; ++k)
    out.dropped[k] = (began[k] || ends[k]) && !after.is_live(i, k);
  for (const core::Export& e : written.exports) {
    if (e.kind == ExternKind::func && e.index < m.num_imported_funcs) out.dropped[e.index] = false;
  }
  keep_needed_elements(written, out.dropped);
  return out;
}

std::vector<std::pair<std::string, std::string>> names_of(const core::Module& module,
                                                          const DroppedImports& imports) {
  std::vector<std::pair<std::string, std::string>> out;
  std::uint32_t func = 0;
  for (const core::Import& import : module.imports) {
    if (import.type.kind != ExternKind::func) continue;
    if (func < imports.dropped.size() && imports.dropped[func])
      out.emplace_back(import.module, import.name);
    ++func;
  }
  return out;
}

namespace {

class Dropper {
 public:
  Dropper(const core::Module& module, const DroppedImports& imports)
      : m_(module), dropped_(imports.dropped) {
    const ByteSpan bytes = m_.bytes.view();
    patched_.assign(bytes.begin(), bytes.end());
    std::uint32_t to = 0;
    for (std::uint32_t f = 0; f < m_.func_types.size(); ++f) {
      map_.push_back(to);
      if (!is_dropped(f)) ++to;
    }
  }

  std::vector<std::uint8_t> run() {
    for (const core::Code& code : m_.codes) patch_body(code);
    for (const core::Global& g : m_.globals) patch(g.init);
    for (const core::Table& t : m_.tables) {
      if (t.init) patch(*t.init);
    }
    for (const Elem& e : m_.elems) {
      for (const core::Expr x : e.exprs) patch(x);
    }
    return write();
  }

 private:
  [[nodiscard]] bool is_dropped(std::uint32_t func) const {
    return func < dropped_.size() && dropped_[func];
  }

  /// The index of an operator's function, in as many bytes as before.
  void patch(core::Expr expr) {
    for_each_func(m_, expr, [&](std::uint32_t func, std::uint32_t at) {
      std::uint32_t value = map_[func];
      for (std::size_t p = at + 1;; ++p) {
        const bool more = (patched_[p] & 0x80U) != 0;
        patched_[p] = static_cast<std::uint8_t>((value & 0x7FU) | (more ? 0x80U : 0U));
        value >>= 7U;
        if (!more) return;
      }
    });
  }
  void patch_body(const core::Code& code) {
    bool runs = true;
    for_each_func(m_, code.body,
                  [&](std::uint32_t func, std::uint32_t) { runs = runs && !is_dropped(func); });
    stubs_.push_back(!runs);
    if (runs) {
      patch(code.body);
      return;
    }
    Writer out;
    core::write_op<Op::unreachable>(out);
    while (out.size() + 1 < code.body.size()) core::write_op<Op::nop>(out);
    core::write_op<Op::end>(out);
    std::ranges::copy(out.view(), patched_.begin() + static_cast<std::ptrdiff_t>(code.body.begin));
  }
  [[nodiscard]] ByteSpan patched(ByteRange range) const { return range.in(patched_); }

  [[nodiscard]] Writer imports() const {
    Writer entries;
    std::uint32_t count = 0;
    std::uint32_t func = 0;
    for (const core::Import& import : m_.imports) {
      if (import.type.kind == ExternKind::func && is_dropped(func++)) continue;
      entries.name(import.module);
      entries.name(import.name);
      core::write_externtype(entries, import.type);
      ++count;
    }
    Writer out;
    out.u32(count);
    out.bytes(entries.view());
    return out;
  }
  [[nodiscard]] Writer exports() const {
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.exports.size()));
    for (const core::Export& e : m_.exports) {
      out.name(e.name);
      out.u8(static_cast<std::uint8_t>(e.kind));
      out.u32(e.kind == ExternKind::func ? map_[e.index] : e.index);
    }
    return out;
  }
  [[nodiscard]] Writer elems() const {
    Writer out;
    out.u32(narrow<std::uint32_t>(m_.elems.size()));
    for (const Elem& e : m_.elems) {
      if ((e.flags & 4U) != 0) {
        elem_of_exprs(out, e);
      } else {
        elem_of_funcs(out, e);
      }
    }
    return out;
  }
  void elem_head(Writer& out, const Elem& e, std::uint32_t flags) const {
    out.u32(flags);
    if ((flags & 1U) != 0) return;
    if ((flags & 2U) != 0) out.u32(e.table.value);
    out.bytes(patched(*e.offset));
  }
  void elem_of_exprs(Writer& out, const Elem& e) const {
    elem_head(out, e, e.flags);
    if ((e.flags & 3U) != 0) core::write_valtype(out, e.type);
    const auto names_dropped = [&](core::Expr x) {
      bool found = false;
      for_each_func(m_, x, [&](std::uint32_t f, std::uint32_t) { found = found || is_dropped(f); });
      return found;
    };
    Writer items;
    std::uint32_t count = 0;
    for (const core::Expr x : e.exprs) {
      const bool gone = names_dropped(x);
      if (gone && e.mode == Elem::Mode::declarative) continue;
      ++count;
      if (!gone) {
        items.bytes(patched(x));
      } else {
        core::write_op<Op::ref_null>(items, {e.type.heap()});
        core::write_op<Op::end>(items);
      }
    }
    out.u32(count);
    out.bytes(items.view());
  }
  void elem_of_funcs(Writer& out, const Elem& e) const {
    const auto gone = [this](core::FuncIdx f) { return is_dropped(f.value); };
    const bool nulls = e.mode == Elem::Mode::active && std::ranges::any_of(e.funcs, gone);
    elem_head(out, e, nulls ? e.flags | 4U : e.flags);
    if ((e.flags & 3U) != 0) {
      if (nulls) {
        core::write_valtype(out, core::funcref);
      } else {
        out.u8(0);
      }
    }
    Writer items;
    std::uint32_t count = 0;
    for (const core::FuncIdx f : e.funcs) {
      if (gone(f) && !nulls) continue;
      ++count;
      if (!nulls) {
        items.u32(map_[f.value]);
      } else if (gone(f)) {
        core::write_op<Op::ref_null>(items, {core::funcref.heap()});
        core::write_op<Op::end>(items);
      } else {
        core::write_op<Op::ref_func>(items, {core::FuncIdx(map_[f.value])});
        core::write_op<Op::end>(items);
      }
    }
    out.u32(count);
    out.bytes(items.view());
  }

  // Custom sections.

  template <class Map>
  void renumber(Map& map) const {
    std::erase_if(map,
                  [&](const auto& n) { return n.index >= map_.size() || is_dropped(n.index); });
    for (auto& n : map) n.index = map_[n.index];
  }
  [[nodiscard]] std::optional<Writer> custom(const core::CustomSection& section) const {
    Writer out;
    out.name(section.name);
    if (section.name == "name") {
      auto names = core::read_names(m_, section);
      if (!names) return std::nullopt;
      renumber(names->funcs);
      renumber(names->locals);
      renumber(names->labels);
      core::write_names(out, *names);
      return out;
    }
    if (section.name != core::branch_hint_section) return std::nullopt;
    auto hints = core::read_branch_hints(m_, section);
    if (!hints) return std::nullopt;
    std::erase_if(*hints, [&](const core::FuncBranchHints& f) {
      return f.func.value < m_.num_imported_funcs || f.func.value >= map_.size() ||
             stubs_[f.func.value - m_.num_imported_funcs];
    });
    for (auto& f : *hints) f.func = core::FuncIdx(map_[f.func.value]);
    core::write_branch_hints(out, *hints);
    return out;
  }

  // The whole.

  std::vector<std::uint8_t> write() {
    Writer out;
    out.raw().reserve(patched_.size());
    out.bytes(ByteSpan(patched_).first(8));
    Reader in(ByteSpan(patched_).subspan(8), 0, 8);
    std::size_t custom_index = 0;
    while (!in.at_end()) {
      const std::size_t begin = in.offset();
      const auto id = static_cast<SectionId>(*in.u8("section id"));
      static_cast<void>(*in.sized_bytes("section"));
      const auto content = replaced(id, custom_index);
      if (content) {
        out.u8(static_cast<std::uint8_t>(id));
        out.sized_bytes(content->view());
      } else {
        out.bytes(ByteSpan(patched_).subspan(begin, in.offset() - begin));
      }
    }
    return out.take();
  }
  std::optional<Writer> replaced(SectionId id, std::size_t& custom_index) const {
    if (id == SectionId::import_) return imports();
    if (id == SectionId::export_) return exports();
    if (id == SectionId::elem) return elems();
    if (id == SectionId::start) {
      Writer out;
      out.u32(map_[m_.start->value]);
      return out;
    }
    if (id == SectionId::custom && custom_index < m_.customs.size())
      return custom(m_.customs[custom_index++]);
    return std::nullopt;
  }

  const core::Module& m_;
  const std::vector<bool>& dropped_;
  std::vector<std::uint8_t> patched_;
  /// New indices of functions.
  std::vector<std::uint32_t> map_;
  /// Whether a body has become `unreachable`, by defined function.
  std::vector<bool> stubs_;
};

}  // namespace

std::vector<std::uint8_t> drop_imports(const core::Module& module, const DroppedImports& imports) {
  return Dropper(module, imports).run();
}

}  // namespace tenon::preinit
