// SPDX-License-Identifier: Apache-2.0
#include "tenon/core/names.h"

#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/core/rules.h"
#include "tenon/core/testing.h"
#include "tenon/core/validate_custom.h"

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

// Spec: core/appendix/custom "Name Section".
TEST(Names, AreCheckedAgainstTheModule) {
  enum class Place : std::uint8_t { last, before_code, twice };
  const auto check = [](std::initializer_list<int> content, Place place = Place::last) {
    Bytes custom;
    custom.name("name");
    custom.append(Bytes().add(content));
    // A structure with one field and a function type; an import; a function with a local and a
    // block.
    const Bytes code = section(10, Bytes().add({1, 7, 1, 1, 0x7F, 0x02, 0x40, 0x0B, 0x0B}));
    Bytes bytes = header()
                      .append(section(1, Bytes().add({2, 0x5F, 1, 0x7F, 0, 0x60, 1, 0x7F, 0})))
                      .append(section(2, Bytes().add({1, 0, 0, 0, 1})))
                      .append(section(3, Bytes().add({1, 1})));
    if (place == Place::before_code) bytes.append(section(0, custom));
    bytes.append(code);
    if (place != Place::before_code) bytes.append(section(0, custom));
    if (place == Place::twice) bytes.append(section(0, custom));
    const auto module = decode(Blob::own(bytes.take()));
    EXPECT_TRUE(module) << module.error().text();
    const auto result = validate_custom(*module);
    return result ? std::string("valid") : std::string(result.error().detail());
  };
  EXPECT_EQ(check({1, 4, 1, 1, 1, 'f'}), "valid");
  EXPECT_EQ(check({1, 4, 1, 1, 1, 'f'}, Place::before_code),
            "names before a section that they may name");
  EXPECT_EQ(check({1, 4, 1, 1, 1, 'f'}, Place::twice), "a second section of names");
  EXPECT_EQ(check({1, 4, 1, 2, 1, 'f'}), "a name for function 2, of 2");
  EXPECT_EQ(check({4, 4, 1, 2, 1, 't'}), "a name for type 2, of 2");
  EXPECT_EQ(check({5, 4, 1, 0, 1, 't'}), "a name for table 0, of 0");
  EXPECT_EQ(check({9, 4, 1, 0, 1, 'd'}), "a name for data segment 0, of 0");
  // A parameter and a local; an import has parameters alone.
  EXPECT_EQ(check({2, 6, 1, 1, 1, 1, 1, 'x'}), "valid");
  EXPECT_EQ(check({2, 6, 1, 1, 1, 2, 1, 'x'}), "a name for function 1's local 2, of 2");
  EXPECT_EQ(check({2, 6, 1, 0, 1, 1, 1, 'x'}), "a name for function 0's local 1, of 1");
  EXPECT_EQ(check({2, 6, 1, 2, 1, 0, 1, 'x'}), "a name for the locals of function 2, of 2");
  EXPECT_EQ(check({3, 6, 1, 1, 1, 0, 1, 'l'}), "valid");
  EXPECT_EQ(check({3, 6, 1, 1, 1, 1, 1, 'l'}), "a name for function 1's label 1, of 1");
  EXPECT_EQ(check({3, 6, 1, 0, 1, 0, 1, 'l'}), "a name for function 0's label 0, of 0");
  EXPECT_EQ(check({10, 6, 1, 0, 1, 0, 1, 'a'}), "valid");
  EXPECT_EQ(check({10, 6, 1, 0, 1, 1, 1, 'a'}), "a name for type 0's field 1, of 1");
  EXPECT_EQ(check({10, 6, 1, 1, 1, 0, 1, 'a'}), "names of fields for type 1, no structure");
}

// Spec: the proposal `branch-hinting`.
TEST(BranchHints, AreCheckedAgainstTheCode) {
  // One import, one function: local.get 0 (at 1), br_if 0 (at 3), end (at 5).
  const auto check = [](const Bytes& content, bool behind_code = false) {
    Bytes custom;
    custom.name(branch_hint_section);
    custom.append(content);
    const Bytes code = section(10, Bytes().add({1, 6, 0, 0x20, 0, 0x0D, 0, 0x0B}));
    Bytes bytes = header()
                      .append(section(1, Bytes().add({1, 0x60, 1, 0x7F, 0})))
                      .append(section(2, Bytes().add({1, 0, 0, 0, 0})))
                      .append(section(3, Bytes().add({1, 0})));
    if (behind_code) bytes.append(code);
    bytes.append(section(0, custom));
    if (!behind_code) bytes.append(code);
    const auto module = decode(Blob::own(bytes.take()));
    EXPECT_TRUE(module) << module.error().text();
    const auto result = validate_custom(*module);
    return result ? std::string("valid") : std::string(result.error().detail());
  };
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 3, 1, 1})), "valid");
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 3, 1, 1}), true), "branch hints behind the code");
  EXPECT_EQ(check(Bytes().add({1, 0, 0})), "branch hints for function 0, which has no body");
  EXPECT_EQ(check(Bytes().add({1, 2, 0})), "branch hints for function 2, which has no body");
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 1, 1, 1})), "a branch hint at `local.get`");
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 2, 1, 1})),
            "a branch hint at offset 2, where no operator begins");
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 9, 1, 1})),
            "a branch hint at offset 9, behind the body of function 1");
  EXPECT_EQ(check(Bytes().add({1, 1, 1, 3, 1, 2})), "a branch hint is one byte, 0 or 1");
  EXPECT_NE(check(Bytes().add({1, 1, 2, 3, 1, 1, 3, 1, 1})), "valid");
  EXPECT_NE(check(Bytes().add({2, 1, 0, 1, 0})), "valid");
}

}  // namespace
}  // namespace tenon::core
