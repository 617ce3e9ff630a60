/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of the machine that figures depend on. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commit.h"
#include "compare/json_fields.h"
#include "compare/machine.h"

#define CONGESTION_DIRECTORY "/proc/sys/net/ipv4/"

/* The model of the first processor; on machines that tell none (ARM), "". */
static char *processor_name(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
		return g_strdup("");
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		const char *colon = strchr(*line, ':');

		if (g_str_has_prefix(*line, "model name") && colon)
			return g_strstrip(g_strdup(colon + 1));
	}
	return g_strdup("");
}

static JsonArray *available_congestions(void)
{
	JsonArray *array = json_array_new();
	g_autofree char *text = NULL;
	g_auto(GStrv) words = NULL;

	if (!g_file_get_contents(CONGESTION_DIRECTORY "tcp_available_congestion_control", &text,
				 NULL, NULL))
		return array;
	words = g_strsplit(g_strstrip(text), " ", -1);
	for (char **word = words; *word; word++)
		json_array_add_string_element(array, *word);
	return array;
}

char *machine_congestion(void)
{
	char *text = NULL;

	if (!g_file_get_contents(CONGESTION_DIRECTORY "tcp_congestion_control", &text, NULL, NULL))
		return g_strdup("");
	return g_strstrip(text);
}

JsonObject *machine_facts(const char *libslirp)
{
	JsonObject *facts = json_object_new();
	g_autofree char *processor = processor_name();
	struct utsname name = { 0 };
	double load = 0;

	uname(&name);
	json_object_set_string_member(facts, "kernel", name.release);
	json_object_set_string_member(facts, "architecture", name.machine);
	json_object_set_string_member(facts, "cpu", processor);
	json_object_set_int_member(facts, "cores", sysconf(_SC_NPROCESSORS_ONLN));
	json_object_set_int_member(facts, "memory_bytes",
				   (gint64)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
	json_object_set_string_member(facts, "libslirp", libslirp);
	json_object_set_string_member(facts, "slirpway", PACKAGE_VERSION);
	json_object_set_string_member(facts, "commit", SOURCE_COMMIT);
	json_object_set_array_member(facts, "congestion_available", available_congestions());
	if (getloadavg(&load, 1) == 1)
		json_set_number(facts, "load_average", load);
	return facts;
}
