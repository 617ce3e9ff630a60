/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks on processes: those that guard the container are its user's, and seen from inside.
 *
 * Whom to attack is told by a word of the command line: "--supervisor", and its parent, the
 * session. The test plays them by idle processes where there are none, to see that the attacks are
 * ones.
 */

#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_prober.h"
#include "tests/tools/attack_socket.h"

/* -- who ----------------------------------------------------------------------------------------
 */

static ssize_t read_file(pid_t pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, buffer, size - 1);
	buffer[length > 0 ? length : 0] = '\0';
	close(fd);
	return length;
}

static bool has_word(pid_t pid, const char *word)
{
	char buffer[4096];
	ssize_t length = read_file(pid, "cmdline", buffer, sizeof(buffer));

	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(buffer + at) + 1)
		if (strcmp(buffer + at, word) == 0)
			return true;
	return false;
}

/* 0: none. */
static pid_t find_process(const char *word)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (directory && (entry = readdir(directory)) && !found) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid > 0 && pid != getpid() && has_word(pid, word))
			found = pid;
	}
	closedir(directory);
	return found;
}

static pid_t parent_of(pid_t pid)
{
	char buffer[4096];
	const char *line;

	if (read_file(pid, "status", buffer, sizeof(buffer)) <= 0)
		return 0;
	line = strstr(buffer, "PPid:");
	return line ? atoi(line + 5) : 0;
}

/* -- looking into them --------------------------------------------------------------------------
 */

static bool can_trace(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return false;
	/* Let go at our end; it was not stopped. */
	return true;
}

static bool can_list_descriptors(pid_t pid)
{
	char path[64], target[256];

	snprintf(path, sizeof(path), "/proc/%d/fd/0", pid);
	return readlink(path, target, sizeof(target)) > 0;
}

static bool can_open_descriptor(pid_t pid)
{
	char path[64];
	int fd;

	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, i);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			return true;
	}
	return false;
}

static bool can_take_descriptor(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int i = 0; i < 40; i++)
		if (syscall(SYS_pidfd_getfd, pidfd, i, 0) >= 0)
			return true;
	return false;
}

static bool can_open_memory(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, O_RDWR | O_CLOEXEC) >= 0;
}

static bool can_read_memory(pid_t pid)
{
	char buffer[8];
	char maps[4096];
	struct iovec ours = { buffer, sizeof(buffer) }, theirs = { NULL, sizeof(buffer) };

	/* Where there is no map to be read, a guess. */
	if (read_file(pid, "maps", maps, sizeof(maps)) > 0)
		theirs.iov_base = (void *)(uintptr_t)strtoull(maps, NULL, 16);
	else
		theirs.iov_base = (void *)0x400000;
	return process_vm_readv(pid, &ours, 1, &theirs, 1, 0) > 0 || errno == EFAULT;
}

static bool can_join_network(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
}

static const struct {
	const char *name;
	bool (*can)(pid_t pid);
} looks[] = {
	{ "ptrace", can_trace },
	{ "list-descriptors", can_list_descriptors },
	{ "open-descriptor", can_open_descriptor },
	{ "pidfd_getfd", can_take_descriptor },
	{ "open-memory", can_open_memory },
	{ "process_vm_readv", can_read_memory },
	{ "setns", can_join_network },
};

static enum attack_result look_into(pid_t pid, const char *whom, struct attack_report *report)
{
	enum attack_result result = ATTACK_HELD;

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		if (!looks[i].can(pid))
			continue;
		result = ATTACK_BROKEN;
		attack_say(report, "%s:%s", whom, looks[i].name);
	}
	return result;
}

static enum attack_result try_word(const void *data, struct attack_report *report)
{
	pid_t pid = find_process(data);

	if (pid == 0)
		return attack_lacks(report, "there is none");
	return look_into(pid, (const char *)data + strspn(data, "-"), report);
}

static enum attack_result try_session(const void *data, struct attack_report *report)
{
	pid_t pid = find_process("--supervisor");

	(void)data;
	if (pid == 0)
		return attack_lacks(report, "there is none");
	return look_into(parent_of(pid), "session", report);
}

/* -- the listener in the container --------------------------------------------------------------
 */

static bool holds_listener(pid_t pid, char *ret_path, size_t size)
{
	char directory_path[64], target[256];
	bool found = false;
	DIR *directory;
	struct dirent *entry;

	snprintf(directory_path, sizeof(directory_path), "/proc/%d/fd", pid);
	directory = opendir(directory_path);
	while (directory && !found && (entry = readdir(directory))) {
		ssize_t length;

		snprintf(ret_path, size, "%s/%.16s", directory_path, entry->d_name);
		length = readlink(ret_path, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		found = strstr(target, "seccomp notify") != NULL;
	}
	if (directory)
		closedir(directory);
	return found;
}

/* All processes that can be looked into, and ourselves. */
static enum attack_result try_listener(const void *data, struct attack_report *report)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	char path[128];
	int count = 0;

	(void)data;
	while (directory && (entry = readdir(directory))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid == 0)
			continue;
		count++;
		if (holds_listener(pid, path, sizeof(path))) {
			attack_say(report, "%s", path);
			return ATTACK_BROKEN;
		}
	}
	attack_say(report, "in none of %d processes", count);
	return ATTACK_HELD;
}

/* -- signals ------------------------------------------------------------------------------------
 */

/* Whoever may, kills it; the session has to replace it, and nobody's call may be lost. */
static enum attack_result try_kill(const void *data, struct attack_report *report)
{
	const int *signal_number = data;
	struct prober *prober;
	int killed = 0, denied = 0;

	if (find_process("--supervisor") == 0)
		return attack_lacks(report, "there is none");
	prober = prober_start();
	for (int i = 0; i < 2; i++) {
		pid_t pid = find_process("--supervisor");

		if (pid > 0 && kill(pid, *signal_number) == 0)
			killed++;
		else if (pid > 0)
			denied++;
		usleep(1500000);
	}
	attack_say(report, "%d signals sent, %d denied;", killed, denied);
	return prober_end(prober, report);
}

const struct attack attacks_by_process[] = {
	{ "process/supervisor", PROOF_PLAIN, try_word, "--supervisor" },
	{ "process/session", PROOF_PLAIN, try_session, NULL },
	{ "process/bystander", PROOF_PLAIN, try_word, "--bystander" },
	{ "process/listener", PROOF_NAIVE, try_listener, NULL },
	{ "process/kill-supervisor", PROOF_NONE, try_kill, &(const int){ SIGKILL } },
	{ "process/segv-supervisor", PROOF_NONE, try_kill, &(const int){ SIGSEGV } },
	{ "process/alarm-supervisor", PROOF_NONE, try_kill, &(const int){ SIGALRM } },
	{ NULL, PROOF_NONE, NULL, NULL },
};
