// SPDX-License-Identifier: Apache-2.0
// Built-ins by the names of core imports: `abi` takes the names apart, and the rows of canon.def
// say which built-in an operation is.
#include "tenon/builder/core_names.h"

#include <algorithm>

namespace tenon::builder {

using component::CanonOp;
using component::StringEncoding;

namespace {

/// `stream.drop-readable` is `stream-drop-readable` in a core name.
bool is_op(std::string_view op, std::string_view text) {
  return std::ranges::equal(op, text, [](char a, char b) { return a == (b == '.' ? '-' : b); });
}

std::optional<CanonOp> canon_op(std::string_view op) {
#define TENON_CANON(name, text, opcode, Imm, gate) \
  if (is_op(op, text)) return CanonOp::name;
#include "tenon/component/canon.def"
#undef TENON_CANON
  return std::nullopt;
}

}  // namespace

std::optional<Builtin> builtin_named(std::string_view name, const abi::ImportModule& where) {
  const auto named = abi::parse_builtin(name, where);
  const auto op = named ? canon_op(named->op) : std::nullopt;
  if (!op) return std::nullopt;
  Builtin out{*named, *op};
  if (named->encoding == "utf16") out.text = StringEncoding::utf16;
  if (named->encoding == "latin1+utf16") out.text = StringEncoding::latin1_utf16;
  return out;
}

}  // namespace tenon::builder
