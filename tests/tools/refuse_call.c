/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refuse_call ERROR CALL[,CALL...] COMMAND [ARG...]: runs COMMAND as on a kernel that refuses those
 * system calls with ERROR, which is ENOSYS or EPERM.
 */

#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 125

static int parse_error(const char *word)
{
	if (strcmp(word, "ENOSYS") == 0)
		return ENOSYS;
	return strcmp(word, "EPERM") == 0 ? EPERM : 0;
}

/* calls is changed. Returns 0 or -errno. */
static int add_rules(scmp_filter_ctx context, uint16_t number, char *calls)
{
	int result = 0;

	for (char *word = strtok(calls, ","); word && result == 0; word = strtok(NULL, ",")) {
		int call = seccomp_syscall_resolve_name(word);

		result = call == __NR_SCMP_ERROR
				 ? -EINVAL
				 : seccomp_rule_add(context, SCMP_ACT_ERRNO(number), call, 0);
	}
	return result;
}

static int refuse_calls(uint16_t number, char *calls)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int result = context ? add_rules(context, number, calls) : -ENOMEM;

	if (result == 0)
		result = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 1);
	if (result == 0)
		result = seccomp_load(context);
	seccomp_release(context);
	return result;
}

int main(int argc, char **argv)
{
	int number = argc < 4 ? 0 : parse_error(argv[1]);
	int result;

	if (number == 0) {
		fprintf(stderr,
			"usage: refuse_call ENOSYS|EPERM CALL[,CALL...] COMMAND [ARG...]\n");
		return STATUS_FAILED;
	}
	result = refuse_calls((uint16_t)number, argv[2]);
	if (result < 0) {
		fprintf(stderr, "refuse_call: %s\n", strerror(-result));
		return STATUS_FAILED;
	}
	execvp(argv[3], argv + 3);
	fprintf(stderr, "refuse_call: cannot run %s: %s\n", argv[3], strerror(errno));
	return STATUS_FAILED;
}
