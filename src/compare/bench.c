/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The measuring process. */

#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "compare/bench.h"
#include "compare/process.h"
#include "compare/run.h"
#include "compare/sample.h"

#define SERVER_DEADLINE_MS 10000
#define SERVER_END_MS 1000

/* A path that failed so often in a row is not tried again: each time may take until a deadline. */
#define FAILURES_MAX 2

#define MICROSECONDS 1e6

/* As the shell has them. */
#define EXIT_COMMAND_REFUSED 126
#define EXIT_COMMAND_MISSING 127

/* What lasts as long as the measuring process. */
struct stage {
	struct world *world;
	struct process *server;
	GHashTable *failures; /* path's name -> how often it failed in a row */
	GHashTable *messages; /* path's name -> why it failed last */
	struct run_place place;
};

/* With the rights of the world's root: it answers for names on port 53. */
static bool enter_host(const void *data)
{
	return world_enter(data, WORLD_PLACE_HOST);
}

static bool enter_remote(const void *data)
{
	return world_enter(data, WORLD_PLACE_REMOTE);
}

/* Near: on the host itself. Far: at the other end of the line. */
static bool start_server(struct stage *stage, double rtt, GError **error)
{
	g_autofree char *port = g_strdup_printf("%d", BENCH_PORT);
	const char *const words[] = {
		"slirpway-workload", "server", "--address",  "::", "--port", port,
		"--dns-port",	     "53",     "--ready-fd", "1",  NULL
	};
	g_autofree char *line = NULL;
	g_autofree char *message = NULL;

	stage->server =
		process_start(words, rtt > 0 ? enter_remote : enter_host, stage->world, error);
	if (!stage->server)
		return false;
	if (process_next(stage->server, SERVER_DEADLINE_MS, &line) == PROCESS_LINE)
		return true;
	message = process_message(stage->server);
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "the workload's server did not start: %s", message);
	return false;
}

static bool set_stage(struct stage *stage, const struct bench *bench, GError **error)
{
	const struct world_request request = { .directory = bench->directory,
					       .congestion =
						       bench->plan->congestions[bench->congestion],
					       .nameserver =
						       bench->rtt > 0 ? WORLD_REMOTE4 : WORLD_HOST4,
					       .rtt_ms = bench->rtt,
					       .relay = bench->relay };

	stage->failures = g_hash_table_new(g_str_hash, g_str_equal);
	stage->messages = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	stage->place = (struct run_place){ .address = bench->server,
					   .port = bench->port,
					   .congestion = request.congestion,
					   .rtt = bench->rtt,
					   .seconds = bench->plan->seconds };
	if (bench->server)
		return true;
	stage->world = world_build(&request, error);
	if (!stage->world || !start_server(stage, bench->rtt, error))
		return false;
	stage->place.world = stage->world;
	stage->place.server = process_id(stage->server);
	stage->place.address = bench->rtt > 0 ? WORLD_REMOTE4 : WORLD_HOST4;
	stage->place.port = BENCH_PORT;
	return true;
}

static void clear_stage(struct stage *stage)
{
	process_end(stage->server, SERVER_END_MS);
	g_hash_table_unref(stage->failures);
	g_hash_table_unref(stage->messages);
}

/* A figure that did not come is a failure; one that does not count is none. */
static void note_outcome(struct stage *stage, const struct sample *sample, const char *path)
{
	const bool failed = isnan(sample->value);
	const guint before = GPOINTER_TO_UINT(g_hash_table_lookup(stage->failures, path));

	g_hash_table_insert(stage->failures, (gpointer)path,
			    GUINT_TO_POINTER(failed ? before + 1 : 0));
	if (failed)
		g_hash_table_insert(stage->messages, (gpointer)path, g_strdup(sample->why));
}

/* A run, or what stands in its place where the path failed before. */
static struct sample *measure(struct stage *stage, const struct plan_cell *cell, guint round)
{
	const char *path = cell->path->name;
	struct sample *sample;

	if (GPOINTER_TO_UINT(g_hash_table_lookup(stage->failures, path)) >= FAILURES_MAX)
		return run_skip(&stage->place, cell, round,
				g_hash_table_lookup(stage->messages, path));
	sample = run_cell(&stage->place, cell, round);
	note_outcome(stage, sample, path);
	return sample;
}

/* False if nobody reads it any more. */
static bool tell(const struct sample *sample, int output)
{
	g_autofree char *text = sample_format(sample);
	g_autofree char *line = g_strconcat(text, "\n", NULL);

	return descriptor_write_all(output, line, strlen(line)) == 0;
}

static bool run_round(struct stage *stage, const struct bench *bench, const GArray *cells,
		      guint round)
{
	for (guint i = 0; i < cells->len; i++) {
		struct sample *sample =
			measure(stage, &g_array_index(cells, struct plan_cell, i), round);
		const bool told = tell(sample, bench->output);

		sample_free(sample);
		if (!told)
			return false;
	}
	return true;
}

static bool run_rounds(struct stage *stage, const struct bench *bench)
{
	const gint64 deadline =
		g_get_monotonic_time() + (gint64)(bench->seconds_left * MICROSECONDS);
	g_autoptr(GArray) cells = plan_round(bench->plan, bench->rtt, bench->congestion);

	for (guint round = 0; round < bench->plan->repeat; round++) {
		if (round > 0 && bench->seconds_left > 0 && g_get_monotonic_time() > deadline)
			return true;
		if (!run_round(stage, bench, cells, round))
			return false;
	}
	return true;
}

/* The wait status as a shell gives it. */
static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs command as the world's user, with our standard streams. */
static int run_command(const struct stage *stage, char *const *command)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (world_enter(stage->world, WORLD_PLACE_USER))
			execvp(command[0], command);
		log_error("compare: can't run %s: %s", command[0], g_strerror(errno));
		_exit(errno == ENOENT ? EXIT_COMMAND_MISSING : EXIT_COMMAND_REFUSED);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILURE;
	return pid > 0 ? exit_status(status) : EXIT_FAILURE;
}

int bench_shell(const struct bench *bench, char *const *command)
{
	struct stage stage = { 0 };
	g_autoptr(GError) error = NULL;
	int status = EXIT_FAILURE;

	if (set_stage(&stage, bench, &error))
		status = run_command(&stage, command);
	else
		log_error("compare: %s", error->message);
	clear_stage(&stage);
	return status;
}

int bench_run(const struct bench *bench)
{
	struct stage stage = { 0 };
	g_autoptr(GError) error = NULL;
	bool success = set_stage(&stage, bench, &error);

	if (success)
		success = run_rounds(&stage, bench);
	else
		log_error("compare: %s", error->message);
	clear_stage(&stage);
	return success ? EXIT_SUCCESS : EXIT_FAILURE;
}
