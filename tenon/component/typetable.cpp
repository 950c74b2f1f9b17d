// SPDX-License-Identifier: Apache-2.0
// Each type is kept as it was written, because names and visibility depend on that, and as its
// canonical form, which decides equality. Size, depth, layout and `borrow` are computed once when a
// type is added, so that limits hold for types that are small in the binary and exponentially large
// when expanded.
#include "tenon/component/typetable.h"

#include <algorithm>
#include <functional>

#include "tenon/component/extern_kind.h"

namespace tenon::component {

bool EntityMap::add(std::string_view name, Entity entity) {
  if (find(name) != nullptr) return false;
  append(name, entity);
  return true;
}

void EntityMap::append(std::string_view name, Entity entity) {
  items_.push_back({name, entity});
  if (items_.size() <= small) return;
  while (index_.size() < items_.size()) index_.add([&](std::uint32_t i) { return items_[i].name; });
}

const Entity* EntityMap::find(std::string_view name) const {
  if (items_.size() <= small) {
    const auto it = std::ranges::find(items_, name, &Item::name);
    return it == items_.end() ? nullptr : &it->entity;
  }
  const std::uint32_t at = index_.find(name, [&](std::uint32_t i) { return items_[i].name; });
  return at == NameIndex::none ? nullptr : &items_[at].entity;
}

Tid TypeTable::add(ValuePayload payload) {
  values_.push_back(std::move(payload));
  return push({TypeKind::value, static_cast<std::uint32_t>(values_.size() - 1)});
}
Tid TypeTable::add_func(const FuncType& shape, std::span<const ValType> parts) {
  const auto first = static_cast<std::uint32_t>(parts_.size());
  funcs_.push_back({canon_func_of(shape, parts), first});
  parts_.insert(parts_.end(), parts.begin(), parts.end());
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
  modules_.push_back(std::make_shared<const CoreModuleTypeInfo>(std::move(type)));
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

std::uint32_t add_sizes(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t sum = std::uint64_t{a} + b;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, 0xFFFFFFFFU));
}

}  // namespace

ValueFacts TypeTable::facts(ValType canonical) const {
  if (!canonical.is_prim()) return canon_values_[canonical.index().value].facts;
  return {abi::layout_of_prim(canonical.prim(), abi::Ptr::i64), 1, 1, false};
}

ValueFacts TypeTable::facts_of(const DefValType& canonical) const {
  ValueFacts out;
  out.layout = abi::layout_of(canonical, abi::Ptr::i64, [&](ValType t) { return facts(t).layout; });
  out.has_borrow = std::holds_alternative<Borrow>(canonical);
  for_each_part(canonical, [&](ValType t) {
    const ValueFacts part = facts(t);
    out.size = add_sizes(out.size, part.size);
    out.depth = std::max(out.depth, part.depth + 1);
    out.has_borrow = out.has_borrow || part.has_borrow;
  });
  return out;
}

/// Finds an equal type or adds it. O(1) expected.
ValType TypeTable::canon_of(const DefValType& def) {
  if (const auto* prim = std::get_if<PrimValType>(&def)) return *prim;
  DefValType mapped = map_parts(
      def, [&](ValType t) { return canon(t); },
      [&](TypeIdx r) { return TypeIdx(resource(Tid(r.value)).value); });
  const std::uint64_t hash = hash_of(mapped);
  const auto [from, to] = value_hash_.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    if (canon_values_[it->second].def == mapped) return TypeIdx(it->second);
  }
  const auto at = static_cast<std::uint32_t>(canon_values_.size());
  const ValueFacts facts = facts_of(mapped);
  canon_values_.push_back({std::move(mapped), facts});
  value_hash_.emplace(hash, at);
  return TypeIdx(at);
}

ValuePayload TypeTable::make_value(DefValType def) {
  const ValType canonical = canon_of(def);
  return {std::move(def), canonical};
}

/// The same for functions; nothing is copied when the type is known.
std::uint32_t TypeTable::canon_func_of(const FuncType& shape, std::span<const ValType> parts) {
  const std::size_t n = shape.params.size();
  Hasher h;
  h.add(shape.async_ ? 1U : 0U);
  for (std::size_t i = 0; i < n; ++i) {
    h.add(shape.params[i].label);
    h.add(canon(parts[i]).bits());
  }
  const auto result = n < parts.size() ? std::optional(canon(parts[n])) : std::nullopt;
  h.add(result);
  const auto equal = [&](const FuncType& type) {
    if (type.async_ != shape.async_ || type.params.size() != n || type.result != result)
      return false;
    for (std::size_t i = 0; i < n; ++i) {
      if (type.params[i].type != canon(parts[i]) || type.params[i].label != shape.params[i].label)
        return false;
    }
    return true;
  };
  const auto [from, to] = func_hash_.equal_range(h.done());
  for (auto it = from; it != to; ++it) {
    if (equal(canon_funcs_[it->second].type)) return it->second;
  }
  CanonFunc made;
  const auto part = [&](ValType t) {
    const ValueFacts facts = this->facts(t);
    made.size = add_sizes(made.size, facts.size);
    made.depth = std::max(made.depth, facts.depth + 1);
    return t;
  };
  made.type.async_ = shape.async_;
  made.type.params.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    made.type.params.push_back({shape.params[i].label, part(canon(parts[i]))});
  if (result) made.type.result = part(*result);
  const auto at = static_cast<std::uint32_t>(canon_funcs_.size());
  canon_funcs_.push_back(std::move(made));
  func_hash_.emplace(h.done(), at);
  return at;
}

TypeTable::Measure TypeTable::measure(const Entity& e) const {
  const auto of_type = [&](Tid t) -> Measure {
    switch (kind(t)) {
      case TypeKind::value: {
        const ValueFacts all = facts(t);
        return {all.size, all.depth};
      }
      case TypeKind::func: {
        const CanonFunc& type = canon_funcs_[func(t).canon];
        return {type.size, type.depth};
      }
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
  return kind_word(kind);
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
