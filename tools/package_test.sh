#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/package_test.sh DIR: are the packages of DIR (build/package) as tools/package.py promises? Installs the .deb in a fresh
# minimal Debian 12, makes, builds and tests a guest there, and takes it away again; installs the wheel in a venv of another
# one, without compilers; unpacks the .tar.gz twice. As root; installs mmdebstrap and lintian when they are missing. Downloads
# and lintian come first; the last line says what the installation and its use took.
set -eu
packages=$(cd "${1:-build/package}" && pwd)
deb=$(echo "$packages"/tenon_*.deb) wheel=$(echo "$packages"/tenon-*.whl) tarball=$(echo "$packages"/tenon-*.tar.gz)
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

fail() {
  echo "error: $*" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "this makes roots of Debian, which only root can"
missing=
for package in mmdebstrap lintian; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  apt-get update -q >/dev/null
  apt-get install -q -y --no-install-recommends $missing >/dev/null
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/deb bare=$scratch/bare
inside() {
  place=$1
  shift
  chroot "$place" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

echo "== downloads"
mmdebstrap --quiet --variant=minbase --mode=root --include=python3-venv \
  --setup-hook='mkdir -p "$1/var/cache/apt/archives"' bookworm "$bare" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "mmdebstrap"; }
mmdebstrap --quiet --variant=minbase --mode=root bookworm "$root" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "mmdebstrap"; }
cp "$deb" "$root/tenon.deb"
cp "$wheel" "$bare/"
inside "$root" apt-get update -q >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "apt-get update"; }
inside "$root" apt-get install -q -y --no-install-recommends --download-only ./tenon.deb >"$scratch/log" 2>&1 ||
  { cat "$scratch/log"; fail "the .deb wants what is not there"; }
inside "$bare" apt-get update -q >"$scratch/log" 2>&1

echo "== lintian"
lintian --allow-root --fail-on error "$deb"

# What is written lives as long as this test: dpkg need not wait for the disk at every file.
for place in "$root" "$bare"; do
  mkdir -p "$place/etc/dpkg/dpkg.cfg.d"
  echo force-unsafe-io >"$place/etc/dpkg/dpkg.cfg.d/unsafe-io"
done

begun=$(date +%s) lap=$(date +%s)
# Says what a step took.
took() {
  now=$(date +%s)
  echo "   $*: $((now - lap)) s"
  lap=$now
}
echo "== the packages are whole"
(cd "$packages" && sha256sum --quiet --check SHA256SUMS)
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$packages"/*.spdx.json

echo "== the .deb: install, make, build, test, remove"
inside "$root" apt-get install -q -y --no-install-recommends ./tenon.deb >"$scratch/log" 2>&1 ||
  { cat "$scratch/log"; fail "apt-get install ./tenon.deb"; }
took "apt-get install"
inside "$root" dpkg -L tenon | sort >"$scratch/files"
for wanted in /usr/bin/tenon /usr/share/man/man1/tenon.1.gz /usr/share/man/man1/tenon-wit-check.1.gz /usr/lib/libtenon_runtime.a \
  /usr/include/tenon/embed.h /usr/lib/cmake/tenon/tenonConfig.cmake /usr/share/doc/tenon/docs/guide.md \
  /usr/share/bash-completion/completions/tenon /usr/share/zsh/vendor-completions/_tenon /usr/share/fish/vendor_completions.d/tenon.fish; do
  grep -qx "$wanted" "$scratch/files" || fail "the .deb has no $wanted"
done
inside "$root" tenon --version
inside "$root" tenon doctor cpp c
inside "$root" sh -ec 'mkdir /tmp/w && cd /tmp/w && tenon new hello --lang cpp && cd hello && tenon build && tenon test'
took "a guest made, built and tested"
inside "$root" apt-get remove -q -y tenon >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "apt-get remove"; }
while read -r file; do
  # Folders of others stay.
  if [ -e "$root$file" ] && { [ ! -d "$root$file" ] || echo "$file" | grep -q tenon; }; then fail "apt-get remove leaves $file"; fi
done <"$scratch/files"
took "apt-get remove"

echo "== the wheel: a venv, doctor without compilers"
inside "$bare" python3 -m venv /v
inside "$bare" sh -ec '/v/bin/pip install -q --no-index --disable-pip-version-check /tenon-*.whl'
took "a venv and the wheel"
inside "$bare" /v/bin/tenon --version
code=0
inside "$bare" /v/bin/tenon doctor >"$scratch/doctor" || code=$?
tail -1 "$scratch/doctor"
[ "$code" = 1 ] || fail "doctor without compilers ends with $code, wanted 1"
line=$(sed -n 's/^what is missing, on Debian: //p' "$scratch/doctor")
case $line in *clang-22*libc++-22-dev-wasm32*rustc*) ;; *) fail "doctor names no packages: $line" ;; esac
inside "$bare" sh -ec "$line --simulate --no-install-recommends" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "apt takes not: $line"; }

echo "== the .tar.gz: two copies, each with its own"
for copy in one two; do
  mkdir "$scratch/$copy"
  tar -xzf "$tarball" -C "$scratch/$copy" --strip-components=1
  "$scratch/$copy/bin/tenon" --version >/dev/null
  if command -v cmake >/dev/null; then
    mkdir "$scratch/$copy/use"
    printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(use LANGUAGES CXX)' 'find_package(tenon REQUIRED)' \
      'message(STATUS "program: ${TENON_EXECUTABLE}")' >"$scratch/$copy/use/CMakeLists.txt"
    cmake -S "$scratch/$copy/use" -B "$scratch/$copy/use/build" -DCMAKE_PREFIX_PATH="$scratch/$copy" 2>&1 |
      grep -qx -- "-- program: $scratch/$copy/bin/tenon" || fail "the CMake package of a copy finds another program"
  fi
done
took "the rest"
echo "package test: passed, in $(($(date +%s) - begun)) s without downloads"
