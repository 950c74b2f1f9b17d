# SPDX-License-Identifier: Apache-2.0
"""Rules for components in Rust."""

load("//private:attributes.bzl", "unknown_attribute")
load("//private:rust_component.bzl", "rust_wit_bindings", _binary = "rust_wasm_binary", _component = "rust_wasm_component")
load("//private:rust_library.bzl", _rust_guest_library = "rust_guest_library")
load("//private:rust_unsupported.bzl", _rust_clippy_all = "rust_clippy_all", _rust_wasm_component_clippy = "rust_wasm_component_clippy")
load("//private:test.bzl", _rust_wasm_component_test = "rust_wasm_component_test")
load("//private:wasm_rules.bzl", "wasm_component_wizer")

rust_guest_library = _rust_guest_library
rust_clippy_all = _rust_clippy_all
rust_wasm_component_clippy = _rust_wasm_component_clippy
rust_wasm_component_test = _rust_wasm_component_test

def _bindings_targets(name, wit, common, unsupported = ""):
    """`NAME_bindings`, and by upstream's names the same for the host and for guests."""
    rust_wit_bindings(name = name + "_bindings", wit = wit, project = name, unsupported = unsupported, **common)
    for suffix in ["_host", "_wasm_base"]:
        native.alias(name = name + "_bindings" + suffix, actual = ":" + name + "_bindings", **_of_alias(common))

def _common(kwargs):
    """Of a macro's further attributes, those that every target takes."""
    return {
        key: kwargs[key]
        for key in _COMMON
        if key in kwargs and kwargs[key] != None
    }

_COMMON = [
    "tags",
    "visibility",
    "testonly",
    "target_compatible_with",
    "features",
    "exec_compatible_with",
    "restricted_to",
    "compatible_with",
    "deprecation",
]

# What only tests and programs take, and what a macro here hands to another one.
_OF_NO_ACCOUNT = ["size", "timeout", "args", "env", "unsupported"]

# What the rule below takes beside the parameters of `rust_wasm_component`.
_OF_RULE = ["compile_data", "data", "rustc_env", "symmetric", "invert_direction", "async_interfaces"]

# The parameters of `rust_wasm_component`.
_OF_COMPONENT = [
    "name",
    "srcs",
    "deps",
    "wit",
    "adapter",
    "crate_features",
    "rustc_flags",
    "profiles",
    "validate_wit",
    "crate_root",
    "edition",
    "wasi_version",
]

# What the rule of `rust_wasm_binary` takes.
_OF_BINARY = [
    "name",
    "srcs",
    "deps",
    "adapter",
    "args",
    "compile_data",
    "crate_features",
    "crate_root",
    "data",
    "edition",
    "env",
    "rustc_env",
    "rustc_flags",
]

def _unsupported_profiles(profiles):
    """Why there is no such component, when `profiles` is not a list of them."""
    if type(profiles) == "string":
        return "found `profiles = \"%s\"`, wanted a list: `profiles = [\"%s\"]`" % (profiles, profiles)
    if profiles != None and not profiles:
        return "found no profile in `profiles`: the profiles are `debug` and `release`"
    return ""

def _of_alias(common):
    """What an alias or filegroup takes: whether it fits a platform says what is behind it."""
    return {key: common[key] for key in common if key in ["tags", "visibility", "testonly", "deprecation"]}

def rust_wasm_component(
        name,
        srcs,
        deps = [],
        wit = None,
        adapter = None,
        crate_features = [],
        rustc_flags = [],
        profiles = ["release"],
        validate_wit = False,
        visibility = None,
        crate_root = None,
        edition = "2021",
        tags = [],
        wasi_version = "p2",
        **kwargs):
    """A component in Rust: `NAME_debug`, `NAME_release`, and `NAME`, which is the first profile listed.

    With `--@rules_wasm_component//:alias=upstream`, `NAME` is release if it is listed.

    Args:
      name: the component's name. Its bindings are the crate `NAME_bindings`.
      srcs: the crate's source files.
      deps: crates: targets of rules_rust, or of `rust_guest_library`.
      wit: a `wit_library` or a WIT file: the rule generates its bindings, and the component has its world.
      adapter: a module that implements `wasi_snapshot_preview1`.
      crate_features: features of the crate to enable.
      rustc_flags: rustc flags, added after those of the profile; later flags take precedence.
      profiles: `debug`, `release` or both; each gets a target.
      validate_wit: whether every build checks the component against its world.
      visibility: applies to all targets.
      crate_root: the crate's root: by default the only source, or lib.rs.
      edition: the Rust edition.
      tags: applies to all targets.
      wasi_version: must be `p2`.
      **kwargs: `compile_data` (files that sources include), `rustc_env` (variables of the compiler) and `data`; `testonly`, `target_compatible_with` and other common attributes apply to all targets.
    """
    common = _common(dict(kwargs, tags = tags, visibility = visibility))
    unsupported = kwargs.get("unsupported", "") or unknown_attribute(kwargs, _COMMON + _OF_NO_ACCOUNT + _OF_RULE + _OF_COMPONENT)
    if type(profiles) == "select":
        fail("%s: profiles is a select(), which cannot name targets; list the profiles, and select() among their targets" % name)
    unsupported = unsupported or _unsupported_profiles(profiles)
    if not profiles or type(profiles) == "string":
        profiles = ["release"]
    if wit:
        _bindings_targets(name, wit, common)
    for profile in profiles:
        _component(
            name = "%s_%s" % (name, profile),
            srcs = srcs,
            deps = deps,
            bindings = ":" + name + "_bindings" if wit else None,
            crate_root = crate_root,
            crate_features = crate_features,
            rustc_flags = rustc_flags,
            edition = edition,
            adapter = adapter,
            profile = profile,
            project = name,
            validate_wit = validate_wit,
            wasi_version = wasi_version,
            unsupported = unsupported,
            **dict(common, **{key: kwargs[key] for key in _OF_RULE if kwargs.get(key) != None})
        )
    upstream = "release" if "release" in profiles else profiles[0]
    native.alias(
        name = name,
        actual = select({
            str(Label("//:alias_upstream")): ":%s_%s" % (name, upstream),
            "//conditions:default": ":%s_%s" % (name, profiles[0]),
        }),
        **_of_alias(common)
    )
    native.filegroup(
        name = name + "_all_profiles",
        srcs = [":%s_%s" % (name, profile) for profile in profiles],
        **_of_alias(common)
    )

# buildifier: disable=unused-variable
def rust_wasm_component_bindgen(
        name,
        srcs,
        wit,
        deps = [],
        crate_features = [],
        rustc_flags = [],
        profiles = ["release"],
        validate_wit = False,
        visibility = None,
        symmetric = False,
        invert_direction = False,
        bitflags_dep = "@crates//:bitflags",
        async_interfaces = None,
        **kwargs):
    """`rust_wasm_component` with a mandatory `wit`; in tenon both generate bindings.

    Args:
      name: the component's name.
      srcs: the crate's source files.
      wit: a `wit_library`, or a WIT file.
      deps: crates.
      crate_features: features to enable.
      rustc_flags: rustc flags, added after those of the profile.
      profiles: `debug`, `release` or both.
      validate_wit: whether every build checks the component against its world.
      visibility: applies to all targets.
      symmetric: must be False: tenon does not generate symmetric bindings.
      invert_direction: must be False.
      bitflags_dep: ignored: the bindings need no crate.
      async_interfaces: must be empty: the WIT says which functions are async.
      **kwargs: other attributes of `rust_wasm_component`.
    """
    rust_wasm_component(
        name = name,
        srcs = srcs,
        wit = wit,
        deps = deps,
        crate_features = crate_features,
        rustc_flags = rustc_flags,
        profiles = profiles,
        validate_wit = validate_wit,
        visibility = visibility,
        symmetric = symmetric,
        invert_direction = invert_direction,
        async_interfaces = async_interfaces,
        **kwargs
    )

def rust_wasm_component_wizer(
        name,
        srcs,
        deps = [],
        wit = None,
        adapter = None,
        crate_features = [],
        rustc_flags = [],
        profiles = ["release"],
        visibility = None,
        crate_root = None,
        edition = "2021",
        init_function_name = "wizer-initialize",
        tags = [],
        **kwargs):
    """A component in Rust whose initialisation runs at build time.

    Args:
      name: the component's name; `NAME_component` is the component before initialisation.
      srcs: the crate's source files.
      deps: crates.
      wit: a `wit_library`, or a WIT file.
      adapter: a module that implements `wasi_snapshot_preview1`.
      crate_features: features to enable.
      rustc_flags: rustc flags, added after those of the profile.
      profiles: `debug`, `release` or both; the first one is initialised.
      visibility: applies to all targets.
      crate_root: the crate's root.
      edition: the Rust edition.
      init_function_name: the initialisation function.
      tags: applies to all targets.
      **kwargs: other attributes of `rust_wasm_component`.
    """
    rust_wasm_component(
        name = name + "_component",
        srcs = srcs,
        deps = deps,
        wit = wit,
        adapter = adapter,
        crate_features = crate_features,
        rustc_flags = rustc_flags,
        profiles = profiles,
        visibility = visibility,
        crate_root = crate_root,
        edition = edition,
        tags = tags,
        **kwargs
    )
    wasm_component_wizer(
        name = name,
        component = ":%s_component" % name,
        init_function_name = init_function_name,
        visibility = visibility,
        tags = tags,
        **_common(kwargs)
    )

def rust_wasm_binary(
        name,
        srcs,
        deps = [],
        crate_features = [],
        rustc_flags = [],
        visibility = None,
        edition = "2021",
        **kwargs):
    """A command in Rust: a program with `main`, as a component that exports `wasi:cli/run`.

    Args:
      name: the command's name.
      srcs: the crate's source files.
      deps: crates.
      crate_features: features to enable.
      rustc_flags: compiler flags, added after tenon's own.
      visibility: the target's visibility.
      edition: the Rust edition.
      **kwargs: `crate_root`, `adapter`, `compile_data`, `rustc_env`, `data`, `env`, `args`, `tags` and other common attributes.
    """
    unknown = unknown_attribute(kwargs, _COMMON + _OF_NO_ACCOUNT + _OF_BINARY)
    _binary(
        name = name,
        srcs = srcs,
        deps = deps,
        crate_features = crate_features,
        rustc_flags = rustc_flags,
        visibility = visibility,
        edition = edition,
        unsupported = kwargs.get("unsupported", "") or unknown,
        **{key: kwargs[key] for key in kwargs if key in _COMMON + _OF_BINARY}
    )
