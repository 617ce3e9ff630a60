/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Usage of this process by getrusage(2), and of the server by asking it. */

#include "config.h"

#include <unistd.h>

#include "workload/run_cost.h"
#include "workload/socket.h"

static bool ask(int fd, struct wire_usage *ret_usage)
{
	const char kind = WIRE_USAGE;

	if (!socket_send_all(fd, &kind, 1) ||
	    !socket_receive_all(fd, ret_usage, sizeof(*ret_usage)))
		return false;
	wire_decode(ret_usage, WIRE_USAGE_WORDS);
	ret_usage->congestion[CONGESTION_NAME_SIZE - 1] = '\0';
	return ret_usage->magic == WIRE_MAGIC ||
	       workload_complain("the peer is no workload server");
}

bool run_cost_begin(struct run_cost *cost, const struct workload_options *options)
{
	*cost = (struct run_cost){ .server = -1 };
	if (options->address) {
		cost->server = socket_connect(options);
		if (cost->server < 0 || !ask(cost->server, &cost->its))
			return false;
		socket_congestion(cost->server, cost->congestion);
	}
	cost->own = workload_usage();
	return true;
}

bool run_cost_end(struct run_cost *cost)
{
	cost->own_end = workload_usage();
	return cost->server < 0 || ask(cost->server, &cost->its_end);
}

void run_cost_report(const struct run_cost *cost, struct report *report)
{
	report_number(report, "cpu_seconds",
		      (double)(cost->own_end.cpu_microseconds - cost->own.cpu_microseconds) / 1e6);
	report_count(report, "context_switches",
		     cost->own_end.context_switches - cost->own.context_switches);
	if (cost->server < 0)
		return;
	report_number(report, "server_cpu_seconds",
		      (double)(cost->its_end.cpu_microseconds - cost->its.cpu_microseconds) / 1e6);
	report_count(report, "server_context_switches",
		     cost->its_end.context_switches - cost->its.context_switches);
}

void run_cost_report_congestion(const struct run_cost *cost, struct report *report)
{
	if (cost->server < 0)
		return;
	report_text(report, "congestion", cost->congestion);
	report_text(report, "server_congestion", cost->its.congestion);
}

void run_cost_close(struct run_cost *cost)
{
	if (cost->server >= 0)
		close(cost->server);
	cost->server = -1;
}
