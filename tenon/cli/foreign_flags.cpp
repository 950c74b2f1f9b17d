// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/foreign_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/core/features.h"

namespace tenon::cli {
namespace {

struct Foreign {
  char group;
  std::string_view name;
  /// What to do instead.
  std::string_view instead;
};
constexpr Foreign table[] = {
    {'S', "cli", "nothing: `tenon run` gives every guest WASI"},
    {'S', "common", "nothing: `tenon run` gives every guest WASI"},
    {'S', "p2", "nothing: `tenon run` gives every guest WASI"},
    {'S', "preview2", "nothing: `tenon run` gives every guest WASI"},
    {'S', "p3", "nothing: WASI 0.3 is not there"},
    {'S', "http",
     "tenon has no `wasi:http`: `--link OTHER.wasm` takes it from what a component exports"},
    {'S', "nn",
     "tenon has no `wasi:nn`: `--link OTHER.wasm` takes it from what a component exports"},
    {'S', "tls",
     "tenon has no `wasi:tls`: `--link OTHER.wasm` takes it from what a component exports"},
    {'S', "threads", "tenon has no wasi-threads: build the module without `-pthread`"},
    {'S', "inherit-network", "`--inherit-network`"},
    {'S', "allow-ip-name-lookup", "`--allow-resolve NAME`"},
    {'S', "network-error-code", "nothing: it is on"},
    {'S', "tcp", "`--allow-outbound tcp://HOST:PORT` or `--allow-inbound tcp://HOST:PORT`"},
    {'S', "udp", "`--allow-outbound udp://HOST:PORT` or `--allow-inbound udp://HOST:PORT`"},
    {'S', "tcplisten", "`--allow-inbound tcp://HOST:PORT`"},
    {'S', "inherit-env", "`--inherit-env`"},
    {'S', "config", "`--config K=V`"},
    {'S', "config-var", "`--config K=V`"},
    {'S', "keyvalue", "`--keyvalue FILE`"},
    {'S', "keyvalue-in-memory-data", "`--keyvalue FILE`"},
    {'S', "max-resources", "`--max-resources N`"},
    {'S', "max-random-size", "`--max-random-size SIZE`"},
    {'W', "threads",
     "nothing: atomics and shared memories are on; to start threads as wasi-threads does is not "
     "possible"},
    {'W', "fuel", "`--fuel N`"},
    {'W', "timeout", "`--timeout TIME`"},
    {'W', "max-memory-size", "`--max-memory SIZE`"},
    {'W', "component-model", "nothing: components run as they are"},
    {'W', "max-memories", "nothing: `--max-memory SIZE` limits all memories together"},
    {'W', "all-proposals", "`--features`"},
};

/// Options by the names that other programs have for them; the names are separated by blanks.
struct Elsewhere {
  std::string_view verb;
  std::string_view names;
  std::string_view instead;
};
constexpr Elsewhere elsewhere[] = {
    {"run", "func function entry call export invoke-func invoke-function",
     "a function is called by `--invoke 'NAME(ARGUMENTS)'`"},
    {"run", "memory mem memory-limit max-mem memory-max", "write `--max-memory SIZE`"},
    {"run", "time-limit max-time", "write `--timeout TIME`"},
    {"run", "mapdir volume mount preopen", "write `--dir HOST::GUEST`"},
    {"run", "net network allow-net", "write `--inherit-network`, or `--allow-outbound tcp://HOST`"},
    {"run", "wasi", "`tenon run` has an option for each grant, such as `--inherit-network`"},
    {"run", "wasm", "`tenon run` has `--fuel`, `--timeout`, `--max-memory` and `--features`"},
    {"run", "args", "the program's words come after the component: `tenon run COMPONENT ARGS…`"},
    {"build", "debug", "write `--profile debug`, or nothing: it is the default"},
    {"build", "target", "there is nothing to choose: guests are built for wasm32"},
    {"build", "o out output out-dir",
     "the component is build/PROFILE/NAME.wasm; `output = \"DIR\"` in tenon.toml names another "
     "folder"},
    {"build", "lang language", "write `lang = \"cpp\"` in tenon.toml"},
    {"build", "w world", "write `world = \"NAME\"` in tenon.toml"},
    {"build", "wit", "write `wit = \"PATH\"` in tenon.toml"},
    {"build", "name", "write `name = \"NAME\"` in tenon.toml"},
    {"build", "features", "write `features = [\"NAME\"]` in tenon.toml"},
    {"build", "cflags flags define include I D std",
     "write `cflags = [\"…\"]` in tenon.toml; `include = [\"DIR\"]` for folders of headers"},
    {"build", "O opt optimize opt-level",
     "write `--profile release`, or `opt = 2` below `[profile.NAME]` in tenon.toml"},
    {"build", "C dir manifest-path path", "the folder is an argument: `tenon build DIR`"},
    {"build", "clean", "remove the folder `build`"},
    {"build", "test", "write `tenon test`"},
    {"test", "cases file component wasm",
     "files are arguments: `tenon test COMPONENT.wasm CASES.json`"},
    {"test", "k t name test grep only match", "write `--filter TEXT`"},
    {"test", "junit-xml report xml", "write `--junit FILE`"},
    {"test", "mock mocks", "mocks go in the file of cases, below `\"mocks\"`"},
    {"bindgen", "kind type generator", "the kind is an argument: `tenon bindgen cpp PATH`"},
    {"preinit", "mapdir dirs volume preopen", "write `--dir HOST::GUEST`"},
    {"preinit", "preload", "write `--link NAME=FILE`"},
    {"preinit", "inherit-stdio", "nothing: what the initialisation writes is discarded"},
    {"preinit", "inherit-env", "write `--env NAME=VALUE` for each variable"},
    {"preinit",
     "wasm-bulk-memory wasm-multi-value wasm-multi-memory wasm-reference-types wasm-simd",
     "nothing: standard features are on; `--features` opens and closes others"},
    {"preinit", "W S", "`tenon preinit --help` lists what tenon has"},
    {"preinit", "func init function initialise", "write `--init-func NAME`"},
    {"preinit", "seed", "write `--random-seed N`"},
    {"new", "template", "write `--lang cpp`, `--lang c` or `--lang rust`"},
    {"new", "cpp rust c", "write `--lang` before the language: `--lang cpp`"},
    {"new", "bin", "write `--command` for a program with a `main`"},
    {"new", "lib", "nothing: a component that exports functions is what it makes"},
};

}  // namespace

std::string_view instead_of_option(std::string_view verb, std::string_view name) {
  for (const Elsewhere& row : elsewhere) {
    if (row.verb != verb) continue;
    for (std::string_view rest = row.names; !rest.empty();) {
      const auto end = std::min(rest.find(' '), rest.size());
      if (rest.substr(0, end) == name) return row.instead;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return {};
}

namespace {

/// For a proposal that the other program names so; empty when tenon has no gate for it.
std::string instead_of_proposal(std::string_view name, std::string_view value) {
  constexpr std::string_view component = "component-model-";
  std::string own(name);
  if (name.starts_with(component)) own = fmt::format("cm-{}", name.substr(component.size()));
  if (own == "cm-memory64") own = "cm64";
  const auto on = core::Features::component();
  const bool off = value == "n" || value == "no" || value == "false";
  const std::string list = off ? "-" + own : own;
  const auto asked = core::Features::parse(list, on);
  if (!asked) return {};
  if (*asked == on) return off ? "nothing: it is off" : "nothing: it is on";
  return fmt::format("`--features={}`", list);
}

}  // namespace

std::string instead_of_foreign_flag(char letter, std::string_view value) {
  if (letter != 'S' && letter != 'W') return {};
  const std::string_view name = value.substr(0, value.find_first_of("=,"));
  for (const Foreign& row : table) {
    if (row.group == letter && row.name == name)
      return fmt::format("instead of `-{} {}`: {}", letter, name, row.instead);
  }
  if (letter == 'W') {
    const auto rest = value.substr(std::min(name.size() + 1, value.size()));
    if (auto instead = instead_of_proposal(name, rest.substr(0, rest.find(','))); !instead.empty())
      return fmt::format("instead of `-W {}`: {}", value, instead);
  }
  return fmt::format("`-{}` is an option of wasmtime's; `tenon run --help` lists what tenon has",
                     letter);
}

}  // namespace tenon::cli
