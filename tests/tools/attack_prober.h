/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Someone else in the container, who only wants to connect while an attack is going on. */
#pragma once

#include "tests/tools/attack.h"

struct prober;

/* Starts a process that connects to the allowed server again and again. */
struct prober *prober_start(void);

/* Ends it. Held if it was never kept waiting for two seconds, and got through once at least. */
enum attack_result prober_end(struct prober *prober, struct attack_report *report);

/* How often it got through until now. */
unsigned int prober_count(const struct prober *prober);
