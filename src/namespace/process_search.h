/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds processes by the network namespace that they are in (proc(5)). */
#pragma once

/*
 * Searches /proc for a live process in the network namespace of the descriptor netns. Returns a
 * pidfd of it (CLOEXEC, the caller's) or -1 if there is none that we may look at.
 */
int process_search_netns(int netns);
