/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control messages of sendmsg(2) as programs hand them in: which are passed on. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Whose control messages they are. */
enum control_kind {
	CONTROL_HOST_UDP,  /* to a UDP socket of the host */
	CONTROL_CONTAINER, /* to an Internet socket of the container */
	CONTROL_OTHER,	   /* to a socket of another family */
};

/*
 * Turns the descriptor number of a program into one of ours, which then is the caller's to close.
 * Returns it or -errno.
 */
typedef int (*control_take_func)(int number, void *data);

/*
 * Copies from (length bytes, at most 20 KiB) to to, which has room for as much: what is harmless,
 * without what names a source or an interface on a host socket, without SCM_CREDENTIALS (the kernel
 * adds who sends), with the descriptors of SCM_RIGHTS taken by take. Returns 0, or the errno to
 * answer: EINVAL for what is malformed, EPERM for what is not allowed, take's error. *ret_length is
 * what was written; on failure too, so that what was taken can be given back.
 */
int send_control_copy(enum control_kind kind, const uint8_t *from, size_t length, uint8_t *to,
		      size_t *ret_length, control_take_func take, void *data);

/* Calls visit for each descriptor in such a copy. */
void send_control_each_descriptor(const uint8_t *control, size_t length, void (*visit)(int fd));
