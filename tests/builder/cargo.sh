#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cargo.sh TENON: crates with a dependency in a folder and from a registry that a folder stands in for, and the error
# where there is no cargo. 77 where no rustc has a wasm target, or no cargo is of its age.
set -eu
tenon=$1
dir=$(mktemp -d)
export XDG_CACHE_HOME=$dir/cache
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

# A crate that prints is built for WASI, whose library has constructors: they run once, when the component begins. The linker's
# way without the object for that is to run them around each export, which it renames.
if "$tenon" doctor | grep -q 'targets:.*wasm32-wasi'; then
  cp -r "$dir/crate" "$dir/prints"
  sed -i 's/words::exclaim/println!("greets {}", name); words::exclaim/' "$dir/prints/src/lib.rs"
  "$tenon" build "$dir/prints" --offline -q
  # What it prints comes before the result, which has standard output for itself.
  printed=$("$tenon" run --invoke 'greeting("you")' "$dir/prints/build/debug/greeter.wasm" 2>&1)
  [ "$printed" = "$(printf 'greets you\n"Hello, you?"')" ] || { echo "$printed"; exit 1; }
  "$tenon" print "$dir/prints/build/debug/greeter.wasm" > "$dir/text"
  grep -q '(export "_initialize"' "$dir/text" && ! grep -q command_export "$dir/text" || { echo "constructors run in each export"; exit 1; }
fi

# A dependency from the registry, which a folder stands in for, with a feature.
crate=$dir/vendored
mkdir -p "$crate/src" "$crate/.cargo" "$crate/vendor/shout/src"
cp -r "$dir/crate/wit" "$crate"
cat > "$crate/Cargo.toml" << 'EOF'
[package]
name = "greeter"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
shout = "1.0"

[package.metadata.component.target]
path = "wit"
EOF
sed 's/words::exclaim/shout::shout/' "$dir/crate/src/lib.rs" > "$crate/src/lib.rs"
cat > "$crate/.cargo/config.toml" << 'EOF'
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "vendor"
EOF
printf '[package]\nname = "shout"\nversion = "1.0.2"\nedition = "2021"\n[features]\nvery = []\n' > "$crate/vendor/shout/Cargo.toml"
cat > "$crate/vendor/shout/src/lib.rs" << 'EOF'
pub fn shout(s: &str) -> String { s.to_uppercase() + if cfg!(feature = "very") { "!" } else { "" } }
EOF
hash=$(printf '%064d' 7)
echo '{"files":{},"package":"'$hash'"}' > "$crate/vendor/shout/.cargo-checksum.json"
"$tenon" build "$crate" --offline -q
[ "$("$tenon" run --invoke 'greeting("you")' "$crate/build/debug/greeter.wasm")" = '"HELLO, YOU"' ]
(cd "$crate" && "$tenon" doctor | grep -q 'replace-with = "vendored"') || { echo "doctor does not show the source replacement"; exit 1; }
# The lock says what was taken and nothing of the bindings; with it the build is the same.
grep -q "$hash" "$crate/Cargo.lock" || { cat "$crate/Cargo.lock"; exit 1; }
if grep -q bindings "$crate/Cargo.lock"; then cat "$crate/Cargo.lock"; exit 1; fi
"$tenon" build "$crate" --offline --locked -q
# What stands in Cargo.toml is seen.
sed -i 's/^shout = .*/shout = { version = "1.0", features = ["very"] }/' "$crate/Cargo.toml"
"$tenon" build "$crate" --offline -q
[ "$("$tenon" run --invoke 'greeting("you")' "$crate/build/debug/greeter.wasm")" = '"HELLO, YOU!"' ]
# A lock that lacks what is taken is refused, and named.
mv "$crate/Cargo.lock" "$dir/Cargo.lock"
sed '/name = "shout"/,$d' "$dir/Cargo.lock" | sed '/^ "shout",$/d; $d' > "$crate/Cargo.lock"
if "$tenon" build "$crate" --offline --locked 2> "$dir/err"; then echo "--locked lets a change through"; exit 1; fi
grep -q 'error\[lock-drift\].*Cargo.lock' "$dir/err" && grep -q 'shout 1.0.2: not locked' "$dir/err" || { cat "$dir/err"; exit 1; }
"$tenon" build "$crate" --offline -q
cmp "$crate/Cargo.lock" "$dir/Cargo.lock"
# What no folder has cannot be taken offline: the message says what can be done.
sed -i 's/^shout = .*/absent = "1"/' "$crate/Cargo.toml"
if "$tenon" build "$crate" --offline 2> "$dir/err"; then echo "an absent crate builds"; exit 1; fi
grep -q 'help: .*cargo vendor' "$dir/err" || { cat "$dir/err"; exit 1; }
