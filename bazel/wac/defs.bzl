# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wac:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule")

wac_bundle = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "components": attr.label_keyed_string_dict(doc = "As upstream has it.", mandatory = True, allow_files = True),
    },
)

wac_compose = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "components": attr.label_keyed_string_dict(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "composition": attr.string(doc = "As upstream has it."),
        "composition_file": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "profile": attr.string(doc = "As upstream has it.", default = "release"),
        "component_profiles": attr.string_dict(doc = "As upstream has it."),
        "use_symlinks": attr.bool(doc = "As upstream has it.", default = True),
    },
)

wac_plug = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "socket": attr.label(doc = "As upstream has it.", mandatory = True, allow_files = True),
        "plugs": attr.label_list(doc = "As upstream has it.", mandatory = True, allow_files = True),
    },
)

wac_remote_compose = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "local_components": attr.label_keyed_string_dict(doc = "As upstream has it.", allow_files = True),
        "remote_components": attr.string_dict(doc = "As upstream has it."),
        "composition": attr.string(doc = "As upstream has it."),
        "composition_file": attr.label(doc = "As upstream has it.", allow_single_file = True),
        "profile": attr.string(doc = "As upstream has it.", default = "release"),
        "use_symlinks": attr.bool(doc = "As upstream has it.", default = True),
    },
)
