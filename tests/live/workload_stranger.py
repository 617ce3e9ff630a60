#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does to a workload server what no client of it does, and sees that it defends itself.

workload_stranger.py CASE ADDRESS PORT     exits with 1, and says why, if it does not

The server should have --timeout 1.
"""

import os
import select
import socket
import struct
import sys

MAGIC = 0x736c69727077612e
NO_LIMIT = 2 ** 64 - 1
DEADLINE = 10  # seconds; far more than the server's


def connect(address, port):
    return socket.create_connection((address, port), timeout=DEADLINE)


def expect_end(connection):
    """The server ends the connection, before the deadline."""
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass


def stream(size, up=0, down=NO_LIMIT, duration=10 ** 9, magic=MAGIC):
    return b"s" + struct.pack("!7Q", magic, 0, up, down, duration, 1, size)


def sends(data):
    """A case: connects, sends that, and must be hung up on."""
    def case(address, port):
        with connect(address, port) as connection:
            connection.sendall(data)
            expect_end(connection)
    return case


def never_reads(address, port):
    """The peer's end shows as an event, with all data still unread."""
    with connect(address, port) as connection:
        connection.sendall(stream(1 << 17, down=2 ** 60))
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        if not poll.poll(DEADLINE * 1000):
            sys.exit("the server still waits")


def takes_no_hello_of_others(address, port):
    """Datagrams go only to whom the cookie came to: a hello brings one datagram, no larger."""
    run = int.from_bytes(os.urandom(8), "big")
    with connect(address, port) as control, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        control.sendall(b"u" + struct.pack("!6Q", MAGIC, run, 1, 1400, 1000, 5 * 10 ** 8))
        control.recv(24, socket.MSG_WAITALL)
        datagrams.settimeout(DEADLINE)
        hello = struct.pack("!4Q", MAGIC, run, NO_LIMIT, 12345)
        datagrams.sendto(hello, (address, port))
        answer = datagrams.recv(2000)
        if len(answer) > len(hello):
            sys.exit("%d bytes for %d" % (len(answer), len(hello)))
        datagrams.settimeout(0.3)
        try:
            more = datagrams.recv(2000)
            sys.exit("%d bytes more" % len(more))
        except socket.timeout:
            pass
        # And with the cookie it begins.
        datagrams.settimeout(DEADLINE)
        datagrams.sendto(hello[:24] + answer[24:32], (address, port))
        if len(datagrams.recv(2000)) != 1400:
            sys.exit("no datagram of the run")


def has_a_limit(address, port):
    """More connections than --connections 8 wait, until one ends."""
    held = [connect(address, port) for _ in range(8)]
    for connection in held:
        connection.sendall(b"e")
        connection.recv(1)
    with connect(address, port) as late:
        late.sendall(b"e")
        late.settimeout(0.3)
        try:
            late.recv(1)
            sys.exit("served one too many")
        except socket.timeout:
            pass
        held.pop().close()
        late.settimeout(DEADLINE)
        if late.recv(1) != b"e":
            sys.exit("not served later")
    for connection in held:
        connection.close()


CASES = {
    "unknown": sends(b"?"),
    "silent": sends(b""),
    "half": sends(stream(1000)[:20]),
    "magic": sends(stream(1000, magic=1)),
    "size-0": sends(stream(0)),
    "size-large": sends(stream(1 << 40)),
    "duration": sends(stream(1000, duration=NO_LIMIT)),
    "stalled": sends(stream(1000, up=1000, down=0) + b"x"),
    "datagram-size": sends(b"u" + struct.pack("!6Q", MAGIC, 1, 1, 1 << 20, 1, 10 ** 9)),
    "datagram-rate": sends(b"u" + struct.pack("!6Q", MAGIC, 1, 1, 1000, 0, 10 ** 9)),
    "never-said": sends(b"u" + struct.pack("!6Q", MAGIC, 1, 0, 1000, 1, 1)),
    "never-reads": never_reads,
    "hello": takes_no_hello_of_others,
    "limit": has_a_limit,
}

CASES[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
