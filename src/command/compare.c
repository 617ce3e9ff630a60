/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway compare: the same work over each path, side by side. */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "command/commands.h"
#include "command/compare_options.h"
#include "command/compare_output.h"
#include "command/report.h"
#include "compare/campaign.h"
#include "compare/facts.h"
#include "compare/machine.h"
#include "compare/notes.h"
#include "compare/presence.h"
#include "compare/row.h"
#include "compare/sample.h"
#include "compare/summary.h"
#include "compare/testimony.h"
#include "compare/verdict.h"
#include "compare/witnesses.h"
#include "slirp-glue/version.h"
#include "world/world.h"

#define NAME "compare"
#define MICROSECONDS 1e6

/* A measurement from its command line to its results. */
struct compare {
	struct compare_options *options;
	char **words; /* the command line */
	struct plan *plan;
	struct toolbox *toolbox;
	GPtrArray *presences; /* struct presence * */
	GHashTable *versions; /* of witnesses: program -> what it says */
	GPtrArray *samples;   /* struct sample * */
	JsonObject *machine;  /* facts from before anything ran */
	GPtrArray *notes;     /* char * */
	char *started;
	gint64 start;
};

/* Prints the results, and writes them where that was asked for. */
static int show(const struct compare_options *options, struct result *const *results,
		const char *const *labels, guint count)
{
	struct compare_output output = compare_output_of(results, labels, count);
	g_autoptr(GError) error = NULL;
	int status = EXIT_SUCCESS;

	/* First the files: standard output may be a pipe that nobody reads to its end. */
	if (options->out && !compare_output_write(&output, options->out, &error))
		status = report_error(NAME, error);
	if ((options->json ? report_json(NAME, output.json) : report_text(NAME, output.table)) !=
	    EXIT_SUCCESS)
		status = EXIT_FAILURE;
	compare_output_clear(&output);
	return status;
}

static int show_again(const struct compare_options *options)
{
	struct result *results[2] = { NULL, NULL };
	const char *labels[2] = { NULL, NULL };
	g_autoptr(GError) error = NULL;
	bool loaded = true;
	int status;

	for (guint i = 0; i < options->from->len && loaded; i++) {
		labels[i] = options->from->pdata[i];
		results[i] = result_load(labels[i], &error);
		loaded = results[i] != NULL;
	}
	status = loaded ? show(options, results, labels, options->from->len)
			: report_error(NAME, error);
	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		result_free(results[i]);
	return status;
}

/* On the real host it is what the host has; in worlds, what may be set in new namespaces. */
static char **allowed_congestions(bool remote)
{
	g_autofree char *own = remote ? machine_congestion() : NULL;

	return remote ? g_strsplit(own, " ", -1) : world_allowed_congestions();
}

static bool make_plan(struct compare *compare, GError **error)
{
	struct plan_request *request = &compare->options->plan;

	request->allowed = allowed_congestions(request->remote);
	compare->plan = plan_new(request, error);
	return compare->plan != NULL;
}

/* Why paths are absent: at length for who asked for one, else their names. */
static void say_absent(const struct compare *compare)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < compare->presences->len; i++) {
		const struct presence *presence = compare->presences->pdata[i];

		if (presence->present)
			continue;
		if (presence->own || plan_is_named(&compare->options->plan, presence->path))
			log_info("%s: %s is not measured: %s", NAME, presence->path->name,
				 presence->why);
		else
			g_string_append_printf(names, "%s%s", names->len ? ", " : "",
					       presence->path->name);
	}
	if (names->len)
		log_info("%s: not measured, for they can't be here: %s (--peers=NAME says why)",
			 NAME, names->str);
}

/* Where slirpway's own drop-in comes first in PATH, has the program that it imitates do so. */
static bool prefer_others(const struct compare *compare, GError **error)
{
	const struct path *path;

	for (guint i = 0; (path = path_at(i)); i++) {
		g_autofree char *other = path->imitated ? presence_find_other(path->program) : NULL;

		if (other && !toolbox_add(compare->toolbox, path->program, other, error))
			return false;
	}
	return true;
}

/* Leaves out what is absent. */
static bool look_for_paths(struct compare *compare, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_copy(compare->plan->paths, NULL, NULL);

	for (guint i = 0; i < paths->len; i++) {
		struct presence *presence =
			presence_of(paths->pdata[i], compare->options->server != NULL);

		g_ptr_array_add(compare->presences, presence);
		if (!presence->present)
			plan_drop_path(compare->plan, presence->path);
	}
	say_absent(compare);
	if (compare->plan->paths->len > 0)
		return true;
	error_set(error, SLIRPWAY_ERROR_NOT_FOUND, "none of these paths is here to be measured");
	return false;
}

/* Leaves out witnesses that are not there; the others say who they are. */
static void look_for_witnesses(struct compare *compare)
{
	for (guint i = compare->plan->workloads->len; i > 0; i--) {
		struct workload *workload = compare->plan->workloads->pdata[i - 1];
		const struct witness *witness = workload->kind->witness;
		g_autofree char *missing =
			witness ? presence_missing(witness->program, witness->needs) : NULL;

		if (missing) {
			log_info("%s: %s is no witness: %s", NAME, witness->program, missing);
			plan_drop_workload(compare->plan, workload);
		} else if (witness) {
			g_hash_table_insert(compare->versions, (gpointer)witness->program,
					    presence_version(witness->program));
		}
	}
}

static const char *title_of(const char *workload, const void *data)
{
	const struct plan *plan = data;

	for (guint i = 0; i < plan->workloads->len; i++) {
		const struct workload *known = plan->workloads->pdata[i];

		if (g_strcmp0(known->name, workload) == 0)
			return known->title;
	}
	return workload;
}

/* Takes text over; said at once, and kept for the results. */
static void add_note(const struct compare *compare, char *text)
{
	log_info("%s: note: %s", NAME, text);
	g_ptr_array_add(compare->notes, text);
}

static struct result *make_result(const struct compare *compare, bool complete)
{
	GPtrArray *rows = summary_rows(compare->samples, compare->plan->workloads);
	g_autoptr(JsonArray) witnesses =
		testimony_take(rows, compare->plan->workloads, compare->versions);
	g_autoptr(GPtrArray) verdict = verdict_sentences(rows, title_of, compare->plan);
	char *testimony = testimony_sentence(witnesses);
	char *rounds = complete ? note_rounds(rows, compare->plan->repeat) : NULL;
	const struct facts_source source = {
		.started = compare->started,
		.seconds = (double)(g_get_monotonic_time() - compare->start) / MICROSECONDS,
		.complete = complete,
		.command = compare->words,
		.machine = compare->machine,
		.request = &compare->options->plan,
		.plan = compare->plan,
		.server = compare->options->server,
		.presences = compare->presences,
		.verdict = verdict,
		.notes = compare->notes,
		.rounds = note_rounds_done(rows),
		.witnesses = witnesses,
	};

	if (rounds)
		add_note(compare, rounds);
	if (testimony)
		g_ptr_array_add(verdict, testimony);
	return result_new(facts_object(&source), rows);
}

static void say_conditions(const struct compare *compare)
{
	g_autofree char *congestions = g_strjoinv(", ", compare->plan->congestions);
	char *busy = note_busy(compare->machine);

	log_info("%s: %u runs of %g s, congestion control %s", NAME, plan_count(compare->plan),
		 compare->plan->seconds, congestions);
	if (busy)
		add_note(compare, busy);
}

static bool all_rows_count(const struct result *result)
{
	for (guint i = 0; i < result->rows->len; i++)
		if (!((const struct row *)result->rows->pdata[i])->valid)
			return false;
	return true;
}

/* Measures until all is done or a signal comes; shows what there is in either case. */
static int measure(struct compare *compare)
{
	const struct campaign campaign = { .plan = compare->plan,
					   .toolbox = compare->toolbox,
					   .server = compare->options->server,
					   .port = compare->options->port };
	g_autoptr(GError) error = NULL;
	struct result *result;
	int outcome, status;

	say_conditions(compare);
	outcome = campaign_run(&campaign, compare->samples, &error);
	if (outcome < 0 && compare->samples->len == 0)
		return report_error(NAME, error);
	if (outcome > 0)
		log_info("%s: ended early, what was measured is kept", NAME);
	result = make_result(compare, outcome == 0);
	status = show(compare->options, &result, NULL, 1);
	if (status == EXIT_SUCCESS && !all_rows_count(result))
		status = EXIT_FAILURE;
	result_free(result);
	if (outcome < 0)
		return report_error(NAME, error);
	return outcome > 0 ? 128 + outcome : status;
}

static int run_in_world(const struct compare *compare)
{
	const struct campaign campaign = { .plan = compare->plan, .toolbox = compare->toolbox };
	g_autoptr(GError) error = NULL;
	int status = campaign_shell(&campaign, compare->options->command, &error);

	return status < 0 ? report_error(NAME, error) : status;
}

static int begin(struct compare *compare)
{
	g_autoptr(GError) error = NULL;

	if (!make_plan(compare, &error))
		return report_error(NAME, error);
	compare->toolbox = toolbox_open(compare->options->slirpway, &error);
	if (!compare->toolbox || !prefer_others(compare, &error))
		return report_error(NAME, error);
	if (compare->options->world)
		return run_in_world(compare);
	if (compare->options->out && !compare_output_prepare(compare->options->out, &error))
		return report_error(NAME, error);
	if (!look_for_paths(compare, &error))
		return report_error(NAME, error);
	look_for_witnesses(compare);
	return measure(compare);
}

static void clear(struct compare *compare)
{
	g_strfreev(compare->options->plan.allowed);
	plan_free(compare->plan);
	toolbox_close(compare->toolbox);
	g_ptr_array_unref(compare->presences);
	g_ptr_array_unref(compare->samples);
	g_hash_table_unref(compare->versions);
	json_object_unref(compare->machine);
	g_ptr_array_unref(compare->notes);
	g_free(compare->started);
	g_strfreev(compare->words);
}

/* "slirpway" and the words behind it. */
static char **copy_words(int argc, char **argv)
{
	GStrvBuilder *builder = g_strv_builder_new();
	char **words;

	g_strv_builder_add(builder, "slirpway");
	for (int i = 0; i < argc; i++) {
		g_autofree char *valid = g_utf8_make_valid(argv[i], -1);

		g_strv_builder_add(builder, valid);
	}
	words = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return words;
}

static char *now_text(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
}

static int measure_all(struct compare_options *options, int argc, char **argv)
{
	struct compare compare = {
		.options = options,
		.words = copy_words(argc, argv),
		.presences = g_ptr_array_new_with_free_func((GDestroyNotify)presence_free),
		.versions = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
		.samples = g_ptr_array_new_with_free_func((GDestroyNotify)sample_free),
		.machine = machine_facts(slirp_glue_version()),
		.notes = g_ptr_array_new_with_free_func(g_free),
		.started = now_text(),
		.start = g_get_monotonic_time(),
	};
	const int status = begin(&compare);

	clear(&compare);
	return status;
}

int command_compare(int argc, char **argv)
{
	struct compare_options options;
	int status;

	if (!compare_options_read(argc, argv, &options, &status))
		return status;
	status = options.from ? show_again(&options) : measure_all(&options, argc, argv);
	compare_options_clear(&options);
	return status;
}
