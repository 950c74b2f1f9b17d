#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian's Bazel, the packages that stand in for what it would fetch, and the crate that the example uses. Does nothing when
# all are there. Needs root only when something is missing.
set -eu
. "$(dirname "$0")/apt.sh"
packages="bazel-bootstrap bazel-platforms bazel-rules-cc bazel-rules-java bazel-rules-proto bazel-skylib librust-anyhow-dev"
missing=$(missing_of $packages)
[ -z "$missing" ] && exit 0
begin_install "$missing"
install_packages $missing
