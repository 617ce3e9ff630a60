/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timer that ends this process, for while it touches what a caller may make slow. */

#include "config.h"

#include <stddef.h>
#include <sys/time.h>

#include "syscall/watchdog.h"

#define HANDLER_TIMEOUT_US 500000

static void set_timer(long microseconds)
{
	const struct itimerval timer = { .it_value.tv_usec = microseconds };

	setitimer(ITIMER_REAL, &timer, NULL);
}

void watchdog_start(void)
{
	set_timer(HANDLER_TIMEOUT_US);
}

void watchdog_stop(void)
{
	set_timer(0);
}
