// SPDX-License-Identifier: Apache-2.0
// Files in memory. A directory keeps its entries by name, and by the number that an entry got when
// it was made: that is the cookie of a walk, which so survives what is made and removed meanwhile.
// Everything that a guest makes is charged before it is allocated.
#include "tenon/wasi/core/memory_fs.h"

#include <algorithm>
#include <climits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tenon/base/file.h"

namespace tenon::wasi {
namespace {

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Entry {
  NodePtr node;
  std::uint64_t number = 0;
};

struct Node {
  FileType type = FileType::regular_file;
  std::uint64_t inode = 0;
  std::uint64_t links = 1;
  /// Of a directory: the one that it lies in; null for the root and for one that is removed.
  const Node* parent = nullptr;
  /// What the file holds; where the link leads.
  std::string bytes;
  std::map<std::string, Entry, std::less<>> entries;
  std::map<std::uint64_t, std::string> order;
  Timestamp accessed;
  Timestamp modified;
  Timestamp changed;

  [[nodiscard]] bool is(FileType wanted) const { return type == wanted; }
};

/// What an entry costs besides its bytes.
constexpr std::uint64_t entry_cost = 256;
constexpr int most_links = 40;

}  // namespace

struct MemoryFileSystem::State {
  std::shared_ptr<Clock> clock;
  std::uint64_t left = 0;
  std::uint64_t next_inode = 1;
  std::uint64_t next_number = 1;
  NodePtr root;

  State(std::shared_ptr<Clock> with, std::uint64_t most) : clock(std::move(with)), left(most) {
    root = make(FileType::directory);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  /// Not by recursion: a guest makes directories as deep as it likes.
  ~State() {
    std::vector<NodePtr> nodes{std::move(root)};
    while (!nodes.empty()) {
      const NodePtr node = std::move(nodes.back());
      nodes.pop_back();
      for (auto& [name, entry] : node->entries) nodes.push_back(std::move(entry.node));
      node->entries.clear();
    }
  }

  NodePtr make(FileType type) {
    auto node = std::make_shared<Node>();
    node->type = type;
    node->inode = next_inode++;
    node->accessed = node->modified = node->changed = clock->wall();
    return node;
  }
  bool charge(std::uint64_t bytes) {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  }
  void touch(Node& node) const { node.modified = node.changed = clock->wall(); }
  IoResult<void> add(Node& directory, const std::string& name, NodePtr node) {
    if (name.size() > NAME_MAX) return fail(ErrorCode::name_too_long);
    if (!charge(entry_cost + 2 * name.size())) return fail(ErrorCode::insufficient_space);
    if (node->is(FileType::directory)) node->parent = &directory;
    directory.order.emplace(next_number, name);
    directory.entries.emplace(name, Entry{std::move(node), next_number++});
    touch(directory);
    return {};
  }
  /// Takes an entry out; the node lives on while a descriptor has it.
  void remove(Node& directory, const std::string& name) {
    const auto at = directory.entries.find(name);
    directory.order.erase(at->second.number);
    Node& node = *at->second.node;
    --node.links;
    node.parent = nullptr;
    node.changed = clock->wall();
    left += entry_cost + 2 * name.size();
    if (node.links == 0 && at->second.node.use_count() == 1) left += node.bytes.size();
    directory.entries.erase(at);
    touch(directory);
  }
  IoResult<void> resize(Node& node, std::uint64_t size) {
    const std::uint64_t old = node.bytes.size();
    if (size > old && !charge(size - old)) return fail(ErrorCode::insufficient_space);
    if (size < old) left += old - size;
    node.bytes.resize(size);
    touch(node);
    return {};
  }
};

namespace {

using State = MemoryFileSystem::State;

/// What a path leads to.
struct Place {
  NodePtr parent;
  /// Empty: the path is the directory itself, or ends in `.` or `..`.
  std::string name;
  /// Null: there is no such entry, in a parent that is there.
  NodePtr node;
  bool directory_required = false;
};

void push_names(std::vector<std::string>& names, std::string_view path) {
  std::vector<std::string> found;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash != 0) found.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  names.insert(names.end(), std::make_move_iterator(found.rbegin()),
               std::make_move_iterator(found.rend()));
}

class Walk {
 public:
  Walk(NodePtr base, bool follow) : follow_(follow) { open_.push_back(std::move(base)); }

  IoResult<Place> run(std::string_view path) {
    if (path.empty()) return fail(ErrorCode::no_entry);
    if (path.find('\0') != std::string_view::npos) return fail(ErrorCode::invalid);
    if (path.starts_with('/')) return fail(ErrorCode::not_permitted);
    if (path.size() >= PATH_MAX) return fail(ErrorCode::name_too_long);
    place_.directory_required = path.ends_with('/');
    push_names(names_, path);
    while (!names_.empty()) {
      const std::string name = std::move(names_.back());
      names_.pop_back();
      place_.name.clear();
      if (name == ".") continue;
      if (name == "..") {
        if (open_.size() == 1) return fail(ErrorCode::not_permitted);
        open_.pop_back();
        continue;
      }
      const auto ended = step(name);
      if (!ended) return fail(ended.error());
      if (*ended) return place_;
    }
    place_.parent = open_.size() > 1 ? open_[open_.size() - 2] : nullptr;
    place_.node = open_.back();
    return place_;
  }

 private:
  /// True: the path ends here.
  IoResult<bool> step(const std::string& name) {
    Node& here = *open_.back();
    const auto at = here.entries.find(name);
    const bool last = names_.empty();
    if (at == here.entries.end()) {
      // Nothing is made in a directory that is removed, so that none is the last owner of another.
      if (!last || here.links == 0) return fail(ErrorCode::no_entry);
      return end(name, nullptr);
    }
    const NodePtr node = at->second.node;
    if (node->is(FileType::symbolic_link) && (!last || follow_)) {
      if (++links_ > most_links) return fail(ErrorCode::loop);
      if (node->bytes.starts_with('/')) return fail(ErrorCode::not_permitted);
      if (last && node->bytes.ends_with('/')) place_.directory_required = true;
      push_names(names_, node->bytes);
      return false;
    }
    if (last) return end(name, node);
    if (!node->is(FileType::directory)) return fail(ErrorCode::not_directory);
    open_.push_back(node);
    return false;
  }
  bool end(const std::string& name, NodePtr node) {
    place_.parent = open_.back();
    place_.name = name;
    place_.node = std::move(node);
    return true;
  }

  bool follow_;
  int links_ = 0;
  Place place_;
  std::vector<NodePtr> open_;
  std::vector<std::string> names_;
};

FileStat stat_of(const Node& node) {
  FileStat out;
  out.type = node.type;
  out.links = node.links;
  out.size = node.bytes.size();
  out.accessed = node.accessed;
  out.modified = node.modified;
  out.changed = node.changed;
  out.device = 1;
  out.inode = node.inode;
  return out;
}

class MemoryDirectory final : public Directory {
 public:
  explicit MemoryDirectory(NodePtr node) : node_(std::move(node)) {}
  IoResult<std::optional<DirectoryEntry>> next() override {
    const auto at = node_->order.upper_bound(behind_);
    if (at == node_->order.end()) return std::nullopt;
    behind_ = at->first;
    const Node& node = *node_->entries.find(at->second)->second.node;
    return DirectoryEntry{at->second, node.type, node.inode, at->first};
  }
  IoResult<void> seek(std::uint64_t cookie) override {
    behind_ = cookie;
    return {};
  }

 private:
  NodePtr node_;
  std::uint64_t behind_ = 0;
};

class MemoryDescriptor final : public Descriptor {
 public:
  MemoryDescriptor(std::shared_ptr<State> state, NodePtr node, DescriptorFlags flags,
                   bool read_only)
      : state_(std::move(state)), node_(std::move(node)), flags_(flags), read_only_(read_only) {}
  ~MemoryDescriptor() override {
    if (node_->links == 0 && node_.use_count() == 1) state_->left += node_->bytes.size();
  }

  FileType type() const override { return node_->type; }
  DescriptorFlags flags() const override { return flags_; }
  bool may_mutate() const override { return !read_only_; }

  IoResult<std::size_t> read_at(ReadBuffers into, std::uint64_t at) override {
    if (is_directory() || !flags_.read) return fail(ErrorCode::bad_descriptor);
    if (at > std::uint64_t{INT64_MAX}) return fail(ErrorCode::invalid);
    std::size_t total = 0;
    node_->accessed = state_->clock->wall();
    for (const std::span<std::uint8_t> part : into) {
      if (at >= node_->bytes.size()) break;
      const std::size_t n = std::min<std::uint64_t>(part.size(), node_->bytes.size() - at);
      std::copy_n(node_->bytes.data() + at, n, part.data());
      total += n;
      at += n;
    }
    return total;
  }
  IoResult<std::size_t> write_at(WriteBuffers bytes, std::uint64_t at) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (at > std::uint64_t{INT64_MAX}) return fail(ErrorCode::file_too_large);
    std::size_t total = 0;
    for (const ByteSpan part : bytes) {
      if (part.empty()) continue;
      if (at + part.size() > node_->bytes.size()) {
        if (auto grown = state_->resize(*node_, at + part.size()); !grown) {
          if (total != 0) return total;
          return fail(grown.error());
        }
      }
      std::copy_n(part.data(), part.size(), node_->bytes.data() + at);
      total += part.size();
      at += part.size();
    }
    if (total != 0) state_->touch(*node_);
    return total;
  }
  IoResult<std::size_t> append(WriteBuffers bytes) override {
    return write_at(bytes, node_->bytes.size());
  }
  IoResult<void> set_size(std::uint64_t size) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (size > std::uint64_t{INT64_MAX}) return fail(ErrorCode::invalid);
    return state_->resize(*node_, size);
  }
  IoResult<void> allocate(std::uint64_t at, std::uint64_t size) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (size == 0) return fail(ErrorCode::invalid);
    if (at > std::uint64_t{INT64_MAX} || size > std::uint64_t{INT64_MAX} - at)
      return fail(ErrorCode::file_too_large);
    if (at + size <= node_->bytes.size()) return {};
    return state_->resize(*node_, at + size);
  }
  IoResult<void> advise(std::uint64_t, std::uint64_t, Advice) override {
    if (is_directory()) return fail(ErrorCode::bad_descriptor);
    return {};
  }
  IoResult<void> sync_data() override { return {}; }
  IoResult<void> sync() override { return {}; }
  IoResult<FileStat> stat() override { return stat_of(*node_); }
  IoResult<void> set_times(NewTime accessed, NewTime modified) override {
    if (read_only_) return fail(ErrorCode::read_only);
    return set_times_of(*node_, accessed, modified);
  }

  IoResult<DescriptorPtr> open_at(std::string_view path, bool follow, OpenFlags open,
                                  DescriptorFlags flags) override;
  IoResult<FileStat> stat_at(std::string_view path, bool follow) override {
    auto place = existing(path, follow);
    if (!place) return fail(place.error());
    return stat_of(*place->node);
  }
  IoResult<void> set_times_at(std::string_view path, bool follow, NewTime accessed,
                              NewTime modified) override {
    if (is_directory() && read_only_) return fail(ErrorCode::read_only);
    auto place = existing(path, follow);
    if (!place) return fail(place.error());
    return set_times_of(*place->node, accessed, modified);
  }
  IoResult<void> create_directory_at(std::string_view path) override;
  IoResult<void> remove_directory_at(std::string_view path) override;
  IoResult<void> unlink_file_at(std::string_view path) override;
  IoResult<void> rename_at(std::string_view from, Descriptor& to_directory,
                           std::string_view to) override;
  IoResult<void> link_at(std::string_view from, Descriptor& to_directory,
                         std::string_view to) override;
  IoResult<void> symlink_at(std::string_view target, std::string_view path) override;
  IoResult<std::string> readlink_at(std::string_view path) override {
    auto place = existing(path, false);
    if (!place) return fail(place.error());
    if (!place->node->is(FileType::symbolic_link)) return fail(ErrorCode::invalid);
    return place->node->bytes;
  }
  IoResult<std::unique_ptr<Directory>> list() override {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    return std::make_unique<MemoryDirectory>(node_);
  }

 private:
  IoResult<void> set_times_of(Node& node, NewTime accessed, NewTime modified) {
    for (const NewTime& time : {accessed, modified}) {
      if (time.kind == NewTime::Kind::set && time.time.nanoseconds >= 1'000'000'000)
        return fail(ErrorCode::invalid);
    }
    const Timestamp now = state_->clock->wall();
    const auto put = [now](Timestamp& at, const NewTime& time) {
      if (time.kind == NewTime::Kind::now) at = now;
      if (time.kind == NewTime::Kind::set) at = time.time;
    };
    put(node.accessed, accessed);
    put(node.modified, modified);
    node.changed = now;
    return {};
  }
  IoResult<Place> find(std::string_view path, bool follow) {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    return Walk(node_, follow || path.ends_with('/')).run(path);
  }
  IoResult<Place> existing(std::string_view path, bool follow) {
    auto place = find(path, follow);
    if (!place) return place;
    if (place->node == nullptr) return fail(ErrorCode::no_entry);
    if (place->directory_required && !place->node->is(FileType::directory))
      return fail(ErrorCode::not_directory);
    return place;
  }
  /// Of an entry that is to be made, removed or renamed: the last name is not followed.
  IoResult<Place> entry_of(std::string_view path) {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    if (read_only_) return fail(ErrorCode::read_only);
    auto place = Walk(node_, false).run(path);
    if (place && place->name.empty()) return fail(ErrorCode::busy);
    return place;
  }
  IoResult<DescriptorPtr> create(const Place& place, OpenFlags open, DescriptorFlags flags);
  /// What a rename or a link goes from, which is there, and to.
  struct Ends {
    Place source;
    Place target;
  };
  IoResult<Ends> ends_of(std::string_view from, Descriptor& to_directory, std::string_view to);

  std::shared_ptr<State> state_;
  NodePtr node_;
  DescriptorFlags flags_;
  bool read_only_;
};

IoResult<DescriptorPtr> MemoryDescriptor::create(const Place& place, OpenFlags open,
                                                 DescriptorFlags flags) {
  if (!open.create) return fail(ErrorCode::no_entry);
  if (place.directory_required) return fail(ErrorCode::is_directory);
  NodePtr node = state_->make(FileType::regular_file);
  if (auto added = state_->add(*place.parent, place.name, node); !added) return fail(added.error());
  return std::make_shared<MemoryDescriptor>(state_, std::move(node), flags, read_only_);
}

IoResult<DescriptorPtr> MemoryDescriptor::open_at(std::string_view path, bool follow,
                                                  OpenFlags open, DescriptorFlags flags) {
  if (!is_directory()) return fail(ErrorCode::not_directory);
  if (open.create && open.directory) return fail(ErrorCode::invalid);
  if (read_only_ && (flags.write || flags.mutate_directory || open.create || open.truncate))
    return fail(ErrorCode::read_only);
  const bool exclusive = open.create && open.exclusive;
  auto place = find(path, follow && !exclusive);
  if (!place) return fail(place.error());
  if (place->node == nullptr) return create(*place, open, flags);
  Node& node = *place->node;
  if (exclusive) return fail(ErrorCode::exist);
  if ((place->directory_required || open.directory) && !node.is(FileType::directory))
    return fail(ErrorCode::not_directory);
  if (node.is(FileType::symbolic_link)) return fail(ErrorCode::loop);
  if (node.is(FileType::directory) && (flags.write || open.truncate || open.create))
    return fail(ErrorCode::is_directory);
  if (open.truncate) {
    if (auto cut = state_->resize(node, 0); !cut) return fail(cut.error());
  }
  return std::make_shared<MemoryDescriptor>(state_, std::move(place->node), flags, read_only_);
}

IoResult<void> MemoryDescriptor::create_directory_at(std::string_view path) {
  auto place = entry_of(path);
  if (!place) return fail(place.error() == ErrorCode::busy ? ErrorCode::exist : place.error());
  if (place->node != nullptr) return fail(ErrorCode::exist);
  return state_->add(*place->parent, place->name, state_->make(FileType::directory));
}

IoResult<void> MemoryDescriptor::remove_directory_at(std::string_view path) {
  auto place = entry_of(path);
  if (!place) return fail(place.error() == ErrorCode::busy ? ErrorCode::invalid : place.error());
  if (place->node == nullptr) return fail(ErrorCode::no_entry);
  if (!place->node->is(FileType::directory)) return fail(ErrorCode::not_directory);
  if (!place->node->entries.empty()) return fail(ErrorCode::not_empty);
  state_->remove(*place->parent, place->name);
  return {};
}

IoResult<void> MemoryDescriptor::unlink_file_at(std::string_view path) {
  auto place = entry_of(path);
  if (!place)
    return fail(place.error() == ErrorCode::busy ? ErrorCode::is_directory : place.error());
  if (place->node == nullptr) return fail(ErrorCode::no_entry);
  if (place->node->is(FileType::directory)) return fail(ErrorCode::is_directory);
  if (place->directory_required) return fail(ErrorCode::not_directory);
  const NodePtr node = std::exchange(place->node, nullptr);
  state_->remove(*place->parent, place->name);
  if (node->links == 0 && node.use_count() == 1) state_->left += node->bytes.size();
  return {};
}

/// Whether a directory lies in another one, or is it.
bool contains(const Node& outer, const Node& inner) {
  for (const Node* node = &inner; node != nullptr; node = node->parent) {
    if (node == &outer) return true;
  }
  return false;
}

IoResult<MemoryDescriptor::Ends> MemoryDescriptor::ends_of(std::string_view from,
                                                           Descriptor& to_directory,
                                                           std::string_view to) {
  auto* other = dynamic_cast<MemoryDescriptor*>(&to_directory);
  if (other == nullptr || other->state_ != state_) return fail(ErrorCode::cross_device);
  auto source = entry_of(from);
  if (!source) return fail(source.error());
  auto target = other->entry_of(to);
  if (!target) return fail(target.error());
  if (source->node == nullptr) return fail(ErrorCode::no_entry);
  return Ends{*std::move(source), *std::move(target)};
}

IoResult<void> MemoryDescriptor::rename_at(std::string_view from, Descriptor& to_directory,
                                           std::string_view to) {
  auto ends = ends_of(from, to_directory, to);
  if (!ends) return fail(ends.error());
  auto& [source, target] = *ends;
  const bool directory = source.node->is(FileType::directory);
  if ((source.directory_required || target.directory_required) && !directory)
    return fail(ErrorCode::not_directory);
  if (source.node == target.node) return {};
  if (directory && contains(*source.node, *target.parent)) return fail(ErrorCode::invalid);
  if (target.node != nullptr) {
    const bool onto = target.node->is(FileType::directory);
    if (directory && !onto) return fail(ErrorCode::not_directory);
    if (!directory && onto) return fail(ErrorCode::is_directory);
    if (onto && !target.node->entries.empty()) return fail(ErrorCode::not_empty);
  }
  if (target.name.size() > NAME_MAX) return fail(ErrorCode::name_too_long);
  if (target.name.size() > source.name.size() &&
      state_->left < 2 * (target.name.size() - source.name.size()))
    return fail(ErrorCode::insufficient_space);
  if (target.node != nullptr) {
    const NodePtr gone = std::exchange(target.node, nullptr);
    state_->remove(*target.parent, target.name);
    if (gone->links == 0 && gone.use_count() == 1) state_->left += gone->bytes.size();
  }
  state_->remove(*source.parent, source.name);
  ++source.node->links;
  return state_->add(*target.parent, target.name, source.node);
}

IoResult<void> MemoryDescriptor::link_at(std::string_view from, Descriptor& to_directory,
                                         std::string_view to) {
  auto ends = ends_of(from, to_directory, to);
  if (!ends) return fail(ends.error());
  auto& [source, target] = *ends;
  if (source.node->is(FileType::directory)) return fail(ErrorCode::not_permitted);
  if (source.directory_required) return fail(ErrorCode::not_directory);
  if (target.node != nullptr) return fail(ErrorCode::exist);
  if (target.directory_required) return fail(ErrorCode::no_entry);
  if (auto added = state_->add(*target.parent, target.name, source.node); !added) return added;
  ++source.node->links;
  return {};
}

IoResult<void> MemoryDescriptor::symlink_at(std::string_view target, std::string_view path) {
  auto place = entry_of(path);
  if (!place) return fail(place.error() == ErrorCode::busy ? ErrorCode::exist : place.error());
  if (target.find('\0') != std::string_view::npos) return fail(ErrorCode::invalid);
  if (target.empty()) return fail(ErrorCode::no_entry);
  if (target.starts_with('/')) return fail(ErrorCode::not_permitted);
  if (target.size() >= PATH_MAX) return fail(ErrorCode::name_too_long);
  if (place->node != nullptr) {
    // A link is there, wherever it leads; of a file, a slash behind it says that it is none.
    const bool file = place->directory_required && !place->node->is(FileType::directory) &&
                      !place->node->is(FileType::symbolic_link);
    return fail(file ? ErrorCode::not_directory : ErrorCode::exist);
  }
  if (place->directory_required) return fail(ErrorCode::no_entry);
  if (!state_->charge(target.size())) return fail(ErrorCode::insufficient_space);
  NodePtr node = state_->make(FileType::symbolic_link);
  node->bytes = target;
  return state_->add(*place->parent, place->name, std::move(node));
}

std::string_view without_lead(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

}  // namespace

MemoryFileSystem::MemoryFileSystem(std::shared_ptr<Clock> clock, std::uint64_t most)
    : state_(std::make_shared<State>(std::move(clock), most)) {}
MemoryFileSystem::~MemoryFileSystem() = default;

DescriptorPtr MemoryFileSystem::root(bool read_only) {
  DescriptorFlags flags;
  flags.read = true;
  flags.mutate_directory = !read_only;
  return std::make_shared<MemoryDescriptor>(state_, state_->root, flags, read_only);
}

IoResult<void> MemoryFileSystem::put_directory(std::string_view path) {
  path = without_lead(path);
  const DescriptorPtr top = root();
  for (std::size_t at = 0; at < path.size();) {
    at = std::min(path.find('/', at), path.size());
    const auto made = top->create_directory_at(path.substr(0, at));
    if (!made && made.error() != ErrorCode::exist) return made;
    while (at < path.size() && path[at] == '/') ++at;
  }
  return {};
}

IoResult<void> MemoryFileSystem::put(std::string_view path, std::string_view content) {
  path = without_lead(path);
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) {
    if (auto made = put_directory(path.substr(0, slash)); !made) return made;
  }
  OpenFlags open;
  open.create = open.truncate = true;
  DescriptorFlags flags;
  flags.write = true;
  auto file = root()->open_at(path, true, open, flags);
  if (!file) return fail(file.error());
  const ByteSpan bytes[] = {as_bytes(content)};
  const auto written = (*file)->write_at(bytes, 0);
  if (!written) return fail(written.error());
  return {};
}

IoResult<std::string> MemoryFileSystem::content(std::string_view path) const {
  auto place = Walk(state_->root, true).run(without_lead(path));
  if (!place) return fail(place.error());
  if (place->node == nullptr) return fail(ErrorCode::no_entry);
  if (place->node->is(FileType::directory)) return fail(ErrorCode::is_directory);
  return place->node->bytes;
}

void MemoryFileSystem::each_file(const std::function<void(const std::string&)>& each) const {
  // One path for all: a guest makes directories as deep as it likes.
  struct Left {
    const Node* node;
    const std::string* name;
    std::size_t parent_size;
  };
  std::vector<Left> left;
  // The last one is taken first.
  const auto put_entries = [&](const Node& directory, std::size_t size) {
    for (auto entry = directory.entries.rbegin(); entry != directory.entries.rend(); ++entry)
      left.push_back({entry->second.node.get(), &entry->first, size});
  };
  std::string path;
  put_entries(*state_->root, 0);
  while (!left.empty()) {
    const Left at = left.back();
    left.pop_back();
    path.resize(at.parent_size);
    if (!path.empty()) path += '/';
    path += *at.name;
    if (at.node->is(FileType::directory)) {
      put_entries(*at.node, path.size());
    } else {
      each(path);
    }
  }
}

}  // namespace tenon::wasi
