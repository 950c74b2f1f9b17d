# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //go:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule", "upstream")

go_wasm_component_test = unsupported_rule(
    reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`",
    attrs = {
        "component": upstream.label(mandatory = True, allow_files = True),
    },
    test = True,
)

go_wasm_component = unsupported_rule(
    reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`",
    attrs = {
        "srcs": upstream.label_list(mandatory = True, allow_files = True),
        "go_mod": upstream.label(allow_single_file = True),
        "go_sum": upstream.label(allow_single_file = True),
        "wit": upstream.label(allow_files = True),
        "world": upstream.string(),
        "adapter": upstream.label(allow_single_file = True),
        "optimization": upstream.string(default = "release", values = ["debug", "release", "size"]),
        "validate_wit": upstream.bool(),
        "wasi_version": upstream.string(),
        "interp_timeout": upstream.string(default = "10m"),
    },
)

# buildifier: disable=unused-variable
def go_wit_bindgen(name, **kwargs):
    """Loads, and fails in analysis: tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`.

    Args:
      name: the target's name.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon builds no components in Go; make a module by the Go compiler and use `wasm_component_new`", **common_of(kwargs))
