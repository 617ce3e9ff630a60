/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run and attach have in common: a session with a name, a directory and a control socket. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "namespace/join.h"
#include "options/session_options.h"
#include "session/container_trap.h"
#include "session/session.h"

struct instance;

/*
 * Claims the session's name: the one of config, or "STEM-PID" (stem is changed where it has to be),
 * which config then gets. Keeps the caller's --ready-fd from everything that is executed. Returns
 * NULL with error set. To be called before anything else is opened.
 */
struct instance *instance_new(struct invocation *invocation, const char *stem, GError **error);

/* The session's directory; the instance's. */
const char *instance_directory(const struct instance *instance);

/* How the container's device is to be made; borrows from the instance's invocation. */
struct device_request instance_device_request(const struct instance *instance);

/*
 * How config's mode has the container's calls trapped. Where auto finds that they can't be, none
 * are wanted, and the reason is told later. Returns false with error set where another mode can't
 * be had.
 */
bool instance_trap_request(struct instance *instance, struct trap_request *ret_request,
			   GError **error);

/* Notes why calls are not trapped that auto wanted to be; NULL changes nothing. */
void instance_refuse_trap(struct instance *instance, const char *reason);

/*
 * Brings the network up on device (fd -1: without one) and, if it is not NULL, trap (their
 * descriptors are taken in either case) and opens the control socket; stop is called when a client
 * wants the session to end. Says on standard error which mode and device were chosen, where that
 * was left to us. Returns false with error set.
 */
bool instance_start(struct instance *instance, const struct device *device, const struct trap *trap,
		    void (*stop)(void *data), void *data, GError **error);

/* session_follow_servers of the session that instance_start has started. */
void instance_follow_servers(struct instance *instance, session_servers_func changed, void *data);

/* Tells --ready-fd, if there is one, that the network works, and closes it. */
void instance_report_ready(struct instance *instance);

/* Ends the session and removes its directory; NULL is allowed. */
void instance_free(struct instance *instance);
