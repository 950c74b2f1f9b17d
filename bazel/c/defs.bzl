# SPDX-License-Identifier: Apache-2.0
"""Rules for components in C."""

load("//cpp:defs.bzl", "cpp_component", "cpp_component_test", _c_wasm_binary = "c_wasm_binary")

c_component_test = cpp_component_test
c_wasm_binary = _c_wasm_binary

def c_component(name, srcs, wit, **kwargs):
    """A component in C: `cpp_component` with the language `c`.

    Args:
      name: the component's name.
      srcs: sources.
      wit: a `wit_library`, or a WIT file.
      **kwargs: other attributes of `cpp_component`.
    """
    cpp_component(name = name, srcs = srcs, wit = wit, language = "c", **{key: value for key, value in kwargs.items() if key not in ["size", "timeout", "args", "env"]})
