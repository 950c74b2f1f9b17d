// SPDX-License-Identifier: Apache-2.0
// What a file system does for guests, the same of the host's (by `openat2` and by the walk) and of
// the one in memory.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "tenon/base/file.h"
#include "tenon/wasi/core/test_fs.h"

namespace tenon::wasi {
namespace {

class FileSystem : public testing::TestWithParam<TestFs::Kind> {
 protected:
  TestFs fs{GetParam()};
  Descriptor& root = *fs.root;
};
INSTANTIATE_TEST_SUITE_P(, FileSystem,
                         testing::Values(TestFs::Kind::host, TestFs::Kind::walk,
                                         TestFs::Kind::memory),
                         [](const auto& param) { return TestFs::name(param.param); });

TEST_P(FileSystem, writes_reads_and_appends) {
  auto file = *root.open_at("f", true, creating(), writing());
  EXPECT_EQ(write(*file, "hello", 0), 5U);
  EXPECT_EQ(write(*file, "y", 4), 1U);
  const ByteSpan more[] = {as_bytes("!"), as_bytes("?")};
  EXPECT_EQ(file->append(more), 2U);
  EXPECT_EQ(read(*file, 0, 100), "helly!?");
  EXPECT_EQ(read(*file, 5, 1), "!");
  EXPECT_EQ(read(*file, 100, 1), "");
  EXPECT_EQ(file->stat()->size, 7U);
  EXPECT_TRUE(file->set_size(2));
  EXPECT_EQ(read(*file, 0, 100), "he");
  EXPECT_EQ(write(*file, "z", 4), 1U);
  EXPECT_EQ(read(*file, 0, 100), std::string("he\0\0z", 5));
}

TEST_P(FileSystem, a_descriptor_does_what_it_was_opened_for) {
  auto file = *root.open_at("f", true, creating(), writing());
  ASSERT_TRUE(write(*file, "text", 0));
  auto reader = *root.open_at("f", true, {}, reading());
  EXPECT_EQ(write(*reader, "x", 0).error(), ErrorCode::bad_descriptor);
  EXPECT_EQ(reader->set_size(0).error(), ErrorCode::bad_descriptor);
  DescriptorFlags only;
  only.write = true;
  auto writer = *root.open_at("f", true, {}, only);
  EXPECT_EQ(read_result(*writer, 0, 1).error(), ErrorCode::bad_descriptor);
  // F6: what truncates must be allowed to write, and its guest still only reads.
  OpenFlags cut;
  cut.truncate = true;
  auto cutter = *root.open_at("f", true, cut, reading());
  EXPECT_EQ(write(*cutter, "x", 0).error(), ErrorCode::bad_descriptor);
  EXPECT_EQ(cutter->stat()->size, 0U);
}

TEST_P(FileSystem, files_and_directories_are_told_apart) {
  ASSERT_TRUE(root.create_directory_at("d"));
  auto file = *root.open_at("f", true, creating(), writing());
  auto directory = *root.open_at("d", true, {}, reading());
  EXPECT_TRUE(directory->is_directory());
  EXPECT_EQ(file->list().error(), ErrorCode::not_directory);
  EXPECT_EQ(file->stat_at("x", true).error(), ErrorCode::not_directory);
  EXPECT_EQ(file->open_at("x", true, {}, reading()).error(), ErrorCode::not_directory);
  EXPECT_EQ(directory->advise(0, 1, Advice::normal).error(), ErrorCode::bad_descriptor);
  EXPECT_EQ(directory->allocate(0, 1).error(), ErrorCode::bad_descriptor);
  EXPECT_EQ(read_result(*directory, 0, 1).error(), ErrorCode::bad_descriptor);
  EXPECT_EQ(root.open_at("d", true, {}, writing()).error(), ErrorCode::is_directory);
  OpenFlags as_directory;
  as_directory.directory = true;
  EXPECT_EQ(root.open_at("f", true, as_directory, reading()).error(), ErrorCode::not_directory);
  EXPECT_EQ(root.unlink_file_at("d").error(), ErrorCode::is_directory);
  EXPECT_EQ(root.remove_directory_at("f").error(), ErrorCode::not_directory);
  EXPECT_EQ(root.stat_at("f/x", true).error(), ErrorCode::not_directory);
}

TEST_P(FileSystem, slashes_at_the_end_ask_for_a_directory) {
  ASSERT_TRUE(root.create_directory_at("d/"));
  ASSERT_TRUE(root.open_at("f", true, creating(), writing()));
  EXPECT_TRUE(root.stat_at("d//", false));
  EXPECT_EQ(root.stat_at("f/", true).error(), ErrorCode::not_directory);
  EXPECT_EQ(root.open_at("f/", true, {}, reading()).error(), ErrorCode::not_directory);
  EXPECT_EQ(root.open_at("new/", true, creating(), writing()).error(), ErrorCode::is_directory);
  EXPECT_EQ(root.unlink_file_at("f/").error(), ErrorCode::not_directory);
  EXPECT_EQ(root.unlink_file_at("d/").error(), ErrorCode::is_directory);
  EXPECT_EQ(root.rename_at("f/", root, "g").error(), ErrorCode::not_directory);
  EXPECT_EQ(root.rename_at("f", root, "g/").error(), ErrorCode::not_directory);
  EXPECT_TRUE(root.rename_at("d/", root, "e/"));
  EXPECT_EQ(root.link_at("f/", root, "g").error(), ErrorCode::not_directory);
  EXPECT_EQ(root.link_at("f", root, "g/").error(), ErrorCode::no_entry);
  EXPECT_TRUE(root.remove_directory_at("e/"));
}

TEST_P(FileSystem, names_of_no_entry_are_refused) {
  for (const char* path : {"", "a/"}) {
    EXPECT_FALSE(root.stat_at(path, true));
    EXPECT_FALSE(root.unlink_file_at(path));
  }
  EXPECT_EQ(root.create_directory_at(".").error(), ErrorCode::exist);
  EXPECT_EQ(root.create_directory_at("..").error(), ErrorCode::not_permitted);
  EXPECT_EQ(root.remove_directory_at(".").error(), ErrorCode::invalid);
  EXPECT_EQ(root.unlink_file_at(".").error(), ErrorCode::is_directory);
  EXPECT_FALSE(root.rename_at(".", root, "x"));
  const std::string nul("a\0b", 3);
  EXPECT_EQ(root.stat_at(nul, true).error(), ErrorCode::invalid);
  EXPECT_EQ(root.create_directory_at(nul).error(), ErrorCode::invalid);
  EXPECT_EQ(root.create_directory_at(std::string(256, 'x')).error(), ErrorCode::name_too_long);
  EXPECT_EQ(root.stat_at(std::string(4096, 'x'), true).error(), ErrorCode::name_too_long);
  std::string deep;
  while (deep.size() < 5000) deep += "./";
  EXPECT_EQ(root.stat_at(deep, true).error(), ErrorCode::name_too_long);
}

TEST_P(FileSystem, links_are_followed_where_that_is_asked) {
  ASSERT_TRUE(write(**root.open_at("f", true, creating(), writing()), "text", 0));
  ASSERT_TRUE(root.symlink_at("f", "l"));
  ASSERT_TRUE(root.symlink_at("l", "m"));
  EXPECT_EQ(root.stat_at("m", true)->type, FileType::regular_file);
  EXPECT_EQ(root.stat_at("m", false)->type, FileType::symbolic_link);
  EXPECT_EQ(root.readlink_at("m"), "l");
  EXPECT_EQ(root.readlink_at("f").error(), ErrorCode::invalid);
  EXPECT_EQ(read(**root.open_at("m", true, {}, reading()), 0, 9), "text");
  EXPECT_EQ(root.open_at("m", false, {}, reading()).error(), ErrorCode::loop);
  OpenFlags fresh = creating();
  fresh.exclusive = true;
  EXPECT_EQ(root.open_at("m", true, fresh, writing()).error(), ErrorCode::exist);
  ASSERT_TRUE(root.symlink_at("loop", "loop"));
  EXPECT_EQ(root.stat_at("loop", true).error(), ErrorCode::loop);
  ASSERT_TRUE(root.symlink_at("fresh", "dangling"));
  EXPECT_TRUE(root.open_at("dangling", true, creating(), writing()));
  EXPECT_TRUE(root.stat_at("fresh", false));
  EXPECT_EQ(root.symlink_at("f", "l").error(), ErrorCode::exist);
  EXPECT_EQ(root.symlink_at("f", "none/").error(), ErrorCode::no_entry);
  EXPECT_EQ(root.symlink_at("f", "f/").error(), ErrorCode::not_directory);
}

TEST_P(FileSystem, a_link_with_a_slash_behind_it_is_there) {
  ASSERT_TRUE(root.create_directory_at("d"));
  ASSERT_TRUE(root.symlink_at("d", "l"));
  ASSERT_TRUE(root.symlink_at("nowhere", "dangling"));
  EXPECT_EQ(root.symlink_at("f", "d/").error(), ErrorCode::exist);
  EXPECT_EQ(root.symlink_at("f", "l/").error(), ErrorCode::exist);
  EXPECT_EQ(root.symlink_at("f", "dangling/").error(), ErrorCode::exist);
}

TEST_P(FileSystem, a_chain_of_links_ends_somewhere) {
  ASSERT_TRUE(root.open_at("l0", true, creating(), writing()));
  for (int i = 1; i <= 41; ++i)
    ASSERT_TRUE(root.symlink_at("l" + std::to_string(i - 1), "l" + std::to_string(i)));
  EXPECT_TRUE(root.stat_at("l40", true));
  EXPECT_EQ(root.stat_at("l41", true).error(), ErrorCode::loop);
}

TEST_P(FileSystem, renames_and_hard_links) {
  ASSERT_TRUE(write(**root.open_at("f", true, creating(), writing()), "text", 0));
  ASSERT_TRUE(root.create_directory_at("d"));
  auto d = *root.open_at("d", true, {}, reading());
  EXPECT_TRUE(root.link_at("f", *d, "g"));
  EXPECT_EQ(root.stat_at("f", true)->links, 2U);
  EXPECT_EQ(root.stat_at("d/g", true)->inode, root.stat_at("f", true)->inode);
  EXPECT_EQ(root.link_at("d", root, "e").error(), ErrorCode::not_permitted);
  EXPECT_EQ(root.link_at("f", *d, "g").error(), ErrorCode::exist);
  EXPECT_EQ(root.rename_at("d", *d, "self").error(), ErrorCode::invalid);
  EXPECT_TRUE(d->rename_at("g", root, "h"));
  EXPECT_EQ(root.rename_at("f", root, "d").error(), ErrorCode::is_directory);
  EXPECT_EQ(root.rename_at("d", root, "f").error(), ErrorCode::not_directory);
  ASSERT_TRUE(root.create_directory_at("full"));
  ASSERT_TRUE(root.create_directory_at("full/x"));
  EXPECT_EQ(root.rename_at("d", root, "full").error(), ErrorCode::not_empty);
  EXPECT_EQ(root.remove_directory_at("full").error(), ErrorCode::not_empty);
  EXPECT_TRUE(root.rename_at("full/x", root, "d"));
}

// F12: times before 1970 and far away are kept or refused; the host survives.
TEST_P(FileSystem, times_of_every_kind) {
  auto file = *root.open_at("f", true, creating(), writing());
  const NewTime before{NewTime::Kind::set, {-1, 999'999'999}};
  const NewTime keep;
  EXPECT_TRUE(file->set_times(before, keep));
  EXPECT_EQ(file->stat()->accessed, before.time);
  const NewTime modified{NewTime::Kind::set, {1'000'000'000, 5}};
  EXPECT_TRUE(root.set_times_at("f", true, keep, modified));
  EXPECT_EQ(file->stat()->accessed, before.time);
  EXPECT_EQ(file->stat()->modified, modified.time);
  for (const std::int64_t seconds : {INT64_MIN, INT64_MAX}) {
    const NewTime extreme{NewTime::Kind::set, {seconds, 999'999'999}};
    static_cast<void>(file->set_times(extreme, extreme));
    EXPECT_TRUE(file->stat());
  }
  const NewTime wrong{NewTime::Kind::set, {0, 1'000'000'000}};
  EXPECT_EQ(file->set_times(wrong, keep).error(), ErrorCode::invalid);
  ASSERT_TRUE(root.symlink_at("f", "l"));
  EXPECT_TRUE(root.set_times_at("l", false, keep, before));
  EXPECT_EQ(root.stat_at("l", false)->modified, before.time);
  EXPECT_NE(file->stat()->modified, before.time);
}

// F13: walks over one directory do not disturb each other, nor does what is removed meanwhile.
TEST_P(FileSystem, walks_have_positions_of_their_own) {
  std::set<std::string> wanted;
  for (int i = 0; i < 300; ++i) {
    wanted.insert("f" + std::to_string(i));
    ASSERT_TRUE(root.open_at("f" + std::to_string(i), true, creating(), writing()));
  }
  auto one = *root.list();
  auto other = *root.list();
  std::set<std::string> found;
  std::uint64_t half = 0;
  while (const auto entry = *one->next()) {
    EXPECT_NE(entry->cookie, 0U);
    EXPECT_TRUE(found.insert(entry->name).second);
    EXPECT_TRUE(root.unlink_file_at(entry->name));
    if (found.size() == 150) half = entry->cookie;
  }
  EXPECT_EQ(found, wanted);
  EXPECT_TRUE(other->seek(half));
  EXPECT_TRUE(other->seek(0));
  EXPECT_TRUE(other->next());
}

// The cookies of ext4 have 63 bits, and `telldir` of a guest keeps 32: `seekdir` went elsewhere.
// Who removes what was read still reads all that is left.
TEST_P(FileSystem, cookies_are_small_and_lead_back) {
  constexpr std::size_t files = 5'000;
  for (std::size_t i = 0; i < files; ++i)
    ASSERT_TRUE(root.open_at("f" + std::to_string(i), true, creating(), writing()));
  auto walk = *root.list();
  std::vector<DirectoryEntry> entries;
  while (auto entry = *walk->next()) entries.push_back(*std::move(entry));
  ASSERT_EQ(entries.size(), files);
  for (std::size_t i = files; i-- > 0; i -= std::min<std::size_t>(i, 97)) {
    EXPECT_LE(entries[i].cookie, files);
    ASSERT_TRUE(walk->seek(entries[i].cookie));
    const auto next = *walk->next();
    ASSERT_EQ(next.has_value(), i + 1 < files) << i;
    if (next) EXPECT_EQ(next->name, entries[i + 1].name) << i;
  }
  ASSERT_TRUE(walk->seek(files + 10));
  EXPECT_FALSE(*walk->next());
  // Reads a few, removes them, and asks again behind the last but one.
  ASSERT_TRUE(walk->seek(0));
  std::set<std::string> found;
  std::uint64_t before = 0;
  for (auto entry = *walk->next(); entry; entry = *walk->next()) {
    if (!found.insert(entry->name).second) continue;
    EXPECT_TRUE(root.unlink_file_at(entry->name));
    if (found.size() % 50 == 0) EXPECT_TRUE(walk->seek(before));
    before = entry->cookie;
  }
  EXPECT_EQ(found.size(), files);
}

TEST_P(FileSystem, a_read_only_grant_changes_nothing) {
  ASSERT_TRUE(root.create_directory_at("d"));
  ASSERT_TRUE(write(**root.open_at("d/f", true, creating(), writing()), "text", 0));
  const DescriptorPtr top = fs.read_only();
  auto d = *top->open_at("d", true, {}, reading());
  EXPECT_FALSE(d->may_mutate());
  OpenFlags cut;
  cut.truncate = true;
  DescriptorFlags mutate;
  mutate.mutate_directory = true;
  const NewTime now{NewTime::Kind::now, {}};
  const auto refused = [](const auto& result) {
    return !result && result.error() == ErrorCode::read_only;
  };
  auto file = *d->open_at("f", true, {}, reading());
  EXPECT_EQ(read(*file, 0, 9), "text");
  EXPECT_TRUE(refused(d->open_at("f", true, {}, writing())));
  EXPECT_TRUE(refused(d->open_at("f", true, cut, reading())));
  EXPECT_TRUE(refused(d->open_at("g", true, creating(), reading())));
  EXPECT_TRUE(refused(top->open_at("d", true, {}, mutate)));
  EXPECT_TRUE(refused(file->set_times(now, now)));
  EXPECT_TRUE(refused(d->set_times_at("f", true, now, now)));
  EXPECT_TRUE(refused(d->create_directory_at("x")));
  EXPECT_TRUE(refused(d->unlink_file_at("f")));
  EXPECT_TRUE(refused(d->remove_directory_at("x")));
  EXPECT_TRUE(refused(d->symlink_at("f", "x")));
  EXPECT_TRUE(refused(d->link_at("f", *d, "x")));
  EXPECT_TRUE(refused(d->rename_at("f", *d, "x")));
  // F7: both sides must be writable.
  EXPECT_TRUE(refused(d->link_at("f", root, "x")));
  EXPECT_TRUE(refused(d->rename_at("f", root, "x")));
  EXPECT_TRUE(refused(root.link_at("d/f", *d, "x")));
  EXPECT_TRUE(refused(root.rename_at("d/f", *d, "x")));
  EXPECT_FALSE(file->set_size(0));
  EXPECT_FALSE(write(*file, "x", 0));
}

TEST_P(FileSystem, offsets_beyond_every_file) {
  auto file = *root.open_at("f", true, creating(), writing());
  constexpr auto most = std::uint64_t{INT64_MAX};
  for (const std::uint64_t at : {most, most + 1, ~std::uint64_t{0}}) {
    EXPECT_FALSE(write(*file, "xx", at));
    static_cast<void>(read_result(*file, at, 1));
    EXPECT_FALSE(file->allocate(at, ~std::uint64_t{0}));
  }
  EXPECT_FALSE(file->set_size(~std::uint64_t{0}));
  EXPECT_FALSE(file->allocate(0, 0));
  EXPECT_TRUE(file->allocate(0, 1000));
  EXPECT_EQ(file->stat()->size, 1000U);
}

TEST_P(FileSystem, a_file_that_was_removed_lives_while_it_is_open) {
  auto file = *root.open_at("f", true, creating(), writing());
  ASSERT_TRUE(root.unlink_file_at("f"));
  EXPECT_EQ(write(*file, "text", 0), 4U);
  EXPECT_EQ(read(*file, 0, 9), "text");
  EXPECT_EQ(file->stat()->links, 0U);
}

TEST_P(FileSystem, nothing_is_made_in_a_directory_that_is_removed) {
  ASSERT_TRUE(root.create_directory_at("gone"));
  ASSERT_TRUE(root.create_directory_at("stays"));
  ASSERT_TRUE(root.open_at("f", true, creating(), writing()));
  auto gone = *root.open_at("gone", true, {}, reading());
  ASSERT_TRUE(root.remove_directory_at("gone"));
  EXPECT_EQ(gone->create_directory_at("d").error(), ErrorCode::no_entry);
  EXPECT_EQ(gone->open_at("f", true, creating(), writing()).error(), ErrorCode::no_entry);
  EXPECT_EQ(gone->symlink_at("f", "l").error(), ErrorCode::no_entry);
  EXPECT_EQ(root.link_at("f", *gone, "f").error(), ErrorCode::no_entry);
  EXPECT_EQ(root.rename_at("stays", *gone, "stays").error(), ErrorCode::no_entry);
  EXPECT_TRUE(root.stat_at("stays", false)->type == FileType::directory);
}

TEST_P(FileSystem, a_directory_never_goes_below_itself) {
  for (const char* path : {"a", "a/b", "a/b/c", "x"}) ASSERT_TRUE(root.create_directory_at(path));
  auto c = *root.open_at("a/b/c", true, {}, reading());
  EXPECT_EQ(root.rename_at("a", *c, "a").error(), ErrorCode::invalid);
  EXPECT_EQ(root.rename_at("a/b", *c, "b").error(), ErrorCode::invalid);
  EXPECT_EQ(root.rename_at("a/b/c", *c, "c").error(), ErrorCode::invalid);
  // Where a directory lies is what it was last renamed to.
  ASSERT_TRUE(root.rename_at("a/b", root, "x/b"));
  ASSERT_TRUE(root.rename_at("a", *c, "a"));
  EXPECT_EQ(root.rename_at("x", *c, "x").error(), ErrorCode::invalid);
  EXPECT_TRUE(root.stat_at("x/b/c/a", false));
}

TEST(MemoryFileSystem, takes_no_more_than_it_may_and_gives_back) {
  MemoryFileSystem fs(Clock::fixed({}), 10'000);
  const auto root = fs.root();
  auto file = *root->open_at("f", true, creating(), writing());
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(file->set_size(9'000));
    EXPECT_EQ(file->set_size(10'001).error(), ErrorCode::insufficient_space);
    EXPECT_EQ(write(*file, "x", std::uint64_t{1} << 40U).error(), ErrorCode::insufficient_space);
    ASSERT_TRUE(root->unlink_file_at("f"));
    file = *root->open_at("f", true, creating(), writing());
  }
  int made = 0;
  while (root->create_directory_at("d" + std::to_string(made))) ++made;
  EXPECT_LT(made, 40);
}

TEST(MemoryFileSystem, a_tree_of_great_depth_goes_without_recursion) {
  MemoryFileSystem fs(Clock::fixed({}), std::uint64_t{1} << 30U);
  DescriptorPtr at = fs.root();
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_TRUE(at->create_directory_at("d"));
    at = *at->open_at("d", true, {}, reading());
  }
}

TEST(MemoryFileSystem, files_at_great_depth_are_told_with_their_paths) {
  MemoryFileSystem fs(Clock::fixed({}));
  DescriptorPtr at = fs.root();
  constexpr std::size_t depth = 30'000;
  for (std::size_t i = 0; i < depth; ++i) {
    ASSERT_TRUE(at->create_directory_at("d"));
    ASSERT_TRUE(at->create_directory_at("e"));
    at = *at->open_at("d", true, {}, reading());
  }
  ASSERT_TRUE(at->open_at("f", true, creating(), writing()));
  ASSERT_TRUE(fs.put("z", ""));
  std::vector<std::string> paths;
  fs.each_file([&](const std::string& path) { paths.push_back(path); });
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_EQ(paths[0].size(), 2 * depth + 1);
  EXPECT_TRUE(paths[0].starts_with("d/d/") && paths[0].ends_with("d/f"));
  EXPECT_EQ(paths[1], "z");
}

TEST(MemoryFileSystem, content_by_path) {
  MemoryFileSystem fs(Clock::fixed({}));
  ASSERT_TRUE(fs.put("/a/b/c.txt", "text"));
  ASSERT_TRUE(fs.put("z", ""));
  EXPECT_EQ(fs.content("/a/b/../b/c.txt"), "text");
  EXPECT_EQ(fs.content("/a").error(), ErrorCode::is_directory);
  std::vector<std::string> names;
  fs.each_file([&](const std::string& name) { names.push_back(name); });
  EXPECT_EQ(names, (std::vector<std::string>{"a/b/c.txt", "z"}));
}

}  // namespace
}  // namespace tenon::wasi
