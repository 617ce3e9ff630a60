#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names: the DNS address of the container, and the servers of the host behind it.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

first=192.0.2.1  # what the remote's server answers
second=192.0.2.2 # what the host's second one does
odd=192.0.2.3    # the one on a port of its own
black_hole=203.0.113.1

# The world's resolv.conf is a mount, so it is written in place.
host_resolv_conf() { printf '%s\n' "$@" >/etc/resolv.conf; }

# start_server ADDRESS PORT MARK [PREFIX...]
start_server() {
  local address=$1 port=$2 mark=$3
  shift 3
  start "$@" "$world_source/tests/live/dns_server.py" "$address" "$port" "$mark"
}

start_servers() {
  start_server "$WORLD_REMOTE4" 53 "$first" "${IN_REMOTE[@]}"
  first_log=$started_log
  start_server "$WORLD_REMOTE6" 53 192.0.2.6 "${IN_REMOTE[@]}"
  start_server "$WORLD_HOST4" 53 "$second"
  start_server "$WORLD_REMOTE4" 5354 "$odd" "${IN_REMOTE[@]}"
  wait_for_listen "$WORLD_REMOTE4" 53 "$WORLD_REMOTE_NETNS"
  wait_for_listen ::1 53 "$WORLD_REMOTE_NETNS"
  wait_for_listen "$WORLD_REMOTE4" 5354 "$WORLD_REMOTE_NETNS"
  wait_for_listen "$WORLD_HOST4" 53
  in_remote ip route add blackhole "$black_hole"
}

# Asks once, and waits two seconds at most. No colours, no comments: the answer's data.
ask() { inside dig +short +time=2 +tries=1 "$@" 2>&1; }

test_questions() {
  is "a name is looked up" "$(ask www.test)" "$first"
  is "at 10.0.2.3" "$(ask @10.0.2.3 www.test)" "$first"
  is "at fd00::3" "$(ask @fd00::3 www.test)" "$first"
  is "an IPv6 address" "$(ask www.test AAAA)" 2001:db8::1
  is "over TCP" "$(ask +tcp www.test)" "$first"
  is "many over one TCP connection" \
    "$(ask +tcp +keepopen a.test b.test c.test | xargs)" "$first $first $first"
  like "a name that does not exist" "$(inside dig +time=2 +tries=1 nobody.example)" NXDOMAIN
  like "a server that fails" "$(inside dig +time=2 +tries=1 fails.test)" SERVFAIL
  check "the server saw both ways" grep -q '^tcp www.test 1$' "$first_log"
}

test_large() {
  like "an answer that does not fit is marked" \
    "$(inside dig +time=2 +tries=1 +ignore +noedns large.test TXT)" 'flags:[^;]* tc'
  is "and comes whole over TCP" "$(ask +noedns large.test TXT | grep -c x)" 15
  check "the server was asked over TCP" grep -q '^tcp large.test 16$' "$first_log"
  is "and by UDP, where there is room" "$(ask +bufsize=4096 +ignore large.test TXT | grep -c x)" 15
}

test_programs() {
  is "getent finds a name" "$(inside getent ahostsv4 www.test | awk '{ print $1; exit }')" "$first"
  is "the host's search list holds" \
    "$(inside getent ahostsv4 short | awk '{ print $1; exit }')" "$first"
  check "and it is the long name that is asked for" grep -q '^udp short.corp.test 1$' "$first_log"
  check "localhost is known" inside getent hosts localhost
  check "the container's name is known" inside getent hosts "$(uname -n)"
}

# Questions from 300 sockets at once.
crowd='
import selectors, socket, struct, sys, time
waiting = selectors.DefaultSelector()
for i in range(300):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(("10.0.2.3", 53))
    client.send(struct.pack("!HHHHHH", i, 256, 1, 0, 0, 0) + b"\4n%03d\4test\0\0\1\0\1" % i)
    waiting.register(client, selectors.EVENT_READ, i)
right, end = 0, time.monotonic() + 5
while right < 300 and time.monotonic() < end:
    for key, _ in waiting.select(1):
        data = key.fileobj.recv(512)
        right += struct.unpack("!H", data[:2])[0] == key.data and b"n%03d" % key.data in data
        waiting.unregister(key.fileobj)
print(right)'

test_crowd() {
  local before
  before=$(status_member dns_queries)
  is "300 questions at once get their answers" "$(inside python3 -c "$crowd" 2>&1)" 300 ||
    diag "queries seen: $(($(status_member dns_queries) - before)); $(status_member dns_answers) answers"
}

test_counters() {
  member_at_least dns_queries 300 || not_ok "status counts queries: $(status_member dns_queries)"
  member_at_least dns_answers 300 || not_ok "status counts answers: $(status_member dns_answers)"
  member_at_least dns_streams 3 || not_ok "status counts streams: $(status_member dns_streams)"
}

refuses_to_answer() { [[ $(inside timeout 2 dig +tries=1 www.test) =~ SERVFAIL|REFUSED ]]; }

answer_is() { [ "$(ask www.test)" = "$1" ]; }

# The answers must come while a program is still willing to wait: dig and libc give 5 seconds.
test_dead_servers() {
  host_resolv_conf "nameserver $WORLD_HOST6" "nameserver $WORLD_HOST4"
  check "the host's resolv.conf is followed, and a server that refuses is passed over" \
    wait_until 5 answer_is "$second"
  host_resolv_conf "nameserver $black_hole" "nameserver $WORLD_HOST4"
  check "a server that is silent is passed over" wait_until 5 answer_is "$second"
  is "within dig's patience" "$(inside dig +short +tries=1 other.test)" "$second"
  is "over TCP too" "$(inside dig +short +tries=1 +tcp www.test)" "$second"
  host_resolv_conf "nameserver $WORLD_REMOTE6"
  check "a server with an IPv6 address" wait_until 5 answer_is 192.0.2.6
  is "over TCP too" "$(ask +tcp www.test)" 192.0.2.6
  host_resolv_conf "# nothing"
  check "no server at all is an answer too" wait_until 5 refuses_to_answer
  host_resolv_conf "nameserver $WORLD_REMOTE4"
  check "and back" wait_until 5 answer_is "$first"
}

test_chosen_server() {
  session_start chosen --dns "$WORLD_HOST4" || return
  is "--dns ADDR" "$(ask www.test) $(ask +tcp www.test)" "$second $second"
  host_resolv_conf "nameserver $WORLD_REMOTE6"
  is "--dns ADDR: resolv.conf does not matter" "$(ask www.test)" "$second"
  host_resolv_conf "nameserver $WORLD_REMOTE4"
  session_stop
  session_start chosen --dns "$WORLD_REMOTE4:5354" || return
  is "--dns ADDR:PORT" "$(ask www.test) $(ask +tcp www.test)" "$odd $odd"
  session_stop
  session_start chosen --dns "$black_hole" --dns "$WORLD_HOST4" || return
  is "--dns twice: the second is asked if the first is silent" \
    "$(inside dig +short +tries=1 www.test)" "$second"
  session_stop
}

test_no_dns() {
  session_start none --dns none || return
  like "--dns none is refused at once" \
    "$(inside timeout 4 dig +tries=1 @10.0.2.3 www.test 2>&1)" 'refused|unreachable'
  like "--dns none is refused at once over TCP" \
    "$(inside timeout 4 dig +tries=1 +tcp @10.0.2.3 www.test 2>&1)" 'refused|unreachable'
  like "--dns none is refused at once over IPv6" \
    "$(inside timeout 4 dig +tries=1 @fd00::3 www.test 2>&1)" 'refused|unreachable|denied'
  is "--dns none: resolv.conf is the host's" "$(inside cat /etc/resolv.conf)" "$(cat /etc/resolv.conf)"
  session_stop
}

command -v dig >/dev/null || skip_all "there is no dig (bind9-dnsutils)"
start_servers
host_resolv_conf "search corp.test" "options ndots:1" "nameserver $WORLD_REMOTE4"
session_start dns && engine=$(status_member engine_pid) || world_done
test_questions
test_large
test_programs
test_crowd
test_counters
test_dead_servers
check_engine_lived "the engine took all of it" "$engine"
session_stop
test_chosen_server
test_no_dns
world_done
