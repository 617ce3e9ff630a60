# SPDX-License-Identifier: GPL-2.0-or-later
# Library of the live tests that need a session: starting one, and being in its container.
#
#   . "$(dirname "$0")/session.sh"      # brings world.sh along
#   world_enter "$@"
#   session_start web -p 8080:80        # slirpway run; ready when it returns
#   inside ip link show tap0            # in the container, as its root
#   session_stop
#
# The session started last is meant where none is named.
# shellcheck shell=bash

# shellcheck source=tests/live/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/world.sh"

session=''         # name
session_pid=''     # process id of slirpway
session_log=''     # its standard error
session_mode=packet # calls of what joins a container from outside are not trapped
[ -z "${SLIRPWAY_TEST_NOTIFY_REFUSED:-}" ] || session_mode=auto # which must come to packet then
INSIDE=()          # prefix that runs a command in the container; "${INSIDE[@]}" where the pid counts

# The device that sessions must have here, so that no test passes over the wrong one.
session_device() {
  if [ -z "${SLIRPWAY_TEST_WITHOUT_TUN:-}" ] && as_user sh -c ': <>/dev/net/tun' 2>/dev/null; then
    echo tap
  else
    echo veth
  fi
}

# session_start NAME [OPTION...]: `slirpway run` with a command that does nothing.
session_start() {
  local both ready theirs word=''
  session=$1
  shift
  mkfifo "$scratch/$session.ready"
  exec {both}<>"$scratch/$session.ready" # neither of the next two waits for the other then
  exec {ready}<"$scratch/$session.ready" {theirs}>"$scratch/$session.ready" {both}>&-
  rm "$scratch/$session.ready"
  # shellcheck disable=SC2016 # for the inner shell
  start "${AS_USER[@]}" "$SLIRPWAY" run --mode="$session_mode" --name "$session" --ready-fd "$theirs" "$@" -- \
    sh -c 'echo $$ >"$1.new"; mv "$1.new" "$1"; exec sleep infinity' - "$scratch/$session.pid" \
    {ready}<&-
  session_pid=$started
  session_log=$started_log
  exec {theirs}>&-
  # To the end of the file if the session ends. A read that is repeated until it is done would lose
  # the byte now and then: bash forgets what it has read when the time is up at once after.
  read -r -N 1 -t 20 -u "$ready" word || :
  exec {ready}<&-
  if [ "$word" != 1 ] || ! wait_until 10 test -e "$scratch/$session.pid"; then
    not_ok "session $session starts"
    diag <"$session_log"
    return 1
  fi
  session_use "$session"
  [ "$(status_member kind)" = "$(session_device)" ] || not_ok "session $session has a $(session_device)"
}

# session_use NAME: which container is meant from now on.
session_use() {
  session=$1
  INSIDE=("${AS_USER[@]}" nsenter --target "$(cat "$scratch/$1.pid")" --user --net --mount
          --preserve-credentials --)
}

inside() { "${INSIDE[@]}" "$@"; }

# session_stop [PID]: ends the session, by its process id (default: the one started last).
session_stop() {
  stop "${1:-$session_pid}" 10
  rm -f "$scratch/$session.pid"
}

# status_member NAME [SESSION]: a number, word or truth out of `status --json`.
status_member() {
  as_user "$SLIRPWAY" status --json "${2:-$session}" 2>/dev/null | field "$1"
}

# member_is NAME VALUE, member_at_least NAME VALUE: conditions on it, for wait_until.
member_is() { [ "$(status_member "$1")" = "$2" ]; }
member_at_least() { [ "$(status_member "$1")" -ge "$2" ]; }

# check_engine_lived DESCRIPTION PID: the engine is still that process and was never replaced.
check_engine_lived() {
  is "$1" "$(status_member engine_pid) $(status_member engine_restarts)" "$2 0" ||
    diag <"$session_log"
}

# start_pages NAME PORT [PREFIX...]: a web server on all addresses whose every page says NAME.
start_pages() {
  local name=$1 port=$2
  shift 2
  mkdir -p "$scratch/$name"
  echo "page of $name" >"$scratch/$name/index.html"
  start "$@" python3 -m http.server --bind :: --directory "$scratch/$name" "$port"
}

# Fetches URLs, in the namespace of the words before it: inside "${CURL[@]}" http://...
# shellcheck disable=SC2034 # for the tests
CURL=(curl --silent --show-error --globoff --noproxy '*' --max-time 20)
