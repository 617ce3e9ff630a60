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
world_done
