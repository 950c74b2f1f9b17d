# SPDX-License-Identifier: Apache-2.0
"""Upstream's module extensions, so that a MODULE.bazel that uses them keeps loading. tenon needs none of them: it is
found on the machine by the extension of //:extensions.bzl, which this module uses itself."""

load("//private:no_extension.bzl", "inert_extension")
load("//private:unsupported.bzl", "upstream")

wasm_component_bundle = inert_extension("configure", {
    "bundle": upstream.string(default = "stable-2025-12"),
})

wasm_toolchain = inert_extension("register", {
    "name": upstream.string(default = "wasm_tools"),
    "strategy": upstream.string(default = "download"),
    "version": upstream.string(),
    "git_commit": upstream.string(default = "main"),
    "wasm_tools_commit": upstream.string(),
    "wac_commit": upstream.string(),
    "wit_bindgen_commit": upstream.string(),
    "wrpc_commit": upstream.string(),
    "wasm_tools_url": upstream.string(),
    "wac_url": upstream.string(),
    "wit_bindgen_url": upstream.string(),
    "wrpc_url": upstream.string(),
})

wasi_sdk = inert_extension("register", {
    "name": upstream.string(default = "wasi"),
    "strategy": upstream.string(default = "download"),
    "version": upstream.string(default = "27"),
    "url": upstream.string(),
    "wasi_sdk_root": upstream.string(),
})

wkg = inert_extension("register", {
    "name": upstream.string(default = "wkg"),
    "strategy": upstream.string(default = "download"),
    "version": upstream.string(),
    "url": upstream.string(),
    "git_url": upstream.string(),
    "git_commit": upstream.string(),
})

jco = inert_extension("register", {
    "name": upstream.string(default = "jco"),
    "version": upstream.string(),
    "node_version": upstream.string(),
})

cpp_component = inert_extension("register", {
    "name": upstream.string(default = "cpp_component"),
    "strategy": upstream.string(default = "download"),
    "wasi_sdk_version": upstream.string(default = "27"),
})

tinygo = inert_extension("register", {
    "name": upstream.string(default = "tinygo"),
    "tinygo_version": upstream.string(),
})

wasmtime = inert_extension("register", {
    "name": upstream.string(default = "wasmtime"),
    "version": upstream.string(),
    "strategy": upstream.string(default = "download"),
})

wasi_wit = inert_extension("init", {
    "include_p3": upstream.bool(),
})

componentize_py = inert_extension("register", {
    "name": upstream.string(default = "componentize_py"),
    "version": upstream.string(default = "canary"),
})

binaryen = inert_extension("register", {
    "name": upstream.string(default = "binaryen"),
    "version": upstream.string(default = "129"),
})

meld = inert_extension("register", {
    "name": upstream.string(default = "meld"),
    "version": upstream.string(default = "0.10.0"),
})

loom = inert_extension("register", {
    "name": upstream.string(default = "loom"),
    "version": upstream.string(default = "1.1.14"),
})

spar = inert_extension("register", {
    "name": upstream.string(default = "spar"),
    "version": upstream.string(default = "0.10.0"),
})

witness = inert_extension("register", {
    "name": upstream.string(default = "witness"),
    "version": upstream.string(default = "0.22.0"),
})

synth = inert_extension("register", {
    "name": upstream.string(default = "synth"),
    "version": upstream.string(default = "0.6.0"),
})
