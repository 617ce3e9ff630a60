#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""UDP for the live tests: an echo server, and a client that sends each size and wants it back.

datagrams.py server ADDRESS PORT          prints the address of each new peer
datagrams.py client ADDRESS PORT SIZE...  exits with 1 at the first datagram that does not come back
datagrams.py probe ADDRESS PORT           prints "answer", "silence" or what the error is called
"""

import errno
import random
import socket
import sys

# Datagrams can be lost; a loss that repeats is a fault.
TRIES = 3
SECONDS = 2


def open_socket(address, port):
    family = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0][0]
    return socket.socket(family, socket.SOCK_DGRAM)


def serve(address, port):
    server = open_socket(address, port)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind((address, port))
    peers = set()
    while True:
        data, peer = server.recvfrom(65536)
        if peer not in peers:
            peers.add(peer)
            print(peer[0], flush=True)
        try:
            server.sendto(data, peer)
        except OSError as error:
            print(len(data), "bytes to", peer, error, flush=True)


def payload(size):
    return random.Random(size).randbytes(size)


def comes_back(client, data):
    for _ in range(TRIES):
        client.send(data)
        try:
            while client.recv(65536) != data:
                pass
            return True
        except TimeoutError:
            pass
    return False


def ask(address, port, sizes):
    client = open_socket(address, port)
    client.settimeout(SECONDS)
    client.connect((address, port))
    for size in sizes:
        if not comes_back(client, payload(size)):
            sys.exit(f"a datagram of {size} bytes does not come back from {address}")


def probe(address, port):
    client = open_socket(address, port)
    client.settimeout(SECONDS)
    client.connect((address, port))
    try:
        client.send(b"probe")
        client.recv(100)
    except TimeoutError:
        return "silence"
    except OSError as error:
        return errno.errorcode[error.errno]
    return "answer"


if sys.argv[1] == "server":
    serve(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "probe":
    print(probe(sys.argv[2], int(sys.argv[3])))
else:
    ask(sys.argv[2], int(sys.argv[3]), [int(size) for size in sys.argv[4:]])
