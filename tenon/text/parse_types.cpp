// SPDX-License-Identifier: Apache-2.0
// A type use without an index refers to the first plain function type of that shape, or adds one at
// the end; a hash of the shape finds it. Both module and component types are read through a
// `TypeSpace`.
// Spec: core/text/types, core/text/modules "Type Uses"
#include "tenon/text/parse_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

using core::TypeCode;

struct Word {
  std::string_view text;
  TypeCode code;
};
constexpr auto heap_words = std::to_array<Word>({
    {"func", TypeCode::func},
    {"extern", TypeCode::extern_},
    {"any", TypeCode::any},
    {"eq", TypeCode::eq},
    {"i31", TypeCode::i31},
    {"struct", TypeCode::struct_},
    {"array", TypeCode::array},
    {"none", TypeCode::none},
    {"nofunc", TypeCode::nofunc},
    {"noextern", TypeCode::noextern},
    {"exn", TypeCode::exn},
    {"noexn", TypeCode::noexn},
});
constexpr auto ref_words = std::to_array<Word>({
    {"funcref", TypeCode::func},
    {"externref", TypeCode::extern_},
    {"anyref", TypeCode::any},
    {"eqref", TypeCode::eq},
    {"i31ref", TypeCode::i31},
    {"structref", TypeCode::struct_},
    {"arrayref", TypeCode::array},
    {"nullref", TypeCode::none},
    {"nullfuncref", TypeCode::nofunc},
    {"nullexternref", TypeCode::noextern},
    {"exnref", TypeCode::exn},
    {"nullexnref", TypeCode::noexn},
});
constexpr auto num_words = std::to_array<Word>({
    {"i32", TypeCode::i32},
    {"i64", TypeCode::i64},
    {"f32", TypeCode::f32},
    {"f64", TypeCode::f64},
    {"v128", TypeCode::v128},
});

template <std::size_t N>
std::optional<TypeCode> find_word(const std::array<Word, N>& words, std::string_view text) {
  const auto it = std::ranges::find(words, text, &Word::text);
  if (it == words.end()) return std::nullopt;
  return it->code;
}

std::size_t shape_hash(const core::FuncType& type) {
  std::size_t h = type.params.size() * 31 + type.results.size();
  for (const auto& t : type.params) h = h * 1'000'003 + t.bits();
  for (const auto& t : type.results) h = h * 998'244'353 + t.bits();
  return h;
}

bool is_plain_func(const core::SubType& type) {
  return type.final_ && type.supers.empty() && type.rec_size == 1 &&
         type.type.kind == core::CompType::Kind::func;
}

}  // namespace

std::optional<TypeCode> abstract_heap_type(std::string_view word) {
  return find_word(heap_words, word);
}

void TypeSpace::index_new() {
  for (; indexed_ < types.size(); ++indexed_) {
    const auto& type = types[core::TypeIdx(indexed_)];
    if (is_plain_func(type)) by_shape_.emplace(shape_hash(type.type.func), indexed_);
  }
}

core::TypeIdx TypeSpace::find_or_add(core::FuncType type) {
  index_new();
  const auto [begin, end] = by_shape_.equal_range(shape_hash(type));
  std::optional<std::uint32_t> first;
  for (auto it = begin; it != end; ++it) {
    if (types[core::TypeIdx(it->second)].type.func == type && (!first || it->second < *first))
      first = it->second;
  }
  if (first) return core::TypeIdx(*first);
  core::SubType added;
  added.type.func = std::move(type);
  added.rec_begin = static_cast<std::uint32_t>(types.size());
  return types.push_back(std::move(added));
}

Result<std::optional<std::string>> name_annotation(Cursor& cursor) {
  if (!cursor.has_annotations()) return std::nullopt;
  const auto found = cursor.take_annotation(Annotation::Kind::name);
  if (!found) return std::nullopt;
  Cursor inside = cursor.inside(*found);
  std::string text = TENON_TRY(inside.name());
  if (!inside.at(TokenKind::rparen)) {
    return std::unexpected(
        Error(rules::annotation_form, inside.span(), "`(@name …)` takes one string"));
  }
  return text;
}

/// The abstract heap type of a word such as `funcref`, when it is here.
std::optional<TypeCode> TypeParser::ref_word() const {
  if (!c_->at(TokenKind::keyword)) return std::nullopt;
  if (c_->reads_legacy() && c_->at_keyword("anyfunc")) return TypeCode::func;
  return find_word(ref_words, c_->text());
}

bool TypeParser::at_ref_type() {
  if (c_->at(TokenKind::keyword)) return ref_word().has_value();
  return c_->at_open("ref");
}

bool TypeParser::at_val_type() {
  if (c_->at(TokenKind::keyword) && find_word(num_words, c_->text())) return true;
  return at_ref_type();
}

Result<core::TypeIdx> TypeParser::type_idx() {
  if (c_->at_id()) {
    const Token token = c_->peek();
    const std::string_view name = c_->id_name(token);
    auto found = space_->names.find(name);
    if (!found && space_->outer) {
      if (const auto outer = space_->outer(name)) found = outer->value;
    }
    if (!found) {
      return std::unexpected(
          Error(rules::unknown_name, c_->span(token), fmt::format("unknown type `${}`", name)));
    }
    c_->take();
    return core::TypeIdx(*found);
  }
  const std::uint32_t index = TENON_TRY(c_->u32("a type's index or identifier"));
  return core::TypeIdx(index);
}

Result<std::uint32_t> TypeParser::field_idx(core::TypeIdx type) {
  if (!c_->at_id()) return c_->u32("a field's index or identifier");
  const Token token = c_->peek();
  const std::string_view name = c_->id_name(token);
  const auto it = space_->fields.find(type.value);
  const auto found = it == space_->fields.end() ? std::nullopt : it->second.find(name);
  if (!found) {
    return std::unexpected(Error(rules::unknown_name, c_->span(token),
                                 fmt::format("unknown field `${}` of type {}", name, type.value)));
  }
  c_->take();
  return *found;
}

Result<core::HeapType> TypeParser::heap_type() {
  if (c_->at(TokenKind::keyword)) {
    if (const auto code = find_word(heap_words, c_->text())) {
      c_->take();
      return core::HeapType(*code);
    }
  }
  if (!c_->at_id() && !c_->at(TokenKind::number))
    return std::unexpected(c_->unexpected("a heap type"));
  const core::TypeIdx index = TENON_TRY(type_idx());
  // No module has as many types as a heap type has room for: validation refuses the last one
  // likewise.
  return core::HeapType(core::TypeIdx(std::min(index.value, (1U << 24U) - 1)));
}

Result<core::ValType> TypeParser::ref_type() {
  if (const auto code = ref_word()) {
    c_->take();
    return core::ValType::ref(*code, true);
  }
  if (!c_->eat_open("ref")) return std::unexpected(c_->unexpected("a reference type"));
  const bool nullable = c_->eat_keyword("null");
  const core::HeapType heap = TENON_TRY(heap_type());
  TENON_TRY(c_->expect_close());
  return core::ValType::ref(heap, nullable);
}

Result<core::ValType> TypeParser::val_type() {
  if (c_->at(TokenKind::keyword)) {
    if (const auto code = find_word(num_words, c_->text())) {
      c_->take();
      return core::ValType(*code);
    }
  }
  if (!at_ref_type()) return std::unexpected(c_->unexpected("a value type"));
  return ref_type();
}

Result<core::StorageType> TypeParser::storage_type() {
  if (c_->eat_keyword("i8")) return core::ValType(TypeCode::i8);
  if (c_->eat_keyword("i16")) return core::ValType(TypeCode::i16);
  return val_type();
}

core::AddrType TypeParser::addr_type() {
  if (c_->eat_keyword("i64")) return core::AddrType::i64;
  c_->eat_keyword("i32");
  return core::AddrType::i32;
}

Result<core::Limits> TypeParser::limits() {
  core::Limits out;
  out.min = TENON_TRY(c_->u64("a minimum size"));
  if (c_->at(TokenKind::number)) out.max = TENON_TRY(c_->u64("a maximum size"));
  return out;
}

Result<core::TableType> TypeParser::table_type(core::AddrType addr) {
  core::TableType out;
  out.addr = addr;
  out.shared = c_->eat_keyword("shared");
  if (out.shared && addr == core::AddrType::i32) out.addr = addr_type();
  out.limits = TENON_TRY(limits());
  // Older text has the word behind the size, as memories have.
  if (!out.shared) out.shared = c_->eat_keyword("shared");
  out.elem = TENON_TRY(ref_type());
  return out;
}

Result<core::MemType> TypeParser::mem_type(core::AddrType addr) {
  core::MemType out;
  out.addr = addr;
  out.limits = TENON_TRY(limits());
  out.shared = c_->eat_keyword("shared");
  if (c_->eat_open("pagesize")) {
    const Span at = c_->span();
    const std::uint64_t size = TENON_TRY(c_->u64("a page size"));
    if (size == 0 || (size & (size - 1)) != 0) {
      return std::unexpected(Error(
          rules::alignment, at, fmt::format("a page size must be a power of two, not {}", size)));
    }
    out.page_size_log2 = static_cast<std::uint32_t>(std::countr_zero(size));
    TENON_TRY(c_->expect_close());
  }
  return out;
}

Result<core::GlobalType> TypeParser::global_type() {
  core::GlobalType out;
  if (c_->at_open("mut") || c_->at_open("shared")) {
    c_->take();
    out.shared = c_->eat_keyword("shared");
    out.mutable_ = c_->eat_keyword("mut");
    out.type = TENON_TRY(val_type());
    TENON_TRY(c_->expect_close());
  } else {
    out.type = TENON_TRY(val_type());
  }
  return out;
}

Result<void> TypeParser::params(core::FuncType& out, std::vector<LocalName>* names) {
  while (c_->eat_open("param")) {
    const auto index = static_cast<std::uint32_t>(out.params.size());
    const Span at = c_->span();
    const auto id = c_->eat_id();
    auto annotated = TENON_TRY(name_annotation(*c_));
    if (id && names == nullptr) {
      return std::unexpected(
          Error(rules::unexpected_token, at, "a parameter has no identifier here"));
    }
    if (id || annotated) {
      const core::ValType type = TENON_TRY(val_type());
      out.params.push_back(type);
      if (names != nullptr) {
        names->push_back({index, id, annotated ? std::move(*annotated) : std::string(id->name)});
      }
    } else {
      while (!c_->at(TokenKind::rparen)) {
        const core::ValType type = TENON_TRY(val_type());
        out.params.push_back(type);
      }
    }
    TENON_TRY(c_->expect_close());
  }
  return {};
}

Result<core::FuncType> TypeParser::func_type(std::vector<LocalName>* names) {
  core::FuncType out;
  TENON_TRY(params(out, names));
  while (c_->eat_open("result")) {
    while (!c_->at(TokenKind::rparen)) {
      const core::ValType type = TENON_TRY(val_type());
      out.results.push_back(type);
    }
    TENON_TRY(c_->expect_close());
  }
  if (c_->at_open("param")) return std::unexpected(c_->unexpected("parameters before results"));
  return out;
}

Result<TypeUse> TypeParser::type_use(bool names_allowed) {
  TypeUse out;
  const std::uint32_t begin = c_->peek().begin;
  std::optional<core::TypeIdx> named;
  if (c_->eat_open("type")) {
    named = TENON_TRY(type_idx());
    TENON_TRY(c_->expect_close());
  }
  out.inline_type = c_->at_open("param") || c_->at_open("result");
  if (!out.inline_type && named) {
    out.type = *named;
    return out;
  }
  core::FuncType written = TENON_TRY(func_type(names_allowed ? &out.param_names : nullptr));
  if (!named) {
    out.type = space_->find_or_add(std::move(written));
    return out;
  }
  out.type = *named;
  if (!space_->types.contains(*named)) {
    return std::unexpected(Error(rules::unknown_type, c_->span_from(begin),
                                 fmt::format("unknown type {}", named->value)));
  }
  const core::CompType& type = space_->types[*named].type;
  const bool empty = written.params.empty() && written.results.empty();
  if (type.kind != core::CompType::Kind::func || (!empty && !(type.func == written))) {
    return std::unexpected(Error(rules::inline_function_type, c_->span_from(begin)));
  }
  return out;
}

Result<core::FieldType> TypeParser::field_type() {
  core::FieldType out;
  if (c_->eat_open("mut")) {
    out.mutable_ = true;
    out.type = TENON_TRY(storage_type());
    TENON_TRY(c_->expect_close());
  } else {
    out.type = TENON_TRY(storage_type());
  }
  return out;
}

Result<void> TypeParser::struct_fields(core::CompType& out, core::TypeIdx self) {
  while (c_->eat_open("field")) {
    const auto index = static_cast<std::uint32_t>(out.fields.size());
    const auto id = c_->eat_id();
    auto annotated = TENON_TRY(name_annotation(*c_));
    if (id || annotated) {
      if (id && !space_->fields[self.value].insert(id->name, index)) {
        return std::unexpected(
            Error(rules::duplicate_field, id->span, fmt::format("`${}`", id->name)));
      }
      space_->field_names.push_back(
          {self, index, annotated ? std::move(*annotated) : std::string(id->name)});
      const core::FieldType field = TENON_TRY(field_type());
      out.fields.push_back(field);
    } else {
      while (!c_->at(TokenKind::rparen)) {
        const core::FieldType field = TENON_TRY(field_type());
        out.fields.push_back(field);
      }
    }
    TENON_TRY(c_->expect_close());
  }
  return {};
}

Result<void> TypeParser::comp_type(core::CompType& out, core::TypeIdx self) {
  if (c_->eat_open("func")) {
    out.kind = core::CompType::Kind::func;
    // Identifiers of parameters mean nothing here, but must differ.
    std::vector<LocalName> names;
    out.func = TENON_TRY(func_type(&names));
  } else if (c_->eat_open("struct")) {
    out.kind = core::CompType::Kind::struct_;
    TENON_TRY(struct_fields(out, self));
  } else if (c_->eat_open("array")) {
    out.kind = core::CompType::Kind::array;
    const core::FieldType field = TENON_TRY(field_type());
    out.fields.push_back(field);
  } else {
    return std::unexpected(c_->unexpected("`(func`, `(struct` or `(array`"));
  }
  return c_->expect_close();
}

Result<void> TypeParser::type_def(std::uint32_t rec_begin) {
  core::SubType out;
  const std::uint32_t begin = c_->peek().begin;
  out.rec_begin = rec_begin;
  const core::TypeIdx self = space_->types.next();
  if (c_->eat_open("sub")) {
    out.final_ = c_->eat_keyword("final");
    while (c_->at_id() || c_->at(TokenKind::number)) {
      const core::TypeIdx super = TENON_TRY(type_idx());
      out.supers.push_back(super);
    }
    TENON_TRY(comp_type(out.type, self));
    TENON_TRY(c_->expect_close());
  } else {
    TENON_TRY(comp_type(out.type, self));
  }
  TENON_TRY(c_->expect_close());
  space_->types.push_back(std::move(out));
  space_->spans.resize(space_->types.size(), c_->span_from(begin));
  return {};
}

Result<void> TypeParser::rec_group() {
  const auto begin = static_cast<std::uint32_t>(space_->types.size());
  while (c_->eat_open("type")) {
    c_->eat_id();
    TENON_TRY(name_annotation(*c_));
    TENON_TRY(type_def(begin));
  }
  TENON_TRY(c_->expect_close("`(type` or `)`"));
  const auto size = static_cast<std::uint32_t>(space_->types.size()) - begin;
  if (size == 0) space_->empty_recs.push_back(core::TypeIdx(begin));
  for (std::uint32_t i = 0; i < size; ++i) {
    auto& type = space_->types[core::TypeIdx(begin + i)];
    type.rec_size = size;
    type.explicit_rec = true;
  }
  return {};
}

}  // namespace tenon::text
