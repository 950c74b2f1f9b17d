# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //rust:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported")

# buildifier: disable=unused-variable
def rust_clippy_all(name, targets, **kwargs):
    """Loads, and fails in analysis: tenon runs no clippy.

    Args:
      name: of the target.
      targets: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon runs no clippy", **common_of(kwargs))

# buildifier: disable=unused-variable
def rust_wasm_component_clippy(name, target, profile = "release", **kwargs):
    """Loads, and fails in analysis: tenon runs no clippy.

    Args:
      name: of the target.
      target: as upstream has it.
      profile: as upstream has it.
      **kwargs: `tags`, `visibility` and the like.
    """
    unsupported(name = name, reason = "tenon runs no clippy", **common_of(kwargs))
