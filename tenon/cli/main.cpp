// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/json.h"
#include "tenon/cli/command.h"
#include "tenon/cli/commit.h"
#include "tenon/cli/context.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

bool environment_says(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// NO_COLOR and CLICOLOR_FORCE are below `--color`.
bool use_color(std::string_view when, int descriptor) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (environment_says("NO_COLOR")) return false;
  const char* force = std::getenv("CLICOLOR_FORCE");
  if (force != nullptr && *force != '\0' && std::string_view(force) != "0") return true;
  return ::isatty(descriptor) != 0;
}

void set_colors(Context& context, std::string_view when) {
  context.color_out = use_color(when, STDOUT_FILENO);
  context.color_err = use_color(when, STDERR_FILENO);
}

/// "tenon 0.1.0 (1a2b3c4d5e6f, Release)".
int show_version(const Context& context) {
  const std::string_view commit = build_commit;
  const std::string_view type = build_type;
  if (context.json) {
    const std::string text = Json::object({{"version", Json::string(TENON_VERSION)},
                                           {"commit", Json::string(std::string(commit))},
                                           {"build_type", Json::string(std::string(type))}})
                                 .dump();
    return write_text(context, std::nullopt, text + "\n");
  }
  std::string text = "tenon " TENON_VERSION;
  if (!commit.empty() || !type.empty()) {
    text += " (";
    text += commit;
    if (!commit.empty() && !type.empty()) text += ", ";
    text += type;
    text += ')';
  }
  return write_text(context, std::nullopt, text + "\n");
}

/// The rule of `--help` after a verb or a group, whatever else is there.
bool asks(std::span<const std::string_view> words, std::string_view name, std::string_view letter) {
  for (const std::string_view word : words) {
    if (word == "--") return false;
    if (word == name || word == letter) return true;
  }
  return false;
}

int run_program(std::span<const std::string_view> words) {
  Context context;
  set_colors(context, "auto");
  // The format of errors must be known before the first of them.
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--format=json" || (words[i] == "json" && i > 0 && words[i - 1] == "--format"))
      context.json = true;
  }
  if (words.empty()) {
    static_cast<void>(write_text(context, std::nullopt, help_text()));
    return exit_usage;
  }
  if (words[0] == "help" && words.size() > 1) {
    std::vector<std::string_view> turned(words.begin() + 1, words.end());
    turned.emplace_back("--help");
    return run_program(turned);
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    return write_text(context, std::nullopt, help_text());
  }
  if (words[0] == "--version" || words[0] == "-V") return show_version(context);

  // Options of every verb may be before it: they are moved behind it.
  std::size_t lead = 0;
  while (lead < words.size() && words[lead].starts_with('-') && words[lead].size() > 1) {
    lead += words[lead] == "--color" || words[lead] == "--format" ? 2 : 1;
  }
  if (lead >= words.size()) {
    std::string lower(words[0]);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return context.report(
        usage_error("a verb is missing", lower.ends_with("version") || lower == "-v"
                                             ? "`tenon --version` shows the version"
                                             : "`tenon --help` lists the verbs"));
  }
  const auto found = find_verb(words.subspan(lead));
  if (!found) {
    const std::string group = group_help_text(words[lead]);
    if (!group.empty() && asks(words, "--help", "-h"))
      return write_text(context, std::nullopt, group);
    return context.report(found.error());
  }
  std::vector<std::string_view> rest(words.begin(),
                                     words.begin() + static_cast<std::ptrdiff_t>(lead));
  rest.insert(rest.end(), words.begin() + static_cast<std::ptrdiff_t>(lead + found->words),
              words.end());
  const Verb& verb = *found->verb;
  const auto args = parse_args(verb, rest);
  if (!args) return context.report(args.error());
  if (args->has("help")) return write_text(context, std::nullopt, help_text(verb));
  if (args->has("version")) return show_version(context);
  context.quiet = args->has("quiet");
  context.verbosity = static_cast<int>(args->values("verbose").size());
  context.json = args->value("format") == "json";
  set_colors(context, args->value("color").value_or("auto"));
  return verb.run(context, *args);
}

/// A standard stream that is closed gives its number to the next file that is opened, and a guest
/// that is granted the stream would have that file, such as the image of its own memory. Standard
/// input is then empty, and what is written to the others fails as it would have.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    if (::open("/dev/null", O_RDONLY) != fd) std::abort();  // NOLINT(concurrency-mt-unsafe)
  }
}

}  // namespace
}  // namespace tenon::cli

int main(int argc, char** argv) {
  tenon::cli::occupy_standard_streams();
  // A limit on the size of files is an error of the write, not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    return tenon::cli::run_program(words);
  } catch (const std::bad_alloc&) {
    std::fputs("error[out-of-memory]: the machine has no memory left for this\n", stderr);
    return tenon::cli::exit_internal;
  }
}
