// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/resolution.h"

#include <gtest/gtest.h>

#include <string>

#include "tenon/base/line_index.h"
#include "tenon/wit/file_source.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

std::string file_name(int i) {
  return "project/wit/f" + std::to_string(i) + ".wit";
}

/// A package of a hundred files, each of which uses a type of the one before.
FileSource hundred_files() {
  FileSource out = FileSource::memory();
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    std::string text = i == 0 ? "package a:b;\n" : "";
    text += "interface i" + n + " {\n";
    if (i > 0) text += "  use i" + std::to_string(i - 1) + ".{t as before};\n";
    text += "  record t { x: u8 }\n  f: func(x: t);\n}\n";
    out.overlay(file_name(i), text);
  }
  return out;
}

Resolution resolve(const FileSource& files, SourceSet& sources) {
  LoadOptions options;
  options.files = &files;
  return load_resolution("project/wit", options, sources);
}

std::uint32_t source_of(const SourceSet& sources, std::string_view name) {
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    if (sources.name(i) == name) return i;
  }
  return Span::no_source;
}

TEST(Resolution, OneOverlayOfAHundredFilesIsEdited) {
  FileSource files = hundred_files();
  SourceSet before;
  const Resolution clean = resolve(files, before);
  EXPECT_TRUE(clean.complete);
  EXPECT_EQ(clean.files.size(), 100U);
  EXPECT_EQ(clean.packages.interfaces.size(), 100U);

  const std::string edited =
      "interface i50 {\n  record t { x: u8 }\n  /* \xF0\x9F\x98\x80 */ f: func(x: missing);\n}\n";
  files.overlay(file_name(50), edited);
  SourceSet sources;
  const Resolution broken = resolve(files, sources);
  EXPECT_FALSE(broken.complete);
  ASSERT_EQ(broken.diagnostics.size(), 1U);
  const Error& error = broken.diagnostics[0];
  EXPECT_EQ(error.rule(), rules::undefined);
  EXPECT_EQ(sources.name(error.span().source), file_name(50));
  const LineIndex lines(sources.text(error.span().source));
  // The face is one column of the message, two UTF-16 units and four bytes.
  EXPECT_EQ(sources.position(error.span().source, error.span().begin).column, 22U);
  EXPECT_EQ(lines.position(error.span().begin, Columns::utf16), (TextPosition{2, 22}));
  EXPECT_EQ(lines.position(error.span().begin, Columns::utf8), (TextPosition{2, 24}));
  EXPECT_EQ(lines.offset({2, 22}, Columns::utf16), error.span().begin);
  // What does not need the interface with the error is there, and the rest of that interface too.
  EXPECT_GE(broken.packages.interfaces.size(), 51U);
  bool found = false;
  for (const auto& [name, idx] : broken.packages.packages[broken.packages.roots[0]].interfaces) {
    if (name != "i50") continue;
    found = true;
    EXPECT_EQ(broken.packages.interfaces[idx].types.size(), 1U);
  }
  EXPECT_TRUE(found);

  files.overlay(file_name(50), "interface i50 { record t { x: u8 } }\n");
  SourceSet after;
  EXPECT_TRUE(resolve(files, after).complete);
}

TEST(Resolution, NamesLeadToWhatTheyName) {
  FileSource files = FileSource::memory();
  const std::string one = "package a:b;\ninterface one { record t { x: u8 } resource r; }\n";
  const std::string two =
      "use one as other;\ninterface two { use other.{t as u, r}; f: func(x: list<u>, y: "
      "borrow<r>); }\nworld w { import two; }\n";
  files.overlay("w/one.wit", one);
  files.overlay("w/two.wit", two);
  LoadOptions options;
  options.files = &files;
  SourceSet sources;
  const Resolution out = load_resolution("w", options, sources);
  ASSERT_TRUE(out.complete);
  const std::uint32_t first = source_of(sources, "w/one.wit");
  const std::uint32_t second = source_of(sources, "w/two.wit");
  const auto target = [&](std::string_view before, std::size_t skip) -> std::string {
    const auto at = static_cast<std::uint32_t>(two.find(before) + skip);
    const Reference* found = out.reference_at(second, at);
    if (found == nullptr) return "nothing";
    const Span to = found->target;
    return std::string(sources.name(to.source)) + ":" + std::to_string(to.begin);
  };
  const auto in = [](std::uint32_t, const char* name, std::size_t offset) {
    return std::string(name) + ":" + std::to_string(offset);
  };
  EXPECT_EQ(target("list<u>", 5), in(second, "w/two.wit", two.find("u, r")));
  EXPECT_EQ(target("{t as", 1), in(first, "w/one.wit", one.find("t { x")));
  EXPECT_EQ(target("borrow<r>", 7), in(second, "w/two.wit", two.find("r};")));
  EXPECT_EQ(target("other.{", 2), in(second, "w/two.wit", two.find("other;")));
  EXPECT_EQ(target("use one", 4), in(first, "w/one.wit", one.find("one {")));
  EXPECT_EQ(target("import two", 8), in(second, "w/two.wit", two.find("two {")));
  EXPECT_EQ(target("func(", 1), "nothing");
}

TEST(Resolution, WhatIsWrongIsToldWithoutAPackageToo) {
  const FileSource files = FileSource::memory();
  SourceSet sources;
  const Resolution none = resolve(files, sources);
  EXPECT_FALSE(none.complete);
  ASSERT_EQ(none.diagnostics.size(), 1U);
  EXPECT_EQ(none.diagnostics[0].rule(), rules::unreadable);
}

TEST(FileSource, AnOverlayStandsBeforeTheDiskAndInItsFolders) {
  FileSource files = FileSource::memory();
  files.overlay("a/./b/../b/x.wit", "1");
  files.overlay("a/b/c/y.wit", "2");
  EXPECT_TRUE(files.is_folder("a"));
  EXPECT_TRUE(files.is_folder("a/b/c/"));
  EXPECT_FALSE(files.is_folder("a/b/x.wit"));
  EXPECT_EQ(*files.read("a/b/x.wit"), "1");
  EXPECT_EQ(files.entries("a/b")->size(), 2U);
  files.drop("a/b/c/y.wit");
  EXPECT_FALSE(files.is_folder("a/b/c"));
  EXPECT_FALSE(files.read("a/b/c/y.wit"));
}

}  // namespace
}  // namespace tenon::wit
