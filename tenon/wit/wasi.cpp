// SPDX-License-Identifier: Apache-2.0
// Only the newest WIT of WASI 0.2 and 0.3 is in the program. An older version is derived from its
// `@since` gates: what came later is removed. An alias that came later stays without its gate,
// because older functions are now written with it.
#include "tenon/wit/wasi.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tenon/types/semver.h"
#include "tenon/wit/resolver.h"

namespace tenon::wit {
namespace {

/// Rewrites one file; `from` is its own version, `to` the one wanted.
class Retarget {
 public:
  Retarget(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}

  void path(ast::UsePath& path) const {
    if (path.package && path.package->version == from_) path.package->version = to_;
  }
  [[nodiscard]] bool later(const ast::Attributes& attributes) const {
    const auto& since = attributes.info.stability.since;
    return since && types::compare_versions(*since, to_) > 0;
  }
  void gates(ast::Attributes& attributes) const {
    auto& deprecated = attributes.info.stability.deprecated;
    if (deprecated && types::compare_versions(*deprecated, to_) > 0) deprecated.reset();
  }
  void interface(ast::Interface& out) const {
    std::erase_if(out.items, [&](const ast::InterfaceItem& item) {
      return std::visit([&](const auto& i) { return later(i.attributes); }, item) &&
             !is_alias(item);
    });
    for (auto& item : out.items) {
      // A name that a type got later, and that older functions are written with now.
      if (std::visit([&](const auto& i) { return later(i.attributes); }, item))
        std::get<ast::TypeDecl>(item).attributes.info.stability = {};
      std::visit([&](auto& i) { gates(i.attributes); }, item);
      if (auto* use = std::get_if<ast::Use>(&item)) path(use->path);
      if (auto* type = std::get_if<ast::TypeDecl>(&item))
        std::erase_if(type->methods, [&](const ast::Func& f) { return later(f.attributes); });
    }
  }
  void world(ast::World& out) const {
    std::erase_if(out.items, [&](const ast::WorldItem& item) {
      return std::visit([&](const auto& i) { return later(i.attributes); }, item);
    });
    for (auto& item : out.items) {
      if (auto* use = std::get_if<ast::Use>(&item)) path(use->path);
      if (auto* include = std::get_if<ast::Include>(&item)) path(include->path);
      auto* outside = std::get_if<ast::Extern>(&item);
      if (outside == nullptr) continue;
      if (auto* p = std::get_if<ast::UsePath>(&outside->what)) path(*p);
      if (auto* i = std::get_if<ast::Interface>(&outside->what)) interface(*i);
    }
  }
  void items(std::vector<ast::PackageItem>& out) const {
    std::erase_if(out, [&](const ast::PackageItem& item) {
      return std::visit([&](const auto& i) { return later(i.attributes); }, item);
    });
    for (auto& item : out) {
      if (auto* use = std::get_if<ast::TopUse>(&item)) path(use->path);
      if (auto* i = std::get_if<ast::Interface>(&item)) interface(*i);
      if (auto* w = std::get_if<ast::World>(&item)) world(*w);
    }
  }

 private:
  static bool is_alias(const ast::InterfaceItem& item) {
    const auto* type = std::get_if<ast::TypeDecl>(&item);
    return type != nullptr && type->kind == ast::TypeDecl::Kind::alias;
  }

  std::string from_;
  std::string to_;
};

}  // namespace

std::string_view embedded_package_for(const PackageName& wanted) {
  const std::string exact = wanted.to_string();
  const bool older = wanted.version && !wanted.version->contains('-') &&
                     (wanted.version->starts_with("0.2.") || wanted.version->starts_with("0.3."));
  const std::string stem =
      fmt::format("{}:{}@{}", wanted.ns, wanted.name, older ? wanted.version->substr(0, 4) : "");
  std::string_view best;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.package == exact) return file.package;
    const bool serves =
        older && file.package.starts_with(stem) && !file.package.contains('-') &&
        types::compare_versions(types::split_version(file.package).version, *wanted.version) > 0;
    if (serves) best = file.package;
  }
  return best;
}

void retarget(ast::File& file, std::string_view version) {
  if (!file.package || !file.package->name.version || *file.package->name.version == version)
    return;
  const Retarget to(*file.package->name.version, std::string(version));
  to.items(file.items);
  file.package->name.version = std::string(version);
}

}  // namespace tenon::wit
