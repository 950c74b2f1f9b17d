// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/scaffold.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

std::string snake(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string wit_text(const std::string& name) {
  return fmt::format(
      "package local:{0}@0.1.0;\n\n"
      "/// What the component offers.\n"
      "interface greeting {{\n"
      "    /// Greets somebody by name. An empty name is an error.\n"
      "    greet: func(name: string) -> result<string, string>;\n"
      "}}\n\n"
      "world {0} {{\n"
      "    export greeting;\n"
      "}}\n",
      name);
}

std::string cases_text(const std::string& name) {
  return fmt::format(
      "[\n"
      "  {{ \"name\": \"greets\", \"call\": \"local:{}/greeting@0.1.0#greet\", \"args\": [\"world\"], \"expect\": {{ \"ok\": \"Hello, world!\" }} }},\n"
      "  {{ \"name\": \"wants a name\", \"call\": \"greet\", \"args\": [\"\"], \"expect\": {{ \"err\": \"nobody to greet\" }} }}\n"
      "]\n",
      name);
}

std::string cpp_text(const std::string& name) {
  return fmt::format(
      "#include \"{0}.hpp\"\n\n"
      "struct Greeting {{\n"
      "  static std::expected<std::string, std::string> greet(std::string name) {{\n"
      "    if (name.empty()) return std::unexpected(\"nobody to greet\");\n"
      "    return \"Hello, \" + name + \"!\";\n"
      "  }}\n"
      "}};\n\n"
      "TENON_EXPORT_{0}(Greeting);\n",
      snake(name));
}

std::string rust_text(const std::string& name) {
  return fmt::format(
      "use {0}_bindings::exports::local::{0}::greeting::Guest;\n\n"
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
      snake(name));
}

std::string c_text(const std::string& name) {
  return fmt::format(
      "#include \"{0}.h\"\n\n"
      "#include <stdlib.h>\n#include <string.h>\n\n"
      "bool exports_local_{0}_greeting_greet({0}_string_t* name, {0}_string_t* ret, {0}_string_t* err) {{\n"
      "  if (name->len == 0) {{\n"
      "    {0}_string_free(name);\n"
      "    {0}_string_dup(err, \"nobody to greet\");\n"
      "    return false;\n"
      "  }}\n"
      "  ret->len = name->len + 8;\n"
      "  ret->ptr = malloc(ret->len);\n"
      "  memcpy(ret->ptr, \"Hello, \", 7);\n"
      "  memcpy(ret->ptr + 7, name->ptr, name->len);\n"
      "  ret->ptr[ret->len - 1] = '!';\n"
      "  {0}_string_free(name);\n"
      "  return true;\n"
      "}}\n",
      snake(name));
}

}  // namespace

std::vector<NewFile> scaffold(const std::string& name, Lang lang) {
  std::vector<NewFile> out;
  out.push_back({"tenon.toml", fmt::format("name = \"{}\"\nlang = \"{}\"\nworld = \"{}\"\n", name, to_string(lang), name)});
  out.push_back({"wit/world.wit", wit_text(name)});
  switch (lang) {
    case Lang::cpp: out.push_back({"src/" + snake(name) + "_impl.cpp", cpp_text(name)}); break;
    case Lang::c: out.push_back({"src/" + snake(name) + "_impl.c", c_text(name)}); break;
    case Lang::rust: out.push_back({"src/lib.rs", rust_text(name)}); break;
  }
  out.push_back({"test_cases.json", cases_text(name)});
  out.push_back({".gitignore", "/build/\n"});
  return out;
}

Result<void> write_project(const std::string& dir, const std::vector<NewFile>& files) {
  std::error_code ignored;
  if (fs::exists(dir, ignored) && !fs::is_empty(dir, ignored)) {
    return std::unexpected(Error(rules::build_folder, Span::none(), fmt::format("`{}` is there already and not empty", dir))
                               .help("choose another name, or empty the folder"));
  }
  for (const NewFile& file : files) {
    const fs::path path = fs::path(dir) / file.path;
    TENON_TRY(make_folder(path.parent_path().string()));
    TENON_TRY(write_file(path.string(), std::string_view(file.text)));
  }
  return {};
}

}  // namespace tenon::builder
