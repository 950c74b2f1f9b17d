// SPDX-License-Identifier: Apache-2.0
// Texts of strangers: docs, gates and names that try to become more than text.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/wit/component_type.h"
#include "tenon/wit/doc.h"
#include "tenon/wit/fmt.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/json.h"
#include "tenon/wit/load.h"
#include "tenon/wit/markdown.h"
#include "tenon/wit/package_docs.h"
#include "tenon/wit/print.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/to_component.h"

namespace tenon::wit {
namespace {

Packages load_right(std::string text) {
  SourceSet sources;
  Diagnostics diagnostics;
  auto out = load_text("test.wit", std::move(text), {}, sources, diagnostics);
  EXPECT_TRUE(out) << (diagnostics.all().empty() ? "" : render(diagnostics.all()[0], sources));
  return out ? std::move(*out) : Packages();
}

Result<void> apply_docs(Packages& packages, const std::string& json) {
  const std::string content = "\1" + json;
  return apply_package_docs(
      packages, packages.roots[0],
      ByteSpan(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
}

constexpr const char* small =
    "package a:b@1.0.0; interface i { f: func(pp: u32); } world w { export i; }";

// The text was printed as it stood: it closed the gate and went on with an interface of its own.
TEST(WitHostileText, AGateOfPackageDocsIsAVersionOrAName) {
  const std::string evil =
      R"(1.0.0)\ninterface injected { g: func(s: string); }\n@since(version = 1.0.0)";
  const std::pair<const char*, const char*> gates[] = {{"stable", "since"},
                                                       {"stable", "deprecated"},
                                                       {"unstable", "feature"},
                                                       {"unstable", "deprecated"}};
  for (const auto& [kind, key] : gates) {
    for (const std::string& value :
         {"\"" + evil + "\"", std::string("\"x) y\""), std::string("\"\""), std::string("7"),
          std::string("\"1.0.0 \""), std::string("{}")}) {
      Packages packages = load_right(small);
      const auto applied =
          apply_docs(packages, R"({"interfaces":{"i":{"stability":{")" + std::string(kind) +
                                   R"(":{")" + key + "\":" + value + "}}}}}");
      ASSERT_FALSE(applied) << kind << key << value;
      EXPECT_EQ(applied.error().rule(), rules::package_docs);
    }
  }
  Packages packages = load_right(small);
  EXPECT_TRUE(apply_docs(
      packages,
      R"({"interfaces":{"i":{"stability":{"stable":{"since":"1.0.0-rc.1","deprecated":"1.0.1"}}}},
                                  "worlds":{"w":{"stability":{"unstable":{"feature":"my-feature"}}}}})"));
  EXPECT_TRUE(
      print(packages).contains("@since(version = 1.0.0-rc.1)\n@deprecated(version = 1.0.1)"));
}

// Docs end where a line feed is and nowhere else in WIT; whoever reads the print may differ.
TEST(WitHostileText, DocsOfABinaryStayDocsWhenTheyArePrinted) {
  for (const std::string& end :
       {std::string("\\r"), std::string("\\n"), std::string("\\u000b"), std::string("\\u000c"),
        std::string("\\u0085"), std::string("\\u2028"), std::string("\\u2029")}) {
    Packages packages = load_right(small);
    ASSERT_TRUE(apply_docs(
        packages,
        R"({"interfaces":{"i":{"docs":"a)" + end +
            R"(interface injected {}","funcs":{"f":{"docs":"b\u001b[2J\u202e\u0000*/ \\"}}}}})"));
    const std::string text = print(packages);
    std::size_t injected = 0;
    each_source_line(text, [&](std::string_view line) {
      if (!line.contains("injected")) return;
      ++injected;
      EXPECT_TRUE(line.starts_with("///")) << line;
    });
    EXPECT_EQ(injected, 1U) << end;
    EXPECT_TRUE(text.contains("b\\x1b[2J\\u{202e}\\x00*/ \\\n")) << text;
    // What is printed is WIT, and prints the same again.
    const Packages again = load_right(text);
    EXPECT_EQ(print(again), text);
    EXPECT_EQ(again.interfaces.size(), 1U);
  }
}

// A package in binary is not validated as a component: its names reached the text as they were.
TEST(WitHostileText, ANameOfABinaryIsAName) {
  const Packages packages = load_right(
      "package aa:bb@1.0.0; interface ii { record rr { xx: u32 } variant vv { yy } enum ee { zz } "
      "flags ff { qq } "
      "resource ss { mm: func(); } gg: func(pp: u32); } world ww { import ii; import hh: func(); "
      "import kk: interface {} }");
  const auto encoded = encode_package(packages, packages.roots[0]);
  ASSERT_TRUE(encoded);
  const std::vector<std::uint8_t>& bytes = *encoded;
  ASSERT_TRUE(wit_of_binary(bytes, Span::no_source));
  const std::string text(bytes.begin(), bytes.end());
  for (const std::string& name : {"aa", "bb", "ii", "rr", "xx", "vv", "yy", "ee", "zz", "ff", "qq",
                                  "ss", "mm", "gg", "pp", "ww", "hh", "kk"}) {
    for (const std::string& with : {"a\n", ";}", "a\x1B", "//"}) {
      std::string changed = text;
      for (auto at = changed.find(name, 8); at != std::string::npos;
           at = changed.find(name, at + 2))
        changed.replace(at, 2, with);
      const auto read = wit_of_binary(
          ByteSpan(reinterpret_cast<const std::uint8_t*>(changed.data()), changed.size()),
          Span::no_source);
      EXPECT_FALSE(read) << name;
    }
  }
}

TEST(WitHostileText, AnExternalIdIsPrintedAsOneString) {
  const Packages packages = load_right(
      "package a:b; interface i { @external-id(\"\\u{202e}\\u{2028}\\u{1b}\\r\\n\\\"x\") f: "
      "func(); }");
  const std::string text = print(packages);
  EXPECT_TRUE(text.contains("@external-id(\"\\u{202e}\\u{2028}\\1b\\0d\\0a\\\"x\")")) << text;
  EXPECT_EQ(print(load_right(text)), text);
  EXPECT_FALSE(to_json(packages).dump().contains("\xE2\x80\xAE"));
}

TEST(WitHostileText, TheFormatterEndsACommentWhereAnEditorDoes) {
  Diagnostics diagnostics;
  const auto out = format(
      "package a:b;\n// one\rtwo\n/// three\xE2\x80\xA8"
      "four\rworld x {}\ninterface i {}\n//// five\rsix\r\n",
      0, diagnostics);
  ASSERT_TRUE(out);
  EXPECT_EQ(*out,
            "package a:b;\n// one\n// two\n/// three\n/// four\n/// world x {}\ninterface i "
            "{}\n//// five\n// six\n");
}

TEST(WitHostileText, LinksLeadToTheWebOrStayInThePage) {
  for (const char* target : {"http://a", "https://a:8/b", "HTTPS://A", "mailto:a@b", "#a", "a/b",
                             "../a:b", "/a:b", "?a:b", "#a:b", "a", "", "./javascript:x", "b%3Aa"})
    EXPECT_TRUE(is_safe_link(target)) << target;
  for (const char* target : {"javascript:alert(1)",
                             "JavaScript:x",
                             " javascript:x",
                             "java\tscript:x",
                             "java\nscript:x",
                             "\x01javascript:x",
                             "javascript\n:x",
                             "&#106;avascript:x",
                             "&#x6A;avascript:x",
                             "&#0000106avascript:x",
                             "javascript&colon;x",
                             "javascript&#58;x",
                             "java&Tab;script:x",
                             "java&NewLine;script:x",
                             "javascript\\:x",
                             "java\xC2\xADscript:x",
                             "java\xE2\x80\x8Bscript:x",
                             "data:text/html,x",
                             "vbscript:x",
                             "file:///etc/passwd",
                             "<javascript:x>",
                             "a&unknown;b:c",
                             "ftp://a",
                             "blob:x",
                             "chrome://x",
                             "tel:1",
                             "x-y+z.1:a"})
    EXPECT_FALSE(is_safe_link(target)) << target;
}

/// No tag, and no target that is not allowed, whatever the renderer makes of the rest.
void expect_harmless(const std::string& text, const std::string& from) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '<') continue;
    const std::string_view rest = std::string_view(text).substr(at);
    const bool ours = std::ranges::any_of(
        std::initializer_list<std::string_view>{"<code>", "</code>", "<pre>", "</pre>", "<https://",
                                                "<http://", "<mailto:"},
        [&](std::string_view tag) { return rest.starts_with(tag); });
    EXPECT_TRUE(ours) << from << "\n" << text;
  }
  for (const char* link : {"](javascript", "](data", "](vbscript", "](&", "]:javascript",
                           "]: javascript", "]: data", "]:\n", "](java", "] (java"})
    EXPECT_FALSE(text.contains(link)) << from << "\n" << text;
}

TEST(WitHostileText, MarkdownOfDocsHoldsNoTagsAndNoScripts) {
  for (const std::string& docs : {std::string("<a href=\"javascript:alert(1)\">x</a>"),
                                  std::string("[z](javascript:alert(1))"),
                                  std::string("![z](data:text/html;base64,x)"),
                                  std::string("[a]: javascript:x\n[a]"),
                                  std::string("> [a]:\n> javascript:x"),
                                  std::string("<javascript:alert(1)>"),
                                  std::string("<script>x</script>"),
                                  std::string("`<b>` ` <img src=x onerror=y> `"),
                                  std::string("```\n<script>\n```"),
                                  std::string("  ```\n```\n<script>x</script>"),
                                  std::string("- ```\n  x\n```\n<script>"),
                                  std::string("~~~\n<script>"),
                                  std::string("a ` b\n` <img onerror=x> `"),
                                  std::string("``` <x> ```"),
                                  std::string("\\` <b> `"),
                                  std::string("    <script>"),
                                  std::string("a\r<script>\r"),
                                  std::string("<!-- x --><b>"),
                                  std::string("[z](java\nscript:x)"),
                                  std::string("[z] (javascript:x)"),
                                  std::string("[z](<javascript:x>)"),
                                  std::string("[z](&#106;avascript:x)"),
                                  std::string("[![x](data:y)](http://z)"),
                                  std::string("[^1]: javascript:x"),
                                  std::string("<https://a/\"onclick=x>"),
                                  std::string("<https://a b>"),
                                  std::string("[z](") + std::string(5000, ' ') + "javascript:x)"}) {
    for (const std::string& text : {safe_markdown(docs), safe_markdown_line(docs)})
      expect_harmless(text, docs);
    Packages packages = load_right(small);
    packages.packages[packages.roots[0]].info.docs = docs;
    packages.interfaces[InterfaceIdx(0U)].info.docs = docs;
    packages.interfaces[InterfaceIdx(0U)].functions[0].info.docs = docs;
    const std::string html = doc_html(packages);
    for (const char* part :
         {"<script", "<img", "<b>", "href=\"javascript", "href=\"data", "<!--", "onerror=x>"})
      EXPECT_FALSE(html.contains(part)) << docs << "\n" << html;
  }
}

TEST(WitHostileText, MarkdownOfDocsThatPeopleWriteStays) {
  const std::string docs =
      "A *list* of `x` and ``a`b``, see [the spec](https://example.com/a?b=1#c) or "
      "<https://example.com>.\n\n"
      "- [relative](../other.md)\n- [mail](mailto:a@b.c)\n\n```wit\ninterface x {}\n```\n\n[ref]: "
      "https://example.com\n"
      "a & b &amp; c, f(x)[0]: y, 1 > 0";
  EXPECT_EQ(safe_markdown(docs), docs);
  EXPECT_EQ(safe_markdown("a `list<u8>` b"), "a <code>list&#60;u8&#62;</code> b");
  EXPECT_EQ(safe_markdown("a < b"), "a &lt; b");
  EXPECT_EQ(safe_markdown("```\na<b>\n```\nx"), "<pre><code>a&#60;b&#62;\n</code></pre>\nx");
  EXPECT_EQ(safe_markdown("x\n```\na"),
            "x\n```\na\n```");  // what is open does not go on behind the docs
  EXPECT_EQ(safe_markdown_line("a\nb\rc"), "a b c");
}

// Brackets that do not close were searched to the end of the text, each of them.
TEST(WitHostileText, MarksThatDoNotCloseAreReadInOneGo) {
  for (const char* mark : {"[", "](", "]:", "<", "*", "` `` ", "[a](b", "<https://", "**a"}) {
    std::string docs;
    while (docs.size() < 2'000'000) docs += mark;
    EXPECT_GE(safe_markdown(docs).size(), docs.size() / 2);
    EXPECT_GE(markdown_html(docs).size(), docs.size() / 2);
  }
}

}  // namespace
}  // namespace tenon::wit
