// SPDX-License-Identifier: Apache-2.0
// Types are equal if their recursion groups are. A group is written as words, with indices inside
// it relative and those outside it canonical, so that equality is a hash lookup and an index
// comparison. Subtyping of defined types then follows supertypes of canonical types.
// Spec: core/valid/matching, core/valid/types "Type Equivalence"
#include "tenon/core/match.h"

#include <algorithm>

#include "tenon/core/limits.h"
#include "tenon/core/rules.h"

namespace tenon::core {

namespace {

// In the words of a group, a reference into the group is told from one to an interned type by this.
constexpr std::uint32_t rec_flag = 1U << 23U;

std::uint64_t hash_words(std::span<const std::uint32_t> words) {
  std::uint64_t h = 0x9E3779B97F4A7C15U;
  for (const std::uint32_t w : words) {
    h ^= w;
    h *= 0xD6E8FEB86659FD93U;
    h ^= h >> 32U;
  }
  return h;
}

/// Writes a group so that equal words mean equal types: indices inside count from its beginning,
/// indices outside are canonical.
class GroupWriter {
 public:
  GroupWriter(std::uint32_t begin, std::uint32_t size, const std::vector<CanonIdx>& canon)
      : begin_(begin), size_(size), canon_(&canon) {}
  /// For a type that stands alone; its indices are canonical already.
  GroupWriter() = default;

  void append(const SubType& type, std::vector<std::uint32_t>& out) const {
    const auto count = [&](std::size_t n) { out.push_back(static_cast<std::uint32_t>(n)); };
    const auto all = [&](const std::vector<ValType>& types) {
      count(types.size());
      for (const ValType t : types) out.push_back(rewrite(t, rec_flag).bits());
    };
    out.push_back((static_cast<std::uint32_t>(type.type.kind) << 1U) | (type.final_ ? 1U : 0U));
    count(type.supers.size());
    for (const TypeIdx super : type.supers) out.push_back(rewrite(super, rec_flag).value);
    all(type.type.func.params);
    all(type.type.func.results);
    count(type.type.fields.size());
    for (const FieldType& f : type.type.fields) {
      out.push_back(rewrite(f.type, rec_flag).bits());
      out.push_back(f.mutable_ ? 1U : 0U);
    }
  }
  /// The type with canonical indices, once the first of the group has got one.
  SubType canonical(const SubType& type, std::uint32_t first) const {
    SubType out = type;
    for (TypeIdx& super : out.supers) super = rewrite(super, first);
    for (ValType& t : out.type.func.params) t = rewrite(t, first);
    for (ValType& t : out.type.func.results) t = rewrite(t, first);
    for (FieldType& field : out.type.fields) field.type = rewrite(field.type, first);
    return out;
  }

 private:
  /// An index inside of the group counts from `inside`.
  TypeIdx rewrite(TypeIdx i, std::uint32_t inside) const {
    if (i.value >= begin_ && i.value - begin_ < size_) return TypeIdx(inside + (i.value - begin_));
    return canon_ == nullptr ? i : TypeIdx((*canon_)[i.value].value);
  }
  ValType rewrite(ValType t, std::uint32_t inside) const {
    if (!t.is_ref() || !t.heap().is_defined()) return t;
    return ValType::ref(rewrite(t.heap().index(), inside), t.nullable());
  }

  std::uint32_t begin_ = 0;
  std::uint32_t size_ = 0;
  const std::vector<CanonIdx>* canon_ = nullptr;
};

}  // namespace

Result<void> TypeRegistry::intern_group(std::span<const SubType> types, std::uint32_t begin,
                                        std::uint32_t size, std::vector<CanonIdx>& canon) {
  const GroupWriter writer(begin, size, canon);
  const auto group = types.subspan(begin, size);
  std::vector<std::uint32_t> words = {size};
  for (const SubType& type : group) writer.append(type, words);
  const std::uint64_t hash = hash_words(words);
  const auto [from, to] = by_hash_.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    const Group& known = groups_[it->second];
    if (known.words != words) continue;
    for (std::uint32_t i = 0; i < size; ++i) canon.push_back(CanonIdx(known.first + i));
    return {};
  }
  const auto first = static_cast<std::uint32_t>(types_.size());
  if (size >= rec_flag - first) {
    return std::unexpected(
        Error(rules::implementation_limit, Span::none(), "too many distinct types"));
  }
  // A large group must not make the vector twice its size; small ones let it grow as vectors do.
  if (types_.capacity() - types_.size() < size)
    types_.reserve(std::max<std::size_t>(types_.size() + size, types_.size() * 2));
  for (std::uint32_t i = 0; i < size; ++i) {
    Entry& entry = types_.emplace_back();
    entry.type = writer.canonical(group[i], first);
    entry.type.rec_begin = first;
    entry.type.rec_size = size;
    if (!entry.type.supers.empty()) {
      entry.super = CanonIdx(entry.type.supers[0].value);
      entry.depth = depth(entry.super) + 1;
    }
    canon.push_back(CanonIdx(first + i));
  }
  words.shrink_to_fit();
  by_hash_.emplace(hash, static_cast<std::uint32_t>(groups_.size()));
  groups_.push_back({std::move(words), first});
  return {};
}

Result<std::vector<CanonIdx>> TypeRegistry::intern(std::span<const SubType> types) {
  std::vector<CanonIdx> canon;
  canon.reserve(types.size());
  for (std::uint32_t i = 0; i < types.size();) {
    const std::uint32_t size = types[i].rec_size;
    TENON_TRY(intern_group(types, i, size, canon));
    i += size;
  }
  return canon;
}

Result<std::vector<CanonIdx>> TypeRegistry::intern(const TypeRegistry& other) {
  // Canonical indices refer backwards or into their own group, as those of a module do.
  std::vector<SubType> types;
  types.reserve(other.size());
  for (const Entry& entry : other.types_) types.push_back(entry.type);
  return intern(types);
}

Result<CanonIdx> TypeRegistry::intern_func(FuncType type) {
  SubType sub;
  sub.type.func = std::move(type);
  std::vector<std::uint32_t> words = {1};
  GroupWriter().append(sub, words);
  const std::uint64_t hash = hash_words(words);
  const auto [from, to] = by_hash_.equal_range(hash);
  for (auto it = from; it != to; ++it) {
    if (groups_[it->second].words == words) return CanonIdx(groups_[it->second].first);
  }
  const CanonIdx id(types_.size());
  if (id.value >= rec_flag - 1) {
    return std::unexpected(
        Error(rules::implementation_limit, Span::none(), "too many distinct types"));
  }
  sub.rec_begin = id.value;
  types_.push_back({std::move(sub), CanonIdx(), 0});
  by_hash_.emplace(hash, static_cast<std::uint32_t>(groups_.size()));
  groups_.push_back({std::move(words), id.value});
  return id;
}

namespace {

/// The greatest type of the hierarchy that an abstract heap type belongs to.
TypeCode top_of(TypeCode code) {
  if (code == TypeCode::func || code == TypeCode::nofunc) return TypeCode::func;
  if (code == TypeCode::extern_ || code == TypeCode::noextern) return TypeCode::extern_;
  if (code == TypeCode::exn || code == TypeCode::noexn) return TypeCode::exn;
  return TypeCode::any;
}

bool is_bottom(TypeCode code) {
  return code == TypeCode::none || code == TypeCode::nofunc || code == TypeCode::noextern ||
         code == TypeCode::noexn;
}

}  // namespace

bool matches_abstract(TypeCode a, TypeCode b) {
  if (a == b || a == TypeCode::bot) return true;
  if (b == TypeCode::bot || top_of(a) != top_of(b)) return false;
  if (is_bottom(a) || b == top_of(b)) return true;
  return b == TypeCode::eq && a != TypeCode::any;
}

bool kind_matches(CompType::Kind kind, TypeCode abstract) {
  switch (kind) {
    case CompType::Kind::func:
      return abstract == TypeCode::func;
    case CompType::Kind::struct_:
      return abstract == TypeCode::struct_ || abstract == TypeCode::eq || abstract == TypeCode::any;
    case CompType::Kind::array:
      return abstract == TypeCode::array || abstract == TypeCode::eq || abstract == TypeCode::any;
  }
  return false;
}

namespace {

/// Whether the bottom `code` lies below defined types of this kind.
bool bottom_matches(TypeCode code, CompType::Kind kind) {
  if (code == TypeCode::bot) return true;
  return kind == CompType::Kind::func ? code == TypeCode::nofunc : code == TypeCode::none;
}

}  // namespace

bool TypeRegistry::matches(HeapType a, HeapType b) const {
  if (a == b) return true;
  if (a.is_defined()) {
    const CanonIdx ca(a.index().value);
    return b.is_defined() ? matches(ca, CanonIdx(b.index().value))
                          : kind_matches(kind(ca), b.code());
  }
  if (b.is_defined()) return bottom_matches(a.code(), kind(CanonIdx(b.index().value)));
  return matches_abstract(a.code(), b.code());
}

bool TypeRegistry::matches(ValType a, ValType b) const {
  if (a == b || a.is_bot()) return true;
  return a.is_ref() && b.is_ref() && (b.nullable() || !a.nullable()) && matches(a.heap(), b.heap());
}

bool TypeMatcher::matches(HeapType a, HeapType b) const {
  if (a == b) return true;
  if (a.is_defined()) {
    if (b.is_defined()) return matches(a.index(), b.index());
    return kind_matches((*types_)[a.index()].type.kind, b.code());
  }
  if (b.is_defined()) return bottom_matches(a.code(), (*types_)[b.index()].type.kind);
  return matches_abstract(a.code(), b.code());
}

bool TypeMatcher::matches(const FieldType& a, const FieldType& b) const {
  if (a.mutable_ != b.mutable_) return false;
  return matches(a.type, b.type) && (!b.mutable_ || matches(b.type, a.type));
}

bool TypeMatcher::matches(std::span<const ValType> a, std::span<const ValType> b) const {
  return std::ranges::equal(a, b, [this](ValType x, ValType y) { return matches(x, y); });
}

bool TypeMatcher::matches(const CompType& a, const CompType& b) const {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case CompType::Kind::func:
      return matches(std::span(b.func.params), std::span(a.func.params)) &&
             matches(std::span(a.func.results), std::span(b.func.results));
    case CompType::Kind::struct_:
    case CompType::Kind::array:
      return a.fields.size() >= b.fields.size() &&
             std::equal(b.fields.begin(), b.fields.end(), a.fields.begin(),
                        [this](const FieldType& y, const FieldType& x) { return matches(x, y); });
  }
  return false;
}

bool matches(const Limits& actual, const Limits& wanted) {
  if (actual.min < wanted.min) return false;
  return !wanted.max || (actual.max && *actual.max <= *wanted.max);
}

}  // namespace tenon::core
