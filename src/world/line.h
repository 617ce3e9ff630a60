/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What joins the world's two machines, and their addresses on it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* One machine: its network namespace, and what it is called there. */
struct line_end {
	int netns;
	const char *address4, *address6;
	guint8 mac[6];
};

struct line_request {
	struct line_end near, far; /* the calling process is in near's namespace */
	double rtt_ms;		   /* 0: a veth pair */
	const char *relay;	   /* the program for a delay */
};

/*
 * Makes the line and configures both ends, each of which knows the other's link address; the near
 * end's default routes go over it. The process returns to near's namespace. Returns false with
 * error set. What relays frames ends with the calling process.
 */
bool line_make(const struct line_request *request, GError **error);
