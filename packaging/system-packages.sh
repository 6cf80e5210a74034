#!/bin/sh
# Qt needs a few system libraries that a bare Linux server or container lacks; desktop systems have them all. The kernels
# in model/kernels/native need a C compiler; without one Lectern works, and is slower.
# Installs what is missing where that is possible without asking; otherwise says what to install.
set -u
[ "$(uname -s)" = Linux ] || exit 0

missing=""
need() { # need LIBRARY PACKAGE
    ldconfig -p 2>/dev/null | grep -q "$1" || missing="$missing $2"
}
need libEGL.so.1 libegl1
need libGL.so.1 libgl1
need libOpenGL.so.0 libopengl0
need libxkbcommon.so.0 libxkbcommon0
need libxkbcommon-x11.so.0 libxkbcommon-x11-0
need libdbus-1.so.3 libdbus-1-3
need libfontconfig.so.1 libfontconfig1
need libglib-2.0.so.0 libglib2.0-0
need libxcb-cursor.so.0 libxcb-cursor0
need libxcb-icccm.so.4 libxcb-icccm4
need libxcb-keysyms.so.1 libxcb-keysyms1
need libxcb-shape.so.0 libxcb-shape0
need libgomp.so.1 libgomp1
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
fc-list 2>/dev/null | grep -q . || missing="$missing fonts-dejavu-core"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system packages that Lectern needs:$missing"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
    echo "Lectern may need system packages that are not here. On Debian or Ubuntu: sudo apt install$missing" >&2
fi
