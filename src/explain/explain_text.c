/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explanation as text for a terminal of 80 columns. */

#include "config.h"

#include <string.h>

#include "explain/explain_text.h"
#include "explain/remote_server.h"
#include "explain/totals.h"
#include "world/world.h"

#define WIDTH 80
#define LABEL_WIDTH 11
#define TEXT_COLUMN (10 + 4 + LABEL_WIDTH + 1)
#define TITLE_WIDTH 30
#define VALUE_WIDTH 16
#define INDENT 2

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* How an event is painted: by its kind. */
static const char *const kind_colours[] = {
	[EVENT_PROGRAM] = BOLD,
	[EVENT_CALL] = "\033[33m",
	[EVENT_FRAME] = "\033[36m",
	[EVENT_SOCKET] = "\033[32m",
};

struct text {
	GString *string;
	bool colours;
};

static const char *paint(const struct text *text, const char *colour)
{
	return text->colours ? colour : "";
}

/* The bytes of the next piece of at most width characters: up to a space if there is one. */
static size_t next_piece(const char *line, glong width)
{
	const char *end = line;
	const char *space = NULL;

	for (glong i = 0; i < width && *end; i++, end = g_utf8_next_char(end))
		if (*end == ' ')
			space = end;
	if (!*end || *end == ' ' || !space)
		return (size_t)(end - line);
	return (size_t)(space - line);
}

/* Appends line from the given column on, which the cursor has reached, and goes on under it. */
static void append_wrapped(struct text *text, const char *line, int column)
{
	size_t length = next_piece(line, WIDTH - column);

	g_string_append_len(text->string, line, (gssize)length);
	for (line += length; *line; line += length) {
		while (*line == ' ')
			line++;
		length = next_piece(line, WIDTH - column);
		g_string_append_printf(text->string, "\n%*s", column, "");
		g_string_append_len(text->string, line, (gssize)length);
	}
	/* Nothing to say leaves no spaces behind. */
	while (text->string->len > 0 && text->string->str[text->string->len - 1] == ' ')
		g_string_truncate(text->string, text->string->len - 1);
	g_string_append_c(text->string, '\n');
}

static const char *arrow_of(const struct event *event)
{
	static const char *const frames[] = { "<>", "->", "<-" };

	if (event->kind == EVENT_CALL)
		return "!!";
	return event->kind == EVENT_FRAME ? frames[event->direction] : "";
}

static void append_event(struct text *text, const struct recording *recording,
			 const struct event *event)
{
	g_autofree char *line = event_describe(event);

	g_string_append_printf(text->string, "%s%10.2f%s  %-2s ", paint(text, DIM),
			       (double)(event->time - recording->begin) / 1000, paint(text, PLAIN),
			       arrow_of(event));
	g_string_append_printf(text->string, "%s%-*s%s ", paint(text, kind_colours[event->kind]),
			       LABEL_WIDTH, event_label(event), paint(text, PLAIN));
	append_wrapped(text, line, TEXT_COLUMN);
}

static void append_indented(struct text *text, const char *line)
{
	g_string_append_printf(text->string, "%*s", INDENT, "");
	append_wrapped(text, line, INDENT);
}

static void append_remarks(struct text *text, const struct recording *recording)
{
	guint64 left_out = timeline_sums(recording->timeline)->left_out;

	if (left_out > 0) {
		g_autofree char *line = g_strdup_printf(
			"%" G_GUINT64_FORMAT " further events are counted, but not listed: "
			"--events sets how many are",
			left_out);

		append_indented(text, line);
	}
	for (guint i = 0; i < recording->remarks->len; i++)
		append_indented(text, recording->remarks->pdata[i]);
}

static void append_heading(struct text *text, const struct recording *recording)
{
	g_string_append_printf(text->string, "%sPATH %s%s: %s\n", paint(text, BOLD),
			       recording->path, paint(text, PLAIN),
			       explanation_about(recording->path));
}

static void append_recording(struct text *text, const struct recording *recording)
{
	const GPtrArray *events;

	append_heading(text, recording);
	if (!recording->present) {
		g_autofree char *line = g_strdup_printf("not shown: %s", recording->why);

		append_indented(text, g_strstrip(line));
		g_string_append_c(text->string, '\n');
		return;
	}
	events = timeline_events(recording->timeline);
	g_string_append_printf(text->string, "%s%10s%s\n", paint(text, DIM), "ms",
			       paint(text, PLAIN));
	for (guint i = 0; i < events->len; i++)
		append_event(text, recording, events->pdata[i]);
	append_remarks(text, recording);
	g_string_append_c(text->string, '\n');
}

static void append_totals_row(struct text *text, const struct explanation *explanation,
			      const struct totals_row *row)
{
	g_string_append_printf(text->string, "%-*s", TITLE_WIDTH, row->title);
	for (guint i = 0; i < explanation->recordings->len; i++) {
		const struct recording *recording = explanation->recordings->pdata[i];
		char value[AMOUNT_TEXT_MAX];

		if (!recording->present)
			continue;
		row->value(recording, value);
		g_string_append_printf(text->string, "%*s", VALUE_WIDTH, value);
	}
	g_string_append_c(text->string, '\n');
}

static void append_totals(struct text *text, const struct explanation *explanation)
{
	g_string_append_printf(text->string, "%s%-*s", paint(text, BOLD), TITLE_WIDTH, "TOTALS");
	for (guint i = 0; i < explanation->recordings->len; i++) {
		const struct recording *recording = explanation->recordings->pdata[i];

		if (recording->present)
			g_string_append_printf(text->string, "%*s", VALUE_WIDTH, recording->path);
	}
	g_string_append_printf(text->string, "%s\n", paint(text, PLAIN));
	for (const struct totals_row *row = totals_rows; row->title; row++)
		append_totals_row(text, explanation, row);
}

static void append_summaries(struct text *text, const struct explanation *explanation)
{
	g_string_append_printf(text->string, "\n%sIN SHORT%s\n", paint(text, BOLD),
			       paint(text, PLAIN));
	for (guint i = 0; i < explanation->recordings->len; i++) {
		const struct recording *recording = explanation->recordings->pdata[i];
		g_autofree char *summary = NULL;
		g_autofree char *line = NULL;

		if (!recording->present)
			continue;
		summary = explanation_summary(recording);
		line = g_strdup_printf("%s: %s", recording->path, summary);
		append_indented(text, line);
	}
}

static void append_world(struct text *text)
{
	g_string_append_printf(text->string, "%sWORLD%s\n", paint(text, BOLD), paint(text, PLAIN));
	append_indented(text, "host " WORLD_HOST4 ", and the remote machine " WORLD_REMOTE4
			      " with a web server at ports " REMOTE_SERVER_PORTS
			      ", which all names lead to");
	g_string_append_c(text->string, '\n');
}

char *explain_text(const struct explanation *explanation, bool colours)
{
	struct text text = { .string = g_string_new(NULL), .colours = colours };

	if (explanation->in_world)
		append_world(&text);
	for (guint i = 0; i < explanation->recordings->len; i++)
		append_recording(&text, explanation->recordings->pdata[i]);
	append_totals(&text, explanation);
	append_summaries(&text, explanation);
	return g_string_free(text.string, FALSE);
}
