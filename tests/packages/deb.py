#!/usr/bin/python3
"""Installs a Debian package in a clean Debian, uses it as a person does, and takes it away again.

usage: deb.py PACKAGE.deb [PICTURE.png]

The clean Debian is made by debootstrap in a folder of its own and thrown away afterwards. What is
mounted there is mounted in a mount namespace that ends with each command, so that nothing of this
machine is below the folder when it is removed. Needs root, debootstrap, Xvfb, xdotool, imagemagick,
desktop-file-utils, appstream, and a Debian mirror (those of this machine).
"""

import configparser
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

PERSON = 1000
PATIENCE = 60
# What installing anything leaves behind, whoever does it.
OF_THE_SYSTEM = re.compile(
    r"(var/(lib/(dpkg|apt|systemd|ucf)|cache|log)|tmp|run|proc|sys|dev|etc/(passwd|group|shadow))(/|-|$)"
)
OF_THE_PERSON = "home/person/.config/ketnoi"


def main(package, picture=None):
    if os.geteuid() != 0:
        sys.exit("deb.py needs root")
    folder = tempfile.mkdtemp(prefix="ketnoi-deb-")
    root = pathlib.Path(folder, "debian")
    try:
        make_debian(root)
        prepare(root, package)
        before = files(root)
        inside(root, "dpkg", "--install", "/tmp/ketnoi.deb")
        check_files(root)
        check_command_line(root)
        check_window(root, picture)
        (root / OF_THE_PERSON).mkdir(parents=True, exist_ok=True)
        inside(root, "dpkg", "--purge", "ketnoi")
        check_nothing_left(before, files(root))
    finally:
        # Not across what might be mounted there, whatever went wrong.
        subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)
    print("the package installs, starts, and leaves without a trace")


def make_debian(root):
    say("making a clean Debian")
    mirror = os.environ.get("KETNOI_DEBIAN_MIRROR", "http://deb.debian.org/debian")
    suite = os.environ.get("KETNOI_DEBIAN_SUITE", "bookworm")
    log = root.parent / "debootstrap.log"
    with log.open("w") as out:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(root), mirror],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    if made.returncode != 0:
        sys.exit("debootstrap failed:\n" + log.read_text()[-3000:])


def prepare(root, package):
    """Everything but the package itself, so that what it leaves can be told apart."""
    say("installing what the package depends on")
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    shutil.copy(package, root / "tmp/ketnoi.deb")
    inside(root, "useradd", "--create-home", "--uid", str(PERSON), "person")
    depends = output("dpkg-deb", "--field", package, "Depends")
    inside(root, "apt-get", "-q", "update")
    satisfy = ["apt-get", "-q", "-y", "--no-install-recommends", "satisfy", depends]
    inside(root, *satisfy)


def check_files(root):
    say("looking at the files")
    for name in [
        "usr/bin/ketnoi",
        "usr/share/applications/ketnoi.desktop",
        "usr/share/metainfo/io.github.ketnoi.ketnoi.metainfo.xml",
        "usr/share/mime/packages/ketnoi.xml",
        "usr/share/man/man1/ketnoi.1.gz",
        "usr/share/man/vi/man1/ketnoi.1.gz",
        "usr/share/bash-completion/completions/ketnoi",
        "usr/share/zsh/vendor-completions/_ketnoi",
        "usr/share/fish/vendor_completions.d/ketnoi.fish",
        "usr/share/icons/hicolor/scalable/apps/ketnoi.svg",
        "usr/share/icons/hicolor/48x48/apps/ketnoi.png",
        "usr/share/doc/ketnoi/copyright",
    ]:
        if not (root / name).is_file():
            sys.exit(f"the package did not install /{name}")
    run("desktop-file-validate", root / "usr/share/applications/ketnoi.desktop")
    metainfo = root / "usr/share/metainfo/io.github.ketnoi.ketnoi.metainfo.xml"
    run("appstreamcli", "validate", "--no-net", metainfo)


def check_command_line(root):
    say("asking the command line")
    asked = as_person(root, {}, "ketnoi check 127.0.0.1:1 --json")
    answer = subprocess.run(asked, capture_output=True, text=True)
    if answer.returncode != 1 or '"cause":"nothing-listening"' not in answer.stdout:
        sys.exit(f"ketnoi check: {answer.returncode}\n{answer.stdout}{answer.stderr}")


def check_window(root, picture):
    say("opening the window from the menu entry")
    entry = configparser.ConfigParser(interpolation=None, strict=False)
    entry.optionxform = str
    entry.read(root / "usr/share/applications/ketnoi.desktop", encoding="utf-8")
    # Without a file to open the field codes stand for nothing.
    line = re.sub(r" *%[a-zA-Z]", "", entry["Desktop Entry"]["Exec"])
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-ac", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    program = None
    try:
        display = ":" + server.stdout.readline().strip()
        program = subprocess.Popen(as_person(root, {"DISPLAY": display}, "exec " + line))
        deadline = time.monotonic() + PATIENCE
        while not (window := visible_window(display)):
            if program.poll() is not None:
                sys.exit(f"the program ended: {program.returncode}")
            if time.monotonic() > deadline:
                sys.exit("no window came up")
            time.sleep(0.1)
        while colours(display, window) < 20:
            if program.poll() is not None or time.monotonic() > deadline:
                sys.exit("the window stayed empty")
            time.sleep(0.2)
        if picture:
            xwd = {**os.environ, "DISPLAY": display}
            subprocess.run(["import", "-window", "root", picture], env=xwd, check=True)
    finally:
        for process in (program, server):
            if process:
                # unshare(1) passes on nothing but its own death.
                process.kill()
                process.wait()


def visible_window(display):
    """The window that the program gave a name."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "."],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
    )
    return found.stdout.split("\n")[0]


def colours(display, window):
    """How many there are in the window: text that is drawn has many shades."""
    shot = subprocess.run(
        ["import", "-window", window, "-format", "%k", "info:"],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
    )
    return int(shot.stdout or 0)


def check_nothing_left(before, after):
    say("looking for traces")
    left = sorted(name for name in after - before if not is_expected(name))
    if left:
        sys.exit("left behind:\n  " + "\n  ".join(left))
    if not any(name.startswith(OF_THE_PERSON) for name in after):
        sys.exit("the person's settings are gone")


def is_expected(name):
    return OF_THE_SYSTEM.match(name) or OF_THE_PERSON.startswith(name) or name.startswith(OF_THE_PERSON)


def files(root):
    found = set()
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            found.add(os.path.relpath(os.path.join(folder, name), root))
    return found


def inside(root, *words):
    """Runs a command of the clean Debian as root."""
    script = 'mount -t proc proc "$1/proc"; root=$1; shift; exec chroot "$root" "$@"'
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        "LC_ALL": "C.UTF-8",
    }
    if "http_proxy" in os.environ:
        environment["http_proxy"] = os.environ["http_proxy"]
    ran = subprocess.run(
        [*isolated, "sh", "-ec", script, "sh", str(root), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if ran.returncode != 0:
        sys.exit(f"{shlex.join(words)} failed:\n{ran.stdout[-4000:]}")


def as_person(root, environment, line):
    """The command that runs a line of shell there, as somebody without rights."""
    script = (
        'mount -t proc proc "$1/proc"; mkdir -p "$1/tmp/.X11-unix"; '
        'mount --bind /tmp/.X11-unix "$1/tmp/.X11-unix"; '
        f'exec chroot --userspec={PERSON}:{PERSON} "$1" /usr/bin/env -i $3 sh -c "cd; $2"'
    )
    settings = {
        "HOME": "/home/person",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        # A cache of the graphics library is none of the program's traces.
        "MESA_SHADER_CACHE_DISABLE": "1",
        **environment,
    }
    words = " ".join(f"{name}={value}" for name, value in settings.items())
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return [*isolated, "sh", "-ec", script, "sh", str(root), line, words]


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def run(*words):
    ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode != 0 or ran.stdout.count("warning"):
        sys.exit(f"{shlex.join(map(str, words))}:\n{ran.stdout}")


def say(what):
    print(what, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
