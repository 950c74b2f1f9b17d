// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/runtime/context.h"

namespace tenon::runtime {

/// A string as it lies in a memory or in the host: its bytes and how they spell it. Valid as long
/// as nobody writes to them.
struct StringView {
  enum class Encoding : std::uint8_t { utf8, utf16, latin1 };
  Encoding encoding = Encoding::utf8;
  /// What the sender's options say: `latin1` and a tagged `utf16` both come of latin1+utf16.
  component::StringEncoding declared = component::StringEncoding::utf8;
  const std::uint8_t* bytes = nullptr;
  std::uint64_t code_units = 0;
  /// Checked before; what changed since then does no harm to the host.
  bool known_utf8 = false;
  bool of_host = false;

  [[nodiscard]] std::uint64_t byte_length() const {
    return encoding == Encoding::utf16 ? 2 * code_units : code_units;
  }
};

/// A host's string. Whether it is UTF-8 is found out while it is lowered, unless that is known.
[[nodiscard]] inline StringView host_string(std::string_view text, bool known_utf8 = false) {
  return {StringView::Encoding::utf8,
          component::StringEncoding::utf8,
          reinterpret_cast<const std::uint8_t*>(text.data()),
          text.size(),
          known_utf8,
          true};
}
/// Whether a host's string may be passed: it is not too long, and UTF-8 as far as `cx.passed` asks;
/// a trap otherwise.
bool check_host_string(LiftLowerContext& cx, std::string_view text);

/// Checks alignment and bounds and shows the string where it lies.
bool find_string(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                 StringView& out);
/// Checks the encoding of a string that was found.
bool check_string(LiftLowerContext& cx, const StringView& string);
/// Both, and charges for the time that it takes.
/// Spec: CanonicalABI.md "Loading" (load_string_from_range).
bool load_string_from_range(LiftLowerContext& cx, std::uint64_t ptr,
                            std::uint64_t tagged_code_units, StringView& out);
/// The string as UTF-8 of the host's, checked while it is copied.
bool lift_string(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                 std::string& out);

/// The same for a view: the call's host scope keeps the copy.
bool lift_string_for_call(LiftLowerContext& cx, std::uint64_t ptr, std::uint64_t tagged_code_units,
                          std::string_view& out);

/// Allocates in the guest and writes the string in its encoding, with the calls of realloc that the
/// specification prescribes. What is UTF-8 need not be checked before; other encodings must be. A
/// memory that the bytes lie in never moves, so the view stays right whatever realloc does.
/// Spec: CanonicalABI.md "Storing" (store_string_into_range).
bool store_string_into_range(LiftLowerContext& cx, const StringView& src, std::uint64_t& ptr,
                             std::uint64_t& tagged_code_units);

}  // namespace tenon::runtime
