#!/usr/bin/env bash
# Builds the Windows programs as they are released, and prints the folder that they are in.
#
# As in check.sh, Debian's rustc builds the standard library from its sources.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=x86_64-pc-windows-gnu
export RUSTC=${CROSS_RUSTC:-/usr/bin/rustc} RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/cross"
unset RUSTFLAGS
cargo build --locked --release -Zbuild-std=std,panic_abort --target "$target" \
    --bin ketnoi --bin ketnoi-cli >&2
echo "$CARGO_TARGET_DIR/$target/release"
