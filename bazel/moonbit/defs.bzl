# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //moonbit:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule")

moonbit_wasm_binary = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "lib": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
    },
    executable = True,
)

moonbit_wasm_cli = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "package_name": attr.string(doc = "As upstream has it."),
        "cli_wit": attr.label(doc = "As upstream has it.", allow_files = True),
    },
    executable = True,
)

moonbit_wasm_component = unsupported_rule(
    reason = "tenon builds no components in MoonBit; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", allow_files = True),
        "wit": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "world": attr.string(doc = "As upstream has it.", mandatory = True),
        "package_name": attr.string(doc = "As upstream has it."),
        "skip_validation": attr.bool(doc = "As upstream has it."),
    },
    executable = True,
)
