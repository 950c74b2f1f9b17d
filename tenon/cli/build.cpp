// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "tenon/base/ascii.h"
#include "tenon/base/file.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/colors.h"
#include "tenon/builder/rules.h"
#include "tenon/cli/build_project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/invoke_help.h"
#include "tenon/cli/output.h"
#include "tenon/cli/preinit_mocks.h"
#include "tenon/preinit/preinit.h"

namespace tenon::cli {
namespace {

constexpr Option build_options[] = {
    {"profile", 'p', "NAME", "debug (the default), release, or one of tenon.toml", {}},
    {"release", 'r', "", "the same as --profile release", {}},
    {"no-cache", 0, "", "neither read nor write the cache", {}},
    {"locked", 0, "", "refuse a build that differs from tenon.lock", {}},
    {"offline", 0, "", "cargo must not use a registry", {}},
    {"stub-wasi", 0, "", "no WASI imports: output is discarded, other WASI calls trap", {}},
    {"adapter-compat", 0, "VERSION", "the WASI that tenon's adapter requires (default: 0.2.12)",
     "0.2.0|0.2.12"},
    {"jobs", 'j', "N", "files to compile at a time", {}},
};

/// A mark of this very program: another one may generate other code.
std::string program_mark() {
  const auto stat = builder::stat_file("/proc/self/exe");
  return stat ? fmt::format("{}-{}", stat->size, stat->mtime_ns) : std::string();
}

void print_compiler(const Context& context, const std::string& words) {
  const std::string text =
      context.color_err ? builder::visible_with_colors(words) : visible_lines(words);
  std::fputs(text.c_str(), stderr);
}

/// A word as a shell reads it; quotes only where they are needed.
std::string shell_word(std::string_view word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) ||
           std::string_view("_-./=+,:@%").find(c) != std::string_view::npos;
  });
  return plain ? std::string(word) : shell_quoted(word);
}

/// The line that does by hand what the build does.
std::string command_line(const builder::Command& command) {
  std::string out;
  for (const auto& [name, value] : command.env)
    out += fmt::format("{}={} ", name, shell_word(value));
  for (const std::string& word : command.argv)
    out += fmt::format("{}{}", &word == command.argv.data() ? "" : " ", shell_word(word));
  return out;
}

/// A compiler's words are not changed, so that an editor finds the places in them; what tenon
/// adds comes below.
int report_compiler(const Context& context, const Error& error) {
  std::string words;
  for (const Note& note : error.notes()) words += note.text + "\n";
  print_compiler(context, words);
  return context.report(Error(error.rule(), error.span(), error.detail()).help(error.help_text()));
}

/// `path:line:col` in what a compiler says: of clang before `: error: …`, of rustc behind an arrow.
struct CompilerPlace {
  std::string_view path;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string_view says;
};

/// Cuts `:NUMBER` from the end.
bool take_number(std::string_view& text, std::uint32_t& number) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto* const begin = text.data() + colon + 1;
  const auto* const end = text.data() + text.size();
  const auto [at, code] = std::from_chars(begin, end, number);
  if (code != std::errc() || at != end) return false;
  text = text.substr(0, colon);
  return true;
}

std::vector<CompilerPlace> compiler_places(const Error& error) {
  constexpr std::size_t most = 20;
  std::vector<CompilerPlace> out;
  std::string_view rust_error;
  for (const Note& note : error.notes()) {
    if (out.size() == most) break;
    const std::string_view line = note.text;
    if (line.starts_with("error")) rust_error = line;
    CompilerPlace place;
    const auto clang = line.find(": error: ");
    const auto fatal = line.find(": fatal error: ");
    const auto arrow = line.find("--> ");
    if (clang != std::string_view::npos || fatal != std::string_view::npos) {
      const auto cut = std::min(clang, fatal);
      place.path = line.substr(0, cut);
      place.says = line.substr(cut + 2);
    } else if (arrow != std::string_view::npos && !rust_error.empty() &&
               line.find_first_not_of(' ') == arrow) {
      place.path = line.substr(arrow + 4);
      place.says = std::exchange(rust_error, {});
    } else {
      continue;
    }
    if (take_number(place.path, place.column) && take_number(place.path, place.line))
      out.push_back(place);
  }
  return out;
}

/// The span of a place; what it lies in becomes a source.
std::optional<Span> span_of(Context& context, const std::string& dir, const CompilerPlace& place) {
  const std::string path = (std::filesystem::path(dir) / place.path).lexically_normal().string();
  auto text = read_text_file(path);
  if (!text) return std::nullopt;
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < place.line && at < text->size(); ++line) {
    const auto end = text->find('\n', at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
  at = std::min(at + place.column - std::min(place.column, 1U), text->size());
  const auto begin = static_cast<std::uint32_t>(at);
  return Span{context.sources.add(path, std::move(*text)), begin, begin + 1};
}

/// A compiler's error with its places as spans, for those who read JSON.
Error with_places(Context& context, const std::string& dir, const Error& error) {
  Span first = Span::none();
  std::vector<std::pair<Span, std::string>> others;
  for (const CompilerPlace& place : compiler_places(error)) {
    const auto span = span_of(context, dir, place);
    if (!span) continue;
    if (first == Span::none()) first = *span;
    others.emplace_back(*span, place.says);
  }
  Error out(error.rule(), first, error.detail());
  for (auto& [span, says] : others) out = std::move(out).note(span, std::move(says));
  for (const Note& note : error.notes()) out = std::move(out).note(note.text);
  return std::move(out).help(error.help_text());
}

int report_failure(Context& context, const std::string& dir, const Error& error,
                   const Diagnostics& diagnostics) {
  const bool compiler = error.rule().id == builder::rules::compiler_failed.id;
  const int code = !compiler      ? context.report(error)
                   : context.json ? context.report(with_places(context, dir, error))
                                  : report_compiler(context, error);
  context.report(diagnostics);
  return code;
}

/// The keys of `[preinit]`, for messages that would name the options of `tenon preinit`.
preinit::Wording wording_of_keys() {
  preinit::Wording words;
  words.allow_wasi = "`allow-wasi = true`";
  words.dir = "`dirs = [\"HOST::GUEST\"]`";
  words.mocks = "`mocks = [\"FILE\"]`";
  words.max_memory = "`max-memory = \"SIZE\"`";
  words.init_func = "";
  words.init_funcs = "`init = \"NAME\"`";
  return words;
}

Result<preinit::Options> preinit_options(Context& context, const builder::Project& project) {
  const builder::Preinit& wanted = *project.preinit;
  const std::filesystem::path folder(project.dir);
  preinit::Options options;
  options.wording = wording_of_keys();
  options.funcs = wanted.init;
  options.keep_init_func = wanted.keep_init_func;
  options.random_seed = wanted.random_seed;
  options.allow_wasi = wanted.allow_wasi || !wanted.dirs.empty() || !wanted.env.empty();
  if (wanted.max_memory) options.max_memory = *wanted.max_memory;
  if (wanted.timeout) {
    options.timeout = std::chrono::nanoseconds(std::llround(std::min(*wanted.timeout, 1e6) * 1e9));
  }
  for (const std::string& variable : wanted.env) {
    const auto equals = variable.find('=');
    options.env.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
  for (const std::string& dir : wanted.dirs) {
    const auto split = dir.find("::");
    const std::string host = (folder / dir.substr(0, split)).lexically_normal().string();
    options.dirs.push_back(host +
                           "::" + (split == std::string::npos ? dir : dir.substr(split + 2)));
  }
  for (const std::string& path : wanted.mocks) {
    preinit::MockFile file = TENON_TRY(read_mocks(context, (folder / path).string()));
    options.mocks.push_back(std::move(file));
  }
  options.source = context.sources.add_binary("the component of " + project.name);
  return options;
}

/// What `[preinit]` of a project says, done to its component; what there is to say goes to `notes`.
Result<std::vector<std::uint8_t>> run_preinit(Context& context, const builder::Project& project,
                                              std::vector<std::uint8_t> component,
                                              std::vector<std::string>& notes) {
  const preinit::Options options = TENON_TRY(preinit_options(context, project));
  auto done = preinit::preinit(component, options);
  if (!done) {
    return std::unexpected(
        std::move(done).error().note(project.preinit->span, "`[preinit]` runs it"));
  }
  for (const std::string& note : done->report.notes) notes.push_back(note);
  return std::move(done->bytes);
}

}  // namespace

static std::vector<std::string> inputs_of(const builder::Project& project) {
  const std::filesystem::path folder(project.dir);
  std::vector<std::string> out;
  const auto add = [&](const std::string& path) { out.push_back((folder / path).string()); };
  for (const std::string& source : project.sources) add(source);
  if (!project.wit.empty()) add(project.wit);
  for (const auto& [name, path] : project.deps) add(path);
  return out;
}

int build_project(Context& context, const std::string& dir, builder::BuildOptions& wanted,
                  std::optional<builder::BuildResult>& result) {
  const auto project = builder::load_project(dir, context.sources);
  if (!project) return context.report(project.error());
  context.built_from = inputs_of(*project);
  std::optional<StatusLine> line;
  // Lines that stay and one that goes do not share a terminal.
  if (context.verbosity == 0) line.emplace(context);
  if (context.verbosity > 0 && !context.json) {
    wanted.command = [&](const builder::Command& command) {
      context.say(fmt::format("cd {} && {}", shell_word(command.cwd.empty() ? "." : command.cwd),
                              command_line(command)));
    };
  }
  wanted.color = context.color_err && !context.json;
  wanted.tenon_version = TENON_VERSION;
  wanted.program = program_mark();
  std::vector<std::string> notes;
  wanted.preinit = [&](const builder::Project& of, std::vector<std::uint8_t> component) {
    return run_preinit(context, of, std::move(component), notes);
  };
  wanted.status = [&](std::string_view text) {
    if (line) line->show(text);
  };
  Diagnostics diagnostics;
  auto built = builder::build(*project, wanted, context.sources, diagnostics);
  line.reset();  // what follows begins at the line's start
  for (const std::string& note : notes) context.note(note);
  if (!built) return report_failure(context, dir, built.error(), diagnostics);
  if (!built->cache_note.empty())
    context.note(fmt::format("no cache is used: {}", built->cache_note));
  result = std::move(*built);
  return exit_ok;
}

namespace {

int run(Context& context, const Args& args) {
  if (args.has("release") && args.value("profile").value_or("release") != "release") {
    return context.report(usage_error(
        fmt::format("found both `--release` and `--profile {}`", *args.value("profile")),
        "write one of them"));
  }
  builder::BuildOptions wanted;
  wanted.profile =
      std::string(args.value("profile").value_or(args.has("release") ? "release" : "debug"));
  wanted.locked = args.has("locked");
  wanted.no_cache = args.has("no-cache");
  wanted.offline = args.has("offline");
  wanted.stub_wasi = args.has("stub-wasi");
  if (const auto compat = args.value("adapter-compat"))
    wanted.adapter_compat = builder::parse_adapter_compat(*compat);
  const auto jobs = args.number("jobs");
  if (!jobs) return context.report(jobs.error());
  wanted.jobs = static_cast<unsigned>(jobs->value_or(0));
  const auto begin = std::chrono::steady_clock::now();
  std::optional<builder::BuildResult> result;
  const int code = build_project(context, std::string(args.input(0, ".")), wanted, result);
  if (code != exit_ok) return code;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::steady_clock::now() - begin)
                      .count();
  if (!result->compiler_output.empty() && !context.quiet)
    print_compiler(context, result->compiler_output + "\n");
  for (const std::string& note : result->notes) context.note(note);
  if (result->unchanged) {
    context.say(fmt::format("{} is up to date ({} ms)", result->component, ms));
  } else {
    const auto stat = builder::stat_file(result->component);
    context.say(fmt::format("{}: {} bytes, {} compiled, {} from the cache ({} ms)",
                            result->component, stat ? stat->size : 0, result->compiled,
                            result->reused, ms));
  }
  return exit_ok;
}

}  // namespace

constinit const Verb verbs::build{.name = "build",
                                  .usage = "[DIR]",
                                  .summary = "build sources and WIT into a validated component",
                                  .options = build_options,
                                  .max_inputs = 1,
                                  .takes = "@dir",
                                  .run = run};

}  // namespace tenon::cli
