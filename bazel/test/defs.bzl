# SPDX-License-Identifier: Apache-2.0
"""Tests of components, whatever their language."""

load("//private:test.bzl", _wasm_component_test = "wasm_component_test")

wasm_component_test = _wasm_component_test
