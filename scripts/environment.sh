#!/bin/sh
# Make or refresh the virtual environment .venv: `scripts/environment.sh run|dev`.
#   run   what newswatch itself needs (requirements.lock)
#   dev   that and what the tests and checks need (requirements-dev.lock)
# Needs a Python from 3.11 to 3.13; PYTHON=... names one. Nothing is done when the lock, pyproject.toml, the
# interpreter and the directory are those of the last time. Every package comes as a wheel whose hash the lock
# knows, so nothing of others is built here.
set -eu
cd "$(dirname "$0")/.."

say() { echo "environment: $*" >&2; }

# Starts, is of a version we run on, and can make virtual environments.
suitable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

version_of() { "$1" -c 'import platform; print(platform.python_version())'; }

newest_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.13 python3.12 python3.11 python3 python
    fi
    for candidate in "$@"; do
        if suitable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "no suitable Python among: $*. Install Python 3.11, 3.12 or 3.13 with its venv module" \
        "(on Debian: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3.12"
    exit 1
}

# True when .venv cannot stay: broken, of another interpreter than asked for, or moved (scripts in it hold its path).
must_be_made() {
    suitable .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 || return 0
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of .venv/bin/python)" ] || return 0
    [ -f .venv/made-in ] && [ "$(cat .venv/made-in)" != "$(pwd -P)" ]
}

# What an installation from the lock $1 rests on, as one line.
state() {
    .venv/bin/python - "$1" <<'PYTHON'
import hashlib, pathlib, platform, sys
contents = b"\0".join(pathlib.Path(name).read_bytes() for name in (sys.argv[1], "pyproject.toml"))
print(platform.python_version(), hashlib.sha256(contents).hexdigest())
PYTHON
}

installed() { [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(state "$2")" ]; }

case ${1:-} in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
*)
    say "usage: scripts/environment.sh run|dev"
    exit 2
    ;;
esac

if must_be_made; then
    python=$(newest_python)
    say "making .venv with Python $(version_of "$python") ($python)"
    rm -rf .venv
    "$python" -m venv .venv
fi
pwd -P >.venv/made-in

if installed dev requirements-dev.lock || installed "$1" "$lock"; then # `dev` holds all that `run` needs
    exit 0
fi
say "installing $(grep -c '^[a-z0-9].*==' "$lock") pinned packages from $lock (some 250 MB to fetch when nothing is cached)"
rm -f .venv/installed-run .venv/installed-dev
.venv/bin/python -m pip install --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
.venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
state "$lock" >".venv/installed-$1"
say "ready"
