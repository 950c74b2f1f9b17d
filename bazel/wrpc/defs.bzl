# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wrpc:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule")

wrpc_bindgen = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "wit": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "world": attr.string(doc = "As upstream has it.", mandatory = True),
        "language": attr.string(doc = "As upstream has it.", default = "rust", values = ["rust", "go"]),
    },
)

# buildifier: disable=unused-variable
def wrpc_rust_bindings(name, wit, world, **kwargs):
    """Loads, and fails in analysis: tenon speaks no wRPC.

    Args:
      name: of the target.
      wit: as upstream has it.
      world: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon speaks no wRPC", **common_of(kwargs))

# buildifier: disable=unused-variable
def wrpc_go_bindings(name, wit, world, **kwargs):
    """Loads, and fails in analysis: tenon speaks no wRPC.

    Args:
      name: of the target.
      wit: as upstream has it.
      world: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon speaks no wRPC", **common_of(kwargs))

wrpc_serve = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "component": attr.label(doc = "As upstream has it.", mandatory = True, allow_single_file = True),
        "transport_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "transport": attr.string(doc = "As upstream has it.", default = "tcp", values = ["tcp", "nats", "unix", "quic"]),
        "address": attr.string(doc = "As upstream has it.", default = "0.0.0.0:8080"),
    },
    executable = True,
)

wrpc_invoke = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "function": attr.string(doc = "As upstream has it.", mandatory = True),
        "transport_config": attr.label(doc = "As upstream has it.", allow_files = True),
        "transport": attr.string(doc = "As upstream has it.", default = "tcp", values = ["tcp", "nats", "unix", "quic"]),
        "address": attr.string(doc = "As upstream has it.", default = "localhost:8080"),
    },
    executable = True,
)
