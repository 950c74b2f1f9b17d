// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "tenon/base/nearest.h"
#include "tenon/base/number.h"
#include "tenon/builder/project.h"
#include "tenon/cli/foreign_flags.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

constexpr const Verb* table[] = {
#define TENON_VERB(name, file) &verbs::name,
#include "tenon/cli/verbs.def"
#undef TENON_VERB
};

constexpr Option globals[] = {
    {"help", 'h', "", "show this help", {}},
    {"version", 'V', "", "show the version", {}},
    {"verbose", 'v', "", "say more; twice: still more", {}},
    {"quiet", 'q', "", "say nothing but errors", {}},
    {"color", 0, "WHEN", "auto, always or never", "auto|always|never"},
    {"format", 0, "FORMAT", "text or json", "text|json"},
};

std::string_view group_of(std::string_view verb) {
  const auto space = verb.find(' ');
  return space == std::string_view::npos ? std::string_view() : verb.substr(0, space);
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const auto bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) break;
    choices.remove_prefix(bar + 1);
  }
  return false;
}

/// The choice that a word stands for: in another spelling, or the nearest.
std::string_view meant_choice(std::string_view choices, std::string_view value) {
  std::vector<std::string_view> names;
  while (!choices.empty()) {
    const auto bar = std::min(choices.find('|'), choices.size());
    names.push_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  std::string lower(value);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"yes", "always"},   {"no", "never"},         {"on", "always"},
      {"off", "never"},    {"plain", "text"},       {"utf-8", "utf8"},
      {"utf-16", "utf16"}, {"borrow", "borrowing"}, {"own", "owning"}};
  for (const auto& [other, name] : others) {
    if (other == lower) lower = name;
  }
  if (const auto lang = builder::meant_lang(lower)) lower = builder::to_string(*lang);
  for (const std::string_view name : names) {
    if (name == lower) return name;
  }
  return nearest(lower, names);
}

const Option* find_option(const Verb& verb, auto matches) {
  for (const Option& option : verb.options) {
    if (matches(option)) return &option;
  }
  for (const Option& option : globals) {
    if (matches(option)) return &option;
  }
  return nullptr;
}

Error unknown_option(const Verb& verb, std::string_view name) {
  if (const auto instead = instead_of_option(verb.name, name); !instead.empty())
    return usage_error(fmt::format("`tenon {}` has no option `--{}`", verb.name, name),
                       std::string(instead));
  std::vector<std::string_view> names;
  for (const Option& option : verb.options) names.push_back(option.name);
  for (const Option& option : globals) names.push_back(option.name);
  std::string_view near = nearest(name, names);
  for (const std::string_view known : names) {  // `--language` and `--out`
    if (near.empty() && name.size() >= 3 && (name.starts_with(known) || known.starts_with(name)))
      near = known;
  }
  return usage_error(fmt::format("`tenon {}` has no option `--{}`", verb.name, name),
                     near.empty() ? fmt::format("`tenon {} --help` lists its options", verb.name)
                                  : fmt::format("did you mean `--{}`?", near));
}

void append_options(std::string& out, std::span<const Option> options) {
  for (const Option& option : options) {
    std::string left = option.letter != 0 ? fmt::format("  -{}, ", option.letter) : "      ";
    left += fmt::format("--{}", option.name);
    if (!option.value.empty()) left += fmt::format(" {}", option.value);
    if (left.size() > 29) {
      out += left + "\n" + std::string(30, ' ');
    } else {
      out += fmt::format("{:<30}", left);
    }
    out += option.help;
    out += '\n';
  }
}

}  // namespace

std::span<const Verb* const> all_verbs() {
  return table;
}
std::span<const Option> global_options() {
  return globals;
}

Error usage_error(std::string detail, std::string help) {
  Error error(rules::usage, Span::none(), std::move(detail));
  if (help.empty()) return error;
  return std::move(error).help(std::move(help));
}

bool Args::has(std::string_view option) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const Given& g) { return g.option == option; });
}

std::optional<std::string_view> Args::value(std::string_view option) const {
  std::optional<std::string_view> last;
  for (const Given& given : given_) {
    if (given.option == option) last = given.value;
  }
  return last;
}

std::vector<std::string_view> Args::values(std::string_view option) const {
  std::vector<std::string_view> out;
  for (const Given& given : given_) {
    if (given.option == option) out.emplace_back(given.value);
  }
  return out;
}

Result<std::optional<std::uint64_t>> Args::number(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc() || end != text->data() + text->size()) {
    return std::unexpected(
        usage_error(fmt::format("`--{}` takes a number, found `{}`", option, *text),
                    "digits alone, such as `1000`"));
  }
  return std::optional<std::uint64_t>(number);
}

namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr Unit time_units[] = {{"", 1},      {"s", 1},  {"ms", 1e-3}, {"us", 1e-6},
                               {"ns", 1e-9}, {"m", 60}, {"h", 3600}};
constexpr Unit size_units[] = {
    {"", 1},       {"b", 1},        {"k", 0x1p10},   {"kib", 0x1p10}, {"kb", 1e3},
    {"m", 0x1p20}, {"mib", 0x1p20}, {"mb", 1e6},     {"g", 0x1p30},   {"gib", 0x1p30},
    {"gb", 1e9},   {"t", 0x1p40},   {"tib", 0x1p40}, {"tb", 1e12},
};

/// A decimal number and a unit behind it, with or without a space; not negative.
std::optional<double> number_with_unit(std::string_view text, std::span<const Unit> units) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  double value = 0;
  if (parse_float(text.substr(0, digits), value) != std::errc()) return std::nullopt;
  text.remove_prefix(digits);
  if (text.starts_with(' ')) text.remove_prefix(1);
  std::string name(text);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Unit& unit : units) {
    if (unit.name == name) return value * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::chrono::nanoseconds>> Args::duration(std::string_view option) const {
  using Duration = std::optional<std::chrono::nanoseconds>;
  const auto text = value(option);
  if (!text) return Duration();
  const auto seconds = number_with_unit(*text, time_units);
  if (!seconds) {
    return std::unexpected(
        usage_error(fmt::format("`--{}` takes a time, found `{}`", option, *text),
                    "in seconds or with a unit: `0.5`, `500ms`, `5s`, `2m`"));
  }
  return Duration(std::chrono::nanoseconds(std::llround(std::min(*seconds, 1e6) * 1e9)));
}

Result<std::optional<std::uint64_t>> Args::size(std::string_view option) const {
  const auto text = value(option);
  if (!text) return std::optional<std::uint64_t>();
  // Plain digits are exact; a double is not, above 2^53.
  std::uint64_t plain = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), plain);
  if (code == std::errc() && end == text->data() + text->size())
    return std::optional<std::uint64_t>(plain);
  const auto bytes = number_with_unit(*text, size_units);
  if (!bytes || *bytes >= 0x1p64) {
    return std::unexpected(
        usage_error(fmt::format("`--{}` takes a size, found `{}`", option, *text),
                    "in bytes or with a unit: `67108864`, `64M`, `64MiB`"));
  }
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(*bytes));
}

std::string_view Args::input(std::size_t i, std::string_view fallback) const {
  return i < inputs_.size() ? std::string_view(inputs_[i]) : fallback;
}

/// Reads the words one after the other.
class ArgsBuilder {
 public:
  ArgsBuilder(const Verb& verb, std::span<const std::string_view> words)
      : verb_(verb), words_(words) {}

  Result<Args> build() {
    for (; at_ < words_.size(); ++at_) {
      const std::string_view word = words_[at_];
      if (only_inputs_ || word.size() < 2 || word[0] != '-') {
        args_.inputs_.emplace_back(word);
        if (verb_.guest_args) only_inputs_ = true;
      } else if (word == "--") {
        only_inputs_ = true;
      } else if (word[1] == '-') {
        TENON_TRY(long_option(word.substr(2)));
      } else {
        TENON_TRY(short_options(word.substr(1)));
      }
    }
    return std::move(args_);
  }

 private:
  Result<void> long_option(std::string_view word) {
    const auto equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const Option* option = find_option(verb_, [&](const Option& o) { return o.name == name; });
    if (option == nullptr) return std::unexpected(unknown_option(verb_, name));
    if (equals == std::string_view::npos) return take(*option, std::nullopt);
    if (option->value.empty()) {
      return std::unexpected(usage_error(fmt::format("`--{}` takes no value", name)));
    }
    return take(*option, word.substr(equals + 1));
  }

  Result<void> short_options(std::string_view letters) {
    while (!letters.empty()) {
      const char letter = letters[0];
      letters.remove_prefix(1);
      const Option* option =
          find_option(verb_, [&](const Option& o) { return o.letter == letter; });
      if (option == nullptr) return std::unexpected(unknown_letter(letter, letters));
      if (option->value.empty() || letters.empty()) {
        TENON_TRY(take(*option, std::nullopt));
        continue;
      }
      if (letters[0] == '=') letters.remove_prefix(1);
      return take(*option, letters);
    }
    return {};
  }

  Error unknown_letter(char letter, std::string_view rest) const {
    std::string help = fmt::format("`tenon {} --help` lists its options", verb_.name);
    if (const auto other = instead_of_option(verb_.name, std::string_view(&letter, 1));
        !other.empty())
      help = other;
    if (verb_.guest_args) {
      const auto value = rest.empty() && at_ + 1 < words_.size() ? words_[at_ + 1] : rest;
      if (auto instead = instead_of_foreign_flag(letter, value); !instead.empty())
        help = std::move(instead);
    }
    return usage_error(fmt::format("`tenon {}` has no option `-{}`", verb_.name, letter),
                       std::move(help));
  }

  Result<void> take(const Option& option, std::optional<std::string_view> value) {
    if (!option.value.empty() && !value) {
      if (at_ + 1 >= words_.size()) {
        return std::unexpected(
            usage_error(fmt::format("`--{}` wants a value: {}", option.name, option.value)));
      }
      value = words_[++at_];
    }
    if (value && !option.choices.empty() && !is_choice(option.choices, *value)) {
      const std::string_view meant = meant_choice(option.choices, *value);
      return std::unexpected(usage_error(
          fmt::format("`--{}` takes {}, found `{}`", option.name, option.choices, *value),
          meant.empty() ? std::string() : fmt::format("write `--{} {}`", option.name, meant)));
    }
    args_.given_.push_back({option.name, std::string(value.value_or(std::string_view()))});
    return {};
  }

  const Verb& verb_;
  std::span<const std::string_view> words_;
  std::size_t at_ = 0;
  bool only_inputs_ = false;
  Args args_;
};

Result<Args> parse_args(const Verb& verb, std::span<const std::string_view> words) {
  Args args = TENON_TRY(ArgsBuilder(verb, words).build());
  if (args.has("help") || args.has("version")) return args;
  const std::string usage = fmt::format("usage: tenon {} {}", verb.name, verb.usage);
  if (args.inputs().size() < verb.min_inputs) {
    return std::unexpected(usage_error("an input is missing", usage));
  }
  if (args.inputs().size() > verb.max_inputs) {
    const std::string_view extra = args.inputs()[verb.max_inputs];
    // `tenon new hello cpp`: the word is the value of an option.
    for (const Option& option : verb.options) {
      if (option.choices.empty() || args.has(option.name)) continue;
      const std::string_view meant = meant_choice(option.choices, extra);
      const bool fits = is_choice(option.choices, extra);
      if (fits || !meant.empty())
        return std::unexpected(
            usage_error(fmt::format("unexpected `{}`", extra),
                        fmt::format("write `tenon {} {} --{} {}`", verb.name, args.inputs()[0],
                                    option.name, fits ? extra : meant)));
    }
    return std::unexpected(usage_error(fmt::format("unexpected `{}`", extra), usage));
  }
  return args;
}

namespace {

/// Verbs that docs/cli.md describes and nobody has built.
struct Planned {
  std::string_view name;
  std::string_view instead;
};
constexpr Planned planned[] = {
    {"compose", "`tenon run --link OTHER.wasm` satisfies imports from what another one exports"},
    {"plug", "`tenon run --link OTHER.wasm` satisfies imports from what another one exports"},
    {"compile", "`tenon run` interprets a component as it is"},
    {"serve", "`tenon run --invoke 'name(args)' COMPONENT` calls one function"},
    {"repl", "`tenon run --invoke 'name(args)' COMPONENT` calls one function"},
};

/// Words of other programs that no verb stands for, and what to do instead.
constexpr Planned without_verb[] = {
    {"clean", "remove the build folder: `rm -r build`"},
    {"transpile", "no JavaScript is made: `tenon run COMPONENT` runs a component as it is"},
    {"watch", "run `tenon build` after a change: it compiles only what changed"},
    {"dev", "run `tenon build` after a change: it compiles only what changed"},
};

/// Words that other programs have for a verb; what follows `tenon ` here.
struct OtherName {
  std::string_view name;
  std::string_view instead;
};
constexpr OtherName other_names[] = {
    {"invoke", "run --invoke 'name(args)' COMPONENT"},
    {"call", "run --invoke 'name(args)' COMPONENT"},
    {"exec", "run COMPONENT"},
    {"start", "run COMPONENT"},
    {"wizer", "preinit INPUT --init-func FUNC -o OUT"},
    {"init", "new NAME --lang cpp"},
    {"create", "new NAME --lang cpp"},
    {"scaffold", "new NAME --lang cpp"},
    {"generate", "bindgen cpp wit"},
    {"gen", "bindgen cpp wit"},
    {"codegen", "bindgen cpp wit"},
    {"bindings", "bindgen cpp wit"},
    {"make", "build"},
    {"version", "--version"},
    {"-version", "--version"},
    {"format", "wit fmt wit"},
    {"doc", "wit doc wit"},
    {"verify", "validate INPUT"},
    {"info", "inspect INPUT"},
    {"objdump", "inspect INPUT"},
    {"show", "inspect INPUT"},
    {"wat2wasm", "parse INPUT -o OUT"},
    {"assemble", "parse INPUT -o OUT"},
    {"wasm2wat", "print INPUT"},
    {"disassemble", "print INPUT"},
    {"link", "run --link OTHER.wasm COMPONENT"},
    {"componentize", "component new MODULE -o OUT"},
    {"wat", "print INPUT"},
    {"types", "bindgen cpp wit"},
    {"guest-types", "bindgen cpp wit"},
    {"host-types", "bindgen cpp-host wit"},
    {"rust", "bindgen rust wit"},
    {"cpp", "bindgen cpp wit"},
    {"c++", "bindgen cpp wit"},
    {"c", "bindgen c wit"},
    {"cpp-host", "bindgen cpp-host wit"},
    {"markdown", "bindgen markdown wit"},
    {"completions", "completion bash"},
};
constexpr OtherName other_names_of_wit[] = {
    {"format", "wit fmt PATH"},      {"validate", "wit check PATH"},
    {"parse", "wit check PATH"},     {"compare", "wit diff OLD NEW"},
    {"show", "wit print PATH"},      {"bindgen", "bindgen cpp PATH"},
    {"generate", "bindgen cpp PATH"}};
constexpr OtherName other_names_of_component[] = {{"wit", "wit print INPUT"},
                                                  {"inspect", "inspect INPUT"},
                                                  {"info", "inspect INPUT"},
                                                  {"validate", "validate INPUT"},
                                                  {"print", "print INPUT"},
                                                  {"run", "run COMPONENT"},
                                                  {"build", "build DIR"},
                                                  {"init", "new NAME --lang cpp"},
                                                  {"create", "new NAME --lang cpp"},
                                                  {"bindings", "bindgen cpp wit"},
                                                  {"link", "run --link OTHER.wasm COMPONENT"},
                                                  {"compose", "run --link OTHER.wasm COMPONENT"},
                                                  {"componentize", "component new MODULE -o OUT"}};

std::string_view instead_of(std::string_view word, std::span<const OtherName> names) {
  for (const OtherName& other : names) {
    if (other.name == word) return other.instead;
  }
  return {};
}

/// "`tenon wit check`, `tenon wit print`, …".
std::string verbs_of(std::string_view group) {
  std::string out;
  for (const Verb* verb : table) {
    if (group_of(verb->name) == group)
      out += fmt::format("{}`tenon {}`", out.empty() ? "" : ", ", verb->name);
  }
  return out;
}

/// What is done with a file that stands in the place of a group's verb.
std::string_view verb_of_file(std::string_view group, std::string_view word) {
  const bool binary = word.ends_with(".wasm") || word.ends_with(".wat");
  if (group == "wit") return binary ? "wit print" : word.ends_with(".wit") ? "wit check" : "";
  return binary ? "inspect" : "";
}

/// A group's name and no verb of it behind.
Error unknown_in_group(std::string_view group, std::span<const std::string_view> rest) {
  if (rest.empty() || rest[0].starts_with('-')) {
    return usage_error(fmt::format("`tenon {}` wants a verb of its own", group),
                       "one of " + verbs_of(group));
  }
  std::vector<std::string_view> names;
  for (const Verb* verb : table) {
    if (group_of(verb->name) == group) names.push_back(verb->name.substr(group.size() + 1));
  }
  Error report(rules::unknown_verb, Span::none(), fmt::format("`{} {}`", group, rest[0]));
  const auto instead =
      instead_of(rest[0], group == "wit" ? std::span<const OtherName>(other_names_of_wit)
                                         : other_names_of_component);
  if (!instead.empty()) return std::move(report).help(fmt::format("write `tenon {}`", instead));
  if (const auto verb = verb_of_file(group, rest[0]); !verb.empty())
    return std::move(report).help(fmt::format("write `tenon {} {}`", verb, rest[0]));
  const std::string_view near = nearest(rest[0], names);
  return std::move(report).help(near.empty()
                                    ? "one of " + verbs_of(group)
                                    : fmt::format("did you mean `tenon {} {}`?", group, near));
}

/// A verb's last word typed without its group: `fmt` for `wit fmt`.
std::string_view with_group(std::string_view word) {
  for (const Verb* verb : table) {
    const std::string_view group = group_of(verb->name);
    if (!group.empty() && verb->name.substr(group.size() + 1) == word) return verb->name;
  }
  return {};
}

Error unknown_verb(std::string_view first) {
  for (const Planned& verb : planned) {
    if (verb.name == first) {
      return Error(rules::not_built, Span::none(), fmt::format("`tenon {}`", first))
          .help(std::string(verb.instead));
    }
  }
  for (const Planned& word : without_verb) {
    if (word.name == first) {
      return Error(rules::unknown_verb, Span::none(), fmt::format("`{}`", first))
          .help(std::string(word.instead));
    }
  }
  if (const auto instead = instead_of(first, other_names); !instead.empty()) {
    return Error(rules::unknown_verb, Span::none(), fmt::format("`{}`", first))
        .help(fmt::format("write `tenon {}`", instead));
  }
  if (first.ends_with(".wasm") || first.ends_with(".wat")) {
    return Error(rules::unknown_verb, Span::none(), fmt::format("`{}`", first))
        .help(fmt::format("write `tenon run {}`", first));
  }
  if (first.ends_with(".wit")) {
    return Error(rules::unknown_verb, Span::none(), fmt::format("`{}`", first))
        .help(fmt::format("write `tenon wit check {}`", first));
  }
  std::string_view near = with_group(first);
  if (near.empty()) {
    std::vector<std::string_view> names;
    for (const Verb* verb : table) {
      if (group_of(verb->name).empty()) {
        names.push_back(verb->name);
      } else {
        names.push_back(group_of(verb->name));
        names.push_back(verb->name.substr(verb->name.find(' ') + 1));
      }
    }
    near = nearest(first, names);
    if (const std::string_view whole = with_group(near); !whole.empty()) {
      const bool alone = std::ranges::any_of(table, [&](const Verb* v) { return v->name == near; });
      if (!alone) near = whole;
    }
  }
  return Error(rules::unknown_verb, Span::none(), fmt::format("`{}`", first))
      .help(near.empty() ? "`tenon --help` lists the verbs"
                         : fmt::format("did you mean `tenon {}`?", near));
}

}  // namespace

Result<FoundVerb> find_verb(std::span<const std::string_view> words) {
  const std::string_view first = words.front();
  const std::string pair = words.size() > 1 ? fmt::format("{} {}", first, words[1]) : std::string();
  bool is_group = false;
  for (const Verb* verb : table) {
    if (verb->name == pair) return FoundVerb{verb, 2};
    if (group_of(verb->name) == first) is_group = true;
  }
  for (const Verb* verb : table) {
    if (verb->name == first) return FoundVerb{verb, 1};
  }
  return std::unexpected(is_group ? unknown_in_group(first, words.subspan(1))
                                  : unknown_verb(first));
}

std::string help_text() {
  std::string out =
      "tenon: WebAssembly components, from WIT to a tested program\n\nusage: tenon VERB [INPUT…] "
      "[-o OUT] [options]\n\nverbs:\n";
  for (const Verb* verb : table) out += fmt::format("  {:<22}{}\n", verb->name, verb->summary);
  out += "\noptions of every verb:\n";
  append_options(out, globals);
  out +=
      "\n`-` stands for standard input. `tenon VERB --help` says more.\n"
      "exit codes: 0 fine, 1 an input is wrong or a test failed, 2 usage, 3 output not writable "
      "or\n"
      "internal, 78 a required protection is not there, 134 the guest trapped.\n";
  return out;
}

std::string help_text(const Verb& verb) {
  std::string out = fmt::format("{}\n\nusage: tenon {} {}\n", verb.summary, verb.name, verb.usage);
  if (!verb.options.empty()) {
    out += "\noptions:\n";
    append_options(out, verb.options);
  }
  if (!verb.more.empty()) out += fmt::format("\n{}", verb.more);
  out += "\noptions of every verb:\n";
  append_options(out, globals);
  return out;
}

std::string group_help_text(std::string_view group) {
  std::string out;
  for (const Verb* verb : table) {
    if (group_of(verb->name) == group)
      out += fmt::format("  {:<22}{}\n", verb->name, verb->summary);
  }
  if (!out.empty()) out = fmt::format("usage: tenon {} VERB …\n\nverbs:\n{}", group, out);
  return out;
}

}  // namespace tenon::cli
