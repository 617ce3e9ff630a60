/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One step of a timeline, and what there is to say about it. */

#include "config.h"

#include <string.h>

#include "explain/amount.h"
#include "explain/event.h"

struct event *event_new(enum event_kind kind, enum topic topic, int64_t time)
{
	struct event *event = g_new0(struct event, 1);

	event->kind = kind;
	event->topic = topic;
	event->time = time;
	event->end = time;
	event->count = 1;
	return event;
}

void event_free(void *data)
{
	struct event *event = data;

	trace_note_clear(&event->call);
	g_free(event->text);
	g_free(event);
}

const char *event_label(const struct event *event)
{
	return event->kind == EVENT_CALL ? event->call.call : topic_label(event->topic);
}

/* Joins two texts by a separator unless there is only one. */
static void append(GString *line, const char *separator, const char *text)
{
	if (line->len > 0)
		g_string_append(line, separator);
	g_string_append(line, text);
}

static void append_endpoints(GString *line, const struct event *event)
{
	char from[ADDRESS_TEXT_MAX], to[ADDRESS_TEXT_MAX];

	g_string_append_printf(line, "%s > %s", endpoint_format(&event->from, from),
			       endpoint_format(&event->to, to));
}

static void append_bytes(GString *line, uint64_t bytes, const char *whither)
{
	char amount[AMOUNT_TEXT_MAX];

	if (bytes == 0)
		return;
	append(line, ", ", amount_bytes(bytes, amount));
	g_string_append(line, whither);
}

/* "14 frames", behind a comma where something stands before. */
static void append_count(GString *line, uint64_t count, const char *what)
{
	g_string_append_printf(line, "%s%" G_GUINT64_FORMAT " %s", line->len > 0 ? ", " : "", count,
			       what);
}

/* Several frames with data, which may go both ways, and the acknowledgements among them. */
static void append_data(GString *line, const struct event *event)
{
	g_autoptr(GString) data = g_string_new(NULL);
	bool both = event->direction == DIRECTION_NONE;
	uint64_t acks = event->count - event->data_frames;
	char time[AMOUNT_TEXT_MAX], copied[AMOUNT_TEXT_MAX], turns[AMOUNT_TEXT_MAX];

	if (event->turns > 0)
		g_string_append_printf(data, "to and fro %s",
				       amount_times((event->turns + 1) / 2, turns));
	if (event->data_frames > 1)
		append_count(data, event->data_frames, "frames");
	append_bytes(data, event->bytes_out, both ? " out" : "");
	append_bytes(data, event->bytes_in, both ? " in" : "");
	if (acks > 0)
		append_count(data, acks, acks == 1 ? "ACK" : "ACKs");
	if (event->data_frames > 1)
		g_string_append_printf(
			data, ", %s",
			amount_time((uint64_t)MAX(event->end - event->time, 0), time));
	g_string_append_printf(data, "; copied: %s", amount_bytes(event->copied, copied));
	append(line, " ", data->str);
}

/* Further connections to one server, or further sockets. */
static void append_further(GString *line, const struct event *event, const char *what)
{
	char to[ADDRESS_TEXT_MAX], time[AMOUNT_TEXT_MAX];
	g_autoptr(GString) data = g_string_new(NULL);

	g_string_append_printf(line, "%" G_GUINT64_FORMAT " further %s%s, %s", event->count, what,
			       event->count == 1 ? "" : "s", endpoint_format(&event->to, to));
	if (event->frames > 0)
		append_count(data, event->frames, "frames");
	append_bytes(data, event->bytes_out, " out");
	append_bytes(data, event->bytes_in, " in");
	append(data, ", ", amount_time((uint64_t)MAX(event->end - event->time, 0), time));
	append(line, ": ", data->str);
}

static void append_frame(GString *line, const struct event *event)
{
	if (event->flow > 0)
		g_string_append_printf(line, "#%u", event->flow);
	if (event->topic == TOPIC_more) {
		append_further(line, event, "connection");
		return;
	}
	if (event->topic == TOPIC_data || event->topic == TOPIC_udp) {
		append_data(line, event);
		return;
	}
	if (event->topic == TOPIC_syn) {
		g_string_append_c(line, ' ');
		append_endpoints(line, event);
	}
	if (event->topic == TOPIC_ping || event->topic == TOPIC_icmp) {
		char to[ADDRESS_TEXT_MAX];

		g_string_append_printf(line, "%s ",
				       address_format(event->direction == DIRECTION_IN
							      ? &event->from.address
							      : &event->to.address,
						      to));
	}
	if (event->text && *event->text)
		append(line, event->topic == TOPIC_syn ? ", " : " ", event->text);
}

/* What the verdicts mean; a verdict of a later version stands for itself. */
static const char *verdict_words(const struct trace_note *call)
{
	static const char *const words[][2] = {
		{ "host", "done on a socket of the host" },
		{ "container", "done on the program's own socket" },
		{ "refuse", "refused" },
		{ "continue", "left to the kernel" },
	};

	for (size_t i = 0; call->verdict && i < G_N_ELEMENTS(words); i++)
		if (strcmp(call->verdict, words[i][0]) == 0)
			return words[i][1];
	return call->verdict ? call->verdict : "answered";
}

static void append_call(GString *line, const struct event *event)
{
	const struct trace_note *call = &event->call;
	char time[AMOUNT_TEXT_MAX], times[AMOUNT_TEXT_MAX];

	if (event->count > 1 || event->topic == TOPIC_more)
		g_string_append_printf(line, "%s%s: ", amount_times(event->count, times),
				       event->topic == TOPIC_more ? " more" : "");
	if (call->address)
		g_string_append_printf(line, "%s: ", call->address);
	g_string_append(line, verdict_words(call));
	if (call->reason)
		g_string_append_printf(line, " (%s)", call->reason);
	if (call->error)
		g_string_append_printf(line, ", answer %s", call->error);
	g_string_append_printf(line, ", %s", amount_time(call->microseconds, time));
}

char *event_describe(const struct event *event)
{
	GString *line = g_string_new(NULL);

	switch (event->kind) {
	case EVENT_FRAME:
		append_frame(line, event);
		break;
	case EVENT_CALL:
		append_call(line, event);
		break;
	case EVENT_SOCKET:
		if (event->topic == TOPIC_more)
			append_further(line, event, "socket");
		else
			g_string_append(line, event->text);
		break;
	case EVENT_PROGRAM:
		g_string_append(line, event->text ? event->text : "");
		break;
	}
	return g_string_free(line, FALSE);
}
