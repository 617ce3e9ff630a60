/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done over each path. */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "compare/witnesses.h"
#include "compare/workloads.h"

#define NUMBER_MAX 10000

/* Of a datagram, with room for the headers in an Ethernet frame. */
#define DATAGRAM_SIZE "1400"

static const struct workload_kind kinds[] = {
	{
		.name = "upload",
		.title = "Upload, %u flows",
		.title_of_default = "Upload, one flow",
		.about = "The container sends as fast as it can over TCP.",
		.unit = "Gbit/s",
		.words = "stream",
		.number = "--flows",
		.number_default = 1,
		.value = "gbit_per_second",
		.bulk = true,
		.congestion_matters = true,
		.quick = true,
	},
	{
		.name = "download",
		.title = "Download, %u flows",
		.title_of_default = "Download, one flow",
		.about = "The container receives as fast as it can over TCP.",
		.unit = "Gbit/s",
		.words = "stream --direction down",
		.number = "--flows",
		.number_default = 1,
		.value = "gbit_per_second",
		.bulk = true,
		.congestion_matters = true,
		.quick = true,
	},
	{
		.name = "rr",
		.title = "Request and response, median latency",
		.about = "One byte to the server and one back, over and over on one connection.",
		.unit = "us",
		.lower_is_better = true,
		.words = "rr",
		.value = "p50_us",
		.exchanges = "operations",
		.quick = true,
	},
	{
		.name = "connect",
		.title = "New connections",
		.about = "Connect, one byte each way, close, over and over.",
		.unit = "1/s",
		.words = "connect",
		.value = "rate",
		.exchanges = "operations",
		.connection_each = true,
		.quick = true,
	},
	{
		.name = "idle",
		.near_only = true, /* a thousand connections, each of some round trips */
		.title = "One active among %u idle connections, median latency",
		.title_of_default = "One active among 1000 idle connections, median latency",
		.about = "As request and response, while many other connections are open and "
			 "silent.",
		.unit = "us",
		.lower_is_better = true,
		.words = "idle",
		.tells_ready = true,
		.number = "--count",
		.number_default = 1000,
		.counts_connections = true,
		.value = "p50_us",
		.exchanges = "operations",
	},
	{
		.name = "names",
		.title = "Name lookups, median latency",
		.about = "The C library looks up one name after the other; a server on the host"
			 " answers.",
		.unit = "us",
		.lower_is_better = true,
		.words = "names",
		.value = "p50_us",
		.exchanges = "operations",
		.datagrams = true,
		.needs_world = true,
	},
	{
		.name = "udp-upload",
		.title = "Datagrams up",
		.about = "Datagrams of 1400 bytes as fast as they go; those that arrive count.",
		.unit = "1/s",
		.words = "udp --size " DATAGRAM_SIZE,
		.value = "packets_per_second",
		.exchanges = "received",
		.bulk = true,
		.datagrams = true,
	},
	{
		.name = "udp-download",
		.title = "Datagrams down",
		.about = "Datagrams of 1400 bytes as fast as they go; those that arrive count.",
		.unit = "1/s",
		.words = "udp --direction down --size " DATAGRAM_SIZE,
		.value = "packets_per_second",
		.exchanges = "received",
		.bulk = true,
		.datagrams = true,
	},
};

const struct workload_kind *workload_kind_at(guint index)
{
	return index < ARRAY_SIZE(kinds) ? &kinds[index] : NULL;
}

static bool is_numbered(const struct workload_kind *kind, guint number)
{
	return kind->number && number != kind->number_default;
}

struct workload *workload_new(const struct workload_kind *kind, guint number)
{
	struct workload *workload = g_new0(struct workload, 1);

	workload->kind = kind;
	workload->number = kind->number ? number : 0;
	if (is_numbered(kind, number)) {
		workload->name = g_strdup_printf("%s-%u", kind->name, number);
		/* Of the table above, with %u in it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		workload->title = g_strdup_printf(kind->title, number);
#pragma GCC diagnostic pop
	} else {
		workload->name = g_strdup(kind->name);
		workload->title = g_strdup(kind->number ? kind->title_of_default : kind->title);
	}
	return workload;
}

void workload_free(struct workload *workload)
{
	if (!workload)
		return;
	g_free(workload->name);
	g_free(workload->title);
	g_free(workload);
}

/* True if text is the kind's name, or that with "-N". */
static bool match_kind(const struct workload_kind *kind, const char *text, guint *ret_number)
{
	const size_t length = strlen(kind->name);
	guint64 number;

	if (strcmp(text, kind->name) == 0) {
		*ret_number = kind->number_default;
		return true;
	}
	if (!kind->number || !g_str_has_prefix(text, kind->name) || text[length] != '-' ||
	    !g_ascii_string_to_unsigned(text + length + 1, 10, 1, NUMBER_MAX, &number, NULL))
		return false;
	*ret_number = (guint)number;
	return true;
}

static char *list_names(void)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		g_string_append_printf(text, "%s%s%s", i ? ", " : "", kinds[i].name,
				       kinds[i].number ? "[-N]" : "");
	return g_string_free(text, FALSE);
}

struct workload *workload_parse(const char *text, GError **error)
{
	g_autofree char *names = NULL;
	guint number;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (match_kind(&kinds[i], text, &number))
			return workload_new(&kinds[i], number);
	names = list_names();
	error_set(error, SLIRPWAY_ERROR_USAGE, "there is no workload %s; there are %s", text,
		  names);
	return NULL;
}

static char **witness_words(const struct witness *witness, const char *address, guint port,
			    double seconds)
{
	g_autofree char *line = witness_fill(witness->client, address, port, seconds);
	const char *const words[] = { "sh", "-c", line, NULL };

	return g_strdupv((char **)words);
}

char **workload_client_words(const struct workload *workload, const char *address, guint port,
			     double seconds)
{
	const struct workload_kind *kind = workload->kind;
	char time[G_ASCII_DTOSTR_BUF_SIZE];
	GString *line = g_string_new(NULL);
	char **words;

	if (kind->witness) {
		g_string_free(line, TRUE);
		return witness_words(kind->witness, address, port, seconds);
	}
	g_string_append_printf(line, "slirpway-workload client %s --address %s --port %u --time %s",
			       kind->words, address, port,
			       g_ascii_formatd(time, sizeof(time), "%.3g", seconds));
	if (kind->number)
		g_string_append_printf(line, " %s %u", kind->number, workload->number);
	words = g_strsplit(line->str, " ", -1);
	g_string_free(line, TRUE);
	return words;
}

const char *workload_cpu_unit(const struct workload_kind *kind)
{
	return kind->bulk ? "s/GiB" : "us/request";
}
