/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The syscall path of a session.
 *
 * The supervisor can be lost at any time, and its successor goes on: everything that must not be
 * lost with it is held here, the listener first of all. If that were closed, each trapped call
 * would fail with ENOSYS.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "session/container_sockets_service.h"
#include "session/supervision.h"
#include "syscall/shared_state.h"

struct supervision {
	struct trap trap;
	int state; /* memfd */
	int trace; /* -1: none wanted */
	char *trace_path;
	bool trace_lost; /* that has been told */
	struct container_sockets_service *sockets;
	struct worker_process *worker;
	worker_replaced_func replaced;
	forward_by_packets_func by_packets;
	void *data;
};

/* A FIFO or a terminal that takes nothing must not hold a supervisor up; appending lets the next
 * one go on with the file. */
static bool open_trace(const char *path, int *ret_fd, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		error_set_errno(error, errno, "opening the trace file %s", path);
	else
		*ret_fd = fd;
	return fd >= 0;
}

/* What a supervisor says may come from the container, and again and again. */
static void trace_lost(int number, void *data)
{
	struct supervision *supervision = data;

	if (supervision->trace_lost || supervision->trace < 0)
		return;
	supervision->trace_lost = true;
	log_warning("--trace: lines are lost: writing to %s: %s (slirpway status counts them as "
		    "trace_lost)",
		    supervision->trace_path, g_strerror(number));
}

static void by_packets(uint32_t id, void *data)
{
	struct supervision *supervision = data;

	supervision->by_packets(id, supervision->data);
}

static void before_replacement(void *data)
{
	struct supervision *supervision = data;

	container_sockets_service_renew(supervision->sockets);
}

static void after_replacement(void *data)
{
	struct supervision *supervision = data;

	supervision->replaced(supervision->data);
}

static bool start(struct supervision *supervision, const struct supervisor_config *config,
		  GError **error)
{
	struct worker_setup setup = {
		.config = config,
		.fds = { supervision->trap.listener, supervision->state,
			 supervision->trap.route_probe,
			 container_sockets_service_peer(supervision->sockets), supervision->trace },
		.count = supervision->trace >= 0 ? 5 : 4,
		.prepare = before_replacement,
	};

	supervision->worker = worker_process_new(&worker_kind_supervisor, &setup, after_replacement,
						 supervision, error);
	return supervision->worker != NULL;
}

static bool set_up(struct supervision *supervision, const char *trace_path,
		   const struct supervisor_config *config, GError **error)
{
	static const struct container_sockets_events events = { by_packets, trace_lost };

	if (trace_path && !open_trace(trace_path, &supervision->trace, error))
		return false;
	supervision->state = shared_state_create();
	if (supervision->state < 0) {
		error_set_errno(error, -supervision->state, "making the supervisor's memory");
		return false;
	}
	supervision->sockets =
		container_sockets_service_new(supervision->trap.pid, &events, supervision, error);
	return supervision->sockets && start(supervision, config, error);
}

struct supervision *supervision_new(const struct trap *trap, const char *trace_path,
				    const struct supervisor_config *config,
				    const struct supervision_events *events, void *data,
				    GError **error)
{
	struct supervision *supervision = g_new0(struct supervision, 1);

	supervision->trap = *trap;
	supervision->state = -1;
	supervision->trace = -1;
	supervision->trace_path = g_strdup(trace_path);
	supervision->replaced = events->replaced;
	supervision->by_packets = events->by_packets;
	supervision->data = data;
	if (!set_up(supervision, trace_path, config, error))
		g_clear_pointer(&supervision, supervision_free);
	return supervision;
}

void supervision_free(struct supervision *supervision)
{
	if (!supervision)
		return;
	worker_process_free(supervision->worker);
	container_sockets_service_free(supervision->sockets);
	descriptor_close(&supervision->state);
	descriptor_close(&supervision->trace);
	trap_clear(&supervision->trap);
	g_free(supervision->trace_path);
	g_free(supervision);
}

struct worker_process *supervision_worker(const struct supervision *supervision)
{
	return supervision->worker;
}

const struct trap *supervision_trap(const struct supervision *supervision)
{
	return &supervision->trap;
}
