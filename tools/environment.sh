#!/usr/bin/env bash
# environment.sh LOCKFILE: makes .venv, if it is not there, and installs exactly what the lock file lists.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  rm -rf .venv
  python3 -m venv .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
  --requirement "$lock"
