// SPDX-License-Identifier: Apache-2.0
// What was decoded is written as it was: recorded sections are used if they still fit the
// definitions (otherwise neighbours of one kind are grouped), and decoded modules are copied as
// bytes, which is most of a component. Only modules made in memory are encoded.
// Spec: Binary.md "Component Definitions"
#include "tenon/component/encode.h"

#include <cassert>

#include "tenon/component/encode_impl.h"
#include "tenon/component/info.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"

namespace tenon::component {

namespace {

/// The section that a definition belongs to.
std::uint8_t section_of(const DefinitionKind& def) {
  const int id = std::visit(overloaded{
                                [](const Custom&) { return 0; },
                                [](const std::unique_ptr<core::Module>&) { return 1; },
                                [](const CoreInstance&) { return 2; },
                                [](const CoreType&) { return 3; },
                                [](const std::unique_ptr<Component>&) { return 4; },
                                [](const Instance&) { return 5; },
                                [](const Alias&) { return 6; },
                                [](const Type&) { return 7; },
                                [](const Canon&) { return 8; },
                                [](const Start&) { return 9; },
                                [](const Import&) { return 10; },
                                [](const Export&) { return 11; },
                                [](const Value&) { return 12; },
                            },
                            def);
  return static_cast<std::uint8_t>(id);
}

/// Custom sections, modules, components and starts fill a section alone.
bool stands_alone(std::uint8_t id) {
  return id == 0 || id == 1 || id == 4 || id == 9;
}

std::vector<Section> grouped(const Component& component) {
  std::vector<Section> out;
  for (std::uint32_t i = 0; i < component.definitions.size(); ++i) {
    const std::uint8_t id = section_of(component.definitions[i].def);
    if (!out.empty() && out.back().id == id && !stands_alone(id)) {
      ++out.back().count;
    } else {
      out.push_back({id, i, 1});
    }
  }
  return out;
}

/// The recorded sections, if they still fit the definitions.
bool sections_fit(const Component& component) {
  std::uint32_t next = 0;
  for (const Section& s : component.sections) {
    if (s.first != next || s.first + s.count > component.definitions.size()) return false;
    if (stands_alone(s.id) && s.count != 1) return false;
    for (std::uint32_t i = s.first; i < s.first + s.count; ++i) {
      if (section_of(component.definitions[i].def) != s.id) return false;
    }
    next += s.count;
  }
  return next == component.definitions.size() && (next != 0 || !component.sections.empty());
}

const core::Module& module_of(const Component& component, std::size_t definition) {
  const auto& module =
      std::get<std::unique_ptr<core::Module>>(component.definitions[definition].def);
  if (module) return *module;
  // Validation has moved it.
  assert(component.info);
  return **component.info->modules[component.info->definitions[definition].info];
}

/// The bytes of a decoded module that fills the section, in one piece or more: custom sections that
/// were taken out of `sections` are left out. Most of a component is such bytes, and they are
/// copied once. Empty for a module that has to be encoded.
std::vector<ByteSpan> module_pieces(const Component& component, const Section& section) {
  constexpr std::uint8_t module_section = 1;
  if (section.id != module_section) return {};
  const core::Module& module = module_of(component, section.first);
  const ByteSpan bytes = module.bytes.view();
  const bool decoded = bytes.size() == 8 || !module.sections.empty();
  if (!decoded || !core::is_core_module(bytes)) return {};
  std::vector<ByteSpan> out;
  std::size_t from = 0;
  Reader in(bytes.subspan(8), 0, 8);
  auto next = module.sections.begin();
  while (!in.at_end()) {
    const std::size_t begin = in.offset();
    const auto id = in.u8("section id");
    const auto content = in.sized_bytes("section");
    if (!id || !content) return {};
    const std::size_t content_begin = in.offset() - content->size();
    if (next != module.sections.end() && next->content.begin == content_begin) {
      ++next;
      continue;
    }
    if (begin != from) out.push_back(bytes.subspan(from, begin - from));
    from = in.offset();
  }
  if (from != bytes.size()) out.push_back(bytes.subspan(from));
  return out;
}

/// About how many bytes it takes.
std::size_t guess_size(const Component& component) {
  std::size_t modules = 0;
  for (std::uint32_t i = 0; i < component.definitions.size(); ++i) {
    if (section_of(component.definitions[i].def) == 1)
      modules += module_of(component, i).bytes.size();
  }
  return modules + modules / 16 + 16 * component.definitions.size() + 64;
}

}  // namespace

void Encoder::component(const Component& component) {
  out_.fixed_u32(0x6D736100U);
  out_.fixed_u32(0x0001000DU);
  const std::vector<Section> sections =
      sections_fit(component) ? component.sections : grouped(component);
  for (const Section& s : sections) {
    if (const std::vector<ByteSpan> pieces = module_pieces(component, s); !pieces.empty()) {
      std::size_t size = 0;
      for (const ByteSpan piece : pieces) size += piece.size();
      out_.u8(s.id);
      out_.u32(static_cast<std::uint32_t>(size));
      for (const ByteSpan piece : pieces) out_.bytes(piece);
      continue;
    }
    Encoder content;
    content.section(component, s);
    out_.u8(s.id);
    out_.sized_bytes(content.out_.view());
  }
}

void Encoder::section(const Component& component, const Section& section) {
  if (!stands_alone(section.id)) out_.u32(section.count);
  for (std::uint32_t i = section.first; i < section.first + section.count; ++i) {
    std::visit(overloaded{
                   [&](const Custom& c) {
                     out_.name(c.name);
                     out_.bytes(c.content);
                   },
                   [&](const std::unique_ptr<core::Module>&) {
                     out_.bytes(core::encode(module_of(component, i)));
                   },
                   [&](const std::unique_ptr<Component>& c) { this->component(*c); },
                   [&](const CoreInstance& x) { core_instance(x); },
                   [&](const CoreType& x) { core_type(x); },
                   [&](const Instance& x) { instance(x); },
                   [&](const Alias& x) { alias(x); },
                   [&](const Type& x) { type(x); },
                   [&](const Canon& x) { canon(x); },
                   [&](const Start& x) { start(x); },
                   [&](const Import& x) {
                     extern_name(x.name);
                     extern_type(x.type);
                   },
                   [&](const Export& x) {
                     extern_name(x.name);
                     sort_idx(x.item);
                     out_.u8(x.ascribed ? 1 : 0);
                     if (x.ascribed) extern_type(*x.ascribed);
                   },
                   [&](const Value& x) {
                     valtype(x.type);
                     out_.sized_bytes(x.bytes);
                   },
               },
               component.definitions[i].def);
  }
}

// --- instances and aliases -----------------------------------------------------------------------

void Encoder::sort(const Sort& sort) {
  out_.u8(static_cast<std::uint8_t>(sort.kind));
  if (sort.kind == SortKind::core) out_.u8(static_cast<std::uint8_t>(sort.core_sort));
}

void Encoder::sort_idx(const SortIdx& item) {
  sort(item.sort);
  out_.u32(item.idx);
}

void Encoder::core_instance(const CoreInstance& instance) {
  if (instance.module) {
    out_.u8(0);
    out_.u32(instance.module->value);
    vec(instance.args, [&](const CoreInstantiateArg& arg) {
      out_.name(arg.name);
      out_.u8(0x12);
      out_.u32(arg.instance.value);
    });
    return;
  }
  out_.u8(1);
  vec(instance.exports, [&](const CoreInlineExport& e) {
    out_.name(e.name);
    out_.u8(static_cast<std::uint8_t>(e.item.sort));
    out_.u32(e.item.idx);
  });
}

void Encoder::instance(const Instance& instance) {
  if (instance.component) {
    out_.u8(0);
    out_.u32(instance.component->value);
    vec(instance.args, [&](const InstantiateArg& arg) {
      out_.name(arg.name);
      sort_idx(arg.item);
    });
    return;
  }
  out_.u8(1);
  vec(instance.exports, [&](const InlineExport& e) {
    extern_name(e.name);
    sort_idx(e.item);
  });
}

void Encoder::alias(const Alias& alias) {
  sort(alias.sort);
  out_.u8(static_cast<std::uint8_t>(alias.target));
  out_.u32(alias.instance_or_count);
  if (alias.target == Alias::Target::outer) {
    out_.u32(alias.idx);
  } else {
    out_.name(alias.name);
  }
}

void Encoder::extern_name(const ExternName& name) {
  const std::uint8_t form = name.attributes.empty() ? name.form : 2;
  out_.u8(form);
  out_.name(name.name);
  if (form != 2) return;
  vec(name.attributes, [&](const NameAttribute& a) {
    out_.u8(static_cast<std::uint8_t>(a.kind));
    out_.name(a.value);
  });
}

void Encoder::extern_type(const ExternType& type) {
  out_.u8(static_cast<std::uint8_t>(type.kind));
  switch (type.kind) {
    case ExternKind::core_module:
      out_.u8(0x11);
      break;
    case ExternKind::value:
      out_.u8(type.value_eq ? 0 : 1);
      if (!type.value_eq) return valtype(type.value_type);
      break;
    case ExternKind::type:
      out_.u8(static_cast<std::uint8_t>(type.bound));
      if (type.bound == TypeBoundKind::sub_resource) return;
      break;
    case ExternKind::func:
    case ExternKind::component:
    case ExternKind::instance:
      break;
  }
  out_.u32(type.idx);
}

void Encoder::start(const Start& start) {
  out_.u32(start.func.value);
  vec(start.args, [&](ValueIdx arg) { out_.u32(arg.value); });
  out_.u32(start.results);
}

// --- canonical functions -------------------------------------------------------------------------

void Encoder::opts(const CanonOpts& opts) {
  vec(opts, [&](const CanonOpt& opt) {
    using enum CanonOpt::Kind;
    out_.u8(static_cast<std::uint8_t>(opt.kind));
    if (opt.kind == memory || opt.kind == realloc || opt.kind == post_return ||
        opt.kind == callback) {
      out_.u32(opt.idx);
    }
  });
}

void Encoder::canon(const Canon& canon) {
  out_.u8(static_cast<std::uint8_t>(canon.op));
  const auto flag = [&](bool b) { out_.u8(b ? 1 : 0); };
  std::visit(overloaded{
                 [](const NoImm&) {},
                 [&](const LiftImm& i) {
                   out_.u8(0);
                   out_.u32(i.func.value);
                   opts(i.opts);
                   out_.u32(i.type.value);
                 },
                 [&](const LowerImm& i) {
                   out_.u8(0);
                   out_.u32(i.func.value);
                   opts(i.opts);
                 },
                 [&](const ResourceImm& i) { out_.u32(i.type.value); },
                 [&](const TypeImm& i) { out_.u32(i.type.value); },
                 [&](const TypeOptsImm& i) {
                   out_.u32(i.type.value);
                   opts(i.opts);
                 },
                 [&](const TypeAsyncImm& i) {
                   out_.u32(i.type.value);
                   flag(i.async_);
                 },
                 [&](const AsyncImm& i) { flag(i.async_); },
                 [&](const ReservedImm&) { out_.u8(0); },
                 [&](const MemImm& i) {
                   out_.u8(0);
                   out_.u32(i.memory.value);
                 },
                 [&](const ContextImm& i) {
                   core_valtype(i.type);
                   out_.u32(i.slot);
                 },
                 [&](const TaskReturnImm& i) {
                   result_list(i.result);
                   opts(i.opts);
                 },
                 [&](const OptsImm& i) { opts(i.opts); },
                 [&](const IndirectImm& i) {
                   out_.u32(i.type.value);
                   out_.u32(i.table.value);
                 },
                 [&](const SharedTypeImm& i) {
                   flag(i.shared);
                   out_.u32(i.type.value);
                 },
                 [&](const SharedIndirectImm& i) {
                   flag(i.shared);
                   out_.u32(i.type.value);
                   out_.u32(i.table.value);
                 },
                 [&](const SharedImm& i) { flag(i.shared); },
             },
             canon.imm);
}

std::vector<std::uint8_t> encode(const Component& component) {
  Encoder encoder;
  encoder.reserve(guess_size(component));
  encoder.component(component);
  return encoder.take();
}

}  // namespace tenon::component
