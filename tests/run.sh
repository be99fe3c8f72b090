#!/usr/bin/env bash
# Installs what the checks need and runs them all, or the parts that are named:
#
#   tests/run.sh                 everything but the long parts
#   tests/run.sh package wine limits   those
#   tests/run.sh fmt lint test   these parts
#   tests/run.sh --cross         the parts about other systems
#
# A part that fails does not stop the others; the table at the end says which did. With CI=true a
# test that cannot run here (no display server, no root) fails; otherwise it says so and passes.
set -uo pipefail
cd "$(dirname "$0")/.."

PARTS=(install fmt lint test lab firewalls docs release window speed windows macos)
# Parts that take long, and run when they are named.
LONG=(package wine limits)

# Debian packages, and the command or file that shows that each is there.
NEEDS=(
    "mesa-vulkan-drivers /usr/share/vulkan/icd.d/lvp_icd*"
    "libgl1-mesa-dri /usr/lib/*/dri"
    "libgl1 /usr/lib/*/libGL.so.1"
    "libegl1 /usr/lib/*/libEGL.so.1"
    "libxkbcommon-x11-0 /usr/lib/*/libxkbcommon-x11.so.0"
    "libxcursor1 /usr/lib/*/libXcursor.so.1"
    "libxi6 /usr/lib/*/libXi.so.6"
    "libxrandr2 /usr/lib/*/libXrandr.so.2"
    "libx11-xcb1 /usr/lib/*/libX11-xcb.so.1"
    "xvfb /usr/bin/Xvfb"
    "xauth /usr/bin/xauth"
    "xdotool /usr/bin/xdotool"
    "xclip /usr/bin/xclip"
    "imagemagick /usr/bin/convert"
    "chromium-headless-shell /usr/bin/chromium-headless-shell"
    "openbox /usr/bin/openbox"
    "at-spi2-core /usr/libexec/at-spi2-registryd"
    "ibus /usr/bin/ibus-daemon"
    "ibus-unikey /usr/libexec/ibus-engine-unikey"
    "dbus /usr/bin/dbus-run-session"
    "dbus-x11 /usr/bin/dbus-launch"
    "iproute2 /bin/ip"
    "nftables /usr/sbin/nft"
    "socat /usr/bin/socat"
    "iptables /usr/sbin/iptables"
    "ufw /usr/sbin/ufw"
    "firewalld /usr/sbin/firewalld"
    "util-linux /usr/bin/setpriv"
    "procps /sbin/sysctl"
    "nmap /usr/bin/nmap"
    "lsof /usr/bin/lsof"
    "postgresql /etc/postgresql/*/main/postgresql.conf"
    "mariadb-server /usr/sbin/mariadbd"
    "redis-server /usr/bin/redis-server"
    "nginx /usr/sbin/nginx"
    "apache2 /usr/sbin/apache2"
    "memcached /usr/bin/memcached"
    "mosquitto /usr/sbin/mosquitto"
    "nats-server /usr/sbin/nats-server"
    "openssh-server /usr/sbin/sshd"
    "vsftpd /usr/sbin/vsftpd"
    "dnsmasq /usr/sbin/dnsmasq"
    "desktop-file-utils /usr/bin/desktop-file-validate"
    "appstream /usr/bin/appstreamcli"
    "debootstrap /usr/sbin/debootstrap"
    "dpkg-dev /usr/bin/dpkg-shlibdeps"
    "python3-minimal /usr/bin/python3"
    "gcc /usr/bin/gcc"
    "libc6-dev /usr/include/stdio.h"
    "pkg-config /usr/bin/pkg-config"
    "rustc-web /usr/bin/rustc"
    "rust-web-src /usr/lib/rustlib/src/rust/library"
    "rust-web-clippy /usr/bin/cargo-clippy"
    "mingw-w64 /usr/bin/x86_64-w64-mingw32-gcc"
    "wine /usr/bin/wine"
    "wine64 /usr/lib/wine/wine64"
    "fonts-wine /usr/share/wine/fonts"
)

install() {
    local missing=() need
    for need in "${NEEDS[@]}"; do
        compgen -G "${need#* }" >/dev/null || missing+=("${need%% *}")
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        echo "Everything is installed."
        return 0
    fi
    # A firewalld that starts would take over the firewall of the person's machine. Its unit is
    # masked before there is one; the tests start it in namespaces of theirs. ufw is installed
    # switched off.
    if [[ -d /run/systemd/system && " ${missing[*]} " == *" firewalld "* ]]; then
        as_root systemctl mask firewalld || return 1
    fi
    as_root apt-get update -q || return 1
    forbid_starts || return 1
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
    local outcome=$?
    allow_starts
    return $outcome
}

# Some packages are servers, which the tests start in machines of their own: no package may start
# one here. Where somebody has already seen to that, it stays as it is (invoke-rc.d(8)).
POLICY=/usr/sbin/policy-rc.d OWN_POLICY=''

forbid_starts() {
    [[ -e $POLICY ]] && return
    OWN_POLICY=yes
    trap allow_starts EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$POLICY"
}

allow_starts() {
    [[ -z $OWN_POLICY ]] || as_root rm -f "$POLICY"
    OWN_POLICY=''
}

# The program of that name, never a part of this script, such as `install`.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then command "$@"; else sudo "$@"; fi
}

fmt() { cargo fmt --check; }

lint() { cargo clippy --locked --workspace --all-targets -- -D warnings; }

# All but the fault lab and the firewall scenarios, which are parts of their own. Without
# --no-fail-fast the first failing file would hide the others.
test_all() {
    local file name files=()
    for file in tests/*.rs tests/*/main.rs; do
        name=${file#tests/}
        name=${name%.rs}
        name=${name%/main}
        [[ $name == fault_lab || $name == firewall_scenarios ]] || files+=(--test "$name")
    done
    cargo test --locked --no-fail-fast --lib --bins "${files[@]}"
}

# Its cases wait more than they compute, so more of them run at once than there are processors.
lab() {
    local written="${CARGO_TARGET_DIR:-target}/tmp/fault_lab"
    rm -rf "$written"
    RUST_TEST_THREADS=8 cargo test --locked --no-fail-fast --test fault_lab || return 1
    /usr/bin/python3 tests/fault_lab/table.py "$written"
}

firewalls() {
    RUST_TEST_THREADS=6 cargo test --locked --no-fail-fast --test firewall_scenarios
}

docs() { RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps; }

# The program that people get, and the bare window that it is compared with.
release() {
    cargo build --locked --release -p ketnoi -p bare_window --bin ketnoi --bin bare_window
}

# The window test again, with the program that people get.
window() {
    release && KETNOI_BINARY=$(release_binary) cargo test --locked --test window -- --nocapture
}

speed() {
    release || return 1
    local built
    built=$(dirname "$(release_binary)")
    local held=0
    /usr/bin/python3 tests/bench/speed.py "$built/ketnoi" "$built/bare_window" || held=1
    /usr/bin/python3 tests/bench/crowd.py "$built/ketnoi" || held=1
    /usr/bin/python3 tests/bench/batch.py "$built/ketnoi" || held=1
    return $held
}

# The same with how long frames take, and the memory after many diagnoses.
limits() {
    release && cargo build --locked --release -p frames || return 1
    local built
    built=$(dirname "$(release_binary)")
    /usr/bin/python3 tests/bench/speed.py "$built/ketnoi" "$built/bare_window" \
        "$built/frames"
}

# The Debian package, installed in a clean Debian. Its tool is built once, below the target folder.
package() {
    local target=${CARGO_TARGET_DIR:-target}
    release || return 1
    [[ -x $target/tools/bin/cargo-deb ]] || CARGO_TARGET_DIR=$target/tools/build cargo install \
        --quiet --locked cargo-deb --version 3.8.0 --root "$target/tools" || return 1
    local package=$target/packages/ketnoi.deb
    PATH="$(realpath "$target")/tools/bin:$PATH" \
        cargo deb --locked --no-build --output "$package" || return 1
    as_root /usr/bin/python3 tests/packages/deb.py "$package" "$target/packages/menu-entry.png"
}

windows() { tests/cross/check.sh windows; }

macos() { tests/cross/check.sh macos; }

# The Windows programs, run under Wine.
wine() {
    local programs
    programs=$(tests/cross/build.sh trial) || return 1
    as_root /usr/bin/python3 tests/packages/wine.py "$programs" \
        "${CARGO_TARGET_DIR:-target}/packages/wine"
}

release_binary() { realpath "${CARGO_TARGET_DIR:-target}/release/ketnoi"; }

is_part() {
    local part
    for part in "${PARTS[@]}" "${LONG[@]}"; do [[ $part == "$1" ]] && return 0; done
    return 1
}

run_part() {
    local part=$1 began=$SECONDS outcome=passed took
    echo
    echo "=== $part"
    case $part in
        test) test_all ;;
        *) "$part" ;;
    esac || outcome=FAILED
    took=$(awk -v s=$((SECONDS - began)) 'BEGIN { printf "%.1f", s / 60 }')
    echo "=== $part $outcome after $took minutes"
    TABLE+=$(printf '%-10s %7s min  %s' "$part" "$took" "$outcome")$'\n'
    [[ $outcome == passed ]] || FAILED+=("$part")
}

[[ $# -gt 0 ]] || set -- "${PARTS[@]}"
[[ $1 != --cross ]] || set -- install windows macos wine
for part in "$@"; do
    if ! is_part "$part"; then
        echo "no such part: $part (there are: ${PARTS[*]} ${LONG[*]})" >&2
        exit 2
    fi
done

TABLE='' FAILED=()
for part in "$@"; do run_part "$part"; done

echo
echo "$TABLE"
awk -v s="$SECONDS" 'BEGIN { printf "%-10s %7.1f min\n", "all", s / 60 }'
if [[ ${#FAILED[@]} -gt 0 ]]; then
    echo "failed: ${FAILED[*]}"
    exit 1
fi
