// SPDX-License-Identifier: Apache-2.0
// The inverse of decode_types.cpp: the `sub` of a core type gets its prefix byte only where a
// module type, which has the same code, could be meant.
// Spec: Binary.md "Type Definitions"
#include "tenon/component/encode_impl.h"
#include "tenon/core/encode.h"

namespace tenon::component {

namespace {

/// A final type without supertypes needs no `sub`.
bool is_plain(const core::SubType& type) {
  return type.final_ && type.supers.empty();
}

/// `in_module`: as a declaration of a module type, which holds no module types.
/// Spec: Binary.md "Type Definitions" (core:deftype).
void write_rectype(Writer& out, const std::vector<core::SubType>& group, bool in_module) {
  const bool rec = group.size() != 1 || group.front().explicit_rec;
  if (rec) {
    out.u8(static_cast<std::uint8_t>(core::TypeCode::rec));
    out.u32(static_cast<std::uint32_t>(group.size()));
  } else if (!in_module && !is_plain(group.front()) && !group.front().final_) {
    // Told apart from a module type, which has the same code.
    out.u8(0);
  }
  for (const core::SubType& type : group) core::write_subtype(out, type);
}

}  // namespace

void Encoder::core_valtype(core::ValType type) {
  core::write_valtype(out_, type);
}

void Encoder::core_type(const CoreType& type) {
  if (!type.module_type) return write_rectype(out_, type.rec_group, false);
  out_.u8(0x50);
  vec(type.module_type->decls, [&](const CoreModuleDecl& decl) { core_module_decl(decl); });
}

void Encoder::core_module_decl(const CoreModuleDecl& decl) {
  std::visit(overloaded{
                 [&](const CoreImportDecl& d) {
                   out_.u8(0);
                   out_.name(d.module);
                   out_.name(d.name);
                   core::write_externtype(out_, d.type);
                 },
                 [&](const CoreType& t) {
                   out_.u8(1);
                   if (t.module_type) return core_type(t);
                   write_rectype(out_, t.rec_group, true);
                 },
                 [&](const CoreOuterAlias& a) {
                   out_.u8(2);
                   out_.u8(0x10);
                   out_.u8(0x01);
                   out_.u32(a.count);
                   out_.u32(a.idx);
                 },
                 [&](const CoreExportDecl& d) {
                   out_.u8(3);
                   out_.name(d.name);
                   core::write_externtype(out_, d.type);
                 },
             },
             decl);
}

void Encoder::valtype(ValType type) {
  if (type.is_prim()) return out_.u8(static_cast<std::uint8_t>(type.prim()));
  // A signed number of 33 bits, so that it is told from a code.
  out_.s64(type.index().value);
}

void Encoder::optional_valtype(const std::optional<ValType>& type) {
  out_.u8(type ? 1 : 0);
  if (type) valtype(*type);
}

void Encoder::label_valtypes(const std::vector<LabelValType>& items) {
  vec(items, [&](const LabelValType& item) {
    out_.name(item.label);
    valtype(item.type);
  });
}

void Encoder::result_list(const std::optional<ValType>& result) {
  if (result) {
    out_.u8(0);
    return valtype(*result);
  }
  out_.u8(1);
  out_.u8(0);
}

/// Constructors with a list of members.
bool Encoder::aggregate(const DefValType& type) {
  const auto labels = [&](std::uint8_t code, const std::vector<std::string>& list) {
    out_.u8(code);
    vec(list, [&](const std::string& label) { out_.name(label); });
  };
  if (const auto* r = std::get_if<Record>(&type)) {
    out_.u8(0x72);
    label_valtypes(r->fields);
  } else if (const auto* v = std::get_if<Variant>(&type)) {
    out_.u8(0x71);
    vec(v->cases, [&](const Case& c) {
      out_.name(c.label);
      optional_valtype(c.type);
      out_.u8(0);
    });
  } else if (const auto* t = std::get_if<Tuple>(&type)) {
    out_.u8(0x6F);
    vec(t->types, [&](ValType e) { valtype(e); });
  } else if (const auto* f = std::get_if<Flags>(&type)) {
    labels(0x6E, f->labels);
  } else if (const auto* e = std::get_if<Enum>(&type)) {
    labels(0x6D, e->labels);
  } else {
    return false;
  }
  return true;
}

void Encoder::defvaltype(const DefValType& type) {
  if (aggregate(type)) return;
  const auto handle = [&](std::uint8_t code, TypeIdx resource) {
    out_.u8(code);
    out_.u32(resource.value);
  };
  const auto maybe = [&](std::uint8_t code, const std::optional<ValType>& t) {
    out_.u8(code);
    optional_valtype(t);
  };
  const auto write = overloaded{
      [&](PrimValType prim) { out_.u8(static_cast<std::uint8_t>(prim)); },
      [&](const List& l) {
        out_.u8(l.length ? 0x67 : 0x70);
        valtype(l.elem);
        if (l.length) out_.u32(*l.length);
      },
      [&](const Option& o) {
        out_.u8(0x6B);
        valtype(o.type);
      },
      [&](const ResultType& r) {
        maybe(0x6A, r.ok);
        optional_valtype(r.err);
      },
      [&](const Own& h) { handle(0x69, h.resource); },
      [&](const Borrow& h) { handle(0x68, h.resource); },
      [&](const Stream& x) { maybe(0x66, x.type); },
      [&](const Future& x) { maybe(0x65, x.type); },
      [&](const Map& m) {
        out_.u8(0x63);
        valtype(m.key);
        valtype(m.value);
      },
      [](const auto&) {},
  };
  std::visit(write, type);
}

void Encoder::type(const Type& type) {
  std::visit(overloaded{
                 [&](const DefValType& t) { defvaltype(t); },
                 [&](const FuncType& f) {
                   out_.u8(f.async_ ? 0x43 : 0x40);
                   label_valtypes(f.params);
                   result_list(f.result);
                 },
                 [&](const ComponentType& c) {
                   out_.u8(0x41);
                   decls(c.decls);
                 },
                 [&](const InstanceType& i) {
                   out_.u8(0x42);
                   decls(i.decls);
                 },
                 [&](const ResourceType& r) {
                   out_.u8(0x3F);
                   core_valtype(r.rep);
                   out_.u8(r.dtor ? 1 : 0);
                   if (r.dtor) out_.u32(r.dtor->value);
                 },
             },
             type.def);
}

void Encoder::decls(const std::vector<Decl>& decls) {
  vec(decls, [&](const Decl& decl) {
    std::visit(overloaded{
                   [&](const CoreType& t) {
                     out_.u8(0);
                     core_type(t);
                   },
                   [&](const Type& t) {
                     out_.u8(1);
                     type(t);
                   },
                   [&](const Alias& a) {
                     out_.u8(2);
                     alias(a);
                   },
                   [&](const ImportDecl& d) {
                     out_.u8(3);
                     extern_name(d.name);
                     extern_type(d.type);
                   },
                   [&](const ExportDecl& d) {
                     out_.u8(4);
                     extern_name(d.name);
                     extern_type(d.type);
                   },
               },
               decl);
  });
}

}  // namespace tenon::component
