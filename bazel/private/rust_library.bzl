# SPDX-License-Identifier: Apache-2.0
"""Crates for guests, compiled by rustc alone."""

load("//private:actions.bzl", "RUST_TOOLCHAIN")
load("//private:rust_info.bzl", "ALLOWLIST", "GuestCrateInfo", "PROFILES", "crate_name", "crates_of", "guest_transition", "rustc", "variables_of")

def root_of(ctx, srcs, name = "lib.rs"):
    """The root of a crate: what `crate_root` says, the only source, or the one called `name`.

    Args:
      ctx: of a rule with `crate_root`.
      srcs: files.
      name: `lib.rs` or `main.rs`.

    Returns:
      The File.
    """
    if ctx.file.crate_root:
        return ctx.file.crate_root
    if not srcs:
        fail("%s: `srcs` is empty: no file is listed, or no file fits the `glob()`" % ctx.label)
    if len(srcs) == 1:
        return srcs[0]
    for src in srcs:
        if src.basename == name:
            return src
    fail("%s: found %d sources and no `%s`; name the root by `crate_root`" % (ctx.label, len(srcs), name))

def _rust_guest_library_impl(ctx):
    if ctx.attr.unsupported:
        fail("%s: %s" % (ctx.label, ctx.attr.unsupported))
    crates = crates_of(ctx.attr.deps)
    rlib = ctx.actions.declare_file("lib%s.rlib" % crate_name(ctx.label.name))
    rustc(
        ctx,
        "RustGuestLibrary",
        "rlib",
        ctx.attr.crate_name or crate_name(ctx.label.name),
        root_of(ctx, ctx.files.srcs),
        ctx.files.srcs,
        rlib,
        crates,
        PROFILES["release"] + ["--cap-lints=allow"] + ctx.attr.rustc_flags,
        ctx.attr.edition,
        ctx.attr.crate_features,
        data = ctx.files.compile_data,
        env = variables_of(ctx),
    )
    return [
        DefaultInfo(files = depset([rlib])),
        GuestCrateInfo(
            name = ctx.attr.crate_name or crate_name(ctx.label.name),
            rlib = rlib,
            transitive = depset([rlib], transitive = [crate.transitive for crate in crates]),
        ),
    ]

rust_guest_library = rule(
    implementation = _rust_guest_library_impl,
    doc = "A crate for guests. With rules_rust, its `rust_library` can be used instead.",
    attrs = dict(
        srcs = attr.label_list(doc = "The crate's files.", allow_files = [".rs"]),
        deps = attr.label_list(doc = "Crates that it uses.", cfg = guest_transition),
        compile_data = attr.label_list(doc = "Files that sources include with `include_str!` and similar macros.", allow_files = True),
        crate_root = attr.label(doc = "The crate root: by default the only source, or lib.rs.", allow_single_file = [".rs"]),
        crate_name = attr.string(doc = "The crate's name in sources: by default the target's name, with `_` for `-`."),
        crate_features = attr.string_list(doc = "Features to enable."),
        rustc_env = attr.string_dict(doc = "Environment variables of the compiler, which sources read with `env!`."),
        rustc_flags = attr.string_list(doc = "Additional flags for rustc."),
        edition = attr.string(doc = "The Rust edition.", default = "2021"),
        unsupported = attr.string(doc = "The reason why the crate cannot be built; reported in analysis."),
        **ALLOWLIST
    ),
    toolchains = [RUST_TOOLCHAIN],
)
