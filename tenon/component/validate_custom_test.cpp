// SPDX-License-Identifier: Apache-2.0
#include "tenon/component/validate_custom.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "tenon/component/validate.h"

namespace tenon::component {
namespace {

using Sections = std::initializer_list<std::pair<const char*, std::vector<std::uint8_t>>>;

/// A component with two types (one is a core type) and these custom sections; what is wrong.
std::string check(Sections sections, bool nested = false) {
  Component component;
  CoreType core;
  core.rec_group.emplace_back();
  component.definitions.push_back({std::move(core), {}});
  Type type;
  type.def = FuncType{};
  component.definitions.push_back({std::move(type), {}});
  for (const auto& [name, content] : sections)
    component.definitions.push_back({Custom{name, content}, {}});
  if (nested) {
    Component outer;
    outer.definitions.push_back({std::make_unique<Component>(std::move(component)), {}});
    component = std::move(outer);
  }
  const auto valid = validate(std::move(component));
  if (!valid) return valid.error().text();
  const auto checked = validate_custom(*valid);
  return checked ? "valid" : std::string(checked.error().detail());
}

TEST(CustomSections, OfAComponentNameWhatThereIs) {
  const char* const names = "component-name";
  EXPECT_EQ(check({{names, {}}}), "valid");
  // Subsection 1, 6 bytes: the sort `type`, one name, index 0, "ab".
  EXPECT_EQ(check({{names, {1, 6, 3, 1, 0, 2, 'a', 'b'}}}), "valid");
  EXPECT_EQ(check({{names, {0, 2, 1, 'c', 1, 6, 0, 0x10, 1, 0, 1, 'a'}}}), "valid");
  EXPECT_EQ(check({{names, {1, 6, 3, 1, 1, 2, 'a', 'b'}}}), "a name for type 1, of 1");
  EXPECT_EQ(check({{names, {1, 6, 3, 1, 1, 2, 'a', 'b'}}}, true), "a name for type 1, of 1");
  EXPECT_EQ(check({{names, {1, 6, 0, 0x10, 1, 1, 1, 'a'}}}), "a name for core type 1, of 1");
  EXPECT_EQ(check({{names, {1, 2, 9, 0}}}), "names for what is not a sort");
  EXPECT_EQ(check({{names, {1, 3, 0, 0x30, 0}}}), "names for what is not a sort");
  EXPECT_EQ(check({{names, {1, 2, 3, 0, 1, 2, 3, 0}}}),
            "a second list of names for the sort `type`");
  EXPECT_EQ(check({{names, {1, 2, 3, 0, 0, 2, 1, 'c'}}}), "subsection 0 is out of order");
  EXPECT_EQ(check({{names, {2, 0}}}), "subsection 2 is out of order");
  EXPECT_EQ(check({{names, {1, 3, 3, 0, 0}}}), "1 bytes follow the names");
  EXPECT_EQ(check({{names, {}}, {names, {}}}), "a second section of names");
  EXPECT_NE(check({{names, {1, 9, 3}}}), "valid");
}

TEST(CustomSections, OfAModuleDoNotStandInAComponent) {
  EXPECT_EQ(check({{"name", {0, 2, 1, 'c'}}}), "`name` belongs to a core module");
  EXPECT_EQ(check({{"metadata.code.branch_hint", {0}}}),
            "`metadata.code.branch_hint` belongs to a core module");
  EXPECT_EQ(check({{"producers", {0}}, {"of another", {1, 2, 3}}}), "valid");
  EXPECT_NE(check({{"producers", {1}}}), "valid");
}

}  // namespace
}  // namespace tenon::component
