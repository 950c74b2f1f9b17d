// SPDX-License-Identifier: Apache-2.0
// Objects are stored under the hash of their contents, and a record lists the files each was made
// from with their hashes: returning to an earlier state of the sources finds its object again.
// Hashes are recomputed only for files whose size or time changed.
#include "tenon/builder/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/user_cache.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

/// Compilations kept per source: enough for going back and forth between branches.
constexpr std::size_t max_sets = 8;

std::string_view next_line(std::string_view& text) {
  const auto cut = text.find('\n');
  const std::string_view line = text.substr(0, cut);
  text = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 1);
  return line;
}

std::string_view next_word(std::string_view& line) {
  const auto cut = line.find(' ');
  const std::string_view word = line.substr(0, cut);
  line = cut == std::string_view::npos ? std::string_view() : line.substr(cut + 1);
  return word;
}

template <class T>
bool parse_number(std::string_view text, T& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size();
}

/// One set of a record: the object's hash, then the files it was made from.
struct Set {
  std::string object;
  std::vector<std::pair<std::string, std::string>> files;
};

/// Nothing of a record that lies under another key than its own.
std::vector<Set> parse_record(std::string_view text, std::string_view key) {
  std::vector<Set> sets;
  std::string_view first = next_line(text);
  if (next_word(first) != "key" || first != key) return sets;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view kind = next_word(line);
    if (kind == "object") {
      sets.push_back(Set{std::string(line), {}});
    } else if (kind == "file" && !sets.empty()) {
      const std::string_view hash = next_word(line);
      sets.back().files.emplace_back(std::string(hash), std::string(line));
    }
  }
  return sets;
}

std::string record_text(std::string_view key, const std::vector<Set>& sets) {
  std::string out = fmt::format("key {}\n", key);
  for (const Set& set : sets) {
    out += "object " + set.object + "\n";
    for (const auto& [hash, path] : set.files) out += "file " + hash + " " + path + "\n";
  }
  return out;
}

}  // namespace

std::string sha256(ByteSpan bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  std::string out;
  for (const unsigned char byte : digest) {
    out += hex[byte >> 4U];
    out += hex[byte & 0xFU];
  }
  return out;
}

std::string sha256(std::string_view text) {
  return sha256(as_bytes(text));
}

KeyBuilder& KeyBuilder::add(std::string_view piece) {
  text_ += std::to_string(piece.size());
  text_ += ':';
  text_ += piece;
  return *this;
}

KeyBuilder& KeyBuilder::add(const std::vector<std::string>& pieces) {
  add(std::to_string(pieces.size()));
  for (const std::string& piece : pieces) add(piece);
  return *this;
}

std::optional<FileStat> stat_file(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return FileStat{static_cast<std::uint64_t>(info.st_size),
                  std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::optional<std::string> FileHashes::of(const std::string& path) {
  const auto stat = stat_file(path);
  if (!stat) return std::nullopt;
  if (const auto it = known_.find(path); it != known_.end() && it->second.stat == *stat)
    return it->second.hash;
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  std::string hash = sha256(*bytes);
  known_[path] = Known{*stat, hash};
  return hash;
}

void FileHashes::know(const std::string& path, const FileStat& stat, std::string hash) {
  known_[path] = Known{stat, std::move(hash)};
}

std::string Stamp::to_text() const {
  std::string out = "key " + key + "\n";
  const auto put = [&](const char* kind, const File& file) {
    out += fmt::format("{} {} {} {} {}\n", kind, file.stat.size, file.stat.mtime_ns, file.hash,
                       file.path);
  };
  for (const File& file : inputs) put("in", file);
  for (const File& file : outputs) put("out", file);
  return out;
}

std::optional<Stamp> Stamp::parse(std::string_view text) {
  Stamp stamp;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    const std::string_view kind = next_word(line);
    if (kind == "key") {
      stamp.key = line;
      continue;
    }
    if (kind != "in" && kind != "out") return std::nullopt;
    File file;
    if (!parse_number(next_word(line), file.stat.size) ||
        !parse_number(next_word(line), file.stat.mtime_ns))
      return std::nullopt;
    file.hash = next_word(line);
    file.path = line;
    (kind == "in" ? stamp.inputs : stamp.outputs).push_back(std::move(file));
  }
  return stamp;
}

bool Stamp::holds(std::string_view wanted_key, FileHashes& hashes) const {
  if (key != wanted_key || outputs.empty()) return false;
  for (const auto* list : {&inputs, &outputs}) {
    for (const File& file : *list) {
      hashes.know(file.path, file.stat, file.hash);
      if (hashes.of(file.path) != file.hash) return false;
    }
  }
  return true;
}

std::optional<std::string> ObjectCache::find(const std::string& key) {
  const std::string record = dir_ + "/" + key + ".record";
  keep_only_file(record);
  const auto text = read_text_file(record);
  if (!text) return std::nullopt;
  for (const Set& set : parse_record(*text, key)) {
    bool same = true;
    for (const auto& [hash, path] : set.files) same = same && hashes_.of(path) == hash;
    std::string object = dir_ + "/" + set.object + ".o";
    if (!same || hashes_.of(object) != set.object) continue;
    ::utimensat(AT_FDCWD, object.c_str(), nullptr, 0);  // it was used: it stays longer
    return object;
  }
  return std::nullopt;
}

Result<std::string> ObjectCache::store(const std::string& key,
                                       const std::vector<std::string>& read_files,
                                       const std::string& object) {
  const std::vector<std::uint8_t> bytes = TENON_TRY(read_file(object));
  Set set{sha256(bytes), {}};
  for (const std::string& path : read_files) {
    if (auto hash = hashes_.of(path)) set.files.emplace_back(std::move(*hash), path);
  }
  std::string place = dir_ + "/" + set.object + ".o";
  keep_only_file(place);
  TENON_TRY(write_file(place, ByteSpan(bytes)));
  const std::string record = dir_ + "/" + key + ".record";
  keep_only_file(record);
  std::vector<Set> sets;
  if (const auto text = read_text_file(record)) sets = parse_record(*text, key);
  std::erase_if(sets, [&](const Set& other) { return other.files == set.files; });
  sets.insert(sets.begin(), std::move(set));
  if (sets.size() > max_sets) sets.resize(max_sets);
  TENON_TRY(write_file(record, record_text(key, sets)));
  return place;
}

std::vector<std::string> parse_depfile(std::string_view text) {
  std::vector<std::string> out;
  const auto colon = text.find(": ");
  if (colon == std::string_view::npos) return out;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) out.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = colon + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const char escaped = text[++i];
      if (escaped != '\n') {
        word += escaped;
      } else {
        flush();
      }
    } else if (c == '\n') {
      flush();
      break;  // what follows are phony rules
    } else if (c == ' ') {
      flush();
    } else {
      word += c;
    }
  }
  flush();
  return out;
}

Result<BuildLock> BuildLock::take(const std::string& dir, void (*waiting)(void*), void* context) {
  const std::string path = dir + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return std::unexpected(Error(rules::build_folder, Span::none(),
                                 fmt::format("`{}`: {}", path, std::strerror(errno)))
                               .help("`tenon build --no-cache` does without it"));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (waiting != nullptr) waiting(context);
    while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ::futimens(descriptor, nullptr);
  return BuildLock(descriptor);
}

BuildLock::BuildLock(BuildLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

BuildLock::~BuildLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> make_folder(const std::string& dir) {
  std::error_code code;
  fs::create_directories(dir, code);
  if (code && !fs::is_directory(dir)) {
    return std::unexpected(
        Error(rules::build_folder, Span::none(), fmt::format("`{}`: {}", dir, code.message()))
            .help("the build folder must be writable; `output = \"…\"` in tenon.toml names another "
                  "one"));
  }
  return {};
}

}  // namespace tenon::builder
