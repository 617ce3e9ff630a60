/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of slirpway compare. */

#include "config.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/network.h"
#include "command/compare_options.h"
#include "command/report.h"
#include "options/options.h"
#include "options/values.h"

#define RTT_MAX 10000.0
#define SECONDS_MIN 0.05
#define SECONDS_MAX 3600.0
#define REPEAT_MAX 1000
#define NUMBER_MAX 10000
#define MTU_MIN 576
#define DEFAULT_PORT 5202

#define OPTION(member) offsetof(struct compare_options, member)

static bool refuse(GError **error, const char *text)
{
	error_set(error, SLIRPWAY_ERROR_USAGE, "%s", text);
	return false;
}

/* char **, owned: words with commas between. */
static bool take_words(const char *value, void *field, GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);

	for (char **word = words; *word; word++)
		if (!(*word)[0])
			return refuse(error, "words with commas between are wanted, none empty");
	if (!words[0])
		return refuse(error, "the value is empty");
	g_strfreev(*(char ***)field);
	*(char ***)field = g_steal_pointer(&words);
	return true;
}

static bool parse_double(const char *text, double minimum, double maximum, double *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = g_ascii_strtod(text, &end);
	return errno == 0 && end != text && !*end && *ret_value >= minimum && *ret_value <= maximum;
}

/* Nothing is measured twice because it was named twice. */
static void append_new(GArray *numbers, const void *number)
{
	const guint size = g_array_get_element_size(numbers);

	for (guint i = 0; i < numbers->len; i++)
		if (memcmp(numbers->data + (gsize)i * size, number, size) == 0)
			return;
	g_array_append_vals(numbers, number, 1);
}

/* GArray * of guint32, owned. */
static bool take_numbers(const char *value, guint64 minimum, guint64 maximum, GArray **field,
			 GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (char **word = words; *word; word++) {
		guint64 number;
		guint32 small;

		if (!g_ascii_string_to_unsigned(*word, 10, minimum, maximum, &number, NULL)) {
			error_set(error, SLIRPWAY_ERROR_USAGE,
				  "whole numbers from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
				  " with commas between are wanted",
				  minimum, maximum);
			return false;
		}
		small = (guint32)number;
		append_new(numbers, &small);
	}
	if (*field)
		g_array_unref(*field);
	*field = g_steal_pointer(&numbers);
	return true;
}

static bool take_mtus(const char *value, void *field, GError **error)
{
	return take_numbers(value, MTU_MIN, NETWORK_MTU_MAX, field, error);
}

static bool take_counts(const char *value, void *field, GError **error)
{
	return take_numbers(value, 1, NUMBER_MAX, field, error);
}

/* GArray * of double, owned. */
static bool take_rtts(const char *value, void *field, GError **error)
{
	g_auto(GStrv) words = g_strsplit(value, ",", -1);
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(double));
	GArray **target = field;

	for (char **word = words; *word; word++) {
		double number;

		if (!parse_double(*word, 0, RTT_MAX, &number))
			return refuse(error, "milliseconds from 0 to 10000 with commas between are"
					     " wanted");
		append_new(numbers, &number);
	}
	if (*target)
		g_array_unref(*target);
	*target = g_steal_pointer(&numbers);
	return true;
}

static bool take_seconds(const char *value, void *field, GError **error)
{
	return parse_double(value, SECONDS_MIN, SECONDS_MAX, field) ||
	       refuse(error, "seconds from 0.05 to 3600 are wanted");
}

static bool take_repeat(const char *value, void *field, GError **error)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(value, 10, 1, REPEAT_MAX, &number, NULL))
		return refuse(error, "a whole number from 1 to 1000 is wanted");
	*(guint *)field = (guint)number;
	return true;
}

/* GPtrArray * of texts, owned: once or twice. */
static bool take_from(const char *value, void *field, GError **error)
{
	GPtrArray **from = field;

	if (!value[0])
		return refuse(error, "the value is empty");
	if (!*from)
		*from = g_ptr_array_new_with_free_func(g_free);
	if ((*from)->len == 2)
		return refuse(error, "no more than two results can be laid side by side");
	g_ptr_array_add(*from, g_strdup(value));
	return true;
}

/* The address before a last ":PORT", or all of it. */
static char *split_server(const char *value, guint *ret_port)
{
	const char *colon = strrchr(value, ':');
	struct address address;
	guint64 port;

	*ret_port = DEFAULT_PORT;
	if (address_parse(value, &address) || !colon ||
	    !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
		return g_strdup(value);
	*ret_port = (guint)port;
	return g_strndup(value, (gsize)(colon - value));
}

/* The whole struct: its server and port. */
static bool take_server(const char *value, void *field, GError **error)
{
	struct compare_options *options = field;
	g_autofree char *text = split_server(value, &options->port);
	char buffer[ADDRESS_TEXT_MAX];
	struct address address;

	if (!address_parse(text, &address))
		return refuse(error, "wanted is the numeric address of a machine that runs"
				     " \"slirpway-workload server --address ::\", as 192.0.2.1,"
				     " 192.0.2.1:5202 or [2001:db8::1]:5202");
	g_free(options->server);
	options->server = g_strdup(address_format(&address, buffer));
	return true;
}

static const struct option_spec rows[] = {
	{ 0, "paths", "LIST", take_words, OPTION(plan.paths),
	  "which of host, packet, hybrid, syscall (all)" },
	{ 0, "peers", "LIST", take_words, OPTION(plan.peers),
	  "which others, or \"all\" or \"none\": slirp4netns, pasta, pasta-splice, veth,"
	  " bypass4netns, lxc-user-nic (all that are there)" },
	{ 0, "workloads", "LIST", take_words, OPTION(plan.workloads),
	  "what is done over each: upload[-FLOWS], download[-FLOWS], rr, connect,"
	  " idle[-CONNECTIONS], names, udp-upload, udp-download (all)" },
	{ 0, "mtu", "LIST", take_mtus, OPTION(plan.mtus), "MTUs of the container (65520)" },
	{ 0, "rtt", "LIST", take_rtts, OPTION(plan.rtts),
	  "round-trip times to the server, in milliseconds (0)" },
	{ 0, "cc", "LIST", take_words, OPTION(plan.congestions),
	  "congestion control algorithms (those of cubic and bbr that are allowed)" },
	{ 0, "flows", "LIST", take_counts, OPTION(plan.flows),
	  "how many flows upload and download have (1,8)" },
	{ 0, "connections", "LIST", take_counts, OPTION(plan.connections),
	  "how many idle connections (1000)" },
	{ 0, "duration", "SECONDS", take_seconds, OPTION(plan.seconds), "of one run (1)" },
	{ 0, "repeat", "N", take_repeat, OPTION(plan.repeat), "runs of each (5)" },
	{ 0, "quick", NULL, value_take_true, OPTION(plan.quick),
	  "less and shorter, in under a minute" },
	{ 0, "server", "ADDR[:PORT]", take_server, 0,
	  "measure over the real network against \"slirpway-workload server\" there, in place of a"
	  " world of network namespaces" },
	{ 0, "witness", NULL, value_take_true, OPTION(plan.witness),
	  "have iperf3, sockperf and wrk do the same, where they are installed" },
	{ 0, "out", "DIR", value_take_text, OPTION(out),
	  "write compare.json, .csv, .html and .txt there" },
	{ 0, "json", NULL, value_take_true, OPTION(json), "print JSON in place of the table" },
	{ 0, "from", "FILE", take_from, OPTION(from),
	  "show the results in FILE again; given twice, two of them side by side" },
	{ 0, "slirpway", "PROGRAM", value_take_text, OPTION(slirpway),
	  "measure this slirpway in place of the running one" },
	{ 0, "world", NULL, value_take_true, OPTION(world),
	  "measure nothing: run COMMAND in such a world, by the first of --rtt and --cc, with a"
	  " server at 198.51.100.2 (198.51.100.1 with --rtt) port 5202" },
	{ .name = NULL },
};

static const struct command_spec spec = {
	.name = "compare",
	.synopsis = "[OPTIONS] [--world -- COMMAND [ARG...]]",
	.summary = "The same work over each path, side by side.",
	.options = rows,
};

/* Says what is to be measured, or how. */
static bool is_about_measuring(const struct compare_options *options)
{
	const struct plan_request *plan = &options->plan;

	return plan->paths || plan->peers || plan->workloads || plan->congestions || plan->mtus ||
	       plan->rtts || plan->flows || plan->connections || plan->seconds > 0 ||
	       plan->repeat > 0 || plan->quick || plan->witness || options->server ||
	       options->slirpway || options->world;
}

static bool check(const struct compare_options *options, guint operands, GError **error)
{
	if (options->world && operands == 0)
		return refuse(error, "--world needs a COMMAND, behind \"--\"");
	if (options->world && options->server)
		return refuse(error, "--world and --server exclude each other");
	if (!options->world && operands > 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "\"%s\": compare takes no operands (a COMMAND only with --world)",
			  options->command[0]);
		return false;
	}
	if (options->from && is_about_measuring(options))
		return refuse(error, "--from shows what was measured: only --out and --json go with"
				     " it");
	return true;
}

static bool show_help(void)
{
	g_autofree char *help = options_help(&spec, "slirpway");

	return report_text(spec.name, help) == EXIT_SUCCESS;
}

bool compare_options_read(int argc, char **argv, struct compare_options *ret_options,
			  int *ret_status)
{
	struct compare_options options = { .port = DEFAULT_PORT };
	g_autoptr(GError) error = NULL;
	bool help = false;

	if (options_parse(&spec, argc, argv, true, &options, &options.command, &help, &error) &&
	    (help || check(&options, g_strv_length(options.command), &error))) {
		*ret_status = EXIT_SUCCESS;
		if (help)
			*ret_status = show_help() ? EXIT_SUCCESS : EXIT_FAILURE;
	} else {
		*ret_status = report_error(spec.name, error);
	}
	if (help || error) {
		compare_options_clear(&options);
		return false;
	}
	options.plan.remote = options.server != NULL;
	*ret_options = options;
	return true;
}

static void free_array(GArray *array)
{
	if (array)
		g_array_unref(array);
}

void compare_options_clear(struct compare_options *options)
{
	g_strfreev(options->plan.paths);
	g_strfreev(options->plan.peers);
	g_strfreev(options->plan.workloads);
	g_strfreev(options->plan.congestions);
	free_array(options->plan.mtus);
	free_array(options->plan.rtts);
	free_array(options->plan.flows);
	free_array(options->plan.connections);
	if (options->from)
		g_ptr_array_unref(options->from);
	g_free(options->out);
	g_free(options->server);
	g_free(options->slirpway);
	g_free(options->command);
}
