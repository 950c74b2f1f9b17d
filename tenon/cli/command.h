// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/cli/context.h"

namespace tenon::cli {

/// One option of a verb. A switch has no `value`; one that takes a value may be given several
/// times.
struct Option {
  /// Without the dashes.
  std::string_view name;
  /// 0: it has no short form.
  char letter = 0;
  /// What stands for its value in the help; empty: a switch.
  std::string_view value;
  std::string_view help;
  /// `a|b|c`: what it takes, when that is a closed list.
  std::string_view choices;
};

/// A parsed command line of one verb.
class Args {
 public:
  [[nodiscard]] bool has(std::string_view option) const;
  /// The last value given.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view option) const;
  /// All values given, in order.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view option) const;
  /// The value as a number; an error of rule `usage` when it is none.
  [[nodiscard]] Result<std::optional<std::uint64_t>> number(std::string_view option) const;
  /// The value as a time that is positive or 0, in seconds or with a unit: `0.5`, `500ms`, `5s`,
  /// `2m`, `1h`; at most 1,000,000 seconds. An error of rule `usage` when it is none.
  [[nodiscard]] Result<std::optional<std::chrono::nanoseconds>> duration(
      std::string_view option) const;
  /// The value in bytes, or with a unit: `64K` and `64KiB` are 2^16 bytes, `64KB` 64,000; `M`, `G`
  /// and `T` accordingly, in either case. An error of rule `usage` when it is none.
  [[nodiscard]] Result<std::optional<std::uint64_t>> size(std::string_view option) const;
  /// What is no option, in order.
  [[nodiscard]] const std::vector<std::string>& inputs() const { return inputs_; }
  /// The input at `i`, or `fallback`.
  [[nodiscard]] std::string_view input(std::size_t i, std::string_view fallback = {}) const;

 private:
  friend class ArgsBuilder;
  struct Given {
    std::string_view option;
    std::string value;
  };
  std::vector<Given> given_;
  std::vector<std::string> inputs_;
};

/// One verb: its row in the help, its options, and the function that does it.
struct Verb {
  /// As it is typed: "explain", "wit check".
  std::string_view name;
  /// What follows the name in its usage line.
  std::string_view usage;
  /// One line, lower case.
  std::string_view summary;
  std::span<const Option> options;
  std::size_t min_inputs = 0;
  std::size_t max_inputs = 0;
  /// For completion, a word an input (the last word stands for those that follow): `a|b|c`, or a
  /// kind of file or name from the table in completion.cpp, such as `@wit`. Empty: any file.
  std::string_view takes = {};
  /// Returns the exit code.
  int (*run)(Context&, const Args&) = nullptr;
  /// Further paragraphs of its help; ends in a newline when there are any.
  std::string_view more = {};
  /// What follows the first input belongs to the guest, options too.
  bool guest_args = false;
};

inline constexpr std::size_t any_number = 0xFFFFFFFF;

namespace verbs {
#define TENON_VERB(name, file) extern const Verb name;
#include "tenon/cli/verbs.def"
#undef TENON_VERB
}  // namespace verbs

/// Every verb, in the order of the table.
[[nodiscard]] std::span<const Verb* const> all_verbs();
/// Options that every verb takes.
[[nodiscard]] std::span<const Option> global_options();

/// Options many verbs share.
inline constexpr Option output_option{
    "output", 'o', "OUT", "write there instead of standard output", {}};
inline constexpr Option wat_option{"wat", 't', "", "write text instead of the binary", {}};
inline constexpr Option features_option{
    "features", 'f', "A,-B,…", "open or close feature gates", {}};
inline constexpr Option world_option{
    "world", 'w', "WORLD", "the world: [ns:pkg/]name[@version]", {}};
inline constexpr Option wit_features_option{
    "features", 0, "A,B,…", "open these WIT feature gates", {}};
inline constexpr Option all_wit_features_option{
    "all-features", 0, "", "open all WIT feature gates", {}};

/// Reads what follows the verb. Spec: docs/cli.md "Shape".
[[nodiscard]] Result<Args> parse_args(const Verb& verb, std::span<const std::string_view> words);

/// The verb that begins `words` and the number of words it takes, or what is wrong with it.
struct FoundVerb {
  const Verb* verb;
  std::size_t words;
};
[[nodiscard]] Result<FoundVerb> find_verb(std::span<const std::string_view> words);

[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Verb& verb);
/// The verbs of a group such as `wit`; empty when there is no such group.
[[nodiscard]] std::string group_help_text(std::string_view group);

/// An error of rule `usage`, exit code 2.
[[nodiscard]] Error usage_error(std::string detail, std::string help = {});

}  // namespace tenon::cli
