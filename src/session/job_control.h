/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lets a shell's job control see through this process to the child that does the work. */
#pragma once

#include <sys/types.h>

/*
 * To be called when SIGCHLD has come, with SIGCHLD and SIGCONT blocked. If child was stopped alone
 * and a shell watches over us, stops this process too, so that the shell gets the terminal; comes
 * back when the shell continues us, and then has given the terminal to child and continued it.
 */
void job_follow_stop(pid_t child);
