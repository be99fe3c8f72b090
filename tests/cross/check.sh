#!/usr/bin/env bash
# Type-checks and lints the program for a system that this machine is not: nothing is linked or run.
#
#   tests/cross/check.sh windows|macos
#
# The usual toolchain has only its own standard library, so Debian's rustc builds the other one
# from its sources (rustc-web, rust-web-src, rust-web-clippy). Another compiler means another target
# folder. Warnings are errors here too.
set -euo pipefail
cd "$(dirname "$0")/../.."

case "${1:-}" in
    windows) target=x86_64-pc-windows-gnu ;;
    macos)
        target=aarch64-apple-darwin
        # Build scripts that compile C or assembly need a compiler that says yes; nothing is linked.
        export CC_aarch64_apple_darwin=/bin/true AR_aarch64_apple_darwin=/bin/true
        ;;
    *)
        echo "usage: tests/cross/check.sh windows|macos" >&2
        exit 2
        ;;
esac

rustc=${CROSS_RUSTC:-/usr/bin/rustc}
if [[ ! -d "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library" ]]; then
    echo "$rustc has no sources of the standard library: install rustc-web and rust-web-src" >&2
    exit 1
fi

export RUSTC=$rustc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/cross"
unset RUSTFLAGS
# The linter asks the compiler beside it for the rest.
"$(dirname "$rustc")/cargo-clippy" clippy --locked -Zbuild-std=std,panic_abort --target "$target" \
    --lib --bins -- -D warnings
