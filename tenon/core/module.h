// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/base/index.h"
#include "tenon/core/types.h"

namespace tenon::core {

/// A constant expression or a function body's instructions: the bytes of its instructions, the
/// final `end` included, as a range of `Module::bytes`. Every room walks it with `decode_expr`.
using Expr = ByteRange;

struct Import {
  std::string_view module;
  std::string_view name;
  ExternType type;
  Span span;
};

/// Imports that the binary has as one group with a common module name: encode writes the same form
/// again as long as the imports are still there and agree. Spec: the proposal `compact-imports`.
struct ImportGroup {
  enum class Form : std::uint8_t { one_type = 0x7E, types = 0x7F };
  Form form = Form::types;
  /// Of `Module::imports`; no imports are a group too.
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::string_view module;
  /// Of the form `one_type`.
  ExternType type;
  Span span;
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::func;
  std::uint32_t index = 0;
  Span span;
};

struct Func {
  TypeIdx type;
};

struct Table {
  TableType type;
  /// Empty range: no initialiser (elements are null).
  std::optional<Expr> init;
};

struct Global {
  GlobalType type;
  Expr init;
};

/// Element segment. Spec: core/syntax/modules "Element Segments".
struct Elem {
  enum class Mode : std::uint8_t { active, passive, declarative };
  Mode mode = Mode::active;
  /// The flags that the binary had (0-7): encode writes the same form again.
  std::uint8_t flags = 0;
  TableIdx table;
  std::optional<Expr> offset;
  ValType type = funcref;
  /// One of the two, told by flag bit 2: function indices, or expressions.
  std::vector<FuncIdx> funcs;
  std::vector<Expr> exprs;
  Span span;
  [[nodiscard]] std::size_t size() const { return funcs.empty() ? exprs.size() : funcs.size(); }
};

/// Data segment. Spec: core/syntax/modules "Data Segments".
struct Data {
  enum class Mode : std::uint8_t { active, passive };
  Mode mode = Mode::active;
  std::uint8_t flags = 0;
  MemIdx mem;
  std::optional<Expr> offset;
  ByteRange bytes;
  Span span;
};

struct LocalGroup {
  std::uint32_t count = 0;
  ValType type;
};

/// A function body of the code section.
struct Code {
  /// The whole entry, its size not included: locals, then `body`.
  ByteRange entry;
  Expr body;
  std::vector<LocalGroup> locals;
};

/// Where a section stood; custom sections keep name and content.
enum class SectionId : std::uint8_t {
  custom = 0,
  type = 1,
  import_ = 2,
  func = 3,
  table = 4,
  mem = 5,
  global = 6,
  export_ = 7,
  start = 8,
  elem = 9,
  code = 10,
  data = 11,
  data_count = 12,
  tag = 13,
};

struct CustomSection {
  std::string_view name;
  ByteRange content;
  /// The known section after which it is (custom: before all), for writing it back in place.
  SectionId after = SectionId::custom;
  Span span;
};

struct SectionRange {
  SectionId id = SectionId::custom;
  ByteRange content;
};

/// Where an operator of a module in text form stood: its byte in `Module::bytes`, its word in the
/// source.
struct Place {
  std::uint32_t at = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Where definitions are, each list as long as what it belongs to, or empty when nobody knows.
struct DefinitionSpans {
  std::vector<Span> types;
  std::vector<Span> funcs;
  std::vector<Span> tables;
  std::vector<Span> mems;
  std::vector<Span> tags;
  std::vector<Span> globals;
  Span start;
};

/// A decoded module: its sections in the order of their index spaces. Names and bodies are views
/// into `bytes`, so a module moves but does not copy. Nothing here is checked beyond its binary
/// form; `Validated<Module>` is.
struct Module {
  /// The binary, or what the text parser wrote in its place (bodies, data, names).
  Blob bytes;
  std::uint32_t source = 0;
  /// Where bytes[0] is in the source: not 0 when the module lies inside a component.
  std::uint32_t base = 0;

  IndexVector<TypeIdx, SubType> types;
  /// Where `(rec)` groups without types stood: before the type of this index (kept for encoding).
  std::vector<TypeIdx> empty_recs;
  std::vector<Import> imports;
  /// In order, disjoint; an import outside of all groups stands alone.
  std::vector<ImportGroup> import_groups;
  /// Definitions only: imported items come first in each index space (`num_imported_*`).
  std::vector<Func> funcs;
  std::vector<Table> tables;
  std::vector<MemType> mems;
  std::vector<TagType> tags;
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<FuncIdx> start;
  std::vector<Elem> elems;
  std::optional<std::uint32_t> data_count;
  std::vector<Code> codes;
  std::vector<Data> datas;
  std::vector<CustomSection> customs;
  /// All sections as they stood in the binary, for reports and for strip.
  std::vector<SectionRange> sections;

  /// In order of `at`; empty for a module that was binary, whose bytes are the source.
  std::vector<Place> places;
  DefinitionSpans spans;

  std::uint32_t num_imported_funcs = 0;
  std::uint32_t num_imported_tables = 0;
  std::uint32_t num_imported_mems = 0;
  std::uint32_t num_imported_globals = 0;
  std::uint32_t num_imported_tags = 0;

  // The whole index spaces, imports first.
  std::vector<TypeIdx> func_types;
  std::vector<TableType> table_types;
  std::vector<MemType> mem_types;
  std::vector<GlobalType> global_types;
  std::vector<TagType> tag_types;

  /// The operator at an offset of `bytes`, as a place in the source. O(log n).
  [[nodiscard]] Span span_at(std::uint32_t offset) const;
  /// A range of `bytes` as a place in a binary source.
  [[nodiscard]] Span span(ByteRange range) const {
    return {source, base + range.begin, base + range.end};
  }
  [[nodiscard]] const FuncType& func_type(FuncIdx f) const {
    return types[func_types[f.value]].type.func;
  }
  [[nodiscard]] bool is_imported(FuncIdx f) const { return f.value < num_imported_funcs; }
};

/// What an export of a valid module gives; its types are of the module's index space.
[[nodiscard]] ExternType type_of(const Module& module, const Export& e);

/// The first custom section of a name, or null.
[[nodiscard]] const CustomSection* find_custom(const Module& module, std::string_view name);

/// The one who may say that a `T` is valid. The room that validates `T`s defines the
/// specialisation, with a private constructor function and its `validate` as the only friend.
template <class T>
class ValidatorKey;

/// Proof that a value passed validation: only `validate` makes one.
template <class T>
class Validated {
 public:
  Validated(Validated&&) noexcept = default;
  Validated& operator=(Validated&&) noexcept = default;
  Validated(const Validated&) = delete;
  Validated& operator=(const Validated&) = delete;
  ~Validated() = default;

  [[nodiscard]] const T& operator*() const { return value_; }
  [[nodiscard]] const T* operator->() const { return &value_; }

 private:
  friend class ValidatorKey<T>;
  explicit Validated(T value) : value_(std::move(value)) {}
  T value_;
};

}  // namespace tenon::core
