# SPDX-License-Identifier: Apache-2.0
# Sourced by the install scripts: which Debian packages are missing, and how they are installed.

# The packages of the arguments that are not installed.
missing_of() {
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$package"
  done
}

# Announces the installation of $1 and reads the package lists. Ends with 1 unless it runs as root.
begin_install() {
  echo "installing:$1"
  if [ "$(id -u)" != 0 ]; then
    echo "error: these packages are missing; as root: apt-get install --no-install-recommends$1" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
}

install_packages() {
  apt-get install -q -y --no-install-recommends "$@"
}
