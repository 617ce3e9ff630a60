/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ends a supervisor that a caller holds up.
 *
 * The memory that a caller points to may never come: a file system of its own delivers it, say.
 * Waiting for it is ended by a fatal signal, or by nothing at all. So a second thread looks from
 * time to time whether the first has been with one call for too long. It then marks the call, for
 * the supervisor that follows not to touch it again, and hangs up, for the session to start that
 * one even if we can't die.
 *
 * Looking costs the first thread no system call: the second looks on its own for as long as there
 * is something to look at, and is woken when it has gone to sleep.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/watchdog.h"

#define LOOK_INTERVAL_US (50 * 1000)
#define LOOKS_BEFORE_BARK 5
#define LOOKS_BEFORE_SLEEP 40

struct watchdog {
	int session;
	int alarm;		     /* eventfd that wakes the thread */
	_Atomic(gint64) since;	     /* monotonic time, microseconds */
	_Atomic(struct slot *) slot; /* NULL: nothing to watch */
	atomic_bool asleep;
};

static void bark(struct watchdog *watchdog, struct slot *slot)
{
	slot->attempts = SLOT_POISONED;
	shutdown(watchdog->session, SHUT_RDWR);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGKILL);
}

/*
 * Looks until nothing has happened for a while. What is counted is looks, not time: after both
 * threads were stopped, the first gets its chance, too.
 */
static void look(struct watchdog *watchdog)
{
	unsigned int quiet = 0;
	unsigned int same = 0;
	gint64 last = 0;

	while (quiet < LOOKS_BEFORE_SLEEP) {
		struct slot *slot = atomic_load(&watchdog->slot);
		gint64 since = slot ? atomic_load(&watchdog->since) : 0;

		same = slot && since == last ? same + 1 : 0;
		if (same > LOOKS_BEFORE_BARK)
			bark(watchdog, slot);
		last = since;
		quiet = slot ? 0 : quiet + 1;
		g_usleep(LOOK_INTERVAL_US);
	}
}

static void *run_thread(void *data)
{
	struct watchdog *watchdog = data;
	uint64_t count;

	for (;;) {
		atomic_store(&watchdog->asleep, true);
		/* Who started before that has not seen it. */
		if (!atomic_load(&watchdog->slot) &&
		    read(watchdog->alarm, &count, sizeof(count)) < 0 && errno != EINTR)
			return NULL;
		atomic_store(&watchdog->asleep, false);
		look(watchdog);
	}
}

struct watchdog *watchdog_new(int session)
{
	struct watchdog *watchdog = g_new0(struct watchdog, 1);
	GThread *thread = NULL;

	watchdog->session = session;
	watchdog->alarm = eventfd(0, EFD_CLOEXEC);
	if (watchdog->alarm >= 0)
		thread = g_thread_try_new("watchdog", run_thread, watchdog, NULL);
	if (!thread) {
		descriptor_close(&watchdog->alarm);
		g_free(watchdog);
		errno = EAGAIN;
		return NULL;
	}
	g_thread_unref(thread);
	return watchdog;
}

void watchdog_start(struct watchdog *watchdog, struct slot *slot)
{
	const uint64_t one = 1;

	atomic_store(&watchdog->since, g_get_monotonic_time());
	atomic_store(&watchdog->slot, slot);
	if (atomic_load(&watchdog->asleep) && write(watchdog->alarm, &one, sizeof(one)) < 0)
		return; /* it looks already */
}

void watchdog_stop(struct watchdog *watchdog)
{
	atomic_store(&watchdog->slot, NULL);
}

struct slot *watchdog_pause(struct watchdog *watchdog)
{
	return atomic_exchange(&watchdog->slot, NULL);
}

void watchdog_resume(struct watchdog *watchdog, struct slot *slot)
{
	if (slot)
		watchdog_start(watchdog, slot);
}
