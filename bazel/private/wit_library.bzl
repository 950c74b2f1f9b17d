# SPDX-License-Identifier: Apache-2.0
"""`wit_library`: the files of a package, and two texts made of them.

`NAME.package.wit` is the package alone; other libraries build upon it. `NAME.world.wit` is complete and has a
world; bindings and components are made of it, and only then is it written. Neither holds comments.
"""

load("//private:actions.bzl", "TENON_TOOLCHAIN", "bundle_wit")
load("//providers:providers.bzl", "WitInfo")

def _wit_library_impl(ctx):
    if not ctx.files.srcs:
        fail("%s: `srcs` is empty: no file is listed, or no file fits the `glob()`" % ctx.label)
    deps = depset(
        [dep[WitInfo].package_wit for dep in ctx.attr.deps],
        transitive = [dep[WitInfo].wit_deps for dep in ctx.attr.deps],
    )
    package_wit = ctx.actions.declare_file(ctx.label.name + ".package.wit")
    bundle_wit(ctx, ctx.files.srcs, deps, package_wit, ctx.attr.package_name, ctx.attr.interfaces)
    world_wit = ctx.actions.declare_file(ctx.label.name + ".world.wit")
    bundle_wit(
        ctx,
        ctx.files.srcs,
        deps,
        world_wit,
        ctx.attr.package_name,
        ctx.attr.interfaces,
        ctx.attr.world,
        complete = True,
        behind = [package_wit],
    )
    return [
        DefaultInfo(
            files = depset([package_wit]),
            runfiles = ctx.runfiles(files = [package_wit]),
        ),
        OutputGroupInfo(wit = depset([world_wit])),
        WitInfo(
            wit_files = depset(ctx.files.srcs),
            wit_deps = deps,
            package_name = ctx.attr.package_name,
            world_name = ctx.attr.world,
            interface_names = ctx.attr.interfaces,
            package_wit = package_wit,
            world_wit = world_wit,
        ),
    ]

wit_library = rule(
    implementation = _wit_library_impl,
    doc = "A WIT package. If it has no world, a component built from it gets a world that exports its interfaces, and a note is printed.",
    attrs = {
        "srcs": attr.label_list(
            doc = "The files of the package, in any folder.",
            allow_files = [".wit"],
            mandatory = True,
        ),
        "deps": attr.label_list(
            doc = "Packages that it uses. The packages `wasi:*` need not be listed.",
            providers = [WitInfo],
        ),
        "package_name": attr.string(
            doc = "The package, `ns:name@version`. It is an error if the WIT declares another one.",
        ),
        "world": attr.string(
            doc = "The world of components built from it; by default the only one.",
        ),
        "interfaces": attr.string_list(
            doc = "Interfaces that the package must have.",
        ),
    },
    toolchains = [TENON_TOOLCHAIN],
)
