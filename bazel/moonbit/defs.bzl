# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //moonbit:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule", "upstream")

moonbit_wasm_binary = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "lib": upstream.label(mandatory = True, allow_files = True),
    },
    executable = True,
)

moonbit_wasm_cli = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": upstream.label_list(mandatory = True, allow_files = True),
        "package_name": upstream.string(),
        "cli_wit": upstream.label(allow_files = True),
    },
    executable = True,
)

moonbit_wasm_component = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": upstream.label_list(allow_files = True),
        "wit": upstream.label(mandatory = True, allow_single_file = True),
        "world": upstream.string(mandatory = True),
        "package_name": upstream.string(),
        "skip_validation": upstream.bool(),
    },
    executable = True,
)
