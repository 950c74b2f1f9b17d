// SPDX-License-Identifier: Apache-2.0

// Buckets in a file of SQLite's. The library is loaded when the first file is opened: what runs
// without one needs it neither installed nor linked. The few functions have had these types since
// 2009, and SQLite promises to keep them. SQLite itself never waits: it would sleep past the
// deadline of the guest. What finds the file locked is undone, the store waits, and it is tried
// again.
#include <dlfcn.h>

#include <chrono>
#include <limits>
#include <type_traits>
#include <utility>

#include "tenon/wasi/p2/buckets.h"

namespace tenon::wasi::p2 {
namespace {

struct sqlite3;
struct sqlite3_stmt;

constexpr int ok = 0;
constexpr int row = 100;
constexpr int done = 101;
constexpr int read_write_create_mutex = 0x2 | 0x4 | 0x10000;
constexpr int busy = 5;
constexpr std::chrono::seconds most_patience{5};

/// Its functions, found by name.
struct Library {
  int (*open_v2)(const char*, sqlite3**, int, const char*);
  int (*close_v2)(sqlite3*);
  int (*exec)(sqlite3*, const char*, void*, void*, char**);
  int (*errcode)(sqlite3*);
  int (*prepare_v2)(sqlite3*, const char*, int, sqlite3_stmt**, const char**);
  int (*finalize)(sqlite3_stmt*);
  int (*step)(sqlite3_stmt*);
  int (*bind_text)(sqlite3_stmt*, int, const char*, int, void (*)(void*));
  int (*bind_blob)(sqlite3_stmt*, int, const void*, int, void (*)(void*));
  int (*bind_int64)(sqlite3_stmt*, int, std::int64_t);
  const void* (*column_blob)(sqlite3_stmt*, int);
  int (*column_bytes)(sqlite3_stmt*, int);
  std::int64_t (*column_int64)(sqlite3_stmt*, int);
  const char* (*errmsg)(sqlite3*);

  [[nodiscard]] bool load() {
    // Never closed: others may hold it as well.
    void* const at = ::dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    if (at == nullptr) return false;
    const auto find = [&](auto& f, const char* name) {
      f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(::dlsym(at, name));
      return f != nullptr;
    };
    return find(open_v2, "sqlite3_open_v2") && find(close_v2, "sqlite3_close_v2") &&
           find(exec, "sqlite3_exec") && find(errcode, "sqlite3_errcode") &&
           find(prepare_v2, "sqlite3_prepare_v2") && find(finalize, "sqlite3_finalize") &&
           find(step, "sqlite3_step") && find(bind_text, "sqlite3_bind_text") &&
           find(bind_blob, "sqlite3_bind_blob") && find(bind_int64, "sqlite3_bind_int64") &&
           find(column_blob, "sqlite3_column_blob") && find(column_bytes, "sqlite3_column_bytes") &&
           find(column_int64, "sqlite3_column_int64") && find(errmsg, "sqlite3_errmsg");
  }
};

class SqliteBuckets final : public Buckets {
 public:
  explicit SqliteBuckets(Pause pause) : pause_(std::move(pause)) {}
  ~SqliteBuckets() override {
    if (db_ != nullptr) lib_.close_v2(db_);
  }
  [[nodiscard]] BucketResult<void> open(const std::string& path) {
    if (!lib_.load()) return std::unexpected("libsqlite3 is not installed");
    if (lib_.open_v2(path.c_str(), &db_, read_write_create_mutex, nullptr) != ok) return failed();
    return patiently([&] {
      return run(
          "CREATE TABLE IF NOT EXISTS keyvalue (id INTEGER PRIMARY KEY AUTOINCREMENT, "
          "bucket TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (bucket, key))");
    });
  }

  BucketResult<std::optional<Bytes>> get(const std::string& bucket,
                                         const std::string& key) override {
    return patiently([&] { return find_value(bucket, key); });
  }
  BucketResult<void> set(const std::string& bucket,
                         std::vector<std::pair<std::string, Bytes>> entries) override {
    return whole([&]() -> BucketResult<void> {
      for (const auto& [key, value] : entries) {
        Statement put(*this,
                      "INSERT INTO keyvalue (bucket, key, value) VALUES (?1, ?2, ?3) "
                      "ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value");
        put.text(1, bucket);
        put.text(2, key);
        put.blob(3, value);
        if (put.step() != done) return failed();
      }
      return {};
    });
  }
  BucketResult<void> remove(const std::string& bucket,
                            const std::vector<std::string>& keys) override {
    return whole([&]() -> BucketResult<void> {
      for (const auto& key : keys) {
        Statement drop(*this, "DELETE FROM keyvalue WHERE bucket = ?1 AND key = ?2");
        drop.text(1, bucket);
        drop.text(2, key);
        if (drop.step() != done) return failed();
      }
      return {};
    });
  }
  BucketResult<bool> exists(const std::string& bucket, const std::string& key) override {
    return patiently([&]() -> BucketResult<bool> {
      Statement find(*this, "SELECT 1 FROM keyvalue WHERE bucket = ?1 AND key = ?2");
      find.text(1, bucket);
      find.text(2, key);
      const int code = find.step();
      if (code != row && code != done) return failed();
      return code == row;
    });
  }
  BucketResult<KeyPage> list(const std::string& bucket,
                             std::optional<std::uint64_t> cursor) override {
    // No entry has such a number.
    if (cursor && *cursor > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      return KeyPage();
    return patiently([&] { return page(bucket, cursor); });
  }
  BucketResult<std::uint64_t> increment(const std::string& bucket, const std::string& key,
                                        std::uint64_t delta) override {
    BucketResult<std::uint64_t> number = 0;
    const auto did = whole([&]() -> BucketResult<void> {
      const auto value = find_value(bucket, key);
      if (!value) return std::unexpected(value.error());
      number = sum(*value, delta);
      if (!number) return std::unexpected(number.error());
      const auto text = to_bytes(*number);
      Statement put(*this,
                    "INSERT INTO keyvalue (bucket, key, value) VALUES (?1, ?2, ?3) "
                    "ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value");
      put.text(1, bucket);
      put.text(2, key);
      put.blob(3, text);
      if (put.step() != done) return failed();
      return {};
    });
    if (!did) return std::unexpected(did.error());
    return number;
  }

 private:
  class Statement {
   public:
    Statement(SqliteBuckets& of, const char* sql) : lib_(of.lib_) {
      code_ = lib_.prepare_v2(of.db_, sql, -1, &statement_, nullptr);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { (void)lib_.finalize(statement_); }
    // What is bound outlives the statement.
    void text(int at, const std::string& value) {
      keep(lib_.bind_text(statement_, at, value.data(), static_cast<int>(value.size()), nullptr));
    }
    void blob(int at, const Bytes& value) {
      // No bytes are not no value.
      keep(lib_.bind_blob(statement_, at,
                          value.empty() ? "" : static_cast<const void*>(value.data()),
                          static_cast<int>(value.size()), nullptr));
    }
    void number(int at, std::int64_t value) { keep(lib_.bind_int64(statement_, at, value)); }
    [[nodiscard]] int step() { return code_ != ok ? code_ : lib_.step(statement_); }
    [[nodiscard]] Bytes blob(int column) const {
      const auto* begin = static_cast<const std::uint8_t*>(lib_.column_blob(statement_, column));
      const int size = lib_.column_bytes(statement_, column);
      return begin == nullptr ? Bytes() : Bytes(begin, begin + size);
    }
    [[nodiscard]] std::int64_t number(int column) const {
      return lib_.column_int64(statement_, column);
    }

   private:
    void keep(int code) {
      if (code_ == ok) code_ = code;
    }
    Library& lib_;
    sqlite3_stmt* statement_ = nullptr;
    int code_ = ok;
  };

  BucketResult<std::optional<Bytes>> find_value(const std::string& bucket, const std::string& key) {
    Statement find(*this, "SELECT value FROM keyvalue WHERE bucket = ?1 AND key = ?2");
    find.text(1, bucket);
    find.text(2, key);
    const int code = find.step();
    if (code == done) return std::optional<Bytes>();
    if (code != row) return failed();
    return std::optional(find.blob(0));
  }
  BucketResult<KeyPage> page(const std::string& bucket, std::optional<std::uint64_t> cursor) {
    Statement find(*this,
                   "SELECT id, key FROM keyvalue WHERE bucket = ?1 AND id > ?2 ORDER BY id "
                   "LIMIT 1001");
    find.text(1, bucket);
    find.number(2, static_cast<std::int64_t>(cursor.value_or(0)));
    KeyPage out;
    for (int code = find.step();; code = find.step()) {
      if (code != row && code != done) return failed();
      if (code == done) {
        out.cursor.reset();
        return out;
      }
      if (out.keys.size() == page_keys) return out;
      const auto key = find.blob(1);
      out.keys.emplace_back(key.begin(), key.end());
      out.cursor = static_cast<std::uint64_t>(find.number(0));
    }
  }
  [[nodiscard]] std::unexpected<std::string> failed() {
    // Extended codes keep the plain one in their low byte.
    locked_ = (lib_.errcode(db_) & 0xFF) == busy;
    return std::unexpected(std::string(lib_.errmsg(db_)));
  }
  BucketResult<void> run(const char* sql) {
    if (lib_.exec(db_, sql, nullptr, nullptr, nullptr) != ok) return failed();
    return {};
  }
  /// Again and again while the file is locked. Nothing of SQLite's is open between two tries:
  /// another guest of the store may use the buckets meanwhile.
  template <class F>
  std::invoke_result_t<F> patiently(F f) {
    const auto begin = std::chrono::steady_clock::now();
    while (true) {
      locked_ = false;
      auto did = f();
      if (did || !locked_ || std::chrono::steady_clock::now() - begin > most_patience) return did;
      pause_();
    }
  }
  /// All of it or nothing. `f` may run more than once.
  template <class F>
  BucketResult<void> whole(F f) {
    return patiently([&]() -> BucketResult<void> {
      if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
      auto did = f();
      if (did) did = run("COMMIT");
      if (!did) {
        const bool locked = locked_;
        (void)run("ROLLBACK");
        locked_ = locked;
      }
      return did;
    });
  }

  Library lib_{};
  sqlite3* db_ = nullptr;
  Pause pause_;
  /// The last failure was another process's lock.
  bool locked_ = false;
};

}  // namespace

BucketResult<std::unique_ptr<Buckets>> Buckets::file(const std::string& path, Pause pause) {
  auto made = std::make_unique<SqliteBuckets>(std::move(pause));
  if (auto opened = made->open(path); !opened) return std::unexpected(opened.error());
  return made;
}

}  // namespace tenon::wasi::p2
