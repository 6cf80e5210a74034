#!/bin/sh
# Builds the folder, its bill of materials and its archives on Linux: package.sh PYTHON [OUTPUT]
# LECTERN_CUDA=130 keeps bitsandbytes' libraries for that CUDA version; see packaging/README.md.
set -eu
python=$1
output=${2:-dist}
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cd "$root"

"$python" packaging/build_info.py build/info
"$python" packaging/icons.py build/icons
"$python" -m PyInstaller packaging/lectern.spec --noconfirm --log-level WARN --distpath "$output" --workpath build
folder=$output/lectern
"$python" packaging/sbom.py "$folder" build/lectern/PYZ-00.toc
cp -r build/icons/hicolor packaging/linux/lectern.desktop "$folder/"
printf 'Built %s: %s\n' "$folder" "$(du -sh --apparent-size "$folder" | cut -f1)"
[ "${LECTERN_ARCHIVES:-1}" = 1 ] || exit 0

version=$("$python" -c 'import app; print(app.__version__)')
name=lectern-$version-linux-$(uname -m)
tar --sort=name --owner=0 --group=0 -C "$output" -cf - lectern | zstd -q -T0 -10 -f -o "$output/$name.tar.zst"
sh packaging/linux/make_deb.sh "$folder" build/icons "$version" "$output/$name.deb"
(cd "$output" && sha256sum "$name.tar.zst" "$name.deb" > SHA256SUMS)
ls -l "$output/$name".*
