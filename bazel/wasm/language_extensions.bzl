# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "does_nothing")

rust_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "wasm_tools_version": attr.string(doc = "As upstream has it."),
                "wasmtime_version": attr.string(doc = "As upstream has it."),
                "wkg_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

go_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "tinygo_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

cpp_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "wasi_sdk_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

js_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "jco_version": attr.string(doc = "As upstream has it."),
                "node_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

python_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "componentize_py_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

moonbit_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
        ),
    },
)

all_wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "wasm_tools_version": attr.string(doc = "As upstream has it."),
                "wasmtime_version": attr.string(doc = "As upstream has it."),
                "wkg_version": attr.string(doc = "As upstream has it."),
                "tinygo_version": attr.string(doc = "As upstream has it."),
                "wasi_sdk_version": attr.string(doc = "As upstream has it."),
                "jco_version": attr.string(doc = "As upstream has it."),
                "node_version": attr.string(doc = "As upstream has it."),
                "componentize_py_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)
