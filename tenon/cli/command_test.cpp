// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "tenon/cli/all_rules.h"
#include "tenon/cli/foreign_flags.h"
#include "tenon/cli/input.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

constexpr Option sample_options[] = {output_option,
                                     {"text", 't', "", "text", {}},
                                     {"time", 0, "TIME", "a time", {}},
                                     {"size", 0, "SIZE", "a size", {}}};
constexpr Verb sample{.name = "sample",
                      .usage = "INPUT",
                      .summary = "a verb of this test",
                      .options = sample_options,
                      .min_inputs = 1,
                      .max_inputs = 2};

Result<Args> parse(std::vector<std::string_view> words) {
  return parse_args(sample, words);
}

TEST(ParseArgs, TakesOptionsInEverySpelling) {
  for (const std::vector<std::string_view>& words :
       std::vector<std::vector<std::string_view>>{{"in", "-o", "out", "-t"},
                                                  {"in", "-tqoout"},
                                                  {"--output=out", "--text", "in"},
                                                  {"--output", "out", "-t", "--", "in"}}) {
    const auto args = parse(words);
    ASSERT_TRUE(args);
    EXPECT_EQ(args->value("output"), "out");
    EXPECT_TRUE(args->has("text"));
    EXPECT_EQ(args->input(0), "in");
  }
}

TEST(ParseArgs, TakesADashForAnInput) {
  EXPECT_EQ(parse({"-"})->input(0), "-");
}

TEST(ParseArgs, CountsHowOftenASwitchStands) {
  EXPECT_EQ(parse({"in", "-vv"})->values("verbose").size(), 2U);
}

TEST(ParseArgs, ReadsTimesWithUnits) {
  using std::chrono_literals::operator""ms;
  using std::chrono_literals::operator""s;
  const auto time = [](std::string_view text) -> std::optional<std::chrono::nanoseconds> {
    const auto read = parse({"in", "--time", text})->duration("time");
    return read ? *read : std::nullopt;
  };
  EXPECT_EQ(time("5"), 5s);
  EXPECT_EQ(time("0.5"), 500ms);
  EXPECT_EQ(time(".5"), 500ms);
  EXPECT_EQ(time("500ms"), 500ms);
  EXPECT_EQ(time("1.5 s"), 1500ms);
  EXPECT_EQ(time("2m"), 120s);
  EXPECT_EQ(time("1h"), 3600s);
  EXPECT_EQ(time("0"), 0s);
  EXPECT_EQ(time("1000000000000"), 1'000'000s);
  for (const std::string_view wrong :
       {"", "s", "-1", "1e3x", "5x", "5 5", "inf", "nan", "0x5", "1.2.3"})
    EXPECT_FALSE(time(wrong)) << wrong;
}

TEST(ParseArgs, ReadsSizesWithUnits) {
  const auto size = [](std::string_view text) -> std::optional<std::uint64_t> {
    const auto read = parse({"in", "--size", text})->size("size");
    return read ? *read : std::nullopt;
  };
  EXPECT_EQ(size("100"), 100U);
  EXPECT_EQ(size("64M"), 64U << 20U);
  EXPECT_EQ(size("64MiB"), 64U << 20U);
  EXPECT_EQ(size("64 mib"), 64U << 20U);
  EXPECT_EQ(size("64MB"), 64'000'000U);
  EXPECT_EQ(size("1.5k"), 1536U);
  EXPECT_EQ(size("18446744073709551615"), ~std::uint64_t{0});
  for (const std::string_view wrong :
       {"", "M", "-1", "64X", "64MM", "18446744073709551616", "99999999T"})
    EXPECT_FALSE(size(wrong)) << wrong;
}

TEST(ParseArgs, NamesTheNearestOption) {
  const auto args = parse({"in", "--ouptut", "x"});
  ASSERT_FALSE(args);
  EXPECT_EQ(args.error().rule(), rules::usage);
  EXPECT_EQ(args.error().help_text(), "did you mean `--output`?");
}

TEST(ParseArgs, RefusesTooFewAndTooManyInputs) {
  EXPECT_FALSE(parse({}));
  EXPECT_FALSE(parse({"a", "b", "c"}));
}

TEST(ParseArgs, RefusesAValueOutsideItsChoices) {
  EXPECT_FALSE(parse({"in", "--color", "blue"}));
}

TEST(ParseArgs, LeavesTheGuestItsOwnOptions) {
  Verb verb = sample;
  verb.guest_args = true;
  verb.max_inputs = any_number;
  const std::vector<std::string_view> words = {"-o", "out", "guest.wasm", "-t", "--strange"};
  const auto args = parse_args(verb, words);
  ASSERT_TRUE(args);
  EXPECT_FALSE(args->has("text"));
  EXPECT_EQ(args->inputs(), (std::vector<std::string>{"guest.wasm", "-t", "--strange"}));
}

TEST(ForeignFlags, NameWhatTenonHas) {
  EXPECT_TRUE(instead_of_foreign_flag('S', "inherit-network=y").ends_with("`--inherit-network`"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "max-memory-size=1").ends_with("`--max-memory SIZE`"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "gc").ends_with("nothing: it is on"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "gc=n").ends_with("`--features=-gc`"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "custom-page-sizes=y")
                  .ends_with("`--features=custom-page-sizes`"));
  EXPECT_TRUE(
      instead_of_foreign_flag('W', "component-model-async=y").ends_with("nothing: it is on"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "component-model-error-context")
                  .ends_with("`--features=cm-error-context`"));
  EXPECT_TRUE(instead_of_foreign_flag('W', "wmemcheck").contains("`tenon run --help`"));
  EXPECT_EQ(instead_of_foreign_flag('X', "gc"), "");
}

TEST(FindVerb, NamesTheNearest) {
  const std::array<std::string_view, 1> words = {"explian"};
  const auto found = find_verb(words);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().rule(), rules::unknown_verb);
  EXPECT_EQ(found.error().help_text(), "did you mean `tenon explain`?");
}

InputKind sniff_text(std::string_view text) {
  return sniff({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(Sniff, GoesByContent) {
  EXPECT_EQ(sniff_text(std::string_view("\0asm\1\0\0\0", 8)), InputKind::core_module);
  EXPECT_EQ(sniff_text(std::string_view("\0asm\r\0\1\0", 8)), InputKind::component);
  EXPECT_EQ(sniff_text("(module)"), InputKind::wat_module);
  EXPECT_EQ(sniff_text(";; first\n(; (; nested ;) ;) ( component $c)"), InputKind::wat_component);
  EXPECT_EQ(sniff_text("(func)"), InputKind::wat_module);
  EXPECT_EQ(sniff_text("package a:b;"), InputKind::text);
  EXPECT_EQ(sniff_text("(; never closed"), InputKind::text);
  EXPECT_EQ(sniff_text(""), InputKind::text);
}

TEST(AllRules, HaveIdsOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const RoomRule& entry : all_rules()) {
    EXPECT_TRUE(ids.insert(entry.rule.id).second) << entry.room << " repeats " << entry.rule.id;
    EXPECT_FALSE(entry.rule.message.ends_with('.')) << entry.rule.id;
    EXPECT_FALSE(entry.rule.spec.empty()) << entry.rule.id;
  }
}

}  // namespace
}  // namespace tenon::cli
