#!/usr/bin/env bash
# Makes Ketnoi.app around a program, and a zip and a disk image of it: bundle.sh PROGRAM FOLDER.
# Runs on macOS. Signed for nobody (ad hoc): without an Apple developer's name the system asks
# before the first start.
set -euo pipefail
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' ../../Cargo.toml | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
app=$work/Ketnoi/Ketnoi.app
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
cp "$program" "$app/Contents/MacOS/ketnoi"
sed "s/@VERSION@/$version/" Info.plist > "$app/Contents/Info.plist"
cp -R en.lproj vi.lproj "$app/Contents/Resources/"
cp ../../LICENSE-MIT ../../LICENSE-APACHE ../fonts/Inter-OFL.txt ../fonts/JetBrainsMono-OFL.txt \
    ../ketnoi-report-1.schema.json \
    ../ketnoi-local-1.schema.json \
    ../ketnoi-ends-1.schema.json \
    "$app/Contents/Resources/"

icons=$work/ketnoi.iconset
mkdir "$icons"
for size in 16 32 128 256 512; do
    cp "../icon/ketnoi-$size.png" "$icons/icon_${size}x$size.png"
done
cp ../icon/ketnoi-32.png "$icons/icon_16x16@2x.png"
cp ../icon/ketnoi-64.png "$icons/icon_32x32@2x.png"
cp ../icon/ketnoi-256.png "$icons/icon_128x128@2x.png"
cp ../icon/ketnoi-512.png "$icons/icon_256x256@2x.png"
iconutil --convert icns --output "$app/Contents/Resources/ketnoi.icns" "$icons"

plutil -lint "$app/Contents/Info.plist" "$app/Contents/Resources/"*.lproj/InfoPlist.strings
codesign --force --sign - "$app"
ditto -c -k --keepParent "$app" "$out/Ketnoi-$version-macos.zip"
ln -s /Applications "$work/Ketnoi/Applications"
hdiutil create -quiet -volname Ketnoi -srcfolder "$work/Ketnoi" -format UDZO \
    "$out/Ketnoi-$version-macos.dmg"
