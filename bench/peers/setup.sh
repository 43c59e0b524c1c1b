#!/bin/sh
# Installs what the native peers of the bench need (Debian) and builds them. See --help.
set -eu

PACKAGES="cmake g++ libpcl-dev libopen3d-dev libdraco-dev libsodium-dev liboctomap-dev"
PROGRAMS="pcl open3d draco sodium reference chain octomap"

usage() {
  cat <<TEXT
Usage: bench/peers/setup.sh [--no-install]

Installs the Debian packages that the bench compares with (as root or by sudo; those that are there
are left alone), builds the peers in C and C++ to bench/peers/build/, and installs the peers from npm
if bench/peers/package.json names some. Says at the end what is missing: the bench runs without it.

  --no-install   build with what is there
  --help         this text

Packages: $PACKAGES
TEXT
}

install=yes
for option in "$@"; do
  case $option in
    --help) usage; exit 0 ;;
    --no-install) install=no ;;
    *) usage >&2; exit 2 ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Packages one by one: one that this release of Debian does not have must not stop the others.
install_packages() {
  wanted=
  for package in $PACKAGES; do
    is_installed "$package" || wanted="$wanted $package"
  done
  [ -n "$wanted" ] || return 0
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "not root, and no sudo: left out:$wanted" >&2; return 0; }
    as_root=sudo
  fi
  $as_root apt-get update -q || echo "apt-get update failed: trying with the lists as they are" >&2
  for package in $wanted; do
    $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends "$package" ||
      echo "could not install $package" >&2
  done
}

if [ "$install" = yes ]; then
  if command -v apt-get >/dev/null; then
    install_packages
  else
    echo "no apt-get: install the packages yourself: $PACKAGES" >&2
  fi
fi

if command -v cmake >/dev/null; then
  cmake -S "$here" -B "$here/build" -DCMAKE_BUILD_TYPE=Release
  # Keep going: a program that does not build must not stop the others.
  cmake --build "$here/build" -- -k || echo "not everything could be built" >&2
else
  echo "cmake is missing: nothing was built" >&2
fi

if [ "$install" = yes ] && [ -f "$here/package.json" ]; then
  (cd "$here" && npm ci) || echo "the peers from npm could not be installed" >&2
fi

missing=
for program in $PROGRAMS; do
  [ -x "$here/build/$program" ] || missing="$missing $program"
done
if [ -n "$missing" ]; then echo "Missing peers:$missing"; else echo "All native peers are built."; fi
