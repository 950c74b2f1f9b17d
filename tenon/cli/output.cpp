// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/file.h"
#include "tenon/base/rules.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/project.h"
#include "tenon/cli/command.h"
#include "tenon/cli/own_files.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

int write_stdout(const Context& context, ByteSpan bytes) {
  std::fflush(stdout);
  while (!bytes.empty()) {
    const ::ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return context.report(Error(tenon::rules::file_unwritable, Span::none(),
                                  std::string("standard output: ") + std::strerror(errno)));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return exit_ok;
}

/// Whether writing to `path` would replace the input, or add to it where that is a folder of WIT.
bool is_input(const std::filesystem::path& input, const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::equivalent(input, path, ignored)) return true;
  // A file of WIT that is there, in a folder of such.
  const std::string kind = path.extension().string();
  if (kind != ".wit" && kind != ".wasm" && kind != ".wat") return false;
  if (!fs::is_directory(input, ignored) || !fs::exists(path, ignored)) return false;
  const fs::path inside =
      fs::weakly_canonical(path, ignored).lexically_relative(fs::weakly_canonical(input, ignored));
  return !inside.empty() && *inside.begin() != "..";
}

/// Whether a file of this name is one that people write by hand: a manifest, a source, the WIT of a
/// project. Elsewhere WIT may be an earlier output.
bool has_handwritten_name(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  constexpr std::array<std::string_view, 13> kinds = {".toml", ".c",   ".cpp", ".cc", ".cxx",
                                                      ".h",    ".hpp", ".rs",  ".py", ".js",
                                                      ".ts",   ".go",  ".java"};
  constexpr std::array<std::string_view, 9> names = {
      "CMakeLists.txt", "Makefile",        "README.md",  "LICENSE",    "package.json",
      "Cargo.lock",     "test_cases.json", "tenon.lock", "BUILD.bazel"};
  std::error_code ignored;
  const std::string kind = path.extension().string();
  return std::ranges::find(names, path.filename().string()) != names.end() ||
         std::ranges::find(kinds, kind) != kinds.end() ||
         (kind == ".wit" &&
          builder::folder_upwards(fs::absolute(path, ignored).parent_path(), {"tenon.toml"}));
}

/// Whether a file is one where a result can only have come by mistake: one that people write by
/// hand, or, where `written` is a binary, anything that is not one.
bool is_handwritten(const std::string& path, std::string_view written) {
  constexpr std::string_view magic("\0asm", 4);
  std::error_code ignored;
  if (!written.starts_with(magic) && !has_handwritten_name(path)) return false;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  const auto bytes = read_file(path);
  if (!bytes || bytes->empty()) return false;
  const std::string_view found = as_text(*bytes);
  return found != written && !found.starts_with(magic) && !is_generated(found);
}

/// `-o` replaces any file but one that was read, or that somebody wrote by hand: a slip there would
/// lose it. `written`: how the output begins.
Result<void> may_write(const Context& context, std::string_view path, std::string_view written,
                       bool checked = false) {
  // What a build read may be a folder, and is not always a source that was shown.
  std::vector<std::string_view> inputs(context.built_from.begin(), context.built_from.end());
  for (std::size_t i = 0; i < context.sources.size(); ++i)
    inputs.push_back(context.sources.name(static_cast<std::uint32_t>(i)));
  if (std::ranges::any_of(inputs, [&](std::string_view input) { return is_input(input, path); }))
    return std::unexpected(
        usage_error(fmt::format("the output `{}` is an input too", path), "name another file"));
  if (!checked && is_handwritten(std::string(path), written)) {
    return std::unexpected(Error(rules::foreign_file, Span::none(), fmt::format("`{}`", path))
                               .help("name another file, or remove this one first"));
  }
  return {};
}

}  // namespace

int write_binary(const Context& context, std::optional<std::string_view> path, ByteSpan bytes) {
  const bool to_stdout = !path || *path == "-";
  if (to_stdout && ::isatty(STDOUT_FILENO) != 0) {
    return context.report(Error(rules::binary_to_terminal, Span::none())
                              .help("use `-o FILE`, or `-t` for text where the verb has it"));
  }
  if (to_stdout) return write_stdout(context, bytes);
  if (const auto may = may_write(context, *path, as_text(bytes)); !may)
    return context.report(may.error());
  const auto written = write_file(std::string(*path), bytes);
  return written ? int{exit_ok} : context.report(written.error());
}

int write_text(const Context& context, std::optional<std::string_view> path, std::string_view text,
               bool checked) {
  if (!path || *path == "-") return write_stdout(context, as_bytes(text));
  if (const auto may = may_write(context, *path, text, checked); !may)
    return context.report(may.error());
  const auto written = write_file(std::string(*path), text);
  return written ? int{exit_ok} : context.report(written.error());
}

int write_text(const Context& context, std::optional<std::string_view> path,
               const Producer& produce) {
  if (path && *path != "-") {
    if (const auto may = may_write(context, *path, {}); !may) return context.report(may.error());
    const auto written = write_file(std::string(*path), produce);
    return written ? int{exit_ok} : context.report(written.error());
  }
  int failed = exit_ok;
  const auto produced = produce([&](std::string_view piece) {
    if (failed == exit_ok) failed = write_stdout(context, as_bytes(piece));
  });
  return produced ? failed : context.report(produced.error());
}

StatusLine::StatusLine(const Context& context)
    : on_(!context.quiet && !context.json && ::isatty(STDERR_FILENO) != 0) {}

StatusLine::~StatusLine() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void StatusLine::show(std::string_view text) {
  if (!on_) return;
  shown_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", visible(text).c_str());
  std::fflush(stderr);
}

}  // namespace tenon::cli
