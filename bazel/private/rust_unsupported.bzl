# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //rust:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported")

# buildifier: disable=unused-variable
def rust_clippy_all(name, targets, **kwargs):
    """Loads, and fails in analysis: tenon runs no clippy.

    Args:
      name: the target's name.
      targets: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon runs no clippy", **common_of(kwargs))

# buildifier: disable=unused-variable
def rust_wasm_component_clippy(name, target, profile = "release", **kwargs):
    """Loads, and fails in analysis: tenon runs no clippy.

    Args:
      name: the target's name.
      target: as in upstream.
      profile: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon runs no clippy", **common_of(kwargs))
