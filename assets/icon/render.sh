#!/usr/bin/env bash
# Draws ketnoi-*.png and ketnoi.ico from ketnoi.svg. Needs librsvg2-bin and icoutils.
set -euo pipefail
cd "$(dirname "$0")"
for size in 16 32 48 64 128 256 512; do
    rsvg-convert --width "$size" --height "$size" --output "ketnoi-$size.png" ketnoi.svg
done
icotool --create --output=ketnoi.ico ketnoi-16.png ketnoi-32.png ketnoi-48.png ketnoi-64.png ketnoi-128.png \
    --raw=ketnoi-256.png
