// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

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

// The name of what is begun was `NAME.tmpPID`: somebody could put a link there before.
TEST(File, NobodyCanForeseeTheNameOfWhatIsBegun) {
  namespace fs = std::filesystem;
  const fs::path folder = temp_path("begun");
  fs::remove_all(folder);
  fs::create_directory(folder);
  const std::string victim = (folder / "victim").string();
  ASSERT_TRUE(write_file(victim, "untouched"));
  const std::string path = (folder / "out").string();
  fs::create_symlink(victim, path + ".tmp" + std::to_string(::getpid()));
  std::vector<std::string> seen;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(write_file(path, [&](const auto& sink) -> Result<void> {
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_symlink() || !entry.path().filename().string().starts_with("out.tmp"))
          continue;
        seen.push_back(entry.path().filename().string());
        EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
      }
      sink("new");
      return {};
    }));
  }
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NE(seen[0], seen[1]);
  EXPECT_EQ(*read_text_file(path), "new");
  EXPECT_EQ(*read_text_file(victim), "untouched");
  fs::remove_all(folder);
}

TEST(File, KeepsTheModeOfTheFileAndOtherwiseAsksTheMask) {
  namespace fs = std::filesystem;
  const std::string path = temp_path("mode");
  fs::remove(path);
  const ::mode_t before = ::umask(027);
  ASSERT_TRUE(write_file(path, "x"));
  ::umask(before);
  EXPECT_EQ(static_cast<unsigned>(fs::status(path).permissions()), 0640U);
  using fs::perms;
  fs::permissions(path, perms::owner_all | perms::group_read | perms::group_exec |
                            perms::others_read | perms::others_exec);
  ASSERT_TRUE(write_file(path, "y"));
  EXPECT_EQ(static_cast<unsigned>(fs::status(path).permissions()), 0755U);
  fs::remove(path);
}

TEST(File, ReadsInAFolderAlone) {
  namespace fs = std::filesystem;
  const fs::path base = temp_path("inside");
  fs::remove_all(base);
  fs::create_directories(base / "cases/data");
  fs::create_directories(base / "cases-other");
  for (const char* name : {"cases/in", "cases/data/deep", "cases-other/out", "secret"})
    ASSERT_TRUE(write_file((base / name).string(), "content"));
  fs::create_symlink(base / "secret", base / "cases/link");
  fs::create_directory_symlink(base, base / "cases/up");
  fs::create_symlink(base / "cases/in", base / "cases/inner-link");
  const std::vector<std::string> folders = {(base / "cases").string()};
  for (const char* path : {"in", "data/deep", "data/../in", "./in", "inner-link"})
    EXPECT_TRUE(read_file_in(folders, path)) << path;
  EXPECT_TRUE(read_file_in(folders, (base / "cases/in").string()));
  for (const std::string& path :
       {std::string("../secret"), std::string("../cases-other/out"), std::string("link"),
        std::string("up/secret"), (base / "secret").string(), std::string("/dev/zero"),
        std::string("../not-there"), std::string("/etc/passwd"),
        std::string("/proc/self/environ")}) {
    const auto read = read_file_in(folders, path);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().rule(), rules::file_outside) << path;
  }
  const auto missing = read_file_in(folders, "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().rule(), rules::file_unreadable);
  // Also where the folder is the working folder, and no part of the path is there.
  const std::vector<std::string> here = {""};
  const auto missing_here = read_file_in(here, "no-such-folder/no-such-file");
  ASSERT_FALSE(missing_here);
  EXPECT_EQ(missing_here.error().rule(), rules::file_unreadable);
  // The system's names end at a NUL.
  const std::string cut("in\0.txt", 7);
  EXPECT_FALSE(read_file_in(folders, cut));
  EXPECT_FALSE(read_file((base / "cases").string() + "/" + cut));
  EXPECT_FALSE(write_file((base / "cases").string() + "/" + cut, "content"));
  // A second folder opens itself, counted from the first.
  const std::vector<std::string> both = {folders[0], (base / "cases-other").string()};
  EXPECT_TRUE(read_file_in(both, "../cases-other/out"));
  EXPECT_FALSE(read_file_in(both, "../secret"));
  fs::remove_all(base);
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
