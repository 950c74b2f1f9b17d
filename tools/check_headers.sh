#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# g++ reads every public header by itself (with --all every header): none stands on what another
# happened to include.
set -eu
cd "$(dirname "$0")/.."
made=build/release/rooms/wasi/p2  # what private headers of the room wasi include is generated
if [ "${1:-}" = --all ]; then
  headers=$(git ls-files 'tenon/*.h')
else
  # What the rooms name after HEADERS.
  headers=$(for file in tenon/*/CMakeLists.txt; do
    sed 's/#.*//' "$file" | tr -s ' \n()' '\n' | awk -v room="$(dirname "$file")" '
      /^[A-Z_]+$/ { on = $0 == "HEADERS" }
      on && /\.h$/ { print room "/" $0 }'
  done)
fi
echo "$headers" | xargs -P "$(nproc)" -I '{}' sh -c '
  echo "#include \"{}\"" | g++ -std=gnu++23 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I. -I"$0" -x c++ - || {
    echo "{}: g++ does not take it by itself" >&2
    exit 1
  }' "$made"
echo "g++ took $(echo "$headers" | wc -l) headers"
