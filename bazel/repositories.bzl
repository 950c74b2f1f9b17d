# SPDX-License-Identifier: Apache-2.0
"""What a WORKSPACE loads: `tenon_toolchains()` finds tenon and the guest compilers on the machine."""

_RUST_TARGETS = ["wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasi"]
_CLANGS = ["clang-22", "clang-23", "clang-21", "clang-20", "clang-19", "clang"]
_CLANG_PACKAGES = "clang-22 lld-22 wasi-libc libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32"
_RUST_PACKAGES = "rustc libstd-rust-dev-wasm32 lld-14"

def _output(ctx, argv):
    """What a program prints, without the last newline; empty when it fails."""
    result = ctx.execute(argv)
    return result.stdout.strip() if result.return_code == 0 else ""

def _is_there(ctx, path):
    return bool(path) and path[0] == "/" and ctx.path(path).exists

def _placed(ctx, name):
    """Where a program is that is named by its path or as PATH has it; empty: nowhere."""
    if "/" in name:
        return name
    return str(ctx.which(name) or "") if name else ""

def _find_tenon(ctx):
    """Path of tenon, and what is said where there is none."""
    named = ctx.attr.path or ctx.os.environ.get("TENON", "")
    if named and not _is_there(ctx, named):
        return None, "there is no `%s`; TENON or `path` must be tenon's absolute path" % named
    found = named or ctx.which("tenon")
    if not found:
        return None, "there is no tenon in PATH: install it, or set TENON to its path"
    return ctx.path(str(found)), ""

def _rust_targets(ctx, rustc):
    """The wasm targets that have a core library, and the names of their libraries."""
    targets = []
    names = []
    for target in _RUST_TARGETS:
        folder = _output(ctx, [rustc, "--print", "target-libdir", "--target", target])
        if not _is_there(ctx, folder):
            continue
        libraries = [str(entry.basename) for entry in ctx.path(folder).readdir()]
        if [name for name in libraries if name.startswith("libcore-")]:
            targets.append(target)
            names += sorted([target + "/" + name for name in libraries])
    return targets, names

def _rust_linker(ctx, rustc, minor):
    """An lld for a rustc that brings none. One newer than 16 refuses the archives of a rustc before 1.72."""
    sysroot = _output(ctx, [rustc, "--print", "sysroot"])
    if _is_there(ctx, sysroot + "/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld"):
        return None
    for name in ["rust-lld", "wasm-ld-14", "wasm-ld-15", "wasm-ld", "wasm-ld-22"]:
        if minor >= 82 and name.endswith("14"):
            continue
        found = ctx.which(name)
        if found:
            return found
    return None

def _find_rust(ctx):
    """A struct of what was found, and what is said where nothing was."""
    passed_over = []
    named = ctx.os.environ.get("TENON_RUSTC", "")
    candidates = [_placed(ctx, named)] if named else [
        str(ctx.which("rustc") or ""),
        "/usr/bin/rustc",
    ]
    for rustc in candidates:
        version = _output(ctx, [rustc, "--version"]) if _is_there(ctx, rustc) else ""
        if not version.startswith("rustc 1."):
            continue
        targets, libraries = _rust_targets(ctx, rustc)
        if not targets:
            passed_over.append(rustc)
            continue
        minor = int(version.split(".")[1])
        return struct(
            rustc = rustc,
            linker = _rust_linker(ctx, rustc, minor),
            target = targets[0],
            wasi_target = ([name for name in targets if "wasi" in name] + [""])[0],
            version = version,
            stamp = "\n".join([_output(ctx, [rustc, "-vV"])] + libraries) + "\n",
        ), ""
    if named and not passed_over:
        return None, "found no rustc at TENON_RUSTC, which is `%s`; wanted its absolute path, or its name in PATH" % named
    found = "there is no rustc"
    if passed_over:
        found = "found %s%s without a wasm target" % (passed_over[0], ", which TENON_RUSTC names," if named else "")
    return None, "%s: apt-get install %s, or rustup target add wasm32-unknown-unknown" % (found, _RUST_PACKAGES)

def _find_clang(ctx):
    """A struct of what was found, and what is said where nothing was."""
    named = ctx.os.environ.get("TENON_CLANG", "")
    for name in [named] if named else _CLANGS:
        clang = _placed(ctx, name)
        if not _is_there(ctx, clang):
            continue
        for triple in ["wasm32-wasi", "wasm32-wasip1"]:
            libc = _output(ctx, [clang, "--target=" + triple, "-Wno-deprecated", "-print-file-name=libc.a"])
            if not _is_there(ctx, libc):
                continue
            linker = _output(ctx, [clang, "--target=" + triple, "-Wno-deprecated", "-print-prog-name=wasm-ld"])
            if not _is_there(ctx, linker):
                linker = str(ctx.which(linker or "wasm-ld") or "")
            if not linker:
                continue
            folder, _, base = clang.rpartition("/")
            return struct(
                clang = clang,
                clangxx = folder + "/" + base.replace("clang", "clang++"),
                linker = linker,
                triple = triple,
                version = _output(ctx, [clang, "--version"]).split("\n")[0],
            ), ""
    if named:
        return None, "found no clang with wasi-libc and wasm-ld at TENON_CLANG, which is `%s`; wanted its absolute path, or its name in PATH: apt-get install %s" % (
            named,
            _CLANG_PACKAGES,
        )
    return None, "there is no clang with wasi-libc and wasm-ld: apt-get install %s" % _CLANG_PACKAGES

_BUILD = """# Made by tenon_toolchains(): what was found on this machine.
load("{rules}", "clang_guest_toolchain", "rust_guest_toolchain", "tenon_toolchain")
load("{unsupported}", "unsupported")

package(default_visibility = ["//visibility:public"])

exports_files(glob(["**"]))

tenon_toolchain(
    name = "tenon",
    tenon = {tenon},
    missing = {tenon_missing},
)

rust_guest_toolchain(
    name = "rust",
    rustc = {rustc},
    linker = {linker},
    target = {target},
    wasi_target = {wasi_target},
    files = {rust_files},
    version = {rust_version},
    missing = {rust_missing},
)

clang_guest_toolchain(
    name = "clang",
    clang = {clang},
    clangxx = {clangxx},
    linker = {wasm_ld},
    triple = {triple},
    files = {clang_files},
    version = {clang_version},
    missing = {clang_missing},
)

toolchain(
    name = "tenon_toolchain",
    toolchain = ":tenon",
    toolchain_type = "{tenon_type}",
)

toolchain(
    name = "rust_toolchain",
    toolchain = ":rust",
    toolchain_type = "{rust_type}",
)

toolchain(
    name = "clang_toolchain",
    toolchain = ":clang",
    toolchain_type = "{clang_type}",
)
"""

# Typed calls need these libraries, each those behind it.
_ROOMS = ["runtime", "engine", "component", "abi", "types", "core", "base"]

_ROOM = """
cc_library(
    name = "{name}",
    srcs = ["prefix/lib/libtenon_{name}.a"],
    hdrs = {hdrs},
    includes = ["prefix/include"],
    linkopts = {linkopts},
    deps = {deps},
)
"""

_NO_RUNTIME = """
unsupported(
    name = "runtime",
    reason = {reason},
)
"""

def _runtime(ctx, tenon):
    """Targets for the libraries of an installed tenon."""
    named = ctx.os.environ.get("TENON_PREFIX", "")
    prefix = ctx.path(named) if named else (tenon.realpath.dirname.dirname if tenon else None)
    if not prefix or not prefix.get_child("lib").get_child("libtenon_runtime.a").exists:
        return _NO_RUNTIME.format(reason = repr(
            "found no lib/libtenon_runtime.a below TENON_PREFIX, which is `%s`; wanted the absolute path of an installed tenon" % named if named else "tenon's libraries are not beside the program: install tenon, or set TENON_PREFIX to where it is installed",
        ))
    ctx.symlink(prefix.get_child("include").get_child("tenon"), "prefix/include/tenon")
    out = ""
    for number, room in enumerate(_ROOMS):
        library = "libtenon_%s.a" % room
        ctx.symlink(prefix.get_child("lib").get_child(library), "prefix/lib/" + library)
        out += _ROOM.format(
            name = room,
            hdrs = 'glob(["prefix/include/tenon/**"])' if number == 0 else "[]",
            linkopts = repr(["-lboost_context", "-lpthread", "-lm"] if room == "engine" else []),
            deps = repr([":" + below for below in _ROOMS[number + 1:number + 2]]),
        )
    return out

_NO_RULES_RUST = """# There is no rules_rust: `deps` take what //rust:defs.bzl makes.
CrateInfo = provider(doc = "Nobody makes it.", fields = ["name", "output"])
DepInfo = provider(doc = "Nobody makes it.", fields = ["transitive_crate_outputs"])
"""

_RULES_RUST = """load("{label}", _CrateInfo = "CrateInfo", _DepInfo = "DepInfo")

CrateInfo = _CrateInfo
DepInfo = _DepInfo
"""

def _local_impl(ctx):
    tenon, tenon_missing = _find_tenon(ctx)
    rust, rust_missing = _find_rust(ctx)
    clang, clang_missing = _find_clang(ctx)
    if tenon:
        ctx.symlink(tenon, "bin/tenon")
    if rust:
        ctx.symlink(rust.rustc, "bin/rustc")
        ctx.file("rustc.version", rust.stamp)
        if rust.linker:
            ctx.symlink(rust.linker, "bin/rust-lld")
    if clang:
        ctx.symlink(clang.clang, "bin/clang")
        ctx.symlink(clang.clangxx, "bin/clang++")
        ctx.symlink(clang.linker, "bin/wasm-ld")
        ctx.file("clang.version", clang.version + "\n" + clang.triple + "\n")
    rules_rust = ctx.attr.rules_rust
    if rules_rust and not rules_rust.endswith(".bzl"):
        rules_rust += "//rust:rust_common.bzl"
    ctx.file("rules_rust.bzl", _RULES_RUST.format(label = rules_rust) if rules_rust else _NO_RULES_RUST)
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)
    ctx.file("BUILD.bazel", _BUILD.format(
        rules = ctx.attr.rules,
        unsupported = ctx.attr.unsupported,
        tenon = repr("bin/tenon" if tenon else None),
        tenon_missing = repr(tenon_missing),
        rustc = repr("bin/rustc" if rust else None),
        linker = repr("bin/rust-lld" if rust and rust.linker else None),
        target = repr(rust.target if rust else ""),
        wasi_target = repr(rust.wasi_target if rust else ""),
        rust_files = repr(["rustc.version"] if rust else []),
        rust_version = repr(rust.version if rust else ""),
        rust_missing = repr(rust_missing),
        clang = repr("bin/clang" if clang else None),
        wasm_ld = repr("bin/wasm-ld" if clang else None),
        clangxx = repr("bin/clang++" if clang else None),
        triple = repr(clang.triple if clang else ""),
        clang_files = repr(["clang.version"] if clang else []),
        clang_version = repr(clang.version if clang else ""),
        clang_missing = repr(clang_missing),
        tenon_type = ctx.attr.tenon_type,
        rust_type = ctx.attr.rust_type,
        clang_type = ctx.attr.clang_type,
    ) + _runtime(ctx, tenon))

local_toolchains = repository_rule(
    implementation = _local_impl,
    doc = "What of tenon and the guest compilers is on this machine. Use `tenon_toolchains()`.",
    attrs = {
        "path": attr.string(doc = "Absolute path of tenon; by default TENON, or `tenon` in PATH."),
        "rules_rust": attr.string(doc = "`@rules_rust`, to make its crates usable as `deps`."),
        "rules": attr.string(doc = "Label of //toolchains:defs.bzl.", mandatory = True),
        "unsupported": attr.string(doc = "Label of //private:unsupported.bzl.", mandatory = True),
        "tenon_type": attr.string(doc = "Label of a toolchain type.", mandatory = True),
        "rust_type": attr.string(doc = "Label of a toolchain type.", mandatory = True),
        "clang_type": attr.string(doc = "Label of a toolchain type.", mandatory = True),
    },
    environ = ["PATH", "TENON", "TENON_CLANG", "TENON_PREFIX", "TENON_RUSTC"],
    local = True,
)

def local_repository_of_machine(path = "", rules_rust = ""):
    """Makes the repository `@tenon_local`, without registering its toolchains.

    Args:
      path: absolute path of tenon.
      rules_rust: `@rules_rust` where there is one.
    """
    local_toolchains(
        name = "tenon_local",
        path = path,
        rules_rust = rules_rust,
        rules = str(Label("//toolchains:defs.bzl")),
        unsupported = str(Label("//private:unsupported.bzl")),
        tenon_type = str(Label("//toolchains:tenon_toolchain_type")),
        rust_type = str(Label("//toolchains:rust_guest_toolchain_type")),
        clang_type = str(Label("//toolchains:cpp_component_toolchain_type")),
    )

# buildifier: disable=unnamed-macro
def tenon_toolchains(path = "", rules_rust = ""):
    """Finds tenon and the guest compilers on this machine, and registers them.

    A missing program is an error only when a target needs it. To use other toolchains, given by label,
    register them before this call: Bazel takes the first one that matches.

    Args:
      path: absolute path of tenon; by default the variable TENON, or `tenon` in PATH.
      rules_rust: `@rules_rust`, to make crates of rules_rust usable as `deps`.
    """
    local_repository_of_machine(path, rules_rust)
    native.register_toolchains(
        "@tenon_local//:tenon_toolchain",
        "@tenon_local//:rust_toolchain",
        "@tenon_local//:clang_toolchain",
    )

_CRATES_BUILD = """# Made by tenon_crates(): crates that need no registry.
load("{rules}", "rust_guest_library")

package(default_visibility = ["//visibility:public"])

[rust_guest_library(
    name = name,
    srcs = ["%s.rs" % name],
) for name in ["wee_alloc", "wit-bindgen", "bitflags"]]
"""

_ANYHOW = """
rust_guest_library(
    name = "anyhow",
    srcs = glob(["anyhow/src/**/*.rs"]),
    crate_root = "anyhow/src/lib.rs",
    crate_features = ["std", "default"],
    edition = "2018",
    rustc_flags = ["--cfg", "anyhow_no_error_generic_member_access"],
)
"""

_NO_ANYHOW = """
rust_guest_library(
    name = "anyhow",
    unsupported = "anyhow is not on this machine: apt-get install librust-anyhow-dev",
)
"""

_EMPTY_CRATE = "//! `%s` is not needed: tenon's bindings bring what they use.\n"

def _crates_impl(ctx):
    build = _CRATES_BUILD.format(rules = ctx.attr.rules)
    registry = ctx.path("/usr/share/cargo/registry")
    anyhow = [p for p in registry.readdir() if p.basename.startswith("anyhow-")] if registry.exists else []
    if anyhow:
        ctx.symlink(anyhow[0], "anyhow")
    ctx.file("wee_alloc.rs", "//! The crate `wee_alloc` as guests use it.\n" + ctx.read(ctx.attr.small_allocator))
    ctx.file("wit-bindgen.rs", _EMPTY_CRATE % "wit-bindgen")
    ctx.file("bitflags.rs", _EMPTY_CRATE % "bitflags")
    ctx.file("WORKSPACE", 'workspace(name = "%s")\n' % ctx.name)
    ctx.file("BUILD.bazel", build + (_ANYHOW if anyhow else _NO_ANYHOW))

local_crates = repository_rule(
    implementation = _crates_impl,
    doc = "Crates that need no registry. Use `tenon_crates()`.",
    attrs = {
        "rules": attr.string(doc = "Label of //rust:defs.bzl.", mandatory = True),
        "small_allocator": attr.label(doc = "The source of the crate `wee_alloc`.", mandatory = True),
    },
    local = True,
)

def tenon_crates(name = "crates"):
    """A repository of crates for builds without access to a registry.

    `wee_alloc` is tenon's small allocator, `anyhow` is the crate of Debian's librust-anyhow-dev; `wit-bindgen`
    and `bitflags` are empty, because tenon's bindings need neither.

    Args:
      name: the repository's name.
    """
    local_crates(
        name = name,
        rules = str(Label("//rust:defs.bzl")),
        small_allocator = Label("//private:small_alloc.rs"),
    )
