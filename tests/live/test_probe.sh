#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway probe: what it finds missing where something was taken away, and that run agrees.

. "$(dirname "$0")/world.sh"
world_enter "$@"

json=$scratch/probe.json
errors=$scratch/errors
PROBE=("${AS_USER[@]}")  # words before slirpway, for who is to be probed

# probe: the JSON of the user that PROBE makes.
probe() {
  "${PROBE[@]}" "$SLIRPWAY" probe --json 2>"$errors" | cat >"$json" # its limits may be low
}

# found NAME MEMBER: of a check.
found() {
  python3 -c 'import json, sys
print(next(c[sys.argv[3]] for c in json.load(open(sys.argv[1]))["checks"] if c["name"] == sys.argv[2]))' \
    "$json" "$1" "$2"
}

# top MEMBER: of the whole.
top() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$json" "$1"; }

# states NAME=STATE...: of checks.
states() {
  local word bad=0
  for word in "$@"; do
    [ "$(found "${word%=*}" state)" = "${word#*=}" ] || {
      echo "${word%=*} is $(found "${word%=*}" state): $(found "${word%=*}" detail)"
      bad=1
    }
  done
  return $bad
}

# run does what probe has said, with the same reason for packet.
run_agrees() {
  local mode reason status=0
  mode=$(top mode)
  reason=$(top reason)
  "${PROBE[@]}" "$SLIRPWAY" run true 2>"$errors" || status=$?
  if [ "$mode" = None ]; then
    [ "$status" = 125 ]
  else
    [ "$status" = 0 ] && grep -q "^slirpway: mode $mode: " "$errors" &&
      { [ "$mode" = hybrid ] || grep -qF "mode packet: $reason" "$errors"; }
  fi || { cat "$errors"; return 1; }
}

# takes WHAT MODE DEVICE STATE...: with WHAT taken away, auto is MODE, and the checks are as said.
takes() {
  local what=$1 mode=$2 device=$3 status=0
  shift 3
  probe || status=$?
  check "without $what: the rows" states "$@"
  is "without $what: mode and device" "$(top mode) $(top device)" "$mode $device"
  is "without $what: the status" "$status" "$([ "$mode" = None ]; echo $((!$?)))"
  check "without $what: run agrees" run_agrees
}

# --- here -----------------------------------------------------------------------------------------

# The longest line, and that each check has a line of the table.
text_is_readable() {
  "${AS_USER[@]}" "$SLIRPWAY" probe >"$scratch/text" || return
  awk 'length($0) > 100 && !/^mode: / { print; bad = 1 } END { exit bad }' "$scratch/text" &&
    [ "$(grep -cE '^  .* (yes|no|\?) +(-|used|needed) +(-|used|needed) +(-|used|needed)' "$scratch/text")" = \
      "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["checks"]))' "$json")" ]
}

# Interfaces and processes of the world.
census() {
  local processes=(/proc/[0-9]*)
  echo "$(ip -oneline link | wc -l) interfaces, ${#processes[@]} processes"
}

leaves_nothing() {
  local before after
  before=$(census)
  probe
  after=$(census)
  [ "$before" = "$after" ] || { echo "$before, then $after"; return 1; }
}

probe
[ "$(top mode)" = hybrid ] || skip_all "this kernel or user has no mode hybrid: $(top reason)"
check "what hybrid takes is there" states user_namespaces=yes network_namespaces=yes device=yes \
  veth_device=yes veth_segments=yes seccomp_notification=yes seccomp_only_listener=yes \
  seccomp_addfd=yes pidfd_getfd=yes process_vm_readv=yes netns_cookie=yes supervisor_memory=yes
check "run agrees" run_agrees
check "the text can be read" text_is_readable
check "nothing is left behind" leaves_nothing

# --- rights ---------------------------------------------------------------------------------------

# What the kernel gives to a network namespace, as long as nobody changes it.
PROBE=(unshare --net -- "${AS_USER[@]}" prlimit --nofile=1000:1000 --)
probe
check "rights that a user lacks" states ping_sockets=no low_ports=no open_files=no
PROBE=("${AS_USER[@]}")
echo 80 >/proc/sys/net/ipv4/ip_unprivileged_port_start
probe
check "rights that a user has" states ping_sockets=yes low_ports=yes
is "from which port on" "$(found low_ports detail)" "from port 80 on"

# --- taken away -----------------------------------------------------------------------------------

PROBE=("${AS_USER[@]}" "$SLIRPWAY_TOOLS/refuse_notify")
takes "notification" packet "$(top device)" seccomp_notification=no seccomp_only_listener=unknown \
  seccomp_addfd=unknown seccomp_synchronous=unknown netns_cookie=yes

for call in pidfd_getfd process_vm_readv; do
  PROBE=("${AS_USER[@]}" "$SLIRPWAY_TOOLS/refuse_call" EPERM "$call")
  takes "$call" packet "$(top device)" "$call=no" seccomp_addfd=yes
done

PROBE=("${AS_USER[@]}" "$SLIRPWAY_TOOLS/refuse_call" ENOSYS "kcmp,io_uring_setup,landlock_create_ruleset")
takes "kcmp, io_uring and Landlock" hybrid "$(top device)" kcmp=no io_uring=no landlock=no \
  landlock_network=no

PROBE=("${AS_USER[@]}" prlimit --fsize=65536:65536 --)
takes_memory() {
  probe || return
  states supervisor_memory=no && [ "$(top mode)" = packet ] && [[ $(top reason) = *"ulimit -f"* ]]
}
check "without memory for the supervisor: the row" takes_memory

PROBE=("${AS_USER[@]}" "$SLIRPWAY" run --mode=hybrid --)
probe
check "inside a session: another listener, and no io_uring" states seccomp_notification=yes \
  seccomp_only_listener=no seccomp_addfd=unknown io_uring=no user_namespaces=yes
is "inside a session: mode" "$(top mode)" packet
check "inside a session: run agrees" run_agrees

PROBE=("${AS_USER[@]}" "$SLIRPWAY_TOOLS/refuse_call" EPERM unshare)
takes "namespaces" None None user_namespaces=no network_namespaces=unknown device=unknown

PROBE=("${AS_USER[@]}")
takes_settings() {
  local status=0
  sysctl -qw user.max_net_namespaces=0
  probe || status=$?
  sysctl -qw user.max_net_namespaces=10000
  [ "$status" = 1 ] && states user_namespaces=yes network_namespaces=no device=unknown
}
check "a limit of the system on network namespaces is felt" takes_settings

# Plays a distribution that limits namespaces, by what can be read of it only.
plays_settings() {
  mount -t tmpfs -o mode=0755 none /proc/sys/kernel || return
  echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  echo 1 >/proc/sys/kernel/unprivileged_userns_clone
  probe
  umount /proc/sys/kernel
  states namespace_settings=no user_namespaces=yes &&
    [[ $(found namespace_settings detail) = "kernel.apparmor_restrict_unprivileged_userns is 1 here"* ]]
}
check "a setting that limits namespaces is named" plays_settings

world_hide_tun
takes "/dev/net/tun" hybrid veth tap_device=no tap_segments=unknown veth_device=yes veth_segments=yes
like "what to do about it" "$(found tap_device get)" "modprobe tun"
world_done
