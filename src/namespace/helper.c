/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A forked child that joins namespaces, opens something there and sends its descriptor back.
 *
 * It sends one packet to its parent: either what it opened with the descriptor, or the error. It is
 * never dumpable, so that nothing in the container can look into the copy of our memory that it is,
 * and it leaves by _exit(2).
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/child.h"
#include "namespace/helper.h"

#define DEADLINE_MS 10000
#define EXIT_DEADLINE_MS 1000

/* What the helper sends; both sides are the same program. The descriptor goes beside it. */
struct reply {
	bool success;
	int code; /* enum slirpway_error */
	_Alignas(8) char result[HELPER_RESULT_MAX];
	char text[1024];
};

/* The helper's whole life after fork(2). */
static void run(int socket, const struct namespaces *namespaces, helper_open_func open,
		const void *argument)
{
	g_autoptr(GError) error = NULL;
	struct reply reply = { .success = false };
	int fd = -1;

	prctl(PR_SET_DUMPABLE, 0);
	if (namespaces_join(namespaces, &error))
		fd = open(argument, reply.result, &error);
	reply.success = fd >= 0;
	if (error) {
		reply.code = error->code;
		g_strlcpy(reply.text, error->message, sizeof(reply.text));
	}
	descriptor_send(socket, &reply, sizeof(reply), &fd, reply.success ? 1 : 0);
}

/* Takes the helper's packet; returns false with error set if there is none or it tells an error. */
static bool receive_reply(int socket, const char *what, struct reply *ret_reply, int *ret_fd,
			  GError **error)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length = descriptor_wait_readable(socket, DEADLINE_MS);

	if (length == 0)
		length = descriptor_receive(socket, ret_reply, sizeof(*ret_reply), fds, &count);
	if (length == -ETIMEDOUT) {
		error_set(error, SLIRPWAY_ERROR_TIMEOUT,
			  "the helper that opens %s did not answer in %d seconds", what,
			  DEADLINE_MS / 1000);
		return false;
	}
	if (length < 0) {
		error_set_errno(error, (int)-length, "can't hear the helper that opens %s", what);
		return false;
	}
	if ((size_t)length != sizeof(*ret_reply) || (ret_reply->success && count != 1)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the helper that opens %s died", what);
		return false;
	}
	if (!ret_reply->success)
		g_set_error_literal(error, SLIRPWAY_ERROR, ret_reply->code, ret_reply->text);
	else
		*ret_fd = fds[0];
	return ret_reply->success;
}

bool helper_open(const struct namespaces *namespaces, const char *what, helper_open_func open,
		 const void *argument, void *result, size_t size, int *ret_fd, GError **error)
{
	CLEANUP_CLOSE int parent_end = -1;
	CLEANUP_CLOSE int helper_end = -1;
	struct reply reply = { .success = false };
	int pair[2], status;
	int r = descriptor_pair(pair);
	bool success;
	pid_t pid;

	if (r < 0) {
		error_set_errno(error, -r, "can't make a socket pair");
		return false;
	}
	parent_end = pair[0];
	helper_end = pair[1];
	pid = fork();
	if (pid < 0) {
		error_set_fork(error, errno, "can't start a helper");
		return false;
	}
	if (pid == 0) {
		run(helper_end, namespaces, open, argument);
		_exit(0);
	}
	descriptor_close(&helper_end);
	success = receive_reply(parent_end, what, &reply, ret_fd, error);
	memcpy(result, reply.result, MIN(size, sizeof(reply.result)));
	/* The kernel has what it sent; one that does not leave by itself is killed. */
	(void)child_wait(pid, success ? EXIT_DEADLINE_MS : 0, &status);
	return success;
}
