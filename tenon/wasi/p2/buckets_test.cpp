// SPDX-License-Identifier: Apache-2.0
// Buckets in memory and in a file: one behaviour.
#include "tenon/wasi/p2/buckets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

namespace tenon::wasi::p2 {
namespace {

Bytes of(std::string_view text) {
  return {text.begin(), text.end()};
}

class KeyValueBuckets : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) {
      buckets_ = Buckets::memory(10U << 20U);
      return;
    }
    // Tests of other processes run at the same time.
    path_ = ::testing::TempDir() + "buckets_test-" + std::to_string(::getpid()) + ".db";
    std::filesystem::remove(path_);
    open();
  }
  void TearDown() override {
    buckets_ = nullptr;
    if (GetParam()) std::filesystem::remove(path_);
  }
  void open() {
    auto opened = Buckets::file(path_);
    if (!opened) GTEST_SKIP() << opened.error();
    buckets_ = *std::move(opened);
  }
  bool set(const std::string& key, const Bytes& value, const std::string& bucket = "b") {
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back(key, value);
    return buckets_->set(bucket, std::move(entries)).has_value();
  }
  std::optional<Bytes> got(const std::string& bucket, const std::string& key) {
    return buckets_->get(bucket, key).value();
  }
  std::string path_;
  std::unique_ptr<Buckets> buckets_;
};

TEST_P(KeyValueBuckets, KeepWhatWasSet) {
  EXPECT_EQ(got("b", "k"), std::optional<Bytes>());
  ASSERT_TRUE(set("k", of("one")));
  ASSERT_TRUE(set("k", of("two")));
  ASSERT_TRUE(set("empty", {}));
  EXPECT_EQ(got("b", "k"), std::optional(of("two")));
  EXPECT_EQ(got("b", "empty"), std::optional(Bytes()));
  EXPECT_EQ(got("other", "k"), std::optional<Bytes>());
  EXPECT_EQ(buckets_->exists("b", "k"), true);
  ASSERT_TRUE(buckets_->remove("b", {"k", "never"}));
  EXPECT_EQ(buckets_->exists("b", "k"), false);
}

TEST_P(KeyValueBuckets, CountUpAndStopAtTheEnd) {
  EXPECT_EQ(buckets_->increment("b", "n", 5), 5U);
  EXPECT_EQ(buckets_->increment("b", "n", 5), 10U);
  EXPECT_EQ(got("b", "n"), std::optional(of("10")));
  ASSERT_TRUE(set("n", of("18446744073709551615")));
  EXPECT_FALSE(buckets_->increment("b", "n", 1));
  ASSERT_TRUE(set("n", of("ten")));
  EXPECT_FALSE(buckets_->increment("b", "n", 1));
  EXPECT_EQ(got("b", "n"), std::optional(of("ten")));
}

TEST_P(KeyValueBuckets, ListEveryKeyOnceInPages) {
  std::vector<std::pair<std::string, Bytes>> entries;
  for (int i = 0; i < 2500; ++i) entries.emplace_back("key" + std::to_string(i), of("v"));
  ASSERT_TRUE(buckets_->set("b", std::move(entries)));
  std::set<std::string> seen;
  std::optional<std::uint64_t> cursor;
  int pages = 0;
  do {
    auto page = buckets_->list("b", cursor);
    ASSERT_TRUE(page);
    for (auto& key : page->keys) EXPECT_TRUE(seen.insert(key).second) << key;
    // Pages go on where they were, whatever goes meanwhile.
    ASSERT_TRUE(buckets_->remove("b", {page->keys.back()}));
    cursor = page->cursor;
    ++pages;
  } while (cursor);
  EXPECT_EQ(seen.size(), 2500U);
  EXPECT_EQ(pages, 3);
  EXPECT_TRUE(buckets_->list("none", std::nullopt)->keys.empty());
}

TEST_P(KeyValueBuckets, StayInAFile) {
  if (!GetParam()) GTEST_SKIP() << "memory goes with its store";
  ASSERT_TRUE(set("k", of("kept")));
  buckets_ = nullptr;
  open();
  EXPECT_EQ(got("b", "k"), std::optional(of("kept")));
}

INSTANTIATE_TEST_SUITE_P(In, KeyValueBuckets, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "File" : "Memory"; });

TEST(KeyValue, MemoryIsLimited) {
  const auto buckets = Buckets::memory(10'000);
  const auto set = [&](const std::string& key) {
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back(key, Bytes(4000));
    return buckets->set("b", std::move(entries)).has_value();
  };
  EXPECT_TRUE(set("a"));
  EXPECT_TRUE(set("b"));
  EXPECT_FALSE(set("c"));
  ASSERT_TRUE(buckets->remove("b", {"a"}));
  EXPECT_TRUE(set("c"));
}

TEST(KeyValue, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_FALSE(Buckets::file("/nowhere/at/all.db"));
}

}  // namespace
}  // namespace tenon::wasi::p2
