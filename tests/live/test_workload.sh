#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The workload program: each mode between two machines, and its server among strangers.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

result=$world_source/tests/live/workload_result.py
stranger=$world_source/tests/live/workload_stranger.py

client() { as_user timeout 60 "$WORKLOAD" client "$@"; }

# test_mode DESCRIPTION MODE [OPTION...] [-- NAME=VALUE...]: with the address of the remote.
test_mode() {
  local what=$1 mode=$2 output options=()
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
  [ $# = 0 ] || shift
  output=$(client "$mode" --address "$address" --time 0.3 "${options[@]}" 2>&1)
  check "$what, $address" "$result" "$mode" "$@" <<<"$output" || diag "$output"
}

test_modes() {
  local address=$1
  test_mode "bulk up" stream -- direction='"up"' flows=1
  test_mode "bulk down" stream --direction down -- direction='"down"'
  test_mode "several flows up" stream --flows 4 -- flows=4
  test_mode "several flows down" stream --flows 4 --direction down -- flows=4
  test_mode "a checksum" checksum --bytes 2M --direction both -- intact=true bytes=4194304
  test_mode "round trips" rr -- clients=1
  test_mode "round trips of several clients" rr --flows 3 --count 50 -- clients=3 operations=150
  test_mode "connections" connect -- clients=1
  test_mode "connections of several clients" connect --flows 3 --count 20 -- operations=60
  test_mode "one active among many idle" idle --count 100 -- connections=100 alive=100
  test_mode "datagrams up" udp --rate 1000 -- direction='"up"'
  test_mode "datagrams down" udp --rate 1000 --direction down -- direction='"down"'
  test_mode "as many datagrams as go" udp --size 100 -- datagram_bytes=100
  test_mode "names of a resolver" names --resolver "$address" -- not_found=0 "resolver=\"$address\""
  test_mode "names of several clients" names --resolver "$address" --flows 2 --count 30 -- operations=60
}

test_names() {
  local output address=$WORLD_REMOTE4
  test_mode "names, as resolv.conf says" names -- not_found=0 'resolver="/etc/resolv.conf"'
  output=$(client names --count 5)
  is "names without a server to ask for its usage" "$(field operations <<<"$output")" 5
  is "which then is not told" "$(field server_cpu_seconds <<<"$output")" ""
  session_start names || return
  output=$(inside timeout 60 "$WORKLOAD" client names --address "$WORLD_REMOTE4" --count 20 2>&1)
  check "names in a container, by its own resolver" "$result" names not_found=0 <<<"$output" ||
    diag "$output"
  session_stop
}

test_hold() {
  local output
  output=$(client hold --address "$WORLD_REMOTE4" --count 20 </dev/null)
  is "held connections are told at once" "${output%%$'\n'*}" "ready 20"
  is "and live" "$(field alive <<<"$output")" 20
  exec {ready}<>"$scratch/idle.ready"
  output=$(client idle --address "$WORLD_REMOTE4" --count 20 --time 0.1 --ready-fd "$ready")
  exec {ready}<&-
  is "idle ones too" "$(cat "$scratch/idle.ready")" 20
}

test_lines() {
  local output
  output=$(client rr --address "$WORLD_REMOTE4" --count 5 --text)
  like "lines for people" "$output" $'(^|\n)operations: 5\n'
  like "with the curve" "$output" $'\npercentile 100: [0-9.]+ us\n'
  like "the congestion control is the one asked for" \
    "$(client rr --address "$WORLD_REMOTE4" --count 5 --congestion reno)" '"congestion":"reno"'
}

test_wrong() {
  local output
  for output in "" client "client nothing" "server --time 3" "client rr --address example.org"; do
    # shellcheck disable=SC2086 # words
    check_fails "wrong: '$output'" 2 as_user "$WORKLOAD" $output
  done
  check_fails "nobody listens" 1 client rr --address "$WORLD_REMOTE4" --port 9
  check_fails "nobody answers names" 1 client names --resolver "$WORLD_HOST4" --count 1
  check_fails "congestion control that there is not" 1 \
    client rr --address "$WORLD_REMOTE4" --congestion nonesuch
  check_fails "the port is taken" 1 "${IN_REMOTE[@]}" "$WORKLOAD" server --address ::
  like "--help tells the modes" "$(as_user "$WORKLOAD" client rr --help)" 'names +look up names'
}

test_strangers() {
  local case
  workload_options=(--timeout 1)
  start_workload 5203 "${IN_REMOTE[@]}" || not_ok "a server for strangers starts"
  for case in unknown silent half magic size-0 size-large duration stalled datagram-size \
    datagram-rate never-said never-reads hello; do
    check "strangers: $case" as_user "$stranger" "$case" "$WORLD_REMOTE4" 5203
  done
  workload_options=(--connections 8)
  start_workload 5204 "${IN_REMOTE[@]}" || not_ok "a server with a limit starts"
  check "strangers: more than --connections" as_user "$stranger" limit "$WORLD_REMOTE4" 5204
  check "and the server goes on" client rr --address "$WORLD_REMOTE4" --port 5203 --count 5
}

workload_options=(--dns-port 53)
start_workload 5202 "${IN_REMOTE[@]}" || not_ok "the server starts"
test_modes "$WORLD_REMOTE4"
test_modes "$WORLD_REMOTE6"
test_names
test_hold
test_lines
test_wrong
test_strangers
world_done
