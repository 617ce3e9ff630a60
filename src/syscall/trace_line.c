/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trapped call as a line of JSON, for --trace. */

/*
 * The lines are written by hand: a tree of objects for each trapped call would cost more than the
 * call. What is a program's own choice in them is escaped beyond what JSON asks for (RFC 8259,
 * section 7): nothing but printable ASCII is left, so that a terminal that shows the trace can't be
 * given orders by a program's name, and a line can't be broken.
 */

#include "config.h"

#include <string.h>
#include <time.h>

#include "syscall/call.h"
#include "syscall/trace_line.h"

#define REPLACEMENT 0xfffd
#define MICROSECONDS 1000000

/* Characters beyond 16 bits are two surrogates. */
static void append_escaped(GString *text, gunichar character)
{
	if (character > 0xffff) {
		character -= 0x10000;
		g_string_append_printf(text, "\\u%04x", 0xd800 + (character >> 10));
		character = 0xdc00 + (character & 0x3ff);
	}
	g_string_append_printf(text, "\\u%04x", character);
}

static void append_string(GString *text, const char *string)
{
	const char *at = string;

	g_string_append_c(text, '"');
	while (*at) {
		gunichar character = g_utf8_get_char_validated(at, -1);

		if (character == (gunichar)-1 || character == (gunichar)-2) {
			append_escaped(text, REPLACEMENT);
			at++;
			continue;
		}
		if (character == '"' || character == '\\') {
			g_string_append_c(text, '\\');
			g_string_append_c(text, (char)character);
		} else if (character >= 0x20 && character < 0x7f) {
			g_string_append_c(text, (char)character);
		} else {
			append_escaped(text, character);
		}
		at = g_utf8_next_char(at);
	}
	g_string_append_c(text, '"');
}

/* A member behind the first one; nothing where string is NULL. */
static void append_member(GString *text, const char *name, const char *string)
{
	if (!string)
		return;
	g_string_append_printf(text, ",\"%s\":", name);
	append_string(text, string);
}

static void append_time(GString *text, int64_t time)
{
	int64_t part = time % MICROSECONDS;
	time_t seconds = (time_t)(time / MICROSECONDS);
	struct tm calendar;
	char date[64];

	/* Microseconds count forward before 1970, too. */
	if (part < 0) {
		part += MICROSECONDS;
		seconds--;
	}
	if (!gmtime_r(&seconds, &calendar) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &calendar))
		strcpy(date, "unknown");
	g_string_append_printf(text, "\"time\":\"%s.%06dZ\"", date, (int)part);
}

/* The kernel keeps ERESTARTSYS from programs, so the C library has no name for it. */
static const char *error_name(int error)
{
	return error == RESTART_CALL ? "ERESTARTSYS" : strerrorname_np(error);
}

static void append_error(GString *text, int error)
{
	const char *name = error_name(error);

	if (error == 0)
		return;
	if (name)
		append_member(text, "error", name);
	else
		g_string_append_printf(text, ",\"error\":\"%d\"", error);
}

void trace_line_append(GString *text, const struct trace_line *line)
{
	char address[ADDRESS_TEXT_MAX];
	bool named = line->address && line->address->address.family != AF_UNSPEC;

	g_string_append_c(text, '{');
	append_time(text, line->time);
	g_string_append_printf(text, ",\"pid\":%lld", (long long)line->pid);
	append_member(text, "comm", line->comm);
	append_member(text, "call", line->call);
	append_member(text, "address", named ? endpoint_format(line->address, address) : NULL);
	append_member(text, "verdict", line->verdict);
	append_member(text, "reason", line->reason);
	append_error(text, line->error);
	g_string_append_printf(text, ",\"microseconds\":%llu}\n",
			       (unsigned long long)line->microseconds);
}
