#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian's Bazel, the packages that stand in for what it would fetch, and the crate that the example uses. Does nothing when
# all are there. Needs root only when something is missing.
set -eu
packages="bazel-bootstrap bazel-platforms bazel-rules-cc bazel-rules-java bazel-rules-proto bazel-skylib librust-anyhow-dev"
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing"
if [ "$(id -u)" != 0 ]; then
  echo "error: these packages are missing; as root: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends $missing
