/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of network namespaces that plays a host, an ordinary user on it, and a remote machine.
 *
 *     host     198.51.100.2/24  2001:db8:1::2/64   the process that builds the world is in it
 *     remote   198.51.100.1/24  2001:db8:1::1/64   the host's gateway, and "the internet"
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define WORLD_HOST4 "198.51.100.2"
#define WORLD_REMOTE4 "198.51.100.1"
#define WORLD_HOST6 "2001:db8:1::2"
#define WORLD_REMOTE6 "2001:db8:1::1"

/* Containers whose network the world's root makes have addresses of this network. */
#define WORLD_CONTAINERS "10.0.3.0/24"

struct world_request {
	const char *directory;	/* an empty one; a private tmpfs is mounted there */
	const char *congestion; /* TCP congestion control of both namespaces */
	const char *nameserver; /* what resolv.conf names */
	double rtt_ms;		/* 0: a veth pair between the two; else a line with this delay */
	const char *relay;	/* the program that is such a line; needed for that only */
};

struct world;

enum world_place {
	WORLD_PLACE_HOST,
	WORLD_PLACE_REMOTE,
	WORLD_PLACE_USER, /* on the host, without any capability: who is measured */
};

/*
 * Builds the world around the calling process, which world_fork has made: networks, settings,
 * resolver, and in directory "tmp" and "run", which TMPDIR and XDG_RUNTIME_DIR of the environment
 * name from then on. Returns NULL with error set. The world ends with the process.
 */
struct world *world_build(const struct world_request *request, GError **error);

/* Where the calling process, which has one thread, goes; nothing but system calls. False: errno. */
bool world_enter(const struct world *world, enum world_place place);

/*
 * Joins the host to the network namespace of the process pid by a veth pair of this MTU, "eth0"
 * there, with an address and a default route. The pair goes with the namespace. Returns false with
 * error set.
 */
bool world_add_container(const struct world *world, pid_t pid, guint32 mtu, GError **error);

/* The words of the congestion control algorithms that new namespaces may have here, or NULL. */
char **world_allowed_congestions(void);
