# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "does_nothing")

wasm_component_bundle = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of no account.",
            attrs = {
                "bundle": attr.string(doc = "As upstream has it.", default = "stable-2025-12"),
            },
        ),
    },
)

wasm_toolchain = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "wasm_tools"),
                "strategy": attr.string(doc = "As upstream has it.", default = "download"),
                "version": attr.string(doc = "As upstream has it."),
                "git_commit": attr.string(doc = "As upstream has it.", default = "main"),
                "wasm_tools_commit": attr.string(doc = "As upstream has it."),
                "wac_commit": attr.string(doc = "As upstream has it."),
                "wit_bindgen_commit": attr.string(doc = "As upstream has it."),
                "wrpc_commit": attr.string(doc = "As upstream has it."),
                "wasm_tools_url": attr.string(doc = "As upstream has it."),
                "wac_url": attr.string(doc = "As upstream has it."),
                "wit_bindgen_url": attr.string(doc = "As upstream has it."),
                "wrpc_url": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

wasi_sdk = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "wasi"),
                "strategy": attr.string(doc = "As upstream has it.", default = "download"),
                "version": attr.string(doc = "As upstream has it.", default = "27"),
                "url": attr.string(doc = "As upstream has it."),
                "wasi_sdk_root": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

wkg = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "wkg"),
                "strategy": attr.string(doc = "As upstream has it.", default = "download"),
                "version": attr.string(doc = "As upstream has it."),
                "url": attr.string(doc = "As upstream has it."),
                "git_url": attr.string(doc = "As upstream has it."),
                "git_commit": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

jco = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "jco"),
                "version": attr.string(doc = "As upstream has it."),
                "node_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

cpp_component = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "cpp_component"),
                "strategy": attr.string(doc = "As upstream has it.", default = "download"),
                "wasi_sdk_version": attr.string(doc = "As upstream has it.", default = "27"),
            },
        ),
    },
)

tinygo = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "tinygo"),
                "tinygo_version": attr.string(doc = "As upstream has it."),
            },
        ),
    },
)

wasmtime = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "wasmtime"),
                "version": attr.string(doc = "As upstream has it."),
                "strategy": attr.string(doc = "As upstream has it.", default = "download"),
            },
        ),
    },
)

wasi_wit = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "init": tag_class(
            doc = "Of no account.",
            attrs = {
                "include_p3": attr.bool(doc = "As upstream has it."),
            },
        ),
    },
)

componentize_py = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "componentize_py"),
                "version": attr.string(doc = "As upstream has it.", default = "canary"),
            },
        ),
    },
)

binaryen = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "binaryen"),
                "version": attr.string(doc = "As upstream has it.", default = "129"),
            },
        ),
    },
)

meld = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "meld"),
                "version": attr.string(doc = "As upstream has it.", default = "0.10.0"),
            },
        ),
    },
)

loom = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "loom"),
                "version": attr.string(doc = "As upstream has it.", default = "1.1.14"),
            },
        ),
    },
)

spar = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "spar"),
                "version": attr.string(doc = "As upstream has it.", default = "0.10.0"),
            },
        ),
    },
)

witness = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "witness"),
                "version": attr.string(doc = "As upstream has it.", default = "0.22.0"),
            },
        ),
    },
)

synth = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "register": tag_class(
            doc = "Of no account.",
            attrs = {
                "name": attr.string(doc = "As upstream has it.", default = "synth"),
                "version": attr.string(doc = "As upstream has it.", default = "0.6.0"),
            },
        ),
    },
)
