// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/runtime/lift_lower.h"

namespace tenon::runtime {

/// Carries values from one component to another: from memory to memory once, without values in
/// between. `from` lifts (the sender's memory and handles), `to` lowers (the receiver's). The two
/// shapes are those of one type in either component. Spec: CanonicalABI.md "canon lower" composed
/// with "canon lift".
class Copier {
 public:
  Copier(LiftLowerContext& from, LiftLowerContext& to) : from_(from), to_(to) {}

  /// Parameters of a call: `in` by the sender's signature, `out` by the receiver's.
  bool params(const FuncShape& from, const FuncShape& to, const ValueSlot* in, ValueSlot* out);
  /// The result of a call; `out_param` is where the receiver wants what does not fit a slot.
  bool result(const FuncShape& from, const FuncShape& to, const ValueSlot* in, ValueSlot* out,
              std::uint64_t out_param);

 private:
  bool flat(const Shape& a, const Shape& b, CoreValueIter& in, ValueSlot*& out);
  bool flat_variant(const Shape& a, const Shape& b, CoreValueIter& in, ValueSlot*& out);
  bool memory(const Shape& a, const Shape& b, std::uint64_t from, std::uint64_t to);
  bool elements(const Shape& a, const Shape& b, std::uint64_t from, std::uint64_t to,
                std::uint64_t length);
  /// From core values into memory and back: when one side spills and the other does not.
  bool store_flat(const Shape& a, const Shape& b, CoreValueIter& in, std::uint64_t to);
  bool load_flat(const Shape& a, const Shape& b, std::uint64_t from, ValueSlot*& out);
  bool scalar(const Shape& a, const Shape& b, std::uint64_t bits, std::uint64_t& out);
  bool string(std::uint64_t ptr, std::uint64_t units, std::uint64_t& out_ptr,
              std::uint64_t& out_units);
  bool list(const Shape& a, const Shape& b, std::uint64_t ptr, std::uint64_t length,
            std::uint64_t& out_ptr);
  bool string_or_list(const Shape& a, const Shape& b, std::uint64_t ptr, std::uint64_t length,
                      std::uint64_t& out_ptr, std::uint64_t& out_length);
  [[nodiscard]] std::uint64_t load_bits(const Shape& a, std::uint64_t ptr) const;

  LiftLowerContext& from_;
  LiftLowerContext& to_;
};

}  // namespace tenon::runtime
