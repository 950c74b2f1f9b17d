// SPDX-License-Identifier: Apache-2.0
// Lookups are binary searches in two orders of the operator table, each sorted once. Several
// operators may share a text; the first in ops.def is found.
#include "tenon/core/op.h"

#include <algorithm>
#include <array>

namespace tenon::core {

namespace {

using Order = std::array<Op, num_ops>;

template <class Less>
constexpr Order sorted(Less less) {
  Order out{};
  for (std::size_t i = 0; i < num_ops; ++i) out[i] = static_cast<Op>(i);
  std::ranges::sort(out, less);
  return out;
}

const Order& by_opcode() {
  static const Order order = sorted([](Op a, Op b) { return info(a).opcode < info(b).opcode; });
  return order;
}
const Order& by_text() {
  static const Order order = sorted([](Op a, Op b) {
    return info(a).text != info(b).text ? info(a).text < info(b).text : a < b;
  });
  return order;
}

}  // namespace

std::optional<Op> find_op(std::uint32_t opcode) {
  const auto it =
      std::ranges::lower_bound(by_opcode(), opcode, {}, [](Op op) { return info(op).opcode; });
  if (it == by_opcode().end() || info(*it).opcode != opcode) return std::nullopt;
  return *it;
}

std::optional<Op> find_op(std::string_view text) {
  const auto it =
      std::ranges::lower_bound(by_text(), text, {}, [](Op op) { return info(op).text; });
  if (it == by_text().end() || info(*it).text != text) return std::nullopt;
  return *it;
}

}  // namespace tenon::core
