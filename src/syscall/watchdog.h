/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ends a supervisor that a caller holds up. */
#pragma once

#include "syscall/shared_state.h"

struct watchdog;

/*
 * Starts the thread that watches. session is the socket to the session, borrowed. NULL with errno
 * set where there is no thread to be had.
 */
struct watchdog *watchdog_new(int session);

/*
 * Between start and stop this thread may be held up, by the call in slot. If it is for long, the
 * slot is marked with SLOT_POISONED attempts, the session hears that we hang up, and the process is
 * killed.
 */
void watchdog_start(struct watchdog *watchdog, struct slot *slot);
void watchdog_stop(struct watchdog *watchdog);

/*
 * For a wait that is not the caller's fault: pause returns what resume takes, NULL where nothing is
 * watched.
 */
struct slot *watchdog_pause(struct watchdog *watchdog);
void watchdog_resume(struct watchdog *watchdog, struct slot *slot);
