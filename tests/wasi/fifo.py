#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A preview1 program waits for a FIFO, reads it, and writes what it read into another: fifo.py TENON. As a module and as the component
that tenon makes of it. The exit code is the number of the step that failed."""
import os
import pathlib
import subprocess
import sys
import tempfile

TENON = sys.argv[1]
PROGRAM = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_tell" (func $fd_tell (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "inout")
  (func $want (param $step i32) (param $wanted i32) (param $found i32)
    (if (i32.ne (local.get $wanted) (local.get $found)) (then (call $proc_exit (local.get $step)))))
  ;; A subscription at 1000, its event at 1104, how many there are at 1200.
  (func $poll (param $step i32) (param $type i32) (param $fd i32)
    (i32.store8 (i32.const 1008) (local.get $type))
    (i32.store (i32.const 1016) (local.get $fd))
    (call $want (local.get $step) (i32.const 0)
      (call $poll_oneoff (i32.const 1000) (i32.const 1104) (i32.const 1) (i32.const 1200)))
    (call $want (local.get $step) (i32.const 1) (i32.load (i32.const 1200)))
    (call $want (local.get $step) (i32.const 0) (i32.load16_u (i32.const 1112))))
  (func (export "_start")
    (local $in i32) (local $out i32)
    (call $want (i32.const 1) (i32.const 0)
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 2) (i32.const 0)
        (i64.const 0x8000002) (i64.const 0) (i32.const 0) (i32.const 200)))
    (local.set $in (i32.load (i32.const 200)))
    (call $want (i32.const 2) (i32.const 0)
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 102) (i32.const 3) (i32.const 0)
        (i64.const 0x8000040) (i64.const 0) (i32.const 0) (i32.const 200)))
    (local.set $out (i32.load (i32.const 200)))
    (call $poll (i32.const 3) (i32.const 1) (local.get $in))
    (i32.store (i32.const 300) (i32.const 500))
    (i32.store (i32.const 304) (i32.const 64))
    (call $want (i32.const 4) (i32.const 0) (call $fd_read (local.get $in) (i32.const 300) (i32.const 1) (i32.const 400)))
    (call $want (i32.const 5) (i32.const 5) (i32.load (i32.const 400)))
    (call $poll (i32.const 6) (i32.const 2) (local.get $out))
    (i32.store (i32.const 304) (i32.const 5))
    (call $want (i32.const 7) (i32.const 0) (call $fd_write (local.get $out) (i32.const 300) (i32.const 1) (i32.const 400)))
    (call $want (i32.const 8) (i32.const 5) (i32.load (i32.const 400)))
    (call $want (i32.const 9) (i32.const 70) (call $fd_seek (local.get $in) (i64.const 0) (i32.const 1) (i32.const 400)))
    (call $want (i32.const 10) (i32.const 70) (call $fd_tell (local.get $in) (i32.const 400)))
    (call $want (i32.const 11) (i32.const 0) (call $fd_close (local.get $in)))
    (call $want (i32.const 12) (i32.const 0) (call $fd_close (local.get $out)))))
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
        for fifo in ("in", "out"):
            os.mkfifo(work / fifo)
        # Open at both ends, so that the program waits for nobody.
        source = os.open(work / "in", os.O_RDWR)
        sink = os.open(work / "out", os.O_RDWR | os.O_NONBLOCK)
        for program in (module, component):
            os.write(source, b"hello")
            done = subprocess.run([TENON, "run", "--dir", f"{work}::/work", str(program)], timeout=60, check=False)
            found = os.read(sink, 64) if done.returncode == 0 else b""
            if found != b"hello":
                print(f"{program.name}: exit code {done.returncode}, {found}")
                return 1
            print(f"{program.name}: as it should be")
    return 0


sys.exit(main())
