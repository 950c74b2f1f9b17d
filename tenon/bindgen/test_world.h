// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tenon/wit/package.h"

namespace tenon::bindgen::testing {

using component::PrimValType;
using wit::TypeIdx;
using wit::ValType;

/// Builds a package with one interface and a world that exports and imports it.
class WorldBuilder {
 public:
  WorldBuilder(std::string ns, std::string package, std::string interface, std::string world) {
    wit::Package made;
    made.name = {std::move(ns), std::move(package), "1.0.0"};
    package_ = packages_.packages.push_back(std::move(made));
    packages_.roots.push_back(package_);
    wit::Interface one;
    one.name = std::move(interface);
    one.package = package_;
    interface_ = packages_.interfaces.push_back(std::move(one));
    wit::World two;
    two.name = std::move(world);
    two.package = package_;
    world_ = packages_.worlds.push_back(std::move(two));
    packages_.packages[package_].interfaces.emplace_back(*packages_.interfaces[interface_].name,
                                                         interface_);
    packages_.packages[package_].worlds.emplace_back(packages_.worlds[world_].name, world_);
  }

  ValType anonymous(wit::DefValType def) {
    wit::TypeDef type;
    type.def = std::move(def);
    return packages_.types.push_back(std::move(type));
  }
  ValType named(std::string name,
                std::variant<wit::DefValType, wit::TypeAlias, wit::Resource> def) {
    wit::TypeDef type;
    type.name = name;
    type.def = std::move(def);
    type.owner = interface_;
    const TypeIdx idx = packages_.types.push_back(std::move(type));
    packages_.interfaces[interface_].types.emplace_back(std::move(name), idx);
    return idx;
  }
  wit::Function& func(std::string name, std::vector<std::pair<std::string, ValType>> params,
                      std::optional<ValType> result) {
    wit::Function func;
    func.name = std::move(name);
    for (auto& [param, type] : params)
      func.params.push_back({std::move(param), type, Span::none()});
    func.result = result;
    auto& all = packages_.interfaces[interface_].functions;
    all.push_back(std::move(func));
    return all.back();
  }
  WorldBuilder& exported() {
    packages_.worlds[world_].exports.push_back(item());
    return *this;
  }
  /// Under a plain name, which implements the interface.
  WorldBuilder& exported(std::string name) {
    wit::WorldItem made = item();
    made.name = std::move(name);
    made.implements = true;
    packages_.worlds[world_].exports.push_back(std::move(made));
    return *this;
  }
  /// A function of the world without parameters.
  WorldBuilder& world_func(std::string name) {
    wit::Function func;
    func.name = name;
    wit::WorldItem made;
    made.name = std::move(name);
    made.item = std::move(func);
    packages_.worlds[world_].exports.push_back(std::move(made));
    return *this;
  }
  /// An inline interface without anything in it.
  WorldBuilder& using_interface(std::string name) {
    wit::Interface made;
    made.package = package_;
    wit::WorldItem made_item;
    made_item.name = std::move(name);
    made_item.item = packages_.interfaces.push_back(std::move(made));
    packages_.worlds[world_].exports.push_back(std::move(made_item));
    return *this;
  }
  WorldBuilder& imported() {
    packages_.worlds[world_].imports.push_back(item());
    return *this;
  }
  [[nodiscard]] const wit::Packages& packages() const { return packages_; }
  [[nodiscard]] wit::WorldIdx world() const { return world_; }

 private:
  [[nodiscard]] wit::WorldItem item() const {
    wit::WorldItem made;
    made.name = *packages_.id_of(interface_);
    made.item = interface_;
    return made;
  }

  wit::Packages packages_;
  wit::PackageIdx package_;
  wit::InterfaceIdx interface_;
  wit::WorldIdx world_;
};

}  // namespace tenon::bindgen::testing
