/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened on one path, in the order of time.
 *
 * Theory of operation. A transfer is many frames of data that go one way and acknowledgements that
 * go the other. They are told as one event as long as the data goes on in the same direction: the
 * event stays with its flow, open, and takes the next frames in. A change of direction begins
 * another, because that is what a dialogue looks like. After TURNS_TOLD of those the rest of the
 * dialogue is one event as well. A frame that changes the state of a connection closes the flow's
 * event and is one of its own.
 *
 * A program that makes a thousand connections to one server tells the same a thousand times. After
 * the first few connections to a server (repeats.h), all that belongs to further ones is one event,
 * as are further calls of the same kind about the same address, and further sockets.
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>

#include "explain/copies.h"
#include "explain/flows.h"
#include "explain/repeats.h"
#include "explain/timeline.h"

#define TURNS_TOLD 8

struct timeline {
	struct timeline_limits limits;
	struct timeline_sums sums;
	GPtrArray *events;
	struct flows *flows;
	struct repeats *repeats;
	uint64_t listed[EVENT_SOCKET + 1];
	struct event *last_call; /* an event of calls that the next may join */
};

struct timeline *timeline_new(const struct timeline_limits *limits)
{
	struct timeline *timeline = g_new0(struct timeline, 1);

	timeline->limits = *limits;
	timeline->events = g_ptr_array_new_with_free_func(event_free);
	timeline->flows = flows_new();
	timeline->repeats = repeats_new();
	return timeline;
}

void timeline_free(struct timeline *timeline)
{
	if (!timeline)
		return;
	g_ptr_array_unref(timeline->events);
	flows_free(timeline->flows);
	repeats_free(timeline->repeats);
	g_free(timeline);
}

static bool has_room(const struct timeline *timeline, enum event_kind kind)
{
	return kind == EVENT_PROGRAM || timeline->listed[kind] < timeline->limits.events;
}

/* Takes event over. Returns it, or NULL if there is no more room. */
static struct event *list_event(struct timeline *timeline, struct event *event)
{
	if (!has_room(timeline, event->kind)) {
		timeline->sums.left_out++;
		event_free(event);
		return NULL;
	}
	timeline->listed[event->kind]++;
	g_ptr_array_add(timeline->events, event);
	return event;
}

void timeline_add_program(struct timeline *timeline, enum topic topic, int64_t time,
			  const char *text)
{
	struct event *event = event_new(EVENT_PROGRAM, topic, time);

	event->text = g_strdup(text);
	list_event(timeline, event);
}

/*
 * One more of what key names, which is now the call's. Returns the event of the further ones, for
 * the caller to add to, or NULL where this one is told by itself.
 */
static struct event *count_repeat(struct timeline *timeline, char *key, enum event_kind kind,
				  int64_t time)
{
	struct event **further = repeats_add(timeline->repeats, key);

	if (!further || timeline->limits.each_frame || (!*further && !has_room(timeline, kind)))
		return NULL;
	if (!*further) {
		*further = list_event(timeline, event_new(kind, TOPIC_more, time));
		(*further)->count = 0;
	}
	(*further)->count++;
	(*further)->end = MAX((*further)->end, time);
	return *further;
}

/* Has all of a flow told with the further ones to the same server, if there were enough before. */
static void join_further(struct timeline *timeline, struct flow *flow, int64_t time,
			 const struct frame_note *note)
{
	char server[ADDRESS_TEXT_MAX];
	char *key = g_strdup_printf("flow %u %d %s", note->protocol, note->direction,
				    endpoint_format(&note->to, server));

	flow->open = count_repeat(timeline, key, EVENT_FRAME, time);
	flow->further = flow->open != NULL;
	if (!flow->further)
		return;
	flow->open->to = note->to;
	flow->open->protocol = note->protocol;
}

static void add_bytes(struct event *event, const struct frame_note *note)
{
	if (note->direction == DIRECTION_IN)
		event->bytes_in += note->payload;
	else
		event->bytes_out += note->payload;
	event->data_frames += note->payload > 0;
	event->length += note->length;
	event->copied += copies_of_frame(note);
}

static void sum_frame(struct timeline_sums *sums, const struct frame_note *note)
{
	bool in = note->direction == DIRECTION_IN;

	*(in ? &sums->frames_in : &sums->frames_out) += 1;
	*(in ? &sums->bytes_in : &sums->bytes_out) += note->payload;
	sums->frame_bytes += note->length;
	sums->copied += copies_of_frame(note);
}

static bool carries_data(const struct frame_note *note)
{
	return note->topic == TOPIC_data || note->topic == TOPIC_udp;
}

/* Has the flow's open event take the frame in; false if the frame begins another event. */
static bool join_frame(struct flow *flow, int64_t time, const struct frame_note *note)
{
	struct event *open = flow->open;
	bool turn =
		carries_data(note) && flow->last != DIRECTION_NONE && flow->last != note->direction;

	if (!open || (!carries_data(note) && note->topic != TOPIC_ack))
		return false;
	if (turn && flow->turns < TURNS_TOLD)
		return false;
	if (turn) {
		open->direction = DIRECTION_NONE;
		open->turns++;
	}
	if (carries_data(note))
		flow->last = note->direction;
	open->count++;
	open->end = time;
	add_bytes(open, note);
	return true;
}

static void add_further(struct flow *flow, int64_t time, const struct frame_note *note)
{
	flow->answered |= note->topic != TOPIC_syn;
	flow->open->frames++;
	flow->open->end = time;
	add_bytes(flow->open, note);
}

static struct event *make_frame_event(int64_t time, const struct frame_note *note)
{
	struct event *event = event_new(EVENT_FRAME, note->topic, time);

	event->direction = note->direction;
	event->protocol = note->protocol;
	event->from = note->from;
	event->to = note->to;
	event->text = *note->text ? g_strdup(note->text) : NULL;
	add_bytes(event, note);
	return event;
}

static void open_event(struct timeline *timeline, struct flow *flow, struct event *event,
		       const struct frame_note *note)
{
	bool data = carries_data(note);

	flow->open = data && !timeline->limits.each_frame ? event : NULL;
	flow->answered |= note->topic != TOPIC_syn;
	flow->turns += data && flow->last != DIRECTION_NONE && flow->last != note->direction;
	if (data || flow->last == DIRECTION_NONE)
		flow->last = note->direction;
}

void timeline_add_frame(struct timeline *timeline, int64_t time, const struct frame_note *note)
{
	bool begins;
	struct flow *flow = flows_find(timeline->flows, note, &begins);
	struct event *event;

	sum_frame(&timeline->sums, note);
	timeline->last_call = NULL;
	if (flow && begins)
		join_further(timeline, flow, time, note);
	if (flow && flow->further)
		add_further(flow, time, note);
	if (flow && (flow->further || join_frame(flow, time, note)))
		return;
	event = make_frame_event(time, note);
	event->flow = flow ? flow->number : 0;
	event = list_event(timeline, event);
	if (flow)
		open_event(timeline, flow, event, note);
}

static enum topic call_topic(const struct trace_note *note)
{
	static const struct {
		const char *verdict;
		enum topic topic;
	} rows[] = {
		{ "host", TOPIC_call_host },
		{ "container", TOPIC_call_container },
		{ "refuse", TOPIC_call_refuse },
	};

	for (size_t i = 0; note->verdict && i < G_N_ELEMENTS(rows); i++)
		if (strcmp(note->verdict, rows[i].verdict) == 0)
			return rows[i].topic;
	return TOPIC_call_continue;
}

/* Calls that are left to the kernel one after the other have nothing new to say. */
static bool join_call(const struct timeline *timeline, const struct trace_note *note)
{
	struct event *last = timeline->last_call;

	if (!last || call_topic(note) != TOPIC_call_continue || note->address ||
	    last->call.pid != note->pid || strcmp(last->call.call, note->call) != 0)
		return false;
	last->count++;
	last->call.microseconds += note->microseconds;
	last->end = note->time + (int64_t)note->microseconds;
	return true;
}

/* Takes the note over if there were enough like it before. */
static bool join_further_calls(struct timeline *timeline, struct trace_note *note)
{
	char *key = g_strdup_printf(
		"call %s %s %s %s", note->call, note->address ? note->address : "",
		note->verdict ? note->verdict : "", note->reason ? note->reason : "");
	struct event *further = count_repeat(timeline, key, EVENT_CALL, note->time);

	if (!further)
		return false;
	if (further->count == 1) {
		g_clear_pointer(&note->error, g_free); /* the next may have another */
		further->call = *note;
		*note = (struct trace_note){ 0 };
	} else {
		further->call.microseconds += note->microseconds;
		trace_note_clear(note);
	}
	return true;
}

void timeline_add_call(struct timeline *timeline, struct trace_note *note)
{
	struct event *event;

	timeline->sums.calls++;
	timeline->sums.call_microseconds += note->microseconds;
	if (!timeline->limits.each_frame && join_call(timeline, note)) {
		trace_note_clear(note);
		return;
	}
	if (join_further_calls(timeline, note))
		return;
	event = event_new(EVENT_CALL, call_topic(note), note->time);
	event->end = note->time + (int64_t)note->microseconds;
	event->call = *note;
	*note = (struct trace_note){ 0 };
	event = list_event(timeline, event);
	timeline->last_call = event && event->topic == TOPIC_call_continue ? event : NULL;
}

static char *describe_socket(const struct socket_note *note)
{
	char local[ADDRESS_TEXT_MAX], remote[ADDRESS_TEXT_MAX];

	return g_strdup_printf(
		"%s %c %s %s: %" G_GUINT64_FORMAT " bytes sent, %" G_GUINT64_FORMAT " received",
		endpoint_format(&note->local, local), note->accepted ? '<' : '>',
		endpoint_format(&note->remote, remote), note->ended ? "closed" : "still open",
		note->bytes_sent, note->bytes_received);
}

void timeline_add_socket(struct timeline *timeline, const struct socket_note *note)
{
	const struct endpoint *server = note->accepted ? &note->local : &note->remote;
	char text[ADDRESS_TEXT_MAX];
	char *key = g_strdup_printf("socket %d %s", note->accepted, endpoint_format(server, text));
	struct event *further = count_repeat(timeline, key, EVENT_SOCKET, note->time);
	struct event *event = further ? further : event_new(EVENT_SOCKET, TOPIC_socket, note->time);

	timeline->sums.sockets++;
	timeline->sums.socket_bytes_out += note->bytes_sent;
	timeline->sums.socket_bytes_in += note->bytes_received;
	event->bytes_out += note->bytes_sent;
	event->bytes_in += note->bytes_received;
	event->to = further ? *server : note->remote;
	if (further)
		return;
	event->from = note->local;
	event->text = describe_socket(note);
	list_event(timeline, event);
}

/* The order of addition is kept among those of the same time: g_ptr_array_sort is stable. */
static gint compare_times(gconstpointer left, gconstpointer right)
{
	const struct event *a = *(struct event *const *)left;
	const struct event *b = *(struct event *const *)right;

	return a->time < b->time ? -1 : a->time > b->time;
}

void timeline_sort(struct timeline *timeline)
{
	g_ptr_array_sort(timeline->events, compare_times);
}

const GPtrArray *timeline_events(const struct timeline *timeline)
{
	return timeline->events;
}

const struct timeline_sums *timeline_sums(const struct timeline *timeline)
{
	return &timeline->sums;
}
