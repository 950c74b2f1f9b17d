# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //python:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule", "upstream")

python_wasm_binary = unsupported_rule(
    reason = "tenon builds no components in Python; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": upstream.label_list(mandatory = True, allow_files = True),
        "entry_point": upstream.string(),
        "wasi_version": upstream.string(),
    },
    executable = True,
)

python_wasm_component = unsupported_rule(
    reason = "tenon builds no components in Python; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": upstream.label_list(mandatory = True, allow_files = True),
        "wit": upstream.label(mandatory = True, allow_single_file = True),
        "entry_point": upstream.string(),
        "world": upstream.string(mandatory = True),
        "package_name": upstream.string(),
        "stub_wasi": upstream.bool(),
        "wasi_version": upstream.string(),
    },
    executable = True,
)
