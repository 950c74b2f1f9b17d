// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder/compile.h"

namespace tenon::builder {

/// The guest header, precompiled for one set of flags: most of what a C++ guest costs to compile is
/// the standard library's headers below it.
class PrecompiledGuest {
 public:
  /// `flags` are those that the sources are compiled with, but for what names this project's
  /// folders; `own_paths`: some of them mean another thing in another project.
  PrecompiledGuest(const Places& places, const Clang& clang, std::vector<std::string> flags,
                   bool own_paths);

  /// Tells apart what is compiled with it; empty when there is no guest header.
  [[nodiscard]] const std::string& key() const { return key_; }
  /// Whether a source reads the guest header before anything else could change its meaning.
  [[nodiscard]] bool fits(std::string_view source_text) const;
  /// Makes it when it is not there yet. False: sources are compiled without it.
  [[nodiscard]] bool ready(const Speech& speech);
  /// What a compiler is passed to take it.
  [[nodiscard]] std::vector<std::string> use() const;
  /// Whether a compiler's words are about it: it was made from headers that are others now.
  [[nodiscard]] bool refused(std::string_view output) const;
  void remove() const;

 private:
  /// Whether the file is the one that the cache made, of this header.
  [[nodiscard]] bool is_ours() const;
  [[nodiscard]] std::string file() const { return dir_ + "/tenon_guest.pch"; }

  const Places& places_;
  std::string compiler_;
  std::vector<std::string> flags_;
  std::string text_;
  std::string key_;
  std::string dir_;
};

}  // namespace tenon::builder
