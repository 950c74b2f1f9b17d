// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/lock.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/process.h"
#include "tenon/builder/project.h"
#include "tenon/builder/rules.h"

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

}  // namespace
}  // namespace tenon::builder
