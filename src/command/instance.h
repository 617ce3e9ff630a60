/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run and attach have in common: a session with a name, a directory and a control socket. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "namespace/join.h"
#include "options/session_options.h"

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
 * Brings the network up on device (its descriptor is taken in either case) and opens the control
 * socket; stop is called when a client wants the session to end. Says on standard error which mode
 * and device were chosen, where that was left to us. Returns false with error set.
 */
bool instance_start(struct instance *instance, const struct device *device,
		    void (*stop)(void *data), void *data, GError **error);

/* Tells --ready-fd, if there is one, that the network works, and closes it. */
void instance_report_ready(struct instance *instance);

/* Ends the session and removes its directory; NULL is allowed. */
void instance_free(struct instance *instance);
