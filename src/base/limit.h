/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an errno value means, with the limit that was reached and what to do about it. */
#pragma once

/*
 * strerror(number), and for EMFILE and ENFILE which limit it is, as in "Too many open files (the
 * limit of open files, ulimit -n, is 20 here: raise it, up to 4096)". The caller frees it with
 * g_free.
 */
char *limit_errno_text(int number);

/* The same for an error of making a process or a thread, where EAGAIN is a limit, too. */
char *limit_fork_text(int number);
