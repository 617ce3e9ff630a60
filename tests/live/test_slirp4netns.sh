#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The program under the name slirp4netns: what Podman, RootlessKit and scripts rely on.

# Conditions for wait_until look like functions that nobody calls.
# shellcheck disable=SC2317

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

control_client=$world_source/tests/live/control_client.py
link_client=$world_source/tests/live/link_client.py
device=tap11
dropin=$scratch/bin/slirp4netns
api=$scratch/api.sock
container='' # process id
dropin_pid='' dropin_log='' engine=''
ready=''     # what came over the ready descriptor, and whether it was closed

mkdir -p "$scratch/bin"
ln -s "$SLIRPWAY" "$dropin"

# --- containers and the program -------------------------------------------------------------------

container_start() {
  start "${AS_USER[@]}" unshare --user --map-root-user --net sleep infinity
  container=$started
  container_use "$container"
  wait_until 10 container_is_made || not_ok "a container is made"
}

container_use() {
  INSIDE=("${AS_USER[@]}" nsenter --target "$1" --user --net --preserve-credentials --)
}

# Until unshare has become sleep its namespaces are not complete.
container_is_made() { [ "$(cat "/proc/$container/comm")" = sleep ]; }

has_device() { inside ip link show "$device"; }
has_no_device() { ! has_device; }

# Reads the byte and, after it, the end of file, which comes only if nobody holds the other end: not
# the program, and not its engine.
read_ready() {
  local rest=''
  ready=''
  read -r -N 1 -t 20 -u "$1" ready || :
  if read -r -N 1 -t 5 -u "$1" rest; then
    ready+=$rest
  elif [ $? -le 128 ]; then
    ready+=' end'
  fi
}

# dropin_start OPTION...: until the ready descriptor says so, or the program has ended.
dropin_start() {
  rm -f "$scratch/ready"
  mkfifo "$scratch/ready"
  exec 9<>"$scratch/ready" # neither of the next two waits for the other then
  exec 7>"$scratch/ready"
  exec 8<"$scratch/ready" 9>&-
  start "${AS_USER[@]}" "$dropin" --ready-fd=7 "$@" 8<&-
  exec 7>&-
  dropin_pid=$started
  dropin_log=$started_log
  read_ready 8
  exec 8<&-
  engine=$(engine_of "$dropin_pid")
}

# The engine is the program's only child.
engine_of() { xargs <"/proc/$1/task/$1/children"; } 2>/dev/null

dropin_stop() {
  stop "$dropin_pid"
  wait_until 5 has_no_device || not_ok "the device goes with the program"
}

# fails DESCRIPTION REGEX ARGUMENT...: status 1, the reason on standard error, usage on the other.
fails() {
  local description=$1 regex=$2 status=0
  shift 2
  as_user timeout 10 "$dropin" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  is "$description: status" "$status" 1
  like "$description: reason" "$(cat "$scratch/err")" "$regex"
}

# ask REQUEST [WAY]
ask() { as_user "$control_client" "$api" "${2:-closed}" "$1" 2>&1; }

# add ARGUMENTS [WAY]
add() { ask "{\"execute\":\"add_hostfwd\",\"arguments\":{$1}}" "${2:-closed}"; }

# --- the command line -----------------------------------------------------------------------------

test_help() {
  local help flag
  help=$(as_user "$dropin" --help 2>"$scratch/err")
  is "--help succeeds, with nothing on standard error" "$? $(cat "$scratch/err")" "0 "
  for flag in --configure --exit-fd --ready-fd --mtu --enable-ipv6 --api-socket --cidr \
    --disable-host-loopback --netns-type --userns-path --enable-sandbox --enable-seccomp \
    --outbound-addr --outbound-addr6 --disable-dns --macaddress --target-type; do
    like "--help names $flag" "$help" "$flag"
  done
  is "-h is the same" "$(as_user "$dropin" -h)" "$help"
}

test_version() {
  local version
  version=$(as_user "$dropin" --version)
  is "--version succeeds" "$?" 0
  like "the version" "$version" "^slirp4netns version [0-9]+\.[0-9]+\.[0-9]+"
  like "the commit" "$version" $'\ncommit: [^\n]+\n'
  like "libslirp's version" "$version" $'\nlibslirp: [0-9.]+'
  like "the version of its interface" "$version" $'\nSLIRP_CONFIG_VERSION_MAX: [0-9]+\n'
  like "libseccomp's version" "$version" $'\nlibseccomp: [0-9.]+'
  is "-v is the same" "$(as_user "$dropin" -v)" "$version"
}

test_wrong_options() {
  fails "CIDR without an address" "invalid CIDR" -c --cidr 24 "$container" "$device"
  like "usage goes to standard output" "$(cat "$scratch/out")" "[Uu]sage: slirp4netns"
  is "usage does not repeat where help is" \
    "$(as_user "$dropin" --foo 2>&1 | grep -c -- --help)" 1
  fails "CIDR that is none" "invalid CIDR" -c --cidr foo "$container" "$device"
  fails "CIDR without a length" "invalid CIDR" -c --cidr 10.0.2.0 "$container" "$device"
  fails "CIDR with host bits" \
    "CIDR needs to be a network address like 10.0.2.0/24, not like 10.0.2.100/24" \
    -c --cidr 10.0.2.100/24 "$container" "$device"
  fails "CIDR too small" "prefix length needs to be 1-25" -c --cidr 10.0.2.0/26 "$container" "$device"
  local mtu
  for mtu in 0 -1 65522 many; do
    fails "MTU $mtu" "MTU must be a positive integer \(< 65522\)" -c --mtu="$mtu" "$container" "$device"
  done
  fails "ready descriptor below 0" "ready-fd" -r -1 "$container" "$device"
  fails "exit descriptor that is none" "exit-fd" -e x "$container" "$device"
  fails "exit descriptor that is not open" "exit-fd" -e 77 "$container" "$device"
  fails "unknown option" "--nonsense" --nonsense "$container" "$device"
  fails "MAC address without -c" "macaddress" --macaddress 52:54:00:12:34:56 "$container" "$device"
  fails "MAC address that is none" "macaddress" -c --macaddress 52:54 "$container" "$device"
}

test_wrong_operands() {
  fails "no operand" "missing"
  fails "no name for the device" "missing" "$container"
  fails "PID 0" "0: " 0 "$device"
  fails "PID that is none" "x: " x "$device"
  fails "process that is gone" "4194304" 4194304 "$device"
  fails "path that is not there" "/nowhere.*No such file" --netns-type=path /nowhere "$device"
  fails "path of a user namespace that is not there" "/nowhere.*No such file" \
    --userns-path=/nowhere "$container" "$device"
  fails "descriptor that is no tap" "must be a tap" --netns-type=tapfd 2
  fails "descriptor that is not open" "77" --netns-type=tapfd 77
  fails "BESS and -c" "exclude" --target-type=bess -c "$scratch/bess"
  fails "BESS and a kind of namespace" "exclude" --target-type=bess --netns-type=path "$scratch/bess"
  fails "path of the API socket too long" "too long" \
    -a "$scratch/$(printf '%0120d' 0)" "$container" "$device"
  check "nothing is left of them" wait_until 5 has_no_device
}

# --- a session ------------------------------------------------------------------------------------

test_ready() {
  dropin_start -c --mtu=1500 "$container" "$device"
  is "the ready descriptor gets one byte and is closed" "$ready" "1 end"
  like "the facts are printed" "$(cat "$dropin_log")" "Gateway: +10.0.2.2"
  like "and that the host's loopback can be reached" "$(cat "$dropin_log")" "WARNING: .*10.0.2.2"
  like "the address" "$(inside ip -4 address show "$device")" "inet 10.0.2.100/24 "
  like "the MTU" "$(inside ip link show "$device")" "mtu 1500 "
  like "the route" "$(inside ip route)" "default via 10.0.2.2 dev $device"
  like "lo is up" "$(inside ip link show lo)" "[<,]UP[,>]"
  is "no IPv6 unless asked for" "$(inside ip -6 address show "$device" scope global)" ""
  is "a remote machine is reached" "$(inside "${CURL[@]}" "http://$WORLD_REMOTE4/")" "page of remote"
  is "the host's loopback is reached" "$(inside "${CURL[@]}" http://10.0.2.2:8099/)" "page of loopback"
  check "the gateway answers pings" inside ping -n -c 1 -w 5 10.0.2.2
  dropin_stop
}

test_options() {
  dropin_start -c --cidr 10.0.135.128/25 --mtu=9000 --macaddress 0e:d4:18:d9:38:fb \
    --disable-host-loopback --enable-sandbox --enable-seccomp --enable-ipv6 \
    "$container" "$device" more words
  is "all options are taken" "$ready" "1 end"
  like "too many arguments are no error" "$(cat "$dropin_log")" "WARNING: too many arguments"
  like "the address in another network" "$(inside ip -4 address show "$device")" "inet 10.0.135.228/25 "
  like "another MTU" "$(inside ip link show "$device")" "mtu 9000 "
  like "the MAC address" "$(inside ip link show "$device")" "link/ether 0e:d4:18:d9:38:fb "
  like "IPv6" "$(inside ip -6 address show "$device")" "inet6 fd00::100/64 "
  is "a remote machine by IPv4" "$(inside "${CURL[@]}" "http://$WORLD_REMOTE4/")" "page of remote"
  is "a remote machine by IPv6" "$(inside "${CURL[@]}" "http://[$WORLD_REMOTE6]/")" "page of remote"
  check_fails "the host's loopback is out of reach" 7 \
    inside "${CURL[@]}" --max-time 3 http://10.0.135.130:8099/
  check "the gateway answers pings all the same" inside ping -n -c 1 -w 5 10.0.135.130
  dropin_stop
}

test_without_configure() {
  dropin_start "$container" "$device"
  is "without -c: ready" "$ready" "1 end"
  is "the device has no address" "$(inside ip address show "$device" | grep -c 'inet ')" 0
  inside ip link set "$device" up
  inside ip address add 10.0.2.100/24 dev "$device"
  check "it works once it is configured" inside ping -n -c 1 -w 5 10.0.2.2
  inside ip address flush dev "$device"
  dropin_stop
}

# Callers run it where there is no runtime directory and nobody reads what it prints.
test_bare_environment() {
  local log
  start "${AS_USER[@]}" env -i "$dropin" -c "$container" "$device"
  dropin_pid=$started
  check "it runs without an environment" wait_until 10 inside ping -n -c 1 -w 1 10.0.2.2
  dropin_stop
  log=$(mktemp "$scratch/log.XXXXXX")
  "${AS_USER[@]}" "$dropin" -c "$container" "$device" <&- 2>"$log" | true &
  dropin_pid=$(wait_for_child_named slirp4netns)
  check "and with nobody at the other end of standard output" \
    wait_until 10 inside ping -n -c 1 -w 1 10.0.2.2
  kill "$dropin_pid"
  wait_until 5 has_no_device
}

# The process id of our child with that name in /proc.
wait_for_child_named() {
  wait_until 10 pgrep -P $$ -x "$1"
  pgrep -P $$ -x "$1" | tail -n 1
}

# --- the API socket -------------------------------------------------------------------------------

test_api() {
  local ok='"proto":"tcp","host_addr":"127.0.0.1","host_port":8080,"guest_port":80'
  dropin_start -c -a "$api" "$container" "$device"
  is "the socket is there when the program is ready, and private" "$(stat -c %a "$api")" 600
  is "no forward at first" "$(ask '{"execute":"list_hostfwd"}')" \
    '{"return":{"entries":[]},"entries":[]}'
  is "a forward is added" "$(add "$ok")" '{"return":{"id":1}}'
  is "and listed in both shapes" "$(ask '{"execute":"list_hostfwd"}' |
    grep -o '"id":1,"proto":"tcp","host_addr":"127.0.0.1","host_port":8080,"guest_addr":"10.0.2.100","guest_port":80' |
    wc -l)" 2
  is "it works" "$("${CURL[@]}" http://127.0.0.1:8080/)" "page of container"
  is "the next gets the next id" "$(add '"proto":"udp","host_port":8080,"guest_port":80' open)" \
    '{"return":{"id":2}}'
  like "IPv6 on the host's side is refused where the container has none" \
    "$(add '"proto":"tcp6","host_addr":"::1","host_port":8081,"guest_port":80')" \
    'slirp_add_hostfwd failed: '
  is "a forward is removed" "$(ask '{"execute":"remove_hostfwd","arguments":{"id":1}}')" '{"return":{}}'
  check_fails "it is gone" 7 "${CURL[@]}" http://127.0.0.1:8080/
  is "its id does not come again" "$(add "$ok" once)" '{"return":{"id":3}}'
  is "the port works again" "$("${CURL[@]}" http://127.0.0.1:8080/)" "page of container"
}

test_api_errors() {
  local text
  # Upstream's words, and ours after them.
  like "no JSON" "$(ask badjson)" '"desc":"bad request: cannot parse JSON"'
  like "no verb" "$(ask '{"unexpectedjson": 42}')" '"desc":"bad request: no execute found"'
  like "unknown verb" "$(ask '{"execute":"bad"}')" '"desc":"bad request: unknown execute"'
  like "no protocol" "$(add '"host_port":8082,"guest_port":80')" 'add_hostfwd: bad arguments.proto"'
  like "bad protocol" "$(add '"proto":"bad","host_port":8082,"guest_port":80')" \
    'add_hostfwd: bad arguments.proto"'
  like "port 118082" "$(add '"proto":"tcp","host_port":118082,"guest_port":80')" \
    'add_hostfwd: bad arguments.host_port"'
  like "port 0" "$(add '"proto":"tcp","host_port":8082,"guest_port":0')" \
    'add_hostfwd: bad arguments.guest_port"'
  text=$(add '"proto":"tcp","host_addr":"127.0.0.1","host_port":8080,"guest_port":80')
  like "port in use" "$text" 'add_hostfwd: slirp_add_hostfwd failed: '
  like "which says so" "$text" '"code":"in_use"'
  like "address of another machine" \
    "$(add "\"proto\":\"tcp\",\"host_addr\":\"$WORLD_REMOTE4\",\"host_port\":8083,\"guest_port\":80")" \
    'add_hostfwd: slirp_add_hostfwd failed: '
  like "id of nobody" "$(ask '{"execute":"remove_hostfwd","arguments":{"id":77}}')" \
    'remove_hostfwd: bad arguments.id'
  like "too much" "$(ask "{\"execute\":\"$(printf '%070000d' 0)\"}")" 'too large message'
}

test_api_clients() {
  local way silent begin
  for way in closed open once slow; do
    like "a client that is $way" "$(ask '{"execute":"list_hostfwd"}' "$way")" '^\{"return":'
  done
  start "${AS_USER[@]}" "$control_client" "$api" silent
  silent=$started
  wait_until 10 grep -q connected "$started_log"
  begin=$(date +%s%N)
  is "silent clients hold up no traffic" "$("${CURL[@]}" http://127.0.0.1:8080/)" "page of container"
  is "nor traffic to the outside" "$(inside "${CURL[@]}" "http://$WORLD_REMOTE4/")" "page of remote"
  like "nor other clients" "$(ask '{"execute":"list_hostfwd"}')" '^\{"return":'
  check "not for a moment" test $(($(date +%s%N) - begin)) -lt 4000000000
  stop "$silent"
  is "status tells the engine's process" \
    "$(ask '{"execute":"status"}' | field engine_pid)" "$engine"
}

test_engine_killed() {
  local seen
  seen=$(ask '{"execute":"status"}' | field engine_pid)
  kill -KILL "$seen"
  check "a killed engine is replaced, and the forwards are there again" \
    wait_until 10 "${CURL[@]}" http://127.0.0.1:8080/
  is "status counts it" "$(ask '{"execute":"status"}' | field engine_restarts)" 1
}

# --- the end --------------------------------------------------------------------------------------

# Both the program and its engine have ended, and the device is gone.
nothing_is_left() { is_gone "$engine" && has_no_device; }

test_signals() {
  local signal status
  for signal in TERM KILL; do
    dropin_start -c "$container" "$device"
    kill -"$signal" "$dropin_pid"
    status=0
    wait "$dropin_pid" 2>/dev/null || status=$?
    is "SIG$signal ends it as signals do" "$status" "$((128 + $(kill -l $signal)))"
    check "SIG$signal leaves nothing behind" wait_until 5 nothing_is_left
  done
}

test_stop_request() {
  local status=0
  dropin_start -c -a "$api" "$container" "$device"
  is "it ends on request" "$(ask '{"execute":"stop"}')" '{"return":{}}'
  wait "$dropin_pid" || status=$?
  is "with success" "$status" 0
  check "and leaves nothing behind" wait_until 5 nothing_is_left
}

test_exit_descriptor() {
  local status=0
  mkfifo "$scratch/exit"
  exec 9<>"$scratch/exit"
  exec 6<"$scratch/exit"
  exec 5>"$scratch/exit" 9>&-
  dropin_start -c --exit-fd=6 -a "$api" "$container" "$device" 5>&-
  exec 6<&-
  echo data >&5
  check "data on the exit descriptor is no reason to end" inside ping -n -c 1 -w 5 10.0.2.2
  exec 5>&-
  wait "$dropin_pid" || status=$?
  is "its hang-up is: success" "$status" 0
  like "and said" "$(cat "$dropin_log")" "exit-fd"
  check "the API socket is removed" test ! -e "$api"
  check "nothing is left behind" wait_until 5 nothing_is_left
}

# --- other targets --------------------------------------------------------------------------------

test_paths() {
  dropin_start -c --userns-path="/proc/$container/ns/user" --netns-type=path \
    "/proc/$container/ns/net" "$device"
  is "by the paths of both namespaces" "$ready" "1 end"
  check "which works" inside ping -n -c 1 -w 5 10.0.2.2
  dropin_stop
  # As Podman does it: a process that is in the user namespace already, and can't join it again.
  AS_USER=("${AS_USER[@]}" nsenter --target "$container" --user --preserve-credentials --)
  dropin_start -c --userns-path="/proc/$container/ns/user" --netns-type=path \
    "/proc/$container/ns/net" "$device"
  read -r -a AS_USER <<<"$WORLD_USER"
  is "from within the user namespace" "$ready" "1 end"
  check "which works too" inside ping -n -c 1 -w 5 10.0.2.2
  dropin_stop
}

test_tap_descriptor() {
  local kind
  for kind in plain header; do
    AS_USER=("${AS_USER[@]}" "$link_client" tap "$container" "$device" "$kind")
    dropin_start --netns-type=tapfd FD
    read -r -a AS_USER <<<"$WORLD_USER"
    is "a tap from somebody else ($kind)" "$ready" "1 end"
    check "a ping passes it ($kind)" inside ping -n -c 1 -w 5 10.0.2.2
    is "a transfer passes it ($kind)" "$(inside "${CURL[@]}" "http://$WORLD_REMOTE4/")" "page of remote"
    dropin_stop
  done
}

# RootlessKit makes the tap itself and leaves it there.
test_tap_made_before() {
  inside ip tuntap add name "$device" mode tap
  inside ip link set "$device" up
  inside ip address add 10.0.2.100/24 dev "$device"
  dropin_start --mtu 65520 "$container" "$device"
  is "a tap that was there before" "$ready" "1 end"
  check "it carries a ping" inside ping -n -c 1 -w 5 10.0.2.2
  stop "$dropin_pid"
  check "it stays" has_device
  inside ip link delete "$device"
}

test_bess() {
  start "${AS_USER[@]}" "$link_client" bess "$scratch/bess"
  local client_log=$started_log
  dropin_start --target-type=bess "$scratch/bess"
  is "BESS: ready once a client is there" "$ready" "1 end"
  check "its frames are answered" wait_until 10 grep -q '^10.0.2.2 is at 52:55:' "$client_log"
  stop "$dropin_pid"
}

# --- all of it ------------------------------------------------------------------------------------

start_pages remote 80 "${IN_REMOTE[@]}"
start_pages loopback 8099
container_start
wait_for_listen ::1 80 "$WORLD_REMOTE_NETNS"
wait_for_listen ::1 8099

test_help
test_version
test_wrong_options
test_wrong_operands
test_ready
test_options
test_without_configure
test_bare_environment
start_pages container 80 "${INSIDE[@]}"
wait_for_listen ::1 80 "$container"
test_api
test_api_errors
test_api_clients
test_engine_killed
dropin_stop
test_signals
test_stop_request
test_exit_descriptor
test_paths
if [ "$(session_device)" = tap ]; then
  test_tap_descriptor
  test_tap_made_before
fi
test_bess
world_done
