// SPDX-License-Identifier: Apache-2.0
// Ways out of a directory, each of which some runtime once had. Beside the granted directory
// `inside` lies `outside` with a secret, and nothing may read, change or even see it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "tenon/wasi/core/test_fs.h"

namespace tenon::wasi {
namespace {

namespace stdfs = std::filesystem;

class Escape : public testing::TestWithParam<TestFs::Kind> {
 protected:
  Escape() {
    stdfs::create_directory(outside);
    static_cast<void>(write_file((outside / "secret").string(), std::string_view("secret")));
  }
  void TearDown() override {
    EXPECT_EQ(read_text_file((outside / "secret").string()).value_or("(gone)"), "secret");
    EXPECT_EQ(std::distance(stdfs::directory_iterator(outside), {}), 1);
  }
  /// Nothing that a path can be used for works on this one.
  void expect_refused(const std::string& path) {
    SCOPED_TRACE(path);
    const NewTime now{NewTime::Kind::now, {}};
    for (const bool follow : {true, false}) {
      EXPECT_FALSE(root.open_at(path, follow, {}, reading()));
      EXPECT_FALSE(root.open_at(path, follow, creating(), writing()));
      EXPECT_FALSE(root.stat_at(path, follow));
      EXPECT_FALSE(root.set_times_at(path, follow, now, now));
    }
    EXPECT_FALSE(root.create_directory_at(path));
    EXPECT_FALSE(root.remove_directory_at(path));
    EXPECT_FALSE(root.unlink_file_at(path));
    EXPECT_FALSE(root.readlink_at(path));
    EXPECT_FALSE(root.symlink_at("x", path));
    EXPECT_FALSE(root.link_at(path, root, "linked"));
    EXPECT_FALSE(root.rename_at(path, root, "moved"));
    EXPECT_FALSE(root.link_at("own", root, path));
    EXPECT_FALSE(root.rename_at("own", root, path));
  }

  TestFs fs{GetParam()};
  stdfs::path inside = fs.folder.path / "inside";
  stdfs::path outside = fs.folder.path / "outside";
  Descriptor& root = *fs.root;
  DescriptorPtr own = *root.open_at("own", true, creating(), writing());
};
INSTANTIATE_TEST_SUITE_P(, Escape, testing::Values(TestFs::Kind::host, TestFs::Kind::walk),
                         [](const auto& param) { return TestFs::name(param.param); });

TEST_P(Escape, dots) {
  ASSERT_TRUE(root.create_directory_at("d"));
  for (const char* path : {"..", "../", "../outside", "../outside/secret", "d/../../outside/secret",
                           "./../outside/secret", "d/.././../outside/secret", "../inside/own",
                           "../outside/new", "d/../.."})
    expect_refused(path);
  // What comes back before it leaves is inside.
  EXPECT_TRUE(root.stat_at("d/../own", true));
}

TEST_P(Escape, absolute_paths) {
  for (const std::string& path :
       {std::string("/"), std::string("//"), (outside / "secret").string(),
        (inside / "own").string(), std::string("/proc/self/root") + (outside / "secret").string()})
    expect_refused(path);
}

TEST_P(Escape, links_that_lead_out) {
  stdfs::create_symlink("../outside/secret", inside / "relative");
  stdfs::create_symlink(outside / "secret", inside / "absolute");
  stdfs::create_directory_symlink("../outside", inside / "directory");
  stdfs::create_symlink("directory/secret", inside / "chain");
  stdfs::create_symlink("..", inside / "up");
  for (const char* path : {"relative", "absolute", "chain", "directory", "up"}) {
    EXPECT_EQ(root.open_at(path, true, {}, reading()).error(), ErrorCode::not_permitted) << path;
    EXPECT_FALSE(root.open_at(path, true, creating(), writing())) << path;
    EXPECT_EQ(root.stat_at(path, true).error(), ErrorCode::not_permitted) << path;
    EXPECT_EQ(root.stat_at(path, false)->type, FileType::symbolic_link) << path;
  }
  // Where an absolute one leads is the host's matter.
  EXPECT_EQ(root.readlink_at("absolute").error(), ErrorCode::not_permitted);
  EXPECT_EQ(root.readlink_at("relative"), "../outside/secret");
  for (const char* path : {"directory/secret", "directory/new", "up/outside/secret",
                           "up/inside/own", "directory/../outside/secret"})
    expect_refused(path);
}

// GHSA-m9f7: a slash behind a link makes systems look behind it.
TEST_P(Escape, links_with_slashes_behind) {
  stdfs::create_directory_symlink("../outside", inside / "link");
  stdfs::create_symlink("../outside/secret", inside / "file");
  for (const char* path : {"link/", "link//", "link/.", "link/./", "file/"}) expect_refused(path);
  ASSERT_TRUE(root.create_directory_at("d"));
  for (const char* slash : {"link/", "link//"}) {
    EXPECT_FALSE(root.rename_at(slash, root, "d"));
    EXPECT_FALSE(root.rename_at("d", root, slash));
    EXPECT_FALSE(root.unlink_file_at(slash));
    EXPECT_FALSE(root.remove_directory_at(slash));
  }
  EXPECT_TRUE(stdfs::is_symlink(inside / "link"));
}

// A link itself may be renamed and removed: it is the directory's own.
TEST_P(Escape, a_link_is_renamed_and_not_what_it_names) {
  stdfs::create_symlink("../outside/secret", inside / "l");
  EXPECT_TRUE(root.rename_at("l", root, "m"));
  EXPECT_TRUE(root.rename_at("own", root, "m"));
  stdfs::create_symlink("../outside/secret", inside / "n");
  EXPECT_TRUE(root.unlink_file_at("n"));
  stdfs::create_symlink("../outside/secret", inside / "o");
  EXPECT_TRUE(root.link_at("o", root, "p"));
  EXPECT_EQ(root.stat_at("p", true).error(), ErrorCode::not_permitted);
  const NewTime past{NewTime::Kind::set, {5, 0}};
  EXPECT_TRUE(root.set_times_at("o", false, past, past));
  struct stat info{};
  ASSERT_EQ(::stat((outside / "secret").c_str(), &info), 0);
  EXPECT_NE(info.st_mtim.tv_sec, 5);
}

TEST_P(Escape, links_that_a_guest_makes) {
  EXPECT_EQ(root.symlink_at((outside / "secret").string(), "a").error(), ErrorCode::not_permitted);
  EXPECT_EQ(root.symlink_at("/", "a").error(), ErrorCode::not_permitted);
  // A relative one may be made; it leads nowhere.
  ASSERT_TRUE(root.symlink_at("../outside/secret", "b"));
  EXPECT_EQ(root.open_at("b", true, {}, reading()).error(), ErrorCode::not_permitted);
  OpenFlags cut;
  cut.truncate = true;
  EXPECT_FALSE(root.open_at("b", true, cut, writing()));
}

TEST_P(Escape, descriptors_of_the_process) {
  const int fd = ::open((outside / "secret").c_str(), O_RDONLY | O_CLOEXEC);
  const auto name = "/proc/self/fd/" + std::to_string(fd);
  stdfs::create_symlink(name, inside / "magic");
  expect_refused(name);
  EXPECT_FALSE(root.open_at("magic", true, {}, reading()));
  // Where the directory itself is that of the descriptors.
  HostDirectoryOptions options;
  options.walk = GetParam() == TestFs::Kind::walk;
  const auto fds = *open_host_directory("/proc/self/fd", options);
  EXPECT_FALSE(fds->open_at(std::to_string(fd), true, {}, reading()));
  const auto process = *open_host_directory("/proc/self", options);
  for (const char* path : {"cwd/secret", "root/etc/passwd", "root", "exe"})
    EXPECT_FALSE(process->open_at(path, true, {}, reading())) << path;
  ::close(fd);
}

TEST_P(Escape, names_that_are_no_utf8_and_names_of_every_length) {
  const std::string odd = "a\xFF\xFE";
  ASSERT_TRUE(root.open_at(odd, true, creating(), writing()));
  bool found = false;
  auto walk = *root.list();
  while (const auto entry = *walk->next()) found |= entry->name == odd;
  EXPECT_TRUE(found);
  for (const std::size_t size : {4095U, 4096U, 4097U, 70'000U}) {
    std::string up = "../outside/secret";
    while (up.size() < size) up.insert(0, "./");
    expect_refused(up);
    expect_refused(std::string(size, 'x'));
  }
}

TEST_P(Escape, hard_links_stay_below) {
  ASSERT_TRUE(root.create_directory_at("d"));
  const auto d = *root.open_at("d", true, {}, reading());
  EXPECT_FALSE(d->link_at("../own", *d, "x"));
  EXPECT_FALSE(root.link_at("../outside/secret", root, "x"));
  EXPECT_FALSE(root.link_at("own", *d, "../../outside/x"));
  EXPECT_TRUE(d->link_at("../d/none", *d, "x").error() == ErrorCode::not_permitted);
}

// F8: neither opening nor reading a pipe waits for somebody at its other end.
TEST_P(Escape, pipes_and_devices_do_not_hold_the_host) {
  ASSERT_EQ(::mkfifo((inside / "pipe").c_str(), 0600), 0);
  const auto reader = root.open_at("pipe", true, {}, reading());
  ASSERT_TRUE(reader);
  EXPECT_FALSE((*reader)->seekable());
  DescriptorFlags only;
  only.write = true;
  const auto writer = root.open_at("pipe", true, {}, only);
  ASSERT_TRUE(writer);
  std::uint8_t byte = 0;
  const std::span<std::uint8_t> part(&byte, 1);
  EXPECT_EQ((*reader)->read({&part, 1}).error(), ErrorCode::would_block);
}

// Two threads: one swaps a directory with a link that leads out, the other goes through it.
TEST_P(Escape, a_race_with_links) {
  stdfs::create_directory(inside / "real");
  static_cast<void>(write_file((inside / "real" / "secret").string(), std::string_view("mine")));
  stdfs::create_directory_symlink("../outside", inside / "link");
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    while (!stop) {
      ::renameat2(AT_FDCWD, (inside / "real").c_str(), AT_FDCWD, (inside / "link").c_str(),
                  RENAME_EXCHANGE);
    }
  });
  int seen = 0;
  // On a busy machine the other thread may leave the link there for long.
  for (int i = 0; i < 3'000 || (seen == 0 && i < 1'000'000); ++i) {
    const auto file = root.open_at("real/secret", true, {}, reading());
    if (file) {
      ++seen;
      ASSERT_EQ(read(**file, 0, 9), "mine");
    }
    static_cast<void>(root.unlink_file_at("real/none"));
    static_cast<void>(root.open_at("real/x", true, creating(), writing()));
    static_cast<void>(root.rename_at("own", root, "real/own"));
    static_cast<void>(root.rename_at("real/own", root, "own"));
  }
  stop = true;
  swapper.join();
  EXPECT_GT(seen, 0);
}

TEST_P(Escape, no_descriptor_is_left_over) {
  const auto count = [] { return std::distance(stdfs::directory_iterator("/proc/self/fd"), {}); };
  ASSERT_TRUE(root.create_directory_at("d"));
  ASSERT_TRUE(root.symlink_at("d", "l"));
  const auto before = count();
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(root.open_at("own", true, {}, reading()));
    if (i % 10 != 0) continue;
    static_cast<void>(root.open_at("l/../l/none", true, {}, reading()));
    static_cast<void>(root.stat_at("l/..", true));
    static_cast<void>(root.rename_at("l/a", root, "l/b"));
    static_cast<void>(root.list());
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace tenon::wasi
