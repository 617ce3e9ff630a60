/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a worker process running.
 *
 * A worker is lost when its process ends, when it hangs up, when it leaves a request unanswered, or
 * when it says something that no worker says (what a container sends may have taken it over). In
 * each case it is killed, reaped as soon as its pidfd says that it has ended, and replaced: at
 * once, unless it did not live for a second; then after a pause that doubles up to its kind's
 * longest.
 * The new worker gets the same configuration and the same descriptors, so the container's device
 * and the listener for its calls never go away.
 *
 *	running --(hung up, hangs, nonsense: SIGKILL)--> ending --(pidfd readable)--> waiting
 *	ending --(it does not end)--> waiting, and it is reaped whenever it ends; unless there are
 *	                              many such, which a container could go on making
 *	running --(pidfd readable)----------------------------------------------------> waiting
 *	waiting --(at once or after a pause)--> running
 *
 * Even a killed process does not end while it is inside a system call that no signal ends, such as
 * a read of memory that a file system of the container's never delivers. It can do no harm any
 *more.
 *
 * One that ends with its kind's final status is not replaced: there is nothing to go on with.
 *
 * Until worker_process_settle has succeeded a lost worker is an error and is not replaced.
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "namespace/child.h"
#include "session/worker_process.h"
#include "session/worker_spawn.h"

#define LIVED_LONG_ENOUGH_US G_USEC_PER_SEC
#define PAUSE_FIRST_MS 50
#define LINGER_MS 200
#define END_TIMEOUT_MS 1000
#define FINAL_GRACE_MS 500

/* Each is a process that the user has less; a container can make them by holding workers up. */
#define STRAGGLERS_MAX 16

struct worker_process {
	const struct worker_kind *kind;
	struct worker_setup setup; /* its config is owned */
	worker_replaced_func replaced;
	void *replaced_data;
	struct worker_channel *channel; /* while running */
	pid_t pid;			/* while running or ending, else 0 */
	int pidfd;
	guint exit_source;
	guint linger_source;  /* while ending */
	GSList *stragglers;   /* struct straggler */
	guint restart_source; /* while waiting, or until its final end is told */
	gint64 started;	      /* monotonic time, microseconds */
	unsigned int pause_ms;
	uint32_t restarts;
	bool settled;
	bool final;
	const char *fault; /* why it was killed; NULL: it ended by itself */
	GError *failure;   /* before it settled: what went wrong */
};

static void worker_fail(struct worker_process *worker, GError *error)
{
	if (worker->failure)
		g_error_free(error);
	else
		worker->failure = error;
}

/* A killed worker that has another in its place already. */
struct straggler {
	struct worker_process *worker;
	pid_t pid;
	int pidfd;
	guint exit_source;
};

static void straggler_free(void *data)
{
	struct straggler *straggler = data;

	g_clear_handle_id(&straggler->exit_source, g_source_remove);
	descriptor_close(&straggler->pidfd);
	g_free(straggler);
}

static gboolean straggler_ended(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
				void *data)
{
	struct straggler *straggler = data;
	int status;

	straggler->exit_source = 0;
	child_wait(straggler->pid, END_TIMEOUT_MS, &status);
	straggler->worker->stragglers = g_slist_remove(straggler->worker->stragglers, straggler);
	straggler_free(straggler);
	return G_SOURCE_REMOVE;
}

static void worker_schedule(struct worker_process *worker);

static gboolean worker_lingers(void *data)
{
	struct worker_process *worker = data;
	struct straggler *straggler;

	worker->linger_source = 0;
	if (g_slist_length(worker->stragglers) >= STRAGGLERS_MAX) {
		log_error("%s was killed and does not end, nor do %d before it; starting another "
			  "when it has ended",
			  worker->kind->words, STRAGGLERS_MAX);
		return G_SOURCE_REMOVE;
	}
	straggler = g_new(struct straggler, 1);
	g_clear_handle_id(&worker->exit_source, g_source_remove);
	*straggler = (struct straggler){ worker, worker->pid, worker->pidfd, 0 };
	straggler->exit_source =
		g_unix_fd_add(straggler->pidfd, G_IO_IN, straggler_ended, straggler);
	worker->stragglers = g_slist_prepend(worker->stragglers, straggler);
	log_warning("%s (process %d) was killed and does not end; starting another",
		    worker->kind->words, (int)worker->pid);
	worker->pid = 0;
	worker->pidfd = -1;
	worker_schedule(worker);
	return G_SOURCE_REMOVE;
}

/* The worker is of no more use: what remains is to see it end. */
static void worker_abandon(const char *why, void *data)
{
	struct worker_process *worker = data;

	worker->fault = why;
	if (worker->pid > 0)
		kill(worker->pid, SIGKILL);
	if (worker->pid > 0 && worker->settled && !worker->linger_source)
		worker->linger_source = g_timeout_add(LINGER_MS, worker_lingers, worker);
	g_clear_pointer(&worker->channel, worker_channel_free);
}

static char *describe_end(const struct worker_process *worker, int status)
{
	if (worker->fault)
		return g_strdup_printf("was killed: %s", worker->fault);
	if (WIFSIGNALED(status))
		return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
				       g_strsignal(WTERMSIG(status)));
	return g_strdup_printf("ended with status %d", WEXITSTATUS(status));
}

/*
 * Reaps the worker, which was told to end or has ended; one that goes on for a second more is
 * killed. Returns how it ended, for the caller to free; its exit status goes to *ret_status if that
 * is not NULL, -1 if it was killed.
 */
static char *worker_collect(struct worker_process *worker, int *ret_status)
{
	int status = SIGKILL;

	if (child_wait(worker->pid, END_TIMEOUT_MS, &status) == -ETIMEDOUT && !worker->fault)
		worker->fault = "it did not end by itself";
	worker->pid = 0;
	g_clear_handle_id(&worker->exit_source, g_source_remove);
	g_clear_handle_id(&worker->linger_source, g_source_remove);
	descriptor_close(&worker->pidfd);
	if (ret_status)
		*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return describe_end(worker, status);
}

static void configured(const struct worker_answer *answer, void *data)
{
	struct worker_process *worker = data;
	GError *error = NULL;

	if (answer->error || answer->result == 0)
		return;
	error_set_errno(&error, answer->result, "%s refused its configuration",
			worker->kind->words);
	if (worker->settled) {
		log_error("%s", error->message);
		g_error_free(error);
		if (worker->pid > 0)
			kill(worker->pid, SIGKILL); /* its end is seen, and the next one tried */
	} else {
		worker_fail(worker, error);
	}
}

static gboolean worker_ended(int fd, GIOCondition condition, void *data);

static bool worker_start(struct worker_process *worker, GError **error)
{
	struct worker_child child;
	const struct worker_setup *setup = &worker->setup;

	if (!worker_spawn(worker->kind, &child, error))
		return false;
	worker->pid = child.pid;
	worker->pidfd = child.pidfd;
	worker->fault = NULL;
	worker->started = g_get_monotonic_time();
	worker->exit_source = g_unix_fd_add(child.pidfd, G_IO_IN, worker_ended, worker);
	worker->channel = worker_channel_new(worker->kind, child.socket, worker_abandon, worker);
	worker_channel_request(worker->channel, worker->kind->first, setup->config,
			       worker->kind->config_size, setup->fds, setup->count, configured,
			       worker);
	return true;
}

static gboolean worker_restart(void *data)
{
	struct worker_process *worker = data;
	g_autoptr(GError) error = NULL;

	worker->restart_source = 0;
	worker->restarts++;
	if (worker->setup.prepare)
		worker->setup.prepare(worker->replaced_data);
	if (worker_start(worker, &error)) {
		worker->replaced(worker->replaced_data);
	} else {
		log_error("%s; trying again", error->message);
		worker->started = g_get_monotonic_time();
		worker_schedule(worker);
	}
	return G_SOURCE_REMOVE;
}

static void worker_schedule(struct worker_process *worker)
{
	bool lived = g_get_monotonic_time() - worker->started >= LIVED_LONG_ENOUGH_US;

	if (lived || worker->restarts == 0)
		worker->pause_ms = 0;
	else
		worker->pause_ms =
			CLAMP(worker->pause_ms * 2, PAUSE_FIRST_MS, worker->kind->pause_max_ms);
	worker->restart_source = g_timeout_add(worker->pause_ms, worker_restart, worker);
}

static gboolean tell_final(void *data)
{
	struct worker_process *worker = data;

	worker->restart_source = 0;
	log_warning("%s", worker->kind->final_words);
	return G_SOURCE_REMOVE;
}

static gboolean worker_ended(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct worker_process *worker = data;
	pid_t pid = worker->pid;
	int status;
	g_autofree char *how = worker_collect(worker, &status);

	g_clear_pointer(&worker->channel, worker_channel_free);
	if (worker->kind->final_words && status == worker->kind->final_status) {
		/* Mostly the container is at its end then, and so are we in a moment. */
		worker->final = true;
		worker->restart_source = g_timeout_add(FINAL_GRACE_MS, tell_final, worker);
	} else {
		log_warning("%s (process %d) %s; starting it again", worker->kind->words, (int)pid,
			    how);
		worker_schedule(worker);
	}
	return G_SOURCE_REMOVE;
}

struct worker_process *worker_process_new(const struct worker_kind *kind,
					  const struct worker_setup *setup,
					  worker_replaced_func replaced, void *data, GError **error)
{
	struct worker_process *worker = g_new0(struct worker_process, 1);

	worker->kind = kind;
	worker->setup = *setup;
	worker->setup.config = g_memdup2(setup->config, kind->config_size);
	worker->replaced = replaced;
	worker->replaced_data = data;
	worker->pidfd = -1;
	if (!worker_start(worker, error))
		g_clear_pointer(&worker, worker_process_free);
	return worker;
}

void worker_process_free(struct worker_process *worker)
{
	if (!worker)
		return;
	g_clear_handle_id(&worker->restart_source, g_source_remove);
	g_clear_pointer(&worker->channel, worker_channel_free);
	if (worker->pid > 0)
		g_free(worker_collect(worker, NULL));
	g_slist_free_full(worker->stragglers, straggler_free);
	g_clear_error(&worker->failure);
	g_free((void *)worker->setup.config);
	g_free(worker);
}

/* The error of a worker that was lost before it settled. */
static void worker_explain_loss(struct worker_process *worker)
{
	g_autofree char *how = worker_collect(worker, NULL);
	GError *error = NULL;

	error_set(&error, SLIRPWAY_ERROR_SYSTEM, "%s %s while it was being set up",
		  worker->kind->words, how);
	worker_fail(worker, error);
}

bool worker_process_settle(struct worker_process *worker, int timeout_ms, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;

	while (worker->channel && !worker->failure && worker_channel_busy(worker->channel)) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;

		if (left <= 0) {
			error_set(&worker->failure, SLIRPWAY_ERROR_TIMEOUT,
				  "%s was not ready after %d seconds", worker->kind->words,
				  timeout_ms / 1000);
			break;
		}
		worker_channel_wait(worker->channel, (int)left);
	}
	if (!worker->channel)
		worker_explain_loss(worker);
	if (worker->failure) {
		g_propagate_error(error, g_steal_pointer(&worker->failure));
		return false;
	}
	worker->settled = true;
	return true;
}

void worker_process_request(struct worker_process *worker, enum message_type type, const void *body,
			    size_t length, worker_answer_func func, void *data)
{
	g_autoptr(GError) error = NULL;
	struct worker_answer answer = { 0 };

	if (worker->channel) {
		worker_channel_request(worker->channel, type, body, length, NULL, 0, func, data);
		return;
	}
	if (worker->final)
		error_set(&error, SLIRPWAY_ERROR_SYSTEM, "%s", worker->kind->final_words);
	else
		error_set(&error, SLIRPWAY_ERROR_SYSTEM, "%s is being started again",
			  worker->kind->words);
	answer.error = error;
	func(&answer, data);
}

pid_t worker_process_pid(const struct worker_process *worker)
{
	return worker->channel ? worker->pid : 0;
}

bool worker_process_is_final(const struct worker_process *worker)
{
	return worker->final;
}

uint32_t worker_process_restarts(const struct worker_process *worker)
{
	return worker->restarts;
}
