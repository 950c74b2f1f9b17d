// SPDX-License-Identifier: Apache-2.0
// Errors are values: copies cost an increment, say the same, and change apart.
#include "tenon/base/copy_on_write.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/rules.h"
#include "tenon/main.h"
#include "tenon/version.h"

namespace tenon {
namespace {

Error some_error() {
  return Error(rules::file_unreadable, Span::none(), "`a.wasm`").note("a note").help("some help");
}

TEST(CopyOnWrite, CopiesShareUntilOneChanges) {
  CopyOnWrite<std::string> a("text");
  auto b = a;
  EXPECT_EQ(&*a, &*b);
  b.write() += "!";
  EXPECT_EQ(*a, "text");
  EXPECT_EQ(*b, "text!");
  const auto* before = &*b;
  b.write() += "!";
  EXPECT_EQ(&*b, before) << "alone, it is changed where it is";
  a = b;
  EXPECT_EQ(&*a, &*b);
  auto c = std::move(a);
  EXPECT_FALSE(a);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(c);
}

// An error that was moved from was a null dereference in every getter.
TEST(CopyOnWrite, WhatWasMovedFromReadsAsNothing) {
  CopyOnWrite<std::string> a("text");
  const auto b = std::move(a);
  EXPECT_EQ(*a, "");  // NOLINT(bugprone-use-after-move): as said
  a.write() = "new";
  EXPECT_EQ(*a, "new");
  EXPECT_EQ(*b, "text");
  auto error = some_error();
  const auto taken = std::move(error);
  EXPECT_EQ(error.rule().id, "");  // NOLINT(bugprone-use-after-move): as said
  EXPECT_TRUE(error.notes().empty());
  EXPECT_TRUE(error.help_text().empty());
}

TEST(CopyOnWrite, CopiesEndOnAnyThread) {
  const CopyOnWrite<std::string> shared(std::string(100, 'x'));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([shared]() mutable {
      for (int i = 0; i < 1000; ++i) {
        auto copy = shared;
        if (i % 10 == 0) copy.write()[0] = 'y';
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(*shared, std::string(100, 'x'));
}

TEST(ErrorValue, IsAsWideAsAPointerAndCopies) {
  static_assert(sizeof(Error) == sizeof(void*));
  static_assert(std::is_nothrow_copy_constructible_v<Error>);
  const auto error = some_error();
  auto copy = error;
  EXPECT_EQ(&copy.detail(), &error.detail());
  copy = std::move(copy).note("another");
  EXPECT_EQ(error.notes().size(), 1U);
  EXPECT_EQ(copy.notes().size(), 2U);
  EXPECT_EQ(copy.help_text(), "some help");
}

TEST(ErrorValue, IsTheTextOfWhatValueThrows) {
  const Result<int> lvalue = std::unexpected(some_error());
  try {
    (void)lvalue.value();
    FAIL();
  } catch (const std::exception& e) {
    EXPECT_EQ(e.what(), some_error().text());
  }
  try {
    (void)Result<int>(lvalue).value();
    FAIL();
  } catch (const std::bad_expected_access<Error>& e) {
    EXPECT_EQ(e.error().help_text(), "some help");
  }
  const Result<void> nothing = std::unexpected(some_error());
  EXPECT_THROW(nothing.value(), std::bad_expected_access<void>);
}

TEST(OrExit, GivesTheValueOrEndsTheProgramWithTheText) {
  EXPECT_EQ(or_exit(Result<int>(7)), 7);
  or_exit(Result<void>());
  EXPECT_EXIT(or_exit(Result<int>(std::unexpected(some_error()))), ::testing::ExitedWithCode(1),
              "^error\\[file-unreadable\\]: .*`a.wasm`\n  note: a note\n  help: some help\n$");
}

TEST(Version, OfTheHeaderIsOneVersion) {
  EXPECT_EQ(std::string(TENON_VERSION_STRING), std::to_string(TENON_VERSION_MAJOR) + "." +
                                                   std::to_string(TENON_VERSION_MINOR) + "." +
                                                   std::to_string(TENON_VERSION_PATCH));
  static_assert(TENON_VERSION_NUMBER >= 100);
#define TENON_TEXT_OF(name) #name
#define TENON_NAME_OF(name) TENON_TEXT_OF(name)
  EXPECT_EQ(TENON_NAME_OF(TENON_ABI),
            "v" + std::to_string(TENON_VERSION_MAJOR) + "_" + std::to_string(TENON_VERSION_MINOR));
}

}  // namespace
}  // namespace tenon
