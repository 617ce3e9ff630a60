/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines on standard error: one write(2) each, so that lines of several processes don't mix. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

/* The longest line with its name and newline; below PIPE_BUF, so that a pipe takes it whole. */
#define LINE_MAX_BYTES 2048

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

/* The process's one log: state as the process has one standard error. */
static const char *log_name = "slirpway";
static enum log_level log_threshold = LOG_LEVEL_INFO;

void log_set_name(const char *name)
{
	log_name = name;
}

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

enum log_level log_get_level(void)
{
	return log_threshold;
}

bool log_parse_level(const char *text, enum log_level *ret_level)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

void log_make_printable(char *text)
{
	while (*text) {
		gunichar character = g_utf8_get_char_validated(text, -1);

		if (character == (gunichar)-1 || character == (gunichar)-2) {
			*text++ = '?';
		} else if (g_unichar_iscntrl(character)) {
			char *end = g_utf8_next_char(text);

			while (text < end)
				*text++ = '?';
		} else {
			text = g_utf8_next_char(text);
		}
	}
}

__attribute__((format(printf, 2, 0))) static void write_line(enum log_level level,
							     const char *format, va_list arguments)
{
	static const char cut[] = "...";
	char line[LINE_MAX_BYTES];
	const size_t room = sizeof(line) - sizeof("\n");
	int saved_errno = errno;
	size_t length;
	int name_length, text_length;

	if (level > log_threshold)
		return;
	name_length = snprintf(line, sizeof(line) / 4, "%s: ", log_name);
	name_length = MIN(MAX(name_length, 0), (int)sizeof(line) / 4 - 1);
	text_length = vsnprintf(line + name_length, room - (size_t)name_length, format, arguments);
	if (text_length < 0)
		line[name_length] = '\0';
	else if ((size_t)text_length >= room - (size_t)name_length)
		strcpy(line + room - sizeof(cut), cut);
	log_make_printable(line);
	length = strlen(line);
	line[length++] = '\n';
	/* Standard error may be closed or full: nothing sensible is left to be done about it. */
	while (write(STDERR_FILENO, line, length) < 0 && errno == EINTR)
		continue;
	errno = saved_errno;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_LEVEL_ERROR, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}
