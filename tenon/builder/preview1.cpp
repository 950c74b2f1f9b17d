// SPDX-License-Identifier: Apache-2.0
// The adapter's world follows from what its module imports, so the versions are in one place,
// guest/adapter/wasi.h.
#include "tenon/builder/preview1.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <set>
#include <string>

#include "tenon/base/source.h"
#include "tenon/builder/embed.h"
#include "tenon/core/decode.h"
#include "tenon/wit/load.h"

namespace tenon::builder {
namespace {

/// What opens files, or looks into directories. (Every libc asks which directories there are.)
bool is_about_files(std::string_view name) {
  return name.starts_with("path_") || name == "fd_readdir";
}

bool exports_func(const core::Module& module, std::string_view name) {
  return std::ranges::any_of(module.exports, [&](const core::Export& e) {
    return e.kind == core::ExternKind::func && e.name == name;
  });
}

/// `package …; world adapter { import wasi:io/streams@0.2.0; … }`.
std::string world_text(const core::Module& module) {
  std::set<std::string_view> interfaces;
  for (const core::Import& import : module.imports) {
    if (import.module.starts_with("wasi:")) interfaces.insert(import.module);
  }
  std::string out = "package preview1:adapter;\nworld adapter {\n";
  for (const std::string_view interface : interfaces)
    out += fmt::format("  import {};\n", interface);
  for (const core::Export& e : module.exports) {
    const auto hash = e.name.find('#');
    if (hash != std::string_view::npos)
      out += fmt::format("  export {};\n", e.name.substr(0, hash));
  }
  return out + "}\n";
}

}  // namespace

bool imports_preview1(const core::Module& module) {
  return std::ranges::any_of(
      module.imports, [](const core::Import& import) { return import.module == preview1_name; });
}

Result<Adapter> preview1_adapter(const EmbeddedModule& embedded) {
  const core::Module module =
      TENON_TRY(core::decode(Blob::borrow(embedded.bytes), core::Features::all()));
  SourceSet sources;
  Diagnostics diagnostics;
  const auto wit =
      wit::load_text("adapter.wit", world_text(module), wit::LoadOptions{}, sources, diagnostics);
  assert(wit && "the embedded WIT has what the adapter imports");
  const wit::WorldIdx world = TENON_TRY(wit::select_world(*wit, "adapter"));
  std::vector<std::uint8_t> bytes = TENON_TRY(embed(embedded.bytes, *wit, world));
  return Adapter{std::string(preview1_name), std::move(bytes)};
}

Result<Adapter> preview1_adapter(const core::Module& module, AdapterCompat compat) {
  const bool files = std::ranges::any_of(module.imports, [](const core::Import& import) {
    return import.module == preview1_name && is_about_files(import.name);
  });
  const std::string name =
      fmt::format("{}_{}_{}", exports_func(module, "_start") ? "command" : "reactor",
                  files ? "files" : "stdio", compat == AdapterCompat::v0_2_0 ? "plain" : "codes");
  const auto modules = preview1_modules();
  const auto it = std::ranges::find(modules, name, &EmbeddedModule::name);
  assert(it != modules.end());
  return preview1_adapter(*it);
}

}  // namespace tenon::builder
