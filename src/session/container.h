/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container that run makes: its first process, from fork to the end of COMMAND. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "namespace/device.h"
#include "namespace/join.h"
#include "namespace/user_map.h"
#include "session/signals.h"

struct container;

/* What the first process is to be; everything is borrowed and used until container_execute only. */
struct container_request {
	char *const *command; /* NULL-terminated */
	enum user_map user_map;
	struct device_request device;
	const char *etc_directory;     /* its resolv.conf and hosts go over those of /etc */
	const struct signals *signals; /* restored for COMMAND */
};

/*
 * Forks the first process, which makes its namespaces, opens the device, and then waits; comes back
 * when it does (at most ten seconds). The device's descriptor is the caller's. Returns NULL with
 * error set. To be called while this process has one thread.
 */
struct container *container_prepare(const struct container_request *request,
				    struct device *ret_device, GError **error);

/*
 * COMMAND has ended, or could not be executed (failure says why; else NULL). status is COMMAND's
 * exit status, 128 + n if signal n killed it, 126 or 127 if it could not be executed (as in the
 * shell).
 */
typedef void (*container_ended_func)(int status, const char *failure, void *data);

/* Lets the first process execute COMMAND; ended is called once, on the default main context. */
void container_execute(struct container *container, container_ended_func ended, void *data);

/* Sends a signal to the first process if it still runs. */
void container_signal(const struct container *container, int number);

/* To be called at SIGCHLD: stops this process if the first process was stopped (job_control.h). */
void container_follow_stop(const struct container *container);

/* Kills the first process if it still runs, and reaps it; NULL is allowed. */
void container_free(struct container *container);
