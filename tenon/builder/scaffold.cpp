// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/scaffold.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/rules.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"

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
      "  /// Greets somebody by name. An empty name is an error.\n"
      "  greet: func(name: string) -> result<string, string>;\n"
      "}}\n\n"
      "/// The component itself.\n"
      "world {0} {{\n"
      "  export greeting;\n"
      "}}\n",
      name);
}

std::string cases_text(const std::string& name) {
  return fmt::format(
      "[\n"
      "  {{ \"name\": \"greets\", \"call\": \"local:{}/greeting@0.1.0#greet\", \"args\": "
      "[\"world\"], \"expect\": {{ \"ok\": \"Hello, world!\" }} }},\n"
      "  {{ \"name\": \"wants a name\", \"call\": \"greet\", \"args\": [\"\"], \"expect\": {{ "
      "\"err\": \"nobody to greet\" }} }}\n"
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
      "bool exports_local_{0}_greeting_greet({0}_string_t* name, {0}_string_t* ret, {0}_string_t* "
      "err) {{\n"
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

/// The WIT as it was found, below `wit/`. Dependencies keep their place.
Result<std::vector<NewFile>> copied_wit(const std::string& wit) {
  std::vector<NewFile> out;
  std::error_code ignored;
  fs::path root(wit);
  if (!fs::is_directory(root, ignored)) {
    std::string text = TENON_TRY(read_text_file(wit));
    out.push_back({"wit/" + root.filename().string(), std::move(text)});
    root = root.parent_path() / "deps";
    if (!fs::is_directory(root, ignored)) return out;
    root = root.parent_path();
    if (root.empty()) root = ".";
  } else if (fs::is_directory(root / "wit", ignored)) {
    root /= "wit";
  }
  const bool only_deps = !out.empty();
  for (const auto& entry :
       fs::recursive_directory_iterator(only_deps ? root / "deps" : root, ignored)) {
    if (!entry.is_regular_file(ignored)) continue;
    const std::string extension = entry.path().extension().string();
    if (extension != ".wit" && extension != ".wasm" && extension != ".wat") continue;
    std::string text = TENON_TRY(read_text_file(entry.path().string()));
    out.push_back(
        {"wit/" + entry.path().lexically_relative(root).generic_string(), std::move(text)});
  }
  std::sort(out.begin(), out.end(),
            [](const NewFile& a, const NewFile& b) { return a.path < b.path; });
  return out;
}

/// A world for a package that has none: it exports the package's interfaces.
std::optional<std::string> inferred_world(const wit::Packages& packages, const std::string& name) {
  for (const wit::PackageIdx root : packages.roots) {
    const wit::Package& package = packages.packages[root];
    if (!package.worlds.empty() || package.interfaces.empty()) return std::nullopt;
    std::string world = name;
    for (const auto& [interface, idx] : package.interfaces) {
      if (interface == name) world = name + "-component";
    }
    std::string text = fmt::format("package {};\n\n/// The component itself.\nworld {} {{\n",
                                   package.name.to_string(), world);
    for (const auto& [interface, idx] : package.interfaces)
      text += fmt::format("  export {};\n", wit::name_text(interface));
    return text + "}\n";
  }
  return std::nullopt;
}

/// Loads WIT; the first error is the result, the others stay in the sink.
Result<wit::Loaded> load_or_first_error(const std::string& path, SourceSet& sources,
                                        Diagnostics& diagnostics) {
  auto loaded = wit::load(path, {}, sources, diagnostics);
  if (loaded) return std::move(*loaded);
  std::vector<Error> errors = diagnostics.take();
  if (errors.empty()) return std::unexpected(Error(rules::no_project, Span::none(), path));
  Error first = std::move(errors.front());
  for (std::size_t i = 1; i < errors.size(); ++i) diagnostics.report(std::move(errors[i]));
  return std::unexpected(std::move(first));
}

Result<void> check_empty(const std::string& dir) {
  std::error_code ignored;
  if (!fs::exists(dir, ignored) || fs::is_empty(dir, ignored)) return {};
  return std::unexpected(Error(rules::build_folder, Span::none(),
                               fmt::format("`{}` is there already and not empty", dir))
                             .help("choose another name, or empty the folder"));
}

Result<void> write_files(const std::string& dir, const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    const fs::path path = fs::path(dir) / file.path;
    TENON_TRY(make_folder(path.parent_path().string()));
    TENON_TRY(write_file(path.string(), std::string_view(file.text)));
  }
  return {};
}

/// What goes with the WIT that stands in the folder already: a source of stubs and the manifest.
Result<std::vector<NewFile>> stub_files(const std::string& dir, const std::string& name, Lang lang,
                                        const std::optional<std::string>& world, SourceSet& sources,
                                        Diagnostics& diagnostics) {
  const wit::Loaded loaded = TENON_TRY(load_or_first_error(dir + "/wit", sources, diagnostics));
  const wit::WorldIdx chosen = TENON_TRY(wit::select_world(loaded.packages, world));
  bindgen::Options options;
  options.generator = lang == Lang::cpp ? bindgen::Generator::cpp
                      : lang == Lang::c ? bindgen::Generator::c
                                        : bindgen::Generator::rust;
  options.project = name;
  bindgen::File stubs = TENON_TRY(bindgen::generate_stubs(loaded.packages, chosen, options));
  return std::vector<NewFile>{
      {std::move(stubs.path), std::move(stubs.text)},
      {"tenon.toml", fmt::format("name = \"{}\"\nlang = \"{}\"\nworld = \"{}\"\n", name,
                                 to_string(lang), loaded.packages.worlds[chosen].name)},
      {".gitignore", "/build/\n"}};
}

}  // namespace

std::vector<NewFile> scaffold(const std::string& name, Lang lang) {
  std::vector<NewFile> out;
  out.push_back(
      {"tenon.toml", fmt::format("name = \"{}\"\nlang = \"{}\"\n", name, to_string(lang))});
  out.push_back({"wit/world.wit", wit_text(name)});
  switch (lang) {
    case Lang::cpp:
      out.push_back({"src/" + snake(name) + "_impl.cpp", cpp_text(name)});
      break;
    case Lang::c:
      out.push_back({"src/" + snake(name) + "_impl.c", c_text(name)});
      break;
    case Lang::rust:
      out.push_back({"src/lib.rs", rust_text(name)});
      break;
  }
  out.push_back({"test_cases.json", cases_text(name)});
  out.push_back({".gitignore", "/build/\n"});
  return out;
}

Result<void> write_project(const std::string& dir, const std::vector<NewFile>& files) {
  TENON_TRY(check_empty(dir));
  return write_files(dir, files);
}

Result<void> write_stub_project(const std::string& dir, const std::string& name, Lang lang,
                                const std::string& wit, const std::optional<std::string>& world,
                                SourceSet& sources, Diagnostics& diagnostics) {
  TENON_TRY(check_empty(dir));
  const wit::Loaded given = TENON_TRY(load_or_first_error(wit, sources, diagnostics));
  std::vector<NewFile> files = TENON_TRY(copied_wit(wit));
  if (auto text = inferred_world(given.packages, name)) {
    files.push_back({"wit/world.wit", std::move(*text)});
  } else {
    [[maybe_unused]] const wit::WorldIdx there =
        TENON_TRY(wit::select_world(given.packages, world));
  }
  TENON_TRY(write_files(dir, files));
  auto rest = stub_files(dir, name, lang, world, sources, diagnostics);
  if (!rest) {
    std::error_code ignored;
    fs::remove_all(dir + "/wit", ignored);
    fs::remove(dir, ignored);
    return std::unexpected(std::move(rest).error());
  }
  return write_files(dir, *rest);
}

}  // namespace tenon::builder
