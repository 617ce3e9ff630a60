#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container that does its worst, as root of its namespace. The engine must not mind: one process
# from the beginning to the end, and at any time a page can still be fetched.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

frames=$world_source/tests/live/raw_frames.py
black_hole=203.0.113.1

start_servers() {
  start_pages remote 80 "${IN_REMOTE[@]}"
  start "${IN_REMOTE[@]}" iperf3 --server
  start_workload 5202 "${IN_REMOTE[@]}" || not_ok "the workload server starts"
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
  wait_for_listen '*' 5201 "$WORLD_REMOTE_NETNS"
  in_remote ip route add blackhole "$black_hole"
}

page_comes() { [ "$(inside "${CURL[@]}" --max-time 2 "http://$1/" 2>/dev/null)" = "page of remote" ]; }

# unharmed DESCRIPTION: pages come over both families, and the engine is the one of the beginning.
unharmed() {
  check "$1: pages are served (IPv4)" wait_until 10 page_comes "$WORLD_REMOTE4"
  check "$1: pages are served (IPv6)" wait_until 10 page_comes "[$WORLD_REMOTE6]"
  check_engine_lived "$1: the engine lives" "$engine"
}

begin() {
  session_start "$@" && engine=$(status_member engine_pid)
}

sum_of() {
  local counter sum=0
  for counter in "$@"; do
    sum=$((sum + $(status_member "$counter")))
  done
  echo "$sum"
}

sum_at_least() { [ "$(sum_of "${@:2}")" -ge "$1" ]; }

# --- frames by hand -------------------------------------------------------------------------------

# flood KIND COUNT AT-LEAST "COUNTER..." [ADDRESS PORT]: sends frames; so many of them are counted. On
# a busy machine most of them may find the device's queue full: then they are sent again.
flood() {
  local kind=$1 count=$2 least=$3 counters before sent
  read -r -a counters <<<"$4"
  shift 4
  before=$(sum_of "${counters[@]}")
  for _ in 1 2 3; do
    sent=$(inside timeout 30 "$frames" "$kind" "$count" "$@" 2>&1)
    diag "$kind $*: $sent frames"
    ! wait_until 2 sum_at_least $((before + least)) "${counters[@]}" || break
  done
  check "$kind $*: counted as ${counters[*]}" \
    wait_until 5 sum_at_least $((before + least)) "${counters[@]}" ||
    as_user "$SLIRPWAY" status "$session" | diag
  unharmed "$kind $*"
}

# So many connections may hang that there is room for others: each takes a descriptor of the engine
# for more than a minute. What happens beyond is for tests/glue/path_limit_cases.c.
hanging_connections() {
  local limit
  limit=$(ulimit -Hn)
  if [ "$limit" = unlimited ] || [ "$limit" -ge 40000 ]; then
    echo 20000
  else
    echo $((limit / 2))
  fi
}

test_frames() {
  begin frames --mtu "$1" || return
  flood urgent 2000 100 urgent_stripped "$WORLD_REMOTE4" 80
  flood urgent 2000 100 urgent_stripped "$WORLD_REMOTE6" 80
  flood lying 20000 1000 "short_frames bad_ip bad_address bad_transport bad_protocol" \
    "$WORLD_REMOTE4" 5202
  flood empty 500 1000 "short_frames bad_ip bad_transport bad_protocol bad_arp bad_ethertype"
  flood arp 20000 1000 frames_in
  flood discovery 20000 1000 frames_in
  flood loopback 500 1000 bad_address "$WORLD_REMOTE4" 80
  flood fragments 20000 1000 fragments_dropped "$WORLD_REMOTE4" 80
  flood syn 20000 1000 frames_in "$WORLD_REMOTE4" 9
  flood syn "$(hanging_connections)" 100 frames_in "$black_hole" 80
  session_stop
}

# --- datagrams ------------------------------------------------------------------------------------

# What iperf3 says at the end does not matter: much is lost.
test_datagram_flood() {
  begin datagrams --mtu "$1" || return
  inside timeout 20 iperf3 --client "$WORLD_REMOTE4" --udp --bitrate 0 --length 60000 --time 3 \
    2>&1 | grep receiver | diag
  unharmed "60000-byte datagrams at full speed, MTU $1"
  inside timeout 20 iperf3 --client "$WORLD_REMOTE6" --udp --bitrate 0 --length 60000 --time 2 \
    2>&1 | grep receiver | diag
  unharmed "60000-byte datagrams at full speed over IPv6, MTU $1"
  if [ "$1" != 65520 ]; then
    sum_at_least 1000 fragments || not_ok "there were fragments: $(status_member fragments)"
  fi
  session_stop
}

# --- the device -----------------------------------------------------------------------------------

test_transfer() {
  local output
  output=$(inside timeout 20 "$WORKLOAD" client checksum --address "$2" --bytes 16M \
    --direction both --timeout 5 2>&1)
  is "$1: data arrive intact, $2" "$(field intact <<<"$output")" true || diag "$output"
}

# Whatever the container makes its kernel do or not do for it before a frame leaves.
test_offload() {
  local setting
  command -v ethtool >/dev/null || { skip "offload settings" "there is no ethtool"; return; }
  begin offload || return
  for setting in "tx off" "tso off" "gso off" "sg off" "rx off" "gro off" "gro on" \
    "tx on sg on" "gso on" "tso on" "tx-udp-segmentation off" "rx on"; do
    # shellcheck disable=SC2086 # words
    inside ethtool --features tap0 $setting 2>&1 | diag
    test_transfer "ethtool $setting" "$WORLD_REMOTE4"
  done
  test_transfer "after all of them" "$WORLD_REMOTE6"
  unharmed "offload settings"
  session_stop
}

test_mtu_changed() {
  local mtu
  begin mtu || return
  for mtu in 1280 65535 576 9000; do
    inside ip link set tap0 mtu "$mtu" 2>&1 | diag
    test_transfer "the container sets the MTU to $mtu" "$WORLD_REMOTE4"
  done
  session_stop
}

test_down_and_up() {
  begin down || return
  inside ip link set tap0 down
  check_fails "with its device down the container reaches nothing" 1 page_comes "$WORLD_REMOTE4"
  inside ip link set tap0 up
  inside ip route replace default via 10.0.2.2
  check "up again, pages are served" wait_until 5 page_comes "$WORLD_REMOTE4"
  check_engine_lived "down and up: the engine lives" "$engine"
  session_stop
}

# The session goes on without a network: its command is its own master. A session that made engine
# after engine would say so again and again.
test_device_deleted() {
  begin deleted -p 8080:80 || return
  inside ip link delete tap0
  check "a deleted device: slirpway says so" wait_until 5 grep -q 'network device is gone' "$session_log"
  check "a deleted device: the command goes on" kill -0 "$(cat "$scratch/$session.pid")"
  check "a deleted device: status answers" as_user "$SLIRPWAY" status "$session"
  like "a deleted device: status says so" "$(as_user "$SLIRPWAY" status "$session")" \
    'engine +none: the device is gone'
  is "a deleted device: so does its JSON" "$(status_member gone)" true
  like "a deleted device: so does what needs it" \
    "$(as_user "$SLIRPWAY" port add "$session" 8081:81 2>&1)" 'device is gone'
  is "a deleted device: no engine is tried in vain" "$(grep -c 'starting it again' "$session_log")" 0
  check "a deleted device: the session can be stopped" as_user "$SLIRPWAY" stop "$session"
}

start_servers
test_datagram_flood 1500
test_datagram_flood 16384
test_datagram_flood 65520
test_frames 1500
test_frames 65520
test_offload
test_mtu_changed
test_down_and_up
test_device_deleted
world_done
