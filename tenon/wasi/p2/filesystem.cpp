// SPDX-License-Identifier: Apache-2.0

// wasi:filesystem over the descriptors of the substrate, which keep every path beneath its
// directory. A stream of a file has a place of its own and never waits; one of a pipe or a device
// waits for the descriptor. Spec: wasi:filesystem/types, wasi:filesystem/preopens.
#include <limits>
#include <utility>

#include "tenon/base/unicode.h"
#include "tenon/wasi/p2/io.h"

namespace tenon::wasi::p2 {
namespace {

namespace types = api::filesystem::types;

template <class T>
using Out = std::expected<T, types::error_code>;

/// The substrate's codes are in the order of the interface's.
types::error_code code_of(ErrorCode code) {
  static_assert(static_cast<std::uint8_t>(ErrorCode::access) ==
                    static_cast<std::uint8_t>(types::error_code::access) &&
                static_cast<std::uint8_t>(ErrorCode::cross_device) ==
                    static_cast<std::uint8_t>(types::error_code::cross_device));
  return static_cast<types::error_code>(in_filesystem(code));
}

std::unexpected<types::error_code> refuse(ErrorCode code) {
  return std::unexpected(code_of(code));
}

Out<void> plain(IoResult<void> done) {
  if (!done) return refuse(done.error());
  return {};
}

types::descriptor_type type_of(FileType type) {
  static_assert(static_cast<std::uint8_t>(FileType::socket) ==
                static_cast<std::uint8_t>(types::descriptor_type::socket));
  return static_cast<types::descriptor_type>(type);
}

/// Times before 1970 cannot be told: the interface has no sign.
std::optional<types::datetime> time_of(const std::optional<Timestamp>& time) {
  if (!time) return std::nullopt;
  if (time->seconds < 0) return types::datetime{};
  return types::datetime{static_cast<std::uint64_t>(time->seconds), time->nanoseconds};
}

/// Nothing for a time that no file can have.
std::optional<NewTime> time_of(const types::new_timestamp& time) {
  if (std::holds_alternative<types::new_timestamp::no_change>(time)) return NewTime{};
  if (std::holds_alternative<types::new_timestamp::now>(time))
    return NewTime{NewTime::Kind::now, {}};
  const auto& at = std::get<types::new_timestamp::timestamp>(time).value;
  if (at.nanoseconds >= 1'000'000'000 ||
      at.seconds > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return NewTime{NewTime::Kind::set, {static_cast<std::int64_t>(at.seconds), at.nanoseconds}};
}

types::descriptor_stat stat_of(const FileStat& stat) {
  types::descriptor_stat out;
  out.type = type_of(stat.type);
  out.link_count = stat.links;
  out.size = stat.size;
  out.data_access_timestamp = time_of(stat.accessed);
  out.data_modification_timestamp = time_of(stat.modified);
  out.status_change_timestamp = time_of(stat.changed);
  return out;
}

bool has(types::path_flags flags) {
  return !!(flags & types::path_flags::symlink_follow);
}

/// Reads a file from a place on.
class FileSource final : public Source {
 public:
  FileSource(DescriptorPtr file, std::uint64_t at) : file_(std::move(file)), at_(at) {}
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    const std::array into{bytes};
    const auto got = file_->seekable() ? file_->read_at(into, at_) : file_->read(into);
    if (got) at_ += *got;
    return got;
  }
  bool collect(WaitSet& set) override {
    if (file_->wait_fd() < 0) return true;
    set.descriptor(file_->wait_fd(), true, false);
    return false;
  }

 private:
  DescriptorPtr file_;
  std::uint64_t at_;
};

/// Writes a file from a place on, or at its end.
class FileSink final : public Sink {
 public:
  FileSink(DescriptorPtr file, std::optional<std::uint64_t> at) : file_(std::move(file)), at_(at) {}
  IoResult<std::size_t> write(ByteSpan bytes) override {
    const std::array from{bytes};
    if (!file_->seekable()) return file_->write(from);
    if (!at_) return file_->append(from);
    const auto done = file_->write_at(from, *at_);
    if (done) *at_ += *done;
    return done;
  }
  bool collect(WaitSet& set) override {
    if (file_->wait_fd() < 0) return true;
    set.descriptor(file_->wait_fd(), false, true);
    return false;
  }
  [[nodiscard]] std::size_t most() const override { return std::size_t{1} << 20U; }

 private:
  DescriptorPtr file_;
  std::optional<std::uint64_t> at_;
};

class Entries final : public types::directory_entry_stream {
 public:
  Entries(std::unique_ptr<Directory> directory, Quota::Token token)
      : directory_(std::move(directory)), token_(std::move(token)) {}
  Out<std::optional<types::directory_entry>> read_directory_entry() override {
    auto next = directory_->next();
    if (!next) return refuse(next.error());
    if (!*next) return std::optional<types::directory_entry>();
    if (!is_utf8((*next)->name)) return refuse(ErrorCode::illegal_byte_sequence);
    types::directory_entry out;
    out.type = type_of((*next)->type);
    out.name = std::move((*next)->name);
    return out;
  }

 private:
  std::unique_ptr<Directory> directory_;
  Quota::Token token_;
};

class File final : public types::descriptor {
 public:
  File(Host& host, DescriptorPtr at, Quota::Token token)
      : host_(host), at_(std::move(at)), token_(std::move(token)) {}

  // Streams.
  Out<std::unique_ptr<streams::input_stream>> read_via_stream(std::uint64_t offset) override {
    if (auto fit = is_open_for(&DescriptorFlags::read); !fit) return std::unexpected(fit.error());
    auto token = host_.state().quota.take();
    if (!token) return refuse(ErrorCode::insufficient_memory);
    return std::make_unique<Input>(host_, std::make_shared<FileSource>(at_, offset),
                                   std::move(token));
  }
  Out<std::unique_ptr<streams::output_stream>> write_via_stream(std::uint64_t offset) override {
    return output(offset);
  }
  Out<std::unique_ptr<streams::output_stream>> append_via_stream() override {
    return output(std::nullopt);
  }

  // Files.
  Out<void> advise(std::uint64_t offset, std::uint64_t length, types::advice advice) override {
    static_assert(static_cast<std::uint8_t>(Advice::no_reuse) ==
                  static_cast<std::uint8_t>(types::advice::no_reuse));
    return plain(at_->advise(offset, length, static_cast<Advice>(advice)));
  }
  Out<void> sync_data() override { return plain(at_->sync_data()); }
  Out<void> sync() override { return plain(at_->sync()); }
  Out<types::descriptor_flags> get_flags() override;
  Out<types::descriptor_type> get_type() override { return type_of(at_->type()); }
  Out<void> set_size(std::uint64_t size) override { return plain(at_->set_size(size)); }
  Out<void> set_times(types::new_timestamp accessed, types::new_timestamp modified) override {
    const auto a = time_of(accessed);
    const auto m = time_of(modified);
    if (!a || !m) return refuse(ErrorCode::invalid);
    return plain(at_->set_times(*a, *m));
  }
  Out<std::tuple<std::vector<std::uint8_t>, bool>> read(std::uint64_t length,
                                                        std::uint64_t offset) override {
    if (auto fit = is_open_for(&DescriptorFlags::read); !fit) return std::unexpected(fit.error());
    std::vector<std::uint8_t> bytes(std::min<std::uint64_t>(length, stream_bytes));
    const std::array into{std::span(bytes)};
    const auto got = at_->read_at(into, offset);
    if (!got) return refuse(got.error());
    // Fewer bytes than asked for are the last ones.
    const bool end = *got < bytes.size();
    bytes.resize(*got);
    return std::tuple(std::move(bytes), end);
  }
  Out<std::uint64_t> write(std::vector<std::uint8_t> buffer, std::uint64_t offset) override {
    if (auto fit = is_open_for(&DescriptorFlags::write); !fit) return std::unexpected(fit.error());
    const std::array from{ByteSpan(buffer)};
    const auto done = at_->write_at(from, offset);
    if (!done) return refuse(done.error());
    return *done;
  }
  Out<types::descriptor_stat> stat() override {
    const auto stat = at_->stat();
    if (!stat) return refuse(stat.error());
    return stat_of(*stat);
  }
  bool is_same_object(types::descriptor& other) override {
    const auto a = at_->stat();
    const auto b = of(other).stat();
    return a && b && a->device == b->device && a->inode == b->inode;
  }
  Out<types::metadata_hash_value> metadata_hash() override { return hash_of(at_->stat()); }

  // Directories.
  Out<std::unique_ptr<types::directory_entry_stream>> read_directory() override {
    auto token = host_.state().quota.take();
    if (!token) return refuse(ErrorCode::insufficient_memory);
    auto list = at_->list();
    if (!list) return refuse(list.error());
    return std::make_unique<Entries>(*std::move(list), std::move(token));
  }
  Out<void> create_directory_at(std::string path) override {
    return plain(at_->create_directory_at(path));
  }
  Out<types::descriptor_stat> stat_at(types::path_flags flags, std::string path) override {
    const auto stat = at_->stat_at(path, has(flags));
    if (!stat) return refuse(stat.error());
    return stat_of(*stat);
  }
  Out<void> set_times_at(types::path_flags flags, std::string path, types::new_timestamp accessed,
                         types::new_timestamp modified) override {
    const auto a = time_of(accessed);
    const auto m = time_of(modified);
    if (!a || !m) return refuse(ErrorCode::invalid);
    return plain(at_->set_times_at(path, has(flags), *a, *m));
  }
  Out<void> link_at(types::path_flags flags, std::string old_path, types::descriptor& directory,
                    std::string new_path) override {
    // Linux follows a link here on demand alone, and what it leads to may be anywhere.
    if (has(flags)) return refuse(ErrorCode::invalid);
    return plain(at_->link_at(old_path, of(directory), new_path));
  }
  Out<std::unique_ptr<types::descriptor>> open_at(types::path_flags flags, std::string path,
                                                  types::open_flags open,
                                                  types::descriptor_flags wanted) override;
  Out<std::string> readlink_at(std::string path) override {
    auto target = at_->readlink_at(path);
    if (!target) return refuse(target.error());
    if (!is_utf8(*target)) return refuse(ErrorCode::illegal_byte_sequence);
    return *std::move(target);
  }
  Out<void> remove_directory_at(std::string path) override {
    return plain(at_->remove_directory_at(path));
  }
  Out<void> rename_at(std::string old_path, types::descriptor& directory,
                      std::string new_path) override {
    return plain(at_->rename_at(old_path, of(directory), new_path));
  }
  Out<void> symlink_at(std::string old_path, std::string new_path) override {
    return plain(at_->symlink_at(old_path, new_path));
  }
  Out<void> unlink_file_at(std::string path) override { return plain(at_->unlink_file_at(path)); }
  Out<types::metadata_hash_value> metadata_hash_at(types::path_flags flags,
                                                   std::string path) override {
    return hash_of(at_->stat_at(path, has(flags)));
  }

 private:
  /// No other class of descriptors can be made: the generated one is this room's own.
  static Descriptor& of(types::descriptor& other) { return *static_cast<File&>(other).at_; }
  [[nodiscard]] Out<void> is_open_for(bool DescriptorFlags::* use) const {
    if (at_->is_directory()) return refuse(ErrorCode::is_directory);
    if (!(at_->flags().*use)) return refuse(ErrorCode::bad_descriptor);
    return {};
  }
  Out<std::unique_ptr<streams::output_stream>> output(std::optional<std::uint64_t> at) {
    if (auto fit = is_open_for(&DescriptorFlags::write); !fit) return std::unexpected(fit.error());
    auto token = host_.state().quota.take();
    if (!token) return refuse(ErrorCode::insufficient_memory);
    auto to = std::make_shared<Output>(host_, std::make_shared<FileSink>(at_, at));
    return std::make_unique<OutputStream>(std::move(to), std::move(token));
  }
  Out<types::metadata_hash_value> hash_of(const IoResult<FileStat>& stat) {
    if (!stat) return refuse(stat.error());
    const auto [lower, upper] = host_.state().metadata_hash(*stat);
    return types::metadata_hash_value{lower, upper};
  }

  Host& host_;
  DescriptorPtr at_;
  Quota::Token token_;
};

struct FlagPair {
  bool DescriptorFlags::* ours;
  types::descriptor_flags theirs;
};
constexpr FlagPair flag_pairs[] = {
    {&DescriptorFlags::read, types::descriptor_flags::read},
    {&DescriptorFlags::write, types::descriptor_flags::write},
    {&DescriptorFlags::file_integrity_sync, types::descriptor_flags::file_integrity_sync},
    {&DescriptorFlags::data_integrity_sync, types::descriptor_flags::data_integrity_sync},
    {&DescriptorFlags::requested_write_sync, types::descriptor_flags::requested_write_sync},
    {&DescriptorFlags::mutate_directory, types::descriptor_flags::mutate_directory},
};

Out<types::descriptor_flags> File::get_flags() {
  const auto flags = at_->flags();
  // NOLINTNEXTLINE(bugprone-invalid-enum-default-initialization): no flag is one of its values
  types::descriptor_flags out{};
  for (const auto& [ours, theirs] : flag_pairs) {
    if (flags.*ours) out |= theirs;
  }
  return out;
}

Out<std::unique_ptr<types::descriptor>> File::open_at(types::path_flags flags, std::string path,
                                                      types::open_flags open,
                                                      types::descriptor_flags wanted) {
  DescriptorFlags use;
  for (const auto& [ours, theirs] : flag_pairs) use.*ours = !!(wanted & theirs);
  OpenFlags how;
  how.create = !!(open & types::open_flags::create);
  how.directory = !!(open & types::open_flags::directory);
  how.exclusive = !!(open & types::open_flags::exclusive);
  how.truncate = !!(open & types::open_flags::truncate);
  auto token = host_.state().quota.take();
  if (!token) return refuse(ErrorCode::insufficient_memory);
  auto opened = at_->open_at(path, has(flags), how, use);
  if (!opened) return refuse(opened.error());
  return std::make_unique<File>(host_, *std::move(opened), std::move(token));
}

struct Preopens : Interface {
  using Interface::Interface;
  [[nodiscard]] std::vector<std::tuple<std::unique_ptr<types::descriptor>, std::string>>
  get_directories() const {
    if (host.state().preopens.empty()) host.state().refusals->note(Refused::directory);
    std::vector<std::tuple<std::unique_ptr<types::descriptor>, std::string>> out;
    for (const auto& [guest, directory] : host.state().preopens)
      out.emplace_back(std::make_unique<File>(host, directory, host.token()), guest);
    return out;
  }
};

struct Errors : Interface {
  using Interface::Interface;
  [[nodiscard]] std::optional<types::error_code> filesystem_error_code(streams::error& err) const {
    const auto& error = static_cast<StreamError&>(err);
    if (error.socket()) return std::nullopt;
    return code_of(error.code());
  }
};

}  // namespace

Result<void> add_filesystem(Linker& linker) {
  TENON_TRY(types::add_to_linker(linker, Find<Errors>()));
  TENON_TRY(api::filesystem::preopens::add_to_linker(linker, Find<Preopens>()));
  return {};
}

}  // namespace tenon::wasi::p2
