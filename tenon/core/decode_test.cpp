// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/decode.h"

#include <gtest/gtest.h>

#include "tenon/core/encode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"
#include "tenon/core/validate.h"

namespace tenon::core {
namespace {

using testing::Bytes;
using testing::header;
using testing::one_func;
using testing::section;

Result<Module> read(Bytes bytes, const Features& features = Features::wasm3()) {
  return decode(Blob::own(bytes.take()), features);
}
Result<Validated<Module>> read_and_validate(Bytes bytes) {
  Module module = TENON_TRY(read(std::move(bytes)));
  return validate(std::move(module));
}
void expect_rule(Bytes bytes, const Rule& rule) {
  const auto result = read_and_validate(std::move(bytes));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().rule().id, rule.id) << result.error().text();
}

TEST(Decode, TakesTheEmptyModule) {
  const auto module = read(header());
  ASSERT_TRUE(module);
  EXPECT_TRUE(module->types.empty());
}

TEST(Decode, RefusesWhatIsNotAModule) {
  expect_rule(Bytes(), rules::magic);
  expect_rule(Bytes().add({0}), rules::magic);
  expect_rule(Bytes().add({0, 0x61, 0x73, 0x6D, 1, 0, 0}), tenon::rules::unexpected_end);
  expect_rule(Bytes().add({0x7F, 'E', 'L', 'F', 1, 1, 1, 0}), rules::magic);
  expect_rule(Bytes().add({0x1F, 0x8B, 8, 0, 0, 0, 0, 0}), rules::magic);
  expect_rule(Bytes().add({0, 0x61, 0x73, 0x6D, 2, 0, 0, 0}), rules::version);
  expect_rule(Bytes().add({0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0}), rules::is_component);
}

TEST(Decode, SaysWhereASectionLies) {
  // A size that reaches past the end, one that is too short, one that is too long.
  expect_rule(header().add({1, 0x10, 0}), rules::section_length);
  expect_rule(header().add({1, 2, 1, 0x60, 0, 0}), tenon::rules::unexpected_end);
  expect_rule(header().add({1, 2, 0, 0}), rules::section_size);
  const auto result = read(header().add({1, 2, 0, 0}));
  EXPECT_EQ(result.error().span(), (Span{0, 11, 12}));
}

TEST(Decode, RefusesSectionsTwiceOrOutOfOrder) {
  const Bytes types = section(1, Bytes().add({0}));
  expect_rule(header().append(types).append(types), rules::section_order);
  expect_rule(header().append(section(3, Bytes().add({0}))).append(types), rules::section_order);
  expect_rule(header().append(section(14, Bytes())), rules::section_id);
}

TEST(Decode, RefusesIntegersThatAreTooLongOrTooLarge) {
  expect_rule(header().add({1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0}), tenon::rules::leb_too_long);
  expect_rule(header().add({1, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0}), tenon::rules::leb_too_large);
}

TEST(Decode, NeverAllocatesForACountThatTheInputCannotHold) {
  for (const int id : {1, 2, 3, 4, 5, 6, 7, 9, 11, 13}) {
    const auto module =
        read(header().append(section(id, Bytes().add({0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0}))));
    ASSERT_FALSE(module) << id;
    EXPECT_EQ(module.error().rule().id, tenon::rules::unexpected_end.id) << id;
  }
}

TEST(Decode, RefusesNamesThatAreNotUtf8) {
  expect_rule(header().append(section(0, Bytes().add({2, 0xC0, 0x80}))), tenon::rules::utf8);
  expect_rule(header().append(section(0, Bytes().add({3, 0xED, 0xA0, 0x80}))), tenon::rules::utf8);
  expect_rule(header().append(section(0, Bytes().add({0xFF, 0xFF, 0xFF, 0xFF, 3}))),
              tenon::rules::unexpected_end);
}

TEST(Decode, LimitsLocals) {
  // 50,000 are taken; one more is not; 2^32 are malformed.
  EXPECT_TRUE(read_and_validate(one_func(Bytes().add({1}).u32(50'000).add({0x7F, 0x0B}))));
  expect_rule(one_func(Bytes().add({1}).u32(50'001).add({0x7F, 0x0B})),
              rules::implementation_limit);
  expect_rule(one_func(Bytes().add({2}).u32(0xFFFFFFFF).add({0x7F, 1, 0x7F, 0x0B})),
              rules::too_many_locals);
}

TEST(Decode, FindsLocalsBehindTheFirstFewHundred) {
  // local.get 40,000 is an i64 and the last of them an f32.
  Bytes entry;
  entry.add({3}).u32(600).add({0x7F}).u32(40'000).add({0x7E}).u32(1).add({0x7D});
  entry.add({0x20})
      .u32(599)
      .add({0x1A, 0x20})
      .u32(600)
      .add({0x50, 0x1A, 0x20})
      .u32(40'599)
      .add({0x50, 0x1A});
  entry.add({0x20}).u32(40'600).add({0x8B, 0x1A, 0x0B});
  const auto module = read_and_validate(one_func(entry));
  EXPECT_TRUE(module) << module.error().text();
}

TEST(Decode, KnowsGatesOfTheBinaryForm) {
  const Bytes tags = header()
                         .append(section(1, Bytes().add({1, 0x60, 0, 0})))
                         .append(section(13, Bytes().add({1, 0, 0})));
  EXPECT_TRUE(read(tags));
  EXPECT_FALSE(read(tags, Features::wasm2()));
  const Bytes array = header().append(section(1, Bytes().add({1, 0x5E, 0x7F, 0})));
  EXPECT_TRUE(read(array));
  const auto refused = read(array, Features::wasm2());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule().id, rules::feature_off.id);
  EXPECT_NE(refused.error().help_text().find("gc"), std::string::npos);
}

TEST(Decode, CountsSpansFromTheBase) {
  auto module = decode(Blob::own(header().add({1, 2, 0, 0}).take()), Features::wasm3(), 3, 1000);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().span(), (Span{3, 1011, 1012}));
}

TEST(Decode, RefusesFlagsAndKindsThatThereAreNot) {
  const Bytes func = Bytes().add({1, 0x60, 0, 0});
  const auto with = [&](int id, const Bytes& content) {
    return header().append(section(1, func)).append(section(id, content));
  };
  expect_rule(with(1, Bytes()), rules::section_order);
  expect_rule(header().append(section(1, Bytes().add({1, 0x40}))), rules::comptype_code);
  expect_rule(header().append(section(1, Bytes().add({1, 0x60, 1, 0x40, 0}))), rules::valtype_code);
  expect_rule(header().append(section(1, Bytes().add({1, 0x60, 1, 0x63, 0x40, 0}))),
              rules::heaptype_code);
  expect_rule(header().append(section(1, Bytes().add({1, 0x5E, 0x7F, 2}))), rules::mutability);
  expect_rule(with(2, Bytes().add({1, 0, 0, 5, 0})), rules::import_kind);
  expect_rule(with(4, Bytes().add({1, 0x7F, 0, 1})), rules::reftype_code);
  expect_rule(with(4, Bytes().add({1, 0x40, 1, 0x70, 0, 1})), rules::table_form);
  expect_rule(with(5, Bytes().add({1, 8, 1})), rules::limits_flags);
  expect_rule(with(7, Bytes().add({1, 0, 5, 0})), rules::export_kind);
  expect_rule(with(9, Bytes().add({1, 8, 0, 0})), rules::elem_flags);
  expect_rule(with(9, Bytes().add({1, 1, 1, 0})), rules::elem_kind);
  expect_rule(with(11, Bytes().add({1, 3, 0, 0})), rules::data_flags);
  expect_rule(with(13, Bytes().add({1, 1, 0})), rules::tag_attribute);
  expect_rule(with(3, Bytes().add({1, 0})), rules::func_code_count);
  expect_rule(header().append(section(12, Bytes().add({1}))), rules::data_count);
}

TEST(Encode, KeepsPlacesAndForms) {
  // Custom sections everywhere, an empty section, a singleton rec group, an empty one, elem flags.
  Bytes in = header();
  in.append(section(0, Bytes().name("first").add({1, 2, 3})));
  in.append(section(1, Bytes().add({4, 0x4E, 1, 0x60, 0, 0, 0x4E, 0, 0x60, 0, 1, 0x7F, 0x50, 0,
                                    0x5F, 1, 0x78, 1})));
  in.append(section(0, Bytes().name("mid")));
  in.append(section(3, Bytes().add({1, 0})));
  in.append(section(4, Bytes().add({2, 0x40, 0, 0x70, 0, 1, 0xD0, 0x70, 0x0B, 0x63, 0, 1, 0, 2})));
  in.append(section(7, Bytes().add({0})));
  in.append(
      section(9, Bytes().add({3, 0, 0x41, 0, 0x0B, 1, 0, 1, 0, 1, 0, 5, 0x70, 1, 0xD2, 0, 0x0B})));
  in.append(section(12, Bytes().add({1})));
  in.append(section(10, Bytes().add({1, 4, 1, 2, 0x7F, 0x0B})));
  in.append(section(11, Bytes().add({1, 1, 2, 7, 8})));
  in.append(section(0, Bytes().name("last").add({9})));
  const std::vector<std::uint8_t> bytes = in.take();
  auto module = decode(Blob::borrow(bytes));
  ASSERT_TRUE(module) << module.error().text();
  EXPECT_EQ(encode(*module), bytes);
  const auto valid = validate(std::move(*module));
  EXPECT_TRUE(valid) << valid.error().text();
}

TEST(Decode, SurvivesTruncationAtEveryByteAndEveryBitFlip) {
  Bytes in = header();
  in.append(section(1, Bytes().add({2, 0x60, 1, 0x7F, 1, 0x7F, 0x5E, 0x78, 1})));
  in.append(section(2, Bytes().add({1, 1, 'm', 1, 'f', 0, 0})));
  in.append(section(3, Bytes().add({1, 0})));
  in.append(section(4, Bytes().add({1, 0x70, 1, 1, 2})));
  in.append(section(5, Bytes().add({1, 1, 1, 2})));
  in.append(section(13, Bytes().add({0})));
  in.append(section(6, Bytes().add({1, 0x7F, 1, 0x41, 5, 0x0B})));
  in.append(section(7, Bytes().add({1, 1, 'e', 0, 1})));
  in.append(section(9, Bytes().add({1, 0, 0x41, 0, 0x0B, 1, 0})));
  in.append(section(
      10, Bytes().add({1, 23, 1,    1,    0x7E, 0x02, 0x7F, 0x20, 0, 0x28, 2,    0, 0x0E, 1,
                       0, 0,  0x0B, 0x10, 0,    0x41, 0x7F, 0xFC, 0, 0x1A, 0x41, 0, 0x0B})));
  in.append(section(11, Bytes().add({1, 0, 0x41, 0, 0x0B, 2, 1, 2})));
  const std::vector<std::uint8_t> bytes = in.take();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    auto module = decode(Blob::borrow(ByteSpan(bytes).first(n)));
    if (module) static_cast<void>(validate(std::move(*module)));
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<std::uint8_t> flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    auto module = decode(Blob::borrow(flipped), Features::all());
    if (!module) continue;
    static_cast<void>(encode(*module));
    static_cast<void>(validate(std::move(*module), Features::all()));
  }
}

}  // namespace
}  // namespace tenon::core
