/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client modes rr (round trips on one connection), connect (one connection each) and idle. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workload/clients.h"
#include "workload/protocol.h"

/* One operation on descriptor fd (-1: makes its own connection). */
typedef bool (*operation_func)(const struct workload_options *options, int fd);

static bool repeat(const struct workload_options *options, struct client_result *result,
		   operation_func operation, int fd)
{
	uint64_t before = workload_now();
	/* A count, when one is given, replaces the time limit. */
	uint64_t deadline = options->count == NO_LIMIT ? before + options->duration : NO_LIMIT;

	result->start = before;
	while (before < deadline && result->operations < options->count) {
		if (!operation(options, fd))
			return false;
		uint64_t after = workload_now();
		histogram_add(&result->latency, after - before);
		result->operations++;
		before = after;
	}
	result->end = before;
	return true;
}

static bool exchange_byte(const struct workload_options *options, int fd)
{
	char byte = WIRE_ECHO;

	(void)options;
	return socket_send_all(fd, &byte, 1) && socket_receive_all(fd, &byte, 1);
}

static bool rr_one(const struct workload_options *options, struct client_result *result)
{
	int fd = socket_connect(options);

	if (fd < 0)
		return false;
	bool done = exchange_byte(options, fd) && repeat(options, result, exchange_byte, fd);
	close(fd);
	return done;
}

/*
 * The server closes first, as HTTP servers do, so TIME-WAIT stays at its end and the client's ports
 * can be used again.
 */
static bool connect_and_close(const struct workload_options *options, int unused)
{
	char byte = WIRE_CONNECT;
	int fd = socket_connect(options);

	(void)unused;
	if (fd < 0)
		return false;
	bool done = socket_send_all(fd, &byte, 1) && socket_receive_all(fd, &byte, 1);
	if (done && recv(fd, &byte, 1, 0) != 0)
		done = workload_complain("the server did not close the connection");
	close(fd);
	return done;
}

static bool connect_one(const struct workload_options *options, struct client_result *result)
{
	return repeat(options, result, connect_and_close, -1);
}

static bool run_and_report(const struct workload_options *options, const char *name,
			   client_func one)
{
	struct client_result total = { 0 };
	struct report report;

	if (!clients_run(options, one, &total))
		return false;
	report_begin(&report, name, options);
	clients_report(options, &total, &report);
	return report_end(&report);
}

bool workload_rr(const struct workload_options *options)
{
	return run_and_report(options, "rr", rr_one);
}

bool workload_connect(const struct workload_options *options)
{
	return run_and_report(options, "connect", connect_one);
}

/* Opens count connections, each proved by an echo; *ret_opened of them when one fails. */
static bool open_connections(const struct workload_options *options, uint64_t count, int *fds,
			     uint64_t *ret_opened)
{
	for (*ret_opened = 0; *ret_opened < count; ++*ret_opened) {
		int fd = socket_connect(options);
		if (fd < 0)
			return false;
		fds[*ret_opened] = fd;
		if (!exchange_byte(options, fd)) {
			close(fd);
			return false;
		}
	}
	return true;
}

static void wait_for_end_of_input(void)
{
	char ignored[256];
	ssize_t got;

	do {
		got = read(STDIN_FILENO, ignored, sizeof(ignored));
	} while (got > 0 || (got < 0 && errno == EINTR));
}

/* How many connections still echo. After one that stays silent the others must be ready at once. */
static uint64_t count_alive(const int *fds, uint64_t count)
{
	uint64_t alive = 0;
	int flags = 0;
	char byte = WIRE_ECHO;

	for (uint64_t i = 0; i < count; i++)
		send(fds[i], &byte, 1, MSG_NOSIGNAL);
	for (uint64_t i = 0; i < count; i++) {
		ssize_t got = recv(fds[i], &byte, 1, flags);
		if (got == 1)
			alive++;
		else if (got < 0 && errno == EAGAIN)
			flags = MSG_DONTWAIT;
	}
	return alive;
}

static bool hold(const struct workload_options *options, const int *fds, uint64_t count,
		 uint64_t start)
{
	double seconds = (double)(workload_now() - start) / (double)NANOSECONDS_PER_SECOND;
	struct report report;

	printf("ready %" PRIu64 "\n", count);
	fflush(stdout);
	wait_for_end_of_input();
	uint64_t alive = count_alive(fds, count);
	report_begin(&report, "idle", options);
	report_count(&report, "connections", count);
	report_number(&report, "seconds_to_open", seconds);
	report_count(&report, "alive", alive);
	if (!report_end(&report))
		return false;
	return alive == count || workload_complain("%" PRIu64 " of %" PRIu64 " connections died",
						   count - alive, count);
}

bool workload_idle(const struct workload_options *options)
{
	uint64_t count = options->count == NO_LIMIT ? 1000 : options->count;
	uint64_t start = workload_now();
	uint64_t opened = 0;

	if (!socket_raise_limit(count + 16))
		return false;
	int *fds = calloc(count, sizeof(*fds));
	if (!fds)
		return workload_complain("no memory");
	bool done = open_connections(options, count, fds, &opened);
	if (!done)
		workload_complain("%" PRIu64 " of %" PRIu64 " connections were open by then",
				  opened, count);
	done = done && hold(options, fds, count, start);
	for (uint64_t i = 0; i < opened; i++)
		close(fds[i]);
	free(fds);
	return done;
}
