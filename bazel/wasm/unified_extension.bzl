# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "does_nothing")

wasm = module_extension(
    implementation = does_nothing,
    doc = "Does nothing, and says so.",
    tag_classes = {
        "toolchains": tag_class(
            doc = "Of no account.",
            attrs = {
                "bundle": attr.string(doc = "As upstream has it.", default = "stable-2026-03"),
                "languages": attr.string_list(doc = "As upstream has it.", default = ["rust"]),
                "include_p3": attr.bool(doc = "As upstream has it."),
            },
        ),
    },
)
