# SPDX-License-Identifier: Apache-2.0
"""How clang is called for guests in C and C++."""

load("//private:actions.bzl", "CLANG_TOOLCHAIN", "PATH_MAPPING")

GuestCcInfo = provider(
    doc = "Code in C or C++ compiled for guests.",
    fields = {
        "objects": "depset of object files",
        "headers": "depset of headers",
        "includes": "depset of folders of sources, as flags",
        "defines": "depset of macros",
    },
)

SOURCES = [".c", ".cpp", ".cc", ".cxx"]
HEADERS = [".h", ".hpp", ".hh", ".hxx"]

def clang_of(ctx):
    """The registered clang.

    Args:
      ctx: of a rule that has `CLANG_TOOLCHAIN`.

    Returns:
      The toolchain.
    """
    toolchain = ctx.toolchains[CLANG_TOOLCHAIN]
    if toolchain.missing:
        fail("%s: %s" % (ctx.label, toolchain.missing))
    return toolchain

def _dirname(file):
    return file.dirname

def _root(file):
    """Where the path of a generated file begins as that of a source would."""
    return file.root.path or None

def _generated_dirname(file):
    return None if file.is_source else file.dirname

def _folder(ctx, name):
    """A folder of sources that `includes` names."""
    return "/".join([part for part in [ctx.label.workspace_root, ctx.label.package, name] if part and part != "."]) or "."

def gather(ctx):
    """What the rule itself and its `deps` have.

    Args:
      ctx: of a rule with `cc_attrs`.

    Returns:
      A GuestCcInfo without the rule's own objects.
    """
    infos = [dep[GuestCcInfo] for dep in ctx.attr.deps if GuestCcInfo in dep]
    contexts = [dep[CcInfo].compilation_context for dep in ctx.attr.deps if CcInfo in dep]  # buildifier: disable=native-cc-info
    for dep in ctx.attr.deps:
        if GuestCcInfo not in dep and CcInfo not in dep:  # buildifier: disable=native-cc-info
            fail("%s: found no headers and no objects, wanted a cc_component_library" % dep.label)
    return GuestCcInfo(
        objects = depset(transitive = [info.objects for info in infos]),
        headers = depset(
            ctx.files.hdrs,
            transitive = [info.headers for info in infos] + [context.headers for context in contexts],
        ),
        includes = depset(
            [_folder(ctx, name) for name in ctx.attr.includes],
            transitive = [info.includes for info in infos] +
                         [context.includes for context in contexts] +
                         [context.quote_includes for context in contexts] +
                         [context.system_includes for context in contexts],
        ),
        defines = depset(
            ctx.attr.defines,
            transitive = [info.defines for info in infos] + [context.defines for context in contexts],
        ),
    )

def _is_c(ctx, src):
    return ctx.attr.language == "c" or src.extension == "c"

def _target(args, clang):
    args.add(clang.triple, format = "--target=%s")
    args.add("-Wno-deprecated")

# Bindings are written in C++23; code in an older one is code in it, too.
_BEFORE_23 = ["98", "03", "0x", "11", "1y", "14", "1z", "17", "2a", "20"]

def _standard(ctx, bindings):
    standard = ctx.attr.cxx_std or "c++23"
    if bindings and standard[-2:] in _BEFORE_23:
        return standard[:-2] + "23"
    return standard

def _flags(ctx, args, clang, is_c, bindings):
    """What `tenon build` compiles with; the user's flags stand behind."""
    _target(args, clang)
    args.add_all(["-Os"] if ctx.attr.optimize else ["-O0", "-g"])
    args.add_all(["-ffunction-sections", "-fdata-sections", "-fvisibility=hidden"])

    # No path of the sandbox in the result.
    args.add("-ffile-compilation-dir=.")
    if is_c:
        args.add("-std=gnu17")
        return
    args.add("-std=" + _standard(ctx, bindings))
    args.add("-fwasm-exceptions" if ctx.attr.enable_exceptions else "-fno-exceptions")
    if not getattr(ctx.attr, "enable_rtti", False):
        args.add("-fno-rtti")

def compile_sources(ctx, info, bindings = None):
    """Compiles `srcs`, an action each.

    Args:
      ctx: of a rule with `cc_attrs`.
      info: of `gather`.
      bindings: the folder of generated bindings, or None.

    Returns:
      A list of objects.
    """
    clang = clang_of(ctx)
    objects = []
    for number, src in enumerate(ctx.files.srcs):
        is_c = _is_c(ctx, src)
        out = ctx.actions.declare_file("%s.objects/%d.o" % (ctx.label.name, number))
        args = ctx.actions.args()
        _flags(ctx, args, clang, is_c, bindings)
        if bindings:
            # A world may be called `time`: `"time.h"` is its header, `<time.h>` the library's.
            args.add("-iquote").add_all([bindings], expand_directories = False)
            args.add("-idirafter").add_all([bindings], expand_directories = False)
        args.add("-iquote").add(".")
        args.add_all(info.headers, map_each = _root, before_each = "-iquote", uniquify = True)
        args.add_all(info.headers, map_each = _dirname, before_each = "-iquote", uniquify = True)
        args.add_all(ctx.files.hdrs, map_each = _dirname, format_each = "-I%s", uniquify = True)
        args.add_all(info.includes, format_each = "-I%s")
        args.add_all(info.headers, map_each = _generated_dirname, format_each = "-I%s", uniquify = True)
        args.add_all(info.defines, format_each = "-D%s")
        args.add_all(ctx.attr.copts)
        args.add("-c").add(src)
        args.add("-o", out)
        ctx.actions.run(
            executable = clang.clang if is_c else clang.clangxx,
            arguments = [args],
            inputs = depset(
                [src] + ([bindings] if bindings else []),
                transitive = [info.headers, clang.files],
            ),
            tools = [clang.clang, clang.clangxx],
            outputs = [out],
            mnemonic = "CppGuest",
            progress_message = "Compiling %s" % src.short_path,
            execution_requirements = PATH_MAPPING,
        )
        objects.append(out)
    return objects

def compile_bindings(ctx, bindings, is_c):
    """Compiles the source among the generated bindings, whose name is that of the world.

    Args:
      ctx: of a rule with `cc_attrs`.
      bindings: their folder.
      is_c: whether they are C.

    Returns:
      The object.
    """
    clang = clang_of(ctx)
    out = ctx.actions.declare_file("%s.objects/bindings.o" % ctx.label.name)
    args = ctx.actions.args()
    args.add_all([bindings], expand_directories = False)
    args.add("c" if is_c else "cpp")
    args.add(clang.clang if is_c else clang.clangxx)
    _flags(ctx, args, clang, is_c, bindings)
    args.add("-idirafter").add_all([bindings], expand_directories = False)
    args.add("-o", out)
    ctx.actions.run_shell(
        command = 'for source in "$1"/*."$2"; do case $source in */tenon_guest_rt.c) ;; *) break ;; esac; done; ' +
                  'shift 2; exec "$@" -c "$source"',
        arguments = [args],
        inputs = depset([bindings], transitive = [clang.files]),
        tools = [clang.clang, clang.clangxx],
        outputs = [out],
        mnemonic = "CppBindings",
        progress_message = "Compiling the bindings of %s" % ctx.label,
        execution_requirements = PATH_MAPPING,
    )
    return out

def link(ctx, objects, out, reactor):
    """Links a core module.

    Args:
      ctx: of a rule with `cc_attrs`.
      objects: a depset.
      out: the module.
      reactor: a component's module; otherwise a command.
    """
    clang = clang_of(ctx)
    all_c = not [src for src in ctx.files.srcs if not _is_c(ctx, src)]
    args = ctx.actions.args()
    _target(args, clang)
    if clang.linker:
        # Debian's clang looks for a name with its version; `lld` is `wasm-ld`, in this folder.
        args.add("-fuse-ld=lld")
        args.add_all([clang.linker], map_each = _dirname, format_each = "-B%s")
    if reactor:
        args.add("-mexec-model=reactor")
    args.add_all(["-Os", "-s"] if ctx.attr.optimize else ["-O0"])
    args.add_all(["-Wl,--gc-sections", "-Wl,--stack-first"])
    if getattr(ctx.attr, "nostdlib", False):
        args.add("-nostdlib")
    args.add_all(objects)
    args.add_all(getattr(ctx.attr, "libs", []), format_each = "-l%s")
    args.add_all([flag for flag in ctx.attr.copts if flag[:2] in ["-l", "-L", "-m", "-f"] or flag.startswith("-Wl,")])
    args.add("-o", out)
    ctx.actions.run(
        executable = clang.clang if all_c else clang.clangxx,
        arguments = [args],
        inputs = depset(transitive = [objects, clang.files]),
        tools = [clang.clang, clang.clangxx] + ([clang.linker] if clang.linker else []),
        outputs = [out],
        mnemonic = "CppLink",
        progress_message = "Linking %s" % ctx.label,
        execution_requirements = PATH_MAPPING,
    )

cc_attrs = {
    "srcs": attr.label_list(doc = "Source files; names that end in `.c` are compiled as C.", allow_files = SOURCES, mandatory = True),
    "hdrs": attr.label_list(doc = "Headers. The target's own sources include them by name; dependent targets include them by name or by the path from the workspace.", allow_files = HEADERS),
    "deps": attr.label_list(doc = "`cc_component_library`, or a `cc_library` of headers."),
    "language": attr.string(doc = "`c` or `cpp`.", default = "cpp", values = ["c", "cpp"]),
    "includes": attr.string_list(doc = "Header search folders, relative to the package's folder."),
    "defines": attr.string_list(doc = "Macros; dependent targets get them too."),
    "copts": attr.string_list(doc = "Compiler flags, added after tenon's own; linking flags are also passed to the linker."),
    "optimize": attr.bool(doc = "`-Os` without names and debug information, or `-O0 -g`.", default = True),
    "cxx_std": attr.string(doc = "The C++ standard: by default `c++23`, and at least `c++23` with bindings, which require it."),
    "enable_exceptions": attr.bool(doc = "`-fwasm-exceptions`; needs a libc++abi with exceptions."),
    "libs": attr.string_list(doc = "Libraries of the sysroot: `m` is `-lm`."),
}
