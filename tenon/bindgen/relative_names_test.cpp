// SPDX-License-Identifier: Apache-2.0
// Short names mean what the full ones meant: a name that anything hides stays in full.
#include "tenon/bindgen/relative_names.h"

#include <gtest/gtest.h>

namespace tenon::bindgen {
namespace {

TEST(RelativeNames, ATypeIsShortInItsOwnNamespaceAlone) {
  EXPECT_EQ(with_relative_names(R"(namespace w::a {
struct point;
::std::vector<::w::a::point> all(const ::w::a::point& p, ::w::b::point q);
}  // namespace w::a
namespace w::b {
using point = ::w::a::point;
}
constexpr auto x = &::w::a::point::x;
)"),
            R"(namespace w::a {
struct point;
std::vector<point> all(const point& p, w::b::point q);
}  // namespace w::a
namespace w::b {
using point = w::a::point;
}
constexpr auto x = &::w::a::point::x;
)");
}

TEST(RelativeNames, WhatAMemberOrAParameterHidesStaysInFull) {
  for (const std::string_view hider :
       {"struct entry { ::w::a::file file; };", "void f(::w::a::file file, ::w::a::file b);",
        "struct s { int file; ::w::a::file b; };", "struct s { void file(::w::a::file b); };",
        "namespace cases { struct file; struct b { ::w::a::file value; }; }",
        "template <class file> void f(::w::a::file b);",
        "inline void f() { const auto& [b, file] = g(); ::w::a::file c; }"}) {
    const auto in_w = [&](std::string_view root) {
      std::string text = "namespace w::a {\nclass file;\n" + std::string(hider) + "\n}\n";
      for (auto at = text.find("::w::a"); at != std::string::npos; at = text.find("::w::a", at + 1))
        text.replace(at, 6, root);
      return text;
    };
    EXPECT_EQ(with_relative_names(in_w("::w::a")), in_w("w::a"));
  }
}

// A world `frame` or `core` was taken for the namespace or class of tenon.
TEST(RelativeNames, TheWorldStaysInFullWhereTenonsNamesAreFoundFirst) {
  EXPECT_EQ(with_relative_names(R"(namespace tenon::guest {
template <>
struct abi<::frame::a::t> : ::std::true_type {};
}
template <>
inline constexpr auto tenon::members<::core::a::t> = ::std::tuple(::tenon::member("f", &::core::a::t::f));
)"),
            R"(namespace tenon::guest {
template <>
struct abi<::frame::a::t> : std::true_type {};
}
template <>
inline constexpr auto tenon::members<::core::a::t> = std::tuple(tenon::member("f", &::core::a::t::f));
)");
}

TEST(RelativeNames, WhatABaseClassDeclaresStaysInFull) {
  constexpr std::string_view text =
      "namespace w::a { struct weak_from_this; struct index; "
      "void f(::w::a::weak_from_this a, ::w::a::index b); }";
  const std::string got = with_relative_names(std::string(text));
  EXPECT_NE(got.find("w::a::weak_from_this a"), std::string::npos) << got;
  EXPECT_NE(got.find("w::a::index b"), std::string::npos) << got;
}

TEST(RelativeNames, ARootThatANamespaceInsideBearsStaysInFull) {
  EXPECT_EQ(with_relative_names("namespace w::std::tenon { ::std::string f(::tenon::Store& s); }"),
            "namespace w::std::tenon { ::std::string f(::tenon::Store& s); }");
  EXPECT_EQ(with_relative_names("namespace w { void f(int w, ::w::t a); }"),
            "namespace w { void f(int w, ::w::t a); }");
}

TEST(RelativeNames, CallsCommentsLiteralsAndMacrosStay) {
  constexpr std::string_view same = R"(namespace w {
// ::std::string
#define F(X) ::std::string \
  ::std::move(X)
const char* x = "`::std::string \" ::std::f`";
}
)";
  EXPECT_EQ(with_relative_names(std::string(same)), same);
  EXPECT_EQ(
      with_relative_names("namespace w { static_assert(f, \"write `::std::map<::w::b, a::c> "
                          "f()`\"); ::std::string x; }"),
      "namespace w { static_assert(f, \"write `std::map<w::b, a::c> f()`\"); std::string x; }");
  // A function that is found by its arguments could be another one.
  EXPECT_EQ(with_relative_names("namespace w { void move(); void f() { ::w::move(); } }"),
            "namespace w { void move(); void f() { w::move(); } }");
}

TEST(RelativeNames, TextThatEndsAnywhereIsTaken) {
  constexpr std::string_view text =
      "namespace w { class x; ::w::x f(\"a\\\"\"); /* ::a */ '\\''; }";
  for (std::size_t n = 0; n <= text.size(); ++n)
    EXPECT_LE(with_relative_names(std::string(text.substr(0, n))).size(), n);
}

}  // namespace
}  // namespace tenon::bindgen
