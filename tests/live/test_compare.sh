#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# slirpway compare: what it measures, writes and refuses. It builds a world of its own, inside ours;
# how fast anything is plays no part.

# shellcheck source=tests/live/world.sh
. "$(dirname "$0")/world.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

SCHEMA=$world_source/doc/compare.schema.json
SHORT=(--quick --duration 0.1 --repeat 1)

compare() { as_user "$SLIRPWAY" compare "$@"; }

# query FILE EXPRESSION: what a Python expression over the results (r) and rows says.
query() {
  python3 - "$@" <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
rows = r.get("rows", [])
print(eval(sys.argv[2]))
END
}

follows_schema() {
  python3 - "$SCHEMA" "$1" <<'END'
import json, sys
import jsonschema
schema, results = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.validate(results, schema)
END
}

test_results() {
  local out=$scratch/out
  compare "${SHORT[@]}" --paths host,packet,hybrid,syscall --peers veth,bypass4netns \
    --workloads upload,rr,connect,names,idle-20 --out "$out" >"$scratch/table" 2>"$scratch/errors"
  is "all that was asked for is measured, and counts" $? 0 || diag <"$scratch/table"
  check "the JSON follows its schema" follows_schema "$out/compare.json"
  is "there is a row for each path and workload" "$(query "$out/compare.json" 'len(rows)')" 25
  is "it was measured to the end" "$(query "$out/compare.json" 'r["complete"]')" True
  is "the packet path is told by its frames" "$(query "$out/compare.json" \
    'all(w["counters"]["packets"] > 0 and w["counters"]["swaps"] == 0 for w in rows if w["path"] == "packet")')" True
  is "a swap for each connection is told" "$(query "$out/compare.json" \
    '[w["counters"]["swaps"] > 1 for w in rows if w["path"] == "hybrid" and w["workload"] == "connect"]')" "[True]"
  is "CPU time is that of all parties" "$(query "$out/compare.json" \
    'all(w["cpu"]["total"] > 0 and w["cpu"]["engine"] > 0 for w in rows if w["path"] == "packet")')" True
  is "memory is that of engine and session" "$(query "$out/compare.json" \
    'all(w["memory_bytes"]["engine"] > 1e5 and w["memory_bytes"]["session"] > 1e5 for w in rows if w["path"] == "packet")')" True
  is "latencies come as percentiles" "$(query "$out/compare.json" \
    'all(len(w["percentiles"]) > 10 for w in rows if w["workload"] in ("rr", "idle-20"))')" True
  is "the CSV has a line for each row" "$(python3 -c \
    'import csv,sys; print(len(list(csv.DictReader(open(sys.argv[1], newline="")))))' "$out/compare.csv")" 25
  check "the table is what was printed" cmp "$scratch/table" "$out/compare.txt"
  check "the page is written" grep -q "slirpway-compare" "$out/compare.html"
  like "what is absent is said to be" "$(cat "$scratch/errors")" "bypass4netns is not measured: "
  is "and so in the results" "$(query "$out/compare.json" \
    '[p["present"] or p["why"] == "" for p in r["paths"] if p["name"] == "bypass4netns"]')" "[False]"
  test_again "$out"
  test_command "$out/compare.json"
}

# What was measured can be shown again, also beside another.
test_again() {
  compare --from "$1/compare.json" >"$scratch/again"
  check "the same table is drawn from the file" cmp "$scratch/table" "$scratch/again"
  like "two results are laid side by side" \
    "$(compare --from "$1/compare.json" --from "$1/compare.json" --out "$scratch/pair")" "B/A"
  is "also in JSON" "$(query "$scratch/pair/compare.json" '(r["format"], len(r["runs"]))')" \
    "('slirpway-compare-pair', 2)"
  check "and as a page" test -s "$scratch/pair/compare.html"
}

# The command of a row is one that a reader can run.
test_command() {
  local command
  command=$(query "$1" '[w["command"] for w in rows if w["path"] == "hybrid" and w["workload"] == "rr"][0]')
  like "a row's command gives its figure again" \
    "$(as_user sh -c "${command/#slirpway/$SLIRPWAY}" 2>&1)" '"p50_us"'
}

# A path that is not the one that was asked for: here a slirpway that takes another mode.
test_wrong_path() {
  cat >"$scratch/slirpway" <<END
#!/bin/sh
for word; do
  shift
  case \$word in --mode=hybrid) word=--mode=packet ;; esac
  set -- "\$@" "\$word"
done
exec "$SLIRPWAY" "\$@"
END
  chmod +x "$scratch/slirpway"
  compare "${SHORT[@]}" --slirpway "$scratch/slirpway" --paths host,hybrid --peers none \
    --workloads upload,connect --json >"$scratch/wrong.json" 2>/dev/null
  is "rows that don't count are an error" $? 1
  is "a row over the wrong path is rejected" "$(query "$scratch/wrong.json" \
    'all(not w["valid"] and "not by sockets" in w["why"] for w in rows if w["path"] == "hybrid")')" True
  is "the others count" "$(query "$scratch/wrong.json" \
    'all(w["valid"] for w in rows if w["path"] == "host")')" True
  check "these results follow the schema too" follows_schema "$scratch/wrong.json"
}

make_failing_peer() {
  mkdir -p "$scratch/bin"
  printf '#!/bin/sh\necho "starting" >&2\necho "no tap today" >&2\nexit 1\n' >"$scratch/bin/slirp4netns"
  chmod +x "$scratch/bin/slirp4netns"
}

# A peer that fails: its last words are the reason, and everything else goes on.
test_failing_peer() {
  make_failing_peer
  PATH=$scratch/bin:$PATH compare "${SHORT[@]}" --paths host,packet --peers slirp4netns \
    --workloads rr,connect,upload --json >"$scratch/failing.json" 2>/dev/null
  is "a peer that fails is an error" $? 1
  is "its last message is the reason" "$(query "$scratch/failing.json" \
    '[("no tap today" in w["why"], w["valid"], w["value"]) for w in rows if w["path"] == "slirp4netns"]')" \
    "[(True, False, None), (True, False, None), (True, False, None)]"
  is "the others are measured" "$(query "$scratch/failing.json" \
    'sum(w["valid"] for w in rows if w["path"] != "slirp4netns")')" 6
}

# A peer that says its version without an end and never starts, or never says it: both take their
# time, and no more.
test_endless_peer() {
  printf '#!/bin/sh\n[ "$1" = --version ] && exec yes version\nexec yes never >&2\n' >"$scratch/bin/slirp4netns"
  printf '#!/bin/sh\n[ "$1" = --version ] && exec sleep 600\nexec yes never\n' >"$scratch/bin/pasta"
  chmod +x "$scratch/bin/pasta"
  PATH=$scratch/bin:$PATH compare "${SHORT[@]}" --paths host --peers slirp4netns,pasta \
    --workloads rr --repeat 1 --json >"$scratch/endless.json" 2>/dev/null
  is "peers that never start are an error" $? 1
  is "that is the reason" "$(query "$scratch/endless.json" \
    '["did not start in time" in w["why"] for w in rows if not w["valid"]]')" "[True, True]"
  rm "$scratch/bin/pasta" "$scratch/bin/slirp4netns"
}

# What a file says is shown, but it can't speak to the terminal.
test_hostile_file() {
  printf '{"format": "slirpway-compare", "version": 1, "rows": [], "verdict": ["a\\u001b[31mb\\nc"]}' \
    >"$scratch/hostile.json"
  is "control characters are replaced" "$(compare --from "$scratch/hostile.json" | tail -n 2)" \
    $'a?[31mb\nc'
  head -c 1000000 /dev/zero | tr '\0' '[' >"$scratch/deep.json"
  compare --from "$scratch/deep.json" >/dev/null 2>&1
  is "a file that is nested too deeply is refused" $? 2
}

# Our own drop-in is no peer of ours: another one in PATH is, or none.
test_own_peer() {
  mkdir -p "$scratch/own" "$scratch/other"
  printf '#!/bin/sh\necho "slirp4netns version 1.2.0+slirpway-1"\n' >"$scratch/own/slirp4netns"
  # shellcheck disable=SC2016 # for the script's own shell
  printf '#!/bin/sh\n[ "$1" != --version ] || exec echo "slirp4netns version 0.0.7"\nexit 1\n' \
    >"$scratch/other/slirp4netns"
  chmod +x "$scratch"/o*/slirp4netns
  PATH=$scratch/own:$scratch/other:$PATH compare "${SHORT[@]}" --paths host --peers slirp4netns \
    --workloads rr --json >"$scratch/peer.json" 2>/dev/null
  is "slirpway's drop-in is not taken for slirp4netns" "$(query "$scratch/peer.json" \
    '[p["version"] for p in r["paths"] if p["name"] == "slirp4netns"]')" "['slirp4netns version 0.0.7']"
}

test_interrupt() {
  start "${AS_USER[@]}" "$SLIRPWAY" compare --paths host,packet --peers none --workloads rr,connect \
    --duration 0.1 --repeat 200 --out "$scratch/early"
  wait_until 30 grep -q "runs, " "$started_log" || not_ok "runs are made"
  kill -INT "$started"
  wait "$started" 2>/dev/null
  is "Ctrl-C is told by the exit status" $? 130
  is "what was measured is kept" "$(query "$scratch/early/compare.json" \
    '(r["complete"], len(rows) > 0, rows[0]["valid"])')" "(False, True, True)"
  check "that follows the schema too" follows_schema "$scratch/early/compare.json"
  check "no process is left" wait_until 5 nobody_left
  is "nor a directory" "$(find "$TMPDIR" -maxdepth 1 -name 'slirpway-compare-*')" ""
}

nobody_left() { ! pgrep slirpway; }

# Over a real network, which is here that to the world's remote.
test_server() {
  start_workload 5202 "${IN_REMOTE[@]}" || not_ok "the workload server starts"
  compare "${SHORT[@]}" --server "$WORLD_REMOTE4" --paths host,packet,hybrid --peers veth \
    --workloads rr,upload --json >"$scratch/server.json" 2>"$scratch/errors"
  is "a server elsewhere is measured" $? 0 || diag <"$scratch/errors"
  is "over each path" "$(query "$scratch/server.json" 'len(rows), r["options"]["server"]')" \
    "(6, '$WORLD_REMOTE4')"
  is "its CPU time is known from the client" "$(query "$scratch/server.json" \
    'all(w["cpu"]["server"] > 0 for w in rows if w["path"] == "host")')" True
  like "a path that takes root of the host is absent" "$(cat "$scratch/errors")" "veth is not measured"
  make_failing_peer
  PATH=$scratch/bin:$PATH compare "${SHORT[@]}" --server "$WORLD_REMOTE4" --paths host \
    --peers slirp4netns --workloads rr --json >"$scratch/failing.json" 2>"$scratch/errors"
  is "a peer that fails does not end it" "$(query "$scratch/failing.json" \
    '[("no tap today" in w["why"], w["valid"]) for w in rows if w["path"] == "slirp4netns"]')" \
    "[(True, False)]" || diag <"$scratch/errors"
  start "${AS_USER[@]}" "$SLIRPWAY" compare --server "$WORLD_REMOTE4" --paths packet --peers none \
    --workloads rr --duration 0.1 --repeat 200
  wait_until 30 grep -q "runs, " "$started_log" || not_ok "runs are made"
  kill -INT "$started"
  wait "$started" 2>/dev/null
  is "it can be ended early" $? 130
  check "no session is left" wait_until 5 no_sessions
}

no_sessions() { ! pgrep -f 'slirpway run'; }

test_delay() {
  [ -c /dev/net/tun ] && as_user sh -c ': <>/dev/net/tun' 2>/dev/null ||
    return 0 # the delay line is made of taps
  compare "${SHORT[@]}" --paths host,hybrid --peers none --workloads rr --rtt 0,20 --json \
    >"$scratch/delay.json" 2>/dev/null
  is "a delay line is built" $? 0
  is "and felt" "$(query "$scratch/delay.json" \
    'sorted((w["rtt_ms"], w["value"] >= 1000 * w["rtt_ms"]) for w in rows)')" \
    "[(0, True), (0, True), (20, True), (20, True)]"
}

# Other people's programs do the same; iperf3 is always there in tests.
test_witness() {
  compare "${SHORT[@]}" --paths host,hybrid --peers none --workloads upload --witness --json \
    >"$scratch/witness.json" 2>"$scratch/errors"
  is "a witness is heard" $? 0 || diag <"$scratch/errors"
  is "over each path" "$(query "$scratch/witness.json" \
    'sorted((w["program"], w["path"], w["workload"], w["value"] > 0) for w in r["witnesses"])')" \
    "[('iperf3', 'host', 'upload', True), ('iperf3', 'hybrid', 'upload', True)]"
  is "it is no row" "$(query "$scratch/witness.json" 'sorted({w["workload"] for w in rows})')" "['upload']"
  check "what it says follows the schema" follows_schema "$scratch/witness.json"
}

test_world() {
  is "a command can be run in the world" "$(compare --world -- sh -c 'id -u; cat /etc/resolv.conf')" \
    "$(printf '1000\nnameserver 198.51.100.2')"
  check_fails "its status is kept" 7 compare --world -- sh -c 'exit 7'
  check_fails "it has no rights there" 2 compare --world -- ip link set lo down
  check_fails "one that is not there is told" 127 compare --world -- /nonexistent
}

test_empty_path() {
  check "an empty PATH is as good as none" as_user env PATH= "$SLIRPWAY" compare "${SHORT[@]}" --paths host \
    --peers none --workloads rr
}

test_refusals() {
  local option
  for option in --mtu=5 --mtu=x --rtt=-1 --paths=pasta --peers=host --workloads=upload-0 \
                --cc=nonsense --duration=0 --repeat=0 --flows=0 --server=name "--server=::1 --rtt=5" \
                operand --world "--from=/dev/null" "--from=/dev/zero" "--paths=host,,packet" \
                "--from=/dev/null --paths=host" "--from=/dev/null --quick"; do
    # shellcheck disable=SC2086 # words
    check_fails "$option is refused" 2 compare $option
  done
  like "an operand is named" "$(compare extra 2>&1)" '"extra": compare takes no operands'
  like "what is no result is told once" "$(compare --from=/dev/null 2>&1)" \
    "/dev/null is not a compare.json: name the file that --out wrote"
  like "--from measures nothing" "$(compare --from=/dev/null --mtu=1500 2>&1)" \
    "only --out and --json go with it"
  check_fails "a file that can't be read is no wrong usage" 1 compare --from=/nonexistent
  check_fails "a directory that can't be made is told" 1 compare --out=/proc/x
  check "and that before anything is measured" test "$(compare --out=/proc/x 2>&1 | wc -l)" = 1
}

test_results
test_wrong_path
test_failing_peer
test_endless_peer
test_hostile_file
test_own_peer
test_interrupt
test_server
test_delay
test_witness
test_world
test_empty_path
test_refusals
world_done
