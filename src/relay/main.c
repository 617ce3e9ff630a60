/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line with a round-trip time between two network namespaces: the entry point. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/relay.h"

#define EXIT_USAGE 2

static int fail(const GError *error, int status)
{
	fprintf(stderr, "slirpway-delay-relay: %s\n", error->message);
	return status;
}

static void tell_ready(int fd)
{
	if (fd < 0)
		return;
	if (write(fd, "\n", 1) != 1)
		fprintf(stderr, "slirpway-delay-relay: --ready-fd: %s\n", strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct relay_options options;

	if (!relay_options_parse(argc, argv, &options, &error))
		return fail(error, EXIT_USAGE);
	if (options.help) {
		fputs(relay_options_help, stdout);
		return EXIT_SUCCESS;
	}
	struct relay *relay = relay_new(&options, &error);
	if (!relay)
		return fail(error, EXIT_FAILURE);
	tell_ready(options.ready_fd);
	relay_run(relay);
	relay_print_counters(relay);
	relay_free(relay);
	return EXIT_SUCCESS;
}
