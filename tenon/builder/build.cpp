// SPDX-License-Identifier: Apache-2.0
// A build trusts what earlier builds left, so that is kept in the user's cache and never in the
// project, where someone else could have put it. The stamp's key contains everything besides file
// contents that changes the result. One lock for each project; scratch folders belong to one
// process.
#include "tenon/builder/build.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tenon/base/file.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/compiler_help.h"
#include "tenon/builder/componentize.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/language.h"
#include "tenon/builder/lock.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/process.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/user_cache.h"
#include "tenon/wit/features.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

void nothing(std::string_view /*unused*/) {}
void run_unseen(const Command& /*unused*/) {}

constexpr std::string_view wasm_magic("\0asm", 4);

/// A file that already says so keeps its time, and with it what was made of it.
Result<void> write_if_changed(const std::string& path, std::string_view text) {
  const auto there = read_text_file(path);
  if (there && *there == text) return {};
  TENON_TRY(make_folder(fs::path(path).parent_path().string()));
  return write_file(path, text);
}

/// `22.1.8` of "Debian clang version 22.1.8 (…)".
std::string version_number(std::string_view text) {
  const auto begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return std::string(text);
  return std::string(text.substr(begin, text.find_first_of(" (~+", begin) - begin));
}

/// One build under way.
class Build {
 public:
  Build(const Project& project, Profile profile, const BuildOptions& options, SourceSet& sources,
        Diagnostics& diagnostics)
      : project_(project),
        profile_(std::move(profile)),
        options_(options),
        sources_(sources),
        diagnostics_(diagnostics),
        speech_{options.status ? options.status : nothing,
                options.command ? options.command : run_unseen, options.color} {}

  Result<BuildResult> run() {
    TENON_TRY(check_named_paths(project_));
    TENON_TRY(prepare());
    // Held to the end: what goes on next to another build of the folder has a folder of its own.
    const BuildLock lock = TENON_TRY(BuildLock::take(places_.internal, &Build::waiting, this));
    if (up_to_date()) {
      result_.unchanged = true;
      return std::move(result_);
    }
    const wit::Loaded wit = TENON_TRY(load_wit());
    const wit::WorldIdx world = TENON_TRY(select_world(wit.packages));
    tool_ = language_.find(compilers_);
    const LockEntries locked = lock_entries(wit);
    if (options_.locked) TENON_TRY(check_locked(locked));
    TENON_TRY(clean_scratch());
    const std::vector<std::string> generated = TENON_TRY(generate(wit.packages, world));
    write_compile_commands(generated);
    Compiled compiled = TENON_TRY(language_.compile({project_,
                                                     profile_,
                                                     places_,
                                                     compilers_,
                                                     generated,
                                                     hashes_,
                                                     {options_.offline, options_.locked},
                                                     options_.jobs,
                                                     speech_}));
    speech_.status("making the component");
    const std::vector<std::uint8_t> component =
        TENON_TRY(make_component(compiled, wit.packages, world));
    TENON_TRY(write_file(result_.component, ByteSpan(component)));
    TENON_TRY(write_file(result_.wit, wit::print(wit.packages, wit::PrintOptions{})));
    if ((project_.manifest || project_.cargo) && !options_.locked)
      TENON_TRY(write_lock(lock_path(), locked));
    if (keeps_) TENON_TRY(write_stamp(wit, compiled));
    remove_scratch();
    if (keeps_ && compiled.compiled != 0) trim_cache();
    result_.compiled = compiled.compiled;
    result_.reused = compiled.reused;
    result_.compiler_output = std::move(compiled.output);
    return std::move(result_);
  }

 private:
  static void waiting(void* self) {
    static_cast<Build*>(self)->speech_.status("waiting for another build of this folder");
  }

  [[nodiscard]] std::string lock_path() const { return project_.dir + "/tenon.lock"; }
  [[nodiscard]] std::string stamp_path() const {
    return places_.internal + "/" + profile_.name + ".stamp";
  }
  /// A path of the project as the compilers are given it: they run in the project's folder.
  [[nodiscard]] std::string absolute(const std::string& path) const {
    std::error_code ignored;
    return fs::absolute(path, ignored).lexically_normal().string();
  }

  Result<void> prepare() {
    places_.project = absolute(project_.dir);
    const std::string output = absolute((fs::path(project_.dir) / project_.output).string());
    TENON_TRY(find_cache());
    places_.generated = places_.internal + "/" + profile_.name + "/gen";
    // Its own for each process: a compiler that outlives a killed build must not write into the
    // next one's.
    places_.scratch = fmt::format("{}/{}/scratch-{}", places_.internal, profile_.name, ::getpid());
    results_ = output + "/" + profile_.name;
    for (const std::string& dir : {places_.generated, places_.objects, results_})
      TENON_TRY(make_folder(dir));
    TENON_TRY(check_writable(results_));
    const fs::path shown = fs::path(project_.dir) / project_.output / profile_.name;
    result_.component = (shown / (project_.name + ".wasm")).lexically_normal().string();
    result_.wit = (shown / (project_.name + ".wit")).lexically_normal().string();
    return {};
  }

  /// Said before a compiler is run for nothing.
  static Result<void> check_writable(const std::string& dir) {
    if (::access(dir.c_str(), W_OK) == 0) return {};
    return std::unexpected(
        Error(rules::build_folder, Span::none(), fmt::format("`{}`: {}", dir, std::strerror(errno)))
            .help("the build folder must be writable; `output = \"…\"` in tenon.toml names another "
                  "one"));
  }

  /// What earlier builds left is believed, so it is never in the project, whose writer could have
  /// put it there.
  Result<void> find_cache() {
    UserCache cache = options_.no_cache ? UserCache() : user_cache();
    keeps_ = cache.dir.has_value();
    if (!keeps_) {
      result_.cache_note = std::move(cache.reason);
      PrivateFolder folder = TENON_TRY(PrivateFolder::make());
      places_.internal = folder.path();
      places_.objects = folder.path() + "/objects";
      places_.headers = folder.path() + "/headers";
      private_.emplace(std::move(folder));
      return {};
    }
    std::error_code ignored;
    const fs::path place = fs::weakly_canonical(places_.project, ignored);
    cache_ = *cache.dir;
    places_.internal = cache_ + "/projects/" + sha256(place.string()).substr(0, 32);
    places_.objects = cache_ + "/objects";
    places_.headers = cache_ + "/headers";
    return {};
  }

  void trim_cache() const {
    constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;
    constexpr unsigned most_days = 60;
    trim_objects(places_.objects, most_bytes);
    trim_projects(cache_ + "/projects", most_days);
    trim_projects(places_.headers, most_days);
  }

  /// Removes what killed builds left, and makes this build's own folder. Only under the lock.
  Result<void> clean_scratch() {
    std::error_code ignored;
    const auto clean = [&](const std::string& dir, const auto& stale) {
      std::vector<fs::path> found;
      for (const auto& entry : fs::directory_iterator(dir, ignored)) {
        if (stale(entry.path().filename().string())) found.push_back(entry.path());
      }
      for (const fs::path& path : found) fs::remove_all(path, ignored);
    };
    clean(places_.internal + "/" + profile_.name,
          [](const std::string& name) { return name.starts_with("scratch"); });
    clean(results_, [&](const std::string& name) {
      return name.starts_with(project_.name) && name.contains(".tmp");
    });
    return make_folder(places_.scratch);
  }

  void remove_scratch() const {
    std::error_code ignored;
    fs::remove_all(places_.scratch, ignored);
  }

  /// Everything that changes the result beside the contents of files.
  [[nodiscard]] std::string key() const {
    KeyBuilder key;
    key.add(options_.tenon_version).add(options_.program).add(project_.name).add(language_.name);
    key.add(project_.world.value_or(""))
        .add(project_.wit)
        .add(project_.sources)
        .add(project_.include_dirs)
        .add(project_.output)
        .add(project_.wit_features);
    key.add(project_.cflags).add(project_.rustc_flags).add(project_.edition);
    key.add(project_.allocator == Allocator::small ? "small" : "libc").add(profile_.opt);
    key.add(std::to_string(static_cast<int>(project_.string_encoding)));
    key.add(project_.ownership == bindgen::Ownership::borrowing ? "borrowing" : "owning");
    key.add(profile_.debug_info ? "g" : "")
        .add(profile_.strip ? "s" : "")
        .add(profile_.cflags)
        .add(profile_.rustc_flags);
    for (const auto* list : {&project_.deps, &project_.adapters}) {
      for (const auto& [name, path] : *list) key.add(name).add(path);
    }
    key.add(stub_wasi() ? "stub" : "").add(wit_files());
    key.add(project_.command ? "command" : "")
        .add(compat() == AdapterCompat::v0_2_0 ? "0.2.0" : "");
    if (project_.preinit) {
      key.add("preinit").add(project_.preinit->init).add(project_.preinit->dirs);
      key.add(std::to_string(project_.preinit->random_seed));
      key.add(project_.preinit->keep_init_func ? "keep" : "").add(preinit_files());
      key.add(project_.preinit->allow_wasi ? "wasi" : "").add(project_.preinit->env);
      key.add(fmt::format("{} {}", project_.preinit->timeout.value_or(0),
                          project_.preinit->max_memory.value_or(0)));
    }
    for (const char* name : {"TENON_CLANG", "TENON_RUSTC", "WASI_SYSROOT", "PATH"}) {
      const char* value = std::getenv(name);
      key.add(value == nullptr ? "" : value);
    }
    // A compiler that was replaced in its place; what cargo reads beside the sources.
    std::vector<std::string> files;
    for (const char* name : {"clang-22", "clang", "rustc", "cargo"})
      files.push_back(find_program(name));
    if (project_.cargo) {
      for (const char* name : {"Cargo.toml", "Cargo.lock", ".cargo/config.toml", ".cargo/config"})
        files.push_back(project_.dir + "/" + name);
    }
    for (const std::string& file : files) {
      const auto stat = stat_file(file);
      key.add(stat ? fmt::format("{} {}", stat->size, stat->mtime_ns) : std::string());
    }
    return key.key();
  }

  [[nodiscard]] bool stub_wasi() const { return options_.stub_wasi || project_.stub_wasi; }
  [[nodiscard]] AdapterCompat compat() const {
    return options_.adapter_compat.value_or(
        project_.adapter_compat.value_or(AdapterCompat::exit_codes));
  }

  /// What the initialisation may read, so that a change is seen.
  [[nodiscard]] std::vector<std::string> preinit_files() const {
    std::vector<std::string> out;
    for (const std::string& dir : project_.preinit->dirs) {
      std::error_code ignored;
      const fs::path root = fs::path(project_.dir) / dir.substr(0, dir.find("::"));
      for (const auto& entry : fs::recursive_directory_iterator(root, ignored)) {
        const auto stat = stat_file(entry.path().string());
        if (stat && entry.is_regular_file(ignored))
          out.push_back(fmt::format("{} {} {}", entry.path().string(), stat->size, stat->mtime_ns));
      }
    }
    std::sort(out.begin(), out.end());
    for (const std::string& mocks : project_.preinit->mocks) {
      const auto stat = stat_file((fs::path(project_.dir) / mocks).string());
      out.push_back(stat ? fmt::format("{} {} {}", mocks, stat->size, stat->mtime_ns) : mocks);
    }
    return out;
  }

  /// Names of the WIT files, so that a new one is seen.
  [[nodiscard]] std::vector<std::string> wit_files() const {
    if (project_.wit.empty()) return {};
    std::vector<std::string> out;
    std::error_code ignored;
    const fs::path root = fs::path(project_.dir) / project_.wit;
    if (!fs::is_directory(root, ignored)) return {root.string()};
    for (const auto& entry : fs::recursive_directory_iterator(root, ignored)) {
      if (entry.is_regular_file(ignored)) out.push_back(entry.path().string());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  bool up_to_date() {
    if (options_.locked || !keeps_) return false;
    std::error_code ignored;
    if (has_compile_commands() && !fs::exists(compile_commands_path(), ignored)) return false;
    keep_only_file(stamp_path());
    const auto text = read_text_file(stamp_path());
    const auto stamp = text ? Stamp::parse(*text) : std::nullopt;
    // Paths of a stamp count from the folder of the build that wrote it, which may be another one.
    const auto is_component = [&](const Stamp::File& file) {
      return file.path == result_.component;
    };
    return stamp && std::ranges::any_of(stamp->outputs, is_component) &&
           stamp->holds(key(), hashes_);
  }

  /// A build has no `--features`: those of its WIT stand in the manifest.
  [[nodiscard]] std::string opener(std::string_view feature) const {
    return cmake_call().empty() ? fmt::format("`features = [\"{}\"]` in tenon.toml", feature)
                                : fmt::format("`FEATURES {}`", feature);
  }

  Result<wit::Loaded> load_wit() {
    speech_.status("reading the WIT");
    wit::LoadOptions options;
    options.resolve.features = project_.wit_features;
    options.resolve.opener = [this](std::string_view feature) { return opener(feature); };
    for (const auto& [name, path] : project_.deps)
      options.deps.emplace_back(name, (fs::path(project_.dir) / path).lexically_normal().string());
    if (project_.wit.empty()) return empty_world(options);
    const std::string path = (fs::path(project_.dir) / project_.wit).lexically_normal().string();
    auto loaded = wit::load(path, options, sources_, diagnostics_);
    if (!loaded) {
      std::vector<Error> errors = diagnostics_.take();
      if (errors.empty()) return std::unexpected(Error(rules::no_project, Span::none(), path));
      // The first is the result, the others stay in the sink.
      Error first = std::move(errors.front());
      for (std::size_t i = 1; i < errors.size(); ++i) diagnostics_.report(std::move(errors[i]));
      return std::unexpected(std::move(first));
    }
    for (std::string& sentence : wit::idle_features(sources_, project_.wit_features))
      result_.notes.push_back(std::move(sentence));
    return std::move(*loaded);
  }

  /// The world of a command that has no WIT: what it imports and exports is WASI's, by the adapter.
  Result<wit::Loaded> empty_world(const wit::LoadOptions& options) {
    auto packages = wit::load_text("command.wit", "package local:command;\nworld command {}\n",
                                   options, sources_, diagnostics_);
    if (!packages)
      return std::unexpected(Error(rules::no_project, Span::none(), std::string(project_.dir)));
    return wit::Loaded{std::move(*packages), {}};
  }

  /// The call that wrote the manifest, where CMake's functions did: `tenon_add_component(x …)`.
  [[nodiscard]] std::string cmake_call() const {
    constexpr std::string_view mark = "# Generated by tenon_add_component(";
    const auto text =
        project_.manifest ? read_text_file(*project_.manifest) : Result<std::string>(std::string());
    if (!text || !text->starts_with(mark)) return {};
    const auto end = text->find(')', mark.size());
    return fmt::format("tenon_add_component({} …)",
                       std::string_view(*text).substr(mark.size(), end - mark.size()));
  }

  /// A project names its world in its manifest, not by an option.
  Result<wit::WorldIdx> select_world(const wit::Packages& packages) const {
    auto world = wit::select_world(packages, project_.world);
    if (world) return world;
    const std::string cmake = cmake_call();
    std::string list;
    for (const wit::PackageIdx root : packages.roots) {
      for (const auto& [name, idx] : packages.packages[root].worlds)
        list += cmake.empty() ? fmt::format("\n  world = \"{}\"", packages.id_of(idx))
                              : fmt::format("\n  WORLD {}", packages.id_of(idx));
    }
    if (list.empty()) return world;
    if (!cmake.empty()) {
      return std::unexpected(
          std::move(world.error()).help(fmt::format("pass one of these to `{}`:{}", cmake, list)));
    }
    std::string out = fmt::format("write one of these into {}",
                                  project_.cargo && !project_.manifest
                                      ? "Cargo.toml, below [package.metadata.component.target]:"
                                      : "tenon.toml:");
    out += list;
    return std::unexpected(std::move(world.error()).help(std::move(out)));
  }

  /// Writes bindings and the guest's support files; returns the sources to compile.
  Result<std::vector<std::string>> generate(const wit::Packages& packages, wit::WorldIdx world) {
    bindgen::Options options;
    options.generator = language_.generator;
    options.ownership = project_.ownership;
    options.string_encoding = project_.string_encoding;
    options.producer = "tenon " + options_.tenon_version;
    options.project = project_.name;
    options.small_allocator = project_.allocator == Allocator::small;
    if (project_.edition == "2024") options.edition = 2024;
    std::vector<bindgen::File> files = TENON_TRY(bindgen::generate(packages, world, options));
    if (project_.allocator == Allocator::small && !language_.crate)
      files.push_back({"small_malloc.c", std::string(bindgen::guest_allocator())});
    if (language_.crate) TENON_TRY(show_crate(files));
    std::vector<std::string> sources;
    for (const bindgen::File& file : files) {
      const std::string path = places_.generated + "/" + file.path;
      keep_only_file(path);
      TENON_TRY(write_if_changed(path, file.text));
      const bool source = file.path.ends_with(".cpp") || file.path.ends_with(".c");
      if (source && file.path != "tenon_guest_rt.c") sources.push_back(path);
    }
    return sources;
  }

  /// The bindings where the crate's own Cargo.toml says that they are, for rust-analyzer.
  Result<void> show_crate(const std::vector<bindgen::File>& files) const {
    const std::string place = project_.output + "/bindings";
    const auto manifest = read_text_file(project_.dir + "/Cargo.toml");
    if (!manifest || !manifest->contains("\"" + place + "\"")) return {};
    for (const bindgen::File& file : files) {
      TENON_TRY(write_if_changed((fs::path(project_.dir) / place / file.path).string(), file.text));
    }
    return {};
  }

  [[nodiscard]] std::string compile_commands_path() const {
    return project_.dir + "/compile_commands.json";
  }
  /// Editors find it in the project's folder. Without a cache the generated header does not stay;
  /// where CMake wrote the manifest, it also says how its targets are compiled.
  [[nodiscard]] bool has_compile_commands() const {
    return keeps_ && !language_.crate && project_.manifest && cmake_call().empty();
  }
  /// A file that somebody else made stays, and one that cannot be written is no reason to fail.
  void write_compile_commands(const std::vector<std::string>& generated) const {
    if (!has_compile_commands() || !compilers_.clang) return;
    const auto there = read_text_file(compile_commands_path());
    if (there && !is_compile_commands(*there)) return;
    static_cast<void>(write_if_changed(
        compile_commands_path(),
        compile_commands(project_, profile_, places_, *compilers_.clang, generated)));
  }

  Result<std::vector<std::uint8_t>> make_component(const Compiled& compiled,
                                                   const wit::Packages& packages,
                                                   wit::WorldIdx world) {
    const std::vector<std::uint8_t> core = TENON_TRY(read_file(compiled.core_module));
    const std::vector<std::uint8_t> embedded =
        TENON_TRY(embed(core, packages, world, Span::no_source, project_.string_encoding));
    ComponentizeOptions options;
    options.stub_wasi = stub_wasi();
    options.compat = compat();
    options.notes = &result_.notes;
    options.producers = {{"tenon", options_.tenon_version},
                         {"canonical-abi", std::string(abi_revision)}};
    if (tool_) options.producers.emplace_back(tool_->first, version_number(tool_->second));
    for (const auto& [name, path] : project_.adapters) {
      std::vector<std::uint8_t> bytes =
          TENON_TRY(read_file((fs::path(project_.dir) / path).string()));
      if (!std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
               .starts_with(wasm_magic)) {
        return std::unexpected(
            Error(rules::adapter, Span::none(), fmt::format("`{}` is not a core module", path))
                .help("an adapter is a .wasm that exports the functions of `" + name + "`"));
      }
      options.adapters.push_back({name, std::move(bytes)});
    }
    auto component = componentize(embedded, options);
    // Places are those of a file that nobody sees: of the name alone something can be told.
    if (!component)
      component.error().set_source(sources_.add_binary("the linked module of " + project_.name));
    if (!component && component.error().rule() == rules::no_exports)
      component = std::unexpected(with_export_line(std::move(component).error()));
    if (!component || !project_.preinit || !options_.preinit) return component;
    if (options_.status) options_.status("running " + project_.preinit->init.front());
    return options_.preinit(project_, *std::move(component));
  }

  /// The line that exports, where none of the world's functions is.
  [[nodiscard]] Error with_export_line(Error error) const {
    const std::string lines = compiler_help::of_no_export(guest_names(project_, places_));
    if (lines.empty()) return error;
    return std::move(error).help(
        fmt::format("the sources export no function of the world: add to {}:\n{}",
                    project_.sources.empty() ? "one of them" : project_.sources.front(), lines));
  }

  Result<void> check_locked(const LockEntries& locked) const {
    if (!project_.manifest && !project_.cargo) {
      return std::unexpected(
          Error(rules::lock_drift, Span::none(),
                fmt::format("`{}` has no tenon.toml, wanted a project with one", project_.dir))
              .help(fmt::format("write tenon.toml with a line like: name = \"{}\"\n"
                                "then `tenon build` writes tenon.lock beside it",
                                project_.name)));
    }
    return check_lock(lock_path(), locked);
  }

  LockEntries lock_entries(const wit::Loaded& wit) {
    LockEntries out = {{"tenon", options_.tenon_version}, {"abi", std::string(abi_revision)}};
    if (tool_) out.emplace_back("tool." + tool_->first, tool_->second);
    for (const std::string& file : wit.files) {
      const std::string relative = fs::path(file).lexically_relative(project_.dir).generic_string();
      out.emplace_back("wit." + relative, hashes_.of(file).value_or(""));
    }
    return out;
  }

  Result<void> write_stamp(const wit::Loaded& wit, const Compiled& compiled) {
    Stamp stamp;
    stamp.key = key();
    const auto add = [&](std::vector<Stamp::File>& list, const std::string& path) {
      const auto stat = stat_file(path);
      const auto hash = hashes_.of(path);
      if (stat && hash) list.push_back({path, *stat, *hash});
    };
    std::vector<std::string> inputs = wit.files;
    inputs.insert(inputs.end(), compiled.read_files.begin(), compiled.read_files.end());
    for (const std::string& source : project_.sources)
      inputs.push_back((fs::path(project_.dir) / source).string());
    for (const auto& [name, path] : project_.adapters)
      inputs.push_back((fs::path(project_.dir) / path).string());
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    for (const std::string& input : inputs) {
      // Generated files follow from the other inputs.
      if (!input.starts_with(places_.internal)) add(stamp.inputs, input);
    }
    add(stamp.outputs, result_.component);
    add(stamp.outputs, result_.wit);
    return write_file(stamp_path(), stamp.to_text());
  }

  const Project& project_;
  const GuestLanguage& language_ = language(project_.lang);
  Profile profile_;
  const BuildOptions& options_;
  SourceSet& sources_;
  Diagnostics& diagnostics_;
  Speech speech_;
  Places places_;
  /// The user's cache, when it is used; otherwise this build's own folder takes its place.
  std::string cache_;
  bool keeps_ = false;
  std::optional<PrivateFolder> private_;
  /// Where NAME.wasm goes, as an absolute path.
  std::string results_;
  FileHashes hashes_;
  BuildResult result_;
  Compilers compilers_;
  /// Name and version of the guest compiler.
  std::optional<std::pair<std::string, std::string>> tool_;
};

}  // namespace

Result<BuildResult> build(const Project& project, const BuildOptions& options, SourceSet& sources,
                          Diagnostics& diagnostics) {
  Profile profile = TENON_TRY(profile_of(project, options.profile));
  return Build(project, std::move(profile), options, sources, diagnostics).run();
}

}  // namespace tenon::builder
