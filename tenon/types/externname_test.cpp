// SPDX-License-Identifier: Apache-2.0
#include "tenon/types/externname.h"

#include <gtest/gtest.h>

#include "tenon/types/rules.h"

namespace tenon::types {
namespace {

bool valid(std::string_view name, core::Features features = core::Features::component()) {
  return parse_extern_name(name, features).has_value();
}
std::string why(std::string_view name) {
  const auto parsed = parse_extern_name(name, core::Features::component());
  return parsed ? "" : parsed.error().text();
}

TEST(ExternName, LabelsAreKebabCaseOfOneCasePerWord) {
  for (const char* ok :
       {"a", "a1", "a-1", "B-1-C-2-D-3", "a11-B11-123-ABC-abc", "m1x3d-4CR0NYMS"}) {
    EXPECT_TRUE(is_label(ok)) << ok;
  }
  for (const char* bad : {"", "1", "1-a", "a-", "a--", "-a", "aBc", "a_b", "a.b", "\xC3\xA4"}) {
    EXPECT_FALSE(is_label(bad)) << bad;
  }
}

TEST(ExternName, InterfaceNamesHaveLowerCaseNamespaceAndPackage) {
  EXPECT_TRUE(valid("ns-1-a:b-1-c/D-2"));
  EXPECT_TRUE(valid("a:b/c@0.0.0-abcd.1.2+efg.4.ee.5"));
  for (const char* bad :
       {"A:b/c", "1:b/c", "ns-A:b/c", "ns:A/b", "ns:1/a", "wasi:", "wasi:/", ":/", "a:b/c@"}) {
    EXPECT_FALSE(valid(bad)) << bad;
  }
  EXPECT_NE(why("foo:bar:baz/qux").find("expected `/` after package name"), std::string::npos);
  EXPECT_NE(why("foo:bar/baz/qux").find("trailing characters found: `/qux`"), std::string::npos);
  EXPECT_NE(why("a:b/c@2.0x0").find("unexpected character 'x'"), std::string::npos);
}

TEST(ExternName, NestedNamesAndCanonicalVersionsNeedTheirGates) {
  auto nested = core::Features::component().enable(core::Gate::cm_nested_names);
  EXPECT_TRUE(valid("foo:bar:baz/qux/quux@1.0.0", nested));
  EXPECT_FALSE(valid("a:b/c@0.2"));
  auto canon = core::Features::component().enable(core::Gate::cm_canon_names);
  EXPECT_TRUE(valid("a:b/c@0.2", canon));
  EXPECT_FALSE(valid("a:b/c@0.02", canon));
}

TEST(ExternName, AnnotatedNamesArePartedAtTheFirstDot) {
  const auto name = parse_extern_name("[method]canvas.set-width", core::Features::component());
  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, NameKind::method);
  EXPECT_EQ(name->label, "canvas");
  EXPECT_EQ(name->member, "set-width");
  for (const char* bad : {"[constructor]", "[method]", "[method]a", "[method]a.", "[method].a",
                          "[method]a.b.c", "[static]a", "[async]a"}) {
    EXPECT_FALSE(valid(bad)) << bad;
  }
}

TEST(ExternName, StrongUniquenessFoldsCaseAndAnnotations) {
  EXPECT_EQ(unique_key("foo-BAR"), unique_key("foo-bar"));
  EXPECT_NE(unique_key("foo"), unique_key("[constructor]foo"));
  EXPECT_NE(unique_key("foo"), unique_key("[method]foo.bar"));
  EXPECT_EQ(unique_key("foo"), unique_key("[method]foo.foo"));
  EXPECT_EQ(unique_key("foo"), unique_key("[static]FOO.foo"));
  EXPECT_EQ(unique_key("[method]foo.bar"), unique_key("[static]foo.bar"));
}

TEST(ExternName, StrongUniquenessIgnoresHyphens) {
  for (const char* same : {"foo-BAR", "foobar", "foob-ar", "[static]foobar.FOOBAR",
                           "[static]foo-BAR.FOO-bar", "[method]foo-bar.foob-ar"}) {
    EXPECT_EQ(unique_key(same), unique_key("foo-bar")) << same;
    EXPECT_FALSE(is_unique_key(same) && same != std::string_view("foobar")) << same;
  }
  for (const char* same : {"foo-BAR", "foobar", "foob-ar", "F-O-O-B-A-R"})
    EXPECT_TRUE(same_key(same, "foo-bar")) << same;
  for (const char* other : {"foo-ba", "foo-barr", "foo-baz", "f"})
    EXPECT_FALSE(same_key(other, "foo-bar")) << other;
  EXPECT_EQ(unique_key("[constructor]fo-o"), unique_key("[constructor]foo"));
  EXPECT_EQ(unique_key("foo:bar/BAZ"), unique_key("foo:bar/b-az"));
  // Versions are no names.
  EXPECT_NE(unique_key("a:b/c@1.0.0-a-b"), unique_key("a:b/c@1.0.0-ab"));
}

TEST(ExternName, AccessorsAreUniqueAsTheSpecificationsListSays) {
  EXPECT_EQ(unique_key("[get]foo"), unique_key("foo"));
  EXPECT_NE(unique_key("[set]foo"), unique_key("foo"));
  EXPECT_EQ(unique_key("[set]PROP"), unique_key("[set]prop"));
  EXPECT_EQ(unique_key("[method][get]foo.foo"), unique_key("foo"));
  EXPECT_EQ(unique_key("[static][set]foo.FOO"), unique_key("foo"));
  EXPECT_EQ(unique_key("[static][get]foo.prop"), unique_key("[method]foo.PROP"));
  EXPECT_EQ(unique_key("[static][set]foo.prop"), unique_key("[method][set]foo.PROP"));
  EXPECT_NE(unique_key("[method][set]foo.prop"), unique_key("[method][get]foo.prop"));
}

TEST(ExternName, AccessorsNeedTheirGate) {
  EXPECT_FALSE(valid("[get]x"));
  EXPECT_NE(why("[method][set]r.p").find("cm-accessors"), std::string::npos);
  auto open = core::Features::component().enable(core::Gate::cm_accessors);
  const auto name = parse_extern_name("[static][get]foo.prop-2", open);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, NameKind::static_);
  EXPECT_EQ(name->accessor, Accessor::get);
  EXPECT_EQ(name->label, "foo");
  EXPECT_EQ(name->member, "prop-2");
  EXPECT_TRUE(valid("[set]x", open));
  for (const char* bad : {"[get]", "[get][method]r.p", "[get]r.p", "[get][set]x",
                          "[constructor][get]r", "[method][get]r"}) {
    EXPECT_FALSE(valid(bad, open)) << bad;
  }
}

}  // namespace
}  // namespace tenon::types
