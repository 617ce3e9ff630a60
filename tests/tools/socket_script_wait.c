/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: what ends a blocking connect(2) early. */

#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/socket_script.h"

static volatile sig_atomic_t signals_caught;

static void catch (int number)
{
	(void)number;
	signals_caught++;
}

static void set_handler(int number, int flags)
{
	const struct sigaction action = { .sa_handler = catch, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

static void set_interval(long first_ms, long next_ms)
{
	const struct itimerval timer = {
		.it_value = { first_ms / 1000, first_ms % 1000 * 1000 },
		.it_interval = { next_ms / 1000, next_ms % 1000 * 1000 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static int open_silent(int user_timeout_ms)
{
	int fd = open_stream(SILENT4, 0);

	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
	return fd;
}

static void set_send_timeout(int fd, long ms)
{
	const struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static void send_timeout(void)
{
	int fd = open_silent(2000);
	int64_t start = now_ms();

	set_send_timeout(fd, 300);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect", start, 290, 700);
	say_peer(fd);
	say_error(fd);
	start = now_ms();
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect again", start, 290, 700);
	set_send_timeout(fd, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_flags("after", fd);
	close(fd);
}

static void send_timeout_long(void)
{
	int fd = open_stream(REMOTE4, 0);

	set_send_timeout(fd, 3000);
	say_connect(fd, REMOTE4, PORT_ECHO);
	say_exchange(fd, "one");
	close(fd);
}

/* The handler runs while the call waits, and it is over at once. */
static void interrupted(void)
{
	int fd = open_silent(1500);
	int64_t start = now_ms();

	set_handler(SIGALRM, 0);
	set_interval(200, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect", start, 190, 700);
	say("signals: %d", (int)signals_caught);
	say_peer(fd);
	say_error(fd);
	say_poll(fd, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect again", start, 900, 4500);
	close(fd);
}

static void restarted(void)
{
	int fd = open_silent(1500);
	int64_t start = now_ms();

	set_handler(SIGALRM, SA_RESTART);
	set_interval(200, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect", start, 900, 4500);
	say("signals: %d", (int)signals_caught);
	close(fd);
}

/* A handler is run in time, though the call goes on. */
static void restarted_by_interval(void)
{
	int fd = open_silent(1500);

	set_handler(SIGALRM, SA_RESTART);
	set_interval(100, 100);
	say_connect(fd, SILENT4, PORT_ECHO);
	set_interval(0, 0);
	say("signals: %s", signals_caught >= 7 ? "many" : "few");
	close(fd);
}

/* As a profiler or a runtime's preemption: every few milliseconds, while it connects. */
static void interval_while_connecting(void)
{
	int good = 0;

	set_handler(SIGALRM, SA_RESTART);
	set_interval(1, 1);
	for (int i = 0; i < 300; i++) {
		int fd = open_stream(REMOTE4, 0);

		if (connect_place(fd, REMOTE4, PORT_ECHO) == 0)
			good++;
		close(fd);
	}
	set_interval(0, 0);
	say("connected: %d", good);
}

/* SO_SNDTIMEO: the kernel gives EINTR even where SA_RESTART is set. */
static void timeout_and_restart(void)
{
	int fd = open_silent(1500);
	int64_t start = now_ms();

	set_send_timeout(fd, 1000);
	set_handler(SIGALRM, SA_RESTART);
	set_interval(200, 0);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("connect", start, 190, 700);
	close(fd);
}

static void ignored_signals(void)
{
	int fd = open_silent(700);
	int64_t start = now_ms();
	sigset_t set;

	signal(SIGALRM, SIG_IGN);
	set_interval(50, 50);
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("ignored", start, 600, 4500);
	close(fd);
	set_interval(0, 0);
	set_handler(SIGALRM, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	set_interval(50, 0);
	fd = open_silent(700);
	start = now_ms();
	say_connect(fd, SILENT4, PORT_ECHO);
	say_time("blocked", start, 600, 4500);
	say("signals: %d", (int)signals_caught);
	close(fd);
}

static void killed(void)
{
	int64_t start = now_ms();
	pid_t pid = fork();

	if (pid == 0) {
		connect_place(open_silent(10000), SILENT4, PORT_ECHO);
		_exit(0);
	}
	usleep(200000);
	kill(pid, SIGKILL);
	say_child(pid);
	say_time("killed", start, 190, 1500);
	pid = fork();
	if (pid == 0) {
		connect_place(open_silent(10000), SILENT4, PORT_ECHO);
		_exit(0);
	}
	usleep(200000);
	kill(pid, SIGTERM);
	say_child(pid);
	say_time("terminated", start, 390, 2500);
}

static void stopped_and_continued(void)
{
	int64_t start = now_ms();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		say_connect(open_silent(1000), SILENT4, PORT_ECHO);
		_exit(0);
	}
	usleep(200000);
	kill(pid, SIGSTOP);
	say_result("stopped", waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	say_time("stopped", start, 190, 900);
	kill(pid, SIGCONT);
	say_child(pid);
	say_time("ended", start, 900, 4500);
}

static void *connect_in_thread(void *data)
{
	int fd = *(int *)data;

	say_connect(fd, SILENT4, PORT_ECHO);
	return NULL;
}

/* Sent to the one thread that waits: it is interrupted, the process's other threads are not. */
static void signal_to_thread(void)
{
	int fd = open_silent(3000);
	int64_t start = now_ms();
	pthread_t thread;

	set_handler(SIGUSR1, 0);
	pthread_create(&thread, NULL, connect_in_thread, &fd);
	usleep(200000);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	say_time("connect", start, 190, 900);
	say("signals: %d", (int)signals_caught);
	close(fd);
}

/* Another thread ends the wait from its side. */
static void shutdown_by_thread(void)
{
	int fd = open_silent(3000);
	int64_t start = now_ms();
	pthread_t thread;
	int result;

	pthread_create(&thread, NULL, connect_in_thread, &fd);
	usleep(200000);
	result = shutdown(fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	say("shutdown: %d", result);
	say_time("connect", start, 190, 900);
	say_error(fd);
	close(fd);
}

static void close_by_thread(void)
{
	int fd = open_silent(1000);
	int64_t start = now_ms();
	pthread_t thread;

	pthread_create(&thread, NULL, connect_in_thread, &fd);
	usleep(200000);
	say_result("close", close(fd));
	pthread_join(thread, NULL);
	say_time("connect", start, 800, 4500);
	say_result("close again", close(fd));
}

/* What others see of a socket while its blocking connect is under way. */
static void seen_by_thread(void)
{
	int fd = open_silent(2000);
	pthread_t thread;

	pthread_create(&thread, NULL, connect_in_thread, &fd);
	usleep(300000);
	say_peer(fd);
	say_local(fd);
	say_error(fd);
	say_poll(fd, 0);
	say_result("send", send(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL));
	say_flags("meanwhile", fd);
	pthread_join(thread, NULL);
	close(fd);
}

/* The test kills the supervisor, and lets the peer answer, while this waits. */
static void late_peer(void)
{
	int fd = open_silent(8000);

	say_connect(fd, SILENT4, PORT_ECHO);
	say_exchange(fd, "one");
	say_flags("after", fd);
	close(fd);
}

const struct scenario wait_scenarios[] = {
	{ "wait-send-timeout", 0, send_timeout },
	{ "wait-send-timeout-long", 0, send_timeout_long },
	{ "wait-interrupted", 0, interrupted },
	{ "wait-restarted", 0, restarted },
	{ "wait-restarted-by-interval", 0, restarted_by_interval },
	{ "wait-interval-while-connecting", 0, interval_while_connecting },
	{ "wait-timeout-and-restart", 0, timeout_and_restart },
	{ "wait-ignored-signals", 0, ignored_signals },
	{ "wait-killed", 0, killed },
	{ "wait-stopped", 0, stopped_and_continued },
	{ "wait-signal-to-thread", 0, signal_to_thread },
	{ "wait-shutdown-by-thread", 0, shutdown_by_thread },
	{ "wait-close-by-thread", 0, close_by_thread },
	{ "wait-seen-by-thread", 0, seen_by_thread },
	{ "wait-late-peer", NEED_LATE_PEER, late_peer },
	{ 0 },
};
