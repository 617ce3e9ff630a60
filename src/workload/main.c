/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network workloads with a server and clients that measure: the entry point. */

#include "config.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "workload/workload.h"
#include "workload/options.h"

struct mode {
	const char *name;
	bool (*run)(const struct workload_options *options);
	const char *help;
};

static const struct mode client_modes[] = {
	{ "stream", workload_stream, "bulk data up or down, over one or more flows" },
	{ "checksum", workload_checksum, "pseudo-random data, compared at both ends" },
	{ "rr", workload_rr, "one byte to and fro: latency" },
	{ "connect", workload_connect, "connect, one byte to and fro, close: rate" },
	{ "idle", workload_idle, "open --count connections and hold them until stdin ends" },
	{ "udp", workload_udp, "datagrams per second, with loss" },
};

#define MODE_COUNT (sizeof(client_modes) / sizeof(client_modes[0]))

uint64_t workload_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static double usage_seconds(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double workload_cpu_seconds(void)
{
	return usage_seconds(RUSAGE_SELF) + usage_seconds(RUSAGE_CHILDREN);
}

bool workload_complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("slirpway-workload: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return false;
}

static void print_help(void)
{
	puts("Usage: slirpway-workload server [OPTIONS]\n"
	     "       slirpway-workload client MODE [OPTIONS]\n\n"
	     "Modes of the client:");
	for (size_t i = 0; i < MODE_COUNT; i++)
		printf("  %-11s%s\n", client_modes[i].name, client_modes[i].help);
	options_print_help();
	puts("\nNumbers take k, M and G. A client prints one JSON object for its run.");
}

static const struct mode *find_client_mode(const char *name)
{
	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (strcmp(client_modes[i].name, name) == 0)
			return &client_modes[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct mode server_mode = { "server", workload_server, NULL };
	const struct mode *mode = NULL;
	struct workload_options options;
	int words = 2;

	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (argc >= 2 && strcmp(argv[1], "server") == 0) {
		mode = &server_mode;
	} else if (argc >= 3 && strcmp(argv[1], "client") == 0) {
		mode = find_client_mode(argv[2]);
		words = 3;
	}
	if (!mode) {
		workload_complain("say \"server\" or \"client MODE\"; --help lists the modes");
		return 2;
	}
	if (!options_parse(argc - words + 1, argv + words - 1, &options))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	return mode->run(&options) ? EXIT_SUCCESS : EXIT_FAILURE;
}
