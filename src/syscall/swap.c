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
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/caller.h"
#include "syscall/duplicates.h"
#include "syscall/notification.h"
#include "syscall/registrations.h"
#include "syscall/swap.h"

struct swapper {
	struct callers *callers;
	struct call_counters *counters;
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

struct swapper *swapper_new(struct callers *callers, int proc, struct call_counters *counters)
{
	struct swapper *swapper = g_new0(struct swapper, 1);
	int error;

	swapper->callers = callers;
	swapper->counters = counters;
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

static int perform(struct swap *swap, int *pinned)
{
	struct swapper *swapper = swap->swapper;
	const struct swap_place *place = swap->place;
	int result = duplicates_watch(swapper->duplicates, *pinned);

	if (result < 0)
		return result;
	registrations_read(swapper->registrations, place->tid, *pinned, place->number,
			   swap->registrations);
	result = replace(swap, place->number);
	if (result == 0)
		result = replace_rest(swap, pinned);
	if (result == 0)
		registrations_make(swapper->registrations, place->tid, swap->socket,
				   swap->registrations);
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
