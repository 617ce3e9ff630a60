/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done over each path: a table. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct witness;

/* A kind of work; every text is constant. */
struct workload_kind {
	const char *name;	      /* "upload"; with "-N" behind it for N but number_default */
	const char *title;	      /* for people; %u is the number, if there can be one */
	const char *title_of_default; /* for number_default */
	const char *about;	      /* one sentence */
	const char *unit;
	bool lower_is_better;
	const char *words;  /* of slirpway-workload, behind its address */
	const char *number; /* the option that takes N; NULL: there is none */
	guint number_default;
	bool counts_connections; /* N is of idle connections, not of flows */
	const char *value;	 /* the member of its output that is the figure */
	const char *exchanges;	 /* the one that counts requests or datagrams; NULL: a stream */
	bool tells_ready;	 /* takes --ready-fd, for what comes before the work */
	bool connection_each;	 /* a new connection for each of them */
	bool bulk;		 /* it moves bytes: CPU is told for each GiB */
	bool datagrams;
	bool needs_world;	 /* its server has to be asked for names */
	bool congestion_matters; /* how fast it is depends on congestion control */
	bool near_only;		 /* where nobody names it, at the first round-trip time only */
	bool quick;		 /* part of --quick */
	const struct witness *witness; /* who does it; NULL: slirpway-workload */
};

/* One workload: a kind, and how many flows or connections. */
struct workload {
	const struct workload_kind *kind;
	char *name;
	char *title;
	guint number; /* 0 where the kind has none */
};

/* The table; returns NULL behind its last row. */
const struct workload_kind *workload_kind_at(guint index);

/* The caller's, to be freed by workload_free. */
struct workload *workload_new(const struct workload_kind *kind, guint number);
void workload_free(struct workload *workload);

/*
 * The workload that a text such as "rr" or "upload-8" names. NULL with error set, which lists
 * those that there are.
 */
struct workload *workload_parse(const char *text, GError **error);

/* The words of a client that talks to address and port for seconds; the caller's (g_strfreev). */
char **workload_client_words(const struct workload *workload, const char *address, guint port,
			     double seconds);

/* "s/GiB" or "us/request". */
const char *workload_cpu_unit(const struct workload_kind *kind);
