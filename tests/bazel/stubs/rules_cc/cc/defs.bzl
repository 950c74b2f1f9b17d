# SPDX-License-Identifier: Apache-2.0
"""As much of rules_cc as Bazel 4.2 itself loads: its own rules under these names."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", _find_cpp_toolchain = "find_cpp_toolchain")

cc_binary = native.cc_binary
cc_flags_supplier = native.filegroup
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_alias = native.cc_toolchain_alias
cc_toolchain_suite = native.cc_toolchain_suite
compiler_flag = native.filegroup
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
find_cpp_toolchain = _find_cpp_toolchain
objc_library = native.objc_library
