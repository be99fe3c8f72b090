"""One end of the wire: listens on the ports of the test, and opens connections when told to.

Each line of standard input is a command:
  listen PORT...                      listens on them, over both families
  connect WAIT_MS SRC SPORT DST DPORT ...
                                      opens all of them at once; prints what became of each:
                                      open, refused or silent
  close                               ends what was opened
"""

import select
import socket
import struct
import sys
import time

RESET = struct.pack("ii", 1, 0)
listeners, opened = [], []


def listen(ports):
    for port in ports:
        for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((anywhere, int(port)))
            listener.listen(4096)
            listener.setblocking(False)
            listeners.append(listener)
    print("listening", flush=True)


def begin(source, source_port, target, port):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    opening = socket.socket(family, socket.SOCK_STREAM)
    opening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opening.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    opening.setblocking(False)
    opening.bind((source, int(source_port)))
    opening.connect_ex((target, int(port)))
    return opening


def connect(wait_millis, words):
    ends = [begin(*words[at : at + 4]) for at in range(0, len(words), 4)]
    opened.extend(ends)
    outcome = {}
    poll = select.poll()
    for end in ends:
        poll.register(end, select.POLLOUT)
    until = time.monotonic() + int(wait_millis) / 1000
    while len(outcome) < len(ends):
        left = until - time.monotonic()
        if left <= 0:
            break
        for number, events in poll.poll(left * 1000):
            failed = events & (select.POLLERR | select.POLLHUP)
            outcome[number] = "refused" if failed else "open"
            poll.unregister(number)
    # An ICMP error that comes while connect(2) still holds the socket ends nothing, but is kept.
    for end in ends:
        if end.fileno() not in outcome and end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            outcome[end.fileno()] = "refused"
    print(" ".join(outcome.get(end.fileno(), "silent") for end in ends), flush=True)


def close():
    for end in opened:
        end.close()
    opened.clear()
    for listener in listeners:
        try:
            while True:
                accepted, _ = listener.accept()
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                accepted.close()
        except OSError:
            pass
    print("closed", flush=True)


for line in sys.stdin:
    command, *words = line.split()
    if command == "listen":
        listen(words)
    elif command == "connect":
        connect(words[0], words[1:])
    else:
        close()
