# SPDX-License-Identifier: Apache-2.0
"""What upstream's module extensions do here: nothing, but that they say so and that the repositories which a
MODULE.bazel takes from them are there, empty."""

def _empty_impl(ctx):
    ctx.file("BUILD.bazel", "# Nothing: tenon is found on the machine.\n")

_empty = repository_rule(
    implementation = _empty_impl,
    doc = "A repository without a target.",
)

def _does_nothing(ctx):
    names = {}
    for module in ctx.modules:
        for kind in ["register", "configure", "init", "toolchains"]:
            for tag in getattr(module.tags, kind, []):
                names[getattr(tag, "name", "") or ""] = True

    # buildifier: disable=print
    print("this extension does nothing here: tenon and the guest compilers are found on the machine")
    for name in names:
        if name:
            _empty(name = name + "_toolchains")
            _empty(name = name)

def inert_extension(tag = None, attrs = {}):
    """An extension of upstream's with at most one class of tags, which are never looked at.

    Args:
      tag: the class, if there is one.
      attrs: upstream's attributes.

    Returns:
      The extension.
    """
    return module_extension(
        implementation = _does_nothing,
        doc = "Does nothing, and says so.",
        tag_classes = {tag: tag_class(doc = "Has no effect.", attrs = attrs)} if tag else {},
    )
