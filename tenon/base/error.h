// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/bad_access.h"
#include "tenon/base/copy_on_write.h"

namespace tenon {

/// A stretch of one source: byte offsets, `end` is exclusive. `source` is the number that
/// `SourceSet::add` gave; 0 is the first source or, where nobody made a set, the only one.
struct Span {
  static constexpr std::uint32_t no_source = 0xFFFFFFFF;

  std::uint32_t source = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  /// A span for what has no place, such as a file that cannot be read.
  static constexpr Span none() { return {no_source, 0, 0}; }
  friend constexpr bool operator==(const Span&, const Span&) = default;
};

/// A rule that an input can break. Every room lists its own in `rules.def`; a rule is a constant
/// and is told apart by its id alone.
struct Rule {
  /// What `error[...]` shows and `tenon explain` takes, such as "core-type-mismatch".
  std::string_view id;
  /// Where the rule is: "Binary.md \"Canonical Definitions\"" or an anchor of the core text.
  std::string_view spec;
  /// The rule as a short sentence, lower case, without a full stop.
  std::string_view message;
  /// The file that checks it, below the source root.
  std::string_view file;

  friend constexpr bool operator==(const Rule& a, const Rule& b) { return a.id == b.id; }
};

enum class Severity : std::uint8_t { error, warning };

/// A second place that explains an error.
struct Note {
  std::optional<Span> span;
  std::string text;
};

/// A mechanical fix: replace what is in `span` by `text`.
struct Fix {
  Span span;
  std::string text;
};

/// What was wrong with an input: the rule, where, the particulars, and what to do about it.
/// One pointer wide, so that `Result<int>` stays 16 bytes. Copies share what they say; different
/// copies may be used from several threads. An error that was moved from has no rule and no text.
class Error {
 public:
  Error(const Rule& rule, Span span, std::string detail = {});

  [[nodiscard]] const Rule& rule() const { return data_->rule; }
  [[nodiscard]] Span span() const { return data_->span; }
  /// What was found before what was wanted; may be empty when the rule's message says it all.
  [[nodiscard]] const std::string& detail() const { return data_->detail; }
  [[nodiscard]] Severity severity() const { return data_->severity; }
  [[nodiscard]] const std::vector<Note>& notes() const { return data_->notes; }
  [[nodiscard]] const std::string& help_text() const { return data_->help; }
  [[nodiscard]] const std::vector<Fix>& fixes() const { return data_->fixes; }

  /// Names another place that explains the error.
  Error&& note(Span span, std::string text) &&;
  /// Explains the error without a place.
  Error&& note(std::string text) &&;
  /// Says what to do: the nearest name, the exact flag to pass.
  Error&& help(std::string text) &&;
  /// Adds a mechanical fix.
  Error&& fix(Span span, std::string text) &&;
  /// Turns the error into a warning.
  Error&& as_warning() &&;
  /// Moves the span to another source, for readers that did not know theirs.
  void set_source(std::uint32_t source);

  /// "message: detail", without the place. One line.
  [[nodiscard]] std::string text() const;

 private:
  struct Data {
    Rule rule;
    Span span;
    Severity severity = Severity::error;
    std::string detail;
    std::vector<Note> notes;
    std::string help;
    std::vector<Fix> fixes;
  };
  CopyOnWrite<Data> data_;
};

/// A value, or why there is none. `.value()` throws what `std::bad_expected_access<Error>` is
/// below.
template <class T>
using Result = std::expected<T, Error>;

/// Collects what a room that recovers finds: parsers, resolvers, linters. One thread at a time.
class Diagnostics {
 public:
  /// Keeps at most `limit` errors; what comes after is counted only.
  explicit Diagnostics(std::size_t limit = 100) : limit_(limit) {}

  void report(Error error);
  [[nodiscard]] const std::vector<Error>& all() const { return all_; }
  [[nodiscard]] bool has_errors() const { return errors_ != 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  /// Gives the collected errors away, in the order in which they were reported.
  [[nodiscard]] std::vector<Error> take() { return std::move(all_); }

 private:
  std::vector<Error> all_;
  std::size_t limit_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace tenon

/// Its `what()` is the error's text.
template <>
class std::bad_expected_access<tenon::Error> : public tenon::BadAccess<tenon::Error> {
 public:
  using BadAccess::BadAccess;
};

/// Unwraps a `Result` or returns its error. Stands only as the initialiser of a local or as a whole
/// statement (g++ 12.2 leaks when it returns out of an aggregate initialiser).
#define TENON_TRY(...)                                       \
  __extension__({                                            \
    auto tenon_try_ = (__VA_ARGS__);                         \
    if (!tenon_try_) [[unlikely]]                            \
      return std::unexpected(std::move(tenon_try_).error()); \
    *std::move(tenon_try_);                                  \
  })
