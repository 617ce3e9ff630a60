/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways from a container to the network that are compared: a table. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "compare/validity.h"

enum path_kind {
	PATH_HOST,     /* no container at all: the ceiling */
	PATH_SLIRPWAY, /* ours */
	PATH_PEER,     /* somebody else's */
};

/* One way; every text is constant. */
struct path {
	const char *name;
	enum path_kind kind;
	const char *about;   /* one sentence */
	const char *program; /* has to be in PATH; NULL: there is none, or it is ours */
	/*
	 * How a command is run with it, as sh(1) reads it: what struct path_words holds is filled
	 * in for {command} and so on. NULL: it can't be, and why.
	 */
	const char *run;
	const char *why;       /* why it can't be measured, if run is NULL */
	const char *processes; /* its processes' names begin so; NULL: it has none */
	enum proof proof;      /* what a run over it must prove */
	enum proof proof_of_datagrams;
	bool imitated;	  /* slirpway has a program of that name, too, which is no peer */
	bool loopback;	  /* reaches the host's loopback by its own; nothing else */
	bool needs_world; /* needs a host whose root we are */
};

/* The table; returns NULL behind its last row. */
const struct path *path_at(guint index);

/* By its name; NULL if there is none. */
const struct path *path_find(const char *name);

/* The names of ours and the host (peers false), or of the peers: "a, b, c". The caller's. */
char *path_names(bool peers);

/* "host", "slirpway" or "peer". */
const char *path_kind_name(enum path_kind kind);

/* What stands in a template between braces. */
struct path_words {
	const char *command; /* quoted as sh(1) needs it */
	guint32 mtu;
	const char *session; /* an option and a space, or "" */
	guint port;	     /* of the server */
};

/* A template of the table with its words filled in; the caller's. */
char *path_fill(const char *template, const struct path_words *words);
