/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refuse_notify COMMAND [ARG...]: runs COMMAND as on a kernel without seccomp notification. */

#include "config.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATUS_FAILED 125

/* Such a kernel doesn't know the flag. Returns 0 or -errno. */
static int refuse_listeners(bool no_new_privileges)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int result = -ENOMEM;

	if (context)
		result = seccomp_rule_add(context, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ,
						  SECCOMP_FILTER_FLAG_NEW_LISTENER,
						  SECCOMP_FILTER_FLAG_NEW_LISTENER));
	if (result == 0)
		result = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, no_new_privileges);
	if (result == 0)
		result = seccomp_load(context);
	seccomp_release(context);
	return result;
}

int main(int argc, char **argv)
{
	int result;

	if (argc < 2) {
		fprintf(stderr, "usage: refuse_notify COMMAND [ARG...]\n");
		return STATUS_FAILED;
	}
	/* Root keeps what newuidmap(1) needs. */
	result = refuse_listeners(false);
	if (result < 0)
		result = refuse_listeners(true);
	if (result < 0) {
		fprintf(stderr, "refuse_notify: %s\n", strerror(-result));
		return STATUS_FAILED;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "refuse_notify: cannot run %s: %s\n", argv[1], strerror(errno));
	return STATUS_FAILED;
}
