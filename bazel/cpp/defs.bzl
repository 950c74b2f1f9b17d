# SPDX-License-Identifier: Apache-2.0
"""Rules for components in C++ and C, and for hosts in C++."""

load(
    "//private:cpp_rules.bzl",
    _cc_component_library = "cc_component_library",
    _cpp_component = "cpp_component",
    _cpp_host_bindings = "cpp_host_bindings",
    _cpp_wasm_binary = "cpp_wasm_binary",
    _cpp_wit_bindgen = "cpp_wit_bindgen",
)
load("//private:test.bzl", _cpp_component_test = "cpp_component_test")

cpp_component = _cpp_component
cpp_wit_bindgen = _cpp_wit_bindgen
cc_component_library = _cc_component_library
cpp_wasm_binary = _cpp_wasm_binary
cpp_host_bindings = _cpp_host_bindings
cpp_component_test = _cpp_component_test

def c_wasm_binary(name, srcs, hdrs = [], deps = [], includes = [], defines = [], copts = [], optimize = True, libs = [], **kwargs):
    """A command in C: `cpp_wasm_binary` with the language `c`.

    Args:
      name: the command's name.
      srcs: sources.
      hdrs: headers.
      deps: `cc_component_library`.
      includes: header search folders, relative to the package's folder.
      defines: macros.
      copts: compiler flags, added after tenon's own.
      optimize: `-Os`, or `-O0 -g`.
      libs: libraries of the sysroot.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    cpp_wasm_binary(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        deps = deps,
        includes = includes,
        defines = defines,
        copts = copts,
        optimize = optimize,
        libs = libs,
        language = "c",
        **{key: value for key, value in kwargs.items() if key not in ["size", "timeout"]}
    )
