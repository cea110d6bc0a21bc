#!/usr/bin/env bash
# core.sh: builds the packet core in release mode and installs polyroom, editable, into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
export VIRTUAL_ENV=$PWD/.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1
unset CONDA_PREFIX
exec .venv/bin/maturin develop --release --locked
