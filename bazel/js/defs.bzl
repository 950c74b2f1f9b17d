# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //js:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule", "upstream")

jco_opt = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
        "optimization": upstream.string(default = "2", values = ["1", "2", "3", "s", "z"]),
    },
)

jco_types = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
        "world_name": upstream.string(),
        "name_override": upstream.string(),
    },
)

js_component = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": upstream.label_list(mandatory = True, allow_files = True),
        "deps": upstream.label_list(allow_files = True),
        "wit": upstream.label(mandatory = True, allow_single_file = True),
        "package_json": upstream.label(allow_single_file = True),
        "entry_point": upstream.string(default = "index.js"),
        "world": upstream.string(),
        "package_name": upstream.string(),
        "npm_dependencies": upstream.string_dict(),
        "optimize": upstream.bool(default = True),
        "minify": upstream.bool(),
        "disable_feature_detection": upstream.bool(),
        "compat": upstream.bool(),
        "wasi_version": upstream.string(),
    },
)

jco_transpile = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
        "name_override": upstream.string(),
        "no_typescript": upstream.bool(),
        "instantiation": upstream.string(values = ["", "async", "sync"]),
        "map": upstream.string_list(),
        "world_name": upstream.string(),
    },
)

npm_install = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "package_json": upstream.label(mandatory = True, allow_single_file = True),
    },
)
