#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# faults.sh TENON CASE: one thing that goes wrong in or around a build. Each case asks for the same: an error that
# says what to do, no half-written file, and a next build that is right. 77: skipped.
set -eu
tenon=$1 case=$2
dir=$(mktemp -d)
trap 'umount "$dir/small" 2>/dev/null || true; rm -rf "$dir"' EXIT
p=$dir/p
export XDG_CACHE_HOME=$dir/cache

fail() { echo "$case: $*"; exit 1; }

# A project in C: it compiles in a tenth of a second.
project() {
  mkdir -p "$p/wit" "$p/src"
  cat > "$p/wit/world.wit" << 'EOF'
package demo:sum@1.0.0;
world sum { export add: func(a: u32, b: u32) -> u32; }
EOF
  printf '#include "sum.h"\n\nuint32_t exports_sum_add(uint32_t a, uint32_t b) { return a + b; }\n' > "$p/src/sum_impl.c"
  printf 'name = "sum"\nlang = "c"\n' > "$p/tenon.toml"
}
build() { "$tenon" build "$p" "$@" > "$dir/out" 2> "$dir/err"; }
# What was asked for is there, whole, and does what the sources say.
right() {
  build || { cat "$dir/err"; fail "the next build fails"; }
  whole
  [ "$("$tenon" run --invoke 'add(2, 3)' "$p/build/debug/sum.wasm")" = "$1" ] || fail "the next build is not right"
}
# Nothing half-written: what ends in .wasm is a component, and nothing else does.
whole() {
  while read -r file; do
    case $file in */build/*/sum.wasm) ;; *) fail "left behind: $file" ;; esac
    "$tenon" validate "$file" > /dev/null 2>&1 || fail "half-written: $file"
  done < <(find "$p" -name '*.wasm' -type f)
  [ -z "$(find "$p/build" -name '*.tmp*' 2> /dev/null)" ] || fail "a scratch file is left"
}
says() { grep -q -- "$1" "$dir/err" || { cat "$dir/err"; fail "the error does not say: $1"; }; }
breaks() {
  if build "$@"; then fail "the build should fail"; fi
}

project
case $case in
  broken-wit)
    right 5
    sed -i 's/-> u32;/-> u33;/' "$p/wit/world.wit"
    breaks
    says 'error\[wit-'; says 'world.wit:2:'
    whole
    project
    right 5
    ;;
  broken-source)
    right 5
    sed -i 's/a + b/a + c/' "$p/src/sum_impl.c"
    breaks
    says "use of undeclared identifier 'c'"
    whole
    sed -i 's/a + c/a * b/' "$p/src/sum_impl.c"
    right 6
    ;;
  file-size)  # a write fails wherever it happens to come: every limit up to where the build passes
    for blocks in 0 1 4 12 40; do
      rm -rf "$p/build" "$p/tenon.lock" "$dir/cache"
      if (trap '' XFSZ; ulimit -f $blocks; "$tenon" build "$p" > /dev/null 2> /dev/null); then
        whole
        [ "$("$tenon" run --invoke 'add(2, 3)' "$p/build/debug/sum.wasm")" = 5 ] || fail "a wrong component within $blocks blocks"
      fi
      whole
      right 5
    done
    ;;
  file-size-signal)  # the same with the signal that ends a program
    right 5
    touch "$p/src/sum_impl.c"; sed -i 's/a + b/a * b/' "$p/src/sum_impl.c"
    (ulimit -f 1; "$tenon" build "$p" > /dev/null 2>&1) && fail "the build should fail"
    whole
    right 6
    ;;
  full-disk)
    mkdir "$dir/small"
    mount -t tmpfs -o size=48k tmpfs "$dir/small" 2> /dev/null || { echo "skipped: may not mount"; exit 77; }
    cp -r "$p" "$dir/small/p"; p=$dir/small/p
    XDG_CACHE_HOME=$dir/small/cache
    breaks
    says 'No space left on device'
    whole
    mount -o remount,size=8m "$dir/small"
    right 5
    # The disk fills up while an older result is there: that one stays.
    sed -i 's/a + b/a * b/' "$p/src/sum_impl.c"
    dd if=/dev/zero of="$dir/small/fill" bs=4k 2> /dev/null || true
    breaks
    whole
    rm "$dir/small/fill"
    right 6
    ;;
  killed)
    right 5
    for ms in 005 015 030 050 080 120 200; do
      sed -i "s/a + b.*;/a + b; \/* $ms *\//" "$p/src/sum_impl.c"
      "$tenon" build "$p" > /dev/null 2>&1 &
      sleep 0.$ms
      kill -KILL $! 2> /dev/null || true
      wait $! 2> /dev/null || true
      [ ! -e "$p/build/debug/sum.wasm" ] || "$tenon" validate "$p/build/debug/sum.wasm" > /dev/null || fail "half-written"
    done
    sed -i 's/a + b/a * b/' "$p/src/sum_impl.c"
    right 6
    ;;
  torn-cache)  # what an interrupted or damaged file system may leave in the cache
    right 5
    for file in $(find "$dir/cache" -type f -not -name lock); do
      head -c 7 "$file" > "$file.half" && mv "$file.half" "$file"
    done
    printf '\0asm' > "$p/build/debug/sum.wasm"
    right 5
    ;;
  odd-cache)  # what is not a file stands where the cache has one, or a file of another key
    right 5
    cp -r "$dir/cache" "$dir/whole"
    for kind in folder link device pipe edited mixed; do
      rm -rf "$dir/cache" "$p/build"; cp -r "$dir/whole" "$dir/cache"
      before=
      for file in $(find "$dir/cache" -type f -not -name lock); do
        case $kind in
          folder) rm "$file"; mkdir "$file" ;;
          link) rm "$file"; ln -s /nowhere/at/all "$file" ;;
          device) rm "$file"; ln -s /dev/zero "$file" ;;
          pipe) rm "$file"; mkfifo "$file" ;;
          edited) sed -i 's/add/bad/g; s/a/b/' "$file" ;;
          mixed)  # each record goes under the key of the one before
            case $file in *.record) ;; *) continue ;; esac
            cp "$file" "$dir/now"
            [ -z "$before" ] || cp "$dir/last" "$file"
            before=$file; mv "$dir/now" "$dir/last"
            ;;
        esac
      done
      right 5
    done
    ;;
  cache-is-a-file)
    : > "$p/build"
    breaks
    says 'error\[build-folder\]'; says 'must be writable'
    rm "$p/build"
    rm -rf "$dir/cache"; mkdir "$dir/cache"; : > "$dir/cache/tenon"
    right 5
    says 'note: no cache is used'
    ;;
  foreign-cache)  # a folder that others may write to, or that leads elsewhere, is not believed
    mkdir -p -m 700 "$dir/cache/tenon"; chmod 755 "$dir/cache/tenon"
    right 5
    says 'its mode is 755, wanted 700'
    [ -z "$(ls -A "$dir/cache/tenon")" ] || fail "something was written there"
    rm -r "$dir/cache/tenon"; mkdir -m 700 "$dir/elsewhere"; ln -s "$dir/elsewhere" "$dir/cache/tenon"
    right 5
    says 'note: no cache is used'
    [ -z "$(ls -A "$dir/elsewhere")" ] || fail "something was written through the link"
    XDG_CACHE_HOME=relative HOME=$dir/home right 5
    [ -d "$dir/home/.cache/tenon" ] || fail "a relative XDG_CACHE_HOME was taken"
    [ "$(stat -c %a "$dir/home/.cache/tenon")" = 700 ] || fail "the cache is open to others"
    ;;
  planted)  # objects, stamps and headers that come with a project are not believed, nor written there
    right 5
    cp -r "$dir/cache/tenon" "$dir/planted"
    sed -i 's/a + b/a * b/' "$p/src/sum_impl.c"
    rm -rf "$p/build" "$dir/cache"; mkdir "$p/build"; cp -r "$dir/planted" "$p/build/.tenon"
    mkdir -p "$p/build/.tenon/objects" "$p/build/.tenon/debug/gen/guest"
    printf '#define b a\n' > "$p/build/.tenon/debug/gen/guest/stdint.h"
    (cd "$p/build/.tenon" && find . -type f | sort | xargs sha256sum) > "$dir/before"
    right 6
    "$tenon" build --locked "$p" 2> "$dir/err"; says '2 compiled\|from the cache'
    (cd "$p/build/.tenon" && find . -type f | sort | xargs sha256sum) | cmp - "$dir/before" || fail "it wrote into the project"
    [ "$(cd "$p/build" && find . -type f -not -path './.tenon/*' | sort | tr '\n' ' ')" = "./debug/sum.wasm ./debug/sum.wit " ] || fail "more than results"
    ;;
  precompiled)  # the precompiled header of guests: what is not the file that the cache made is made anew
    "$tenon" new "$dir/g" --lang cpp -q
    source=$dir/g/src/greeting.cpp
    [ -e "$source" ] || source=$(ls "$dir"/g/src/*.cpp)
    round=0
    # Builds a source that was not built before, within a minute: what it finds in the cache must not hold it up.
    guest() {
      round=$((round + 1))
      echo "// $round" >> "$source"
      timeout 60 "$tenon" build "$dir/g" -v > "$dir/out" 2> "$dir/err" || { cat "$dir/err"; fail "$1: the build fails"; }
      [ "$("$tenon" run --invoke 'greet("x")' "$dir/g/build/debug/g.wasm")" = 'ok("Hello, x!")' ] || fail "$1: a wrong component"
      pch=$(find "$dir/cache/tenon/headers" -name '*.pch')
      [ "$(echo "$pch" | wc -l)" = 1 ] && [ -f "$pch" ] && [ ! -L "$pch" ] || fail "$1: no precompiled header is left"
    }
    made() { grep -q -- '-x c++-header' "$dir/err" || fail "$1: the precompiled header was believed"; }
    kept() { ! grep -q -- '-x c++-header' "$dir/err" || fail "$1: the precompiled header was made again"; }
    guest first; made first
    guest second; kept second
    here=$(dirname "$pch")
    cp "$pch" "$dir/good.pch"
    printf 'nonsense' > "$pch"; guest nonsense; made nonsense
    truncate -s 5000 "$pch"; guest truncated; made truncated
    : > "$pch"; guest empty; made empty
    rm "$pch"; guest gone; made gone
    rm "$pch"; mkfifo "$pch"; guest pipe; made pipe
    rm "$pch"; mkdir "$pch"; guest folder; made folder
    rm "$pch"; ln -s "$dir/good.pch" "$pch"; guest link; made link
    rm "$pch"; ln -s /dev/zero "$pch"; guest device; made device
    # One that the compiler takes, made with the same flags from a header that says something else.
    command=$(grep -- '-x c++-header' "$dir/err" | tail -1 | sed 's/^ *//; s/ -o [^ ]*$//')
    cp "$here/tenon_guest.hpp" "$dir/header"
    sed -i 's/greet/treat/g; 1i #define nobody somebody' "$here/tenon_guest.hpp"
    (cd "$dir/g" && eval "$command -o $pch") 2> "$dir/err" || { cat "$dir/err"; fail "no other header is made"; }
    guest 'another header'; made 'another header'
    cmp -s "$here/tenon_guest.hpp" "$dir/header" || fail "the header stays another one"
    cp "$dir/good.pch" "$pch"; guest 'another file'; made 'another file'
    for name in lock tenon_guest.hpp; do
      rm "$here/$name"; mkfifo "$here/$name"; guest "a pipe as $name"; made "a pipe as $name"
      rm "$here/$name"; mkdir "$here/$name"; guest "a folder as $name"; made "a folder as $name"
    done
    rm -r "$here"; mkfifo "$here"; guest 'a pipe as the folder'; made 'a pipe as the folder'
    if [ "$(id -u)" = 0 ]; then
      chown 12345 "$pch"; guest 'of another user'; made 'of another user'
    fi
    guest last; kept last
    ;;
  no-cache)
    right 5
    rm -rf "$dir/cache"
    build --no-cache; says '2 compiled, 0 from the cache'
    build --no-cache; says '2 compiled, 0 from the cache'
    [ ! -e "$dir/cache" ] || fail "a cache was made"
    ;;
  read-only)
    right 5
    mount --bind "$p/build" "$p/build" 2> /dev/null && mount -o remount,ro,bind "$p/build" || { echo "skipped: may not mount"; exit 77; }
    trap 'umount "$p/build" 2>/dev/null || true; rm -rf "$dir"' EXIT
    sed -i 's/a + b/a * b/' "$p/src/sum_impl.c"
    breaks
    says 'error\[build-folder\]'; says 'Read-only file system'
    umount "$p/build"
    right 6
    ;;
  two-at-once)
    for round in 1 2; do
      rm -rf "$p/build"
      "$tenon" build "$p" 2> "$dir/one" & one=$!
      "$tenon" build "$p" --release 2> "$dir/two" & two=$!
      "$tenon" build "$p" 2> "$dir/three" & three=$!
      wait $one || { cat "$dir/one"; fail "the first build fails"; }
      wait $two || { cat "$dir/two"; fail "the second build fails"; }
      wait $three || { cat "$dir/three"; fail "the third build fails"; }
      cat "$dir/one" "$dir/three" | grep -q 'is up to date' || fail "of two equal builds one has nothing to do"
      [ "$("$tenon" run --invoke 'add(2, 3)' "$p/build/release/sum.wasm")" = 5 ] || fail "the release is not right"
      right 5
    done
    ;;
  *) fail "no such case" ;;
esac
