#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# g++ reads every header of the tree by itself: none stands on what another happened to include.
set -eu
cd "$(dirname "$0")/.."
failed=0
for header in $(git ls-files 'tenon/*.h' | grep -v '^tenon/llvm/'); do
  echo "#include \"$header\"" | g++ -std=gnu++23 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I. -x c++ - || {
    echo "$header: g++ does not take it by itself" >&2
    failed=1
  }
done
exit $failed
