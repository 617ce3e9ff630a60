/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other people's programs that measure what our workloads do: a table. Pure. */
#pragma once

#include <glib.h>

#include "compare/workloads.h"

/* How a client's output is read. */
enum output_format {
	OUTPUT_WORKLOAD, /* slirpway-workload's JSON */
	OUTPUT_IPERF3,	 /* iperf3's JSON, on one line */
	OUTPUT_FLAT,	 /* an object with value_us or value_rate, operations and bytes */
};

/* Every text is constant; those of commands are for sh(1), with {address}, {port}, {seconds}. */
struct witness {
	const char *program;
	const char *of;	    /* the name of the workload that it does too */
	const char *server; /* runs until it is ended */
	const char *client; /* prints one line of JSON */
	const char *needs;  /* another program; NULL: none */
	guint port;
	enum output_format format;
	bool other_work; /* so only ratios to the host can agree, not figures */
};

/* Witnesses as kinds of work; returns NULL behind the last. */
const struct workload_kind *witness_kind_at(guint index);

/* A template with its words filled in; whole seconds, one at least. The caller's. */
char *witness_fill(const char *template, const char *address, guint port, double seconds);
