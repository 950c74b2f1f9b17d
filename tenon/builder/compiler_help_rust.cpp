// SPDX-License-Identifier: Apache-2.0
// In Rust the bindings are a crate of their own, called after the project. Who comes from
// wit-bindgen or cargo-component looks for a module, a macro or a path that is not there; the
// generated crate tells the right ones.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "tenon/builder/compiler_help.h"

namespace tenon::builder::compiler_help {
namespace {

/// The type that implements the world's traits: what stands behind the first `Guest for`, of a path
/// such as `super::Component` the last part, since the line that exports stands in the crate's
/// root.
std::string_view implementer(const GuestNames& names) {
  constexpr std::string_view before = "Guest for ";
  const auto found = names.sources.find(before);
  if (found == std::string::npos) return "Component";
  auto at = found + before.size();
  std::string_view type = word_at(names.sources, at);
  while (std::string_view(names.sources).substr(at + type.size()).starts_with("::")) {
    at += type.size() + 2;
    type = word_at(names.sources, at);
  }
  return type.empty() ? "Component" : type;
}

std::string export_line(const GuestNames& names) {
  return fmt::format("{0}::export!({1} with_types_in {0});", names.crate, implementer(names));
}

/// wit-bindgen's macros, and the crate under the name that cargo-component gives it.
std::string other_generator(std::string_view output, const GuestNames& names) {
  if (!output.contains("wit_bindgen") && !output.contains("`cargo_component_bindings`")) return {};
  const std::vector<std::string> traits = rust_traits(names);
  return fmt::format(
      "tenon generates the crate `{0}`: leave `wit_bindgen::generate!` out, write `use {1};` and "
      "close with `{2}`",
      names.crate, traits.size() == 1 ? traits.front() : names.crate + "::exports::…::Guest",
      names.sources.contains("Guest for ")
          ? export_line(names)
          : fmt::format("{0}::export!(Type with_types_in {0});", names.crate));
}

/// The macro that exports: under another name, without its crate or without `with_types_in`.
std::string wrong_macro(std::string_view output, const GuestNames& names) {
  const std::string line = fmt::format("write `{}`", export_line(names));
  if (output.contains("cannot find macro `export`"))
    return fmt::format("the macro belongs to the bindings: {}", line);
  const std::string in_crate = fmt::format("` in `{}`", names.crate);
  for (auto at = output.find(in_crate); at != std::string_view::npos;
       at = output.find(in_crate, at + 1)) {
    const std::string_view word = word_before(output, at);
    if (!word.empty() && names.sources.contains(fmt::format("{}::{}!(", names.crate, word)))
      return fmt::format("the macro of the bindings is `export!`: {}", line);
  }
  const auto used = names.sources.find("::export!(");
  if (used != std::string::npos && output.contains("::export!(") &&
      !between(names.sources, "export!(", ";", used).contains("with_types_in"))
    return fmt::format("the macro wants to know where the types are: {}", line);
  return {};
}

/// The crate under another name: that of before, the project's, a module `bindings`.
std::string wrong_crate(std::string_view output, const GuestNames& names) {
  if (names.crate.empty()) return {};
  const auto instead = [&](std::string_view found) {
    return fmt::format(
        "the crate of the bindings is called after the project: write `{}` in place of `{}`",
        names.crate, found);
  };
  constexpr std::string_view tail = "_bindings`";
  for (auto at = output.find(tail); at != std::string_view::npos; at = output.find(tail, at + 1)) {
    const std::string_view word = word_before(output, at + tail.size() - 1);
    if (word != names.crate)
      return instead(word) + ", also where Cargo.toml names it for the editor";
  }
  if (output.contains("file not found for module `bindings`") ||
      output.contains("could not find `bindings` in the crate root"))
    return instead(names.sources.contains("crate::bindings") ? "crate::bindings"
                                                             : "mod bindings; … bindings");
  for (const std::string_view before :
       {"undeclared crate or module `", "unresolved import `", "unlinked crate `"}) {
    const std::string_view word = between(output, before, "`");
    const std::string_view first = word.substr(0, word.find("::"));
    if (!first.empty() && first != names.crate &&
        names.sources.contains(fmt::format("{}::exports::", first)))
      return instead(first);
  }
  return {};
}

/// A path below the crate that is not there.
std::string wrong_path(std::string_view output, const GuestNames& names) {
  if (!output.contains(fmt::format("unresolved import `{}::", names.crate)) &&
      !output.contains(fmt::format("` in `{}`", names.crate)))
    return {};
  const std::vector<std::string> traits = rust_traits(names);
  if (traits.empty()) return {};
  constexpr std::size_t most = 5;
  if (traits.size() == 1) return fmt::format("write `use {};`", traits.front());
  return fmt::format(
      "the traits of the world are `{}`",
      fmt::join(traits.begin(),
                traits.begin() + static_cast<std::ptrdiff_t>(std::min(most, traits.size())),
                "`, `"));
}

/// What the bindings declare under a path of modules.
struct Item {
  /// `p_bindings::demo::calc::store`
  std::string path;
  std::string_view name;
  bool module = false;
};

std::vector<Item> items_of(const GuestNames& names) {
  std::vector<std::pair<std::size_t, std::string>> modules = {{0, names.crate}};
  std::vector<Item> out;
  std::string_view rest = names.bindings;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    if (line.empty()) continue;
    while (modules.size() > 1 && modules.back().first >= indent) modules.pop_back();
    // Functions of a type stand deeper than those of its module.
    const bool direct = modules.size() == 1 ? indent == 0 : indent == modules.back().first + 4;
    for (const std::string_view keyword :
         {"pub mod ", "pub fn ", "pub struct ", "pub enum ", "pub type "}) {
      if (!line.starts_with(keyword) || !direct) continue;
      const bool module = keyword == "pub mod ";
      const std::string_view name = word_at(line, keyword.size());
      out.push_back({modules.back().second, name, module});
      if (module) modules.emplace_back(indent, fmt::format("{}::{}", modules.back().second, name));
    }
  }
  return out;
}

/// What stands before and behind a word in the first path that has it and is not already right.
std::pair<std::string_view, std::string> used_path(std::string_view sources, std::string_view word,
                                                   const Item& item, bool first) {
  const std::string sign = fmt::format("{}::", word);
  for (auto used = sources.find(sign); used != std::string_view::npos;
       used = sources.find(sign, used + 1)) {
    if (used > 0 && is_word(sources[used - 1])) continue;
    std::size_t begin = used;
    while (begin > 0 && (is_word(sources[begin - 1]) || sources[begin - 1] == ':')) --begin;
    const std::string_view before = sources.substr(begin, used - begin);
    if (before == fmt::format("{}::", item.path) || (first && !before.empty())) continue;
    std::string tail;
    for (auto next = used + word.size(); sources.substr(next, 2) == "::";) {
      const std::string_view part = word_at(sources, next + 2);
      if (part.empty()) break;
      tail += fmt::format("::{}", part);
      next += 2 + part.size();
    }
    return {before, tail};
  }
  return {};
}

/// `store::get_item(1)`: a module, function or type of the bindings without the path before it.
std::string short_path(std::string_view output, const GuestNames& names) {
  const std::vector<Item> items = items_of(names);
  for (const std::string_view sign :
       {"undeclared crate or module `", "unlinked crate `", "undeclared module `",
        "could not find `", "cannot find function `", "use of undeclared type `"}) {
    const auto at = output.find(sign);
    if (at == std::string_view::npos) continue;
    const std::string_view word = word_at(output, at + sign.size());
    for (const Item& item : items) {
      if (folded(item.name) != folded(word) || word == "exports" || word == names.crate) continue;
      const bool first = sign.starts_with("un");
      const auto [before, tail] = used_path(names.sources, word, item, first);
      // The trait has words of its own.
      if (tail.ends_with("::Guest")) break;
      return fmt::format(
          "the bindings call it by its whole path: write `{}::{}{}` in place of "
          "`{}{}{}`",
          item.path, item.name, tail, before, word, tail);
    }
  }
  return {};
}

/// `Perm::Read` of flags, `Size::SMALL` of an enum.
std::string wrong_value(std::string_view output, const GuestNames& names) {
  for (const std::string_view sign :
       {"associated item named `", "variant or associated item named `", "variant named `"}) {
    const auto at = output.find(sign);
    if (at == std::string_view::npos) continue;
    const std::string_view word = word_at(output, at + sign.size());
    const std::string_view whole = between(output, "` found for ", "` in the current scope", at);
    const std::string_view path = whole.substr(whole.find('`') + 1);
    const std::string_view type = path.substr(path.rfind(':') + 1);
    if (!path.starts_with(names.crate) || type.empty()) continue;
    for (const std::string& opens :
         {fmt::format(", {} {{\n", type), fmt::format("pub enum {} {{\n", type)}) {
      const auto from = names.bindings.find(opens);
      if (from == std::string::npos) continue;
      std::string_view body = between(names.bindings, opens, "}", from);
      const bool flags = opens.starts_with(',');
      while (!body.empty()) {
        const std::string_view line = trimmed(body.substr(0, body.find('\n')));
        body.remove_prefix(std::min(std::min(body.find('\n'), body.size()) + 1, body.size()));
        const std::string_view name = word_at(line, 0);
        if (name.empty() || folded(name) != folded(word)) continue;
        return fmt::format("{}write `{}::{}` in place of `{}::{}`",
                           flags ? "flags are constants: " : "", type, name, type, word);
      }
    }
  }
  const std::string sum = fmt::format("cannot add `{}::", names.crate);
  if (output.contains(sum)) {
    const std::string_view path = between(output, sum, "`");
    const std::string_view type = path.substr(path.rfind(':') + 1);
    if (names.bindings.contains(fmt::format("_rt::flags!(")) &&
        names.bindings.contains(fmt::format(", {} {{\n", type)))
      return fmt::format("flags are put together with `|`: write `{0}::… | {0}::…`", type);
  }
  return {};
}

/// The macro with a type that is not there.
std::string no_such_type(std::string_view output, const GuestNames& names) {
  const std::string_view type = between(output, "cannot find type `", "`");
  if (type.empty() || !names.sources.contains(fmt::format("::export!({} ", type)) ||
      implementer(names) == type)
    return {};
  return fmt::format("there is no type `{}`: write `{}`", type, export_line(names));
}

/// A crate that Cargo.toml does not name.
std::string no_dependency(std::string_view output, const GuestNames& names) {
  static constexpr std::array own = {"crate", "self", "super", "std", "core", "alloc"};
  for (const std::string_view before :
       {"undeclared crate or module `", "unresolved import `", "unlinked crate `"}) {
    const std::string_view word = between(output, before, "`");
    const std::string_view first = word.substr(0, word.find("::"));
    if (first.empty() || first == names.crate || std::ranges::find(own, first) != own.end())
      continue;
    if (!names.sources.contains(fmt::format("use {}", first)) &&
        !names.sources.contains(fmt::format("{}::", first)))
      continue;
    return fmt::format(
        "`{0}` is neither a module of the crate nor a dependency: write `mod {0};` "
        "for src/{0}.rs, or `{0} = \"VERSION\"` below `[dependencies]` in Cargo.toml",
        first);
  }
  return {};
}

/// What rustc says of something that came with a later version.
struct Newer {
  std::string_view says;
  std::string_view what;
  int minor;
};
constexpr Newer newer_words[] = {
    {"`let...else` statements are unstable", "`let … else`", 65},
    {"generic associated types are unstable", "generic associated types", 65},
    {"cannot be declared `async`", "`async fn` in a trait", 75},
    {"`impl Trait` only allowed in function and inherent method return types",
     "`impl Trait` in a trait", 75},
    {"`let` expressions in this position are unstable", "`let` chains", 88},
    {"inline-const is experimental", "`const { … }`", 79},
    {"prefix `c` is unknown", "`c\"…\"`", 77},
    {"extern block cannot be declared unsafe", "`unsafe extern`", 82},
    {"cannot find attribute `unsafe`", "`#[unsafe(…)]`", 82},
    {"expected identifier, found keyword `unsafe`", "`#[unsafe(…)]`", 82},
    {"raw address of syntax is experimental", "`&raw`", 82},
    {"the `#[expect]` attribute is an experimental", "`#[expect]`", 81},
    {"use of undeclared crate or module `diagnostic`", "`#[diagnostic]`", 78},
    {"exclusive range pattern syntax is experimental", "a range pattern without an end", 80},
    {"async closures are unstable", "`async` closures", 85},
    {"trait upcasting coercion is experimental", "trait upcasting", 86},
    {"argument for `--edition` must be one of", "edition 2024", 85},
    {"feature `edition2024` is required", "edition 2024", 85},
    {"could not find `error` in `core`", "`core::error`", 81},
    {"LazyLock", "`LazyLock`", 80},
    {"LazyCell", "`LazyCell`", 80},
    {"library feature 'once_cell'", "`OnceLock` and its like", 70},
    {"library feature 'int_roundings'", "`div_ceil` and its like", 73},
    {"library feature 'int_log'", "`ilog2` and its like", 67},
    {"library feature 'is_some_with'", "`is_some_and` and its like", 70},
    {"library feature 'result_option_inspect'", "`inspect` of results and options", 76},
    {"library feature 'is_terminal'", "`IsTerminal`", 70},
    {"library feature 'slice_group_by'", "`chunk_by`", 77},
    {"unresolved import `core::error", "`core::error`", 81},
};
// Names of the standard library, in whatever words they are missed.
struct Name {
  std::string_view name;
  int minor;
};
constexpr Name newer_names[] = {
    {"OnceLock", 70},    {"OnceCell", 70},         {"LazyLock", 80},
    {"LazyCell", 80},    {"IsTerminal", 70},       {"is_some_and", 70},
    {"is_ok_and", 70},   {"is_none_or", 82},       {"repeat_n", 82},
    {"isqrt", 84},       {"div_ceil", 73},         {"next_multiple_of", 73},
    {"first_chunk", 77}, {"split_at_checked", 80}, {"trim_ascii", 80},
    {"is_sorted", 82},   {"checked_ilog2", 67},    {"ilog2", 67},
    {"ilog10", 67},      {"inspect_err", 76},      {"is_multiple_of", 87},
    {"pop_if", 86},      {"get_disjoint_mut", 86}, {"as_chunks", 88},
    {"midpoint", 85},    {"abs_diff", 60},         {"into_flattened", 80},
    {"utf8_chunks", 79}, {"take_if", 80},          {"retain_mut", 61},
    {"cast_signed", 87}, {"cast_unsigned", 87},    {"strict_add", 91},
    {"extract_if", 87},  {"chunk_by", 77},         {"error_in_core", 81},
};

}  // namespace

std::string newer_feature(std::string_view output, std::string_view version) {
  const auto dot = version.find("1.");
  int minor = 0;
  for (std::size_t at = dot == std::string_view::npos ? version.size() : dot + 2;
       at < version.size() && version[at] >= '0' && version[at] <= '9'; ++at)
    minor = minor * 10 + (version[at] - '0');
  const auto came = [](std::string_view what, int with) {
    return fmt::format("{} came with Rust 1.{}", what, with);
  };
  for (const Newer& row : newer_words) {
    if (row.minor > minor && output.contains(row.says)) return came(row.what, row.minor);
  }
  for (const std::string_view sign :
       {"no method named `", "could not find `", "cannot find function `", "unresolved import `",
        "no associated item named `", "no function or associated item named `", "no `",
        "use of unstable library feature '", "cannot find type `",
        "cannot find struct, variant or "
        "union type `"}) {
    for (auto at = output.find(sign); at != std::string_view::npos;
         at = output.find(sign, at + 1)) {
      const auto end = output.find_first_of("`'", at + sign.size());
      std::string_view name = output.substr(at + sign.size(), end - at - sign.size());
      name = name.substr(name.rfind(':') + 1);
      const auto* known = std::ranges::find(newer_names, name, &Name::name);
      if (known != std::end(newer_names) && known->minor > minor)
        return came(fmt::format("`{}`", name), known->minor);
    }
  }
  return {};
}

std::vector<std::string> rust_traits(const GuestNames& names) {
  std::vector<std::string> path;
  std::vector<std::size_t> indents;
  std::vector<std::string> out;
  std::string_view rest = names.bindings;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    const bool module = line.starts_with("pub mod ") && line.ends_with('{');
    const bool trait = line.starts_with("pub trait Guest:");
    if (!module && !trait) continue;
    while (!indents.empty() && indents.back() >= indent) {
      indents.pop_back();
      path.pop_back();
    }
    if (module) {
      constexpr std::string_view keyword = "pub mod ";
      line.remove_prefix(keyword.size());
      path.emplace_back(line.substr(0, line.find(' ')));
      indents.push_back(indent);
      continue;
    }
    out.push_back(
        fmt::format("{}::{}{}Guest", names.crate, fmt::join(path, "::"), path.empty() ? "" : "::"));
  }
  return out;
}

std::string of_rust(std::string_view output, const GuestNames& names) {
  if (names.crate.empty()) return {};
  for (std::string help :
       {other_generator(output, names), wrong_macro(output, names), wrong_crate(output, names),
        no_such_type(output, names), wrong_value(output, names), short_path(output, names),
        wrong_path(output, names), no_dependency(output, names)}) {
    if (!help.empty()) return help;
  }
  return {};
}

std::string of_no_export(const GuestNames& names) {
  if (!names.crate.empty()) {
    const std::vector<std::string> traits = rust_traits(names);
    if (traits.empty() || names.sources.contains("Guest for ")) return export_line(names);
    return fmt::format("use {};\nstruct Component;\nimpl Guest for Component {{ … }}\n{}",
                       fmt::join(traits, ";\nuse "), export_line(names));
  }
  if (!names.macro.empty()) return export_macro_line(names);
  const std::vector<std::string> wanted = c_declarations(names);
  return wanted.empty() ? std::string() : fmt::format("{} {{ … }}", fmt::join(wanted, " { … }\n"));
}

}  // namespace tenon::builder::compiler_help
