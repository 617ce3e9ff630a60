/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts in a process of their own, so that what they change ends with it. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/child.h"
#include "probe/child.h"

#define TIMEOUT_MS 10000
#define TEXT_ROOM 2048

/* Forks; 0 in the child. The other end of *ret_socket is the other process's. -1 with error set. */
static pid_t fork_with_socket(int *ret_socket, GError **error)
{
	int pair[2];
	int result = descriptor_pair(pair);
	pid_t pid;

	if (result < 0) {
		error_set_errno(error, -result, "can't make a socket pair");
		return -1;
	}
	pid = fork();
	if (pid < 0)
		error_set_fork(error, errno, "can't start a process that tries");
	*ret_socket = pair[pid == 0];
	close(pair[pid != 0]);
	if (pid < 0)
		descriptor_close(ret_socket);
	return pid;
}

/* The text that the child has sent before it ended; NULL for none. */
static char *read_text(int socket)
{
	char text[TEXT_ROOM];
	ssize_t length = recv(socket, text, sizeof(text), MSG_DONTWAIT);

	return length > 0 ? g_strndup(text, (gsize)length) : NULL;
}

/* A packet of no bytes would be taken for the child's end. */
static void send_text(int socket, const char *text)
{
	if (*text)
		(void)descriptor_send(socket, text, MIN(strlen(text), TEXT_ROOM), NULL, 0);
}

__attribute__((noreturn)) static void try_and_exit(child_attempt attempt, int argument, int socket)
{
	g_autoptr(GString) detail = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	if (attempt(argument, detail, &error)) {
		send_text(socket, detail->str);
		_exit(EXIT_SUCCESS);
	}
	send_text(socket, error->message);
	_exit(EXIT_FAILURE);
}

bool child_try(child_attempt attempt, int argument, char **ret_detail, GError **error)
{
	CLEANUP_CLOSE int socket = -1;
	g_autofree char *text = NULL;
	pid_t pid = fork_with_socket(&socket, error);
	int result, status;

	if (pid < 0)
		return false;
	if (pid == 0)
		try_and_exit(attempt, argument, socket);
	result = child_wait(pid, TIMEOUT_MS, &status);
	if (result < 0) {
		error_set_errno(error, -result, "can't wait for the process that tries it");
		return false;
	}
	text = read_text(socket);
	if (status == 0) {
		*ret_detail = g_steal_pointer(&text);
		return true;
	}
	error_set(error, SLIRPWAY_ERROR_DENIED, "%s",
		  text ? text : "the process that tried it died");
	return false;
}

/* In the child: makes them, says so or why not, and stays until the other end hangs up. */
__attribute__((noreturn)) static void hold_and_exit(bool (*make)(GError **error), int socket)
{
	g_autoptr(GError) error = NULL;

	if (!make(&error)) {
		send_text(socket, error->message);
		_exit(EXIT_FAILURE);
	}
	send_text(socket, "1");
	(void)descriptor_wait_readable(socket, TIMEOUT_MS);
	_exit(EXIT_SUCCESS);
}

/* Waits until the child has made them. */
static bool hear(int socket, GError **error)
{
	g_autofree char *text = NULL;
	int result = descriptor_wait_readable(socket, TIMEOUT_MS);

	text = result < 0 ? NULL : read_text(socket);
	if (text && strcmp(text, "1") == 0)
		return true;
	error_set(error, SLIRPWAY_ERROR_DENIED, "%s",
		  text ? text : "the process that tried it died");
	return false;
}

bool child_hold(bool (*make)(GError **error), bool (*use)(pid_t pid, GError **error),
		GError **error)
{
	CLEANUP_CLOSE int socket = -1;
	pid_t pid = fork_with_socket(&socket, error);
	int status;
	bool good;

	if (pid < 0)
		return false;
	if (pid == 0)
		hold_and_exit(make, socket);
	good = hear(socket, error) && use(pid, error);
	descriptor_close(&socket); /* with which the child ends */
	(void)child_wait(pid, TIMEOUT_MS, &status);
	return good;
}
