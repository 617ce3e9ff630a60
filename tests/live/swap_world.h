/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other side of the live test of swap: answers the calls of a child. */
#pragma once

#include <stdbool.h>

/*
 * Runs the function in a child in user and network namespaces of its own, whose connect(2) is
 * trapped, and puts a socket of ours, connected to a listener of ours, over each that it connects.
 * Where it is lossy, each swap is begun by one swapper and ended by another, as if the supervisor
 * had been lost in between. Fails the running test if the child does. Returns the nanoseconds that
 * a swap took.
 */
double swap_world_run(void (*run)(void), bool lossy);
