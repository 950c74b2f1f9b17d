// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/core/validate.h"
#include "tenon/core/validate_expr.h"

namespace tenon::core {

/// The rules of modules, section by section, in the order of the binary. Spec: core/valid/modules.
class ModuleValidator {
 public:
  ModuleValidator(const Module& module, const Features& features)
      : module_(module), context_(module, features) {}

  Result<void> run(const ValidateOptions& options);

 private:
  Result<void> within_limits();
  Result<void> type_within_limits(TypeIdx i);
  Result<void> types();
  Result<void> type_indices(std::uint32_t begin, std::uint32_t size);
  Result<void> supertype(TypeIdx i);
  Result<void> imports();
  Result<void> import_type(const ExternType& type, Span span);
  Result<void> funcs();
  Result<void> tables();
  Result<void> mems();
  Result<void> tags();
  Result<void> globals();
  Result<void> exports();
  Result<void> start();
  Result<void> elems();
  Result<void> data_count();
  Result<void> elem_one(const Elem& elem);
  Result<void> datas();
  Result<void> bodies(const ValidateOptions& options);

  // Of types. `limit` is the number of types that may be named.
  Result<void> val_type(ValType type, Span span, std::uint32_t limit);
  Result<void> val_type(ValType type, Span span) {
    return val_type(type, span, static_cast<std::uint32_t>(module_.types.size()));
  }
  Result<void> func_type(TypeIdx type, Span span);
  Result<void> table_type(const TableType& type, Span span);
  Result<void> mem_type(const MemType& type, Span span);
  Result<void> tag_type(TagType type, Span span);
  Result<void> global_type(const GlobalType& type, Span span);
  static Result<void> shared(ValType type, Span span, const char* what);

  /// A constant expression of the given type that may read the first `num_globals` globals.
  Result<void> const_expr(ExprChecker& checker, ExprScratch& scratch, Expr expr, ValType type,
                          std::size_t num_globals);
  [[nodiscard]] Span section_span(SectionId id) const;
  /// Of a definition, or of its section when nobody knows better.
  [[nodiscard]] Span span_of(const std::vector<Span>& spans, std::size_t i, SectionId id) const {
    return i < spans.size() ? spans[i] : section_span(id);
  }

  const Module& module_;
  ValidationContext context_;
};

}  // namespace tenon::core
