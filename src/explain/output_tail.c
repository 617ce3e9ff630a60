/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of what somebody writes into a pipe. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "explain/output_tail.h"

#define KEPT_BYTES 4096

/* One round of reading, so that a fast writer can't keep us from everything else. */
#define ROUND_BYTES (256 * 1024)

struct output_tail {
	int fd;
	guint source;
	guint64 total;
	GString *text; /* the last KEPT_BYTES at least, if there were so many */
};

/* Returns false at the end of the pipe. */
static bool take(struct output_tail *tail, size_t limit)
{
	char chunk[16384];

	for (size_t taken = 0; taken < limit;) {
		ssize_t length = read(tail->fd, chunk, sizeof(chunk));

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return length < 0 && errno == EAGAIN;
		g_string_append_len(tail->text, chunk, length);
		if (tail->text->len > KEPT_BYTES)
			g_string_erase(tail->text, 0, (gssize)(tail->text->len - KEPT_BYTES));
		tail->total += (guint64)length;
		taken += (size_t)length;
	}
	return true;
}

static gboolean pipe_is_readable(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED,
				 void *data)
{
	struct output_tail *tail = data;

	if (take(tail, ROUND_BYTES))
		return G_SOURCE_CONTINUE;
	tail->source = 0;
	return G_SOURCE_REMOVE;
}

struct output_tail *output_tail_new(int *ret_writer, GError **error)
{
	struct output_tail *tail;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "making a pipe for the output");
		return NULL;
	}
	descriptor_set_nonblocking(ends[0]);
	tail = g_new0(struct output_tail, 1);
	tail->fd = ends[0];
	tail->text = g_string_new(NULL);
	tail->source = g_unix_fd_add(tail->fd, G_IO_IN | G_IO_HUP, pipe_is_readable, tail);
	*ret_writer = ends[1];
	return tail;
}

void output_tail_free(struct output_tail *tail)
{
	if (!tail)
		return;
	g_clear_handle_id(&tail->source, g_source_remove);
	descriptor_close(&tail->fd);
	g_string_free(tail->text, TRUE);
	g_free(tail);
}

void output_tail_drain(struct output_tail *tail)
{
	/* No pipe holds more. */
	take(tail, 1024 * 1024);
}

/* Cuts text to whole lines if its start is missing. */
static const char *whole_lines(const struct output_tail *tail)
{
	const char *newline = strchr(tail->text->str, '\n');

	if (tail->total == tail->text->len || !newline || !newline[1])
		return tail->text->str;
	return newline + 1;
}

char *output_tail_text(const struct output_tail *tail, guint64 *ret_left_out)
{
	const char *start = whole_lines(tail);
	g_auto(GStrv) lines = g_strsplit(start, "\n", -1);

	*ret_left_out = tail->total - strlen(start);
	for (char **line = lines; *line; line++)
		log_make_printable(*line);
	return g_strjoinv("\n", lines);
}
