"""How long `ketnoi check` takes for a refused connection, beside the least a script needs to fail.

usage: speed.py path/to/ketnoi

Runs both in turn, so that whatever else the machine does burdens both alike, and compares medians.
"""

import socket
import statistics
import subprocess
import sys
import time

RUNS = 40
LIMIT = 0.25


def main():
    program = sys.argv[1]
    address = f"127.0.0.1:{closed_port()}"
    host, port = address.split(":")
    script = f"import socket; socket.create_connection(('{host}', {port}))"
    ours = [program, "check", address, "--json"]
    theirs = ["/usr/bin/python3", "-c", script]
    took(ours), took(theirs)
    pairs = [(took(ours), took(theirs)) for _ in range(RUNS)]
    our_median = statistics.median(ours for ours, _ in pairs)
    their_median = statistics.median(theirs for _, theirs in pairs)
    ratio = our_median / their_median
    print(f"ketnoi check: {our_median * 1000:.1f} ms, python3: {their_median * 1000:.1f} ms (medians of {RUNS})")
    print(f"ratio {ratio:.3f}, limit {LIMIT}")
    return 0 if ratio <= LIMIT else 1


def closed_port():
    """Port 9, unless something listens there."""
    try:
        socket.create_connection(("127.0.0.1", 9), 1).close()
    except ConnectionRefusedError:
        return 9
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def took(command):
    """The seconds from start to end; both programs are to fail with exit status 1."""
    start = time.perf_counter()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    if ended.returncode != 1:
        sys.exit(f"{command}: exit status {ended.returncode} in place of 1")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
