# SPDX-License-Identifier: Apache-2.0
"""What a MODULE.bazel uses.

    bazel_dep(name = "rules_wasm_component", version = "0.1.0")

is enough; the rest is for those who say where something is:

    tenon = use_extension("@rules_wasm_component//:extensions.bzl", "tenon")
    tenon.configure(path = "/opt/tenon/bin/tenon", rules_rust = "@rules_rust//rust:rust_common.bzl")
    tenon.crates()
    use_repo(tenon, "crates")
"""

load("//:repositories.bzl", "local_repository_of_machine", "tenon_crates")

def _tenon_impl(ctx):
    path, rules_rust, crates = "", "", False
    for module in ctx.modules:
        for tag in module.tags.configure:
            if module.is_root:
                path = tag.path
                rules_rust = str(tag.rules_rust) if tag.rules_rust else ""
        crates = crates or bool(module.tags.crates)
    local_repository_of_machine(path, rules_rust)
    if crates:
        tenon_crates()

tenon = module_extension(
    implementation = _tenon_impl,
    doc = "tenon and the guest compilers of the machine.",
    tag_classes = {
        "configure": tag_class(
            doc = "Of the root module alone.",
            attrs = {
                "path": attr.string(doc = "Absolute path of tenon; by default the variable TENON, or `tenon` in PATH."),
                "rules_rust": attr.label(doc = "`@rules_rust//rust:rust_common.bzl`, to make crates of rules_rust usable as `deps`."),
            },
        ),
        "crates": tag_class(doc = "Makes `@crates`: what `tenon_crates()` does in a WORKSPACE."),
    },
)
