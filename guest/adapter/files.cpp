// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include "clocks.h"
#include "errors.h"

namespace adapter {
namespace {

/// The length of a character, and the least that its second byte may be; 0 when no character begins
/// so. Spec: Unicode, table 3-7.
uint32_t length_of(uint8_t first, uint8_t& low, uint8_t& high) {
  low = 0x80;
  high = 0xBF;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return 2;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first < 0xF0) return 3;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  return 4;
}

NewTime new_time(uint64_t value, bool set, bool now) {
  if (now) return {1, {}};
  if (set) return {2, datetime(value)};
  return {0, {}};
}

}  // namespace

bool is_utf8(const char* data, uint32_t size) {
  const auto* at = reinterpret_cast<const uint8_t*>(data);
  const uint8_t* const end = at + size;
  while (at != end) {
    uint8_t low = 0;
    uint8_t high = 0;
    const uint32_t length = length_of(*at, low, high);
    if (length == 0 || static_cast<size_t>(end - at) < length) return false;
    ++at;
    for (uint32_t i = 1; i < length; ++i, ++at) {
      if (*at < low || *at > high) return false;
      low = 0x80;
      high = 0xBF;
    }
  }
  return true;
}

Errno directory_of(uint32_t fd, const Path& path, Handle& out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  Errno error = Errno::success;
  const Descriptor* const d = find(fd, Kind::directory, error);
  if (d == nullptr) return error;
  if (!is_utf8(path.data, path.size)) return Errno::ilseq;
  out = d->handle;
  return Errno::success;
}

Filetype filetype_of(DescriptorType type) {
  // Eight numbers of four bits each: preview1 has no FIFOs, and one kind of socket is as good as
  // the other.
  constexpr uint32_t types = static_cast<uint32_t>(Filetype::unknown) |
                             static_cast<uint32_t>(Filetype::block_device) << 4U |
                             static_cast<uint32_t>(Filetype::character_device) << 8U |
                             static_cast<uint32_t>(Filetype::directory) << 12U |
                             static_cast<uint32_t>(Filetype::unknown) << 16U |
                             static_cast<uint32_t>(Filetype::symbolic_link) << 20U |
                             static_cast<uint32_t>(Filetype::regular_file) << 24U |
                             static_cast<uint32_t>(Filetype::socket_stream) << 28U;
  return static_cast<Filetype>((types >> (4U * (static_cast<uint32_t>(type) & 7U))) & 15U);
}

void fill(Filestat& out, const DescriptorStat& stat) {
  const auto time = [](const MaybeDatetime& t) { return t.has ? nanoseconds(t.value) : 0; };
  out.dev = 1;
  out.filetype = filetype_of(stat.type);
  out.nlink = stat.link_count;
  out.size = stat.size;
  out.atim = time(stat.atim);
  out.mtim = time(stat.mtim);
  out.ctim = time(stat.ctim);
}

Errno new_times(uint64_t atim, uint64_t mtim, uint16_t flags, NewTime& access, NewTime& change) {
  using namespace fstflags;
  constexpr auto both_a = atim_now | fstflags::atim;
  constexpr auto both_m = mtim_now | fstflags::mtim;
  if ((flags & both_a) == both_a || (flags & both_m) == both_m) return Errno::inval;
  access = new_time(atim, (flags & fstflags::atim) != 0, (flags & atim_now) != 0);
  change = new_time(mtim, (flags & fstflags::mtim) != 0, (flags & mtim_now) != 0);
  return Errno::success;
}

}  // namespace adapter
