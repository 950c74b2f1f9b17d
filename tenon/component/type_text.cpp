// SPDX-License-Identifier: Apache-2.0

// Types in messages. What a message shows is bounded however large the type: a hostile type must
// not become a hostile text. Two writers, for component types in WIT's spelling and for core types
// in that of the text format.
#include "tenon/component/type_text.h"

#include <fmt/format.h>

namespace tenon::component {

namespace {

constexpr std::size_t longest = 400;
constexpr int deepest = 8;

class TypeWriter {
 public:
  explicit TypeWriter(const abi::Types& types, const ComponentInfo* info = nullptr,
                      const TypeNames* names = nullptr)
      : types_(types), info_(info), names_(names) {}

  void write(ValType type, int depth) {
    if (depth > deepest || full()) {
      out_ += "…";
      return;
    }
    if (type.is_prim()) {
      out_ += to_string(type.prim());
      return;
    }
    if (names_ != nullptr) {
      const std::string_view name = names_->of(type);
      if (!name.empty() && name.size() <= longest) {
        out_ += name;
        return;
      }
    }
    write_definition(type, depth);
  }
  /// What a type is made of, whatever it is called.
  void write_definition(ValType type, int depth) {
    std::visit([&](const auto& t) { def(t, depth + 1); }, types_[type.index()]);
  }
  void func(const FuncType& type) {
    out_ += type.async_ ? "async func(" : "func(";
    each(type.params, [&](const LabelValType& p) {
      text(p.label);
      out_ += ": ";
      write(p.type, 0);
    });
    out_ += ')';
    if (!type.result) return;
    out_ += " -> ";
    write(*type.result, 0);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  [[nodiscard]] bool full() const { return out_.size() > longest; }
  /// A label, which may be as long as a file: one type may be shown for each item that has it.
  void text(std::string_view label) {
    out_ += label.substr(0, longest);
    if (label.size() > longest) out_ += "…";
  }
  /// Items with commas between them, as many as there is room for.
  template <class Items, class F>
  void each(const Items& items, F&& one) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ", ";
      first = false;
      if (full()) {
        out_ += "…";
        return;
      }
      one(item);
    }
  }

  void def(PrimValType p, int) { out_ += to_string(p); }
  void def(const Record& t, int depth) {
    out_ += "record { ";
    each(t.fields, [&](const LabelValType& field) {
      text(field.label);
      out_ += ": ";
      write(field.type, depth);
    });
    out_ += " }";
  }
  void def(const Variant& t, int depth) {
    out_ += "variant { ";
    each(t.cases, [&](const Case& c) {
      text(c.label);
      if (!c.type) return;
      out_ += '(';
      write(*c.type, depth);
      out_ += ')';
    });
    out_ += " }";
  }
  void def(const List& t, int depth) {
    out_ += "list<";
    write(t.elem, depth);
    if (t.length) out_ += fmt::format(", {}", *t.length);
    out_ += '>';
  }
  void def(const Tuple& t, int depth) {
    out_ += "tuple<";
    each(t.types, [&](ValType elem) { write(elem, depth); });
    out_ += '>';
  }
  void labels(std::string_view keyword, const std::vector<std::string>& all) {
    out_ += keyword;
    out_ += " { ";
    each(all, [&](const std::string& label) { text(label); });
    out_ += " }";
  }
  void def(const Flags& t, int) { labels("flags", t.labels); }
  void def(const Enum& t, int) { labels("enum", t.labels); }
  void one(std::string_view keyword, const std::optional<ValType>& type, int depth) {
    out_ += keyword;
    if (!type) return;
    out_ += '<';
    write(*type, depth);
    out_ += '>';
  }
  void def(const Option& t, int depth) { one("option", t.type, depth); }
  void def(const ResultType& t, int depth) {
    out_ += "result";
    if (!t.ok && !t.err) return;
    out_ += '<';
    if (t.ok) {
      write(*t.ok, depth);
    } else {
      out_ += '_';
    }
    if (t.err) {
      out_ += ", ";
      write(*t.err, depth);
    }
    out_ += '>';
  }
  /// The name by which WIT knows a resource, or an empty text.
  [[nodiscard]] std::string_view name_of(TypeIdx r) const {
    if (info_ == nullptr) return {};
    if (names_ != nullptr) {
      const std::string_view wit = names_->of(ResourceIdx(r.value));
      if (!wit.empty() && wit.size() <= longest) return wit;
    }
    const std::string& name = info_->resources[ResourceIdx(r.value)].name;
    return name.size() <= longest ? std::string_view(name) : std::string_view();
  }
  void def(const Own& t, int) {
    const std::string_view name = name_of(t.resource);
    out_ += name.empty() ? fmt::format("own<resource {}>", t.resource.value) : std::string(name);
  }
  void def(const Borrow& t, int) {
    const std::string_view name = name_of(t.resource);
    out_ += name.empty() ? fmt::format("borrow<resource {}>", t.resource.value)
                         : fmt::format("borrow<{}>", name);
  }
  void def(const Stream& t, int depth) { one("stream", t.type, depth); }
  void def(const Future& t, int depth) { one("future", t.type, depth); }
  void def(const Map& t, int depth) {
    out_ += "map<";
    write(t.key, depth);
    out_ += ", ";
    write(t.value, depth);
    out_ += '>';
  }

  const abi::Types& types_;
  const ComponentInfo* info_;
  const TypeNames* names_;
  std::string out_;
};

std::string resource_text(const ComponentInfo& info, std::uint32_t idx) {
  const std::string& name = info.resources[ResourceIdx(idx)].name;
  return name.empty() || name.size() > longest ? std::string("resource") : "resource " + name;
}

// --- core types ----------------------------------------------------------------------------------

void append_values(std::string& out, std::string_view what,
                   const std::vector<core::ValType>& types) {
  if (types.empty()) return;
  out += fmt::format(" ({}", what);
  for (const core::ValType t : types) {
    if (out.size() > longest) {
      out += " …";
      break;
    }
    out += " " + core::to_string(t);
  }
  out += ")";
}

std::string func_text(const core::TypeRegistry& types, core::TypeIdx idx) {
  const core::SubType& type = types.type(core::CanonIdx(idx.value));
  std::string out = "(func";
  append_values(out, "param", type.type.func.params);
  append_values(out, "result", type.type.func.results);
  out += ")";
  if (type.final_ && type.supers.empty()) return out;
  // A declared type is another one than the plain type of the same parameters and results.
  return fmt::format("(sub{}{} {})", type.final_ ? " final" : "",
                     type.supers.empty() ? std::string() : fmt::format(" {}", type.supers[0].value),
                     out);
}

std::string limits_text(const core::Limits& limits) {
  return limits.max ? fmt::format(" {} {}", limits.min, *limits.max)
                    : fmt::format(" {}", limits.min);
}

std::string_view address_text(core::AddrType type) {
  return type == core::AddrType::i64 ? " i64" : "";
}

}  // namespace

TypeNames::TypeNames(const ComponentInfo& info) : info_(info) {
  for (const ImportInfo& item : info.imports) add(item.name->name, item.type, types_, resources_);
  for (const ExportInfo& item : info.exports) add(item.name->name, item.type, types_, resources_);
  for (const InstanceTypeInfo& instance : info.instance_types) {
    for (const NamedExtern& item : instance.exports) add(item.name, item.type, types_, resources_);
  }
}

TypeNames::Inner TypeNames::enter(const InstanceTypeInfo& instance) {
  Inner before = std::exchange(inner_, {});
  for (const NamedExtern& item : instance.exports)
    add(item.name, item.type, inner_.types, inner_.resources);
  return before;
}

void TypeNames::add(std::string_view name, const ResolvedExtern& type, Names& types,
                    Names& resources) const {
  if (type.kind != ExternKind::type) return;
  if (const auto resource = type.resource()) {
    resources.emplace(resource->value, name);
    return;
  }
  if (type.type.kind != ResolvedType::Kind::value || type.type.value.is_prim()) return;
  // `type bytes = list<u8>` is not a name for every list of bytes.
  const auto idx = type.type.value.index();
  const DefValType& def = info_.abi_types()[idx];
  if (!std::holds_alternative<Record>(def) && !std::holds_alternative<Variant>(def) &&
      !std::holds_alternative<Enum>(def) && !std::holds_alternative<Flags>(def))
    return;
  const auto [there, fresh] = types.emplace(idx.value, name);
  if (!fresh && there->second != name) there->second = {};
}

std::string_view TypeNames::find(std::uint32_t idx, const Names& inner, const Names& all) {
  if (const auto there = inner.find(idx); there != inner.end()) return there->second;
  const auto there = all.find(idx);
  return there == all.end() ? std::string_view() : there->second;
}

std::string_view TypeNames::of(ValType type) const {
  return type.is_prim() ? std::string_view() : find(type.index().value, inner_.types, types_);
}

std::string_view TypeNames::of(ResourceIdx resource) const {
  return find(resource.value, inner_.resources, resources_);
}

std::string type_text(const TypeNames& names, const FuncType& type) {
  const abi::Types types = names.info().abi_types();
  TypeWriter writer(types, &names.info(), &names);
  writer.func(type);
  return writer.take();
}

std::string type_text(const TypeNames& names, const ResolvedExtern& type) {
  if (type.kind == ExternKind::func) return type_text(names, names.info().func_types[type.func()]);
  if (type.kind == ExternKind::type && !type.resource())
    return "type " + definition_text(names, type.type);
  return type_text(names.info(), type);
}

std::string definition_text(const TypeNames& names, const ResolvedType& type) {
  if (type.kind != ResolvedType::Kind::value || type.value.is_prim())
    return type_text(names.info(), type);
  const abi::Types types = names.info().abi_types();
  TypeWriter writer(types, &names.info(), &names);
  writer.write_definition(type.value, 0);
  return writer.take();
}

std::string type_text(const abi::Types& types, ValType type) {
  TypeWriter writer(types);
  writer.write(type, 0);
  return writer.take();
}

std::string type_text(const ComponentInfo& info, ValType type) {
  const abi::Types types = info.abi_types();
  TypeWriter writer(types, &info);
  writer.write(type, 0);
  return writer.take();
}

std::string type_text(const ComponentInfo& info, const FuncType& type) {
  const abi::Types types = info.abi_types();
  TypeWriter writer(types, &info);
  writer.func(type);
  return writer.take();
}

std::string type_text(const ComponentInfo& info, const ResolvedType& type) {
  switch (type.kind) {
    case ResolvedType::Kind::value:
      return type_text(info, type.value);
    case ResolvedType::Kind::func:
      return type_text(info, info.func_types[FuncTypeIdx(type.idx)]);
    case ResolvedType::Kind::resource:
      return resource_text(info, type.idx);
    case ResolvedType::Kind::component:
      return "component";
    case ResolvedType::Kind::instance:
      return "instance";
  }
  return {};
}

std::string type_text(const ComponentInfo& info, const ResolvedExtern& type) {
  switch (type.kind) {
    case ExternKind::core_module:
      return "core module";
    case ExternKind::func:
      return type_text(info, info.func_types[type.func()]);
    case ExternKind::value:
      return "value " + type_text(info, type.value);
    case ExternKind::type:
      return type.resource() ? type_text(info, type.type) : "type " + type_text(info, type.type);
    case ExternKind::component:
      return "component";
    case ExternKind::instance:
      return "instance";
  }
  return {};
}

std::string type_text(const core::TypeRegistry& types, const core::ExternType& type) {
  switch (type.kind) {
    case core::ExternKind::func:
      return func_text(types, type.func);
    case core::ExternKind::table:
      return fmt::format("({}table{}{} {})", type.table.shared ? "shared " : "",
                         address_text(type.table.addr), limits_text(type.table.limits),
                         core::to_string(type.table.elem));
    case core::ExternKind::mem:
      return fmt::format(
          "(memory{}{}{}{})", address_text(type.mem.addr), limits_text(type.mem.limits),
          type.mem.shared ? " shared" : "",
          type.mem.page_log2() == 16
              ? std::string()
              : fmt::format(" (pagesize {})", std::uint64_t{1} << type.mem.page_log2()));
    case core::ExternKind::global:
      return type.global.mutable_
                 ? fmt::format("(global (mut {}))", core::to_string(type.global.type))
                 : fmt::format("(global {})", core::to_string(type.global.type));
    case core::ExternKind::tag:
      return fmt::format("(tag {})", func_text(types, type.tag.type));
  }
  return {};
}

}  // namespace tenon::component
