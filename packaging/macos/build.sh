#!/bin/sh
# Builds Lectern.app and a disk image on macOS 13 or later. Not yet run: no Mac was at hand.
# Signing and notarising happen where these are set (see packaging/README.md):
#   SIGN_IDENTITY="Developer ID Application: …"   NOTARY_PROFILE=name-of-a-stored-notarytool-profile
set -eu
cd "$(dirname "$0")/../.."
[ -d .venv ] || python3 -m venv .venv
python=.venv/bin/python
"$python" -m pip install --quiet -c constraints.txt -e '.[package]'
"$python" packaging/build_info.py build/info
"$python" packaging/icons.py build/icons
"$python" -m PyInstaller packaging/lectern.spec --noconfirm --log-level WARN
"$python" packaging/sbom.py dist/lectern build/lectern/PYZ-00.toc
app=dist/Lectern.app
cp dist/lectern/sbom.cdx.json "$app/Contents/Resources/"
cp -R dist/lectern/licences "$app/Contents/Resources/licences"
"$app/Contents/MacOS/lectern" doctor

if [ -n "${SIGN_IDENTITY:-}" ]; then
    # Inside out: every library first, the bundle last.
    find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
        xargs -0 codesign --force --timestamp --options runtime --sign "$SIGN_IDENTITY"
    codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist \
        --sign "$SIGN_IDENTITY" "$app"
    codesign --verify --deep --strict "$app"
fi
version=$("$python" -c 'import app; print(app.__version__)')
image=dist/lectern-$version-macos-$(uname -m).dmg
hdiutil create -volname Lectern -srcfolder "$app" -ov -format ULFO "$image"
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
shasum -a 256 "$image"
