#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libc_names.sh TENON LANG: a world whose exports and imports have the names of libc's, libm's and compiler-rt's
# functions, and those of a module's own exports. The guest calls the library's functions, the host the world's; neither
# meets the other. 77: skipped.
set -eu
tenon=$1 lang=$2
here=$(cd "$(dirname "$0")/libc_names" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$tenon" doctor > "$dir/doctor" 2>&1 || true
case $lang in
  c) grep -q 'ok *wasi-libc' "$dir/doctor" || { echo "skipped: no wasi-libc"; exit 77; } ;;
  cpp) grep -q 'ok *libc++' "$dir/doctor" || { echo "skipped: no libc++"; exit 77; } ;;
  rust) grep -q 'ok *rustc' "$dir/doctor" || { echo "skipped: no rustc"; exit 77; } ;;
esac
for world in names own-names; do
  p=$dir/p-$world
  "$tenon" new --lang "$lang" --wit "$here/names.wit" -w $world "$p" > "$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
  snake=${world//-/_} own=
  [ $world = names ] || own=1
  case $lang in
    c) { [ -z "$own" ] || echo '#define OWN'; sed "s/WORLD/$snake/g" "$here/names.c"; } > "$p/src/${snake}_impl.c" ;;
    cpp) { [ -z "$own" ] || echo '#define OWN'; sed "s/WORLD/$snake/g" "$here/names.cpp"; } > "$p/src/${snake}_impl.cpp" ;;
    rust)
      sed "s/BINDINGS/p_${snake}_bindings/g" "$here/names.rs" > "$p/src/lib.rs"
      [ -z "$own" ] || sed -i 's|/\*OWN\*/|fn memory(n: u32) -> String { format!("m{}", n) }|' "$p/src/lib.rs" ;;
  esac
  for profile in debug release; do
    "$tenon" build "$p" --profile $profile > "$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
    component=$p/build/$profile/p-$world.wasm
    "$tenon" test "$component" "$here/cases.json"
    [ -z "$own" ] || "$tenon" test "$component" "$here/own_cases.json"
  done
done
