#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The test world itself: who reaches what, and with which rights.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

test_addresses() {
  check "the host reaches the remote by IPv4" ping -c 1 -w 5 "$WORLD_REMOTE4"
  check "the host reaches the remote by IPv6" ping -c 1 -w 5 "$WORLD_REMOTE6"
  check "the remote reaches the host by IPv4" in_remote ping -c 1 -w 5 "$WORLD_HOST4"
  check "the remote reaches the host by IPv6" in_remote ping -c 1 -w 5 "$WORLD_HOST6"
  check "the ordinary user may send echo requests" as_user ping -c 1 -w 5 "$WORLD_REMOTE4"
  check "there is a default route" sh -c "ip route get 192.0.2.1 | grep 'via $WORLD_REMOTE4' >/dev/null"
}

test_rights() {
  is "the user is no root" "$(as_user id -u)" 1000
  like "the user has no capability" "$(as_user grep CapEff /proc/self/status)" '0{16}$'
  check_fails "the user can't change the host's interfaces" 2 as_user ip link set lo down
  check_fails "the user can't enter the remote" 1 as_user nsenter --net="$WORLD_REMOTE_NETNS" true
  check "the user can create a container" as_user unshare --user --map-root-user --net true
}

test_servers() {
  local address output
  start_workload 5202 "${IN_REMOTE[@]}" || not_ok "the workload server starts"
  check "the remote's listener is seen" listens "$WORLD_REMOTE4" 5202 "$WORLD_REMOTE_NETNS"
  check_fails "there is none on the host" 1 listens "$WORLD_REMOTE4" 5202
  for address in "$WORLD_REMOTE4" "$WORLD_REMOTE6"; do
    output=$("$WORKLOAD" client checksum --address "$address" --bytes 3M --direction both 2>&1)
    is "data arrive intact from and at $address" "$(field intact <<<"$output")" true ||
      diag "$output"
  done
  stop "$started"
  check_fails "a stopped server listens no more" 1 \
    listens "$WORLD_REMOTE4" 5202 "$WORLD_REMOTE_NETNS"
}

test_addresses
test_rights
test_servers
world_done
