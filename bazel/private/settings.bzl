# SPDX-License-Identifier: Apache-2.0
"""Build settings."""

def _string_setting_impl(ctx):
    value = ctx.build_setting_value
    if value not in ctx.attr.values:
        fail("%s: found `%s`, wanted one of %s" % (ctx.label, value, ", ".join(ctx.attr.values)))
    return []

string_setting = rule(
    implementation = _string_setting_impl,
    doc = "A build setting that takes one of several words.",
    attrs = {"values": attr.string_list(doc = "The words.", mandatory = True)},
    build_setting = config.string(flag = True),
)
