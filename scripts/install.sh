#!/bin/sh
# Makes .venv and installs the locked packages, unless exactly those are installed already.
set -eu
cd "$(dirname "$0")/.."

installed=.venv/installed.lock

fail() {
    echo "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The interpreter comes first and pip last: without it, making the environment was interrupted.
is_made() {
    [ -x .venv/bin/pip ] && is_new_enough .venv/bin/python
}

if cmp -s requirements-dev.lock "$installed" && is_new_enough .venv/bin/python; then
    exit 0
fi

case "$(uname -s)-$(uname -m)" in
Linux-x86_64 | Linux-aarch64 | Linux-arm64 | Darwin-x86_64 | Darwin-arm64) ;;
*) fail "Sluice runs on Linux and macOS, on x86-64 and arm64; on Windows, run it in WSL." ;;
esac
[ -w . ] || fail "Cannot write to $(pwd): run this as the owner of the checkout."

if ! is_made; then
    found="" python=""
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_new_enough "$candidate" || continue
        found=$candidate
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    [ -n "$found" ] || fail "Sluice needs Python 3.11 or newer: none was found on the PATH."
    [ -n "$python" ] || fail "$found has no venv module: apt install python3-venv (Debian, Ubuntu)."
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || fail "Making .venv failed, for the reason above."
fi

# uv, which the lock pins like all else, takes a tenth of pip's time; but it does not read pip's
# configuration. Where that names another index, or a proxy, pip does the whole work.
by_uv() {
    uv_only=.venv/uv.lock
    awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements-dev.lock >"$uv_only"
    [ -s "$uv_only" ] && by_pip "$uv_only" >/dev/null 2>&1 &&
        .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --no-deps \
            --requirement requirements-dev.lock >/dev/null 2>&1
}

# What it compiles beforehand is ten times what is ever imported.
by_pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
        --require-hashes --no-deps --requirement "$1"
}

echo "Installing the packages of requirements-dev.lock ..."
by_uv || by_pip requirements-dev.lock ||
    fail "Not all packages could be installed, for the reason above; make install tries again."
cp requirements-dev.lock "$installed"
