// SPDX-License-Identifier: Apache-2.0

// wasi:filesystem where preview1 does not lead: streams of files, hashes, errors that streams tell,
// times at the ends of what can be counted.
#include "suite.h"

namespace cases {
namespace {

namespace fs = wasi::filesystem::types;

std::tuple<fs::descriptor, std::string> root() {
  auto all = wasi::filesystem::preopens::get_directories();
  return std::move(all.at(0));
}

constexpr auto new_file = fs::open_flags::create | fs::open_flags::truncate;
constexpr auto read_write = fs::descriptor_flags::read | fs::descriptor_flags::write;

void file_streams() {
  const auto [dir, name] = root();
  const auto file = dir.open_at({}, "streams.txt", new_file, read_write);
  if (!file) return say("open: " + code(file));
  const auto first = file->write_via_stream(0);
  say("write: " + write_all(*first, bytes("hello, files")));
  const auto second = file->write_via_stream(7);
  say("write inside: " + write_all(*second, bytes("there")));
  const auto end = file->append_via_stream();
  say("append: " + write_all(*end, bytes("!")));
  say("read: " + read_all(*file->read_via_stream(0)));
  say("read from 7: " + read_all(*file->read_via_stream(7)));
  say("read from behind: " + read_all(*file->read_via_stream(1000)));
  const auto part = file->read(5, 0);
  say("part: " + text(std::get<0>(*part)) + " " + std::to_string(std::get<1>(*part)));
  say("size", file->stat()->size);
  say("unlink: " + code(dir.unlink_file_at("streams.txt")));
}

void splice_files() {
  const auto [dir, name] = root();
  const auto from = dir.open_at({}, "from.txt", new_file, read_write);
  const auto to = dir.open_at({}, "to.txt", new_file, read_write);
  const std::string content(300'000, 'a');
  say("fill: " + write_all(*from->write_via_stream(0), bytes(content)));
  const auto in = from->read_via_stream(0);
  const auto out = to->write_via_stream(0);
  std::uint64_t total = 0;
  for (;;) {
    const auto moved = out->blocking_splice(*in, 100'000);
    if (!moved) break;
    total += *moved;
  }
  say("flush: " + code(out->blocking_flush()));
  say("moved", total);
  say("same: " + std::to_string(read_all(*to->read_via_stream(0)) == content));
  (void)dir.unlink_file_at("from.txt");
  (void)dir.unlink_file_at("to.txt");
}

void hashes() {
  const auto [dir, name] = root();
  const auto a = dir.open_at({}, "a", new_file, read_write);
  const auto b = dir.open_at({}, "b", new_file, read_write);
  say("link: " + code(dir.link_at({}, "a", dir, "c")));
  const auto at = [&](std::string_view path) { return *dir.metadata_hash_at({}, path); };
  say("same: " + std::to_string(at("a") == *a->metadata_hash()));
  say("linked: " + std::to_string(at("a") == at("c")));
  say("other: " + std::to_string(at("a") == at("b")));
  say("objects: " + std::to_string(a->is_same_object(*b)) + std::to_string(a->is_same_object(*a)));
  for (const auto* path : {"a", "b", "c"}) (void)dir.unlink_file_at(path);
}

void refused() {
  const auto [dir, name] = root();
  const auto file = dir.open_at({}, "kept", new_file, fs::descriptor_flags::write);
  say("read stream: " + code(file->read_via_stream(0)));
  say("read: " + code(file->read(1, 0)));
  const auto reader = dir.open_at({}, "kept", {}, fs::descriptor_flags::read);
  say("write stream: " + code(reader->write_via_stream(0)));
  say("append stream: " + code(reader->append_via_stream()));
  say("up: " + code(dir.open_at({}, "../x", {}, fs::descriptor_flags::read)));
  say("absolute: " + code(dir.open_at({}, "/etc/passwd", {}, fs::descriptor_flags::read)));
  say("absolute link: " + code(dir.symlink_at("/etc/passwd", "link")));
  say("link: " + code(dir.symlink_at("kept", "link")));
  say("read link: " + dir.readlink_at("link").value_or("?"));
  say("as a directory: " + code(dir.open_at({}, "link/", {}, fs::descriptor_flags::read)));
  say("not there: " + code(dir.stat_at({}, "nothing")));
  for (const auto* path : {"link", "kept"}) say("unlink: " + code(dir.unlink_file_at(path)));
}

/// Of the advisories: times that no file can have must be told, not crash the host.
void times() {
  const auto [dir, name] = root();
  const auto file = dir.open_at({}, "timed", new_file, read_write);
  const auto set = [&](std::uint64_t seconds, std::uint32_t nanoseconds) {
    const fs::new_timestamp at =
        fs::new_timestamp::timestamp{wasi::clocks::wall_clock::datetime{seconds, nanoseconds}};
    return file->set_times(at, at).has_value();
  };
  say("early: " + std::to_string(set(1, 5)));
  const auto stat = file->stat();
  say("seconds", stat->data_modification_timestamp->seconds);
  say("nanoseconds", stat->data_modification_timestamp->nanoseconds);
  say("largest: " + std::to_string(set(~std::uint64_t{0}, 0)));
  say("nanoseconds beyond: " + std::to_string(set(1, 1'000'000'000)));
  const fs::new_timestamp keep = fs::new_timestamp::no_change{};
  say("keep: " + code(file->set_times(keep, keep)));
  say("still", file->stat()->data_modification_timestamp->seconds);
  (void)dir.unlink_file_at("timed");
}

void directory() {
  const auto [dir, name] = root();
  say("make: " + code(dir.create_directory_at("made")));
  say("again: " + code(dir.create_directory_at("made")));
  const auto made =
      dir.open_at({}, "made", fs::open_flags::directory,
                  fs::descriptor_flags::read | fs::descriptor_flags::mutate_directory);
  for (const auto* file : {"x", "y", "z"}) (void)made->open_at({}, file, new_file, read_write);
  const auto entries = made->read_directory();
  std::uint64_t count = 0;
  while (*entries->read_directory_entry()) ++count;
  say("entries", count);
  say("not empty: " + std::to_string(dir.remove_directory_at("made").has_value()));
  say("rename: " + code(made->rename_at("x", dir, "moved")));
  for (const auto* file : {"y", "z"}) (void)made->unlink_file_at(file);
  say("remove: " + code(dir.remove_directory_at("made")));
  say("unlink: " + code(dir.unlink_file_at("moved")));
}

/// The host keeps a descriptor each, and none when they are gone.
void a_thousand_files() {
  const auto [dir, name] = root();
  const auto file = dir.open_at({}, "shared", new_file, read_write);
  (void)write_all(*file->write_via_stream(0), bytes("shared"));
  for (int round = 0; round < 3; ++round) {
    std::vector<streams::input_stream> all;
    for (int i = 0; i < 1000; ++i) all.push_back(*file->read_via_stream(0));
    std::string joined;
    for (const auto& one : all) joined += read_all(one);
    say("read", joined.size());
  }
  (void)dir.unlink_file_at("shared");
}

constexpr Case list[] = {
    {"file-streams", file_streams},
    {"splice-files", splice_files},
    {"hashes", hashes},
    {"refused-files", refused},
    {"times", times},
    {"directory", directory},
    {"a-thousand-files", a_thousand_files},
};

}  // namespace

std::span<const Case> of_files() {
  return list;
}

}  // namespace cases
