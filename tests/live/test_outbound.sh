#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --outbound: which of the host's addresses a remote machine sees.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

datagrams=$world_source/tests/live/datagrams.py
second4=198.51.100.20
second6=2001:db8:1::20
other4=203.0.113.2  # on a second link to the same remote
other6=2001:db8:2::2

# Answers each connection with the address that it came from.
who='
import socketserver
class Who(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1000)
        address = self.client_address[0].removeprefix("::ffff:")
        self.request.sendall(f"HTTP/1.0 200 OK\r\n\r\n{address}\n".encode())
class Server(socketserver.ThreadingTCPServer):
    address_family = 10
    request_queue_size = 100
Server(("::", 80), Who).serve_forever()'

# The remote answers to the link that a connection came over, as two networks would.
add_second_link() {
  ip address add "$second4/24" dev "$WORLD_UPLINK"
  ip address add "$second6/64" dev "$WORLD_UPLINK" nodad
  ip link add other type veth peer name other netns "$WORLD_REMOTE_NETNS"
  ip address add "$other4/24" dev other
  ip address add "$other6/64" dev other nodad
  in_remote ip address add 203.0.113.1/24 dev other
  in_remote ip address add 2001:db8:2::1/64 dev other nodad
  ip link set other up
  in_remote ip link set other up
  ip route add default via 203.0.113.1 dev other metric 5000
  ip -6 route add default via 2001:db8:2::1 dev other metric 5000
  wait_until 10 ping -n -c 1 -w 1 203.0.113.1 && wait_until 10 ping -n -c 1 -w 1 2001:db8:2::1
}

start_servers() {
  start "${IN_REMOTE[@]}" python3 -c "$who"
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE4" 5300
  peers4=$started_log
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE6" 5300
  peers6=$started_log
  wait_for_listen ::1 80 "$WORLD_REMOTE_NETNS"
}

seen4() { inside "${CURL[@]}" "http://$WORLD_REMOTE4/" 2>&1; }
seen6() { inside "${CURL[@]}" "http://[$WORLD_REMOTE6]/" 2>&1; }

# The last peer that the echo server had not seen before: each client has a new port.
seen_udp4() { inside "$datagrams" client "$WORLD_REMOTE4" 5300 10 && tail -n 1 "$peers4"; }
seen_udp6() { inside "$datagrams" client "$WORLD_REMOTE6" 5300 10 && tail -n 1 "$peers6"; }

# outbound "OPTION..." IPv4 IPv6: what the remote sees, by TCP and by UDP.
outbound() {
  local options
  read -r -a options <<<"$1"
  session_start outbound "${options[@]}" || return
  is "${1:-nothing chosen}: TCP over IPv4" "$(seen4)" "$2"
  is "${1:-nothing chosen}: TCP over IPv6" "$(seen6)" "$3"
  is "${1:-nothing chosen}: UDP over IPv4" "$(seen_udp4 2>&1)" "$2"
  is "${1:-nothing chosen}: UDP over IPv6" "$(seen_udp6 2>&1)" "$3"
  check "${1:-nothing chosen}: ping over IPv4" inside ping -n -c 1 -w 3 "$WORLD_REMOTE4"
  check "${1:-nothing chosen}: ping over IPv6" inside ping -n -c 1 -w 3 "$WORLD_REMOTE6"
  session_stop
}

# A socket that sends to the host's loopback, and then to the remote.
both_ways='
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
for place in sys.argv[1:]:
    s.sendto(place.encode(), (place, 5300))
    if s.recv(100) != place.encode():
        sys.exit(place)'

# What is for the host itself takes no interface; what comes after that does.
test_host_loopback() {
  local mode
  start python3 -c "$who"
  start "$datagrams" server 127.0.0.1 5300
  wait_for_listen ::1 80
  for mode in packet hybrid; do
    session_start loopback --mode="$mode" --host-loopback --outbound other || return
    is "$mode, --outbound other: the host's loopback by TCP" \
      "$(inside "${CURL[@]}" http://10.0.2.2/ 2>&1)" 127.0.0.1
    check "$mode: by UDP, and the remote from the same port" \
      inside python3 -c "$both_ways" 10.0.2.2 "$WORLD_REMOTE4"
    is "$mode: by the interface" "$(tail -n 1 "$peers4")" "$other4"
    session_stop
  done
}

test_refused() {
  local value
  for value in 192.0.2.77 2001:db8:77::1 nosuchlink ''; do
    check_fails "--outbound \"$value\" is refused" 125 \
      as_user "$SLIRPWAY" run --outbound "$value" touch "$scratch/ran"
  done
  check_fails "and COMMAND does not start" 1 test -e "$scratch/ran"
}

# By $other, the remote's own address is reached through the default route over it.
check "the second link works" add_second_link
default6=$(ip -6 route get "$WORLD_REMOTE6" | sed -n 's/.* src \([^ ]*\).*/\1/p')
start_servers
outbound "" "$WORLD_HOST4" "$default6"
outbound "--outbound $second4" "$second4" "$default6"
outbound "--outbound $second6" "$WORLD_HOST4" "$second6"
outbound "--outbound $second4 --outbound $second6" "$second4" "$second6"
outbound "--outbound $WORLD_UPLINK" "$WORLD_HOST4" "$default6"
outbound "--outbound other" "$other4" "$other6"
outbound "--outbound $WORLD_UPLINK --outbound $second4" "$second4" "$default6"
test_host_loopback
test_refused
world_done
