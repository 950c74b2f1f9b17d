// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "tenon/builder/language.h"
#include "tenon/wit/file_name.h"

namespace tenon::builder {
namespace {

constexpr std::array<std::string_view, 3> other_names = {"c++", "cxx", "cc"};
constexpr std::array<std::string_view, 3> extensions = {".cpp", ".cc", ".cxx"};
constexpr std::array<std::string_view, 1> c_too = {".c"};

constexpr std::string_view command_text =
    "#include <cstdio>\n"
    "#include <string>\n"
    "\n"
    "// Greets, and says how many lines a file has when one is named.\n"
    "int main(int argc, char** argv) {\n"
    "  std::printf(\"Hello, world!\\n\");\n"
    "  if (argc < 2) return 0;\n"
    "  std::FILE* const file = std::fopen(argv[1], \"r\");\n"
    "  if (file == nullptr) {\n"
    "    std::perror(argv[1]);\n"
    "    return 1;\n"
    "  }\n"
    "  std::size_t lines = 0;\n"
    "  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) lines += c == '\\n' ? 1 : "
    "0;\n"
    "  std::fclose(file);\n"
    "  std::printf(\"%s: %s lines\\n\", argv[1], std::to_string(lines).c_str());\n"
    "  return 0;\n"
    "}\n";

std::string source_text(const bindgen::GuestNames& names) {
  return fmt::format(
      "#include \"{0}\"\n\n"
      "struct Greeting {{\n"
      "  static std::expected<std::string, std::string> greet(std::string name) {{\n"
      "    if (name.empty()) return std::unexpected(\"nobody to greet\");\n"
      "    return \"Hello, \" + name + \"!\";\n"
      "  }}\n"
      "}};\n\n"
      "TENON_EXPORT_{1}(Greeting);\n",
      names.header, names.world);
}

std::string source_name(const bindgen::GuestNames& names) {
  return wit::file_stem(names.world) + "_impl.cpp";
}

}  // namespace

const GuestLanguage cpp_language = {.lang = Lang::cpp,
                                    .name = "cpp",
                                    .alias = "c++",
                                    .other_names = other_names,
                                    .extensions = extensions,
                                    .more_extensions = c_too,
                                    .root = {},
                                    .command_root = {},
                                    .command_source = "src/main.cpp",
                                    .command_text = command_text,
                                    .generator = bindgen::Generator::cpp,
                                    .header_ending = ".hpp",
                                    .crate = false,
                                    .export_macro = true,
                                    .wants_libcxx = true,
                                    .ignored = "/build/\n/compile_commands.json\n",
                                    .source_name = source_name,
                                    .source_text = source_text,
                                    .project_files = nullptr,
                                    .find = find_clang_compiler,
                                    .compile = compile_by_clang,
                                    .examine = examine_cpp};

}  // namespace tenon::builder
