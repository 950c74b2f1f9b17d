# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wac:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "unsupported_rule", "upstream")

wac_bundle = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "components": upstream.label_keyed_string_dict(mandatory = True, allow_files = True),
    },
)

wac_compose = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "components": upstream.label_keyed_string_dict(mandatory = True, allow_files = True),
        "composition": upstream.string(),
        "composition_file": upstream.label(allow_single_file = True),
        "profile": upstream.string(default = "release"),
        "component_profiles": upstream.string_dict(),
        "use_symlinks": upstream.bool(default = True),
    },
)

wac_plug = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "socket": upstream.label(mandatory = True, allow_files = True),
        "plugs": upstream.label_list(mandatory = True, allow_files = True),
    },
)

wac_remote_compose = unsupported_rule(
    reason = "tenon composes no components yet",
    attrs = {
        "local_components": upstream.label_keyed_string_dict(allow_files = True),
        "remote_components": upstream.string_dict(),
        "composition": upstream.string(),
        "composition_file": upstream.label(allow_single_file = True),
        "profile": upstream.string(default = "release"),
        "use_symlinks": upstream.bool(default = True),
    },
)
