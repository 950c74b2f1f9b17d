// SPDX-License-Identifier: Apache-2.0
// Finds what an initialisation left in a linear memory. The pages that were written are asked of
// the system, so that a sparse memory is never read as a whole; within them the bytes are compared
// with what the segments that stay will write, so that nothing is written twice.
#include "tenon/preinit/memory_diff.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "tenon/engine/dirty_pages.h"

namespace tenon::preinit {

namespace {

constexpr std::uint64_t os_page = 4096;
/// Where the system cannot say which pages of so many bytes were written, they are read.
constexpr std::uint64_t smallest_part = 16 * os_page;

void append(std::vector<Run>& runs, Run run) {
  if (run.begin >= run.end) return;
  if (!runs.empty() && runs.back().end >= run.begin) {
    runs.back().end = std::max(runs.back().end, run.end);
  } else {
    runs.push_back(run);
  }
}

/// Asks for the whole of a part; where there are more ranges than an answer holds, for its halves.
class WrittenParts {
 public:
  explicit WrittenParts(const engine::Memory& memory) : memory_(memory) {}

  std::vector<Run> find() {
    std::vector<Run> todo;
    todo.push_back({0, memory_.size()});
    while (!todo.empty()) {
      const Run part = todo.back();
      todo.pop_back();
      if (part.begin >= part.end || ask(part)) continue;
      const std::uint64_t pages = (part.end - part.begin + os_page - 1) / os_page;
      if (pages * os_page <= smallest_part) {
        append(out_, part);
        continue;
      }
      const std::uint64_t middle = part.begin + pages / 2 * os_page;
      todo.push_back({middle, part.end});
      todo.push_back({part.begin, middle});
    }
    return std::move(out_);
  }

 private:
  bool ask(const Run& part) {
    std::array<engine::DirtyPages::Range, 16> room;
    std::uint8_t* begin = memory_.base() + part.begin;
    const std::uint64_t whole = (part.end - part.begin + os_page - 1) / os_page * os_page;
    const auto found = pages_.find(begin, whole, room, std::numeric_limits<std::uint64_t>::max());
    if (!found) return false;
    for (const auto& range : *found) {
      const auto at = static_cast<std::uint64_t>(range.begin - memory_.base());
      append(out_, {at, std::min(at + range.size, part.end)});
    }
    return true;
  }

  const engine::Memory& memory_;
  engine::DirtyPages pages_;
  std::vector<Run> out_;
};

/// Collects places that differ.
class Differences {
 public:
  explicit Differences(std::uint64_t gap) : gap_(gap) {}

  void add(std::uint64_t begin, std::uint64_t end) {
    if (!runs_.empty() && begin - runs_.back().end <= gap_) {
      runs_.back().end = end;
    } else {
      runs_.push_back({begin, end});
    }
  }

  /// Compares `size` bytes at `at` with `want`, or with zeros where that is null.
  void compare(const std::uint8_t* have, std::uint64_t at, std::uint64_t size,
               const std::uint8_t* want) {
    static constexpr std::array<std::uint8_t, 256> zeros{};
    for (std::uint64_t i = 0; i < size; i += zeros.size()) {
      const std::size_t n = std::min<std::uint64_t>(zeros.size(), size - i);
      const std::uint8_t* wanted = want == nullptr ? zeros.data() : want + i;
      if (std::memcmp(have + i, wanted, n) != 0) bytes(have + i, wanted, at + i, n);
    }
  }

  /// Joins the nearest runs until there are no more than `most`.
  std::vector<Run> take(std::size_t most) {
    if (runs_.size() <= most || most == 0) return std::move(runs_);
    std::vector<std::uint64_t> gaps;
    gaps.reserve(runs_.size() - 1);
    for (std::size_t i = 1; i < runs_.size(); ++i)
      gaps.push_back(runs_[i].begin - runs_[i - 1].end);
    const auto nth = gaps.begin() + static_cast<std::ptrdiff_t>(runs_.size() - most - 1);
    std::nth_element(gaps.begin(), nth, gaps.end());
    Differences joined(*nth);
    for (const Run& run : runs_) joined.add(run.begin, run.end);
    return std::move(joined.runs_);
  }

 private:
  void bytes(const std::uint8_t* have, const std::uint8_t* want, std::uint64_t at, std::size_t n) {
    std::size_t i = 0;
    while (i < n) {
      if (have[i] == want[i]) {
        ++i;
        continue;
      }
      const std::size_t begin = i;
      while (i < n && have[i] != want[i]) ++i;
      add(at + begin, at + i);
    }
  }

  std::uint64_t gap_;
  std::vector<Run> runs_;
};

}  // namespace

void InitialImage::write(std::uint64_t at, ByteSpan bytes) {
  if (bytes.empty()) return;
  const std::uint64_t end = at + bytes.size();
  auto it = pieces_.lower_bound(at);
  if (it != pieces_.begin()) {
    const auto before = std::prev(it);
    const std::uint64_t before_end = before->first + before->second.size();
    if (before_end > at) {
      const ByteSpan whole = before->second;
      before->second = whole.first(at - before->first);
      if (before_end > end) pieces_.emplace_hint(it, end, whole.subspan(end - before->first));
    }
  }
  it = pieces_.lower_bound(at);
  while (it != pieces_.end() && it->first < end) {
    const std::uint64_t piece_end = it->first + it->second.size();
    if (piece_end > end) {
      const ByteSpan rest = it->second.subspan(end - it->first);
      it = pieces_.erase(it);
      it = pieces_.emplace_hint(it, end, rest);
      break;
    }
    it = pieces_.erase(it);
  }
  pieces_.emplace_hint(it, at, bytes);
}

std::vector<Run> written_parts(const engine::Memory& memory) {
  return WrittenParts(memory).find();
}

std::vector<Run> differences(const engine::Memory& memory, const InitialImage& initial,
                             std::span<const Run> parts, std::uint64_t gap, std::size_t most) {
  Differences out(gap);
  const std::uint8_t* base = memory.base();
  for (const Run& part : parts) {
    auto piece = initial.pieces().upper_bound(part.begin);
    if (piece != initial.pieces().begin()) --piece;
    std::uint64_t at = part.begin;
    while (at < part.end) {
      while (piece != initial.pieces().end() && piece->first + piece->second.size() <= at) ++piece;
      const bool inside = piece != initial.pieces().end() && piece->first <= at;
      std::uint64_t end = part.end;
      if (inside) {
        end = std::min(end, piece->first + piece->second.size());
      } else if (piece != initial.pieces().end()) {
        end = std::min(end, piece->first);
      }
      out.compare(base + at, at, end - at,
                  inside ? piece->second.data() + (at - piece->first) : nullptr);
      at = end;
    }
  }
  return out.take(most);
}

std::vector<Run> united(std::span<const Run> a, std::span<const Run> b) {
  std::vector<Run> out;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() || k < b.size()) {
    const bool first = k == b.size() || (i < a.size() && a[i].begin <= b[k].begin);
    append(out, first ? a[i++] : b[k++]);
  }
  return out;
}

}  // namespace tenon::preinit
