// SPDX-License-Identifier: Apache-2.0
// Buckets in memory and in a file: one behaviour.
#include "tenon/wasi/p2/buckets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
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
    auto opened = Buckets::file(path_, [this] {
      if (on_pause_) on_pause_();
    });
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
  std::function<void()> on_pause_;
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

TEST_P(KeyValueBuckets, NoKeyIsBehindTheLargestCursors) {
  ASSERT_TRUE(set("k", of("v")));
  for (const std::uint64_t cursor :
       {std::uint64_t{1} << 62U, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    const auto page = buckets_->list("b", cursor);
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->keys.empty()) << cursor;
  }
}

/// A process that holds the lock which a writer of SQLite's takes, until it is told to go.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& path) {
    std::array<int, 2> ready{};
    if (::pipe(ready.data()) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const int fd = ::open(path.c_str(), O_RDWR);
      struct flock lock{};
      lock.l_type = F_WRLCK;
      lock.l_start = 0x4000'0000;
      lock.l_len = 512;
      const char held = ::fcntl(fd, F_SETLK, &lock) == 0 ? 'y' : 'n';
      (void)!::write(ready[1], &held, 1);
      ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char held = 'n';
    (void)!::read(ready[0], &held, 1);
    ::close(ready[0]);
    holds = held == 'y';
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  bool holds = false;

 private:
  pid_t pid_ = -1;
};

TEST_P(KeyValueBuckets, ALockOfAnotherProcessIsWaitedForAsTheStoreWaits) {
  if (!GetParam()) GTEST_SKIP() << "memory has no lock";
  ASSERT_TRUE(set("k", of("1")));
  OtherProcess other(path_);
  ASSERT_TRUE(other.holds);
  struct Deadline {};
  on_pause_ = [] { throw Deadline(); };
  EXPECT_THROW(set("k", of("2")), Deadline);
  EXPECT_THROW((void)got("b", "k"), Deadline);
  int pauses = 0;
  on_pause_ = [&] {
    if (++pauses == 3) other.end();
  };
  EXPECT_TRUE(set("k", of("3")));
  EXPECT_EQ(pauses, 3);
  EXPECT_EQ(buckets_->increment("b", "k", 1), 4U);
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

// A bucket of a long name, made and emptied again, once cost nothing and stayed.
TEST(KeyValue, NamesOfBucketsCountAndEmptyOnesAreNone) {
  const auto buckets = Buckets::memory(10'000);
  const auto set = [&](const std::string& bucket) {
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back("", Bytes());
    return buckets->set(bucket, std::move(entries)).has_value();
  };
  EXPECT_FALSE(set(std::string(20'000, 'x')));
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::string(5000, 'x') + std::to_string(i);
    ASSERT_TRUE(set(name)) << i;
    ASSERT_TRUE(buckets->remove(name, {""}));
  }
  EXPECT_TRUE(set(std::string(5000, 'a')));
  EXPECT_FALSE(set(std::string(5000, 'b')));
}

// The next page goes on behind what was read, also when all of it is gone.
TEST(KeyValue, APageGoesOnBehindABucketThatWasEmptied) {
  const auto buckets = Buckets::memory(1U << 20U);
  const auto set = [&](const std::string& key) {
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back(key, Bytes());
    return buckets->set("b", std::move(entries)).has_value();
  };
  ASSERT_TRUE(set("a"));
  ASSERT_TRUE(buckets->remove("b", {"a"}));
  ASSERT_TRUE(set("c"));
  const auto page = buckets->list("b", 1);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->keys, std::vector<std::string>{"c"});
}

TEST(KeyValue, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_FALSE(Buckets::file("/nowhere/at/all.db", [] {}));
}

}  // namespace
}  // namespace tenon::wasi::p2
