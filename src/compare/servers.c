/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients in containers talk to. */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "compare/process.h"
#include "compare/servers.h"
#include "compare/witnesses.h"

#define DEADLINE_MS 10000
#define END_MS 1000
#define POLL_MS 20

struct servers {
	const struct world *world;
	bool far;
	struct process *workload;
	GPtrArray *witnesses; /* struct process * */
};

/* With the rights of the world's root: one answers for names on port 53. */
static bool enter_host(const void *data)
{
	return world_enter(data, WORLD_PLACE_HOST);
}

static bool enter_remote(const void *data)
{
	return world_enter(data, WORLD_PLACE_REMOTE);
}

static struct process *start(const struct servers *servers, const char *const *words,
			     GError **error)
{
	return process_start(words, servers->far ? enter_remote : enter_host, servers->world,
			     error);
}

static bool start_workload(struct servers *servers, guint port, GError **error)
{
	g_autofree char *number = g_strdup_printf("%u", port);
	const char *const words[] = {
		"slirpway-workload", "server", "--address",  "::", "--port", number,
		"--dns-port",	     "53",     "--ready-fd", "1",  NULL
	};
	g_autofree char *line = NULL;
	g_autofree char *message = NULL;

	servers->workload = start(servers, words, error);
	if (!servers->workload)
		return false;
	if (process_next(servers->workload, DEADLINE_MS, &line) == PROCESS_LINE)
		return true;
	message = process_message(servers->workload);
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "the workload's server did not start: %s", message);
	return false;
}

/* True if a process's network namespace has a listener at the port, by /proc/PID/net/NAME. */
static bool listens_in(pid_t pid, const char *name, guint port)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/net/%s", (int)pid, name);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		unsigned int local, state;

		/* "SLOT: ADDRESS:PORT ADDRESS:PORT STATE", 10 being LISTEN. */
		if (sscanf(*line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &local, &state) == 2 &&
		    local == port && state == 10)
			return true;
	}
	return false;
}

/* Nothing tells when somebody else's program listens. */
static bool wait_for_listener(struct process *process, guint port)
{
	for (int waited = 0; waited < DEADLINE_MS; waited += POLL_MS) {
		g_autofree char *line = NULL;

		if (listens_in(process_id(process), "tcp6", port) ||
		    listens_in(process_id(process), "tcp", port))
			return true;
		if (process_next(process, POLL_MS, &line) == PROCESS_END)
			return false;
	}
	return false;
}

static void start_witness(struct servers *servers, const struct witness *witness)
{
	g_autofree char *line = witness_fill(witness->server, "", witness->port, 0);
	const char *const words[] = { "sh", "-c", line, NULL };
	struct process *process = start(servers, words, NULL);
	g_autofree char *message = NULL;

	if (!process)
		return;
	if (!wait_for_listener(process, witness->port)) {
		message = process_message(process);
		log_warning("compare: the server of %s does not listen: %s", witness->program,
			    message);
	}
	g_ptr_array_add(servers->witnesses, process);
}

/* True if a witness before that of index has the same server. */
static bool has_server(const struct plan *plan, guint index, const struct witness *witness)
{
	for (guint i = 0; i < index; i++) {
		const struct workload *workload = plan->workloads->pdata[i];

		if (workload->kind->witness && workload->kind->witness->port == witness->port)
			return true;
	}
	return false;
}

static void start_witnesses(struct servers *servers, const struct plan *plan)
{
	for (guint i = 0; i < plan->workloads->len; i++) {
		const struct workload *workload = plan->workloads->pdata[i];
		const struct witness *witness = workload->kind->witness;

		if (witness && !has_server(plan, i, witness))
			start_witness(servers, witness);
	}
}

static void end_process(gpointer process)
{
	process_end(process, END_MS);
}

struct servers *servers_start(const struct world *world, const struct plan *plan, guint port,
			      gboolean far, GError **error)
{
	struct servers *servers = g_new0(struct servers, 1);

	servers->world = world;
	servers->far = far;
	servers->witnesses = g_ptr_array_new_with_free_func(end_process);
	if (!start_workload(servers, port, error)) {
		servers_end(servers);
		return NULL;
	}
	start_witnesses(servers, plan);
	return servers;
}

pid_t servers_process(const struct servers *servers)
{
	return process_id(servers->workload);
}

void servers_end(struct servers *servers)
{
	if (!servers)
		return;
	process_end(servers->workload, END_MS);
	g_ptr_array_unref(servers->witnesses);
	g_free(servers);
}
