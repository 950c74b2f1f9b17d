#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# buildifier's lint over the rules, the example and the stubs. It is taken from PATH, or from npm's package; where it cannot be
# had, that is said.
set -eu
cd "$(dirname "$0")/.."
version=8.2.1
buildifier=$(command -v buildifier || true)
if [ -z "$buildifier" ]; then
  folder=$PWD/.cache/buildifier-$version
  buildifier=$folder/node_modules/.bin/buildifier
  if ! [ -x "$buildifier" ] && ! npm install --silent --prefix "$folder" @bazel/buildifier@$version > /dev/null 2>&1; then
    echo "skipped: there is no buildifier, and npm brings none"
    exit 0
  fi
fi
"$buildifier" -lint=warn -mode=check -r bazel examples/bazel tests/bazel/stubs
"$buildifier" -mode=check -r tests/bazel
echo "buildifier has no remark"
