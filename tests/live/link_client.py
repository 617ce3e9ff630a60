#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays the programs that hand a link of their own to slirp4netns.

usage: link_client.py tap PID NAME plain|header COMMAND...
       link_client.py bess PATH

tap opens the tap NAME in the namespaces of process PID, brings it up as 10.0.2.100 with a default
route, and becomes COMMAND, in which the word FD stands for its descriptor. With "header" the tap
has headers for offload (IFF_VNET_HDR) in a size of its own.
bess connects to the SOCK_SEQPACKET socket at PATH, asks by ARP who has 10.0.2.2, prints what comes
back, and stays until the other end closes: an answer may come before all is set up there.
"""
import array
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
TUNSETIFF, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D8
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
OUR_MAC = bytes.fromhex("525400123456")


def join(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    names = {"user": CLONE_NEWUSER, "net": CLONE_NEWNET}
    descriptors = {name: os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in names}
    for name, kind in names.items():
        if libc.setns(descriptors[name], kind) < 0:
            sys.exit(f"setns {name}: {os.strerror(ctypes.get_errno())}")


def open_tap(name, header):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TAP | IFF_NO_PI | (IFF_VNET_HDR if header else 0)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    if header:
        fcntl.ioctl(tap, TUNSETVNETHDRSZ, struct.pack("i", 12))
    for words in ("address add 10.0.2.100/24 dev " + name, f"link set {name} up",
                  "route add default via 10.0.2.2"):
        subprocess.run(["ip", *words.split()], check=True)
    return tap


def send_tap(channel, pid, name, header):
    join(pid)
    descriptors = array.array("i", [open_tap(name, header)])
    channel.sendmsg([b"t"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    os._exit(0)


def run_with_tap(pid, name, kind, command):
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        send_tap(theirs, pid, name, kind == "header")
    theirs.close()
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    os.wait()
    os.set_inheritable(descriptors[0], True)
    command = [str(descriptors[0]) if word == "FD" else word for word in command]
    os.execvp(command[0], command)


def connect(path):
    deadline = time.monotonic() + 10
    while True:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            client.connect(path)
            return client
        except OSError:
            if time.monotonic() > deadline:
                raise
            client.close()
            time.sleep(0.02)


def arp_request(target):
    ethernet = b"\xff" * 6 + OUR_MAC + b"\x08\x06"
    sender = OUR_MAC + socket.inet_aton("10.0.2.100")
    return ethernet + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + sender + bytes(6) + target


def ask_bess(path):
    gateway = socket.inet_aton("10.0.2.2")
    client = connect(path)
    client.send(arp_request(gateway).ljust(60, b"\0"))
    while select.select([client], [], [], 10)[0]:
        frame = client.recv(65536)
        if not frame:
            break
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02" and frame[28:32] == gateway:
            print("10.0.2.2 is at", frame[22:28].hex(":"), flush=True)
            while client.recv(65536):
                pass
            return 0
    return 1


def main():
    if sys.argv[1] == "bess":
        return ask_bess(sys.argv[2])
    run_with_tap(int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
    return 1


sys.exit(main())
