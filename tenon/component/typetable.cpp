// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/typetable.h"

#include <algorithm>
#include <functional>

namespace tenon::component {

bool EntityMap::add(std::string name, Entity entity) {
  if (find(name) != nullptr) return false;
  append(std::move(name), entity);
  return true;
}

void EntityMap::append(std::string name, Entity entity) {
  items_.push_back({std::move(name), entity});
  if (items_.size() == small + 1) {
    for (std::uint32_t i = 0; i < items_.size(); ++i) index_.emplace(items_[i].name, i);
  } else if (items_.size() > small) {
    index_.emplace(items_.back().name, static_cast<std::uint32_t>(items_.size() - 1));
  }
}

const Entity* EntityMap::find(std::string_view name) const {
  if (items_.size() <= small) {
    const auto it = std::ranges::find(items_, name, &Item::name);
    return it == items_.end() ? nullptr : &it->entity;
  }
  const auto it = index_.find(name);
  return it == index_.end() ? nullptr : &items_[it->second].entity;
}

bool CoreModuleTypeInfo::add_export(std::string name, const core::ExternType& type) {
  if (!export_index.emplace(name, static_cast<std::uint32_t>(exports.size())).second) return false;
  exports.emplace_back(std::move(name), type);
  return true;
}

const core::ExternType* CoreModuleTypeInfo::find(const std::string& name) const {
  const auto it = export_index.find(name);
  return it == export_index.end() ? nullptr : &exports[it->second].second;
}

Tid TypeTable::add(ValuePayload payload) {
  values_.push_back(std::move(payload));
  return push({TypeKind::value, static_cast<std::uint32_t>(values_.size() - 1)});
}
Tid TypeTable::add(FuncPayload payload) {
  funcs_.push_back(std::move(payload));
  return push({TypeKind::func, static_cast<std::uint32_t>(funcs_.size() - 1)});
}
Tid TypeTable::add(InstancePayload payload) {
  instances_.push_back(std::move(payload));
  return push({TypeKind::instance, static_cast<std::uint32_t>(instances_.size() - 1)});
}
Tid TypeTable::add(ComponentPayload payload) {
  components_.push_back(std::move(payload));
  return push({TypeKind::component, static_cast<std::uint32_t>(components_.size() - 1)});
}
Tid TypeTable::add_resource(ResourceId resource) {
  return push({TypeKind::resource, resource.value});
}
ModuleTid TypeTable::add(CoreModuleTypeInfo type) {
  modules_.push_back(std::move(type));
  return ModuleTid(modules_.size() - 1);
}

namespace {

class Hasher {
 public:
  void add(std::uint64_t v) {
    h_ ^= v + 0x9E3779B97F4A7C15ULL + (h_ << 6U) + (h_ >> 2U);
    h_ *= 0xFF51AFD7ED558CCDULL;
  }
  void add(std::string_view s) {
    add(static_cast<std::uint64_t>(std::hash<std::string_view>{}(s)));
  }
  void add(const std::optional<ValType>& t) { add(t ? std::uint64_t{t->bits()} + 1 : 0U); }
  [[nodiscard]] std::uint64_t done() const { return h_; }

 private:
  std::uint64_t h_ = 0;
};

std::uint64_t hash_of(const DefValType& def) {
  Hasher h;
  h.add(def.index());
  std::visit(overloaded{
                 [&](PrimValType p) { h.add(static_cast<std::uint64_t>(p)); },
                 [&](const Record& r) {
                   for (const LabelValType& f : r.fields) {
                     h.add(f.label);
                     h.add(f.type.bits());
                   }
                 },
                 [&](const Variant& v) {
                   for (const Case& c : v.cases) {
                     h.add(c.label);
                     h.add(c.type);
                   }
                 },
                 [&](const List& l) {
                   h.add(l.elem.bits());
                   h.add(l.length.value_or(0));
                 },
                 [&](const Tuple& t) {
                   for (const ValType e : t.types) h.add(e.bits());
                 },
                 [&](const Flags& f) {
                   for (const std::string& l : f.labels) h.add(l);
                 },
                 [&](const Enum& e) {
                   for (const std::string& l : e.labels) h.add(l);
                 },
                 [&](const Option& o) { h.add(o.type.bits()); },
                 [&](const ResultType& r) {
                   h.add(r.ok);
                   h.add(r.err);
                 },
                 [&](const Own& o) { h.add(o.resource.value); },
                 [&](const Borrow& b) { h.add(b.resource.value); },
                 [&](const Stream& s) { h.add(s.type); },
                 [&](const Future& s) { h.add(s.type); },
                 [&](const Map& m) {
                   h.add(m.key.bits());
                   h.add(m.value.bits());
                 },
             },
             def);
  return h.done();
}

std::uint64_t hash_of(const FuncType& type) {
  Hasher h;
  h.add(type.async_ ? 1U : 0U);
  for (const LabelValType& p : type.params) {
    h.add(p.label);
    h.add(p.type.bits());
  }
  h.add(type.result);
  return h.done();
}

/// Finds an equal item or adds it. O(1) expected.
template <class T>
std::uint32_t intern(std::deque<T>& items,
                     std::unordered_multimap<std::uint64_t, std::uint32_t>& index, T item) {
  const std::uint64_t hash = hash_of(item);
  const auto [from, to] = index.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    if (items[it->second] == item) return it->second;
  }
  const auto at = static_cast<std::uint32_t>(items.size());
  items.push_back(std::move(item));
  index.emplace(hash, at);
  return at;
}

std::uint32_t add_sizes(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t sum = std::uint64_t{a} + b;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, 0xFFFFFFFFU));
}

}  // namespace

ValType TypeTable::canon_of(const DefValType& def) {
  if (const auto* prim = std::get_if<PrimValType>(&def)) return *prim;
  DefValType mapped = map_parts(
      def, [&](ValType t) { return canon(t); },
      [&](TypeIdx r) { return TypeIdx(resource(Tid(r.value)).value); });
  return TypeIdx(intern(canon_values_, value_hash_, std::move(mapped)));
}

ValuePayload TypeTable::make_value(DefValType def) {
  ValuePayload out;
  out.canon = canon_of(def);
  out.layout = abi::layout_of(def, abi::Ptr::i64, [&](ValType t) {
    return t.is_prim() ? abi::layout_of_prim(t.prim(), abi::Ptr::i64) : value(tid(t)).layout;
  });
  out.has_borrow = std::holds_alternative<Borrow>(def);
  for_each_part(def, [&](ValType t) {
    if (t.is_prim()) {
      out.size = add_sizes(out.size, 1);
      return;
    }
    const ValuePayload& part = value(tid(t));
    out.size = add_sizes(out.size, part.size);
    out.depth = std::max(out.depth, part.depth + 1);
    out.has_borrow = out.has_borrow || part.has_borrow;
  });
  out.def = std::move(def);
  return out;
}

FuncPayload TypeTable::make_func(FuncType type) {
  FuncPayload out;
  FuncType mapped = type;
  const auto part = [&](ValType& t) {
    if (t.is_prim()) {
      out.size = add_sizes(out.size, 1);
    } else {
      const ValuePayload& payload = value(tid(t));
      out.size = add_sizes(out.size, payload.size);
      out.depth = std::max(out.depth, payload.depth + 1);
    }
    t = canon(t);
  };
  for (LabelValType& p : mapped.params) part(p.type);
  if (mapped.result) part(*mapped.result);
  out.canon = intern(canon_funcs_, func_hash_, std::move(mapped));
  out.type = std::move(type);
  return out;
}

TypeTable::Measure TypeTable::measure(const Entity& e) const {
  const auto of_type = [&](Tid t) -> Measure {
    switch (kind(t)) {
      case TypeKind::value:
        return {value(t).size, value(t).depth};
      case TypeKind::func:
        return {func(t).size, func(t).depth};
      case TypeKind::instance:
        return {instance(t).size, instance(t).depth};
      case TypeKind::component:
        return {component(t).size, component(t).depth};
      case TypeKind::resource:
        return {1, 1};
    }
    return {};
  };
  switch (e.kind) {
    case ExternKind::core_module: {
      const CoreModuleTypeInfo& m = module(e.module());
      return {static_cast<std::uint32_t>(
                  std::min<std::size_t>(m.imports.size() + m.exports.size() + 1, 0xFFFFFFFFU)),
              1};
    }
    case ExternKind::value:
      return e.value.is_prim() ? Measure{1, 1} : of_type(tid(e.value));
    case ExternKind::func:
    case ExternKind::type:
    case ExternKind::component:
    case ExternKind::instance:
      break;
  }
  return of_type(e.tid());
}

void TypeTable::measure(InstancePayload& payload) const {
  payload.size = 1;
  payload.depth = 1;
  for (const EntityMap::Item& item : payload.exports.items()) {
    const Measure m = measure(item.entity);
    payload.size = add_sizes(payload.size, m.size);
    payload.depth = std::max(payload.depth, m.depth + 1);
  }
}

void TypeTable::measure(ComponentPayload& payload) const {
  payload.size = 1;
  payload.depth = 1;
  for (const EntityMap* map : {&payload.imports, &payload.exports}) {
    for (const EntityMap::Item& item : map->items()) {
      const Measure m = measure(item.entity);
      payload.size = add_sizes(payload.size, m.size);
      payload.depth = std::max(payload.depth, m.depth + 1);
    }
  }
}

std::string_view noun(const DefValType& def) {
  return std::visit(
      overloaded{
          [](PrimValType p) { return to_string(p); },
          [](const Record&) -> std::string_view { return "record"; },
          [](const Variant&) -> std::string_view { return "variant"; },
          [](const List& l) -> std::string_view { return l.length ? "fixed-length list" : "list"; },
          [](const Tuple&) -> std::string_view { return "tuple"; },
          [](const Flags&) -> std::string_view { return "flags"; },
          [](const Enum&) -> std::string_view { return "enum"; },
          [](const Option&) -> std::string_view { return "option"; },
          [](const ResultType&) -> std::string_view { return "result"; },
          [](const Own&) -> std::string_view { return "own"; },
          [](const Borrow&) -> std::string_view { return "borrow"; },
          [](const Stream&) -> std::string_view { return "stream"; },
          [](const Future&) -> std::string_view { return "future"; },
          [](const Map&) -> std::string_view { return "map"; },
      },
      def);
}

std::string_view noun(ExternKind kind) {
  switch (kind) {
    case ExternKind::core_module:
      return "module";
    case ExternKind::func:
      return "func";
    case ExternKind::value:
      return "value";
    case ExternKind::type:
      return "type";
    case ExternKind::component:
      return "component";
    case ExternKind::instance:
      return "instance";
  }
  return {};
}

std::string_view noun(TypeKind kind) {
  switch (kind) {
    case TypeKind::value:
      return "defined type";
    case TypeKind::func:
      return "func";
    case TypeKind::resource:
      return "resource";
    case TypeKind::component:
      return "component";
    case TypeKind::instance:
      return "instance";
  }
  return {};
}

}  // namespace tenon::component
