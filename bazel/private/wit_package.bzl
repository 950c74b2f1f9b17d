# SPDX-License-Identifier: Apache-2.0
"""`wit_package`: a repository rule that would need a network."""

def _wit_package_impl(ctx):
    fail("wit_package %s: tenon fetches nothing; put the WIT of `%s` into the tree and use `vendored_wit_library`" % (
        ctx.name,
        ctx.attr.package,
    ))

wit_package = repository_rule(
    implementation = _wit_package_impl,
    doc = "Fails when the repository is asked for: tenon fetches nothing.",
    attrs = {
        "package": attr.string(doc = "As upstream has it.", mandatory = True),
        "sha256": attr.string(doc = "As upstream has it."),
        "registry": attr.string(doc = "As upstream has it."),
        "deps": attr.string_list(doc = "As upstream has it."),
    },
)
