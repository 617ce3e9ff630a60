/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a swap that has begun, in the memory that outlives a supervisor: enough for the
 * next one to finish it. Plain data; a supervisor makes one swap at a time.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "syscall/registrations.h"

/* More registrations of one socket are not remembered over a loss. */
#define SWAP_JOURNAL_REGISTRATIONS 32

struct swap_journal {
	uint64_t id; /* of the notification; 0: no swap is under way, and the rest means nothing */
	uint64_t old_cookie, new_cookie; /* SO_COOKIE */
	uint32_t count;
	uint32_t unused;
	struct registration registrations[SWAP_JOURNAL_REGISTRATIONS];
};

/*
 * From here on the next supervisor finishes what this one may leave: old, a descriptor of ours, is
 * being replaced by fresh; registrations (struct registration) are old's.
 */
void swap_journal_open(struct swap_journal *journal, uint64_t id, int old, int fresh,
		       const GArray *registrations);

void swap_journal_close(struct swap_journal *journal);

/* The socket's SO_COOKIE; 0 if it can't be had. */
uint64_t swap_journal_cookie(int socket);
