# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "inert_extension")
load("//private:unsupported.bzl", "upstream")

wasm_tool_repositories = inert_extension("configure", {
    "bundle": upstream.string(),
})

symmetric_wit_bindgen = inert_extension()
