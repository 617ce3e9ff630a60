# SPDX-License-Identifier: GPL-2.0-or-later
# Library of the live tests (bash): TAP output, the test world, servers, and waiting with deadlines.
#
#   . "$(dirname "$0")/world.sh"
#   world_enter "$@"                    # starts this test again inside scripts/world
#   start_workload 5202                 # servers of the test; they end with it
#   check "the host is reached" as_user "$SLIRPWAY" run -- "$WORKLOAD" client connect ...
#   world_done                          # the plan, and the exit status
#
# Programs under test run as the world's ordinary user: always by as_user (or "${AS_USER[@]}" where
# the process id counts). scripts/world tells why, and what the WORLD_ variables hold.
#
# From outside: SLIRPWAY is the program under test (./slirpway), SLIRPWAY_TOOLS the directory of the
# test programs (tests/bin), SLIRPWAY_LIBEXEC that of slirpway-workload (the program's own),
# SLIRPWAY_MUST_WORK=1 makes every skip a failure,
# SLIRPWAY_TEST_WITHOUT_TUN=1 takes /dev/net/tun away, so that sessions go over veth,
# SLIRPWAY_TEST_WITHOUT_NOTIFY=1 plays a kernel without seccomp notification: mode auto is packet.
# SLIRPWAY_TEST_WITHOUT_WALL=1 plays one without Landlock's rules for TCP (before Linux 6.7).
# shellcheck shell=bash

set -uo pipefail

world_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
world_test=$(basename "$0" .sh)
world_count=0
world_failed=0
world_planned=''
world_pids=()
started=''         # process id of what `start` started last
started_log=''     # and the file with its output

SLIRPWAY=$(realpath -m "${SLIRPWAY:-./slirpway}")
if [ -z "${SLIRPWAY_TOOLS:-}" ]; then
  SLIRPWAY_TOOLS=$PWD/tests/bin
  [ -d "$SLIRPWAY_TOOLS" ] || SLIRPWAY_TOOLS=$world_source/tests/bin
fi
SLIRPWAY_LIBEXEC=${SLIRPWAY_LIBEXEC:-$(dirname "$SLIRPWAY")}
WORKLOAD=$SLIRPWAY_LIBEXEC/slirpway-workload
PATH=$PATH:/usr/sbin:/sbin # ethtool, nginx and sysctl, which a user's path may lack
export SLIRPWAY SLIRPWAY_TOOLS SLIRPWAY_LIBEXEC WORKLOAD PATH

# --- TAP ------------------------------------------------------------------------------------------

# Lines of standard input, or the arguments, as TAP comments.
diag() {
  if [ $# -gt 0 ]; then echo "$*"; else cat; fi | sed 's/^/# /'
}

# plan N: optional; without it world_done prints the plan.
plan() {
  world_planned=$1
  echo "1..$1"
}

ok() {
  world_count=$((world_count + 1))
  echo "ok $world_count - $*"
}

not_ok() {
  world_count=$((world_count + 1))
  world_failed=$((world_failed + 1))
  echo "not ok $world_count - $*"
}

# skip DESCRIPTION REASON: one test that can't be done here.
skip() {
  if [ -n "${SLIRPWAY_MUST_WORK:-}" ]; then
    not_ok "$1"
    diag "would be skipped, but SLIRPWAY_MUST_WORK is set: $2"
  else
    ok "$1 # SKIP $2"
  fi
}

# skip_all REASON: nothing of this file can be done here. Exits.
skip_all() {
  if [ -n "${SLIRPWAY_MUST_WORK:-}" ]; then
    echo "Bail out! SLIRPWAY_MUST_WORK is set, but: $1"
    exit 1
  fi
  echo "1..0 # SKIP $1"
  exit 77
}

# check DESCRIPTION COMMAND...: ok if the command succeeds; its output is shown if not.
check() {
  local description=$1 output status=0
  shift
  output=$("$@" 2>&1) || status=$?
  if [ "$status" = 0 ]; then
    ok "$description"
  else
    not_ok "$description"
    diag "status $status from: $*"
    diag <<<"$output"
  fi
  return "$status"
}

# check_fails DESCRIPTION STATUS COMMAND...: ok if the command exits with just this status.
check_fails() {
  local description=$1 wanted=$2 output status=0
  shift 2
  output=$("$@" 2>&1) || status=$?
  is "$description" "$status" "$wanted" || diag <<<"$output"
}

# is DESCRIPTION GOT EXPECTED
is() {
  if [ "$2" = "$3" ]; then
    ok "$1"
  else
    not_ok "$1"
    diag "got:      $2"
    diag "expected: $3"
    return 1
  fi
}

# like DESCRIPTION TEXT REGEX: bash's extended regular expressions, unanchored.
like() {
  if [[ $2 =~ $3 ]]; then
    ok "$1"
  else
    not_ok "$1"
    diag "no match for: $3"
    diag <<<"$2"
    return 1
  fi
}

# Ends the test: the plan if there was none, and 1 if anything failed.
world_done() {
  [ -n "$world_planned" ] || echo "1..$world_count"
  if [ -n "$world_planned" ] && [ "$world_planned" != "$world_count" ]; then
    diag "$world_planned tests were planned, $world_count were run"
    exit 1
  fi
  [ "$world_failed" = 0 ] || diag "$world_failed of $world_count tests failed"
  exit $((world_failed > 0))
}

# --- the world ------------------------------------------------------------------------------------

# Skips the whole test where no world can be built.
world_probe() {
  local why
  why=$("$world_source/scripts/world" --quiet true 2>&1) ||
    skip_all "no world can be built: ${why//$'\n'/; }"
}

# Plays a machine without taps: what is mounted here covers the device file, in the world only.
world_hide_tun() {
  [ ! -d /dev/net ] || mount -t tmpfs -o mode=0755 none /dev/net || skip_all "/dev/net can't be hidden"
}

# Plays a kernel without notification: this test starts once more, with all that it will start.
world_refuse_notify() {
  unset SLIRPWAY_TEST_WITHOUT_NOTIFY
  export SLIRPWAY_TEST_NOTIFY_REFUSED=1
  exec "$SLIRPWAY_TOOLS/refuse_notify" "$0"
}

# Plays a kernel on which Landlock keeps nobody from connecting.
world_refuse_wall() {
  unset SLIRPWAY_TEST_WITHOUT_WALL
  exec "$SLIRPWAY_TOOLS/attack" unwalled "$0"
}

# world_enter [OPTION-OF-SCRIPTS/WORLD...]: goes on inside a world; the test's own directory for
# temporary files is $scratch, and everything started with `start` ends with the test.
world_enter() {
  if [ -z "${WORLD_DIR:-}" ]; then
    [ -x "$WORKLOAD" ] || skip_all "$WORKLOAD is not there: build it, or say SLIRPWAY_LIBEXEC"
    world_probe
    exec "$world_source/scripts/world" --quiet "$@" -- "$0"
  fi
  [ -z "${SLIRPWAY_TEST_WITHOUT_NOTIFY:-}" ] || world_refuse_notify
  [ -z "${SLIRPWAY_TEST_WITHOUT_WALL:-}" ] || world_refuse_wall
  [ -z "${SLIRPWAY_TEST_WITHOUT_TUN:-}" ] || world_hide_tun
  read -r -a AS_USER <<<"$WORLD_USER"
  read -r -a IN_REMOTE <<<"$WORLD_REMOTE"
  scratch=$(mktemp -d "$TMPDIR/$world_test.XXXXXX")
  trap world_clean_up EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
}

world_clean_up() {
  local status=$? pid
  for pid in "${world_pids[@]}"; do
    stop "$pid"
  done
  # What a sanitizer had to say to nobody.
  if grep -hE -A 30 '(ERROR|WARNING): .*Sanitizer|runtime error:' "$scratch"/log.* 2>/dev/null | diag; then
    status=1
  fi
  rm -rf "$scratch"
  exit "$status"
}

# Runs a command as the world's ordinary user, or in the remote's network namespace.
as_user() { "${AS_USER[@]}" "$@"; }
in_remote() { "${IN_REMOTE[@]}" "$@"; }

# --- waiting --------------------------------------------------------------------------------------

# Sleeps without a process: for polls of what can't be watched, never instead of a condition.
pause() { read -r -t "$1" <> <(:) || :; }

# wait_until SECONDS COMMAND...: repeats the command until it succeeds; 1 when time is over.
wait_until() {
  local deadline=$(($(date +%s%N) + ${1%.*} * 1000000000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s%N)" -lt "$deadline" ] || return 1
    pause 0.02
  done
}

# The kernel's table of TCP sockets in a namespace: "" (ours), a process id, or a path.
world_tcp_table() {
  case $1 in
    '') cat "/proc/self/net/$2" ;;
    *[!0-9]*) nsenter --net="$1" -- cat "/proc/self/net/$2" ;;
    *) cat "/proc/$1/net/$2" ;;
  esac
}

# "192.0.2.1" as in /proc/net/tcp: host byte order (little-endian machines).
world_hex_address() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '%02X%02X%02X%02X' "$d" "$c" "$b" "$a"
}

# listens HOST PORT [NETNS]: HOST is an IPv4 address, or any IPv6 text or "*" (then only the port
# counts). A wildcard listener serves every HOST.
listens() {
  local port local4='[0-9A-F]*' state=0A
  port=$(printf '%04X' "$2")
  case $1 in
    *:* | '*') ;;
    *) local4="(00000000|$(world_hex_address "$1"))" ;;
  esac
  {
    [[ $1 = *:* ]] || world_tcp_table "${3:-}" tcp
    world_tcp_table "${3:-}" tcp6
  } 2>/dev/null | awk '{ print $2, $4 }' |
    grep -E "^($local4|[0-9A-F]{32}):$port $state\$" >/dev/null # reads all: -q would break the pipe
}

# wait_for_listen HOST PORT [NETNS [SECONDS]]
wait_for_listen() {
  wait_until "${4:-10}" listens "$1" "$2" "${3:-}" && return
  diag "nothing listens on $1 port $2 after ${4:-10} s"
  return 1
}

# --- processes ------------------------------------------------------------------------------------

# start COMMAND...: in the background, output to the file $started_log; $started is its process id.
start() {
  local log
  log=$(mktemp "$scratch/log.XXXXXX")
  "$@" </dev/null >>"$log" 2>&1 &
  started=$!
  started_log=$log
  world_pids+=("$started")
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# stop PID [SECONDS]: TERM, then KILL when time is over; returns its exit status.
stop() {
  local status=0
  kill -TERM "$1" 2>/dev/null
  if ! wait_until "${2:-5}" world_has_ended "$1"; then
    diag "process $1 does not end: killed"
    kill -KILL "$1" 2>/dev/null
  fi
  wait "$1" 2>/dev/null || status=$?
  return "$status"
}

# A child that ended stays a zombie until waited for.
world_has_ended() {
  is_gone "$1" || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# start_workload PORT [PREFIX...]: a workload server on all addresses, of the host by default, with
# "${IN_REMOTE[@]}" of the remote. Ready when it returns. More options of it are in
# workload_options.
workload_options=()
start_workload() {
  local port=$1 ready='' word=''
  shift
  mkfifo "$scratch/ready"
  exec {ready}<>"$scratch/ready" # held open here, or what is written early would be lost
  rm "$scratch/ready"
  start "$@" "$WORKLOAD" server --address :: --port "$port" --ready-fd "$ready" \
    "${workload_options[@]}"
  read -r -t 10 -u "$ready" word || :
  exec {ready}<&-
  [ "$word" = "$port" ] && return
  diag <"$started_log"
  return 1
}

# field NAME: the value of a number, word or truth in the JSON text on standard input.
field() {
  sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1
}
