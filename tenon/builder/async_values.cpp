// SPDX-License-Identifier: Apache-2.0
// Core names of stream and future functions contain the number of the type among those of a
// function, counted as if types were written out. Shared types make that count exponential: it is
// kept for each type, and a number is found by binary search.
#include "tenon/builder/async_values.h"

#include <algorithm>
#include <limits>

#include "tenon/types/parts.h"

namespace tenon::builder {

void AsyncValues::Parts::add(wit::ValType part, std::uint64_t count) {
  if (count == 0) return;
  const std::uint64_t before = this->count();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  parts.emplace_back(count > most - before ? most : before + count, part);
}

std::uint64_t AsyncValues::count(wit::ValType type) {
  type = packages_.resolve_alias(type);
  return type.is_prim() ? 0 : of(type.index()).count();
}

/// Types nest less deeply than the resolver's limit.
const AsyncValues::Parts& AsyncValues::of(wit::TypeIdx type) {
  if (types_[type.value].known) return types_[type.value];
  Parts out;
  out.known = true;
  if (const auto* structure = std::get_if<wit::DefValType>(&packages_.types[type].def)) {
    types::for_each_part(*structure, [&](wit::ValType part) {
      part = packages_.resolve_alias(part);
      out.add(part, count(part));
    });
    if (std::holds_alternative<types::Stream>(*structure) ||
        std::holds_alternative<types::Future>(*structure))
      out.add(wit::ValType(type), 1);
  }
  return types_[type.value] = std::move(out);
}

const AsyncValues::Parts& AsyncValues::of(const wit::Function& func) {
  const auto [it, fresh] = functions_.try_emplace(&func);
  if (!fresh) return it->second;
  for (const wit::Param& p : func.params) it->second.add(p.type, count(p.type));
  if (func.result) it->second.add(*func.result, count(*func.result));
  return it->second;
}

std::uint64_t AsyncValues::count(const wit::Function& func) {
  return of(func).count();
}

std::optional<wit::ValType> AsyncValues::at(const wit::Function& func, std::uint64_t number) {
  const Parts* in = &of(func);
  if (number >= in->count()) return std::nullopt;
  for (wit::ValType type;;) {
    const auto part = std::ranges::upper_bound(in->parts, number, {},
                                               &std::pair<std::uint64_t, wit::ValType>::first);
    if (part != in->parts.begin()) number -= std::prev(part)->first;
    const wit::ValType inside = packages_.resolve_alias(part->second);
    if (inside == type) return type;  // the stream or future itself
    type = inside;
    in = &of(type.index());
  }
}

}  // namespace tenon::builder
