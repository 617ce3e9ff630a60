#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway explain: both paths of real programs, what is told of them, and what goes wrong.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter
chmod 777 "$scratch" # the user writes pages there

notify=yes
[ -z "${SLIRPWAY_TEST_NOTIFY_REFUSED:-}" ] || notify=''
readonly PAGE_SIZE=300000

start_servers() {
  start_pages remote 80 "${IN_REMOTE[@]}"
  head -c "$PAGE_SIZE" /dev/zero >"$scratch/remote/large"
  start "${IN_REMOTE[@]}" "$world_source/tests/live/dns_server.py" "$WORLD_REMOTE4" 53 "$WORLD_REMOTE4"
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
  wait_for_listen "$WORLD_REMOTE4" 53 "$WORLD_REMOTE_NETNS"
}

# What it prints goes to $scratch/text, what it complains of to $scratch/complaints.
explain() { as_user "$SLIRPWAY" explain "$@" </dev/null >"$scratch/text" 2>"$scratch/complaints"; }
explain_json() { as_user "$SLIRPWAY" explain --json "$@" </dev/null >"$scratch/json" 2>"$scratch/complaints"; }
without_notification() {
  as_user "$SLIRPWAY_TOOLS/refuse_notify" "$SLIRPWAY" explain --json "$@" </dev/null >"$scratch/json" 2>"$scratch/complaints"
}

# section PATH: what the text in $scratch/text says of a path.
section() { sed -n "/^PATH $1:/,/^\$/p" "$scratch/text"; }

# says DESCRIPTION PATH REGEX: a line of that path's section.
says() { like "$1" "$(section "$2")" "$3"; }

# json PROGRAM: a value of the JSON in $scratch/json, as Python names it; d is the whole, p the paths
# by name.
json() {
  python3 -c "import json, sys
d = json.load(open(sys.argv[1]))
p = {path['path']: path for path in d['paths']}
print($1)" "$scratch/json"
}

is_valid() { "$world_source/tests/live/check_schema.py" "$world_source/doc/explain.schema.json" <"$scratch/json"; }

fits_the_terminal() {
  local wide
  wide=$(awk 'length > 80' "$scratch/text")
  [ -z "$wide" ] || { echo "$wide"; return 1; }
}

test_text() {
  check "a page over each path" explain curl -sS --noproxy '*' http://server.test/
  diag <"$scratch/complaints"
  says "packet: the start" packet 'start +curl -sS'
  says "packet: the question for the name" packet '-> DNS +A server.test\?'
  says "packet: the answer" packet "<- DNS +A server.test is $WORLD_REMOTE4"
  says "packet: who has the gateway" packet '-> ARP +who has 10.0.2.2'
  says "packet: the SYN" packet "-> SYN +#1 10.0.2.100:[0-9]+ > $WORLD_REMOTE4:80"
  says "packet: its answer" packet '<- SYN-ACK +#1'
  says "packet: the request" packet '-> data +#1 [0-9]+ bytes'
  says "packet: the page" packet '<- data +#1 .*[0-9]+ bytes'
  says "packet: the end of the connection" packet 'FIN +#1'
  says "packet: the engine's socket" packet "socket +$WORLD_HOST4:[0-9]+ > $WORLD_REMOTE4:80 closed"
  says "packet: the end" packet 'end +exit status 0'
  check "no line is too long" fits_the_terminal
  like "the totals" "$(cat "$scratch/text")" 'calls trapped +0'
  if [ -n "$notify" ]; then
    says "hybrid: the trapped connect" hybrid "!! connect +$WORLD_REMOTE4:80: done on a socket of the"
    says "hybrid: the name, by frames" hybrid '-> DNS +A server.test'
    is "hybrid: no TCP by frames" "$(section hybrid | grep -c SYN)" 0
    says "hybrid: the program's socket" hybrid "socket +$WORLD_HOST4:[0-9]+ > $WORLD_REMOTE4:80 closed"
  else
    says "hybrid is not shown, and why" hybrid 'not shown: .*--mode=hybrid'
  fi
}

test_json() {
  check "JSON" explain_json curl -sS --noproxy '*' -o /dev/null "http://$WORLD_REMOTE4/large"
  check "it is as the schema says" is_valid
  is "packet: the transfer is told as one" \
    "$(json 'sum(e["bytes_in"] >= '$PAGE_SIZE' for e in p["packet"]["events"] if e["topic"] == "data")')" 1
  is "packet: its bytes are in frames" "$(json 'p["packet"]["totals"]["data_in"] > '$PAGE_SIZE)" True
  is "packet: and in a socket of the host" \
    "$(json 'p["packet"]["totals"]["socket_bytes_received"] > '$PAGE_SIZE)" True
  is "packet: each is copied at least four times" \
    "$(json 'p["packet"]["totals"]["bytes_copied"] >= 4 * '$PAGE_SIZE)" True
  is "packet: the engine woke up" "$(json 'p["packet"]["totals"]["engine_wakeups"] > 0')" True
  is "packet: what it used is known" \
    "$(json 'p["packet"]["totals"]["processes"]["engine"]["cpu_seconds"] > 0')" True
  is "packet: there is no supervisor" "$(json 'p["packet"]["totals"]["processes"]["supervisor"]')" None
  is "events are in the order of time" \
    "$(json 'all(q["events"] == sorted(q["events"], key=lambda e: e["time"]) for q in d["paths"] if q["present"])')" True
  [ -n "$notify" ] || return
  is "hybrid: no data in frames" "$(json 'p["hybrid"]["totals"]["data_in"] < 1000')" True
  is "hybrid: the bytes are in a socket of the host" \
    "$(json 'p["hybrid"]["totals"]["socket_bytes_received"] > '$PAGE_SIZE)" True
  is "hybrid: one call leads there" \
    "$(json 'sum(e.get("verdict") == "host" for e in p["hybrid"]["events"])')" 1
  is "hybrid: the supervisor is known" \
    "$(json 'p["hybrid"]["totals"]["processes"]["supervisor"]["voluntary_switches"] > 0')" True
}

test_page() {
  check "a page" explain --html "$scratch/page.html" true
  check "it holds what the text holds" grep -q 'slirpway-explain' "$scratch/page.html"
  like "the text is printed all the same" "$(cat "$scratch/text")" 'PATH packet'
  check_fails "a page where none can be written" 125 explain --html /nonexistent/page.html true
  is "is refused before the command runs" "$(cat "$scratch/text")" ""
}

test_lists() {
  check "each frame" explain_json --paths=packet --all \
    curl -sS --noproxy '*' -o /dev/null "http://$WORLD_REMOTE4/large"
  is "frames are told one by one" "$(json 'max(e["count"] for e in p["packet"]["events"])')" 1
  check "few events" explain_json --paths=packet --events=3 \
    curl -sS --noproxy '*' -o /dev/null "http://$WORLD_REMOTE4/large"
  is "only three frames are listed" \
    "$(json 'sum(e["kind"] == "frame" for e in p["packet"]["events"])')" 3
  is "others are counted" "$(json 'p["packet"]["events_left_out"] > 0')" True
  is "and are in the totals" "$(json 'p["packet"]["totals"]["data_in"] > '$PAGE_SIZE)" True
}

test_host_loopback() {
  start_pages host 8000 || return
  wait_for_listen '*' 8000
  check "the host's loopback" explain_json --run-option=--host-loopback \
    curl -sS --noproxy '*' -o /dev/null http://10.0.2.2:8000/
  is "the engine's socket is found behind the gateway" \
    "$(json '[e["to"] for e in p["packet"]["events"] if e["kind"] == "socket"]')" "['127.0.0.1:8000']"
}

test_input_and_output() {
  echo "what is read" >"$scratch/input"
  chmod 644 "$scratch/input"
  check "input from a file, output shown" \
    explain --paths=packet,hybrid --stdin "$scratch/input" --show-output cat
  is "each run reads it from the start" "$(grep -c 'what is read' "$scratch/complaints")" "$((1 + ${#notify} / 3))"
  check "without, there is nothing to read" explain --paths=packet --show-output cat
  is "and nothing is shown" "$(cat "$scratch/complaints")" ""
  check "output is kept, not shown" explain_json --paths=packet echo quiet
  is "it is in the JSON" "$(json 'p["packet"]["output"].strip()')" quiet
  is "nothing on standard error" "$(cat "$scratch/complaints")" ""
}

test_failures() {
  check_fails "a command that fails has its status" 3 \
    explain --paths=packet sh -c 'echo out of luck; exit 3'
  like "what it printed is shown" "$(cat "$scratch/complaints")" 'out of luck'
  check_fails "a command that is killed" 137 explain --paths=packet sh -c 'kill -KILL $$'
  check_fails "a command that is not there" 127 explain nosuchcommand
  is "it is said once" "$(cat "$scratch/complaints")" \
    "slirpway: explain: command not found: nosuchcommand"
  check_fails "a command that can't be executed" 126 explain /etc/passwd
  check_fails "an option that run refuses" 125 explain --paths=packet --run-option=--mtu=1 true
  like "what run says is shown" "$(cat "$scratch/complaints")" 'slirpway: run: --mtu=1: MTU'
  check_fails "an option that explain doesn't know" 125 explain --nosuch true
  check_fails "input that is not there" 125 explain --stdin /nonexistent true
}

# A kernel without notification, for this test alone.
test_hybrid_refused() {
  check "without notification the packet path is explained" without_notification true
  check "it is as the schema says" is_valid
  is "packet is there" "$(json 'p["packet"]["present"]')" True
  is "hybrid is not" "$(json 'p["hybrid"]["present"]')" False
  like "and why" "$(json 'p["hybrid"]["why"]')" '--mode=hybrid: '
  check_fails "where no path is left that is an error" 125 without_notification --paths=hybrid true
}

# A world in the world; what it leaves behind would be seen at the end.
test_world_option() {
  check "in a world of its own" explain_json --world curl -sS --noproxy '*' http://server.example:8000/1234
  check "it is as the schema says" is_valid
  is "it says so" "$(json 'd["world"]')" True
  is "the remote machine has served" "$(json 'p["packet"]["totals"]["socket_bytes_received"] > 1234')" True
  like "the page was read" "$(json 'p["packet"]["output"]')" 'Hello'
  local distance=()
  [ -n "${SLIRPWAY_TEST_WITHOUT_TUN:-}" ] || distance=(--rtt=5) # a delay line is between two taps
  check "an upload to port 80, over a distance" explain_json --world "${distance[@]}" --paths=packet \
    curl -sS --noproxy '*' --fail -T "$world_source/scripts/world" http://server.example/
  is "it has arrived" \
    "$(json 'p["packet"]["totals"]["data_out"] > '"$(stat -c %s "$world_source/scripts/world")")" True
  [ ${#distance[@]} = 0 ] || is "each round trip takes its time" "$(json 'p["packet"]["totals"]["wall_seconds"] > 0.01')" True
  check_fails "a command that fails there" 22 explain --world --paths=packet \
    curl -sS --noproxy '*' --fail -X DELETE http://server.example/
  check_fails "a command that is not there" 127 explain --world nosuchcommand
  start "${AS_USER[@]}" "$SLIRPWAY" explain --world sleep 600
  local pid=$started status=0
  check "the world stands" wait_until 10 descends_from "$pid" sleep
  kill -TERM "$pid"
  wait "$pid" || status=$?
  is "a signal ends it" "$status" 143
  like "what there was is shown" "$(cat "$started_log")" 'ended by signal 15'
}

# descends_from PID NAME: a process of that name has PID among its parents.
descends_from() {
  local child
  for child in $(pgrep -P "$1"); do
    [ "$(cat "/proc/$child/comm")" = "$2" ] && return
    descends_from "$child" "$2" && return
  done
  return 1
}

# Ctrl-C, and what ends a service: the command ends, what was recorded is shown, nothing is left.
test_interrupted() {
  start "${AS_USER[@]}" "$SLIRPWAY" explain --paths=packet,hybrid sleep 600
  local pid=$started status=0
  check "a session runs" wait_until 10 session_of "$pid"
  kill -TERM "$pid"
  wait "$pid" || status=$?
  is "its status tells the signal" "$status" 143
  like "what there was is shown" "$(cat "$started_log")" 'ended by signal 15'
  is "there was no second run" "$(grep -c '^PATH' "$started_log")" 1
}

# A signal at any moment of the start: there is nothing to watch for in its midst.
test_signal_at_any_moment() {
  local delay left=''
  for delay in 0.0{1..9} 0.1{0..5}; do
    start "${AS_USER[@]}" "$SLIRPWAY" explain --paths=packet sleep 600
    sleep "$delay"
    kill -TERM "$started"
    wait_until 10 has_ended "$started" || left+=" $delay"
    kill -KILL "$started" 2>/dev/null || :
    wait "$started" 2>/dev/null || :
  done
  is "a signal ends it at any moment of its start" "$left" ""
}

has_ended() { ! grep -qv '^State:.Z' <(grep ^State: "/proc/$1/status" 2>/dev/null); }

# Nothing can be shown any more, nor the recording be removed; but the command does not go on alone.
test_killed() {
  start "${AS_USER[@]}" "$SLIRPWAY" explain --paths=packet sleep 600
  local pid=$started
  check "a session runs, once more" wait_until 10 session_of "$pid"
  check "and the command" wait_until 10 descends_from "$pid" sleep
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || :
  check "with explain its session ends" wait_until 10 no_session_of "$pid"
  check "and the command" wait_until 10 no_sleep
  rm -rf "$TMPDIR"/slirpway-explain.*
}

# The terminal tells its session's leader only, which explain may be.
test_hangup() {
  local world
  for world in "" --world; do
    check "explain $world leads a terminal's session" "$world_source/tests/live/terminal.py" "expect:outer% " \
      "send:exec $WORLD_USER $SLIRPWAY explain $world --show-output --paths=packet -- sh -c 'echo u\"\"p; exec sleep 600'\n" \
      "expect:up" hangup
    check "a hangup ends it and the command" wait_until 10 no_sleep
  done
}

no_session_of() { ! session_of "$1"; }

no_sleep() { ! pgrep -x sleep >/dev/null; }

session_of() { as_user "$SLIRPWAY" list | grep "explain-$1-packet" >/dev/null; }

nothing_is_left() { ! compgen -G "$TMPDIR/slirpway-*" && [ "$(as_user "$SLIRPWAY" list --json | tr -d '[:space:]')" = '[]' ]; }

start_servers
test_text
test_json
test_page
test_lists
test_host_loopback
test_input_and_output
test_failures
test_hybrid_refused
test_interrupted
test_signal_at_any_moment
test_killed
test_hangup
test_world_option
check "nothing is left behind" nothing_is_left
world_done
