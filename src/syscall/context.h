/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers of trapped calls work with: the supervisor's parts, wired by supervisor.c. */
#pragma once

#include "base/message.h"
#include "syscall/call_counters.h"
#include "syscall/caller.h"
#include "syscall/container_sockets.h"
#include "syscall/host_socket.h"
#include "syscall/published.h"
#include "syscall/shared_state.h"
#include "syscall/swap.h"
#include "syscall/trace.h"
#include "syscall/verdict.h"
#include "syscall/waiting.h"
#include "syscall/watchdog.h"

struct supervisor {
	struct supervisor_config config;
	int listener;
	int proc;	 /* a descriptor of /proc */
	int route_probe; /* a datagram socket of the container's network namespace */
	struct rules rules;
	struct host_egress egress;
	struct shared_state *state;
	struct options_set *options_set; /* in state */
	struct callers *callers;
	struct swapper *swapper;
	struct waiting *waiting;
	struct published *published;
	struct container_sockets *container_sockets;
	struct watchdog *watchdog;
	struct trace *trace; /* NULL: none wanted */
	struct call_counters counters;
};
