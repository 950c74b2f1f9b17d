// SPDX-License-Identifier: Apache-2.0
// Strings of guests in C, by the encoding that the component declares. The pair of pointer and
// length crosses as it lies in memory, whatever the encoding: only what makes strings out of C's
// depends on it. Spec: CanonicalABI.md "Loading" (load_string).
#include "tenon/bindgen/c_strings.h"

#include <fmt/format.h>

namespace tenon::bindgen {

namespace {

using component::StringEncoding;

/// How C users write the units of a string, and how the string holds them.
struct Units {
  /// Behind the function's name: `_utf16` where a string may have either.
  std::string_view suffix;
  std::string_view written;
  std::string_view held;
  /// What the length has besides the number of units.
  std::string_view mark;
};

std::vector<Units> units_of(StringEncoding encoding) {
  constexpr Units bytes{"", "char", "uint8_t", ""};
  switch (encoding) {
    case StringEncoding::utf8:
      return {bytes};
    case StringEncoding::utf16:
      return {{"", "char16_t", "uint16_t", ""}};
    case StringEncoding::latin1_utf16:
      return {{"", "char", "void", ""}, {"_utf16", "char16_t", "void", " | 0x80000000U"}};
  }
  return {bytes};
}

/// The number of units before the one that is 0.
std::string length_of(std::string_view world, const Units& units) {
  return units.written == "char" ? std::string("tenon_guest_length(s)")
                                 : fmt::format("{}_string_len(s)", world);
}

}  // namespace

std::vector<std::string> c_string_names(std::string_view world, StringEncoding encoding) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view name) {
    out.push_back(fmt::format("{}_string_{}", world, name));
  };
  for (const char* name : {"t", "free"}) add(name);
  for (const Units& units : units_of(encoding)) {
    for (const char* name : {"set", "dup", "dup_n"}) add(fmt::format("{}{}", name, units.suffix));
    if (units.written != "char") add("len");
  }
  if (encoding == StringEncoding::latin1_utf16) {
    add("is_utf16");
    add("units");
  }
  return out;
}

void emit_string_type(Emit& out, std::string_view world, StringEncoding encoding) {
  if (encoding == StringEncoding::utf16) out.line("// Text in UTF-16; `len` counts code units.");
  if (encoding == StringEncoding::latin1_utf16) {
    out.line("// Text in Latin-1, one byte for a character; or, where the highest bit of `len` is");
    out.line(fmt::format("// set, in UTF-16: `{0}_string_is_utf16` and `{0}_string_units` tell.",
                         world));
  }
  out.line(fmt::format("typedef struct {{\n  {} *ptr;\n  size_t len;\n}} {}_string_t;",
                       units_of(encoding).front().held, world));
}

void declare_string_functions(Emit& out, std::string_view world, StringEncoding encoding) {
  for (const Units& units : units_of(encoding)) {
    const std::string to = fmt::format("({}_string_t *ret, const {} *s", world, units.written);
    if (units.written != "char")
      out.line(fmt::format("size_t {}_string_len(const char16_t *s);", world));
    out.line(fmt::format("void {}_string_set{}{});", world, units.suffix, to));
    out.line(fmt::format("void {}_string_dup{}{});", world, units.suffix, to));
    out.line(fmt::format("void {}_string_dup_n{}{}, size_t len);", world, units.suffix, to));
  }
  if (encoding == StringEncoding::latin1_utf16) {
    out.line(fmt::format("bool {0}_string_is_utf16(const {0}_string_t *value);", world));
    out.line(fmt::format("size_t {0}_string_units(const {0}_string_t *value);", world));
  }
  out.line(fmt::format("void {0}_string_free({0}_string_t *value);", world));
}

void define_string_functions(Emit& out, std::string_view world, StringEncoding encoding) {
  for (const Units& units : units_of(encoding)) {
    const std::string to = fmt::format("({}_string_t *ret, const {} *s", world, units.written);
    const std::string length = length_of(world, units);
    if (units.written != "char") {
      out.line(
          fmt::format("size_t {}_string_len(const char16_t *s) {{\n  size_t n = 0;\n"
                      "  while (s[n] != 0) ++n;\n  return n;\n}}\n",
                      world));
    }
    out.line(
        fmt::format("void {}_string_set{}{}) {{\n  ret->ptr = ({} *)s;\n"
                    "  ret->len = {}{};\n}}\n",
                    world, units.suffix, to, units.held, length, units.mark));
    const std::string_view size = units.written == "char" ? "len" : "len * 2";
    out.line(
        fmt::format("void {}_string_dup_n{}{}, size_t len) {{\n"
                    "  ret->ptr = ({} *)tenon_guest_copy(s, {});\n  ret->len = len{};\n}}\n",
                    world, units.suffix, to, units.held, size, units.mark));
    out.line(fmt::format("void {0}_string_dup{1}{2}) {{\n  {0}_string_dup_n{1}(ret, s, {3});\n}}\n",
                         world, units.suffix, to, length));
  }
  if (encoding == StringEncoding::latin1_utf16) {
    out.line(
        fmt::format("bool {0}_string_is_utf16(const {0}_string_t *value) {{\n"
                    "  return (value->len & 0x80000000U) != 0;\n}}\n",
                    world));
    out.line(
        fmt::format("size_t {0}_string_units(const {0}_string_t *value) {{\n"
                    "  return value->len & 0x7fffffffU;\n}}\n",
                    world));
  }
  out.line(
      fmt::format("void {0}_string_free({0}_string_t *value) {{\n"
                  "  if (value->len != 0) free(value->ptr);\n  value->len = 0;\n}}",
                  world));
}

}  // namespace tenon::bindgen
