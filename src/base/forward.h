/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published ports as values: host endpoint -> container endpoint. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct forward {
	uint32_t id;	      /* given by the table that it is in; 0 before */
	uint8_t protocol;     /* IPPROTO_TCP or IPPROTO_UDP */
	struct endpoint host; /* where the host listens; 0.0.0.0 and :: mean all of that family */
	struct endpoint
		guest; /* family AF_UNSPEC: the container's own address of the host's family */
};

/* Room for the text of forward_format. */
#define FORWARD_TEXT_MAX 160

/*
 * Parses "[HOSTIP:]HOSTPORT:PORT[/tcp|udp]" where either port may be a range "a-b" of equal length
 * and HOSTIP may be "[v6]"; HOSTIP defaults to 0.0.0.0, the protocol to tcp. Returns an array of
 * struct forward (the caller unrefs it), or NULL with error set, in words that don't repeat spec.
 */
GArray *forward_parse(const char *spec, GError **error);

/* True if both take the same host endpoint for the same protocol. */
bool forward_same_host(const struct forward *a, const struct forward *b);

/*
 * Writes "tcp 0.0.0.0:8080 -> 10.0.2.100:80" to buffer and returns buffer; a container address that
 * is left open reads "container:80".
 */
const char *forward_format(const struct forward *forward, char buffer[static FORWARD_TEXT_MAX]);

/* "tcp" or "udp"; "unknown" for anything else. */
const char *protocol_name(uint8_t protocol);
