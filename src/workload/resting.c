/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening connections, and asking later whether they still live. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/protocol.h"
#include "workload/resting.h"
#include "workload/round_trips.h"
#include "workload/socket.h"

#define DEFAULT_COUNT 1000

static bool open_one(struct resting *resting, const struct workload_options *options)
{
	int fd = socket_connect(options);

	if (fd < 0)
		return false;
	resting->fds[resting->count++] = fd;
	return exchange_byte(fd);
}

bool resting_open(struct resting *resting, const struct workload_options *options)
{
	uint64_t count = options->count == NO_LIMIT ? DEFAULT_COUNT : options->count;
	uint64_t start = workload_now();

	*resting = (struct resting){ 0 };
	/* Some are open already, and one more will be active. */
	if (!socket_raise_limit(count + 16))
		return false;
	resting->fds = calloc(count, sizeof(*resting->fds));
	if (!resting->fds)
		return workload_complain("no memory");
	while (resting->count < count) {
		if (!open_one(resting, options))
			return workload_complain("%" PRIu64 " of %" PRIu64
						 " connections were open by then",
						 resting->count, count);
	}
	resting->seconds_to_open =
		(double)(workload_now() - start) / (double)NANOSECONDS_PER_SECOND;
	return true;
}

uint64_t resting_count_alive(const struct resting *resting)
{
	uint64_t alive = 0;
	int flags = 0;
	char byte = WIRE_ECHO;

	for (uint64_t i = 0; i < resting->count; i++)
		send(resting->fds[i], &byte, 1, MSG_NOSIGNAL);
	for (uint64_t i = 0; i < resting->count; i++) {
		ssize_t got = recv(resting->fds[i], &byte, 1, flags);
		if (got == 1)
			alive++;
		else if (got < 0 && errno == EAGAIN)
			flags = MSG_DONTWAIT; /* after a silent one the others must be ready */
	}
	return alive;
}

void resting_close(struct resting *resting)
{
	for (uint64_t i = 0; i < resting->count; i++)
		close(resting->fds[i]);
	free(resting->fds);
	*resting = (struct resting){ 0 };
}
