#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh SECONDS [NAME…]: builds the fuzz targets (those named, or all) and gives each SECONDS. What one
# finds is put into build/fuzz/findings; the last lines say which targets found something and how to see it again.
set -eu
seconds=${1:-300}
[ $# -gt 0 ] && shift
cd "$(dirname "$0")/.."
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
targets=
for name in "$@"; do targets="$targets fuzz_$name"; done
# shellcheck disable=SC2086
if [ -n "$targets" ]; then cmake --build build/fuzz --target make_corpus $targets; else cmake --build build/fuzz; fi

findings=build/fuzz/findings
mkdir -p "$findings"
suites=${TENON_CONFORMANCE:-../shared/conformance}
[ -d "$suites/core" ] && build/fuzz/bin/make_corpus "$suites" build/fuzz/corpus wit
# The WIT of the tree is the seed of every target that reads WIT.
for source in fuzz/wit_*.cpp; do
  [ -f "$source" ] || continue
  corpus=build/fuzz/corpus/$(basename "$source" .cpp)
  mkdir -p "$corpus"
  number=0
  for file in $(find wit examples tests -name '*.wit' -size -16k | sort); do
    number=$((number + 1))
    cp "$file" "$corpus/tree-$number"
  done
done

failed=
run=0
for source in fuzz/*.cpp; do
  name=$(basename "$source" .cpp)
  [ "$name" = make_corpus ] && continue
  if [ $# -gt 0 ]; then
    case " $* " in *" $name "*) ;; *) continue ;; esac
  fi
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=
  [ -d "fuzz/corpus/$name" ] && seeds=fuzz/corpus/$name
  echo "fuzz $name: $seconds s from $(find "$corpus" $seeds -type f | wc -l) inputs"
  run=$((run + 1))
  # shellcheck disable=SC2086
  build/fuzz/bin/fuzz_"$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$findings/$name-" "$corpus" $seeds || failed="$failed $name"
done
for name in $failed; do
  echo "found by $name:"
  find "$findings" -name "$name-*" | sort | while read -r file; do
    echo "  build/fuzz/bin/fuzz_$name $file"
  done
done
echo "fuzz: $run targets, $(echo $failed | wc -w) with findings"
[ -z "$failed" ]
