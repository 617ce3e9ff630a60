// SPDX-License-Identifier: GPL-2.0-or-later
// Who takes part in a step: what goes from whom to whom, in order. Whoever is a process and is
// handed something was asleep, and wakes up.

const ACTORS = {
  program: { name: "program", process: true },
  inner: { name: "container's kernel", process: false },
  supervisor: { name: "supervisor", process: true },
  engine: { name: "engine", process: true },
  outer: { name: "host's kernel", process: false },
  remote: { name: "remote", process: false },
};

// Each hop: from, to, what.
const OUTWARD = (call, frame, host) => [
  ["program", "inner", call],
  ["inner", "engine", frame],
  ["engine", "outer", host],
  ["outer", "remote", ""],
];

const INWARD = (host, frame, call) => [
  ["remote", "outer", ""],
  ["outer", "engine", host],
  ["engine", "inner", frame],
  ["inner", "program", call],
];

const BETWEEN = { out: (what) => [["inner", "engine", what]], in: (what) => [["engine", "inner", what]] };

const STORIES = {
  start: () => [],
  end: () => [],
  more: () => [],
  arp: (way) => BETWEEN[way](way === "out" ? "who has?" : "it is at"),
  ndp: (way) => BETWEEN[way](way === "out" ? "who has?" : "here"),
  mld: (way) => BETWEEN[way]("report"),
  dhcp: (way) => BETWEEN[way]("address"),
  frame: (way) => BETWEEN[way]("frame"),
  fragment: (way) => BETWEEN[way]("piece"),
  icmp: (way) => BETWEEN[way]("message"),
  ack: (way) => BETWEEN[way]("ACK"),
  dns: (way) => (way === "out" ? OUTWARD("sendto", "frame", "send") : INWARD("recv", "frame", "recvfrom")),
  syn: (way) => (way === "out" ? OUTWARD("connect", "SYN", "connect") : INWARD("accept", "SYN", "")),
  syn_ack: (way) => (way === "out" ? OUTWARD("", "SYN-ACK", "") : INWARD("it stands", "SYN-ACK", "returns")),
  data: (way) => (way === "out" ? OUTWARD("write", "frame", "send") : INWARD("recv", "frame", "read")),
  udp: (way) => (way === "out" ? OUTWARD("sendto", "frame", "sendto") : INWARD("recvfrom", "frame", "recvfrom")),
  ping: (way) => (way === "out" ? OUTWARD("sendto", "frame", "sendto") : INWARD("recv", "frame", "recvmsg")),
  fin: (way) => (way === "out" ? OUTWARD("close", "FIN", "shutdown") : INWARD("recv: 0", "FIN", "read: 0")),
  rst: (way) => (way === "out" ? OUTWARD("close", "RST", "close") : INWARD("error", "RST", "error")),
  call_host: () => [
    ["program", "supervisor", "trapped"],
    ["supervisor", "outer", "socket, call"],
    ["outer", "remote", ""],
    ["supervisor", "program", "answer"],
  ],
  call_container: () => [
    ["program", "supervisor", "trapped"],
    ["supervisor", "inner", "the call"],
    ["supervisor", "program", "answer"],
  ],
  call_continue: () => [
    ["program", "supervisor", "trapped"],
    ["supervisor", "program", "go on"],
    ["program", "inner", "the call"],
  ],
  call_refuse: () => [
    ["program", "supervisor", "trapped"],
    ["supervisor", "program", "error"],
  ],
};

// The data of a socket went past slirpway, or through the engine.
function socketStory(pathName) {
  return pathName === "packet"
    ? [["engine", "outer", "close"]]
    : [["program", "outer", "read, write"], ["outer", "remote", ""]];
}

function storyOf(path, event) {
  if (event.kind === "socket") return socketStory(path.name);
  if (!Object.hasOwn(STORIES, event.topic)) return [];
  if (event.direction === "both") return [...STORIES[event.topic]("out"), ...STORIES[event.topic]("in")];
  return STORIES[event.topic](event.direction === "in" ? "in" : "out");
}

// Those who can take part: there is no supervisor on the packet path, and no engine without frames.
function actorsOf(path) {
  const absent = { packet: "supervisor", syscall: "engine" }[path.name];
  return Object.keys(ACTORS).filter((name) => name !== absent);
}

// The processes that are woken by it.
function wokenBy(hops) {
  return [...new Set(hops.map((hop) => hop[1]).filter((actor) => ACTORS[actor].process))];
}

// "Who copies", in a sentence; "" where nobody does.
function copiesOf(event) {
  if (event.copied === 0) return "";
  const data = event.bytes > 0 ? ` to carry ${countBytes(event.bytes)} of data` : "";
  return `The engine copies ${countBytes(event.copied)}${data}.`;
}

function wakesOf(event, hops) {
  const woken = wokenBy(hops).map((actor) => `the ${ACTORS[actor].name}`);
  if (woken.length === 0) return "";
  const often = event.count > 1 ? ", more than once" : "";
  return `Wakes up: ${woken.join(", ")}${often}.`;
}
