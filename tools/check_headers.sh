#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# g++ reads every header of the tree by itself: none stands on what another happened to include.
set -eu
cd "$(dirname "$0")/.."
git ls-files 'tenon/*.h' | grep -v '^tenon/llvm/' | xargs -P "$(nproc)" -I '{}' sh -c '
  echo "#include \"{}\"" | g++ -std=gnu++23 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I. -x c++ - || {
    echo "{}: g++ does not take it by itself" >&2
    exit 1
  }'
