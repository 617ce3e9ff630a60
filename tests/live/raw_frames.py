#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames made by hand, sent on the container's device as its root could: see KINDS at the end.

raw_frames.py KIND COUNT [ADDRESS PORT]    prints how many frames were sent
"""

import random
import socket
import struct
import sys

DEVICE = "tap0"
GATEWAY_LINK = bytes.fromhex("52550a000202")
GUEST4 = "10.0.2.100"
GUEST6 = "fd00::100"
TCP, UDP, ICMP, ICMP6, FRAGMENT6 = 6, 17, 1, 58, 44
SYN, ACK, URG_PSH = 0x02, 0x10, 0x28

# What a host takes for itself, or libslirp for the host.
LOOPBACKS = ["127.0.0.1", "127.1.2.3", "0.0.0.0", "0.0.0.1", "255.255.255.255", "10.0.2.255",
             "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0:0", "fd00::1234", "ff02::1",
             "fe80::2", "ff01::1"]


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def numeric(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


class Sender:
    """A packet socket, and the frames around payloads."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((DEVICE, 0))
        self.link = self.socket.getsockname()[4]
        self.sent = 0

    def raw(self, frame):
        try:
            self.socket.send(frame)
            self.sent += 1
        except OSError:
            pass  # the kernel takes no frame without an Ethernet header, and none while it is full

    def frame(self, ethertype, payload, to=GATEWAY_LINK):
        self.raw(to + self.link + struct.pack("!H", ethertype) + payload)

    def ip4(self, source, destination, protocol, payload, identity=0, fragment=0, length=None):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length or 20 + len(payload), identity,
                             fragment, 64, protocol, 0, numeric(source), numeric(destination))
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        self.frame(0x0800, header + payload)

    def ip6(self, source, destination, protocol, payload, hops=64, length=None):
        self.frame(0x86DD, struct.pack("!IHBB", 6 << 28, len(payload) if length is None else length,
                                       protocol, hops) + numeric(source) + numeric(destination) +
                   payload)

    def transport(self, destination, protocol, payload, source=None):
        """payload has zeros for its checksum."""
        at = {TCP: 16, UDP: 6, ICMP6: 2}[protocol]
        source = source or (GUEST6 if ":" in destination else GUEST4)
        pseudo = numeric(source) + numeric(destination) + struct.pack("!IHH", len(payload), 0, protocol)
        payload = payload[:at] + struct.pack("!H", checksum(pseudo + payload)) + payload[at + 2:]
        if ":" in destination:
            self.ip6(source, destination, protocol, payload, 255 if protocol == ICMP6 else 64)
        else:
            self.ip4(source, destination, protocol, payload)


def tcp(source_port, port, flags, sequence=1000, data=b"", urgent=0):
    return struct.pack("!HHIIBBHHH", source_port, port, sequence, 0, 0x50, flags, 65535, 0,
                       urgent) + data


def udp(source_port, port, data=b""):
    return struct.pack("!HHHH", source_port, port, 8 + len(data), 0) + data


def loopback(sender, count, _address, port):
    """TCP and UDP to whatever could be the host's loopback."""
    for i in range(count):
        for target in LOOPBACKS:
            sender.transport(target, TCP, tcp(30000 + i, port, SYN))
            sender.transport(target, UDP, udp(31000 + i, port, b"to the loopback"))


def urgent(sender, count, address, port):
    """Connections by hand whose segments all have urgent data, with pointers to all sorts of places."""
    for i in range(count):
        pointer = random.choice([0, 1, 2, 100, 1399, 1400, 1401, 40000, 65535])
        sender.transport(address, TCP, tcp(32000 + i % 20, port, SYN | 0x20, 1000, b"", pointer))
        sender.transport(address, TCP, tcp(32000 + i % 20, port, URG_PSH | ACK, 1001 + i * 7,
                                           b"u" * 1400, pointer))


def lying(sender, count, address, port):
    """Packets of all kinds with bytes of their headers replaced, cut off or drawn out."""
    for i in range(count):
        payload = random.choice([tcp(33000 + i % 100, port, random.randrange(256), i, b"data"),
                                 udp(34000 + i % 100, port, b"data" * random.randrange(300)),
                                 struct.pack("!BBHHH", 8, 0, 0, 1, i & 0xFFFF) + b"ping"])
        if i % 2:
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), i & 0xFFFF, 0, 64,
                               random.choice([TCP, UDP, ICMP]), 0, numeric(GUEST4), numeric(address))
            head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
            ethertype = b"\x08\x00"
        else:
            head = struct.pack("!IHBB", 6 << 28, len(payload), random.choice([TCP, UDP, ICMP6, 0, 43, 60]),
                               64) + numeric(GUEST6) + numeric("2001:db8:1::1")
            ethertype = b"\x86\xdd"
        packet = bytearray(head + payload)
        for _ in range(random.randrange(4)):
            packet[random.randrange(min(len(packet), 64))] = random.randrange(256)
        cut = random.choice([len(packet), len(packet), random.randrange(len(packet))])
        sender.raw(GATEWAY_LINK + sender.link + ethertype + bytes(packet[:cut]) +
                   bytes(random.choice([0, 0, 1, 700])))


def empty(sender, count, _address, _port):
    """Frames with nothing behind the Ethernet header, or behind the IP header, or datagrams of no bytes."""
    for _ in range(count):
        for ethertype in (0x0800, 0x0806, 0x86DD, 0x88CC, 0x8100):
            sender.frame(ethertype, b"")
        for protocol in (TCP, UDP, ICMP, 0, 255):
            sender.ip4(GUEST4, "198.51.100.1", protocol, b"")
            sender.ip6(GUEST6, "2001:db8:1::1", protocol, b"")
            sender.ip6(GUEST6, "2001:db8:1::1", protocol, b"", length=65535)
        sender.transport("198.51.100.1", UDP, udp(35000, 9))
        sender.transport("2001:db8:1::1", UDP, udp(35000, 9))


def arp(sender, count, _address, _port):
    """Requests, answers nobody asked for, and announcements, for addresses of the network."""
    for i in range(count):
        body = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1 + i % 2, sender.link,
                           numeric(f"10.0.2.{i % 256}"), bytes(6), numeric(f"10.0.2.{i * 7 % 256}"))
        sender.frame(0x0806, body, b"\xff" * 6)


def discovery(sender, count, _address, _port):
    """Neighbour and router discovery of IPv6, from many addresses."""
    for i in range(count):
        source, target = f"fd00::{i % 65521:x}", f"fd00::{i * 7 % 65521:x}"
        kind = (133, 134, 135, 136, 137)[i % 5]
        body = struct.pack("!BBHI", kind, 0, 0, 0) + numeric(target) + b"\1\1" + sender.link
        sender.transport("ff02::1" if i % 3 else "fd00::2", ICMP6, body, source)


def syn(sender, count, address, port):
    """The start of connections that never go on."""
    for i in range(count):
        sender.transport(address, TCP, tcp(1024 + i % 60000, port, SYN, i))


def fragments(sender, count, address, _port):
    """First, middle and overlapping pieces of packets that never become whole."""
    part = bytes(1000)
    for i in range(count):
        more = 0x2000 if i % 4 else 0
        sender.ip4(GUEST4, address, UDP, part, i & 0xFFFF, more | random.choice([0, 125, 250, 8000]))
        sender.ip6(GUEST6, "2001:db8:1::1", FRAGMENT6,
                   struct.pack("!BBHI", UDP, 0, random.choice([1, 1000 << 3 | 1, 65528]), i) + part)


KINDS = {"loopback": loopback, "urgent": urgent, "lying": lying, "empty": empty, "arp": arp,
         "discovery": discovery, "syn": syn, "fragments": fragments}


def main():
    kind, count = sys.argv[1:3]
    address, port = sys.argv[3:5] if len(sys.argv) > 3 else (GUEST4, 0)
    random.seed(1)
    sender = Sender()
    KINDS[kind](sender, int(count), address, int(port))
    print(sender.sent)


main()
