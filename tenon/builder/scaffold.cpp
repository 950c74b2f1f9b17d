// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/scaffold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <filesystem>

#include "tenon/base/ascii.h"
#include "tenon/base/file.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/language.h"
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

/// A world's items share one space of names with the package's interfaces.
std::string interface_of(const std::string& name) {
  std::string lower = name;
  for (char& c : lower) c = to_lower(c);
  return lower == "greeting" ? "greeter" : "greeting";
}

std::string wit_text(const std::string& name) {
  return fmt::format(
      "package local:{0}@0.1.0;\n\n"
      "/// What the component offers.\n"
      "interface {1} {{\n"
      "  /// Greets somebody by name. An empty name is an error.\n"
      "  greet: func(name: string) -> result<string, string>;\n"
      "}}\n\n"
      "/// The component itself.\n"
      "world {0} {{\n"
      "  export {1};\n"
      "}}\n",
      wit::name_text(name), interface_of(name));
}

std::string cases_text(const std::string& name) {
  return fmt::format(
      "[\n"
      "  {{ \"name\": \"greets\", \"call\": \"local:{}/{}@0.1.0#greet\", \"args\": "
      "[\"world\"], \"expect\": {{ \"ok\": \"Hello, world!\" }} }},\n"
      "  {{ \"name\": \"wants a name\", \"call\": \"greet\", \"args\": [\"\"], \"expect\": {{ "
      "\"err\": \"nobody to greet\" }} }}\n"
      "]\n",
      name, interface_of(name));
}

/// What the command of every language does.
constexpr std::string_view command_cases =
    "[\n"
    "  { \"name\": \"greets\", \"expect-stdout\": \"Hello, world!\\n\" },\n"
    "  { \"name\": \"counts lines\", \"wasi\": { \"args\": [\"notes.txt\"], \"files\": { "
    "\"notes.txt\": \"one\\ntwo\\n\" } },\n"
    "    \"expect-stdout\": \"Hello, world!\\nnotes.txt: 2 lines\\n\" }\n"
    "]\n";

bindgen::Options guest_options(const std::string& name, Lang lang) {
  bindgen::Options options;
  options.generator = language(lang).generator;
  options.project = name;
  return options;
}

/// The scaffold's WIT, resolved.
struct ScaffoldWorld {
  wit::Packages packages;
  wit::WorldIdx world;
};
Result<ScaffoldWorld> world_of(const std::string& name) {
  SourceSet sources;
  Diagnostics diagnostics;
  auto packages = wit::load_text("world.wit", wit_text(name), {}, sources, diagnostics);
  if (!packages) {
    std::vector<Error> errors = diagnostics.take();
    assert(!errors.empty());
    return std::unexpected(std::move(errors.front()));
  }
  const wit::WorldIdx world = TENON_TRY(wit::select_world(*packages, std::nullopt));
  return ScaffoldWorld{std::move(*packages), world};
}

std::string cmake_text(const std::string& name, const std::string& source) {
  return fmt::format(
      "cmake_minimum_required(VERSION 3.25)\n"
      "project({0} LANGUAGES CXX)\n"
      "enable_testing()\n"
      "find_package(tenon REQUIRED)\n\n"
      "# The guest: a component that is built with the program, and its own cases.\n"
      "tenon_add_component(guest WIT wit SOURCES {1})\n"
      "tenon_add_component_test(guest_cases COMPONENT guest CASES guest/test_cases.json)\n\n"
      "# The host: bindings of the same WIT, and a test that runs both.\n"
      "add_executable(host host/main.cpp)\n"
      "target_compile_features(host PRIVATE cxx_std_23)\n"
      "tenon_add_host_bindings(host WIT wit)\n"
      "get_target_property(component guest TENON_COMPONENT)\n"
      "add_test(NAME host COMMAND host ${{component}} world)\n"
      "set_tests_properties(host PROPERTIES PASS_REGULAR_EXPRESSION \"Hello, world!\")\n",
      name, source);
}

/// A host that looks at each result: a component that is not there, a trap, an error of the
/// guest's.
std::string host_text(const std::string& world, const std::string& interface) {
  return fmt::format(
      "#include <cstdio>\n#include <string>\n\n"
      "#include \"{0}_host.h\"\n\n"
      "namespace {{\n\n"
      "int fail(const std::string& why) {{\n"
      "  std::fprintf(stderr, \"%s\\n\", why.c_str());\n"
      "  return 1;\n"
      "}}\n\n"
      "}}  // namespace\n\n"
      "int main(int argc, char** argv) {{\n"
      "  if (argc != 3) return fail(\"usage: host COMPONENT NAME\");\n"
      "  tenon::Engine engine;\n"
      "  const auto component = tenon::Component::from_file(engine, argv[1]);\n"
      "  if (!component) return fail(component.error().text());  // a missing file, a bad binary\n"
      "  tenon::Store store(engine);\n"
      "  const auto guest = {0}::world::instantiate(store, *component);\n"
      "  if (!guest) return fail(guest.error().text());  // an import that is missing, another "
      "type\n"
      "  const auto greeting = guest->{1}.greet(argv[2]);\n"
      "  if (!greeting) return fail(greeting.error().text());  // the guest trapped\n"
      "  if (!*greeting) return fail(greeting->error());       // the guest's own error\n"
      "  std::printf(\"%s\\n\", (*greeting)->c_str());\n"
      "  return 0;\n"
      "}}\n",
      world, interface);
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
    std::string text = fmt::format(
        "package {}:{}{};\n\n/// The component itself.\nworld {} {{\n",
        wit::name_text(package.name.ns), wit::name_text(package.name.name),
        package.name.version ? "@" + *package.name.version : std::string(), wit::name_text(world));
    for (const auto& [interface, idx] : package.interfaces)
      text += fmt::format("  export {};\n", wit::name_text(interface));
    return text + "}\n";
  }
  return std::nullopt;
}

/// Loads WIT; the first error is the result, the others stay in the sink.
Result<wit::Loaded> load_or_first_error(const std::string& path,
                                        const std::vector<std::string>& features,
                                        SourceSet& sources, Diagnostics& diagnostics) {
  wit::LoadOptions options;
  options.resolve.features = features;
  auto loaded = wit::load(path, options, sources, diagnostics);
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

/// What goes with the WIT that is in the folder already: a source of stubs and the manifest.
Result<std::vector<NewFile>> stub_files(const std::string& dir, const std::string& name, Lang lang,
                                        const std::optional<std::string>& world,
                                        const std::vector<std::string>& features,
                                        SourceSet& sources, Diagnostics& diagnostics) {
  const wit::Loaded loaded =
      TENON_TRY(load_or_first_error(dir + "/wit", features, sources, diagnostics));
  const wit::WorldIdx chosen = TENON_TRY(wit::select_world(loaded.packages, world));
  bindgen::File stubs =
      TENON_TRY(bindgen::generate_stubs(loaded.packages, chosen, guest_options(name, lang)));
  const GuestLanguage& row = language(lang);
  std::vector<NewFile> out;
  if (row.project_files != nullptr)
    out = TENON_TRY(row.project_files(name, loaded.packages, chosen));
  out.push_back({std::move(stubs.path), std::move(stubs.text)});
  std::string manifest = fmt::format("name = \"{}\"\nlang = \"{}\"\nworld = \"{}\"\n", name,
                                     row.name, loaded.packages.worlds[chosen].name);
  if (!features.empty())
    manifest += fmt::format("features = [\"{}\"]\n", fmt::join(features, "\", \""));
  out.push_back({"tenon.toml", std::move(manifest)});
  out.push_back({".gitignore", std::string(row.ignored)});
  return out;
}

}  // namespace

Result<std::vector<NewFile>> scaffold(const std::string& name, Lang lang) {
  const ScaffoldWorld wit = TENON_TRY(world_of(name));
  const bindgen::GuestNames names =
      TENON_TRY(bindgen::guest_names(wit.packages, wit.world, guest_options(name, lang)));
  const GuestLanguage& row = language(lang);
  std::vector<NewFile> out;
  if (row.project_files != nullptr)
    out = TENON_TRY(row.project_files(name, wit.packages, wit.world));
  out.push_back({"tenon.toml", fmt::format("name = \"{}\"\nlang = \"{}\"\n", name, row.name)});
  out.push_back({"wit/world.wit", wit_text(name)});
  out.push_back({"src/" + row.source_name(names), row.source_text(names)});
  out.push_back({"test_cases.json", cases_text(name)});
  out.push_back({".gitignore", std::string(row.ignored)});
  return out;
}

std::vector<NewFile> command_scaffold(const std::string& name, Lang lang) {
  const GuestLanguage& row = language(lang);
  return {
      {"tenon.toml", fmt::format("name = \"{}\"\nlang = \"{}\"\ncommand = true\n", name, row.name)},
      {std::string(row.command_source), std::string(row.command_text)},
      {"test_cases.json", std::string(command_cases)},
      {".gitignore", std::string(row.ignored)}};
}

Result<std::vector<NewFile>> host_scaffold(const std::string& name, Lang lang) {
  const ScaffoldWorld wit = TENON_TRY(world_of(name));
  // A component is called after its target.
  const bindgen::GuestNames names =
      TENON_TRY(bindgen::guest_names(wit.packages, wit.world, guest_options("guest", lang)));
  // The host's namespace is the one that C++ guests have.
  const bindgen::GuestNames host =
      TENON_TRY(bindgen::guest_names(wit.packages, wit.world, guest_options(name, Lang::cpp)));
  const GuestLanguage& row = language(lang);
  const std::string source = "guest/" + row.source_name(names);
  return std::vector<NewFile>{{"CMakeLists.txt", cmake_text(name, source)},
                              {"wit/world.wit", wit_text(name)},
                              {source, row.source_text(names)},
                              {"guest/test_cases.json", cases_text(name)},
                              {"host/main.cpp", host_text(host.world, snake(interface_of(name)))},
                              {".gitignore", "/build/\n"}};
}

Result<void> write_project(const std::string& dir, const std::vector<NewFile>& files) {
  TENON_TRY(check_empty(dir));
  return write_files(dir, files);
}

Result<void> write_stub_project(const std::string& dir, const std::string& name, Lang lang,
                                const std::string& wit, const std::optional<std::string>& world,
                                const std::vector<std::string>& features, SourceSet& sources,
                                Diagnostics& diagnostics) {
  TENON_TRY(check_empty(dir));
  const wit::Loaded given = TENON_TRY(load_or_first_error(wit, features, sources, diagnostics));
  std::vector<NewFile> files = TENON_TRY(copied_wit(wit));
  if (auto text = inferred_world(given.packages, name)) {
    std::string place = "wit/world.wit";
    const auto is_place = [&](const NewFile& file) { return file.path == place; };
    while (std::any_of(files.begin(), files.end(), is_place)) place.insert(4, "the-");
    files.push_back({std::move(place), std::move(*text)});
  } else {
    [[maybe_unused]] const wit::WorldIdx there =
        TENON_TRY(wit::select_world(given.packages, world));
  }
  TENON_TRY(write_files(dir, files));
  auto rest = stub_files(dir, name, lang, world, features, sources, diagnostics);
  if (!rest) {
    std::error_code ignored;
    fs::remove_all(dir + "/wit", ignored);
    fs::remove(dir, ignored);
    return std::unexpected(std::move(rest).error());
  }
  return write_files(dir, *rest);
}

}  // namespace tenon::builder
