// SPDX-License-Identifier: Apache-2.0
// Every module of the core suite, printed flat and folded and parsed again.
#include <gtest/gtest.h>

#include "tenon/base/file.h"
#include "tenon/core/decode.h"
#include "tenon/core/decode_expr.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/print_module.h"
#include "tenon/text/wast.h"
#include "tests/spec/suite.h"

namespace tenon {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// What the bytes become when they are printed and parsed, or why they do not.
std::string again(const Bytes& bytes, bool fold, Bytes& out) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  if (!module) return module.error().text();
  const auto text = text::print_module(*module, {.fold = fold, .skeleton = false});
  if (!text) return text.error().text();
  const auto parsed = text::parse_module(*text);
  if (!parsed) return parsed.error().text() + "\n" + *text;
  out = core::encode(*parsed);
  return out == bytes ? "" : *text;
}

/// Writes each operator with integers as short as they can be.
struct Rewriter {
  Writer& out;
  template <core::Op op>
  void on(const core::ImmOf<op>& imm, std::uint32_t /*offset*/) {
    core::write_op<op>(out, imm);
  }
};

/// Lists what a module holds, field by field, in a form that does not know how it was spelled:
/// integers may be padded, groups of locals split, table 0 named or left out, sections empty.
class Fields {
 public:
  explicit Fields(const core::Module& module) : m_(module) {}

  std::vector<std::pair<std::string, Bytes>> list() {
    types();
    for (const core::Import& import : m_.imports) {
      out_.name(import.module);
      out_.name(import.name);
      core::write_externtype(out_, import.type);
      add("import");
    }
    definitions();
    for (const core::Export& e : m_.exports) {
      out_.name(e.name);
      out_.u8(static_cast<std::uint8_t>(e.kind));
      out_.u32(e.index);
      add("export");
    }
    if (m_.start) out_.u32(m_.start->value);
    add("start");
    segments();
    if (m_.data_count) out_.u32(*m_.data_count);
    add("data count");
    for (const core::CustomSection& custom : m_.customs) {
      out_.name(custom.name);
      out_.bytes(custom.content.in(m_.bytes.view()));
      add("custom section");
    }
    return std::move(fields_);
  }

 private:
  void add(std::string name) { fields_.emplace_back(std::move(name), out_.take()); }
  void expr(core::Expr e) {
    Rewriter rewriter{out_};
    EXPECT_TRUE(core::decode_expr(m_, e, rewriter));
  }
  void types() {
    for (const core::SubType& type : m_.types) {
      core::write_subtype(out_, type);
      out_.u32(type.rec_begin);
      out_.u32(type.rec_size);
      out_.u8(type.explicit_rec ? 1 : 0);
      add("type");
    }
    for (const core::TypeIdx empty : m_.empty_recs) out_.u32(empty.value);
    add("empty recursion groups");
  }
  void definitions() {
    for (std::size_t i = 0; i < m_.funcs.size(); ++i) {
      out_.u32(m_.funcs[i].type.value);
      for (const core::LocalGroup& group : m_.codes[i].locals) {
        for (std::uint32_t k = 0; k < group.count; ++k) core::write_valtype(out_, group.type);
      }
      expr(m_.codes[i].body);
      add("function");
    }
    for (const core::Table& table : m_.tables) {
      core::write_tabletype(out_, table.type);
      if (table.init) expr(*table.init);
      add("table");
    }
    for (const core::MemType& mem : m_.mems) {
      core::write_memtype(out_, mem);
      add("memory");
    }
    for (const core::TagType& tag : m_.tags) {
      core::write_tagtype(out_, tag);
      add("tag");
    }
    for (const core::Global& global : m_.globals) {
      core::write_globaltype(out_, global.type);
      expr(global.init);
      add("global");
    }
  }
  void segments() {
    for (const core::Elem& elem : m_.elems) {
      out_.u8(static_cast<std::uint8_t>(elem.mode));
      out_.u32(elem.table.value);
      core::write_valtype(out_, elem.type);
      if (elem.offset) expr(*elem.offset);
      for (const core::FuncIdx f : elem.funcs) out_.u32(f.value);
      for (const core::Expr item : elem.exprs) expr(item);
      add("element segment");
    }
    for (const core::Data& data : m_.datas) {
      out_.u8(static_cast<std::uint8_t>(data.mode));
      out_.u32(data.mem.value);
      if (data.offset) expr(*data.offset);
      out_.bytes(data.bytes.in(m_.bytes.view()));
      add("data segment");
    }
  }

  const core::Module& m_;
  Writer out_;
  std::vector<std::pair<std::string, Bytes>> fields_;
};

/// The first field that printing and parsing does not keep; empty when all are kept.
std::string lost_field(const Bytes& bytes, bool fold) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all());
  if (!module) return module.error().text();
  const auto text = text::print_module(*module, {.fold = fold, .skeleton = false});
  if (!text) return text.error().text();
  const auto parsed = text::parse_module(*text);
  if (!parsed) return parsed.error().text() + "\n" + *text;
  const auto before = Fields(*module).list();
  const auto after = Fields(*parsed).list();
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
    if (before[i] != after[i]) return before[i].first + " became " + after[i].first + "\n" + *text;
  }
  return before.size() == after.size() ? "" : "fields are missing\n" + *text;
}

/// Calls `check(bytes, where, is_binary)` for every module that the suite defines.
template <class Check>
void for_each_module(const std::filesystem::path& folder, Check&& check) {
  for (const std::string& file : testing::scripts(folder / "core")) {
    const auto text = read_text_file(file);
    ASSERT_TRUE(text) << file;
    const auto script = text::parse_wast(*text);
    ASSERT_TRUE(script) << file << script.error().text();
    for (const text::Command& command : script->commands) {
      const auto* const found = std::get_if<text::ModuleCommand>(&command.kind);
      if (found == nullptr || found->module.component) continue;
      const text::ScriptModule& module = found->module;
      const std::string where = file + ":" + std::to_string(module.span.begin) + ": ";
      if (module.form == text::ScriptModule::Form::binary) {
        check(module.bytes, where, true);
        continue;
      }
      const auto parsed = text::parse_script_module(*script, module);
      ASSERT_TRUE(parsed) << where << parsed.error().text();
      check(core::encode(*parsed), where, false);
    }
  }
}

TEST(CoreSuite, EveryModulePrintsAndParsesToTheSameBytes) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int modules = 0;
  for_each_module(folder, [&](Bytes bytes, const std::string& where, bool is_binary) {
    if (is_binary) {
      // One round takes what is not canonical (padded integers, roundabout flags) out of it.
      const auto decoded = core::decode(Blob::borrow(bytes), core::Features::all());
      ASSERT_TRUE(decoded) << where;
      Bytes canonical;
      static_cast<void>(again(core::encode(*decoded), false, canonical));
      ASSERT_FALSE(canonical.empty()) << where;
      bytes = std::move(canonical);
    }
    ++modules;
    Bytes out;
    EXPECT_EQ(again(bytes, false, out), "") << where;
    EXPECT_EQ(again(bytes, true, out), "") << where << "folded";
  });
  EXPECT_GT(modules, 2000);
}

TEST(CoreSuite, PrintingLosesNoFieldOfAnyModule) {
  const auto folder = testing::suites();
  if (folder.empty()) GTEST_SKIP() << "no suites: set TENON_CONFORMANCE";
  int binaries = 0;
  for_each_module(folder, [&](const Bytes& bytes, const std::string& where, bool is_binary) {
    if (is_binary) ++binaries;
    EXPECT_EQ(lost_field(bytes, false), "") << where;
    EXPECT_EQ(lost_field(bytes, true), "") << where << "folded";
  });
  EXPECT_GT(binaries, 50);
}

}  // namespace
}  // namespace tenon
