// SPDX-License-Identifier: Apache-2.0
// A custom section lists the initialisations that have run, so that a second run skips them. The
// binary is edited as bytes: nothing but that section changes.
#include "tenon/preinit/marker.h"

namespace tenon::preinit {

namespace {

/// The place of the section in a binary: [begin, end), and its content.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  ByteSpan content;
};
struct Places {
  std::vector<Place> markers;
  /// Where a new one goes: the end, but before the names of a component, which are last.
  std::size_t end = 0;
};

Places places(ByteSpan binary) {
  Places out;
  out.end = binary.size();
  if (binary.size() < 8) return out;
  Reader in(binary.subspan(8), 0, 8);
  while (!in.at_end()) {
    const std::size_t begin = in.offset();
    const auto id = in.u8("section id");
    const auto bytes = in.sized_bytes("section");
    if (!id || !bytes) return out;
    if (*id != 0) continue;
    Reader content(*bytes);
    const auto name = content.name("name");
    if (!name) continue;
    if (*name == marker_section) out.markers.push_back({begin, in.offset(), content.rest()});
    if (*name == "component-name" && in.at_end()) out.end = begin;
  }
  return out;
}

}  // namespace

std::vector<std::string> read_marker(ByteSpan binary) {
  std::vector<std::string> out;
  for (const Place& place : places(binary).markers) {
    Reader in(place.content);
    const auto count = in.count("functions");
    for (std::uint32_t i = 0; count && i < *count; ++i) {
      const auto name = in.name("function");
      if (!name) break;
      out.emplace_back(*name);
    }
  }
  return out;
}

std::vector<std::uint8_t> with_marker(ByteSpan binary, const std::vector<std::string>& funcs) {
  std::vector<std::uint8_t> out;
  std::size_t from = 0;
  const auto copy_to = [&](std::size_t end) {
    out.insert(out.end(), binary.begin() + static_cast<std::ptrdiff_t>(from),
               binary.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const Places found = places(binary);
  for (const Place& place : found.markers) {
    copy_to(place.begin);
    from = place.end;
  }
  copy_to(found.end);
  from = found.end;
  Writer content;
  content.name(marker_section);
  content.u32(static_cast<std::uint32_t>(funcs.size()));
  for (const std::string& func : funcs) content.name(func);
  Writer section;
  section.u8(0);
  section.sized_bytes(content.view());
  const ByteSpan bytes = section.view();
  out.insert(out.end(), bytes.begin(), bytes.end());
  copy_to(binary.size());
  return out;
}

}  // namespace tenon::preinit
