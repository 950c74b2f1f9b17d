# SPDX-License-Identifier: Apache-2.0
"""The rules below the macros of //rust:defs.bzl. `bazel query 'kind(rust_wasm_component, //...)'` lists
every profile, so the rule bears the macro's name."""

load("//private:actions.bzl", "RUST_TOOLCHAIN", "TENON_TOOLCHAIN", "bindgen", "make_component", "validate", "world_of")
load("//private:rust_info.bzl", "ALLOWLIST", "GuestCrateInfo", "LTO", "PROFILES", "RustBindingsInfo", "crate_name", "crates_of", "guest_transition", "rust_of", "rustc", "variables_of")
load("//private:rust_library.bzl", "root_of")
load("//private:test.bzl", "run_binary")
load("//providers:providers.bzl", "WasmComponentInfo", "WasmValidationInfo")

def _rust_wit_bindings_impl(ctx):
    if ctx.attr.unsupported:
        fail("%s: %s" % (ctx.label, ctx.attr.unsupported))
    wit = world_of(ctx, ctx.attr.wit, ctx.file.wit)
    root = ctx.actions.declare_file(ctx.label.name + "/src/lib.rs")
    manifest = ctx.actions.declare_file(ctx.label.name + "/Cargo.toml")
    bindgen(ctx, "rust", wit, [root, manifest], manifest, ["--project", ctx.attr.project])
    return [
        DefaultInfo(files = depset([root])),
        RustBindingsInfo(
            crate = crate_name(ctx.attr.project) + "_bindings",
            root = root,
            wit = wit,
        ),
    ]

rust_wit_bindings = rule(
    implementation = _rust_wit_bindings_impl,
    doc = "The crate `PROJECT_bindings`, as a source.",
    attrs = {
        "wit": attr.label(doc = "A wit_library, or a WIT file.", allow_single_file = [".wit"], mandatory = True),
        "project": attr.string(doc = "The component's name.", mandatory = True),
        "unsupported": attr.string(doc = "The requested feature that tenon cannot build; reported in analysis."),
    },
    toolchains = [TENON_TOOLCHAIN],
)

def _bindings_crate(ctx, bindings, flags):
    """The bindings, compiled as the profile says."""
    rlib = ctx.actions.declare_file("%s.bindings/lib%s.rlib" % (ctx.label.name, bindings.crate))
    rustc(
        ctx,
        "RustBindings",
        "rlib",
        bindings.crate,
        bindings.root,
        [bindings.root],
        rlib,
        [],
        flags + ["--cap-lints=allow"],
        "2021",
    )
    return GuestCrateInfo(name = bindings.crate, rlib = rlib, transitive = depset([rlib]))

def _check_profile(ctx):
    if ctx.attr.profile not in PROFILES:
        fail("%s: unknown profile `%s`: the profiles are %s" % (
            ctx.label,
            ctx.attr.profile,
            " and ".join(["`%s`" % name for name in PROFILES]),
        ))

def _check_supported(ctx):
    """What tenon does not build. These are attributes of the rule, so that a `select()` may choose them."""
    if ctx.attr.unsupported:
        fail("%s: %s" % (ctx.label, ctx.attr.unsupported))
    if ctx.attr.wasi_version not in ["", "p2"]:
        fail("%s: found wasi_version `%s`, wanted `p2`" % (ctx.label, ctx.attr.wasi_version))
    if ctx.attr.symmetric or ctx.attr.invert_direction:
        fail("%s: tenon makes no symmetric bindings" % ctx.label)
    if ctx.attr.async_interfaces:
        fail("%s: found async_interfaces; in tenon's bindings the WIT says what is async" % ctx.label)

def _rust_wasm_component_impl(ctx):
    _check_supported(ctx)
    _check_profile(ctx)
    flags = PROFILES[ctx.attr.profile]
    bindings = ctx.attr.bindings[RustBindingsInfo] if ctx.attr.bindings else None
    crates = crates_of(ctx.attr.deps)
    own = [dep[RustBindingsInfo] for dep in ctx.attr.deps if RustBindingsInfo in dep]
    for info in ([bindings] if bindings else []) + own:
        crates.append(_bindings_crate(ctx, info, flags))
    core = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    rustc(
        ctx,
        "RustGuest",
        "cdylib",
        crate_name(ctx.attr.project),
        root_of(ctx, ctx.files.srcs),
        ctx.files.srcs,
        core,
        crates,
        flags + LTO[ctx.attr.profile] + ctx.attr.rustc_flags,
        ctx.attr.edition,
        ctx.attr.crate_features,
        bindings,
        data = ctx.files.compile_data,
        env = variables_of(ctx),
    )
    wit = None
    info = None
    if bindings:
        wit = bindings.wit
        info = wit.info
    elif own:
        wit = own[0].wit
        info = wit.info
    component = ctx.actions.declare_file(ctx.label.name + ".wasm")
    make_component(ctx, core, component, wit, ctx.file.adapter)
    log = validate(ctx, component, wit if ctx.attr.validate_wit else None)
    groups = {"core": depset([core]), "validation": depset([log])}
    if ctx.attr.validate_wit:
        groups["_validation"] = depset([log])
    if wit:
        groups["wit"] = depset([wit.file])
    return [
        DefaultInfo(files = depset([component]), runfiles = ctx.runfiles(files = [component] + ctx.files.data)),
        OutputGroupInfo(**groups),
        WasmComponentInfo(
            wasm_file = component,
            wit_info = info,
            component_type = "component",
            imports = [],
            exports = [],
            metadata = {"language": "rust", "edition": ctx.attr.edition},
            profile = ctx.attr.profile,
            profile_variants = {},
        ),
        WasmValidationInfo(is_valid = True, validation_log = log, errors = [], warnings = []),
    ]

rust_wasm_component = rule(
    implementation = _rust_wasm_component_impl,
    doc = "One profile of a component in Rust.",
    attrs = dict(
        srcs = attr.label_list(doc = "The crate's files.", allow_files = [".rs"], mandatory = True),
        deps = attr.label_list(doc = "Crates, or bindings.", cfg = guest_transition),
        bindings = attr.label(doc = "The bindings of `wit`.", providers = [RustBindingsInfo]),
        crate_root = attr.label(doc = "The crate's root.", allow_single_file = [".rs"]),
        crate_features = attr.string_list(doc = "Features to enable."),
        rustc_env = attr.string_dict(doc = "Environment variables of the compiler, which sources read with `env!`."),
        rustc_flags = attr.string_list(doc = "Flags for rustc, added after those of the profile."),
        edition = attr.string(doc = "The Rust edition.", default = "2021"),
        adapter = attr.label(doc = "A module that implements `wasi_snapshot_preview1`.", allow_single_file = [".wasm"]),
        profile = attr.string(doc = "`debug` or `release`.", default = "release"),
        project = attr.string(doc = "The component's name.", mandatory = True),
        validate_wit = attr.bool(doc = "Whether every build checks the component against its world."),
        compile_data = attr.label_list(doc = "Files that sources include with `include_str!` and similar macros.", allow_files = True),
        data = attr.label_list(doc = "Files that go with the component.", allow_files = True),
        wasi_version = attr.string(doc = "Must be `p2`."),
        symmetric = attr.bool(doc = "Must be False: tenon does not generate symmetric bindings."),
        invert_direction = attr.bool(doc = "Must be False: tenon does not generate symmetric bindings."),
        async_interfaces = attr.string_list(doc = "Must be empty: the WIT says which functions are async."),
        unsupported = attr.string(doc = "The requested feature that tenon cannot build; reported in analysis."),
        **ALLOWLIST
    ),
    toolchains = [TENON_TOOLCHAIN, RUST_TOOLCHAIN],
)

def _rust_wasm_binary_impl(ctx):
    if ctx.attr.unsupported:
        fail("%s: %s" % (ctx.label, ctx.attr.unsupported))
    rust = rust_of(ctx)
    if not rust.wasi_target:
        fail("%s: %s has no target of WASI: apt-get install libstd-rust-dev-wasm32, or rustup target add wasm32-wasip1" % (
            ctx.label,
            rust.version,
        ))
    core = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    rustc(
        ctx,
        "RustGuest",
        "bin",
        crate_name(ctx.label.name),
        root_of(ctx, ctx.files.srcs, "main.rs"),
        ctx.files.srcs,
        core,
        crates_of(ctx.attr.deps),
        PROFILES["release"] + ctx.attr.rustc_flags,
        ctx.attr.edition,
        ctx.attr.crate_features,
        target = rust.wasi_target,
        data = ctx.files.compile_data,
        env = variables_of(ctx),
    )
    component = ctx.actions.declare_file(ctx.label.name + ".wasm")
    make_component(ctx, core, component, None, ctx.file.adapter)
    log = validate(ctx, component)
    return run_binary(ctx, component) + [
        OutputGroupInfo(core = depset([core]), validation = depset([log])),
        WasmComponentInfo(
            wasm_file = component,
            wit_info = None,
            component_type = "component",
            imports = [],
            exports = ["wasi:cli/run"],
            metadata = {"language": "rust", "edition": ctx.attr.edition},
            profile = "release",
            profile_variants = {},
        ),
    ]

rust_wasm_binary = rule(
    implementation = _rust_wasm_binary_impl,
    doc = "A command in Rust: a program with `main`, as a component that exports `wasi:cli/run`. `bazel run` runs it.",
    attrs = dict(
        srcs = attr.label_list(doc = "The crate's files.", allow_files = [".rs"], mandatory = True),
        deps = attr.label_list(doc = "Crates.", cfg = guest_transition),
        crate_root = attr.label(doc = "The crate's root: by default the only source, or main.rs.", allow_single_file = [".rs"]),
        crate_features = attr.string_list(doc = "Features to enable."),
        rustc_env = attr.string_dict(doc = "Environment variables of the compiler, which sources read with `env!`."),
        rustc_flags = attr.string_list(doc = "Flags for rustc, added after tenon's own."),
        edition = attr.string(doc = "The Rust edition.", default = "2021"),
        adapter = attr.label(doc = "A module that implements `wasi_snapshot_preview1`.", allow_single_file = [".wasm"]),
        compile_data = attr.label_list(doc = "Files that sources include with `include_str!` and similar macros.", allow_files = True),
        data = attr.label_list(doc = "Files that are present when `bazel run` runs it.", allow_files = True),
        env = attr.string_dict(doc = "Environment variables of the command in `bazel run`, `wasm_run` and `wasm_test`."),
        unsupported = attr.string(doc = "The requested feature that tenon cannot build; reported in analysis."),
        **ALLOWLIST
    ),
    executable = True,
    toolchains = [TENON_TOOLCHAIN, RUST_TOOLCHAIN],
)
