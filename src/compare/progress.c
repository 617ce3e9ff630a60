/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a long measurement is. */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "compare/progress.h"

#define BAR_WIDTH 24

/* Elsewhere than on a terminal: a line for each tenth. */
#define LINES 10

#define CLEAR_LINE "\r\033[K"
#define SECONDS 1e6
#define MINUTE 60.0

struct progress {
	guint done, total;
	gint64 start;
	bool terminal;
};

struct progress *progress_begin(guint total)
{
	struct progress *progress = g_new0(struct progress, 1);

	progress->total = total;
	progress->start = g_get_monotonic_time();
	progress->terminal = isatty(STDERR_FILENO);
	return progress;
}

static char *time_left(guint done, guint total, double seconds)
{
	const double left = done ? seconds / done * (total - done) : 0;

	if (done == 0)
		return g_strdup("");
	if (left >= 1.5 * MINUTE)
		return g_strdup_printf("%.0f min left", left / MINUTE);
	return g_strdup_printf("%.0f s left", left);
}

char *progress_text(guint done, guint total, double seconds, const char *label)
{
	const guint filled = total ? done * BAR_WIDTH / total : 0;
	g_autofree char *left = time_left(done, total, seconds);
	g_autofree char *full = g_strnfill(filled, '#');
	g_autofree char *empty = g_strnfill(BAR_WIDTH - filled, '.');

	return g_strdup_printf("[%s%s] %3u%%  %s  %s", full, empty, total ? done * 100 / total : 0,
			       left, label);
}

void progress_step(struct progress *progress, const char *label)
{
	const guint before = progress->done * LINES / MAX(progress->total, 1);
	double seconds = (double)(g_get_monotonic_time() - progress->start) / SECONDS;
	g_autofree char *text = NULL;

	progress->done++;
	if (progress->terminal) {
		text = progress_text(progress->done, progress->total, seconds, label);
		fprintf(stderr, CLEAR_LINE "%s", text);
		return;
	}
	if (progress->done * LINES / MAX(progress->total, 1) == before)
		return;
	text = time_left(progress->done, progress->total, seconds);
	log_info("compare: %u of %u runs, %s", progress->done, progress->total, text);
}

void progress_end(struct progress *progress)
{
	if (progress && progress->terminal)
		fputs(CLEAR_LINE, stderr);
	g_free(progress);
}
