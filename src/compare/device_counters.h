/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the interfaces of a container have carried: lines of /proc/net/dev (proc(5)). Pure. */
#pragma once

#include <stdbool.h>

struct device_counters {
	double loopback_bytes; /* received over lo, which sent as much */
	double bytes, packets; /* of all others, both ways */
	bool seen;	       /* a line was taken */
};

/* Adds an interface's line; false if it is none. */
bool device_counters_take(struct device_counters *counters, const char *line);
