/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of trapped calls share: a box under the filter, and processes in it that
 * call. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "call_world.h"
#include "syscall/notification.h"

#define DEADLINE_MS 10000

struct box box;
int proc, listener;

/* A script that is run, in the process that runs it. */
struct run {
	struct script script;
	int socket;
	int outcomes;
	uint64_t page_end;
	int64_t values[CALLS_MAX];
	pthread_barrier_t started; /* by the threads, where there are two */
};

void start_world(void)
{
	listener = -1;
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(proc, 0);
	box_start(&box, USER_MAP_ROOT);
}

void stop_world(void)
{
	box_stop(&box);
	descriptor_close(&listener);
	descriptor_close(&proc);
}

/* Box task: installs the filter of the kind at argument; returns the number of the listener. */
static int install(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	enum filter_kind kind;
	GError *error = NULL;
	int fd;

	(void)ret_fd;
	memcpy(&kind, argument, sizeof(kind));
	if (filter_install(kind, &fd, &error))
		return fd;
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return -1;
}

static void take_listener(pid_t pid, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	descriptor_close(&listener);
	listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	ck_assert_int_ge(listener, 0);
	close(pidfd);
}

void install_filter(enum filter_kind kind)
{
	char text[BOX_TEXT_MAX];
	int number = box_run(&box, install, &kind, sizeof(kind), text, NULL);

	ck_assert_msg(number >= 0, "%s", text);
	take_listener(box.pid, number);
}

static uint64_t resolve(const struct run *run, uint64_t argument)
{
	if (argument == SOCKET)
		return (uint64_t)run->socket;
	if (argument == DATA)
		return (uint64_t)(uintptr_t)run->script.data;
	if (argument == PAGE_END)
		return run->page_end;
	if (argument >= RESULT(0) && argument < RESULT(CALLS_MAX))
		return (uint64_t)run->values[argument - RESULT(0)];
	return argument;
}

/* By the 32-bit ABI: the value or -errno. */
static int64_t call_foreign(const struct call *call, const uint64_t arguments[static 6])
{
#ifdef __x86_64__
	int64_t value;

	__asm__ volatile("int $0x80"
			 : "=a"(value)
			 : "a"(call->number), "b"(arguments[0]), "c"(arguments[1]),
			   "d"(arguments[2]), "S"(arguments[3]), "D"(arguments[4])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int32_t)value;
#else
	(void)call;
	(void)arguments;
	return -ENOSYS;
#endif
}

static struct outcome do_call(const struct run *run, const struct call *call)
{
	struct outcome outcome = { 0 };
	uint64_t a[6];

	for (int i = 0; i < 6; i++)
		a[i] = resolve(run, call->arguments[i]);
	if (call->foreign) {
		outcome.value = call_foreign(call, a);
		outcome.error = outcome.value < 0 ? (int)-outcome.value : 0;
	} else {
		outcome.value = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		outcome.error = outcome.value < 0 ? errno : 0;
	}
	outcome.socket_flags = fcntl(run->socket, F_GETFD);
	return outcome;
}

static void *do_calls(void *data)
{
	struct run *run = data;

	/* Not the number that the first thread's table has for it. */
	if (run->script.own_table) {
		int socket = run->socket;

		unshare(CLONE_FILES);
		run->socket = fcntl(socket, F_DUPFD_CLOEXEC, socket + 10);
		close(socket);
	}
	for (size_t i = 0; i < run->script.call_count; i++) {
		struct outcome outcome = do_call(run, &run->script.calls[i]);

		run->values[i] = outcome.value;
		if (write(run->outcomes, &outcome, sizeof(outcome)) != sizeof(outcome))
			_exit(EXIT_FAILURE);
	}
	return NULL;
}

static void handle_nothing(int number)
{
	(void)number;
}

static void change_mask(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	if (signal != 0)
		sigaddset(&set, signal);
	pthread_sigmask(how, &set, NULL);
}

static void prepare_signals(const struct script *script)
{
	struct sigaction action = { .sa_handler = handle_nothing,
				    .sa_flags = script->signal_flags };

	if (script->handled != 0)
		sigaction(script->handled, &action, NULL);
	change_mask(SIG_SETMASK, script->blocked);
}

static void prepare(struct run *run)
{
	const struct script *script = &run->script;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + page, page);
	run->page_end = (uint64_t)(uintptr_t)(pages + page - 4);
	run->socket = -1;
	if (script->domain != 0)
		run->socket = socket(script->domain, script->type, script->protocol);
	if (*script->name != '\0')
		prctl(PR_SET_NAME, script->name);
	if (script->unprivileged) {
		static const struct {
			uint32_t version;
			int pid;
		} header = { 0x20080522, 0 };
		static const uint32_t none[6] = { 0 };

		syscall(SYS_capset, &header, none);
	}
	prepare_signals(script);
}

/* The number of the listener is the outcome. */
static void install_by_script(const struct run *run)
{
	struct outcome outcome = { 0 };
	int number = -1;

	filter_install(run->script.filter, &number, NULL);
	outcome.value = number;
	if (write(run->outcomes, &outcome, sizeof(outcome)) != sizeof(outcome))
		_exit(EXIT_FAILURE);
}

static void *idle(void *data)
{
	struct run *run = data;

	pthread_barrier_wait(&run->started);
	for (;;)
		pause();
	return NULL;
}

static void *do_calls_in_thread(void *data)
{
	struct run *run = data;

	change_mask(SIG_UNBLOCK, run->script.first_blocks);
	pthread_barrier_wait(&run->started);
	return do_calls(run);
}

/*
 * Threads block all signals while one of them starts another: so both say when they are past that.
 */
static void run_with_thread(struct run *run)
{
	pthread_t thread;

	pthread_barrier_init(&run->started, NULL, 2);
	change_mask(SIG_BLOCK, run->script.first_blocks);
	if (pthread_create(&thread, NULL, run->script.threaded ? do_calls_in_thread : idle, run))
		_exit(EXIT_FAILURE);
	pthread_barrier_wait(&run->started);
	if (run->script.threaded)
		pthread_join(thread, NULL);
	else
		do_calls(run);
}

static _Noreturn void run_script(const struct script *script, int outcomes)
{
	struct run run = { .script = *script, .outcomes = outcomes };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prepare(&run);
	if (script->under_filter)
		install_by_script(&run);
	if (script->threaded || script->idle_thread)
		run_with_thread(&run);
	else
		do_calls(&run);
	/* Until it is stopped: what it has can be looked at. */
	for (;;)
		pause();
}

/* Box task: starts a process on the script at the address argument has; returns its id. */
static int fork_caller(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	const struct script *const *script = argument;
	int pair[2];
	pid_t pid;

	(void)text;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		run_script(*script, pair[1]);
	close(pair[1]);
	*ret_fd = pair[0];
	return pid;
}

/* Memory that the test shares with its box, for scripts are longer than an argument may be. */
static struct script *shared_script;

__attribute__((constructor)) static void share_script(void)
{
	shared_script = mmap(NULL, sizeof(*shared_script), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

struct caller start_caller(const struct script *script)
{
	struct caller caller;

	*shared_script = *script;
	caller.pid = box_run(&box, fork_caller, &shared_script, sizeof(shared_script), NULL,
			     &caller.outcomes);
	ck_assert_int_gt(caller.pid, 0);
	if (script->under_filter)
		take_listener(caller.pid, (int)await_outcome(&caller).value);
	return caller;
}

/* Box task: reaps the process whose id is at argument, so that the id is nobody's. */
static int reap_caller(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	pid_t pid;

	(void)text;
	(void)ret_fd;
	memcpy(&pid, argument, sizeof(pid));
	return waitpid(pid, NULL, 0) == pid ? 0 : errno;
}

void stop_caller(struct caller *caller)
{
	ck_assert_int_eq(kill(caller->pid, SIGKILL), 0);
	ck_assert_int_eq(box_run(&box, reap_caller, &caller->pid, sizeof(pid_t), NULL, NULL), 0);
	descriptor_close(&caller->outcomes);
}

struct seccomp_notif await_call(long number)
{
	struct seccomp_notif notification;

	ck_assert_int_eq(descriptor_wait_readable(listener, DEADLINE_MS), 0);
	ck_assert_int_eq(notification_receive(listener, &notification), 0);
	ck_assert_int_eq(notification.data.nr, number);
	ck_assert_uint_ne(notification.id, 0);
	return notification;
}

struct outcome await_outcome(const struct caller *caller)
{
	struct outcome outcome;

	ck_assert_int_eq(descriptor_wait_readable(caller->outcomes, DEADLINE_MS), 0);
	ck_assert_int_eq(read(caller->outcomes, &outcome, sizeof(outcome)), sizeof(outcome));
	return outcome;
}

void check_outcome(const struct caller *caller, int error)
{
	struct outcome outcome = await_outcome(caller);

	ck_assert_msg(outcome.error == error, "errno %d (%s) instead of %d", outcome.error,
		      g_strerror(outcome.error), error);
}

bool nothing_trapped(void)
{
	struct pollfd poll_fd = { .fd = listener, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 0;
}
