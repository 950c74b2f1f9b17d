# SPDX-License-Identifier: Apache-2.0
"""Upstream's rules of //wit:defs.bzl that tenon does not build."""

load("//private:unsupported.bzl", "common_of", "unsupported", "unsupported_rule", "upstream")

symmetric_wit_bindgen = unsupported_rule(
    reason = "tenon makes no symmetric bindings; `wit_bindgen` makes those of guests",
    attrs = {
        "wit": upstream.label(mandatory = True, allow_files = True),
        "language": upstream.string(default = "rust", values = ["rust", "c", "go", "python"]),
        "options": upstream.string_list(),
        "invert_direction": upstream.bool(),
    },
)

# buildifier: disable=unused-variable
def wit_vendor_lock(name, packages, lock_file = "wit.lock", output_dir = "vendor/wit", **kwargs):
    """Loads, and fails in analysis: tenon fetches nothing; put the WIT into the tree and use `vendored_wit_library`.

    Args:
      name: the target's name.
      packages: as in upstream.
      lock_file: as in upstream.
      output_dir: as in upstream.
      **kwargs: `tags`, `visibility` and other common attributes.
    """
    unsupported(name = name, reason = "tenon fetches nothing; put the WIT into the tree and use `vendored_wit_library`", **common_of(kwargs))
