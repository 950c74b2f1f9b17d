#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cargo.sh TENON: a crate with a dependency in a folder beside it, built by cargo without a registry, and the error
# where there is no cargo. 77 where no rustc has a wasm target, or no cargo is of its age.
set -eu
tenon=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$tenon" doctor | grep -q '^ok  *rustc with a wasm target' || { echo "skipped: no rustc with a wasm target"; exit 77; }

mkdir -p "$dir/crate/wit" "$dir/crate/src" "$dir/words/src"
cat > "$dir/crate/wit/world.wit" << 'EOF'
package demo:greeter@1.0.0;
interface greet { greeting: func(name: string) -> string; }
world greeter { export greet; }
EOF
cat > "$dir/crate/Cargo.toml" << 'EOF'
[package]
name = "greeter"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
wit-bindgen-rt = "0.30"
words = { path = "../words" }

[package.metadata.component.target]
path = "wit"
world = "greeter"
EOF
cat > "$dir/crate/src/lib.rs" << 'EOF'
use greeter_bindings::exports::demo::greeter::greet::Guest;

struct Component;

impl Guest for Component {
    fn greeting(name: String) -> String {
        words::exclaim(&format!("Hello, {}", name))
    }
}

greeter_bindings::export!(Component with_types_in greeter_bindings);
EOF
printf '[package]\nname = "words"\nversion = "0.1.0"\nedition = "2021"\n' > "$dir/words/Cargo.toml"
echo 'pub fn exclaim(s: &str) -> String { format!("{}!", s) }' > "$dir/words/src/lib.rs"

# rustc alone, with flags of the project and of a profile.
mkdir -p "$dir/flags/src"
cp -r "$dir/crate/wit" "$dir/flags"
sed 's/words::exclaim(\(.*\))$/if cfg!(loud) { "LOUD".to_string() } else if cfg!(polite) { String::from(\1) } else { String::new() }/' \
  "$dir/crate/src/lib.rs" > "$dir/flags/src/lib.rs"
printf 'name = "greeter"\nlang = "rust"\nrustc_flags = ["--cfg", "polite"]\n[profile.loud]\nrustc_flags = ["--cfg", "loud"]\n' \
  > "$dir/flags/tenon.toml"
"$tenon" build "$dir/flags" -q
[ "$("$tenon" run --invoke 'greeting("you")' "$dir/flags/build/debug/greeter.wasm")" = '"Hello, you"' ]
"$tenon" build "$dir/flags" -q --profile loud
[ "$("$tenon" run --invoke 'greeting("you")' "$dir/flags/build/loud/greeter.wasm")" = '"LOUD"' ]

# No cargo: the rustc is found by its name, and nothing else is in PATH.
rustc=$("$tenon" doctor | sed -n 's/^ok  *rustc with a wasm target: \([^ ]*\) .*/\1/p')
mkdir "$dir/bin"
printf '#!/bin/sh\nexec %s "$@"\n' "$rustc" > "$dir/bin/rustc"
chmod +x "$dir/bin/rustc"
if PATH=$dir/bin:/nonexistent TENON_RUSTC=$dir/bin/rustc "$tenon" build "$dir/crate" 2> "$dir/err"; then
  echo "a crate with dependencies builds without cargo"; exit 1
fi
PATH=$PATH
grep -q 'error\[cargo-project\].*depends on `words`, and there is no cargo' "$dir/err" || { cat "$dir/err"; exit 1; }

if ! "$tenon" build "$dir/crate" --offline 2> "$dir/err"; then
  if grep -q 'of different ages\|there is no cargo' "$dir/err"; then echo "skipped: no cargo that goes with $rustc"; exit 77; fi
  cat "$dir/err"; exit 1
fi
[ "$("$tenon" run --invoke 'greeting("you")' "$dir/crate/build/debug/greeter.wasm")" = '"Hello, you!"' ]
[ "$(find "$dir/crate" -name '*.wasm' | wc -l)" = 1 ] || { echo "more files end in .wasm"; find "$dir/crate" -name '*.wasm'; exit 1; }
"$tenon" build "$dir/crate" --offline 2>&1 | grep -q 'up to date'
sed -i 's/"{}!"/"{}?"/' "$dir/words/src/lib.rs"
"$tenon" build "$dir/crate" --offline -q
[ "$("$tenon" run --invoke 'greeting("you")' "$dir/crate/build/debug/greeter.wasm")" = '"Hello, you?"' ]
