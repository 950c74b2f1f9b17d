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

TEST(Mangle, NamesThatAModuleExportsForItself) {
  for (const char* name : {"memory", "_initialize", "_start", "cabi_realloc", "cm32p2_memory"})
    EXPECT_TRUE(is_own_export(name)) << name;
  for (const char* name : {"memories", "sin", "cabi", "initialize", "a:b/c#memory"})
    EXPECT_FALSE(is_own_export(name)) << name;
}

}  // namespace
}  // namespace tenon::abi
