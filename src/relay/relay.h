/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two taps and the line between them. */
#pragma once

#include "relay/options.h"

struct relay;

/* Blocks SIGTERM and SIGINT and makes the taps. Returns NULL with error set. */
struct relay *relay_new(const struct relay_options *options, GError **error);

/* Carries frames until one of these signals comes, or somebody deletes a tap. */
void relay_run(struct relay *relay);

/* One JSON object with the counters of both directions, on standard output. */
void relay_print_counters(const struct relay *relay);

/* The taps are gone when it returns. */
void relay_free(struct relay *relay);
