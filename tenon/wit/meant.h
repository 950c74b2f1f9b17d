// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::wit {

/// What WIT calls a type that other languages have under a word alone: `uint32_t` → `u32`,
/// `String` → `string`; empty for every other word, also for WIT's own.
[[nodiscard]] std::string_view meant_word(std::string_view word);
/// Why there is no such type in WIT, and what to write instead; empty for every other word.
[[nodiscard]] std::string_view absent_type(std::string_view word);

/// The type that a text of C, C++, Rust, TypeScript, Python or Go means: `std::vector<int>` →
/// `list<s32>`, `&str` → `string`. Nothing when it cannot be told, or when there is none. `&name`
/// in it is a reference: `borrow<name>` of a resource, else `name`.
[[nodiscard]] std::optional<std::string> meant_type(std::string_view text);

/// The line that declares a function which is written as another language does: `fn f(a: i32)`,
/// `int f(int a)`, `f(a: number): string` → `f: func(a: s32);`. `text` has no `;` at the end.
/// References are as in `meant_type`.
[[nodiscard]] std::optional<std::string> meant_function(std::string_view text);

/// A word as a name of WIT's, with its `%` where it needs one; empty when it cannot be one.
[[nodiscard]] std::string wit_name(std::string_view word);
/// The same as `meant_type`, also of what is WIT's already.
[[nodiscard]] std::optional<std::string> wit_type(std::string_view text);

/// The declaration of a package whose name is written as another language does, behind its word:
/// `com.example.thing` → `package com-example:thing;`.
[[nodiscard]] std::optional<std::string> meant_package(std::string_view text);

/// A field of a record that is written as another language does: `u32 x`, `pub x: i32` → `x: s32`.
[[nodiscard]] std::optional<std::string> meant_field(std::string_view text);

/// What the braces of a type or interface hold that is written as another language does, as one
/// line: of a `record`, `int x; char *name;` → `x: s32, name: string`. Nothing when a part of it is
/// not understood, or when it is long.
[[nodiscard]] std::optional<std::string> meant_body(std::string_view keyword,
                                                    std::string_view body);
/// A help that shows `record p { … }`, with what the braces hold; empty when that is unknown.
[[nodiscard]] std::string meant_with_body(std::string help, std::string_view body);
/// The type that stands for one of several: `string | number` → `variant NAME { text(string),
/// number(f64) }`, `"a" | "b"` → `enum NAME { a, b }`.
[[nodiscard]] std::optional<std::string> meant_alternatives(std::string_view text,
                                                            std::string_view name);

/// Why WIT has no such function, though the text of one is whole: of those that take functions or
/// types; empty for every other text.
[[nodiscard]] std::string_view absent_function(std::string_view text);

/// Where a statement stands.
enum class Place : std::uint8_t { top, world, interface };
/// What to write in the place of a statement that is none of WIT's, without its `;` or body:
/// `exports t` → "write `export t;`". Nothing when nobody knows.
[[nodiscard]] std::optional<std::string> meant_statement(std::string_view text, Place place);

}  // namespace tenon::wit
