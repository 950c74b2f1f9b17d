// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tenon/base/file.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/wasi.h"

namespace tenon::wit {
namespace {

namespace fs = std::filesystem;

/// A WIT text beyond this is a mistake. Spec: docs/wit.md "Limits".
constexpr std::size_t max_text = std::size_t{64} << 20U;

bool is_binary_name(const fs::path& path) {
  return path.extension() == ".wasm" || path.extension() == ".wat";
}

bool is_binary(std::string_view text) {
  return text.starts_with(std::string_view("\0asm", 4));
}

class Loader {
 public:
  Loader(const LoadOptions& options, SourceSet& sources, Diagnostics& diagnostics)
      : options_(options), sources_(sources), diagnostics_(diagnostics) {}

  std::optional<Loaded> path(const std::string& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      const auto own = package_files(path);  // a project keeps its WIT in `wit/`
      const std::string at = own.empty() ? path : fs::path(own.front()).parent_path().string();
      folder(at, true);
      deps_folder(at + "/deps");
    } else {
      file(path, true);
      const fs::path beside = fs::path(path).parent_path() / "deps";
      if (!is_binary_name(path)) deps_folder(beside.string());
    }
    return finish();
  }

  std::optional<Packages> text(std::string name, std::string text) {
    PackageSource source;
    source.root = true;
    add_text(source, std::move(name), std::move(text));
    packages_.push_back(std::move(source));
    auto loaded = finish();
    if (!loaded) return std::nullopt;
    return std::move(loaded->packages);
  }

 private:
  void unread(Error error) {
    diagnostics_.report(std::move(error));
    unread_ = true;
  }

  void add_text(PackageSource& source, std::string name, std::string text) {
    if (text.size() > max_text) {
      unread(Error(
          rules::too_large, Span::none(),
          fmt::format("`{}` has {} bytes, at most {} are read", name, text.size(), max_text)));
      return;
    }
    const std::uint32_t id = sources_.add(std::move(name), std::move(text));
    source.files.push_back(parse(sources_.text(id), id, diagnostics_));
  }

  /// One file of a package. False when it could not be read; that is reported.
  bool add_file(PackageSource& source, const std::string& path) {
    auto text = read_text_file(path);
    if (!text) {
      unread(std::move(text).error());
      return false;
    }
    files_.push_back(path);
    if (is_binary(*text) || is_binary_name(path)) {
      if (!options_.read_binary) {
        unread(Error(rules::unreadable, Span::none(), fmt::format("`{}` is no WIT text", path)));
        return false;
      }
      auto wit = options_.read_binary(as_bytes(*text));
      if (!wit) {
        unread(std::move(wit).error());
        return false;
      }
      add_text(source, path, std::move(*wit));
      source.from_binary = true;
      return true;
    }
    add_text(source, path, std::move(*text));
    return true;
  }

  void file(const std::string& path, bool root) {
    PackageSource source;
    source.root = root;
    source.path = path;
    if (add_file(source, path)) packages_.push_back(std::move(source));
  }

  /// All .wit files of a folder make one package. Spec: WIT.md "Root Package: A Directory".
  void folder(const std::string& path, bool root) {
    PackageSource source;
    source.root = root;
    source.path = path;
    std::vector<std::string> names;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(path, code)) {
      std::error_code ignored;
      if (entry.path().extension() == ".wit" && !entry.is_directory(ignored))
        names.push_back(entry.path().string());
    }
    if (code) {
      unread(Error(rules::unreadable, Span::none(), fmt::format("`{}`: {}", path, code.message())));
      return;
    }
    std::sort(names.begin(), names.end());
    if (names.empty()) {
      const bool has_wit = fs::is_directory(path + "/wit", code);
      unread(Error(rules::unreadable, Span::none(), fmt::format("`{}` holds no .wit file", path))
                 .help(has_wit ? fmt::format("did you mean `{}/wit`?", path) : std::string()));
      return;
    }
    for (const std::string& name : names) add_file(source, name);
    packages_.push_back(std::move(source));
  }

  void deps_folder(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) return;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(path, code)) entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    for (const fs::path& entry : entries) {
      if (fs::is_directory(entry, code)) {
        folder(entry.string(), false);
      } else if (entry.extension() == ".wit" || is_binary_name(entry)) {
        file(entry.string(), false);
      }
    }
  }

  void named_deps() {
    for (const auto& [name, path] : options_.deps) {
      const std::size_t before = packages_.size();
      std::error_code ignored;
      if (fs::is_directory(path, ignored)) {
        folder(path, false);
        deps_folder(path + "/deps");
      } else {
        file(path, false);
      }
      if (packages_.size() > before && !names(packages_[before], name)) {
        unread(Error(rules::no_package, Span::none(), fmt::format("`{}` in `{}`", name, path))
                   .help("the name before `=` is the package's, as its WIT declares it"));
      }
    }
  }

  static bool names(const PackageSource& source, std::string_view name) {
    const auto fits = [&](const PackageName& package) {
      return package.to_string() == name || package.ns + ":" + package.name == name;
    };
    return std::any_of(source.files.begin(), source.files.end(), [&](const ast::File& file) {
      return (file.package && fits(file.package->name)) ||
             std::any_of(file.nested.begin(), file.nested.end(),
                         [&](const auto& n) { return fits(n.decl.name); });
    });
  }

  /// Packages that are defined already.
  void note_defined(const PackageSource& source, std::set<PackageName>& defined) const {
    for (const ast::File& file : source.files) {
      if (file.package) defined.insert(file.package->name);
      for (const auto& nested : file.nested) defined.insert(nested.decl.name);
    }
  }

  /// Completes the packages with those that stand inside the program.
  void embedded() {
    std::set<PackageName> defined;
    for (const PackageSource& source : packages_) note_defined(source, defined);
    for (std::size_t i = 0; i < packages_.size(); ++i) {
      for (const PackageName& needed : needed_packages(packages_[i])) {
        if (defined.contains(needed)) continue;
        const std::string_view package = embedded_package_for(needed);
        if (package.empty()) continue;
        PackageSource source;
        for (const EmbeddedFile& file : embedded_files()) {
          if (file.package != package) continue;
          add_text(source, std::string(file.path), std::string(file.text));
          if (needed.version) retarget(source.files.back(), *needed.version);
        }
        defined.insert(needed);
        packages_.push_back(std::move(source));
      }
    }
  }

  /// The tokens of a package's files, without comments and layout.
  [[nodiscard]] std::string contents(const PackageSource& source) const {
    std::vector<std::string> texts;
    for (const ast::File& file : source.files) {
      Diagnostics ignored;
      const Tokens tokens = lex(sources_.text(file.source), file.source, ignored);
      std::string& text = texts.emplace_back();
      for (const Token& token : tokens.tokens) (text += tokens.of(token)) += ' ';
    }
    std::sort(texts.begin(), texts.end());
    std::string out;
    for (const std::string& text : texts) out += text;
    return out;
  }

  /// A package that several dependencies bring is the same everywhere. Spec: WIT.md "Filesystem
  /// structure".
  void compare_copies() {
    std::map<std::string, const PackageSource*> first;
    for (const PackageSource& source : packages_) {
      if (source.root) continue;
      for (const ast::File& file : source.files) {
        if (!file.package) continue;
        const std::string name = file.package->name.to_string();
        const auto [there, fresh] = first.emplace(name, &source);
        if (fresh || there->second == &source || contents(*there->second) == contents(source))
          continue;
        Error report(rules::duplicate, file.package->span,
                     fmt::format("the package `{}`, with other contents", name));
        for (const ast::File& other : there->second->files) {
          if (other.package) report = std::move(report).note(other.package->span, "the other one");
        }
        diagnostics_.report(std::move(report).help(
            "a package that several dependencies bring has to be the same everywhere: keep one"));
      }
    }
  }

  /// Whether the one file given belongs to a package that another file of its folder names.
  bool half_a_package() {
    if (packages_.empty()) return false;
    const PackageSource& main = packages_.front();
    if (main.files.size() != 1 || main.files[0].package || main.files[0].items.empty() ||
        main.path.empty() || fs::is_directory(main.path))
      return false;
    const fs::path folder = fs::path(main.path).parent_path();
    for (const std::string& sibling : package_files(folder.empty() ? "." : folder.string())) {
      const auto text = read_text_file(sibling);
      Diagnostics ignored;
      const auto file = text ? parse(*text, 0, ignored) : ast::File();
      if (!file.package) continue;
      diagnostics_.report(
          Error(rules::package_name, {main.files[0].source, 0, 0}, "no file names the package")
              .help(fmt::format(
                  "`{}` does: the files of a folder are one package, pass the folder `{}`", sibling,
                  folder.empty() ? "." : folder.string())));
      return true;
    }
    return false;
  }

  std::optional<Loaded> finish() {
    named_deps();
    compare_copies();
    // Without one of its files all names of a package are in doubt; with what could be parsed of
    // them, few.
    if (unread_ || half_a_package()) return std::nullopt;
    embedded();
    ResolveOptions resolve_options = options_.resolve;
    resolve_options.sources = &sources_;
    for (const EmbeddedFile& file : embedded_files()) {
      if (resolve_options.available.empty() || resolve_options.available.back() != file.package)
        resolve_options.available.emplace_back(file.package);
    }
    auto packages = resolve(packages_, resolve_options, diagnostics_);
    if (!packages) return std::nullopt;
    return Loaded{std::move(*packages), std::move(files_)};
  }

  const LoadOptions& options_;
  SourceSet& sources_;
  Diagnostics& diagnostics_;
  std::vector<PackageSource> packages_;
  std::vector<std::string> files_;
  bool unread_ = false;
};

}  // namespace

std::optional<Loaded> load(const std::string& path, const LoadOptions& options, SourceSet& sources,
                           Diagnostics& diagnostics) {
  return Loader(options, sources, diagnostics).path(path);
}

std::optional<Packages> load_text(std::string name, std::string text, const LoadOptions& options,
                                  SourceSet& sources, Diagnostics& diagnostics) {
  return Loader(options, sources, diagnostics).text(std::move(name), std::move(text));
}

std::vector<std::string> package_files(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return {path};
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(path, code)) {
    std::error_code ignored;
    if (entry.path().extension() == ".wit" && !entry.is_directory(ignored))
      out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  if (out.empty() && fs::is_directory(path + "/wit", code)) return package_files(path + "/wit");
  return out;
}

}  // namespace tenon::wit
