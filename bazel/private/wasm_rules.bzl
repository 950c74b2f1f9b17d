# SPDX-License-Identifier: Apache-2.0
"""Rules over binaries: check, run, test, componentize, pre-initialise."""

load("//private:actions.bzl", "TENON_TOOLCHAIN", "make_component", "run_tenon", "validate", "world_of")
load("//private:test.bzl", "GuestEnvInfo", "data_runfiles", "granted", "launcher", "wasm_of")
load("//providers:providers.bzl", "WasmComponentInfo", "WasmKeyInfo", "WasmPrecompiledInfo", "WasmValidationInfo", "WitInfo")

def _subject(ctx):
    """The one binary among `component` and `wasm_file`."""
    component = wasm_of(ctx, ctx.attr.component) if ctx.attr.component else None
    file = ctx.file.wasm_file
    if bool(component) == bool(file):
        fail("%s: found %s, wanted one of `component` and `wasm_file`" % (ctx.label, "both" if file else "none"))
    return component or file

def _component_of(target):
    """WasmComponentInfo of a target, or None for a plain file."""
    return target[WasmComponentInfo] if WasmComponentInfo in target else None

def _component_info(wasm, base = None, component_type = "component", metadata = {}, imports = None, exports = None):
    return WasmComponentInfo(
        wasm_file = wasm,
        wit_info = base.wit_info if base else None,
        component_type = component_type,
        imports = imports if imports != None else (base.imports if base else []),
        exports = exports if exports != None else (base.exports if base else []),
        metadata = dict(base.metadata if base else {}, **metadata),
        profile = base.profile if base else "",
        profile_variants = {},
    )

def _wasm_validate_impl(ctx):
    for name in ["verify_signature", "public_key", "signature_file", "signing_keys", "github_account"]:
        if getattr(ctx.attr, name):
            fail("%s: tenon checks no signatures; `%s` must be left out" % (ctx.label, name))
    wasm = _subject(ctx)
    log = validate(ctx, wasm)
    return [
        DefaultInfo(files = depset([log])),
        OutputGroupInfo(validation = depset([log])),
        WasmValidationInfo(is_valid = True, validation_log = log, errors = [], warnings = []),
    ]

wasm_validate = rule(
    implementation = _wasm_validate_impl,
    doc = "Validates a component or core module; the build fails if it is invalid.",
    attrs = {
        "wasm_file": attr.label(doc = "A binary.", allow_single_file = [".wasm"]),
        "component": attr.label(doc = "A component: a target of a rule, or a `.wasm` file.", allow_files = True),
        "verify_signature": attr.bool(doc = "Must be false: signatures are not checked."),
        "public_key": attr.label(doc = "Must be empty: signatures are not checked.", allow_single_file = True),
        "signature_file": attr.label(doc = "Must be empty: signatures are not checked.", allow_single_file = True),
        "signing_keys": attr.label(doc = "Must be empty: signatures are not checked.", providers = [WasmKeyInfo]),
        "github_account": attr.string(doc = "Must be empty: signatures are not checked."),
    },
    toolchains = [TENON_TOOLCHAIN],
)

def _run_command(ctx):
    if ctx.attr.cwasm_file or (ctx.attr.component and WasmPrecompiledInfo in ctx.attr.component and WasmComponentInfo not in ctx.attr.component):
        fail("%s: tenon runs no precompiled code; name the component itself" % ctx.label)
    grants = []
    if ctx.attr.allow_wasi_filesystem:
        grants.append("--dir=")
    if ctx.attr.allow_wasi_net:
        grants.append("--inherit-network")
    own = ctx.attr.component[GuestEnvInfo].env if ctx.attr.component and GuestEnvInfo in ctx.attr.component else {}
    grants += granted(dict(own, **ctx.attr.env))
    wasm = _subject(ctx)
    return wasm, ["run"] + grants + [wasm] + ctx.attr.module_args + [None]

_run_attrs = {
    "component": attr.label(doc = "A command: a component target, or a `.wasm` file.", allow_files = True),
    "wasm_file": attr.label(doc = "A command: a `.wasm` file with a component or module.", allow_single_file = [".wasm"]),
    "cwasm_file": attr.label(doc = "Must be empty: tenon does not run precompiled code.", allow_single_file = [".cwasm"]),
    "prefer_aot": attr.bool(doc = "Has no effect yet.", default = True),
    "allow_wasi_filesystem": attr.bool(doc = "Whether the command has a folder `.`: it contains copies of `data`; without `data`, it is the folder in which `bazel run` was typed.", default = True),
    "allow_wasi_net": attr.bool(doc = "Whether the command may connect, listen and look up names."),
    "module_args": attr.string_list(doc = "Arguments before those of `bazel run -- …`."),
    "env": attr.string_dict(doc = "Environment variables of the command; they override those of its own rule. The command gets no others, neither from the shell nor from `--test_env`."),
    "data": attr.label_list(doc = "Files that are present at run time.", allow_files = True),
}

def _run_impl(ctx, tell = False):
    wasm, command = _run_command(ctx)
    copied = ctx.files.data if ctx.attr.allow_wasi_filesystem else []
    return launcher(ctx, [command], [wasm], data_runfiles(ctx), copied, tell = tell)

wasm_run = rule(
    implementation = _run_impl,
    doc = "`bazel run` runs a command with the arguments after `--`.",
    attrs = _run_attrs,
    executable = True,
    toolchains = [TENON_TOOLCHAIN],
)

def _wasm_test_impl(ctx):
    return _run_impl(ctx, tell = True)

wasm_test = rule(
    implementation = _wasm_test_impl,
    doc = "Runs a command as a test, which passes if the exit code is 0. Any other exit code is printed.",
    attrs = _run_attrs,
    test = True,
    toolchains = [TENON_TOOLCHAIN],
)

def _wasm_component_new_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    make_component(ctx, ctx.file.wasm_module, out, None, ctx.file.adapter, ctx.attr.options)
    log = validate(ctx, out)
    return [
        DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out])),
        OutputGroupInfo(core = depset([ctx.file.wasm_module]), validation = depset([log])),
        _component_info(out),
    ]

wasm_component_new = rule(
    implementation = _wasm_component_new_impl,
    doc = "A component made from a core module that contains its world.",
    attrs = {
        "wasm_module": attr.label(doc = "The core module.", allow_single_file = [".wasm"], mandatory = True),
        "adapter": attr.label(doc = "A module that implements `wasi_snapshot_preview1`.", allow_single_file = [".wasm"]),
        "options": attr.string_list(doc = "Additional options for `tenon component new`."),
    },
    toolchains = [TENON_TOOLCHAIN],
)

def _wasm_component_embed_impl(ctx):
    wit = world_of(ctx, ctx.attr.wit, ctx.file.wit, ctx.attr.world)
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    args = ctx.actions.args()
    args.add("component").add("embed").add(wit.file).add(ctx.file.wasm_module)
    if wit.world:
        args.add("--world", wit.world)
    args.add("--output", out)
    run_tenon(ctx, "WasmEmbed", "Writing the world into %s" % ctx.label, args, [wit.file, ctx.file.wasm_module], [out])
    return [
        DefaultInfo(files = depset([out])),
        OutputGroupInfo(wit = depset([wit.file])),
        _component_info(out, component_type = "module"),
    ]

wasm_component_embed = rule(
    implementation = _wasm_component_embed_impl,
    doc = "Writes a world into a core module, for `wasm_component_new`.",
    attrs = {
        "wasm_module": attr.label(doc = "The core module.", allow_single_file = [".wasm"], mandatory = True),
        "wit": attr.label(doc = "A `wit_library`, or a WIT file.", allow_single_file = [".wit"], mandatory = True),
        "world": attr.string(doc = "The world; by default that of the library, or the only one."),
    },
    toolchains = [TENON_TOOLCHAIN],
)

def _wasm_component_import_impl(ctx):
    return [
        DefaultInfo(files = depset([ctx.file.wasm]), runfiles = ctx.runfiles(files = [ctx.file.wasm])),
        _component_info(ctx.file.wasm, imports = ctx.attr.imports, exports = ctx.attr.exports, metadata = ctx.attr.metadata),
    ]

wasm_component_import = rule(
    implementation = _wasm_component_import_impl,
    doc = "A prebuilt component, for rules that take a component.",
    attrs = {
        "wasm": attr.label(doc = "The component.", allow_single_file = [".wasm"], mandatory = True),
        "imports": attr.string_list(doc = "Its imports, for other rules."),
        "exports": attr.string_list(doc = "Its exports, for other rules."),
        "metadata": attr.string_dict(doc = "Additional data for other rules."),
    },
)

def _wasm_component_wizer_impl(ctx):
    if ctx.attr.init_script:
        fail("%s: `init_script` means nothing here; name the function by `init_function_name`" % ctx.label)
    function = ctx.attr.init_function_name
    if ctx.attr.init_func:
        if function not in ["wizer-initialize", ctx.attr.init_func]:
            fail("%s: found init_func `%s` and init_function_name `%s`, wanted one of them" % (
                ctx.label,
                ctx.attr.init_func,
                function,
            ))
        function = ctx.attr.init_func
    info = _component_of(ctx.attr.component)
    wasm = info.wasm_file if info else ctx.file.component
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    args = ctx.actions.args()
    args.add("preinit").add(wasm)
    args.add("--init-func", function)
    args.add("--output", out)
    run_tenon(ctx, "WasmPreinit", "Initialising %s" % ctx.label, args, [wasm], [out])
    log = validate(ctx, out)
    return [
        DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out])),
        OutputGroupInfo(validation = depset([log])),
        _component_info(out, info, metadata = {"initialised": function}),
    ]

_wizer_attrs = {
    "component": attr.label(doc = "The component.", allow_single_file = [".wasm"], mandatory = True),
    "init_function_name": attr.string(doc = "The initialisation function.", default = "wizer-initialize"),
    "init_func": attr.string(doc = "Another name for `init_function_name`, as documented upstream."),
    "init_script": attr.string(doc = "Must be empty: name the function with `init_function_name`."),
}

wasm_component_wizer = rule(
    implementation = _wasm_component_wizer_impl,
    doc = "A component whose initialisation runs at build time; it starts with the resulting contents of its memories.",
    attrs = _wizer_attrs,
    toolchains = [TENON_TOOLCHAIN],
)

wizer_chain = rule(
    implementation = _wasm_component_wizer_impl,
    doc = "The same as `wasm_component_wizer`, for the component of another rule.",
    attrs = _wizer_attrs,
    toolchains = [TENON_TOOLCHAIN],
)

def _wit_markdown_impl(ctx):
    wit = world_of(ctx, ctx.attr.wit, None)
    out = ctx.actions.declare_file(ctx.label.name + ".md")
    args = ctx.actions.args()
    args.add("wit").add("doc").add_all(ctx.attr.wit[WitInfo].wit_files).add("--output", out)
    files = depset(transitive = [ctx.attr.wit[WitInfo].wit_files])
    if len(files.to_list()) == 1 and not ctx.attr.wit[WitInfo].wit_deps:
        run_tenon(ctx, "WitDoc", "Writing the page of %s" % ctx.label, args, files, [out])
    else:
        args = ctx.actions.args()
        args.add("wit").add("doc").add(wit.file).add("--output", out)
        run_tenon(ctx, "WitDoc", "Writing the page of %s" % ctx.label, args, [wit.file], [out])
    return [DefaultInfo(files = depset([out]))]

wit_markdown = rule(
    implementation = _wit_markdown_impl,
    doc = "Documentation of a package as Markdown. If the package has several files or `deps`, comments are omitted.",
    attrs = {"wit": attr.label(doc = "A `wit_library`.", mandatory = True, providers = [WitInfo])},
    toolchains = [TENON_TOOLCHAIN],
)

def _wit_docs_collection_impl(ctx):
    files = depset(transitive = [target[DefaultInfo].files for target in ctx.attr.docs])
    return [DefaultInfo(files = files, runfiles = ctx.runfiles(transitive_files = files))]

wit_docs_collection = rule(
    implementation = _wit_docs_collection_impl,
    doc = "Several documentation pages as one target.",
    attrs = {"docs": attr.label_list(doc = "`wit_markdown` and other targets.", mandatory = True, providers = [DefaultInfo])},
)

def _wit_deps_check_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".checked.wit")
    args = ctx.actions.args()
    args.add("wit").add("bundle").add(ctx.file.wit_file).add("--output", out)
    run_tenon(ctx, "WitCheck", "Checking %s" % ctx.label, args, [ctx.file.wit_file], [out])
    return [DefaultInfo(files = depset([out]))]

wit_deps_check = rule(
    implementation = _wit_deps_check_impl,
    doc = "Checks that a WIT file needs no packages other than `wasi:*`; an error names the missing package.",
    attrs = {"wit_file": attr.label(doc = "A WIT file.", allow_single_file = [".wit"], mandatory = True)},
    toolchains = [TENON_TOOLCHAIN],
)
