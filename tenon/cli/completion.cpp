// SPDX-License-Identifier: Apache-2.0
// Scripts that complete verbs, options, and what options and inputs take: closed lists of words,
// rules, files by their ending. All of it comes from the table of verbs; the scripts hold data and
// a few lines that walk over the words before the cursor, so that they never start the program.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tenon/cli/all_rules.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}
std::string_view second_word(std::string_view name) {
  const auto space = name.find(' ');
  return space == std::string_view::npos ? std::string_view() : name.substr(space + 1);
}

void add_word(std::string& out, std::string_view word) {
  if (!out.empty()) out += ' ';
  out += word;
}

/// The verbs and groups, each once; or the verbs of a group.
std::string words_after(std::string_view group) {
  std::string out;
  std::string_view last;
  for (const Verb* verb : all_verbs()) {
    const std::string_view second = second_word(verb->name);
    const std::string_view word = group.empty()                     ? first_word(verb->name)
                                  : first_word(verb->name) == group ? second
                                                                    : std::string_view();
    if (word.empty() || word == last) continue;
    last = word;
    add_word(out, word);
  }
  return out;
}

std::vector<std::string_view> groups() {
  std::vector<std::string_view> out;
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    if (!second_word(verb->name).empty() && (out.empty() || out.back() != group))
      out.push_back(group);
  }
  return out;
}

std::string rule_ids(std::string_view prefix) {
  std::string out;
  for (const RoomRule& entry : all_rules()) {
    if (entry.rule.id.starts_with(prefix)) add_word(out, entry.rule.id);
  }
  return out;
}

/// What a word may be: words of a closed list, or files by their endings (folders always); with
/// neither, whatever one likes.
struct Taken {
  std::string words;
  std::string_view endings;
  bool files = false;
  bool folders = false;
};

/// `what` is `a|b|c` or a kind that the table of verbs names; unknown or empty is any file.
Taken taken(std::string_view what) {
  if (what == "@none") return {};
  if (what == "@dir") return {.words = {}, .endings = {}, .folders = true};
  if (what == "@verb") return {.words = words_after({}), .endings = {}};
  if (what == "@rule") return {.words = rule_ids(""), .endings = {}};
  if (what == "@lint") return {.words = rule_ids("wit-lint-"), .endings = {}};
  struct Kind {
    std::string_view name;
    std::string_view endings;
  };
  constexpr Kind kinds[] = {{"@wit", "wit wasm"}, {"@wasm", "wasm wat"}, {"@wat", "wat wast"},
                            {"@wast", "wast"},    {"@json", "json"},     {"@toml", "toml"}};
  for (const Kind& kind : kinds) {
    if (kind.name == what) return {.words = {}, .endings = kind.endings, .files = true};
  }
  if (what.empty() || what[0] == '@') return {.words = {}, .endings = {}, .files = true};
  std::string words(what);
  for (char& c : words) c = c == '|' ? ' ' : c;
  return {.words = std::move(words), .endings = {}};
}

/// What an option takes, by its list of choices or the word that stands for its value.
Taken taken(const Option& option) {
  if (!option.choices.empty()) return taken(option.choices);
  if (option.name == "wit") return taken("@wit");
  if (option.name == "link" || option.name == "adapt") return taken("@wasm");
  if (option.name == "profile") return taken("debug|release");
  if (option.value.contains("RULE")) return taken("@lint");
  if (option.value.contains("DIR")) return taken("@dir");
  if (option.value.contains("FILE") || option.value.contains("PATH") || option.value == "OUT")
    return taken("@file");
  return {};
}

/// The inputs of a verb: the last stands for those that follow.
std::vector<Taken> inputs_of(const Verb& verb) {
  std::vector<Taken> out;
  if (verb.max_inputs == 0) return {taken("@none")};
  std::string_view rest = verb.takes;
  do {
    const auto space = std::min(rest.find(' '), rest.size());
    out.push_back(taken(rest.substr(0, space)));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  } while (!rest.empty());
  return out;
}

template <typename F>
void each_option(const Verb& verb, F&& visit) {
  for (const Option& option : verb.options) visit(option);
  for (const Option& option : global_options()) visit(option);
}

// --- bash

/// One word of the script's tables: what `_tenon_take` is called with. Lists are joined by `|`.
std::string bash_taken(const Taken& what) {
  std::string words = what.words;
  for (char& c : words) c = c == ' ' ? '|' : c;
  if (!words.empty()) return words;
  if (what.folders) return "@dir";
  if (!what.files) return "@none";
  std::string endings(what.endings);
  for (char& c : endings) c = c == ' ' ? '|' : c;
  return endings.empty() ? "@file" : "@file:" + endings;
}

std::string bash_verb(const Verb& verb) {
  std::string names;
  std::string values;
  each_option(verb, [&](const Option& option) {
    add_word(names, fmt::format("--{}", option.name));
    if (option.letter != 0) add_word(names, fmt::format("-{}", option.letter));
    if (option.value.empty()) return;
    const std::string what = bash_taken(taken(option));
    add_word(values, fmt::format("--{}={}", option.name, what));
    if (option.letter != 0) add_word(values, fmt::format("-{}={}", option.letter, what));
  });
  std::string inputs;
  for (const Taken& input : inputs_of(verb)) add_word(inputs, bash_taken(input));
  return fmt::format("options='{}'\n      values='{}'\n      inputs='{}' ;;\n", names, values,
                     inputs);
}

constexpr std::string_view bash_functions = R"(# Completion of tenon for bash.
_tenon_take() {
  local what=$1 current=$2
  case $what in
    @none) ;;
    @dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    @file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    @file:*)
      compopt -o filenames
      local file
      while IFS= read -r file; do
        [[ -d $file || $file == *.@(${what#@file:}) ]] && COMPREPLY+=("$file")
      done < <(compgen -f -- "$current") ;;
    *) COMPREPLY=($(compgen -W "${what//|/ }" -- "$current")) ;;
  esac
}
_tenon_value() {
  local entry
  for entry in $values; do
    [[ ${entry%%=*} == "$1" ]] && { REPLY=${entry#*=}; return 0; }
  done
  return 1
}
_tenon() {
  local current=${COMP_WORDS[COMP_CWORD]} options= values= inputs= at REPLY
  local -a before=()
  COMPREPLY=()
  # `--name=value` is three words here: the `=` is left out.
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == = ]] || before+=("${COMP_WORDS[at]}")
  done
  [[ $current == = ]] && current=
)";

constexpr std::string_view bash_end = R"(  local inputs_before=0
  for ((at = first; at < ${#before[@]}; at++)); do
    if [[ ${before[at]} == -* ]]; then
      if _tenon_value "${before[at]}"; then
        ((++at == ${#before[@]})) && { _tenon_take "$REPLY" "$current"; return; }
      fi
    else
      ((++inputs_before))
    fi
  done
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  local -a kinds=($inputs)
  ((inputs_before < ${#kinds[@]})) || inputs_before=$((${#kinds[@]} - 1))
  _tenon_take "${kinds[inputs_before]}" "$current"
}
shopt -s extglob
complete -F _tenon tenon
)";

std::string bash() {
  std::string out(bash_functions);
  out += fmt::format(
      "  if ((${{#before[@]}} == 0)); then\n"
      "    COMPREPLY=($(compgen -W '{} --help --version' -- \"$current\"))\n    return\n  fi\n",
      words_after({}));
  out += "  local first=1\n  case ${before[0]} in\n";
  for (const std::string_view group : groups()) {
    out += fmt::format(
        "    {0})\n      if ((${{#before[@]}} == 1)); then\n"
        "        COMPREPLY=($(compgen -W '{1}' -- \"$current\"))\n        return\n      fi\n"
        "      first=2 ;;\n",
        group, words_after(group));
  }
  out += "  esac\n  case \"${before[*]:0:first}\" in\n";
  for (const Verb* verb : all_verbs())
    out += fmt::format("    '{}')\n      {}", verb->name, bash_verb(*verb));
  out += "    *) return ;;\n  esac\n";
  out += bash_end;
  return out;
}

// --- zsh

/// Quotes for single quotes of zsh and fish.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

/// Within a specification of `_arguments`, brackets and colons are escaped.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return quoted(out);
}

std::string zsh_action(const Taken& what) {
  if (!what.words.empty()) return fmt::format("({})", what.words);
  if (what.folders) return "_files -/";
  if (!what.files) return " ";
  if (what.endings.empty()) return "_files";
  std::string endings(what.endings);
  for (char& c : endings) c = c == ' ' ? '|' : c;
  // A group without a bar would be a list of qualifiers.
  if (!endings.contains('|')) return fmt::format("_files -g \"*.{}\"", endings);
  return fmt::format("_files -g \"*.({})\"", endings);
}

std::string zsh_verb(const Verb& verb) {
  std::string out = "_arguments -S";
  each_option(verb, [&](const Option& option) {
    std::string tail = fmt::format("[{}]", zsh_text(option.help));
    if (!option.value.empty())
      tail += fmt::format(":{}:{}", zsh_text(option.value), zsh_action(taken(option)));
    const std::string_view equals = option.value.empty() ? "" : "=";
    out += fmt::format(" \\\n        '*--{}{}{}'", option.name, equals, tail);
    if (option.letter != 0)
      out += fmt::format(" \\\n        '*-{}{}{}'", option.letter, option.value.empty() ? "" : "+",
                         tail);
  });
  const std::vector<Taken> inputs = inputs_of(verb);
  for (std::size_t i = 0; i + 1 < inputs.size(); ++i)
    out += fmt::format(" \\\n        '{}:input:{}'", i + 1, zsh_action(inputs[i]));
  if (verb.max_inputs > 0)
    out += fmt::format(" \\\n        '*:input:{}'", zsh_action(inputs.back()));
  return out + " ;;\n";
}

std::string zsh() {
  std::string out =
      "#compdef tenon\n# Completion of tenon for zsh.\n_tenon() {\n  local -a verbs\n  if (( "
      "CURRENT == 2 )); then\n    verbs=(\n";
  std::string_view last_group;
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    if (second_word(verb->name).empty()) {
      out += fmt::format("      '{}:{}'\n", verb->name, quoted(verb->summary));
    } else if (group != last_group) {
      out += fmt::format("      '{}:{}'\n", group, words_after(group));
      last_group = group;
    }
  }
  out += "    )\n    _describe 'verb' verbs\n    return\n  fi\n  local verb=$words[2]\n";
  for (const std::string_view group : groups()) {
    out += fmt::format(
        "  if [[ $verb == {0} ]]; then\n    if (( CURRENT == 3 )); then\n      verbs=({1})\n"
        "      _describe 'verb' verbs\n      return\n    fi\n    verb=\"{0} $words[3]\"\n"
        "    shift words\n    (( CURRENT-- ))\n  fi\n",
        group, words_after(group));
  }
  out += "  shift words\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const Verb* verb : all_verbs())
    out += fmt::format("    '{}')\n      {}", verb->name, zsh_verb(*verb));
  // The same text is loaded by `eval` and as a function from $fpath.
  out +=
      "  esac\n}\nif [[ $funcstack[1] == _tenon ]]; then _tenon \"$@\"; else compdef _tenon tenon; "
      "fi\n";
  return out;
}

// --- fish

std::string fish_action(const Taken& what) {
  if (!what.words.empty()) return fmt::format(" -x -a '{}'", what.words);
  if (what.folders) return " -x -a '(__fish_complete_directories (commandline -ct))'";
  if (!what.files) return " -x";
  if (what.endings.empty()) return " -r -F";
  std::string calls;
  std::string_view rest = what.endings;
  while (!rest.empty()) {
    const auto space = std::min(rest.find(' '), rest.size());
    calls += fmt::format("{}__fish_complete_suffix .{}", calls.empty() ? "" : "; ",
                         rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  // The files of that ending come first, and folders lead to more of them.
  return fmt::format(" -x -k -a '({})'", calls);
}

constexpr std::string_view fish_functions = R"(# Completion of tenon for fish.
complete -c tenon -e
# The verb before the cursor: one word, or two of a group.
function __tenon_verb
  set -l words (commandline -opc)
  set -e words[1]
  test "$words[1]" = $argv[1]; or return 1
  test (count $argv) = 1; or test "$words[2]" = $argv[2]
end
# How many inputs stand behind a verb of so many words; the values of options are told by a list.
function __tenon_inputs
  set -l words (commandline -opc)
  set -e words[1]
  set -l skip 0
  set -l count 0
  for word in $words[(math $argv[1] + 1)..]
    if test $skip = 1
      set skip 0
    else if contains -- $word $argv[4..]
      set skip 1
    else if not string match -q -- '-*' $word
      set count (math $count + 1)
    end
  end
  test $count $argv[2] $argv[3]
end
)";

std::string fish_verb(const Verb& verb) {
  const bool paired = !second_word(verb.name).empty();
  std::string out;
  std::string with_value;
  each_option(verb, [&](const Option& option) {
    out += fmt::format("complete -c tenon -n '__tenon_verb {}' -l {}", verb.name, option.name);
    if (option.letter != 0) out += fmt::format(" -s {}", option.letter);
    if (!option.value.empty()) {
      out += fish_action(taken(option));
      add_word(with_value, fmt::format("--{}", option.name));
      if (option.letter != 0) add_word(with_value, fmt::format("-{}", option.letter));
    }
    out += fmt::format(" -d '{}'\n", quoted(option.help));
  });
  const std::vector<Taken> inputs = inputs_of(verb);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool last = i + 1 == inputs.size();
    out += fmt::format("complete -c tenon -n '__tenon_verb {}; and __tenon_inputs {} {} {}'{}\n",
                       verb.name, paired ? 2 : 1, fmt::format("{} {}", last ? "-ge" : "-eq", i),
                       with_value, fish_action(inputs[i]));
  }
  return out;
}

std::string fish() {
  std::string out(fish_functions);
  std::string_view last_group;
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    const std::string_view second = second_word(verb->name);
    if (second.empty() || group != last_group) {
      out += fmt::format("complete -c tenon -x -n '__fish_use_subcommand' -a '{}' -d '{}'\n", group,
                         second.empty() ? quoted(verb->summary) : words_after(group));
    }
    if (!second.empty()) {
      last_group = group;
      out += fmt::format(
          "complete -c tenon -x -n '__tenon_verb {0}; and __tenon_inputs 1 -eq 0' -a '{1}' -d "
          "'{2}'\n",
          group, second, quoted(verb->summary));
    }
  }
  for (const Verb* verb : all_verbs()) out += fish_verb(*verb);
  return out;
}

int run(Context& context, const Args& args) {
  const std::string_view shell = args.input(0);
  const auto path = args.value("output");
  if (shell == "bash") return write_text(context, path, bash());
  if (shell == "zsh") return write_text(context, path, zsh());
  if (shell == "fish") return write_text(context, path, fish());
  return context.report(
      usage_error(fmt::format("no completion for `{}`, wanted bash, zsh or fish", shell)));
}

constexpr Option options[] = {output_option};

}  // namespace

constinit const Verb verbs::completion{
    .name = "completion",
    .usage = "bash|zsh|fish [-o OUT]",
    .summary = "a completion script for a shell",
    .options = options,
    .min_inputs = 1,
    .max_inputs = 1,
    .takes = "bash|zsh|fish",
    .run = run,
    .more =
        "bash: `eval \"$(tenon completion bash)\"` in ~/.bashrc\n"
        "zsh:  `tenon completion zsh -o ~/.zfunc/_tenon`, with ~/.zfunc in $fpath\n"
        "fish: `tenon completion fish -o ~/.config/fish/completions/tenon.fish`\n"};

}  // namespace tenon::cli
