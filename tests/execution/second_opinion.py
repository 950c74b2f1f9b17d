#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Executes generated modules in tenon and asks other engines whether the same comes out.

`wasm-tools smith` makes the modules (programs that end, canonical NaNs), or gc_programs.py does (the mixture
`objects`, which needs no generator). script_of_module runs them in tenon, under several configurations, and
writes what happened as a script of assertions; `wasmi wast` and `wasmtime wast` judge it. Programs are looked for
in $TENON_PEERS/bin and in PATH. Exit code 77: no judge, or no generator for what was asked.
"""
import argparse
import json
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from find_peer import find_peer
from limited import run_limited
from gc_programs import program

# What both judges have, in three mixtures.
COMMON = {
    "allow_invalid_funcs": False, "bulk_memory_enabled": True, "canonicalize_nans": True,
    "custom_page_sizes_enabled": False, "export_everything": True,
    "extended_const_enabled": True, "gc_enabled": False, "max_components": 0, "max_imports": 0,
    "max_memory32_bytes": 1 << 20, "max_memory64_bytes": 1 << 20, "max_table_elements": 1000,
    "memory_max_size_required": True, "table_max_size_required": True, "min_funcs": 3, "max_funcs": 12,
    "max_instructions": 200, "min_memories": 1, "max_memories": 1, "max_tables": 2, "max_globals": 8,
    "max_types": 12, "multi_value_enabled": True, "reference_types_enabled": True,
    "relaxed_simd_enabled": False, "saturating_float_to_int_enabled": True,
    "sign_extension_ops_enabled": True, "threads_enabled": False, "generate_custom_sections": False,
    "shared_everything_threads_enabled": False, "compact_imports_enabled": False,
    "custom_descriptors_enabled": False, "wide_arithmetic_enabled": False,
    "acquire_release_atomics_enabled": False, "multibyte_array_access_enabled": False,
}
MIXTURES = {
    "scalar": {"simd_enabled": False, "tail_call_enabled": True, "memory64_enabled": False,
               "exceptions_enabled": False},
    "simd": {"simd_enabled": True, "tail_call_enabled": True, "memory64_enabled": True,
             "exceptions_enabled": False, "max_memories": 3, "wide_arithmetic_enabled": True},
    # wasmi has neither.
    "gc": {"simd_enabled": True, "tail_call_enabled": True, "memory64_enabled": True,
           "exceptions_enabled": True, "gc_enabled": True, "max_tags": 3},
}
OWN = "objects"
JUDGES = {
    "wasmi": (["wast"], {"scalar", "simd"}),
    "wasmtime": (["wast", "-C", "cache=n", "-W", "all-proposals=y,max-wasm-stack=16777216",
                  "-O", "opt-level=0"], {"scalar", "simd", "gc", OWN}),
}
SECONDS = 60  # of CPU; what takes longer has hung


def run(command, **more):
    done = run_limited(command, SECONDS, **more)
    if done is None:
        return -1, b"", f"hung for {SECONDS} s".encode()
    return done.returncode, done.stdout, done.stderr


class Check:
    def __init__(self, options, generator, judges, folder):
        self.options = options
        self.generator = generator
        self.judges = judges
        self.folder = pathlib.Path(folder)
        self.modules = self.assertions = self.differences = self.outvoted = 0

    def report(self, name, seed, who, why):
        self.differences += 1
        kept = pathlib.Path(self.options.keep or ".") / f"second_opinion_{name}_{seed}"
        for suffix in (".wasm", ".wast", ".wat"):
            if (made := self.folder / f"module{suffix}").exists():
                shutil.copy(made, f"{kept}{suffix}")
        print(f"{name} {seed}: {who} differs, {kept}.wasm\n{why.decode(errors='replace')[:2000]}", flush=True)

    def one(self, name, seed):
        module, script = self.folder / "module.wasm", self.folder / "module.wast"
        script.unlink(missing_ok=True)
        if not self.make(name, seed, module):
            return
        code, text, why = run([self.options.script_of_module, module])
        if code != 0:
            self.report(name, seed, "script_of_module", why or f"exit code {code}".encode())
            return
        script.write_bytes(text)
        self.modules += 1
        self.assertions += text.count(b"(assert_")
        self.judge(name, seed, script)

    def make(self, name, seed, module):
        if name == OWN:
            text = self.folder / "module.wat"
            text.write_text(program(seed))
            code, _, why = run([self.options.tenon, "parse", text, "-o", module])
            if code != 0:
                self.report(name, seed, "tenon parse", why)
            return code == 0
        calm = seed % 2 == 0  # every other module takes care not to trap, and so gets further
        config = self.folder / f"{name}_{calm}.json"
        if not config.exists():
            settings = COMMON | MIXTURES[name] | {"disallow_traps": calm}
            config.write_text(json.dumps({key.replace("_", "-"): settings[key] for key in settings}))
        chance = random.Random(f"{name} {seed}")
        code, _, why = run([self.generator, "smith", "--ensure-termination", "--fuel", "400", "-c", config,
                            "-o", module], input=chance.randbytes(chance.choice([1000, 4000, 16000])))
        if code != 0:
            sys.exit(f"wasm-tools smith: {why.decode()}")
        return True

    def judge(self, name, seed, script):
        against = {}
        asked = [judge for judge in self.judges if name in JUDGES[judge][1]]
        for judge in asked:
            code, out, why = run([self.judges[judge], *JUDGES[judge][0], script])
            if code != 0:
                against[judge] = why + out
        if 0 < len(against) < len(asked):
            # Two against one: that one is wrong.
            self.outvoted += 1
            print(f"{name} {seed}: {', '.join(against)} alone says otherwise", flush=True)
            return
        for judge, why in against.items():
            self.report(name, seed, judge, why)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--script-of-module", required=True)
    parser.add_argument("--tenon", help="for the mixture `objects`, whose modules are text")
    parser.add_argument("--modules", type=int, default=0, help="so many of each mixture (0: until the time is over)")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--mixture", choices=[*MIXTURES, OWN], action="append")
    parser.add_argument("--keep", help="folder for modules that differ")
    options = parser.parse_args()
    generator = find_peer("wasm-tools")
    judges = {name: path for name in JUDGES if (path := find_peer(name))}
    possible = [*(MIXTURES if generator else []), *([OWN] if options.tenon and "wasmtime" in judges else [])]
    mixtures = [name for name in possible if name in (options.mixture or possible)]
    if not mixtures or not judges:
        print("skipped: needs wasmi or wasmtime, and wasm-tools for most mixtures (TENON_PEERS)")
        return 77
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    begin = time.time()
    with tempfile.TemporaryDirectory() as folder:
        check = Check(options, generator, judges, folder)
        done = 0
        while not (options.modules and done >= options.modules or
                   options.seconds and time.time() - begin > options.seconds):
            for name in mixtures:
                check.one(name, seed + done)
            done += 1
    print(f"{check.modules} modules, {check.assertions} assertions, {check.differences} differences, "
          f"{check.outvoted} judges outvoted (seeds {seed} to {seed + done - 1}; {', '.join(judges)})")
    return 1 if check.differences else 0


sys.exit(main())
