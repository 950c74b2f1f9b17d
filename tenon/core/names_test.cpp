// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/names.h"

#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"

namespace tenon::core {
namespace {

using testing::Bytes;
using testing::header;
using testing::section;

Module with_section(std::string_view name, const Bytes& content) {
  auto module =
      decode(Blob::own(header().append(section(0, Bytes().name(name).append(content))).take()));
  return *std::move(module);
}

TEST(Names, AreReadAndWrittenAgain) {
  Bytes content;
  content.add({0, 2, 1, 'm'}).add({1, 7, 2, 0, 1, 'f', 3, 1, 'g'}).add({2, 6, 1, 3, 1, 0, 1, 'x'});
  content.add({3, 6, 1, 3, 1, 0, 1, 'l'})
      .add({5, 4, 1, 0, 1, 't'})
      .add({10, 6, 1, 0, 1, 1, 1, 'a'})
      .add({11, 4, 1, 0, 1, 'e'});
  const Module module = with_section("name", content);
  const auto names = read_names(module, module.customs[0]);
  ASSERT_TRUE(names) << names.error().text();
  EXPECT_EQ(names->module, "m");
  EXPECT_EQ(find_name(names->funcs, 3), "g");
  EXPECT_FALSE(find_name(names->funcs, 1));
  EXPECT_EQ(find_name(names->locals, 3, 0), "x");
  EXPECT_EQ(find_name(names->fields, 0, 1), "a");
  Writer out;
  write_names(out, *names);
  EXPECT_EQ(Writer(content.writer()).take(), out.take());
}

TEST(Names, OfAMalformedSectionAreNone) {
  // The second index is not greater than the first.
  const Module module = with_section("name", Bytes().add({1, 7, 2, 3, 1, 'f', 3, 1, 'g'}));
  const auto names = read_names(module, module.customs[0]);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().rule().id, rules::custom_content.id);
  EXPECT_TRUE(names_of(module).funcs.empty());
}

TEST(Names, NeverAllocateForACountThatIsNotThere) {
  const Module module = with_section("name", Bytes().add({1, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}));
  EXPECT_FALSE(read_names(module, module.customs[0]));
}

TEST(Producers, AreReadChangedAndWritten) {
  const Module module =
      with_section("producers", Bytes().add({1}).name("language").add({1}).name("C").name("17"));
  auto producers = read_producers(module, module.customs[0]);
  ASSERT_TRUE(producers);
  producers->set("processed-by", "tenon", "0.1");
  producers->set("language", "C", "23");
  Writer out;
  write_producers(out, *producers);
  Reader in(out.view());
  const auto again = read_producers(in);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->fields.size(), 2U);
  EXPECT_EQ(again->fields[0].values[0].version, "23");
  EXPECT_EQ(again->fields[1].values[0].name, "tenon");
}

TEST(BranchHints, AreReadAndWrittenAgain) {
  const Bytes content = Bytes().add({1, 4, 2, 5, 1, 1, 9, 1, 0});
  const Module module = with_section(branch_hint_section, content);
  const auto hints = read_branch_hints(module, module.customs[0]);
  ASSERT_TRUE(hints);
  EXPECT_EQ((*hints)[0].func.value, 4U);
  EXPECT_TRUE((*hints)[0].hints[0].likely);
  Writer out;
  write_branch_hints(out, *hints);
  EXPECT_EQ(Writer(content.writer()).take(), out.take());
  const Module bad = with_section(branch_hint_section, Bytes().add({1, 4, 1, 5, 1, 7}));
  EXPECT_FALSE(read_branch_hints(bad, bad.customs[0]));
}

}  // namespace
}  // namespace tenon::core
