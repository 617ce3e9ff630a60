/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other people's programs that measure what our workloads do. */

#include "config.h"

#include <math.h>

#include "base/util.h"
#include "compare/witnesses.h"

/*
 * What a server says of each client goes nowhere: nobody reads the pipe that it has as standard
 * output, and a pipe is full after some hundred clients. It keeps it as descriptor 3, for its end
 * tells us that the server has ended.
 */
#define QUIETLY " 3>&1 >/dev/null"

/* nginx answers with one byte; it writes nothing but what has to be somewhere. */
#define NGINX                                                                                      \
	"d=$(mktemp -d); { echo \"user root; daemon off; master_process off; pid $d/pid; "         \
	"error_log "                                                                               \
	"$d/log;\";"                                                                               \
	" echo \"events {} http { access_log off; client_body_temp_path $d/1; proxy_temp_path\""   \
	" \"$d/2; fastcgi_temp_path $d/3; uwsgi_temp_path $d/4; scgi_temp_path $d/5;\""            \
	" \"server { listen [::]:{port} ipv6only=off; return 200 x; } }\"; } >\"$d/conf\";"        \
	" exec nginx -e \"$d/log\" -c \"$d/conf\"" QUIETLY

/* wrk tells how many requests it made in which time; each has a connection of its own. */
#define WRK                                                                                        \
	"wrk --threads 1 --connections 1 --duration {seconds}s --header 'Connection: close'"       \
	" http://{address}:{port}/ | awk '/requests in/ { n = $1 } /Requests\\/sec/ { r = $2 }"    \
	" END { printf \"{\\\"value_rate\\\": %s, \\\"operations\\\": %s, \\\"bytes\\\": "         \
	"%s}\\n\","                                                                                \
	" r, n, n * 100 }'"

#define SOCKPERF                                                                                   \
	"sockperf ping-pong --tcp --full-rtt -i {address} -p {port} -t {seconds} |"                \
	" awk -F '[=; ]+' '/Valid Duration/ { n = $10 } /percentile 50.000/ { v = $5 }"            \
	" END { printf \"{\\\"value_us\\\": %s, \\\"operations\\\": %s, \\\"bytes\\\": %s}\\n\", " \
	"v, n,"                                                                                    \
	" n * 28 }'"

static const struct witness iperf3_upload = {
	.program = "iperf3",
	.of = "upload",
	.server = "exec iperf3 --server --port {port}" QUIETLY,
	.client = "iperf3 --client {address} --port {port} --json --time {seconds} |"
		  " tr -d '\\n\\t'; echo",
	.port = 5201,
	.format = OUTPUT_IPERF3,
};

static const struct witness iperf3_download = {
	.program = "iperf3",
	.of = "download",
	.server = "exec iperf3 --server --port {port}" QUIETLY,
	.client = "iperf3 --client {address} --port {port} --reverse --json --time {seconds} |"
		  " tr -d '\\n\\t'; echo",
	.port = 5201,
	.format = OUTPUT_IPERF3,
};

static const struct witness sockperf = {
	.program = "sockperf",
	.of = "rr",
	.server = "exec sockperf server --tcp -p {port}" QUIETLY,
	.client = SOCKPERF,
	.port = 11111,
	.format = OUTPUT_FLAT,
};

static const struct witness wrk = {
	.program = "wrk",
	.of = "connect",
	.needs = "nginx",
	.server = NGINX,
	.client = WRK,
	.port = 8080,
	.format = OUTPUT_FLAT,
	.other_work = true,
};

static const struct workload_kind kinds[] = {
	{
		.name = "iperf3-upload",
		.title = "iperf3, upload",
		.unit = "Gbit/s",
		.bulk = true,
		.congestion_matters = true,
		.witness = &iperf3_upload,
	},
	{
		.name = "iperf3-download",
		.title = "iperf3, download",
		.unit = "Gbit/s",
		.bulk = true,
		.congestion_matters = true,
		.witness = &iperf3_download,
	},
	{
		.name = "sockperf-rr",
		.title = "sockperf, request and response",
		.unit = "us",
		.lower_is_better = true,
		.exchanges = "operations",
		.witness = &sockperf,
	},
	{
		.name = "wrk-connect",
		.title = "wrk, new connections",
		.unit = "1/s",
		.exchanges = "operations",
		.connection_each = true,
		.witness = &wrk,
	},
};

const struct workload_kind *witness_kind_at(guint index)
{
	return index < ARRAY_SIZE(kinds) ? &kinds[index] : NULL;
}

char *witness_fill(const char *template, const char *address, guint port, double seconds)
{
	g_autofree char *port_text = g_strdup_printf("%u", port);
	g_autofree char *seconds_text = g_strdup_printf("%.0f", fmax(ceil(seconds), 1));
	GString *text = g_string_new(template);

	g_string_replace(text, "{address}", address, 0);
	g_string_replace(text, "{port}", port_text, 0);
	g_string_replace(text, "{seconds}", seconds_text, 0);
	return g_string_free(text, FALSE);
}
