/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an errno value means, with the limit that was reached and what to do about it. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <sys/resource.h>

#include "base/limit.h"

/* "limit of open files, ulimit -n, is 20 here: raise it, up to 4096"; "" where there is none. */
static char *describe(int resource, const char *name)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return g_strdup("");
	if (limit.rlim_cur == limit.rlim_max)
		return g_strdup_printf("%s, is %llu here: raise it, as root (limits.conf(5))", name,
				       (unsigned long long)limit.rlim_cur);
	if (limit.rlim_max == RLIM_INFINITY)
		return g_strdup_printf("%s, is %llu here: raise it", name,
				       (unsigned long long)limit.rlim_cur);
	return g_strdup_printf("%s, is %llu here: raise it, up to %llu", name,
			       (unsigned long long)limit.rlim_cur,
			       (unsigned long long)limit.rlim_max);
}

char *limit_errno_text(int number)
{
	g_autofree char *limit = NULL;

	if (number == ENFILE)
		return g_strdup_printf("%s (the limit of this machine, fs.file-max: raise it with "
				       "sysctl, as root)",
				       g_strerror(number));
	if (number == EMFILE)
		limit = describe(RLIMIT_NOFILE, "the limit of open files, ulimit -n");
	if (!limit || !*limit)
		return g_strdup(g_strerror(number));
	return g_strdup_printf("%s (%s)", g_strerror(number), limit);
}

char *limit_fork_text(int number)
{
	g_autofree char *limit = NULL;

	if (number != EAGAIN)
		return limit_errno_text(number);
	limit = describe(RLIMIT_NPROC, "the limit of this user's processes, ulimit -u");
	return g_strdup_printf("%s (%s%send some processes; pids.max of the cgroup may be reached)",
			       g_strerror(number), limit, *limit ? "; or " : "");
}
