// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "tenon/base/file.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/compiler_help.h"
#include "tenon/builder/lock.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/process.h"
#include "tenon/builder/project.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/toolchain.h"
#include "tenon/builder/user_cache.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "tenon-builder-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }
  void put(const std::string& path, std::string_view text) {
    fs::create_directories((fs::path(dir_) / path).parent_path());
    ASSERT_TRUE(write_file(dir_ + "/" + path, text));
  }
  std::string dir_;
  SourceSet sources_;
};

using ProjectTest = Folder;
using CacheTest = Folder;

TEST(Sha256, KnowsTheEmptyTextAndAbc) {
  EXPECT_EQ(sha256(std::string_view()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::string_view("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/// What a later Rust has is named with the version it came with, and not asked of a compiler that
/// has it.
TEST(CompilerHelp, NamesTheRustThatAFeatureCameWith) {
  using compiler_help::newer_feature;
  const std::pair<const char*, const char*> rows[] = {
      {"error[E0658]: `let...else` statements are unstable", "`let … else` came with Rust 1.65"},
      {"error[E0433]: failed to resolve: could not find `error` in `core`",
       "`core::error` came with Rust 1.81"},
      {"error[E0432]: unresolved import `std::sync::LazyLock`", "`LazyLock` came with Rust 1.80"},
      {"error[E0599]: no method named `isqrt` found for type `u32`", "`isqrt` came with Rust 1.84"},
      {"error: prefix `c` is unknown", "`c\"…\"` came with Rust 1.77"},
      {"error[E0706]: functions in traits cannot be declared `async`",
       "`async fn` in a trait came with Rust 1.75"},
      {"error: argument for `--edition` must be one of: 2015|2018|2021. (instead was `2024`)",
       "edition 2024 came with Rust 1.85"},
      {"error[E0599]: no method named `greet` found for struct `Greeter`", ""}};
  for (const auto& [said, help] : rows) {
    EXPECT_EQ(newer_feature(said, "rustc 1.63.0"), help) << said;
    EXPECT_EQ(newer_feature(said, "rustc 1.95.0 (59807616e 2026-04-14)"), "") << said;
  }
}

TEST(Languages, AreNamedByTheirTable) {
  EXPECT_EQ(lang_choices, "cpp|c|rust");
  EXPECT_EQ(parse_lang("c++"), Lang::cpp);
  EXPECT_EQ(parse_lang("Rust"), std::nullopt);
  EXPECT_EQ(meant_lang("Rust"), Lang::rust);
  EXPECT_EQ(meant_lang("CXX"), Lang::cpp);
  EXPECT_EQ(meant_lang("java"), std::nullopt);
}

TEST(Languages, ThatShareACompilerAreExaminedOnce) {
  constexpr std::array both = {Lang::cpp, Lang::c};
  std::vector<std::string> said;
  for (const Finding& finding : examine(both)) said.push_back(finding.what);
  ASSERT_FALSE(said.empty());
  std::vector<std::string> once;
  for (const std::string& what : said) {
    if (std::ranges::find(once, what) == once.end()) once.push_back(what);
  }
  EXPECT_EQ(said, once);
  constexpr std::array c = {Lang::c};
  EXPECT_LE(examine(c).size(), said.size());
}

TEST(Key, DelimitsItsPieces) {
  EXPECT_NE(KeyBuilder().add("ab").add("c").key(), KeyBuilder().add("a").add("bc").key());
}

TEST(Process, HandsBackOutputAndStatus) {
  const auto outcome = run(Command{{"sh", "-c", "echo out; echo err >&2; exit 3"}, {}, {}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 3);
  EXPECT_EQ(outcome->output, "out\nerr\n");
}

TEST(Process, NamesAProgramThatIsNotThere) {
  const auto outcome = run(Command{{"/nonexistent/program"}, {}, {}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().rule(), rules::cannot_run);
}

TEST_F(ProjectTest, AFolderWithWitAndSrcNeedsNoManifest) {
  put("wit/calculator.wit", "package a:b;");
  put("src/main.cpp", "");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project) << project.error().text();
  EXPECT_EQ(project->lang, Lang::cpp);
  EXPECT_EQ(project->sources, std::vector<std::string>{"src/main.cpp"});
  EXPECT_EQ(project->wit, "wit");
}

TEST_F(ProjectTest, ReadsEveryKeyOfTheManifest) {
  put("tenon.toml",
      "name = \"calculator\"\nlang = \"c\"\nworld = \"w\"\nwit = \"api\"\nsources = "
      "[\"code/*.c\"]\n"
      "allocator = \"small\"\ncflags = [\"-DX\"]\n[deps]\n\"wasi:io\" = \"../io\"\n[profile.tiny]\n"
      "inherits = \"release\"\nopt = \"z\"\ncflags = [\"-DY\"]\n");
  put("code/a.c", "");
  put("code/b.c", "");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project) << project.error().text();
  EXPECT_EQ(project->sources.size(), 2U);
  EXPECT_EQ(project->allocator, Allocator::small);
  const auto profile = profile_of(*project, "tiny");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->opt, "z");
  EXPECT_TRUE(profile->strip);
}

TEST_F(ProjectTest, AMisspeltKeyNamesTheNearestOne) {
  put("tenon.toml", "wrold = \"w\"\n");
  const auto project = load_project(dir_, sources_);
  ASSERT_FALSE(project);
  EXPECT_EQ(project.error().rule(), rules::manifest);
  EXPECT_NE(project.error().help_text().find("`world`"), std::string::npos);
}

TEST_F(ProjectTest, AMissingProfileListsThoseThereAre) {
  put("wit/a.wit", "");
  put("src/a.c", "");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project);
  const auto profile = profile_of(*project, "relase");
  ASSERT_FALSE(profile);
  EXPECT_NE(profile.error().help_text().find("release"), std::string::npos);
}

TEST_F(ProjectTest, ACargoProjectIsOneToo) {
  put("Cargo.toml",
      "[package]\nname = \"calc\"\nedition = \"2021\"\n[dependencies]\nwit-bindgen = \"0.30\"\n"
      "[package.metadata.component]\ntarget = { path = \"api\", world = \"w\" }\n");
  put("src/lib.rs", "");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project) << project.error().text();
  EXPECT_EQ(project->lang, Lang::rust);
  EXPECT_EQ(project->wit, "api");
  EXPECT_EQ(project->world, "w");
  EXPECT_TRUE(project->cargo_dependencies.empty());
}

TEST_F(CacheTest, AnObjectIsFoundAgainOnlyForTheSameContent) {
  put("a.c", "one");
  put("a.o", "object one");
  FileHashes hashes;
  ASSERT_TRUE(make_folder(dir_ + "/objects"));
  ObjectCache cache(dir_ + "/objects", hashes);
  EXPECT_FALSE(cache.find("key"));
  ASSERT_TRUE(cache.store("key", {dir_ + "/a.c"}, dir_ + "/a.o"));
  const auto first = cache.find("key");
  ASSERT_TRUE(first);
  put("a.c", "two!");
  EXPECT_FALSE(cache.find("key"));
  put("a.c", "one");
  EXPECT_EQ(cache.find("key"), first);
}

TEST_F(CacheTest, AStampHoldsUntilAFileChanges) {
  put("in", "x");
  put("out", "y");
  FileHashes hashes;
  Stamp stamp;
  stamp.key = "k";
  for (const char* name : {"in", "out"}) {
    const std::string path = dir_ + "/" + name;
    const Stamp::File file{path, *stat_file(path), *hashes.of(path)};
    (name[0] == 'i' ? stamp.inputs : stamp.outputs).push_back(file);
  }
  const auto again = Stamp::parse(stamp.to_text());
  ASSERT_TRUE(again);
  FileHashes fresh;
  EXPECT_TRUE(again->holds("k", fresh));
  EXPECT_FALSE(again->holds("other", fresh));
  put("in", "changed");
  EXPECT_FALSE(again->holds("k", fresh));
}

TEST(Depfile, ReadsContinuedLinesAndEscapedBlanks) {
  const auto files = parse_depfile("a.o: a.c \\\n  b\\ c.h d.h\n\nd.h:\n");
  EXPECT_EQ(files, (std::vector<std::string>{"a.c", "b c.h", "d.h"}));
}

TEST_F(CacheTest, ALockThatDiffersNamesTheDifference) {
  const std::string path = dir_ + "/tenon.lock";
  ASSERT_TRUE(write_lock(path, {{"tool.clang", "22.1.8"}}));
  EXPECT_TRUE(check_lock(path, {{"tool.clang", "22.1.8"}}));
  const auto drift = check_lock(path, {{"tool.clang", "23.0"}});
  ASSERT_FALSE(drift);
  EXPECT_EQ(drift.error().notes().front().text, "tool.clang: locked 22.1.8, found 23.0");
}

TEST_F(ProjectTest, ACopyOfACargoManifestStandsBesideTheBindings) {
  put("wit/world.wit", "package a:b;\nworld w { export f: func(); }\n");
  put("src/lib.rs", "");
  put("build.rs", "");
  put("Cargo.toml",
      "[package]\nname = \"w\"\nversion = \"0.1.0\"\n[package.metadata.component.target]\npath = "
      "\"wit\"\n"
      "[dependencies]\nwit-bindgen-rt = \"0.30\"\nnear = { path = \"near\", features = [\"x\"] "
      "}\nserde = \"1\"\n"
      "[target.'cfg(unix)'.dependencies]\nfar = { path = \"../far\" }\n[features]\ndefault = []\n"
      "[profile.release]\nopt-level = \"z\"\n[dev-dependencies]\nproptest = \"1\"\n");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project) << project.error().text();
  EXPECT_EQ(project->wit, "wit");
  EXPECT_EQ(project->cargo_dependencies, (std::vector<std::string>{"near", "serde"}));
  const auto text = shadow_manifest(*project, Profile{}, "w_bindings", "/gen");
  ASSERT_TRUE(text) << text.error().text();
  for (const std::string& wanted :
       {std::string("path = '/gen'"), "'" + dir_ + "/near'", "'" + dir_ + "/src/lib.rs'",
        "'" + dir_ + "/build.rs'", "'" + fs::path(dir_).parent_path().string() + "/far'"}) {
    std::string quoted = wanted;
    std::replace(quoted.begin(), quoted.end(), '\'', '"');
    EXPECT_TRUE(text->contains(wanted) || text->contains(quoted)) << wanted << " in\n" << *text;
  }
  for (const char* kept : {"serde", "opt-level", "[features]", "[workspace]", "cdylib", "panic"})
    EXPECT_TRUE(text->contains(kept)) << kept << " in\n" << *text;
  for (const char* gone : {"wit-bindgen-rt", "metadata", "proptest"})
    EXPECT_FALSE(text->contains(gone)) << gone;
}

TEST_F(ProjectTest, WhatAWorkspaceWouldGiveIsAskedForInTheCrate) {
  put("wit/world.wit", "package a:b;\nworld w { export f: func(); }\n");
  put("src/lib.rs", "");
  put("Cargo.toml", "[package]\nname = \"w\"\n[dependencies]\nserde = { workspace = true }\n");
  const auto project = load_project(dir_, sources_);
  ASSERT_TRUE(project);
  const auto text = shadow_manifest(*project, Profile{}, "w_bindings", "/gen");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().rule(), rules::cargo_project);
  EXPECT_TRUE(text.error().detail().contains("`serde` of [dependencies]")) << text.error().detail();
}

/// The environment for one test.
class CacheHome : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    for (const char* name : {"XDG_CACHE_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? std::optional<std::string>() : value);
    }
    ::setenv("XDG_CACHE_HOME", (dir_ + "/cache").c_str(), 1);
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      if (value)
        ::setenv(name.c_str(), value->c_str(), 1);
      else
        ::unsetenv(name.c_str());
    }
    Folder::TearDown();
  }
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

TEST_F(CacheHome, IsMadeForItsUserAlone) {
  const UserCache cache = user_cache();
  ASSERT_TRUE(cache.dir) << cache.reason;
  EXPECT_EQ(*cache.dir, dir_ + "/cache/tenon");
  EXPECT_EQ(static_cast<unsigned>(fs::status(*cache.dir).permissions()), 0700U);
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  ::setenv("HOME", dir_.c_str(), 1);
  EXPECT_EQ(user_cache().dir, dir_ + "/.cache/tenon");
  ::setenv("HOME", "", 1);
  EXPECT_FALSE(user_cache().dir);
}

// Objects and stamps in it are believed: it must be nobody else's, and no link to somewhere.
TEST_F(CacheHome, IsRefusedWhenOthersMayWriteOrItLeadsElsewhere) {
  const std::string dir = *user_cache().dir;
  for (const unsigned mode : {0755U, 0770U, 0701U, 0707U}) {
    fs::permissions(dir, fs::perms(mode));
    const UserCache cache = user_cache();
    EXPECT_FALSE(cache.dir) << mode;
    EXPECT_NE(cache.reason.find("wanted 700"), std::string::npos) << cache.reason;
  }
  fs::remove(dir);
  fs::create_directory(dir_ + "/elsewhere");
  fs::permissions(dir_ + "/elsewhere", fs::perms(0700));
  fs::create_symlink(dir_ + "/elsewhere", dir);
  EXPECT_FALSE(user_cache().dir);
  fs::remove(dir);
  put("cache/tenon", "a file");
  EXPECT_FALSE(user_cache().dir);
  if (::geteuid() != 0) return;
  fs::remove(dir);
  fs::create_directory(dir);
  fs::permissions(dir, fs::perms(0700));
  ASSERT_EQ(::chown(dir.c_str(), 65534, 65534), 0);
  const UserCache foreign = user_cache();
  EXPECT_FALSE(foreign.dir);
  EXPECT_NE(foreign.reason.find("its owner is user 65534"), std::string::npos) << foreign.reason;
}

TEST_F(CacheHome, KeepsWhatWasUsedLast) {
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 10; ++i) {
    const std::string name = "objects/" + std::to_string(i) + ".o";
    put(name, std::string(1000, 'x'));
    fs::last_write_time(dir_ + "/" + name, now - std::chrono::hours(24 * (i + 1)));
  }
  trim_objects(dir_ + "/objects", 10'000);
  EXPECT_TRUE(fs::exists(dir_ + "/objects/9.o"));
  trim_objects(dir_ + "/objects", 8'000);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(fs::exists(dir_ + "/objects/" + std::to_string(i) + ".o"), i < 4) << i;
  put("projects/old/lock", "");
  put("projects/new/lock", "");
  fs::last_write_time(dir_ + "/projects/old/lock", now - std::chrono::hours(24 * 61));
  trim_projects(dir_ + "/projects", 60);
  EXPECT_FALSE(fs::exists(dir_ + "/projects/old"));
  EXPECT_TRUE(fs::exists(dir_ + "/projects/new"));
}

// They become parts of paths below the cache and the build folder.
TEST_F(ProjectTest, NamesOfProjectsAndProfilesAreNoPaths) {
  put("wit/calculator.wit", "package a:b;");
  put("src/main.cpp", "");
  for (const char* text : {"name = \"..\"", "name = \"a/b\"", "name = \"a\\nb\"", "name = \".x\"",
                           "[profile.\"../../x\"]\nopt = \"0\"", "[profile.\".\"]\nopt = \"0\""}) {
    put("tenon.toml", text);
    const auto project = load_project(dir_, sources_);
    ASSERT_FALSE(project) << text;
    EXPECT_EQ(project.error().rule(), rules::manifest) << text;
  }
}

}  // namespace
}  // namespace tenon::builder
