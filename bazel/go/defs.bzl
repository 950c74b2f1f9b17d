# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //go:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule")

go_wasm_component_test = unsupported_rule(
    reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
    },
    test = True,
)

go_wasm_component = unsupported_rule(
    reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "go_mod": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "go_sum": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "wit": attr.label(doc = "As upstream has it.", allow_files = True),
        "world": attr.string(doc = "As upstream has it."),
        "adapter": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "optimization": attr.string(doc = "As upstream has it.", default = "release", values = ["debug", "release", "size"]),
        "validate_wit": attr.bool(doc = "As upstream has it."),
        "wasi_version": attr.string(doc = "As upstream has it."),
        "interp_timeout": attr.string(doc = "As upstream has it.", default = "10m"),
    },
)

# buildifier: disable=unused-variable
def go_wit_bindgen(name, **kwargs):
    """Loads, and fails in analysis: tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`.

    Args:
      name: of the target.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`", **common_of(kwargs))
