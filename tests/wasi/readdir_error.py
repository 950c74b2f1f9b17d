#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A preview1 program reads a directory with a name that is no UTF-8: readdir_error.py TENON. As a module and as the component that tenon
makes of it. The error has to come, not the end of the directory after a part of it."""
import os
import pathlib
import subprocess
import sys
import tempfile

TENON = sys.argv[1]
# Exits with 1 where the directory ends, with 2 where reading fails by `ilseq`, with 3 after another error.
PROGRAM = """(module
  (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $errno i32)
    (local.set $errno (call $fd_readdir (i32.const 3) (i32.const 1000) (i32.const 16000) (i64.const 0) (i32.const 100)))
    (if (i32.eq (local.get $errno) (i32.const 25)) (then (call $proc_exit (i32.const 2))))
    (if (local.get $errno) (then (call $proc_exit (i32.const 3))))
    (if (i32.lt_u (i32.load (i32.const 100)) (i32.const 16000)) (then (call $proc_exit (i32.const 1))))))
"""


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        module = folder / "module.wasm"
        component = folder / "component.wasm"
        subprocess.run([TENON, "parse", "-", "-o", str(module)], input=PROGRAM, text=True, check=True)
        subprocess.run([TENON, "component", "new", str(module), "-o", str(component)], check=True)
        work = folder / "work"
        work.mkdir()
        for n in range(20):
            (work / f"f{n}").touch()
        for wanted in (1, 2):
            for program in (module, component):
                done = subprocess.run([TENON, "run", "--dir", f"{work}::/work", str(program)], timeout=60, check=False)
                if done.returncode != wanted:
                    print(f"{program.name}: exit code {done.returncode}, wanted {wanted}")
                    return 1
                print(f"{program.name}: {wanted} as it should be")
            with open(os.fsencode(work) + b"/a\xffb", "wb"):
                pass
    return 0


sys.exit(main())
