#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How `tenon run` stands between a program and what it was started with: signals, pipes, terminals. Usage: program.py TENON"""
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time

# Copies standard input to standard output as it comes; ends with the errno of a write that failed.
ECHO = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $errno i32)
    (loop $next
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 65536))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (return)))
      (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (local.set $errno (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (local.get $errno) (then (call $exit (local.get $errno))))
      (br $next))))"""
SPIN = '(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))'
SLEEP = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 1000000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"""
EBADF = 8
EPIPE = 64


class Programs:
    def __init__(self, tenon, folder):
        self.tenon = tenon
        for name, text in (("echo", ECHO), ("spin", SPIN), ("sleep", SLEEP)):
            (folder / name).write_text(text, encoding="utf-8")
        self.folder = folder

    def start(self, name, *options, **how):
        return subprocess.Popen([self.tenon, "run", *options, str(self.folder / name)], **how)


def conversation(programs):
    """An answer comes before the end of the input."""
    child = programs.start("echo", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for i in range(100):
        line = f"line {i}\n".encode()
        child.stdin.write(line)
        child.stdin.flush()
        assert child.stdout.readline() == line
    child.stdin.close()
    assert child.wait(60) == 0


def large_pipes(programs):
    """More than a pipe holds, to a reader that is late."""
    data = os.urandom(1 << 20) * 8
    child = programs.start("echo", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = child.communicate(data, timeout=120)
    assert out == data and child.returncode == 0


def flags_are_left_alone(programs):
    """Descriptors are shared with others: none becomes non-blocking."""
    import fcntl
    read_end, write_end = os.pipe()
    before = fcntl.fcntl(read_end, fcntl.F_GETFL)
    child = programs.start("echo", stdin=read_end, stdout=subprocess.DEVNULL)
    os.write(write_end, b"x")
    time.sleep(0.1)
    assert fcntl.fcntl(read_end, fcntl.F_GETFL) == before
    os.close(write_end)
    os.close(read_end)
    assert child.wait(60) == 0


def broken_pipe(programs):
    """Nobody reads: the program is told, and tenon is not killed."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    child = programs.start("echo", stdin=subprocess.PIPE, stdout=write_end)
    os.close(write_end)
    child.communicate(b"text", timeout=60)
    assert child.returncode == EPIPE, child.returncode


def closed_streams(programs):
    """A stream that is closed is no other file: standard input is empty, and a write fails (EBADF). The
    program once had tenon's own files there, the image of its memory among them."""
    def closing(*numbers):
        return lambda: [os.close(number) for number in numbers]
    child = programs.start("echo", stdout=subprocess.PIPE, preexec_fn=closing(0))
    assert child.communicate(timeout=60)[0] == b"" and child.returncode == 0, child.returncode
    child = programs.start("echo", stdin=subprocess.PIPE, preexec_fn=closing(1, 2))
    child.communicate(b"text", timeout=60)
    assert child.returncode == EBADF, child.returncode
    child = programs.start("echo", preexec_fn=closing(0, 1, 2))
    assert child.wait(60) == 0, child.returncode


def control_c(programs):
    """130, in a loop as in a wait."""
    for name in ("spin", "sleep", "echo"):
        child = programs.start(name, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 130, name
        child.stdin.close()


def time_out(programs):
    for name in ("spin", "sleep", "echo"):
        child = programs.start(name, "--timeout", "0.2", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        assert child.wait(60) == 134, name
        child.stdin.close()


def terminal(programs):
    """What would act on a terminal is shown and not sent; elsewhere it passes."""
    text = b"\x1b[31mred\x1b]0;title\x07 \x9b2J ok\n"
    child = programs.start("echo", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.communicate(text, timeout=60)[0] == text
    main, other = pty.openpty()
    child = programs.start("echo", stdin=subprocess.PIPE, stdout=other)
    child.stdin.write(text)
    child.stdin.close()
    assert child.wait(60) == 0
    os.close(other)
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert not any(byte < 32 and byte not in b"\n\r\t" for byte in shown) and b"\x9b2J" not in shown.replace(b"\x90\x9b", b""), shown
    assert "␛[31mred".encode() in shown and b"ok" in shown, shown


def main():
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(sys.argv[1], pathlib.Path(folder))
        for test in (conversation, large_pipes, flags_are_left_alone, broken_pipe, closed_streams, control_c, time_out, terminal):
            test(programs)
            print(f"{test.__name__}: as it should be")
    return 0


sys.exit(main())
