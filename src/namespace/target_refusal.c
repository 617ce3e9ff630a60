/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the namespaces of others can't be opened or joined, in words that help. */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "namespace/target_refusal.h"

/* By the effective user, proc_pid_status(5): the directory is root's if it can't be dumped. */
static bool is_of_another_user(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid);
	g_autofree char *text = NULL;
	const char *line;
	unsigned int user;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return false;
	line = strstr(text, "\nUid:");
	return line && sscanf(line, " Uid: %*u %u", &user) == 1 && user != geteuid();
}

void target_refusal_set_open_error(GError **error, int number, pid_t pid, const char *name)
{
	bool foreign = (number == EACCES || number == EPERM) && is_of_another_user(pid);

	error_set_errno(error, number, "can't open the namespace %s of process %d%s", name,
			(int)pid, foreign ? ", which is another user's" : "");
}

static bool is_own_network(int netns)
{
	struct stat own, other;

	return stat("/proc/self/ns/net", &own) == 0 && fstat(netns, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

void target_refusal_set_join_error(GError **error, int number, int netns, bool of_process)
{
	if (!is_own_network(netns))
		error_set_errno(error, number,
				"can't join the network namespace (it needs to belong to a user "
				"namespace made by the user that you are)");
	else if (of_process)
		error_set(error, SLIRPWAY_ERROR_DENIED,
			  "the process is still in your own network namespace; has unshare(1) got "
			  "that far?");
	else
		error_set(error, SLIRPWAY_ERROR_DENIED,
			  "that is your own network namespace, and not a container's");
}
