# SPDX-License-Identifier: Apache-2.0
"""The actions that rules of several languages share.

Every path is handed over as a `File` through `ctx.actions.args()`, so that Bazel may map it; none is
joined out of strings.
"""

load("//providers:providers.bzl", "WitInfo")

TENON_TOOLCHAIN = str(Label("//toolchains:tenon_toolchain_type"))
RUST_TOOLCHAIN = str(Label("//toolchains:rust_guest_toolchain_type"))
CLANG_TOOLCHAIN = str(Label("//toolchains:cpp_component_toolchain_type"))

# Bazel may show these actions paths without their configuration.
PATH_MAPPING = {"supports-path-mapping": "1"}

def tenon_of(ctx):
    """The program `tenon` of the registered toolchain.

    Args:
      ctx: of a rule that has `TENON_TOOLCHAIN`.

    Returns:
      Its File.
    """
    toolchain = ctx.toolchains[TENON_TOOLCHAIN]
    if toolchain.missing:
        fail("%s: %s" % (ctx.label, toolchain.missing))
    return toolchain.tenon

def run_tenon(ctx, mnemonic, message, args, inputs, outputs):
    """Runs `tenon` as an action, by //private:tools/tenon, which puts its messages into words of BUILD files.

    Args:
      ctx: of the rule.
      mnemonic: of the action.
      message: what Bazel shows while it runs.
      args: an Args, beginning with the verb.
      inputs: files or a depset.
      outputs: files.
    """
    program = tenon_of(ctx)
    first = ctx.actions.args()
    first.add(program)
    ctx.actions.run(
        executable = ctx.toolchains[TENON_TOOLCHAIN].wrapper,
        arguments = [first, args],
        inputs = inputs,
        outputs = outputs,
        tools = [program],
        mnemonic = mnemonic,
        progress_message = message,
        execution_requirements = PATH_MAPPING,
    )

def bundle_wit(ctx, srcs, deps, out, package_name = "", interfaces = [], world = "", complete = False, behind = []):
    """One text of a package, without comments: what hangs on it sees no change of a comment.

    Args:
      ctx: of the rule.
      srcs: the package's own files.
      deps: a depset of the texts of the packages that it needs.
      out: the file to write.
      package_name: what the WIT must declare; empty: anything.
      interfaces: what it must hold.
      world: the world that it must have; empty: any.
      complete: the text holds the needed packages too, and a world if the package has none.
      behind: files without which it is not tried; their errors would come once more.
    """
    args = ctx.actions.args()
    args.add("wit").add("bundle")
    args.add_all(srcs)
    args.add_all(deps, before_each = "--dep-file")
    if package_name:
        args.add("--package", package_name)
    args.add_all(interfaces, before_each = "--interface")
    if complete:
        args.add("--infer-world")
        if world:
            args.add("--world", world)
    else:
        args.add("--no-deps")
    args.add("--output", out)
    run_tenon(
        ctx,
        "WitWorld" if complete else "WitPackage",
        "Reading the WIT of %s" % ctx.label,
        args,
        depset(srcs + behind, transitive = [deps]),
        [out],
    )

def world_of(ctx, target, file, world = ""):
    """The complete WIT of an attribute `wit`, and the world in it.

    Args:
      ctx: of the rule.
      target: a target with WitInfo, or a plain file.
      file: the file of a target without WitInfo.
      world: the world that the rule's user named; empty: that of the library, or the only one.

    Returns:
      A struct of `file` (the complete text), `world` (may be empty) and `info` (WitInfo or None).
    """
    if target and WitInfo in target:
        info = target[WitInfo]
        return struct(file = info.world_wit, world = world or info.world_name, info = info)
    out = ctx.actions.declare_file(ctx.label.name + ".world.wit")
    bundle_wit(ctx, [file], depset(), out, world = world, complete = True)
    return struct(file = out, world = world, info = None)

def _dirname(file):
    return file.dirname

def bindgen(ctx, kind, wit, outputs, beside, options = []):
    """Writes bindings.

    Args:
      ctx: of the rule.
      kind: of `tenon bindgen`.
      wit: of `world_of`.
      outputs: every file that is made.
      beside: the output whose folder is that of the bindings.
      options: more options.
    """
    args = ctx.actions.args()
    args.add("bindgen").add(kind).add(wit.file)
    if wit.world:
        args.add("--world", wit.world)
    args.add_all([beside], before_each = "--out-dir", map_each = _dirname)
    args.add("--force")
    args.add_all(options)
    run_tenon(ctx, "WitBindgen", "Writing bindings for %s" % ctx.label, args, [wit.file], outputs)

def make_component(ctx, core, out, wit = None, adapter = None, options = []):
    """Makes a component of a core module.

    Args:
      ctx: of the rule.
      core: the core module.
      out: the component.
      wit: of `world_of`, or None when the module contains its world.
      adapter: a File that stands for `wasi_snapshot_preview1`, or None.
      options: more options of `tenon component new`.
    """
    if wit:
        embedded = ctx.actions.declare_file(ctx.label.name + ".embedded.wasm")
        args = ctx.actions.args()
        args.add("component").add("embed").add(wit.file).add(core)
        if wit.world:
            args.add("--world", wit.world)
        args.add("--output", embedded)
        run_tenon(ctx, "WasmEmbed", "Writing the world into %s" % ctx.label, args, [wit.file, core], [embedded])
        core = embedded
    args = ctx.actions.args()
    args.add("component").add("new").add(core).add("--output", out)
    inputs = [core]
    if adapter:
        args.add(adapter, format = "--adapt=%s")
        inputs.append(adapter)
    args.add_all(options)
    run_tenon(ctx, "WasmComponent", "Making the component %s" % ctx.label, args, inputs, [out])

def validate(ctx, wasm, wit = None):
    """Checks a component or module, and whether it fits its world.

    Args:
      ctx: of the rule.
      wasm: what is checked.
      wit: of `world_of`; None: the world is not looked at.

    Returns:
      The File that the check leaves when all is well.
    """
    log = ctx.actions.declare_file(ctx.label.name + ".validated")
    args = ctx.actions.args()
    args.add(tenon_of(ctx)).add(wasm).add(log)
    inputs = [wasm]
    command = '"$1" validate "$2" && echo "$2 is valid" > "$3"'
    if wit:
        args.add(wit.file)
        inputs.append(wit.file)
        command = '"$1" component targets "$4" "$2" && ' + command
        if wit.world:
            args.add(wit.world)
            command = command.replace('"$4" "$2"', '"$4" "$2" --world "$5"')
    ctx.actions.run_shell(
        command = command,
        arguments = [args],
        inputs = inputs,
        outputs = [log],
        tools = [tenon_of(ctx)],
        mnemonic = "WasmValidate",
        progress_message = "Checking %s" % ctx.label,
        execution_requirements = PATH_MAPPING,
    )
    return log

def not_built(ctx, what):
    """Fails in analysis, in one line.

    Args:
      ctx: of the rule.
      what: what tenon does not do.
    """
    fail("%s: %s" % (ctx.label, what))
