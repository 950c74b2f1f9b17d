// SPDX-License-Identifier: Apache-2.0
// The names under which a user may ask for a function: as exported, with `-` or `_`, with or
// without interface and version, or as written in the source for a mangled C++ or Rust name.
#include "tenon/preinit/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/engine/demangle.h"

namespace tenon::preinit {

std::string folded(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '-', '_');
  return out;
}

namespace {

/// The name of a function with its namespaces, without parameters.
std::string plain_name(std::string_view mangled) {
  const std::string out = engine::demangle(mangled);
  return out.substr(0, out.find('('));
}

/// The newer mangling of Rust writes each name behind its length: `::table::fill` as `5table4fill`.
bool has_rust_path(std::string_view mangled, std::string_view path) {
  std::string written;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find("::", from), path.size());
    written += fmt::format("{}{}", to - from, path.substr(from, to - from));
    from = to + 2;
  }
  return mangled.find(written) != std::string_view::npos;
}

}  // namespace

bool is_spelling(std::string_view exported, std::string_view wanted) {
  if (folded(exported) == folded(wanted)) return true;
  const std::string name = folded(wanted);
  if (exported.starts_with("_R")) return has_rust_path(exported, name);
  if (!exported.starts_with("_Z")) return false;
  const std::string plain = plain_name(exported);
  if (plain == name || plain == plain_name(wanted)) return true;
  return plain.size() > name.size() + 2 && plain.ends_with(name) &&
         plain.substr(plain.size() - name.size() - 2, 2) == "::";
}

bool is_export(std::string_view exported, std::string_view wanted) {
  if (exported == wanted) return true;
  const auto hash = exported.find('#');
  if (hash == std::string_view::npos) return folded(exported) == folded(wanted);
  const std::string_view func = exported.substr(hash + 1);
  std::string_view interface = exported.substr(0, hash);
  if (wanted.size() <= func.size() + 1) return false;
  const std::size_t split = wanted.size() - func.size() - 1;
  if (wanted[split] != '#' && wanted[split] != '.') return false;
  if (folded(wanted.substr(split + 1)) != folded(func)) return false;
  const std::string asked = folded(wanted.substr(0, split));
  if (asked == folded(interface)) return true;
  interface = interface.substr(0, interface.find('@'));
  if (asked == folded(interface)) return true;
  return asked == folded(interface.substr(interface.find('/') + 1));
}

}  // namespace tenon::preinit
