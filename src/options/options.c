/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines by table: getopt_long(3) driven by rows, its failures turned into sentences. */

#include "config.h"

#include <getopt.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "options/options.h"

/* What getopt_long returns for a long option is this plus the index of its row. */
#define LONG_BASE 256

/* What getopt_long returns for an operand where it goes on behind operands. */
#define OPERAND 1

/* Names are compared for likeness up to this length. */
#define NAME_MAX_LENGTH 40

/* Where the texts of the options start, and how wide a line of help is at most. */
#define HELP_COLUMN 28
#define HELP_WIDTH 79

static const struct option_spec help_row = { 'h', "help", NULL, NULL, 0, "print this help" };

/* The rows of both tables and help's, in the order of the help text (const struct option_spec *).
 */
static GPtrArray *collect_rows(const struct command_spec *spec)
{
	const struct option_spec *tables[] = { spec->options, spec->common };
	GPtrArray *rows = g_ptr_array_new();

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct option_spec *row = tables[i]; row && row->name; row++)
			g_ptr_array_add(rows, (gpointer)row);
	g_ptr_array_add(rows, (gpointer)&help_row);
	return rows;
}

/*
 * The short options as getopt_long wants them: '+' stops at the first operand, '-' returns operands
 * in their place whatever POSIXLY_CORRECT says, ':' tells a missing value from an unknown option.
 */
static char *short_options(const GPtrArray *rows, bool stop_at_operand)
{
	GString *text = g_string_new(stop_at_operand ? "+:" : "-:");

	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];

		if (!row->letter)
			continue;
		g_string_append_c(text, row->letter);
		if (row->argument)
			g_string_append_c(text, ':');
	}
	return g_string_free(text, FALSE);
}

static struct option *long_options(const GPtrArray *rows)
{
	struct option *options = g_new0(struct option, rows->len + 1);

	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];

		options[i] =
			(struct option){ .name = row->name,
					 .has_arg = row->argument ? required_argument : no_argument,
					 .val = LONG_BASE + (int)i };
	}
	return options;
}

/* The row that a value of getopt_long (or its optopt) stands for; NULL if none does. */
static const struct option_spec *row_of(const GPtrArray *rows, int code)
{
	if (code >= LONG_BASE && code - LONG_BASE < (int)rows->len)
		return rows->pdata[code - LONG_BASE];
	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];

		if (row->letter && row->letter == code)
			return row;
	}
	return NULL;
}

/* How many letters must be put in, taken out or changed to turn a into b (Levenshtein). */
static size_t edit_distance(const char *a, const char *b)
{
	size_t costs[NAME_MAX_LENGTH + 1];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		costs[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = costs[0];

		costs[0] = i + 1;
		for (size_t j = 1; j <= length; j++) {
			size_t change = diagonal + (a[i] != b[j - 1]);

			diagonal = costs[j];
			costs[j] = MIN(change, MIN(costs[j], costs[j - 1]) + 1);
		}
	}
	return costs[length];
}

/* The visible option most like name, or NULL if none is much like it. */
static const char *nearest_name(const GPtrArray *rows, const char *name)
{
	size_t best = strlen(name) / 3 + 1;
	const char *nearest = NULL;

	if (strlen(name) < 2 || strlen(name) > NAME_MAX_LENGTH)
		return NULL;
	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];
		size_t distance;

		if (!row->help || strlen(row->name) > NAME_MAX_LENGTH)
			continue;
		distance = edit_distance(name, row->name);
		if (distance < best || (distance == best && !nearest)) {
			best = distance;
			nearest = row->name;
		}
	}
	return nearest;
}

/* The visible options that start with name: "--cidr, --cidr6". */
static char *candidates(const GPtrArray *rows, const char *name)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];

		if (row->help && g_str_has_prefix(row->name, name))
			g_string_append_printf(text, "%s--%s", text->len ? ", " : "", row->name);
	}
	return g_string_free(text, FALSE);
}

/* argument is the word as given, "--publsh=80:80": no option's name, or the start of several. */
static void refuse_long(const GPtrArray *rows, const char *argument, GError **error)
{
	g_autofree char *name = g_strndup(argument + 2, strcspn(argument + 2, "="));
	g_autofree char *starts = candidates(rows, name);
	const char *nearest;

	if (name[0] && starts[0]) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "option --%s is ambiguous: %s", name,
			  starts);
		return;
	}
	nearest = nearest_name(rows, name);
	if (nearest)
		error_set(error, SLIRPWAY_ERROR_USAGE, "unknown option --%s; did you mean --%s?",
			  name, nearest);
	else
		error_set(error, SLIRPWAY_ERROR_USAGE, "unknown option --%s; --help lists them",
			  name);
}

/* Sets error for what getopt_long reported by code, '?' or ':'. */
static void refuse(const GPtrArray *rows, int code, char **argv, GError **error)
{
	const struct option_spec *row = row_of(rows, optopt);

	if (row && code == ':')
		error_set(error, SLIRPWAY_ERROR_USAGE, "--%s needs a value: --%s=%s", row->name,
			  row->name, row->argument);
	else if (row)
		error_set(error, SLIRPWAY_ERROR_USAGE, "--%s takes no value", row->name);
	else if (optopt)
		error_set(error, SLIRPWAY_ERROR_USAGE, "unknown option -%c; --help lists them",
			  optopt);
	else
		refuse_long(rows, argv[optind - 1], error);
}

static bool take_value(const struct option_spec *row, const char *value, void *target,
		       GError **error)
{
	if (row->parse(value, (char *)target + row->offset, error))
		return true;
	if (value)
		g_prefix_error(error, "--%s=%s: ", row->name, value);
	else
		g_prefix_error(error, "--%s: ", row->name);
	return false;
}

bool options_parse(const struct command_spec *spec, int argc, char **argv, bool stop_at_operand,
		   void *target, char ***ret_operands, bool *ret_help, GError **error)
{
	g_autoptr(GPtrArray) rows = collect_rows(spec);
	g_autoptr(GPtrArray) operands = g_ptr_array_new();
	g_autofree char *letters = short_options(rows, stop_at_operand);
	g_autofree struct option *names = long_options(rows);
	bool help = false;
	int code;

	optind = 0; /* glibc: start anew */
	while (!help && (code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct option_spec *row = row_of(rows, code);

		if (code == OPERAND) {
			g_ptr_array_add(operands, optarg);
		} else if (!row) {
			refuse(rows, code, argv, error);
			return false;
		} else if (row == &help_row) {
			help = true;
		} else if (!take_value(row, optarg, target, error)) {
			return false;
		}
	}
	for (int i = optind; i < argc; i++)
		g_ptr_array_add(operands, argv[i]);
	g_ptr_array_add(operands, NULL);
	*ret_operands = (char **)g_ptr_array_free(g_steal_pointer(&operands), FALSE);
	*ret_help = help;
	return true;
}

/* Appends text to line by words, going on under column where it would get too long, and ends it. */
static void append_wrapped(GString *help, GString *line, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		if (line->len + 1 + strlen(*word) > HELP_WIDTH) {
			g_string_append_printf(help, "%s\n", line->str);
			g_string_printf(line, "%*s", HELP_COLUMN - 1, "");
		}
		g_string_append_printf(line, " %s", *word);
	}
	g_string_append_printf(help, "%s\n", line->str);
}

static void append_row(GString *help, const struct option_spec *row)
{
	g_autoptr(GString) line = g_string_new(NULL);

	if (row->letter)
		g_string_append_printf(line, "  -%c, --%s", row->letter, row->name);
	else
		g_string_append_printf(line, "      --%s", row->name);
	if (row->argument)
		g_string_append_printf(line, "=%s", row->argument);
	if (line->len >= HELP_COLUMN) {
		g_string_append_printf(help, "%s\n", line->str);
		g_string_truncate(line, 0);
	}
	g_string_append_printf(line, "%*s", HELP_COLUMN - 1 - (int)line->len, "");
	append_wrapped(help, line, row->help);
}

char *options_help(const struct command_spec *spec, const char *program)
{
	g_autoptr(GPtrArray) rows = collect_rows(spec);
	GString *help = g_string_new(NULL);

	g_string_append_printf(help, "usage: %s", program);
	if (strcmp(program, spec->name) != 0)
		g_string_append_printf(help, " %s", spec->name);
	g_string_append_printf(help, " %s\n\n%s\n\nOptions:\n", spec->synopsis, spec->summary);
	for (guint i = 0; i < rows->len; i++) {
		const struct option_spec *row = rows->pdata[i];

		if (row->help)
			append_row(help, row);
	}
	return g_string_free(help, FALSE);
}
