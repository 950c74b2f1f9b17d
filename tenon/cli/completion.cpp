// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

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
    out += out.empty() ? "" : " ";
    out += word;
  }
  return out;
}

std::string option_words(const Verb& verb) {
  std::string out;
  const auto add = [&](std::span<const Option> options) {
    for (const Option& option : options) {
      out += fmt::format("{}--{}", out.empty() ? "" : " ", option.name);
      if (option.letter != 0) out += fmt::format(" -{}", option.letter);
    }
  };
  add(verb.options);
  add(global_options());
  return out;
}

/// bash: the words after the verb decide; whatever is no option is a file.
std::string bash() {
  std::string out =
      "_tenon() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} sub=${COMP_WORDS[2]} "
      "words=\n"
      "  COMPREPLY=()\n"
      "  if [[ $COMP_CWORD == 1 ]]; then\n";
  out += fmt::format("    COMPREPLY=($(compgen -W \"{}\" -- \"$current\"))\n    return\n  fi\n",
                     words_after({}));
  out += "  case \"$verb $sub\" in\n";
  for (const Verb* verb : all_verbs()) {
    if (!second_word(verb->name).empty()) {
      out += fmt::format("    \"{}\") words=\"{}\" ;;\n", verb->name, option_words(*verb));
    }
  }
  out += "    *) case \"$verb\" in\n";
  std::string_view last_group;
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    if (second_word(verb->name).empty()) {
      out += fmt::format("      {}) words=\"{}\" ;;\n", verb->name, option_words(*verb));
    } else if (group != last_group) {
      out += fmt::format("      {}) words=\"{}\" ;;\n", group, words_after(group));
      last_group = group;
    }
  }
  out +=
      "    esac ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
      "}\n"
      "complete -o filenames -F _tenon tenon\n";
  return out;
}

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

std::string zsh() {
  std::string out =
      "#compdef tenon\n_tenon() {\n  local -a verbs options\n  if (( CURRENT == 2 )); then\n    "
      "verbs=(\n";
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
  out += "    )\n    _describe 'verb' verbs\n    return\n  fi\n  case \"$words[2] $words[3]\" in\n";
  for (const Verb* verb : all_verbs()) {
    const bool paired = !second_word(verb->name).empty();
    out += fmt::format(
        "    {}) options=({}) ;;\n",
        paired ? fmt::format("\"{}\"", verb->name) : fmt::format("\"{} \"*", verb->name),
        option_words(*verb));
  }
  last_group = {};
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    if (second_word(verb->name).empty() || group == last_group) continue;
    last_group = group;
    out += fmt::format("    \"{} \"*) options=({}) ;;\n", group, words_after(group));
  }
  out += "  esac\n  compadd -a options\n  _files\n}\ncompdef _tenon tenon\n";
  return out;
}

std::string fish() {
  std::string out = "complete -c tenon -f -n '__fish_use_subcommand'\n";
  std::string_view last_group;
  for (const Verb* verb : all_verbs()) {
    const std::string_view group = first_word(verb->name);
    const std::string_view second = second_word(verb->name);
    if (second.empty()) {
      out += fmt::format("complete -c tenon -n '__fish_use_subcommand' -a '{}' -d '{}'\n",
                         verb->name, quoted(verb->summary));
    } else {
      if (group != last_group) {
        out += fmt::format("complete -c tenon -n '__fish_use_subcommand' -a '{}' -d '{}'\n", group,
                           words_after(group));
        last_group = group;
      }
      out += fmt::format("complete -c tenon -n '__fish_seen_subcommand_from {}' -a '{}' -d '{}'\n",
                         group, second, quoted(verb->summary));
    }
    for (const Option& option : verb->options) {
      out += fmt::format("complete -c tenon -n '__fish_seen_subcommand_from {}' -l '{}'",
                         second.empty() ? group : second, option.name);
      if (option.letter != 0) out += fmt::format(" -s '{}'", option.letter);
      if (!option.value.empty()) out += " -r";
      out += fmt::format(" -d '{}'\n", quoted(option.help));
    }
  }
  for (const Option& option : global_options()) {
    out += fmt::format("complete -c tenon -l '{}'", option.name);
    if (option.letter != 0) out += fmt::format(" -s '{}'", option.letter);
    out += fmt::format(" -d '{}'\n", quoted(option.help));
  }
  return out;
}

int run(Context& context, const Args& args) {
  const std::string_view shell = args.input(0);
  if (shell == "bash") return write_text(context, std::nullopt, bash());
  if (shell == "zsh") return write_text(context, std::nullopt, zsh());
  if (shell == "fish") return write_text(context, std::nullopt, fish());
  return context.report(
      usage_error(fmt::format("no completion for `{}`, wanted bash, zsh or fish", shell)));
}

}  // namespace

constinit const Verb verbs::completion{
    .name = "completion",
    .usage = "bash|zsh|fish",
    .summary = "a completion script for a shell",
    .options = {},
    .min_inputs = 1,
    .max_inputs = 1,
    .run = run,
    .more =
        "bash: `eval \"$(tenon completion bash)\"` in ~/.bashrc\n"
        "zsh:  `tenon completion zsh > ~/.zfunc/_tenon`\n"
        "fish: `tenon completion fish > ~/.config/fish/completions/tenon.fish`\n"};

}  // namespace tenon::cli
