# SPDX-License-Identifier: Apache-2.0
"""Tests of components: JSON cases that `tenon test` runs under Bazel's test protocol."""

load("//private:actions.bzl", "TENON_TOOLCHAIN", "tenon_of")
load("//providers:providers.bzl", "WasmComponentInfo")

GuestEnvInfo = provider(
    doc = "What a command asks for where it is run.",
    fields = {"env": "dict of variables"},
)

def _quoted(text):
    return "'%s'" % text.replace("'", "'\\''")

# The files of `data` are links out of the runfiles, which no guest may follow: it sees copies.
_COPIES = """
copies=$(mktemp -d "${TEST_TMPDIR:-${TMPDIR:-/tmp}}/data.XXXXXX") || exit 1
trap 'rm -rf "$copies"' EXIT
for file in %s; do
  mkdir -p "$copies/$(dirname "$file")" && cp -RL "$file" "$copies/$file" || exit 1
done
"""

# `tenon run` speaks of its own options.
_ENDED = """status=$?
[ $status -eq 0 ] || {
  echo "error: the command ended with exit code $status"
  echo "help: what it may reach is granted by the attributes \\`env\\`, \\`data\\`, \\`module_args\\` and \\`allow_wasi_net\\` of the rule"
} >&2
exit $status"""

def launcher(ctx, commands, files, extra_runfiles = None, copied = None, made = None, tell = False):
    """A program that runs commands of tenon in the runfiles.

    Args:
      ctx: of the rule.
      commands: lists of words; a File stands for its place in the runfiles, `None` for what the caller
        adds. The last one takes the program's place.
      files: what they need.
      extra_runfiles: runfiles of `data`.
      copied: files that the guest sees as copies; the word `--dir=` stands for their folder, or without
        any for the one that `bazel run` was typed in.
      made: what a build of the target makes, where that is more than the program.
      tell: whether the exit code of the last command is printed when it is not 0.

    Returns:
      The providers of an executable rule.
    """
    tenon = tenon_of(ctx)
    lines = ["#!/bin/sh", "# Made by Bazel: runs tenon."]
    if copied:
        lines.append(_COPIES % " ".join([_quoted(file.short_path) for file in copied]))
    for number, command in enumerate(commands):
        words = [_quoted(tenon.short_path)]
        for word in command:
            if word == None:
                words.append('"$@"')
            elif word == "--dir=":
                words.append('--dir "${copies:-${BUILD_WORKING_DIRECTORY:-.}}::."')
            else:
                words.append(_quoted(word if type(word) == "string" else word.short_path))
        line = " ".join(words)
        last = number + 1 == len(commands)
        lines.append(("exec " if last and not copied and not tell else "") + line + ("" if last else " || exit $?"))
    if tell:
        lines.append(_ENDED)
    out = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(out, "\n".join(lines) + "\n", is_executable = True)
    runfiles = ctx.runfiles(files = [tenon] + files)
    for more in extra_runfiles or []:
        runfiles = runfiles.merge(more)
    return [DefaultInfo(executable = out, runfiles = runfiles, files = depset(made or [out]))]

def granted(env):
    """The options of `tenon run` that give a command its variables.

    Args:
      env: a dict.

    Returns:
      A list of words.
    """
    words = []
    for name, value in env.items():
        words += ["--env", "%s=%s" % (name, value)]
    return words

def wasm_of(ctx, target):
    """The binary of an attribute `component`: of a rule, or a file.

    Args:
      ctx: of the rule.
      target: the attribute's.

    Returns:
      A File.
    """
    if WasmComponentInfo in target:
        return target[WasmComponentInfo].wasm_file
    files = target[DefaultInfo].files.to_list()
    if len(files) == 1 and files[0].extension == "wasm":
        return files[0]
    fail("%s: found `%s` as `component`, wanted a component: a target such as a rust_wasm_component, or a `.wasm` file" % (
        ctx.label,
        target.label,
    ))

def run_binary(ctx, component):
    """What `bazel run` does with a command: it has the folder `.`, as one of `wasm_run` has.

    Args:
      ctx: of a rule with `data` and `env`.
      component: the command.

    Returns:
      DefaultInfo and GuestEnvInfo, in a list.
    """
    command = ["run", "--dir="] + granted(ctx.attr.env) + [component, None]
    return launcher(ctx, [command], [component], data_runfiles(ctx), ctx.files.data, [component]) + [GuestEnvInfo(env = ctx.attr.env)]

def data_runfiles(ctx):
    """The runfiles of `data`.

    Args:
      ctx: of the rule.

    Returns:
      A list.
    """
    files = ctx.runfiles(files = ctx.files.data)
    return [files] + [target[DefaultInfo].default_runfiles for target in ctx.attr.data]

def component_test_impl(ctx):
    """Validates a component and runs its cases.

    Args:
      ctx: of a rule with `component_test_attrs`.

    Returns:
      Its providers.
    """
    wasm = wasm_of(ctx, ctx.attr.component)
    cases = [file for file in ctx.files.test_data if file.extension == "json"]
    commands = [["validate", wasm]]
    if cases:
        # The files must be cases of this component's package: others are data.
        links = []
        for link in ctx.files.link:
            links += ["--link", link]
        commands.append(["test", wasm] + cases + links + [None])
    return launcher(ctx, commands, [wasm] + ctx.files.test_data + ctx.files.link, data_runfiles(ctx)) + [
        testing.TestEnvironment(ctx.attr.env),
    ]

component_test_attrs = {
    "component": attr.label(
        doc = "The component under test: a target of a rule, or a `.wasm` file.",
        allow_files = True,
        mandatory = True,
    ),
    "test_data": attr.label_list(
        doc = "Test-case files (`.json`, see docs/testing.md) and the files that their `$file` values name. Without any, the test only validates the component.",
        allow_files = True,
    ),
    "link": attr.label_list(
        doc = "Components whose exports satisfy imports that have no mock.",
        allow_files = [".wasm"],
    ),
    "data": attr.label_list(
        doc = "Additional files that are present at run time.",
        allow_files = True,
    ),
    "env": attr.string_dict(
        doc = "Environment variables of the program that runs the cases. A component has only the variables that its cases mock.",
    ),
}

rust_wasm_component_test = rule(
    implementation = component_test_impl,
    doc = "Tests a component: every case of `test_data` must have its expected result. Supports Bazel's sharding, `--test_filter` and XML report.",
    attrs = component_test_attrs,
    test = True,
    toolchains = [TENON_TOOLCHAIN],
)

cpp_component_test = rule(
    implementation = component_test_impl,
    doc = "Tests a component: every case of `test_data` must have its expected result. Supports Bazel's sharding, `--test_filter` and XML report.",
    attrs = component_test_attrs,
    test = True,
    toolchains = [TENON_TOOLCHAIN],
)

wasm_component_test = rule(
    implementation = component_test_impl,
    doc = "Tests a component in any language: every case of `test_data` must have its expected result.",
    attrs = component_test_attrs,
    test = True,
    toolchains = [TENON_TOOLCHAIN],
)
