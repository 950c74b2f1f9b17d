// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tenon/builder/language.h"

namespace tenon::builder {
namespace {

constexpr std::array<std::string_view, 1> other_names = {"rs"};
constexpr std::array<std::string_view, 1> extensions = {".rs"};

constexpr std::string_view command_text =
    "use std::process::ExitCode;\n"
    "\n"
    "// Greets, and says how many lines a file has when one is named.\n"
    "fn main() -> ExitCode {\n"
    "    println!(\"Hello, world!\");\n"
    "    if let Some(path) = std::env::args().nth(1) {\n"
    "        match std::fs::read_to_string(&path) {\n"
    "            Ok(text) => println!(\"{}: {} lines\", path, text.lines().count()),\n"
    "            Err(why) => {\n"
    "                eprintln!(\"{}: {}\", path, why);\n"
    "                return ExitCode::FAILURE;\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "    ExitCode::SUCCESS\n"
    "}\n";

std::string source_text(const bindgen::GuestNames& names) {
  return fmt::format(
      "use {1}::Guest;\n\n"
      "struct Greeting;\n\n"
      "impl Guest for Greeting {{\n"
      "    fn greet(name: String) -> Result<String, String> {{\n"
      "        if name.is_empty() {{\n"
      "            return Err(\"nobody to greet\".to_string());\n"
      "        }}\n"
      "        Ok(format!(\"Hello, {{}}!\", name))\n"
      "    }}\n"
      "}}\n\n"
      "{0}_bindings::export!(Greeting with_types_in {0}_bindings);\n",
      names.world, names.exports.front());
}

std::string source_name(const bindgen::GuestNames& /*names*/) {
  return "lib.rs";
}

std::string cargo_text(const std::string& name) {
  std::string crate = name;
  std::replace(crate.begin(), crate.end(), '-', '_');
  return fmt::format(
      "# For cargo and rust-analyzer; `tenon build` writes the bindings.\n"
      "[package]\nname = \"{0}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n"
      "[lib]\ncrate-type = [\"cdylib\"]\n\n"
      "[dependencies]\n{1}_bindings = {{ path = \"build/bindings\" }}\n\n"
      "[workspace]\n",
      name, crate);
}

/// What a Rust project has beside its sources: the crate's manifest, and the bindings that it names
/// as they are before the first build.
Result<std::vector<NewFile>> project_files(const std::string& name, const wit::Packages& packages,
                                           wit::WorldIdx world) {
  std::vector<NewFile> out = {{"Cargo.toml", cargo_text(name)}};
  bindgen::Options options;
  options.generator = bindgen::Generator::rust;
  options.project = name;
  std::vector<bindgen::File> bindings = TENON_TRY(bindgen::generate(packages, world, options));
  for (bindgen::File& file : bindings)
    out.push_back({"build/bindings/" + file.path, std::move(file.text)});
  return out;
}

std::optional<std::pair<std::string, std::string>> find_compiler(Compilers& compilers) {
  compilers.rust = find_rust();
  if (!compilers.rust) return std::nullopt;
  return std::pair(std::string("rustc"), compilers.rust->version);
}

Result<Compiled> compile(const Compilation& how) {
  return compile_rust(how.project, how.profile, how.places, how.compilers.rust, how.hashes,
                      how.cargo, how.speech);
}

}  // namespace

const GuestLanguage rust_language = {.lang = Lang::rust,
                                     .name = "rust",
                                     .alias = {},
                                     .other_names = other_names,
                                     .extensions = extensions,
                                     .more_extensions = {},
                                     .root = "src/lib.rs",
                                     .command_root = "src/main.rs",
                                     .command_source = "src/main.rs",
                                     .command_text = command_text,
                                     .generator = bindgen::Generator::rust,
                                     .header_ending = {},
                                     .crate = true,
                                     .export_macro = false,
                                     .wants_libcxx = false,
                                     .ignored = "/build/\n/target/\n",
                                     .source_name = source_name,
                                     .source_text = source_text,
                                     .project_files = project_files,
                                     .find = find_compiler,
                                     .compile = compile,
                                     .examine = examine_rust};

}  // namespace tenon::builder
