#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mode syscall: no packets at all, TCP and UDP by sockets of the host.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_enter "$@"

errors=$scratch/errors
trace=$scratch/trace
user=("${AS_USER[@]}" env "--default-signal=INT,QUIT")

# --- helpers --------------------------------------------------------------------------------------

run() { "${user[@]}" "$SLIRPWAY" run --mode=syscall --log-level=warning "$@" 2>"$errors"; }

# python CODE [ARGUMENT...]: in a container; the remote's address is sys.argv[1].
python() {
  local code=$1
  shift
  run --trace "$trace" "$@" python3 -c "import errno, os, socket, struct, sys, threading
remote, host = sys.argv[1:3]
def udp(timeout=5):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(timeout)
    return s
def failure(call, *arguments):
    try:
        call(*arguments)
    except OSError as e:
        return errno.errorcode[e.errno]
    return 'none'
def alongside():
    e = threading.Event()
    threading.Thread(target=e.wait, daemon=True).start()
$code" "$WORLD_REMOTE4" "$WORLD_HOST4"
}

# launch NAME ARGUMENTS...: a session in the background; ready when it returns. $session is its process.
launch() {
  local name=$1 ready word=''
  shift
  mkfifo "$scratch/ready"
  exec {ready}<>"$scratch/ready"
  rm "$scratch/ready"
  start "${user[@]}" "$SLIRPWAY" run --mode=syscall --log-level=warning --name "$name" \
    --ready-fd "$ready" "$@"
  session=$started
  read -r -N 1 -t 20 -u "$ready" word || :
  exec {ready}<&-
  [ "$word" = 1 ] && return
  diag <"$started_log"
  return 1
}

slirpway() { "${user[@]}" "$SLIRPWAY" "$@"; }

member() { slirpway status --json "$1" 2>/dev/null | field "$2"; }

# Shows what slirpway and the trace said where the test fails.
attempt() {
  "$@" && return
  cat "$errors"
  tail -n 20 "$trace" 2>/dev/null
  return 1
}

host_resolv_conf() { printf '%s\n' "$@" >/etc/resolv.conf; }

# --- servers --------------------------------------------------------------------------------------

echo_server='import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind((sys.argv[1], int(sys.argv[2])))
while True:
    s.sendto(*s.recvfrom(70000))'

# What comes here should not have; each datagram is a line.
victim='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5810))
while True:
    open(sys.argv[1], "a").write(str(s.recvfrom(100)) + "\n")'

bound() { grep -q ":$(printf %04X "$1") " "/proc/$2/net/udp" "/proc/$2/net/udp6"; }

servers() {
  mkdir "$scratch/page"
  echo hello >"$scratch/page/index.html"
  start "${IN_REMOTE[@]}" python3 -m http.server --directory "$scratch/page" --bind :: 5801
  wait_for_listen '*' 5801 "$WORLD_REMOTE_NETNS" || return
  start "${IN_REMOTE[@]}" python3 -c "$echo_server" :: 5803
  wait_until 5 bound 5803 "$started" || return
  start python3 -c "$echo_server" :: 5804
  wait_until 5 bound 5804 "$started" || return
  start python3 -c "$victim" "$scratch/victim"
  wait_until 5 bound 5810 "$started"
}

dns_servers() {
  start "${IN_REMOTE[@]}" "$world_source/tests/live/dns_server.py" "$WORLD_REMOTE4" 53 192.0.2.1
  start "$world_source/tests/live/dns_server.py" 127.0.0.53 53 192.0.2.53
  wait_for_listen "$WORLD_REMOTE4" 53 "$WORLD_REMOTE_NETNS" && wait_for_listen 127.0.0.53 53
}

# --- what works -----------------------------------------------------------------------------------

has_loopback_only() {
  [ "$(run sh -c 'ip -o link show | wc -l')" = 1 ] && run ip address show lo up | grep 10.0.2.100 >/dev/null
}

page() { [ "$(run curl -sS --max-time 10 "http://$1:5801/")" = hello ]; }

echoes_sendto() {
  python 's = udp()
s.sendto(b"one", (remote, 5803))
a = s.recvfrom(10)
s.sendto(b"two", (remote, 5803))
sys.exit((a, s.recv(10)) != ((b"one", (remote, 5803)), b"two"))'
}

echoes_sendmsg() {
  python 's = udp()
s.sendmsg([b"a", b"bc"], [(socket.IPPROTO_IP, socket.IP_TOS, struct.pack("i", 16))], 0,
          (remote, 5803))
sys.exit(s.recvfrom(10) != (b"abc", (remote, 5803)))'
}

echoes_connected() {
  python 's = udp()
s.connect((remote, 5803))
s.send(b"x")
a = s.recv(10)
s.sendmsg([b"y"])
sys.exit((a, s.recv(10), s.getpeername()) != (b"x", b"y", (remote, 5803)))'
}

# sendmmsg(2) has no place in Python.
echoes_many() {
  python 'import ctypes
class iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class mmsghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.c_void_p),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p),
                ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int),
                ("pad", ctypes.c_int), ("len", ctypes.c_uint32)]
s = udp()
name = ctypes.create_string_buffer(struct.pack("=HH4s8x", socket.AF_INET, socket.htons(5803),
                                               socket.inet_aton(remote)), 16)
texts = [b"a", b"bb", b"ccc"]
vectors = [iovec(t, len(t)) for t in texts]
messages = (mmsghdr * 3)(*[mmsghdr(ctypes.addressof(name), 16, ctypes.addressof(v), 1) for v in vectors])
sent = ctypes.CDLL(None).sendmmsg(s.fileno(), messages, 3, 0)
back = sorted(s.recv(10) for i in range(3))
sys.exit((sent, [m.len for m in messages], back) != (3, [1, 2, 3], texts))'
}

echoes_v6() {
  python 's = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(b"six", (sys.argv[3] if len(sys.argv) > 3 else "::ffff:" + remote, 5803))
sys.exit(s.recv(10) != b"six")'
}

keeps_port() {
  python 's = udp()
s.bind(("", 5877))
s.sendto(b"x", (remote, 5803))
s.recv(10)
sys.exit(s.getsockname()[1] != 5877)'
}

# Nobody's port is shared, even if both sides ask for it.
steals_no_port() {
  start python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 5811))
time.sleep(60)'
  wait_until 5 bound 5811 "$started" && python 's = udp()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 5811))
s.sendto(b"x", (remote, 5803))
s.recv(10)
sys.exit(s.getsockname()[1] == 5811)'
}

large_datagrams() {
  python 's = udp()
s.sendto(b"x" * 60000, (remote, 5803))
ok = len(s.recv(70000)) == 60000
sys.exit(not ok or failure(s.sendto, b"x" * 65600, (remote, 5803)) != "EMSGSIZE")'
}

# What getaddrinfo(3) does to order addresses: connect, ask, dissolve, connect.
reconnects() {
  python 'import ctypes
s = udp()
for address in remote, host, "127.0.0.1", remote:
    s.connect((address, 5803))
    if s.getsockname()[0] == "0.0.0.0":
        sys.exit(1)
    ctypes.CDLL(None).connect(s.fileno(), bytes(16), 16)
s.sendto(b"x", (remote, 5803))
sys.exit(s.recv(1) != b"x")'
}

is_send_untrapped() {
  python 's = udp()
s.connect((remote, 5803))
for i in range(100):
    s.send(b"x")' && [ "$(grep -c '"call":"send' "$trace")" = 0 ]
}

unix_sockets_work() {
  python 'import array, tempfile
def pass_descriptor():
    a, b = socket.socketpair()
    r, w = os.pipe()
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
    data, control, _, _ = b.recvmsg(9, 99)
    fd = array.array("i", control[0][2])[0]
    os.write(fd, b"through")
    return os.read(r, 9) == b"through"
def reach_path():
    with tempfile.TemporaryDirectory() as d:
        os.chdir(d)
        os.umask(0o027)
        l = socket.socket(socket.AF_UNIX)
        l.bind("real")
        made = os.stat("real").st_mode & 0o777 == 0o750 and \
            failure(socket.socket(socket.AF_UNIX).bind, d + "/real") == "EADDRINUSE" and \
            failure(socket.socket(socket.AF_UNIX).bind, d + "/none/x") == "ENOENT"
        l.listen(1)
        os.symlink(d + "/../" + os.path.basename(d) + "/real", "link")
        c = socket.socket(socket.AF_UNIX)
        c.connect(d + "/link")
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind("datagrams")
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", d + "/datagrams")
        os.chdir("/")
        return made and s.recv(9) == b"x" and failure(c.connect, d + "/none") == "ENOENT"
first = pass_descriptor() and reach_path()
alongside()
sys.exit(not first or not pass_descriptor() or not reach_path())'
}

# A path is looked up from the caller's root, whatever links say.
unix_paths_stay_inside() {
  python 'import tempfile
alongside()
def listen(path):
    l = socket.socket(socket.AF_UNIX)
    l.bind(path)
    l.listen(9)
    return l
outer = tempfile.mkdtemp()
outside = listen(outer + "/outside")
os.mkdir(outer + "/root")
os.symlink(outer + "/outside", outer + "/root/absolute")
os.symlink("../outside", outer + "/root/relative")
os.symlink("/../inside", outer + "/root/climbing")
os.symlink("loop", outer + "/root/loop")
os.chroot(outer + "/root")
os.chdir("/")
inside = listen("/inside")
def reach(path):
    return failure(socket.socket(socket.AF_UNIX).connect, path)
sys.exit([reach("/" + p) for p in ("absolute", "relative", "../outside", "loop", "climbing", "../inside")]
         != ["ENOENT", "ENOENT", "ENOENT", "ELOOP", "none", "none"])'
}

# Datagrams may get lost with a supervisor, calls not.
has_supervisor() { [ "$(member "$1" supervisor_pid)" -gt 0 ] 2>/dev/null; }

sends_live_on() {
  local status=0 i
  launch sends python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.bind(("", 5878))
lost = 0
while not os.path.exists(sys.argv[2]):
    if s.sendto(b"x", (sys.argv[1], 5803)) != 1:
        sys.exit(1)
    try:
        s.recv(10)
    except TimeoutError:
        lost += 1
sys.exit(lost > 10 or s.getsockname()[1] != 5878)' "$WORLD_REMOTE4" "$scratch/enough"
  for i in 1 2 3 4; do
    pause 0.2
    wait_until 10 has_supervisor sends && kill -KILL "$(member sends supervisor_pid)" || status=$i
  done
  touch "$scratch/enough"
  wait "$session" && [ "$status" = 0 ]
}

# A stream that has room for less than what is sent at once, from a program with threads.
streams_block() {
  python 'alongside()
a, b = socket.socketpair()
got = []
def read():
    while len(b"".join(got)) < 3000000:
        got.append(b.recv(4096))
t = threading.Thread(target=read)
t.start()
data = os.urandom(3000000)
sent = 0
while sent < len(data):
    sent += a.sendmsg([data[sent:]])
t.join(20)
sys.exit(b"".join(got) != data)'
}

# A full queue of datagrams, and how calls that wait for room in it end: with room, by a signal, by
# the timeout. They are done on behalf, for the program has threads and the address is long enough for
# one of the Internet.
full_queue='import signal, tempfile, time
alongside()
os.chdir(tempfile.mkdtemp())
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
reader.bind("queue-of-datagrams")
def fill():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.setblocking(False)
    count = 0
    while failure(s.sendto, b"x", "queue-of-datagrams") == "none":
        count += 1
    s.setblocking(True)
    return s, count
def interrupted(call, *arguments):
    class Interruption(Exception):
        pass
    def handler(*_):
        raise Interruption
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        call(*arguments)
    except Interruption:
        return True
def timed_out(s, call, *arguments):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 500000))
    start = time.monotonic()
    return failure(call, *arguments) == "EAGAIN" and 0.45 < time.monotonic() - start < 3'

full_queues_block() {
  python "$full_queue
s, count = fill()
def read():
    time.sleep(0.5)
    for i in range(count):
        reader.recv(9)
threading.Thread(target=read).start()
first = s.sendto(b'y', 'queue-of-datagrams')
second = s.sendmsg([b'zz'], [], 0, 'queue-of-datagrams')
waited = reader.recv(9) == b'y' and reader.recv(9) == b'zz'
s, count = fill()
sys.exit((first, second, waited) != (1, 2, True) or not interrupted(s.sendto, b'x', 'queue-of-datagrams') or
         not timed_out(s, s.sendto, b'x', 'queue-of-datagrams'))"
}

# Each time that a call waits is counted: with room announced and not there it would be a great many.
full_queues_cost_little() {
  # shellcheck disable=SC2016 # for Python
  launch queue python3 -c 'import os, socket, sys, tempfile, threading
os.chdir(tempfile.mkdtemp())
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
reader.bind("queue-of-datagrams")
def send():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    while True:
        s.sendto(b"x", "queue-of-datagrams")
threading.Thread(target=send).start()
threading.Event().wait()' || return
  local before status=1
  if wait_until 10 waits_at_least 5; then
    before=$(member queue waits)
    pause 1
    [ $(($(member queue waits) - before)) -lt 200 ] && status=0
  fi
  stop "$session"
  return $status
}

waits_at_least() { [ "$(member queue waits)" -ge "$1" ]; }

# The queue of a listener.
full_backlogs_block() {
  python "$full_queue
listener = socket.socket(socket.AF_UNIX)
listener.bind('listener')
listener.listen(0)
socket.socket(socket.AF_UNIX).connect('listener')
def accept():
    time.sleep(0.5)
    listener.accept()
full = socket.socket(socket.AF_UNIX)
late = timed_out(full, full.connect, 'listener')
early = interrupted(socket.socket(socket.AF_UNIX).connect, 'listener')
threading.Thread(target=accept).start()
sys.exit(not late or not early or failure(socket.socket(socket.AF_UNIX).connect, 'listener') != 'none')"
}

# A reader that takes a little again and again: the time of the whole call counts, not each wait's.
send_timeout_goes_on() {
  python 'import time
alongside()
listener = socket.create_server(("127.0.0.1", 0))
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 0))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect(listener.getsockname())
peer = listener.accept()[0]
def read():
    while peer.recv(2048):
        time.sleep(0.1)
threading.Thread(target=read, daemon=True).start()
start = time.monotonic()
sent = s.sendmsg([b"x" * 250000])
spent = time.monotonic() - start
print(sent, spent)
sys.exit(not 0 < sent < 250000 or not 0.9 < spent < 4)'
}

# --- names ----------------------------------------------------------------------------------------

resolves() {
  [ "$(run dig +short +time=2 +tries=1 www.test)" = "$1" ] &&
    [ "$(run dig +short +tcp +time=2 +tries=1 www.test)" = "$1" ] &&
    run getent ahostsv4 www.test | grep "^$1 " >/dev/null
}

resolves_remote() {
  host_resolv_conf "nameserver $WORLD_REMOTE4" && resolves 192.0.2.1
}

resolves_loopback() {
  host_resolv_conf 'nameserver 127.0.0.53' && resolves 192.0.2.53 &&
    python 'sys.exit(failure(udp().connect, ("127.0.0.53", 53)) != "none" or
                     failure(socket.create_connection, ("127.0.0.53", 54)) != "ECONNREFUSED")'
}

takes_servers() {
  [ "$(run --dns "$WORLD_REMOTE4" dig +short +time=2 +tries=1 www.test)" = 192.0.2.1 ] &&
    run --dns "$WORLD_REMOTE4" grep -qx "nameserver $WORLD_REMOTE4" /etc/resolv.conf
}

answers_change() { [ "$(tail -n 1 "$scratch/answers")" = "$1" ]; }

follows_changes() {
  local status=0
  host_resolv_conf "nameserver $WORLD_REMOTE4"
  # shellcheck disable=SC2016 # for the inner shell
  launch names sh -c 'while :; do dig +short +time=1 +tries=1 www.test >>"$1"; sleep 0.1; done' \
    - "$scratch/answers"
  wait_until 10 answers_change 192.0.2.1 && host_resolv_conf 'nameserver 127.0.0.53' &&
    wait_until 10 answers_change 192.0.2.53 && kill -KILL "$(member names supervisor_pid)" &&
    : >"$scratch/answers" && wait_until 10 answers_change 192.0.2.53 || status=1
  stop "$session"
  return $status
}

# --- rules ----------------------------------------------------------------------------------------

deny_refuses() {
  python 's = udp()
t = udp()
sys.exit([failure(s.sendto, b"x", (remote, 5803)), failure(t.connect, (remote, 5803)),
          failure(udp().sendmsg, [b"x"], [], 0, (remote, 5803)),
          failure(socket.create_connection, (remote, 5801))] != ["ECONNREFUSED"] * 4)' --deny "$WORLD_REMOTE4"
}

# The host's own services are there under its address, as for anyone; its loopback is not.
keeps_loopback() {
  python 'h = udp()
h.sendto(b"x", (remote, 5803))
results = [failure(h.sendto, b"x", ("127.0.0.1", 5804)), failure(h.sendto, b"x", ("0.0.0.0", 5804)),
           failure(h.sendto, b"x", ("10.0.2.2", 5804))]
s = udp()
s.sendto(b"x", (host, 5804))
own = udp(0.3)
own.bind(("127.0.0.1", 5804))
own.sendto(b"mine", ("127.0.0.1", 5804))
sys.exit((results, s.recv(1), own.recv(9)) !=
         (["EHOSTUNREACH", "EHOSTUNREACH", "ENETUNREACH"], b"x", b"mine"))'
}

opens_loopback() {
  python 's = udp()
s.sendto(b"open", ("10.0.2.2", 5804))
sys.exit(s.recv(9) != b"open")' --host-loopback
}

ping_is_unreachable() {
  python 's = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
sys.exit(failure(s.sendto, b"x" * 8, (remote, 0)) != "ENETUNREACH")'
}

attacks_fail() {
  local said
  said=$(run "$SLIRPWAY_TOOLS/send_attack" "$WORLD_REMOTE4" 5803 5810)
  [ "$said" = tried ] && [ ! -s "$scratch/victim" ] && return
  echo "said: $said"
  cat "$scratch/victim"
  return 1
}

victim_listens() {
  python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 5810))'
  wait_until 5 test -s "$scratch/victim"
}

# --- the session ----------------------------------------------------------------------------------

server='import socket
s = socket.create_server(("", 80))
while True:
    c, a = s.accept()
    c.sendall((a[0] + "\n").encode())
    c.close()'

greets() {
  local word=''
  { read -r -t 2 word <"/dev/tcp/$1/$2"; } 2>/dev/null
  [ -n "$word" ]
}

serves_port() {
  launch served -p 18083:80 python3 -c "$server" && wait_until 10 greets 127.0.0.1 18083
}

tells_status() {
  [ "$(member served mode)" = syscall ] && [ "$(member served device)" = null ] &&
    [ "$(member served engine_pid)" = null ] && [ "$(member served supervisor_pid)" -gt 0 ] &&
    slirpway status served | grep '^engine .*none' >/dev/null && slirpway list | grep served >/dev/null &&
    slirpway port list served | grep 18083 >/dev/null
}

adds_ports() {
  slirpway port add served 18084:81 && slirpway port remove served 18084:81 &&
    ! slirpway port add served 18084:81/udp 2>"$errors" && grep -q 'no packet path' "$errors"
}

is_listed() { slirpway list | grep "^$1 " >/dev/null; }

stops() {
  is_listed served && slirpway stop served && ! wait_until 1 is_listed served
}

refuses_options() {
  local option status
  for option in --pcap=/dev/null --mtu=1500 --device=tap --interface=eth0 --publish=1:1/udp; do
    status=0
    run "$option" true || status=$?
    [ "$status" = 125 ] && grep -q packets "$errors" || return 1
  done
}

# --- all of them ----------------------------------------------------------------------------------

"${user[@]}" "$SLIRPWAY" probe | grep '^mode: hybrid ' >/dev/null ||
  skip_all "this kernel or user can't have calls trapped (slirpway probe says why)"

check "servers are up" servers
check "there is no interface but lo" attempt has_loopback_only
check "curl gets a page" attempt page "$WORLD_REMOTE4"
check "over IPv6, too" attempt page "[$WORLD_REMOTE6]"
check "UDP: sendto" attempt echoes_sendto
check "UDP: sendmsg with a control message" attempt echoes_sendmsg
check "UDP: sendmmsg" attempt echoes_many
check "UDP: connected" attempt echoes_connected
check "UDP: from an IPv6 socket to an IPv4 address" attempt echoes_v6
check "UDP: a port that was bound stays" attempt keeps_port
check "UDP: but no port is taken from the host" attempt steals_no_port
check "UDP: large datagrams" attempt large_datagrams
check "UDP: connected, dissolved, and connected again" attempt reconnects
check "UDP: a connected socket sends untrapped" attempt is_send_untrapped
check "Unix sockets work, alone and among threads" attempt unix_sockets_work
check "Unix paths stay within the root" attempt unix_paths_stay_inside
check "UDP: sending goes on while supervisors die" attempt sends_live_on
check "a full stream blocks among threads" attempt streams_block
check "a full queue blocks among threads, until room, signal or timeout" attempt full_queues_block
check "without keeping the supervisor busy" attempt full_queues_cost_little
check "a full backlog likewise" attempt full_backlogs_block
check "a timeout of sending is that of the whole call" attempt send_timeout_goes_on
check "DNS servers are up" dns_servers
check "names: the host's server is asked" attempt resolves_remote
check "names: a server on the host's loopback, too, and nothing beside it" attempt resolves_loopback
check "names: --dns" attempt takes_servers
check "names: changes are followed" attempt follows_changes
check "--deny refuses UDP as TCP" attempt deny_refuses
check "the loopback stays the container's" attempt keeps_loopback
check "--host-loopback opens the gateway for UDP" attempt opens_loopback
check "ping has no network" attempt ping_is_unreachable
check "no attack reaches the host's loopback" attempt attacks_fail
check "where somebody listens" victim_listens
check "a published port is served" attempt serves_port
check "status, list and port list tell of it" attempt tells_status
check "port add and remove; UDP is refused" attempt adds_ports
check "stop ends it" attempt stops
check "options about packets are refused" attempt refuses_options
world_done
