# SPDX-License-Identifier: Apache-2.0
"""What the Rust rules hand each other, and how rustc is called."""

load("@tenon_local//:rules_rust.bzl", "CrateInfo", "DepInfo")
load("//private:actions.bzl", "PATH_MAPPING", "RUST_TOOLCHAIN")

GuestCrateInfo = provider(
    doc = "A crate compiled for guests.",
    fields = {
        "name": "its name in sources",
        "rlib": "File",
        "transitive": "depset of the rlibs that it needs, its own among them",
    },
)

RustBindingsInfo = provider(
    doc = "Generated bindings, not compiled yet: each profile compiles them as its own code.",
    fields = {
        "crate": "name of the crate",
        "root": "File: its src/lib.rs",
        "wit": "struct of `world_of`: the complete WIT and the world",
    },
)

# Deps are built for guests, whatever the command line asks for.
def _guest_transition_impl(_settings, _attr):
    return {"//command_line_option:platforms": str(Label("//platforms:guest"))}

guest_transition = transition(
    implementation = _guest_transition_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

ALLOWLIST = {
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

# What rustc takes beside the user's flags; as `tenon build` has it.
PROFILES = {
    "debug": ["-Copt-level=0", "-Cdebuginfo=2"],
    "release": ["-Copt-level=s", "-Cstrip=symbols", "-Ccodegen-units=1"],
}
LTO = {
    "debug": [],
    "release": ["-Clto=fat"],
}

def crate_name(name):
    """`my-crate` is `my_crate` in sources, and so is `my.crate` or `my/crate`.

    Args:
      name: of a target.

    Returns:
      The name of its crate.
    """
    return "".join([c if c.isalnum() else "_" for c in name.elems()])

def rust_of(ctx):
    """The registered Rust toolchain.

    Args:
      ctx: of a rule that has `RUST_TOOLCHAIN`.

    Returns:
      The toolchain.
    """
    toolchain = ctx.toolchains[RUST_TOOLCHAIN]
    if toolchain.missing:
        fail("%s: %s" % (ctx.label, toolchain.missing))
    return toolchain

def crates_of(deps):
    """The crates of `deps`, of this repository's rules or of rules_rust.

    Args:
      deps: targets.

    Returns:
      A list of GuestCrateInfo.
    """
    out = []
    for dep in deps:
        if GuestCrateInfo in dep:
            out.append(dep[GuestCrateInfo])
        elif CrateInfo in dep:
            crate = dep[CrateInfo]
            transitive = [dep[DepInfo].transitive_crate_outputs] if DepInfo in dep else []
            out.append(GuestCrateInfo(
                name = crate.name,
                rlib = crate.output,
                transitive = depset([crate.output], transitive = transitive),
            ))
        elif RustBindingsInfo not in dep:
            fail("%s: found no crate, wanted a rust_library or a rust_guest_library" % dep.label)
    return out

def _search_path(file):
    return file.dirname

def _together(ctx, root, srcs, data):
    """Sources of which some are generated, in one tree: modules are looked for beside the root."""
    files = depset([root] + srcs + data).to_list()
    if len(files) < 2 or not [file for file in files if not file.is_source]:
        return root, srcs, data
    placed = {}
    for src in files:
        link = ctx.actions.declare_file("%s.srcs/%s" % (ctx.label.name, src.short_path.replace("../", "")))
        ctx.actions.symlink(output = link, target_file = src)
        placed[src.short_path] = link
    return placed[root.short_path], [placed[src.short_path] for src in srcs], [placed[file.short_path] for file in data]

def variables_of(ctx):
    """What `rustc_env` sets.

    Args:
      ctx: of a rule with `rustc_env` and `compile_data`.

    Returns:
      A dict, in which `$(location …)` of `compile_data` is a path.
    """
    return {name: ctx.expand_location(value, ctx.attr.compile_data) for name, value in ctx.attr.rustc_env.items()}

def rustc(ctx, mnemonic, kind, name, root, srcs, out, crates, flags, edition, features = [], bindings = None, target = "", data = [], env = {}):
    """Compiles a crate by //private:tools/rustc, which explains the compiler's messages.

    Args:
      ctx: of a rule that has `RUST_TOOLCHAIN`.
      mnemonic: of the action.
      kind: rlib, cdylib or bin.
      name: of the crate.
      root: its root file.
      srcs: all of its files.
      out: what is made.
      crates: list of GuestCrateInfo.
      flags: more flags; the last ones win.
      edition: the Rust edition.
      features: that are on.
      bindings: RustBindingsInfo whose use is looked at, or None.
      target: a triple; by default the toolchain's.
      data: files that sources name by `include_str!` and the like.
      env: variables of the compiler, as `env!` reads them.
    """
    toolchain = rust_of(ctx)
    root, srcs, data = _together(ctx, root, srcs, data)
    transitive = depset(transitive = [crate.transitive for crate in crates])
    args = ctx.actions.args()
    args.add(bindings.root if bindings else root)
    args.add(bindings.crate if bindings else ("-" if kind == "cdylib" else "."))
    args.add(len(srcs))
    args.add_all(srcs)
    args.add(toolchain.rustc)
    args.add("--crate-type", kind)
    args.add("--crate-name", name)
    args.add("--edition", edition)
    args.add("--target", target or toolchain.target)
    args.add("-Cpanic=abort")
    if toolchain.linker:
        args.add(toolchain.linker, format = "-Clinker=%s")
    args.add_all(flags)
    args.add_all(features, format_each = '--cfg=feature="%s"')
    for crate in crates:
        args.add("--extern")
        args.add(crate.rlib, format = crate.name + "=%s")
    args.add_all(transitive, map_each = _search_path, format_each = "-Ldependency=%s", uniquify = True)
    args.add(root)
    args.add("-o", out)
    ctx.actions.run(
        executable = toolchain.wrapper,
        arguments = [args],
        inputs = depset(
            srcs + data + [root] + ([bindings.root] if bindings else []),
            transitive = [transitive, toolchain.files],
        ),
        outputs = [out],
        tools = [toolchain.rustc] + ([toolchain.linker] if toolchain.linker else []),
        mnemonic = mnemonic,
        progress_message = "Compiling %s" % ctx.label,
        env = env,
        execution_requirements = PATH_MAPPING,
    )
