#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sizes.sh TENON EXAMPLES LANG LIMIT SMALL: the calculator in release is no larger than LIMIT bytes, with the small
# allocator no larger than SMALL, and passes its cases both ways. 77 without the compiler.
set -eu
tenon=$1 examples=$2 lang=$3 limit=$4 small=$5
dir=$(mktemp -d)
export XDG_CACHE_HOME=$dir/cache
trap 'rm -rf "$dir"' EXIT
if [ "$lang" = rust ] && ! "$tenon" doctor | grep -q '^ok  *rustc with a wasm target'; then
  echo "skipped: no rustc with a wasm target"; exit 77
fi
cp -r "$examples/calculator/wit" "$examples/calculator/$lang" "$dir"
check() {
  "$tenon" build "$dir/$lang" --release -q
  component=$(echo "$dir/$lang"/build/release/*.wasm)
  size=$(wc -c < "$component")
  echo "$lang: $size bytes"
  [ "$size" -le "$1" ] || { echo "more than $1"; exit 1; }
  "$tenon" test "$component" "$examples/calculator/test_cases.json" -q
}
check "$limit"
sed -i '1i allocator = "small"' "$dir/$lang/tenon.toml"
check "$small"
