#!/bin/sh
# What some tests need and no Python package brings: Chromium for the browser tests; Node
# for the clients in JavaScript and the benchmark beside its `ws`; PulseAudio, whose null
# sink plays what is heard again, and PortAudio with ALSA's way to it. Debian's packages, if
# we are root; otherwise those tests skip.
set -eu
missing=
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || missing=chromium
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
command -v pulseaudio >/dev/null || missing="$missing pulseaudio"
command -v parec >/dev/null || missing="$missing pulseaudio-utils"
has_library() { [ -n "$(find /usr/lib /usr/local/lib -name "$1.so*" 2>/dev/null)" ]; }
has_library libportaudio || missing="$missing libportaudio2"
has_library libasound_module_pcm_pulse || missing="$missing libasound2-plugins"
[ -n "$missing" ] || exit 0

# One by one: what cannot be had must not keep the others away.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $missing ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update >/dev/null 2>&1 </dev/null || true
    lacks=
    for package in $missing; do
        apt-get -qq install -y --no-install-recommends "$package" \
            >/dev/null 2>&1 </dev/null || lacks="$lacks $package"
    done
    missing=$lacks
    [ -n "$missing" ] || exit 0
fi
echo "Without $missing the tests that need it are skipped: install it to run them."
