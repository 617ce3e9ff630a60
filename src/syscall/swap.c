/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting one socket in another's place.
 *
 * The usual case is short: the caller's number is the only one that the socket has. Its flags and
 * registrations are read, the new socket is put over the number, our pinned copy is closed, and the
 * old socket is gone, which duplicates.h tells; then the registrations are made again, in the
 * instances that the closing took them from.
 *
 * If the old socket is still there, it has duplicates. From those in the same table we get a copy
 * of it again, and the new socket goes over each of them. If that isn't all, another table holds
 * one: that of a child process, say. It can't be replaced there, so that the old socket is put back
 * everywhere. As it never went away in this case, the epoll instances still know it.
 *
 * What is in flight in a message between Unix sockets, or held by a system call of another thread,
 * is in no table. Such a copy can't be found, and without one there is nothing to put back: the new
 * socket stays, and the copy is what it was, a socket that is not connected.
 *
 * A supervisor may be killed in the middle of it. The journal (swap_journal.h) tells the next one
 * which swap that was; it looks which sockets the caller has by now, and does what is left.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/caller.h"
#include "syscall/directory.h"
#include "syscall/duplicates.h"
#include "syscall/notification.h"
#include "syscall/registrations.h"
#include "syscall/swap.h"

struct swapper {
	int proc;
	struct callers *callers;
	struct call_counters *counters;
	struct swap_journal *journal;
	struct duplicates *duplicates;
	struct registrations *registrations;
};

/* One swap. */
struct swap {
	struct swapper *swapper;
	const struct swap_place *place;
	int socket;
	GArray *replaced;      /* struct replaced */
	GArray *registrations; /* struct registration */
};

struct replaced {
	int number;
	bool close_on_exec;
};

struct swapper *swapper_new(struct callers *callers, int proc, struct call_counters *counters,
			    struct swap_journal *journal)
{
	struct swapper *swapper = g_new0(struct swapper, 1);
	int error;

	swapper->proc = proc;
	swapper->callers = callers;
	swapper->counters = counters;
	swapper->journal = journal;
	swapper->duplicates = duplicates_new(proc);
	if (swapper->duplicates)
		swapper->registrations = registrations_new(callers, proc);
	if (swapper->registrations)
		return swapper;
	error = errno;
	swapper_free(swapper);
	errno = error;
	return NULL;
}

void swapper_free(struct swapper *swapper)
{
	if (!swapper)
		return;
	registrations_free(swapper->registrations);
	duplicates_free(swapper->duplicates);
	g_free(swapper);
}

static int put(const struct swap *swap, int socket, const struct replaced *where)
{
	return notification_put_descriptor(swap->place->listener, swap->place->id, socket,
					   where->number, where->close_on_exec);
}

/* Puts the new socket over one number of the caller's. */
static int replace(struct swap *swap, int number)
{
	int flag = callers_is_close_on_exec(swap->swapper->callers, swap->place->tid, number);
	struct replaced where = { .number = number, .close_on_exec = flag > 0 };
	int result = flag < 0 ? flag : put(swap, swap->socket, &where);

	if (result == 0)
		g_array_append_val(swap->replaced, where);
	return result;
}

/* Puts the old socket over all that was replaced. */
static int put_back(struct swap *swap, int pinned)
{
	for (unsigned int i = 0; i < swap->replaced->len; i++) {
		const struct replaced *where = &g_array_index(swap->replaced, struct replaced, i);
		int result = put(swap, pinned, where);

		if (result == -ENOENT)
			return result;
	}
	return -EXDEV;
}

/* A copy of the old socket from the caller's table, of which numbers has its places; or -errno. */
static int regain(const struct swap *swap, const GArray *numbers)
{
	struct swapper *swapper = swap->swapper;

	for (unsigned int i = 0; i < numbers->len; i++) {
		int number = g_array_index(numbers, int, i);
		int copy = callers_pin(swapper->callers, swap->place->tid, number);

		if (copy >= 0 && duplicates_is_one(swapper->duplicates, getpid(), copy))
			return copy;
		descriptor_close(&copy);
	}
	return -ENOENT;
}

/*
 * Replaces the duplicates in the caller's table, *pinned being -1. Returns 0 if no duplicate is
 * left, -EEXIST if there still are, *pinned being -1 in both cases, or another -errno.
 */
static int replace_duplicates(struct swap *swap, int *pinned)
{
	struct swapper *swapper = swap->swapper;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int));
	CLEANUP_CLOSE int copy = -1;
	int result = duplicates_list(swapper->duplicates, swap->place->tid, numbers);

	if (result < 0)
		return result;
	copy = regain(swap, numbers);
	if (copy >= 0) {
		g_array_set_size(swap->registrations, 0);
		registrations_read_all(swapper->registrations, swap->place->tid, copy,
				       swap->registrations);
	}
	for (unsigned int i = 0; result == 0 && i < numbers->len; i++) {
		result = replace(swap, g_array_index(numbers, int, i));
		if (result == -EBADF) /* closed meanwhile; if not, it is found again below */
			result = 0;
	}
	if (result < 0) {
		*pinned = descriptor_steal(&copy);
		return result;
	}
	descriptor_close(&copy);
	return duplicates_exist(swapper->duplicates) ? -EEXIST : 0;
}

/* The new socket is on the number; what is about the others? */
static int replace_rest(struct swap *swap, int *pinned)
{
	struct duplicates *duplicates = swap->swapper->duplicates;
	int result;

	descriptor_close(pinned);
	if (!duplicates_exist(duplicates))
		return 0;
	result = replace_duplicates(swap, pinned);
	if (result == 0 || result == -ENOENT)
		return result;
	if (*pinned < 0)
		*pinned = duplicates_obtain(duplicates);
	if (*pinned >= 0)
		return put_back(swap, *pinned);
	*pinned = -1;
	return 0;
}

/* -- over the loss of a supervisor ------------------------------------------------------------- */

struct cookie_search {
	const struct swap *swap;
	uint64_t cookie;
	int copy; /* or -1 */
};

static void visit_descriptor(int number, void *data)
{
	struct cookie_search *search = data;
	const struct swap *swap = search->swap;
	int copy;

	if (search->copy >= 0)
		return;
	copy = callers_pin(swap->swapper->callers, swap->place->tid, number);
	if (copy >= 0 && swap_journal_cookie(copy) == search->cookie)
		search->copy = copy;
	else
		descriptor_close(&copy);
}

/* A copy of the socket with that cookie from the caller's table, or -1. */
static int find_by_cookie(const struct swap *swap, uint64_t cookie)
{
	struct cookie_search search = { .swap = swap, .cookie = cookie, .copy = -1 };
	char path[64];

	snprintf(path, sizeof(path), "%d/fdinfo", swap->place->tid);
	(void)directory_each_number(swap->swapper->proc, path, visit_descriptor, &search);
	return search.copy;
}

/* The old socket lives on in duplicates: so do all of its registrations. */
static void finish_duplicates(struct swap *swap, int copy)
{
	struct swapper *swapper = swap->swapper;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int));

	registrations_read_all(swapper->registrations, swap->place->tid, copy, swap->registrations);
	if (duplicates_watch(swapper->duplicates, copy) == 0)
		(void)duplicates_list(swapper->duplicates, swap->place->tid, numbers);
	for (unsigned int i = 0; i < numbers->len; i++)
		(void)replace(swap, g_array_index(numbers, int, i));
}

static void finish(struct swap *swap)
{
	const struct swap_journal *journal = swap->swapper->journal;
	int copy = find_by_cookie(swap, journal->old_cookie);

	if (copy >= 0)
		finish_duplicates(swap, copy);
	else
		g_array_append_vals(swap->registrations, journal->registrations,
				    MIN(journal->count, SWAP_JOURNAL_REGISTRATIONS));
	descriptor_close(&copy);
	registrations_make(swap->swapper->registrations, swap->place->tid, swap->socket,
			   swap->registrations);
}

void swapper_finish(struct swapper *swapper, const struct swap_place *place)
{
	CLEANUP_CLOSE int socket = -1;
	struct swap swap = { .swapper = swapper, .place = place };

	if (swapper->journal->id != place->id)
		return;
	socket = callers_pin(swapper->callers, place->tid, place->number);
	if (socket >= 0 && swap_journal_cookie(socket) == swapper->journal->new_cookie) {
		swap.socket = socket;
		swap.replaced = g_array_new(FALSE, FALSE, sizeof(struct replaced));
		swap.registrations = g_array_new(FALSE, FALSE, sizeof(struct registration));
		finish(&swap);
		g_array_unref(swap.replaced);
		g_array_unref(swap.registrations);
	}
	swap_journal_close(swapper->journal);
}

/* -- all of it --------------------------------------------------------------------------------- */

static int perform(struct swap *swap, int *pinned)
{
	struct swapper *swapper = swap->swapper;
	const struct swap_place *place = swap->place;
	int result = duplicates_watch(swapper->duplicates, *pinned);

	if (result < 0)
		return result;
	registrations_read(swapper->registrations, place->tid, *pinned, place->number,
			   swap->registrations);
	swap_journal_open(swapper->journal, place->id, *pinned, swap->socket, swap->registrations);
	result = replace(swap, place->number);
	if (result == 0)
		result = replace_rest(swap, pinned);
	if (result == 0)
		registrations_make(swapper->registrations, place->tid, swap->socket,
				   swap->registrations);
	swap_journal_close(swapper->journal);
	return result;
}

static void count(const struct swap *swap)
{
	uint64_t *value = swap->swapper->counters->value;

	value[CALL_COUNTER_swapped]++;
	value[CALL_COUNTER_duplicates] += swap->replaced->len - 1;
	value[CALL_COUNTER_epoll_moves] += swap->registrations->len;
}

int swapper_swap(struct swapper *swapper, const struct swap_place *place, int *pinned, int socket)
{
	struct swap swap = {
		.swapper = swapper,
		.place = place,
		.socket = socket,
		.replaced = g_array_new(FALSE, FALSE, sizeof(struct replaced)),
		.registrations = g_array_new(FALSE, FALSE, sizeof(struct registration)),
	};
	int result = perform(&swap, pinned);

	if (result == 0)
		count(&swap);
	g_array_unref(swap.replaced);
	g_array_unref(swap.registrations);
	return result;
}
