#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A behaviour is right when the same program does the same on the plain host: socket_script's
# scenarios, run there as an ordinary user and in containers, and compared line by line. The
# differences that are known are in exactness.txt, with their reasons; the test fails when one of
# them is gone as when there is a new one.
#
# SLIRPWAY_TEST_SCENARIOS: names of those to run (all). SLIRPWAY_TEST_KEEP: a directory that the
# outputs are copied to.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

script=$SLIRPWAY_TOOLS/socket_script
known=$world_source/tests/live/exactness.txt
read -r -a scenarios <<<"${SLIRPWAY_TEST_SCENARIOS:-}"
publish=(-p 8080:8080 -p '[::]:8081:8081' -p 8082:8082 -p '[::]:8082:8082')

# --- the surroundings -----------------------------------------------------------------------------

# Addresses of the remote's network that lead nowhere: to a link address that nobody has.
silence() {
  ip neighbour replace "$1" lladdr "${2:-02:00:00:00:00:99}" dev "$WORLD_UPLINK"
}

# No port is kept from a bind by a connection that has ended.
forget_connections() { sysctl -qw "net.ipv4.tcp_max_tw_buckets=$1"; }

prepare_routes() {
  forget_connections 0
  export SCRIPT_SILENT4=${WORLD_REMOTE4%.*}.99 SCRIPT_SILENT6=${WORLD_REMOTE6%::*}::99
  silence "$SCRIPT_SILENT4"
  silence "$SCRIPT_SILENT6"
  ip route add throw 203.0.113.0/27
  ip route add unreachable 203.0.113.32/27
  ip route add prohibit 203.0.113.64/27
  ip -6 route add throw 2001:db8:f::/48
  in_remote sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
  in_remote ip route add unreachable 203.0.113.128/25
}

start_peer() {
  export SCRIPT_PEER=$scratch/peer
  start "${IN_REMOTE[@]}" "$script" peer "$SCRIPT_PEER"
  wait_for_listen '*' 7000 "$WORLD_REMOTE_NETNS" && wait_until 10 test -S "$SCRIPT_PEER"
}

# --- running --------------------------------------------------------------------------------------

# on_host FILE [NAME...], in_container FILE "OPTION..." [NAME...]: runs scenarios.
on_host() {
  local file=$1
  shift
  SCRIPT_OWN4=$WORLD_HOST4 SCRIPT_OWN6=$WORLD_HOST6 SCRIPT_PUBLISHED=1 \
    as_user "$script" run "$@" >"$file" 2>&1 </dev/null
}

in_container() {
  local file=$1 options
  read -r -a options <<<"$2"
  shift 2
  SCRIPT_OWN4=10.0.2.100 SCRIPT_OWN6=fd00::100 SCRIPT_PUBLISHED=1 \
    as_user "$SLIRPWAY" run --mode=hybrid "${publish[@]}" "${options[@]}" -- \
    "${program:-$script}" run "$@" >"$file" 2>"$file.log" </dev/null
}

# lines_of NAME FILE: what the scenario printed.
lines_of() {
  awk -v name="== $1" '/^== /{ on = $0 == name; next } on' "$2"
}

# known_lines NAME: the lines of a known difference; known_reason NAME: why it is.
known_lines() {
  awk -v name="== $1:" '/^== /{ on = index($0, name) == 1; next } on && /^[-+]/' "$known"
}
known_reason() { sed -n "s/^== $1: //p" "$known"; }

# as_known NAME FILE-OF-HOST FILE: whether only what is known differs. Sets $difference and $changed.
as_known() {
  difference=$(diff -U 3 <(lines_of "$1" "$2") <(lines_of "$1" "$3") | tail -n +3)
  changed=$(grep '^[-+]' <<<"$difference")
  [ "$changed" = "$(known_lines "$1")" ]
}

# What comes from the network may meet a call in the kernel, or come a moment after it; then it comes
# out one way or the other on the host, too. So a difference must be there again, on both sides anew.
is_unsteady() {
  local i
  for i in 1 2; do
    diag <<<"$difference"
    on_host "$scratch/host.$i" "$1"
    if [ -n "$inside_options" ]; then
      in_container "$scratch/again.$i" "$inside_options" "$1"
    else
      on_host "$scratch/again.$i" "$1"
    fi
    as_known "$1" "$scratch/host.$i" "$scratch/again.$i" && diag "not when it was run again" && return
  done
  return 1
}

# compare_one WHERE NAME FILE: with what the host did, but for what is known.
compare_one() {
  local where=$1 name=$2 difference changed
  if as_known "$name" "$scratch/host" "$3" || is_unsteady "$name"; then
    ok "$where: $name${changed:+, known: $(known_reason "$name")}"
  else
    not_ok "$where: $name"
    diag <<<"$difference"
    [ -z "$(known_reason "$name")" ] || diag "known is another difference: $(known_reason "$name")"
  fi
}

# compare WHERE FILE NAME...: for these scenarios.
compare() {
  local where=$1 file=$2 name
  shift 2
  for name in "$@"; do
    if grep -qx "== $name" "$file"; then
      compare_one "$where" "$name" "$file"
    elif [ "$name" != bind-privileged ] || [[ $where != *root* ]]; then
      not_ok "$where: $name was run"
    fi
  done
}

# test_scenarios WHERE "OPTION..."
test_scenarios() {
  local where=$1 inside_options=$2 names
  in_container "$scratch/inside" "$2" "${scenarios[@]}" || not_ok "$where: the container runs"
  mapfile -t names < <(sed -n 's/^== //p' "$scratch/host")
  compare "$where" "$scratch/inside" "${names[@]}"
  diag <"$scratch/inside.log"
  if [ -n "${SLIRPWAY_TEST_KEEP:-}" ]; then
    cp "$scratch/host" "$scratch/inside" "$SLIRPWAY_TEST_KEEP/"
    cp "$scratch/inside" "$SLIRPWAY_TEST_KEEP/inside.${where//[^a-z]/_}"
  fi
}

# The host's own runs must agree with each other, or there is nothing to compare with.
test_host() {
  local names known=/dev/null inside_options=
  on_host "$scratch/host" "${scenarios[@]}"
  on_host "$scratch/again" "${scenarios[@]}"
  mapfile -t names < <(sed -n 's/^== //p' "$scratch/host")
  compare "the host again" "$scratch/again" "${names[@]}"
}

# --- the supervisor's death -----------------------------------------------------------------------

calls_wait() { member_at_least calls_waiting 1; }
supervisor_restarted() { [ "$(status_member supervisor_restarts)" = 1 ] && calls_wait; }

# A connect that waits for a peer who comes late; the supervisor is killed meanwhile.
test_killed() {
  session=killed
  start env SCRIPT_OWN4=10.0.2.100 SCRIPT_OWN6=fd00::100 "${AS_USER[@]}" "$SLIRPWAY" run \
    --mode=hybrid --name killed -- "$script" run wait-late-peer
  wait_until 5 calls_wait || not_ok "a connect waits"
  kill -KILL "$(status_member supervisor_pid)"
  check "the connect waits with the next supervisor" wait_until 5 supervisor_restarted
  in_remote ip address add "$SCRIPT_SILENT4/24" dev "$WORLD_UPLINK"
  silence "$SCRIPT_SILENT4" "$(link_of_remote)"
  wait "$started"
  is "a blocking connect outlives the supervisor" \
    "$(lines_of wait-late-peer "$started_log" | grep -v '^slirpway:' | xargs)" \
    "connect: ok send: 3 receive: one after: kept by exec, blocks"
  in_remote ip address del "$SCRIPT_SILENT4/24" dev "$WORLD_UPLINK"
  silence "$SCRIPT_SILENT4"
}

link_of_remote() {
  in_remote ip -oneline link show "$WORLD_UPLINK" | sed -n 's,.*link/ether \([^ ]*\).*,\1,p'
}

prepare_routes
start_peer || world_done
test_host
if [ -z "${SLIRPWAY_TEST_HOST_ONLY:-}" ]; then
  test_scenarios "as root" "--map-root-user"
  test_scenarios "as the user" "--map-current-user"
  if [ -x "${script}_static" ]; then
    program=${script}_static test_scenarios "static program, as root" "--map-root-user"
  fi
  test_killed
fi
world_done
