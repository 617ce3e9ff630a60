/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a trapped call: (socket, address, rules, forwards) -> verdict and reason. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/forward.h"
#include "base/network.h"
#include "base/policy.h"
#include "syscall/socket_facts.h"

enum action {
	ACTION_CONTINUE,  /* not an Internet socket: the kernel does it */
	ACTION_CONTAINER, /* done on behalf on a socket of the container */
	ACTION_HOST,	  /* by a socket of the host, to or at target */
	ACTION_REFUSE,	  /* with error */
};

struct verdict {
	enum action action;
	int error; /* errno of ACTION_REFUSE */

	/* ACTION_HOST: where to connect, send or bind to; v4-mapped where the socket needs it. */
	struct endpoint target;

	/*
	 * bind: the published port's id. connect: the first published port to try where the
	 * container itself refuses, verdict_next_forward has the others. Else 0.
	 */
	uint32_t forward;

	/*
	 * bind: the host socket must be given IPV6_V6ONLY first, for target is all that was
	 * published. The program's own socket may take IPv4 too.
	 */
	bool v6_only;

	/* bind: forwards go to this port, but only the packet path can serve them. */
	bool by_packets;

	const char *reason; /* static text for --trace, such as "loopback" */
};

struct rules {
	const struct network *network;
	const struct policy *policy;
	const struct forward *forwards; /* the TCP forwards at the socket */
	size_t forward_count;
	uint64_t container_network; /* cookies of the namespaces, socket_facts.h */
	uint64_t host_network;
	bool host_loopback; /* the gateway reaches the host's loopback */
	bool packets;	    /* there is a packet path */
	bool everything;    /* for tests: no TCP socket stays in the container */

	/*
	 * struct endpoint; without a packet path these are reached, even on the host's loopback.
	 * May be NULL.
	 */
	GArray *dns_servers;
};

/*
 * connect(2) to destination, as sockaddr_read_connect gives it; family AF_UNSPEC, which dissolves
 * an association, is not for here.
 */
struct verdict verdict_connect(const struct rules *rules, const struct socket_facts *facts,
			       const struct endpoint *destination);

/*
 * The published port to try for destination after the one with that id (0: the first); 0 if there
 * is none. More than one can serve a port of the container, and which of them the program that
 * listens has been given is not known here.
 */
uint32_t verdict_next_forward(const struct rules *rules, const struct endpoint *destination,
			      uint32_t id);

/* bind(2) to local; v6_only as the socket has it (false for AF_INET). */
struct verdict verdict_bind(const struct rules *rules, const struct socket_facts *facts,
			    const struct endpoint *local, bool v6_only);

/* A datagram to destination, where there is no packet path. */
struct verdict verdict_send(const struct rules *rules, const struct socket_facts *facts,
			    const struct endpoint *destination);

/* "continue", "container", "host" or "refuse". */
const char *action_name(enum action action);
