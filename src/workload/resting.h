/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many connections to the server that do nothing. */
#pragma once

#include "workload/workload.h"

struct resting {
	int *fds; /* blocking, owned */
	uint64_t count;
	double seconds_to_open;
};

/*
 * Opens options->count connections (1000 where none is said), each proved by an echo. Returns false
 * after a complaint. To be closed in any case.
 */
bool resting_open(struct resting *resting, const struct workload_options *options);

/* Asks all of them for an echo; returns how many answer. */
uint64_t resting_count_alive(const struct resting *resting);

void resting_close(struct resting *resting);
