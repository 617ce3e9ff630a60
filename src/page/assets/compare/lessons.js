// SPDX-License-Identifier: GPL-2.0-or-later
// The short texts beside the figures: what is compared, how to read it, why the paths differ.

const LESSONS = {
  overview: [
    [
      "What.",
      "Each cell is the median of the ratios to the host\u2019s run of the same round, which need not be the ratio of the medians. The host column says what 1\u00d7 stands for.",
    ],
    [
      "Read.",
      "1\u00d7 is a container network that costs nothing. Where less is better (marked \u2193), a ratio above 1 is slower. The stronger a cell\u2019s colour, the nearer to the host or better.",
    ],
  ],
  workloads: [
    [
      "What.",
      "The same program does the same work over each path. A bar is the median of the runs; the line in it reaches from the lowest run to the highest, and each dot is one run.",
    ],
    [
      "Read.",
      "If the lines of two paths overlap, these runs don\u2019t tell which is faster. Ratios are taken in pairs: each run against the host\u2019s run next to it, so that a busy moment of the machine counts for both.",
    ],
    [
      "Why.",
      "On the packet path each byte leaves the container\u2019s kernel as part of a frame, is copied to the engine, goes through one more TCP/IP stack there (libslirp, with windows of at most 64 KiB), and is copied again into a socket of the host. On the syscall path only calls such as connect are stopped. After that the program holds a socket of the host, and a byte costs what it costs on the host. Hybrid takes the syscall path for TCP and the packet path for the rest.",
    ],
  ],
  latency: [
    ["What.", "How long single requests took, as percentiles over all requests of a run."],
    [
      "Read.",
      "At 50 % stands the usual request, at 99 % the slowest of a hundred. The axis is stretched towards the right, where each nine is a step as wide as the one before. A curve that lies higher all along pays with each request; one that turns up only at the right had to wait now and then.",
    ],
    [
      "Why.",
      "A request on the packet path wakes the engine on its way out and on its way back. On the syscall path nothing is woken after connect.",
    ],
  ],
  cpu: [
    [
      "What.",
      "Processor time that all parties took together, for each GiB moved or for each request.",
    ],
    [
      "Read.",
      "Two paths that are equally fast can cost a machine very different amounts of work. On a busy machine, the costly one is slower.",
    ],
    [
      "Why.",
      "The engine\u2019s part is copies and its own TCP/IP. The supervisor\u2019s part comes with each trapped call, so with each connection, and not with each byte.",
    ],
  ],
  scaling: [
    ["What.", "The same work while one thing changes and all else stays."],
    [
      "Read.",
      "Look at the shape before the height: what stays flat does not depend on what changes. The steps of the lower axis are as wide for each value, whatever the distance between them.",
    ],
    [
      "Why.",
      "The packet path pays for each frame, so it depends on the MTU; its engine is one process, so many flows share one core; and what it holds for a connection is bounded, so a long line leaves it waiting. Congestion control decides how a sender grows and what it does about loss. It changes the order of the paths, so it is printed with each figure.",
    ],
  ],
  memory: [
    [
      "What.",
      "Resident memory of the processes that make the network, pages that are shared counted in parts (Pss). The largest of all workloads counts.",
    ],
    [
      "Why.",
      "The engine keeps buffers for each connection in user space. On the syscall path those are in the host\u2019s kernel, as for any program.",
    ],
  ],
  rows: [
    ["What.", "Each measurement with the command that makes it again."],
    [
      "Read.",
      "A row counts only if counters show that the bytes took the path it is about. Rows that are struck through do not count, and say why.",
    ],
  ],
  witnesses: [
    ["What.", "Other programs did the same work over the same path."],
    ["Read.", "If they agree with our own program within the spread, its figures can be believed."],
  ],
  machine: [
    [
      "What.",
      "Where and how this was measured. Figures from another kernel, processor or setting are other figures.",
    ],
  ],
  changes: [
    [
      "What.",
      "Where the two runs differ: first their machines and settings, then their figures, the largest change first.",
    ],
    [
      "Read.",
      "\u201cWithin the spread\u201d: the ranges of the single runs overlap, so the change may be chance.",
    ],
  ],
};

const VARIABLE_LESSONS = {
  mtu: "Larger frames: fewer of them for the same bytes. A path without frames stays flat.",
  rtt_ms: "A longer line: more bytes are on their way at once, and someone has to hold them.",
  congestion:
    "The algorithm of the sender. Where lines cross, the order of the paths depends on it.",
  flows: "More connections at once, which share what one engine can do.",
  connections: "Connections that are open and silent, beside one that works.",
};
