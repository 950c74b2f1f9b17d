// SPDX-License-Identifier: Apache-2.0
// Printed text parses to the same bytes. Names, branch hints and `datacount` therefore become
// identifiers and annotations only if the parser would write the same section again; otherwise the
// section is printed as `(@custom …)`.
#include "tenon/text/print_module.h"

#include <algorithm>
#include <array>

#include "tenon/core/limits.h"
#include "tenon/core/names.h"
#include "tenon/text/print_expr.h"
#include "tenon/text/print_names.h"

namespace tenon::text {
namespace {

using core::ExternKind;
using core::SectionId;

/// Looks for hinted operators in a body; only `br_if` and `if` have hints in text.
struct Offsets {
  const std::vector<core::BranchHint>& hints;
  std::uint32_t begin;
  std::size_t next = 0;
  template <core::Op op>
  void on(const core::ImmOf<op>&, std::uint32_t offset) {
    if constexpr (op == core::Op::br_if || op == core::Op::if_) {
      if (next < hints.size() && hints[next].offset == offset - begin) ++next;
    }
  }
};

class ModulePrinter {
 public:
  ModulePrinter(TextWriter& out, const core::Module& module, const PrintOptions& options)
      : out_(out),
        m_(module),
        options_(options),
        ids_(module_ids(module)),
        expr_(module, ids_, out) {}

  Result<void> print(std::string_view head);

 private:
  void types();
  void type(core::TypeIdx index);
  void comp_type(core::TypeIdx index);
  void fields(core::TypeIdx index, const core::CompType& type);
  void imports();
  void import_type(const core::ExternType& type, std::optional<std::uint32_t> index);
  void shared_item(ExternKind kind, std::uint32_t index);
  [[nodiscard]] const Ids& ids_of(ExternKind kind) const;
  Result<void> funcs();
  Result<void> func(std::uint32_t code);
  void params(std::uint32_t func, const core::FuncType& type);
  void locals(std::uint32_t func, const core::Code& code);
  void local_list(std::string_view word, std::uint32_t first,
                  const std::vector<core::ValType>& types);
  Result<void> tables();
  void mems();
  void tags();
  Result<void> globals();
  void exports();
  Result<void> elems();
  Result<void> elem(std::uint32_t index);
  Result<void> datas();
  void customs();
  void find_hints();
  [[nodiscard]] bool hints_fit(const std::vector<core::FuncBranchHints>& funcs) const;
  [[nodiscard]] SectionId last_section() const;

  /// ` $id (;index;) (@name "…")`.
  void binding(const Ids& ids, std::uint32_t index);
  void type_use(core::TypeIdx type, std::optional<std::uint32_t> func);
  void open(std::string_view word) {
    out_.line();
    out_.put('(');
    out_.put(word);
  }

  TextWriter& out_;
  const core::Module& m_;
  const PrintOptions& options_;
  ModuleIds ids_;
  ExprPrinter expr_;
  const core::CustomSection* hint_section_ = nullptr;
  std::unordered_map<std::uint32_t, std::unordered_map<std::uint32_t, bool>> hints_;
};

void ModulePrinter::binding(const Ids& ids, std::uint32_t index) {
  const std::string_view id = ids.of(index);
  if (!id.empty()) {
    out_.put(' ');
    out_.put(id);
  }
  out_.put(" (;");
  out_.number(index);
  out_.put(";)");
  if (const std::string* const name = ids.annotation(index)) {
    out_.put(" (@name ");
    out_.name_literal(*name);
    out_.put(')');
  }
}

// ---- Types ----

void ModulePrinter::type_use(core::TypeIdx type, std::optional<std::uint32_t> func) {
  out_.put(" (type ");
  expr_.index(ids_.types, type.value);
  out_.put(')');
  if (!m_.types.contains(type) || m_.types[type].type.kind != core::CompType::Kind::func) return;
  const core::FuncType& func_type = m_.types[type].type.func;
  if (!func) {
    expr_.params_and_results(func_type);
    return;
  }
  params(*func, func_type);
  core::FuncType results;
  results.results = func_type.results;
  expr_.params_and_results(results);
}

void ModulePrinter::fields(core::TypeIdx index, const core::CompType& type) {
  const auto it =
      std::ranges::lower_bound(ids_.names.fields, index.value, {}, &core::IndirectNameAssoc::index);
  const bool named = it != ids_.names.fields.end() && it->index == index.value;
  const Ids names = named ? Ids(it->names, static_cast<std::uint32_t>(type.fields.size())) : Ids();
  for (std::uint32_t i = 0; i < type.fields.size(); ++i) {
    out_.put(" (field");
    const std::string_view id = names.of(i);
    if (!id.empty()) {
      out_.put(' ');
      out_.put(id);
      if (const std::string* const name = names.annotation(i)) {
        out_.put(" (@name ");
        out_.name_literal(*name);
        out_.put(')');
      }
    }
    out_.put(type.fields[i].mutable_ ? " (mut " : " ");
    expr_.val_type(type.fields[i].type);
    out_.put(type.fields[i].mutable_ ? "))" : ")");
  }
}

void ModulePrinter::comp_type(core::TypeIdx index) {
  const core::CompType& type = m_.types[index].type;
  switch (type.kind) {
    case core::CompType::Kind::func:
      out_.put("(func");
      expr_.params_and_results(type.func);
      break;
    case core::CompType::Kind::struct_:
      out_.put("(struct");
      fields(index, type);
      break;
    case core::CompType::Kind::array: {
      const core::FieldType field = type.fields.empty() ? core::FieldType{} : type.fields.front();
      out_.put(field.mutable_ ? "(array (mut " : "(array ");
      expr_.val_type(field.type);
      if (field.mutable_) out_.put(')');
      break;
    }
  }
  out_.put(')');
}

void ModulePrinter::type(core::TypeIdx index) {
  const core::SubType& type = m_.types[index];
  open("type");
  binding(ids_.types, index.value);
  out_.put(' ');
  const bool sub = !type.final_ || !type.supers.empty();
  if (sub) {
    out_.put(type.final_ ? "(sub final" : "(sub");
    for (const core::TypeIdx super : type.supers) {
      out_.put(' ');
      expr_.index(ids_.types, super.value);
    }
    out_.put(' ');
  }
  comp_type(index);
  out_.put(sub ? "))" : ")");
}

void ModulePrinter::types() {
  auto empty = m_.empty_recs.begin();
  const auto empty_recs_before = [&](std::uint32_t i) {
    for (; empty != m_.empty_recs.end() && empty->value <= i; ++empty) {
      open("rec");
      out_.put(')');
    }
  };
  for (std::uint32_t i = 0; i < m_.types.size();) {
    empty_recs_before(i);
    const core::SubType& first = m_.types[core::TypeIdx(i)];
    if (!first.explicit_rec) {
      type(core::TypeIdx(i++));
      continue;
    }
    open("rec");
    out_.indent();
    const std::uint32_t end = first.rec_begin + first.rec_size;
    for (; i < end && i < m_.types.size(); ++i) type(core::TypeIdx(i));
    out_.dedent();
    out_.line();
    out_.put(')');
  }
  empty_recs_before(static_cast<std::uint32_t>(m_.types.size()));
}

// ---- Imports, exports ----

void ModulePrinter::imports() {
  std::array<std::uint32_t, 5> next{};
  std::size_t at = 0;
  const auto type = [&](const core::Import& import) {
    import_type(import.type, next[static_cast<std::size_t>(import.type.kind)]++);
  };
  const auto alone_until = [&](std::size_t end) {
    for (; at < end; ++at) {
      const core::Import& import = m_.imports[at];
      open("import ");
      out_.name_literal(import.module);
      out_.put(' ');
      out_.name_literal(import.name);
      type(import);
      out_.put(')');
    }
  };
  for (const core::ImportGroup& group : m_.import_groups) {
    alone_until(group.first);
    open("import ");
    out_.name_literal(group.module);
    out_.indent();
    const bool one_type = group.form == core::ImportGroup::Form::one_type;
    for (const std::size_t end = at + group.count; at < end; ++at) {
      const core::Import& import = m_.imports[at];
      open("item ");
      out_.name_literal(import.name);
      if (one_type) {
        shared_item(import.type.kind, next[static_cast<std::size_t>(import.type.kind)]++);
      } else {
        type(import);
      }
      out_.put(')');
    }
    if (one_type) {
      out_.line();
      import_type(group.type, std::nullopt);
    }
    out_.dedent();
    out_.put(')');
  }
  alone_until(m_.imports.size());
}

/// An item whose type follows the items: it has no identifier, its name is an annotation.
void ModulePrinter::shared_item(ExternKind kind, std::uint32_t index) {
  if (const std::string* const name = ids_of(kind).annotation(index)) {
    out_.put(" (@name ");
    out_.name_literal(*name);
    out_.put(')');
  }
}

const Ids& ModulePrinter::ids_of(ExternKind kind) const {
  switch (kind) {
    case ExternKind::func:
      return ids_.funcs;
    case ExternKind::table:
      return ids_.tables;
    case ExternKind::mem:
      return ids_.mems;
    case ExternKind::global:
      return ids_.globals;
    case ExternKind::tag:
      break;
  }
  return ids_.tags;
}

/// The type of an import with the binding of its item, or without one.
void ModulePrinter::import_type(const core::ExternType& type, std::optional<std::uint32_t> index) {
  constexpr std::array<std::string_view, 5> words = {"func", "table", "memory", "global", "tag"};
  if (index) out_.put(' ');
  out_.put('(');
  out_.put(words[static_cast<std::size_t>(type.kind)]);
  if (index) binding(ids_of(type.kind), *index);
  switch (type.kind) {
    case ExternKind::func:
      if (index) expr_.begin_function(*index);
      type_use(type.func, index);
      break;
    case ExternKind::table:
      expr_.table_type(type.table);
      break;
    case ExternKind::mem:
      expr_.mem_type(type.mem);
      break;
    case ExternKind::global:
      expr_.global_type(type.global);
      break;
    case ExternKind::tag:
      type_use(type.tag.type, std::nullopt);
      break;
  }
  out_.put(')');
}

void ModulePrinter::exports() {
  for (const core::Export& e : m_.exports) {
    open("export ");
    out_.name_literal(e.name);
    const auto item = [&](std::string_view word, const Ids& ids) {
      out_.put(word);
      expr_.index(ids, e.index);
    };
    switch (e.kind) {
      case ExternKind::func:
        item(" (func ", ids_.funcs);
        break;
      case ExternKind::table:
        item(" (table ", ids_.tables);
        break;
      case ExternKind::mem:
        item(" (memory ", ids_.mems);
        break;
      case ExternKind::global:
        item(" (global ", ids_.globals);
        break;
      case ExternKind::tag:
        item(" (tag ", ids_.tags);
        break;
    }
    out_.put("))");
  }
}

// ---- Functions ----

void ModulePrinter::local_list(std::string_view word, std::uint32_t first,
                               const std::vector<core::ValType>& types) {
  const Ids& names = expr_.locals();
  bool open = false;
  bool begun = word == "param";  // parameters follow something on their line
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    const std::string_view id = names.of(first + i);
    if (!id.empty() && open) {
      out_.put(')');
      open = false;
    }
    if (!open) {
      out_.put(begun ? " (" : "(");
      begun = true;
      out_.put(word);
      open = true;
    }
    if (!id.empty()) {
      out_.put(' ');
      out_.put(id);
      if (const std::string* const name = names.annotation(first + i)) {
        out_.put(" (@name ");
        out_.name_literal(*name);
        out_.put(')');
      }
    }
    out_.put(' ');
    expr_.val_type(types[i]);
    if (!id.empty()) {
      out_.put(')');
      open = false;
    }
  }
  if (open) out_.put(')');
}

void ModulePrinter::params(std::uint32_t, const core::FuncType& type) {
  local_list("param", 0, type.params);
}

void ModulePrinter::locals(std::uint32_t func, const core::Code& code) {
  if (code.locals.empty()) return;
  std::uint64_t first = 0;
  const core::TypeIdx type = m_.func_types[func];
  if (m_.types.contains(type)) first = m_.types[type].type.func.params.size();
  out_.line();
  // A module that is not validated may have any number; print no more than could be valid.
  std::vector<core::ValType> types;
  for (const core::LocalGroup& group : code.locals) {
    types.insert(types.end(),
                 std::min<std::size_t>(group.count, core::limits::locals + 1 - types.size()),
                 group.type);
  }
  local_list("local", static_cast<std::uint32_t>(first), types);
}

Result<void> ModulePrinter::func(std::uint32_t code) {
  const std::uint32_t index = m_.num_imported_funcs + code;
  expr_.begin_function(index);
  open("func");
  binding(ids_.funcs, index);
  type_use(m_.funcs[code].type, index);
  if (options_.skeleton || code >= m_.codes.size()) {
    out_.put(options_.skeleton ? " ...)" : ")");
    return {};
  }
  out_.indent();
  locals(index, m_.codes[code]);
  const auto hints = hints_.find(index);
  expr_.set_hints(hints == hints_.end() ? nullptr : &hints->second);
  auto printed =
      options_.fold ? expr_.folded_body(m_.codes[code].body) : expr_.body(m_.codes[code].body);
  TENON_TRY(std::move(printed));
  out_.dedent();
  if (m_.codes[code].body.size() > 1) out_.line();
  out_.put(')');
  return {};
}

Result<void> ModulePrinter::funcs() {
  for (std::uint32_t i = 0; i < m_.funcs.size(); ++i) TENON_TRY(func(i));
  return {};
}

// ---- Tables, memories, tags, globals ----

Result<void> ModulePrinter::tables() {
  for (std::uint32_t i = 0; i < m_.tables.size(); ++i) {
    open("table");
    binding(ids_.tables, m_.num_imported_tables + i);
    expr_.table_type(m_.tables[i].type);
    if (m_.tables[i].init) {
      out_.put(' ');
      TENON_TRY(expr_.constant(*m_.tables[i].init, {}));
    }
    out_.put(')');
  }
  return {};
}

void ModulePrinter::mems() {
  for (std::uint32_t i = 0; i < m_.mems.size(); ++i) {
    open("memory");
    binding(ids_.mems, m_.num_imported_mems + i);
    expr_.mem_type(m_.mems[i]);
    out_.put(')');
  }
}

void ModulePrinter::tags() {
  for (std::uint32_t i = 0; i < m_.tags.size(); ++i) {
    open("tag");
    binding(ids_.tags, m_.num_imported_tags + i);
    type_use(m_.tags[i].type, std::nullopt);
    out_.put(')');
  }
}

Result<void> ModulePrinter::globals() {
  for (std::uint32_t i = 0; i < m_.globals.size(); ++i) {
    open("global");
    binding(ids_.globals, m_.num_imported_globals + i);
    expr_.global_type(m_.globals[i].type);
    out_.put(' ');
    TENON_TRY(expr_.constant(m_.globals[i].init, {}));
    out_.put(')');
  }
  return {};
}

// ---- Segments ----

Result<void> ModulePrinter::elem(std::uint32_t index) {
  const core::Elem& e = m_.elems[index];
  open("elem");
  binding(ids_.elems, index);
  if (e.mode == core::Elem::Mode::declarative) out_.put(" declare");
  if (e.mode == core::Elem::Mode::active) {
    // The parser gives a table other than 0, and expressions of another type, the long form itself.
    const bool implied = (e.flags & 4U) != 0 && e.type != core::funcref;
    if (e.table.value != 0 || ((e.flags & 2U) != 0 && !implied)) {
      out_.put(" (table ");
      expr_.index(ids_.tables, e.table.value);
      out_.put(')');
    }
    out_.put(' ');
    TENON_TRY(expr_.constant(*e.offset, "offset"));
  }
  if ((e.flags & 4U) == 0) {
    out_.put(" func");
    for (const core::FuncIdx f : e.funcs) {
      out_.put(' ');
      expr_.index(ids_.funcs, f.value);
    }
  } else {
    out_.put(' ');
    expr_.val_type(e.type);
    for (const core::Expr item : e.exprs) {
      out_.put(' ');
      TENON_TRY(expr_.constant(item, "item"));
    }
  }
  out_.put(')');
  return {};
}

Result<void> ModulePrinter::elems() {
  for (std::uint32_t i = 0; i < m_.elems.size(); ++i) TENON_TRY(elem(i));
  return {};
}

Result<void> ModulePrinter::datas() {
  // The parser makes the section of itself when an instruction needs it.
  if (m_.data_count && !expr_.uses_data()) {
    open("@datacount");
    out_.put(')');
  }
  for (std::uint32_t i = 0; i < m_.datas.size(); ++i) {
    const core::Data& d = m_.datas[i];
    open("data");
    binding(ids_.datas, i);
    if (d.mode == core::Data::Mode::active) {
      if (d.flags == 2) {
        out_.put(" (memory ");
        expr_.index(ids_.mems, d.mem.value);
        out_.put(')');
      }
      out_.put(' ');
      TENON_TRY(expr_.constant(*d.offset, "offset"));
    }
    out_.put(' ');
    out_.bytes_literal(d.bytes.in(m_.bytes.view()));
    out_.put(')');
  }
  return {};
}

// ---- Custom sections ----

/// The known section that is last in the binary.
SectionId ModulePrinter::last_section() const {
  if (!m_.datas.empty()) return SectionId::data;
  if (!m_.codes.empty()) return SectionId::code;
  if (m_.data_count) return SectionId::data_count;
  if (!m_.elems.empty()) return SectionId::elem;
  if (m_.start) return SectionId::start;
  if (!m_.exports.empty()) return SectionId::export_;
  if (!m_.globals.empty()) return SectionId::global;
  if (!m_.tags.empty()) return SectionId::tag;
  if (!m_.mems.empty()) return SectionId::mem;
  if (!m_.tables.empty()) return SectionId::table;
  if (!m_.funcs.empty()) return SectionId::func;
  if (!m_.imports.empty()) return SectionId::import_;
  if (!m_.types.empty()) return SectionId::type;
  return SectionId::custom;
}

void ModulePrinter::customs() {
  constexpr std::array<std::string_view, 14> words = {
      "first",  "type",  "import", "func", "table", "memory",    "global",
      "export", "start", "elem",   "code", "data",  "datacount", "tag"};
  // In the order of the binary; ids are not in that order.
  constexpr std::array<unsigned, 14> rank = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};
  const auto rank_of = [&](SectionId id) { return rank[static_cast<std::size_t>(id)]; };
  const unsigned last = rank_of(last_section());
  bool after_names = false;
  for (const core::CustomSection& custom : m_.customs) {
    if (&custom == ids_.section) {
      after_names = true;
      continue;
    }
    if (&custom == hint_section_) continue;
    open("@custom ");
    out_.name_literal(custom.name);
    const bool at_end = rank_of(custom.after) >= last;
    if (!at_end || (ids_.section != nullptr && !after_names)) {
      if (custom.after == SectionId::custom) {
        out_.put(" (before first)");
      } else {
        out_.put(" (after ");
        out_.put(words[static_cast<std::size_t>(custom.after)]);
        out_.put(')');
      }
    }
    out_.put(' ');
    out_.bytes_literal(custom.content.in(m_.bytes.view()));
    out_.put(')');
  }
}

bool ModulePrinter::hints_fit(const std::vector<core::FuncBranchHints>& funcs) const {
  std::optional<std::uint32_t> previous;
  for (const core::FuncBranchHints& func : funcs) {
    const std::uint32_t index = func.func.value;
    if (index < m_.num_imported_funcs || index - m_.num_imported_funcs >= m_.codes.size())
      return false;
    if ((previous && *previous >= index) || func.hints.empty()) return false;
    previous = index;
    const core::Code& code = m_.codes[index - m_.num_imported_funcs];
    Offsets offsets{func.hints, code.entry.begin, 0};
    if (!core::decode_expr(m_, code.body, offsets) || offsets.next != func.hints.size())
      return false;
  }
  return true;
}

/// Decides whether branch hints are printed as annotations: only when the parser makes the same
/// section from them, in the same place.
void ModulePrinter::find_hints() {
  const core::CustomSection* const section = core::find_custom(m_, core::branch_hint_section);
  if (section == nullptr || m_.codes.empty() || options_.skeleton) return;
  for (const core::CustomSection& other : m_.customs) {
    if (&other == section) break;
    if (other.after == section->after) return;
  }
  if (section->after == SectionId::code || section->after == SectionId::data) return;
  const auto funcs = core::read_branch_hints(m_, *section);
  if (!funcs || !hints_fit(*funcs)) return;
  Writer again;
  core::write_branch_hints(again, *funcs);
  if (!std::ranges::equal(again.view(), section->content.in(m_.bytes.view()))) return;
  hint_section_ = section;
  for (const core::FuncBranchHints& func : *funcs) {
    const std::uint32_t begin = m_.codes[func.func.value - m_.num_imported_funcs].entry.begin;
    for (const core::BranchHint& hint : func.hints)
      hints_[func.func.value].emplace(begin + hint.offset, hint.likely);
  }
}

Result<void> ModulePrinter::print(std::string_view head) {
  find_hints();
  out_.put('(');
  out_.put(head);
  if (ids_.names.module) {
    if (head == "module" && !ids_.names.module->empty()) {
      out_.put(' ');
      out_.put(identifier(*ids_.names.module));
    } else {
      out_.put(" (@name ");
      out_.name_literal(*ids_.names.module);
      out_.put(')');
    }
  }
  out_.indent();
  types();
  imports();
  TENON_TRY(funcs());
  TENON_TRY(tables());
  mems();
  tags();
  TENON_TRY(globals());
  exports();
  if (m_.start) {
    open("start ");
    expr_.index(ids_.funcs, m_.start->value);
    out_.put(')');
  }
  if (!options_.skeleton) {
    TENON_TRY(elems());
    TENON_TRY(datas());
    customs();
  }
  out_.dedent();
  out_.line();
  out_.put(')');
  return {};
}

}  // namespace

Result<void> print_module(TextWriter& out, std::string_view head, const core::Module& module,
                          const PrintOptions& options) {
  return ModulePrinter(out, module, options).print(head);
}

Result<std::string> print_module(const core::Module& module, const PrintOptions& options) {
  TextWriter out;
  TENON_TRY(print_module(out, "module", module, options));
  out.put('\n');
  return out.take();
}

Result<void> print_module(const core::Module& module, const PrintOptions& options,
                          const TextSink& sink) {
  TextWriter out(sink);
  TENON_TRY(print_module(out, "module", module, options));
  out.put('\n');
  out.flush();
  return {};
}

}  // namespace tenon::text
