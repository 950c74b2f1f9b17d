# SPDX-License-Identifier: Apache-2.0
"""`wit_package`: a repository rule that would need a network."""

load("//private:unsupported.bzl", "upstream")

def _wit_package_impl(ctx):
    fail("wit_package %s: tenon fetches nothing; put the WIT of `%s` into the tree and use `vendored_wit_library`" % (
        ctx.name,
        ctx.attr.package,
    ))

wit_package = repository_rule(
    implementation = _wit_package_impl,
    doc = "Fails when the repository is used: tenon downloads nothing.",
    attrs = {
        "package": upstream.string(mandatory = True),
        "sha256": upstream.string(),
        "registry": upstream.string(),
        "deps": upstream.string_list(),
    },
)
