/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For live tests: a process in namespaces of its own that runs functions for the test. */

#include "config.h"

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "box.h"
#include "namespace/join.h"

#define DEADLINE_MS 10000

/* The box is a fork of the test: functions have the same addresses in both. */
struct order {
	box_task *task;
	char argument[BOX_ARGUMENT_MAX];
};

struct answer {
	int value;
	char text[BOX_TEXT_MAX];
};

static void answer_order(int socket, const struct order *order)
{
	struct answer answer = { 0 };
	int fd = -1;

	answer.value = order->task(order->argument, answer.text, &fd);
	descriptor_send(socket, &answer, sizeof(answer), &fd, fd >= 0 ? 1 : 0);
	descriptor_close(&fd);
}

static int make_namespaces(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	GError *error = NULL;

	(void)argument;
	(void)ret_fd;
	if (namespaces_unshare(&error)) {
		/* After unshare(2), which clears it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return 0;
	}
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return -1;
}

static void serve(int socket)
{
	struct order order;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	while (descriptor_receive(socket, &order, sizeof(order), fds, &count) == sizeof(order))
		answer_order(socket, &order);
}

int box_run(struct box *box, box_task *task, const void *argument, size_t size, char *text,
	    int *ret_fd)
{
	struct order order = { .task = task };
	struct answer answer;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count;

	ck_assert_uint_le(size, sizeof(order.argument));
	if (size > 0)
		memcpy(order.argument, argument, size);
	ck_assert_int_eq(descriptor_send(box->socket, &order, sizeof(order), NULL, 0), 0);
	ck_assert_int_eq(descriptor_wait_readable(box->socket, DEADLINE_MS), 0);
	ck_assert_int_eq(descriptor_receive(box->socket, &answer, sizeof(answer), fds, &count),
			 sizeof(answer));
	if (text)
		memcpy(text, answer.text, sizeof(answer.text));
	if (ret_fd)
		*ret_fd = fds[0];
	else
		descriptor_close(&fds[0]);
	return answer.value;
}

void box_start(struct box *box, enum user_map map)
{
	char text[BOX_TEXT_MAX];
	GError *error = NULL;
	int pair[2];

	ck_assert_int_eq(descriptor_pair(pair), 0);
	box->socket = pair[0];
	box->pid = fork();
	ck_assert_int_ge(box->pid, 0);
	if (box->pid == 0) {
		close(pair[0]);
		serve(pair[1]);
		_exit(0);
	}
	close(pair[1]);
	if (box_run(box, make_namespaces, NULL, 0, text, NULL) != 0)
		ck_abort_msg("%s", text);
	if (!user_map_write(box->pid, map, &error))
		ck_abort_msg("%s", error->message);
}

void box_stop(struct box *box)
{
	if (box->pid > 0) {
		kill(box->pid, SIGKILL);
		waitpid(box->pid, NULL, 0);
	}
	box->pid = -1;
	descriptor_close(&box->socket);
}
