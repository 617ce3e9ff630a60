/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a recording shows, in words and sums. */

#include "config.h"

#include <string.h>

#include "explain/amount.h"
#include "explain/explanation.h"

const char *explanation_about(const char *path)
{
	static const char *const texts[][2] = {
		{ "packet", "all that the program sends goes by frames, through the engine" },
		{ "hybrid", "TCP goes by sockets of the host, the rest by frames" },
		{ "syscall", "TCP and UDP go by sockets of the host; there are no frames" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (strcmp(texts[i][0], path) == 0)
			return texts[i][1];
	return "";
}

static void say_frames(GString *text, const struct recording *recording)
{
	const struct timeline_sums *sums = timeline_sums(recording->timeline);
	char bytes[AMOUNT_TEXT_MAX], copied[AMOUNT_TEXT_MAX], wakeups[AMOUNT_TEXT_MAX];
	guint64 frames = sums->frames_out + sums->frames_in;

	if (frames == 0) {
		g_string_append(text, "No frame was sent. ");
		return;
	}
	g_string_append_printf(text,
			       "%" G_GUINT64_FORMAT " frame%s carried %s of data, and the engine "
			       "copied %s for that",
			       frames, frames == 1 ? "" : "s",
			       amount_bytes(sums->bytes_out + sums->bytes_in, bytes),
			       amount_bytes(sums->copied, copied));
	if (recording->usage.wakeups_known)
		g_string_append_printf(text, "; it woke up %s",
				       amount_times(recording->usage.wakeups, wakeups));
	g_string_append(text, ". ");
}

static void say_calls(GString *text, const struct recording *recording)
{
	const struct timeline_sums *sums = timeline_sums(recording->timeline);
	char time[AMOUNT_TEXT_MAX], bytes[AMOUNT_TEXT_MAX];

	if (strcmp(recording->path, "packet") == 0)
		return;
	g_string_append_printf(text, "%" G_GUINT64_FORMAT " call%s trapped, which took %s in all. ",
			       sums->calls, sums->calls == 1 ? " was" : "s were",
			       amount_time(sums->call_microseconds, time));
	if (sums->sockets > 0)
		g_string_append_printf(
			text,
			"%" G_GUINT64_FORMAT " socket%s of the host carried %s, of which slirpway "
			"saw not one byte. ",
			sums->sockets, sums->sockets == 1 ? "" : "s",
			amount_bytes(sums->socket_bytes_out + sums->socket_bytes_in, bytes));
}

char *explanation_summary(const struct recording *recording)
{
	GString *text = g_string_new(NULL);

	say_calls(text, recording);
	say_frames(text, recording);
	if (text->len > 0)
		g_string_truncate(text, text->len - 1);
	return g_string_free(text, FALSE);
}

struct process_sample explanation_sum(const struct recording *recording)
{
	const struct recording_usage *usage = &recording->usage;
	const struct process_sample *parts[] = { &usage->program, &usage->engine,
						 &usage->supervisor, &usage->session };
	struct process_sample sum = { .known = true };

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (!parts[i]->known)
			continue;
		sum.cpu_us += parts[i]->cpu_us;
		sum.voluntary += parts[i]->voluntary;
		sum.involuntary += parts[i]->involuntary;
	}
	return sum;
}
