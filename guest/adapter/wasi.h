// SPDX-License-Identifier: Apache-2.0
// What the adapter imports of WASI 0.2, each from the lowest version that has it, in the flat form
// of the Canonical ABI. An import that no function of preview1 reaches in a program is left out of
// its component, and so is its interface. The worlds in ../../tenon/builder/preview1.cpp name the
// same interfaces; a test compares them with `@since`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define WASI(interface, name) __attribute__((import_module("wasi:" interface), import_name(name)))

/// Handles of resources.
using Handle = uint32_t;

namespace adapter {

/// What a host allocated for us.
template <class T>
struct List {
  T* data;
  uint32_t size;
};
using String = List<const char>;

struct Datetime {
  uint64_t seconds;
  uint32_t nanoseconds;
};

struct MaybeDatetime {
  bool has;
  Datetime value;
};

enum class DescriptorType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  fifo,
  symbolic_link,
  regular_file,
  socket,
};

namespace descriptor_flags {
inline constexpr uint32_t read = 1;
inline constexpr uint32_t write = 2;
inline constexpr uint32_t file_integrity_sync = 4;
inline constexpr uint32_t data_integrity_sync = 8;
inline constexpr uint32_t requested_write_sync = 16;
inline constexpr uint32_t mutate_directory = 32;
}  // namespace descriptor_flags

struct DescriptorStat {
  DescriptorType type;
  uint64_t link_count;
  uint64_t size;
  MaybeDatetime atim;
  MaybeDatetime mtim;
  MaybeDatetime ctim;
};

struct MetadataHash {
  uint64_t lower;
  uint64_t upper;
};

struct DirectoryEntry {
  DescriptorType type;
  String name;
};

struct MaybeEntry {
  bool has;
  DirectoryEntry value;
};

struct Bytes {
  List<uint8_t> list;
  bool end;
};

/// `result<T, error-code>`: `code` is a number of wasi:filesystem's enum.
template <class T>
struct Outcome {
  bool failed;
  union {
    T value;
    uint8_t code;
  };
};
struct Nothing {
  uint8_t unused;
};

/// `result<T, stream-error>`.
struct StreamError {
  /// Otherwise `last-operation-failed`, with an error.
  uint8_t is_closed;
  Handle error;
};
template <class T>
struct Streamed {
  bool failed;
  union {
    T value;
    StreamError error;
  };
};

struct Preopen {
  Handle descriptor;
  String name;
};
struct Variable {
  String name;
  String value;
};
struct MaybeHandle {
  bool has;
  Handle value;
};
struct MaybeCode {
  bool has;
  uint8_t value;
};

static_assert(sizeof(Outcome<DescriptorStat>) == 104 && sizeof(Outcome<MaybeEntry>) == 20);
static_assert(sizeof(Streamed<uint64_t>) == 16 && sizeof(Streamed<Nothing>) == 12);

extern "C" {

WASI("cli/environment@0.2.0", "get-arguments") void wasi_get_arguments(List<String>*);
WASI("cli/environment@0.2.0", "get-environment") void wasi_get_environment(List<Variable>*);
WASI("cli/exit@0.2.0", "exit") void wasi_exit(uint32_t failed);
WASI("cli/exit@0.2.12", "exit-with-code") void wasi_exit_with_code(uint32_t code);
WASI("cli/stdin@0.2.0", "get-stdin") Handle wasi_get_stdin();
WASI("cli/stdout@0.2.0", "get-stdout") Handle wasi_get_stdout();
WASI("cli/stderr@0.2.0", "get-stderr") Handle wasi_get_stderr();
WASI("cli/terminal-stdin@0.2.0", "get-terminal-stdin") void wasi_get_terminal_stdin(MaybeHandle*);
WASI("cli/terminal-stdout@0.2.0", "get-terminal-stdout")
void wasi_get_terminal_stdout(MaybeHandle*);
WASI("cli/terminal-stderr@0.2.0", "get-terminal-stderr")
void wasi_get_terminal_stderr(MaybeHandle*);
WASI("cli/terminal-input@0.2.0", "[resource-drop]terminal-input")
void wasi_drop_terminal_input(Handle);
WASI("cli/terminal-output@0.2.0", "[resource-drop]terminal-output")
void wasi_drop_terminal_output(Handle);

WASI("clocks/monotonic-clock@0.2.0", "now") uint64_t wasi_monotonic_now();
WASI("clocks/monotonic-clock@0.2.0", "resolution") uint64_t wasi_monotonic_resolution();
WASI("clocks/monotonic-clock@0.2.0", "subscribe-instant") Handle wasi_subscribe_instant(uint64_t);
WASI("clocks/monotonic-clock@0.2.0", "subscribe-duration") Handle wasi_subscribe_duration(uint64_t);
WASI("clocks/wall-clock@0.2.0", "now") void wasi_wall_now(Datetime*);
WASI("clocks/wall-clock@0.2.0", "resolution") void wasi_wall_resolution(Datetime*);

WASI("random/random@0.2.0", "get-random-bytes") void wasi_random_bytes(uint64_t, List<uint8_t>*);

WASI("io/error@0.2.0", "[resource-drop]error") void wasi_drop_error(Handle);
WASI("io/poll@0.2.0", "poll") void wasi_poll(const Handle*, uint32_t, List<uint32_t>*);
WASI("io/poll@0.2.0", "[resource-drop]pollable") void wasi_drop_pollable(Handle);
WASI("io/streams@0.2.0", "[method]input-stream.read")
void wasi_read(Handle, uint64_t, Streamed<List<uint8_t>>*);
WASI("io/streams@0.2.0", "[method]input-stream.blocking-read")
void wasi_blocking_read(Handle, uint64_t, Streamed<List<uint8_t>>*);
WASI("io/streams@0.2.0", "[method]input-stream.subscribe") Handle wasi_subscribe_input(Handle);
WASI("io/streams@0.2.0", "[resource-drop]input-stream") void wasi_drop_input(Handle);
WASI("io/streams@0.2.0", "[method]output-stream.check-write")
void wasi_check_write(Handle, Streamed<uint64_t>*);
WASI("io/streams@0.2.0", "[method]output-stream.write")
void wasi_write(Handle, const uint8_t*, uint32_t, Streamed<Nothing>*);
WASI("io/streams@0.2.0", "[method]output-stream.blocking-flush")
void wasi_blocking_flush(Handle, Streamed<Nothing>*);
WASI("io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush")
void wasi_blocking_write(Handle, const uint8_t*, uint32_t, Streamed<Nothing>*);
WASI("io/streams@0.2.0", "[method]output-stream.subscribe") Handle wasi_subscribe_output(Handle);
WASI("io/streams@0.2.0", "[resource-drop]output-stream") void wasi_drop_output(Handle);

WASI("filesystem/preopens@0.2.0", "get-directories") void wasi_get_directories(List<Preopen>*);

#define FILESYSTEM(name) WASI("filesystem/types@0.2.0", name)
#define DESCRIPTOR(name) FILESYSTEM("[method]descriptor." name)
DESCRIPTOR("read-via-stream") void wasi_read_stream(Handle, uint64_t, Outcome<Handle>*);
DESCRIPTOR("append-via-stream") void wasi_append_stream(Handle, Outcome<Handle>*);
DESCRIPTOR("advise")
void wasi_advise(Handle, uint64_t offset, uint64_t length, uint32_t advice, Outcome<Nothing>*);
DESCRIPTOR("sync-data") void wasi_sync_data(Handle, Outcome<Nothing>*);
DESCRIPTOR("get-flags") void wasi_get_flags(Handle, Outcome<uint8_t>*);
DESCRIPTOR("get-type") void wasi_get_type(Handle, Outcome<DescriptorType>*);
DESCRIPTOR("set-size") void wasi_set_size(Handle, uint64_t, Outcome<Nothing>*);
DESCRIPTOR("set-times")
void wasi_set_times(Handle, uint32_t, uint64_t, uint32_t, uint32_t, uint64_t, uint32_t,
                    Outcome<Nothing>*);
DESCRIPTOR("read") void wasi_read_at(Handle, uint64_t length, uint64_t offset, Outcome<Bytes>*);
DESCRIPTOR("write")
void wasi_write_at(Handle, const uint8_t*, uint32_t, uint64_t offset, Outcome<uint64_t>*);
DESCRIPTOR("read-directory") void wasi_read_directory(Handle, Outcome<Handle>*);
DESCRIPTOR("sync") void wasi_sync(Handle, Outcome<Nothing>*);
DESCRIPTOR("create-directory-at")
void wasi_create_directory_at(Handle, const char*, uint32_t, Outcome<Nothing>*);
DESCRIPTOR("stat") void wasi_stat(Handle, Outcome<DescriptorStat>*);
DESCRIPTOR("stat-at")
void wasi_stat_at(Handle, uint32_t, const char*, uint32_t, Outcome<DescriptorStat>*);
DESCRIPTOR("set-times-at")
void wasi_set_times_at(Handle, uint32_t, const char*, uint32_t, uint32_t, uint64_t, uint32_t,
                       uint32_t, uint64_t, uint32_t, Outcome<Nothing>*);
DESCRIPTOR("link-at")
void wasi_link_at(Handle, uint32_t, const char*, uint32_t, Handle, const char*, uint32_t,
                  Outcome<Nothing>*);
DESCRIPTOR("open-at")
void wasi_open_at(Handle, uint32_t path_flags, const char*, uint32_t, uint32_t open_flags,
                  uint32_t flags, Outcome<Handle>*);
DESCRIPTOR("readlink-at") void wasi_readlink_at(Handle, const char*, uint32_t, Outcome<String>*);
DESCRIPTOR("remove-directory-at")
void wasi_remove_directory_at(Handle, const char*, uint32_t, Outcome<Nothing>*);
DESCRIPTOR("rename-at")
void wasi_rename_at(Handle, const char*, uint32_t, Handle, const char*, uint32_t,
                    Outcome<Nothing>*);
DESCRIPTOR("symlink-at")
void wasi_symlink_at(Handle, const char*, uint32_t, const char*, uint32_t, Outcome<Nothing>*);
DESCRIPTOR("unlink-file-at")
void wasi_unlink_file_at(Handle, const char*, uint32_t, Outcome<Nothing>*);
DESCRIPTOR("metadata-hash") void wasi_metadata_hash(Handle, Outcome<MetadataHash>*);
DESCRIPTOR("metadata-hash-at")
void wasi_metadata_hash_at(Handle, uint32_t, const char*, uint32_t, Outcome<MetadataHash>*);
FILESYSTEM("[resource-drop]descriptor") void wasi_drop_descriptor(Handle);
FILESYSTEM("[method]directory-entry-stream.read-directory-entry")
void wasi_read_entry(Handle, Outcome<MaybeEntry>*);
FILESYSTEM("[resource-drop]directory-entry-stream") void wasi_drop_entries(Handle);
FILESYSTEM("filesystem-error-code") void wasi_error_code(Handle, MaybeCode*);
#undef DESCRIPTOR
#undef FILESYSTEM

/// Of the program itself.
__attribute__((import_module("__main_module__"), import_name("_start"))) void main_start();
__attribute__((import_module("__main_module__"), import_name("cabi_realloc"))) void* main_realloc(
    void* old, size_t old_size, size_t align, size_t size);

}  // extern "C"
}  // namespace adapter
#undef WASI
