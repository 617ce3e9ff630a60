#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mode hybrid: TCP by sockets of the host, the rest by packets; and what auto makes of kernels.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_enter "$@"

errors=$scratch/errors
trace=$scratch/trace
user=("${AS_USER[@]}" env "--default-signal=INT,QUIT")

# --- helpers --------------------------------------------------------------------------------------

run() { "${user[@]}" "$SLIRPWAY" run --log-level=warning "$@" 2>"$errors"; }

hybrid() { run --mode=hybrid "$@"; }

# launch NAME ARGUMENTS...: a session in the background; ready when it returns. $session is its process.
launch() {
  local name=$1 ready word=''
  shift
  mkfifo "$scratch/ready"
  exec {ready}<>"$scratch/ready"
  rm "$scratch/ready"
  start "${user[@]}" "$SLIRPWAY" run --log-level=warning --name "$name" --ready-fd "$ready" "$@"
  session=$started
  read -r -N 1 -t 20 -u "$ready" word || :
  exec {ready}<&-
  [ "$word" = 1 ] && return
  diag <"$started_log"
  return 1
}

# member SESSION NAME: a member of its status.
member() { "${user[@]}" "$SLIRPWAY" status --json "$1" 2>/dev/null | field "$2"; }

# Shows what slirpway and the trace said where the test fails.
attempt() {
  "$@" && return
  cat "$errors"
  tail -n 20 "$trace" 2>/dev/null
  return 1
}

# --- connections ----------------------------------------------------------------------------------

page() {
  mkdir "$scratch/page"
  echo hello >"$scratch/page/index.html"
  start "${IN_REMOTE[@]}" python3 -m http.server --directory "$scratch/page" --bind :: 5801
  wait_for_listen '*' 5801 "$WORLD_REMOTE_NETNS"
}

connects() {
  rm -f "$trace"
  [ "$(hybrid --trace "$trace" curl -sS --max-time 10 "http://$1:5801/")" = hello ] &&
    grep -q '"call":"connect".*"verdict":"host"' "$trace"
}

echo_server='import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5803))
while True:
    s.sendto(*s.recvfrom(100))'

echoes() {
  start "${IN_REMOTE[@]}" python3 -c "$echo_server"
  wait_until 5 hybrid python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect((sys.argv[1], 5803))
s.send(b"x")
sys.exit(s.recv(1) != b"x" or s.getsockname()[0] != "10.0.2.100")' "$WORLD_REMOTE4"
}

# connect(2) to AF_UNSPEC ends a connection: the socket is the container's own then.
given_back() {
  launch back --mode=hybrid python3 -c 'import ctypes, socket, sys, time
s = socket.create_connection((sys.argv[1], 5801))
libc = ctypes.CDLL(None, use_errno=True)
if libc.connect(s.fileno(), bytes(16), 16) != 0:
    sys.exit(ctypes.get_errno())
l = socket.create_server(("127.0.0.1", 0))
s.connect(l.getsockname())
s.sendall(b"x")
if l.accept()[0].recv(1) == b"x":
    open(sys.argv[2], "w").close()
time.sleep(60)' "$WORLD_REMOTE4" "$scratch/back" && wait_until 10 test -e "$scratch/back" &&
    [ "$(member back given_back)" = 1 ]
  local status=$?
  stop "$session"
  return $status
}

refusal_is_the_kernels() {
  hybrid python3 -c 'import errno, socket, sys
s = socket.socket()
sys.exit(s.connect_ex((sys.argv[1], 5899)) != errno.ECONNREFUSED)' "$WORLD_REMOTE4"
}

denied_is_refused() {
  hybrid --trace "$trace" --deny "$WORLD_REMOTE4" python3 -c 'import errno, socket, sys
s = socket.socket()
sys.exit(s.connect_ex((sys.argv[1], 5801)) != errno.ECONNREFUSED)' "$WORLD_REMOTE4"
}

# The container's loopback is its own, whatever listens on the host's.
keeps_loopback() {
  start python3 -m http.server --directory "$scratch/page" --bind 127.0.0.1 5802
  wait_for_listen 127.0.0.1 5802
  hybrid python3 -c 'import errno, socket, sys
s = socket.socket()
refused = s.connect_ex(("127.0.0.1", 5802)) == errno.ECONNREFUSED
l = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(l.getsockname())
c.sendall(b"x")
sys.exit(not refused or l.accept()[0].recv(1) != b"x")'
}

# --- the trace ------------------------------------------------------------------------------------

# A signal without a handler that ends the call, while it waits for a peer that says nothing.
restart_is_named() {
  rm -f "$trace"
  hybrid --trace "$trace" python3 -c 'import signal, socket, sys
def handler(*_):
    raise InterruptedError
signal.signal(signal.SIGALRM, handler)
l = socket.socket()
l.bind(("127.0.0.1", 0))
l.listen(0)
full = [socket.socket() for _ in range(4)]
for s in full:
    s.setblocking(False)
    s.connect_ex(l.getsockname())
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    socket.socket().connect(l.getsockname())
except InterruptedError:
    sys.exit(0)
sys.exit(1)' && grep -q '"error":"ERESTARTSYS"' "$trace" && ! grep -q '"error":"512"' "$trace"
}

warns_once_of() { [ "$(grep -c -- "--trace: lines are lost: .*$1" "$2")" = 1 ]; }

# Also where the session ends at once.
tells_lost_lines() {
  hybrid --trace /dev/full python3 -c 'import socket
for _ in range(100):
    socket.socket().connect_ex(("127.0.0.1", 1))' && warns_once_of 'No space left' "$errors"
}

counts_lost_lines() {
  launch full --mode=hybrid --trace /dev/full python3 -c 'import socket, sys, time
for _ in range(10):
    socket.socket().connect_ex(("127.0.0.1", 1))
open(sys.argv[1], "w").close()
time.sleep(60)' "$scratch/full" && wait_until 10 test -e "$scratch/full" &&
    wait_until 5 warns_once_of 'No space left' "$started_log" && [ "$(member full trace_lost)" -ge 10 ] &&
    "${user[@]}" "$SLIRPWAY" status full | grep 'trace_lost .*took no more' >/dev/null
  local status=$?
  stop "$session"
  return $status
}

# Every call up to now is either written or lost.
all_is_told() {
  [ $(($(grep -c '"connect"' "$2") + $(member "$1" trace_lost))) -ge "$3" ]
}

# A line that a full disk cuts is the only one that is none, and what comes later stands apart.
full_disk_cuts_one_line() {
  local status=0
  mkdir "$scratch/disk"
  mkfifo "$scratch/go"
  chmod 0666 "$scratch/go"
  mount -t tmpfs -o size=16k,mode=0777 none "$scratch/disk" || return
  dd if=/dev/zero of="$scratch/disk/other" bs=4096 count=1 status=none
  launch disk --mode=hybrid --trace "$scratch/disk/trace" python3 -c 'import socket, sys
def calls(count):
    for _ in range(count):
        socket.socket().connect_ex(("127.0.0.1", 1))
calls(200)
open(sys.argv[1], "w").close()
open(sys.argv[2]).read()
calls(5)' "$scratch/filled" "$scratch/go" && wait_until 10 test -e "$scratch/filled" &&
    wait_until 5 warns_once_of 'No space left' "$started_log" &&
    wait_until 5 all_is_told disk "$scratch/disk/trace" 200 && rm "$scratch/disk/other" &&
    echo go >"$scratch/go" && wait "$session" && python3 -c 'import json, sys
text = open(sys.argv[1]).read()
before, after = text[:3 * 4096], text[3 * 4096:]
if not before.endswith("\n") and not after.startswith("\n"):
    sys.exit("the line that was cut has no end: " + text[3 * 4096 - 200:3 * 4096 + 200])
for line in before.splitlines()[:-1] + after.lstrip("\n").splitlines():
    last = json.loads(line)
sys.exit(last["call"] != "connect")' "$scratch/disk/trace" || status=1
  umount "$scratch/disk"
  return "$status"
}

# --- published ports ------------------------------------------------------------------------------

server='import socket
s = socket.create_server(("", 80))
while True:
    c, a = s.accept()
    c.sendall((a[0] + "\n").encode())
    c.close()'

# The word that a server on that address and port says.
greeting() {
  local word=''
  { read -r -t 2 word <"/dev/tcp/$1/$2"; } 2>/dev/null
  echo "$word"
}

greets() { [ -n "$(greeting "$@")" ]; }

serves_port() {
  launch served --mode=hybrid --trace "$trace" -p 18081:80 python3 -c "$server" &&
    wait_until 10 greets 127.0.0.1 18081 &&
    [ "$(greeting "$WORLD_HOST4" 18081)" = "$WORLD_HOST4" ]
}

says_who_carries() {
  "${user[@]}" "$SLIRPWAY" port list --json served | field path | grep -x syscall >/dev/null &&
    [ "$(member served mode)" = hybrid ] && [ "$(member served supervisor_pid)" -gt 0 ]
}

# A program that has bound its port already keeps its socket: such a forward goes by packets.
adds_port_of_running_program() {
  launch late --mode=hybrid python3 -c "$server" &&
    wait_until 10 listens '*' 80 "$(pgrep -nf 'create_server\(\(""')" &&
    "${user[@]}" "$SLIRPWAY" port add late 18082:80 &&
    "${user[@]}" "$SLIRPWAY" port list --json late | field path | grep -x packet >/dev/null &&
    wait_until 5 greets 127.0.0.1 18082
  local status=$?
  stop "$session"
  return $status
}

# One socket of the host can't be at both.
serves_two_places() {
  launch two --mode=hybrid -p 127.0.0.1:18089:80 -p 127.0.0.2:18090:80 python3 -c "$server" &&
    wait_until 10 greets 127.0.0.1 18089 && wait_until 10 greets 127.0.0.2 18090 &&
    [ "$(forwards_of two | grep -c ' packet$')" = 2 ]
  local status=$?
  stop "$session"
  return $status
}

forwards_of() { "${user[@]}" "$SLIRPWAY" port list "$1" | tail -n +2; }

# A socket of the host is at one place: the second one waits for the next bind, and says so.
second_place_waits() {
  local status=1
  mkfifo "$scratch/again"
  chmod 0666 "$scratch/again"
  launch places --mode=hybrid -p 127.0.0.1:18085:80 python3 -c 'import socket, sys, threading
def serve(l):
    while True:
        c, a = l.accept()
        c.sendall(b"hello\n")
        c.close()
first = socket.create_server(("", 80))
threading.Thread(target=serve, args=(first,), daemon=True).start()
open(sys.argv[1]).read()
serve(socket.create_server(("", 80)))' "$scratch/again" && wait_until 10 greets 127.0.0.1 18085 &&
    "${user[@]}" "$SLIRPWAY" port add places 127.0.0.1:18086:80 >"$scratch/said" &&
    grep -q '^forward 2 opens at the program.s next bind' "$scratch/said" &&
    forwards_of places | grep '18086 .*syscall, at next bind' >/dev/null &&
    ! forwards_of places | grep '18085 .*next bind' >/dev/null &&
    "${user[@]}" "$SLIRPWAY" port add --json places 127.0.0.1:18087-18088:80-81 >"$scratch/said" &&
    python3 -c 'import json, sys
sys.exit(json.load(open(sys.argv[1])) != {"ids": [3, 4], "at_next_bind": [3]})' "$scratch/said" &&
    "${user[@]}" "$SLIRPWAY" port remove places 3 && ! greets 127.0.0.1 18086 &&
    echo go >"$scratch/again" && wait_until 10 greets 127.0.0.1 18086 && greets 127.0.0.1 18085 &&
    ! forwards_of places | grep 'next bind' >/dev/null && status=0
  "${user[@]}" "$SLIRPWAY" port list places
  cat "$scratch/said"
  stop "$session"
  return $status
}

port_in_use() {
  local status=0
  hybrid -p 18081:80 true || status=$?
  [ "$status" = 125 ] && grep -q '18081.*in use' "$errors"
}

# --- the supervisor is lost -----------------------------------------------------------------------

killed_supervisor_is_replaced() {
  local before
  before=$(member served supervisor_pid)
  kill -KILL "$before"
  wait_until 5 greets 127.0.0.1 18081 && wait_until 5 has_supervisor served &&
    [ "$(member served supervisor_pid)" != "$before" ] &&
    [ "$(member served supervisor_restarts)" = 1 ]
}

has_supervisor() { [ "$(member "$1" supervisor_pid)" -gt 0 ]; }

kill_supervisor() {
  local supervisor
  supervisor=$(member "$1" supervisor_pid)
  [ "${supervisor:-null}" != null ] && kill -KILL "$supervisor"
}

# Each of a hundred pages arrives, while a supervisor dies now and then.
curls_live_on() {
  # shellcheck disable=SC2016 # for the inner shell
  launch curls --mode=hybrid sh -c 'for i in $(seq 100); do
      curl -sS --max-time 10 "$1" || exit
    done >"$2"' - "http://$WORLD_REMOTE4:5801/" "$scratch/pages" || return
  for _ in 1 2 3 4 5; do
    pause 0.2
    kill_supervisor curls
  done
  wait "$session" && [ "$(grep -c hello "$scratch/pages")" = 100 ] &&
    grep -q 'starting it again' "$started_log"
}

# --- modes ----------------------------------------------------------------------------------------

# On a kernel without notification.
without() { "${user[@]}" "$SLIRPWAY_TOOLS/refuse_notify" "$SLIRPWAY" "$@" 2>"$errors"; }

auto_is_packet_without() {
  without run curl -sS --max-time 10 -o /dev/null "http://$WORLD_REMOTE4:5801/" &&
    [ "$(grep -c ' mode ' "$errors")" = 1 ] && grep -q '^slirpway: mode packet: ' "$errors"
}

hybrid_is_an_error_without() {
  local status=0
  without run --mode=hybrid touch "$scratch/started" || status=$?
  [ "$status" = 125 ] && grep -q -- '--mode=hybrid: ' "$errors" && [ ! -e "$scratch/started" ]
}

probe_says_packet_without() { without probe | grep '^mode: packet ' >/dev/null; }

auto_is_hybrid() {
  "${user[@]}" "$SLIRPWAY" run true 2>"$errors" && grep -q '^slirpway: mode hybrid: ' "$errors" &&
    "${user[@]}" "$SLIRPWAY" probe | grep '^mode: hybrid ' >/dev/null
}

# Only one can listen to the calls of a process.
nested_is_packet() {
  hybrid "$SLIRPWAY" run --name nested true && [ "$(grep -c ' mode ' "$errors")" = 1 ] &&
    grep -q '^slirpway: mode packet: .*already watches.* only one$' "$errors"
}

# Who asked for it gets advice as well.
nested_hybrid_is_refused() {
  ! hybrid "$SLIRPWAY" run --name nested --mode=hybrid true &&
    grep -q -- 'already watches.* only one; start it outside of that, or use --mode=packet$' "$errors"
}

attach_refuses() {
  local status=0
  "${user[@]}" "$SLIRPWAY" attach --mode=hybrid $$ 2>"$errors" || status=$?
  [ "$status" = 125 ] && grep -q 'run already' "$errors"
}

# --- limits ---------------------------------------------------------------------------------------

# limited OPTION LIMIT MODE: a session of that mode under that limit of the shell's ulimit; its
# words are in $errors. A sanitizer's search for leaks takes files and a process, too.
limited() {
  (ulimit "$1" "$2" && exec "${user[@]}" "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" "$SLIRPWAY" run --log-level=warning --mode="$3" true) \
    2>"$errors"
}

# From what is hardly enough to load the program up to what suffices: each failure says which limit
# it was, whoever ran into it.
names_limit_of_files() {
  local mode limit status
  for mode in packet hybrid syscall; do
    for limit in 5 {7..64}; do
      status=0
      limited -n "$limit" "$mode" || status=$?
      [ "$status" != 0 ] || break
      [ "$status" = 125 ] && grep -q "ulimit -n, is $limit here: raise it" "$errors" && continue
      echo "mode $mode, ulimit -n $limit: status $status"
      return 1
    done
    [ "$status" = 0 ] || return
  done
}

# What else this user runs counts, so that nobody knows where to begin.
names_limit_of_processes() {
  local limit status=1
  for limit in {1..400}; do
    status=0
    limited -u "$limit" hybrid || status=$?
    [ "$status" != 0 ] || break
    [ "$status" = 125 ] && grep -q "ulimit -u, is $limit here: raise it" "$errors" && continue
    echo "ulimit -u $limit: status $status"
    return 1
  done
  return "$status"
}

# --- all of them ----------------------------------------------------------------------------------

"${user[@]}" "$SLIRPWAY" probe | grep '^mode: hybrid ' >/dev/null ||
  skip_all "this kernel or user has no mode hybrid (slirpway probe says why)"

check "a page is served on the remote machine" page
check "curl gets it by a socket of the host" attempt connects "$WORLD_REMOTE4"
check "over IPv6, too" attempt connects "[$WORLD_REMOTE6]"
check "UDP goes by packets" attempt echoes
check "a socket is given back" attempt given_back
check "a closed port refuses" attempt refusal_is_the_kernels
check "a denied destination refuses" attempt denied_is_refused
check "the loopback stays the container's" attempt keeps_loopback
check "the trace names a call that a signal ended" attempt restart_is_named
check "a trace that loses lines is told of once" attempt tells_lost_lines
check "and status counts them" attempt counts_lost_lines
check "a full disk cuts one line of it" attempt full_disk_cuts_one_line
check "a published port is served, and the peer's address is real" attempt serves_port
check "port list and status say which path" attempt says_who_carries
check "a port that is taken is an error" attempt port_in_use
check "a port at two places of the host is served" attempt serves_two_places
check "a second place of a bound port says that it waits" attempt second_place_waits
check "a killed supervisor is replaced, and the port served" attempt killed_supervisor_is_replaced
check "a running program's port is published by packets" attempt adds_port_of_running_program
check "curl after curl works while supervisors die" attempt curls_live_on
check "auto is hybrid here" attempt auto_is_hybrid
check "auto is packet without notification, and says so" attempt auto_is_packet_without
check "hybrid is an error without notification" attempt hybrid_is_an_error_without
check "probe knows" attempt probe_says_packet_without
check "auto is packet inside of a session" attempt nested_is_packet
check "hybrid is an error inside of a session" attempt nested_hybrid_is_refused
check "attach refuses hybrid" attempt attach_refuses
check "too low a limit of open files is named" attempt names_limit_of_files
check "too low a limit of processes is named" attempt names_limit_of_processes
world_done
