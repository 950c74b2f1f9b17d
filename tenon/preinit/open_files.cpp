// SPDX-License-Identifier: Apache-2.0
// A descriptor in the substrate does not know its path: it needs none. So the folders of an
// initialisation are wrapped, and what is opened through them too; each wrapper is on record as
// long as it lives, under whatever ABI the guest holds it.
#include "tenon/preinit/open_files.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tenon::preinit {

namespace {

using wasi::Descriptor;
using wasi::DescriptorPtr;
using wasi::IoResult;

class Watched final : public Descriptor {
 public:
  Watched(DescriptorPtr inner, std::string path, std::shared_ptr<OpenFiles::Record> record,
          bool granted)
      : inner_(std::move(inner)), path_(std::move(path)), record_(std::move(record)) {
    if (granted) return;
    auto& open = record_->open;
    number_ = open.empty() ? 1 : open.rbegin()->first + 1;
    open.emplace(*number_, path_);
  }
  ~Watched() override {
    if (number_) record_->closed = std::move(record_->open.extract(*number_).mapped());
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  [[nodiscard]] wasi::FileType type() const override { return inner_->type(); }
  [[nodiscard]] wasi::DescriptorFlags flags() const override { return inner_->flags(); }
  [[nodiscard]] bool may_mutate() const override { return inner_->may_mutate(); }
  [[nodiscard]] int wait_fd() const override { return inner_->wait_fd(); }
  [[nodiscard]] bool seekable() const override { return inner_->seekable(); }
  IoResult<std::size_t> read_at(wasi::ReadBuffers into, std::uint64_t at) override {
    return inner_->read_at(into, at);
  }
  IoResult<std::size_t> write_at(wasi::WriteBuffers bytes, std::uint64_t at) override {
    return inner_->write_at(bytes, at);
  }
  IoResult<std::size_t> append(wasi::WriteBuffers bytes) override { return inner_->append(bytes); }
  IoResult<std::size_t> read(wasi::ReadBuffers into) override { return inner_->read(into); }
  IoResult<std::size_t> write(wasi::WriteBuffers bytes) override { return inner_->write(bytes); }
  IoResult<void> set_size(std::uint64_t size) override { return inner_->set_size(size); }
  IoResult<void> allocate(std::uint64_t at, std::uint64_t size) override {
    return inner_->allocate(at, size);
  }
  IoResult<void> advise(std::uint64_t at, std::uint64_t size, wasi::Advice advice) override {
    return inner_->advise(at, size, advice);
  }
  IoResult<void> sync_data() override { return inner_->sync_data(); }
  IoResult<wasi::FileStat> stat() override { return inner_->stat(); }
  IoResult<void> set_times(wasi::NewTime accessed, wasi::NewTime modified) override {
    return inner_->set_times(accessed, modified);
  }
  IoResult<void> sync() override { return inner_->sync(); }

  IoResult<DescriptorPtr> open_at(std::string_view path, bool follow, wasi::OpenFlags open,
                                  wasi::DescriptorFlags flags) override {
    auto opened = inner_->open_at(path, follow, open, flags);
    if (!opened) return opened;
    std::string whole = path_;
    if (path != ".") {
      if (!whole.ends_with('/')) whole += '/';
      whole += path;
    }
    return std::make_shared<Watched>(*std::move(opened), std::move(whole), record_, false);
  }
  IoResult<wasi::FileStat> stat_at(std::string_view path, bool follow) override {
    return inner_->stat_at(path, follow);
  }
  IoResult<void> set_times_at(std::string_view path, bool follow, wasi::NewTime accessed,
                              wasi::NewTime modified) override {
    return inner_->set_times_at(path, follow, accessed, modified);
  }
  IoResult<void> create_directory_at(std::string_view path) override {
    return inner_->create_directory_at(path);
  }
  IoResult<void> remove_directory_at(std::string_view path) override {
    return inner_->remove_directory_at(path);
  }
  IoResult<void> unlink_file_at(std::string_view path) override {
    return inner_->unlink_file_at(path);
  }
  IoResult<void> rename_at(std::string_view from, Descriptor& to_directory,
                           std::string_view to) override {
    return inner_->rename_at(from, inner_of(to_directory), to);
  }
  IoResult<void> link_at(std::string_view from, Descriptor& to_directory,
                         std::string_view to) override {
    return inner_->link_at(from, inner_of(to_directory), to);
  }
  IoResult<void> symlink_at(std::string_view target, std::string_view path) override {
    return inner_->symlink_at(target, path);
  }
  IoResult<std::string> readlink_at(std::string_view path) override {
    return inner_->readlink_at(path);
  }
  IoResult<std::unique_ptr<wasi::Directory>> list() override { return inner_->list(); }

 private:
  static Descriptor& inner_of(Descriptor& other) {
    auto* watched = dynamic_cast<Watched*>(&other);
    return watched == nullptr ? other : *watched->inner_;
  }

  DescriptorPtr inner_;
  std::string path_;
  std::shared_ptr<OpenFiles::Record> record_;
  /// None: it was granted, not opened.
  std::optional<std::uint64_t> number_;
};

}  // namespace

DescriptorPtr OpenFiles::watch(DescriptorPtr directory, std::string guest) const {
  return std::make_shared<Watched>(std::move(directory), std::move(guest), record_, true);
}

std::vector<std::string> OpenFiles::paths() const {
  std::vector<std::string> out;
  for (const auto& [number, path] : record_->open) out.push_back(path);
  return out;
}

}  // namespace tenon::preinit
