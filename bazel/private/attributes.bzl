# SPDX-License-Identifier: Apache-2.0
"""What a macro says about an attribute that it does not have."""

# Attributes of rules_rust and of other rules here, and what serves instead.
_INSTEAD = {
    "aliases": "write `extern crate NAME as ALIAS;` in the source",
    "crate_name": "the crate bears the target's name",
    "crate_type": "a component is a `cdylib`, a command a `bin`",
    "init_func": "use `rust_wasm_component_wizer`",
    "init_function_name": "use `rust_wasm_component_wizer`",
    "link_deps": "pass `-Clink-arg=…` in `rustc_flags`",
    "linker_script": "pass `-Clink-arg=…` in `rustc_flags`",
    "lint_config": "pass lints in `rustc_flags`, such as `-Wunused`",
    "optimize": "choose `profiles`, or pass `-Copt-level=…` in `rustc_flags`",
    "package_name": "set it in the `wit_library`",
    "platform": "guests are built for `//platforms:guest`",
    "proc_macro_deps": "put the code that uses the macros into a `rust_library` of rules_rust and list that in `deps`",
    "rustc_env_files": "set the variables in `rustc_env`",
    "stamp": "set fixed values in `rustc_env`; no result is stamped",
    "test_data": "use `rust_wasm_component_test`",
    "version": "set `rustc_env = {\"CARGO_PKG_VERSION\": …}`",
    "world": "set it in the `wit_library`",
}

def _distance(one, other):
    """How many letters must be added, left out or replaced."""
    row = [i for i in range(len(other) + 1)]
    for i in range(len(one)):
        above = row
        row = [i + 1]
        for j in range(len(other)):
            row.append(min(above[j + 1] + 1, row[j] + 1, above[j] + (0 if one[i] == other[j] else 1)))
    return row[-1]

def nearest(name, names):
    """The name that was probably meant.

    Args:
      name: what was found.
      names: what there is.

    Returns:
      One of `names`, or the empty string.
    """
    best = ""
    least = max(2, len(name) // 3) + 1
    for candidate in names:
        distance = _distance(name, candidate)
        if distance < least:
            best, least = candidate, distance
    return best

def unknown_attribute(given, names):
    """Why there is no such target, when an attribute is set that its macro does not have.

    Args:
      given: the attributes.
      names: those that the macro has.

    Returns:
      One line; empty: all are known.
    """
    for name in given:
        if name in names or not given[name]:
            continue
        found = "found the attribute `%s`, which the rules of tenon do not have" % name
        if name in _INSTEAD:
            return "%s; %s" % (found, _INSTEAD[name])
        meant = nearest(name, names)
        if meant:
            return "%s; did you mean `%s`?" % (found, meant)
        return "%s; they have %s" % (found, ", ".join(["`%s`" % name for name in sorted(names)]))
    return ""
