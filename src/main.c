/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the program starts: picks the command by the name it was called by or its first argument.
 */

#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/util.h"
#include "command/commands.h"
#include "command/report.h"
#include "command/version.h"
#include "explain/program.h"
#include "session/worker_spawn.h"
#include "slirp-glue/engine.h"
#include "syscall/supervisor.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "run", command_run, "run COMMAND in new namespaces, with network" },
	{ "attach", command_attach, "give a network to namespaces that exist" },
	{ "compare", command_compare, "measure the same work over each path, side by side" },
	{ "explain", command_explain, "show what each path does for a COMMAND, step by step" },
	{ "probe", command_probe, "show what this kernel and user allow" },
	{ "list", command_list, "show the sessions of this user" },
	{ "status", command_status, "show a session, its counters, forwards and flows" },
	{ "stop", command_stop, "end a session" },
	{ "port", command_port, "show and change the forwards of a session" },
};

static char *usage_text(void)
{
	GString *text = g_string_new("usage: slirpway COMMAND [OPTIONS]\n\nCommands:\n");

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		g_string_append_printf(text, "  %-8s %s\n", commands[i].name, commands[i].summary);
	g_string_append(text, "\nslirpway COMMAND --help shows a command's options;"
			      " slirpway --version the version.\n");
	return g_string_free(text, FALSE);
}

/* What stands in a command's place but is none: help, --version, or a mistake. */
static int run_other(const char *word)
{
	g_autofree char *usage = usage_text();
	g_autofree char *version = NULL;

	if (!word) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
		return report_text("--help", usage);
	if (strcmp(word, "--version") == 0) {
		version = version_text();
		return report_text("--version", version);
	}
	log_error("no command is called %s; slirpway --help lists them", word);
	return EXIT_USAGE;
}

/* The session starts this program so; level is the word of --log-level, or NULL. */
static int run_worker(int (*run)(int socket), const char *level)
{
	enum log_level parsed;

	if (level && log_parse_level(level, &parsed))
		log_set_level(parsed);
	return run(WORKER_SOCKET_DESCRIPTOR);
}

int main(int argc, char **argv)
{
	g_autofree char *program = g_path_get_basename(argc > 0 ? argv[0] : "slirpway");
	const char *word = argc > 1 ? argv[1] : NULL;

	/* Before anything is opened: a file of ours with the number 2 would get our messages. */
	if (descriptor_fill_standard() < 0)
		return EXIT_SLIRPWAY_FAILED;
	if (strcmp(program, "slirp4netns") == 0)
		return command_slirp4netns(argc, argv);
	if (word && strcmp(word, worker_kind_engine.argument) == 0)
		return run_worker(engine_run, argc > 2 ? argv[2] : NULL);
	if (word && strcmp(word, worker_kind_supervisor.argument) == 0)
		return run_worker(supervisor_run, argc > 2 ? argv[2] : NULL);
	if (word && strcmp(word, PROGRAM_ARGUMENT) == 0)
		return program_run(argc - 2, argv + 2);
	for (size_t i = 0; word && i < ARRAY_SIZE(commands); i++)
		if (strcmp(word, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return run_other(word);
}
