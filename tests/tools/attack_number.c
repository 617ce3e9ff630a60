/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks by number: so many calls that the others' are forgotten, lost or late. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_prober.h"
#include "tests/tools/attack_socket.h"

#define STACK_BYTES (64 << 10)
#define FLOOD_THREADS 32
#define WAITING_THREADS 1500
#define PENDING_SOCKETS 4000

static void start_threads(int count, void *(*func)(void *), void *data)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (int i = 0; i < count; i++)
		if (pthread_create(&thread, &attributes, func, data) != 0)
			break;
}

/* One of all the calls that are trapped, for ever. */
static void *call_always(void *data)
{
	const struct target away = target_black_hole(), own = target_make("127.0.0.1", 1);

	(void)data;
	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		int other = epoll_create1(EPOLL_CLOEXEC);

		stream_connect(fd, &own);
		listen(fd, 1);
		close(fd);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		stream_connect(fd, &away);
		close(fd);
		close(other);
	}
	return NULL;
}

/* Callers are killed in the middle of it, time and again. */
static enum attack_result try_flood(const void *data, struct attack_report *report)
{
	struct prober *prober = prober_start();

	(void)data;
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			start_threads(FLOOD_THREADS, call_always, NULL);
			for (;;)
				pause();
		}
		usleep(400000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return prober_end(prober, report);
}

static void *wait_always(void *data)
{
	const struct target away = target_black_hole();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)data;
	stream_connect(fd, &away);
	for (;;)
		pause();
	return NULL;
}

static void raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Calls that wait and wait. */
static enum attack_result try_waiting(const void *data, struct attack_report *report)
{
	struct prober *prober = prober_start();
	pid_t pid = fork();

	(void)data;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise_limit();
		start_threads(WAITING_THREADS, wait_always, NULL);
		for (;;)
			pause();
	}
	usleep(6000000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return prober_end(prober, report);
}

/* Connections that are never made. */
static enum attack_result try_pending(const void *data, struct attack_report *report)
{
	struct prober *prober = prober_start();
	const struct target away = target_black_hole();
	pid_t pid = fork();

	(void)data;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise_limit();
		for (int i = 0; i < PENDING_SOCKETS; i++)
			stream_connect(
				socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
				&away);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return prober_end(prober, report);
}

const struct attack attacks_by_number[] = {
	{ "number/flood-and-kill", PROOF_SAME, try_flood, NULL },
	{ "number/waiting-calls", PROOF_SAME, try_waiting, NULL },
	{ "number/pending-connections", PROOF_SAME, try_pending, NULL },
	{ NULL, PROOF_NONE, NULL, NULL },
};
