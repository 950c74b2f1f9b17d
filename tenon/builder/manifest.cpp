// SPDX-License-Identifier: Apache-2.0
// Every key is known or an error with its place in the file; keys and values of other tools'
// manifests are recognised to say what to write here. Names that become paths are checked to be one
// plain part of a path.
#include "tenon/builder/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "tenon/base/file.h"
#include "tenon/base/nearest.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/language.h"
#include "tenon/builder/rules.h"
#include "tenon/wit/lint.h"

namespace tenon::builder {
namespace {

/// Where nodes of one parsed file are, and how to complain about them.
class File {
 public:
  File(std::uint32_t source, std::string text) : source_(source), text_(std::move(text)) {}

  [[nodiscard]] Span span(const toml::source_region& region) const {
    return {source_, offset(region.begin), std::max(offset(region.begin) + 1, offset(region.end))};
  }
  [[nodiscard]] Error error(const toml::source_region& region, std::string detail) const {
    return {rules::manifest, span(region), std::move(detail)};
  }
  [[nodiscard]] Error wrong_type(std::string_view key, const toml::node& node,
                                 std::string_view wanted) const {
    Error out = error(node.source(), fmt::format("`{}` is {}, wanted {}", key, kind(node), wanted));
    const Span at = span(node.source());
    const bool plain = node.is_number() || node.is_boolean() || node.is_date();
    if (plain && wanted == "a string")
      return std::move(out).help(fmt::format("put it in quotes: `{} = \"{}\"`", key, text_at(at)));
    if (plain && wanted == "an array of strings")
      return std::move(out).help(fmt::format("write `{} = [\"…\"]`", key));
    if (wanted == "a table of paths")
      return std::move(out).help(
          fmt::format("write `[{}]`, and below it `\"…\" = \"path\"` for each", key));
    if (wanted == "a table")
      return std::move(out).help("a profile has a name: `[profile.release]`");
    if (const toml::table* table = node.as_table();
        table != nullptr && !table->empty() && (wanted == "a string" || is_array(wanted)))
      return std::move(out).help(fmt::format("write `{} = {}` at the top, without a table", key,
                                             is_array(wanted)
                                                 ? std::string_view("[\"…\"]")
                                                 : text_at(span(table->begin()->second.source()))));
    return out;
  }
  static bool is_array(std::string_view wanted) { return wanted == "an array of strings"; }
  /// What is there, to the end of its line.
  [[nodiscard]] std::string_view text_at(Span at) const {
    return std::string_view(text_).substr(at.begin, std::min(at.end, at.begin + 80) - at.begin);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::string_view kind(const toml::node& node) {
    if (node.is_string()) return "a string";
    if (node.is_array()) return "an array";
    if (node.is_table()) return "a table";
    if (node.is_boolean()) return "a boolean";
    return "a number or date";
  }
  [[nodiscard]] std::uint32_t offset(const toml::source_position& at) const {
    std::size_t start = 0;
    for (std::uint32_t line = 1; line < at.line && start < text_.size(); ++line) {
      const auto next = text_.find('\n', start);
      if (next == std::string::npos) break;
      start = next + 1;
    }
    return static_cast<std::uint32_t>(
        std::min(text_.size(), start + (at.column == 0 ? 0 : at.column - 1)));
  }

  std::uint32_t source_;
  std::string text_;
};

Result<std::string> string_of(const File& file, std::string_view key, const toml::node& node) {
  const auto value = node.value_exact<std::string>();
  if (!value) return std::unexpected(file.wrong_type(key, node, "a string"));
  return *value;
}

Result<bool> bool_of(const File& file, std::string_view key, const toml::node& node) {
  const auto value = node.value_exact<bool>();
  if (!value) return std::unexpected(file.wrong_type(key, node, "true or false"));
  return *value;
}

Result<std::vector<std::string>> strings_of(const File& file, std::string_view key,
                                            const toml::node& node) {
  std::vector<std::string> out;
  if (const auto one = node.value_exact<std::string>()) return std::vector<std::string>{*one};
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::unexpected(file.wrong_type(key, node, "an array of strings"));
  for (const toml::node& item : *array) {
    std::string text = TENON_TRY(string_of(file, key, item));
    out.push_back(std::move(text));
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> pairs_of(const File& file,
                                                                  std::string_view key,
                                                                  const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return std::unexpected(file.wrong_type(key, node, "a table of paths"));
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : *table) {
    const toml::node* path = &value;
    if (const toml::table* inner = value.as_table(); inner != nullptr && inner->contains("path"))
      path = inner->get("path");
    std::string text = TENON_TRY(string_of(file, name.str(), *path));
    out.emplace_back(std::string(name.str()), std::move(text));
  }
  return out;
}

/// `key = value` of a table's first entry that has one of these names; an empty text when it has
/// none.
std::string entry_line(const File& file, const toml::node& node,
                       std::span<const std::string_view> names, std::string_view as = {}) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return {};
  for (const auto& [key, value] : *table) {
    if (value.is_table() || std::ranges::find(names, key.str()) == names.end()) continue;
    return fmt::format("{} = {}", as.empty() ? key.str() : as,
                       file.text_at(file.span(value.source())));
  }
  return {};
}

/// `65536`, `64K`, `64KiB`.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (code != std::errc() || count >= std::uint64_t{1} << 33U) return std::nullopt;
  if (unit.empty()) return count;
  if (unit == "K" || unit == "KiB") return count << 10U;
  if (unit == "M" || unit == "MiB") return count << 20U;
  if (unit == "G" || unit == "GiB") return count << 30U;
  return std::nullopt;
}

/// A value as it stands inside of another string: a text without its quotes, a size in bytes, which
/// is what the linker takes.
std::string inside_string(const File& file, const toml::node& node, bool size) {
  const auto text = node.value_exact<std::string>();
  std::string found = text ? *text : std::string(file.text_at(file.span(node.source())));
  if (!size) return found;
  if (found.ends_with("KB") || found.ends_with("MB") || found.ends_with("GB")) found.pop_back();
  for (char& c : found) c = c == 'k' ? 'K' : c == 'm' ? 'M' : c == 'g' ? 'G' : c;
  const auto bytes = parse_size(found);
  return bytes ? std::to_string(*bytes) : "65536";
}

/// What is elsewhere here, or has another name, than in the files of other tools. `{}` stands for
/// the value that was given, `{text}` and `{bytes}` for it inside of a string.
std::string other_tools_key(const File& file, std::string_view key, const toml::node& node,
                            std::span<const std::string_view> known) {
  struct Row {
    std::string_view keys;
    std::string_view help;
  };
  static constexpr Row tables[] = {
      {" package project component tool tenon build settings config options lib bin general "
       "application ",
       "the keys go at the top, without a table: `name = \"…\"`, `lang = \"…\"`"},
      {" release debug profiles ", "a profile is a table `[profile.release]`"},
      {" target ", "a guest is always wasm32: leave it out"},
      {" env ", "variables are granted to each run: `tenon run --env NAME=VALUE`"},
      {" workspace members ", "each component has a tenon.toml in its own folder: leave it out"},
      {" bindings bindgen generate ", "each build makes the bindings: leave it out"},
  };
  static constexpr Row rows[] = {
      {" opt opt-level optimize optimization strip inherits ",
       "it belongs in a profile: below `[profile.release]`"},
      {" dependencies dev-dependencies imports wit_deps wit-deps ",
       "packages of WIT go below `[deps]`: `\"ns:pkg\" = \"path\"`; crates in Cargo.toml"},
      {" language type ", "did you mean `lang`? Write `lang = {}`"},
      {" version authors description license ",
       "the package in the WIT has a name and a version: leave it out"},
      {" src source files srcs ", "did you mean `sources`? Write `sources = {}`"},
      {" wit-dir wit_dir wit-path wit_path interface ", "did you mean `wit`? Write `wit = {}`"},
      {" includes include_dirs include-dirs include_directories headers ",
       "did you mean `include`? Write `include = {}`"},
      {" cxxflags cppflags ldflags compile_flags defines link_flags linker_flags libs ",
       "flags for the compiler and the linker go in `cflags`: write `cflags = {}`"},
      {" rustflags ", "did you mean `rustc_flags`? Write `rustc_flags = {}`"},
      {" out out_dir out-dir build_dir build-dir target-dir build ",
       "did you mean `output`? Write `output = {}`"},
      {" target triple arch ", "a guest is always wasm32: leave it out"},
      {" std standard cpp_std cxx_standard cpp-std ", "guests are C++23 or C17: leave it out"},
      {" compiler cc cxx linker ", "`tenon doctor` says which compilers are used: leave it out"},
      {" wasm-opt wasm_opt ",
       "small code is a profile's: below `[profile.release]`, `opt = \"z\"`"},
      {" stack_size stack-size stack ", "write `cflags = [\"-Wl,-z,stack-size={bytes}\"]`"},
      {" memory max_memory max-memory ", "write `cflags = [\"-Wl,--max-memory={bytes}\"]`"},
      {" entry main ", "a program with a `main` has `command = true`"},
      {" test tests cases ", "cases need no key: they are `test_cases.json` or `tests/*.json`"},
  };
  static constexpr Row in_profile[] = {
      {" opt-level optimize optimization opt_level ", "did you mean `opt`? Write `opt = {}`"},
      {" debug_info debug-info debuginfo symbols ", "did you mean `debug`? Write `debug = {}`"},
      {" lto codegen-units panic incremental ", "write `rustc_flags = [\"-C\", \"{0}={text}\"]`"},
  };
  const auto look = [&](std::span<const Row> all) -> std::string {
    for (const auto& [keys, help] : all) {
      if (!keys.contains(fmt::format(" {} ", key))) continue;
      std::string out(help);
      const std::string_view value = file.text_at(file.span(node.source()));
      const std::string inside = inside_string(file, node, out.contains("{bytes}"));
      for (const auto& [sign, text] :
           {std::pair(std::string_view("{0}"), key), std::pair(std::string_view("{}"), value),
            std::pair(std::string_view("{text}"), std::string_view(inside)),
            std::pair(std::string_view("{bytes}"), std::string_view(inside))}) {
        if (const auto at = out.find(sign); at != std::string::npos)
          out.replace(at, sign.size(), node.is_table() ? "…" : text);
      }
      return out;
    }
    return {};
  };
  const bool top = std::ranges::find(known, "name") != known.end();
  if (!top) return look(in_profile);
  if (node.is_table()) {
    std::string out = look(tables);
    const std::string line = entry_line(file, node, known);
    if (line.empty() || !out.starts_with("the keys")) return out.empty() ? look(rows) : out;
    return fmt::format("the keys go at the top, without a table: `{}`", line);
  }
  return look(rows);
}

Error unknown_key(const File& file, const toml::key& key, const toml::node& node,
                  std::span<const std::string_view> known) {
  const std::string_view near = nearest(key.str(), known);
  std::string help = other_tools_key(file, key.str(), node, known);
  if (help.empty() && !near.empty()) help = fmt::format("did you mean `{}`?", near);
  if (help.empty() && known.size() == 1) help = fmt::format("write `{} = [\"…\"]`", known[0]);
  if (help.empty() && node.is_table()) {
    const std::string line = entry_line(file, node, known);
    if (!line.empty()) help = fmt::format("the keys go at the top, without a table: `{}`", line);
  }
  std::string list;
  for (const std::string_view name : known)
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
  return file
      .error(key.source(), fmt::format("found the key `{}`, wanted one of {}", key.str(), list))
      .help(std::move(help));
}

/// What is as one part of a path: it cannot lead elsewhere, nor be hidden or unprintable.
bool is_file_name(std::string_view name) {
  constexpr std::size_t longest = 200;
  return !name.empty() && name.size() <= longest && name[0] != '.' && !name.contains('/') &&
         visible(name) == name;
}

/// What other tools call the degrees of optimisation.
std::string opt_help(std::string_view found) {
  static constexpr std::pair<std::string_view, std::string_view> rows[] = {
      {" fast speed max full O3 -O3 aggressive 4 true ", "3"},
      {" none debug off O0 -O0 false ", "0"},
      {" O1 -O1 basic ", "1"},
      {" release default O2 -O2 on ", "2"},
      {" size small Os -Os S ", "\"s\""},
      {" min minsize smallest Oz -Oz Z ", "\"z\""}};
  for (const auto& [words, mend] : rows) {
    if (words.contains(fmt::format(" {} ", found))) return fmt::format("write `opt = {}`", mend);
  }
  return {};
}

Result<void> read_profile(const File& file, const toml::key& name, const toml::node& node,
                          Project& project) {
  static constexpr std::array<std::string_view, 7> known = {
      "inherits", "opt", "debug", "strip", "cflags", "flags", "rustc_flags"};
  const toml::table* table = node.as_table();
  if (table == nullptr) return std::unexpected(file.wrong_type(name.str(), node, "a table"));
  if (!is_file_name(name.str()))
    return std::unexpected(file.error(
        name.source(), fmt::format("found `{}`, wanted a profile's name without `/`", name.str())));
  Profile profile;
  if (const Profile* there = project.find_profile(name.str())) {
    profile = *there;
  } else if (const Profile* release = project.find_profile("release")) {
    profile = *release;
  }
  profile.name = std::string(name.str());
  if (const toml::node* parent = table->get("inherits")) {
    const std::string text = TENON_TRY(string_of(file, "inherits", *parent));
    profile = TENON_TRY(profile_of(project, text));
    profile.name = std::string(name.str());
  }
  for (const auto& [key, value] : *table) {
    if (key == "inherits") continue;
    if (key == "opt") {
      if (const auto number = value.value_exact<std::int64_t>()) {
        profile.opt = std::to_string(*number);
      } else {
        profile.opt = TENON_TRY(string_of(file, key.str(), value));
      }
      if (std::string_view("0123sz").find(profile.opt) == std::string_view::npos ||
          profile.opt.size() != 1)
        return std::unexpected(
            file.error(value.source(),
                       fmt::format("found `{}`, wanted 0, 1, 2, 3, \"s\" or \"z\"", profile.opt))
                .help(opt_help(profile.opt)));
    } else if (key == "debug") {
      profile.debug_info = TENON_TRY(bool_of(file, key.str(), value));
    } else if (key == "strip") {
      profile.strip = TENON_TRY(bool_of(file, key.str(), value));
    } else if (key == "cflags" || key == "flags") {
      profile.cflags = TENON_TRY(strings_of(file, key.str(), value));
    } else if (key == "rustc_flags") {
      profile.rustc_flags = TENON_TRY(strings_of(file, key.str(), value));
    } else {
      return std::unexpected(unknown_key(file, key, value, known));
    }
  }
  const auto at = std::find_if(project.profiles.begin(), project.profiles.end(),
                               [&](const Profile& p) { return p.name == profile.name; });
  if (at == project.profiles.end()) {
    project.profiles.push_back(std::move(profile));
  } else {
    *at = std::move(profile);
  }
  return {};
}

/// Rules of `wit lint`, each checked where it is written.
Result<std::vector<std::string>> lints_of(const File& file, std::string_view key,
                                          const toml::node& node) {
  auto out = TENON_TRY(strings_of(file, key, node));
  if (const auto unknown = wit::unknown_lint(out)) {
    const toml::node* at = node.is_array() ? node.as_array()->get(unknown->index) : &node;
    return std::unexpected(
        file.error(at->source(), unknown->detail)
            .help(unknown->meant.empty()
                      ? unknown->known
                      : fmt::format("write `allow = [\"{}\"]`", unknown->meant)));
  }
  return out;
}

/// `"cpp", "c" or "rust"`.
std::string quoted_languages() {
  std::string out;
  for (std::size_t i = 0; i < languages().size(); ++i)
    out += fmt::format("{}\"{}\"",
                       i == 0                        ? ""
                       : i + 1 == languages().size() ? " or "
                                                     : ", ",
                       languages()[i]->name);
  return out;
}

Result<void> read_choice(const File& file, const toml::key& key, const toml::node& value,
                         Project& project, ManifestExtras& extras) {
  const std::string text = TENON_TRY(string_of(file, key.str(), value));
  if (key == "lang") {
    extras.lang = parse_lang(text);
    if (extras.lang) return {};
    static_assert(std::ranges::count(lang_choices, '|') == 2, "the help counts them: three");
    const auto meant = meant_lang(text);
    return std::unexpected(
        file.error(value.source(), fmt::format("found `{}`, wanted {}", text, quoted_languages()))
            .help(
                meant
                    ? fmt::format("write `lang = \"{}\"`", to_string(*meant))
                    : "`tenon build` compiles these three; of a core module that another compiler "
                      "made, `tenon component embed` and `tenon component new` make a "
                      "component"));
  }
  if (key == "ownership") {
    if (text != "owning" && text != "borrowing")
      return std::unexpected(file.error(
          value.source(), fmt::format("found `{}`, wanted \"owning\" or \"borrowing\"", text)));
    project.ownership =
        text == "owning" ? bindgen::Ownership::owning : bindgen::Ownership::borrowing;
    return {};
  }
  if (key == "string_encoding") {
    const auto encoding = component::parse_string_encoding(text);
    if (!encoding)
      return std::unexpected(file.error(
          value.source(),
          fmt::format("found `{}`, wanted \"utf8\", \"utf16\" or \"compact-utf16\"", text)));
    project.string_encoding = *encoding;
    return {};
  }
  if (text != "libc" && text != "small")
    return std::unexpected(
        file.error(value.source(), fmt::format("found `{}`, wanted \"libc\" or \"small\"", text)));
  project.allocator = text == "small" ? Allocator::small : Allocator::libc;
  return {};
}

/// Bytes: a number, or a string with a unit.
Result<std::uint64_t> size_of(const File& file, std::string_view key, const toml::node& node) {
  const auto wrong = [&] {
    return std::unexpected(file.wrong_type(key, node, "a size such as 67108864 or \"64MiB\""));
  };
  if (const auto bytes = node.value_exact<std::int64_t>()) {
    if (*bytes < 0) return wrong();
    return static_cast<std::uint64_t>(*bytes);
  }
  const auto text = node.value_exact<std::string>();
  if (!text) return wrong();
  const auto bytes = parse_size(*text);
  if (!bytes) return wrong();
  return *bytes;
}

Result<void> read_preinit(const File& file, const toml::node& node, Project& project) {
  static constexpr std::array<std::string_view, 9> known = {
      "init", "random-seed", "dirs",    "keep-init-func", "allow-wasi",
      "env",  "mocks",       "timeout", "max-memory"};
  const toml::table* table = node.as_table();
  if (table == nullptr)
    return std::unexpected(file.wrong_type("preinit", node, "a table [preinit]"));
  Preinit preinit;
  for (const auto& [key, value] : *table) {
    if (key == "init") {
      if (!value.is_string() && !value.is_array())
        return std::unexpected(
            file.wrong_type(key.str(), value, "a string or an array of strings"));
      preinit.init = TENON_TRY(strings_of(file, key.str(), value));
      preinit.span = file.error(value.source(), {}).span();
    } else if (key == "random-seed") {
      const auto seed = value.value_exact<std::int64_t>();
      if (!seed || *seed < 0)
        return std::unexpected(file.wrong_type(key.str(), value, "a number that is not negative"));
      preinit.random_seed = static_cast<std::uint64_t>(*seed);
    } else if (key == "dirs") {
      preinit.dirs = TENON_TRY(strings_of(file, key.str(), value));
    } else if (key == "keep-init-func") {
      preinit.keep_init_func = TENON_TRY(bool_of(file, key.str(), value));
    } else if (key == "allow-wasi") {
      preinit.allow_wasi = TENON_TRY(bool_of(file, key.str(), value));
    } else if (key == "env") {
      preinit.env = TENON_TRY(strings_of(file, key.str(), value));
      for (const std::string& variable : preinit.env) {
        const auto equals = variable.find('=');
        if (equals == 0 || equals == std::string::npos)
          return std::unexpected(
              file.error(value.source(), fmt::format("found `{}`, wanted `NAME=VALUE`", variable)));
      }
    } else if (key == "mocks") {
      preinit.mocks = TENON_TRY(strings_of(file, key.str(), value));
    } else if (key == "timeout") {
      preinit.timeout = value.value<double>();
      if (!preinit.timeout || !(*preinit.timeout > 0) || value.is_string())
        return std::unexpected(file.wrong_type(key.str(), value, "a number of seconds above 0"));
    } else if (key == "max-memory") {
      preinit.max_memory = TENON_TRY(size_of(file, key.str(), value));
    } else {
      return std::unexpected(unknown_key(file, key, value, known));
    }
  }
  if (preinit.init.empty()) {
    return std::unexpected(
        file.error(node.source(),
                   "found a table [preinit] without `init`, wanted a function's name")
            .help("write a line like: init = \"initialize\""));
  }
  project.preinit = std::move(preinit);
  return {};
}

Result<void> read_key(const File& file, const toml::key& key, const toml::node& value,
                      Project& project, ManifestExtras& extras) {
  static constexpr std::array<std::string_view, 24> known = {
      "name",     "world",     "lang",           "sources", "wit",
      "include",  "cflags",    "flags",          "output",  "rustc_flags",
      "edition",  "allocator", "ownership",      "deps",    "adapter",
      "adapters", "profile",   "features",       "lint",    "string_encoding",
      "command",  "stub_wasi", "adapter_compat", "preinit"};
  const std::string_view name = key.str();
  if (name == "name") {
    project.name = TENON_TRY(string_of(file, name, value));
    if (!is_file_name(project.name))
      return std::unexpected(file.error(value.source(), "wanted a file name without `/`"));
  } else if (name == "world") {
    project.world = TENON_TRY(string_of(file, name, value));
  } else if (name == "command") {
    project.command = TENON_TRY(bool_of(file, name, value));
  } else if (name == "stub_wasi") {
    project.stub_wasi = TENON_TRY(bool_of(file, name, value));
  } else if (name == "adapter_compat") {
    const std::string text = TENON_TRY(string_of(file, name, value));
    project.adapter_compat = parse_adapter_compat(text);
    if (!project.adapter_compat)
      return std::unexpected(file.error(
          value.source(), fmt::format("found `{}`, wanted \"0.2.0\" or \"0.2.12\"", text)));
  } else if (name == "lang" || name == "allocator" || name == "ownership" ||
             name == "string_encoding") {
    return read_choice(file, key, value, project, extras);
  } else if (name == "sources") {
    extras.source_patterns = TENON_TRY(strings_of(file, name, value));
    if (const toml::array* array = value.as_array(); array != nullptr) {
      for (const toml::node& one : *array) extras.source_spans.push_back(file.span(one.source()));
    } else {
      extras.source_spans.push_back(file.span(value.source()));
    }
    if (extras.source_patterns.empty())
      return std::unexpected(file.error(value.source(), "`sources` is empty")
                                 .help("leave it out to build all of src/"));
  } else if (name == "wit") {
    project.wit = TENON_TRY(string_of(file, name, value));
    extras.wit_given = true;
  } else if (name == "features") {
    project.wit_features = TENON_TRY(strings_of(file, name, value));
  } else if (name == "include") {
    project.include_dirs = TENON_TRY(strings_of(file, name, value));
  } else if (name == "cflags" || name == "flags") {
    project.cflags = TENON_TRY(strings_of(file, name, value));
  } else if (name == "rustc_flags") {
    project.rustc_flags = TENON_TRY(strings_of(file, name, value));
  } else if (name == "edition") {
    project.edition = TENON_TRY(string_of(file, name, value));
  } else if (name == "output") {
    project.output = TENON_TRY(string_of(file, name, value));
  } else if (name == "deps") {
    project.deps = TENON_TRY(pairs_of(file, name, value));
  } else if (name == "adapter") {
    std::string path = TENON_TRY(string_of(file, name, value));
    project.adapters.emplace_back("wasi_snapshot_preview1", std::move(path));
  } else if (name == "adapters") {
    project.adapters = TENON_TRY(pairs_of(file, name, value));
  } else if (name == "profile") {
    const toml::table* table = value.as_table();
    if (table == nullptr)
      return std::unexpected(file.wrong_type(name, value, "tables such as [profile.release]"));
    for (const auto& [profile, settings] : *table)
      TENON_TRY(read_profile(file, profile, settings, project));
  } else if (name == "preinit") {
    return read_preinit(file, value, project);
  } else if (name == "lint") {
    const toml::table* table = value.as_table();
    if (table == nullptr) return std::unexpected(file.wrong_type(name, value, "a table [lint]"));
    static constexpr std::array<std::string_view, 1> keys = {"allow"};
    for (const auto& [setting, rules] : *table) {
      if (setting.str() != keys[0]) return std::unexpected(unknown_key(file, setting, rules, keys));
      project.lint_allow = TENON_TRY(lints_of(file, keys[0], rules));
    }
  } else {
    return std::unexpected(unknown_key(file, key, value, known));
  }
  return {};
}

struct Parsed {
  File file;
  toml::table table;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto begin = std::min(text.find_first_not_of(blank), text.size());
  return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

/// The line of that number, from 1.
std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

/// A bare word of TOML: neither number, date nor boolean.
bool wants_quotes(std::string_view word) {
  return !word.empty() && word.find_first_of("\"'[]{}=,#") == std::string_view::npos &&
         word != "true" && word != "false" &&
         word.find_first_not_of("0123456789.+-_:eE") != std::string_view::npos;
}

/// Quotes of TOML, and those that text processors put in their place.
constexpr std::string_view all_quotes[] = {"\"", "'", "“", "”", "„", "‟",
                                           "‘",  "’", "‚", "«", "»", "`"};

/// A value with the quotes that it wants: it has none, or two that are no pair of TOML's; an empty
/// text when its quotes are not what is wrong.
std::string right_quotes(std::string_view value) {
  std::string_view first;
  std::string_view last;
  for (const std::string_view quote : all_quotes) {
    if (value.starts_with(quote)) first = quote;
    if (value.ends_with(quote)) last = quote;
  }
  if (first.empty() && last.empty())
    return wants_quotes(value) ? fmt::format("\"{}\"", value) : std::string();
  const bool pair = first == last && (first == "\"" || first == "'");
  if (pair || last.empty() || value.size() < first.size() + last.size()) return {};
  value = value.substr(first.size(), value.size() - first.size() - last.size());
  if (value.find_first_of("\"\\") != std::string_view::npos) return {};
  return fmt::format("\"{}\"", value);
}

/// A key as it stands in a table: that of a package, `wasi:cli`, has quotes.
std::string right_key(std::string_view key) {
  const bool bare = key.find_first_of("\"'“”") == std::string_view::npos;
  return bare && key.contains(':') ? fmt::format("\"{}\"", key) : std::string(key);
}

/// `key = value` with the quotes that `value`, or the elements of the array that it is, want; an
/// empty text when quotes are not what is missing.
std::string in_quotes(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || line.size() > 200) return {};
  const std::string_view bare = trimmed(line.substr(0, equals));
  if (bare.starts_with("//") || bare.find_first_of(" \t") != std::string_view::npos) return {};
  const std::string key = right_key(bare);
  std::string_view value = line.substr(equals + 1);
  value = trimmed(value.substr(0, value.find(" #")));
  if (const std::string right = right_quotes(value); !right.empty())
    return fmt::format("{} = {}", key, right);
  if (key != bare && !value.empty()) return fmt::format("{} = {}", key, value);
  if (!value.starts_with('[') || !value.ends_with(']')) return {};
  value = value.substr(1, value.size() - 2);
  std::string out;
  bool changed = false;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const std::string_view item = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (item.empty()) continue;
    const std::string right = right_quotes(item);
    changed |= !right.empty();
    out += fmt::format("{}{}", out.empty() ? "" : ", ", right.empty() ? item : right);
  }
  return changed ? fmt::format("{} = [{}]", key, out) : std::string();
}

/// What to write in the place of a line that is no TOML; empty when nobody knows.
std::string line_help(std::string_view line, std::string_view description) {
  if (description.contains("cannot redefine"))
    return "a key may appear only once in its table: remove one of the two";
  if (const std::string mend = in_quotes(line); !mend.empty())
    return fmt::format("put it in quotes: `{}`", mend);
  line = trimmed(line);
  if (line.size() > 200) return {};
  if (line.starts_with("//") || line.starts_with("/*")) return "a comment begins with `#`";
  if (line.starts_with('{')) return "TOML has a line for each key: `name = \"…\"`";
  if (line.ends_with(';') || line.ends_with("\","))
    return fmt::format("remove the `{}` at the end", line.back());
  const auto is_key = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-';
    });
  };
  const auto colon = line.find(':');
  const std::string_view key = trimmed(line.substr(0, colon));
  if (colon != std::string_view::npos && is_key(key)) {
    const std::string_view value = trimmed(line.substr(colon + 1));
    const std::string right = right_quotes(value);
    const std::string quoted = right.empty() ? std::string(value) : right;
    return fmt::format("write `{} = {}`", key, quoted.empty() ? "…" : quoted);
  }
  if (std::ranges::count(line, '"') % 2 == 1) return fmt::format("close the quotes: `{}\"`", line);
  if (std::ranges::count(line, '\'') % 2 == 1 && !line.contains('"'))
    return fmt::format("close the quotes: `{}'`", line);
  if (is_key(line)) return fmt::format("a key has a value: `{} = …`", line);
  return {};
}

/// Keeps where `wit`, `include`, `deps` and the adapters name files and folders, for the build that
/// looks for them.
void keep_paths(const Parsed& parsed, Project& project) {
  const auto keep = [&](std::string_view key, const toml::node* node) {
    if (node == nullptr) return;
    if (const toml::table* inner = node->as_table(); inner != nullptr && inner->contains("path"))
      node = inner->get("path");
    if (auto path = node->value_exact<std::string>())
      project.named_paths.push_back(
          {std::string(key), *std::move(path), parsed.file.span(node->source())});
  };
  keep("wit", parsed.table.get("wit"));
  keep("adapter", parsed.table.get("adapter"));
  if (const toml::array* folders = parsed.table["include"].as_array()) {
    for (const toml::node& folder : *folders) keep("include", &folder);
  } else {
    keep("include", parsed.table.get("include"));
  }
  for (const std::string_view name : {"deps", "adapters"}) {
    const toml::table* table = parsed.table[name].as_table();
    if (table == nullptr) continue;
    for (const auto& [key, value] : *table) keep(key.str(), &value);
  }
}

Result<Parsed> parse(const std::string& path, SourceSet& sources) {
  std::string text = TENON_TRY(read_text_file(path));
  const std::uint32_t source = sources.add(path, text);
  File file(source, std::move(text));
  toml::parse_result result = toml::parse(file.text());
  if (!result) {
    Error error = file.error(result.error().source(), std::string(result.error().description()));
    const std::string_view line = line_of(file.text(), result.error().source().begin.line);
    return std::unexpected(std::move(error).help(line_help(line, result.error().description())));
  }
  return Parsed{std::move(file), std::move(result).table()};
}

/// `[package.metadata.component]` as cargo-component's users write it.
Result<void> read_component_metadata(const File& file, const toml::table& metadata,
                                     Project& project, ManifestExtras& extras) {
  if (const toml::node* wit = metadata.get("wit")) {
    project.wit = TENON_TRY(string_of(file, "wit", *wit));
    extras.wit_given = true;
  }
  if (const toml::node* adapter = metadata.get("adapter")) {
    std::string path = TENON_TRY(string_of(file, "adapter", *adapter));
    project.adapters.emplace_back("wasi_snapshot_preview1", std::move(path));
  }
  const toml::table* target = metadata["target"].as_table();
  if (target == nullptr) return {};
  if (const toml::node* path = target->get("path")) {
    project.wit = TENON_TRY(string_of(file, "path", *path));
    extras.wit_given = true;
  }
  if (const toml::node* world = target->get("world")) {
    std::string text = TENON_TRY(string_of(file, "world", *world));
    project.world = std::move(text);
  }
  if (const toml::node* deps = target->get("dependencies")) {
    project.deps = TENON_TRY(pairs_of(file, "dependencies", *deps));
  }
  return {};
}

}  // namespace

Result<void> read_manifest(const std::string& path, SourceSet& sources, Project& project,
                           ManifestExtras& extras) {
  const Parsed parsed = TENON_TRY(parse(path, sources));
  project.manifest = path;
  for (const auto& [key, value] : parsed.table)
    TENON_TRY(read_key(parsed.file, key, value, project, extras));
  keep_paths(parsed, project);
  return {};
}

Result<void> check_named_paths(const Project& project) {
  namespace fs = std::filesystem;
  for (const auto& [key, path, span] : project.named_paths) {
    std::error_code ignored;
    const fs::path place = fs::path(project.dir) / path;
    if (key == "include" && !fs::is_directory(place, ignored))
      return std::unexpected(
          Error(rules::manifest, span,
                fmt::format("`include` names `{}`, and there is no such folder", path))
              .help("paths count from the folder of tenon.toml"));
    if (fs::exists(place, ignored)) continue;
    const bool version =
        !path.empty() && path.find_first_not_of("0123456789.^~=*") == std::string::npos;
    return std::unexpected(
        Error(rules::manifest, span,
              fmt::format("`{}` names `{}`, and there is no such file or folder", key, path))
            .help(version ? "a path is wanted, not a version: where the package's WIT is"
                          : "paths count from the folder of tenon.toml"));
  }
  return {};
}

Result<void> read_cargo_manifest(const std::string& path, SourceSet& sources, Project& project,
                                 ManifestExtras& extras) {
  const Parsed parsed = TENON_TRY(parse(path, sources));
  const File& file = parsed.file;
  extras.lang = Lang::rust;
  if (!parsed.table.contains("package")) {
    return std::unexpected(
        Error(rules::cargo_project, Span::none(), fmt::format("`{}` has no [package]", path))
            .help(parsed.table.contains("workspace")
                      ? "it is a workspace: name the folder of one of its members"
                      : "a crate has a name: [package] with name, version and edition"));
  }
  if (const auto name = parsed.table["package"]["name"].value<std::string>()) project.name = *name;
  if (const auto edition = parsed.table["package"]["edition"].value<std::string>())
    project.edition = *edition;
  if (const auto root = parsed.table["lib"]["path"].value<std::string>())
    extras.source_patterns = {*root};
  if (const toml::table* metadata = parsed.table["package"]["metadata"]["component"].as_table())
    TENON_TRY(read_component_metadata(file, *metadata, project, extras));
  // What the bindings replace needs no cargo.
  if (const toml::table* deps = parsed.table["dependencies"].as_table()) {
    for (const auto& [name, value] : *deps) {
      const std::string_view where =
          value.is_table() ? (*value.as_table())["path"].value_or(std::string_view()) : "";
      if (!is_bindings_crate(name.str(), where) &&
          std::ranges::find(replaced_crates, name.str()) == std::end(replaced_crates))
        project.cargo_dependencies.emplace_back(name.str());
    }
  }
  project.cargo = true;
  return {};
}

}  // namespace tenon::builder
