#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports: servers in the container, reached from the host and from a remote machine.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

datagrams=$world_source/tests/live/datagrams.py

# --- servers in the container ---------------------------------------------------------------------

# nginx: the port and the protocol are in each page, the peers' addresses in the log.
start_nginx() {
  mkdir -p "$scratch/nginx"
  cat >"$scratch/nginx/conf" <<END
user root;
daemon off;
worker_processes 1;
pid $scratch/nginx/pid;
error_log $scratch/nginx/error;
events { worker_connections 2048; }
http {
  access_log $scratch/nginx/access;
  client_body_temp_path $scratch/nginx/body;
  proxy_temp_path $scratch/nginx/proxy;
  fastcgi_temp_path $scratch/nginx/fastcgi;
  uwsgi_temp_path $scratch/nginx/uwsgi;
  scgi_temp_path $scratch/nginx/scgi;
  server {
    listen 80; listen 81; listen 82; listen 83; listen [::]:80 ipv6only=on;
    location / { return 200 "port \$server_port\\n"; }
  }
}
END
  start "${INSIDE[@]}" nginx -c "$scratch/nginx/conf" -e "$scratch/nginx/error"
  nginx=$started_log
  wait_for_listen '*' 80 "$(cat "$scratch/$session.pid")" || diag <"$nginx"
}

start_servers() {
  start_nginx
  start "${INSIDE[@]}" "$datagrams" server 0.0.0.0 53
  udp_peers=$started_log
  start "${INSIDE[@]}" "$datagrams" server :: 54
  start_workload 5202 "${INSIDE[@]}" || not_ok "the workload server starts"
}

# --- reached --------------------------------------------------------------------------------------

# reaches DESCRIPTION PORT-INSIDE COMMAND...: the command fetches the page of that port.
reaches() {
  local description=$1 port=$2
  shift 2
  is "$description" "$("$@" 2>&1)" "port $port" || diag "$*"
}

test_reached() {
  reaches "from the host, 127.0.0.1" 80 "${CURL[@]}" http://127.0.0.1:8080/
  reaches "from the host, by its address" 80 "${CURL[@]}" "http://$WORLD_HOST4:8080/"
  reaches "from the remote" 80 in_remote "${CURL[@]}" "http://$WORLD_HOST4:8080/"
  reaches "a host address: there" 81 "${CURL[@]}" http://127.0.0.1:8081/
  check_fails "a host address: nowhere else" 7 "${CURL[@]}" "http://$WORLD_HOST4:8081/"
  check_fails "a host address: not from the remote" 7 in_remote "${CURL[@]}" "http://$WORLD_HOST4:8081/"
  reaches "a range, its first port" 81 "${CURL[@]}" http://127.0.0.1:9001/
  reaches "a range, its second" 82 "${CURL[@]}" http://127.0.0.1:9002/
  reaches "a range, its last" 83 "${CURL[@]}" http://127.0.0.1:9003/
  check_fails "a range, and no more" 7 "${CURL[@]}" http://127.0.0.1:9004/
  reaches "IPv6 from the host" 80 "${CURL[@]}" 'http://[::1]:8080/'
  reaches "IPv6 from the remote" 80 in_remote "${CURL[@]}" "http://[$WORLD_HOST6]:8080/"
  like "a port behind which nobody listens answers nothing" \
    "$("${CURL[@]}" http://127.0.0.1:8099/ 2>&1)" 'Empty reply|reset by peer|connect to server'
}

test_udp() {
  check "UDP from the host" "$datagrams" client 127.0.0.1 5353 1 100 1472 8000 60000
  check "UDP from the remote" in_remote "$datagrams" client "$WORLD_HOST4" 5353 1 100 1472 8000 60000
  check "UDP over IPv6 from the host" "$datagrams" client ::1 5354 1 100 1400
  check "UDP over IPv6 from the remote" in_remote "$datagrams" client "$WORLD_HOST6" 5354 1 100 1400
  check "the UDP server sees the remote's address" grep -qx "$WORLD_REMOTE4" "$udp_peers"
}

# grep -c: the page was asked for once by each; the gateway stands for the host's loopback.
test_source_addresses() {
  is "the server sees the remote's IPv4 address" \
    "$(grep -c "^$WORLD_REMOTE4 " "$scratch/nginx/access")" 1
  is "the server sees the remote's IPv6 address" \
    "$(grep -c "^$WORLD_REMOTE6 " "$scratch/nginx/access")" 1
  check "the server sees the host's address" grep -q "^$WORLD_HOST4 " "$scratch/nginx/access"
  check "the host's loopback is the gateway" grep -q "^10\.0\.2\.2 " "$scratch/nginx/access"
}

# --- many -----------------------------------------------------------------------------------------

# All are opened before any is used, so the listener's backlog is what takes them. One that it has
# no room for is not refused: its SYN is dropped, and sent again a second later.
burst='
import selectors, socket, struct, sys, time
count, address = int(sys.argv[1]), (sys.argv[2], int(sys.argv[3]))
waiting, slowest, sent_again = selectors.DefaultSelector(), 0, 0
for _ in range(count):
    client = socket.socket()
    client.setblocking(False)
    began = time.monotonic()
    client.connect_ex(address)
    waiting.register(client, selectors.EVENT_WRITE, began)
answered = 0
while answered < count:
    ready = waiting.select(10)
    if not ready:
        sys.exit(f"{count - answered} of {count} connections get no answer")
    for key, _ in ready:
        error = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            sys.exit(f"refused: errno {error}")
        if key.events == selectors.EVENT_WRITE:
            info = key.fileobj.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            sent_again += struct.unpack_from("I", info, 100)[0]  # tcpi_total_retrans
            key.fileobj.send(b"GET / HTTP/1.0\r\n\r\n")
            waiting.modify(key.fileobj, selectors.EVENT_READ, key.data)
        else:
            if not key.fileobj.recv(100).startswith(b"HTTP/1.1 200"):
                sys.exit("no answer of the server")
            waiting.unregister(key.fileobj)
            slowest = max(slowest, time.monotonic() - key.data)
            answered += 1
if sent_again or slowest > 5:
    sys.exit(f"{sent_again} SYNs were sent again, the slowest answer took {slowest} s")'

test_burst() {
  check "500 connections at once from the remote: none refused, none kept waiting" \
    in_remote python3 -c "$burst" 500 "$WORLD_HOST4" 8080
  check "500 connections at once from the host" python3 -c "$burst" 500 127.0.0.1 8080
}

test_transfer() {
  local output
  output=$(in_remote timeout 60 "$WORKLOAD" client checksum --address "$WORLD_HOST4" \
    --port 15202 --bytes 256M --direction both 2>&1)
  is "256M arrive intact both ways through a published port" "$(field intact <<<"$output")" true ||
    diag "$output"
  diag "$(field gbit_per_second <<<"$output") Gbit/s"
}

# --- while it runs --------------------------------------------------------------------------------

port() { as_user "$SLIRPWAY" port "$@"; }

test_port_command() {
  check "port add" port add "$session" 127.0.0.1:7001:82
  reaches "and it is open" 82 "${CURL[@]}" http://127.0.0.1:7001/
  like "port list shows it" "$(port list "$session")" '127\.0\.0\.1:7001'
  check "port remove by its specification" port remove "$session" 127.0.0.1:7001:82
  check_fails "and it is closed" 7 "${CURL[@]}" http://127.0.0.1:7001/
  check "port add of a range" port add "$session" 7001-7003:81-83
  reaches "and it is open" 83 in_remote "${CURL[@]}" "http://$WORLD_HOST4:7003/"
  check_fails "port add of a range that overlaps fails" 1 port add "$session" 7003-7004:80-81
  check_fails "and leaves nothing behind" 7 "${CURL[@]}" http://127.0.0.1:7004/
  reaches "nor takes anything away" 83 "${CURL[@]}" http://127.0.0.1:7003/
  check "port remove by id" port remove "$session" \
    "$(port list --json "$session" | python3 -c '
import json, sys
rows = json.load(sys.stdin)
rows = rows if isinstance(rows, list) else next(iter(rows.values()))
print(next(row["id"] for row in rows if row["host_port"] == 7002))')"
  check_fails "and that port is closed" 7 "${CURL[@]}" http://127.0.0.1:7002/
  check_fails "port remove of what is not there fails" 1 port remove "$session" 127.0.0.1:7777:80
}

# --- refused --------------------------------------------------------------------------------------

# refused DESCRIPTION WORDS SPEC: run ends with 125 and one line with these words; COMMAND never runs.
refused() {
  local output status=0
  output=$(as_user "$SLIRPWAY" run -p "$3" -- touch "$scratch/command-ran" 2>&1) || status=$?
  is "$1: status" "$status" 125
  like "$1: message" "$(grep -v 'mode packet\|mode hybrid\|device veth' <<<"$output")" "$2"
  is "$1: one line" "$(grep -vc 'mode packet\|mode hybrid\|device veth' <<<"$output")" 1 || diag <<<"$output"
  check_fails "$1: COMMAND does not start" 1 test -e "$scratch/command-ran"
  rm -f "$scratch/command-ran"
}

test_refused() {
  start python3 -m http.server --bind "$WORLD_HOST4" 6001
  start "$datagrams" server "$WORLD_HOST4" 6002
  wait_for_listen "$WORLD_HOST4" 6001
  check "a UDP server runs" "$datagrams" client "$WORLD_HOST4" 6002 1
  refused "a TCP port that is in use" '0\.0\.0\.0:6001.*in use' 6001:80
  refused "a UDP port that is in use" "$WORLD_HOST4:6002.*in use" "$WORLD_HOST4:6002:53/udp"
  refused "the last port of a range in use" '6001.*in use' 5999-6001:80-82
  refused "a port of another session" '8080.*in use' 8080:80
  refused "a privileged port" '80.*ermission denied.*ip_unprivileged_port_start' 80:80
  refused "a privileged UDP port" '53.*ermission denied.*ip_unprivileged_port_start' 53:53/udp
  refused "an address that is not the host's" '192\.0\.2\.7' 192.0.2.7:6005:80
}

# --- the engine is killed -------------------------------------------------------------------------

# Pages fetched one after the other until the stop file is there; a line for each.
fetch_on_and_on() {
  until [ -e "$scratch/stop" ]; do
    curl --silent --max-time 2 http://127.0.0.1:8080/ || echo failed
  done >"$scratch/fetched"
}

pages_fetched() { [ "$(grep -c '^port 80$' "$scratch/fetched")" -ge "$1" ]; }

test_engine_killed() {
  local engine before fetching
  engine=$(status_member engine_pid)
  fetch_on_and_on &
  fetching=$! # now: a poll's process substitution sets it too
  wait_until 5 pages_fetched 20 || not_ok "pages are fetched"
  kill -KILL "$engine"
  check "the engine is started again" wait_until 5 member_is engine_restarts 1
  before=$(grep -c '^port 80$' "$scratch/fetched")
  check "the loop of requests recovers" wait_until 5 pages_fetched $((before + 20))
  touch "$scratch/stop"
  wait "$fetching"
  diag "$(grep -c failed "$scratch/fetched") of $(grep -c . "$scratch/fetched") requests failed"
  [ "$(status_member engine_pid)" != "$engine" ] || not_ok "it is a new process"
  reaches "IPv6 works again" 80 "${CURL[@]}" 'http://[::1]:8080/'
  reaches "an added range works again" 83 "${CURL[@]}" http://127.0.0.1:7003/
  check "UDP works again" "$datagrams" client 127.0.0.1 5353 1 1000
  like "the log says what happened" "$(<"$session_log")" 'killed by signal 9'
}

session_start forward -p 8080:80 -p 127.0.0.1:8081:81 -p 9001-9003:81-83 -p '[::]:8080:80' \
  -p 5353:53/udp -p '[::]:5354:54/udp' -p 15202:5202 -p 8099:99 || world_done
engine=$(status_member engine_pid)
start_servers
test_reached
test_source_addresses
test_udp
test_burst
test_transfer
test_port_command
test_refused
check_engine_lived "the engine took all of it" "$engine"
test_engine_killed
world_done
