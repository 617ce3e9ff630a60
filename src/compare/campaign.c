/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All worlds of a plan, one after the other.
 *
 * A measuring process is the first one of its world and leads a session of its own, so that a
 * Ctrl-C reaches us alone; killed, it takes the whole world with it. Without a world what it leaves
 * behind becomes ours, and is ended one by one.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "compare/bench.h"
#include "compare/campaign.h"
#include "compare/orphans.h"
#include "compare/progress.h"
#include "compare/sample.h"
#include "world/birth.h"

#define MICROSECONDS 1e6

struct listening {
	const struct campaign *campaign;
	GPtrArray *samples;
	struct progress *progress;
	int signals; /* signalfd */
	sigset_t former_mask;
	gint64 start;
};

/* What a measuring process gets from us. */
struct charge {
	struct bench bench;
	char *const *command; /* NULL: measure */
	const sigset_t *mask;
};

static int begin_bench(void *data)
{
	const struct charge *charge = data;

	setsid();
	/* A program that has ended takes no word any more: that is no end of ours. */
	signal(SIGPIPE, SIG_IGN);
	orphans_adopt(); /* as the first process of a world does in any case */
	sigprocmask(SIG_SETMASK, charge->mask, NULL);
	return bench_run(&charge->bench);
}

static int begin_shell(void *data)
{
	const struct charge *charge = data;

	return bench_shell(&charge->bench, charge->command);
}

/* Without a world: an ordinary child. */
static pid_t fork_plainly(struct charge *charge, GError **error)
{
	const pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(begin_bench(charge));
	}
	if (pid < 0)
		error_set_errno(error, errno, "can't fork the measuring process");
	return pid;
}

static bool take_signals(struct listening *listening, GError **error)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &listening->former_mask);
	listening->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (listening->signals < 0)
		error_set_errno(error, errno, "can't watch for signals");
	return listening->signals >= 0;
}

static int read_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

static void take_line(struct listening *listening, const char *line)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *label = NULL;
	struct sample *sample = sample_parse(line, &error);

	if (!sample) {
		log_error("compare: %s", error->message);
		return;
	}
	label = g_strdup_printf("%s over %s, %s", sample->workload, sample->path,
				sample->congestion);
	g_ptr_array_add(listening->samples, sample);
	progress_step(listening->progress, label);
}

/* Takes the whole lines out of text. */
static void take_lines(struct listening *listening, GString *text)
{
	char *end;

	while ((end = memchr(text->str, '\n', text->len))) {
		*end = '\0';
		take_line(listening, text->str);
		g_string_erase(text, 0, end - text->str + 1);
	}
}

/* Hears one measuring process to its end; returns a signal's number if that came first. */
static int listen_to(struct listening *listening, int output)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char bytes[16384];

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = output, .events = POLLIN },
			{ .fd = listening->signals, .events = POLLIN },
		};
		ssize_t length;
		int number;

		if (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
			return 0;
		number = read_signal(listening->signals);
		if (number)
			return number;
		if (!fds[0].revents)
			continue;
		length = read(output, bytes, sizeof(bytes));
		if (length <= 0)
			return 0;
		g_string_append_len(text, bytes, length);
		take_lines(listening, text);
	}
}

static struct bench bench_for(const struct campaign *campaign, double rtt, guint congestion)
{
	return (struct bench){
		.plan = campaign->plan,
		.rtt = rtt,
		.congestion = congestion,
		.directory = toolbox_world(campaign->toolbox),
		.relay = toolbox_relay(campaign->toolbox),
		.server = campaign->server,
		.port = campaign->port,
		.output = -1,
	};
}

/* Of --quick; once it is over, each world still gets its first round. */
static double seconds_left(const struct listening *listening)
{
	const double budget = listening->campaign->plan->budget;
	const gint64 passed = g_get_monotonic_time() - listening->start;

	return budget > 0 ? MAX(budget - (double)passed / MICROSECONDS, 0.001) : 0;
}

/* The process that measures in one world; its samples come from *ret_output, the caller's. */
static pid_t start_bench(struct listening *listening, double rtt, guint congestion, int *ret_output,
			 GError **error)
{
	struct charge charge = { .bench = bench_for(listening->campaign, rtt, congestion),
				 .mask = &listening->former_mask };
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set_errno(error, errno, "can't make a pipe");
		return -1;
	}
	charge.bench.output = ends[1];
	charge.bench.seconds_left = seconds_left(listening);
	pid = charge.bench.server ? fork_plainly(&charge, error)
				  : world_fork(begin_bench, &charge, error);
	descriptor_close(&ends[1]);
	*ret_output = ends[0];
	if (pid < 0)
		descriptor_close(ret_output);
	return pid;
}

static int run_world(struct listening *listening, double rtt, guint congestion, GError **error)
{
	CLEANUP_CLOSE int output = -1;
	const pid_t pid = start_bench(listening, rtt, congestion, &output, error);
	int status = 0;
	int number;

	if (pid < 0)
		return -1;
	number = listen_to(listening, output);
	if (number)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (listening->campaign->server)
		orphans_end();
	if (number || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return number;
	error_set(error, SLIRPWAY_ERROR_SYSTEM,
		  "nothing was measured with RTT %g ms and %s: the measuring process %s", rtt,
		  listening->campaign->plan->congestions[congestion],
		  WIFSIGNALED(status) ? "was killed" : "failed (see the line above)");
	return -1;
}

/* One that fails does not keep the others from being measured; the first error is told. */
static int run_worlds(struct listening *listening, GError **error)
{
	const struct plan *plan = listening->campaign->plan;
	bool failed = false;

	for (guint i = 0; i < plan->rtts->len; i++) {
		for (guint j = 0; plan->congestions[j]; j++) {
			const int result =
				run_world(listening, g_array_index(plan->rtts, double, i), j,
					  failed ? NULL : error);

			if (result > 0)
				return result;
			failed = failed || result < 0;
		}
	}
	return failed ? -1 : 0;
}

int campaign_run(const struct campaign *campaign, GPtrArray *samples, GError **error)
{
	struct listening listening = { .campaign = campaign,
				       .samples = samples,
				       .start = g_get_monotonic_time() };
	int result = -1;

	if (campaign->server)
		orphans_adopt();
	if (take_signals(&listening, error)) {
		listening.progress = progress_begin(plan_count(campaign->plan));
		result = run_worlds(&listening, error);
		progress_end(listening.progress);
	}
	descriptor_close(&listening.signals);
	sigprocmask(SIG_SETMASK, &listening.former_mask, NULL);
	return result;
}

int campaign_shell(const struct campaign *campaign, char *const *command, GError **error)
{
	struct charge charge = {
		.bench = bench_for(campaign, g_array_index(campaign->plan->rtts, double, 0), 0),
		.command = command,
	};
	pid_t pid;
	int status = 0;

	pid = world_fork(begin_shell, &charge, error);
	if (pid < 0)
		return -1;
	/* The command gets them too, and decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
