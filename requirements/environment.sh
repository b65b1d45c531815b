#!/bin/sh
# Make or refresh a virtual environment: requirements/environment.sh FOLDER LOCK
#
# Installs with pip alone: first the lock (every file checked against its hash, the build backend among them), then labtop
# itself in place, without anything being looked up. When the lock has not changed since the last time, only the second step
# is done. PYTHON=… chooses the interpreter; otherwise the first fitting one of the list below is taken.
set -eu

env=$1
lock=$2
root=$(cd "$(dirname "$0")/.." && pwd)

# Asked by running it, not by looking for the name: a pyenv shim exists for interpreters that are not switched on, and
# Debian ships a python3 that cannot make environments.
fits() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

choose_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "labtop needs Python 3.11, 3.12 or 3.13 with its venv module; none of these will do: ${PYTHON:-python3.13 python3.12 python3.11 python3}." >&2
    echo "Install one (Debian, Ubuntu: apt install python3-venv; anywhere: uv python install 3.12), or name it: make PYTHON=/path/to/python3.12 …" >&2
    return 1
}

# A user's own pip settings must not send the packages elsewhere.
unset PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_HASHES PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK=1

if ! cmp -s "$lock" "$env/installed.lock" || ! "$env/bin/python" -c '' 2>/dev/null; then
    python=$(choose_python)
    echo "Making $env with $("$python" -V) from $lock (a minute or so, the first time only) …" >&2
    "$python" -m venv --clear "$env"
    "$env/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r "$lock"
    cp "$lock" "$env/installed.lock"
fi

# The compat mode is one line in a .pth file. The newer modes put an import hook into every Python that starts here, which
# loads modules before the first line runs and would flatter the figures of `make bench`.
PYTHONWARNINGS=ignore "$env/bin/python" -m pip install --quiet --no-deps --no-index --no-build-isolation \
    --config-settings editable_mode=compat --editable "$root"
touch "$env/made"
