#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the container may reach: --allow and --deny, and the host's loopback.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

datagrams=$world_source/tests/live/datagrams.py
frames=$world_source/tests/live/raw_frames.py

start_servers() {
  start_pages remote 80 "${IN_REMOTE[@]}"
  start_pages other 81 "${IN_REMOTE[@]}"
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE4" 5300
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE6" 5300
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
  wait_for_listen '*' 81 "$WORLD_REMOTE_NETNS"
  wait_until 10 udp_answers "$WORLD_REMOTE4" || not_ok "the UDP server runs (IPv4)"
  wait_until 10 udp_answers "$WORLD_REMOTE6" || not_ok "the UDP server runs (IPv6)"
}

udp_answers() { "$datagrams" client "$1" 5300 1; }

# --- rules ----------------------------------------------------------------------------------------

# What a program in the container learns, and in which time: "yes", "no", or what is wrong.
try_tcp() {
  local status=0
  inside "${CURL[@]}" --max-time 1 "http://$1/" >/dev/null 2>&1 || status=$?
  case $status in
    0) echo yes ;;
    7) echo no ;;
    *) echo "curl: status $status" ;;
  esac
}

try_udp() {
  local answer
  answer=$(inside timeout 4 "$datagrams" probe "$1" "$2" 2>&1)
  case $answer in
    answer) echo yes ;;
    ECONNREFUSED | EHOSTUNREACH | ENETUNREACH | EACCES) echo no ;;
    *) echo "UDP: ${answer:-nothing in time}" ;;
  esac
}

try_ping() {
  local output
  if output=$(inside ping -n -c 1 -w 3 "$1" 2>&1); then
    echo yes
  elif [[ $output =~ [Uu]nreachable|[Pp]rohibited|[Ff]iltered ]]; then
    echo no
  else
    echo "ping: ${output:-nothing}"
  fi
}

try() {
  case $1 in
    tcp4) try_tcp "$WORLD_REMOTE4:$2" ;;
    tcp6) try_tcp "[$WORLD_REMOTE6]:$2" ;;
    udp4) try_udp "$WORLD_REMOTE4" "$2" ;;
    udp6) try_udp "$WORLD_REMOTE6" "$2" ;;
    ping4) try_ping "$WORLD_REMOTE4" ;;
    ping6) try_ping "$WORLD_REMOTE6" ;;
    gateway4) try_ping 10.0.2.2 ;;
    gateway6) try_ping fd00::2 ;;
  esac
}

# rules "OPTION..." PROBE=ANSWER...: PROBE is a word of try, with the port behind a colon.
rules() {
  local options probe kind answers='' wanted="${*:2}"
  read -r -a options <<<"$1"
  session_start rules "${options[@]}" || return
  for probe in "${@:2}"; do
    kind=${probe%=*}
    answers+="$kind=$(try "${kind%:*}" "${kind#*:}") "
  done
  is "$1" "${answers% }" "$wanted" || as_user "$SLIRPWAY" status rules | diag
  is "$1: the counters" "$(count_of tcp "$wanted") $(count_of icmp "$wanted")" \
    "$(status_member denied_tcp) $(status_member denied_icmp)"
  session_stop
}

# How many connections or pings of a row are denied.
count_of() {
  case $1 in
    tcp) grep -oE 'tcp[46]:[0-9]+=no' <<<"$2" | wc -l ;;
    icmp) grep -oE '(ping|gateway)[46]=no' <<<"$2" | wc -l ;;
  esac
}

test_rules() {
  local net4=${WORLD_REMOTE4%.*}.0/24
  rules "--deny $WORLD_REMOTE4:80/tcp" \
    tcp4:80=no tcp4:81=yes tcp6:80=yes udp4:5300=yes ping4=yes
  rules "--deny [$WORLD_REMOTE6]:80" tcp6:80=no tcp6:81=yes tcp4:80=yes udp6:5300=yes ping6=yes
  rules "--deny any --allow $WORLD_REMOTE6" \
    tcp4:80=no udp4:5300=no ping4=no tcp6:80=yes udp6:5300=yes ping6=yes
  rules "--allow $WORLD_REMOTE4 --deny $net4" tcp4:80=no tcp4:81=no udp4:5300=no ping4=no
  rules "--deny $net4 --allow $WORLD_REMOTE4:80" tcp4:80=yes tcp4:81=no udp4:5300=no ping4=no
  rules "--deny any --allow any --deny any --allow any:80/tcp" \
    tcp4:80=yes tcp6:80=yes tcp4:81=no tcp6:81=no udp6:5300=no ping6=no
  rules "--deny any/udp" udp4:5300=no udp6:5300=no tcp4:80=yes tcp6:80=yes ping4=yes ping6=yes
  rules "--deny any/tcp" tcp4:80=no tcp6:80=no udp4:5300=yes udp6:5300=yes ping4=yes ping6=yes
  rules "--deny any/icmp" ping4=no ping6=no gateway4=no gateway6=no tcp4:80=yes udp4:5300=yes
  rules "--deny $WORLD_REMOTE4:5000-5300" udp4:5300=no udp6:5300=yes tcp4:80=yes ping4=yes
}

test_wrong_rules() {
  local rule
  for rule in 300.0.0.0/8 10.0.0.0/33 any:0 any:70000 any/sctp any:9-1 ''; do
    check_fails "--deny \"$rule\" is refused" 125 as_user "$SLIRPWAY" run --deny "$rule" true
  done
}

# What comes in over a published port is answered whatever the rules say.
test_forward_under_deny() {
  session_start denied --deny any -p 8080:80 -p 5353:53/udp || return
  start_pages container 80 "${INSIDE[@]}"
  start "${INSIDE[@]}" "$datagrams" server 0.0.0.0 53
  wait_for_listen '*' 80 "$(cat "$scratch/denied.pid")"
  is "--deny any: a published port answers the host" \
    "$("${CURL[@]}" http://127.0.0.1:8080/ 2>&1)" "page of container"
  is "--deny any: and the remote" \
    "$(in_remote "${CURL[@]}" "http://$WORLD_HOST4:8080/" 2>&1)" "page of container"
  check "--deny any: a published UDP port answers the host" "$datagrams" client 127.0.0.1 5353 1 3000
  check "--deny any: and the remote" in_remote "$datagrams" client "$WORLD_HOST4" 5353 1 3000
  is "--deny any: the container reaches nothing" "$(try tcp4 80) $(try udp4 5300)" "no no"
  session_stop
}

# --- the host's loopback --------------------------------------------------------------------------

# A server on the host's loopback that writes a word for each connection and datagram.
witness='
import selectors, socket
waiting = selectors.DefaultSelector()
for family, address in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        server = socket.socket(family, kind)
        server.bind((address, 8800))
        if kind == socket.SOCK_STREAM:
            server.listen()
        waiting.register(server, selectors.EVENT_READ, (kind, address))
while True:
    for key, _ in waiting.select():
        kind, address = key.data
        if kind == socket.SOCK_STREAM:
            client, _ = key.fileobj.accept()
            client.sendall(b"HTTP/1.0 200 OK\r\n\r\nwitness\n")
            client.shutdown(socket.SHUT_WR)
            print("TCP", address, flush=True)
        else:
            data, peer = key.fileobj.recvfrom(65536)
            key.fileobj.sendto(data, peer)
            print("UDP", address, flush=True)'

start_witness() {
  start python3 -c "$witness"
  witness_log=$started_log
  wait_for_listen ::1 8800
  "${CURL[@]}" http://127.0.0.1:8800/ >/dev/null && "$datagrams" client ::1 8800 1 ||
    not_ok "the witness runs"
  wait_until 5 witness_saw "TCP 127.0.0.1 UDP ::1" || not_ok "the witness writes"
  : >"$witness_log"
}

# It answers first, and writes then.
witness_saw() { [ "$(sort "$witness_log" | xargs)" = "$1" ]; }

# Frames by hand. Each is counted as one with an address that no network carries, or is refused.
test_frames_to_loopback() {
  local sent before
  before=$(status_member bad_address)
  sent=$(inside "$frames" loopback 10 127.0.0.1 8800)
  [ "${sent:-0}" -ge 200 ] || not_ok "frames are sent by hand: $sent"
  check "$1: frames to loopback addresses are dropped" \
    wait_until 5 member_at_least bad_address $((before + sent / 2))
  check "$1: the gateway answers behind them" inside ping -n -c 1 -w 5 10.0.2.2
  is "$1: and none came to the host's loopback" "$(<"$witness_log")" ""
}

test_loopback_closed() {
  local address
  session_start closed || return
  is "the host's 127.0.0.1 is closed to TCP" "$(try_tcp 10.0.2.2:8800)" no
  is "the host's ::1 is closed to TCP" "$(try_tcp '[fd00::2]:8800')" no
  is "the host's 127.0.0.1 is closed to UDP" "$(try_udp 10.0.2.2 8800)" no
  is "the host's ::1 is closed to UDP" "$(try_udp fd00::2 8800)" no
  for address in 10.0.2.2 10.0.2.3 fd00::2 fd00::3; do
    is "$address without a service is as any host without one" \
      "$(inside timeout 4 "$datagrams" probe "$address" 9)" ECONNREFUSED
  done
  is "the DNS address leads to no other port" "$(try_tcp 10.0.2.3:8800) $(try_udp 10.0.2.3 8800)" \
    "no no"
  is "the DNS address leads to no other port (IPv6)" \
    "$(try_tcp '[fd00::3]:8800') $(try_udp fd00::3 8800)" "no no"
  is "nothing came to the host's loopback" "$(<"$witness_log")" ""
  test_frames_to_loopback "closed"
  session_stop
}

test_loopback_open() {
  session_start open --host-loopback || return
  test_frames_to_loopback "--host-loopback"
  is "--host-loopback: 10.0.2.2 is 127.0.0.1" "$(try_tcp 10.0.2.2:8800)" yes
  is "--host-loopback: fd00::2 is ::1" "$(try_tcp '[fd00::2]:8800')" yes
  is "--host-loopback: by UDP" "$(try_udp 10.0.2.2 8800)" yes
  is "--host-loopback: by UDP over IPv6" "$(try_udp fd00::2 8800)" yes
  is "--host-loopback: by name" \
    "$(inside "${CURL[@]}" -4 http://host.slirpway.internal:8800/ 2>&1)" witness
  check "the witness saw all of them" wait_until 5 \
    witness_saw "TCP 127.0.0.1 TCP 127.0.0.1 TCP ::1 UDP 127.0.0.1 UDP ::1" ||
    diag <"$witness_log"
  session_stop
  session_start open --host-loopback --deny 10.0.2.2 || return
  is "rules hold for the gateway too" "$(try_tcp 10.0.2.2:8800) $(try_tcp '[fd00::2]:8800')" "no yes"
  session_stop
}

start_servers
test_rules
test_wrong_rules
test_forward_under_deny
start_witness
test_loopback_closed
test_loopback_open
world_done
