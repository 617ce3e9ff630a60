#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a test world ends: the status comes through and nothing stays behind.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_probe
world=$world_source/scripts/world

# Starts a world that stays, and sets $victim to its process and $directory to its directory. What
# runs in it holds the write end of the pipe: the pipe's end means that all of it is gone.
start_victim() {
  # shellcheck disable=SC2016 # for the inner shell
  coproc running { exec "$world" --quiet sh -c 'echo "$WORLD_DIR"; sleep 1000'; }
  # shellcheck disable=SC2154 # set by coproc
  victim=$running_PID
  exec {output}<&"${running[0]}"
  read -r -t 10 -u "$output" directory
}

kill_a_world() {
  local status=0
  start_victim || return 1
  kill "-$1" "$victim"
  wait "$victim" 2>/dev/null || status=$?
  ! read -r -t 10 -u "$output" && [ "$status" = "$2" ]
}

status=0
# shellcheck disable=SC2016 # for the inner shell
directory=$("$world" --quiet sh -c 'echo "$WORLD_DIR"; exit 7') || status=$?
is "the command's exit status comes through" "$status" 7
check "the world's directory is gone" test ! -e "$directory"

# A process that detaches itself has to go as well; it holds the pipe open until it has.
check "what the command leaves running ends with it" timeout 20 bash -c \
  "'$world' --quiet sh -c 'setsid -f sleep 1000' | cat"

kill_a_world TERM 143
is "a world ends on SIGTERM" $? 0
check "and leaves no directory" test ! -e "$directory"
kill_a_world KILL 137
is "a world ends when its script is killed" $? 0
rm -rf "$directory" # nobody was left to do it
check_fails "an impossible option is refused" 125 "$world" --no-such-option true
check_fails "an unknown congestion control is refused" 125 \
  "$world" --congestion nonesuch -- true

world_done
