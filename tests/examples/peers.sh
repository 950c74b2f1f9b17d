#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# peers.sh TENON EXAMPLES: every component that the examples built validates under wasm-tools and gives the same
# results, letter by letter, under wasmtime. Both are looked for in $TENON_PEERS/bin and in PATH. 77: skipped.
set -eu
tenon=$1 examples=$2
PATH=${TENON_PEERS:-/nonexistent}/bin:$PATH
checked=0

if command -v wasm-tools > /dev/null; then
  while read -r component; do
    wasm-tools validate --features all "$component"
    checked=$((checked + 1))
  done < <(find "$examples" -path '*/build/release/*.wasm')
  echo "wasm-tools finds $checked components valid"
fi

same() {
  local component=$1 call=$2 ours theirs
  [ -e "$component" ] || return 0
  ours=$("$tenon" run --invoke "$call" "$component")
  theirs=$(wasmtime run --invoke "$call" "$component")
  [ "$ours" = "$theirs" ] || { echo "$component: $call"; echo "tenon:    $ours"; echo "wasmtime: $theirs"; exit 1; }
  checked=$((checked + 1))
}

if command -v wasmtime > /dev/null; then
  for component in "$examples"/calculator/*/build/release/*.wasm; do
    for call in 'add(5, 3)' 'add(0.1, 0.2)' 'subtract(1, 1e300)' 'multiply(2.5, -4)' 'divide(10, 4)' 'divide(1, 0)' \
                'add(nan, 1)' 'add(inf, 1)'; do
      same "$component" "$call"
    done
  done
  for call in 'power(2, 10)' 'sqrt(2)' 'sqrt(-1)'; do
    same "$examples/advanced/build/release/calculator_component.wasm" "$call"
  done
  for component in "$examples"/data-types/build/release/*.wasm "$examples"/data-types/rust/build/release/*.wasm; do
    same "$component" 'calculate-batch([add, divide], [{x: 0.1, y: 0.2}, {x: 1, y: 0}])'
  done
  for component in "$examples"/image-processor/build/release/*.wasm; do
    same "$component" 'resize({width: 2, height: 1, data: [0, 10, 20, 100, 110, 120]}, 4, 2, png)'
    same "$component" 'resize({width: 2, height: 1, data: [0, 10, 20, 100, 110, 120]}, 0, 2, png)'
    same "$component" 'resize({width: 2, height: 1, data: [0, 10, 20, 100, 110, 120]}, 4, 2, webp)'
  done
  for component in "$examples"/plugin-host/shout/build/release/*.wasm; do
    same "$component" 'apply("Grüße, \"Welt\"\n")'
    same "$component" 'name()'
  done
  echo "wasmtime agrees"
fi
[ $checked -gt 0 ] || { echo "skipped: neither wasm-tools nor wasmtime"; exit 77; }
