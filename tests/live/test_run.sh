#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway run: COMMAND's status, signals, terminal, files, and what is left behind.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

errors=$scratch/errors

# --- helpers --------------------------------------------------------------------------------------

# An ordinary user, with the signals that background jobs of a shell script ignore.
user=("${AS_USER[@]}" env "--default-signal=INT,QUIT")

run() { "${user[@]}" "$SLIRPWAY" run --log-level=warning "$@" 2>"$errors"; }

# launch NAME ARGUMENTS...: a session in the background; ready when it returns. $session is its process.
launch() {
  local name=$1 ready word=''
  shift
  mkfifo "$scratch/ready"
  exec {ready}<>"$scratch/ready"
  rm "$scratch/ready"
  "${user[@]}" "$SLIRPWAY" run --log-level=warning --name "$name" --ready-fd "$ready" "$@" \
    >"$scratch/output" 2>"$errors" &
  session=$!
  read -r -N 1 -t 10 -u "$ready" word || :
  exec {ready}<&-
  [ "$word" = 1 ] || echo "the session $name did not get ready"
}

# end SIGNAL: sends it to the session that was launched, and gives back its status.
end() {
  kill -"$1" "$session"
  wait "$session" 2>/dev/null
}

# member SESSION NAME: a member of its status.
member() { "${user[@]}" "$SLIRPWAY" status --json "$1" 2>/dev/null | field "$2"; }

no_sessions() { [ -z "$(ls "$XDG_RUNTIME_DIR/slirpway" 2>/dev/null)" ]; }

# status_is STATUS COMMAND...
status_is() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  [ $status = "$expected" ] || echo "status $status, not $expected, of: $*"
  [ $status = "$expected" ]
}

said() { [ "$(cat "$errors")" = "$1" ]; }

# Shows what slirpway said where the test fails.
attempt() {
  "$@" && return
  cat "$errors"
  return 1
}

# --- status and errors ----------------------------------------------------------------------------

exit_statuses() {
  status_is 0 run true && status_is 7 run sh -c 'exit 7' && status_is 137 run sh -c 'kill -9 $$' &&
    said ""
}

not_found() {
  status_is 127 run nosuchcommand &&
    said "slirpway: run: command not found: nosuchcommand" &&
    status_is 127 run ./nosuch/command &&
    said "slirpway: run: cannot run ./nosuch/command: No such file or directory"
}

# A directory of PATH that can't be searched does not make it "not executable".
not_found_in_closed_path() {
  mkdir -m 0 "$scratch/closed"
  PATH=$scratch/closed:$PATH status_is 127 run nosuchcommand
}

not_executable() {
  : >"$scratch/plain"
  status_is 126 run "$scratch/plain" && said "slirpway: run: cannot run $scratch/plain: Permission denied"
}

help_by_word() {
  "$SLIRPWAY" help >"$scratch/help" && "$SLIRPWAY" --help | cmp - "$scratch/help"
}

usage_errors() {
  status_is 125 run && status_is 125 run --nonsense true && status_is 125 run --mode=fast true
}

port_in_use() {
  launch one -p 18080:80 sleep 60
  status_is 125 run -p 18080:80 touch "$scratch/started" &&
    said "slirpway: run: publishing tcp 0.0.0.0:18080: Address already in use (another program listens there)" &&
    [ ! -e "$scratch/started" ]
  local status=$?
  end TERM
  return $status
}

port_privileged() {
  status_is 125 run -p 80:80 true && grep -q 'ip_unprivileged_port_start is 1024' "$errors"
}

address_of_nobody() {
  status_is 125 run -p 203.0.113.1:8080:80 true && grep -q 'no interface of this host' "$errors"
}

name_in_use() {
  launch one sleep 60
  status_is 125 run --name one true && grep -q 'running already' "$errors"
  local status=$?
  end TERM
  return $status
}

capture_full() {
  status_is 125 run --pcap /dev/full true &&
    said "slirpway: run: writing the capture file /dev/full: No space left on device"
}

# The limit's signal would end engine after engine.
capture_at_limit() {
  (ulimit -f 4 && run --pcap "$scratch/limited" ping -q -c 40 -i 0.01 10.0.2.2) >/dev/null
  said "slirpway: the capture stops: File too large"
}

says_mode() {
  "${user[@]}" "$SLIRPWAY" run true 2>"$errors" && grep -qE '^slirpway: mode (packet|hybrid): ' "$errors" &&
    [ "$(grep -c ' mode ' "$errors")" = 1 ] && run true && said ""
}

# --- what COMMAND finds ---------------------------------------------------------------------------

passes_streams() {
  head -c 3000000 /dev/urandom >"$scratch/in"
  run sh -c 'cat; echo error >&2' <"$scratch/in" >"$scratch/out" && said error &&
    cmp "$scratch/in" "$scratch/out"
}

inherits_what_is_given() {
  # shellcheck disable=SC2016
  local list='for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done'
  "${user[@]}" sh -c "$list" 7</dev/null >"$scratch/without"
  run sh -c "$list" 7</dev/null | diff "$scratch/without" - && grep -qx 7 "$scratch/without"
}

# What the caller has closed is closed for COMMAND too, and no file of ours for slirpway itself.
finds_streams_closed() {
  # shellcheck disable=SC2016
  local list='for f in /proc/$$/fd/*; do [ -e $f ] && echo ${f##*/}; done >"$1"' status=0
  as_user touch "$scratch/without" "$scratch/with"
  "${user[@]}" sh -c "$list" - "$scratch/without" 2>&-
  "${user[@]}" "$SLIRPWAY" run sh -c "$list" - "$scratch/with" 2>&- || return 1
  diff "$scratch/without" "$scratch/with" || return 1
  printf '#!/bin/sh\nexec "%s" "$@" 0<&- 1>&- 2>&-\n' "$SLIRPWAY" >"$scratch/closing"
  chmod +x "$scratch/closing"
  SLIRPWAY=$scratch/closing launch closed sleep 60
  [ "$(readlink "/proc/$(member closed pid)/fd/"[012] | uniq)" = /dev/null ] || status=1
  end TERM
  return $status
}

keeps_limits() {
  [ "$(ulimit -S -n 500; run sh -c 'ulimit -S -n')" = 500 ]
}

keeps_signal_dispositions() {
  local here inside
  here=$("${user[@]}" grep -E 'Sig(Blk|Ign)' /proc/self/status)
  inside=$(run grep -E 'Sig(Blk|Ign)' /proc/self/status)
  [ "$inside" = "$here" ] || return 1
  here=$(trap '' HUP; "${user[@]}" grep -E 'Sig(Blk|Ign)' /proc/self/status)
  inside=$(trap '' HUP; run grep -E 'Sig(Blk|Ign)' /proc/self/status)
  [ "$inside" = "$here" ]
}

finds_files() {
  # shellcheck disable=SC2016
  run sh -ec 'grep -qx "nameserver 10.0.2.3" /etc/resolv.conf
    grep -q "^10.0.2.100.*$(uname -n)" /etc/hosts
    grep -q "^10.0.2.2.*host.slirpway.internal" /etc/hosts'
}

finds_network() {
  run sh -ec 'ip -4 address show tap0 | grep "inet 10.0.2.100/24" >/dev/null
    ip -6 address show tap0 | grep "inet6 fd00::100/64" >/dev/null
    ip route | grep "default via 10.0.2.2" >/dev/null'
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
  launch signalled sleep 60
  kill -TERM "$(member signalled pid)"
  status_is 143 wait $session
}

stops_when_asked() {
  launch stopped sleep 60
  "${user[@]}" "$SLIRPWAY" stop stopped && status_is 143 wait $session && wait_until 5 no_sessions
}

# --- the terminal ---------------------------------------------------------------------------------

prefix="send:$WORLD_USER $SLIRPWAY run --log-level=warning -- "

# Without noflsh the terminal throws away what is typed wait_until an instant after Ctrl-Z.
terminal() {
  "$world_source/tests/live/terminal.py" "expect:outer% " 'send:stty noflsh\n' "expect:outer% " "$@" \
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
  local command="exec $WORLD_USER $SLIRPWAY run --log-level=warning --name hung"
  terminal "send:$command -- sh -c 'echo u\"\"p; sleep 60'\n" "expect:up" hangup
  wait_until 5 no_sessions
}

# --- what is left ---------------------------------------------------------------------------------

leaves_nothing() {
  launch left sleep 60
  local engine
  engine=$(member left engine_pid)
  [ -n "$engine" ] || return 1
  kill "$(member left pid)"
  wait $session
  world_has_ended "$engine" && no_sessions
}

dies_whole() {
  launch whole sleep 60
  local engine process first
  process=$(member whole pid) engine=$(member whole engine_pid)
  first=$(tr ' ' '\n' <"/proc/$process/task/$process/children" | grep -vx "$engine" | head -n 1)
  [ "$(cat "/proc/$first/comm")" = sleep ] || return 1
  kill -KILL "$process"
  wait $session 2>/dev/null
  wait_until 5 world_has_ended "$engine" && wait_until 5 world_has_ended "$first" &&
    run --name whole true && no_sessions
}

# An engine that hangs does not see that the session hangs up.
dies_with_hanging_engine() {
  launch hanging sleep 60
  local engine process
  engine=$(member hanging engine_pid) process=$(member hanging pid)
  kill -STOP "$engine"
  kill -KILL "$process"
  wait $session 2>/dev/null
  wait_until 5 world_has_ended "$engine"
  local status=$?
  [ $status = 0 ] || kill -KILL "$engine"
  run --name hanging true && no_sessions && return $status
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
  launch served --mode=packet -p 127.0.0.1:18081:80 /usr/bin/env python3 -c "$server"
  wait_until 10 greets 18081
}

engine_is_replaced() {
  local engine
  engine=$(member served engine_pid)
  kill -KILL "$engine"
  wait_until 5 greets 18081 && [ "$(member served engine_pid)" != "$engine" ] &&
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

engine_is_replaced_again_and_again() { wait_until 20 kill_engine_until 4 && wait_until 10 greets 18081; }

hanging_engine_is_replaced() {
  local engine
  engine=$(member served engine_pid)
  kill -STOP "$engine"
  "${user[@]}" "$SLIRPWAY" status served >"$scratch/status" 2>&1
  wait_until 10 world_has_ended "$engine" && wait_until 5 greets 18081 && grep -q 'did not answer' "$errors"
}

ends_with_engine_lost() {
  kill -KILL "$(member served engine_pid)"
  kill -TERM "$(member served pid)"
  wait_until 10 no_sessions
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
  "${IN_REMOTE[@]}" python3 -c "$answerer" "$WORLD_REMOTE4" 192.0.2.1 >/dev/null &
  first=$!
  python3 -c "$answerer" "$WORLD_HOST4" 192.0.2.2 >/dev/null &
  second=$!
  coproc run python3 -c "$asks"
  pid=$COPROC_PID
  wait_until 10 answer_is 192.0.2.1 && echo "nameserver $WORLD_HOST4" >/etc/resolv.conf &&
    wait_until 10 answer_is 192.0.2.2
  status=$?
  echo "nameserver $WORLD_REMOTE4" >/etc/resolv.conf
  eval "exec ${COPROC[1]}>&-"
  kill $first $second
  wait "$pid" $first $second 2>/dev/null
  return $status
}

# --- the list -------------------------------------------------------------------------------------

: >"$errors"
check "COMMAND's exit status is slirpway's, 128 + n for a signal" attempt exit_statuses
check "a COMMAND that is not found gives one line and 127" attempt not_found
check "a closed directory in PATH does not change that" attempt not_found_in_closed_path
check "a COMMAND that can't be executed gives one line and 126" attempt not_executable
check "help is what --help is" attempt help_by_word
check "usage errors give 125" attempt usage_errors
check "a port in use gives 125, is named, and COMMAND does not start" attempt port_in_use
check "a privileged port is an error that names the sysctl" attempt port_privileged
check "an address of no interface is an error that says so" attempt address_of_nobody
check "a name in use is an error" attempt name_in_use
check "a capture that can't be written is one line" attempt capture_full
check "a capture that may not grow stops, and nothing else does" attempt capture_at_limit
check "the mode is said once, unless --log-level hides it" attempt says_mode
check "standard streams go through" attempt passes_streams
check "COMMAND inherits the caller's descriptors and none of ours" attempt inherits_what_is_given
check "streams that the caller has closed get none of our files" attempt finds_streams_closed
check "COMMAND has the caller's limit of descriptors" attempt keeps_limits
check "COMMAND has the caller's signal mask and dispositions" attempt keeps_signal_dispositions
check "resolv.conf and hosts are the container's" attempt finds_files
check "addresses and routes are set" attempt finds_network
check "users are mapped as asked" attempt maps_users
check "signals sent to slirpway reach COMMAND" attempt forwards_signals
check "a COMMAND ended by a forwarded signal gives 128 + n" attempt ends_by_signal
check "stop ends the session" attempt stops_when_asked
check "Ctrl-C is COMMAND's" attempt ctrl_c_is_the_commands
check "Ctrl-Z stops both, fg continues both" attempt ctrl_z_stops_both
check "a stopped session goes on in the background" attempt runs_in_background
check "an interactive shell inside has job control" attempt inner_shell_has_job_control
check "an interactive shell inside can be suspended" attempt inner_shell_can_be_suspended
check "a hang-up of the terminal ends the session" attempt hang_up_ends_it
check "nothing is left after the end" attempt leaves_nothing
check "nothing is left after SIGKILL, and the name is free" attempt dies_whole
check "an engine that hangs ends with the session, too" attempt dies_with_hanging_engine
check "a published port is served" attempt serves_port
check "a killed engine is replaced at once, with its ports" attempt engine_is_replaced
check "an engine that is killed again and again is replaced" attempt engine_is_replaced_again_and_again
check "an engine that hangs is replaced" attempt hanging_engine_is_replaced
check "the session ends in order while its engine is lost" attempt ends_with_engine_lost
check "DNS follows the host's resolv.conf" attempt follows_resolv_conf
world_done
