/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway explain: COMMAND over each path, and what each one did, step by step. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/executable.h"
#include "base/log.h"
#include "command/commands.h"
#include "command/report.h"
#include "explain/explain_json.h"
#include "explain/explain_text.h"
#include "explain/recorder.h"
#include "explain/stage.h"
#include "options/explain_options.h"
#include "page/explain.h"

static bool wants_colours(void)
{
	const char *terminal = g_getenv("TERM");

	return isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR") && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

/* What COMMAND printed in a run that failed, and what slirpway warned of, on standard error. */
static void show_messages(const struct recording *recording)
{
	if (recording->present && *recording->messages)
		fprintf(stderr, "%s", recording->messages);
	if (!recording->present || recording->status == 0 || !recording->output ||
	    !*recording->output)
		return;
	log_warning("explain: the command failed over the %s path (status %d); it printed%s:",
		    recording->path, recording->status,
		    recording->output_left_out > 0 ? " in the end" : "");
	fprintf(stderr, "%s%s", recording->output,
		g_str_has_suffix(recording->output, "\n") ? "" : "\n");
}

/*
 * Records one path. Returns false where explain must end: nothing could be started, or COMMAND
 * can't be; *ret_status is then the exit status, and it has been said why.
 */
static bool record_path(struct recorder *recorder, const struct explain_invocation *invocation,
			const char *path, struct explanation *explanation, int *ret_status)
{
	const struct recording_request request = {
		.path = path,
		.run_options = (const char *const *)invocation->run_options->pdata,
		.command = invocation->command,
		.input = invocation->input,
		.show_output = invocation->show_output,
		.limits = { .events = invocation->events, .each_frame = invocation->each_frame },
	};
	g_autoptr(GError) error = NULL;
	struct recording *recording = recorder_run(recorder, &request, &error);

	if (!recording) {
		log_error("explain: %s", error->message);
		*ret_status = EXIT_SLIRPWAY_FAILED;
		return false;
	}
	if (recording->error) {
		executable_set_error(&error, invocation->command[0], recording->error);
		log_error("explain: %s", error->message);
		*ret_status = recording->status;
		recording_free(recording);
		return false;
	}
	g_ptr_array_add(explanation->recordings, recording);
	if (recording->present)
		*ret_status = recording->status;
	show_messages(recording);
	return true;
}

static bool any_present(const struct explanation *explanation)
{
	for (guint i = 0; i < explanation->recordings->len; i++)
		if (((const struct recording *)explanation->recordings->pdata[i])->present)
			return true;
	return false;
}

/* Why there is nothing to show: what slirpway run said, each time. */
static void show_refusals(const struct explanation *explanation)
{
	for (guint i = 0; i < explanation->recordings->len; i++) {
		const struct recording *recording = explanation->recordings->pdata[i];

		fprintf(stderr, "%s%s", recording->why,
			g_str_has_suffix(recording->why, "\n") ? "" : "\n");
	}
}

/* Before COMMAND runs: its output would be lost with the page. */
static bool check_page_file(const char *path, GError **error)
{
	g_autofree char *directory = path ? g_path_get_dirname(path) : NULL;

	if (path && g_file_test(path, G_FILE_TEST_IS_DIR)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "--html=%s is a directory", path);
		return false;
	}
	if (path && access(directory, W_OK | X_OK) < 0) {
		error_set_errno(error, errno, "--html: the directory %s", directory);
		return false;
	}
	return true;
}

static bool write_page(const char *path, JsonNode *node, GError **error)
{
	g_autofree char *page = page_explain(node, error);
	g_autoptr(GError) reason = NULL;

	if (!page)
		return false;
	if (g_file_set_contents(path, page, -1, &reason))
		return true;
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "--html: %s", reason->message);
	return false;
}

static int print(const struct explanation *explanation, const struct explain_invocation *invocation)
{
	g_autoptr(JsonNode) node = explain_json(explanation);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	if (invocation->html && !write_page(invocation->html, node, &error)) {
		log_error("explain: %s", error->message);
		return EXIT_SLIRPWAY_FAILED;
	}
	if (invocation->json)
		return report_json("explain", node);
	text = explain_text(explanation, wants_colours());
	return report_text("explain", text);
}

/* Returns the exit status. */
static int explain(const struct explain_invocation *invocation, struct recorder *recorder,
		   struct explanation *explanation)
{
	int status = EXIT_SLIRPWAY_FAILED;

	for (char **path = invocation->paths; *path && !recorder_signal(recorder); path++)
		if (!record_path(recorder, invocation, *path, explanation, &status))
			return status;
	if (!any_present(explanation) && recorder_signal(recorder))
		return 128 + recorder_signal(recorder);
	if (!any_present(explanation)) {
		show_refusals(explanation);
		return EXIT_SLIRPWAY_FAILED;
	}
	if (print(explanation, invocation) != EXIT_SUCCESS)
		return EXIT_SLIRPWAY_FAILED;
	return recorder_signal(recorder) ? 128 + recorder_signal(recorder) : status;
}

static void free_recording(void *data)
{
	recording_free(data);
}

static int run_explain(void *data)
{
	struct explain_invocation *invocation = data;
	struct explanation explanation = { .started = g_get_real_time(),
					   .in_world = invocation->world,
					   .command = invocation->command };
	g_autoptr(GError) error = NULL;
	struct recorder *recorder = NULL;
	int status;

	if (check_page_file(invocation->html, &error))
		recorder = recorder_new(&error);
	if (!recorder) {
		log_error("explain: %s", error->message);
		return EXIT_SLIRPWAY_FAILED;
	}
	g_ptr_array_add(invocation->run_options, NULL);
	explanation.recordings = g_ptr_array_new_with_free_func(free_recording);
	status = explain(invocation, recorder, &explanation);
	g_ptr_array_unref(explanation.recordings);
	recorder_free(recorder);
	return status;
}

static int run_in_world(struct explain_invocation *invocation)
{
	const struct stage_request request = {
		.rtt_ms = MAX(invocation->rtt_ms, 0),
		.perform = run_explain,
		.data = invocation,
	};
	g_autoptr(GError) error = NULL;
	int status = stage_run(&request, &error);

	if (status >= 0)
		return status;
	log_error("explain: %s", error->message);
	return EXIT_SLIRPWAY_FAILED;
}

int command_explain(int argc, char **argv)
{
	struct explain_invocation invocation;
	g_autoptr(GError) error = NULL;
	int status = EXIT_SLIRPWAY_FAILED;

	if (!explain_options_parse(argc, argv, &invocation, &error)) {
		log_error("explain: %s", error->message);
	} else if (invocation.help) {
		g_autofree char *help = options_help(&explain_command_spec, "slirpway");

		status = report_text("explain", help);
	} else {
		status = invocation.world ? run_in_world(&invocation) : run_explain(&invocation);
	}
	explain_invocation_clear(&invocation);
	return status;
}
