/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client modes rr (round trips on one connection) and connect (a connection for each). */

#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "workload/modes.h"
#include "workload/round_trips.h"
#include "workload/run_cost.h"
#include "workload/socket.h"

bool exchange_byte(int fd)
{
	char byte = WIRE_ECHO;

	return socket_send_all(fd, &byte, 1) && socket_receive_all(fd, &byte, 1);
}

static bool round_trip(const struct workload_options *options, void *data)
{
	const int *fd = data;

	(void)options;
	return exchange_byte(*fd);
}

bool round_trips_client(const struct workload_options *options, struct client_result *result)
{
	int fd = socket_connect(options);

	if (fd < 0)
		return false;
	bool done = exchange_byte(fd) && client_repeat(options, result, round_trip, &fd);
	close(fd);
	return done;
}

/*
 * The server closes first, as HTTP servers do, so TIME-WAIT stays at its end and the client's ports
 * can be used again.
 */
static bool connect_and_close(const struct workload_options *options, void *data)
{
	char byte = WIRE_CONNECT;
	int fd = socket_connect(options);

	(void)data;
	if (fd < 0)
		return false;
	bool done = socket_send_all(fd, &byte, 1) && socket_receive_all(fd, &byte, 1);
	if (done && recv(fd, &byte, 1, 0) != 0)
		done = workload_complain("the server did not close the connection");
	close(fd);
	return done;
}

static bool connect_client(const struct workload_options *options, struct client_result *result)
{
	return client_repeat(options, result, connect_and_close, NULL);
}

static bool run_and_report(const struct workload_options *options, const char *mode,
			   client_func one)
{
	struct client_result total;
	struct run_cost cost;
	bool done = run_cost_begin(&cost, options) && clients_run(options, one, &total) &&
		    run_cost_end(&cost);

	if (done) {
		struct report *report = report_begin(mode, options);
		clients_report(options, &total, report);
		run_cost_report_congestion(&cost, report);
		run_cost_report(&cost, report);
		done = report_end(report);
	}
	run_cost_close(&cost);
	return done;
}

bool workload_rr(const struct workload_options *options)
{
	return run_and_report(options, "rr", round_trips_client);
}

bool workload_connect(const struct workload_options *options)
{
	return run_and_report(options, "connect", connect_client);
}
