#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets and gives each SECONDS. What a target finds stays in build/fuzz/findings.
set -eu
seconds=${1:-300}
cd "$(dirname "$0")/.."
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
cmake --build build/fuzz
mkdir -p build/fuzz/findings
suites=${TENON_CONFORMANCE:-../shared/conformance}
[ -d "$suites/core" ] && build/fuzz/bin/make_corpus "$suites" build/fuzz/corpus
failed=0
for program in build/fuzz/bin/fuzz_*; do
  name=${program##*/fuzz_}
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=
  [ -d "fuzz/corpus/$name" ] && seeds=fuzz/corpus/$name
  echo "fuzz $name: $seconds s"
  "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix=build/fuzz/findings/$name- "$corpus" $seeds || failed=1
done
exit $failed
