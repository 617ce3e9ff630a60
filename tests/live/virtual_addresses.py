#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of a container with --virtual-addresses: each checks what it sees, and says what is wrong.

  virtual_addresses.py CASE [ARGUMENT...]
"""
import asyncio
import ctypes
import errno
import fcntl
import ftplib
import mmap
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
OWN4, OWN6, GATEWAY4 = "10.0.2.100", "fd00::100", "10.0.2.2"


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: {got!r} instead of {wanted!r}")


def expect_error(what, number, func, *arguments):
    try:
        got = func(*arguments)
    except OSError as e:
        expect(what, errno.errorcode[e.errno], errno.errorcode[number])
    else:
        sys.exit(f"{what}: {got!r} instead of {errno.errorcode[number]}")


# --- outgoing connections -------------------------------------------------------------------------


def check_outgoing(sock, own, peer, port):
    """The server says where it sees us come from: the port must be ours, whatever the address."""
    seen = sock.makefile().readline().split()
    expect("local address", sock.getsockname()[:2], (own, int(seen[1])))
    expect("peer address", sock.getpeername()[:2], (peer, port))


def outgoing(remote4, remote6, port):
    port = int(port)
    for family, address, own in (
        (socket.AF_INET, remote4, OWN4),
        (socket.AF_INET6, remote6, OWN6),
        (socket.AF_INET6, "::ffff:" + remote4, "::ffff:" + OWN4),
    ):
        sock = socket.socket(family)
        sock.settimeout(10)
        expect("before", sock.getsockname()[1], 0)
        expect_error("peer before", errno.ENOTCONN, sock.getpeername)
        sock.connect((address, port))
        check_outgoing(sock, own, address, port)
    refused = socket.socket()
    expect("refused", refused.connect_ex((remote4, 5899)), errno.ECONNREFUSED)
    expect_error("peer of nobody", errno.ENOTCONN, refused.getpeername)


def bound(remote4, port):
    """A port that the program bound is the one that it sees."""
    sock = socket.socket()
    sock.bind(("", 0))
    before = sock.getsockname()
    expect("bound", before[0], "0.0.0.0")
    sock.connect((remote4, int(port)))
    expect("connected", sock.getsockname(), (OWN4, before[1]))


def others(remote4):
    """Nothing changes for sockets of the container."""
    sock = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(sock.getsockname())
    accepted, peer = sock.accept()
    expect("accepted from", peer, client.getsockname())
    expect("its peer", accepted.getpeername(), client.getsockname())
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.connect((remote4, 9))
    expect("datagrams from", datagram.getsockname()[0], OWN4)
    pair = socket.socketpair()
    expect("unix", pair[0].getsockname(), "")
    closed = socket.socket()
    number = closed.fileno()
    closed.close()
    expect("closed", LIBC.getsockname(number, None, None), -1)
    expect("its errno", ctypes.get_errno(), errno.EBADF)
    with open("/dev/null") as file:
        expect("no socket", LIBC.getsockname(file.fileno(), None, None), -1)
        expect("its errno", ctypes.get_errno(), errno.ENOTSOCK)


def gateway(port):
    sock = socket.create_connection((GATEWAY4, int(port)), timeout=10)
    check_outgoing(sock, OWN4, GATEWAY4, int(port))


def asyncio_case(remote4, port):
    async def main():
        _, writer = await asyncio.open_connection(remote4, int(port))
        expect("sockname", writer.get_extra_info("sockname")[0], OWN4)
        expect("peername", writer.get_extra_info("peername"), (remote4, int(port)))
        writer.close()

    asyncio.run(main())


# --- buffers --------------------------------------------------------------------------------------


class Memory:
    """Two pages to write, one to read, one that is not there."""

    def __init__(self):
        self.map = mmap.mmap(-1, 4 * mmap.PAGESIZE)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.map))
        self.protect(2, mmap.PROT_READ)
        self.protect(3, 0)

    def protect(self, page, protection):
        if LIBC.mprotect(ctypes.c_void_p(self.base + page * mmap.PAGESIZE), mmap.PAGESIZE, protection) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")

    def put(self, at, data):
        ctypes.memmove(self.base + at, data, len(data))

    def get(self, at, length):
        return ctypes.string_at(self.base + at, length)


PAGE = mmap.PAGESIZE
FILL = b"\xa5"
ADDRESSES = {"good": 0, "edge": 2 * PAGE - 6, "read-only": 2 * PAGE, "none": 3 * PAGE, "null": None}
LENGTHS = {"good": PAGE, "read-only": 3 * PAGE - 4, "none": 3 * PAGE, "null": None}
ROOMS = [0, 1, 2, 8, 15, 16, 17, 27, 28, 29, 128, 1 << 20, 2**31 - 1, -1, -(2**31)]


def one_call(memory, call, address, length, room):
    """(result, errno, length afterwards, how many bytes were written) of call(pointer, pointer)."""
    memory.put(0, FILL * PAGE)
    memory.put(PAGE, struct.pack("i", room))
    memory.protect(2, mmap.PROT_READ | mmap.PROT_WRITE)
    memory.put(2 * PAGE, FILL * PAGE)
    memory.put(3 * PAGE - 4, struct.pack("i", room))
    memory.protect(2, mmap.PROT_READ)
    places = (ADDRESSES[address], LENGTHS[length])
    pointers = [None if at is None else ctypes.c_void_p(memory.base + at) for at in places]
    ctypes.set_errno(0)
    result = call(*pointers)
    number = ctypes.get_errno()
    after = struct.unpack("i", memory.get(PAGE, 4))[0]
    return result, number, after, len(memory.get(0, PAGE).rstrip(FILL))


def all_calls(call_of):
    memory = Memory()
    results = {}
    for address in ADDRESSES:
        for length in LENGTHS:
            for room in ROOMS if length == "good" else [16]:
                results[address, length, room] = one_call(memory, call_of(), address, length, room)
    return results


def compare(host, own, what):
    for key, wanted in own.items():
        expect(f"{what} {key}", host[key], wanted)


def name_call(name, sock):
    func = getattr(LIBC, name)
    return lambda: lambda address, length: func(sock.fileno(), address, length)


def buffers(remote4, remote6, port):
    """Odd buffers come to the same on a socket of the host as on one of the container."""
    for family, remote, loopback in ((socket.AF_INET, remote4, "127.0.0.1"), (socket.AF_INET6, remote6, "::1")):
        listener = socket.create_server((loopback, 0), family=family)
        own = socket.create_connection(listener.getsockname()[:2])
        host = socket.create_connection((remote, int(port)))
        for name in ("getsockname", "getpeername"):
            compare(all_calls(name_call(name, host)), all_calls(name_call(name, own)), name)
        text = (ctypes.c_char * 28)()
        room = ctypes.c_int(28)
        expect("the call", LIBC.getsockname(host.fileno(), text, ctypes.byref(room)), 0)
        expect("the length", room.value, 16 if family == socket.AF_INET else 28)


def accept_call(listener, connect, flags):
    def prepare():
        connect()

        def call(address, length):
            fd = LIBC.accept4(listener.fileno(), address, length, flags)
            if fd < 0:
                return fd
            state = fcntl.fcntl(fd, fcntl.F_GETFD), fcntl.fcntl(fd, fcntl.F_GETFL)
            os.close(fd)
            return state

        return call

    return prepare


def accept_buffers():
    """The same for accept4: the other end is a client in the container in both cases."""
    host = socket.create_server(("", 80), backlog=4096)
    own = socket.create_server(("", 81), backlog=4096)
    kept = []
    results = []
    for listener, port in ((host, 80), (own, 81)):
        for flags in (0, socket.SOCK_CLOEXEC, socket.SOCK_NONBLOCK):
            connect = accept_call(listener, lambda port=port: kept.append(socket.create_connection(("127.0.0.1", port))), flags)
            results.append(all_calls(connect))
            kept.clear()
    for at in range(3):
        compare(results[at], results[at + 3], f"accept4 {at}")
    for listener in (host, own):
        expect("bad flags", LIBC.accept4(listener.fileno(), None, None, 1), -1)
        expect("its errno", ctypes.get_errno(), errno.EINVAL)


# --- servers --------------------------------------------------------------------------------------


def show(endpoint):
    return f"{endpoint[0]} {endpoint[1]}"


def tell(connection, listener, address):
    """One line: the listener's name, the connection's own name, its peer's as asked and as accepted."""
    names = (listener.getsockname(), connection.getsockname(), connection.getpeername(), address)
    connection.sendall((" ".join(show(name) for name in names) + "\n").encode())
    connection.close()


def server(host, port, nonblocking="0"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, int(port)), family=family, dualstack_ipv6=host == "::")
    listener.setblocking(nonblocking == "0")
    if nonblocking != "0":
        expect_error("nobody", errno.EAGAIN, listener.accept)
    while True:
        if nonblocking != "0":
            select.select([listener], [], [])
        connection, address = listener.accept()
        tell(connection, listener, address)


def within():
    """A client in the container of its published port, by either of its names."""
    listener = socket.create_server(("", 80))
    for name in ("127.0.0.1", OWN4):
        client = socket.create_connection((name, 80), timeout=10)
        accepted, peer = listener.accept()
        expect("the client's name", client.getsockname()[0], name)
        expect("the client's peer", client.getpeername(), (name, 80))
        expect("accepted from", peer, client.getsockname())
        expect("its peer", accepted.getpeername(), client.getsockname())
        expect("its own name", accepted.getsockname(), (name, 80))
    client.close()
    expect("its peer, now closed", accepted.getpeername(), peer)


def workers(port, count, directory):
    """Pre-forked workers that block in accept of one listener."""
    listener = socket.create_server(("", int(port)))
    for _ in range(int(count)):
        if os.fork() == 0:
            while True:
                connection, _ = listener.accept()
                connection.sendall(f"{os.getpid()}\n".encode())
                connection.close()
    open(os.path.join(directory, "forked"), "w").close()
    for _ in range(int(count)):
        os.wait()


# --- a blocking accept, and what ends it ----------------------------------------------------------


def later(func, *arguments):
    thread = threading.Thread(target=lambda: (time.sleep(0.3), func(*arguments)))
    thread.start()
    return thread


def signal_later(restart):
    """accept by the C library in the main thread: Python's own begins again by itself."""
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.siginterrupt(signal.SIGUSR1, not restart)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    return later(signal.pthread_kill, threading.main_thread().ident, signal.SIGUSR1)


def raw_accept(listener):
    text = (ctypes.c_char * 28)()
    room = ctypes.c_int(28)
    fd = LIBC.accept(listener.fileno(), text, ctypes.byref(room))
    return fd, ctypes.get_errno()


def signals(port):
    listener = socket.create_server(("", int(port)))
    thread = signal_later(False)
    expect("interrupted", raw_accept(listener), (-1, errno.EINTR))
    thread.join()
    # With SA_RESTART it goes on: a connection ends it.
    threads = [signal_later(True)]
    begun = time.monotonic()
    threads.append(threading.Thread(target=lambda: (time.sleep(1), socket.create_connection(("127.0.0.1", int(port))))))
    threads[-1].start()
    fd, number = raw_accept(listener)
    if fd < 0 or time.monotonic() - begun < 0.9:
        sys.exit(f"restarted: {fd}, {number}")
    for thread in threads:
        thread.join()
    # A timeout, and a signal while there is one: never a restart.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 200000))
    begun = time.monotonic()
    expect("timeout", raw_accept(listener), (-1, errno.EAGAIN))
    if not 0.19 < time.monotonic() - begun < 1:
        sys.exit(f"timeout after {time.monotonic() - begun} s")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 5, 0))
    thread = signal_later(True)
    expect("interrupted with a timeout", raw_accept(listener), (-1, errno.EINTR))
    thread.join()


def full_table(port):
    """EMFILE leaves the connection with the listener."""
    listener = socket.create_server(("", int(port)))
    client = socket.create_connection(("127.0.0.1", int(port)))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = os.dup(0)
    os.close(highest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, limits[1]))
    expect("a full table", raw_accept(listener), (-1, errno.EMFILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    listener.settimeout(5)
    accepted, peer = listener.accept()
    expect("accepted from", peer, client.getsockname())
    del accepted


def null_address(port):
    listener = socket.create_server(("", int(port)))
    for blocking in (True, False):
        listener.setblocking(blocking)
        client = socket.create_connection(("127.0.0.1", int(port)))
        fd = LIBC.accept(listener.fileno(), None, None)
        if fd < 0:
            sys.exit(f"accept without an address: {os.strerror(ctypes.get_errno())}")
        client.sendall(b"x")
        expect("data", os.read(fd, 1), b"x")
        os.close(fd)


# --- FTP ------------------------------------------------------------------------------------------


def ftp_server(port, log):
    """Takes one session as far as PORT or EPRT, which it writes down."""
    listener = socket.create_server(("", int(port)))
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"220 ready\r\n")
        for line in connection.makefile():
            word = line.split()[0].upper() if line.split() else ""
            if word in ("PORT", "EPRT"):
                with open(log, "a") as f:
                    f.write(line)
            answer = {"USER": "230 in", "PORT": "200 fine", "EPRT": "200 fine", "TYPE": "200 fine"}.get(word, "502 no")
            connection.sendall((answer + "\r\n").encode())


def ftp_client(remote, port):
    ftp = ftplib.FTP()
    ftp.connect(remote, int(port), timeout=10)
    ftp.set_pasv(False)
    ftp.sendcmd("USER x")
    try:
        ftp.retrlines("LIST", lambda line: None)
    except ftplib.error_perm:
        pass


# --- the remote side ------------------------------------------------------------------------------


def observer(port):
    """Tells each client where it is seen to come from."""
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    kept = []
    while True:
        connection, address = listener.accept()
        connection.sendall((show(address) + "\n").encode())
        kept.append(connection)


CASES = {
    func.__name__.removesuffix("_case"): func
    for func in (
        outgoing, bound, others, gateway, asyncio_case, buffers, accept_buffers, server, within,
        workers, signals, full_table, null_address, ftp_server, ftp_client, observer,
    )
}

if __name__ == "__main__":
    CASES[sys.argv[1]](*sys.argv[2:])
