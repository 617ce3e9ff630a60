/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A test world to explain commands in. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "base/program_files.h"
#include "base/util.h"
#include "explain/remote_server.h"
#include "explain/stage.h"
#include "world/birth.h"
#include "world/world.h"

#define RELAY_PROGRAM "slirpway-delay-relay"
#define SERVER_TIMEOUT_MS 10000
#define STATUS_FAILED 125
#define STATUS_SIGNALLED 128

/* What the world's first process is handed. */
struct play {
	const struct stage_request *request;
	char *directory;
	char *relay; /* NULL: none is needed */
};

/*
 * The world's first process, while the world stands, and the signal that came before: state of the
 * process, for a signal's handler.
 */
static volatile sig_atomic_t world_pid;
static volatile sig_atomic_t early_signal;

/*
 * What is typed reaches the world as well; what is sent to us alone is passed on, and so is SIGHUP,
 * which a terminal that hangs up sends to its session's leader alone.
 */
static void pass_on(int number, siginfo_t *info, void *context)
{
	int error = errno;

	(void)context;
	if (world_pid == 0)
		early_signal = number;
	else if (number == SIGHUP || info->si_code != SI_KERNEL)
		kill((pid_t)world_pid, number);
	errno = error;
}

static void take_signals(void)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* In the child: is the remote machine. */
__attribute__((noreturn)) static void be_remote(const struct world *world, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (world_enter(world, WORLD_PLACE_REMOTE))
		errno = -remote_server_run(ready);
	log_error("explain: the remote's server: %s", g_strerror(errno));
	_exit(STATUS_FAILED);
}

static bool start_remote(const struct world *world, GError **error)
{
	CLEANUP_CLOSE int reader = -1;
	CLEANUP_CLOSE int writer = -1;
	char byte;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "starting the remote's server");
		return false;
	}
	reader = ends[0];
	writer = ends[1];
	pid = fork();
	if (pid == 0)
		be_remote(world, descriptor_steal(&writer));
	descriptor_close(&writer);
	if (pid > 0 && descriptor_wait_readable(reader, SERVER_TIMEOUT_MS) == 0 &&
	    read(reader, &byte, 1) == 1)
		return true;
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "the remote's server did not start");
	return false;
}

/* What is in use, if a new namespace may have it. */
static const char *choose_congestion(char *const *allowed)
{
	return g_strv_contains((const char *const *)allowed, "cubic") || !allowed[0] ? "cubic"
										     : allowed[0];
}

/* The world's first process. */
static int begin(void *data)
{
	const struct play *play = data;
	g_auto(GStrv) allowed = world_allowed_congestions();
	const struct world_request request = { .directory = play->directory,
					       .congestion = choose_congestion(allowed),
					       .nameserver = WORLD_REMOTE4,
					       .rtt_ms = play->request->rtt_ms,
					       .relay = play->relay };
	g_autoptr(GError) error = NULL;
	struct world *world = world_build(&request, &error);

	if (!world || !start_remote(world, &error)) {
		log_error("explain: the test world: %s", error->message);
		return STATUS_FAILED;
	}
	if (!world_enter(world, WORLD_PLACE_USER)) {
		log_error("explain: becoming the test world's user: %s", g_strerror(errno));
		return STATUS_FAILED;
	}
	if (early_signal) /* while the world was built: it has reached us as well */
		return STATUS_SIGNALLED + early_signal;
	return play->request->perform(play->request->data);
}

static int watch_world(struct play *play, GError **error)
{
	int status;
	pid_t pid;

	take_signals();
	pid = world_fork(begin, play, error);
	if (pid < 0)
		return -1;
	world_pid = pid;
	if (early_signal)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	if (early_signal)
		return STATUS_SIGNALLED + early_signal;
	return WIFSIGNALED(status) ? STATUS_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

int stage_run(const struct stage_request *request, GError **error)
{
	struct play play = { .request = request };
	g_autoptr(GError) reason = NULL;
	int status = -1;

	if (request->rtt_ms > 0) {
		play.relay = program_file_find(RELAY_PROGRAM, error);
		if (!play.relay)
			return -1;
	}
	play.directory = g_dir_make_tmp("slirpway-world.XXXXXX", &reason);
	if (play.directory) {
		status = watch_world(&play, error);
		rmdir(play.directory);
	} else {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "no directory for the test world: %s",
			  reason->message);
	}
	g_free(play.directory);
	g_free(play.relay);
	return status;
}
