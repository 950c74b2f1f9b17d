// SPDX-License-Identifier: Apache-2.0
// The order in which a package is looked for: the path itself, `deps/` beside it, `--dep`, and the
// WASI packages in the program. If one file cannot be read, nothing is resolved, since every name
// that it might define would be reported as missing.
// Spec: WIT.md "Filesystem structure"
#include "tenon/wit/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tenon/base/bytes.h"
#include "tenon/base/file.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/resolution.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/wasi.h"

namespace tenon::wit {
namespace {

namespace fs = std::filesystem;

/// A WIT text beyond this is a mistake. Spec: docs/wit.md "Limits".
constexpr std::size_t max_text = std::size_t{64} << 20U;

bool is_wit_name(const std::string& path) {
  return fs::path(path).extension() == ".wit";
}

bool is_binary_name(const fs::path& path) {
  return path.extension() == ".wasm" || path.extension() == ".wat";
}

bool is_binary(std::string_view text) {
  return text.starts_with(std::string_view("\0asm", 4));
}

/// Whether a `.wat` or `.wasm` holds the text form: its places are lines, those of all else
/// offsets.
bool is_text_form(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && (text[begin] == '(' || text[begin] == ';');
}

class Loader {
 public:
  Loader(const LoadOptions& options, SourceSet& sources, Diagnostics& diagnostics)
      : options_(options),
        source_(options.files != nullptr ? *options.files : disk_),
        sources_(sources),
        diagnostics_(diagnostics) {}

  Resolution resolution(const std::string& path) {
    read_path(path);
    Resolution out;
    Resolved resolved = finish();
    out.packages = std::move(resolved.packages);
    out.references = std::move(resolved.references);
    out.complete = resolved.complete && !diagnostics_.has_errors();
    out.diagnostics = diagnostics_.take();
    out.files = std::move(files_);
    return out;
  }

  std::optional<Loaded> path(const std::string& path) {
    read_path(path);
    Resolved resolved = finish();
    if (!resolved.complete) return std::nullopt;
    return Loaded{std::move(resolved.packages), std::move(files_)};
  }

  std::optional<Packages> text(std::string name, std::string text) {
    PackageSource source;
    source.root = true;
    add_text(source, std::move(name), std::move(text));
    packages_.push_back(std::move(source));
    Resolved resolved = finish();
    if (!resolved.complete) return std::nullopt;
    return std::move(resolved.packages);
  }

 private:
  void read_path(const std::string& path) {
    if (source_.is_folder(path)) {
      const auto own = package_files(path, source_);  // a project keeps its WIT in `wit/`
      const std::string at = own.empty() ? path : fs::path(own.front()).parent_path().string();
      folder(at, true);
      deps_folder(at + "/deps");
    } else {
      file(path, true);
      for (const std::string& more : options_.more_files) {
        if (!packages_.empty()) add_file(packages_.front(), more);
      }
      if (options_.named_only || is_binary_name(path)) return;
      deps_folder((fs::path(path).parent_path() / "deps").string());
    }
  }

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
    auto text = source_.read(path);
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
      const auto source_id =
          is_text_form(*text) ? sources_.add(path, std::string(*text)) : sources_.add_binary(path);
      auto wit = options_.read_binary(as_bytes(*text), source_id);
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
    auto entries = source_.entries(path);
    if (!entries) {
      unread(std::move(entries).error());
      return;
    }
    std::vector<std::string> names = *std::move(entries);
    std::erase_if(names, [&](const std::string& name) {
      return !is_wit_name(name) || source_.is_folder(name);
    });
    if (names.empty()) {
      const bool has_wit = source_.is_folder(path + "/wit");
      unread(Error(rules::unreadable, Span::none(), fmt::format("`{}` holds no .wit file", path))
                 .help(has_wit ? fmt::format("did you mean `{}/wit`?", path) : std::string()));
      return;
    }
    for (const std::string& name : names) add_file(source, name);
    packages_.push_back(std::move(source));
  }

  void deps_folder(const std::string& path) {
    if (!source_.is_folder(path)) return;
    for (const std::string& entry : source_.entries(path).value_or(std::vector<std::string>())) {
      if (source_.is_folder(entry)) {
        folder(entry, false);
      } else if (is_wit_name(entry) || is_binary_name(entry)) {
        file(entry, false);
      }
    }
  }

  void named_deps() {
    for (const auto& [name, path] : options_.deps) {
      const std::size_t before = packages_.size();
      if (source_.is_folder(path)) {
        folder(path, false);
        deps_folder(path + "/deps");
      } else {
        file(path, false);
      }
      if (!name.empty() && packages_.size() > before && !names(packages_[before], name)) {
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

  /// Completes the packages with those that are inside the program.
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
    if (packages_.empty() || options_.named_only) return false;
    const PackageSource& main = packages_.front();
    if (main.files.size() != 1 || main.files[0].package || main.files[0].items.empty() ||
        main.path.empty() || source_.is_folder(main.path))
      return false;
    const fs::path folder = fs::path(main.path).parent_path();
    for (const std::string& sibling :
         package_files(folder.empty() ? "." : folder.string(), source_)) {
      const auto text = source_.read(sibling);
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

  Resolved finish() {
    named_deps();
    compare_copies();
    // Without one of its files all names of a package are in doubt; with what could be parsed of
    // them, few.
    if (unread_ || half_a_package()) return {};
    embedded();
    ResolveOptions resolve_options = options_.resolve;
    resolve_options.sources = &sources_;
    for (const EmbeddedFile& file : embedded_files()) {
      if (resolve_options.available.empty() || resolve_options.available.back() != file.package)
        resolve_options.available.emplace_back(file.package);
    }
    return resolve_all(packages_, resolve_options, diagnostics_);
  }

  const LoadOptions& options_;
  FileSource disk_;
  const FileSource& source_;
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

Resolution load_resolution(const std::string& path, const LoadOptions& options,
                           SourceSet& sources) {
  LoadOptions with_references = options;
  with_references.resolve.references = true;
  Diagnostics diagnostics;
  return Loader(with_references, sources, diagnostics).resolution(path);
}

const Reference* Resolution::reference_at(std::uint32_t source, std::uint32_t offset) const {
  const auto next = std::ranges::upper_bound(
      references, std::pair(source, offset), {},
      [](const Reference& r) { return std::pair(r.from.source, r.from.begin); });
  if (next == references.begin()) return nullptr;
  const Reference& found = *std::prev(next);
  return found.from.source == source && offset <= found.from.end ? &found : nullptr;
}

std::vector<std::string> package_files(const std::string& path, const FileSource& files) {
  if (!files.is_folder(path)) return {path};
  std::vector<std::string> out = files.entries(path).value_or(std::vector<std::string>());
  std::erase_if(
      out, [&](const std::string& name) { return !is_wit_name(name) || files.is_folder(name); });
  if (out.empty() && files.is_folder(path + "/wit")) return package_files(path + "/wit", files);
  return out;
}

}  // namespace tenon::wit
