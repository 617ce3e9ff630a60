#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Speaks to a control socket in the ways that its callers do.

usage: control_client.py PATH WAY [REQUEST]

WAY is how the client behaves; the answer goes to standard output:
  closed  sends the request, shuts its sending side, reads to the end (slirp4netns's manual page)
  open    sends the request and reads to the end (RootlessKit)
  once    sends the request and reads once (Podman)
  slow    sends one byte at a time, then reads to the end
  silent  connects three times and says nothing; prints "connected" and waits to be killed
"""
import signal
import socket
import sys
import time


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(path)
    return client


def read_to_end(client):
    answer = b""
    while piece := client.recv(4096):
        answer += piece
    return answer


def ask(path, way, request):
    client = connect(path)
    if way == "slow":
        for i in range(len(request)):
            client.sendall(request[i:i + 1])
            time.sleep(0.002)
    else:
        client.sendall(request)
    if way == "closed":
        client.shutdown(socket.SHUT_WR)
    return client.recv(2048) if way == "once" else read_to_end(client)


def main():
    path, way = sys.argv[1:3]
    if way == "silent":
        clients = [connect(path) for _ in range(3)]
        print("connected", flush=True)
        signal.pause()
        return len(clients)
    print(ask(path, way, sys.argv[3].encode()).decode())
    return 0


sys.exit(main())
