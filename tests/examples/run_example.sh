#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_example.sh TENON build|test FOLDER NEEDS [CASES…]: one step of one example. 77 (skipped) when a
# compiler that it NEEDS is not on this machine.
set -eu
tenon=$1 step=$2 folder=$3 needs=$4
shift 4
if [ "$needs" = rust ] && ! "$tenon" doctor 2>/dev/null | grep -q '^ok  *rustc with a wasm target'; then
  echo "skipped: no rustc with a wasm target"
  exit 77
fi
export XDG_CACHE_HOME=${folder%/}.cache
case $step in
  build) exec "$tenon" build "$folder" --profile release ;;
  test) exec "$tenon" test "$folder/build/release/"*.wasm "$@" ;;
esac
