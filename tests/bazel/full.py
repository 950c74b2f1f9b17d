# SPDX-License-Identifier: Apache-2.0
"""The longer part of run.py: the archive under the rules' other name, a remote cache, a host in C++."""
import contextlib
import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import tarfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def archive(args, Workspace, check, copy):
    """The example under `rules_tenon`, from the archive of a release that is unpacked elsewhere."""
    place = args.scratch / "dist"
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([ROOT / "tools/bazel_dist.py", "--out", place], check=True, stdout=subprocess.DEVNULL)
    packed = next(place.glob("*.tar.gz"))
    first = packed.read_bytes()
    subprocess.run([ROOT / "tools/bazel_dist.py", "--out", place], check=True, stdout=subprocess.DEVNULL)
    check(packed.read_bytes() == first, "the archive is the same twice")
    with tarfile.open(packed) as tar:
        tar.extractall(place / "unpacked", filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(place / "unpacked")
    rules = next((place / "unpacked").iterdir())
    check((rules / "README.md").is_file() and os.access(rules / "private/tools/rustc", os.X_OK), "the archive has a README, and programs that can be run")
    folder = copy(ROOT / "examples/bazel", args.scratch / "other-name")
    for path in [folder / "WORKSPACE", *folder.rglob("BUILD.bazel")]:
        path.write_text(path.read_text().replace("rules_wasm_component", "rules_tenon"))
    workspace = Workspace(args, folder, rules, name="rules_tenon")
    code, text = workspace.run("test", "//...", "--test_output=errors")
    check(code == 0, "the example builds from the archive, under the name rules_tenon", text)
    workspace.close()


class Cache(http.server.BaseHTTPRequestHandler):
    """Bazel's cache over HTTP, for machines without bazel-remote: what is put is there."""

    protocol_version = "HTTP/1.1"
    store = {}

    def do_PUT(self):  # pylint: disable=invalid-name
        self.store[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200)

    def do_GET(self):  # pylint: disable=invalid-name
        self.answer(200 if self.path in self.store else 404, self.store.get(self.path, b""))

    def answer(self, code, body=b""):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


@contextlib.contextmanager
def cache_server(scratch):
    """The address of bazel-remote, or of the class above, and which it is."""
    program = shutil.which("bazel-remote")
    if not program:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cache)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", "a cache over HTTP"
        server.shutdown()
        return
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    store = scratch / "remote-store"
    shutil.rmtree(store, ignore_errors=True)
    server = subprocess.Popen([program, "--dir", store, "--max_size", "1", "--http_address", f"127.0.0.1:{port}",
                               "--grpc_address", "none"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}", "bazel-remote"
    server.terminate()
    server.wait()


def remote_cache(args, rules, Workspace, check, copy):
    """Another output base takes everything from a remote cache."""
    with cache_server(args.scratch) as (address, what):
        folder = copy(ROOT / "examples/bazel", args.scratch / "remote")
        cache = f"--remote_cache={address}"
        first = Workspace(args, folder, rules, base="first")
        code, text = first.run("build", "//...", cache)
        check(code == 0 and first.spawns(), f"a build with {what}", text)
        first.close()
        second = Workspace(args, folder, rules, base="second")
        code, text = second.run("build", "//...", cache)
        check(code == 0 and second.logged() and not second.spawns(), f"another output base takes everything from {what}",
              " ".join(spawn["mnemonic"] for spawn in second.spawns()) + text)
        second.close()


HOST_BUILD = """load("@rules_wasm_component//cpp:defs.bzl", "cpp_host_bindings")

cpp_host_bindings(
    name = "calculator_host_bindings",
    wit = "//cpp:calculator_wit",
)

cc_test(
    name = "host_test",
    srcs = ["host.cpp"],
    args = ["$(location //cpp:calculator)"],
    copts = ["-std=c++23"],
    data = ["//cpp:calculator"],
    deps = [":calculator_host_bindings"],
)
"""
HOST = """#include "calculator_component_host.h"

int main(int argc, char** argv) {
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[argc - 1]);
  if (!component) return 1;
  tenon::Store store(engine);
  const auto world = calculator_component::world::instantiate(store, *component);
  if (!world) return 2;
  const auto sum = world->calculator.add(5, 3);
  if (!sum || *sum != 8) return 3;
  const auto quotient = world->calculator.divide(1, 0);
  return quotient && !*quotient && quotient->error() == "Division by zero" ? 0 : 4;
}
"""


def host(args, rules, Workspace, check, copy, edit):
    """Typed bindings as a cc_library, against an installed tenon."""
    if not args.prefix:
        print("skip  a host in C++: no --prefix of an installed tenon")
        return
    folder = copy(HERE / "workspace", args.scratch / "host")
    edit(folder / "WORKSPACE", "../stubs/rules_rust", str(HERE / "stubs/rules_rust"))
    (folder / "host").mkdir()
    (folder / "host/BUILD.bazel").write_text(HOST_BUILD)
    (folder / "host/host.cpp").write_text(HOST)
    workspace = Workspace(args, folder, rules)
    code, text = workspace.run("test", "//host/...", "--test_output=errors")
    check(code == 0, "a host in C++ calls a component by cpp_host_bindings", text)
    workspace.close()


def full(args, rules, Workspace, check, copy, edit):
    archive(args, Workspace, check, copy)
    remote_cache(args, rules, Workspace, check, copy)
    host(args, rules, Workspace, check, copy, edit)
