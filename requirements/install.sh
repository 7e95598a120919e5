#!/bin/sh
# Installs a lock into .venv: sh requirements/install.sh base|test
#
# Every file is checked against the hash in the lock. Measured on two busy cores, nothing
# cached: base by pip 12 s, by uv 12 s and as much again to fetch uv; test on top by pip
# 26 s, by uv 3 s. So uv comes with test (by hash itself), and pip stands in for it.
# The project is not built: a .pth file and a launcher need no build tool and no network.
set -eu
lock=$1
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "phosphene needs Python 3.11 or newer; $python is not." >&2
    echo "Name one: make run PYTHON=python3.12" >&2
    exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    # Debian parts venv from Python; its own message then says what to install.
    "$python" -m venv .venv
fi

bin=.venv/bin
links=
[ -z "${PIP_FIND_LINKS:-}" ] || links="--find-links $PIP_FIND_LINKS"
pip() { "$bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

# The index that pip is set to use is uv's too.
index=$(pip config get global.index-url 2>/dev/null || true)
index=${PIP_INDEX_URL:-$index}
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"

with_uv() {
    uv=$(command -v uv || true)
    if [ -z "$uv" ]; then
        uv=$bin/uv
        [ -x "$uv" ] || [ "$lock" != base ] || return 1
        [ -x "$uv" ] || pip install --quiet --require-hashes --no-deps --only-binary :all: \
            -r requirements/installer.lock 2>/dev/null || return 1
    fi
    # shellcheck disable=SC2086  # $links is none or two words
    UV_COMPILE_BYTECODE=1 "$uv" pip install --quiet --python "$bin/python" \
        --require-hashes $links -r "requirements/$lock.lock"
}

echo "Installing requirements/$lock.lock into .venv ..."
# shellcheck disable=SC2086
with_uv || pip install --quiet --require-hashes --no-deps $links -r "requirements/$lock.lock"

"$bin/python" - <<'LINK'
import pathlib
import stat
import sys
import sysconfig

root = pathlib.Path.cwd()
site = pathlib.Path(sysconfig.get_path("purelib"))
(site / "phosphene.pth").write_text(f"{root}\n")
launcher = root / ".venv/bin/phosphene"
launcher.write_text(
    f"#!/bin/sh\n'''exec' '{root}/.venv/bin/python' \"$0\" \"$@\"\n' '''\n"
    "import sys\n\nfrom supervisors.cli import main\n\n"
    # Spawned processes import it again.
    "if __name__ == '__main__':\n    sys.exit(main())\n"
)
launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
LINK
"$bin/python" -m compileall -q protocols config actors supervisors web sim phosphene || true

touch .venv/base.stamp
[ "$lock" = base ] || touch .venv/test.stamp
