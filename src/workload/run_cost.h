/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run costs both ends: CPU time and context switches from its beginning to its end. */
#pragma once

#include "workload/protocol.h"
#include "workload/report.h"

struct run_cost {
	int server; /* a connection beside the workload's, -1: no server to ask */
	char congestion[CONGESTION_NAME_SIZE]; /* of this end of that connection */
	struct workload_usage own;
	struct workload_usage own_end;
	struct wire_usage its;
	struct wire_usage its_end;
};

/* Returns false after a complaint. To be closed in any case. */
bool run_cost_begin(struct run_cost *cost, const struct workload_options *options);
bool run_cost_end(struct run_cost *cost);

/* Adds cpu_seconds and context_switches, with a server server_cpu_seconds and so on. */
void run_cost_report(const struct run_cost *cost, struct report *report);

/* Adds congestion and server_congestion, those of the connection to the server. */
void run_cost_report_congestion(const struct run_cost *cost, struct report *report);

void run_cost_close(struct run_cost *cost);
