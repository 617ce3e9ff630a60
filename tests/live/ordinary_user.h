/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of live tests that are for an ordinary user who can make namespaces. */
#pragma once

#include <check.h>

/*
 * Runs the suite and returns the exit status; 77 with a reason where it can't be run, which is a
 * failure with SLIRPWAY_MUST_WORK=1.
 */
int run_as_ordinary_user(Suite *suite);
