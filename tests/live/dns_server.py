#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNS server for the live tests, over UDP and TCP, that knows a few names.

dns_server.py ADDRESS PORT MARK    MARK is the IPv4 address that it gives for NAME.test

    NAME.test, NAME.corp.test   A: MARK; AAAA: 2001:db8::1
    large.test                  TXT: 3000 bytes, truncated where the asker can't take them by UDP
    fails.test                  SERVFAIL
    anything else               NXDOMAIN

Prints a line for each query: udp or tcp, the name, the number of the type.
"""

import socket
import struct
import sys
import threading

A, TXT, AAAA, OPT = 1, 16, 28, 41
SERVFAIL, NXDOMAIN = 2, 3
AUTHORITATIVE_ANSWER, TRUNCATED = 0x8580, 0x0200


def read_question(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    kind = struct.unpack_from("!H", query, at + 1)[0]
    return ".".join(labels), kind, at + 5


def room_by_udp(query, end):
    """What the asker takes: said in an OPT record (RFC 6891) right behind the question."""
    if len(query) >= end + 11 and struct.unpack_from("!H", query, end + 1)[0] == OPT:
        return struct.unpack_from("!H", query, end + 3)[0]
    return 512


def records(name, kind, mark):
    """(error, [data of each record])"""
    if name == "fails.test":
        return SERVFAIL, []
    if name == "large.test":
        return 0, [bytes([200]) + b"x" * 200] * 15 if kind == TXT else []
    if not name.endswith(".test"):
        return NXDOMAIN, []
    data = {A: socket.inet_aton(mark), AAAA: socket.inet_pton(socket.AF_INET6, "2001:db8::1")}
    return 0, [data[kind]] if kind in data else []


def answer(query, mark, transport):
    name, kind, end = read_question(query)
    print(transport, name, kind, flush=True)
    error, found = records(name, kind, mark)
    body = b"".join(struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data for data in found)
    flags = AUTHORITATIVE_ANSWER | error
    if transport == "udp" and end + len(body) > room_by_udp(query, end):
        flags, found, body = flags | TRUNCATED, [], b""
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + query[12:end] + body


def serve_stream(client, mark):
    with client, client.makefile("rb") as stream:
        while len(head := stream.read(2)) == 2:
            reply = answer(stream.read(struct.unpack("!H", head)[0]), mark, "tcp")
            client.sendall(struct.pack("!H", len(reply)) + reply)


def serve_streams(listener, mark):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve_stream, args=(client, mark), daemon=True).start()


def main():
    address, port, mark = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind((address, port))
    listener = socket.create_server((address, port), family=family, backlog=100)
    threading.Thread(target=serve_streams, args=(listener, mark), daemon=True).start()
    while True:
        query, peer = server.recvfrom(4096)
        server.sendto(answer(query, mark, "udp"), peer)


main()
