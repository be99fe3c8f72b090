#!/usr/bin/env bash
# Builds the Windows programs and prints the folder that they are in:
#
#   tests/cross/build.sh           as they are released
#   tests/cross/build.sh trial     quickly, to be tried out
#
# As in check.sh, Debian's rustc builds the standard library from its sources.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=x86_64-pc-windows-gnu
export RUSTC=${CROSS_RUSTC:-/usr/bin/rustc} RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/cross"
unset RUSTFLAGS
profile=${1:-release}
cargo build --locked --profile "$profile" -Zbuild-std=std,panic_abort --target "$target" \
    --bin ketnoi --bin ketnoi-cli >&2
echo "$CARGO_TARGET_DIR/$target/$profile"
