// SPDX-License-Identifier: Apache-2.0
// The section has one reader and several who want to know different things: whether it is right,
// what it says. So the reader tells what it finds and keeps nothing: a section is untrusted, and
// may hold as many names as it has bytes.
#include "tenon/component/component_names.h"

#include <fmt/format.h>

#include <string>

#include "tenon/component/rules.h"

namespace tenon::component {

namespace {

std::unexpected<Error> wrong(Span span, std::string detail) {
  return std::unexpected(Error(rules::custom_content, span, std::move(detail)));
}

bool is_sort(Sort sort) {
  if (sort.kind != SortKind::core) {
    switch (sort.kind) {
#define TENON_SORT(name, text, byte) case SortKind::name:
#include "tenon/component/sorts.def"
      return true;
    }
    return false;
  }
  switch (sort.core_sort) {
#define TENON_CORE_SORT(name, text, byte) case CoreSort::name:
#include "tenon/component/sorts.def"
    return true;
  }
  return false;
}

Result<void> read_names(Reader& in, Span span, ComponentNameVisitor& visitor) {
  Sort sort;
  const std::uint8_t kind = TENON_TRY(in.u8("sort"));
  sort.kind = static_cast<SortKind>(kind);
  if (sort.kind == SortKind::core) {
    const std::uint8_t core_sort = TENON_TRY(in.u8("core sort"));
    sort.core_sort = static_cast<CoreSort>(core_sort);
  }
  if (!is_sort(sort)) return wrong(span, "names for what is not a sort");
  TENON_TRY(visitor.sort(sort));
  const std::uint32_t n = TENON_TRY(in.count("names", 2));
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t index = TENON_TRY(in.u32("index"));
    const std::string_view name = TENON_TRY(in.name("name"));
    TENON_TRY(visitor.name(index, name));
  }
  return {};
}

}  // namespace

Result<void> read_component_names(ByteSpan content, Span span, ComponentNameVisitor& visitor) {
  Reader in(content);
  for (bool first = true; !in.at_end(); first = false) {
    const std::uint8_t id = TENON_TRY(in.u8("name subsection"));
    const std::uint32_t size = TENON_TRY(in.u32("subsection size"));
    Reader sub = TENON_TRY(in.sub(size, "name subsection"));
    if (id > 1 || (id == 0 && !first))
      return wrong(span, fmt::format("subsection {} is out of order", id));
    if (id == 0) {
      const std::string_view name = TENON_TRY(sub.name("component name"));
      visitor.component(name);
    } else {
      TENON_TRY(read_names(sub, span, visitor));
    }
    if (!sub.at_end()) return wrong(span, fmt::format("{} bytes follow the names", sub.left()));
  }
  return {};
}

}  // namespace tenon::component
