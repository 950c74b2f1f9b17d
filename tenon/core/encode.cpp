// SPDX-License-Identifier: Apache-2.0
// Expressions and data are copied from the module's bytes; only what surrounds them is written
// anew. Sections that were there are written even if they are empty, and groups of imports as long
// as their members still share what the group states.
// Spec: core/binary/modules "Modules"
#include "tenon/core/encode.h"

#include <algorithm>
#include <array>
#include <span>

namespace tenon::core {

namespace {

/// The known sections in the order of the format. Spec: core/binary/modules "Modules".
constexpr std::array<SectionId, 13> section_order = {
    SectionId::type,  SectionId::import_, SectionId::func,       SectionId::table,
    SectionId::mem,   SectionId::tag,     SectionId::global,     SectionId::export_,
    SectionId::start, SectionId::elem,    SectionId::data_count, SectionId::code,
    SectionId::data};

class Encoder {
 public:
  explicit Encoder(const Module& module) : module_(module), bytes_(module.bytes.view()) {}
  std::vector<std::uint8_t> run();

 private:
  void known(SectionId id);
  /// The content of a section that has items, or stood in the input.
  bool content(SectionId id, Writer& out) const;
  void customs_after(SectionId id);
  void expr(Writer& out, Expr range) const { out.bytes(range.in(bytes_)); }
  void types(Writer& out) const;
  void imports(Writer& out) const;
  [[nodiscard]] bool is_intact(const ImportGroup& group) const;
  void import_group(Writer& out, const ImportGroup& group) const;
  void tables(Writer& out) const;
  void globals(Writer& out) const;
  void exports(Writer& out) const;
  void elems(Writer& out) const;
  void elem_one(Writer& out, const Elem& elem) const;
  void codes(Writer& out) const;
  void datas(Writer& out) const;

  const Module& module_;
  ByteSpan bytes_;
  Writer out_;
};

template <class Items>
void write_count(Writer& out, const Items& items) {
  out.u32(static_cast<std::uint32_t>(items.size()));
}

std::vector<std::uint8_t> Encoder::run() {
  out_.raw().reserve(module_.bytes.size());
  out_.fixed_u32(0x6D736100);
  out_.fixed_u32(1);
  customs_after(SectionId::custom);
  for (const SectionId id : section_order) {
    known(id);
    customs_after(id);
  }
  return out_.take();
}

void Encoder::customs_after(SectionId id) {
  for (const CustomSection& section : module_.customs) {
    if (section.after != id) continue;
    Writer content;
    content.name(section.name);
    content.bytes(section.content.in(bytes_));
    out_.u8(static_cast<std::uint8_t>(SectionId::custom));
    out_.sized_bytes(content.view());
  }
}

void Encoder::known(SectionId id) {
  Writer section;
  if (!content(id, section)) return;
  out_.u8(static_cast<std::uint8_t>(id));
  out_.sized_bytes(section.view());
}

bool Encoder::content(SectionId id, Writer& out) const {
  const auto wanted = [&](bool has_items) {
    return has_items ||
           std::ranges::find(module_.sections, id, &SectionRange::id) != module_.sections.end();
  };
  switch (id) {
    case SectionId::custom:
      return false;
    case SectionId::type:
      if (!wanted(!module_.types.empty() || !module_.empty_recs.empty())) return false;
      return types(out), true;
    case SectionId::import_:
      if (!wanted(!module_.imports.empty() || !module_.import_groups.empty())) return false;
      return imports(out), true;
    case SectionId::func:
      if (!wanted(!module_.funcs.empty())) return false;
      write_count(out, module_.funcs);
      for (const Func& func : module_.funcs) out.u32(func.type.value);
      return true;
    case SectionId::table:
      if (!wanted(!module_.tables.empty())) return false;
      return tables(out), true;
    case SectionId::mem:
      if (!wanted(!module_.mems.empty())) return false;
      write_count(out, module_.mems);
      for (const MemType& mem : module_.mems) write_memtype(out, mem);
      return true;
    case SectionId::tag:
      if (!wanted(!module_.tags.empty())) return false;
      write_count(out, module_.tags);
      for (const TagType tag : module_.tags) write_tagtype(out, tag);
      return true;
    case SectionId::global:
      if (!wanted(!module_.globals.empty())) return false;
      return globals(out), true;
    case SectionId::export_:
      if (!wanted(!module_.exports.empty())) return false;
      return exports(out), true;
    case SectionId::start:
      if (!module_.start) return false;
      return out.u32(module_.start->value), true;
    case SectionId::elem:
      if (!wanted(!module_.elems.empty())) return false;
      return elems(out), true;
    case SectionId::data_count:
      if (!module_.data_count) return false;
      return out.u32(*module_.data_count), true;
    case SectionId::code:
      if (!wanted(!module_.codes.empty())) return false;
      return codes(out), true;
    case SectionId::data:
      if (!wanted(!module_.datas.empty())) return false;
      return datas(out), true;
  }
  return false;
}

void Encoder::types(Writer& out) const {
  const auto n = static_cast<std::uint32_t>(module_.types.size());
  auto groups = static_cast<std::uint32_t>(module_.empty_recs.size());
  for (std::uint32_t i = 0; i < n; i += module_.types[TypeIdx(i)].rec_size) ++groups;
  out.u32(groups);
  const auto empty_recs_before = [&](std::uint32_t i) {
    for (std::ptrdiff_t k = std::ranges::count(module_.empty_recs, TypeIdx(i)); k > 0; --k) {
      out.u8(static_cast<std::uint8_t>(TypeCode::rec));
      out.u32(0);
    }
  };
  for (std::uint32_t i = 0; i < n;) {
    if (!module_.empty_recs.empty()) empty_recs_before(i);
    const SubType& first = module_.types[TypeIdx(i)];
    if (first.explicit_rec || first.rec_size != 1) {
      out.u8(static_cast<std::uint8_t>(TypeCode::rec));
      out.u32(first.rec_size);
    }
    const std::uint32_t end = i + first.rec_size;
    for (; i < end; ++i) write_subtype(out, module_.types[TypeIdx(i)]);
  }
  empty_recs_before(n);
}

/// Whether the imports of a group still have what they had in common: who changes imports need not
/// know of groups.
bool Encoder::is_intact(const ImportGroup& group) const {
  const std::size_t size = module_.imports.size();
  if (group.first > size || group.count > size - group.first) return false;
  const auto items = std::span(module_.imports).subspan(group.first, group.count);
  Writer wanted;
  Writer found;
  write_externtype(wanted, group.type);
  return std::ranges::all_of(items, [&](const Import& import) {
    if (import.module != group.module) return false;
    if (group.form != ImportGroup::Form::one_type) return true;
    found.raw().clear();
    write_externtype(found, import.type);
    return std::ranges::equal(found.view(), wanted.view());
  });
}

void Encoder::import_group(Writer& out, const ImportGroup& group) const {
  const bool one_type = group.form == ImportGroup::Form::one_type;
  out.name(group.module);
  out.name({});
  out.u8(static_cast<std::uint8_t>(group.form));
  if (one_type) write_externtype(out, group.type);
  out.u32(group.count);
  for (const Import& import : std::span(module_.imports).subspan(group.first, group.count)) {
    out.name(import.name);
    if (!one_type) write_externtype(out, import.type);
  }
}

void Encoder::imports(Writer& out) const {
  Writer entries;
  std::uint32_t count = 0;
  std::uint32_t at = 0;
  const auto alone_until = [&](std::size_t end) {
    for (; at < end; ++at, ++count) {
      const Import& import = module_.imports[at];
      entries.name(import.module);
      entries.name(import.name);
      write_externtype(entries, import.type);
    }
  };
  for (const ImportGroup& group : module_.import_groups) {
    if (group.first < at || !is_intact(group)) continue;
    alone_until(group.first);
    import_group(entries, group);
    at += group.count;
    ++count;
  }
  alone_until(module_.imports.size());
  out.u32(count);
  out.bytes(entries.view());
}

void Encoder::tables(Writer& out) const {
  write_count(out, module_.tables);
  for (const Table& table : module_.tables) {
    if (table.init) {
      out.u8(0x40);
      out.u8(0x00);
    }
    write_tabletype(out, table.type);
    if (table.init) expr(out, *table.init);
  }
}

void Encoder::globals(Writer& out) const {
  write_count(out, module_.globals);
  for (const Global& global : module_.globals) {
    write_globaltype(out, global.type);
    expr(out, global.init);
  }
}

void Encoder::exports(Writer& out) const {
  write_count(out, module_.exports);
  for (const Export& e : module_.exports) {
    out.name(e.name);
    out.u8(static_cast<std::uint8_t>(e.kind));
    out.u32(e.index);
  }
}

void Encoder::elems(Writer& out) const {
  write_count(out, module_.elems);
  for (const Elem& elem : module_.elems) elem_one(out, elem);
}

/// Spec: core/binary/modules "Element Section".
void Encoder::elem_one(Writer& out, const Elem& elem) const {
  const bool active = (elem.flags & 1U) == 0;
  const bool exprs = (elem.flags & 4U) != 0;
  out.u32(elem.flags);
  if (active && (elem.flags & 2U) != 0) out.u32(elem.table.value);
  if (active && elem.offset) expr(out, *elem.offset);
  if ((elem.flags & 3U) != 0) {
    if (exprs) {
      write_valtype(out, elem.type);
    } else {
      out.u8(0);
    }
  }
  if (exprs) {
    write_count(out, elem.exprs);
    for (const Expr e : elem.exprs) expr(out, e);
  } else {
    write_count(out, elem.funcs);
    for (const FuncIdx f : elem.funcs) out.u32(f.value);
  }
}

void Encoder::codes(Writer& out) const {
  write_count(out, module_.codes);
  Writer locals;
  for (const Code& code : module_.codes) {
    locals.raw().clear();
    write_count(locals, code.locals);
    for (const LocalGroup& group : code.locals) {
      locals.u32(group.count);
      write_valtype(locals, group.type);
    }
    out.u32(static_cast<std::uint32_t>(locals.size()) + code.body.size());
    out.bytes(locals.view());
    expr(out, code.body);
  }
}

void Encoder::datas(Writer& out) const {
  write_count(out, module_.datas);
  for (const Data& data : module_.datas) {
    out.u32(data.flags);
    if (data.flags == 2) out.u32(data.mem.value);
    if (data.flags != 1 && data.offset) expr(out, *data.offset);
    out.sized_bytes(data.bytes.in(bytes_));
  }
}

}  // namespace

std::vector<std::uint8_t> encode(const Module& module) {
  return Encoder(module).run();
}

}  // namespace tenon::core
