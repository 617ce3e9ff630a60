#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# list, status, stop and port: for people and as JSON; names; what a killed session leaves.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

sessions=$XDG_RUNTIME_DIR/slirpway

slirpway() { as_user timeout 20 "$SLIRPWAY" "$@"; }

# json DESCRIPTION STATUS EXPRESSION COMMAND...: the command prints one JSON text and nothing else
# on standard output; EXPRESSION (Python, of the text's value `value`) is true.
json() {
  local description=$1 wanted=$2 expression=$3 output status=0
  shift 3
  output=$("$@" 2>"$scratch/errors") || status=$?
  is "$description: status" "$status" "$wanted" || diag <"$scratch/errors"
  check "$description: is JSON" python3 -m json.tool <<<"$output" || return
  check "$description: ${expression//$'\n'/ }" python3 -c \
    "import json, sys; value = json.load(sys.stdin); sys.exit(not ($expression))" <<<"$output" ||
    diag <<<"$output"
}

# said STATUS REGEX COMMAND...: one line on standard error, none on standard output.
said() {
  local wanted=$1 regex=$2 output status=0
  shift 2
  output=$("$@" 2>"$scratch/errors") || status=$?
  is "$*: status" "$status" "$wanted"
  like "$*: message" "$(<"$scratch/errors")" "$regex"
  is "$*: one line" "$(wc -l <"$scratch/errors")" 1
  is "$*: no output" "$output" ""
}

test_none() {
  json "list of no sessions" 0 'value == []' slirpway list --json
  said 1 'unknown' slirpway status unknown
  said 1 'unknown' slirpway stop unknown
  said 1 'unknown' slirpway port list unknown
  said 1 'port add: .*no session .*called .?unknown' slirpway port add unknown 8080:80
  said 1 'port remove: .*no session .*called .?unknown' slirpway port remove unknown 1
}

test_two() {
  local first second output
  session_start one -p 127.0.0.1:8081:80 || return
  first=$session_pid
  session_start two --mtu 1500 --cidr 10.9.0.0/24 --no-ipv6 || return
  second=$session_pid
  output=$(slirpway list)
  like "list shows one" "$output" "(^|"$'\n'")one +$first "
  like "list shows two" "$output" "(^|"$'\n'")two +$second "
  json "list" 0 'sorted(row["name"] for row in value) == ["one", "two"]' slirpway list --json
  json "list" 0 "sorted(row['pid'] for row in value) == sorted([$first, $second])" \
    slirpway list --json
  json "status" 0 "value['name'] == 'one' and value['pid'] == $first and value['engine_pid'] > 1 \
and value['supervisor_pid'] is None and value['engine_restarts'] == 0" slirpway status --json one
  json "status" 0 "value['counters']['frames_in'] >= 0 and value['flows'] == [] \
and value['flows_total'] == 0" slirpway status --json one
  json "status" 0 "value['device'] == {'kind': '$(session_device)', 'name': 'tap0', 'mtu': 1500, 'gone': False} \
and value['network']['guest'] == '10.9.0.100' and 'guest6' not in value['network']" \
    slirpway status --json two
  json "status" 0 "set(value['sandbox']) >= {'root', 'caps', 'filter', 'limits'}" \
    slirpway status --json two
  like "status for people" "$(slirpway status one)" '127\.0\.0\.1:8081'
  like "two's address" "$(session_use two; inside ip address show tap0)" 'inet 10\.9\.0\.100/24'
  like "one's address" "$(session_use one; inside ip address show tap0)" 'inet 10\.0\.2\.100/24'
  test_ports
  json "stop" 0 'True' slirpway stop --json one
  check_fails "the stopped session is gone" 1 slirpway status one
  is "its directory too" "$(ls "$sessions")" two
  check "the other goes on" slirpway status two
  is "its command was ended by a signal" "$(wait "$first"; echo $?)" 143
  check "stop" slirpway stop two
  is "nothing is left" "$(ls "$sessions" 2>/dev/null)" ""
}

test_ports() {
  json "port list" 0 'len(value) == 1 and value[0]["id"] == 1 and value[0]["proto"] == "tcp" and
value[0]["host_addr"] == "127.0.0.1" and value[0]["host_port"] == 8081 and
value[0]["guest_addr"] == "10.0.2.100" and value[0]["guest_port"] == 80' \
    slirpway port --json list one
  json "port add" 0 'True' slirpway port --json add one 127.0.0.1:8091-8093:1-3/udp
  json "port list after it" 0 'sorted(row["host_port"] for row in value) == [8081, 8091, 8092, 8093]' \
    slirpway port --json list one
  json "port remove" 0 'True' slirpway port --json remove one 1
  json "port list after that" 0 'sorted(row["host_port"] for row in value) == [8091, 8092, 8093]' \
    slirpway port --json list one
  said 1 'port add: publishing udp 127.0.0.1:8091: .*in use' slirpway port add two 127.0.0.1:8091:1/udp
  said 1 'one has no forward 99; slirpway port list one shows' slirpway port remove one 99
  said 2 'nonsense' slirpway port add one nonsense
  said 2 '' slirpway port frobnicate one
}

test_names() {
  local name
  session_start taken || return
  said 125 "taken.*running already; take another --name, or .slirpway stop taken." slirpway run --log-level=warning --name taken touch "$scratch/ran"
  for name in '' '..' '.hidden' '-dash' 'a/b' 'with space' "$(printf 'x%.0s' {1..65})" $'line\nbreak' 'ü'
  do
    check_fails "the name $(printf %q "$name") is refused" 125 \
      slirpway run --log-level=warning --name="$name" touch "$scratch/ran"
  done
  check_fails "and no command starts" 1 test -e "$scratch/ran"
  session_stop
  for name in a 9 _x 'A.b_c-d' "$(printf 'x%.0s' {1..50})"; do
    check "the name \"$name\" is allowed" slirpway run --log-level=warning --name "$name" true
  done
}

# A container that has no name gets one, and can be found by it.
test_default_name() {
  start "${AS_USER[@]}" "$SLIRPWAY" run sleep infinity
  check "a session without a name gets one" wait_until 10 \
    sh -c "$WORLD_USER $SLIRPWAY list | grep '^[a-z]*-*[0-9]* .*sleep' >/dev/null" ||
    slirpway list | diag
  stop "$started" 10
}

# The socket, the lock and the container's files stay when a session is killed.
test_stale() {
  session_start stale -p 8082:80 || return
  kill -KILL "$session_pid"
  wait "$session_pid" 2>/dev/null
  is "what a killed session leaves is there" "$(ls "$sessions")" stale
  json "list does not show it" 0 'value == []' slirpway list --json
  said 1 'stale' slirpway status stale
  session_start stale -p 8082:80 || return
  check "its name and its port can be had again" slirpway status stale
  session_stop
  is "and nothing is left" "$(ls "$sessions" 2>/dev/null)" ""
}

test_suspended() {
  local first second third
  session_start first || return
  first=$session_pid
  session_start second || return
  second=$session_pid
  session_start third || return
  third=$session_pid
  kill -STOP "$first" "$third"
  slirpway list >"$scratch/output" 2>"$scratch/errors"
  is "list with suspended sessions fails" "$?" 1
  like "it shows the others" "$(<"$scratch/output")" "second +$second "
  is "it names those that don't answer" "$(<"$scratch/errors")" \
    "slirpway: list: session first does not answer (pid $first; stopped?)
slirpway: list: session third does not answer (pid $third; stopped?)"
  json "list" 1 '[row["name"] for row in value] == ["second"]' slirpway list --json
  said 1 "first does not answer \(pid $first; stopped\?\)" slirpway status first
  said 1 "first does not answer \(pid $first; stopped\?\)" slirpway stop first
  said 1 "first does not answer \(pid $first; stopped\?\)" slirpway port list first
  kill -CONT "$first" "$third"
  check "a session that goes on is stopped" slirpway stop first
  session_stop "$second"
  session_stop "$third"
}

test_rights() {
  session_start private || return
  is "the directory is the user's alone" "$(stat -c %a "$sessions/private")" 700
  is "the control socket too" "$(stat -c %a "$sessions/private/control.sock")" 600
  session_stop
}

# A path of more than 107 bytes does not fit into the address of a socket.
test_long_path() {
  local name directory socket
  name=$(printf 'n%.0s' {1..64})
  directory=$scratch/$(printf 'd%.0s' {1..150})/$(printf 'e%.0s' {1..50})
  socket=$directory/slirpway/$name/control.sock
  mkdir -p "$directory"
  local -x XDG_RUNTIME_DIR=$directory
  session_start "$name" -p 127.0.0.1:8083:80 || return
  is "a long path: the control socket is there" "$(stat -c '%F %a' "$socket")" "socket 600"
  json "a long path: status" 0 "value['name'] == '$name'" slirpway status --json "$name"
  json "a long path: list" 0 "[row['name'] for row in value] == ['$name']" slirpway list --json
  json "a long path: port add" 0 'True' slirpway port --json add "$name" 127.0.0.1:8084:81
  json "a long path: port list" 0 'len(value) == 2' slirpway port --json list "$name"
  check "a long path: stop" slirpway stop "$name"
  is "a long path: nothing is left" "$(ls "$directory/slirpway")" ""
}

test_none
test_two
test_names
test_default_name
test_long_path
test_stale
test_suspended
test_rights
world_done
