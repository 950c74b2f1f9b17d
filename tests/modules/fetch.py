#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fetch.py FOLDER: the packages of packages.tsv, by the registries' own clients; of each the .wasm files are kept, in FOLDER/PACKAGE."""

import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def rows():
    for line in (HERE / "packages.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield (line.split("\t") + [""])[:5]


def folder_of(root, name):
    return root / name.replace("/", "+")


def archive(registry, name, version, into):
    """The package's file; nothing is installed and nothing of it is run."""
    if registry == "npm":
        command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", into, f"{name}@{version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", into, f"{name}=={version}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(pathlib.Path(into).iterdir())


def entries(path):
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as whole:
            for name in whole.namelist():
                if name.endswith(".wasm"):
                    yield name, whole.read(name)
    else:
        with tarfile.open(path) as whole:
            for entry in whole:
                if entry.isfile() and entry.name.endswith(".wasm"):
                    yield entry.name, whole.extractfile(entry).read()


def main():
    root = pathlib.Path(sys.argv[1])
    failed = 0
    for registry, name, version, _, _ in rows():
        folder = folder_of(root, name)
        done = folder / f".{version}"
        if done.exists():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            with tempfile.TemporaryDirectory() as scratch:
                for path, content in entries(archive(registry, name, version, scratch)):
                    (folder / path.replace("/", "+")).write_bytes(content)
            done.touch()
        except (subprocess.CalledProcessError, StopIteration):
            print(f"{name} {version}: not to be had", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
