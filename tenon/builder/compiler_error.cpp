// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <filesystem>
#include <utility>

#include "tenon/base/file.h"
#include "tenon/builder/colors.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/language.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

/// What a compiler or linker says, and what its user can do about it.
struct Known {
  std::string_view says;
  std::string_view help;
};

constexpr std::string_view no_threads =
    "guests have no threads: do the work in the call itself, and leave locks out";

constexpr std::string_view no_rtti =
    "guests are compiled without RTTI: write a virtual function instead, or `cflags = "
    "[\"-frtti\"]` in tenon.toml";
constexpr std::string_view no_processes =
    "guests have no processes: do the work in the guest, or import a function that the host has";
constexpr std::string_view no_sockets =
    "this libc has no sockets: import the interfaces of wasi:sockets in the world, or a function "
    "that the host has";

constexpr std::array known_errors = {
    Known{"__cxa_throw",
          "the guest's C++ library is built without exceptions: compile with -fno-exceptions and "
          "return "
          "std::expected, or bring a libc++abi with exceptions and pass -fwasm-exceptions"},
    Known{"__cxa_allocate_exception",
          "the guest's C++ library is built without exceptions: return std::expected instead of "
          "`throw`"},
    Known{"cannot use 'throw' with exceptions disabled",
          "guests are compiled without exceptions: return std::expected instead of `throw`"},
    Known{"cannot use 'try' with exceptions disabled",
          "guests are compiled without exceptions: check std::expected instead of `try`"},
    Known{"undefined symbol: __wasilibc",
          "the wasi-libc found does not belong to this compiler: `tenon doctor` shows both"},
    Known{"undefined symbol: main",
          "a component has no `main`: implement the exports of its world"},
    Known{"can't find crate for `std`",
          "this rustc has no library for the wasm target: `tenon doctor` says which package brings "
          "it"},
    Known{"lib.rmeta' is neither",
          "this lld cannot link the archives of this rustc: on Debian, apt-get install lld-14"},
    Known{"no member named 'thread' in namespace 'std'", no_threads},
    Known{"no member named 'jthread' in namespace 'std'", no_threads},
    Known{"no member named 'async' in namespace 'std'", no_threads},
    Known{"no member named 'mutex' in namespace 'std'", no_threads},
    Known{"no type named 'mutex' in namespace 'std'", no_threads},
    Known{"no type named 'thread' in namespace 'std'", no_threads},
    Known{"no type named 'jthread' in namespace 'std'", no_threads},
    Known{"no member named 'condition_variable' in namespace 'std'", no_threads},
    Known{"no type named 'condition_variable' in namespace 'std'", no_threads},
    Known{"is not supported on this single threaded system", no_threads},
    Known{"<thread> is not supported", no_threads},
    Known{"'threads.h' file not found", no_threads},
    Known{"undefined symbol: pthread_create", no_threads},
    Known{"mutex' file not found", no_threads},
    Known{"thread' file not found", no_threads},
    Known{"use of dynamic_cast requires -frtti", no_rtti},
    Known{"use of typeid requires -frtti", no_rtti},
    Known{"member named 'fork' in", no_processes},
    Known{"undeclared function 'fork'", no_processes},
    Known{"member named 'popen' in", no_processes},
    Known{"undeclared function 'popen'", no_processes},
    Known{"member named 'system' in", no_processes},
    Known{"undeclared function 'system'", no_processes},
    Known{"identifier 'fork'", no_processes},
    Known{"identifier 'popen'", no_processes},
    Known{"wasm lacks signal support",
          "guests have no signals: leave them out; errors are returned, and a failed `assert` or "
          "`std::abort` is a trap"},
    Known{"setjmp.h' file not found",
          "guests have no setjmp: return an error instead of jumping (in C++ std::expected)"},
    Known{"'socket' in the global namespace", no_sockets},
    Known{"undeclared function 'socket'", no_sockets},
    Known{"identifier 'socket'", no_sockets},
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The identifier that begins at `at`.
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}

/// The identifier that ends before `at`.
std::string_view word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

/// What is between `open` and the next `close`, `open` being sought from `from` on.
std::string_view between(std::string_view text, std::string_view open, std::string_view close,
                         std::size_t from = 0) {
  const auto begin = text.find(open, from);
  if (begin == std::string_view::npos) return {};
  const auto end = text.find(close, begin + open.size());
  if (end == std::string_view::npos) return {};
  return text.substr(begin + open.size(), end - begin - open.size());
}

constexpr std::string_view macro_start = "TENON_EXPORT_";

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
    return fmt::format("the macro of this world is another one: write `{}({});`", names.macro,
                       type.empty() ? "Class" : type);
  }
  return {};
}

/// A header of quotes that is not there; angle brackets mean a library.
std::string wrong_header(std::string_view output, const GuestNames& names) {
  const std::string_view missing = between(output, "fatal error: '", "' file not found");
  if (missing.empty() || names.header.empty() || names.sources.contains(names.header)) return {};
  const bool quoted = names.sources.contains(fmt::format("#include \"{}\"", missing));
  if (!quoted && !missing.starts_with("tenon")) return {};
  return fmt::format("the generated header of this world has another name: write `#include \"{}\"`",
                     names.header);
}

/// The export macro without the header that defines it.
std::string no_header(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() || names.header.empty() || names.sources.contains(names.header) ||
      !output.contains(fmt::format("'{}'", names.macro)))
    return {};
  return fmt::format("the generated header is not included: write `#include \"{}\"` at the top",
                     names.header);
}

/// A class of a namespace that is exported without it.
std::string no_namespace(std::string_view output, const GuestNames& names) {
  const std::string_view type =
      names.macro.empty() ? std::string_view() : between(names.sources, names.macro + "(", ")");
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
  return fmt::format("the class stands in a namespace: write `{}({}::{});`", names.macro, name,
                     type);
}

/// A name of the standard library without its header.
std::string missing_include(std::string_view output) {
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
      {"array", "array"},
      {"tuple", "tuple"}};
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

/// A function that is declared, called and defined nowhere.
std::string undefined_function(std::string_view output) {
  const std::string_view symbol = between(output, "undefined symbol: ", "\n");
  if (symbol.empty()) return {};
  if (symbol.starts_with("exports_"))
    return "the world's exports must be implemented under the names that the generated header "
           "declares";
  return fmt::format(
      "`{}` is called and defined nowhere: define it in a source below src/, or add its source to "
      "`sources` in tenon.toml",
      symbol.substr(0, symbol.find('(')));
}

/// A function that is missed although the class may have it: where nobody sees it.
std::string private_class(std::string_view output, const GuestNames& names) {
  if (names.macro.empty() ||
      (!output.contains("the world exports") && !output.contains("private member")))
    return {};
  const std::string_view type = between(names.sources, names.macro + "(", ")");
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

/// Two sources that both close with the export macro.
std::string two_exports(std::string_view output) {
  constexpr std::string_view place = ">>> defined in ";
  const auto at = output.find("duplicate symbol: ");
  if (at == std::string_view::npos) return {};
  const auto first = output.find(place, at);
  if (first == std::string_view::npos) return {};
  const std::string_view a = between(output, place, "\n", first);
  const std::string_view b = between(output, place, "\n", first + 1);
  if (a.empty() || b.empty()) return {};
  const std::string_view symbol = word_at(output, at + 18);
  if (symbol.find("export") == std::string_view::npos)
    return fmt::format("`{}` is defined in `{}` and in `{}`: define it in one of them", symbol, a,
                       b);
  return fmt::format(
      "`{}` and `{}` both export the world: export once, by `TENON_EXPORT_…` in one of them", a, b);
}

/// `*err = "…"` where a structure of pointer and length is wanted.
std::string string_by_pointer(std::string_view output, const GuestNames& names) {
  if (names.string_dup.empty() || !output.contains("_string_t")) return {};
  for (auto at = output.find(" = \""); at != std::string_view::npos;
       at = output.find(" = \"", at + 1)) {
    const std::string_view target = word_before(output, at);
    const auto end = output.find('"', at + 4);
    if (target.empty() || end == std::string_view::npos) continue;
    const std::string_view text = output.substr(at + 3, end - at - 2);
    const auto star = static_cast<std::size_t>(target.data() - output.data());
    const bool pointed = star > 0 && output[star - 1] == '*';
    return fmt::format("a string is pointer and length: write `{}({}{}, {});`", names.string_dup,
                       pointed ? "" : "&", target, text);
  }
  return {};
}

/// The crate of the bindings under another name, and wit-bindgen's macros.
std::string wrong_crate(std::string_view output, const GuestNames& names) {
  if (names.crate.empty()) return {};
  if (output.contains("wit_bindgen"))
    return fmt::format(
        "tenon generates the crate `{0}`: leave `wit_bindgen::generate!` out, write `use "
        "{0}::exports::…::Guest;` and close with `{0}::export!(Type with_types_in {0});`",
        names.crate);
  constexpr std::string_view tail = "_bindings`";
  for (auto at = output.find(tail); at != std::string_view::npos; at = output.find(tail, at + 1)) {
    const std::string_view word = word_before(output, at + tail.size() - 1);
    if (word == names.crate) continue;
    return fmt::format(
        "the crate of the bindings is called after the project: write `{}` in place "
        "of `{}`",
        names.crate, word);
  }
  return {};
}

}  // namespace

GuestNames guest_names(const Project& project, const Places& places) {
  namespace fs = std::filesystem;
  GuestNames out;
  const GuestLanguage& row = language(project.lang);
  if (row.crate) out.crate = bindings_crate(project);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(places.generated, ignored)) {
    const std::string name = entry.path().filename().string();
    if (row.crate || !name.ends_with(row.header_ending) || name == "tenon_guest.h" ||
        name == "tenon_guest.hpp")
      continue;
    out.header = name;
    const auto text = read_text_file(entry.path().string());
    if (!text) continue;
    if (const auto at = text->find(fmt::format("#define {}", macro_start));
        at != std::string::npos && row.export_macro)
      out.macro = word_at(*text, at + 8);
    if (const auto at = text->find("_string_dup("); at != std::string::npos)
      out.string_dup = word_before(*text, at + 11);
  }
  for (const std::string& source : project.sources) {
    const auto text = read_text_file((fs::path(project.dir) / source).string());
    if (text) out.sources += *text + "\n";
  }
  return out;
}

Error compiler_error(std::string_view what, std::string_view said, std::string_view export_line,
                     const GuestNames& names) {
  Error error(rules::compiler_failed, Span::none(), std::string(what));
  // Colours are for the reader of the words, not for what is looked for in them.
  const std::string plain = without_colors(said);
  const std::string_view output = plain;
  std::string_view rest = said;
  while (!rest.empty()) {
    const auto cut = rest.find('\n');
    error = std::move(error).note(std::string(rest.substr(0, cut)));
    rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
  }
  for (std::string help :
       {wrong_crate(output, names), wrong_macro(output, names), wrong_header(output, names),
        no_header(output, names), no_namespace(output, names), missing_include(output),
        private_class(output, names), two_exports(output), string_by_pointer(output, names)}) {
    if (!help.empty()) return std::move(error).help(std::move(help));
  }
  if (!export_line.empty())
    return std::move(error).help(
        fmt::format("the crate exports nothing yet: add this line\n{}", export_line));
  for (const Known& known : known_errors) {
    if (output.contains(known.says)) return std::move(error).help(std::string(known.help));
  }
  if (std::string help = undefined_function(output); !help.empty())
    return std::move(error).help(std::move(help));
  return error;
}

}  // namespace tenon::builder
