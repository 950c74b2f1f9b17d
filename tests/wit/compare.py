#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what tenon and wasm-tools make of WASI's packages: the JSON graph by its structure, and the
binary package that each writes, read by the other."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from find_peer import find_peer


def run(*command):
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode()}")
    return done.stdout


class Graph:
    """A graph with every number replaced by what it stands for."""

    def __init__(self, data):
        self.data = data

    def package(self, i):
        return self.data["packages"][i]["name"]

    def interface_name(self, i):
        one = self.data["interfaces"][i]
        return f"{self.package(one['package'])}/{one['name']}"

    def owner(self, t):
        owner = self.data["types"][t]["owner"]
        if owner is None:
            return None
        if "interface" in owner:
            return self.interface_name(owner["interface"])
        world = self.data["worlds"][owner["world"]]
        return f"{self.package(world['package'])}/{world['name']}"

    def type(self, t):
        if t is None or isinstance(t, str):
            return t
        one = self.data["types"][t]
        if one["name"] is not None:
            return f"{self.owner(t)}.{one['name']}"
        return self.kind(one["kind"])

    def kind(self, kind):
        if isinstance(kind, str):
            return kind
        (name, value), = kind.items()
        if name == "record":
            return {name: [(f["name"], self.type(f["type"])) for f in value["fields"]]}
        if name == "variant":
            return {name: [(c["name"], self.type(c["type"])) for c in value["cases"]]}
        if name == "enum":
            return {name: [c["name"] for c in value["cases"]]}
        if name == "flags":
            return {name: [c["name"] for c in value["flags"]]}
        if name == "tuple":
            return {name: [self.type(t) for t in value["types"]]}
        if name == "result":
            return {name: [self.type(value["ok"]), self.type(value["err"])]}
        if name == "handle":
            (what, resource), = value.items()
            return {what: self.type(resource)}
        if name == "map":
            return {name: [self.type(t) for t in value]}
        if name == "fixed-length-list":
            return {name: [self.type(value[0]), value[1]]}
        return {name: self.type(value)}

    def function(self, f):
        kind = f["kind"]
        if isinstance(kind, dict):
            (word, resource), = kind.items()
            kind = [word, self.type(resource)]
        return {"kind": kind, "params": [(p["name"], self.type(p["type"])) for p in f["params"]],
                "result": self.type(f.get("result")), "stability": f.get("stability")}

    def interface(self, one):
        return {"types": {name: [self.kind(self.data["types"][t]["kind"]), self.data["types"][t].get("stability")]
                          for name, t in one["types"].items()},
                "functions": {name: self.function(f) for name, f in one["functions"].items()},
                "stability": one.get("stability")}

    def items(self, items):
        out = {}
        for name, item in items.items():
            (kind, value), = item.items()
            if kind == "interface":
                one = self.data["interfaces"][value["id"]]
                named = one["name"] is not None
                key = self.interface_name(value["id"]) if name.startswith("interface-") else name
                out[key] = self.interface_name(value["id"]) if named else self.interface(one)
            elif kind == "function":
                out[name] = self.function(value)
            else:
                out[name] = self.type(value)
        return list(out.items())

    def all(self):
        out = {}
        for i, package in enumerate(self.data["packages"]):
            out[package["name"]] = {
                "interfaces": {name: self.interface(self.data["interfaces"][k]) for name, k in package["interfaces"].items()},
                "worlds": {name: [self.items(self.data["worlds"][k]["imports"]), self.items(self.data["worlds"][k]["exports"])]
                           for name, k in package["worlds"].items()}}
        return out


def difference(a, b, where=""):
    if type(a) is not type(b):
        return f"{where}: {a!r} against {b!r}"
    if isinstance(a, dict):
        for key in a.keys() | b.keys():
            if key not in a or key not in b:
                return f"{where}/{key}: only in {'ours' if key in a else 'theirs'}"
            if found := difference(a[key], b[key], f"{where}/{key}"):
                return found
        return None
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            return f"{where}: {a!r} against {b!r}"
        for i, (x, y) in enumerate(zip(a, b)):
            if found := difference(x, y, f"{where}[{i}]"):
                return found
        return None
    return None if a == b else f"{where}: {a!r} against {b!r}"


def packages_of(wasi):
    """(name, files of the package, files of its release) for each file of a release and each package in a folder."""
    for version in ("0.2.12", "0.3.2"):
        files = sorted((wasi / version).glob("*.wit"))
        for file in files:
            yield f"{version}/{file.stem}", [file], [other for other in files if other != file]
    for folder in sorted(wasi.iterdir()):
        if folder.is_dir() and folder.name not in ("0.2.12", "0.3.2"):
            yield folder.name, sorted(folder.glob("*.wit")), []


def compare(tenon, tools, folder):
    """What tells the two graphs of the package in `folder` apart, and those of the binaries; None when nothing."""
    features = "--all-features"
    theirs = Graph(json.loads(run(tools, "component", "wit", folder, "--json", features))).all()
    ours = Graph(json.loads(run(tenon, "wit", "print", folder, "--json", features))).all()
    if found := difference(ours, theirs):
        return found
    run(tools, "component", "wit", folder, "--wasm", features, "-o", f"{folder}/theirs.wasm")
    run(tenon, "wit", "print", folder, "--wasm", features, "-o", f"{folder}/ours.wasm")
    run(tools, "validate", f"{folder}/ours.wasm", "--features", "all")
    run(tenon, "validate", f"{folder}/theirs.wasm", features)
    read = {}
    for file in ("ours", "theirs"):
        binary = f"{folder}/{file}.wasm"
        read[file, "tools"] = Graph(json.loads(run(tools, "component", "wit", binary, "--json"))).all()
        read[file, "tenon"] = Graph(json.loads(run(tenon, "wit", "print", binary, "--json"))).all()
    for who in ("tools", "tenon"):
        if found := difference(read["ours", who], read["theirs", who]):
            return f"the binaries, read by {who}: {found}"
    if found := difference(read["theirs", "tenon"], read["theirs", "tools"]):
        return f"their binary, read by both: {found}"
    return None


def main():
    tenon, wasi = sys.argv[1], pathlib.Path(sys.argv[2])
    tools = find_peer("wasm-tools")
    if not tools:
        print("skipped: wasm-tools is neither in PATH nor in $TENON_PEERS/bin")
        return 77
    failed = 0
    for name, own, others in packages_of(wasi):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/deps")
            for file in own:
                shutil.copy(file, folder)
            for file in others:
                shutil.copy(file, f"{folder}/deps")
            found = compare(tenon, tools, folder)
        print(f"{name}: {'the same' if found is None else found}")
        failed += found is not None
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
