/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the interfaces of a container have carried. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "compare/device_counters.h"

bool device_counters_take(struct device_counters *counters, const char *line)
{
	unsigned long long in, packets_in, out, packets_out;
	char name[32];

	/* Bytes, packets and six more of what was received, then the same of what was sent. */
	if (sscanf(line, " %31[^: ]: %llu %llu %*u %*u %*u %*u %*u %*u %llu %llu", name, &in,
		   &packets_in, &out, &packets_out) != 5)
		return false;
	counters->seen = true;
	if (strcmp(name, "lo") == 0) {
		counters->loopback_bytes += (double)in;
		return true;
	}
	counters->bytes += (double)(in + out);
	counters->packets += (double)(packets_in + packets_out);
	return true;
}
