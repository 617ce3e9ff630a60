/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explanation as JSON. */

#include "config.h"

#include <sys/utsname.h>

#include "commit.h"
#include "explain/explain_json.h"
#include "explain/totals.h"

#define FORMAT "slirpway-explain"
#define FORMAT_VERSION 1

static double seconds(int64_t microseconds)
{
	return (double)microseconds / G_USEC_PER_SEC;
}

static void set_text(JsonObject *object, const char *name, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

	json_object_set_string_member(object, name, valid);
}

/* Nothing where there is no text. */
static void set_optional(JsonObject *object, const char *name, const char *text)
{
	if (text)
		set_text(object, name, text);
}

static void set_count(JsonObject *object, const char *name, uint64_t count)
{
	json_object_set_int_member(object, name, (gint64)count);
}

static void set_endpoint(JsonObject *object, const char *name, const struct endpoint *endpoint)
{
	char text[ADDRESS_TEXT_MAX];

	if (endpoint->address.family == AF_UNSPEC)
		return;
	if (endpoint->port > 0)
		json_object_set_string_member(object, name, endpoint_format(endpoint, text));
	else
		json_object_set_string_member(object, name,
					      address_format(&endpoint->address, text));
}

static JsonArray *texts_array(char *const *texts)
{
	JsonArray *array = json_array_new();

	for (; *texts; texts++) {
		g_autofree char *valid = g_utf8_make_valid(*texts, -1);

		json_array_add_string_element(array, valid);
	}
	return array;
}

static JsonObject *machine_object(void)
{
	JsonObject *object = json_object_new();
	struct utsname names;

	if (uname(&names) == 0) {
		set_text(object, "kernel", names.release);
		set_text(object, "architecture", names.machine);
	}
	set_count(object, "cores", g_get_num_processors());
	set_text(object, "slirpway", PACKAGE_VERSION);
	set_text(object, "commit", SOURCE_COMMIT);
	return object;
}

static const char *direction_word(const struct event *event)
{
	static const char *const words[] = { "both", "out", "in" };

	return event->kind == EVENT_FRAME ? words[event->direction] : "";
}

static const char *kind_word(enum event_kind kind)
{
	static const char *const words[] = {
		[EVENT_PROGRAM] = "program",
		[EVENT_CALL] = "call",
		[EVENT_FRAME] = "frame",
		[EVENT_SOCKET] = "socket",
	};

	return words[kind];
}

static void set_frame(JsonObject *object, const struct event *event)
{
	if (event->flow > 0)
		set_count(object, "flow", event->flow);
	if (event->topic == TOPIC_more)
		set_count(object, "frames", event->frames);
	set_count(object, "data_frames", event->data_frames);
	set_count(object, "frame_bytes", event->length);
	set_count(object, "bytes_copied", event->copied);
}

static void set_call(JsonObject *object, const struct trace_note *call)
{
	json_object_set_int_member(object, "pid", call->pid);
	set_optional(object, "comm", call->comm);
	set_optional(object, "address", call->address);
	set_optional(object, "verdict", call->verdict);
	set_optional(object, "reason", call->reason);
	set_optional(object, "error", call->error);
	set_count(object, "microseconds", call->microseconds);
}

static JsonObject *event_object(const struct recording *recording, const struct event *event)
{
	g_autofree char *text = event_describe(event);
	JsonObject *object = json_object_new();

	json_object_set_double_member(object, "time", seconds(event->time - recording->begin));
	json_object_set_double_member(object, "end", seconds(event->end - recording->begin));
	set_text(object, "kind", kind_word(event->kind));
	set_text(object, "topic", topic_name(event->topic));
	set_text(object, "label", event_label(event));
	set_text(object, "direction", direction_word(event));
	set_text(object, "text", text);
	set_count(object, "count", event->count);
	if (event->kind == EVENT_FRAME)
		set_frame(object, event);
	if (event->kind == EVENT_CALL)
		set_call(object, &event->call);
	if (event->kind == EVENT_FRAME || event->kind == EVENT_SOCKET) {
		set_endpoint(object, "from", &event->from);
		set_endpoint(object, "to", &event->to);
		set_count(object, "bytes_out", event->bytes_out);
		set_count(object, "bytes_in", event->bytes_in);
	}
	return object;
}

static JsonArray *events_array(const struct recording *recording)
{
	const GPtrArray *events = timeline_events(recording->timeline);
	JsonArray *array = json_array_new();

	for (guint i = 0; i < events->len; i++)
		json_array_add_object_element(array, event_object(recording, events->pdata[i]));
	return array;
}

static void set_usage(JsonObject *object, const char *name, const struct process_sample *sample)
{
	JsonObject *usage;

	if (!sample->known) {
		json_object_set_null_member(object, name);
		return;
	}
	usage = json_object_new();
	json_object_set_double_member(usage, "cpu_seconds", seconds(sample->cpu_us));
	set_count(usage, "voluntary_switches", sample->voluntary);
	set_count(usage, "involuntary_switches", sample->involuntary);
	json_object_set_object_member(object, name, usage);
}

static JsonObject *processes_object(const struct recording_usage *usage)
{
	JsonObject *object = json_object_new();

	set_usage(object, "program", &usage->program);
	set_usage(object, "engine", &usage->engine);
	set_usage(object, "supervisor", &usage->supervisor);
	set_usage(object, "session", &usage->session);
	return object;
}

static JsonObject *totals_object(const struct recording *recording)
{
	const struct timeline_sums *sums = timeline_sums(recording->timeline);
	struct process_sample sum = explanation_sum(recording);
	JsonObject *object = json_object_new();

	set_count(object, "calls_trapped", sums->calls);
	json_object_set_double_member(object, "calls_seconds",
				      seconds((int64_t)sums->call_microseconds));
	set_count(object, "frames_out", sums->frames_out);
	set_count(object, "frames_in", sums->frames_in);
	set_count(object, "frame_bytes", sums->frame_bytes);
	set_count(object, "data_out", sums->bytes_out);
	set_count(object, "data_in", sums->bytes_in);
	set_count(object, "bytes_copied", sums->copied);
	set_count(object, "host_sockets", sums->sockets);
	set_count(object, "socket_bytes_sent", sums->socket_bytes_out);
	set_count(object, "socket_bytes_received", sums->socket_bytes_in);
	if (recording->usage.wakeups_known)
		set_count(object, "engine_wakeups", recording->usage.wakeups);
	else
		json_object_set_null_member(object, "engine_wakeups");
	set_count(object, "context_switches", sum.voluntary + sum.involuntary);
	json_object_set_double_member(object, "cpu_seconds", seconds(sum.cpu_us));
	json_object_set_double_member(object, "wall_seconds",
				      seconds(recording->end - recording->begin));
	json_object_set_object_member(object, "processes", processes_object(&recording->usage));
	return object;
}

/* The rows of the totals as people read them, so that the page need not know them. */
static JsonArray *table_array(const struct recording *recording)
{
	JsonArray *array = json_array_new();

	for (const struct totals_row *row = totals_rows; row->title; row++) {
		JsonObject *object = json_object_new();
		char value[AMOUNT_TEXT_MAX];

		row->value(recording, value);
		json_object_set_string_member(object, "title", row->title);
		json_object_set_string_member(object, "value", value);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *remarks_array(const struct recording *recording)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < recording->remarks->len; i++)
		json_array_add_string_element(array, recording->remarks->pdata[i]);
	return array;
}

static void set_present(JsonObject *object, const struct recording *recording)
{
	g_autofree char *summary = explanation_summary(recording);

	json_object_set_int_member(object, "status", recording->status);
	set_text(object, "summary", summary);
	json_object_set_array_member(object, "events", events_array(recording));
	set_count(object, "events_left_out", timeline_sums(recording->timeline)->left_out);
	json_object_set_object_member(object, "totals", totals_object(recording));
	json_object_set_array_member(object, "table", table_array(recording));
	json_object_set_array_member(object, "remarks", remarks_array(recording));
	set_text(object, "output", recording->output);
	set_count(object, "output_left_out", recording->output_left_out);
}

static JsonObject *path_object(const struct recording *recording)
{
	JsonObject *object = json_object_new();

	set_text(object, "path", recording->path);
	set_text(object, "about", explanation_about(recording->path));
	json_object_set_boolean_member(object, "present", recording->present);
	set_text(object, "why", recording->why);
	if (recording->present)
		set_present(object, recording);
	return object;
}

static JsonObject *topics_object(void)
{
	JsonObject *object = json_object_new();

	for (int i = 0; i < TOPIC_COUNT; i++)
		json_object_set_string_member(object, topic_name((enum topic)i),
					      topic_text((enum topic)i));
	return object;
}

JsonNode *explain_json(const struct explanation *explanation)
{
	g_autoptr(GDateTime) started =
		g_date_time_new_from_unix_utc(explanation->started / G_USEC_PER_SEC);
	g_autofree char *date = g_date_time_format(started, "%Y-%m-%dT%H:%M:%SZ");
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	JsonArray *paths = json_array_new();

	json_object_set_string_member(object, "format", FORMAT);
	json_object_set_int_member(object, "version", FORMAT_VERSION);
	json_object_set_string_member(object, "started", date);
	json_object_set_array_member(object, "command", texts_array(explanation->command));
	json_object_set_boolean_member(object, "world", explanation->in_world);
	json_object_set_object_member(object, "machine", machine_object());
	json_object_set_object_member(object, "topics", topics_object());
	for (guint i = 0; i < explanation->recordings->len; i++)
		json_array_add_object_element(paths,
					      path_object(explanation->recordings->pdata[i]));
	json_object_set_array_member(object, "paths", paths);
	json_node_take_object(node, object);
	return node;
}
