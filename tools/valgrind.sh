#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# valgrind.sh unit PROGRAM [ARG…] | valgrind.sh golden GOLDEN_TEST TENON FOLDER: a unit test, or every golden file of a
# folder, under valgrind's memcheck. Exits 1 when something read what was never written, or was freed; 77: no valgrind.
# What the tests themselves say counts too.
set -eu
valgrind=$(command -v valgrind) || { echo "skipped: no valgrind"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
memcheck=("$valgrind" --quiet --error-exitcode=99 --log-file="$dir/log.%p" --num-callers=30)

report() {  # STATUS: what memcheck saw, and the end
  find "$dir" -name 'log.*' -size +0 -exec cat {} + > "$dir/all" || true
  if [ -s "$dir/all" ]; then head -200 "$dir/all"; exit 1; fi
  exit "$1"
}

case ${1:-} in
  unit)
    shift
    "${memcheck[@]}" "$@" || report 1
    ;;
  golden)
    test=$2 tenon=$(realpath "$3") folder=$4
    # The golden files name the program; its folder is where they find it. Guests run without memcheck: it does not
    # know the system calls that tell which pages of a memory were written.
    mkdir "$dir/bin"
    cat > "$dir/bin/tenon" << END
#!/bin/bash
case \${1:-} in run | test | wast) exec ${tenon@Q} "\$@" ;; esac
exec ${memcheck[@]@Q} ${tenon@Q} "\$@"
END
    chmod +x "$dir/bin/tenon"
    passed=0 failed=0
    for file in "$folder"/*; do
      head -c 40 "$file" 2> /dev/null | head -1 | grep -Eq '^[/;# ]+(RUN|FAIL)[:(]' || continue
      case $file in *.stdout | *.stderr) continue ;; esac
      if "$test" "$dir/bin/tenon" "$file"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $file"; fi
    done
    echo "$passed passed, $failed failed"
    [ $passed -gt 0 ] || failed=1
    report $((failed > 0))
    ;;
  *)
    sed -n '3,5s/^# //p' "$0"
    exit 2
    ;;
esac
report 0
