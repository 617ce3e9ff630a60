#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs with subordinate ids (--map-auto) and UNIX sockets: done on behalf, nothing goes under
# the user's name and with the user's rights that is another's. Not in a world: there are no
# subordinate ids inside of one.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"

scratch=$(mktemp -d)
trap world_clean_up EXIT
chmod 0755 "$scratch"

# Both sockets of each kind: what comes to them, and as whom, is a line of the log.
services='import os, socket, struct, sys, threading
directory, log = sys.argv[1], open(sys.argv[2], "a", buffering=1)
def serve(kind, name, mode):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(directory + "/" + name)
    os.chmod(directory + "/" + name, mode)
    if kind == socket.SOCK_DGRAM:
        while True:
            log.write(name + " " + s.recv(99).decode() + "\n")
    s.listen(9)
    while True:
        c = s.accept()[0]
        log.write(name + " " + c.recv(99).decode() + "\n")
for kind, name in (socket.SOCK_DGRAM, "datagram"), (socket.SOCK_STREAM, "stream"):
    threading.Thread(target=serve, args=(kind, name + "-private", 0o600)).start()
    threading.Thread(target=serve, args=(kind, name + "-public", 0o666)).start()'

# As that user of the container, with that many threads more: prints what each attempt came to.
client='import errno, os, socket, sys, threading
directory, user, threads, word = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
os.setresgid(user, user, user)
os.setresuid(user, user, user)
for i in range(threads):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
def attempt(name):
    try:
        if name.startswith("stream"):
            s = socket.socket(socket.AF_UNIX)
            s.connect(directory + "/" + name)
            s.sendall(word.encode())
        else:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.sendto(word.encode(), directory + "/" + name)
    except OSError as e:
        return errno.errorcode[e.errno]
    return "ok"
print(*map(attempt, ["datagram-private", "datagram-public", "stream-private", "stream-public"]))'

container() {
  "$SLIRPWAY" run --mode=syscall --map-auto --log-level=warning python3 -c "$client" "$scratch" "$@" 2>&1
}

all_there() {
  local name
  for name in {datagram,stream}-{private,public}; do
    [ -S "$scratch/$name" ] || return
  done
}

heard() { grep -c " $1\$" "$scratch/log"; }
has_heard() { [ "$(heard "$1")" = "$2" ]; }

grep -q "^$(id -un):" /etc/subuid && type newuidmap >/dev/null 2>&1 ||
  skip_all "this user has no subordinate ids, or there is no newuidmap"
"$SLIRPWAY" probe | grep '^mode: hybrid ' >/dev/null ||
  skip_all "this kernel or user can't have calls trapped (slirpway probe says why)"

touch "$scratch/log"
start python3 -c "$services" "$scratch" "$scratch/log"
check "services of the host are up" wait_until 10 all_there
is "the user reaches all of them" "$(container 0 0 alone)" "ok ok ok ok"
is "among threads, too" "$(container 0 1 threads)" "ok ok ok ok"
is "a subordinate id reaches what is everybody's" "$(container 1 0 other)" "EACCES ok EACCES ok"
is "among threads nothing, for it would pass for the user" "$(container 1 1 disguised)" \
  "EACCES EACCES EACCES EACCES"
check "each that was reached heard it" wait_until 5 has_heard threads 4
is "and no other" "$(heard alone) $(heard other) $(heard disguised)" "4 2 0"
world_done
