/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probe prints for people. */

#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/table.h"
#include "command/probe_report.h"
#include "command/wrap.h"

#define WIDTH 80	/* of prose */
#define DETAIL_WIDTH 42 /* of the table's last column, which makes it 100 wide at most */
#define COLUMNS 6

static const char *state_word(enum finding_state state)
{
	return state == FINDING_UNKNOWN ? "?" : finding_state_name(state);
}

/* Why a feature can't be had is told below the table. */
static const char *table_detail(const struct finding *finding)
{
	return finding->state == FINDING_NO ? "" : finding->detail;
}

static void add_finding(struct table *table, const struct finding *finding)
{
	const struct feature *feature = finding->feature;
	g_auto(GStrv) lines = wrap_lines(table_detail(finding), DETAIL_WIDTH);
	g_autofree char *name = g_strdup_printf("  %s", feature->name);

	table_add(table,
		  (const char *const[]){ name, state_word(finding->state),
					 feature_use_name(feature->use[FEATURE_MODE_PACKET]),
					 feature_use_name(feature->use[FEATURE_MODE_HYBRID]),
					 feature_use_name(feature->use[FEATURE_MODE_SYSCALL]),
					 lines[0] ? lines[0] : "" });
	for (guint i = 1; i < g_strv_length(lines); i++)
		table_add(table, (const char *const[]){ "", "", "", "", "", lines[i] });
}

static void append_table(GString *text, const struct survey *survey)
{
	struct table *table = table_new(COLUMNS);
	g_autofree char *rows = NULL;
	const char *family = "";

	table_add(table, (const char *const[]){ "", "here", "packet", "hybrid", "syscall", "" });
	for (size_t i = 0; i < feature_count; i++) {
		const struct finding *finding = &survey->findings[i];

		if (strcmp(finding->feature->family, family) != 0) {
			family = finding->feature->family;
			table_add(table, (const char *const[]){ family, "", "", "", "", "" });
		}
		add_finding(table, finding);
	}
	rows = table_format(table);
	table_free(table);
	g_string_append(text, rows);
}

/* Wrapped, and harmless to a terminal. */
static void append_prose(GString *text, const char *first, const char *prose)
{
	g_autofree char *printable = g_strdup(prose);

	log_make_printable(printable);
	wrap_append(text, first, printable, WIDTH);
}

static void append_lack(GString *text, const struct finding *finding)
{
	g_autofree char *head = g_strdup_printf("%s: %s", finding->feature->name, finding->detail);

	g_string_append_c(text, '\n');
	append_prose(text, "", head);
	append_prose(text, "  without it: ", finding->feature->without);
	append_prose(text, "  to get it:  ", finding->feature->get);
}

static void append_lacks(GString *text, const struct survey *survey)
{
	for (size_t i = 0; i < feature_count; i++)
		if (survey->findings[i].state == FINDING_NO)
			append_lack(text, &survey->findings[i]);
}

static void append_modes(GString *text, const struct survey *survey)
{
	g_autofree char *reason = g_strdup(survey->reason);

	log_make_printable(reason);
	g_string_append_printf(text, "\nmode: %s (%s)\ndevice: %s\n",
			       survey->mode ? survey->mode : "none", reason,
			       survey->device ? survey->device : "none");
	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++) {
		const struct mode_finding *found = &survey->modes[mode];
		g_autofree char *first =
			g_strdup_printf("--mode=%-8s ", feature_mode_name((enum feature_mode)mode));

		append_prose(text, first, found->works ? "works" : found->why);
	}
}

char *probe_text(const struct survey *survey)
{
	GString *text = g_string_new(NULL);

	append_table(text, survey);
	append_lacks(text, survey);
	append_modes(text, survey);
	return g_string_free(text, FALSE);
}
