/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines by table: parsing, --help and shell completion from the same rows. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Takes the value of an option (NULL for a flag) into field, which lies at the row's offset in the
 * target; returns false with error set, in words that need not repeat the option or its value.
 */
typedef bool (*option_func)(const char *value, void *field, GError **error);

struct option_spec {
	char letter;	      /* 0: none */
	const char *name;     /* without the dashes */
	const char *argument; /* NULL: a flag; else what help calls the value, "PORT" */
	option_func parse;
	size_t offset;	  /* bytes into the target; 0 hands over the target itself */
	const char *help; /* NULL: hidden */
};

struct command_spec {
	const char *name;		   /* "run" */
	const char *synopsis;		   /* "[OPTIONS] [--] COMMAND [ARG...]" */
	const char *summary;		   /* one line */
	const struct option_spec *options; /* ends with a row whose name is NULL */
	const struct option_spec *common;  /* a second table of the same form, or NULL */
};

/*
 * Reads options until the first operand or "--" (stop_at_operand) or everywhere before "--" (not).
 * Long options may be shortened as getopt_long(3) allows. *ret_operands is a new NULL-terminated
 * array of borrowed strings from argv (the caller frees the array with g_free). At --help or -h it
 * stops, sets *ret_help and returns true with what was read so far. Returns false with error set;
 * errors name the option and, for an unknown one, the nearest that exists. Uses getopt's global
 * state: one thread at a time.
 */
bool options_parse(const struct command_spec *spec, int argc, char **argv, bool stop_at_operand,
		   void *target, char ***ret_operands, bool *ret_help, GError **error);

/*
 * The help text of a command of program, which is a program of its own if the names are the same.
 * The caller frees it.
 */
char *options_help(const struct command_spec *spec, const char *program);
