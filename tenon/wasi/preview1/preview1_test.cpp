// SPDX-License-Identifier: Apache-2.0
// What the functions of preview 1 do beyond what the programs of wasi-testsuite look at: pointers,
// padding, waiting, limits. The guest is a memory and the functions behind exports of their names.
#include "tenon/wasi/preview1.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "tenon/core/validate.h"
#include "tenon/engine/instance.h"
#include "tenon/text/parse_module.h"
#include "tenon/wasi/core/memory_fs.h"
#include "tenon/wasi/core/state.h"
#include "tenon/wasi/core/test_fs.h"
#include "tenon/wasi/rules.h"

namespace tenon::wasi {
namespace {

using engine::Outcome;
using engine::TrapCode;
using engine::ValueSlot;

constexpr std::string_view signatures[][2] = {
    {"args_get", "i32 i32"},
    {"clock_time_get", "i32 i64 i32"},
    {"clock_res_get", "i32 i32"},
    {"environ_sizes_get", "i32 i32"},
    {"fd_close", "i32"},
    {"fd_fdstat_get", "i32 i32"},
    {"fd_filestat_get", "i32 i32"},
    {"fd_filestat_set_times", "i32 i64 i64 i32"},
    {"fd_prestat_dir_name", "i32 i32 i32"},
    {"fd_prestat_get", "i32 i32"},
    {"fd_read", "i32 i32 i32 i32"},
    {"fd_readdir", "i32 i32 i32 i64 i32"},
    {"fd_renumber", "i32 i32"},
    {"fd_seek", "i32 i64 i32 i32"},
    {"fd_write", "i32 i32 i32 i32"},
    {"path_filestat_get", "i32 i32 i32 i32 i32"},
    {"path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"},
    {"path_unlink_file", "i32 i32 i32"},
    {"poll_oneoff", "i32 i32 i32 i32"},
    {"proc_raise", "i32"},
    {"random_get", "i32 i32"},
    {"sock_shutdown", "i32 i32"},
};

std::string guest_text() {
  std::string imports;
  std::string functions;
  int n = 0;
  for (const auto& [name, params] : signatures) {
    const std::string id = "$f" + std::to_string(n++);
    imports += "(import \"wasi_snapshot_preview1\" \"" + std::string(name) + "\" (func " + id +
               " (param " + std::string(params) + ") (result i32)))";
    std::string args;
    const auto count = 1 + std::ranges::count(params, ' ');
    for (int i = 0; i < count; ++i) args += "(local.get " + std::to_string(i) + ")";
    functions += "(func (export \"" + std::string(name) + "\") (param " + std::string(params) +
                 ") (result i32) (call " + id + args + "))";
  }
  imports += "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))";
  functions += "(func (export \"exit\") (param i32) (call $exit (local.get 0)) unreachable)";
  return "(module " + imports + "(memory (export \"memory\") 2)" + functions + ")";
}

class Preview1Test : public testing::Test {
 protected:
  explicit Preview1Test(bool fuel = false) : engine(config(fuel)), store(engine) {}
  static engine::Config config(bool fuel) {
    engine::Config out;
    out.fuel = fuel;
    return out;
  }
  /// After the grants.
  void begin() {
    preview1.emplace(store, context);
    auto module = *text::parse_module(text);
    auto valid = *core::validate(std::move(module));
    const auto code = *engine::Module::create(engine, std::move(valid));
    const auto imports = *preview1->imports_of(code->core());
    instance = *engine::Instance::create(store, code, imports);
    memory = instance->memory("memory");
  }
  template <class... Args>
  Outcome<std::uint32_t> call(std::string_view name, Args... args) {
    std::array<ValueSlot, 16> slots{};
    std::size_t i = 0;
    ((slots[i++] = static_cast<ValueSlot>(args)), ...);
    const auto done = instance->func(name)->call(slots);
    if (!done) return std::unexpected(done.error());
    return engine::SlotOf<std::uint32_t>::load(slots.data());
  }
  template <class T>
  T load(std::uint32_t at) const {
    T value;
    std::memcpy(&value, memory->base() + at, sizeof value);
    return value;
  }
  template <class T>
  void put(std::uint32_t at, T value) const {
    std::memcpy(memory->base() + at, &value, sizeof value);
  }
  void put_text(std::uint32_t at, std::string_view bytes) const {
    std::memcpy(memory->base() + at, bytes.data(), bytes.size());
  }
  /// A list of one buffer at 0.
  void put_buffer(std::uint32_t at, std::uint32_t size) const {
    put(0, at);
    put(4, size);
  }
  Outcome<std::uint32_t> open(std::string_view path, std::uint32_t oflags = 0,
                              std::uint64_t rights = ~std::uint64_t{0}) {
    put_text(1000, path);
    return call("path_open", 3, 1, 1000, path.size(), oflags, rights, rights, 0, 500);
  }
  void put_clock(std::uint32_t at, std::uint32_t id, std::uint64_t timeout, bool absolute) const {
    std::memset(memory->base() + at, 0, 48);
    put(at, std::uint64_t{7});
    put(at + 16, id);
    put(at + 24, timeout);
    put(at + 40, std::uint16_t{absolute});
  }
  void put_read(std::uint32_t at, std::uint32_t fd) const {
    std::memset(memory->base() + at, 0, 48);
    put(at, std::uint64_t{8});
    put(at + 8, std::uint8_t{1});
    put(at + 16, fd);
  }

  std::string text = guest_text();
  engine::Engine engine;
  MemoryFileSystem files{Clock::fixed({1'000, 0})};
  Context context;
  engine::Store store;
  std::optional<Preview1> preview1;
  engine::Instance* instance = nullptr;
  engine::Memory* memory = nullptr;
};

TEST_F(Preview1Test, pointers_outside_or_unaligned_trap) {
  ASSERT_TRUE(context.set_args({"a"}));
  begin();
  constexpr std::uint32_t end = 2 * 65'536;
  for (const std::uint32_t at : {end, end - 4, 0xFFFF'FFF8U, 0xFFFF'FFFFU}) {
    EXPECT_FALSE(call("clock_time_get", 0, 0, at)) << at;
    EXPECT_FALSE(call("fd_fdstat_get", 0, at)) << at;
    EXPECT_FALSE(call("random_get", at, 100)) << at;
  }
  EXPECT_FALSE(call("clock_time_get", 0, 0, 4));
  EXPECT_FALSE(call("random_get", 8, 0xFFFF'FFFFU));
  EXPECT_EQ(call("random_get", end, 0), 0U);
  // A list that is outside, and one whose buffer is.
  EXPECT_FALSE(call("fd_write", 1, end - 8, 2, 16));
  put_buffer(end - 1, 2);
  EXPECT_FALSE(call("fd_write", 1, 0, 1, 16));
  EXPECT_FALSE(call("fd_write", 1, 0, 0xFFFF'FFFFU, 16));
  EXPECT_FALSE(call("poll_oneoff", 8, 8, 8192, 0));
}

TEST_F(Preview1Test, a_shared_memory_is_refused_by_name) {
  const std::string_view plain = R"((memory (export "memory") 2))";
  text.replace(text.find(plain), plain.size(), R"((memory (export "memory") 2 2 shared))");
  begin();
  const auto done = call("random_get", 0, 4);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message().find("is shared"), std::string::npos) << done.error().message();
}

// GHSA-96f6: the three bytes behind the type of an entry.
TEST_F(Preview1Test, padding_is_zero) {
  ASSERT_TRUE(files.put("f", "text"));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  std::memset(memory->base() + 2000, 0xFF, 4000);
  ASSERT_EQ(call("fd_readdir", 3, 2000, 1000, 0, 8), 0U);
  ASSERT_EQ(load<std::uint32_t>(8), 24U + 1 + 24 + 2 + 24 + 1);
  EXPECT_EQ(load<std::uint32_t>(2000 + 20), 3U);
  EXPECT_EQ(load<std::uint32_t>(2000 + 25 + 20), 3U);
  EXPECT_EQ(load<std::uint32_t>(2000 + 25 + 26 + 20), 4U);
  ASSERT_EQ(call("fd_fdstat_get", 3, 4000), 0U);
  EXPECT_EQ(load<std::uint32_t>(4004), 0U);
  ASSERT_EQ(call("fd_prestat_get", 3, 4000), 0U);
  EXPECT_EQ(load<std::uint32_t>(4000), 0U);
  ASSERT_EQ(call("fd_filestat_get", 3, 4000), 0U);
  EXPECT_EQ(load<std::uint64_t>(4016), 3U);
}

TEST_F(Preview1Test, a_directory_is_read_in_pieces_of_every_size) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(files.put("f" + std::to_string(i), ""));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  for (const std::uint32_t size : {24U, 27U, 40U, 60U, 4000U}) {
    std::uint64_t cookie = 0;
    std::vector<std::string> names;
    while (true) {
      ASSERT_EQ(call("fd_readdir", 3, 2000, size, cookie, 8), 0U);
      const auto used = load<std::uint32_t>(8);
      std::uint32_t at = 0;
      const auto before = names.size();
      while (at + 24 <= used && at + 24 + load<std::uint32_t>(2000 + at + 16) <= used) {
        const auto length = load<std::uint32_t>(2000 + at + 16);
        cookie = load<std::uint64_t>(2000 + at);
        names.emplace_back(reinterpret_cast<char*>(memory->base()) + 2024 + at, length);
        at += 24 + length;
      }
      if (used < size || names.size() == before) break;
    }
    EXPECT_EQ(names.size(), size == 24 ? 0U : 22U) << size;
  }
}

TEST_F(Preview1Test, times_before_1970_are_zero) {
  ASSERT_TRUE(files.put("f", ""));
  const NewTime before{NewTime::Kind::set, {-5, 0}};
  ASSERT_TRUE(files.root()->set_times_at("f", true, before, before));
  context.fix_clock({-1'000'000, 0});
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  put_text(1000, "f");
  ASSERT_EQ(call("path_filestat_get", 3, 1, 1000, 1, 2000), 0U);
  EXPECT_EQ(load<std::uint64_t>(2040), 0U);
  EXPECT_EQ(load<std::uint64_t>(2048), 0U);
  ASSERT_EQ(call("clock_time_get", 0, 0, 2000), 0U);
  EXPECT_EQ(load<std::uint64_t>(2000), 0U);
  ASSERT_EQ(open("f"), 0U);
  const auto fd = load<std::uint32_t>(500);
  EXPECT_EQ(call("fd_filestat_set_times", fd, ~std::uint64_t{0}, 0, 5), 0U);
  EXPECT_EQ(call("fd_filestat_set_times", fd, 0, 0, 3), 28U);
}

TEST_F(Preview1Test, time_that_stands_still_moves_on_when_a_guest_waits) {
  context.fix_clock({1'000, 0});
  begin();
  put_clock(1008, 1, 5'000'000'000, false);
  put_clock(1056, 0, 1'003'000'000'000, true);
  ASSERT_EQ(call("poll_oneoff", 1008, 2000, 2, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 1U);
  ASSERT_EQ(call("clock_time_get", 0, 0, 16), 0U);
  EXPECT_EQ(load<std::uint64_t>(16), 1'003'000'000'000U);
  ASSERT_EQ(call("poll_oneoff", 1056, 2000, 1, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 1U);
}

TEST_F(Preview1Test, subscriptions_that_cannot_be) {
  begin();
  EXPECT_EQ(call("poll_oneoff", 1000, 2000, 0, 8), 28U);
  EXPECT_FALSE(call("poll_oneoff", 1000, 2000, 8192, 8));
  EXPECT_EQ(call("poll_oneoff", 1000, 2000, 8193, 8), 28U);
  put_clock(1000, 2, 0, false);
  EXPECT_EQ(call("poll_oneoff", 1000, 2000, 1, 8), 28U);
  put(1008, std::uint8_t{3});
  EXPECT_EQ(call("poll_oneoff", 1000, 2000, 1, 8), 28U);
  put_read(1000, 77);
  ASSERT_EQ(call("poll_oneoff", 1000, 2000, 1, 8), 0U);
  EXPECT_EQ(load<std::uint16_t>(2008), 8U);
  EXPECT_EQ(load<std::uint64_t>(2000), 8U);
}

TEST_F(Preview1Test, a_wait_ends_by_a_deadline_and_by_an_interruption) {
  begin();
  put_clock(1000, 1, ~std::uint64_t{0}, false);
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  auto ended = call("poll_oneoff", 1000, 2000, 1, 8);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), TrapCode::interrupted);
  store.set_deadline(std::nullopt);
  std::thread other([handle = store.interrupt_handle()] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    handle.interrupt();
  });
  ended = call("poll_oneoff", 1000, 2000, 1, 8);
  other.join();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), TrapCode::interrupted);
}

TEST_F(Preview1Test, a_closed_standard_stream_is_not_the_file_that_gets_its_number) {
  const TestFolder folder;
  const std::string secret = (folder.path / "secret").string();
  ASSERT_TRUE(write_file(secret, "secret"));
  const int number = ::dup(0);
  ASSERT_GE(number, 0);
  ::close(number);
  context.set_stdin(InputSource::descriptor(number));
  context.set_stdout(OutputSink::descriptor(number));
  const int other = ::open(secret.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(other, number);
  begin();
  put_buffer(3000, 6);
  ASSERT_EQ(call("fd_read", 0, 0, 1, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 0U);
  EXPECT_EQ(call("fd_write", 1, 0, 1, 8), 8U);
  ::close(other);
  EXPECT_EQ(*read_text_file(secret), "secret");
}

TEST_F(Preview1Test, standard_input_that_waits_is_waited_for) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  context.set_stdin(InputSource::descriptor(ends[0]));
  begin();
  put_read(1000, 0);
  put_clock(1048, 1, 1'000'000, false);
  ASSERT_EQ(call("poll_oneoff", 1000, 2000, 2, 8), 0U);
  EXPECT_EQ(load<std::uint64_t>(2000), 7U);
  put_buffer(3000, 10);
  store.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  EXPECT_FALSE(call("fd_read", 0, 0, 1, 8));
  store.set_deadline(std::nullopt);
  ASSERT_EQ(::write(ends[1], "hi", 2), 2);
  ASSERT_EQ(call("poll_oneoff", 1000, 2000, 1, 8), 0U);
  ASSERT_EQ(call("fd_read", 0, 0, 1, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 2U);
  // Nobody's flags were touched.
  EXPECT_EQ(::fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
  ::close(ends[1]);
  ASSERT_EQ(call("fd_read", 0, 0, 1, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 0U);
  ::close(ends[0]);
}

/// Waits by calling something, as a host does that runs other guests meanwhile.
class CallingWaiter final : public engine::Waiter {
 public:
  explicit CallingWaiter(std::function<void()> call) : call_(std::move(call)) {}
  Outcome<void> wait(std::span<engine::WaitEvent> events, Time) override {
    call_();
    for (auto& event : events) event.ready = true;
    return {};
  }
  void wake() noexcept override {}

 private:
  std::function<void()> call_;
};

TEST_F(Preview1Test, a_descriptor_that_is_closed_while_it_is_waited_for) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  context.set_stdin(InputSource::descriptor(ends[0]));
  begin();
  put_buffer(3000, 10);
  store.set_waiter(std::make_shared<CallingWaiter>([&] {
    (void)call("fd_close", 0);
    EXPECT_EQ(::write(ends[1], "hi", 2), 2);
  }));
  EXPECT_EQ(call("fd_read", 0, 0, 1, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), 2U);
  EXPECT_EQ(call("fd_read", 0, 0, 1, 8), 8U);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Preview1Test, descriptors_are_limited_and_come_back) {
  ASSERT_TRUE(files.put("f", ""));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  context.set_max_resources(10);
  begin();
  const auto before = context.open_resources();
  EXPECT_EQ(before, 4U);
  for (int round = 0; round < 20'000; ++round) {
    ASSERT_EQ(open("f"), 0U);
    ASSERT_EQ(load<std::uint32_t>(500), 4U);
    ASSERT_EQ(call("fd_close", 4), 0U);
  }
  for (std::uint32_t fd = 4; fd < 10; ++fd) {
    ASSERT_EQ(open("f"), 0U);
    EXPECT_EQ(load<std::uint32_t>(500), fd);
  }
  EXPECT_EQ(open("f"), 33U);
  EXPECT_EQ(call("fd_renumber", 5, 9), 0U);
  ASSERT_EQ(open("f"), 0U);
  EXPECT_EQ(load<std::uint32_t>(500), 5U);
  EXPECT_EQ(call("fd_renumber", 5, 1'000'000), 8U);
  EXPECT_EQ(context.open_resources(), 10U);
}

TEST_F(Preview1Test, numbers_that_no_descriptor_has) {
  ASSERT_TRUE(files.put("f", ""));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  const auto before = context.open_resources();
  put_text(1000, "f");
  put_buffer(2000, 16);
  for (const std::uint32_t fd : {4U, 0x7FFF'FFFFU, 0x8000'0000U, 0x8000'0003U, 0xFFFF'FFFFU}) {
    EXPECT_EQ(call("fd_close", fd), 8U) << fd;
    EXPECT_EQ(call("fd_read", fd, 0, 1, 8), 8U) << fd;
    EXPECT_EQ(call("fd_readdir", fd, 2000, 64, 0, 8), 8U) << fd;
    EXPECT_EQ(call("fd_renumber", fd, 3), 8U) << fd;
    EXPECT_EQ(call("fd_renumber", 3, fd), 8U) << fd;
    EXPECT_EQ(call("fd_seek", fd, 0, 0, 8), 8U) << fd;
    EXPECT_EQ(call("fd_prestat_get", fd, 8), 8U) << fd;
    EXPECT_EQ(call("path_unlink_file", fd, 1000, 1), 8U) << fd;
    put_read(3000, fd);
    ASSERT_EQ(call("poll_oneoff", 3000, 4000, 1, 8), 0U) << fd;
    EXPECT_EQ(load<std::uint16_t>(4008), 8U) << fd;
  }
  EXPECT_EQ(context.open_resources(), before);
}

TEST_F(Preview1Test, a_descriptor_moves_onto_itself_and_a_directory_that_is_closed_stays_closed) {
  ASSERT_TRUE(files.put("f", "text"));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  ASSERT_EQ(open("f"), 0U);
  put_buffer(2000, 2);
  ASSERT_EQ(call("fd_read", 4, 0, 1, 8), 0U);
  ASSERT_EQ(call("fd_renumber", 4, 4), 0U);
  ASSERT_EQ(call("fd_read", 4, 0, 1, 8), 0U);
  EXPECT_EQ(load<std::uint16_t>(2000), 0x7478U) << "the rest of the file, from the same place";
  ASSERT_EQ(call("fd_close", 3), 0U);
  EXPECT_EQ(call("fd_close", 3), 8U);
  EXPECT_EQ(open("f"), 8U);
  EXPECT_EQ(call("fd_prestat_get", 3, 8), 8U);
  // The number is free for another file, which does not become a directory of the beginning.
  ASSERT_EQ(call("fd_renumber", 4, 1), 0U);
  EXPECT_EQ(call("fd_prestat_get", 1, 8), 8U);
  EXPECT_EQ(call("path_open", 1, 1, 1000, 1, 0, 0, 0, 0, 500), 54U);
}

TEST_F(Preview1Test, places_in_a_directory_that_it_does_not_have) {
  const TestFs host(TestFs::Kind::host);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(files.put("f" + std::to_string(i), ""));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(host.root->create_directory_at("d" + std::to_string(i)));
  ASSERT_TRUE(context.grant_dir(files.root(), "/memory"));
  ASSERT_TRUE(context.grant_dir(host.root, "/host"));
  begin();
  for (const std::uint32_t fd : {3U, 4U}) {
    for (const std::uint64_t cookie :
         {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{77}, std::uint64_t{1} << 31U,
          std::uint64_t{1} << 62U, (std::uint64_t{1} << 63U) - 1, std::uint64_t{1} << 63U,
          ~std::uint64_t{1}, ~std::uint64_t{0}}) {
      const auto done = call("fd_readdir", fd, 2000, 4000, cookie, 8);
      ASSERT_TRUE(done) << "an error or fewer entries, but no trap: " << cookie;
      if (*done == 0) EXPECT_LE(load<std::uint32_t>(8), 7U * 26) << cookie;
      ASSERT_EQ(call("fd_readdir", fd, 2000, 4000, 0, 8), 0U) << "and the next walk is whole";
      EXPECT_EQ(load<std::uint32_t>(8), 2U * 24 + 3 + 5U * 26) << cookie;
    }
  }
  // A place that was told stays good while entries go, which may be seen or not.
  ASSERT_EQ(call("fd_readdir", 4, 2000, 24 + 1 + 24 + 2 + 26, 0, 8), 0U);
  const auto cookie = load<std::uint64_t>(2000 + 24 + 1 + 24 + 2);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(host.root->remove_directory_at("d" + std::to_string(i)));
  ASSERT_EQ(call("fd_readdir", 4, 2000, 4000, cookie, 8), 0U);
  EXPECT_LE(load<std::uint32_t>(8), 4U * 26);
}

TEST_F(Preview1Test, every_mix_of_flags_of_path_open_stays_inside_its_grant) {
  const TestFs host(TestFs::Kind::host);
  const auto inside = host.folder.path / "inside";
  const auto outside = host.folder.path / "outside";
  ASSERT_TRUE(write_file(outside.string(), "out"));
  ASSERT_TRUE(write_file((inside / "f").string(), "keep"));
  std::filesystem::create_directory(inside / "d");
  std::filesystem::create_symlink("../outside", inside / "l");
  std::filesystem::create_symlink("../made", inside / "m");
  ASSERT_EQ(::mkfifo((inside / "p").c_str(), 0600), 0);
  ASSERT_TRUE(context.grant_dir(host.open(true), "/ro"));
  ASSERT_TRUE(context.grant_dir(host.root, "/rw"));
  begin();
  const auto before = context.open_resources();
  const auto entries = [&](const std::filesystem::path& in) {
    return std::distance(std::filesystem::directory_iterator(in), {});
  };
  constexpr std::uint64_t reads = 2;
  constexpr std::uint64_t writes = 64;
  std::uint32_t opened = 0;
  for (const std::uint32_t directory : {3U, 4U}) {
    for (const std::string_view name :
         {"f", "f/", "d", "d/", "l", "l/", "m", "p", "n", "n/", "."}) {
      put_text(1000, name);
      for (std::uint32_t mix = 0; mix < 16 * 32 * 4 * 2; ++mix) {
        const std::uint64_t rights = ((mix >> 9U & 1U) * reads) | ((mix >> 10U & 1U) * writes);
        const auto done = call("path_open", directory, mix >> 11U, 1000, name.size(), mix & 15U,
                               rights, rights, mix >> 4U & 31U, 500);
        ASSERT_TRUE(done) << name << ' ' << mix;
        if (*done != 0) continue;
        ++opened;
        ASSERT_FALSE(name.starts_with('l') && (mix >> 11U) != 0) << mix;
        ASSERT_EQ(call("fd_close", load<std::uint32_t>(500)), 0U);
        std::filesystem::remove(inside / "n");
      }
    }
    // The first directory is read-only.
    if (directory == 3) EXPECT_EQ(*read_text_file((inside / "f").string()), "keep");
    if (directory == 3) EXPECT_EQ(entries(inside), 5);
  }
  EXPECT_GT(opened, 1000U);
  EXPECT_EQ(*read_text_file(outside.string()), "out");
  EXPECT_EQ(entries(host.folder.path), 2) << "nothing is made through a link that leads out";
  EXPECT_EQ(context.open_resources(), before);
}

TEST_F(Preview1Test, times_of_every_century_are_kept_or_refused) {
  const TestFs host(TestFs::Kind::host);
  ASSERT_TRUE(host.root->open_at("f", true, creating(), writing()));
  ASSERT_TRUE(context.grant_dir(host.root, "/"));
  begin();
  ASSERT_EQ(open("f"), 0U);
  const auto fd = load<std::uint32_t>(500);
  for (const std::uint64_t time :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 62U, std::uint64_t{1} << 63U,
        std::uint64_t{16'725'225'600} * 1'000'000'000, ~std::uint64_t{0}}) {
    const auto set = call("fd_filestat_set_times", fd, time, time, 5);
    ASSERT_TRUE(set) << time;
    if (*set != 0) continue;
    ASSERT_EQ(call("fd_filestat_get", fd, 2000), 0U);
    // A file system may end earlier: ext4 in 2446. It never wraps around.
    const auto kept = load<std::uint64_t>(2048);
    EXPECT_TRUE(kept == time || kept / 1'000'000'000 >= 2'147'483'647U) << time << ' ' << kept;
  }
}

/// Its result has 32 bits, and a list of buffers that lie over each other names more bytes.
TEST_F(Preview1Test, one_write_takes_what_its_result_can_say) {
  begin();
  ASSERT_EQ(memory->grow(62), 2U);
  constexpr std::uint32_t count = 4096;
  constexpr std::uint32_t each = 2U << 20U;
  for (std::uint32_t i = 0; i < count; ++i) {
    put(8 * i, 8 * count + 8);
    put(8 * i + 4, each);
  }
  ASSERT_EQ(call("fd_write", 1, 0, count, 8 * count), 0U);
  EXPECT_EQ(load<std::uint32_t>(8 * count), 16U << 20U);
}

TEST_F(Preview1Test, an_exit_passes_no_code_of_the_guest) {
  begin();
  for (const std::uint32_t code : {0U, 3U, 255U, 0xFFFF'FFFFU}) {
    const auto ended = call("exit", code);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().exit_code(), static_cast<int>(code & 0xFFU));
  }
}

TEST_F(Preview1Test, what_is_not_granted_is_not_there) {
  begin();
  EXPECT_EQ(call("fd_prestat_get", 3, 8), 8U);
  EXPECT_EQ(open("f"), 8U);
  EXPECT_EQ(call("sock_shutdown", 1, 3), 57U);
  EXPECT_EQ(call("sock_shutdown", 9, 3), 8U);
  EXPECT_EQ(call("proc_raise", 9), 58U);
  // Random bytes of one call are limited.
  context.set_max_random_size(100);
  EXPECT_EQ(call("random_get", 8, 100), 0U);
  EXPECT_FALSE(call("random_get", 8, 101));
}

TEST_F(Preview1Test, of_an_exit_code_eight_bits_are_kept_and_a_failure_stays_one) {
  begin();
  for (const auto& [code, status] :
       {std::pair(0U, 0), {3U, 3}, {255U, 255}, {256U, 1}, {300U, 44}, {~0U, 255}}) {
    const auto ended = call("exit", code);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().exit_code(), status);
  }
}

TEST_F(Preview1Test, what_was_refused_is_told_once_of_each_kind) {
  const TestFolder folder;
  ASSERT_TRUE(context.grant_dir(folder.path.string(), "/", Access::read_only));
  context.set_max_resources(6);
  context.set_max_random_size(100);
  begin();
  EXPECT_TRUE(context.refusals().empty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(open("new", 1), 69U);
    EXPECT_EQ(call("environ_sizes_get", 8, 12), 0U);
    EXPECT_FALSE(call("random_get", 8, 101));
    for (int j = 0; j < 3; ++j) (void)open(".", 0, 2);
  }
  std::vector<Refused> kinds;
  for (const Refusal& refusal : context.refusals()) kinds.push_back(refusal.kind);
  EXPECT_EQ(kinds, (std::vector{Refused::change, Refused::environment, Refused::random_size,
                                Refused::resource}));
}

TEST_F(Preview1Test, a_guest_without_directories_is_told_to_have_looked_for_them) {
  begin();
  EXPECT_EQ(call("fd_prestat_get", 3, 8), 8U);
  ASSERT_EQ(context.refusals().size(), 1U);
  EXPECT_EQ(context.refusals()[0].kind, Refused::directory);
}

TEST_F(Preview1Test, more_waits_for_one_descriptor_than_a_process_may_have_files) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 256;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  context.set_stdin(InputSource::descriptor(ends[0]));
  begin();
  constexpr std::uint32_t count = 1'200;
  for (std::uint32_t i = 0; i < count; ++i) put_read(1000 + 48 * i, 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_EQ(call("poll_oneoff", 1000, 70'000, count, 8), 0U);
  EXPECT_EQ(load<std::uint32_t>(8), count);
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(Preview1Test, a_host_without_descriptors_is_not_one_without_memory) {
  const TestFs host(TestFs::Kind::host);
  ASSERT_TRUE(host.root->open_at("f", true, creating(), writing()));
  ASSERT_TRUE(context.grant_dir(host.root, "/"));
  begin();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(0);
  ASSERT_GE(next, 0);
  ::close(next);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto refused = open("f");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(refused, 33U);
  EXPECT_EQ(open("f"), 0U);
}

TEST_F(Preview1Test, paths_are_utf8_and_stay_inside) {
  ASSERT_TRUE(files.put("f", ""));
  ASSERT_TRUE(context.grant_dir(files.root(), "/"));
  begin();
  EXPECT_EQ(open("a\xFF"), 25U);
  EXPECT_EQ(open("../f"), 63U);
  EXPECT_EQ(open("/f"), 63U);
  EXPECT_EQ(open(std::string("f\0", 2)), 28U);
  EXPECT_EQ(open(std::string(5000, 'x')), 37U);
}

class Preview1Fuel : public Preview1Test {
 protected:
  Preview1Fuel() : Preview1Test(true) {}
};

// GHSA-j366: what the host does in the guest's place counts.
TEST_F(Preview1Fuel, polls_take_fuel) {
  context.fix_clock({0, 0});
  begin();
  for (std::uint32_t i = 0; i < 1'000; ++i) put_clock(8 + 48 * i, 1, 0, false);
  store.set_fuel(100'000);
  ASSERT_EQ(call("poll_oneoff", 8, 60'000, 1'000, 0), 0U);
  EXPECT_LT(store.fuel(), 90'000U);
  store.set_fuel(1'000);
  const auto ended = call("poll_oneoff", 8, 60'000, 1'000, 0);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), TrapCode::out_of_fuel);
  store.set_fuel(100);
  EXPECT_FALSE(call("random_get", 0, 60'000));
}

TEST(Preview1, every_function_and_no_other) {
  engine::Engine engine;
  engine::Store store(engine);
  Context context;
  Preview1 preview1(store, context);
  int found = 0;
  for (const char* name :
       {"args_get", "fd_write", "path_open", "poll_oneoff", "proc_exit", "sock_accept"})
    found += preview1.find(name).has_value();
  EXPECT_EQ(found, 6);
  EXPECT_FALSE(preview1.find("fd_wirte"));
  const auto refusal = [&](std::string_view source) {
    const auto module = text::parse_module(source);
    return preview1.imports_of(*module).error();
  };
  EXPECT_EQ(refusal("(module (import \"wasi_unstable\" \"fd_write\" (func)))").rule(),
            rules::import);
  EXPECT_EQ(refusal("(module (import \"wasi_snapshot_preview1\" \"fd_write\" (memory 1)))").rule(),
            rules::import);
  EXPECT_FALSE(refusal("(module (import \"env\" \"x\" (func)))").rule() == rules::import);
}

}  // namespace
}  // namespace tenon::wasi
