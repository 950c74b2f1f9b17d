# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "inert_extension")
load("//private:unsupported.bzl", "upstream")

rust_wasm = inert_extension("configure", {
    "wasm_tools_version": upstream.string(),
    "wasmtime_version": upstream.string(),
    "wkg_version": upstream.string(),
})

go_wasm = inert_extension("configure", {
    "tinygo_version": upstream.string(),
})

cpp_wasm = inert_extension("configure", {
    "wasi_sdk_version": upstream.string(),
})

js_wasm = inert_extension("configure", {
    "jco_version": upstream.string(),
    "node_version": upstream.string(),
})

python_wasm = inert_extension("configure", {
    "componentize_py_version": upstream.string(),
})

moonbit_wasm = inert_extension("configure", {})

all_wasm = inert_extension("configure", {
    "wasm_tools_version": upstream.string(),
    "wasmtime_version": upstream.string(),
    "wkg_version": upstream.string(),
    "tinygo_version": upstream.string(),
    "wasi_sdk_version": upstream.string(),
    "jco_version": upstream.string(),
    "node_version": upstream.string(),
    "componentize_py_version": upstream.string(),
})
