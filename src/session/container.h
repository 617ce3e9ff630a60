/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container that run makes: its first process, from fork to the end of COMMAND. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "namespace/device.h"
#include "namespace/join.h"
#include "namespace/user_map.h"
#include "session/container_trap.h"
#include "session/signals.h"

struct container;

/* What the first process is to be; everything is borrowed and used until container_execute only. */
struct container_request {
	char *const *command; /* NULL-terminated */
	enum user_map user_map;
	struct device_request device;
	bool without_device; /* lo is all that it gets */
	struct trap_request trap;
	const char *etc_directory;     /* its resolv.conf and hosts go over those of /etc */
	const struct signals *signals; /* restored for COMMAND */
};

/* slirpway's ends of what connects it with the container. */
struct container_ends {
	struct device device;
	struct trap trap;
	char *refusal; /* why calls that were to be trapped are not; else NULL */
};

/*
 * Forks the first process, which makes its namespaces, opens the device (the one in *ret_ends has
 * fd -1 where there is to be none), has its calls trapped
 * where that is asked for, and then waits; comes back when it does (at most ten seconds). *ret_ends
 * is the caller's. Returns NULL with error set. To be called while this process has one thread.
 * Trapped calls are to be answered from container_execute on.
 */
struct container *container_prepare(const struct container_request *request,
				    struct container_ends *ret_ends, GError **error);

/* Closes and frees what is still there. */
void container_ends_clear(struct container_ends *ends);

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
