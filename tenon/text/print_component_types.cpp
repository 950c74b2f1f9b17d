// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/component_printer.h"
#include "tenon/text/print_expr.h"

// Spec: Explainer.md "Type Definitions", "Canonical Definitions".
namespace tenon::text {

using component::CanonOpt;
using component::CoreSort;
using component::SortKind;
using component::ValType;

// ---- Value types ----

void ComponentPrinter::val_type(ValType type) {
  if (type.is_prim()) {
    out_.put(component::to_string(type.prim()));
  } else {
    index(sort(SortKind::type), type.index().value);
  }
}

void ComponentPrinter::optional_type(std::string_view word, const std::optional<ValType>& type) {
  out_.put('(');
  out_.put(word);
  if (type) {
    out_.put(' ');
    val_type(*type);
  }
  out_.put(')');
}

void ComponentPrinter::labels(std::string_view word, const std::vector<std::string>& all) {
  out_.put(word);
  for (const std::string& label : all) {
    out_.put(' ');
    out_.name_literal(label);
  }
  out_.put(')');
}

/// `(word "label" type?)`
void ComponentPrinter::labelled(std::string_view word, const std::string& label,
                                const std::optional<ValType>& type) {
  out_.put(word);
  out_.name_literal(label);
  if (type) {
    out_.put(' ');
    val_type(*type);
  }
  out_.put(')');
}

/// `(word type*)`
void ComponentPrinter::types(std::string_view word, std::span<const ValType> all) {
  out_.put(word);
  for (const ValType type : all) {
    out_.put(' ');
    val_type(type);
  }
}

void ComponentPrinter::handle(std::string_view word, component::TypeIdx resource) {
  out_.put(word);
  index(sort(SortKind::type), resource.value);
  out_.put(')');
}

void ComponentPrinter::result_type(const component::ResultType& result) {
  out_.put("(result");
  if (result.ok) {
    out_.put(' ');
    val_type(*result.ok);
  }
  if (result.err) {
    out_.put(" (error ");
    val_type(*result.err);
    out_.put(')');
  }
  out_.put(')');
}

void ComponentPrinter::def_val_type(const component::DefValType& type) {
  const auto close = [&] { out_.put(')'); };
  std::visit(overloaded{
                 [&](component::PrimValType prim) { out_.put(component::to_string(prim)); },
                 [&](const component::Record& record) {
                   out_.put("(record");
                   for (const auto& field : record.fields)
                     labelled(" (field ", field.label, field.type);
                   close();
                 },
                 [&](const component::Variant& variant) {
                   out_.put("(variant");
                   for (const auto& c : variant.cases) labelled(" (case ", c.label, c.type);
                   close();
                 },
                 [&](const component::List& list) {
                   types("(list", {&list.elem, 1});
                   if (list.length) {
                     out_.put(' ');
                     out_.number(*list.length);
                   }
                   close();
                 },
                 [&](const component::Tuple& tuple) {
                   types("(tuple", tuple.types);
                   close();
                 },
                 [&](const component::Flags& flags) { labels("(flags", flags.labels); },
                 [&](const component::Enum& e) { labels("(enum", e.labels); },
                 [&](const component::Option& option) {
                   types("(option", {&option.type, 1});
                   close();
                 },
                 [&](const component::ResultType& result) { result_type(result); },
                 [&](const component::Own& own) { handle("(own ", own.resource); },
                 [&](const component::Borrow& borrow) { handle("(borrow ", borrow.resource); },
                 [&](const component::Stream& stream) { optional_type("stream", stream.type); },
                 [&](const component::Future& future) { optional_type("future", future.type); },
                 [&](const component::Map& map) {
                   types("(map", {&map.key, 1});
                   types("", {&map.value, 1});
                   close();
                 },
             },
             type);
}

// ---- Type definitions ----

void ComponentPrinter::func_type(const component::FuncType& type) {
  out_.put(type.async_ ? "(func async" : "(func");
  for (const auto& param : type.params) {
    out_.put(" (param ");
    out_.name_literal(param.label);
    out_.put(' ');
    val_type(param.type);
    out_.put(')');
  }
  if (type.result) {
    out_.put(" (result ");
    val_type(*type.result);
    out_.put(')');
  }
  out_.put(')');
}

void ComponentPrinter::def_type(const component::Type& type) {
  std::visit(overloaded{
                 [&](const component::DefValType& t) { def_val_type(t); },
                 [&](const component::FuncType& t) { func_type(t); },
                 [&](const component::ComponentType& t) { decls("component", t.decls); },
                 [&](const component::InstanceType& t) { decls("instance", t.decls); },
                 [&](const component::ResourceType& t) {
                   out_.put("(resource (rep ");
                   out_.put(core::to_string(t.rep));
                   out_.put(')');
                   if (t.dtor) {
                     out_.put(" (dtor (core func ");
                     index(sort(CoreSort::func), t.dtor->value);
                     out_.put("))");
                   }
                   out_.put(')');
                 },
             },
             type.def);
}

void ComponentPrinter::decls(std::string_view word, const std::vector<component::Decl>& all) {
  out_.put('(');
  out_.put(word);
  if (all.empty()) {
    out_.put(')');
    return;
  }
  levels_.emplace_back();
  out_.indent();
  for (const component::Decl& decl : all) {
    std::visit(overloaded{
                   [&](const component::CoreType& t) { definition(t); },
                   [&](const component::Type& t) { definition(t); },
                   [&](const component::Alias& a) { definition(a); },
                   [&](const component::ImportDecl& d) {
                     open("import ");
                     extern_name(d.name);
                     out_.put(' ');
                     extern_type(d.type, true);
                     out_.put(')');
                   },
                   [&](const component::ExportDecl& d) {
                     open("export ");
                     extern_name(d.name);
                     out_.put(' ');
                     extern_type(d.type, true);
                     out_.put(')');
                   },
               },
               decl);
  }
  out_.dedent();
  out_.line();
  out_.put(')');
  levels_.pop_back();
}

// ---- Core types ----

namespace {

/// What the printer of core types needs: the identifiers of the core types in force, and nothing
/// else.
struct CoreTypePrinter {
  core::Module module;
  ModuleIds ids;
  ExprPrinter print;
  CoreTypePrinter(const Ids& types, TextWriter& out) : print(module, ids, out) {
    ids.types = types;
  }
};

}  // namespace

void ComponentPrinter::core_sub_type(const core::SubType& type) {
  CoreTypePrinter types(levels_.back().ids[space_of(sort(CoreSort::type))], out_);
  const bool sub = !type.final_ || !type.supers.empty();
  if (sub) {
    out_.put(type.final_ ? "(sub final" : "(sub");
    for (const core::TypeIdx super : type.supers) {
      out_.put(' ');
      types.print.index(types.ids.types, super.value);
    }
    out_.put(' ');
  }
  switch (type.type.kind) {
    case core::CompType::Kind::func:
      out_.put("(func");
      types.print.params_and_results(type.type.func);
      break;
    case core::CompType::Kind::struct_:
    case core::CompType::Kind::array: {
      const bool array = type.type.kind == core::CompType::Kind::array;
      out_.put(array ? "(array" : "(struct");
      for (const core::FieldType& field : type.type.fields) {
        out_.put(array ? " " : " (field ");
        if (field.mutable_) out_.put("(mut ");
        types.print.val_type(field.type);
        if (field.mutable_) out_.put(')');
        if (!array) out_.put(')');
      }
      break;
    }
  }
  out_.put(sub ? "))" : ")");
}

void ComponentPrinter::core_extern_type(const core::ExternType& type) {
  CoreTypePrinter types(levels_.back().ids[space_of(sort(CoreSort::type))], out_);
  const auto use = [&](core::TypeIdx t) {
    out_.put(" (type ");
    types.print.index(types.ids.types, t.value);
    out_.put(')');
  };
  switch (type.kind) {
    case core::ExternKind::func:
      out_.put("(func");
      use(type.func);
      break;
    case core::ExternKind::table:
      out_.put("(table");
      types.print.table_type(type.table);
      break;
    case core::ExternKind::mem:
      out_.put("(memory");
      types.print.mem_type(type.mem);
      break;
    case core::ExternKind::global:
      out_.put("(global");
      types.print.global_type(type.global);
      break;
    case core::ExternKind::tag:
      out_.put("(tag");
      use(type.tag.type);
      break;
  }
  out_.put(')');
}

void ComponentPrinter::module_type(const component::CoreModuleType& type) {
  out_.put("(module");
  levels_.emplace_back();
  out_.indent();
  for (const component::CoreModuleDecl& decl : type.decls) {
    std::visit(overloaded{
                   [&](const component::CoreImportDecl& d) {
                     open("import ");
                     out_.name_literal(d.module);
                     out_.put(' ');
                     out_.name_literal(d.name);
                     out_.put(' ');
                     core_extern_type(d.type);
                     out_.put(')');
                   },
                   [&](const component::CoreType& t) { core_types("", t); },
                   [&](const component::CoreOuterAlias& a) {
                     open("alias outer ");
                     out_.number(a.count);
                     out_.put(' ');
                     out_.number(a.idx);
                     out_.put(" (type");
                     bind(sort(CoreSort::type));
                     out_.put("))");
                   },
                   [&](const component::CoreExportDecl& d) {
                     open("export ");
                     out_.name_literal(d.name);
                     out_.put(' ');
                     core_extern_type(d.type);
                     out_.put(')');
                   },
               },
               decl);
  }
  out_.dedent();
  if (!type.decls.empty()) out_.line();
  out_.put(')');
  levels_.pop_back();
}

/// `word` is `core ` outside of module types.
void ComponentPrinter::core_types(std::string_view word, const component::CoreType& type) {
  const auto one = [&](const core::SubType& t, std::string_view prefix) {
    out_.line();
    out_.put('(');
    out_.put(prefix);
    out_.put("type");
    bind(sort(CoreSort::type));
    out_.put(' ');
    core_sub_type(t);
    out_.put(')');
  };
  if (type.module_type) {
    out_.line();
    out_.put('(');
    out_.put(word);
    out_.put("type");
    out_.put(binding(sort(CoreSort::type)));
    out_.put(' ');
    module_type(*type.module_type);
    out_.put(')');
    return;
  }
  if (type.rec_group.size() == 1 && !type.rec_group.front().explicit_rec) {
    one(type.rec_group.front(), word);
    return;
  }
  out_.line();
  out_.put('(');
  out_.put(word);
  out_.put("rec");
  out_.indent();
  for (const core::SubType& t : type.rec_group) one(t, {});
  out_.dedent();
  out_.line();
  out_.put(')');
}

void ComponentPrinter::definition(const component::CoreType& type) {
  core_types("core ", type);
}

// ---- Canonical functions ----

void ComponentPrinter::canon_opts(const component::CanonOpts& opts) {
  const auto item = [&](std::string_view word, CoreSort core, std::uint32_t i) {
    out_.put(word);
    index(sort(core), i);
    out_.put(')');
  };
  for (const CanonOpt& opt : opts) {
    switch (opt.kind) {
      case CanonOpt::Kind::utf8:
        out_.put(" string-encoding=utf8");
        break;
      case CanonOpt::Kind::utf16:
        out_.put(" string-encoding=utf16");
        break;
      case CanonOpt::Kind::latin1_utf16:
        out_.put(" string-encoding=latin1+utf16");
        break;
      case CanonOpt::Kind::memory:
        item(" (memory ", CoreSort::memory, opt.idx);
        break;
      case CanonOpt::Kind::realloc:
        item(" (realloc ", CoreSort::func, opt.idx);
        break;
      case CanonOpt::Kind::post_return:
        item(" (post-return ", CoreSort::func, opt.idx);
        break;
      case CanonOpt::Kind::async:
        out_.put(" async");
        break;
      case CanonOpt::Kind::callback:
        item(" (callback ", CoreSort::func, opt.idx);
        break;
    }
  }
}

void ComponentPrinter::canon_imm(const component::CanonImm& imm) {
  const auto type = [&](component::TypeIdx t) {
    out_.put(' ');
    index(sort(SortKind::type), t.value);
  };
  const auto core_item = [&](CoreSort core, std::uint32_t i) {
    out_.put(' ');
    index(sort(core), i);
  };
  const auto flag = [&](bool on, std::string_view word) {
    if (on) out_.put(word);
  };
  std::visit(overloaded{
                 [](const component::NoImm&) {},
                 [&](const component::LiftImm& i) {
                   out_.put(" (core func ");
                   index(sort(CoreSort::func), i.func.value);
                   out_.put(')');
                   canon_opts(i.opts);
                 },
                 [&](const component::LowerImm& i) {
                   out_.put(" (func ");
                   index(sort(SortKind::func), i.func.value);
                   out_.put(')');
                   canon_opts(i.opts);
                 },
                 [&](const component::ResourceImm& i) { type(i.type); },
                 [&](const component::TypeImm& i) { type(i.type); },
                 [&](const component::TypeOptsImm& i) {
                   type(i.type);
                   canon_opts(i.opts);
                 },
                 [&](const component::TypeAsyncImm& i) {
                   type(i.type);
                   flag(i.async_, " async");
                 },
                 [&](const component::AsyncImm& i) { flag(i.async_, " async"); },
                 [](const component::ReservedImm&) {},
                 [&](const component::MemImm& i) {
                   out_.put(" (memory");
                   core_item(CoreSort::memory, i.memory.value);
                   out_.put(')');
                 },
                 [&](const component::ContextImm& i) {
                   out_.put(' ');
                   out_.put(core::to_string(i.type));
                   out_.put(' ');
                   out_.number(i.slot);
                 },
                 [&](const component::TaskReturnImm& i) {
                   if (i.result) {
                     out_.put(" (result ");
                     val_type(*i.result);
                     out_.put(')');
                   }
                   canon_opts(i.opts);
                 },
                 [&](const component::OptsImm& i) { canon_opts(i.opts); },
                 [&](const component::IndirectImm& i) {
                   core_item(CoreSort::type, i.type.value);
                   core_item(CoreSort::table, i.table.value);
                 },
                 [&](const component::SharedTypeImm& i) {
                   flag(i.shared, " shared");
                   core_item(CoreSort::type, i.type.value);
                 },
                 [&](const component::SharedIndirectImm& i) {
                   flag(i.shared, " shared");
                   core_item(CoreSort::type, i.type.value);
                   core_item(CoreSort::table, i.table.value);
                 },
                 [&](const component::SharedImm& i) { flag(i.shared, " shared"); },
             },
             imm);
}

namespace {

std::string_view canon_text(component::CanonOp op) {
  switch (op) {
    case component::CanonOp::lift:
      return "lift";
    case component::CanonOp::lower:
      return "lower";
#define TENON_CANON(name, text, opcode, Imm, gate) \
  case component::CanonOp::name:                   \
    return text;
#include "tenon/component/canon.def"
#undef TENON_CANON
  }
  return {};
}

}  // namespace

void ComponentPrinter::definition(const component::Canon& canon) {
  const bool lift = canon.op == component::CanonOp::lift;
  open(lift ? "func" : "core func");
  bind(lift ? sort(SortKind::func) : sort(CoreSort::func));
  if (lift) {
    out_.put(" (type ");
    index(sort(SortKind::type), std::get<component::LiftImm>(canon.imm).type.value);
    out_.put(')');
  }
  out_.put(" (canon ");
  out_.put(canon_text(canon.op));
  canon_imm(canon.imm);
  out_.put("))");
}

}  // namespace tenon::text
