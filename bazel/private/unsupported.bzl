# SPDX-License-Identifier: Apache-2.0
"""Rules of upstream that tenon does not build: they load with every attribute, and fail in analysis, in
one line, when such a target is asked for."""

# Attributes that are taken as upstream has them and never looked at.
def _bool(**kwargs):
    return attr.bool(doc = "As in upstream.", **kwargs)

def _int(**kwargs):
    return attr.int(doc = "As in upstream.", **kwargs)

def _label(**kwargs):
    return attr.label(doc = "As in upstream.", **kwargs)

def _label_keyed_string_dict(**kwargs):
    return attr.label_keyed_string_dict(doc = "As in upstream.", **kwargs)

def _label_list(**kwargs):
    return attr.label_list(doc = "As in upstream.", **kwargs)

def _string(**kwargs):
    return attr.string(doc = "As in upstream.", **kwargs)

def _string_dict(**kwargs):
    return attr.string_dict(doc = "As in upstream.", **kwargs)

def _string_list(**kwargs):
    return attr.string_list(doc = "As in upstream.", **kwargs)

def _string_keyed_label_dict(allow_files = False, **kwargs):
    # Bazel has it since 7.2; before, the labels are words.
    if hasattr(attr, "string_keyed_label_dict"):
        return attr.string_keyed_label_dict(doc = "As in upstream.", allow_files = allow_files, **kwargs)
    return _string_dict(**kwargs)

upstream = struct(
    bool = _bool,
    int = _int,
    label = _label,
    label_keyed_string_dict = _label_keyed_string_dict,
    label_list = _label_list,
    string = _string,
    string_dict = _string_dict,
    string_keyed_label_dict = _string_keyed_label_dict,
    string_list = _string_list,
)

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
