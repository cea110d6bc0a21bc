#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: every version and every file's hash, and no registry's address.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
[ -x "$uv" ] || uv=uv

compile() {
  local target=$1
  shift
  "$uv" pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes \
    --no-header --no-emit-index-url --no-emit-find-links --no-annotate --quiet --output-file "requirements/$target"
}

compile run.txt --extra build
compile test.txt --constraint requirements/run.txt --extra build --extra test --extra dev
