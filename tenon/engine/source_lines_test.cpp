// SPDX-License-Identifier: Apache-2.0
#include "tenon/engine/source_lines.h"

#include <gtest/gtest.h>

#include "tenon/core/decode.h"
#include "tenon/engine/rules.h"
#include "tenon/engine/trap.h"

namespace tenon::engine {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append(Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}
void append_zero(Bytes& out, std::string_view text) {
  append(out, text);
  out.push_back(0);
}
void append_u32(Bytes& out, std::size_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// A unit of the line table: its length in front.
Bytes unit(std::uint8_t version, const Bytes& tables, const Bytes& program) {
  Bytes head = {1, 1, 1, 0xFB, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1};
  if (version < 4) head.erase(head.begin() + 1);
  Bytes body = {version, 0};
  if (version >= 5) body.insert(body.end(), {4, 0});
  append_u32(body, head.size() + tables.size());
  body.insert(body.end(), head.begin(), head.end());
  body.insert(body.end(), tables.begin(), tables.end());
  body.insert(body.end(), program.begin(), program.end());
  Bytes out;
  append_u32(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

/// Lines 5 and 7 at `address` and 4 bytes on, then the end 8 bytes on.
Bytes two_lines(std::uint8_t address) {
  return {0, 5, 2, address, 0, 0, 0, 3, 4, 1, 2, 4, 3, 2, 1, 2, 8, 0, 1, 1};
}

Bytes tables_4() {
  Bytes out;
  append_zero(out, "src");
  out.push_back(0);
  append_zero(out, "a.cpp");
  out.insert(out.end(), {1, 0, 0});
  append_zero(out, "b.cpp");
  out.insert(out.end(), {0, 0, 0, 0});
  return out;
}

/// Names in place (DW_FORM_string), folders by a byte.
Bytes tables_5() {
  Bytes out = {1, 1, 8, 2};
  append_zero(out, "/home/me");
  append_zero(out, "src");
  out.insert(out.end(), {2, 1, 8, 2, 11, 2});
  append_zero(out, "a.cpp");
  out.push_back(1);
  append_zero(out, "c.cpp");
  out.push_back(1);
  return out;
}

/// A module with a function of a few bytes and that section `.debug_line`.
core::Module module_with(const Bytes& lines) {
  Bytes bytes = {0, 'a', 's', 'm', 1, 0, 0, 0};
  bytes.insert(bytes.end(), {1, 4, 1, 0x60, 0, 0});
  bytes.insert(bytes.end(), {3, 2, 1, 0});
  bytes.insert(bytes.end(), {10, 18, 1, 16, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0x0B});
  Bytes section = {11};
  append(section, ".debug_line");
  section.insert(section.end(), lines.begin(), lines.end());
  bytes.push_back(0);
  bytes.push_back(static_cast<std::uint8_t>((section.size() & 0x7FU) | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(section.size() >> 7U));
  bytes.insert(bytes.end(), section.begin(), section.end());
  auto module = core::decode(Blob::own(std::move(bytes)));
  EXPECT_TRUE(module) << module.error().text();
  return *std::move(module);
}

std::uint32_t code_begin(const core::Module& module) {
  for (const core::SectionRange& section : module.sections) {
    if (section.id == core::SectionId::code) return section.content.begin;
  }
  return 0;
}

std::vector<std::string> lines_of(const core::Module& module, std::vector<std::uint32_t> at) {
  for (std::uint32_t& offset : at) offset += code_begin(module);
  return source_lines(module, at);
}

TEST(SourceLines, AreThoseOfDwarf4) {
  const auto module = module_with(unit(4, tables_4(), two_lines(3)));
  // In the order asked for: before the sequence, in it, at its end.
  EXPECT_EQ(lines_of(module, {10, 2, 3, 6, 7, 15}),
            (std::vector<std::string>{"src/a.cpp:7", "", "src/a.cpp:5", "src/a.cpp:5",
                                      "src/a.cpp:7", ""}));
}

TEST(SourceLines, AreThoseOfDwarf5) {
  const auto module = module_with(unit(5, tables_5(), two_lines(3)));
  EXPECT_EQ(lines_of(module, {3, 7}), (std::vector<std::string>{"src/c.cpp:5", "src/c.cpp:7"}));
}

TEST(SourceLines, AreThoseOfDwarf2And3) {
  for (const std::uint8_t version : Bytes{2, 3}) {
    const auto module = module_with(unit(version, tables_4(), two_lines(3)));
    EXPECT_EQ(lines_of(module, {3}), std::vector<std::string>{"src/a.cpp:5"});
  }
}

TEST(SourceLines, OfTheFolderThatTheCompilerRanInLeaveItOut) {
  Bytes program = {4, 2};  // the second file
  const Bytes rest = two_lines(3);
  program.insert(program.end(), rest.begin(), rest.end());
  EXPECT_EQ(lines_of(module_with(unit(4, tables_4(), program)), {3}),
            std::vector<std::string>{"b.cpp:5"});
}

TEST(SourceLines, OfAFunctionThatTheLinkerDroppedAreNotTaken) {
  // Its sequence begins at 0 and covers the address as well, before and behind the right one.
  Bytes lines = unit(4, tables_4(), {4, 2, 0, 5, 2, 0, 0, 0, 0, 1, 2, 30, 0, 1, 1});
  const Bytes dropped = lines;
  const Bytes right = unit(4, tables_4(), two_lines(3));
  lines.insert(lines.end(), right.begin(), right.end());
  lines.insert(lines.end(), dropped.begin(), dropped.end());
  EXPECT_EQ(lines_of(module_with(lines), {3}), std::vector<std::string>{"src/a.cpp:5"});
}

TEST(SourceLines, OfABrokenTableAreNone) {
  for (const std::uint8_t version : Bytes{2, 4, 5}) {
    const Bytes whole = unit(version, version == 5 ? tables_5() : tables_4(), two_lines(3));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(lines_of(module_with(cut), {3, 7}).size(), 2U);
    }
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const std::uint8_t value : Bytes{0x00, 0x7F, 0x80, 0xFF}) {
        Bytes spoiled = whole;
        spoiled[i] = value;
        EXPECT_EQ(lines_of(module_with(spoiled), {3, 7}).size(), 2U);
      }
    }
  }
}

TEST(SourceLines, OfMillionsOfEntriesWithoutBytesAreRefused) {
  // A format of no parts, and 2^28 entries of it.
  const auto module = module_with(unit(5, {0, 0xFF, 0xFF, 0xFF, 0x7F}, two_lines(3)));
  EXPECT_EQ(lines_of(module, {3}), std::vector<std::string>{""});
}

Frame frame(std::string function, std::string place = {}) {
  Frame out;
  out.is_remark = function.starts_with("…");
  out.function = std::move(function);
  out.place = std::move(place);
  out.offset = 0x1F;
  return out;
}

std::string text_of(std::vector<Frame> frames, TrapCode code = TrapCode::unreachable) {
  Trap trap(code);
  trap.append(std::move(frames));
  return trap.text();
}

TEST(TrapText, ShowsTheFramesOfTheAuthorAndCountsTheOthers) {
  EXPECT_EQ(text_of({frame("Greeting::greet(std::__2::basic_string<char, "
                           "std::__2::char_traits<char>, std::__2::allocator<char>>)",
                           "src/hello_impl.cpp:5"),
                     frame("std::__2::__invoke[abi:nqn220108]", "/usr/include/c++/v1/x.h:1"),
                     frame("hello_export_greet", ".tenon/debug/gen/hello.hpp:9")}),
            "unreachable\n  at Greeting::greet(std::string) (src/hello_impl.cpp:5)\n"
            "  … and 2 of generated code or the language's own");
}

TEST(TrapText, DoesNotEndInANewline) {
  EXPECT_EQ(Trap("a host's message\n").text(), "a host's message");
  EXPECT_EQ(Trap(TrapCode::unreachable).text(), "unreachable");
  EXPECT_EQ(text_of({frame("f")}), "unreachable\n  at f +0x1f");
  EXPECT_EQ(Trap::refused(Error(rules::engine_limit, Span::none(), "x")).text().back(), 'x');
}

TEST(TrapText, ShowsAllWhenNoneIsTheAuthors) {
  EXPECT_EQ(text_of({frame("rust_panic")}), "unreachable\n  at rust_panic +0x1f");
}

TEST(TrapText, KnowsWhatAnAuthorWroteByItsName) {
  const std::string text = text_of({frame("std::panicking::begin_panic"),
                                    frame("<hello::Mine as hello_bindings::exports::Guest>::greet"),
                                    frame("hello_bindings::exports::local::hello::_export_greet"),
                                    frame("local:hello/greeting@0.1.0#greet"), frame("")});
  EXPECT_EQ(text,
            "unreachable\n  at <hello::Mine as hello_bindings::exports::Guest>::greet +0x1f\n"
            "  at local:hello/greeting@0.1.0#greet +0x1f\n  at func[0] +0x1f\n"
            "  … and 2 of generated code or the language's own");
}

TEST(TrapText, AGuestsNameIsNoPlaceInTheSource) {
  // Without debug information it is a name, however much it looks like one with a line.
  EXPECT_EQ(text_of({frame("f (src/x:1)")}), "unreachable\n  at f (src/x:1) +0x1f");
  EXPECT_EQ(text_of({frame("f (src/x:1)", "src/real.cpp:7")}),
            "unreachable\n  at f (src/x:1) (src/real.cpp:7)");
  // Nor does it make the author's frame one of the language's own.
  EXPECT_EQ(text_of({frame("f (/library/std/x:1)"), frame("g", "src/a.rs:2")}),
            "unreachable\n  at f (/library/std/x:1) +0x1f\n  at g (src/a.rs:2)");
  EXPECT_EQ(text_of({frame("", "src/a.rs:2")}), "unreachable\n  at func[0] (src/a.rs:2)");
}

TEST(TrapText, NamesTheOverflowAndShowsRemarks) {
  EXPECT_EQ(text_of({frame("even"), frame("odd"), frame("… these 2 repeated 1,234 times")},
                    TrapCode::stack_overflow),
            "call stack exhausted (stack overflow)\n  at even +0x1f\n  at odd +0x1f\n"
            "  … these 2 repeated 1,234 times");
}

}  // namespace
}  // namespace tenon::engine
