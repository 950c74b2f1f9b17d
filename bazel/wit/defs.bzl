# SPDX-License-Identifier: Apache-2.0
"""Rules for WIT: packages, bindings, documentation."""

load("//private:cpp_rules.bzl", _wit_bindgen = "wit_bindgen")
load("//private:wasm_rules.bzl", _wit_deps_check = "wit_deps_check", _wit_docs_collection = "wit_docs_collection", _wit_markdown = "wit_markdown")
load("//private:wit_library.bzl", _wit_library = "wit_library")
load("//private:wit_package.bzl", _wit_package = "wit_package")
load("//private:wit_unsupported.bzl", _symmetric_wit_bindgen = "symmetric_wit_bindgen", _wit_vendor_lock = "wit_vendor_lock")

wit_library = _wit_library
wit_bindgen = _wit_bindgen
wit_markdown = _wit_markdown
wit_docs_collection = _wit_docs_collection
wit_deps_check = _wit_deps_check
wit_package = _wit_package
symmetric_wit_bindgen = _symmetric_wit_bindgen
wit_vendor_lock = _wit_vendor_lock

def wasi_wit_dependencies():
    """Does nothing: the packages `wasi:*` are built into tenon."""

def vendored_wit_library(name, path, package_name, interfaces = None, deps = None, visibility = None, **kwargs):
    """A `wit_library` of a folder in the source tree.

    Args:
      name: the library's name.
      path: the folder, relative to the package's folder.
      package_name: the package, `ns:name@version`.
      interfaces: interfaces that the package must have.
      deps: packages that it uses.
      visibility: the target's visibility.
      **kwargs: `tags` and other common attributes.
    """
    _wit_library(
        name = name,
        srcs = native.glob([path + "/*.wit"]),
        package_name = package_name,
        interfaces = interfaces or [],
        deps = deps or [],
        visibility = visibility,
        **kwargs
    )
