#!/usr/bin/env bash
# Makes the zip and the installer from a folder with the Windows programs and their licences:
# package.sh FOLDER OUT. Needs zip and makensis (Debian: zip, nsis).
set -euo pipefail
programs=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
here=$(dirname "$(realpath "$0")")

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml" | head -n 1)
zip=$out/Ketnoi-$version-windows.zip
rm -f "$zip"
(cd "$programs/.." && zip -q -9 -r "$zip" "$(basename "$programs")")
# What people download is to stay small.
if [[ $(wc -c <"$zip") -gt $((15 * 1024 * 1024)) ]]; then
    echo "$zip is larger than 15 MiB" >&2
    exit 1
fi
makensis -V2 -DVERSION="$version" -DPROGRAMS="$programs" -DICON="$here/../icon/ketnoi.ico" \
    -DOUT="$out/Ketnoi-$version-setup.exe" "$here/installer.nsi"
