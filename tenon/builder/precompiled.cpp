// SPDX-License-Identifier: Apache-2.0
// A precompiled header is a snapshot of a compiler's state, so it is of use only to a source that
// would have come to that very state: one that includes the generated header before anything else.
// Others are compiled as they are. It lies in the user's cache, beside the header it was made
// from, since the compiler looks for that again; a compiler that finds another standard library
// than the snapshot's says so, and the source is compiled without it. A compiler believes any
// snapshot that was made with its own flags, whatever was in the header then: which file the cache
// made is noted beside it, and another one in its place is made anew.
#include "tenon/builder/precompiled.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/builder/user_cache.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

/// What follows blanks and comments.
std::string_view first_token(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with("//")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("/*")) {
      const auto end = text.find("*/", 2);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    } else {
      return text;
    }
  }
}

/// What tells a file from one that is put in its place or written over; empty when there is none.
std::string file_print(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return fmt::format("{} {} {}.{:09}\n", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

}  // namespace

PrecompiledGuest::PrecompiledGuest(const Places& places, const Clang& clang,
                                   std::vector<std::string> flags, bool own_paths)
    : places_(places), compiler_(clang.cxx), flags_(std::move(flags)) {
  auto text = read_text_file(places.generated + "/tenon_guest.hpp");
  if (!text) return;
  text_ = std::move(*text);
  key_ = KeyBuilder()
             .add(clang.version)
             .add(compiler_)
             .add(flags_)
             .add(own_paths ? places.project : "")
             .add(text_)
             .key();
  dir_ = places.headers + "/" + key_;
}

bool PrecompiledGuest::fits(std::string_view source_text) const {
  constexpr std::string_view include = "#include \"";
  const std::string_view first = first_token(source_text);
  if (key_.empty() || !first.starts_with(include)) return false;
  const std::string_view name =
      first.substr(include.size(), first.find('"', include.size()) - include.size());
  if (name.find('/') != std::string_view::npos || !name.ends_with(".hpp")) return false;
  const auto header = read_text_file(places_.generated + "/" + std::string(name));
  return header &&
         (name == "tenon_guest.hpp" || header->contains("\n#include \"tenon_guest.hpp\"\n"));
}

bool PrecompiledGuest::is_ours() const {
  const std::string print = file_print(file());
  const auto noted = read_text_file(dir_ + "/lock");
  const auto header = read_text_file(dir_ + "/tenon_guest.hpp");
  return !print.empty() && noted && *noted == print && header && *header == text_;
}

bool PrecompiledGuest::ready(const Speech& speech) {
  std::error_code ignored;
  const std::string header = dir_ + "/tenon_guest.hpp";
  const std::string lock = dir_ + "/lock";
  for (const std::string& path : {dir_, file(), header, lock}) keep_only_own(path);
  for (const std::string& path : {file(), header, lock}) keep_only_file(path);
  if (is_ours()) {
    // What is used is young: old ones are removed by the time of this file.
    fs::last_write_time(lock, fs::file_time_type::clock::now(), ignored);
    return true;
  }
  const std::string made = fmt::format("{}.tmp{}", file(), ::getpid());
  if (!make_folder(dir_) || !write_file(lock, std::string_view()) ||
      !write_file(header, std::string_view(text_)))
    return false;
  Command command;
  command.cwd = places_.project;
  command.argv = {compiler_};
  command.argv.insert(command.argv.end(), flags_.begin(), flags_.end());
  command.argv.insert(command.argv.end(),
                      {"-ffile-prefix-map=" + dir_ + "=.tenon", "-Xclang", "-fno-pch-timestamp",
                       "-x", "c++-header", header, "-o", made});
  speech.status("compiling the guest header");
  const auto outcome = run(command, speech);
  const std::string print = outcome && outcome->ok() ? file_print(made) : std::string();
  if (!print.empty()) fs::rename(made, file(), ignored);
  fs::remove(made, ignored);
  if (print.empty() || !fs::exists(file(), ignored)) return false;
  static_cast<void>(write_file(lock, std::string_view(print)));
  return true;
}

std::vector<std::string> PrecompiledGuest::use() const {
  // Of two maps that fit a path the compiler takes the last.
  return {"-ffile-prefix-map=" + dir_ + "=.tenon", "-include-pch", file()};
}

bool PrecompiledGuest::refused(std::string_view output) const {
  return output.find("precompiled") != std::string_view::npos ||
         output.find(file()) != std::string_view::npos;
}

void PrecompiledGuest::remove() const {
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

}  // namespace tenon::builder
