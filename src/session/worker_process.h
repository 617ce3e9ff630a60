/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps a worker process running: starts it, configures it, starts it again whenever it is lost. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "session/worker_channel.h"

struct worker_process;

/* Called when a worker that replaces a lost one has been configured: the place to tell it all
 * else. */
typedef void (*worker_replaced_func)(void *data);

/* What each worker is told first, the one that replaces another too. */
struct worker_setup {
	const void *config; /* the body of kind->first, kind->config_size bytes; copied */
	int fds[DESCRIPTORS_PER_MESSAGE]; /* the caller's; must outlive the process */
	size_t count;
	/* Called before a worker replaces another, for what they must not share; NULL: nothing. */
	void (*prepare)(void *data);
};

/*
 * Starts a worker and sends it what setup says. kind is borrowed; data is for replaced and prepare.
 * Returns NULL with error set.
 */
struct worker_process *worker_process_new(const struct worker_kind *kind,
					  const struct worker_setup *setup,
					  worker_replaced_func replaced, void *data,
					  GError **error);

/* Ends the worker (it has a second to write out its files) and reaps it; NULL is allowed. */
void worker_process_free(struct worker_process *worker);

/*
 * Waits until everything asked so far is answered, at most timeout_ms milliseconds. Returns false
 * with error set if the worker refused its configuration, was lost, or took too long. To be called
 * once after worker_process_new: only from then on is a lost worker replaced.
 */
bool worker_process_settle(struct worker_process *worker, int timeout_ms, GError **error);

/*
 * Sends a request with a body of length bytes. func is called once: later, or at once with an error
 * while no worker runs.
 */
void worker_process_request(struct worker_process *worker, enum message_type type, const void *body,
			    size_t length, worker_answer_func func, void *data);

/* The worker's process id; 0 while none runs. */
pid_t worker_process_pid(const struct worker_process *worker);

/* True once a worker ended with kind->final_status: it is not replaced. */
bool worker_process_is_final(const struct worker_process *worker);

/* How often a lost worker was replaced. */
uint32_t worker_process_restarts(const struct worker_process *worker);
