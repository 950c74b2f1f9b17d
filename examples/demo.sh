#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What tenon is for, in one go: three guests from one WIT, their tests, a C++ host with typed calls, and a
# picture resized inside a component. `make demo` runs it; everything lands in build/demo.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${TENON_BUILD:-$root/build/release}
demo=$root/build/demo

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { echo "\$ $*"; "$@"; }

mkdir -p "$demo"
cmake -D FROM="$root/examples" -D TO="$demo/examples" -P "$root/tests/examples/copy.cmake"
PATH=$build:$PATH
cd "$demo/examples"

step "1. An interface: calculator/wit/calculator.wit"
run tenon wit check calculator/wit
sed -n '/^interface/,/^}/p' calculator/wit/calculator.wit

step "2. Three guests built from it"
for guest in cpp c rust; do run tenon build "calculator/$guest" --profile release; done
for wasm in calculator/*/build/release/*.wasm; do echo "  $wasm: $(wc -c < "$wasm") bytes"; done

step "3. One file of cases tests them all"
for wasm in calculator/*/build/release/*.wasm; do run tenon test "$wasm" calculator/test_cases.json -q; done

step "4. Calls from the command line"
run tenon run --invoke 'add(0.1, 0.2)' calculator/rust/build/release/calculator_component.wasm
run tenon run --invoke 'divide(1, 0)' calculator/cpp/build/release/calculator.wasm

step "5. Typed calls from C++ (examples/calculator/host, examples/image-processor/host)"
run tenon build image-processor --profile release
prefix=$demo/prefix
cmake --install "$build" --prefix "$prefix" > "$demo/install.log"
for host in calculator image-processor; do
  cmake -S "$host/host" -B "$demo/host/$host" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_COMPILER=clang++-22 > "$demo/configure.log"
  cmake --build "$demo/host/$host" > "$demo/build.log" || { cat "$demo/build.log"; exit 1; }
done
for wasm in calculator/*/build/release/*.wasm; do run "$demo/host/calculator/calculator_host" "$wasm"; done
run "$demo/host/image-processor/image_host" image-processor/build/release/image_processor.wasm "$demo/resized.ppm"

step "Done: the resized picture is $demo/resized.ppm"
