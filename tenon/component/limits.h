// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What a component may hold at most: the figures of other engines, so that what runs there runs
/// here. They keep the work for a hostile input linear in its size.
namespace tenon::component::limits {

/// Components, component types and instance types inside each other.
inline constexpr std::uint32_t component_depth = 100;
/// Of the modules, components and values that one component defines.
inline constexpr std::uint32_t definitions_of_a_kind = 1000;
inline constexpr std::uint32_t instances = 4096;
/// Of types, functions and the other core sorts.
inline constexpr std::uint32_t index_space = 1'000'000;
inline constexpr std::uint32_t imports = 1'000'000;
inline constexpr std::uint32_t exports = 1'000'000;
inline constexpr std::uint32_t module_type_decls = 100'000;
inline constexpr std::uint32_t type_decls = 1'000'000;
/// Record fields, variant and enum cases, tuple types.
inline constexpr std::uint32_t members = 10'000;
/// Read, not valid: more than 32 labels break another rule.
inline constexpr std::uint32_t flags = 1000;
inline constexpr std::uint32_t fixed_list = 1U << 30U;
inline constexpr std::uint32_t params = 1000;
inline constexpr std::uint32_t instance_items = 100'000;
inline constexpr std::uint32_t canon_opts = 10;
inline constexpr std::uint32_t start_args = 1000;
inline constexpr std::uint32_t attributes = 100;
inline constexpr std::uint32_t name_bytes = 100'000;
/// Of types inside types.
inline constexpr std::uint32_t type_depth = 100;
/// Of one type with all its parts: stops types that grow exponentially.
inline constexpr std::uint32_t type_size = 1'000'000;
/// `elem_size` of every type with 64-bit pointers stays below. Spec: CanonicalABI.md "Element
/// Size".
inline constexpr std::uint64_t elem_size = 1ULL << 28U;
inline constexpr std::uint32_t flags_labels = 32;
/// Of the types of all instances that are made, summed up: bounds what instantiation keeps in
/// memory.
inline constexpr std::uint64_t instantiated_size = 4'000'000;
/// Parts of types that are walked, summed up: bounds time.
inline constexpr std::uint64_t type_steps = 200'000'000;

}  // namespace tenon::component::limits
