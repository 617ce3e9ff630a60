/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timer that ends this process, for while it touches what a caller may make slow. */
#pragma once

/*
 * The memory that a caller points to may never come (a file system of its own, say), and a fatal
 * signal is the one thing that ends the wait for it. The timer runs from start to stop.
 */
void watchdog_start(void);
void watchdog_stop(void);
