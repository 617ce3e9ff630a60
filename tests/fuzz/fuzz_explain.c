/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes what explain reads: the first byte chooses between a capture and a line of a trace, the
 * rest is its bytes. What comes of them goes into a timeline, and is told.
 */

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "explain/capture_read.h"
#include "explain/timeline.h"

#define EVENTS 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A line for a terminal: nothing that it would obey, no end before its end. */
static void require_printable(const char *text)
{
	require(g_utf8_validate(text, -1, NULL));
	for (; *text; text = g_utf8_next_char(text))
		require(!g_unichar_iscntrl(g_utf8_get_char(text)));
}

static void tell(struct timeline *timeline)
{
	const GPtrArray *events;
	int64_t last = INT64_MIN;
	uint64_t frames = 0;

	timeline_sort(timeline);
	events = timeline_events(timeline);
	require(events->len <= 2 * EVENTS);
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = events->pdata[i];
		char *text = event_describe(event);

		require(event->time >= last && event->count > 0);
		last = event->time;
		if (event->kind == EVENT_FRAME)
			frames += event->topic == TOPIC_more ? event->frames : event->count;
		require_printable(text);
		require_printable(event_label(event));
		g_free(text);
	}
	require(frames <= timeline_sums(timeline)->frames_out + timeline_sums(timeline)->frames_in);
}

static void add_frame(struct timeline *timeline, const struct capture_record *record)
{
	uint8_t *copy = malloc(record->captured ? record->captured : 1);
	struct frame_note note;

	require(record->captured <= record->length);
	memcpy(copy, record->frame, record->captured);
	frame_describe(copy, record->captured, record->length, &note);
	require(note.payload <= note.length && note.length == record->length);
	require_printable(note.text);
	timeline_add_frame(timeline, record->time, &note);
	free(copy);
}

static void run_capture(struct timeline *timeline, uint8_t *data, size_t size)
{
	FILE *file = size > 0 ? fmemopen(data, size, "r") : NULL;
	struct capture_reader *reader = file ? capture_reader_new(file, NULL) : NULL;
	struct capture_record record;

	while (reader && capture_reader_next(reader, &record, NULL))
		add_frame(timeline, &record);
	if (file && !reader)
		fclose(file);
	capture_reader_free(reader);
}

static void run_line(struct timeline *timeline, const char *data, size_t size)
{
	struct trace_note note;

	if (trace_line_read(data, size, &note, NULL))
		timeline_add_call(timeline, &note);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct timeline_limits limits = { .events = EVENTS };
	struct timeline *timeline;
	uint8_t *copy;

	if (size < 1)
		return 0;
	limits.each_frame = data[0] & 2;
	timeline = timeline_new(&limits);
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 1)
		run_line(timeline, (const char *)copy, size - 1);
	else
		run_capture(timeline, copy, size - 1);
	tell(timeline);
	timeline_free(timeline);
	free(copy);
	return 0;
}
