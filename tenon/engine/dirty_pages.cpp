// SPDX-License-Identifier: Apache-2.0
// Which pages a guest wrote, so that a memory slot is cleared page by page instead of as a whole.
// The kernel is asked (PAGEMAP_SCAN); where it is too old or too much was written the answer is
// nothing, and the caller clears everything.
#include "tenon/engine/dirty_pages.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace tenon::engine {

namespace {

// The interface of Linux 6.7's PAGEMAP_SCAN; older headers have none of it.
struct PageRegion {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t categories;
};
struct ScanArgument {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t regions;
  std::uint64_t num_regions;
  std::uint64_t max_pages;
  std::uint64_t category_inverted;
  std::uint64_t category_mask;
  std::uint64_t category_anyof_mask;
  std::uint64_t return_mask;
};
constexpr std::uint64_t page_is_file = 1U << 2U;
constexpr std::uint64_t page_is_present = 1U << 3U;
constexpr std::uint64_t page_is_swapped = 1U << 4U;
constexpr std::uint64_t page_is_zero = 1U << 5U;
constexpr unsigned long scan_request = _IOWR('f', 16, ScanArgument);

constexpr std::size_t most_regions = 16;

}  // namespace

DirtyPages::DirtyPages() : fd_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}

DirtyPages::~DirtyPages() {
  if (fd_ >= 0) close(fd_);
}

std::optional<std::span<const DirtyPages::Range>> DirtyPages::find(std::uint8_t* begin,
                                                                   std::uint64_t bytes,
                                                                   std::span<Range> room,
                                                                   std::uint64_t most) const {
  if (fd_ < 0) return std::nullopt;
  if (bytes == 0) return std::span<const Range>();
  // Cleared for memcheck, which does not know that this request writes.
  std::array<PageRegion, most_regions> regions{};
  ScanArgument scan{};
  scan.size = sizeof(scan);
  scan.start = reinterpret_cast<std::uintptr_t>(begin);
  scan.end = scan.start + bytes;
  scan.regions = reinterpret_cast<std::uintptr_t>(regions.data());
  scan.num_regions = std::min(regions.size(), room.size());
  // A page that is there, or swapped out, and is neither the file's own nor the page of zeros.
  scan.category_inverted = page_is_file | page_is_zero;
  scan.category_mask = page_is_file | page_is_zero;
  scan.category_anyof_mask = page_is_present | page_is_swapped;
  const int found = ioctl(fd_, scan_request, &scan);
  // The walk stops where the ranges are full.
  if (found < 0 || scan.walk_end != scan.end) return std::nullopt;
  std::uint64_t total = 0;
  for (int i = 0; i < found; ++i) {
    const PageRegion& r = regions[static_cast<std::size_t>(i)];
    const std::uint64_t size = r.end - r.start;
    total += size;
    room[static_cast<std::size_t>(i)] = {begin + (r.start - scan.start), size};
  }
  if (total > most) return std::nullopt;
  return std::span<const Range>(room.data(), static_cast<std::size_t>(found));
}

}  // namespace tenon::engine
