// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What a module may hold at most; the same figures as other engines', so that what runs there
/// runs here. Spec: core/appendix/implementation.
namespace tenon::core::limits {
inline constexpr std::uint32_t types = 1'000'000;
inline constexpr std::uint32_t funcs = 1'000'000;
inline constexpr std::uint32_t imports = 1'000'000;
inline constexpr std::uint32_t exports = 1'000'000;
inline constexpr std::uint32_t globals = 1'000'000;
inline constexpr std::uint32_t tags = 1'000'000;
inline constexpr std::uint32_t tables = 100;
inline constexpr std::uint32_t mems = 100;
inline constexpr std::uint32_t elems = 100'000;
inline constexpr std::uint32_t datas = 100'000;
inline constexpr std::uint32_t name_bytes = 100'000;
inline constexpr std::uint32_t body_bytes = 7'654'321;
inline constexpr std::uint32_t locals = 50'000;
inline constexpr std::uint32_t params = 1000;
inline constexpr std::uint32_t results = 1000;
inline constexpr std::uint32_t table_entries = 10'000'000;
inline constexpr std::uint32_t struct_fields = 10'000;
inline constexpr std::uint32_t catches = 10'000;
inline constexpr std::uint32_t subtyping_depth = 63;
/// Of one type, its parts included: stops types that grow exponentially.
inline constexpr std::uint32_t type_size = 1'000'000;
/// An index that no space reaches: what an index too large for a `HeapType` becomes.
inline constexpr std::uint32_t no_type = 0xFFFFFF;
}  // namespace tenon::core::limits
