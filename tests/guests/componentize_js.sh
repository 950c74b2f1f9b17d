#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# componentize_js.sh TENON WIT CASES FOLDER [npm]: builds the calculator in JavaScript with componentize-js (some
# 12 MB, most of it the engine) and runs the same cases against it. componentize-js is looked for in $TENON_PEERS and
# in PATH; with `npm` it is installed into FOLDER, once. 77: skipped.
set -eu
tenon=$1 wit=$2 cases=$3 folder=$4 npm=${5:-}
here=$(cd "$(dirname "$0")" && pwd)
version=0.23.0

find_program() {
  for bin in "${TENON_PEERS:-/nonexistent}/bin" "${TENON_PEERS:-/nonexistent}/node_modules/.bin" "$folder/node_modules/.bin"; do
    [ -x "$bin/componentize-js" ] && { echo "$bin/componentize-js"; return; }
  done
  command -v componentize-js || true
}

command -v node > /dev/null || { echo "skipped: no node"; exit 77; }
mkdir -p "$folder"
program=$(find_program)
if [ -z "$program" ] && [ -n "$npm" ] && command -v npm > /dev/null; then
  (cd "$folder" && npm install --no-audit --no-fund --no-save "@bytecodealliance/componentize-js@$version" > npm.log 2>&1) ||
    { tail -3 "$folder/npm.log"; echo "skipped: npm cannot install componentize-js"; exit 77; }
  program=$(find_program)
fi
[ -n "$program" ] || { echo "skipped: no componentize-js in \$TENON_PEERS or PATH"; exit 77; }

component=$folder/calculator.wasm
"$program" "$here/js/calculator.js" -w "$wit" -n calculator-component \
  -d stdio -d random -d clocks -d http -d fetch-event -o "$component.tmp" > "$folder/build.log" 2>&1 ||
  { cat "$folder/build.log"; exit 1; }
mv "$component.tmp" "$component"
"$tenon" validate "$component"
"$tenon" test "$component" "$cases"
