#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Traffic from the container to a remote machine: pages, bulk data, many connections, datagrams, pings.
#
# SLIRPWAY_TEST_BYTES: how much the transfers carry in each direction (1G).

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

bytes=${SLIRPWAY_TEST_BYTES:-1G}
datagrams=$world_source/tests/live/datagrams.py

start_servers() {
  start_pages remote 80 "${IN_REMOTE[@]}"
  start "${IN_REMOTE[@]}" iperf3 --server
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE4" 5300
  start "${IN_REMOTE[@]}" "$datagrams" server "$WORLD_REMOTE6" 5300
  start_workload 5202 "${IN_REMOTE[@]}" || not_ok "the workload server starts"
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
  wait_for_listen '*' 5201 "$WORLD_REMOTE_NETNS"
}

test_pages() {
  is "a page is fetched over IPv4" \
    "$(inside "${CURL[@]}" "http://$WORLD_REMOTE4/" 2>&1)" "page of remote"
  is "a page is fetched over IPv6" \
    "$(inside "${CURL[@]}" "http://[$WORLD_REMOTE6]/" 2>&1)" "page of remote"
  check_fails "a port where nobody listens refuses (IPv4)" 7 \
    inside "${CURL[@]}" --max-time 3 "http://$WORLD_REMOTE4:81/"
  check_fails "a port where nobody listens refuses (IPv6)" 7 \
    inside "${CURL[@]}" --max-time 3 "http://[$WORLD_REMOTE6]:81/"
}

# A transfer through the engine is seen in its counters: no other way leads out of the container.
test_transfer() {
  local address=$1 direction=$2 output before
  before=$(status_member bytes_in)
  output=$(inside timeout 60 "$WORKLOAD" client checksum --address "$address" --bytes "$bytes" \
    --direction "$direction" 2>&1)
  is "$bytes arrive intact, $direction, $address" "$(field intact <<<"$output")" true ||
    diag "$output"
  diag "$(field gbit_per_second <<<"$output") Gbit/s"
  [ "$(status_member bytes_in)" -gt "$before" ] || not_ok "the engine carried it"
}

test_transfers() {
  test_transfer "$WORLD_REMOTE4" up
  test_transfer "$WORLD_REMOTE4" down
  test_transfer "$WORLD_REMOTE6" up
  test_transfer "$WORLD_REMOTE6" down
}

test_iperf() {
  local address=$1
  shift
  check "iperf3 $* to $address" inside timeout 20 iperf3 --client "$address" --time 1 "$@"
}

test_iperfs() {
  test_iperf "$WORLD_REMOTE4"
  test_iperf "$WORLD_REMOTE4" --reverse
  test_iperf "$WORLD_REMOTE4" --parallel 4
  test_iperf "$WORLD_REMOTE6" --bidir
  test_iperf "$WORLD_REMOTE4" --udp --bitrate 100M
  test_iperf "$WORLD_REMOTE4" --udp --bitrate 100M --reverse
  test_iperf "$WORLD_REMOTE6" --udp --bitrate 100M
}

test_many_connections() {
  local line='' output pid
  coproc MANY { exec "${INSIDE[@]}" "$WORKLOAD" client hold --address "$WORLD_REMOTE4" --count 1000 2>&1; }
  # shellcheck disable=SC2153 # set by coproc
  pid=$MANY_PID
  exec {many}<&"${MANY[0]}"
  read -r -t 30 -u "$many" line || :
  is "1000 connections open" "$line" "ready 1000"
  member_at_least flows_total 1000 || not_ok "status counts them: $(status_member flows_total)"
  eval "exec ${MANY[1]}>&-"
  read -r -t 30 -u "$many" output || :
  is "and are alive together" "$(field alive <<<"$output")" 1000 || diag "$output"
  exec {many}<&-
  wait "$pid"
}

test_pings() {
  local address
  for address in 10.0.2.2 "$WORLD_REMOTE4" fd00::2 "$WORLD_REMOTE6"; do
    check "$address answers echo requests" inside ping -n -c 3 -i 0.2 -w 5 "$address"
  done
  check "large echo requests are answered (IPv4)" \
    inside ping -n -c 2 -i 0.2 -w 5 -s 1400 "$WORLD_REMOTE4"
  check "large echo requests are answered (IPv6)" \
    inside ping -n -c 2 -i 0.2 -w 5 -s 1400 "$WORLD_REMOTE6"
}

# The remote's link carries 1500 bytes at a time, so the large ones are fragments there in any case;
# with an MTU of 1500 they are fragments on the container's device too.
test_datagrams() {
  local address
  for address in "$WORLD_REMOTE4" "$WORLD_REMOTE6"; do
    check "datagrams of 1 to 16000 bytes come back, MTU $1, $address" \
      inside "$datagrams" client "$address" 5300 1 2 3 100 511 1000 1400 1452 1453 1472 1473 1500 \
      2000 4000 8000 9001 16000
    check "datagrams of up to 60000 bytes come back, MTU $1, $address" \
      inside "$datagrams" client "$address" 5300 16336 16337 16384 30000 32768 50000 59999 60000
  done
}

test_device() {
  like "the MTU is ${1}" "$(inside ip link show tap0)" "mtu $1 "
  check "the container's own loopback works (IPv4)" inside ping -n -c 1 -w 5 127.0.0.1
  check "the container's own loopback works (IPv6)" inside ping -n -c 1 -w 5 ::1
  check "the container's own address works" inside ping -n -c 1 -w 5 10.0.2.100
}

test_small_mtu() {
  local engine
  session_start small --mtu 1500 || return
  engine=$(status_member engine_pid)
  test_device 1500
  test_datagrams 1500
  member_at_least reassembled 10 || not_ok "fragments are reassembled: $(status_member reassembled)"
  bytes=64M test_transfer "$WORLD_REMOTE4" both
  bytes=64M test_transfer "$WORLD_REMOTE6" both
  check_engine_lived "the engine took all of it (MTU 1500)" "$engine"
  session_stop
}

start_servers
session_start traffic && engine=$(status_member engine_pid) || world_done
test_device 65520
test_pages
test_pings
test_datagrams 65520
test_transfers
test_many_connections
test_iperfs
check_engine_lived "the engine took all of it" "$engine"
session_stop
test_small_mtu
world_done
