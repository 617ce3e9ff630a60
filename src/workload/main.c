/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network workloads with a server and clients that measure: the entry point. */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "workload/modes.h"
#include "workload/options.h"

struct mode {
	const char *name;
	bool (*run)(const struct workload_options *options);
	const char *help;
};

static const struct mode modes[] = {
	[MODE_SERVER] = { "server", workload_server, "serves all clients, until it is killed" },
	[MODE_STREAM] = { "stream", workload_stream, "bulk data up or down, over --flows" },
	[MODE_CHECKSUM] = { "checksum", workload_checksum,
			    "pseudo-random data, compared at both ends" },
	[MODE_RR] = { "rr", workload_rr, "one byte to and fro: latency" },
	[MODE_CONNECT] = { "connect", workload_connect,
			   "connect, one byte to and fro, close: rate and latency" },
	[MODE_IDLE] = { "idle", workload_idle,
			"as rr, on one connection more than --count that do nothing" },
	[MODE_HOLD] = { "hold", workload_hold,
			"open --count connections, keep them until standard input ends" },
	[MODE_UDP] = { "udp", workload_udp, "datagrams per second, with loss" },
	[MODE_NAMES] = { "names", workload_names, "look up names: rate and latency" },
};

static void print_help(void)
{
	puts("Usage: slirpway-workload server [OPTIONS]\n"
	     "       slirpway-workload client MODE [OPTIONS]\n\n"
	     "Measures a network between a server and a client. Modes of the client:");
	for (size_t i = MODE_SERVER + 1; i < ARRAY_SIZE(modes); i++)
		printf("  %-9s %s\n", modes[i].name, modes[i].help);
	options_print_help();
	puts("\nNumbers take k, M and G (powers of 1024). A client prints one JSON object for its\n"
	     "run. Exit status: 0, 1 when the run failed, 2 for a wrong command line.\n"
	     "slirpway-workload(1) says what the figures mean.");
}

/* The mode that the first words name, and how many words that took; NULL if they name none. */
static const struct mode *find_mode(int argc, char **argv, int *ret_words)
{
	if (argc >= 2 && strcmp(argv[1], "server") == 0) {
		*ret_words = 1;
		return &modes[MODE_SERVER];
	}
	if (argc < 3 || strcmp(argv[1], "client") != 0)
		return NULL;
	*ret_words = 2;
	for (size_t i = MODE_SERVER + 1; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, argv[2]) == 0)
			return &modes[i];
	}
	return NULL;
}

static bool wants(int argc, char **argv, const char *option)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], option) == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct workload_options options;
	int words = 0;

	if (wants(argc, argv, "--help")) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (wants(argc, argv, "--version")) {
		puts("slirpway-workload " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	const struct mode *mode = find_mode(argc, argv, &words);
	if (!mode) {
		workload_complain("say \"server\" or \"client MODE\"; --help lists the modes");
		return 2;
	}
	argv[words] = argv[0]; /* what getopt calls the program */
	if (!options_parse((enum workload_mode)(mode - modes), mode->name, argc - words,
			   argv + words, &options))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	return mode->run(&options) ? EXIT_SUCCESS : EXIT_FAILURE;
}
