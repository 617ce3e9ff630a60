/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A clock that the test moves on, however slow the machine; each look at it takes a microsecond, so
 * that who waits by looking is not kept for ever.
 */

#include "config.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/glue/fake_clock.h"

#define NS_PER_S (1000ULL * 1000 * 1000)
#define LOOK_NS 1000

static uint64_t start_ns, passed_ns;

void fake_clock_pass(uint64_t ns)
{
	passed_ns += ns;
}

/* A program's own function comes before the library's of that name. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);
	uint64_t ns;

	if (result == 0 && clock == CLOCK_MONOTONIC) {
		if (start_ns == 0)
			start_ns = (uint64_t)now->tv_sec * NS_PER_S + (uint64_t)now->tv_nsec;
		passed_ns += LOOK_NS;
		ns = start_ns + passed_ns;
		now->tv_sec = (time_t)(ns / NS_PER_S);
		now->tv_nsec = (long)(ns % NS_PER_S);
	}
	return result;
}
