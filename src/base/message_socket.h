/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's end of the socket to its session: requests in, answers out (message.h). */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/descriptor.h"
#include "base/message.h"

/* A received request: the header and what follows it, which points into the receiver's buffer. */
struct message_request {
	struct message_header header;
	const uint8_t *body;
	size_t length;
};

/*
 * Takes one packet into buffer, of MESSAGE_MAX bytes and aligned for any of the bodies. Descriptors
 * that came with it are the caller's, -1 the rest. Returns what descriptor_receive does, and
 * -EBADMSG for a packet without a header (its descriptors are closed).
 */
ssize_t message_receive(int socket, uint8_t *buffer, struct message_request *ret_request,
			int fds[static DESCRIPTORS_PER_MESSAGE]);

/* Sends MESSAGE_RESULT with error, 0 or a positive errno value. A session that doesn't read loses
 * it: it asks again, or gives the worker up. */
void message_send_result(int socket, uint32_t serial, int error);

/* Closes those of fds that are open. */
void message_close_descriptors(int fds[static DESCRIPTORS_PER_MESSAGE]);
