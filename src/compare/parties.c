/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who works when a path carries something. */

#include "config.h"

#include <math.h>
#include <stdbool.h>

#include "base/util.h"
#include "compare/accounting.h"
#include "compare/parties.h"
#include "control/client.h"
#include "control/member.h"

/* Some processes that do one job. */
struct party {
	GArray *pids;	/* pid_t */
	double started; /* CPU seconds at the beginning */
	double memory;	/* the most that was seen */
};

struct parties {
	const struct path *path;
	char *session;
	struct party server, engine, supervisor, first; /* first: the session's own process */
	struct session_counters counters;
};

/* NAN where none of them can be asked. */
static double sum_over(const GArray *pids, double (*ask)(pid_t pid))
{
	double sum = NAN;

	for (guint i = 0; i < pids->len; i++) {
		const double value = ask(g_array_index(pids, pid_t, i));

		if (!isnan(value))
			sum = isnan(sum) ? value : sum + value;
	}
	return sum;
}

/* Takes over the array. */
static void party_begin(struct party *party, GArray *pids)
{
	party->pids = pids;
	party->started = sum_over(pids, accounting_cpu_seconds);
	party->memory = NAN;
}

static GArray *one_process(gint64 pid)
{
	GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	const pid_t value = (pid_t)pid;

	if (value > 0)
		g_array_append_val(pids, value);
	return pids;
}

static double trapped_calls(JsonObject *calls)
{
	static const char *const names[] = { "connect", "bind", "listen", "send",	 "clone",
					     "ioctl",	"name", "accept", "epoll_create" };
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		sum += (double)member_number(calls, names[i]);
	return sum;
}

static void take_counters(struct session_counters *counters, JsonObject *status)
{
	JsonObject *frames = member_object(status, "counters");
	JsonObject *calls = member_object(status, "calls");

	if (frames) {
		counters->frames = (double)(member_number(frames, "frames_in") +
					    member_number(frames, "frames_out"));
		counters->frame_bytes = (double)(member_number(frames, "bytes_in") +
						 member_number(frames, "bytes_out"));
	}
	if (calls) {
		counters->swaps = (double)member_number(calls, "swapped");
		counters->trapped = trapped_calls(calls);
	} else if (frames) {
		/* Nothing is trapped in mode packet. */
		counters->swaps = counters->trapped = 0;
	}
	counters->restarts = (double)(member_number(status, "engine_restarts") +
				      member_number(status, "supervisor_restarts"));
}

/* The session's own account of itself; a new reference, or an empty object. */
static JsonObject *ask_session(struct parties *parties)
{
	g_autoptr(JsonNode) node =
		control_call(parties->session, "status", NULL, CONTROL_TIMEOUT_MS, NULL);
	JsonObject *status = node ? member_root(node) : json_object_new();

	if (node)
		take_counters(&parties->counters, status);
	return status;
}

static void find_workers(struct parties *parties)
{
	g_autoptr(JsonObject) status = ask_session(parties);

	party_begin(&parties->engine, one_process(member_number(status, "engine_pid")));
	party_begin(&parties->supervisor, one_process(member_number(status, "supervisor_pid")));
	party_begin(&parties->first, one_process(member_number(status, "pid")));
}

struct parties *parties_find(const struct path *path, pid_t root, pid_t server, const char *session)
{
	struct parties *parties = g_new0(struct parties, 1);

	parties->path = path;
	parties->session = g_strdup(session);
	parties->counters = (struct session_counters){ NAN, NAN, NAN, NAN, NAN };
	party_begin(&parties->server, one_process(server));
	if (path->kind == PATH_SLIRPWAY) {
		find_workers(parties);
		return parties;
	}
	party_begin(&parties->engine,
		    path->processes ? accounting_processes(root, path->processes) : one_process(0));
	party_begin(&parties->supervisor, one_process(0));
	party_begin(&parties->first, one_process(0));
	return parties;
}

void parties_free(struct parties *parties)
{
	if (!parties)
		return;
	g_array_unref(parties->server.pids);
	g_array_unref(parties->engine.pids);
	g_array_unref(parties->supervisor.pids);
	g_array_unref(parties->first.pids);
	g_free(parties->session);
	g_free(parties);
}

void parties_restart(struct parties *parties)
{
	struct party *all[] = { &parties->server, &parties->engine, &parties->supervisor,
				&parties->first };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		all[i]->started = sum_over(all[i]->pids, accounting_cpu_seconds);
}

static void watch_memory(struct party *party)
{
	const double bytes = sum_over(party->pids, accounting_memory_bytes);

	if (!isnan(bytes) && !(party->memory >= bytes))
		party->memory = bytes;
}

void parties_watch_memory(struct parties *parties)
{
	watch_memory(&parties->engine);
	watch_memory(&parties->supervisor);
	watch_memory(&parties->first);
}

/* CPU seconds since the beginning; 0 for a job that nobody has. */
static double party_cpu(const struct party *party)
{
	if (party->pids->len == 0)
		return 0;
	return sum_over(party->pids, accounting_cpu_seconds) - party->started;
}

void parties_measure(struct parties *parties, struct measures *measures)
{
	const bool elsewhere = parties->server.pids->len == 0;

	/* First: asking the session makes it work. */
	measures->value[MEASURE_CPU_SERVER] = elsewhere ? NAN : party_cpu(&parties->server);
	measures->value[MEASURE_CPU_ENGINE] = party_cpu(&parties->engine);
	measures->value[MEASURE_CPU_SUPERVISOR] =
		party_cpu(&parties->supervisor) + party_cpu(&parties->first);
	parties_watch_memory(parties);
	measures->value[MEASURE_MEMORY_ENGINE] = parties->engine.memory;
	measures->value[MEASURE_MEMORY_SUPERVISOR] = parties->supervisor.memory;
	measures->value[MEASURE_MEMORY_SESSION] = parties->first.memory;
	if (parties->path->kind == PATH_SLIRPWAY)
		json_object_unref(ask_session(parties));
	measures->value[MEASURE_PACKETS] = parties->counters.frames;
	measures->value[MEASURE_SWAPS] = parties->counters.swaps;
	measures->value[MEASURE_TRAPPED] = parties->counters.trapped;
}

const struct session_counters *parties_counters(const struct parties *parties)
{
	return &parties->counters;
}
