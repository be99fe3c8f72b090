#!/usr/bin/env bash
# Makes one file that runs on most Linux systems: appimage.sh PROGRAM FOLDER
#
# Fetches the tool and the part that starts the image, both by checksum. The program brings no
# libraries along: those of X11, Wayland and OpenGL are the system's.
set -euo pipefail
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() { # NAME URL SHA256
    curl --proto '=https' -sSfL --retry 3 -o "$work/$1" "https://github.com/AppImage/$2"
    echo "$3  $work/$1" | sha256sum --check --quiet
    chmod +x "$work/$1"
}
fetch appimagetool appimagetool/releases/download/1.9.1/appimagetool-x86_64.AppImage \
    ed4ce84f0d9caff66f50bcca6ff6f35aae54ce8135408b3fa33abfc3cb384eb0
fetch runtime type2-runtime/releases/download/20251108/runtime-x86_64 \
    2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d

app=$work/Ketnoi.AppDir
install -D -m 755 "$program" "$app/usr/bin/ketnoi"
install -D -m 644 assets/linux/ketnoi.desktop "$app/usr/share/applications/ketnoi.desktop"
install -D -m 644 assets/linux/ketnoi.metainfo.xml \
    "$app/usr/share/metainfo/io.github.ketnoi.ketnoi.appdata.xml"
install -m 644 assets/linux/ketnoi.desktop assets/icon/ketnoi.svg "$app/"
install -m 644 assets/icon/ketnoi-256.png "$app/.DirIcon"
ln -s usr/bin/ketnoi "$app/AppRun"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
# A container has no FUSE to mount the tool with.
ARCH=x86_64 APPIMAGE_EXTRACT_AND_RUN=1 "$work/appimagetool" --runtime-file "$work/runtime" \
    "$app" "$out/Ketnoi-$version-x86_64.AppImage"
