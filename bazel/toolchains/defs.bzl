# SPDX-License-Identifier: Apache-2.0
"""Toolchains: the program `tenon`, and the compilers of guests.

`tenon_toolchains()` of //:repositories.bzl makes them of what is on the machine; these rules make them
of labels.
"""

def _tenon_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        tenon = ctx.file.tenon,
        wrapper = ctx.file._wrapper,
        missing = ctx.attr.missing or ("" if ctx.file.tenon else "there is no tenon"),
    )]

tenon_toolchain = rule(
    implementation = _tenon_toolchain_impl,
    doc = "The program `tenon`.",
    attrs = {
        "tenon": attr.label(
            doc = "The program.",
            allow_single_file = True,
            cfg = "exec",
        ),
        "missing": attr.string(doc = "The error that analysis reports if there is no program."),
        "_wrapper": attr.label(
            default = "//private:tools/tenon",
            allow_single_file = True,
            cfg = "exec",
        ),
    },
)

def _rust_guest_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        rustc = ctx.file.rustc,
        wrapper = ctx.file._wrapper,
        linker = ctx.file.linker,
        target = ctx.attr.target,
        wasi_target = ctx.attr.wasi_target,
        files = depset(ctx.files.files),
        version = ctx.attr.version,
        missing = ctx.attr.missing or ("" if ctx.file.rustc else "there is no rustc with a wasm target"),
    )]

rust_guest_toolchain = rule(
    implementation = _rust_guest_toolchain_impl,
    doc = "A rustc with the library of a wasm target.",
    attrs = {
        "rustc": attr.label(doc = "The compiler.", allow_single_file = True, cfg = "exec"),
        "linker": attr.label(doc = "An lld that rustc can use; by default its own.", allow_single_file = True, cfg = "exec"),
        "target": attr.string(doc = "The target's triple.", default = "wasm32-unknown-unknown"),
        "wasi_target": attr.string(doc = "The target triple for commands; empty if rustc has no library for one."),
        "files": attr.label_list(doc = "Additional files that actions depend on, such as a file that contains the version.", allow_files = True),
        "version": attr.string(doc = "What `rustc --version` prints."),
        "missing": attr.string(doc = "The error that analysis reports if there is no compiler."),
        "_wrapper": attr.label(
            default = "//private:tools/rustc",
            allow_single_file = True,
            cfg = "exec",
        ),
    },
)

def _clang_guest_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        clang = ctx.file.clang,
        clangxx = ctx.file.clangxx,
        linker = ctx.file.linker,
        triple = ctx.attr.triple,
        files = depset(ctx.files.files),
        version = ctx.attr.version,
        missing = ctx.attr.missing or ("" if ctx.file.clang else "there is no clang for wasm32"),
    )]

clang_guest_toolchain = rule(
    implementation = _clang_guest_toolchain_impl,
    doc = "A clang with wasi-libc and libc++ for wasm32.",
    attrs = {
        "clang": attr.label(doc = "The C compiler.", allow_single_file = True, cfg = "exec"),
        "clangxx": attr.label(doc = "The C++ compiler.", allow_single_file = True, cfg = "exec"),
        "linker": attr.label(doc = "Its wasm-ld.", allow_single_file = True, cfg = "exec"),
        "triple": attr.string(doc = "The target's triple.", default = "wasm32-wasi"),
        "files": attr.label_list(doc = "Additional files that actions depend on, such as a file that contains the version.", allow_files = True),
        "version": attr.string(doc = "The first line of `clang --version`."),
        "missing": attr.string(doc = "The error that analysis reports if there is no compiler."),
    },
)
