/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a swap that has begun. */

#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "syscall/swap_journal.h"

uint64_t swap_journal_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) < 0 ? 0 : cookie;
}

void swap_journal_open(struct swap_journal *journal, uint64_t id, int old, int fresh,
		       const GArray *registrations)
{
	journal->old_cookie = swap_journal_cookie(old);
	journal->new_cookie = swap_journal_cookie(fresh);
	journal->count = MIN(registrations->len, SWAP_JOURNAL_REGISTRATIONS);
	if (journal->count > 0)
		memcpy(journal->registrations, registrations->data,
		       journal->count * sizeof(struct registration));
	/* Last: whoever finds the id finds the rest. */
	__atomic_store_n(&journal->id, id, __ATOMIC_RELEASE);
}

void swap_journal_close(struct swap_journal *journal)
{
	__atomic_store_n(&journal->id, 0, __ATOMIC_RELEASE);
}
