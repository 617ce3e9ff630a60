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
#include "base/executable.h"
#include "base/log.h"
#include "compare/bench.h"
#include "compare/run.h"
#include "compare/sample.h"
#include "compare/servers.h"
#include "compare/witnesses.h"

/* What failed so often in a row is not tried again: each time may take until a deadline. */
#define FAILURES_MAX 2

#define MICROSECONDS 1e6

/* What lasts as long as the measuring process. */
struct stage {
	struct world *world;
	struct servers *servers;
	GHashTable *failures; /* who failed (culprit) -> how often in a row */
	GHashTable *messages; /* the same -> why it failed last */
	struct run_place place;
};

static bool set_stage(struct stage *stage, const struct bench *bench, GError **error)
{
	const struct world_request request = { .directory = bench->directory,
					       .congestion =
						       bench->plan->congestions[bench->congestion],
					       .nameserver =
						       bench->rtt > 0 ? WORLD_REMOTE4 : WORLD_HOST4,
					       .rtt_ms = bench->rtt,
					       .relay = bench->relay };

	stage->failures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	stage->messages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stage->place = (struct run_place){ .address = bench->server,
					   .port = bench->port,
					   .congestion = request.congestion,
					   .rtt = bench->rtt,
					   .seconds = bench->plan->seconds };
	if (bench->server)
		return true;
	stage->world = world_build(&request, error);
	if (!stage->world)
		return false;
	stage->servers =
		servers_start(stage->world, bench->plan, BENCH_PORT, bench->rtt > 0, error);
	if (!stage->servers)
		return false;
	stage->place.world = stage->world;
	stage->place.server = servers_process(stage->servers);
	stage->place.address = bench->rtt > 0 ? WORLD_REMOTE4 : WORLD_HOST4;
	stage->place.port = BENCH_PORT;
	return true;
}

static void clear_stage(struct stage *stage)
{
	servers_end(stage->servers);
	g_hash_table_unref(stage->failures);
	g_hash_table_unref(stage->messages);
}

/* Whose failure it is if a run gives no figure; the caller's. */
static char *culprit(const struct plan_cell *cell, bool started)
{
	const struct workload_kind *kind = cell->workload->kind;

	/* A witness says nothing of the path, nor does work that is not done tell of other work. */
	if (kind->witness)
		return g_strdup(kind->name);
	return started ? g_strconcat(cell->workload->name, " over ", cell->path->name, NULL)
		       : g_strdup(cell->path->name);
}

static bool has_failed(const struct stage *stage, const char *name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(stage->failures, name)) >= FAILURES_MAX;
}

/* A figure that did not come is a failure; one that does not count is none. */
static void note_outcome(struct stage *stage, const struct plan_cell *cell,
			 const struct sample *sample)
{
	char *name = culprit(cell, sample->started);
	const bool failed = isnan(sample->value);
	const guint before = GPOINTER_TO_UINT(g_hash_table_lookup(stage->failures, name));

	if (failed)
		g_hash_table_insert(stage->messages, g_strdup(name), g_strdup(sample->why));
	g_hash_table_insert(stage->failures, name, GUINT_TO_POINTER(failed ? before + 1 : 0));
}

/* A run, or what stands in its place where the path or this work over it failed before. */
static struct sample *measure(struct stage *stage, const struct plan_cell *cell, guint round)
{
	struct sample *sample;

	for (int started = 0; started <= 1; started++) {
		g_autofree char *name = culprit(cell, started != 0);

		if (has_failed(stage, name))
			return run_skip(&stage->place, cell, round,
					g_hash_table_lookup(stage->messages, name));
	}
	sample = run_cell(&stage->place, cell, round);
	note_outcome(stage, cell, sample);
	return sample;
}

/* False if nobody reads it any more. */
static bool tell(const struct sample *sample, int output)
{
	g_autofree char *text = sample_format(sample);
	g_autofree char *line = g_strconcat(text, "\n", NULL);

	return descriptor_write_all(output, line, strlen(line)) == 0;
}

static bool run_round(struct stage *stage, const struct bench *bench, guint round)
{
	g_autoptr(GArray) cells = plan_round(bench->plan, bench->rtt, bench->congestion, round);

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

/* What finds nothing warm is thrown away. */
static void warm_up(const struct stage *stage, const struct bench *bench)
{
	g_autoptr(GArray) cells = plan_round(bench->plan, bench->rtt, bench->congestion, 0);

	if (cells->len > 0)
		sample_free(run_cell(&stage->place, &g_array_index(cells, struct plan_cell, 0), 0));
}

static bool run_rounds(struct stage *stage, const struct bench *bench)
{
	const gint64 deadline =
		g_get_monotonic_time() + (gint64)(bench->seconds_left * MICROSECONDS);
	gint64 last = 0; /* what the round before took */

	warm_up(stage, bench);
	for (guint round = 0; round < bench->plan->repeat; round++) {
		const gint64 start = g_get_monotonic_time();

		if (round > 0 && bench->seconds_left > 0 && start + last > deadline)
			return true;
		if (!run_round(stage, bench, round))
			return false;
		last = g_get_monotonic_time() - start;
	}
	return true;
}

/* The wait status as a shell gives it. */
static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In the child. */
__attribute__((noreturn)) static void become_command(const struct stage *stage,
						     char *const *command)
{
	int number;

	if (world_enter(stage->world, WORLD_PLACE_USER))
		execvp(command[0], command);
	number = executable_error(command[0], errno);
	log_error("compare: can't run %s: %s", command[0], g_strerror(number));
	_exit(executable_status(number));
}

/* Runs command as the world's user, with our standard streams. */
static int run_command(const struct stage *stage, char *const *command)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		become_command(stage, command);
	if (pid < 0)
		log_error("compare: can't fork for %s: %s", command[0], g_strerror(errno));
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
