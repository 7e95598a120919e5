#!/bin/sh
# What the browser tests need and no Python package brings: Chromium, and Node for the
# benchmark beside its `ws`. Debian's packages, if we are root; otherwise those tests skip.
set -eu
missing=
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || missing=chromium
command -v node >/dev/null || missing="$missing nodejs"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $missing ..."
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # words
    if { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } \
        >/dev/null 2>&1 </dev/null; then
        exit 0
    fi
fi
echo "Without $missing the tests that need it are skipped: install it to run them."
