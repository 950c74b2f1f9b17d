# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wrpc:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule", "upstream")

wrpc_bindgen = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "wit": upstream.label(mandatory = True, allow_single_file = True),
        "world": upstream.string(mandatory = True),
        "language": upstream.string(default = "rust", values = ["rust", "go"]),
    },
)

# buildifier: disable=unused-variable
def wrpc_rust_bindings(name, wit, world, **kwargs):
    """Loads, and fails in analysis: tenon speaks no wRPC.

    Args:
      name: the target's name.
      wit: as in upstream.
      world: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon speaks no wRPC", **common_of(kwargs))

# buildifier: disable=unused-variable
def wrpc_go_bindings(name, wit, world, **kwargs):
    """Loads, and fails in analysis: tenon speaks no wRPC.

    Args:
      name: the target's name.
      wit: as in upstream.
      world: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon speaks no wRPC", **common_of(kwargs))

wrpc_serve = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "component": upstream.label(mandatory = True, allow_single_file = True),
        "transport_config": upstream.label(allow_files = True),
        "transport": upstream.string(default = "tcp", values = ["tcp", "nats", "unix", "quic"]),
        "address": upstream.string(default = "0.0.0.0:8080"),
    },
    executable = True,
)

wrpc_invoke = unsupported_rule(
    reason = "tenon speaks no wRPC",
    attrs = {
        "function": upstream.string(mandatory = True),
        "transport_config": upstream.label(allow_files = True),
        "transport": upstream.string(default = "tcp", values = ["tcp", "nats", "unix", "quic"]),
        "address": upstream.string(default = "localhost:8080"),
    },
    executable = True,
)
