#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a test world ends: the status comes through and nothing stays behind.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
world_probe
world=$world_source/scripts/world

kill_a_world() {
  local directory status=0
  coproc killed { exec "$world" --quiet sh -c 'echo "$WORLD_DIR"; sleep 1000'; }
  local pid=$killed_PID
  read -r -t 10 -u "${killed[0]}" directory || return 1
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" = 143 ] && [ ! -e "$directory" ]
}

status=0
directory=$("$world" --quiet sh -c 'echo "$WORLD_DIR"; exit 7') || status=$?
is "the command's exit status comes through" "$status" 7
check "the world's directory is gone" test ! -e "$directory"

# A process that detaches itself has to go as well; it holds the pipe open until it has.
check "what the command leaves running ends with it" timeout 20 bash -c \
  "'$world' --quiet sh -c 'setsid -f sleep 1000' | cat"

check "a world ends on SIGTERM" kill_a_world
check_fails "an impossible option is refused" 125 "$world" --no-such-option true
check_fails "an unknown congestion control is refused" 125 \
  "$world" --congestion nonesuch -- true

world_done
