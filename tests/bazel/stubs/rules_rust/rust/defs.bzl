# SPDX-License-Identifier: Apache-2.0
"""A `rust_library` of rules_rust's shape, which compiles for the platform that it is asked for."""

load("@rules_wasm_component//private:rust_info.bzl", "GuestCrateInfo")
load(":rust_common.bzl", "CrateInfo", "DepInfo")

def _rust_library_impl(ctx):
    if not ctx.target_platform_has_constraint(ctx.attr._wasm32[platform_common.ConstraintValueInfo]):
        # The host's: nobody links it.
        out = ctx.actions.declare_file(ctx.label.name + ".host.rlib")
        ctx.actions.write(out, "not for guests\n")
        return [DefaultInfo(files = depset([out])), CrateInfo(name = ctx.label.name, output = out)]
    crate = ctx.attr.guest[GuestCrateInfo]
    return [
        DefaultInfo(files = depset([crate.rlib])),
        CrateInfo(name = crate.name, output = crate.rlib),
        DepInfo(transitive_crate_outputs = crate.transitive),
    ]

rust_library = rule(
    implementation = _rust_library_impl,
    attrs = {
        "guest": attr.label(providers = [GuestCrateInfo], mandatory = True),
        "_wasm32": attr.label(default = "@rules_wasm_component//platforms:wasm32"),
    },
)
