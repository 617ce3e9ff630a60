/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a packet engine running.
 *
 * An engine is lost when its process ends, when it hangs up, when it leaves a request unanswered,
 * or when it says something that no engine says (what a container sends may have taken it over). In
 * each case it is killed, reaped as soon as its pidfd says that it has ended, and replaced: at
 * once, unless it did not live for a second; then after a pause that doubles up to five seconds.
 * The new engine gets the same configuration and the same descriptors, so the container's device
 * never goes away.
 *
 *	running --(hung up, hangs, nonsense: SIGKILL)--> ending --(pidfd readable)--> waiting
 *	running --(pidfd readable)----------------------------------------------------> waiting
 *	waiting --(at once or after a pause)--> running
 *
 * One that ends because the device is gone is not replaced: there is nothing to go on with.
 *
 * Until engine_process_settle has succeeded a lost engine is an error and is not replaced.
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
#include "session/engine_process.h"
#include "session/engine_spawn.h"
#include "slirp-glue/engine.h"

#define LIVED_LONG_ENOUGH_US G_USEC_PER_SEC
#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS 5000
#define END_TIMEOUT_MS 1000
#define LINK_LOST_GRACE_MS 500

static const char link_lost_text[] = "the container's network device is gone";

struct engine_process {
	struct engine_config config;
	int link; /* borrowed, as pcap */
	int pcap;
	engine_replaced_func replaced;
	void *replaced_data;
	struct engine_channel *channel; /* while running */
	pid_t pid;			/* while running or ending, else 0 */
	int pidfd;
	guint exit_source;
	guint restart_source; /* while waiting, or until the loss of the link is told */
	gint64 started;	      /* monotonic time, microseconds */
	unsigned int pause_ms;
	uint32_t restarts;
	bool settled;
	bool link_lost;
	const char *fault; /* why it was killed; NULL: it ended by itself */
	GError *failure;   /* before it settled: what went wrong */
};

static void engine_fail(struct engine_process *engine, GError *error)
{
	if (engine->failure)
		g_error_free(error);
	else
		engine->failure = error;
}

/* The engine is of no more use: what remains is to see it end. */
static void engine_abandon(const char *why, void *data)
{
	struct engine_process *engine = data;

	engine->fault = why;
	if (engine->pid > 0)
		kill(engine->pid, SIGKILL);
	g_clear_pointer(&engine->channel, engine_channel_free);
}

static char *describe_end(const struct engine_process *engine, int status)
{
	if (engine->fault)
		return g_strdup_printf("was killed: %s", engine->fault);
	if (WIFSIGNALED(status))
		return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
				       g_strsignal(WTERMSIG(status)));
	return g_strdup_printf("ended with status %d", WEXITSTATUS(status));
}

/*
 * Reaps the engine, which was told to end or has ended; one that goes on for a second more is
 * killed. Returns how it ended, for the caller to free; its exit status goes to *ret_status if that
 * is not NULL, -1 if it was killed.
 */
static char *engine_collect(struct engine_process *engine, int *ret_status)
{
	int status = SIGKILL;

	if (child_wait(engine->pid, END_TIMEOUT_MS, &status) == -ETIMEDOUT && !engine->fault)
		engine->fault = "it did not end by itself";
	engine->pid = 0;
	g_clear_handle_id(&engine->exit_source, g_source_remove);
	descriptor_close(&engine->pidfd);
	if (ret_status)
		*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return describe_end(engine, status);
}

static void configured(const struct engine_answer *answer, void *data)
{
	struct engine_process *engine = data;
	GError *error = NULL;

	if (answer->error || answer->result == 0)
		return;
	error_set_errno(&error, answer->result, "the packet engine refused its configuration");
	if (engine->settled) {
		log_error("%s", error->message);
		g_error_free(error);
		if (engine->pid > 0)
			kill(engine->pid, SIGKILL); /* its end is seen, and the next one tried */
	} else {
		engine_fail(engine, error);
	}
}

static gboolean engine_ended(int fd, GIOCondition condition, void *data);

static bool engine_start(struct engine_process *engine, GError **error)
{
	struct engine_child child;
	const int fds[] = { engine->link, engine->pcap };

	if (!engine_spawn(&child, error))
		return false;
	engine->pid = child.pid;
	engine->pidfd = child.pidfd;
	engine->fault = NULL;
	engine->started = g_get_monotonic_time();
	engine->exit_source = g_unix_fd_add(child.pidfd, G_IO_IN, engine_ended, engine);
	engine->channel = engine_channel_new(child.socket, engine_abandon, engine);
	engine_channel_request(engine->channel, MESSAGE_CONFIGURE, &engine->config,
			       sizeof(engine->config), fds, engine->pcap >= 0 ? 2 : 1, configured,
			       engine);
	return true;
}

static void engine_schedule(struct engine_process *engine);

static gboolean engine_restart(void *data)
{
	struct engine_process *engine = data;
	g_autoptr(GError) error = NULL;

	engine->restart_source = 0;
	engine->restarts++;
	if (engine_start(engine, &error)) {
		engine->replaced(engine->replaced_data);
	} else {
		log_error("%s; trying again", error->message);
		engine->started = g_get_monotonic_time();
		engine_schedule(engine);
	}
	return G_SOURCE_REMOVE;
}

static void engine_schedule(struct engine_process *engine)
{
	bool lived = g_get_monotonic_time() - engine->started >= LIVED_LONG_ENOUGH_US;

	if (lived || engine->restarts == 0)
		engine->pause_ms = 0;
	else
		engine->pause_ms = CLAMP(engine->pause_ms * 2, PAUSE_FIRST_MS, PAUSE_MAX_MS);
	engine->restart_source = g_timeout_add(engine->pause_ms, engine_restart, engine);
}

static gboolean tell_link_lost(void *data)
{
	struct engine_process *engine = data;

	engine->restart_source = 0;
	log_warning("%s", link_lost_text);
	return G_SOURCE_REMOVE;
}

static gboolean engine_ended(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct engine_process *engine = data;
	pid_t pid = engine->pid;
	int status;
	g_autofree char *how = engine_collect(engine, &status);

	g_clear_pointer(&engine->channel, engine_channel_free);
	if (status == ENGINE_EXIT_LINK_LOST) {
		/* Mostly the container is at its end then, and so are we in a moment. */
		engine->link_lost = true;
		engine->restart_source = g_timeout_add(LINK_LOST_GRACE_MS, tell_link_lost, engine);
	} else {
		log_warning("the packet engine (process %d) %s; starting it again", (int)pid, how);
		engine_schedule(engine);
	}
	return G_SOURCE_REMOVE;
}

struct engine_process *engine_process_new(const struct engine_config *config, int link, int pcap,
					  engine_replaced_func replaced, void *data, GError **error)
{
	struct engine_process *engine = g_new0(struct engine_process, 1);

	engine->config = *config;
	engine->link = link;
	engine->pcap = pcap;
	engine->replaced = replaced;
	engine->replaced_data = data;
	engine->pidfd = -1;
	if (!engine_start(engine, error)) {
		g_free(engine);
		return NULL;
	}
	return engine;
}

void engine_process_free(struct engine_process *engine)
{
	if (!engine)
		return;
	g_clear_handle_id(&engine->restart_source, g_source_remove);
	g_clear_pointer(&engine->channel, engine_channel_free);
	if (engine->pid > 0)
		g_free(engine_collect(engine, NULL));
	g_clear_error(&engine->failure);
	g_free(engine);
}

/* The error of an engine that was lost before it settled. */
static void engine_explain_loss(struct engine_process *engine)
{
	g_autofree char *how = engine_collect(engine, NULL);
	GError *error = NULL;

	error_set(&error, SLIRPWAY_ERROR_SYSTEM, "the packet engine %s while it was being set up",
		  how);
	engine_fail(engine, error);
}

bool engine_process_settle(struct engine_process *engine, int timeout_ms, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;

	while (engine->channel && !engine->failure && engine_channel_busy(engine->channel)) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;

		if (left <= 0) {
			error_set(&engine->failure, SLIRPWAY_ERROR_TIMEOUT,
				  "the packet engine was not ready after %d seconds",
				  timeout_ms / 1000);
			break;
		}
		engine_channel_wait(engine->channel, (int)left);
	}
	if (!engine->channel)
		engine_explain_loss(engine);
	if (engine->failure) {
		g_propagate_error(error, g_steal_pointer(&engine->failure));
		return false;
	}
	engine->settled = true;
	return true;
}

void engine_process_request(struct engine_process *engine, enum message_type type, const void *body,
			    size_t length, engine_answer_func func, void *data)
{
	g_autoptr(GError) error = NULL;
	struct engine_answer answer = { 0 };

	if (engine->channel) {
		engine_channel_request(engine->channel, type, body, length, NULL, 0, func, data);
		return;
	}
	error_set(&error, SLIRPWAY_ERROR_SYSTEM, "%s",
		  engine->link_lost ? link_lost_text : "the packet engine is being started again");
	answer.error = error;
	func(&answer, data);
}

pid_t engine_process_pid(const struct engine_process *engine)
{
	return engine->channel ? engine->pid : 0;
}

bool engine_process_link_is_lost(const struct engine_process *engine)
{
	return engine->link_lost;
}

uint32_t engine_process_restarts(const struct engine_process *engine)
{
	return engine->restarts;
}
