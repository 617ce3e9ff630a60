/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs COMMAND over one path and records all that can be seen of it.
 *
 * Theory of operation. slirpway run is started as a child, with a capture and a trace in a private
 * directory, and with program.h's process in front of COMMAND:
 *
 *	explain ──> slirpway run ──> program ──> COMMAND
 *	    │           ├─ engine      │
 *	    │           └─ supervisor  │
 *	    └────── pair of sockets ───┘
 *
 * The program says READY: we look at the session's processes and counters, and say the word. It
 * says ENDED, with what COMMAND used: we look again, and say the word. Then all of them end, and
 * the files are read. So the start of the session is not charged to COMMAND, nor is its end.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "explain/launch.h"
#include "explain/output_tail.h"
#include "explain/program.h"
#include "explain/recorder.h"
#include "explain/recording_files.h"
#include "explain/session_sample.h"
#include "explain/socket_watch.h"
#include "session/signals.h"

static const int ending_signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

struct recorder {
	struct signals *signals;
	int signal;  /* that wanted us to end; 0: none */
	pid_t child; /* slirpway run; 0: none */
};

/* One run. */
struct run {
	const struct recording_request *request;
	struct recorder *recorder;
	struct recording *recording;
	GMainLoop *loop;
	char *directory;
	char *capture_file;
	char *trace_file;
	char *name;
	struct output_tail *output; /* NULL: it is shown as it comes */
	struct output_tail *messages;
	struct socket_watch *sockets; /* NULL: they can't be watched */
	int socket;		      /* of the pair with the program */
	guint socket_source;
	int pidfd;
	guint exit_source;
	bool ready;
	bool ended;
	bool sampled; /* begin holds */
	struct session_sample begin;
	struct session_sample last;
	struct process_sample program;
};

/*
 * What is typed has reached everybody; what was sent to us alone is passed on. So is SIGHUP, which
 * a terminal that hangs up sends to its session's leader alone. SIGINT and SIGQUIT become SIGTERM,
 * for the process before COMMAND ignores those two (program.c).
 */
static void signal_arrived(const struct signalfd_siginfo *info, void *data)
{
	struct recorder *recorder = data;

	bool hangup = info->ssi_signo == SIGHUP;

	recorder->signal = (int)info->ssi_signo;
	if (recorder->child > 0 && (hangup || info->ssi_code != SI_KERNEL))
		kill(recorder->child, hangup ? SIGHUP : SIGTERM);
}

struct recorder *recorder_new(GError **error)
{
	struct recorder *recorder = g_new0(struct recorder, 1);

	recorder->signals = signals_take(ending_signals, ARRAY_SIZE(ending_signals), signal_arrived,
					 recorder, error);
	if (!recorder->signals)
		g_clear_pointer(&recorder, g_free);
	return recorder;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	signals_free(recorder->signals);
	g_free(recorder);
}

int recorder_signal(const struct recorder *recorder)
{
	return recorder->signal;
}

/* Looks at the session; what can't be had is a remark, for COMMAND should go on all the same. */
static bool take_sample(struct run *run, struct session_sample *ret_sample)
{
	g_autoptr(GError) error = NULL;

	if (session_sample_take(run->name, ret_sample, &error))
		return true;
	recording_remark(run->recording, "what slirpway used is not known: %s", error->message);
	return false;
}

/* A process that is there, and whose usage is not known. */
static void check_usage(struct run *run, const char *words, const struct process_sample *usage)
{
	if (usage->pid > 0 && !usage->known)
		recording_remark(run->recording,
				 "what the %s used is not known: /proc doesn't tell, or it was "
				 "started again",
				 words);
}

static void take_usage(struct run *run)
{
	struct recording_usage *usage = &run->recording->usage;

	session_sample_clear(&run->last);
	if (!take_sample(run, &run->last) || !run->sampled)
		return;
	usage->engine = process_sample_between(&run->begin.engine, &run->last.engine);
	usage->supervisor = process_sample_between(&run->begin.supervisor, &run->last.supervisor);
	usage->session = process_sample_between(&run->begin.session, &run->last.session);
	check_usage(run, "engine", &usage->engine);
	check_usage(run, "supervisor", &usage->supervisor);
	check_usage(run, "session", &usage->session);
	usage->wakeups_known = usage->engine.known && run->last.wakeups >= run->begin.wakeups;
	if (usage->wakeups_known)
		usage->wakeups = run->last.wakeups - run->begin.wakeups;
	if (run->last.trace_lost > 0)
		recording_remark(run->recording, "%" G_GUINT64_FORMAT " trapped calls are missing",
				 run->last.trace_lost);
}

static void program_ended(struct run *run, const struct program_report *report)
{
	struct recording *recording = run->recording;

	run->ended = true;
	recording->status = report->status;
	recording->error = report->error;
	recording->begin = report->begin;
	recording->end = MAX(report->end, report->begin);
	recording->usage.program = process_sample_of_rusage(&report->usage);
	take_usage(run);
}

static gboolean program_speaks(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct run *run = data;
	struct program_report report;
	ssize_t length = read(fd, &report, sizeof(report));

	if (length != sizeof(report)) {
		run->socket_source = 0;
		return G_SOURCE_REMOVE;
	}
	if (report.stage == PROGRAM_READY && !run->ready) {
		run->ready = true;
		run->sampled = take_sample(run, &run->begin);
	} else if (report.stage == PROGRAM_ENDED && run->ready && !run->ended) {
		program_ended(run, &report);
	}
	descriptor_send(fd, PROGRAM_WORD, 1, NULL, 0);
	return G_SOURCE_CONTINUE;
}

static gboolean run_ended(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct run *run = data;

	run->exit_source = 0;
	g_main_loop_quit(run->loop);
	return G_SOURCE_REMOVE;
}

static bool make_directory(struct run *run, GError **error)
{
	g_autoptr(GError) reason = NULL;

	run->directory = g_dir_make_tmp("slirpway-explain.XXXXXX", &reason);
	if (!run->directory) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "no directory for the recording: %s",
			  reason->message);
		return false;
	}
	run->capture_file = g_build_filename(run->directory, "capture", NULL);
	run->trace_file = g_build_filename(run->directory, "trace", NULL);
	run->name = g_strdup_printf("explain-%d-%s", (int)getpid(), run->request->path);
	return true;
}

static int open_input(const struct recording_request *request, GError **error)
{
	const char *path = request->input ? request->input : "/dev/null";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		error_set_errno(error, errno, "opening %s", path);
	return fd;
}

/* COMMAND's output: a pipe of ours, or our standard error. */
static int open_output(struct run *run, GError **error)
{
	int fd = -1;

	if (!run->request->show_output) {
		run->output = output_tail_new(&fd, error);
		return run->output ? fd : -1;
	}
	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		error_set_errno(error, errno, "duplicating standard error");
	return fd;
}

static bool watch_child(struct run *run, GError **error)
{
	run->pidfd = (int)syscall(SYS_pidfd_open, run->recorder->child, 0);
	if (run->pidfd < 0) {
		error_set_errno(error, errno, "watching slirpway run (pidfd_open)");
		kill(run->recorder->child, SIGKILL);
		waitpid(run->recorder->child, NULL, 0);
		run->recorder->child = 0;
		return false;
	}
	run->exit_source = g_unix_fd_add(run->pidfd, G_IO_IN, run_ended, run);
	run->socket_source = g_unix_fd_add(run->socket, G_IO_IN | G_IO_HUP, program_speaks, run);
	return true;
}

static bool start(struct run *run, GError **error)
{
	const struct recording_request *request = run->request;
	CLEANUP_CLOSE int input = open_input(request, error);
	CLEANUP_CLOSE int messages = -1;
	CLEANUP_CLOSE int output = -1;
	CLEANUP_CLOSE int theirs = -1;
	struct launch launch;
	int pair[2];
	int r;

	if (input < 0 || !(run->messages = output_tail_new(&messages, error)) ||
	    (output = open_output(run, error)) < 0)
		return false;
	r = descriptor_pair(pair);
	if (r < 0) {
		error_set_errno(error, -r, "starting slirpway run");
		return false;
	}
	run->socket = pair[0];
	theirs = pair[1];
	launch = (struct launch){
		.path = request->path,
		.name = run->name,
		.capture_file = run->capture_file,
		.trace_file = run->trace_file,
		.run_options = request->run_options,
		.command = request->command,
		.signals = run->recorder->signals,
		.input = input,
		.messages = messages,
		.output = output,
		.socket = theirs,
	};
	run->recorder->child = launch_run(&launch, error);
	return run->recorder->child > 0 && watch_child(run, error);
}

static void watch_sockets(struct run *run)
{
	g_autoptr(GError) error = NULL;

	run->sockets = socket_watch_new(&error);
	if (!run->sockets)
		recording_remark(run->recording, "the host's sockets are not known: %s",
				 error->message);
}

static void read_files(struct run *run)
{
	const char *path = run->request->path;
	bool lost = false;
	g_autoptr(GArray) sockets = run->sockets ? socket_watch_finish(run->sockets, &lost) : NULL;
	const struct recording_sources sources = {
		.capture_file = strcmp(path, "syscall") != 0 ? run->capture_file : NULL,
		.trace_file = strcmp(path, "packet") != 0 ? run->trace_file : NULL,
		.sockets = sockets,
		.session = run->last.published ? &run->last : NULL,
	};

	if (lost)
		recording_remark(
			run->recording,
			"the host has more sockets than could be followed; some are missing");
	recording_read(run->recording, &sources, &run->request->limits, run->request->command);
}

/* All have ended: puts together what they have left. */
static void finish(struct run *run)
{
	struct recording *recording = run->recording;
	guint64 left_out;

	waitpid(run->recorder->child, NULL, 0);
	run->recorder->child = 0;
	output_tail_drain(run->messages);
	recording->messages = output_tail_text(run->messages, &left_out);
	if (run->output) {
		output_tail_drain(run->output);
		recording->output = output_tail_text(run->output, &recording->output_left_out);
	}
	recording->present = run->ended;
	if (run->ended && !recording->error)
		read_files(run);
	if (!run->ended)
		recording->why =
			g_strdup(*recording->messages ? recording->messages
						      : "slirpway run ended before the program");
}

static void clear(struct run *run)
{
	g_clear_handle_id(&run->socket_source, g_source_remove);
	g_clear_handle_id(&run->exit_source, g_source_remove);
	descriptor_close(&run->socket);
	descriptor_close(&run->pidfd);
	output_tail_free(run->output);
	output_tail_free(run->messages);
	socket_watch_free(run->sockets);
	session_sample_clear(&run->begin);
	session_sample_clear(&run->last);
	if (run->directory) {
		unlink(run->capture_file);
		unlink(run->trace_file);
		rmdir(run->directory);
	}
	g_free(run->directory);
	g_free(run->capture_file);
	g_free(run->trace_file);
	g_free(run->name);
	g_main_loop_unref(run->loop);
}

struct recording *recorder_run(struct recorder *recorder, const struct recording_request *request,
			       GError **error)
{
	struct run run = { .request = request, .recorder = recorder, .socket = -1, .pidfd = -1 };
	bool started;

	run.recording = recording_new(request->path);
	run.loop = g_main_loop_new(NULL, FALSE);
	started = make_directory(&run, error);
	if (started) {
		watch_sockets(&run);
		started = start(&run, error);
	}
	if (started) {
		g_main_loop_run(run.loop);
		finish(&run);
	}
	clear(&run);
	if (!started)
		g_clear_pointer(&run.recording, recording_free);
	return run.recording;
}
