#!/bin/sh
# A Debian package from the built folder: make_deb.sh FOLDER ICONS VERSION TARGET
set -eu
folder=$1; icons=$2; version=$3; target=$4
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir -p "$tree/DEBIAN" "$tree/opt" "$tree/usr/bin" "$tree/usr/share/applications" "$tree/usr/share/icons" \
    "$tree/usr/share/doc/lectern"
cp -a "$folder" "$tree/opt/lectern"
ln -s /opt/lectern/lectern "$tree/usr/bin/lectern"
cp "$here/lectern.desktop" "$tree/usr/share/applications/"
cp -r "$icons/hicolor" "$tree/usr/share/icons/"
cp "$folder/_internal/LICENSE" "$tree/usr/share/doc/lectern/copyright"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: lectern
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The Lectern developers <lectern@localhost>
Installed-Size: $(du -sk "$tree/opt" | cut -f1)
Depends: libc6, libegl1, libgl1, libopengl0, libxkbcommon0, libxkbcommon-x11-0, libdbus-1-3, libfontconfig1, libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0
Section: text
Priority: optional
Description: Ask questions about your own documents and videos
 Lectern answers questions about PDFs, pictures and video clips with a
 language model that runs on this machine. It never uses the network.
CONTROL
find "$tree" -type d -exec chmod 755 {} +
dpkg-deb --root-owner-group -Zzstd -z10 --build "$tree" "$target" > /dev/null
