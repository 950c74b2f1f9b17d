// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/file.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "tenon/base/nearest.h"
#include "tenon/base/rules.h"

namespace tenon {
namespace {

std::string temp_path(const char* name) {
  return testing::TempDir() + "tenon_base_" + name;
}

TEST(File, GivesBackWhatWasWritten) {
  const std::string path = temp_path("round");
  const std::string content(100'000, 'x');
  ASSERT_TRUE(write_file(path, content));
  const auto read = read_text_file(path);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, content);
  std::filesystem::remove(path);
}

TEST(File, SaysThatItIsAFolder) {
  const auto read = read_file(testing::TempDir());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().rule(), rules::file_is_folder);
}

TEST(File, NamesAFileThatIsNotThere) {
  const auto read = read_file("/nowhere/at-all.wasm");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().rule(), rules::file_unreadable);
  EXPECT_NE(read.error().text().find("/nowhere/at-all.wasm"), std::string::npos);
}

TEST(File, LeavesNothingBesideWhenItCannotWrite) {
  const auto written = write_file("/nowhere/at-all.wasm", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().rule(), rules::file_unwritable);
}

TEST(File, WritesToADeviceInPlace) {
  EXPECT_TRUE(write_file("/dev/null", "x"));
}

TEST(File, DoesNotWriteOverAFolder) {
  EXPECT_FALSE(write_file(testing::TempDir(), "x"));
}

TEST(Nearest, FindsASlipOfTheFingers) {
  constexpr std::array<std::string_view, 4> names = {"validate", "print", "parse", "run"};
  EXPECT_EQ(nearest("vaildate", names), "validate");
  EXPECT_EQ(nearest("pritn", names), "print");
  EXPECT_EQ(nearest("zzz", names), "");
  EXPECT_EQ(nearest("", names), "");
}

}  // namespace
}  // namespace tenon
