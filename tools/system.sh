#!/usr/bin/env bash
# system.sh build|test: makes sure that the programs the build (or the tests) need are there.
# As root on Debian it installs what is missing and says so; otherwise it says what to install.
set -euo pipefail
wanted=()

at_least() { # at_least HAVE WANT: compares versions such as 1.89 and 1.9
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

refuse() {
  printf '✗ %s\n' "$1" >&2
  exit 1
}

need_program() { # need_program PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || wanted+=("$2")
}

build_needs() {
  if ! command -v python3 >/dev/null 2>&1; then
    wanted+=(python3 python3-venv)
  elif ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
    wanted+=(python3-venv)
  fi
  # The Rust crates compile a little C and link with it.
  need_program cc gcc
  # A compiler without the C library's headers cannot do that.
  if command -v cc >/dev/null 2>&1 && ! echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1; then
    wanted+=(libc6-dev)
  fi
  [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " != *" gcc "* ]] || wanted+=(libc6-dev)
}

test_needs() {
  need_program chromium chromium
  # Tests start a PostgreSQL of their own; its programs need not be on the path.
  [ -n "$(find /usr/lib/postgresql -name initdb -print -quit 2>/dev/null)" ] || need_program initdb postgresql
  # RTMP servers that rooms are sent to.
  [ -e /usr/sbin/nginx ] || wanted+=(nginx-light)
  [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ] || wanted+=(libnginx-mod-rtmp)
  # Pages are drawn with some font, and the tests read their text on screenshots.
  [ -n "$(find /usr/share/fonts -name '*.ttf' -print -quit 2>/dev/null)" ] || wanted+=(fonts-dejavu-core)
}

install() {
  [ ${#wanted[@]} -gt 0 ] || return 0
  local line="apt-get install --no-install-recommends ${wanted[*]}"
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    refuse "missing: ${wanted[*]}. On Debian: sudo $line"
  fi
  printf '• missing from this machine, installing: %s\n' "${wanted[*]}"
  mkdir -p build/logs
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update && apt-get install --yes --no-install-recommends "${wanted[@]}"
  } >build/logs/system.log 2>&1 || {
    tail -n 30 build/logs/system.log >&2
    refuse "apt-get could not install ${wanted[*]}"
  }
}

check_versions() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    refuse "Python 3.11 or newer is needed; python3 is $(python3 --version 2>&1)"
  command -v cargo >/dev/null 2>&1 || refuse "cargo is missing: install Rust 1.89 or newer, see rust-lang.org"
  local have
  have=$(cargo --version | cut -d ' ' -f 2) || refuse "cargo does not run (see above)"
  at_least "$have" 1.89 || refuse "Rust 1.89 or newer is needed; cargo is $have"
  command -v node >/dev/null 2>&1 || refuse "node is missing: install Node.js 20.19 or newer, see nodejs.org"
  command -v npm >/dev/null 2>&1 || refuse "npm is missing: install it with Node.js 20.19 or newer"
  have=$(node --version | tr -d v)
  at_least "$have" 20.19 || refuse "Node.js 20.19 or newer is needed; node is $have"
}

cd "$(dirname "$0")/.."
case "${1:-}" in
  build) build_needs ;;
  test) test_needs ;;
  *) refuse "usage: $0 build|test" ;;
esac
install
[ "$1" = test ] || check_versions
