# SPDX-License-Identifier: Apache-2.0
"""Rules over binaries."""

load("//private:test.bzl", _wasm_component_test = "wasm_component_test")
load(
    "//private:wasm_rules.bzl",
    _wasm_component_embed = "wasm_component_embed",
    _wasm_component_import = "wasm_component_import",
    _wasm_component_new = "wasm_component_new",
    _wasm_component_wizer = "wasm_component_wizer",
    _wasm_run = "wasm_run",
    _wasm_test = "wasm_test",
    _wasm_validate = "wasm_validate",
    _wizer_chain = "wizer_chain",
)
load(
    "//private:wasm_unsupported.bzl",
    _aadl_wit_library = "aadl_wit_library",
    _binaryen_optimize = "binaryen_optimize",
    _meld_fuse = "meld_fuse",
    _ssh_keygen = "ssh_keygen",
    _synth_compile = "synth_compile",
    _wasm_aot_aspect = "wasm_aot_aspect",
    _wasm_aot_config = "wasm_aot_config",
    _wasm_attest = "wasm_attest",
    _wasm_embed_aot = "wasm_embed_aot",
    _wasm_extract_aot = "wasm_extract_aot",
    _wasm_keygen = "wasm_keygen",
    _wasm_module_coverage = "wasm_module_coverage",
    _wasm_optimize = "wasm_optimize",
    _wasm_precompile = "wasm_precompile",
    _wasm_precompile_multi = "wasm_precompile_multi",
    _wasm_show_chain = "wasm_show_chain",
    _wasm_sign = "wasm_sign",
    _wasm_verify = "wasm_verify",
    _wasm_verify_chain = "wasm_verify_chain",
)

wasm_component_test = _wasm_component_test
wasm_validate = _wasm_validate
wasm_run = _wasm_run
wasm_test = _wasm_test
wasm_component_new = _wasm_component_new
wasm_component_embed = _wasm_component_embed
wasm_component_import = _wasm_component_import
wasm_component_wizer = _wasm_component_wizer
wizer_chain = _wizer_chain

# Loaded, and refused in analysis.
binaryen_optimize = _binaryen_optimize
meld_fuse = _meld_fuse
aadl_wit_library = _aadl_wit_library
wasm_module_coverage = _wasm_module_coverage
ssh_keygen = _ssh_keygen
synth_compile = _synth_compile
wasm_aot_aspect = _wasm_aot_aspect
wasm_aot_config = _wasm_aot_config
wasm_embed_aot = _wasm_embed_aot
wasm_extract_aot = _wasm_extract_aot
wasm_optimize = _wasm_optimize
wasm_precompile = _wasm_precompile
wasm_precompile_multi = _wasm_precompile_multi
wasm_keygen = _wasm_keygen
wasm_sign = _wasm_sign
wasm_verify = _wasm_verify
wasm_attest = _wasm_attest
wasm_show_chain = _wasm_show_chain
wasm_verify_chain = _wasm_verify_chain
