#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes of bazel/ what a release of the rules is: build/bazel/rules_wasm_component-VERSION.tar.gz, the same bytes for the same
files, and beside it the entry that a Bazel registry asks for (`modules/NAME/…`; `--registry=file://…` takes it as it is).

    bazel_dist.py [--out DIR] [--url URL] [--homepage URL] [--repository github:OWNER/NAME] [--maintainer 'NAME <ADDRESS>']

URL is where the archive will be; by default the file itself. The homepage and the maintainers are those of tenon's packages,
and sources may come from the folder of URL, where nothing else is said."""
import argparse
import base64
import gzip
import hashlib
import io
import json
import pathlib
import re
import subprocess
import tarfile

from package import HOMEPAGE, MAINTAINER

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "rules_wasm_component"
PRESUBMIT = """matrix:
  platform: ["debian12"]
  bazel: ["7.x", "8.x"]
tasks:
  verify_targets:
    name: "Load every package"
    platform: ${{ platform }}
    bazel: ${{ bazel }}
    build_targets:
      - "@rules_wasm_component//toolchains:all"
"""


def version():
    text = (ROOT / "bazel/MODULE.bazel").read_text()
    own = re.search(r'^\s*version = "([^"]+)"', text, re.M).group(1)
    tenon = re.search(r'TENON_VERSION_STRING "([^"]+)"', (ROOT / "tenon/version.h").read_text()).group(1)
    if own != tenon:
        raise SystemExit(f"bazel/MODULE.bazel has the version {own}, tenon {tenon}")
    return own


def files():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "bazel"], cwd=ROOT, check=True, capture_output=True,
                         text=True).stdout
    return sorted(pathlib.Path(line) for line in out.splitlines() if (ROOT / line).is_file()) + [pathlib.Path("LICENSE")]


def archive(prefix):
    """A tar without times, owners and the order of the disk."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in files():
            content = (ROOT / path).read_bytes()
            name = path.relative_to("bazel") if path.parts[0] == "bazel" else path
            info = tarfile.TarInfo(f"{prefix}/{name}")
            info.size, info.mode = len(content), 0o755 if (ROOT / path).stat().st_mode & 0o100 else 0o644
            tar.addfile(info, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as out:
        out.write(raw.getvalue())
    return packed.getvalue()


def person(text):
    """`NAME <ADDRESS>` as a registry has it."""
    name, address = re.fullmatch(r"(.*?) *<(.*)>", text).groups()
    return {"name": name, "email": address}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/bazel")
    parser.add_argument("--url")
    parser.add_argument("--homepage", default=HOMEPAGE)
    parser.add_argument("--repository", action="append", default=[])
    parser.add_argument("--maintainer", action="append", default=[])
    args = parser.parse_args()
    args.out = args.out.resolve()
    release = version()
    prefix = f"{NAME}-{release}"
    packed = archive(prefix)
    place = args.out / f"{prefix}.tar.gz"
    write(place, packed)
    entry = args.out / "registry"
    write(entry / "bazel_registry.json", "{}\n")
    module = entry / "modules" / NAME
    url = args.url or place.as_uri()
    write(module / "metadata.json", json.dumps(
        {"homepage": args.homepage, "maintainers": [person(who) for who in args.maintainer or [MAINTAINER]],
         "repository": args.repository or [url.rpartition("/")[0] + "/"], "versions": [release], "yanked_versions": {}}, indent=2) + "\n")
    write(module / release / "MODULE.bazel", (ROOT / "bazel/MODULE.bazel").read_bytes())
    integrity = "sha256-" + base64.b64encode(hashlib.sha256(packed).digest()).decode()
    write(module / release / "source.json", json.dumps(
        {"url": url, "integrity": integrity, "strip_prefix": prefix}, indent=2) + "\n")
    write(module / release / "presubmit.yml", PRESUBMIT)
    print(f"{place}\n{entry}")


if __name__ == "__main__":
    main()
