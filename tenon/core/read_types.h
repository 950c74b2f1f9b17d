// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/core/features.h"
#include "tenon/core/types.h"

namespace tenon::core {

// Readers of the binary format of types. Each leaves `in` after the type; a gate that is closed is
// an error (`feature_off`). Spec: core/binary/types.

[[nodiscard]] Result<ValType> read_valtype(Reader& in, const Features& features);
[[nodiscard]] Result<StorageType> read_storagetype(Reader& in, const Features& features);
/// An index too large for any module becomes `limits::no_type`, which no module defines.
/// Its gates are those of the reference type that it becomes part of: `closed_gate`.
[[nodiscard]] Result<HeapType> read_heaptype(Reader& in);
[[nodiscard]] Result<ValType> read_reftype(Reader& in, const Features& features);
[[nodiscard]] Result<FieldType> read_fieldtype(Reader& in, const Features& features);
[[nodiscard]] Result<CompType> read_comptype(Reader& in, const Features& features);
[[nodiscard]] Result<TableType> read_tabletype(Reader& in, const Features& features);
[[nodiscard]] Result<MemType> read_memtype(Reader& in, const Features& features);
[[nodiscard]] Result<GlobalType> read_globaltype(Reader& in, const Features& features);
[[nodiscard]] Result<TagType> read_tagtype(Reader& in, const Features& features);
[[nodiscard]] Result<ExternType> read_externtype(Reader& in, const Features& features);

/// Reads one recursion group and appends its types to `out`, whose length is the number of types
/// already defined. Returns how many came.
[[nodiscard]] Result<std::uint32_t> read_rectype(Reader& in, const Features& features,
                                                 std::vector<SubType>& out);

/// The first closed one of the gates that a value type follows.
[[nodiscard]] std::optional<Gate> closed_gate(const Features& features, ValType type);
/// An error unless the gate is open. `what` names the construct.
[[nodiscard]] Result<void> require(const Features& features, Gate gate, Span span,
                                   std::string_view what);
/// The same for a byte at `at` whose value has no meaning while the gate is closed: the form is
/// malformed then, by `rule`.
[[nodiscard]] Result<void> require_form(const Rule& rule, const Reader& in, std::uint32_t at,
                                        std::uint8_t found, const Features& features, Gate gate,
                                        std::string_view what);

}  // namespace tenon::core
