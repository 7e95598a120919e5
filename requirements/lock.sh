#!/bin/sh
# Writes requirements/*.lock from pyproject.toml: for Python 3.11 and newer, Linux, macOS
# and Windows, every file with its hash, naming no host. UPGRADE=1 takes newer versions.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}

compile() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
        ${UPGRADE:+--upgrade} --output-file "$out" "$@"
}

compile requirements/base.lock pyproject.toml
compile requirements/test.lock --extra test --constraint requirements/base.lock pyproject.toml
echo uv | compile requirements/installer.lock -
