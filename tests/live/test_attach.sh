#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway attach: how it finds its namespaces, when it is ready, when it ends, and what it leaves.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

errors=$scratch/errors
user=("${AS_USER[@]}" env "--default-signal=INT,QUIT")

# --- helpers --------------------------------------------------------------------------------------

attach() { "${user[@]}" "$SLIRPWAY" attach --log-level=warning "$@" 2>"$errors"; }

has_own_network() { ! [ "/proc/$1/ns/net" -ef /proc/self/ns/net ]; }

# make_target: namespaces for attach, those of the process $target.
make_target() {
  "${AS_USER[@]}" unshare --user --map-root-user --net --mount sleep infinity &
  target=$!
  wait_until 10 has_own_network "$target" || not_ok "namespaces are made"
}

end_target() {
  kill -KILL "$target" 2>/dev/null
  wait "$target" 2>/dev/null
}

# in_target COMMAND...: in the namespaces of $target, as its root.
in_target() {
  as_user nsenter --target "$target" --user --net --mount --preserve-credentials -- "$@"
}

# The name may be a regular expression.
has_device() { in_target ip -br link 2>/dev/null | grep -E "^${1:-tap0}[ @]" >/dev/null; }
# shellcheck disable=SC2120 # called by wait_until, with an argument
has_no_device() { ! has_device "$@"; }

# launch ARGUMENTS...: attach in the background; ready when it returns. $session is its process, $ready_text
# all that came over --ready-fd.
launch() {
  local pipe
  mkfifo "$scratch/ready"
  exec {pipe}<>"$scratch/ready" # neither of the next two waits for the other then
  exec {ready}<"$scratch/ready" 9>"$scratch/ready" {pipe}>&-
  "${user[@]}" "$SLIRPWAY" attach --log-level=warning --name attached --ready-fd 9 "$@" \
    {ready}<&- >"$scratch/output" 2>"$errors" &
  session=$!
  exec 9>&- # only the session holds the writing end now, and its end is told as such
  ready_text=$(timeout 20 cat <&"$ready")
  exec {ready}<&-
  rm "$scratch/ready"
}

# end SIGNAL: sends it to the session; gives back its status. Over veth the kernel takes the device
# away a little later, when it clears up the namespace of the other end.
end() {
  local status=0
  kill -"$1" "$session"
  wait "$session" 2>/dev/null || status=$?
  wait_until 10 has_no_device '(tap0|tap1|net7)'
  return $status
}

no_sessions() { [ -z "$(ls "$XDG_RUNTIME_DIR/slirpway" 2>/dev/null)" ]; }

said() { grep -q -- "$1" "$errors" && [ "$(wc -l <"$errors")" = 1 ]; }

# fails REGEX ARGUMENTS...: attach exits with 125 and one line that matches.
fails() {
  local regex=$1 status=0
  shift
  attach "$@" || status=$?
  cat "$errors"
  [ $status = 125 ] && said "$regex"
}

attempt() {
  "$@" && return
  cat "$errors"
  return 1
}

# --- errors ---------------------------------------------------------------------------------------

mistakes_are_named() {
  fails 'PID or NETNS-PATH' && fails 'PID or NETNS-PATH' 1 2 && fails 4000000 4000000 &&
    fails /nosuch/net /nosuch/net && fails 'a PID or a path is wanted, not nosuch: No such' nosuch && fails '--ready-fd 77' --ready-fd 77 "$target" && no_sessions
}

# The world's own network namespace belongs to a user namespace above the user's.
foreign_namespaces_are_refused() { fails "namespace ns/net of process $$: " $$ && no_sessions; }

# The shell is where attach is.
own_namespace_is_refused() {
  local status=0
  # shellcheck disable=SC2016 # for that shell
  "${user[@]}" sh -c '"$0" attach --log-level=warning $$' "$SLIRPWAY" 2>"$errors" || status=$?
  cat "$errors"
  [ $status = 125 ] && said 'still in your own network namespace; has unshare(1) got that far?' &&
    fails 'that is your own network namespace' /proc/self/ns/net && no_sessions
}

port_in_use() {
  launch -p 18090:80 "$target"
  local status=0
  fails 'publishing tcp 0.0.0.0:18090: Address already in use' --no-configure --interface tap1 \
    -p 18090:80 "$target" && wait_until 10 has_no_device tap1
  status=$?
  end TERM
  return $status
}

device_in_use() {
  launch "$target"
  local status=0
  fails tap0 "$target"
  status=$?
  end TERM
  return $status
}

# --- the life of a session ------------------------------------------------------------------------

is_ready_when_it_says() {
  launch "$target"
  [ "$ready_text" = 1 ] && [[ $(in_target ip -4 address show tap0) = *"inet 10.0.2.100/24"* ]] &&
    [[ $(in_target ip route) = *"default via 10.0.2.2"* ]] && [ ! -s "$errors" ]
  local status=$?
  end TERM
  return $status
}

carries_connections() {
  local status=0
  start_pages remote 8000 "${IN_REMOTE[@]}" && wait_for_listen "$WORLD_REMOTE4" 8000 "$WORLD_REMOTE_NETNS"
  launch "$target"
  [ "$(in_target "${CURL[@]}" "http://$WORLD_REMOTE4:8000/")" = "page of remote" ] &&
    [ "$(in_target "${CURL[@]}" "http://[$WORLD_REMOTE6]:8000/")" = "page of remote" ]
  status=$?
  end TERM
  stop "$started"
  return $status
}

publishes_ports() {
  local status=0
  launch -p 127.0.0.1:18091:8000 "$target"
  start_pages target 8000 "${AS_USER[@]}" nsenter --target "$target" --user --net \
    --preserve-credentials --
  wait_for_listen '*' 8000 "/proc/$target/ns/net" &&
    [ "$("${CURL[@]}" http://127.0.0.1:18091/)" = "page of target" ]
  status=$?
  stop "$started"
  end TERM
  return $status
}

says_when_ready() {
  "${user[@]}" "$SLIRPWAY" attach --name attached "$target" 2>"$errors" &
  session=$!
  wait_until 10 grep -qx 'slirpway: attached is ready' "$errors"
  local status=$?
  end TERM && [ $status = 0 ]
}

# ends_at SIGNAL: with status 0, without its device, and without harm to the namespaces.
ends_at() {
  launch "$target"
  has_device && end "$1" && has_no_device && ! world_has_ended "$target" && no_sessions
}

ends_at_signals() { ends_at TERM && ends_at INT && ends_at HUP; }

ends_when_asked() {
  launch "$target"
  "${user[@]}" "$SLIRPWAY" stop attached && wait "$session" && no_sessions
}

ends_with_namespaces() {
  launch "$target"
  end_target
  wait_until 5 world_has_ended "$session" && wait "$session" && no_sessions
  local status=$?
  [ $status = 0 ] || end KILL
  make_target
  return $status
}

# Somebody else is still in them.
outlives_first_process() {
  local other
  "${AS_USER[@]}" nsenter --target "$target" --user --net --preserve-credentials sleep infinity &
  other=$!
  wait_until 10 has_own_network "$other"
  launch "$target"
  kill -KILL "$target"
  wait "$target" 2>/dev/null
  # What it tells is told at once; an answered question shows that nothing was.
  "${user[@]}" "$SLIRPWAY" status attached >/dev/null 2>&1 && ! world_has_ended "$session"
  local status=$?
  kill -KILL "$other"
  wait "$other" 2>/dev/null
  wait_until 5 world_has_ended "$session" && wait "$session" || status=1
  make_target
  return $status
}

takes_paths() {
  launch --userns-path "/proc/$target/ns/user" "/proc/$target/ns/net"
  has_device
  local status=$?
  end TERM
  return $status
}

leaves_configuring_alone() {
  launch --no-configure --interface net7 "$target"
  has_device net7 && [ -z "$(in_target ip -br address show net7 scope global | awk '{ print $3 }')" ] &&
    [[ $(in_target ip -br link show net7) = *DOWN* ]]
  local status=$?
  end TERM
  return $status
}

dies_whole() {
  local engine
  launch "$target"
  engine=$(status_member engine_pid attached)
  end KILL
  wait_until 5 world_has_ended "$engine" && wait_until 5 has_no_device && ends_at TERM
}

engine_is_replaced() {
  local engine
  launch "$target"
  engine=$(status_member engine_pid attached)
  kill -KILL "$engine"
  wait_until 5 replaced && said 'killed by signal 9.*starting it again' && has_device
  local status=$?
  end TERM
  return $status
}

replaced() { [ "$(status_member engine_restarts attached)" = 1 ]; }

# --- the list -------------------------------------------------------------------------------------

: >"$errors"
make_target
check "mistakes give 125 and one line" attempt mistakes_are_named
check "namespaces of others are refused" attempt foreign_namespaces_are_refused
check "the own namespace is refused" attempt own_namespace_is_refused
check "a port in use is an error and leaves nothing" attempt port_in_use
check "a device in use is an error" attempt device_in_use
check "--ready-fd gets 1 and its end when all is up, and nothing else is said" attempt is_ready_when_it_says
check "connections reach the remote" attempt carries_connections
check "ports are published" attempt publishes_ports
check "it says that it is ready" attempt says_when_ready
check "SIGTERM, SIGINT and SIGHUP end it in order" attempt ends_at_signals
check "stop ends it in order" attempt ends_when_asked
check "namespaces can be named by paths" attempt takes_paths
check "--no-configure only makes the device" attempt leaves_configuring_alone
check "after SIGKILL nothing is left, and it can be started again" attempt dies_whole
check "a killed engine is replaced" attempt engine_is_replaced
ends_with_namespaces
result=$?
check "it ends with the namespaces" [ $result = 0 ]
outlives_first_process
result=$?
check "it goes on while a process is left in them" [ $result = 0 ]
end_target
world_done
