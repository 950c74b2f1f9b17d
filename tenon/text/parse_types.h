// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/core/types.h"
#include "tenon/text/cursor.h"

namespace tenon::text {

/// The types of one index space as the parser knows them: names, definitions, names of fields.
struct TypeSpace {
  /// Where each type is, and before which types an empty `(rec)` did.
  std::vector<Span> spans;
  std::vector<core::TypeIdx> empty_recs;
  NameMap names;
  IndexVector<core::TypeIdx, core::SubType> types;
  /// Names of the fields of structures, by type.
  std::unordered_map<std::uint32_t, NameMap> fields;
  /// What is in the name section: {type, field, name}.
  struct FieldName {
    core::TypeIdx type;
    std::uint32_t field = 0;
    std::string name;
  };
  std::vector<FieldName> field_names;
  /// Where else a name may be found, if anywhere: in the components around (it makes an alias).
  std::function<std::optional<core::TypeIdx>(std::string_view)> outer;

  /// The first type that is this function type alone, or a new one at the end.
  /// Spec: core/text/modules "Type Uses" (abbreviation).
  [[nodiscard]] core::TypeIdx find_or_add(core::FuncType type);
  /// Enters types not yet known to `find_or_add`.
  void index_new();

 private:
  std::unordered_multimap<std::size_t, std::uint32_t> by_shape_;
  std::uint32_t indexed_ = 0;
};

/// A parameter or local: its identifier and the text that the name section gets.
struct LocalName {
  std::uint32_t index = 0;
  std::optional<Id> id;
  std::string name;
};

/// A type use: its type, and the names that its parameters were given.
struct TypeUse {
  core::TypeIdx type;
  std::vector<LocalName> param_names;
  /// Whether parameters or results were written out.
  bool inline_type = false;
};

/// Types of the text format, over one index space. Spec: core/text/types.
class TypeParser {
 public:
  TypeParser(Cursor& cursor, TypeSpace& space) : c_(&cursor), space_(&space) {}

  [[nodiscard]] bool at_val_type();
  [[nodiscard]] bool at_ref_type();
  [[nodiscard]] Result<core::HeapType> heap_type();
  [[nodiscard]] Result<core::ValType> ref_type();
  [[nodiscard]] Result<core::ValType> val_type();
  [[nodiscard]] Result<core::StorageType> storage_type();
  [[nodiscard]] Result<core::TypeIdx> type_idx();
  [[nodiscard]] Result<std::uint32_t> field_idx(core::TypeIdx type);

  [[nodiscard]] Result<core::Limits> limits();
  [[nodiscard]] core::AddrType addr_type();
  /// The limits and all that follows; the address type was read before.
  [[nodiscard]] Result<core::TableType> table_type(core::AddrType addr);
  [[nodiscard]] Result<core::MemType> mem_type(core::AddrType addr);
  [[nodiscard]] Result<core::GlobalType> global_type();

  /// `(param …)* (result …)*`; names go to `names` when given, else identifiers are refused.
  [[nodiscard]] Result<core::FuncType> func_type(std::vector<LocalName>* names);
  /// `(type x)? (param …)* (result …)*`.
  [[nodiscard]] Result<TypeUse> type_use(bool names_allowed);
  /// The inside of `(type $id? … )` and `(rec …)`, entered at the end of the space. The names are
  /// in the space already.
  [[nodiscard]] Result<void> type_def(std::uint32_t rec_begin);
  [[nodiscard]] Result<void> rec_group();

 private:
  [[nodiscard]] std::optional<core::TypeCode> ref_word() const;
  [[nodiscard]] Result<void> comp_type(core::CompType& out, core::TypeIdx self);
  [[nodiscard]] Result<void> struct_fields(core::CompType& out, core::TypeIdx self);
  [[nodiscard]] Result<core::FieldType> field_type();
  [[nodiscard]] Result<void> params(core::FuncType& out, std::vector<LocalName>* names);

  Cursor* c_;
  TypeSpace* space_;
};

/// The text of a `(@name "…")` annotation that is before the current token, if any.
[[nodiscard]] Result<std::optional<std::string>> name_annotation(Cursor& cursor);

/// The abstract heap type of a word such as `func` or `noextern`.
[[nodiscard]] std::optional<core::TypeCode> abstract_heap_type(std::string_view word);

}  // namespace tenon::text
