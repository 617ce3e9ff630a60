/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the timeline of what was recorded. */

/*
 * The files are read line by line and frame by frame, so that their length costs time and no
 * memory. Which of the host's sockets are ours the kernel doesn't tell: they are those whose peer a
 * trapped call or a SYN names, and those at a published port.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/shell.h"
#include "explain/capture_read.h"
#include "explain/recording_files.h"

#define PEERS_MAX 65536

struct reading {
	struct recording *recording;
	const struct recording_sources *sources;
	GHashTable *peers; /* struct endpoint, owned */
	uint64_t early;	   /* frames before COMMAND */
};

static guint peer_hash(gconstpointer peer)
{
	return endpoint_hash(ENDPOINT_HASH_START, peer);
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
	return endpoint_equal(a, b);
}

/* The gateway stands for the host's loopback. */
static struct address behind_gateway(const struct session_sample *session, struct address address)
{
	if (session && address_equal(&address, &session->gateways[0]))
		return address_from_v4((struct in_addr){ htonl(INADDR_LOOPBACK) });
	if (session && address_equal(&address, &session->gateways[1]))
		return address_from_v6(&in6addr_loopback);
	return address;
}

static void add_peer(struct reading *reading, const struct endpoint *endpoint)
{
	struct endpoint peer = { .port = endpoint->port };

	peer.address = address_unmapped(&endpoint->address);
	peer.address = behind_gateway(reading->sources->session, peer.address);
	if (g_hash_table_size(reading->peers) < PEERS_MAX)
		g_hash_table_add(reading->peers, g_memdup2(&peer, sizeof(peer)));
}

/* "192.0.2.1:80" or "[fd00::1]:80". */
static bool parse_endpoint(const char *text, struct endpoint *ret_endpoint)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	g_autofree char *address = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
	guint64 port;

	if (!address || !g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT16_MAX, &port, NULL))
		return false;
	*ret_endpoint = (struct endpoint){ .port = (uint16_t)port };
	return address_parse(address, &ret_endpoint->address);
}

static void take_trace_line(struct reading *reading, const char *line, size_t length,
			    uint64_t *bad_lines)
{
	struct trace_note note;
	struct endpoint peer;

	if (!trace_line_read(line, length, &note, NULL)) {
		*bad_lines += 1;
		return;
	}
	if (g_strcmp0(note.verdict, "host") == 0 && parse_endpoint(note.address, &peer))
		add_peer(reading, &peer);
	timeline_add_call(reading->recording->timeline, &note);
}

/* Passes over the rest of a line that was longer than the buffer. */
static void skip_line(FILE *file)
{
	int character;

	do
		character = getc(file);
	while (character != EOF && character != '\n');
}

static void read_trace(struct reading *reading)
{
	const char *path = reading->sources->trace_file;
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[TRACE_LINE_MAX + 2];
	uint64_t bad_lines = 0;

	if (path && !file)
		recording_remark(reading->recording, "the trace can't be read: %s",
				 g_strerror(errno));
	while (file && fgets(line, sizeof(line), file)) {
		size_t length = strlen(line);

		if (length > 0 && line[length - 1] == '\n')
			length--;
		else if (length == sizeof(line) - 1)
			skip_line(file);
		take_trace_line(reading, line, length, &bad_lines);
	}
	if (file)
		fclose(file);
	if (bad_lines > 0)
		recording_remark(reading->recording,
				 "%" G_GUINT64_FORMAT " lines of the trace make no sense",
				 bad_lines);
}

static void take_record(struct reading *reading, const struct capture_record *record)
{
	struct frame_note note;

	if (record->time < reading->recording->begin) {
		reading->early++;
		return;
	}
	frame_describe(record->frame, record->captured, record->length, &note);
	if (note.topic == TOPIC_syn && note.direction == DIRECTION_OUT)
		add_peer(reading, &note.to);
	timeline_add_frame(reading->recording->timeline, record->time, &note);
}

static void read_records(struct reading *reading, struct capture_reader *reader)
{
	g_autoptr(GError) error = NULL;
	struct capture_record record;

	while (capture_reader_next(reader, &record, &error))
		take_record(reading, &record);
	if (error)
		recording_remark(reading->recording,
				 "the frames from some point on are missing: %s", error->message);
	else if (capture_reader_is_torn(reader))
		recording_remark(reading->recording, "the capture ends within a frame");
	if (reading->early > 0)
		recording_remark(
			reading->recording,
			"frames from before the program's start, left out: %" G_GUINT64_FORMAT,
			reading->early);
}

static void read_capture(struct reading *reading)
{
	const char *path = reading->sources->capture_file;
	FILE *file = path ? fopen(path, "re") : NULL;
	g_autoptr(GError) error = NULL;
	struct capture_reader *reader;

	if (!path)
		return;
	if (!file) {
		recording_remark(reading->recording, "the capture can't be read: %s",
				 g_strerror(errno));
		return;
	}
	reader = capture_reader_new(file, &error);
	if (!reader) {
		recording_remark(reading->recording, "%s", error->message);
		fclose(file);
		return;
	}
	read_records(reading, reader);
	capture_reader_free(reader);
}

static bool is_published(const struct reading *reading, uint16_t port)
{
	const GArray *ports =
		reading->sources->session ? reading->sources->session->published : NULL;

	for (guint i = 0; ports && i < ports->len; i++)
		if (g_array_index(ports, uint16_t, i) == port)
			return true;
	return false;
}

static void take_sockets(struct reading *reading)
{
	const GArray *sockets = reading->sources->sockets;

	for (guint i = 0; sockets && i < sockets->len; i++) {
		struct socket_note note = g_array_index(sockets, struct socket_note, i);
		bool connected = g_hash_table_contains(reading->peers, &note.remote);

		note.accepted = !connected && is_published(reading, note.local.port);
		if (note.time >= reading->recording->begin && (connected || note.accepted))
			timeline_add_socket(reading->recording->timeline, &note);
	}
}

/* The command as one would type it into a shell, fit for a terminal. */
static char *command_line(char *const *command)
{
	char *line = shell_join(command);

	log_make_printable(line);
	return line;
}

static void add_program(struct recording *recording, char *const *command)
{
	g_autofree char *line = command_line(command);
	g_autofree char *end =
		recording->status > 128 && recording->status < 128 + 65
			? g_strdup_printf("ended by signal %d", recording->status - 128)
			: g_strdup_printf("exit status %d", recording->status);

	timeline_add_program(recording->timeline, TOPIC_start, recording->begin, line);
	timeline_add_program(recording->timeline, TOPIC_end, recording->end, end);
}

void recording_read(struct recording *recording, const struct recording_sources *sources,
		    const struct timeline_limits *limits, char *const *command)
{
	struct reading reading = { .recording = recording, .sources = sources };

	reading.peers = g_hash_table_new_full(peer_hash, peer_equal, g_free, NULL);
	recording->timeline = timeline_new(limits);
	add_program(recording, command);
	read_trace(&reading);
	read_capture(&reading);
	take_sockets(&reading);
	timeline_sort(recording->timeline);
	g_hash_table_unref(reading.peers);
}
