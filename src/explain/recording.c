/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was recorded of one path. */

#include "config.h"

#include <stdarg.h>

#include "explain/recording.h"

void recording_remark(struct recording *recording, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(recording->remarks, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

struct recording *recording_new(const char *path)
{
	struct recording *recording = g_new0(struct recording, 1);

	recording->path = g_strdup(path);
	recording->remarks = g_ptr_array_new_with_free_func(g_free);
	return recording;
}

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	g_free(recording->path);
	g_free(recording->why);
	g_free(recording->output);
	g_free(recording->messages);
	timeline_free(recording->timeline);
	g_ptr_array_unref(recording->remarks);
	g_free(recording);
}
