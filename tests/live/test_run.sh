#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway run: COMMAND's status, signals, terminal, files, and what is left behind.

top=$(cd "$(dirname "$0")/../.." && pwd)
[ -n "${WORLD_DIR:-}" ] || exec "$top/scripts/world" --quiet -- bash "$0" "$@"

set -u
slirpway=${SLIRPWAY:-$top/slirpway}
errors=$TMPDIR/errors
number=0

# --- helpers --------------------------------------------------------------------------------------

# result STATUS NAME: one line of TAP; a failure shows what slirpway said.
result() {
  number=$((number + 1))
  if [ "$1" = 0 ]; then
    echo "ok $number - $2"
  else
    echo "not ok $number - $2"
    sed 's/^/# /' "$errors"
  fi
}

# check NAME COMMAND...
check() {
  local name=$1
  shift
  "$@"
  result $? "$name"
}

# within SECONDS COMMAND...: tries it until it succeeds.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $until ] || return 1
    read -r -t 0.05 <> <(:) || :
  done
}

# As an ordinary user, with the signals that a shell script's background jobs ignore.
# shellcheck disable=SC2206
user=($WORLD_USER env "--default-signal=INT,QUIT")

run() { "${user[@]}" "$slirpway" run --log-level=warning "$@" 2>"$errors"; }

# start NAME ARGUMENTS...: a session in the background; waits until it is up. Sets session (its process id).
start() {
  local name=$1 ready
  shift
  exec {ready}< <(:)
  mkfifo "$TMPDIR/ready"
  exec {ready}<>"$TMPDIR/ready"
  rm "$TMPDIR/ready"
  "${user[@]}" "$slirpway" run --log-level=warning --name "$name" --ready-fd "$ready" "$@" \
    2>"$errors" &
  session=$!
  read -r -N 1 -t 10 -u "$ready" || echo "# the session did not get ready"
  exec {ready}<&-
}

# member SESSION NAME: a member of its status.
member() {
  "${user[@]}" "$slirpway" status --json "$1" 2>/dev/null | sed -n "s/^  \"$2\" : \([^,]*\),*$/\1/p"
}

# What of the process's still runs; a process that nobody has reaped is none.
gone() { ! grep -q '^State:[[:space:]]*[^Z]' "/proc/$1/status" 2>/dev/null; }

children() { cat "/proc/$1/task/$1/children"; }

no_sessions() { [ -z "$(ls "$XDG_RUNTIME_DIR/slirpway" 2>/dev/null)" ]; }

status_is() {
  local expected=$1 status
  shift
  "$@"
  status=$?
  [ $status = "$expected" ] || echo "# status $status, not $expected"
  [ $status = "$expected" ]
}

said() { [ "$(cat "$errors")" = "$1" ]; }

# --- status and errors ----------------------------------------------------------------------------

exit_statuses() {
  status_is 0 run true && status_is 7 run sh -c 'exit 7' && status_is 137 run sh -c 'kill -9 $$' &&
    said ""
}

not_found() {
  status_is 127 run nosuchcommand &&
    said "slirpway: run: cannot run nosuchcommand: No such file or directory" &&
    status_is 127 run ./nosuch/command
}

# A directory of PATH that can't be searched does not make it "not executable".
not_found_in_closed_path() {
  mkdir -m 0 "$TMPDIR/closed"
  PATH=$TMPDIR/closed:$PATH status_is 127 run nosuchcommand
}

not_executable() {
  : >"$TMPDIR/plain"
  status_is 126 run "$TMPDIR/plain" && said "slirpway: run: cannot run $TMPDIR/plain: Permission denied"
}

usage_errors() {
  status_is 125 run && status_is 125 run --nonsense true && status_is 125 run --mode=hybrid true
}

port_in_use() {
  start one -p 18080:80 sleep 60
  status_is 125 run -p 18080:80 touch "$TMPDIR/started" &&
    said "slirpway: run: publishing tcp 0.0.0.0:18080: Address already in use (another program listens there)" &&
    [ ! -e "$TMPDIR/started" ]
  local status=$?
  kill -KILL $session
  wait $session 2>/dev/null
  return $status
}

port_privileged() {
  status_is 125 run -p 80:80 true && grep -q 'ip_unprivileged_port_start is 1024' "$errors"
}

address_of_nobody() {
  status_is 125 run -p 203.0.113.1:8080:80 true && grep -q 'no interface of this host' "$errors"
}

name_in_use() {
  start one sleep 60
  status_is 125 run --name one true && grep -q 'running already' "$errors"
  local status=$?
  kill $session
  wait $session
  return $status
}

says_mode() {
  "${user[@]}" "$slirpway" run true 2>"$errors" && grep -q '^slirpway: mode packet' "$errors" &&
    [ "$(wc -l <"$errors")" = 1 ] && run true && said ""
}

# --- what COMMAND finds ---------------------------------------------------------------------------

passes_streams() {
  head -c 3000000 /dev/urandom >"$TMPDIR/in"
  run sh -c 'cat; echo error >&2' <"$TMPDIR/in" >"$TMPDIR/out" && said error &&
    cmp "$TMPDIR/in" "$TMPDIR/out"
}

inherits_what_is_given() {
  # shellcheck disable=SC2016
  local list='for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done'
  "${user[@]}" sh -c "$list" 7</dev/null >"$TMPDIR/without"
  run sh -c "$list" 7</dev/null | diff "$TMPDIR/without" - && grep -qx 7 "$TMPDIR/without"
}

keeps_limits() {
  [ "$(ulimit -S -n 500; run sh -c 'ulimit -S -n')" = 500 ]
}

keeps_signal_dispositions() {
  local blocked ignored
  blocked=$(run grep SigBlk /proc/self/status)
  ignored=$(run grep SigIgn /proc/self/status)
  [ "${blocked##*	}" = 0000000000000000 ] && [ "${ignored##*	}" = 0000000000000000 ] || return 1
  ignored=$(trap '' HUP; run grep SigIgn /proc/self/status)
  [ "${ignored##*	}" = 0000000000000001 ]
}

finds_files() {
  # shellcheck disable=SC2016
  run sh -ec 'grep -qx "nameserver 10.0.2.3" /etc/resolv.conf
    grep -q "^10.0.2.100.*$(uname -n)" /etc/hosts
    grep -q "^10.0.2.2.*host.slirpway.internal" /etc/hosts'
}

finds_network() {
  run sh -ec 'ip -4 address show tap0 | grep -q "inet 10.0.2.100/24"
    ip -6 address show tap0 | grep -q "inet6 fd00::100/64"
    ip route | grep -q "default via 10.0.2.2"'
}

maps_users() {
  [ "$(run id -u)" = 0 ] && [ "$(run --map-current-user id -u)" = 1000 ]
}

# --- signals --------------------------------------------------------------------------------------

# Shell code for COMMAND: on the signal writes its name and exits 5; announces when that holds.
# shellcheck disable=SC2016
reporter='for s in INT QUIT TERM HUP USR1 USR2; do trap "echo $s; exit 5" $s; done
  echo up; while :; do sleep 0.1; done'

forwards_signal() {
  coproc run --name signals sh -c "$reporter"
  local word='' pid=$COPROC_PID process status
  read -r -t 10 -u "${COPROC[0]}" word
  process=$(member signals pid)
  kill -"$1" "$process"
  read -r -t 10 -u "${COPROC[0]}" word
  wait "$pid"
  status=$?
  [ "$word" = "$1" ] && [ $status = 5 ]
}

forwards_signals() {
  local signal
  for signal in INT QUIT TERM HUP USR1 USR2; do
    forwards_signal $signal || { echo "# $signal"; return 1; }
  done
}

ends_by_signal() {
  start signalled sleep 60
  kill -TERM "$(member signalled pid)"
  status_is 143 wait $session
}

stops_when_asked() {
  start stopped sleep 60
  "${user[@]}" "$slirpway" stop stopped && status_is 143 wait $session && within 5 no_sessions
}

# --- the terminal ---------------------------------------------------------------------------------

prefix="send:$WORLD_USER $slirpway run --log-level=warning -- "

# Without noflsh the terminal throws away what is typed within an instant after Ctrl-Z.
terminal() {
  "$top/tests/live/terminal.py" "expect:outer% " 'send:stty noflsh\n' "expect:outer% " "$@" \
    2>"$errors"
}

# exec, for a shell that is in the middle of starting a child takes neither Ctrl-C nor Ctrl-Z well.
ctrl_c_is_the_commands() {
  terminal "${prefix}sh -c 'echo u\"\"p; exec sleep 60'\n" "expect:up" 'send:\x03' \
    "expect:outer% " 'send:echo status=$?\n' "expect:status=130" &&
    terminal "${prefix}sh -c 'trap \"echo trap\"\"ped\" INT; echo u\"\"p; sleep 1; echo af\"\"ter'\n" \
      "expect:up" 'send:\x03' "expect:trapped" "expect:after" "expect:outer% " \
      'send:echo status=$?\n' "expect:status=0"
}

ctrl_z_stops_both() {
  terminal "${prefix}sh -c 'echo u\"\"p; read x; echo got \$x'\n" "expect:up" 'send:\x1a' \
    "expect:Stopped" "expect:outer% " 'send:fg\n' 'send:word\n' \
    "expect:got word" "expect:outer% " 'send:echo status=$?\n' "expect:status=0"
}

runs_in_background() {
  terminal "${prefix}sh -c 'echo u\"\"p; exec sleep 1'\n" "expect:up" 'send:\x1a' \
    "expect:Stopped" "expect:outer% " 'send:bg\n' "expect:outer% " \
    'send:wait; echo status=$?\n' "expect:status=0"
}

inner="${prefix}env PS1=inner-% bash --norc --noprofile -i\n"

inner_shell_has_job_control() {
  terminal "$inner" "expect:inner-%" \
    "send:sh -c 'echo u\"\"p; while read x; do echo got \$x; done'\n" "expect:up" 'send:\x1a' \
    "expect:Stopped" "expect:inner-%" 'send:fg\n' 'send:word\n' "expect:got word" 'send:\x03' \
    "expect:inner-%" 'send:echo status=$?\n' "expect:status=130" 'send:exit 5\n' "expect:outer% " \
    'send:echo status=$?\n' "expect:status=5"
}

inner_shell_can_be_suspended() {
  terminal "$inner" "expect:inner-%" 'send:suspend\n' "expect:Stopped" "expect:outer% " \
    'send:fg\n' "expect:inner-%" 'send:suspend\n' "expect:Stopped" "expect:outer% " \
    'send:fg\n' "expect:inner-%" \
    'send:exit 6\n' "expect:outer% " 'send:echo status=$?\n' "expect:status=6"
}

hang_up_ends_it() {
  local command="exec $WORLD_USER $slirpway run --log-level=warning --name hung"
  terminal "send:$command -- sh -c 'echo u\"\"p; sleep 60'\n" "expect:up" hangup
  within 5 no_sessions
}

# --- what is left ---------------------------------------------------------------------------------

leaves_nothing() {
  start left sleep 60
  local engine
  engine=$(member left engine_pid)
  [ -n "$engine" ] || return 1
  kill "$(member left pid)"
  wait $session
  gone "$engine" && no_sessions
}

dies_whole() {
  start whole sleep 60
  local engine process first
  process=$(member whole pid) engine=$(member whole engine_pid)
  first=$(children "$process" | tr ' ' '\n' | grep -vx "$engine" | head -n 1)
  [ "$(cat "/proc/$first/comm")" = sleep ] || return 1
  kill -KILL "$process"
  wait $session 2>/dev/null
  within 5 gone "$engine" && within 5 gone "$first" && run --name whole true && no_sessions
}

# --- the engine -----------------------------------------------------------------------------------

server='import socket
s = socket.create_server(("", 80))
while True:
    c, _ = s.accept()
    c.sendall(b"hello\n")
    c.close()'

greets() {
  local word=''
  { read -r -t 2 word <"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null
  [ "$word" = hello ]
}

serves_port() {
  start served -p 127.0.0.1:18081:80 /usr/bin/env python3 -c "$server"
  within 10 greets 18081
}

engine_is_replaced() {
  local engine
  engine=$(member served engine_pid)
  kill -KILL "$engine"
  within 5 greets 18081 && [ "$(member served engine_pid)" != "$engine" ] &&
    [ "$(member served engine_restarts)" = 1 ] &&
    [ "$(wc -l <"$errors")" = 1 ] && grep -q 'killed by signal 9.*starting it again' "$errors"
}

restarted_often() { [ "$(member served engine_restarts)" -ge "$1" ]; }

kill_engine_until() {
  local engine
  engine=$(member served engine_pid)
  [ "${engine:-0}" = 0 ] || kill -KILL "$engine" 2>/dev/null
  restarted_often "$1"
}

engine_is_replaced_again_and_again() { within 20 kill_engine_until 4 && within 10 greets 18081; }

hanging_engine_is_replaced() {
  local engine
  engine=$(member served engine_pid)
  kill -STOP "$engine"
  "${user[@]}" "$slirpway" status served >"$TMPDIR/status" 2>&1
  within 10 gone "$engine" && within 5 greets 18081 && grep -q 'did not answer' "$errors"
}

ends_with_engine_lost() {
  kill -KILL "$(member served engine_pid)"
  kill -TERM "$(member served pid)"
  wait $session
  no_sessions
}

# --- DNS ------------------------------------------------------------------------------------------

# Answers every query with the record of its argument.
answerer='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
while True:
    q, a = s.recvfrom(512)
    r = q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + q[12:q.index(b"\0", 12) + 5]
    s.sendto(r + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(sys.argv[2]), a)'

asks='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
for line in sys.stdin:
    s.sendto(b"\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1", ("10.0.2.3", 53))
    try:
        print(socket.inet_ntoa(s.recv(512)[-4:]), flush=True)
    except OSError:
        print("none", flush=True)'

answer_is() {
  local word=''
  echo >&"${COPROC[1]}"
  read -r -t 5 -u "${COPROC[0]}" word
  [ "$word" = "$1" ]
}

# The world's resolv.conf is a mount, written in place.
follows_resolv_conf() {
  local pid first second status
  $WORLD_REMOTE python3 -c "$answerer" "$WORLD_REMOTE4" 192.0.2.1 &
  first=$!
  python3 -c "$answerer" "$WORLD_HOST4" 192.0.2.2 &
  second=$!
  coproc run python3 -c "$asks"
  pid=$COPROC_PID
  within 10 answer_is 192.0.2.1 && echo "nameserver $WORLD_HOST4" >/etc/resolv.conf &&
    within 10 answer_is 192.0.2.2
  status=$?
  echo "nameserver $WORLD_REMOTE4" >/etc/resolv.conf
  eval "exec ${COPROC[1]}>&-"
  kill $first $second
  wait "$pid" $first $second 2>/dev/null
  return $status
}

# --- the list -------------------------------------------------------------------------------------

: >"$errors"
check "COMMAND's exit status is slirpway's, 128 + n for a signal" exit_statuses
check "a COMMAND that is not found gives one line and 127" not_found
check "a closed directory in PATH does not change that" not_found_in_closed_path
check "a COMMAND that can't be executed gives one line and 126" not_executable
check "usage errors give 125" usage_errors
check "a port in use gives 125, is named, and COMMAND does not start" port_in_use
check "a privileged port is an error that names the sysctl" port_privileged
check "an address of no interface is an error that says so" address_of_nobody
check "a name in use is an error" name_in_use
check "the mode is said once, unless --log-level hides it" says_mode
check "standard streams go through" passes_streams
check "COMMAND inherits the caller's descriptors and none of ours" inherits_what_is_given
check "COMMAND has the caller's limit of descriptors" keeps_limits
check "COMMAND has the caller's signal mask and dispositions" keeps_signal_dispositions
check "resolv.conf and hosts are the container's" finds_files
check "addresses and routes are set" finds_network
check "users are mapped as asked" maps_users
check "signals sent to slirpway reach COMMAND" forwards_signals
check "a COMMAND ended by a forwarded signal gives 128 + n" ends_by_signal
check "stop ends the session" stops_when_asked
check "Ctrl-C is COMMAND's" ctrl_c_is_the_commands
check "Ctrl-Z stops both, fg continues both" ctrl_z_stops_both
check "a stopped session goes on in the background" runs_in_background
check "an interactive shell inside has job control" inner_shell_has_job_control
check "an interactive shell inside can be suspended" inner_shell_can_be_suspended
check "a hang-up of the terminal ends the session" hang_up_ends_it
check "nothing is left after the end" leaves_nothing
check "nothing is left after SIGKILL, and the name is free" dies_whole
check "a published port is served" serves_port
check "a killed engine is replaced at once, with its ports" engine_is_replaced
check "an engine that is killed again and again is replaced" engine_is_replaced_again_and_again
check "an engine that hangs is replaced" hanging_engine_is_replaced
check "the session ends in order while its engine is lost" ends_with_engine_lost
check "DNS follows the host's resolv.conf" follows_resolv_conf
echo "1..$number"
