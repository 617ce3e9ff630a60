/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of one thing over one path.
 *
 * What runs in the container is the client in a wrapper, a few lines of sh(1) that talk with us
 * over standard input and output:
 *
 *     it says    "pid N"     only where we make its network (path "veth"); then it waits
 *     it says    "ready"     the network is there, the congestion control set; then it waits
 *     it says    a number    only where the client has set up its connections (--ready-fd 3)
 *     it says    {...}       what the client prints
 *     it says    lines of /proc/net/dev, then "end STATUS"; then it waits
 *
 * Each wait is ended by a line of ours. So CPU time is counted from "ready" (or that number) to the
 * client's output, without what it takes to make the container, and a session still lives when it
 * is asked for its counters.
 */

#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/shell.h"
#include "compare/client_output.h"
#include "compare/device_counters.h"
#include "compare/parties.h"
#include "compare/process.h"
#include "compare/run.h"
#include "compare/witnesses.h"

/* For a container and its network to come up; for work to end, beyond what it is to take. */
#define START_DEADLINE_MS 10000
#define WORK_DEADLINE_MS 15000
#define END_DEADLINE_MS 5000

/* Round trips for each connection that is opened before the work: far more than it takes. */
#define CONNECTION_TRIPS 6

/*
 * Before the work begins: the kernel takes down the namespaces of the run before for a while, which
 * nothing tells the end of, and on the plain host there is no container whose making takes as long.
 */
#define SETTLE_US 50000

/* How often the memory is looked at. */
#define WATCH_INTERVAL_MS 100

#define GIBIBYTE (1024.0 * 1024.0 * 1024.0)
#define MICROSECONDS 1e6

#define SET_CONGESTION "/proc/sys/net/ipv4/tcp_congestion_control"

static const char wrapper[] =
	"{ echo \"$0\" >" SET_CONGESTION "; } 2>/dev/null; echo ready; read -r go; "
	"\"$@\" </dev/null 3>&1; s=$?; cat /proc/net/dev; echo \"end $s\"; read -r go; exit $s";

/* The same for a reader, who has nobody to talk with. */
static const char settle[] = "echo \"$0\" >" SET_CONGESTION "; exec \"$@\"";

/* One run while it lasts. */
struct run {
	const struct run_place *place;
	const struct plan_cell *cell;
	struct sample *sample;
	struct process *process;
	struct parties *parties;
	struct client_output *output;
	struct device_counters devices;
	char *session;
};

static guint run_port(const struct run *run)
{
	const struct witness *witness = run->cell->workload->kind->witness;

	return witness ? witness->port : run->place->port;
}

/* "sh -c SCRIPT CONGESTION" and the client's words; the caller's. */
static char **wrapped_words(const struct run *run, const char *script)
{
	const struct run_place *place = run->place;
	const char *address = run->cell->path->loopback ? "127.0.0.1" : place->address;
	g_auto(GStrv) client =
		workload_client_words(run->cell->workload, address, run_port(run), place->seconds);
	GStrvBuilder *builder = g_strv_builder_new();
	char **words;

	if (script)
		g_strv_builder_add_many(builder, "sh", "-c", script, place->congestion, NULL);
	g_strv_builder_addv(builder, (const char **)client);
	if (script == wrapper && run->cell->workload->kind->tells_ready)
		g_strv_builder_add_many(builder, "--ready-fd", "3", NULL);
	words = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return words;
}

static char *fill_template(const struct run *run, const char *template, const char *script,
			   const char *session)
{
	g_auto(GStrv) words = wrapped_words(run, script);
	g_autofree char *command = shell_join(words);
	const struct path_words values = {
		.command = command, .mtu = run->cell->mtu, .session = session, .port = run_port(run)
	};

	return path_fill(template, &values);
}

/* For a path that takes root of the host: compare itself, which makes one. */
static char *own_command(const struct run *run)
{
	char seconds[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(seconds, sizeof(seconds), "%.3g", run->place->seconds);
	return g_strdup_printf("slirpway compare --paths=host --peers=%s --workloads=%s --mtu=%u"
			       " --rtt=%g --cc=%s --duration=%s",
			       run->cell->path->name, run->cell->workload->name, run->cell->mtu,
			       run->place->rtt, run->place->congestion, seconds);
}

/* What a reader can run, in a world like this one if it was one. */
static char *shown_command(const struct run *run)
{
	const struct path *path = run->cell->path;
	g_autofree char *line =
		fill_template(run, path->run, path->kind == PATH_HOST ? NULL : settle, "");
	g_autofree char *wrapped = shell_wrap(line);

	if (path->needs_world)
		return own_command(run);
	if (!run->place->world)
		return g_steal_pointer(&wrapped);
	return g_strdup_printf("slirpway compare --world --cc=%s --rtt=%g -- %s",
			       run->place->congestion, run->place->rtt, wrapped);
}

static bool enter_as_user(const void *data)
{
	return world_enter(data, WORLD_PLACE_USER);
}

static bool start(struct run *run, GError **error)
{
	g_autofree char *option = g_strdup_printf("--name=%s ", run->session);
	g_autofree char *line = fill_template(run, run->cell->path->run, wrapper, option);
	const char *const words[] = { "sh", "-c", line, NULL };

	run->process = process_start(words, run->place->world ? enter_as_user : NULL,
				     run->place->world, error);
	return run->process != NULL;
}

/* Sets error to what the run's programs said last; verb is what they failed to do. */
static void set_failure(struct run *run, enum process_event event, const char *verb, GError **error)
{
	g_autofree char *message = process_message(run->process);

	if (event == PROCESS_TIMEOUT)
		error_set(error, SLIRPWAY_ERROR_TIMEOUT, "did not %s in time%s%s", verb,
			  message[0] ? ": " : "", message);
	else
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "did not %s: %s", verb,
			  message[0] ? message : "no message");
}

/* The container says who it is, and we give it a network. */
static bool add_network(struct run *run, const char *line, GError **error)
{
	int pid;

	if (sscanf(line, "pid %d", &pid) != 1)
		return true;
	if (!run->place->world) {
		error_set(error, SLIRPWAY_ERROR_DENIED, "only the world's root can join it");
		return false;
	}
	if (!world_add_container(run->place->world, pid, run->cell->mtu, error))
		return false;
	process_tell(run->process, "go");
	return true;
}

static bool wait_until_ready(struct run *run, GError **error)
{
	const gint64 deadline = process_deadline(START_DEADLINE_MS);

	for (;;) {
		g_autofree char *line = NULL;
		enum process_event event = process_next_before(run->process, deadline, &line);

		if (event != PROCESS_LINE) {
			set_failure(run, event, "start", error);
			return false;
		}
		if (strcmp(line, "ready") == 0)
			return true;
		if (!add_network(run, line, error))
			return false;
	}
}

/* Waits for the client's JSON, with an eye on memory; returns it, or NULL with error set. */
static char *wait_for_output(struct run *run, GError **error)
{
	const double milliseconds =
		run->place->seconds * 1000 + WORK_DEADLINE_MS +
		run->cell->workload->number * CONNECTION_TRIPS * run->place->rtt;
	const gint64 deadline = g_get_monotonic_time() + (gint64)(milliseconds * 1000);

	for (;;) {
		g_autofree char *line = NULL;
		enum process_event event = process_next(run->process, WATCH_INTERVAL_MS, &line);

		if (event == PROCESS_LINE && line[0] == '{')
			return g_steal_pointer(&line);
		if (event == PROCESS_END ||
		    (event == PROCESS_LINE && g_str_has_prefix(line, "end ")) ||
		    g_get_monotonic_time() > deadline) {
			set_failure(run, event, "finish", error);
			return NULL;
		}
		if (event == PROCESS_TIMEOUT)
			parties_watch_memory(run->parties);
		else
			parties_restart(run->parties);
	}
}

static bool wait_for_end(struct run *run, GError **error)
{
	const gint64 deadline = process_deadline(END_DEADLINE_MS);

	for (;;) {
		g_autofree char *line = NULL;
		enum process_event event = process_next_before(run->process, deadline, &line);

		if (event != PROCESS_LINE) {
			set_failure(run, event, "end", error);
			return false;
		}
		if (strcmp(line, "end 0") == 0)
			return true;
		if (g_str_has_prefix(line, "end ")) {
			set_failure(run, event, "succeed", error);
			return false;
		}
		device_counters_take(&run->devices, line);
	}
}

/* From seconds to seconds of each GiB, or microseconds of each request. */
static void divide_cpu(struct run *run)
{
	double *value = run->sample->measures.value;
	const double factor = run->cell->workload->kind->bulk
				      ? GIBIBYTE / run->output->bytes
				      : MICROSECONDS / run->output->exchanges;
	double total = 0;

	for (int i = MEASURE_CPU_PROGRAM; i < MEASURE_CPU_TOTAL; i++) {
		value[i] *= factor;
		total += isnan(value[i]) ? 0 : value[i];
	}
	value[MEASURE_CPU_TOTAL] = total;
}

static void take_measures(struct run *run)
{
	struct measures *measures = &run->sample->measures;

	measures->value[MEASURE_CPU_PROGRAM] = run->output->cpu_seconds;
	if (isnan(measures->value[MEASURE_CPU_SERVER]))
		measures->value[MEASURE_CPU_SERVER] = run->output->server_cpu_seconds;
	divide_cpu(run);
	measures->value[MEASURE_LOSS] = run->output->loss;
	if (isnan(measures->value[MEASURE_PACKETS]) && run->devices.seen &&
	    run->cell->path->kind == PATH_PEER)
		measures->value[MEASURE_PACKETS] = run->devices.packets;
	run->sample->value = run->output->value;
	g_array_unref(run->sample->percentiles);
	run->sample->percentiles = g_array_ref(run->output->percentiles);
}

static char *judge(const struct run *run)
{
	const struct path *path = run->cell->path;
	const struct workload_kind *kind = run->cell->workload->kind;
	const struct session_counters *counters = parties_counters(run->parties);
	const struct evidence evidence = {
		.proof = kind->datagrams ? path->proof_of_datagrams : path->proof,
		.mixed = kind->datagrams && path->proof != path->proof_of_datagrams,
		.bytes = run->output->bytes,
		.exchanges = run->output->exchanges,
		.connections = run->output->connections,
		.frames = counters->frames,
		.frame_bytes = counters->frame_bytes,
		.swaps = counters->swaps,
		.trapped = counters->trapped,
		.device_bytes = run->devices.seen ? run->devices.bytes : NAN,
		.loopback_bytes = run->devices.seen ? run->devices.loopback_bytes : NAN,
		.restarts = counters->restarts,
		.wanted = run->place->congestion,
		.client = run->output->congestion,
		.server = run->place->server > 0 ? run->output->server_congestion : NULL,
	};

	return validity_judge(&evidence);
}

static bool work(struct run *run, GError **error)
{
	g_autofree char *text = NULL;

	if (!start(run, error) || !wait_until_ready(run, error))
		return false;
	run->sample->started = true;
	run->parties = parties_find(run->cell->path, process_id(run->process), run->place->server,
				    run->session);
	g_usleep(SETTLE_US);
	process_tell(run->process, "go");
	text = wait_for_output(run, error);
	if (!text)
		return false;
	parties_measure(run->parties, &run->sample->measures);
	run->output = client_output_parse(text, run->cell->workload, error);
	return run->output && wait_for_end(run, error);
}

static void describe(struct run *run, guint round)
{
	struct sample *sample = run->sample;

	sample->path = g_strdup(run->cell->path->name);
	sample->workload = g_strdup(run->cell->workload->name);
	sample->congestion = g_strdup(run->place->congestion);
	sample->command = shown_command(run);
	sample->mtu = run->cell->mtu;
	sample->rtt_ms = run->place->rtt;
	sample->round = round;
}

/* Ends everything that the run began. */
static void end(struct run *run)
{
	if (run->process) {
		process_tell(run->process, "go");
		process_end(run->process, END_DEADLINE_MS);
	}
	parties_free(run->parties);
	client_output_free(run->output);
	g_free(run->session);
}

/* No two runs share one, whatever became of the session before. */
static char *new_session_name(void)
{
	static guint number;

	return g_strdup_printf("compare-%d-%u", (int)getpid(), ++number);
}

struct sample *run_cell(const struct run_place *place, const struct plan_cell *cell, guint round)
{
	struct run run = { .place = place, .cell = cell, .sample = sample_new() };
	g_autoptr(GError) error = NULL;

	run.session = new_session_name();
	describe(&run, round);
	if (work(&run, &error)) {
		take_measures(&run);
		run.sample->why = judge(&run);
	} else {
		run.sample->why = g_strdup(error->message);
	}
	if (!run.sample->why)
		run.sample->why = g_strdup("");
	end(&run);
	return run.sample;
}

struct sample *run_skip(const struct run_place *place, const struct plan_cell *cell, guint round,
			const char *reason)
{
	struct run run = { .place = place, .cell = cell, .sample = sample_new() };

	describe(&run, round);
	run.sample->why = g_strdup(reason);
	return run.sample;
}
