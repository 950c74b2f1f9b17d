#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_guest.sh TENON CLANG WIT SOURCE OUT: a component of one file in C, by hand: compile and link,
# write the world in, wrap. 77 (skipped) when the compiler cannot link for wasm32.
set -eu
tenon=$1 clang=$2 wit=$3 source=$4 out=$5
if ! "$clang" --target=wasm32 -O2 -nostdlib -Wall -Wextra -Werror -Wl,--no-entry \
  -o "$out.core.wasm" "$source" 2>"$out.log"; then
  if grep -q "No available targets\|unable to execute command\|unable to create target" "$out.log"; then
    echo "skipped: $clang does not make WebAssembly here"
    exit 77
  fi
  cat "$out.log"
  exit 1
fi
"$tenon" component embed "$wit" "$out.core.wasm" -o "$out.world.wasm"
"$tenon" component new "$out.world.wasm" -o "$out"
