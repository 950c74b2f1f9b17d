// SPDX-License-Identifier: Apache-2.0
// Descriptors are numbers that the guest sees; the lowest free number is given first, as POSIX
// does, because C libraries rely on it. `renumber` replaces its target in one step.
#include "tenon/wasi/preview1/table.h"

#include "tenon/base/narrow.h"

namespace tenon::wasi::p1 {

Answer<Entry*> Table::find(std::uint32_t fd) {
  if (fd >= entries_.size() || entries_[fd] == nullptr) return stop(Errno::badf);
  return entries_[fd].get();
}

Answer<void> Table::check(std::uint32_t fd) {
  if (auto found = find(fd); !found) return stop(std::move(found).error());
  return {};
}

Answer<std::uint32_t> Table::add(Entry entry) {
  entry.token = quota_.take();
  if (!entry.token) return stop(Errno::mfile);
  auto made = std::make_shared<Entry>(std::move(entry));
  if (free_.empty()) {
    entries_.push_back(std::move(made));
    return narrow<std::uint32_t>(entries_.size() - 1);
  }
  const std::uint32_t fd = free_.top();
  free_.pop();
  entries_[fd] = std::move(made);
  return fd;
}

void Table::free(std::uint32_t fd) {
  entries_[fd] = nullptr;
  free_.push(fd);
}

Answer<void> Table::close(std::uint32_t fd) {
  TENON_TRY(check(fd));
  free(fd);
  return {};
}

Answer<void> Table::renumber(std::uint32_t from, std::uint32_t to) {
  TENON_TRY(check(from));
  TENON_TRY(check(to));
  if (from == to) return {};
  entries_[to] = std::move(entries_[from]);
  free(from);
  return {};
}

}  // namespace tenon::wasi::p1
