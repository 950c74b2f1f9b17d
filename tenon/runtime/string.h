// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/runtime/context.h"

namespace tenon::runtime {

/// A string as it lies in a memory or in the host: its bytes and how they spell it. Checked: the bytes
/// are well-formed. Valid as long as nobody writes to them.
struct StringView {
  enum class Encoding : std::uint8_t { utf8, utf16, latin1 };
  Encoding encoding = Encoding::utf8;
  /// What the sender's options say: `latin1` and a tagged `utf16` both come of latin1+utf16.
  component::StringEncoding declared = component::StringEncoding::utf8;
  const std::uint8_t* bytes = nullptr;
  std::uint64_t code_units = 0;

  [[nodiscard]] std::uint64_t byte_length() const { return encoding == Encoding::utf16 ? 2 * code_units : code_units; }
};

/// A host's string, which must be UTF-8.
[[nodiscard]] inline StringView host_string(std::string_view text) {
  return {StringView::Encoding::utf8, component::StringEncoding::utf8,
          reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Checks alignment, bounds and encoding and shows the string where it lies.
/// Spec: CanonicalABI.md "Loading" (load_string_from_range).
bool load_string_from_range(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units, StringView& out);
/// Copies a checked string out as UTF-8.
void append_string(std::string& out, const StringView& string);

/// Allocates in the guest and writes the string in its encoding, with the calls of realloc that the
/// specification prescribes. `source_may_move` is the memory that the bytes of `src` lie in, if any:
/// realloc cannot move it (memories never move), so views stay right.
/// Spec: CanonicalABI.md "Storing" (store_string_into_range).
bool store_string_into_range(LiftLowerContext& cx, const StringView& src, std::uint64_t& ptr,
                             std::uint64_t& tagged_code_units);

}  // namespace tenon::runtime
