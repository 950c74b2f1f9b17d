# SPDX-License-Identifier: Apache-2.0
"""Rules of upstream that tenon does not build: they load with every attribute, and fail in analysis, in
one line, when such a target is asked for."""

def _unsupported_impl(ctx):
    fail("%s: %s" % (ctx.label, ctx.attr._reason))

def unsupported_rule(reason, attrs, executable = False, test = False):
    """A rule that says why it is none.

    Args:
      reason: one line.
      attrs: upstream's attributes.
      executable: whether upstream's is run by `bazel run`.
      test: whether it is a test.

    Returns:
      The rule.
    """
    return rule(
        implementation = _unsupported_impl,
        doc = "Loads, and fails in analysis: " + reason + ".",
        attrs = dict(attrs, _reason = attr.string(default = reason)),
        executable = executable,
        test = test,
    )

def _unsupported_target_impl(ctx):
    fail("%s: %s" % (ctx.label, ctx.attr.reason))

unsupported = rule(
    implementation = _unsupported_target_impl,
    doc = "A target in the place of what a macro of upstream makes.",
    attrs = {"reason": attr.string(doc = "One line.", mandatory = True)},
)

def common_of(kwargs):
    """What every target takes.

    Args:
      kwargs: of a macro.

    Returns:
      A dict.
    """
    return {
        key: kwargs[key]
        for key in ["tags", "visibility", "testonly", "target_compatible_with", "deprecation"]
        if key in kwargs and kwargs[key] != None
    }
