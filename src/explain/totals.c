/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of totals that the text and the page show side by side. */

#include "config.h"

#include <string.h>

#include "explain/explanation.h"
#include "explain/totals.h"

#define ROW(name)                                                                                  \
	static void name(const struct recording *recording, char text[static AMOUNT_TEXT_MAX])

static void none(char text[static AMOUNT_TEXT_MAX])
{
	g_strlcpy(text, "-", AMOUNT_TEXT_MAX);
}

static void number(char text[static AMOUNT_TEXT_MAX], guint64 value)
{
	g_snprintf(text, AMOUNT_TEXT_MAX, "%" G_GUINT64_FORMAT, value);
}

static const struct timeline_sums *sums_of(const struct recording *recording)
{
	return timeline_sums(recording->timeline);
}

static bool has_frames(const struct recording *recording)
{
	return strcmp(recording->path, "syscall") != 0;
}

static void in_frames(const struct recording *recording, guint64 bytes,
		      char text[static AMOUNT_TEXT_MAX])
{
	if (has_frames(recording))
		amount_bytes(bytes, text);
	else
		none(text);
}

static void switches(const struct process_sample *sample, char text[static AMOUNT_TEXT_MAX])
{
	if (sample->known)
		number(text, sample->voluntary + sample->involuntary);
	else
		none(text);
}

static void cpu(const struct process_sample *sample, char text[static AMOUNT_TEXT_MAX])
{
	if (sample->known)
		amount_time((uint64_t)MAX(sample->cpu_us, 0), text);
	else
		none(text);
}

ROW(calls)
{
	number(text, sums_of(recording)->calls);
}

ROW(call_time)
{
	if (strcmp(recording->path, "packet") == 0)
		none(text);
	else
		amount_time(sums_of(recording)->call_microseconds, text);
}

ROW(frames)
{
	if (has_frames(recording))
		number(text, sums_of(recording)->frames_out + sums_of(recording)->frames_in);
	else
		none(text);
}

ROW(frame_bytes_out)
{
	in_frames(recording, sums_of(recording)->bytes_out, text);
}

ROW(frame_bytes_in)
{
	in_frames(recording, sums_of(recording)->bytes_in, text);
}

ROW(copied)
{
	in_frames(recording, sums_of(recording)->copied, text);
}

ROW(sockets)
{
	number(text, sums_of(recording)->sockets);
}

ROW(socket_bytes_out)
{
	amount_bytes(sums_of(recording)->socket_bytes_out, text);
}

ROW(socket_bytes_in)
{
	amount_bytes(sums_of(recording)->socket_bytes_in, text);
}

ROW(wakeups)
{
	if (recording->usage.wakeups_known)
		number(text, recording->usage.wakeups);
	else
		none(text);
}

ROW(all_switches)
{
	struct process_sample sum = explanation_sum(recording);

	switches(&sum, text);
}

ROW(program_switches)
{
	switches(&recording->usage.program, text);
}

ROW(engine_switches)
{
	switches(&recording->usage.engine, text);
}

ROW(supervisor_switches)
{
	switches(&recording->usage.supervisor, text);
}

ROW(session_switches)
{
	switches(&recording->usage.session, text);
}

ROW(all_cpu)
{
	struct process_sample sum = explanation_sum(recording);

	cpu(&sum, text);
}

ROW(program_cpu)
{
	cpu(&recording->usage.program, text);
}

ROW(engine_cpu)
{
	cpu(&recording->usage.engine, text);
}

ROW(supervisor_cpu)
{
	cpu(&recording->usage.supervisor, text);
}

ROW(session_cpu)
{
	cpu(&recording->usage.session, text);
}

ROW(wall)
{
	amount_time((uint64_t)(recording->end - recording->begin), text);
}

const struct totals_row totals_rows[] = {
	{ "calls trapped", calls },
	{ "  until they were answered", call_time },
	{ "frames", frames },
	{ "  data in them, out", frame_bytes_out },
	{ "  data in them, in", frame_bytes_in },
	{ "  copied in user space", copied },
	{ "  times the engine woke up", wakeups },
	{ "TCP sockets of the host", sockets },
	{ "  data sent", socket_bytes_out },
	{ "  data received", socket_bytes_in },
	{ "context switches", all_switches },
	{ "  program", program_switches },
	{ "  engine", engine_switches },
	{ "  supervisor", supervisor_switches },
	{ "  session", session_switches },
	{ "CPU time", all_cpu },
	{ "  program", program_cpu },
	{ "  engine", engine_cpu },
	{ "  supervisor", supervisor_cpu },
	{ "  session", session_cpu },
	{ "time from start to end", wall },
	{ .title = NULL },
};
