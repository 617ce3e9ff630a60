/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of explain. */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "options/explain_options.h"
#include "options/values.h"

#define EVENTS_DEFAULT 2000
#define EVENTS_MAX 1000000
#define RTT_MAX_MS 10000

#define IN_INVOCATION(field) offsetof(struct explain_invocation, field)

static bool is_path(const char *word)
{
	static const char *const paths[] = { "packet", "hybrid", "syscall" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (strcmp(word, paths[i]) == 0)
			return true;
	return false;
}

/* char **, owned: paths with commas between, none of them twice. */
static bool take_paths(const char *value, void *field, GError **error)
{
	g_auto(GStrv) paths = g_strsplit(value, ",", -1);
	char ***target = field;

	for (char **path = paths; *path; path++) {
		if (!is_path(*path)) {
			error_set(error, SLIRPWAY_ERROR_USAGE,
				  "the paths are packet, hybrid and syscall, with commas between");
			return false;
		}
		if (g_strv_contains((const char *const *)path + 1, *path)) {
			error_set(error, SLIRPWAY_ERROR_USAGE, "%s is there twice", *path);
			return false;
		}
	}
	if (!paths[0]) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "the value is empty");
		return false;
	}
	g_strfreev(*target);
	*target = g_steal_pointer(&paths);
	return true;
}

/* GPtrArray *: an option of run, one that does not turn the recording off. */
static bool take_run_option(const char *value, void *field, GError **error)
{
	static const char *const ours[] = {
		"--mode",      "--name",    "--pcap", "--trace", "--snapshot-length",
		"--log-level", "--ready-fd"
	};
	GPtrArray *options = *(GPtrArray **)field;
	g_autofree char *name = g_strndup(value, strcspn(value, "="));

	if (value[0] != '-' || !value[1] || strcmp(value, "--") == 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "an option of run is meant, such as --host-loopback");
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strcmp(name, ours[i]) != 0)
			continue;
		error_set(error, SLIRPWAY_ERROR_USAGE, "explain sets %s itself", name);
		return false;
	}
	g_ptr_array_add(options, (gpointer)value);
	return true;
}

/* uint32_t */
static bool take_events(const char *value, void *field, GError **error)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(value, 10, 1, EVENTS_MAX, &number, NULL)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "a number, 1 to %d", EVENTS_MAX);
		return false;
	}
	*(uint32_t *)field = (uint32_t)number;
	return true;
}

/* double */
static bool take_rtt(const char *value, void *field, GError **error)
{
	char *end;
	double number = g_ascii_strtod(value, &end);

	if (!g_ascii_isdigit(*value) || *end || number > RTT_MAX_MS) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "milliseconds, 0 to %d", RTT_MAX_MS);
		return false;
	}
	*(double *)field = number;
	return true;
}

/* clang-format off */
static const struct option_spec explain_options[] = {
	{ 0, "paths", "LIST", take_paths, IN_INVOCATION(paths),
	  "packet, hybrid and syscall, with commas between, in the order of the runs (default "
	  "packet,hybrid)" },
	{ 0, "world", NULL, value_take_true, IN_INVOCATION(world),
	  "not on this host, but in a world made for it, whose remote machine 198.51.100.1 has a web "
	  "server at ports 80 and 8000, and for all names" },
	{ 0, "rtt", "MS", take_rtt, IN_INVOCATION(rtt_ms),
	  "round-trip time to that machine, in milliseconds (with --world)" },
	{ 0, "run-option", "OPTION", take_run_option, IN_INVOCATION(run_options),
	  "an option for slirpway run, as --run-option=--host-loopback; repeatable" },
	{ 0, "stdin", "FILE", value_take_text, IN_INVOCATION(input),
	  "what COMMAND reads, from the start in each run (default: nothing)" },
	{ 0, "show-output", NULL, value_take_true, IN_INVOCATION(show_output),
	  "show what COMMAND prints, on standard error" },
	{ 0, "all", NULL, value_take_true, IN_INVOCATION(each_frame),
	  "list each frame of a transfer, not all of them as one" },
	{ 0, "events", "N", take_events, IN_INVOCATION(events),
	  "list at most N frames, calls and sockets each (default 2000); all are counted" },
	{ 0, "json", NULL, value_take_true, IN_INVOCATION(json), "print JSON" },
	{ 0, "html", "FILE", value_take_text, IN_INVOCATION(html),
	  "write a page to FILE that shows the paths side by side, step by step" },
	{ .name = NULL },
};

const struct command_spec explain_command_spec = {
	.name = "explain",
	.synopsis = "[OPTIONS] [--] COMMAND [ARG...]",
	.summary = "Runs COMMAND over each path, and shows what each one did, step by step.",
	.options = explain_options,
};
/* clang-format on */

bool explain_options_parse(int argc, char **argv, struct explain_invocation *ret_invocation,
			   GError **error)
{
	g_autofree char **operands = NULL;
	struct explain_invocation invocation = {
		.paths = g_strsplit("packet,hybrid", ",", -1),
		.run_options = g_ptr_array_new(),
		.events = EVENTS_DEFAULT,
		.rtt_ms = -1,
	};
	bool parsed = options_parse(&explain_command_spec, argc, argv, true, &invocation, &operands,
				    &invocation.help, error);

	*ret_invocation = invocation;
	if (!parsed || invocation.help)
		return parsed;
	if (invocation.rtt_ms >= 0 && !invocation.world) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--rtt is of the test world: it needs --world");
		return false;
	}
	if (!operands[0]) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "COMMAND is missing; --help tells more");
		return false;
	}
	ret_invocation->command = g_steal_pointer(&operands);
	return true;
}

void explain_invocation_clear(struct explain_invocation *invocation)
{
	g_clear_pointer(&invocation->paths, g_strfreev);
	g_clear_pointer(&invocation->run_options, g_ptr_array_unref);
	g_clear_pointer(&invocation->input, g_free);
	g_clear_pointer(&invocation->html, g_free);
	g_clear_pointer(&invocation->command, g_free);
}
