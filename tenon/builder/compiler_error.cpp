// SPDX-License-Identifier: Apache-2.0
// Compiler output is searched for mistakes that are typical of guests (missing headers, threads,
// sockets, undefined functions), to add the line to write; the output itself stays as it is.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "tenon/base/file.h"
#include "tenon/builder/colors.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/compiler_help.h"
#include "tenon/builder/language.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

using compiler_help::between;
using compiler_help::word_at;
using compiler_help::word_before;

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

constexpr std::string_view no_system =
    "guests run in no operating system of their own: use the standard library, or import a "
    "function "
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
          "a component has no `main`: implement the exports of its world; a program (`command = "
          "true` "
          "in tenon.toml) needs `int main()`"},
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
    Known{"'pthread_", no_threads},
    Known{"'sem_", no_threads},
    Known{"semaphore' in namespace 'std'", no_threads},
    Known{"'latch' in namespace 'std'", no_threads},
    Known{"'barrier' in namespace 'std'", no_threads},
    Known{"'future' in namespace 'std'", no_threads},
    Known{"'promise' in namespace 'std'", no_threads},
    Known{"'shared_mutex' in namespace 'std'", no_threads},
    Known{"'call_once' in namespace 'std'", no_threads},
    Known{"'this_thread'", no_threads},
    Known{"semaphore.h' file not found", no_threads},
    Known{"future' file not found", no_threads},
    Known{"latch' file not found", no_threads},
    Known{"barrier' file not found", no_threads},
    Known{"condition_variable' file not found", no_threads},
    Known{"'sys/wait.h' file not found", no_processes},
    Known{"'spawn.h' file not found", no_processes},
    Known{"'windows.h' file not found", no_system},
    Known{"'dlfcn.h' file not found", no_system},
    Known{"'netdb.h' file not found", no_sockets},
    // Headers of the machine itself, which are found where wasi-libc has none of that name.
    Known{"/pthread.h:", no_threads},
    Known{"/semaphore.h:", no_threads},
    Known{"sys/socket.h:", no_sockets},
    Known{"netinet/", no_sockets},
    Known{"arpa/inet.h", no_sockets},
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
    Known{"'bits/stdc++.h' file not found",
          "that header is g++'s own: include what is used, such as `<vector>` and `<string>`"},
    Known{"'socket' in the global namespace", no_sockets},
    Known{"undeclared function 'socket'", no_sockets},
    Known{"identifier 'socket'", no_sockets},
    Known{"'bits/", no_system},
};

/// A header that is not there, and is meant to be the generated one. Angle brackets mean a library,
/// unless the name is that of the world.
std::string wrong_header(std::string_view output, const GuestNames& names) {
  const std::string_view missing = between(output, "fatal error: '", "' file not found");
  if (missing.empty() || names.header.empty() || compiler_help::includes_header(names)) return {};
  const auto stem = [](std::string_view path) {
    path.remove_prefix(path.find_last_of('/') + 1);
    return path.substr(0, path.find('.'));
  };
  const bool quoted = names.sources.contains(fmt::format("#include \"{}\"", missing));
  if (!quoted && !missing.starts_with("tenon") && stem(missing) != stem(names.header)) return {};
  return fmt::format("the generated header of this world has another name: write `#include \"{}\"`",
                     names.header);
}

/// A header of a library that the project does not have.
std::string missing_header(std::string_view output) {
  const std::string_view missing = between(output, "fatal error: '", "' file not found");
  if (missing.empty()) return {};
  return fmt::format(
      "`{}` is in no folder of headers: put it below src/, or name its folder in "
      "tenon.toml: `include = [\"FOLDER\"]`",
      missing);
}

/// A function that is declared, called and defined nowhere.
std::string undefined_function(std::string_view output) {
  const std::string_view symbol = between(output, "undefined symbol: ", "\n");
  if (symbol.empty()) return {};
  constexpr std::array threads = {"thrd_", "mtx_", "cnd_", "pthread_", "sem_"};
  if (std::ranges::any_of(threads, [&](const char* begin) { return symbol.starts_with(begin); }))
    return std::string(no_threads);
  constexpr std::array<std::string_view, 7> processes = {"system", "fork",   "vfork", "popen",
                                                         "execv",  "execvp", "execl"};
  if (std::ranges::find(processes, symbol) != processes.end()) return std::string(no_processes);
  return fmt::format(
      "`{}` is called and defined nowhere: define it in a source below src/, or add its source to "
      "`sources` in tenon.toml",
      symbol.substr(0, symbol.find('(')));
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
  // In C the functions themselves are exported, and no macro is written.
  if (symbol.find("export") == std::string_view::npos || symbol.starts_with("exports_"))
    return fmt::format("`{}` is defined in `{}` and in `{}`: define it in one of them", symbol, a,
                       b);
  return fmt::format(
      "`{}` and `{}` both export the world: export once, by `TENON_EXPORT_…` in one of them", a, b);
}

}  // namespace

GuestNames guest_names(const Project& project, const Places& places) {
  namespace fs = std::filesystem;
  GuestNames out;
  const GuestLanguage& row = language(project.lang);
  if (row.crate) {
    out.crate = bindings_crate(project);
    out.bindings = read_text_file(places.generated + "/src/lib.rs").value_or(std::string());
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(places.generated, ignored)) {
    const std::string name = entry.path().filename().string();
    if (row.crate || !name.ends_with(row.header_ending) || name == "tenon_guest.h" ||
        name == "tenon_guest.hpp")
      continue;
    out.header = name;
    const auto text = read_text_file(entry.path().string());
    if (!text) continue;
    out.bindings = *text;
    if (const auto at = text->find("#define TENON_EXPORT_");
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
  for (std::string help : {compiler_help::of_rust(output, names), wrong_header(output, names),
                           compiler_help::of_c(output, names), compiler_help::of_cpp(output, names),
                           two_exports(output)}) {
    if (!help.empty()) return std::move(error).help(std::move(help));
  }
  if (!export_line.empty())
    return std::move(error).help(
        fmt::format("the crate exports nothing yet: add this line\n{}", export_line));
  for (const Known& known : known_errors) {
    if (output.contains(known.says)) return std::move(error).help(std::string(known.help));
  }
  for (std::string help : {undefined_function(output), missing_header(output)}) {
    if (!help.empty()) return std::move(error).help(std::move(help));
  }
  return error;
}

}  // namespace tenon::builder
