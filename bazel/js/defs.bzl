# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //js:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule")

jco_opt = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "optimization": attr.string(doc = "As upstream has it.", default = "2", values = ["1", "2", "3", "s", "z"]),
    },
)

jco_types = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "world_name": attr.string(doc = "As upstream has it."),
        "name_override": attr.string(doc = "As upstream has it."),
    },
)

js_component = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "srcs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "deps": attr.label_list(doc = "As upstream has it.", allow_files = True),
        "wit": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "package_json": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "entry_point": attr.string(doc = "As upstream has it.", default = "index.js"),
        "world": attr.string(doc = "As upstream has it."),
        "package_name": attr.string(doc = "As upstream has it."),
        "npm_dependencies": attr.string_dict(doc = "As upstream has it."),
        "optimize": attr.bool(doc = "As upstream has it.", default = True),
        "minify": attr.bool(doc = "As upstream has it."),
        "disable_feature_detection": attr.bool(doc = "As upstream has it."),
        "compat": attr.bool(doc = "As upstream has it."),
        "wasi_version": attr.string(doc = "As upstream has it."),
    },
)

jco_transpile = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "name_override": attr.string(doc = "As upstream has it."),
        "no_typescript": attr.bool(doc = "As upstream has it."),
        "instantiation": attr.string(doc = "As upstream has it.", values = ["", "async", "sync"]),
        "map": attr.string_list(doc = "As upstream has it."),
        "world_name": attr.string(doc = "As upstream has it."),
    },
)

npm_install = unsupported_rule(
    reason = "tenon builds no components in JavaScript; make one by another tool and use `wasm_component_import`",
    attrs = {
        "package_json": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
    },
)
