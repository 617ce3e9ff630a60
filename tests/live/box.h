/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For live tests: a process in namespaces of its own that runs functions for the test. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "namespace/user_map.h"

#define BOX_TEXT_MAX 1024
#define BOX_ARGUMENT_MAX 256

struct box {
	pid_t pid;
	int socket;
};

/*
 * A function of the test program that is run in the box, with a copy of the argument. It returns
 * what it likes, writes text for the test if it likes, and may give it a descriptor.
 */
typedef int box_task(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd);

/* Forks the process into new namespaces and maps the caller; fails the running test on trouble. */
void box_start(struct box *box, enum user_map map);

/*
 * Runs task in the box and returns what it returned; text and ret_fd (the caller's then, -1: none)
 * may be NULL. Fails the running test if the box died or takes more than ten seconds.
 */
int box_run(struct box *box, box_task *task, const void *argument, size_t size, char *text,
	    int *ret_fd);

/* Kills the process and reaps it. */
void box_stop(struct box *box);
