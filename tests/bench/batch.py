"""Ten thousand targets in one batch: how long, how much memory, how many sockets; and that nothing is
lost when the program is killed and goes on.

usage: batch.py path/to/ketnoi

All targets are addresses of this machine's loopback in a network of its own: a part accepts, a part is
closed, a part is dropped by a filter. The time is compared with what the silent ones' patience takes
when so many sockets wait side by side.
"""

import collections
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

OPEN, CLOSED, SILENT = 4_000, 4_000, 2_000
PARALLEL = 64
PATIENCE = 1.0
# The sockets, and what every process has open, with the list and the results.
DESCRIPTORS = PARALLEL + 16
# The most of the time that the silent ones need, and of the memory.
LIMIT, MOST_MEMORY = 1.2, 100 << 20

DROP = """table ip silent {
    chain input {
        type filter hook input priority 0; policy accept;
        ip daddr 127.3.0.0/16 drop
    }
}"""


def main():
    ketnoi = sys.argv[1]
    if "KETNOI_BENCH_BATCH" not in os.environ:
        return in_namespace(ketnoi)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["nft", "-f", "-"], input=DROP, text=True, check=True)
    listener = socket.create_server(("0.0.0.0", 8080), backlog=4096)
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        targets = list(mixed())
        (folder / "list").write_text("\n".join(targets))
        return 0 if is_fast(ketnoi, folder, targets) and loses_nothing(ketnoi, folder, targets) else 1


def in_namespace(ketnoi):
    if os.geteuid() != 0:
        print("could not run: only root makes namespaces")
        return 1 if os.environ.get("CI") == "true" else 0
    command = ["unshare", "--net", "--kill-child", "--fork", sys.executable, *sys.argv]
    return subprocess.run(command, env=dict(os.environ, KETNOI_BENCH_BATCH="1"), check=False).returncode


def accept(listener):
    while True:
        listener.accept()[0].close()


def mixed():
    """The targets, one kind after the other in turn."""
    kinds = {"127.1": (OPEN, 8080), "127.2": (CLOSED, 81), "127.3": (SILENT, 8080)}
    left = {kind: count for kind, (count, _) in kinds.items()}
    while any(left.values()):
        for kind, count in left.items():
            if count:
                left[kind] = count - 1
                yield f"{kind}.{count >> 8}.{count & 255}:{kinds[kind][1]}"


def command(ketnoi, folder, *more):
    results = str(folder / "results.jsonl")
    return [ketnoi, "check", "--targets", str(folder / "list"), "--timeout", str(PATIENCE),
            "--parallel", str(PARALLEL), "--output", results, *more]


def is_fast(ketnoi, folder, targets):
    needed = SILENT / PARALLEL * PATIENCE
    began = time.monotonic()
    # One socket too many would find no descriptor left, and that would be told.
    child = subprocess.Popen(command(ketnoi, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS)))
    memory = 0
    while child.poll() is None:
        memory = max(memory, resident_peak(child.pid))
        time.sleep(0.01)
    took = time.monotonic() - began
    told = causes(folder)
    print(f"batch of {len(targets)}: {took:.1f} s, of the {needed:.1f} s that the silent ones need"
          f" {took / needed:.2f} (limit {LIMIT}); {memory / 2**20:.0f} MiB (limit {MOST_MEMORY >> 20});"
          f" {DESCRIPTORS} descriptors for {PARALLEL} sockets; {dict(told)}")
    return all([
        is_whole(folder, targets),
        took <= LIMIT * needed,
        memory <= MOST_MEMORY,
        told["reachable"] == OPEN,
        told["nothing-listening"] == CLOSED,
        len(told) == 3,
    ])


def loses_nothing(ketnoi, folder, targets):
    """Kills the batch three times midway, and lets it go on each time."""
    results = folder / "results.jsonl"
    results.unlink()
    for goal in (len(targets) // 4, len(targets) // 2, len(targets) * 3 // 4):
        child = subprocess.Popen(command(ketnoi, folder, "--resume"), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        while child.poll() is None and lines(results) < goal:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        with results.open("a") as file:
            file.write('{"schema":"ketnoi-report/1","cut')
    subprocess.run(command(ketnoi, folder, "--resume"), stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    whole = is_whole(folder, targets)
    print(f"killed three times and resumed: {'every target once' if whole else 'NOT every target once'}")
    return whole


def lines(results):
    return results.read_bytes().count(b"\n") if results.exists() else 0


def told_targets(folder):
    with (folder / "results.jsonl").open() as file:
        return [json.loads(line) for line in file]


def causes(folder):
    return collections.Counter(result["verdict"]["cause"] for result in told_targets(folder))


def is_whole(folder, targets):
    """Whether each target is told, and once."""
    told = sorted(f"{r['target']['host']}:{r['target']['port']}" for r in told_targets(folder))
    return told == sorted(targets)


def resident_peak(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    peak = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak[0].split()[1]) << 10 if peak else 0


if __name__ == "__main__":
    sys.exit(main())
