#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing of the Debian 12 packages that building and testing tenon take. Does
# nothing when all are there. Needs root only when something is missing.
set -eu
. "$(dirname "$0")/apt.sh"

llvm_suite=22
packages="build-essential g++ git make cmake ninja-build ccache python3 ca-certificates
  clang-22 lld-22 llvm-22 clang-tidy-22 clang-format-22 libclang-rt-22-dev
  libfmt-dev libtomlplusplus-dev libgtest-dev libboost-context-dev libssl-dev valgrind
  wasi-libc libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32"
# A Rust with a wasm target: Debian's own, and the linker it can use. Skipped when one is there with its cargo.
rust_packages="rustc cargo libstd-rust-dev-wasm32 lld-14"

has_rust_target() {
  rustc=$(command -v rustc) || return 1
  [ -x "$(dirname "$rustc")/cargo" ] || return 1
  for target in wasm32-unknown-unknown wasm32-wasip1 wasm32-wasi; do
    folder=$(rustc --print target-libdir --target "$target" 2>/dev/null) || continue
    [ -d "$folder" ] && return 0
  done
  return 1
}

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "note: this is no Debian; what stands in for these packages must be there: $(echo $packages $rust_packages)" >&2
  exit 0
fi
missing=$(missing_of $packages)
if [ "${1:-}" != "--no-rust" ] && ! has_rust_target; then
  missing=$missing$(missing_of $rust_packages)
fi
[ -z "$missing" ] && exit 0

begin_install "$missing"
if ! apt-cache policy clang-$llvm_suite | grep -q 'Candidate: [^(]'; then
  # clang 22 stands in Debian's security suite, which a bare bootstrap does not list: its address is
  # that of the main suite with `-security` behind it.
  base=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n 's,/debian/$,/debian,p' | head -1)
  if [ -n "$base" ]; then
    echo "adding the suite bookworm-security of $base-security"
    echo "deb $base-security bookworm-security main" > /etc/apt/sources.list.d/bookworm-security.list
    apt-get update -q
  fi
  if ! apt-cache policy clang-$llvm_suite | grep -q 'Candidate: [^(]'; then
    echo "error: the package sources of this machine have no clang-$llvm_suite (Debian 12 has it in bookworm-security)" >&2
    exit 1
  fi
fi
install_packages $missing
