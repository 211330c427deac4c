#!/bin/sh
# Resolve pyproject.toml into requirements.lock and requirements-dev.lock: for every platform and Python at once,
# with hashes, without the address of any index. LOCK_ARGS="--upgrade" takes newer versions than those locked.
set -eu
cd "$(dirname "$0")/.."

if ! .venv/bin/python -m uv --version >/dev/null 2>&1; then
    .venv/bin/python -m pip install --disable-pip-version-check --quiet uv
fi
# The shell's own settings of indexes and wheel directories would end up in the answer.
unset PIP_FIND_LINKS UV_FIND_LINKS || true
# shellcheck disable=SC2086 # LOCK_ARGS is a list of words
compile() {
    output=$1
    shift
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" ${LOCK_ARGS:-} "$@" pyproject.toml --output-file "$output"
}
compile requirements.lock
compile requirements-dev.lock --group dev
