#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packages of tenon, in build/package: a .deb, a relocatable .tar.gz, a wheel of the program, an SPDX list of what is inside, SHA256SUMS.

The same commit gives the same bytes: everything bears the commit's time, owners and orders are fixed, and a tree with changes is
refused unless --dirty is given. Wants build/release to be built.
"""
import argparse
import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUMMARY = "WebAssembly components, from WIT to a tested program"
DESCRIPTION = """A toolchain and runtime for the WebAssembly Component Model: it checks WIT,
generates bindings, builds components from C, C++ and Rust, tests and runs
them, and calls them with types from C++."""
MAINTAINER = "tenon maintainers <maintainers@tenon.invalid>"
HOMEPAGE = "https://tenon.invalid"
# What C and C++ guests are compiled with. tenon/builder/toolchain.cpp names the same.
GUEST_COMPILERS = ["clang-22", "lld-22", "wasi-libc", "libclang-rt-22-dev-wasm32", "libc++-22-dev-wasm32", "libc++abi-22-dev-wasm32"]
RUST = ["rustc", "cargo", "libstd-rust-dev-wasm32", "lld-14"]
# What programs that link the libraries are built with.
HOST = ["g++", "cmake", "libboost-context-dev"]
# What is linked into the program: the Debian package that it comes from, its licence.
LINKED = [("libstdc++-12-dev", "GPL-3.0-or-later WITH GCC-exception-3.1"), ("libssl-dev", "Apache-2.0"),
          ("libboost-context-dev", "BSL-1.0"), ("libfmt-dev", "MIT"), ("libtomlplusplus-dev", "MIT")]
# The system that the program is made on, as PEP 600 says it: the newest glibc that it may want.
GLIBC = (2, 36)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout.strip()


class Package:
    def __init__(self, build, out, dirty):
        self.build, self.out = build, out
        self.version = re.search(r'VERSION_STRING "(.*?)"', (ROOT / "tenon/version.h").read_text()).group(1)
        self.commit = run("git", "-C", ROOT, "rev-parse", "HEAD")
        self.time = int(run("git", "-C", ROOT, "log", "-1", "--format=%ct"))
        self.arch = run("dpkg", "--print-architecture")
        self.machine = os.uname().machine
        said = run(build / "tenon", "--version")
        changed = "+" if run("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no") else ""
        wanted = f"tenon {self.version} ({self.commit[:12]}{changed}, Release)"
        if said != wanted:
            sys.exit(f"error: {build}/tenon says `{said}`, wanted `{wanted}`: build it anew (`make build`)")
        if changed and not dirty:
            sys.exit("error: the tree has changes: commit them, or pass --dirty")
        os.environ["SOURCE_DATE_EPOCH"] = str(self.time)
        os.environ["LC_ALL"] = "C"
        os.umask(0o022)

    def stage(self):
        """What the CMake install makes, stripped."""
        self.tree = self.out / "tree"
        run("cmake", "--install", self.build, "--prefix", self.tree)
        run("strip", "--strip-all", "--remove-section=.comment", self.tree / "bin/tenon")
        for library in (self.tree / "lib").glob("*.a"):
            run("strip", "--strip-unneeded", "--enable-deterministic-archives", library)
        for path in [self.tree, *self.tree.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        needed = {tuple(int(part) for part in found.split(".")) for found in
                  re.findall(r"GLIBC_(\d+\.\d+)", run("objdump", "-T", self.tree / "bin/tenon"))}
        if max(needed) > GLIBC:
            sys.exit(f"error: the program wants glibc {max(needed)}, newer than {GLIBC}")

    def tar(self):
        name = f"tenon-{self.version}-linux-{self.machine}"
        path = self.out / f"{name}.tar.gz"

        def settle(entry):
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = self.time
            return entry

        with open(path, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed, \
                tarfile.open(mode="w", fileobj=packed, format=tarfile.GNU_FORMAT) as tar:
            for file in [self.tree, *sorted(self.tree.rglob("*"))]:
                tar.add(file, f"{name}/{file.relative_to(self.tree)}".removesuffix("/."), recursive=False, filter=settle)
        return path

    def deb(self):
        root = self.out / "deb"
        shutil.copytree(self.tree, root / "usr")
        doc = root / "usr/share/doc/tenon"
        (doc / "LICENSE").unlink()
        (doc / "copyright").write_text(self.copyright())
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(self.time))
        self.gzip(doc / "changelog", f"tenon ({self.version}) unstable; urgency=medium\n\n  * What changed is in CHANGELOG.md.\n\n"
                                     f" -- {MAINTAINER}  {date}\n")
        for page in (root / "usr/share/man/man1").iterdir():
            self.gzip(page, page.read_text())
            page.unlink()
        zsh = root / "usr/share/zsh"
        (zsh / "site-functions").rename(zsh / "vendor-completions")
        size = sum((file.stat().st_size + 1023) // 1024 if file.is_file() else 1 for file in root.rglob("*"))
        control = root / "DEBIAN"
        control.mkdir(mode=0o755)
        (control / "control").write_text(self.control(size))
        files = sorted(file for file in (root / "usr").rglob("*") if file.is_file())
        (control / "md5sums").write_text("".join(
            f"{hashlib.md5(file.read_bytes()).hexdigest()}  {file.relative_to(root)}\n" for file in files))
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            os.utime(path, (self.time, self.time))
        path = self.out / f"tenon_{self.version}_{self.arch}.deb"
        # One thread: the number of them is seen in the bytes.
        run("dpkg-deb", "--build", "--root-owner-group", "-Zxz", "--threads-max=1", root, path)
        return path

    def control(self, size):
        """Needs of the program that dpkg-shlibdeps finds, and compilers."""
        scratch = self.out / "shlibdeps"
        (scratch / "debian").mkdir(parents=True)
        (scratch / "debian/control").write_text("Source: tenon\n\nPackage: tenon\nArchitecture: any\n")
        shared = run("dpkg-shlibdeps", "-O", self.tree / "bin/tenon", cwd=scratch, stderr=subprocess.DEVNULL)
        depends = shared.removeprefix("shlibs:Depends=").split(", ") + GUEST_COMPILERS
        lines = DESCRIPTION.replace("\n", "\n ")
        return (f"Package: tenon\nVersion: {self.version}\nArchitecture: {self.arch}\nMaintainer: {MAINTAINER}\n"
                f"Installed-Size: {size}\nDepends: {', '.join(depends)}\nSuggests: {', '.join(RUST + HOST)}\nSection: devel\n"
                f"Priority: optional\nDescription: {SUMMARY}\n {lines}\n")

    @staticmethod
    def gzip(path, text):
        with open(f"{path}.gz", "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            packed.write(text.encode())

    @staticmethod
    def copyright():
        wasi = (ROOT / "wit/wasi/LICENSE.md").read_text().split("\n\n")[0].replace("\n", "\n ")
        return ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: tenon\n\n"
                "Files: *\nCopyright: 2026 the authors of tenon\nLicense: Apache-2.0\n\n"
                f"Files: wit/wasi/*\nCopyright: 2019-2023 the Contributors to the WASI Specification\nLicense: W3C\n\nLicense: W3C\n {wasi}\n\n"
                "License: Apache-2.0\n On Debian systems, the full text of the Apache License, version 2.0, is in\n"
                " /usr/share/common-licenses/Apache-2.0.\n\n"
                "Comment:\n The program has code of these libraries inside:\n"
                + "".join(f" {name} ({licence})\n" for name, licence in LINKED))

    def wheel(self):
        tag = f"py3-none-manylinux_{GLIBC[0]}_{GLIBC[1]}_{self.machine}"
        info, data = f"tenon-{self.version}.dist-info", f"tenon-{self.version}.data"
        readme = (ROOT / "README.md").read_text()
        entries = {
            f"{data}/scripts/tenon": (self.tree / "bin/tenon").read_bytes(),
            f"{info}/METADATA": (f"Metadata-Version: 2.1\nName: tenon\nVersion: {self.version}\nSummary: {SUMMARY}\nLicense: Apache-2.0\n"
                                 f"License-File: LICENSE\nLicense-File: LICENSE-WASI.md\nRequires-Python: >=3.7\nDescription-Content-Type: text/markdown\n\n{readme}"
                                 ).encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tenon\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
            f"{info}/LICENSE": (ROOT / "LICENSE").read_bytes(),
            f"{info}/LICENSE-WASI.md": (ROOT / "wit/wasi/LICENSE.md").read_bytes(),
        }
        for file in sorted((self.tree / "share").rglob("*")):
            if file.is_file() and "doc" not in file.parts:
                entries[f"{data}/data/share/{file.relative_to(self.tree / 'share')}"] = file.read_bytes()
        record = ""
        for name, content in entries.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(content)}\n"
        entries[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
        path = self.out / f"tenon-{self.version}-{tag}.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in entries.items():
                entry = zipfile.ZipInfo(name, time.gmtime(self.time)[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
                archive.writestr(entry, content)
        return path

    def spdx(self):
        """SPDX 2.3: the files, and what is linked in."""
        files, contains = [], []
        for number, file in enumerate(sorted(file for file in self.tree.rglob("*") if file.is_file())):
            content = file.read_bytes()
            files.append({"SPDXID": f"SPDXRef-File-{number}", "fileName": f"./{file.relative_to(self.tree)}",
                          "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()},
                                        {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}],
                          "licenseConcluded": "Apache-2.0", "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"})
            contains.append(f"SPDXRef-File-{number}")
        sums = sorted(file["checksums"][0]["checksumValue"] for file in files)
        packages = [{"SPDXID": "SPDXRef-tenon", "name": "tenon", "versionInfo": self.version, "downloadLocation": "NOASSERTION",
                     "filesAnalyzed": True, "hasFiles": contains, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
                     "licenseInfoFromFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
                     "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()}}]
        relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-tenon"}]
        for name, licence in LINKED:
            found = run("dpkg-query", "-W", "-f", "${Version}", name)
            ident = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)
            packages.append({"SPDXID": ident, "name": name, "versionInfo": found, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                             "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION"})
            relations.append({"spdxElementId": "SPDXRef-tenon", "relationshipType": "STATIC_LINK", "relatedSpdxElement": ident})
        name = f"tenon-{self.version}"
        document = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
                    "documentNamespace": f"{HOMEPAGE}/spdx/{name}-{self.commit}",
                    "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.time)), "creators": ["Tool: tenon-package"]},
                    "packages": packages, "files": files, "relationships": relations}
        path = self.out / f"{name}.spdx.json"
        path.write_text(json.dumps(document, indent=1) + "\n")
        return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/package")
    parser.add_argument("--dirty", action="store_true")
    options = parser.parse_args()
    out = options.out.resolve()
    package = Package(options.build.resolve(), out, options.dirty)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    package.stage()
    made = [package.deb(), package.tar(), package.wheel(), package.spdx()]
    for scratch in ("tree", "deb", "shlibdeps"):
        shutil.rmtree(out / scratch)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(made))
    (out / "SHA256SUMS").write_text(sums)
    print(sums, end="")


if __name__ == "__main__":
    main()
