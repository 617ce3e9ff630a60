/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table of rules and destinations for both paths: what must be reached, and what must not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/network.h"
#include "base/policy.h"

/* Options of a row; by default the host's loopback is closed and there is IPv6. */
#define POLICY_LOOPBACK 1
#define POLICY_NO_V6 2

/* What becomes of a TCP connection. */
enum policy_outcome {
	POLICY_OUT,	    /* it leaves, to the destination that was named */
	POLICY_TO_LOOPBACK, /* it reaches the host's loopback at the same port */
	POLICY_REFUSED,	    /* the caller gets ECONNREFUSED */
	POLICY_UNREACHABLE, /* the caller gets ENETUNREACH */
	POLICY_STAYS,	    /* it does not leave the container or the engine */
};

struct policy_row {
	int options;
	const char *rules; /* separated by spaces, '+' for allow and '-' for deny before each */
	const char *destination;
	uint16_t port;
	enum policy_outcome outcome;
};

extern const struct policy_row policy_rows[];
extern const size_t policy_row_count;

/* Fills the policy from a row's rules, and the network from its options. */
void policy_row_read(const char *rules, int options, struct policy *policy,
		     struct network *network);

/*
 * The n-th of endless addresses in and around those that matter, for sweeps; text has room for
 * INET6_ADDRSTRLEN bytes. The same n gives the same address.
 */
void policy_sweep_address(uint32_t n, char *text);
