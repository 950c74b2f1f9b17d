# SPDX-License-Identifier: Apache-2.0
"""Components, libraries and commands in C and C++, and typed bindings for hosts in C++."""

load("//private:actions.bzl", "CLANG_TOOLCHAIN", "TENON_TOOLCHAIN", "make_component", "run_tenon", "validate", "world_of")
load("//private:cc_info.bzl", "GuestCcInfo", "cc_attrs", "compile_bindings", "compile_sources", "gather", "link")
load("//private:test.bzl", "run_binary")
load("//providers:providers.bzl", "WasmComponentInfo", "WasmValidationInfo", "WitInfo")

def _wit_of(ctx):
    """The WIT of a rule whose `wit` is a wit_library or a file."""
    wit = world_of(ctx, ctx.attr.wit, ctx.file.wit, ctx.attr.world)
    declared = wit.info.package_name if wit.info else ""
    wanted = getattr(ctx.attr, "package_name", "")
    if declared and wanted and declared != wanted:
        fail("%s: found the package `%s`, wanted `%s`" % (ctx.label, declared, wanted))
    return wit

def bindings_folder(ctx, kind, wit, name, options = []):
    """Bindings whose files are named after the world, which only the WIT knows: a folder.

    Args:
      ctx: of the rule.
      kind: of `tenon bindgen`.
      wit: of `world_of`.
      name: of the folder.
      options: more options.

    Returns:
      The folder, as a File.
    """
    folder = ctx.actions.declare_directory(name)
    args = ctx.actions.args()
    args.add("bindgen").add(kind).add(wit.file)
    if wit.world:
        args.add("--world", wit.world)
    args.add("--out-dir").add_all([folder], expand_directories = False)
    args.add("--force")
    args.add_all(options)
    run_tenon(ctx, "WitBindgen", "Writing bindings for %s" % ctx.label, args, [wit.file], [folder])
    return folder

def _component_providers(ctx, component, core, wit, log, language, always, default = None):
    groups = {"core": depset([core]), "validation": depset([log])}
    if always:
        groups["_validation"] = depset([log])
    if wit:
        groups["wit"] = depset([wit.file])
    return (default or [DefaultInfo(files = depset([component]), runfiles = ctx.runfiles(files = [component] + ctx.files.data))]) + [
        OutputGroupInfo(**groups),
        WasmComponentInfo(
            wasm_file = component,
            wit_info = wit.info if wit else None,
            component_type = "component",
            imports = [],
            exports = [],
            metadata = {"language": language},
            profile = "release" if ctx.attr.optimize else "debug",
            profile_variants = {},
        ),
        WasmValidationInfo(is_valid = True, validation_log = log, errors = [], warnings = []),
    ]

def _check_wasi(ctx):
    if ctx.attr.wasi_version not in ["", "p2"]:
        fail("%s: found wasi_version `%s`, wanted `p2`" % (ctx.label, ctx.attr.wasi_version))

def _cpp_component_impl(ctx):
    _check_wasi(ctx)
    wit = _wit_of(ctx)
    is_c = ctx.attr.language == "c"
    bindings = bindings_folder(ctx, "c" if is_c else "cpp", wit, ctx.label.name + "_bindings")
    info = gather(ctx)
    objects = compile_sources(ctx, info, bindings) + [compile_bindings(ctx, bindings, is_c)]
    core = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    link(ctx, depset(objects, transitive = [info.objects]), core, reactor = True)
    component = ctx.actions.declare_file(ctx.label.name + ".wasm")
    make_component(ctx, core, component, wit, ctx.file.adapter)
    log = validate(ctx, component, wit if ctx.attr.validate_wit else None)
    return _component_providers(ctx, component, core, wit, log, ctx.attr.language, ctx.attr.validate_wit)

_component_attrs = dict(
    cc_attrs,
    wit = attr.label(doc = "A `wit_library`, or a WIT file.", allow_single_file = [".wit"], mandatory = True),
    world = attr.string(doc = "The world; by default that of the library, or the only one."),
    package_name = attr.string(doc = "The package that the WIT must declare."),
    enable_rtti = attr.bool(doc = "Omits `-fno-rtti`."),
    nostdlib = attr.bool(doc = "`-nostdlib`: no library is linked."),
    adapter = attr.label(doc = "A module that implements `wasi_snapshot_preview1`.", allow_single_file = [".wasm"]),
    validate_wit = attr.bool(doc = "Whether every build checks the component against its world."),
    wasi_version = attr.string(doc = "Must be `p2`."),
    data = attr.label_list(doc = "Files that go with the component.", allow_files = True),
)

cpp_component = rule(
    implementation = _cpp_component_impl,
    doc = "A component in C++, or in C with `language = \"c\"`. Include the generated header as `\"WORLD.hpp\"` (`\"WORLD.h\"` in C).",
    attrs = _component_attrs,
    toolchains = [TENON_TOOLCHAIN, CLANG_TOOLCHAIN],
)

def _cc_component_library_impl(ctx):
    info = gather(ctx)
    objects = compile_sources(ctx, info)
    return [
        DefaultInfo(files = depset(objects)),
        GuestCcInfo(
            objects = depset(objects, transitive = [info.objects]),
            headers = info.headers,
            includes = info.includes,
            defines = info.defines,
        ),
    ]

cc_component_library = rule(
    implementation = _cc_component_library_impl,
    doc = "C or C++ code that several components share.",
    attrs = dict(cc_attrs, nostdlib = attr.bool(doc = "Has no effect: nothing is linked.")),
    toolchains = [CLANG_TOOLCHAIN],
)

def _cpp_wit_bindgen_impl(ctx):
    wit = _wit_of(ctx)
    options = []
    if ctx.attr.string_encoding:
        if ctx.attr.language != "c" and ctx.attr.string_encoding != "utf8":
            fail("%s: found string_encoding `%s`; bindings in C alone have another one than `utf8`" % (
                ctx.label,
                ctx.attr.string_encoding,
            ))
        options += ["--string-encoding", ctx.attr.string_encoding]
    folder = bindings_folder(ctx, ctx.attr.language, wit, ctx.label.name, options)
    return [
        DefaultInfo(files = depset([folder])),
        OutputGroupInfo(wit = depset([wit.file])),
    ]

cpp_wit_bindgen = rule(
    implementation = _cpp_wit_bindgen_impl,
    doc = "The bindings of a guest in C++ or C, as a folder of sources.",
    attrs = {
        "wit": attr.label(doc = "A `wit_library`, or a WIT file.", allow_single_file = [".wit"], mandatory = True),
        "world": attr.string(doc = "The world; by default that of the library, or the only one."),
        "stubs_only": attr.bool(doc = "Has no effect: the bindings contain no stubs."),
        "string_encoding": attr.string(doc = "C only: the encoding of strings in memory.", values = ["", "utf8", "utf16", "compact-utf16"]),
        "language": attr.string(doc = "`c` or `cpp`.", default = "cpp", values = ["c", "cpp"]),
    },
    toolchains = [TENON_TOOLCHAIN],
)

# buildifier: disable=native-cc-common
def _cpp_host_bindings_impl(ctx):
    wit = _wit_of(ctx)
    folder = bindings_folder(ctx, "cpp-host", wit, ctx.label.name)
    context = cc_common.create_compilation_context(
        # buildifier: disable=native-cc-common
        headers = depset([folder]),
        system_includes = depset([folder.path]),
    )
    own = CcInfo(compilation_context = context)  # buildifier: disable=native-cc-info
    deps = [dep[CcInfo] for dep in ctx.attr.deps]  # buildifier: disable=native-cc-info
    return [
        DefaultInfo(files = depset([folder])),
        cc_common.merge_cc_infos(cc_infos = [own] + deps),
    ]

cpp_host_bindings = rule(
    implementation = _cpp_host_bindings_impl,
    doc = "Typed bindings for a C++ host, usable as a `cc_library`: `#include \"WORLD_host.h\"`.",
    attrs = {
        "wit": attr.label(doc = "A `wit_library`, or a WIT file.", allow_single_file = [".wit"], mandatory = True),
        "world": attr.string(doc = "The world; by default that of the library, or the only one."),
        "deps": attr.label_list(doc = "Libraries that the header needs; by default those of the installed tenon.", providers = [CcInfo], default = ["@tenon_local//:runtime"]),  # buildifier: disable=native-cc-info
    },
    provides = [CcInfo],  # buildifier: disable=native-cc-info
    toolchains = [TENON_TOOLCHAIN],
)

def _cpp_wasm_binary_impl(ctx):
    info = gather(ctx)
    core = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    objects = compile_sources(ctx, info)
    link(ctx, depset(objects, transitive = [info.objects]), core, reactor = False)
    component = ctx.actions.declare_file(ctx.label.name + ".wasm")
    make_component(ctx, core, component, None, ctx.file.adapter)
    log = validate(ctx, component)
    return _component_providers(ctx, component, core, None, log, ctx.attr.language, False, run_binary(ctx, component))

cpp_wasm_binary = rule(
    implementation = _cpp_wasm_binary_impl,
    doc = "A command in C or C++: a program with `main`, as a component that exports `wasi:cli/run`. `bazel run` runs it.",
    attrs = dict(
        cc_attrs,
        enable_rtti = attr.bool(doc = "Omits `-fno-rtti`."),
        adapter = attr.label(doc = "A module that implements `wasi_snapshot_preview1`.", allow_single_file = [".wasm"]),
        data = attr.label_list(doc = "Files that are present when `bazel run` runs it.", allow_files = True),
        env = attr.string_dict(doc = "Environment variables of the command in `bazel run`, `wasm_run` and `wasm_test`."),
    ),
    executable = True,
    toolchains = [TENON_TOOLCHAIN, CLANG_TOOLCHAIN],
)

def _wit_bindgen_impl(ctx):
    for name, default in [
        ("generation_mode", "guest"),
        ("with_mappings", {}),
        ("additional_derives", []),
        ("async_interfaces", []),
        ("options", []),
        ("generate_all", False),
    ]:
        value = getattr(ctx.attr, name)
        if value != default:
            fail("%s: found %s = %r; tenon's bindings have %r alone" % (ctx.label, name, value, default))
    if ctx.attr.language not in ["rust", "c", "cpp"]:
        fail("%s: tenon makes no bindings for `%s`; it makes them for `rust`, `c` and `cpp`" % (ctx.label, ctx.attr.language))
    options = []
    if ctx.attr.ownership != "owning":
        if ctx.attr.ownership != "borrowing" or ctx.attr.language == "c":
            fail("%s: found ownership `%s`; wanted `owning`, or `borrowing` in Rust and C++" % (ctx.label, ctx.attr.ownership))
        options += ["--ownership", "borrowing"]
    wit = world_of(ctx, ctx.attr.wit, None)
    folder = bindings_folder(ctx, ctx.attr.language, wit, ctx.label.name, options)
    return [DefaultInfo(files = depset([folder]))]

wit_bindgen = rule(
    implementation = _wit_bindgen_impl,
    doc = "The bindings of a guest, as a folder of sources.",
    attrs = {
        "wit": attr.label(doc = "A `wit_library`.", mandatory = True, providers = [WitInfo]),
        "language": attr.string(doc = "`rust`, `c` or `cpp`.", default = "rust", values = ["rust", "c", "cpp", "go", "python"]),
        "options": attr.string_list(doc = "Must be empty: tenon does not have the options of wit-bindgen."),
        "generation_mode": attr.string(doc = "Must be `guest`.", default = "guest", values = ["guest", "native-guest"]),
        "with_mappings": attr.string_dict(doc = "Must be empty."),
        "ownership": attr.string(doc = "How functions take strings and lists: `owning`, or `borrowing` in Rust and C++.", default = "owning", values = ["owning", "borrowing", "borrowing-duplicate-if-necessary"]),
        "additional_derives": attr.string_list(doc = "Must be empty."),
        "async_interfaces": attr.string_list(doc = "Must be empty."),
        "format_code": attr.bool(doc = "Has no effect: the bindings are always formatted.", default = True),
        "generate_all": attr.bool(doc = "Must be false."),
    },
    toolchains = [TENON_TOOLCHAIN],
)
