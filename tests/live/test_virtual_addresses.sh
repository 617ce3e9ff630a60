#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --virtual-addresses: what programs see of their sockets of the host is the container's view.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_enter "$@"

errors=$scratch/errors
trace=$scratch/trace
user=("${AS_USER[@]}" env "--default-signal=INT,QUIT,USR1")
program=("$world_source/tests/live/virtual_addresses.py")
program=(python3 "${program[@]}")

# --- helpers --------------------------------------------------------------------------------------

run() {
  "${user[@]}" "$SLIRPWAY" run --log-level=warning --mode=hybrid --trace "$trace" "$@" 2>"$errors"
}

# in_view CASE ARGUMENTS...: a case of the program in a container with the option.
in_view() { run --virtual-addresses "${options[@]}" "${program[@]}" "$@"; }
options=()

# check, with a port of the host to publish: the kernel holds on to those of closed connections.
port=18080
check_port() {
  port=$((port + 1))
  check "$@"
}

# launch NAME ARGUMENTS...: a session in the background; ready when it returns. $session is its process.
launch() {
  local name=$1 ready word=''
  shift
  mkfifo "$scratch/ready"
  exec {ready}<>"$scratch/ready"
  rm "$scratch/ready"
  start "${user[@]}" "$SLIRPWAY" run --log-level=warning --name "$name" --ready-fd "$ready" \
    --mode=hybrid "$@"
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
  cat "$errors" "${started_log:-/dev/null}"
  tail -n 20 "$trace" 2>/dev/null
  return 1
}

# The line that a server on that address and port says.
greeting() {
  local word=''
  { read -r -t 2 word <"/dev/tcp/$1/$2"; } 2>/dev/null
  echo "$word"
}

greets() { [ -n "$(greeting "$@")" ]; }

# --- outgoing -------------------------------------------------------------------------------------

observer() {
  start "${IN_REMOTE[@]}" "${program[@]}" observer 5801
  wait_for_listen '*' 5801 "$WORLD_REMOTE_NETNS"
}

gateway() {
  start "${program[@]}" observer 5802
  wait_for_listen '*' 5802
  options=(--host-loopback)
  in_view gateway 5802
  local status=$?
  options=()
  return $status
}

# Without the option the truth is seen, and none of these calls is trapped.
truth_without() {
  # shellcheck disable=SC2016 # for the inner shell
  run python3 -c 'import socket, sys
s = socket.create_connection((sys.argv[1], 5801))
sys.exit(s.getsockname()[0] != sys.argv[2])' "$WORLD_REMOTE4" "$WORLD_HOST4" &&
    ! grep -q '"call":"get\(sock\|peer\)name"\|"call":"accept' "$trace"
}

refuses_packet() {
  local status=0
  "${user[@]}" "$SLIRPWAY" run --virtual-addresses --mode=packet true 2>"$errors" || status=$?
  [ "$status" = 125 ] && grep -q -- '--virtual-addresses is about sockets of the host' "$errors"
}

# --- published ------------------------------------------------------------------------------------

# The words of a server's line but the client's ports, which are any.
view() { greeting "$@" | awk '{ print $1, $2, $3, $4, $5, $7, $6 == $8 ? "same" : "other" }'; }

# A line of what is seen by a server at 0.0.0.0:80, from remote, host and the host's own address.
serves_view() {
  launch "view$1" --virtual-addresses --trace "$trace" -p "$port:80" "${program[@]}" server 0.0.0.0 80 "$1" &&
    wait_until 10 greets 127.0.0.1 "$port" || return
  local host own remote
  host=$(view 127.0.0.1 "$port")
  own=$(view "$WORLD_HOST4" "$port")
  # shellcheck disable=SC2016 # for the inner shell
  remote=$(in_remote bash -c 'read -r -t 2 line <"/dev/tcp/$1/$2"; echo "$line"' - "$WORLD_HOST4" "$port" |
    awk '{ print $1, $2, $3, $4, $5, $7 }')
  stop "$session"
  echo "host: $host; own: $own; remote: $remote"
  [ "$host" = "0.0.0.0 80 10.0.2.100 80 10.0.2.2 10.0.2.2 same" ] &&
    [ "$own" = "0.0.0.0 80 10.0.2.100 80 $WORLD_HOST4 $WORLD_HOST4 same" ] &&
    [ "$remote" = "0.0.0.0 80 10.0.2.100 80 $WORLD_REMOTE4 $WORLD_REMOTE4" ]
}

serves_own() {
  launch own --virtual-addresses --trace "$trace" -p "127.0.0.1:$port:80" \
    "${program[@]}" server 10.0.2.100 80 && wait_until 10 greets 127.0.0.1 "$port" || return
  local host
  host=$(view 127.0.0.1 "$port")
  echo "host: $host"
  stop "$session"
  [ "$host" = "10.0.2.100 80 10.0.2.100 80 10.0.2.2 10.0.2.2 same" ]
}

serves_v6() {
  launch six --virtual-addresses --trace "$trace" -p "[::]:$port:80" -p "$port:80" \
    "${program[@]}" server :: 80 && wait_until 10 greets ::1 "$port" || return
  local six four
  six=$(view ::1 "$port")
  four=$(view 127.0.0.1 "$port")
  echo "six: $six; four: $four"
  stop "$session"
  [ "$six" = ":: 80 fd00::100 80 fd00::2 fd00::2 same" ] &&
    [ "$four" = ":: 80 fd00::100 80 ::ffff:10.0.2.2 ::ffff:10.0.2.2 same" ] ||
    [ "$four" = ":: 80 ::ffff:10.0.2.100 80 ::ffff:10.0.2.2 ::ffff:10.0.2.2 same" ]
}

published_case() {
  options=(-p "$port:80")
  in_view "$@"
  local status=$?
  options=()
  return $status
}

# --- workers, and a supervisor that is lost -------------------------------------------------------

starts_workers() {
  launch forks --virtual-addresses --trace "$trace" -p "$port:80" \
    "${program[@]}" workers 80 4 "$scratch" && wait_until 10 test -e "$scratch/forked" &&
    wait_until 10 waits forks 4
}

waits() { [ "$(member "$1" calls_waiting)" = "$2" ]; }

# Forty connections, one after the other: each of the four workers gets its turn.
workers_take_turns() {
  for _ in $(seq 40); do
    greeting 127.0.0.1 "$port"
  done | sort | uniq -c | sort -n >"$scratch/turns"
  cat "$scratch/turns"
  [ "$(wc -l <"$scratch/turns")" = 4 ] && [ "$(awk '{ print $1; exit }' "$scratch/turns")" -ge 5 ] &&
    [ "$(awk '{ sum += $1 } END { print sum }' "$scratch/turns")" = 40 ]
}

# All at once: none is forgotten.
serves_a_crowd() {
  local pids=()
  for at in $(seq 30); do
    greeting 127.0.0.1 "$port" >"$scratch/crowd.$at" &
    pids+=($!)
  done
  wait "${pids[@]}"
  [ "$(cat "$scratch"/crowd.* | grep -c '[0-9]')" = 30 ]
}

killed_while_they_wait() {
  for _ in 1 2 3; do
    kill -KILL "$(member forks supervisor_pid)"
    wait_until 5 greets 127.0.0.1 "$port" || return
    wait_until 5 waits forks 4 || return
  done
  workers_take_turns
}

# A worker that is killed while it waits is in nobody's way.
worker_dies() {
  kill -KILL "$(greeting 127.0.0.1 "$port")"
  pause 0.1
  for _ in $(seq 9); do
    greets 127.0.0.1 "$port" || return
  done
}

# --- programs -------------------------------------------------------------------------------------

ftp_server() {
  start "${IN_REMOTE[@]}" "${program[@]}" ftp_server 5821 "$scratch/ftp"
  wait_for_listen '*' 5821 "$WORLD_REMOTE_NETNS"
}

ftp_by_python() {
  rm -f "$scratch/ftp"
  in_view ftp_client "$WORLD_REMOTE4" 5821 && grep -q '^PORT 10,0,2,100,' "$scratch/ftp"
}

ftp_by_curl() {
  rm -f "$scratch/ftp"
  run --virtual-addresses curl -sS --max-time 5 --disable-eprt -P - "ftp://$WORLD_REMOTE4:5821/"
  grep -q '^PORT 10,0,2,100,' "$scratch/ftp"
}

nginx_says() {
  local base=$scratch/nginx
  "${user[@]}" mkdir -p "$base"
  cat >"$base.conf" <<END
daemon off;
worker_processes 2;
pid $base/pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $base;
  proxy_temp_path $base;
  fastcgi_temp_path $base;
  uwsgi_temp_path $base;
  scgi_temp_path $base;
  server {
    listen 8000;
    location / { return 200 "\$server_addr \$server_port \$remote_addr\n"; }
  }
}
END
  launch nginx --virtual-addresses --trace "$trace" --map-current-user \
    -p "$port:8000" nginx -e stderr -c "$base.conf" &&
    wait_until 10 listens '*' "$port" || return
  local host remote
  host=$(curl -sS --max-time 5 "http://127.0.0.1:$port/")
  remote=$(in_remote curl -sS --max-time 5 "http://$WORLD_HOST4:$port/")
  echo "host: $host; remote: $remote"
  stop "$session"
  cat "$started_log"
  [ "$host" = "10.0.2.100 8000 10.0.2.2" ] && [ "$remote" = "10.0.2.100 8000 $WORLD_REMOTE4" ]
}

# --- all of them ----------------------------------------------------------------------------------

"${user[@]}" "$SLIRPWAY" probe | grep '^mode: hybrid ' >/dev/null ||
  skip_all "this kernel or user has no mode hybrid (slirpway probe says why)"

check "the remote machine says where it sees clients come from" observer
check "a connection is the container's" attempt in_view outgoing "$WORLD_REMOTE4" "$WORLD_REMOTE6" 5801
check "the port that was bound is seen" attempt in_view bound "$WORLD_REMOTE4" 5801
check "sockets of the container are as ever" attempt in_view others "$WORLD_REMOTE4"
check "the host's loopback is the gateway" attempt gateway
check "asyncio sees the same" attempt in_view asyncio "$WORLD_REMOTE4" 5801
check "without the option it is the truth" attempt truth_without
check "with packets alone it is an error" attempt refuses_packet
check "odd buffers of getsockname and getpeername" attempt in_view buffers "$WORLD_REMOTE4" "$WORLD_REMOTE6" 5801
check_port "odd buffers and the flags of accept4" attempt published_case accept_buffers
check_port "a published server sees its own addresses" attempt serves_view 0
check_port "so does one that doesn't block" attempt serves_view 1
check_port "one that bound the container's address sees that" attempt serves_own
check_port "IPv6, and both on one socket" attempt serves_v6
check_port "a client in the container is seen as such" attempt published_case within
check_port "signals and timeouts end a blocking accept" attempt published_case signals 80
check_port "a full table leaves the connection" attempt published_case full_table 80
check_port "accept without an address" attempt published_case null_address 80
if check_port "four workers wait in accept" attempt starts_workers; then
  check "they take turns" attempt workers_take_turns
  check "a crowd is served" attempt serves_a_crowd
  check "a supervisor dies while they wait" attempt killed_while_they_wait
  check "a worker dies" attempt worker_dies
fi
check "an FTP server waits for what clients say" ftp_server
check "ftplib's PORT names the container" attempt ftp_by_python
check "curl's too" attempt ftp_by_curl
if command -v nginx >/dev/null; then
  check_port "nginx knows itself" attempt nginx_says
else
  skip "nginx knows itself" "nginx is not installed"
fi
world_done
