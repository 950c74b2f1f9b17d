// SPDX-License-Identifier: Apache-2.0
#include "tenon/abi/mangle.h"

#include <gtest/gtest.h>

namespace tenon::abi {
namespace {

constexpr std::string_view streams = "wasi:io/streams@0.2.6";

TEST(Mangle, ImportsOfFunctions) {
  EXPECT_EQ(import_func(Mangling::legacy, "", "f"), (CoreName{"$root", "f"}));
  EXPECT_EQ(import_func(Mangling::legacy, streams, "[method]output-stream.write"),
            (CoreName{"wasi:io/streams@0.2.6", "[method]output-stream.write"}));
  EXPECT_EQ(import_func(Mangling::legacy, "a:b/i", "f", Calling::async),
            (CoreName{"a:b/i", "[async-lower]f"}));
  EXPECT_EQ(import_func(Mangling::cm32p2, "", "f"), (CoreName{"cm32p2", "f"}));
  EXPECT_EQ(import_func(Mangling::cm32p2, streams, "f"),
            (CoreName{"cm32p2|wasi:io/streams@0.2", "f"}));
}

TEST(Mangle, ExportsOfFunctions) {
  EXPECT_EQ(export_func(Mangling::legacy, "", "run"), "run");
  EXPECT_EQ(export_func(Mangling::legacy, "a:b/i@1.0.0", "run"), "a:b/i@1.0.0#run");
  EXPECT_EQ(export_func(Mangling::legacy, "a:b/i", "run", Calling::async), "[async-lift]a:b/i#run");
  EXPECT_EQ(export_func(Mangling::legacy, "", "run", Calling::async_stackful),
            "[async-lift-stackful]run");
  EXPECT_EQ(export_func(Mangling::cm32p2, "a:b/i@1.2.3", "run"), "cm32p2|a:b/i@1|run");
  EXPECT_EQ(export_func(Mangling::cm32p2, "", "run"), "cm32p2||run");
  EXPECT_EQ(post_return(Mangling::legacy, "a:b/i", "run"), "cabi_post_a:b/i#run");
  EXPECT_EQ(post_return(Mangling::cm32p2, "a:b/i", "run"), "cm32p2|a:b/i|run_post");
  EXPECT_EQ(callback("a:b/i", "run"), "[callback][async-lift]a:b/i#run");
  EXPECT_EQ(task_return("", "run"), (CoreName{"[export]$root", "[task-return]run"}));
}

TEST(Mangle, Resources) {
  EXPECT_EQ(resource_op(Mangling::legacy, "a:b/i", "r", ResourceOp::drop, false),
            (CoreName{"a:b/i", "[resource-drop]r"}));
  EXPECT_EQ(resource_op(Mangling::legacy, "a:b/i", "r", ResourceOp::new_, true),
            (CoreName{"[export]a:b/i", "[resource-new]r"}));
  EXPECT_EQ(resource_op(Mangling::cm32p2, "a:b/i", "r", ResourceOp::rep, true),
            (CoreName{"cm32p2|_ex_a:b/i", "r_rep"}));
  EXPECT_EQ(destructor(Mangling::legacy, "a:b/i", "r"), "a:b/i#[dtor]r");
  EXPECT_EQ(destructor(Mangling::cm32p2, "a:b/i", "r"), "cm32p2|a:b/i|r_dtor");
}

TEST(Mangle, StreamsAndIntrinsics) {
  EXPECT_EQ(payload_op("a:b/i", "f", "stream-new", 0, false),
            (CoreName{"a:b/i", "[stream-new-0]f"}));
  EXPECT_EQ(payload_op("a:b/i", "f", "future-read", 1, true, true),
            (CoreName{"[export]a:b/i", "[async-lower][future-read-1]f"}));
  EXPECT_EQ(intrinsic("waitable-set-new"), (CoreName{"$root", "[waitable-set-new]"}));
}

TEST(Mangle, BuiltinsAreToldFromFunctions) {
  const ImportModule root = parse_import_module("$root");
  EXPECT_TRUE(root.root);
  EXPECT_TRUE(parse_builtin("[context-get-i64-1]", root)->i64);
  EXPECT_EQ(parse_builtin("[context-get-1]", root)->number, 1U);
  EXPECT_EQ(parse_builtin("[waitable-set-wait-i32]", root)->op, "waitable-set-wait");
  EXPECT_EQ(parse_builtin("[error-context-new-utf16]", root)->encoding, "utf16");
  EXPECT_TRUE(parse_builtin("[future-read-unit]f", root)->unit);
  EXPECT_EQ(parse_builtin("[async-lower][stream-read-12]f", root)->number, 12U);
  EXPECT_TRUE(parse_builtin("[async-lower][stream-read-12]f", root)->async_);
  EXPECT_EQ(parse_builtin("[thread-new-indirect-v0]", root)->op, "thread-new-indirect");
  for (const char* name :
       {"[stream-read-x]f", "[stream-read-]f", "[stream-0]f", "[context-get-]", "[context-get0]",
        "[error-context-new-utf32]", "[waitable-set-new]f", "[method]counter.next", "add", "[", ""})
    EXPECT_FALSE(parse_builtin(name, root)) << name;
}

TEST(Mangle, WhatIsSpelledIsParsed) {
  using Arg = BuiltinName::Arg;
  for (const bool exported : {false, true}) {
    const CoreName payload = payload_op("a:b/i", "f", "stream-drop-readable", 7, exported, true);
    const ImportModule where = parse_import_module(payload.module);
    EXPECT_EQ(where.of_export, exported);
    EXPECT_EQ(where.interface, "a:b/i");
    const auto parsed = parse_builtin(payload.field, where);
    EXPECT_EQ(parsed->op, "stream-drop-readable");
    EXPECT_EQ(parsed->arg, Arg::payload);
    EXPECT_EQ(parsed->name, "f");
    EXPECT_EQ(parsed->number, 7U);
    EXPECT_TRUE(parsed->async_);
  }
  for (const Mangling mangling : manglings) {
    const CoreName drop = resource_op(mangling, "a:b/i", "r_s", ResourceOp::drop, true);
    const ImportModule where = parse_import_module(drop.module);
    EXPECT_EQ(where.mangling, mangling);
    EXPECT_TRUE(where.of_export);
    EXPECT_EQ(where.interface, "a:b/i");
    EXPECT_EQ(parse_builtin(drop.field, where)->op, "resource-drop");
    EXPECT_EQ(parse_builtin(drop.field, where)->name, "r_s");
    EXPECT_TRUE(parse_import_module(import_func(mangling, "", "f").module).root);
  }
  EXPECT_FALSE(parse_builtin("drop", parse_import_module("cm32p2")));
  EXPECT_FALSE(parse_builtin("rdrop", parse_import_module("cm32p2")));
  const CoreName result = task_return("a:b/i", "f");
  EXPECT_EQ(parse_builtin(result.field, parse_import_module(result.module))->arg, Arg::func);
}

TEST(Mangle, AModuleThatOnlyBeginsLikeTheStandardOneIsAnInterface) {
  const ImportModule other = parse_import_module("cm32p2x");
  EXPECT_EQ(other.mangling, Mangling::legacy);
  EXPECT_EQ(other.interface, "cm32p2x");
  EXPECT_TRUE(parse_import_module("cm32p2").root);
  EXPECT_EQ(parse_import_module("cm32p2|_ex_a:b/c@1").interface, "a:b/c@1");
}

TEST(Mangle, EveryNameThatAFunctionMayBeExportedUnder) {
  const auto [legacy, standard] = export_names("a:b/i", "run");
  EXPECT_EQ(legacy.sync, export_func(Mangling::legacy, "a:b/i", "run"));
  EXPECT_EQ(legacy.async, export_func(Mangling::legacy, "a:b/i", "run", Calling::async));
  EXPECT_EQ(legacy.callback, callback("a:b/i", "run"));
  EXPECT_EQ(legacy.async_stackful,
            export_func(Mangling::legacy, "a:b/i", "run", Calling::async_stackful));
  EXPECT_EQ(legacy.post_return, post_return(Mangling::legacy, "a:b/i", "run"));
  EXPECT_EQ(standard.sync, "cm32p2|a:b/i|run");
  EXPECT_EQ(standard.post_return, "cm32p2|a:b/i|run_post");
}

TEST(Mangle, NamesThatAModuleExportsForItself) {
  for (const char* name : {"memory", "_initialize", "_start", "cabi_realloc", "cm32p2_memory"})
    EXPECT_TRUE(is_own_export(name)) << name;
  for (const char* name : {"memories", "sin", "cabi", "initialize", "a:b/c#memory"})
    EXPECT_FALSE(is_own_export(name)) << name;
}

}  // namespace
}  // namespace tenon::abi
