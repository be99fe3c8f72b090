#!/usr/bin/python3
"""Runs the Windows programs under Wine, against real sockets and on a real display.

usage: wine.py FOLDER PICTURES

FOLDER holds ketnoi.exe and ketnoi-cli.exe; what the window showed is put into PICTURES. Everything
happens in a network namespace of its own, with a fresh Wine prefix and without any font but
Wine's own, which have no Vietnamese: what is drawn is drawn with the fonts that the program brings.

Needs root, wine, wine64, fonts-wine, mingw-w64, iproute2, Xvfb, openbox, xdotool and imagemagick. What only real Windows
shows (its firewall, refusals after two seconds, other renderers) is not shown here.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
PATIENCE = 120
# An address of this machine that is not loopback (RFC 5737).
OWN_ADDRESS = "192.0.2.7"
INSIDE = "--inside"


def main(arguments):
    if os.geteuid() != 0:
        sys.exit("wine.py needs root")
    if arguments[0] != INSIDE:
        # What is started here ends with the first process of the namespace.
        own = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command = ["unshare", *own, sys.executable, __file__, INSIDE, *arguments]
        sys.exit(subprocess.run(command).returncode)
    programs, pictures = map(pathlib.Path, arguments[1:])
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ketnoi-wine-") as folder:
        make_machine(pathlib.Path(folder))
        wine = Wine(pathlib.Path(folder, "prefix"), programs.resolve())
        try:
            check_command_line(wine)
            for language in ["vi", "en"]:
                wine.forget_settings()
                check_window(wine, language, pictures)
        finally:
            wine.end()
    print("the Windows programs do their work")


def make_machine(folder):
    """A network of one machine with a resolver that knows no name, and Wine's own fonts."""
    for line in [
        "link set lo up",
        "link add own0 type veth peer name own1",
        f"addr add {OWN_ADDRESS}/24 dev own0",
        "link set own0 up",
        "link set own1 up",
    ]:
        subprocess.run(["ip", *line.split()], check=True)
    for name, text in [
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        ("resolv.conf", "nameserver 127.0.0.1\n"),
    ]:
        (folder / name).write_text(text)
        subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True)
    know_no_name()
    empty = folder / "no-fonts"
    empty.mkdir()
    for fonts in ["/usr/share/fonts", "/usr/local/share/fonts"]:
        if os.path.isdir(fonts):
            subprocess.run(["mount", "--bind", empty, fonts], check=True)


def know_no_name():
    """A DNS server that answers every question with NXDOMAIN."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def answer():
        while True:
            question, peer = server.recvfrom(512)
            # An answer, recursion desired and available, NXDOMAIN; one question and nothing else.
            head = question[:2] + bytes([0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0])
            end = question.index(0, 12) + 5
            server.sendto(head + question[12:end], peer)

    threading.Thread(target=answer, daemon=True).start()


class Wine:
    """A fresh Windows, as far as Wine is one."""

    def __init__(self, prefix, programs):
        self.environment = {
            "HOME": str(prefix.parent),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # Nothing asks to install a browser or .NET, and no menu of this machine is written.
            "WINEDLLOVERRIDES": "mscoree=d;mshtml=d;winemenubuilder.exe=d;winedbg.exe=d",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        say("making a fresh prefix")
        self.run("wineboot", "--init")
        # The dialogs of Wine need some font; these are its own.
        fonts = prefix / "drive_c/windows/Fonts"
        fonts.mkdir(exist_ok=True)
        for font in pathlib.Path("/usr/share/wine/fonts").glob("*.ttf"):
            shutil.copy(font, fonts)
        self.folder = prefix / "drive_c/Ketnoi"
        self.folder.mkdir()
        for name in ["ketnoi.exe", "ketnoi-cli.exe"]:
            shutil.copy(programs / name, self.folder)
        self.compile("bcryptprimitives.c", "bcryptprimitives.dll", "-shared", "-ladvapi32")
        self.compile("listener.c", "listener.exe", "-lws2_32")

    def compile(self, source, result, *options):
        compiler = "x86_64-w64-mingw32-gcc"
        words = [compiler, "-o", self.folder / result, HERE / source, *options]
        subprocess.run(words, check=True)

    def start(self, *words, **more):
        environment = {**self.environment, **more.pop("environment", {})}
        return subprocess.Popen(["wine", *map(str, words)], env=environment, **more)

    def run(self, *words):
        started = self.start(
            *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        out, error = started.communicate(timeout=PATIENCE * 3)
        return started.returncode, out.decode(), error.decode(errors="replace")

    def forget_settings(self):
        """They remember the language of the last time."""
        for settings in self.folder.parent.glob("users/*/AppData/Roaming/Ketnoi"):
            shutil.rmtree(settings)

    def end(self):
        subprocess.run(["wineserver", "--kill"], env=self.environment)


def check_command_line(wine):
    say("asking the command line")
    open_port = serve(lambda peer: peer.recv(1))
    plain_port = serve(lambda peer: (peer.recv(100), peer.sendall(b"HTTP/1.0 400 Bad\r\n\r\n")))
    closed_port = unused_port()
    listener = wine.start(wine.folder / "listener.exe", stdout=subprocess.PIPE)
    own_port = int(listener.stdout.readline())
    for target, status, causes, part in [
        (f"127.0.0.1:{closed_port}", 1, ["nothing-listening"], None),
        (f"127.0.0.1:{open_port}", 0, ["reachable", "reachable-silent"], None),
        ("no-such-name.invalid:80", 1, ["name-not-found"], None),
        (f"https://127.0.0.1:{plain_port}/", 1, ["tls-to-plain-port"], None),
        (f"{OWN_ADDRESS}:{own_port}", 1, ["loopback-only"], "listener.exe"),
    ]:
        cli = wine.folder / "ketnoi-cli.exe"
        code, out, error = wine.run(cli, "check", target, "--json", "--lang", "en")
        try:
            verdict = json.loads(out)["verdict"]
        except ValueError:
            sys.exit(f"{target}: {code}\n{out}\n{error}")
        told = f"{target}: {verdict['cause']}, {verdict['certainty']}"
        say(told)
        if code != status or verdict["cause"] not in causes:
            sys.exit(f"{told}; expected {causes} and exit status {status}, got {code}\n{out}")
        if part:
            code, out, error = wine.run(cli, "check", target, "--lang", "en")
            if part not in out:
                sys.exit(f"{part} is not named:\n{out}\n{error}")
    listener.terminate()
    code, out, error = wine.run(wine.folder / "ketnoi-cli.exe", "--lang", "vi", "--help")
    if code != 0 or "Cách dùng" not in out:
        sys.exit(f"the help in Vietnamese: {code}\n{out}\n{error}")


def serve(answer):
    """A server on the loopback address; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            peer, _ = server.accept()
            with peer:
                try:
                    answer(peer)
                except OSError:
                    pass

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def check_window(wine, language, pictures):
    say(f"walking through the window ({language})")
    screen = Screen()
    try:
        address = f"127.0.0.1:{unused_port()}"
        locale = {"vi": "vi_VN.UTF-8", "en": "en_US.UTF-8"}[language]
        settings = {"DISPLAY": screen.display, "LC_ALL": locale}
        program = wine.start(wine.folder / "ketnoi.exe", environment=settings)
        window = screen.wait_for("a window", screen.window)
        screen.wait_for("the first picture", lambda: screen.colours() > 100)
        screen.key("ctrl+l")
        screen.see_change("the address", "type", address)
        screen.keep(pictures / f"windows-{language}-1.png")
        for step in range(2, 6):
            screen.see_change(f"step {step}", "key", "Return")
            # The test itself goes on for a moment.
            screen.wait_until_still()
            screen.keep(pictures / f"windows-{language}-{step}.png")
        screen.key("ctrl+s")
        screen.wait_for("the system's dialog", lambda: screen.window() not in ("", window))
        # Its cursor blinks, so that the picture never stands still for long.
        screen.wait_until_still(pictures_alike=2)
        screen.keep(pictures / f"windows-{language}-6.png")
        screen.key("ctrl+a")
        screen.xdotool("type", "--delay", "50", f"C:\\Ketnoi\\report-{language}.md")
        screen.key("Return")
        report = wine.folder / f"report-{language}.md"
        screen.wait_for("the saved report", report.exists)
        text = report.read_text(encoding="utf-8")
        title = {"vi": "# Báo cáo kết nối", "en": "# Connection report"}[language]
        if address not in text or title not in text:
            sys.exit(f"the report is about something else:\n{text}")
        program.terminate()
    except Vain as vain:
        screen.keep(pictures / f"windows-{language}-failed.png")
        sys.exit(f"{vain}; see windows-{language}-failed.png")
    finally:
        screen.end()


class Vain(Exception):
    """Something that did not come."""


class Screen:
    """A display in memory with a window manager, and the hands that work on it."""

    def __init__(self):
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.display = ":" + self.server.stdout.readline().strip()
        self.environment = {**os.environ, "DISPLAY": self.display}
        self.manager = subprocess.Popen(["openbox"], env=self.environment, stderr=subprocess.DEVNULL)

    def end(self):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait()

    def xdotool(self, *words):
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def key(self, name):
        self.xdotool("key", name)

    def window(self):
        """The window that has the keyboard and a name."""
        window = self.xdotool("getactivewindow")
        return window if window and self.xdotool("getwindowname", window) else ""

    def shot(self, *words):
        words = ["import", "-silent", "-window", "root", *words]
        return subprocess.run(words, env=self.environment, capture_output=True).stdout

    def picture(self):
        return self.shot("rgb:-")

    def colours(self):
        return int(self.shot("-format", "%k", "info:") or 0)

    def keep(self, path):
        self.shot(str(path))

    def see_change(self, what, *words):
        before = self.picture()
        self.xdotool(*words)
        self.wait_for(what, lambda: self.picture() != before)

    def wait_until_still(self, pictures_alike=3):
        seen = []

        def is_still():
            seen.append(self.picture())
            time.sleep(0.2)
            last = seen[-pictures_alike:]
            return len(last) == pictures_alike and len(set(last)) == 1

        self.wait_for("the picture to stand still", is_still)

    def wait_for(self, what, look):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)
        raise Vain(f"waited in vain for {what}")


def say(what):
    print(what, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1:])
