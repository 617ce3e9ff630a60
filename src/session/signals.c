/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of this process as events of the main loop, and the way back for what it executes. */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "session/signals.h"

struct signals {
	int fd;
	guint source;
	signals_func func;
	void *data;
	/* As they were found. */
	sigset_t mask;
	struct sigaction child_action;
	struct sigaction pipe_action;
};

static gboolean signals_ready(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct signals *signals = data;
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->func(&info, signals->data);
	return G_SOURCE_CONTINUE;
}

struct signals *signals_take(const int *numbers, size_t count, signals_func func, void *data,
			     GError **error)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	struct signals *signals;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, numbers[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		error_set_errno(error, errno, "taking signals (signalfd)");
		return NULL;
	}
	signals = g_new0(struct signals, 1);
	signals->fd = fd;
	signals->func = func;
	signals->data = data;
	sigprocmask(SIG_BLOCK, &set, &signals->mask);
	/* With SIGCHLD ignored children vanish unreaped, and with them how they ended. */
	sigaction(SIGCHLD, &standard, &signals->child_action);
	sigaction(SIGPIPE, &ignore, &signals->pipe_action);
	signals->source = g_unix_fd_add(fd, G_IO_IN, signals_ready, signals);
	return signals;
}

void signals_restore(const struct signals *signals)
{
	sigaction(SIGCHLD, &signals->child_action, NULL);
	sigaction(SIGPIPE, &signals->pipe_action, NULL);
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

void signals_free(struct signals *signals)
{
	if (!signals)
		return;
	g_clear_handle_id(&signals->source, g_source_remove);
	descriptor_close(&signals->fd);
	g_free(signals);
}
