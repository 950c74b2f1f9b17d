// SPDX-License-Identifier: Apache-2.0
// What a hostile binary may ask for, and where it is stopped.
#include "tenon/core/limits.h"

#include <gtest/gtest.h>

#include <array>

#include "tenon/core/decode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"
#include "tenon/core/validate.h"

namespace tenon::core {
namespace {

using testing::Bytes;
using testing::header;
using testing::one_func;
using testing::section;

/// The rule that refuses the module, or an empty text when it is valid.
std::string_view refusal(Bytes bytes) {
  static std::array<Error, 1> last = {Error(rules::magic, {})};
  auto module = decode(Blob::own(bytes.take()));
  if (!module) {
    last[0] = std::move(module).error();
    return last[0].rule().id;
  }
  auto valid = validate(std::move(*module));
  if (valid) return {};
  last[0] = std::move(valid).error();
  return last[0].rule().id;
}
Bytes with(int id, const Bytes& content) {
  return header().append(section(id, content));
}
Bytes types(const Bytes& content) {
  return with(1, content);
}

TEST(Limits, HoldForTheItemsOfEverySection) {
  struct Row {
    int id;
    std::uint32_t limit;
  };
  for (const Row row : {Row{1, limits::types}, Row{2, limits::imports}, Row{3, limits::funcs},
                        Row{4, limits::tables}, Row{5, limits::mems}, Row{6, limits::globals},
                        Row{7, limits::exports}, Row{9, limits::elems}, Row{11, limits::datas},
                        Row{13, limits::tags}}) {
    EXPECT_EQ(refusal(with(row.id, Bytes().u32(row.limit + 1).repeat(0, row.limit + 1))),
              rules::implementation_limit.id)
        << row.id;
  }
}

TEST(Limits, CountImportedTablesAndMemories) {
  for (const int kind : {1, 2}) {
    const auto imports = [&](std::uint32_t n) {
      Bytes content;
      content.u32(n);
      for (std::uint32_t i = 0; i < n; ++i) {
        content.add({0, 0, kind});
        kind == 1 ? content.add({0x70, 0, 1}) : content.add({0, 1});
      }
      return with(2, content);
    };
    EXPECT_EQ(refusal(imports(100)), "") << kind;
    EXPECT_EQ(refusal(imports(101)), rules::implementation_limit.id) << kind;
    // One more that the module defines itself.
    const Bytes own = section(kind == 1 ? 4 : 5,
                              kind == 1 ? Bytes().add({1, 0x70, 0, 1}) : Bytes().add({1, 0, 1}));
    EXPECT_EQ(refusal(imports(100).append(own)), rules::implementation_limit.id) << kind;
  }
}

TEST(Limits, HoldForNames) {
  const auto with_name = [](std::uint32_t n) {
    return with(7, Bytes().add({1}).u32(n).repeat('x', n).add({2, 0}));
  };
  EXPECT_EQ(refusal(with_name(limits::name_bytes)), rules::unknown_mem.id);
  EXPECT_EQ(refusal(with_name(limits::name_bytes + 1)), rules::implementation_limit.id);
  // A name of 1 GiB in a few bytes.
  EXPECT_EQ(refusal(with(7, Bytes().add({1}).u32(1U << 30U).repeat('x', 20))),
            tenon::rules::unexpected_end.id);
  EXPECT_EQ(refusal(with(0, Bytes().u32(1U << 30U).repeat('x', 20))),
            tenon::rules::unexpected_end.id);
  // NUL is a character like others.
  EXPECT_EQ(refusal(with(0, Bytes().add({1, 0}))), "");
}

TEST(Limits, HoldForBodies) {
  EXPECT_EQ(refusal(one_func(Bytes().add({0}).repeat(1, limits::body_bytes - 2).add({0x0B}))), "");
  EXPECT_EQ(refusal(one_func(Bytes().add({0}).repeat(1, limits::body_bytes - 1).add({0x0B}))),
            rules::implementation_limit.id);
}

TEST(Limits, HoldForParametersAndResults) {
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x60}).u32(1000).repeat(0x7F, 1000).add({0}))), "");
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x60}).u32(1001).repeat(0x7F, 1001).add({0}))),
            rules::implementation_limit.id);
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x60, 0}).u32(1001).repeat(0x7F, 1001))),
            rules::implementation_limit.id);
}

TEST(Limits, HoldForFieldsAndCatchClauses) {
  const auto structure = [](std::uint32_t n) {
    Bytes out = Bytes().add({1, 0x5F}).u32(n);
    for (std::uint32_t i = 0; i < n; ++i) out.add({0x7F, 0});
    return types(out);
  };
  EXPECT_EQ(refusal(structure(10'000)), "");
  EXPECT_EQ(refusal(structure(10'001)), rules::implementation_limit.id);
  const auto clauses = [](std::uint32_t n) {
    Bytes out = Bytes().add({0, 0x1F, 0x40}).u32(n);
    for (std::uint32_t i = 0; i < n; ++i) out.add({2, 0});
    return one_func(out.add({0x0B, 0x0B}));
  };
  EXPECT_EQ(refusal(clauses(10'000)), "");
  EXPECT_EQ(refusal(clauses(10'001)), rules::implementation_limit.id);
}

TEST(Limits, HoldForElementsAndBranchTables) {
  EXPECT_EQ(refusal(with(9, Bytes().add({1, 1, 0}).u32(10'000'001).repeat(0, 10'000'001))),
            rules::implementation_limit.id);
  EXPECT_EQ(refusal(one_func(Bytes().add({0, 0x41, 0, 0x0E}).u32(0xFFFFFFFF).add({0, 0, 0x0B}))),
            tenon::rules::unexpected_end.id);
}

TEST(Limits, HoldForChainsOfSupertypes) {
  const auto chain = [](std::uint32_t n) {
    Bytes out = Bytes().u32(n + 1).add({0x50, 0, 0x5F, 0});
    for (std::uint32_t i = 0; i < n; ++i) out.add({0x50, 1}).u32(i).add({0x5F, 0});
    return types(out);
  };
  EXPECT_EQ(refusal(chain(63)), "");
  EXPECT_EQ(refusal(chain(64)), rules::implementation_limit.id);
  // More than one supertype is well-formed, and not valid.
  EXPECT_EQ(
      refusal(types(Bytes().add({3, 0x50, 0, 0x5F, 0, 0x50, 0, 0x5F, 0, 0x50, 2, 0, 1, 0x5F, 0}))),
      rules::sub_type.id);
}

TEST(Limits, HoldForMemoriesAndTables) {
  EXPECT_EQ(refusal(with(5, Bytes().add({1, 0}).u32(65'536))), "");
  EXPECT_EQ(refusal(with(5, Bytes().add({1, 0}).u32(65'537))), rules::mem_size.id);
  EXPECT_EQ(refusal(with(5, Bytes().add({1, 1, 0}).u32(65'537))), rules::mem_size.id);
  EXPECT_EQ(refusal(with(5, Bytes().add({1, 1, 2, 1}))), rules::limits_order.id);
  EXPECT_EQ(refusal(with(4, Bytes().add({1, 0x70, 0, 0x80, 0x80, 0x80, 0x80, 0x10}))),
            rules::table_size.id);
}

TEST(Limits, StopTypesThatNameThemselvesOrWhatComesLater) {
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x60, 1, 0x64, 5, 0}))), rules::unknown_type.id);
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x50, 1, 0, 0x5F, 0}))), rules::unknown_type.id);
  EXPECT_EQ(refusal(types(Bytes().add({2, 0x50, 1, 1, 0x5F, 0, 0x50, 0, 0x5F, 0}))),
            rules::unknown_type.id);
  // An index beyond 2^32 in a heap type.
  EXPECT_EQ(refusal(types(Bytes().add({1, 0x60, 1, 0x64, 0x80, 0x80, 0x80, 0x80, 0x7F, 0}))),
            rules::heaptype_code.id);
}

TEST(Limits, StopLayersAndVersionsThatThereAreNot) {
  const auto head = [](int version, int layer) {
    return refusal(Bytes().add({0, 'a', 's', 'm', version, 0, layer, 0}));
  };
  EXPECT_EQ(head(1, 0), "");
  EXPECT_EQ(head(0x0D, 1), rules::is_component.id);
  EXPECT_EQ(head(0x0D, 0), rules::version.id);
  EXPECT_EQ(head(1, 2), rules::version.id);
  for (std::size_t n = 0; n < 8; ++n) {
    auto bytes = header().take();
    bytes.resize(n);
    EXPECT_FALSE(decode(Blob::own(std::move(bytes)))) << n;
  }
}

}  // namespace
}  // namespace tenon::core
