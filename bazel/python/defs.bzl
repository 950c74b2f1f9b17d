# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //python:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule")

python_wasm_binary = unsupported_rule(
    reason = "tenon builds no components in Python; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "entry_point": attr.string(doc = "As upstream has it."),
        "wasi_version": attr.string(doc = "As upstream has it."),
    },
    executable = True,
)

python_wasm_component = unsupported_rule(
    reason = "tenon builds no components in Python; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "wit": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "entry_point": attr.string(doc = "As upstream has it."),
        "world": attr.string(doc = "As upstream has it.", mandatory = True),
        "package_name": attr.string(doc = "As upstream has it."),
        "stub_wasi": attr.bool(doc = "As upstream has it."),
        "wasi_version": attr.string(doc = "As upstream has it."),
    },
    executable = True,
)
