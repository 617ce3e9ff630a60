/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of slirpway-workload prints: one JSON object. Pure. */
#pragma once

#include <glib.h>

#include "compare/workloads.h"

/* NAN is not told; the texts are owned, or NULL. */
struct client_output {
	double value; /* the workload's figure */
	double bytes; /* of payload, both ways */
	double exchanges;
	double connections;
	double cpu_seconds, server_cpu_seconds;
	double loss;
	char *congestion, *server_congestion;
	GArray *percentiles; /* struct percentile */
};

/* Returns NULL with error set if text is not what such a client prints. */
struct client_output *client_output_parse(const char *text, const struct workload *workload,
					  GError **error);
void client_output_free(struct client_output *output);
