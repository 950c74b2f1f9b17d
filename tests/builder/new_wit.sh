#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# new_wit.sh TENON LANG WIT…: `tenon new` makes a project that passes its tests, with `--wit` one that builds at once. 77 without the compiler.
set -eu
tenon=$1 lang=$2
shift 2
dir=$(mktemp -d)
export XDG_CACHE_HOME=$dir/cache
trap 'rm -rf "$dir"' EXIT
if [ "$lang" = rust ] && ! "$tenon" doctor | grep -q '^ok  *rustc with a wasm target'; then
  echo "skipped: no rustc with a wasm target"; exit 77
fi
# The template is laid out, has its docs, builds and passes its own cases.
"$tenon" new "$dir/hello" --lang "$lang" -q
"$tenon" wit fmt --check "$dir/hello/wit"
"$tenon" wit lint "$dir/hello/wit"
"$tenon" test "$dir/hello" -q
for wit in "$@"; do
  rm -rf "$dir/stubs"
  "$tenon" new "$dir/stubs" --lang "$lang" --wit "$wit" -q
  "$tenon" build "$dir/stubs" -q || { echo "$wit does not build"; cat "$dir"/stubs/src/*; exit 1; }
  "$tenon" component targets "$dir/stubs/wit" "$dir/stubs/build/debug/stubs.wasm" > /dev/null
done
