#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that people run, in mode hybrid: clients, servers, and those that are both.

# shellcheck source=tests/live/session.sh
. "$(dirname "$0")/session.sh"
# shellcheck disable=SC2119 # the test's own arguments are no options of the world
world_enter

web=$scratch/web
deadline=90 # seconds, for each program: generous, the machine may be busy
requests=${SLIRPWAY_TEST_REQUESTS:-2000}
user=("${AS_USER[@]}" env HOME="$scratch" no_proxy='*' "--default-signal=INT,QUIT")

# --- helpers --------------------------------------------------------------------------------------

# has DESCRIPTION PROGRAM...: skips the test if one of the programs is not there.
has() {
  local description=$1 program
  shift
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    skip "$description" "there is no $program"
    return 1
  done
}

# contained [OPTION...] -- PROGRAM...: in a container, with a deadline.
contained() {
  "${user[@]}" timeout --kill-after=5 "$deadline" "$SLIRPWAY" run --log-level=warning \
    --mode=hybrid --map-current-user "$@"
}

# serve PORT [OPTION...] -- PROGRAM...: a server in a container; 0 when the published port answers.
serve() {
  local port=$1
  shift
  start "${user[@]}" "$SLIRPWAY" run --log-level=warning --mode=hybrid --map-current-user \
    --name serve -p "$port:$port" "$@"
  wait_until 30 answers "$port" && ! world_has_ended "$started" && return
  not_ok "the server answers at port $port"
  diag <"$started_log"
  return 1
}

# The reservation of a published port listens to nobody: what answers is the program.
answers() {
  world_has_ended "$started" || timeout 5 python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$1"
}

# serve_end: ends the server that was started last, and shows what it said if the test went wrong.
serve_end() {
  local failed_before=$1
  stop "$started" 10 || :
  [ "$world_failed" = "$failed_before" ] || tail -n 30 "$started_log" | diag
}

# --- the remote machine ---------------------------------------------------------------------------

# nginx_configuration DIRECTORY <HTTP: a configuration whose files all are in the directory.
nginx_configuration() {
  mkdir -p "$1"
  cat <<END
daemon off;
worker_processes 2;
pid $1/pid;
error_log $1/error;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path $1/body;
  proxy_temp_path $1/proxy;
  fastcgi_temp_path $1/fastcgi;
  uwsgi_temp_path $1/uwsgi;
  scgi_temp_path $1/scgi;
$(cat)
}
END
}

start_web() {
  mkdir -p "$web"
  echo "page of remote" >"$web/index.html"
  head -c 100000 /dev/zero | tr '\0' x >"$web/large"
  nginx_configuration "$scratch/remote" >"$scratch/remote.conf" <<END
  server { listen 80; listen [::]:80; root $web; }
END
  start "${IN_REMOTE[@]}" nginx -e "$scratch/remote/error" -c "$scratch/remote.conf" -g 'user root;'
  wait_for_listen '*' 80 "$WORLD_REMOTE_NETNS"
}

# An address of the remote's network that leads nowhere: to a link address that nobody has.
silence() { ip neighbour replace "$1" lladdr 02:00:00:00:00:99 dev "$WORLD_UPLINK"; }

# --- clients --------------------------------------------------------------------------------------

# The IPv6 address is silent: curl tries the other one beside it, on another socket.
test_happy_eyeballs() {
  local what="curl turns to IPv4 when IPv6 is silent" silent=${WORLD_REMOTE6%::*}::99
  has "$what" curl || return
  silence "$silent"
  is "$what" "$(contained -- "${CURL[@]}" --resolve "remote.test:80:[$silent],$WORLD_REMOTE4" \
    http://remote.test/ 2>&1)" "page of remote"
}

test_curl_parallel() {
  local what="curl fetches 300 pages side by side" codes
  has "$what" curl || return
  codes=$(contained -- curl --silent --show-error --noproxy '*' --max-time 60 --parallel \
    --parallel-max 40 --output /dev/null --write-out '%{http_code}\n' --http1.0 \
    "http://$WORLD_REMOTE4/large?[1-300]" 2>"$scratch/errors")
  is "$what" "$(sort <<<"$codes" | uniq -c | xargs)" "300 200" || diag <"$scratch/errors"
}

test_git() {
  local what="git clones over HTTP"
  has "$what" git || return
  (
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
    git init --quiet --initial-branch=main "$scratch/origin" && cd "$scratch/origin" || exit
    head -c 300000 /dev/urandom >content
    git add content
    git -c user.name=Test -c user.email=test@example.invalid commit --quiet --message=content
    git clone --quiet --bare . "$web/origin.git"
    git -C "$web/origin.git" update-server-info
  ) 2>&1 | diag
  check "$what" contained -- \
    git clone --quiet "http://$WORLD_REMOTE4/origin.git" "$scratch/clone" &&
    check "what git cloned is whole" cmp "$scratch/origin/content" "$scratch/clone/content"
}

# A mirror with one package that is only described.
make_mirror() {
  local release=$web/debian/dists/stable packages=main/binary-$1/Packages
  mkdir -p "$release/${packages%/*}"
  cat >"$release/$packages" <<END
Package: slirpway-test
Version: 1.0
Architecture: all
Maintainer: Test <test@example.invalid>
Filename: pool/slirpway-test.deb
Size: 1
SHA256: $(printf 0%.0s {1..64})
Description: of the test

END
  cat >"$release/Release" <<END
Suite: stable
Codename: stable
Architectures: $1
Components: main
Date: $(date -uR)
SHA256:
 $(sha256sum <"$release/$packages" | cut -d ' ' -f 1) $(stat -c %s "$release/$packages") $packages
END
}

test_apt() {
  local what="apt-get updates its lists over HTTP" directory=$scratch/apt options
  has "$what" apt-get apt-cache dpkg || return
  make_mirror "$(dpkg --print-architecture)"
  mkdir -p "$directory/state/lists/partial" "$directory/cache/archives/partial"
  : >"$directory/status"
  echo "deb [trusted=yes] http://$WORLD_REMOTE4/debian stable main" >"$directory/sources"
  options=(-o Dir::State="$directory/state" -o Dir::State::status="$directory/status"
           -o Dir::Cache="$directory/cache" -o Dir::Etc::SourceList="$directory/sources"
           -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Parts=/dev/null
           -o Acquire::http::Proxy=DIRECT -o APT::Sandbox::User=root)
  check "$what" contained -- apt-get "${options[@]}" --error-on=any update &&
    like "apt knows the mirror's package" \
      "$(apt-cache "${options[@]}" show slirpway-test 2>&1)" "Description.*: of the test"
}

# A program that no library can be slipped under: the calls themselves are what is caught.
test_static() {
  local what="a static binary connects" script=$SLIRPWAY_TOOLS/socket_script_static output
  if [ ! -x "$script" ]; then
    skip "$what" "there is no static C library"
    return
  fi
  start "${IN_REMOTE[@]}" "$script" peer "$scratch/peer"
  wait_for_listen '*' 7000 "$WORLD_REMOTE_NETNS"
  output=$(SCRIPT_PEER=$scratch/peer contained -- "$script" run connect-open-blocking 2>&1)
  like "$what" "$output" "connect: ok.*peer: remote 7000"
}

# --- both ends ------------------------------------------------------------------------------------

# Its workers register the upstream's socket with epoll before they connect it.
test_nginx_proxy() {
  local what="nginx in the container is a proxy: $requests requests of ab, none failed" output
  local failed=$world_failed
  has "$what" nginx ab || return
  nginx_configuration "$scratch/proxy" >"$scratch/proxy.conf" <<END
  server { listen 8080; location / { proxy_pass http://$WORLD_REMOTE4:80; } }
END
  serve 8080 -- nginx -e "$scratch/proxy/error" -c "$scratch/proxy.conf" || return
  is "nginx in the container hands a page on" "$("${CURL[@]}" http://127.0.0.1:8080/)" \
    "page of remote"
  output=$(in_remote timeout "$deadline" ab -q -r -n "$requests" -c 20 \
    "http://$WORLD_HOST4:8080/large" 2>&1)
  is "$what" "$(sed -n 's/^\(Complete requests\|Failed requests\|Non-2xx responses\): *//p' \
    <<<"$output" | xargs)" "$requests 0" || diag <<<"$output"
  serve_end "$failed"
  grep -v ' \[notice\] ' "$scratch/proxy/error" | head -n 20 | diag
}

# shellcheck disable=SC2016 # for the inner shell
redis_inside='redis-server --port 6379 --protected-mode no --save "" --appendonly no --dir "$1" &
until redis-cli -p 6379 ping; do sleep 0.1; done
redis-cli -p 6379 set who inside
wait'

test_redis() {
  local what="redis-benchmark from the host" failed=$world_failed output
  has "$what" redis-server redis-cli redis-benchmark || return
  serve 6379 -- sh -c "$redis_inside" sh "$scratch" || return
  wait_until 30 grep -q OK "$started_log"
  is "redis-cli in the container reaches the published server" \
    "$(timeout 20 redis-cli -h 127.0.0.1 get who)" "inside"
  output=$(timeout "$deadline" redis-benchmark -h "$WORLD_HOST4" -n 5000 -c 30 -P 4 -t set,get \
    --csv 2>&1)
  like "$what" "$output" '"GET","[1-9]' || diag "$output"
  serve_end "$failed"
}

node_client='
const http = require("http");
const agent = new http.Agent({ keepAlive: true, maxSockets: 25 });
let left = 200, bytes = 0;
for (let i = 0; i < 200; i++)
  http.get({ host: process.argv[1], path: "/large", agent }, answer => {
    answer.on("data", data => bytes += data.length);
    answer.on("end", () => { if (--left == 0) { console.log(bytes); agent.destroy(); } });
  }).on("error", error => { console.log(error.message); process.exit(1); });'

node_server='
const http = require("http");
http.createServer((request, response) => {
  http.get({ host: process.argv[1], path: "/" }, answer => answer.pipe(response))
    .on("error", error => response.end(error.message));
}).listen(3000);'

test_node() {
  local what="node fetches 200 pages over 25 connections" failed=$world_failed
  has "$what" node || return
  is "$what" "$(contained -- node -e "$node_client" "$WORLD_REMOTE4" 2>&1)" 20000000
  serve 3000 -- node -e "$node_server" "$WORLD_REMOTE4" || return
  is "node serves what it fetches" "$("${CURL[@]}" http://127.0.0.1:3000/)" "page of remote"
  serve_end "$failed"
}

asyncio_client='
import asyncio, sys

async def fetch(host, gate):
    async with gate:
        reader, writer = await asyncio.open_connection(host, 80)
        writer.write(b"GET /large HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return len(answer) > 100000

async def main():
    gate = asyncio.Semaphore(50)
    print(sum(await asyncio.gather(*(fetch(sys.argv[1 + i % 2], gate) for i in range(300)))))

asyncio.run(main())'

asyncio_server='
import asyncio, sys

async def serve(reader, writer):
    line = await reader.readline()
    if line:
        there, here = await asyncio.open_connection(sys.argv[1], 80)
        here.write(line + b"\r\n")
        writer.write(await there.read())
        here.close()
    writer.close()

async def main():
    async with await asyncio.start_server(serve, None, 4000) as server:
        await server.serve_forever()

asyncio.run(main())'

test_asyncio() {
  local failed=$world_failed
  is "asyncio fetches 300 pages over both families" "$(contained -- python3 -c "$asyncio_client" \
    "$WORLD_REMOTE4" "$WORLD_REMOTE6" 2>&1)" 300
  serve 4000 -- python3 -c "$asyncio_server" "$WORLD_REMOTE6" || return
  is "asyncio serves what it fetches" "$("${CURL[@]}" --http1.0 http://127.0.0.1:4000/)" \
    "page of remote"
  serve_end "$failed"
}

test_iperf() {
  local what="iperf3 in the container" failed=$world_failed
  has "$what" iperf3 || return
  start "${IN_REMOTE[@]}" iperf3 --server --port 5301
  wait_for_listen '*' 5301 "$WORLD_REMOTE_NETNS"
  check "$what sends" contained -- iperf3 --client "$WORLD_REMOTE4" --port 5301 --time 1
  check "$what receives" contained -- iperf3 --client "$WORLD_REMOTE6" --port 5301 --time 1 \
    --reverse --parallel 3
  stop "$started"
  start "${user[@]}" "$SLIRPWAY" run --log-level=warning --mode=hybrid --map-current-user \
    --name serve -p 5302:5302 -- iperf3 --server --port 5302
  wait_until 30 grep -q "Server listening" "$started_log"
  check "$what receives as a server" in_remote timeout "$deadline" \
    iperf3 --client "$WORLD_HOST4" --port 5302 --time 1
  wait_until 10 test "$(grep -c 'Server listening' "$started_log")" -ge 2
  check "$what sends as a server" in_remote timeout "$deadline" \
    iperf3 --client "$WORLD_HOST4" --port 5302 --time 1 --reverse
  serve_end "$failed"
}

test_nc() {
  local what="nc in the container" failed=$world_failed log
  has "$what" nc || return
  start "${IN_REMOTE[@]}" timeout "$deadline" nc -l 5401
  log=$started_log
  wait_for_listen '*' 5401 "$WORLD_REMOTE_NETNS"
  # shellcheck disable=SC2016 # for the inner shell
  check "$what sends" contained -- sh -c 'echo greeting | nc -N "$1" 5401' sh "$WORLD_REMOTE4"
  wait_until 10 grep -q . "$log"
  is "what $what sends arrives" "$(cat "$log")" greeting
  start "${user[@]}" "$SLIRPWAY" run --log-level=warning --mode=hybrid --map-current-user \
    --name serve -p 5402:5402 -- nc -l 5402
  log=$started_log
  wait_for_listen '*' 5402
  check "$what is sent to" sh -c 'echo answer | timeout 20 nc -N 127.0.0.1 5402'
  wait "$started"
  is "$what hears as a server" "$(cat "$log")" answer
  serve_end "$failed"
}

has "a remote web server" nginx || world_done
start_web || world_done
test_happy_eyeballs
test_curl_parallel
test_git
test_apt
test_static
test_nginx_proxy
test_redis
test_node
test_asyncio
test_iperf
test_nc
world_done
