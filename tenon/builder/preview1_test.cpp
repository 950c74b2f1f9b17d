// SPDX-License-Identifier: Apache-2.0
// tenon's own adapter from WASI preview1 to 0.2. What it does is shown by programs that run
// (tests/wasi).
#include "tenon/builder/preview1.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tenon/abi/adapter_release.h"
#include "tenon/base/source.h"
#include "tenon/builder/preview1_memory.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/core/validate.h"
#include "tenon/text/parse_module.h"
#include "tenon/types/semver.h"
#include "tenon/wit/load.h"

namespace tenon::builder {
namespace {

core::Module decoded(ByteSpan bytes) {
  auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  EXPECT_TRUE(module);
  return std::move(*module);
}

std::vector<std::uint8_t> module(std::string_view text) {
  const auto parsed = text::parse_module(text);
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed ? core::encode(*parsed) : std::vector<std::uint8_t>();
}

TEST(Preview1, IsAtMost48KiBInEveryForm) {
  ASSERT_EQ(preview1_modules().size(), 8U);
  for (const EmbeddedModule& form : preview1_modules()) {
    const auto adapter = preview1_adapter(form);
    ASSERT_TRUE(adapter) << form.name << ": " << adapter.error().text();
    EXPECT_LE(adapter->module.size(), 48U * 1024U) << form.name;
  }
}

TEST(Preview1, HasNothingOfItsOwnInMemory) {
  for (const EmbeddedModule& form : preview1_modules()) {
    const core::Module adapter = decoded(form.bytes);
    EXPECT_TRUE(adapter.datas.empty() && adapter.elems.empty() && adapter.mems.empty())
        << form.name;
    EXPECT_FALSE(adapter.start) << form.name;
    for (const core::Import& import : adapter.imports) {
      EXPECT_TRUE(import.module.starts_with("wasi:") || import.module == "__main_module__" ||
                  import.module == "env")
          << form.name << ": " << import.module;
    }
  }
}

TEST(Preview1, HasAllFunctionsWhereThereAreFiles) {
  for (const EmbeddedModule& form : preview1_modules()) {
    if (!form.name.contains("files")) continue;
    const core::Module adapter = decoded(form.bytes);
    const auto of_preview1 = std::ranges::count_if(adapter.exports, [](const core::Export& e) {
      return !e.name.contains('#') && e.name != "cabi_import_realloc" &&
             e.name != "adapter_follow" && e.name != abi::adapter_release_name &&
             e.kind == core::ExternKind::func;
    });
    EXPECT_EQ(of_preview1, 46) << form.name;
  }
}

/// When each function of an interface of WASI 0.2 came, by its name; types by `type NAME`.
std::map<std::string, std::string> since_of(const std::string& interface) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto at = interface.find('@');
  const auto wit = wit::load_text(
      "w.wit", "package a:b;\nworld w {\n  import " + interface.substr(0, at) + "@0.2.12;\n}\n", {},
      sources, diagnostics);
  std::map<std::string, std::string> out;
  EXPECT_TRUE(wit) << interface;
  if (!wit) return out;
  for (const wit::Interface& i : wit->interfaces) {
    if (interface.substr(interface.find('/') + 1, at - interface.find('/') - 1) != i.name) continue;
    for (const wit::Function& f : i.functions)
      out.emplace(f.name, std::string(f.info.stability.since));
  }
  return out;
}

TEST(Preview1, ImportsEachInterfaceInTheLowestVersionThatHasIt) {
  std::map<std::string, std::set<std::string>> imports;
  for (const EmbeddedModule& form : preview1_modules()) {
    const core::Module adapter = decoded(form.bytes);
    for (const core::Import& import : adapter.imports) {
      if (import.module.starts_with("wasi:"))
        imports[std::string(import.module)].insert(std::string(import.name));
    }
  }
  ASSERT_GT(imports.size(), 15U);
  for (const auto& [interface, functions] : imports) {
    const auto since = since_of(interface);
    std::string lowest = "0.2.0";
    for (const std::string& name : functions) {
      if (name.starts_with("[resource-drop]")) continue;
      const auto it = since.find(name);
      ASSERT_NE(it, since.end()) << interface << " " << name;
      if (types::compare_versions(it->second, lowest) > 0) lowest = it->second;
    }
    EXPECT_EQ(interface.substr(interface.find('@') + 1), lowest) << interface;
  }
}

TEST(Preview1, TakesItsFormFromTheModule) {
  const auto imports_of = [](std::string_view text, AdapterCompat compat) {
    const auto bytes = module(text);
    const auto adapter = preview1_adapter(decoded(bytes), compat);
    EXPECT_TRUE(adapter);
    const core::Module found = decoded(adapter->module);
    std::set<std::string> out;
    for (const core::Import& import : found.imports)
      out.insert(std::string(import.module) + " " + std::string(import.name));
    return out;
  };
  constexpr std::string_view reactor =
      "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func)) (memory 1))";
  constexpr std::string_view command =
      "(module (import \"wasi_snapshot_preview1\" \"path_open\" (func)) (memory 1) (func (export "
      "\"_start\")))";
  const auto small = imports_of(reactor, AdapterCompat::exit_codes);
  EXPECT_FALSE(small.contains("__main_module__ _start"));
  EXPECT_FALSE(small.contains("wasi:filesystem/preopens@0.2.0 get-directories"));
  EXPECT_TRUE(small.contains("wasi:cli/exit@0.2.12 exit-with-code"));
  const auto large = imports_of(command, AdapterCompat::v0_2_0);
  EXPECT_TRUE(large.contains("__main_module__ _start"));
  EXPECT_TRUE(large.contains("wasi:filesystem/preopens@0.2.0 get-directories"));
  EXPECT_TRUE(large.contains("wasi:cli/exit@0.2.0 exit"));
}

TEST(Preview1Memory, IsAddedWhereNothingOfItStandsYet) {
  const auto bytes = module("(module (memory 1))");
  const auto with = with_adapter_memory(decoded(bytes));
  ASSERT_TRUE(with && *with);
  EXPECT_EQ((*with)->exports.size(), 2U);
  const auto encoded =
      std::vector<std::uint8_t>((*with)->bytes.view().begin(), (*with)->bytes.view().end());
  EXPECT_TRUE(core::validate(decoded(encoded), core::Features::all()));
}

TEST(Preview1Memory, KeepsThePlacesOfOtherCode) {
  constexpr std::string_view text =
      "(module (memory 1) (func (export \"a\") (param i32) (result i32) (i32.const 1) (drop) "
      "(i32.const 2) "
      "(drop) (memory.grow (local.get 0))) (func (export \"b\") (result i32) (i32.const 77)))";
  const auto bytes = module(text);
  const core::Module before = decoded(bytes);
  const auto with = with_adapter_memory(before);
  ASSERT_TRUE(with && *with);
  const core::Module& after = **with;
  EXPECT_TRUE(core::validate(decoded(after.bytes.view()), core::Features::all()));
  const auto code_of = [](const core::Module& m) {
    return std::ranges::find(m.sections, core::SectionId::code, &core::SectionRange::id)
        ->content.begin;
  };
  for (std::size_t i = 0; i < before.codes.size(); ++i) {
    EXPECT_EQ(after.codes[i].entry.begin - code_of(after),
              before.codes[i].entry.begin - code_of(before));
    EXPECT_EQ(after.codes[i].entry.size(), before.codes[i].entry.size());
  }
}

TEST(Preview1Memory, IsForModulesWithoutAnAllocatorAndForCommands) {
  constexpr std::string_view allocator =
      "(module (memory 1) (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) "
      "(i32.const 0))";
  const auto reactor = module(std::string(allocator) + ")");
  const auto command = module(std::string(allocator) + "(func (export \"_start\")))");
  const auto shared = module("(module (memory 1 2 shared))");
  const auto of_reactor = with_adapter_memory(decoded(reactor));
  const auto of_command = with_adapter_memory(decoded(command));
  const auto of_shared = with_adapter_memory(decoded(shared));
  EXPECT_TRUE(of_reactor && !*of_reactor);
  EXPECT_TRUE(of_command && *of_command);
  EXPECT_TRUE(of_shared && !*of_shared);
}

}  // namespace
}  // namespace tenon::builder
