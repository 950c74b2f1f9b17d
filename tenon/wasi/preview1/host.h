// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tenon/engine/instance.h"
#include "tenon/wasi/context.h"
#include "tenon/wasi/core/state.h"
#include "tenon/wasi/preview1.h"
#include "tenon/wasi/preview1/guest.h"
#include "tenon/wasi/preview1/table.h"

namespace tenon::wasi {

namespace p1 {
/// The times that a call asks to set.
[[nodiscard]] Answer<std::array<NewTime, 2>> new_times(std::uint64_t accessed,
                                                       std::uint64_t modified, std::uint32_t flags);
}  // namespace p1

/// A function that only ends by a trap.
struct NoReturn {};

/// The functions of preview 1, each under its name in preview1/functions.def, and what they share.
/// Parameters are those of the witx file, lowered: strings and lists as pointer and length, results
/// as pointers behind.
class Preview1::Host {
 public:
  using Fd = std::uint32_t;
  using Ptr = std::uint32_t;
  using Size = std::uint32_t;
  template <class T>
  using Answer = p1::Answer<T>;

  Host(engine::Store& store, Context& context);

  [[nodiscard]] engine::Store& store() const { return store_; }
  [[nodiscard]] std::vector<std::pair<const void*, engine::Func>>& made() { return made_; }
  /// Before each function: whose memory it is about.
  void enter(engine::VMContext* caller);

  Answer<void> args_get(Ptr argv, Ptr buffer);
  Answer<void> args_sizes_get(Ptr count, Ptr size);
  Answer<void> environ_get(Ptr environ, Ptr buffer);
  Answer<void> environ_sizes_get(Ptr count, Ptr size);
  Answer<void> clock_res_get(std::uint32_t id, Ptr result);
  Answer<void> clock_time_get(std::uint32_t id, std::uint64_t precision, Ptr result);
  Answer<void> fd_advise(Fd fd, std::uint64_t at, std::uint64_t size, std::uint32_t advice);
  Answer<void> fd_allocate(Fd fd, std::uint64_t at, std::uint64_t size);
  Answer<void> fd_close(Fd fd);
  Answer<void> fd_datasync(Fd fd);
  Answer<void> fd_fdstat_get(Fd fd, Ptr result);
  Answer<void> fd_fdstat_set_flags(Fd fd, std::uint32_t flags);
  Answer<void> fd_fdstat_set_rights(Fd fd, std::uint64_t base, std::uint64_t inheriting);
  Answer<void> fd_filestat_get(Fd fd, Ptr result);
  Answer<void> fd_filestat_set_size(Fd fd, std::uint64_t size);
  Answer<void> fd_filestat_set_times(Fd fd, std::uint64_t accessed, std::uint64_t modified,
                                     std::uint32_t flags);
  Answer<void> fd_pread(Fd fd, Ptr iovs, Size count, std::uint64_t at, Ptr result);
  Answer<void> fd_prestat_get(Fd fd, Ptr result);
  Answer<void> fd_prestat_dir_name(Fd fd, Ptr path, Size size);
  Answer<void> fd_pwrite(Fd fd, Ptr iovs, Size count, std::uint64_t at, Ptr result);
  Answer<void> fd_read(Fd fd, Ptr iovs, Size count, Ptr result);
  Answer<void> fd_readdir(Fd fd, Ptr buffer, Size size, std::uint64_t cookie, Ptr result);
  Answer<void> fd_renumber(Fd from, Fd to);
  Answer<void> fd_seek(Fd fd, std::int64_t offset, std::uint32_t whence, Ptr result);
  Answer<void> fd_sync(Fd fd);
  Answer<void> fd_tell(Fd fd, Ptr result);
  Answer<void> fd_write(Fd fd, Ptr iovs, Size count, Ptr result);
  Answer<void> path_create_directory(Fd fd, Ptr path, Size size);
  Answer<void> path_filestat_get(Fd fd, std::uint32_t lookup, Ptr path, Size size, Ptr result);
  Answer<void> path_filestat_set_times(Fd fd, std::uint32_t lookup, Ptr path, Size size,
                                       std::uint64_t accessed, std::uint64_t modified,
                                       std::uint32_t flags);
  Answer<void> path_link(Fd from_fd, std::uint32_t lookup, Ptr from, Size from_size, Fd to_fd,
                         Ptr to, Size to_size);
  Answer<void> path_open(Fd fd, std::uint32_t lookup, Ptr path, Size size, std::uint32_t open,
                         std::uint64_t base, std::uint64_t inheriting, std::uint32_t flags,
                         Ptr result);
  Answer<void> path_readlink(Fd fd, Ptr path, Size size, Ptr buffer, Size buffer_size, Ptr result);
  Answer<void> path_remove_directory(Fd fd, Ptr path, Size size);
  Answer<void> path_rename(Fd from_fd, Ptr from, Size from_size, Fd to_fd, Ptr to, Size to_size);
  Answer<void> path_symlink(Ptr target, Size target_size, Fd fd, Ptr path, Size size);
  Answer<void> path_unlink_file(Fd fd, Ptr path, Size size);
  Answer<void> poll_oneoff(Ptr in, Ptr out, Size count, Ptr result);
  Answer<NoReturn> proc_exit(std::uint32_t code);
  Answer<void> proc_raise(std::uint32_t signal);
  Answer<void> sched_yield();
  Answer<void> random_get(Ptr buffer, Size size);
  Answer<void> sock_accept(Fd fd, std::uint32_t flags, Ptr result);
  Answer<void> sock_recv(Fd fd, Ptr iovs, Size count, std::uint32_t flags, Ptr size, Ptr result);
  Answer<void> sock_send(Fd fd, Ptr iovs, Size count, std::uint32_t flags, Ptr size);
  Answer<void> sock_shutdown(Fd fd, std::uint32_t how);

 private:
  /// Buffers of a guest's list: so many at a time as the system takes.
  struct Buffers {
    std::vector<std::span<std::uint8_t>> parts;
  };
  struct Waiting;

  [[nodiscard]] ContextState& world() { return context_.state(); }
  /// Takes fuel for work that the host does in the guest's place.
  Answer<void> charge(std::uint64_t units);
  Answer<Buffers> buffers(Ptr iovs, Size count);
  /// Of a file that has places, with the rights that are needed.
  Answer<p1::Entry*> file(Fd fd, p1::Rights needed);
  Answer<p1::Entry*> file_with(Fd fd, p1::Rights needed);
  Answer<p1::Entry*> directory(Fd fd, p1::Rights needed);
  Answer<void> put_text(std::span<const std::string> texts, Ptr pointers, Ptr buffer);
  Answer<void> put_sizes(std::span<const std::string> texts, Ptr count, Ptr size);
  [[nodiscard]] std::vector<std::string> environment();
  Answer<void> put_stat(Ptr at, const FileStat& stat);
  Answer<std::size_t> read_stream(p1::Entry& entry, const Buffers& into);
  Answer<std::size_t> write_stream(p1::Entry& entry, const Buffers& from);
  Answer<std::size_t> write_file(p1::Entry& entry, const Buffers& from);
  /// Until the operation of a stream may go on; `again` where the guest does not want to wait.
  Answer<void> wait_for(const p1::Entry& entry, bool read);
  Answer<void> subscribe(std::span<const std::uint8_t> subscription, Waiting& waiting);
  Answer<void> wait_for(Waiting& waiting);

  engine::Store& store_;
  Context& context_;
  p1::Guest guest_;
  p1::Table table_;
  engine::Instance* last_caller_ = nullptr;
  engine::Memory* last_memory_ = nullptr;
  /// Functions made so far, by their rows in the table.
  std::vector<std::pair<const void*, engine::Func>> made_;
};

}  // namespace tenon::wasi
