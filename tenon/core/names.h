// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/core/module.h"

// The custom sections that tenon understands. What is read is views into `Module::bytes`. A
// malformed custom section does not make a module malformed: who reads one may ignore its error.

namespace tenon::core {

struct NameAssoc {
  std::uint32_t index = 0;
  std::string_view name;
};
/// In order of increasing index, each at most once.
using NameMap = std::vector<NameAssoc>;

struct IndirectNameAssoc {
  std::uint32_t index = 0;
  NameMap names;
};
using IndirectNameMap = std::vector<IndirectNameAssoc>;

/// The name of an index, or nothing. O(log n).
[[nodiscard]] std::optional<std::string_view> find_name(const NameMap& map, std::uint32_t index);
[[nodiscard]] std::optional<std::string_view> find_name(const IndirectNameMap& map,
                                                        std::uint32_t outer, std::uint32_t index);

/// The `name` section. Spec: core/appendix/custom "Name Section"; the subsections 3 and 5 to 9 are
/// those of the proposal `extended-name-section`.
struct Names {
  std::optional<std::string_view> module;
  NameMap funcs;
  IndirectNameMap locals;
  IndirectNameMap labels;
  NameMap types;
  NameMap tables;
  NameMap mems;
  NameMap globals;
  NameMap elems;
  NameMap datas;
  IndirectNameMap fields;
  NameMap tags;
};

/// Reads the content of a `name` section. Subsections of unknown id are skipped.
[[nodiscard]] Result<Names> read_names(const Module& module, const CustomSection& section);
/// The names of a module as far as they can be read: none without a section, none from a malformed
/// one.
[[nodiscard]] Names names_of(const Module& module);
/// The content of a `name` section; empty maps are left out.
void write_names(Writer& out, const Names& names);

/// The `producers` section: what made the module. Spec: tool-conventions "ProducersSection".
struct Producers {
  struct Value {
    std::string_view name;
    std::string_view version;
  };
  /// "language", "processed-by", "sdk".
  struct Field {
    std::string_view name;
    std::vector<Value> values;
  };
  std::vector<Field> fields;
  /// Notes a producer, in place of an entry of the same name.
  void set(std::string_view field, std::string_view name, std::string_view version);
};
[[nodiscard]] Result<Producers> read_producers(const Module& module, const CustomSection& section);
/// The same for the section's content alone, as a component has it too.
[[nodiscard]] Result<Producers> read_producers(Reader& in);
void write_producers(Writer& out, const Producers& producers);

/// The section `metadata.code.branch_hint`. Spec: the proposal `branch-hinting`.
struct BranchHint {
  /// Of the branch, from the beginning of the function's entry (its locals).
  std::uint32_t offset = 0;
  bool likely = false;
};
struct FuncBranchHints {
  FuncIdx func;
  std::vector<BranchHint> hints;
};
inline constexpr std::string_view branch_hint_section = "metadata.code.branch_hint";
[[nodiscard]] Result<std::vector<FuncBranchHints>> read_branch_hints(const Module& module,
                                                                     const CustomSection& section);
void write_branch_hints(Writer& out, const std::vector<FuncBranchHints>& funcs);

}  // namespace tenon::core
