#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The delay line of the test world: 20 ms round trip, and no byte changed.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_enter --rtt 20

start_workload 5202 "${IN_REMOTE[@]}"
output=$("$WORKLOAD" client rr --address "$WORLD_REMOTE4" --count 10)
fastest=$(field p50_us <<<"$output")
check "a round trip takes at least 20 ms ($fastest us)" awk "BEGIN { exit !($fastest >= 20000) }"
check "and less than 40 ms" awk "BEGIN { exit !($fastest < 40000) }"
output=$("$WORKLOAD" client checksum --address "$WORLD_REMOTE6" --bytes 3M --direction both 2>&1)
is "data arrive intact over the delay line" "$(field intact <<<"$output")" true || diag "$output"

# One more, with both ends here, that ends when one of them is deleted. It is made of taps.
relay=$SLIRPWAY_LIBEXEC/slirpway-delay-relay
if [ -c /dev/net/tun ]; then
  start "$relay" --name-a lone0 --name-b lone1 --delay-ms 1
  check "both taps are there" wait_until 10 ip link show lone1
  ip link set lone0 up
  ip link set lone1 up
  ip link delete lone1
  check "the relay ends with a tap" wait_until 10 world_has_ended "$started"
  check "without fault" wait "$started"
  like "and tells what it has carried" "$(cat "$started_log")" '"a_to_b":.*"queue_drops":0'
  check_fails "the other tap is gone, too" 1 ip link show lone0
fi
check_fails "a wrong option of the relay" 2 "$relay" --delay-ms fast
check_fails "a namespace that there is not" 1 "$relay" --netns-b /proc/0/ns/net
world_done
