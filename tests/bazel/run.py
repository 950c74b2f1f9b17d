#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and tests the workspaces of the Bazel rules offline, as their users would, and counts in Bazel's execution log
what was run. Every fault that must be told is asked for, and every test rule has a twin that must fail.

    run.py --tenon TENON --scratch DIR [--full] [--rules FOLDER] [--prefix PREFIX]

Ends with 77 where there is no Bazel or no Rust for guests. `--full` adds what takes longer: the rules under their other
name, a remote cache, and a host in C++ against an installed tenon."""
import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RULES_NAME = "rules_wasm_component"
# What Debian's Bazel has in packages, and what stands in for the rest: nothing is fetched.
OVERRIDES = {
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "rules_cc": HERE / "stubs/rules_cc",
    "remote_coverage_tools": HERE / "stubs/remote_coverage_tools",
}
failures = []


def check(holds, what, output=""):
    print(("ok    " if holds else "FAIL  ") + what, flush=True)
    if not holds:
        failures.append(what)
        if output:
            print("\n".join("      " + line for line in output.splitlines()[-60:]), flush=True)


class Workspace:
    """One workspace with a Bazel server of its own settings."""

    def __init__(self, args, folder, rules, name=RULES_NAME, base="base"):
        self.args, self.folder, self.scratch = args, folder, args.scratch
        self.log = args.scratch / f"{folder.name}.log.json"
        self.startup = ["bazel", "--nohome_rc", f"--output_base={args.scratch / base}-{folder.name}",
                        "--host_jvm_args=-Xmx1g", "--max_idle_secs=120"]
        self.common = [f"--override_repository={name}={rules}", "--symlink_prefix=/", "--color=no", "--curses=no",
                       "--noshow_progress", "--nosandbox_debug", f"--jobs={args.jobs}"]
        self.common += [f"--override_repository={key}={path}" for key, path in OVERRIDES.items()]
        self.environment = dict(os.environ, TENON=str(args.tenon))
        self.run("clean", "--expunge")
        if args.prefix:
            self.environment["TENON_PREFIX"] = str(args.prefix)

    def run(self, verb, *words, log=True):
        """The exit code, and what was printed."""
        common = self.common if verb in ("build", "test", "run", "aquery", "cquery", "info") else self.common[:1] + self.common[7:]
        if verb in ("build", "test") and log:
            common = common + [f"--execution_log_json_file={self.log}"]
        if verb in ("shutdown", "clean"):
            common = []
        done = subprocess.run(self.startup + [verb] + common + list(words), cwd=self.folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def spawns(self):
        """What the last build ran, and did not take from a cache."""
        return [spawn for spawn in self.logged() if not spawn.get("remoteCacheHit")]

    def logged(self):
        text = self.log.read_text() if self.log.exists() else ""
        out, at, decoder = [], 0, json.JSONDecoder()
        while at < len(text):
            spawn, end = decoder.raw_decode(text, at)
            out.append(spawn)
            at = end
            while at < len(text) and text[at].isspace():
                at += 1
        return out

    def count(self, *mnemonics):
        return sum(spawn["mnemonic"] in mnemonics for spawn in self.spawns())

    def output(self, target, suffix=".wasm"):
        """The bytes of what a target made."""
        bins = pathlib.Path(self.run("info", "bazel-bin")[1].splitlines()[-1])
        return (bins / (target.removeprefix("//").replace(":", "/").lstrip("/") + suffix)).read_bytes()

    def close(self):
        self.run("shutdown")


def summary(workspace):
    counts = {}
    for spawn in workspace.spawns():
        counts[spawn["mnemonic"]] = counts.get(spawn["mnemonic"], 0) + 1
    return str(dict(sorted(counts.items())))


def copy(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("bazel-*"), symlinks=False)
    return target


def edit(path, old, new):
    text = path.read_text()
    assert old in text, f"{path} has no `{old}`"
    path.write_text(text.replace(old, new, 1))


COMPILERS = ("RustGuest", "RustBindings", "RustGuestLibrary", "CppGuest", "CppBindings", "CppLink")
OURS = re.compile("^(Wit|Rust|Cpp|Wasm)")


def absolute(words):
    """Words that name a place of the machine."""
    return [word for word in words[1:] if re.search(r"(^|[=,:]|-[BILo])/[a-z]", word) and "\n" not in word]


def check_hermetic(workspace):
    ours = [spawn for spawn in workspace.logged() if OURS.match(spawn["mnemonic"])]
    wrong = {spawn["mnemonic"]: words for spawn in ours if (words := absolute(spawn["commandArgs"]))}
    check(ours and not wrong, "no action is handed an absolute path", str(wrong))
    undeclared = [spawn["mnemonic"] for spawn in ours if not spawn.get("inputs") or not spawn.get("listedOutputs")]
    check(not undeclared, "every action declares inputs and outputs", str(undeclared))
    variables = {variable["name"] for spawn in ours for variable in spawn.get("environmentVariables", [])}
    # GREETING is what `rustc_env` in a BUILD file sets.
    check(not variables - {"PATH", "TMPDIR", "GREETING"}, "no action depends on a variable of the user", str(variables))


def example(args, rules):
    """The document's workspace: everything builds and passes, and nothing is done twice."""
    workspace = Workspace(args, copy(ROOT / "examples/bazel", args.scratch / "example"), rules)
    disk = args.scratch / "disk-cache"
    shutil.rmtree(disk, ignore_errors=True)
    cached = f"--disk_cache={disk}"
    code, text = workspace.run("test", "//...", cached, "--test_output=errors")
    check(code == 0, "the document's workspace is green", text)
    if code != 0:
        return workspace.close()
    check("`data:types@1.0.0` has no world; `world data-types { export operations; }` is taken" in text,
          "a package without a world says which one is taken", text)
    check_hermetic(workspace)
    first = {name: workspace.output(f"//:calculator_component_{name}") for name in ("debug", "release")}
    code, text = workspace.run("query", "kind(rust_wasm_component, //...)")
    check({"//:calculator_component_debug", "//:calculator_component_release"} <= set(text.split()),
          "bazel query lists the profiles", text)
    code, text = workspace.run("cquery", "//:calculator_component", "--output=label")
    check("//:calculator_component_debug" in text or "//:calculator_component" in text, "the alias resolves", text)
    code, text = workspace.run("cquery", "//:calculator_component_debug", "--output=starlark", "--starlark:expr=providers(target)['@" +
                               RULES_NAME + "//providers:providers.bzl%WasmComponentInfo'].profile")
    check("debug" in text.split(), "cquery reads the public providers", text)
    workspace.run("build", "//...", cached)
    check(not workspace.spawns(), "a second build does nothing", summary(workspace))

    workspace.run("clean")
    code, text = workspace.run("build", "//...", cached)
    check(code == 0 and not workspace.spawns(), "after `bazel clean`, all comes from the disk cache", summary(workspace))

    edit(workspace.folder / "advanced/src/advanced.rs", "base.powf(exponent)", "base.powf(exponent * 1.0)")
    workspace.run("build", "//...", cached)
    check(workspace.count("RustGuest") == 2 and workspace.count(*COMPILERS) == 2,
          "a change in one source compiles the profiles of one component", summary(workspace))

    edit(workspace.folder / "wit/calculator.wit", "interface calculator {", "/// A new comment.\n// Another.\ninterface calculator {")
    workspace.run("build", "//...", cached)
    # Once for the workspace's platform, once for that of guests: lto and wizer take the bindings as `deps`.
    check(0 < workspace.count("WitPackage", "WitWorld") <= 4 and len(workspace.spawns()) == workspace.count("WitPackage", "WitWorld"),
          "a comment in WIT rebuilds nothing behind the text without comments", summary(workspace))

    edit(workspace.folder / "test_cases.json", '"args": [5, 3], "expect": 8', '"args": [5, 3], "expect": 9')
    code, text = workspace.run("test", "//:calculator_test", "--test_output=errors", cached)
    check(code == 3 and "FAIL adds" in text and "expected 9" in text and "found    8" in text,
          "a wrong case fails the test with tenon's message", text)
    code, text = workspace.run("test", "//:calculator_test", "--test_output=all", "--test_filter=divides", cached)
    check(code == 0 and "1 passed, 0 failed" in text, "--test_filter chooses cases", text)
    code, text = workspace.run("test", "//:calculator_release_test", "--test_output=all", cached)
    logs = pathlib.Path(workspace.run("info", "bazel-testlogs")[1].splitlines()[-1]) / "calculator_release_test"
    cases = sum((logs / f"shard_{n}_of_2/test.xml").read_text().count("<testcase") for n in (1, 2))
    check(code == 3 and cases == 6, f"two shards report all six cases in XML, found {cases}", text)

    code, text = workspace.run("cquery", "deps(//:calculator_test, 1)", f"--@{RULES_NAME}//:alias=upstream")
    check("//:calculator_component" in text and code == 0, "the build setting `alias` is taken", text)
    return workspace, first


def reproducible(args, rules, first):
    """Another output base makes the same bytes."""
    workspace = Workspace(args, args.scratch / "example", rules, base="other")
    targets = [f"//:calculator_component_{name}" for name in first]
    code, text = workspace.run("build", *targets)
    check(code == 0 and workspace.count("RustGuest") == 2, "another output base builds anew", text)
    same = {name: hashlib.sha256(workspace.output(f"//:calculator_component_{name}")).digest() == hashlib.sha256(made).digest()
            for name, made in first.items()}
    check(all(same.values()), f"another output base makes the same bytes: {same}")
    workspace.close()


TWINS = {
    "//cpp:wrong_test": ["FAIL adds wrongly", "expected 9", "found    8", "1 passed, 1 failed"],
    "//wasm:wrong_test": ["FAIL doubles wrongly"],
    "//wasm:rusty_wrong_test": ["FAIL doubles wrongly"],
    "//wasm:bad_test": [],
    "//wasm:other_line_test": [],
    "//wasm:not_initialised_test": ["expected 8", "found    0"],
    "//trouble:broken_test": ["error["],
    "//wasm:no_files_test": ["the file is there"],
    "//wasm:exit_code_test": ["WHO=me", "error: the command ended with exit code 3", "help: what it may reach is granted by the attributes `env`"],
}
TROUBLE = {
    "conflict": ["error[E0583]: file not found for module `calculator`",
                 "help: `calculator` is a module of the generated bindings: give your own another name, such as `mod calculator_impl`"],
    "no_export": ["error: the crate implements its traits but exports nothing",
                  "help: add this line: no_export_bindings::export!(Calculator with_types_in no_export_bindings);"],
    "wrong_type": ["error[E0308]: mismatched types", "expected `f64`, found `&str`"],
    "fast": ["unknown profile `fast`: the profiles are `debug` and `release`"],
    "not_valid": ["error["],
    "other_package": ["found `package calculator:math@1.0.0`, wanted `calculator:maths@1.0.0`",
                      'help: in the BUILD file: `package_name = "calculator:math@1.0.0"`'],
    "calculator_optimized": ["error[E0433]",
                             "help: the crate of the bindings is `calculator_optimized_bindings`, after the target's name",
                             "list the target `calculator_component_bindings` in `deps`", "rustc failed"],
    "unlisted": ["help: list the target `calculator_component_bindings` in `deps`"],
    "missing_dep": ["a package is not found: `my:types`",
                    "help: in the BUILD file: list the `wit_library` of `my:types` in `deps` of the `wit_library`", "tenon failed"],
    "two_worlds": ["2 worlds fit", 'names the world, such as `world = "my:worlds/first"`'],
    "no_files": ["//trouble:no_files: `srcs` is empty"],
    "no_sources": ["//trouble:no_sources_release: `srcs` is empty"],
    "no_world": ["help: in the BUILD file: `wasm_component_embed` puts it there"],
    "init_name": ['help: in the BUILD file: `init_function_name = "fill"`'],
    "cases_for_component_test": ["found `//wasm:cases.json` as `component`, wanted a component"],
}
REFUSED = {
    "go": "tenon builds no components in Go",
    "go_test": "tenon builds no components in Go",
    "js": "tenon builds no components in JavaScript",
    "jco": "tenon builds no components in JavaScript",
    "python": "tenon builds no components in Python",
    "moonbit": "tenon builds no components in MoonBit",
    "clippy_all": "tenon runs no clippy",
    "clippy": "tenon runs no clippy",
    "symmetric_release": "tenon makes no symmetric bindings",
    "unknown_release": "found the attribute `proc_macro_deps`, which the rules of tenon do not have; put the code that uses the macros into",
    "misspelt_release": "found the attribute `profile`, which the rules of tenon do not have; did you mean `profiles`?",
    "misspelt_command": "found the attribute `compiledata`, which the rules of tenon do not have; did you mean `compile_data`?",
    "strange_release": "found the attribute `malloc`, which the rules of tenon do not have; they have `adapter`, ",
    "no_profile_release": "found no profile in `profiles`: the profiles are `debug` and `release`",
    "one_profile_release": 'found `profiles = "debug"`, wanted a list: `profiles = ["debug"]`',
    "p3_release": "found wasi_version `p3`, wanted `p2`",
    "plug": "tenon composes no components yet",
    "compose": "tenon composes no components yet",
    "precompile": "tenon has no native code yet",
    "precompile_multi": "tenon has no native code yet",
    "sign": "tenon signs and attests nothing",
    "optimize": "tenon runs no loom",
    "verify_signature": "tenon checks no signatures",
    "init_script": "`init_script` means nothing here",
    "symmetric_wit": "tenon makes no symmetric bindings",
    "lock": "tenon fetches nothing",
    "fetch": "tenon pushes to and pulls from no registry",
    "image": "tenon pushes to and pulls from no registry",
    "wrpc": "tenon speaks no wRPC",
}


def rules_test(args, rules):
    """Every rule in a workspace of its own, and what must fail."""
    workspace = Workspace(args, copy(HERE / "workspace", args.scratch / "workspace"), rules)
    stub = workspace.folder / "WORKSPACE"
    edit(stub, "../stubs/rules_rust", str(HERE / "stubs/rules_rust"))
    code, text = workspace.run("test", "-k", "//cpp/...", "//wasm/...", "//wit/...", "//odd/...", "--test_output=errors")
    check(code == 0, "components in C, C++ and Rust, and the rules over binaries", text)
    check_hermetic(workspace)
    code, text = workspace.run("test", "-k", *TWINS, "--test_output=errors")
    for target, words in TWINS.items():
        check(code == 3 and re.search(re.escape(target) + r" +FAILED", text) and all(word in text for word in words),
              f"the twin {target} fails", text)
    for target, words in TROUBLE.items():
        code, text = workspace.run("build", f"//trouble:{target}")
        check(code == 1 and all(word in text for word in words), f"trouble: {target}", text)
    code, text = workspace.run("build", "-k", "//trouble:missing_dep", "//trouble:missing_dep_user")
    check(code == 1 and text.count("a package is not found: `my:types`") == 1, "an error of WIT is told once", text)
    code, text = workspace.run("query", "//refused:all")
    check(code == 0, "what is not built loads", text)
    code, text = workspace.run("build", "-k", "--nobuild", *[f"//refused:{name}" for name in REFUSED])
    for name, words in REFUSED.items():
        check(f"Error in fail: //refused:{name}: {words}" in text, f"refused in analysis: {name}", text)
    code, text = workspace.run("run", "//wasm:run", "--", "a", "--b")
    check(code == 0, "bazel run runs a command", text)
    code, text = workspace.run("run", "//odd:runs.it/rust", "--", "more")
    check(code == 0 and '["an argument", "more"] a value true of a command' in text,
          "a command in Rust has arguments, variables and files, and its compiler variables", text)
    code, text = workspace.run("run", "//wasm:greets_run", "--", "a user")
    check(code == 0 and "WHO=a user" in text, "wasm_run hands a command its variables", text)
    code, text = workspace.run("run", "//odd:runs_c")
    check(code == 0 and "package odd:base@1.0.0;" in text, "a command in C has arguments and files", text)
    code, text = workspace.run("build", "--nobuild", "//odd:nowhere_component")
    check(code == 1 and "didn't satisfy constraint //odd:nowhere" in text, "what fits no platform says so", text)
    code, text = workspace.run("build", "//cpp:calculator", "--output_groups=wit,core,validation")
    check(code == 0 and all(f"calculator{end}" in text for end in (".core.wasm", ".validated", "_wit.world.wit")),
          "the output groups wit, core and validation", text)
    code, text = workspace.run("build", "//wasm:component", "--extra_toolchains=//tools:tenon_toolchain")
    check(code == 0, "tenon is taken from a toolchain given by label", text)
    for target, kind in (("//wasm:rusty", "rust"), ("//cpp:calculator", "clang")):
        code, text = workspace.run("build", "--nobuild", target, f"--extra_toolchains=//tools:no_{kind}_toolchain")
        check(code == 1 and re.search("Error in fail: //.*: (rustc|clang) is not for this team", text),
              f"what the {kind} toolchain lacks is said in analysis", text)
    check_variables(workspace)
    code, text = workspace.run("aquery", "//cpp:calculator + //wasm:rusty", "--output=text")
    actions = [block for block in text.split("\naction ") if re.search("Mnemonic: (?:Wit|Rust|Cpp|Wasm)", block)]
    check(code == 0 and len(actions) > 6 and all("supports-path-mapping" in block for block in actions),
          "every action may have its paths mapped", text[-3000:])
    return workspace


def check_variables(workspace):
    """TENON_RUSTC, TENON_CLANG and TENON_PREFIX: a name in PATH does, and what names nothing is told with the variable."""
    was = dict(workspace.environment)
    workspace.environment.update(TENON_RUSTC="/nowhere/rustc", TENON_CLANG="no-clang", TENON_PREFIX="/nowhere")
    code, text = workspace.run("build", "-k", "--nobuild", "//wasm:rusty", "//cpp:calculator", "@tenon_local//:runtime")
    for words in ("found no rustc at TENON_RUSTC, which is `/nowhere/rustc`", "wasm-ld at TENON_CLANG, which is `no-clang`",
                  "libtenon_runtime.a below TENON_PREFIX, which is `/nowhere`"):
        check(code == 1 and words in text, "a variable that names nothing: " + words, text)
    workspace.environment = dict(was, TENON_RUSTC="own-rustc", PATH=f"{workspace.scratch}/path:{was['PATH']}")
    (workspace.scratch / "path").mkdir(exist_ok=True)
    link = workspace.scratch / "path/own-rustc"
    link.unlink(missing_ok=True)
    link.symlink_to("/usr/bin/rustc")
    code, text = workspace.run("build", "--nobuild", "//wasm:rusty")
    check(code == 0, "TENON_RUSTC may be a name in PATH", text)
    workspace.environment = was


def skipped():
    if not shutil.which("bazel"):
        return "there is no bazel: `make test-bazel` installs Debian's"
    if not pathlib.Path("/usr/share/bazel/tools/skylib").is_dir():
        return "the packages bazel-platforms, bazel-rules-java, bazel-rules-proto and bazel-skylib are not there: `make test-bazel`"
    if not list(pathlib.Path("/usr/share/cargo/registry").glob("anyhow-*")):
        return "the package librust-anyhow-dev is not there: `make test-bazel`"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenon", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--rules", type=pathlib.Path, default=ROOT / "bazel")
    parser.add_argument("--prefix", type=pathlib.Path)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--full", action="store_true")
    args = parser.parse_args()
    if why := skipped():
        print("skipped: " + why)
        return 77
    args.tenon, args.scratch = args.tenon.resolve(), args.scratch.resolve()
    args.scratch.mkdir(parents=True, exist_ok=True)
    doctor = subprocess.run([args.tenon, "doctor"], capture_output=True, text=True, check=False).stdout
    if "ok       rustc with a wasm target" not in doctor:
        print("skipped: no rustc with a wasm target")
        return 77
    # The rules as a release has them: nothing outside of their folder is read.
    rules = copy(args.rules, args.scratch / "rules")
    made = example(args, rules)
    workspaces = [rules_test(args, rules)]
    if made:
        workspaces.append(made[0])
        if args.full:
            from full import full
            reproducible(args, rules, made[1])
            full(args, rules, Workspace, check, copy, edit)
    for workspace in workspaces:
        workspace.close()
    print(f"{len(failures)} failures" if failures else "all checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
