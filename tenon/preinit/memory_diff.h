// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/engine/memory.h"

namespace tenon::preinit {

/// Bytes [begin, end) of a linear memory.
struct Run {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend constexpr bool operator==(const Run&, const Run&) = default;
};

/// What a memory holds after the active segments that stay in the modules: pieces of their bytes,
/// zeros elsewhere. Borrows the bytes. O(log n) a segment.
class InitialImage {
 public:
  /// A later segment lies over the earlier ones.
  void write(std::uint64_t at, ByteSpan bytes);
  [[nodiscard]] const std::map<std::uint64_t, ByteSpan>& pieces() const { return pieces_; }

 private:
  std::map<std::uint64_t, ByteSpan> pieces_;
};

/// The parts of a memory that may hold anything else than what they began as, in order: the pages
/// that were written. A memory of gigabytes that is nearly empty costs a few questions to the
/// system, and none of its pages is touched.
[[nodiscard]] std::vector<Run> written_parts(const engine::Memory& memory);

/// Where `memory` differs from `initial` within `parts` (in order, disjoint). Two places are in
/// one run when what lies between takes no more than `gap` bytes, and in no case are there more
/// than `most` runs: then nearer ones are joined first. Linear in the bytes of `parts`.
[[nodiscard]] std::vector<Run> differences(const engine::Memory& memory,
                                           const InitialImage& initial, std::span<const Run> parts,
                                           std::uint64_t gap, std::size_t most);

/// The union of two lists of runs, each in order.
[[nodiscard]] std::vector<Run> united(std::span<const Run> a, std::span<const Run> b);

}  // namespace tenon::preinit
