#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --pcap: what tcpdump reads from it, while the session runs and afterwards.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

capture=$scratch/capture

start_servers() {
  start_pages remote 80 "${IN_REMOTE[@]}"
  start "${IN_REMOTE[@]}" "$world_source/tests/live/dns_server.py" "$WORLD_REMOTE4" 53 192.0.2.1
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
  wait_for_listen "$WORLD_REMOTE4" 53 "$WORLD_REMOTE_NETNS"
}

make_traffic() {
  inside "${CURL[@]}" "http://$WORLD_REMOTE4/" >/dev/null &&
    inside "${CURL[@]}" "http://[$WORLD_REMOTE6]/" >/dev/null &&
    inside getent ahostsv4 captured.test >/dev/null && inside ping -n -c 1 -w 3 10.0.2.2 >/dev/null
}

# read_capture FILE [FILTER]: as the user, for as root tcpdump would become one that is not here.
read_capture() { as_user tcpdump -n -r "$@" 2>"$scratch/complaints"; }

# shows FILE FILTER [REGEX]: tcpdump finds such a frame.
shows() { read_capture "$1" -A "$2" | grep -Eq "${3:-.}"; }

is_whole() {
  read_capture "$1" -v >"$scratch/lines" && [ -s "$scratch/lines" ] &&
    ! grep -E 'truncated|bad-len|bad hdr length|\[\|' "$scratch/lines" "$scratch/complaints"
}

check_capture() {
  check "$1: the SYN" wait_until 5 shows "$2" "tcp[tcpflags] == tcp-syn and dst host $WORLD_REMOTE4"
  check "$1: the answer to it" \
    shows "$2" "tcp[tcpflags] == (tcp-syn|tcp-ack) and src host $WORLD_REMOTE4"
  check "$1: the page" shows "$2" "tcp and src host $WORLD_REMOTE4" 'page of remote'
  check "$1: IPv6" shows "$2" "ip6 and tcp and host $WORLD_REMOTE6"
  check "$1: the question for a name" wait_until 5 shows "$2" "udp dst port 53" 'A\? captured.test'
  check "$1: the answer to it" wait_until 5 shows "$2" "udp src port 53" 'A 192\.0\.2\.1'
  check "$1: the ping" \
    wait_until 5 shows "$2" "icmp[icmptype] == icmp-echoreply and src host 10.0.2.2"
  check "$1: the frames are whole" wait_until 5 is_whole "$2"
}

test_file() {
  session_start pcap --pcap "$capture" || return
  check "traffic" make_traffic
  check_capture "while it runs" "$capture"
  session_stop
  check_capture "afterwards" "$capture"
  is "its owner is the user" "$(as_user stat -c %u "$capture")" 1000
}

# As after a crash of the engine: what was written stays readable, what follows is added.
test_restart() {
  session_start again --pcap "$capture" || return
  make_traffic || not_ok "traffic before"
  kill -KILL "$(status_member engine_pid)"
  wait_until 5 member_is engine_restarts 1
  check "traffic after the engine was killed" wait_until 10 make_traffic
  session_stop
  is "both are in the capture" \
    "$(read_capture "$capture" "tcp[tcpflags] == tcp-syn and dst host $WORLD_REMOTE4" | wc -l)" 2
}

test_fifo() {
  mkfifo "$scratch/fifo"
  start cat "$scratch/fifo"
  local read_by_cat=$started_log
  session_start fifo --pcap "$scratch/fifo" || return
  check "traffic into a FIFO" make_traffic
  check_capture "a FIFO" "$read_by_cat"
  session_stop
}

# The reader goes away: the capture ends, the network does not.
test_fifo_reader_ends() {
  local reader
  mkfifo "$scratch/short"
  start head -c 2000 "$scratch/short"
  reader=$started
  session_start short --pcap "$scratch/short" || return
  make_traffic
  check "the reader of a FIFO has had enough" wait_until 5 world_has_ended "$reader"
  check "the network goes on" make_traffic
  check_fails "the engine lived through it" 1 grep -q 'starting it again' "$session_log"
  session_stop
}

# refused DESCRIPTION WORDS PATH
refused() {
  local output status=0
  output=$(as_user timeout 10 "$SLIRPWAY" run --pcap "$3" touch "$scratch/ran" 2>&1) || status=$?
  is "$1: status" "$status" 125
  like "$1: message" "$(grep -v 'mode packet\|mode hybrid\|device veth' <<<"$output")" "$2"
  is "$1: one line" "$(grep -vc 'mode packet\|mode hybrid\|device veth' <<<"$output")" 1 || diag <<<"$output"
  check_fails "$1: COMMAND does not start" 1 test -e "$scratch/ran"
}

test_refused() {
  mkdir -m 0555 "$scratch/closed"
  refused "a directory that is not there" 'nosuch/file.*No such file' "$scratch/nosuch/file"
  refused "a directory that may not be written" 'closed/file.*ermission denied' "$scratch/closed/file"
  refused "a directory itself" 'closed.*directory' "$scratch/closed"
  check_fails "a device that is full: status" 125 as_user "$SLIRPWAY" run --pcap /dev/full true
}

command -v tcpdump >/dev/null || skip_all "there is no tcpdump"
start_servers
test_file
test_restart
test_fifo
test_fifo_reader_ends
test_refused
world_done
