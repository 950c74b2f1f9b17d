#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Format, layers, style; clang-tidy over what changed since main's merge base, over everything with
# --all, over nothing with --no-tidy. Needs a configured build/release.
set -eu
cd "$(dirname "$0")/.."

failed=0
git ls-files '*.h' '*.hpp' '*.cpp' '*.c' | xargs clang-format-22 --dry-run -Werror || failed=1
for check in check_layers.py check_style.py "spec_map.py --check"; do
  python3 tools/$check || failed=1
done

if [ "${1:-}" = --no-tidy ]; then
  files=
elif [ "${1:-}" = --all ]; then
  files=$(git ls-files 'tenon/*.cpp')
else
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || echo HEAD~1)
  [ "$base" = "$(git rev-parse HEAD)" ] && base=HEAD~1
  files=$( (git diff --name-only --diff-filter=d "$base" -- 'tenon/*.cpp'; git ls-files -o --exclude-standard 'tenon/*.cpp') | sort -u)
fi
known=
for file in $files; do
  grep -q "/$file\"" build/release/compile_commands.json && known="$known $file"
done
if [ -n "$known" ]; then
  python3 tools/tidy.py $known || failed=1
fi
# Generated text is code as well.
if [ -x build/release/bin/bindgen_generate ]; then
  python3 tests/bindgen/text.py build/release/bin/bindgen_generate build/release/tests/bindgen/text --tidy || failed=1
fi
[ $failed = 0 ] && echo "check: clean"
exit $failed
