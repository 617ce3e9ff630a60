#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container that tries to get out by its sockets: every attack of tests/tools/attack.h, for real,
# against servers of the host that must not be reached, and one that policy denies.
#
# So that nothing passes which could not fail, the attacks are tried first where nothing holds them
# back, on the host itself, and the races under a supervisor that is naive. SLIRPWAY_ATTACKS names
# those to be tried (default: all).

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

attack=$SLIRPWAY_TOOLS/attack
[ -x "$attack" ] || skip_all "$attack is not there: build the test programs"
read -r -a wanted <<<"${SLIRPWAY_ATTACKS:-}"

# --- whom to attack ---------------------------------------------------------------------------------

# serve NAME ADDRESS PORT...: as "${prefix[@]}"; its visitors are in the file $scratch/NAME.visitors
serve() {
  start "${prefix[@]}" "$attack" serve "$@"
  ln -s "$started_log" "$scratch/$1.visitors"
  wait_until 10 grep -q '^ready$' "$started_log" || not_ok "the server $1 is ready"
}

start_servers() {
  local prefix=("${AS_USER[@]}")
  in_remote ip route add blackhole 203.0.113.1
  serve host 127.0.0.1 7001 ::1 7001 0.0.0.0 7002 :: 7002 @slirpway-attack 0
  prefix=("${IN_REMOTE[@]}")
  serve remote "$WORLD_REMOTE4" 7003 "$WORLD_REMOTE6" 7003
  serve denied "$WORLD_REMOTE4" 7004 "$WORLD_REMOTE6" 7004
  start "${AS_USER[@]}" "$attack" idle --bystander
}

visits() { cat "$scratch/host.visitors" "$scratch/denied.visitors" | grep -c reached; }

# --- proofs -----------------------------------------------------------------------------------------

# names PROOF: the attacks with this proof, of those that are wanted.
names() {
  local name proof
  "$attack" list | while read -r name proof; do
    # shellcheck disable=SC2053 # a pattern
    [[ $proof = $1 ]] && [[ ${#wanted[@]} = 0 || " ${wanted[*]} " = *" $name "* ]] && echo "$name"
  done
}

# result FILE NAME: the line of its outcome.
result() { grep -E "^[a-z]+ $2: " "$1" || echo "missing $2: no line in the output"; }

# expect DESCRIPTION WORD LINE: ok if the line begins with the word.
expect() {
  case $3 in
    "$2 "*) ok "$1" && diag "$3" ;;
    # What the kernel has not got can't be attacked; and the second needs ATTACK_FUSE=/dev/fuse.
    'impossible '*' in this kernel' | 'impossible argument/slow-file'*) ok "$1 (${3#*: })" ;;
    'impossible '*) skip "$1" "${3#*: }" ;;
    *) not_ok "$1" && diag "$3" ;;
  esac
}

# try_all FILE "PROOF..." PREFIX...
try_all() {
  local file=$1 proof=$2 list
  shift 2
  mapfile -t list < <(names "$proof")
  [ "${#list[@]}" = 0 ] || "$@" "$attack" run "${list[@]}" >"$file" 2>"$file.errors" </dev/null
  diag <"$file.errors"
}

expect_all() {
  local file=$1 proof=$2 word=$3 description=$4 name
  for name in $(names "$proof"); do
    expect "$description: $name" "$word" "$(result "$file" "$name")"
  done
}

# prove FILE PROOF PREFIX...: runs them, and again those that did not come about: a race that is won
# once can be won, but on a busy machine that may take several goes.
prove() {
  local file=$1 lost
  try_all "$@"
  shift 2
  for _ in 1 2 3 4; do
    mapfile -t lost < <(sed -n 's,^held \(race/[^ ]*\): .*,\1,p' "$file")
    [ "${#lost[@]}" -gt 0 ] || break
    "$@" "$attack" run "${lost[@]}" 2>/dev/null </dev/null | grep '^broken ' >"$file.more"
    cat "$file" >>"$file.more"
    sort -u -k2,2 -t ' ' "$file.more" >"$file" # "broken" goes before "held"
  done
}

# Where nothing holds them back. Idle processes play the session and the supervisor.
prove_on_host() {
  # shellcheck disable=SC2016 # for the inner shell
  start "${AS_USER[@]}" sh -c '"$1" idle --supervisor & echo $! >"$2"; wait' - "$attack" \
    "$scratch/idle"
  wait_until 5 test -s "$scratch/idle"
  prove "$scratch/plain" plain "${AS_USER[@]}"
  try_all "$scratch/same" same "${AS_USER[@]}"
  kill "$(cat "$scratch/idle")"
  expect_all "$scratch/plain" plain broken 'succeeds on the host'
  expect_all "$scratch/same" same held 'as on the host'
}

prove_naive() {
  prove "$scratch/naive" naive "${AS_USER[@]}" "$attack" naive
  expect_all "$scratch/naive" naive broken 'succeeds under a naive supervisor'
}

# --- the session ------------------------------------------------------------------------------------

# held NAME OPTION...: a session of that name, with "${wall[@]}" before it.
held() {
  local before
  before=$(visits)
  try_all "$scratch/$1" '*' "${AS_USER[@]}" "${wall[@]}" "$SLIRPWAY" run --name "$1" -p "$WORLD_HOST4:7010:7010" \
    --deny "$WORLD_HOST4/32" --deny "$WORLD_HOST6/128" --deny "$WORLD_REMOTE4:7004" \
    --deny "[$WORLD_REMOTE6]:7004" "${@:2}" --
  expect_all "$scratch/$1" '*' held "$1"
  is "$1: no server of the host, and none that is denied, had a visitor" "$(visits)" "$before"
}

start_servers
if [ -z "${SLIRPWAY_ATTACKS_UNPROVEN:-}" ]; then
  prove_on_host
  prove_naive
fi
if [ -z "${SLIRPWAY_ATTACKS_PROOFS_ONLY:-}" ]; then
  wall=()
  held hybrid --mode=hybrid
  wall=("$attack" unwalled)
  held unwalled --mode=hybrid
fi
world_done
