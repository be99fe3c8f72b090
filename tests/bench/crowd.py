"""How soon Ketnoi sees what listens on a crowded machine, beside `ss` and `lsof`: ratios, measured in
one run.

usage: crowd.py path/to/ketnoi

The machine is made of namespaces: 1,000 processes, half of them an ordinary user's, and 10,000
sockets, some thousands of them listening. Half of the sockets belong to one process. A refused port
and one whose program is named are asked for, as root and as an ordinary user; all three programs run
in turn, so that whatever else the machine does burdens them alike.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

# The most of what the program compared with takes.
LIMITS = {"ss": 0.5, "lsof": 0.1}
RIVALS = {"ss": ["ss", "-ltnp"], "lsof": ["lsof", "-nP", "-iTCP"]}

PROCESSES = 1_000
# Of each of the many: listening sockets, and connections of two sockets.
LISTENING, CONNECTIONS = 2, 1
# Of the one that has most.
MANY_LISTENING, MANY_CONNECTIONS = 3_000, 1_500

NOBODY = 65534
PR_SET_DUMPABLE = 4
# `lsof` takes seconds, so it runs less often.
RUNS, LSOF_RUNS = 15, 3


def main():
    ketnoi = sys.argv[1]
    if "KETNOI_BENCH_CROWD" not in os.environ:
        return in_namespaces(ketnoi)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, 20_000))
    with tempfile.TemporaryDirectory() as folder:
        # The folder of the build may be closed to other users.
        os.chmod(folder, 0o755)
        ours = shutil.copy(ketnoi, folder)
        port = crowd()
        asked = {"refused": (9, 1), "named": (port, 0)}
        held = [
            is_fast(ours, what, *port_and_status, user)
            for what, port_and_status in asked.items()
            for user in (0, NOBODY)
        ]
    return 0 if all(held) else 1


def in_namespaces(ketnoi):
    """Runs this script as root of a network and a table of processes of its own, which end with it."""
    if os.geteuid() != 0:
        print("could not run: only root makes namespaces")
        return 1 if os.environ.get("CI") == "true" else 0
    command = ["unshare", "--net", "--pid", "--mount-proc", "--fork", "--kill-child", sys.executable, *sys.argv]
    environment = dict(os.environ, KETNOI_BENCH_CROWD="1")
    return subprocess.run(command, env=environment, check=False).returncode


def crowd():
    """Starts all processes and gives the port of one in the middle, which greets."""
    told, tell = os.pipe()
    for number in range(PROCESSES):
        user = NOBODY if number % 2 else 0
        if number == PROCESSES // 2:
            process(NOBODY, lambda: serve(tell))
        elif number == PROCESSES // 3:
            process(NOBODY, lambda: hold(tell, MANY_LISTENING, MANY_CONNECTIONS))
        elif number % 5 == 0:
            process(user, lambda: hold(tell, 2 * LISTENING, 3 * CONNECTIONS))
        else:
            process(user, lambda: hold(tell, LISTENING, CONNECTIONS))
    signal.alarm(120)
    ports = [int.from_bytes(os.read(told, 2), "big") for _ in range(PROCESSES)]
    signal.alarm(0)
    sockets = len(pathlib.Path("/proc/net/tcp").read_text().splitlines()) - 1
    processes = sum(name.isdigit() for name in os.listdir("/proc"))
    print(f"{processes} processes, {sockets} sockets")
    if sockets < 9_500 or processes < PROCESSES:
        sys.exit("the crowd is too small")
    return max(ports)


def process(user, life):
    """A process of `user` with a life of its own."""
    if os.fork() == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            # Who has changed users may not be looked at by the new one, unless it allows that.
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)
            life()
        finally:
            os._exit(1)


def hold(tell, listening, connections):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(listening)]
    if connections:
        with socket.create_server(("127.0.0.1", 0)) as server:
            for _ in range(connections):
                client = socket.socket()
                client.connect(server.getsockname())
                held += [client, server.accept()[0]]
    os.write(tell, bytes(2))
    signal.pause()


def serve(tell):
    """Greets whoever connects, as SSH does, on a port that services have, not one of the thousands
    that the system gave to the others: next to those, their programs are looked for as well."""
    with socket.create_server(("127.0.0.1", 15432)) as server:
        os.write(tell, server.getsockname()[1].to_bytes(2, "big"))
        while True:
            # A client may have left again.
            with contextlib.suppress(OSError), contextlib.closing(server.accept()[0]) as client:
                client.sendall(b"SSH-2.0-Bench\r\n")


def is_fast(ketnoi, what, port, status, user):
    ours = [ketnoi, "check", f"127.0.0.1:{port}", "--json"]
    name = "root" if user == 0 else "a user"
    if what == "named":
        is_named(ours, user)
    held = []
    for rival, command in RIVALS.items():
        runs = LSOF_RUNS if rival == "lsof" else RUNS
        ratio = compared(f"{what}, {name}", ours, status, rival, command, user, runs)
        print(f"{what} as {name} beside {rival}: ratio {ratio:.3f}, limit {LIMITS[rival]}")
        held.append(ratio <= LIMITS[rival])
    return all(held)


def is_named(command, user):
    """Fast, and right: the program that listens is named."""
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=False, **identity(user)).stdout
    port = int(command[2].rsplit(":", 1)[1])
    listeners = json.loads(answer)["evidence"]["listeners"]["known"]
    [listener] = [one for one in listeners if one["addr"] == f"127.0.0.1:{port}"]
    if not listener["process"]["known"]["name"].startswith("python3"):
        sys.exit(f"not the program that listens: {listener}")


def compared(what, ours, status, rival, theirs, user, runs):
    took(ours, status, user), took(theirs, None, user)
    pairs = [(took(ours, status, user), took(theirs, None, user)) for _ in range(runs)]
    our_median = statistics.median(one for one, _ in pairs)
    their_median = statistics.median(other for _, other in pairs)
    print(f"{what}: {our_median * 1000:.1f} ms, {rival}: {their_median * 1000:.1f} ms (medians of {runs})")
    return our_median / their_median


def took(command, status, user):
    """The seconds from start to end of a program that is to end with this exit status, if any."""
    start = time.perf_counter()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **identity(user))
    seconds = time.perf_counter() - start
    if status is not None and ended.returncode != status:
        sys.exit(f"{command}: exit status {ended.returncode} in place of {status}")
    return seconds


def identity(user):
    return {"user": user, "group": user, "extra_groups": []} if user else {}


if __name__ == "__main__":
    sys.exit(main())
