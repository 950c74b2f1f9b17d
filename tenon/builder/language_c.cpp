// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "tenon/builder/language.h"
#include "tenon/wit/file_name.h"

namespace tenon::builder {
namespace {

constexpr std::array<std::string_view, 1> extensions = {".c"};

constexpr std::string_view command_text =
    "#include <stdio.h>\n"
    "\n"
    "// Greets, and says how many lines a file has when one is named.\n"
    "int main(int argc, char** argv) {\n"
    "  printf(\"Hello, world!\\n\");\n"
    "  if (argc < 2) return 0;\n"
    "  FILE* file = fopen(argv[1], \"r\");\n"
    "  if (file == NULL) {\n"
    "    perror(argv[1]);\n"
    "    return 1;\n"
    "  }\n"
    "  unsigned lines = 0;\n"
    "  for (int c = fgetc(file); c != EOF; c = fgetc(file)) lines += c == '\\n';\n"
    "  fclose(file);\n"
    "  printf(\"%s: %u lines\\n\", argv[1], lines);\n"
    "  return 0;\n"
    "}\n";

std::string source_text(const bindgen::GuestNames& names) {
  return fmt::format(
      "#include \"{0}\"\n\n"
      "#include <stdlib.h>\n#include <string.h>\n\n"
      "bool {2}greet({1}_string_t* name, {1}_string_t* ret, {1}_string_t* err) {{\n"
      "  if (name->len == 0) {{\n"
      "    {1}_string_free(name);\n"
      "    {1}_string_dup(err, \"nobody to greet\");\n"
      "    return false;\n"
      "  }}\n"
      "  ret->len = name->len + 8;\n"
      "  ret->ptr = malloc(ret->len);\n"
      "  memcpy(ret->ptr, \"Hello, \", 7);\n"
      "  memcpy(ret->ptr + 7, name->ptr, name->len);\n"
      "  ret->ptr[ret->len - 1] = '!';\n"
      "  {1}_string_free(name);\n"
      "  return true;\n"
      "}}\n",
      names.header, names.world, names.exports.front());
}

std::string source_name(const bindgen::GuestNames& names) {
  return wit::file_stem(names.world) + "_impl.c";
}

}  // namespace

const GuestLanguage c_language = {.lang = Lang::c,
                                  .name = "c",
                                  .alias = {},
                                  .other_names = {},
                                  .extensions = extensions,
                                  .more_extensions = {},
                                  .root = {},
                                  .command_root = {},
                                  .command_source = "src/main.c",
                                  .command_text = command_text,
                                  .generator = bindgen::Generator::c,
                                  .header_ending = ".h",
                                  .crate = false,
                                  .export_macro = false,
                                  .wants_libcxx = false,
                                  .ignored = "/build/\n/compile_commands.json\n",
                                  .source_name = source_name,
                                  .source_text = source_text,
                                  .project_files = nullptr,
                                  .find = find_clang_compiler,
                                  .compile = compile_by_clang,
                                  .examine = examine_c};

}  // namespace tenon::builder
