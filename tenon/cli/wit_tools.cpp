// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "tenon/base/file.h"
#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/wit_input.h"
#include "tenon/wit/diff.h"
#include "tenon/wit/doc.h"
#include "tenon/wit/fmt.h"
#include "tenon/wit/lint.h"
#include "tenon/wit/load.h"
#include "tenon/wit/mend.h"
#include "tenon/wit/rules.h"

namespace tenon::cli {
namespace {

/// The `.wit` files of a path, without those of its `deps/`.
std::vector<std::string> own_files(const std::string& path) {
  return wit::package_files(path);
}

constexpr Option fmt_options[] = {
    {"check",
     0,
     "",
     "change nothing; name the files that are laid out differently and end with 1",
     {}},
    output_option,
};

/// A folder in which there is nothing to lay out, as reading it says it.
Error no_wit_in(const std::string& folder) {
  return Error(wit::rules::unreadable, Span::none(),
               fmt::format("`{}` holds no .wit file", folder));
}

int run_fmt(Context& context, const Args& args) {
  int worst = exit_ok;
  for (const std::string& path : args.inputs()) {
    const std::vector<std::string> files = own_files(path);
    if (files.empty()) {
      worst = std::max(worst, context.report(no_wit_in(path)));
      continue;
    }
    for (const std::string& file : files) {
      const auto read = path == "-" ? read_descriptor(0, "<stdin>") : read_file(file);
      if (!read) {
        worst = std::max(worst, context.report(read.error()));
        continue;
      }
      const std::string text(as_text(*read));
      const std::uint32_t source = context.sources.add(file, text);
      Diagnostics diagnostics;
      const auto formatted = wit::format(context.sources.text(source), source, diagnostics);
      worst = std::max(worst, context.report(diagnostics));
      if (!formatted) continue;
      if (path == "-" || args.has("output")) {
        worst = std::max(worst, write_text(context, args.value("output"), *formatted));
      } else if (*formatted == text) {
        continue;
      } else if (args.has("check")) {
        context.say(fmt::format("{} is laid out differently", file));
        worst = std::max<int>(worst, exit_findings);
      } else if (const auto written = write_file(file, *formatted); !written) {
        worst = std::max(worst, context.report(written.error()));
      }
    }
  }
  return worst;
}

constexpr Option lint_options[] = {
    {"fix", 0, "", "mend what is mechanical in the files", {}},
    {"allow", 0, "RULE,…", "leave these rules out, as `[lint] allow` of tenon.toml does", {}},
    dep_option,
    wit_features_option,
    all_wit_features_option,
};

/// Applies the fixes of what was found to the package's own files. Returns how many files changed.
int fix_files(Context& context, const std::string& path, const std::vector<Error>& errors,
              int& worst) {
  int changed = 0;
  const std::vector<std::string> own = own_files(path);
  for (std::uint32_t source = 0; source < context.sources.size(); ++source) {
    if (std::find(own.begin(), own.end(), context.sources.name(source)) == own.end()) continue;
    const std::string_view text = context.sources.text(source);
    const std::string mended = wit::apply_fixes(text, source, errors);
    if (mended == text) continue;
    const auto written = write_file(std::string(context.sources.name(source)), mended);
    if (!written)
      worst = std::max(worst, context.report(written.error()));
    else
      ++changed;
  }
  return changed;
}

/// Loads and lints one path; with `--fix` again after each round of fixes, since one may show what
/// stood behind it.
int lint_path(Context& context, const Args& args, const wit::LoadOptions& options,
              const std::vector<std::string>& allowed, const std::string& path) {
  constexpr int most_rounds = 10;
  int worst = exit_ok;
  const bool is_stdin = path == "-";
  std::string text;
  if (is_stdin) {
    const auto bytes = read_descriptor(0, "<stdin>");
    if (!bytes) return context.report(bytes.error());
    text = std::string(as_text(*bytes));
  }
  for (int round = 0;; ++round) {
    context.sources = SourceSet();
    Diagnostics diagnostics;
    std::optional<wit::Packages> packages;
    if (is_stdin) {
      packages = wit::load_text("<stdin>", text, options, context.sources, diagnostics);
    } else if (auto loaded = wit::load(path, options, context.sources, diagnostics)) {
      packages = std::move(loaded->packages);
    }
    if (packages) wit::lint(*packages, context.sources, diagnostics, allowed);
    const bool mend = args.has("fix") && round < most_rounds;
    if (mend && is_stdin) {
      const std::string before = std::exchange(text, wit::apply_fixes(text, 0, diagnostics.all()));
      if (text != before) continue;
    } else if (mend && fix_files(context, path, diagnostics.all(), worst) > 0) {
      continue;
    }
    worst = std::max(worst, context.report(diagnostics));
    if (!diagnostics.all().empty()) worst = std::max<int>(worst, exit_findings);
    break;
  }
  if (is_stdin && args.has("fix")) worst = std::max(worst, write_text(context, {}, text));
  return worst;
}

/// Every rule has to be one of `lint`.
Result<void> check_rules(const std::vector<std::string>& allowed) {
  if (const auto unknown = wit::unknown_lint(allowed)) {
    return std::unexpected(
        usage_error(unknown->detail, unknown->meant.empty()
                                         ? unknown->known
                                         : fmt::format("did you mean `{}`?", unknown->meant)));
  }
  return {};
}

/// What `--allow` and the project's tenon.toml turn off. The project is the path's folder or the
/// one above it, which holds `wit/`.
Result<std::vector<std::string>> allowed_rules(Context& context, const Args& args,
                                               const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  for (std::string_view list : args.values("allow")) {
    while (!list.empty()) {
      const auto cut = std::min(list.find(','), list.size());
      if (cut > 0) out.emplace_back(list.substr(0, cut));
      list.remove_prefix(std::min(cut + 1, list.size()));
    }
  }
  TENON_TRY(check_rules(out));
  if (path != "-") {
    std::error_code ignored;
    const fs::path folder =
        fs::is_directory(path, ignored) ? fs::path(path) : fs::path(path).parent_path();
    for (const fs::path& dir : {folder.empty() ? fs::path(".") : folder, folder / ".."}) {
      const auto more = TENON_TRY(builder::allowed_lints(dir.string(), context.sources));
      out.insert(out.end(), more.begin(), more.end());
    }
  }
  return out;
}

int run_lint(Context& context, const Args& args) {
  const auto options = wit_options(args);
  if (!options) return context.report(options.error());
  int worst = exit_ok;
  for (const std::string& path : args.inputs()) {
    const auto allowed = allowed_rules(context, args, path);
    worst = std::max(worst, allowed ? lint_path(context, args, *options, *allowed, path)
                                    : context.report(allowed.error()));
  }
  // Of several paths only the last one is still there.
  if (args.inputs().size() == 1) note_features(context, args);
  return worst;
}

constexpr Option doc_options[] = {
    {"html", 0, "", "one HTML page instead of Markdown", {}},
    dep_option,
    wit_features_option,
    all_wit_features_option,
    output_option,
};

int run_doc(Context& context, const Args& args) {
  int code = exit_ok;
  const auto loaded = load_wit(context, args, args.input(0, "-"), code);
  if (!loaded) return code;
  return write_text(
      context, args.value("output"),
      args.has("html") ? wit::doc_html(loaded->packages) : wit::doc_markdown(loaded->packages));
}

constexpr Option diff_options[] = {
    {"semver",
     0,
     "",
     "end with 1 only when NEW's version is too small a step for what changed",
     {}},
    dep_option,
    wit_features_option,
    all_wit_features_option,
    output_option,
};

/// The packages to compare: those of one name and version, then those of one name that are left in
/// their order; without any the main ones.
std::vector<std::pair<wit::PackageIdx, wit::PackageIdx>> package_pairs(const wit::Packages& before,
                                                                       const wit::Packages& after) {
  std::vector<std::pair<wit::PackageIdx, wit::PackageIdx>> out;
  std::vector<wit::PackageIdx> old = before.roots;
  std::vector<bool> taken(after.packages.size());
  for (const bool versions : {true, false}) {
    const auto key = [&](const wit::PackageName& name) {
      return versions ? name.to_string() : name.ns + ":" + name.name;
    };
    std::multimap<std::string, wit::PackageIdx> by_name;
    for (const wit::PackageIdx b : after.roots) {
      if (!taken[b.value]) by_name.emplace(key(after.packages[b].name), b);
    }
    std::erase_if(old, [&](wit::PackageIdx a) {
      const auto there = by_name.find(key(before.packages[a].name));
      if (there == by_name.end()) return false;
      out.emplace_back(a, there->second);
      taken[there->second.value] = true;
      by_name.erase(there);
      return true;
    });
  }
  if (out.empty()) out.emplace_back(before.roots.front(), after.roots.front());
  return out;
}

std::string place(const SourceSet& sources, Span span) {
  if (span.source >= sources.size() || sources.is_binary(span.source)) return {};
  const Position at = sources.position(span.source, span.begin);
  return fmt::format("{}:{}:{}", sources.name(span.source), at.line, at.column);
}

Json change_json(const SourceSet& sources, const wit::Change& change) {
  std::vector<Json::Member> out;
  out.emplace_back("step", Json::string(std::string(wit::to_string(change.step))));
  out.emplace_back("change", Json::string(change.text));
  if (std::string at = place(sources, change.span); !at.empty())
    out.emplace_back("place", Json::string(std::move(at)));
  return Json::object(std::move(out));
}

/// Compares the root packages of two paths.
int run_diff(Context& context, const Args& args) {
  int code = exit_ok;
  const auto before = load_wit(context, args, args.input(0), code);
  if (!before) return code;
  const auto after = load_wit(context, args, args.input(1), code);
  if (!after) return code;
  note_features(context, args);
  bool enough = true;
  wit::Step worst = wit::Step::patch;
  std::string out;
  std::vector<Json> reports;
  for (const auto& [a, b] : package_pairs(before->packages, after->packages)) {
    const auto changes = wit::diff(before->packages, a, after->packages, b);
    const wit::Step step = wit::step_of(changes);
    worst = std::max(worst, step);
    const wit::PackageName& old_name = before->packages.packages[a].name;
    const wit::PackageName& new_name = after->packages.packages[b].name;
    const bool versions = old_name.version && new_name.version;
    const bool fits =
        changes.empty() || (versions && wit::is_enough(*old_name.version, *new_name.version, step));
    enough = enough && fits;
    std::vector<Json> list;
    for (const wit::Change& change : changes) {
      const std::string at = place(context.sources, change.span);
      out += fmt::format("{}: {}{}\n", wit::to_string(change.step), visible(change.text),
                         at.empty() ? "" : fmt::format(" ({})", visible(at)));
      list.push_back(change_json(context.sources, change));
    }
    const std::string pair = fmt::format("{} to {}", old_name.to_string(), new_name.to_string());
    if (changes.empty())
      out += fmt::format("{}: nothing changed\n", pair);
    else
      out += fmt::format("{}: this asks for a {} step{}\n", pair, wit::to_string(step),
                         !versions ? ""
                         : fits    ? "; the version's step is enough"
                                   : "; the version's step is not enough");
    std::vector<Json::Member> report;
    report.emplace_back("old", Json::string(old_name.to_string()));
    report.emplace_back("new", Json::string(new_name.to_string()));
    report.emplace_back("step",
                        Json::string(changes.empty() ? "none" : std::string(wit::to_string(step))));
    report.emplace_back("enough", Json::boolean(fits));
    report.emplace_back("changes", Json::array(std::move(list)));
    reports.push_back(Json::object(std::move(report)));
  }
  if (context.json) out = Json::array(std::move(reports)).dump(2) + "\n";
  const int written = write_text(context, args.value("output"), out);
  if (written != exit_ok) return written;
  const bool bad = args.has("semver") ? !enough : worst == wit::Step::major;
  return bad ? exit_findings : exit_ok;
}

constexpr Option deps_options[] = {dep_option, wit_features_option, all_wit_features_option,
                                   output_option};

/// Lists the packages that a path needs, and where each comes from.
int run_deps(Context& context, const Args& args) {
  int code = exit_ok;
  const auto loaded = load_wit(context, args, args.input(0, "."), code);
  if (!loaded) return code;
  const wit::Packages& packages = loaded->packages;
  std::string out;
  std::vector<Json> list;
  for (std::size_t i = 0; i < packages.packages.size(); ++i) {
    const wit::PackageIdx idx{i};
    if (std::find(packages.roots.begin(), packages.roots.end(), idx) != packages.roots.end())
      continue;
    std::string_view from = "?";
    for (const auto& [name, interface] : packages.packages[idx].interfaces) {
      const Span span = packages.interfaces[interface].info.span;
      if (span.source < context.sources.size()) from = context.sources.name(span.source);
    }
    for (const auto& [name, world] : packages.packages[idx].worlds) {
      const Span span = packages.worlds[world].info.span;
      if (span.source < context.sources.size()) from = context.sources.name(span.source);
    }
    const std::string name = packages.packages[idx].name.to_string();
    out += fmt::format("{}  {}\n", name, visible(from));
    std::vector<Json::Member> one;
    one.emplace_back("package", Json::string(name));
    one.emplace_back("from", Json::string(std::string(from)));
    list.push_back(Json::object(std::move(one)));
  }
  return write_text(context, args.value("output"),
                    context.json ? Json::array(std::move(list)).dump(2) + "\n" : out);
}

}  // namespace

constinit const Verb verbs::wit_fmt{
    .name = "wit fmt",
    .usage = "PATH… [--check]",
    .summary = "lay WIT out in the canonical way, keeping every comment",
    .options = fmt_options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .takes = "@wit",
    .run = run_fmt,
};

constinit const Verb verbs::wit_lint{
    .name = "wit lint",
    .usage = "PATH… [--fix] [--allow RULE]",
    .summary = "find what is allowed and unwise; mend what is mechanical",
    .options = lint_options,
    .min_inputs = 1,
    .max_inputs = any_number,
    .takes = "@wit",
    .run = run_lint,
};

constinit const Verb verbs::wit_doc{
    .name = "wit doc",
    .usage = "[PATH] [--html] [-o OUT]",
    .summary = "documentation of a package as Markdown or HTML",
    .options = doc_options,
    .max_inputs = 1,
    .takes = "@wit",
    .run = run_doc,
};

constinit const Verb verbs::wit_diff{
    .name = "wit diff",
    .usage = "OLD NEW",
    .summary = "what changed, and which step of the version it asks for",
    .options = diff_options,
    .min_inputs = 2,
    .max_inputs = 2,
    .takes = "@wit",
    .run = run_diff,
    .more = "Ends with 1 when NEW breaks OLD: when a change asks for a major step.\n",
};

constinit const Verb verbs::wit_deps{
    .name = "wit deps",
    .usage = "[PATH]",
    .summary = "the packages that a package needs, and where each comes from",
    .options = deps_options,
    .max_inputs = 1,
    .takes = "@wit",
    .run = run_deps,
};

}  // namespace tenon::cli
