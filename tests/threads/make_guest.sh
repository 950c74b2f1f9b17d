#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_guest.sh CLANG SOURCE OUT: a core module with threads, of one file in C. 77 (skipped) when the
# compiler cannot link for wasm32.
set -eu
clang=$1 source=$2 out=$3
if ! "$clang" --target=wasm32 -O2 -nostdlib -Wall -Wextra -Werror -matomics -mbulk-memory -Wl,--no-entry \
  -Wl,--shared-memory,--import-memory,--max-memory=4194304 \
  -Wl,--export=__stack_pointer,--export=__wasm_init_tls -o "$out" "$source" 2>"$out.log"; then
  if grep -q "No available targets\|unable to execute command\|unable to create target" "$out.log"; then
    echo "skipped: $clang does not make WebAssembly here"
    exit 77
  fi
  cat "$out.log"
  exit 1
fi
