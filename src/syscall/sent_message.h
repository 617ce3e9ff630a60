/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message that a program hands to sendto(2), sendmsg(2) or sendmmsg(2), copied whole and once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "syscall/call.h"
#include "syscall/send_control.h"

struct supervisor;

/*
 * The most that is taken of one message. Datagrams that are longer are EMSGSIZE (UDP has 64 KiB at
 * most, Unix sockets some 200 KiB as kernels come); of streams so much is sent at a time.
 */
#define SENT_BYTES_MAX (256 * 1024)

struct sent_message {
	bool addressed;
	struct call_address address;
	int flags;
	uint8_t *control; /* as handed in; NULL: none */
	size_t control_length;
	uint8_t *passed; /* what send_control_copy made of it */
	size_t passed_length;
	uint8_t *data;
	size_t length;
	size_t sent; /* of a stream, so far */
};

/*
 * Each returns 0, or the errno to answer; *ret_message is the caller's. The first is sendto's
 * arguments, the second those of a struct msghdr at pointer.
 */
int sent_message_read_plain(struct supervisor *supervisor, struct call *call,
			    struct sent_message **ret_message);
int sent_message_read(struct supervisor *supervisor, struct call *call, uint64_t pointer, int flags,
		      struct sent_message **ret_message);

/* Sorts out the control messages. Returns 0 or the errno to answer; ESRCH: the caller has gone. */
int sent_message_pass_control(struct supervisor *supervisor, const struct call *call,
			      struct sent_message *message, enum control_kind kind);

/* Closes what was taken; NULL is allowed. For GDestroyNotify. */
void sent_message_free(void *message);
