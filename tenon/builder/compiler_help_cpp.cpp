// SPDX-License-Identifier: Apache-2.0
// In C++ a class is exported by a macro that has the world's name, and static assertions of the
// generated header say which function they miss. Why the class that is there does not serve (it is
// private, in a namespace, or its macro is another world's) only its source tells.
#include <fmt/format.h>

#include <algorithm>

#include "tenon/builder/compiler_help.h"

namespace tenon::builder::compiler_help {

std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string_view word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close,
                         std::size_t from) {
  const auto begin = text.find(open, from);
  if (begin == std::string_view::npos) return {};
  const auto end = text.find(close, begin + open.size());
  if (end == std::string_view::npos) return {};
  return text.substr(begin + open.size(), end - begin - open.size());
}

bool includes_header(const GuestNames& names) {
  return names.sources.contains(fmt::format("\"{}\"", names.header)) ||
         names.sources.contains(fmt::format("<{}>", names.header));
}

namespace {

constexpr std::string_view macro_start = "TENON_EXPORT_";

/// What the sources give to the export macro; empty when they do not use it.
std::string_view exported_class(const GuestNames& names) {
  return names.macro.empty() ? std::string_view() : between(names.sources, names.macro + "(", ")");
}

/// The last class that stands at the beginning of a line.
std::string_view last_class(std::string_view sources) {
  std::string_view out;
  for (const std::string_view keyword : {"struct ", "class "}) {
    for (auto at = sources.find(keyword); at != std::string_view::npos;
         at = sources.find(keyword, at + 1)) {
      if (at > 0 && sources[at - 1] != '\n') continue;
      const std::string_view name = word_at(sources, at + keyword.size());
      const auto end = sources.find_first_of(";{", at);
      if (end != std::string_view::npos && sources[end] == '{' &&
          (out.empty() || name.data() > out.data()))
        out = name;
    }
  }
  return out;
}

/// `TENON_EXPORT_other(Class);` of another world, or of none.
std::string wrong_macro(std::string_view output, const GuestNames& names) {
  if (names.macro.empty()) return {};
  for (auto at = output.find(macro_start); at != std::string_view::npos;
       at = output.find(macro_start, at + 1)) {
    const std::string_view word = word_at(output, at);
    if (word == names.macro || (at > 0 && is_word(output[at - 1]))) continue;
    std::string_view type = "Class";
    const auto call = output.find(fmt::format("{}(", word));
    if (call != std::string_view::npos) type = word_at(output, call + word.size() + 1);
    if (type.empty() || type == "Class") {
      const auto used = names.sources.find("TENON_EXPORT");
      const std::string_view given =
          used == std::string::npos ? std::string_view() : between(names.sources, "(", ")", used);
      if (!given.empty()) type = given;
    }
    // `TENON_EXPORT(calc)`: what it is given is the world.
    const bool known = names.sources.contains(fmt::format("struct {}", type)) ||
                       names.sources.contains(fmt::format("class {}", type));
    const std::string_view there = last_class(names.sources);
    if (!known && !there.empty() && !type.contains(':')) type = there;
    return fmt::format("the macro of this world is another one: write `{}({});`", names.macro,
                       type.empty() ? "Class" : type);
  }
  return {};
}

/// The export macro without the header that defines it.
std::string no_header(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() || names.header.empty() || includes_header(names) ||
      !output.contains(fmt::format("'{}'", names.macro)))
    return {};
  return fmt::format("the generated header is not included: write `#include \"{}\"` at the top",
                     names.header);
}

/// A class of a namespace that is exported without it.
std::string no_namespace(std::string_view output, const GuestNames& names) {
  const std::string_view type = exported_class(names);
  if (type.empty() || (!output.contains(fmt::format("undeclared identifier '{}'", type)) &&
                       !output.contains(fmt::format("unknown type name '{}'", type))))
    return {};
  const std::string_view sources = names.sources;
  auto at = sources.find(fmt::format("struct {} ", type));
  if (at == std::string_view::npos) at = sources.find(fmt::format("class {} ", type));
  constexpr std::string_view word = "namespace ";
  const auto space = at == std::string_view::npos ? at : sources.rfind(word, at);
  if (space == std::string_view::npos) return {};
  const auto open = sources.find('{', space);
  if (open == std::string_view::npos || open > at) return {};
  std::string_view name = sources.substr(space + word.size(), open - space - word.size());
  while (name.ends_with(' ') || name.ends_with('\n')) name.remove_suffix(1);
  if (name.empty()) return {};
  return fmt::format("the class is in a namespace: write `{}({}::{});`", names.macro, name, type);
}

/// Names of the standard library, and their headers.
constexpr std::pair<std::string_view, std::string_view> headers[] = {
    {"unordered_map", "unordered_map"},
    {"unordered_set", "unordered_set"},
    {"map", "map"},
    {"multimap", "map"},
    {"set", "set"},
    {"multiset", "set"},
    {"deque", "deque"},
    {"list", "list"},
    {"queue", "queue"},
    {"priority_queue", "queue"},
    {"stack", "stack"},
    {"bitset", "bitset"},
    {"function", "functional"},
    {"sort", "algorithm"},
    {"find", "algorithm"},
    {"find_if", "algorithm"},
    {"transform", "algorithm"},
    {"any_of", "algorithm"},
    {"all_of", "algorithm"},
    {"count_if", "algorithm"},
    {"ranges", "algorithm"},
    {"clamp", "algorithm"},
    {"accumulate", "numeric"},
    {"iota", "numeric"},
    {"format", "format"},
    {"cout", "iostream"},
    {"cerr", "iostream"},
    {"cin", "iostream"},
    {"endl", "iostream"},
    {"stringstream", "sstream"},
    {"ostringstream", "sstream"},
    {"istringstream", "sstream"},
    {"ifstream", "fstream"},
    {"ofstream", "fstream"},
    {"regex", "regex"},
    {"chrono", "chrono"},
    {"mt19937", "random"},
    {"random_device", "random"},
    {"sqrt", "cmath"},
    {"pow", "cmath"},
    {"isnan", "cmath"},
    {"floor", "cmath"},
    {"printf", "cstdio"},
    {"puts", "cstdio"},
    {"getenv", "cstdlib"},
    {"abort", "cstdlib"},
    {"filesystem", "filesystem"},
    {"unique_ptr", "memory"},
    {"shared_ptr", "memory"},
    {"make_unique", "memory"},
    {"make_shared", "memory"},
    {"numeric_limits", "limits"},
    {"from_chars", "charconv"},
    {"to_chars", "charconv"},
    {"print", "print"},
    {"println", "print"},
    {"any", "any"},
    {"terminate", "exception"},
    {"exception", "exception"},
    {"runtime_error", "stdexcept"},
    {"invalid_argument", "stdexcept"},
    {"out_of_range", "stdexcept"},
    {"logic_error", "stdexcept"},
    {"exit", "cstdlib"},
    {"memcpy", "cstring"},
    {"strlen", "cstring"},
    {"variant", "variant"},
    {"getline", "string"},
    {"reverse", "algorithm"},
    {"max_element", "algorithm"},
    {"min_element", "algorithm"},
    {"for_each", "algorithm"},
    {"remove_if", "algorithm"},
    {"reduce", "numeric"},
    {"gcd", "numeric"},
    {"isalpha", "cctype"},
    {"toupper", "cctype"},
    {"tolower", "cctype"},
    {"setw", "iomanip"},
    {"setprecision", "iomanip"},
    {"abs", "cmath"},
    {"sin", "cmath"},
    {"cos", "cmath"},
    {"complex", "complex"},
    {"popcount", "bit"},
    {"source_location", "source_location"},
    {"array", "array"},
    {"tuple", "tuple"}};

/// A name of the standard library without its header.
std::string missing_include(std::string_view output) {
  constexpr std::string_view tail = "' in namespace 'std'";
  for (auto at = output.find(tail); at != std::string_view::npos; at = output.find(tail, at + 1)) {
    const std::string_view name = word_before(output, at);
    for (const auto& [known, header] : headers) {
      if (known == name)
        return fmt::format("its header is not included: write `#include <{}>`", header);
    }
  }
  return {};
}

/// What the guests' C++ library is built without.
std::string no_file_streams(std::string_view output) {
  for (const std::string_view word :
       {"'std::basic_ofstream<", "'std::basic_ifstream<", "'std::basic_fstream<",
        "'std::basic_filebuf<", "no member named 'filesystem' in namespace 'std'",
        "in namespace 'std::filesystem'"}) {
    if (output.contains(word))
      return "the C++ library of guests has no file streams and no `<filesystem>`: open files with "
             "`std::fopen` of `<cstdio>`, read directories with `opendir` of `<dirent.h>`";
  }
  return {};
}

/// A function that is missed although the class may have it: where nobody sees it.
std::string private_class(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() ||
      (!output.contains("the world exports") && !output.contains("private member")))
    return {};
  const std::string_view type = exported_class(names);
  const auto at =
      type.empty() ? std::string::npos : names.sources.find(fmt::format("class {}", type));
  if (at == std::string::npos || is_word(names.sources[at + 6 + type.size()])) return {};
  const auto body = names.sources.find('{', at);
  if (body == std::string::npos ||
      between(names.sources.substr(body), "{", "}").contains("public:"))
    return {};
  return fmt::format(
      "the functions of a `class` are private: write `struct {0}`, or `public:` before them", type);
}

/// The same of one function, or of a class inside the class: the assertion finds nothing, and the
/// sources have it.
std::string private_function(std::string_view output, const GuestNames& names) {
  for (auto at = output.find("found<void>"); at != std::string_view::npos;
       at = output.find("found<void>", at + 1)) {
    const std::string_view wanted = between(output, "write `", "`", at);
    const std::string_view function =
        word_before(wanted, std::min(wanted.find('('), wanted.size()));
    if (function.empty()) continue;
    const std::string_view sources = names.sources;
    const auto there = sources.find(fmt::format(" {}(", function));
    if (there == std::string_view::npos) continue;
    const auto last = [&](std::string_view word) {
      const auto found = sources.rfind(word, there);
      return found == std::string_view::npos ? 0 : found + 1;
    };
    const std::size_t open = std::max({last("public:"), last("struct "), last("TENON_EXPORT")});
    if (last("private:") > open || last("protected:") > open)
      return fmt::format("`{}` is private: write `public:` before it", function);
    if (last("class ") > open)
      return fmt::format(
          "`{}` is private, as what a `class` begins with is: write `struct {}`, or "
          "`public:` before it",
          function, word_at(sources, last("class ") + 5));
  }
  return {};
}

/// Something inside of the exported class that the generated code may not see: clang says whose it
/// is, or finds nothing there at all.
std::string private_member(std::string_view output, const GuestNames& names) {
  constexpr std::string_view sign = "' is a private member of '";
  if (const auto at = output.find(sign); at != std::string_view::npos) {
    const std::string_view member = word_before(output, at);
    const std::string_view owner = between(output, sign, "'", at);
    const std::string_view last = owner.substr(owner.rfind(':') + 1);
    if (names.sources.contains(fmt::format("class {}", last)))
      return fmt::format(
          "`{}` is private, as what a `class` begins with is: write `struct {}`, or "
          "`public:` before it",
          member, last);
    return fmt::format("`{}` is private: write `public:` before it", member);
  }
  constexpr std::string_view missing = "no type named '";
  const auto at = output.find(missing);
  if (at == std::string_view::npos || names.macro.empty()) return {};
  const std::string_view member = word_at(output, at + missing.size());
  const std::string_view sources = names.sources;
  auto there = sources.find(fmt::format("struct {}", member));
  if (there == std::string_view::npos) there = sources.find(fmt::format("class {}", member));
  if (there == std::string_view::npos) return {};
  const auto hidden =
      std::max(sources.rfind("private:", there) + 1, sources.rfind("protected:", there) + 1);
  if (hidden == 0) return {};
  return fmt::format("what holds `{}` is private: write `public:` before it", member);
}

/// `struct Exported : private Base`: what the base has is private then.
std::string private_base(std::string_view output, const GuestNames& names) {
  const std::string_view type = exported_class(names);
  if (type.empty() || !output.contains("the world exports")) return {};
  for (const std::string_view way : {"private ", "protected "}) {
    const auto at = names.sources.find(fmt::format("{} : {}", type, way));
    if (at == std::string::npos) continue;
    return fmt::format("a base that is {0}is not seen: write `{1} : public {2}`", way, type,
                       word_at(names.sources, at + type.size() + 3 + way.size()));
  }
  return {};
}

/// `getItem` as `get_item`.
std::string snake(std::string_view word) {
  std::string out;
  bool after_upper = false;
  for (const char c : word) {
    const bool upper = c >= 'A' && c <= 'Z';
    // `SMALL` is one word.
    if (upper && !after_upper && !out.empty() && out.back() != '_' && out.back() != ':') out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
    after_upper = upper;
  }
  return out;
}

/// The whole name of what the generated header declares: a type or a function in a namespace, or a
/// namespace itself. Empty when it declares none, or when it is one that tenon has for itself.
std::string whole_name(std::string_view header, std::string_view word) {
  std::string_view space;
  constexpr std::string_view opens = "namespace ";
  while (!header.empty()) {
    const auto end = std::min(header.find('\n'), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (line.starts_with(opens) && line.ends_with(" {")) {
      space = line.substr(opens.size(), line.size() - opens.size() - 2);
      if (space.starts_with("tenon") || space.contains("abi_") || space.contains("found_"))
        space = {};
      const std::string tail = fmt::format("::{}", word);
      if (!space.contains("::exports::") && space.ends_with(tail)) return std::string(space);
      continue;
    }
    if (line.starts_with("}") || space.empty() || line.starts_with(' ')) continue;
    const bool declared = line.contains(fmt::format(" {}(", word)) ||
                          line.starts_with(fmt::format("struct {} ", word)) ||
                          line.starts_with(fmt::format("class {} ", word)) ||
                          line.starts_with(fmt::format("enum class {} ", word)) ||
                          line.starts_with(fmt::format("using {} ", word));
    if (declared) return fmt::format("{}::{}", space, word);
  }
  return {};
}

/// A function, type or namespace of the bindings without the namespaces around it.
std::string short_name(std::string_view output, const GuestNames& names) {
  if (names.macro.empty()) return {};
  for (const std::string_view sign :
       {"use of undeclared identifier '", "unknown type name '", "no member named '",
        "no namespace named '", "no type named '"}) {
    for (auto at = output.find(sign); at != std::string_view::npos;
         at = output.find(sign, at + 1)) {
      const std::string_view word = word_at(output, at + sign.size());
      // `no type named 'session' in 'P'`: the class lacks it.
      if ((sign.starts_with("no member") || sign.starts_with("no type")) &&
          !output.substr(at + sign.size() + word.size()).starts_with("' in namespace"))
        continue;
      const std::string name = snake(word);
      std::string whole = word.empty() ? std::string() : whole_name(names.bindings, name);
      if (whole.empty() && (sign.starts_with("use") || output.substr(at).starts_with(fmt::format(
                                                           "{}{}' in namespace", sign, word))))
        whole = whole_enumerator(names.bindings, word);
      if (whole.empty()) continue;
      // `store::get_item`: what follows the name goes along.
      std::string tail;
      const auto used = names.sources.find(fmt::format("{}::", word));
      if (used != std::string::npos && (used == 0 || !is_word(names.sources[used - 1])) &&
          (used < 2 || names.sources[used - 1] != ':'))
        tail = fmt::format("::{}", word_at(names.sources, used + word.size() + 2));
      return fmt::format("the bindings call it by its whole name: write `{}{}` in place of `{}{}`",
                         whole, snake(tail), word, tail);
    }
  }
  return {};
}

/// A class that ends without `;`, which the macro behind it shows.
std::string no_semicolon(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() || !output.contains("error: expected")) return {};
  const auto at = names.sources.find(fmt::format("\n{}(", names.macro));
  if (at == std::string::npos || at == 0) return {};
  const auto before = names.sources.find_last_not_of(" \t\r\n", at);
  if (before == std::string::npos || names.sources[before] != '}') return {};
  const std::string_view type = exported_class(names);
  if (!names.sources.substr(0, before).contains(fmt::format("struct {}", type)) &&
      !names.sources.substr(0, before).contains(fmt::format("class {}", type)))
    return {};
  return "a class ends with `;`: write `};` before the macro";
}

/// The line of the export macro, whatever is wrong in it: the compiler shows it, and in place of
/// the macro or of the class stands something else.
std::string macro_line(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() || !output.contains("error:")) return {};
  std::string_view rest = names.sources;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view word = word_at(line, 0);
    const std::string same = folded(word);
    const bool macro =
        same.starts_with("tenonexport") || folded(names.macro) == fmt::format("tenon{}", same);
    if (!macro || !output.contains(fmt::format(" | {}", line))) continue;
    const std::string wanted = export_macro_line(names);
    if (word != names.macro)
      return fmt::format("the macro of this world is another one: write `{}`", wanted);
    const std::string_view given = trimmed(between(line, "(", ")"));
    if (given.empty() || given.contains('"') || given.contains('{') || given.contains('('))
      return fmt::format("the macro takes the name of the class: write `{}`", wanted);
    if (line.ends_with(')') && output.contains("expected ';' after"))
      return fmt::format("the line ends with `;`: write `{};`", line);
  }
  return {};
}

/// The macro with a class that is not there.
std::string no_such_class(std::string_view output, const GuestNames& names) {
  const std::string_view type = exported_class(names);
  if (type.empty() || (!output.contains(fmt::format("undeclared identifier '{}'", type)) &&
                       !output.contains(fmt::format("unknown type name '{}'", type))))
    return {};
  const std::string_view there = last_class(names.sources);
  if (there.empty() || there == type) return {};
  return fmt::format("there is no class `{}`: write `{}({});`", type, names.macro, there);
}

}  // namespace

std::string export_macro_line(const GuestNames& names) {
  const std::string_view type = last_class(names.sources);
  return fmt::format("{}({});", names.macro, type.empty() ? "Class" : type);
}

std::string of_cpp(std::string_view output, const GuestNames& names) {
  for (std::string help :
       {wrong_macro(output, names), no_header(output, names), no_namespace(output, names),
        no_such_class(output, names), macro_line(output, names), missing_include(output),
        no_file_streams(output), private_base(output, names), private_class(output, names),
        private_function(output, names), private_member(output, names), short_name(output, names),
        no_semicolon(output, names), of_cpp_values(output, names)}) {
    if (!help.empty()) return help;
  }
  return {};
}

}  // namespace tenon::builder::compiler_help
